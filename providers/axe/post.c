// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Posting: what is the same for accelerator queues, peers and receives. */

#include <errno.h>
#include <sched.h>
#include <unistd.h>

#include "post.h"

/**
 * axe_ring_doorbell - ring, if the flags that publishing has returned ask for it
 * @fd:		of the context's doorbell
 * @hdr:	the ring
 * @number:	of the QP or SRQ
 * @ring:	which ring of it
 * @flags:	from axe_ring_publish(), not zero
 *
 * No one is looking at the ring, or something is wrong with it. In the error
 * state, the doorbell has the device flush what was posted.
 *
 * Return: 0 or an errno.
 */
int __attribute__((noinline, cold))
axe_ring_doorbell(int fd, const struct axe_sq_hdr *hdr, uint32_t number,
		  enum axe_doorbell_ring ring, uint32_t flags)
{
	struct axe_doorbell doorbell = { .number = number, .ring = ring };

	if (flags & AXE_SQ_DEAD)
		return EIO;
	if (!(flags & (AXE_SQ_NEED_WAKEUP | AXE_SQ_ERROR)))
		return 0;

	/* What was posted is published: the device has to hear of it. */
	while (write(fd, &doorbell, sizeof(doorbell)) < 0) {
		if (errno == EAGAIN)
			sched_yield();
		else if (errno != EINTR)
			/* A queue of a device on its way out is not found any more. */
			return axe_is_dead(hdr) ? EIO : errno;
	}
	return 0;
}

/* What stands in the way of one more command or work request; 0: nothing does. */
int __attribute__((noinline, cold))
axe_no_slot(struct axe_sq *sq, uint32_t slots, bool refused)
{
	if (refused || sq->lacks)
		return EINVAL;
	return axe_sq_refresh(sq, slots) ? 0 : axe_full(sq->hdr);
}

void axe_wr_start(struct ibv_qp_ex *ibvqp)
{
	struct axe_qp *qp = to_axe_qp_ex(ibvqp);

	if (likely(axe_lock(&qp->lock)))
		axe_begin(qp);
	else
		/* started twice: the inner complete reports it, and ends both */
		axe_set_err(&qp->sq, EINVAL);
}

int axe_wr_complete(struct ibv_qp_ex *ibvqp)
{
	struct axe_qp *qp = to_axe_qp_ex(ibvqp);
	int err;

	if (unlikely(!axe_lock_held(&qp->lock)))
		return EINVAL;

	err = qp->sq.err;
	if (unlikely(!err && qp->sq.lacks))
		err = EINVAL;
	if (likely(!err && qp->sq.last))
		err = axe_publish(qp);
	axe_unlock(&qp->lock);
	return err;
}

void axe_wr_abort(struct ibv_qp_ex *ibvqp)
{
	struct axe_qp *qp = to_axe_qp_ex(ibvqp);

	if (axe_lock_held(&qp->lock))
		axe_unlock(&qp->lock);
}

/* What comes before a bad work request is posted; all of it with one doorbell. */
int axe_post_send(struct ibv_qp *ibvqp, struct ibv_send_wr *wr,
		  struct ibv_send_wr **bad_wr)
{
	struct axe_qp *qp = to_axe_qp(ibvqp);
	struct ibv_send_wr *first = wr;
	int err, rung;

	if (unlikely(!qp->sq.hdr || !axe_lock(&qp->lock))) {
		*bad_wr = wr;
		return EINVAL;
	}

	axe_begin(qp);
	err = qp->sq.err;
	while (wr && !err) {
		err = qp->post_one(qp, wr);
		if (likely(!err))
			wr = wr->next;
	}
	if (unlikely(err))
		*bad_wr = wr;
	if (likely(qp->sq.last)) {
		rung = axe_publish(qp);
		if (unlikely(rung)) {
			*bad_wr = first;
			err = rung;
		}
	}
	axe_unlock(&qp->lock);
	return err;
}
