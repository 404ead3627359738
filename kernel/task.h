/* SPDX-License-Identifier: GPL-2.0 */
/* A command inside the device: from the copy of its slot to its completion. */
#ifndef AXE_TASK_H
#define AXE_TASK_H

#include <linux/build_bug.h>
#include <linux/compiler.h>
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
 * @engine:	index of the one that has run it, for the completion
 * @cqe_flags:	enum axe_cqe_flags, likewise
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
	u8 engine;
	u8 cqe_flags;
	bool tiny;
	struct axe_exec x;
};

/**
 * axe_slot_copy - copy a slot, reading each of its words once
 * @to:		AXE_SLOT_SIZE bytes
 * @slot:	in the ring, which the process may write at any time
 */
static __always_inline void axe_slot_copy(void *to, const void *slot)
{
	const u64 *from = slot;
	u64 *words = to;

	words[0] = READ_ONCE(from[0]);
	words[1] = READ_ONCE(from[1]);
	words[2] = READ_ONCE(from[2]);
	words[3] = READ_ONCE(from[3]);
	words[4] = READ_ONCE(from[4]);
	words[5] = READ_ONCE(from[5]);
	words[6] = READ_ONCE(from[6]);
	words[7] = READ_ONCE(from[7]);
	BUILD_BUG_ON(AXE_SLOT_SIZE != 8 * sizeof(u64));
}

void axe_task_check(struct axe_task *task);
void axe_task_record(const struct axe_task *task, struct axe_result *rec);
void axe_task_complete(const struct axe_task *task, u32 qp_num, struct axe_cqe *cqe);

static inline bool axe_code_is_error(enum axe_code code)
{
	return code > AXE_INFO_MORE;
}

enum ib_wc_status axe_code_to_status(enum axe_code code);

#endif
