// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Messages between two threads that both sleep on their channels. Receives are often
 * posted late, so that senders wait for them, with a timer that would come too late.
 */

#include <arpa/inet.h>
#include <pthread.h>

#include "wakeups.h"

/* Threads, each with a server of its own. */
#define CLIENTS		2
#define PAIRS		4
/* Messages of a cycle; receives that the server keeps posted, of each ring. */
#define BURST		4
#define RECEIVES	2
/* One that is for a worker, whatever else there is. */
#define LONG_SIZE	(20 * KIB)
#define LAST		(1U << 31)
#define QUIT		(1U << 30)
#define NUMBER		(QUIT - 1)

/**
 * struct peering - both sides. Of each pair a is the client's, b the server's
 * @index:	of the thread that is the client
 * @srq:	for the server's ends of the later pairs
 * @cq:		of all ends of a side
 * @sent:	messages, by side and pair
 * @heard:	likewise
 * @completed:	requests
 * @given:	the server's receives that are posted
 */
struct peering {
	struct torture_run *run;
	unsigned int index;
	struct ibv_srq *srq;
	struct ibv_cq *cq[2];
	struct pair pairs[PAIRS];
	struct mem m;
	uint32_t sent[2][PAIRS];
	uint32_t heard[2][PAIRS];
	uint32_t completed[2][PAIRS];
	unsigned int given[PAIRS];
	struct tally tally[2];
	bool quits;
};

enum role { CLIENT, SERVER };

static bool has_srq(unsigned int pair)
{
	return pair >= PAIRS / 2;
}

static struct end *end_of(struct peering *p, enum role side, unsigned int pair)
{
	return side == CLIENT ? &p->pairs[pair].a : &p->pairs[pair].b;
}

/* What waits for a receive does so for as long as it takes: 0 is 655 ms. */
static void open_pair(struct peering *p, unsigned int i)
{
	struct end_options o = {
		.cq = p->cq[CLIENT], .tuned = true, .timeout = 18, .retry_cnt = 7, .rnr_retry = 7,
		.access = ALL_REMOTE, .rd_atomic = 1,
	};
	struct address a, b;

	end_open(&p->pairs[i].a, &node, &o);
	o.cq = p->cq[SERVER];
	o.srq = has_srq(i) ? p->srq : NULL;
	end_open(&p->pairs[i].b, &node, &o);
	a = end_address(&p->pairs[i].a);
	b = end_address(&p->pairs[i].b);
	end_connect(&p->pairs[i].a, &b);
	end_connect(&p->pairs[i].b, &a);
}

static void peering_open(struct peering *p, struct torture_run *run, unsigned int index)
{
	struct ibv_srq_init_attr attr = { .attr = { .max_wr = 64, .max_sge = 1 } };
	unsigned int i;

	memset(p, 0, sizeof(*p));
	p->run = run;
	p->index = index;
	p->srq = ibv_create_srq(node.pd, &attr);
	demand(p->srq, "ibv_create_srq");
	for (i = 0; i < 2; i++)
		p->cq[i] = cq_make(&node, 512);
	for (i = 0; i < PAIRS; i++)
		open_pair(p, i);
	mem_make(&p->m, &node, 2 * LONG_SIZE, ALL_ACCESS);
}

static void peering_close(struct peering *p)
{
	unsigned int i;

	for (i = 0; i < PAIRS; i++) {
		end_close(&p->pairs[i].a);
		end_close(&p->pairs[i].b);
	}
	for (i = 0; i < 2; i++)
		cq_free(p->cq[i]);
	demand(!ibv_destroy_srq(p->srq), "ibv_destroy_srq");
	mem_free(&p->m);
}

/*---- what both sides do ----*/

static void give(struct peering *p, enum role side, unsigned int pair)
{
	must_post_recv(end_of(p, side, pair), pair, &p->m, LONG_SIZE, LONG_SIZE);
}

