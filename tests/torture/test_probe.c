// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Memory that a process may not reach, tried with every key and every range: it is
 * refused, with the documented code, and nothing is read or written.
 */

#include <sched.h>

#include "probe.h"

/*---- keys ----*/

/* Another process, with memory that has a key there. */
static struct baton baton;

struct owner {
	uint64_t addr;
	uint32_t key;
	uint32_t implicit;
};

static void owner_process(void *arg)
{
	struct owner *o = arg;
	uint8_t *p = small_pages(PAGE);
	struct ibv_mr *mr;
	struct rig r;

	rig_open(&r, NULL);
	secret_fill(p, PAGE);
	mr = ibv_reg_mr(r.pd, p, PAGE, ALL_ACCESS);
	demand(mr, "ibv_reg_mr");
	o->addr = (uintptr_t)p;
	o->key = mr->rkey;
	o->implicit = r.mr->lkey;
	baton_to_parent(&baton);
	baton_await_parent(&baton);
	demand(secret_is(p, PAGE), "somebody wrote into my memory");
	demand(!ibv_dereg_mr(mr), "ibv_dereg_mr");
	rig_close(&r);
}

/**
 * struct target - memory, and what is to come of a command that reads or writes it
 */
struct target {
	uint32_t key;
	uint64_t addr;
	enum axe_code read, write;
};

enum {
	OWN, READ_ONLY, OTHER_PD, OTHER_CONTEXT, WINDOW, FREED, OTHER_PROCESS, ITS_IMPLICIT,
	TARGETS
};

/**
 * struct prober - a queue, and keys of all kinds
 * @secrets:	a page each of what the keys of our own process stand for
 * @landing:	where what is read would come
 */
struct prober {
	struct torture_run *run;
	uint64_t rnd;
	struct rig rig, other;
	struct ibv_pd *pd;
	struct ibv_mw *mw;
	struct ibv_mr *mrs[FREED + 1];
	uint8_t *secrets, *landing;
	struct target targets[TARGETS];
	struct owner *owner;
	struct probes probes;
};

static struct ibv_mr *reg(struct ibv_pd *pd, void *p, int access)
{
	struct ibv_mr *mr = ibv_reg_mr(pd, p, PAGE, access);

	demand(mr, "ibv_reg_mr");
	return mr;
}

static void make_targets(struct prober *p)
{
	uint8_t *s = p->secrets;
	unsigned int i;

	p->mrs[OWN] = reg(p->rig.pd, s + OWN * PAGE, ALL_ACCESS);
	p->mrs[READ_ONLY] = reg(p->rig.pd, s + READ_ONLY * PAGE, IBV_ACCESS_ON_DEMAND);
	p->mrs[OTHER_PD] = reg(p->pd, s + OTHER_PD * PAGE, ALL_ACCESS);
	p->mrs[OTHER_CONTEXT] = reg(p->other.pd, s + OTHER_CONTEXT * PAGE,
				    ALL_ACCESS | IBV_ACCESS_ON_DEMAND);
	p->mrs[FREED] = reg(p->rig.pd, s + FREED * PAGE, ALL_ACCESS);
	for (i = 0; i <= FREED; i++) {
		p->targets[i] = (struct target){ .addr = (uintptr_t)s + i * PAGE,
						 .read = AXE_ERR_KEY, .write = AXE_ERR_KEY };
		if (p->mrs[i])
			p->targets[i].key = p->mrs[i]->lkey;
	}
	p->targets[OWN].read = p->targets[OWN].write = AXE_OK;
	p->targets[READ_ONLY].read = AXE_OK;
	p->targets[READ_ONLY].write = AXE_ERR_ACCESS;
	p->mw = ibv_alloc_mw(p->rig.pd, IBV_MW_TYPE_1);
	demand(p->mw, "ibv_alloc_mw");
	p->targets[WINDOW].key = p->mw->rkey;
	demand(!ibv_dereg_mr(p->mrs[FREED]), "ibv_dereg_mr");
	p->targets[OTHER_PROCESS] = (struct target){ p->owner->key, p->owner->addr, AXE_ERR_KEY,
						     AXE_ERR_KEY };
	p->targets[ITS_IMPLICIT] = p->targets[OTHER_PROCESS];
	p->targets[ITS_IMPLICIT].key = p->owner->implicit;
}

static void free_targets(struct prober *p)
{
	unsigned int i;

	demand(!ibv_dealloc_mw(p->mw), "ibv_dealloc_mw");
	for (i = 0; i < FREED; i++)
		demand(!p->mrs[i] || !ibv_dereg_mr(p->mrs[i]), "ibv_dereg_mr");
}

/* Reads 64 bytes there, in one of the ways. */
static struct wc read_there(struct prober *p, struct ibv_sge there)
{
	struct rig *r = &p->rig;
	struct ibv_sge to = here(r, p->landing, there.length);

	switch (torture_below(&p->rnd, 4)) {
	case 0:
		return crc_of(r, there);
	case 1:
		return copy_of(r, there, to);
	case 2:
		to.addr += PAGE;
		return run(r, compare, &to, &there);
	default:
		to.length = PAGE;
		return run(r, compress, &to, &there, AXE_FORMAT_RAW, 1, 0);
	}
}

