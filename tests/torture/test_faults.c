// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Each verb, each method, and what commands do in the doorbell's system call and on
 * workers: with the first, the second ... allocation or user copy failing. The error
 * is the right one, nothing is left behind, and the next call works.
 *
 * Needs a kernel with fault injection: ./vm test --target debug torture/faults
 */

#include "faults.h"

/* No call makes so many. */
#define MANY		20000
/* A worker that was started meanwhile was not armed: ask again. */
#define AGAIN		3
#define MAX_MAPPINGS	64
/* After so many failures, what takes long is seen to work the next time. */
#define SELDOM		8

uint8_t *faults_area;

static struct left before;
static uint64_t total;

/*---- for the cases ----*/

void faults_open(struct torture_run *run)
{
	const char *lacks = faults_lacks();

	if (lacks)
		torture_skip(run, "the kernel has no %s: see --target debug", lacks);
	open_node(NULL);
	faults_area = small_pages(FAULTS_SIZE);
	memset(faults_area, 1, FAULTS_SIZE);
}

void faults_close(void)
{
	torture_say("%llu allocations and copies failed in all", (unsigned long long)total);
	munmap(faults_area, FAULTS_SIZE);
	if (node.ctx)
		close_node(NULL);
}

void faults_note(void)
{
	left_note(&before);
	left_note_memory(&before);
}

void faults_check(void)
{
	left_check(&before, true);
	left_check_memory(&before, total);
	left_free(&before);
}

/*---- errors ----*/

static void check_error(const char *name, const char *what, unsigned int nth, int err,
			int also)
{
	/* ENOBUFS is what netlink says for want of a buffer. */
	demand(err == ENOMEM || err == EFAULT || err == ENOBUFS || err == also || also == ANY_ERROR,
	       "%s, %s: without its %uth allocation: %s", name, what, nth, strerror(err));
}

/* It is gone, though the call that destroyed it failed: so is its ring, but for us. */
static void unmap_new(const struct mapping *old, unsigned int n)
{
	struct mapping now[MAX_MAPPINGS];
	unsigned int n_now = uverbs_mappings(now, MAX_MAPPINGS), i, k;

	for (i = 0; i < n_now; i++) {
		for (k = 0; k < n && old[k].start != now[i].start; k++)
			;
		if (k == n)
			munmap((void *)now[i].start, now[i].end - now[i].start);
	}
}

static void must_make(const struct thing *t)
{
	int err = t->make();

	demand(!err, "%s: making: %s, though nothing failed", t->name, strerror(err));
}

static void must_drop(const struct thing *t)
{
	int err = t->drop();

	demand(!err, "%s: dropping: %s, though nothing failed", t->name, strerror(err));
}

/*---- things ----*/

static unsigned int fail_make(const struct thing *t)
{
	unsigned int n, failed = 0;
	bool came = true;
	int err;

	for (n = 1; came; n++) {
		demand(n < MANY, "%s: no end of allocations", t->name);
		faults_arm(n);
		err = t->make();
		came = faults_disarm();
		failed += came;
		if (!err) {
			must_drop(t);
			continue;
		}
		demand(came, "%s: making: %s, though nothing failed", t->name, strerror(err));
		check_error(t->name, "making", n, err, t->also);
		must_make(t);
		must_drop(t);
	}
	return failed;
}

static void drop_again(const struct thing *t, const struct mapping *old, unsigned int num_old)
{
	int err = t->drop();

	if (t->answers && err == ENOENT)
		unmap_new(old, num_old);
	else
		demand(!err, "%s: dropping again: %s", t->name, strerror(err));
}

static unsigned int fail_drop(const struct thing *t)
{
	struct mapping old[MAX_MAPPINGS];
	unsigned int num_old, n, failed = 0;
	bool came = true;
	int err;

	for (n = 1; came; n++) {
		demand(n < MANY, "%s: no end of allocations", t->name);
		num_old = uverbs_mappings(old, MAX_MAPPINGS);
		must_make(t);
		faults_arm(n);
		err = t->drop();
		came = faults_disarm();
		failed += came;
		if (!err)
			continue;
		demand(came, "%s: dropping: %s, though nothing failed", t->name, strerror(err));
		check_error(t->name, "dropping", n, err, t->also);
		drop_again(t, old, num_old);
	}
	return failed;
}

void fail_thing(const struct thing *t)
{
	unsigned int made, dropped;

	must_make(t);
	must_drop(t);
	made = fail_make(t);
	dropped = fail_drop(t);
	total += made + dropped;
	left_check(&before, false);
	torture_say("%s: %u failures while it was made, %u while it was dropped", t->name, made,
		    dropped);
}

/*---- steps ----*/

/* Returns whether something failed. */
static bool try_step(const struct step *s, unsigned int n)
{
	bool came = false;
	int err;

	if (s->ready)
		s->ready();
	if (n && s->workers)
		faults_arm_workers(n);
	else if (n)
		faults_arm(n);
	err = s->call();
	if (n)
		came = s->workers ? faults_disarm_workers() : faults_disarm();
	if (err) {
		demand(came, "%s: %s, though nothing failed", s->name, strerror(err));
		check_error(s->name, "calling", n, err, s->also);
	}
	if (s->undo)
		s->undo();
	return came;
}

void fail_step_in_time(const struct step *s, struct torture_run *run)
{
	unsigned int n = 1, failed = 0, without = 0;

	try_step(s, 0);
	while (without < (s->workers ? AGAIN : 1)) {
		demand(n < MANY, "%s: no end of allocations", s->name);
		if (run && torture_is_over(run))
			break;
		if (try_step(s, n)) {
			failed++;
			n++;
			without = 0;
			if (!run || failed % SELDOM == 0)
				try_step(s, 0);
		} else {
			without++;
		}
	}
	try_step(s, 0);
	total += failed;
	torture_say("%s: %u failures%s", s->name, failed, without ? "" : ", and there are more");
}

void fail_step(const struct step *s)
{
	fail_step_in_time(s, NULL);
}

static const struct torture cases[] = {
	{ "objects", faults_objects, 1 },
	{ "regions", faults_regions, 1 },
	{ "queues", faults_queues, 1 },
	{ "verbs", faults_verbs, 1 },
	{ "transitions", faults_transitions, 1 },
	{ "commands", faults_commands, 1 },
	{ "messages", faults_messages, 1 },
	{ "links", faults_links, 1 },
	{ "module", faults_module, 1 },
};

TORTURE_MAIN("faults", cases)
