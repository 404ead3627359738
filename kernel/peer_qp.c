// SPDX-License-Identifier: GPL-2.0
/* Queue pairs that have peers: their verbs. */

#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/slab.h>
#include <rdma/uverbs_ioctl.h>

#include "axe.h"
#include "cq.h"
#include "mmap.h"
#include "peer.h"
#include "peer_qp.h"
#include "qp.h"
#include "region.h"
#include "srq.h"
#include "udata.h"

/* QP 0 and 1 are special. */
#define AXE_QPN_LIMIT	XA_LIMIT(2, AXE_MAX_QP + 1)

static bool axe_peer_has_sq(const struct ib_qp_init_attr *attr)
{
	return attr->qp_type != IB_QPT_XRC_TGT;
}

static bool axe_peer_has_rq(const struct ib_qp_init_attr *attr)
{
	return !attr->srq && attr->qp_type != IB_QPT_XRC_TGT && attr->qp_type != IB_QPT_XRC_INI;
}

static int axe_peer_check_type(const struct axe_dev *dev, const struct ib_qp_init_attr *attr,
			       bool kernel)
{
	switch (attr->qp_type) {
	case IB_QPT_GSI:
		return kernel ? 0 : -EOPNOTSUPP;
	case IB_QPT_RC:
	case IB_QPT_UC:
	case IB_QPT_UD:
		if (!attr->recv_cq)
			return -EINVAL;
		break;
	case IB_QPT_XRC_INI:
		break;
	case IB_QPT_XRC_TGT:
		/* Without udata for programs, too: nothing of it is theirs alone. */
		return attr->xrcd ? 0 : -EINVAL;
	default:
		return -EOPNOTSUPP;
	}
	if (kernel)
		return axe_refuse_kernel(dev, "a QP");
	return attr->send_cq ? 0 : -EINVAL;
}

static int axe_peer_check_attr(const struct ib_qp_init_attr *attr)
{
	const struct ib_qp_cap *cap = &attr->cap;

	if (attr->create_flags || attr->rwq_ind_tbl)
		return -EOPNOTSUPP;
	if (attr->srq && attr->srq->srq_type != IB_SRQT_BASIC)
		return -EINVAL;
	if (axe_peer_has_sq(attr) &&
	    (cap->max_send_wr > AXE_MAX_QP_WR || cap->max_send_sge > AXE_WR_MAX_SGE ||
	     cap->max_inline_data > AXE_WR_MAX_INLINE))
		return -EINVAL;
	if (axe_peer_has_rq(attr) &&
	    (cap->max_recv_wr > AXE_MAX_QP_WR || cap->max_recv_sge > AXE_WR_MAX_SGE))
		return -EINVAL;
	return 0;
}

/* So many requests fit, each as large as it can be. */
static int axe_peer_alloc_sq(struct axe_peer *peer, struct ib_qp_cap *cap,
			     struct axe_ucontext *ctx)
{
	u32 ext;

	cap->max_send_wr = max(cap->max_send_wr, 1U);
	cap->max_send_sge = max(cap->max_send_sge, 1U);
	/* One slot more at least: programs take a little inline data for granted. */
	ext = max3(DIV_ROUND_UP(cap->max_send_sge - 1, AXE_WR_EXT_SGE),
		   DIV_ROUND_UP(cap->max_inline_data, AXE_SLOT_SIZE), 1U);
	cap->max_inline_data = ext * AXE_SLOT_SIZE;
	peer->slots = roundup_pow_of_two(cap->max_send_wr * (1 + ext));
	peer->mem = axe_shared_alloc(ctx, AXE_RING_ENTRIES + (size_t)peer->slots * AXE_SLOT_SIZE);
	if (IS_ERR(peer->mem)) {
		int ret = PTR_ERR(peer->mem);

		peer->mem = NULL;
		return ret;
	}
	peer->hdr = peer->mem->addr;
	peer->turns = ctx ? ctx->turns : NULL;
	return 0;
}

