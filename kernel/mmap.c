// SPDX-License-Identifier: GPL-2.0
/* Memory of the device that a process maps: the rings. */

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "axe.h"
#include "mmap.h"

static void axe_shared_free_pages(struct axe_shared *mem)
{
	vunmap(mem->addr);
	while (mem->num_pages--)
		__free_page(mem->pages[mem->num_pages]);
	kvfree(mem->pages);
}

/* vmalloc_user() would not charge them. */
static int axe_shared_alloc_pages(struct axe_shared *mem)
{
	unsigned int n = mem->length >> PAGE_SHIFT;

	mem->pages = kvmalloc_array(n, sizeof(*mem->pages), GFP_KERNEL_ACCOUNT);
	if (!mem->pages)
		return -ENOMEM;
	for (; mem->num_pages < n; mem->num_pages++) {
		struct page *page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);

		if (!page)
			goto free_pages;
		mem->pages[mem->num_pages] = page;
	}
	mem->addr = vmap(mem->pages, n, VM_MAP, PAGE_KERNEL);
	if (mem->addr)
		return 0;

free_pages:
	axe_shared_free_pages(mem);
	return -ENOMEM;
}

/**
 * axe_shared_alloc - zeroed memory that @ctx may map
 * @ctx:	the context; charged for it. NULL: nobody maps it, it is the kernel's
 * @length:	in bytes
 *
 * Return: the memory, or an ERR_PTR: -ENOMEM, also when the context has its fill.
 */
struct axe_shared *axe_shared_alloc(struct axe_ucontext *ctx, size_t length)
{
	struct axe_shared *mem;
	int ret = -ENOMEM;

	length = PAGE_ALIGN(length);
	if (ctx && atomic64_add_return(length, &ctx->ring_bytes) > AXE_MAX_RING_BYTES)
		goto uncharge;

	mem = kzalloc(sizeof(*mem), GFP_KERNEL_ACCOUNT);
	if (!mem)
		goto uncharge;

	mem->length = length;
	ret = axe_shared_alloc_pages(mem);
	if (ret)
		goto free_mem;

	if (!ctx)
		return mem;
	ret = rdma_user_mmap_entry_insert(&ctx->ib, &mem->entry, length);
	if (ret)
		goto free_pages;
	return mem;

free_pages:
	axe_shared_free_pages(mem);
free_mem:
	kfree(mem);
uncharge:
	if (ctx)
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
	if (mem->entry.ucontext) {
		rdma_user_mmap_entry_remove(&mem->entry);
		return;
	}
	axe_shared_free_pages(mem);
	kfree(mem);
}

static void axe_mmap_free(struct rdma_user_mmap_entry *entry)
{
	struct axe_shared *mem = container_of(entry, struct axe_shared, entry);

	atomic64_sub(mem->length, &to_axe_ucontext(entry->ucontext)->ring_bytes);
	axe_shared_free_pages(mem);
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
	ret = vm_map_pages_zero(vma, mem->pages, mem->num_pages);
	rdma_user_mmap_entry_put(entry);
	return ret;
}

const struct ib_device_ops axe_mmap_ops = {
	.mmap = axe_mmap,
	.mmap_free = axe_mmap_free,
};
