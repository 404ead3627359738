/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* axe ping: what its two sides have in common. */
#ifndef AXE_TOOL_PING_H
#define AXE_TOOL_PING_H

#include <stdbool.h>
#include <stdint.h>

#include "message.h"
#include "ping_ops.h"

#define PING_PORT		7174	/* rping's */
#define PING_SIZE		4096
#define PING_TIMEOUT_MS		10000
/* What takes longer can wait for a wake-up, and whoever does the work may want the CPU. */
#define PING_SPIN_NS		(200 * 1000)

/**
 * struct ping_settings - what the command line said
 * @address:	to listen on, NULL for all, or to connect to
 * @source:	client: the address to come from, or NULL
 * @count:	pings to send, or to answer before the server ends; 0: no end
 * @size:	bytes of a payload
 * @op:		the client's wish, the server's default; NULL: not said
 * @version:	of the protocol; another one is for tests
 */
struct ping_settings {
	bool server;
	bool client;
	const char *address;
	const char *source;
	uint16_t port;
	uint64_t count;
	uint32_t size;
	const struct ping_op *op;
	bool events;
	bool pinned;
	unsigned int timeout_ms;
	uint8_t level;
	uint16_t version;
};

enum status ping_client(const struct ping_settings *settings);
enum status ping_server(const struct ping_settings *settings);

/*
 * Readable for good once SIGINT or SIGTERM has come: then what is under way ends,
 * and a summary is printed. A second signal ends the process.
 */
int ping_stop_fd(void);
bool ping_stopped(void);

uint64_t ping_now(void);	/* nanoseconds of CLOCK_MONOTONIC */

#endif
