// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Polling, arming and moving completion rings, with nobody behind them. */

#include <endian.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "axe.h"
#include "axe-abi.h"

#define ENTRIES		8
#define NEW_ENTRIES	32
#define LENGTH(n)	(AXE_RING_ENTRIES + (n) * AXE_CQE_SIZE)
#define NEW_OFFSET	65536

struct fixture {
	struct verbs_device vdev;
	struct verbs_context vctx;
	struct ibv_cq *cq;
	struct ibv_cq_ex *cqx;
	struct axe_cq_hdr *hdr;		/* as the device sees it */
	struct axe_cqe *ring;
	uint32_t create_flags;
};

static struct fixture *the;

/* In the place of libibverbs': the kernel says yes. */
int ibv_cmd_create_cq(struct ibv_context *context, int cqe,
		      struct ibv_comp_channel *channel, int comp_vector,
		      struct ibv_cq *cq, struct ibv_create_cq *cmd, size_t cmd_size,
		      struct ib_uverbs_create_cq_resp *resp, size_t resp_size)
{
	struct axe_ucmd_create_cq_resp *aresp = (void *)resp;

	assert_int_equal(cmd_size, sizeof(struct axe_ucmd_create_cq));
	assert_int_equal(resp_size, sizeof(*aresp));
	the->create_flags = ((struct axe_ucmd_create_cq *)cmd)->flags;
	aresp->mmap_offset = 0;
	aresp->mmap_length = LENGTH(ENTRIES);
	aresp->entries = ENTRIES;
	cq->context = context;
	cq->cqe = ENTRIES;
	return 0;
}

static uint32_t resize_entries;

int ibv_cmd_resize_cq(struct ibv_cq *cq, int cqe, struct ibv_resize_cq *cmd,
		      size_t cmd_size, struct ib_uverbs_resize_cq_resp *resp,
		      size_t resp_size)
{
	struct axe_ucmd_resize_cq_resp *aresp = (void *)resp;

	assert_int_equal(cmd_size, sizeof(struct axe_ucmd_resize_cq));
	assert_int_equal(resp_size, sizeof(*aresp));
	if (cqe > NEW_ENTRIES)
		return EINVAL;
	aresp->mmap_offset = NEW_OFFSET;
	aresp->mmap_length = LENGTH(NEW_ENTRIES);
	aresp->entries = resize_entries;
	cq->cqe = NEW_ENTRIES;
	return 0;
}

static struct ibv_modify_cq_attr modified;

int ibv_cmd_modify_cq(struct ibv_cq *cq, struct ibv_modify_cq_attr *attr,
		      struct ibv_modify_cq *cmd, size_t cmd_size)
{
	assert_ptr_equal(cq, the->cq);
	assert_int_equal(cmd_size, sizeof(*cmd));
	modified = *attr;
	return attr->moderate.cq_count == 999 ? EINVAL : 0;
}

int ibv_cmd_destroy_cq(struct ibv_cq *cq)
{
	return 0;
}

static void *device_map(struct fixture *f, off_t offset, size_t length)
{
	void *map = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED,
			 f->vctx.context.cmd_fd, offset);

	assert_ptr_not_equal(map, MAP_FAILED);
	return map;
}

