// SPDX-License-Identifier: GPL-2.0
/*
 * What engines have made of keys: made when a key is first used there, kept until the key
 * or the engine goes, or another key needs the room.
 */

#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/slab.h>

#include "axe.h"
#include "engine.h"

static void axe_engine_key_free(struct axe_engine *e, struct axe_engine_key *ek)
{
	lockdep_assert_held(&e->key_lock);
	if (ek->key)
		WRITE_ONCE(ek->key->on_engine[e->index], NULL);
	list_del(&ek->node);
	e->num_keys--;
	if (!ek->err)
		e->ops.key_release(e->priv, ek->priv);
	kfree(ek);
}

/* Make room for one more. */
static int axe_engine_key_evict(struct axe_engine *e)
{
	struct axe_engine_key *ek;

	lockdep_assert_held(&e->key_lock);
	if (!e->ops.max_keys || e->num_keys < e->ops.max_keys)
		return 0;
	list_for_each_entry(ek, &e->keys, node) {
		if (!ek->users) {
			axe_engine_key_free(e, ek);
			return 0;
		}
	}
	return -EBUSY;
}

static struct axe_engine_key *axe_engine_key_make(struct axe_engine *e, struct axe_key *key)
{
	struct axe_engine_key *ek;

	lockdep_assert_held(&e->key_lock);
	if (!key->bytes || axe_engine_key_evict(e))
		return NULL;
	ek = kzalloc(sizeof(*ek), GFP_KERNEL);
	if (!ek)
		return NULL;
	ek->err = e->ops.key_prepare(e->priv, key->algorithm, key->bytes, key->len, &ek->priv);
	ek->retry = jiffies + HZ;
	ek->key = key;
	key->on_engine[e->index] = ek;
	list_add_tail(&ek->node, &e->keys);
	e->num_keys++;
	return ek;
}

/**
 * axe_engine_key_get - have a key ready on an engine
 * @e:		of axe_engine_pick()
 * @key:	which the command has
 *
 * May sleep.
 *
 * Return: it, to be given back with axe_engine_key_put(); NULL if it does not work out.
 */
struct axe_engine_key *axe_engine_key_get(struct axe_engine *e, struct axe_key *key)
{
	struct axe_engine_key *ek;

	mutex_lock(&e->key_lock);
	ek = key->on_engine[e->index];
	if (ek && ek->err && time_after(jiffies, ek->retry)) {
		axe_engine_key_free(e, ek);
		ek = NULL;
	}
	if (!ek)
		ek = axe_engine_key_make(e, key);
	if (ek && ek->err)
		ek = NULL;
	if (ek) {
		ek->users++;
		list_move_tail(&ek->node, &e->keys);
	}
	mutex_unlock(&e->key_lock);
	return ek;
}

/**
 * axe_engine_key_put - give it back
 * @e:		the engine
 * @ek:		of axe_engine_key_get()
 */
void axe_engine_key_put(struct axe_engine *e, struct axe_engine_key *ek)
{
	mutex_lock(&e->key_lock);
	if (!--ek->users && !ek->key)
		axe_engine_key_free(e, ek);
	mutex_unlock(&e->key_lock);
}

/**
 * axe_engine_keys_release - have an engine let go of all keys that it does not use
 * @e:	the engine, which is down
 */
void axe_engine_keys_release(struct axe_engine *e)
{
	struct axe_engine_key *ek, *next;

	mutex_lock(&e->key_lock);
	list_for_each_entry_safe(ek, next, &e->keys, node)
		if (!ek->users)
			axe_engine_key_free(e, ek);
	mutex_unlock(&e->key_lock);
}

/**
 * axe_engines_forget_key - a key goes: have all engines let go of it
 * @key:	no command uses it
 */
void axe_engines_forget_key(struct axe_key *key)
{
	unsigned int i;

	for (i = AXE_ENGINE_BUILTIN + 1; i < AXE_MAX_ENGINES; i++) {
		struct axe_engine *e = &axe_engines[i];
		struct axe_engine_key *ek;

		/* It may vanish meanwhile, but not appear. */
		if (!READ_ONCE(key->on_engine[i]))
			continue;
		mutex_lock(&e->key_lock);
		ek = key->on_engine[i];
		if (ek && ek->users) {
			/* A request that never ended has it. */
			ek->key = NULL;
			key->on_engine[i] = NULL;
		} else if (ek) {
			axe_engine_key_free(e, ek);
		}
		mutex_unlock(&e->key_lock);
	}
}
