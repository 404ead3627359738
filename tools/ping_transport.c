// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>

#include "ping_transport.h"

/* Outstanding at most: receives, and sends. */
#define DEPTH		4
#define MAX_FDS		4

/* Busy polling: how many looks at the CQ go between two at the rest of the world. */
#define SPIN_LOOKS	64

const char *transport_device(const struct transport *t)
{
	return ibv_get_device_name(t->id->verbs->device);
}

uint32_t transport_max_message(const struct rdma_cm_id *id)
{
	struct ibv_port_attr port;

	return ibv_query_port(id->verbs, id->port_num, &port) ? 0 : port.max_msg_sz;
}

/* IBV_ODP_SUPPORT and its like: what the device can do for messages of RC. */
static uint64_t odp_support(struct ibv_context *context)
{
	const uint32_t messages = IBV_ODP_SUPPORT_SEND | IBV_ODP_SUPPORT_RECV;
	struct ibv_device_attr_ex attr;

	if (ibv_query_device_ex(context, NULL, &attr) ||
	    (attr.odp_caps.per_transport_caps.rc_odp_caps & messages) != messages)
		return 0;
	return attr.odp_caps.general_caps;
}

/*
 * A device that can page, but not all memory, is rxe, and that one loses data where
 * a packet crosses a page: __rxe_odp_mr_copy() of Linux 7.2 does not go forward in
 * the packet. So its buffers are pinned.
 */
static struct ibv_mr *register_area(struct transport *t, bool pinned)
{
	uint64_t odp = pinned ? 0 : odp_support(t->id->verbs);
	int access = IBV_ACCESS_LOCAL_WRITE;

	if (odp & IBV_ODP_SUPPORT_IMPLICIT) {
		t->memory = "all memory, on demand";
		return ibv_reg_mr(t->pd, NULL, SIZE_MAX, access | IBV_ACCESS_ON_DEMAND);
	}
	t->memory = "pinned buffers";
	return ibv_reg_mr(t->pd, t->area, t->area_size, access);
}

