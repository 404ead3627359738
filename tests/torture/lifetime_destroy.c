// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Objects are destroyed in any order, with commands in flight on them. What others
 * need is EBUSY, and later goes; a QP that goes to ERR first completes each request
 * and each receive once.
 */

#include "lifetime.h"

#define MAX_ITEMS	96
#define MAX_NEEDS	4

/**
 * struct item - an object that is still there
 * @needs:	what has to outlive it
 */
struct item {
	const char *what;
	int (*destroy)(void *object);
	void *object;
	void *needs[MAX_NEEDS];
};

static struct item items[MAX_ITEMS];
static unsigned int num_items;

/* Objects that the load does not have. */
static struct ibv_srq *srq;
static struct ibv_mw *mw;
static struct mem windowed;
static struct ibv_dm *dm;
static struct ibv_mr *dm_mr;
static struct pair quiet;

static int destroy_pd(void *object)
{
	return ibv_dealloc_pd(object);
}

static int destroy_channel(void *object)
{
	return ibv_destroy_comp_channel(object);
}

static int destroy_cq(void *object)
{
	return ibv_destroy_cq(object);
}

static int destroy_qp(void *object)
{
	return ibv_destroy_qp(object);
}

static int destroy_srq(void *object)
{
	return ibv_destroy_srq(object);
}

static int destroy_mr(void *object)
{
	return ibv_dereg_mr(object);
}

static int destroy_mw(void *object)
{
	return ibv_dealloc_mw(object);
}

static int destroy_ah(void *object)
{
	return ibv_destroy_ah(object);
}

static int destroy_dm(void *object)
{
	return ibv_free_dm(object);
}

/*---- what there is ----*/

static bool is_there(const void *object)
{
	unsigned int i;

	for (i = 0; i < num_items && items[i].object != object; i++)
		;
	return i < num_items;
}

static void add(struct item item)
{
	if (!item.object || is_there(item.object))
		return;
	demand(num_items < MAX_ITEMS, "too many objects");
	items[num_items++] = item;
}

static void add_cq(struct ibv_cq *cq)
{
	add((struct item){ "a channel", destroy_channel, cq->channel, { NULL } });
	add((struct item){ "a CQ", destroy_cq, cq, { cq->channel } });
}

static void add_qp(struct ibv_qp *qp)
{
	add_cq(qp->send_cq);
	if (qp->recv_cq)
		add_cq(qp->recv_cq);
	add((struct item){ "a QP", destroy_qp, qp,
			   { qp->pd, qp->send_cq, qp->recv_cq, qp->srq } });
}

static void add_end(struct end *e)
{
	add_qp(e->qp);
	add((struct item){ "an AH", destroy_ah, e->ah, { e->node->pd } });
}

static void add_mr(struct ibv_mr *mr)
{
	add((struct item){ "a region", destroy_mr, mr, { mr->pd } });
}

static void add_more(void)
{
	add_end(&quiet.a);
	add_end(&quiet.b);
	add((struct item){ "an SRQ", destroy_srq, srq, { srq->pd } });
	add_mr(windowed.mr);
	add((struct item){ "a window", destroy_mw, mw, { mw->pd, windowed.mr } });
	add((struct item){ "device memory", destroy_dm, dm, { NULL } });
	add((struct item){ "a region of it", destroy_mr, dm_mr, { dm_mr->pd, dm } });
}

static void add_all(struct load *l)
{
	unsigned int i;

	add((struct item){ "the PD", destroy_pd, l->node.pd, { NULL } });
	add_qp(l->idle.qp);
	for (i = 0; i < l->num_rigs; i++)
		add_qp(l->rigs[i].qp);
	for (i = 0; i < l->num_pairs; i++) {
		add_end(&l->pairs[i].a);
		add_end(&l->pairs[i].b);
	}
	add_mr(l->idle.mr);
	add_mr(l->far.mr);
	add_mr(l->near.mr);
	add_more();
}

