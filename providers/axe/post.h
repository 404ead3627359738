/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * What the two kinds of send queues share: the steps between ibv_wr_start() and
 * ibv_wr_complete(), and what ibv_post_send() has in common with them.
 *
 * A builder writes a command (wr.c) or a work request (peer.c) straight into its
 * slot of the ring. The device sees nothing of it before the tail is published;
 * to abort is to forget.
 */
#ifndef AXE_POST_H
#define AXE_POST_H

#include "axe.h"

/* In axe_sq.lacks: what the last builder called still waits for. */
enum axe_lacks {
	AXE_LACKS_DATA	= 1 << 0,	/* a scatter list, or inline data */
	AXE_LACKS_ADDR	= 1 << 1,	/* UD: the address; XRC: the SRQ's number */
};

static_assert(IBV_SEND_SIGNALED == AXE_CMD_SIGNALED << 1 &&
	      IBV_SEND_SOLICITED == AXE_CMD_SOLICITED << 1 &&
	      IBV_SEND_FENCE << 2 == AXE_CMD_FENCE, "axe_send_flags() shifts");
static_assert((int)AXE_WR_SIGNALED == (int)AXE_CMD_SIGNALED &&
	      (int)AXE_WR_SOLICITED == (int)AXE_CMD_SOLICITED &&
	      (int)AXE_WR_FENCE == (int)AXE_CMD_FENCE,
	      "work requests have these flags where commands do");

/* Three of enum ibv_send_flags, to those of enum axe_cmd_flags and axe_wr_flags. */
static inline uint32_t axe_send_flags(unsigned int flags)
{
	return ((flags >> 1) & (AXE_CMD_SIGNALED | AXE_CMD_SOLICITED)) |
	       ((flags << 2) & AXE_CMD_FENCE);
}

static inline int axe_set_err(struct axe_sq *sq, int err)
{
	if (!sq->err)
		sq->err = err;
	return err;
}

/* The lock is held: begin behind what is published. */
static inline void axe_begin(struct axe_qp *qp)
{
	enum ibv_qp_state state = qp->verbs_qp.qp.state;
	struct axe_sq *sq = &qp->sq;

	sq->tail = sq->hdr->tail;
	sq->last = NULL;
	sq->lacks = 0;
	/* In the error state, it is posted to be flushed. */
	sq->err = likely(state >= IBV_QPS_RTS && state <= IBV_QPS_ERR) ? 0 : EINVAL;
}

static inline int axe_publish(struct axe_qp *qp)
{
	uint32_t flags = axe_ring_publish(qp->sq.hdr, qp->sq.tail);

	return likely(!flags) ? 0 :
	       axe_ring_doorbell(qp->doorbell_fd, qp->sq.hdr,
				 qp->verbs_qp.qp.qp_num, AXE_DOORBELL_SQ, flags);
}

/* Why a ring has no room: it is full. Of a device that is gone, it will be for ever. */
static inline int axe_full(const struct axe_sq_hdr *hdr)
{
	return axe_is_dead(hdr) ? EIO : ENOMEM;
}

int axe_no_slot(struct axe_sq *sq, uint32_t slots, bool refused);

/*
 * The first of @slots slots for something new, or NULL with the error noted. An
 * earlier error does not matter: then nothing will be published.
 */
static inline void *axe_next_slot(struct axe_sq *sq, uint32_t slots, bool refused)
{
	void *slot;

	if (unlikely((int32_t)(sq->limit - sq->tail) < (int32_t)slots || refused ||
		     sq->err || sq->lacks)) {
		int err = axe_no_slot(sq, slots, refused);

		if (err) {
			axe_set_err(sq, err);
			return NULL;
		}
	}
	slot = axe_sq_slot(sq, sq->tail);
	sq->tail += slots;
	sq->last = slot;
	return slot;
}

static inline void axe_set_buf(struct axe_buf *buf, const struct ibv_sge *sge)
{
	buf->addr = htole64(sge->addr);
	buf->length = htole32(sge->length);
	buf->key = htole32(sge->lkey);
}

#endif
