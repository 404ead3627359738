// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * A device that is a thread of the process: as much of libibverbs and libaxe as
 * the tool calls. With it the tool runs under sanitizers on any machine, and can
 * be shown what no real device does on demand. The environment says what:
 *
 *	AXE_FAKE_NONE=1			there is no device
 *	AXE_FAKE_REMOVE_AFTER=N		it is removed after N commands
 *	AXE_FAKE_HOLD=PATH		it does nothing until a file PATH appears, which
 *					is when PATH.held, that it makes, has been seen
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "fake.h"

#define DEPTH		1024
#define KEY		0x415845

static struct {
	struct verbs_context vctx;
	struct ibv_device device;
	struct ibv_pd pd;
	struct ibv_mr mr;
	struct ibv_comp_channel channel;
	struct ibv_cq_ex cq;
	struct ibv_qp_ex qp;

	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t posted;
	struct fake_cmd cmds[DEPTH];
	struct fake_done done[DEPTH];
	unsigned int cmd_head, cmd_tail;	/* all under the lock */
	unsigned int done_head, done_tail;
	struct fake_cmd next;			/* of the builder; the process's own */
	bool have_next;
	struct fake_done current;		/* of ibv_start_poll() */
	unsigned int depth;
	bool armed, removed, stop;
	unsigned long commands, remove_after;
} fake = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.posted = PTHREAD_COND_INITIALIZER,
	.device = { .name = "fake0", .dev_name = "uverbs-fake" },
};

static void wake(int fd)
{
	uint64_t one = 1;

	if (write(fd, &one, sizeof(one)) < 0)
		abort();
}

static void hold(void)
{
	const char *path = getenv("AXE_FAKE_HOLD");
	char held[4096];
	FILE *f;

	if (!path || !access(path, F_OK))
		return;
	snprintf(held, sizeof(held), "%s.held", path);
	f = fopen(held, "w");
	if (f)
		fclose(f);
	while (access(path, F_OK))
		usleep(1000);
}

static void *device_thread(void *arg)
{
	struct fake_done done;
	struct fake_cmd cmd;

	(void)arg;
	pthread_mutex_lock(&fake.lock);
	while (!fake.stop) {
		if (fake.cmd_head == fake.cmd_tail || fake.removed) {
			pthread_cond_wait(&fake.posted, &fake.lock);
			continue;
		}
		if (fake.remove_after && fake.commands++ == fake.remove_after) {
			fake.removed = true;
			wake(fake.vctx.context.async_fd);
			continue;
		}
		cmd = fake.cmds[fake.cmd_head++ % DEPTH];
		pthread_mutex_unlock(&fake.lock);
		hold();
		done = (struct fake_done){ .wr_id = cmd.wr_id };
		fake_run(&cmd, &done);
		pthread_mutex_lock(&fake.lock);
		fake.done[fake.done_tail++ % DEPTH] = done;
		if (fake.armed)
			wake(fake.channel.fd);
		fake.armed = false;
	}
	pthread_mutex_unlock(&fake.lock);
	fake_end_stream();
	return NULL;
}

/* libibverbs: devices */

struct ibv_device **ibv_get_device_list(int *num)
{
	struct ibv_device **list = calloc(2, sizeof(*list));

	*num = !getenv("AXE_FAKE_NONE");
	list[0] = *num ? &fake.device : NULL;
	return list;
}

void ibv_free_device_list(struct ibv_device **list)
{
	free(list);
}

const char *ibv_get_device_name(struct ibv_device *device)
{
	return device->name;
}

static int advise_mr(struct ibv_pd *pd, enum ibv_advise_mr_advice advice, uint32_t flags,
		     struct ibv_sge *sg_list, uint32_t num_sge)
{
	(void)pd;
	if (advice > IBV_ADVISE_MR_ADVICE_PREFETCH_WRITE || flags || num_sge != 1 ||
	    sg_list->lkey != KEY || !sg_list->length)
		abort();
	return 0;
}

