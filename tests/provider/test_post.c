// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Posting, whatever it is that is posted: here commands that do nothing. */

#include <pthread.h>

#include "commands.h"

static void start__publishes_nothing(void **state)
{
	struct rig *f = *state;

	ibv_wr_start(f->qpx);
	axedv_wr_nop(f->qpx);
	axedv_wr_nop(f->qpx);
	assert_int_equal(f->hdr->tail, 0);
	assert_int_equal(ibv_wr_complete(f->qpx), 0);
	assert_int_equal(f->hdr->tail, 2);
}

static void abort__forgets(void **state)
{
	struct rig *f = *state;

	post_nops(f, 1);
	ibv_wr_start(f->qpx);
	axedv_wr_nop(f->qpx);
	ibv_wr_abort(f->qpx);
	assert_int_equal(f->hdr->tail, 1);
	f->qpx->wr_id = 77;
	post_nops(f, 1);
	assert_int_equal(f->hdr->tail, 2);
	assert_int_equal(le64toh(cmd_at(f, 1)->wr_id), 77);
}

static void complete__empty_batch(void **state)
{
	struct rig *f = *state;

	f->hdr->flags = AXE_SQ_NEED_WAKEUP;
	ibv_wr_start(f->qpx);
	assert_int_equal(ibv_wr_complete(f->qpx), 0);
	assert_int_equal(f->hdr->tail, 0);
	assert_int_equal(rings(), 0);
}

static void complete__without_start(void **state)
{
	struct rig *f = *state;

	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	ibv_wr_abort(f->qpx);
	post_nops(f, 1);
}

static void start__twice(void **state)
{
	struct rig *f = *state;

	ibv_wr_start(f->qpx);
	axedv_wr_nop(f->qpx);
	ibv_wr_start(f->qpx);
	axedv_wr_nop(f->qpx);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	assert_int_equal(f->hdr->tail, 0);
	post_nops(f, 1);
	assert_int_equal(f->hdr->tail, 1);
}

static void doorbell__only_when_asked(void **state)
{
	struct rig *f = *state;

	post_nops(f, 1);
	assert_int_equal(rings(), 0);
	f->hdr->flags = AXE_SQ_NEED_WAKEUP;
	post_nops(f, 3);
	assert_int_equal(rings(), 1);
	assert_int_equal(doorbell_last.number, RIG_QPN);
	assert_int_equal(doorbell_last.ring, AXE_DOORBELL_SQ);
	f->hdr->flags = AXE_SQ_ERROR;
	post_nops(f, 1);
	assert_int_equal(rings(), 1);
}

static void doorbell__device_gone(void **state)
{
	struct rig *f = *state;

	f->hdr->flags = AXE_SQ_DEAD | AXE_SQ_NEED_WAKEUP;
	ibv_wr_start(f->qpx);
	axedv_wr_nop(f->qpx);
	assert_int_equal(ibv_wr_complete(f->qpx), EIO);
	assert_int_equal(rings(), 0);
}

static void doorbell__fails(void **state)
{
	struct rig *f = *state;

	f->hdr->flags = AXE_SQ_NEED_WAKEUP;
	doorbell_errors[0] = ENODEV;
	ibv_wr_start(f->qpx);
	axedv_wr_nop(f->qpx);
	assert_int_equal(ibv_wr_complete(f->qpx), ENODEV);
	assert_int_equal(rings(), 0);
}

static void doorbell__interrupted(void **state)
{
	struct rig *f = *state;

	f->hdr->flags = AXE_SQ_NEED_WAKEUP;
	doorbell_errors[0] = EINTR;
	doorbell_errors[1] = EAGAIN;
	post_nops(f, 1);
	assert_int_equal(rings(), 1);
}

static void ring__full(void **state)
{
	struct rig *f = *state;
	uint32_t round;

	for (round = 1; round < 5; round++) {
		post_nops(f, SLOTS);
		ibv_wr_start(f->qpx);
		axedv_wr_nop(f->qpx);
		assert_int_equal(ibv_wr_complete(f->qpx), ENOMEM);
		assert_int_equal(f->hdr->tail, round * SLOTS);
		device_took(f, round * SLOTS);
	}
}

