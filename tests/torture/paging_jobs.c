// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Commands on a zone: several in flight on each queue, and what came of them. */

#include "paging.h"

/* What takes long for each byte. */
#define MOST_SLOW	32
/* As many as the device faults in at once. */
#define HOT_PAGES	64

/**
 * struct job - a command
 * @work:	NULL: none in flight
 * @first:	of @n pages of the zone that it reads or writes
 * @from:	of those that it copies to these
 * @lo, @from_lo: their states before
 * @buffer:	what it reads them into, or writes to them
 * @packed:	the same, compressed, of @packed_size bytes
 * @mine:	of @num_mine target pages that no other job writes
 */
struct job {
	const struct work *work;
	unsigned int first, n, from;
	uint32_t lo[MOST_PAGES], from_lo[MOST_PAGES];
	uint8_t *buffer;
	uint8_t *packed;
	size_t packed_size;
	unsigned int mine, num_mine;
};

/* More than any zlib stream of so many bytes takes. */
#define PACKED_ROOM	((MOST_SLOW + 1) * PAGE)

/**
 * struct work - a kind of command
 * @start:	have it done
 * @check:	look what it did, or may have done before it failed
 * @most:	pages
 * @target:	it is on target pages
 * @writes:	and writes them
 */
struct work {
	void (*start)(struct worker *w, struct job *j);
	void (*check)(struct worker *w, struct job *j, const struct wc *wc);
	unsigned int most;
	bool target;
	bool writes;
};

static struct ibv_sge pages_of(struct worker *w, unsigned int first, unsigned int n)
{
	return here(&w->rig, zone_page(w->zone, first), n * PAGE);
}

/* Of copies: how many pages were done before it failed. */
static unsigned int pages_done(const struct job *j, const struct wc *wc)
{
	return wc->code == AXE_OK ? j->n : wc->result[1] / PAGE;
}

/*---- reading ----*/

static void post_read(struct worker *w, struct job *j)
{
	struct ibv_sge src = pages_of(w, j->first, j->n);
	struct ibv_sge dst = here(&w->rig, j->buffer, j->n * PAGE);

	axedv_wr_copy(w->rig.qx, &dst, &src);
}

static void check_read(struct worker *w, struct job *j, const struct wc *wc)
{
	unsigned int i;

	for (i = 0; i < pages_done(j, wc); i++)
		zone_check_seen(w->zone, j->first + i, j->lo[i], j->buffer + i * PAGE, true);
}

static void post_crc(struct worker *w, struct job *j)
{
	struct ibv_sge src = pages_of(w, j->first, j->n);

	axedv_wr_crc32(w->rig.qx, &src, 0);
}

static void check_crc(struct worker *w, struct job *j, const struct wc *wc)
{
	if (wc->code == AXE_OK)
		zone_check_crc(w->zone, j->first, j->n, j->lo, wc->result[0]);
}

static void post_pack(struct worker *w, struct job *j)
{
	struct ibv_sge src = pages_of(w, j->first, j->n);
	struct ibv_sge dst = here(&w->rig, j->packed, PACKED_ROOM);

	axedv_wr_compress(w->rig.qx, &dst, &src, AXE_FORMAT_ZLIB, 1, 0);
}

/* While there is no room for the output, the rest of a page may wait, and change. */
static void check_pack(struct worker *w, struct job *j, const struct wc *wc)
{
	unsigned int i;

	if (wc->code != AXE_OK)
		return;
	inflateReset(&w->unpack);
	w->unpack.next_in = j->packed;
	w->unpack.avail_in = wc->byte_len;
	w->unpack.next_out = j->buffer;
	w->unpack.avail_out = j->n * PAGE;
	demand(inflate(&w->unpack, Z_FINISH) == Z_STREAM_END && !w->unpack.avail_out,
	       "%u pages were compressed to %u bytes: %s", j->n, wc->byte_len, w->unpack.msg);
	for (i = 0; i < j->n; i++)
		zone_check_seen(w->zone, j->first + i, j->lo[i], j->buffer + i * PAGE, false);
}

/*---- writing ----*/

static void stamp_buffer(struct worker *w, struct job *j)
{
	unsigned int i;

	w->tag++;
	for (i = 0; i < j->n; i++)
		stamp(j->buffer + i * PAGE, w->zone->owner, zone_number(w->zone, j->first + i), 0,
		      w->tag);
}

static void post_write(struct worker *w, struct job *j)
{
	struct ibv_sge dst = pages_of(w, j->first, j->n);
	struct ibv_sge src = here(&w->rig, j->buffer, j->n * PAGE);

	axedv_wr_copy(w->rig.qx, &dst, &src);
}

static void make_write(struct worker *w, struct job *j)
{
	stamp_buffer(w, j);
	post_write(w, j);
}

