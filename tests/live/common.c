// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* What every live test needs. */

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "common.h"

static bool is_child;

void demand_failed(const char *file, int line, const char *cond, const char *fmt, ...)
{
	char text[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (is_child) {
		dprintf(STDOUT_FILENO, "# in a child: %s:%d: %s: %s (errno %d)\n", file, line, cond,
			text, errno);
		_exit(99);
	}
	print_error("%s: %s (errno %d)\n", cond, text, errno);
	_fail(file, line);
	abort();
}

uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

uint64_t now_ms(void)
{
	return now_ns() / 1000000;
}

/*---- the device ----*/

const char *default_device(void)
{
	const char *name = getenv("AXE_DEVICE");

	return name ? name : "axe0";
}

struct ibv_context *open_device(const char *name)
{
	struct ibv_device **list = ibv_get_device_list(NULL);
	struct ibv_context *ctx = NULL;
	int i;

	/* There is no file for it: ibv_free_device_list() does not take that. */
	if (!list)
		return NULL;
	for (i = 0; list[i]; i++) {
		if (!strcmp(ibv_get_device_name(list[i]), name))
			ctx = ibv_open_device(list[i]);
	}
	ibv_free_device_list(list);
	return ctx;
}

unsigned int uverbs_mappings(struct mapping *maps, unsigned int max)
{
	FILE *f = fopen("/proc/self/maps", "r");
	unsigned int n = 0;
	char line[512];

	demand(f, "/proc/self/maps");
	while (fgets(line, sizeof(line), f)) {
		unsigned long start, end;

		if (!strstr(line, "/dev/infiniband/uverbs") ||
		    sscanf(line, "%lx-%lx", &start, &end) != 2)
			continue;
		demand(n < max, "too many mappings of rings");
		maps[n++] = (struct mapping){ start, end };
	}
	fclose(f);
	return n;
}

#define MAX_MAPPINGS 256

/* Where the mapping is that was not there before. */
static void *new_mapping(const struct mapping *before, unsigned int n_before)
{
	struct mapping after[MAX_MAPPINGS];
	unsigned int n = uverbs_mappings(after, MAX_MAPPINGS);
	unsigned int i, k;

	for (i = 0; i < n; i++) {
		for (k = 0; k < n_before && before[k].start != after[i].start; k++)
			;
		if (k == n_before)
			return (void *)after[i].start;
	}
	demand(false, "the ring is not mapped");
	return NULL;
}

void rig_open_queue(struct rig *r, const struct rig_options *options)
{
	static const struct rig_options none;
	const struct rig_options *o = options ? options : &none;
	struct ibv_cq_init_attr_ex cq_attr = {
		.cqe = o->cqe ? o->cqe : 512,
		.channel = r->channel,
		.wc_flags = IBV_WC_STANDARD_FLAGS | o->wc_flags,
	};
	struct axedv_qp_init_attr axe_attr = {
		.comp_mask = AXEDV_QP_INIT_ATTR_MODE | AXEDV_QP_INIT_ATTR_FLAGS |
			     AXEDV_QP_INIT_ATTR_LANES | AXEDV_QP_INIT_ATTR_OFFLOAD |
			     (o->engine ? AXEDV_QP_INIT_ATTR_ENGINE : 0),
		.mode = o->mode,
		.flags = o->flags,
		.lanes = o->lanes,
		.engine = o->engine - 1,
		.offload = o->offload,
	};
	struct ibv_qp_init_attr_ex qp_attr = {
		.qp_type = IBV_QPT_DRIVER,
		.cap.max_send_wr = o->depth ? o->depth : 128,
		.comp_mask = IBV_QP_INIT_ATTR_PD,
		.pd = r->pd,
		.sq_sig_all = !o->unsignaled,
	};
	struct mapping before[MAX_MAPPINGS];
	unsigned int n;

	n = uverbs_mappings(before, MAX_MAPPINGS);
	r->cq = ibv_create_cq_ex(r->ctx, &cq_attr);
	demand(r->cq, "ibv_create_cq_ex");
	r->cq_ring = new_mapping(before, n);

	n = uverbs_mappings(before, MAX_MAPPINGS);
	qp_attr.send_cq = ibv_cq_ex_to_cq(r->cq);
	r->qp = axedv_create_qp(r->ctx, &qp_attr, &axe_attr);
	demand(r->qp, "axedv_create_qp");
	r->qx = ibv_qp_to_qp_ex(r->qp);
	r->owner = getpid();
	r->sq_ring = new_mapping(before, n);
}

int rig_resize_cq(struct rig *r, int cqe)
{
	struct mapping before[MAX_MAPPINGS];
	unsigned int n = uverbs_mappings(before, MAX_MAPPINGS), i;
	int ret;

	/* Its old ring may be mapped at any moment, and the new one in its place. */
	for (i = 0; i < n; i++) {
		if (before[i].start == (uintptr_t)r->cq_ring)
			before[i].start = 0;
	}
	ret = ibv_resize_cq(ibv_cq_ex_to_cq(r->cq), cqe);
	if (!ret)
		r->cq_ring = new_mapping(before, n);
	return ret;
}

void rig_close_queue(struct rig *r)
{
	demand(!ibv_destroy_qp(r->qp), "ibv_destroy_qp");
	demand(!ibv_destroy_cq(ibv_cq_ex_to_cq(r->cq)), "ibv_destroy_cq");
	r->qp = NULL;
	r->cq = NULL;
}

void rig_share(struct rig *r, const struct rig *with)
{
	*r = *with;
	r->cq = NULL;
	r->qp = NULL;
}

void rig_open(struct rig *r, const struct rig_options *options)
{
	char path[256];

	memset(r, 0, sizeof(*r));
	r->device = options && options->device ? options->device : default_device();
	r->ctx = open_device(r->device);
	demand(r->ctx, "cannot open %s", r->device);
	r->pd = ibv_alloc_pd(r->ctx);
	demand(r->pd, "ibv_alloc_pd");
	r->mr = ibv_reg_mr(r->pd, NULL, SIZE_MAX, IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_ON_DEMAND);
	demand(r->mr, "no implicit region");
	r->channel = ibv_create_comp_channel(r->ctx);
	demand(r->channel, "ibv_create_comp_channel");
	rig_open_queue(r, options);

	/* Counters are to be read as they are now, not as they were 10 ms ago. */
	snprintf(path, sizeof(path), "/sys/class/infiniband/%s/ports/1/hw_counters/lifespan",
		 r->device);
	/* (In another network namespace sysfs does not show the device.) */
	if (!access(path, W_OK))
		write_file(path, "0");
}

void rig_close(struct rig *r)
{
	if (r->qp)
		rig_close_queue(r);
	demand(!ibv_destroy_comp_channel(r->channel), "ibv_destroy_comp_channel");
	demand(!ibv_dereg_mr(r->mr), "ibv_dereg_mr");
	demand(!ibv_dealloc_pd(r->pd), "ibv_dealloc_pd");
	demand(!ibv_close_device(r->ctx), "ibv_close_device");
	memset(r, 0, sizeof(*r));
}

/*---- completions ----*/

int slowness(void)
{
	const char *slow = getenv("AXE_TEST_SLOW");

	return slow ? atoi(slow) : 1;
}

bool await_readable(int fd, int timeout_ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	uint64_t end = now_ms() + timeout_ms;
	int ret;

	do {
		int64_t left = end - now_ms();

		ret = poll(&pfd, 1, left > 0 ? left : 0);
	} while (ret < 0 && errno == EINTR);
	return ret == 1;
}

static void read_wc(struct ibv_cq_ex *cq, struct wc *wc)
{
	*wc = (struct wc) {
		.wr_id = cq->wr_id,
		.status = cq->status,
		.opcode = ibv_wc_read_opcode(cq),
		.vendor_err = ibv_wc_read_vendor_err(cq),
		.byte_len = ibv_wc_read_byte_len(cq),
		.qp_num = ibv_wc_read_qp_num(cq),
		.code = axedv_wc_read_code(cq),
		.op = axedv_wc_read_op(cq),
		.engine = axedv_wc_read_engine(cq),
		.fallback = axedv_wc_is_fallback(cq),
		.result = { axedv_wc_read_result(cq, 0), axedv_wc_read_result(cq, 1) },
		.timestamp = ibv_wc_read_completion_ts(cq),
	};
}

bool rig_poll(struct rig *r, struct wc *wc)
{
	struct ibv_poll_cq_attr attr = {};
	int ret = ibv_start_poll(r->cq, &attr);

	if (ret == ENOENT)
		return false;
	demand(!ret, "ibv_start_poll: %s", strerror(ret));
	read_wc(r->cq, wc);
	ibv_end_poll(r->cq);
	return true;
}

static void take_event(struct rig *r)
{
	struct ibv_cq *cq;
	void *context;

	demand(!ibv_get_cq_event(r->channel, &cq, &context), "ibv_get_cq_event");
	ibv_ack_cq_events(cq, 1);
}

struct wc rig_wait(struct rig *r)
{
	uint64_t end = now_ms() + DEADLINE_MS;
	struct wc wc;

	while (!rig_poll(r, &wc)) {
		int64_t left = end - now_ms();

		/* An event that a child takes is one that the parent never acknowledges. */
		if (r->owner != getpid()) {
			demand(left > 0, "no completion within %d ms", DEADLINE_MS);
			sched_yield();
			continue;
		}

		demand(!ibv_req_notify_cq(ibv_cq_ex_to_cq(r->cq), 0), "ibv_req_notify_cq");
		if (rig_poll(r, &wc))
			break;
		demand(left > 0 && await_readable(r->channel->fd, left),
		       "no completion within %d ms", DEADLINE_MS);
		take_event(r);
	}
	return wc;
}

struct wc rig_wait_for(struct rig *r, uint64_t wr_id)
{
	struct wc wc = rig_wait(r);

	demand(wc.wr_id == wr_id, "completion of %llu instead of %llu",
	       (unsigned long long)wc.wr_id, (unsigned long long)wr_id);
	return wc;
}

void rig_expect_empty(struct rig *r)
{
	struct wc wc;

	demand(!rig_poll(r, &wc), "a completion too many: %llu, %s",
	       (unsigned long long)wc.wr_id, axedv_code_str(wc.code));
}

/*---- commands ----*/

void rig_begin(struct rig *r, uint64_t wr_id, unsigned int flags)
{
	ibv_wr_start(r->qx);
	r->qx->wr_id = wr_id;
	r->qx->wr_flags = flags;
}

void rig_end(struct rig *r)
{
	int ret = ibv_wr_complete(r->qx);

	demand(!ret, "ibv_wr_complete: %s", strerror(ret));
}

struct wc run_cmd(struct rig *r, const struct axe_cmd *command, const struct axe_cmd_ext *ext)
{
	return run(r, cmd, command, ext);
}

struct ibv_sge here(struct rig *r, const void *p, size_t length)
{
	return (struct ibv_sge) {
		.addr = (uintptr_t)p, .length = length, .lkey = r->mr->lkey,
	};
}

enum ibv_wc_status status_of(enum axe_code code)
{
	switch (code) {
	case AXE_OK:
	case AXE_INFO_MORE:
		return IBV_WC_SUCCESS;
	case AXE_ERR_OPCODE ... AXE_ERR_STREAM:
		return IBV_WC_LOC_QP_OP_ERR;
	case AXE_ERR_LENGTH ... AXE_ERR_FULL:
		return IBV_WC_LOC_LEN_ERR;
	case AXE_ERR_KEY ... AXE_ERR_KEY_USE:
		return IBV_WC_LOC_PROT_ERR;
	case AXE_ERR_DATA ... AXE_ERR_ENGINE:
		return IBV_WC_GENERAL_ERR;
	case AXE_ERR_FLUSHED ... AXE_ERR_LINKED:
		return IBV_WC_WR_FLUSH_ERR;
	default:
		break;	/* between peers the status depends on more */
	}
	demand(false, "unknown code %d", code);
	return -1;
}

void assert_code_at(const struct wc *wc, enum axe_code code, const char *file, int line)
{
	char text[256];

	if (wc->code == code && wc->status == status_of(code) && wc->vendor_err == code)
		return;
	snprintf(text, sizeof(text),
		 "op %d: code %d (%s), status %s, vendor_err %u, results %#llx %#llx", wc->op,
		 wc->code, axedv_code_str(wc->code), ibv_wc_status_str(wc->status),
		 wc->vendor_err, (unsigned long long)wc->result[0],
		 (unsigned long long)wc->result[1]);
	demand_failed(file, line, axedv_code_str(code), "%s", text);
}

void assert_queue_works(struct rig *r)
{
	uint8_t bytes[] = "123456789";
	struct ibv_sge src = here(r, bytes, 9);
	struct wc wc = run(r, crc32, &src, 0);

	assert_done(wc);
	demand(wc.result[0] == 0xcbf43926, "crc32 of 123456789 is %#llx",
	       (unsigned long long)wc.result[0]);
}

/*---- events ----*/

bool cq_event_within(struct ibv_cq *cq, int timeout_ms)
{
	struct ibv_cq *which;
	void *context;

	if (!await_readable(cq->channel->fd, timeout_ms))
		return false;
	demand(!ibv_get_cq_event(cq->channel, &which, &context), "ibv_get_cq_event");
	demand(which == cq, "an event of another CQ");
	ibv_ack_cq_events(which, 1);
	return true;
}

bool await_async(struct ibv_context *ctx, enum ibv_event_type type, int timeout_ms)
{
	uint64_t end = now_ms() + timeout_ms;
	struct ibv_async_event event;

	for (;;) {
		int64_t left = end - now_ms();

		if (left < 0 || !await_readable(ctx->async_fd, left))
			return false;
		if (ibv_get_async_event(ctx, &event))
			return false;
		ibv_ack_async_event(&event);
		if (event.event_type == type)
			return true;
	}
}

/*---- children ----*/

pid_t start_child(void (*fn)(void *), void *arg)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGSYS };
	pid_t pid;

	fflush(NULL);
	pid = fork();
	demand(pid >= 0, "fork");
	if (pid)
		return pid;

	is_child = true;
	/* cmocka's handler would go on with the parent's list. */
	for (unsigned int i = 0; i < ARRAY_SIZE(faults); i++)
		signal(faults[i], SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(2 * DEADLINE_MS / 1000);
	fn(arg);
	fflush(NULL);
	_exit(0);
}

