// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "options.h"
#include "ping_session.h"

/* wr_id: the slot, and which of its messages */
enum { RECEIVED = 0, SENT = SESSION_SLOTS };

static void wake(int fd)
{
	eventfd_write(fd, 1);
}

static int post_slot(struct session *session, unsigned int i)
{
	return transport_recv(&session->t, RECEIVED + i, &session->slots[i].request);
}

/* Slots one after the other; in each, two messages of a head and the rest. */
static int setup_slots(struct session *session)
{
	uint8_t *p = session->t.area;

	for (unsigned int i = 0; i < SESSION_SLOTS; i++) {
		struct session_slot *slot = &session->slots[i];

		slot->request = (struct message){ p, 64, p + 64, session->size };
		p += 64 + session->size;
		slot->answer = (struct message){ p, 64, p + 64, session->room };
		p += 64 + session->room;
		if (post_slot(session, i))
			return -1;
	}
	return 0;
}

/*
 * A device of its own, not only a queue: events of a device come to one of its
 * readers, and each session has to have its own.
 */
static int setup_accelerator(struct session *session)
{
	if (!session->op->build)
		return 0;
	session->dev = device_open();
	if (!session->dev)
		return -1;
	session->queue = queue_create_mode(session->dev, 1, AXE_QUEUE_INLINE);
	if (!session->queue)
		return -1;
	if (!session->s->pinned)
		return 0;
	session->pinned = ibv_reg_mr(session->dev->pd, session->t.area, session->t.area_size,
				     IBV_ACCESS_LOCAL_WRITE);
	if (session->pinned)
		return 0;
	error_errno("cannot register buffers with %s", device_name(session->dev));
	return -1;
}

struct session *session_create(struct rdma_cm_id *id, const struct ping_settings *settings,
			       const struct ping_op *op, const struct ping_hello *hello)
{
	struct session *session = calloc(1, sizeof(*session));
	size_t area;

	if (!session) {
		error_errno("no memory for a client");
		return NULL;
	}
	session->s = settings;
	session->op = op;
	session->size = le32toh(hello->size);
	session->room = le32toh(hello->room);
	area = SESSION_SLOTS * (128 + (size_t)session->size + session->room);
	cm_name(session->peer, rdma_get_peer_addr(id));
	session->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (session->wake_fd >= 0 && !transport_setup(&session->t, id, area, settings) &&
	    !setup_accelerator(session) && !setup_slots(session)) {
		id->context = session;
		return session;
	}
	transport_teardown(&session->t);
	session_destroy(session);
	return NULL;
}

static struct ibv_sge sge_of(const struct session *session, void *p, uint32_t length)
{
	struct ibv_sge sge = device_sge(session->dev, p, length);

	if (session->pinned)
		sge.lkey = session->pinned->lkey;
	return sge;
}

/* Spins if that is wanted: what is small, is there at once. */
static int await_command(struct session *session, struct completion *c)
{
	uint64_t end = ping_now() + PING_SPIN_NS;
	int ret;

	do {
		ret = queue_poll(session->queue, c);
	} while (!ret && !session->s->events && ping_now() < end);
	return ret ? ret : queue_wait(session->queue, c);
}

/* Has the accelerator work on a payload where the transport has put it. */
static int accelerate(struct session *session, struct session_slot *slot, uint32_t length)
{
	const struct ping_request *request = slot->request.head;
	struct ping_answer *answer = slot->answer.head;
	struct ibv_sge src = sge_of(session, slot->request.data, length);
	struct ibv_sge dst = sge_of(session, slot->answer.data, session->room);
	uint64_t begin = ping_now();
	struct completion c;

	queue_begin(session->queue, 0);
	session->op->build(session->queue->wr, &dst, &src, le64toh(request->arg));
	if (queue_post(session->queue) || await_command(session, &c) < 0)
		return -1;
	answer->accel_ns = htole64(ping_now() - begin);
	answer->code = htole16(c.code);
	answer->result[0] = htole64(c.result[0]);
	answer->result[1] = htole64(c.result[1]);
	answer->length = htole32(c.code == AXE_OK && session->op->answers ? c.bytes : 0);
	return 0;
}

static int answer_slot(struct session *session, unsigned int i, uint32_t length)
{
	struct session_slot *slot = &session->slots[i];
	const struct ping_request *request = slot->request.head;
	struct ping_answer *head = slot->answer.head;
	struct message answer = slot->answer;

	*head = (struct ping_answer){ .seq = request->seq };
	if (!session->op->build) {
		head->length = htole32(length);
		answer.data = slot->request.data;
	} else if (accelerate(session, slot, length)) {
		return -1;
	}
	answer.data_length = le32toh(head->length);
	if (head->code)
		session->failed++;
	if (options.verbose)
		printf("%s: ping %" PRIu64 ": %s of %u bytes: %s, %u bytes, %.1f us\n",
		       session->peer, le64toh(head->seq), session->op->name, length,
		       head->code ? axedv_code_str(le16toh(head->code)) : "done",
		       answer.data_length, le64toh(head->accel_ns) / 1e3);
	return transport_send(&session->t, SENT + i, &answer);
}

/* A payload that has arrived: 0, or -1 after an error message. */
static int serve(struct session *session, unsigned int i, uint32_t received)
{
	const struct ping_request *request = session->slots[i].request.head;
	uint32_t length = received - sizeof(*request);

	if (received < sizeof(*request) || le32toh(request->length) != length ||
	    (!session->op->build && length > session->room)) {
		error("%s: what it sends is no ping", session->peer);
		return -1;
	}
	return answer_slot(session, i, length);
}

/* 0, or -1 at the end. */
static int complete(struct session *session, const struct ibv_wc *wc)
{
	if (wc->status != IBV_WC_SUCCESS) {
		/* flushed: that is how a connection ends */
		if (wc->status != IBV_WC_WR_FLUSH_ERR)
			warning("%s: the connection is lost: %s", session->peer,
				ibv_wc_status_str(wc->status));
		return -1;
	}
	if (wc->wr_id < SENT)
		return serve(session, wc->wr_id, wc->byte_len);
	session->answered++;
	if (atomic_fetch_add(session->total, 1) + 1 == session->s->count)
		wake(session->done_fd);
	return post_slot(session, wc->wr_id - SENT);
}

static void *session_thread(void *arg)
{
	struct session *session = arg;
	struct pollfd fds[] = { { .fd = session->wake_fd, .events = POLLIN } };
	struct ibv_wc wc;

	while (transport_wait(&session->t, &wc, fds, 1, 0) == TRANSPORT_DONE &&
	       !complete(session, &wc))
		;
	session->ended = true;
	wake(session->done_fd);
	return NULL;
}

int session_start(struct session *session, int done_fd, atomic_uint_least64_t *total)
{
	session->done_fd = done_fd;
	session->total = total;
	errno = pthread_create(&session->thread, NULL, session_thread, session);
	session->started = !errno;
	if (session->started)
		return 0;
	error_errno("cannot make a thread for a client");
	return -1;
}

void session_stop(struct session *session)
{
	if (session->t.id)
		rdma_disconnect(session->t.id);
	wake(session->wake_fd);
}

void session_destroy(struct session *session)
{
	struct rdma_cm_id *id = session->t.id;

	if (session->started) {
		session_stop(session);
		pthread_join(session->thread, NULL);
	}
	queue_destroy(session->queue);
	if (session->pinned)
		ibv_dereg_mr(session->pinned);
	device_close(session->dev);
	transport_teardown(&session->t);
	if (id)
		rdma_destroy_id(id);
	if (session->wake_fd >= 0)
		close(session->wake_fd);
	free(session);
}