static struct ibv_send_wr message(struct peering *p, enum role side, unsigned int pair,
				  uint32_t flags, struct ibv_sge *sge, uint64_t *state)
{
	struct end *e = end_of(p, side, pair);
	struct ibv_send_wr wr = {
		.wr_id = p->sent[side][pair], .opcode = IBV_WR_SEND_WITH_IMM,
		.imm_data = htonl(p->sent[side][pair] % NUMBER | flags),
		.send_flags = IBV_SEND_SIGNALED | (flags & LAST ? IBV_SEND_SOLICITED : 0),
	};

	demand(e->qp, "no end");
	p->sent[side][pair]++;
	*sge = mem_sge(&p->m, 0, LONG_SIZE);
	wr.sg_list = sge;
	wr.num_sge = !torture_below(state, 8);
	return wr;
}

/* All of them with one doorbell, or one after the other. */
static void send_burst(struct peering *p, enum role side, unsigned int pair, unsigned int n,
		       uint32_t last, uint64_t *state)
{
	bool at_once = torture_below(state, 2);
	struct ibv_send_wr wr[BURST];
	struct ibv_sge sge[BURST];
	unsigned int i;

	for (i = 0; i < n; i++) {
		wr[i] = message(p, side, pair, i + 1 == n ? last : 0, &sge[i], state);
		if (at_once && i)
			wr[i - 1].next = &wr[i];
		if (!at_once) {
			must_post(end_of(p, side, pair), wr[i]);
			pause_a_while(state);
		}
	}
	if (at_once)
		must_post(end_of(p, side, pair), wr[0]);
}

static unsigned int pair_of(struct peering *p, enum role side, uint32_t qp_num)
{
	unsigned int i;

	for (i = 0; i < PAIRS; i++) {
		if (end_of(p, side, i)->qp->qp_num == qp_num)
			return i;
	}
	demand(false, "a completion of QP %u", qp_num);
	return 0;
}

/* Each request is completed once and in order, and each message comes so. */
static uint32_t check(struct peering *p, enum role side, unsigned int pair, const struct ibv_wc *wc)
{
	uint32_t imm;

	demand(wc->status == IBV_WC_SUCCESS, "%s", ibv_wc_status_str(wc->status));
	if (wc->opcode != IBV_WC_RECV) {
		demand((uint32_t)wc->wr_id == p->completed[side][pair]++,
		       "request %llu instead of %u", (unsigned long long)wc->wr_id,
		       p->completed[side][pair] - 1);
		return 0;
	}
	imm = ntohl(wc->imm_data);
	demand((imm & NUMBER) == p->heard[side][pair] % NUMBER || imm & QUIT,
	       "message %u instead of %u", imm & NUMBER, p->heard[side][pair]);
	p->heard[side][pair]++;
	return imm;
}

/* Who may have to be rung for until the client hears from the server. */
static struct wait wait_for(struct peering *p, unsigned int pair)
{
	uint32_t a = end_of(p, CLIENT, pair)->qp->qp_num, b = end_of(p, SERVER, pair)->qp->qp_num;
	struct wait w = {
		.cq = p->cq[CLIENT], .far = p->cq[SERVER], .num_bells = 4,
		.bells = {
			{ "the client's requests", a, AXE_DOORBELL_SQ },
			{ "the server's receives", b, AXE_DOORBELL_RQ },
			{ "the server's requests", b, AXE_DOORBELL_SQ },
			{ "the client's receives", a, AXE_DOORBELL_RQ },
		},
	};

	if (has_srq(pair)) {
		w.bells[1].ring = AXE_DOORBELL_SRQ;
		ibv_get_srq_num(p->srq, &w.bells[1].number);
	}
	moment_take(&w.since);
	return w;
}

static void take_event(struct ibv_cq *cq)
{
	void *context;

	demand(!ibv_get_cq_event(cq->channel, &cq, &context), "ibv_get_cq_event");
	ibv_ack_cq_events(cq, 1);
}

static void arm(struct ibv_cq *cq, bool solicited_only)
{
	demand(!ibv_req_notify_cq(cq, solicited_only), "ibv_req_notify_cq");
}

/*---- the client ----*/

