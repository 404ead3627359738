/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* A context whose rings are in a file, for tests of objects whose kernel says yes. */
#ifndef AXE_TEST_KERNEL_H
#define AXE_TEST_KERNEL_H

#include <sys/mman.h>
#include <unistd.h>

#include "rig.h"

#define RING_BYTES	65536

/**
 * struct kernel - the other side
 * @ctx:	a context of it; its cmd_fd is a file with room for a few rings
 * @vdev:	its device
 */
struct kernel {
	struct axe_context ctx;
	struct verbs_device vdev;
};

static inline void kernel_init(struct kernel *k)
{
	struct ibv_context *ibvctx = &k->ctx.ibvctx.context;

	ibvctx->device = &k->vdev.device;
	ibvctx->abi_compat = __VERBS_ABI_IS_EXTENDED;
	ibvctx->cmd_fd = memfd_create("rings", 0);
	assert_int_equal(ftruncate(ibvctx->cmd_fd, 4 * RING_BYTES), 0);
}

static inline void kernel_exit(struct kernel *k)
{
	close(k->ctx.ibvctx.context.cmd_fd);
}

/* Ring @index of the file, as the device sees it; to be unmapped. */
static inline struct axe_sq_hdr *kernel_map(struct kernel *k, int index)
{
	void *map = mmap(NULL, RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
			 k->ctx.ibvctx.context.cmd_fd, index * RING_BYTES);

	assert_ptr_not_equal(map, MAP_FAILED);
	return map;
}

#endif
