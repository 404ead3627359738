/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_SHIM_ARRAY_SIZE_H
#define AXE_SHIM_ARRAY_SIZE_H

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

#endif
