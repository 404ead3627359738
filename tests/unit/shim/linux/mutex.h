/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_SHIM_MUTEX_H
#define AXE_SHIM_MUTEX_H

#include <pthread.h>

#define DEFINE_MUTEX(name)	pthread_mutex_t name = PTHREAD_MUTEX_INITIALIZER
#define mutex_lock(m)		((void)pthread_mutex_lock(m))
#define mutex_unlock(m)		((void)pthread_mutex_unlock(m))

#endif
