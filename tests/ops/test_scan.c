// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Packed integers: what is wrong with commands on them, and one behind the other. */

#include "ops.h"

/* 0 to 7 with a width of 3, as the Parquet format's Encodings.md has them. */
static const uint8_t parquet[] = { 0x88, 0xc6, 0xfa };

/* A page each. */
struct memory {
	uint8_t *src;
	uint8_t *mask;
	uint8_t *dst;
};

static struct memory memory_make(void)
{
	uint8_t *p = pages(3 * PAGE);

	memcpy(p, parquet, sizeof(parquet));
	return (struct memory) { p, p + PAGE, p + 2 * PAGE };
}

static void memory_free(struct memory *m)
{
	munmap(m->src, 3 * PAGE);
}

static void scan__then_select_then_expand(void **state)
{
	struct memory m = memory_make();
	struct ibv_sge src = here(&rig, m.src, 3), mask = here(&rig, m.mask, 1);
	struct ibv_sge chosen = here(&rig, m.dst, 3), back = here(&rig, m.dst + 64, 3);
	struct wc wc;

	/* 2 to 5 */
	wc = run(&rig, scan, &mask, &src, 3, 8, 2, 5);
	assert_done(wc);
	assert_int_equal(m.mask[0], 0x3c);
	assert_int_equal(wc.result[0], 4);
	assert_int_equal(wc.result[1], 2);
	wc = run(&rig, select, &chosen, &src, &mask, 3, 8);
	assert_done(wc);
	assert_int_equal(wc.byte_len, 2);
	/* 010 011 100 101 from the right, and four zeros */
	assert_int_equal(m.dst[0] | m.dst[1] << 8, 05432);
	chosen.length = 2;
	wc = run(&rig, expand, &back, &chosen, &mask, 3, 8);
	assert_done(wc);
	assert_int_equal(wc.byte_len, 3);
	assert_int_equal(m.dst[64] | m.dst[65] << 8 | m.dst[66] << 16, 00543200);
	wc = run(&rig, extract, &back, &src, 3, 8, 2, 5);
	assert_done(wc);
	assert_memory_equal(m.dst, m.dst + 64, 2);
	memory_free(&m);
}

static void scan__parameters(void **state)
{
	struct memory m = memory_make();
	struct ibv_sge src = here(&rig, m.src, 3), mask = here(&rig, m.mask, 1);
	struct ibv_sge dst = here(&rig, m.dst, 64);

	assert_code(run(&rig, scan, &dst, &src, 0, 8, 0, 0), AXE_ERR_PARAM);
	assert_code(run(&rig, scan, &dst, &src, 33, 8, 0, 0), AXE_ERR_PARAM);
	assert_code(run(&rig, scan, &dst, &src, 255, 8, 0, 0), AXE_ERR_PARAM);
	assert_code(run(&rig, scan, &dst, &src, 3, 8, 5, 4), AXE_ERR_PARAM);
	assert_code(run(&rig, select, &dst, &src, &mask, 0, 8), AXE_ERR_PARAM);
	assert_code(run(&rig, expand, &dst, &src, &mask, 33, 8), AXE_ERR_PARAM);
	assert_code(run(&rig, extract, &dst, &src, 3, 8, 0, 8), AXE_ERR_PARAM);
	assert_code(run(&rig, extract, &dst, &src, 3, 8, 3, 2), AXE_ERR_PARAM);
	assert_code(run(&rig, extract, &dst, &src, 3, 8, 0, UINT32_MAX), AXE_ERR_PARAM);
	assert_queue_works(&rig);
	memory_free(&m);
}

