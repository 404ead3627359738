// SPDX-License-Identifier: GPL-2.0
/* crc32 and crc32c; the published values are in vectors.c */
#include <zlib.h>

#include "run.h"

/* By the definition of the polynomial, most significant bit first. */
static u32 reflect(u32 v, int bits)
{
	u32 r = 0;

	for (; bits; bits--, v >>= 1)
		r = r << 1 | (v & 1);
	return r;
}

static u32 crc_by_definition(u32 poly, const u8 *p, size_t len)
{
	u32 rem = ~0U;

	for (; len; p++, len--) {
		rem ^= reflect(*p, 8) << 24;
		for (int i = 0; i < 8; i++)
			rem = rem << 1 ^ (rem & 0x80000000 ? poly : 0);
	}
	return ~reflect(rem, 32);
}

static u32 crc_of(enum axe_opcode opcode, u32 seed, const u8 *p, size_t len, enum unit_cut cut)
{
	struct unit_run run = {
		.cmd = unit_cmd(opcode),
		.src = p,
		.src_len = len,
		.src_cut = cut,
	};

	run.cmd.op.crc.seed = cpu_to_le32(seed);
	assert_int_equal(unit_run(&run), AXE_OK);
	assert_int_equal(run.done, 0);
	assert_int_equal(run.result[1], 0);
	assert_int_equal(run.result[0] >> 32, 0);
	return run.result[0];
}

static void check_crc(enum axe_opcode opcode, u32 poly)
{
	static const size_t lens[] = { 0, 1, 2, 3, 7, 8, 4095, 4097, 70001 };

	for (size_t i = 0; i < ARRAY_SIZE(lens); i++) {
		size_t len = lens[i];
		u8 *p = malloc(len + 1);
		u32 want;

		unit_random_bytes(p, len);
		want = crc_by_definition(poly, p, len);
		for_each_cut(cut) {
			size_t half = len / 3;
			u32 first = crc_of(opcode, 0, p, half, cut);

			assert_int_equal(crc_of(opcode, 0, p, len, cut), want);
			assert_int_equal(crc_of(opcode, first, p + half, len - half, cut), want);
		}
		free(p);
	}
}

static void axe_crc32_exec__definition(void **state)
{
	check_crc(AXE_OP_CRC32, 0x04c11db7);
}

static void axe_crc32c_exec__definition(void **state)
{
	check_crc(AXE_OP_CRC32C, 0x1edc6f41);
}

static void axe_crc32_exec__any_seed_as_zlib(void **state)
{
	u8 p[100];

	for (int i = 0; i < 200; i++) {
		u32 seed = unit_random(0xffffffff);
		size_t len = unit_random(sizeof(p));

		unit_random_bytes(p, len);
		assert_int_equal(crc_of(AXE_OP_CRC32, seed, p, len, UNIT_RANDOM),
				 crc32_z(seed, p, len));
	}
}

static void axe_crc_check__reserved(void **state)
{
	for (size_t i = 0; i < 16; i++) {
		struct axe_cmd cmd = unit_cmd(AXE_OP_CRC32);

		cmd.op.raw[i] = 1;
		assert_int_equal(unit_check(&cmd, NULL), i < 4 ? AXE_OK : AXE_ERR_RESERVED);
		cmd.opcode = cpu_to_le16(AXE_OP_CRC32C);
		assert_int_equal(unit_check(&cmd, NULL), i < 4 ? AXE_OK : AXE_ERR_RESERVED);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(axe_crc32_exec__definition),
	cmocka_unit_test(axe_crc32c_exec__definition),
	cmocka_unit_test(axe_crc32_exec__any_seed_as_zlib),
	cmocka_unit_test(axe_crc_check__reserved),
};

int main(void)
{
	return unit_main("crc", tests, ARRAY_SIZE(tests));
}
