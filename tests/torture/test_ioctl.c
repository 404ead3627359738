// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Strangers call methods and write commands at random. Guided by coverage where the
 * kernel can tell it (./vm --target debug), else from the corpus alone.
 *
 * AXE_IOCTL_CORPUS=PATH: programs from there, a file or a directory
 * AXE_IOCTL_SAVE=FILE: write there, in the end, the fewest programs that cover as much
 * AXE_IOCTL_LOG=DIR: write there each program before it runs
 * AXE_IOCTL_FUNCTIONS=FILE: write there how much of each function was reached
 */

#include <dirent.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "ioctl_fuzz.h"
#include "left.h"

#define MAX_POOL	4096
#define MAX_WORKERS	8
#define STUCK_MS	(20000 * slowness())

/**
 * struct worker - what a process is at
 * @now:	the program that it runs
 * @programs:	that it has begun
 */
struct worker {
	pid_t pid;
	struct program now;
	uint64_t programs;
	struct exec_stats stats;
};

/**
 * struct lab - what all processes share
 * @given:	programs of the corpus, which come first in @pool
 * @mutants:	run others than those
 */
struct lab {
	struct torture_run *run;
	struct cover cover;
	unsigned int num_workers;
	unsigned int given;
	bool mutants;
	uint32_t num;
	uint32_t ready;
	uint8_t errors[128][136];
	struct worker worker[MAX_WORKERS];
	struct program pool[MAX_POOL];
};

/*---- the corpus ----*/

static void read_file(struct lab *lab, const char *path)
{
	unsigned int line = 0;
	FILE *f = fopen(path, "r");

	demand(f, "%s: %s", path, strerror(errno));
	while (lab->num < MAX_POOL && program_read(f, path, &line, &lab->pool[lab->num]))
		lab->num++;
	fclose(f);
}

static int is_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Beside this program, or where we are told. */
static void read_corpus(struct lab *lab)
{
	const char *path = getenv("AXE_IOCTL_CORPUS");
	char own[PATH_MAX], file[PATH_MAX + 300];
	struct dirent **entries;
	int i, n;

	if (!path) {
		snprintf(own, sizeof(own), "%s", this_program());
		path = dirname(own);
		snprintf(file, sizeof(file), "%s/corpus-ioctl", path);
		path = strcpy(own, file);
	}
	n = scandir(path, &entries, is_file, alphasort);
	if (n < 0)
		read_file(lab, path);
	for (i = 0; i < n; i++) {
		snprintf(file, sizeof(file), "%s/%s", path, entries[i]->d_name);
		read_file(lab, file);
	}
	demand(lab->num, "%s: no programs", path);
	lab->given = lab->num;
	lab->ready = lab->num;
}

/*---- a process ----*/

/* What was run last, for when the machine does not survive it. */
static void log_program(const struct program *p, unsigned int index)
{
	const char *dir = getenv("AXE_IOCTL_LOG");
	char path[PATH_MAX];
	FILE *f;

	if (!dir)
		return;
	snprintf(path, sizeof(path), "%s/worker-%u", dir, index);
	f = fopen(path, "w");
	demand(f, "%s: %s", path, strerror(errno));
	program_print(f, p);
	fclose(f);
}

/* What is new about a program. */
#define NEW_ERROR	1
#define NEW_BLOCK	2

static unsigned int run_program(struct lab *lab, unsigned int index, const struct program *p,
			uint8_t *mark)
{
	struct worker *w = &lab->worker[index];
	unsigned int new;

	w->now = *p;
	w->programs++;
	log_program(p, index);
	cover_begin();
	new = exec_program(&w->now, lab->run, &w->stats, lab->errors) ? NEW_ERROR : 0;
	if (cover_end(&lab->cover, mark))
		new |= NEW_BLOCK;
	return new;
}

/* Does it still reach what was new when @mark was made? */
static bool still_reaches(struct lab *lab, unsigned int index, const struct program *p,
			  const uint8_t *mark)
{
	uint8_t *again = calloc(1, lab->cover.num);
	bool all = true;
	unsigned int i;

	demand(again, "out of memory");
	run_program(lab, index, p, again);
	for (i = 0; all && i < lab->cover.num; i++)
		all = mark[i] < 2 || again[i];
	free(again);
	return all;
}

