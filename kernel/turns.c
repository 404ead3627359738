// SPDX-License-Identifier: GPL-2.0
/* How much of the machine's CPUs the workers of one context have. */

#include <linux/cpumask.h>
#include <linux/slab.h>

#include "turns.h"

/**
 * axe_turns_alloc - one for each CPU, for a new context
 *
 * Return: NULL if there is no memory for it; to be freed with kfree().
 */
struct axe_turns *axe_turns_alloc(void)
{
	struct axe_turns *turns = kzalloc(sizeof(*turns), GFP_KERNEL_ACCOUNT);

	if (!turns)
		return NULL;
	sema_init(&turns->free, num_online_cpus());
	return turns;
}

/**
 * axe_turns_wait - be one of those that wait, until it is our turn
 * @turns:	none was free
 */
void axe_turns_wait(struct axe_turns *turns)
{
	atomic_inc(&turns->waiting);
	/* First come, first served; who has a turn works on a piece, and sleeps nowhere. */
	down(&turns->free);
	atomic_dec(&turns->waiting);
}
