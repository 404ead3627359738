// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * XRC: one receiving QP for many SRQs, named by each message (annex A14;
 * ibv_open_xrcd(3), ibv_create_srq_ex(3), ibv_create_qp_ex(3), ibv_open_qp(3)).
 *
 * End a sends, end b receives.
 */

#include <fcntl.h>

#include "peer.h"

#define SRQS	2

static struct pair pair;
static struct ibv_xrcd *xrcd;
static struct ibv_srq *srq[SRQS];
static struct ibv_cq *srq_cq[SRQS];
static uint32_t srqn[SRQS];
static struct mem mem;

static int builders;
#define BUILDERS (IBV_QP_EX_WITH_SEND | IBV_QP_EX_WITH_SEND_WITH_IMM | IBV_QP_EX_WITH_RDMA_WRITE)

static struct ibv_xrcd *open_domain(int fd, int oflags)
{
	struct ibv_xrcd_init_attr attr = {
		.comp_mask = IBV_XRCD_INIT_ATTR_FD | IBV_XRCD_INIT_ATTR_OFLAGS,
		.fd = fd,
		.oflags = oflags,
	};

	return ibv_open_xrcd(node.ctx, &attr);
}

static struct ibv_srq *make_srq(struct ibv_xrcd *domain, struct ibv_cq *cq, uint32_t *number)
{
	struct ibv_srq_init_attr_ex attr = {
		.attr = { .max_wr = 16, .max_sge = 1 },
		.comp_mask = IBV_SRQ_INIT_ATTR_TYPE | IBV_SRQ_INIT_ATTR_XRCD |
			     IBV_SRQ_INIT_ATTR_CQ | IBV_SRQ_INIT_ATTR_PD,
		.srq_type = IBV_SRQT_XRC,
		.xrcd = domain,
		.cq = cq,
		.pd = node.pd,
	};
	struct ibv_srq *new = ibv_create_srq_ex(node.ctx, &attr);

	demand(new, "ibv_create_srq_ex");
	assert_int_equal(ibv_get_srq_num(new, number), 0);
	return new;
}

static void connect_pair(bool by_builders)
{
	struct address at_a, at_b;

	end_open(&pair.a, &node, &(struct end_options){
		.type = IBV_QPT_XRC_SEND, .builders = by_builders ? BUILDERS : 0 });
	end_open(&pair.b, &node, &(struct end_options){ .type = IBV_QPT_XRC_RECV, .xrcd = xrcd });
	at_a = end_address(&pair.a);
	at_b = end_address(&pair.b);
	end_connect(&pair.a, &at_b);
	end_connect(&pair.b, &at_a);
}

static int open_all(void **state)
{
	unsigned int i;

	if (!(node.attr.orig_attr.device_cap_flags & IBV_DEVICE_XRC))
		return 0;
	xrcd = open_domain(-1, O_CREAT);
	demand(xrcd, "ibv_open_xrcd");
	for (i = 0; i < SRQS; i++) {
		srq_cq[i] = cq_make(&node, 64);
		srq[i] = make_srq(xrcd, srq_cq[i], &srqn[i]);
	}
	connect_pair(*state);
	mem_make(&mem, &node, 64 * KIB, ALL_ACCESS);
	return 0;
}

static int close_all(void **state)
{
	unsigned int i;

	if (!xrcd)
		return 0;
	pair_close(&pair);
	for (i = 0; i < SRQS; i++) {
		if (srq[i])
			demand(!ibv_destroy_srq(srq[i]), "ibv_destroy_srq");
		cq_free(srq_cq[i]);
	}
	demand(!ibv_close_xrcd(xrcd), "ibv_close_xrcd");
	xrcd = NULL;
	mem_free(&mem);
	return 0;
}

#define need_xrc()							\
	do {								\
		if (!xrcd)						\
			skip_because("%s has no XRC", node.device);	\
	} while (0)

static void give(struct ibv_srq *to, uint64_t id, size_t offset)
{
	struct ibv_sge sge = mem_sge(&mem, offset, 256);
	struct ibv_recv_wr wr = { .wr_id = id, .sg_list = &sge, .num_sge = 1 }, *bad;

	assert_int_equal(ibv_post_srq_recv(to, &wr, &bad), 0);
}

static struct ibv_send_wr message_to(uint32_t number)
{
	static struct ibv_sge sge;
	struct ibv_send_wr wr;

