// SPDX-License-Identifier: GPL-2.0
/*
 * A command's operands: opened before it runs, read into memory where its
 * operation wants that, and closed.
 *
 * What a list or a third operand takes is the device's memory, which a process could
 * have much of by many queues: all together have AXE_MAX_LOAD_BYTES.
 */

#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "axe.h"
#include "region.h"
#include "run.h"

/**
 * axe_run_open_one - open an operand
 * @run:	the command; is told the address that is out of range
 * @opnd:	filled in; to be closed
 * @buf:	as the command, or a list, has it
 * @write:	the device is going to write
 *
 * Return: AXE_OK, or as axe_operand_open().
 */
enum axe_code axe_run_open_one(struct axe_run *run, struct axe_operand *opnd,
			       const struct axe_buf *buf, bool write)
{
	enum axe_code code;

	/* Like a scatter entry of length 0, it needs no valid key. */
	if (!buf->length) {
		axe_operand_none(opnd);
		return AXE_OK;
	}
	code = axe_operand_open(opnd, run->runner->dev, run->runner->pd, buf, write);
	if (code == AXE_ERR_RANGE)
		run->task->x.result[0] = le64_to_cpu(buf->addr);
	return code;
}

/**
 * axe_load_charge - may a command have memory for as much as its process says?
 * @dev:	the device
 * @size:	in bytes; if so, to be given back with axe_load_uncharge()
 */
bool axe_load_charge(struct axe_dev *dev, size_t size)
{
	if (atomic64_add_return(size, &dev->load_bytes) <= AXE_MAX_LOAD_BYTES)
		return true;
	atomic64_sub(size, &dev->load_bytes);
	return false;
}

/**
 * axe_load_uncharge - it is memory of the command's no more
 * @dev:	the device
 * @size:	as it was charged
 */
void axe_load_uncharge(struct axe_dev *dev, size_t size)
{
	atomic64_sub(size, &dev->load_bytes);
}

/**
 * axe_load_alloc - memory for what a command has read, as much as its process says
 * @dev:	the device
 * @size:	in bytes
 *
 * Return: the memory, to be given back with axe_load_free(), or NULL.
 */
void *axe_load_alloc(struct axe_dev *dev, size_t size)
{
	void *mem;

	if (!axe_load_charge(dev, size))
		return NULL;
	mem = kvmalloc(size, GFP_KERNEL | __GFP_NOWARN);
	if (!mem)
		axe_load_uncharge(dev, size);
	return mem;
}

/**
 * axe_load_free - wipe it, and give it back
 * @dev:	the device
 * @mem:	of axe_load_alloc(), or NULL
 * @size:	as it was allocated
 */
void axe_load_free(struct axe_dev *dev, void *mem, size_t size)
{
	if (!mem)
		return;
	axe_load_uncharge(dev, size);
	/* It may be what somebody encrypts. */
	kvfree_sensitive(mem, size);
}

/* Between @mem and the next @len bytes of an operand, into what it is open for. */
static enum axe_code axe_run_move(struct axe_run *run, struct axe_operand *opnd, u8 *mem,
				  size_t len)
{
	enum axe_code code = AXE_OK;

	while (len) {
		if (!axe_operand_hold(opnd)) {
			code = axe_run_fault(run, opnd);
			if (code != AXE_OK)
				return code;
			continue;
		}
		while (opnd->piece && len) {
			size_t n;
			u8 *at = axe_operand_chunk(opnd, &n);

			n = min(n, len);
			memcpy(opnd->write ? at : mem, opnd->write ? mem : at, n);
			axe_operand_advance(opnd, n);
			mem += n;
			len -= n;
		}
		axe_operand_release(opnd);
		if (len && !axe_run_goes_on(run, &code))
			return code;
	}
	return AXE_OK;
}

/**
 * axe_run_read - read the next bytes of an operand into memory of the device's own
 * @run:	the command; holds nothing. Is told the address if there is no memory
 * @opnd:	one of @run's, so that a region which is about to go does not wait for all
 *		of it; open for reading. Goes on behind what was read
 * @to:		the memory
 * @len:	at most what is left of the operand
 *
 * May sleep. Looks between two pieces whether the command should go on, but not behind
 * the last one.
 *
 * Return: AXE_OK, or what is wrong.
 */
