/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much of the machine's CPUs the workers of one context have: as many run as
 * there are CPUs, and the others wait for their turn.
 *
 * However many queues, lanes and connections a process has, it takes no more from a
 * neighbour than a process with a thread for each CPU would.
 */
#ifndef AXE_TURNS_H
#define AXE_TURNS_H

#include <linux/atomic.h>
#include <linux/sched.h>
#include <linux/semaphore.h>

/**
 * struct axe_turns - those of a context
 * @free:	turns that nobody has; who waits longest gets the next
 * @waiting:	workers that wait
 */
struct axe_turns {
	struct semaphore free;
	atomic_t waiting;
};

struct axe_turns *axe_turns_alloc(void);
void axe_turns_wait(struct axe_turns *turns);

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
	if (axe_turns_apply(turns) && down_trylock(&turns->free))
		axe_turns_wait(turns);
}

/**
 * axe_turn_give - let others work: at the end, and before what may take as long as it likes
 * @turns:	of axe_turn_take()
 */
static inline void axe_turn_give(struct axe_turns *turns)
{
	if (axe_turns_apply(turns))
		up(&turns->free);
}

/**
 * axe_turns_are_wanted - does anybody wait for a turn?
 * @turns:	of the context, or NULL
 */
static inline bool axe_turns_are_wanted(const struct axe_turns *turns)
{
	return turns && atomic_read(&turns->waiting);
}

/**
 * axe_turn_pass - let others work, if there are any, and go on when it is our turn again
 * @turns:	as for axe_turn_take(), held
 */
static inline void axe_turn_pass(struct axe_turns *turns)
{
	if (axe_turns_are_wanted(turns) && axe_turns_apply(turns)) {
		up(&turns->free);
		axe_turns_wait(turns);
	}
}

#endif
