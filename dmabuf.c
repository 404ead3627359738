// SPDX-License-Identifier: GPL-2.0
/*
 * dma-buf regions: memory that another driver exports. Ours is no DMA device, so
 * it is not attached to the buffer but works on the kernel's mapping of it, as any
 * access of the kernel's own does.
 */

#include <linux/dma-buf.h>
#include <linux/dma-direction.h>
#include <linux/iosys-map.h>

#include "axe.h"
#include "dmabuf.h"
#include "mr.h"
#include "region.h"

AXE_IMPORT_NS(DMA_BUF);

#define AXE_DMABUF_ACCESS	(IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_WRITE | \
				 IB_ACCESS_REMOTE_READ | IB_ACCESS_REMOTE_ATOMIC | \
				 IB_ACCESS_MW_BIND | IB_ACCESS_FLUSH_GLOBAL | \
				 IB_ACCESS_OPTIONAL)

/* Have all of it where we can work on it, and coherent with what others see. */
static void *axe_dmabuf_map(struct dma_buf *buf)
{
	struct iosys_map map;
	int ret;

	ret = dma_buf_begin_cpu_access(buf, DMA_BIDIRECTIONAL);
	if (ret)
		return ERR_PTR(ret);
	ret = dma_buf_vmap_unlocked(buf, &map);
	if (ret)
		goto end_access;
	if (!map.is_iomem)
		return map.vaddr;

	/* It cannot be reached with plain loads and stores. */
	ret = -EOPNOTSUPP;
	dma_buf_vunmap_unlocked(buf, &map);
end_access:
	dma_buf_end_cpu_access(buf, DMA_BIDIRECTIONAL);
	return ERR_PTR(ret);
}

/**
 * axe_dmabuf_release - undo what a region of a dma-buf has
 * @buf:	the buffer
 * @base:	where it is mapped
 */
void axe_dmabuf_release(struct dma_buf *buf, void *base)
{
	struct iosys_map map = IOSYS_MAP_INIT_VADDR(base);

	dma_buf_vunmap_unlocked(buf, &map);
	dma_buf_end_cpu_access(buf, DMA_BIDIRECTIONAL);
	dma_buf_put(buf);
}

static struct axe_region *axe_region_alloc_dmabuf(struct axe_dev *dev, int fd, u64 offset,
						  u64 length)
{
	struct dma_buf *buf = dma_buf_get(fd);
	struct axe_region *rgn;
	void *base;

	if (IS_ERR(buf))
		return ERR_CAST(buf);
	rgn = ERR_PTR(-EINVAL);
	if (!length || offset > buf->size || length > buf->size - offset)
		goto put_buf;
	base = axe_dmabuf_map(buf);
	if (IS_ERR(base)) {
		rgn = ERR_CAST(base);
		goto put_buf;
	}

	rgn = axe_region_alloc_linear(dev, base + offset, length);
	if (IS_ERR(rgn)) {
		axe_dmabuf_release(buf, base);
		return rgn;
	}
	rgn->dmabuf = buf;
	rgn->base = base;
	return rgn;

put_buf:
	dma_buf_put(buf);
	return rgn;
}

static struct ib_mr *axe_reg_user_mr_dmabuf(struct ib_pd *pd, u64 offset, u64 length,
					    u64 iova, int fd, int access,
					    AXE_REG_USER_MR_DMAH
					    struct uverbs_attr_bundle *attrs)
{
	struct axe_region *rgn;

	if (access & ~AXE_DMABUF_ACCESS)
		return ERR_PTR(-EOPNOTSUPP);
	if (length > U64_MAX - iova)
		return ERR_PTR(-EINVAL);

	rgn = axe_region_alloc_dmabuf(to_axe_dev(pd->device), fd, offset, length);
	if (IS_ERR(rgn))
		return ERR_CAST(rgn);
	return axe_mr_make(pd, rgn, iova, access);
}

const struct ib_device_ops axe_dmabuf_ops = {
	.reg_user_mr_dmabuf = axe_reg_user_mr_dmabuf,
};
