/* SPDX-License-Identifier: GPL-2.0 */
/* Shared receive queues, and the domains of XRC. */
#ifndef AXE_SRQ_H
#define AXE_SRQ_H

#include <rdma/ib_verbs.h>

struct axe_rq;

struct axe_srq {
	struct ib_srq ib;
	struct axe_rq *rq;
};

struct axe_xrcd {
	struct ib_xrcd ib;
};

static inline struct axe_srq *to_axe_srq(struct ib_srq *ib)
{
	return container_of(ib, struct axe_srq, ib);
}

extern const struct ib_device_ops axe_srq_ops;

#endif
