/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much of the machine's CPUs the workers of one context have: the contexts of a device
 * that are at work share them, and each runs one worker at least. The other workers wait
 * for their turn.
 *
 * So however many queues, lanes and connections a process has, it leaves a neighbour a CPU.
 */
#ifndef AXE_TURNS_H
#define AXE_TURNS_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

/**
 * struct axe_turns - those of a context
 * @lock:	see there
 * @held:	workers that run; more than its part just after another context has begun
 * @waiting:	workers that wait
 * @waiters:	they, longest first
 * @busy:	of the device: contexts of which a worker runs
 */
struct axe_turns {
	spinlock_t lock;	/* protects all but @busy */
	unsigned int held;
	unsigned int waiting;
	struct list_head waiters;
	atomic_t *busy;
};

struct axe_turns *axe_turns_alloc(atomic_t *busy);
void __axe_turn_take(struct axe_turns *turns);
void __axe_turn_give(struct axe_turns *turns);
bool __axe_turns_are_wanted(const struct axe_turns *turns);

/* Who runs in a system call is the scheduler's affair, and the kernel's own QPs have none. */
static inline bool axe_turns_apply(const struct axe_turns *turns)
{
	return turns && current->flags & PF_WQ_WORKER;
}

/**
 * axe_turn_take - begin to work
 * @turns:	of the context, or NULL; the caller holds nothing that others wait for
 *
 * May sleep, in a worker.
 */
static inline void axe_turn_take(struct axe_turns *turns)
{
	if (axe_turns_apply(turns))
		__axe_turn_take(turns);
}

/**
 * axe_turn_give - let others work: at the end, and before what may take as long as it likes
 * @turns:	of axe_turn_take()
 */
static inline void axe_turn_give(struct axe_turns *turns)
{
	if (axe_turns_apply(turns))
		__axe_turn_give(turns);
}

/**
 * axe_turns_are_wanted - should a worker let others work, if it has nothing to do?
 * @turns:	of the context, or NULL
 */
static inline bool axe_turns_are_wanted(const struct axe_turns *turns)
{
	return turns && __axe_turns_are_wanted(turns);
}

/**
 * axe_turn_pass - let others work, if there are any, and go on when it is our turn again
 * @turns:	as for axe_turn_take(), held
 */
static inline void axe_turn_pass(struct axe_turns *turns)
{
	if (axe_turns_apply(turns) && __axe_turns_are_wanted(turns)) {
		__axe_turn_give(turns);
		__axe_turn_take(turns);
	}
}

#endif
