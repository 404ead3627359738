/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_SHIM_MM_H
#define AXE_SHIM_MM_H

#include <linux/types.h>

struct page;

/* A page is where it is. */
#define PAGE_SIZE		4096UL
#define offset_in_page(p)	((unsigned long)(p) & (PAGE_SIZE - 1))
#define virt_to_page(p)		((struct page *)((unsigned long)(p) & ~(PAGE_SIZE - 1)))
#define virt_addr_valid(p)	((p) != NULL)
#define is_vmalloc_addr(p)	((void)(p), false)
#define vmalloc_to_page(p)	virt_to_page(p)

#endif
