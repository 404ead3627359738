// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Commands of accelerator queues, with something wrong. */

#include "hostile.h"

/* The device's own rings, where they are mapped, are memory like any other. */
static void aim_at_ring(const struct ground *g, uint64_t *rnd, struct axe_buf *buf)
{
	buf->key = g->keys[torture_below(rnd, 2) ? KEY_SQ : KEY_CQ];
	buf->addr = torture_below(rnd, 4) ? torture_below(rnd, AXE_RING_ENTRIES) :
		    torture_below(rnd, 4 * PAGE);
	buf->addr &= ~31ULL;
}

static void add_result(const struct ground *g, uint64_t *rnd, struct axe_cmd *cmd,
		       struct axe_cmd_ext *ext)
{
	unsigned int num = 1;

	cmd->flags |= AXE_CMD_RESULT;
	if (cmd->opcode == AXE_OP_CHAIN)
		num += ext->aux.length / sizeof(struct axe_stage);
	ext->result = ground_exactly(g, rnd, 256 + num * sizeof(struct axe_result));
	ext->result.addr = (ext->result.addr + 255) & ~255ULL;
	ext->result.length = num * sizeof(struct axe_result);
}

static void spoil_ext(const struct ground *g, uint64_t *rnd, struct axe_cmd_ext *ext)
{
	switch (torture_below(rnd, 8)) {
	case 0:
		flip_bits(rnd, ext, sizeof(*ext));
		break;
	case 1:
		spoil_buf(g, rnd, &ext->result);
		break;
	case 2:
		spoil_buf(g, rnd, &ext->aux);
		break;
	case 3:
		aim_at_ring(g, rnd, torture_below(rnd, 2) ? &ext->result : &ext->aux);
		break;
	case 4:
		flip_bits(rnd, &ext->op, sizeof(ext->op));
	}
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
	bool has_ext = valid_command(g, rnd, &slots[0], ext);

	if (!torture_below(rnd, 8)) {
		add_result(g, rnd, &slots[0], ext);
		has_ext = true;
	}
	slots[0].ext = has_ext;
	/* Of each kind of spoiling some are spared, or nothing would ever succeed. */
	if (has_ext && torture_below(rnd, 2))
		spoil_ext(g, rnd, ext);
	if (torture_below(rnd, 2))
		spoil_command(g, rnd, &slots[0]);
	else if (!torture_below(rnd, 8))
		aim_at_ring(g, rnd, torture_below(rnd, 2) ? &slots[0].src : &slots[0].dst);
	return 1 + has_ext;
}
