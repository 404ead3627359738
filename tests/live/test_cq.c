// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Completion queues: events, sizes, overflow, fields. */

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "common.h"

static void post_nop(struct rig *r, uint64_t id)
{
	post(r, id, IBV_SEND_SIGNALED, nop);
}

static uint64_t raw_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/*---- the completion channel ----*/

/* 100000 where there is time; a lost wake-up shows up as a missed deadline. */
static unsigned int cycles(unsigned int few)
{
	const char *many = getenv("AXE_LIVE_CYCLES");

	return many ? strtoul(many, NULL, 0) : few;
}

/*
 * True: by an event. One that finds no completion is late: the one that raised it was
 * found by looking, after the queue was armed.
 */
static bool wait_for_completion(struct rig *r, struct wc *wc, unsigned int cycle)
{
	struct ibv_cq *cq = ibv_cq_ex_to_cq(r->cq);

	for (;;) {
		assert_int_equal(ibv_req_notify_cq(cq, 0), 0);
		if (rig_poll(r, wc))
			return false;
		demand(cq_event_within(cq, DEADLINE_MS), "cycle %u: no event", cycle);
		if (rig_poll(r, wc))
			return true;
	}
}

static void channel__no_lost_wakeup(void **state)
{
	enum axe_queue_mode *mode = *state;
	unsigned int i, events = 0, n = cycles(4000);
	struct rig r;
	struct wc wc;

	rig_open(&r, &(struct rig_options){ .mode = *mode });
	for (i = 0; i < n; i++) {
		post_nop(&r, i);
		if (wait_for_completion(&r, &wc, i))
			events++;
		else
			/* It may still come, or not. */
			cq_event_within(ibv_cq_ex_to_cq(r.cq), 0);
		assert_int_equal(wc.wr_id, i);
	}
	print_message("# %u of %u by an event\n", events, n);
	rig_close(&r);
}

struct feeder {
	struct rig *r;
	unsigned int n;
};

static void *feeder_run(void *arg)
{
	struct feeder *f = arg;
	unsigned int i;

	for (i = 0; i < f->n; ) {
		ibv_wr_start(f->r->qx);
		f->r->qx->wr_id = i;
		f->r->qx->wr_flags = IBV_SEND_SIGNALED;
		axedv_wr_nop(f->r->qx);
		if (ibv_wr_complete(f->r->qx))
			sched_yield();
		else
			i++;
	}
	return NULL;
}

/* One thread posts as fast as it can, the other sleeps whenever there is nothing. */
static void channel__fed_by_another_thread(void **state)
{
	enum axe_queue_mode *mode = *state;
	struct feeder f;
	struct rig r;
	pthread_t thread;
	unsigned int i;

	f = (struct feeder) { &r, cycles(4000) };
	/* Room for all: a feeder whose commands run in its own doorbell is not slowed down. */
	rig_open(&r, &(struct rig_options){ .mode = *mode, .depth = 32, .cqe = f.n });
	assert_int_equal(pthread_create(&thread, NULL, feeder_run, &f), 0);
	for (i = 0; i < f.n; i++) {
		struct wc wc = rig_wait(&r);

		assert_int_equal(wc.wr_id, i);
	}
	pthread_join(thread, NULL);
	rig_close(&r);
}

/* Not armed: nobody is woken; armed once: once. */
static void channel__only_when_armed(void **state)
{
	struct ibv_cq *cq, *got;
	void *context;
	struct rig r;
	unsigned int i;

	rig_open(&r, &(struct rig_options){ .mode = AXE_QUEUE_INLINE });
	cq = ibv_cq_ex_to_cq(r.cq);
	for (i = 0; i < 5; i++)
		post_nop(&r, i);
	assert_false(await_readable(r.channel->fd, 0));
	assert_int_equal(ibv_req_notify_cq(cq, 0), 0);
	/* What is there already does not count. */
	assert_false(await_readable(r.channel->fd, 0));
	for (i = 5; i < 10; i++)
		post_nop(&r, i);
	assert_true(await_readable(r.channel->fd, 0));
	assert_int_equal(ibv_get_cq_event(r.channel, &got, &context), 0);
	ibv_ack_cq_events(got, 1);
	assert_false(await_readable(r.channel->fd, 0));
	for (i = 0; i < 10; i++)
		rig_wait_for(&r, i);
	rig_close(&r);
}

/*---- sizes ----*/

