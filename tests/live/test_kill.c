// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * A peer that is killed in the middle of a transfer: the other side gets its error
 * within the time that it set, every request completes once, and nothing is left.
 */

#include <signal.h>
#include <sys/wait.h>

#include "wire.h"

#define CHUNK	(64 * KIB)
#define WINDOW	16
/* 4.096 us << 12, 17 ms; one try, two retries; a device may take four times that. */
#define TIMEOUT	12
#define RETRIES	2
#define LIMIT_MS (4 * 17 * (RETRIES + 1) + 3000 * slowness())

static const struct end_options options = {
	.tuned = true, .access = ALL_REMOTE, .timeout = TIMEOUT, .retry_cnt = RETRIES,
	.rnr_retry = 7, .min_rnr_timer = 5, .rd_atomic = 4,
};

struct plan {
	enum ibv_wr_opcode opcode;
	enum mem_kind kind;		/* of the victim's memory */
	struct wire wire;
};

/*---- who is killed ----*/

/* Serves what comes until it is killed. */
static void victim_responds(void *arg)
{
	struct plan *plan = arg;
	struct node n;
	struct end e;
	struct mem m;
	unsigned int i;

	node_open(&n, default_device());
	demand(mem_make_kind(&m, &n, CHUNK * WINDOW, ALL_ACCESS, plan->kind), "memory");
	end_open(&e, &n, &options);
	assert_int_equal(end_to_init(&e), 0);
	for (i = 0; i < 32; i++)
		must_post_recv(&e, i, &m, i % WINDOW * CHUNK, CHUNK);
	/* (end_connect() would walk through INIT again, which is allowed.) */
	wire_connect(plan->wire.fd[1], &e, &m);
	for (;;) {
		struct ibv_wc wc;

		if (wc_within(e.rcq, &wc, 100) && wc.status == IBV_WC_SUCCESS)
			must_post_recv(&e, wc.wr_id, &m, wc.wr_id % WINDOW * CHUNK, CHUNK);
	}
}

/* Writes to the other side until it is killed. */
static void victim_requests(void *arg)
{
	struct plan *plan = arg;
	struct ibv_sge sge;
	struct offer there;
	struct node n;
	struct end e;
	struct mem m;
	unsigned int i;

	node_open(&n, default_device());
	demand(mem_make_kind(&m, &n, CHUNK, ALL_ACCESS, plan->kind), "memory");
	end_open(&e, &n, &options);
	there = wire_connect(plan->wire.fd[1], &e, &m);
	sge = mem_sge(&m, 0, CHUNK);
	for (i = 0;; i++) {
		struct ibv_send_wr wr = wr_of(&e, i % 4 ? plan->opcode :
					      IBV_WR_RDMA_WRITE_WITH_IMM, &sge, 1);

		wr.wr.rdma.remote_addr = there.addr;
		wr.wr.rdma.rkey = there.rkey;
		must_post(&e, wr);
		if (i >= WINDOW)
			demand(next_wc(e.scq).status == IBV_WC_SUCCESS, "a write");
	}
}

/*---- who stays ----*/

static struct ibv_send_wr request(struct end *e, struct plan *plan, struct mem *m,
				  const struct offer *there, unsigned int i)
{
	static struct ibv_sge sge;
	struct ibv_send_wr wr;
	uint64_t at = there->addr + i % WINDOW * CHUNK;

	sge = mem_sge(m, i % WINDOW * CHUNK, CHUNK);
	wr = wr_of(e, plan->opcode, &sge, 1);
	if (plan->opcode == IBV_WR_ATOMIC_FETCH_AND_ADD) {
		sge.length = 8;
		wr.wr.atomic.remote_addr = at;
		wr.wr.atomic.rkey = there->rkey;
	} else {
		wr.wr.rdma.remote_addr = at;
		wr.wr.rdma.rkey = there->rkey;
	}
	wr.wr_id = i;
	return wr;
}

static void check_error(struct plan *plan, enum ibv_wc_status status)
{
	/* Memory on demand goes with the process, a moment before its QPs. */
	if (plan->kind != MEM_PINNED &&
	    (status == IBV_WC_REM_ACCESS_ERR || status == IBV_WC_REM_OP_ERR))
		return;
	demand(status == IBV_WC_RETRY_EXC_ERR || status == IBV_WC_WR_FLUSH_ERR, "%s",
	       ibv_wc_status_str(status));
}

