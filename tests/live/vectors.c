// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Data, and what others make of it. */

#include <stdbool.h>
#include <string.h>

#include <zlib.h>

#include <rdma/axe-ring.h>

#include "vectors.h"

static uint32_t step(uint32_t *state)
{
	/* xorshift32, by Marsaglia */
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* So much noise, then it begins again: a prime, so that it is nowhere as it was on a page. */
#define NOISE_PERIOD	1048573

void fill_noise(void *p, size_t length, uint32_t seed)
{
	uint32_t state = seed * 2654435761u + 1;
	uint8_t *b = p;
	size_t i, n;

	for (i = 0; i < length && i < NOISE_PERIOD; i++)
		b[i] = step(&state) >> 11;
	/* A multiple of the period at a time, twice as long as the last. */
	for (; i < length; i += n) {
		n = i < length - i ? i : length - i;
		memcpy(b + i, b, n);
	}
}

void fill_text(void *p, size_t length, uint32_t seed)
{
	static const char *const words[] = {
		"the ", "device ", "queue ", "of ", "memory ", "region ", "a ", "key, ",
		"page ", "and ", "fault\n", "completion ", "0123456789", "is ", "parent ", "child ",
	};
	uint32_t state = seed * 2654435761u + 1;
	uint8_t *b = p;

	while (length) {
		uint32_t r = step(&state);
		const char *word = words[r >> 8 & 15];
		size_t n = strlen(word);

		if ((r & 31) == 0) {
			n = r >> 12 & 63;
			n = n < length ? n : length;
			memset(b, r >> 20, n);
		} else if ((r & 31) == 1) {
			n = r >> 12 & 31;
			n = n < length ? n : length;
			fill_noise(b, n, r);
		} else {
			n = n < length ? n : length;
			memcpy(b, word, n);
		}
		b += n;
		length -= n;
	}
}

uint32_t crc32c(uint32_t seed, const void *p, size_t length)
{
	static uint32_t table[256];
	static bool made;
	const uint8_t *b = p;
	uint32_t crc = ~seed;
	unsigned int i, k;

	for (i = 0; i < 256 && !made; i++) {
		uint32_t c = i;

		for (k = 0; k < 8; k++)
			c = c >> 1 ^ (c & 1 ? 0x82f63b78 : 0);
		table[i] = c;
	}
	made = true;
	while (length--)
		crc = crc >> 8 ^ table[(crc ^ *b++) & 0xff];
	return ~crc;
}

static int window_bits(int format)
{
	switch (format) {
	case AXE_FORMAT_RAW:
		return -15;
	case AXE_FORMAT_ZLIB:
		return 15;
	default:
		return 15 + 16;
	}
}

size_t zlib_deflate(int format, int level, void *dst, size_t dst_length,
		    const void *src, size_t length)
{
	z_stream strm = {
		.next_in = (void *)src, .avail_in = length,
		.next_out = dst, .avail_out = dst_length,
	};
	size_t n;

	if (deflateInit2(&strm, level, Z_DEFLATED, window_bits(format), 8,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return 0;
	n = deflate(&strm, Z_FINISH) == Z_STREAM_END ? strm.total_out : 0;
	deflateEnd(&strm);
	return n;
}

long zlib_inflate(int format, void *dst, size_t dst_length, const void *src, size_t length)
{
	/* Without room for a byte zlib does not look for the end. */
	uint8_t nothing;
	z_stream strm = {
		.next_in = (void *)src, .avail_in = length,
		.next_out = dst_length ? dst : &nothing, .avail_out = dst_length ? dst_length : 1,
	};
	long n = -1;

	if (inflateInit2(&strm, window_bits(format)) != Z_OK)
		return -1;
	if (inflate(&strm, Z_FINISH) == Z_STREAM_END && !strm.avail_in &&
	    strm.total_out <= dst_length)
		n = strm.total_out;
	inflateEnd(&strm);
	return n;
}

uint32_t zlib_sum(int format, const void *p, size_t length)
{
	if (format == AXE_FORMAT_ZLIB)
		return adler32_z(1, p, length);
	return crc32_z(0, p, length);
}
