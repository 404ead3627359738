// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Memory windows of type 1 and 2 (ibv_alloc_mw(3), ibv_bind_mw(3), specification
 * 10.6.7), and invalidation, local and by the peer (10.6.7.2, 9.4.1.1).
 *
 * End b has the memory and binds; end a uses the key.
 */

#include "peer.h"

static struct pair pair;
static struct mem mem, local;

static int builders;
#define BUILDERS							\
	(IBV_QP_EX_WITH_SEND | IBV_QP_EX_WITH_SEND_WITH_INV | IBV_QP_EX_WITH_RDMA_WRITE |	\
	 IBV_QP_EX_WITH_RDMA_READ | IBV_QP_EX_WITH_LOCAL_INV | IBV_QP_EX_WITH_BIND_MW)

static int open_pair(void **state)
{
	pair_open(&pair, &(struct end_options){ .builders = *state ? BUILDERS : 0 });
	mem_make(&mem, &node, 4 * PAGE, ALL_ACCESS | IBV_ACCESS_MW_BIND);
	mem_make(&local, &node, PAGE, ALL_ACCESS);
	return 0;
}

static int close_pair(void **state)
{
	pair_close(&pair);
	mem_free(&mem);
	mem_free(&local);
	return 0;
}

/* A new connection after an error. */
static void again(void **state)
{
	pair_close(&pair);
	pair_open(&pair, &(struct end_options){ .builders = *state ? BUILDERS : 0 });
}

static struct ibv_mw *make(enum ibv_mw_type type)
{
	struct ibv_mw *mw = ibv_alloc_mw(node.pd, type);

	demand(mw, "ibv_alloc_mw");
	assert_int_equal(mw->type, type);
	return mw;
}

static struct ibv_mw_bind_info window(size_t offset, size_t length, unsigned int access)
{
	return (struct ibv_mw_bind_info) {
		.mr = mem.mr, .addr = (uintptr_t)mem.p + offset, .length = length,
		.mw_access_flags = access,
	};
}

/* Type 1: the verb binds, and the window has a new key. */
static struct ibv_wc bind1(struct ibv_mw *mw, struct ibv_mw_bind_info info)
{
	struct ibv_mw_bind bind = { .wr_id = 1, .send_flags = IBV_SEND_SIGNALED,
				    .bind_info = info };
	int ret = ibv_bind_mw(pair.b.qp, mw, &bind);

	demand(!ret, "ibv_bind_mw: %s", strerror(ret));
	return next_wc(pair.b.scq);
}

/* Type 2: a work request binds, and the program chooses the key's low byte. */
static struct ibv_send_wr bind_wr(struct ibv_mw *mw, struct ibv_mw_bind_info info)
{
	struct ibv_send_wr wr = wr_of(&pair.b, IBV_WR_BIND_MW, NULL, 0);

	wr.bind_mw.mw = mw;
	wr.bind_mw.rkey = ibv_inc_rkey(mw->rkey);
	wr.bind_mw.bind_info = info;
	return wr;
}

static struct ibv_wc bind2(struct ibv_mw *mw, struct ibv_mw_bind_info info)
{
	struct ibv_send_wr wr = bind_wr(mw, info);
	struct ibv_wc wc;

	must_post(&pair.b, wr);
	wc = next_wc(pair.b.scq);
	if (wc.status == IBV_WC_SUCCESS)
		mw->rkey = wr.bind_mw.rkey;
	return wc;
}

static struct ibv_wc bind_either(struct ibv_mw *mw, struct ibv_mw_bind_info info)
{
	return mw->type == IBV_MW_TYPE_1 ? bind1(mw, info) : bind2(mw, info);
}

/* What end a gets for it. */
static enum ibv_wc_status use(enum ibv_wr_opcode opcode, uint32_t rkey, size_t offset,
			      size_t length)
{
	struct ibv_sge sge = mem_sge(&local, 0, length);
	struct ibv_send_wr wr = wr_at(&pair.a, opcode, &sge, 1, &mem, offset);

	wr.wr.rdma.rkey = rkey;
	must_post(&pair.a, wr);
	return next_wc(pair.a.scq).status;
}

