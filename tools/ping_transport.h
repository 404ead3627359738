/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * One connection of axe ping: a QP on whatever RDMA device the RDMA CM chose, its
 * completions, and memory for messages.
 */
#ifndef AXE_TOOL_PING_TRANSPORT_H
#define AXE_TOOL_PING_TRANSPORT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdma/rdma_cma.h>

#include "ping.h"

/**
 * struct transport - the connection's half of this side
 * @area:	memory for all messages, untouched: the device is the first to need it
 * @mr:		an implicit on-demand-paging region if the device can do that, else
 *		@area, pinned
 * @memory:	which of them, for people
 * @events:	do not spin before sleeping
 */
struct transport {
	struct rdma_cm_id *id;
	struct ibv_pd *pd;
	struct ibv_comp_channel *channel;
	struct ibv_cq *cq;
	struct ibv_mr *mr;
	const char *memory;
	uint8_t *area;
	size_t area_size;
	bool events;
};

/* A message: a head, and what goes with it. Both are in the area. */
struct message {
	void *head;
	uint32_t head_length;
	void *data;
	uint32_t data_length;
};

enum transport_event {
	TRANSPORT_DONE,		/* here is a completion */
	TRANSPORT_WOKEN,	/* one of the other files is readable */
	TRANSPORT_TIMEOUT,
	TRANSPORT_ERROR,	/* after a message */
	TRANSPORT_NOTHING,	/* not to be seen outside */
};

/*
 * On an id that has a device: everything up to a QP to be connected. 0, or -1 after
 * an error message, when transport_teardown() is due as well.
 */
int transport_setup(struct transport *t, struct rdma_cm_id *id, size_t area_size,
		    const struct ping_settings *settings);
void transport_teardown(struct transport *t);

/* Call it when the QP is connected: what the RDMA CM's defaults are too slow for. */
void transport_connected(struct transport *t);

const char *transport_device(const struct transport *t);

/* The longest message between these two. */
uint32_t transport_max_message(const struct rdma_cm_id *id);

/* 0, or -1 after an error message. */
int transport_recv(struct transport *t, uint64_t wr_id, const struct message *m);
int transport_send(struct transport *t, uint64_t wr_id, const struct message *m);

/*
 * Waits for a completion: spins for a while, then sleeps. Gives up at a time of
 * ping_now() (0: never), or as soon as one of these files is readable.
 */
enum transport_event transport_wait(struct transport *t, struct ibv_wc *wc,
				    struct pollfd *fds, unsigned int num_fds, uint64_t deadline);

#endif
