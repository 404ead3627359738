// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Completions of peers: which there are, in which order, with which fields and events. */

#include "peer.h"

static struct pair pair;
static struct mem src, dst;

static int open_with(const struct end_options *o)
{
	pair_open(&pair, o);
	mem_make(&src, &node, 64 * KIB, ALL_ACCESS);
	mem_make(&dst, &node, 64 * KIB, ALL_ACCESS);
	return 0;
}

static int open_pair(void **state)
{
	return open_with(NULL);
}

static int open_all_signaled(void **state)
{
	return open_with(&(struct end_options){ .sig_all = true });
}

static int close_pair(void **state)
{
	pair_close(&pair);
	mem_free(&src);
	mem_free(&dst);
	return 0;
}

static struct ibv_send_wr write_wr(unsigned int flags)
{
	static struct ibv_sge sge;
	struct ibv_send_wr wr;

	sge = mem_sge(&src, 0, 100);
	wr = wr_at(&pair.a, IBV_WR_RDMA_WRITE, &sge, 1, &dst, 0);
	wr.send_flags = flags;
	return wr;
}

/* Only those that ask for it have a completion; it stands for all before. */
static void unsignaled(void **state)
{
	unsigned int i;

	for (i = 0; i < 10; i++)
		must_post(&pair.a, write_wr(0));
	do_send(&pair.a, write_wr(IBV_SEND_SIGNALED));
	expect_none(pair.a.scq);
}

/* The queue's slots come back, though hardly any request has a completion. */
static void unsignaled__slots_come_back(void **state)
{
	unsigned int i;

	for (i = 0; i < 1000; i++) {
		if (i % 32 == 31)
			do_send(&pair.a, write_wr(IBV_SEND_SIGNALED));
		else
			must_post(&pair.a, write_wr(0));
	}
	expect_none(pair.a.scq);
}

static void unsignaled__error_is_told(void **state)
{
	struct ibv_send_wr wr = write_wr(0), later = write_wr(0);

	wr.wr.rdma.rkey ^= 0x5555;
	wr.wr_id = 1;
	later.wr_id = 2;
	wr.next = &later;
	assert_int_equal(post_send(&pair.a, &wr), 0);
	expect_wc(pair.a.scq, 1, IBV_WC_REM_ACCESS_ERR);
	/* Flushed: told, too. */
	expect_wc(pair.a.scq, 2, IBV_WC_WR_FLUSH_ERR);
}

static void sig_all(void **state)
{
	struct ibv_send_wr wr = write_wr(0);

	must_post(&pair.a, wr);
	expect_wc(pair.a.scq, wr.wr_id, IBV_WC_SUCCESS);
}

/* ibv_query_qp(3) tells sq_sig_all and the capacity that was granted. */
static void query__capacity(void **state)
{
	struct ibv_qp_init_attr init;
	struct ibv_qp_attr attr;

	assert_int_equal(ibv_query_qp(pair.a.qp, &attr, IBV_QP_CAP, &init), 0);
	assert_int_equal(init.sq_sig_all, 1);
	assert_int_equal(init.qp_type, IBV_QPT_RC);
	assert_ptr_equal(init.send_cq, pair.a.scq);
	assert_ptr_equal(init.recv_cq, pair.a.rcq);
	demand(attr.cap.max_send_wr >= 64, "max_send_wr %u", attr.cap.max_send_wr);
	demand(attr.cap.max_recv_wr >= 64, "max_recv_wr %u", attr.cap.max_recv_wr);
	demand(attr.cap.max_send_sge >= 4, "max_send_sge %u", attr.cap.max_send_sge);
	demand(attr.cap.max_recv_sge >= 4, "max_recv_sge %u", attr.cap.max_recv_sge);
	assert_int_equal(init.cap.max_send_wr, attr.cap.max_send_wr);
}

static void send_with(unsigned int flags, uint64_t id)
{
	struct ibv_sge sge = mem_sge(&src, 0, 10);
	struct ibv_send_wr wr = wr_of(&pair.a, IBV_WR_SEND, &sge, 1);

	must_post_recv(&pair.b, id, &dst, 0, 10);
	wr.send_flags |= flags;
	do_send(&pair.a, wr);
}

/* ibv_req_notify_cq(3): only what the sender marked, or what failed. */
static void solicited(void **state)
{
	assert_int_equal(ibv_req_notify_cq(pair.b.rcq, 1), 0);
	send_with(0, 1);
	demand(!cq_event_within(pair.b.rcq, 20), "an event of a message that was not marked");
	send_with(IBV_SEND_SOLICITED, 2);
	demand(cq_event_within(pair.b.rcq, DEADLINE_MS), "no event of a marked message");
	/* Once. */
	send_with(IBV_SEND_SOLICITED, 3);
	demand(!cq_event_within(pair.b.rcq, 20), "an event too many");
	expect_wc(pair.b.rcq, 1, IBV_WC_SUCCESS);
	expect_wc(pair.b.rcq, 2, IBV_WC_SUCCESS);
	expect_wc(pair.b.rcq, 3, IBV_WC_SUCCESS);
}

