// SPDX-License-Identifier: GPL-2.0
/* Memory regions: the verbs. */

#include <linux/sched/mm.h>
#include <rdma/ib_umem.h>
#include <rdma/uverbs_ioctl.h>

#include "axe.h"
#include "mr.h"
#include "prefetch.h"
#include "region.h"

#define AXE_MR_ACCESS	(IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_WRITE | \
			 IB_ACCESS_REMOTE_READ | IB_ACCESS_REMOTE_ATOMIC | \
			 IB_ACCESS_ON_DEMAND | IB_ACCESS_HUGETLB | \
			 IB_ACCESS_OPTIONAL)

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

	rgn->pd = pd;
	rgn->access = access;
	rgn->iova = iova;
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

static struct ib_mr *axe_reg_user_mr(struct ib_pd *pd, u64 start, u64 length,
				     u64 iova, int access, AXE_REG_USER_MR_DMAH
				     struct ib_udata *udata)
{
	struct axe_region *rgn;
	struct axe_mr *mr;
	int ret;

	if (udata->inlen &&
	    !ib_is_udata_cleared(udata, 0, udata->inlen))
		return ERR_PTR(-EINVAL);

	mr = kzalloc(sizeof(*mr), GFP_KERNEL_ACCOUNT);
	if (!mr)
		return ERR_PTR(-ENOMEM);

	rgn = axe_region_make(pd, current->mm, start, length, iova, access);
	if (IS_ERR(rgn)) {
		ret = PTR_ERR(rgn);
		goto free_mr;
	}
	ret = axe_region_publish(rgn);
	if (ret)
		goto free_region;

	axe_mr_set_region(mr, rgn);
	return &mr->ib;

free_region:
	axe_region_free(rgn);
free_mr:
	kfree(mr);
	return ERR_PTR(ret);
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

	axe_region_replace(old, rgn);
	axe_mr_set_region(mr, rgn);
	axe_region_free(old);
	return NULL;
}

static int axe_dereg_mr(struct ib_mr *ib, struct ib_udata *udata)
{
	struct axe_mr *mr = to_axe_mr(ib);

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
