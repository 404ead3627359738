// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Everything at once: threads that post, poll, break, reset, destroy and register
 * on QPs that talk to each other, on memory that comes and goes. Whatever a request
 * ends with, the device is as good as new afterwards, and so is each pair.
 */

#include <pthread.h>

#include "peer.h"

#define PAIRS	6
#define THREADS	4
#define SIZE	(64 * KIB)

/* Requests share it, whoever changes state, QP or region has it alone. */
struct stand {
	pthread_rwlock_t lock;
	struct pair pair;
	struct mem mem;
	enum ibv_qp_type type;
};

static struct stand stands[PAIRS];
static volatile bool stop;

static void open_stand(struct stand *s)
{
	static const enum mem_kind kinds[] = { MEM_PINNED, MEM_ODP, MEM_IMPLICIT };
	unsigned int i = s - stands;

	if (!mem_make_kind(&s->mem, &node, SIZE, ALL_ACCESS, kinds[i % 3]))
		mem_make(&s->mem, &node, SIZE, ALL_ACCESS);
	pair_open(&s->pair, &(struct end_options){
		.type = s->type, .cqe = 4096, .tuned = true, .access = ALL_REMOTE, .timeout = 2,
		.retry_cnt = 1, .rnr_retry = 2, .min_rnr_timer = 1, .rd_atomic = 4 });
}

static void close_stand(struct stand *s)
{
	pair_close(&s->pair);
	mem_free(&s->mem);
}

/* Whatever is there; two threads may poll one CQ. */
static void empty(struct end *e)
{
	struct ibv_wc wc[16];

	while (ibv_poll_cq(e->scq, 16, wc) > 0)
		;
	while (ibv_poll_cq(e->rcq, 16, wc) > 0)
		;
}

static void post_some(struct stand *s, uint32_t *seed)
{
	static const enum ibv_wr_opcode ops[] = {
		IBV_WR_SEND, IBV_WR_SEND_WITH_IMM, IBV_WR_RDMA_WRITE, IBV_WR_RDMA_WRITE_WITH_IMM,
		IBV_WR_RDMA_READ, IBV_WR_ATOMIC_FETCH_AND_ADD,
	};
	unsigned int n = s->type == IBV_QPT_UD ? 2 : s->type == IBV_QPT_UC ? 4 : 6;
	struct end *e = rnd(seed) % 2 ? &s->pair.a : &s->pair.b;
	size_t length = rnd(seed) % 8 ? rnd(seed) % 1000 : rnd(seed) % SIZE;
	enum ibv_wr_opcode op = ops[rnd(seed) % n];
	struct ibv_send_wr wr;
	struct ibv_sge sge;

	length = op == IBV_WR_ATOMIC_FETCH_AND_ADD ? 8 : length;
	sge = mem_sge(&s->mem, rnd(seed) % 8 ? 0 : rnd(seed) % SIZE, length);
	sge.lkey ^= rnd(seed) % 64 ? 0 : 0x77000;
	wr = wr_at(e, op, &sge, 1, &s->mem, rnd(seed) % 1000 * 8);
	/* (wr_at() has its RDMA fields where UD has its address.) */
	if (s->type == IBV_QPT_UD)
		wr = wr_of(e, op, &sge, 1);
	/* Full, in another state, too long: as it may be. */
	post_send(e, &wr);
	post_recv(e == &s->pair.a ? &s->pair.b : &s->pair.a, 1, &s->mem, 0, SIZE);
}

static void reconnect(struct end *e)
{
	struct address to = { .gid = e->node->gid, .qpn = e->remote_qpn };

	assert_int_equal(end_to(e, IBV_QPS_RESET), 0);
	empty(e);
	end_connect(e, &to);
}

static void change_something(struct stand *s, uint32_t *seed)
{
	switch (rnd(seed) % 6) {
	case 0:
		assert_int_equal(end_to(&s->pair.a, IBV_QPS_ERR), 0);
		break;
	case 1:
		reconnect(&s->pair.a);
		reconnect(&s->pair.b);
		break;
	case 2:
		reconnect(rnd(seed) % 2 ? &s->pair.a : &s->pair.b);
		break;
	case 3:
		end_to(&s->pair.b, IBV_QPS_SQD);
		break;
	case 4:
		madvise(s->mem.p, SIZE, MADV_DONTNEED);
		break;
	default:
		close_stand(s);
		open_stand(s);
	}
}

static void *storm(void *arg)
{
	uint32_t seed = 4711 + (uintptr_t)arg;
	unsigned int i;

	while (!stop) {
		struct stand *s = &stands[rnd(&seed) % PAIRS];

		if (rnd(&seed) % 40 == 0) {
			pthread_rwlock_wrlock(&s->lock);
			change_something(s, &seed);
			pthread_rwlock_unlock(&s->lock);
			continue;
		}
		pthread_rwlock_rdlock(&s->lock);
		for (i = 0; i < 8; i++)
			post_some(s, &seed);
		empty(&s->pair.a);
		empty(&s->pair.b);
		pthread_rwlock_unlock(&s->lock);
	}
	return NULL;
}

/* Forks meanwhile: pages become shared and are unshared. */
static void child_leaves(void *arg)
{
}

static void drain_events(void)
{
	struct ibv_async_event event;

	while (await_readable(node.ctx->async_fd, 0) &&
	       !ibv_get_async_event(node.ctx, &event))
		ibv_ack_async_event(&event);
}

/* For whoever has to find out why. */
static void show_threads(void)
{
	char *text;

	shell(&text, "for t in /proc/%d/task/*; do cat $t/comm $t/stack; done", getpid());
	print_error("%s", text);
	free(text);
}

/* All of them, while events are taken that they may wait for. */
static void join(pthread_t *threads, uint64_t deadline)
{
	unsigned int i;

	for (i = 0; i < THREADS; i++) {
		struct timespec soon;

		do {
			drain_events();
			clock_gettime(CLOCK_REALTIME, &soon);
			soon.tv_sec++;
			if (now_ms() > deadline)
				show_threads();
			demand(now_ms() <= deadline, "a thread does not come back");
		} while (pthread_timedjoin_np(threads[i], NULL, &soon));
	}
}

static void everything_at_once(void **state)
{
	static const enum ibv_qp_type types[] = { IBV_QPT_RC, IBV_QPT_RC, IBV_QPT_RC, IBV_QPT_RC,
						  IBV_QPT_UC, IBV_QPT_UD };
	uint64_t end = now_ms() + rounds(3000, 60000);
	pthread_t threads[THREADS];
	uintptr_t i;

	skip_on_rxe("it warns of what it meets, and stops for good");
	for (i = 0; i < PAIRS; i++) {
		pthread_rwlock_init(&stands[i].lock, NULL);
		stands[i].type = types[i];
		open_stand(&stands[i]);
	}
	stop = false;
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, storm, (void *)(i * 77)), 0);
	/* An event that nobody takes keeps its QP from being destroyed. */
	while (now_ms() < end) {
		drain_events();
		in_child(child_leaves, NULL);
	}
	stop = true;
	join(threads, end + DEADLINE_MS);
	for (i = 0; i < PAIRS; i++) {
		drain_events();
		reconnect(&stands[i].pair.a);
		reconnect(&stands[i].pair.b);
		empty(&stands[i].pair.a);
		expect_alive(&stands[i].pair);
		close_stand(&stands[i]);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(everything_at_once),
};

LIVE_MAIN("storm", tests, open_node, close_node)
