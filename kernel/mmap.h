/* SPDX-License-Identifier: GPL-2.0 */
/* Memory of the device that a process maps: the rings. */
#ifndef AXE_MMAP_H
#define AXE_MMAP_H

#include <rdma/ib_verbs.h>

struct axe_ucontext;

/**
 * struct axe_shared - memory shared with a process
 * @entry:	how a process finds it, by an offset into the device file
 * @pages:	charged to the memory cgroup of who made it
 * @num_pages:	how many
 * @addr:	where the kernel sees it
 * @length:	in bytes, whole pages
 */
struct axe_shared {
	struct rdma_user_mmap_entry entry;
	struct page **pages;
	unsigned int num_pages;
	void *addr;
	size_t length;
};

struct axe_shared *axe_shared_alloc(struct axe_ucontext *ctx, size_t length);
void axe_shared_free(struct axe_shared *mem);

static inline u64 axe_shared_offset(struct axe_shared *mem)
{
	return rdma_user_mmap_get_offset(&mem->entry);
}

#endif
