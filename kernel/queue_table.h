/* SPDX-License-Identifier: GPL-2.0 */
/* The queues of a context, as its doorbells find them. */
#ifndef AXE_QUEUE_TABLE_H
#define AXE_QUEUE_TABLE_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>

struct axe_queue;

#define AXE_QUEUE_BUCKETS	64

/**
 * struct axe_queue_table - the queues of a context, by QP number
 * @ref:	the context, and each of its doorbells: it outlives the context where
 *		a doorbell's file does
 * @rcu:	readers may still look at it when it is freed
 * @lock:	protects @buckets against other writers
 * @buckets:	struct axe_queue, by QP number modulo; RCU for readers
 */
struct axe_queue_table {
	struct kref ref;
	struct rcu_head rcu;
	spinlock_t lock;	/* see above */
	struct hlist_head buckets[AXE_QUEUE_BUCKETS];
};

struct axe_queue_table *axe_queue_table_alloc(void);
void axe_queue_table_put(struct axe_queue_table *table);
void axe_queue_table_add(struct axe_queue_table *table, struct axe_queue *q);
void axe_queue_table_remove(struct axe_queue_table *table, struct axe_queue *q);
struct axe_queue *axe_queue_table_get(struct axe_queue_table *table, u32 qp_num);
void axe_queue_put(struct axe_queue *q);

#endif