static int axe_peer_alloc_rq(struct axe_peer *peer, struct ib_qp_cap *cap,
			     struct axe_ucontext *ctx)
{
	struct axe_rq *rq = axe_rq_create(peer->dev, ctx, AXE_DOORBELL_RQ, cap->max_recv_wr,
					  cap->max_recv_sge);

	if (IS_ERR(rq))
		return PTR_ERR(rq);
	rq->pd = peer->pd;
	rq->peer = peer;
	cap->max_recv_wr = rq->entries;
	cap->max_recv_sge = rq->max_sge;
	peer->rq = rq;
	return 0;
}

static void axe_peer_free_rings(struct axe_peer *peer)
{
	if (peer->rq && !peer->rq->srq)
		axe_rq_free(peer->rq);
}

static int axe_peer_alloc_rings(struct axe_peer *peer, struct ib_qp_init_attr *attr,
				struct axe_ucontext *ctx)
{
	int ret = 0;

	if (axe_peer_has_sq(attr))
		ret = axe_peer_alloc_sq(peer, &attr->cap, ctx);
	if (!ret && attr->srq)
		peer->rq = to_axe_srq(attr->srq)->rq;
	if (!ret && axe_peer_has_rq(attr))
		ret = axe_peer_alloc_rq(peer, &attr->cap, ctx);
	if (!ret && axe_peer_is_datagram(peer)) {
		peer->bounce = kvzalloc(AXE_BOUNCE_SIZE, GFP_KERNEL_ACCOUNT);
		if (!peer->bounce)
			ret = -ENOMEM;
	}
	if (ret)
		axe_peer_free_rings(peer);
	return ret;
}

static struct axe_peer *axe_peer_make(struct axe_qp *qp, struct ib_qp_init_attr *attr,
				      struct axe_ucontext *ctx)
{
	struct axe_peer *peer = axe_peer_alloc();
	int ret;

	if (!peer)
		return ERR_PTR(-ENOMEM);
	peer->id = axe_qp_id_new();
	peer->dev = to_axe_dev(qp->ib.device);
	peer->ibqp = &qp->ib;
	peer->type = attr->qp_type;
	peer->pd = qp->ib.pd;
	peer->xrcd = attr->xrcd;
	peer->send_cq = attr->send_cq ? to_axe_cq(attr->send_cq) : NULL;
	peer->recv_cq = attr->recv_cq ? to_axe_cq(attr->recv_cq) : NULL;
	peer->signal_all = attr->sq_sig_type == IB_SIGNAL_ALL_WR;
	peer->kernel = !ctx && attr->qp_type == IB_QPT_GSI;
	ret = axe_peer_alloc_rings(peer, attr, ctx);
	if (ret) {
		axe_peer_free(peer);
		return ERR_PTR(ret);
	}
	axe_peer_init(peer);
	return peer;
}

/* Find it a number, and let others find it. */
static int axe_peer_publish(struct axe_peer *peer, struct axe_ucontext *ctx)
{
	struct axe_dev *dev = peer->dev;
	u32 number = 1;
	int ret;

	if (peer->type == IB_QPT_GSI)
		ret = xa_insert(&dev->qps, number, NULL, GFP_KERNEL);
	else
		ret = xa_alloc_cyclic(&dev->qps, &number, NULL, AXE_QPN_LIMIT, &dev->qp_cursor,
				      GFP_KERNEL_ACCOUNT);
	if (ret < 0)
		return ret == -EBUSY ? -ENOMEM : ret;
	peer->bell.number = number;
	peer->ibqp->qp_num = number;
	if (peer->rq && !peer->rq->srq)
		peer->rq->bell.number = number;
	xa_store(&dev->qps, number, peer, GFP_KERNEL);
	if (!ctx)
		return 0;
	if (peer->mem)
		axe_bell_add(ctx->bells, &peer->bell);
	if (peer->rq && !peer->rq->srq)
		axe_bell_add(ctx->bells, &peer->rq->bell);
	return 0;
}

