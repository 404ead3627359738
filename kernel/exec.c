// SPDX-License-Identifier: GPL-2.0
/*
 * Running a command: its operation on its operands, piece by piece.
 *
 * The pieces of all operands are held together or not at all: what cannot be
 * held makes us let go of everything before we wait for it. While pieces are
 * held, nothing sleeps.
 */

#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "axe.h"
#include "engine.h"
#include "key.h"
#include "region.h"
#include "run.h"
#include "stats.h"
#include "turns.h"

static inline bool axe_operand_dies(const struct axe_operand *opnd)
{
	return opnd->rgn && READ_ONCE(opnd->rgn->dying);
}

static bool axe_run_stopped(const struct axe_run *run)
{
	return axe_operand_dies(&run->src) || axe_operand_dies(&run->dst) ||
	       axe_operand_dies(&run->aux) ||
	       (run->lanes && axe_lanes_stopped(run->lanes));
}

/**
 * axe_run_goes_on - see whether a command should go on, between two pieces
 * @run:	holds nothing
 * @code:	what becomes of it if not
 */
bool axe_run_goes_on(const struct axe_run *run, enum axe_code *code)
{
	*code = AXE_ERR_KEY;
	if (axe_run_stopped(run))
		return false;
	*code = AXE_ERR_FLUSHED;
	return run->runner->go_on(run->runner->arg);
}

/**
 * axe_run_fault - have an operand's next pages brought in
 * @run:	holds nothing; is told the address if there is no memory
 * @opnd:	which operand
 *
 * Return: AXE_OK, and holding is worth another try; else what is wrong.
 */
enum axe_code axe_run_fault(struct axe_run *run, struct axe_operand *opnd)
{
	enum axe_code code;

	/* It may take long: have others look at what was posted. */
	if (!axe_run_goes_on(run, &code))
		return code;
	/* Who knows how long it takes? */
	axe_turn_give(run->runner->turns);
	code = axe_operand_fault(opnd);
	axe_turn_take(run->runner->turns);
	if (code == AXE_ERR_FAULT || code == AXE_ERR_GONE) {
		run->task->x.result[0] = axe_operand_where(opnd);
		run->task->x.result[1] = run->task->x.done;
	}
	return code;
}

/* All, or none and the one that could not be held. */
static struct axe_operand *axe_run_try_hold(struct axe_run *run)
{
	if (run->src.rgn && !axe_operand_hold(&run->src))
		return &run->src;
	if (run->dst.rgn && !axe_operand_hold(&run->dst)) {
		if (run->src.rgn)
			axe_operand_release(&run->src);
		return &run->dst;
	}
	if (unlikely(run->aux.rgn) && !axe_operand_hold(&run->aux)) {
		if (run->src.rgn)
			axe_operand_release(&run->src);
		if (run->dst.rgn)
			axe_operand_release(&run->dst);
		return &run->aux;
	}
	return NULL;
}

static enum axe_code axe_run_hold(struct axe_run *run)
{
	struct axe_operand *missing;
	enum axe_code code;

	while ((missing = axe_run_try_hold(run))) {
		code = axe_run_fault(run, missing);
		if (code != AXE_OK)
			return code;
	}
	return AXE_OK;
}

static void axe_run_release(struct axe_run *run)
{
	if (run->src.rgn)
		axe_operand_release(&run->src);
	if (run->dst.rgn)
		axe_operand_release(&run->dst);
	if (unlikely(run->aux.rgn))
		axe_operand_release(&run->aux);
}

/* Set up what exec() is to see next. */
static void axe_run_feed(struct axe_run *run)
{
	struct axe_exec *x = &run->task->x;
	u32 step = run->task->op->step;

	if (run->src.rgn && !x->src_len) {
		x->src = axe_operand_chunk(&run->src, &x->src_len);
		if (step)
			x->src_len = min_t(size_t, x->src_len, step);
		x->src_end = x->src_len == run->src.left && !run->src_list.rest;
	}
	if (run->dst.rgn && !x->dst_len) {
		x->dst = axe_operand_chunk(&run->dst, &x->dst_len);
		x->dst_end = x->dst_len == run->dst.left && !run->dst_list.rest;
	}
	if (unlikely(run->aux.rgn) && !x->aux_len) {
		x->aux = axe_operand_chunk(&run->aux, &x->aux_len);
		x->aux_end = x->aux_len == run->aux.left;
	}
}

