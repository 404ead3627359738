// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Atomics of RC (9.4.5), and what came later: ATOMIC_WRITE and FLUSH (annex A19).
 */

#include <pthread.h>

#include "peer.h"

static struct pair pair;
static struct mem here_, there;
/* Where the former value goes, and what is changed. */
static volatile uint64_t *result, *word;

#define BUILDERS							\
	(IBV_QP_EX_WITH_SEND | IBV_QP_EX_WITH_RDMA_WRITE | IBV_QP_EX_WITH_RDMA_READ |	\
	 IBV_QP_EX_WITH_ATOMIC_CMP_AND_SWP | IBV_QP_EX_WITH_ATOMIC_FETCH_AND_ADD)

static int builders;

static int open_pair(void **state)
{
	pair_open(&pair, &(struct end_options){ .builders = *state ? BUILDERS : 0 });
	mem_make(&here_, &node, PAGE, ALL_ACCESS);
	mem_make(&there, &node, 2 * PAGE, ALL_ACCESS);
	result = (uint64_t *)(here_.p + 64);
	word = (uint64_t *)(there.p + 128);
	return 0;
}

static int close_pair(void **state)
{
	pair_close(&pair);
	mem_free(&here_);
	mem_free(&there);
	return 0;
}

static struct ibv_send_wr atomic_wr(enum ibv_wr_opcode opcode, uint64_t compare_add, uint64_t swap)
{
	static struct ibv_sge sge;
	struct ibv_send_wr wr;

	sge = mem_sge(&here_, 64, 8);
	wr = wr_at(&pair.a, opcode, &sge, 1, &there, 128);
	wr.wr.atomic.compare_add = compare_add;
	wr.wr.atomic.swap = swap;
	return wr;
}

/* Values are in the host's order on either side (ibv_post_send(3)). */
static void fetch_add(void **state)
{
	static const uint64_t adds[] = { 1, 0, 0xffffffff, 0x100000000, UINT64_MAX, 5 };
	uint64_t expected = 0x1122334455667788;
	unsigned int i;

	*word = expected;
	word[-1] = 1;
	word[1] = 2;
	for (i = 0; i < ARRAY_SIZE(adds); i++) {
		struct ibv_wc wc;

		wc = do_send(&pair.a, atomic_wr(IBV_WR_ATOMIC_FETCH_AND_ADD, adds[i], 0));
		assert_int_equal(wc.opcode, IBV_WC_FETCH_ADD);
		assert_int_equal(wc.byte_len, 8);
		demand(*result == expected, "it was %#llx", (unsigned long long)*result);
		expected += adds[i];
		demand(*word == expected, "it is %#llx", (unsigned long long)*word);
	}
	assert_int_equal(word[-1], 1);
	assert_int_equal(word[1], 2);
	expect_none(pair.b.rcq);
}

static void compare_swap(void **state)
{
	struct ibv_wc wc;

	*word = 0x8000000000000001;
	wc = do_send(&pair.a, atomic_wr(IBV_WR_ATOMIC_CMP_AND_SWP, 0x8000000000000001, 42));
	assert_int_equal(wc.opcode, IBV_WC_COMP_SWAP);
	assert_int_equal(wc.byte_len, 8);
	demand(*result == 0x8000000000000001 && *word == 42, "%#llx, %#llx",
	       (unsigned long long)*result, (unsigned long long)*word);
	/* Not equal, if only in one half: nothing happens, the value is told. */
	do_send(&pair.a, atomic_wr(IBV_WR_ATOMIC_CMP_AND_SWP, 42 + (1ULL << 32), 7));
	demand(*result == 42 && *word == 42, "%llu", (unsigned long long)*word);
	do_send(&pair.a, atomic_wr(IBV_WR_ATOMIC_CMP_AND_SWP, 43, 7));
	demand(*result == 42 && *word == 42, "%llu", (unsigned long long)*word);
}

/* Several in a row: each sees what the one before left. */
static void in_order(void **state)
{
	struct ibv_send_wr wr[16];
	struct ibv_sge sge[16];
	unsigned int i;

	*word = 0;
	for (i = 0; i < 16; i++) {
		sge[i] = mem_sge(&here_, 64 + 8 * i, 8);
		wr[i] = atomic_wr(IBV_WR_ATOMIC_FETCH_AND_ADD, i, 0);
		wr[i].sg_list = &sge[i];
		wr[i].send_flags = i == 15 ? IBV_SEND_SIGNALED : 0;
		wr[i].next = i < 15 ? &wr[i + 1] : NULL;
	}
	assert_int_equal(post_send(&pair.a, wr), 0);
	expect_wc(pair.a.scq, wr[15].wr_id, IBV_WC_SUCCESS);
	for (i = 0; i < 16; i++)
		demand(result[i] == i * (i - 1) / 2, "%u: %llu", i, (unsigned long long)result[i]);
	assert_int_equal(*word, 120);
}

