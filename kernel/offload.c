// SPDX-License-Identifier: GPL-2.0
/*
 * Running a command on an engine: request by request, through memory of the device's own.
 *
 * The pages of a process must not be held while an engine works, for nobody knows how
 * long that takes, and memory that is wanted back would wait for it. So a piece of the
 * source is copied, the engine works on the copy, and that goes to the destination. What an
 * engine does not do, exec() goes on with from the piece that it failed on.
 */

#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "axe.h"
#include "engine.h"
#include "run.h"
#include "stats.h"
#include "turns.h"

#define AXE_JOB_SG	DIV_ROUND_UP(AXE_ENGINE_MAX_BYTES, PAGE_SIZE)

/* How long until an engine that was full is asked again, if it has ended nothing. */
#define AXE_FULL_JIFFIES	max(HZ / 500, 1)

enum axe_job_state {
	AXE_JOB_COMMAND,	/* the command's */
	AXE_JOB_RUNNING,	/* the command waits for the engine */
	AXE_JOB_ENDED,		/* the engine has ended the request */
	AXE_JOB_LEFT,		/* the command waits no longer: the engine's */
};

/**
 * struct axe_job - the requests of a command, one at a time
 * @req:	what the engine sees
 * @cmd:	of @req: a copy, for the engine may have the job for longer than there is a command
 * @engine:	taken for the command
 * @key:	likewise; NULL: the operation has none
 * @state:	enum axe_job_state: who has it
 * @err:	of the request
 * @ended:	the engine has ended the request
 * @work:	frees what the command has left
 * @buf:	what the engine reads and writes
 * @size:	of @buf
 * @sg:		@buf as the engine sees it
 * @priv:	of the request
 */
struct axe_job {
	struct axe_engine_request req;
	struct axe_cmd cmd;
	struct axe_engine *engine;
	struct axe_engine_key *key;
	atomic_t state;
	int err;
	struct completion ended;
	struct work_struct work;
	u8 *buf;
	size_t size;
	struct scatterlist sg[AXE_JOB_SG];
	u8 priv[] __aligned(ARCH_KMALLOC_MINALIGN);
};

/* What a job has, but for its memory @buf. */
static void axe_job_let_go(struct axe_job *job)
{
	if (job->key)
		axe_engine_key_put(job->engine, job->key);
	axe_engine_put(job->engine);
	kfree_sensitive(job);
}

static void axe_job_work(struct work_struct *work)
{
	struct axe_job *job = container_of(work, struct axe_job, work);

	kvfree_sensitive(job->buf, job->size);
	axe_job_let_go(job);
}

/* Takes over the reference to the engine, if it succeeds. */
static struct axe_job *axe_job_make(struct axe_run *run, struct axe_engine *e)
{
	struct axe_task *task = run->task;
	struct axe_job *job = kzalloc(sizeof(*job) + e->ops.req_size, GFP_KERNEL);

	if (!job)
		return NULL;
	job->engine = e;
	job->size = min(le32_to_cpu(task->cmd.src.length), axe_engine_max_bytes(e));
	if (job->size) {
		job->buf = axe_load_alloc(run->runner->dev, job->size);
		if (!job->buf)
			goto free_job;
	}
	if (task->x.key) {
		job->key = axe_engine_key_get(e, task->x.key);
		if (!job->key)
			goto free_buf;
		job->req.key = job->key->priv;
		job->req.algorithm = task->x.key->algorithm;
	}
	INIT_WORK(&job->work, axe_job_work);
	init_completion(&job->ended);
	job->cmd = task->cmd;
	job->req.cmd = &job->cmd;
	job->req.opcode = task->opcode;
	job->req.src = job->sg;
	job->req.dst = job->sg;
	job->req.priv = job->priv;
	return job;

free_buf:
	axe_load_free(run->runner->dev, job->buf, job->size);
free_job:
	kfree(job);
	return NULL;
}

static void axe_job_free(struct axe_run *run, struct axe_job *job)
{
	axe_load_free(run->runner->dev, job->buf, job->size);
	axe_job_let_go(job);
}

/* The engine may still write to it: it is freed when that ends. */
static void axe_job_leave(struct axe_run *run, struct axe_job *job)
{
	if (job->size)
		axe_load_uncharge(run->runner->dev, job->size);
}

