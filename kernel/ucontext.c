// SPDX-License-Identifier: GPL-2.0
/* Contexts and protection domains. */

#include <linux/sched/task.h>
#include <linux/slab.h>
#include <rdma/ib_verbs.h>
#include <rdma/uverbs_ioctl.h>

#include "axe.h"
#include "bell.h"
#include "turns.h"
#include "udata.h"

static int axe_make_ucontext(struct ib_ucontext *ib, struct ib_udata *udata)
{
	struct axe_ucontext *ctx = to_axe_ucontext(ib);
	struct axe_alloc_ucontext_resp resp = {
		.ring_version = AXE_RING_VERSION,
		.max_queue_slots = roundup_pow_of_two(AXE_MAX_QP_WR * (1 + AXE_MAX_EXT)),
		.max_cqe = AXE_MAX_CQE,
		.lanes = axe_default_lanes(),
	};
	struct axe_alloc_ucontext_req req = {};
	int ret;

	if (udata->inlen < sizeof(req))
		return -EINVAL;
	ret = axe_udata_check_tail(udata, sizeof(req));
	if (ret)
		return ret;
	ret = ib_copy_from_udata(&req, udata, sizeof(req));
	if (ret)
		return ret;
	if (req.comp_mask)
		return -EOPNOTSUPP;
	if (req.ring_version != AXE_RING_VERSION)
		return -EOPNOTSUPP;

	ctx->turns = axe_turns_alloc();
	if (!ctx->turns)
		return -ENOMEM;
	ret = -ENOMEM;
	ctx->bells = axe_bell_table_alloc();
	if (!ctx->bells)
		goto free_turns;
	ret = ib_copy_to_udata(udata, &resp, min(sizeof(resp), udata->outlen));
	if (ret)
		goto put_bells;
	return 0;

put_bells:
	axe_bell_table_put(ctx->bells);
free_turns:
	kfree(ctx->turns);
	return ret;
}

/*
 * A context that could not be made is freed by UVERBS_METHOD_GET_CONTEXT together with
 * its reference to the process, which then never goes: and whoever may open the device
 * may ask in vain as often as they like. The other way to a context, by write(), looks
 * what is there.
 */
static void axe_ucontext_forget_task(struct ib_ucontext *ib)
{
	struct task_struct *task = ib->res.task;

	ib->res.task = NULL;
	if (task)
		put_task_struct(task);
}

static int axe_alloc_ucontext(struct ib_ucontext *ib, struct ib_udata *udata)
{
	int ret = axe_make_ucontext(ib, udata);

	if (ret)
		axe_ucontext_forget_task(ib);
	return ret;
}

static void axe_dealloc_ucontext(struct ib_ucontext *ib)
{
	axe_bell_table_put(to_axe_ucontext(ib)->bells);
	kfree(to_axe_ucontext(ib)->turns);
}

/*
 * The rings are plain memory and stay mapped. What tells a program that the
 * device is gone are the flags in them, set as the queues are destroyed.
 */
static void axe_disassociate_ucontext(struct ib_ucontext *ib)
{
}

/* For ibv_import_device(). A library has what it needs to know from the ABI version. */
static int axe_query_ucontext(struct ib_ucontext *ib, struct uverbs_attr_bundle *attrs)
{
	return 0;
}

static int axe_alloc_pd(struct ib_pd *ib, struct ib_udata *udata)
{
	struct axe_dev *dev = to_axe_dev(ib->device);

	if (atomic_inc_return(&dev->num_pds) > AXE_MAX_PD) {
		atomic_dec(&dev->num_pds);
		return -ENOMEM;
	}
	return 0;
}

static int axe_dealloc_pd(struct ib_pd *ib, struct ib_udata *udata)
{
	atomic_dec(&to_axe_dev(ib->device)->num_pds);
	return 0;
}

const struct ib_device_ops axe_ucontext_ops = {
	.alloc_ucontext = axe_alloc_ucontext,
	.dealloc_ucontext = axe_dealloc_ucontext,
	.disassociate_ucontext = axe_disassociate_ucontext,
	.query_ucontext = axe_query_ucontext,
	.alloc_pd = axe_alloc_pd,
	.dealloc_pd = axe_dealloc_pd,

	INIT_RDMA_OBJ_SIZE(ib_ucontext, axe_ucontext, ib),
	INIT_RDMA_OBJ_SIZE(ib_pd, axe_pd, ib),
};
