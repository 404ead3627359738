// SPDX-License-Identifier: GPL-2.0
/* The mirror: the device's page table for one process. See docs/paging.md. */

#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "axe.h"
#include "mirror.h"
#include "stats.h"
#include "trace.h"

/*
 * What lockdep knows of holds. Waiting for them to go, as an invalidation does,
 * is like taking a lock that holders have for reading: so whatever reclaim or
 * the mm may wait for, a holder must not.
 */
#ifdef CONFIG_LOCKDEP
static struct lockdep_map axe_hold_map =
	STATIC_LOCKDEP_MAP_INIT("axe_hold", &axe_hold_map);
#endif

static void axe_span_init_lock(struct axe_span *span)
{
	spin_lock_init(&span->lock);
}

static bool axe_span_is_held(struct axe_span *span, unsigned int first,
			     unsigned int last)
{
	struct axe_hold *hold;

	lockdep_assert_held(&span->lock);
	list_for_each_entry(hold, &span->holds, node) {
		if (hold->first <= last && hold->last >= first)
			return true;
	}
	return false;
}

static bool axe_span_drained(struct axe_span *span, unsigned int first,
			     unsigned int last)
{
	bool held;

	spin_lock(&span->lock);
	held = axe_span_is_held(span, first, last);
	spin_unlock(&span->lock);
	return !held;
}

/* No new hold from here on. Returns how many pages there were. */
static unsigned int axe_span_revoke(struct axe_span *span, unsigned int first,
				    unsigned int last)
{
	unsigned int i, n = 0;

	lockdep_assert_held(&span->lock);
	for (i = first; i <= last; i++) {
		if (span->ptes[i] & AXE_PTE_VALID) {
			WRITE_ONCE(span->ptes[i], span->ptes[i] & ~AXE_PTE_VALID);
			n++;
		}
	}
	return n;
}

/*
 * Forget the revoked pages. One that the device wrote may be clean in the CPU's
 * page table, and nobody but us knows that it has to be written back.
 */
static void axe_span_forget(struct axe_span *span, unsigned int first,
			    unsigned int last)
{
	unsigned int i;

	lockdep_assert_held(&span->lock);
	for (i = first; i <= last; i++) {
		unsigned long pte = span->ptes[i];

		if (!pte)
			continue;
		if (pte & AXE_PTE_DIRTY)
			set_page_dirty(axe_pte_page(pte));
		WRITE_ONCE(span->ptes[i], 0);
	}
}

/*
 * The process's page table changes. Whoever waits here may hold the locks of
 * reclaim or of the mm; what it waits for is a bounded piece of work that takes
 * none of them.
 */
static bool axe_span_invalidate(struct mmu_interval_notifier *mni,
				const struct mmu_notifier_range *range,
				unsigned long cur_seq)
{
	struct axe_span *span = container_of(mni, struct axe_span, mni);
	unsigned long start = max(range->start, span->base);
	unsigned long end = min(range->end, span->base + AXE_SPAN_SIZE);
	unsigned int first = (start - span->base) >> PAGE_SHIFT;
	unsigned int last = (end - 1 - span->base) >> PAGE_SHIFT;
	unsigned int n;
	bool held;

	spin_lock(&span->lock);
	held = axe_span_is_held(span, first, last);
	if (held && !mmu_notifier_range_blockable(range)) {
		spin_unlock(&span->lock);
		return false;
	}
	mmu_interval_set_seq(mni, cur_seq);
	n = axe_span_revoke(span, first, last);
	if (held) {
		span->waiters++;
		spin_unlock(&span->lock);
		lock_map_acquire(&axe_hold_map);
		lock_map_release(&axe_hold_map);
		wait_event(span->drained, axe_span_drained(span, first, last));
		spin_lock(&span->lock);
		span->waiters--;
	}
	/* Also what another invalidation, which may still wait, has revoked. */
	axe_span_forget(span, first, last);
	spin_unlock(&span->lock);

	if (n) {
		axe_count(span->mirror->dev, AXE_STAT_INVALIDATIONS, 1);
		trace_axe_invalidate(span->mirror, start, end, n);
	}
	return true;
}

static const struct mmu_interval_notifier_ops axe_span_mni_ops = {
	.invalidate = axe_span_invalidate,
};

