// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Memory to aim at, with what must not be touched around it; and commands that do. */

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

/*---- commands of accelerator queues ----*/

static void valid_deflate(uint64_t *rnd, struct axe_cmd *cmd)
{
	cmd->op.deflate.format = torture_below(rnd, 3);
	if (cmd->opcode == AXE_OP_COMPRESS) {
		cmd->op.deflate.level = torture_below(rnd, 10);
		cmd->op.deflate.flags = torture_below(rnd, 2) ? AXE_DEFLATE_NO_FINAL : 0;
	} else {
		cmd->op.deflate.flags = torture_below(rnd, 4) & ~1U ? AXE_DEFLATE_STREAM : 0;
		if (cmd->op.deflate.flags && !torture_below(rnd, 3))
			cmd->op.deflate.flags |= AXE_DEFLATE_RESTART;
	}
}

/* As many elements as the source has, and some of them. */
static void valid_scan(uint64_t *rnd, struct axe_cmd *cmd)
{
	struct axe_cmd_scan *p = &cmd->op.scan;

	p->width = 1 + torture_below(rnd, 32);
	p->num = cmd->src.length * 8 / p->width;
	p->low = p->num / 3;
	p->high = p->num / 2;
	cmd->src.length = (p->num * p->width + 7) / 8;
}

/* A list of @num ranges of @length, somewhere near; others may write over it meanwhile. */
static struct axe_buf valid_list(const struct ground *g, uint64_t *rnd, unsigned int num,
				 uint32_t length)
{
	uint8_t *list = g->near + torture_below(rnd, NEAR - 34 * sizeof(struct axe_buf));
	unsigned int i;

	for (i = 0; i < num; i++) {
		struct axe_buf buf = ground_buf(g, rnd, length);

		/* Now and then that is too much. */
		buf.length = length;
		memcpy(list + i * sizeof(buf), &buf, sizeof(buf));
	}
	return (struct axe_buf) {
		.addr = (uintptr_t)list,
		.length = num * sizeof(struct axe_buf),
		.key = g->keys[KEY_NEAR],
	};
}

static bool works_on_lanes(unsigned int opcode)
{
	return opcode >= AXE_OP_XOR && opcode <= AXE_OP_RS_RECOVER;
}

static void valid_lanes(const struct ground *g, uint64_t *rnd, struct axe_cmd *cmd)
{
	unsigned int num_src = 2 + torture_below(rnd, torture_below(rnd, 4) ? 4 : 32);
	unsigned int num_dst = 2;
	uint32_t length = 1 + torture_below(rnd, 64);

	if (cmd->opcode == AXE_OP_XOR)
		num_dst = 1;
	if (cmd->opcode == AXE_OP_PQ_RECOVER) {
		cmd->op.pq.data = num_src;
		cmd->op.pq.lost[1] = num_src;
	}
	cmd->src = valid_list(g, rnd, num_src, length);
	memset(&cmd->dst, 0, sizeof(cmd->dst));
	if (cmd->opcode != AXE_OP_XOR_CHECK && cmd->opcode != AXE_OP_PQ_CHECK)
		cmd->dst = valid_list(g, rnd, num_dst, length);
}

static void valid_hash(uint64_t *rnd, struct axe_cmd *cmd)
{
	cmd->op.hash.format = torture_below(rnd, AXE_HASH_MD5 + 1);
	cmd->op.hash.flags = torture_below(rnd, 8) | AXE_HASH_STREAM;
	if (!torture_below(rnd, 4))
		cmd->op.hash.flags = 0;
}

static void valid_command(const struct ground *g, uint64_t *rnd, struct axe_cmd *cmd)
{
	/* Little of what takes long. */
	size_t most = torture_below(rnd, 64) ? 2 * KIB : WIDE;

	memset(cmd, 0, sizeof(*cmd));
	cmd->opcode = torture_below(rnd, AXE_OP_MAX);
	cmd->wr_id = torture_rnd(rnd);
	cmd->flags = torture_below(rnd, 2) ? AXE_CMD_SIGNALED : 0;
	if (!torture_below(rnd, 4))
		cmd->flags |= torture_rnd(rnd) & (AXE_CMD_FENCE | AXE_CMD_LINK | AXE_CMD_SEND);
	if (cmd->opcode != AXE_OP_NOP && cmd->opcode != AXE_OP_FILL)
		cmd->src = ground_buf(g, rnd, most);
	if (cmd->opcode != AXE_OP_NOP && cmd->opcode != AXE_OP_CRC32 &&
	    cmd->opcode != AXE_OP_CRC32C)
		cmd->dst = ground_buf(g, rnd, most);
	if (cmd->opcode == AXE_OP_COPY || cmd->opcode == AXE_OP_COMPARE) {
		if (cmd->src.length > cmd->dst.length)
			cmd->src.length = cmd->dst.length;
		cmd->dst.length = cmd->src.length;
	} else if (cmd->opcode == AXE_OP_FILL) {
		cmd->op.fill.size = 1 + torture_below(rnd, 8);
		memcpy(cmd->op.fill.pattern, "hostile!", cmd->op.fill.size);
	} else if (cmd->opcode == AXE_OP_COMPRESS || cmd->opcode == AXE_OP_DECOMPRESS) {
		valid_deflate(rnd, cmd);
	} else if (cmd->opcode == AXE_OP_SCAN || cmd->opcode == AXE_OP_EXTRACT) {
		valid_scan(rnd, cmd);
	} else if (works_on_lanes(cmd->opcode)) {
		valid_lanes(g, rnd, cmd);
	} else if (cmd->opcode == AXE_OP_HASH) {
		valid_hash(rnd, cmd);
	}
}

