// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The accelerator queue: modes, order, fences, links, signals. */

#include <zlib.h>

#include "vectors.h"
#include "ways.h"

/*---- modes and order ----*/

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
		assert_between(wc.wr_id, 0, COUNT - 1);
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
	demand(!rig_poll(&r, &wc), "%llu is told of before the first (or that was too quick)",
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
	assert_between(counter(r.device, "wakeups"), wakeups + 1, UINT64_MAX);
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
		assert_between(wc.wr_id, 3, 4);
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
			post(&r, k, k ? IBV_SEND_SIGNALED | AXEDV_SEND_LINK : IBV_SEND_SIGNALED,
			     copy, &s[k + 1], &s[k]);
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

	rig_open(&r, &(struct rig_options){
		.mode = way->mode, .flags = way->flags, .unsignaled = true, .lanes = 2 });
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

	rig_open(&r, &(struct rig_options){
		.mode = way->mode, .flags = way->flags, .unsignaled = true, .lanes = 1 });
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
};

LIVE_MAIN("queue", tests, NULL, NULL)
