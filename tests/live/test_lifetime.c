// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Ends: of processes with commands in flight, of objects in any order; and what is
 * left behind, which is nothing.
 */

#include <pthread.h>
#include <signal.h>

#include "busy.h"

/*---- processes ----*/
static void kill_busy(enum axe_queue_mode mode, unsigned int rounds)
{
	struct busy b = { .mode = mode };
	unsigned int i;

	for (i = 0; i < rounds; i++) {
		uint64_t start;
		pid_t pid;

		baton_make(&b.baton);
		pid = start_child(busy_child, &b);
		baton_await_child(&b.baton);
		start = now_ms();
		assert_int_equal(kill(pid, SIGKILL), 0);
		reap_killed(pid, SIGKILL);
		demand(now_ms() - start < 5000, "it took %llu ms to die",
		       (unsigned long long)(now_ms() - start));
		baton_free(&b.baton);
	}
	await_no_queues(0);
}

static void process__killed(void **state)
{
	kill_busy(*(enum axe_queue_mode *)*state, 15);
}

static void process__exits(void **state)
{
	struct busy b = { .mode = *(enum axe_queue_mode *)*state, .exits = true };
	unsigned int i;

	for (i = 0; i < 8; i++) {
		b.closes = i & 1;
		baton_make(&b.baton);
		in_child(busy_child, &b);
		baton_free(&b.baton);
	}
	await_no_queues(0);
}

/* While a thread waits for a completion, and another one posts. */
static void *waits_for_ever(void *arg)
{
	struct ibv_cq *cq;
	void *context;

	ibv_get_cq_event(((struct rig *)arg)->channel, &cq, &context);
	return NULL;
}

static void *posts_for_ever(void *arg)
{
	struct rig *r = arg;

	for (;;) {
		ibv_wr_start(r->qx);
		r->qx->wr_flags = 0;
		axedv_wr_nop(r->qx);
		ibv_wr_complete(r->qx);
	}
	return NULL;
}

static void threads_child(void *arg)
{
	struct busy *b = arg;
	pthread_t waiter, poster;
	struct rig r;

	rig_open(&r, &(struct rig_options){ .mode = b->mode, .unsignaled = true });
	demand(!pthread_create(&waiter, NULL, waits_for_ever, &r), "pthread_create");
	demand(!pthread_create(&poster, NULL, posts_for_ever, &r), "pthread_create");
	baton_to_parent(&b->baton);
	baton_await_parent(&b->baton);
}

static void process__killed_with_threads(void **state)
{
	struct busy b = { .mode = *(enum axe_queue_mode *)*state };
	unsigned int i;

	for (i = 0; i < 8; i++) {
		pid_t pid;

		baton_make(&b.baton);
		pid = start_child(threads_child, &b);
		baton_await_child(&b.baton);
		assert_int_equal(kill(pid, SIGKILL), 0);
		reap_killed(pid, SIGKILL);
		baton_free(&b.baton);
	}
	await_no_queues(0);
}

/* A thread ends with its stack, on which the device works. */
static void execs_child(void *arg)
{
	struct busy *b = arg;
	size_t size = 64 * MIB;
	uint8_t *p = small_pages(size);
	struct ibv_sge d;
	struct rig r;
	unsigned int i;

	rig_open(&r, &(struct rig_options){ .mode = b->mode });
	d = here(&r, p, size);
	for (i = 0; i < 20; i++)
		post(&r, i, IBV_SEND_SIGNALED, fill, &d, "x", 1);
	execl("/bin/true", "true", NULL);
	demand(false, "execl");
}

/* Its memory goes while it lives on: exec() with commands in flight. */
static void process__execs(void **state)
{
	struct busy b = { .mode = *(enum axe_queue_mode *)*state };
	unsigned int i;

	for (i = 0; i < 6; i++)
		in_child(execs_child, &b);
	await_no_queues(0);
}

/* A child has the context too: it lives until both are gone, and does no harm. */
static struct rig inherited;

static void inherits(void *arg)
{
	struct busy *b = arg;
	struct ibv_sge src = here(&inherited, &inherited, sizeof(inherited));
	struct wc wc;

	baton_to_parent(&b->baton);
	baton_await_parent(&b->baton);
	/* Its parent is gone, and with it the memory that the region meant. */
	wc = run(&inherited, crc32, &src, 0);
	demand(wc.code == AXE_ERR_GONE, "code %d (%s)", wc.code, axedv_code_str(wc.code));
	wc = run(&inherited, nop);
	demand(wc.code == AXE_OK, "code %d", wc.code);
}

static void dies_before_its_child(void *arg)
{
	struct busy *b = arg;

	rig_open(&inherited, &(struct rig_options){ .mode = b->mode });
	/* A grandchild of the test, which outlives this process. */
	if (!fork()) {
		alarm(60 * slowness());
		inherits(b);
		demand(write(b->baton.back[1], "k", 1) == 1, "write");
		_exit(0);
	}
	baton_await_child(&b->baton);
}

static void process__outlived_by_its_child(void **state)
{
	struct busy b = { .mode = *(enum axe_queue_mode *)*state };

	baton_make(&b.baton);
	/* It returns when the grandchild is there; then it is gone, and the other goes on. */
	in_child(dies_before_its_child, &b);
	baton_to_child(&b.baton);
	baton_await_child(&b.baton);
	baton_free(&b.baton);
	await_no_queues(0);
}

