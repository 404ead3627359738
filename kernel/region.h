/* SPDX-License-Identifier: GPL-2.0 */
/* Memory regions: what a key stands for. */
#ifndef AXE_REGION_H
#define AXE_REGION_H

#include <linux/completion.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <rdma/ib_verbs.h>

struct axe_dev;
struct axe_mirror;
struct axe_span;
struct dma_buf;
struct ib_umem;

/* A key is an index and, so that a stale one is noticed, a tag of eight bits. */
#define AXE_KEY_SHIFT	8

static inline u32 axe_key_index(u32 key)
{
	return key >> AXE_KEY_SHIFT;
}

enum axe_region_kind {
	AXE_REGION_MIRROR,	/* a window onto a process's mirror (on-demand paging) */
	AXE_REGION_PINNED,	/* pages that stay */
	AXE_REGION_LINEAR,	/* contiguous for the kernel, and stays */
};

/**
 * struct axe_region - a window onto memory; does not change while it is published
 * @users:	one for being published, one for each user
 * @gone:	completed when the last user has gone
 * @rcu:	readers may still look at it when it is freed
 * @dev:	the device
 * @pd:		the protection domain it may be used in; NULL for a memory window,
 *		which serves peers only
 * @window_pd:	of a memory window: the protection domain of QPs that may reach it
 * @qp_id:	of a memory window: axe_qp_id_new() of the one QP that may, 0: any
 * @key:	lkey and rkey
 * @access:	IB_ACCESS_* that it grants
 * @dying:	about to go: who works on it should stop
 * @kind:	what is behind it
 * @iova:	its first address, as the device's user names it
 * @length:	in bytes
 * @va:		its first address in the process; AXE_REGION_LINEAR: in the kernel
 * @mirror:	AXE_REGION_MIRROR: of the process
 * @recent:	AXE_REGION_MIRROR: the span that was used last, or NULL; any will do, and
 *		spans live as long as the mirror
 * @umem:	AXE_REGION_PINNED: what holds the pages
 * @pages:	AXE_REGION_PINNED: they
 * @dmabuf:	AXE_REGION_LINEAR: where it is from, if it is from there
 * @base:	of @dmabuf: where the kernel has it mapped
 * @parent:	of a memory window: whose mirror, umem and pages these are
 * @windows:	memory windows on it; negative: it is about to go and gets no more
 */
struct axe_region {
	refcount_t users;
	struct completion gone;
	struct rcu_head rcu;
	struct axe_dev *dev;
	struct ib_pd *pd;
	struct ib_pd *window_pd;
	u64 qp_id;
	u32 key;
	int access;
	bool dying;
	enum axe_region_kind kind;
	u64 iova;
	u64 length;
	u64 va;
	struct axe_mirror *mirror;
	struct axe_span *recent;
	struct ib_umem *umem;
	struct page **pages;
	struct dma_buf *dmabuf;
	void *base;
	struct axe_region *parent;
	atomic_t windows;
};

int axe_key_alloc(struct axe_dev *dev, u32 *key);
void axe_key_free(struct axe_dev *dev, u32 key);

struct axe_region *axe_region_alloc_mirror(struct axe_dev *dev, struct mm_struct *mm,
					   u64 va, u64 length);
struct mm_struct *axe_region_mm(const struct axe_region *rgn);
struct axe_region *axe_region_alloc_pinned(struct axe_dev *dev, u64 va, u64 length,
					   int access);
struct axe_region *axe_region_alloc_linear(struct axe_dev *dev, void *addr, u64 length);
struct axe_region *axe_region_alloc_window(struct axe_region *parent, u64 addr, u64 length,
					   int access);
bool axe_region_refuse_windows(struct axe_region *rgn);
int axe_region_publish(struct axe_region *rgn);
void axe_region_exchange(struct axe_dev *dev, u32 key, struct axe_region *old,
			 struct axe_region *rgn);
void axe_region_retire(struct axe_region *rgn);
void axe_region_free(struct axe_region *rgn);

/* Kernel memory as it is, at its own addresses. Nobody counts its users. */
extern struct axe_region axe_region_kernel;

struct axe_region *axe_region_get(struct axe_dev *dev, struct ib_pd *pd, u32 key);
struct axe_region *axe_region_get_remote(struct axe_dev *dev, struct ib_pd *pd, u64 qp_id,
					 u32 key);

/**
 * axe_region_put - done with it
 * @rgn:	of axe_region_get()
 */
static inline void axe_region_put(struct axe_region *rgn)
{
	if (refcount_dec_and_test(&rgn->users))
		complete(&rgn->gone);
}

u64 axe_qp_id_new(void);

/* Does the region hold all of @length bytes at @addr? */
static inline bool axe_region_contains(const struct axe_region *rgn, u64 addr, u64 length)
{
	u64 offset = addr - rgn->iova;

	return addr >= rgn->iova && offset <= rgn->length &&
	       length <= rgn->length - offset;
}

#endif