/* Whether all that was sent is completed, and the answer there. */
static bool client_takes(struct peering *p, unsigned int pair, bool *answered)
{
	struct ibv_wc wc;
	int n;

	while ((n = ibv_poll_cq(p->cq[CLIENT], 1, &wc)) > 0) {
		demand(pair_of(p, CLIENT, wc.qp_num) == pair, "a completion of another pair");
		if (check(p, CLIENT, pair, &wc) & LAST)
			*answered = true;
	}
	demand(!n, "ibv_poll_cq: %d", n);
	return *answered && p->completed[CLIENT][pair] == p->sent[CLIENT][pair];
}

static void client_waits(struct peering *p, unsigned int pair, bool solicited_only)
{
	struct wait w = wait_for(p, pair);
	bool answered = false;

	while (!client_takes(p, pair, &answered)) {
		bool only = solicited_only && !answered;

		arm(p->cq[CLIENT], only);
		if (client_takes(p, pair, &answered))
			break;
		/* The rest is not solicited. */
		if (only && answered)
			continue;
		wait_readable(&w, p->cq[CLIENT]->channel->fd);
		take_event(p->cq[CLIENT]);
		p->tally[CLIENT].events++;
		solicited_only = false;
	}
	tally_wait(&p->tally[CLIENT], &w);
}

static void client_runs(struct peering *p, uint64_t *state)
{
	while (torture_goes_on(p->run)) {
		unsigned int pair = torture_below(state, PAIRS);
		unsigned int n = torture_below(state, 2) ? 1 : 1 + torture_below(state, BURST);
		bool late = torture_below(state, 2);

		if (!late)
			give(p, CLIENT, pair);
		send_burst(p, CLIENT, pair, n, LAST, state);
		pause_a_while(state);
		if (late)
			give(p, CLIENT, pair);
		client_waits(p, pair, torture_below(state, 2));
		p->tally[CLIENT].cycles++;
		pause_a_while(state);
	}
	send_burst(p, CLIENT, 0, 1, QUIT, state);
}

/*---- the server ----*/

/* Often one after the other, so that who waits is woken more than once. */
static void server_gives(struct peering *p, uint64_t *state)
{
	unsigned int i;

	if (torture_below(state, 2))
		pause_a_while(state);
	for (i = 0; i < PAIRS; i++) {
		for (; p->given[i] < RECEIVES; p->given[i]++)
			give(p, SERVER, i);
	}
}

/* Returns whether there was anything. */
static bool server_takes(struct peering *p, uint64_t *state)
{
	struct ibv_wc wc;
	bool any = false;
	int n;

	while ((n = ibv_poll_cq(p->cq[SERVER], 1, &wc)) > 0) {
		unsigned int pair = pair_of(p, SERVER, wc.qp_num);
		uint32_t imm = check(p, SERVER, pair, &wc);

		any = true;
		if (wc.opcode == IBV_WC_RECV)
			p->given[wc.wr_id]--;
		if (imm & LAST)
			send_burst(p, SERVER, pair, 1, LAST, state);
		p->quits |= !!(imm & QUIT);
	}
	demand(!n, "ibv_poll_cq: %d", n);
	return any;
}

static void *server_runs(void *arg)
{
	struct peering *p = arg;
	uint64_t state = torture_state(p->run, CLIENTS + p->index);

	while (!p->quits) {
		server_gives(p, &state);
		if (server_takes(p, &state))
			continue;
		arm(p->cq[SERVER], false);
		if (server_takes(p, &state))
			continue;
		/* The client says so if this is too long. */
		if (await_readable(p->cq[SERVER]->channel->fd, DEADLINE_MS)) {
			take_event(p->cq[SERVER]);
			p->tally[SERVER].events++;
		}
	}
	return NULL;
}

static void client_and_server(struct hand *hand)
{
	struct peering p;
	pthread_t server;

	peering_open(&p, hand->run, hand->index);
	demand(!pthread_create(&server, NULL, server_runs, &p), "pthread_create");
	client_runs(&p, &hand->state);
	pthread_join(server, NULL);
	tally_add(&hand->tally, &p.tally[CLIENT]);
	tally_add(&hand->tally, &p.tally[SERVER]);
	peering_close(&p);
}

void wakeups_messages(struct torture_run *run)
{
	node_open(&node, default_device());
	hands_run(run, CLIENTS, client_and_server);
	node_close(&node);
}
