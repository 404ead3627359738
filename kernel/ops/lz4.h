/* SPDX-License-Identifier: GPL-2.0 */
/* LZ4's formats: lz4_Block_format.md, and lz4_Frame_format.md v1.6. */
#ifndef AXE_OPS_LZ4_H
#define AXE_OPS_LZ4_H

#include <linux/lz4.h>

#include "pack.h"
#include "xxh32.h"

/* A block is worked on whole: the longest that a command may have, plain. */
#define AXE_LZ4_BLOCK_MAX	SZ_4M

/* The longest that a block of @n plain bytes becomes, as lz4_Block_format.md has it. */
static inline u32 axe_lz4_bound(u32 n)
{
	return n + n / 255 + 16;
}

#define AXE_LZ4_MAGIC		0x184d2204u

/* The frame descriptor: FLG, BD, the content's size, a dictionary's number, HC. */
#define AXE_LZ4_FLG_VERSION	0x40
#define AXE_LZ4_FLG_VERSION_MASK 0xc0
#define AXE_LZ4_FLG_INDEPENDENT	0x20
#define AXE_LZ4_FLG_BLOCK_SUM	0x10
#define AXE_LZ4_FLG_SIZE	0x08
#define AXE_LZ4_FLG_SUM		0x04
#define AXE_LZ4_FLG_RESERVED	0x02
#define AXE_LZ4_FLG_DICT	0x01
#define AXE_LZ4_BD_SHIFT	4
#define AXE_LZ4_BD_RESERVED	0x8f
#define AXE_LZ4_BD_MIN		4	/* 64 KiB; each next is four times as long */
#define AXE_LZ4_BD_MAX		7

/* A block's length, with this bit if it is stored as it is. 0 ends the frame. */
#define AXE_LZ4_STORED		0x80000000u

/* How far back a block that is not independent may reach. */
#define AXE_LZ4_HISTORY		SZ_64K

#endif
