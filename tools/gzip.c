// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <string.h>

#include "gzip.h"

enum {
	CM_DEFLATE	= 8,
	FLG_FEXTRA	= 1 << 2,
	FLG_FNAME	= 1 << 3,
	XFL_BEST	= 2,
	XFL_FASTEST	= 4,
	OS_UNIX		= 3,
};

static const uint8_t magic[] = { 0x1f, 0x8b, CM_DEFLATE };

static void put32(uint8_t *p, uint32_t v)
{
	p[0] = v;
	p[1] = v >> 8;
	p[2] = v >> 16;
	p[3] = v >> 24;
}

static uint16_t get16(const uint8_t *p)
{
	return p[0] | p[1] << 8;
}

size_t gzip_header(uint8_t buf[GZIP_HEADER_MAX], const char *name, uint32_t mtime, int level)
{
	size_t len = name ? strlen(name) : 0;

	if (GZIP_HEADER_MIN + len + 1 > GZIP_HEADER_MAX)
		len = 0;
	memset(buf, 0, GZIP_HEADER_MIN);
	memcpy(buf, magic, sizeof(magic));
	buf[3] = len ? FLG_FNAME : 0;
	put32(buf + 4, mtime);
	buf[8] = level == 9 ? XFL_BEST : level == 1 ? XFL_FASTEST : 0;
	buf[9] = OS_UNIX;
	if (!len)
		return GZIP_HEADER_MIN;
	memcpy(buf + GZIP_HEADER_MIN, name, len + 1);
	return GZIP_HEADER_MIN + len + 1;
}

void gzip_trailer(uint8_t buf[GZIP_TRAILER], uint32_t crc, uint64_t length)
{
	put32(buf, crc);
	put32(buf + 4, length);		/* modulo 2^32 by definition */
}

bool gzip_is_member(const uint8_t *buf, size_t len)
{
	return len >= sizeof(magic) && !memcmp(buf, magic, sizeof(magic));
}

/*
 * The extra field holds subfields (two letters, length, data). bgzip, and every
 * BGZF writer known, has 'BC' as the only one; another form is read as plain gzip.
 */
uint32_t bgzf_block_size(const uint8_t *buf, size_t len)
{
	uint32_t size;

	if (len < BGZF_HEADER || !gzip_is_member(buf, len) || buf[3] != FLG_FEXTRA ||
	    get16(buf + 10) != 6 || buf[12] != 'B' || buf[13] != 'C' || get16(buf + 14) != 2)
		return 0;
	size = get16(buf + 16) + 1;
	return size > BGZF_HEADER + GZIP_TRAILER ? size : 0;
}
