// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Operands that are many lanes: what their lists may say, and what may happen to one of them. */

#include "lanes.h"

/* Lists lie in memory that the device sees, and stay while it works. */
static struct lanes l;
static uint8_t coef[MAX_DST][MAX_SRC];

/* Sources, then destinations, each in memory of its own, and elsewhere in its page. */
static void lay_out(struct area *a, unsigned int num_src, unsigned int num_dst, size_t length)
{
	size_t stride = (length + 3 * PAGE) & ~(PAGE - 1);
	unsigned int i;

	area_make(&rig, a, IMPLICIT, stride * (num_src + num_dst) + PAGE);
	fill_noise(a->p, a->size, num_src);
	memset(&l, 0, sizeof(l));
	l.length = length;
	for (i = 0; i < num_src; i++)
		lanes_add_src(&l, a, i * stride + EDGE + i * 389 % PAGE);
	for (i = 0; i < num_dst; i++) {
		lanes_add_dst(&l, a, (num_src + i) * stride + EDGE + i * 641 % PAGE);
		edges_set(l.dst_p[i], length);
	}
}

static struct wc encode(void)
{
	struct ibv_sge src = lanes_src(&l), dst = lanes_dst(&l);

	return run(&rig, rs_encode, &dst, &src);
}

static void expect_encoded(struct wc wc)
{
	uint8_t *want = malloc(l.length + 1);
	unsigned int i, j;

	assert_done(wc);
	assert_int_equal(wc.byte_len, l.length * l.num_dst);
	for (i = 0; i < l.num_dst; i++) {
		for (j = 0; j < l.num_src; j++)
			coef[i][j] = gf_inverse((l.num_src + i) ^ j);
		lanes_sum(want, l.src_p, coef[i], l.num_src, l.length);
		demand(!memcmp(want, l.dst_p[i], l.length), "destination %u", i);
		edges_check(l.dst_p[i], l.length, "rs-encode");
	}
	free(want);
}

/* Whatever is wrong with them is found before anything is written. */
static void expect_refused(struct wc wc, enum axe_code code)
{
	uint8_t *before = malloc(l.length + 1);

	assert_code(wc, code);
	memcpy(before, l.dst_p[0], l.length);
	wc = encode();
	assert_code(wc, code);
	assert_int_equal(wc.byte_len, 0);
	assert_memory_equal(before, l.dst_p[0], l.length);
	free(before);
}

static void lanes__as_many_as_there_may_be(void **state)
{
	struct area a;

	lay_out(&a, 32, 32, 9001);
	expect_encoded(encode());
	area_free(&a);
}

static void lanes__as_many_sources_as_there_may_be(void **state)
{
	struct ibv_sge src, dst;
	struct area a;
	uint8_t *want;

	lay_out(&a, 34, 1, 20001);
	src = lanes_src(&l);
	dst = lanes_dst(&l);
	assert_done(run(&rig, xor, &dst, &src));
	memset(coef[0], 1, sizeof(coef[0]));
	want = malloc(l.length);
	lanes_sum(want, l.src_p, coef[0], 34, l.length);
	assert_memory_equal(want, l.dst_p[0], l.length);
	free(want);
	area_free(&a);
}

/* None of the pages is there: each lane has faults of its own, all over. */
static void lanes__faults_in_all(void **state)
{
	unsigned int i;
	struct area a;

	lay_out(&a, 10, 4, 300000);
	for (i = 0; i < 10; i += 3)
		madvise((void *)((uintptr_t)l.src_p[i] & ~(PAGE - 1)), 40 * PAGE, MADV_DONTNEED);
	for (i = 0; i < 4; i++)
		madvise((void *)(((uintptr_t)l.dst_p[i] + 2 * PAGE) & ~(PAGE - 1)), 60 * PAGE,
			MADV_DONTNEED);
	expect_encoded(encode());
	area_free(&a);
}

