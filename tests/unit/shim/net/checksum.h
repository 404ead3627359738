/* SPDX-License-Identifier: GPL-2.0 */
/* The Internet checksum of RFC 1071. A __wsum is a sum of words as memory has them. */
#ifndef AXE_SHIM_CHECKSUM_H
#define AXE_SHIM_CHECKSUM_H

#include <string.h>

#include <linux/types.h>

static inline __wsum csum_partial(const void *p, int len, __wsum sum)
{
	const u8 *b = p;
	u64 n = sum;
	u16 word;

	for (; len > 0; b += 2, len -= 2) {
		word = 0;
		memcpy(&word, b, len > 1 ? 2 : 1);
		n += word;
	}
	while (n >> 32)
		n = (n & 0xffffffff) + (n >> 32);
	return n;
}

/* Of what began at an odd place, the bytes of each word are the other way round. */
static inline __wsum csum_block_add(__wsum sum, __wsum more, int offset)
{
	u64 n = offset & 1 ? (u32)(more << 8 | more >> 24) : more;

	n += sum;
	return (n & 0xffffffff) + (n >> 32);
}

static inline __sum16 csum_fold(__wsum sum)
{
	u32 n = (sum & 0xffff) + (sum >> 16);

	return ~((n & 0xffff) + (n >> 16));
}

#endif
