// SPDX-License-Identifier: GPL-2.0
/*
 * Checksums beside CRC-32 and CRC-32C: CRC-64 (NVMe), CRC-16 (T10), Adler-32,
 * XXH64, and any of them while copying.
 */
#include <linux/minmax.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/xxhash.h>

#include "piece.h"
#include "sum.h"

/* Copied and then summed up: what was copied is still in the nearest cache. */
#define AXE_COPY_STEP	SZ_4K

static enum axe_code axe_sum_check(const struct axe_cmd *cmd, u8 kind)
{
	const struct axe_cmd_crc *p = &cmd->op.crc;

	if (memchr_inv(p->reserved, 0, sizeof(p->reserved)))
		return AXE_ERR_RESERVED;
	return axe_sum_fits(kind, le32_to_cpu(p->seed)) ? AXE_OK : AXE_ERR_PARAM;
}

/**
 * axe_crc16_check - validate the block of a crc16-t10 command
 * @cmd: the command
 * @ext: its extension slot
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_crc16_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	return axe_sum_check(cmd, AXE_SUM_CRC16_T10);
}

/**
 * axe_adler32_check - validate the block of an adler32 command
 * @cmd: the command
 * @ext: its extension slot
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_adler32_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	return axe_sum_check(cmd, AXE_SUM_ADLER32);
}

/**
 * axe_crc64_check - validate the block of a crc64 or xxh64 command
 * @cmd: the command
 * @ext: its extension slot
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_crc64_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_crc64 *p = &cmd->op.crc64;

	if (memchr_inv(p->reserved, 0, sizeof(p->reserved)))
		return AXE_ERR_RESERVED;
	return AXE_OK;
}

/**
 * axe_crc64_begin - start from the command's seed
 * @x: the command
 *
 * Return: AXE_OK.
 */
static enum axe_code axe_crc64_begin(struct axe_exec *x)
{
	x->result[0] = le64_to_cpu(x->cmd->op.crc64.seed);
	x->result[1] = 0;
	return AXE_OK;
}

static int axe_sum_exec(struct axe_exec *x, u8 kind)
{
	x->result[0] = axe_sum_more(kind, x->result[0], x->src, x->src_len);
	axe_src_take(x, x->src_len);
	return axe_src_done(x);
}

/**
 * axe_crc64_exec - continue the CRC-64 in result[0] over the source
 * @x: the command
 *
 * Return: AXE_OK or AXE_EXEC_MORE.
 */
static int axe_crc64_exec(struct axe_exec *x)
{
	return axe_sum_exec(x, AXE_SUM_CRC64);
}

/**
 * axe_crc16_exec - continue the CRC-16 in result[0] over the source
 * @x: the command
 *
 * Return: AXE_OK or AXE_EXEC_MORE.
 */
static int axe_crc16_exec(struct axe_exec *x)
{
	return axe_sum_exec(x, AXE_SUM_CRC16_T10);
}

/**
 * axe_adler32_exec - continue the Adler-32 in result[0] over the source
 * @x: the command
 *
 * Return: AXE_OK or AXE_EXEC_MORE.
 */
static int axe_adler32_exec(struct axe_exec *x)
{
	return axe_sum_exec(x, AXE_SUM_ADLER32);
}

/**
 * axe_xxh64_priv_size - what the library remembers between pieces
 *
 * Return: bytes.
 */
static size_t axe_xxh64_priv_size(void)
{
	return sizeof(struct xxh64_state);
}

/**
 * axe_xxh64_begin - start from the command's seed
 * @x: the command
 *
 * Return: AXE_OK.
 */
static enum axe_code axe_xxh64_begin(struct axe_exec *x)
{
	xxh64_reset(x->priv, le64_to_cpu(x->cmd->op.crc64.seed));
	return AXE_OK;
}

/**
 * axe_xxh64_exec - hash the source
 * @x: the command; result[0] becomes the hash at its end
 *
 * Return: AXE_OK or AXE_EXEC_MORE.
 */
