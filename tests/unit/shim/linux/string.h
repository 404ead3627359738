/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_SHIM_STRING_H
#define AXE_SHIM_STRING_H

#include <string.h>

#include <linux/types.h>

static inline void *memchr_inv(const void *p, int c, size_t n)
{
	const u8 *b = p;

	for (; n; b++, n--)
		if (*b != (u8)c)
			return (void *)b;
	return NULL;
}

static inline void memzero_explicit(void *p, size_t n)
{
	memset(p, 0, n);
	__asm__ volatile("" : : "r"(p) : "memory");
}

static inline void *memset64(u64 *p, u64 v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		p[i] = v;
	return p;
}

#endif
