// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Datagrams: UD QPs, address handles, Q_Keys. */

#include "peer.h"

#define GRH	40

static struct pair pair;
static struct mem src, dst;

static int open_pair(void **state)
{
	pair_open(&pair, &(struct end_options){
		.type = IBV_QPT_UD, .max_inline = 64,
		.builders = *state ? IBV_QP_EX_WITH_SEND | IBV_QP_EX_WITH_SEND_WITH_IMM : 0 });
	mem_make(&src, &node, 8 * PAGE, IBV_ACCESS_LOCAL_WRITE);
	mem_make(&dst, &node, 8 * PAGE, IBV_ACCESS_LOCAL_WRITE);
	return 0;
}

static int close_pair(void **state)
{
	pair_close(&pair);
	mem_free(&src);
	mem_free(&dst);
	return 0;
}

static unsigned int mtu(void)
{
	struct ibv_port_attr port;

	assert_int_equal(ibv_query_port(node.ctx, 1, &port), 0);
	return 128U << port.active_mtu;
}

/*
 * ibv_poll_cq(3): the GRH is in the first 40 bytes of the buffer, byte_len counts
 * it, wc_flags say so. RoCE v2 over IPv4 (annex A17.4.5.2) has the IPv4 header in
 * the last 20 of them.
 */
static void check_grh(const uint8_t *grh)
{
	const uint8_t *gid = node.gid.raw;

	demand(grh[20] == 0x45, "no IPv4 header: %#x", grh[20]);
	demand(!memcmp(grh + 32, gid + 12, 4), "the source address");
	demand(!memcmp(grh + 36, gid + 12, 4), "the destination address");
}

static void check_datagram(const struct ibv_wc *wc, size_t length, uint32_t seed)
{
	assert_int_equal(wc->opcode, IBV_WC_RECV);
	assert_int_equal(wc->byte_len, length + GRH);
	assert_int_equal(wc->src_qp, pair.a.qp->qp_num);
	assert_int_equal(wc->qp_num, pair.b.qp->qp_num);
	demand(wc->wc_flags & IBV_WC_GRH, "no GRH");
	check_grh(dst.p);
	demand(is_pattern(dst.p + GRH, length, seed), "%zu bytes", length);
}

static void send__sizes(void **state)
{
	size_t sizes[] = { 0, 1, 7, 64, 255, mtu() - 1, mtu() };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct ibv_sge sge = mem_sge(&src, 33, sizes[i]);
		struct ibv_wc wc;

		pattern(src.p + 33, sizes[i], i);
		memset(dst.p, 0xee, dst.size);
		must_post_recv(&pair.b, i, &dst, 0, sizes[i] + GRH);
		wc = do_send(&pair.a, wr_of(&pair.a, IBV_WR_SEND, &sge, 1));
		assert_int_equal(wc.opcode, IBV_WC_SEND);
		wc = expect_wc(pair.b.rcq, i, IBV_WC_SUCCESS);
		check_datagram(&wc, sizes[i], i);
		demand(!(wc.wc_flags & IBV_WC_WITH_IMM), "an immediate");
		assert_int_equal(dst.p[GRH + sizes[i]], 0xee);
	}
}

static void send__immediate(void **state)
{
	struct ibv_sge sge = mem_sge(&src, 0, 30);
	struct ibv_send_wr wr = wr_of(&pair.a, IBV_WR_SEND_WITH_IMM, &sge, 1);
	struct ibv_wc wc;

	pattern(src.p, 30, 9);
	must_post_recv(&pair.b, 3, &dst, 0, 100);
	wr.imm_data = htobe32(0xcafe);
	do_send(&pair.a, wr);
	wc = expect_wc(pair.b.rcq, 3, IBV_WC_SUCCESS);
	check_datagram(&wc, 30, 9);
	demand(wc.wc_flags & IBV_WC_WITH_IMM, "no immediate");
	assert_int_equal(wc.imm_data, htobe32(0xcafe));
}

/* The GRH and the payload each in a piece of its own. */
static void send__scattered(void **state)
{
	struct ibv_sge from[3] = { mem_sge(&src, 0, 10), mem_sge(&src, 10, 20),
				   mem_sge(&src, 30, 40) };
	struct ibv_sge to[2] = { mem_sge(&dst, 0, GRH), mem_sge(&dst, PAGE, 100) };
	struct ibv_wc wc;

	if (pair.a.qx)
		skip_on_rxe("its builder counts the first entry of a list only");
	pattern(src.p, 70, 5);
	assert_int_equal(post_recv_sge(&pair.b, 1, to, 2), 0);
	do_send(&pair.a, wr_of(&pair.a, IBV_WR_SEND, from, 3));
	wc = expect_wc(pair.b.rcq, 1, IBV_WC_SUCCESS);
	assert_int_equal(wc.byte_len, 70 + GRH);
	check_grh(dst.p);
	demand(is_pattern(dst.p + PAGE, 70, 5), "the payload");
}

