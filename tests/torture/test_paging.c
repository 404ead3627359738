// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Memory changes while commands are at work on it: what they saw and left is one
 * version of each page, and nobody else's; what fails names its address.
 */

#include <sched.h>
#include <sys/resource.h>

#include "paging.h"

#define PROCESSES	2

/*---- change pages ----*/

/* Of a queue's commands the oldest one is at work, most often; it has the lowest number. */
static const struct aim *draw_aim(struct zone *z, uint64_t *rnd, uint64_t *seq)
{
	const struct aim *aim = &z->aims[torture_below(rnd, WORKERS) * DEPTH];
	unsigned int i, best = torture_below(rnd, DEPTH);

	*seq = __atomic_load_n(&aim[best].seq, __ATOMIC_ACQUIRE);
	for (i = 0; i < DEPTH && torture_below(rnd, 8); i++) {
		uint64_t other = __atomic_load_n(&aim[i].seq, __ATOMIC_ACQUIRE);

		if (other && (!*seq || other < *seq)) {
			*seq = other;
			best = i;
		}
	}
	return &aim[best];
}

/* Where to hit: a command's pages if there is one, most often. */
static unsigned int draw_place(struct zone *z, uint64_t *rnd, const struct aim *aim, uint64_t seq)
{
	if (seq && aim->n && torture_below(rnd, 8))
		return (aim->first + torture_below(rnd, aim->n)) % z->n;
	return torture_below(rnd, z->n);
}

/* Pages from @i on of which the same may become; of some means, the unit around it. */
static unsigned int draw_run(struct zone *z, uint64_t *rnd, unsigned int *i)
{
	unsigned int max = torture_below(rnd, 4) ? 4 : MOST_RUN, n = 1;

	if (z->means->unit) {
		*i -= *i % z->means->unit;
		return z->means->unit;
	}
	max = 1 + torture_below(rnd, max);
	while (n < max && *i + n < z->n && (*i < z->n / 2) == (*i + n < z->n / 2) &&
	       zone_is_fragile(z, *i) == zone_is_fragile(z, *i + n))
		n++;
	return n;
}

static void move(struct zone *z, uint64_t *rnd)
{
	const struct aim *aim;
	unsigned int i, n, k;
	uint64_t seq;

	aim = draw_aim(z, rnd, &seq);
	i = draw_place(z, rnd, aim, seq);
	n = draw_run(z, rnd, &i);
	nest_open(z, n);
	for (k = i; k < i + n; k++)
		pthread_mutex_lock(&z->pages[k].lock);
	z->means->step(z, i, n, rnd);
	for (k = i; k < i + n; k++)
		pthread_mutex_unlock(&z->pages[k].lock);
	nest_settle(z, n);
	tally(&z->tally->changes, 1);
	/* In flight all the time, and still. */
	if (seq && __atomic_load_n(&aim->seq, __ATOMIC_ACQUIRE) == seq &&
	    i < aim->first + aim->n && aim->first < i + n)
		tally(&z->tally->hits, 1);
}

void *mover(void *arg)
{
	struct zone *z = arg;
	uint64_t rnd = torture_state(z->run, 70 + z->owner);

	/* Of the many threads here, this one should be at it all the time. */
	setpriority(PRIO_PROCESS, 0, -10);
	while (!z->stop) {
		move(z, &rnd);
		if (torture_below(&rnd, 16) == 0)
			sched_yield();
	}
	return NULL;
}

/*---- cases ----*/

