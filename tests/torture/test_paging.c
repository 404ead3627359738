// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Memory changes while commands are at work on it: what they saw and left is one
 * version of each page, and nobody else's; what fails names its address.
 */

#include <sched.h>
#include <sys/wait.h>

#include "paging.h"

#define WORKERS		3
#define PROCESSES	2
#define MOST_PAGES	4

/*---- commands ----*/

static void check_failed(struct worker *w, const struct wc *wc, unsigned int first,
			 const uint32_t *lo, unsigned int n, bool write)
{
	uint64_t start = (uintptr_t)zone_page(w->zone, first);
	unsigned int i;

	demand(wc->code == AXE_ERR_FAULT, "code %s", axedv_code_str(wc->code));
	assert_between(wc->result[0], start, start + n * PAGE - 1);
	i = (wc->result[0] - start) / PAGE;
	demand(zone_may_fault(w->zone, first + i, lo[i], write), "page %u could be had", first + i);
	tally(&w->zone->tally->faults, 1);
}

static void do_read(struct worker *w, uint64_t *rnd)
{
	struct zone *z = w->zone;
	unsigned int n = 1 + torture_below(rnd, MOST_PAGES), i;
	unsigned int first = torture_below(rnd, z->n / 2 - n);
	struct ibv_sge src = here(&w->rig, zone_page(z, first), n * PAGE);
	struct ibv_sge dst = here(&w->rig, w->buffer, n * PAGE);
	uint32_t lo[MOST_PAGES];
	struct wc wc;

	for (i = 0; i < n; i++)
		lo[i] = zone_oldest(z, first + i);
	wc = run(&w->rig, copy, &dst, &src);
	tally(&z->tally->commands, 1);
	if (wc.code != AXE_OK) {
		check_failed(w, &wc, first, lo, n, false);
		return;
	}
	for (i = 0; i < n; i++)
		zone_check_seen(z, first + i, lo[i], w->buffer + i * PAGE);
	tally(&z->tally->done, 1);
}

static void do_write(struct worker *w, uint64_t *rnd)
{
	struct zone *z = w->zone;
	unsigned int n = 1 + torture_below(rnd, MOST_PAGES), i;
	unsigned int first = w->first + torture_below(rnd, w->n - n + 1);
	struct ibv_sge dst = here(&w->rig, zone_page(z, first), n * PAGE);
	struct ibv_sge src = here(&w->rig, w->buffer, n * PAGE);
	uint32_t lo[MOST_PAGES];
	struct wc wc;

	w->tag++;
	for (i = 0; i < n; i++) {
		stamp(w->buffer + i * PAGE, z->owner, first + i, 0, w->tag);
		lo[i] = zone_oldest(z, first + i);
	}
	wc = run(&w->rig, copy, &dst, &src);
	tally(&z->tally->commands, 1);
	if (wc.code == AXE_OK)
		tally(&z->tally->done, 1);
	else
		check_failed(w, &wc, first, lo, n, true);
	for (i = 0; i < n; i++)
		zone_check_written(z, first + i, lo[i], w->tag, wc.code == AXE_OK);
}

void *worker(void *arg)
{
	struct worker *w = arg;
	uint64_t rnd = torture_state(w->zone->run, 100 * w->zone->owner + w->index);

	while (torture_goes_on(w->zone->run)) {
		if (torture_below(&rnd, 2))
			do_read(w, &rnd);
		else
			do_write(w, &rnd);
	}
	return NULL;
}

/*---- what changes nothing ----*/

/* The memory of a child stays what it was, and is its own. */
static void child_looks(struct zone *z, bool writes)
{
	uint64_t tags[64];
	unsigned int i, k;

	for (k = 0; k < 3; k++) {
		for (i = 0; i < z->n; i++) {
			struct stamp s = stamp_of(zone_page(z, i), "a page of a child");

			demand(s.zero || stamp_is(&s, z->owner, i), "another's page %u", i);
			demand(!k || s.tag == tags[i], "page %u of a child has changed", i);
			tags[i] = s.tag;
		}
		sched_yield();
	}
	for (i = 0; writes && i < z->n; i++)
		stamp(zone_page(z, i), z->owner + 100, i, 1, 0);
}

