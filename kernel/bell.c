// SPDX-License-Identifier: GPL-2.0
/*
 * The rings of a context, as its doorbells find them: on the path of every
 * command, so no more than a hash and a reference.
 */

#include <linux/rculist.h>
#include <linux/slab.h>

#include "bell.h"

/**
 * axe_bell_table_alloc - an empty table
 *
 * Return: the table with a reference for the caller, or NULL.
 */
struct axe_bell_table *axe_bell_table_alloc(void)
{
	struct axe_bell_table *table = kzalloc(sizeof(*table), GFP_KERNEL_ACCOUNT);

	if (table) {
		kref_init(&table->ref);
		spin_lock_init(&table->lock);
	}
	return table;
}

static void axe_bell_table_release(struct kref *ref)
{
	struct axe_bell_table *table = container_of(ref, struct axe_bell_table, ref);

	kfree_rcu(table, rcu);
}

/**
 * axe_bell_table_put - drop a reference
 * @table:	freed after a grace period when this was the last one
 */
void axe_bell_table_put(struct axe_bell_table *table)
{
	kref_put(&table->ref, axe_bell_table_release);
}

/**
 * axe_bell_init - make a bell
 * @bell:	in its owner, which outlives all users by a grace period
 * @kind:	of the owner
 * @ring:	enum axe_doorbell_ring
 */
void axe_bell_init(struct axe_bell *bell, enum axe_bell_kind kind, u32 ring)
{
	bell->kind = kind;
	bell->ring = ring;
	refcount_set(&bell->users, 1);
	init_completion(&bell->gone);
}

static struct hlist_head *axe_bell_bucket(struct axe_bell_table *table, u32 number)
{
	return &table->buckets[number % AXE_BELL_BUCKETS];
}

/**
 * axe_bell_add - let doorbells find it
 * @table:	of its context
 * @bell:	with its number
 */
void axe_bell_add(struct axe_bell_table *table, struct axe_bell *bell)
{
	spin_lock(&table->lock);
	hlist_add_head_rcu(&bell->node, axe_bell_bucket(table, bell->number));
	spin_unlock(&table->lock);
}

/**
 * axe_bell_remove - let no doorbell find it any more
 * @table:	of its context
 * @bell:	added before
 */
void axe_bell_remove(struct axe_bell_table *table, struct axe_bell *bell)
{
	spin_lock(&table->lock);
	hlist_del_rcu(&bell->node);
	spin_unlock(&table->lock);
}

/**
 * axe_bell_wait - wait for the users
 * @bell:	cannot be found any more; on return without users
 */
void axe_bell_wait(struct axe_bell *bell)
{
	axe_bell_put(bell);
	wait_for_completion(&bell->gone);
}

/**
 * axe_bell_find - what a doorbell names
 * @table:	of its context
 * @number:	any number
 * @ring:	any number
 *
 * Called under rcu_read_lock().
 *
 * Return: the bell, with a reference for the caller, or NULL.
 */
struct axe_bell *axe_bell_find(struct axe_bell_table *table, u32 number, u32 ring)
{
	struct axe_bell *bell;

	hlist_for_each_entry_rcu(bell, axe_bell_bucket(table, number), node) {
		if (bell->number == number && bell->ring == ring)
			return axe_bell_get(bell) ? bell : NULL;
	}
	return NULL;
}
