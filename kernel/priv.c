// SPDX-License-Identifier: GPL-2.0
/*
 * Private memory of operations, kept for reuse: to allocate megabytes of it, which the kernel
 * clears, takes longer than many a command.
 */

#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/shrinker.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "axe.h"
#include "engine.h"
#include "run.h"

/* What is free and kept, of a device, at most. */
#define AXE_PRIV_POOL_BYTES	SZ_32M

/**
 * struct axe_priv_free - private memory while it is free: its own first bytes
 * @node:	in the pool of its operation
 * @len:	of all of it
 */
struct axe_priv_free {
	struct list_head node;
	size_t len;
};

static unsigned int axe_priv_pool_limit(void)
{
	return 2 * num_online_cpus();
}

/* Memory of exactly that length, or NULL. */
static void *axe_priv_reuse(struct axe_dev *dev, unsigned int opcode, size_t len)
{
	struct axe_priv_pool *pool = &dev->priv_pool[opcode];
	struct axe_priv_free *found = NULL, *f;

	spin_lock(&pool->lock);
	list_for_each_entry(f, &pool->free, node) {
		if (f->len == len) {
			list_del(&f->node);
			pool->count--;
			found = f;
			break;
		}
	}
	spin_unlock(&pool->lock);
	if (found)
		atomic64_sub(len, &dev->pool_bytes);
	return found;
}

/* The last one, which has been free for longest. Returns how long it was, 0: there was none. */
static size_t axe_priv_drop_last(struct axe_dev *dev, struct axe_priv_pool *pool)
{
	struct axe_priv_free *last = NULL;
	size_t len;

	spin_lock(&pool->lock);
	if (pool->count) {
		last = list_last_entry(&pool->free, struct axe_priv_free, node);
		list_del(&last->node);
		pool->count--;
	}
	spin_unlock(&pool->lock);
	if (!last)
		return 0;
	len = last->len;
	atomic64_sub(len, &dev->pool_bytes);
	kvfree(last);
	return len;
}

/* Keep it, or free it. */
static void axe_priv_keep(struct axe_dev *dev, unsigned int opcode, struct axe_priv_free *f,
			  size_t len)
{
	struct axe_priv_pool *pool = &dev->priv_pool[opcode];

	if (atomic64_add_return(len, &dev->pool_bytes) > AXE_PRIV_POOL_BYTES) {
		atomic64_sub(len, &dev->pool_bytes);
		kvfree(f);
		return;
	}
	if (READ_ONCE(pool->count) >= axe_priv_pool_limit())
		axe_priv_drop_last(dev, pool);
	f->len = len;
	spin_lock(&pool->lock);
	list_add(&f->node, &pool->free);
	WRITE_ONCE(pool->count, pool->count + 1);
	spin_unlock(&pool->lock);
}

/* Has it seen what somebody encrypts? */
static bool axe_priv_is_secret(const struct axe_op *op)
{
	return op->flags & AXE_OP_HAS_KEY || op->chain;
}

/**
 * axe_priv_get - private memory for a command
 * @dev:	the device
 * @x:		the command, of an operation with axe_op_has_priv(); its @priv_len is set
 * @opcode:	which one
 *
 * May sleep: before pages are held. What depends on the command (axe_op.priv_need) counts
 * with what commands have loaded, AXE_MAX_LOAD_BYTES.
 *
 * Return: the memory, not initialised, or NULL.
 */
void *axe_priv_get(struct axe_dev *dev, struct axe_exec *x, unsigned int opcode)
{
	const struct axe_op *op = axe_ops[opcode];
	void *priv;

	x->priv_len = max(op->priv_need ? op->priv_need(x) : op->priv_size(),
			  sizeof(struct axe_priv_free));
	if (op->priv_need && !axe_load_charge(dev, x->priv_len))
		return NULL;
	priv = axe_priv_reuse(dev, opcode, x->priv_len);
	if (!priv)
		priv = kvmalloc(x->priv_len, GFP_KERNEL | __GFP_NOWARN);
	if (!priv && op->priv_need)
		axe_load_uncharge(dev, x->priv_len);
	return priv;
}

/**
 * axe_priv_put - give it back
 * @dev:	the device
 * @opcode:	as it was got for
 * @priv:	what was got
 * @len:	the @priv_len of then
 */
void axe_priv_put(struct axe_dev *dev, unsigned int opcode, void *priv, size_t len)
{
	const struct axe_op *op = axe_ops[opcode];

	if (op->priv_need)
		axe_load_uncharge(dev, len);
	if (axe_priv_is_secret(op))
		memzero_explicit(priv, len);
	axe_priv_keep(dev, opcode, priv, len);
}

static size_t axe_priv_drop_all(struct axe_dev *dev)
{
	size_t len, all = 0;
	int i;

	for (i = 0; i < AXE_OP_MAX; i++)
		while ((len = axe_priv_drop_last(dev, &dev->priv_pool[i])))
			all += len;
	return all;
}

static unsigned long axe_priv_count(struct shrinker *shrinker, struct shrink_control *sc)
{
	struct axe_dev *dev = shrinker->private_data;

	return atomic64_read(&dev->pool_bytes) >> PAGE_SHIFT;
}

static unsigned long axe_priv_scan(struct shrinker *shrinker, struct shrink_control *sc)
{
	struct axe_dev *dev = shrinker->private_data;

	return axe_priv_drop_all(dev) >> PAGE_SHIFT;
}

/**
 * axe_priv_pools_init - have a device keep private memory
 * @dev: the device; axe_priv_pools_drain() goes with it
 *
 * Return: 0 or -ENOMEM.
 */
int axe_priv_pools_init(struct axe_dev *dev)
{
	int i;

	for (i = 0; i < AXE_OP_MAX; i++) {
		spin_lock_init(&dev->priv_pool[i].lock);
		INIT_LIST_HEAD(&dev->priv_pool[i].free);
	}
	dev->priv_shrinker = shrinker_alloc(0, "axe-priv");
	if (!dev->priv_shrinker)
		return -ENOMEM;
	dev->priv_shrinker->count_objects = axe_priv_count;
	dev->priv_shrinker->scan_objects = axe_priv_scan;
	dev->priv_shrinker->private_data = dev;
	shrinker_register(dev->priv_shrinker);
	return 0;
}

/**
 * axe_priv_pools_drain - free what the pools hold
 * @dev:	the device, on its way out; of axe_priv_pools_init(), whatever that returned
 */
void axe_priv_pools_drain(struct axe_dev *dev)
{
	shrinker_free(dev->priv_shrinker);
	axe_priv_drop_all(dev);
}
