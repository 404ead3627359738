// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The device goes, while programs use it: they get errors, and nothing hangs. */

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <time.h>

#include "busy.h"

/* All that a program may do afterwards: it gets errors. */
static void use_dead_device(struct rig *r)
{
	struct ibv_poll_cq_attr attr = {};
	struct ibv_qp_attr qp_attr = { .qp_state = IBV_QPS_RESET };
	struct ibv_device_attr device;
	struct ibv_sge sge = here(r, r, 64);
	int ret;

	rig_begin(r, 1, IBV_SEND_SIGNALED);
	axedv_wr_nop(r->qx);
	assert_int_equal(ibv_wr_complete(r->qx), EIO);
	rig_begin(r, 1, IBV_SEND_SIGNALED);
	axedv_wr_crc32(r->qx, &sge, 0);
	assert_int_equal(ibv_wr_complete(r->qx), EIO);

	/* What was completed before may be read; then there is nothing, for good. */
	while (!(ret = ibv_start_poll(r->cq, &attr)))
		ibv_end_poll(r->cq);
	assert_int_equal(ret, EIO);
	assert_int_equal(ibv_poll_cq(ibv_cq_ex_to_cq(r->cq), 1, &(struct ibv_wc){}), -EIO);

	assert_int_equal(ibv_query_device(r->ctx, &device), EIO);
	assert_null(ibv_reg_mr(r->pd, r, 64, 0));
	assert_int_equal(errno, EIO);
	assert_null(ibv_create_cq(r->ctx, 16, NULL, NULL, 0));
	assert_int_equal(errno, EIO);
	assert_null(ibv_alloc_pd(r->ctx));
	assert_int_equal(errno, EIO);
	assert_int_equal(ibv_modify_qp(r->qp, &qp_attr, IBV_QP_STATE), EIO);
	assert_int_equal(ibv_advise_mr(r->pd, IBV_ADVISE_MR_ADVICE_PREFETCH,
				       IBV_ADVISE_MR_FLAG_FLUSH, &sge, 1), EIO);
}

static void post_minutes(struct rig *r, uint8_t *dst)
{
	static uint8_t *zeros;
	struct ibv_sge s, d;
	unsigned int i;

	if (!zeros)
		zeros = mmap(NULL, 256 * MIB, PROT_READ,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	s = here(r, zeros, 256 * MIB);
	d = here(r, dst, MIB);
	for (i = 0; i < 10; i++)
		post(r, i, IBV_SEND_SIGNALED, compress, &d, &s, AXE_FORMAT_RAW, 9, 0);
}

static void device__deleted_while_commands_run(void **state)
{
	enum axe_queue_mode *mode = *state;
	uint8_t *dst = pages(MIB);
	unsigned int i;
	struct rig r;

	for (i = 0; i < 3; i++) {
		make_link();
		rig_open(&r, &(struct rig_options){ .device = "axt", .mode = *mode });
		assert_queue_works(&r);
		post_minutes(&r, dst);
		delete_link();
		demand(await_async(r.ctx, IBV_EVENT_DEVICE_FATAL, DEADLINE_MS), "no event");
		use_dead_device(&r);
		/* Everything can be closed as ever. */
		rig_close(&r);
		drop_link(NULL);
	}
	munmap(dst, MIB);
}

struct watcher {
	struct rig *r;
	bool async;
	int result;
	struct ibv_async_event event;
};

static void *watcher_run(void *arg)
{
	struct watcher *w = arg;
	struct ibv_cq *cq;
	void *context;

	if (w->async) {
		w->result = ibv_get_async_event(w->r->ctx, &w->event);
		if (!w->result)
			ibv_ack_async_event(&w->event);
	} else {
		w->result = ibv_get_cq_event(w->r->channel, &cq, &context);
		if (!w->result)
			ibv_ack_cq_events(cq, 1);
	}
	return NULL;
}

/* Who sleeps is woken: by an event, or by an error. */
static void device__deleted_while_threads_wait(void **state)
{
	struct watcher async = { .async = true }, channel = {};
	pthread_t threads[2];
	struct timespec deadline;
	struct rig r;

	make_link();
	rig_open(&r, &(struct rig_options){ .device = "axt" });
	async.r = &r;
	channel.r = &r;
	assert_int_equal(ibv_req_notify_cq(ibv_cq_ex_to_cq(r.cq), 0), 0);
	assert_int_equal(pthread_create(&threads[0], NULL, watcher_run, &async), 0);
	assert_int_equal(pthread_create(&threads[1], NULL, watcher_run, &channel), 0);
	delete_link();
	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += DEADLINE_MS / 1000;
	demand(!pthread_timedjoin_np(threads[0], NULL, &deadline), "events: nobody woke");
	demand(!pthread_timedjoin_np(threads[1], NULL, &deadline), "completions: nobody woke");
	assert_int_equal(async.result, 0);
	assert_int_equal(async.event.event_type, IBV_EVENT_DEVICE_FATAL);
	use_dead_device(&r);
	rig_close(&r);
}

struct racer {
	struct rig *r;
	volatile bool stop;
	unsigned int posted;
	volatile int error;
};

static void *racer_run(void *arg)
{
	struct racer *racer = arg;
	struct ibv_poll_cq_attr attr = {};

	while (!racer->stop && !racer->error) {
		int ret;

		ibv_wr_start(racer->r->qx);
		racer->r->qx->wr_flags = IBV_SEND_SIGNALED;
		axedv_wr_nop(racer->r->qx);
		ret = ibv_wr_complete(racer->r->qx);
		if (!ret)
			racer->posted++;
		else if (ret != ENOMEM)
			racer->error = ret;
		while (!ibv_start_poll(racer->r->cq, &attr))
			ibv_end_poll(racer->r->cq);
	}
	return NULL;
}

/* At the same moment as somebody posts, rings, polls. */
static void device__deleted_while_posting(void **state)
{
	enum axe_queue_mode *mode = *state;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		struct racer racer = {};
		pthread_t thread;
		struct rig r;
		uint64_t end;

		make_link();
		rig_open(&r, &(struct rig_options){ .device = "axt", .mode = *mode });
		racer.r = &r;
		assert_int_equal(pthread_create(&thread, NULL, racer_run, &racer), 0);
		while (*(volatile unsigned int *)&racer.posted < 100 + i * 77)
			sched_yield();
		delete_link();
		/* Also who found the ring full has to be told. */
		for (end = now_ms() + 5000; !racer.error && now_ms() < end; )
			sched_yield();
		racer.stop = true;
		pthread_join(thread, NULL);
		assert_int_equal(racer.error, EIO);
		use_dead_device(&r);
		rig_close(&r);
		drop_link(NULL);
	}
}

