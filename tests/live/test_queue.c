// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The accelerator queue: order, fences, links, signals, states, doorbells. */

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>

#include <zlib.h>

#include "common.h"
#include "vectors.h"

/*---- a command that takes a while ----*/

#define SLOW_SIZE (2 * MIB)

static uint8_t *slow_src, *slow_dst;

static void slow_make(void)
{
	if (slow_src)
		return;
	slow_src = pages(SLOW_SIZE);
	slow_dst = pages(2 * SLOW_SIZE);
	fill_text(slow_src, SLOW_SIZE, 1);
	memset(slow_dst, 0, 2 * SLOW_SIZE);
}

/* About a second. */
static void post_slow(struct rig *r, uint64_t id, unsigned int flags)
{
	struct ibv_sge src, dst;

	slow_make();
	src = here(r, slow_src, SLOW_SIZE);
	dst = here(r, slow_dst, 2 * SLOW_SIZE);
	post(r, id, flags, compress, &dst, &src, AXE_FORMAT_ZLIB, 9, 0);
}

static bool is_valid(const struct axe_result *record)
{
	return __atomic_load_n(&record->valid, __ATOMIC_ACQUIRE);
}

static void await_record(const struct axe_result *record)
{
	uint64_t end = now_ms() + DEADLINE_MS;

	while (!is_valid(record)) {
		demand(now_ms() < end, "no result record within %d ms", DEADLINE_MS);
		sched_yield();
	}
}

/* Records for several commands. */
static struct axe_result *records(unsigned int n)
{
	struct axe_result *r = pages(PAGE);

	demand(n <= PAGE / sizeof(*r), "too many records");
	return r;
}

static void post_nop(struct rig *r, uint64_t id, unsigned int flags, struct axe_result *record)
{
	rig_begin(r, id, flags);
	axedv_wr_nop(r->qx);
	if (record)
		axedv_wr_set_result(r->qx, r->mr->lkey, record);
	rig_end(r);
}

/* A command that fails. */
static void post_bad(struct rig *r, uint64_t id, unsigned int flags)
{
	struct ibv_sge src = { .addr = 4096, .length = 8, .lkey = 0xdeadbe };

	post(r, id, flags, crc32, &src, 0);
}

static struct wc expect(struct rig *r, uint64_t id, enum axe_code code)
{
	struct wc wc = rig_wait_for(r, id);

	demand(wc.code == code && wc.status == status_of(code), "%llu: code %d (%s)",
	       (unsigned long long)id, wc.code, axedv_code_str(wc.code));
	return wc;
}

/*---- modes and order ----*/

struct way {
	enum axe_queue_mode mode;
	unsigned int flags;
};

#define COUNT 240

/* Commands of all sizes, many under way: each completes once, right, in order if so. */
static void mixed_commands(void **state)
{
	struct way *way = *state;
	struct rig r;
	uint8_t *src = pages(MIB), *dst = pages(MIB);
	uint32_t expected[COUNT];
	bool seen[COUNT] = {};
	unsigned int posted = 0, done = 0, overtaken = 0;

	rig_open(&r, &(struct rig_options){ .mode = way->mode, .flags = way->flags, .lanes = 4 });
	fill_noise(src, MIB, 5);
	while (done < COUNT) {
		struct wc wc;

		while (posted < COUNT && posted - done < 64) {
			size_t length = posted % 5 ? posted * 7919 % 20000 : posted * 7919 % 300000;
			struct ibv_sge s = here(&r, src + posted, length), d;

			expected[posted] = crc32_z(0, src + posted, length);
			rig_begin(&r, posted, IBV_SEND_SIGNALED);
			if (posted % 7 == 3) {
				d = here(&r, dst, length);
				axedv_wr_copy(r.qx, &d, &s);
			} else if (posted % 7 == 5) {
				axedv_wr_nop(r.qx);
			} else {
				axedv_wr_crc32(r.qx, &s, 0);
			}
			rig_end(&r);
			posted++;
		}
		wc = rig_wait(&r);
		assert_done(wc);
		assert_in_range(wc.wr_id, 0, COUNT - 1);
		demand(!seen[wc.wr_id], "%llu completes twice", (unsigned long long)wc.wr_id);
		seen[wc.wr_id] = true;
		if (wc.op == AXE_OP_CRC32)
			assert_int_equal(wc.result[0], expected[wc.wr_id]);
		overtaken += wc.wr_id != done;
		done++;
	}
	rig_expect_empty(&r);
	if (!(way->flags & AXE_QUEUE_UNORDERED))
		assert_int_equal(overtaken, 0);
	print_message("# %u of %u out of their place\n", overtaken, COUNT);
	rig_close(&r);
	munmap(src, MIB);
	munmap(dst, MIB);
}

/* The second runs while the first does; told of after it. */
static void order__side_by_side(void **state)
{
	struct axe_result *rec = records(3);
	struct rig r;
	struct wc wc;
	unsigned int i;

	rig_open(&r, &(struct rig_options){ .mode = AXE_QUEUE_WORKER, .lanes = 2 });
	post_slow(&r, 1, IBV_SEND_SIGNALED);
	for (i = 0; i < 3; i++)
		post_nop(&r, 2 + i, IBV_SEND_SIGNALED, &rec[i]);
	for (i = 0; i < 3; i++)
		await_record(&rec[i]);
	demand(!rig_poll(&r, &wc), "%llu is told of while the first still runs (or that was too quick)",
	       (unsigned long long)wc.wr_id);
	for (i = 0; i < 4; i++)
		expect(&r, 1 + i, AXE_OK);
	rig_close(&r);
	munmap(rec, PAGE);
}

static void order__unordered_overtakes(void **state)
{
	struct rig r;

	rig_open(&r, &(struct rig_options){
		.mode = AXE_QUEUE_WORKER, .lanes = 2, .flags = AXE_QUEUE_UNORDERED });
	post_slow(&r, 1, IBV_SEND_SIGNALED);
	post_nop(&r, 2, IBV_SEND_SIGNALED, NULL);
	post_nop(&r, 3, IBV_SEND_SIGNALED, NULL);
	expect(&r, 2, AXE_OK);
	expect(&r, 3, AXE_OK);
	rig_expect_empty(&r);
	expect(&r, 1, AXE_OK);
	rig_close(&r);
}

static void lanes__one_runs_one_at_a_time(void **state)
{
	struct axe_result *rec = records(1);
	struct rig r;
	struct wc wc;

	rig_open(&r, &(struct rig_options){
		.mode = AXE_QUEUE_WORKER, .lanes = 1, .flags = AXE_QUEUE_UNORDERED });
	post_slow(&r, 1, IBV_SEND_SIGNALED);
	post_nop(&r, 2, IBV_SEND_SIGNALED, rec);
	await_record(rec);
	demand(rig_poll(&r, &wc) && wc.wr_id == 1, "the second ran beside the first");
	expect(&r, 2, AXE_OK);
	rig_close(&r);
	munmap(rec, PAGE);
}

/* The default: what is tiny and alone is done when posting returns. */
static void auto__tiny_runs_in_the_doorbell(void **state)
{
	uint8_t *p = pages(PAGE);
	struct ibv_sge src;
	uint64_t wakeups;
	struct rig r;
	struct wc wc;
	unsigned int i;

	rig_open(&r, NULL);
	src = here(&r, p, PAGE);
	wakeups = counter(r.device, "wakeups");
	for (i = 0; i < 50; i++) {
		post(&r, i, IBV_SEND_SIGNALED, crc32, &src, 0);
		demand(rig_poll(&r, &wc) && wc.wr_id == i, "not done when posted");
	}
	assert_int_equal(counter(r.device, "wakeups"), wakeups);
	/* What takes longer is not. */
	post_slow(&r, 77, IBV_SEND_SIGNALED);
	demand(!rig_poll(&r, &wc), "a long command ran in the doorbell");
	assert_in_range(counter(r.device, "wakeups"), wakeups + 1, UINT64_MAX);
	expect(&r, 77, AXE_OK);
	rig_close(&r);
	munmap(p, PAGE);
}

static void inline__all_runs_in_the_doorbell(void **state)
{
	uint64_t wakeups;
	struct rig r;
	struct wc wc;

	rig_open(&r, &(struct rig_options){ .mode = AXE_QUEUE_INLINE });
	wakeups = counter(r.device, "wakeups");
	post_slow(&r, 1, IBV_SEND_SIGNALED);
	demand(rig_poll(&r, &wc) && wc.wr_id == 1, "not done when posted");
	assert_int_equal(counter(r.device, "wakeups"), wakeups);
	rig_close(&r);
}