/*
 * lockdep has room for a few dozens of locks that one task has, and a command on lanes holds
 * pieces of more: the first stands for all.
 */
static void axe_hold_acquire(struct axe_hold *hold)
{
#ifdef CONFIG_LOCKDEP
	hold->mapped = !lock_is_held(&axe_hold_map);
	if (hold->mapped)
		lock_map_acquire_read(&axe_hold_map);
#endif
}

static void axe_hold_release(struct axe_hold *hold)
{
#ifdef CONFIG_LOCKDEP
	if (hold->mapped)
		lock_map_release(&axe_hold_map);
#endif
}

/**
 * axe_span_hold - keep some pages where they are
 * @span:	the span
 * @hold:	filled in
 * @first:	index of the first page
 * @last:	index of the last page
 * @write:	the device is going to write
 *
 * Return: how many pages from @first on are held; 0 if the first one has to be
 * faulted in. To be given back with axe_span_release().
 */
unsigned int axe_span_hold(struct axe_span *span, struct axe_hold *hold,
			   unsigned int first, unsigned int last, bool write)
{
	unsigned long need = AXE_PTE_VALID | (write ? AXE_PTE_WRITE : 0);
	unsigned int i;

	spin_lock(&span->lock);
	for (i = first; i <= last && (span->ptes[i] & need) == need; i++) {
		if (write)
			WRITE_ONCE(span->ptes[i], span->ptes[i] | AXE_PTE_DIRTY);
	}
	if (i > first) {
		hold->span = span;
		hold->first = first;
		hold->last = i - 1;
		list_add(&hold->node, &span->holds);
	}
	spin_unlock(&span->lock);
	if (i > first)
		axe_hold_acquire(hold);
	return i - first;
}

/**
 * axe_span_release - let the pages go
 * @hold:	of axe_span_hold()
 */
void axe_span_release(struct axe_hold *hold)
{
	struct axe_span *span = hold->span;
	bool wake;

	axe_hold_release(hold);
	spin_lock(&span->lock);
	list_del(&hold->node);
	wake = span->waiters;
	spin_unlock(&span->lock);
	/* The span outlives us: it goes with the mirror, and that with the region. */
	if (wake)
		wake_up_all(&span->drained);
	hold->span = NULL;
}

/**
 * axe_mirror_span - the span of an address
 * @mirror:	the mirror
 * @va:		the address
 *
 * Return: the span, or NULL if nothing was faulted in there yet.
 */
struct axe_span *axe_mirror_span(struct axe_mirror *mirror, unsigned long va)
{
	return xa_load(&mirror->spans, va >> AXE_SPAN_SHIFT);
}

static struct axe_span *axe_span_alloc(struct axe_mirror *mirror, unsigned long va)
{
	struct axe_span *span = kzalloc(sizeof(*span), GFP_KERNEL_ACCOUNT);

	if (!span)
		return NULL;
	span->ptes = kcalloc(AXE_SPAN_PAGES, sizeof(*span->ptes), GFP_KERNEL_ACCOUNT);
	if (!span->ptes) {
		kfree(span);
		return NULL;
	}
	span->mirror = mirror;
	span->base = va & ~(AXE_SPAN_SIZE - 1);
	axe_span_init_lock(span);
	INIT_LIST_HEAD(&span->holds);
	init_waitqueue_head(&span->drained);
	return span;
}

/* Nobody holds pages of it any more. */
static void axe_span_free(struct axe_span *span)
{
	WARN_ON(!list_empty(&span->holds));

	/* While the notifier is there, so are the pages. */
	spin_lock(&span->lock);
	axe_span_revoke(span, 0, AXE_SPAN_PAGES - 1);
	axe_span_forget(span, 0, AXE_SPAN_PAGES - 1);
	spin_unlock(&span->lock);

	mmu_interval_notifier_remove(&span->mni);
	kfree(span->ptes);
	kfree(span);
}

/**
 * axe_mirror_make_span - the span of an address, made if need be
 * @mirror:	the mirror; its mm is alive (the caller has mmget() or is of it)
 * @va:		the address
 *
 * Takes mmap_lock for writing, the first time in a process.
 *
 * Return: the span, or an ERR_PTR.
 */
