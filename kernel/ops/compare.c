// SPDX-License-Identifier: GPL-2.0
/* Compare two ranges of memory, or one with a pattern. */
#include <linux/minmax.h>

#include "piece.h"
#include "same.h"

/**
 * axe_compare_exec - find the first byte that source and destination differ in
 * @x: the command; result[0] becomes the offset, or ~0 if there is none
 *
 * Return: AXE_OK or AXE_EXEC_MORE.
 */
static int axe_compare_exec(struct axe_exec *x)
{
	size_t len = min(x->src_len, x->dst_len);
	size_t n = axe_same_bytes(x->src, x->dst, len);

	axe_src_take(x, n);
	axe_dst_put(x, n);
	if (n < len) {
		x->result[0] = x->done;
		return AXE_OK;
	}
	x->result[0] = ~0ULL;
	if (x->src_len)
		return axe_dst_short(x);
	return axe_src_done(x);
}

/* So much of the pattern, repeated, is at hand at a time. */
#define AXE_PATTERN_BYTES	256

/**
 * axe_compare_pattern_exec - find the first byte of the source that is not the pattern's
 * @x: the command; result[0] becomes the offset, or ~0 if there is none
 *
 * Return: AXE_OK or AXE_EXEC_MORE.
 */
static int axe_compare_pattern_exec(struct axe_exec *x)
{
	const struct axe_cmd_fill *p = &x->cmd->op.fill;
	/* After so many bytes the pattern is at the same place again. */
	size_t period = AXE_PATTERN_BYTES / p->size * p->size, i;
	u8 want[AXE_PATTERN_BYTES];

	for (i = 0; i < min(period, x->src_len); i++)
		want[i] = p->pattern[(x->done + i) % p->size];
	while (x->src_len) {
		size_t len = min(x->src_len, period);
		size_t n = axe_same_bytes(x->src, want, len);

		axe_src_take(x, n);
		x->done += n;
		if (n < len) {
			x->result[0] = x->done;
			return AXE_OK;
		}
	}
	x->result[0] = ~0ULL;
	return axe_src_done(x);
}

const struct axe_op axe_op_compare = {
	.name		= "compare",
	/* Neither operand is written: they may well overlap. */
	.flags		= AXE_OP_READS_SRC | AXE_OP_READS_DST | AXE_OP_CAN_OVERLAP,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.inline_max	= AXE_INLINE_MAX,
	.exec		= axe_compare_exec,
};

const struct axe_op axe_op_compare_pattern = {
	.name		= "compare-pattern",
	.flags		= AXE_OP_READS_SRC,
	.max_src	= AXE_OPERAND_MAX,
	.inline_max	= AXE_INLINE_MAX,
	.check		= axe_fill_check,
	.exec		= axe_compare_pattern_exec,
};