enum axe_code axe_run_read(struct axe_run *run, struct axe_operand *opnd, void *to, size_t len)
{
	return axe_run_move(run, opnd, to, len);
}

/**
 * axe_run_write - write memory of the device's own to the next bytes of an operand
 * @run:	as for axe_run_read()
 * @opnd:	likewise, but open for writing
 * @from:	the memory
 * @len:	at most what is left of the operand
 *
 * May sleep.
 *
 * Return: as axe_run_read().
 */
enum axe_code axe_run_write(struct axe_run *run, struct axe_operand *opnd, const void *from,
			    size_t len)
{
	return axe_run_move(run, opnd, (u8 *)from, len);
}

/*
 * Read what @buf names into memory. @opnd is one of @run's, so that a region which is
 * about to go does not wait for all of it.
 */
static enum axe_code axe_run_load(struct axe_run *run, struct axe_operand *opnd,
				  const struct axe_buf *buf, void **mem)
{
	size_t size = le32_to_cpu(buf->length);
	enum axe_code code;

	*mem = NULL;
	if (!size)
		return AXE_OK;
	code = axe_run_open_one(run, opnd, buf, false);
	if (code != AXE_OK)
		return code;
	*mem = axe_load_alloc(run->runner->dev, size);
	code = *mem ? axe_run_read(run, opnd, *mem, size) : AXE_ERR_NOMEM;
	axe_operand_close(opnd);
	axe_operand_none(opnd);
	return code;
}

static enum axe_code axe_list_open(struct axe_run *run, struct axe_list *list,
				   struct axe_operand *opnd, const struct axe_buf *buf)
{
	enum axe_code code;
	void *mem;

	code = axe_run_load(run, opnd, buf, &mem);
	list->bufs = mem;
	list->num = le32_to_cpu(buf->length) / sizeof(*buf);
	return code;
}

/* Look at all ranges before anything is done: their keys, and what they overlap. */
static enum axe_code axe_list_check(struct axe_run *run, struct axe_list *list, u32 max,
				    bool write, const struct axe_operand *other)
{
	unsigned int i;

	for (i = 0; i < list->num; i++) {
		struct axe_operand opnd;
		enum axe_code code;
		bool up;

		list->rest += le32_to_cpu(list->bufs[i].length);
		if (list->rest > max)
			return AXE_ERR_LENGTH;
		code = axe_run_open_one(run, &opnd, &list->bufs[i], write);
		if (code != AXE_OK)
			return code;
		if (axe_operands_overlap(&opnd, other, &up))
			code = AXE_ERR_OVERLAP;
		axe_operand_close(&opnd);
		if (code != AXE_OK)
			return code;
	}
	return AXE_OK;
}

static enum axe_code axe_list_next(struct axe_run *run, struct axe_list *list,
				   struct axe_operand *opnd, bool write)
{
	enum axe_code code = AXE_OK;

	while (code == AXE_OK && list->rest && !opnd->left) {
		const struct axe_buf *buf = &list->bufs[list->next++];

		axe_operand_close(opnd);
		axe_operand_none(opnd);
		code = axe_run_open_one(run, opnd, buf, write);
		list->rest -= le32_to_cpu(buf->length);
	}
	return code;
}

/**
 * axe_run_open_next - go on with the lists' next ranges, where the last are done
 * @run:	holds nothing
 *
 * Return: AXE_OK, or what is wrong with a range: a region may have gone since.
 */
enum axe_code axe_run_open_next(struct axe_run *run)
{
	enum axe_code code = axe_list_next(run, &run->src_list, &run->src, false);

	if (code != AXE_OK)
		return code;
	return axe_list_next(run, &run->dst_list, &run->dst,
			     run->task->op->flags & AXE_OP_WRITES_DST);
}

static enum axe_code axe_run_open_lists(struct axe_run *run)
{
	const struct axe_op *op = run->task->op;
	enum axe_code code;

	if (op->max_src_list) {
		code = axe_list_check(run, &run->src_list, op->max_src, false, &run->dst);
		if (code != AXE_OK)
			return code;
	}
	if (op->max_dst_list) {
		code = axe_list_check(run, &run->dst_list, op->max_dst, true, &run->src);
		if (code != AXE_OK)
			return code;
	}
	return axe_run_open_next(run);
}

