// SPDX-License-Identifier: GPL-2.0
/* compress and decompress with a preset dictionary, against the system's zlib */
#include <zlib.h>

#include <linux/minmax.h>

#include "run.h"

#define LEN	3000

static u8 *dict, *plain;
static size_t dict_len;

/* The plain data has much of its dictionary in it. */
static void make(size_t len)
{
	free(dict);
	free(plain);
	dict_len = len;
	dict = unit_text(len);
	plain = unit_text(LEN);
	for (unsigned int i = 0; i < 10; i++) {
		size_t n = len < 100 ? len : 100;

		memcpy(plain + unit_random(LEN - n), dict + unit_random(len - n + 1), n);
	}
}

static struct unit_run run_of(enum axe_opcode op, u8 format, const void *src, size_t len,
			      void *dst, size_t room)
{
	struct unit_run run = {
		.cmd = unit_cmd(op), .src = src, .src_len = len, .dst = dst, .dst_len = room,
		.aux = dict, .aux_len = dict_len,
		.src_cut = unit_random(UNIT_CUTS), .dst_cut = unit_random(UNIT_CUTS),
	};

	run.cmd.op.deflate.format = format;
	return run;
}

static int wbits_of(u8 format)
{
	return format == AXE_FORMAT_RAW ? -15 : 15;
}

static void assert_zlib_reads(u8 format, u8 *z, size_t len)
{
	u8 out[LEN + 1];
	z_stream zs = { .next_in = z, .avail_in = len, .next_out = out, .avail_out = sizeof(out) };

	assert_int_equal(inflateInit2(&zs, wbits_of(format)), Z_OK);
	if (format == AXE_FORMAT_ZLIB)
		assert_int_equal(inflate(&zs, Z_FINISH), Z_NEED_DICT);
	assert_int_equal(inflateSetDictionary(&zs, dict, dict_len), Z_OK);
	assert_int_equal(inflate(&zs, Z_FINISH), Z_STREAM_END);
	assert_int_equal(zs.total_out, LEN);
	assert_int_equal(zs.avail_in, 0);
	assert_memory_equal(out, plain, LEN);
	inflateEnd(&zs);
}