/* A connection with an SRQ, a window that is bound over it, device memory. */
static void make_more(struct load *l)
{
	struct ibv_srq_init_attr attr = { .attr = { .max_wr = 16, .max_sge = 1 } };
	struct ibv_alloc_dm_attr dm_attr = { .length = PAGE };
	struct ibv_mw_bind bind = { .wr_id = 1, .send_flags = IBV_SEND_SIGNALED };
	struct address a, b;

	srq = ibv_create_srq(l->node.pd, &attr);
	demand(srq, "ibv_create_srq");
	end_open(&quiet.a, &l->node, NULL);
	end_open(&quiet.b, &l->node, &(struct end_options){ .srq = srq });
	a = end_address(&quiet.a);
	b = end_address(&quiet.b);
	end_connect(&quiet.a, &b);
	end_connect(&quiet.b, &a);
	mem_make(&windowed, &l->node, PAGE, ALL_ACCESS | IBV_ACCESS_MW_BIND);
	mw = ibv_alloc_mw(l->node.pd, IBV_MW_TYPE_1);
	demand(mw, "ibv_alloc_mw");
	bind.bind_info = (struct ibv_mw_bind_info){ windowed.mr, (uintptr_t)windowed.p, PAGE,
						    IBV_ACCESS_REMOTE_READ };
	demand(!ibv_bind_mw(quiet.a.qp, mw, &bind), "ibv_bind_mw");
	expect_wc(quiet.a.scq, 1, IBV_WC_SUCCESS);
	dm = ibv_alloc_dm(l->node.ctx, &dm_attr);
	demand(dm, "ibv_alloc_dm");
	dm_mr = ibv_reg_dm_mr(l->node.pd, dm, 0, PAGE, IBV_ACCESS_ZERO_BASED);
	demand(dm_mr, "ibv_reg_dm_mr");
}

/*---- in ERR, all is flushed ----*/

static void expect_flushed(struct ibv_cq *cq, unsigned int n, const char *what)
{
	struct ibv_wc wc;
	unsigned int i;

	for (i = 0; i < n; i++)
		demand(wc_within(cq, &wc, DEADLINE_MS), "%u of %u %s are completed", i, n, what);
	demand(!wc_within(cq, &wc, 0), "more %s are completed than were posted, %u", what, n);
}

static void flush(struct load *l, struct ibv_qp *qp)
{
	struct ibv_qp_attr attr = { .qp_state = IBV_QPS_ERR };
	unsigned int i, k;

	demand(!ibv_modify_qp(qp, &attr, IBV_QP_STATE), "to ERR");
	for (i = 0; i < l->num_rigs; i++) {
		if (l->rigs[i].qp == qp)
			expect_flushed(qp->send_cq, l->on_rig[i], "commands");
	}
	for (i = 0; i < l->num_pairs; i++) {
		for (k = 0; k < 2; k++) {
			if ((k ? l->pairs[i].b.qp : l->pairs[i].a.qp) != qp)
				continue;
			expect_flushed(qp->send_cq, l->on_end[i][k], "requests");
			expect_flushed(qp->recv_cq, l->given[i][k], "receives");
		}
	}
}

/*---- one after the other ----*/

static bool is_needed(const void *object)
{
	unsigned int i, k;

	for (i = 0; i < num_items; i++) {
		for (k = 0; k < MAX_NEEDS; k++) {
			if (items[i].needs[k] == object)
				return true;
		}
	}
	return false;
}

static void destroy_any(struct load *l)
{
	struct item *item = &items[torture_below(&l->state, num_items)];
	bool needed = is_needed(item->object);
	int ret;

	/* One that was never connected has no way to ERR. */
	if (item->destroy == destroy_qp && torture_below(&l->state, 2) &&
	    ((struct ibv_qp *)item->object)->state != IBV_QPS_RESET)
		flush(l, item->object);
	ret = item->destroy(item->object);
	demand(ret == (needed ? EBUSY : 0), "%s that %s used: %s", item->what,
	       needed ? "is" : "is not", strerror(ret));
	if (!needed)
		*item = items[--num_items];
}

static void destroyer_runs(void *arg)
{
	static struct load l;
	struct lifetime *t = arg;

	load_open(&l, default_device(), torture_rnd(&t->state), t->count, false);
	make_more(&l);
	load_post(&l);
	add_all(&l);
	while (num_items)
		destroy_any(&l);
	demand(!ibv_close_device(l.node.ctx), "ibv_close_device");
	/* Its process lives on; nothing waits for its end. */
	left_check(&t->before, false);
}

static void destroy_once(struct lifetime *t)
{
	lifetime_reap(t, torture_child(destroyer_runs, t), 0);
	/* The child has drawn from a copy. */
	torture_rnd(&t->state);
}

void lifetime_destroy(struct torture_run *run)
{
	lifetime_rounds(run, destroy_once);
}
