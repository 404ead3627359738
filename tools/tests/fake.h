/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Between the fake device, fake.c, and what its operations do, fake_ops.c. */
#ifndef AXE_TOOL_FAKE_H
#define AXE_TOOL_FAKE_H

#include <infiniband/axedv.h>

struct fake_cmd {
	uint64_t wr_id;
	enum axe_opcode op;
	struct ibv_sge src, dst;
	uint32_t flags;
	int level;
	unsigned int format;
	unsigned int window;
};

struct fake_done {
	uint64_t wr_id;
	enum axe_code code;
	uint32_t bytes;
	uint64_t result[2];
};

/* Does a command. Calls come from one thread. */
void fake_run(const struct fake_cmd *cmd, struct fake_done *done);

/* Drops what stream there is. */
void fake_end_stream(void);

#endif