static void valid_ext(const struct ground *g, uint64_t *rnd, const struct axe_cmd *cmd,
		      struct axe_cmd_ext *ext)
{
	unsigned int num_src = cmd->src.length / sizeof(struct axe_buf);

	memset(ext, 0, sizeof(*ext));
	ext->result = ground_buf(g, rnd, 1);
	ext->result.addr &= ~31ULL;
	ext->result.length = sizeof(struct axe_result);
	if (cmd->opcode == AXE_OP_ERASURE) {
		ext->aux = ground_buf(g, rnd, 1);
		ext->aux.length = 2 * num_src;
	} else if (cmd->opcode == AXE_OP_RS_RECOVER && num_src < 33) {
		ext->op.rs.data = num_src;
		ext->op.rs.parity = 2;
		ext->op.rs.lost = 3;
		ext->op.rs.present = ((1ULL << num_src) - 1) << 2;
	}
}

/* The device's own rings, where they are mapped, are memory like any other. */
static void aim_at_ring(const struct ground *g, uint64_t *rnd, struct axe_buf *buf)
{
	buf->key = g->keys[torture_below(rnd, 2) ? KEY_SQ : KEY_CQ];
	buf->addr = torture_below(rnd, 4) ? torture_below(rnd, AXE_RING_ENTRIES) :
		    torture_below(rnd, 4 * PAGE);
	buf->addr &= ~31ULL;
}

static void spoil_command(const struct ground *g, uint64_t *rnd, struct axe_cmd *cmd)
{
	switch (torture_below(rnd, 12)) {
	case 0:
		noise(rnd, cmd, sizeof(*cmd));
		break;
	case 1:
		cmd->opcode = torture_below(rnd, 2) ? torture_rnd(rnd) :
			      torture_below(rnd, 2 * AXE_OP_MAX);
		break;
	case 2:
		cmd->flags = torture_rnd(rnd) & (torture_below(rnd, 2) ? AXE_CMD_FLAGS_ALL : ~0U);
		break;
	case 3:
		cmd->ext = torture_below(rnd, 2) ? torture_below(rnd, 4) : torture_rnd(rnd);
		break;
	case 4:
		flip_bits(rnd, &cmd->op, sizeof(cmd->op));
		break;
	case 5:
		cmd->src.length = odd_length(rnd);
		cmd->dst.length = cmd->src.length;
		break;
	case 6:
	case 7:
		spoil_buf(g, rnd, &cmd->src);
		break;
	case 8:
	case 9:
		spoil_buf(g, rnd, &cmd->dst);
		break;
	default:
		flip_bits(rnd, cmd, sizeof(*cmd));
	}
}

unsigned int hostile_command(const struct ground *g, uint64_t *rnd, struct axe_cmd slots[2])
{
	struct axe_cmd_ext *ext = (void *)&slots[1];
	unsigned int n = 1;

	valid_command(g, rnd, &slots[0]);
	if (!torture_below(rnd, 4)) {
		valid_ext(g, rnd, &slots[0], ext);
		slots[0].flags |= AXE_CMD_RESULT;
		slots[0].ext = 1;
		n = 2;
		switch (torture_below(rnd, 4)) {
		case 0:
			flip_bits(rnd, ext, sizeof(*ext));
			break;
		case 1:
			spoil_buf(g, rnd, &ext->result);
			break;
		case 2:
			aim_at_ring(g, rnd, &ext->result);
		}
	}
	if (torture_below(rnd, 3))
		spoil_command(g, rnd, &slots[0]);
	else if (!torture_below(rnd, 8))
		aim_at_ring(g, rnd, torture_below(rnd, 2) ? &slots[0].src : &slots[0].dst);
	return n;
}