static void lanes__a_hole_in_one(void **state)
{
	struct area a;
	struct wc wc;
	uint8_t *hole;

	lay_out(&a, 5, 2, 100000);
	hole = (void *)(((uintptr_t)l.src_p[3] + 50000) & ~(PAGE - 1));
	mprotect(hole, PAGE, PROT_NONE);
	wc = encode();
	assert_code(wc, AXE_ERR_FAULT);
	demand(wc.result[0] == (uintptr_t)hole, "fault at %#llx, not %p",
	       (unsigned long long)wc.result[0], hole);
	assert_int_equal(wc.byte_len, 2 * (hole - l.src_p[3]));
	mprotect(hole, PAGE, PROT_READ | PROT_WRITE);

	hole = (void *)(((uintptr_t)l.dst_p[1] + 50000) & ~(PAGE - 1));
	mprotect(hole, PAGE, PROT_READ);
	wc = encode();
	assert_code(wc, AXE_ERR_FAULT);
	demand(wc.result[0] == (uintptr_t)hole, "fault at %#llx, not %p",
	       (unsigned long long)wc.result[0], hole);
	mprotect(hole, PAGE, PROT_READ | PROT_WRITE);
	expect_encoded(encode());
	area_free(&a);
}

static void lanes__different_lengths(void **state)
{
	unsigned int i;
	struct area a;

	lay_out(&a, 4, 3, 5000);
	for (i = 0; i < 7; i++) {
		struct ibv_sge *one = i < 4 ? &l.src[i] : &l.dst[i - 4];

		one->length--;
		expect_refused(encode(), AXE_ERR_LENGTH);
		one->length = 0;
		expect_refused(encode(), AXE_ERR_LENGTH);
		one->length = 5000;
	}
	expect_encoded(encode());
	area_free(&a);
}

static void lanes__longer_together_than_can_be_told(void **state)
{
	unsigned int i;
	struct area a;

	lay_out(&a, 2, 3, 100);
	for (i = 0; i < 5; i++)
		(i < 2 ? &l.src[i] : &l.dst[i - 2])->length = 0x60000000;
	expect_refused(encode(), AXE_ERR_LENGTH);
	area_free(&a);
}

static void lanes__bad_keys(void **state)
{
	struct area a, read_only;
	unsigned int i;

	lay_out(&a, 4, 3, 5000);
	for (i = 0; i < 7; i++) {
		struct ibv_sge *one = i < 4 ? &l.src[i] : &l.dst[i - 4], good = *one;

		one->lkey ^= 0x5500;
		expect_refused(encode(), AXE_ERR_KEY);
		*one = good;
	}
	area_make(&rig, &read_only, EXPLICIT, 4 * PAGE);
	assert_int_equal(ibv_dereg_mr(read_only.mr), 0);
	read_only.mr = ibv_reg_mr(rig.pd, read_only.p, 2 * PAGE, 0);
	assert_non_null(read_only.mr);
	l.dst[1] = part(&read_only, 10, 5000);
	expect_refused(encode(), AXE_ERR_ACCESS);
	l.dst[1] = part(&a, l.dst_p[1] - a.p, 5000);
	l.src[2] = part(&read_only, 5000, 5000);
	expect_refused(encode(), AXE_ERR_RANGE);
	assert_int_equal(encode().result[0], (uintptr_t)read_only.p + 5000);
	l.src[2] = part(&a, l.src_p[2] - a.p, 5000);
	expect_encoded(encode());
	area_free(&read_only);
	area_free(&a);
}

static void lanes__overlap(void **state)
{
	struct ibv_sge good;
	struct area a, again;
	unsigned int i;

	lay_out(&a, 4, 3, 5000);
	again = a;
	again.mr = ibv_reg_mr(rig.pd, a.p, a.size, IBV_ACCESS_LOCAL_WRITE);
	assert_non_null(again.mr);
	good = l.dst[2];
	for (i = 0; i < 6; i++) {
		size_t at = (i < 4 ? l.src_p[i] : l.dst_p[i - 4]) - a.p;

		l.dst[2] = part(&a, at, 5000);
		expect_refused(encode(), AXE_ERR_OVERLAP);
		l.dst[2] = part(&a, at + 4999, 5000);
		expect_refused(encode(), AXE_ERR_OVERLAP);
		l.dst[2] = part(&again, at + 17, 5000);
		expect_refused(encode(), AXE_ERR_OVERLAP);
	}
	l.dst[2] = good;
	expect_encoded(encode());
	/* Sources may. */
	l.src[1] = part(&again, l.src_p[0] - a.p, 5000);
	l.src_p[1] = l.src_p[0];
	expect_encoded(encode());
	assert_int_equal(ibv_dereg_mr(again.mr), 0);
	area_free(&a);
}

