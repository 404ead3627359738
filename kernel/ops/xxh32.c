// SPDX-License-Identifier: GPL-2.0
/* XXH32 of the xxHash specification. */
#include <linux/string.h>

#include "piece.h"
#include "xxh32.h"

static size_t axe_xxh32_priv_size(void)
{
	return sizeof(struct axe_xxh32);
}

/**
 * axe_xxh32_check - validate the block of an xxh32 command
 * @cmd: the command
 * @ext: its extension slot
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_xxh32_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_crc *p = &cmd->op.crc;

	return memchr_inv(p->reserved, 0, sizeof(p->reserved)) ? AXE_ERR_RESERVED : AXE_OK;
}

/**
 * axe_xxh32_begin - start from the command's seed
 * @x: the command
 *
 * Return: AXE_OK.
 */
static enum axe_code axe_xxh32_begin(struct axe_exec *x)
{
	axe_xxh32_start(x->priv, le32_to_cpu(x->cmd->op.crc.seed));
	return AXE_OK;
}

/**
 * axe_xxh32_exec - hash the source
 * @x: the command; result[0] becomes the hash at its end
 *
 * Return: AXE_OK or AXE_EXEC_MORE.
 */
static int axe_xxh32_exec(struct axe_exec *x)
{
	axe_xxh32_add(x->priv, x->src, x->src_len);
	axe_src_take(x, x->src_len);
	if (!x->src_end)
		return AXE_EXEC_MORE;
	x->result[0] = axe_xxh32_of(x->priv);
	return AXE_OK;
}

const struct axe_op axe_op_xxh32 = {
	.name		= "xxh32",
	.flags		= AXE_OP_READS_SRC | AXE_OP_CAN_CHAIN,
	.max_src	= AXE_OPERAND_MAX,
	.inline_max	= AXE_INLINE_MAX,
	.priv_size	= axe_xxh32_priv_size,
	.check		= axe_xxh32_check,
	.begin		= axe_xxh32_begin,
	.exec		= axe_xxh32_exec,
};
