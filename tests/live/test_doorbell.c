// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Doorbells: when they are rung, when they need not be, and that none is lost. */

#include <sched.h>

#include "ways.h"

static void doorbell__bad_writes(void **state)
{
	struct axe_doorbell bells[3] = {}, *volatile nowhere = (void *)16;
	struct rig r;
	int fd;

	rig_open(&r, NULL);
	fd = doorbell_fd();
	bells[0].number = r.qp->qp_num;
	assert_int_equal(write(fd, bells, 8), 8);
	bells[0].ring = 3;
	assert_int_equal(write(fd, bells, 8), -1);
	assert_int_equal(errno, EINVAL);
	bells[0].ring = AXE_DOORBELL_SQ;
	bells[0].number = 0xffffff;
	assert_int_equal(write(fd, bells, 8), -1);
	assert_int_equal(errno, EINVAL);
	bells[0].number = r.qp->qp_num;
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
	struct axe_doorbell bell = { .number = s->qp_num };
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
	must("strace -f -o /tmp/axe-strace '%s' post-while-busy", this_program());
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
	assert_between(writes, 1, 3);
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

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(doorbell__bad_writes),
	cmocka_unit_test(doorbell__of_a_foreign_queue),
	cmocka_unit_test(doorbell__one_a_batch),
	IN_WAY(doorbell__none_while_a_worker_is_busy, "auto", 0),
	IN_WAY(doorbell__none_while_a_worker_is_busy, "worker", 2),
	IN_WAY(doorbell__none_while_a_worker_is_busy, "poll", 3),
	cmocka_unit_test(doorbell__no_system_call_as_strace_counts),
	IN_ALL_MODES(wakeup__never_lost),
};

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "post-while-busy"))
		return post_while_busy();
	return live_main("doorbell", tests, ARRAY_SIZE(tests), NULL, NULL);
}
