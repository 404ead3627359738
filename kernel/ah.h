/* SPDX-License-Identifier: GPL-2.0 */
/* Address handles. */
#ifndef AXE_AH_H
#define AXE_AH_H

#include <linux/rcupdate.h>
#include <rdma/ib_verbs.h>

#include "path.h"

/**
 * struct axe_av - what datagrams know of an address handle; does not change
 * @rcu:	who found it may still look at it when it is freed
 * @id:		never that of another one
 * @number:	as requests name it
 * @pd:		where it may be used
 * @path:	a copy for whoever uses it
 */
struct axe_av {
	struct rcu_head rcu;
	u64 id;
	u32 number;
	struct ib_pd *pd;
	struct axe_path path;
};

struct axe_ah {
	struct ib_ah ib;
	struct axe_av *av;
	struct rdma_ah_attr attr;	/* without references; to be told by query */
};

static inline struct axe_ah *to_axe_ah(struct ib_ah *ib)
{
	return container_of(ib, struct axe_ah, ib);
}

extern const struct ib_device_ops axe_ah_ops;

#endif