static void check_writes(struct worker *w, struct job *j, const struct wc *wc, struct write *what)
{
	unsigned int i;

	for (i = 0; i < j->n; i++) {
		what->lo = j->lo[i];
		what->done = i < pages_done(j, wc);
		if (what->bytes)
			what->bytes = j->buffer + i * PAGE;
		what->from = j->from + i;
		what->from_lo = j->from_lo[i];
		zone_check_written(w->zone, j->first + i, what);
	}
}

static void check_write(struct worker *w, struct job *j, const struct wc *wc)
{
	check_writes(w, j, wc, &(struct write){ .bytes = j->buffer, .whole = true });
}

static void post_unpack(struct worker *w, struct job *j)
{
	struct ibv_sge dst = pages_of(w, j->first, j->n);
	struct ibv_sge src = here(&w->rig, j->packed, j->packed_size);

	axedv_wr_decompress(w->rig.qx, &dst, &src, AXE_FORMAT_ZLIB, 0);
}

static void make_unpack(struct worker *w, struct job *j)
{
	stamp_buffer(w, j);
	deflateReset(&w->pack);
	w->pack.next_in = j->buffer;
	w->pack.avail_in = j->n * PAGE;
	w->pack.next_out = j->packed;
	w->pack.avail_out = PACKED_ROOM;
	demand(deflate(&w->pack, Z_FINISH) == Z_STREAM_END, "deflate: %s", w->pack.msg);
	j->packed_size = PACKED_ROOM - w->pack.avail_out;
	post_unpack(w, j);
}

static void check_unpack(struct worker *w, struct job *j, const struct wc *wc)
{
	check_writes(w, j, wc, &(struct write){ .bytes = j->buffer });
}

static void post_move(struct worker *w, struct job *j)
{
	struct ibv_sge dst = pages_of(w, j->first, j->n);
	struct ibv_sge src = pages_of(w, j->from, j->n);

	axedv_wr_copy(w->rig.qx, &dst, &src);
}

static void check_move(struct worker *w, struct job *j, const struct wc *wc)
{
	check_writes(w, j, wc, &(struct write){ .whole = true });
}

static const struct work works[] = {
	{ post_read, check_read, MOST_PAGES, false, false },
	{ post_crc, check_crc, 256, false, false },
	{ post_pack, check_pack, MOST_SLOW, false, false },
	/* What it will write: so the device knows the page, and maybe not as one to write. */
	{ post_read, check_read, MOST_PAGES, true, false },
	{ make_write, check_write, MOST_PAGES, true, true },
	/* Twice, for pages are held for longest. */
	{ make_unpack, check_unpack, MOST_SLOW, true, true },
	{ make_unpack, check_unpack, MOST_SLOW, true, true },
	{ post_move, check_move, MOST_PAGES, true, true },
};

/*---- a queue full of them ----*/

static struct aim *aim_of(struct worker *w, struct job *j)
{
	return &w->zone->aims[w->index * DEPTH + (j - w->jobs)];
}

/* From one page to 4 MiB; most often less than 256 KiB. */
static unsigned int draw_pages(struct worker *w, uint64_t *rnd, unsigned int most)
{
	unsigned int a = torture_below(rnd, 11), b = torture_below(rnd, 11);
	unsigned int n = 1 << (a < b ? a : b);

	if (w->zone->means->most && most > w->zone->means->most)
		most = w->zone->means->most;
	n += torture_below(rnd, n);
	return n < most ? n : most;
}

/* Many commands meet on a few pages: that these change just when they are faulted in is likely. */
static unsigned int draw_source(struct worker *w, uint64_t *rnd, unsigned int n)
{
	unsigned int half = w->zone->n / 2, steady = half - w->zone->means->fragile;

	if (n <= HOT_PAGES && torture_below(rnd, 2))
		return torture_below(rnd, HOT_PAGES - n + 1);
	if (n <= steady && torture_below(rnd, 4))
		return torture_below(rnd, steady - n + 1);
	return torture_below(rnd, half - n + 1);
}

static void job_draw(struct worker *w, struct job *j, uint64_t *rnd)
{
	const struct work *work = &works[torture_below(rnd, ARRAY_SIZE(works))];
	unsigned int most = work->target && j->num_mine < work->most ? j->num_mine : work->most;
	unsigned int i;

	j->work = work;
	if (most > w->zone->n / 2)
		most = w->zone->n / 2;
	j->n = draw_pages(w, rnd, most);
	j->from = draw_source(w, rnd, j->n);
	j->first = work->target ? j->mine + torture_below(rnd, j->num_mine - j->n + 1) : j->from;
	for (i = 0; i < j->n; i++) {
		j->lo[i] = zone_oldest(w->zone, j->first + i);
		j->from_lo[i] = zone_oldest(w->zone, j->from + i);
	}
}

