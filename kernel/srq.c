// SPDX-License-Identifier: GPL-2.0
/* Shared receive queues, and the domains of XRC: the verbs. */

#include <linux/uaccess.h>
#include <rdma/uverbs_ioctl.h>

#include "axe.h"
#include "cq.h"
#include "mmap.h"
#include "rq.h"
#include "srq.h"
#include "udata.h"

static int axe_srq_check(const struct ib_srq_init_attr *init)
{
	const struct ib_srq_attr *attr = &init->attr;

	if (init->srq_type != IB_SRQT_BASIC && init->srq_type != IB_SRQT_XRC)
		return -EOPNOTSUPP;
	if (!attr->max_wr || attr->max_wr > AXE_MAX_QP_WR || attr->max_sge > AXE_WR_MAX_SGE ||
	    attr->srq_limit > attr->max_wr)
		return -EINVAL;
	return 0;
}

static void axe_srq_fill_resp(struct axe_create_srq_resp *resp, const struct axe_rq *rq,
			      struct axe_shared *mem, u32 entries)
{
	resp->mmap_offset = axe_shared_offset(mem);
	resp->mmap_length = mem->length;
	resp->entries = entries;
	resp->stride = rq->stride;
	resp->srqn = rq->bell.number;
}

/* Find it a number, unique on the device. */
static int axe_srq_publish(struct axe_dev *dev, struct axe_rq *rq)
{
	int ret;

	/* Reserve first: nobody may find it before it knows its number. */
	ret = xa_alloc_cyclic(&dev->srqs, &rq->bell.number, NULL, XA_LIMIT(1, AXE_MAX_SRQ),
			      &dev->srq_cursor, GFP_KERNEL_ACCOUNT);
	if (ret < 0)
		return ret == -EBUSY ? -ENOMEM : ret;
	xa_store(&dev->srqs, rq->bell.number, rq, GFP_KERNEL);
	return 0;
}

static void axe_srq_unpublish(struct axe_dev *dev, struct axe_ucontext *ctx, struct axe_rq *rq)
{
	xa_erase(&dev->srqs, rq->bell.number);
	axe_bell_remove(ctx->bells, &rq->bell);
	axe_bell_wait(&rq->bell);
}

static int axe_create_srq(struct ib_srq *ib, struct ib_srq_init_attr *init,
			  struct ib_udata *udata)
{
	struct axe_dev *dev = to_axe_dev(ib->device);
	struct axe_srq *srq = to_axe_srq(ib);
	struct axe_create_srq_resp resp = {};
	struct axe_ucontext *ctx;
	struct axe_rq *rq;
	int ret;

	if (!udata)
		return axe_refuse_kernel(dev, "an SRQ");
	ctx = rdma_udata_to_drv_context(udata, struct axe_ucontext, ib);
	ret = axe_srq_check(init);
	if (ret)
		return ret;
	ret = axe_udata_check_tail(udata, 0);
	if (ret)
		return ret;

	rq = axe_rq_create(dev, ctx, AXE_DOORBELL_SRQ, init->attr.max_wr, init->attr.max_sge);
	if (IS_ERR(rq))
		return PTR_ERR(rq);
	rq->pd = ib->pd;
	rq->srq = ib;
	rq->limit = init->attr.srq_limit;
	if (init->srq_type == IB_SRQT_XRC) {
		rq->xrcd = init->ext.xrc.xrcd;
		rq->cq = to_axe_cq(init->ext.cq);
	}
	ret = axe_srq_publish(dev, rq);
	if (ret)
		goto free_rq;
	axe_bell_add(ctx->bells, &rq->bell);
	srq->rq = rq;
	init->attr.max_wr = rq->entries;
	init->attr.max_sge = rq->max_sge;
	if (init->srq_type == IB_SRQT_XRC)
		ib->ext.xrc.srq_num = rq->bell.number;

