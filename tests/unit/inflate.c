// SPDX-License-Identifier: GPL-2.0
/* decompress, on what the system's zlib has made */
#include <linux/minmax.h>

#include "packed.h"

static void round_trip(const struct packed *p, enum unit_cut src_cut, enum unit_cut dst_cut)
{
	u8 *dst = malloc(p->plain_len + 1);
	struct unit_run run = run_of(p, p->len, dst, p->plain_len);

	run.src_cut = src_cut;
	run.dst_cut = dst_cut;
	unit_run(&run);
	assert_unpacked(p, &run);
	free(dst);
}

static void axe_inflate_exec__any_length_any_cut(void **state)
{
	static const size_t lens[] = { 0, 1, 2, 257, 4096, 20001, 70000 };

	for (size_t i = 0; i < ARRAY_SIZE(lens); i++)
		for_each_format(format) {
			struct packed p = pack(format, lens[i]);

			for_each_cut(src_cut)
				for_each_cut(dst_cut)
					round_trip(&p, src_cut, dst_cut);
			unpack_free(&p);
		}
}

static void axe_inflate_exec__large(void **state)
{
	struct packed p = pack(AXE_FORMAT_GZIP, 3000001);

	round_trip(&p, UNIT_WHOLE, UNIT_WHOLE);
	round_trip(&p, UNIT_PAGES, UNIT_PAGES);
	round_trip(&p, UNIT_RANDOM, UNIT_RANDOM);
	unpack_free(&p);
}

/* Every kind of block: stored, fixed, dynamic, without matches, all windows. */
static void axe_inflate_exec__any_encoder(void **state)
{
	for (int level = 0; level <= 9; level += 3)
		for (int strategy = Z_DEFAULT_STRATEGY; strategy <= Z_FIXED; strategy++)
			for (int wbits = 9; wbits <= 15; wbits++) {
				size_t len = unit_random(50000);
				struct packed p = pack_with(AXE_FORMAT_ZLIB, level, strategy, wbits,
							    NULL, unit_text(len), len);

				round_trip(&p, UNIT_RANDOM, UNIT_RANDOM);
				round_trip(&p, UNIT_WHOLE, UNIT_PAGES);
				unpack_free(&p);
			}
}

static void axe_inflate_exec__long_runs(void **state)
{
	struct packed p = pack_with(AXE_FORMAT_GZIP, 9, Z_DEFAULT_STRATEGY, 15, NULL,
				    calloc(1, 1000000), 1000000);

	for_each_cut(cut)
		round_trip(&p, cut, UNIT_PAGES);
	unpack_free(&p);
}

static void axe_inflate_exec__gzip_headers(void **state)
{
	for (unsigned int fields = 0; fields < 32; fields++) {
		struct packed p = pack_header(fields);

		for_each_cut(cut)
			round_trip(&p, cut, UNIT_WHOLE);
		unpack_free(&p);
	}
}

/* Exactly up to the trailer's end, whatever follows. */
static void axe_inflate_exec__stops_behind_the_first_member(void **state)
{
	for_each_format(format) {
		struct packed p = pack(format, 5000);
		size_t len = p.len + 1000;
		u8 *dst = malloc(p.plain_len + 100);
		struct packed more = p;

		more.data = realloc(p.data, len);
		p.data = more.data;
		memcpy(more.data + p.len, p.plain, 1000);
		for_each_cut(src_cut)
			for_each_cut(dst_cut) {
				struct unit_run run = run_of(&more, len, dst, p.plain_len + 100);

				run.src_cut = src_cut;
				run.dst_cut = dst_cut;
				unit_run(&run);
				assert_unpacked(&p, &run);
			}
		free(dst);
		unpack_free(&p);
	}
}

static void axe_inflate_exec__every_destination_size(void **state)
{
	for_each_format(format) {
		struct packed p = pack(format, 400);

		for_each_cut(cut)
			for (size_t size = 0; size <= p.plain_len + 1; size++) {
				u8 *dst = malloc(size + 1);
				struct unit_run run = run_of(&p, p.len, dst, size);

				run.dst_cut = cut;
				unit_run(&run);
				assert_int_equal(run.code,
						 size < p.plain_len ? AXE_ERR_FULL : AXE_OK);
				assert_int_equal(run.done, min(size, p.plain_len));
				assert_memory_equal(dst, p.plain, run.done);
				assert_int_equal(run.result[0], sum_of(format, dst, run.done));
				assert_true(run.result[1] <= p.len);
				free(dst);
			}
		unpack_free(&p);
	}
}

static void axe_inflate_check__parameters(void **state)
{
	struct axe_cmd cmd = inflate_cmd(AXE_FORMAT_GZIP + 1, 0);

	assert_int_equal(unit_check(&cmd, NULL), AXE_ERR_PARAM);
	cmd = inflate_cmd(AXE_FORMAT_GZIP, AXE_DEFLATE_RESTART);
	assert_int_equal(unit_check(&cmd, NULL), AXE_ERR_PARAM);
	cmd = inflate_cmd(AXE_FORMAT_GZIP, AXE_DEFLATE_STREAM | AXE_DEFLATE_RESTART);
	assert_int_equal(unit_check(&cmd, NULL), AXE_OK);
	cmd.op.deflate.level = 1;
	assert_int_equal(unit_check(&cmd, NULL), AXE_ERR_RESERVED);
}

static void axe_inflate_check__unknown_flags(void **state)
{
	for (int bit = 0; bit < 32; bit++) {
		u32 flag = 1U << bit;
		struct axe_cmd cmd = inflate_cmd(AXE_FORMAT_RAW, AXE_DEFLATE_STREAM | flag);

		assert_int_equal(unit_check(&cmd, NULL),
				 flag & (AXE_DEFLATE_STREAM | AXE_DEFLATE_RESTART) ?
				 AXE_OK : AXE_ERR_RESERVED);
	}
}

static void axe_inflate_check__reserved(void **state)
{
	for (size_t i = 2; i < 16; i++) {
		struct axe_cmd cmd = inflate_cmd(AXE_FORMAT_RAW, 0);

		if (i >= 4 && i < 8)
			continue;
		cmd.op.raw[i] = 1;
		assert_int_equal(unit_check(&cmd, NULL), AXE_ERR_RESERVED);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(axe_inflate_exec__any_length_any_cut),
	cmocka_unit_test(axe_inflate_exec__large),
	cmocka_unit_test(axe_inflate_exec__any_encoder),
	cmocka_unit_test(axe_inflate_exec__long_runs),
	cmocka_unit_test(axe_inflate_exec__gzip_headers),
	cmocka_unit_test(axe_inflate_exec__stops_behind_the_first_member),
	cmocka_unit_test(axe_inflate_exec__every_destination_size),
	cmocka_unit_test(axe_inflate_check__parameters),
	cmocka_unit_test(axe_inflate_check__unknown_flags),
	cmocka_unit_test(axe_inflate_check__reserved),
};

int main(void)
{
	return unit_main("inflate", tests, ARRAY_SIZE(tests));
}