static void job_post(struct worker *w, struct job *j)
{
	struct aim *aim = aim_of(w, j);

	aim->first = j->first;
	aim->n = j->n;
	__atomic_store_n(&aim->seq, ++w->rig.next_id, __ATOMIC_RELEASE);
	rig_begin(&w->rig, j - w->jobs, 0);
	j->work->start(w, j);
	rig_end(&w->rig);
	tally(&w->zone->tally->commands, 1);
}

/* Is it a page of these that could not be had? Its number among them, or -1. */
static int page_at(struct worker *w, const struct wc *wc, unsigned int first, unsigned int n)
{
	uint64_t offset = wc->result[0] - (uintptr_t)zone_page(w->zone, first);

	return offset < n * PAGE ? (int)(offset / PAGE) : -1;
}

static void check_failed(struct worker *w, struct job *j, const struct wc *wc)
{
	bool moves = j->work->start == post_move;
	int at = page_at(w, wc, j->first, j->n), from = page_at(w, wc, j->from, j->n);

	demand(wc->code == AXE_ERR_FAULT, "code %s", axedv_code_str(wc->code));
	if (at >= 0) {
		demand(zone_may_fault(w->zone, j->first + at, j->lo[at], j->work->writes),
		       "page %u could be had", j->first + at);
	} else {
		demand(moves && from >= 0, "a fault at %#llx, which is not of the command",
		       (unsigned long long)wc->result[0]);
		demand(zone_may_fault(w->zone, j->from + from, j->from_lo[from], false),
		       "page %u could be had", j->from + from);
		at = from;
	}
	if (j->work->start == post_read || j->work->writes)
		demand(wc->result[1] / PAGE == (unsigned int)at, "%llu bytes were done up to page %u",
		       (unsigned long long)wc->result[1], at);
	tally(&w->zone->tally->faults, 1);
}

static void job_done(struct worker *w, struct job *j, const struct wc *wc)
{
	__atomic_store_n(&aim_of(w, j)->seq, 0, __ATOMIC_RELEASE);
	if (wc->code == AXE_OK)
		tally(&w->zone->tally->done, 1);
	else
		check_failed(w, j, wc);
	j->work->check(w, j, wc);
	j->work = NULL;
}

void *worker(void *arg)
{
	struct worker *w = arg;
	uint64_t rnd = torture_state(w->zone->run, 100 * w->zone->owner + w->index);
	unsigned int i, busy = 0, posted = 0;

	do {
		for (i = 0; i < DEPTH; i++) {
			if (w->jobs[i].work ||
			    (!torture_goes_on(w->zone->run) && posted >= AT_LEAST))
				continue;
			posted++;
			job_draw(w, &w->jobs[i], &rnd);
			job_post(w, &w->jobs[i]);
			busy++;
		}
		if (busy) {
			struct wc wc = rig_wait(&w->rig);

			demand(wc.wr_id < DEPTH && w->jobs[wc.wr_id].work, "a completion of %llu",
			       (unsigned long long)wc.wr_id);
			job_done(w, &w->jobs[wc.wr_id], &wc);
			busy--;
		}
	} while (busy);
	return NULL;
}

/* Half of the pages, a quarter, an eighth, and one more. */
static void share_pages(struct worker *w)
{
	unsigned int i, first = w->first, left = w->n;

	for (i = 0; i < DEPTH; i++) {
		w->jobs[i].mine = first;
		w->jobs[i].num_mine = i < DEPTH - 1 ? left / 2 : left;
		first += w->jobs[i].num_mine;
		left -= w->jobs[i].num_mine;
	}
}

void worker_open(struct worker *w, const struct rig_options *options)
{
	unsigned int i;

	w->jobs = calloc(DEPTH, sizeof(*w->jobs));
	demand(w->jobs, "out of memory");
	for (i = 0; i < DEPTH; i++) {
		w->jobs[i].buffer = small_pages(MOST_PAGES * PAGE);
		w->jobs[i].packed = small_pages(PACKED_ROOM);
	}
	share_pages(w);
	/* Memory that is mapped later might be where a page is gone. */
	demand(deflateInit2(&w->pack, 1, Z_DEFLATED, 15, 8, Z_HUFFMAN_ONLY) == Z_OK &&
	       inflateInit(&w->unpack) == Z_OK, "zlib");
	w->tag = (uint64_t)(w->index + 1) << 32;
	rig_open(&w->rig, options);
}

void worker_close(struct worker *w)
{
	rig_close(&w->rig);
	deflateEnd(&w->pack);
	inflateEnd(&w->unpack);
}
