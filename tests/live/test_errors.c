// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * What goes wrong between connected peers: the status on either side, what becomes
 * of the requests behind, and the state of either QP (InfiniBand specification
 * volume 1, 9.9 "Error detection and handling", 10.10.2.2 and 11.6.2; ibv_poll_cq(3)).
 */

#include "peer.h"

static struct pair pair;
static struct mem src, dst;

static int open_pair(void **state)
{
	pair_open(&pair, &(struct end_options){
		.type = *state ? *(enum ibv_qp_type *)*state : IBV_QPT_RC });
	mem_make(&src, &node, 64 * KIB, ALL_ACCESS);
	mem_make(&dst, &node, 64 * KIB, ALL_ACCESS);
	return 0;
}

static int close_pair(void **state)
{
	pair_close(&pair);
	mem_free(&src);
	mem_free(&dst);
	return 0;
}

/* Two more requests behind the bad one, and receives on both sides. */
static struct ibv_send_wr post_bad(struct ibv_send_wr bad)
{
	static struct ibv_sge good_sge;
	struct ibv_send_wr good;

	good_sge = mem_sge(&src, 0, 8);
	good = wr_at(&pair.a, IBV_WR_RDMA_WRITE, &good_sge, 1, &dst, 0);
	must_post_recv(&pair.a, 51, &dst, 0, 8);
	must_post_recv(&pair.a, 52, &dst, 0, 8);
	good.wr_id = 2;
	bad.wr_id = 1;
	bad.next = &good;
	memset(dst.p, 0xee, 64);
	pattern(src.p, 8, 1);
	assert_int_equal(post_send(&pair.a, &bad), 0);
	return good;
}

/* (Of errors of the requester's own, rxe says only that they were flushed.) */
static void expect_error(uint64_t id, enum ibv_wc_status status)
{
	struct ibv_wc wc = next_wc(pair.a.scq);

	demand(wc.wr_id == id, "the completion of %llu", (unsigned long long)wc.wr_id);
	assert_int_equal(wc.qp_num, pair.a.qp->qp_num);
	demand(wc.status == status || (node.rxe && wc.status == IBV_WC_WR_FLUSH_ERR),
	       "%s, not %s", ibv_wc_status_str(wc.status), ibv_wc_status_str(status));
}

/* The requester: an error, then flushes of both its queues, in order; it is in ERR. */
static void requester_fails(enum ibv_wc_status status)
{
	expect_error(1, status);
	expect_wc(pair.a.scq, 2, IBV_WC_WR_FLUSH_ERR);
	expect_wc(pair.a.rcq, 51, IBV_WC_WR_FLUSH_ERR);
	expect_wc(pair.a.rcq, 52, IBV_WC_WR_FLUSH_ERR);
	expect_state(&pair.a, IBV_QPS_ERR);
	expect_none(pair.a.scq);
	expect_none(pair.a.rcq);
	/* What was flushed did nothing; on a wire it may have been on its way. */
	if (!node.rxe)
		assert_int_equal(dst.p[0], 0xee);
}

static void responder_goes_on(void)
{
	expect_none(pair.b.rcq);
	assert_int_equal(end_state(&pair.b), IBV_QPS_RTS);
}

/* 10.10.2.2: a responder that says no goes into ERR as well. */
static void responder_fails(void)
{
	expect_state(&pair.b, IBV_QPS_ERR);
}

/*---- the requester's own memory ----*/

static void local_key(struct ibv_sge sge, enum ibv_wr_opcode opcode)
{
	struct ibv_send_wr wr = wr_at(&pair.a, opcode, &sge, 1, &dst, 4096);

	must_post_recv(&pair.b, 61, &dst, 8192, 4096);
	post_bad(wr);
	requester_fails(IBV_WC_LOC_PROT_ERR);
	responder_goes_on();
}

static void local__no_such_key(void **state)
{
	struct ibv_sge sge = mem_sge(&src, 0, 8);

	sge.lkey ^= 0x77000;
	local_key(sge, IBV_WR_SEND);
}

/* The requester looks at its own memory first: no matter that the peer is not ready. */
static void local__no_receive_there(void **state)
{
	struct ibv_sge sge = mem_sge(&src, 0, 8);

	sge.lkey ^= 0x77000;
	post_bad(wr_of(&pair.a, IBV_WR_SEND, &sge, 1));
	requester_fails(IBV_WC_LOC_PROT_ERR);
	responder_goes_on();
}

