/* SPDX-License-Identifier: GPL-2.0 */
/* The steps of a command that its long and its short way have in common. */
#ifndef AXE_QUEUE_INLINE_H
#define AXE_QUEUE_INLINE_H

#include "cq.h"
#include "queue.h"
#include "ring.h"
#include "task.h"
#include "trace.h"

static inline struct axe_task *axe_queue_task(struct axe_queue *q, u32 number)
{
	return &q->tasks[number % AXE_QUEUE_WINDOW];
}

/* How many slots are posted. A ring that makes no sense breaks the queue, and has none. */
static inline u32 axe_queue_posted(struct axe_queue *q)
{
	s64 used;

	lockdep_assert_held(&q->lock);
	/* Pairs with the provider's release of tail, behind its slots. */
	used = axe_ring_used(smp_load_acquire(&q->hdr->tail), q->head, q->slots);
	if (likely(used >= 0 && READ_ONCE(q->hdr->version) == AXE_RING_VERSION))
		return used;
	axe_queue_break(q);
	return 0;
}

static inline const void *axe_queue_slot(struct axe_queue *q, u32 index)
{
	return (void *)q->hdr + AXE_RING_ENTRIES + (index & (q->slots - 1)) * AXE_SLOT_SIZE;
}

/*
 * Take one command off the ring, into @task, and check it. Of @posted slots, at
 * least one; the caller tells the process of the new head. Returns how many it took.
 */
static __always_inline u32 axe_queue_take(struct axe_queue *q, struct axe_task *task, u32 posted)
{
	u32 n = 1;

	lockdep_assert_held(&q->lock);
	axe_slot_copy(&task->cmd, axe_queue_slot(q, q->head));
	/* A command that claims more slots than it has fails alone, in its check. */
	if (unlikely(task->cmd.ext)) {
		if (posted > 1 && task->cmd.ext <= AXE_MAX_EXT) {
			axe_slot_copy(&task->ext, axe_queue_slot(q, q->head + 1));
			n = 2;
		} else {
			task->cmd.ext = AXE_MAX_EXT + 1;
		}
	}
	WRITE_ONCE(q->head, q->head + n);
	axe_task_check(task);
	/* The short way is the CPU's. */
	if (unlikely(q->runner.offload == AXE_OFFLOAD_ONLY) && task->op)
		task->tiny = false;
	trace_axe_submit(q, task);
	return n;
}

/* Its completion, if it is to have one. */
static __always_inline void axe_queue_post_locked(struct axe_queue *q, struct axe_task *task)
{
	bool failed = axe_code_is_error(task->code);
	struct axe_cqe *cqe;

	lockdep_assert_held(&q->lock);
	lockdep_assert_held(&q->cq->lock);
	trace_axe_complete(q, task);
	if (!failed && !q->signal_all && !(task->flags & AXE_CMD_SIGNALED))
		return;
	cqe = axe_cq_begin(q->cq);
	if (unlikely(!cqe)) {
		axe_queue_break(q);
		return;
	}
	axe_task_complete(task, q->qp_num, cqe);
	axe_cq_commit(q->cq, cqe, failed || task->flags & AXE_CMD_SOLICITED);
}

#endif
