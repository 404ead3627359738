// SPDX-License-Identifier: GPL-2.0
/* Queue pairs: the verbs, and the accelerator queue, IB_QPT_DRIVER. */

#include <linux/log2.h>
#include <linux/string.h>
#include <rdma/ib_verbs.h>
#include <rdma/restrack.h>
#include <rdma/uverbs_ioctl.h>

#include "axe.h"
#include "cq.h"
#include "engine.h"
#include "mmap.h"
#include "peer_qp.h"
#include "qp.h"
#include "udata.h"

/* QP 0 and 1 are special. */
#define AXE_QPN_LIMIT	XA_LIMIT(2, AXE_MAX_QP + 1)

#define AXE_DEFAULT_POLL_USECS	50
#define AXE_MAX_POLL_USECS	10000

static int axe_qp_get_request(struct ib_udata *udata, struct axe_create_qp_req *req)
{
	int ret;

	ret = ib_copy_from_udata(req, udata, min(sizeof(*req), udata->inlen));
	if (ret)
		return ret;
	ret = axe_udata_check_tail(udata, sizeof(*req));
	if (ret)
		return ret;
	if (req->comp_mask || req->flags & ~AXE_QUEUE_UNORDERED)
		return -EOPNOTSUPP;
	if (memchr_inv(req->reserved, 0, sizeof(req->reserved)) ||
	    !axe_engine_goes(req->engine, req->offload))
		return -EINVAL;
	if (req->mode > AXE_QUEUE_POLL ||
	    req->poll_usecs > AXE_MAX_POLL_USECS || req->lanes > AXE_MAX_LANES)
		return -EINVAL;
	return 0;
}

static int axe_qp_check_attr(const struct ib_qp_init_attr *attr)
{
	if (attr->create_flags || attr->srq || attr->xrcd || attr->rwq_ind_tbl)
		return -EINVAL;
	if (!attr->send_cq)
		return -EINVAL;
	if (attr->cap.max_send_wr > AXE_MAX_QP_WR ||
	    attr->cap.max_send_sge > AXE_MAX_SGE ||
	    attr->cap.max_inline_data > AXE_MAX_INLINE ||
	    attr->cap.max_recv_wr || attr->cap.max_recv_sge > AXE_MAX_SGE)
		return -EINVAL;
	return 0;
}

static void axe_qp_set_params(struct axe_qp *qp, const struct ib_qp_init_attr *attr,
			      const struct axe_create_qp_req *req, struct axe_turns *turns)
{
	struct axe_queue *q = qp->queue;
	u32 usecs = req->poll_usecs ? req->poll_usecs : AXE_DEFAULT_POLL_USECS;

	q->dev = to_axe_dev(qp->ib.device);
	q->ibqp = &qp->ib;
	q->cq = to_axe_cq(attr->send_cq);
	q->mode = req->mode;
	q->unordered = req->flags & AXE_QUEUE_UNORDERED;
	qp->signal_all = attr->sq_sig_type == IB_SIGNAL_ALL_WR;
	q->signal_all = qp->signal_all;
	q->num_lanes = req->lanes ? req->lanes : axe_default_lanes();
	q->poll_ns = (u64)usecs * NSEC_PER_USEC;
	q->runner.dev = q->dev;
	q->runner.pd = qp->ib.pd;
	q->runner.turns = turns;
	q->runner.engine = req->engine;
	q->runner.offload = req->offload;
}

static int axe_qp_alloc_ring(struct axe_qp *qp, struct ib_qp_init_attr *attr,
			     struct ib_udata *udata)
{
	struct axe_ucontext *ctx =
		rdma_udata_to_drv_context(udata, struct axe_ucontext, ib);
	struct axe_queue *q = qp->queue;

	/* So many commands fit, each with all its extension slots. */
	attr->cap.max_send_wr = max(attr->cap.max_send_wr, 1U);
	q->slots = roundup_pow_of_two(attr->cap.max_send_wr * (1 + AXE_MAX_EXT));
	q->mem = axe_shared_alloc(ctx, AXE_RING_ENTRIES + (size_t)q->slots * AXE_SLOT_SIZE);
	if (IS_ERR(q->mem))
		return PTR_ERR(q->mem);
	q->hdr = q->mem->addr;
	attr->cap.max_inline_data = AXE_MAX_INLINE;
	qp->cap = attr->cap;
	return 0;
}

