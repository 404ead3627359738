// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Queue pairs. Posting is in post.c, wr.c (accelerators), peer.c (peers), recv.c. */

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "axe.h"
#include "axe-abi.h"

static bool axe_driver_attr_ok(const struct ibv_qp_init_attr_ex *attr)
{
	if (!check_comp_mask(attr->comp_mask, IBV_QP_INIT_ATTR_PD |
					      IBV_QP_INIT_ATTR_SEND_OPS_FLAGS))
		return false;
	if (!(attr->comp_mask & IBV_QP_INIT_ATTR_PD) || !attr->pd || !attr->send_cq)
		return false;
	/* Of the standard builders, the one that carries a capsule. */
	if (attr->comp_mask & IBV_QP_INIT_ATTR_SEND_OPS_FLAGS &&
	    attr->send_ops_flags & ~(uint64_t)IBV_QP_EX_WITH_SEND)
		return false;
	return !attr->srq && attr->cap.max_inline_data <= AXE_MAX_INLINE;
}

static int axe_fill_create_qp(struct axe_ucmd_create_qp *cmd,
			      const struct axedv_qp_init_attr *attr)
{
	if (!attr)
		return 0;
	if (attr->reserved[0] | attr->reserved[1] | attr->reserved[2] ||
	    !check_comp_mask(attr->comp_mask, AXEDV_QP_INIT_ATTR_MODE |
					      AXEDV_QP_INIT_ATTR_FLAGS |
					      AXEDV_QP_INIT_ATTR_LANES |
					      AXEDV_QP_INIT_ATTR_POLL_USECS |
					      AXEDV_QP_INIT_ATTR_ENGINE |
					      AXEDV_QP_INIT_ATTR_OFFLOAD))
		return EINVAL;

	if (attr->comp_mask & AXEDV_QP_INIT_ATTR_MODE)
		cmd->mode = attr->mode;
	if (attr->comp_mask & AXEDV_QP_INIT_ATTR_FLAGS)
		cmd->flags = attr->flags;
	if (attr->comp_mask & AXEDV_QP_INIT_ATTR_LANES)
		cmd->lanes = attr->lanes;
	if (attr->comp_mask & AXEDV_QP_INIT_ATTR_POLL_USECS)
		cmd->poll_usecs = attr->poll_usecs;
	if (attr->comp_mask & AXEDV_QP_INIT_ATTR_ENGINE) {
		if (attr->engine == UINT32_MAX)
			return EINVAL;
		cmd->engine = attr->engine + 1;
	}
	if (attr->comp_mask & AXEDV_QP_INIT_ATTR_OFFLOAD)
		cmd->offload = attr->offload;
	return 0;
}

/* The rings that the kernel has made: either may be missing. */
static int axe_map_qp(struct ibv_context *ibvctx, struct axe_qp *qp,
		      const struct axe_ucmd_create_qp_resp *resp)
{
	void *map;
	int err;

	if (resp->sq_slots) {
		map = axe_map_ring(ibvctx, resp->sq_mmap_offset, resp->sq_mmap_length,
				   resp->sq_slots, AXE_SLOT_SIZE);
		if (!map)
			return errno;
		qp->length = resp->sq_mmap_length;
		axe_sq_init(&qp->sq, map, resp->sq_slots);
	}
	if (resp->rq_entries) {
		err = axe_map_rq(ibvctx, &qp->rq, resp->rq_mmap_offset,
				 resp->rq_mmap_length, resp->rq_entries,
				 resp->rq_stride);
		if (err) {
			if (qp->sq.hdr)
				munmap(qp->sq.hdr, qp->length);
			return err;
		}
	}
	return 0;
}

/* @attr is one of the caller's own: its cap becomes what the kernel has made of it. */
static struct axe_qp *axe_new_qp(struct ibv_context *ibvctx,
				 struct ibv_qp_init_attr_ex *attr,
				 struct axe_ucmd_create_qp *cmd)
{
	struct axe_ucmd_create_qp_resp resp = {};
	struct axe_origin origin;
	struct axe_qp *qp;
	int err;