#define assert_use(expected, ...)	assert_int_equal(use(__VA_ARGS__), expected)
#define assert_bound(wc)						\
	do {								\
		struct ibv_wc wc_ = (wc);				\
									\
		demand(wc_.status == IBV_WC_SUCCESS, "bind: %s",	\
		       ibv_wc_status_str(wc_.status));			\
		assert_int_equal(wc_.opcode, IBV_WC_BIND_MW);		\
	} while (0)

#define RW	(IBV_ACCESS_REMOTE_READ | IBV_ACCESS_REMOTE_WRITE)

static void binds(void **state, enum ibv_mw_type type)
{
	struct ibv_mw *mw = make(type);
	uint32_t unbound = mw->rkey;

	assert_bound(bind_either(mw, window(PAGE, 100, RW)));
	demand(mw->rkey != unbound, "the key is the same");
	pattern(local.p, 100, 1);
	assert_use(IBV_WC_SUCCESS, IBV_WR_RDMA_WRITE, mw->rkey, PAGE, 100);
	demand(is_pattern(mem.p + PAGE, 100, 1), "written");
	memset(local.p, 0, 100);
	assert_use(IBV_WC_SUCCESS, IBV_WR_RDMA_READ, mw->rkey, PAGE + 3, 97);
	demand(!memcmp(local.p, mem.p + PAGE + 3, 97), "read");
	assert_int_equal(ibv_dealloc_mw(mw), 0);
	/* The key went with it. */
	assert_use(IBV_WC_REM_ACCESS_ERR, IBV_WR_RDMA_READ, mw->rkey, PAGE, 8);
}

static void type1(void **state)
{
	binds(state, IBV_MW_TYPE_1);
}

static void type2(void **state)
{
	binds(state, IBV_MW_TYPE_2);
}

/* Inside the region, but not inside the window. */
static void range(void **state)
{
	struct ibv_mw *mw;

	skip_on_rxe("it looks at the region's range only");
	mw = make(IBV_MW_TYPE_1);
	assert_bound(bind1(mw, window(PAGE, 100, RW)));
	assert_use(IBV_WC_REM_ACCESS_ERR, IBV_WR_RDMA_WRITE, mw->rkey, PAGE + 1, 100);
	again(state);
	assert_use(IBV_WC_REM_ACCESS_ERR, IBV_WR_RDMA_READ, mw->rkey, PAGE - 1, 8);
	again(state);
	assert_use(IBV_WC_SUCCESS, IBV_WR_RDMA_READ, mw->rkey, PAGE, 8);
	assert_int_equal(ibv_dealloc_mw(mw), 0);
}

static void range__type2(void **state)
{
	struct ibv_mw *mw;

	skip_on_rxe("it looks at the region's range only");
	mw = make(IBV_MW_TYPE_2);
	assert_bound(bind2(mw, window(PAGE, 100, RW)));
	assert_use(IBV_WC_REM_ACCESS_ERR, IBV_WR_RDMA_WRITE, mw->rkey, PAGE + 93, 8);
	assert_int_equal(ibv_dealloc_mw(mw), 0);
}

/* What is not bound is no key. */
static void unbound(void **state, enum ibv_mw_type type)
{
	struct ibv_mw *mw = make(type);
	uint32_t rkey = mw->rkey;

	assert_use(IBV_WC_REM_ACCESS_ERR, IBV_WR_RDMA_READ, rkey, 0, 8);
	assert_int_equal(ibv_dealloc_mw(mw), 0);
}

static void unbound__type1(void **state)
{
	unbound(state, IBV_MW_TYPE_1);
}

static void unbound__type2(void **state)
{
	unbound(state, IBV_MW_TYPE_2);
}

