// SPDX-License-Identifier: GPL-2.0
/* decompress, on what the system's zlib and others have made */
#include <zlib.h>

#include <linux/minmax.h>

#include "files.h"
#include "vectors.h"

#define for_each_format(format)						\
	for (u8 format = AXE_FORMAT_RAW; format <= AXE_FORMAT_GZIP; format++)

static const u8 nothing[1];

/* A packed format, made by the system's zlib. */
struct packed {
	u8 format;
	u8 *plain;
	size_t plain_len;
	u8 *data;
	size_t len;
	size_t header_len;
	size_t trailer_len;
};

static struct axe_cmd inflate_cmd(u8 format, u32 flags)
{
	struct axe_cmd cmd = unit_cmd(AXE_OP_DECOMPRESS);

	cmd.op.deflate.format = format;
	cmd.op.deflate.flags = cpu_to_le32(flags);
	return cmd;
}

static u32 sum_of(u8 format, const u8 *p, size_t len)
{
	const u8 *b = len ? p : nothing;

	return format == AXE_FORMAT_ZLIB ? adler32(1, b, len) : crc32(0, b, len);
}

static struct packed pack_with(u8 format, int level, int strategy, int wbits, gz_header *gz,
			       u8 *plain, size_t len)
{
	static const u8 headers[] = { 0, 2, 10 };
	static const u8 trailers[] = { 0, 4, 8 };
	struct packed p = {
		.format = format,
		.plain = plain,
		.plain_len = len,
		.header_len = headers[format],
		.trailer_len = trailers[format],
	};
	z_stream zs = { .next_in = plain, .avail_in = len };

	if (format == AXE_FORMAT_RAW)
		wbits = -wbits;
	else if (format == AXE_FORMAT_GZIP)
		wbits += 16;
	assert_int_equal(deflateInit2(&zs, level, Z_DEFLATED, wbits, 8, strategy), Z_OK);
	if (gz)
		assert_int_equal(deflateSetHeader(&zs, gz), Z_OK);
	zs.avail_out = deflateBound(&zs, len) + 100;
	p.data = malloc(zs.avail_out);
	zs.next_out = p.data;
	assert_int_equal(deflate(&zs, Z_FINISH), Z_STREAM_END);
	p.len = zs.total_out;
	deflateEnd(&zs);
	return p;
}

static struct packed pack(u8 format, size_t len)
{
	return pack_with(format, 6, Z_DEFAULT_STRATEGY, 15, NULL, unit_text(len), len);
}

static void unpack_free(struct packed *p)
{
	free(p->plain);
	free(p->data);
}

/* A run of the first @len bytes of @p; the destination is the caller's. */
static struct unit_run run_of(const struct packed *p, size_t len, u8 *dst, size_t dst_len)
{
	struct unit_run run = {
		.cmd = inflate_cmd(p->format, 0),
		.src = p->data,
		.src_len = len,
		.dst = dst,
		.dst_len = dst_len,
	};

	return run;
}

static void assert_unpacked(const struct packed *p, const struct unit_run *run)
{
	assert_int_equal(run->code, AXE_OK);
	assert_int_equal(run->done, p->plain_len);
	assert_memory_equal(run->dst, p->plain, p->plain_len);
	assert_int_equal(run->result[0], sum_of(p->format, p->plain, p->plain_len));
	assert_int_equal(run->result[1], p->len);
	assert_int_equal(run->result[1], run->src_len - run->src_held);
}

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

/* All combinations of the optional fields of a gzip header, by the system's zlib. */
static struct packed pack_header(unsigned int fields)
{
	static u8 extra[300];
	gz_header gz = {
		.text = fields & 1,
		.time = 0x5f5e100,
		.os = 3,
		.hcrc = !!(fields & 2),
	};
	struct packed p;

