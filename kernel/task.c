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
#include "wc.h"

/* Fields of commands come in units of 16 bytes, aligned to 8. */
static inline bool axe_is_zero16(const void *field)
{
	const u64 *words = field;

	return !(words[0] | words[1]);
}

/* What operations see of a command that has no extension slot. */
static const struct axe_cmd_ext axe_ext_none;

/* No record, and no array of a chain's records, crosses a page. */
static inline enum axe_code axe_task_check_result(const struct axe_task *task)
{
	u32 length = le32_to_cpu(task->ext.result.length), max = sizeof(struct axe_result);
	u64 addr = le64_to_cpu(task->ext.result.addr);

	if (task->op->chain && length > max) {
		max *= 1 + AXE_MAX_STAGES;
		BUILD_BUG_ON(AXE_CHAIN_RESULT_ALIGN <
			     (1 + AXE_MAX_STAGES) * sizeof(struct axe_result));
		if (addr % AXE_CHAIN_RESULT_ALIGN)
			return AXE_ERR_PARAM;
	}
	if (!length || length > max || length % sizeof(struct axe_result) ||
	    addr % sizeof(struct axe_result))
		return AXE_ERR_PARAM;
	return AXE_OK;
}

static inline enum axe_code axe_task_check_ext(const struct axe_task *task)
{
	const struct axe_op *op = task->op;

	if (!task->cmd.ext)
		return task->flags & AXE_CMD_RESULT ? AXE_ERR_RESERVED : AXE_OK;

	if (!op->extends && memchr_inv(task->ext.op.raw, 0, sizeof(task->ext.op.raw)))
		return AXE_ERR_RESERVED;
	if (!op->max_aux && !axe_is_zero16(&task->ext.aux))
		return AXE_ERR_RESERVED;
	if (!(task->flags & AXE_CMD_RESULT))
		return axe_is_zero16(&task->ext.result) ? AXE_OK : AXE_ERR_RESERVED;
	return axe_task_check_result(task);
}

/* @buf names data, or a list of what is data. */
static inline bool axe_task_length_fits(const struct axe_buf *buf, u32 max, u32 max_list)
{
	u32 length = le32_to_cpu(buf->length);

	if (likely(!max_list))
		return length <= max;
	return !(length % sizeof(struct axe_buf)) && length / sizeof(struct axe_buf) <= max_list;
}

static inline enum axe_code axe_task_check_operands(const struct axe_task *task)
{
	const struct axe_op *op = task->op;
	const struct axe_cmd *cmd = &task->cmd;

	if (!op->max_src && !axe_is_zero16(&cmd->src))
		return AXE_ERR_RESERVED;
	if (!op->max_dst && !axe_is_zero16(&cmd->dst))
		return AXE_ERR_RESERVED;
	if (!axe_task_length_fits(&cmd->src, op->max_src, op->max_src_list) ||
	    !axe_task_length_fits(&cmd->dst, op->max_dst, op->max_dst_list) ||
	    le32_to_cpu(task->x.ext->aux.length) > op->max_aux)
		return AXE_ERR_LENGTH;
	if (op->check)
		return op->check(cmd, task->x.ext);

	if (!axe_is_zero16(cmd->op.raw))
		return AXE_ERR_RESERVED;
	if (op->max_src && op->max_dst && !op->max_src_list && !op->max_dst_list &&
	    cmd->src.length != cmd->dst.length)
		return AXE_ERR_LENGTH;
	return AXE_OK;
}

static inline enum axe_code axe_task_check_all(struct axe_task *task)
{
	unsigned int opcode = le16_to_cpu(task->cmd.opcode);
	enum axe_code code;

	if (opcode >= AXE_OP_MAX)
		return AXE_ERR_OPCODE;
	task->opcode = array_index_nospec(opcode, AXE_OP_MAX);
	task->op = axe_ops[task->opcode];

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
	task->engine = 0;
	task->cqe_flags = 0;
	task->x.cmd = &task->cmd;
	task->x.ext = task->cmd.ext ? &task->ext : &axe_ext_none;
	task->x.priv = NULL;
	task->x.priv_len = 0;
	task->x.key = NULL;
	task->x.aux = NULL;
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
	/* How much a list names is not known yet. */
	task->tiny = length <= task->op->inline_max && !axe_op_has_list(task->op);
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
	case AXE_ERR_NO_KEY:
	case AXE_ERR_KEY_USE:
		return IB_WC_LOC_PROT_ERR;
	case AXE_ERR_FLUSHED:
	case AXE_ERR_LINKED:
		return IB_WC_WR_FLUSH_ERR;
	default:
		return IB_WC_GENERAL_ERR;
	}
}

/**
 * axe_task_record - fill in a result record, but for that it is valid
 * @task:	a task that has ended
 * @rec:	filled in
 */
void axe_task_record(const struct axe_task *task, struct axe_result *rec)
{
	rec->result[0] = cpu_to_le64(task->x.result[0]);
	rec->result[1] = cpu_to_le64(task->x.result[1]);
	rec->wr_id = task->cmd.wr_id;
	rec->byte_len = cpu_to_le32(task->x.done);
	rec->code = cpu_to_le16(task->code);
	rec->status = axe_code_to_status(task->code);
}

/**
 * axe_task_complete - what the process is told of a task that has ended
 * @task:	the task
 * @qp_num:	of its queue
 * @cqe:	filled in
 */
void axe_task_complete(const struct axe_task *task, u32 qp_num, struct axe_cqe *cqe)
{
	/* Every byte: it lies in the ring and held an older one. */
	cqe->wr_id = task->cmd.wr_id;
	cqe->result[0] = cpu_to_le64(task->x.result[0]);
	cqe->result[1] = cpu_to_le64(task->x.result[1]);
	cqe->byte_len = cpu_to_le32(task->x.done);
	cqe->qp_num = cpu_to_le32(qp_num);
	cqe->status = likely(!axe_code_is_error(task->code)) ? IB_WC_SUCCESS :
		      axe_code_to_status(task->code);
	cqe->opcode = task->flags & AXE_CMD_SEND ? AXE_WC_SEND : AXE_WC_DRIVER1;
	cqe->code = cpu_to_le16(task->code);
	cqe->wc_flags = 0;
	cqe->imm_data = 0;
	cqe->src_qp = 0;
	cqe->timestamp = 0;
	cqe->engine = task->engine;
	cqe->op = min_t(u16, le16_to_cpu(task->cmd.opcode), U8_MAX);
	cqe->sl = 0;
	cqe->flags = task->cqe_flags;
	memset(cqe->reserved, 0, sizeof(cqe->reserved));
}
