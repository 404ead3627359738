/* SPDX-License-Identifier: GPL-2.0 */
/* Faulting pages of a process into its mirror. */
#ifndef AXE_FAULT_H
#define AXE_FAULT_H

#include <linux/minmax.h>
#include <linux/types.h>

#include "mirror.h"

enum axe_fault_flags {
	AXE_FAULT_WRITE		= 1 << 0,	/* the device is going to write */
	AXE_FAULT_PREFETCH	= 1 << 1,	/* nobody waits for it yet */
	AXE_FAULT_PRESENT	= 1 << 2,	/* only what is in memory already */
};

/* Pages faulted at a time, at most. */
#define AXE_FAULT_PAGES	64

/* The end of what is faulted in at a time from @va on: not beyond its span. */
static inline unsigned long axe_fault_end(unsigned long va)
{
	return min((va & PAGE_MASK) + AXE_FAULT_PAGES * PAGE_SIZE,
		   ALIGN_DOWN(va, AXE_SPAN_SIZE) + AXE_SPAN_SIZE);
}

long axe_fault(struct axe_mirror *mirror, unsigned long va, size_t length,
	       unsigned int flags);

#endif