	sge = mem_sge(&mem, 32 * KIB, 100);
	wr = wr_of(&pair.a, IBV_WR_SEND, &sge, 1);
	wr.qp_type.xrc.remote_srqn = number;
	return wr;
}

/* Each message arrives in the SRQ that it names, and completes in that SRQ's CQ. */
static void send(void **state)
{
	unsigned int i, to;

	need_xrc();
	demand(srqn[0] != srqn[1], "two SRQs, one number");
	for (i = 0; i < 8; i++) {
		struct ibv_wc wc;

		to = i / 2 % 2;
		pattern(mem.p + 32 * KIB, 100, i);
		give(srq[to], i, i * 256);
		wc = do_send(&pair.a, message_to(srqn[to]));
		assert_int_equal(wc.opcode, IBV_WC_SEND);
		wc = expect_wc(srq_cq[to], i, IBV_WC_SUCCESS);
		assert_int_equal(wc.opcode, IBV_WC_RECV);
		assert_int_equal(wc.byte_len, 100);
		demand(is_pattern(mem.p + i * 256, 100, i), "message %u", i);
		expect_none(srq_cq[!to]);
	}
}

static void send__immediate(void **state)
{
	struct ibv_send_wr wr;
	struct ibv_wc wc;

	need_xrc();
	wr = message_to(srqn[1]);
	wr.opcode = IBV_WR_SEND_WITH_IMM;
	wr.imm_data = htobe32(99);
	give(srq[1], 1, 0);
	do_send(&pair.a, wr);
	wc = expect_wc(srq_cq[1], 1, IBV_WC_SUCCESS);
	demand(wc.wc_flags & IBV_WC_WITH_IMM, "no immediate");
	assert_int_equal(wc.imm_data, htobe32(99));
}

static void rnr(void **state)
{
	struct ibv_send_wr wr;
	struct ibv_wc wc;

	need_xrc();
	give(srq[0], 1, 0);
	wr = message_to(srqn[1]);
	must_post(&pair.a, wr);
	demand(!wc_within(pair.a.scq, &wc, 40), "%s", ibv_wc_status_str(wc.status));
	give(srq[1], 2, 256);
	expect_wc(pair.a.scq, wr.wr_id, IBV_WC_SUCCESS);
	expect_wc(srq_cq[1], 2, IBV_WC_SUCCESS);
	expect_none(srq_cq[0]);
}

/* A number that is none, or of another domain, or of an ordinary SRQ. */
static void refused(uint32_t number, const char *why)
{
	struct ibv_send_wr wr = message_to(number);
	struct ibv_wc wc;

	must_post(&pair.a, wr);
	wc = next_wc(pair.a.scq);
	demand(wc.status == IBV_WC_REM_INV_REQ_ERR || wc.status == IBV_WC_REM_OP_ERR ||
	       wc.status == IBV_WC_REM_ACCESS_ERR, "%s: %s", why, ibv_wc_status_str(wc.status));
	expect_state(&pair.a, IBV_QPS_ERR);
	pair_close(&pair);
	connect_pair(false);
}

static void srq__not_for_this_qp(void **state)
{
	struct ibv_srq_init_attr basic = { .attr = { .max_wr = 4, .max_sge = 1 } };
	struct ibv_xrcd *other_domain;
	struct ibv_srq *other;
	uint32_t number;

	need_xrc();
	refused(0xabcdef, "no such SRQ");
	other_domain = open_domain(-1, O_CREAT);
	other = make_srq(other_domain, srq_cq[0], &number);
	refused(number, "an SRQ of another domain");
	assert_int_equal(ibv_destroy_srq(other), 0);
	assert_int_equal(ibv_close_xrcd(other_domain), 0);
	other = ibv_create_srq(node.pd, &basic);
	if (!ibv_get_srq_num(other, &number))
		refused(number, "an SRQ of no domain");
	assert_int_equal(ibv_destroy_srq(other), 0);
	give(srq[0], 1, 0);
	do_send(&pair.a, message_to(srqn[0]));
}

/* A sender for each of many, one receiving QP each, all into one SRQ. */
static void many_senders(void **state)
{
	struct pair first;
	unsigned int i;

	need_xrc();
	first = pair;
	for (i = 0; i < 4; i++) {
		connect_pair(false);
		give(srq[0], i, 256 * i);
		do_send(&pair.a, message_to(srqn[0]));
		expect_wc(srq_cq[0], i, IBV_WC_SUCCESS);
		pair_close(&pair);
	}
	pair = first;
	give(srq[0], 9, 0);
	do_send(&pair.a, message_to(srqn[0]));
	expect_wc(srq_cq[0], 9, IBV_WC_SUCCESS);
}

