// SPDX-License-Identifier: GPL-2.0
/*
 * Memory windows: keys for parts of regions, given and taken away by work requests.
 *
 * A bound window is a region of its own that borrows what is behind the region it
 * was bound to. That one cannot go or change as long as it has windows (EBUSY). A
 * window whose QP is gone stays as it is and serves nobody, for no other QP gets
 * that one's id; it keeps its region until it is deallocated.
 */

#include <linux/xarray.h>
#include <rdma/uverbs_ioctl.h>

#include "axe.h"
#include "mw.h"
#include "region.h"
#include "udata.h"

/* LOCAL_WRITE says nothing about a window, but programs set it. */
#define AXE_MW_ACCESS	(IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_WRITE | \
			 IB_ACCESS_REMOTE_READ | IB_ACCESS_REMOTE_ATOMIC | \
			 IB_ZERO_BASED | IB_ACCESS_FLUSH_GLOBAL | IB_ACCESS_OPTIONAL)

/* Returns NULL if the key's index is no window's, or that of another PD. */
static struct axe_mw *axe_mw_get(struct axe_dev *dev, struct ib_pd *pd, u32 key)
{
	struct axe_mw *mw;

	xa_lock(&dev->mws);
	mw = xa_load(&dev->mws, axe_key_index(key));
	if (mw && mw->ib.pd != pd)
		mw = NULL;
	/* It is published, so it has at least one user, until we unlock. */
	if (mw)
		refcount_inc(&mw->users);
	xa_unlock(&dev->mws);
	return mw;
}

static void axe_mw_put(struct axe_mw *mw)
{
	if (refcount_dec_and_test(&mw->users))
		complete(&mw->gone);
}

/* Let it be bound to @rgn, or to nothing, and wait for the users of what it was. */
static void axe_mw_set_region(struct axe_mw *mw, struct axe_region *rgn, u32 key)
{
	struct axe_dev *dev = to_axe_dev(mw->ib.device);
	struct axe_region *old = mw->rgn;

	lockdep_assert_held(&mw->lock);
	mw->rgn = rgn;
	mw->ib.rkey = key;
	axe_region_exchange(dev, key, old, rgn);
	if (old)
		axe_region_free(old);
}

/* The part of @parent that the request names, with the rights that it asks for. */
static struct axe_region *axe_mw_carve(struct axe_region *parent,
				       const struct axe_send_wr *wr)
{
	int access = le32_to_cpu(wr->op.bind.access);
	u64 addr = le64_to_cpu(wr->remote_addr);
	u64 length = le64_to_cpu(wr->op.bind.length);

	if (!(parent->access & IB_ACCESS_MW_BIND))
		return NULL;
	if (access & (IB_ACCESS_REMOTE_WRITE | IB_ACCESS_REMOTE_ATOMIC) &&
	    !(parent->access & IB_ACCESS_LOCAL_WRITE))
		return NULL;
	if (!axe_region_contains(parent, addr, length))
		return NULL;
	return axe_region_alloc_window(parent, addr, length, access);
}

/* What verbs says of the two types, and what needs no lock. */
static bool axe_mw_may_bind(const struct axe_mw *mw, const struct axe_send_wr *wr)
{
	int access = le32_to_cpu(wr->op.bind.access);

	if (access & ~AXE_MW_ACCESS)
		return false;
	if (axe_key_index(le32_to_cpu(wr->rkey)) !=
	    axe_key_index(le32_to_cpu(wr->invalidate_rkey)))
		return false;
	if (mw->ib.type == IB_MW_TYPE_1)
		return !(access & IB_ZERO_BASED);
	/* Only an invalidation ends its binding. */
	return wr->op.bind.length;
}

static enum axe_code axe_mw_bind_region(struct axe_mw *mw, u64 qp_id,
					const struct axe_send_wr *wr)
{
	struct axe_region *parent, *rgn;

	lockdep_assert_held(&mw->lock);
	if (mw->ib.type == IB_MW_TYPE_2 && mw->rgn)
		return AXE_ERR_BIND;

	parent = axe_region_get(to_axe_dev(mw->ib.device), mw->ib.pd,
				le32_to_cpu(wr->op.bind.mr_key));
	if (!parent)
		return AXE_ERR_BIND;
	rgn = axe_mw_carve(parent, wr);
	axe_region_put(parent);
	if (IS_ERR(rgn))
		return AXE_ERR_NOMEM;
	if (!rgn)
		return AXE_ERR_BIND;

	rgn->window_pd = mw->ib.pd;
	rgn->qp_id = mw->ib.type == IB_MW_TYPE_2 ? qp_id : 0;
	axe_mw_set_region(mw, rgn, le32_to_cpu(wr->invalidate_rkey));
	return AXE_OK;
}

