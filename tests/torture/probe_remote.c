// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Remote keys over RC: what a peer may do is what the key that it names gives, within
 * the protection domain of the QP that it is connected to.
 */

#include "probe.h"

#define ROOM	(4 * PAGE)

enum {
	GRANTED, READ_ONLY, LOCAL_ONLY, OTHER_PD, OTHER_CONTEXT, OF_REQUESTER, FREED, WINDOW,
	UNBOUND, OF_OTHER_QP, TARGETS
};

/* @access: what the key grants; @start, @length: where. No key of the QP's domain: @key_is_bad. */
struct target {
	uint32_t key;
	uint64_t start, length;
	unsigned int access;
	bool key_is_bad;
};

/**
 * struct remote - end a asks, end b is asked
 * @memory:	ROOM for each target, all of it secret, between pages that are, too
 * @other:	a second connection, with the window of its own
 */
struct remote {
	struct torture_run *run;
	uint64_t rnd;
	struct node asks, asked, second;
	struct ibv_pd *pd;
	struct pair pair, other;
	uint8_t *memory;
	struct mem landing;
	struct ibv_mr *mrs[TARGETS];
	struct ibv_mw *windows[3];
	struct target targets[TARGETS];
	struct probes probes;
};

static uint8_t *place(struct remote *r, unsigned int i)
{
	return r->memory + i * (ROOM + PAGE) + PAGE;
}

#define MEMORY	(TARGETS * (ROOM + PAGE) + PAGE)

static void reg(struct remote *r, struct ibv_pd *pd, unsigned int i, int access)
{
	r->mrs[i] = ibv_reg_mr(pd, place(r, i), ROOM, access |
			       (torture_below(&r->rnd, 2) ? IBV_ACCESS_ON_DEMAND : 0));
	demand(r->mrs[i], "ibv_reg_mr");
	r->targets[i] = (struct target){ r->mrs[i]->rkey, (uintptr_t)place(r, i), ROOM, access,
					 false };
}

static void bind_window(struct end *e, struct ibv_mw *mw, struct ibv_mr *mr, struct target *t)
{
	struct ibv_send_wr wr = wr_of(e, IBV_WR_BIND_MW, NULL, 0);

	wr.bind_mw.mw = mw;
	wr.bind_mw.rkey = ibv_inc_rkey(mw->rkey);
	wr.bind_mw.bind_info = (struct ibv_mw_bind_info){
		.mr = mr, .addr = t->start, .length = t->length, .mw_access_flags = t->access,
	};
	do_send(e, wr);
	mw->rkey = wr.bind_mw.rkey;
	t->key = mw->rkey;
}

static void make_windows(struct remote *r)
{
	struct target *t = &r->targets[WINDOW];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(r->windows); i++) {
		r->windows[i] = ibv_alloc_mw(r->asked.pd, IBV_MW_TYPE_2);
		demand(r->windows[i], "ibv_alloc_mw");
	}
	reg(r, r->asked.pd, WINDOW, ALL_ACCESS | IBV_ACCESS_MW_BIND);
	reg(r, r->asked.pd, OF_OTHER_QP, ALL_ACCESS | IBV_ACCESS_MW_BIND);
	/* A part of it, and not all rights. */
	t->start += PAGE + 100;
	t->length = PAGE + 111;
	t->access = IBV_ACCESS_REMOTE_READ | IBV_ACCESS_REMOTE_WRITE;
	bind_window(&r->pair.b, r->windows[0], r->mrs[WINDOW], t);
	r->targets[UNBOUND] = *t;
	r->targets[UNBOUND].key = r->windows[1]->rkey;
	r->targets[UNBOUND].key_is_bad = true;
	t = &r->targets[OF_OTHER_QP];
	t->access = ALL_REMOTE;
	bind_window(&r->other.b, r->windows[2], r->mrs[OF_OTHER_QP], t);
	t->key_is_bad = true;
}

