// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* axe ping: the command line of both sides. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <time.h>

#include "commands.h"
#include "options.h"
#include "ping.h"
#include "ping_proto.h"

static atomic_bool stopped;
static int stop_fd = -1;

static void on_signal(int number)
{
	int err = errno;

	(void)number;
	stopped = true;
	eventfd_write(stop_fd, 1);
	errno = err;
}

/* The second one ends the process, should the first not have been heard. */
static enum status handle_signals(void)
{
	struct sigaction action = {
		.sa_handler = on_signal,
		.sa_flags = SA_RESETHAND,
	};

	stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (stop_fd < 0 || sigaction(SIGINT, &action, NULL) || sigaction(SIGTERM, &action, NULL))
		return error_errno("cannot handle signals");
	return STATUS_OK;
}

int ping_stop_fd(void)
{
	return stop_fd;
}

bool ping_stopped(void)
{
	return stopped;
}

uint64_t ping_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

enum {
	OPT_OP = OPT_OWN,
	OPT_ACCEL,
	OPT_EVENTS,
	OPT_PINNED,
	OPT_LEVEL,
	OPT_PROTOCOL,
};

static void parse_op(struct ping_settings *s, const char *arg, struct argp_state *state)
{
	s->op = ping_op_find(arg, PING_NAME + 1);
	if (!s->op)
		argp_error(state, "there is no operation '%s'; there are: %s", arg,
			   ping_op_names());
}

static void check(const struct ping_settings *s, struct argp_state *state)
{
	if (s->server == s->client)
		argp_error(state, "-s for a server or -c for a client");
	if (s->client && !s->address)
		argp_error(state, "a client needs the server's address, -a");
	if (s->server && s->source)
		argp_error(state, "-I goes with -c");
	if (s->client && (options.device || options.engine))
		argp_error(state, "--accel and --engine are for the server");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct ping_settings *s = state->input;

	switch (key) {
	case 's':
		s->server = true;
		return 0;
	case 'c':
		s->client = true;
		return 0;
	case 'a':
		s->address = arg;
		return 0;
	case 'I':
		s->source = arg;
		return 0;
	case 'p':
		s->port = parse_number(state, "the port", arg, 0, UINT16_MAX);
		return 0;
	case 'C':
		s->count = parse_number(state, "the count", arg, 1, ULONG_MAX);
		return 0;
	case 'S':
		s->size = parse_size(state, "the size", arg, 1, PING_MAX_SIZE);
		return 0;
	case 't':
		s->timeout_ms = 1000 * parse_number(state, "the timeout", arg, 1, 3600);
		return 0;
	case 'P':	/* always */
	case 'V':
		return 0;
	case OPT_OP:
		parse_op(s, arg, state);
		return 0;
	case OPT_ACCEL:
		options.device = arg;
		return 0;
	case OPT_ENGINE:
		options.engine = arg;
		return 0;
	case OPT_EVENTS:
		s->events = true;
		return 0;
	case OPT_PINNED:
		s->pinned = true;
		return 0;
	case OPT_LEVEL:
		s->level = parse_number(state, "the level", arg, 1, 9);
		return 0;
	case OPT_PROTOCOL:
		s->version = parse_number(state, "the version", arg, 0, UINT16_MAX);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "what is '%s'? The address goes behind -a", arg);
		return 0;
	case ARGP_KEY_END:
		check(s, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option argp_options[] = {
	{ "server", 's', NULL, 0, "Answer clients, any number of them", 1 },
	{ "client", 'c', NULL, 0, "Send pings, check and measure the answers", 1 },
	{ "address", 'a', "ADDR", 0,
	  "Server: listen on this address (default: all). Client: the server's address", 1 },
	{ "port", 'p', "PORT", 0, "The server's port (7174); 0: one that is free", 1 },
	{ "count", 'C', "N", 0, "End after N pings (default: when interrupted)", 1 },
	{ "events", OPT_EVENTS, NULL, 0, "Sleep at once when there is nothing to do, do not spin", 1 },
	{ "pinned", OPT_PINNED, NULL, 0, "Pin the buffers, even if the device can page", 1 },
	{ "op", OPT_OP, "NAME", 0,
	  "Client: the operation that the server runs on each ping. Server: the one for clients "
	  "that name none (crc32c)", 1 },

	{ "size", 'S', "SIZE", 0, "Client: bytes of a ping (4K)", 2 },
	{ "level", OPT_LEVEL, "N", 0, "Client: of --op compress and decompress, 1 to 9 (6)", 2 },
	{ "timeout", 't', "SECS", 0, "Client: wait so long for an answer (10)", 2 },
	{ "source", 'I', "ADDR", 0, "Client: come from this address", 2 },
	{ "accel", OPT_ACCEL, "NAME", 0,
	  "Server: the accelerator's device (default: the first axe device)", 3 },
	{ "engine", OPT_ENGINE, "NAME", 0, "Server: use only this engine (see axe info)", 3 },
	{ "validate", 'V', NULL, 0, "As of rping; answers are always checked", 4 },
	{ "persistent", 'P', NULL, 0, "As of rping; a server always is", 4 },
	{ "protocol", OPT_PROTOCOL, "N", OPTION_HIDDEN, NULL, 4 },
	{ 0 }
};

static const struct argp_child children[] = {
	{ .argp = &common_argp, .group = 5 },
	{ 0 }
};

static const struct argp argp = {
	.options = argp_options,
	.parser = parse,
	.args_doc = "-s|-c -a ADDR",
	.doc = "Send messages over RDMA to a server that has an accelerator work on each before "
	       "it answers.\n"
	       "\vBoth sides run on any RDMA device; the addresses say which. The server's "
	       "accelerator is an axe device.",
	.children = children,
};

int cmd_ping(int argc, char **argv)
{
	struct ping_settings s = {
		.port = PING_PORT,
		.size = PING_SIZE,
		.timeout_ms = PING_TIMEOUT_MS,
		.level = 6,
		.version = PING_VERSION,
	};

	argp_parse(&argp, argc, argv, 0, NULL, &s);
	if (handle_signals() != STATUS_OK)
		return STATUS_ERROR;
	return s.server ? ping_server(&s) : ping_client(&s);
}
