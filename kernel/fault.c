// SPDX-License-Identifier: GPL-2.0
/* Faulting pages of a process into its mirror. See docs/paging.md. */

#include <linux/hmm.h>
#include <linux/ktime.h>
#include <linux/magic.h>
#include <linux/memcontrol.h>
#include <linux/sched/mm.h>

#include "axe.h"
#include "fault.h"
#include "mirror.h"
#include "stats.h"
#include "trace.h"

/*
 * What get_user_pages() refuses and HMM does not: secret memory, which has no
 * kernel mapping that we could work through, and shadow stacks, whose page table
 * entries look writable to all but ordinary stores.
 */
static bool axe_vma_is_forbidden(struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_SHADOW_STACK)
		return true;
	return vma->vm_file &&
	       file_inode(vma->vm_file)->i_sb->s_magic == SECRETMEM_MAGIC;
}

/*
 * Is there anything to find in a window? Asked before a span is made for it: memory
 * of ours should not grow where the process has none. A fault needs its first page;
 * what is present may lie behind a gap.
 */
static bool axe_window_is_mapped(struct mm_struct *mm, unsigned long start,
				 unsigned long end, unsigned int flags)
{
	VMA_ITERATOR(vmi, mm, start);
	vm_flags_t need = flags & AXE_FAULT_WRITE ? VM_WRITE : VM_READ;
	struct vm_area_struct *vma;
	bool mapped = false;

	if (!(flags & AXE_FAULT_PRESENT))
		end = start + 1;
	mmap_read_lock(mm);
	for_each_vma_range(vmi, vma, end) {
		mapped = vma->vm_flags & need;
		if (mapped)
			break;
	}
	mmap_read_unlock(mm);
	return mapped;
}

static bool axe_range_is_forbidden(struct mm_struct *mm, unsigned long start,
				   unsigned long end)
{
	VMA_ITERATOR(vmi, mm, start);
	struct vm_area_struct *vma;

	mmap_assert_locked(mm);
	for_each_vma_range(vmi, vma, end) {
		if (axe_vma_is_forbidden(vma))
			return true;
	}
	return false;
}

/* Returns -EBUSY where the process's page table changed meanwhile. */
static int axe_fault_walk(struct axe_span *span, struct hmm_range *range)
{
	struct mm_struct *mm = span->mirror->mm;
	int ret;

	range->notifier_seq = mmu_interval_read_begin(&span->mni);
	mmap_read_lock(mm);
	if (axe_range_is_forbidden(mm, range->start, range->end))
		ret = -EFAULT;
	else
		ret = hmm_range_fault(range);
	mmap_read_unlock(mm);
	return ret;
}

/*
 * Take over what the walk found, if it still holds. Returns how many pages are
 * valid, of the first ones without a gap if there had to be none; or -EBUSY.
 */
static long axe_fault_commit(struct axe_span *span, struct hmm_range *range)
{
	unsigned int n = (range->end - range->start) >> PAGE_SHIFT;
	unsigned int first = (range->start - span->base) >> PAGE_SHIFT;
	unsigned int i, valid = 0, gapless = n;

	spin_lock(&span->lock);
	if (mmu_interval_read_retry(&span->mni, range->notifier_seq)) {
		spin_unlock(&span->lock);
		return -EBUSY;
	}
	for (i = 0; i < n; i++) {
		unsigned long pfn = range->hmm_pfns[i];
		unsigned long pte;

		if (!(pfn & HMM_PFN_VALID)) {
			gapless = min(gapless, i);
			continue;
		}
		valid++;
		pte = (unsigned long)hmm_pfn_to_page(pfn) | AXE_PTE_VALID;
		if (pfn & HMM_PFN_WRITE)
			pte |= AXE_PTE_WRITE;
		/* The same page, unless it was invalidated: then there is no entry. */
		pte |= span->ptes[first + i] & AXE_PTE_DIRTY;
		WRITE_ONCE(span->ptes[first + i], pte);
	}
	spin_unlock(&span->lock);
	return range->default_flags ? gapless : valid;
}

/* After so many changes under our feet, let the caller see whether it should go on. */
#define AXE_FAULT_RETRIES	64

