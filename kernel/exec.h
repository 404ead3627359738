/* SPDX-License-Identifier: GPL-2.0 */
/* Running a command: its operation on its operands, piece by piece. */
#ifndef AXE_EXEC_H
#define AXE_EXEC_H

#include <linux/types.h>

struct axe_dev;
struct axe_key;
struct axe_task;
struct axe_turns;
struct ib_pd;

/**
 * struct axe_stream_state - the stream that a queue may hold
 * @priv:	private memory of its operation; NULL: there is none
 * @priv_len:	its length
 * @opcode:	of that operation
 * @key:	its key object, if it has one
 */
struct axe_stream_state {
	void *priv;
	size_t priv_len;
	unsigned int opcode;
	struct axe_key *key;
};

/**
 * struct axe_runner - on whose behalf commands run
 * @dev:	the device
 * @pd:		where their keys are looked up
 * @stream:	of the queue
 * @turns:	whose a worker has one of
 * @engine:	0: the best; else 1 + the index of the one to use
 * @offload:	enum axe_offload
 * @go_on:	called between two pieces, holding nothing; returns false to stop
 * @arg:	for @go_on
 */
struct axe_runner {
	struct axe_dev *dev;
	struct ib_pd *pd;
	struct axe_stream_state *stream;
	struct axe_turns *turns;
	u8 engine;
	u8 offload;
	bool (*go_on)(void *arg);
	void *arg;
};

bool axe_task_run_tiny(const struct axe_runner *runner, struct axe_task *task);
void axe_task_run(const struct axe_runner *runner, struct axe_task *task);
void axe_stream_drop(struct axe_dev *dev, struct axe_stream_state *stream);

#endif