static size_t zlib_writes(u8 format, u8 *z, size_t room)
{
	z_stream zs = { .next_in = plain, .avail_in = LEN, .next_out = z, .avail_out = room };

	assert_int_equal(deflateInit2(&zs, 6, Z_DEFLATED, wbits_of(format), 8,
				      Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflateSetDictionary(&zs, dict, dict_len), Z_OK);
	assert_int_equal(deflate(&zs, Z_FINISH), Z_STREAM_END);
	room = zs.total_out;
	deflateEnd(&zs);
	return room;
}

static const size_t lengths[] = { 1, 3, 258, 5000, 32767, AXE_DEFLATE_DICT_MAX };

static void axe_deflate_exec__with_a_dictionary(void **state)
{
	u8 z[2 * LEN], bare[2 * LEN];

	for (size_t i = 0; i < 2 * ARRAY_SIZE(lengths); i++)
		for (u8 level = 1; level <= 9; level++) {
			u8 format = i & 1;
			struct unit_run run;
			size_t with;

			make(lengths[i / 2]);
			run = run_of(AXE_OP_COMPRESS, format, plain, LEN, z, sizeof(z));
			run.cmd.op.deflate.level = level;
			assert_int_equal(unit_run(&run), AXE_OK);
			assert_int_equal(run.result[1], LEN);
			assert_zlib_reads(format, z, run.done);
			if (dict_len != 5000)
				continue;
			/* What is in it need not be told. */
			with = run.done;
			run.dst = bare;
			run.aux_len = 0;
			assert_int_equal(unit_run(&run), AXE_OK);
			assert_true(with < run.done);
		}
}

static void axe_deflate_exec__nothing_with_a_dictionary(void **state)
{
	u8 z[100], out[1];
	z_stream zs = { .next_in = z, .next_out = out, .avail_out = 1 };
	struct unit_run run;

	make(1000);
	run = run_of(AXE_OP_COMPRESS, AXE_FORMAT_ZLIB, plain, 0, z, sizeof(z));
	assert_int_equal(unit_run(&run), AXE_OK);
	zs.avail_in = run.done;
	assert_int_equal(inflateInit(&zs), Z_OK);
	assert_int_equal(inflate(&zs, Z_FINISH), Z_NEED_DICT);
	assert_int_equal(inflateSetDictionary(&zs, dict, dict_len), Z_OK);
	assert_int_equal(inflate(&zs, Z_FINISH), Z_STREAM_END);
	inflateEnd(&zs);
}

static void axe_inflate_exec__with_a_dictionary(void **state)
{
	u8 z[2 * LEN], out[LEN];

	for (size_t i = 0; i < 20 * ARRAY_SIZE(lengths); i++) {
		u8 format = i & 1;
		struct unit_run run;
		size_t n;

		make(lengths[i / 20]);
		n = zlib_writes(format, z, sizeof(z));
		run = run_of(AXE_OP_DECOMPRESS, format, z, n, out, LEN);
		assert_int_equal(unit_run(&run), AXE_OK);
		assert_int_equal(run.done, LEN);
		assert_int_equal(run.result[1], n);
		assert_memory_equal(out, plain, LEN);
	}
}

static void axe_inflate_exec__with_a_dictionary_in_a_stream(void **state)
{
	u8 z[2 * LEN], out[LEN];

	for (u8 format = AXE_FORMAT_RAW; format <= AXE_FORMAT_ZLIB; format++) {
		size_t at = 0, done = 0, n;
		struct unit_run run;

		make(20000);
		n = zlib_writes(format, z, sizeof(z));
		run = run_of(AXE_OP_DECOMPRESS, format, z, 0, out, LEN);
		run.cmd.op.deflate.flags = cpu_to_le32(AXE_DEFLATE_STREAM | AXE_DEFLATE_RESTART);
		while (unit_run(&run) == AXE_INFO_MORE) {
			at += run.result[1];
			done += run.done;
			run.cmd.op.deflate.flags = cpu_to_le32(AXE_DEFLATE_STREAM);
			/* It was given with the first. */
			run.aux_len = 0;
			run.src = z + at;
			run.src_len = min_t(size_t, n - at, 1 + unit_random(40));
			run.dst = out + done;
			run.dst_len = LEN - done;
		}
		assert_int_equal(run.code, AXE_OK);
		assert_int_equal(done + run.done, LEN);
		assert_memory_equal(out, plain, LEN);
	}
}

static void assert_bad(u8 format, const u8 *z, size_t n, enum axe_code code, u64 at)
{
	u8 out[LEN];
	struct unit_run run = run_of(AXE_OP_DECOMPRESS, format, z, n, out, LEN);

	assert_int_equal(unit_run(&run), code);
	if (code == AXE_ERR_DATA)
		assert_int_equal(run.result[0], at);
}

static void axe_inflate_exec__another_dictionary(void **state)
{
	u8 z[2 * LEN], bare[2 * LEN];
	uLongf bare_len = sizeof(bare);
	size_t n;

	make(1000);
	n = zlib_writes(AXE_FORMAT_ZLIB, z, sizeof(z));
	assert_int_equal(compress(bare, &bare_len, plain, LEN), Z_OK);
	/* One that takes none; another; one that takes one. */
	assert_bad(AXE_FORMAT_ZLIB, bare, bare_len, AXE_ERR_DATA, 1);
	dict[500] ^= 1;
	assert_bad(AXE_FORMAT_ZLIB, z, n, AXE_ERR_DATA, 2);
	dict[500] ^= 1;
	assert_bad(AXE_FORMAT_ZLIB, z, 5, AXE_ERR_TRUNCATED, 0);
	dict_len = 0;
	assert_bad(AXE_FORMAT_ZLIB, z, n, AXE_ERR_DATA, 1);
	/* What is said of before the start is wrong, without one. */
	dict_len = 1000;
	n = zlib_writes(AXE_FORMAT_RAW, z, sizeof(z));
	assert_bad(AXE_FORMAT_RAW, z, n, AXE_OK, 0);
}

static void axe_dict__not_of_gzip(void **state)
{
	u8 z[100];
	struct unit_run run;

	make(10);
	run = run_of(AXE_OP_COMPRESS, AXE_FORMAT_GZIP, plain, 10, z, sizeof(z));
	assert_int_equal(unit_run(&run), AXE_ERR_PARAM);
	run = run_of(AXE_OP_DECOMPRESS, AXE_FORMAT_GZIP, plain, 10, z, sizeof(z));
	assert_int_equal(unit_run(&run), AXE_ERR_PARAM);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(axe_deflate_exec__with_a_dictionary),
	cmocka_unit_test(axe_deflate_exec__nothing_with_a_dictionary),
	cmocka_unit_test(axe_inflate_exec__with_a_dictionary),
	cmocka_unit_test(axe_inflate_exec__with_a_dictionary_in_a_stream),
	cmocka_unit_test(axe_inflate_exec__another_dictionary),
	cmocka_unit_test(axe_dict__not_of_gzip),
};

int main(void)
{
	int failed = unit_main("dict", tests, ARRAY_SIZE(tests));

	free(dict);
	free(plain);
	return failed;
}