static void make_cq(struct fixture *f, uint64_t wc_flags, uint32_t flags)
{
	struct ibv_cq_init_attr_ex attr = {
		.cqe = ENTRIES,
		.wc_flags = wc_flags,
		.comp_mask = IBV_CQ_INIT_ATTR_MASK_FLAGS,
		.flags = flags,
	};

	f->cqx = axe_create_cq_ex(&f->vctx.context, &attr);
	f->cq = f->cqx ? &to_axe_cq_ex(f->cqx)->verbs_cq.cq : NULL;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	the = f;
	resize_entries = NEW_ENTRIES;
	f->vctx.context.device = &f->vdev.device;
	f->vctx.context.abi_compat = __VERBS_ABI_IS_EXTENDED;
	f->vctx.context.cmd_fd = memfd_create("rings", 0);
	assert_int_equal(ftruncate(f->vctx.context.cmd_fd, 2 * NEW_OFFSET), 0);
	f->hdr = device_map(f, 0, LENGTH(ENTRIES));
	f->ring = (void *)f->hdr + AXE_RING_ENTRIES;
	make_cq(f, IBV_WC_STANDARD_FLAGS, 0);
	assert_non_null(f->cq);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	if (f->cq)
		assert_int_equal(axe_destroy_cq(f->cq), 0);
	munmap(f->hdr, LENGTH(ENTRIES));
	close(f->vctx.context.cmd_fd);
	free(f);
	return 0;
}

static void complete_to(struct axe_cq_hdr *hdr, uint32_t entries, uint64_t wr_id)
{
	struct axe_cqe *cqe = (void *)hdr + AXE_RING_ENTRIES;

	cqe += hdr->producer & (entries - 1);
	memset(cqe, 0, sizeof(*cqe));
	cqe->wr_id = htole64(wr_id);
	cqe->status = IBV_WC_LOC_PROT_ERR;
	cqe->opcode = IBV_WC_DRIVER1;
	cqe->code = htole16(AXE_ERR_RANGE);
	cqe->byte_len = htole32(0x10000 + wr_id);
	cqe->qp_num = htole32(0xabcdef);
	cqe->src_qp = htole32(0x123456);
	cqe->wc_flags = htole32(IBV_WC_WITH_IMM);
	cqe->imm_data = htobe32(0x01020304);
	cqe->result[0] = htole64(~wr_id);
	cqe->result[1] = htole64(wr_id << 32);
	cqe->timestamp = htole64(1000 + wr_id);
	cqe->engine = 3;
	cqe->op = AXE_OP_CRC32C;
	cqe->sl = 5;
	__atomic_store_n(&hdr->producer, hdr->producer + 1, __ATOMIC_RELEASE);
}

static void complete(struct fixture *f, uint64_t wr_id)
{
	complete_to(f->hdr, ENTRIES, wr_id);
}

static void poll__every_field(void **state)
{
	struct fixture *f = *state;
	struct ibv_wc wc;

	memset(&wc, 0xff, sizeof(wc));
	complete(f, 5);
	assert_int_equal(axe_poll_cq(f->cq, 1, &wc), 1);
	assert_int_equal(wc.wr_id, 5);
	assert_int_equal(wc.status, IBV_WC_LOC_PROT_ERR);
	assert_int_equal(wc.opcode, IBV_WC_DRIVER1);
	assert_int_equal(wc.vendor_err, AXE_ERR_RANGE);
	assert_int_equal(wc.byte_len, 0x10005);
	assert_int_equal(wc.imm_data, htobe32(0x01020304));
	assert_int_equal(wc.qp_num, 0xabcdef);
	assert_int_equal(wc.src_qp, 0x123456);
	assert_int_equal(wc.wc_flags, IBV_WC_WITH_IMM);
	assert_int_equal(wc.pkey_index, 0);
	assert_int_equal(wc.slid, 0);
	assert_int_equal(wc.sl, 5);
	assert_int_equal(wc.dlid_path_bits, 0);
	assert_int_equal(f->hdr->consumer, 1);
}

static void poll__as_many_as_there_are(void **state)
{
	struct fixture *f = *state;
	struct ibv_wc wc[ENTRIES];
	int i;

	/* over the end of the ring and of 32 bits */
	f->hdr->consumer = UINT32_MAX - 2;
	f->hdr->producer = UINT32_MAX - 2;
	for (i = 0; i < 7; i++)
		complete(f, i);
	assert_int_equal(axe_poll_cq(f->cq, 0, wc), 0);
	assert_int_equal(axe_poll_cq(f->cq, 3, wc), 3);
	assert_int_equal(wc[2].wr_id, 2);
	assert_int_equal(f->hdr->consumer, 0);
	assert_int_equal(axe_poll_cq(f->cq, ENTRIES, wc), 4);
	assert_int_equal(wc[0].wr_id, 3);
	assert_int_equal(wc[3].wr_id, 6);
	assert_int_equal(axe_poll_cq(f->cq, ENTRIES, wc), 0);
	assert_int_equal(axe_poll_cq(f->cq, -1, wc), 0);
}

