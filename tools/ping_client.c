// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The client of axe ping: asks, looks at each answer, and counts. */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "ping_cm.h"
#include "ping_stats.h"
#include "ping_transport.h"

/* How soon a connection that is lost is seen to be: of 4.096 us * 2^18, by the CM. */
#define RETRIES		7

/* A try to find an address. */
#define RESOLVE_MS	200

enum { SENT, RECEIVED };	/* wr_id */

struct client {
	const struct ping_settings *s;
	const struct ping_op *op;
	struct rdma_event_channel *channel;
	struct rdma_cm_id *id;
	struct transport t;
	struct ping_exchange x;
	struct message request;
	struct message answer;
	char accel[64];
	char peer[CM_NAME];
	bool connected;
	struct ping_stats stats;
	uint64_t sent, errors, accel_ns, payload_bytes, answer_bytes, elapsed;
};

/* What became of a step with the CM, if it did not end well. */
static enum status refused(const struct client *c, const struct cm_reply *reply)
{
	const struct ping_welcome *w = &reply->data.welcome;
	const char *op = c->s->op ? c->s->op->name : "its own choice";

	if (le32toh(w->magic) != PING_MAGIC) {
		if (reply->status == 8)		/* IB_CM_REJ_INVALID_SERVICE_ID */
			return error("%s: connection refused: nobody listens there", c->peer);
		return error("%s: connection refused (reason %d); is that an axe ping server?",
			     c->peer, reply->status);
	}
	switch (le16toh(w->refusal)) {
	case PING_BAD_VERSION:
		return error("%s: the server speaks version %u of axe ping, this is version %u",
			     c->peer, le16toh(w->version), c->s->version);
	case PING_BAD_OP:
		return error("%s: the server has no operation '%s'", c->peer, op);
	case PING_BAD_SIZE:
		return error("%s: the server takes no payloads of %u bytes", c->peer, c->s->size);
	case PING_NO_RESOURCES:
		return error("%s: the server has no resources for another client", c->peer);
	case PING_ENDING:
		return error("%s: the server is about to end", c->peer);
	default:
		return error("%s: the server refuses, for a reason unknown here (%u)", c->peer,
			     le16toh(w->refusal));
	}
}

static enum status unexpected(const struct client *c, const struct cm_reply *reply)
{
	switch (reply->event) {
	case RDMA_CM_EVENT_ADDR_ERROR:
		return error("%s: no RDMA device reaches that address", c->peer);
	case RDMA_CM_EVENT_ROUTE_ERROR:
		return error("%s: no route for RDMA to that address", c->peer);
	case RDMA_CM_EVENT_UNREACHABLE:
		return error("%s: no answer: nobody is there", c->peer);
	case RDMA_CM_EVENT_REJECTED:
		return refused(c, reply);
	case RDMA_CM_EVENT_DEVICE_REMOVAL:
		return error("the RDMA device was removed");
	case RDMA_CM_EVENT_DISCONNECTED:
		return error("%s: the server has disconnected", c->peer);
	default:
		errno = reply->status < 0 ? -reply->status : 0;
		return error("%s: cannot connect: %s%s%s", c->peer,
			     rdma_event_str(reply->event), errno ? ": " : "",
			     errno ? strerror(errno) : "");
	}
}

/* Waits for the event that a step ends with; @late says what there is not, if it does not come. */
static enum status step(struct client *c, enum rdma_cm_event_type wanted, const char *late,
			struct cm_reply *reply)
{
	int ret = cm_wait(c->channel, c->s->timeout_ms, reply);

	if (ret < 0)
		return STATUS_ERROR;
	if (!ret)
		return error("%s: %s within %u s", c->peer, late, c->s->timeout_ms / 1000);
	return reply->event == wanted ? STATUS_OK : unexpected(c, reply);
}

/*
 * In short tries. The kernel's CM looks at the neighbour, asks for it, and then
 * begins to wait: an answer that was quicker is found when the time is up.
 */