static void axe_peer_unpublish(struct axe_peer *peer, struct axe_ucontext *ctx)
{
	bool has_rq = peer->rq && !peer->rq->srq;

	xa_erase(&peer->dev->qps, axe_peer_num(peer));
	if (ctx && peer->mem)
		axe_bell_remove(ctx->bells, &peer->bell);
	if (ctx && has_rq)
		axe_bell_remove(ctx->bells, &peer->rq->bell);
	if (has_rq)
		axe_bell_wait(&peer->rq->bell);
	axe_peer_stop(peer);
}

static int axe_peer_respond(struct axe_peer *peer, struct ib_udata *udata)
{
	struct axe_create_qp_resp resp = {};

	if (peer->mem) {
		resp.sq_mmap_offset = axe_shared_offset(peer->mem);
		resp.sq_mmap_length = peer->mem->length;
		resp.sq_slots = peer->slots;
	}
	if (peer->rq && !peer->rq->srq) {
		resp.rq_mmap_offset = axe_shared_offset(peer->rq->mem);
		resp.rq_mmap_length = peer->rq->mem->length;
		resp.rq_entries = peer->rq->entries;
		resp.rq_stride = peer->rq->stride;
	}
	return ib_copy_to_udata(udata, &resp, min(sizeof(resp), udata->outlen));
}

/**
 * axe_peer_create_qp - make a QP that has peers
 * @qp:		new
 * @attr:	what is asked for; what is given on return
 * @udata:	NULL: it is for the kernel
 */
int axe_peer_create_qp(struct axe_qp *qp, struct ib_qp_init_attr *attr, struct ib_udata *udata)
{
	struct axe_dev *dev = to_axe_dev(qp->ib.device);
	struct axe_ucontext *ctx = NULL;
	struct axe_peer *peer;
	int ret;

	if (udata) {
		ctx = rdma_udata_to_drv_context(udata, struct axe_ucontext, ib);
		ret = axe_udata_check_tail(udata, 0);
		if (ret)
			return ret;
	}
	ret = axe_peer_check_type(dev, attr, !udata);
	if (!ret)
		ret = axe_peer_check_attr(attr);
	if (ret)
		return ret;

	peer = axe_peer_make(qp, attr, ctx);
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	qp->cap = attr->cap;
	ret = axe_peer_publish(peer, ctx);
	if (ret)
		goto free_peer;
	if (udata)
		ret = axe_peer_respond(peer, udata);
	if (ret)
		goto unpublish;
	qp->peer = peer;
	return 0;

unpublish:
	axe_peer_unpublish(peer, ctx);
free_peer:
	axe_peer_free_rings(peer);
	axe_peer_free(peer);
	return ret;
}

/**
 * axe_peer_destroy_qp - undo the making
 * @qp:		the QP
 * @udata:	NULL: the kernel's
 */
void axe_peer_destroy_qp(struct axe_qp *qp, struct ib_udata *udata)
{
	struct axe_ucontext *ctx = NULL;
	struct axe_peer *peer = qp->peer;

	if (udata)
		ctx = rdma_udata_to_drv_context(udata, struct axe_ucontext, ib);
	axe_peer_unpublish(peer, ctx);

	/* `rdma resource` may still come to see it. */
	mutex_lock(&qp->lock);
	qp->peer = NULL;
	mutex_unlock(&qp->lock);
	axe_peer_free_rings(peer);
	axe_peer_free(peer);
}

/* IBA table 45: the RNR timer's values, in units of 10 us. */
static const u32 axe_rnr_timer[32] = {
	65536, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192,
	256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12288,
	16384, 24576, 32768, 49152,
};

/* IBA 9.7.6.1.3: 4.096 us times a power of two; 0 is for ever. */
static unsigned long axe_ack_timeout(u8 timeout)
{
	return timeout ? nsecs_to_jiffies(4096ULL << timeout) + 1 : 0;
}