	qp = axe_object_alloc(attr->pd, sizeof(*qp), AXEDV_RES_TYPE_QP, &origin);
	if (!qp)
		return NULL;
	qp->origin = origin;

	err = ibv_cmd_create_qp_ex(ibvctx, &qp->verbs_qp, attr, &cmd->ibv_cmd,
				   sizeof(*cmd), &resp.ibv_resp, sizeof(resp));
	if (err)
		goto free_qp;
	err = axe_map_qp(ibvctx, qp, &resp);
	if (err)
		goto destroy_qp;

	qp->doorbell_fd = to_axe_context(ibvctx)->doorbell_fd;
	axe_lock_init(&qp->lock, axe_object_shared(&origin));
	axe_lock_init(&qp->rq_lock, axe_object_shared(&origin));
	return qp;

destroy_qp:
	ibv_cmd_destroy_qp(&qp->verbs_qp.qp);
free_qp:
	axe_object_free(qp, AXEDV_RES_TYPE_QP, &origin);
	errno = err;
	return NULL;
}

struct ibv_qp *axe_create_driver_qp(struct ibv_context *ibvctx,
				    struct ibv_qp_init_attr_ex *attr,
				    const struct axedv_qp_init_attr *axe_attr)
{
	struct ibv_qp_init_attr_ex driver = *attr;
	struct axe_ucmd_create_qp cmd = {};
	struct axe_qp *qp;

	errno = axe_driver_attr_ok(attr) ? axe_fill_create_qp(&cmd, axe_attr) : EINVAL;
	if (errno)
		return NULL;

	/* The kernel wants a receive CQ of any QP. An accelerator queue has no use for one. */
	if (!driver.recv_cq)
		driver.recv_cq = driver.send_cq;
	driver.cap.max_recv_wr = 0;
	driver.cap.max_recv_sge = 0;
	qp = axe_new_qp(ibvctx, &driver, &cmd);
	if (!qp)
		return NULL;

	attr->cap = driver.cap;
	attr->cap.max_inline_data = AXE_MAX_INLINE;
	qp->verbs_qp.qp.recv_cq = attr->recv_cq;
	axe_wr_init(qp);
	/* Usable as soon as it is made. */
	qp->verbs_qp.qp.state = IBV_QPS_RTS;
	return &qp->verbs_qp.qp;
}

static int axe_check_peer_attr(const struct ibv_qp_init_attr_ex *attr)
{
	uint32_t send_ops = axe_peer_send_ops(attr->qp_type);

	if (!send_ops && attr->qp_type != IBV_QPT_XRC_RECV)
		return EOPNOTSUPP;
	if (!check_comp_mask(attr->comp_mask, IBV_QP_INIT_ATTR_PD |
					      IBV_QP_INIT_ATTR_XRCD |
					      IBV_QP_INIT_ATTR_CREATE_FLAGS |
					      IBV_QP_INIT_ATTR_SEND_OPS_FLAGS))
		return EOPNOTSUPP;
	if (attr->comp_mask & IBV_QP_INIT_ATTR_CREATE_FLAGS && attr->create_flags)
		return EOPNOTSUPP;
	if (attr->comp_mask & IBV_QP_INIT_ATTR_SEND_OPS_FLAGS &&
	    attr->send_ops_flags & ~(uint64_t)send_ops)
		return EOPNOTSUPP;

	if (attr->qp_type == IBV_QPT_XRC_RECV)
		return attr->comp_mask & IBV_QP_INIT_ATTR_XRCD && attr->xrcd ? 0 : EINVAL;
	if (!(attr->comp_mask & IBV_QP_INIT_ATTR_PD) || !attr->pd || !attr->send_cq)
		return EINVAL;
	return attr->recv_cq || attr->qp_type == IBV_QPT_XRC_SEND ? 0 : EINVAL;
}

