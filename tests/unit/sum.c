// SPDX-License-Identifier: GPL-2.0
/* Checksums by their definitions, and put together; the published values are vectors. */
#include <linux/bits.h>
#include <zlib.h>

#include "run.h"

static const enum axe_opcode opcodes[] = {
	[AXE_SUM_CRC32] = AXE_OP_CRC32,
	[AXE_SUM_CRC32C] = AXE_OP_CRC32C,
	[AXE_SUM_CRC64] = AXE_OP_CRC64,
	[AXE_SUM_CRC16_T10] = AXE_OP_CRC16_T10,
	[AXE_SUM_ADLER32] = AXE_OP_ADLER32,
};

#define KINDS		ARRAY_SIZE(opcodes)

static u64 start_of(u8 kind)
{
	return kind == AXE_SUM_ADLER32;
}

/* A CRC by its polynomial, most significant bit first. */
static u64 crc_by_definition(u64 poly, int bits, bool reflected, const u8 *p, size_t len)
{
	u64 top = BIT_ULL(bits - 1), mask = top | (top - 1), rem = reflected ? mask : 0, r = 0;

	for (; len; p++, len--) {
		for (int i = 0; i < 8; i++) {
			bool bit = *p >> (reflected ? i : 7 - i) & 1;

			bit ^= !!(rem & top);
			rem = (rem << 1 ^ (bit ? poly : 0)) & mask;
		}
	}
	if (!reflected)
		return rem;
	for (int i = 0; i < bits; i++)
		r = r << 1 | (rem >> i & 1);
	return ~r & mask;
}

static u64 by_definition(u8 kind, const u8 *p, size_t len)
{
	switch (kind) {
	case AXE_SUM_CRC32:
		return crc_by_definition(0x04c11db7, 32, true, p, len);
	case AXE_SUM_CRC32C:
		return crc_by_definition(0x1edc6f41, 32, true, p, len);
	case AXE_SUM_CRC64:
		return crc_by_definition(0xad93d23594c93659, 64, true, p, len);
	case AXE_SUM_CRC16_T10:
		return crc_by_definition(0x8bb7, 16, false, p, len);
	default:
		return adler32_z(1, p, len);
	}
}

static u64 sum_of(u8 kind, u64 seed, const u8 *p, size_t len, enum unit_cut cut)
{
	struct unit_run run = {
		.cmd = unit_cmd(opcodes[kind]),
		.src = p,
		.src_len = len,
		.src_cut = cut,
	};

	if (kind == AXE_SUM_CRC64)
		run.cmd.op.crc64.seed = cpu_to_le64(seed);
	else
		run.cmd.op.crc.seed = cpu_to_le32(seed);
	assert_int_equal(unit_run(&run), AXE_OK);
	assert_int_equal(run.done, 0);
	assert_int_equal(run.result[1], 0);
	return run.result[0];
}

static void axe_sum_exec__definition_and_seed(void **state)
{
	static const size_t lens[] = { 0, 1, 2, 3, 7, 8, 4095, 4097, 70001 };
	static u8 p[70001];

	unit_random_bytes(p, sizeof(p));
	for (u8 kind = 0; kind < KINDS; kind++) {
		for (size_t i = 0; i < ARRAY_SIZE(lens); i++) {
			size_t len = lens[i], half = len / 3;
			u64 want = by_definition(kind, p, len);

			for_each_cut(cut) {
				u64 first = sum_of(kind, start_of(kind), p, half, cut);

				assert_int_equal(sum_of(kind, start_of(kind), p, len, cut), want);
				assert_int_equal(sum_of(kind, first, p + half, len - half, cut),
						 want);
			}
		}
	}
}

static void axe_copy_crc_exec__copies_and_sums(void **state)
{
	static const size_t lens[] = { 0, 1, 4095, 4096, 4097, 20001 };
	static u8 p[20001], q[20001];

	unit_random_bytes(p, sizeof(p));
	for (u8 kind = 0; kind < KINDS; kind++) {
		for (size_t i = 0; i < ARRAY_SIZE(lens); i++) {
			struct unit_run run = {
				.cmd = unit_cmd(AXE_OP_COPY_CRC),
				.src = p, .src_len = lens[i], .src_cut = UNIT_RANDOM,
				.dst = q, .dst_len = lens[i], .dst_cut = UNIT_RANDOM,
			};

			run.cmd.op.sum.kind = kind;
			run.cmd.op.sum.value = cpu_to_le64(start_of(kind));
			memset(q, 0, sizeof(q));
			assert_int_equal(unit_run(&run), AXE_OK);
			assert_int_equal(run.done, lens[i]);
			assert_int_equal(run.result[0], by_definition(kind, p, lens[i]));
			assert_memory_equal(p, q, lens[i]);
		}
	}
}

static u64 combined(u8 kind, u64 first, u64 second, u64 len)
{
	struct axe_cmd_ext ext = { .op.combine = {
		.first = cpu_to_le64(first), .second = cpu_to_le64(second),
	} };
	struct unit_run run = { .cmd = unit_cmd(AXE_OP_CRC_COMBINE), .ext = &ext };

	run.cmd.op.sum.kind = kind;
	run.cmd.op.sum.value = cpu_to_le64(len);
	assert_int_equal(unit_run(&run), AXE_OK);
	assert_int_equal(run.done, 0);
	assert_int_equal(run.result[1], 0);
	return run.result[0];
}

