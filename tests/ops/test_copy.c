// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Copies whose operands overlap, or do not fit. */

#include "ops.h"

static void move(uint8_t *buffer, uint8_t *model, size_t size, size_t from, size_t to,
		 size_t length)
{
	struct ibv_sge src = here(&rig, buffer + from, length);
	struct ibv_sge dst = here(&rig, buffer + to, length);
	struct wc wc;

	fill_noise(buffer, size, from + to + length);
	memcpy(model, buffer, size);
	memmove(model + to, model + from, length);
	wc = run(&rig, copy, &dst, &src);
	assert_done(wc);
	demand(!memcmp(buffer, model, size), "move of %zu bytes from %zu to %zu", length, from, to);
}

static void copy__overlap_is_a_move(void **state)
{
	static const size_t distances[] = { 0, 1, 7, 64, 4095, 4096, 4097, 65536, 70001, 131072 };
	size_t size = MIB;
	uint8_t *buffer = pages(size), *model = pages(size);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(distances); i++) {
		move(buffer, model, size, 5000, 5000 + distances[i], 300000);
		move(buffer, model, size, 5000 + distances[i], 5000, 300000);
		move(buffer, model, size, 4096, 4096 + distances[i], 8192);
		move(buffer, model, size, 4096 + distances[i], 4096, 8192);
	}
	munmap(buffer, size);
	munmap(model, size);
}

/* The same memory by two names. */
static void copy__overlap_through_two_regions(void **state)
{
	struct area a;
	struct ibv_sge src, dst;
	uint8_t *model = pages(MIB);
	struct wc wc;

	area_make(&rig, &a, IOVA, MIB);
	fill_noise(a.p, MIB, 1);
	memcpy(model, a.p, MIB);
	memmove(model + 5000, model, 500000);
	src = part(&a, 0, 500000);
	dst = here(&rig, a.p + 5000, 500000);
	wc = run(&rig, copy, &dst, &src);
	assert_done(wc);
	assert_memory_equal(a.p, model, MIB);
	area_free(&a);
	munmap(model, MIB);
}

static void copy__two_lengths(void **state)
{
	uint8_t *p = pages(PAGE);
	struct ibv_sge src = here(&rig, p, 100), dst = here(&rig, p + 2000, 99);
	struct wc wc = run(&rig, copy, &dst, &src);

	assert_code(wc, AXE_ERR_LENGTH);
	dst.length = 101;
	wc = run(&rig, copy, &dst, &src);
	assert_code(wc, AXE_ERR_LENGTH);
	wc = run(&rig, compare, &dst, &src);
	assert_code(wc, AXE_ERR_LENGTH);
	assert_queue_works(&rig);
	munmap(p, PAGE);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(copy__overlap_is_a_move),
	cmocka_unit_test(copy__overlap_through_two_regions),
	cmocka_unit_test(copy__two_lengths),
};

LIVE_MAIN("copy", tests, ops_setup, ops_teardown)
