// SPDX-License-Identifier: GPL-2.0
/* Memory of the device that a process maps: the rings. */

#include <linux/vmalloc.h>

#include "axe.h"
#include "mmap.h"

/**
 * axe_shared_alloc - zeroed memory that @ctx may map
 * @ctx:	the context; charged for it
 * @length:	in bytes
 *
 * Return: the memory, or an ERR_PTR: -ENOMEM, also when the context has its fill.
 */
struct axe_shared *axe_shared_alloc(struct axe_ucontext *ctx, size_t length)
{
	struct axe_shared *mem;
	int ret = -ENOMEM;

	length = PAGE_ALIGN(length);
	if (atomic64_add_return(length, &ctx->ring_bytes) > AXE_MAX_RING_BYTES)
		goto uncharge;

	mem = kzalloc(sizeof(*mem), GFP_KERNEL_ACCOUNT);
	if (!mem)
		goto uncharge;

	mem->length = length;
	mem->addr = vmalloc_user(length);
	if (!mem->addr)
		goto free_mem;

	ret = rdma_user_mmap_entry_insert(&ctx->ib, &mem->entry, length);
	if (ret)
		goto free_addr;
	return mem;

free_addr:
	vfree(mem->addr);
free_mem:
	kfree(mem);
uncharge:
	atomic64_sub(length, &ctx->ring_bytes);
	return ERR_PTR(ret);
}

/**
 * axe_shared_free - give the memory back
 * @mem:	not to be touched any more; pages that a process still has mapped
 *		live as long as the mapping
 */
void axe_shared_free(struct axe_shared *mem)
{
	rdma_user_mmap_entry_remove(&mem->entry);
}

static void axe_mmap_free(struct rdma_user_mmap_entry *entry)
{
	struct axe_shared *mem = container_of(entry, struct axe_shared, entry);

	atomic64_sub(mem->length, &to_axe_ucontext(entry->ucontext)->ring_bytes);
	vfree(mem->addr);
	kfree(mem);
}

static int axe_mmap(struct ib_ucontext *ib, struct vm_area_struct *vma)
{
	struct rdma_user_mmap_entry *entry = rdma_user_mmap_entry_get(ib, vma);
	struct axe_shared *mem;
	int ret;

	if (!entry)
		return -EINVAL;

	mem = container_of(entry, struct axe_shared, entry);
	ret = remap_vmalloc_range(vma, mem->addr, 0);
	rdma_user_mmap_entry_put(entry);
	return ret;
}

const struct ib_device_ops axe_mmap_ops = {
	.mmap = axe_mmap,
	.mmap_free = axe_mmap_free,
};