static struct wc write_there(struct prober *p, struct ibv_sge there)
{
	struct rig *r = &p->rig;
	struct ibv_sge from = here(r, p->landing + PAGE, there.length);
	struct axe_cmd cmd = { .opcode = AXE_OP_NOP, .flags = AXE_CMD_RESULT, .ext = 1 };
	struct axe_cmd_ext ext = { .result = { there.addr, sizeof(struct axe_result),
					       there.lkey } };

	switch (torture_below(&p->rnd, 4)) {
	case 0:
		return fill_at(r, there, 'w');
	case 1:
		return copy_of(r, from, there);
	case 2:
		return run(r, decompress, &there, &(struct ibv_sge){ (uintptr_t)"\x03", 2,
			   r->mr->lkey }, AXE_FORMAT_RAW, 0);
	default:
		return run_cmd(r, &cmd, &ext);
	}
}

static void try_target(struct prober *p, const struct target *t)
{
	bool write = torture_below(&p->rnd, 2);
	enum axe_code expected = write ? t->write : t->read;
	struct ibv_sge there = { .addr = t->addr, .length = 64, .lkey = t->key };
	struct wc wc;

	wc = write ? write_there(p, there) : read_there(p, there);
	demand(wc.code == expected && wc.status == status_of(expected),
	       "key %#x: op %d: %s, not %s", t->key, wc.op, axedv_code_str(wc.code),
	       axedv_code_str(expected));
	if (expected != AXE_OK)
		demand(!p->landing[0] && !memcmp(p->landing, p->landing + 1, 2 * PAGE - 1),
		       "refused, and something was read");
	memset(p->landing, 0, 2 * PAGE);
	if (expected == AXE_OK && write)
		secret_fill(p->secrets + OWN * PAGE, PAGE);
	demand(secret_is(p->secrets, TARGETS * PAGE), "refused, and something was written");
	probed(p->run, &p->probes, expected == AXE_OK);
}

static bool is_good(const struct prober *p, uint32_t key)
{
	return key == p->targets[OWN].key || key == p->targets[READ_ONLY].key ||
	       key == p->rig.mr->lkey;
}

/* Near one that there is, or anywhere. */
static void guess(struct prober *p)
{
	struct target t = p->targets[torture_below(&p->rnd, TARGETS)];

	t.read = t.write = AXE_ERR_KEY;
	switch (torture_below(&p->rnd, 3)) {
	case 0:
		t.key = torture_rnd(&p->rnd);
		break;
	case 1:
		t.key += (int)torture_below(&p->rnd, 1 << 14) - (1 << 13);
		break;
	default:
		t.key ^= 1U << torture_below(&p->rnd, 32);
	}
	if (!is_good(p, t.key))
		try_target(p, &t);
}

static void all_low_bytes(struct prober *p)
{
	const struct target *t = &p->targets[torture_below(&p->rnd, TARGETS)];
	unsigned int i;

	for (i = 0; i < 256; i++) {
		struct target guessed = { (t->key & ~0xffU) | i, t->addr, AXE_ERR_KEY, AXE_ERR_KEY };

		try_target(p, guessed.key == t->key ? t : &guessed);
	}
}

static void keys(struct torture_run *run)
{
	struct prober p = { .run = run, .rnd = torture_state(run, 0) };
	pid_t pid;

	p.owner = torture_shared(sizeof(*p.owner));
	baton_make(&baton);
	pid = torture_child(owner_process, p.owner);
	baton_await_child(&baton);
	rig_open(&p.rig, NULL);
	rig_open(&p.other, NULL);
	p.pd = ibv_alloc_pd(p.rig.ctx);
	demand(p.pd, "ibv_alloc_pd");
	p.secrets = small_pages(TARGETS * PAGE);
	p.landing = small_pages(2 * PAGE);
	secret_fill(p.secrets, TARGETS * PAGE);
	make_targets(&p);
	while (!torture_is_over(run)) {
		try_target(&p, &p.targets[torture_below(&p.rnd, TARGETS)]);
		guess(&p);
		if (!torture_below(&p.rnd, 256))
			all_low_bytes(&p);
	}
	free_targets(&p);
	demand(!ibv_dealloc_pd(p.pd), "ibv_dealloc_pd");
	rig_close(&p.other);
	rig_close(&p.rig);
	baton_to_child(&baton);
	end_child(pid);
	probes_say(run, &p.probes);
}

/*---- ranges ----*/

struct range probe_range(uint64_t *rnd, uint64_t start, uint64_t length)
{
	const uint64_t places[] = {
		start, start + length, start + length / 2, start + PAGE, 0, UINT64_MAX,
		start + (1ULL << 32), start ^ 1ULL << 63, torture_rnd(rnd),
	};
	const uint64_t lengths[] = {
		1, length, PAGE, 8, length / 2, UINT32_MAX, 1U << 31, torture_rnd(rnd) >> 32,
	};
	unsigned int i = torture_below(rnd, 2 * ARRAY_SIZE(places));
	struct range r;

