/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_SHIM_BITOPS_H
#define AXE_SHIM_BITOPS_H

#define hweight64(v)	((unsigned int)__builtin_popcountll(v))

#endif
