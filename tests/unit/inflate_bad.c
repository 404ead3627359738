// SPDX-License-Identifier: GPL-2.0
/* decompress, on what is wrong: damaged, cut off, or no such format at all */
#include "files.h"
#include "packed.h"

static void axe_inflate_exec__header_checksum_wrong(void **state)
{
	for (unsigned int fields = 2; fields < 32; fields++) {
		struct packed p = pack_header(fields);
		u8 dst[100];
		struct unit_run run = run_of(&p, p.len, dst, sizeof(dst));

		if (fields & 2) {
			/* The second byte of the time: covered by the checksum only. */
			p.data[5] ^= 0x10;
			for_each_cut(cut) {
				run.src_cut = cut;
				assert_int_equal(unit_run(&run), AXE_ERR_CHECKSUM);
				assert_int_equal(run.result[0], p.header_len - 2);
				assert_int_equal(run.done, 0);
			}
		}
		unpack_free(&p);
	}
}

static int code_of(u8 format, const u8 *src, size_t len, u64 *where)
{
	u8 dst[1024];
	struct unit_run run = {
		.cmd = inflate_cmd(format, 0),
		.src = src,
		.src_len = len,
		.dst = dst,
		.dst_len = sizeof(dst),
	};

	unit_run(&run);
	for_each_cut(cut) {
		struct unit_run again = run;

		again.src_cut = cut;
		assert_int_equal(unit_run(&again), run.code);
		assert_int_equal(again.result[0], run.result[0]);
		assert_int_equal(again.result[1], run.result[1]);
	}
	*where = run.result[0];
	return run.code;
}

static void axe_inflate_exec__bad_gzip_header(void **state)
{
	struct packed p = pack(AXE_FORMAT_GZIP, 100);
	u64 where;

	for (size_t i = 0; i < 3; i++) {
		p.data[i] ^= 1;
		assert_int_equal(code_of(AXE_FORMAT_GZIP, p.data, p.len, &where), AXE_ERR_DATA);
		assert_int_equal(where, i);
		/* Also if that is all there is. */
		assert_int_equal(code_of(AXE_FORMAT_GZIP, p.data, i + 1, &where), AXE_ERR_DATA);
		assert_int_equal(where, i);
		p.data[i] ^= 1;
	}
	for (u8 bit = 0x20; bit; bit <<= 1) {
		p.data[3] = bit;
		assert_int_equal(code_of(AXE_FORMAT_GZIP, p.data, p.len, &where), AXE_ERR_DATA);
		assert_int_equal(where, 3);
	}
	unpack_free(&p);
}

static void axe_inflate_exec__zlib_headers_as_zlib(void **state)
{
	struct packed p = pack(AXE_FORMAT_ZLIB, 100);

	/* All 65536 of them. */
	for (unsigned int head = 0; head <= 0xffff; head++) {
		u8 dst[100], plain[100];
		struct unit_run run = run_of(&p, p.len, dst, sizeof(dst));
		z_stream zs = { .next_in = p.data, .avail_in = p.len };
		int ret;

		p.data[0] = head >> 8;
		p.data[1] = head;
		inflateInit(&zs);
		zs.next_out = plain;
		zs.avail_out = sizeof(plain);
		ret = inflate(&zs, Z_FINISH);
		inflateEnd(&zs);
		/* A smaller window than the data needs is not held against it. */
		if (ret == Z_DATA_ERROR && zs.total_in > 2)
			continue;
		unit_run(&run);
		assert_int_equal(run.code, ret == Z_STREAM_END ? AXE_OK : AXE_ERR_DATA);
		if (ret != Z_STREAM_END)
			assert_true(run.result[0] < 2);
	}
	unpack_free(&p);
}

static void axe_inflate_exec__preset_dictionary(void **state)
{
	z_stream zs = { .next_in = (u8 *)"the queue", .avail_in = 9 };
	u8 buf[100];
	u64 where;

	deflateInit(&zs, 6);
	deflateSetDictionary(&zs, (const u8 *)"the queue", 9);
	zs.next_out = buf;
	zs.avail_out = sizeof(buf);
	assert_int_equal(deflate(&zs, Z_FINISH), Z_STREAM_END);
	assert_int_equal(code_of(AXE_FORMAT_ZLIB, buf, zs.total_out, &where), AXE_ERR_DATA);
	assert_int_equal(where, 1);
	deflateEnd(&zs);
}

static void axe_inflate_exec__truncated_at_every_byte(void **state)
{
	for_each_format(format) {
		struct packed p = pack(format, 400);
		u8 dst[500];

		for_each_cut(cut)
			for (size_t len = 0; len < p.len; len++) {
				struct unit_run run = run_of(&p, len, dst, sizeof(dst));

				run.src_cut = cut;
				assert_int_equal(unit_run(&run), AXE_ERR_TRUNCATED);
				assert_int_equal(run.result[0], len);
				assert_int_equal(run.result[1], len);
				assert_true(run.done <= p.plain_len);
				assert_memory_equal(dst, p.plain, run.done);
			}
		unpack_free(&p);
	}
	for (unsigned int fields = 0; fields < 32; fields++) {
		struct packed p = pack_header(fields);
		u8 dst[100];

		for (size_t len = 0; len < p.len; len++) {
			struct unit_run run = run_of(&p, len, dst, sizeof(dst));

			assert_int_equal(unit_run(&run), AXE_ERR_TRUNCATED);
		}
		unpack_free(&p);
	}
}

/*
 * Source ended and destination full at once: too small, or too short? With room
 * for exactly all the data, it can only be the source.
 */