static void send__inline(void **state)
{
	struct ibv_sge sge = { .addr = (uintptr_t)src.p, .length = 50, .lkey = 0xbad };
	struct ibv_send_wr wr = wr_of(&pair.a, IBV_WR_SEND, &sge, 1);
	struct ibv_wc wc;

	if (pair.a.qx)
		skip_on_rxe("its builder loses inline lists");
	pattern(src.p, 50, 4);
	wr.send_flags |= IBV_SEND_INLINE;
	must_post_recv(&pair.b, 1, &dst, 0, 100);
	must_post(&pair.a, wr);
	memset(src.p, 0, 50);
	expect_wc(pair.a.scq, wr.wr_id, IBV_WC_SUCCESS);
	wc = expect_wc(pair.b.rcq, 1, IBV_WC_SUCCESS);
	check_datagram(&wc, 50, 4);
}

/* Each of these is lost, without a word to the sender. */
static void lost(struct ibv_send_wr wr, const char *why)
{
	struct ibv_wc wc;

	do_send(&pair.a, wr);
	demand(!wc_within(pair.b.rcq, &wc, 30), "%s: it arrived (%s)", why,
	       ibv_wc_status_str(wc.status));
	assert_int_equal(end_state(&pair.a), IBV_QPS_RTS);
	assert_int_equal(end_state(&pair.b), IBV_QPS_RTS);
}

static void send__silence(void **state)
{
	struct ibv_sge sge = mem_sge(&src, 0, 30);
	struct ibv_send_wr wr = wr_of(&pair.a, IBV_WR_SEND, &sge, 1);

	lost(wr, "no receive is posted");
	must_post_recv(&pair.b, 1, &dst, 0, 100);
	wr.wr.ud.remote_qkey = QKEY + 1;
	lost(wr, "another Q_Key");
	wr.wr.ud.remote_qkey = QKEY;
	wr.wr.ud.remote_qpn = 0xabcdef;
	lost(wr, "no such QP");
	/* What was posted is still there for who does it right. */
	wr.wr.ud.remote_qpn = pair.b.qp->qp_num;
	do_send(&pair.a, wr);
	expect_wc(pair.b.rcq, 1, IBV_WC_SUCCESS);
	expect_alive(&pair);
}

/* A Q_Key with its highest bit set stands for the QP's own (10.2.5). */
static void send__controlled_qkey(void **state)
{
	struct ibv_sge sge = mem_sge(&src, 0, 30);
	struct ibv_send_wr wr = wr_of(&pair.a, IBV_WR_SEND, &sge, 1);

	must_post_recv(&pair.b, 1, &dst, 0, 100);
	wr.wr.ud.remote_qkey = 0x80000001;
	if (node.rxe) {
		/* It compares what was posted. */
		lost(wr, "qkey");
		return;
	}
	do_send(&pair.a, wr);
	expect_wc(pair.b.rcq, 1, IBV_WC_SUCCESS);
}

/* 9.8.3.2: a message that does not fit is dropped; some devices say LOC_LEN_ERR. */
static void send__receive_too_short(void **state)
{
	struct ibv_sge sge = mem_sge(&src, 0, 61);
	struct ibv_wc wc;

	memset(dst.p, 0xee, 200);
	must_post_recv(&pair.b, 1, &dst, 0, GRH + 60);
	do_send(&pair.a, wr_of(&pair.a, IBV_WR_SEND, &sge, 1));
	if (wc_within(pair.b.rcq, &wc, 30))
		assert_int_equal(wc.status, IBV_WC_LOC_LEN_ERR);
	assert_int_equal(dst.p[GRH + 60], 0xee);
	assert_int_equal(end_state(&pair.a), IBV_QPS_RTS);
}

