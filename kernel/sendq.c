// SPDX-License-Identifier: GPL-2.0
/*
 * Running the send ring of a peer: one request after the other.
 *
 * The caller of the doorbell runs what is small and needs no sleep, under the
 * lock. The rest, and what waits for the other end, is for a worker; while that
 * is at it, programs do not ring.
 */

#include <linux/hash.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "axe.h"
#include "cq.h"
#include "mmap.h"
#include "peer.h"
#include "ring.h"
#include "stats.h"
#include "task.h"
#include "turns.h"
#include "wr.h"

/* What is longer is for a worker. */
#define AXE_DIRECT_BYTES	(16 * 1024)
/* So many requests at once, for others wait for the lock. */
#define AXE_DIRECT_WRS		64

/* Runners that wait for a receive, by the ring that they wait for. */
#define AXE_RNR_BITS	6
static struct axe_rnr_bucket {
	spinlock_t lock;	/* protects the list */
	struct list_head peers;
} axe_rnr_buckets[1 << AXE_RNR_BITS];

static struct axe_rnr_bucket *axe_rnr_bucket(struct axe_rq *rq)
{
	return &axe_rnr_buckets[hash_ptr(rq, AXE_RNR_BITS)];
}

/**
 * axe_rnr_init - before the first device
 */
void __init axe_rnr_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(axe_rnr_buckets); i++) {
		spin_lock_init(&axe_rnr_buckets[i].lock);
		INIT_LIST_HEAD(&axe_rnr_buckets[i].peers);
	}
}

/**
 * axe_rnr_add - be woken when a receive is posted
 * @peer:	the runner's QP
 * @rq:		where
 */
void axe_rnr_add(struct axe_peer *peer, struct axe_rq *rq)
{
	struct axe_rnr_bucket *bucket = axe_rnr_bucket(rq);

	peer->rnr_rq = rq;
	spin_lock(&bucket->lock);
	list_add_tail(&peer->rnr_node, &bucket->peers);
	spin_unlock(&bucket->lock);
}

/**
 * axe_rnr_forget - no more
 * @peer:	the runner's QP, added before
 */
void axe_rnr_forget(struct axe_peer *peer)
{
	struct axe_rnr_bucket *bucket = axe_rnr_bucket(peer->rnr_rq);

	spin_lock(&bucket->lock);
	list_del(&peer->rnr_node);
	spin_unlock(&bucket->lock);
	peer->rnr_rq = NULL;
}

/**
 * axe_rnr_wake - receives were posted
 * @rq:		where
 */
void axe_rnr_wake(struct axe_rq *rq)
{
	struct axe_rnr_bucket *bucket = axe_rnr_bucket(rq);
	struct axe_peer *peer;

	spin_lock(&bucket->lock);
	list_for_each_entry(peer, &bucket->peers, rnr_node) {
		if (peer->rnr_rq == rq)
			mod_delayed_work(peer->dev->lane_wq, &peer->work, 0);
	}
	spin_unlock(&bucket->lock);
}

static void axe_sendq_set_flags(struct axe_peer *peer, u32 set, u32 clear)
{
	lockdep_assert_held(&peer->lock);
	peer->flags = (peer->flags & ~clear) | set;
	WRITE_ONCE(peer->hdr->flags, peer->flags);
}

/* Is there anything to run, be it to flush it? */
static bool axe_sendq_is_live(struct axe_peer *peer)
{
	lockdep_assert_held(&peer->lock);
	if (!peer->mem || peer->broken)
		return false;
	return peer->state >= IB_QPS_RTS;
}

static void axe_sendq_break(struct axe_peer *peer)
{
	lockdep_assert_held(&peer->lock);
	peer->broken = true;
	axe_sendq_set_flags(peer, AXE_SQ_ERROR, 0);
	axe_peer_error(peer, IB_EVENT_QP_FATAL);
}

/* How many slots are posted; 0 of a ring that makes no sense. */
static u32 axe_sendq_posted(struct axe_peer *peer)
{
	s64 used;

	lockdep_assert_held(&peer->lock);
	/* Pairs with the provider's release of tail, behind its slots. */
	used = axe_ring_used(smp_load_acquire(&peer->hdr->tail), peer->head, peer->slots);
	if (likely(used >= 0 && READ_ONCE(peer->hdr->version) == AXE_RING_VERSION))
		return used;
	axe_sendq_break(peer);
	return 0;
}

