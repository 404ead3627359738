// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* What live tests read of the kernel and ask of other programs. */

#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>

#include "common.h"

/*
 * The core reads a device's counters once a tick at most, and gives what it read
 * to all who ask within it. CLOCK_MONOTONIC_COARSE is what the last tick left.
 */
static void await_tick(void)
{
	struct timespec first, now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &first);
	do {
		sched_yield();
		clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	} while (now.tv_nsec == first.tv_nsec);
}

uint64_t counter(const char *device, const char *name)
{
	char path[256];
	long long value;

	await_tick();

	snprintf(path, sizeof(path), "/sys/class/infiniband/%s/ports/1/hw_counters/%s", device,
		 name);
	value = read_number(path);
	demand(value >= 0, "no counter %s", path);
	return value;
}

const char *this_program(void)
{
	static char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	demand(n > 0, "/proc/self/exe");
	path[n] = 0;
	return path;
}

void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	demand(fd >= 0, "cannot open %s", path);
	demand(write(fd, text, strlen(text)) == (ssize_t)strlen(text), "cannot write '%s' to %s",
	       text, path);
	close(fd);
}

long long read_number(const char *path)
{
	FILE *f = fopen(path, "re");
	long long value = -1;

	if (!f)
		return -1;
	if (fscanf(f, "%lld", &value) != 1)
		value = -1;
	fclose(f);
	return value;
}

void await_number(const char *path, long long want)
{
	uint64_t end = now_ms() + DEADLINE_MS;
	long long value;

	while ((value = read_number(path)) != want) {
		demand(now_ms() < end, "%s: %lld, not %lld", path, value, want);
		poll(NULL, 0, 1);
	}
}

long long field_of(const char *path, const char *key)
{
	FILE *f = fopen(path, "re");
	long long value = -1;
	char line[256];
	size_t n = strlen(key);

	demand(f, "cannot open %s", path);
	while (value < 0 && fgets(line, sizeof(line), f)) {
		if (!strncmp(line, key, n) && strchr(": \t", line[n]))
			sscanf(line + n, "%*[: \t]%lld", &value);
	}
	fclose(f);
	return value;
}

static int run_shell(char **out, const char *command)
{
	size_t size = 0, used = 0, n;
	char *text = NULL;
	FILE *pipe;
	int status;

	fflush(NULL);
	pipe = popen(command, "re");
	demand(pipe, "popen");
	do {
		if (size - used < 4096)
			text = realloc(text, size += 65536);
		demand(text, "out of memory");
		n = fread(text + used, 1, size - used - 1, pipe);
		used += n;
	} while (n);
	text[used] = 0;
	status = pclose(pipe);
	if (out)
		*out = text;
	else
		free(text);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int shell(char **out, const char *fmt, ...)
{
	char command[1024];
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	n = vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	demand(n < sizeof(command), "a long command");
	return run_shell(out, command);
}

void must(const char *fmt, ...)
{
	char command[1024];
	va_list ap;
	size_t n;
	int status;

	va_start(ap, fmt);
	n = vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	demand(n < sizeof(command), "a long command");
	status = run_shell(NULL, command);
	demand(!status, "'%s' ends with %d", command, status);
}

/* What waits for a grace period is freed soon, what lies about on CPUs' lists now. */
void shrink_slab(void)
{
	static glob_t files;
	size_t i;

	if (!files.gl_pathv)
		demand(!glob("/sys/kernel/slab/{kmalloc-*,mm_struct,filp,task_struct,"
			     "radix_tree_node,vm_area_struct}/shrink", GLOB_BRACE, NULL, &files),
		       "no caches in /sys/kernel/slab");
	/* 4: from now on without a word in the kernel's log. */
	write_file("/proc/sys/vm/drop_caches", "4");
	write_file("/proc/sys/vm/drop_caches", "2");
	for (i = 0; i < files.gl_pathc; i++)
		write_file(files.gl_pathv[i], "1");
}

void enter_netns(const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	demand(fd >= 0 && !setns(fd, CLONE_NEWNET), "cannot enter %s", path);
	close(fd);
	/* /sys shows the devices of the namespace it was mounted in. */
	demand(!unshare(CLONE_NEWNS), "unshare");
	demand(!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "mounts of our own");
	demand(!mount("none", "/sys", "sysfs", 0, NULL), "mounting /sys");
}
