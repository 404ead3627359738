// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* A process that has commands of all kinds in flight. */

#include "load.h"

/* A few of the commands take long: the others wait behind them. */
#define LONG_EVERY	16

/*---- queues ----*/

static void open_rig(struct load *l, struct rig *r, unsigned int depth, bool may_block)
{
	/* The caller of an inline queue does nothing else any more. */
	static const enum axe_queue_mode modes[] = {
		AXE_QUEUE_AUTO, AXE_QUEUE_WORKER, AXE_QUEUE_POLL, AXE_QUEUE_INLINE,
	};

	rig_share(r, &l->idle);
	rig_open_queue(r, &(struct rig_options){
		.mode = modes[torture_below(&l->state, may_block ? 4 : 3)],
		.flags = torture_below(&l->state, 2) ? AXE_QUEUE_UNORDERED : 0,
		.lanes = torture_below(&l->state, 5),
		.depth = depth,
		.cqe = 2 * LOAD_MAX,
	});
}

/* Connected to each other, or to nobody, or datagrams. */
static void open_pair(struct load *l, struct pair *p, unsigned int depth)
{
	struct end_options o = {
		.tuned = true, .access = ALL_REMOTE, .timeout = 0, .retry_cnt = 7,
		.rnr_retry = 7, .min_rnr_timer = torture_below(&l->state, 32), .rd_atomic = 4,
		.send_wr = depth, .cqe = 2 * LOAD_MAX,
	};
	struct address nobody;

	if (!torture_below(&l->state, 3))
		o.type = IBV_QPT_UD;
	else if (!torture_below(&l->state, 4))
		o.type = IBV_QPT_UC;
	if (torture_below(&l->state, 4)) {
		pair_open_on(p, &l->node, &l->node, &o);
		return;
	}
	end_open(&p->a, &l->node, &o);
	end_open(&p->b, &l->node, &o);
	nobody = end_address(&p->b);
	nobody.qpn = 0xabcdef;
	end_connect(&p->a, &nobody);
}