static void axe_run_advance(struct axe_run *run, size_t src, size_t dst, size_t aux)
{
	run->bytes_in += src;
	axe_operand_advance(&run->src, src);
	axe_operand_advance(&run->dst, dst);
	if (unlikely(aux))
		axe_operand_advance(&run->aux, aux);
}

/* Has the operand, or its list, something that is not held? */
static inline bool axe_run_wants(const struct axe_operand *opnd, u64 rest)
{
	return !opnd->piece && (opnd->left || rest);
}

/*
 * Work on the pieces held. AXE_EXEC_MORE: one of them is used up; AXE_EXEC_AGAIN: others
 * should have a chance.
 */
static int axe_run_piece(struct axe_run *run)
{
	struct axe_exec *x = &run->task->x;
	bool load_aux = run->task->op->load_aux;
	size_t src_len, dst_len, aux_len;
	int ret;

	x->src_len = 0;
	x->dst_len = 0;
	if (!load_aux)
		x->aux_len = 0;
	for (;;) {
		axe_run_feed(run);
		src_len = x->src_len;
		dst_len = x->dst_len;
		aux_len = x->aux_len;
		ret = run->task->op->exec(x);
		axe_run_advance(run, src_len - x->src_len, dst_len - x->dst_len,
				load_aux ? 0 : aux_len - x->aux_len);
		if (ret != AXE_EXEC_MORE)
			return ret;
		if (axe_run_wants(&run->src, run->src_list.rest) ||
		    axe_run_wants(&run->dst, run->dst_list.rest) ||
		    axe_run_wants(&run->aux, 0))
			return ret;
		if (WARN_ONCE(x->src_len == src_len && x->dst_len == dst_len &&
			      x->aux_len == aux_len && src_len && dst_len,
			      "axe: %s stands still\n", run->task->op->name))
			return AXE_ERR_PARAM;
		if (run->task->op->step)
			cond_resched();
	}
}

/* The same from the end to the start, for a move to a higher address. */
static int axe_run_piece_backward(struct axe_run *run)
{
	struct axe_exec *x = &run->task->x;
	size_t n = min(run->src.piece, run->dst.piece);
	size_t length;
	int ret;

	x->src = axe_operand_chunk(&run->src, &length) + run->src.piece - n;
	x->dst = axe_operand_chunk(&run->dst, &length) + run->dst.piece - n;
	x->src_len = n;
	x->dst_len = n;
	x->src_end = n == run->src.left;
	x->dst_end = n == run->dst.left;
	ret = run->task->op->exec(x);
	axe_run_advance(run, n, n, 0);
	return ret;
}

/* Whether there is anything of each operand; what there is axe_run_feed() says. */
static void axe_run_ends(struct axe_run *run)
{
	struct axe_exec *x = &run->task->x;

	x->src_end = !run->src.rgn;
	x->dst_end = !run->dst.rgn;
	x->aux_end = !run->aux.rgn;
}

/**
 * axe_run_pieces - run a command, or what is left of it, on the CPU
 * @run:	begun
 *
 * Return: AXE_OK, or what became of it otherwise.
 */
enum axe_code axe_run_pieces(struct axe_run *run)
{
	enum axe_code code;
	int ret;

	axe_run_ends(run);
	for (;;) {
		code = axe_run_hold(run);
		if (code != AXE_OK)
			return code;
		if (run->src.backward)
			ret = axe_run_piece_backward(run);
		else
			ret = axe_run_piece(run);
		axe_run_release(run);
		if (ret != AXE_EXEC_MORE && ret != AXE_EXEC_AGAIN)
			return ret;
		if (!axe_run_goes_on(run, &code))
			return code;
		code = axe_run_open_next(run);
		if (code != AXE_OK)
			return code;
		axe_turn_pass(run->runner->turns);
		cond_resched();
	}
}

/* The key object that the command names, if it is one for it. */
static enum axe_code axe_run_key(struct axe_run *run)
{
	const struct axe_op *op = run->task->op;
	struct axe_exec *x = &run->task->x;

	if (!(op->flags & AXE_OP_HAS_KEY))
		return AXE_OK;
	x->key = axe_key_get(run->runner->dev, run->runner->pd, le32_to_cpu(x->cmd->op.key));
	if (!x->key)
		return AXE_ERR_NO_KEY;
	return axe_key_fits(x->key, op) ? AXE_OK : AXE_ERR_KEY_USE;
}

/* The stream's key object is as when it began, also if it was destroyed since. */
static enum axe_code axe_run_resume(struct axe_run *run)
{
	struct axe_task *task = run->task;
	struct axe_stream_state *stream = run->runner->stream;