static bool axe_attr_in_range(const struct ib_qp_attr *attr, int mask)
{
	if (mask & IB_QP_PORT && attr->port_num != 1)
		return false;
	if (mask & IB_QP_PKEY_INDEX && attr->pkey_index >= AXE_PKEY_TBL_LEN)
		return false;
	if (mask & IB_QP_PATH_MTU &&
	    (attr->path_mtu < IB_MTU_256 || attr->path_mtu > IB_MTU_4096))
		return false;
	if (mask & IB_QP_TIMEOUT && attr->timeout > 31)
		return false;
	if (mask & IB_QP_RETRY_CNT && attr->retry_cnt > 7)
		return false;
	if (mask & IB_QP_RNR_RETRY && attr->rnr_retry > 7)
		return false;
	if (mask & IB_QP_MIN_RNR_TIMER && attr->min_rnr_timer > 31)
		return false;
	if (mask & IB_QP_MAX_QP_RD_ATOMIC && attr->max_rd_atomic > AXE_MAX_RD_ATOMIC)
		return false;
	if (mask & IB_QP_MAX_DEST_RD_ATOMIC && attr->max_dest_rd_atomic > AXE_MAX_RD_ATOMIC)
		return false;
	if (mask & IB_QP_AV && !(rdma_ah_get_ah_flags(&attr->ah_attr) & IB_AH_GRH))
		return false;
	/* There is one path, and it does not migrate. */
	if (mask & IB_QP_ALT_PATH)
		return false;
	return !(mask & IB_QP_PATH_MIG_STATE) || attr->path_mig_state == IB_MIG_MIGRATED;
}

/* A request of before SQD is still under way, on the path that there is. */
static bool axe_peer_drains(struct axe_peer *peer)
{
	bool drains;

	spin_lock(&peer->lock);
	drains = peer->state == IB_QPS_SQD && peer->has_wr;
	spin_unlock(&peer->lock);
	return drains;
}

/* What the data path has a use for. */
static void axe_peer_apply(struct axe_peer *peer, const struct ib_qp_attr *attr, int mask)
{
	spin_lock(&peer->lock);
	if (mask & IB_QP_QKEY)
		peer->qkey = attr->qkey;
	if (mask & IB_QP_ACCESS_FLAGS)
		peer->access = attr->qp_access_flags;
	if (mask & IB_QP_DEST_QPN)
		peer->dest_qp_num = attr->dest_qp_num;
	if (mask & IB_QP_AV) {
		axe_path_set(&peer->path, peer->dev, &attr->ah_attr);
		peer->path_id = axe_qp_id_new();
		WRITE_ONCE(peer->bound, 0);
	}
	if (mask & IB_QP_TIMEOUT)
		peer->timeout = axe_ack_timeout(attr->timeout);
	if (mask & IB_QP_RETRY_CNT)
		peer->retry_cnt = attr->retry_cnt;
	if (mask & IB_QP_RNR_RETRY)
		peer->rnr_retry = attr->rnr_retry;
	if (mask & IB_QP_MIN_RNR_TIMER)
		peer->rnr_delay = usecs_to_jiffies(axe_rnr_timer[attr->min_rnr_timer] * 10);
	if (mask & IB_QP_MAX_DEST_RD_ATOMIC)
		peer->max_dest_rd = attr->max_dest_rd_atomic;
	if (mask & IB_QP_EN_SQD_ASYNC_NOTIFY)
		peer->sqd_event = attr->en_sqd_async_notify;
	spin_unlock(&peer->lock);
}