/* More than a packet: LOC_LEN_ERR, or refused when it is posted. */
static void send__more_than_the_mtu(void **state)
{
	struct ibv_sge sge = mem_sge(&src, 0, mtu() + 1);
	struct ibv_send_wr wr = wr_of(&pair.a, IBV_WR_SEND, &sge, 1);
	struct ibv_wc wc;

	/* It takes its own MTU, not the port's, and says that it was sent. */
	skip_on_rxe("a datagram of more than the MTU is lost");
	must_post_recv(&pair.b, 1, &dst, 0, 8 * PAGE);
	if (!post_send(&pair.a, &wr)) {
		wc = next_wc(pair.a.scq);
		assert_int_equal(wc.status, IBV_WC_LOC_LEN_ERR);
		/* 10.3.1.5: an error of the send queue of UD: SQE. */
		expect_state(&pair.a, IBV_QPS_SQE);
	}
	expect_none(pair.b.rcq);
}

/*
 * An error of the send queue leaves the receive queue at work (10.3.1.5), and
 * a modify to RTS mends it.
 */
static void sqe(void **state)
{
	struct ibv_sge bad = { .addr = (uintptr_t)src.p, .length = 8, .lkey = 0xbad };
	struct ibv_sge good = mem_sge(&src, 0, 8);
	struct ibv_send_wr wr[2];

	skip_on_rxe("it has no SQE state");
	must_post_recv(&pair.a, 1, &dst, 0, 100);
	wr[0] = wr_of(&pair.a, IBV_WR_SEND, &bad, 1);
	wr[1] = wr_of(&pair.a, IBV_WR_SEND, &good, 1);
	wr[0].next = &wr[1];
	assert_int_equal(post_send(&pair.a, wr), 0);
	expect_wc(pair.a.scq, wr[0].wr_id, IBV_WC_LOC_PROT_ERR);
	expect_wc(pair.a.scq, wr[1].wr_id, IBV_WC_WR_FLUSH_ERR);
	expect_state(&pair.a, IBV_QPS_SQE);
	do_send(&pair.b, wr_of(&pair.b, IBV_WR_SEND, &good, 1));
	expect_wc(pair.a.rcq, 1, IBV_WC_SUCCESS);
	/* Posted in SQE: flushed (10.3.1.5). */
	wr[1].next = NULL;
	assert_int_equal(post_send(&pair.a, &wr[1]), 0);
	expect_wc(pair.a.scq, wr[1].wr_id, IBV_WC_WR_FLUSH_ERR);
	assert_int_equal(end_to(&pair.a, IBV_QPS_RTS), 0);
	expect_alive(&pair);
}

/* One QP, many destinations; and all of them write to one. */
static void many_to_one(void **state)
{
	struct end others[8];
	struct address at_b = end_address(&pair.b);
	unsigned int i, seen = 0;

	for (i = 0; i < ARRAY_SIZE(others); i++) {
		struct ibv_sge sge = mem_sge(&src, 0, i + 1);

		end_open(&others[i], &node, &pair.a.o);
		end_connect(&others[i], &at_b);
		others[i].remote_qpn = at_b.qpn;
		must_post_recv(&pair.b, i, &dst, i * 200, 200);
		do_send(&others[i], wr_of(&others[i], IBV_WR_SEND, &sge, 1));
	}
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		struct ibv_wc wc = next_wc(pair.b.rcq);

		assert_int_equal(wc.status, IBV_WC_SUCCESS);
		/* Told apart by src_qp. */
		assert_between(wc.byte_len, GRH + 1, GRH + 8);
		assert_int_equal(wc.src_qp, others[wc.byte_len - GRH - 1].qp->qp_num);
		seen |= 1 << (wc.byte_len - GRH);
	}
	assert_int_equal(seen, 0x1fe);
	for (i = 0; i < ARRAY_SIZE(others); i++)
		end_close(&others[i]);
}

/* To itself. */
static void to_itself(void **state)
{
	struct ibv_sge sge = mem_sge(&src, 0, 20);
	struct ibv_send_wr wr = wr_of(&pair.a, IBV_WR_SEND, &sge, 1);
	struct ibv_wc wc;

	wr.wr.ud.remote_qpn = pair.a.qp->qp_num;
	must_post_recv(&pair.a, 1, &dst, 0, 100);
	do_send(&pair.a, wr);
	wc = expect_wc(pair.a.rcq, 1, IBV_WC_SUCCESS);
	assert_int_equal(wc.src_qp, pair.a.qp->qp_num);
}

