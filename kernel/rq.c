// SPDX-License-Identifier: GPL-2.0
/*
 * Receive rings, of a QP or an SRQ.
 *
 * Receives lie in the ring until a message comes that needs one: posting makes no
 * system call, unless somebody waits for it.
 */

#include <linux/log2.h>
#include <linux/slab.h>

#include "axe.h"
#include "mmap.h"
#include "peer.h"
#include "ring.h"
#include "rq.h"

static u32 axe_rq_stride(u32 max_sge)
{
	return roundup_pow_of_two(sizeof(struct axe_recv_wr) + max_sge * sizeof(struct axe_buf));
}

static struct axe_shared *axe_rq_alloc_ring(struct axe_ucontext *ctx, u32 entries, u32 stride)
{
	struct axe_shared *mem;
	struct axe_sq_hdr *hdr;

	mem = axe_shared_alloc(ctx, AXE_RING_ENTRIES + (size_t)entries * stride);
	if (IS_ERR(mem))
		return mem;
	hdr = mem->addr;
	hdr->slots = entries;
	hdr->version = AXE_RING_VERSION;
	return mem;
}

static void axe_rq_set_ring(struct axe_rq *rq, struct axe_shared *mem, u32 entries)
{
	rq->mem = mem;
	rq->hdr = mem->addr;
	rq->entries = entries;
}

/**
 * axe_rq_create - make a receive ring
 * @dev:	the device
 * @ctx:	who maps it; NULL: the kernel's own
 * @ring:	AXE_DOORBELL_RQ or AXE_DOORBELL_SRQ
 * @max_wr:	receives that have to fit
 * @max_sge:	of each
 *
 * Return: the ring, for the caller to fill in the rest, or an ERR_PTR.
 */
struct axe_rq *axe_rq_create(struct axe_dev *dev, struct axe_ucontext *ctx, u32 ring,
			     u32 max_wr, u32 max_sge)
{
	struct axe_shared *mem;
	struct axe_rq *rq;
	u32 entries;

	rq = kzalloc(sizeof(*rq), GFP_KERNEL_ACCOUNT);
	if (!rq)
		return ERR_PTR(-ENOMEM);
	rq->max_sge = max(max_sge, 1U);
	rq->stride = axe_rq_stride(rq->max_sge);
	entries = roundup_pow_of_two(max(max_wr, 1U));
	mem = axe_rq_alloc_ring(ctx, entries, rq->stride);
	if (IS_ERR(mem)) {
		kfree(rq);
		return ERR_CAST(mem);
	}
	axe_rq_set_ring(rq, mem, entries);
	axe_bell_init(&rq->bell, AXE_BELL_RQ, ring);
	spin_lock_init(&rq->lock);
	rq->dev = dev;
	return rq;
}

/**
 * axe_rq_free - undo the making
 * @rq:		without users
 */
void axe_rq_free(struct axe_rq *rq)
{
	/* For a program that goes on posting to a device that is gone. */
	WRITE_ONCE(rq->hdr->flags, AXE_SQ_DEAD);
	axe_shared_free(rq->mem);
	kfree_rcu(rq, rcu);
}

/**
 * axe_rq_reset - forget what is posted
 * @rq:		of a QP that goes to RESET
 */
void axe_rq_reset(struct axe_rq *rq)
{
	spin_lock(&rq->lock);
	rq->head = 0;
	rq->broken = false;
	WRITE_ONCE(rq->hdr->version, AXE_RING_VERSION);
	WRITE_ONCE(rq->hdr->tail, 0);
	WRITE_ONCE(rq->hdr->head, 0);
	WRITE_ONCE(rq->hdr->flags, 0);
	spin_unlock(&rq->lock);
}

/**
 * axe_rq_set_flags - tell the process when to ring
 * @rq:		the ring
 * @flags:	enum axe_sq_flags
 */
void axe_rq_set_flags(struct axe_rq *rq, u32 flags)
{
	spin_lock(&rq->lock);
	WRITE_ONCE(rq->hdr->flags, flags);
	spin_unlock(&rq->lock);
}

static void axe_rq_break(struct axe_rq *rq)
{
	struct ib_event event = { .device = &rq->dev->ib };

	lockdep_assert_held(&rq->lock);
	if (rq->broken)
		return;
	rq->broken = true;
	WRITE_ONCE(rq->hdr->flags, AXE_SQ_ERROR);
	if (rq->srq) {
		event.event = IB_EVENT_SRQ_ERR;
		event.element.srq = rq->srq;
		if (rq->srq->event_handler)
			rq->srq->event_handler(&event, rq->srq->srq_context);
	} else {
		axe_peer_error(rq->peer, IB_EVENT_QP_FATAL);
	}
}

