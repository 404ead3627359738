// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The frame of the torture lab's programs. */

#include <argp.h>
#include <poll.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "torture.h"

/* The short form of a whole program; how much longer than its time a case may take. */
#define SHORT_SECONDS	5
#define GRACE_SECONDS	60
#define SKIPPED		77

/**
 * struct options - the command line
 * @seed:	0: draw one
 * @seconds:	for all cases together; 0: the short form
 * @count:	for each case, instead
 * @wanted:	by number of the case
 * @any:	some are named
 */
struct options {
	const char *name;
	const struct torture *cases;
	size_t n;
	uint64_t seed;
	uint64_t count;
	unsigned int seconds;
	bool *wanted;
	bool any;
};

/*---- for the cases ----*/

bool torture_is_over(const struct torture_run *run)
{
	if (run->count)
		return __atomic_load_n(&run->rounds, __ATOMIC_RELAXED) >= run->count;
	return now_ns() >= run->end;
}

bool torture_goes_on(struct torture_run *run)
{
	uint64_t before;

	if (!run->count && now_ns() >= run->end)
		return false;
	before = __atomic_fetch_add(&run->rounds, 1, __ATOMIC_RELAXED);
	if (!run->count || before < run->count)
		return true;
	__atomic_fetch_sub(&run->rounds, 1, __ATOMIC_RELAXED);
	return false;
}

