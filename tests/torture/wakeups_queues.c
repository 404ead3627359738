// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Accelerator queues of every mode, in order and not, whose CQs share one channel.
 *
 * A cycle is a burst of commands, and a way of waiting for it: the CQ is armed before
 * it is posted or after, for any completion or for the last only, or only looked at.
 */

#include <pthread.h>
#include <sys/prctl.h>
#include <time.h>

#include "wakeups.h"
#include "ways.h"

#define LINES		8
#define BURST		8
/* Threads. */
#define ALONE		3
#define TOGETHER	2

enum style { ARM_BEFORE, ARM_AFTER, ARM_SOLICITED, LOOK, STYLES };

/**
 * struct line - a queue, its CQ, and the cycle that it is in
 * @way:	its mode and flags
 * @first:	wr_id of the first command of the burst
 * @n:		how many
 * @seen:	a bit for each that is completed
 * @usecs:	longest that moderation holds an event back
 */
struct line {
	struct rig r;
	const struct way *way;
	enum style style;
	uint64_t first;
	unsigned int n;
	uint32_t seen;
	unsigned int usecs;
};

/* A queue of each kind for one thread, which sleeps on their one channel. */
struct board {
	struct ibv_comp_channel *channel;
	struct line lines[LINES];
};

/* What all boards share. */
static struct rig base;
/* Whoever opens a queue looks which mapping is new. */
static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;

static void board_open(struct board *b, uint64_t *state)
{
	unsigned int i;

	memset(b, 0, sizeof(*b));
	pthread_mutex_lock(&opening);
	b->channel = ibv_create_comp_channel(base.ctx);
	demand(b->channel, "ibv_create_comp_channel");
	for (i = 0; i < LINES; i++) {
		struct line *l = &b->lines[i];

		l->way = &ways[i];
		rig_share(&l->r, &base);
		l->r.channel = b->channel;
		rig_open_queue(&l->r, &(struct rig_options){
			.mode = l->way->mode, .flags = l->way->flags,
			.lanes = 1 + torture_below(state, 3),
		});
	}
	pthread_mutex_unlock(&opening);
}

static void board_close(struct board *b)
{
	unsigned int i;

	pthread_mutex_lock(&opening);
	for (i = 0; i < LINES; i++)
		rig_close_queue(&b->lines[i].r);
	demand(!ibv_destroy_comp_channel(b->channel), "ibv_destroy_comp_channel");
	pthread_mutex_unlock(&opening);
}

static struct ibv_cq *line_cq(struct line *l)
{
	return ibv_cq_ex_to_cq(l->r.cq);
}

static void arm(struct line *l, bool solicited_only)
{
	demand(!ibv_req_notify_cq(line_cq(l), solicited_only), "ibv_req_notify_cq");
}

static struct wait wait_on(struct line *l)
{
	struct wait w = {
		.cq = line_cq(l), .rig = &l->r, .num_bells = 1,
		.bells[0] = { "the queue", l->r.qp->qp_num, AXE_DOORBELL_SQ },
		.extra_ms = l->usecs / 1000 + !!l->usecs,
	};

	moment_take(&w.since);
	return w;
}

/*---- one burst ----*/

static bool is_done(const struct line *l)
{
	return l->seen == (1U << l->n) - 1;
}

/* The one completion that only who waits for solicited ones is told of. */
static bool last_is_done(const struct line *l)
{
	return l->seen >> (l->n - 1);
}

static void post_burst(struct line *l, uint64_t *state)
{
	bool at_once = torture_below(state, 2);
	unsigned int i;

	for (i = 0; i < l->n; i++) {
		unsigned int flags = IBV_SEND_SIGNALED;

		if (i + 1 == l->n)
			flags |= IBV_SEND_SOLICITED;
		if (!at_once || !i)
			ibv_wr_start(l->r.qx);
		l->r.qx->wr_id = l->first + i;
		l->r.qx->wr_flags = flags;
		axedv_wr_nop(l->r.qx);
		if (at_once && i + 1 < l->n)
			continue;
		rig_end(&l->r);
		if (i + 1 < l->n)
			pause_a_while(state);
	}
}

static void begin(struct line *l, uint64_t *state)
{
	l->first += l->n;
	l->n = torture_below(state, 2) ? 1 : 1 + torture_below(state, BURST);
	l->seen = 0;
	l->style = torture_below(state, STYLES);
	if (l->style == ARM_BEFORE)
		arm(l, false);
	post_burst(l, state);
}

