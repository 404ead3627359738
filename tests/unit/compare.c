// SPDX-License-Identifier: GPL-2.0
#include "run.h"

#define NOTHING		(~0ULL)

static void compare_of(const u8 *a, u8 *b, size_t len, enum unit_cut src_cut,
		       enum unit_cut dst_cut, u64 want)
{
	struct unit_run run = {
		.cmd = unit_cmd(AXE_OP_COMPARE),
		.src = a,
		.src_len = len,
		.dst = b,
		.dst_len = len,
		.src_cut = src_cut,
		.dst_cut = dst_cut,
	};

	assert_int_equal(unit_run(&run), AXE_OK);
	assert_true(run.result[0] == want);
	assert_int_equal(run.done, want == NOTHING ? len : want);
}

static void axe_compare_exec__equal(void **state)
{
	static const size_t lens[] = { 0, 1, 7, 8, 31, 32, 33, 4097, 65536, 150001 };

	for (size_t i = 0; i < ARRAY_SIZE(lens); i++) {
		u8 *a = malloc(lens[i] + 1), *b = malloc(lens[i] + 1);

		unit_random_bytes(a, lens[i]);
		memcpy(b, a, lens[i]);
		for_each_cut(src_cut)
			for_each_cut(dst_cut)
				compare_of(a, b, lens[i], src_cut, dst_cut, NOTHING);
		free(a);
		free(b);
	}
}

static void axe_compare_exec__one_bit_anywhere(void **state)
{
	u8 a[200], b[200];

	unit_random_bytes(a, sizeof(a));
	for (size_t len = 1; len <= sizeof(a); len += 1 + unit_random(9))
		for (size_t at = 0; at < len; at++) {
			memcpy(b, a, sizeof(a));
			b[at] ^= 1 << unit_random(8);
			/* What comes behind the first difference does not count. */
			if (at + 1 < len)
				unit_random_bytes(b + at + 1, len - at - 1);
			compare_of(a, b, len, UNIT_WHOLE, UNIT_WHOLE, at);
			compare_of(a, b, len, UNIT_RANDOM, UNIT_BYTES, at);
		}
}

static void axe_compare_exec__far_from_the_start(void **state)
{
	size_t len = 300000;
	u8 *a = malloc(len), *b = malloc(len);

	unit_random_bytes(a, len);
	for (int i = 0; i < 20; i++) {
		size_t at = unit_random(len);

		memcpy(b, a, len);
		b[at]++;
		for_each_cut(cut)
			compare_of(a, b, len, cut, UNIT_RANDOM, at);
	}
	free(a);
	free(b);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(axe_compare_exec__equal),
	cmocka_unit_test(axe_compare_exec__one_bit_anywhere),
	cmocka_unit_test(axe_compare_exec__far_from_the_start),
};

int main(void)
{
	return unit_main("compare", tests, ARRAY_SIZE(tests));
}
