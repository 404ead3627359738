/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_SHIM_MODULE_H
#define AXE_SHIM_MODULE_H

#include <linux/kernel.h>

#endif
