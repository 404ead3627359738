// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * What connected QPs carry, RC and UC: SEND, WRITE, READ of every size and shape,
 * posted by ibv_post_send(3) and by the builders of ibv_wr_post(3).
 */

#include "peer.h"

/* A kind of pair, and the pair, opened before each test. */
struct way {
	enum ibv_qp_type type;
	bool builders;
};

static struct pair pair;
static struct mem src, dst;

#define ROOM	(2 * MIB)
#define MAX_SGE	8
#define EDGE	64

#define RDMA_BUILDERS							\
	(IBV_QP_EX_WITH_SEND | IBV_QP_EX_WITH_SEND_WITH_IMM |		\
	 IBV_QP_EX_WITH_RDMA_WRITE | IBV_QP_EX_WITH_RDMA_WRITE_WITH_IMM)

static int open_pair(void **state)
{
	const struct way *way = *state;
	uint64_t builders = RDMA_BUILDERS;

	if (way->type == IBV_QPT_RC)
		builders |= IBV_QP_EX_WITH_RDMA_READ;
	pair_open(&pair, &(struct end_options){
		.type = way->type, .builders = way->builders ? builders : 0,
		.send_sge = MAX_SGE, .recv_sge = MAX_SGE, .max_inline = 128 });
	mem_make(&src, &node, ROOM, ALL_ACCESS);
	mem_make(&dst, &node, ROOM, ALL_ACCESS);
	return 0;
}

static int close_pair(void **state)
{
	pair_close(&pair);
	mem_free(&src);
	mem_free(&dst);
	return 0;
}

/* One byte, odd ones, around a page's and a packet's end, and many. */
static const size_t sizes[] = {
	1, 2, 7, 63, 64, 65, 1023, 1024, 1025, 4095, 4096, 4097, 65536 + 3, 1024 * 1024,
};

static void blank(const struct mem *m, size_t offset, size_t length)
{
	memset(m->p + offset - EDGE, 0xee, length + 2 * EDGE);
}

/* The bytes of @seed arrived, and nothing beside them. */
static void arrived(const struct mem *m, size_t offset, size_t length, uint32_t seed)
{
	unsigned int i;

	demand(is_pattern(m->p + offset, length, seed), "%zu bytes", length);
	for (i = 0; i < EDGE; i++)
		demand(m->p[offset - 1 - i] == 0xee && m->p[offset + length + i] == 0xee,
		       "written beside %zu bytes", length);
}

static void check_recv(const struct ibv_wc *wc, enum ibv_wc_opcode opcode, size_t length)
{
	demand(wc->opcode == opcode, "opcode %d", wc->opcode);
	demand(wc->byte_len == length, "byte_len %u, not %zu", wc->byte_len, length);
	demand(wc->qp_num == pair.b.qp->qp_num, "qp_num %u", wc->qp_num);
	/* Only UD has a GRH in the buffer. */
	demand(!(wc->wc_flags & IBV_WC_GRH) || node.rxe, "wc_flags %#x", wc->wc_flags);
}

static void check_sent(const struct ibv_wc *wc, enum ibv_wc_opcode opcode)
{
	demand(wc->opcode == opcode, "opcode %d", wc->opcode);
	demand(wc->qp_num == pair.a.qp->qp_num, "qp_num %u", wc->qp_num);
}

static void send_one(size_t from, size_t to, size_t length)
{
	struct ibv_sge sge = mem_sge(&src, from, length);
	struct ibv_wc wc;

	pattern(src.p + from, length, length);
	blank(&dst, to, length);
	must_post_recv(&pair.b, 5, &dst, to, length);
	wc = do_send(&pair.a, wr_of(&pair.a, IBV_WR_SEND, &sge, 1));
	check_sent(&wc, IBV_WC_SEND);
	wc = expect_wc(pair.b.rcq, 5, IBV_WC_SUCCESS);
	check_recv(&wc, IBV_WC_RECV, length);
	demand(!(wc.wc_flags & IBV_WC_WITH_IMM), "an immediate");
	arrived(&dst, to, length, length);
}

static void send__sizes(void **state)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		send_one(PAGE - 5, PAGE + 77, sizes[i]);
}