/* How many are posted; 0 of a ring that makes no sense. */
static u32 axe_rq_posted(struct axe_rq *rq)
{
	s64 used;

	lockdep_assert_held(&rq->lock);
	/* Pairs with the provider's release of tail, behind its entries. */
	used = axe_ring_used(smp_load_acquire(&rq->hdr->tail), rq->head, rq->entries);
	if (likely(used >= 0 && !rq->broken &&
		   READ_ONCE(rq->hdr->version) == AXE_RING_VERSION))
		return used;
	axe_rq_break(rq);
	return 0;
}

static void *axe_rq_entry(struct axe_rq *rq, u32 index)
{
	return rq->mem->addr + AXE_RING_ENTRIES +
	       (size_t)(index & (rq->entries - 1)) * rq->stride;
}

/* Copy an entry, each of its words once. One that claims too much has no room at all. */
static void axe_rq_copy(struct axe_rq *rq, struct axe_recv *recv)
{
	const struct axe_recv_wr *wr = axe_rq_entry(rq, rq->head);
	u32 i, n = le32_to_cpu(READ_ONCE(wr->num_sge));

	recv->wr_id = le64_to_cpu(READ_ONCE(wr->wr_id));
	recv->num_sge = n <= rq->max_sge ? n : 0;
	recv->length = 0;
	for (i = 0; i < recv->num_sge; i++) {
		recv->sge[i].addr = READ_ONCE(wr->sge[i].addr);
		recv->sge[i].length = READ_ONCE(wr->sge[i].length);
		recv->sge[i].key = READ_ONCE(wr->sge[i].key);
		recv->length += le32_to_cpu(recv->sge[i].length);
	}
}

/**
 * axe_rq_peek - look at the next receive
 * @rq:		the ring, locked
 * @recv:	filled in
 *
 * Return: false if none is posted.
 */
bool axe_rq_peek(struct axe_rq *rq, struct axe_recv *recv)
{
	lockdep_assert_held(&rq->lock);
	if (!axe_rq_posted(rq))
		return false;
	axe_rq_copy(rq, recv);
	return true;
}

/* Fewer than the limit are left: tell it, once. */
static void axe_rq_check_limit(struct axe_rq *rq)
{
	struct ib_event event = {
		.device = &rq->dev->ib,
		.element.srq = rq->srq,
		.event = IB_EVENT_SRQ_LIMIT_REACHED,
	};

	lockdep_assert_held(&rq->lock);
	if (axe_rq_posted(rq) >= rq->limit)
		return;
	rq->limit = 0;
	if (rq->srq->event_handler)
		rq->srq->event_handler(&event, rq->srq->srq_context);
}

/**
 * axe_rq_consume - take the receive that was peeked at
 * @rq:		the ring, still locked
 */
void axe_rq_consume(struct axe_rq *rq)
{
	lockdep_assert_held(&rq->lock);
	/* The entry may be used again. Pairs with the acquire when the ring looks full. */
	smp_store_release(&rq->hdr->head, ++rq->head);
	if (unlikely(rq->limit))
		axe_rq_check_limit(rq);
}

/**
 * axe_rq_take - take the next receive
 * @rq:		the ring
 * @recv:	filled in
 *
 * Return: false if none is posted.
 */
bool axe_rq_take(struct axe_rq *rq, struct axe_recv *recv)
{
	bool taken;

	spin_lock(&rq->lock);
	taken = axe_rq_peek(rq, recv);
	if (taken)
		axe_rq_consume(rq);
	spin_unlock(&rq->lock);
	return taken;
}

/**
 * axe_rq_take_or_wait - the same, for who waits if there is none
 * @rq:		the ring
 * @recv:	filled in
 *
 * Return: false if none is posted; then who posts one rings, and axe_rnr_wake()
 * is called.
 */
bool axe_rq_take_or_wait(struct axe_rq *rq, struct axe_recv *recv)
{
	bool taken;

	spin_lock(&rq->lock);
	taken = axe_rq_peek(rq, recv);
	if (!taken) {
		WRITE_ONCE(rq->hdr->flags, READ_ONCE(rq->hdr->flags) | AXE_SQ_NEED_WAKEUP);
		/* Pairs with the fence between the provider's tail and its look at flags. */
		smp_mb();
		taken = axe_rq_peek(rq, recv);
	}
	if (taken)
		axe_rq_consume(rq);
	spin_unlock(&rq->lock);
	return taken;
}

