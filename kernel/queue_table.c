// SPDX-License-Identifier: GPL-2.0
/*
 * The queues of a context, as its doorbells find them: on the path of every
 * command, so no more than a hash and a reference.
 */

#include <linux/rculist.h>
#include <linux/slab.h>

#include "queue.h"
#include "queue_table.h"

/**
 * axe_queue_table_alloc - an empty table
 *
 * Return: the table with a reference for the caller, or NULL.
 */
struct axe_queue_table *axe_queue_table_alloc(void)
{
	struct axe_queue_table *table = kzalloc(sizeof(*table), GFP_KERNEL_ACCOUNT);

	if (table) {
		kref_init(&table->ref);
		spin_lock_init(&table->lock);
	}
	return table;
}

static void axe_queue_table_release(struct kref *ref)
{
	struct axe_queue_table *table = container_of(ref, struct axe_queue_table, ref);

	kfree_rcu(table, rcu);
}

/**
 * axe_queue_table_put - drop a reference
 * @table:	freed after a grace period when this was the last one
 */
void axe_queue_table_put(struct axe_queue_table *table)
{
	kref_put(&table->ref, axe_queue_table_release);
}

static struct hlist_head *axe_queue_bucket(struct axe_queue_table *table, u32 qp_num)
{
	return &table->buckets[qp_num % AXE_QUEUE_BUCKETS];
}

/**
 * axe_queue_table_add - let doorbells find a queue
 * @table:	of its context
 * @q:		the queue, with its number
 */
void axe_queue_table_add(struct axe_queue_table *table, struct axe_queue *q)
{
	spin_lock(&table->lock);
	hlist_add_head_rcu(&q->node, axe_queue_bucket(table, q->qp_num));
	spin_unlock(&table->lock);
}

/**
 * axe_queue_table_remove - let nobody find it, and wait for who has
 * @table:	of its context
 * @q:		on return without users
 */
void axe_queue_table_remove(struct axe_queue_table *table, struct axe_queue *q)
{
	spin_lock(&table->lock);
	hlist_del_rcu(&q->node);
	spin_unlock(&table->lock);
	axe_queue_put(q);
	wait_for_completion(&q->gone);
}

/**
 * axe_queue_table_get - the queue of a number
 * @table:	of a context
 * @qp_num:	any number
 *
 * Called under rcu_read_lock().
 *
 * Return: the queue, with a reference for the caller, or NULL.
 */
struct axe_queue *axe_queue_table_get(struct axe_queue_table *table, u32 qp_num)
{
	struct axe_queue *q;

	hlist_for_each_entry_rcu(q, axe_queue_bucket(table, qp_num), node) {
		if (q->qp_num == qp_num)
			return refcount_inc_not_zero(&q->users) ? q : NULL;
	}
	return NULL;
}

/**
 * axe_queue_put - done with it
 * @q:		of axe_queue_table_get()
 */
void axe_queue_put(struct axe_queue *q)
{
	if (refcount_dec_and_test(&q->users))
		complete(&q->gone);
}