/**
 * axe_mw_bind - IBV_WR_BIND_MW
 * @dev:	the device
 * @pd:		of the QP that the request was posted to
 * @qp_id:	axe_qp_id_new() of that QP
 * @wr:		the request, a copy of the device's own
 *
 * Of the window's present key only the index counts: libraries do not agree on
 * who keeps its tag up to date. May sleep, and wait for the users of what the
 * window was bound to: the caller has no operand open.
 *
 * Return: AXE_OK, AXE_ERR_BIND, AXE_ERR_NOMEM.
 */
enum axe_code axe_mw_bind(struct axe_dev *dev, struct ib_pd *pd, u64 qp_id,
			  const struct axe_send_wr *wr)
{
	struct axe_mw *mw = axe_mw_get(dev, pd, le32_to_cpu(wr->rkey));
	enum axe_code code = AXE_ERR_BIND;

	if (!mw)
		return AXE_ERR_BIND;
	if (!axe_mw_may_bind(mw, wr))
		goto put_mw;

	mutex_lock(&mw->lock);
	if (wr->op.bind.length) {
		code = axe_mw_bind_region(mw, qp_id, wr);
	} else {
		axe_mw_set_region(mw, NULL, le32_to_cpu(wr->invalidate_rkey));
		code = AXE_OK;
	}
	mutex_unlock(&mw->lock);
put_mw:
	axe_mw_put(mw);
	return code;
}

/**
 * axe_mw_invalidate - IBV_WR_LOCAL_INV, and what IBV_WR_SEND_WITH_INV asks of a peer
 * @dev:	the device
 * @pd:		of the QP that the window is bound on
 * @qp_id:	axe_qp_id_new() of that QP: the request's own, or the peer that
 *		receives the SEND
 * @rkey:	of a bound window of type 2
 *
 * May sleep, and wait for the window's users: the caller has no operand open.
 *
 * Return: AXE_OK; AXE_ERR_BIND if there is no such window.
 */
enum axe_code axe_mw_invalidate(struct axe_dev *dev, struct ib_pd *pd, u64 qp_id, u32 rkey)
{
	struct axe_mw *mw = axe_mw_get(dev, pd, rkey);
	enum axe_code code = AXE_ERR_BIND;

	if (!mw)
		return AXE_ERR_BIND;

	mutex_lock(&mw->lock);
	if (mw->ib.type == IB_MW_TYPE_2 && mw->rgn && mw->ib.rkey == rkey &&
	    mw->rgn->qp_id == qp_id) {
		axe_mw_set_region(mw, NULL, rkey);
		code = AXE_OK;
	}
	mutex_unlock(&mw->lock);
	axe_mw_put(mw);
	return code;
}

static int axe_alloc_mw(struct ib_mw *ib, struct ib_udata *udata)
{
	struct axe_dev *dev = to_axe_dev(ib->device);
	struct axe_mw *mw = to_axe_mw(ib);
	int ret;

	ret = axe_udata_check_tail(udata, 0);
	if (ret)
		return ret;

	refcount_set(&mw->users, 1);
	init_completion(&mw->gone);
	mutex_init(&mw->lock);
	ret = axe_key_alloc(dev, &ib->rkey);
	if (ret)
		return ret;
	ret = xa_insert(&dev->mws, axe_key_index(ib->rkey), mw, GFP_KERNEL_ACCOUNT);
	if (ret)
		axe_key_free(dev, ib->rkey);
	return ret;
}

static int axe_dealloc_mw(struct ib_mw *ib)
{
	struct axe_dev *dev = to_axe_dev(ib->device);
	struct axe_mw *mw = to_axe_mw(ib);

	xa_erase(&dev->mws, axe_key_index(ib->rkey));
	axe_mw_put(mw);
	wait_for_completion(&mw->gone);

	mutex_lock(&mw->lock);
	if (mw->rgn)
		axe_mw_set_region(mw, NULL, ib->rkey);
	mutex_unlock(&mw->lock);
	axe_key_free(dev, ib->rkey);
	mutex_destroy(&mw->lock);
	return 0;
}

const struct ib_device_ops axe_mw_ops = {
	.alloc_mw = axe_alloc_mw,
	.dealloc_mw = axe_dealloc_mw,

	INIT_RDMA_OBJ_SIZE(ib_mw, axe_mw, ib),
};