static void scan__lengths(void **state)
{
	struct memory m = memory_make();
	struct ibv_sge src = here(&rig, m.src, 3), mask = here(&rig, m.mask, 1);
	struct ibv_sge dst = here(&rig, m.dst, 64);

	assert_code(run(&rig, scan, &dst, &src, 3, 9, 0, 0), AXE_ERR_LENGTH);
	assert_code(run(&rig, scan, &dst, &src, 3, 5, 0, 0), AXE_ERR_LENGTH);
	/* Modulo 2^32, that is 3. */
	assert_code(run(&rig, scan, &dst, &src, 32, 0x40000000, 0, 0), AXE_ERR_LENGTH);
	assert_code(run(&rig, extract, &dst, &src, 3, 9, 0, 0), AXE_ERR_LENGTH);
	assert_code(run(&rig, select, &dst, &src, &mask, 2, 9), AXE_ERR_LENGTH);
	assert_code(run(&rig, select, &dst, &src, NULL, 3, 8), AXE_ERR_LENGTH);
	assert_code(run(&rig, expand, &dst, &src, &mask, 2, 8), AXE_ERR_LENGTH);
	mask.length = 2;
	assert_code(run(&rig, expand, &dst, &src, &mask, 3, 8), AXE_ERR_LENGTH);
	assert_queue_works(&rig);
	memory_free(&m);
}

static void scan__room(void **state)
{
	struct memory m = memory_make();
	struct ibv_sge src = here(&rig, m.src, 3), mask = here(&rig, m.mask, 1);
	struct ibv_sge dst = here(&rig, m.dst, 2), none = here(&rig, m.dst, 0);
	struct wc wc;

	m.mask[0] = 0x7f;
	assert_code(run(&rig, scan, &none, &src, 3, 8, 0, 7), AXE_ERR_FULL);
	assert_code(run(&rig, extract, &dst, &src, 3, 8, 0, 5), AXE_ERR_FULL);
	assert_code(run(&rig, expand, &dst, &src, &mask, 3, 8), AXE_ERR_FULL);
	demand(!m.dst[0] && !m.dst[1], "written before it failed");
	assert_code(run(&rig, select, &dst, &src, &mask, 3, 8), AXE_ERR_FULL);
	m.mask[0] = 0x1f;
	wc = run(&rig, select, &dst, &src, &mask, 3, 8);
	assert_done(wc);
	assert_int_equal(wc.byte_len, 2);

	m.mask[0] = 0xff;
	dst.length = 3;
	src.length = 2;
	wc = run(&rig, expand, &dst, &src, &mask, 3, 8);
	assert_code(wc, AXE_ERR_TRUNCATED);
	assert_int_equal(wc.result[0], 2);
	assert_queue_works(&rig);
	memory_free(&m);
}

static void scan__overlap(void **state)
{
	struct memory m = memory_make();
	struct ibv_sge src = here(&rig, m.src, 3), mask = here(&rig, m.mask, 1);

	assert_code(run(&rig, scan, &src, &src, 3, 8, 0, 7), AXE_ERR_OVERLAP);
	assert_code(run(&rig, extract, &src, &src, 3, 8, 0, 7), AXE_ERR_OVERLAP);
	assert_code(run(&rig, select, &src, &src, &mask, 3, 8), AXE_ERR_OVERLAP);
	m.mask[0] = 1;
	assert_code(run(&rig, select, &mask, &src, &mask, 3, 8), AXE_ERR_OVERLAP);
	assert_memory_equal(m.src, parquet, sizeof(parquet));
	assert_int_equal(m.mask[0], 1);
	assert_queue_works(&rig);
	memory_free(&m);
}

static void scan__width_that_no_command_carries(void **state)
{
	struct memory m = memory_make();
	struct ibv_sge src = here(&rig, m.src, 3), dst = here(&rig, m.dst, 3);

	ibv_wr_start(rig.qx);
	axedv_wr_scan(rig.qx, &dst, &src, 259, 8, 0, 7);
	assert_int_equal(ibv_wr_complete(rig.qx), EINVAL);
	ibv_wr_start(rig.qx);
	axedv_wr_select(rig.qx, &dst, &src, &src, 259, 8);
	assert_int_equal(ibv_wr_complete(rig.qx), EINVAL);
	assert_queue_works(&rig);
	memory_free(&m);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(scan__then_select_then_expand),
	cmocka_unit_test(scan__parameters),
	cmocka_unit_test(scan__lengths),
	cmocka_unit_test(scan__room),
	cmocka_unit_test(scan__overlap),
	cmocka_unit_test(scan__width_that_no_command_carries),
};

LIVE_MAIN("scan", tests, ops_setup, ops_teardown)
