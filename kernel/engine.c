// SPDX-License-Identifier: GPL-2.0
/*
 * Engines: who implements an operation.
 *
 * Number 0 is the CPU; the others are registered by modules. Their rooms are never
 * freed: whoever has an index may look. A command takes an engine that is up, and keeps it
 * until it has ended; who takes it down refuses more first, and then waits.
 */

#include <linux/bits.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/percpu-rwsem.h>
#include <linux/string.h>

#include "axe.h"
#include "engine.h"
#include "exec.h"
#include "task.h"

#define AXE_BUILTIN_PRIORITY	100
#define AXE_DEFAULT_TIMEOUT_MS	10000
/* What an engine has given up is waited for longer than any command does. */
#define AXE_DOWN_GRACE_MS	1000

struct axe_engine axe_engines[AXE_MAX_ENGINES];

/* Read by every command that may go to an engine; written when one comes, goes, or is down. */
DEFINE_STATIC_PERCPU_RWSEM(axe_engine_sem);

/* One comes or goes at a time. */
static DEFINE_MUTEX(axe_register_lock);

/**
 * axe_engines_init - prepare the rooms, when the module is loaded
 */
void __init axe_engines_init(void)
{
	unsigned int i;

	for (i = 0; i < AXE_MAX_ENGINES; i++) {
		struct axe_engine *e = &axe_engines[i];

		e->index = i;
		init_waitqueue_head(&e->idle);
		init_waitqueue_head(&e->wait);
		mutex_init(&e->key_lock);
		INIT_LIST_HEAD(&e->keys);
	}
}

static bool axe_engine_has_op(const struct axe_engine *e, unsigned int opcode)
{
	return e->ops.ops[opcode / 64] >> (opcode % 64) & 1;
}

static bool axe_engine_is_well(const struct axe_engine *e)
{
	return e->up && !READ_ONCE(e->failed) && (!e->ops.health || e->ops.health(e->priv));
}

static unsigned int axe_engine_num_ops(const struct axe_engine *e)
{
	return hweight64(e->ops.ops[0]) + hweight64(e->ops.ops[1]);
}

static void axe_engine_info(const struct axe_engine *e, struct axe_engine_info *info)
{
	*info = (struct axe_engine_info) {
		.index = e->index,
		.flags = e->ops.flags,
		.priority = e->ops.priority,
		.num_ops = axe_engine_num_ops(e),
	};
	strscpy(info->name, e->ops.name, sizeof(info->name));
}

static u32 axe_engine_state(const struct axe_engine *e)
{
	if (!e->up)
		return AXE_ENGINE_DOWN;
	return axe_engine_is_well(e) ? AXE_ENGINE_READY : AXE_ENGINE_FAILED;
}

static u64 axe_engine_stat(const struct axe_engine *e, enum axe_engine_stat stat)
{
	return atomic64_read(&e->stats[stat]);
}

static void axe_engine_status(const struct axe_engine *e, struct axe_engine_status *status)
{
	*status = (struct axe_engine_status) {
		.index = e->index,
		.state = axe_engine_state(e),
		.min_bytes = e->ops.min_bytes,
		.max_bytes = axe_engine_max_bytes(e),
		.align = 1,
		.depth = e->ops.depth,
		.algorithms = e->ops.algorithms,
		.in_flight = atomic_read(&e->in_flight),
		.ops = { e->ops.ops[0], e->ops.ops[1] },
		.cmds = axe_engine_stat(e, AXE_ENGINE_STAT_CMDS),
		.bytes_in = axe_engine_stat(e, AXE_ENGINE_STAT_BYTES_IN),
		.bytes_out = axe_engine_stat(e, AXE_ENGINE_STAT_BYTES_OUT),
		.errors = axe_engine_stat(e, AXE_ENGINE_STAT_ERRORS),
		.fallbacks = axe_engine_stat(e, AXE_ENGINE_STAT_FALLBACKS),
		.backlogged = axe_engine_stat(e, AXE_ENGINE_STAT_BACKLOGGED),
	};
}

/* The CPU has all operations. */
static void axe_builtin_describe(struct axe_engine_info *info, struct axe_engine_status *status)
{
	unsigned int i;

	*info = (struct axe_engine_info) {
		.index = AXE_ENGINE_BUILTIN,
		.flags = AXE_ENGINE_SOFTWARE,
		.priority = AXE_BUILTIN_PRIORITY,
		.num_ops = AXE_OP_MAX,
		.name = "builtin",
	};
	*status = (struct axe_engine_status) { .index = AXE_ENGINE_BUILTIN };
	for (i = 0; i < AXE_OP_MAX; i++) {
		status->ops[i / 64] |= BIT_ULL(i % 64);
		if (axe_ops[i]->flags & AXE_OP_HAS_KEY)
			status->algorithms |= axe_ops[i]->formats;
	}
}

/**
 * axe_engines_describe - what the query method tells of engines
 * @infos:	filled in, room for AXE_MAX_ENGINES
 * @status:	likewise
 *
 * Return: how many there are.
 */