static int query_port(struct ibv_context *context, uint8_t num, struct ibv_port_attr *attr,
		      size_t len)
{
	(void)context;
	(void)num;
	memset(attr, 0, len);
	attr->state = IBV_PORT_ACTIVE;
	return 0;
}

static int query_device_ex(struct ibv_context *context,
			   const struct ibv_query_device_ex_input *input,
			   struct ibv_device_attr_ex *attr, size_t size)
{
	(void)context;
	(void)input;
	memset(attr, 0, size);
	attr->orig_attr.max_qp = 16;
	attr->odp_caps.general_caps = IBV_ODP_SUPPORT | IBV_ODP_SUPPORT_IMPLICIT;
	return 0;
}

/* What the inline functions fall back to. */
#undef ibv_query_port
int ibv_query_port(struct ibv_context *context, uint8_t num, struct _compat_ibv_port_attr *attr)
{
	(void)context;
	(void)num;
	(void)attr;
	abort();
}

int ibv_query_device(struct ibv_context *context, struct ibv_device_attr *attr)
{
	(void)context;
	(void)attr;
	abort();
}

const char *ibv_port_state_str(enum ibv_port_state state)
{
	return state == IBV_PORT_ACTIVE ? "PORT_ACTIVE" : "PORT_DOWN";
}

static struct ibv_cq_ex *create_cq_ex(struct ibv_context *context,
				      struct ibv_cq_init_attr_ex *attr);
static int req_notify_cq(struct ibv_cq *cq, int solicited);

struct ibv_context *ibv_open_device(struct ibv_device *device)
{
	struct ibv_context *context = &fake.vctx.context;
	const char *remove_after = getenv("AXE_FAKE_REMOVE_AFTER");

	fake.remove_after = remove_after ? strtoul(remove_after, NULL, 10) : 0;
	fake.vctx.sz = sizeof(fake.vctx);
	fake.vctx.create_cq_ex = create_cq_ex;
	fake.vctx.advise_mr = advise_mr;
	fake.vctx.query_port = query_port;
	fake.vctx.query_device_ex = query_device_ex;
	context->device = device;
	context->abi_compat = __VERBS_ABI_IS_EXTENDED;
	context->async_fd = eventfd(0, 0);
	context->ops.req_notify_cq = req_notify_cq;
	fake.stop = false;
	if (pthread_create(&fake.thread, NULL, device_thread, NULL))
		return NULL;
	return context;
}

int ibv_close_device(struct ibv_context *context)
{
	pthread_mutex_lock(&fake.lock);
	fake.stop = true;
	pthread_cond_signal(&fake.posted);
	pthread_mutex_unlock(&fake.lock);
	pthread_join(fake.thread, NULL);
	return close(context->async_fd);
}

struct ibv_pd *ibv_alloc_pd(struct ibv_context *context)
{
	fake.pd.context = context;
	return &fake.pd;
}

int ibv_dealloc_pd(struct ibv_pd *pd)
{
	(void)pd;
	return 0;
}

static struct ibv_mr *reg_mr(struct ibv_pd *pd, void *addr, size_t length, unsigned int access)
{
	if (addr || length != SIZE_MAX || !(access & IBV_ACCESS_ON_DEMAND)) {
		errno = EINVAL;
		return NULL;
	}
	fake.mr.context = pd->context;
	fake.mr.lkey = KEY;
	return &fake.mr;
}

#undef ibv_reg_mr
struct ibv_mr *ibv_reg_mr(struct ibv_pd *pd, void *addr, size_t length, int access)
{
	return reg_mr(pd, addr, length, access);
}

struct ibv_mr *ibv_reg_mr_iova2(struct ibv_pd *pd, void *addr, size_t length, uint64_t iova,
				unsigned int access)
{
	(void)iova;
	return reg_mr(pd, addr, length, access);
}

