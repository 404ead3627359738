/* SPDX-License-Identifier: GPL-2.0 */
/* The checksums that more than one operation computes. */
#ifndef AXE_OPS_SUM_H
#define AXE_OPS_SUM_H

#include <linux/crc-t10dif.h>
#include <linux/crc32.h>
#include <linux/crc32c.h>
#include <linux/crc64.h>
#include <linux/limits.h>
#include <linux/zlib.h>
#include <linux/zutil.h>

#include "compat/compat.h"
#include "../ops.h"

/* The largest prime below 2^16: both halves of an Adler-32 are below it. */
#define AXE_ADLER_BASE	65521

/* Can it be one, at all? */
static inline bool axe_sum_fits(u8 kind, u64 sum)
{
	switch (kind) {
	case AXE_SUM_CRC64:
		return true;
	case AXE_SUM_CRC16_T10:
		return sum <= U16_MAX;
	case AXE_SUM_ADLER32:
		return (sum & U16_MAX) < AXE_ADLER_BASE && sum >> 16 < AXE_ADLER_BASE;
	default:
		return sum <= U32_MAX;
	}
}

/* Continue a checksum; the kernel's CRCs of 32 bits leave out the inversions. */
static inline u64 axe_sum_more(u8 kind, u64 sum, const u8 *p, size_t len)
{
	/* Of an operand without a byte there is no address, of which zlib makes 1. */
	if (!len)
		return sum;
	switch (kind) {
	case AXE_SUM_CRC32:
		return ~crc32_le(~(u32)sum, p, len);
	case AXE_SUM_CRC32C:
		return ~crc32c(~(u32)sum, p, len);
	case AXE_SUM_CRC64:
		return crc64_nvme(sum, p, len);
	case AXE_SUM_CRC16_T10:
		return crc_t10dif_update(sum, p, len);
	default:
		return (u32)zlib_adler32(sum, p, len);
	}
}

#endif
