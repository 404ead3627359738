// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The kernel's fault injection, by the number of the allocation. */

#include <fcntl.h>
#include <glob.h>

#include "faults.h"

#define DEBUGFS		"/sys/kernel/debug"
#define MAX_WORKERS	64

/**
 * struct switches - a kind of fault
 * @config:	what the kernel needs for it
 */
struct switches {
	const char *name;
	const char *config;
};

static const struct switches kinds[] = {
	{ "failslab", "CONFIG_FAILSLAB" },
	{ "fail_page_alloc", "CONFIG_FAIL_PAGE_ALLOC" },
	{ "fail_usercopy", "CONFIG_FAULT_INJECTION_USERCOPY" },
};

static int nth_fd = -1;
static int worker_fds[MAX_WORKERS];
static unsigned int num_workers;

/*---- switches ----*/

/* Not each kind has each of them. */
static void set_switches(const char *name, const char *value)
{
	char path[128];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		snprintf(path, sizeof(path), DEBUGFS "/%s/%s", kinds[i].name, name);
		if (!access(path, W_OK))
			write_file(path, value);
	}
}

/* Where axe's functions are. */
static void filter_by_axe(void)
{
	FILE *f = fopen("/proc/modules", "re");
	unsigned long size = 0, start = 0;
	char line[512], text[32];

	demand(f, "/proc/modules");
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, "axe ", 4))
			sscanf(line, "axe %lu %*s %*s %*s %lx", &size, &start);
	}
	fclose(f);
	demand(start, "/proc/modules does not tell where axe is");
	snprintf(text, sizeof(text), "%#lx", start);
	set_switches("require-start", text);
	snprintf(text, sizeof(text), "%#lx", start + size);
	set_switches("require-end", text);
}

static void fail_anybody(void)
{
	set_switches("require-start", "0");
	set_switches("require-end", "0xffffffffffffffff");
}

const char *faults_lacks(void)
{
	unsigned int i;

	nth_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (nth_fd < 0)
		return "CONFIG_FAULT_INJECTION";
	if (access(DEBUGFS "/failslab", F_OK) && access(DEBUGFS "/fail_page_alloc", F_OK))
		return "CONFIG_FAULT_INJECTION_DEBUG_FS";
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		char path[128];

		snprintf(path, sizeof(path), DEBUGFS "/%s", kinds[i].name);
		if (access(path, F_OK))
			return kinds[i].config;
	}
	/* Also what could wait for memory; and without a word in the kernel's log. */
	set_switches("ignore-gfp-wait", "N");
	set_switches("ignore-gfp-highmem", "N");
	set_switches("min-order", "0");
	set_switches("verbose", "0");
	faults_spare_default();
	return NULL;
}

/*---- this thread ----*/

static void write_nth(int fd, unsigned int nth)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%u", nth);

	/* Whatever is left to fail may be this very copy. */
	while (pwrite(fd, text, n, 0) != n)
		demand(errno == EFAULT, "fail-nth: %s", strerror(errno));
}

/* How many are left until one fails; 0: it has; -1: that was this very reading. */
static long read_nth(int fd)
{
	char text[16] = "";

	return pread(fd, text, sizeof(text) - 1, 0) > 0 ? strtol(text, NULL, 10) : -1;
}

void faults_arm(unsigned int nth)
{
	write_nth(nth_fd, nth);
}

bool faults_disarm(void)
{
	bool came = read_nth(nth_fd) == 0;

	write_nth(nth_fd, 0);
	return came;
}

/*---- not this ----*/

/* Where the first function begins, and what is behind the last one. */
static void find_functions(const char *first, const char *last, unsigned long *start,
			   unsigned long *end)
{
	unsigned long at, at_last = 0;
	FILE *f = fopen("/proc/kallsyms", "re");
	char line[512], symbol[256];

	demand(f, "/proc/kallsyms");
	*start = 0;
	*end = 0;
	while (!*end && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx %*c %255s", &at, symbol) != 2)
			continue;
		if (at_last && at > at_last)
			*end = at;
		if (!strcmp(symbol, first))
			*start = at;
		if (!strcmp(symbol, last))
			at_last = at;
	}
	fclose(f);
	demand(*start && *end > *start, "/proc/kallsyms does not tell where %s is", first);
}

/* @what: "require" or "reject" */
static void set_range(const char *what, const char *first, const char *last)
{
	unsigned long start, end;
	char name[32], text[32];

	find_functions(first, last, &start, &end);
	snprintf(name, sizeof(name), "%s-start", what);
	snprintf(text, sizeof(text), "%#lx", start);
	set_switches(name, text);
	snprintf(name, sizeof(name), "%s-end", what);
	snprintf(text, sizeof(text), "%#lx", end);
	set_switches(name, text);
}

void faults_axe_only(void)
{
	filter_by_axe();
}

void faults_only(const char *function)
{
	set_range("require", function, function);
}

void faults_spare(const char *function)
{
	set_range("reject", function, function);
}

/* kmemleak does without, but for a line in the log that is taken for one of its reports. */
void faults_spare_default(void)
{
	fail_anybody();
	if (!access(DEBUGFS "/kmemleak", F_OK))
		set_range("reject", "kmemleak_free", "kmemleak_scan_area");
}

/*---- workers ----*/

static bool is_worker(const char *fail_nth)
{
	char path[128], name[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "%.*scomm", (int)strlen(fail_nth) - 8, fail_nth);
	f = fopen(path, "re");
	if (!f)
		return false;
	(void)!fgets(name, sizeof(name), f);
	fclose(f);
	/* Lanes run on unbound workers. */
	return !strncmp(name, "kworker/u", 9);
}

static void open_workers(void)
{
	glob_t files;
	size_t i;

	demand(!glob("/proc/[0-9]*/fail-nth", 0, NULL, &files), "/proc");
	for (i = 0; i < files.gl_pathc && num_workers < MAX_WORKERS; i++) {
		int fd;

		if (!is_worker(files.gl_pathv[i]))
			continue;
		fd = open(files.gl_pathv[i], O_RDWR | O_CLOEXEC);
		if (fd >= 0)
			worker_fds[num_workers++] = fd;
	}
	globfree(&files);
}

/* Workers come and go: it is not an error if one has gone. */
static void write_workers(unsigned int nth)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%u", nth);
	unsigned int i;

	for (i = 0; i < num_workers; i++)
		(void)!pwrite(worker_fds[i], text, n, 0);
}

void faults_arm_workers(unsigned int nth)
{
	filter_by_axe();
	open_workers();
	write_workers(nth);
	faults_arm(nth);
}

bool faults_disarm_workers(void)
{
	bool came = faults_disarm();
	unsigned int i;

	for (i = 0; i < num_workers; i++)
		came |= read_nth(worker_fds[i]) == 0;
	write_workers(0);
	while (num_workers)
		close(worker_fds[--num_workers]);
	fail_anybody();
	return came;
}