static void fork_one(struct zone *z, uint64_t *rnd)
{
	unsigned int what = torture_below(rnd, 4);
	pid_t pid = fork();
	int status;

	demand(pid >= 0, "fork");
	if (!pid && what == 0)
		execl("/bin/true", "true", NULL);
	if (!pid) {
		child_looks(z, what == 1);
		_exit(0);
	}
	demand(waitpid(pid, &status, 0) == pid && !status, "a child ended with %#x", status);
}

void *shaker(void *arg)
{
	struct zone *z = arg;
	uint64_t rnd = torture_state(z->run, 50 + z->owner);

	while (!z->stop) {
		unsigned int what = 1 << torture_below(&rnd, 5), first = torture_below(&rnd, z->n);
		uint8_t *p = zone_page(z, first);
		size_t size = (1 + torture_below(&rnd, z->n - first)) * PAGE;

		if (!(z->means->shakes & what))
			continue;
		/* Advice, which may be refused. */
		if (what == SHAKE_PAGEOUT)
			madvise(p, size, 21 /* MADV_PAGEOUT */);
		else if (what == SHAKE_KSM)
			madvise(p, size, torture_below(&rnd, 2) ? MADV_MERGEABLE : MADV_UNMERGEABLE);
		else if (what == SHAKE_HUGE)
			madvise(z->p, z->n * PAGE, 25 /* MADV_COLLAPSE */);
		else if (what == SHAKE_COMPACT)
			write_file("/proc/sys/vm/compact_memory", "1");
		else
			fork_one(z, &rnd);
		tally(&z->tally->shakes, 1);
	}
	return NULL;
}

static void *mover(void *arg)
{
	struct zone *z = arg;
	uint64_t rnd = torture_state(z->run, 70 + z->owner);

	while (!z->stop) {
		unsigned int i = torture_below(&rnd, z->n);

		pthread_mutex_lock(&z->pages[i].lock);
		z->means->step(z, i, &rnd);
		pthread_mutex_unlock(&z->pages[i].lock);
		if (torture_below(&rnd, 16) == 0)
			sched_yield();
	}
	return NULL;
}

/*---- cases ----*/

static void process(void *arg)
{
	static const enum axe_queue_mode modes[] = {
		AXE_QUEUE_AUTO, AXE_QUEUE_WORKER, AXE_QUEUE_INLINE,
	};
	struct worker workers[WORKERS] = {};
	pthread_t threads[WORKERS + 2];
	struct zone *z = arg;
	unsigned int i;

	zone_make(z);
	for (i = 0; i < WORKERS; i++) {
		unsigned int n = z->n / 2 / WORKERS;

		workers[i] = (struct worker){ .zone = z, .index = i, .first = z->n / 2 + i * n,
					      .n = n, .buffer = small_pages(MOST_PAGES * PAGE) };
		rig_open(&workers[i].rig, &(struct rig_options){ .mode = modes[i] });
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
	for (i = 0; i < WORKERS; i++)
		rig_close(&workers[i].rig);
}

static void play(struct torture_run *run, const struct means *means)
{
	struct tally *t = torture_shared(sizeof(*t));
	struct zone zones[PROCESSES] = {};
	pid_t pids[PROCESSES];
	unsigned int i;

	if (means->shakes & SHAKE_KSM && !access("/sys/kernel/mm/ksm/run", W_OK))
		write_file("/sys/kernel/mm/ksm/run", "1");
	for (i = 0; i < PROCESSES; i++) {
		zones[i] = (struct zone){ .means = means, .run = run, .tally = t, .owner = i + 1 };
		pids[i] = torture_child(process, &zones[i]);
	}
	for (i = 0; i < PROCESSES; i++)
		end_child(pids[i]);
	torture_say("%s: %llu commands: %llu done, %llu faults; %llu changes, %llu shakes", run->name,
		    (unsigned long long)t->commands, (unsigned long long)t->done,
		    (unsigned long long)t->faults, (unsigned long long)t->changes,
		    (unsigned long long)t->shakes);
}

#define CASE(name) static void name(struct torture_run *run) { play(run, &means_##name); }

CASE(anon)
CASE(file)
CASE(uffd)
CASE(huge)

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
};

/* Not shown yet to find what it is made to find: for ./vm torture paging. */
static const char by_name[] __attribute__((used)) = "axe-test-only-by-name";

TORTURE_MAIN("paging", cases)