static void poll__broken(void **state)
{
	struct ibv_poll_cq_attr attr = {};
	struct fixture *f = *state;
	struct ibv_wc wc;

	complete(f, 1);
	f->hdr->flags = AXE_CQ_OVERFLOW;
	/* what arrived is still there */
	assert_int_equal(axe_poll_cq(f->cq, 1, &wc), 1);
	assert_int_equal(axe_poll_cq(f->cq, 1, &wc), -EOVERFLOW);
	assert_int_equal(ibv_start_poll(f->cqx, &attr), EOVERFLOW);
	f->hdr->flags = AXE_CQ_DEAD;
	assert_int_equal(axe_poll_cq(f->cq, 1, &wc), -EIO);
	assert_int_equal(ibv_start_poll(f->cqx, &attr), EIO);
	/* and the lock is free */
	f->hdr->flags = 0;
	assert_int_equal(axe_poll_cq(f->cq, 1, &wc), 0);
}

static void extended__every_field(void **state)
{
	struct ibv_poll_cq_attr attr = {};
	struct fixture *f = *state;

	complete(f, 5);
	assert_int_equal(ibv_start_poll(f->cqx, &attr), 0);
	assert_int_equal(f->cqx->wr_id, 5);
	assert_int_equal(f->cqx->status, IBV_WC_LOC_PROT_ERR);
	assert_int_equal(ibv_wc_read_opcode(f->cqx), IBV_WC_DRIVER1);
	assert_int_equal(ibv_wc_read_vendor_err(f->cqx), AXE_ERR_RANGE);
	assert_int_equal(ibv_wc_read_byte_len(f->cqx), 0x10005);
	assert_int_equal(ibv_wc_read_imm_data(f->cqx), htobe32(0x01020304));
	assert_int_equal(ibv_wc_read_qp_num(f->cqx), 0xabcdef);
	assert_int_equal(ibv_wc_read_src_qp(f->cqx), 0x123456);
	assert_int_equal(ibv_wc_read_wc_flags(f->cqx), IBV_WC_WITH_IMM);
	assert_int_equal(ibv_wc_read_slid(f->cqx), 0);
	assert_int_equal(ibv_wc_read_sl(f->cqx), 5);
	assert_int_equal(ibv_wc_read_dlid_path_bits(f->cqx), 0);
	assert_int_equal(ibv_wc_read_completion_ts(f->cqx), 1005);
	assert_int_equal(axedv_wc_read_result(f->cqx, 0), ~5ULL);
	assert_int_equal(axedv_wc_read_result(f->cqx, 1), 5ULL << 32);
	assert_int_equal(axedv_wc_read_result(f->cqx, 2), 0);
	assert_int_equal(axedv_wc_read_code(f->cqx), AXE_ERR_RANGE);
	assert_int_equal(axedv_wc_read_op(f->cqx), AXE_OP_CRC32C);
	assert_int_equal(axedv_wc_read_engine(f->cqx), 3);
	ibv_end_poll(f->cqx);
	assert_int_equal(f->hdr->consumer, 1);
}