static void axe_job_set_sg(struct axe_job *job, size_t len)
{
	unsigned int i, n = DIV_ROUND_UP(len, PAGE_SIZE);

	if (!is_vmalloc_addr(job->buf)) {
		sg_init_one(job->sg, job->buf, len);
		return;
	}
	sg_init_table(job->sg, n);
	for (i = 0; i < n; i++, len -= PAGE_SIZE)
		sg_set_page(&job->sg[i], vmalloc_to_page(job->buf + i * PAGE_SIZE),
			    min(len, PAGE_SIZE), 0);
}

/**
 * axe_engine_complete - an engine has ended a request
 * @req:	for which submit() has returned -EINPROGRESS, or is about to; not to be touched
 *		any more
 * @err:	0, or what went wrong
 *
 * From any context.
 */
void axe_engine_complete(struct axe_engine_request *req, int err)
{
	struct axe_job *job = container_of(req, struct axe_job, req);
	struct axe_engine *e = job->engine;

	job->err = err;
	atomic_dec(&e->in_flight);
	atomic_inc(&e->ended);
	if (wq_has_sleeper(&e->wait))
		wake_up_all(&e->wait);
	if (atomic_cmpxchg(&job->state, AXE_JOB_RUNNING, AXE_JOB_ENDED) == AXE_JOB_RUNNING)
		complete(&job->ended);
	else
		schedule_work(&job->work);
}
EXPORT_SYMBOL_GPL(axe_engine_complete);

static bool axe_engine_has_room(struct axe_engine *e)
{
	if (e->ops.depth)
		return atomic_add_unless(&e->in_flight, 1, e->ops.depth);
	atomic_inc(&e->in_flight);
	return true;
}

/* The engine is full. Returns 0 if it is worth another try. */
static int axe_job_wait_room(struct axe_run *run, struct axe_engine *e, unsigned long end)
{
	enum axe_code code;
	int ended;

	if (time_after(jiffies, end))
		return -ETIMEDOUT;
	if (!axe_run_goes_on(run, &code))
		return -ECANCELED;
	ended = atomic_read(&e->ended);
	wait_event_timeout(e->wait, atomic_read(&e->ended) != ended, AXE_FULL_JIFFIES);
	return 0;
}

/* Returns as submit(), but for -EBUSY. */
static int axe_job_submit(struct axe_run *run, struct axe_job *job)
{
	struct axe_engine *e = job->engine;
	unsigned long end = jiffies + msecs_to_jiffies(e->ops.timeout_ms);
	bool waited = false;
	int ret;

	for (;;) {
		if (axe_engine_has_room(e)) {
			job->req.backlogged = false;
			atomic_set(&job->state, AXE_JOB_RUNNING);
			ret = e->ops.submit(e->priv, &job->req);
			waited |= job->req.backlogged;
			if (ret != -EINPROGRESS)
				atomic_dec(&e->in_flight);
			if (ret != -EBUSY)
				break;
		}
		waited = true;
		ret = axe_job_wait_room(run, e, end);
		if (ret)
			break;
	}
	if (waited)
		axe_engine_count(e, AXE_ENGINE_STAT_BACKLOGGED, 1);
	return ret;
}

/*
 * Have the engine do what is in @buf. Returns 0 if it is done; -ETIME if the engine has
 * the job now; or another error.
 */
static int axe_job_run(struct axe_run *run, struct axe_job *job, size_t len)
{
	struct axe_engine *e = job->engine;
	unsigned long timeout = msecs_to_jiffies(e->ops.timeout_ms);
	int ret;

	axe_job_set_sg(job, len);
	job->req.len = len;
	reinit_completion(&job->ended);
	ret = axe_job_submit(run, job);
	if (ret != -EINPROGRESS)
		return ret;
	if (!wait_for_completion_timeout(&job->ended, timeout)) {
		if (atomic_cmpxchg(&job->state, AXE_JOB_RUNNING, AXE_JOB_LEFT) == AXE_JOB_RUNNING)
			return -ETIME;
		/* It ends just now. */
		wait_for_completion(&job->ended);
	}
	return job->err;
}

static int axe_job_run_sleeping(struct axe_run *run, struct axe_job *job, size_t len)
{
	int ret;

	axe_turn_give(run->runner->turns);
	ret = axe_job_run(run, job, len);
	axe_turn_take(run->runner->turns);
	return ret;
}