static void lanes__lists(void **state)
{
	struct ibv_sge many[40], src, dst;
	unsigned int i;
	struct area a;

	lay_out(&a, 4, 3, 5000);
	src = lanes_src(&l);
	dst = lanes_dst(&l);
	for (i = 1; i < 16; i++) {
		src.length = 4 * 16 - i;
		assert_code(run(&rig, rs_encode, &dst, &src), AXE_ERR_LENGTH);
	}
	src.length = 0;
	assert_code(run(&rig, rs_encode, &dst, &src), AXE_ERR_PARAM);
	dst.length = 0;
	assert_code(run(&rig, rs_encode, &dst, &src), AXE_ERR_PARAM);
	src = lanes_src(&l);
	assert_code(run(&rig, rs_encode, &dst, &src), AXE_ERR_PARAM);
	assert_code(run(&rig, xor, &dst, &src), AXE_ERR_PARAM);
	src.length = 16;
	dst.length = 16;
	assert_code(run(&rig, xor, &dst, &src), AXE_ERR_PARAM);
	assert_code(run(&rig, pq_generate, &dst, &src), AXE_ERR_PARAM);
	for (i = 0; i < 40; i++)
		many[i] = l.src[0];
	src = here(&rig, many, 33 * 16);
	assert_code(run(&rig, rs_encode, &dst, &src), AXE_ERR_LENGTH);
	src = lanes_src(&l);
	src.lkey ^= 0x4400;
	dst = lanes_dst(&l);
	assert_code(run(&rig, rs_encode, &dst, &src), AXE_ERR_KEY);
	src = lanes_src(&l);
	dst.addr = 16;
	assert_code(run(&rig, rs_encode, &dst, &src), AXE_ERR_FAULT);
	assert_queue_works(&rig);
	area_free(&a);
}

/* A list may lie anywhere, too, also across pages. */
static void lanes__list_across_pages(void **state)
{
	uint8_t *p = pages(3 * PAGE);
	struct ibv_sge src, dst;
	struct area a;

	lay_out(&a, 20, 3, 70);
	memcpy(p + PAGE - 27, l.src, 20 * sizeof(l.src[0]));
	memcpy(p + 2 * PAGE - 5, l.dst, 3 * sizeof(l.dst[0]));
	src = here(&rig, p + PAGE - 27, 20 * sizeof(l.src[0]));
	dst = here(&rig, p + 2 * PAGE - 5, 3 * sizeof(l.dst[0]));
	expect_encoded(run(&rig, rs_encode, &dst, &src));
	area_free(&a);
	munmap(p, 3 * PAGE);
}

/* As of any operand of no length: its key does not matter. */
static void lanes__of_no_length(void **state)
{
	struct ibv_sge list[6] = { { 1, 0, 0x12345 } }, src, dst;
	struct wc wc;

	src = here(&rig, list, 4 * 16);
	dst = here(&rig, list + 4, 2 * 16);
	wc = run(&rig, pq_generate, &dst, &src);
	assert_done(wc);
	assert_int_equal(wc.byte_len, 0);
	wc = run(&rig, pq_check, &src);
	assert_done(wc);
	assert_int_equal(wc.result[0], UINT64_MAX);
}

static void erasure__matrix(void **state)
{
	static uint8_t matrix[1024];
	struct ibv_sge src, dst, aux;
	struct area a;

	lay_out(&a, 4, 3, 5000);
	src = lanes_src(&l);
	dst = lanes_dst(&l);
	aux = here(&rig, matrix, 11);
	assert_code(run(&rig, erasure, &dst, &src, &aux), AXE_ERR_LENGTH);
	aux.length = 13;
	assert_code(run(&rig, erasure, &dst, &src, &aux), AXE_ERR_LENGTH);
	aux.length = 1025;
	assert_code(run(&rig, erasure, &dst, &src, &aux), AXE_ERR_LENGTH);
	aux.length = 12;
	aux.lkey ^= 0x3300;
	assert_code(run(&rig, erasure, &dst, &src, &aux), AXE_ERR_KEY);
	aux = here(&rig, matrix, 12);
	assert_done(run(&rig, erasure, &dst, &src, &aux));
	/* Of no coefficients it is zero. */
	assert_int_equal(l.dst_p[2][0] | l.dst_p[2][4999], 0);
	area_free(&a);
}

