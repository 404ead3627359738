// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The server of axe ping: listens, and has a session for each client. */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "options.h"
#include "ping_session.h"

#define BACKLOG		16
#define MAX_OPS		64
/* After the last ping, for clients to say goodbye. */
#define FAREWELL_MS	2000

struct server {
	const struct ping_settings *s;
	const struct ping_op *op;		/* for clients who name none */
	struct rdma_event_channel *channel;
	struct rdma_cm_id *id;
	struct session *sessions;
	char accel[64];
	uint64_t ops;				/* bit mask of what the accelerator can */
	atomic_uint_least64_t total;
	uint64_t clients, failed;
	int done_fd;
};

/* What the accelerator is, and what it can do; sessions open it again. */
static enum status look_at_accelerator(struct server *server)
{
	struct axe_op_info ops[MAX_OPS];
	struct device *dev;
	int n;

	if (!server->op->build)
		return STATUS_OK;
	dev = device_open();
	if (!dev)
		return STATUS_ERROR;
	snprintf(server->accel, sizeof(server->accel), "%s", device_name(dev));
	n = axedv_query_ops(dev->context, ops, MAX_OPS);
	for (int i = 0; i < n && i < MAX_OPS; i++)
		if (ops[i].opcode < 64)
			server->ops |= 1ULL << ops[i].opcode;
	device_close(dev);
	return STATUS_OK;
}

static bool can(const struct server *server, const struct ping_op *op)
{
	return op && (!op->build || server->ops & 1ULL << op->opcode);
}

static enum status listen_for_clients(struct server *server)
{
	const struct ping_settings *s = server->s;
	struct sockaddr_storage addr;
	char name[CM_NAME];

	if (cm_address(s->address, s->port, true, &addr))
		return STATUS_ERROR;
	cm_name(name, (struct sockaddr *)&addr);
	server->channel = cm_channel();
	if (!server->channel)
		return STATUS_ERROR;
	if (rdma_create_id(server->channel, &server->id, NULL, RDMA_PS_TCP))
		return error_errno("cannot use the RDMA CM");
	if (rdma_bind_addr(server->id, (struct sockaddr *)&addr)) {
		if (errno == ENODEV || errno == EADDRNOTAVAIL)
			return error("%s: no RDMA device has that address", name);
		return error_errno("%s", name);
	}
	if (rdma_listen(server->id, BACKLOG))
		return error_errno("%s: cannot listen", name);
	printf("listening on %s, %s%s%s\n", cm_name(name, rdma_get_local_addr(server->id)),
	       server->op->name, *server->accel ? " on " : "", server->accel);
	fflush(stdout);
	return STATUS_OK;
}

static struct ping_welcome welcome(const struct server *server, const struct ping_op *op,
				   enum ping_refusal refusal)
{
	struct ping_welcome w = {
		.magic = htole32(PING_MAGIC),
		.version = htole16(server->s->version),
		.refusal = htole16(refusal),
	};

	if (op)
		memcpy(w.op, op->name, strnlen(op->name, sizeof(w.op)));
	if (op && op->build)
		memcpy(w.accel, server->accel, sizeof(w.accel));
	return w;
}

/* May this one come in? For what operation? */
static enum ping_refusal judge(const struct server *server, struct rdma_cm_id *id,
			       const struct ping_hello *hello, const struct ping_op **op)
{
	const uint32_t max = ping_room(PING_MAX_SIZE);
	uint32_t size = le32toh(hello->size), room = le32toh(hello->room);
	uint32_t longest = transport_max_message(id);

	*op = server->op;
	if (le32toh(hello->magic) != PING_MAGIC ||
	    le16toh(hello->version) != server->s->version)
		return PING_BAD_VERSION;
	if (*hello->op)
		*op = ping_op_find(hello->op, sizeof(hello->op));
	if (!can(server, *op))
		return PING_BAD_OP;
	if (!size || size > max || room > max || size > longest - 64 || room > longest - 64)
		return PING_BAD_SIZE;
	return PING_WELCOME;
}

static void refuse(const struct server *server, struct rdma_cm_id *id, enum ping_refusal why)
{
	static const char *const text[] = {
		[PING_BAD_VERSION]	= "is no axe ping client of this version",
		[PING_BAD_OP]		= "wants an operation that is not there",
		[PING_BAD_SIZE]		= "wants payloads of a size that is not possible",
		[PING_NO_RESOURCES]	= "finds no resources",
		[PING_ENDING]		= "comes too late",
	};
	struct ping_welcome w = welcome(server, NULL, why);
	char name[CM_NAME];

	warning("%s %s: refused", cm_name(name, rdma_get_peer_addr(id)), text[why]);
	rdma_reject(id, &w, sizeof(w));
	rdma_destroy_id(id);
}

