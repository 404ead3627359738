/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The frame of a gzip member, RFC 1952, and the block size that bgzip puts there. */
#ifndef AXE_TOOL_GZIP_H
#define AXE_TOOL_GZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GZIP_HEADER_MIN		10
/* With a name of NAME_MAX bytes and its NUL. */
#define GZIP_HEADER_MAX		(GZIP_HEADER_MIN + 256)
#define GZIP_TRAILER		8

/* A BGZF block (the SAM specification, section 4.1): 18 bytes of header, 64 KiB at most. */
#define BGZF_HEADER		18
#define BGZF_MAX_PLAIN		65536

/* @name: NULL for none; what does not fit is left out. Returns the length. */
size_t gzip_header(uint8_t buf[GZIP_HEADER_MAX], const char *name, uint32_t mtime, int level);
void gzip_trailer(uint8_t buf[GZIP_TRAILER], uint32_t crc, uint64_t length);

/* Do these bytes begin a member? Fewer than three never do. */
bool gzip_is_member(const uint8_t *buf, size_t len);

/* The whole length of the BGZF block that begins so, or 0 if it is none. */
uint32_t bgzf_block_size(const uint8_t *buf, size_t len);

#endif
