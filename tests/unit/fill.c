// SPDX-License-Identifier: GPL-2.0
#include "run.h"

static struct axe_cmd fill_cmd(const u8 *pattern, u8 size)
{
	struct axe_cmd cmd = unit_cmd(AXE_OP_FILL);

	memcpy(cmd.op.fill.pattern, pattern, size);
	cmd.op.fill.size = size;
	return cmd;
}

static void fill_of(u8 size, size_t len, enum unit_cut cut)
{
	u8 pattern[8];
	u8 *dst = calloc(1, len + 1);
	struct unit_run run = { .dst = dst, .dst_len = len, .dst_cut = cut };

	unit_random_bytes(pattern, sizeof(pattern));
	run.cmd = fill_cmd(pattern, size);
	dst[len] = 0x5a;
	assert_int_equal(unit_run(&run), AXE_OK);
	assert_int_equal(run.done, len);
	for (size_t i = 0; i < len; i++)
		if (dst[i] != pattern[i % size])
			fail_msg("size %u, length %zu, cut %d: byte %zu", size, len, cut, i);
	assert_int_equal(dst[len], 0x5a);
	free(dst);
}

static void axe_fill_exec__any_size_any_cut(void **state)
{
	static const size_t lens[] = { 0, 1, 2, 7, 8, 9, 63, 4095, 4096, 4097, 150001 };

	for (u8 size = 1; size <= 8; size++)
		for (size_t i = 0; i < ARRAY_SIZE(lens); i++)
			for_each_cut(cut)
				fill_of(size, lens[i], cut);
}

/* Pieces that begin at every place of a word, at every phase of the pattern. */
static void axe_fill_exec__any_alignment_any_phase(void **state)
{
	u8 pattern[] = { 1, 2, 3, 4, 5, 6, 7, 8 };

	for (u8 size = 1; size <= 8; size++)
		for (size_t at = 0; at < 8; at++)
			for (u64 done = 0; done < 8; done++)
				for (size_t len = 0; len < 40; len++) {
					_Alignas(8) u8 buf[64] = { 0 };
					struct axe_cmd cmd = fill_cmd(pattern, size);
					struct axe_exec x = {
						.cmd = &cmd,
						.dst = buf + 8 + at,
						.dst_len = len,
						.src_end = true,
						.done = done,
					};

					assert_int_equal(axe_ops[AXE_OP_FILL]->exec(&x), AXE_EXEC_MORE);
					assert_int_equal(x.done, done + len);
					assert_int_equal(x.dst_len, 0);
					for (size_t i = 0; i < sizeof(buf); i++) {
						size_t k = i - 8 - at;

						assert_int_equal(buf[i], k < len ?
								 pattern[(k + done) % size] : 0);
					}
				}
}

static void axe_fill_check__size_out_of_range(void **state)
{
	struct axe_cmd cmd = unit_cmd(AXE_OP_FILL);

	assert_int_equal(unit_check(&cmd, NULL), AXE_ERR_PARAM);
	cmd.op.fill.size = 9;
	assert_int_equal(unit_check(&cmd, NULL), AXE_ERR_PARAM);
	cmd.op.fill.size = 8;
	assert_int_equal(unit_check(&cmd, NULL), AXE_OK);
}

static void axe_fill_check__unused_bytes(void **state)
{
	for (size_t i = 0; i < 16; i++) {
		struct axe_cmd cmd = fill_cmd((const u8 *)"ab", 2);

		if (i == offsetof(struct axe_cmd_fill, size))
			continue;
		cmd.op.raw[i] = 0x80;
		assert_int_equal(unit_check(&cmd, NULL), i < 2 ? AXE_OK : AXE_ERR_RESERVED);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(axe_fill_exec__any_size_any_cut),
	cmocka_unit_test(axe_fill_exec__any_alignment_any_phase),
	cmocka_unit_test(axe_fill_check__size_out_of_range),
	cmocka_unit_test(axe_fill_check__unused_bytes),
};

int main(void)
{
	return unit_main("fill", tests, ARRAY_SIZE(tests));
}
