// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Memory to aim at, with what must not be touched around it. */

#include "hostile.h"

#define HOLE	(5 * GIB)

/*---- ground ----*/

/* A page, NEAR, a page, NEAR, a page, NEAR, a page: all of them secret at first. */
#define STRIP	(4 * PAGE + 3 * NEAR)

static struct ibv_mr *reg(struct ibv_pd *pd, void *p, size_t length, int access)
{
	struct ibv_mr *mr = ibv_reg_mr(pd, p, length, access);

	demand(mr, "ibv_reg_mr");
	return mr;
}

static void make_memory(struct ground *g)
{
	g->wide = mmap(NULL, HOLE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	demand(g->wide != MAP_FAILED, "mmap");
	demand(!mprotect(g->wide, WIDE, PROT_READ | PROT_WRITE), "mprotect");
	g->strip = small_pages(STRIP);
	secret_fill(g->strip, STRIP);
	g->near = g->strip + PAGE;
	g->read_only = g->near + NEAR + PAGE;
	g->foreign = g->read_only + NEAR + PAGE;
	memset(g->near, 0, NEAR);
	memset(g->read_only, 'r', NEAR);
}

void ground_make(struct ground *g, struct scene *s, struct ibv_context *ctx, struct ibv_pd *pd)
{
	struct ibv_mr *stale;
	unsigned int i;

	memset(g, 0, sizeof(*g));
	make_memory(g);
	g->other_pd = ibv_alloc_pd(ctx);
	demand(g->other_pd, "ibv_alloc_pd");
	g->mrs[KEY_WIDE] = reg(pd, g->wide, HOLE, ALL_ACCESS | IBV_ACCESS_ON_DEMAND);
	g->mrs[KEY_NEAR] = reg(pd, g->near, NEAR, ALL_ACCESS | IBV_ACCESS_MW_BIND);
	g->mrs[KEY_READ_ONLY] = reg(pd, g->read_only, NEAR,
				    IBV_ACCESS_REMOTE_READ | IBV_ACCESS_ON_DEMAND);
	g->mrs[KEY_FOREIGN] = reg(g->other_pd, g->foreign, NEAR, ALL_ACCESS);
	for (i = 0; i <= KEY_FOREIGN; i++)
		g->keys[i] = g->mrs[i]->lkey;
	stale = reg(pd, g->near, NEAR, ALL_ACCESS);
	g->keys[KEY_STALE] = stale->lkey;
	demand(!ibv_dereg_mr(stale), "ibv_dereg_mr");
	g->keys[KEY_TREASURE] = s->treasure_key;
	g->treasure = s->treasure;
}

void ground_free(struct ground *g)
{
	unsigned int i;

	for (i = 0; i <= KEY_FOREIGN; i++)
		demand(!ibv_dereg_mr(g->mrs[i]), "ibv_dereg_mr");
	demand(!ibv_dealloc_pd(g->other_pd), "ibv_dealloc_pd");
	munmap(g->wide, HOLE);
	munmap(g->strip, STRIP);
}

void ground_check(const struct ground *g)
{
	const uint8_t *p;

	demand(secret_is(g->strip, PAGE), "written before a region");
	demand(secret_is(g->near + NEAR, PAGE), "written behind a region");
	for (p = g->read_only; p < g->read_only + NEAR; p++)
		demand(*p == 'r', "written where nobody may, at %zu", (size_t)(p - g->read_only));
	demand(secret_is(g->read_only + NEAR, PAGE + NEAR + PAGE),
	       "written with the key of another protection domain");
	demand(!secret_in(g->near, NEAR) && !secret_in(g->wide, WIDE), "a secret was read");
}

/*---- operands ----*/

struct axe_buf ground_buf(const struct ground *g, uint64_t *rnd, size_t most)
{
	bool wide = torture_below(rnd, 3);
	size_t size = wide ? WIDE : NEAR, length;

	if (most > size)
		most = size;
	length = 1 + torture_below(rnd, most);
	return (struct axe_buf) {
		.addr = (uintptr_t)(wide ? g->wide : g->near) + torture_below(rnd, size - length + 1),
		.length = length,
		.key = g->keys[wide ? KEY_WIDE : KEY_NEAR],
	};
}

struct axe_buf ground_exactly(const struct ground *g, uint64_t *rnd, uint32_t length)
{
	bool wide = length > NEAR || torture_below(rnd, 3);
	size_t size = wide ? WIDE : NEAR;

	return (struct axe_buf) {
		.addr = (uintptr_t)(wide ? g->wide : g->near) +
			torture_below(rnd, size - length + 1),
		.length = length,
		.key = g->keys[wide ? KEY_WIDE : KEY_NEAR],
	};
}

uint32_t odd_length(uint64_t *rnd)
{
	static const uint32_t edges[] = {
		1, 32, PAGE, NEAR, WIDE, 2 * MIB, 1U << 31, UINT32_MAX - PAGE + 1, 0,
	};

	if (!torture_below(rnd, 8))
		return torture_rnd(rnd);
	return edges[torture_below(rnd, ARRAY_SIZE(edges))] + torture_below(rnd, 3) - 1;
}

uint32_t odd_key(const struct ground *g, uint64_t *rnd)
{
	uint32_t key = g->keys[torture_below(rnd, NUM_KEYS)];

	switch (torture_below(rnd, 4)) {
	case 0:
		return torture_rnd(rnd);
	case 1:
		return (key & ~0xffU) | torture_below(rnd, 256);
	default:
		return key;
	}
}

uint64_t odd_address(const struct ground *g, uint64_t *rnd)
{
	const uint8_t *const places[] = { g->wide, g->near, g->read_only, g->foreign };
	uint64_t place = (uintptr_t)places[torture_below(rnd, ARRAY_SIZE(places))];

	switch (torture_below(rnd, 7)) {
	case 0:
		return torture_rnd(rnd);
	case 1:
		return 0xffff888000000000 + (torture_rnd(rnd) >> 32);
	case 2:
		return UINT64_MAX - torture_below(rnd, WIDE);
	case 3:
		return place - torture_below(rnd, PAGE);
	case 4:
		return place + WIDE - torture_below(rnd, PAGE);
	case 5:
		return g->treasure + torture_below(rnd, TREASURE);
	default:
		return place + torture_below(rnd, NEAR);
	}
}

void spoil_buf(const struct ground *g, uint64_t *rnd, struct axe_buf *buf)
{
	switch (torture_below(rnd, 4)) {
	case 0:
		buf->length = odd_length(rnd);
		break;
	case 1:
		buf->addr = odd_address(g, rnd);
		break;
	case 2:
		buf->key = odd_key(g, rnd);
		break;
	default:
		buf->addr = odd_address(g, rnd);
		buf->key = odd_key(g, rnd);
	}
}

void flip_bits(uint64_t *rnd, void *p, size_t size)
{
	unsigned int n = 1 + torture_below(rnd, 4), bit;

	while (n--) {
		bit = torture_below(rnd, size * 8);
		((uint8_t *)p)[bit / 8] ^= 1 << bit % 8;
	}
}

void noise(uint64_t *rnd, void *p, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		((uint8_t *)p)[i] = torture_rnd(rnd) >> 56;
}
