/* SPDX-License-Identifier: GPL-2.0 */
/* Memory as the crypto API wants it. */
#ifndef AXE_OPS_CRYPT_H
#define AXE_OPS_CRYPT_H

#include <linux/align.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>

/* What no algorithm wants more of; else it would copy, to memory that it allocates. */
#define AXE_CRYPT_ALIGN		16

/* Private memory, of at most a page, may be anywhere: on so many pages. */
#define AXE_CRYPT_SG		2

static inline struct page *axe_crypt_page(const void *p)
{
	return is_vmalloc_addr(p) ? vmalloc_to_page(p) : virt_to_page(p);
}

/* Describe @len bytes of private memory, 1 to PAGE_SIZE, by @sg, of AXE_CRYPT_SG entries. */
static inline void axe_crypt_set(struct scatterlist *sg, void *p, size_t len)
{
	size_t first = min(len, PAGE_SIZE - offset_in_page(p));

	sg_init_table(sg, first < len ? 2 : 1);
	sg_set_page(&sg[0], axe_crypt_page(p), first, offset_in_page(p));
	if (first < len)
		sg_set_page(&sg[1], axe_crypt_page(p + first), len - first, 0);
}

/* Can the crypto API work on a piece as it is? Device memory may be mapped somewhere. */
static inline bool axe_crypt_fits(const void *p)
{
	return IS_ALIGNED((unsigned long)p, AXE_CRYPT_ALIGN) && virt_addr_valid(p);
}

#endif