/* Take what is there. Returns how many. */
static unsigned int take(struct line *l)
{
	struct ibv_wc wc[BURST];
	int n = ibv_poll_cq(line_cq(l), BURST, wc), i;

	demand(n >= 0, "ibv_poll_cq: %d", n);
	for (i = 0; i < n; i++) {
		uint64_t index = wc[i].wr_id - l->first;

		demand(wc[i].status == IBV_WC_SUCCESS, "%s", ibv_wc_status_str(wc[i].status));
		demand(index < l->n && !(l->seen >> index & 1), "completion of %llu in %llu to %llu",
		       (unsigned long long)wc[i].wr_id, (unsigned long long)l->first,
		       (unsigned long long)l->first + l->n - 1);
		demand(l->way->flags & AXE_QUEUE_UNORDERED || !(l->seen >> index),
		       "%llu is completed late", (unsigned long long)wc[i].wr_id);
		l->seen |= 1U << index;
	}
	return n;
}

/* Armed, and looked at once more: what comes from now on makes an event. */
static bool is_done_or_armed(struct line *l, bool solicited_only)
{
	arm(l, solicited_only);
	take(l);
	if (is_done(l))
		return true;
	if (solicited_only && last_is_done(l))
		return is_done_or_armed(l, false);
	return false;
}

/* Up to where only an event helps. Returns whether all is there. */
static bool look(struct line *l, struct tally *tally)
{
	struct wait w;

	if (l->style == ARM_BEFORE)
		return false;
	if (l->style == LOOK) {
		w = wait_on(l);
		while (!is_done(l)) {
			unsigned int i;

			for (i = 0; i < 1000 && !is_done(l); i++)
				take(l);
			wait_check(&w);
		}
		tally_wait(tally, &w);
		return true;
	}
	take(l);
	return is_done(l) || is_done_or_armed(l, l->style == ARM_SOLICITED);
}

/* The next event, of any line. */
static struct line *next_event(struct board *b, const struct wait *w)
{
	struct ibv_cq *cq;
	unsigned int i;
	void *context;

	wait_readable(w, b->channel->fd);
	demand(!ibv_get_cq_event(b->channel, &cq, &context), "ibv_get_cq_event");
	ibv_ack_cq_events(cq, 1);
	for (i = 0; i < LINES; i++) {
		if (line_cq(&b->lines[i]) == cq)
			return &b->lines[i];
	}
	demand(false, "an event of another CQ");
	return NULL;
}

/* An event may be that of an earlier cycle, whose completion was found by looking. */
static void sleep_for(struct board *b, struct line *l, struct tally *tally)
{
	struct wait w = wait_on(l);

	while (!is_done(l)) {
		struct line *from = next_event(b, &w);

		tally->events++;
		if (!is_done(from)) {
			take(from);
			if (!is_done(from))
				is_done_or_armed(from, false);
		}
	}
	tally_wait(tally, &w);
}

/*---- cases ----*/

/* One queue after the other. */
static void work_alone(struct hand *hand)
{
	struct tally *tally = &hand->tally;
	struct board b;

	board_open(&b, &hand->state);
	while (torture_goes_on(hand->run)) {
		struct line *l = &b.lines[torture_below(&hand->state, LINES)];

		begin(l, &hand->state);
		pause_a_while(&hand->state);
		if (look(l, tally))
			tally->found++;
		else
			sleep_for(&b, l, tally);
		tally->cycles++;
	}
	board_close(&b);
}

void wakeups_alone(struct torture_run *run)
{
	rig_open(&base, NULL);
	hands_run(run, ALONE, work_alone);
	rig_close(&base);
}

/* An event for several completions, or later; or as ever. */
static void moderate(struct line *l, uint64_t *state)
{
	struct ibv_modify_cq_attr attr = { .attr_mask = IBV_CQ_ATTR_MODERATE };

	l->usecs = torture_below(state, 2) ? 50 + torture_below(state, 500) : 0;
	attr.moderate.cq_period = l->usecs;
	attr.moderate.cq_count = l->usecs ? torture_below(state, 2 * BURST) : 1;
	demand(!ibv_modify_cq(line_cq(l), &attr), "ibv_modify_cq");
}

static void begin_set(struct board *b, unsigned int set, struct hand *hand)
{
	unsigned int i;

	for (i = 0; i < LINES; i++) {
		if (!(set >> i & 1))
			continue;
		if (!torture_below(&hand->state, 16))
			moderate(&b->lines[i], &hand->state);
		begin(&b->lines[i], &hand->state);
		hand->tally.cycles++;
	}
}

/* Several at a time, whose events come on one channel, some of them held back. */
static void work_together(struct hand *hand)
{
	struct board b;
	unsigned int i;

	board_open(&b, &hand->state);
	while (torture_goes_on(hand->run)) {
		unsigned int set = 1 + torture_below(&hand->state, (1 << LINES) - 1);

		begin_set(&b, set, hand);
		pause_a_while(&hand->state);
		for (i = 0; i < LINES; i++) {
			if (set >> i & 1 && look(&b.lines[i], &hand->tally))
				hand->tally.found++;
		}
		for (i = 0; i < LINES; i++) {
			if (set >> i & 1)
				sleep_for(&b, &b.lines[i], &hand->tally);
		}
	}
	board_close(&b);
}