static void extended__walk(void **state)
{
	struct ibv_poll_cq_attr attr = {};
	struct fixture *f = *state;

	assert_int_equal(ibv_start_poll(f->cqx, &attr), ENOENT);
	complete(f, 1);
	complete(f, 2);
	assert_int_equal(ibv_start_poll(f->cqx, &attr), 0);
	assert_int_equal(f->hdr->consumer, 0);
	assert_int_equal(ibv_next_poll(f->cqx), 0);
	assert_int_equal(f->cqx->wr_id, 2);
	/* the first may be overwritten by now, the second may not */
	assert_int_equal(f->hdr->consumer, 1);
	complete(f, 3);
	assert_int_equal(ibv_next_poll(f->cqx), 0);
	assert_int_equal(f->cqx->wr_id, 3);
	assert_int_equal(ibv_next_poll(f->cqx), ENOENT);
	assert_int_equal(ibv_next_poll(f->cqx), ENOENT);
	ibv_end_poll(f->cqx);
	assert_int_equal(f->hdr->consumer, 3);
	attr.comp_mask = 1;
	assert_int_equal(ibv_start_poll(f->cqx, &attr), EINVAL);
}

/* The same thread, while it walks: errors instead of a deadlock; arming works. */
static void extended__inside_walk(void **state)
{
	struct ibv_poll_cq_attr attr = {};
	struct fixture *f = *state;
	struct ibv_wc wc;

	complete(f, 1);
	assert_int_equal(ibv_start_poll(f->cqx, &attr), 0);
	assert_int_equal(ibv_start_poll(f->cqx, &attr), EBUSY);
	assert_int_equal(axe_poll_cq(f->cq, 1, &wc), -EBUSY);
	assert_int_equal(axe_resize_cq(f->cq, 16), EBUSY);
	assert_int_equal(axe_req_notify_cq(f->cq, 0), 0);
	assert_int_equal(f->hdr->arm, AXE_CQ_ARM_NEXT);
	ibv_end_poll(f->cqx);
	assert_int_equal(axe_poll_cq(f->cq, 1, &wc), 0);
}

static void arm__never_less(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(axe_req_notify_cq(f->cq, 1), 0);
	assert_int_equal(f->hdr->arm, AXE_CQ_ARM_SOLICITED);
	assert_int_equal(axe_req_notify_cq(f->cq, 0), 0);
	assert_int_equal(f->hdr->arm, AXE_CQ_ARM_NEXT);
	assert_int_equal(axe_req_notify_cq(f->cq, 1), 0);
	assert_int_equal(f->hdr->arm, AXE_CQ_ARM_NEXT);
	f->hdr->arm = AXE_CQ_ARM_NONE;
	assert_int_equal(axe_req_notify_cq(f->cq, 1), 0);
	assert_int_equal(f->hdr->arm, AXE_CQ_ARM_SOLICITED);
}

static void create__flags(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(f->create_flags, 0);
	axe_destroy_cq(f->cq);
	make_cq(f, IBV_WC_EX_WITH_COMPLETION_TIMESTAMP, IBV_CREATE_CQ_ATTR_SINGLE_THREADED);
	assert_non_null(f->cq);
	assert_int_equal(f->create_flags, AXE_CREATE_CQ_TIMESTAMP);
	axe_destroy_cq(f->cq);
	make_cq(f, IBV_WC_EX_WITH_COMPLETION_TIMESTAMP_WALLCLOCK, 0);
	assert_int_equal(f->create_flags, AXE_CREATE_CQ_TIMESTAMP);
	axe_destroy_cq(f->cq);
	make_cq(f, IBV_WC_EX_WITH_FLOW_TAG, 0);
	assert_null(f->cq);
	assert_int_equal(errno, EOPNOTSUPP);
	make_cq(f, 0, IBV_CREATE_CQ_ATTR_IGNORE_OVERRUN);
	assert_null(f->cq);
	assert_int_equal(errno, EOPNOTSUPP);
}