static void resize__keeps_what_is_there(void **state)
{
	struct mapping maps[64];
	struct ibv_cq *cq;
	struct rig r;
	unsigned int i, next = 0, seen = 0, n;

	rig_open(&r, &(struct rig_options){ .mode = AXE_QUEUE_INLINE, .cqe = 16 });
	cq = ibv_cq_ex_to_cq(r.cq);
	n = uverbs_mappings(maps, ARRAY_SIZE(maps));
	/* Not at the ring's start. */
	for (i = 0; i < 11; i++)
		post_nop(&r, next++);
	for (i = 0; i < 7; i++)
		rig_wait_for(&r, seen++);
	for (i = 0; i < 9; i++)
		post_nop(&r, next++);
	assert_int_equal(next - seen, 13);

	assert_int_equal(ibv_resize_cq(cq, 100), 0);
	assert_between(cq->cqe, 100, 1000);
	for (i = 0; i < 80; i++)
		post_nop(&r, next++);
	for (i = 0; i < 40; i++)
		rig_wait_for(&r, seen++);
	/* It does not get smaller than what is in it. */
	assert_int_equal(next - seen, 53);
	assert_int_not_equal(ibv_resize_cq(cq, 16), 0);
	for (i = 0; i < 5; i++)
		post_nop(&r, next++);
	assert_int_equal(ibv_resize_cq(cq, 64), 0);
	while (seen < next)
		rig_wait_for(&r, seen++);
	assert_int_equal(ibv_resize_cq(cq, 1), 0);
	for (i = 0; i < 10; i++) {
		post_nop(&r, next++);
		rig_wait_for(&r, seen++);
	}
	rig_expect_empty(&r);
	/* The old rings are not mapped any more. */
	assert_int_equal(uverbs_mappings(maps, ARRAY_SIZE(maps)), n);
	rig_close(&r);
}

static void resize__bad_size(void **state)
{
	struct ibv_device_attr attr;
	struct rig r;

	rig_open(&r, NULL);
	assert_int_equal(ibv_query_device(r.ctx, &attr), 0);
	assert_int_equal(ibv_resize_cq(ibv_cq_ex_to_cq(r.cq), attr.max_cqe + 1), EINVAL);
	assert_int_equal(ibv_resize_cq(ibv_cq_ex_to_cq(r.cq), 0), EINVAL);
	assert_int_equal(ibv_resize_cq(ibv_cq_ex_to_cq(r.cq), attr.max_cqe), 0);
	assert_queue_works(&r);
	rig_close(&r);
}

/* An event that was asked for before comes after. */
static void resize__stays_armed(void **state)
{
	struct ibv_cq *cq, *got;
	void *context;
	struct rig r;

	rig_open(&r, &(struct rig_options){ .mode = AXE_QUEUE_INLINE, .cqe = 16 });
	cq = ibv_cq_ex_to_cq(r.cq);
	assert_int_equal(ibv_req_notify_cq(cq, 0), 0);
	assert_int_equal(ibv_resize_cq(cq, 64), 0);
	post_nop(&r, 1);
	assert_true(await_readable(r.channel->fd, 0));
	assert_int_equal(ibv_get_cq_event(r.channel, &got, &context), 0);
	ibv_ack_cq_events(got, 1);
	rig_close(&r);
}

static void resize__under_traffic(void **state)
{
	struct feeder f;
	struct rig r;
	pthread_t thread;
	unsigned int i;

	rig_open(&r, &(struct rig_options){ .mode = AXE_QUEUE_WORKER, .depth = 16, .cqe = 4096 });
	f = (struct feeder) { &r, 3000 };
	assert_int_equal(pthread_create(&thread, NULL, feeder_run, &f), 0);
	for (i = 0; i < f.n; i++) {
		rig_wait_for(&r, i);
		if (i % 20 == 0)
			assert_int_equal(rig_resize_cq(&r, i % 40 ? 4096 : 8192), 0);
	}
	pthread_join(thread, NULL);
	rig_expect_empty(&r);
	rig_close(&r);
}