int ibv_dereg_mr(struct ibv_mr *mr)
{
	(void)mr;
	return 0;
}

int ibv_get_async_event(struct ibv_context *context, struct ibv_async_event *event)
{
	uint64_t value;

	if (read(context->async_fd, &value, sizeof(value)) < 0)
		return -1;
	event->event_type = IBV_EVENT_DEVICE_FATAL;
	return 0;
}

void ibv_ack_async_event(struct ibv_async_event *event)
{
	(void)event;
}

/* libibverbs: completions */

struct ibv_comp_channel *ibv_create_comp_channel(struct ibv_context *context)
{
	fake.channel.context = context;
	fake.channel.fd = eventfd(0, 0);
	return &fake.channel;
}

int ibv_destroy_comp_channel(struct ibv_comp_channel *channel)
{
	return close(channel->fd);
}

static int req_notify_cq(struct ibv_cq *cq, int solicited)
{
	(void)cq;
	(void)solicited;
	pthread_mutex_lock(&fake.lock);
	fake.armed = true;
	pthread_mutex_unlock(&fake.lock);
	return 0;
}

int ibv_get_cq_event(struct ibv_comp_channel *channel, struct ibv_cq **cq, void **context)
{
	uint64_t value;

	if (read(channel->fd, &value, sizeof(value)) < 0)
		return -1;
	*cq = ibv_cq_ex_to_cq(&fake.cq);
	*context = NULL;
	return 0;
}

void ibv_ack_cq_events(struct ibv_cq *cq, unsigned int n)
{
	(void)cq;
	(void)n;
}

static int start_poll(struct ibv_cq_ex *cq, struct ibv_poll_cq_attr *attr)
{
	int ret = ENOENT;

	(void)attr;
	pthread_mutex_lock(&fake.lock);
	if (fake.done_head != fake.done_tail) {
		fake.current = fake.done[fake.done_head++ % DEPTH];
		cq->wr_id = fake.current.wr_id;
		cq->status = fake.current.code < AXE_ERR_OPCODE ? IBV_WC_SUCCESS :
								  IBV_WC_GENERAL_ERR;
		ret = 0;
	}
	pthread_mutex_unlock(&fake.lock);
	return ret;
}

static void end_poll(struct ibv_cq_ex *cq)
{
	(void)cq;
}

static uint32_t read_byte_len(struct ibv_cq_ex *cq)
{
	(void)cq;
	return fake.current.bytes;
}

static struct ibv_cq_ex *create_cq_ex(struct ibv_context *context,
				      struct ibv_cq_init_attr_ex *attr)
{
	fake.cq.context = context;
	fake.cq.channel = attr->channel;
	fake.cq.start_poll = start_poll;
	fake.cq.end_poll = end_poll;
	fake.cq.read_byte_len = read_byte_len;
	return &fake.cq;
}

int ibv_destroy_cq(struct ibv_cq *cq)
{
	(void)cq;
	return 0;
}

uint64_t axedv_wc_read_result(struct ibv_cq_ex *cq, unsigned int index)
{
	(void)cq;
	return fake.current.result[index];
}

enum axe_code axedv_wc_read_code(struct ibv_cq_ex *cq)
{
	(void)cq;
	return fake.current.code;
}

/* libaxe: commands */

static void wr_start(struct ibv_qp_ex *qp)
{
	(void)qp;
	fake.have_next = false;
}

static int wr_complete(struct ibv_qp_ex *qp)
{
	int ret = ENOMEM;

	(void)qp;
	pthread_mutex_lock(&fake.lock);
	if (!fake.have_next)
		ret = EINVAL;
	else if (fake.removed)
		ret = EIO;
	else if (fake.cmd_tail - fake.done_head < fake.depth)
		ret = 0;
	if (!ret) {
		fake.cmds[fake.cmd_tail++ % DEPTH] = fake.next;
		pthread_cond_signal(&fake.posted);
	}
	pthread_mutex_unlock(&fake.lock);
	return ret;
}