static void local__out_of_range(void **state)
{
	local_key(mem_sge(&src, src.size - 7, 8), IBV_WR_RDMA_WRITE);
}

static void local__wraps_around(void **state)
{
	struct ibv_sge sge = mem_sge(&src, 0, 0x7fffffff);

	sge.addr = UINT64_MAX - 7;
	sge.length = 16;
	local_key(sge, IBV_WR_RDMA_WRITE);
}

static void local__other_pd(void **state)
{
	struct ibv_pd *pd = ibv_alloc_pd(node.ctx);
	struct ibv_mr *mr = ibv_reg_mr(pd, src.p, PAGE, ALL_ACCESS);
	struct ibv_sge sge = { .addr = (uintptr_t)src.p, .length = 8, .lkey = mr->lkey };

	local_key(sge, IBV_WR_SEND);
	assert_int_equal(ibv_dereg_mr(mr), 0);
	assert_int_equal(ibv_dealloc_pd(pd), 0);
}

static void local__deregistered(void **state)
{
	struct ibv_mr *mr = ibv_reg_mr(node.pd, src.p, PAGE, ALL_ACCESS);
	struct ibv_sge sge = { .addr = (uintptr_t)src.p, .length = 8, .lkey = mr->lkey };

	assert_int_equal(ibv_dereg_mr(mr), 0);
	local_key(sge, IBV_WR_SEND);
}

/* What is read has to go somewhere that may be written. */
static void local__read_into_read_only(void **state)
{
	struct ibv_mr *mr = ibv_reg_mr(node.pd, src.p, PAGE, 0);
	struct ibv_sge sge = { .addr = (uintptr_t)src.p, .length = 8, .lkey = mr->lkey };
	struct ibv_send_wr wr = wr_at(&pair.a, IBV_WR_RDMA_READ, &sge, 1, &dst, 100);

	memset(src.p, 0x11, 8);
	post_bad(wr);
	memset(src.p, 0x11, 8);
	requester_fails(IBV_WC_LOC_PROT_ERR);
	demand(src.p[0] == 0x11, "read-only memory was written");
	assert_int_equal(ibv_dereg_mr(mr), 0);
}

/*---- the responder's receive ----*/

static struct ibv_sge eight(void)
{
	return mem_sge(&src, 0, 8);
}

static void recv__too_short(void **state)
{
	struct ibv_sge sge = mem_sge(&src, 0, 9);

	skip_on_rxe("it says remote operation error");
	memset(dst.p + 4096, 0xee, 64);
	must_post_recv(&pair.b, 61, &dst, 4096, 8);
	must_post_recv(&pair.b, 62, &dst, 8192, 8);
	post_bad(wr_of(&pair.a, IBV_WR_SEND, &sge, 1));
	/* The requester is told "invalid request" (table 58), the responder "length". */
	requester_fails(IBV_WC_REM_INV_REQ_ERR);
	expect_wc(pair.b.rcq, 61, IBV_WC_LOC_LEN_ERR);
	expect_wc(pair.b.rcq, 62, IBV_WC_WR_FLUSH_ERR);
	responder_fails();
	assert_int_equal(dst.p[4096 + 8], 0xee);
}

static void recv_key(struct ibv_sge to)
{
	struct ibv_sge sge = eight();
	struct ibv_wc wc;

	assert_int_equal(post_recv_sge(&pair.b, 61, &to, 1), 0);
	must_post_recv(&pair.b, 62, &dst, 8192, 8);
	post_bad(wr_of(&pair.a, IBV_WR_SEND, &sge, 1));
	requester_fails(IBV_WC_REM_OP_ERR);
	wc = next_wc(pair.b.rcq);
	assert_int_equal(wc.wr_id, 61);
	if (!node.rxe)
		assert_int_equal(wc.status, IBV_WC_LOC_PROT_ERR);
	expect_wc(pair.b.rcq, 62, IBV_WC_WR_FLUSH_ERR);
	responder_fails();
}

static void recv__no_such_key(void **state)
{
	struct ibv_sge to = mem_sge(&dst, 0, 8);

	to.lkey ^= 0x77000;
	recv_key(to);
}

static void recv__read_only(void **state)
{
	struct ibv_mr *mr = ibv_reg_mr(node.pd, dst.p, PAGE, 0);
	struct ibv_sge to = { .addr = (uintptr_t)dst.p, .length = 8, .lkey = mr->lkey };

	recv_key(to);
	assert_int_equal(ibv_dereg_mr(mr), 0);
}

