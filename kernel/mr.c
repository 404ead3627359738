// SPDX-License-Identifier: GPL-2.0
/* Memory regions: the verbs. */

#include <linux/sched/mm.h>
#include <rdma/ib_umem.h>
#include <rdma/uverbs_ioctl.h>

#include "axe.h"
#include "mr.h"
#include "prefetch.h"
#include "region.h"
#include "udata.h"

#define AXE_MR_ACCESS	(IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_WRITE | \
			 IB_ACCESS_REMOTE_READ | IB_ACCESS_REMOTE_ATOMIC | \
			 IB_ACCESS_MW_BIND | IB_ZERO_BASED | \
			 IB_ACCESS_ON_DEMAND | IB_ACCESS_HUGETLB | \
			 IB_ACCESS_FLUSH_GLOBAL | IB_ACCESS_OPTIONAL)

/* Its addresses, and who may do what with it. */
static void axe_region_describe(struct axe_region *rgn, struct ib_pd *pd, u64 iova,
				int access)
{
	rgn->pd = pd;
	rgn->access = access;
	rgn->iova = access & IB_ZERO_BASED ? 0 : iova;
}

static struct axe_region *axe_region_make(struct ib_pd *pd, struct mm_struct *mm,
					  u64 start, u64 length, u64 iova, int access)
{
	struct axe_dev *dev = to_axe_dev(pd->device);
	struct axe_region *rgn;
	u64 end;

	if (access & ~AXE_MR_ACCESS)
		return ERR_PTR(-EOPNOTSUPP);
	/* The whole address space: an implicit region. Its iova is the address. */
	if (length == U64_MAX) {
		if (start || iova || !(access & IB_ACCESS_ON_DEMAND))
			return ERR_PTR(-EINVAL);
	} else if (check_add_overflow(start, length, &end) ||
		   check_add_overflow(iova, length, &end) || !length) {
		return ERR_PTR(-EINVAL);
	}

	if (access & IB_ACCESS_ON_DEMAND)
		rgn = axe_region_alloc_mirror(dev, mm, start, length);
	else if (mm == current->mm)
		rgn = axe_region_alloc_pinned(dev, start, length, access);
	else
		return ERR_PTR(-EPERM);
	if (IS_ERR(rgn))
		return rgn;

	axe_region_describe(rgn, pd, iova, access);
	return rgn;
}

static void axe_mr_set_region(struct axe_mr *mr, struct axe_region *rgn)
{
	mr->rgn = rgn;
	mr->ib.lkey = rgn->key;
	mr->ib.rkey = rgn->key;
	mr->ib.iova = rgn->iova;
	mr->ib.length = rgn->length;
}

/**
 * axe_mr_make - a memory region of what is there for it
 * @pd:		its protection domain
 * @rgn:	not yet published; from here on the memory region's, or freed
 * @iova:	its first address, unless it is to be zero based
 * @access:	IB_ACCESS_* that it grants
 */
struct ib_mr *axe_mr_make(struct ib_pd *pd, struct axe_region *rgn, u64 iova, int access)
{
	struct axe_mr *mr = kzalloc(sizeof(*mr), GFP_KERNEL_ACCOUNT);
	int ret = -ENOMEM;

	if (!mr)
		goto free_region;
	axe_region_describe(rgn, pd, iova, access);
	ret = axe_region_publish(rgn);
	if (ret)
		goto free_mr;
	axe_mr_set_region(mr, rgn);
	return &mr->ib;

free_mr:
	kfree(mr);
free_region:
	axe_region_free(rgn);
	return ERR_PTR(ret);
}

static struct ib_mr *axe_reg_user_mr(struct ib_pd *pd, u64 start, u64 length,
				     u64 iova, int access, AXE_REG_USER_MR_DMAH
				     struct ib_udata *udata)
{
	struct axe_region *rgn;
	int ret;

	ret = axe_udata_check_tail(udata, 0);
	if (ret)
		return ERR_PTR(ret);

	rgn = axe_region_make(pd, current->mm, start, length, iova, access);
	if (IS_ERR(rgn))
		return ERR_CAST(rgn);
	return axe_mr_make(pd, rgn, iova, access);
}

/*
 * A region does not change: a new one takes its place. Commands see either, and
 * when this returns nobody works on the old one. Without a new translation it
 * stays a window onto the same process, whoever asks.
 */
static struct ib_mr *axe_rereg_user_mr(struct ib_mr *ib, int flags, u64 start,
				       u64 length, u64 iova, int access,
				       struct ib_pd *new_pd, struct ib_udata *udata)
{
	struct axe_mr *mr = to_axe_mr(ib);
	struct axe_region *old = mr->rgn;
	struct mm_struct *mm = current->mm;
	struct axe_region *rgn;

	if (flags & ~IB_MR_REREG_SUPPORTED)
		return ERR_PTR(-EOPNOTSUPP);
	/* Device memory and dma-bufs: what is behind it cannot be had again. */
	if (old->kind == AXE_REGION_LINEAR)
		return ERR_PTR(-EOPNOTSUPP);

	if (!(flags & IB_MR_REREG_TRANS)) {
		mm = axe_region_mm(old);
		start = old->va;
		length = old->length;
		iova = old->iova;
	}
	if (!(flags & IB_MR_REREG_ACCESS))
		access = old->access;
	if (!(flags & IB_MR_REREG_PD))
		new_pd = ib->pd;

	rgn = axe_region_make(new_pd, mm, start, length, iova, access);
	if (IS_ERR(rgn))
		return ERR_CAST(rgn);
	if (!axe_region_refuse_windows(old)) {
		axe_region_free(rgn);
		return ERR_PTR(-EBUSY);
	}

	axe_region_exchange(old->dev, old->key, old, rgn);
	axe_mr_set_region(mr, rgn);
	axe_region_free(old);
	return NULL;
}

static int axe_dereg_mr(struct ib_mr *ib, struct ib_udata *udata)
{
	struct axe_mr *mr = to_axe_mr(ib);

	if (!axe_region_refuse_windows(mr->rgn))
		return -EBUSY;
	axe_region_retire(mr->rgn);
	axe_region_free(mr->rgn);
	kfree(mr);
	return 0;
}

const struct ib_device_ops axe_mr_ops = {
	.reg_user_mr = axe_reg_user_mr,
	.rereg_user_mr = axe_rereg_user_mr,
	.dereg_mr = axe_dereg_mr,
	.advise_mr = axe_advise_mr,
};