static void write__sizes(void **state)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct ibv_sge sge = mem_sge(&src, 3 * PAGE - 1, sizes[i]);
		struct ibv_wc wc;

		pattern(src.p + 3 * PAGE - 1, sizes[i], i);
		blank(&dst, 200, sizes[i]);
		wc = do_send(&pair.a, wr_at(&pair.a, IBV_WR_RDMA_WRITE, &sge, 1, &dst, 200));
		check_sent(&wc, IBV_WC_RDMA_WRITE);
		/* UC says "sent", not "arrived"; a message behind it says so. */
		if (pair.a.o.type == IBV_QPT_UC)
			expect_alive(&pair);
		arrived(&dst, 200, sizes[i], i);
	}
	expect_none(pair.b.rcq);
}

static void read__sizes(void **state)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct ibv_sge sge = mem_sge(&dst, 100, sizes[i]);
		struct ibv_wc wc;

		pattern(src.p + PAGE - 3, sizes[i], i);
		blank(&dst, 100, sizes[i]);
		wc = do_send(&pair.a,
			     wr_at(&pair.a, IBV_WR_RDMA_READ, &sge, 1, &src, PAGE - 3));
		check_sent(&wc, IBV_WC_RDMA_READ);
		/* ibv_poll_cq(3): byte_len is valid for READ, too. */
		demand(wc.byte_len == sizes[i], "byte_len %u", wc.byte_len);
		arrived(&dst, 100, sizes[i], i);
	}
}

/* A message needs no buffer, nor a valid key, to say nothing. */
static void zero_length(void **state)
{
	bool rc = pair.a.o.type == IBV_QPT_RC;
	struct ibv_sge nothing = { .addr = 4096, .length = 0, .lkey = 0 };
	struct ibv_send_wr wr;
	struct ibv_wc wc;

	assert_int_equal(post_recv_sge(&pair.b, 1, NULL, 0), 0);
	do_send(&pair.a, wr_of(&pair.a, IBV_WR_SEND, NULL, 0));
	wc = expect_wc(pair.b.rcq, 1, IBV_WC_SUCCESS);
	check_recv(&wc, IBV_WC_RECV, 0);

	/* A receive with room stays as it is. */
	blank(&dst, 100, 10);
	must_post_recv(&pair.b, 2, &dst, 100, 10);
	do_send(&pair.a, wr_of(&pair.a, IBV_WR_SEND, NULL, 0));
	wc = expect_wc(pair.b.rcq, 2, IBV_WC_SUCCESS);
	check_recv(&wc, IBV_WC_RECV, 0);
	assert_int_equal(dst.p[100], 0xee);

	/* C9-88: the R_Key of an RDMA of length 0 is not checked. */
	wr = wr_of(&pair.a, IBV_WR_RDMA_WRITE, NULL, 0);
	wr.wr.rdma.rkey = 0x12345678;
	wr.wr.rdma.remote_addr = 0xdead;
	do_send(&pair.a, wr);
	if (rc) {
		wr.opcode = IBV_WR_RDMA_READ;
		do_send(&pair.a, wr);
	}
	/* An empty entry of a list counts for nothing. */
	assert_int_equal(post_recv_sge(&pair.b, 3, &nothing, 1), 0);
	do_send(&pair.a, wr_of(&pair.a, IBV_WR_SEND, &nothing, 1));
	expect_wc(pair.b.rcq, 3, IBV_WC_SUCCESS);
	expect_alive(&pair);
}

static void send__immediate(void **state)
{
	struct ibv_sge sge = mem_sge(&src, 0, 20);
	struct ibv_send_wr wr;
	struct ibv_wc wc;

	pattern(src.p, 20, 1);
	blank(&dst, 100, 20);
	must_post_recv(&pair.b, 6, &dst, 100, 1000);
	wr = wr_of(&pair.a, IBV_WR_SEND_WITH_IMM, &sge, 1);
	wr.imm_data = htobe32(0x01020304);
	wc = do_send(&pair.a, wr);
	check_sent(&wc, IBV_WC_SEND);
	wc = expect_wc(pair.b.rcq, 6, IBV_WC_SUCCESS);
	check_recv(&wc, IBV_WC_RECV, 20);
	demand(wc.wc_flags & IBV_WC_WITH_IMM, "no immediate");
	assert_int_equal(wc.imm_data, htobe32(0x01020304));
	arrived(&dst, 100, 20, 1);
}

