// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Shared receive queues: ibv_create_srq(3), ibv_modify_srq(3), specification 10.2.9. */

#include "peer.h"

#define PAIRS	3

static struct ibv_srq *srq;
/* @to.b's receive from the SRQ. */
static struct pair to[PAIRS];
static struct mem mem;
static unsigned int max_wr;

static void make_srq(unsigned int wr, unsigned int sge)
{
	struct ibv_srq_init_attr attr = { .attr = { .max_wr = wr, .max_sge = sge } };

	srq = ibv_create_srq(node.pd, &attr);
	demand(srq, "ibv_create_srq");
	demand(attr.attr.max_wr >= wr && attr.attr.max_sge >= sge, "granted %u, %u",
	       attr.attr.max_wr, attr.attr.max_sge);
	max_wr = attr.attr.max_wr;
}

static void connect_pair(struct pair *p, enum ibv_qp_type type)
{
	struct address at_a, at_b;

	end_open(&p->a, &node, &(struct end_options){ .type = type });
	end_open(&p->b, &node, &(struct end_options){ .type = type, .srq = srq });
	at_a = end_address(&p->a);
	at_b = end_address(&p->b);
	end_connect(&p->a, &at_b);
	end_connect(&p->b, &at_a);
}

static int open_srq(void **state)
{
	enum ibv_qp_type type = *state ? *(enum ibv_qp_type *)*state : IBV_QPT_RC;
	unsigned int i;

	make_srq(32, 3);
	for (i = 0; i < PAIRS; i++)
		connect_pair(&to[i], type);
	mem_make(&mem, &node, 64 * KIB, ALL_ACCESS);
	return 0;
}

static int close_srq(void **state)
{
	unsigned int i;

	for (i = 0; i < PAIRS; i++) {
		if (to[i].a.qp)
			pair_close(&to[i]);
	}
	if (srq)
		demand(!ibv_destroy_srq(srq), "ibv_destroy_srq");
	srq = NULL;
	mem_free(&mem);
	return 0;
}

static void give(uint64_t id)
{
	must_post_recv(&to[0].b, id, &mem, id % 100 * 256, 256);
}

static struct ibv_wc send_to(unsigned int i, size_t length)
{
	struct ibv_sge sge = mem_sge(&mem, 40 * KIB, length);

	do_send(&to[i].a, wr_of(&to[i].a, IBV_WR_SEND, &sge, 1));
	return next_wc(to[i].b.rcq);
}

/* Whoever gets a message takes the receive that was posted first. */
static void several_qps(void **state)
{
	size_t grh = to[0].a.o.type == IBV_QPT_UD ? 40 : 0;
	unsigned int i;

	for (i = 0; i < 12; i++)
		give(i);
	for (i = 0; i < 12; i++) {
		struct ibv_wc wc;

		pattern(mem.p + 40 * KIB, 100, i);
		wc = send_to(i * 2 % PAIRS, 100);
		assert_int_equal(wc.status, IBV_WC_SUCCESS);
		assert_int_equal(wc.wr_id, i);
		assert_int_equal(wc.byte_len, 100 + grh);
		assert_int_equal(wc.qp_num, to[i * 2 % PAIRS].b.qp->qp_num);
		demand(is_pattern(mem.p + i * 256 + grh, 100, i), "message %u", i);
	}
}

/* Scatter lists of the SRQ's own. */
static void scatter(void **state)
{
	struct ibv_sge list[3] = { mem_sge(&mem, 0, 10), mem_sge(&mem, 1000, 20),
				   mem_sge(&mem, 100, 70) };
	struct ibv_recv_wr wr = { .sg_list = list, .num_sge = 1000 }, *bad;

	assert_int_equal(post_recv_sge(&to[0].b, 7, list, 3), 0);
	pattern(mem.p + 40 * KIB, 100, 1);
	assert_int_equal(send_to(1, 100).wr_id, 7);
	memmove(mem.p + 10, mem.p + 1000, 20);
	memmove(mem.p + 30, mem.p + 100, 70);
	demand(is_pattern(mem.p, 100, 1), "scattered");
	demand(ibv_post_srq_recv(srq, &wr, &bad), "1000 entries");
}

/* A QP with an SRQ has no receive queue of its own (C10-49.2). */
static void own_receive__refused(void **state)
{
	struct ibv_recv_wr wr = {}, *bad;

	demand(ibv_post_recv(to[0].b.qp, &wr, &bad), "posted");
}

