// SPDX-License-Identifier: GPL-2.0
/* How much of the machine's CPUs the workers of one context have. */

#include <linux/cpumask.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/slab.h>

#include "turns.h"

/* A worker that waits. */
struct axe_turn_waiter {
	struct list_head link;
	struct task_struct *task;
	bool has_it;
};

/**
 * axe_turns_alloc - turns of a new context
 * @busy:	of its device: how many contexts have turns at work
 *
 * Return: NULL if there is no memory for it; to be freed with kfree().
 */
struct axe_turns *axe_turns_alloc(atomic_t *busy)
{
	struct axe_turns *turns = kzalloc(sizeof(*turns), GFP_KERNEL_ACCOUNT);

	if (!turns)
		return NULL;
	spin_lock_init(&turns->lock);
	INIT_LIST_HEAD(&turns->waiters);
	turns->busy = busy;
	return turns;
}

/* Its part of the CPUs, but one at least. */
static unsigned int axe_turns_limit(const struct axe_turns *turns)
{
	unsigned int busy = max(atomic_read(turns->busy), 1);

	return max(num_online_cpus() / busy, 1U);
}

static void axe_turns_grant(struct axe_turns *turns)
{
	lockdep_assert_held(&turns->lock);
	if (!turns->held)
		atomic_inc(turns->busy);
	WRITE_ONCE(turns->held, turns->held + 1);
}

/**
 * __axe_turn_take - have a turn, once it is ours
 * @turns:	who waits longest gets the next one
 *
 * May sleep.
 */
void __axe_turn_take(struct axe_turns *turns)
{
	struct axe_turn_waiter waiter = { .task = current };

	spin_lock(&turns->lock);
	if (!turns->waiting && turns->held < axe_turns_limit(turns)) {
		axe_turns_grant(turns);
		spin_unlock(&turns->lock);
		return;
	}
	list_add_tail(&waiter.link, &turns->waiters);
	WRITE_ONCE(turns->waiting, turns->waiting + 1);
	do {
		__set_current_state(TASK_UNINTERRUPTIBLE);
		spin_unlock(&turns->lock);
		schedule();
		spin_lock(&turns->lock);
	} while (!waiter.has_it);
	spin_unlock(&turns->lock);
}

/**
 * __axe_turn_give - give it back
 * @turns:	those who wait get it, unless the context has less than it had
 */
void __axe_turn_give(struct axe_turns *turns)
{
	struct axe_turn_waiter *waiter;

	spin_lock(&turns->lock);
	WRITE_ONCE(turns->held, turns->held - 1);
	if (!turns->held)
		atomic_dec(turns->busy);
	while (turns->waiting && turns->held < axe_turns_limit(turns)) {
		waiter = list_first_entry(&turns->waiters, struct axe_turn_waiter, link);
		list_del(&waiter->link);
		WRITE_ONCE(turns->waiting, turns->waiting - 1);
		axe_turns_grant(turns);
		waiter->has_it = true;
		wake_up_process(waiter->task);
	}
	spin_unlock(&turns->lock);
}

/**
 * __axe_turns_are_wanted - should who has a turn give it on?
 * @turns:	others of its context wait, or other contexts want their part
 */
bool __axe_turns_are_wanted(const struct axe_turns *turns)
{
	return READ_ONCE(turns->waiting) || READ_ONCE(turns->held) > axe_turns_limit(turns);
}