/* Without the calls that it does not need. */
static void shrink(struct lab *lab, unsigned int index, struct program *p, const uint8_t *mark)
{
	struct program less;
	unsigned int i;

	for (i = p->num; i-- && p->num > 1;) {
		less = *p;
		less.num--;
		memmove(&less.call[i], &less.call[i + 1], (less.num - i) * sizeof(less.call[0]));
		if (still_reaches(lab, index, &less, mark))
			*p = less;
	}
}

static void keep(struct lab *lab, const struct program *p)
{
	uint32_t i = __atomic_fetch_add(&lab->num, 1, __ATOMIC_RELAXED);

	if (i >= MAX_POOL)
		return;
	lab->pool[i] = *p;
	/* In order: who reads finds whole ones below. */
	while (__atomic_load_n(&lab->ready, __ATOMIC_ACQUIRE) != i && !torture_is_over(lab->run))
		;
	__atomic_store_n(&lab->ready, i + 1, __ATOMIC_RELEASE);
}

static const struct program *some_program(struct lab *lab, uint64_t *rnd)
{
	return &lab->pool[torture_below(rnd, __atomic_load_n(&lab->ready, __ATOMIC_ACQUIRE))];
}

static void run_mutant(struct lab *lab, unsigned int index, uint64_t *rnd)
{
	uint8_t *mark = calloc(1, lab->cover.num + 1);
	struct program p = *some_program(lab, rnd);
	unsigned int new;

	demand(mark, "out of memory");
	mutate(&p, some_program(lab, rnd), rnd);
	new = run_program(lab, index, &p, mark);
	if (new & NEW_BLOCK)
		shrink(lab, index, &p, mark);
	/* Without coverage the pool stays as it is, so that a seed says all. */
	if (new && lab->cover.num && !torture_is_over(lab->run))
		keep(lab, &p);
	free(mark);
}

struct job {
	struct lab *lab;
	unsigned int index;
};

static void work(void *arg)
{
	struct job *job = arg;
	struct lab *lab = job->lab;
	uint64_t rnd = torture_state(lab->run, job->index);
	unsigned int i;

	exec_init(default_device());
	cover_start(&lab->cover);
	do {
		for (i = job->index; i < lab->given && !torture_is_over(lab->run);
		     i += lab->num_workers)
			run_program(lab, job->index, &lab->pool[i], NULL);
	} while (!lab->mutants && !torture_is_over(lab->run));
	while (!torture_is_over(lab->run))
		run_mutant(lab, job->index, &rnd);
}

/*---- all of them ----*/

static void complain(const struct worker *w, const char *what)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	char *line, *rest;

	program_print(f, &w->now);
	fclose(f);
	torture_say("%s, in its program %llu:", what, (unsigned long long)w->programs);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		torture_say("    %s", line);
	free(text);
}

/* Each ends by itself, and well, and none stands still. */
static void attend(struct lab *lab, unsigned int index)
{
	struct worker *w = &lab->worker[index];
	struct pollfd pfd = { .fd = syscall(SYS_pidfd_open, w->pid, 0), .events = POLLIN };
	uint64_t before = 0;
	int status;

	demand(pfd.fd >= 0, "pidfd_open");
	while (poll(&pfd, 1, STUCK_MS) == 0) {
		if (w->programs == before) {
			complain(w, "a process hangs");
			demand(false, "process %d hangs", w->pid);
		}
		before = w->programs;
	}
	close(pfd.fd);
	demand(waitpid(w->pid, &status, 0) == w->pid, "waitpid");
	if (status)
		complain(w, "a process has ended badly");
	demand(!status, "wait status %#x", status);
}

