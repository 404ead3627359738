// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "options.h"
#include "queue.h"

#define MAX_ENGINES 32

/* 0, or -1 after an error message */
static int find_engine(struct device *dev, const char *name, uint32_t *index)
{
	struct axe_engine_info engines[MAX_ENGINES];
	int n = axedv_query_engines(dev->context, engines, MAX_ENGINES);

	for (int i = 0; i < n && i < MAX_ENGINES; i++) {
		if (!strncmp(engines[i].name, name, sizeof(engines[i].name))) {
			*index = engines[i].index;
			return 0;
		}
	}
	error("%s has no engine '%s'; 'axe info %s' shows those it has", device_name(dev), name,
	      device_name(dev));
	return -1;
}

static int create_qp(struct queue *q, unsigned int depth, enum axe_queue_mode mode)
{
	struct ibv_qp_init_attr_ex attr = {
		.qp_type = IBV_QPT_DRIVER,
		.send_cq = ibv_cq_ex_to_cq(q->cq),
		.recv_cq = ibv_cq_ex_to_cq(q->cq),
		.cap = { .max_send_wr = depth, .max_send_sge = 1 },
		.sq_sig_all = 1,
		.comp_mask = IBV_QP_INIT_ATTR_PD,
		.pd = q->dev->pd,
	};
	struct axedv_qp_init_attr axe_attr = {
		.comp_mask = AXEDV_QP_INIT_ATTR_MODE,
		.mode = mode,
	};

	if (options.lanes) {
		axe_attr.comp_mask |= AXEDV_QP_INIT_ATTR_LANES;
		axe_attr.lanes = options.lanes;
	}
	if (options.engine) {
		axe_attr.comp_mask |= AXEDV_QP_INIT_ATTR_ENGINE;
		if (find_engine(q->dev, options.engine, &axe_attr.engine))
			return -1;
	}
	if (options.offload) {
		axe_attr.comp_mask |= AXEDV_QP_INIT_ATTR_OFFLOAD;
		axe_attr.offload = options.offload;
	}
	q->qp = axedv_create_qp(q->dev->context, &attr, &axe_attr);
	if (!q->qp) {
		error_errno("cannot make an accelerator queue on %s", device_name(q->dev));
		return -1;
	}
	q->wr = ibv_qp_to_qp_ex(q->qp);
	return 0;
}

static int set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

static int queue_setup(struct queue *q, unsigned int depth, enum axe_queue_mode mode)
{
	struct ibv_cq_init_attr_ex cq_attr = {
		.cqe = depth,
		.wc_flags = IBV_WC_EX_WITH_BYTE_LEN,
	};

	q->channel = ibv_create_comp_channel(q->dev->context);
	if (!q->channel) {
		error_errno("cannot make a completion channel on %s", device_name(q->dev));
		return -1;
	}
	cq_attr.channel = q->channel;
	q->cq = ibv_create_cq_ex(q->dev->context, &cq_attr);
	if (!q->cq) {
		error_errno("cannot make a completion queue on %s", device_name(q->dev));
		return -1;
	}
	if (set_nonblocking(q->channel->fd) || set_nonblocking(q->dev->context->async_fd)) {
		error_errno("cannot wait for events of %s", device_name(q->dev));
		return -1;
	}
	return create_qp(q, depth, mode);
}

struct queue *queue_create_mode(struct device *dev, unsigned int depth, enum axe_queue_mode mode)
{
	struct queue *q = calloc(1, sizeof(*q));

	if (!q) {
		error_errno("cannot make an accelerator queue");
		return NULL;
	}
	q->dev = dev;
	if (queue_setup(q, depth, mode)) {
		queue_destroy(q);
		return NULL;
	}
	return q;
}

struct queue *queue_create(struct device *dev, unsigned int depth)
{
	return queue_create_mode(dev, depth, AXE_QUEUE_WORKER);
}

void queue_destroy(struct queue *q)
{
	if (!q)
		return;
	if (q->qp)
		ibv_destroy_qp(q->qp);
	if (q->cq)
		ibv_destroy_cq(ibv_cq_ex_to_cq(q->cq));
	if (q->channel)
		ibv_destroy_comp_channel(q->channel);
	free(q);
}

