// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Posting receives, to a QP's own ring and to a shared one. */

#include <endian.h>
#include <errno.h>

#include "post.h"

static inline void axe_put_recv(struct axe_recv_wr *entry, const struct ibv_recv_wr *wr)
{
	int i;

	entry->wr_id = htole64(wr->wr_id);
	entry->num_sge = htole32(wr->num_sge);
	entry->reserved = 0;
	for (i = 0; i < wr->num_sge; i++)
		axe_set_buf(&entry->sge[i], &wr->sg_list[i]);
}

/*
 * Post a list; what comes before a bad one is posted. The flags that publishing
 * has returned are left in @flags.
 */
static inline int axe_rq_post(struct axe_rq *rq, struct ibv_recv_wr *wr,
			      struct ibv_recv_wr **bad_wr, uint32_t *flags)
{
	uint32_t first = rq->hdr->tail;
	uint32_t tail = first;
	uint32_t limit = axe_ring_head(rq->hdr) + rq->size;
	int err = 0;

	*flags = 0;
	for (; wr; wr = wr->next) {
		if (unlikely(wr->num_sge < 0 || wr->num_sge > rq->max_sge))
			err = EINVAL;
		else if (unlikely((int32_t)(limit - tail) <= 0))
			err = axe_full(rq->hdr);
		if (unlikely(err)) {
			*bad_wr = wr;
			break;
		}
		axe_put_recv(axe_rq_entry(rq, tail), wr);
		tail++;
	}
	if (likely(tail != first))
		*flags = axe_ring_publish(rq->hdr, tail);
	return err;
}

/* In any state but RESET: in INIT nothing arrives yet, in ERR it is flushed. */
int axe_post_recv(struct ibv_qp *ibvqp, struct ibv_recv_wr *wr,
		  struct ibv_recv_wr **bad_wr)
{
	struct axe_qp *qp = to_axe_qp(ibvqp);
	struct ibv_recv_wr *first = wr;
	uint32_t flags = 0;
	int err, rung;

	if (unlikely(!qp->rq.hdr)) {
		*bad_wr = wr;
		return ibvqp->qp_type == IBV_QPT_DRIVER ? EOPNOTSUPP : EINVAL;
	}
	if (unlikely(!axe_lock(&qp->rq_lock))) {
		*bad_wr = wr;
		return EINVAL;
	}

	if (unlikely(ibvqp->state == IBV_QPS_RESET)) {
		*bad_wr = wr;
		err = EINVAL;
	} else {
		err = axe_rq_post(&qp->rq, wr, bad_wr, &flags);
	}
	if (unlikely(flags)) {
		rung = axe_ring_doorbell(qp->doorbell_fd, qp->rq.hdr, ibvqp->qp_num,
					 AXE_DOORBELL_RQ, flags);
		if (rung) {
			*bad_wr = first;
			err = rung;
		}
	}
	axe_unlock(&qp->rq_lock);
	return err;
}

int axe_post_srq_recv(struct ibv_srq *ibvsrq, struct ibv_recv_wr *wr,
		      struct ibv_recv_wr **bad_wr)
{
	struct axe_srq *srq = to_axe_srq(ibvsrq);
	struct ibv_recv_wr *first = wr;
	uint32_t flags;
	int err, rung;

	if (unlikely(!axe_lock(&srq->lock))) {
		*bad_wr = wr;
		return EINVAL;
	}

	err = axe_rq_post(&srq->rq, wr, bad_wr, &flags);
	if (unlikely(flags)) {
		rung = axe_ring_doorbell(to_axe_context(ibvsrq->context)->doorbell_fd,
					 srq->rq.hdr, srq->srqn, AXE_DOORBELL_SRQ,
					 flags);
		if (rung) {
			*bad_wr = first;
			err = rung;
		}
	}
	axe_unlock(&srq->lock);
	return err;
}
