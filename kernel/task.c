// SPDX-License-Identifier: GPL-2.0
/*
 * A command inside the device: checking it, and making its completion.
 *
 * The ring is the process's to write at any time, so a slot is copied once and
 * only the copy is looked at.
 */

#include <linux/nospec.h>
#include <linux/string.h>

#include "task.h"

/**
 * axe_slot_copy - copy a slot, reading each of its words once
 * @to:		AXE_SLOT_SIZE bytes
 * @slot:	in the ring
 */
void axe_slot_copy(void *to, const void *slot)
{
	const u64 *from = slot;
	u64 *words = to;
	int i;

	for (i = 0; i < AXE_SLOT_SIZE / sizeof(u64); i++)
		words[i] = READ_ONCE(from[i]);
}

static bool axe_is_zero(const void *field, size_t size)
{
	const u64 *words = field;
	u64 bits = 0;
	size_t i;

	for (i = 0; i < size / sizeof(u64); i++)
		bits |= words[i];
	return !bits;
}

static enum axe_code axe_task_check_ext(const struct axe_task *task)
{
	if (!task->cmd.ext)
		return task->flags & AXE_CMD_RESULT ? AXE_ERR_RESERVED : AXE_OK;

	if (!axe_is_zero(task->ext.op, sizeof(task->ext.op)))
		return AXE_ERR_RESERVED;
	if (!(task->flags & AXE_CMD_RESULT))
		return axe_is_zero(&task->ext.result, sizeof(task->ext.result)) ?
		       AXE_OK : AXE_ERR_RESERVED;
	if (le32_to_cpu(task->ext.result.length) != sizeof(struct axe_result) ||
	    le64_to_cpu(task->ext.result.addr) % sizeof(struct axe_result))
		return AXE_ERR_PARAM;
	return AXE_OK;
}

static enum axe_code axe_task_check_operands(const struct axe_task *task)
{
	const struct axe_op *op = task->op;
	const struct axe_cmd *cmd = &task->cmd;

	if (!op->max_src && !axe_is_zero(&cmd->src, sizeof(cmd->src)))
		return AXE_ERR_RESERVED;
	if (!op->max_dst && !axe_is_zero(&cmd->dst, sizeof(cmd->dst)))
		return AXE_ERR_RESERVED;
	if (le32_to_cpu(cmd->src.length) > op->max_src ||
	    le32_to_cpu(cmd->dst.length) > op->max_dst)
		return AXE_ERR_LENGTH;
	if (op->check)
		return op->check(cmd, task->cmd.ext ? &task->ext : NULL);

	if (!axe_is_zero(cmd->op.raw, sizeof(cmd->op.raw)))
		return AXE_ERR_RESERVED;
	if (op->max_src && op->max_dst && cmd->src.length != cmd->dst.length)
		return AXE_ERR_LENGTH;
	return AXE_OK;
}

static enum axe_code axe_task_check_all(struct axe_task *task)
{
	unsigned int opcode = le16_to_cpu(task->cmd.opcode);
	enum axe_code code;

	if (opcode >= AXE_OP_MAX)
		return AXE_ERR_OPCODE;
	task->opcode = array_index_nospec(opcode, AXE_OP_MAX);
	task->op = &axe_ops[task->opcode];

	if (task->flags & ~AXE_CMD_FLAGS_ALL || task->cmd.reserved ||
	    task->cmd.ext > AXE_MAX_EXT)
		return AXE_ERR_RESERVED;
	code = axe_task_check_ext(task);
	if (code != AXE_OK)
		return code;
	return axe_task_check_operands(task);
}

/**
 * axe_task_check - look at a copied command for the first time
 * @task:	with @cmd and @ext filled in; the rest is set here. @code is not
 *		AXE_OK if there is nothing to run
 */
void axe_task_check(struct axe_task *task)
{
	u64 length;

	task->op = NULL;
	task->opcode = 0;
	task->flags = le32_to_cpu(task->cmd.flags);
	task->stream = AXE_STREAM_NONE;
	task->x.done = 0;
	task->x.result[0] = 0;
	task->x.result[1] = 0;
	task->code = axe_task_check_all(task);
	if (task->code != AXE_OK) {
		task->op = NULL;
		task->tiny = true;
		return;
	}

	length = (u64)le32_to_cpu(task->cmd.src.length) + le32_to_cpu(task->cmd.dst.length);
	task->tiny = length <= task->op->inline_max;
	if (task->op->stream)
		task->stream = task->op->stream(&task->cmd);
}

/**
 * axe_code_to_status - the ibv_wc_status that goes with a code
 * @code:	any
 */
enum ib_wc_status axe_code_to_status(enum axe_code code)
{
	switch (code) {
	case AXE_OK:
	case AXE_INFO_MORE:
		return IB_WC_SUCCESS;
	case AXE_ERR_OPCODE:
	case AXE_ERR_RESERVED:
	case AXE_ERR_PARAM:
	case AXE_ERR_OVERLAP:
	case AXE_ERR_STREAM:
		return IB_WC_LOC_QP_OP_ERR;
	case AXE_ERR_LENGTH:
	case AXE_ERR_FULL:
		return IB_WC_LOC_LEN_ERR;
	case AXE_ERR_KEY:
	case AXE_ERR_ACCESS:
	case AXE_ERR_RANGE:
	case AXE_ERR_FAULT:
	case AXE_ERR_GONE:
		return IB_WC_LOC_PROT_ERR;
	case AXE_ERR_FLUSHED:
	case AXE_ERR_LINKED:
		return IB_WC_WR_FLUSH_ERR;
	default:
		return IB_WC_GENERAL_ERR;
	}
}

/* enum ibv_wc_opcode of user space, which counts on where the kernel's ends. */
#define AXE_WC_SEND	0
#define AXE_WC_DRIVER1	135

/**
 * axe_task_complete - what the process is told of a task that has ended
 * @task:	the task
 * @qp_num:	of its queue
 * @cqe:	filled in
 */
void axe_task_complete(const struct axe_task *task, u32 qp_num, struct axe_cqe *cqe)
{
	*cqe = (struct axe_cqe) {
		.wr_id = task->cmd.wr_id,
		.result[0] = cpu_to_le64(task->x.result[0]),
		.result[1] = cpu_to_le64(task->x.result[1]),
		.byte_len = cpu_to_le32(task->x.done),
		.qp_num = cpu_to_le32(qp_num),
		.status = axe_code_to_status(task->code),
		.opcode = task->flags & AXE_CMD_SEND ? AXE_WC_SEND : AXE_WC_DRIVER1,
		.code = cpu_to_le16(task->code),
		.op = le16_to_cpu(task->cmd.opcode),
	};
}
