// SPDX-License-Identifier: GPL-2.0
/*
 * Operations on many operands side by side: parity, erasure codes.
 *
 * As with two operands, the pieces of all are held together or not at all.
 */

#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>

#include "axe.h"
#include "region.h"
#include "run.h"
#include "turns.h"

/**
 * struct axe_lanes - the operands of such a command
 * @num:	sources and destinations
 * @num_src:	sources, which come first
 * @at:	for struct axe_exec: where the kernel sees each
 * @opnd:	they
 */
struct axe_lanes {
	unsigned int num;
	unsigned int num_src;
	u8 **at;
	struct axe_operand opnd[] __counted_by(num);
};

static struct axe_lanes *axe_lanes_alloc(unsigned int num_src, unsigned int num_dst)
{
	unsigned int num = num_src + num_dst, i;
	struct axe_lanes *lanes;

	lanes = kvzalloc(struct_size(lanes, opnd, num), GFP_KERNEL);
	if (!lanes)
		return NULL;
	lanes->num = num;
	lanes->num_src = num_src;
	for (i = 0; i < num; i++)
		axe_operand_none(&lanes->opnd[i]);
	lanes->at = kvcalloc(num, sizeof(*lanes->at), GFP_KERNEL);
	if (lanes->at || !num)
		return lanes;
	kvfree(lanes);
	return NULL;
}

/* What is written shares memory with nothing. */
static enum axe_code axe_lanes_check_overlap(const struct axe_lanes *lanes)
{
	unsigned int i, j;
	bool up;

	for (i = lanes->num_src; i < lanes->num; i++)
		for (j = 0; j < i; j++)
			if (axe_operands_overlap(&lanes->opnd[i], &lanes->opnd[j], &up))
				return AXE_ERR_OVERLAP;
	return AXE_OK;
}

/* All have one length, and together no more than the operation can do with. */
static enum axe_code axe_lanes_check_length(const struct axe_run *run)
{
	const struct axe_list *src = &run->src_list, *dst = &run->dst_list;
	const struct axe_op *op = run->task->op;
	__le32 length = 0;
	unsigned int i;

	if (src->num)
		length = src->bufs[0].length;
	else if (dst->num)
		length = dst->bufs[0].length;
	for (i = 0; i < src->num; i++)
		if (src->bufs[i].length != length)
			return AXE_ERR_LENGTH;
	for (i = 0; i < dst->num; i++)
		if (dst->bufs[i].length != length)
			return AXE_ERR_LENGTH;
	if ((u64)le32_to_cpu(length) * src->num > op->max_src ||
	    (u64)le32_to_cpu(length) * dst->num > op->max_dst)
		return AXE_ERR_LENGTH;
	return AXE_OK;
}

/**
 * axe_lanes_open - open the ranges of both lists
 * @run:	the command, with its lists read; its lanes are to be closed
 *
 * Return: AXE_OK; AXE_ERR_LENGTH if not all have one length; what is wrong with a range.
 */
enum axe_code axe_lanes_open(struct axe_run *run)
{
	struct axe_list *src = &run->src_list, *dst = &run->dst_list;
	struct axe_exec *x = &run->task->x;
	struct axe_lanes *lanes;
	enum axe_code code;
	unsigned int i;

	code = axe_lanes_check_length(run);
	if (code != AXE_OK)
		return code;
	lanes = axe_lanes_alloc(src->num, dst->num);
	if (!lanes)
		return AXE_ERR_NOMEM;
	run->lanes = lanes;
	x->lanes = lanes->at;
	x->num_src = src->num;
	x->num_dst = dst->num;
	for (i = 0; i < lanes->num; i++) {
		bool write = i >= src->num;
		const struct axe_buf *buf = write ? &dst->bufs[i - src->num] : &src->bufs[i];

		code = axe_run_open_one(run, &lanes->opnd[i], buf, write);
		if (code != AXE_OK)
			return code;
	}
	return axe_lanes_check_overlap(lanes);
}

/**
 * axe_lanes_close - done with them
 * @lanes:	hold nothing; freed
 */
void axe_lanes_close(struct axe_lanes *lanes)
{
	unsigned int i;

	for (i = 0; i < lanes->num; i++)
		axe_operand_close(&lanes->opnd[i]);
	kvfree(lanes->at);
	kvfree(lanes);
}

/**
 * axe_lanes_stopped - is the region of any about to go?
 * @lanes:	open
 */
bool axe_lanes_stopped(const struct axe_lanes *lanes)
{
	unsigned int i;

	for (i = 0; i < lanes->num; i++)
		if (lanes->opnd[i].rgn && READ_ONCE(lanes->opnd[i].rgn->dying))
			return true;
	return false;
}

static void axe_lanes_release(struct axe_lanes *lanes, unsigned int num)
{
	while (num--)
		if (lanes->opnd[num].rgn)
			axe_operand_release(&lanes->opnd[num]);
}

/* All or none. */
static enum axe_code axe_lanes_hold(struct axe_run *run)
{
	struct axe_lanes *lanes = run->lanes;
	enum axe_code code;
	unsigned int i = 0;

	while (i < lanes->num) {
		if (!lanes->opnd[i].rgn || axe_operand_hold(&lanes->opnd[i])) {
			i++;
			continue;
		}
		axe_lanes_release(lanes, i);
		code = axe_run_fault(run, &lanes->opnd[i]);
		if (code != AXE_OK)
			return code;
		i = 0;
	}
	return AXE_OK;
}

/* Where each is, as far as all of them are contiguous. */
static void axe_lanes_feed(struct axe_run *run)
{
	struct axe_lanes *lanes = run->lanes;
	struct axe_exec *x = &run->task->x;
	unsigned int i;
	u64 left = 0;

	x->lane_len = run->task->op->step ?: AXE_PIECE_MAX;
	for (i = 0; i < lanes->num; i++) {
		size_t n = 0;

		lanes->at[i] = lanes->opnd[i].rgn ? axe_operand_chunk(&lanes->opnd[i], &n) : NULL;
		x->lane_len = min(x->lane_len, n);
		left = lanes->opnd[i].left;
	}
	if (!lanes->num)
		x->lane_len = 0;
	x->lane_end = x->lane_len == left;
}

/* So much of what is held that others need not wait long. */
static int axe_lanes_piece(struct axe_run *run)
{
	struct axe_lanes *lanes = run->lanes;
	struct axe_exec *x = &run->task->x;
	size_t done = 0;
	unsigned int i;
	int ret;

	do {
		axe_lanes_feed(run);
		if (!x->lane_len && !x->lane_end)
			return AXE_EXEC_MORE;
		ret = run->task->op->exec(x);
		for (i = 0; i < lanes->num; i++)
			axe_operand_advance(&lanes->opnd[i], x->lane_len);
		run->bytes_in += (u64)x->lane_len * lanes->num_src;
		done += x->lane_len * lanes->num;
	} while (ret == AXE_EXEC_MORE && done < AXE_PIECE_MAX);
	return ret;
}

/**
 * axe_lanes_run - run the command
 * @run:	open, begun
 *
 * Return: what became of it.
 */
enum axe_code axe_lanes_run(struct axe_run *run)
{
	enum axe_code code;
	int ret;

	for (;;) {
		code = axe_lanes_hold(run);
		if (code != AXE_OK)
			return code;
		ret = axe_lanes_piece(run);
		axe_lanes_release(run->lanes, run->lanes->num);
		if (ret != AXE_EXEC_MORE)
			return ret;
		if (!axe_run_goes_on(run, &code))
			return code;
		axe_turn_pass(run->runner->turns);
		cond_resched();
	}
}
