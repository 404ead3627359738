// SPDX-License-Identifier: GPL-2.0
/* Compare two ranges of memory. */
#include <linux/minmax.h>
#include <linux/unaligned.h>

#include "piece.h"

static u64 axe_word_diff(const u8 *a, const u8 *b)
{
	return get_unaligned((const u64 *)a) ^ get_unaligned((const u64 *)b);
}

/*
 * How many bytes are the same from the start. The process may write to both
 * ranges meanwhile: each step decides by what it reads itself.
 */
static size_t axe_same_bytes(const u8 *a, const u8 *b, size_t len)
{
	size_t i = 0;

	for (; i + 32 <= len; i += 32)
		if (axe_word_diff(a + i, b + i) |
		    axe_word_diff(a + i + 8, b + i + 8) |
		    axe_word_diff(a + i + 16, b + i + 16) |
		    axe_word_diff(a + i + 24, b + i + 24))
			break;
	for (; i + 8 <= len; i += 8)
		if (axe_word_diff(a + i, b + i))
			break;
	for (; i < len; i++)
		if (a[i] != b[i])
			break;
	return i;
}

/**
 * axe_compare_exec - find the first byte that source and destination differ in
 * @x: the command; result[0] becomes the offset, or ~0 if there is none
 *
 * Return: AXE_OK or AXE_EXEC_MORE.
 */
int axe_compare_exec(struct axe_exec *x)
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