/* It takes a receive, whose buffer is not touched; byte_len is what was written. */
static void write__immediate(void **state)
{
	struct ibv_sge sge = mem_sge(&src, 0, 300);
	struct ibv_send_wr wr;
	struct ibv_wc wc;

	pattern(src.p, 300, 2);
	blank(&dst, 100, 300);
	blank(&dst, 5000, 8);
	must_post_recv(&pair.b, 7, &dst, 5000, 8);
	wr = wr_at(&pair.a, IBV_WR_RDMA_WRITE_WITH_IMM, &sge, 1, &dst, 100);
	wr.imm_data = htobe32(7);
	wc = do_send(&pair.a, wr);
	check_sent(&wc, IBV_WC_RDMA_WRITE);
	wc = expect_wc(pair.b.rcq, 7, IBV_WC_SUCCESS);
	check_recv(&wc, IBV_WC_RECV_RDMA_WITH_IMM, 300);
	demand(wc.wc_flags & IBV_WC_WITH_IMM, "no immediate");
	assert_int_equal(wc.imm_data, htobe32(7));
	arrived(&dst, 100, 300, 2);
	assert_int_equal(dst.p[5000], 0xee);

	/* Without data, and into a receive without a buffer. */
	assert_int_equal(post_recv_sge(&pair.b, 8, NULL, 0), 0);
	wr.sg_list = NULL;
	wr.num_sge = 0;
	do_send(&pair.a, wr);
	wc = expect_wc(pair.b.rcq, 8, IBV_WC_SUCCESS);
	check_recv(&wc, IBV_WC_RECV_RDMA_WITH_IMM, 0);
}

/* n pieces of odd lengths, apart from each other, out of order. */
static size_t pieces(struct ibv_sge *sge, const struct mem *m, unsigned int n, size_t unit)
{
	size_t total = 0;
	unsigned int i;

	for (i = 0; i < n; i++) {
		sge[i] = mem_sge(m, (n - i) * 3 * PAGE - 9, unit * (i + 1) + i);
		total += sge[i].length;
	}
	return total;
}

static void copy_pieces(uint8_t *flat, const struct ibv_sge *sge, unsigned int n, bool out)
{
	unsigned int i;

	for (i = 0; i < n; flat += sge[i++].length) {
		void *p = (void *)(uintptr_t)sge[i].addr;

		memcpy(out ? p : flat, out ? flat : p, sge[i].length);
	}
}

static void scatter_gather(void **state)
{
	struct ibv_sge from[MAX_SGE], to[MAX_SGE], got[MAX_SGE];
	uint8_t *flat;
	unsigned int n;

	if (pair.a.qx)
		skip_on_rxe("its builder counts the first entry of a list only");
	flat = malloc(ROOM);
	for (n = 1; n <= MAX_SGE; n++) {
		size_t total = pieces(from, &src, n, 1000);

		pattern(flat, total, n);
		copy_pieces(flat, from, n, true);
		memset(dst.p, 0xee, ROOM);
		/* The other way round, with more room than is needed. */
		pieces(to, &dst, MAX_SGE, 1100);
		assert_int_equal(post_recv_sge(&pair.b, n, to, MAX_SGE), 0);
		do_send(&pair.a, wr_of(&pair.a, IBV_WR_SEND, from, n));
		demand(expect_wc(pair.b.rcq, n, IBV_WC_SUCCESS).byte_len == total, "byte_len");
		memset(flat, 0, total);
		copy_pieces(flat, to, MAX_SGE, false);
		demand(is_pattern(flat, total, n), "%u pieces", n);
		demand(flat[total] == 0xee, "%u pieces: something behind", n);

		if (pair.a.o.type == IBV_QPT_UC)
			continue;
		memset(dst.p, 0xee, ROOM);
		do_send(&pair.a, wr_at(&pair.a, IBV_WR_RDMA_WRITE, from, n, &dst, 1000));
		demand(is_pattern(dst.p + 1000, total, n), "written from %u pieces", n);
		memset(src.p, 0, ROOM);
		pieces(got, &src, n, 1000);
		do_send(&pair.a, wr_at(&pair.a, IBV_WR_RDMA_READ, got, n, &dst, 1000));
		copy_pieces(flat, got, n, false);
		demand(is_pattern(flat, total, n), "read into %u pieces", n);
	}
	free(flat);
}

