/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * A zone: pages that change under the device.
 *
 * Each page goes through numbered states, of which it is known what may be seen in
 * them. Who submits a command notes the state that is complete then (@oldest); when it
 * is done, what it saw must be of that or a later one, up to the last one that was
 * begun (@newest).
 */
#ifndef AXE_TORTURE_PAGING_H
#define AXE_TORTURE_PAGING_H

#include <pthread.h>

#include "torture.h"

/* States that are remembered. */
#define HISTORY	256

enum kind { WRITABLE, SEALED, GONE };

/* @version: what is stamped there, 0: zeros. */
struct state {
	enum kind kind;
	uint32_t version;
};

/**
 * struct page - one page of a zone
 * @lock:	held to change it, and to look at it with the CPU
 * @fd:		of its file, if it has one of its own
 * @flip:	which page of that file is mapped
 * @tag:	target pages: of the last command that wrote it
 */
struct page {
	pthread_mutex_t lock;
	uint32_t oldest;
	uint32_t newest;
	struct state states[HISTORY];
	int fd;
	unsigned int flip;
	uint64_t tag;
};

/* What else happens to the memory of a zone, and changes nothing that can be seen. */
enum shakes {
	SHAKE_PAGEOUT	= 1 << 0,
	SHAKE_KSM	= 1 << 1,
	SHAKE_HUGE	= 1 << 2,
	SHAKE_FORK	= 1 << 3,
	SHAKE_COMPACT	= 1 << 4,
};

struct zone;

/**
 * struct means - how pages of a zone change
 * @make:	the memory, all pages writable and stamped with version 1
 * @step:	change one page, which is locked
 */
struct means {
	void (*make)(struct zone *z);
	void (*step)(struct zone *z, unsigned int i, uint64_t *rnd);
	unsigned int pages;
	unsigned int shakes;
};

extern const struct means means_anon, means_file, means_uffd, means_huge, means_fork;

/* Counted by all processes of a case. */
struct tally {
	uint64_t commands, done, faults, changes, shakes;
};

/**
 * struct zone - the first half is read by commands, the second one written
 * @owner:	the process, as its stamps have it
 * @spare:	a place to prepare a page
 * @version:	the last one that was used
 */
struct zone {
	const struct means *means;
	struct torture_run *run;
	struct tally *tally;
	unsigned int owner;
	uint8_t *p;
	unsigned int n;
	struct page *pages;
	uint8_t *spare;
	uint32_t version;
	int uffd;
	volatile bool stop;
};

/* What a page holds: a stamp all over, or zeros (@zero). */
struct stamp {
	uint64_t place;
	uint64_t version;
	uint64_t tag;
	bool zero;
};

void stamp(void *page, unsigned int owner, unsigned int number, uint64_t version, uint64_t tag);
/* Demands that it is one, and whole. */
struct stamp stamp_of(const void *page, const char *what);
bool stamp_is(const struct stamp *s, unsigned int owner, unsigned int number);

void zone_make(struct zone *z);
/* The state of a page, for who holds its lock; for who submits a command. */
struct state zone_now(const struct zone *z, unsigned int i);
uint32_t zone_oldest(const struct zone *z, unsigned int i);
/* Around what changes it. */
void zone_begin(struct zone *z, unsigned int i, enum kind kind, uint32_t version);
void zone_end(struct zone *z, unsigned int i);
/* A read since state @lo brought this. */
void zone_check_seen(struct zone *z, unsigned int i, uint32_t lo, const void *seen);
/* A command since state @lo wrote it with @tag, or (not @done) tried to. */
void zone_check_written(struct zone *z, unsigned int i, uint32_t lo, uint64_t tag, bool done);
/* Was there a state since @lo that refuses this? */
bool zone_may_fault(struct zone *z, unsigned int i, uint32_t lo, bool write);

static inline uint8_t *zone_page(const struct zone *z, unsigned int i)
{
	return z->p + i * PAGE;
}

static inline void tally(uint64_t *what, uint64_t n)
{
	__atomic_fetch_add(what, n, __ATOMIC_RELAXED);
}

void *shaker(void *zone);
void *worker(void *worker);

/* A thread with a queue; @first: of @n target pages of its own. */
struct worker {
	struct zone *zone;
	unsigned int index, first, n;
	struct rig rig;
	uint8_t *buffer;
	uint64_t tag;
};

#endif
