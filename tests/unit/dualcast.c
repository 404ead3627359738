// SPDX-License-Identifier: GPL-2.0
#include "run.h"

static void dualcast_of(size_t len, enum unit_cut src_cut, enum unit_cut dst_cut)
{
	u8 *src = malloc(len + 1), *dst = calloc(1, len + 1), *aux = calloc(1, len + 1);
	struct unit_run run = {
		.cmd = unit_cmd(AXE_OP_DUALCAST),
		.src = src,
		.src_len = len,
		.dst = dst,
		.dst_len = len,
		.aux = aux,
		.aux_len = len,
		.src_cut = src_cut,
		.dst_cut = dst_cut,
	};

	unit_random_bytes(src, len);
	dst[len] = 0x5a;
	aux[len] = 0xa5;
	assert_int_equal(unit_run(&run), AXE_OK);
	assert_int_equal(run.done, len);
	assert_memory_equal(dst, src, len);
	assert_memory_equal(aux, src, len);
	assert_int_equal(dst[len], 0x5a);
	assert_int_equal(aux[len], 0xa5);
	free(src);
	free(dst);
	free(aux);
}

static void axe_dualcast_exec__any_length_any_cut(void **state)
{
	static const size_t lens[] = { 1, 2, 7, 511, 512, 513, 4097, 65536, 150001 };

	for (size_t i = 0; i < ARRAY_SIZE(lens); i++)
		for_each_cut(src_cut)
			for_each_cut(dst_cut)
				dualcast_of(lens[i], src_cut, dst_cut);
}

static void axe_dualcast_check__block_and_lengths(void **state)
{
	struct axe_cmd cmd = unit_cmd(AXE_OP_DUALCAST);
	struct axe_cmd_ext ext = {};

	cmd.src.length = cpu_to_le32(5);
	cmd.dst.length = cpu_to_le32(5);
	assert_int_equal(unit_check(&cmd, NULL), AXE_ERR_LENGTH);
	ext.aux.length = cpu_to_le32(5);
	assert_int_equal(unit_check(&cmd, &ext), AXE_OK);
	cmd.dst.length = cpu_to_le32(6);
	assert_int_equal(unit_check(&cmd, &ext), AXE_ERR_LENGTH);
	ext.aux.length = cpu_to_le32(6);
	assert_int_equal(unit_check(&cmd, &ext), AXE_ERR_LENGTH);
	for (size_t i = 0; i < sizeof(cmd.op.raw); i++) {
		cmd = unit_cmd(AXE_OP_DUALCAST);
		cmd.op.raw[i] = 1;
		assert_int_equal(unit_check(&cmd, NULL), AXE_ERR_RESERVED);
	}
}

/* Against a plain loop: every size of the pattern, a difference anywhere. */
static void axe_compare_pattern_exec__one_bit_anywhere(void **state)
{
	u8 src[700];

	for (u8 size = 1; size <= 8; size++)
		for (int i = 0; i < 60; i++) {
			size_t len = 1 + unit_random(sizeof(src)), at = unit_random(len);
			struct unit_run run = {
				.cmd = unit_cmd(AXE_OP_COMPARE_PATTERN),
				.src = src,
				.src_len = len,
				.src_cut = unit_random(UNIT_CUTS),
			};

			unit_random_bytes(run.cmd.op.fill.pattern, size);
			run.cmd.op.fill.size = size;
			for (size_t k = 0; k < len; k++)
				src[k] = run.cmd.op.fill.pattern[k % size];
			assert_int_equal(unit_run(&run), AXE_OK);
			assert_true(run.result[0] == ~0ULL && run.done == len);
			src[at] ^= 1 << unit_random(8);
			unit_random_bytes(src + at + 1, len - at - 1);
			assert_int_equal(unit_run(&run), AXE_OK);
			assert_true(run.result[0] == at && run.done == at);
		}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(axe_dualcast_exec__any_length_any_cut),
	cmocka_unit_test(axe_dualcast_check__block_and_lengths),
	cmocka_unit_test(axe_compare_pattern_exec__one_bit_anywhere),
};

int main(void)
{
	return unit_main("dualcast", tests, ARRAY_SIZE(tests));
}
