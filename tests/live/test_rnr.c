// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Waiting for a peer: that has no receive posted (9.7.5.2.8, RNR NAK), or that is
 * not there at all (9.7.6.1.3, the transport timer). ibv_modify_qp(3) has the units.
 */

#include "peer.h"

static struct pair pair;
static struct mem mem;

static struct end_options tuned = {
	.tuned = true, .access = ALL_REMOTE, .timeout = 12, .retry_cnt = 2, .rnr_retry = 7,
	.min_rnr_timer = 12, .rd_atomic = 1,
};

static int open_mem(void **state)
{
	open_node(state);
	mem_make(&mem, &node, 4 * PAGE, ALL_ACCESS);
	return 0;
}

static int close_mem(void **state)
{
	mem_free(&mem);
	return close_node(state);
}

static struct ibv_send_wr message(struct end *e)
{
	static struct ibv_sge sge;

	sge = mem_sge(&mem, 0, 8);
	return wr_of(e, IBV_WR_SEND, &sge, 1);
}

/* ---- no receive ---- */

static void rnr_open(uint8_t retry, uint8_t timer)
{
	struct end_options o = tuned;

	o.rnr_retry = retry;
	o.min_rnr_timer = timer;
	/* rxe's transport timer runs while it waits. */
	o.timeout = retry == 7 ? 12 : 18;
	pair_open(&pair, &o);
}

/* How long until RNR_RETRY_EXC_ERR. */
static uint64_t rnr_fails(void)
{
	uint64_t start = now_ms(), took;
	struct ibv_send_wr wr = message(&pair.a), later = message(&pair.a);

	wr.next = &later;
	assert_int_equal(post_send(&pair.a, &wr), 0);
	expect_wc(pair.a.scq, wr.wr_id, IBV_WC_RNR_RETRY_EXC_ERR);
	took = now_ms() - start;
	expect_wc(pair.a.scq, later.wr_id, IBV_WC_WR_FLUSH_ERR);
	expect_state(&pair.a, IBV_QPS_ERR);
	/* The responder did nothing wrong. */
	assert_int_equal(end_state(&pair.b), IBV_QPS_RTS);
	expect_none(pair.b.rcq);
	pair_close(&pair);
	return took;
}

static void rnr__no_retry(void **state)
{
	rnr_open(0, 1);
	assert_between(rnr_fails(), 0, 3000);
}

/* Three times 20.48 ms (22 in the table of min_rnr_timer) at least. */
static void rnr__three_retries(void **state)
{
	rnr_open(3, 22);
	assert_between(rnr_fails(), 61, 6000);
}

/* 0 in that table is the longest: 655.36 ms. */
static void rnr__longest_timer(void **state)
{
	rnr_open(1, 0);
	assert_between(rnr_fails(), 655, 10000);
}

/* 7 means for ever. */
static void rnr__for_ever(void **state)
{
	struct ibv_send_wr wr;
	struct ibv_wc wc;

	rnr_open(7, 1);
	wr = message(&pair.a);
	must_post(&pair.a, wr);
	demand(!wc_within(pair.a.scq, &wc, 200), "it gave up: %s", ibv_wc_status_str(wc.status));
	must_post_recv(&pair.b, 1, &mem, 64, 64);
	expect_wc(pair.a.scq, wr.wr_id, IBV_WC_SUCCESS);
	expect_wc(pair.b.rcq, 1, IBV_WC_SUCCESS);
	pair_close(&pair);
}

/* A receive posted while it waits lets it go on; the count begins anew for the next. */
static void rnr__receive_comes_later(void **state)
{
	unsigned int i;

	rnr_open(6, 24);	/* 41 ms, six times */
	for (i = 0; i < 4; i++) {
		struct ibv_send_wr wr = message(&pair.a);
		struct ibv_wc wc;

		pattern(mem.p, 8, i);
		must_post(&pair.a, wr);
		demand(!wc_within(pair.a.scq, &wc, 60), "%s", ibv_wc_status_str(wc.status));
		must_post_recv(&pair.b, i, &mem, 64, 64);
		expect_wc(pair.a.scq, wr.wr_id, IBV_WC_SUCCESS);
		expect_wc(pair.b.rcq, i, IBV_WC_SUCCESS);
		demand(is_pattern(mem.p + 64, 8, i), "message %u", i);
	}
	pair_close(&pair);
}

/* A write with immediate needs a receive, too: the data may come, the message does not. */
static void rnr__write_with_immediate(void **state)
{
	struct ibv_sge sge = mem_sge(&mem, 0, 8);
	struct ibv_send_wr wr;

	rnr_open(1, 12);
	wr = wr_at(&pair.a, IBV_WR_RDMA_WRITE_WITH_IMM, &sge, 1, &mem, 128);
	must_post(&pair.a, wr);
	expect_wc(pair.a.scq, wr.wr_id, IBV_WC_RNR_RETRY_EXC_ERR);
	pair_close(&pair);
}