static void recv__out_of_range(void **state)
{
	recv_key(mem_sge(&dst, dst.size - 7, 8));
}

/*---- the responder's memory ----*/

/* Every kind of access to memory that may not be accessed that way. */
static const enum ibv_wr_opcode rdma_ops[] = {
	IBV_WR_RDMA_WRITE, IBV_WR_RDMA_READ, IBV_WR_ATOMIC_FETCH_AND_ADD,
	IBV_WR_ATOMIC_CMP_AND_SWP,
};

static void set_target(struct ibv_send_wr *wr, uint64_t at, uint32_t rkey)
{
	if (wr->opcode == IBV_WR_ATOMIC_FETCH_AND_ADD || wr->opcode == IBV_WR_ATOMIC_CMP_AND_SWP) {
		wr->wr.atomic.remote_addr = at;
		wr->wr.atomic.rkey = rkey;
	} else {
		wr->wr.rdma.remote_addr = at;
		wr->wr.rdma.rkey = rkey;
	}
}

static void remote_refuses(enum ibv_wr_opcode opcode, uint64_t at, uint32_t rkey)
{
	struct ibv_sge sge = eight();
	struct ibv_send_wr wr = wr_at(&pair.a, opcode, &sge, 1, &dst, 0);

	set_target(&wr, at, rkey);
	must_post_recv(&pair.b, 61, &dst, 8192, 8);
	post_bad(wr);
	requester_fails(IBV_WC_REM_ACCESS_ERR);
	/* Its queues are flushed without an error of their own. */
	responder_fails();
	expect_wc(pair.b.rcq, 61, IBV_WC_WR_FLUSH_ERR);
	expect_none(pair.b.rcq);
}

#define FOR_EACH_OP(call)						\
	do {								\
		unsigned int i_;					\
									\
		for (i_ = 0; i_ < ARRAY_SIZE(rdma_ops); i_++) {		\
			enum ibv_wr_opcode op = rdma_ops[i_];		\
									\
			if (i_) {					\
				pair_close(&pair);			\
				pair_open(&pair, NULL);			\
			}						\
			call;						\
		}							\
	} while (0)

static uint64_t dst_at(size_t offset)
{
	return (uintptr_t)dst.p + offset;
}

static void remote__no_such_key(void **state)
{
	FOR_EACH_OP(remote_refuses(op, dst_at(0), dst.mr->rkey ^ 0x77000));
}

/* The low byte of a key is a part of it, too. */
static void remote__key_variant(void **state)
{
	FOR_EACH_OP(remote_refuses(op, dst_at(0), dst.mr->rkey ^ 1));
}

static void remote__out_of_range(void **state)
{
	FOR_EACH_OP(remote_refuses(op, dst_at(dst.size), dst.mr->rkey));
}

static void remote__before_the_start(void **state)
{
	FOR_EACH_OP(remote_refuses(op, dst_at(0) - 8, dst.mr->rkey));
}

static void remote__rights(void **state)
{
	struct ibv_mr *local = ibv_reg_mr(node.pd, dst.p, PAGE, IBV_ACCESS_LOCAL_WRITE);

	FOR_EACH_OP(remote_refuses(op, dst_at(0), local->rkey));
	assert_int_equal(ibv_dereg_mr(local), 0);
}

/* Each right for itself: every one but the one that is needed is not enough. */
static void remote__the_other_rights(void **state)
{
	static const unsigned int needed[] = {
		IBV_ACCESS_REMOTE_WRITE, IBV_ACCESS_REMOTE_READ, IBV_ACCESS_REMOTE_ATOMIC,
		IBV_ACCESS_REMOTE_ATOMIC,
	};
	struct ibv_mr *mr[ARRAY_SIZE(needed)];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(needed); i++)
		mr[i] = ibv_reg_mr(node.pd, dst.p, PAGE, ALL_ACCESS & ~needed[i]);
	FOR_EACH_OP(remote_refuses(op, dst_at(0), mr[i_]->rkey));
	for (i = 0; i < ARRAY_SIZE(needed); i++)
		assert_int_equal(ibv_dereg_mr(mr[i]), 0);
}

