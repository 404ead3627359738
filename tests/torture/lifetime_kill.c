// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * kill -9, at any moment from the fork on. Every other victim has a peer in this
 * process, whose requests then all come to an end.
 */

#include <pthread.h>
#include <signal.h>

#include "lifetime.h"
#include "wire.h"

#define CHUNK	(16 * KIB)
#define WINDOW	32

/**
 * struct victim - for the process
 * @seed:	of its load
 * @joined:	it has a peer here, at the other end of @wire
 * @waits:	it has threads that wait for completions and events
 */
struct victim {
	struct lifetime *t;
	uint64_t seed;
	bool joined;
	bool waits;
	struct wire wire;
};

/*---- the victim ----*/

static void *wait_for_events(void *arg)
{
	struct ibv_async_event event;

	while (!ibv_get_async_event(arg, &event))
		ibv_ack_async_event(&event);
	return NULL;
}

static void *wait_for_completions(void *arg)
{
	struct ibv_cq *cq;
	void *context;

	while (!ibv_get_cq_event(arg, &cq, &context))
		ibv_ack_cq_events(cq, 1);
	return NULL;
}

static void start_waiters(struct load *l)
{
	struct rig *r = &l->rigs[0];
	pthread_t thread;

	demand(!ibv_req_notify_cq(ibv_cq_ex_to_cq(r->cq), 0), "ibv_req_notify_cq");
	demand(!pthread_create(&thread, NULL, wait_for_completions, r->channel) &&
	       !pthread_create(&thread, NULL, wait_for_events, l->node.ctx), "pthread_create");
}

/* An end for the other process, which writes to it and sends to it. */
static void join(struct load *l, struct victim *v)
{
	static struct mem m;
	static struct end e;
	unsigned int i;

	demand(mem_make_kind(&m, &l->node, CHUNK * WINDOW, ALL_ACCESS,
			     torture_below(&l->state, 2) ? MEM_PINNED : MEM_ODP), "memory");
	end_open(&e, &l->node, NULL);
	demand(!end_to_init(&e), "RESET to INIT");
	for (i = 0; i < WINDOW; i++)
		must_post_recv(&e, i, &m, i * CHUNK, CHUNK);
	wire_connect(v->wire.fd[1], &e, &m);
}

static void victim_runs(void *arg)
{
	static struct load l;
	struct victim *v = arg;

	load_open(&l, default_device(), v->seed, v->t->count, true);
	if (v->waits)
		start_waiters(&l);
	if (v->joined)
		join(&l, v);
	load_post(&l);
	load_go_on(&l);
	demand(false, "posting fails: %s", strerror(l.error));
}

/*---- who stays ----*/

/* What is on its way to the victim, and its memory. */
struct visitor {
	struct end e;
	struct mem m;
	unsigned int posted;
};

static void visitor_open(struct visitor *w, struct victim *v)
{
	static const struct end_options options = {
		.tuned = true, .access = ALL_REMOTE, .timeout = 8, .retry_cnt = 2,
		.rnr_retry = 3, .min_rnr_timer = 1, .rd_atomic = 4,
	};
	struct offer there;
	unsigned int i;

	mem_make(&w->m, &v->t->probe.node, CHUNK, ALL_ACCESS);
	end_open(&w->e, &v->t->probe.node, &options);
	there = wire_connect(v->wire.fd[0], &w->e, &w->m);
	for (i = 0; i < WINDOW; i++, w->posted++) {
		struct ibv_sge sge = mem_sge(&w->m, 0, CHUNK);
		struct ibv_send_wr wr = wr_of(&w->e, i % 3 ? IBV_WR_RDMA_READ : IBV_WR_SEND,
					      &sge, 1);

		wr.wr_id = i;
		wr.wr.rdma.remote_addr = there.addr;
		wr.wr.rdma.rkey = there.rkey;
		must_post(&w->e, wr);
	}
}

/* Every request completes once, in order; from the first that fails on all are flushed. */
static void visitor_close(struct visitor *w)
{
	bool failed = false;
	unsigned int i;

	for (i = 0; i < w->posted; i++) {
		struct ibv_wc wc = next_wc(w->e.scq);

		demand(wc.wr_id == i, "%llu after %u", (unsigned long long)wc.wr_id, i);
		demand(!failed || wc.status == IBV_WC_WR_FLUSH_ERR, "after an error: %s",
		       ibv_wc_status_str(wc.status));
		failed = wc.status != IBV_WC_SUCCESS;
	}
	expect_none(w->e.scq);
	end_close(&w->e);
	mem_free(&w->m);
}

static void kill_one(struct lifetime *t)
{
	struct victim v = {
		.t = t,
		.seed = torture_rnd(&t->state),
		.joined = torture_below(&t->state, 2),
		.waits = torture_below(&t->state, 2),
	};
	struct visitor w = { 0 };
	pid_t pid;

	wire_make(&v.wire);
	pid = torture_child(victim_runs, &v);
	if (v.joined)
		visitor_open(&w, &v);
	/* Most have all of it in flight, the others are killed on the way there. */
	if (torture_below(&t->state, 4))
		lifetime_await_posted(t->count, pid);
	lifetime_wait(t);
	demand(!kill(pid, SIGKILL), "kill");
	lifetime_reap(t, pid, SIGKILL);
	if (v.joined)
		visitor_close(&w);
	wire_free(&v.wire);
}

void lifetime_kill(struct torture_run *run)
{
	lifetime_rounds(run, kill_one);
}
