// SPDX-License-Identifier: GPL-2.0
/*
 * Running an operation that sleeps: its operands are read into memory first, and written
 * out afterwards, for nothing may sleep while pages of a process are held.
 */
#include "axe.h"
#include "run.h"

static enum axe_code axe_loaded_run(struct axe_run *run)
{
	struct axe_exec *x = &run->task->x;
	enum axe_code code;

	code = axe_run_read(run, &run->src, (u8 *)x->src, x->src_len);
	if (code != AXE_OK)
		return code;
	run->bytes_in += x->src_len;
	if (!axe_run_goes_on(run, &code))
		return code;
	code = run->task->op->run(x);
	if (code == AXE_OK)
		code = axe_run_write(run, &run->dst, x->dst, x->done);
	if (code != AXE_OK)
		x->done = 0;
	return code;
}

/**
 * axe_run_loaded - run an operation with axe_op.run
 * @run: open and begun; holds nothing
 *
 * Return: what became of it.
 */
enum axe_code axe_run_loaded(struct axe_run *run)
{
	size_t src = le32_to_cpu(run->task->cmd.src.length);
	size_t dst = le32_to_cpu(run->task->cmd.dst.length);
	struct axe_dev *dev = run->runner->dev;
	struct axe_exec *x = &run->task->x;
	u8 *mem = axe_load_alloc(dev, src + dst + 1);
	enum axe_code code;

	if (!mem)
		return AXE_ERR_NOMEM;
	x->src = mem;
	x->src_len = src;
	x->dst = mem + src;
	x->dst_len = dst;
	code = axe_loaded_run(run);
	axe_load_free(dev, mem, src + dst + 1);
	x->src = NULL;
	x->src_len = 0;
	x->dst = NULL;
	x->dst_len = 0;
	return code;
}
