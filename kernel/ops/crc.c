// SPDX-License-Identifier: GPL-2.0
/*
 * CRC-32 and CRC-32C.
 *
 * The kernel's functions leave out the inversions at both ends; a command has
 * them, as zlib's crc32() does, so that a result is the seed of what follows.
 */
#include <linux/crc32.h>
#include <linux/crc32c.h>

#include "piece.h"

/**
 * axe_crc_check - validate the block of a crc32 or crc32c command
 * @cmd: the command
 * @ext: its extension slot or NULL
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_crc_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_crc *p = &cmd->op.crc;

	if (memchr_inv(p->reserved, 0, sizeof(p->reserved)))
		return AXE_ERR_RESERVED;
	return AXE_OK;
}

/**
 * axe_crc_begin - start from the command's seed
 * @x: the command
 *
 * Return: AXE_OK.
 */
enum axe_code axe_crc_begin(struct axe_exec *x)
{
	x->result[0] = le32_to_cpu(x->cmd->op.crc.seed);
	x->result[1] = 0;
	return AXE_OK;
}

/**
 * axe_crc32_exec - continue the CRC-32 in result[0] over the source
 * @x: the command
 *
 * Return: AXE_OK or AXE_EXEC_MORE.
 */
static int axe_crc32_exec(struct axe_exec *x)
{
	x->result[0] = ~crc32_le(~(u32)x->result[0], x->src, x->src_len);
	axe_src_take(x, x->src_len);
	return axe_src_done(x);
}

/**
 * axe_crc32c_exec - continue the CRC-32C in result[0] over the source
 * @x: the command
 *
 * Return: AXE_OK or AXE_EXEC_MORE.
 */
static int axe_crc32c_exec(struct axe_exec *x)
{
	x->result[0] = ~crc32c(~(u32)x->result[0], x->src, x->src_len);
	axe_src_take(x, x->src_len);
	return axe_src_done(x);
}

const struct axe_op axe_op_crc32 = {
	.name		= "crc32",
	.flags		= AXE_OP_READS_SRC | AXE_OP_CAN_CHAIN,
	.max_src	= AXE_OPERAND_MAX,
	.inline_max	= AXE_INLINE_MAX,
	.check		= axe_crc_check,
	.begin		= axe_crc_begin,
	.exec		= axe_crc32_exec,
};

const struct axe_op axe_op_crc32c = {
	.name		= "crc32c",
	.flags		= AXE_OP_READS_SRC | AXE_OP_CAN_CHAIN,
	.max_src	= AXE_OPERAND_MAX,
	.inline_max	= AXE_INLINE_MAX,
	.check		= axe_crc_check,
	.begin		= axe_crc_begin,
	.exec		= axe_crc32c_exec,
};
