/* SPDX-License-Identifier: GPL-2.0 */
/* A chain: operations whose data goes from one to the next without memory in between. */
#ifndef AXE_OPS_CHAIN_H
#define AXE_OPS_CHAIN_H

#include "../ops.h"

/* What there is between two stages. */
#define AXE_CHAIN_CHUNK	(16 * 1024)

/**
 * struct axe_chain_stage - one operation of a chain
 * @op:		its row
 * @x:		what it sees; its private memory is ready, and it has begun
 * @buf:	where it writes, AXE_CHAIN_CHUNK bytes; NULL: the chain's destination
 * @tail:	of @buf, what was written
 * @at:		what it has read of the buffer before it, or of the chain's source
 * @code:	what became of it; AXE_EXEC_MORE while it runs
 * @ended:	it was told that its source ends
 * @full:	it ran out of room
 */
struct axe_chain_stage {
	const struct axe_op *op;
	struct axe_exec *x;
	u8 *buf;
	size_t tail;
	size_t at;
	int code;
	bool ended;
	bool full;
};

/**
 * struct axe_chain - a chain while it runs; the private memory of its command
 * @num:	stages, 1 to AXE_MAX_STAGES
 * @failed:	which one failed
 * @stage:	they
 * @chunk:	for @stage.buf, of all but the last
 */
struct axe_chain {
	unsigned int num;
	unsigned int failed;
	struct axe_chain_stage stage[AXE_MAX_STAGES];
	u8 chunk[][AXE_CHAIN_CHUNK];
};

#endif