/* What the kernel is asked for, where that is not what the application asked for. */
static void axe_adapt_peer_attr(struct ibv_qp_init_attr_ex *attr)
{
	attr->comp_mask &= ~IBV_QP_INIT_ATTR_CREATE_FLAGS;
	if (attr->qp_type == IBV_QPT_XRC_RECV) {
		/* It has no queues, and belongs to no PD. */
		attr->pd = NULL;
		attr->send_cq = NULL;
		attr->recv_cq = NULL;
		attr->srq = NULL;
		memset(&attr->cap, 0, sizeof(attr->cap));
		return;
	}
	if (attr->qp_type == IBV_QPT_XRC_SEND)
		attr->srq = NULL;
	/* ibv_wr_atomic_write() brings its data along, without saying so before. */
	if (attr->comp_mask & IBV_QP_INIT_ATTR_SEND_OPS_FLAGS &&
	    attr->send_ops_flags & IBV_QP_EX_WITH_ATOMIC_WRITE &&
	    attr->cap.max_inline_data < sizeof(uint64_t))
		attr->cap.max_inline_data = sizeof(uint64_t);
}

static struct ibv_qp *axe_create_peer_qp(struct ibv_context *ibvctx,
					 struct ibv_qp_init_attr_ex *attr)
{
	struct ibv_qp_init_attr_ex peer = *attr;
	struct axe_ucmd_create_qp cmd = {};
	struct axe_qp *qp;

	errno = axe_check_peer_attr(attr);
	if (errno)
		return NULL;
	axe_adapt_peer_attr(&peer);
	qp = axe_new_qp(ibvctx, &peer, &cmd);
	if (!qp)
		return NULL;

	attr->cap = peer.cap;
	qp->send_ops = axe_peer_send_ops(attr->qp_type);
	qp->post_one = axe_peer_post_one;
	qp->max_sge = peer.cap.max_send_sge;
	qp->max_inline = peer.cap.max_inline_data;
	/* The ring's size is a power of two; what the application was told counts. */
	if (qp->rq.size > peer.cap.max_recv_wr)
		qp->rq.size = peer.cap.max_recv_wr;
	if (qp->rq.max_sge > peer.cap.max_recv_sge)
		qp->rq.max_sge = peer.cap.max_recv_sge;
	if (attr->comp_mask & IBV_QP_INIT_ATTR_SEND_OPS_FLAGS)
		axe_peer_wr_init(qp, attr->send_ops_flags);
	return &qp->verbs_qp.qp;
}

struct ibv_qp *axe_create_qp_ex(struct ibv_context *ibvctx,
				struct ibv_qp_init_attr_ex *attr)
{
	if (attr->qp_type == IBV_QPT_DRIVER)
		return axe_create_driver_qp(ibvctx, attr, NULL);
	return axe_create_peer_qp(ibvctx, attr);
}

struct ibv_qp *axe_create_qp(struct ibv_pd *ibvpd, struct ibv_qp_init_attr *attr)
{
	struct ibv_qp_init_attr_ex attr_ex = {
		.qp_context = attr->qp_context,
		.send_cq = attr->send_cq,
		.recv_cq = attr->recv_cq,
		.srq = attr->srq,
		.cap = attr->cap,
		.qp_type = attr->qp_type,
		.sq_sig_all = attr->sq_sig_all,
		.comp_mask = IBV_QP_INIT_ATTR_PD,
		.pd = ibvpd,
	};
	struct ibv_qp *ibvqp;

	ibvqp = axe_create_qp_ex(ibvpd->context, &attr_ex);
	if (ibvqp)
		attr->cap = attr_ex.cap;
	return ibvqp;
}

