/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * A zone: pages that change under the device.
 *
 * Each page goes through numbered states, of which it is known what it holds in them.
 * Who posts a command notes the state that is complete then (@oldest); when it is done,
 * what it saw must be of that or a later one, up to the last one that was begun
 * (@newest). What pages lose is taken at once by a nest, which fills it with something
 * else: so a device that still uses it reads what is not its own, or is seen to write it.
 */
#ifndef AXE_TORTURE_PAGING_H
#define AXE_TORTURE_PAGING_H

#include <pthread.h>

#include <zlib.h>

#include "torture.h"

/* States that are remembered. */
#define HISTORY		256
/* Pages that change together. */
#define MOST_RUN	32
/* Pages of a command. */
#define MOST_PAGES	1024
/* Threads of a process with a queue each, commands on each queue at a time, and in all ... */
#define WORKERS		3
#define DEPTH		4
/* ... even if time is over: a machine may be slow, but what does nothing tests nothing. */
#define AT_LEAST	DEPTH

enum kind {
	WRITABLE,
	SEALED,		/* may be read only */
	EITHER,		/* one of these */
	GONE,
	AS_IT_WAS	/* for zone_begin() */
};

/* For zone_begin(): what the page holds stays. */
#define SAME UINT32_MAX

/* @version: what is stamped there, 0: zeros; @epoch: changes when what it holds does. */
struct state {
	enum kind kind;
	uint32_t version;
	uint32_t epoch;
};

/**
 * struct page - one page of a zone
 * @lock:	held to change it, and to look at it with the CPU
 * @left:	what commands have left there, in its epoch @left_epoch
 */
struct page {
	pthread_mutex_t lock;
	uint32_t oldest;
	uint32_t newest;
	struct state states[HISTORY];
	uint8_t *left;
	uint32_t left_epoch;
};

/* What else happens to the memory of a zone, and changes nothing that can be seen. */
enum shakes {
	SHAKE_PAGEOUT	= 1 << 0,
	SHAKE_KSM	= 1 << 1,
	SHAKE_HUGE	= 1 << 2,
	SHAKE_FORK	= 1 << 3,
	SHAKE_COMPACT	= 1 << 4,
	SHAKE_RECLAIM	= 1 << 5,
	SHAKE_SYNC	= 1 << 6,
	SHAKE_KINDS	= 7,
};

struct zone;

/**
 * struct means - how pages of a zone change
 * @make:	the memory, all pages writable; they are stamped with version 1 then
 * @step:	change a run of pages, which are locked
 * @pages:	of a zone
 * @fragile:	so many of the last pages of both halves may be gone, or sealed
 * @unit:	runs begin at a multiple of this, and are as long; 0: of any length
 * @twins:	log2 of how many neighbours hold the same
 * @most:	pages of a command; 0: MOST_PAGES
 */
struct means {
	void (*make)(struct zone *z);
	void (*step)(struct zone *z, unsigned int i, unsigned int n, uint64_t *rnd);
	unsigned int pages;
	unsigned int fragile;
	unsigned int unit;
	unsigned int twins;
	unsigned int most;
	unsigned int shakes;
};

extern const struct means means_anon, means_file, means_uffd, means_huge, means_fork, means_ksm,
	means_peers, means_swap;

/**
 * struct tally - counted by all processes of a case
 * @hits:	changes of a command's pages while it was in flight
 * @unknown:	pages that were changed too often to tell
 */
struct tally {
	uint64_t commands, done, faults, changes, hits, shakes, unknown;
};

/* A command in flight, for who wants to hit it; @seq: which one, 0: none. */
struct aim {
	unsigned int first;
	unsigned int n;
	uint64_t seq;
};

#define NEST_PAGES	256

/* Pages taken as others lose them; each is stamped, or 0 in @versions. */
struct nest {
	uint8_t *p;
	unsigned int next;
	uint32_t versions[NEST_PAGES];
	uint32_t version;
};