/* It waits for the SRQ as it would for a queue of its own. */
static void rnr(void **state)
{
	struct ibv_sge sge = mem_sge(&mem, 0, 8);
	struct ibv_send_wr wr = wr_of(&to[1].a, IBV_WR_SEND, &sge, 1);
	struct ibv_wc wc;

	must_post(&to[1].a, wr);
	demand(!wc_within(to[1].a.scq, &wc, 50), "%s", ibv_wc_status_str(wc.status));
	give(3);
	expect_wc(to[1].a.scq, wr.wr_id, IBV_WC_SUCCESS);
	expect_wc(to[1].b.rcq, 3, IBV_WC_SUCCESS);
}

/* Several wait; each receive serves one. */
static void rnr__several(void **state)
{
	struct ibv_sge sge = mem_sge(&mem, 0, 8);
	struct ibv_send_wr wr[PAIRS];
	unsigned int i;

	for (i = 0; i < PAIRS; i++) {
		wr[i] = wr_of(&to[i].a, IBV_WR_SEND, &sge, 1);
		must_post(&to[i].a, wr[i]);
	}
	for (i = 0; i < PAIRS; i++)
		give(i);
	for (i = 0; i < PAIRS; i++) {
		expect_wc(to[i].a.scq, wr[i].wr_id, IBV_WC_SUCCESS);
		assert_int_equal(next_wc(to[i].b.rcq).status, IBV_WC_SUCCESS);
	}
}

static unsigned int limit(void)
{
	struct ibv_srq_attr attr;

	assert_int_equal(ibv_query_srq(srq, &attr), 0);
	return attr.srq_limit;
}

static int arm(unsigned int n)
{
	struct ibv_srq_attr attr = { .srq_limit = n };

	return ibv_modify_srq(srq, &attr, IBV_SRQ_LIMIT);
}

static bool limit_event(int timeout_ms)
{
	return await_async(node.ctx, IBV_EVENT_SRQ_LIMIT_REACHED, timeout_ms);
}

/* 10.2.9.3: told once when fewer than the limit are left; then it is disarmed (0). */
static void limit_event__once(void **state)
{
	unsigned int i, round;

	assert_int_equal(limit(), 0);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 6; i++)
			give(i);
		assert_int_equal(arm(5), 0);
		assert_int_equal(limit(), 5);
		assert_int_equal(send_to(0, 8).status, IBV_WC_SUCCESS);
		demand(!limit_event(10), "an event with 5 of 5 left");
		assert_int_equal(send_to(1, 8).status, IBV_WC_SUCCESS);
		demand(limit_event(DEADLINE_MS), "no event");
		assert_int_equal(limit(), 0);
		for (i = 0; i < 4; i++)
			assert_int_equal(send_to(0, 8).status, IBV_WC_SUCCESS);
		demand(!limit_event(10), "one too many");
	}
}

/* Armed above what is there: told at once. */
static void limit_event__already_below(void **state)
{
	skip_on_rxe("it looks when a receive is taken");
	give(1);
	assert_int_equal(arm(3), 0);
	demand(limit_event(DEADLINE_MS), "no event");
}

static void limit__too_high(void **state)
{
	demand(arm(max_wr + 1) == EINVAL, "a limit above what the queue can hold");
	assert_int_equal(limit(), 0);
}

static void query(void **state)
{
	struct ibv_srq_attr attr;

	assert_int_equal(ibv_query_srq(srq, &attr), 0);
	assert_int_equal(attr.max_wr, max_wr);
	demand(attr.max_sge >= 3, "max_sge %u", attr.max_sge);
}

static unsigned int fill(void)
{
	unsigned int n;

	for (n = 0; n < 100000 && !post_recv(&to[0].b, n, &mem, 0, 256); n++)
		;
	return n;
}

