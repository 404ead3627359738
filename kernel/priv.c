// SPDX-License-Identifier: GPL-2.0
/* Private memory of operations, kept for reuse. */

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "axe.h"
#include "engine.h"
#include "run.h"

/* While it is free, private memory is a link of its pool's list. */
static unsigned int axe_priv_pool_limit(void)
{
	return 2 * num_online_cpus();
}

/**
 * axe_priv_get - private memory for a command
 * @dev:	the device
 * @x:		the command, of an operation with axe_op_has_priv(); its @priv_len is set
 * @opcode:	which one
 *
 * May sleep: before pages are held.
 *
 * Return: the memory, not initialised, or NULL.
 */
void *axe_priv_get(struct axe_dev *dev, struct axe_exec *x, unsigned int opcode)
{
	struct axe_priv_pool *pool = &dev->priv_pool[opcode];
	const struct axe_op *op = axe_ops[opcode];
	struct list_head *priv = NULL;

	x->priv_len = op->priv_need ? op->priv_need(x) :
		      max(op->priv_size(), sizeof(struct list_head));
	if (op->priv_need)
		return axe_load_alloc(dev, x->priv_len);
	spin_lock(&pool->lock);
	if (pool->count) {
		priv = pool->free.next;
		list_del(priv);
		pool->count--;
	}
	spin_unlock(&pool->lock);
	if (priv)
		return priv;
	return kvmalloc(x->priv_len, GFP_KERNEL);
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
	struct axe_priv_pool *pool = &dev->priv_pool[opcode];

	if (axe_ops[opcode]->priv_need) {
		axe_load_free(dev, priv, len);
		return;
	}
	/* It has seen what somebody encrypts. */
	if (axe_ops[opcode]->flags & AXE_OP_HAS_KEY)
		memzero_explicit(priv, len);
	spin_lock(&pool->lock);
	if (pool->count < axe_priv_pool_limit()) {
		list_add(priv, &pool->free);
		pool->count++;
		priv = NULL;
	}
	spin_unlock(&pool->lock);
	kvfree(priv);
}

/**
 * axe_priv_pools_drain - free what the pools hold
 * @dev:	the device, on its way out
 */
void axe_priv_pools_drain(struct axe_dev *dev)
{
	struct list_head *priv, *next;
	int i;

	for (i = 0; i < AXE_OP_MAX; i++) {
		list_for_each_safe(priv, next, &dev->priv_pool[i].free)
			kvfree(priv);
		INIT_LIST_HEAD(&dev->priv_pool[i].free);
		dev->priv_pool[i].count = 0;
	}
}
