// SPDX-License-Identifier: GPL-2.0
/* Peers: the object, and what others may do with it. */

#include <linux/slab.h>

#include "access.h"
#include "axe.h"
#include "cq.h"
#include "mmap.h"
#include "peer.h"
#include "table.h"
#include "turns.h"

/**
 * axe_peer_alloc - memory for a peer
 *
 * Return: zeroed memory, or NULL; to be freed with kvfree_rcu().
 */
struct axe_peer *axe_peer_alloc(void)
{
	struct axe_peer *peer = kvzalloc(sizeof(*peer), GFP_KERNEL_ACCOUNT);

	if (peer)
		axe_bell_init(&peer->bell, AXE_BELL_PEER, AXE_DOORBELL_SQ);
	return peer;
}

/**
 * axe_peer_event - tell the owner
 * @peer:	the QP
 * @event:	what happened
 */
void axe_peer_event(struct axe_peer *peer, enum ib_event_type event)
{
	struct ib_event ev = {
		.device = &peer->dev->ib,
		.element.qp = peer->ibqp,
		.event = event,
	};

	if (peer->ibqp->event_handler)
		peer->ibqp->event_handler(&ev, peer->ibqp->qp_context);
}

static void axe_peer_flush_one(struct axe_peer *peer, struct axe_cq *cq, u64 wr_id)
{
	struct axe_cqe cqe = {
		.wr_id = cpu_to_le64(wr_id),
		.qp_num = cpu_to_le32(axe_peer_num(peer)),
		.status = IB_WC_WR_FLUSH_ERR,
		.opcode = AXE_WC_RECV,
		.code = cpu_to_le16(AXE_ERR_FLUSHED),
	};

	axe_cq_post(cq, &cqe, true);
}

static void axe_peer_wait_guests(struct axe_peer *peer)
{
	/* Who has seen the old state is among the guests from here on. */
	spin_lock(&peer->resp_lock);
	spin_unlock(&peer->resp_lock);
	wait_event(peer->left, !READ_ONCE(peer->guests));
	/* Behind the last one's unlock. */
	spin_lock(&peer->resp_lock);
	WARN_ON_ONCE(peer->guests);
	spin_unlock(&peer->resp_lock);
}

/* Nobody enters any more: what was to be received is not. */
static void axe_peer_flush_recv(struct axe_peer *peer)
{
	axe_peer_wait_guests(peer);
	if (peer->has_recv) {
		axe_peer_flush_one(peer, peer->recv_cq_now, peer->recv.wr_id);
		peer->has_recv = false;
	}
	if (!peer->rq || peer->rq->srq)
		return;
	/* Of the ring only as much as is posted now, by a program that never stops. */
	axe_rq_set_flags(peer->rq, AXE_SQ_ERROR);
	while (axe_rq_take(peer->rq, &peer->recv)) {
		axe_peer_flush_one(peer, peer->recv_cq, peer->recv.wr_id);
		cond_resched();
	}
}

/* Go to the error state, if somebody asked for it. Returns whether that was news. */
static bool axe_peer_enter_error(struct axe_peer *peer, int *event)
{
	bool news = false;

	spin_lock(&peer->lock);
	spin_lock(&peer->resp_lock);
	*event = peer->recv_event;
	peer->recv_event = -1;
	spin_unlock(&peer->resp_lock);
	if (READ_ONCE(peer->failed) && peer->state != IB_QPS_RESET) {
		news = peer->state != IB_QPS_ERR;
		WRITE_ONCE(peer->state, IB_QPS_ERR);
	}
	if (peer->state == IB_QPS_ERR)
		axe_sendq_kick(peer);
	spin_unlock(&peer->lock);
	return news;
}

static void axe_peer_error_work(struct work_struct *work)
{
	struct axe_peer *peer = container_of(work, struct axe_peer, error_work);
	bool news;
	int event;

	news = axe_peer_enter_error(peer, &event);
	if (READ_ONCE(peer->state) != IB_QPS_ERR)
		return;
	if (event >= 0)
		axe_peer_event(peer, event);
	axe_peer_flush_recv(peer);
	if (news && peer->rq && peer->rq->srq)
		axe_peer_event(peer, IB_EVENT_QP_LAST_WQE_REACHED);
}

/**
 * axe_peer_error - to the error state, from wherever
 * @peer:	a QP; nobody enters from here on, the rest follows soon
 * @event:	enum ib_event_type to tell, or -1
 *
 * Does not sleep, and takes no lock but the innermost.
 */
void axe_peer_error(struct axe_peer *peer, int event)
{
	spin_lock(&peer->resp_lock);
	WRITE_ONCE(peer->failed, true);
	if (event >= 0)
		peer->recv_event = event;
	spin_unlock(&peer->resp_lock);
	queue_work(peer->dev->lane_wq, &peer->error_work);
}

/**
 * axe_peer_recv_posted - receives were posted, and somebody should know
 * @peer:	the QP
 */
void axe_peer_recv_posted(struct axe_peer *peer)
{
	if (READ_ONCE(peer->state) == IB_QPS_ERR)
		queue_work(peer->dev->lane_wq, &peer->error_work);
}

/**
 * axe_peer_init - make a peer ready
 * @peer:	of axe_peer_alloc(), its parameters and rings are set
 */