unsigned int axe_engines_describe(struct axe_engine_info *infos, struct axe_engine_status *status)
{
	unsigned int i, n = 0;

	BUILD_BUG_ON(AXE_OP_MAX > 128);
	axe_builtin_describe(&infos[n], &status[n]);
	n++;
	percpu_down_read(&axe_engine_sem);
	for (i = AXE_ENGINE_BUILTIN + 1; i < AXE_MAX_ENGINES; i++) {
		if (!axe_engines[i].registered)
			continue;
		axe_engine_info(&axe_engines[i], &infos[n]);
		axe_engine_status(&axe_engines[i], &status[n]);
		n++;
	}
	percpu_up_read(&axe_engine_sem);
	return n;
}

/**
 * axe_engines_of_op - mask of the engines that have an operation
 * @opcode:	below AXE_OP_MAX
 */
u32 axe_engines_of_op(unsigned int opcode)
{
	u32 mask = BIT(AXE_ENGINE_BUILTIN);
	unsigned int i;

	percpu_down_read(&axe_engine_sem);
	for (i = AXE_ENGINE_BUILTIN + 1; i < AXE_MAX_ENGINES; i++)
		if (axe_engines[i].registered && axe_engine_has_op(&axe_engines[i], opcode))
			mask |= BIT(i);
	percpu_up_read(&axe_engine_sem);
	return mask;
}

/**
 * axe_engine_goes - can a queue be made like this?
 * @engine:	0: the best; else 1 + an index
 * @offload:	enum axe_offload
 *
 * An engine that is down goes: it may be up again by the first command.
 */
bool axe_engine_goes(u32 engine, u8 offload)
{
	bool there;

	if (offload > AXE_OFFLOAD_ONLY)
		return false;
	if (!engine)
		return true;
	if (engine == 1 + AXE_ENGINE_BUILTIN)
		return offload != AXE_OFFLOAD_ONLY;
	if (engine > AXE_MAX_ENGINES || offload == AXE_OFFLOAD_NEVER)
		return false;
	percpu_down_read(&axe_engine_sem);
	there = axe_engines[engine - 1].registered;
	percpu_up_read(&axe_engine_sem);
	return there;
}

static bool axe_engine_can(const struct axe_engine *e, const struct axe_task *task)
{
	if (!axe_engine_has_op(e, task->opcode))
		return false;
	return !task->x.key || (task->x.key->algorithm < 32 &&
				e->ops.algorithms >> task->x.key->algorithm & 1);
}

/* Left to ourselves, would we give it the command? */
static bool axe_engine_is_worth(const struct axe_engine *e, const struct axe_task *task)
{
	size_t max = task->op->offload->slice(&task->x, axe_engine_max_bytes(e));

	return e->ops.priority > AXE_BUILTIN_PRIORITY &&
	       min_t(size_t, le32_to_cpu(task->cmd.src.length), max) >= e->ops.min_bytes;
}

static struct axe_engine *axe_engine_better(struct axe_engine *a, struct axe_engine *b)
{
	return !a || b->ops.priority > a->ops.priority ? b : a;
}

/* Of those that should have it, the best that is well. */
static struct axe_engine *axe_engine_choose(const struct axe_runner *runner,
					    const struct axe_task *task,
					    struct axe_engine **missed)
{
	bool free_choice = !runner->engine && runner->offload == AXE_OFFLOAD_AUTO;
	struct axe_engine *best = NULL;
	unsigned int i;

	for (i = AXE_ENGINE_BUILTIN + 1; i < AXE_MAX_ENGINES; i++) {
		struct axe_engine *e = &axe_engines[i];

		if (!e->registered || (runner->engine && runner->engine != 1 + i) ||
		    !axe_engine_can(e, task) || (free_choice && !axe_engine_is_worth(e, task)))
			continue;
		*missed = axe_engine_better(*missed, e);
		if (axe_engine_is_well(e))
			best = axe_engine_better(best, e);
	}
	return best;
}

/**
 * axe_engine_pick - find a command an engine
 * @runner:	the queue's, which does not want the CPU alone
 * @task:	the command, with its key
 * @missed:	who should have had it, if there is none. Only to be counted at
 *
 * Return: the engine, to be given back with axe_engine_put(); NULL: there is none.
 */
struct axe_engine *axe_engine_pick(const struct axe_runner *runner, const struct axe_task *task,
				   struct axe_engine **missed)
{
	struct axe_engine *e;

	*missed = NULL;
	percpu_down_read(&axe_engine_sem);
	e = axe_engine_choose(runner, task, missed);
	if (e)
		atomic_inc(&e->users);
	/* It was there when the queue was made. */
	if (!*missed && runner->engine > 1 && !axe_engines[runner->engine - 1].registered)
		*missed = &axe_engines[runner->engine - 1];
	percpu_up_read(&axe_engine_sem);
	return e;
}

/**
 * axe_engine_put - a command has done with its engine
 * @e:	of axe_engine_pick()
 */