/* One of a thread domain is single-threaded, too. */
static void create__in_parent_domain(void **state)
{
	struct fixture *f = *state;
	struct axe_td td = {};
	struct axe_pd pd = {};
	struct axe_pd domain = { .orig = &pd, .td = &td };
	struct ibv_cq_init_attr_ex attr = {
		.cqe = ENTRIES,
		.comp_mask = IBV_CQ_INIT_ATTR_MASK_PD,
		.parent_domain = &domain.ibvpd,
		/* without its bit in the mask: not looked at */
		.flags = IBV_CREATE_CQ_ATTR_IGNORE_OVERRUN,
	};

	assert_true(to_axe_cq(f->cq)->lock.shared);
	axe_destroy_cq(f->cq);
	f->cqx = axe_create_cq_ex(&f->vctx.context, &attr);
	assert_non_null(f->cqx);
	f->cq = ibv_cq_ex_to_cq(f->cqx);
	assert_false(to_axe_cq(f->cq)->lock.shared);
	assert_int_equal(domain.refcount, 1);
	axe_destroy_cq(f->cq);
	f->cq = NULL;
	assert_int_equal(domain.refcount, 0);
}

static void single_threaded__polls(void **state)
{
	struct ibv_poll_cq_attr attr = {};
	struct fixture *f = *state;
	struct ibv_wc wc;

	axe_destroy_cq(f->cq);
	make_cq(f, 0, IBV_CREATE_CQ_ATTR_SINGLE_THREADED);
	complete(f, 1);
	complete(f, 2);
	assert_int_equal(axe_poll_cq(f->cq, 1, &wc), 1);
	assert_int_equal(ibv_start_poll(f->cqx, &attr), 0);
	assert_int_equal(axe_poll_cq(f->cq, 1, &wc), -EBUSY);
	ibv_end_poll(f->cqx);
	assert_int_equal(f->hdr->consumer, 2);
}

