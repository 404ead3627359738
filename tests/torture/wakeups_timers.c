// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Those that nobody wakes but a timer; asynchronous events; and the kernel's own CQ. */

#include <arpa/inet.h>
#include <fcntl.h>
#include <rdma/rdma_cma.h>

#include "wakeups.h"

/*---- a peer that does not answer ----*/

#define PAIRS		8
/* A tick of the kernel's clock, at its slowest. */
#define TICK_MS		10

/**
 * struct try - a request that fails when its time is up
 * @rnr:	the peer is there, and has no receive; else it is not there
 * @ms:		how long that takes at most, on a machine that does nothing else
 */
struct try {
	struct pair pair;
	bool rnr;
	unsigned int ms;
};

/* Of min_rnr_timer, in microseconds: 1 to 16 in the table of ibv_modify_qp(3). */
static const unsigned int rnr_us[] = {
	10, 20, 30, 40, 60, 80, 120, 160, 240, 320, 480, 640, 960, 1280, 1920, 2560,
};

static void begin(struct try *t, uint64_t *state)
{
	unsigned int timer = torture_below(state, ARRAY_SIZE(rnr_us)), tries;
	struct end *a = &t->pair.a, *b = &t->pair.b;
	struct address at_a = end_address(a), at_b = end_address(b);

	t->rnr = torture_below(state, 2);
	a->o.timeout = 1 + torture_below(state, 10);
	a->o.retry_cnt = torture_below(state, 4);
	a->o.rnr_retry = torture_below(state, 4);
	b->o.min_rnr_timer = 1 + timer;
	tries = t->rnr ? a->o.rnr_retry : a->o.retry_cnt + 1;
	t->ms = tries * ((t->rnr ? rnr_us[timer] : 4U << a->o.timeout) / 1000 + 2 * TICK_MS);
	end_connect(a, &at_b);
	if (t->rnr)
		end_connect(b, &at_a);
	must_post(a, wr_of(a, IBV_WR_SEND, NULL, 0));
}

/* Who fails is told so by a completion, on a channel, when the time is up. */
static void await_failure(struct try *t, struct tally *tally)
{
	struct ibv_cq *cq = t->pair.a.scq, *which;
	struct wait w = {
		.cq = cq, .num_bells = 1, .extra_ms = t->ms,
		.bells[0] = { "the sender", t->pair.a.qp->qp_num, AXE_DOORBELL_SQ },
	};
	struct ibv_wc wc;
	void *context;

	moment_take(&w.since);
	while (ibv_poll_cq(cq, 1, &wc) == 0) {
		demand(!ibv_req_notify_cq(cq, 0), "ibv_req_notify_cq");
		if (ibv_poll_cq(cq, 1, &wc) > 0)
			break;
		wait_readable(&w, cq->channel->fd);
		demand(!ibv_get_cq_event(cq->channel, &which, &context), "ibv_get_cq_event");
		ibv_ack_cq_events(which, 1);
		tally->events++;
	}
	demand(wc.status == (t->rnr ? IBV_WC_RNR_RETRY_EXC_ERR : IBV_WC_RETRY_EXC_ERR), "%s",
	       ibv_wc_status_str(wc.status));
	tally_wait(tally, &w);
	tally->cycles++;
}

void wakeups_timers(struct torture_run *run)
{
	static const struct end_options o = { .tuned = true, .send_wr = 2, .recv_wr = 2,
					      .cqe = 8, .access = ALL_REMOTE };
	static struct try tries[PAIRS];
	uint64_t state = torture_state(run, 0);
	struct tally tally = { 0 };
	unsigned int i;

	node_open(&node, default_device());
	for (i = 0; i < PAIRS; i++) {
		end_open(&tries[i].pair.a, &node, &o);
		end_open(&tries[i].pair.b, &node, &o);
	}
	clock_start();
	while (torture_goes_on(run)) {
		for (i = 0; i < PAIRS; i++)
			begin(&tries[i], &state);
		for (i = 0; i < PAIRS; i++)
			await_failure(&tries[i], &tally);
		for (i = 0; i < PAIRS; i++)
			demand(!end_to(&tries[i].pair.a, IBV_QPS_RESET) &&
			       !end_to(&tries[i].pair.b, IBV_QPS_RESET), "to RESET");
	}
	for (i = 0; i < PAIRS; i++)
		pair_close(&tries[i].pair);
	node_close(&node);
	tally_say(run, &tally);
}

/*---- an SRQ that is nearly used up ----*/

#define RECEIVES	16

static void await_limit(struct node *n, struct ibv_srq *srq, struct tally *tally,
			const struct wait *w)
{
	struct ibv_async_event event;

	wait_readable(w, n->ctx->async_fd);
	demand(!ibv_get_async_event(n->ctx, &event), "ibv_get_async_event");
	demand(event.event_type == IBV_EVENT_SRQ_LIMIT_REACHED && event.element.srq == srq, "%s",
	       ibv_event_type_str(event.event_type));
	ibv_ack_async_event(&event);
	tally->events++;
	tally_wait(tally, w);
}

