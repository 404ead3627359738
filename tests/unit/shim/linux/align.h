/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_SHIM_ALIGN_H
#define AXE_SHIM_ALIGN_H

#include <stdint.h>

#define ALIGN(x, a)		(((x) + (a) - 1) & ~((__typeof__(x))(a) - 1))
#define PTR_ALIGN(p, a)		((__typeof__(p))ALIGN((uintptr_t)(p), (a)))
#define IS_ALIGNED(x, a)	(((x) & ((__typeof__(x))(a) - 1)) == 0)

#endif
