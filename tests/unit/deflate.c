// SPDX-License-Identifier: GPL-2.0
/* compress, judged by the system's zlib */
#include <zlib.h>

#include <linux/minmax.h>

#include "vectors.h"

#define for_each_format(format)						\
	for (u8 format = AXE_FORMAT_RAW; format <= AXE_FORMAT_GZIP; format++)

/* Enough for what cannot be compressed. */
static size_t room(size_t len)
{
	return len + len / 500 + 300;
}

static struct axe_cmd deflate_cmd(u8 format, u8 level, u32 flags)
{
	struct axe_cmd cmd = unit_cmd(AXE_OP_COMPRESS);

	cmd.op.deflate.format = format;
	cmd.op.deflate.level = level;
	cmd.op.deflate.flags = cpu_to_le32(flags);
	return cmd;
}

static u32 sum_of(u8 format, const u8 *p, size_t len)
{
	if (format == AXE_FORMAT_ZLIB)
		return adler32(1, len ? p : (const u8 *)"", len);
	return crc32(0, len ? p : (const u8 *)"", len);
}

/* Runs with room enough; the caller frees run->dst. */
static void deflate_whole(struct unit_run *run)
{
	run->dst_len = room(run->src_len);
	run->dst = malloc(run->dst_len);
	assert_non_null(run->dst);
	assert_int_equal(unit_run(run), AXE_OK);
	assert_int_equal(run->src_held, 0);
	assert_int_equal(run->result[0],
			 sum_of(run->cmd.op.deflate.format, run->src, run->src_len));
	assert_int_equal(run->result[1], run->src_len);
}

static void round_trip(u8 format, u8 level, const u8 *p, size_t len,
		       enum unit_cut src_cut, enum unit_cut dst_cut)
{
	struct unit_run run = {
		.cmd = deflate_cmd(format, level, 0),
		.src = p,
		.src_len = len,
		.src_cut = src_cut,
		.dst_cut = dst_cut,
	};

	deflate_whole(&run);
	unit_assert_unpacks(format, run.dst, run.done, p, len);
	free(run.dst);
}

static void axe_deflate_exec__any_length_any_cut(void **state)
{
	static const size_t lens[] = { 0, 1, 2, 3, 257, 258, 259, 4096, 20001 };

	for (size_t i = 0; i < ARRAY_SIZE(lens); i++) {
		u8 *p = unit_text(lens[i]);

		for_each_format(format)
			for_each_cut(src_cut)
				for_each_cut(dst_cut)
					round_trip(format, 0, p, lens[i], src_cut, dst_cut);
		free(p);
	}
}

static void axe_deflate_exec__every_level(void **state)
{
	size_t len = 200003;
	u8 *p = unit_text(len);

	for_each_format(format)
		for (u8 level = 0; level <= 9; level++)
			round_trip(format, level, p, len, UNIT_RANDOM, UNIT_RANDOM);
	free(p);
}

static void axe_deflate_exec__large(void **state)
{
	size_t len = 3000001;
	u8 *p = unit_text(len);

	round_trip(AXE_FORMAT_GZIP, 1, p, len, UNIT_WHOLE, UNIT_WHOLE);
	round_trip(AXE_FORMAT_ZLIB, 6, p, len, UNIT_PAGES, UNIT_PAGES);
	free(p);
}

/* Longer than the source, by a few bytes for each stored block. */
static void axe_deflate_exec__incompressible(void **state)
{
	size_t len = 250000;
	u8 *p = malloc(len);

	unit_random_bytes(p, len);
	for_each_cut(cut)
		round_trip(AXE_FORMAT_GZIP, 6, p, len, UNIT_PAGES, cut);
	for (len = 16300; len < 16500; len++)
		round_trip(AXE_FORMAT_RAW, 6, p, len, UNIT_WHOLE, UNIT_PAGES);
	free(p);
}

static u32 lcg(u32 *seed, u32 below)
{
	*seed = *seed * 1664525 + 1013904223;
	return (u64)*seed * below >> 32;
}

