// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Never loaded: the section is cut out of the object and compared by layout.c. */
#include <linux/module.h>
#include "view.h"

static const struct view_row view_kernel[] __used __section(".axe_abi") = {
#include "fields.inc"
};

MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("The kernel's view of axe's ABI");