static void create__bad_arguments(void **state)
{
	static const uint64_t fields[] = {
		IBV_WC_EX_WITH_CVLAN, IBV_WC_EX_WITH_FLOW_TAG, IBV_WC_EX_WITH_TM_INFO,
	};
	struct ibv_cq_init_attr_ex attr;
	struct ibv_device_attr device;
	struct rig r;
	unsigned int i;

	rig_open(&r, NULL);
	assert_int_equal(ibv_query_device(r.ctx, &device), 0);
	assert_null(ibv_create_cq(r.ctx, 0, NULL, NULL, 0));
	assert_int_equal(errno, EINVAL);
	assert_null(ibv_create_cq(r.ctx, -1, NULL, NULL, 0));
	assert_int_equal(errno, EINVAL);
	assert_null(ibv_create_cq(r.ctx, device.max_cqe + 1, NULL, NULL, 0));
	assert_int_equal(errno, EINVAL);
	assert_null(ibv_create_cq(r.ctx, 16, NULL, NULL, r.ctx->num_comp_vectors));
	assert_int_equal(errno, EINVAL);
	assert_between(r.ctx->num_comp_vectors, 1, 4096);
	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		attr = (struct ibv_cq_init_attr_ex) { .cqe = 16, .wc_flags = fields[i] };
		assert_null(ibv_create_cq_ex(r.ctx, &attr));
		assert_int_equal(errno, EOPNOTSUPP);
	}
	attr = (struct ibv_cq_init_attr_ex) {
		.cqe = 16, .comp_mask = IBV_CQ_INIT_ATTR_MASK_FLAGS,
		.flags = IBV_CREATE_CQ_ATTR_IGNORE_OVERRUN,
	};
	assert_null(ibv_create_cq_ex(r.ctx, &attr));
	assert_int_equal(errno, EOPNOTSUPP);
	rig_close(&r);
}

static void destroy__still_in_use(void **state)
{
	struct rig r;

	rig_open(&r, NULL);
	assert_int_equal(ibv_destroy_cq(ibv_cq_ex_to_cq(r.cq)), EBUSY);
	assert_queue_works(&r);
	rig_close(&r);
}

/*---- overflow ----*/

static void overflow__event_then_error(void **state)
{
	struct rig r, neighbour;
	struct ibv_cq *cq;
	struct ibv_poll_cq_attr attr = {};
	struct ibv_wc wc;
	uint64_t before;
	void *context;
	unsigned int i, got = 0;

	rig_open(&neighbour, NULL);
	rig_open(&r, &(struct rig_options){ .mode = AXE_QUEUE_INLINE, .cqe = 16 });
	cq = ibv_cq_ex_to_cq(r.cq);
	before = counter(r.device, "cq_overflows");
	assert_int_equal(cq->cqe, 16);
	for (i = 0; i < 16; i++)
		post_nop(&r, i);
	assert_false(await_readable(r.ctx->async_fd, 0));
	assert_int_equal(ibv_req_notify_cq(cq, 1), 0);
	/* The drop that makes it run over. */
	post_nop(&r, 16);
	demand(await_async(r.ctx, IBV_EVENT_CQ_ERR, DEADLINE_MS), "no event of the overflow");
	/* Who waits for a completion gets up too. */
	assert_true(await_readable(r.channel->fd, DEADLINE_MS));
	/* The queue has lost a completion: it cannot go on. */
	demand(await_async(r.ctx, IBV_EVENT_QP_FATAL, DEADLINE_MS), "the queue goes on");
	assert_int_equal(counter(r.device, "cq_overflows"), before + 1);

	/* What fitted is there; then polling tells. */
	while (ibv_poll_cq(cq, 1, &wc) == 1)
		assert_int_equal(wc.wr_id, got++);
	assert_int_equal(got, 16);
	assert_true(ibv_poll_cq(cq, 1, &wc) < 0);
	assert_int_equal(ibv_start_poll(r.cq, &attr), EOVERFLOW);
	assert_queue_works(&neighbour);
	assert_int_equal(counter(r.device, "cq_overflows"), before + 1);
	assert_int_equal(ibv_get_cq_event(r.channel, &cq, &context), 0);
	ibv_ack_cq_events(cq, 1);
	rig_close(&r);
	rig_close(&neighbour);
}

/* A consumer index that the process makes up: it hurts nobody else. */
static void overflow__wild_consumer_index(void **state)
{
	static const uint32_t values[] = { 1000, 0x80000000, 0xffffffff };
	struct rig r, neighbour;
	unsigned int i, k;

	rig_open(&neighbour, NULL);
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		rig_open(&r, &(struct rig_options){ .mode = AXE_QUEUE_INLINE, .cqe = 16 });
		r.cq_ring->consumer = values[i];
		for (k = 0; k < 40; k++) {
			ibv_wr_start(r.qx);
			r.qx->wr_flags = IBV_SEND_SIGNALED;
			axedv_wr_nop(r.qx);
			ibv_wr_complete(r.qx);
		}
		ibv_resize_cq(ibv_cq_ex_to_cq(r.cq), 64);
		assert_queue_works(&neighbour);
		rig_close(&r);
	}
	rig_close(&neighbour);
}

/*---- fields ----*/