/*
 * Matches of any length and distance make a block that takes as many bits as it
 * can, and noise follows them. Fed to the end while the destination comes byte
 * by byte, the library may hold back more than its last flush has room for,
 * if a block ends just behind its last read: these seeds make it so.
 */
static void axe_deflate_exec__much_output_held_back(void **state)
{
	static const u32 seeds[] = { 7, 139, 393 };

	for (size_t i = 0; i < ARRAY_SIZE(seeds); i++) {
		u32 seed = seeds[i];
		size_t len = 0, noise = 28000 + lcg(&seed, 4700);
		size_t end = 300000 + lcg(&seed, 100000);
		u8 *p = malloc(end + 100);

		while (len < 32768)
			p[len++] = lcg(&seed, 256);
		while (len < end - noise) {
			size_t distance = 1 + lcg(&seed, 32500);

			for (size_t n = 3 + lcg(&seed, 40); n; n--, len++)
				p[len] = p[len - distance];
		}
		while (len < end)
			p[len++] = lcg(&seed, 256);
		round_trip(AXE_FORMAT_RAW, 9, p, end, UNIT_WHOLE, UNIT_BYTES);
		free(p);
	}
}

static void axe_deflate_exec__long_runs(void **state)
{
	size_t len = 1000000;
	u8 *p = calloc(1, len);

	for_each_cut(cut)
		round_trip(AXE_FORMAT_GZIP, 9, p, len, UNIT_WHOLE, cut);
	free(p);
}

/* Level 6 is what 0 means. */
static void axe_deflate_exec__default_level(void **state)
{
	size_t len = 10000;
	u8 *p = unit_text(len);
	struct unit_run a = { .cmd = deflate_cmd(AXE_FORMAT_ZLIB, 0, 0), .src = p, .src_len = len };
	struct unit_run b = { .cmd = deflate_cmd(AXE_FORMAT_ZLIB, 6, 0), .src = p, .src_len = len };

	deflate_whole(&a);
	deflate_whole(&b);
	assert_int_equal(a.done, b.done);
	assert_memory_equal(a.dst, b.dst, a.done);
	free(a.dst);
	free(b.dst);
	free(p);
}

/* How the destination is cut must not change a byte of it. */
static void axe_deflate_exec__destination_cuts_do_not_show(void **state)
{
	size_t len = 60000;
	u8 *p = unit_text(len);

	for (u32 flags = 0; flags <= AXE_DEFLATE_NO_FINAL; flags++)
		for_each_format(format) {
			struct unit_run want = {
				.cmd = deflate_cmd(format, 6, flags),
				.src = p,
				.src_len = len,
			};

			deflate_whole(&want);
			for_each_cut(cut) {
				struct unit_run run = want;

				run.dst_cut = cut;
				deflate_whole(&run);
				assert_int_equal(run.done, want.done);
				assert_memory_equal(run.dst, want.dst, want.done);
				free(run.dst);
			}
			free(want.dst);
		}
	free(p);
}

static void axe_deflate_exec__every_destination_size(void **state)
{
	size_t len = 700;
	u8 *p = unit_text(len);

	for (u32 flags = 0; flags <= AXE_DEFLATE_NO_FINAL; flags++)
		for_each_format(format) {
			struct unit_run run = {
				.cmd = deflate_cmd(format, 6, flags),
				.src = p,
				.src_len = len,
			};
			size_t need, size;

			deflate_whole(&run);
			need = run.done;
			for_each_cut(cut)
				for (size = 0; size <= need + 1; size++) {
					u8 *dst = malloc(size + 1);

					run.dst_cut = cut;
					free(run.dst);
					run.dst = dst;
					run.dst_len = size;
					unit_run(&run);
					assert_int_equal(run.code,
							 size < need ? AXE_ERR_FULL : AXE_OK);
					assert_int_equal(run.done, min(size, need));
					assert_true(run.result[1] <= len);
					assert_int_equal(run.result[0],
							 sum_of(format, p, run.result[1]));
				}
			free(run.dst);
		}
	free(p);
}

