// SPDX-License-Identifier: GPL-2.0
/*
 * A chain's stages: each a command of its own but for source and destination, checked,
 * opened and begun as any other. How data goes through them is in ops/chain.c.
 */

#include <linux/mm.h>
#include <linux/string.h>

#include "axe.h"
#include "run.h"
#include "ops/chain.h"

/**
 * struct axe_chain_run - the stages
 * @num:	how many
 * @stage:	each with its command
 * @rec:	what became of each, once the chain has run
 */
struct axe_chain_run {
	unsigned int num;
	struct axe_chain_part {
		struct axe_run run;
		struct axe_task task;
	} stage[AXE_MAX_STAGES];
	struct axe_result rec[AXE_MAX_STAGES];
};

/* A stage takes its data from its neighbours, and has no completion. */
static enum axe_code axe_stage_check(struct axe_task *task)
{
	const struct axe_cmd *cmd = &task->cmd;

	if (memchr_inv(&cmd->src, 0, sizeof(cmd->src)) ||
	    memchr_inv(&cmd->dst, 0, sizeof(cmd->dst)) || cmd->flags || cmd->wr_id)
		return AXE_ERR_RESERVED;
	if (!cmd->ext && memchr_inv(&task->ext, 0, sizeof(task->ext)))
		return AXE_ERR_RESERVED;
	axe_task_check(task);
	if (task->code != AXE_OK)
		return task->code;
	if (!(task->op->flags & AXE_OP_CAN_CHAIN) || task->stream != AXE_STREAM_NONE)
		return AXE_ERR_PARAM;
	return AXE_OK;
}

static enum axe_code axe_stage_open(struct axe_run *run, struct axe_chain_part *part,
				    const struct axe_stage *stage)
{
	enum axe_code code;

	part->task.cmd = stage->cmd;
	part->task.ext = stage->ext;
	code = axe_stage_check(&part->task);
	if (code != AXE_OK)
		return code;
	part->run.task = &part->task;
	part->run.runner = run->runner;
	code = axe_run_open(&part->run);
	if (code != AXE_OK)
		return code;
	return axe_run_begin(&part->run);
}

/**
 * axe_chain_open - begin all stages of a chain
 * @run:	the chain's command, begun. To be closed also if this fails
 *
 * Return: AXE_OK, or what is wrong with a stage; result[1] is which one.
 */
enum axe_code axe_chain_open(struct axe_run *run)
{
	struct axe_exec *x = &run->task->x;
	const struct axe_stage *stages = (const void *)x->aux;
	struct axe_chain *chain = x->priv;
	struct axe_chain_run *parts;
	enum axe_code code;
	unsigned int i;

	parts = kvzalloc(sizeof(*parts), GFP_KERNEL);
	if (!parts)
		return AXE_ERR_NOMEM;
	run->chain = parts;
	parts->num = chain->num;
	for (i = 0; i < chain->num; i++) {
		struct axe_chain_part *part = &parts->stage[i];

		code = axe_stage_open(run, part, &stages[i]);
		part->task.code = code;
		if (code != AXE_OK) {
			chain->failed = i;
			x->result[0] = part->task.x.result[0];
			x->result[1] = i;
			return code;
		}
		chain->stage[i].op = part->task.op;
		chain->stage[i].x = &part->task.x;
	}
	return AXE_OK;
}

/* A stage that did not come to its end was stopped by another one's error. */
static enum axe_code axe_stage_code(const struct axe_chain_stage *stage,
				    const struct axe_chain_part *part)
{
	if (part->task.code != AXE_OK)
		return part->task.code;
	return stage->op && stage->code >= AXE_OK ? stage->code : AXE_ERR_FLUSHED;
}

/**
 * axe_chain_note - write down what became of each stage
 * @run:	the chain's command, run
 */
void axe_chain_note(struct axe_run *run)
{
	const struct axe_chain *chain = run->task->x.priv;
	struct axe_chain_run *parts = run->chain;
	unsigned int i;

	for (i = 0; i < chain->num; i++) {
		struct axe_task *task = &parts->stage[i].task;

		task->code = axe_stage_code(&chain->stage[i], &parts->stage[i]);
		axe_task_record(task, &parts->rec[i]);
		parts->rec[i].valid = 1;
	}
}

/**
 * axe_chain_record - the record of a stage
 * @run:	the chain's command
 * @i:		which stage
 *
 * Return: the record, or NULL if there is no such stage.
 */
const struct axe_result *axe_chain_record(const struct axe_run *run, unsigned int i)
{
	return run->chain && i < run->chain->num ? &run->chain->rec[i] : NULL;
}

/**
 * axe_chain_close - done with all stages
 * @run:	the chain's command, whose record is stored
 */
void axe_chain_close(struct axe_run *run)
{
	struct axe_chain_run *parts = run->chain;
	unsigned int i;

	run->chain = NULL;
	for (i = 0; i < parts->num; i++) {
		/* Not begun, nor those behind. */
		if (!parts->stage[i].run.task)
			break;
		axe_run_end(&parts->stage[i].run);
		axe_run_close(&parts->stage[i].run);
	}
	kvfree_sensitive(parts, sizeof(*parts));
}