static void recover__parameters(void **state)
{
	struct ibv_sge src, dst;
	struct area a;

	lay_out(&a, 4, 2, 100);
	src = lanes_src(&l);
	dst = lanes_dst(&l);
	assert_done(run(&rig, pq_recover, &dst, &src, 4, 0, 5));
	assert_code(run(&rig, pq_recover, &dst, &src, 4, 5, 0), AXE_ERR_PARAM);
	assert_code(run(&rig, pq_recover, &dst, &src, 4, 0, 6), AXE_ERR_PARAM);
	assert_code(run(&rig, pq_recover, &dst, &src, 3, 0, 1), AXE_ERR_PARAM);
	assert_code(run(&rig, pq_recover, &dst, &src, 33, 0, 1), AXE_ERR_PARAM);
	assert_code(run(&rig, pq_recover, &dst, &src, 4, 0, AXE_PQ_NONE), AXE_ERR_PARAM);
	assert_done(run(&rig, rs_recover, &dst, &src, 4, 2, 0x3c, 3));
	assert_code(run(&rig, rs_recover, &dst, &src, 4, 2, 0x1c, 3), AXE_ERR_PARAM);
	assert_code(run(&rig, rs_recover, &dst, &src, 4, 2, 0x3c, 7), AXE_ERR_PARAM);
	assert_code(run(&rig, rs_recover, &dst, &src, 4, 2, 0x3c, 1), AXE_ERR_PARAM);
	assert_code(run(&rig, rs_recover, &dst, &src, 4, 2, 0x3c, 0x41), AXE_ERR_PARAM);
	assert_code(run(&rig, rs_recover, &dst, &src, 3, 2, 0x1c, 3), AXE_ERR_PARAM);

	rig_begin(&rig, 1, IBV_SEND_SIGNALED);
	axedv_wr_pq_recover(rig.qx, &dst, &src, 256, 0, 1);
	assert_int_equal(ibv_wr_complete(rig.qx), EINVAL);
	rig_begin(&rig, 1, IBV_SEND_SIGNALED);
	axedv_wr_rs_recover(rig.qx, &dst, &src, 4, 256, 0x3c, 3);
	assert_int_equal(ibv_wr_complete(rig.qx), EINVAL);
	assert_queue_works(&rig);
	area_free(&a);
}

/* A region of one lane is deregistered while the command runs: that does not wait for its end. */
static void lanes__a_region_goes(void **state)
{
	unsigned int tries, stopped = 0, i;
	struct area a, other;
	struct ibv_sge src, dst;
	uint64_t start;
	struct wc wc;

	area_make(&rig, &a, IMPLICIT, 34 * MIB);
	for (tries = 0; tries < 5 && !stopped; tries++) {
		area_make(&rig, &other, tries % 2 ? PINNED : EXPLICIT, 33 * MIB);
		memset(&l, 0, sizeof(l));
		l.length = 32 * MIB;
		for (i = 0; i < 32; i++)
			lanes_add_src(&l, &a, i * 100);
		lanes_add_dst(&l, &other, 77);
		src = lanes_src(&l);
		dst = lanes_dst(&l);
		post(&rig, 4711, IBV_SEND_SIGNALED, rs_encode, &dst, &src);
		usleep(10000);
		start = now_ms();
		assert_int_equal(ibv_dereg_mr(other.mr), 0);
		assert_between(now_ms() - start, 0, DEADLINE_MS / 10);
		wc = rig_wait_for(&rig, 4711);
		if (wc.code != AXE_OK)
			assert_code(wc, AXE_ERR_KEY);
		stopped += wc.code == AXE_ERR_KEY;
		other.mr = NULL;
		munmap(other.p, other.size);
	}
	demand(stopped, "it was always faster");
	assert_queue_works(&rig);
	area_free(&a);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(lanes__as_many_as_there_may_be),
	cmocka_unit_test(lanes__as_many_sources_as_there_may_be),
	cmocka_unit_test(lanes__faults_in_all),
	cmocka_unit_test(lanes__a_hole_in_one),
	cmocka_unit_test(lanes__different_lengths),
	cmocka_unit_test(lanes__longer_together_than_can_be_told),
	cmocka_unit_test(lanes__bad_keys),
	cmocka_unit_test(lanes__overlap),
	cmocka_unit_test(lanes__lists),
	cmocka_unit_test(lanes__list_across_pages),
	cmocka_unit_test(lanes__of_no_length),
	cmocka_unit_test(erasure__matrix),
	cmocka_unit_test(recover__parameters),
	cmocka_unit_test(lanes__a_region_goes),
};

LIVE_MAIN("lanes", tests, ops_setup, ops_teardown)