/**
 * axe_rq_doorbell - a process says that it posted receives
 * @rq:		the ring
 */
void axe_rq_doorbell(struct axe_rq *rq)
{
	spin_lock(&rq->lock);
	WRITE_ONCE(rq->hdr->flags, READ_ONCE(rq->hdr->flags) & ~AXE_SQ_NEED_WAKEUP);
	spin_unlock(&rq->lock);
	if (rq->peer)
		axe_peer_recv_posted(rq->peer);
	axe_rnr_wake(rq);
}

/**
 * axe_rq_set_limit - arm the limit event of an SRQ
 * @rq:		the ring
 * @limit:	0: none
 */
int axe_rq_set_limit(struct axe_rq *rq, u32 limit)
{
	int ret = 0;

	spin_lock(&rq->lock);
	if (limit > rq->entries) {
		ret = -EINVAL;
	} else {
		rq->limit = limit;
		if (limit)
			axe_rq_check_limit(rq);
	}
	spin_unlock(&rq->lock);
	return ret;
}

/* What is posted moves to the start of the new ring. The process holds its lock. */
static int axe_rq_move(struct axe_rq *rq, struct axe_shared *mem, u32 entries)
{
	struct axe_sq_hdr *hdr = mem->addr;
	u32 i, posted = axe_rq_posted(rq);

	lockdep_assert_held(&rq->lock);
	if (rq->broken || posted > entries || rq->limit > entries)
		return -EINVAL;
	for (i = 0; i < posted; i++)
		memcpy(mem->addr + AXE_RING_ENTRIES + (size_t)i * rq->stride,
		       axe_rq_entry(rq, rq->head + i), rq->stride);
	hdr->flags = READ_ONCE(rq->hdr->flags);
	hdr->tail = posted;
	axe_rq_set_ring(rq, mem, entries);
	rq->head = 0;
	return 0;
}

/**
 * axe_rq_prepare_resize - make the ring that axe_rq_resize() is to move to
 * @rq:		the receive ring that there is
 * @ctx:	who maps it
 * @max_wr:	receives that have to fit
 * @entries:	set to how many do
 *
 * Return: memory for axe_rq_resize() or axe_shared_free(), or an ERR_PTR.
 */
struct axe_shared *axe_rq_prepare_resize(struct axe_rq *rq, struct axe_ucontext *ctx,
					 u32 max_wr, u32 *entries)
{
	*entries = roundup_pow_of_two(max(max_wr, 1U));
	return axe_rq_alloc_ring(ctx, *entries, rq->stride);
}

/**
 * axe_rq_resize - another ring, with what was posted at its start
 * @rq:		the receive ring
 * @mem:	of axe_rq_prepare_resize(); freed if it cannot be used
 * @entries:	likewise
 *
 * Return: 0; -EINVAL if more is posted than would fit.
 */
int axe_rq_resize(struct axe_rq *rq, struct axe_shared *mem, u32 entries)
{
	struct axe_shared *old;
	int ret;

	spin_lock(&rq->lock);
	old = rq->mem;
	ret = axe_rq_move(rq, mem, entries);
	spin_unlock(&rq->lock);
	axe_shared_free(ret ? mem : old);
	return ret;
}

/**
 * axe_rq_post - post a receive of the kernel's own
 * @rq:		its ring
 * @wr:		the receive; its addresses are the kernel's
 *
 * Return: 0; -EINVAL, -ENOMEM if the ring is full.
 */
int axe_rq_post(struct axe_rq *rq, const struct ib_recv_wr *wr)
{
	struct axe_recv_wr *entry;
	u32 tail;
	int i;

	if (wr->num_sge > rq->max_sge)
		return -EINVAL;
	spin_lock(&rq->lock);
	tail = rq->hdr->tail;
	if (tail - rq->head >= rq->entries) {
		spin_unlock(&rq->lock);
		return -ENOMEM;
	}
	entry = axe_rq_entry(rq, tail);
	entry->wr_id = cpu_to_le64(wr->wr_id);
	entry->num_sge = cpu_to_le32(wr->num_sge);
	for (i = 0; i < wr->num_sge; i++) {
		entry->sge[i].addr = cpu_to_le64(wr->sg_list[i].addr);
		entry->sge[i].length = cpu_to_le32(wr->sg_list[i].length);
		entry->sge[i].key = cpu_to_le32(wr->sg_list[i].lkey);
	}
	/* Pairs with the acquire in axe_rq_posted(). */
	smp_store_release(&rq->hdr->tail, tail + 1);
	spin_unlock(&rq->lock);
	return 0;
}