struct axe_span *axe_mirror_make_span(struct axe_mirror *mirror, unsigned long va)
{
	struct axe_span *span;
	int ret;

	mutex_lock(&mirror->lock);
	span = axe_mirror_span(mirror, va);
	if (span)
		goto unlock;

	span = axe_span_alloc(mirror, va);
	if (!span) {
		span = ERR_PTR(-ENOMEM);
		goto unlock;
	}

	ret = mmu_interval_notifier_insert(&span->mni, mirror->mm, span->base,
					   AXE_SPAN_SIZE, &axe_span_mni_ops);
	if (ret)
		goto free_span;

	ret = xa_err(xa_store(&mirror->spans, va >> AXE_SPAN_SHIFT, span,
			      GFP_KERNEL_ACCOUNT));
	if (ret)
		goto remove_notifier;
	goto unlock;

remove_notifier:
	mmu_interval_notifier_remove(&span->mni);
free_span:
	kfree(span->ptes);
	kfree(span);
	span = ERR_PTR(ret);
unlock:
	mutex_unlock(&mirror->lock);
	return span;
}

static struct axe_mirror *axe_mirror_find(struct axe_dev *dev, struct mm_struct *mm)
{
	struct axe_mirror *mirror;

	lockdep_assert_held(&dev->mirror_lock);
	list_for_each_entry(mirror, &dev->mirrors, node) {
		if (mirror->mm == mm)
			return mirror;
	}
	return NULL;
}

/**
 * axe_mirror_get - the mirror of a process
 * @dev:	the device
 * @mm:		the process's memory
 *
 * Return: the mirror with a reference for the caller, or an ERR_PTR.
 */
struct axe_mirror *axe_mirror_get(struct axe_dev *dev, struct mm_struct *mm)
{
	struct axe_mirror *mirror;

	mutex_lock(&dev->mirror_lock);
	mirror = axe_mirror_find(dev, mm);
	if (mirror) {
		kref_get(&mirror->ref);
		goto unlock;
	}

	mirror = kzalloc(sizeof(*mirror), GFP_KERNEL_ACCOUNT);
	if (!mirror) {
		mirror = ERR_PTR(-ENOMEM);
		goto unlock;
	}
	mirror->dev = dev;
	mirror->mm = mm;
	mmgrab(mm);
	kref_init(&mirror->ref);
	mutex_init(&mirror->lock);
	xa_init(&mirror->spans);
	list_add(&mirror->node, &dev->mirrors);
unlock:
	mutex_unlock(&dev->mirror_lock);
	return mirror;
}

/* Called with mirror_lock held, and lets go of it: what follows may wait. */
static void axe_mirror_destroy(struct kref *ref)
{
	struct axe_mirror *mirror = container_of(ref, struct axe_mirror, ref);
	struct axe_span *span;
	unsigned long index;

	list_del(&mirror->node);
	mutex_unlock(&mirror->dev->mirror_lock);

	xa_for_each(&mirror->spans, index, span)
		axe_span_free(span);
	xa_destroy(&mirror->spans);
	mutex_destroy(&mirror->lock);
	mmdrop(mirror->mm);
	kfree(mirror);
}

/**
 * axe_mirror_put - drop a reference
 * @mirror:	destroyed when this was the last one
 */
void axe_mirror_put(struct axe_mirror *mirror)
{
	kref_put_mutex(&mirror->ref, axe_mirror_destroy, &mirror->dev->mirror_lock);
}

/**
 * axe_mirror_teach_lockdep - tell the rule of paging before anyone can break it
 *
 * Reclaim calls the notifier, which takes the span's lock and waits for holds:
 * so under that lock, and while holding pages, nothing may enter reclaim.
 */
void axe_mirror_teach_lockdep(void)
{
#ifdef CONFIG_LOCKDEP
	static struct axe_span teacher;

	axe_span_init_lock(&teacher);
	fs_reclaim_acquire(GFP_KERNEL);
	spin_lock(&teacher.lock);
	spin_unlock(&teacher.lock);
	lock_map_acquire(&axe_hold_map);
	lock_map_release(&axe_hold_map);
	fs_reclaim_release(GFP_KERNEL);
#endif
}