/*---- fence and link ----*/

static void fence__waits_for_all_before(void **state)
{
	struct axe_result *rec = records(3);
	struct rig r;
	struct wc wc;
	unsigned int i;

	rig_open(&r, &(struct rig_options){
		.mode = AXE_QUEUE_WORKER, .lanes = 4, .flags = AXE_QUEUE_UNORDERED });
	post_slow(&r, 1, IBV_SEND_SIGNALED);
	post_nop(&r, 2, IBV_SEND_SIGNALED, &rec[0]);
	post_nop(&r, 3, IBV_SEND_SIGNALED | IBV_SEND_FENCE, &rec[1]);
	post_nop(&r, 4, IBV_SEND_SIGNALED, &rec[2]);
	/* The one before the fence need not wait. */
	await_record(&rec[0]);
	expect(&r, 2, AXE_OK);
	demand(!is_valid(&rec[1]), "the fence did not hold");
	/* Nor does one behind it pass. */
	demand(!is_valid(&rec[2]), "a command jumped the fence");
	await_record(&rec[1]);
	demand(rig_poll(&r, &wc) && wc.wr_id == 1, "behind the fence before all was done");
	for (i = 0; i < 2; i++) {
		wc = rig_wait(&r);
		assert_done(wc);
		assert_in_range(wc.wr_id, 3, 4);
	}
	rig_close(&r);
	munmap(rec, PAGE);
}

/* What a fenced command reads, the ones before it have written. */
static void fence__sees_what_was_written(void **state)
{
	size_t size = 200 * KIB;
	uint8_t *a = pages(size), *b = pages(size), *c = pages(size);
	struct ibv_sge sa, sb, sc;
	struct rig r;
	unsigned int i, k;

	rig_open(&r, &(struct rig_options){
		.mode = AXE_QUEUE_WORKER, .lanes = 4, .flags = AXE_QUEUE_UNORDERED });
	sa = here(&r, a, size);
	sb = here(&r, b, size);
	sc = here(&r, c, size);
	for (i = 0; i < 20; i++) {
		fill_noise(a, size, i);
		post(&r, 1, IBV_SEND_SIGNALED, copy, &sb, &sa);
		post(&r, 2, IBV_SEND_SIGNALED | IBV_SEND_FENCE, copy, &sc, &sb);
		post(&r, 3, IBV_SEND_SIGNALED | IBV_SEND_FENCE, fill, &sb, "\0", 1);
		for (k = 0; k < 3; k++)
			assert_done(rig_wait(&r));
		assert_memory_equal(a, c, size);
	}
	rig_close(&r);
	munmap(a, size);
	munmap(b, size);
	munmap(c, size);
}

static void link__chain(void **state)
{
	size_t size = 200 * KIB;
	uint8_t *p[5];
	struct ibv_sge s[5];
	struct rig r;
	unsigned int i, k;

	rig_open(&r, &(struct rig_options){
		.mode = AXE_QUEUE_WORKER, .lanes = 4, .flags = AXE_QUEUE_UNORDERED });
	for (k = 0; k < 5; k++) {
		p[k] = pages(size);
		s[k] = here(&r, p[k], size);
	}
	for (i = 0; i < 20; i++) {
		fill_noise(p[0], size, i);
		for (k = 0; k < 4; k++)
			post(&r, k, IBV_SEND_SIGNALED | (k ? AXEDV_SEND_LINK : 0), copy, &s[k + 1], &s[k]);
		for (k = 0; k < 4; k++)
			expect(&r, k, AXE_OK);
		assert_memory_equal(p[0], p[4], size);
		memset(p[4], 0, size);
	}
	for (k = 0; k < 5; k++)
		munmap(p[k], size);
	rig_close(&r);
}

/* Unlike a fence, it only waits for the one before. */
static void link__waits_for_one_only(void **state)
{
	struct axe_result *rec = records(2);
	struct rig r;
	struct wc wc;

	rig_open(&r, &(struct rig_options){
		.mode = AXE_QUEUE_WORKER, .lanes = 4, .flags = AXE_QUEUE_UNORDERED });
	post_slow(&r, 1, IBV_SEND_SIGNALED);
	post_nop(&r, 2, IBV_SEND_SIGNALED, &rec[0]);
	post_nop(&r, 3, IBV_SEND_SIGNALED | AXEDV_SEND_LINK, &rec[1]);
	await_record(&rec[1]);
	assert_true(is_valid(&rec[0]));
	expect(&r, 2, AXE_OK);
	expect(&r, 3, AXE_OK);
	demand(!rig_poll(&r, &wc), "the first was too quick to tell");
	expect(&r, 1, AXE_OK);
	rig_close(&r);
	munmap(rec, PAGE);
}

static void link__failure_flushes_the_chain(void **state)
{
	struct way *way = *state;
	struct rig r;
	unsigned int i;

	rig_open(&r, &(struct rig_options){ .mode = way->mode, .flags = way->flags,
					    .unsignaled = true, .lanes = 2 });
	for (i = 0; i < 20; i++) {
		post_nop(&r, 1, IBV_SEND_SIGNALED, NULL);
		post_bad(&r, 2, IBV_SEND_SIGNALED | AXEDV_SEND_LINK);
		post_nop(&r, 3, IBV_SEND_SIGNALED | AXEDV_SEND_LINK, NULL);
		/* Nobody asked to be told of this one, unless it fails. */
		post_nop(&r, 4, AXEDV_SEND_LINK, NULL);
		post_nop(&r, 5, IBV_SEND_SIGNALED, NULL);
		post_nop(&r, 6, IBV_SEND_SIGNALED | AXEDV_SEND_LINK, NULL);
		expect(&r, 1, AXE_OK);
		expect(&r, 2, AXE_ERR_KEY);
		expect(&r, 3, AXE_ERR_LINKED);
		expect(&r, 4, AXE_ERR_LINKED);
		expect(&r, 5, AXE_OK);
		expect(&r, 6, AXE_OK);
	}
	rig_expect_empty(&r);
	rig_close(&r);
}

/* One that the check refused has failed as well as one that ran. */
static void link__to_a_refused_command(void **state)
{
	struct axe_cmd bad = { .opcode = 999 };
	struct way *way = *state;
	struct rig r;

	rig_open(&r, &(struct rig_options){ .mode = way->mode, .flags = way->flags });
	/* The first of all has nobody to be linked to. */
	post_nop(&r, 1, IBV_SEND_SIGNALED | AXEDV_SEND_LINK, NULL);
	expect(&r, 1, AXE_OK);
	post(&r, 2, IBV_SEND_SIGNALED, cmd, &bad, NULL);
	post_nop(&r, 3, IBV_SEND_SIGNALED | AXEDV_SEND_LINK, NULL);
	expect(&r, 2, AXE_ERR_OPCODE);
	expect(&r, 3, AXE_ERR_LINKED);
	/* Also long after. */
	post_bad(&r, 4, IBV_SEND_SIGNALED);
	expect(&r, 4, AXE_ERR_KEY);
	post_nop(&r, 5, IBV_SEND_SIGNALED | AXEDV_SEND_LINK, NULL);
	expect(&r, 5, AXE_ERR_LINKED);
	post_nop(&r, 6, IBV_SEND_SIGNALED, NULL);
	expect(&r, 6, AXE_OK);
	rig_close(&r);
}

/* A flushed command has a record too: who polls memory must not wait for ever. */
static void link__flushed_record(void **state)
{
	struct axe_result *rec = records(1);
	struct way *way = *state;
	struct rig r;

	rig_open(&r, &(struct rig_options){ .mode = way->mode, .flags = way->flags });
	post_bad(&r, 1, IBV_SEND_SIGNALED);
	post_nop(&r, 2, IBV_SEND_SIGNALED | AXEDV_SEND_LINK, rec);
	expect(&r, 1, AXE_ERR_KEY);
	expect(&r, 2, AXE_ERR_LINKED);
	demand(is_valid(rec), "no record of a flushed command");
	assert_int_equal(rec->code, AXE_ERR_LINKED);
	assert_int_equal(rec->status, IBV_WC_WR_FLUSH_ERR);
	rig_close(&r);
	munmap(rec, PAGE);
}

/*---- signals ----*/