static const void *axe_sendq_slot(struct axe_peer *peer, u32 index)
{
	return (void *)peer->hdr + AXE_RING_ENTRIES + (index & (peer->slots - 1)) * AXE_SLOT_SIZE;
}

/* Copy a request. One that claims more slots than are posted fails in its check. */
static u32 axe_sendq_copy(struct axe_peer *peer, u32 posted)
{
	struct axe_wr *wr = &peer->wr;
	u32 i;

	axe_slot_copy(&wr->cmd, axe_sendq_slot(peer, peer->head));
	if (unlikely(wr->cmd.ext > AXE_WR_MAX_EXT || wr->cmd.ext >= posted))
		wr->cmd.ext = AXE_WR_MAX_EXT + 1;
	else
		for (i = 0; i < wr->cmd.ext; i++)
			axe_slot_copy(wr->ext + i * AXE_SLOT_SIZE,
				      axe_sendq_slot(peer, peer->head + 1 + i));
	return wr->cmd.ext <= AXE_WR_MAX_EXT ? 1 + wr->cmd.ext : 1;
}

/* Take the next request off the ring. Returns false if there is none to be run now. */
static bool axe_sendq_take(struct axe_peer *peer)
{
	u32 posted;

	lockdep_assert_held(&peer->lock);
	if (!axe_sendq_is_live(peer) || peer->state == IB_QPS_SQD)
		return false;
	posted = axe_sendq_posted(peer);
	if (!posted)
		return false;
	peer->head += axe_sendq_copy(peer, posted);
	/* The slots may be used again. Pairs with the acquire when the ring looks full. */
	smp_store_release(&peer->hdr->head, peer->head);
	axe_wr_check(peer);
	peer->has_wr = true;
	return true;
}

static bool axe_sendq_flushes(struct axe_peer *peer)
{
	enum ib_qp_state state = READ_ONCE(peer->state);

	return state == IB_QPS_ERR || state == IB_QPS_SQE || READ_ONCE(peer->failed);
}

/* Run the request at hand, as far as it goes. */
static enum axe_wr_ret axe_sendq_try(struct axe_peer *peer, bool may_sleep)
{
	struct axe_wr *wr = &peer->wr;

	axe_rnr_del(peer);
	if (unlikely(axe_sendq_flushes(peer))) {
		wr->status = IB_WC_WR_FLUSH_ERR;
		wr->code = AXE_ERR_FLUSHED;
		return AXE_WR_DONE;
	}
	if (unlikely(wr->status != IB_WC_SUCCESS))
		return AXE_WR_DONE;
	if (!may_sleep && wr->length > AXE_DIRECT_BYTES)
		return AXE_WR_SLEEPS;
	if (axe_peer_is_datagram(peer))
		return axe_datagram_run(peer, may_sleep);
	if (axe_wr_is_local(wr))
		return axe_local_run(peer, may_sleep);
	return axe_connected_run(peer, may_sleep);
}

/* A request has failed. */
static void axe_sendq_fail(struct axe_peer *peer)
{
	lockdep_assert_held(&peer->lock);
	axe_sendq_set_flags(peer, AXE_SQ_ERROR, 0);
	if (axe_peer_is_reliable(peer))
		axe_peer_error(peer, -1);
	else if (peer->state != IB_QPS_ERR)
		WRITE_ONCE(peer->state, IB_QPS_SQE);
}

static void axe_sendq_complete(struct axe_peer *peer)
{
	struct axe_wr *wr = &peer->wr;
	bool failed = wr->status != IB_WC_SUCCESS;

	lockdep_assert_held(&peer->lock);
	peer->has_wr = false;
	/* Flushed half way. */
	if (unlikely(wr->group)) {
		kfree(wr->group);
		wr->group = NULL;
	}
	if (unlikely(failed && wr->status != IB_WC_WR_FLUSH_ERR))
		axe_sendq_fail(peer);
	if (!axe_wr_complete(peer, failed)) {
		peer->broken = true;
		axe_peer_error(peer, IB_EVENT_QP_FATAL);
	}
}

