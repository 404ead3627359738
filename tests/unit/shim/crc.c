// SPDX-License-Identifier: GPL-2.0
/* The kernel's CRCs: reflected, and without the inversions at both ends. */
#include <zlib.h>

#include <linux/crc32.h>
#include <linux/crc32c.h>

u32 crc32_le(u32 crc, const void *p, size_t len)
{
	/* Given NULL, zlib returns the initial value instead. */
	return len ? ~crc32_z(~crc & 0xffffffff, p, len) : crc;
}

u32 crc32c(u32 crc, const void *p, size_t len)
{
	const u8 *b = p;
	int i;

	for (; len; b++, len--) {
		crc ^= *b;
		for (i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return crc;
}
