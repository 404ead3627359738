// SPDX-License-Identifier: GPL-2.0
/* The accelerator queue: from slots of a ring to completions. */

#include <linux/bitops.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "axe.h"
#include "cq.h"
#include "mmap.h"
#include "queue.h"
#include "queue_inline.h"
#include "ring.h"
#include "stats.h"
#include "trace.h"
#include "turns.h"

/*
 * After so many commands a runner lets go of the lock and of the CPU: a program
 * may well post tiny ones faster than they are run.
 */
#define AXE_RUN_BUDGET	256

static void axe_queue_set_flags(struct axe_queue *q, u32 set, u32 clear)
{
	lockdep_assert_held(&q->lock);
	q->flags = (q->flags & ~clear) | set;
	WRITE_ONCE(q->hdr->flags, q->flags);
}

static bool axe_queue_is_live(struct axe_queue *q)
{
	lockdep_assert_held(&q->lock);
	return q->state == AXE_QUEUE_RUNNING || q->state == AXE_QUEUE_FLUSHING;
}

/* Cheap enough to be asked between two pieces, without the lock. */
static bool axe_queue_has_posted(struct axe_queue *q)
{
	return READ_ONCE(q->hdr->tail) != READ_ONCE(q->head);
}

/**
 * axe_queue_break - the queue itself has failed, not a command
 * @q:		the queue, locked
 *
 * Its neighbours do not notice; its owner is told by an event, and may reset it.
 */
void axe_queue_break(struct axe_queue *q)
{
	struct ib_event event = {
		.device = &q->dev->ib,
		.element.qp = q->ibqp,
		.event = IB_EVENT_QP_FATAL,
	};

	lockdep_assert_held(&q->lock);
	if (q->state == AXE_QUEUE_BROKEN)
		return;
	WRITE_ONCE(q->state, AXE_QUEUE_BROKEN);
	WRITE_ONCE(q->abort, true);
	axe_queue_set_flags(q, AXE_SQ_ERROR, 0);
	if (q->ibqp->event_handler)
		q->ibqp->event_handler(&event, q->ibqp->qp_context);
}

/* The task of the next command, waiting to start. Returns NULL if there is none. */
static struct axe_task *axe_queue_fetch(struct axe_queue *q)
{
	struct axe_task *task = axe_queue_task(q, q->fetched);
	u32 posted;

	lockdep_assert_held(&q->lock);
	if (q->fetched - q->retired == AXE_QUEUE_WINDOW)
		return NULL;
	posted = axe_queue_posted(q);
	if (!posted)
		return NULL;
	axe_queue_take(q, task, posted);
	/* The slot may be used again. Pairs with the acquire when the ring looks full. */
	smp_store_release(&q->hdr->head, q->head);
	task->state = AXE_TASK_WAITING;
	q->fetched++;
	return task;
}

/* May it start, by the order that its owner asked for? */
static bool axe_queue_may_start(struct axe_queue *q, struct axe_task *task)
{
	lockdep_assert_held(&q->lock);
	if (task->flags & AXE_CMD_FENCE && q->running)
		return false;
	if (task->flags & AXE_CMD_LINK && q->last && q->last->state == AXE_TASK_RUNNING)
		return false;
	return task->stream == AXE_STREAM_NONE || !q->stream_busy;
}

static void axe_queue_start(struct axe_queue *q, struct axe_task *task)
{
	lockdep_assert_held(&q->lock);
	if (task->op && q->state == AXE_QUEUE_FLUSHING)
		task->code = AXE_ERR_FLUSHED;
	else if (task->op && task->flags & AXE_CMD_LINK && q->last_failed)
		task->code = AXE_ERR_LINKED;
	if (task->stream != AXE_STREAM_NONE && task->op)
		q->stream_busy = true;
	task->state = AXE_TASK_RUNNING;
	WRITE_ONCE(q->running, q->running + 1);
	q->last = task;
	q->last_failed = false;
}

/*
 * The next task to run. Returns NULL if there is none at present: the ring is
 * empty, what is next has to wait for a runner to finish (which comes here
 * then), or it is not for the likes of this runner.
 */
static struct axe_task *axe_queue_next(struct axe_queue *q, bool tiny_only)
{
	struct axe_task *task;

	lockdep_assert_held(&q->lock);
	if (!axe_queue_is_live(q))
		return NULL;
	if (!q->waiting)
		q->waiting = axe_queue_fetch(q);
	task = q->waiting;
	if (!task || !axe_queue_may_start(q, task) || (tiny_only && !task->tiny))
		return NULL;
	q->waiting = NULL;
	axe_queue_start(q, task);
	return task;
}

