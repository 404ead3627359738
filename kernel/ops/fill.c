// SPDX-License-Identifier: GPL-2.0
/* Fill memory with a pattern. */
#include <linux/align.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "piece.h"

/**
 * axe_fill_check - validate a fill command's block
 * @cmd: the command
 * @ext: its extension slot or NULL
 *
 * Return: AXE_OK, or what is wrong with it.
 */
enum axe_code axe_fill_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_fill *p = &cmd->op.fill;

	if (!p->size || p->size > sizeof(p->pattern))
		return AXE_ERR_PARAM;
	/* The bytes of the pattern that do not take part are unused too. */
	if (memchr_inv(p->reserved, 0, sizeof(p->reserved)) ||
	    memchr_inv(p->pattern + p->size, 0, sizeof(p->pattern) - p->size))
		return AXE_ERR_RESERVED;
	return AXE_OK;
}

/*
 * Bytewise, for the few bytes around the aligned words. Returns the place in
 * the pattern where the next byte comes from.
 */
static unsigned int axe_fill_bytes(struct axe_exec *x, size_t n, unsigned int at)
{
	const struct axe_cmd_fill *p = &x->cmd->op.fill;
	size_t i;

	for (i = 0; i < n; i++) {
		x->dst[i] = p->pattern[at];
		if (++at == p->size)
			at = 0;
	}
	axe_dst_put(x, n);
	return at;
}

/*
 * Whole words: after @size of them (fewer, where @size divides 8 or shares a
 * factor with it) a word begins at the same place of the pattern again.
 */
static void axe_fill_words(struct axe_exec *x, size_t n, unsigned int at)
{
	const struct axe_cmd_fill *p = &x->cmd->op.fill;
	u64 *d = (u64 *)x->dst;
	u64 word[8];
	unsigned int period, i;
	size_t k;

	for (i = 0; i < p->size * sizeof(u64); i++)
		((u8 *)word)[i] = p->pattern[(at + i) % p->size];
	period = 8 % p->size ? p->size : 1;

	if (period == 1) {
		memset64(d, word[0], n);
	} else {
		for (k = 0, i = 0; k < n; k++) {
			d[k] = word[i];
			if (++i == period)
				i = 0;
		}
	}
	axe_dst_put(x, n * sizeof(u64));
}

/**
 * axe_fill_exec - fill the destination with the pattern
 * @x: the command
 *
 * Return: AXE_OK or AXE_EXEC_MORE.
 */
static int axe_fill_exec(struct axe_exec *x)
{
	const struct axe_cmd_fill *p = &x->cmd->op.fill;
	unsigned int at = x->done % p->size;
	size_t n;

	n = PTR_ALIGN(x->dst, sizeof(u64)) - x->dst;
	at = axe_fill_bytes(x, min(n, x->dst_len), at);

	n = x->dst_len / sizeof(u64);
	if (n) {
		axe_fill_words(x, n, at);
		at = (at + n * sizeof(u64)) % p->size;
	}
	axe_fill_bytes(x, x->dst_len, at);

	return x->dst_end ? AXE_OK : AXE_EXEC_MORE;
}

const struct axe_op axe_op_fill = {
	.name		= "fill",
	.flags		= AXE_OP_WRITES_DST,
	.max_dst	= AXE_OPERAND_MAX,
	.inline_max	= AXE_INLINE_MAX,
	.check		= axe_fill_check,
	.exec		= axe_fill_exec,
};