static void signal__only_what_was_asked_for(void **state)
{
	struct way *way = *state;
	struct rig r;
	unsigned int i;

	rig_open(&r, &(struct rig_options){ .mode = way->mode, .flags = way->flags,
					    .unsignaled = true, .lanes = 1 });
	for (i = 0; i < 200; i++)
		post_nop(&r, i, i % 50 == 49 ? IBV_SEND_SIGNALED : 0, NULL);
	for (i = 49; i < 200; i += 50)
		expect(&r, i, AXE_OK);
	/* An error is told, asked for or not. */
	post_nop(&r, 1000, 0, NULL);
	post_bad(&r, 1001, 0);
	post_nop(&r, 1002, 0, NULL);
	post_nop(&r, 1003, IBV_SEND_SIGNALED, NULL);
	expect(&r, 1001, AXE_ERR_KEY);
	expect(&r, 1003, AXE_OK);
	rig_expect_empty(&r);
	rig_close(&r);
}

static void solicited__wakes_only_who_is_meant(void **state)
{
	struct ibv_cq *cq, *got;
	void *context;
	struct rig r;

	rig_open(&r, &(struct rig_options){ .mode = AXE_QUEUE_INLINE });
	cq = ibv_cq_ex_to_cq(r.cq);
	assert_int_equal(ibv_req_notify_cq(cq, 1), 0);
	post_nop(&r, 1, IBV_SEND_SIGNALED, NULL);
	assert_false(await_readable(r.channel->fd, 0));
	post_nop(&r, 2, IBV_SEND_SIGNALED | IBV_SEND_SOLICITED, NULL);
	assert_true(await_readable(r.channel->fd, DEADLINE_MS));
	assert_int_equal(ibv_get_cq_event(r.channel, &got, &context), 0);
	ibv_ack_cq_events(got, 1);
	assert_ptr_equal(got, cq);
	/* Once only. */
	post_nop(&r, 3, IBV_SEND_SIGNALED | IBV_SEND_SOLICITED, NULL);
	assert_false(await_readable(r.channel->fd, 0));
	/* A failure counts as solicited. */
	assert_int_equal(ibv_req_notify_cq(cq, 1), 0);
	post_nop(&r, 4, IBV_SEND_SIGNALED, NULL);
	assert_false(await_readable(r.channel->fd, 0));
	post_bad(&r, 5, IBV_SEND_SIGNALED);
	assert_true(await_readable(r.channel->fd, DEADLINE_MS));
	assert_int_equal(ibv_get_cq_event(r.channel, &got, &context), 0);
	ibv_ack_cq_events(got, 1);
	/* To ask for any, then for a solicited one, is to ask for any. */
	assert_int_equal(ibv_req_notify_cq(cq, 0), 0);
	assert_int_equal(ibv_req_notify_cq(cq, 1), 0);
	post_nop(&r, 6, IBV_SEND_SIGNALED, NULL);
	assert_true(await_readable(r.channel->fd, DEADLINE_MS));
	assert_int_equal(ibv_get_cq_event(r.channel, &got, &context), 0);
	ibv_ack_cq_events(got, 1);
	rig_close(&r);
}

/*---- a full ring ----*/

static void ring__full(void **state)
{
	struct rig r;
	unsigned int posted = 0, i;
	int ret;

	rig_open(&r, &(struct rig_options){
		.mode = AXE_QUEUE_WORKER, .lanes = 1, .depth = 16 });
	post_slow(&r, posted++, IBV_SEND_SIGNALED);
	do {
		rig_begin(&r, posted, IBV_SEND_SIGNALED);
		axedv_wr_nop(r.qx);
		ret = ibv_wr_complete(r.qx);
		posted += !ret;
		demand(posted < 1000, "never full (or the first was too quick)");
	} while (!ret);
	assert_int_equal(ret, ENOMEM);
	/* max_send_wr of them are promised. */
	assert_in_range(posted, 16, 999);
	/* Nor does a batch go half in. */
	rig_begin(&r, 5000, IBV_SEND_SIGNALED);
	for (i = 0; i < 3; i++)
		axedv_wr_nop(r.qx);
	assert_int_equal(ibv_wr_complete(r.qx), ENOMEM);

	for (i = 0; i < posted; i++)
		expect(&r, i, AXE_OK);
	rig_expect_empty(&r);
	/* And on it goes. */
	for (i = 0; i < 100; i++) {
		post_nop(&r, i, IBV_SEND_SIGNALED, NULL);
		expect(&r, i, AXE_OK);
	}
	rig_close(&r);
}

/* Indices of 32 bits and a ring of few slots: many times around. */
static void ring__goes_round(void **state)
{
	struct axe_result *rec = records(4);
	struct rig r;
	unsigned int i;

	rig_open(&r, &(struct rig_options){ .mode = AXE_QUEUE_INLINE, .depth = 1 });
	for (i = 0; i < 3000; i++) {
		post_nop(&r, i, IBV_SEND_SIGNALED, i % 3 ? NULL : &rec[i % 4]);
		expect(&r, i, AXE_OK);
		if (i % 3 == 0)
			assert_int_equal(rec[i % 4].wr_id, i);
	}
	rig_close(&r);
	munmap(rec, PAGE);
}

/*---- result records ----*/

static void result__stored_in_memory(void **state)
{
	struct axe_result *rec = records(2);
	struct way *way = *state;
	struct ibv_sge src, dst;
	uint8_t *p = pages(64 * KIB);
	struct rig r;
	struct wc wc;

	rig_open(&r, &(struct rig_options){ .mode = way->mode, .flags = way->flags,
					    .unsignaled = true });
	src = here(&r, p, 30000);
	dst = here(&r, p + 32768, 30000);
	fill_text(p, 30000, 1);
	memset(rec, 0xff, sizeof(*rec));
	rec->valid = 0;
	/* Nobody is told but the memory. */
	rig_begin(&r, 0x1122334455667788, 0);
	axedv_wr_compress(r.qx, &dst, &src, AXE_FORMAT_ZLIB, 6, 0);
	axedv_wr_set_result(r.qx, r.mr->lkey, rec);
	rig_end(&r);
	await_record(rec);
	assert_int_equal(rec->valid, 1);
	assert_int_equal(rec->code, AXE_OK);
	assert_int_equal(rec->status, IBV_WC_SUCCESS);
	assert_true(rec->wr_id == 0x1122334455667788);
	assert_int_equal(rec->result[0], adler32_z(1, p, 30000));
	assert_int_equal(rec->result[1], 30000);
	assert_in_range(rec->byte_len, 100, 29999);
	assert_int_equal(zlib_inflate(AXE_FORMAT_ZLIB, slow_src, 30000, p + 32768, rec->byte_len),
			 30000);

	/* Of a failure too, and then there is a completion. */
	rec->valid = 0;
	src.lkey = 1;
	rig_begin(&r, 5, 0);
	axedv_wr_crc32(r.qx, &src, 0);
	axedv_wr_set_result(r.qx, r.mr->lkey, rec);
	rig_end(&r);
	wc = rig_wait_for(&r, 5);
	assert_code(wc, AXE_ERR_KEY);
	assert_true(is_valid(rec));
	assert_int_equal(rec->code, AXE_ERR_KEY);
	assert_int_equal(rec->status, IBV_WC_LOC_PROT_ERR);
	assert_int_equal(rec->wr_id, 5);
	rig_expect_empty(&r);
	rig_close(&r);
	munmap(p, 64 * KIB);
	munmap(rec, PAGE);
}

static struct wc nop_with_record(struct rig *r, uint32_t key, void *record)
{
	rig_begin(r, 9, IBV_SEND_SIGNALED);
	axedv_wr_nop(r->qx);
	axedv_wr_set_result(r->qx, key, record);
	rig_end(r);
	return rig_wait_for(r, 9);
}

static void result__bad_record(void **state)
{
	struct way *way = *state;
	uint8_t *p = small_pages(4 * PAGE);
	struct ibv_mr *mr;
	struct rig r;
	struct wc wc;

	rig_open(&r, &(struct rig_options){ .mode = way->mode, .flags = way->flags });
	munmap(p + PAGE, PAGE);
	wc = nop_with_record(&r, r.mr->lkey, p + PAGE + 64);
	assert_code(wc, AXE_ERR_FAULT);
	assert_int_equal(wc.result[0], (uintptr_t)p + PAGE + 64);
	assert_code(nop_with_record(&r, r.mr->lkey, p + 16), AXE_ERR_PARAM);
	assert_code(nop_with_record(&r, r.mr->lkey, p + 1), AXE_ERR_PARAM);
	assert_code(nop_with_record(&r, 0x1234, p), AXE_ERR_KEY);
	assert_code(nop_with_record(&r, r.mr->lkey, (void *)-64UL), AXE_ERR_FAULT);
	mr = ibv_reg_mr(r.pd, p, PAGE, IBV_ACCESS_ON_DEMAND);
	assert_non_null(mr);
	assert_code(nop_with_record(&r, mr->lkey, p), AXE_ERR_ACCESS);
	wc = nop_with_record(&r, mr->lkey, p + 2 * PAGE);
	assert_true(wc.code == AXE_ERR_ACCESS || wc.code == AXE_ERR_RANGE);
	assert_int_equal(ibv_dereg_mr(mr), 0);
	assert_int_equal(p[0], 0);
	assert_queue_works(&r);
	rig_close(&r);
	munmap(p, 4 * PAGE);
}

