// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* What happens to memory all around, and changes nothing that a process or a device can see. */

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "paging.h"

/*---- the machine ----*/

#define SWAP_FILE "/var/tmp/axe-torture-swap"
#define GROUP "/sys/fs/cgroup/axe-torture"
#define KSM "/sys/kernel/mm/ksm/"
#define KHUGE "/sys/kernel/mm/transparent_hugepage/khugepaged/"

static void swap_on(void)
{
	must("grep -q " SWAP_FILE " /proc/swaps || { fallocate -l 128M " SWAP_FILE " &&"
	     " chmod 600 " SWAP_FILE " && mkswap -q " SWAP_FILE " && swapon " SWAP_FILE "; }");
}

void swap_off(void)
{
	if (!access(SWAP_FILE, F_OK))
		must("swapoff " SWAP_FILE "; rm " SWAP_FILE);
}

/* What was there before, to be put back; only what this kernel has. */
static struct setting {
	const char *path;
	const char *value;
	unsigned int shakes;
	long long before;
} settings[] = {
	{ KSM "pages_to_scan", "1000", SHAKE_KSM, 0 },
	{ KSM "sleep_millisecs", "1", SHAKE_KSM, 0 },
	{ KSM "run", "1", SHAKE_KSM, 0 },
	{ KHUGE "pages_to_scan", "4096", SHAKE_HUGE, 0 },
	{ KHUGE "scan_sleep_millisecs", "1", SHAKE_HUGE, 0 },
};

void shakes_prepare(unsigned int shakes)
{
	unsigned int i;

	if (shakes & (SHAKE_PAGEOUT | SHAKE_RECLAIM))
		swap_on();
	if (shakes & SHAKE_RECLAIM) {
		write_file("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
		must("mkdir -p " GROUP);
	}
	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		struct setting *s = &settings[i];

		s->before = shakes & s->shakes ? read_number(s->path) : -1;
		if (s->before >= 0)
			write_file(s->path, s->value);
	}
}

void shakes_undo(unsigned int shakes)
{
	unsigned int i;
	char text[32];

	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		snprintf(text, sizeof(text), "%lld", settings[i].before);
		if (settings[i].before >= 0)
			write_file(settings[i].path, text);
	}
	if (shakes & SHAKE_RECLAIM)
		rmdir(GROUP);
}

void shakes_join(unsigned int shakes)
{
	if (shakes & SHAKE_RECLAIM)
		write_file(GROUP "/cgroup.procs", "0");
}

/* Something for the control group, which may say no. */
static void tell_group(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);

	demand(fd >= 0, "%s", file);
	demand(write(fd, text, strlen(text)) > 0 || errno == EAGAIN, "%s", file);
	close(fd);
}

/* Room for three quarters of what there is; then as much as they like. */
static void squeeze(void)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", read_number(GROUP "/memory.current") * 3 / 4);
	tell_group(GROUP "/memory.high", text);
	tell_group(GROUP "/memory.high", "max");
}

/*---- children ----*/

#define SNAPSHOT 64

/* The memory of a child stays what it was when it was forked. */
static void child_looks(struct zone *z, uint64_t *rnd)
{
	static uint8_t was[SNAPSHOT * PAGE];
	unsigned int first = torture_below(rnd, z->n - SNAPSHOT), k;

	memcpy(was, zone_page(z, first), SNAPSHOT * PAGE);
	for (k = 0; k < 20; k++) {
		sched_yield();
		demand(!memcmp(was, zone_page(z, first), SNAPSHOT * PAGE),
		       "pages of a child, from %u on, have changed", first);
	}
}

/* It writes, and nobody else is to see that. */
static void child_writes(struct zone *z, uint64_t *rnd)
{
	unsigned int i, first = torture_below(rnd, z->n - SNAPSHOT);
	uint8_t is[PAGE];

	for (i = first; i < first + SNAPSHOT; i++)
		stamp(zone_page(z, i), 100 + z->owner, i, 1, 0);
	child_looks(z, rnd);
	for (i = first; i < first + SNAPSHOT; i++) {
		stamp(is, 100 + z->owner, i, 1, 0);
		demand(!memcmp(is, zone_page(z, i), PAGE), "page %u of a child is %s", i,
		       stamp_text(zone_page(z, i)));
	}
}

