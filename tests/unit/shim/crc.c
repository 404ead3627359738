// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's CRCs. Those of 32 bits are without the inversions at both ends, that
 * of 64 is with them, T10's has none.
 */
#include <zlib.h>

#include <linux/crc-t10dif.h>
#include <linux/crc32.h>
#include <linux/crc32c.h>
#include <linux/crc64.h>

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

u64 crc64_nvme(u64 crc, const void *p, size_t len)
{
	const u8 *b = p;
	int i;

	crc = ~crc;
	for (; len; b++, len--) {
		crc ^= *b;
		for (i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0x9a6c9329ac4bc9b5 : 0);
	}
	return ~crc;
}

u16 crc_t10dif_update(u16 crc, const u8 *p, size_t len)
{
	int i;

	for (; len; p++, len--) {
		crc ^= *p << 8;
		for (i = 0; i < 8; i++)
			crc = crc << 1 ^ (crc & 0x8000 ? 0x8bb7 : 0);
	}
	return crc;
}