static void let_in(struct server *server, struct rdma_cm_id *id, const struct ping_hello *hello)
{
	struct rdma_conn_param param = { .retry_count = 7, .rnr_retry_count = 7 };
	const struct ping_op *op;
	enum ping_refusal why = judge(server, id, hello, &op);
	struct session *session;
	struct ping_welcome w;

	if (why != PING_WELCOME) {
		refuse(server, id, why);
		return;
	}
	session = session_create(id, server->s, op, hello);
	if (!session) {
		refuse(server, id, PING_NO_RESOURCES);
		return;
	}
	w = welcome(server, op, PING_WELCOME);
	param.private_data = &w;
	param.private_data_len = sizeof(w);
	if (rdma_accept(id, &param)) {
		error_errno("%s: cannot accept the connection", session->peer);
		session_destroy(session);
		return;
	}
	transport_connected(&session->t);
	if (session_start(session, server->done_fd, &server->total)) {
		rdma_disconnect(id);
		session_destroy(session);
		return;
	}
	session->next = server->sessions;
	server->sessions = session;
	server->clients++;
	if (!options.quiet)
		printf("%s: connected over %s (%s), %s\n", session->peer,
		       transport_device(&session->t), session->t.memory, op->name);
	fflush(stdout);
}

static void farewell(struct server *server, struct session *session)
{
	if (!options.quiet)
		printf("%s: disconnected after %" PRIu64 " pings, %" PRIu64 " failed\n",
		       session->peer, session->answered, session->failed);
	fflush(stdout);
	server->failed += session->failed;
	session_destroy(session);
}

/* Those that have ended; all of them if told to. */
static void collect(struct server *server, bool all)
{
	struct session **link = &server->sessions, *session;

	while ((session = *link)) {
		if (!all && !session->ended) {
			link = &session->next;
			continue;
		}
		*link = session->next;
		farewell(server, session);
	}
}

/* 0, or -1 after an error message. */
static int handle(struct server *server, const struct cm_reply *reply, bool ending)
{
	switch (reply->event) {
	case RDMA_CM_EVENT_CONNECT_REQUEST:
		if (ending)
			refuse(server, reply->id, PING_ENDING);
		else
			let_in(server, reply->id, &reply->data.hello);
		return 0;
	case RDMA_CM_EVENT_DISCONNECTED:
	case RDMA_CM_EVENT_CONNECT_ERROR:
	case RDMA_CM_EVENT_UNREACHABLE:
	case RDMA_CM_EVENT_REJECTED:
	case RDMA_CM_EVENT_DEVICE_REMOVAL:
		if (reply->id != server->id) {
			session_stop(reply->id->context);
			return 0;
		}
		error("the RDMA device that the server listened on was removed");
		return -1;
	default:
		return 0;
	}
}

/* Handles what there is; waits for more, for so many milliseconds. */
static int once(struct server *server, int timeout, bool ending)
{
	struct pollfd fds[] = {
		{ .fd = server->channel->fd, .events = POLLIN },
		{ .fd = server->done_fd, .events = POLLIN },
		{ .fd = ping_stop_fd(), .events = POLLIN },
	};
	struct cm_reply reply;
	eventfd_t value;
	int ret;

	if (poll(fds, 3, timeout) < 0 && errno != EINTR) {
		error_errno("cannot wait for clients");
		return -1;
	}
	eventfd_read(server->done_fd, &value);
	while ((ret = cm_take(server->channel, &reply)) > 0)
		if (handle(server, &reply, ending))
			return -1;
	collect(server, false);
	return ret;
}

static enum status run(struct server *server)
{
	uint64_t count = server->s->count, deadline;
	enum status status = STATUS_OK;

	while (status == STATUS_OK && !ping_stopped() && (!count || server->total < count))
		if (once(server, -1, false))
			status = STATUS_ERROR;

	/* The last answer is on its way: who got it, disconnects. */
	deadline = ping_now() + FAREWELL_MS * 1000000ULL;
	while (status == STATUS_OK && !ping_stopped() && server->sessions &&
	       ping_now() < deadline)
		if (once(server, FAREWELL_MS / 10, true))
			status = STATUS_ERROR;
	collect(server, true);
	printf("%" PRIu64 " clients, %" PRIu64 " pings, %" PRIu64 " failed\n", server->clients,
	       (uint64_t)server->total, server->failed);
	return server->failed ? STATUS_ERROR : status;
}

enum status ping_server(const struct ping_settings *settings)
{
	struct server server = {
		.s = settings,
		.op = settings->op ? settings->op : ping_op_find("crc32c", PING_NAME),
		.done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
	};
	enum status status = STATUS_OK;

	if (server.done_fd < 0)
		return error_errno("cannot wait for clients");
	status = look_at_accelerator(&server);
	if (status == STATUS_OK && !can(&server, server.op))
		status = error("%s has no operation '%s'", server.accel, server.op->name);
	if (status == STATUS_OK)
		status = listen_for_clients(&server);
	if (status == STATUS_OK)
		status = run(&server);
	if (server.id)
		rdma_destroy_id(server.id);
	if (server.channel)
		rdma_destroy_event_channel(server.channel);
	close(server.done_fd);
	return status;
}