void wakeups_together(struct torture_run *run)
{
	rig_open(&base, NULL);
	hands_run(run, TOGETHER, work_together);
	rig_close(&base);
}

/*---- several threads, and one that sleeps for them ----*/

#define FEEDERS		3
/* Of each, on the way; and in a row on one queue. */
#define WINDOW		32
#define STRETCH		512

struct hall;

/**
 * struct feeder - a thread that posts
 * @window:	how many it has on the way at most
 * @posted:	by it, and of them
 * @done:	counted by the sleeper
 */
struct feeder {
	struct hall *h;
	unsigned int index;
	unsigned int window;
	uint64_t posted;
	uint64_t done;
	struct tally tally;
};

struct hall {
	struct torture_run *run;
	struct board b;
	struct feeder feeders[FEEDERS];
	struct tally tally;
	bool closed;
};

static void feeder_waits(struct feeder *f, struct line *l, unsigned int window)
{
	struct wait w;
	unsigned int i;

	if (f->posted - __atomic_load_n(&f->done, __ATOMIC_ACQUIRE) <= window)
		return;
	w = wait_on(l);
	for (i = 1; f->posted - __atomic_load_n(&f->done, __ATOMIC_ACQUIRE) > window; i++) {
		/* Others are to have the processor. */
		nanosleep(&(struct timespec){ .tv_nsec = 1000 }, NULL);
		if (!(i % 64))
			wait_check(&w);
	}
	tally_wait(&f->tally, &w);
}

static void *feeder_runs(void *arg)
{
	struct feeder *f = arg;
	struct torture_run *run = f->h->run;
	struct line *l = &f->h->b.lines[0];
	uint64_t state = torture_state(run, 1 + f->index);

	prctl(PR_SET_TIMERSLACK, 1);
	while (torture_goes_on(run)) {
		if (!(f->posted % STRETCH)) {
			feeder_waits(f, l, 0);
			l = &f->h->b.lines[f->posted / STRETCH % LINES];
			f->window = torture_below(&state, 2) ? 0 : torture_below(&state, WINDOW);
		}
		post(&l->r, f->index, IBV_SEND_SIGNALED, nop);
		f->posted++;
		f->tally.cycles++;
		pause_a_while(&state);
		feeder_waits(f, l, f->window);
	}
	feeder_waits(f, l, 0);
	return NULL;
}

static unsigned int collect(struct hall *h, struct line *l)
{
	struct ibv_wc wc[BURST];
	unsigned int sum = 0;
	int n, i;

	do {
		n = ibv_poll_cq(line_cq(l), BURST, wc);
		demand(n >= 0, "ibv_poll_cq: %d", n);
		for (i = 0; i < n; i++) {
			demand(wc[i].wr_id < FEEDERS && wc[i].status == IBV_WC_SUCCESS, "%s of %llu",
			       ibv_wc_status_str(wc[i].status), (unsigned long long)wc[i].wr_id);
			__atomic_fetch_add(&h->feeders[wc[i].wr_id].done, 1, __ATOMIC_RELEASE);
		}
		sum += n;
	} while (n);
	return sum;
}

/* Sleeps until there is an event. Whoever waits in vain says so itself. */
static void *sleeper_runs(void *arg)
{
	struct hall *h = arg;
	struct board *b = &h->b;
	struct line *l = NULL;
	unsigned int i;

	for (i = 0; i < LINES; i++) {
		arm(&b->lines[i], false);
		collect(h, &b->lines[i]);
	}
	while (!__atomic_load_n(&h->closed, __ATOMIC_ACQUIRE)) {
		if (!await_readable(b->channel->fd, 10))
			continue;
		l = next_event(b, NULL);
		h->tally.events++;
		collect(h, l);
		arm(l, false);
		h->tally.found += collect(h, l);
	}
	return NULL;
}

void wakeups_fed(struct torture_run *run)
{
	static struct hall h;
	pthread_t threads[FEEDERS], sleeper;
	uint64_t state = torture_state(run, 0);
	unsigned int i;

	rig_open(&base, NULL);
	h.run = run;
	board_open(&h.b, &state);
	clock_start();
	demand(!pthread_create(&sleeper, NULL, sleeper_runs, &h), "pthread_create");
	for (i = 0; i < FEEDERS; i++) {
		h.feeders[i] = (struct feeder){ .h = &h, .index = i };
		demand(!pthread_create(&threads[i], NULL, feeder_runs, &h.feeders[i]),
		       "pthread_create");
	}
	for (i = 0; i < FEEDERS; i++) {
		pthread_join(threads[i], NULL);
		tally_add(&h.tally, &h.feeders[i].tally);
	}
	__atomic_store_n(&h.closed, true, __ATOMIC_RELEASE);
	pthread_join(sleeper, NULL);
	board_close(&h.b);
	rig_close(&base);
	tally_say(run, &h.tally);
}
