/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_SHIM_SCATTERLIST_H
#define AXE_SHIM_SCATTERLIST_H

#include <linux/mm.h>
#include <linux/string.h>

struct scatterlist {
	u8 *p;
	size_t length;
};

static inline void sg_init_table(struct scatterlist *sg, unsigned int num)
{
	memset(sg, 0, num * sizeof(*sg));
}

static inline void sg_set_page(struct scatterlist *sg, struct page *page, size_t len,
			       size_t offset)
{
	sg->p = (u8 *)page + offset;
	sg->length = len;
}

static inline void sg_init_one(struct scatterlist *sg, const void *p, size_t len)
{
	sg->p = (u8 *)p;
	sg->length = len;
}

/* Nobody looks for it here. */
static inline void sg_mark_end(struct scatterlist *sg)
{
}

#endif
