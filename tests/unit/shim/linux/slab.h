/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_SHIM_SLAB_H
#define AXE_SHIM_SLAB_H

#include <stdlib.h>

#include <linux/string.h>

#define GFP_KERNEL		0

#define kmalloc(size, flags)	malloc(size)
#define kmalloc_array(n, size, flags)	calloc(n, size)
#define kfree(p)		free(p)
#define kfree_sensitive(p)	free(p)

static inline void *kmemdup(const void *from, size_t len, int flags)
{
	void *to = malloc(len);

	return to ? memcpy(to, from, len) : NULL;
}

#endif
