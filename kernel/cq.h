/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_CQ_H
#define AXE_CQ_H

#include <linux/spinlock.h>
#include <rdma/axe-ring.h>
#include <rdma/ib_verbs.h>

struct axe_shared;

/**
 * struct axe_cq - a completion queue
 * @ib:		what verbs knows of it
 * @lock:	protects all that follows
 * @mem:	the ring
 * @hdr:	its head, shared with the process
 * @cqes:	its entries
 * @mask:	number of entries, less one
 * @producer:	ours; what is in @hdr is only told to the process
 * @consumer:	the process's, as last read and found sane
 * @timestamp:	fill in timestamps
 * @broken:	a completion did not fit; nothing more goes in
 */
struct axe_cq {
	struct ib_cq ib;
	spinlock_t lock;
	struct axe_shared *mem;
	struct axe_cq_hdr *hdr;
	struct axe_cqe *cqes;
	u32 mask;
	u32 producer;
	u32 consumer;
	bool timestamp;
	bool broken;
};

static inline struct axe_cq *to_axe_cq(struct ib_cq *ib)
{
	return container_of(ib, struct axe_cq, ib);
}

bool axe_cq_post(struct axe_cq *cq, const struct axe_cqe *cqe, bool solicited);

#endif
