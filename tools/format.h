/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The formats of compressed files, and what the first bytes of one tell. */
#ifndef AXE_TOOL_FORMAT_H
#define AXE_TOOL_FORMAT_H

#include <argp.h>
#include <stddef.h>
#include <stdint.h>

enum format {
	FORMAT_GZIP,
	FORMAT_LZ4,
	FORMAT_ZSTD,
	FORMAT_NONE,		/* as many as there are */
};

/**
 * struct format_info - a format
 * @name:	for --format
 * @suffix:	of files
 * @level:	to compress with if none is given; 0: there are none
 * @best:	the highest
 */
struct format_info {
	const char *name;
	const char *suffix;
	int level;
	int best;
};

extern const struct format_info formats[FORMAT_NONE];

/* Of this name, or a usage error. */
enum format format_parse(struct argp_state *state, const char *name);

/* As many bytes of a frame (a gzip member, too) tell what it is, and what it needs. */
#define FORMAT_HEADER 18

enum format format_of(const uint8_t *buf, size_t len);

/*
 * The binary logarithm of what has to be remembered to decompress the frame that begins so,
 * in the units of axedv_wr_lz4_decompress() and axedv_wr_zstd_decompress(); 0 if it does not
 * tell. It may be more than a device can.
 */
unsigned int format_window(enum format format, const uint8_t *buf, size_t len);

#endif
