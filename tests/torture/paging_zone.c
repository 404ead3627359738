// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Pages, their states, and what may be seen of them. */

#include "paging.h"

/*---- stamps ----*/

struct block {
	uint64_t place;
	uint64_t version;
	uint64_t tag;
	uint64_t sum;
};

#define BLOCKS	(PAGE / sizeof(struct block))

void stamp(void *page, unsigned int owner, unsigned int number, uint32_t version, uint64_t tag)
{
	uint64_t place = (uint64_t)owner << 32 | number;
	uint64_t state = place ^ (uint64_t)version << 20 ^ tag << 40;
	uint64_t sum = torture_rnd(&state);
	struct block *b = page;
	unsigned int i;

	for (i = 0; i < BLOCKS; i++)
		b[i] = (struct block){ place, version, tag, sum + i * 0x9e3779b97f4a7c15 };
}

const char *stamp_text(const void *page)
{
	static __thread char text[256];
	const struct block *b = page;
	unsigned int i;

	for (i = 1; i < BLOCKS && b[i].place == b->place && b[i].version == b->version &&
	     b[i].tag == b->tag; i++)
		;
	snprintf(text, sizeof(text), "page %u of %u, version %llu, tag %#llx up to block %u of %u",
		 (unsigned int)b->place, (unsigned int)(b->place >> 32),
		 (unsigned long long)b->version, (unsigned long long)b->tag, i,
		 (unsigned int)BLOCKS);
	return text;
}

/*---- states ----*/

/* The second half, which commands write. */
static bool is_target(const struct zone *z, unsigned int i)
{
	return i >= z->n / 2;
}

unsigned int zone_number(const struct zone *z, unsigned int i)
{
	return i >> z->means->twins;
}

bool zone_is_fragile(const struct zone *z, unsigned int i)
{
	return i % (z->n / 2) >= z->n / 2 - z->means->fragile;
}

bool zone_may_seal(const struct zone *z, unsigned int i)
{
	return zone_is_fragile(z, i) || !is_target(z, i);
}