static void ring__full_in_batch(void **state)
{
	struct rig *f = *state;
	int i;

	ibv_wr_start(f->qpx);
	for (i = 0; i < SLOTS + 3; i++)
		axedv_wr_nop(f->qpx);
	assert_int_equal(ibv_wr_complete(f->qpx), ENOMEM);
	assert_int_equal(f->hdr->tail, 0);
	post_nops(f, SLOTS);
}

static void ring__indices_wrap(void **state)
{
	struct rig *f = *state;

	f->hdr->tail = UINT32_MAX - 2;
	f->hdr->head = UINT32_MAX - 2;
	axe_sq_init(&f->qp.sq, f->hdr, SLOTS);
	post_nops(f, SLOTS);
	assert_int_equal(f->hdr->tail, SLOTS - 3);
	ibv_wr_start(f->qpx);
	axedv_wr_nop(f->qpx);
	assert_int_equal(ibv_wr_complete(f->qpx), ENOMEM);
	device_took(f, 0);
	post_nops(f, 3);
}

/* A child, or its parent, has posted meanwhile. */
static void ring__tail_moved_by_another(void **state)
{
	struct rig *f = *state;

	post_nops(f, 2);
	f->hdr->tail = 6;
	device_took(f, 6);
	post_nops(f, SLOTS);
	assert_int_equal(f->hdr->tail, 6 + SLOTS);
}

static void ring__reset(void **state)
{
	struct rig *f = *state;

	post_nops(f, 5);
	device_took(f, 0);
	axe_sq_reset(&f->qp.sq);
	assert_int_equal(f->hdr->tail, 0);
	post_nops(f, SLOTS);
	assert_int_equal(f->hdr->tail, SLOTS);
}

static void state__not_ready(void **state)
{
	struct rig *f = *state;
	struct ibv_send_wr wr = { .opcode = IBV_WR_SEND }, *bad;

	f->qp.verbs_qp.qp.state = IBV_QPS_INIT;
	ibv_wr_start(f->qpx);
	axedv_wr_nop(f->qpx);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	assert_int_equal(axe_post_send(&f->qp.verbs_qp.qp, &wr, &bad), EINVAL);
	assert_int_equal(f->hdr->tail, 0);
	/* in the error state, to be flushed */
	f->qp.verbs_qp.qp.state = IBV_QPS_ERR;
	post_nops(f, 1);
}

#define THREADS	4
#define ROUNDS	20000

static void *post_many(void *arg)
{
	struct rig *f = arg;
	int i = 0;

	while (i < ROUNDS) {
		ibv_wr_start(f->qpx);
		axedv_wr_nop(f->qpx);
		if (!ibv_wr_complete(f->qpx))
			i++;
	}
	return NULL;
}

static void threads__none_lost(void **state)
{
	struct rig *f = *state;
	pthread_t threads[THREADS];
	uint32_t head = 0;
	int i;

	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, post_many, f), 0);
	while (head < THREADS * ROUNDS) {
		head = __atomic_load_n(&f->hdr->tail, __ATOMIC_ACQUIRE);
		__atomic_store_n(&f->hdr->head, head, __ATOMIC_RELEASE);
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(f->hdr->tail, THREADS * ROUNDS);
}

static void thread_domain__no_lock(void **state)
{
	struct rig *f = *state;

	axe_lock_init(&f->qp.lock, false);
	post_nops(f, 2);
	ibv_wr_start(f->qpx);
	ibv_wr_start(f->qpx);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	post_nops(f, 1);
	assert_int_equal(f->hdr->tail, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(start__publishes_nothing),
		TEST(abort__forgets),
		TEST(complete__empty_batch),
		TEST(complete__without_start),
		TEST(start__twice),
		TEST(doorbell__only_when_asked),
		TEST(doorbell__device_gone),
		TEST(doorbell__interrupted),
		TEST(doorbell__fails),
		TEST(ring__full),
		TEST(ring__full_in_batch),
		TEST(ring__indices_wrap),
		TEST(ring__tail_moved_by_another),
		TEST(ring__reset),
		TEST(state__not_ready),
		TEST(threads__none_lost),
		TEST(thread_domain__no_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
