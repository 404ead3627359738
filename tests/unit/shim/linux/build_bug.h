/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_SHIM_BUILD_BUG_H
#define AXE_SHIM_BUILD_BUG_H

#include <assert.h>

#undef static_assert
#define static_assert(expr, ...)	_Static_assert(expr, #expr)
#define BUILD_BUG_ON(cond)		_Static_assert(!(cond), #cond)

#endif