/* 10.6.7.2.5: a type 1 window bound again has the new place only; length 0 unbinds. */
static void type1__rebind(void **state)
{
	struct ibv_mw *mw = make(IBV_MW_TYPE_1);
	uint32_t old;

	assert_bound(bind1(mw, window(0, 100, RW)));
	old = mw->rkey;
	assert_bound(bind1(mw, window(PAGE, 100, RW)));
	demand(mw->rkey != old, "the key is the same");
	assert_use(IBV_WC_SUCCESS, IBV_WR_RDMA_READ, mw->rkey, PAGE, 8);
	assert_use(IBV_WC_REM_ACCESS_ERR, IBV_WR_RDMA_READ, old, 0, 8);
	again(state);
	assert_bound(bind1(mw, window(0, 0, 0)));
	assert_use(IBV_WC_REM_ACCESS_ERR, IBV_WR_RDMA_READ, mw->rkey, PAGE, 8);
	assert_int_equal(ibv_dealloc_mw(mw), 0);
}

/* A bound type 2 window is not bound again before it is invalidated (o10-37.2.30). */
static void type2__rebind(void **state)
{
	struct ibv_mw *mw;

	skip_on_rxe("a bind that fails hangs it");
	mw = make(IBV_MW_TYPE_2);
	assert_bound(bind2(mw, window(0, 100, RW)));
	assert_int_equal(bind2(mw, window(0, 50, RW)).status, IBV_WC_MW_BIND_ERR);
	expect_state(&pair.b, IBV_QPS_ERR);
	assert_int_equal(ibv_dealloc_mw(mw), 0);
}

static struct ibv_wc invalidate(struct end *e, uint32_t rkey)
{
	struct ibv_send_wr wr = wr_of(e, IBV_WR_LOCAL_INV, NULL, 0);

	wr.invalidate_rkey = rkey;
	must_post(e, wr);
	return next_wc(e->scq);
}

static void type2__local_invalidate(void **state)
{
	struct ibv_mw *mw = make(IBV_MW_TYPE_2);
	struct ibv_wc wc;

	assert_bound(bind2(mw, window(0, 100, RW)));
	wc = invalidate(&pair.b, mw->rkey);
	assert_int_equal(wc.status, IBV_WC_SUCCESS);
	assert_int_equal(wc.opcode, IBV_WC_LOCAL_INV);
	/* And again somewhere else. */
	assert_bound(bind2(mw, window(PAGE, 100, RW)));
	assert_use(IBV_WC_SUCCESS, IBV_WR_RDMA_READ, mw->rkey, PAGE, 8);
	assert_int_equal(invalidate(&pair.b, mw->rkey).status, IBV_WC_SUCCESS);
	assert_use(IBV_WC_REM_ACCESS_ERR, IBV_WR_RDMA_READ, mw->rkey, PAGE, 8);
	assert_int_equal(ibv_dealloc_mw(mw), 0);
}

static void local_invalidate__no_such_key(void **state)
{
	struct ibv_wc wc = invalidate(&pair.b, 0x12345678);

	demand(wc.status != IBV_WC_SUCCESS, "a key that is none");
	expect_state(&pair.b, IBV_QPS_ERR);
}

static struct ibv_send_wr send_inv(uint32_t rkey)
{
	static struct ibv_sge sge;
	struct ibv_send_wr wr;

	sge = mem_sge(&local, 0, 16);
	wr = wr_of(&pair.a, IBV_WR_SEND_WITH_INV, &sge, 1);
	wr.invalidate_rkey = rkey;
	return wr;
}

/* The receive says which key went. */
static void type2__remote_invalidate(void **state)
{
	struct ibv_mw *mw = make(IBV_MW_TYPE_2);
	struct ibv_wc wc;

	assert_bound(bind2(mw, window(0, 100, RW)));
	must_post_recv(&pair.b, 5, &mem, 2 * PAGE, 64);
	do_send(&pair.a, send_inv(mw->rkey));
	wc = expect_wc(pair.b.rcq, 5, IBV_WC_SUCCESS);
	assert_int_equal(wc.opcode, IBV_WC_RECV);
	assert_int_equal(wc.byte_len, 16);
	/* rxe has the kernel's bit there, which is another one. */
	demand(wc.wc_flags & IBV_WC_WITH_INV || node.rxe, "wc_flags %#x", wc.wc_flags);
	demand(wc.invalidated_rkey == mw->rkey, "invalidated %#x", wc.invalidated_rkey);
	assert_use(IBV_WC_REM_ACCESS_ERR, IBV_WR_RDMA_READ, mw->rkey, 0, 8);
	assert_int_equal(ibv_dealloc_mw(mw), 0);
}