static void axe_combine_exec__is_the_sum_of_both(void **state)
{
	static u8 p[5000];

	unit_random_bytes(p, sizeof(p));
	for (u8 kind = 0; kind < KINDS; kind++) {
		for (int i = 0; i < 50; i++) {
			size_t len = unit_random(sizeof(p)), first = unit_random(len + 1);

			if (first > len)
				first = len;
			assert_int_equal(combined(kind, by_definition(kind, p, first),
						  by_definition(kind, p + first, len - first),
						  len - first),
					 by_definition(kind, p, len));
		}
	}
}

/* Lengths that nobody has: zlib knows them, and for the others they add up. */
static void axe_combine_exec__any_length(void **state)
{
	for (int shift = 20; shift < 63; shift += 3) {
		u64 len = BIT_ULL(shift) + 12345;

		assert_int_equal(combined(AXE_SUM_CRC32, 0x12345678, 0x9abcdef0, len),
				 crc32_combine(0x12345678, 0x9abcdef0, len));
		assert_int_equal(combined(AXE_SUM_ADLER32, 0x12345678, 0x9abcdef0, len),
				 adler32_combine(0x12345678, 0x9abcdef0, len));
	}
	for (u8 kind = 0; kind < AXE_SUM_ADLER32; kind++) {
		u64 step = combined(kind, 0x1234, 0, ~0ULL / 2);

		assert_int_equal(combined(kind, combined(kind, step, 0, ~0ULL / 2), 0, 1),
				 combined(kind, 0x1234, 0, ~0ULL));
	}
}

/* Bytes at the start of the block that mean something. */
static void check_reserved(enum axe_opcode opcode, size_t used, size_t from)
{
	for (size_t i = from; i < 16; i++) {
		struct axe_cmd cmd = unit_cmd(opcode);

		cmd.op.raw[i] = 1;
		assert_int_equal(unit_check(&cmd, NULL), i < used ? AXE_OK : AXE_ERR_RESERVED);
	}
}

static void axe_sum_check__reserved(void **state)
{
	struct axe_cmd cmd = unit_cmd(AXE_OP_CRC_COMBINE);

	check_reserved(AXE_OP_CRC64, 8, 0);
	check_reserved(AXE_OP_XXH64, 8, 0);
	check_reserved(AXE_OP_XXH32, 4, 0);
	check_reserved(AXE_OP_ADLER32, 4, 0);
	check_reserved(AXE_OP_CRC16_T10, 2, 4);
	for (size_t i = 1; i < 8; i++) {
		struct axe_cmd bad = unit_cmd(AXE_OP_COPY_CRC);

		bad.op.raw[i] = 1;
		assert_int_equal(unit_check(&bad, NULL), AXE_ERR_RESERVED);
		bad.opcode = cpu_to_le16(AXE_OP_CRC_COMBINE);
		assert_int_equal(unit_check(&bad, NULL), AXE_ERR_RESERVED);
	}
	for (size_t i = 16; i < 32; i++) {
		struct axe_cmd_ext ext = {};

		ext.op.raw[i] = 1;
		assert_int_equal(unit_check(&cmd, &ext), AXE_ERR_RESERVED);
	}
}

static void axe_sum_check__what_cannot_be_one(void **state)
{
	static const struct {
		u8 kind;
		u64 value;
		enum axe_code code;
	} cases[] = {
		{ AXE_SUM_CRC32, 0xffffffff, AXE_OK },
		{ AXE_SUM_CRC32, 1ULL << 32, AXE_ERR_PARAM },
		{ AXE_SUM_CRC32C, 1ULL << 63, AXE_ERR_PARAM },
		{ AXE_SUM_CRC64, ~0ULL, AXE_OK },
		{ AXE_SUM_CRC16_T10, 0xffff, AXE_OK },
		{ AXE_SUM_CRC16_T10, 0x10000, AXE_ERR_PARAM },
		{ AXE_SUM_ADLER32, 0xfff0fff0, AXE_OK },
		{ AXE_SUM_ADLER32, 0xfff0fff1, AXE_ERR_PARAM },
		{ AXE_SUM_ADLER32, 0xfff1fff0, AXE_ERR_PARAM },
		{ AXE_SUM_ADLER32, 1ULL << 32, AXE_ERR_PARAM },
		{ 5, 0, AXE_ERR_PARAM },
		{ 255, 0, AXE_ERR_PARAM },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct axe_cmd cmd = unit_cmd(AXE_OP_COPY_CRC);

		cmd.op.sum.kind = cases[i].kind;
		cmd.op.sum.value = cpu_to_le64(cases[i].value);
		assert_int_equal(unit_check(&cmd, NULL), cases[i].code);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(axe_sum_exec__definition_and_seed),
	cmocka_unit_test(axe_copy_crc_exec__copies_and_sums),
	cmocka_unit_test(axe_combine_exec__is_the_sum_of_both),
	cmocka_unit_test(axe_combine_exec__any_length),
	cmocka_unit_test(axe_sum_check__reserved),
	cmocka_unit_test(axe_sum_check__what_cannot_be_one),
};

int main(void)
{
	return unit_main("sum", tests, ARRAY_SIZE(tests));
}
