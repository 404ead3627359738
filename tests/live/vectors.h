/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Data, and what others make of it. */
#ifndef AXE_LIVE_VECTORS_H
#define AXE_LIVE_VECTORS_H

#include <stddef.h>
#include <stdint.h>

/* The same bytes for the same seed: words, runs and noise, about 3 to 1 for zlib. */
void fill_text(void *p, size_t length, uint32_t seed);
/* Incompressible. */
void fill_noise(void *p, size_t length, uint32_t seed);

/* CRC-32C by RFC 3720, bit by bit and from a table of our own. */
uint32_t crc32c(uint32_t seed, const void *p, size_t length);

/* zlib's opinion. @format is an enum axe_deflate_format. */
size_t zlib_deflate(int format, int level, void *dst, size_t dst_length,
		    const void *src, size_t length);
/*
 * Inflate one member; returns its length or -1 if zlib finds anything wrong, among
 * it bytes behind the end.
 */
long zlib_inflate(int format, void *dst, size_t dst_length, const void *src, size_t length);
/* The checksum that goes with a format: Adler-32 for zlib's, else CRC-32. */
uint32_t zlib_sum(int format, const void *p, size_t length);

#endif