/* The source once more from where the failed request began. */
static void axe_offload_rewind(struct axe_run *run, size_t len)
{
	run->src.addr -= len;
	run->src.left += len;
}

/*
 * Returns what is wrong with the command; *@err says what is wrong with the engine, and the
 * command may go on elsewhere from where it is.
 */
static enum axe_code axe_offload_slices(struct axe_run *run, struct axe_job *job, int *err)
{
	const struct axe_op_offload *offload = run->task->op->offload;
	struct axe_engine *e = job->engine;
	struct axe_exec *x = &run->task->x;
	enum axe_code code = AXE_OK;

	while (run->src.left) {
		size_t n = min(offload->slice(x, axe_engine_max_bytes(e)), run->src.left);

		code = axe_run_read(run, &run->src, job->buf, n);
		if (code != AXE_OK)
			return code;
		offload->request(x, job->buf, n, job->req.iv);
		*err = axe_job_run_sleeping(run, job, n);
		if (*err) {
			axe_offload_rewind(run, n);
			return AXE_OK;
		}
		offload->carry(x, job->buf, n);
		axe_engine_count(e, AXE_ENGINE_STAT_BYTES_IN, n);
		code = axe_run_write(run, &run->dst, job->buf, n);
		if (code != AXE_OK)
			return code;
		axe_engine_count(e, AXE_ENGINE_STAT_BYTES_OUT, n);
		run->bytes_in += n;
		x->done += n;
		if (run->src.left && !axe_run_goes_on(run, &code))
			return code;
		axe_turn_pass(run->runner->turns);
	}
	return AXE_OK;
}

/* No engine does it, or the rest of it: by the queue's policy. */
static enum axe_code axe_offload_without(struct axe_run *run, struct axe_engine *missed)
{
	struct axe_dev *dev = run->runner->dev;

	if (run->runner->offload == AXE_OFFLOAD_ONLY) {
		axe_count(dev, AXE_STAT_ENGINE_ERRORS, 1);
		run->task->x.result[0] = run->task->x.done;
		return AXE_ERR_ENGINE;
	}
	run->task->engine = AXE_ENGINE_BUILTIN;
	if (missed) {
		run->task->cqe_flags |= AXE_CQE_FALLBACK;
		axe_engine_count(missed, AXE_ENGINE_STAT_FALLBACKS, 1);
		axe_count(dev, AXE_STAT_ENGINE_FALLBACKS, 1);
	}
	return axe_run_pieces(run);
}

static enum axe_code axe_offload_failed(struct axe_run *run, struct axe_engine *e)
{
	enum axe_code code;

	/* It was given up, not failed. */
	if (!axe_run_goes_on(run, &code))
		return code;
	axe_engine_count(e, AXE_ENGINE_STAT_ERRORS, 1);
	return axe_offload_without(run, e);
}

static enum axe_code axe_offload_on(struct axe_run *run, struct axe_engine *e)
{
	struct axe_job *job = axe_job_make(run, e);
	enum axe_code code;
	int err = 0;

	run->task->engine = e->index;
	if (!job) {
		axe_engine_put(e);
		return axe_offload_failed(run, e);
	}
	code = axe_offload_slices(run, job, &err);
	if (err == -ETIME) {
		pr_err_ratelimited("axe: engine %s does not answer\n", e->ops.name);
		WRITE_ONCE(e->failed, true);
		axe_job_leave(run, job);
	} else {
		if (!err && code == AXE_OK)
			axe_engine_count(e, AXE_ENGINE_STAT_CMDS, 1);
		axe_job_free(run, job);
	}
	if (err)
		return axe_offload_failed(run, e);
	if (code == AXE_OK)
		axe_count(run->runner->dev, AXE_STAT_ENGINE_CMDS, 1);
	return code;
}

/**
 * axe_offload_run - run a command that may go to an engine, or has to
 * @run:	begun, and ready for axe_run_pieces()
 *
 * May sleep.
 *
 * Return: AXE_OK, or what became of it otherwise.
 */
enum axe_code axe_offload_run(struct axe_run *run)
{
	struct axe_engine *missed = NULL, *e = NULL;

	if (run->task->op->offload)
		e = axe_engine_pick(run->runner, run->task, &missed);
	return e ? axe_offload_on(run, e) : axe_offload_without(run, missed);
}