static void fields__of_an_extended_cq(void **state)
{
	struct ibv_poll_cq_attr attr = {};
	struct rig r;
	uint8_t bytes[100] = {};
	struct ibv_sge dst;
	unsigned int i;

	rig_open(&r, NULL);
	dst = here(&r, bytes, 77);
	for (i = 0; i < 10; i++)
		post(&r, 100 + i, IBV_SEND_SIGNALED, fill, &dst, "x", 1);
	assert_int_equal(ibv_start_poll(r.cq, &attr), 0);
	for (i = 0; i < 10; i++) {
		assert_int_equal(r.cq->wr_id, 100 + i);
		assert_int_equal(r.cq->status, IBV_WC_SUCCESS);
		assert_int_equal(ibv_wc_read_opcode(r.cq), IBV_WC_DRIVER1);
		assert_int_equal(ibv_wc_read_byte_len(r.cq), 77);
		assert_int_equal(ibv_wc_read_vendor_err(r.cq), AXE_OK);
		assert_int_equal(ibv_wc_read_qp_num(r.cq), r.qp->qp_num);
		assert_int_equal(ibv_wc_read_src_qp(r.cq), 0);
		assert_int_equal(ibv_wc_read_wc_flags(r.cq), 0);
		assert_int_equal(ibv_wc_read_slid(r.cq), 0);
		assert_int_equal(ibv_wc_read_sl(r.cq), 0);
		assert_int_equal(ibv_wc_read_dlid_path_bits(r.cq), 0);
		assert_int_equal(axedv_wc_read_op(r.cq), AXE_OP_FILL);
		assert_int_equal(axedv_wc_read_engine(r.cq), 0);
		assert_int_equal(axedv_wc_read_result(r.cq, 2), 0);
		assert_int_equal(ibv_next_poll(r.cq), i < 9 ? 0 : ENOENT);
	}
	ibv_end_poll(r.cq);
	assert_int_equal(ibv_start_poll(r.cq, &attr), ENOENT);
	attr.comp_mask = 1;
	assert_int_equal(ibv_start_poll(r.cq, &attr), EINVAL);
	rig_close(&r);
}

/* The plain interface on the same ring: several at a time, and no more than asked for. */
static void fields__of_poll_cq(void **state)
{
	struct ibv_wc wc[8];
	struct ibv_cq *cq;
	struct rig r;
	unsigned int i;

	rig_open(&r, &(struct rig_options){ .mode = AXE_QUEUE_INLINE });
	cq = ibv_cq_ex_to_cq(r.cq);
	assert_int_equal(ibv_poll_cq(cq, 8, wc), 0);
	for (i = 0; i < 11; i++)
		post_nop(&r, i);
	memset(wc, 0xff, sizeof(wc));
	assert_int_equal(ibv_poll_cq(cq, 8, wc), 8);
	for (i = 0; i < 8; i++) {
		assert_int_equal(wc[i].wr_id, i);
		assert_int_equal(wc[i].status, IBV_WC_SUCCESS);
		assert_int_equal(wc[i].opcode, IBV_WC_DRIVER1);
		assert_int_equal(wc[i].qp_num, r.qp->qp_num);
		assert_int_equal(wc[i].vendor_err, 0);
		assert_int_equal(wc[i].wc_flags, 0);
		assert_int_equal(wc[i].byte_len, 0);
	}
	assert_int_equal(ibv_poll_cq(cq, 0, wc), 0);
	assert_int_equal(ibv_poll_cq(cq, 8, wc), 3);
	assert_int_equal(ibv_poll_cq(cq, 8, wc), 0);
	rig_close(&r);
}

static void timestamp__monotonic(void **state)
{
	struct ibv_values_ex values = { .comp_mask = IBV_VALUES_MASK_RAW_CLOCK };
	struct ibv_device_attr_ex attr;
	struct wc wc = {};
	struct rig r;
	uint64_t last = 0;
	unsigned int i;

	rig_open(&r, &(struct rig_options){ .wc_flags = IBV_WC_EX_WITH_COMPLETION_TIMESTAMP });
	assert_int_equal(ibv_query_device_ex(r.ctx, NULL, &attr), 0);
	/* Kilohertz: a tick is a nanosecond. */
	assert_int_equal(attr.hca_core_clock, 1000000);
	assert_true(attr.completion_timestamp_mask == UINT64_MAX);
	for (i = 0; i < 200; i++) {
		uint64_t before = raw_ns(CLOCK_MONOTONIC_RAW);

		wc = run(&r, nop);
		assert_between(wc.timestamp, before, raw_ns(CLOCK_MONOTONIC_RAW));
		assert_between(wc.timestamp, last, UINT64_MAX);
		last = wc.timestamp;
	}
	assert_int_equal(ibv_query_rt_values_ex(r.ctx, &values), 0);
	assert_int_equal(values.comp_mask, IBV_VALUES_MASK_RAW_CLOCK);
	last = values.raw_clock.tv_sec * 1000000000ULL + values.raw_clock.tv_nsec;
	assert_between(last, wc.timestamp, raw_ns(CLOCK_MONOTONIC_RAW));
	rig_close(&r);
}

