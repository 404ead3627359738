/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_SHIM_BUG_H
#define AXE_SHIM_BUG_H

#include <stdlib.h>

#include <linux/build_bug.h>

/* What the kernel only warns of, a test must not pass over. */
#define BUG_ON(cond)		do { if (cond) abort(); } while (0)
#define WARN_ON_ONCE(cond)	({ if (cond) abort(); false; })
#define WARN_ON(cond)		WARN_ON_ONCE(cond)

#endif