/* An extension that is there for nothing; one that says more than this kernel knows. */
static void ext__bytes_that_mean_nothing(void **state)
{
	struct axe_cmd cmd = { .opcode = AXE_OP_NOP, .ext = 1 };
	struct axe_cmd_ext ext = {};
	struct rig r;
	unsigned int i;

	rig_open(&r, NULL);
	assert_done(run_cmd(&r, &cmd, &ext));
	for (i = 0; i < sizeof(ext); i++) {
		((uint8_t *)&ext)[i] = 1;
		assert_code(run_cmd(&r, &cmd, &ext), AXE_ERR_RESERVED);
		((uint8_t *)&ext)[i] = 0;
	}
	cmd.flags = AXE_CMD_RESULT;
	assert_code(run_cmd(&r, &cmd, &ext), AXE_ERR_PARAM);
	ext.result.length = 64;
	assert_code(run_cmd(&r, &cmd, &ext), AXE_ERR_PARAM);
	assert_queue_works(&r);
	rig_close(&r);
}

/*---- capsules: nothing but standard verbs ----*/

struct plain {
	struct ibv_context *ctx;
	struct ibv_pd *pd;
	struct ibv_mr *mr;
	struct ibv_cq *cq;
	struct ibv_qp *qp;
};

static void plain_open(struct plain *v)
{
	struct ibv_qp_init_attr attr = {
		.qp_type = IBV_QPT_DRIVER, .sq_sig_all = 1, .cap.max_send_wr = 32,
		.cap.max_send_sge = 4,
	};

	v->ctx = open_device(default_device());
	assert_non_null(v->ctx);
	v->pd = ibv_alloc_pd(v->ctx);
	v->mr = ibv_reg_mr(v->pd, NULL, SIZE_MAX, IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_ON_DEMAND);
	assert_non_null(v->mr);
	v->cq = ibv_create_cq(v->ctx, 64, NULL, NULL, 0);
	assert_non_null(v->cq);
	attr.send_cq = attr.recv_cq = v->cq;
	v->qp = ibv_create_qp(v->pd, &attr);
	assert_non_null(v->qp);
	assert_in_range(attr.cap.max_send_wr, 32, 1 << 20);
}

static void plain_close(struct plain *v)
{
	assert_int_equal(ibv_destroy_qp(v->qp), 0);
	assert_int_equal(ibv_destroy_cq(v->cq), 0);
	assert_int_equal(ibv_dereg_mr(v->mr), 0);
	assert_int_equal(ibv_dealloc_pd(v->pd), 0);
	assert_int_equal(ibv_close_device(v->ctx), 0);
}

static struct ibv_wc plain_wait(struct plain *v)
{
	uint64_t end = now_ms() + DEADLINE_MS;
	struct ibv_wc wc;
	int n;

	while (!(n = ibv_poll_cq(v->cq, 1, &wc))) {
		demand(now_ms() < end, "no completion");
		sched_yield();
	}
	demand(n == 1, "ibv_poll_cq: %d", n);
	return wc;
}

static void capsule__compress_and_errors(void **state)
{
	struct plain v;
	uint8_t *p = pages(64 * KIB);
	struct axe_cmd cmd = { .opcode = AXE_OP_COMPRESS, .op.deflate.format = AXE_FORMAT_GZIP };
	struct ibv_sge sge = { (uintptr_t)&cmd, sizeof(cmd), 0 };
	struct ibv_send_wr wr = { .wr_id = 42, .sg_list = &sge, .num_sge = 1,
				  .opcode = IBV_WR_SEND }, *bad;
	struct ibv_wc wc;

	plain_open(&v);
	fill_text(p, 30000, 3);
	cmd.src = (struct axe_buf){ (uintptr_t)p, 30000, v.mr->lkey };
	cmd.dst = (struct axe_buf){ (uintptr_t)p + 32768, 32768, v.mr->lkey };
	assert_int_equal(ibv_post_send(v.qp, &wr, &bad), 0);
	wc = plain_wait(&v);
	assert_int_equal(wc.status, IBV_WC_SUCCESS);
	assert_int_equal(wc.opcode, IBV_WC_SEND);
	assert_int_equal(wc.wr_id, 42);
	assert_int_equal(wc.vendor_err, AXE_OK);
	assert_int_equal(wc.qp_num, v.qp->qp_num);
	assert_int_equal(zlib_inflate(AXE_FORMAT_GZIP, slow_src, 30000, p + 32768, wc.byte_len),
			 30000);
	assert_memory_equal(slow_src, p, 30000);

	/* An error has its code, and the queue goes on. */
	cmd.dst.length = 10;
	wr.send_flags = IBV_SEND_INLINE;
	assert_int_equal(ibv_post_send(v.qp, &wr, &bad), 0);
	wc = plain_wait(&v);
	assert_int_equal(wc.status, IBV_WC_LOC_LEN_ERR);
	assert_int_equal(wc.vendor_err, AXE_ERR_FULL);
	cmd.dst = (struct axe_buf){};
	cmd.opcode = AXE_OP_CRC32;
	cmd.op.deflate.format = 0;
	assert_int_equal(ibv_post_send(v.qp, &wr, &bad), 0);
	assert_int_equal(plain_wait(&v).status, IBV_WC_SUCCESS);
	plain_close(&v);
	munmap(p, 64 * KIB);
}

static void capsule__with_result_record(void **state)
{
	struct {
		struct axe_cmd cmd;
		struct axe_cmd_ext ext;
	} capsule = { .cmd = { .opcode = AXE_OP_CRC32C, .ext = 1, .flags = AXE_CMD_RESULT } };
	struct axe_result *rec = records(1);
	struct plain v;
	uint8_t *p = pages(PAGE);
	/* Gathered from three places. */
	struct ibv_sge sge[3] = {
		{ (uintptr_t)&capsule, 10, 0 }, { (uintptr_t)&capsule + 10, 60, 0 },
		{ (uintptr_t)&capsule + 70, 58, 0 },
	};
	struct ibv_send_wr wr = { .wr_id = 43, .sg_list = sge, .num_sge = 3,
				  .opcode = IBV_WR_SEND }, *bad;
	struct ibv_wc wc;

	plain_open(&v);
	fill_noise(p, PAGE, 3);
	capsule.cmd.src = (struct axe_buf){ (uintptr_t)p, PAGE, v.mr->lkey };
	capsule.ext.result = (struct axe_buf){ (uintptr_t)rec, sizeof(*rec), v.mr->lkey };
	assert_int_equal(ibv_post_send(v.qp, &wr, &bad), 0);
	wc = plain_wait(&v);
	assert_int_equal(wc.status, IBV_WC_SUCCESS);
	assert_int_equal(wc.opcode, IBV_WC_SEND);
	assert_int_equal(rec->valid, 1);
	assert_int_equal(rec->wr_id, 43);
	assert_int_equal(rec->result[0], crc32c(0, p, PAGE));
	plain_close(&v);
	munmap(p, PAGE);
	munmap(rec, PAGE);
}