static void make_memory(struct load *l)
{
	l->far = (struct mem) {
		.p = mmap(NULL, LOAD_FAR, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
		.size = LOAD_FAR, .fd = -1,
	};
	demand(l->far.p != MAP_FAILED, "mmap");
	l->far.mr = ibv_reg_mr(l->node.pd, NULL, SIZE_MAX, ALL_ACCESS | IBV_ACCESS_ON_DEMAND);
	demand(l->far.mr, "no implicit region");
	mem_make(&l->near, &l->node, LOAD_NEAR, ALL_ACCESS);
}

void load_open(struct load *l, const char *device, uint64_t state, struct load_count *count,
	       bool may_block)
{
	unsigned int depth, i;

	memset(l, 0, sizeof(*l));
	l->state = state;
	l->count = count;
	rig_open(&l->idle, &(struct rig_options){ .device = device, .depth = 16 });
	node_use(&l->node, device, l->idle.ctx, l->idle.pd);
	make_memory(l);
	l->num_rigs = 1 + torture_below(&l->state, LOAD_RIGS);
	l->num_pairs = torture_below(&l->state, LOAD_PAIRS + 1);
	depth = LOAD_MAX / (l->num_rigs + l->num_pairs) + 1;
	for (i = 0; i < l->num_pairs; i++)
		open_pair(l, &l->pairs[i], depth);
	for (i = 0; i < l->num_rigs; i++)
		open_rig(l, &l->rigs[i], depth, may_block && i + 1 == l->num_rigs);
}

void load_close(struct load *l)
{
	unsigned int i;

	for (i = 0; i < l->num_rigs; i++)
		rig_close_queue(&l->rigs[i]);
	for (i = 0; i < l->num_pairs; i++)
		pair_close(&l->pairs[i]);
	mem_free(&l->far);
	mem_free(&l->near);
	rig_close(&l->idle);
}

/*---- commands ----*/

static struct ibv_sge far_part(struct load *l, size_t max)
{
	size_t length = 1 + torture_below(&l->state, max);

	return mem_sge(&l->far, torture_below(&l->state, LOAD_FAR - length), length);
}

static struct ibv_sge near_part(struct load *l, size_t length)
{
	return mem_sge(&l->near, torture_below(&l->state, LOAD_NEAR - length + 1), length);
}

/* Nine in ten are read or written where nothing was touched before. */
static struct ibv_sge any_part(struct load *l, size_t max)
{
	return torture_below(&l->state, 10) ? far_part(l, max) :
	       near_part(l, 1 + torture_below(&l->state, max));
}

static void build(struct load *l, struct rig *r, bool is_long)
{
	struct ibv_sge src = any_part(l, 64 * KIB), dst;

	r->qx->wr_id = l->count->posted;
	r->qx->wr_flags = IBV_SEND_SIGNALED;
	if (!torture_below(&l->state, 20))
		r->qx->wr_flags |= IBV_SEND_FENCE;
	if (is_long) {
		src = mem_sge(&l->far, 0, LOAD_FAR);
		dst = mem_sge(&l->near, 0, LOAD_NEAR);
		axedv_wr_compress(r->qx, &dst, &src, AXE_FORMAT_GZIP, 9, 0);
		return;
	}
	switch (torture_below(&l->state, 8)) {
	case 0:
		dst = near_part(l, 4 * KIB);
		axedv_wr_compress(r->qx, &dst, &src, AXE_FORMAT_RAW,
				  torture_below(&l->state, 10), 0);
		break;
	case 1:
		axedv_wr_crc32(r->qx, &src, 0);
		break;
	case 2:
		axedv_wr_fill(r->qx, &src, "abc", 3);
		break;
	case 3:
		dst = near_part(l, src.length);
		axedv_wr_copy(r->qx, &dst, &src);
		break;
	case 4:
		dst = far_part(l, 64 * KIB);
		dst.length = src.length < dst.length ? src.length : dst.length;
		src.length = dst.length;
		axedv_wr_compare(r->qx, &dst, &src);
		break;
	case 5:
		src.lkey ^= 1 + torture_below(&l->state, 1 << 16);
		axedv_wr_crc32(r->qx, &src, 0);
		break;
	case 6:
		axedv_wr_crc32c(r->qx, &src, 0);
		axedv_wr_set_result(r->qx, l->far.mr->lkey,
				    (struct axe_result *)l->far.p +
				    torture_below(&l->state, LOAD_FAR / sizeof(struct axe_result)));
		break;
	default:
		axedv_wr_nop(r->qx);
	}
}

/* @n commands with one doorbell: of an inline queue, we may not come back. */
static bool post_to_rig(struct load *l, struct rig *r, unsigned int n)
{
	int ret;
	unsigned int i;

	ibv_wr_start(r->qx);
	for (i = 0; i < n; i++) {
		build(l, r, !(l->count->posted % LONG_EVERY));
		l->count->posted++;
	}
	ret = ibv_wr_complete(r->qx);
	if (ret && ret != ENOMEM)
		l->error = ret;
	if (ret)
		l->count->posted -= n;
	else
		l->on_rig[r - l->rigs] += n;
	return !ret;
}

static struct ibv_send_wr request(struct load *l, struct end *e, struct ibv_sge *sge)
{
	static const enum ibv_wr_opcode opcodes[] = {
		IBV_WR_SEND, IBV_WR_RDMA_WRITE, IBV_WR_RDMA_READ, IBV_WR_RDMA_WRITE_WITH_IMM,
	};
	unsigned int kinds = e->o.type == IBV_QPT_UD ? 1 : e->o.type == IBV_QPT_UC ? 2 : 4;
	unsigned int kind = torture_below(&l->state, kinds);

	*sge = any_part(l, e->o.type == IBV_QPT_UD ? 4096 : 256 * KIB);
	if (!kind)
		return wr_of(e, opcodes[kind], sge, 1);
	return wr_at(e, opcodes[kind], sge, 1, &l->far,
		     torture_below(&l->state, LOAD_FAR - 256 * KIB));
}

/* Receives are rare, so that most that needs one waits for it. */
static bool post_to_pair(struct load *l, struct pair *p, unsigned int n)
{
	struct end *e = !p->b.remote_qpn || torture_below(&l->state, 4) ? &p->a : &p->b;
	struct end *other = e == &p->a ? &p->b : &p->a;
	unsigned int pair = p - l->pairs, side = e == &p->b;
	struct ibv_sge sge;
	unsigned int i;
	int ret = 0;

	if (other->remote_qpn && !torture_below(&l->state, 8)) {
		sge = far_part(l, 256 * KIB);
		l->given[pair][!side] += !post_recv_sge(other, 0, &sge, 1);
	}
	for (i = 0; i < n && !ret; i++) {
		struct ibv_send_wr wr = request(l, e, &sge);

		ret = post_send(e, &wr);
		l->count->posted += !ret;
		l->on_end[pair][side] += !ret;
	}
	if (ret && ret != ENOMEM)
		l->error = ret;
	return !ret;
}

void load_post(struct load *l)
{
	unsigned int n = l->num_rigs + l->num_pairs, i, room[LOAD_RIGS + LOAD_PAIRS];

	for (i = 0; i < n; i++)
		room[i] = LOAD_MAX / n;
	for (i = 0; i < n && !l->error;) {
		unsigned int batch = 1 + torture_below(&l->state, 64);

		/* What may be inline is the very last. */
		if (i + 1 == n || batch > room[i])
			batch = room[i];
		if (i < l->num_pairs)
			post_to_pair(l, &l->pairs[i], batch);
		else
			post_to_rig(l, &l->rigs[i - l->num_pairs], batch);
		room[i] -= batch;
		i += !room[i];
	}
}

/*---- for ever ----*/

static void poll_cq(struct load *l, struct ibv_cq *cq)
{
	struct ibv_wc wc[16];
	int n;

	do {
		n = ibv_poll_cq(cq, ARRAY_SIZE(wc), wc);
		if (n < 0)
			l->error = -n;
		else
			l->count->done += n;
	} while (n == ARRAY_SIZE(wc));
}

static void poll_end(struct load *l, struct end *e)
{
	poll_cq(l, e->scq);
	poll_cq(l, e->rcq);
}

void load_poll(struct load *l)
{
	unsigned int i;

	for (i = 0; i < l->num_rigs; i++)
		poll_cq(l, ibv_cq_ex_to_cq(l->rigs[i].cq));
	for (i = 0; i < l->num_pairs; i++) {
		poll_end(l, &l->pairs[i].a);
		poll_end(l, &l->pairs[i].b);
	}
}

/* It stays where it is, so that what is in flight finds other pages there. */
static void change_memory(struct load *l)
{
	size_t length = PAGE << torture_below(&l->state, 10);
	uint8_t *p = l->far.p + torture_below(&l->state, (LOAD_FAR - length) / PAGE) * PAGE;

	switch (torture_below(&l->state, 4)) {
	case 0:
		madvise(p, length, MADV_DONTNEED);
		break;
	case 1:
		mprotect(p, length, torture_below(&l->state, 2) ? PROT_READ : PROT_NONE);
		mprotect(p, length, PROT_READ | PROT_WRITE);
		break;
	case 2:
		demand(mmap(p, length, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == p,
		       "mmap");
		break;
	default:
		memset(p, 0x5a, PAGE);
	}
}

void load_go_on(struct load *l)
{
	while (!l->error) {
		struct load_count *c = l->count;
		unsigned int i;

		load_poll(l);
		change_memory(l);
		if (c->posted - c->done >= LOAD_MAX)
			continue;
		i = torture_below(&l->state, l->num_rigs + l->num_pairs);
		if (i < l->num_rigs)
			post_to_rig(l, &l->rigs[i], 8);
		else
			post_to_pair(l, &l->pairs[i - l->num_rigs], 8);
	}
}