struct ibv_qp *axedv_create_qp(struct ibv_context *context, struct ibv_qp_init_attr_ex *attr,
			       const struct axedv_qp_init_attr *axe_attr)
{
	if (attr->qp_type != IBV_QPT_DRIVER || axe_attr->mode != AXE_QUEUE_WORKER ||
	    attr->cap.max_send_wr > DEPTH) {
		errno = EINVAL;
		return NULL;
	}
	fake.depth = attr->cap.max_send_wr;
	fake.qp.qp_base.context = context;
	fake.qp.wr_start = wr_start;
	fake.qp.wr_complete = wr_complete;
	return &fake.qp.qp_base;
}

struct ibv_qp_ex *ibv_qp_to_qp_ex(struct ibv_qp *qp)
{
	(void)qp;
	return &fake.qp;
}

int ibv_destroy_qp(struct ibv_qp *qp)
{
	(void)qp;
	return 0;
}

static struct fake_cmd *build(struct ibv_qp_ex *qp, enum axe_opcode op, const struct ibv_sge *dst,
			      const struct ibv_sge *src)
{
	if (src->lkey != KEY || (dst && dst->lkey != KEY))
		abort();
	fake.next = (struct fake_cmd){ .wr_id = qp->wr_id, .op = op, .src = *src };
	if (dst)
		fake.next.dst = *dst;
	fake.have_next = true;
	return &fake.next;
}

void axedv_wr_copy(struct ibv_qp_ex *qp, const struct ibv_sge *dst, const struct ibv_sge *src)
{
	build(qp, AXE_OP_COPY, dst, src);
}

/* As the tool has them: of data that nothing comes before. */
static void build_sum(struct ibv_qp_ex *qp, enum axe_opcode op, const struct ibv_sge *src,
		      uint64_t seed)
{
	uint64_t start = op == AXE_OP_ADLER32 ? 1 : 0;

	if (seed != start)
		abort();
	build(qp, op, NULL, src);
}

void axedv_wr_crc32(struct ibv_qp_ex *qp, const struct ibv_sge *src, uint32_t seed)
{
	build_sum(qp, AXE_OP_CRC32, src, seed);
}

void axedv_wr_crc32c(struct ibv_qp_ex *qp, const struct ibv_sge *src, uint32_t seed)
{
	build_sum(qp, AXE_OP_CRC32C, src, seed);
}

void axedv_wr_crc64(struct ibv_qp_ex *qp, const struct ibv_sge *src, uint64_t seed)
{
	build_sum(qp, AXE_OP_CRC64, src, seed);
}

void axedv_wr_crc16_t10(struct ibv_qp_ex *qp, const struct ibv_sge *src, uint16_t seed)
{
	build_sum(qp, AXE_OP_CRC16_T10, src, seed);
}

void axedv_wr_adler32(struct ibv_qp_ex *qp, const struct ibv_sge *src, uint32_t seed)
{
	build_sum(qp, AXE_OP_ADLER32, src, seed);
}

void axedv_wr_xxh64(struct ibv_qp_ex *qp, const struct ibv_sge *src, uint64_t seed)
{
	build_sum(qp, AXE_OP_XXH64, src, seed);
}

void axedv_wr_hash(struct ibv_qp_ex *qp, const struct ibv_sge *dst, const struct ibv_sge *src,
		   enum axe_hash format, uint32_t flags)
{
	struct fake_cmd *cmd = build(qp, AXE_OP_HASH, dst, src);

	cmd->format = format;
	cmd->flags = flags;
}

void axedv_wr_compress(struct ibv_qp_ex *qp, const struct ibv_sge *dst, const struct ibv_sge *src,
		       enum axe_deflate_format format, int level, uint32_t flags)
{
	struct fake_cmd *cmd = build(qp, AXE_OP_COMPRESS, dst, src);

	if (format != AXE_FORMAT_RAW)
		abort();
	cmd->level = level;
	cmd->flags = flags;
}

