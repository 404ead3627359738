/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * A spin lock that knows its owner.
 *
 * ibv_wr_start() and ibv_start_poll() return with the lock held, so that a
 * program that forgets to complete, or arms a CQ while it walks it, would wait
 * for itself. Knowing the owner turns that into an error, or into nothing at
 * all; and it is inline, where pthread's is a call.
 */
#ifndef AXE_LOCK_H
#define AXE_LOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <util/compiler.h>

/**
 * struct axe_lock - the lock
 * @owner:	axe_self() of the holder, 0: free
 * @shared:	false if the application promised to use it from one thread at a
 *		time (a thread domain, a single-threaded CQ): no atomics then
 */
struct axe_lock {
	uintptr_t owner;
	bool shared;
};

/* Of this thread and of no other: pthread_self(), but one instruction. */
static inline uintptr_t axe_self(void)
{
#ifdef __has_builtin
#if __has_builtin(__builtin_thread_pointer)
	return (uintptr_t)__builtin_thread_pointer();
#endif
#endif
	return (uintptr_t)pthread_self();
}

static inline void axe_lock_init(struct axe_lock *lock, bool shared)
{
	lock->owner = 0;
	lock->shared = shared;
}

/* false: the caller holds it already */
bool axe_lock_contended(struct axe_lock *lock, uintptr_t self);

static inline bool axe_lock(struct axe_lock *lock)
{
	uintptr_t self = axe_self();
	uintptr_t expected = 0;

	if (unlikely(!lock->shared)) {
		if (lock->owner)
			return false;
		lock->owner = self;
		return true;
	}
	if (likely(__atomic_compare_exchange_n(&lock->owner, &expected, self, false,
					       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)))
		return true;
	return axe_lock_contended(lock, self);
}

static inline bool axe_lock_held(struct axe_lock *lock)
{
	uintptr_t owner = __atomic_load_n(&lock->owner, __ATOMIC_RELAXED);

	return lock->shared ? owner == axe_self() : owner != 0;
}

static inline void axe_unlock(struct axe_lock *lock)
{
	__atomic_store_n(&lock->owner, 0, __ATOMIC_RELEASE);
}

#endif