/* ibv_post_send(3): the errno is returned, bad_wr is the first that was not posted. */
static void post__refused(void **state)
{
	struct ibv_sge sge[MAX_SGE + 1];
	struct ibv_send_wr wr[3], *bad = NULL;
	struct ibv_recv_wr rwr = { .sg_list = sge, .num_sge = MAX_SGE + 1 }, *bad_r = NULL;
	unsigned int i;

	skip_on_rxe("posting what is refused kills the program");
	for (i = 0; i < ARRAY_SIZE(sge); i++)
		sge[i] = mem_sge(&src, i * 8, 8);
	/* What was granted may be more than what was asked for. */
	for (i = 0; i < 3; i++) {
		wr[i] = wr_at(&pair.a, IBV_WR_RDMA_WRITE, sge, 1, &dst, 0);
		wr[i].next = i < 2 ? &wr[i + 1] : NULL;
	}
	wr[1].num_sge = 1000;
	demand(ibv_post_send(pair.a.qp, wr, &bad) > 0, "1000 entries");
	demand(bad == &wr[1], "bad_wr");
	expect_wc(pair.a.scq, wr[0].wr_id, IBV_WC_SUCCESS);
	expect_none(pair.a.scq);

	wr[0].next = NULL;
	wr[0].opcode = 77;
	demand(ibv_post_send(pair.a.qp, wr, &bad) == EINVAL, "an opcode that is none");
	demand(bad == wr, "bad_wr");
	wr[0].opcode = IBV_WR_SEND;
	wr[0].send_flags |= IBV_SEND_INLINE;
	sge[0].length = 100000;
	demand(ibv_post_send(pair.a.qp, wr, &bad) > 0, "100000 bytes inline");

	rwr.num_sge = 1000;
	demand(ibv_post_recv(pair.b.qp, &rwr, &bad_r) > 0, "1000 entries");
	demand(bad_r == &rwr, "bad_wr");
	expect_alive(&pair);
}

/* The receive queue takes as many as it was made for, at least, and then no more. */
static void post__receive_queue_full(void **state)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < 100000 && !ret; i++)
		ret = post_recv(&pair.b, i, &dst, 0, 8);
	assert_int_equal(ret, ENOMEM);
	demand(i > 64, "full after %u", i - 1);
	/* Room again, for one. */
	assert_int_equal(end_to(&pair.b, IBV_QPS_ERR), 0);
	expect_wc(pair.b.rcq, 0, IBV_WC_WR_FLUSH_ERR);
}

/* Inline data is taken at once, from memory that no key stands for. */
static void inline_data(void **state)
{
	uint8_t *p;
	unsigned int n;

	if (pair.a.qx)
		skip_on_rxe("its builder loses inline lists");
	p = pages(PAGE);
	for (n = 0; n <= 128; n += 16) {
		struct ibv_sge sge[2] = {
			{ .addr = (uintptr_t)p, .length = n / 3, .lkey = 0xbad },
			{ .addr = (uintptr_t)p + n / 3, .length = n - n / 3, .lkey = 0xbad },
		};
		struct ibv_send_wr wr = wr_of(&pair.a, IBV_WR_SEND, sge, 2);

		pattern(p, n, n);
		blank(&dst, 100, n);
		must_post_recv(&pair.b, n, &dst, 100, 128);
		wr.send_flags |= IBV_SEND_INLINE;
		must_post(&pair.a, wr);
		memset(p, 0, PAGE);
		expect_wc(pair.a.scq, wr.wr_id, IBV_WC_SUCCESS);
		assert_int_equal(expect_wc(pair.b.rcq, n, IBV_WC_SUCCESS).byte_len, n);
		arrived(&dst, 100, n, n);

		pattern(p, n, n + 1);
		blank(&dst, 300, n);
		wr = wr_at(&pair.a, IBV_WR_RDMA_WRITE, sge, 2, &dst, 300);
		wr.send_flags |= IBV_SEND_INLINE;
		do_send(&pair.a, wr);
		if (pair.a.o.type == IBV_QPT_UC)
			expect_alive(&pair);
		arrived(&dst, 300, n, n + 1);
	}
	munmap(p, PAGE);
}