/**
 * axe_sendq_revive - from SQE to RTS
 * @peer:	locked
 */
void axe_sendq_revive(struct axe_peer *peer)
{
	lockdep_assert_held(&peer->lock);
	if (peer->mem)
		axe_sendq_set_flags(peer, 0, AXE_SQ_ERROR);
}

/**
 * axe_sendq_kick - have a worker look whether there is something to run
 * @peer:	locked
 */
void axe_sendq_kick(struct axe_peer *peer)
{
	lockdep_assert_held(&peer->lock);
	if (!peer->mem)
		return;
	if (peer->state == IB_QPS_ERR)
		axe_sendq_set_flags(peer, AXE_SQ_ERROR, 0);
	if (!peer->active) {
		peer->active = true;
		axe_sendq_set_flags(peer, 0, AXE_SQ_NEED_WAKEUP);
		axe_count(peer->dev, AXE_STAT_WAKEUPS, 1);
	}
	mod_delayed_work(peer->dev->lane_wq, &peer->work, 0);
}

/* All that can be done here and now. */
static void axe_sendq_run_direct(struct axe_peer *peer)
{
	unsigned int budget = AXE_DIRECT_WRS;

	lockdep_assert_held(&peer->lock);
	while (axe_sendq_take(peer)) {
		if (axe_sendq_try(peer, false) != AXE_WR_DONE) {
			axe_sendq_kick(peer);
			return;
		}
		axe_sendq_complete(peer);
		if (!--budget) {
			axe_sendq_kick(peer);
			return;
		}
	}
}

/**
 * axe_peer_doorbell - a process says that it posted something
 * @peer:	the QP
 */
void axe_peer_doorbell(struct axe_peer *peer)
{
	axe_count(peer->dev, AXE_STAT_DOORBELLS, 1);
	spin_lock(&peer->lock);
	/* Who is at it already sees what was posted. */
	if (!peer->active && axe_sendq_is_live(peer))
		axe_sendq_run_direct(peer);
	spin_unlock(&peer->lock);
}

/* The send queue is to stand still, and does. */
static void axe_sendq_drained(struct axe_peer *peer)
{
	lockdep_assert_held(&peer->lock);
	if (peer->state != IB_QPS_SQD || peer->drain_told)
		return;
	peer->drain_told = true;
	if (peer->sqd_event)
		axe_peer_event(peer, IB_EVENT_SQ_DRAINED);
}

/* Stop being the runner. Returns false if there is something to run after all. */
static bool axe_sendq_leave(struct axe_peer *peer)
{
	lockdep_assert_held(&peer->lock);
	axe_sendq_drained(peer);
	/* From here on a program rings. */
	axe_sendq_set_flags(peer, AXE_SQ_NEED_WAKEUP, 0);
	/*
	 * What it posted before it could see that, we see: pairs with the fence
	 * between its store of tail and its load of flags.
	 */
	smp_mb();
	if (READ_ONCE(peer->hdr->tail) != peer->head && axe_sendq_is_live(peer) &&
	    peer->state != IB_QPS_SQD) {
		axe_sendq_set_flags(peer, 0, AXE_SQ_NEED_WAKEUP);
		return false;
	}
	peer->active = false;
	return true;
}

/*
 * When a request that waits for the other end gives up. By a clock that is right at
 * any moment: jiffies may be behind, and have passed the end as soon as they catch up.
 */
static bool axe_sendq_is_over(struct axe_peer *peer, enum axe_wr_ret ret, unsigned long delay)
{
	struct axe_wr *wr = &peer->wr;
	unsigned long tries = ret == AXE_WR_RNR ? peer->rnr_retry : peer->retry_cnt + 1;

	if (wr->waits != ret) {
		wr->waits = ret;
		wr->until = ktime_get_ns() + jiffies_to_nsecs(tries * delay);
		return !tries;
	}
	if (ret == AXE_WR_RNR ? peer->rnr_retry == 7 : !peer->timeout)
		return false;
	return ktime_get_ns() >= wr->until;
}