/* Armed, used up to below the limit, told; or told at once, being below it. */
static void reach_limit(struct pair *p, struct ibv_srq *srq, uint64_t *state, struct tally *tally)
{
	struct ibv_srq_attr attr = { .srq_limit = 1 + torture_below(state, RECEIVES - 1) };
	unsigned int n = RECEIVES - attr.srq_limit + 1, before = torture_below(state, n + 1), i;
	struct wait w = { .cq = p->b.rcq };

	for (i = 0; i < RECEIVES; i++)
		demand(!post_recv_sge(&p->b, i, NULL, 0), "posting a receive");
	for (i = 0; i < n; i++) {
		if (i == before)
			demand(!ibv_modify_srq(srq, &attr, IBV_SRQ_LIMIT), "ibv_modify_srq");
		do_send(&p->a, wr_of(&p->a, IBV_WR_SEND, NULL, 0));
	}
	if (i == before)
		demand(!ibv_modify_srq(srq, &attr, IBV_SRQ_LIMIT), "ibv_modify_srq");
	moment_take(&w.since);
	await_limit(p->b.node, srq, tally, &w);
	for (; i < RECEIVES; i++)
		do_send(&p->a, wr_of(&p->a, IBV_WR_SEND, NULL, 0));
	for (i = 0; i < RECEIVES; i++)
		demand(next_wc(p->b.rcq).status == IBV_WC_SUCCESS, "a message");
	tally->cycles++;
}

void wakeups_limit(struct torture_run *run)
{
	struct ibv_srq_init_attr attr = { .attr = { .max_wr = RECEIVES, .max_sge = 1 } };
	uint64_t state = torture_state(run, 0);
	struct tally tally = { 0 };
	struct address a, b;
	struct ibv_srq *srq;
	struct pair p;

	node_open(&node, default_device());
	srq = ibv_create_srq(node.pd, &attr);
	demand(srq, "ibv_create_srq");
	end_open(&p.a, &node, NULL);
	end_open(&p.b, &node, &(struct end_options){ .srq = srq });
	a = end_address(&p.a);
	b = end_address(&p.b);
	end_connect(&p.a, &b);
	end_connect(&p.b, &a);
	clock_start();
	while (torture_goes_on(run)) {
		reach_limit(&p, srq, &state, &tally);
		pause_a_while(&state);
	}
	pair_close(&p);
	demand(!ibv_destroy_srq(srq), "ibv_destroy_srq");
	node_close(&node);
	tally_say(run, &tally);
}

/*---- the kernel's own CQ ----*/

/* Nobody listens on that port. */
#define NO_PORT		4

/* The device's own address: RoCE v2 over IPv4. */
static struct sockaddr_in own_address(struct node *n)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(NO_PORT) };

	memcpy(&sin.sin_addr, n->gid.raw + 12, 4);
	return sin;
}

static void expect_event(struct rdma_event_channel *channel, enum rdma_cm_event_type type,
			 const struct wait *w)
{
	struct rdma_cm_event *event;

	if (w)
		wait_readable(w, channel->fd);
	demand(!rdma_get_cm_event(channel, &event), "rdma_get_cm_event");
	demand(event->event == type, "%s (status %d), not %s", rdma_event_str(event->event),
	       event->status, rdma_event_str(type));
	rdma_ack_cm_event(event);
}

/*
 * To ask and to be refused takes a datagram each way over the GSI, whose CQ the kernel
 * arms, looking whether anything was missed. What is missed all the same lies there
 * until the next one comes, or the CM asks again, seconds later.
 */
static void be_refused(struct rdma_event_channel *channel, struct sockaddr_in *to,
		       struct ibv_cq *cq, struct tally *tally)
{
	struct rdma_conn_param param = { .retry_count = 7, .qp_num = 2 };
	struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr = to->sin_addr };
	struct wait w = { .cq = cq };
	struct rdma_cm_id *id;

	demand(!rdma_create_id(channel, &id, NULL, RDMA_PS_TCP), "rdma_create_id");
	demand(!rdma_resolve_addr(id, (struct sockaddr *)&from, (struct sockaddr *)to, 3000),
	       "rdma_resolve_addr");
	expect_event(channel, RDMA_CM_EVENT_ADDR_RESOLVED, NULL);
	demand(!rdma_resolve_route(id, 3000), "rdma_resolve_route");
	expect_event(channel, RDMA_CM_EVENT_ROUTE_RESOLVED, NULL);
	moment_take(&w.since);
	demand(!rdma_connect(id, &param), "rdma_connect");
	expect_event(channel, RDMA_CM_EVENT_REJECTED, &w);
	tally_wait(tally, &w);
	demand(!rdma_destroy_id(id), "rdma_destroy_id");
	tally->events += 1;
	tally->cycles++;
}

void wakeups_mads(struct torture_run *run)
{
	struct rdma_event_channel *channel = rdma_create_event_channel();
	struct tally tally = { 0 };
	struct sockaddr_in to;
	struct ibv_cq *cq;

	demand(channel, "rdma_create_event_channel");
	node_open(&node, default_device());
	cq = cq_make(&node, 1);
	to = own_address(&node);
	clock_start();
	while (torture_goes_on(run))
		be_refused(channel, &to, cq, &tally);
	cq_free(cq);
	node_close(&node);
	rdma_destroy_event_channel(channel);
	tally_say(run, &tally);
}
