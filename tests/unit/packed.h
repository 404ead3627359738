/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests of decompress share: data that the system's zlib has packed. */
#ifndef AXE_UNIT_PACKED_H
#define AXE_UNIT_PACKED_H

#include <zlib.h>

#include "run.h"

#define for_each_format(format)						\
	for (u8 format = AXE_FORMAT_RAW; format <= AXE_FORMAT_GZIP; format++)

/**
 * struct packed - a packed format, made by the system's zlib
 * @format:		enum axe_format
 * @plain:		what is in it
 * @plain_len:		its length
 * @data:		the packed bytes
 * @len:		how many
 * @header_len:		of these, before the deflate data
 * @trailer_len:	of these, behind it
 */
struct packed {
	u8 format;
	u8 *plain;
	size_t plain_len;
	u8 *data;
	size_t len;
	size_t header_len;
	size_t trailer_len;
};

/* @len bytes of text, packed as zlib does by default. */
struct packed pack(u8 format, size_t len);

/* @len bytes at @plain, which is ours from now on, with these parameters of zlib's. */
struct packed pack_with(u8 format, int level, int strategy, int wbits, gz_header *gz,
			u8 *plain, size_t len);

/* A member of gzip whose header has these of its optional fields: 0 to 31 for all. */
struct packed pack_header(unsigned int fields);

void unpack_free(struct packed *p);

struct axe_cmd inflate_cmd(u8 format, u32 flags);

/* The checksum that a format has of its plain data; raw deflate has CRC-32 here. */
u32 sum_of(u8 format, const u8 *p, size_t len);

/* A run of the first @len bytes of @p; the destination is the caller's. */
struct unit_run run_of(const struct packed *p, size_t len, u8 *dst, size_t dst_len);

/* It went well, and took and made all of @p. */
void assert_unpacked(const struct packed *p, const struct unit_run *run);

#endif
