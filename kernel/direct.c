// SPDX-License-Identifier: GPL-2.0
/*
 * The short way of tiny commands.
 *
 * While nothing else of a queue is under way there is nothing to wait for and
 * nobody to be ordered with: a command goes from its slot to its completion
 * under the locks of queue and CQ, as long as it need not sleep. The first that
 * is different goes the long way, and those behind it.
 */

#include "axe.h"
#include "queue.h"
#include "queue_inline.h"
#include "stats.h"

/* So many commands at once, for others wait for the locks. */
#define AXE_DIRECT_BUDGET	64U

/* Nothing to hold, nowhere to fail. */
static inline bool axe_direct_is_bare(const struct axe_task *task)
{
	return !(task->cmd.src.length | task->cmd.dst.length) && !task->cmd.ext && task->tiny &&
	       !axe_op_may_sleep(task->op) && !task->op->begin;
}

static inline void axe_direct_run_bare(struct axe_queue *q, struct axe_task *task)
{
	struct axe_exec *x = &task->x;

	x->src_len = 0;
	x->dst_len = 0;
	x->src_end = true;
	x->dst_end = true;
	task->code = task->op->exec(x);
	axe_count_op(q->dev, task->opcode, AXE_OP_STAT_CMDS, 1);
}

/* Returns false if it cannot be done without sleeping: then nothing was done. */
static __always_inline bool axe_direct_run(struct axe_queue *q, struct axe_task *task)
{
	if (unlikely(!task->op))
		return true;
	if (unlikely(task->flags & AXE_CMD_LINK && q->last_failed)) {
		/* Its record is stored the long way. */
		if (task->cmd.ext)
			return false;
		task->code = AXE_ERR_LINKED;
		return true;
	}
	if (axe_direct_is_bare(task)) {
		axe_direct_run_bare(q, task);
		return true;
	}
	return axe_task_run_tiny(&q->runner, task);
}

/**
 * axe_queue_run_direct - run tiny commands the short way
 * @q:		the queue, locked, with no task under way
 * @budget:	how many at most
 *
 * Return: how many it ran. One that has to go the long way is q->waiting then.
 */
unsigned int axe_queue_run_direct(struct axe_queue *q, unsigned int budget)
{
	struct axe_task *task = axe_queue_task(q, q->fetched);
	u32 posted = axe_queue_posted(q);
	unsigned int n = 0;

	lockdep_assert_held(&q->lock);
	if (!posted)
		return 0;
	budget = min(budget, AXE_DIRECT_BUDGET);
	q->last = NULL;
	spin_lock(&q->cq->lock);
	while (posted && n < budget && likely(q->state == AXE_QUEUE_RUNNING)) {
		posted -= axe_queue_take(q, task, posted);
		if (!axe_direct_run(q, task)) {
			task->state = AXE_TASK_WAITING;
			q->fetched++;
			q->waiting = task;
			break;
		}
		q->last_failed = axe_code_is_error(task->code);
		axe_queue_post_locked(q, task);
		n++;
	}
	spin_unlock(&q->cq->lock);
	/* The slots may be used again. Pairs with the acquire when the ring looks full. */
	smp_store_release(&q->hdr->head, q->head);
	return n;
}
