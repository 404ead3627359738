// SPDX-License-Identifier: GPL-2.0
/* Memory regions: what a key stands for. See docs/lifetime.md. */

#include <linux/overflow.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <rdma/ib_umem.h>

#include "axe.h"
#include "dmabuf.h"
#include "mirror.h"
#include "region.h"
#include "table.h"

struct axe_region axe_region_kernel = {
	.kind = AXE_REGION_LINEAR,
	.length = U64_MAX,
};

static struct axe_region *axe_region_alloc(struct axe_dev *dev,
					   enum axe_region_kind kind, u64 va, u64 length)
{
	struct axe_region *rgn = kzalloc(sizeof(*rgn), GFP_KERNEL_ACCOUNT);

	if (!rgn)
		return ERR_PTR(-ENOMEM);
	refcount_set(&rgn->users, 1);
	init_completion(&rgn->gone);
	rgn->dev = dev;
	rgn->kind = kind;
	rgn->va = va;
	rgn->length = length;
	return rgn;
}

/**
 * axe_region_alloc_mirror - a window onto a process's memory
 * @dev:	the device
 * @mm:		of the process
 * @va:		its first address
 * @length:	in bytes; costs nothing
 *
 * Return: the region, not yet published, or an ERR_PTR.
 */
struct axe_region *axe_region_alloc_mirror(struct axe_dev *dev, struct mm_struct *mm,
					   u64 va, u64 length)
{
	struct axe_region *rgn = axe_region_alloc(dev, AXE_REGION_MIRROR, va, length);
	struct axe_mirror *mirror;

	if (IS_ERR(rgn))
		return rgn;

	mirror = axe_mirror_get(dev, mm);
	if (IS_ERR(mirror)) {
		kfree(rgn);
		return ERR_CAST(mirror);
	}
	rgn->mirror = mirror;
	return rgn;
}

static int axe_region_fill_pages(struct axe_region *rgn)
{
	size_t npages = ib_umem_num_pages(rgn->umem);
	struct sg_page_iter iter;
	size_t i = 0;

	rgn->pages = kvmalloc_array(npages, sizeof(*rgn->pages), GFP_KERNEL_ACCOUNT);
	if (!rgn->pages)
		return -ENOMEM;
	for_each_sgtable_page(&rgn->umem->sgt_append.sgt, &iter, 0)
		rgn->pages[i++] = sg_page_iter_page(&iter);
	return WARN_ON(i != npages) ? -EINVAL : 0;
}

/**
 * axe_region_alloc_pinned - pin memory of the calling process
 * @dev:	the device
 * @va:		its first address
 * @length:	in bytes
 * @access:	IB_ACCESS_* it is going to grant
 *
 * Return: the region, not yet published, or an ERR_PTR.
 */
struct axe_region *axe_region_alloc_pinned(struct axe_dev *dev, u64 va, u64 length,
					   int access)
{
	struct axe_region *rgn = axe_region_alloc(dev, AXE_REGION_PINNED, va, length);
	int ret;

	if (IS_ERR(rgn))
		return rgn;

	rgn->umem = ib_umem_get_va(&dev->ib, va, length, access);
	if (IS_ERR(rgn->umem)) {
		ret = PTR_ERR(rgn->umem);
		goto free_region;
	}
	ret = axe_region_fill_pages(rgn);
	if (ret)
		goto release_umem;
	return rgn;

release_umem:
	kvfree(rgn->pages);
	ib_umem_release(rgn->umem);
free_region:
	kfree(rgn);
	return ERR_PTR(ret);
}

/**
 * axe_region_alloc_linear - memory that the kernel sees in one piece
 * @dev:	the device
 * @addr:	its first address
 * @length:	in bytes, of memory that stays as long as the region
 *
 * Return: the region, not yet published, or an ERR_PTR.
 */
struct axe_region *axe_region_alloc_linear(struct axe_dev *dev, void *addr, u64 length)
{
	return axe_region_alloc(dev, AXE_REGION_LINEAR, (uintptr_t)addr, length);
}

/**
 * axe_region_alloc_window - a part of a region, for peers
 * @parent:	the region; cannot go before the window
 * @addr:	first address of the part, in the region's terms
 * @length:	in bytes; the region contains it
 * @access:	what it is going to grant; with IB_ZERO_BASED its addresses start at 0
 *
 * Return: the window, not yet published; NULL if @parent is about to go; or an ERR_PTR.
 */
struct axe_region *axe_region_alloc_window(struct axe_region *parent, u64 addr, u64 length,
					   int access)
{
	u64 va = addr - parent->iova + parent->va;
	struct axe_region *rgn = axe_region_alloc(parent->dev, parent->kind, va, length);

	if (IS_ERR(rgn))
		return rgn;
	if (!atomic_inc_unless_negative(&parent->windows)) {
		kfree(rgn);
		return NULL;
	}
	rgn->parent = parent;
	rgn->access = access;
	rgn->iova = access & IB_ZERO_BASED ? 0 : addr;
	rgn->mirror = parent->mirror;
	rgn->umem = parent->umem;
	/* The first one is that of the region's first address. */
	if (rgn->kind == AXE_REGION_PINNED)
		rgn->pages = parent->pages + (va >> PAGE_SHIFT) - (parent->va >> PAGE_SHIFT);
	return rgn;
}

/**
 * axe_region_refuse_windows - let it have no memory window from now on
 * @rgn:	the region
 *
 * Return: false, and nothing has changed, if it has one.
 */
bool axe_region_refuse_windows(struct axe_region *rgn)
{
	return atomic_cmpxchg(&rgn->windows, 0, -1) == 0;
}

