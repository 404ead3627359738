// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Moderation of completion queues: how many completions, or how long, make one event. */

#include "common.h"

static int moderate(struct rig *r, unsigned int count, unsigned int usecs)
{
	struct ibv_modify_cq_attr attr = {
		.attr_mask = IBV_CQ_ATTR_MODERATE, .moderate = { count, usecs },
	};

	return ibv_modify_cq(ibv_cq_ex_to_cq(r->cq), &attr);
}

/* A queue whose commands are done when they are posted, and its moderated CQ. */
static void open_moderated(struct rig *r, unsigned int count, unsigned int usecs)
{
	rig_open(r, &(struct rig_options){ .mode = AXE_QUEUE_INLINE, .cqe = 64 });
	assert_int_equal(moderate(r, count, usecs), 0);
}

static void arm(struct rig *r, bool solicited_only)
{
	assert_int_equal(ibv_req_notify_cq(ibv_cq_ex_to_cq(r->cq), solicited_only), 0);
}

/* Completions, and out of the CQ. */
static void complete_as(struct rig *r, unsigned int n, unsigned int flags)
{
	while (n--) {
		post(r, n, IBV_SEND_SIGNALED | flags, nop);
		rig_wait_for(r, n);
	}
}

static void complete(struct rig *r, unsigned int n)
{
	complete_as(r, n, 0);
}

static bool event_within(struct rig *r, int timeout_ms)
{
	return cq_event_within(ibv_cq_ex_to_cq(r->cq), timeout_ms);
}

static void modify__arguments(void **state)
{
	struct ibv_modify_cq_attr attr = {};
	struct ibv_device_attr_ex device;
	struct rig r;

	rig_open(&r, NULL);
	assert_int_equal(ibv_query_device_ex(r.ctx, NULL, &device), 0);
	assert_int_equal(device.cq_mod_caps.max_cq_count, UINT16_MAX);
	assert_int_equal(device.cq_mod_caps.max_cq_period, UINT16_MAX);
	assert_int_equal(moderate(&r, UINT16_MAX, UINT16_MAX), 0);
	assert_int_equal(ibv_modify_cq(ibv_cq_ex_to_cq(r.cq), &attr), EINVAL);
	attr.attr_mask = IBV_CQ_ATTR_MODERATE << 1;
	assert_int_not_equal(ibv_modify_cq(ibv_cq_ex_to_cq(r.cq), &attr), 0);
	rig_close(&r);
}

static void count__makes_one_event(void **state)
{
	struct rig r;
	unsigned int i;

	open_moderated(&r, 4, 0);
	/* What comes before it is armed does not count. */
	complete(&r, 3);
	for (i = 0; i < 3; i++) {
		arm(&r, false);
		complete(&r, 3);
		assert_false(event_within(&r, 0));
		complete(&r, 1);
		assert_true(event_within(&r, 0));
		/* Not armed again. */
		complete(&r, 9);
		assert_false(event_within(&r, 0));
	}
	rig_close(&r);
}

/* Fewer than the count: the event comes by the time since the first, not before. */
static void period__ends(void **state)
{
	static const unsigned int counts[] = { 100, 0 };
	uint64_t start;
	struct rig r;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		open_moderated(&r, counts[i], 50000);
		arm(&r, false);
		start = now_ns();
		complete(&r, 3);
		assert_true(event_within(&r, DEADLINE_MS));
		assert_between(now_ns() - start, 50000000, UINT64_MAX);
		complete(&r, 3);
		assert_false(event_within(&r, 100));
		rig_close(&r);
	}
}

/* The count is reached first: the rest of the time means nothing to the next event. */
static void count__before_period(void **state)
{
	struct rig r;

	open_moderated(&r, 4, UINT16_MAX);
	arm(&r, false);
	complete(&r, 4);
	assert_true(event_within(&r, 0));
	arm(&r, false);
	assert_false(event_within(&r, 100));
	complete(&r, 1);
	assert_true(event_within(&r, DEADLINE_MS));
	assert_false(event_within(&r, 100));
	rig_close(&r);
}