void axe_peer_init(struct axe_peer *peer)
{
	spin_lock_init(&peer->lock);
	spin_lock_init(&peer->resp_lock);
	init_waitqueue_head(&peer->left);
	INIT_WORK(&peer->error_work, axe_peer_error_work);
	peer->recv_event = -1;
	peer->state = IB_QPS_RESET;
	axe_sendq_init(peer);
}

static void axe_peer_reset(struct axe_peer *peer)
{
	axe_peer_wait_guests(peer);
	cancel_work_sync(&peer->error_work);
	axe_sendq_reset(peer);
	/* The runner may have failed while it was waited for. */
	cancel_work_sync(&peer->error_work);
	peer->has_recv = false;
	peer->greeted = false;
	WRITE_ONCE(peer->failed, false);
	peer->recv_event = -1;
	if (peer->rq && !peer->rq->srq)
		axe_rq_reset(peer->rq);
}

/**
 * axe_peer_set_state - as verbs asks for it
 * @peer:	the QP
 * @state:	allowed; on return from RESET and ERR nobody is at work on its memory
 *
 * The caller serialises.
 */
void axe_peer_set_state(struct axe_peer *peer, enum ib_qp_state state)
{
	spin_lock(&peer->lock);
	if (state == IB_QPS_ERR)
		WRITE_ONCE(peer->failed, true);
	else
		WRITE_ONCE(peer->state, state);
	if (state == IB_QPS_SQD)
		peer->drain_told = false;
	if (state == IB_QPS_RTS)
		axe_sendq_revive(peer);
	if (state == IB_QPS_RTS || state == IB_QPS_SQD)
		axe_sendq_kick(peer);
	spin_unlock(&peer->lock);

	if (state == IB_QPS_RESET)
		axe_peer_reset(peer);
	if (state == IB_QPS_ERR) {
		queue_work(peer->dev->lane_wq, &peer->error_work);
		flush_work(&peer->error_work);
	}
}

/**
 * axe_peer_stop - let nobody work on it any more
 * @peer:	cannot be found any more
 */
void axe_peer_stop(struct axe_peer *peer)
{
	spin_lock(&peer->lock);
	WRITE_ONCE(peer->state, IB_QPS_RESET);
	spin_unlock(&peer->lock);
	axe_bell_wait(&peer->bell);
	axe_peer_reset(peer);
	/* For a program that goes on posting to a device that is gone. */
	if (peer->hdr)
		WRITE_ONCE(peer->hdr->flags, AXE_SQ_DEAD | AXE_SQ_NEED_WAKEUP);
}

/**
 * axe_peer_free - undo axe_peer_alloc(), and give the send ring back
 * @peer:	stopped, or never started
 */
void axe_peer_free(struct axe_peer *peer)
{
	if (peer->mem)
		axe_shared_free(peer->mem);
	kvfree(peer->bounce);
	kvfree_rcu(peer, rcu);
}

/**
 * axe_peer_find - the QP of a number
 * @dev:	the device
 * @qp_num:	any number
 *
 * Called under rcu_read_lock().
 *
 * Return: the QP, to be given back with axe_bell_put(), or NULL.
 */
struct axe_peer *axe_peer_find(struct axe_dev *dev, u32 qp_num)
{
	struct axe_peer *peer = axe_table_load(&dev->qps, qp_num);

	return peer && axe_bell_get(&peer->bell) ? peer : NULL;
}

static bool axe_peer_may_enter(struct axe_peer *peer)
{
	enum ib_qp_state state = READ_ONCE(peer->state);

	lockdep_assert_held(&peer->resp_lock);
	if (READ_ONCE(peer->failed) || state < IB_QPS_RTR || state > IB_QPS_SQE)
		return false;
	/* One peer, and one message after the other. */
	return !peer->guests || axe_peer_is_datagram(peer);
}

/**
 * axe_peer_enter - begin to work on a QP's receives and memory
 * @peer:	the QP
 *
 * Return: false if it answers nobody at present; else axe_peer_leave() must
 * follow soon, without sleep.
 */
bool axe_peer_enter(struct axe_peer *peer)
{
	bool greet = false;
	bool may;

	spin_lock(&peer->resp_lock);
	may = axe_peer_may_enter(peer);
	if (may) {
		WRITE_ONCE(peer->guests, peer->guests + 1);
		greet = !peer->greeted;
		peer->greeted = true;
	}
	spin_unlock(&peer->resp_lock);
	if (unlikely(greet) && READ_ONCE(peer->state) == IB_QPS_RTR &&
	    !axe_peer_is_datagram(peer))
		axe_peer_event(peer, IB_EVENT_COMM_EST);
	return may;
}

/**
 * axe_peer_leave - done for now
 * @peer:	entered before
 */
void axe_peer_leave(struct axe_peer *peer)
{
	spin_lock(&peer->resp_lock);
	WRITE_ONCE(peer->guests, peer->guests - 1);
	if (!peer->guests && wq_has_sleeper(&peer->left))
		wake_up_all(&peer->left);
	spin_unlock(&peer->resp_lock);
}

/**
 * axe_peer_fault - fault in what a request needs, on either side
 * @peer:	the runner's QP; holds nothing
 * @wanted:	of axe_operand_want()
 */
enum axe_code axe_peer_fault(struct axe_peer *peer, struct axe_wanted *wanted)
{
	enum axe_code code;

	/* Who knows how long it takes? */
	axe_turn_give(peer->turns);
	code = axe_wanted_fault(wanted);
	axe_turn_take(peer->turns);
	return code;
}
