// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB

#include <sched.h>

#include "lock.h"

bool axe_lock_contended(struct axe_lock *lock, uintptr_t self)
{
	unsigned int spins = 0;
	uintptr_t owner;

	do {
		while ((owner = __atomic_load_n(&lock->owner, __ATOMIC_RELAXED))) {
			if (owner == self)
				return false;
			/* The holder may need this CPU to get on. */
			if (++spins % 1024 == 0)
				sched_yield();
		}
	} while (!__atomic_compare_exchange_n(&lock->owner, &owner, self, false,
					      __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
	return true;
}