static void make_targets(struct remote *r)
{
	r->memory = small_pages(MEMORY);
	secret_fill(r->memory, MEMORY);
	mem_make(&r->landing, &r->asks, ROOM, ALL_ACCESS);
	reg(r, r->asked.pd, GRANTED, ALL_ACCESS);
	reg(r, r->asked.pd, READ_ONLY, IBV_ACCESS_REMOTE_READ);
	reg(r, r->asked.pd, LOCAL_ONLY, IBV_ACCESS_LOCAL_WRITE);
	reg(r, r->pd, OTHER_PD, ALL_ACCESS);
	reg(r, r->second.pd, OTHER_CONTEXT, ALL_ACCESS);
	reg(r, r->asks.pd, OF_REQUESTER, ALL_ACCESS);
	reg(r, r->asked.pd, FREED, ALL_ACCESS);
	demand(!ibv_dereg_mr(r->mrs[FREED]), "ibv_dereg_mr");
	r->mrs[FREED] = NULL;
	r->targets[OTHER_PD].key_is_bad = true;
	r->targets[OTHER_CONTEXT].key_is_bad = true;
	r->targets[OF_REQUESTER].key_is_bad = true;
	r->targets[FREED].key_is_bad = true;
	make_windows(r);
}

static void free_targets(struct remote *r)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(r->windows); i++)
		demand(!ibv_dealloc_mw(r->windows[i]), "ibv_dealloc_mw");
	for (i = 0; i < TARGETS; i++)
		demand(!r->mrs[i] || !ibv_dereg_mr(r->mrs[i]), "ibv_dereg_mr");
	mem_free(&r->landing);
	munmap(r->memory, MEMORY);
}

/*---- probes ----*/

struct probe {
	enum ibv_wr_opcode opcode;
	unsigned int access;
	struct range range;
	uint32_t key;
};

/* What the one who asks is told. */
static enum axe_code expected(const struct target *t, const struct probe *p)
{
	if (t->key_is_bad)
		return AXE_ERR_KEY;
	if (p->access & ~t->access)
		return AXE_ERR_ACCESS;
	return p->range.inside ? AXE_OK : AXE_ERR_RANGE;
}

static struct probe any_probe(struct remote *r, const struct target *t)
{
	static const struct probe kinds[] = {
		{ .opcode = IBV_WR_RDMA_READ, .access = IBV_ACCESS_REMOTE_READ },
		{ .opcode = IBV_WR_RDMA_WRITE, .access = IBV_ACCESS_REMOTE_WRITE },
		{ .opcode = IBV_WR_ATOMIC_FETCH_AND_ADD, .access = IBV_ACCESS_REMOTE_ATOMIC },
	};
	struct probe p = kinds[torture_below(&r->rnd, ARRAY_SIZE(kinds))];

	p.key = t->key;
	do {
		p.range = probe_range(&r->rnd, t->start, t->length);
		/* What is longer is refused for other reasons. */
	} while (p.range.length > ROOM);
	if (p.opcode == IBV_WR_ATOMIC_FETCH_AND_ADD) {
		p.range.length = 8;
		p.range.addr &= ~7ULL;
		p.range.inside = p.range.addr >= t->start && t->length >= 8 &&
				 p.range.addr - t->start <= t->length - 8;
	}
	return p;
}

static struct ibv_wc ask(struct remote *r, const struct probe *p)
{
	struct ibv_sge sge = mem_sge(&r->landing, 0, p->range.length);
	struct ibv_send_wr wr = wr_of(&r->pair.a, p->opcode, &sge, 1);

	if (p->opcode == IBV_WR_ATOMIC_FETCH_AND_ADD) {
		wr.wr.atomic.remote_addr = p->range.addr;
		wr.wr.atomic.rkey = p->key;
		wr.wr.atomic.compare_add = 1;
	} else {
		wr.wr.rdma.remote_addr = p->range.addr;
		wr.wr.rdma.rkey = p->key;
	}
	must_post(&r->pair.a, wr);
	return next_wc(r->pair.a.scq);
}

static void reconnect(struct remote *r)
{
	struct address a = end_address(&r->pair.a), b = end_address(&r->pair.b);
	struct ibv_async_event event;

	demand(!end_to(&r->pair.a, IBV_QPS_RESET) && !end_to(&r->pair.b, IBV_QPS_RESET), "RESET");
	end_connect(&r->pair.a, &b);
	end_connect(&r->pair.b, &a);
	while (await_readable(r->asked.ctx->async_fd, 0) &&
	       !ibv_get_async_event(r->asked.ctx, &event))
		ibv_ack_async_event(&event);
}

