/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The RDMA CM, with timeouts, and its answers in words. */
#ifndef AXE_TOOL_PING_CM_H
#define AXE_TOOL_PING_CM_H

#include <rdma/rdma_cma.h>

#include "ping.h"
#include "ping_proto.h"

/* A channel whose file does not block; NULL after an error message. */
struct rdma_event_channel *cm_channel(void);

/* The address of a name, to listen on (@passive; NULL: all) or to connect to. */
int cm_address(const char *name, uint16_t port, bool passive, struct sockaddr_storage *addr);

/* "10.0.0.1 port 7174" */
#define CM_NAME 128
const char *cm_name(char buf[CM_NAME], const struct sockaddr *addr);

/**
 * struct cm_reply - an event that was taken and acknowledged
 * @data:	its private data, zeros behind
 */
struct cm_reply {
	enum rdma_cm_event_type event;
	struct rdma_cm_id *id;
	int status;
	union {
		struct ping_hello hello;
		struct ping_welcome welcome;
		uint8_t bytes[256];
	} data;
};

/* The next event: 1, 0 if there is none now, or -1 after an error message. */
int cm_take(struct rdma_event_channel *channel, struct cm_reply *reply);

/*
 * Waits for an event of any kind: 1, or 0 on a timeout, or -1 after an error message
 * or when the user wants to stop.
 */
int cm_wait(struct rdma_event_channel *channel, unsigned int timeout_ms, struct cm_reply *reply);

#endif
