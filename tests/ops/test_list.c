// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Operands that are lists: gather and scatter, on lists that are odd, bad, or change. */

#include <pthread.h>

#include "ops.h"

#define PLENTY	(AXE_MAX_LIST + 1)

static struct axe_buf *list;
static uint8_t *src, *dst;

static struct axe_buf range(const void *p, size_t length)
{
	return (struct axe_buf) { (uintptr_t)p, length, rig.mr->lkey };
}

static struct ibv_sge entries(size_t num)
{
	return here(&rig, list, num * sizeof(*list));
}

static bool all_are(const uint8_t *p, size_t n, uint8_t c)
{
	while (n && *p == c)
		p++, n--;
	return !n;
}

/* A gather and a scatter of @num ranges: refused alike, and nothing is written. */
static void refused(size_t num, size_t length, enum axe_code code, uint64_t result)
{
	struct ibv_sge sge = entries(num), to = here(&rig, dst, length);
	struct wc wc;

	memset(src, 6, MIB);
	memset(dst, 0, MIB);
	wc = run(&rig, gather, &to, &sge);
	assert_code(wc, code);
	assert_int_equal(wc.byte_len, 0);
	if (result)
		assert_int_equal(wc.result[0], result);
	wc = run(&rig, scatter, &sge, &to);
	assert_code(wc, code);
	assert_int_equal(wc.byte_len, 0);
	if (result)
		assert_int_equal(wc.result[0], result);
	demand(all_are(dst, MIB, 0) && all_are(src, MIB, 6), "something was written");
}

static void list__empty(void **state)
{
	struct ibv_sge none = { 0x123, 0, 0x666 }, to = here(&rig, dst, 100);
	unsigned int i;
	struct wc wc;

	wc = run(&rig, gather, &to, &none);
	assert_done(wc);
	assert_int_equal(wc.byte_len, 0);
	assert_code(run(&rig, scatter, &none, &to), AXE_ERR_FULL);
	assert_done(run(&rig, scatter, &none, &none));
	assert_done(run(&rig, gather, &none, &none));

	/* Of nothing but empty ranges, whose keys are no good. */
	for (i = 0; i < AXE_MAX_LIST; i++)
		list[i] = (struct axe_buf) { i, 0, i };
	none = entries(AXE_MAX_LIST);
	wc = run(&rig, gather, &to, &none);
	assert_done(wc);
	assert_int_equal(wc.byte_len, 0);
	assert_code(run(&rig, scatter, &none, &to), AXE_ERR_FULL);
}

static void list__longest(void **state)
{
	struct ibv_sge sge = entries(AXE_MAX_LIST), to = here(&rig, dst, MIB);
	unsigned int i;
	struct wc wc;

	fill_noise(src, MIB, 3);
	/* Every second byte, backwards. */
	for (i = 0; i < AXE_MAX_LIST; i++)
		list[i] = range(src + 2 * (AXE_MAX_LIST - i), 1);
	memset(dst, 1, MIB);
	wc = run(&rig, gather, &to, &sge);
	assert_done(wc);
	assert_int_equal(wc.byte_len, AXE_MAX_LIST);
	for (i = 0; i < AXE_MAX_LIST; i++)
		assert_int_equal(dst[i], src[2 * (AXE_MAX_LIST - i)]);
	demand(all_are(dst + i, MIB - i, 1), "the rest was written");

	list[AXE_MAX_LIST] = range(src, 1);
	refused(AXE_MAX_LIST + 1, MIB, AXE_ERR_LENGTH, 0);
	sge.length = 24;
	assert_code(run(&rig, gather, &to, &sge), AXE_ERR_LENGTH);
	sge.length = UINT32_MAX & ~15U;
	assert_code(run(&rig, gather, &to, &sge), AXE_ERR_LENGTH);
}

/* More than a u32 holds; each alone would do. */
static void list__sum_too_long(void **state)
{
	/* Far from the destination; nobody gets as far as to look what is there. */
	list[0] = range((void *)0x10000, 3U << 30);
	list[1] = list[0];
	refused(2, 100, AXE_ERR_LENGTH, 0);
}