static void axe_queue_post(struct axe_queue *q, struct axe_task *task)
{
	lockdep_assert_held(&q->lock);
	spin_lock(&q->cq->lock);
	axe_queue_post_locked(q, task);
	spin_unlock(&q->cq->lock);
}

static void axe_queue_retire(struct axe_queue *q)
{
	lockdep_assert_held(&q->lock);
	while (q->retired != q->fetched) {
		struct axe_task *task = axe_queue_task(q, q->retired);

		if (task->state < AXE_TASK_DONE)
			break;
		if (task->state == AXE_TASK_DONE)
			axe_queue_post(q, task);
		task->state = AXE_TASK_POSTED;
		q->retired++;
	}
}

static void axe_queue_finish(struct axe_queue *q, struct axe_task *task)
{
	lockdep_assert_held(&q->lock);
	task->state = AXE_TASK_DONE;
	WRITE_ONCE(q->running, q->running - 1);
	if (task == q->last)
		q->last_failed = axe_code_is_error(task->code);
	if (task->stream != AXE_STREAM_NONE && task->op)
		q->stream_busy = false;
	if (q->unordered) {
		axe_queue_post(q, task);
		task->state = AXE_TASK_POSTED;
	}
	axe_queue_retire(q);
}

/* Have one more lane look at the queue, if one is free. */
static void axe_queue_kick(struct axe_queue *q)
{
	unsigned int i;

	lockdep_assert_held(&q->lock);
	if (!q->idle_lanes)
		return;
	i = __ffs(q->idle_lanes);
	WRITE_ONCE(q->idle_lanes, q->idle_lanes & ~BIT(i));
	if (!q->active)
		axe_queue_set_flags(q, 0, AXE_SQ_NEED_WAKEUP);
	WRITE_ONCE(q->active, q->active + 1);
	queue_work(q->dev->lane_wq, &q->lanes[i].work);
	axe_count(q->dev, AXE_STAT_WAKEUPS, 1);
}

/* Would another runner find something to run? */
static bool axe_queue_can_go(struct axe_queue *q)
{
	lockdep_assert_held(&q->lock);
	if (q->waiting)
		return axe_queue_may_start(q, q->waiting);
	return axe_queue_has_posted(q) && q->fetched - q->retired < AXE_QUEUE_WINDOW;
}

/*
 * Run what can be run. Called and returns with the lock held, which is let go
 * of while a command runs. Returns false if @budget was used up.
 */
static bool axe_queue_run(struct axe_queue *q, bool tiny_only, unsigned int budget)
	__must_hold(&q->lock)
{
	struct axe_task *task;

	lockdep_assert_held(&q->lock);
	while (q->fetched == q->retired && q->state == AXE_QUEUE_RUNNING) {
		unsigned int n = axe_queue_run_direct(q, budget);

		if (n == budget)
			return false;
		budget -= n;
		if (!n || q->waiting)
			break;
		if (!axe_queue_has_posted(q))
			return true;
	}
	while ((task = axe_queue_next(q, tiny_only))) {
		/* Refused or flushed, there is at most a record to store. */
		if (task->op && (task->code == AXE_OK || task->flags & AXE_CMD_RESULT)) {
			/* It takes a while: let others have what is behind it. */
			if (!task->tiny && q->mode != AXE_QUEUE_INLINE && axe_queue_can_go(q))
				axe_queue_kick(q);
			spin_unlock(&q->lock);
			axe_task_run(&q->runner, task);
			axe_turn_pass(q->runner.turns);
			cond_resched();
			spin_lock(&q->lock);
		}
		axe_queue_finish(q, task);
		if (!--budget)
			return false;
	}
	return true;
}

/*
 * Stop being a runner, with nothing left to run. Returns false if meanwhile
 * there is something.
 */
static bool axe_queue_leave(struct axe_queue *q)
{
	lockdep_assert_held(&q->lock);
	if (q->active > 1) {
		WRITE_ONCE(q->active, q->active - 1);
		return true;
	}
	/* From here on a program rings. */
	axe_queue_set_flags(q, AXE_SQ_NEED_WAKEUP, 0);
	/*
	 * What it posted before it could see that, we see: pairs with the fence
	 * between its store of tail and its load of flags.
	 */
	smp_mb();
	if (axe_queue_has_posted(q) && axe_queue_is_live(q)) {
		axe_queue_set_flags(q, 0, AXE_SQ_NEED_WAKEUP);
		return false;
	}
	WRITE_ONCE(q->active, 0);
	if (wq_has_sleeper(&q->idle))
		wake_up_all(&q->idle);
	return true;
}