/* One operand, or the list of them that it names. */
static enum axe_code axe_run_open_side(struct axe_run *run, struct axe_list *list,
				       struct axe_operand *opnd, const struct axe_buf *buf,
				       u32 max_list, bool write)
{
	if (max_list)
		return axe_list_open(run, list, opnd, buf);
	return axe_run_open_one(run, opnd, buf, write);
}

static bool axe_run_same(const struct axe_run *run)
{
	const struct axe_buf *src = &run->task->cmd.src, *dst = &run->task->cmd.dst;

	return src->addr == dst->addr && src->key == dst->key;
}

/* Source and destination of one command may share memory only if its operation can. */
static enum axe_code axe_run_check_overlap(struct axe_run *run)
{
	u16 flags = run->task->op->flags;
	bool up;

	if (flags & AXE_OP_WRITES_DST &&
	    axe_operands_overlap(&run->src, &run->dst, &up) &&
	    !run->task->op->reads_first && !(flags & AXE_OP_IN_PLACE && axe_run_same(run))) {
		if (!(flags & AXE_OP_CAN_OVERLAP))
			return AXE_ERR_OVERLAP;
		run->src.backward = up;
		run->dst.backward = up;
	}
	if (flags & AXE_OP_WRITES_DST && axe_operands_overlap(&run->aux, &run->dst, &up))
		return AXE_ERR_OVERLAP;
	if (flags & AXE_OP_WRITES_AUX && axe_operands_overlap(&run->aux, &run->src, &up))
		return AXE_ERR_OVERLAP;
	return AXE_OK;
}

static enum axe_code axe_run_open_aux(struct axe_run *run)
{
	const struct axe_buf *buf = &run->task->x.ext->aux;
	struct axe_exec *x = &run->task->x;
	enum axe_code code;
	void *mem;

	if (!run->task->op->load_aux)
		return axe_run_open_one(run, &run->aux, buf,
					run->task->op->flags & AXE_OP_WRITES_AUX);
	code = axe_run_load(run, &run->aux, buf, &mem);
	x->aux = mem;
	x->aux_len = mem ? le32_to_cpu(buf->length) : 0;
	return code;
}

/**
 * axe_run_open - open all of a command's operands
 * @run:	the command; to be closed also if this fails
 *
 * May sleep if the operation has lists or a third operand.
 *
 * Return: AXE_OK or what is wrong with them.
 */
enum axe_code axe_run_open(struct axe_run *run)
{
	const struct axe_op *op = run->task->op;
	const struct axe_cmd *cmd = &run->task->cmd;
	enum axe_code code;

	code = axe_run_open_side(run, &run->src_list, &run->src, &cmd->src,
				 op->max_src_list, false);
	if (code != AXE_OK)
		return code;
	code = axe_run_open_side(run, &run->dst_list, &run->dst, &cmd->dst,
				 op->max_dst_list, op->flags & AXE_OP_WRITES_DST);
	if (code != AXE_OK)
		return code;
	if (op->max_aux) {
		code = axe_run_open_aux(run);
		if (code != AXE_OK)
			return code;
	}
	if (op->lanes)
		return axe_lanes_open(run);
	if (op->max_src_list || op->max_dst_list)
		return axe_run_open_lists(run);
	return axe_run_check_overlap(run);
}

/**
 * axe_run_close - done with all operands
 * @run:	holds nothing
 */
void axe_run_close(struct axe_run *run)
{
	struct axe_dev *dev = run->runner->dev;
	struct axe_exec *x = &run->task->x;

	axe_operand_close(&run->src);
	axe_operand_close(&run->dst);
	axe_operand_close(&run->aux);
	if (run->lanes)
		axe_lanes_close(run->lanes);
	run->lanes = NULL;
	axe_load_free(dev, run->src_list.bufs, run->src_list.num * sizeof(struct axe_buf));
	axe_load_free(dev, run->dst_list.bufs, run->dst_list.num * sizeof(struct axe_buf));
	if (run->task->op && run->task->op->load_aux) {
		axe_load_free(dev, x->aux, x->aux_len);
		x->aux = NULL;
	}
}
