// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The files of a context, its rings and its memory go in any order, behind the back
 * of the library, with commands in flight.
 */

#include <dirent.h>
#include <limits.h>
#include <signal.h>

#include "lifetime.h"

#define MAX_THINGS	128

/* A file to close, or memory to unmap. */
struct thing {
	int fd;
	void *p;
	size_t size;
};

struct closing {
	struct lifetime *t;
	uint64_t seed;
};

static struct thing things[MAX_THINGS];
static unsigned int num_things;

static void add_thing(struct thing thing)
{
	demand(num_things < MAX_THINGS, "too many files and mappings");
	things[num_things++] = thing;
}

/* The device's file, the doorbell's, those of events: all that no other process has. */
static void add_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *e;

	demand(dir, "/proc/self/fd");
	while ((e = readdir(dir))) {
		char link[PATH_MAX];
		ssize_t n = readlinkat(dirfd(dir), e->d_name, link, sizeof(link) - 1);

		link[n > 0 ? n : 0] = 0;
		if (strstr(link, "uverbs") || strstr(link, "anon_inode:[axe_doorbell]") ||
		    strstr(link, "infiniband"))
			add_thing((struct thing){ .fd = atoi(e->d_name) });
	}
	closedir(dir);
}

static void add_rings(void)
{
	struct mapping maps[MAX_THINGS];
	unsigned int n = uverbs_mappings(maps, MAX_THINGS), i;

	for (i = 0; i < n; i++)
		add_thing((struct thing){ .fd = -1, .p = (void *)maps[i].start,
					  .size = maps[i].end - maps[i].start });
}

static void shuffle(uint64_t *state)
{
	unsigned int i;

	for (i = num_things; i > 1; i--) {
		unsigned int k = torture_below(state, i);
		struct thing swap = things[i - 1];

		things[i - 1] = things[k];
		things[k] = swap;
	}
}

/* A program never faults on a ring that it has mapped, whatever else is gone. */
static void touch_rings(unsigned int from)
{
	unsigned int i;

	for (i = from; i < num_things; i++) {
		if (things[i].fd < 0 && things[i].p)
			*(volatile uint32_t *)things[i].p;
	}
}

static void close_one(const struct thing *thing)
{
	if (thing->fd >= 0)
		demand(!close(thing->fd), "close");
	else
		demand(!munmap(thing->p, thing->size), "munmap");
}

static void closer_runs(void *arg)
{
	static struct load l;
	struct closing *c = arg;
	unsigned int i;

	load_open(&l, default_device(), c->seed, c->t->count, false);
	load_post(&l);
	if (torture_below(&l.state, 2))
		load_poll(&l);
	add_files();
	demand(num_things >= 4, "%u files of uverbs", num_things);
	add_rings();
	add_thing((struct thing){ .fd = -1, .p = l.far.p, .size = l.far.size });
	add_thing((struct thing){ .fd = -1, .p = l.near.p, .size = l.near.size });
	shuffle(&l.state);
	for (i = 0; i < num_things; i++) {
		close_one(&things[i]);
		touch_rings(i + 1);
	}
	/* Its process lives on; nothing waits for its end. */
	left_check(&c->t->before, false);
}

static void close_once(struct lifetime *t)
{
	struct closing c = { .t = t, .seed = torture_rnd(&t->state) };

	lifetime_reap(t, torture_child(closer_runs, &c), 0);
}

void lifetime_close_any_order(struct torture_run *run)
{
	lifetime_rounds(run, close_once);
}
