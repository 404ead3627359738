/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What lies around a deflate stream: zlib's (RFC 1950) and gzip's (RFC 1952)
 * headers and checksums. The library is only asked for raw streams: it knows
 * no gzip, and a second checksum beside ours would be wasted.
 */
#ifndef AXE_OPS_WRAP_H
#define AXE_OPS_WRAP_H

#include <linux/bits.h>
#include <linux/crc32.h>
#include <linux/zlib.h>
#include <linux/zutil.h>

#include "../ops.h"

#define AXE_FORMATS_DEFLATE \
	(BIT(AXE_FORMAT_RAW) | BIT(AXE_FORMAT_ZLIB) | BIT(AXE_FORMAT_GZIP))

#define AXE_GZIP_ID1		0x1f
#define AXE_GZIP_ID2		0x8b
#define AXE_GZIP_CM		8
#define AXE_GZIP_HEADER		10
#define AXE_GZIP_TRAILER	8

enum axe_gzip_flags {
	AXE_GZIP_FHCRC		= 1 << 1,
	AXE_GZIP_FEXTRA		= 1 << 2,
	AXE_GZIP_FNAME		= 1 << 3,
	AXE_GZIP_FCOMMENT	= 1 << 4,
	AXE_GZIP_RESERVED	= 0xe0,
};

/* Deflate with a window of 32 KiB. */
#define AXE_ZLIB_CMF		0x78
#define AXE_ZLIB_FDICT		0x20
#define AXE_ZLIB_HEADER		2
#define AXE_ZLIB_DICTID		4
#define AXE_ZLIB_TRAILER	4

/* There are dictionaries of raw deflate and of zlib, not of gzip. */
static inline bool axe_dict_is_misplaced(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	return cmd->op.deflate.format == AXE_FORMAT_GZIP && ext->aux.length;
}

/* The checksum of nothing. */
static inline u32 axe_sum_start(u8 format)
{
	return format == AXE_FORMAT_ZLIB ? 1 : 0;
}

/* Continue the checksum of the plain data: Adler-32 for zlib, else CRC-32. */
static inline u32 axe_sum_update(u8 format, u32 sum, const u8 *p, size_t len)
{
	if (!len)
		return sum;
	if (format == AXE_FORMAT_ZLIB)
		return zlib_adler32(sum, p, len);
	return ~crc32_le(~sum, p, len);
}

#endif
