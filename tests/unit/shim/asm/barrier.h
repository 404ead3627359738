/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_SHIM_BARRIER_H
#define AXE_SHIM_BARRIER_H

/* One thread, so no order; but as the kernel has them. */
#define smp_load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
#undef smp_store_release
/* Likewise. */
#define smp_store_release(p, v)	__atomic_store_n(p, v, __ATOMIC_RELEASE)

#endif
