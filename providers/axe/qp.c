// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Queue pairs. Posting is in wr.c. */

#include <errno.h>
#include <stdlib.h>
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
	if (attr->reserved ||
	    !check_comp_mask(attr->comp_mask, AXEDV_QP_INIT_ATTR_MODE |
					      AXEDV_QP_INIT_ATTR_FLAGS |
					      AXEDV_QP_INIT_ATTR_LANES |
					      AXEDV_QP_INIT_ATTR_POLL_USECS |
					      AXEDV_QP_INIT_ATTR_ENGINE))
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
	return 0;
}

/* The kernel wants a receive CQ of any QP. An accelerator queue has no use for one. */
static int axe_cmd_create_driver_qp(struct ibv_context *ibvctx, struct axe_qp *qp,
				    struct ibv_qp_init_attr_ex *attr,
				    struct axe_ucmd_create_qp *cmd,
				    struct axe_ucmd_create_qp_resp *resp)
{
	struct ibv_qp_init_attr_ex driver = *attr;
	int err;

	if (!driver.recv_cq)
		driver.recv_cq = driver.send_cq;
	driver.cap.max_recv_wr = 0;
	driver.cap.max_recv_sge = 0;
	err = ibv_cmd_create_qp_ex(ibvctx, &qp->verbs_qp, &driver, &cmd->ibv_cmd,
				   sizeof(*cmd), &resp->ibv_resp, sizeof(*resp));
	if (err)
		return err;

	attr->cap = driver.cap;
	attr->cap.max_inline_data = AXE_MAX_INLINE;
	qp->verbs_qp.qp.recv_cq = attr->recv_cq;
	return 0;
}

struct ibv_qp *axe_create_driver_qp(struct ibv_context *ibvctx,
				    struct ibv_qp_init_attr_ex *attr,
				    const struct axedv_qp_init_attr *axe_attr)
{
	struct axe_ucmd_create_qp_resp resp = {};
	struct axe_ucmd_create_qp cmd = {};
	struct axe_qp *qp;
	void *map;
	int err;

	if (!axe_driver_attr_ok(attr)) {
		errno = EINVAL;
		return NULL;
	}
	qp = calloc(1, sizeof(*qp));
	if (!qp)
		return NULL;

	err = axe_fill_create_qp(&cmd, axe_attr);
	if (err)
		goto free_qp;
	err = axe_cmd_create_driver_qp(ibvctx, qp, attr, &cmd, &resp);
	if (err)
		goto free_qp;

	map = axe_map_ring(ibvctx, resp.sq_mmap_offset, resp.sq_mmap_length,
			   resp.sq_slots, AXE_SLOT_SIZE);
	if (!map) {
		err = errno;
		goto destroy_qp;
	}
	qp->length = resp.sq_mmap_length;
	qp->doorbell_fd = to_axe_context(ibvctx)->doorbell_fd;
	axe_lock_init(&qp->lock, !to_axe_pd(attr->pd)->td);
	axe_sq_init(&qp->sq, map, resp.sq_slots);
	axe_wr_init(&qp->verbs_qp.qp_ex);
	qp->verbs_qp.comp_mask |= VERBS_QP_EX;
	/* Usable as soon as it is made. */
	qp->verbs_qp.qp.state = IBV_QPS_RTS;
	return &qp->verbs_qp.qp;

destroy_qp:
	ibv_cmd_destroy_qp(&qp->verbs_qp.qp);
free_qp:
	free(qp);
	errno = err;
	return NULL;
}

struct ibv_qp *axe_create_qp_ex(struct ibv_context *ibvctx,
				struct ibv_qp_init_attr_ex *attr)
{
	if (attr->qp_type != IBV_QPT_DRIVER) {
		errno = EOPNOTSUPP;
		return NULL;
	}
	return axe_create_driver_qp(ibvctx, attr, NULL);
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

int axe_modify_qp(struct ibv_qp *ibvqp, struct ibv_qp_attr *attr, int attr_mask)
{
	struct axe_qp *qp = to_axe_qp(ibvqp);
	struct ibv_modify_qp cmd = {};
	int err;

	/* Nobody may publish to a ring that is being emptied. */
	if (!axe_lock(&qp->lock))
		return EBUSY;
	err = ibv_cmd_modify_qp(ibvqp, attr, attr_mask, &cmd, sizeof(cmd));
	if (!err && attr_mask & IBV_QP_STATE) {
		if (attr->qp_state == IBV_QPS_RESET)
			axe_sq_reset(&qp->sq);
		/* libibverbs sets it too, but only after the lock is gone */
		ibvqp->state = attr->qp_state;
	}
	axe_unlock(&qp->lock);
	return err;
}

int axe_query_qp(struct ibv_qp *ibvqp, struct ibv_qp_attr *attr, int attr_mask,
		 struct ibv_qp_init_attr *init_attr)
{
	struct ibv_query_qp cmd;
	int err;

	err = ibv_cmd_query_qp(ibvqp, attr, attr_mask, init_attr, &cmd, sizeof(cmd));
	if (err)
		return err;
	attr->cap.max_inline_data = AXE_MAX_INLINE;
	init_attr->cap.max_inline_data = AXE_MAX_INLINE;
	return 0;
}

int axe_destroy_qp(struct ibv_qp *ibvqp)
{
	struct axe_qp *qp = to_axe_qp(ibvqp);
	int err;

	err = ibv_cmd_destroy_qp(ibvqp);
	if (err)
		return err;
	munmap(qp->sq.hdr, qp->length);
	free(qp);
	return 0;
}