	if (stream->opcode != task->opcode)
		return AXE_ERR_STREAM;
	if (stream->key && stream->key->number != le32_to_cpu(task->cmd.op.key))
		return AXE_ERR_STREAM;
	task->x.priv = stream->priv;
	task->x.priv_len = stream->priv_len;
	task->x.key = stream->key;
	stream->priv = NULL;
	stream->key = NULL;
	return AXE_OK;
}

/**
 * axe_run_begin - get the private memory and begin
 * @run:	open. The memory is the queue's stream's where the command goes on with it
 *
 * Return: AXE_OK, or what is wrong; axe_run_end() is due in either case.
 */
enum axe_code axe_run_begin(struct axe_run *run)
{
	struct axe_task *task = run->task;
	struct axe_stream_state *stream = run->runner->stream;
	enum axe_code code;

	if (task->stream == AXE_STREAM_RESTART)
		axe_stream_drop(run->runner->dev, stream);
	if (task->stream == AXE_STREAM_CONTINUE && stream->priv)
		return axe_run_resume(run);
	code = axe_run_key(run);
	if (code != AXE_OK)
		return code;
	if (axe_op_has_priv(task->op)) {
		task->x.priv = axe_priv_get(run->runner->dev, &task->x, task->opcode);
		if (!task->x.priv)
			return AXE_ERR_NOMEM;
	}
	return task->op->begin ? task->op->begin(&task->x) : AXE_OK;
}

/**
 * axe_run_end - give the private memory back, or to the queue's stream
 * @run:	the command, with its code
 */
void axe_run_end(struct axe_run *run)
{
	struct axe_task *task = run->task;
	struct axe_stream_state *stream = run->runner->stream;

	if (task->x.priv && task->stream != AXE_STREAM_NONE && task->code == AXE_INFO_MORE) {
		stream->priv = task->x.priv;
		stream->priv_len = task->x.priv_len;
		stream->opcode = task->opcode;
		stream->key = task->x.key;
	} else {
		if (task->x.priv)
			axe_priv_put(run->runner->dev, task->opcode, task->x.priv,
				     task->x.priv_len);
		axe_key_put(task->x.key);
	}
	task->x.priv = NULL;
	task->x.key = NULL;
}

/**
 * axe_stream_drop - forget a queue's stream
 * @dev:	the device
 * @stream:	the stream; none of its commands runs
 */
void axe_stream_drop(struct axe_dev *dev, struct axe_stream_state *stream)
{
	if (stream->priv)
		axe_priv_put(dev, stream->opcode, stream->priv, stream->priv_len);
	axe_key_put(stream->key);
	stream->priv = NULL;
	stream->key = NULL;
}

/* The records of a chain's stages follow that of the command. */
static void axe_result_store(struct axe_result *rec, const struct axe_run *run)
{
	unsigned int num = le32_to_cpu(run->task->ext.result.length) / sizeof(*rec), i;
	const struct axe_result *stage;

	for (i = 1; i < num; i++) {
		stage = axe_chain_record(run, i - 1);
		if (stage)
			rec[i] = *stage;
	}
	axe_task_record(run->task, rec);
	/* Whoever polls the record sees it whole; pairs with its acquire of valid. */
	smp_store_release(&rec->valid, 1);
}

/* The record, or array of them, is so aligned that it is one piece and one chunk. */
static enum axe_code axe_run_store_result(struct axe_run *run)
{
	struct axe_operand *opnd = &run->dst;
	enum axe_code code;
	size_t length;

	code = axe_run_open_one(run, opnd, &run->task->ext.result, true);
	if (code != AXE_OK)
		return code;
	while (!axe_operand_hold(opnd)) {
		code = axe_run_fault(run, opnd);
		if (code != AXE_OK)
			goto close_operand;
	}
	axe_result_store(axe_operand_chunk(opnd, &length), run);
	axe_operand_release(opnd);
close_operand:
	axe_operand_close(opnd);
	return code;
}

/* That the record cannot be stored matters if nothing worse has happened. */
static void axe_run_result(struct axe_run *run)
{
	struct axe_task *task = run->task;
	u64 result[2] = { task->x.result[0], task->x.result[1] };
	enum axe_code code = axe_run_store_result(run);

	if (code == AXE_OK)
		return;
	if (axe_code_is_error(task->code)) {
		task->x.result[0] = result[0];
		task->x.result[1] = result[1];
	} else {
		task->code = code;
	}
}