static void axe_inflate_exec__truncated_with_exact_room(void **state)
{
	for_each_format(format) {
		struct packed p = pack(format, 400);
		u8 dst[400];

		for (size_t len = 0; len < p.len; len++) {
			struct unit_run run = run_of(&p, len, dst, sizeof(dst));

			assert_int_equal(unit_run(&run), AXE_ERR_TRUNCATED);
		}
		unpack_free(&p);
	}
}

static void axe_inflate_exec__wrong_trailer(void **state)
{
	for (u8 format = AXE_FORMAT_ZLIB; format <= AXE_FORMAT_GZIP; format++) {
		struct packed p = pack(format, 300);

		for (size_t i = 1; i <= p.trailer_len; i++) {
			size_t field = (i + 3) / 4 * 4;
			u64 where;

			p.data[p.len - i] ^= 1 << unit_random(8);
			assert_int_equal(code_of(format, p.data, p.len, &where), AXE_ERR_CHECKSUM);
			assert_int_equal(where, p.len - field);
			p.data[p.len - i] = 0;
			unpack_free(&p);
			p = pack(format, 300);
		}
		unpack_free(&p);
	}
}

/* Every bit of a member, one by one: as the system's zlib takes it. */
static void axe_inflate_exec__every_bit_flipped(void **state)
{
	static const int wbits[] = { -15, 15, 31 };
	unsigned int fine = 0, wrong = 0;

	for_each_format(format) {
		struct packed p = format == AXE_FORMAT_GZIP ? pack_header(31) : pack(format, 120);

		for (size_t bit = 0; bit < 8 * p.len; bit++) {
			u8 dst[2048], want[2048];
			struct unit_run run = run_of(&p, p.len, dst, sizeof(dst));
			z_stream zs = { .next_in = p.data, .avail_in = p.len };
			int ret;

			p.data[bit / 8] ^= 1 << bit % 8;
			zs.next_out = want;
			zs.avail_out = sizeof(want);
			assert_int_equal(inflateInit2(&zs, wbits[format]), Z_OK);
			ret = inflate(&zs, Z_FINISH);
			inflateEnd(&zs);

			run.src_cut = unit_random(UNIT_CUTS);
			run.dst_cut = unit_random(UNIT_CUTS);
			unit_run(&run);
			if (ret == Z_STREAM_END) {
				assert_int_equal(run.code, AXE_OK);
				assert_int_equal(run.done, zs.total_out);
				assert_int_equal(run.result[1], zs.total_in);
				assert_memory_equal(dst, want, run.done);
				fine++;
			} else {
				assert_true(run.code >= AXE_ERR_FULL);
				assert_true(run.result[0] <= p.len || run.code == AXE_ERR_FULL);
				wrong++;
			}
			p.data[bit / 8] ^= 1 << bit % 8;
		}
		unpack_free(&p);
	}
	assert_true(fine > 0 && wrong > fine);
}

/* Where a block of type 3 begins is told to the byte. */
static void axe_inflate_exec__offset_of_the_error(void **state)
{
	struct packed p = pack(AXE_FORMAT_RAW, 300);
	z_stream zs = { .next_in = p.plain, .avail_in = p.plain_len };
	u8 buf[1000];
	u64 where;
	size_t len;

	deflateInit2(&zs, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
	zs.next_out = buf;
	zs.avail_out = sizeof(buf);
	assert_int_equal(deflate(&zs, Z_SYNC_FLUSH), Z_OK);
	len = zs.total_out;
	deflateEnd(&zs);
	memset(buf + len, 0xff, 100);
	assert_int_equal(code_of(AXE_FORMAT_RAW, buf, len + 100, &where), AXE_ERR_DATA);
	assert_true(where == len || where == len + 1);
	unpack_free(&p);
}

static void axe_inflate_exec__noise(void **state)
{
	for (int i = 0; i < 3000; i++) {
		u8 src[300], dst[1000];
		struct unit_run run = {
			.cmd = inflate_cmd(unit_random(3), 0),
			.src = src,
			.src_len = unit_random(sizeof(src)),
			.dst = dst,
			.dst_len = unit_random(sizeof(dst)),
			.src_cut = unit_random(UNIT_CUTS),
			.dst_cut = unit_random(UNIT_CUTS),
		};

		unit_random_bytes(src, sizeof(src));
		/* Let it begin well, now and then. */
		if (unit_random(2))
			memcpy(src, run.cmd.op.deflate.format == AXE_FORMAT_GZIP ?
			       file_pigz : file_zlib, unit_random(sizeof(file_zlib)));
		unit_run(&run);
		assert_true(run.done <= run.dst_len);
		assert_true(run.result[1] <= run.src_len);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(axe_inflate_exec__header_checksum_wrong),
	cmocka_unit_test(axe_inflate_exec__bad_gzip_header),
	cmocka_unit_test(axe_inflate_exec__zlib_headers_as_zlib),
	cmocka_unit_test(axe_inflate_exec__preset_dictionary),
	cmocka_unit_test(axe_inflate_exec__truncated_at_every_byte),
	cmocka_unit_test(axe_inflate_exec__truncated_with_exact_room),
	cmocka_unit_test(axe_inflate_exec__wrong_trailer),
	cmocka_unit_test(axe_inflate_exec__every_bit_flipped),
	cmocka_unit_test(axe_inflate_exec__offset_of_the_error),
	cmocka_unit_test(axe_inflate_exec__noise),
};

int main(void)
{
	return unit_main("inflate_bad", tests, ARRAY_SIZE(tests));
}
