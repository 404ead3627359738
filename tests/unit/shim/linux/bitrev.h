/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_SHIM_BITREV_H
#define AXE_SHIM_BITREV_H

#include <linux/types.h>

static inline u32 bitrev32(u32 x)
{
	u32 r = 0;
	int i;

	for (i = 0; i < 32; i++, x >>= 1)
		r = r << 1 | (x & 1);
	return r;
}

static inline u16 bitrev16(u16 x)
{
	return bitrev32(x) >> 16;
}

#endif