static void axe_run_count(struct axe_run *run)
{
	struct axe_dev *dev = run->runner->dev;
	struct axe_task *task = run->task;

	axe_count_op(dev, task->opcode, AXE_OP_STAT_CMDS, 1);
	if (run->bytes_in)
		axe_count_op(dev, task->opcode, AXE_OP_STAT_BYTES_IN, run->bytes_in);
	if (task->x.done && task->op->flags & AXE_OP_WRITES_DST)
		axe_count_op(dev, task->opcode, AXE_OP_STAT_BYTES_OUT, task->x.done);
	if (axe_code_is_error(task->code))
		axe_count_op(dev, task->opcode, AXE_OP_STAT_ERRORS, 1);
}

/* All of both operands in one go, or not this way. */
static bool axe_run_hold_whole(struct axe_run *run)
{
	if (axe_run_try_hold(run))
		return false;
	if (run->src.piece == run->src.left && run->dst.piece == run->dst.left &&
	    !run->src.backward)
		return true;
	axe_run_release(run);
	return false;
}

/* It is tiny: who wants to go on in a moment may at once. */
static enum axe_code axe_run_whole(struct axe_run *run)
{
	int ret;

	do {
		ret = axe_run_piece(run);
	} while (ret == AXE_EXEC_AGAIN);
	return ret;
}

/**
 * axe_task_run_tiny - run a tiny command to its end, if that needs no sleep
 * @runner:	on whose behalf
 * @task:	checked; its code, results and bytes are set
 *
 * Return: false if it has to be run with axe_task_run(); nothing was done then.
 */
bool axe_task_run_tiny(const struct axe_runner *runner, struct axe_task *task)
{
	struct axe_run run;

	if (!task->tiny || task->cmd.ext || axe_op_may_sleep(task->op) ||
	    axe_op_has_list(task->op))
		return false;

	run.runner = runner;
	run.task = task;
	run.lanes = NULL;
	run.chain = NULL;
	run.bytes_in = 0;
	run.src_list.rest = 0;
	run.dst_list.rest = 0;
	axe_operand_none(&run.src);
	axe_operand_none(&run.dst);
	axe_operand_none(&run.aux);

	task->code = axe_run_open(&run);
	if (task->code == AXE_OK) {
		if (!axe_run_hold_whole(&run)) {
			axe_operand_close(&run.src);
			axe_operand_close(&run.dst);
			return false;
		}
		axe_run_ends(&run);
		if (task->op->begin)
			task->code = task->op->begin(&task->x);
		if (task->code == AXE_OK)
			task->code = axe_run_whole(&run);
		axe_run_release(&run);
	}
	axe_operand_close(&run.src);
	axe_operand_close(&run.dst);
	axe_run_count(&run);
	return true;
}

/* An engine may have it, or the queue wants nothing else. */
static bool axe_run_is_for_engines(const struct axe_run *run)
{
	u8 offload = run->runner->offload;

	return offload == AXE_OFFLOAD_ONLY ||
	       (offload == AXE_OFFLOAD_AUTO && run->task->op->offload &&
		run->runner->engine != 1 + AXE_ENGINE_BUILTIN);
}

static enum axe_code axe_run_anyhow(struct axe_run *run)
{
	if (unlikely(axe_run_is_for_engines(run)))
		return axe_offload_run(run);
	if (run->lanes)
		return axe_lanes_run(run);
	return run->task->op->run ? axe_run_loaded(run) : axe_run_pieces(run);
}

/**
 * axe_task_run - run a command to its end
 * @runner:	on whose behalf
 * @task:	checked; its code, results and bytes are set. With an error as its
 *		code already, only its result record is stored
 *
 * May sleep.
 */
void axe_task_run(const struct axe_runner *runner, struct axe_task *task)
{
	struct axe_run run = { .runner = runner, .task = task };

	if (task->code == AXE_OK)
		task->code = axe_run_open(&run);
	if (task->code == AXE_OK)
		task->code = axe_run_begin(&run);
	if (task->code == AXE_OK && task->op->chain)
		task->code = axe_chain_open(&run);
	if (task->code == AXE_OK)
		task->code = axe_run_anyhow(&run);
	if (run.chain)
		axe_chain_note(&run);
	axe_run_end(&run);
	axe_run_close(&run);

	if (task->flags & AXE_CMD_RESULT)
		axe_run_result(&run);
	if (run.chain)
		axe_chain_close(&run);
	axe_run_count(&run);
}