/* What is posted stays through a resize, and there is room for more. */
static void resize(void **state)
{
	struct ibv_srq_attr attr = { .max_wr = 200 };
	unsigned int i, n;

	if (!(node.attr.orig_attr.device_cap_flags & IBV_DEVICE_SRQ_RESIZE))
		skip_because("SRQs of this device keep their size");
	n = fill();
	demand(n >= max_wr, "full with %u of %u", n, max_wr);
	assert_int_equal(ibv_modify_srq(srq, &attr, IBV_SRQ_MAX_WR), 0);
	assert_int_equal(ibv_query_srq(srq, &attr), 0);
	demand(attr.max_wr >= 200, "max_wr %u", attr.max_wr);
	for (i = n; i < 200; i++)
		give(i);
	for (i = 0; i < 200; i++) {
		struct ibv_wc wc = send_to(i % PAIRS, 8);

		assert_int_equal(wc.status, IBV_WC_SUCCESS);
		assert_int_equal(wc.wr_id, i);
	}
	/* Smaller than what is in it: not now. */
	for (i = 0; i < 50; i++)
		give(i);
	attr.max_wr = 20;
	if (ibv_modify_srq(srq, &attr, IBV_SRQ_MAX_WR) == 0)
		demand(node.rxe, "50 receives in a queue of 20");
	for (i = 0; i < 50; i++)
		assert_int_equal(send_to(i % PAIRS, 8).wr_id, i);
	/* With a limit that it could not reach: none of both. */
	attr.max_wr = 300;
	attr.srq_limit = 1000;
	assert_int_equal(ibv_modify_srq(srq, &attr, IBV_SRQ_MAX_WR | IBV_SRQ_LIMIT), EINVAL);
	give(7);
	assert_int_equal(send_to(0, 8).wr_id, 7);
}

static void full(void **state)
{
	unsigned int n = fill();

	assert_int_equal(post_recv(&to[0].b, 1, &mem, 0, 256), ENOMEM);
	demand(n >= max_wr, "full with %u of %u", n, max_wr);
	/* One taken, one more fits. */
	assert_int_equal(send_to(0, 8).status, IBV_WC_SUCCESS);
	assert_int_equal(post_recv(&to[0].b, 1, &mem, 0, 256), 0);
}

/* While a QP uses it, it cannot go (ibv_destroy_srq(3)). */
static void destroy__busy(void **state)
{
	assert_int_equal(ibv_destroy_srq(srq), EBUSY);
	give(1);
	assert_int_equal(send_to(0, 8).status, IBV_WC_SUCCESS);
}

/*
 * The QP that takes its last receive from an SRQ says so when it is in error
 * (11.6.3.1): an event, and no flushes of receives that are not its own.
 */
static void last_wqe_reached(void **state)
{
	struct ibv_wc wc;

	give(1);
	give(2);
	assert_int_equal(end_to(&to[0].b, IBV_QPS_ERR), 0);
	demand(await_async(node.ctx, IBV_EVENT_QP_LAST_WQE_REACHED, DEADLINE_MS), "no event");
	demand(!wc_within(to[0].b.rcq, &wc, 10), "a flush of the SRQ's");
	/* The others still use them. */
	assert_int_equal(send_to(1, 8).wr_id, 1);
	assert_int_equal(send_to(2, 8).wr_id, 2);
}

/* A bad receive hurts the QP that takes it, and no other. */
static void bad_receive(void **state)
{
	struct ibv_sge sge = mem_sge(&mem, 0, 8), bad = sge;
	struct ibv_send_wr wr = wr_of(&to[0].a, IBV_WR_SEND, &sge, 1);

	bad.lkey ^= 0x77000;
	assert_int_equal(post_recv_sge(&to[0].b, 1, &bad, 1), 0);
	give(2);
	must_post(&to[0].a, wr);
	expect_wc(to[0].a.scq, wr.wr_id, IBV_WC_REM_OP_ERR);
	assert_int_equal(next_wc(to[0].b.rcq).wr_id, 1);
	expect_state(&to[0].b, IBV_QPS_ERR);
	assert_int_equal(send_to(1, 8).wr_id, 2);
}

static void create__refused(void **state)
{
	struct ibv_srq_init_attr attr = { .attr = {
		.max_wr = node.attr.orig_attr.max_srq_wr + 1, .max_sge = 1 } };

	demand(!ibv_create_srq(node.pd, &attr), "max_wr");
	attr.attr.max_wr = 1;
	attr.attr.max_sge = node.attr.orig_attr.max_srq_sge + 1;
	demand(!ibv_create_srq(node.pd, &attr), "max_sge");
}

static enum ibv_qp_type ud = IBV_QPT_UD;

#define RC(f)	cmocka_unit_test_setup_teardown(f, open_srq, close_srq)
#define UD(f)	{ #f "__ud", f, open_srq, close_srq, &ud }

static const struct CMUnitTest tests[] = {
	RC(several_qps), UD(several_qps),
	RC(scatter),
	RC(own_receive__refused),
	RC(rnr), RC(rnr__several),
	RC(limit_event__once), RC(limit_event__already_below), RC(limit__too_high),
	RC(query), RC(resize), RC(full), RC(destroy__busy),
	RC(last_wqe_reached), RC(bad_receive),
	cmocka_unit_test(create__refused),
};

LIVE_MAIN("srq", tests, open_node, close_node)
