/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The mirror: the device's page table for one process.
 *
 * It is a sparse table of spans, each a fixed piece of the address space with a
 * page table and a notifier of its own. Spans are made by the first fault in
 * them and live as long as the mirror.
 */
#ifndef AXE_MIRROR_H
#define AXE_MIRROR_H

#include <linux/bits.h>
#include <linux/kref.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/wait.h>
#include <linux/xarray.h>

struct axe_dev;

#define AXE_SPAN_SHIFT	21
#define AXE_SPAN_SIZE	BIT(AXE_SPAN_SHIFT)
#define AXE_SPAN_PAGES	(AXE_SPAN_SIZE >> PAGE_SHIFT)

/* Bits of a page table entry, below the address of its struct page. */
#define AXE_PTE_VALID	1UL	/* may be read */
#define AXE_PTE_WRITE	2UL	/* may be written */
#define AXE_PTE_DIRTY	4UL	/* was, or is being, written by the device */
#define AXE_PTE_BITS	7UL

static inline struct page *axe_pte_page(unsigned long pte)
{
	return (struct page *)(pte & ~AXE_PTE_BITS);
}

/**
 * struct axe_span - a piece of a process's address space
 * @mni:	tells of changes to it
 * @mirror:	where it belongs
 * @base:	its first address
 * @lock:	protects @ptes, @holds and the notifier's sequence. The notifier's
 *		callback takes it: nothing that may enter reclaim under it.
 * @holds:	struct axe_hold in progress
 * @waiters:	callbacks that wait for @holds; protected by @lock
 * @drained:	where they wait
 * @ptes:	AXE_SPAN_PAGES entries, changed under @lock. A holder reads the ones it
 *		holds without: an invalidation leaves their pages in place until
 *		the holder has gone.
 */
struct axe_span {
	struct mmu_interval_notifier mni;
	struct axe_mirror *mirror;
	unsigned long base;
	spinlock_t lock;	/* see above */
	struct list_head holds;
	unsigned int waiters;
	wait_queue_head_t drained;
	unsigned long *ptes;
};

/**
 * struct axe_hold - some pages of a span that must stay
 * @span:	NULL: holds nothing
 * @node:	in axe_span.holds
 * @first:	index of the first page
 * @last:	index of the last page
 * @mapped:	lockdep was told
 *
 * Held for one bounded piece of work only, in which the holder neither sleeps
 * nor allocates: an invalidation, thus reclaim, may wait for it.
 */
struct axe_hold {
	struct axe_span *span;
	struct list_head node;
	unsigned int first;
	unsigned int last;
#ifdef CONFIG_LOCKDEP
	bool mapped;
#endif
};

/**
 * struct axe_mirror - the page table of a process
 * @dev:	the device
 * @mm:		the process's memory; a reference of mmgrab()'s kind
 * @ref:	one for each region on it
 * @node:	in axe_dev.mirrors
 * @lock:	serialises the making of spans
 * @spans:	address >> AXE_SPAN_SHIFT to struct axe_span
 */
struct axe_mirror {
	struct axe_dev *dev;
	struct mm_struct *mm;
	struct kref ref;
	struct list_head node;
	struct mutex lock;	/* see above */
	struct xarray spans;
};

struct axe_mirror *axe_mirror_get(struct axe_dev *dev, struct mm_struct *mm);
void axe_mirror_put(struct axe_mirror *mirror);
struct axe_span *axe_mirror_span(struct axe_mirror *mirror, unsigned long va);
struct axe_span *axe_mirror_make_span(struct axe_mirror *mirror, unsigned long va);

unsigned int axe_span_hold(struct axe_span *span, struct axe_hold *hold,
			   unsigned int first, unsigned int last, bool write);
void axe_span_release(struct axe_hold *hold);

void axe_mirror_teach_lockdep(void);

#endif
