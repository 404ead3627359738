/* SPDX-License-Identifier: GPL-2.0 */
/* The rings of a context, as its doorbells find them. */
#ifndef AXE_BELL_H
#define AXE_BELL_H

#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <rdma/axe-ring.h>

#define AXE_BELL_BUCKETS	64

/* What rings when a doorbell names it. */
enum axe_bell_kind {
	AXE_BELL_QUEUE,		/* struct axe_queue: an accelerator queue */
	AXE_BELL_PEER,		/* struct axe_peer: the send ring of a peer's QP */
	AXE_BELL_RQ,		/* struct axe_rq: a receive ring */
};

/**
 * struct axe_bell - something that has a ring, and a number
 * @node:	in its context's struct axe_bell_table
 * @kind:	what it is in
 * @ring:	enum axe_doorbell_ring
 * @number:	of its QP or SRQ
 * @users:	one for itself, one for whoever was given it
 * @gone:	completed when the last user has gone
 */
struct axe_bell {
	struct hlist_node node;
	enum axe_bell_kind kind;
	u32 ring;
	u32 number;
	refcount_t users;
	struct completion gone;
};

/**
 * struct axe_bell_table - the rings of a context
 * @ref:	the context, and each of its doorbells: it outlives the context where
 *		a doorbell's file does
 * @rcu:	readers may still look at it when it is freed
 * @lock:	protects @buckets against other writers
 * @buckets:	struct axe_bell, by number modulo; RCU for readers
 */
struct axe_bell_table {
	struct kref ref;
	struct rcu_head rcu;
	spinlock_t lock;	/* see above */
	struct hlist_head buckets[AXE_BELL_BUCKETS];
};

struct axe_bell_table *axe_bell_table_alloc(void);
void axe_bell_table_put(struct axe_bell_table *table);

void axe_bell_init(struct axe_bell *bell, enum axe_bell_kind kind, u32 ring);
void axe_bell_add(struct axe_bell_table *table, struct axe_bell *bell);
void axe_bell_remove(struct axe_bell_table *table, struct axe_bell *bell);
void axe_bell_wait(struct axe_bell *bell);
struct axe_bell *axe_bell_find(struct axe_bell_table *table, u32 number, u32 ring);

/* Take a reference, of something found under RCU. Returns false if it is on its way out. */
static inline bool axe_bell_get(struct axe_bell *bell)
{
	return refcount_inc_not_zero(&bell->users);
}

/* Done with it. */
static inline void axe_bell_put(struct axe_bell *bell)
{
	if (refcount_dec_and_test(&bell->users))
		complete(&bell->gone);
}

#endif