static void list__bad_range_anywhere(void **state)
{
	static const unsigned int places[] = { 0, 1, 500, 998, 999 };
	struct ibv_mr *mr = ibv_reg_mr(rig.pd, src, 64 * KIB, 0);
	unsigned int i, k;

	assert_non_null(mr);
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		struct axe_buf *bad = &list[places[i]];
		struct ibv_sge sge = entries(1000), from = here(&rig, dst, 1000 * 16);

		for (k = 0; k < 1000; k++)
			list[k] = range(src + 64 * k, 16);
		bad->key ^= 0x12300;
		refused(1000, 16000, AXE_ERR_KEY, 0);
		bad->key = mr->lkey;
		bad->addr = (uintptr_t)src + 64 * KIB - 15;
		/* It may not be written in any case: that is looked at first. */
		memset(dst, 5, MIB);
		memset(src, 6, MIB);
		assert_code(run(&rig, scatter, &sge, &from), AXE_ERR_ACCESS);
		demand(all_are(src, MIB, 6), "something was written");
		bad->key = rig.mr->lkey;
		bad->addr = (uintptr_t)dst + 15999;
		refused(1000, 16000, AXE_ERR_OVERLAP, 0);
	}
	assert_int_equal(ibv_dereg_mr(mr), 0);
	mr = ibv_reg_mr(rig.pd, src, 64 * KIB, IBV_ACCESS_LOCAL_WRITE);
	assert_non_null(mr);
	for (k = 0; k < 1000; k++)
		list[k] = range(src + 64 * k, 16);
	list[700].key = mr->lkey;
	list[700].addr = (uintptr_t)src + 64 * KIB - 15;
	refused(1000, 16000, AXE_ERR_RANGE, list[700].addr);
	assert_int_equal(ibv_dereg_mr(mr), 0);
	assert_queue_works(&rig);
}

static void gather__from_what_may_only_be_read(void **state)
{
	struct ibv_mr *mr = ibv_reg_mr(rig.pd, src, MIB, 0);
	struct ibv_sge sge = entries(2), to = here(&rig, dst, 100);

	assert_non_null(mr);
	list[0] = (struct axe_buf) { (uintptr_t)src + 7, 60, mr->lkey };
	list[1] = (struct axe_buf) { (uintptr_t)src, 40, mr->lkey };
	/* The list itself too. */
	memcpy(src + 9001, list, 32);
	sge = (struct ibv_sge) { (uintptr_t)src + 9001, 32, mr->lkey };
	assert_done(run(&rig, gather, &to, &sge));
	assert_memory_equal(dst, src + 7, 60);
	assert_memory_equal(dst + 60, src, 40);
	assert_int_equal(ibv_dereg_mr(mr), 0);
}

static void list__sums_that_differ(void **state)
{
	struct ibv_sge sge = entries(3), one;
	struct wc wc;

	fill_noise(src, 1000, 4);
	list[0] = range(src, 100);
	list[1] = range(src + 300, 0);
	list[2] = range(src + 200, 50);
	memset(dst, 0, 1000);
	one = here(&rig, dst, 149);
	wc = run(&rig, gather, &one, &sge);
	assert_code(wc, AXE_ERR_FULL);
	assert_int_equal(wc.byte_len, 149);
	assert_memory_equal(dst + 100, src + 200, 49);
	assert_int_equal(dst[149], 0);
	/* Full where a range ends, and before there is any room. */
	one.length = 100;
	assert_code(run(&rig, gather, &one, &sge), AXE_ERR_FULL);
	one.length = 0;
	assert_code(run(&rig, gather, &one, &sge), AXE_ERR_FULL);

	list[0] = range(dst, 100);
	list[2] = range(dst + 200, 50);
	memset(dst, 0, 1000);
	one = here(&rig, src, 120);
	wc = run(&rig, scatter, &sge, &one);
	assert_done(wc);
	assert_int_equal(wc.byte_len, 120);
	assert_memory_equal(dst + 200, src + 100, 20);
	demand(all_are(dst + 100, 100, 0) && all_are(dst + 220, 700, 0), "more was written");
	one.length = 100;
	assert_done(run(&rig, scatter, &sge, &one));
	one.length = 0;
	assert_done(run(&rig, scatter, &sge, &one));
	one.length = 151;
	wc = run(&rig, scatter, &sge, &one);
	assert_code(wc, AXE_ERR_FULL);
	assert_int_equal(wc.byte_len, 150);
	assert_memory_equal(dst + 200, src + 100, 50);
}

static void scatter__to_ranges_that_overlap(void **state)
{
	struct ibv_sge sge = entries(2), one = here(&rig, src, 20000);

	fill_noise(src, 20000, 8);
	list[0] = range(dst + 5000, 10000);
	list[1] = range(dst, 10000);
	assert_done(run(&rig, scatter, &sge, &one));
	assert_memory_equal(dst, src + 10000, 10000);
	assert_memory_equal(dst + 10000, src + 5000, 5000);
}

/* The array may itself be what is written: it was read before. */
static void list__is_overwritten(void **state)
{
	struct ibv_sge sge = { (uintptr_t)dst + 8, 32 * sizeof(*list), rig.mr->lkey };
	struct ibv_sge to = here(&rig, dst, 32 * 1000);
	unsigned int i;

	fill_noise(src, 32 * 1000, 6);
	for (i = 0; i < 32; i++)
		list[i] = range(src + i * 1000, 1000);
	memcpy(dst + 8, list, 32 * sizeof(*list));
	assert_done(run(&rig, gather, &to, &sge));
	assert_memory_equal(dst, src, 32 * 1000);
}

