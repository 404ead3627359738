/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_SHIM_KERNEL_H
#define AXE_SHIM_KERNEL_H

#include <linux/align.h>
#include <linux/bug.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>

/* For the kernel's own zlib, if that is what the tests are built with. */
#define fallthrough		__attribute__((__fallthrough__))
#define IS_ENABLED(option)	(option)
#define CONFIG_HAVE_EFFICIENT_UNALIGNED_ACCESS 1

#endif