/* 9.4.5: the address must be aligned; "invalid request", or refused when it is posted. */
static void alignment(void **state)
{
	unsigned int offset;

	for (offset = 1; offset < 8; offset += 3) {
		struct ibv_send_wr wr = atomic_wr(IBV_WR_ATOMIC_FETCH_AND_ADD, 1, 0);
		int ret;

		*word = 0;
		wr.wr.atomic.remote_addr += offset;
		ret = post_send(&pair.a, &wr);
		if (ret) {
			assert_int_equal(ret, EINVAL);
			continue;
		}
		expect_wc(pair.a.scq, wr.wr_id, IBV_WC_REM_INV_REQ_ERR);
		expect_state(&pair.a, IBV_QPS_ERR);
		expect_state(&pair.b, IBV_QPS_ERR);
		assert_int_equal(*word, 0);
		pair_close(&pair);
		pair_open(&pair, &(struct end_options){ .builders = *state ? BUILDERS : 0 });
	}
}

/* The former value is 8 bytes: no shorter list will do. */
static void length(void **state)
{
	static const unsigned int lengths[] = { 0, 4, 7 };
	unsigned int i;

	skip_on_rxe("it takes any length");
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct ibv_send_wr wr = atomic_wr(IBV_WR_ATOMIC_FETCH_AND_ADD, 1, 0);
		struct ibv_wc wc;

		*word = 0;
		wr.sg_list->length = lengths[i];
		if (post_send(&pair.a, &wr))
			continue;
		wc = next_wc(pair.a.scq);
		demand(wc.status == IBV_WC_LOC_LEN_ERR || wc.status == IBV_WC_LOC_QP_OP_ERR,
		       "%u bytes: %s", lengths[i], ibv_wc_status_str(wc.status));
		assert_int_equal(*word, 0);
		pair_close(&pair);
		pair_open(&pair, &(struct end_options){ .builders = *state ? BUILDERS : 0 });
	}
}

/* A result that cannot be stored: the local error is told (what was done, was done). */
static void result_key(void **state)
{
	struct ibv_send_wr wr = atomic_wr(IBV_WR_ATOMIC_FETCH_AND_ADD, 1, 0);

	wr.sg_list->lkey ^= 0x7700;
	must_post(&pair.a, wr);
	expect_wc(pair.a.scq, wr.wr_id, IBV_WC_LOC_PROT_ERR);
	expect_state(&pair.a, IBV_QPS_ERR);
}

/* Two QPs, and the CPU's own atomics as far as the device says so (atomic_cap). */
#define ADDS 500

static void *cpu_adds(void *arg)
{
	unsigned int i;

	for (i = 0; i < ADDS; i++)
		__atomic_fetch_add((uint64_t *)word, 1, __ATOMIC_RELAXED);
	return NULL;
}

static void with_others(void **state)
{
	bool global = node.attr.orig_attr.atomic_cap == IBV_ATOMIC_GLOB;
	struct end *ends[2] = { &pair.a, &pair.b };
	pthread_t thread;
	unsigned int i;

	*word = 0;
	if (global)
		assert_int_equal(pthread_create(&thread, NULL, cpu_adds, NULL), 0);
	for (i = 0; i < ADDS; i++) {
		struct ibv_send_wr wr = atomic_wr(IBV_WR_ATOMIC_FETCH_AND_ADD, 1, 0);
		unsigned int k;

		for (k = 0; k < 2; k++)
			must_post(ends[k], wr);
		for (k = 0; k < 2; k++)
			expect_wc(ends[k]->scq, wr.wr_id, IBV_WC_SUCCESS);
	}
	if (global)
		pthread_join(thread, NULL);
	assert_int_equal(*word, (2 + global) * ADDS);
}

/*---- ATOMIC_WRITE, FLUSH ----*/

/* A pair whose QPs have these builders, or skip. */
static void open_later(uint64_t flags, uint64_t needed)
{
	if (!(node.attr.device_cap_flags_ex & needed))
		skip_because("the device has no such operation (device_cap_flags_ex)");
	pair_close(&pair);
	pair_open(&pair, &(struct end_options){
		.builders = flags | IBV_QP_EX_WITH_SEND | IBV_QP_EX_WITH_RDMA_WRITE,
		.tuned = true, .timeout = 14, .retry_cnt = 7, .rnr_retry = 7, .rd_atomic = 4,
		.access = ALL_REMOTE | (flags & IBV_QP_EX_WITH_FLUSH ?
					IBV_ACCESS_FLUSH_GLOBAL | IBV_ACCESS_FLUSH_PERSISTENT : 0),
	});
}

#define CAP_ATOMIC_WRITE	(1ULL << 40)	/* IB_UVERBS_DEVICE_ATOMIC_WRITE */
#define CAP_FLUSH_GLOBAL	(1ULL << 38)	/* IB_UVERBS_DEVICE_FLUSH_GLOBAL */

static int post_atomic_write(uint64_t id, uint32_t rkey, uint64_t at, const void *value)
{
	struct ibv_qp_ex *q = pair.a.qx;

	ibv_wr_start(q);
	q->wr_id = id;
	q->wr_flags = IBV_SEND_SIGNALED;
	ibv_wr_atomic_write(q, rkey, at, value);
	return ibv_wr_complete(q);
}