/* A stream of requests, in which the peer is killed after @when completions. */
static void stream(struct plan *plan, struct end *e, struct mem *m, const struct offer *there,
		   pid_t victim, unsigned int when)
{
	unsigned int posted = 0, done = 0;
	uint64_t killed = 0;
	bool failed = false;

	while (!failed || done < posted) {
		struct ibv_wc wc;

		for (; !failed && posted - done < WINDOW; posted++)
			must_post(e, request(e, plan, m, there, posted));
		demand(wc_within(e->scq, &wc, DEADLINE_MS), "no completion of %u", done);
		/* In order, each once. */
		demand(wc.wr_id == done, "%llu after %u", (unsigned long long)wc.wr_id, done);
		done++;
		if (failed) {
			assert_int_equal(wc.status, IBV_WC_WR_FLUSH_ERR);
		} else if (wc.status != IBV_WC_SUCCESS) {
			demand(killed, "before the kill: %s", ibv_wc_status_str(wc.status));
			check_error(plan, wc.status);
			assert_between(now_ms() - killed, 0, LIMIT_MS);
			failed = true;
		} else if (done == when) {
			killed = now_ms();
			assert_int_equal(kill(victim, SIGKILL), 0);
		}
	}
	expect_none(e->scq);
	expect_state(e, IBV_QPS_ERR);
}

static void responder_is_killed(void **state)
{
	struct plan *plan = *state;
	unsigned int i;
	struct mem m;

	if (!mem_make_kind(&m, &node, CHUNK * WINDOW, ALL_ACCESS, plan->kind))
		skip_because("no memory of kind '%s'", mem_names[plan->kind]);
	for (i = 0; i < rounds(5, 50); i++) {
		struct offer there;
		struct end e;
		pid_t victim;

		wire_make(&plan->wire);
		victim = start_child(victim_responds, plan);
		end_open(&e, &node, &options);
		there = wire_connect(plan->wire.fd[0], &e, &m);
		stream(plan, &e, &m, &there, victim, 1 + i * 7 % 40);
		reap_killed(victim, SIGKILL);
		end_close(&e);
		wire_free(&plan->wire);
	}
	mem_free(&m);
}

/*
 * Who was written to hears nothing, its receives stay; a request of its own finds
 * that the peer is gone.
 */
static void requester_is_killed(void **state)
{
	struct plan *plan = *state;
	unsigned int i, k;
	struct mem m;

	mem_make(&m, &node, CHUNK, ALL_ACCESS);
	for (i = 0; i < rounds(5, 50); i++) {
		struct ibv_sge sge = mem_sge(&m, 0, 8);
		struct ibv_send_wr wr;
		struct end e;
		pid_t victim;

		wire_make(&plan->wire);
		end_open(&e, &node, &options);
		assert_int_equal(end_to_init(&e), 0);
		for (k = 0; k < 60; k++)
			must_post_recv(&e, k, &m, 0, 8);
		victim = start_child(victim_requests, plan);
		wire_connect(plan->wire.fd[0], &e, &m);
		/* It writes: some of that with an immediate. */
		for (k = 0; k < 1 + i * 3 % 20; k++)
			expect_wc(e.rcq, k, IBV_WC_SUCCESS);
		assert_int_equal(kill(victim, SIGKILL), 0);
		reap_killed(victim, SIGKILL);
		assert_int_equal(end_state(&e), IBV_QPS_RTS);
		wr = wr_of(&e, IBV_WR_SEND, &sge, 1);
		must_post(&e, wr);
		expect_wc(e.scq, wr.wr_id, IBV_WC_RETRY_EXC_ERR);
		end_close(&e);
		wire_free(&plan->wire);
	}
	mem_free(&m);
}

static struct plan plans[] = {
	{ .opcode = IBV_WR_RDMA_WRITE, .kind = MEM_PINNED },
	{ .opcode = IBV_WR_RDMA_READ, .kind = MEM_PINNED },
	{ .opcode = IBV_WR_SEND, .kind = MEM_PINNED },
	{ .opcode = IBV_WR_ATOMIC_FETCH_AND_ADD, .kind = MEM_PINNED },
	{ .opcode = IBV_WR_RDMA_WRITE, .kind = MEM_IMPLICIT },
	{ .opcode = IBV_WR_RDMA_READ, .kind = MEM_IMPLICIT },
	{ .opcode = IBV_WR_SEND, .kind = MEM_IMPLICIT },
};

#define WHILE(f, name, i)	{ #f "__" name, f, NULL, NULL, &plans[i] }

static const struct CMUnitTest tests[] = {
	WHILE(responder_is_killed, "write", 0),
	WHILE(responder_is_killed, "read", 1),
	WHILE(responder_is_killed, "send", 2),
	WHILE(responder_is_killed, "atomic", 3),
	WHILE(responder_is_killed, "write_odp", 4),
	WHILE(responder_is_killed, "read_odp", 5),
	WHILE(responder_is_killed, "send_odp", 6),
	WHILE(requester_is_killed, "write", 0),
};

LIVE_MAIN("kill", tests, open_node, close_node)