/* Another's XRC target: it can be modified and queried here, not posted to. */
struct ibv_qp *axe_open_qp(struct ibv_context *ibvctx,
			   struct ibv_qp_open_attr *attr)
{
	struct ib_uverbs_create_qp_resp resp;
	struct axe_origin origin;
	struct ibv_open_qp cmd = {};
	struct axe_qp *qp;
	int err;

	qp = axe_object_alloc(NULL, sizeof(*qp), AXEDV_RES_TYPE_QP, &origin);
	if (!qp)
		return NULL;
	err = ibv_cmd_open_qp(ibvctx, &qp->verbs_qp, sizeof(qp->verbs_qp), attr, &cmd,
			      sizeof(cmd), &resp, sizeof(resp));
	if (err) {
		axe_object_free(qp, AXEDV_RES_TYPE_QP, &origin);
		errno = err;
		return NULL;
	}
	axe_lock_init(&qp->lock, true);
	axe_lock_init(&qp->rq_lock, true);
	return &qp->verbs_qp.qp;
}

/* The device has let go of both rings: what was posted is forgotten. */
static void axe_reset_rings(struct axe_qp *qp)
{
	if (qp->sq.hdr)
		axe_sq_reset(&qp->sq);
	if (qp->rq.hdr)
		axe_ring_reset(qp->rq.hdr);
}

/* What it completed in its earlier life would puzzle whoever polls in the next. */
static void axe_forget_completions(struct ibv_qp *ibvqp)
{
	if (ibvqp->send_cq)
		axe_cq_forget(to_axe_cq(ibvqp->send_cq), ibvqp->qp_num);
	if (ibvqp->recv_cq && ibvqp->recv_cq != ibvqp->send_cq)
		axe_cq_forget(to_axe_cq(ibvqp->recv_cq), ibvqp->qp_num);
}

int axe_modify_qp(struct ibv_qp *ibvqp, struct ibv_qp_attr *attr, int attr_mask)
{
	struct axe_qp *qp = to_axe_qp(ibvqp);
	struct ibv_modify_qp cmd = {};
	int err;

	/* Nobody may publish to a ring that is being emptied. */
	if (!axe_lock(&qp->lock))
		return EBUSY;
	axe_lock(&qp->rq_lock);
	err = ibv_cmd_modify_qp(ibvqp, attr, attr_mask, &cmd, sizeof(cmd));
	if (!err && attr_mask & IBV_QP_STATE) {
		if (attr->qp_state == IBV_QPS_RESET) {
			axe_reset_rings(qp);
			axe_forget_completions(ibvqp);
		}
		/* libibverbs sets it too, but only after the lock is gone */
		ibvqp->state = attr->qp_state;
	}
	axe_unlock(&qp->rq_lock);
	axe_unlock(&qp->lock);
	return err;
}

int axe_query_qp(struct ibv_qp *ibvqp, struct ibv_qp_attr *attr, int attr_mask,
		 struct ibv_qp_init_attr *init_attr)
{
	struct ibv_query_qp cmd;
	int err;

	err = ibv_cmd_query_qp(ibvqp, attr, attr_mask, init_attr, &cmd, sizeof(cmd));
	if (err || ibvqp->qp_type != IBV_QPT_DRIVER)
		return err;
	attr->cap.max_inline_data = AXE_MAX_INLINE;
	init_attr->cap.max_inline_data = AXE_MAX_INLINE;
	return 0;
}

int axe_destroy_qp(struct ibv_qp *ibvqp)
{
	struct axe_qp *qp = to_axe_qp(ibvqp);
	struct axe_origin origin = qp->origin;
	int err;

	err = ibv_cmd_destroy_qp(ibvqp);
	if (err)
		return err;
	if (qp->sq.hdr)
		munmap(qp->sq.hdr, qp->length);
	if (qp->rq.hdr)
		munmap(qp->rq.hdr, qp->rq.length);
	axe_object_free(qp, AXEDV_RES_TYPE_QP, &origin);
	return 0;
}
