// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Protection information: what a failed check tells, escapes, and what is refused. */

#include "ops.h"

#define ALL	(AXE_DIF_CHECK_GUARD | AXE_DIF_CHECK_APP | AXE_DIF_CHECK_REF)

/* Two blocks of zeros, LBA 7 and 8, application tag 0x1234, the guard a CRC. */
static uint8_t *two_blocks(void)
{
	uint8_t *p = pages(PAGE);
	static const uint8_t tags[] = { 0x12, 0x34, 0, 0, 0, 7 };

	memcpy(p + 514, tags, sizeof(tags));
	memcpy(p + 1034, tags, sizeof(tags));
	p[1039] = 8;
	return p;
}

static void verify__tells_block_and_values(void **state)
{
	struct axedv_dif dif = { .block = 512, .type = 1, .flags = ALL, .ref = 7, .app = 0x1234,
				 .app_mask = 0xffff };
	uint8_t *p = two_blocks();
	struct ibv_sge src = here(&rig, p, 1040);
	struct wc wc;

	assert_done(run(&rig, dif_verify, &src, &dif));
	p[1039] = 9;
	wc = run(&rig, dif_verify, &src, &dif);
	assert_code(wc, AXE_ERR_DIF_REF);
	assert_int_equal(wc.result[0], 1);
	assert_true(wc.result[1] == (8ULL << 32 | 9));
	p[1034] = 0x13;
	wc = run(&rig, dif_verify, &src, &dif);
	assert_code(wc, AXE_ERR_DIF_APP);
	assert_true(wc.result[1] == (0x1234ULL << 32 | 0x1334));
	p[1032] = 1;
	wc = run(&rig, dif_verify, &src, &dif);
	assert_code(wc, AXE_ERR_DIF_GUARD);
	assert_int_equal(wc.result[0], 1);
	assert_int_equal(wc.result[1], 0x100);
	/* An escape: nothing of that block matters. */
	p[1034] = 0xff;
	p[1035] = 0xff;
	wc = run(&rig, dif_verify, &src, &dif);
	assert_done(wc);
	assert_int_equal(wc.result[0], 2);
	assert_int_equal(wc.result[1], 1);
	munmap(p, PAGE);
}

static void dif__refused(void **state)
{
	struct axedv_dif good = { .block = 512, .type = 1, .flags = 0 }, bad = good;
	uint8_t *p = two_blocks();
	struct ibv_sge src = here(&rig, p, 1040), odd = here(&rig, p, 1039);
	struct ibv_sge dst = here(&rig, p + 2000, 1024);

	assert_code(run(&rig, dif_verify, &odd, &good), AXE_ERR_LENGTH);
	assert_code(run(&rig, dif_strip, &src, &src, &good), AXE_ERR_LENGTH);
	bad.type = 4;
	assert_code(run(&rig, dif_verify, &src, &bad), AXE_ERR_PARAM);
	bad.type = 3;
	bad.flags = AXE_DIF_CHECK_REF;
	assert_code(run(&rig, dif_verify, &src, &bad), AXE_ERR_PARAM);
	bad.flags = 0x80;
	assert_code(run(&rig, dif_verify, &src, &bad), AXE_ERR_RESERVED);
	bad.flags = AXE_DIF_CHECK_APP;
	assert_code(run(&rig, dif_insert, &src, &dst, &bad), AXE_ERR_RESERVED);
	dst = here(&rig, p + 8, 1024);
	assert_code(run(&rig, dif_strip, &dst, &src, &good), AXE_ERR_OVERLAP);
	assert_queue_works(&rig);
	munmap(p, PAGE);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(verify__tells_block_and_values),
	cmocka_unit_test(dif__refused),
};

LIVE_MAIN("dif", tests, ops_setup, ops_teardown)