static int break_queue(struct queue *q, const char *what)
{
	if (!q->broken)
		error("%s %s", device_name(q->dev), what);
	q->broken = true;
	return -1;
}

static int device_removed(struct queue *q)
{
	return break_queue(q, "was removed while it was in use");
}

void queue_begin(struct queue *q, uint64_t wr_id)
{
	ibv_wr_start(q->wr);
	q->wr->wr_id = wr_id;
	q->wr->wr_flags = IBV_SEND_SIGNALED;
}

int queue_post(struct queue *q)
{
	int ret = ibv_wr_complete(q->wr);

	if (!ret) {
		q->posted++;
		q->inflight++;
		return 0;
	}
	if (ret == EIO || ret == ENODEV)
		return device_removed(q);
	errno = ret;
	if (!q->broken)
		error_errno("%s does not take the command", device_name(q->dev));
	q->broken = true;
	return -1;
}

int queue_poll(struct queue *q, struct completion *c)
{
	struct ibv_poll_cq_attr attr = {};
	int ret;

	if (q->broken)
		return -1;
	ret = ibv_start_poll(q->cq, &attr);
	if (ret == ENOENT)
		return 0;
	if (ret == EIO)
		return device_removed(q);
	if (ret)
		return break_queue(q, "lost completions");

	c->wr_id = q->cq->wr_id;
	c->code = axedv_wc_read_code(q->cq);
	c->bytes = ibv_wc_read_byte_len(q->cq);
	c->result[0] = axedv_wc_read_result(q->cq, 0);
	c->result[1] = axedv_wc_read_result(q->cq, 1);
	if (c->code == AXE_OK && q->cq->status != IBV_WC_SUCCESS)
		c->code = AXE_ERR_FLUSHED;
	ibv_end_poll(q->cq);
	q->inflight--;
	return 1;
}

static int take_async_events(struct queue *q)
{
	struct ibv_async_event event;
	enum ibv_event_type type;

	while (!ibv_get_async_event(q->dev->context, &event)) {
		type = event.event_type;
		ibv_ack_async_event(&event);
		switch (type) {
		case IBV_EVENT_DEVICE_FATAL:
			return device_removed(q);
		case IBV_EVENT_CQ_ERR:
			return break_queue(q, "lost completions");
		case IBV_EVENT_QP_FATAL:
			return break_queue(q, "put the queue into the error state");
		default:
			break;		/* ports, GIDs: nothing to us */
		}
	}
	return errno == EAGAIN || errno == EINTR ? 0 : device_removed(q);
}

/* Sleeps until the armed CQ or the device has something to say. */
static int wait_event(struct queue *q)
{
	struct pollfd fds[] = {
		{ .fd = q->channel->fd, .events = POLLIN },
		{ .fd = q->dev->context->async_fd, .events = POLLIN },
	};
	struct ibv_cq *cq;
	void *context;

	if (poll(fds, 2, -1) < 0 && errno != EINTR) {
		error_errno("cannot wait for %s", device_name(q->dev));
		q->broken = true;
		return -1;
	}
	if (fds[1].revents && take_async_events(q))
		return -1;
	if (!fds[0].revents)
		return 0;
	if (!ibv_get_cq_event(q->channel, &cq, &context))
		ibv_ack_cq_events(cq, 1);
	else if (errno != EAGAIN && errno != EINTR)
		return device_removed(q);
	return 0;
}

/*
 * A completion that arrives between a look at the CQ and the arming of it makes
 * no event: so look once more between arming and sleeping.
 */
int queue_wait(struct queue *q, struct completion *c)
{
	int ret;

	for (;;) {
		ret = queue_poll(q, c);
		if (ret)
			return ret;
		if (ibv_req_notify_cq(ibv_cq_ex_to_cq(q->cq), 0))
			return device_removed(q);
		ret = queue_poll(q, c);
		if (ret)
			return ret;
		if (wait_event(q))
			return -1;
	}
}

void queue_drain(struct queue *q)
{
	struct completion c;

	while (q->inflight && queue_wait(q, &c) > 0)
		;
}
