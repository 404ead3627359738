// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Processes end, and files are closed, at any moment and in any order, with up to a
 * thousand commands in flight. After each round the device is as good as before,
 * and nothing is left.
 */

#include <poll.h>
#include <sys/wait.h>
#include <time.h>

#include "lifetime.h"

/* What takes longer than a case of the short form. */
#define LONG_NS		3000000000ULL

/* A few rounds leave less behind than comes and goes by itself. */
static bool is_long(const struct torture_run *run)
{
	return run->count || run->end > now_ns() + LONG_NS;
}

static void open_all(struct lifetime *t, struct torture_run *run)
{
	memset(t, 0, sizeof(*t));
	t->run = run;
	t->state = torture_state(run, 0);
	t->count = torture_shared(sizeof(*t->count));
	probe_open(&t->probe, default_device());
	probe_run(&t->probe);
	left_note(&t->before);
	if (is_long(run))
		left_note_memory(&t->before);
}

/* The device is as good as before, and nothing is left. */
static void check(struct lifetime *t)
{
	t->posted += t->count->posted;
	t->in_flight += t->count->posted - t->count->done;
	*t->count = (struct load_count){ 0 };
	left_check(&t->before, !(t->run->rounds % LIFETIME_RESOURCES));
	probe_run(&t->probe);
}

/* ... also not much memory; and what was done is told. */
static void close_all(struct lifetime *t)
{
	uint64_t rounds = t->run->rounds ? t->run->rounds : 1;

	left_check(&t->before, true);
	if (t->before.num_caches)
		left_check_memory(&t->before, t->run->rounds);
	torture_say("%llu commands, %llu in flight at the end of a process",
		    (unsigned long long)t->posted, (unsigned long long)(t->in_flight / rounds));
	probe_close(&t->probe);
	left_free(&t->before);
}

void lifetime_rounds(struct torture_run *run, void (*step)(struct lifetime *t))
{
	struct lifetime t;

	open_all(&t, run);
	/* One at least, however long that took. */
	if (!torture_goes_on(run))
		run->rounds++;
	do {
		step(&t);
		check(&t);
	} while (torture_goes_on(run));
	close_all(&t);
}

/* Half of the ends come within a millisecond, so that no part of it is too short to hit. */
void lifetime_wait(struct lifetime *t)
{
	unsigned int us = torture_below(&t->state, torture_below(&t->state, 2) ? 1000 : 50000);

	nanosleep(&(struct timespec){ .tv_nsec = us * 1000 }, NULL);
}

void lifetime_await_posted(const struct load_count *count, pid_t pid)
{
	uint64_t end = now_ms() + DEADLINE_MS;

	while (__atomic_load_n(&count->posted, __ATOMIC_RELAXED) < LOAD_MAX - LOAD_MAX / 10) {
		siginfo_t info = { 0 };

		if (!waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) && info.si_pid)
			break;
		demand(now_ms() < end, "%llu commands posted in %d ms",
		       (unsigned long long)count->posted, DEADLINE_MS);
		poll(NULL, 0, 1);
	}
}

void lifetime_reap(struct lifetime *t, pid_t pid, int signal)
{
	uint64_t start = now_ms();

	reap_killed(pid, signal);
	demand(now_ms() - start < (uint64_t)DEADLINE_MS, "it took %llu ms to end",
	       (unsigned long long)(now_ms() - start));
}

static const struct torture cases[] = {
	{ "kill", lifetime_kill, 2 },
	{ "close", lifetime_close_any_order, 1 },
	{ "fork", lifetime_fork, 1 },
	{ "pass", lifetime_pass, 1 },
	{ "destroy", lifetime_destroy, 1 },
	{ "unplug", lifetime_unplug, 1 },
	{ "module", lifetime_module, 1 },
	{ "limits", lifetime_limits, 1 },
	{ "cgroup", lifetime_cgroup, 1 },
};

TORTURE_MAIN("lifetime", cases)