/* An answer can be sent to who is known only by a completion (ibv_create_ah_from_wc(3)). */
static void answer(void **state)
{
	struct ibv_sge sge = mem_sge(&src, 0, 20);
	struct ibv_send_wr wr;
	struct ibv_ah *ah;
	struct ibv_wc wc;

	must_post_recv(&pair.b, 1, &dst, 0, 100);
	do_send(&pair.a, wr_of(&pair.a, IBV_WR_SEND, &sge, 1));
	wc = expect_wc(pair.b.rcq, 1, IBV_WC_SUCCESS);
	ah = ibv_create_ah_from_wc(node.pd, &wc, (struct ibv_grh *)dst.p, 1);
	demand(ah, "ibv_create_ah_from_wc");
	must_post_recv(&pair.a, 2, &dst, PAGE, 100);
	wr = wr_of(&pair.b, IBV_WR_SEND, &sge, 1);
	wr.wr.ud.ah = ah;
	wr.wr.ud.remote_qpn = wc.src_qp;
	do_send(&pair.b, wr);
	expect_wc(pair.a.rcq, 2, IBV_WC_SUCCESS);
	assert_int_equal(ibv_destroy_ah(ah), 0);
}

static struct ibv_ah *ah_to_group(const union ibv_gid *group)
{
	struct ibv_ah_attr attr = {
		.is_global = 1, .port_num = 1,
		.grh = { .dgid = *group, .sgid_index = node.gid_index, .hop_limit = 1 },
	};
	struct ibv_ah *ah = ibv_create_ah(node.pd, &attr);

	demand(ah, "ibv_create_ah");
	return ah;
}

/*
 * The same group by two LIDs, which RoCE ignores (A17.5.6): one membership, which
 * ends with the second detach; and then the QP can be destroyed.
 */
static void group__two_lids(void **state)
{
	union ibv_gid group = { .raw = { 0xff, 0x0e, [15] = 7 } };
	struct ibv_sge sge = mem_sge(&src, 0, 30);
	struct ibv_send_wr wr = wr_of(&pair.a, IBV_WR_SEND, &sge, 1);

	skip_on_rxe("it knows nothing of the second");
	wr.wr.ud.ah = ah_to_group(&group);
	wr.wr.ud.remote_qpn = 0xffffff;
	assert_int_equal(ibv_attach_mcast(pair.b.qp, &group, 0xc000), 0);
	assert_int_equal(ibv_attach_mcast(pair.b.qp, &group, 0xc001), 0);
	must_post_recv(&pair.b, 1, &dst, 0, 100);
	must_post_recv(&pair.b, 2, &dst, 0, 100);
	do_send(&pair.a, wr);
	expect_wc(pair.b.rcq, 1, IBV_WC_SUCCESS);
	expect_none(pair.b.rcq);
	assert_int_equal(ibv_detach_mcast(pair.b.qp, &group, 0xc000), 0);
	do_send(&pair.a, wr);
	expect_wc(pair.b.rcq, 2, IBV_WC_SUCCESS);
	assert_int_equal(ibv_destroy_qp(pair.b.qp), EBUSY);
	assert_int_equal(ibv_detach_mcast(pair.b.qp, &group, 0xc001), 0);
	must_post_recv(&pair.b, 3, &dst, 0, 100);
	lost(wr, "who has left");
	assert_int_equal(ibv_destroy_ah(wr.wr.ud.ah), 0);
}

/* RDMA is not for datagrams. */
static void rdma__refused(void **state)
{
	struct ibv_sge sge = mem_sge(&src, 0, 8);
	struct ibv_send_wr wr = wr_of(&pair.a, IBV_WR_RDMA_WRITE, &sge, 1), *bad;

	skip_on_rxe("it learns too late");
	if (!ibv_post_send(pair.a.qp, &wr, &bad))
		assert_int_equal(next_wc(pair.a.scq).status, IBV_WC_LOC_QP_OP_ERR);
}

static int builders;

#define POST(f)	{ #f "__post", f, open_pair, close_pair, NULL }
#define BOTH(f)	POST(f), { #f "__wr", f, open_pair, close_pair, &builders }

static const struct CMUnitTest tests[] = {
	BOTH(send__sizes),
	BOTH(send__immediate),
	BOTH(send__scattered),
	BOTH(send__inline),
	BOTH(send__silence),
	POST(send__controlled_qkey),
	POST(send__receive_too_short),
	BOTH(send__more_than_the_mtu),
	POST(sqe),
	POST(many_to_one),
	POST(to_itself),
	POST(answer),
	POST(group__two_lids),
	POST(rdma__refused),
};

LIVE_MAIN("ud", tests, open_node, close_node)