/* Find it a number, unique on the device, and let its context's doorbells know it. */
static int axe_qp_publish(struct axe_qp *qp, struct axe_ucontext *ctx)
{
	struct axe_dev *dev = to_axe_dev(qp->ib.device);
	u32 qp_num;
	int ret;

	/* No peer will ever find it. */
	ret = xa_alloc_cyclic(&dev->qps, &qp_num, NULL, AXE_QPN_LIMIT, &dev->qp_cursor,
			      GFP_KERNEL_ACCOUNT);
	if (ret < 0)
		return ret == -EBUSY ? -ENOMEM : ret;
	qp->ib.qp_num = qp_num;
	qp->queue->qp_num = qp_num;
	qp->queue->bell.number = qp_num;
	axe_bell_add(ctx->bells, &qp->queue->bell);
	return 0;
}

static void axe_qp_unpublish(struct axe_qp *qp, struct axe_ucontext *ctx)
{
	axe_queue_stop(qp->queue);
	axe_bell_remove(ctx->bells, &qp->queue->bell);
	axe_bell_wait(&qp->queue->bell);
	xa_erase(&to_axe_dev(qp->ib.device)->qps, qp->ib.qp_num);
}

static int axe_create_queue_qp(struct axe_qp *qp, struct ib_qp_init_attr *attr,
			       struct ib_udata *udata)
{
	struct axe_create_qp_resp resp = {};
	struct axe_create_qp_req req = {};
	struct axe_ucontext *ctx;
	int ret;

	if (!udata)
		return axe_refuse_kernel(to_axe_dev(qp->ib.device), "an accelerator queue");
	ctx = rdma_udata_to_drv_context(udata, struct axe_ucontext, ib);

	ret = axe_qp_check_attr(attr);
	if (ret)
		return ret;
	ret = axe_qp_get_request(udata, &req);
	if (ret)
		return ret;

	qp->state = IB_QPS_RTS;
	qp->queue = axe_queue_alloc();
	if (!qp->queue)
		return -ENOMEM;
	axe_qp_set_params(qp, attr, &req, ctx->turns);
	ret = axe_qp_alloc_ring(qp, attr, udata);
	if (ret)
		goto free_queue;
	axe_queue_init(qp->queue);
	ret = axe_qp_publish(qp, ctx);
	if (ret)
		goto free_ring;

	resp.sq_mmap_offset = axe_shared_offset(qp->queue->mem);
	resp.sq_mmap_length = qp->queue->mem->length;
	resp.sq_slots = qp->queue->slots;
	ret = ib_copy_to_udata(udata, &resp, min(sizeof(resp), udata->outlen));
	if (ret)
		goto unpublish;
	return 0;

unpublish:
	axe_qp_unpublish(qp, ctx);
	axe_queue_destroy(qp->queue);
free_ring:
	axe_shared_free(qp->queue->mem);
free_queue:
	kvfree_rcu(qp->queue, rcu);
	return ret;
}

static int axe_create_qp(struct ib_qp *ib, struct ib_qp_init_attr *attr,
			 struct ib_udata *udata)
{
	struct axe_qp *qp = to_axe_qp(ib);

	mutex_init(&qp->lock);
	qp->signal_all = attr->sq_sig_type == IB_SIGNAL_ALL_WR;
	if (attr->qp_type == IB_QPT_DRIVER)
		return axe_create_queue_qp(qp, attr, udata);
	return axe_peer_create_qp(qp, attr, udata);
}

static void axe_destroy_queue_qp(struct axe_qp *qp, struct ib_udata *udata)
{
	struct axe_ucontext *ctx =
		rdma_udata_to_drv_context(udata, struct axe_ucontext, ib);
	struct axe_queue *q = qp->queue;

	axe_qp_unpublish(qp, ctx);
	axe_queue_destroy(q);

	/* `rdma resource` may still come to see it. */
	mutex_lock(&qp->lock);
	qp->queue = NULL;
	mutex_unlock(&qp->lock);

	axe_shared_free(q->mem);
	kvfree_rcu(q, rcu);
}