/* How long until the next try, in jiffies: not beyond the end. */
static unsigned long axe_sendq_pause(const struct axe_wr *wr, unsigned long delay)
{
	s64 left = wr->until - ktime_get_ns();

	if (left > 0)
		delay = min(delay, nsecs_to_jiffies(left) + 1);
	return delay ? delay : HZ;
}

/* The other end cannot take it at present. Returns whether to wait. */
static bool axe_sendq_wait(struct axe_peer *peer, enum axe_wr_ret ret, unsigned long rnr_delay)
{
	unsigned long delay = ret == AXE_WR_RNR ? rnr_delay : peer->timeout;
	struct axe_wr *wr = &peer->wr;

	lockdep_assert_held(&peer->lock);
	if (axe_sendq_is_over(peer, ret, delay)) {
		wr->status = ret == AXE_WR_RNR ? IB_WC_RNR_RETRY_EXC_ERR : IB_WC_RETRY_EXC_ERR;
		wr->code = ret == AXE_WR_RNR ? AXE_ERR_RNR : AXE_ERR_UNREACHABLE;
		return false;
	}
	/* Not if it was woken, or is to stop, already. */
	queue_delayed_work(peer->dev->lane_wq, &peer->work, axe_sendq_pause(wr, delay));
	return true;
}

static void axe_sendq_work(struct work_struct *work)
{
	struct axe_peer *peer = container_of(to_delayed_work(work), struct axe_peer, work);
	enum axe_wr_ret ret;

	axe_turn_take(peer->turns);
	spin_lock(&peer->lock);
	/* Woken once more while it was about to leave: what is posted now is not its own. */
	if (!peer->active)
		goto unlock;
	while (axe_sendq_is_live(peer)) {
		if (!peer->has_wr && !axe_sendq_take(peer)) {
			if (axe_sendq_leave(peer))
				break;
			continue;
		}
		spin_unlock(&peer->lock);
		ret = axe_sendq_try(peer, true);
		axe_turn_pass(peer->turns);
		cond_resched();
		spin_lock(&peer->lock);
		if ((ret == AXE_WR_RNR || ret == AXE_WR_LOST) && !axe_sendq_flushes(peer)) {
			if (axe_sendq_wait(peer, ret, peer->wr.rnr_delay))
				break;
			ret = AXE_WR_DONE;
		}
		if (ret == AXE_WR_AGAIN)
			peer->wr.waits = 0;
		if (ret == AXE_WR_DONE && axe_sendq_is_live(peer))
			axe_sendq_complete(peer);
	}
	if (!axe_sendq_is_live(peer))
		peer->active = false;
unlock:
	spin_unlock(&peer->lock);
	axe_turn_give(peer->turns);
}

/**
 * axe_sendq_init - make it ready
 * @peer:	its ring is set
 */
void axe_sendq_init(struct axe_peer *peer)
{
	INIT_DELAYED_WORK(&peer->work, axe_sendq_work);
	if (!peer->mem)
		return;
	peer->hdr->slots = peer->slots;
	peer->hdr->version = AXE_RING_VERSION;
	peer->flags = AXE_SQ_NEED_WAKEUP;
	peer->hdr->flags = peer->flags;
}

/**
 * axe_sendq_reset - give up what runs, forget what is posted
 * @peer:	in RESET
 */
void axe_sendq_reset(struct axe_peer *peer)
{
	cancel_delayed_work_sync(&peer->work);
	/* From here on nobody wakes it; who did in between woke it for nothing. */
	axe_rnr_del(peer);
	cancel_delayed_work_sync(&peer->work);
	spin_lock(&peer->lock);
	peer->active = false;
	peer->has_wr = false;
	peer->broken = false;
	kfree(peer->wr.group);
	peer->wr.group = NULL;
	if (peer->mem) {
		peer->head = 0;
		WRITE_ONCE(peer->hdr->version, AXE_RING_VERSION);
		WRITE_ONCE(peer->hdr->tail, 0);
		WRITE_ONCE(peer->hdr->head, 0);
		axe_sendq_set_flags(peer, AXE_SQ_NEED_WAKEUP, ~0);
	}
	spin_unlock(&peer->lock);
}
