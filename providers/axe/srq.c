// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Shared receive queues. Posting is in recv.c. */

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "axe.h"
#include "axe-abi.h"

static struct ibv_srq *axe_do_create_srq(struct ibv_context *ibvctx,
					 struct ibv_srq_init_attr_ex *attr)
{
	struct axe_ucmd_create_srq_resp resp = {};
	struct axe_ucmd_create_srq cmd = {};
	struct axe_origin origin;
	struct axe_srq *srq;
	int err;

	srq = axe_object_alloc(attr->pd, sizeof(*srq), AXEDV_RES_TYPE_SRQ, &origin);
	if (!srq)
		return NULL;
	srq->origin = origin;

	err = ibv_cmd_create_srq_ex(ibvctx, &srq->verbs_srq, attr, &cmd.ibv_cmd,
				    sizeof(cmd), &resp.ibv_resp, sizeof(resp));
	if (err)
		goto free_srq;
	err = axe_map_rq(ibvctx, &srq->rq, resp.mmap_offset, resp.mmap_length,
			 resp.entries, resp.stride);
	if (err)
		goto destroy_srq;

	axe_lock_init(&srq->lock, axe_object_shared(&origin));
	srq->srqn = resp.srqn;
	/* ibv_create_srq() sets these two as well, ibv_create_srq_ex() does not. */
	srq->verbs_srq.srq.pd = attr->pd;
	srq->verbs_srq.srq.srq_context = attr->srq_context;
	return &srq->verbs_srq.srq;

destroy_srq:
	ibv_cmd_destroy_srq(&srq->verbs_srq.srq);
free_srq:
	axe_object_free(srq, AXEDV_RES_TYPE_SRQ, &origin);
	errno = err;
	return NULL;
}

struct ibv_srq *axe_create_srq_ex(struct ibv_context *ibvctx,
				  struct ibv_srq_init_attr_ex *attr)
{
	if (!check_comp_mask(attr->comp_mask, IBV_SRQ_INIT_ATTR_TYPE |
					      IBV_SRQ_INIT_ATTR_PD |
					      IBV_SRQ_INIT_ATTR_XRCD |
					      IBV_SRQ_INIT_ATTR_CQ)) {
		errno = EOPNOTSUPP;
		return NULL;
	}
	if (!(attr->comp_mask & IBV_SRQ_INIT_ATTR_PD)) {
		errno = EINVAL;
		return NULL;
	}
	if (attr->comp_mask & IBV_SRQ_INIT_ATTR_TYPE &&
	    attr->srq_type != IBV_SRQT_BASIC && attr->srq_type != IBV_SRQT_XRC) {
		errno = EOPNOTSUPP;
		return NULL;
	}
	return axe_do_create_srq(ibvctx, attr);
}

struct ibv_srq *axe_create_srq(struct ibv_pd *ibvpd,
			       struct ibv_srq_init_attr *attr)
{
	struct ibv_srq_init_attr_ex attr_ex = {
		.srq_context = attr->srq_context,
		.attr = attr->attr,
		.comp_mask = IBV_SRQ_INIT_ATTR_PD | IBV_SRQ_INIT_ATTR_TYPE,
		.srq_type = IBV_SRQT_BASIC,
		.pd = ibvpd,
	};
	struct ibv_srq *ibvsrq;

	ibvsrq = axe_do_create_srq(ibvpd->context, &attr_ex);
	if (ibvsrq)
		attr->attr = attr_ex.attr;
	return ibvsrq;
}

/*
 * The kernel has moved the receives that it had not taken to the start of a new
 * ring, in order, and takes from there from now on. If that cannot be mapped,
 * the SRQ is lost: let the old ring say so.
 */
static int axe_move_srq(struct axe_srq *srq, const struct axe_create_srq_resp *resp)
{
	struct axe_rq old = srq->rq;
	int err;

	err = axe_map_rq(srq->verbs_srq.srq.context, &srq->rq, resp->mmap_offset,
			 resp->mmap_length, resp->entries, resp->stride);
	if (err) {
		__atomic_fetch_or(&old.hdr->flags, AXE_SQ_DEAD, __ATOMIC_RELAXED);
		return err;
	}
	munmap(old.hdr, old.length);
	return 0;
}

int axe_modify_srq(struct ibv_srq *ibvsrq, struct ibv_srq_attr *attr, int attr_mask)
{
	struct axe_srq *srq = to_axe_srq(ibvsrq);
	struct axe_create_srq_resp resp = {};
	struct axe_ucmd_modify_srq cmd = {};
	int err;

	/* Nobody may post to a ring that the kernel is copying. */
	if (!axe_lock(&srq->lock))
		return EBUSY;
	if (attr_mask & IBV_SRQ_MAX_WR)
		cmd.resp_addr = (uintptr_t)&resp;
	err = ibv_cmd_modify_srq(ibvsrq, attr, attr_mask, &cmd.ibv_cmd, sizeof(cmd));
	if (!err && attr_mask & IBV_SRQ_MAX_WR)
		err = axe_move_srq(srq, &resp);
	axe_unlock(&srq->lock);
	return err;
}

int axe_query_srq(struct ibv_srq *ibvsrq, struct ibv_srq_attr *attr)
{
	struct ibv_query_srq cmd;

	return ibv_cmd_query_srq(ibvsrq, attr, &cmd, sizeof(cmd));
}

/* Peers name an SRQ by number only if it is one of XRC. */
int axe_get_srq_num(struct ibv_srq *ibvsrq, uint32_t *srq_num)
{
	struct axe_srq *srq = to_axe_srq(ibvsrq);

	if (srq->verbs_srq.srq_type != IBV_SRQT_XRC)
		return EINVAL;
	*srq_num = srq->verbs_srq.srq_num;
	return 0;
}

int axe_destroy_srq(struct ibv_srq *ibvsrq)
{
	struct axe_srq *srq = to_axe_srq(ibvsrq);
	struct axe_origin origin = srq->origin;
	int err;

	err = ibv_cmd_destroy_srq(ibvsrq);
	if (err)
		return err;
	munmap(srq->rq.hdr, srq->rq.length);
	axe_object_free(srq, AXEDV_RES_TYPE_SRQ, &origin);
	return 0;
}