/* splitmix64 */
uint64_t torture_rnd(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

uint64_t torture_state(const struct torture_run *run, unsigned int index)
{
	uint64_t state = run->seed + index;

	/* Neighbours have nothing in common. */
	return torture_rnd(&state);
}

unsigned int torture_below(uint64_t *state, unsigned int n)
{
	return (torture_rnd(state) >> 32) * n >> 32;
}

void torture_say(const char *fmt, ...)
{
	va_list ap;

	printf("# ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
}

void torture_skip(struct torture_run *run, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(run->skipped, sizeof(run->skipped), fmt, ap);
	va_end(ap);
	_exit(SKIPPED);
}

void *torture_shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	demand(p != MAP_FAILED, "mmap of %zu bytes", size);
	return p;
}

struct child {
	void (*fn)(void *arg);
	void *arg;
};

static void child_runs(void *arg)
{
	struct child *child = arg;

	/* Whoever started it looks at the clock. */
	alarm(0);
	child->fn(child->arg);
}

pid_t torture_child(void (*fn)(void *), void *arg)
{
	return start_child(child_runs, &(struct child){ fn, arg });
}

/*---- one case ----*/

struct job {
	const struct torture *what;
	struct torture_run *run;
};

static void run_case(void *arg)
{
	struct job *job = arg;
	void (*go)(struct torture_run *run) = job->what->run;
	uint64_t start = now_ms();

	/* All that it starts can be found, and ended, by this number. */
	setpgid(0, 0);
	go(job->run);
	torture_say("%s: %llu rounds in %.1f s", job->what->name,
		    (unsigned long long)job->run->rounds, (now_ms() - start) / 1000.0);
}

/* For whoever has to find out why: where all threads of a group of processes are. */
static void show_stacks(pid_t group)
{
	char *text;

	shell(&text, "for s in /proc/[0-9]*/stat; do"
	      " [ \"$(sed 's/.*) //' $s 2>/dev/null | cut -d' ' -f3)\" = %d ] || continue;"
	      " for t in ${s%%/stat}/task/*; do echo \"# $t $(cat $t/comm) $(cat $t/wchan)\";"
	      " sed 's/^/#     /' $t/stack; done; done 2>/dev/null", group);
	printf("%s", text);
	free(text);
}

/* Does the process end in time? Returns its wait status, or -1. */
static int await_end(pid_t pid, int64_t timeout_ms)
{
	uint64_t end = now_ms() + timeout_ms;
	struct pollfd pfd = { .events = POLLIN };
	int status, ret;

	pfd.fd = syscall(SYS_pidfd_open, pid, 0);
	demand(pfd.fd >= 0, "pidfd_open");
	do {
		int64_t left = end - now_ms();

		if (timeout_ms < 0)
			left = -1;
		else if (left < 0)
			left = 0;
		ret = poll(&pfd, 1, left);
	} while (ret < 0 && errno == EINTR);
	close(pfd.fd);
	if (ret != 1)
		return -1;
	demand(waitpid(pid, &status, 0) == pid, "waitpid");
	return status;
}

/* Runs it in a process of its own. Returns the wait status, or -1: it did not end. */
static int start_case(const struct torture *what, struct torture_run *run, uint64_t ms)
{
	pid_t pid;
	int status;

	run->end = now_ns() + ms * 1000000;
	pid = torture_child(run_case, &(struct job){ what, run });
	setpgid(pid, pid);
	status = await_end(pid, run->count ? -1 : (int64_t)(ms + GRACE_SECONDS * 1000 * slowness()));
	if (status < 0)
		show_stacks(pid);
	kill(-pid, SIGKILL);
	if (status < 0)
		waitpid(pid, NULL, 0);
	return status;
}

static void report(unsigned int number, const struct torture_run *run, int status)
{
	bool ok = status >= 0 && WIFEXITED(status) && !WEXITSTATUS(status);

	if (status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED)
		printf("ok %u - %s # SKIP %s\n", number, run->name, run->skipped);
	else
		printf("%sok %u - %s\n", ok ? "" : "not ", number, run->name);
}

/* Returns whether it went well. */
static bool torture_case(const struct options *o, unsigned int number, const struct torture *what,
			 uint64_t ms)
{
	struct torture_run *run = torture_shared(sizeof(*run));
	int status;
	bool ok;

	*run = (struct torture_run){ .name = what->name, .seed = o->seed, .count = o->count };
	torture_say("%s: seed %llu", what->name, (unsigned long long)o->seed);
	status = start_case(what, run, ms);
	ok = status >= 0 && WIFEXITED(status) && (!WEXITSTATUS(status) ||
						  WEXITSTATUS(status) == SKIPPED);
	if (status < 0)
		torture_say("no end after %llu ms and %d s", (unsigned long long)ms,
			    GRACE_SECONDS * slowness());
	else if (WIFSIGNALED(status))
		torture_say("killed by signal %d", WTERMSIG(status));
	if (!ok)
		torture_say("round %llu. Again: %s --seed %llu --seconds %llu %s",
			    (unsigned long long)run->rounds, this_program(),
			    (unsigned long long)o->seed, (unsigned long long)(ms + 999) / 1000,
			    what->name);
	report(number, run, status);
	fflush(stdout);
	munmap(run, sizeof(*run));
	return ok;
}

/*---- the program ----*/

static uint64_t number_of(struct argp_state *state, const char *text, const char *what)
{
	char *end;
	uint64_t value = strtoull(text, &end, 0);

	if (!*text || *end)
		argp_error(state, "'%s' is no %s", text, what);
	return value;
}

static void name_case(struct options *o, struct argp_state *state, const char *name)
{
	size_t i;

	for (i = 0; i < o->n && strcmp(o->cases[i].name, name); i++)
		;
	if (i == o->n)
		argp_error(state, "there is no case '%s'", name);
	o->wanted[i] = true;
	o->any = true;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	size_t i;

	switch (key) {
	case 's':
		o->seed = number_of(state, arg, "seed");
		return 0;
	case 't':
		o->seconds = number_of(state, arg, "number of seconds");
		return 0;
	case 'c':
		o->count = number_of(state, arg, "number of rounds");
		return 0;
	case 'l':
		for (i = 0; i < o->n; i++)
			puts(o->cases[i].name);
		exit(0);
	case ARGP_KEY_ARG:
		name_case(o, state, arg);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp_option argp_options[] = {
	{ "seed", 's', "N", 0, "what everything random comes from, to do it again", 0 },
	{ "seconds", 't', "N", 0, "for all cases together (also $AXE_TORTURE_SECONDS)", 0 },
	{ "count", 'c', "N", 0, "so many rounds of each case instead", 0 },
	{ "list", 'l', NULL, 0, "the names of the cases", 0 },
	{ }
};

static const struct argp argp = {
	argp_options, parse, "[CASE]...", "Changes everything under a device at work.",
	NULL, NULL, NULL
};

static void draw_seed(struct options *o)
{
	if (o->seed)
		return;
	demand(getrandom(&o->seed, sizeof(o->seed), 0) == sizeof(o->seed), "getrandom");
	/* Short enough to be typed. */
	o->seed = 1 + (o->seed >> 34);
}

static int run_wanted(const struct options *o)
{
	unsigned int sum = 0, planned = 0, number = 0;
	uint64_t total;
	bool ok = true;
	size_t i;

	for (i = 0; i < o->n; i++) {
		if (o->wanted[i]) {
			sum += o->cases[i].seconds;
			planned++;
		}
	}
	total = o->seconds;
	if (!total)
		total = sum < SHORT_SECONDS ? sum : SHORT_SECONDS;
	printf("1..%u\n", planned);
	for (i = 0; i < o->n; i++) {
		if (o->wanted[i])
			ok &= torture_case(o, ++number, &o->cases[i],
					   total * 1000 * o->cases[i].seconds / sum);
	}
	return ok ? 0 : 1;
}

int torture_main(int argc, char *argv[], const char *name, const struct torture *cases, size_t n)
{
	struct options o = { .name = name, .cases = cases, .n = n };

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (getenv("AXE_TORTURE_SECONDS"))
		o.seconds = atoi(getenv("AXE_TORTURE_SECONDS"));
	o.wanted = calloc(n, sizeof(*o.wanted));
	demand(o.wanted, "out of memory");
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (!o.any)
		memset(o.wanted, true, n);
	draw_seed(&o);
	return run_wanted(&o);
}