static int64_t now(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static void wallclock__now_is_now(void **state)
{
	struct ibv_poll_cq_attr attr = {};
	struct fixture *f = *state;
	int64_t told, before;

	complete(f, 1);
	complete(f, 2);
	f->ring[0].timestamp = htole64(now(CLOCK_MONOTONIC_RAW));
	f->ring[1].timestamp = htole64(le64toh(f->ring[0].timestamp) + 7);
	before = now(CLOCK_REALTIME);
	assert_int_equal(ibv_start_poll(f->cqx, &attr), 0);
	told = ibv_wc_read_completion_wallclock_ns(f->cqx);
	assert_true(llabs(told - before) < 50000000);
	/* distances stay what they are */
	assert_int_equal(ibv_next_poll(f->cqx), 0);
	assert_int_equal(ibv_wc_read_completion_wallclock_ns(f->cqx), told + 7);
	ibv_end_poll(f->cqx);
}

static void complete_of(struct fixture *f, uint32_t qp_num, uint64_t wr_id)
{
	complete(f, wr_id);
	f->ring[(f->hdr->producer - 1) & (ENTRIES - 1)].qp_num = htole32(qp_num);
}

/* What others have completed stays, in order. */
static void forget__one_qp(void **state)
{
	static const uint32_t of[] = { 1, 2, 1, 1, 3, 2, 1 };
	struct fixture *f = *state;
	struct ibv_wc wc[ENTRIES];
	size_t i;

	f->hdr->consumer = UINT32_MAX - 2;
	f->hdr->producer = UINT32_MAX - 2;
	for (i = 0; i < sizeof(of) / sizeof(of[0]); i++)
		complete_of(f, of[i], i);
	axe_cq_forget(to_axe_cq(f->cq), 1);
	assert_int_equal(axe_poll_cq(f->cq, ENTRIES, wc), 3);
	assert_int_equal(wc[0].wr_id, 1);
	assert_int_equal(wc[1].wr_id, 4);
	assert_int_equal(wc[2].wr_id, 5);
	assert_int_equal(f->hdr->consumer, f->hdr->producer);

	complete_of(f, 2, 9);
	axe_cq_forget(to_axe_cq(f->cq), 1);
	assert_int_equal(axe_poll_cq(f->cq, ENTRIES, wc), 1);
	assert_int_equal(wc[0].wr_id, 9);
}

static void resize__goes_on_in_new_ring(void **state)
{
	struct fixture *f = *state;
	struct axe_cq_hdr *new_hdr = device_map(f, NEW_OFFSET, LENGTH(NEW_ENTRIES));
	struct ibv_wc wc[2];

	complete(f, 1);
	complete(f, 2);
	assert_int_equal(axe_poll_cq(f->cq, 1, wc), 1);
	complete_to(new_hdr, NEW_ENTRIES, 2);
	assert_int_equal(axe_resize_cq(f->cq, NEW_ENTRIES), 0);
	complete_to(new_hdr, NEW_ENTRIES, 3);
	assert_int_equal(axe_poll_cq(f->cq, 2, wc), 2);
	assert_int_equal(wc[0].wr_id, 2);
	assert_int_equal(wc[1].wr_id, 3);
	assert_int_equal(new_hdr->consumer, 2);
	assert_int_equal(to_axe_cq(f->cq)->mask, NEW_ENTRIES - 1);
	munmap(new_hdr, LENGTH(NEW_ENTRIES));
}

static void resize__refused(void **state)
{
	struct fixture *f = *state;
	struct ibv_wc wc;

	complete(f, 1);
	assert_int_equal(axe_resize_cq(f->cq, NEW_ENTRIES + 1), EINVAL);
	assert_int_equal(axe_poll_cq(f->cq, 1, &wc), 1);
}

static void resize__cannot_be_mapped(void **state)
{
	struct fixture *f = *state;
	struct ibv_wc wc;

	resize_entries = 3;
	assert_int_equal(axe_resize_cq(f->cq, NEW_ENTRIES), EPROTO);
	assert_int_equal(axe_poll_cq(f->cq, 1, &wc), -EIO);
}

static void modify__asks_the_kernel(void **state)
{
	struct ibv_modify_cq_attr attr = {
		.attr_mask = IBV_CQ_ATTR_MODERATE, .moderate = { 7, 1000 },
	};
	struct fixture *f = *state;

	assert_int_equal(axe_modify_cq(f->cq, &attr), 0);
	assert_memory_equal(&modified, &attr, sizeof(attr));
	attr.moderate.cq_count = 999;
	assert_int_equal(axe_modify_cq(f->cq, &attr), EINVAL);
}

#define COUNT	50000

static void *produce(void *arg)
{
	struct fixture *f = arg;
	uint32_t i;

	for (i = 0; i < COUNT; i++) {
		while (i - __atomic_load_n(&f->hdr->consumer, __ATOMIC_ACQUIRE) >= ENTRIES)
			;
		complete(f, i);
	}
	return NULL;
}

static void threads__in_order(void **state)
{
	struct fixture *f = *state;
	struct ibv_wc wc[3];
	uint32_t seen = 0;
	pthread_t thread;
	int i, n;

	assert_int_equal(pthread_create(&thread, NULL, produce, f), 0);
	while (seen < COUNT) {
		n = axe_poll_cq(f->cq, 3, wc);
		assert_true(n >= 0);
		for (i = 0; i < n; i++)
			assert_int_equal(wc[i].wr_id, seen++);
	}
	pthread_join(thread, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(poll__every_field),
		TEST(poll__as_many_as_there_are),
		TEST(poll__broken),
		TEST(extended__every_field),
		TEST(extended__walk),
		TEST(extended__inside_walk),
		TEST(arm__never_less),
		TEST(create__flags),
		TEST(create__in_parent_domain),
		TEST(single_threaded__polls),
		TEST(wallclock__now_is_now),
		TEST(forget__one_qp),
		TEST(resize__goes_on_in_new_ring),
		TEST(resize__refused),
		TEST(resize__cannot_be_mapped),
		TEST(modify__asks_the_kernel),
		TEST(threads__in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