void zone_make(struct zone *z)
{
	uint8_t *left = pages(z->n / 2 * PAGE);
	unsigned int i;

	z->version = 1;
	z->spare = small_pages(MOST_RUN * PAGE);
	z->means->make(z);
	for (i = 0; i < z->n; i++) {
		struct page *page = &z->pages[i];

		pthread_mutex_init(&page->lock, NULL);
		stamp(zone_page(z, i), z->owner, zone_number(z, i), 1, 0);
		page->states[0] = (struct state){ WRITABLE, 1, 0 };
		page->left_epoch = UINT32_MAX;
		if (is_target(z, i))
			page->left = left + (i - z->n / 2) * PAGE;
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

static void begin_one(struct zone *z, unsigned int i, enum kind kind, uint32_t version)
{
	struct state now = zone_now(z, i);
	struct page *page = &z->pages[i];

	if (kind != AS_IT_WAS)
		now.kind = kind;
	if (version != SAME) {
		now.version = version;
		now.epoch++;
	}
	page->states[(page->newest + 1) % HISTORY] = now;
	__atomic_store_n(&page->newest, page->newest + 1, __ATOMIC_SEQ_CST);
}

void zone_begin(struct zone *z, unsigned int i, unsigned int n, enum kind kind, uint32_t version)
{
	unsigned int k;

	for (k = i; k < i + n; k++)
		begin_one(z, k, kind, version);
}

void zone_end(struct zone *z, unsigned int i, unsigned int n)
{
	unsigned int k;

	for (k = i; k < i + n; k++)
		__atomic_store_n(&z->pages[k].oldest, z->pages[k].newest, __ATOMIC_SEQ_CST);
}

/* More has happened since than is remembered: nothing can be said. */
static bool forgotten(struct zone *z, uint32_t lo, uint32_t hi)
{
	if (hi - lo < HISTORY - 1)
		return false;
	tally(&z->tally->unknown, 1);
	return true;
}

/*---- what was seen ----*/

static const uint8_t zeros[PAGE];

/* What the page holds in that state; @buffer: a page to put it. */
static const uint8_t *content(const struct zone *z, unsigned int i, const struct state *s,
			      uint8_t *buffer)
{
	const struct page *page = &z->pages[i];

	if (page->left && page->left_epoch == s->epoch)
		return page->left;
	if (!s->version)
		return zeros;
	stamp(buffer, z->owner, zone_number(z, i), s->version, 0);
	return buffer;
}

static bool is_of_one(const struct zone *z, unsigned int i, uint32_t lo, uint32_t hi,
		      const uint8_t *seen)
{
	uint8_t buffer[PAGE];
	uint32_t s;

	for (s = lo; s != hi + 1; s++) {
		const struct state *state = &z->pages[i].states[s % HISTORY];

		if (state->kind != GONE && !memcmp(seen, content(z, i, state, buffer), PAGE))
			return true;
	}
	return false;
}

/* Of several states, each going on where the one before ends. */
static bool is_of_some(const struct zone *z, unsigned int i, uint32_t lo, uint32_t hi,
		       const uint8_t *seen)
{
	uint8_t buffer[PAGE];
	unsigned int at = 0;
	uint32_t s;

	for (s = lo; s != hi + 1 && at < PAGE; s++) {
		const struct state *state = &z->pages[i].states[s % HISTORY];
		const uint8_t *is = content(z, i, state, buffer);

		while (state->kind != GONE && at < PAGE && seen[at] == is[at])
			at++;
	}
	return at == PAGE;
}

static bool may_be(struct zone *z, unsigned int i, uint32_t lo, const void *seen, bool whole)
{
	uint32_t hi = zone_newest(z, i);

	return is_of_one(z, i, lo, hi, seen) || (!whole && is_of_some(z, i, lo, hi, seen)) ||
	       forgotten(z, lo, hi);
}

void zone_check_seen(struct zone *z, unsigned int i, uint32_t lo, const void *seen, bool whole)
{
	uint32_t hi = zone_newest(z, i);

	demand(may_be(z, i, lo, seen, whole),
	       "page %u of %u, versions %u to %u (states %u to %u), was read as %s", i, z->owner,
	       z->pages[i].states[lo % HISTORY].version, z->pages[i].states[hi % HISTORY].version,
	       lo, hi, stamp_text(seen));
}

static bool may_be_crc(struct zone *z, unsigned int i, unsigned int end, const uint32_t *lo,
		       const uint32_t *hi, uint32_t crc, uint32_t wanted)
{
	/* Done with before the next page's turn. */
	static __thread uint8_t buffer[PAGE];
	uint32_t s;

	if (i == end)
		return crc == wanted;
	for (s = *lo; s != *hi + 1; s++) {
		const struct state *state = &z->pages[i].states[s % HISTORY];

		if (state->kind != GONE &&
		    may_be_crc(z, i + 1, end, lo + 1, hi + 1,
			       crc32_z(crc, content(z, i, state, buffer), PAGE), wanted))
			return true;
	}
	return false;
}

#define MOST_WAYS 64

void zone_check_crc(struct zone *z, unsigned int first, unsigned int n, const uint32_t *lo,
		    uint32_t crc)
{
	uint32_t hi[MOST_PAGES];
	unsigned int i, ways = 1;

	for (i = 0; i < n && ways <= MOST_WAYS; i++) {
		hi[i] = zone_newest(z, first + i);
		ways *= hi[i] - lo[i] + 1;
	}
	if (ways > MOST_WAYS)
		tally(&z->tally->unknown, n);
	else
		demand(may_be_crc(z, first, first + n, lo, hi, 0, crc),
		       "the CRC of %u pages from %u is none of %u", n, first, ways);
}

/*---- what was written ----*/

static bool could_write(struct zone *z, unsigned int i, uint32_t lo, uint32_t hi)
{
	uint32_t s;

	for (s = lo; s != hi + 1; s++) {
		enum kind kind = z->pages[i].states[s % HISTORY].kind;

		if (kind == WRITABLE || kind == EITHER)
			return true;
	}
	return forgotten(z, lo, hi);
}

bool zone_may_fault(struct zone *z, unsigned int i, uint32_t lo, bool write)
{
	uint32_t hi = zone_newest(z, i), s;

	for (s = lo; s != hi + 1; s++) {
		enum kind kind = z->pages[i].states[s % HISTORY].kind;

		if (kind == GONE || (write && kind != WRITABLE))
			return true;
	}
	return forgotten(z, lo, hi);
}

static bool is_mixed(const uint8_t *got, const uint8_t *a, const uint8_t *b)
{
	unsigned int k;

	for (k = 0; k < PAGE && (got[k] == a[k] || got[k] == b[k]); k++)
		;
	return k == PAGE;
}

static bool is_written(struct zone *z, const struct write *w, const uint8_t *got)
{
	if (w->bytes)
		return !memcmp(got, w->bytes, PAGE);
	return may_be(z, w->from, w->from_lo, got, true);
}

/* For who holds its lock. */
static void check_locked(struct zone *z, unsigned int i, const struct write *w)
{
	struct page *page = &z->pages[i];
	struct state now = zone_now(z, i);
	bool must = w->done && page->newest - w->lo < HISTORY - 1 &&
		    page->states[w->lo % HISTORY].epoch == now.epoch;
	uint8_t got[PAGE], buffer[PAGE];
	const uint8_t *was;

	demand(!w->done || could_write(z, i, w->lo, page->newest),
	       "page %u was written, and could not be", i);
	if (now.kind == GONE)
		return;
	was = content(z, i, &now, buffer);
	memcpy(got, zone_page(z, i), PAGE);
	if (!is_written(z, w, got)) {
		demand(!must, "page %u: a write is lost: it is %s", i, stamp_text(got));
		demand(!memcmp(got, was, PAGE) || (!w->whole && is_mixed(got, was, w->bytes)),
		       "page %u of %u (version %u, state %u, before %u) is %s", i, z->owner,
		       now.version, page->newest, w->lo, stamp_text(got));
	}
	memcpy(page->left, got, PAGE);
	page->left_epoch = now.epoch;
}

void zone_check_written(struct zone *z, unsigned int i, const struct write *w)
{
	pthread_mutex_lock(&z->pages[i].lock);
	check_locked(z, i, w);
	pthread_mutex_unlock(&z->pages[i].lock);
}

void zone_check(struct zone *z)
{
	uint8_t buffer[PAGE];
	unsigned int i;

	for (i = 0; i < z->n; i++) {
		struct state now = zone_now(z, i);

		demand(now.kind == GONE || !memcmp(zone_page(z, i), content(z, i, &now, buffer), PAGE),
		       "at the end page %u (version %u) is %s", i, now.version,
		       stamp_text(zone_page(z, i)));
	}
}

/*---- nests ----*/

/* No zone has such a number. */
#define NEST_OWNER	1000

void nest_make(struct zone *z)
{
	z->nest.p = small_pages(NEST_PAGES * PAGE);
}

static void nest_look(struct zone *z, unsigned int i)
{
	uint8_t *p = z->nest.p + i * PAGE, is[PAGE];

	if (!z->nest.versions[i])
		return;
	stamp(is, NEST_OWNER + z->owner, i, z->nest.versions[i], 0);
	demand(!memcmp(p, is, PAGE), "page %u of a nest of %u was written: it is %s", i, z->owner,
	       stamp_text(p));
}

void nest_open(struct zone *z, unsigned int n)
{
	unsigned int i, k;

	for (k = 0; k < n; k++) {
		i = (z->nest.next + k) % NEST_PAGES;
		nest_look(z, i);
		z->nest.versions[i] = 0;
		demand(!madvise(z->nest.p + i * PAGE, PAGE, MADV_DONTNEED), "MADV_DONTNEED");
	}
}

void nest_settle(struct zone *z, unsigned int n)
{
	while (n--) {
		unsigned int i = z->nest.next++ % NEST_PAGES;

		z->nest.versions[i] = ++z->nest.version;
		stamp(z->nest.p + i * PAGE, NEST_OWNER + z->owner, i, z->nest.version, 0);
	}
}

void nest_check(struct zone *z)
{
	unsigned int i;

	for (i = 0; i < NEST_PAGES; i++)
		nest_look(z, i);
}