void axedv_wr_decompress(struct ibv_qp_ex *qp, const struct ibv_sge *dst, const struct ibv_sge *src,
			 enum axe_deflate_format format, uint32_t flags)
{
	struct fake_cmd *cmd = build(qp, AXE_OP_DECOMPRESS, dst, src);

	if (format != AXE_FORMAT_GZIP)
		abort();
	/* One kind of flags for what unpacks. */
	cmd->flags = (flags & AXE_DEFLATE_STREAM ? AXE_PACK_STREAM : 0) |
		     (flags & AXE_DEFLATE_RESTART ? AXE_PACK_RESTART : 0);
}

void axedv_wr_lz4_compress(struct ibv_qp_ex *qp, const struct ibv_sge *dst,
			   const struct ibv_sge *src, enum axe_lz4_format format, uint32_t flags)
{
	if (format != AXE_FORMAT_LZ4_FRAME || flags)
		abort();
	build(qp, AXE_OP_LZ4_COMPRESS, dst, src);
}

void axedv_wr_lz4_decompress(struct ibv_qp_ex *qp, const struct ibv_sge *dst,
			     const struct ibv_sge *src, enum axe_lz4_format format,
			     unsigned int window, uint32_t flags)
{
	struct fake_cmd *cmd = build(qp, AXE_OP_LZ4_DECOMPRESS, dst, src);

	if (format != AXE_FORMAT_LZ4_FRAME)
		abort();
	cmd->window = window;
	cmd->flags = flags;
}

void axedv_wr_zstd_compress(struct ibv_qp_ex *qp, const struct ibv_sge *dst,
			    const struct ibv_sge *src, int level, unsigned int window,
			    uint32_t flags)
{
	struct fake_cmd *cmd = build(qp, AXE_OP_ZSTD_COMPRESS, dst, src);

	if (window || flags)
		abort();
	cmd->level = level;
}

void axedv_wr_zstd_decompress(struct ibv_qp_ex *qp, const struct ibv_sge *dst,
			      const struct ibv_sge *src, unsigned int window, uint32_t flags)
{
	struct fake_cmd *cmd = build(qp, AXE_OP_ZSTD_DECOMPRESS, dst, src);

	cmd->window = window;
	cmd->flags = flags;
}

bool axedv_is_supported(struct ibv_device *device)
{
	return device == &fake.device;
}

const char *axedv_format_str(enum axe_opcode op, unsigned int format)
{
	static const char *const names[] = { "raw", "zlib", "gzip" };

	return op == AXE_OP_COMPRESS && format < 3 ? names[format] : NULL;
}

const char *axedv_code_str(enum axe_code code)
{
	static char text[32];

	snprintf(text, sizeof(text), "code %d", code);
	return text;
}

int axedv_query_ops(struct ibv_context *context, struct axe_op_info *ops, unsigned int max)
{
	static const struct axe_op_info op = {
		.opcode = AXE_OP_COMPRESS,
		.flags = AXE_OP_HAS_FORMATS | AXE_OP_HAS_LEVELS,
		.max_src = 1U << 31, .max_dst = 1 << 20, .formats = 7,
		.min_level = 1, .max_level = 9, .engines = 1, .name = "compress",
	};

	(void)context;
	if (max)
		ops[0] = op;
	return 1;
}

int axedv_query_engines(struct ibv_context *context, struct axe_engine_info *engines,
			unsigned int max)
{
	(void)context;
	if (max)
		engines[0] = (struct axe_engine_info){
			.flags = AXE_ENGINE_SOFTWARE, .num_ops = 1, .name = "thread" };
	return 1;
}

int axedv_query_engine_status(struct ibv_context *context, struct axe_engine_status *status,
			      unsigned int max)
{
	(void)context;
	if (max)
		status[0] = (struct axe_engine_status){ .ops = { 1 << AXE_OP_COMPRESS } };
	return 1;
}
