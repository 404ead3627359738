// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Checksums: what specifications print, by parts, and what is refused. */

#include <zlib.h>

#include "ops.h"

static void crc64__nvm_command_set(void **state)
{
	uint8_t *p = pages(PAGE);
	struct ibv_sge src = here(&rig, p, PAGE);
	unsigned int i;

	/* The specification's test cases. */
	assert_int_equal(run(&rig, crc64, &src, 0).result[0], 0x6482d367eb22b64e);
	memset(p, 0xff, PAGE);
	assert_int_equal(run(&rig, crc64, &src, 0).result[0], 0xc0ddba7302eca3ac);
	for (i = 0; i < PAGE; i++)
		p[i] = i;
	assert_int_equal(run(&rig, crc64, &src, 0).result[0], 0x3e729f5f6750449c);
	for (i = 0; i < PAGE; i++)
		p[i] = ~i;
	assert_int_equal(run(&rig, crc64, &src, 0).result[0], 0x9a2df64b8e9e517e);
	munmap(p, PAGE);
}

static void sums__go_on_from_a_seed(void **state)
{
	uint8_t *p = pages(MIB);
	struct ibv_sge whole = here(&rig, p, 300001);
	struct ibv_sge first = here(&rig, p, 77777), rest = here(&rig, p + 77777, 300001 - 77777);
	uint64_t n;

	fill_noise(p, 300001, 9);
	n = run(&rig, crc64, &first, 0).result[0];
	assert_int_equal(run(&rig, crc64, &rest, n).result[0],
			 run(&rig, crc64, &whole, 0).result[0]);
	n = run(&rig, crc16_t10, &first, 0).result[0];
	assert_int_equal(run(&rig, crc16_t10, &rest, n).result[0],
			 run(&rig, crc16_t10, &whole, 0).result[0]);
	n = run(&rig, adler32, &first, 1).result[0];
	assert_int_equal(run(&rig, adler32, &rest, n).result[0], adler32_z(1, p, 300001));
	munmap(p, MIB);
}

static void sums__what_cannot_be_one(void **state)
{
	uint8_t *p = pages(PAGE);
	struct ibv_sge src = here(&rig, p, 100), dst = here(&rig, p + 1000, 100);

	assert_code(run(&rig, adler32, &src, 65521), AXE_ERR_PARAM);
	assert_code(run(&rig, copy_crc, &dst, &src, 5, 0), AXE_ERR_PARAM);
	assert_code(run(&rig, copy_crc, &dst, &src, AXE_SUM_CRC32, 1ULL << 32), AXE_ERR_PARAM);
	assert_code(run(&rig, crc_combine, 5, 0, 0, 0), AXE_ERR_PARAM);
	assert_code(run(&rig, crc_combine, AXE_SUM_CRC16_T10, 0x10000, 0, 0), AXE_ERR_PARAM);
	assert_code(run(&rig, crc_combine, AXE_SUM_ADLER32, 1, 0xffffffff, 0), AXE_ERR_PARAM);
	assert_queue_works(&rig);
	munmap(p, PAGE);
}

static void copy_crc__lengths_and_overlap(void **state)
{
	uint8_t *p = pages(PAGE);
	struct ibv_sge src = here(&rig, p, 100), dst = here(&rig, p + 99, 100);

	assert_code(run(&rig, copy_crc, &dst, &src, AXE_SUM_CRC64, 0), AXE_ERR_OVERLAP);
	assert_code(run(&rig, copy_crc, &src, &src, AXE_SUM_CRC64, 0), AXE_ERR_OVERLAP);
	dst = here(&rig, p + 100, 99);
	assert_code(run(&rig, copy_crc, &dst, &src, AXE_SUM_CRC64, 0), AXE_ERR_LENGTH);
	assert_queue_works(&rig);
	munmap(p, PAGE);
}

static void crc_combine__any_length(void **state)
{
	struct wc wc = run(&rig, crc_combine, AXE_SUM_CRC32, 0x12345678, 0x9abcdef0, 1ULL << 62);

	assert_done(wc);
	assert_int_equal(wc.result[0], crc32_combine(0x12345678, 0x9abcdef0, 1LL << 62));
	assert_done(run(&rig, crc_combine, AXE_SUM_CRC64, ~0ULL, ~0ULL, ~0ULL));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(crc64__nvm_command_set),
	cmocka_unit_test(sums__go_on_from_a_seed),
	cmocka_unit_test(sums__what_cannot_be_one),
	cmocka_unit_test(copy_crc__lengths_and_overlap),
	cmocka_unit_test(crc_combine__any_length),
};

LIVE_MAIN("sum", tests, ops_setup, ops_teardown)
