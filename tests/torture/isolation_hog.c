// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * How much of its throughput a neighbour keeps beside a hog: measured alone and beside
 * it in turn, in the same guest.
 */

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include "isolation.h"
#include "vectors.h"

/* What it is to keep, in percent. */
#define SHARE		40
#define WINDOW_MS	150

#define HUGE_SIZE	(GIB - PAGE)
#define OUT_SIZE	(64 * MIB)

/**
 * struct hog - a process that takes what it gets
 * @name:	for the report
 * @mode:	of its queues
 * @queues:	how many, each full
 * @lanes:	of each
 * @pairs:	RC QPs instead, full of the longest writes
 * @processes:	so many of it
 * @threads:	no commands, but threads of its own that compute: what others do to a neighbour
 * @promised:	a neighbour keeps SHARE beside it
 * @ready:	so many are at it
 */
struct hog {
	const char *name;
	enum axe_queue_mode mode;
	unsigned int queues, lanes, pairs, processes;
	bool promised;
	bool threads;
	unsigned int ready;
};

static const struct hog kinds[] = {
	{ .name = "worker", .mode = AXE_QUEUE_WORKER, .queues = 1, .promised = true },
	{ .name = "worker, 16 lanes", .mode = AXE_QUEUE_WORKER, .queues = 1, .lanes = 16,
	  .promised = true },
	{ .name = "inline", .mode = AXE_QUEUE_INLINE, .queues = 1, .promised = true },
	{ .name = "poll, 16 lanes", .mode = AXE_QUEUE_POLL, .queues = 1, .lanes = 16,
	  .promised = true },
	{ .name = "16 queues of 16 lanes", .mode = AXE_QUEUE_WORKER, .queues = 16, .lanes = 16,
	  .promised = true },
	{ .name = "16 connections", .pairs = 16, .promised = true },
	{ .name = "a thread a CPU", .threads = true },
	{ .name = "4 processes", .mode = AXE_QUEUE_WORKER, .queues = 1, .processes = 4 },
};

/*---- the hog ----*/

static void fill_queue(struct rig *r, uint8_t *in, uint8_t *out, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		struct ibv_sge s = here(r, in, HUGE_SIZE), d = here(r, out, OUT_SIZE);

		post(r, i, IBV_SEND_SIGNALED, compress, &d, &s, AXE_FORMAT_ZLIB, 9, 0);
	}
}

static void fill_pair(struct pair *p, struct mem *all, uint8_t *in)
{
	struct ibv_sge sge = { (uintptr_t)in, 512 * MIB, all->mr->lkey };
	struct ibv_send_wr wr = wr_of(&p->a, IBV_WR_RDMA_WRITE, &sge, 1);
	unsigned int i;

	wr.wr.rdma.remote_addr = (uintptr_t)in;
	wr.wr.rdma.rkey = all->mr->rkey;
	for (i = 0; i < 64; i++)
		must_post(&p->a, wr);
}

static void hog_pairs(struct hog *h, struct rig *r, uint8_t *in)
{
	struct mem all = { .p = in, .size = HUGE_SIZE };
	struct pair *pairs = calloc(h->pairs, sizeof(*pairs));
	struct node n;
	unsigned int i;

	node_use(&n, r->device, r->ctx, r->pd);
	all.mr = ibv_reg_mr(r->pd, NULL, SIZE_MAX, ALL_ACCESS | IBV_ACCESS_ON_DEMAND);
	demand(pairs && all.mr, "ibv_reg_mr");
	for (i = 0; i < h->pairs; i++) {
		pair_open_on(&pairs[i], &n, &n, NULL);
		fill_pair(&pairs[i], &all, in);
	}
}

static void *compute(void *arg)
{
	for (;;)
		__asm__ volatile("");
	return arg;
}

static void start_threads(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t thread;

	while (n--)
		demand(!pthread_create(&thread, NULL, compute, NULL), "a thread");
}