/* o10-37.2.19: nobody else's window, and no ordinary region. */
static void inv_refused(uint32_t rkey)
{
	struct ibv_send_wr wr = send_inv(rkey);
	struct ibv_wc wc;

	must_post_recv(&pair.b, 5, &mem, 2 * PAGE, 64);
	must_post(&pair.a, wr);
	wc = next_wc(pair.a.scq);
	demand(wc.status == IBV_WC_REM_ACCESS_ERR || wc.status == IBV_WC_REM_OP_ERR, "%s",
	       ibv_wc_status_str(wc.status));
	demand(next_wc(pair.b.rcq).status != IBV_WC_SUCCESS, "the message arrived");
	expect_state(&pair.b, IBV_QPS_ERR);
}

static void remote_invalidate__region(void **state)
{
	skip_on_rxe("it answers before it looks");
	inv_refused(mem.mr->rkey);
	again(state);
	assert_use(IBV_WC_SUCCESS, IBV_WR_RDMA_READ, mem.mr->rkey, 0, 8);
}

static void remote_invalidate__no_such_key(void **state)
{
	skip_on_rxe("it answers before it looks");
	inv_refused(0x12345678);
}

static void remote_invalidate__type1(void **state)
{
	struct ibv_mw *mw;

	skip_on_rxe("it answers before it looks");
	mw = make(IBV_MW_TYPE_1);
	assert_bound(bind1(mw, window(0, 100, RW)));
	inv_refused(mw->rkey);
	again(state);
	assert_use(IBV_WC_SUCCESS, IBV_WR_RDMA_READ, mw->rkey, 0, 8);
	assert_int_equal(ibv_dealloc_mw(mw), 0);
}

/* A type 2B window is of the QP that bound it (10.6.7.2.3). */
static void type2__other_qp(void **state)
{
	struct ibv_mw *mw = make(IBV_MW_TYPE_2);
	struct ibv_sge sge = mem_sge(&local, 0, 8);
	struct ibv_send_wr wr;
	struct pair other;

	pair_open(&other, NULL);
	assert_bound(bind2(mw, window(0, 100, RW)));
	wr = wr_at(&other.a, IBV_WR_RDMA_READ, &sge, 1, &mem, 0);
	wr.wr.rdma.rkey = mw->rkey;
	must_post(&other.a, wr);
	expect_wc(other.a.scq, wr.wr_id, IBV_WC_REM_ACCESS_ERR);
	assert_use(IBV_WC_SUCCESS, IBV_WR_RDMA_READ, mw->rkey, 0, 8);
	pair_close(&other);
	assert_int_equal(ibv_dealloc_mw(mw), 0);
}

/* Only what the window grants, whatever the region does. */
static void rights(void **state)
{
	struct ibv_mw *mw = make(IBV_MW_TYPE_1);

	assert_bound(bind1(mw, window(0, 100, IBV_ACCESS_REMOTE_READ)));
	assert_use(IBV_WC_SUCCESS, IBV_WR_RDMA_READ, mw->rkey, 0, 8);
	assert_use(IBV_WC_REM_ACCESS_ERR, IBV_WR_RDMA_WRITE, mw->rkey, 0, 8);
	again(state);
	assert_bound(bind1(mw, window(0, 100, IBV_ACCESS_REMOTE_WRITE)));
	assert_use(IBV_WC_SUCCESS, IBV_WR_RDMA_WRITE, mw->rkey, 0, 8);
	assert_use(IBV_WC_REM_ACCESS_ERR, IBV_WR_RDMA_READ, mw->rkey, 0, 8);
	assert_int_equal(ibv_dealloc_mw(mw), 0);
}

/* A bind that may not be: refused at once, or with a completion that says so. */
static void bind_refused(void **state, struct ibv_mw_bind_info info, const char *why)
{
	struct ibv_mw *mw = make(IBV_MW_TYPE_2);
	struct ibv_send_wr wr = bind_wr(mw, info);
	struct ibv_wc wc;

	if (!post_send(&pair.b, &wr)) {
		wc = next_wc(pair.b.scq);
		demand(wc.status == IBV_WC_MW_BIND_ERR, "%s: %s", why,
		       ibv_wc_status_str(wc.status));
		expect_state(&pair.b, IBV_QPS_ERR);
	}
	assert_int_equal(ibv_dealloc_mw(mw), 0);
	again(state);
}