static void report(struct lab *lab)
{
	uint64_t made = 0, good = 0, programs = 0, row_good;
	unsigned int i, k, never = 0;

	for (k = 0; k < num_rows; k++) {
		row_good = 0;
		for (i = 0; i < lab->num_workers; i++) {
			made += lab->worker[i].stats.made[k];
			row_good += lab->worker[i].stats.good[k];
		}
		good += row_good;
		if (!row_good && lab->mutants && lab->run->rounds > 100000)
			torture_say("%s: no %s succeeded", lab->run->name, rows[k].name);
		never += !row_good;
	}
	for (i = 0; i < lab->num_workers; i++)
		programs += lab->worker[i].programs;
	torture_say("%s: %llu calls in %llu programs: %llu succeeded; of %u kinds of call %u did",
		    lab->run->name, (unsigned long long)made, (unsigned long long)programs,
		    (unsigned long long)good, num_rows, num_rows - never);
	if (lab->cover.num)
		torture_say("%s: %u of %u basic blocks of axe.ko reached by the callers, %.1f %%; %u programs are worth keeping",
			    lab->run->name, cover_count(&lab->cover), lab->cover.num,
			    100.0 * cover_count(&lab->cover) / lab->cover.num, lab->ready);
	/* A fifth even if it changes all it can. */
	demand(good * 5 > made, "only %llu of %llu calls succeeded", (unsigned long long)good,
	       (unsigned long long)made);
}

/*---- what is worth keeping ----*/

static int by_length(const void *a, const void *b)
{
	const struct program *p = a, *q = b;

	return (int)p->num - (int)q->num;
}

/* From the shortest, those that reach what none before them has. */
static void save(void *arg)
{
	struct lab *lab = arg;
	FILE *f = fopen(getenv("AXE_IOCTL_SAVE"), "w");
	unsigned int i, kept = 0;

	demand(f, "%s: %s", getenv("AXE_IOCTL_SAVE"), strerror(errno));
	exec_init(default_device());
	cover_start(&lab->cover);
	memset(lab->cover.seen, 0, lab->cover.num);
	lab->run->end = now_ns() + 600 * 1000000000ULL;
	lab->run->count = 0;
	qsort(lab->pool, lab->ready, sizeof(lab->pool[0]), by_length);
	for (i = 0; i < lab->ready; i++) {
		cover_begin();
		exec_program(&lab->pool[i], lab->run, &lab->worker[0].stats, lab->errors);
		if (!cover_end(&lab->cover, NULL))
			continue;
		program_print(f, &lab->pool[i]);
		kept++;
	}
	fclose(f);
	torture_say("%s: saved %u programs that reach %u blocks", lab->run->name, kept,
		    cover_count(&lab->cover));
}

/* In the background of all that, another goes on working; and nothing is left behind. */
static void fuzz(struct torture_run *run, bool mutants)
{
	struct lab *lab = torture_shared(sizeof(*lab));
	struct left before;
	struct probe probe;
	unsigned int i;

	lab->run = run;
	lab->mutants = mutants;
	lab->num_workers = sysconf(_SC_NPROCESSORS_ONLN);
	if (lab->num_workers > MAX_WORKERS)
		lab->num_workers = MAX_WORKERS;
	read_corpus(lab);
	cover_open(&lab->cover);
	probe_open(&probe, default_device());
	left_note(&before);
	for (i = 0; i < lab->num_workers; i++)
		lab->worker[i].pid = torture_child(work, &(struct job){ lab, i });
	for (i = 0; i < lab->num_workers; i++)
		attend(lab, i);
	probe_run(&probe);
	left_check(&before, true);
	left_free(&before);
	probe_close(&probe);
	report(lab);
	if (getenv("AXE_IOCTL_FUNCTIONS"))
		cover_report(&lab->cover, getenv("AXE_IOCTL_FUNCTIONS"));
	if (mutants && lab->cover.num && getenv("AXE_IOCTL_SAVE"))
		in_child(save, lab);
}

static void corpus(struct torture_run *run)
{
	fuzz(run, false);
}

static void mutants(struct torture_run *run)
{
	fuzz(run, true);
}

static const struct torture cases[] = {
	{ "corpus", corpus, 1 },
	{ "mutants", mutants, 2 },
};

TORTURE_MAIN("ioctl", cases)