/**
 * struct zone - the first half is read by commands, the second one written
 * @owner:	the process, as its stamps have it
 * @spare:	a place to prepare MOST_RUN pages
 * @version:	the last one that was used
 * @fds, @flips: files: of each unit, and which half of it is mapped
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
	int *fds;
	unsigned int *flips;
	struct nest nest;
	struct aim aims[WORKERS * DEPTH];
	volatile bool stop;
};

static inline uint8_t *zone_page(const struct zone *z, unsigned int i)
{
	return z->p + i * PAGE;
}

static inline void tally(uint64_t *what, uint64_t n)
{
	__atomic_fetch_add(what, n, __ATOMIC_RELAXED);
}

/*---- stamps ----*/

void stamp(void *page, unsigned int owner, unsigned int number, uint32_t version, uint64_t tag);
/* What a page looks like, for people. */
const char *stamp_text(const void *page);

/*---- pages and their states ----*/

void zone_make(struct zone *z);
/* After all is over: what the process sees is what should be there. */
void zone_check(struct zone *z);
/* The number that is stamped on a page. */
unsigned int zone_number(const struct zone *z, unsigned int i);
/* May it be gone; may it be sealed? */
bool zone_is_fragile(const struct zone *z, unsigned int i);
bool zone_may_seal(const struct zone *z, unsigned int i);
/* The state of a page, for who holds its lock; for who posts a command. */
struct state zone_now(const struct zone *z, unsigned int i);
uint32_t zone_oldest(const struct zone *z, unsigned int i);
/* Around what changes pages. */
void zone_begin(struct zone *z, unsigned int i, unsigned int n, enum kind kind, uint32_t version);
void zone_end(struct zone *z, unsigned int i, unsigned int n);

/*---- what commands did ----*/

/*
 * A read since state @lo brought this. @whole: it was read at once; else its beginning may
 * be older than its end.
 */
void zone_check_seen(struct zone *z, unsigned int i, uint32_t lo, const void *seen, bool whole);
/* The CRC-32 of pages that were read since states @lo. */
void zone_check_crc(struct zone *z, unsigned int first, unsigned int n, const uint32_t *lo,
		    uint32_t crc);

/**
 * struct write - what a command has written, or tried to
 * @lo:		the page's state before
 * @bytes:	what; or NULL: page @from since its state @from_lo
 * @whole:	all of the page, or nothing
 * @done:	it is done
 */
struct write {
	uint32_t lo;
	const void *bytes;
	unsigned int from;
	uint32_t from_lo;
	bool whole;
	bool done;
};

void zone_check_written(struct zone *z, unsigned int i, const struct write *w);
/* Was there a state since @lo that refuses this? */
bool zone_may_fault(struct zone *z, unsigned int i, uint32_t lo, bool write);

/*---- nests ----*/

void nest_make(struct zone *z);
/* Before pages are given up, and after: @n take their place. */
void nest_open(struct zone *z, unsigned int n);
void nest_settle(struct zone *z, unsigned int n);
void nest_check(struct zone *z);

/*---- threads ----*/

/* A thread with a queue; @first: of @n target pages of its own. */
struct worker {
	struct zone *zone;
	unsigned int index, first, n;
	struct rig rig;
	struct job *jobs;
	uint64_t tag;
	z_stream pack, unpack;
};

void worker_open(struct worker *w, const struct rig_options *options);
void worker_close(struct worker *w);
void *worker(void *worker);
/* Threads that change pages of the zone, and all around it, until it is to @stop. */
void *mover(void *zone);
void *shaker(void *zone);
/* The zone in a process, and another one that is at work on it from afar. */
void play_peers(struct zone *z);

/* What shaking needs of the machine, before it and after. */
void shakes_prepare(unsigned int shakes);
void shakes_join(unsigned int shakes);
void shakes_undo(unsigned int shakes);
void swap_off(void);

#endif
