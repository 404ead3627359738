/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
#ifndef AXE_TORTURE_LIFETIME_H
#define AXE_TORTURE_LIFETIME_H

#include "left.h"
#include "load.h"

/* One in so many rounds what costs a process is looked at as well. */
#define LIFETIME_RESOURCES	16

/**
 * struct lifetime - what each case of the program has
 * @before:	what there is when nobody else is at work
 * @probe:	has to go on working
 * @count:	of the load of this round
 * @posted:	commands of all rounds, and how many were in flight as their process ended
 */
struct lifetime {
	struct torture_run *run;
	uint64_t state;
	struct left before;
	struct probe probe;
	struct load_count *count;
	uint64_t posted;
	uint64_t in_flight;
};

/*
 * A case: step() after step(), and after each of them the device is as good as before
 * and nothing is left.
 */
void lifetime_rounds(struct torture_run *run, void (*step)(struct lifetime *t));
/* A moment, of random length. */
void lifetime_wait(struct lifetime *t);
/* Until all is posted, or its process has ended. */
void lifetime_await_posted(const struct load_count *count, pid_t pid);
/* The process ends, by this signal or with 0. */
void lifetime_reap(struct lifetime *t, pid_t pid, int signal);

/* Cases. */
void lifetime_kill(struct torture_run *run);
void lifetime_close_any_order(struct torture_run *run);
void lifetime_fork(struct torture_run *run);
void lifetime_pass(struct torture_run *run);
void lifetime_destroy(struct torture_run *run);
void lifetime_unplug(struct torture_run *run);
void lifetime_module(struct torture_run *run);
void lifetime_limits(struct torture_run *run);
void lifetime_cgroup(struct torture_run *run);

#endif