static enum status resolve_address(struct client *c, struct sockaddr_storage *from,
				   struct sockaddr_storage *to)
{
	uint64_t deadline = ping_now() + c->s->timeout_ms * 1000000ULL;
	struct cm_reply reply;
	int ret;

	for (;;) {
		if (rdma_resolve_addr(c->id, (struct sockaddr *)from, (struct sockaddr *)to,
				      RESOLVE_MS)) {
			if (errno == ENODEV || errno == ENETUNREACH || errno == EHOSTUNREACH)
				return error("%s: no RDMA device reaches that address", c->peer);
			return error_errno("%s: cannot resolve that address", c->peer);
		}
		ret = cm_wait(c->channel, c->s->timeout_ms, &reply);
		if (ret < 0)
			return STATUS_ERROR;
		if (ret && reply.event == RDMA_CM_EVENT_ADDR_RESOLVED)
			return STATUS_OK;
		if (ret && (reply.event != RDMA_CM_EVENT_ADDR_ERROR || reply.status != -ETIMEDOUT))
			return unexpected(c, &reply);
		if (ping_now() >= deadline)
			return error("%s: nobody has that address", c->peer);
	}
}

static enum status resolve(struct client *c)
{
	struct sockaddr_storage to, from;
	struct cm_reply reply;
	enum status status;

	if (cm_address(c->s->address, c->s->port, false, &to) ||
	    (c->s->source && cm_address(c->s->source, 0, false, &from)))
		return STATUS_ERROR;
	cm_name(c->peer, (struct sockaddr *)&to);
	c->channel = cm_channel();
	if (!c->channel)
		return STATUS_ERROR;
	if (rdma_create_id(c->channel, &c->id, NULL, RDMA_PS_TCP))
		return error_errno("cannot use the RDMA CM");
	status = resolve_address(c, c->s->source ? &from : NULL, &to);
	if (status != STATUS_OK)
		return status;
	if (rdma_resolve_route(c->id, c->s->timeout_ms))
		return error_errno("%s: cannot resolve the route", c->peer);
	return step(c, RDMA_CM_EVENT_ROUTE_RESOLVED, "no route to that address", &reply);
}

/* The area: request's head, payload, answer's head, answer; and what stays here. */
static enum status setup(struct client *c)
{
	uint32_t room = ping_room(c->s->size);
	uint8_t *p;

	if (transport_max_message(c->id) < room + sizeof(struct ping_request))
		return error("%s: messages of %s are not that long", c->peer,
			     ibv_get_device_name(c->id->verbs->device));
	if (transport_setup(&c->t, c->id, 2 * (64 + (size_t)room), c->s))
		return STATUS_ERROR;
	p = c->t.area;
	c->request = (struct message){ p, 64, p + 64, 0 };
	p += 64 + room;
	c->answer = (struct message){ p, 64, p + 64, room };
	c->x = (struct ping_exchange){
		.size = c->s->size,
		.level = c->s->level,
		.payload = c->request.data,
		.answer = c->answer.data,
		.plain = malloc(room),
	};
	return c->x.plain ? STATUS_OK : error_errno("no memory for the payload");
}

static enum status connect_to_server(struct client *c)
{
	struct ping_hello hello = {
		.magic = htole32(PING_MAGIC),
		.version = htole16(c->s->version),
		.size = htole32(ping_room(c->s->size)),
		.room = htole32(ping_room(c->s->size)),
	};
	struct rdma_conn_param param = {
		.private_data = &hello,
		.private_data_len = sizeof(hello),
		.retry_count = RETRIES,
		.rnr_retry_count = RETRIES,
	};
	struct ping_welcome *w;
	struct cm_reply reply;
	enum status status;