void axe_engine_put(struct axe_engine *e)
{
	/* Its room stays, so that it can be woken after that. */
	if (atomic_dec_and_test(&e->users))
		wake_up_all(&e->idle);
}

static int axe_engine_check(const struct axe_engine_ops *ops)
{
	size_t len = ops->name ? strlen(ops->name) : 0;
	unsigned int i;

	if (!len || len >= sizeof_field(struct axe_engine_info, name) || !ops->submit ||
	    !ops->key_prepare != !ops->key_release ||
	    ops->max_bytes > AXE_ENGINE_MAX_BYTES || ops->max_bytes % 4096)
		return -EINVAL;
	for (i = 0; i < 128; i++) {
		if (!(ops->ops[i / 64] >> (i % 64) & 1))
			continue;
		if (i >= AXE_OP_MAX || !axe_ops[i]->offload)
			return -EOPNOTSUPP;
		if (axe_ops[i]->flags & AXE_OP_HAS_KEY && !ops->key_prepare)
			return -EINVAL;
	}
	return 0;
}

static struct axe_engine *axe_engine_room(const char *name)
{
	struct axe_engine *room = NULL;
	unsigned int i;

	lockdep_assert_held(&axe_register_lock);
	for (i = AXE_MAX_ENGINES - 1; i > AXE_ENGINE_BUILTIN; i--) {
		if (!axe_engines[i].registered)
			room = &axe_engines[i];
		else if (!strcmp(axe_engines[i].ops.name, name))
			return ERR_PTR(-EEXIST);
	}
	return room ? room : ERR_PTR(-ENOSPC);
}

/**
 * axe_register_engine - bring an engine, which is up
 * @ops:	copied, but for its name, which has to stay
 * @priv:	for its functions
 *
 * All devices have it, also those that are made later. May sleep.
 *
 * Return: the engine; ERR_PTR(-EINVAL) or ERR_PTR(-EOPNOTSUPP) if @ops make no sense,
 * ERR_PTR(-EEXIST) if there is one of its name, ERR_PTR(-ENOSPC) if there are too many.
 */
struct axe_engine *axe_register_engine(const struct axe_engine_ops *ops, void *priv)
{
	int ret = axe_engine_check(ops);
	struct axe_engine *e;

	if (ret)
		return ERR_PTR(ret);
	guard(mutex)(&axe_register_lock);
	e = axe_engine_room(ops->name);
	if (IS_ERR(e))
		return e;
	memset(e->stats, 0, sizeof(e->stats));
	percpu_down_write(&axe_engine_sem);
	e->ops = *ops;
	if (!e->ops.timeout_ms)
		e->ops.timeout_ms = AXE_DEFAULT_TIMEOUT_MS;
	e->priv = priv;
	e->failed = false;
	e->registered = true;
	e->up = true;
	percpu_up_write(&axe_engine_sem);
	return e;
}
EXPORT_SYMBOL_GPL(axe_register_engine);

/**
 * axe_engine_down - an engine's hardware is about to go
 * @e:	of axe_register_engine()
 *
 * No command gets to it any more: by their queues' policy they go elsewhere, or fail. Waits
 * for the requests that it has, but not for what it has not ended when commands would not
 * wait any longer, and has all keys released. May sleep.
 *
 * Return: whether it has nothing left.
 */
bool axe_engine_down(struct axe_engine *e)
{
	unsigned long timeout = msecs_to_jiffies(e->ops.timeout_ms + AXE_DOWN_GRACE_MS);
	bool idle;

	percpu_down_write(&axe_engine_sem);
	e->up = false;
	percpu_up_write(&axe_engine_sem);
	idle = wait_event_timeout(e->idle, !atomic_read(&e->users), timeout);
	axe_engine_keys_release(e);
	return idle;
}
EXPORT_SYMBOL_GPL(axe_engine_down);

/**
 * axe_engine_up - it is there again
 * @e:	of axe_register_engine()
 *
 * May sleep.
 */
void axe_engine_up(struct axe_engine *e)
{
	percpu_down_write(&axe_engine_sem);
	e->failed = false;
	e->up = true;
	percpu_up_write(&axe_engine_sem);
}
EXPORT_SYMBOL_GPL(axe_engine_up);

/**
 * axe_unregister_engine - take an engine away for good
 * @e:	of axe_register_engine()
 *
 * Waits until no request is left: one that it does not end keeps it, and its module. Queues
 * that name it go on by their policy. May sleep.
 */
void axe_unregister_engine(struct axe_engine *e)
{
	while (!axe_engine_down(e))
		pr_warn("axe: engine %s: %d requests have not ended\n", e->ops.name,
			atomic_read(&e->users));
	mutex_lock(&axe_register_lock);
	percpu_down_write(&axe_engine_sem);
	e->registered = false;
	percpu_up_write(&axe_engine_sem);
	mutex_unlock(&axe_register_lock);
	/* Who called axe_engine_complete() last may not have returned from it. */
	synchronize_rcu();
}
EXPORT_SYMBOL_GPL(axe_unregister_engine);