static void capsule__wrong_size_or_kind(void **state)
{
	static const unsigned int sizes[] = { 0, 1, 63, 65, 127, 129, 192, 4096 };
	struct plain v;
	uint8_t *p = pages(PAGE);
	struct ibv_sge sge = { (uintptr_t)p, 64, 0 };
	struct ibv_send_wr wr[3], *bad;
	unsigned int i;

	plain_open(&v);
	for (i = 0; i < 3; i++)
		wr[i] = (struct ibv_send_wr) { .wr_id = i, .sg_list = &sge, .num_sge = 1,
					       .opcode = IBV_WR_SEND };
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		sge.length = sizes[i];
		assert_int_equal(ibv_post_send(v.qp, wr, &bad), EINVAL);
		assert_ptr_equal(bad, wr);
	}
	sge.length = 64;
	wr->num_sge = 0;
	assert_int_equal(ibv_post_send(v.qp, wr, &bad), EINVAL);
	wr->num_sge = 1;
	/* The command says that a second slot follows, and none does. */
	((struct axe_cmd *)p)->ext = 1;
	assert_int_equal(ibv_post_send(v.qp, wr, &bad), EINVAL);
	((struct axe_cmd *)p)->ext = 0;
	for (i = 0; i < 12; i++) {
		wr->opcode = i;
		if (i != IBV_WR_SEND)
			assert_int_equal(ibv_post_send(v.qp, wr, &bad), EINVAL);
	}
	wr->opcode = IBV_WR_SEND;
	wr->send_flags = 1 << 15;
	assert_int_equal(ibv_post_send(v.qp, wr, &bad), EINVAL);
	wr->send_flags = 0;

	/* Of three the second is bad: the first is posted. */
	wr[0].next = &wr[1];
	wr[1].next = &wr[2];
	wr[1].opcode = IBV_WR_RDMA_READ;
	assert_int_equal(ibv_post_send(v.qp, wr, &bad), EINVAL);
	assert_ptr_equal(bad, &wr[1]);
	assert_int_equal(plain_wait(&v).wr_id, 0);
	assert_int_equal(ibv_poll_cq(v.cq, 1, &(struct ibv_wc){}), 0);
	/* Nothing can be received. */
	assert_int_not_equal(ibv_post_recv(v.qp, &(struct ibv_recv_wr){},
					   &(struct ibv_recv_wr *){ NULL }), 0);
	plain_close(&v);
	munmap(p, PAGE);
}

/* The same through ibv_wr_send() of an extended QP. */
static void capsule__through_the_new_interface(void **state)
{
	struct axe_cmd cmd = { .opcode = AXE_OP_NOP };
	struct ibv_qp_init_attr_ex attr = {
		.qp_type = IBV_QPT_DRIVER, .cap.max_send_wr = 4, .sq_sig_all = 1,
		.comp_mask = IBV_QP_INIT_ATTR_PD | IBV_QP_INIT_ATTR_SEND_OPS_FLAGS,
		.send_ops_flags = IBV_QP_EX_WITH_SEND,
	};
	struct ibv_qp_ex *qx;
	struct ibv_qp *qp;
	struct plain v;
	struct ibv_wc wc;

	plain_open(&v);
	attr.pd = v.pd;
	attr.send_cq = attr.recv_cq = v.cq;
	qp = ibv_create_qp_ex(v.ctx, &attr);
	assert_non_null(qp);
	qx = ibv_qp_to_qp_ex(qp);
	ibv_wr_start(qx);
	qx->wr_id = 1;
	qx->wr_flags = 0;
	ibv_wr_send(qx);
	ibv_wr_set_sge(qx, 0, (uintptr_t)&cmd, sizeof(cmd));
	qx->wr_id = 2;
	ibv_wr_send(qx);
	ibv_wr_set_inline_data(qx, &cmd, sizeof(cmd));
	assert_int_equal(ibv_wr_complete(qx), 0);
	wc = plain_wait(&v);
	assert_int_equal(wc.wr_id, 1);
	assert_int_equal(wc.opcode, IBV_WC_SEND);
	assert_int_equal(plain_wait(&v).wr_id, 2);
	/* A send without its payload. */
	ibv_wr_start(qx);
	ibv_wr_send(qx);
	assert_int_equal(ibv_wr_complete(qx), EINVAL);
	assert_int_equal(ibv_destroy_qp(qp), 0);
	plain_close(&v);
}

/*---- states ----*/

static int modify(struct rig *r, enum ibv_qp_state next)
{
	struct ibv_qp_attr attr = { .qp_state = next, .port_num = 1 };
	int mask = IBV_QP_STATE;

	if (next == IBV_QPS_INIT)
		mask |= IBV_QP_PKEY_INDEX | IBV_QP_PORT;
	return ibv_modify_qp(r->qp, &attr, mask);
}

static enum ibv_qp_state state_of(struct rig *r)
{
	struct ibv_qp_init_attr init;
	struct ibv_qp_attr attr;

	assert_int_equal(ibv_query_qp(r->qp, &attr, IBV_QP_STATE, &init), 0);
	return attr.qp_state;
}

static void bring_up(struct rig *r)
{
	assert_int_equal(modify(r, IBV_QPS_RESET), 0);
	assert_int_equal(modify(r, IBV_QPS_INIT), 0);
	assert_int_equal(modify(r, IBV_QPS_RTR), 0);
	assert_int_equal(modify(r, IBV_QPS_RTS), 0);
	assert_int_equal(state_of(r), IBV_QPS_RTS);
}

static void state__walk_from_reset_to_rts(void **state)
{
	struct rig r;

	rig_open(&r, NULL);
	/* Usable as it comes ... */
	assert_int_equal(state_of(&r), IBV_QPS_RTS);
	rig_close_queue(&r);
	/* ... and for code that takes it for a QP as any other. */
	rig_open_queue(&r, NULL);
	assert_int_equal(modify(&r, IBV_QPS_INIT), 0);
	assert_int_equal(state_of(&r), IBV_QPS_INIT);
	rig_begin(&r, 1, IBV_SEND_SIGNALED);
	axedv_wr_nop(r.qx);
	assert_int_equal(ibv_wr_complete(r.qx), EINVAL);
	assert_int_equal(modify(&r, IBV_QPS_RTR), 0);
	assert_int_equal(modify(&r, IBV_QPS_RTS), 0);
	assert_queue_works(&r);
	bring_up(&r);
	assert_queue_works(&r);
	/* No way back without a reset, and not to states that it has not. */
	assert_int_equal(modify(&r, IBV_QPS_INIT), EINVAL);
	assert_int_equal(modify(&r, IBV_QPS_RTR), EINVAL);
	assert_int_not_equal(modify(&r, IBV_QPS_SQD), 0);
	assert_int_equal(state_of(&r), IBV_QPS_RTS);
	assert_queue_works(&r);
	rig_close(&r);
}

static void state__error_flushes(void **state)
{
	struct way *way = *state;
	struct rig r;
	unsigned int i, flushed = 0, n = 20;

	rig_open(&r, &(struct rig_options){ .mode = way->mode, .flags = way->flags,
					    .lanes = 1, .unsignaled = true });
	if (way->mode != AXE_QUEUE_INLINE)
		post_slow(&r, 0, IBV_SEND_SIGNALED);
	else
		post_nop(&r, 0, IBV_SEND_SIGNALED, NULL);
	for (i = 1; i < n; i++)
		post_nop(&r, i, IBV_SEND_SIGNALED, NULL);
	assert_int_equal(modify(&r, IBV_QPS_ERR), 0);
	assert_int_equal(state_of(&r), IBV_QPS_ERR);
	/* Every command has its completion, in order; none is lost. */
	for (i = 0; i < n; i++) {
		struct wc wc = rig_wait_for(&r, i);

		if (wc.code != AXE_OK) {
			assert_code(wc, AXE_ERR_FLUSHED);
			flushed++;
		}
	}
	if (way->mode != AXE_QUEUE_INLINE)
		assert_int_equal(flushed, n);
	/* What is posted now, too; asked for or not. */
	post_nop(&r, 100, IBV_SEND_SIGNALED, NULL);
	post_nop(&r, 101, 0, NULL);
	post_slow(&r, 102, 0);
	expect(&r, 100, AXE_ERR_FLUSHED);
	expect(&r, 101, AXE_ERR_FLUSHED);
	expect(&r, 102, AXE_ERR_FLUSHED);
	rig_expect_empty(&r);
	bring_up(&r);
	assert_queue_works(&r);
	rig_close(&r);
}

static void state__reset_forgets(void **state)
{
	struct way *way = *state;
	struct rig r;
	struct wc wc;
	unsigned int i, k;

	rig_open(&r, &(struct rig_options){ .mode = way->mode, .flags = way->flags, .lanes = 2 });
	for (k = 0; k < 5; k++) {
		if (way->mode != AXE_QUEUE_INLINE)
			post_slow(&r, 0, IBV_SEND_SIGNALED);
		for (i = 1; i < 30; i++)
			post_nop(&r, i, IBV_SEND_SIGNALED, NULL);
		assert_int_equal(modify(&r, IBV_QPS_RESET), 0);
		assert_int_equal(state_of(&r), IBV_QPS_RESET);
		/* What was done before is in the CQ; afterwards nothing comes. */
		while (rig_poll(&r, &wc))
			;
		bring_up(&r);
		rig_expect_empty(&r);
		assert_queue_works(&r);
		/* Nobody to be linked to. */
		post_bad(&r, 50, IBV_SEND_SIGNALED);
		expect(&r, 50, AXE_ERR_KEY);
		bring_up(&r);
		post_nop(&r, 51, IBV_SEND_SIGNALED | AXEDV_SEND_LINK, NULL);
		expect(&r, 51, AXE_OK);
	}
	rig_close(&r);
}