/* Who waits for a receive does not keep others from theirs. */
static void rnr__others_go_on(void **state)
{
	struct ibv_send_wr wr;
	struct pair second;
	unsigned int i;

	rnr_open(7, 30);
	pair_open(&second, NULL);
	wr = message(&pair.a);
	must_post(&pair.a, wr);
	for (i = 0; i < 20; i++)
		expect_alive(&second);
	expect_none(pair.a.scq);
	must_post_recv(&pair.b, 1, &mem, 64, 64);
	expect_wc(pair.a.scq, wr.wr_id, IBV_WC_SUCCESS);
	pair_close(&second);
	pair_close(&pair);
}

/* Destroyed, reset, put into ERR while it waits. */
static void rnr__requester_leaves(void **state)
{
	struct ibv_send_wr wr;
	struct ibv_wc wc;

	rnr_open(7, 28);
	must_post(&pair.a, message(&pair.a));
	demand(!wc_within(pair.a.scq, &wc, 5), "a completion");
	pair_close(&pair);

	rnr_open(7, 28);
	wr = message(&pair.a);
	must_post(&pair.a, wr);
	assert_int_equal(end_to(&pair.a, IBV_QPS_ERR), 0);
	expect_wc(pair.a.scq, wr.wr_id, IBV_WC_WR_FLUSH_ERR);
	pair_close(&pair);

	rnr_open(7, 28);
	must_post(&pair.a, message(&pair.a));
	assert_int_equal(end_to(&pair.a, IBV_QPS_RESET), 0);
	demand(!wc_within(pair.a.scq, &wc, 20), "a completion after RESET");
	pair_close(&pair);
}

/* The responder leaves while it is waited for: no answer any more. */
static void rnr__responder_leaves(void **state)
{
	struct ibv_send_wr wr;
	struct ibv_wc wc;

	rnr_open(7, 12);
	wr = message(&pair.a);
	must_post(&pair.a, wr);
	demand(!wc_within(pair.a.scq, &wc, 5), "a completion");
	assert_int_equal(ibv_destroy_qp(pair.b.qp), 0);
	pair.b.qp = NULL;
	expect_wc(pair.a.scq, wr.wr_id, IBV_WC_RETRY_EXC_ERR);
	pair_close(&pair);
}

/* ---- no peer ---- */

/*
 * 4.096 us << 12 is 16.8 ms, a device may take up to four times that; one try and
 * two retries.
 */
static void unreachable(void)
{
	uint64_t start = now_ms(), took;
	struct ibv_send_wr wr = message(&pair.a), later = message(&pair.a);

	must_post_recv(&pair.a, 9, &mem, 64, 64);
	wr.next = &later;
	assert_int_equal(post_send(&pair.a, &wr), 0);
	expect_wc(pair.a.scq, wr.wr_id, IBV_WC_RETRY_EXC_ERR);
	took = now_ms() - start;
	expect_wc(pair.a.scq, later.wr_id, IBV_WC_WR_FLUSH_ERR);
	expect_wc(pair.a.rcq, 9, IBV_WC_WR_FLUSH_ERR);
	expect_state(&pair.a, IBV_QPS_ERR);
	assert_between(took, 16, 6000);
}

static void no_such_qp(void **state)
{
	struct address there;

	end_open(&pair.a, &node, &tuned);
	there = end_address(&pair.a);
	there.qpn = 0xabcdef;
	end_connect(&pair.a, &there);
	unreachable();
	end_close(&pair.a);
}

static void peer__destroyed(void **state)
{
	pair_open(&pair, &tuned);
	expect_alive(&pair);
	assert_int_equal(ibv_destroy_qp(pair.b.qp), 0);
	pair.b.qp = NULL;
	unreachable();
	pair_close(&pair);
}

/* A QP that is there but not ready to receive does not answer. */
static void peer__not_ready(void **state)
{
	static const enum ibv_qp_state states[] = { IBV_QPS_RESET, IBV_QPS_INIT, IBV_QPS_ERR };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		pair_open(&pair, &tuned);
		if (states[i] == IBV_QPS_ERR) {
			assert_int_equal(end_to(&pair.b, IBV_QPS_ERR), 0);
		} else {
			assert_int_equal(end_to(&pair.b, IBV_QPS_RESET), 0);
			if (states[i] == IBV_QPS_INIT)
				assert_int_equal(end_to_init(&pair.b), 0);
		}
		unreachable();
		pair_close(&pair);
	}
}

