/* SPDX-License-Identifier: GPL-2.0 */
/* A command inside the device: from the copy of its slot to its completion. */
#ifndef AXE_TASK_H
#define AXE_TASK_H

#include <rdma/ib_verbs.h>

#include "ops.h"

enum axe_task_state {
	AXE_TASK_WAITING,	/* copied and checked, not started */
	AXE_TASK_RUNNING,
	AXE_TASK_DONE,		/* its completion is still owed */
	AXE_TASK_POSTED,
};

/**
 * struct axe_task - a command
 * @cmd:	the device's own copy
 * @ext:	likewise, of the extension slot
 * @op:		its row; NULL: it has failed before
 * @opcode:	checked index of @op
 * @flags:	enum axe_cmd_flags
 * @code:	what became of it
 * @state:	protected by the queue's lock
 * @stream:	how it stands to the queue's stream
 * @tiny:	quicker done than handed to a worker
 * @x:		what the operation sees and what it produced
 */
struct axe_task {
	struct axe_cmd cmd;
	struct axe_cmd_ext ext;
	const struct axe_op *op;
	unsigned int opcode;
	u32 flags;
	enum axe_code code;
	enum axe_task_state state;
	enum axe_stream stream;
	bool tiny;
	struct axe_exec x;
};

void axe_slot_copy(void *to, const void *slot);
void axe_task_check(struct axe_task *task);
void axe_task_complete(const struct axe_task *task, u32 qp_num, struct axe_cqe *cqe);

static inline bool axe_code_is_error(enum axe_code code)
{
	return code > AXE_INFO_MORE;
}

enum ib_wc_status axe_code_to_status(enum axe_code code);

#endif