static void remote__other_pd(void **state)
{
	struct ibv_pd *pd = ibv_alloc_pd(node.ctx);
	struct ibv_mr *mr = ibv_reg_mr(pd, dst.p, PAGE, ALL_ACCESS);

	FOR_EACH_OP(remote_refuses(op, dst_at(0), mr->rkey));
	assert_int_equal(ibv_dereg_mr(mr), 0);
	assert_int_equal(ibv_dealloc_pd(pd), 0);
}

static void remote__deregistered(void **state)
{
	struct ibv_mr *mr = ibv_reg_mr(node.pd, dst.p, PAGE, ALL_ACCESS);
	uint32_t rkey = mr->rkey;

	assert_int_equal(ibv_dereg_mr(mr), 0);
	FOR_EACH_OP(remote_refuses(op, dst_at(0), rkey));
}

/* 9.4.2, table 57: what the QP itself does not allow is an invalid request. */
static void remote__not_enabled_on_the_qp(void **state)
{
	struct end_options none = { .tuned = true, .access = 0, .timeout = 14, .retry_cnt = 7,
				    .rnr_retry = 7, .rd_atomic = 1 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rdma_ops); i++) {
		struct ibv_sge sge = eight();

		pair_close(&pair);
		pair_open(&pair, &none);
		post_bad(wr_at(&pair.a, rdma_ops[i], &sge, 1, &dst, 0));
		requester_fails(IBV_WC_REM_INV_REQ_ERR);
		responder_fails();
	}
}

/* An immediate comes after the data: without data, it does not come. */
static void remote__write_immediate_refused(void **state)
{
	struct ibv_sge sge = eight();
	struct ibv_send_wr wr = wr_at(&pair.a, IBV_WR_RDMA_WRITE_WITH_IMM, &sge, 1, &dst, 0);

	skip_on_rxe("the receive fails, too");
	wr.wr.rdma.rkey ^= 0x77000;
	must_post_recv(&pair.b, 61, &dst, 8192, 8);
	post_bad(wr);
	requester_fails(IBV_WC_REM_ACCESS_ERR);
	expect_wc(pair.b.rcq, 61, IBV_WC_WR_FLUSH_ERR);
	responder_fails();
}

/* 10.7.2.1: longer than any message can be. */
static void local__longer_than_a_message(void **state)
{
	struct ibv_sge sge[2] = { mem_sge(&src, 0, 0x7fffffff), mem_sge(&src, 0, 0x7fffffff) };
	struct ibv_send_wr wr = wr_of(&pair.a, IBV_WR_SEND, sge, 2);
	struct ibv_wc wc;

	if ((uint64_t)node.port.max_msg_sz >= 0xfffffffe)
		skip_because("a message may be of any length");
	if (node.rxe)
		skip_because("rxe: it looks at the keys first");
	if (post_send(&pair.a, &wr))
		return;
	wc = next_wc(pair.a.scq);
	demand(wc.status == IBV_WC_LOC_LEN_ERR, "%s", ibv_wc_status_str(wc.status));
	expect_state(&pair.a, IBV_QPS_ERR);
}

/*---- flushes ----*/

/* ERR by hand: everything comes back, in order, and what is posted then as well. */
static void flush(void **state)
{
	struct ibv_sge sge = eight();
	struct ibv_send_wr wr;
	unsigned int i;

	for (i = 0; i < 5; i++)
		must_post_recv(&pair.a, i, &dst, 0, 8);
	assert_int_equal(end_to(&pair.a, IBV_QPS_ERR), 0);
	for (i = 0; i < 5; i++)
		expect_wc(pair.a.rcq, i, IBV_WC_WR_FLUSH_ERR);
	wr = wr_of(&pair.a, IBV_WR_SEND, &sge, 1);
	wr.send_flags = 0;
	must_post(&pair.a, wr);
	expect_wc(pair.a.scq, wr.wr_id, IBV_WC_WR_FLUSH_ERR);
	/* rxe leaves a receive that comes now where it is. */
	if (node.rxe)
		return;
	must_post_recv(&pair.a, 7, &dst, 0, 8);
	expect_wc(pair.a.rcq, 7, IBV_WC_WR_FLUSH_ERR);
}

