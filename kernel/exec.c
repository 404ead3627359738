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
#include <linux/sizes.h>

#include "access.h"
#include "axe.h"
#include "engine.h"
#include "exec.h"
#include "region.h"
#include "stats.h"
#include "task.h"
#include "turns.h"

struct axe_run {
	const struct axe_runner *runner;
	struct axe_task *task;
	struct axe_operand src;
	struct axe_operand dst;
};

static bool axe_run_stopped(const struct axe_run *run)
{
	const struct axe_region *src = run->src.rgn, *dst = run->dst.rgn;

	return (src && READ_ONCE(src->dying)) || (dst && READ_ONCE(dst->dying));
}

static enum axe_code axe_run_fault(struct axe_run *run, struct axe_operand *opnd)
{
	enum axe_code code;

	if (axe_run_stopped(run))
		return AXE_ERR_KEY;
	/* It may take long: have others look at what was posted. */
	if (!run->runner->go_on(run->runner->arg))
		return AXE_ERR_FLUSHED;
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

/* Both or none. */
static enum axe_code axe_run_hold(struct axe_run *run)
{
	enum axe_code code;

	for (;;) {
		if (!run->src.rgn || axe_operand_hold(&run->src)) {
			if (!run->dst.rgn || axe_operand_hold(&run->dst))
				return AXE_OK;
			if (run->src.rgn)
				axe_operand_release(&run->src);
			code = axe_run_fault(run, &run->dst);
		} else {
			code = axe_run_fault(run, &run->src);
		}
		if (code != AXE_OK)
			return code;
	}
}

static void axe_run_release(struct axe_run *run)
{
	if (run->src.rgn)
		axe_operand_release(&run->src);
	if (run->dst.rgn)
		axe_operand_release(&run->dst);
}

/* So many bytes at once of what is slow. */
#define AXE_SLOW_STEP	((size_t)SZ_1K)

/*
 * Should others have the CPU behind each step? A piece of the slowest takes tens of
 * milliseconds, and not every kernel preempts.
 */
static bool axe_run_is_slow(const struct axe_run *run)
{
	return run->task->op->priv_size;
}

/* Set up what exec() is to see next. */
static void axe_run_feed(struct axe_run *run)
{
	struct axe_exec *x = &run->task->x;

	if (run->src.rgn && !x->src_len) {
		x->src = axe_operand_chunk(&run->src, &x->src_len);
		if (axe_run_is_slow(run))
			x->src_len = min(x->src_len, AXE_SLOW_STEP);
		x->src_end = x->src_len == run->src.left;
	}
	if (run->dst.rgn && !x->dst_len) {
		x->dst = axe_operand_chunk(&run->dst, &x->dst_len);
		x->dst_end = x->dst_len == run->dst.left;
	}
}

/* Work on the pieces held. AXE_EXEC_MORE: one of them is used up. */
static int axe_run_piece(struct axe_run *run)
{
	struct axe_exec *x = &run->task->x;
	size_t src_len, dst_len;
	int ret;

	x->src_len = 0;
	x->dst_len = 0;
	for (;;) {
		axe_run_feed(run);
		src_len = x->src_len;
		dst_len = x->dst_len;
		ret = run->task->op->exec(x);
		axe_operand_advance(&run->src, src_len - x->src_len);
		axe_operand_advance(&run->dst, dst_len - x->dst_len);
		if (ret != AXE_EXEC_MORE)
			return ret;
		if (run->src.left && !run->src.piece)
			return ret;
		if (run->dst.left && !run->dst.piece)
			return ret;
		if (WARN_ONCE(x->src_len == src_len && x->dst_len == dst_len &&
			      src_len && dst_len, "axe: %s stands still\n",
			      run->task->op->name))
			return AXE_ERR_PARAM;
		if (axe_run_is_slow(run))
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
	axe_operand_advance(&run->src, n);
	axe_operand_advance(&run->dst, n);
	return ret;
}

static enum axe_code axe_run_pieces(struct axe_run *run)
{
	int ret;

	run->task->x.src_end = !run->src.rgn;
	run->task->x.dst_end = !run->dst.rgn;
	for (;;) {
		ret = axe_run_hold(run);
		if (ret != AXE_OK)
			return ret;
		if (run->src.backward)
			ret = axe_run_piece_backward(run);
		else
			ret = axe_run_piece(run);
		axe_run_release(run);
		if (ret != AXE_EXEC_MORE)
			return ret;
		if (axe_run_stopped(run))
			return AXE_ERR_KEY;
		if (!run->runner->go_on(run->runner->arg))
			return AXE_ERR_FLUSHED;
		axe_turn_pass(run->runner->turns);
		cond_resched();
	}
}

static enum axe_code axe_run_open_one(struct axe_run *run, struct axe_operand *opnd,
				      const struct axe_buf *buf, bool write)
{
	enum axe_code code;

	/* Like a scatter entry of length 0, it needs no valid key. */
	if (!buf->length)
		return AXE_OK;
	code = axe_operand_open(opnd, run->runner->dev, run->runner->pd, buf, write);
	if (code == AXE_ERR_RANGE)
		run->task->x.result[0] = le64_to_cpu(buf->addr);
	return code;
}

static enum axe_code axe_run_open(struct axe_run *run)
{
	const struct axe_op *op = run->task->op;
	bool up;
	enum axe_code code;

	code = axe_run_open_one(run, &run->src, &run->task->cmd.src, false);
	if (code != AXE_OK)
		return code;
	code = axe_run_open_one(run, &run->dst, &run->task->cmd.dst,
				op->flags & AXE_OP_WRITES_DST);
	if (code != AXE_OK)
		return code;

	if (op->flags & AXE_OP_WRITES_DST &&
	    axe_operands_overlap(&run->src, &run->dst, &up)) {
		if (!(op->flags & AXE_OP_CAN_OVERLAP))
			return AXE_ERR_OVERLAP;
		run->src.backward = up;
		run->dst.backward = up;
	}
	return AXE_OK;
}

/* The private memory, of the queue's stream where the command goes on with it. */
static enum axe_code axe_run_begin(struct axe_run *run)
{
	struct axe_task *task = run->task;
	struct axe_stream_state *stream = run->runner->stream;

	if (task->stream == AXE_STREAM_RESTART)
		axe_stream_drop(run->runner->dev, stream);
	if (task->stream == AXE_STREAM_CONTINUE && stream->priv) {
		if (stream->opcode != task->opcode)
			return AXE_ERR_STREAM;
		task->x.priv = stream->priv;
		stream->priv = NULL;
		return AXE_OK;
	}
	if (task->op->priv_size) {
		task->x.priv = axe_priv_get(run->runner->dev, task->opcode);
		if (!task->x.priv)
			return AXE_ERR_NOMEM;
	}
	return task->op->begin ? task->op->begin(&task->x) : AXE_OK;
}

static void axe_run_end(struct axe_run *run)
{
	struct axe_task *task = run->task;
	struct axe_stream_state *stream = run->runner->stream;

	if (!task->x.priv)
		return;
	if (task->stream != AXE_STREAM_NONE && task->code == AXE_INFO_MORE) {
		stream->priv = task->x.priv;
		stream->opcode = task->opcode;
	} else {
		axe_priv_put(run->runner->dev, task->opcode, task->x.priv);
	}
	task->x.priv = NULL;
}

/**
 * axe_stream_drop - forget a queue's stream
 * @dev:	the device
 * @stream:	the stream; none of its commands runs
 */
void axe_stream_drop(struct axe_dev *dev, struct axe_stream_state *stream)
{
	if (stream->priv)
		axe_priv_put(dev, stream->opcode, stream->priv);
	stream->priv = NULL;
}

static void axe_result_store(struct axe_result *rec, const struct axe_task *task)
{
	rec->result[0] = cpu_to_le64(task->x.result[0]);
	rec->result[1] = cpu_to_le64(task->x.result[1]);
	rec->wr_id = task->cmd.wr_id;
	rec->byte_len = cpu_to_le32(task->x.done);
	rec->code = cpu_to_le16(task->code);
	rec->status = axe_code_to_status(task->code);
	/* Whoever polls the record sees it whole; pairs with its acquire of valid. */
	smp_store_release(&rec->valid, 1);
}

/* The record is aligned to its size, so it is one piece and one chunk. */
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
	axe_result_store(axe_operand_chunk(opnd, &length), run->task);
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

static void axe_run_count(struct axe_run *run, u64 bytes_in)
{
	struct axe_dev *dev = run->runner->dev;
	struct axe_task *task = run->task;

	axe_count_op(dev, task->opcode, AXE_OP_STAT_CMDS, 1);
	if (bytes_in)
		axe_count_op(dev, task->opcode, AXE_OP_STAT_BYTES_IN, bytes_in);
	if (task->x.done && task->op->flags & AXE_OP_WRITES_DST)
		axe_count_op(dev, task->opcode, AXE_OP_STAT_BYTES_OUT, task->x.done);
	if (axe_code_is_error(task->code))
		axe_count_op(dev, task->opcode, AXE_OP_STAT_ERRORS, 1);
}

/* All of both operands in one go, or not this way. */
static bool axe_run_hold_whole(struct axe_run *run)
{
	if (run->src.rgn && !axe_operand_hold(&run->src))
		return false;
	if (run->dst.rgn && !axe_operand_hold(&run->dst)) {
		if (run->src.rgn)
			axe_operand_release(&run->src);
		return false;
	}
	if (run->src.piece == run->src.left && run->dst.piece == run->dst.left &&
	    !run->src.backward)
		return true;
	axe_run_release(run);
	return false;
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
	u64 bytes_in = 0;

	if (!task->tiny || task->cmd.ext || task->op->priv_size)
		return false;

	run.runner = runner;
	run.task = task;
	axe_operand_none(&run.src);
	axe_operand_none(&run.dst);
	task->x.src_end = true;
	task->x.dst_end = true;

	task->code = axe_run_open(&run);
	if (task->code == AXE_OK) {
		if (!axe_run_hold_whole(&run)) {
			axe_operand_close(&run.src);
			axe_operand_close(&run.dst);
			return false;
		}
		if (task->op->begin)
			task->code = task->op->begin(&task->x);
		if (task->code == AXE_OK)
			task->code = axe_run_piece(&run);
		bytes_in = le32_to_cpu(task->cmd.src.length) - run.src.left;
		axe_run_release(&run);
	}
	axe_operand_close(&run.src);
	axe_operand_close(&run.dst);
	axe_run_count(&run, bytes_in);
	return true;
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
	u64 bytes_in = 0;

	if (task->code == AXE_OK)
		task->code = axe_run_open(&run);
	if (task->code == AXE_OK)
		task->code = axe_run_begin(&run);
	if (task->code == AXE_OK) {
		task->code = axe_run_pieces(&run);
		bytes_in = le32_to_cpu(task->cmd.src.length) - run.src.left;
	}
	axe_run_end(&run);
	axe_operand_close(&run.src);
	axe_operand_close(&run.dst);

	if (task->flags & AXE_CMD_RESULT)
		axe_run_result(&run);
	axe_run_count(&run, bytes_in);
}