	if (c->s->op)
		memcpy(hello.op, c->s->op->name, strnlen(c->s->op->name, sizeof(hello.op)));
	if (rdma_connect(c->id, &param))
		return error_errno("%s: cannot connect", c->peer);
	status = step(c, RDMA_CM_EVENT_ESTABLISHED, "no answer", &reply);
	if (status != STATUS_OK)
		return status;
	c->connected = true;
	transport_connected(&c->t);
	w = &reply.data.welcome;
	if (le32toh(w->magic) != PING_MAGIC || le16toh(w->version) != c->s->version)
		return error("%s: that is no axe ping server", c->peer);
	c->op = ping_op_find(w->op, sizeof(w->op));
	if (!c->op || (c->s->op && c->op != c->s->op))
		return error("%s: the server wants an operation that is not known here", c->peer);
	snprintf(c->accel, sizeof(c->accel), "%.*s", (int)sizeof(w->accel) - 1, w->accel);
	return STATUS_OK;
}

static enum status post_ping(struct client *c, uint64_t *begin)
{
	struct ping_request *head = c->request.head;

	c->x.seq = c->sent;
	c->op->prepare(&c->x);
	c->request.data_length = c->x.length;
	*head = (struct ping_request){
		.seq = htole64(c->x.seq),
		.arg = htole64(c->x.arg),
		.length = htole32(c->x.length),
	};
	if (transport_recv(&c->t, RECEIVED, &c->answer))
		return STATUS_ERROR;
	*begin = ping_now();
	if (transport_send(&c->t, SENT, &c->request))
		return STATUS_ERROR;
	c->sent++;
	return STATUS_OK;
}

static enum status lost(const struct client *c, const struct ibv_wc *wc)
{
	if (wc->status == IBV_WC_WR_FLUSH_ERR)
		return error("%s: the connection was ended by the other side", c->peer);
	return error("%s: the connection is lost: %s", c->peer, ibv_wc_status_str(wc->status));
}

/* Why the wait for an answer came to an end; STATUS_OK if it does not have to. */
static enum status woken(struct client *c)
{
	struct cm_reply reply;
	int ret;

	if (ping_stopped())
		return STATUS_ERROR;
	ret = cm_take(c->channel, &reply);
	if (ret < 0)
		return STATUS_ERROR;
	if (ret && (reply.event == RDMA_CM_EVENT_DISCONNECTED ||
		    reply.event == RDMA_CM_EVENT_DEVICE_REMOVAL))
		return unexpected(c, &reply);
	return STATUS_OK;	/* the address has moved, and the like: we will see */
}

/*
 * Until both the answer is there and the request is ours again. *ns is when the
 * answer came.
 */
static enum status await(struct client *c, uint64_t *ns, uint32_t *received)
{
	uint64_t deadline = ping_now() + c->s->timeout_ms * 1000000ULL;
	struct pollfd fds[] = {
		{ .fd = c->channel->fd, .events = POLLIN },
		{ .fd = ping_stop_fd(), .events = POLLIN },
	};
	enum status status = STATUS_OK;
	unsigned int missing = 2;
	struct ibv_wc wc;

	while (missing && status == STATUS_OK) {
		switch (transport_wait(&c->t, &wc, fds, 2, deadline)) {
		case TRANSPORT_DONE:
			if (wc.status != IBV_WC_SUCCESS)
				return lost(c, &wc);
			if (wc.wr_id == RECEIVED) {
				*ns = ping_now();
				*received = wc.byte_len;
			}
			missing--;
			break;
		case TRANSPORT_WOKEN:
			status = woken(c);
			break;
		case TRANSPORT_TIMEOUT:
			return error("%s: no answer to ping %" PRIu64 " within %u s", c->peer,
				     c->x.seq, c->s->timeout_ms / 1000);
		default:
			return STATUS_ERROR;
		}
	}
	return status;
}

/* What is wrong with the answer, or NULL. */
static const char *check(struct client *c, uint32_t received, struct ping_answer *head)
{
	memcpy(head, c->answer.head, sizeof(*head));
	c->x.answer_length = le32toh(head->length);
	c->x.result[0] = le64toh(head->result[0]);
	c->x.result[1] = le64toh(head->result[1]);
	if (received < sizeof(*head) || c->x.answer_length != received - sizeof(*head))
		return "its length is not the one it says";
	if (le64toh(head->seq) != c->x.seq)
		return "it is not for this ping";
	if (head->code != htole16(AXE_OK))
		return axedv_code_str(le16toh(head->code));
	return c->op->check(&c->x);
}

