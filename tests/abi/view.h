/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * How one compiler, in one language, on one side of the system call, sees the
 * structures of the ABI. Built three times - the kernel's C, C, C++ - and
 * compared by layout.c.
 */
#ifndef AXE_ABI_VIEW_H
#define AXE_ABI_VIEW_H

#include <rdma/axe-abi.h>
#include <rdma/axe-ring.h>
#include <rdma/axe_user_ioctl_cmds.h>

struct view_row {
	char name[56];		/* "struct.field" */
	__u16 struct_size;
	__u16 offset;
	__u16 size;
	__u16 align;
};

#define ROW(s, f)                                                              \
	{                                                                      \
		#s "." #f, sizeof(struct s), offsetof(struct s, f),            \
		sizeof(((struct s *)0)->f), __alignof__(((struct s *)0)->f)    \
	},

#endif