/*
 * Spin for a while. Called and returns with the lock held, which is let go of
 * meanwhile. Returns whether there is something to run.
 */
static bool axe_queue_poll(struct axe_queue *q)
	__must_hold(&q->lock)
{
	u64 end = ktime_get_ns() + q->poll_ns;
	bool posted = false;

	lockdep_assert_held(&q->lock);
	spin_unlock(&q->lock);
	while (!READ_ONCE(q->abort)) {
		posted = axe_queue_has_posted(q);
		/* Others have something to do. */
		if (posted || ktime_get_ns() >= end || axe_turns_are_wanted(q->runner.turns))
			break;
		cpu_relax();
		cond_resched();
	}
	spin_lock(&q->lock);
	return posted && axe_queue_is_live(q);
}

/* Let others have the lock and the CPU. */
static void axe_queue_breathe(struct axe_queue *q)
	__must_hold(&q->lock)
{
	lockdep_assert_held(&q->lock);
	spin_unlock(&q->lock);
	axe_turn_pass(q->runner.turns);
	cond_resched();
	spin_lock(&q->lock);
}

static void axe_lane_work(struct work_struct *work)
{
	struct axe_lane *lane = container_of(work, struct axe_lane, work);
	struct axe_queue *q = lane->q;

	axe_turn_take(q->runner.turns);
	spin_lock(&q->lock);
	do {
		do {
			while (!axe_queue_run(q, false, AXE_RUN_BUDGET))
				axe_queue_breathe(q);
			/* One lane that spins is enough. */
		} while (q->mode == AXE_QUEUE_POLL && q->active == 1 && axe_queue_poll(q));
	} while (!axe_queue_leave(q));
	WRITE_ONCE(q->idle_lanes, q->idle_lanes | BIT(lane - q->lanes));
	spin_unlock(&q->lock);
	axe_turn_give(q->runner.turns);
}

/*
 * Be a runner until there is nothing (tiny) left, or for long enough.
 *
 * Most often all is done the short way. That needs no runner, for the lock is not
 * let go of: NEED_WAKEUP stays set, and who posts meanwhile rings and waits for us.
 */
static void axe_queue_run_inline(struct axe_queue *q)
{
	bool tiny_only = q->mode == AXE_QUEUE_AUTO;
	bool done;

	lockdep_assert_held(&q->lock);
	if (q->state == AXE_QUEUE_RUNNING && q->fetched == q->retired) {
		axe_queue_run_direct(q, AXE_RUN_BUDGET);
		if (!q->waiting && !axe_queue_has_posted(q))
			return;
	}
	WRITE_ONCE(q->active, q->active + 1);
	axe_queue_set_flags(q, 0, AXE_SQ_NEED_WAKEUP);
	do {
		done = axe_queue_run(q, tiny_only, AXE_RUN_BUDGET);
		if (q->waiting || !done) {
			/* A worker goes on with what is not for us. */
			if (tiny_only || fatal_signal_pending(current))
				axe_queue_kick(q);
			else
				axe_queue_breathe(q);
		}
	} while ((!done && q->active == 1) || !axe_queue_leave(q));
}

/**
 * axe_queue_doorbell - a process says that it posted something
 * @q:		the queue
 *
 * May sleep, and in AXE_QUEUE_INLINE mode for as long as the commands take.
 */
void axe_queue_doorbell(struct axe_queue *q)
{
	spin_lock(&q->lock);
	/* Who is at it already sees what was posted. */
	if (!q->active && axe_queue_is_live(q)) {
		if (q->mode == AXE_QUEUE_INLINE || q->mode == AXE_QUEUE_AUTO)
			axe_queue_run_inline(q);
		else
			axe_queue_kick(q);
	}
	spin_unlock(&q->lock);
}

/*
 * Between two pieces of a command, with nothing held: should it go on? While it
 * is at work programs do not ring, so this is also where commands posted
 * meanwhile find another lane.
 */
static bool axe_queue_go_on(void *arg)
{
	struct axe_queue *q = arg;

	if (READ_ONCE(q->abort) || fatal_signal_pending(current))
		return false;
	if (READ_ONCE(q->idle_lanes) && q->mode != AXE_QUEUE_INLINE &&
	    axe_queue_has_posted(q)) {
		spin_lock(&q->lock);
		if (axe_queue_can_go(q))
			axe_queue_kick(q);
		spin_unlock(&q->lock);
	}
	return true;
}