static void list__not_in_memory(void **state)
{
	uint8_t *p = pages(4 * PAGE);
	struct ibv_sge to = here(&rig, dst, 1000), sge;
	struct wc wc;

	/* Its second page is not there. */
	sge = here(&rig, p + PAGE - 160, 320);
	memset(p, 0, PAGE);
	assert_int_equal(munmap(p + PAGE, PAGE), 0);
	wc = run(&rig, gather, &to, &sge);
	assert_code(wc, AXE_ERR_FAULT);
	assert_int_equal(wc.result[0], (uintptr_t)p + PAGE);
	wc = run(&rig, scatter, &sge, &to);
	assert_code(wc, AXE_ERR_FAULT);
	assert_int_equal(wc.result[0], (uintptr_t)p + PAGE);
	sge.lkey ^= 0x4400;
	assert_code(run(&rig, gather, &to, &sge), AXE_ERR_KEY);

	/* Its page was taken away, and comes back. */
	sge = here(&rig, p + 2 * PAGE, sizeof(*list));
	list[0] = range(src, 1000);
	memcpy(p + 2 * PAGE, list, sizeof(*list));
	madvise(p + 2 * PAGE, PAGE, 21 /* MADV_PAGEOUT */);
	assert_done(run(&rig, gather, &to, &sge));
	assert_memory_equal(dst, src, 1000);
	/* Never touched: a list of empty ranges. */
	sge = here(&rig, p + 3 * PAGE, PAGE);
	wc = run(&rig, gather, &to, &sge);
	assert_done(wc);
	assert_int_equal(wc.byte_len, 0);
	munmap(p, 4 * PAGE);
}

static void gather__range_not_in_memory(void **state)
{
	uint8_t *hole = pages(PAGE);
	struct ibv_sge sge = entries(3), to = here(&rig, dst, 3000);
	struct wc wc;

	assert_int_equal(munmap(hole, PAGE), 0);
	list[0] = range(src, 1000);
	list[1] = range(hole, 1000);
	list[2] = range(src, 1000);
	memset(dst, 0, 3000);
	memset(src, 3, 1000);
	wc = run(&rig, gather, &to, &sge);
	assert_code(wc, AXE_ERR_FAULT);
	assert_int_equal(wc.result[0], (uintptr_t)hole);
	assert_int_equal(wc.result[1], 1000);
	assert_int_equal(wc.byte_len, 1000);
	demand(all_are(dst, 1000, 3) && all_are(dst + 1000, 2000, 0), "what was written");
	assert_queue_works(&rig);
}

/*---- lists that change ----*/

static volatile bool enough;

/* Ranges that are good, and ones that are not, in turns. */
static void *shake(void *arg)
{
	volatile struct axe_buf *entry = &list[64];
	unsigned int i = 0;

	while (!enough) {
		entry->key = rig.mr->lkey + (i & 1);
		entry->length = i % 3 ? 1000 : 4000000000;
		entry->addr = (uintptr_t)(i % 5 ? src : dst);
		i++;
	}
	return NULL;
}

static void list__changes_meanwhile(void **state)
{
	struct ibv_sge sge = entries(128), to = here(&rig, dst, 128 * 1000);
	unsigned int i, done = 0;
	pthread_t thread;

	memset(src, 1, MIB);
	memset(dst, 0, MIB);
	for (i = 0; i < 128; i++)
		list[i] = range(src + 1000 * i, 1000);
	enough = false;
	assert_int_equal(pthread_create(&thread, NULL, shake, NULL), 0);
	for (i = 0; i < 500; i++) {
		struct wc wc = run(&rig, gather, &to, &sge);

		switch (wc.code) {
		case AXE_OK:
			assert_int_equal(wc.byte_len, 128 * 1000);
			done++;
			break;
		case AXE_ERR_FULL:
		case AXE_ERR_KEY:
		case AXE_ERR_RANGE:
		case AXE_ERR_FAULT:
		case AXE_ERR_OVERLAP:
			break;
		default:
			demand(false, "code %d", wc.code);
		}
	}
	enough = true;
	pthread_join(thread, NULL);
	print_message("# %u of 500 were good\n", done);
	demand(all_are(dst + 128 * 1000, MIB - 128 * 1000, 0), "written behind the destination");
	assert_queue_works(&rig);
}

static int setup(void **state)
{
	ops_setup(state);
	list = pages(PLENTY * sizeof(*list));
	src = pages(MIB);
	dst = pages(MIB);
	return 0;
}

static int teardown(void **state)
{
	munmap(list, PLENTY * sizeof(*list));
	munmap(src, MIB);
	munmap(dst, MIB);
	return ops_teardown(state);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(list__empty),
	cmocka_unit_test(list__longest),
	cmocka_unit_test(list__sum_too_long),
	cmocka_unit_test(list__bad_range_anywhere),
	cmocka_unit_test(gather__from_what_may_only_be_read),
	cmocka_unit_test(list__sums_that_differ),
	cmocka_unit_test(scatter__to_ranges_that_overlap),
	cmocka_unit_test(list__is_overwritten),
	cmocka_unit_test(list__not_in_memory),
	cmocka_unit_test(gather__range_not_in_memory),
	cmocka_unit_test(list__changes_meanwhile),
};

LIVE_MAIN("list", tests, setup, teardown)