	r.addr = places[i < ARRAY_SIZE(places) ? i : i % 3];
	i = torture_below(rnd, 2 * ARRAY_SIZE(lengths));
	r.length = lengths[i < ARRAY_SIZE(lengths) ? i : i % 5];
	r.addr += torture_below(rnd, 17) - 8ULL;
	r.length += torture_below(rnd, 5) - 2U;
	/* Up to where addresses end, or the region does. */
	if (!torture_below(rnd, 8))
		r.length = -r.addr + torture_below(rnd, 3);
	else if (!torture_below(rnd, 8))
		r.length = start + length - r.addr + torture_below(rnd, 3) - 1;
	if (!r.length)
		r.length = 1;
	r.inside = r.addr >= start && r.length <= length && r.addr - start <= length - r.length;
	return r;
}

#define REGION	(6 * PAGE - 333)

/* What region a range is tried on, with secrets on the rest of its first and last page. */
struct strip {
	uint8_t *map, *p, *landing;
	struct ibv_mr *mr;
	uint64_t start;
};

#define STRIP	(8 * PAGE)

static void fresh(struct strip *s)
{
	secret_fill(s->map, STRIP);
	pattern(s->p, REGION, 3);
}

static void read_range(struct rig *r, struct strip *s, const struct range *g)
{
	struct ibv_sge from = in(s->mr, g->addr, g->length);
	struct ibv_sge to = here(r, s->landing, g->length);
	struct wc wc;

	memset(s->landing, 0, STRIP);
	/* There is no room for what should not come. */
	if (g->length > STRIP)
		wc = crc_of(r, from);
	else
		wc = copy_of(r, from, to);
	demand(wc.code == (g->inside ? AXE_OK : AXE_ERR_RANGE), "%#llx, %#x bytes: %s",
	       (unsigned long long)g->addr, g->length, axedv_code_str(wc.code));
	if (g->inside) {
		demand(!memcmp(s->landing, s->p + (g->addr - s->start), g->length),
		       "other bytes than there are");
	} else {
		demand(wc.result[0] == g->addr, "names %#llx", (unsigned long long)wc.result[0]);
		demand(!secret_in(s->landing, STRIP), "refused, and read");
	}
}

static void write_range(struct rig *r, struct strip *s, const struct range *g)
{
	struct wc wc = fill_at(r, in(s->mr, g->addr, g->length), 'w');
	uint64_t at = g->inside ? g->addr - s->start : 0, n = g->inside ? g->length : 0, i;
	uint8_t *expected = s->landing;

	demand(wc.code == (g->inside ? AXE_OK : AXE_ERR_RANGE), "%#llx, %#x bytes: %s",
	       (unsigned long long)g->addr, g->length, axedv_code_str(wc.code));
	secret_fill(expected, STRIP);
	pattern(expected + (s->p - s->map), REGION, 3);
	memset(expected + (s->p - s->map) + at, 'w', n);
	for (i = 0; i < STRIP; i++)
		demand(s->map[i] == expected[i], "wrong byte %llu of the region's pages",
		       (unsigned long long)i);
	fresh(s);
}

/* Pinned, on demand, at its own address, at the first, and at the last there are. */
static void make_strip(struct rig *r, struct strip *s, uint64_t *rnd)
{
	size_t offset = torture_below(rnd, 300);
	uint64_t page = (uintptr_t)s->map + PAGE;

	s->p = s->map + PAGE + offset;
	switch (torture_below(rnd, 4)) {
	case 0:
		page = 0;
		break;
	case 1:
		page = -(REGION + offset + PAGE) & ~(PAGE - 1);
		break;
	case 2:
		page = torture_rnd(rnd) >> 1 & ~(PAGE - 1);
	}
	s->start = page + offset;
	s->mr = ibv_reg_mr_iova(r->pd, s->p, REGION, s->start, IBV_ACCESS_LOCAL_WRITE |
				(torture_below(rnd, 2) ? IBV_ACCESS_ON_DEMAND : 0));
	demand(s->mr, "ibv_reg_mr_iova at %#llx", (unsigned long long)s->start);
	fresh(s);
}

static void ranges(struct torture_run *run)
{
	uint64_t rnd = torture_state(run, 0);
	struct probes probes = { 0 };
	struct strip s;
	struct rig r;
	unsigned int i;

	rig_open(&r, NULL);
	s.map = small_pages(STRIP);
	s.landing = small_pages(STRIP);
	while (!torture_is_over(run)) {
		make_strip(&r, &s, &rnd);
		for (i = 0; i < 100; i++) {
			struct range g = probe_range(&rnd, s.start, REGION);

			if (torture_below(&rnd, 2))
				read_range(&r, &s, &g);
			else
				write_range(&r, &s, &g);
			probed(run, &probes, g.inside);
		}
		dereg(s.mr);
	}
	rig_close(&r);
	probes_say(run, &probes);
}

static const struct torture cases[] = {
	{ "keys", keys, 1 },
	{ "ranges", ranges, 1 },
	{ "freed", probe_freed, 1 },
	{ "remote", probe_remote, 2 },
};

TORTURE_MAIN("probe", cases)