/* Destination full in the middle of much source. */
static void axe_deflate_exec__full_tells_what_was_taken(void **state)
{
	size_t len = 400000;
	u8 *p = malloc(len);
	struct unit_run run = {
		.cmd = deflate_cmd(AXE_FORMAT_RAW, 6, 0),
		.src = p,
		.src_len = len,
		.dst_len = 100000,
	};

	unit_random_bytes(p, len);
	run.dst = malloc(run.dst_len);
	assert_int_equal(unit_run(&run), AXE_ERR_FULL);
	assert_int_equal(run.done, run.dst_len);
	assert_true(run.result[1] >= 100000 && run.result[1] < 300000);
	assert_int_equal(run.result[1], len - run.src_held);
	assert_int_equal(run.result[0], sum_of(AXE_FORMAT_RAW, p, run.result[1]));
	free(run.dst);
	free(p);
}

/* The header bytes are those that zlib writes. */
static void axe_deflate_exec__headers_as_zlib(void **state)
{
	static const int wbits[] = { -15, 15, 31 };
	static const size_t lens[] = { 0, 2, 10 };

	for (u8 format = AXE_FORMAT_ZLIB; format <= AXE_FORMAT_GZIP; format++)
		for (u8 level = 1; level <= 9; level++) {
			struct unit_run run = { .cmd = deflate_cmd(format, level, 0) };
			z_stream zs = { 0 };
			u8 want[64];

			deflateInit2(&zs, level, Z_DEFLATED, wbits[format], 8, Z_DEFAULT_STRATEGY);
			zs.next_out = want;
			zs.avail_out = sizeof(want);
			assert_int_equal(deflate(&zs, Z_FINISH), Z_STREAM_END);
			deflateEnd(&zs);
			deflate_whole(&run);
			assert_memory_equal(run.dst, want, lens[format]);
			free(run.dst);
		}
}

static void axe_deflate_exec__empty_without_final_block(void **state)
{
	static const u8 marker[] = { 0, 0, 0, 0xff, 0xff };

	for_each_cut(cut) {
		struct unit_run run = {
			.cmd = deflate_cmd(AXE_FORMAT_RAW, 6, AXE_DEFLATE_NO_FINAL),
			.dst_cut = cut,
		};

		deflate_whole(&run);
		assert_int_equal(run.done, sizeof(marker));
		assert_memory_equal(run.dst, marker, sizeof(marker));
		free(run.dst);
	}
}

/* Blocks without data in a raw stream that has no final block. */
static unsigned int empty_blocks(const u8 *p, size_t len, size_t plain_len)
{
	u8 *plain = malloc(plain_len + 1);
	z_stream zs = { .next_in = (u8 *)p, .avail_in = len };
	unsigned int num = 0;
	size_t before;

	assert_int_equal(inflateInit2(&zs, -15), Z_OK);
	zs.next_out = plain;
	zs.avail_out = plain_len + 1;
	do {
		before = zs.total_out;
		assert_int_equal(inflate(&zs, Z_BLOCK), Z_OK);
		/* A block has ended: one that yielded nothing? */
		if (zs.data_type & 128 && zs.total_out == before)
			num++;
	} while (zs.avail_in);
	assert_int_equal(zs.total_out, plain_len);
	inflateEnd(&zs);
	free(plain);
	return num;
}

static void axe_deflate_exec__ends_with_one_marker(void **state)
{
	static const u8 marker[] = { 0, 0, 0xff, 0xff };

	for (size_t len = 1; len < 60000; len += len / 3 + 1) {
		u8 *p = unit_text(len);

		for_each_cut(cut) {
			struct unit_run run = {
				.cmd = deflate_cmd(AXE_FORMAT_RAW, 1 + unit_random(9),
						   AXE_DEFLATE_NO_FINAL),
				.src = p,
				.src_len = len,
				.dst_cut = cut,
			};

			deflate_whole(&run);
			assert_memory_equal((u8 *)run.dst + run.done - 4, marker, 4);
			assert_int_equal(empty_blocks(run.dst, run.done, len), 1);
			free(run.dst);
		}
		free(p);
	}
}