static void solicited__any_will_do(void **state)
{
	assert_int_equal(ibv_req_notify_cq(pair.b.rcq, 0), 0);
	send_with(0, 1);
	demand(cq_event_within(pair.b.rcq, DEADLINE_MS), "no event");
	/* "Any" is not made less by a later "solicited". */
	expect_wc(pair.b.rcq, 1, IBV_WC_SUCCESS);
	assert_int_equal(ibv_req_notify_cq(pair.b.rcq, 0), 0);
	assert_int_equal(ibv_req_notify_cq(pair.b.rcq, 1), 0);
	send_with(0, 2);
	demand(cq_event_within(pair.b.rcq, DEADLINE_MS), "no event");
	expect_wc(pair.b.rcq, 2, IBV_WC_SUCCESS);
}

static void solicited__error(void **state)
{
	skip_on_rxe("its flushes are not solicited");
	must_post_recv(&pair.b, 1, &dst, 0, 10);
	assert_int_equal(ibv_req_notify_cq(pair.b.rcq, 1), 0);
	assert_int_equal(end_to(&pair.b, IBV_QPS_ERR), 0);
	demand(cq_event_within(pair.b.rcq, DEADLINE_MS), "no event of a failure");
	expect_wc(pair.b.rcq, 1, IBV_WC_WR_FLUSH_ERR);
}

static void solicited__write_with_immediate(void **state)
{
	struct ibv_send_wr wr = write_wr(IBV_SEND_SIGNALED | IBV_SEND_SOLICITED);

	must_post_recv(&pair.b, 1, &dst, 0, 10);
	assert_int_equal(ibv_req_notify_cq(pair.b.rcq, 1), 0);
	wr.opcode = IBV_WR_RDMA_WRITE_WITH_IMM;
	do_send(&pair.a, wr);
	demand(cq_event_within(pair.b.rcq, DEADLINE_MS), "no event");
	expect_wc(pair.b.rcq, 1, IBV_WC_SUCCESS);
}

/* Several QPs and both of their queues complete into one CQ. */
static void shared_cq(void **state)
{
	struct ibv_cq *cq = cq_make(&node, 256);
	struct ibv_sge sge = mem_sge(&src, 0, 10);
	unsigned int sent = 0, received = 0, i;
	struct pair p;

	pair_open(&p, &(struct end_options){ .cq = cq });
	for (i = 0; i < 10; i++) {
		must_post_recv(&p.a, 1, &dst, 0, 10);
		must_post_recv(&p.b, 2, &dst, 0, 10);
		must_post(&p.a, wr_of(&p.a, IBV_WR_SEND, &sge, 1));
		must_post(&p.b, wr_of(&p.b, IBV_WR_SEND, &sge, 1));
	}
	for (i = 0; i < 40; i++) {
		struct ibv_wc wc = next_wc(cq);

		assert_int_equal(wc.status, IBV_WC_SUCCESS);
		if (wc.opcode == IBV_WC_SEND)
			sent++;
		else if (wc.opcode == IBV_WC_RECV)
			received += wc.qp_num == (wc.wr_id == 1 ? p.a : p.b).qp->qp_num;
	}
	assert_int_equal(sent, 20);
	assert_int_equal(received, 20);
	expect_none(cq);
	pair_close(&p);
	cq_free(cq);
}

/* Completions of a QP that is gone are not delivered any more, or are whole. */
static void destroyed_qp(void **state)
{
	struct ibv_cq *cq = cq_make(&node, 64);
	struct ibv_wc wc;
	struct pair p;

	pair_open(&p, &(struct end_options){ .cq = cq });
	must_post_recv(&p.b, 1, &dst, 0, 10);
	must_post_recv(&p.b, 2, &dst, 0, 10);
	pair_close(&p);
	demand(!wc_within(cq, &wc, 20), "a completion of a destroyed QP");
	cq_free(cq);
}

/*---- extended CQs: ibv_create_cq_ex(3) ----*/

static bool start_poll(struct ibv_cq_ex *cq)
{
	struct ibv_poll_cq_attr attr = {};
	uint64_t end = now_ms() + DEADLINE_MS;
	int ret;

	do {
		ret = ibv_start_poll(cq, &attr);
	} while (ret == ENOENT && now_ms() < end);
	return !ret;
}

static struct ibv_cq_ex *make_cq_ex(uint64_t flags)
{
	struct ibv_cq_init_attr_ex attr = { .cqe = 32, .wc_flags = flags };
	struct ibv_cq_ex *cq = ibv_create_cq_ex(node.ctx, &attr);