static int axe_destroy_qp(struct ib_qp *ib, struct ib_udata *udata)
{
	struct axe_qp *qp = to_axe_qp(ib);

	if (qp->queue)
		axe_destroy_queue_qp(qp, udata);
	else
		axe_peer_destroy_qp(qp, udata);
	return 0;
}

/* Nothing was ever posted: for generic code, which takes a new QP to be in RESET. */
static bool axe_qp_is_fresh(struct axe_qp *qp)
{
	return qp->state == IB_QPS_RTS && !READ_ONCE(qp->queue->head) &&
	       !axe_queue_depth(qp->queue);
}

static int axe_qp_set_state(struct axe_qp *qp, enum ib_qp_state next)
{
	lockdep_assert_held(&qp->lock);
	switch (next) {
	case IB_QPS_RESET:
		axe_queue_set_state(qp->queue, AXE_QUEUE_STOPPED);
		break;
	case IB_QPS_INIT:
	case IB_QPS_RTR:
		if (qp->state > next && !axe_qp_is_fresh(qp))
			return -EINVAL;
		axe_queue_set_state(qp->queue, AXE_QUEUE_STOPPED);
		break;
	case IB_QPS_RTS:
		if (qp->state > IB_QPS_RTS)
			return -EINVAL;
		axe_queue_set_state(qp->queue, AXE_QUEUE_RUNNING);
		break;
	case IB_QPS_ERR:
		axe_queue_set_state(qp->queue, AXE_QUEUE_FLUSHING);
		break;
	default:
		return -EINVAL;
	}
	qp->state = next;
	return 0;
}

/* What an accelerator queue has a use for or can at least remember. */
#define AXE_QP_ATTR_MASK	(IB_QP_STATE | IB_QP_CUR_STATE | IB_QP_PKEY_INDEX | \
				 IB_QP_PORT | IB_QP_QKEY | IB_QP_ACCESS_FLAGS | \
				 IB_QP_SQ_PSN)

static void axe_qp_remember(struct axe_qp *qp, const struct ib_qp_attr *attr, int mask)
{
	lockdep_assert_held(&qp->lock);
	if (mask & IB_QP_PKEY_INDEX)
		qp->attr.pkey_index = attr->pkey_index;
	if (mask & IB_QP_PORT)
		qp->attr.port_num = attr->port_num;
	if (mask & IB_QP_QKEY)
		qp->attr.qkey = attr->qkey;
	if (mask & IB_QP_ACCESS_FLAGS)
		qp->attr.qp_access_flags = attr->qp_access_flags;
	if (mask & IB_QP_SQ_PSN)
		qp->attr.sq_psn = attr->sq_psn;
}

static int axe_modify_queue_qp(struct axe_qp *qp, struct ib_qp_attr *attr, int mask)
{
	int ret = 0;

	lockdep_assert_held(&qp->lock);
	if (mask & ~AXE_QP_ATTR_MASK)
		return -EOPNOTSUPP;
	if (mask & IB_QP_PKEY_INDEX && attr->pkey_index >= AXE_PKEY_TBL_LEN)
		return -EINVAL;

	if (mask & IB_QP_CUR_STATE && attr->cur_qp_state != qp->state)
		ret = -EINVAL;
	if (!ret && mask & IB_QP_STATE)
		ret = axe_qp_set_state(qp, attr->qp_state);
	if (!ret)
		axe_qp_remember(qp, attr, mask);
	return ret;
}

static int axe_modify_qp(struct ib_qp *ib, struct ib_qp_attr *attr, int mask,
			 struct ib_udata *udata)
{
	struct axe_qp *qp = to_axe_qp(ib);
	int ret;

	mutex_lock(&qp->lock);
	if (qp->queue)
		ret = axe_modify_queue_qp(qp, attr, mask);
	else
		ret = axe_peer_modify_qp(qp, attr, mask);
	mutex_unlock(&qp->lock);
	return ret;
}