/* Compressed apart, put together: what a parallel gzip does. */
static void axe_deflate_exec__parts_form_one_stream(void **state)
{
	size_t len = 300000, at = 0, n, out = 0;
	u8 *p = unit_text(len), *all = malloc(2 * room(len));
	u8 trailer[8];

	while (at < len) {
		struct unit_run run = {
			.cmd = deflate_cmd(at ? AXE_FORMAT_RAW : AXE_FORMAT_GZIP, 6, 0),
			.src = p + at,
			.src_cut = unit_random(UNIT_CUTS),
			.dst_cut = unit_random(UNIT_CUTS),
		};

		n = min(len - at, (size_t)unit_random(90000));
		run.src_len = n;
		if (at + n < len)
			run.cmd.op.deflate.flags = cpu_to_le32(AXE_DEFLATE_NO_FINAL);
		else if (!at)
			continue;
		deflate_whole(&run);
		memcpy(all + out, run.dst, run.done);
		out += run.done;
		at += n;
		free(run.dst);
	}
	for (int i = 0; i < 4; i++) {
		trailer[i] = crc32(0, p, len) >> 8 * i;
		trailer[4 + i] = len >> 8 * i;
	}
	memcpy(all + out, trailer, 8);
	unit_assert_unpacks(AXE_FORMAT_GZIP, all, out + 8, p, len);
	free(all);
	free(p);
}

static void axe_deflate_check__parameters(void **state)
{
	struct axe_cmd cmd = deflate_cmd(AXE_FORMAT_GZIP, 9, AXE_DEFLATE_NO_FINAL);

	assert_int_equal(unit_check(&cmd, NULL), AXE_OK);
	cmd.op.deflate.level = 10;
	assert_int_equal(unit_check(&cmd, NULL), AXE_ERR_PARAM);
	cmd = deflate_cmd(AXE_FORMAT_GZIP + 1, 6, 0);
	assert_int_equal(unit_check(&cmd, NULL), AXE_ERR_PARAM);
}

static void axe_deflate_check__unknown_flags(void **state)
{
	for (int bit = 0; bit < 32; bit++) {
		struct axe_cmd cmd = deflate_cmd(AXE_FORMAT_RAW, 0, 1U << bit);

		assert_int_equal(unit_check(&cmd, NULL),
				 1U << bit == AXE_DEFLATE_NO_FINAL ? AXE_OK : AXE_ERR_RESERVED);
	}
}

static void axe_deflate_check__reserved(void **state)
{
	for (size_t i = 2; i < 16; i++) {
		struct axe_cmd cmd = deflate_cmd(AXE_FORMAT_RAW, 0, 0);

		if (i >= 4 && i < 8)
			continue;
		cmd.op.raw[i] = 1;
		assert_int_equal(unit_check(&cmd, NULL), AXE_ERR_RESERVED);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(axe_deflate_exec__any_length_any_cut),
	cmocka_unit_test(axe_deflate_exec__every_level),
	cmocka_unit_test(axe_deflate_exec__large),
	cmocka_unit_test(axe_deflate_exec__incompressible),
	cmocka_unit_test(axe_deflate_exec__much_output_held_back),
	cmocka_unit_test(axe_deflate_exec__long_runs),
	cmocka_unit_test(axe_deflate_exec__default_level),
	cmocka_unit_test(axe_deflate_exec__destination_cuts_do_not_show),
	cmocka_unit_test(axe_deflate_exec__every_destination_size),
	cmocka_unit_test(axe_deflate_exec__full_tells_what_was_taken),
	cmocka_unit_test(axe_deflate_exec__headers_as_zlib),
	cmocka_unit_test(axe_deflate_exec__empty_without_final_block),
	cmocka_unit_test(axe_deflate_exec__ends_with_one_marker),
	cmocka_unit_test(axe_deflate_exec__parts_form_one_stream),
	cmocka_unit_test(axe_deflate_check__parameters),
	cmocka_unit_test(axe_deflate_check__unknown_flags),
	cmocka_unit_test(axe_deflate_check__reserved),
};

int main(void)
{
	return unit_main("deflate", tests, ARRAY_SIZE(tests));
}
