/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's LZ4 on the system's: only what compresses has other parameters. */
#ifndef AXE_SHIM_LZ4_H
#define AXE_SHIM_LZ4_H

#include <lz4.h>

#define LZ4_MEM_COMPRESS	LZ4_STREAM_MINSIZE

static inline int shim_lz4_compress_default(const char *src, char *dst, int len, int room,
					    void *work)
{
	return LZ4_compress_fast_extState(work, src, dst, len, room, 1);
}

#define LZ4_compress_default	shim_lz4_compress_default

#endif
