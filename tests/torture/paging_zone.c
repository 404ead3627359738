// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Pages, their states, and what may be seen of them. */

#include "paging.h"

struct block {
	uint64_t place;
	uint64_t version;
	uint64_t tag;
	uint64_t sum;
};

#define BLOCKS	(PAGE / sizeof(struct block))

static uint64_t sum_of(const struct block *b, unsigned int i)
{
	uint64_t state = b->place ^ b->version << 20 ^ b->tag << 40 ^ i;

	return torture_rnd(&state);
}

void stamp(void *page, unsigned int owner, unsigned int number, uint64_t version, uint64_t tag)
{
	struct block *b = page;
	unsigned int i;

	for (i = 0; i < BLOCKS; i++) {
		b[i].place = (uint64_t)owner << 32 | number;
		b[i].version = version;
		b[i].tag = tag;
		b[i].sum = sum_of(&b[i], i);
	}
}

static bool is_zero(const void *page)
{
	const uint64_t *word = page;
	unsigned int i;

	for (i = 0; i < PAGE / 8 && !word[i]; i++)
		;
	return i == PAGE / 8;
}

struct stamp stamp_of(const void *page, const char *what)
{
	const struct block *b = page;
	unsigned int i;

	if (!b->sum && is_zero(page))
		return (struct stamp){ .zero = true };
	for (i = 0; i < BLOCKS; i++) {
		demand(b[i].place == b->place && b[i].version == b->version && b[i].tag == b->tag &&
		       b[i].sum == sum_of(&b[i], i),
		       "%s: torn at block %u: place %#llx version %llu tag %llu, before %#llx %llu %llu",
		       what, i, (unsigned long long)b[i].place, (unsigned long long)b[i].version,
		       (unsigned long long)b[i].tag, (unsigned long long)b->place,
		       (unsigned long long)b->version, (unsigned long long)b->tag);
	}
	return (struct stamp){ b->place, b->version, b->tag, false };
}

bool stamp_is(const struct stamp *s, unsigned int owner, unsigned int number)
{
	return !s->zero && s->place == ((uint64_t)owner << 32 | number);
}

void zone_make(struct zone *z)
{
	unsigned int i;

	z->n = z->means->pages;
	z->pages = calloc(z->n, sizeof(*z->pages));
	demand(z->pages, "out of memory");
	z->version = 1;
	z->spare = small_pages(PAGE);
	z->means->make(z);
	for (i = 0; i < z->n; i++) {
		pthread_mutex_init(&z->pages[i].lock, NULL);
		stamp(zone_page(z, i), z->owner, i, 1, 0);
		z->pages[i].states[0] = (struct state){ WRITABLE, 1 };
	}
}

struct state zone_now(const struct zone *z, unsigned int i)
{
	return z->pages[i].states[z->pages[i].newest % HISTORY];
}

uint32_t zone_oldest(const struct zone *z, unsigned int i)
{
	return __atomic_load_n(&z->pages[i].oldest, __ATOMIC_SEQ_CST);
}

static uint32_t zone_newest(const struct zone *z, unsigned int i)
{
	return __atomic_load_n(&z->pages[i].newest, __ATOMIC_SEQ_CST);
}

void zone_begin(struct zone *z, unsigned int i, enum kind kind, uint32_t version)
{
	struct page *page = &z->pages[i];

	page->states[(page->newest + 1) % HISTORY] = (struct state){ kind, version };
	__atomic_store_n(&page->newest, page->newest + 1, __ATOMIC_SEQ_CST);
	tally(&z->tally->changes, 1);
}

void zone_end(struct zone *z, unsigned int i)
{
	__atomic_store_n(&z->pages[i].oldest, z->pages[i].newest, __ATOMIC_SEQ_CST);
}

/* More has happened since than is remembered. */
static bool forgotten(uint32_t lo, uint32_t hi)
{
	return hi - lo >= HISTORY - 1;
}

void zone_check_seen(struct zone *z, unsigned int i, uint32_t lo, const void *seen)
{
	uint32_t hi = zone_newest(z, i), s;
	struct stamp got = stamp_of(seen, "a page that was read");

	demand(got.zero || stamp_is(&got, z->owner, i), "page %u of %u holds %#llx of another", i,
	       z->owner, (unsigned long long)got.place);
	if (forgotten(lo, hi))
		return;
	for (s = lo; s != hi + 1; s++) {
		struct state state = z->pages[i].states[s % HISTORY];

		if (state.kind != GONE && (got.zero ? !state.version :
					   got.version == state.version && !got.tag))
			return;
	}
	demand(false, "page %u: version %llu tag %llu%s was seen between states %u and %u, of version %u and %u",
	       i, (unsigned long long)got.version, (unsigned long long)got.tag,
	       got.zero ? " (zeros)" : "", lo, hi, z->pages[i].states[lo % HISTORY].version,
	       z->pages[i].states[hi % HISTORY].version);
}

/* For who holds its lock. */
static void check_locked(struct zone *z, unsigned int i, uint32_t lo, uint64_t tag, bool done)
{
	struct page *page = &z->pages[i];
	struct state state = zone_now(z, i);
	struct stamp got;

	if (state.kind == GONE)
		return;
	got = stamp_of(zone_page(z, i), "a page that was written");
	if (stamp_is(&got, z->owner, i) && got.tag == tag) {
		page->tag = tag;
		return;
	}
	demand(!done || page->newest != lo, "page %u: the write of %llu is lost: tag %llu version %llu",
	       i, (unsigned long long)tag, (unsigned long long)got.tag,
	       (unsigned long long)got.version);
	if (got.zero ? !state.version : stamp_is(&got, z->owner, i) &&
	    (got.tag ? got.tag == page->tag : got.version == state.version))
		return;
	demand(false, "page %u: tag %llu version %llu place %#llx%s, of state %u (version %u), after %llu",
	       i, (unsigned long long)got.tag, (unsigned long long)got.version,
	       (unsigned long long)got.place, got.zero ? " (zeros)" : "", page->newest,
	       state.version, (unsigned long long)tag);
}

void zone_check_written(struct zone *z, unsigned int i, uint32_t lo, uint64_t tag, bool done)
{
	pthread_mutex_lock(&z->pages[i].lock);
	check_locked(z, i, lo, tag, done);
	pthread_mutex_unlock(&z->pages[i].lock);
}

bool zone_may_fault(struct zone *z, unsigned int i, uint32_t lo, bool write)
{
	uint32_t hi = zone_newest(z, i), s;

	if (forgotten(lo, hi))
		return true;
	for (s = lo; s != hi + 1; s++) {
		enum kind kind = z->pages[i].states[s % HISTORY].kind;

		if (kind == GONE || (write && kind == SEALED))
			return true;
	}
	return false;
}
