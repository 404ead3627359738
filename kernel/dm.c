// SPDX-License-Identifier: GPL-2.0
/*
 * Device memory: pages of our own that queues reach by keys, and the process that
 * allocated them by a mapping. Zeroed, so that nobody sees what others left.
 */

#include <linux/slab.h>
#include <rdma/axe_user_ioctl_cmds.h>
#include <rdma/uverbs_ioctl.h>
#include <rdma/uverbs_std_types.h>
#include <rdma/uverbs_types.h>

#include "axe.h"
#include "dm.h"
#include "mmap.h"
#include "mr.h"
#include "region.h"

#define UVERBS_MODULE_NAME axe
#include <rdma/uverbs_named_ioctl.h>

#define AXE_DM_ACCESS	(IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_WRITE | \
			 IB_ACCESS_REMOTE_READ | IB_ACCESS_REMOTE_ATOMIC | \
			 IB_ACCESS_MW_BIND | IB_ZERO_BASED | \
			 IB_ACCESS_FLUSH_GLOBAL | IB_ACCESS_OPTIONAL)

static int axe_dm_charge(struct axe_dev *dev, u64 length)
{
	if (length > AXE_MAX_DM_BYTES)
		return -ENOMEM;
	length = PAGE_ALIGN(length);
	if (atomic64_add_return(length, &dev->dm_bytes) <= AXE_MAX_DM_BYTES)
		return 0;
	atomic64_sub(length, &dev->dm_bytes);
	return -ENOMEM;
}

static void axe_dm_uncharge(struct axe_dev *dev, u64 length)
{
	atomic64_sub(PAGE_ALIGN(length), &dev->dm_bytes);
}

/* Where it can be mapped. A library that does not ask gets no mapping. */
static int axe_dm_tell_offset(struct axe_dm *dm, struct uverbs_attr_bundle *attrs)
{
	u64 offset = axe_shared_offset(dm->mem);

	if (!uverbs_attr_is_valid(attrs, AXE_ATTR_ALLOC_DM_RESP_OFFSET))
		return 0;
	return uverbs_copy_to(attrs, AXE_ATTR_ALLOC_DM_RESP_OFFSET, &offset, sizeof(offset));
}

static struct ib_dm *axe_alloc_dm(struct ib_device *ib, struct ib_ucontext *ctx,
				  struct ib_dm_alloc_attr *attr,
				  struct uverbs_attr_bundle *attrs)
{
	struct axe_dev *dev = to_axe_dev(ib);
	struct axe_dm *dm;
	int ret;

	/* attr->alignment is the logarithm of what it says. */
	if (!attr->length || attr->alignment > PAGE_SHIFT)
		return ERR_PTR(-EINVAL);
	ret = axe_dm_charge(dev, attr->length);
	if (ret)
		return ERR_PTR(ret);

	dm = kzalloc(sizeof(*dm), GFP_KERNEL_ACCOUNT);
	if (!dm) {
		ret = -ENOMEM;
		goto uncharge;
	}
	dm->mem = axe_shared_alloc(to_axe_ucontext(ctx), attr->length);
	if (IS_ERR(dm->mem)) {
		ret = PTR_ERR(dm->mem);
		goto free_dm;
	}
	ret = axe_dm_tell_offset(dm, attrs);
	if (ret)
		goto free_mem;
	return &dm->ib;

free_mem:
	axe_shared_free(dm->mem);
free_dm:
	kfree(dm);
uncharge:
	axe_dm_uncharge(dev, attr->length);
	return ERR_PTR(ret);
}

/* uverbs has seen to it that no region uses it. */
static int axe_dealloc_dm(struct ib_dm *ib, struct uverbs_attr_bundle *attrs)
{
	struct axe_dm *dm = to_axe_dm(ib);

	axe_dm_uncharge(to_axe_dev(ib->device), dm->mem->length);
	axe_shared_free(dm->mem);
	kfree(dm);
	return 0;
}

/* uverbs has checked the range, and that it is zero based. */
static struct ib_mr *axe_reg_dm_mr(struct ib_pd *pd, struct ib_dm *ib,
				   struct ib_dm_mr_attr *attr,
				   struct uverbs_attr_bundle *attrs)
{
	struct axe_dm *dm = to_axe_dm(ib);
	struct axe_region *rgn;

	if (attr->access_flags & ~AXE_DM_ACCESS)
		return ERR_PTR(-EOPNOTSUPP);
	rgn = axe_region_alloc_linear(to_axe_dev(pd->device), dm->mem->addr + attr->offset,
				      attr->length);
	if (IS_ERR(rgn))
		return ERR_CAST(rgn);
	return axe_mr_make(pd, rgn, 0, attr->access_flags);
}

static int UVERBS_HANDLER(AXE_METHOD_DM_QUERY)(struct uverbs_attr_bundle *attrs)
{
	struct ib_dm *ib = uverbs_attr_get_obj(attrs, AXE_ATTR_DM_QUERY_HANDLE);
	u64 offset, length;
	int ret;

	if (IS_ERR(ib))
		return PTR_ERR(ib);

	offset = axe_shared_offset(to_axe_dm(ib)->mem);
	length = ib->length;
	ret = uverbs_copy_to(attrs, AXE_ATTR_DM_QUERY_RESP_OFFSET, &offset, sizeof(offset));
	if (ret)
		return ret;
	return uverbs_copy_to(attrs, AXE_ATTR_DM_QUERY_RESP_LENGTH, &length, sizeof(length));
}

DECLARE_UVERBS_NAMED_METHOD(
	AXE_METHOD_DM_QUERY,
	UVERBS_ATTR_IDR(AXE_ATTR_DM_QUERY_HANDLE,
			UVERBS_OBJECT_DM,
			UVERBS_ACCESS_READ,
			UA_MANDATORY),
	UVERBS_ATTR_PTR_OUT(AXE_ATTR_DM_QUERY_RESP_OFFSET,
			    UVERBS_ATTR_TYPE(u64),
			    UA_MANDATORY),
	UVERBS_ATTR_PTR_OUT(AXE_ATTR_DM_QUERY_RESP_LENGTH,
			    UVERBS_ATTR_TYPE(u64),
			    UA_MANDATORY));

ADD_UVERBS_METHODS(axe_dm_methods, UVERBS_OBJECT_DM, &UVERBS_METHOD(AXE_METHOD_DM_QUERY));

ADD_UVERBS_ATTRIBUTES_SIMPLE(axe_dm_attrs, UVERBS_OBJECT_DM, UVERBS_METHOD_DM_ALLOC,
			     UVERBS_ATTR_PTR_OUT(AXE_ATTR_ALLOC_DM_RESP_OFFSET,
						 UVERBS_ATTR_TYPE(u64), UA_OPTIONAL));

const struct uapi_definition axe_dm_defs[] = {
	UAPI_DEF_CHAIN_OBJ_TREE(UVERBS_OBJECT_DM, &axe_dm_attrs),
	UAPI_DEF_CHAIN_OBJ_TREE(UVERBS_OBJECT_DM, &axe_dm_methods),
	{},
};

const struct ib_device_ops axe_dm_ops = {
	.alloc_dm = axe_alloc_dm,
	.dealloc_dm = axe_dealloc_dm,
	.reg_dm_mr = axe_reg_dm_mr,
};