static void timestamp__wall_clock(void **state)
{
	struct ibv_poll_cq_attr attr = {};
	struct rig r;
	uint64_t before, time;

	rig_open(&r, &(struct rig_options){
		.mode = AXE_QUEUE_INLINE,
		.wc_flags = IBV_WC_EX_WITH_COMPLETION_TIMESTAMP_WALLCLOCK });
	before = raw_ns(CLOCK_REALTIME);
	post_nop(&r, 1);
	assert_int_equal(ibv_start_poll(r.cq, &attr), 0);
	time = ibv_wc_read_completion_wallclock_ns(r.cq);
	ibv_end_poll(r.cq);
	/* Measured by two clocks, one after the other: allow for a preemption. */
	assert_between(time, before - 50000000, raw_ns(CLOCK_REALTIME) + 50000000);
	rig_close(&r);
}

/* For one thread, without locks: the same. */
static void create__single_threaded(void **state)
{
	struct rig r;
	struct ibv_cq_init_attr_ex attr = {
		.cqe = 64, .wc_flags = IBV_WC_STANDARD_FLAGS,
		.comp_mask = IBV_CQ_INIT_ATTR_MASK_FLAGS,
		.flags = IBV_CREATE_CQ_ATTR_SINGLE_THREADED,
	};
	struct ibv_qp_init_attr_ex qp_attr = {
		.qp_type = IBV_QPT_DRIVER, .cap.max_send_wr = 16, .sq_sig_all = 1,
		.comp_mask = IBV_QP_INIT_ATTR_PD,
	};
	unsigned int i;

	rig_open(&r, NULL);
	rig_close_queue(&r);
	attr.channel = r.channel;
	r.cq = ibv_create_cq_ex(r.ctx, &attr);
	assert_non_null(r.cq);
	qp_attr.pd = r.pd;
	qp_attr.send_cq = ibv_cq_ex_to_cq(r.cq);
	r.qp = axedv_create_qp(r.ctx, &qp_attr, NULL);
	assert_non_null(r.qp);
	r.qx = ibv_qp_to_qp_ex(r.qp);
	for (i = 0; i < 100; i++)
		assert_queue_works(&r);
	rig_close(&r);
}

static enum axe_queue_mode auto_mode = AXE_QUEUE_AUTO, worker_mode = AXE_QUEUE_WORKER,
	poll_mode = AXE_QUEUE_POLL;

static const struct CMUnitTest tests[] = {
	{ "channel__no_lost_wakeup__auto", channel__no_lost_wakeup, NULL, NULL, &auto_mode },
	{ "channel__no_lost_wakeup__worker", channel__no_lost_wakeup, NULL, NULL, &worker_mode },
	{ "channel__no_lost_wakeup__poll", channel__no_lost_wakeup, NULL, NULL, &poll_mode },
	{ "channel__fed_by_another_thread__auto", channel__fed_by_another_thread, NULL, NULL,
	  &auto_mode },
	{ "channel__fed_by_another_thread__worker", channel__fed_by_another_thread, NULL, NULL,
	  &worker_mode },
	cmocka_unit_test(channel__only_when_armed),
	cmocka_unit_test(resize__keeps_what_is_there),
	cmocka_unit_test(resize__bad_size),
	cmocka_unit_test(resize__stays_armed),
	cmocka_unit_test(resize__under_traffic),
	cmocka_unit_test(create__bad_arguments),
	cmocka_unit_test(create__single_threaded),
	cmocka_unit_test(destroy__still_in_use),
	cmocka_unit_test(overflow__event_then_error),
	cmocka_unit_test(overflow__wild_consumer_index),
	cmocka_unit_test(fields__of_an_extended_cq),
	cmocka_unit_test(fields__of_poll_cq),
	cmocka_unit_test(timestamp__monotonic),
	cmocka_unit_test(timestamp__wall_clock),
};

LIVE_MAIN("cq", tests, NULL, NULL)