static void off__every_completion(void **state)
{
	static const unsigned int off[][2] = { { 0, 0 }, { 1, 0 }, { 1, 1000 } };
	struct rig r;
	unsigned int i;

	open_moderated(&r, 0, 0);
	for (i = 0; i < ARRAY_SIZE(off); i++) {
		assert_int_equal(moderate(&r, 10, 0), 0);
		arm(&r, false);
		complete(&r, 2);
		assert_false(event_within(&r, 0));
		/* What was held back is not forgotten. */
		assert_int_equal(moderate(&r, off[i][0], off[i][1]), 0);
		assert_true(event_within(&r, 0));
		arm(&r, false);
		complete(&r, 1);
		assert_true(event_within(&r, 0));
	}
	rig_close(&r);
}

static void solicited__only_they_count(void **state)
{
	struct rig r;

	open_moderated(&r, 2, 0);
	arm(&r, true);
	complete(&r, 5);
	complete_as(&r, 1, IBV_SEND_SOLICITED);
	complete(&r, 5);
	assert_false(event_within(&r, 0));
	complete_as(&r, 1, IBV_SEND_SOLICITED);
	assert_true(event_within(&r, 0));

	/* Nor do others start the time. */
	assert_int_equal(moderate(&r, 2, 10000), 0);
	arm(&r, true);
	complete(&r, 5);
	assert_false(event_within(&r, 100));
	complete_as(&r, 1, IBV_SEND_SOLICITED);
	assert_true(event_within(&r, DEADLINE_MS));
	rig_close(&r);
}

static void resize__goes_on_counting(void **state)
{
	struct rig r;

	open_moderated(&r, 4, 0);
	arm(&r, false);
	complete(&r, 3);
	assert_int_equal(rig_resize_cq(&r, 256), 0);
	assert_false(event_within(&r, 0));
	complete(&r, 1);
	assert_true(event_within(&r, 0));
	rig_close(&r);
}

/* Who waits for the rest of the count must not wait for ever. */
static void overflow__wakes_at_once(void **state)
{
	struct rig r;
	unsigned int i;

	open_moderated(&r, 1000, 0);
	arm(&r, false);
	for (i = 0; i < 64; i++)
		post(&r, i, IBV_SEND_SIGNALED, nop);
	assert_false(event_within(&r, 0));
	post(&r, i, IBV_SEND_SIGNALED, nop);
	assert_true(event_within(&r, 0));
	assert_true(await_async(r.ctx, IBV_EVENT_CQ_ERR, DEADLINE_MS));
	rig_close(&r);
}

/* The time runs out before, while and after the CQ goes. */
static void destroy__while_time_runs(void **state)
{
	struct rig all, r;
	unsigned int i;

	rig_open(&all, NULL);
	for (i = 0; i < 100; i++) {
		rig_share(&r, &all);
		rig_open_queue(&r, &(struct rig_options){ .mode = AXE_QUEUE_INLINE });
		assert_int_equal(moderate(&r, 100, i < 90 ? 1 + i * 10 : UINT16_MAX), 0);
		arm(&r, false);
		complete(&r, 1);
		if (i % 2)
			event_within(&r, 0);
		rig_close_queue(&r);
	}
	assert_queue_works(&all);
	rig_close(&all);
}

/* Bursts of more and fewer than the count, from another thread of the kernel. */
static void traffic__no_lost_wakeup(void **state)
{
	unsigned int burst, i, n;
	struct rig r;

	for (burst = 1; burst <= 16; burst++) {
		rig_open(&r, &(struct rig_options){ .mode = AXE_QUEUE_WORKER, .cqe = 64 });
		assert_int_equal(moderate(&r, 8, 100), 0);
		for (n = 0; n < 50; n++) {
			for (i = 0; i < burst; i++)
				post(&r, i, IBV_SEND_SIGNALED, nop);
			for (i = 0; i < burst; i++)
				rig_wait_for(&r, i);
		}
		rig_close(&r);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(modify__arguments),
	cmocka_unit_test(count__makes_one_event),
	cmocka_unit_test(count__before_period),
	cmocka_unit_test(period__ends),
	cmocka_unit_test(off__every_completion),
	cmocka_unit_test(solicited__only_they_count),
	cmocka_unit_test(resize__goes_on_counting),
	cmocka_unit_test(overflow__wakes_at_once),
	cmocka_unit_test(destroy__while_time_runs),
	cmocka_unit_test(traffic__no_lost_wakeup),
};

LIVE_MAIN("moderation", tests, NULL, NULL)
