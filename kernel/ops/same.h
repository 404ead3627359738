/* SPDX-License-Identifier: GPL-2.0 */
/* How far two ranges of memory are the same. */
#ifndef AXE_OPS_SAME_H
#define AXE_OPS_SAME_H

#include <linux/types.h>
#include <linux/unaligned.h>

static inline u64 axe_word_diff(const u8 *a, const u8 *b)
{
	return get_unaligned((const u64 *)a) ^ get_unaligned((const u64 *)b);
}

/*
 * How many bytes are the same from the start. The process may write to both
 * ranges meanwhile: each step decides by what it reads itself.
 */
static inline size_t axe_same_bytes(const u8 *a, const u8 *b, size_t len)
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

#endif