static int axe_query_qp(struct ib_qp *ib, struct ib_qp_attr *attr, int mask,
			struct ib_qp_init_attr *init_attr)
{
	struct axe_qp *qp = to_axe_qp(ib);

	mutex_lock(&qp->lock);
	*attr = qp->attr;
	attr->qp_state = qp->state;
	if (qp->peer)
		axe_peer_query_qp(qp, attr);
	else if (!qp->queue || READ_ONCE(qp->queue->state) == AXE_QUEUE_BROKEN)
		attr->qp_state = IB_QPS_ERR;
	mutex_unlock(&qp->lock);
	attr->cur_qp_state = attr->qp_state;
	attr->path_mig_state = IB_MIG_MIGRATED;
	attr->cap = qp->cap;

	init_attr->qp_context = ib->qp_context;
	init_attr->send_cq = ib->send_cq;
	init_attr->recv_cq = ib->recv_cq;
	init_attr->srq = ib->srq;
	init_attr->cap = qp->cap;
	init_attr->sq_sig_type = qp->signal_all ? IB_SIGNAL_ALL_WR : IB_SIGNAL_REQ_WR;
	init_attr->qp_type = ib->qp_type;
	return 0;
}

static const char * const axe_mode_names[] = {
	[AXE_QUEUE_AUTO] = "auto",
	[AXE_QUEUE_INLINE] = "inline",
	[AXE_QUEUE_WORKER] = "worker",
	[AXE_QUEUE_POLL] = "poll",
};

static const char * const axe_state_names[] = {
	[AXE_QUEUE_STOPPED] = "stopped",
	[AXE_QUEUE_RUNNING] = "running",
	[AXE_QUEUE_FLUSHING] = "flushing",
	[AXE_QUEUE_BROKEN] = "broken",
};

static const char * const axe_offload_names[] = {
	[AXE_OFFLOAD_AUTO] = "auto",
	[AXE_OFFLOAD_NEVER] = "never",
	[AXE_OFFLOAD_ONLY] = "only",
};

static int axe_fill_queue(struct sk_buff *msg, struct axe_queue *q)
{
	struct nlattr *table;

	table = nla_nest_start(msg, RDMA_NLDEV_ATTR_DRIVER);
	if (!table)
		return -EMSGSIZE;
	if (rdma_nl_put_driver_string(msg, "mode", axe_mode_names[q->mode]) ||
	    rdma_nl_put_driver_string(msg, "queue", axe_state_names[READ_ONCE(q->state)]) ||
	    rdma_nl_put_driver_string(msg, "order", q->unordered ? "none" : "posted") ||
	    rdma_nl_put_driver_string(msg, "offload", axe_offload_names[q->runner.offload]) ||
	    rdma_nl_put_driver_u32(msg, "slots", q->slots) ||
	    rdma_nl_put_driver_u32(msg, "posted", axe_queue_depth(q)) ||
	    rdma_nl_put_driver_u32(msg, "running", READ_ONCE(q->running)) ||
	    rdma_nl_put_driver_u32(msg, "lanes", q->num_lanes)) {
		nla_nest_cancel(msg, table);
		return -EMSGSIZE;
	}
	nla_nest_end(msg, table);
	return 0;
}

/* For `rdma -dd resource show qp`. */
static int axe_fill_res_qp_entry(struct sk_buff *msg, struct ib_qp *ib)
{
	struct axe_qp *qp = to_axe_qp(ib);
	int ret = 0;

	mutex_lock(&qp->lock);
	if (qp->queue)
		ret = axe_fill_queue(msg, qp->queue);
	mutex_unlock(&qp->lock);
	return ret;
}

const struct ib_device_ops axe_qp_ops = {
	.create_qp = axe_create_qp,
	.modify_qp = axe_modify_qp,
	.query_qp = axe_query_qp,
	.destroy_qp = axe_destroy_qp,
	.fill_res_qp_entry = axe_fill_res_qp_entry,

	INIT_RDMA_OBJ_SIZE(ib_qp, axe_qp, ib),
};