/* As axe_fault(), for one window of a span. */
static long axe_fault_range(struct axe_span *span, unsigned long start,
			    unsigned int npages, unsigned int flags)
{
	unsigned long pfns[AXE_FAULT_PAGES];
	struct hmm_range range = {
		.notifier = &span->mni,
		.start = start,
		.end = start + ((unsigned long)npages << PAGE_SHIFT),
		.hmm_pfns = pfns,
	};
	unsigned int tries = 0;
	long ret;

	if (!(flags & AXE_FAULT_PRESENT))
		range.default_flags = HMM_PFN_REQ_FAULT;
	if (flags & AXE_FAULT_WRITE && range.default_flags)
		range.default_flags |= HMM_PFN_REQ_WRITE;

	do {
		ret = axe_fault_walk(span, &range);
		if (!ret)
			ret = axe_fault_commit(span, &range);
		if (fatal_signal_pending(current))
			return -EINTR;
		/*
		 * A smaller window is sooner done: where pages go as fast as they come,
		 * some are got nevertheless.
		 */
		if (ret == -EBUSY && npages > 1) {
			npages /= 2;
			range.end = start + ((unsigned long)npages << PAGE_SHIFT);
		}
		cond_resched();
	} while (ret == -EBUSY && ++tries < AXE_FAULT_RETRIES);
	return ret == -EBUSY ? 0 : ret;
}

static long axe_fault_window(struct axe_mirror *mirror, unsigned long va,
			     size_t length, unsigned int flags)
{
	unsigned long start = va & PAGE_MASK;
	unsigned long end = min(PAGE_ALIGN(va + length), axe_fault_end(va));
	unsigned int npages = (end - start) >> PAGE_SHIFT;
	struct axe_span *span = axe_mirror_span(mirror, va);
	long ret;

	if (!span && !axe_window_is_mapped(mirror->mm, start, end, flags))
		return flags & AXE_FAULT_PRESENT ? 0 : -EFAULT;
	if (!span)
		span = axe_mirror_make_span(mirror, va);
	if (IS_ERR(span))
		return PTR_ERR(span);

	ret = axe_fault_range(span, start, npages, flags);
	/*
	 * One bad page among many (EPERM: it is read-only): get at least the one
	 * that is needed first.
	 */
	if ((ret == -EFAULT || ret == -EPERM) && npages > 1)
		ret = axe_fault_range(span, start, 1, flags);
	/* Nor does what may not be had hold up who only takes what is there. */
	if (ret == -EFAULT && flags & AXE_FAULT_PRESENT)
		ret = 0;
	return ret;
}

/* On behalf of another process: its memory, its memory cgroup. */
static long axe_fault_remote(struct axe_mirror *mirror, unsigned long va,
			     size_t length, unsigned int flags)
{
	struct mem_cgroup *memcg, *old;
	long ret;

	if (!mmget_not_zero(mirror->mm))
		return -ESRCH;
	memcg = get_mem_cgroup_from_mm(mirror->mm);
	old = set_active_memcg(memcg);
	ret = axe_fault_window(mirror, va, length, flags);
	set_active_memcg(old);
	mem_cgroup_put(memcg);
	/* The last one out tears the address space down: not here. */
	mmput_async(mirror->mm);
	return ret;
}

/**
 * axe_fault - make pages of a process usable by the device
 * @mirror:	of the process
 * @va:		the first address that is needed
 * @length:	bytes that are wanted from there, not 0; as much of it as can be had
 *		at once is faulted in
 * @flags:	enum axe_fault_flags
 *
 * May sleep, take mmap_lock and allocate: not while holding pages.
 *
 * Return: how many pages from @va on are there (for the moment), which may be 0
 * while the process changes them: try again; -EFAULT or -EPERM if the first one
 * cannot be had, -ESRCH if the process is gone, -EINTR, -ENOMEM. With
 * AXE_FAULT_PRESENT: how many of the window of @va are there; where nothing is
 * mapped, or nothing that the device may have, that is 0 and no error.
 */
long axe_fault(struct axe_mirror *mirror, unsigned long va, size_t length,
	       unsigned int flags)
{
	struct axe_dev *dev = mirror->dev;
	ktime_t begin = ktime_get();
	long ret;

	if (va >= TASK_SIZE_MAX || length > TASK_SIZE_MAX - va)
		return -EFAULT;
	if (current->mm == mirror->mm)
		ret = axe_fault_window(mirror, va, length, flags);
	else
		ret = axe_fault_remote(mirror, va, length, flags);

	trace_axe_fault(mirror, va, length, flags, ret);
	if (flags & AXE_FAULT_PREFETCH) {
		axe_count(dev, AXE_STAT_PREFETCHED_PAGES, max(ret, 0L));
	} else {
		axe_count(dev, AXE_STAT_PAGE_FAULTS, 1);
		axe_count(dev, AXE_STAT_PAGES_FAULTED, max(ret, 0L));
		axe_count(dev, AXE_STAT_FAULT_NS,
			  ktime_to_ns(ktime_sub(ktime_get(), begin)));
	}
	return ret;
}
