// SPDX-License-Identifier: GPL-2.0
/* nop and copy */
#include "run.h"

static void axe_nop_exec__finishes(void **state)
{
	struct unit_run run = { .cmd = unit_cmd(AXE_OP_NOP) };

	assert_int_equal(unit_run(&run), AXE_OK);
	assert_int_equal(run.done, 0);
}

static void copy_of(size_t len, enum unit_cut src_cut, enum unit_cut dst_cut, bool backward)
{
	u8 *src = malloc(len + 1), *dst = calloc(1, len + 1);
	struct unit_run run = {
		.cmd = unit_cmd(AXE_OP_COPY),
		.src = src,
		.src_len = len,
		.dst = dst,
		.dst_len = len,
		.src_cut = src_cut,
		.dst_cut = dst_cut,
		.backward = backward,
	};

	unit_random_bytes(src, len);
	dst[len] = 0x5a;
	assert_int_equal(unit_run(&run), AXE_OK);
	assert_int_equal(run.done, len);
	assert_int_equal(run.src_held, 0);
	assert_memory_equal(src, dst, len);
	assert_int_equal(dst[len], 0x5a);
	free(src);
	free(dst);
}

static void axe_copy_exec__any_length_any_cut(void **state)
{
	static const size_t lens[] = { 0, 1, 2, 7, 8, 63, 4095, 4096, 4097, 65537, 300001 };

	for (size_t i = 0; i < ARRAY_SIZE(lens); i++)
		for_each_cut(src_cut)
			for_each_cut(dst_cut)
				copy_of(lens[i], src_cut, dst_cut, false);
}

static void axe_copy_exec__backward_in_equal_pieces(void **state)
{
	copy_of(0, UNIT_WHOLE, UNIT_WHOLE, true);
	copy_of(300001, UNIT_WHOLE, UNIT_WHOLE, true);
	copy_of(5000, UNIT_PAGES, UNIT_PAGES, true);
	copy_of(100, UNIT_BYTES, UNIT_BYTES, true);
}

/* Within one piece it is up to the operation. */
static void axe_copy_exec__overlap_in_a_piece(void **state)
{
	u8 buf[64], want[64];
	struct axe_cmd cmd = unit_cmd(AXE_OP_COPY);

	for (int shift = -16; shift <= 16; shift++) {
		struct axe_exec x = {
			.cmd = &cmd,
			.src = buf + 16,
			.src_len = 32,
			.src_end = true,
			.dst = buf + 16 + shift,
			.dst_len = 32,
			.dst_end = true,
		};
		u8 before[32];

		unit_random_bytes(buf, sizeof(buf));
		memcpy(want, buf, sizeof(buf));
		memcpy(before, buf + 16, 32);
		memcpy(want + 16 + shift, before, 32);
		assert_int_equal(axe_copy_exec(&x), AXE_OK);
		assert_int_equal(x.done, 32);
		assert_memory_equal(buf, want, sizeof(buf));
	}
}

static void axe_copy_exec__destination_ends_first(void **state)
{
	struct axe_cmd cmd = unit_cmd(AXE_OP_COPY);
	u8 src[8] = "1234567", dst[4];
	struct axe_exec x = {
		.cmd = &cmd,
		.src = src,
		.src_len = 8,
		.src_end = true,
		.dst = dst,
		.dst_len = 4,
		.dst_end = true,
	};

	assert_int_equal(axe_copy_exec(&x), AXE_ERR_FULL);
	assert_int_equal(x.done, 4);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(axe_nop_exec__finishes),
	cmocka_unit_test(axe_copy_exec__any_length_any_cut),
	cmocka_unit_test(axe_copy_exec__backward_in_equal_pieces),
	cmocka_unit_test(axe_copy_exec__overlap_in_a_piece),
	cmocka_unit_test(axe_copy_exec__destination_ends_first),
};

int main(void)
{
	return unit_main("copy", tests, ARRAY_SIZE(tests));
}