/* Ready only a moment later: the retries are for that. */
static void peer__comes_up_later(void **state)
{
	struct end_options o = tuned;
	struct address at_a, at_b;
	struct ibv_send_wr wr;
	struct ibv_wc wc;

	o.timeout = 14;
	o.retry_cnt = 7;
	end_open(&pair.a, &node, &o);
	end_open(&pair.b, &node, &o);
	at_a = end_address(&pair.a);
	at_b = end_address(&pair.b);
	end_connect(&pair.a, &at_b);
	wr = message(&pair.a);
	must_post(&pair.a, wr);
	demand(!wc_within(pair.a.scq, &wc, 40), "%s", ibv_wc_status_str(wc.status));
	assert_int_equal(end_to_init(&pair.b), 0);
	must_post_recv(&pair.b, 1, &mem, 64, 64);
	assert_int_equal(end_to_rtr(&pair.b, &at_a), 0);
	expect_wc(pair.a.scq, wr.wr_id, IBV_WC_SUCCESS);
	expect_wc(pair.b.rcq, 1, IBV_WC_SUCCESS);
	pair_close(&pair);
}

/* A QP that is connected to another one does not answer a stranger (9.6.1.1.1). */
static void peer__of_another(void **state)
{
	struct address at_b;
	struct end stranger;
	struct ibv_send_wr wr;

	skip_on_rxe("it answers anybody");
	pair_open(&pair, NULL);
	at_b = end_address(&pair.b);
	end_open(&stranger, &node, &tuned);
	end_connect(&stranger, &at_b);
	must_post_recv(&pair.b, 1, &mem, 64, 64);
	wr = message(&stranger);
	must_post(&stranger, wr);
	expect_wc(stranger.scq, wr.wr_id, IBV_WC_RETRY_EXC_ERR);
	assert_int_equal(end_state(&pair.b), IBV_QPS_RTS);
	expect_none(pair.b.rcq);
	end_close(&stranger);
	pair_close(&pair);
}

/* The same number, but a QP of another kind. */
static void peer__of_another_type(void **state)
{
	struct end_options uc = tuned;
	struct address at_uc;
	struct end other;

	uc.type = IBV_QPT_UC;
	end_open(&other, &node, &uc);
	end_open(&pair.a, &node, &tuned);
	at_uc = end_address(&pair.a);
	end_connect(&other, &at_uc);
	at_uc = end_address(&other);
	end_connect(&pair.a, &at_uc);
	unreachable();
	end_close(&pair.a);
	end_close(&other);
}

/* Timeout 0 is for ever. */
static void timeout__none(void **state)
{
	struct end_options o = tuned;
	struct address there;
	struct ibv_wc wc;

	o.timeout = 0;
	end_open(&pair.a, &node, &o);
	there = end_address(&pair.a);
	there.qpn = 0xabcdef;
	end_connect(&pair.a, &there);
	must_post(&pair.a, message(&pair.a));
	demand(!wc_within(pair.a.scq, &wc, 200), "%s", ibv_wc_status_str(wc.status));
	end_close(&pair.a);
}

/* More retries take longer. */
static void timeout__retries(void **state)
{
	struct end_options o = tuned;
	uint64_t took[2], start;
	struct address there;
	unsigned int i;

	o.timeout = 14;		/* 67 ms */
	for (i = 0; i < 2; i++) {
		o.retry_cnt = i ? 5 : 0;
		end_open(&pair.a, &node, &o);
		there = end_address(&pair.a);
		there.qpn = 0xabcdef;
		end_connect(&pair.a, &there);
		start = now_ms();
		must_post(&pair.a, message(&pair.a));
		assert_int_equal(next_wc(pair.a.scq).status, IBV_WC_RETRY_EXC_ERR);
		took[i] = now_ms() - start;
		end_close(&pair.a);
	}
	demand(took[1] > took[0] + 4 * 67, "%llu ms without, %llu ms with five retries",
	       (unsigned long long)took[0], (unsigned long long)took[1]);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(rnr__no_retry),
	cmocka_unit_test(rnr__three_retries),
	cmocka_unit_test(rnr__longest_timer),
	cmocka_unit_test(rnr__for_ever),
	cmocka_unit_test(rnr__receive_comes_later),
	cmocka_unit_test(rnr__write_with_immediate),
	cmocka_unit_test(rnr__others_go_on),
	cmocka_unit_test(rnr__requester_leaves),
	cmocka_unit_test(rnr__responder_leaves),
	cmocka_unit_test(no_such_qp),
	cmocka_unit_test(peer__destroyed),
	cmocka_unit_test(peer__not_ready),
	cmocka_unit_test(peer__comes_up_later),
	cmocka_unit_test(peer__of_another),
	cmocka_unit_test(peer__of_another_type),
	cmocka_unit_test(timeout__none),
	cmocka_unit_test(timeout__retries),
};

LIVE_MAIN("rnr", tests, open_mem, close_mem)