static int reap(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		demand(errno == EINTR, "waitpid");
	return status;
}

void end_child(pid_t pid)
{
	int status = reap(pid);

	demand(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %#x", status);
}

void in_child(void (*fn)(void *), void *arg)
{
	end_child(start_child(fn, arg));
}

void reap_killed(pid_t pid, int signal)
{
	int status = reap(pid);

	demand((WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
	       (WIFSIGNALED(status) && WTERMSIG(status) == signal),
	       "the child ended with %#x", status);
}

void baton_make(struct baton *b)
{
	demand(!pipe2(b->there, O_CLOEXEC) && !pipe2(b->back, O_CLOEXEC), "pipe");
}

void baton_free(struct baton *b)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		if (b->there[i] >= 0)
			close(b->there[i]);
		if (b->back[i] >= 0)
			close(b->back[i]);
	}
}

/* With our own copy of its end closed, we see when the other process has gone. */
static void baton_drop(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void baton_pass(int fd)
{
	demand(write(fd, "x", 1) == 1, "write to a pipe");
}

static void baton_await(int fd)
{
	char c;

	demand(await_readable(fd, DEADLINE_MS), "the other process does not answer");
	demand(read(fd, &c, 1) == 1, "the other process has gone");
}

void baton_to_child(struct baton *b)
{
	baton_pass(b->there[1]);
}

void baton_await_parent(struct baton *b)
{
	baton_drop(&b->there[1]);
	baton_await(b->there[0]);
}

void baton_to_parent(struct baton *b)
{
	baton_pass(b->back[1]);
}

void baton_await_child(struct baton *b)
{
	baton_drop(&b->back[1]);
	baton_await(b->back[0]);
}

/*---- memory ----*/

void *pages(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	demand(p != MAP_FAILED, "mmap of %zu bytes", size);
	return p;
}

void *small_pages(size_t size)
{
	void *p = pages(size);

	demand(!madvise(p, size, MADV_NOHUGEPAGE), "MADV_NOHUGEPAGE");
	return p;
}

int live_main(const char *group, const struct CMUnitTest *tests, size_t num,
	      CMFixtureFunction setup, CMFixtureFunction teardown)
{
	/* To look at a few: AXE_LIVE_TESTS='fork__*'. */
	if (getenv("AXE_LIVE_TESTS"))
		cmocka_set_test_filter(getenv("AXE_LIVE_TESTS"));
	setvbuf(stdout, NULL, _IOLBF, 0);
	alarm(110 * slowness());
	return _cmocka_run_group_tests(group, tests, num, setup, teardown);
}
