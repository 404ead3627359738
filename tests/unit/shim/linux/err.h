/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_SHIM_ERR_H
#define AXE_SHIM_ERR_H

#include <stdbool.h>
#include <stdint.h>

#define ERR_PTR(err)	((void *)(intptr_t)(err))
#define PTR_ERR(p)	((long)(intptr_t)(p))
#define IS_ERR(p)	((uintptr_t)(p) >= (uintptr_t)-4095)
#define IS_ERR_OR_NULL(p)	(!(p) || IS_ERR(p))
#define PTR_ERR_OR_ZERO(p)	(IS_ERR(p) ? PTR_ERR(p) : 0)

#endif