static enum status one_ping(struct client *c)
{
	uint64_t begin = 0, end = 0;
	struct ping_answer head;
	enum status status;
	const char *wrong;
	uint32_t received = 0;

	status = post_ping(c, &begin);
	if (status == STATUS_OK)
		status = await(c, &end, &received);
	if (status != STATUS_OK)
		return status;
	wrong = check(c, received, &head);
	ping_stats_add(&c->stats, end - begin);
	c->accel_ns += le64toh(head.accel_ns);
	c->payload_bytes += c->x.length;
	c->answer_bytes += c->x.answer_length;
	if (wrong) {
		c->errors++;
		error("%s: bad answer to ping %" PRIu64 ": %s", c->peer, c->x.seq, wrong);
	} else if (options.verbose) {
		printf("%" PRIu64 ": %u bytes, answer %u bytes, %.1f us, of which %s %.1f us\n",
		       c->x.seq, c->x.length, c->x.answer_length, (end - begin) / 1e3, c->op->name,
		       le64toh(head.accel_ns) / 1e3);
	}
	return STATUS_OK;
}

static void print_summary(const struct client *c)
{
	const struct ping_stats *s = &c->stats;
	double seconds = c->elapsed / 1e9;
	char out[HUMAN_SIZE], in[HUMAN_SIZE];

	printf("%" PRIu64 " sent, %" PRIu64 " answered, %" PRIu64 " errors, %.2f s\n", c->sent,
	       s->count, c->errors, seconds);
	if (!s->count)
		return;
	printf("latency in us: min %.1f, avg %.1f, p50 %.1f, p90 %.1f, p99 %.1f, p99.9 %.1f, "
	       "max %.1f\n", s->min / 1e3, s->sum / 1e3 / s->count,
	       ping_stats_percentile(s, 50) / 1e3, ping_stats_percentile(s, 90) / 1e3,
	       ping_stats_percentile(s, 99) / 1e3, ping_stats_percentile(s, 99.9) / 1e3,
	       s->max / 1e3);
	if (c->op->build)
		printf("of which %s on the server, with the wait for it: avg %.1f us\n",
		       c->op->name, c->accel_ns / 1e3 / s->count);
	printf("throughput: %.0f pings/s, %s/s out, %s/s in\n", s->count / seconds,
	       human_bytes(out, c->payload_bytes / seconds),
	       human_bytes(in, c->answer_bytes / seconds));
}

static enum status run(struct client *c)
{
	enum status status = STATUS_OK;
	uint64_t begin;

	printf("%s: %s of %u bytes%s%s, over %s (%s)\n", c->peer, c->op->name, c->s->size,
	       *c->accel ? " on " : "", c->accel, transport_device(&c->t), c->t.memory);
	fflush(stdout);
	begin = ping_now();
	while (status == STATUS_OK && !ping_stopped() &&
	       (!c->s->count || c->sent < c->s->count))
		status = one_ping(c);
	c->elapsed = ping_now() - begin;
	print_summary(c);
	/* What is under way when the user stops is no error. */
	if (ping_stopped())
		status = STATUS_OK;
	return c->errors ? STATUS_ERROR : status;
}

enum status ping_client(const struct ping_settings *settings)
{
	struct client *c = calloc(1, sizeof(*c));
	enum status status;

	if (!c)
		return error_errno("no memory");
	c->s = settings;
	status = resolve(c);
	if (status == STATUS_OK)
		status = setup(c);
	if (status == STATUS_OK)
		status = connect_to_server(c);
	if (status == STATUS_OK)
		status = run(c);
	if (c->connected)
		rdma_disconnect(c->id);
	transport_teardown(&c->t);
	free(c->x.plain);
	if (c->id)
		rdma_destroy_id(c->id);
	if (c->channel)
		rdma_destroy_event_channel(c->channel);
	free(c);
	return status;
}