/* It leaves in the midst of commands on its memory, which others get. */
static void child_leaves(struct zone *z, uint64_t *rnd)
{
	size_t size = MIB << torture_below(rnd, 2);
	uint8_t *p = small_pages(2 * size);
	struct ibv_sge src, dst;
	struct rig r;
	unsigned int i;

	rig_open(&r, &(struct rig_options){ .mode = AXE_QUEUE_WORKER });
	src = here(&r, p, size);
	dst = here(&r, p + size, size);
	memset(p, 0x5a, size);
	for (i = 0; i < 4; i++) {
		rig_begin(&r, i, 0);
		if (i % 2)
			axedv_wr_compress(r.qx, &dst, &src, AXE_FORMAT_RAW, 1, 0);
		else
			axedv_wr_copy(r.qx, &dst, &src);
		rig_end(&r);
	}
	if (torture_below(rnd, 2))
		execl("/bin/true", "true", NULL);
	_exit(0);
}

static void fork_one(struct zone *z, uint64_t *rnd)
{
	static void (*const children[])(struct zone *z, uint64_t *rnd) = {
		child_looks, child_looks, child_writes, child_leaves,
	};
	void (*what)(struct zone *z, uint64_t *rnd) = children[torture_below(rnd, 4)];
	pid_t pid = fork();
	int status;

	demand(pid >= 0, "fork");
	if (!pid) {
		what(z, rnd);
		_exit(0);
	}
	demand(waitpid(pid, &status, 0) == pid && !status, "a child ended with %#x", status);
}

/*---- all of it ----*/

static void sync_file(struct zone *z, uint8_t *p, size_t size, uint64_t *rnd)
{
	int fd = z->fds[torture_below(rnd, z->n / z->means->unit)];

	msync(p, size, MS_SYNC);
	fdatasync(fd);
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
}

/* Of advice, which may be refused, nothing is demanded. */
static void shake(struct zone *z, enum shakes what, uint64_t *rnd)
{
	unsigned int first = torture_below(rnd, z->n);
	uint8_t *p = zone_page(z, first);
	unsigned int n = z->n - first < 128 ? z->n - first : 128;
	size_t size = (1 + torture_below(rnd, n)) * PAGE;

	switch (what) {
	case SHAKE_PAGEOUT:
		madvise(p, size, 21 /* MADV_PAGEOUT */);
		break;
	case SHAKE_KSM:
		madvise(p, size, torture_below(rnd, 4) ? MADV_MERGEABLE : MADV_UNMERGEABLE);
		break;
	case SHAKE_HUGE:
		madvise(z->p, z->n * PAGE, 25 /* MADV_COLLAPSE */);
		break;
	case SHAKE_FORK:
		fork_one(z, rnd);
		break;
	case SHAKE_COMPACT:
		write_file("/proc/sys/vm/compact_memory", "1");
		break;
	case SHAKE_RECLAIM:
		if (torture_below(rnd, 4))
			tell_group(GROUP "/memory.reclaim", "4M");
		else
			squeeze();
		break;
	case SHAKE_SYNC:
		sync_file(z, p, size, rnd);
		break;
	default:
		break;
	}
}

void *shaker(void *arg)
{
	struct zone *z = arg;
	uint64_t rnd = torture_state(z->run, 50 + z->owner);

	/* Some of it takes long: not all of the time. */
	setpriority(PRIO_PROCESS, 0, 10);
	while (!z->stop) {
		enum shakes what = 1 << torture_below(&rnd, SHAKE_KINDS);

		if (!(z->means->shakes & what) || (what == SHAKE_COMPACT && torture_below(&rnd, 32)))
			continue;
		shake(z, what, &rnd);
		tally(&z->tally->shakes, 1);
	}
	return NULL;
}
