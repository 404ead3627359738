/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_SHIM_BITOPS_H
#define AXE_SHIM_BITOPS_H

#include <linux/types.h>

#define hweight64(v)	((unsigned int)__builtin_popcountll(v))

static inline u32 rol32(u32 v, unsigned int n)
{
	return v << (n & 31) | v >> (-n & 31);
}

#endif