static void check_granted(struct remote *r, const struct probe *p)
{
	uint8_t *there = (uint8_t *)(uintptr_t)p->range.addr;
	size_t n = p->range.length, phase = (there - r->memory) % 8;

	if (p->opcode == IBV_WR_RDMA_READ) {
		demand(!memcmp(r->landing.p, there, n), "other bytes than there are");
	} else if (p->opcode == IBV_WR_RDMA_WRITE) {
		demand(is_pattern(there, n, 9), "not what was written");
		secret_fill(there - phase, n + phase);
	} else {
		secret_fill(there - phase, 8 + phase);
	}
}

static void try_probe(struct remote *r, const struct target *t, const struct probe *p)
{
	enum axe_code code = expected(t, p);
	size_t n = p->range.length;
	struct ibv_wc wc;

	if (p->opcode == IBV_WR_RDMA_WRITE)
		pattern(r->landing.p, n, 9);
	else
		memset(r->landing.p, 0, n);
	wc = ask(r, p);
	demand(wc.status == (code ? IBV_WC_REM_ACCESS_ERR : IBV_WC_SUCCESS) &&
	       wc.vendor_err == code,
	       "opcode %d, target %d, %#llx, %#x bytes: %s, %s instead of %s", p->opcode,
	       (int)(t - r->targets), (unsigned long long)p->range.addr, p->range.length,
	       ibv_wc_status_str(wc.status), axedv_code_str(wc.vendor_err), axedv_code_str(code));
	if (code == AXE_OK)
		check_granted(r, p);
	else
		demand(!secret_in(r->landing.p, ROOM), "refused, and read");
	demand(secret_is(r->memory, MEMORY), "written where it may not");
	memset(r->landing.p, 0, n);
	if (code != AXE_OK)
		reconnect(r);
	probed(r->run, &r->probes, code == AXE_OK);
}

static bool is_good(const struct remote *r, uint32_t key)
{
	unsigned int i;

	for (i = 0; i < TARGETS; i++) {
		if (r->targets[i].key == key || (r->mrs[i] && r->mrs[i]->rkey == key))
			return true;
	}
	return false;
}

static void guess(struct remote *r)
{
	struct target t = r->targets[torture_below(&r->rnd, TARGETS)];
	struct probe p;

	switch (torture_below(&r->rnd, 3)) {
	case 0:
		t.key = torture_rnd(&r->rnd);
		break;
	case 1:
		t.key += torture_below(&r->rnd, 1 << 14) - (1 << 13);
		break;
	default:
		t.key = (t.key & ~0xffU) | torture_below(&r->rnd, 256);
	}
	if (is_good(r, t.key))
		return;
	t.key_is_bad = true;
	p = any_probe(r, &t);
	try_probe(r, &t, &p);
}

void probe_remote(struct torture_run *run)
{
	struct remote r = { .run = run, .rnd = torture_state(run, 0) };
	unsigned int i;

	node_open(&r.asks, default_device());
	node_open(&r.asked, default_device());
	node_open(&r.second, default_device());
	r.pd = ibv_alloc_pd(r.asked.ctx);
	demand(r.pd, "ibv_alloc_pd");
	pair_open_on(&r.pair, &r.asks, &r.asked, NULL);
	pair_open_on(&r.other, &r.asks, &r.asked, NULL);
	make_targets(&r);
	while (!torture_is_over(run)) {
		for (i = 0; i < 8; i++) {
			struct target *t = &r.targets[torture_below(&r.rnd, TARGETS)];
			struct probe p = any_probe(&r, t);

			try_probe(&r, t, &p);
		}
		guess(&r);
	}
	pair_close(&r.pair);
	pair_close(&r.other);
	free_targets(&r);
	demand(!ibv_dealloc_pd(r.pd), "ibv_dealloc_pd");
	node_close(&r.second);
	node_close(&r.asked);
	node_close(&r.asks);
	probes_say(run, &r.probes);
}
