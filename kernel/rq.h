/* SPDX-License-Identifier: GPL-2.0 */
/* Receive rings, of a QP or an SRQ. */
#ifndef AXE_RQ_H
#define AXE_RQ_H

#include <linux/spinlock.h>
#include <linux/types.h>
#include <rdma/axe-ring.h>
#include <rdma/ib_verbs.h>

#include "bell.h"

struct axe_cq;
struct axe_dev;
struct axe_peer;
struct axe_shared;
struct axe_ucontext;

/**
 * struct axe_recv - a receive as the device has copied it
 * @wr_id:	of who posted it
 * @num_sge:	of @sge
 * @length:	bytes that fit
 * @sge:	where they go
 */
struct axe_recv {
	u64 wr_id;
	u32 num_sge;
	u64 length;
	struct axe_buf sge[AXE_WR_MAX_SGE];
};

/**
 * struct axe_rq - a receive ring
 * @bell:	how doorbells, and senders to an XRC SRQ, find it
 * @rcu:	who found it may still look at it when it is freed
 * @dev:	the device
 * @pd:		where the keys of receives are looked up
 * @srq:	NULL: the ring of @peer
 * @peer:	the QP it belongs to; NULL: @srq's ring
 * @xrcd:	XRC: its domain
 * @cq:		XRC: where completions go
 * @max_sge:	of a receive
 * @stride:	bytes of an entry
 * @lock:	protects all that follows
 * @mem:	the ring
 * @hdr:	its head, shared with the process
 * @entries:	how many, a power of two
 * @head:	the first entry not taken; what is in @hdr is only told to the process
 * @limit:	of an SRQ: an event is due when fewer are posted; 0: none
 * @broken:	the ring makes no sense
 */
struct axe_rq {
	struct axe_bell bell;
	struct rcu_head rcu;
	struct axe_dev *dev;
	struct ib_pd *pd;
	struct ib_srq *srq;
	struct axe_peer *peer;
	struct ib_xrcd *xrcd;
	struct axe_cq *cq;
	u32 max_sge;
	u32 stride;

	spinlock_t lock;	/* see above */
	struct axe_shared *mem;
	struct axe_sq_hdr *hdr;
	u32 entries;
	u32 head;
	u32 limit;
	bool broken;
};

struct axe_rq *axe_rq_create(struct axe_dev *dev, struct axe_ucontext *ctx, u32 ring,
			     u32 max_wr, u32 max_sge);
void axe_rq_free(struct axe_rq *rq);
void axe_rq_reset(struct axe_rq *rq);
struct axe_shared *axe_rq_prepare_resize(struct axe_rq *rq, struct axe_ucontext *ctx,
					 u32 max_wr, u32 *entries);
int axe_rq_resize(struct axe_rq *rq, struct axe_shared *mem, u32 entries);
int axe_rq_set_limit(struct axe_rq *rq, u32 limit);
void axe_rq_set_flags(struct axe_rq *rq, u32 flags);
void axe_rq_doorbell(struct axe_rq *rq);

bool axe_rq_peek(struct axe_rq *rq, struct axe_recv *recv);
void axe_rq_consume(struct axe_rq *rq);
bool axe_rq_take(struct axe_rq *rq, struct axe_recv *recv);
bool axe_rq_take_or_wait(struct axe_rq *rq, struct axe_recv *recv);

int axe_rq_post(struct axe_rq *rq, const struct ib_recv_wr *wr);

#endif
