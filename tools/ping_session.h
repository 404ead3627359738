/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * One client of the server of axe ping: a thread that answers, with an accelerator
 * queue of its own. What the RDMA CM says about it comes from the server's thread.
 */
#ifndef AXE_TOOL_PING_SESSION_H
#define AXE_TOOL_PING_SESSION_H

#include <pthread.h>
#include <stdatomic.h>

#include "ping_cm.h"
#include "ping_transport.h"
#include "queue.h"

/* One is answered; the next may arrive before older ones have their completion. */
#define SESSION_SLOTS 4

struct session_slot {
	struct message request;
	struct message answer;
};

/**
 * struct session - a client
 * @pinned:	with --pinned, the messages as the accelerator's device knows them
 * @answered:	pings, of this client; @total: of all
 * @failed:	of them, those whose command failed
 * @wake_fd:	readable: do not wait any more
 * @done_fd:	is told when there is something to look at: @ended, @total
 */
struct session {
	struct session *next;
	const struct ping_settings *s;
	const struct ping_op *op;
	struct transport t;
	struct device *dev;
	struct queue *queue;
	struct ibv_mr *pinned;
	struct session_slot slots[SESSION_SLOTS];
	uint32_t size, room;
	char peer[CM_NAME];
	pthread_t thread;
	bool started;
	int wake_fd, done_fd;
	atomic_bool ended;
	atomic_uint_least64_t *total;
	uint64_t answered, failed;
};

/*
 * A session for an id of a connection request, ready to be accepted. NULL after an
 * error message; the id is the caller's.
 */
struct session *session_create(struct rdma_cm_id *id, const struct ping_settings *settings,
			       const struct ping_op *op, const struct ping_hello *hello);
int session_start(struct session *session, int done_fd, atomic_uint_least64_t *total);

/* Has it end, if it has not. */
void session_stop(struct session *session);

/* Waits for its end, and lets go of everything, the id as well. */
void session_destroy(struct session *session);

#endif
