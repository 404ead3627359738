// SPDX-License-Identifier: GPL-2.0
/* Operations that do nothing, and next to nothing. */
#include <linux/minmax.h>
#include <linux/string.h>

#include "piece.h"

/**
 * axe_nop_exec - finish at once
 * @x: the command
 *
 * Return: AXE_OK.
 */
static int axe_nop_exec(struct axe_exec *x)
{
	return AXE_OK;
}

/**
 * axe_copy_exec - copy the source to the destination
 * @x: the command
 *
 * Operands may overlap. Which end to begin at is for the caller to choose: it
 * hands out pieces of one size, from the last to the first where that is the
 * only way; within a piece, memmove() sees to it.
 *
 * Return: AXE_OK or AXE_EXEC_MORE.
 */
int axe_copy_exec(struct axe_exec *x)
{
	size_t n = min(x->src_len, x->dst_len);

	if (n) {
		memmove(x->dst, x->src, n);
		axe_src_take(x, n);
		axe_dst_put(x, n);
	}
	if (x->src_len)
		return axe_dst_short(x);
	return axe_src_done(x);
}

const struct axe_op axe_op_nop = {
	.name		= "nop",
	.inline_max	= AXE_INLINE_MAX,
	.exec		= axe_nop_exec,
};

const struct axe_op axe_op_copy = {
	.name		= "copy",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST | AXE_OP_CAN_OVERLAP |
			  AXE_OP_CAN_CHAIN,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.inline_max	= AXE_INLINE_MAX,
	.exec		= axe_copy_exec,
};

const struct axe_op axe_op_gather = {
	.name		= "gather",
	.flags		= AXE_OP_READS_SRC | AXE_OP_SRC_LIST | AXE_OP_WRITES_DST,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.max_src_list	= AXE_MAX_LIST,
	.inline_max	= AXE_INLINE_NEVER,
	.exec		= axe_copy_exec,
};

const struct axe_op axe_op_scatter = {
	.name		= "scatter",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST | AXE_OP_DST_LIST,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.max_dst_list	= AXE_MAX_LIST,
	.inline_max	= AXE_INLINE_NEVER,
	.exec		= axe_copy_exec,
};
