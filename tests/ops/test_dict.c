// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Preset dictionaries of deflate, there and back by zlib, and as a stage of a chain. */

#include <endian.h>
#include <zlib.h>

#include "ops.h"

#define PLAIN	5000
#define DICT	20000

static uint8_t *dict, *plain, *z, *out;

static int setup(void **state)
{
	unsigned int i;

	if (ops_setup(state))
		return -1;
	dict = pages(DICT);
	plain = pages(PLAIN);
	z = pages(2 * PLAIN);
	out = pages(PLAIN);
	fill_noise(dict, DICT, 1);
	/* Nothing but what the dictionary has. */
	for (i = 0; i < PLAIN; i += 500)
		memcpy(plain + i, dict + DICT - 1000 - 1700 * (i / 500), 500);
	return 0;
}

static int wbits_of(enum axe_deflate_format format)
{
	return format == AXE_FORMAT_RAW ? -15 : 15;
}

static void dict__is_read_by_zlib(void **state)
{
	struct ibv_sge d = here(&rig, dict, DICT), src = here(&rig, plain, PLAIN);
	struct ibv_sge dst = here(&rig, z, 2 * PLAIN);
	enum axe_deflate_format format;
	struct wc wc;

	for (format = AXE_FORMAT_RAW; format <= AXE_FORMAT_ZLIB; format++) {
		z_stream zs = { .next_in = z, .next_out = out, .avail_out = PLAIN };

		wc = run(&rig, compress_dict, &dst, &src, &d, format, 6, 0);
		assert_done(wc);
		demand(wc.byte_len < 300, "%u bytes", wc.byte_len);
		zs.avail_in = wc.byte_len;
		assert_int_equal(inflateInit2(&zs, wbits_of(format)), Z_OK);
		if (format == AXE_FORMAT_ZLIB)
			assert_int_equal(inflate(&zs, Z_FINISH), Z_NEED_DICT);
		assert_int_equal(inflateSetDictionary(&zs, dict, DICT), Z_OK);
		assert_int_equal(inflate(&zs, Z_FINISH), Z_STREAM_END);
		assert_int_equal(zs.total_out, PLAIN);
		assert_memory_equal(out, plain, PLAIN);
		inflateEnd(&zs);
	}
}

static size_t zlib_writes(enum axe_deflate_format format)
{
	z_stream zs = { .next_in = plain, .avail_in = PLAIN, .next_out = z,
			.avail_out = 2 * PLAIN };

	assert_int_equal(deflateInit2(&zs, 9, Z_DEFLATED, wbits_of(format), 8,
				      Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflateSetDictionary(&zs, dict, DICT), Z_OK);
	assert_int_equal(deflate(&zs, Z_FINISH), Z_STREAM_END);
	deflateEnd(&zs);
	return zs.total_out;
}

static void dict__reads_what_zlib_writes(void **state)
{
	struct ibv_sge d = here(&rig, dict, DICT), dst = here(&rig, out, PLAIN), src, part;
	enum axe_deflate_format format;
	struct wc wc;
	size_t n;

	for (format = AXE_FORMAT_RAW; format <= AXE_FORMAT_ZLIB; format++) {
		n = zlib_writes(format);
		src = here(&rig, z, n);
		memset(out, 0, PLAIN);
		wc = run(&rig, decompress_dict, &dst, &src, &d, format, 0);
		assert_done(wc);
		assert_int_equal(wc.byte_len, PLAIN);
		assert_memory_equal(out, plain, PLAIN);

		/* A stream has it from its beginning. */
		part = here(&rig, z, n / 2);
		wc = run(&rig, decompress_dict, &dst, &part, &d, format,
			 AXE_DEFLATE_STREAM | AXE_DEFLATE_RESTART);
		assert_code(wc, AXE_INFO_MORE);
		src = here(&rig, z + wc.result[1], n - wc.result[1]);
		part = here(&rig, out + wc.byte_len, PLAIN - wc.byte_len);
		wc = run(&rig, decompress, &part, &src, format, AXE_DEFLATE_STREAM);
		assert_done(wc);
		assert_memory_equal(out, plain, PLAIN);
	}
	src = here(&rig, z, n);
	assert_code(run(&rig, decompress, &dst, &src, AXE_FORMAT_ZLIB, 0), AXE_ERR_DATA);
	d.length--;
	assert_code(run(&rig, decompress_dict, &dst, &src, &d, AXE_FORMAT_ZLIB, 0), AXE_ERR_DATA);
}

static void dict__in_a_chain(void **state)
{
	struct axe_stage *stages = (struct axe_stage *)pages(PAGE);
	struct ibv_sge list = here(&rig, stages, 2 * sizeof(*stages));
	struct ibv_sge src = here(&rig, z, zlib_writes(AXE_FORMAT_ZLIB));
	struct ibv_sge dst = here(&rig, out, PLAIN), d = here(&rig, dict, DICT);
	struct wc wc;

	axedv_stage_init(&stages[0], AXE_OP_DECOMPRESS);
	stages[0].cmd.op.deflate.format = AXE_FORMAT_ZLIB;
	stages[0].cmd.ext = 1;
	stages[0].ext.aux = (struct axe_buf){ htole64(d.addr), htole32(d.length), htole32(d.lkey) };
	axedv_stage_init(&stages[1], AXE_OP_CRC32);
	memset(out, 0, PLAIN);
	wc = run(&rig, chain, &dst, &src, &list);
	assert_done(wc);
	assert_int_equal(wc.result[0], crc32(0, plain, PLAIN));
	assert_memory_equal(out, plain, PLAIN);
	munmap(stages, PAGE);
}

static void dict__refused(void **state)
{
	struct ibv_sge d = here(&rig, dict, AXE_DEFLATE_DICT_MAX + 1);
	struct ibv_sge src = here(&rig, plain, PLAIN), dst = here(&rig, z, 2 * PLAIN);

	assert_code(run(&rig, compress_dict, &dst, &src, &d, AXE_FORMAT_ZLIB, 6, 0),
		    AXE_ERR_LENGTH);
	d.length = 100;
	assert_code(run(&rig, compress_dict, &dst, &src, &d, AXE_FORMAT_GZIP, 6, 0),
		    AXE_ERR_PARAM);
	d.lkey ^= 0x12300;
	assert_code(run(&rig, compress_dict, &dst, &src, &d, AXE_FORMAT_ZLIB, 6, 0), AXE_ERR_KEY);
	assert_done(run(&rig, compress_dict, &dst, &src, NULL, AXE_FORMAT_GZIP, 6, 0));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(dict__is_read_by_zlib),
	cmocka_unit_test(dict__reads_what_zlib_writes),
	cmocka_unit_test(dict__in_a_chain),
	cmocka_unit_test(dict__refused),
};

LIVE_MAIN("dict", tests, setup, ops_teardown)
