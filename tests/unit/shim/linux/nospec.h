/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_SHIM_NOSPEC_H
#define AXE_SHIM_NOSPEC_H

#define array_index_nospec(index, size)	(index)

#endif