/**
 * axe_region_mm - whose memory it is a window onto
 * @rgn:	the region
 *
 * Return: NULL if it is no process's.
 */
struct mm_struct *axe_region_mm(const struct axe_region *rgn)
{
	switch (rgn->kind) {
	case AXE_REGION_MIRROR:
		return rgn->mirror->mm;
	case AXE_REGION_PINNED:
		return rgn->umem->owning_mm;
	default:
		return NULL;
	}
}

/**
 * axe_region_free - undo the allocation
 * @rgn:	not published (any more), without users
 */
void axe_region_free(struct axe_region *rgn)
{
	if (rgn->parent) {
		atomic_dec(&rgn->parent->windows);
	} else if (rgn->kind == AXE_REGION_MIRROR) {
		axe_mirror_put(rgn->mirror);
	} else if (rgn->kind == AXE_REGION_PINNED) {
		kvfree(rgn->pages);
		ib_umem_release(rgn->umem);
	} else if (rgn->dmabuf) {
		axe_dmabuf_release(rgn->dmabuf, rgn->base);
	}
	kfree_rcu(rgn, rcu);
}

/**
 * axe_key_alloc - a key that stands for nothing yet
 * @dev:	the device
 * @key:	set to it; its tag is random
 */
int axe_key_alloc(struct axe_dev *dev, u32 *key)
{
	u32 index;
	int ret = xa_alloc_cyclic(&dev->mrs, &index, NULL, XA_LIMIT(1, AXE_MAX_MR),
				  &dev->mr_cursor, GFP_KERNEL_ACCOUNT);

	if (ret < 0)
		return ret == -EBUSY ? -ENOMEM : ret;
	*key = index << AXE_KEY_SHIFT | get_random_u8();
	return 0;
}

/**
 * axe_key_free - let others have the key's index
 * @dev:	the device
 * @key:	of axe_key_alloc()
 */
void axe_key_free(struct axe_dev *dev, u32 key)
{
	xa_erase(&dev->mrs, axe_key_index(key));
}

/**
 * axe_region_publish - give the region a key
 * @rgn:	from here on found by axe_region_get()
 */
int axe_region_publish(struct axe_region *rgn)
{
	/* Reserve first: nobody may find it before it knows its key. */
	int ret = axe_key_alloc(rgn->dev, &rgn->key);

	if (ret)
		return ret;
	axe_region_exchange(rgn->dev, rgn->key, NULL, rgn);
	return 0;
}

static void axe_region_wait(struct axe_region *rgn)
{
	WRITE_ONCE(rgn->dying, true);
	axe_region_put(rgn);
	wait_for_completion(&rgn->gone);
}

/**
 * axe_region_exchange - let a key stand for another region
 * @dev:	the device
 * @key:	its index is allocated
 * @old:	what its index stands for now, or NULL; on return no longer in use
 * @rgn:	what it is to stand for, or NULL; not yet published
 */
void axe_region_exchange(struct axe_dev *dev, u32 key, struct axe_region *old,
			 struct axe_region *rgn)
{
	if (rgn)
		rgn->key = key;
	/* Over an entry, so it allocates nothing and cannot fail; NULL keeps the index. */
	xa_store(&dev->mrs, axe_key_index(key), rgn, GFP_KERNEL);
	if (old)
		axe_region_wait(old);
}

/**
 * axe_region_retire - take the key away and wait for the users
 * @rgn:	on return no longer in use
 */
void axe_region_retire(struct axe_region *rgn)
{
	axe_key_free(rgn->dev, rgn->key);
	axe_region_wait(rgn);
}

/**
 * axe_region_get - what a key stands for
 * @dev:	the device
 * @pd:		the protection domain of who asks
 * @key:	any number
 *
 * Return: the region, with a reference for the caller, or NULL: no such key, or
 * that of another protection domain.
 */
struct axe_region *axe_region_get(struct axe_dev *dev, struct ib_pd *pd, u32 key)
{
	struct axe_region *rgn;

	rcu_read_lock();
	rgn = axe_table_load(&dev->mrs, axe_key_index(key));
	if (rgn && (rgn->key != key || rgn->pd != pd ||
		    !refcount_inc_not_zero(&rgn->users)))
		rgn = NULL;
	rcu_read_unlock();
	return rgn;
}

/**
 * axe_qp_id_new - a number for a QP that none has had before
 *
 * For what must not outlive the QP: QP numbers come again.
 *
 * Return: not 0.
 */
u64 axe_qp_id_new(void)
{
	static atomic64_t last;

	return atomic64_inc_return(&last);
}

static bool axe_region_admits(const struct axe_region *rgn, struct ib_pd *pd, u64 qp_id)
{
	if (rgn->pd == pd)
		return true;
	return rgn->window_pd == pd && (!rgn->qp_id || rgn->qp_id == qp_id);
}

/**
 * axe_region_get_remote - what a key stands for when a peer names it
 * @dev:	the device
 * @pd:		the protection domain of the QP that the request reaches
 * @qp_id:	axe_qp_id_new() of that QP
 * @key:	any number
 *
 * Return: as axe_region_get(), but windows count, too.
 */
struct axe_region *axe_region_get_remote(struct axe_dev *dev, struct ib_pd *pd, u64 qp_id,
					 u32 key)
{
	struct axe_region *rgn;

	rcu_read_lock();
	rgn = axe_table_load(&dev->mrs, axe_key_index(key));
	if (rgn && (rgn->key != key || !axe_region_admits(rgn, pd, qp_id) ||
		    !refcount_inc_not_zero(&rgn->users)))
		rgn = NULL;
	rcu_read_unlock();
	return rgn;
}
