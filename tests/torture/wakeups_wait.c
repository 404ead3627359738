// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Waiting with a limit; and where whoever waited too long was forgotten. */

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "wakeups.h"
#include "ways.h"

/*---- time, as the processors have it ----*/

#define BEAT_MS		5
#define HANDS		8

static uint32_t beats[CLOCK_CPUS];
static unsigned int num_beats;

static void *beat(void *arg)
{
	uint32_t *mine = arg;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(mine - beats, &set);
	demand(!sched_setaffinity(0, sizeof(set), &set), "sched_setaffinity");
	for (;;) {
		nanosleep(&(struct timespec){ .tv_nsec = BEAT_MS * 1000000 }, NULL);
		__atomic_fetch_add(mine, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

void clock_start(void)
{
	pthread_t thread;
	unsigned int i;

	num_beats = sysconf(_SC_NPROCESSORS_ONLN);
	if (num_beats > CLOCK_CPUS)
		num_beats = CLOCK_CPUS;
	for (i = 0; i < num_beats; i++)
		demand(!pthread_create(&thread, NULL, beat, &beats[i]), "pthread_create");
}

void moment_take(struct moment *m)
{
	unsigned int i;

	m->ns = now_ns();
	for (i = 0; i < num_beats; i++)
		m->beats[i] = __atomic_load_n(&beats[i], __ATOMIC_RELAXED);
}

unsigned int moment_age_ms(const struct moment *m)
{
	uint64_t age = (now_ns() - m->ns) / 1000000;
	unsigned int i;

	for (i = 0; i < num_beats; i++) {
		uint32_t n = __atomic_load_n(&beats[i], __ATOMIC_RELAXED) - m->beats[i];

		if ((uint64_t)n * BEAT_MS < age)
			age = (uint64_t)n * BEAT_MS;
	}
	return age;
}

void pause_a_while(uint64_t *state)
{
	unsigned int draw = torture_below(state, 2048);
	uint64_t end;

	if (draw == 0) {
		nanosleep(&(struct timespec){ .tv_nsec = torture_below(state, 2000000) }, NULL);
		return;
	}
	if (draw < 512)
		return;
	/* As likely around a microsecond as around a hundred. */
	end = now_ns() + torture_below(state, 1U << torture_below(state, 18));
	while (now_ns() < end)
		;
}

/*---- who was forgotten ----*/

static bool comes_within(struct ibv_cq *cq, unsigned int ms)
{
	struct moment since;
	struct ibv_wc wc;

	moment_take(&since);
	do {
		if (ibv_poll_cq(cq, 1, &wc) > 0)
			return true;
		sched_yield();
	} while (moment_age_ms(&since) < ms);
	return false;
}

static void ring_bell(const struct bell *bell)
{
	struct axe_doorbell doorbell = { .number = bell->number, .ring = bell->ring };

	if (write(doorbell_fd(), &doorbell, sizeof(doorbell)) < 0)
		torture_say("ringing for %s: %s", bell->what, strerror(errno));
}

/* What of it has happened, and what had to be done that it went on. */
static const char *find_where(const struct wait *w, char *text, size_t size)
{
	unsigned int i;

	if (comes_within(w->cq, 0))
		return "it was completed, and not told";
	if (w->far && comes_within(w->far, 0))
		return "it was completed at the other end, and not told there";
	for (i = 0; i < w->num_bells; i++) {
		ring_bell(&w->bells[i]);
		if (!comes_within(w->cq, WAKEUPS_LIMIT_MS))
			continue;
		snprintf(text, size, "it was not submitted: ringing for %s helped",
			 w->bells[i].what);
		return text;
	}
	return comes_within(w->cq, 10 * WAKEUPS_LIMIT_MS) ? "it was executed late" :
	       "it was submitted, and not executed";
}

static void say_rings(const struct rig *r)
{
	const struct axe_sq_hdr *sq = r->sq_ring;
	const struct axe_cq_hdr *cq = r->cq_ring;

	torture_say("send ring: tail %u, head %u, flags %#x; CQ: producer %u, consumer %u, arm %u",
		    sq->tail, sq->head, sq->flags, cq->producer, cq->consumer, cq->arm);
}

void wait_check(const struct wait *w)
{
	unsigned int age = moment_age_ms(&w->since);
	char text[128];

	if (age <= WAKEUPS_LIMIT_MS + w->extra_ms)
		return;
	if (w->rig)
		say_rings(w->rig);
	demand(false, "waited for %u ms: %s", age, find_where(w, text, sizeof(text)));
}

void wait_readable(const struct wait *w, int fd)
{
	while (!await_readable(fd, 10))
		wait_check(w);
}

/*---- what was done ----*/

void tally_wait(struct tally *t, const struct wait *w)
{
	unsigned int age;

	if (now_ns() - w->since.ns < 1000000)
		return;
	wait_check(w);
	age = moment_age_ms(&w->since);
	if (age > t->longest_ms)
		t->longest_ms = age;
}

void tally_add(struct tally *to, const struct tally *t)
{
	to->cycles += t->cycles;
	to->events += t->events;
	to->found += t->found;
	if (t->longest_ms > to->longest_ms)
		to->longest_ms = t->longest_ms;
}

static void *hand_runs(void *arg)
{
	struct hand *hand = arg;

	hand->fn(hand);
	return NULL;
}

void hands_run(struct torture_run *run, unsigned int n, void (*fn)(struct hand *hand))
{
	struct hand hands[HANDS] = { 0 };
	struct tally sum = { 0 };
	pthread_t threads[HANDS];
	unsigned int i;

	demand(n <= HANDS, "%u hands", n);
	clock_start();
	for (i = 0; i < n; i++) {
		hands[i] = (struct hand){ .run = run, .index = i, .fn = fn,
					  .state = torture_state(run, i) };
		demand(!pthread_create(&threads[i], NULL, hand_runs, &hands[i]),
		       "pthread_create");
	}
	for (i = 0; i < n; i++) {
		pthread_join(threads[i], NULL);
		tally_add(&sum, &hands[i].tally);
	}
	tally_say(run, &sum);
}

void tally_say(const struct torture_run *run, const struct tally *t)
{
	torture_say("%s: %llu cycles: %llu woken by an event, %llu found; longest wait %u ms",
		    run->name, (unsigned long long)t->cycles, (unsigned long long)t->events,
		    (unsigned long long)t->found, t->longest_ms);
}
