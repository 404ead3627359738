/* SPDX-License-Identifier: GPL-2.0 */
/* dma-buf regions. */
#ifndef AXE_DMABUF_H
#define AXE_DMABUF_H

struct dma_buf;

void axe_dmabuf_release(struct dma_buf *buf, void *base);

#endif
