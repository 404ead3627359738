/* SPDX-License-Identifier: GPL-2.0 */
/* A command while it runs: its operands, open. For exec.c, open.c and lanes.c. */
#ifndef AXE_RUN_H
#define AXE_RUN_H

#include "access.h"
#include "exec.h"
#include "task.h"

struct axe_chain_run;
struct axe_lanes;

/**
 * struct axe_list - the ranges of an operand that is a list
 * @bufs:	the device's own copy; NULL: it is no list
 * @num:	how many
 * @next:	the first that was not opened yet
 * @rest:	bytes from @next on
 */
struct axe_list {
	struct axe_buf *bufs;
	unsigned int num;
	unsigned int next;
	u64 rest;
};

/**
 * struct axe_run - a command while it runs
 * @runner:	on whose behalf
 * @task:	the command
 * @src:	the source, or the range of it that is at hand
 * @dst:	likewise the destination
 * @aux:	the third operand, unless it was read into memory
 * @src_list:	where @src comes from, if it is a list
 * @dst_list:	likewise @dst
 * @lanes:	the operands of an operation with axe_op.lanes; NULL before
 * @chain:	the stages of an operation with axe_op.chain; NULL before
 * @bytes_in:	of the source that were done
 */
struct axe_run {
	const struct axe_runner *runner;
	struct axe_task *task;
	struct axe_operand src;
	struct axe_operand dst;
	struct axe_operand aux;
	struct axe_list src_list;
	struct axe_list dst_list;
	struct axe_lanes *lanes;
	struct axe_chain_run *chain;
	u64 bytes_in;
};

/* exec.c */
bool axe_run_goes_on(const struct axe_run *run, enum axe_code *code);
enum axe_code axe_run_begin(struct axe_run *run);
void axe_run_end(struct axe_run *run);
enum axe_code axe_run_fault(struct axe_run *run, struct axe_operand *opnd);
enum axe_code axe_run_pieces(struct axe_run *run);

/* offload.c */
enum axe_code axe_offload_run(struct axe_run *run);

/* open.c */
enum axe_code axe_run_open_one(struct axe_run *run, struct axe_operand *opnd,
			       const struct axe_buf *buf, bool write);
enum axe_code axe_run_open(struct axe_run *run);
enum axe_code axe_run_open_next(struct axe_run *run);
enum axe_code axe_run_read(struct axe_run *run, struct axe_operand *opnd, void *to, size_t len);
enum axe_code axe_run_write(struct axe_run *run, struct axe_operand *opnd, const void *from,
			    size_t len);
void axe_run_close(struct axe_run *run);
bool axe_load_charge(struct axe_dev *dev, size_t size);
void axe_load_uncharge(struct axe_dev *dev, size_t size);
void *axe_load_alloc(struct axe_dev *dev, size_t size);
void axe_load_free(struct axe_dev *dev, void *mem, size_t size);

/* loaded.c */
enum axe_code axe_run_loaded(struct axe_run *run);

/* lanes.c */
enum axe_code axe_lanes_open(struct axe_run *run);
enum axe_code axe_lanes_run(struct axe_run *run);
bool axe_lanes_stopped(const struct axe_lanes *lanes);
void axe_lanes_close(struct axe_lanes *lanes);

/* chain.c */
enum axe_code axe_chain_open(struct axe_run *run);
void axe_chain_note(struct axe_run *run);
const struct axe_result *axe_chain_record(const struct axe_run *run, unsigned int i);
void axe_chain_close(struct axe_run *run);

#endif
