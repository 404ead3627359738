// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * A process with commands in flight forks; then either goes, in any way. The child
 * has all files and rings of its parent. The device stays usable for the one that is
 * left, and for what it opens itself.
 */

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "lifetime.h"

#define SIZE	(256 * KIB)

/* How a process goes. */
enum way { WAY_EXIT, WAY_KILL, WAY_EXEC, WAYS };

/**
 * struct family - a parent and its child; shared with who started it
 * @seed:	of the parent's load
 * @child_first: it goes before the parent
 * @way:	of who goes first
 * @child:	its number, for whoever has to reap it
 * @left:	a pipe that ends with the one that goes first
 */
struct family {
	struct lifetime *t;
	uint64_t seed;
	bool child_first;
	enum way way;
	pid_t child;
	int left[2];
};

static struct load load;

static void go(enum way way)
{
	if (way == WAY_KILL)
		raise(SIGKILL);
	if (way == WAY_EXEC)
		execl("/bin/true", "true", NULL);
	_exit(0);
}

/* Until the other one has gone, and every file of it is closed. */
static void await_other(struct family *f)
{
	char c;

	close(f->left[1]);
	demand(await_readable(f->left[0], DEADLINE_MS), "the other process does not end");
	demand(read(f->left[0], &c, 1) == 0, "read");
}

/* The context that it inherited, and one of its own. */
static void child_is_left(struct family *f)
{
	struct ibv_sge src = mem_sge(&load.far, 0, SIZE);
	uint64_t end = now_ms() + DEADLINE_MS;
	struct rig r;
	struct wc wc;

	await_other(f);
	/*
	 * What the region meant was the parent's memory. A fault that was under way
	 * keeps it a moment longer.
	 */
	src.lkey = load.idle.mr->lkey;
	do {
		wc = run(&load.idle, crc32, &src, 0);
		demand(wc.code == AXE_ERR_GONE || (wc.code == AXE_OK && now_ms() < end),
		       "code %d (%s)", wc.code, axedv_code_str(wc.code));
	} while (wc.code == AXE_OK);
	wc = run(&load.idle, nop);
	demand(wc.code == AXE_OK, "code %d", wc.code);
	/* What is pinned stays, and is the parent's page, not the child's copy. */
	src = mem_sge(&load.near, 0, PAGE);
	wc = run(&load.idle, crc32, &src, 0);
	demand(wc.code == AXE_OK, "pinned: code %d", wc.code);
	rig_open(&r, NULL);
	assert_queue_works(&r);
	rig_close(&r);
}

static void parent_is_left(struct family *f)
{
	uint8_t *p = pages(SIZE);
	struct ibv_sge src = here(&load.idle, p, SIZE);
	struct wc wc;

	await_other(f);
	assert_queue_works(&load.idle);
	/* Pages that the child shared are the parent's own again. */
	pattern(p, SIZE, 1);
	wc = run(&load.idle, crc32, &src, 0);
	demand(wc.code == AXE_OK, "code %d", wc.code);
	munmap(p, SIZE);
	load_poll(&load);
	if (torture_below(&load.state, 2))
		load_close(&load);
}

/* What both had when they parted is read by the device as the parent sees it. */
static void check_cow(struct family *f, uint8_t *p)
{
	struct ibv_sge src = here(&load.idle, p, SIZE), dst;
	uint8_t *copy = pages(SIZE);
	struct wc wc;

	memset(p, 0x11 + f->way, SIZE);
	dst = here(&load.idle, copy, SIZE);
	wc = run(&load.idle, copy, &dst, &src);
	demand(wc.code == AXE_OK, "code %d (%s)", wc.code, axedv_code_str(wc.code));
	demand(!memcmp(copy, p, SIZE), "the device sees another page than the process");
	munmap(copy, SIZE);
}

static void parent_runs(void *arg)
{
	struct family *f = arg;
	uint8_t *p = pages(SIZE);
	pid_t pid;

	load_open(&load, default_device(), f->seed, f->t->count, false);
	memset(p, 1, SIZE);
	load_post(&load);
	demand(!pipe(f->left), "pipe");
	pid = fork();
	demand(pid >= 0, "fork");
	if (!pid) {
		alarm(2 * DEADLINE_MS / 1000);
		if (f->child_first)
			go(f->way);
		child_is_left(f);
		_exit(0);
	}
	f->child = pid;
	if (f->child_first) {
		check_cow(f, p);
		parent_is_left(f);
	} else {
		if (torture_below(&load.state, 2))
			check_cow(f, p);
		go(f->way);
	}
}

/* The child is ours when its parent has gone before. */
static void reap_child(struct family *f)
{
	int status;

	demand(waitpid(f->child, &status, 0) == f->child, "waitpid");
	demand(f->child_first || (WIFEXITED(status) && !WEXITSTATUS(status)),
	       "the child ended with %#x", status);
}

static void fork_once(struct lifetime *t)
{
	struct family *f = torture_shared(sizeof(*f));
	pid_t pid;

	*f = (struct family) {
		.t = t, .seed = torture_rnd(&t->state),
		.child_first = torture_below(&t->state, 2),
		.way = torture_below(&t->state, WAYS),
	};
	pid = torture_child(parent_runs, f);
	lifetime_reap(t, pid, SIGKILL);
	reap_child(f);
	munmap(f, sizeof(*f));
}

void lifetime_fork(struct torture_run *run)
{
	demand(!prctl(PR_SET_CHILD_SUBREAPER, 1), "PR_SET_CHILD_SUBREAPER");
	lifetime_rounds(run, fork_once);
}
