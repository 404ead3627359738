// SPDX-License-Identifier: GPL-2.0
/* Copy memory to two places. */
#include <linux/minmax.h>
#include <linux/string.h>

#include "piece.h"

/* So much is read at a time, once for both. */
#define AXE_DUALCAST_STEP	512

/**
 * axe_dualcast_check - validate a dualcast command's lengths
 * @cmd: the command
 * @ext: its extension slot
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_dualcast_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	if (memchr_inv(cmd->op.raw, 0, sizeof(cmd->op.raw)))
		return AXE_ERR_RESERVED;
	if (cmd->src.length != cmd->dst.length || cmd->src.length != ext->aux.length)
		return AXE_ERR_LENGTH;
	return AXE_OK;
}

/**
 * axe_dualcast_exec - copy the source to the destination and to the third operand
 * @x: the command
 *
 * Both get the same bytes, also if the process changes the source meanwhile.
 *
 * Return: AXE_OK or AXE_EXEC_MORE.
 */
static int axe_dualcast_exec(struct axe_exec *x)
{
	size_t left = min(min(x->src_len, x->dst_len), x->aux_len);
	u8 bytes[AXE_DUALCAST_STEP];

	while (left) {
		size_t n = min(left, sizeof(bytes));

		memcpy(bytes, x->src, n);
		memcpy(x->dst, bytes, n);
		memcpy(x->aux, bytes, n);
		axe_src_take(x, n);
		axe_dst_put(x, n);
		axe_aux_take(x, n);
		left -= n;
	}
	/* All have one length. */
	return x->src_len ? AXE_EXEC_MORE : axe_src_done(x);
}

const struct axe_op axe_op_dualcast = {
	.name		= "dualcast",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST | AXE_OP_WRITES_AUX,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.max_aux	= AXE_OPERAND_MAX,
	.inline_max	= AXE_INLINE_MAX,
	.check		= axe_dualcast_check,
	.exec		= axe_dualcast_exec,
};
