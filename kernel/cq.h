/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_CQ_H
#define AXE_CQ_H

#include <linux/hrtimer.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <rdma/axe-ring.h>
#include <rdma/ib_verbs.h>

#include "wc.h"

struct axe_shared;

/**
 * struct axe_cq - a completion queue
 * @ib:		what verbs knows of it
 * @lock:	protects all that follows
 * @mem:	the ring
 * @hdr:	its head, shared with the process
 * @cqes:	its entries
 * @mask:	number of entries, less one
 * @producer:	ours; what is in @hdr is only told to the process
 * @consumer:	the process's, as last read and found sane
 * @timestamp:	fill in timestamps
 * @kernel:	the kernel polls it
 * @broken:	a completion did not fit; nothing more goes in, for @consumer is
 *		kept where there is no room
 * @owed:	completions that were armed for, and whose event is still to come
 * @event_count: so many make one event; 1: moderation is off
 * @event_usecs: so long after the first of them it comes anyway; 0: it does not
 * @event_timer: that time; runs on when the event has come earlier, and finds
 *		nothing owed. Cancelled by destroy
 * @event_work:	raises the event, for the timer may not take @lock
 */
struct axe_cq {
	struct ib_cq ib;
	spinlock_t lock;	/* see above */
	struct axe_shared *mem;
	struct axe_cq_hdr *hdr;
	struct axe_cqe *cqes;
	u32 mask;
	u32 producer;
	u32 consumer;
	bool timestamp;
	bool broken;
	bool kernel;
	u32 owed;
	u32 event_count;
	u16 event_usecs;
	struct hrtimer event_timer;
	struct work_struct event_work;
};

static inline struct axe_cq *to_axe_cq(struct ib_cq *ib)
{
	return container_of(ib, struct axe_cq, ib);
}

bool axe_cq_post(struct axe_cq *cq, const struct axe_cqe *cqe, bool solicited);
bool axe_cq_make_room(struct axe_cq *cq);
void axe_cq_event(struct axe_cq *cq, bool solicited);
u64 axe_cq_now(void);

/**
 * axe_cq_begin - room for a completion
 * @cq:		the queue, locked
 *
 * Return: where the completion goes, for the caller to fill in; NULL if it does
 * not fit: it is lost, and the CQ with it.
 */
static inline struct axe_cqe *axe_cq_begin(struct axe_cq *cq)
{
	lockdep_assert_held(&cq->lock);
	if (unlikely(cq->producer - cq->consumer > cq->mask) && !axe_cq_make_room(cq))
		return NULL;
	return &cq->cqes[cq->producer & cq->mask];
}

/**
 * axe_cq_commit - hand the completion to the process
 * @cq:		the queue, locked
 * @cqe:	of axe_cq_begin(); its timestamp is filled in here
 * @solicited:	raise the event also if only solicited ones are waited for
 */
static inline void axe_cq_commit(struct axe_cq *cq, struct axe_cqe *cqe, bool solicited)
{
	lockdep_assert_held(&cq->lock);
	if (unlikely(cq->timestamp))
		cqe->timestamp = cpu_to_le64(axe_cq_now());
	/* Pairs with the acquire of producer in the provider's poll. */
	smp_store_release(&cq->hdr->producer, ++cq->producer);
	/* Pairs with the fence in the provider's req_notify_cq. */
	smp_mb();
	if (unlikely(READ_ONCE(cq->hdr->arm) != AXE_CQ_ARM_NONE))
		axe_cq_event(cq, solicited);
}

#endif