static void process(void *arg)
{
	static const struct rig_options queues[WORKERS] = {
		{ .mode = AXE_QUEUE_AUTO },
		{ .mode = AXE_QUEUE_WORKER, .flags = AXE_QUEUE_UNORDERED, .lanes = 2 },
		{ .mode = AXE_QUEUE_INLINE },
	};
	struct worker workers[WORKERS] = {};
	pthread_t threads[WORKERS + 2];
	struct zone *z = arg;
	unsigned int i;

	shakes_join(z->means->shakes);
	zone_make(z);
	nest_make(z);
	for (i = 0; i < WORKERS; i++) {
		unsigned int n = z->n / 2 / WORKERS;

		workers[i].zone = z;
		workers[i].index = i;
		workers[i].first = z->n / 2 + i * n;
		workers[i].n = i < WORKERS - 1 ? n : z->n - workers[i].first;
		worker_open(&workers[i], &queues[i]);
	}
	/* From here on, memory is mapped at fixed places only. */
	for (i = 0; i < WORKERS; i++)
		demand(!pthread_create(&threads[i], NULL, worker, &workers[i]), "a thread");
	demand(!pthread_create(&threads[WORKERS], NULL, mover, z), "a thread");
	demand(!pthread_create(&threads[WORKERS + 1], NULL, shaker, z), "a thread");
	for (i = 0; i < WORKERS + 2; i++) {
		if (i == WORKERS)
			z->stop = true;
		pthread_join(threads[i], NULL);
	}
	zone_check(z);
	nest_check(z);
	for (i = 0; i < WORKERS; i++)
		worker_close(&workers[i]);
}

/* Shared with all processes: the zone's pages and aims, and what they count. */
static struct zone *make_zone(struct torture_run *run, const struct means *means, struct tally *t,
			      unsigned int owner)
{
	struct zone *z = torture_shared(sizeof(*z));

	z->means = means;
	z->run = run;
	z->tally = t;
	z->owner = owner;
	z->n = means->pages;
	z->pages = torture_shared(z->n * sizeof(struct page));
	return z;
}

static void report(const struct torture_run *run, const struct tally *t)
{
	torture_say("%s: %llu commands: %llu done, %llu faults; %llu pages not judged", run->name,
		    (unsigned long long)t->commands, (unsigned long long)t->done,
		    (unsigned long long)t->faults, (unsigned long long)t->unknown);
	torture_say("%s: %llu changes, %llu of them of pages of a command in flight; %llu shakes",
		    run->name, (unsigned long long)t->changes, (unsigned long long)t->hits,
		    (unsigned long long)t->shakes);
}

static void play(struct torture_run *run, const struct means *means)
{
	struct tally *t = torture_shared(sizeof(*t));
	pid_t pids[PROCESSES];
	unsigned int i;

	shakes_prepare(means->shakes);
	for (i = 0; i < PROCESSES; i++)
		pids[i] = torture_child(process, make_zone(run, means, t, i + 1));
	for (i = 0; i < PROCESSES; i++)
		end_child(pids[i]);
	shakes_undo(means->shakes);
	report(run, t);
}

static void peers(struct torture_run *run)
{
	struct tally *t = torture_shared(sizeof(*t));

	shakes_prepare(means_peers.shakes);
	play_peers(make_zone(run, &means_peers, t, 1));
	shakes_undo(means_peers.shakes);
	report(run, t);
}

#define CASE(name) static void name(struct torture_run *run) { play(run, &means_##name); }

CASE(anon)
CASE(file)
CASE(uffd)
CASE(huge)
CASE(ksm)
CASE(swap)

static void forks(struct torture_run *run)
{
	play(run, &means_fork);
}

static const struct torture cases[] = {
	{ "anon", anon, 1 },
	{ "file", file, 1 },
	{ "uffd", uffd, 1 },
	{ "huge", huge, 1 },
	{ "fork", forks, 1 },
	{ "ksm", ksm, 1 },
	{ "swap", swap, 1 },
	{ "peers", peers, 1 },
};

int main(int argc, char *argv[])
{
	int ret;

	/* Has libibverbs load all its drivers, so that not every process of every case has to. */
	ibv_free_device_list(ibv_get_device_list(NULL));
	/* The short form: each case takes longer by what every queue has to do at least. */
	if (argc == 1)
		setenv("AXE_TORTURE_SECONDS", "3", 0);
	ret = torture_main(argc, argv, "paging", cases, ARRAY_SIZE(cases));
	swap_off();
	return ret;
}