	axe_srq_fill_resp(&resp, rq, rq->mem, rq->entries);
	ret = ib_copy_to_udata(udata, &resp, min(sizeof(resp), udata->outlen));
	if (ret)
		goto unpublish;
	return 0;

unpublish:
	axe_srq_unpublish(dev, ctx, rq);
free_rq:
	axe_rq_free(rq);
	return ret;
}

/* The command has no response: the process says where to put one. */
static int axe_srq_resize(struct axe_rq *rq, u32 max_wr, struct ib_udata *udata)
{
	struct axe_ucontext *ctx = rdma_udata_to_drv_context(udata, struct axe_ucontext, ib);
	struct axe_create_srq_resp resp = {};
	struct axe_modify_srq_req req;
	struct axe_shared *mem;
	u32 entries;
	int ret;

	if (!max_wr || max_wr > AXE_MAX_QP_WR || udata->inlen < sizeof(req))
		return -EINVAL;
	ret = ib_copy_from_udata(&req, udata, sizeof(req));
	if (ret)
		return ret;
	mem = axe_rq_prepare_resize(rq, ctx, max_wr, &entries);
	if (IS_ERR(mem))
		return PTR_ERR(mem);

	/* Before the move: after it there is no way back. */
	axe_srq_fill_resp(&resp, rq, mem, entries);
	if (copy_to_user(u64_to_user_ptr(req.resp_addr), &resp, sizeof(resp))) {
		axe_shared_free(mem);
		return -EFAULT;
	}
	return axe_rq_resize(rq, mem, entries);
}

static int axe_modify_srq(struct ib_srq *ib, struct ib_srq_attr *attr,
			  enum ib_srq_attr_mask mask, struct ib_udata *udata)
{
	struct axe_rq *rq = to_axe_srq(ib)->rq;
	int ret;

	if (mask & ~(IB_SRQ_MAX_WR | IB_SRQ_LIMIT))
		return -EINVAL;
	if (mask & IB_SRQ_MAX_WR) {
		/* Refuse it all, or the process would not learn of the new ring. */
		if (mask & IB_SRQ_LIMIT && attr->srq_limit > attr->max_wr)
			return -EINVAL;
		ret = axe_srq_resize(rq, attr->max_wr, udata);
		if (ret)
			return ret;
	}
	return mask & IB_SRQ_LIMIT ? axe_rq_set_limit(rq, attr->srq_limit) : 0;
}

static int axe_query_srq(struct ib_srq *ib, struct ib_srq_attr *attr)
{
	struct axe_rq *rq = to_axe_srq(ib)->rq;

	spin_lock(&rq->lock);
	attr->max_wr = rq->entries;
	attr->max_sge = rq->max_sge;
	attr->srq_limit = rq->limit;
	spin_unlock(&rq->lock);
	return 0;
}

static int axe_destroy_srq(struct ib_srq *ib, struct ib_udata *udata)
{
	struct axe_ucontext *ctx = rdma_udata_to_drv_context(udata, struct axe_ucontext, ib);
	struct axe_rq *rq = to_axe_srq(ib)->rq;

	axe_srq_unpublish(to_axe_dev(ib->device), ctx, rq);
	axe_rq_free(rq);
	return 0;
}

static int axe_alloc_xrcd(struct ib_xrcd *ib, struct ib_udata *udata)
{
	return 0;
}

static int axe_dealloc_xrcd(struct ib_xrcd *ib, struct ib_udata *udata)
{
	return 0;
}

const struct ib_device_ops axe_srq_ops = {
	.create_srq = axe_create_srq,
	.modify_srq = axe_modify_srq,
	.query_srq = axe_query_srq,
	.destroy_srq = axe_destroy_srq,
	.alloc_xrcd = axe_alloc_xrcd,
	.dealloc_xrcd = axe_dealloc_xrcd,

	INIT_RDMA_OBJ_SIZE(ib_srq, axe_srq, ib),
	INIT_RDMA_OBJ_SIZE(ib_xrcd, axe_xrcd, ib),
};
