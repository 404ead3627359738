// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <string.h>

#include <rdma/axe-ring.h>

#include "format.h"
#include "gzip.h"

#define LZ4_MAGIC	0x184d2204	/* lz4_Frame_format.md */
#define ZSTD_MAGIC	0xfd2fb528	/* RFC 8878, 3.1.1 */
#define SKIPPABLE	0x184d2a50	/* both have these, to ...5f */

const struct format_info formats[FORMAT_NONE] = {
	[FORMAT_GZIP] = { .name = "gzip", .suffix = ".gz", .level = 6, .best = 9 },
	[FORMAT_LZ4] = { .name = "lz4", .suffix = ".lz4" },
	[FORMAT_ZSTD] = { .name = "zstd", .suffix = ".zst", .level = 3,
			  .best = AXE_ZSTD_LEVEL_MAX },
};

enum format format_parse(struct argp_state *state, const char *name)
{
	for (enum format i = 0; i < FORMAT_NONE; i++)
		if (!strcmp(name, formats[i].name))
			return i;
	argp_error(state, "the format must be gzip, lz4 or zstd, not '%s'", name);
	return FORMAT_NONE;
}

static uint64_t get(const uint8_t *p, unsigned int bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | p[bytes];
	return value;
}

enum format format_of(const uint8_t *buf, size_t len)
{
	uint32_t magic = len >= 4 ? get(buf, 4) : 0;

	if (gzip_is_member(buf, len))
		return FORMAT_GZIP;
	if (magic == LZ4_MAGIC)
		return FORMAT_LZ4;
	if (magic == ZSTD_MAGIC || (magic & ~0xfU) == SKIPPABLE)
		return FORMAT_ZSTD;
	return FORMAT_NONE;
}

static unsigned int log2_up(uint64_t size)
{
	unsigned int log = 0;

	while (log < 63 && 1ULL << log < size)
		log++;
	return log;
}

/* Byte 5, the block descriptor: 4 to 7 are blocks of up to 64 KiB to 4 MiB. */
static unsigned int lz4_window(const uint8_t *buf, size_t len)
{
	unsigned int size = len > 5 ? buf[5] >> 4 & 7 : 0;

	return size >= 4 ? 2 * size + 8 : 0;
}

/* RFC 8878, 3.1.1.1: either a descriptor of the window, or it is all of the content. */
static unsigned int zstd_window(const uint8_t *buf, size_t len)
{
	static const uint8_t id_bytes[] = { 0, 1, 2, 4 }, size_bytes[] = { 1, 2, 4, 8 };
	unsigned int log, id, size;

	if (len < 6)
		return 0;
	if (!(buf[4] & 0x20)) {
		log = 10 + (buf[5] >> 3) + !!(buf[5] & 7);
	} else {
		id = id_bytes[buf[4] & 3];
		size = size_bytes[buf[4] >> 6];
		if (len < 5 + id + size)
			return 0;
		log = log2_up(get(buf + 5 + id, size) + (size == 2 ? 256 : 0));
	}
	return log < AXE_ZSTD_WINDOW_MIN ? AXE_ZSTD_WINDOW_MIN : log;
}

unsigned int format_window(enum format format, const uint8_t *buf, size_t len)
{
	if (format_of(buf, len) != format)
		return 0;
	if (format == FORMAT_LZ4)
		return lz4_window(buf, len);
	/* A skippable frame has no such thing. */
	if (format == FORMAT_ZSTD && get(buf, 4) == ZSTD_MAGIC)
		return zstd_window(buf, len);
	return 0;
}