/* The network device goes, and takes the other with it. */
static void device__netdev_deleted_while_commands_run(void **state)
{
	uint8_t *dst = pages(MIB);
	struct rig r;

	make_link();
	rig_open(&r, &(struct rig_options){ .device = "axt", .mode = AXE_QUEUE_WORKER });
	post_minutes(&r, dst);
	must("ip link delete axt0");
	demand(await_async(r.ctx, IBV_EVENT_DEVICE_FATAL, DEADLINE_MS), "no event");
	use_dead_device(&r);
	rig_close(&r);
	munmap(dst, MIB);
}

static int complaints(void)
{
	char *text;
	int n;

	shell(&text, "dmesg | grep -c 'infiniband axt: .*failed'");
	n = atoi(text);
	free(text);
	return n;
}

/* The core asks for the port once more when the netdev has gone: it is down, and no error. */
static void device__netdev_deleted_quietly(void **state)
{
	uint64_t end = now_ms() + DEADLINE_MS;
	int before = complaints();

	make_link();
	must("ip link delete axt0");
	while (!access("/sys/class/infiniband/axt", F_OK))
		demand(now_ms() < end, "the device outlives its network device");
	assert_int_equal(complaints(), before);
}

/* A process is killed and the device deleted at once. */
static void device__deleted_while_a_process_dies(void **state)
{
	struct busy b = { .mode = AXE_QUEUE_WORKER };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		pid_t pid;

		make_link();
		setenv("AXE_DEVICE", "axt", 1);
		baton_make(&b.baton);
		pid = start_child(busy_child, &b);
		baton_await_child(&b.baton);
		assert_int_equal(kill(pid, SIGKILL), 0);
		delete_link();
		reap_killed(pid, SIGKILL);
		baton_free(&b.baton);
		unsetenv("AXE_DEVICE");
		drop_link(NULL);
	}
}

static const struct CMUnitTest tests[] = {
	ASYNC_MODES(device__deleted_while_commands_run, drop_link),
	cmocka_unit_test_teardown(device__deleted_while_threads_wait, drop_link),
	ALL_MODES(device__deleted_while_posting, drop_link),
	cmocka_unit_test_teardown(device__netdev_deleted_while_commands_run, drop_link),
	cmocka_unit_test_teardown(device__netdev_deleted_quietly, drop_link),
	cmocka_unit_test_teardown(device__deleted_while_a_process_dies, drop_link),
};

LIVE_MAIN("unplug", tests, NULL, NULL)
