/* SPDX-License-Identifier: GPL-2.0 */
/* Device memory. */
#ifndef AXE_DM_H
#define AXE_DM_H

#include <rdma/ib_verbs.h>

struct axe_shared;

/**
 * struct axe_dm - a piece of device memory
 * @ib:		what verbs knows of it
 * @mem:	the memory, which its process may also map
 */
struct axe_dm {
	struct ib_dm ib;
	struct axe_shared *mem;
};

static inline struct axe_dm *to_axe_dm(struct ib_dm *ib)
{
	return container_of(ib, struct axe_dm, ib);
}

#endif