/* Out at once, although there is work for minutes. */
static void destroy__with_commands_in_flight(void **state)
{
	struct way *way = *state;
	uint8_t *zeros = mmap(NULL, GIB, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			      -1, 0);
	struct ibv_sge src, dst;
	uint64_t start;
	struct rig r;
	unsigned int i;

	slow_make();
	rig_open(&r, &(struct rig_options){ .mode = way->mode, .flags = way->flags });
	src = here(&r, zeros, GIB);
	dst = here(&r, slow_dst, 2 * SLOW_SIZE);
	for (i = 0; i < 50; i++)
		post(&r, i, IBV_SEND_SIGNALED, compress, &dst, &src, AXE_FORMAT_RAW, 9, 0);
	start = now_ms();
	rig_close(&r);
	print_message("# closed in %llu ms\n", (unsigned long long)(now_ms() - start));
	assert_in_range(now_ms() - start, 0, 5000);
	munmap(zeros, GIB);
}

static void create__bad_parameters(void **state)
{
	struct rig r;
	struct ibv_qp_init_attr_ex attr, good;
	struct axedv_qp_init_attr axe = {};
	struct ibv_device_attr device;
	struct ibv_qp *qp;

	rig_open(&r, NULL);
	assert_int_equal(ibv_query_device(r.ctx, &device), 0);
	good = (struct ibv_qp_init_attr_ex) {
		.qp_type = IBV_QPT_DRIVER, .send_cq = ibv_cq_ex_to_cq(r.cq),
		.cap.max_send_wr = 8, .comp_mask = IBV_QP_INIT_ATTR_PD, .pd = r.pd,
	};
#define REFUSED(error, ...)						\
	do {								\
		attr = good;						\
		axe = (struct axedv_qp_init_attr) {};			\
		__VA_ARGS__;						\
		qp = axedv_create_qp(r.ctx, &attr, &axe);		\
		demand(!qp && errno == (error), #__VA_ARGS__);		\
	} while (0)

	REFUSED(EINVAL, axe.comp_mask = 1 << 5);
	REFUSED(EINVAL, (axe.comp_mask = AXEDV_QP_INIT_ATTR_MODE, axe.mode = 4));
	REFUSED(EOPNOTSUPP, (axe.comp_mask = AXEDV_QP_INIT_ATTR_FLAGS, axe.flags = 2));
	REFUSED(EINVAL, (axe.comp_mask = AXEDV_QP_INIT_ATTR_LANES, axe.lanes = 10000));
	REFUSED(EINVAL, (axe.comp_mask = AXEDV_QP_INIT_ATTR_POLL_USECS, axe.poll_usecs = 1 << 30));
	REFUSED(EINVAL, (axe.comp_mask = AXEDV_QP_INIT_ATTR_ENGINE, axe.engine = 77));
	REFUSED(EINVAL, (axe.comp_mask = AXEDV_QP_INIT_ATTR_ENGINE, axe.engine = UINT32_MAX));
	REFUSED(EINVAL, attr.cap.max_send_wr = device.max_qp_wr + 1);
	REFUSED(EINVAL, attr.qp_type = IBV_QPT_RC);
	REFUSED(EINVAL, attr.send_cq = NULL);
	REFUSED(EINVAL, attr.comp_mask = 0);
	REFUSED(EINVAL, attr.cap.max_inline_data = 129);

	/* As much as it says it can. */
	attr = good;
	attr.cap.max_send_wr = device.max_qp_wr;
	qp = axedv_create_qp(r.ctx, &attr, NULL);
	assert_non_null(qp);
	assert_int_equal(ibv_destroy_qp(qp), 0);
	/* The engine that there is, by its name. */
	attr = good;
	axe = (struct axedv_qp_init_attr) { .comp_mask = AXEDV_QP_INIT_ATTR_ENGINE, .engine = 0 };
	qp = axedv_create_qp(r.ctx, &attr, &axe);
	assert_non_null(qp);
	assert_int_equal(ibv_destroy_qp(qp), 0);
	assert_queue_works(&r);
	rig_close(&r);
}

static void create__many(void **state)
{
	static struct ibv_qp *qps[300];
	struct rig r;
	struct ibv_qp_init_attr_ex attr;
	unsigned int i, k;

	rig_open(&r, &(struct rig_options){ .cqe = 1024 });
	attr = (struct ibv_qp_init_attr_ex) {
		.qp_type = IBV_QPT_DRIVER, .send_cq = ibv_cq_ex_to_cq(r.cq), .sq_sig_all = 1,
		.cap.max_send_wr = 8, .comp_mask = IBV_QP_INIT_ATTR_PD, .pd = r.pd,
	};
	for (i = 0; i < ARRAY_SIZE(qps); i++) {
		struct ibv_qp_ex *qx;

		qps[i] = axedv_create_qp(r.ctx, &attr, NULL);
		assert_non_null(qps[i]);
		qx = ibv_qp_to_qp_ex(qps[i]);
		ibv_wr_start(qx);
		qx->wr_id = i;
		qx->wr_flags = 0;
		axedv_wr_nop(qx);
		assert_int_equal(ibv_wr_complete(qx), 0);
	}
	for (i = 0; i < ARRAY_SIZE(qps); i++) {
		struct wc wc = rig_wait(&r);

		assert_done(wc);
		/* All on one CQ: the number tells whose it is; no number twice. */
		assert_int_equal(wc.qp_num, qps[wc.wr_id]->qp_num);
		for (k = 0; k < i; k++)
			assert_int_not_equal(qps[k]->qp_num, qps[i]->qp_num);
	}
	for (i = 0; i < ARRAY_SIZE(qps); i++)
		assert_int_equal(ibv_destroy_qp(qps[i]), 0);
	rig_close(&r);
}

/*---- a broken ring ----*/

static int doorbell_fd(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *e;
	int fd = -1;

	demand(dir, "/proc/self/fd");
	while ((e = readdir(dir))) {
		char link[PATH_MAX];
		ssize_t n = readlinkat(dirfd(dir), e->d_name, link, sizeof(link) - 1);

		if (n > 0 && (link[n] = 0, strstr(link, "axe_doorbell")))
			fd = atoi(e->d_name);
	}
	closedir(dir);
	demand(fd >= 0, "no doorbell");
	return fd;
}

static ssize_t ring(struct rig *r)
{
	struct axe_doorbell bell = { .qp_num = r->qp->qp_num };

	return write(doorbell_fd(), &bell, sizeof(bell));
}

static void broken(struct rig *r, struct rig *neighbour)
{
	ring(r);
	demand(await_async(r->ctx, IBV_EVENT_QP_FATAL, DEADLINE_MS), "no event of a broken ring");
	assert_int_equal(state_of(r), IBV_QPS_ERR);
	/* One event a break. */
	ring(r);
	assert_false(await_async(r->ctx, IBV_EVENT_QP_FATAL, 0));
	assert_queue_works(neighbour);
	/* Until it is reset. */
	assert_int_equal(modify(r, IBV_QPS_RESET), 0);
	bring_up(r);
	assert_queue_works(r);
}

static void broken__runaway_tail(void **state)
{
	static const uint32_t tails[] = { 257, 1000, 0x7fffffff, 0x80000000, 0xffffffff };
	struct way *way = *state;
	struct rig r, neighbour;
	unsigned int i;

	rig_open(&neighbour, NULL);
	rig_open(&r, &(struct rig_options){ .mode = way->mode, .flags = way->flags, .depth = 128 });
	assert_int_equal(r.sq_ring->slots, 256);
	for (i = 0; i < ARRAY_SIZE(tails); i++) {
		assert_queue_works(&r);
		__atomic_store_n(&r.sq_ring->tail, r.sq_ring->head + tails[i], __ATOMIC_SEQ_CST);
		broken(&r, &neighbour);
	}
	rig_close(&r);
	rig_close(&neighbour);
}

static void broken__unknown_version(void **state)
{
	struct way *way = *state;
	struct rig r, neighbour;
	unsigned int i;

	rig_open(&neighbour, NULL);
	rig_open(&r, &(struct rig_options){ .mode = way->mode, .flags = way->flags });
	for (i = 0; i < 3; i++) {
		r.sq_ring->version = (uint32_t[]){ 0, 2, 0xffffffff }[i];
		/* What is behind it is not looked at. */
		__atomic_store_n(&r.sq_ring->tail, r.sq_ring->head + 1, __ATOMIC_SEQ_CST);
		broken(&r, &neighbour);
		rig_expect_empty(&r);
	}
	rig_close(&r);
	rig_close(&neighbour);
}

/* What belongs to the device, the process may write: it only misleads itself. */
static void broken__device_fields_are_only_told(void **state)
{
	struct rig r;

	rig_open(&r, &(struct rig_options){ .mode = AXE_QUEUE_WORKER });
	assert_queue_works(&r);
	r.sq_ring->head = 12345;
	r.sq_ring->slots = 1 << 30;
	r.sq_ring->flags = 0;
	r.cq_ring->entries = 1 << 30;
	ring(&r);
	assert_int_equal(modify(&r, IBV_QPS_RESET), 0);
	bring_up(&r);
	assert_queue_works(&r);
	rig_close(&r);
}

/* A command at the ring's end claims an extension that is not posted. */
static void broken__extension_not_posted(void **state)
{
	struct rig r;
	struct axe_cmd *slot;
	struct wc wc;

	rig_open(&r, NULL);
	slot = (void *)r.sq_ring + AXE_RING_ENTRIES + (r.sq_ring->tail & 255) * AXE_SLOT_SIZE;
	*slot = (struct axe_cmd) { .opcode = AXE_OP_NOP, .ext = 1, .wr_id = 5 };
	__atomic_store_n(&r.sq_ring->tail, r.sq_ring->tail + 1, __ATOMIC_SEQ_CST);
	assert_int_equal(ring(&r), sizeof(struct axe_doorbell));
	wc = rig_wait_for(&r, 5);
	assert_code(wc, AXE_ERR_RESERVED);
	rig_close(&r);
	/* More of them than there can be. */
	rig_open(&r, NULL);
	slot = (void *)r.sq_ring + AXE_RING_ENTRIES + (r.sq_ring->tail & 255) * AXE_SLOT_SIZE;
	slot[0] = (struct axe_cmd) { .opcode = AXE_OP_NOP, .ext = 200, .wr_id = 6 };
	slot[1] = (struct axe_cmd) { .opcode = AXE_OP_NOP, .wr_id = 7 };
	__atomic_store_n(&r.sq_ring->tail, r.sq_ring->tail + 2, __ATOMIC_SEQ_CST);
	ring(&r);
	wc = rig_wait_for(&r, 6);
	assert_code(wc, AXE_ERR_RESERVED);
	rig_close(&r);
}

/*---- doorbells ----*/

static void doorbell__bad_writes(void **state)
{
	struct axe_doorbell bells[3] = {}, *volatile nowhere = (void *)16;
	struct rig r;
	int fd;

	rig_open(&r, NULL);
	fd = doorbell_fd();
	bells[0].qp_num = r.qp->qp_num;
	assert_int_equal(write(fd, bells, 8), 8);
	bells[0].reserved = 1;
	assert_int_equal(write(fd, bells, 8), -1);
	assert_int_equal(errno, EINVAL);
	bells[0].reserved = 0;
	bells[0].qp_num = 0xffffff;
	assert_int_equal(write(fd, bells, 8), -1);
	assert_int_equal(errno, EINVAL);
	bells[0].qp_num = r.qp->qp_num;
	assert_int_equal(write(fd, bells, 0), -1);
	assert_int_equal(write(fd, bells, 7), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(write(fd, nowhere, 8), -1);
	assert_int_equal(errno, EFAULT);
	assert_int_equal(read(fd, bells, 8), -1);
	assert_queue_works(&r);
	rig_close(&r);
}

struct stranger {
	uint32_t qp_num;
	struct baton baton;
};

static void stranger_child(void *arg)
{
	struct stranger *s = arg;
	struct axe_doorbell bell = { .qp_num = s->qp_num };
	struct rig own;

	rig_open(&own, NULL);
	/* The fd that comes last is its own. */
	demand(write(doorbell_fd(), &bell, 8) == -1 && errno == EINVAL,
	       "rang for another process's queue");
	rig_close(&own);
}

static void doorbell__of_a_foreign_queue(void **state)
{
	struct stranger s;
	struct rig r;

	rig_open(&r, NULL);
	s.qp_num = r.qp->qp_num;
	in_child(stranger_child, &s);
	rig_close(&r);
}

static void doorbell__one_a_batch(void **state)
{
	struct rig r;
	uint64_t before;
	unsigned int i;

	rig_open(&r, NULL);
	before = counter(r.device, "doorbells");
	ibv_wr_start(r.qx);
	for (i = 0; i < 32; i++) {
		r.qx->wr_id = i;
		r.qx->wr_flags = IBV_SEND_SIGNALED;
		axedv_wr_nop(r.qx);
	}
	assert_int_equal(ibv_wr_complete(r.qx), 0);
	for (i = 0; i < 32; i++)
		expect(&r, i, AXE_OK);
	assert_int_equal(counter(r.device, "doorbells"), before + 1);
	rig_close(&r);
}

/* A worker is at it: it needs no bell. Leaves the slow command running. */
static void await_busy(struct rig *r)
{
	uint64_t end = now_ms() + DEADLINE_MS;

	while (__atomic_load_n(&r->sq_ring->flags, __ATOMIC_ACQUIRE) & AXE_SQ_NEED_WAKEUP) {
		demand(now_ms() < end, "no worker looks at the ring");
		sched_yield();
	}
}

#define BUSY_POSTS 50

static void doorbell__none_while_a_worker_is_busy(void **state)
{
	struct way *way = *state;
	struct rig r;
	uint64_t before;
	unsigned int i;

	rig_open(&r, &(struct rig_options){ .mode = way->mode, .flags = way->flags, .lanes = 1 });
	before = counter(r.device, "doorbells");
	post_slow(&r, 0, IBV_SEND_SIGNALED);
	assert_int_equal(counter(r.device, "doorbells"), before + 1);
	await_busy(&r);
	for (i = 1; i <= BUSY_POSTS; i++)
		post_nop(&r, i, IBV_SEND_SIGNALED, NULL);
	assert_int_equal(counter(r.device, "doorbells"), before + 1);
	rig_expect_empty(&r);
	for (i = 0; i <= BUSY_POSTS; i++)
		expect(&r, i, AXE_OK);
	assert_int_equal(counter(r.device, "doorbells"), before + 1);
	rig_close(&r);
}

/* This program, as strace sees it: marks around the posts. Exits with 3 if it was too late. */
static int post_while_busy(void)
{
	struct rig r;
	struct wc wc;
	unsigned int i;

	rig_open(&r, &(struct rig_options){ .mode = AXE_QUEUE_WORKER, .lanes = 1 });
	post_slow(&r, 0, IBV_SEND_SIGNALED);
	await_busy(&r);
	if (write(-1, "axe: begin", 10) != -1)
		return 2;
	for (i = 1; i <= BUSY_POSTS; i++)
		post_nop(&r, i, IBV_SEND_SIGNALED, NULL);
	if (write(-1, "axe: end", 8) != -1)
		return 2;
	if (rig_poll(&r, &wc))
		return 3;
	for (i = 0; i <= BUSY_POSTS; i++)
		rig_wait_for(&r, i);
	rig_close(&r);
	return 0;
}

static void doorbell__no_system_call_as_strace_counts(void **state)
{
	char *trace, *begin, *end;
	unsigned int calls = 0, writes = 0;

	if (shell(NULL, "command -v strace >/dev/null"))
		skip_because("there is no strace");
	assert_int_equal(shell(NULL, "strace -f -o /tmp/axe-strace '%s' post-while-busy",
			       this_program()), 0);
	shell(&trace, "cat /tmp/axe-strace");
	begin = strstr(trace, "axe: begin");
	demand(begin, "no mark in the trace");
	end = strstr(begin, "axe: end");
	demand(end, "no second mark");
	/* The first line ends, and the one with the second mark begins. */
	for (char *p = begin; p < end; p++)
		calls += *p == '\n';
	demand(calls == 1, "%u system calls for %d posts:\n%.*s", calls - 1, BUSY_POSTS,
	       (int)(end - begin), begin);
	/* And strace does see a doorbell: the one that started the worker. */
	for (char *p = trace; p < begin; p++)
		writes += !strncmp(p, "write(", 6) && strstr(p, " = 8\n") &&
			  strchr(p, '\n') > strstr(p, " = 8\n");
	assert_in_range(writes, 1, 3);
	free(trace);
	unlink("/tmp/axe-strace");
}

/* No command is lost between a worker's last look and its sleep. */
static void wakeup__never_lost(void **state)
{
	struct way *way = *state;
	struct rig r;
	unsigned int i, spin;

	rig_open(&r, &(struct rig_options){ .mode = way->mode, .flags = way->flags });
	for (i = 0; i < 1500; i++) {
		post_nop(&r, i, IBV_SEND_SIGNALED, NULL);
		/* The next comes just as it goes to sleep, or a little later. */
		for (spin = 0; spin < i % 64 * 4; spin++)
			__asm__ volatile("" ::: "memory");
		if (i % 3)
			expect(&r, i, AXE_OK);
		else
			post_nop(&r, i + 100000, IBV_SEND_SIGNALED, NULL), expect(&r, i, AXE_OK),
				expect(&r, i + 100000, AXE_OK);
	}
	rig_close(&r);
}

/*---- threads ----*/

struct poster {
	struct rig *r;
	unsigned int number;
	unsigned int failed;
};

#define THREADS		3
#define POSTS		800

static void *poster_run(void *arg)
{
	struct poster *p = arg;
	unsigned int i;

	for (i = 0; i < POSTS; ) {
		int ret;

		ibv_wr_start(p->r->qx);
		p->r->qx->wr_id = p->number * POSTS + i;
		p->r->qx->wr_flags = IBV_SEND_SIGNALED;
		axedv_wr_nop(p->r->qx);
		ret = ibv_wr_complete(p->r->qx);
		if (!ret)
			i++;
		else if (ret == ENOMEM)
			sched_yield();
		else
			p->failed++, i++;
	}
	return NULL;
}

static void threads__one_queue(void **state)
{
	struct way *way = *state;
	struct poster posters[THREADS];
	unsigned int last[THREADS] = {};
	pthread_t threads[THREADS];
	struct rig r;
	unsigned int i;

	rig_open(&r, &(struct rig_options){ .mode = way->mode, .flags = way->flags,
					    .depth = 64, .cqe = 8192 });
	for (i = 0; i < THREADS; i++) {
		posters[i] = (struct poster) { &r, i, 0 };
		assert_int_equal(pthread_create(&threads[i], NULL, poster_run, &posters[i]), 0);
	}
	for (i = 0; i < THREADS * POSTS; i++) {
		struct wc wc = rig_wait(&r);
		unsigned int t = wc.wr_id / POSTS;

		assert_done(wc);
		assert_in_range(t, 0, THREADS - 1);
		if (!(way->flags & AXE_QUEUE_UNORDERED))
			assert_int_equal(wc.wr_id % POSTS, last[t]);
		last[t]++;
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(last[i], POSTS);
		assert_int_equal(posters[i].failed, 0);
	}
	rig_expect_empty(&r);
	rig_close(&r);
}

/* With a thread domain there are no locks; what it does is the same. */
static void threads__thread_domain(void **state)
{
	struct ibv_td_init_attr td_attr = {};
	struct ibv_parent_domain_init_attr pd_attr = {};
	struct ibv_pd *plain, *parent;
	struct ibv_td *td;
	struct rig r;
	unsigned int i;

	rig_open(&r, NULL);
	rig_close_queue(&r);
	td = ibv_alloc_td(r.ctx, &td_attr);
	assert_non_null(td);
	pd_attr.pd = plain = r.pd;
	pd_attr.td = td;
	parent = ibv_alloc_parent_domain(r.ctx, &pd_attr);
	assert_non_null(parent);
	r.pd = parent;
	rig_open_queue(&r, NULL);
	for (i = 0; i < 100; i++) {
		post_nop(&r, i, IBV_SEND_SIGNALED, NULL);
		expect(&r, i, AXE_OK);
	}
	assert_queue_works(&r);
	rig_close_queue(&r);
	assert_int_equal(ibv_dealloc_td(td), EBUSY);
	assert_int_equal(ibv_dealloc_pd(plain), EBUSY);
	assert_int_equal(ibv_dealloc_pd(parent), 0);
	assert_int_equal(ibv_dealloc_td(td), 0);
	r.pd = plain;
	rig_close(&r);
}

static int setup(void **state)
{
	slow_make();
	return 0;
}

static struct way ways[] = {
	{ AXE_QUEUE_AUTO, 0 }, { AXE_QUEUE_INLINE, 0 },
	{ AXE_QUEUE_WORKER, 0 }, { AXE_QUEUE_POLL, 0 },
	{ AXE_QUEUE_AUTO, AXE_QUEUE_UNORDERED }, { AXE_QUEUE_INLINE, AXE_QUEUE_UNORDERED },
	{ AXE_QUEUE_WORKER, AXE_QUEUE_UNORDERED }, { AXE_QUEUE_POLL, AXE_QUEUE_UNORDERED },
};

#define IN_WAY(f, name, i)	{ #f "__" name, f, NULL, NULL, &ways[i] }
/* Once in every mode; in every mode, in order and not. */
#define IN_ALL_MODES(f)							\
	IN_WAY(f, "auto", 0), IN_WAY(f, "inline", 1),			\
	IN_WAY(f, "worker", 2), IN_WAY(f, "poll", 3)
#define IN_ALL_WAYS(f)							\
	IN_ALL_MODES(f),						\
	IN_WAY(f, "auto_unordered", 4), IN_WAY(f, "inline_unordered", 5),	\
	IN_WAY(f, "worker_unordered", 6), IN_WAY(f, "poll_unordered", 7)

static const struct CMUnitTest tests[] = {
	IN_ALL_WAYS(mixed_commands),
	cmocka_unit_test(order__side_by_side),
	cmocka_unit_test(order__unordered_overtakes),
	cmocka_unit_test(lanes__one_runs_one_at_a_time),
	cmocka_unit_test(auto__tiny_runs_in_the_doorbell),
	cmocka_unit_test(inline__all_runs_in_the_doorbell),
	cmocka_unit_test(fence__waits_for_all_before),
	cmocka_unit_test(fence__sees_what_was_written),
	cmocka_unit_test(link__chain),
	cmocka_unit_test(link__waits_for_one_only),
	IN_ALL_MODES(link__failure_flushes_the_chain),
	IN_ALL_MODES(link__to_a_refused_command),
	IN_ALL_MODES(link__flushed_record),
	IN_ALL_MODES(signal__only_what_was_asked_for),
	cmocka_unit_test(solicited__wakes_only_who_is_meant),
	cmocka_unit_test(ring__full),
	cmocka_unit_test(ring__goes_round),
	IN_ALL_MODES(result__stored_in_memory),
	IN_ALL_MODES(result__bad_record),
	cmocka_unit_test(ext__bytes_that_mean_nothing),
	cmocka_unit_test(capsule__compress_and_errors),
	cmocka_unit_test(capsule__with_result_record),
	cmocka_unit_test(capsule__wrong_size_or_kind),
	cmocka_unit_test(capsule__through_the_new_interface),
	cmocka_unit_test(state__walk_from_reset_to_rts),
	IN_ALL_MODES(state__error_flushes),
	IN_ALL_MODES(state__reset_forgets),
	IN_WAY(destroy__with_commands_in_flight, "auto", 0),
	IN_WAY(destroy__with_commands_in_flight, "worker_unordered", 6),
	IN_WAY(destroy__with_commands_in_flight, "poll", 3),
	cmocka_unit_test(create__bad_parameters),
	cmocka_unit_test(create__many),
	IN_ALL_MODES(broken__runaway_tail),
	IN_ALL_MODES(broken__unknown_version),
	cmocka_unit_test(broken__device_fields_are_only_told),
	cmocka_unit_test(broken__extension_not_posted),
	cmocka_unit_test(doorbell__bad_writes),
	cmocka_unit_test(doorbell__of_a_foreign_queue),
	cmocka_unit_test(doorbell__one_a_batch),
	IN_WAY(doorbell__none_while_a_worker_is_busy, "auto", 0),
	IN_WAY(doorbell__none_while_a_worker_is_busy, "worker", 2),
	IN_WAY(doorbell__none_while_a_worker_is_busy, "poll", 3),
	cmocka_unit_test(doorbell__no_system_call_as_strace_counts),
	IN_ALL_MODES(wakeup__never_lost),
	IN_ALL_MODES(threads__one_queue),
	cmocka_unit_test(threads__thread_domain),
};

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "post-while-busy"))
		return post_while_busy();
	return live_main("queue", tests, ARRAY_SIZE(tests), setup, NULL);
}