static void bind__refused(void **state)
{
	struct ibv_mw_bind_info info = window(0, 100, RW);
	struct ibv_mr *foreign, *no_bind, *read_only;
	struct ibv_pd *pd;

	skip_on_rxe("a bind that fails hangs it");
	pd = ibv_alloc_pd(node.ctx);
	foreign = ibv_reg_mr(pd, mem.p, PAGE, ALL_ACCESS | IBV_ACCESS_MW_BIND);
	no_bind = ibv_reg_mr(node.pd, mem.p, PAGE, ALL_ACCESS);
	read_only = ibv_reg_mr(node.pd, mem.p, PAGE, IBV_ACCESS_REMOTE_READ | IBV_ACCESS_MW_BIND);
	bind_refused(state, window(4 * PAGE - 50, 100, RW), "out of the region");
	bind_refused(state, window(0, SIZE_MAX - 10, RW), "it wraps around");
	info.mr = no_bind;
	bind_refused(state, info, "a region without IBV_ACCESS_MW_BIND");
	info.mr = foreign;
	bind_refused(state, info, "a region of another PD");
	/* C10-74: remote write and atomic need local write of the region. */
	info.mr = read_only;
	bind_refused(state, info, "write to a region that is read only");
	assert_int_equal(ibv_dereg_mr(foreign), 0);
	assert_int_equal(ibv_dereg_mr(no_bind), 0);
	assert_int_equal(ibv_dereg_mr(read_only), 0);
	assert_int_equal(ibv_dealloc_pd(pd), 0);
}

/* While a window is bound to it, a region stays (ibv_dereg_mr(3), ibv_bind_mw(3)). */
static void dereg__busy(void **state)
{
	struct ibv_mw_bind_info info = window(0, 100, RW);
	struct ibv_mr *mr;
	struct ibv_mw *mw;

	skip_on_rxe("it says EINVAL");
	mr = ibv_reg_mr(node.pd, mem.p, PAGE, ALL_ACCESS | IBV_ACCESS_MW_BIND);
	mw = make(IBV_MW_TYPE_1);
	info.mr = mr;
	assert_bound(bind1(mw, info));
	assert_int_equal(ibv_dereg_mr(mr), EBUSY);
	assert_use(IBV_WC_SUCCESS, IBV_WR_RDMA_READ, mw->rkey, 0, 8);
	assert_int_equal(ibv_dealloc_mw(mw), 0);
	assert_int_equal(ibv_dereg_mr(mr), 0);
}

/* The process gets its own type of verb only (ibv_bind_mw(3)). */
static void bind_verb__type2(void **state)
{
	struct ibv_mw *mw = make(IBV_MW_TYPE_2);
	struct ibv_mw_bind bind = { .send_flags = IBV_SEND_SIGNALED,
				    .bind_info = window(0, 100, RW) };

	demand(ibv_bind_mw(pair.b.qp, mw, &bind), "ibv_bind_mw of a type 2 window");
	assert_int_equal(ibv_dealloc_mw(mw), 0);
	expect_none(pair.b.scq);
}

#define POST(f)	{ #f "__post", f, open_pair, close_pair, NULL }
#define BOTH(f)	POST(f), { #f "__wr", f, open_pair, close_pair, &builders }

static const struct CMUnitTest tests[] = {
	POST(type1), BOTH(type2), POST(range), POST(range__type2),
	POST(unbound__type1), POST(unbound__type2),
	POST(type1__rebind), BOTH(type2__rebind),
	BOTH(type2__local_invalidate), POST(local_invalidate__no_such_key),
	BOTH(type2__remote_invalidate), POST(remote_invalidate__region),
	POST(remote_invalidate__no_such_key), POST(remote_invalidate__type1),
	POST(type2__other_qp), POST(rights), POST(bind__refused), POST(dereg__busy),
	POST(bind_verb__type2),
};

LIVE_MAIN("mw", tests, open_node, close_node)
