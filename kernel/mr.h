/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_MR_H
#define AXE_MR_H

#include <rdma/ib_verbs.h>

struct axe_region;

/**
 * struct axe_mr - a memory region as verbs knows it
 * @ib:		first, for uverbs frees it by that
 * @rgn:	what its key stands for at present
 */
struct axe_mr {
	struct ib_mr ib;
	struct axe_region *rgn;
};

static inline struct axe_mr *to_axe_mr(struct ib_mr *ib)
{
	return container_of(ib, struct axe_mr, ib);
}

struct ib_mr *axe_mr_make(struct ib_pd *pd, struct axe_region *rgn, u64 iova, int access);

#endif