	if (!cq && errno == EOPNOTSUPP)
		skip_because("no CQ with flags %#llx", (unsigned long long)flags);
	demand(cq, "ibv_create_cq_ex");
	return cq;
}

static void extended(void **state)
{
	struct ibv_cq_ex *cq;
	struct ibv_sge sge = mem_sge(&src, 0, 10);
	struct ibv_send_wr wr;
	struct pair p;

	cq = make_cq_ex(IBV_WC_STANDARD_FLAGS);
	pair_open(&p, &(struct end_options){ .cq = ibv_cq_ex_to_cq(cq) });
	must_post_recv(&p.b, 9, &dst, 0, 50);
	wr = wr_of(&p.a, IBV_WR_SEND_WITH_IMM, &sge, 1);
	wr.imm_data = htobe32(5);
	wr.send_flags = 0;
	must_post(&p.a, wr);
	demand(start_poll(cq), "no completion");
	assert_int_equal(cq->wr_id, 9);
	assert_int_equal(cq->status, IBV_WC_SUCCESS);
	assert_int_equal(ibv_wc_read_opcode(cq), IBV_WC_RECV);
	assert_int_equal(ibv_wc_read_byte_len(cq), 10);
	assert_int_equal(ibv_wc_read_imm_data(cq), htobe32(5));
	assert_int_equal(ibv_wc_read_qp_num(cq), p.b.qp->qp_num);
	demand(ibv_wc_read_wc_flags(cq) & IBV_WC_WITH_IMM, "wc_flags");
	assert_int_equal(ibv_wc_read_vendor_err(cq), 0);
	assert_int_equal(ibv_next_poll(cq), ENOENT);
	ibv_end_poll(cq);
	pair_close(&p);
	assert_int_equal(ibv_destroy_cq(ibv_cq_ex_to_cq(cq)), 0);
}

/* Timestamps of both sides lie between before and after; UD tells the service level. */
static void extended__timestamp(void **state)
{
	struct ibv_values_ex before = { .comp_mask = IBV_VALUES_MASK_RAW_CLOCK }, after = before;
	struct ibv_cq_ex *cq = make_cq_ex(IBV_WC_STANDARD_FLAGS |
					  IBV_WC_EX_WITH_COMPLETION_TIMESTAMP |
					  IBV_WC_EX_WITH_SL);
	struct ibv_sge sge = mem_sge(&src, 0, 10);
	uint64_t ns, stamps[2];
	struct pair p;
	int i;

	pair_open(&p, &(struct end_options){ .type = IBV_QPT_UD, .cq = ibv_cq_ex_to_cq(cq) });
	must_post_recv(&p.b, 9, &dst, 0, 100);
	assert_int_equal(ibv_query_rt_values_ex(node.ctx, &before), 0);
	must_post(&p.a, wr_of(&p.a, IBV_WR_SEND, &sge, 1));
	for (i = 0; i < 2; i++) {
		demand(start_poll(cq), "no completion");
		assert_int_equal(cq->status, IBV_WC_SUCCESS);
		stamps[i] = ibv_wc_read_completion_ts(cq);
		if (ibv_wc_read_opcode(cq) == IBV_WC_RECV) {
			assert_int_equal(ibv_wc_read_src_qp(cq), p.a.qp->qp_num);
			assert_int_equal(ibv_wc_read_sl(cq), 0);
		}
		ibv_end_poll(cq);
	}
	assert_int_equal(ibv_query_rt_values_ex(node.ctx, &after), 0);
	ns = after.raw_clock.tv_sec * 1000000000ULL + after.raw_clock.tv_nsec;
	assert_between(stamps[0], before.raw_clock.tv_sec * 1000000000ULL +
		       before.raw_clock.tv_nsec, ns);
	assert_between(stamps[1], stamps[0], ns);
	pair_close(&p);
	assert_int_equal(ibv_destroy_cq(ibv_cq_ex_to_cq(cq)), 0);
}

#define IN(f)		cmocka_unit_test_setup_teardown(f, open_pair, close_pair)
#define ALL(f)		cmocka_unit_test_setup_teardown(f, open_all_signaled, close_pair)

static const struct CMUnitTest tests[] = {
	IN(unsignaled),
	IN(unsignaled__slots_come_back),
	IN(unsignaled__error_is_told),
	ALL(sig_all),
	ALL(query__capacity),
	IN(solicited),
	IN(solicited__any_will_do),
	IN(solicited__error),
	IN(solicited__write_with_immediate),
	IN(shared_cq),
	IN(destroyed_qp),
	IN(extended),
	IN(extended__timestamp),
};

LIVE_MAIN("wc", tests, open_node, close_node)