/* What query is to tell. */
static void axe_peer_remember(struct ib_qp_attr *to, const struct ib_qp_attr *from, int mask)
{
	if (mask & IB_QP_PKEY_INDEX)
		to->pkey_index = from->pkey_index;
	if (mask & IB_QP_PORT)
		to->port_num = from->port_num;
	if (mask & IB_QP_QKEY)
		to->qkey = from->qkey;
	if (mask & IB_QP_ACCESS_FLAGS)
		to->qp_access_flags = from->qp_access_flags;
	if (mask & IB_QP_RQ_PSN)
		to->rq_psn = from->rq_psn;
	if (mask & IB_QP_SQ_PSN)
		to->sq_psn = from->sq_psn;
	if (mask & IB_QP_EN_SQD_ASYNC_NOTIFY)
		to->en_sqd_async_notify = from->en_sqd_async_notify;
}

/* The same of a connection. */
static void axe_peer_remember_path(struct ib_qp_attr *to, const struct ib_qp_attr *from, int mask)
{
	if (mask & IB_QP_AV)
		to->ah_attr = from->ah_attr;
	/* Its reference is the core's. */
	to->ah_attr.grh.sgid_attr = NULL;
	if (mask & IB_QP_DEST_QPN)
		to->dest_qp_num = from->dest_qp_num;
	if (mask & IB_QP_PATH_MTU)
		to->path_mtu = from->path_mtu;
	if (mask & IB_QP_TIMEOUT)
		to->timeout = from->timeout;
	if (mask & IB_QP_RETRY_CNT)
		to->retry_cnt = from->retry_cnt;
	if (mask & IB_QP_RNR_RETRY)
		to->rnr_retry = from->rnr_retry;
	if (mask & IB_QP_MIN_RNR_TIMER)
		to->min_rnr_timer = from->min_rnr_timer;
	if (mask & IB_QP_MAX_QP_RD_ATOMIC)
		to->max_rd_atomic = from->max_rd_atomic;
	if (mask & IB_QP_MAX_DEST_RD_ATOMIC)
		to->max_dest_rd_atomic = from->max_dest_rd_atomic;
}

/**
 * axe_peer_modify_qp - change what a QP is and does
 * @qp:		the QP, locked
 * @attr:	what to change
 * @mask:	of it
 *
 * Return: 0; -EINVAL; -EBUSY for another path before SQ_DRAINED.
 */
int axe_peer_modify_qp(struct axe_qp *qp, struct ib_qp_attr *attr, int mask)
{
	struct axe_peer *peer = qp->peer;
	enum ib_qp_state cur = READ_ONCE(peer->state);
	enum ib_qp_state next = mask & IB_QP_STATE ? attr->qp_state : cur;

	lockdep_assert_held(&qp->lock);
	if (mask & IB_QP_CUR_STATE && attr->cur_qp_state != cur)
		return -EINVAL;
	if (mask & ~IB_QP_ATTR_STANDARD_BITS ||
	    !ib_modify_qp_is_ok(cur, next, peer->type, mask) || !axe_attr_in_range(attr, mask))
		return -EINVAL;
	if (mask & IB_QP_AV && axe_peer_drains(peer))
		return -EBUSY;

	axe_peer_remember(&qp->attr, attr, mask);
	axe_peer_remember_path(&qp->attr, attr, mask);
	axe_peer_apply(peer, attr, mask);
	if (mask & IB_QP_STATE)
		axe_peer_set_state(peer, next);
	if (next == IB_QPS_RESET)
		memset(&qp->attr, 0, sizeof(qp->attr));
	return 0;
}

/**
 * axe_peer_query_qp - what it is at present
 * @qp:		the QP, locked
 * @attr:	its state is filled in
 */
void axe_peer_query_qp(struct axe_qp *qp, struct ib_qp_attr *attr)
{
	struct axe_peer *peer = qp->peer;

	lockdep_assert_held(&qp->lock);
	spin_lock(&peer->lock);
	attr->qp_state = peer->state;
	if (READ_ONCE(peer->failed) && peer->state != IB_QPS_RESET)
		attr->qp_state = IB_QPS_ERR;
	attr->sq_draining = peer->state == IB_QPS_SQD && peer->active;
	spin_unlock(&peer->lock);
}
