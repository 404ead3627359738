// SPDX-License-Identifier: GPL-2.0
/* Address handles: the verbs. */

#include <linux/slab.h>
#include <rdma/uverbs_ioctl.h>

#include "ah.h"
#include "axe.h"
#include "region.h"
#include "udata.h"

static int axe_create_ah(struct ib_ah *ib, struct rdma_ah_init_attr *init,
			 struct ib_udata *udata)
{
	gfp_t gfp = init->flags & RDMA_CREATE_AH_SLEEPABLE ? GFP_KERNEL_ACCOUNT : GFP_ATOMIC;
	struct axe_dev *dev = to_axe_dev(ib->device);
	struct axe_create_ah_resp resp = {};
	struct axe_ah *ah = to_axe_ah(ib);
	int ret;

	if (!(rdma_ah_get_ah_flags(init->ah_attr) & IB_AH_GRH))
		return -EINVAL;
	ret = udata ? axe_udata_check_tail(udata, 0) : 0;
	if (ret)
		return ret;

	ah->av = kzalloc(sizeof(*ah->av), gfp);
	if (!ah->av)
		return -ENOMEM;
	ah->av->id = axe_qp_id_new();
	ah->av->pd = ib->pd;
	axe_path_set(&ah->av->path, dev, init->ah_attr);
	ah->attr = *init->ah_attr;
	ah->attr.grh.sgid_attr = NULL;

	ret = xa_alloc_cyclic(&dev->ahs, &ah->av->number, ah->av, XA_LIMIT(1, AXE_MAX_AH),
			      &dev->ah_cursor, gfp);
	if (ret < 0) {
		ret = ret == -EBUSY ? -ENOMEM : ret;
		goto free_av;
	}
	resp.number = ah->av->number;
	ret = 0;
	if (udata && udata->outlen)
		ret = ib_copy_to_udata(udata, &resp, min(sizeof(resp), udata->outlen));
	if (ret)
		goto erase;
	return 0;

erase:
	xa_erase(&dev->ahs, ah->av->number);
free_av:
	kfree_rcu(ah->av, rcu);
	return ret;
}

static int axe_query_ah(struct ib_ah *ib, struct rdma_ah_attr *attr)
{
	*attr = to_axe_ah(ib)->attr;
	return 0;
}

static int axe_destroy_ah(struct ib_ah *ib, u32 flags)
{
	struct axe_ah *ah = to_axe_ah(ib);

	xa_erase(&to_axe_dev(ib->device)->ahs, ah->av->number);
	kfree_rcu(ah->av, rcu);
	return 0;
}

const struct ib_device_ops axe_ah_ops = {
	.create_ah = axe_create_ah,
	.create_user_ah = axe_create_ah,
	.query_ah = axe_query_ah,
	.destroy_ah = axe_destroy_ah,

	INIT_RDMA_OBJ_SIZE(ib_ah, axe_ah, ib),
};