static void hog(void *arg)
{
	struct hog *h = arg;
	uint8_t *in = mmap(NULL, HUGE_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uint8_t *out = pages(OUT_SIZE);
	unsigned int i, depth = 256;
	struct rig base, *rigs = calloc(h->queues + 1, sizeof(*rigs));

	demand(in != MAP_FAILED && rigs, "memory");
	fill_text(in, MIB, 1);
	rig_open(&base, NULL);
	if (h->mode == AXE_QUEUE_INLINE)
		__atomic_fetch_add(&h->ready, 1, __ATOMIC_SEQ_CST);
	for (i = 0; i < h->queues; i++) {
		rig_share(&rigs[i], &base);
		rig_open_queue(&rigs[i], &(struct rig_options){
			.mode = h->mode, .lanes = h->lanes, .depth = depth });
		fill_queue(&rigs[i], in, out, depth);
	}
	if (h->threads)
		start_threads();
	if (h->pairs)
		hog_pairs(h, &base, in);
	__atomic_fetch_add(&h->ready, 1, __ATOMIC_SEQ_CST);
	pause();
}

static void start_hogs(struct hog *h, pid_t *pids, unsigned int n)
{
	uint64_t end = now_ms() + DEADLINE_MS;
	unsigned int i;

	h->ready = 0;
	for (i = 0; i < n; i++)
		pids[i] = torture_child(hog, h);
	while (__atomic_load_n(&h->ready, __ATOMIC_SEQ_CST) < n) {
		demand(now_ms() < end, "%s: the hog does not begin", h->name);
		sched_yield();
	}
}

/*---- the neighbour ----*/

#define DEPTH		16
#define PIECE		10000

/**
 * struct worker - a queue that is kept full, or not
 * @z:		where commands put what they make of @src, each for itself
 * @length:	of what it is, @good
 * @depth:	commands on their way
 */
struct worker {
	struct rig rig;
	uint8_t *src, *good, *z;
	size_t length;
	unsigned int depth;
};

static void post_one(struct worker *w, uint64_t i)
{
	struct ibv_sge s = here(&w->rig, w->src, PIECE);
	struct ibv_sge d = here(&w->rig, w->z + i * 2 * PIECE, 2 * PIECE);

	memset(w->z + i * 2 * PIECE, 0, PIECE);
	post(&w->rig, i, IBV_SEND_SIGNALED, compress, &d, &s, AXE_FORMAT_ZLIB, 1, 0);
}

static void check_one(struct worker *w, const struct wc *wc)
{
	demand(wc->code == AXE_OK && wc->byte_len == w->length &&
	       !memcmp(w->z + wc->wr_id * 2 * PIECE, w->good, w->length), "a wrong result: %s",
	       axedv_code_str(wc->code));
}

static void worker_open(struct worker *w, enum axe_queue_mode mode, unsigned int depth)
{
	struct ibv_sge s, d;
	struct wc wc;

	rig_open(&w->rig, &(struct rig_options){ .mode = mode });
	w->depth = depth;
	w->src = pages(PIECE);
	w->good = pages(2 * PIECE);
	w->z = pages(2 * PIECE * depth);
	fill_text(w->src, PIECE, 1);
	s = here(&w->rig, w->src, PIECE);
	d = here(&w->rig, w->good, 2 * PIECE);
	wc = run(&w->rig, compress, &d, &s, AXE_FORMAT_ZLIB, 1, 0);
	demand(wc.code == AXE_OK, "%s", axedv_code_str(wc.code));
	w->length = wc.byte_len;
}

static void worker_close(struct worker *w)
{
	rig_close(&w->rig);
	munmap(w->src, PIECE);
	munmap(w->good, 2 * PIECE);
	munmap(w->z, 2 * PIECE * w->depth);
}

/*
 * Keeps all processors busy with what gives way to anything else. To the guest it is as if
 * nobody were there; but its processors are threads of a host that may have more to do,
 * and one that stands idle half the time, as beside no hog, gets more of it.
 */
static void fill_idle(void *arg)
{
	struct sched_param none = {};

	demand(!sched_setscheduler(0, SCHED_IDLE, &none), "sched_setscheduler: %m");
	start_threads();
	pause();
}

/* One window; returns the nanoseconds it took. */
static uint64_t work(struct worker *w, uint64_t *n)
{
	uint64_t start = now_ns(), end = start + WINDOW_MS * 1000000ULL;
	unsigned int i;
	struct wc wc;

	for (i = 0; i < w->depth; i++)
		post_one(w, i);
	while (now_ns() < end) {
		wc = rig_wait(&w->rig);
		check_one(w, &wc);
		post_one(w, wc.wr_id);
		++*n;
	}
	for (i = 0; i < w->depth; i++) {
		wc = rig_wait(&w->rig);
		check_one(w, &wc);
		++*n;
	}
	return now_ns() - start;
}

/*---- both ----*/

/* Of a neighbour whose queue is full, and of one that waits for each command. */
struct figures {
	uint64_t alone, beside, alone_ns, beside_ns;
};

struct measured {
	struct hog hog;
	struct figures full, single;
};

static void measure(struct measured *m, struct worker *w, struct figures *f)
{
	unsigned int i, n = m->hog.processes ? m->hog.processes : 1;
	pid_t pids[8];

	f->alone_ns += work(w, &f->alone);
	start_hogs(&m->hog, pids, n);
	f->beside_ns += work(w, &f->beside);
	for (i = 0; i < n; i++)
		kill(pids[i], SIGKILL);
	for (i = 0; i < n; i++)
		reap_killed(pids[i], SIGKILL);
	f->alone_ns += work(w, &f->alone);
}

/* A moment says little of a machine that has other things to do. */
static bool judge(struct torture_run *run, const struct measured *m, const struct figures *f)
{
	double alone = (double)f->alone * 1e9 / f->alone_ns;
	double beside = (double)f->beside * 1e9 / f->beside_ns;
	double share = 100 * beside / alone;
	bool full = f == &m->full;

	if (!f->beside_ns)
		return true;
	torture_say("%s: %s: %s: %.0f a second alone, %.0f beside it: %.0f %%", run->name,
		    m->hog.name, full ? "a full queue" : "one at a time", alone, beside, share);
	return !m->hog.promised ||
	       share >= (full && f->beside_ns > 1000000000 ? SHARE : SHARE / 4);
}

void isolation_hog(struct torture_run *run)
{
	struct measured *all = torture_shared(ARRAY_SIZE(kinds) * sizeof(*all));
	uint64_t rnd = torture_state(run, 0);
	unsigned int i = torture_below(&rnd, ARRAY_SIZE(kinds)), k;
	struct worker full, single;
	bool fair = true;
	pid_t idle;

	for (k = 0; k < ARRAY_SIZE(kinds); k++)
		all[k].hog = kinds[k];
	idle = torture_child(fill_idle, NULL);
	worker_open(&full, AXE_QUEUE_WORKER, DEPTH);
	worker_open(&single, AXE_QUEUE_AUTO, 1);
	while (torture_goes_on(run)) {
		struct measured *m = &all[i++ % ARRAY_SIZE(kinds)];

		measure(m, &full, &m->full);
		if (torture_below(&rnd, 2))
			measure(m, &single, &m->single);
	}
	worker_close(&full);
	worker_close(&single);
	kill(idle, SIGKILL);
	reap_killed(idle, SIGKILL);
	for (k = 0; k < ARRAY_SIZE(kinds); k++) {
		fair &= judge(run, &all[k], &all[k].full);
		fair &= judge(run, &all[k], &all[k].single);
	}
	demand(fair, "less than %d %% beside a hog", SHARE);
}