static void limit(void **state)
{
	struct ibv_srq_attr attr = { .srq_limit = 1 };

	need_xrc();
	give(srq[0], 1, 0);
	assert_int_equal(ibv_modify_srq(srq[0], &attr, IBV_SRQ_LIMIT), 0);
	do_send(&pair.a, message_to(srqn[0]));
	demand(await_async(node.ctx, IBV_EVENT_SRQ_LIMIT_REACHED, DEADLINE_MS), "no event");
	expect_wc(srq_cq[0], 1, IBV_WC_SUCCESS);
}

/* One file is one domain; ibv_open_xrcd(3) has open(2)'s rules. */
static void domain__of_a_file(void **state)
{
	int fd = open("/tmp/axe-xrcd", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct ibv_xrcd *own = xrcd, *one, *two;
	struct ibv_srq *other;
	uint32_t number;

	need_xrc();
	demand(!open_domain(fd, 0), "a domain that nobody made");
	one = open_domain(fd, O_CREAT);
	demand(one, "ibv_open_xrcd: O_CREAT");
	two = open_domain(fd, 0);
	demand(two, "ibv_open_xrcd: a second time");
	demand(!open_domain(fd, O_CREAT | O_EXCL), "O_EXCL");

	/* A QP of the one finds an SRQ of the other. */
	pair_close(&pair);
	xrcd = one;
	connect_pair(false);
	other = make_srq(two, srq_cq[0], &number);
	give(other, 4, 0);
	do_send(&pair.a, message_to(number));
	expect_wc(srq_cq[0], 4, IBV_WC_SUCCESS);
	assert_int_equal(ibv_close_xrcd(two), EBUSY);
	assert_int_equal(ibv_destroy_srq(other), 0);
	assert_int_equal(ibv_close_xrcd(two), 0);
	pair_close(&pair);
	assert_int_equal(ibv_close_xrcd(one), 0);
	xrcd = own;
	connect_pair(false);
	close(fd);
	unlink("/tmp/axe-xrcd");
}

/* An SRQ of a domain holds the domain. */
static void domain__busy(void **state)
{
	need_xrc();
	assert_int_equal(ibv_close_xrcd(xrcd), EBUSY);
}

/* The receiving QP has no send queue. */
static void receiver_does_not_send(void **state)
{
	struct ibv_send_wr wr, *bad;

	need_xrc();
	wr = message_to(srqn[0]);
	demand(ibv_post_send(pair.b.qp, &wr, &bad), "posted");
}

/* Another process's QP, by its number: the QP lives as long as one of both has it. */
static void open_qp(void **state)
{
	struct ibv_qp_open_attr attr = {
		.comp_mask = IBV_QP_OPEN_ATTR_NUM | IBV_QP_OPEN_ATTR_XRCD |
			     IBV_QP_OPEN_ATTR_TYPE,
		.qp_type = IBV_QPT_XRC_RECV,
	};
	struct ibv_qp *again;

	need_xrc();
	attr.qp_num = pair.b.qp->qp_num;
	attr.xrcd = xrcd;
	again = ibv_open_qp(node.ctx, &attr);
	demand(again, "ibv_open_qp");
	assert_int_equal(again->qp_num, pair.b.qp->qp_num);
	assert_int_equal(ibv_destroy_qp(pair.b.qp), 0);
	pair.b.qp = again;
	give(srq[0], 1, 0);
	do_send(&pair.a, message_to(srqn[0]));
	expect_wc(srq_cq[0], 1, IBV_WC_SUCCESS);
}

#define POST(f)	{ #f "__post", f, open_all, close_all, NULL }
#define BOTH(f)	POST(f), { #f "__wr", f, open_all, close_all, &builders }

static const struct CMUnitTest tests[] = {
	BOTH(send), BOTH(send__immediate), BOTH(rnr),
	POST(srq__not_for_this_qp), POST(many_senders), POST(limit),
	POST(domain__of_a_file), POST(domain__busy), POST(receiver_does_not_send), POST(open_qp),
};

LIVE_MAIN("xrc", tests, open_node, close_node)