static int axe_xxh64_exec(struct axe_exec *x)
{
	/* It refuses an address that is none. */
	if (x->src_len)
		xxh64_update(x->priv, x->src, x->src_len);
	axe_src_take(x, x->src_len);
	if (!x->src_end)
		return AXE_EXEC_MORE;
	x->result[0] = xxh64_digest(x->priv);
	return AXE_OK;
}

/**
 * axe_copy_crc_check - validate the block of a copy-crc command
 * @cmd: the command
 * @ext: its extension slot
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_copy_crc_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_sum *p = &cmd->op.sum;

	if (memchr_inv(p->reserved, 0, sizeof(p->reserved)))
		return AXE_ERR_RESERVED;
	if (p->kind > AXE_SUM_ADLER32 || !axe_sum_fits(p->kind, le64_to_cpu(p->value)))
		return AXE_ERR_PARAM;
	return cmd->src.length == cmd->dst.length ? AXE_OK : AXE_ERR_LENGTH;
}

/**
 * axe_copy_crc_begin - start from the command's seed
 * @x: the command
 *
 * Return: AXE_OK.
 */
static enum axe_code axe_copy_crc_begin(struct axe_exec *x)
{
	x->result[0] = le64_to_cpu(x->cmd->op.sum.value);
	x->result[1] = 0;
	return AXE_OK;
}

/**
 * axe_copy_crc_exec - copy the source, and continue the checksum in result[0]
 * @x: the command
 *
 * The sum is taken of the copy: so it goes with what was copied, also if the
 * process writes to the source meanwhile.
 *
 * Return: AXE_OK or AXE_EXEC_MORE.
 */
static int axe_copy_crc_exec(struct axe_exec *x)
{
	size_t n;

	while ((n = min(x->src_len, min_t(size_t, x->dst_len, AXE_COPY_STEP)))) {
		memcpy(x->dst, x->src, n);
		x->result[0] = axe_sum_more(x->cmd->op.sum.kind, x->result[0], x->dst, n);
		axe_src_take(x, n);
		axe_dst_put(x, n);
	}
	if (x->src_len)
		return axe_dst_short(x);
	return axe_src_done(x);
}

const struct axe_op axe_op_crc64 = {
	.name		= "crc64",
	.flags		= AXE_OP_READS_SRC | AXE_OP_CAN_CHAIN,
	.max_src	= AXE_OPERAND_MAX,
	.inline_max	= AXE_INLINE_MAX,
	.check		= axe_crc64_check,
	.begin		= axe_crc64_begin,
	.exec		= axe_crc64_exec,
};

const struct axe_op axe_op_crc16_t10 = {
	.name		= "crc16-t10",
	.flags		= AXE_OP_READS_SRC | AXE_OP_CAN_CHAIN,
	.max_src	= AXE_OPERAND_MAX,
	.inline_max	= AXE_INLINE_MAX,
	.check		= axe_crc16_check,
	.begin		= axe_crc_begin,
	.exec		= axe_crc16_exec,
};

const struct axe_op axe_op_adler32 = {
	.name		= "adler32",
	.flags		= AXE_OP_READS_SRC | AXE_OP_CAN_CHAIN,
	.max_src	= AXE_OPERAND_MAX,
	.inline_max	= AXE_INLINE_MAX,
	.check		= axe_adler32_check,
	.begin		= axe_crc_begin,
	.exec		= axe_adler32_exec,
};

const struct axe_op axe_op_xxh64 = {
	.name		= "xxh64",
	.flags		= AXE_OP_READS_SRC | AXE_OP_CAN_CHAIN,
	.max_src	= AXE_OPERAND_MAX,
	.inline_max	= AXE_INLINE_MAX,
	.priv_size	= axe_xxh64_priv_size,
	.check		= axe_crc64_check,
	.begin		= axe_xxh64_begin,
	.exec		= axe_xxh64_exec,
};

const struct axe_op axe_op_copy_crc = {
	.name		= "copy-crc",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.inline_max	= AXE_INLINE_MAX,
	.check		= axe_copy_crc_check,
	.begin		= axe_copy_crc_begin,
	.exec		= axe_copy_crc_exec,
};