static void axe_queue_reset(struct axe_queue *q)
{
	wait_event(q->idle, !READ_ONCE(q->active));
	spin_lock(&q->lock);
	WRITE_ONCE(q->head, 0);
	q->fetched = 0;
	q->retired = 0;
	q->waiting = NULL;
	q->last = NULL;
	q->last_failed = false;
	WRITE_ONCE(q->hdr->version, AXE_RING_VERSION);
	WRITE_ONCE(q->hdr->tail, 0);
	WRITE_ONCE(q->hdr->head, 0);
	axe_queue_set_flags(q, AXE_SQ_NEED_WAKEUP, ~0);
	WRITE_ONCE(q->abort, false);
	spin_unlock(&q->lock);
	axe_stream_drop(q->dev, &q->stream);
}

/**
 * axe_queue_set_state - start, stop or fail a queue
 * @q:		the queue
 * @state:	AXE_QUEUE_STOPPED: running commands are given up, what is posted is
 *		forgotten, the ring is empty on return. AXE_QUEUE_FLUSHING: running
 *		and posted commands are flushed, with completions. AXE_QUEUE_RUNNING
 *
 * The caller serialises. A broken queue has to be stopped first.
 */
void axe_queue_set_state(struct axe_queue *q, enum axe_queue_state state)
{
	spin_lock(&q->lock);
	if (q->state != AXE_QUEUE_BROKEN || state == AXE_QUEUE_STOPPED)
		WRITE_ONCE(q->state, state);
	if (state != AXE_QUEUE_RUNNING)
		WRITE_ONCE(q->abort, true);
	if (state == AXE_QUEUE_FLUSHING)
		axe_queue_set_flags(q, AXE_SQ_ERROR, 0);
	if (axe_queue_is_live(q) && axe_queue_has_posted(q) && !q->active)
		axe_queue_kick(q);
	spin_unlock(&q->lock);

	if (state == AXE_QUEUE_STOPPED)
		axe_queue_reset(q);
}

/**
 * axe_queue_depth - how many slots wait to be taken
 * @q:		the queue
 */
u32 axe_queue_depth(struct axe_queue *q)
{
	s64 used;

	spin_lock(&q->lock);
	used = axe_ring_used(READ_ONCE(q->hdr->tail), q->head, q->slots);
	spin_unlock(&q->lock);
	return max_t(s64, used, 0);
}

/**
 * axe_queue_stop - take nothing off the ring any more, give up what runs
 * @q:		the queue, on its way out: doorbells that run it inline come to an end
 */
void axe_queue_stop(struct axe_queue *q)
{
	spin_lock(&q->lock);
	WRITE_ONCE(q->state, AXE_QUEUE_STOPPED);
	WRITE_ONCE(q->abort, true);
	/* For a program that goes on posting to a device that is gone. */
	axe_queue_set_flags(q, AXE_SQ_DEAD | AXE_SQ_NEED_WAKEUP, 0);
	WRITE_ONCE(q->idle_lanes, 0);
	spin_unlock(&q->lock);
}

/**
 * axe_queue_alloc - memory for a queue
 *
 * Return: zeroed memory, or NULL; to be freed with kvfree_rcu().
 */
struct axe_queue *axe_queue_alloc(void)
{
	struct axe_queue *q = kvzalloc(sizeof(*q), GFP_KERNEL_ACCOUNT);

	if (q)
		axe_bell_init(&q->bell, AXE_BELL_QUEUE, AXE_DOORBELL_SQ);
	return q;
}

/**
 * axe_queue_init - make a queue ready to run
 * @q:		of axe_queue_alloc(), its parameters and ring are set
 */
void axe_queue_init(struct axe_queue *q)
{
	unsigned int i;

	spin_lock_init(&q->lock);
	init_waitqueue_head(&q->idle);
	for (i = 0; i < q->num_lanes; i++) {
		INIT_WORK(&q->lanes[i].work, axe_lane_work);
		q->lanes[i].q = q;
	}
	q->idle_lanes = BIT(q->num_lanes) - 1;
	q->runner.stream = &q->stream;
	q->runner.go_on = axe_queue_go_on;
	q->runner.arg = q;
	q->hdr->slots = q->slots;
	q->hdr->version = AXE_RING_VERSION;
	q->flags = AXE_SQ_NEED_WAKEUP;
	q->hdr->flags = q->flags;
	q->state = AXE_QUEUE_RUNNING;
}

/**
 * axe_queue_destroy - wait for what runs, and let go of all but the memory
 * @q:		stopped, and nobody rings for it any more
 */
void axe_queue_destroy(struct axe_queue *q)
{
	unsigned int i;

	for (i = 0; i < q->num_lanes; i++)
		cancel_work_sync(&q->lanes[i].work);
	axe_stream_drop(q->dev, &q->stream);
}