/* After an error, RESET and back up, it works as new. */
static void reset_after_error(void **state)
{
	struct address at_a = end_address(&pair.a), at_b = end_address(&pair.b);
	struct ibv_sge sge = eight();
	struct ibv_send_wr wr = wr_at(&pair.a, IBV_WR_RDMA_WRITE, &sge, 1, &dst, 0);
	unsigned int i;

	for (i = 0; i < 3; i++) {
		wr.wr.rdma.rkey = dst.mr->rkey ^ 0x77000;
		must_post(&pair.a, wr);
		expect_wc(pair.a.scq, wr.wr_id, IBV_WC_REM_ACCESS_ERR);
		assert_int_equal(end_to(&pair.a, IBV_QPS_RESET), 0);
		assert_int_equal(end_to(&pair.b, IBV_QPS_RESET), 0);
		end_connect(&pair.a, &at_b);
		end_connect(&pair.b, &at_a);
		expect_alive(&pair);
	}
}

/*---- UC ----*/

/* 10.3.1.5: an error of the requester of UC is one of its send queue only. */
static void uc__local_error(void **state)
{
	struct ibv_sge bad = { .addr = (uintptr_t)src.p, .length = 8, .lkey = 0xbad };

	skip_on_rxe("it has no SQE state");
	must_post_recv(&pair.a, 50, &dst, 100, 8);
	post_bad(wr_of(&pair.a, IBV_WR_SEND, &bad, 1));
	expect_wc(pair.a.scq, 1, IBV_WC_LOC_PROT_ERR);
	expect_wc(pair.a.scq, 2, IBV_WC_WR_FLUSH_ERR);
	expect_state(&pair.a, IBV_QPS_SQE);
	/* Receiving goes on. */
	bad.lkey = src.mr->lkey;
	do_send(&pair.b, wr_of(&pair.b, IBV_WR_SEND, &bad, 1));
	expect_wc(pair.a.rcq, 50, IBV_WC_SUCCESS);
	assert_int_equal(end_to(&pair.a, IBV_QPS_RTS), 0);
	do_send(&pair.a, wr_at(&pair.a, IBV_WR_RDMA_WRITE, &bad, 1, &dst, 0));
}

/* 9.8.3: what the responder of UC cannot take is lost, and the next one is not. */
static void uc__lost(void **state)
{
	struct ibv_sge sge = eight();
	struct ibv_send_wr wr = wr_at(&pair.a, IBV_WR_RDMA_WRITE, &sge, 1, &dst, 0);

	memset(dst.p, 0xee, 8);
	/* No receive is posted. */
	do_send(&pair.a, wr_of(&pair.a, IBV_WR_SEND, &sge, 1));
	wr.wr.rdma.rkey ^= 0x77000;
	do_send(&pair.a, wr);
	assert_int_equal(end_state(&pair.a), IBV_QPS_RTS);
	demand(node.rxe || end_state(&pair.b) == IBV_QPS_RTS, "state %d", end_state(&pair.b));
	assert_int_equal(dst.p[0], 0xee);
	if (!node.rxe)
		expect_alive(&pair);
}

/* RC can do it, UC cannot (table 35): LOC_QP_OP_ERR, or refused at once. */
static void uc__read(void **state)
{
	struct ibv_sge sge = eight();
	struct ibv_send_wr wr = wr_at(&pair.a, IBV_WR_RDMA_READ, &sge, 1, &dst, 0);

	if (!post_send(&pair.a, &wr))
		expect_error(wr.wr_id, IBV_WC_LOC_QP_OP_ERR);
}

static enum ibv_qp_type uc_type = IBV_QPT_UC;

#define RC(f)	cmocka_unit_test_setup_teardown(f, open_pair, close_pair)
#define UC(f)	{ #f, f, open_pair, close_pair, &uc_type }

static const struct CMUnitTest tests[] = {
	RC(local__no_such_key), RC(local__no_receive_there), RC(local__out_of_range),
	RC(local__wraps_around),
	RC(local__other_pd), RC(local__deregistered), RC(local__read_into_read_only),
	RC(local__longer_than_a_message),
	RC(recv__too_short), RC(recv__no_such_key), RC(recv__read_only), RC(recv__out_of_range),
	RC(remote__no_such_key), RC(remote__key_variant), RC(remote__out_of_range),
	RC(remote__before_the_start), RC(remote__rights), RC(remote__the_other_rights),
	RC(remote__other_pd), RC(remote__deregistered), RC(remote__not_enabled_on_the_qp),
	RC(remote__write_immediate_refused),
	RC(flush), RC(reset_after_error),
	UC(uc__local_error), UC(uc__lost), UC(uc__read),
};

LIVE_MAIN("errors", tests, open_node, close_node)