/* Many at once arrive in the order of posting, and complete in it. */
static void order(void **state)
{
	struct ibv_send_wr wr[32];
	struct ibv_sge sge[32];
	unsigned int i;

	for (i = 0; i < 32; i++) {
		/* Long and short ones in turns. */
		size_t length = i % 2 ? 8 : 20000;

		pattern(src.p + i * 20000, length, i);
		sge[i] = mem_sge(&src, i * 20000, length);
		must_post_recv(&pair.b, i, &dst, i * 20000, 20000);
		wr[i] = wr_of(&pair.a, IBV_WR_SEND, &sge[i], 1);
		wr[i].next = i < 31 ? &wr[i + 1] : NULL;
	}
	assert_int_equal(post_send(&pair.a, wr), 0);
	for (i = 0; i < 32; i++) {
		struct ibv_wc wc = expect_wc(pair.b.rcq, i, IBV_WC_SUCCESS);

		assert_int_equal(wc.byte_len, sge[i].length);
		demand(is_pattern(dst.p + i * 20000, sge[i].length, i), "message %u", i);
	}
	for (i = 0; i < 32; i++)
		expect_wc(pair.a.scq, wr[i].wr_id, IBV_WC_SUCCESS);
}

/* A fenced SEND starts when the READ before it has its data (10.8.3.3). */
static void fence(void **state)
{
	struct ibv_sge got = mem_sge(&dst, 0, 300000), message = mem_sge(&dst, 299000, 1000);
	struct ibv_send_wr wr[2];
	unsigned int i;

	for (i = 0; i < 8; i++) {
		wr[0] = wr_at(&pair.a, IBV_WR_RDMA_READ, &got, 1, &src, 0);
		wr[1] = wr_of(&pair.a, IBV_WR_SEND, &message, 1);
		wr[0].next = &wr[1];
		wr[0].send_flags = 0;
		wr[1].send_flags |= IBV_SEND_FENCE;
		memset(dst.p, 0, 300000);
		pattern(src.p, 300000, i);
		must_post_recv(&pair.b, i, &dst, 400000, 1000);
		assert_int_equal(post_send(&pair.a, wr), 0);
		expect_wc(pair.b.rcq, i, IBV_WC_SUCCESS);
		expect_wc(pair.a.scq, wr[1].wr_id, IBV_WC_SUCCESS);
		demand(!memcmp(dst.p + 400000, src.p + 299000, 1000), "round %u", i);
	}
}

static void both_directions(void **state)
{
	struct ibv_sge there = mem_sge(&src, 0, MIB / 4), back = mem_sge(&dst, 0, MIB / 4);
	unsigned int i;

	for (i = 0; i < 4; i++) {
		pattern(src.p, MIB / 4, i);
		pattern(dst.p, MIB / 4, i + 100);
		must_post_recv(&pair.b, 1, &dst, MIB, MIB / 4);
		must_post_recv(&pair.a, 2, &src, MIB, MIB / 4);
		must_post(&pair.a, wr_of(&pair.a, IBV_WR_SEND, &there, 1));
		must_post(&pair.b, wr_of(&pair.b, IBV_WR_SEND, &back, 1));
		expect_wc(pair.b.rcq, 1, IBV_WC_SUCCESS);
		expect_wc(pair.a.rcq, 2, IBV_WC_SUCCESS);
		assert_int_equal(next_wc(pair.a.scq).status, IBV_WC_SUCCESS);
		assert_int_equal(next_wc(pair.b.scq).status, IBV_WC_SUCCESS);
		demand(is_pattern(dst.p + MIB, MIB / 4, i), "there");
		demand(is_pattern(src.p + MIB, MIB / 4, i + 100), "and back");
	}
}

static struct way ways[] = {
	{ IBV_QPT_RC, false }, { IBV_QPT_RC, true }, { IBV_QPT_UC, false }, { IBV_QPT_UC, true },
};

#define IN(f, name, i)	{ #f "__" name, f, open_pair, close_pair, &ways[i] }
#define RC(f)		IN(f, "rc_post", 0), IN(f, "rc_wr", 1)
#define RC_UC(f)	RC(f), IN(f, "uc_post", 2), IN(f, "uc_wr", 3)

static const struct CMUnitTest tests[] = {
	RC_UC(send__sizes),
	RC_UC(write__sizes),
	RC(read__sizes),
	RC_UC(zero_length),
	RC_UC(send__immediate),
	RC_UC(write__immediate),
	RC_UC(scatter_gather),
	IN(post__refused, "rc", 0), IN(post__refused, "uc", 2),
	IN(post__receive_queue_full, "rc", 0),
	RC_UC(inline_data),
	RC_UC(order),
	RC(fence),
	RC_UC(both_directions),
};

LIVE_MAIN("rc", tests, open_node, close_node)