static void atomic_write(void **state)
{
	uint64_t value = 0x0102030405060708;
	struct ibv_wc wc;

	open_later(IBV_QP_EX_WITH_ATOMIC_WRITE, CAP_ATOMIC_WRITE);
	*word = UINT64_MAX;
	word[1] = 3;
	assert_int_equal(post_atomic_write(1, there.mr->rkey, (uintptr_t)word, &value), 0);
	value = 0;
	wc = expect_wc(pair.a.scq, 1, IBV_WC_SUCCESS);
	assert_int_equal(wc.opcode, IBV_WC_ATOMIC_WRITE);
	demand(*word == 0x0102030405060708, "%#llx", (unsigned long long)*word);
	assert_int_equal(word[1], 3);
	/* Alignment, as of all atomics. */
	assert_int_equal(post_atomic_write(2, there.mr->rkey, (uintptr_t)word + 4, &value), 0);
	expect_wc(pair.a.scq, 2, IBV_WC_REM_INV_REQ_ERR);
}

static void atomic_write__key(void **state)
{
	uint64_t value = 1;

	open_later(IBV_QP_EX_WITH_ATOMIC_WRITE, CAP_ATOMIC_WRITE);
	assert_int_equal(post_atomic_write(1, there.mr->rkey ^ 0x7700, (uintptr_t)word, &value),
			 0);
	expect_wc(pair.a.scq, 1, IBV_WC_REM_ACCESS_ERR);
}

static int post_flush(uint64_t id, uint32_t rkey, uint64_t at, size_t n, unsigned int type,
		      unsigned int level)
{
	struct ibv_qp_ex *q = pair.a.qx;

	ibv_wr_start(q);
	q->wr_id = id;
	q->wr_flags = IBV_SEND_SIGNALED;
	ibv_wr_flush(q, rkey, at, n, type, level);
	return ibv_wr_complete(q);
}

static void flush(void **state)
{
	unsigned int access = ALL_ACCESS | IBV_ACCESS_FLUSH_GLOBAL;
	struct ibv_sge sge = mem_sge(&here_, 0, 100);
	struct ibv_send_wr wr;
	struct ibv_wc wc;
	struct mem m;

	open_later(IBV_QP_EX_WITH_FLUSH, CAP_FLUSH_GLOBAL);
	mem_make(&m, &node, PAGE, access);
	pattern(here_.p, 100, 1);
	wr = wr_at(&pair.a, IBV_WR_RDMA_WRITE, &sge, 1, &m, 0);
	wr.send_flags = 0;
	must_post(&pair.a, wr);
	assert_int_equal(post_flush(2, m.mr->rkey, (uintptr_t)m.p, 100, IBV_FLUSH_GLOBAL,
				    IBV_FLUSH_RANGE), 0);
	wc = expect_wc(pair.a.scq, 2, IBV_WC_SUCCESS);
	assert_int_equal(wc.opcode, IBV_WC_FLUSH);
	demand(is_pattern(m.p, 100, 1), "what was flushed");
	/* All of the region, and nothing of it. */
	assert_int_equal(post_flush(3, m.mr->rkey, 0, 0, IBV_FLUSH_GLOBAL, IBV_FLUSH_MR), 0);
	expect_wc(pair.a.scq, 3, IBV_WC_SUCCESS);
	mem_free(&m);
}

/* A region that does not grant it, a range that is not the region's. */
static void flush__refused(void **state)
{
	struct mem m;

	open_later(IBV_QP_EX_WITH_FLUSH, CAP_FLUSH_GLOBAL);
	assert_int_equal(post_flush(1, there.mr->rkey, (uintptr_t)there.p, 8, IBV_FLUSH_GLOBAL,
				    IBV_FLUSH_RANGE), 0);
	expect_wc(pair.a.scq, 1, IBV_WC_REM_ACCESS_ERR);
	expect_state(&pair.b, IBV_QPS_ERR);

	open_later(IBV_QP_EX_WITH_FLUSH, CAP_FLUSH_GLOBAL);
	mem_make(&m, &node, PAGE, ALL_ACCESS | IBV_ACCESS_FLUSH_GLOBAL);
	assert_int_equal(post_flush(2, m.mr->rkey, (uintptr_t)m.p + PAGE, 8, IBV_FLUSH_GLOBAL,
				    IBV_FLUSH_RANGE), 0);
	expect_wc(pair.a.scq, 2, IBV_WC_REM_ACCESS_ERR);
	mem_free(&m);
}

#define POST(f)	{ #f "__post", f, open_pair, close_pair, NULL }
#define BOTH(f)	POST(f), { #f "__wr", f, open_pair, close_pair, &builders }
#define ONE(f)	cmocka_unit_test_setup_teardown(f, open_pair, close_pair)

static const struct CMUnitTest tests[] = {
	BOTH(fetch_add), BOTH(compare_swap), BOTH(in_order), BOTH(alignment), BOTH(length),
	POST(result_key), POST(with_others),
	ONE(atomic_write), ONE(atomic_write__key), ONE(flush), ONE(flush__refused),
};

LIVE_MAIN("atomic", tests, open_node, close_node)