static int setup_memory(struct transport *t, size_t area_size, bool pinned)
{
	t->area_size = area_size;
	t->area = mmap(NULL, area_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (t->area == MAP_FAILED) {
		t->area = NULL;
		error_errno("no memory for messages");
		return -1;
	}
	t->pd = ibv_alloc_pd(t->id->verbs);
	if (!t->pd) {
		error_errno("cannot make a protection domain on %s", transport_device(t));
		return -1;
	}
	t->mr = register_area(t, pinned);
	if (!t->mr) {
		error_errno("cannot register %s with %s", t->memory, transport_device(t));
		if (errno == ENOMEM)
			error("the limit of locked memory (ulimit -l) may be too low");
		return -1;
	}
	return 0;
}

static int setup_cq(struct transport *t)
{
	int flags;

	t->channel = ibv_create_comp_channel(t->id->verbs);
	if (!t->channel) {
		error_errno("cannot make a completion channel on %s", transport_device(t));
		return -1;
	}
	flags = fcntl(t->channel->fd, F_GETFL);
	if (flags < 0 || fcntl(t->channel->fd, F_SETFL, flags | O_NONBLOCK)) {
		error_errno("cannot wait for completions");
		return -1;
	}
	t->cq = ibv_create_cq(t->id->verbs, 2 * DEPTH, NULL, t->channel, 0);
	if (!t->cq) {
		error_errno("cannot make a completion queue on %s", transport_device(t));
		return -1;
	}
	return 0;
}

static int setup_qp(struct transport *t)
{
	struct ibv_qp_init_attr attr = {
		.qp_type = IBV_QPT_RC,
		.send_cq = t->cq,
		.recv_cq = t->cq,
		.cap = {
			.max_send_wr = DEPTH,
			.max_recv_wr = DEPTH,
			.max_send_sge = 2,
			.max_recv_sge = 2,
		},
		.sq_sig_all = 1,
	};

	if (!rdma_create_qp(t->id, t->pd, &attr))
		return 0;
	error_errno("cannot make a queue pair on %s", transport_device(t));
	return -1;
}

int transport_setup(struct transport *t, struct rdma_cm_id *id, size_t area_size,
		    const struct ping_settings *settings)
{
	memset(t, 0, sizeof(*t));
	t->id = id;
	t->events = settings->events;
	return setup_memory(t, area_size, settings->pinned) || setup_cq(t) || setup_qp(t) ? -1 : 0;
}

/*
 * A message may come before its receive is posted again: that waits for the
 * completion of an older answer. The CM has the sender try again after 655 ms (0),
 * which is no latency that anyone wants to measure: this is 0.64 ms.
 */
void transport_connected(struct transport *t)
{
	struct ibv_qp_attr attr = { .min_rnr_timer = 12 };

	if (ibv_modify_qp(t->id->qp, &attr, IBV_QP_MIN_RNR_TIMER))
		verbose("%s does not let the RNR timer be set", transport_device(t));
}

void transport_teardown(struct transport *t)
{
	if (t->id && t->id->qp)
		rdma_destroy_qp(t->id);
	if (t->cq)
		ibv_destroy_cq(t->cq);
	if (t->channel)
		ibv_destroy_comp_channel(t->channel);
	if (t->mr)
		ibv_dereg_mr(t->mr);
	if (t->pd)
		ibv_dealloc_pd(t->pd);
	if (t->area)
		munmap(t->area, t->area_size);
	memset(t, 0, sizeof(*t));
}

static int fill_sges(const struct transport *t, struct ibv_sge sge[2], const struct message *m)
{
	sge[0] = (struct ibv_sge){ (uintptr_t)m->head, m->head_length, t->mr->lkey };
	sge[1] = (struct ibv_sge){ (uintptr_t)m->data, m->data_length, t->mr->lkey };
	return m->data_length ? 2 : 1;
}

static int posted(const struct transport *t, int err)
{
	if (!err)
		return 0;
	errno = err;
	error_errno("%s does not take a message", transport_device(t));
	return -1;
}

int transport_recv(struct transport *t, uint64_t wr_id, const struct message *m)
{
	struct ibv_recv_wr wr = { .wr_id = wr_id }, *bad;
	struct ibv_sge sge[2];

	wr.sg_list = sge;
	wr.num_sge = fill_sges(t, sge, m);
	return posted(t, ibv_post_recv(t->id->qp, &wr, &bad));
}

int transport_send(struct transport *t, uint64_t wr_id, const struct message *m)
{
	struct ibv_send_wr wr = { .wr_id = wr_id, .opcode = IBV_WR_SEND }, *bad;
	struct ibv_sge sge[2];

	wr.sg_list = sge;
	wr.num_sge = fill_sges(t, sge, m);
	return posted(t, ibv_post_send(t->id->qp, &wr, &bad));
}

static bool any_readable(const struct pollfd *fds, unsigned int num_fds)
{
	for (unsigned int i = 0; i < num_fds; i++)
		if (fds[i].revents)
			return true;
	return false;
}

static enum transport_event look(struct transport *t, struct ibv_wc *wc)
{
	int n = ibv_poll_cq(t->cq, 1, wc);

	return n > 0 ? TRANSPORT_DONE : n < 0 ? TRANSPORT_ERROR : TRANSPORT_NOTHING;
}

static enum transport_event spin(struct transport *t, struct ibv_wc *wc, struct pollfd *fds,
				 unsigned int num_fds)
{
	uint64_t end = t->events ? 0 : ping_now() + PING_SPIN_NS;
	int looks = t->events ? 1 : SPIN_LOOKS;
	enum transport_event e;

	do {
		for (int i = 0; i < looks; i++) {
			e = look(t, wc);
			if (e != TRANSPORT_NOTHING)
				return e;
		}
		if (poll(fds, num_fds, 0) > 0)
			return TRANSPORT_WOKEN;
		/* The device, or the other side, may be a thread that waits for this CPU. */
		sched_yield();
	} while (end && ping_now() < end);
	return TRANSPORT_NOTHING;
}

/* Until the armed CQ has an event (TRANSPORT_NOTHING: look there), or something else happens. */
static enum transport_event sleep_once(struct transport *t, struct pollfd *fds,
				       unsigned int num_fds, uint64_t deadline)
{
	struct pollfd all[MAX_FDS + 1] = { { .fd = t->channel->fd, .events = POLLIN } };
	uint64_t now = ping_now();
	struct ibv_cq *cq;
	int timeout = -1;
	void *context;

	if (deadline && now >= deadline)
		return TRANSPORT_TIMEOUT;
	if (deadline)
		timeout = (deadline - now) / 1000000 + 1;
	memcpy(all + 1, fds, num_fds * sizeof(*fds));
	if (poll(all, num_fds + 1, timeout) < 0)
		return errno == EINTR ? TRANSPORT_NOTHING : TRANSPORT_ERROR;
	memcpy(fds, all + 1, num_fds * sizeof(*fds));
	if (!ibv_get_cq_event(t->channel, &cq, &context))
		ibv_ack_cq_events(cq, 1);
	else if (errno != EAGAIN && errno != EINTR)
		return TRANSPORT_ERROR;
	return any_readable(fds, num_fds) ? TRANSPORT_WOKEN : TRANSPORT_NOTHING;
}

/*
 * As always with events: arm, look once more, and only then sleep; what came
 * between the last look and the arming makes none. A completion goes before
 * everything else.
 */
enum transport_event transport_wait(struct transport *t, struct ibv_wc *wc,
				    struct pollfd *fds, unsigned int num_fds, uint64_t deadline)
{
	enum transport_event slept, e = spin(t, wc, fds, num_fds);

	while (e == TRANSPORT_NOTHING) {
		e = ibv_req_notify_cq(t->cq, 0) ? TRANSPORT_ERROR : look(t, wc);
		if (e != TRANSPORT_NOTHING)
			break;
		slept = sleep_once(t, fds, num_fds, deadline);
		e = look(t, wc);
		if (e == TRANSPORT_NOTHING)
			e = slept;
	}
	if (e == TRANSPORT_ERROR)
		error("%s has failed: no completions come from it any more", transport_device(t));
	return e;
}