	unit_random_bytes(extra, sizeof(extra));
	if (fields & 4) {
		gz.extra = extra;
		gz.extra_len = fields & 1 ? sizeof(extra) : 0;
	}
	if (fields & 8)
		gz.name = (u8 *)"a name.txt";
	if (fields & 16)
		gz.comment = (u8 *)(fields & 1 ? "" : "a comment");
	p = pack_with(AXE_FORMAT_GZIP, 6, Z_DEFAULT_STRATEGY, 15, &gz, unit_text(100), 100);
	if (fields & 4)
		p.header_len += 2 + gz.extra_len;
	if (fields & 8)
		p.header_len += strlen((char *)gz.name) + 1;
	if (fields & 16)
		p.header_len += strlen((char *)gz.comment) + 1;
	if (fields & 2)
		p.header_len += 2;
	return p;
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

/*
 * A stream by commands with sources and destinations of any length. @step_src
 * and @step_dst are the most that a command has.
 */
static void stream_of(const struct packed *p, u32 step_src, u32 step_dst)
{
	struct unit_run run = { .cmd = inflate_cmd(p->format, AXE_DEFLATE_STREAM) };
	size_t at = 0, out = 0;
	unsigned int idle = 0;
	u8 *plain = malloc(p->plain_len + step_dst);

	do {
		run.src = p->data + at;
		run.src_len = min((size_t)unit_random(step_src + 1), p->len - at);
		run.dst = plain + out;
		run.dst_len = unit_random(step_dst + 1);
		run.src_cut = unit_random(UNIT_CUTS);
		run.dst_cut = unit_random(UNIT_CUTS);
		unit_run(&run);
		assert_true(run.code == AXE_OK || run.code == AXE_INFO_MORE);
		assert_int_equal(run.result[1], run.src_len - run.src_held);
		at += run.result[1];
		out += run.done;
		assert_true(out <= p->plain_len);
		assert_int_equal(run.result[0], sum_of(p->format, plain, out));
		/* It stops for one of two reasons, and gets on if it has both. */
		if (run.code == AXE_INFO_MORE)
			assert_true(!run.src_held || run.done == run.dst_len);
		idle = run.result[1] || run.done ? 0 : idle + 1;
		assert_true(idle < 1000);
	} while (run.code == AXE_INFO_MORE);

	assert_null(run.priv);
	assert_int_equal(at, p->len);
	assert_int_equal(out, p->plain_len);
	assert_memory_equal(plain, p->plain, out);
	free(plain);
}

static void axe_inflate_exec__streams(void **state)
{
	static const u32 steps[] = { 1, 5, 100, 5000, 100000 };

	for_each_format(format)
		for (int i = 0; i < 5; i++)
			for (int k = 0; k < 5; k++) {
				struct packed p = pack(format, steps[i] < 5 ? 300 : 20000);

				stream_of(&p, steps[i], steps[k]);
				unpack_free(&p);
			}
	for (unsigned int fields = 0; fields < 32; fields++) {
		struct packed p = pack_header(fields);

		stream_of(&p, 3, 100);
		unpack_free(&p);
	}
}

/*
 * A fixed block of 31 bits: its header, 'a', 258 bytes at distance 1, its end.
 * The first three bytes say all of the data: it must come without another one.
 */
static const u8 run_of_a[] = { 0x4b, 0x1c, 0x05, 0x00 };
#define RUN_OF_A_LEN	259

static void axe_inflate_exec__stream_goes_on_without_source(void **state)
{
	struct unit_run run = { .cmd = inflate_cmd(AXE_FORMAT_RAW, AXE_DEFLATE_STREAM) };
	u8 dst[RUN_OF_A_LEN], want[RUN_OF_A_LEN];
	size_t out;

	memset(want, 'a', sizeof(want));
	unit_assert_unpacks(AXE_FORMAT_RAW, run_of_a, 4, want, sizeof(want));
	for (out = 0; out < sizeof(dst); out += run.done) {
		run.src = run_of_a;
		run.src_len = out ? 0 : 3;
		run.dst = dst + out;
		run.dst_len = min((size_t)2, sizeof(dst) - out);
		assert_int_equal(unit_run(&run), AXE_INFO_MORE);
		assert_int_equal(run.result[1], out ? 0 : 3);
		assert_int_equal(run.done, run.dst_len);
		assert_int_equal(run.result[0], crc32(0, want, out + run.done));
	}
	assert_memory_equal(dst, want, sizeof(dst));
	run.src = run_of_a + 3;
	run.src_len = 1;
	run.dst_len = 0;
	assert_int_equal(unit_run(&run), AXE_OK);
	assert_int_equal(run.result[1], 1);
}

/* The same when it is no stream: the destination is too small, not the source. */
static void axe_inflate_exec__full_when_all_source_is_taken(void **state)
{
	u8 dst[RUN_OF_A_LEN];
	struct unit_run run = {
		.cmd = inflate_cmd(AXE_FORMAT_RAW, 0),
		.src = run_of_a,
		.src_len = 3,
		.dst = dst,
		.dst_len = 200,
	};

	assert_int_equal(unit_run(&run), AXE_ERR_FULL);
	assert_int_equal(run.done, 200);
	assert_int_equal(run.result[1], 3);
	run.dst_len = sizeof(dst);
	assert_int_equal(unit_run(&run), AXE_ERR_TRUNCATED);
}

static void axe_inflate_exec__stream_of_another_format(void **state)
{
	struct packed p = pack(AXE_FORMAT_GZIP, 300);
	u8 dst[300];
	struct unit_run run = run_of(&p, 5, dst, sizeof(dst));

	run.cmd = inflate_cmd(AXE_FORMAT_GZIP, AXE_DEFLATE_STREAM);
	assert_int_equal(unit_run(&run), AXE_INFO_MORE);
	run.cmd = inflate_cmd(AXE_FORMAT_ZLIB, AXE_DEFLATE_STREAM);
	assert_int_equal(unit_run(&run), AXE_ERR_STREAM);
	unpack_free(&p);
}

static void axe_inflate_stream__restart_begins_anew(void **state)
{
	struct packed p = pack(AXE_FORMAT_GZIP, 300);
	u8 dst[300];
	struct unit_run run = run_of(&p, p.len - 9, dst, sizeof(dst));

	run.cmd = inflate_cmd(AXE_FORMAT_GZIP, AXE_DEFLATE_STREAM);
	assert_int_equal(unit_run(&run), AXE_INFO_MORE);
	run.cmd = inflate_cmd(AXE_FORMAT_GZIP, AXE_DEFLATE_STREAM | AXE_DEFLATE_RESTART);
	run.src_len = p.len;
	unit_run(&run);
	assert_unpacked(&p, &run);
	unpack_free(&p);
}

static void axe_inflate_exec__stream_with_corrupt_data(void **state)
{
	for (int i = 0; i < 300; i++) {
		struct packed p = pack(AXE_FORMAT_GZIP, 300);
		struct unit_run run = { .cmd = inflate_cmd(p.format, AXE_DEFLATE_STREAM) };
		size_t at = 0;
		u8 dst[4096];

		/* A byte of the checksum, and anything before. */
		p.data[10 + unit_random(p.len - 15)] ^= 1 << unit_random(8);
		p.data[p.len - 5] ^= 1;
		do {
			run.src = p.data + at;
			run.src_len = min((size_t)unit_random(40), p.len - at);
			run.dst = dst;
			run.dst_len = sizeof(dst);
			unit_run(&run);
			assert_true(run.code != AXE_OK);
			at += run.result[1];
			if (at == p.len && run.code == AXE_INFO_MORE)
				break;
		} while (run.code == AXE_INFO_MORE);
		if (run.code == AXE_ERR_DATA || run.code == AXE_ERR_CHECKSUM)
			assert_true(run.result[0] <= run.src_len);
		unit_drop(&run);
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
	cmocka_unit_test(axe_inflate_exec__header_checksum_wrong),
	cmocka_unit_test(axe_inflate_exec__bad_gzip_header),
	cmocka_unit_test(axe_inflate_exec__zlib_headers_as_zlib),
	cmocka_unit_test(axe_inflate_exec__preset_dictionary),
	cmocka_unit_test(axe_inflate_exec__stops_behind_the_first_member),
	cmocka_unit_test(axe_inflate_exec__truncated_at_every_byte),
	cmocka_unit_test(axe_inflate_exec__truncated_with_exact_room),
	cmocka_unit_test(axe_inflate_exec__every_destination_size),
	cmocka_unit_test(axe_inflate_exec__wrong_trailer),
	cmocka_unit_test(axe_inflate_exec__every_bit_flipped),
	cmocka_unit_test(axe_inflate_exec__offset_of_the_error),
	cmocka_unit_test(axe_inflate_exec__noise),
	cmocka_unit_test(axe_inflate_exec__streams),
	cmocka_unit_test(axe_inflate_exec__stream_goes_on_without_source),
	cmocka_unit_test(axe_inflate_exec__full_when_all_source_is_taken),
	cmocka_unit_test(axe_inflate_exec__stream_of_another_format),
	cmocka_unit_test(axe_inflate_stream__restart_begins_anew),
	cmocka_unit_test(axe_inflate_exec__stream_with_corrupt_data),
	cmocka_unit_test(axe_inflate_check__parameters),
	cmocka_unit_test(axe_inflate_check__unknown_flags),
	cmocka_unit_test(axe_inflate_check__reserved),
};

int main(void)
{
	return unit_main("inflate", tests, ARRAY_SIZE(tests));
}
