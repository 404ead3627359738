/* SPDX-License-Identifier: GPL-2.0 */
/* Engines: who implements an operation. The CPU, number 0, and those that modules bring. */
#ifndef AXE_ENGINE_H
#define AXE_ENGINE_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "axe_engine.h"
#include "key.h"

struct axe_dev;
struct axe_exec;
struct axe_runner;
struct axe_task;

#define AXE_ENGINE_BUILTIN	0

enum axe_engine_stat {
	AXE_ENGINE_STAT_CMDS,
	AXE_ENGINE_STAT_BYTES_IN,
	AXE_ENGINE_STAT_BYTES_OUT,
	AXE_ENGINE_STAT_ERRORS,
	AXE_ENGINE_STAT_FALLBACKS,
	AXE_ENGINE_STAT_BACKLOGGED,
	AXE_ENGINE_STAT_MAX,
};

/**
 * struct axe_engine - an engine that a module has registered, or room for one
 * @index:	its number, while it is registered
 * @ops:	what the module says; changes like @registered
 * @priv:	the module's
 * @registered:	changes with axe_engine_sem held for writing, read with it held
 * @up:		likewise
 * @failed:	it does not answer; until it is up again
 * @users:	commands that have taken it, while it was up, and requests that it never ended
 * @idle:	woken when @users drops to 0
 * @in_flight:	requests that it has
 * @ended:	requests that it has ended, runs freely
 * @wait:	woken when it has ended one
 * @key_lock:	protects what follows, and axe_key.on_engine at @index
 * @keys:	struct axe_engine_key, what was used last at the end
 * @num_keys:	how many
 * @stats:	by enum axe_engine_stat
 */
struct axe_engine {
	unsigned int index;
	struct axe_engine_ops ops;
	void *priv;
	bool registered;
	bool up;
	bool failed;
	atomic_t users;
	wait_queue_head_t idle;
	atomic_t in_flight;
	atomic_t ended;
	wait_queue_head_t wait;
	struct mutex key_lock;	/* see above */
	struct list_head keys;
	unsigned int num_keys;
	atomic64_t stats[AXE_ENGINE_STAT_MAX];
};

/**
 * struct axe_engine_key - what an engine has made of a key; under its key_lock
 * @node:	in axe_engine.keys
 * @key:	the key; NULL: it has gone, and this goes with its last user
 * @priv:	of key_prepare()
 * @err:	the engine does not take the key
 * @retry:	until then, in jiffies
 * @users:	commands that use it
 */
struct axe_engine_key {
	struct list_head node;
	struct axe_key *key;
	void *priv;
	int err;
	unsigned long retry;
	unsigned int users;
};

/* engine.c */
void axe_engines_init(void);
unsigned int axe_engines_describe(struct axe_engine_info *infos, struct axe_engine_status *status);
u32 axe_engines_of_op(unsigned int opcode);
bool axe_engine_goes(u32 engine, u8 offload);
struct axe_engine *axe_engine_pick(const struct axe_runner *runner, const struct axe_task *task,
				   struct axe_engine **missed);
void axe_engine_put(struct axe_engine *e);

static inline void axe_engine_count(struct axe_engine *e, enum axe_engine_stat stat, u64 n)
{
	atomic64_add(n, &e->stats[stat]);
}

static inline u32 axe_engine_max_bytes(const struct axe_engine *e)
{
	return e->ops.max_bytes ? e->ops.max_bytes : AXE_ENGINE_MAX_BYTES;
}

/* engine_key.c */
struct axe_engine_key *axe_engine_key_get(struct axe_engine *e, struct axe_key *key);
void axe_engine_key_put(struct axe_engine *e, struct axe_engine_key *ek);
void axe_engine_keys_release(struct axe_engine *e);
void axe_engines_forget_key(struct axe_key *key);

/* The room for engines; [AXE_ENGINE_BUILTIN] is not used. */
extern struct axe_engine axe_engines[AXE_MAX_ENGINES];

/* priv.c: private memory of operations, kept for reuse. */
void *axe_priv_get(struct axe_dev *dev, struct axe_exec *x, unsigned int opcode);
void axe_priv_put(struct axe_dev *dev, unsigned int opcode, void *priv, size_t len);
int axe_priv_pools_init(struct axe_dev *dev);
void axe_priv_pools_drain(struct axe_dev *dev);

#endif
