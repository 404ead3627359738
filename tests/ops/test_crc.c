// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* CRCs that a standard prints, and in parts. */

#include "ops.h"

static void crc32c__rfc_3720(void **state)
{
	/* RFC 3720, B.4 */
	uint8_t bytes[32] = {};
	struct ibv_sge src = here(&rig, bytes, 32);
	unsigned int i;
	struct wc wc;

	memset(bytes, 0, 32);
	wc = run(&rig, crc32c, &src, 0);
	assert_int_equal(wc.result[0], 0x8a9136aa);
	memset(bytes, 0xff, 32);
	wc = run(&rig, crc32c, &src, 0);
	assert_int_equal(wc.result[0], 0x62a8ab43);
	for (i = 0; i < 32; i++)
		bytes[i] = i;
	wc = run(&rig, crc32c, &src, 0);
	assert_int_equal(wc.result[0], 0x46dd794e);
	for (i = 0; i < 32; i++)
		bytes[i] = 31 - i;
	wc = run(&rig, crc32c, &src, 0);
	assert_int_equal(wc.result[0], 0x113fdb5c);
}

static void crc__goes_on_from_a_seed(void **state)
{
	uint8_t *p = pages(MIB);
	struct ibv_sge whole = here(&rig, p, 300001);
	struct ibv_sge first = here(&rig, p, 77777), rest = here(&rig, p + 77777, 300001 - 77777);
	struct wc a, b;

	fill_noise(p, 300001, 9);
	a = run(&rig, crc32, &first, 0);
	b = run(&rig, crc32, &rest, a.result[0]);
	a = run(&rig, crc32, &whole, 0);
	assert_done(a);
	assert_int_equal(a.result[0], b.result[0]);

	a = run(&rig, crc32c, &first, 0);
	b = run(&rig, crc32c, &rest, a.result[0]);
	a = run(&rig, crc32c, &whole, 0);
	assert_done(a);
	assert_int_equal(a.result[0], b.result[0]);
	munmap(p, MIB);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(crc32c__rfc_3720),
	cmocka_unit_test(crc__goes_on_from_a_seed),
};

LIVE_MAIN("crc", tests, ops_setup, ops_teardown)