/*---- objects, in any order ----*/

/* What the order forbids is EBUSY, and later it works. */
static void close__in_the_wrong_order(void **state)
{
	struct rig r;

	rig_open(&r, NULL);
	assert_int_equal(ibv_dealloc_pd(r.pd), EBUSY);
	assert_int_equal(ibv_destroy_cq(ibv_cq_ex_to_cq(r.cq)), EBUSY);
	assert_int_equal(ibv_dereg_mr(r.mr), 0);
	assert_int_equal(ibv_dealloc_pd(r.pd), EBUSY);
	assert_int_equal(ibv_destroy_qp(r.qp), 0);
	assert_int_equal(ibv_dealloc_pd(r.pd), 0);
	assert_int_equal(ibv_destroy_comp_channel(r.channel), EBUSY);
	assert_int_equal(ibv_destroy_cq(ibv_cq_ex_to_cq(r.cq)), 0);
	assert_int_equal(ibv_destroy_comp_channel(r.channel), 0);
	assert_int_equal(ibv_close_device(r.ctx), 0);
}

/* The device is closed with everything still there. */
static void close__everything_at_once(void **state)
{
	struct rig r;
	unsigned int i, k;

	for (i = 0; i < 20; i++) {
		uint8_t *p = pages(MIB);
		struct ibv_sge d;

		rig_open(&r, &(struct rig_options){ .mode = i % 4 });
		d = here(&r, p, MIB);
		for (k = 0; k < 20; k++)
			post(&r, k, IBV_SEND_SIGNALED, fill, &d, "y", 1);
		if (i & 1)
			munmap(p, MIB);
		assert_int_equal(ibv_close_device(r.ctx), 0);
		if (!(i & 1))
			munmap(p, MIB);
	}
	await_no_queues(0);
}

/*---- what is left ----*/

static void idle(void *arg)
{
	unsigned int i;

	for (i = 0; i < 10; i++) {
		struct rig r;

		rig_open(&r, &(struct rig_options){ .mode = i % 4 });
		assert_queue_works(&r);
		rig_close(&r);
	}
}

static void nothing_is_left__references(void **state)
{
	long long before = read_number("/sys/module/axe/refcnt");
	struct busy b = { .mode = AXE_QUEUE_WORKER };
	pid_t pid;

	assert_true(before >= 0);
	in_child(idle, NULL);
	baton_make(&b.baton);
	pid = start_child(busy_child, &b);
	baton_await_child(&b.baton);
	assert_between(read_number("/sys/module/axe/refcnt"), before + 1, 1000);
	assert_int_equal(kill(pid, SIGKILL), 0);
	reap_killed(pid, SIGKILL);
	baton_free(&b.baton);
	await_number("/sys/module/axe/refcnt", before);
}

static long long used_kib(void)
{
	/* What is freed behind a grace period, and what lies about on lists of CPUs. */
	write_file("/proc/sys/vm/drop_caches", "2");
	return field_of("/proc/meminfo", "SUnreclaim") + field_of("/proc/meminfo", "VmallocUsed") +
	       field_of("/proc/meminfo", "Percpu");
}

static void leak_round(enum axe_queue_mode mode)
{
	struct busy b = { .mode = mode };
	pid_t pid;

	in_child(idle, NULL);
	baton_make(&b.baton);
	pid = start_child(busy_child, &b);
	baton_await_child(&b.baton);
	kill(pid, SIGKILL);
	reap_killed(pid, SIGKILL);
	baton_free(&b.baton);
}

static void nothing_is_left__memory(void **state)
{
	uint64_t end = now_ms() + DEADLINE_MS;
	long long before, after;
	unsigned int i, rounds = 20;

	/* Once for what is kept: pools, caches. */
	for (i = 0; i < 8; i++)
		leak_round(i % 4 == 1 ? 2 : i % 4);
	await_no_queues(0);
	before = used_kib();
	for (i = 0; i < rounds; i++)
		leak_round(i % 4 == 1 ? 2 : i % 4);
	await_no_queues(0);
	do
		after = used_kib();
	while (after - before > 100 * rounds && now_ms() < end);
	print_message("# %lld KiB more after %u rounds\n", after - before, rounds);
	/* A ring each would be 4 MiB; a workspace each 260 KiB; page tables 0.5 MiB. */
	demand(after - before <= 100 * rounds, "%lld KiB are left behind", after - before);
}

static const struct CMUnitTest tests[] = {
	ALL_MODES(process__killed, NULL),
	ASYNC_MODES(process__exits, NULL),
	ALL_MODES(process__killed_with_threads, NULL),
	ASYNC_MODES(process__execs, NULL),
	ALL_MODES(process__outlived_by_its_child, NULL),
	cmocka_unit_test(close__in_the_wrong_order),
	cmocka_unit_test(close__everything_at_once),
	cmocka_unit_test(nothing_is_left__references),
	cmocka_unit_test(nothing_is_left__memory),
};

LIVE_MAIN("lifetime", tests, NULL, NULL)
