// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Compression: formats, levels, pieces, streams, and what is no stream at all. */

#include <zlib.h>

#include "area.h"
#include "common.h"
#include "vectors.h"

static struct rig rig;

/* Where zlib works. */
static uint8_t *scratch;
#define SCRATCH MIB

/*---- compress ----*/

static void compress__each_format_and_level(void **state)
{
	size_t length = 100000, room = DEFLATE_ROOM(length);
	uint8_t *p = pages(length), *z = pages(room);
	struct ibv_sge src = here(&rig, p, length), dst = here(&rig, z, room);
	int format, level;
	struct wc wc;
	long n;

	fill_text(p, length, 4);
	for (format = 0; format < 3; format++) {
		uint32_t first = 0, last = 0;

		for (level = 0; level <= 9; level++) {
			wc = run(&rig, compress, &dst, &src, format, level, 0);
			assert_done(wc);
			assert_int_equal(wc.result[0], zlib_sum(format, p, length));
			n = zlib_inflate(format, scratch, length, z, wc.byte_len);
			demand(n == (long)length && !memcmp(scratch, p, length),
			       "format %d level %d: %ld bytes", format, level, n);
			if (level == 1)
				first = wc.byte_len;
			last = wc.byte_len;
		}
		/* A level means something. */
		demand(last < first, "level 9 makes %u bytes, level 1 %u", last, first);
	}
	munmap(p, length);
	munmap(z, room);
}

/* Data far apart, within 32 KiB: found only by who has the whole window. */
static void compress__uses_the_whole_window(void **state)
{
	size_t half = 32 * KIB - 512, room = DEFLATE_ROOM(2 * half);
	uint8_t *p = pages(2 * half), *z = pages(room);
	struct ibv_sge src = here(&rig, p, 2 * half), dst = here(&rig, z, room);
	struct wc wc;

	fill_noise(p, half, 3);
	memcpy(p + half, p, half);
	wc = run(&rig, compress, &dst, &src, AXE_FORMAT_RAW, 9, 0);
	assert_done(wc);
	demand(wc.byte_len < half + half / 10, "%u bytes for %zu bytes of noise, twice",
	       wc.byte_len, half);
	assert_int_equal(zlib_inflate(AXE_FORMAT_RAW, scratch, 2 * half, z, wc.byte_len), 2 * half);
	assert_memory_equal(scratch, p, 2 * half);
	munmap(p, 2 * half);
	munmap(z, room);
}

/* Pieces made apart, in any order, put together to one gzip member. */
static void compress__pieces_form_one_stream(void **state)
{
	static const size_t lengths[] = { 100000, 0, 1, 65536, 4096, 131073, 0 };
	size_t total = 0, used = 0, i;
	uint8_t *p = pages(MIB), *out = pages(MIB);
	uint32_t sum;
	struct wc wc;

	fill_text(p, MIB, 12);
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		bool last = i == ARRAY_SIZE(lengths) - 1;
		struct ibv_sge src = here(&rig, p + total, lengths[i]);
		struct ibv_sge dst = here(&rig, out + 10 + used, MIB - 10 - used);

		wc = run(&rig, compress, &dst, &src, AXE_FORMAT_RAW, 6,
			 last ? 0 : AXE_DEFLATE_NO_FINAL);
		assert_done(wc);
		assert_int_equal(wc.result[0], crc32_z(0, p + total, lengths[i]));
		if (!last) {
			/* On a byte's end, behind an empty stored block. */
			assert_true(wc.byte_len >= 5);
			assert_memory_equal(out + 10 + used + wc.byte_len - 4, "\0\0\xff\xff", 4);
		}
		total += lengths[i];
		used += wc.byte_len;
	}
	memcpy(out, "\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);
	sum = crc32_z(0, p, total);
	memcpy(out + 10 + used, &sum, 4);
	memcpy(out + 14 + used, &(uint32_t){ total }, 4);
	assert_int_equal(zlib_inflate(AXE_FORMAT_GZIP, scratch, total, out, used + 18), total);
	assert_memory_equal(scratch, p, total);
	munmap(p, MIB);
	munmap(out, MIB);
}

static void compress__destination_too_small(void **state)
{
	size_t length = 50000;
	uint8_t *p = pages(length), *z = pages(length * 2);
	struct ibv_sge src = here(&rig, p, length), dst = here(&rig, z, length * 2);
	struct wc wc;
	uint32_t need;
	int format;

	fill_text(p, length, 1);
	for (format = 0; format < 3; format++) {
		dst.length = length * 2;
		wc = run(&rig, compress, &dst, &src, format, 6, 0);
		assert_done(wc);
		need = wc.byte_len;

		dst.length = need;
		wc = run(&rig, compress, &dst, &src, format, 6, 0);
		assert_done(wc);
		assert_int_equal(wc.byte_len, need);

		for (dst.length = need - 1; ; dst.length /= 2) {
			edges_set(z + EDGE, dst.length);
			dst.addr = (uintptr_t)z + EDGE;
			wc = run(&rig, compress, &dst, &src, format, 6, 0);
			assert_code(wc, AXE_ERR_FULL);
			edges_check(z + EDGE, dst.length, "compress");
			if (!dst.length)
				break;
		}
	}
	assert_queue_works(&rig);
	munmap(p, length);
	munmap(z, length * 2);
}

static void compress__overlap(void **state)
{
	uint8_t *p = pages(64 * KIB);
	struct ibv_sge src = here(&rig, p, 32 * KIB), dst = here(&rig, p + 32 * KIB - 1, 32 * KIB);
	struct wc wc = run(&rig, compress, &dst, &src, AXE_FORMAT_RAW, 6, 0);

	assert_code(wc, AXE_ERR_OVERLAP);
	wc = run(&rig, decompress, &dst, &src, AXE_FORMAT_RAW, 0);
	assert_code(wc, AXE_ERR_OVERLAP);
	dst = here(&rig, p + 32 * KIB, 32 * KIB);
	wc = run(&rig, compress, &dst, &src, AXE_FORMAT_RAW, 6, 0);
	assert_done(wc);
	munmap(p, 64 * KIB);
}

/*---- decompress ----*/

/* A gzip member with all fields that a header may have, as RFC 1952 has them. */
static void decompress__gzip_header_fields(void **state)
{
	uint8_t *z = pages(PAGE), *p = pages(PAGE);
	struct ibv_sge src, dst = here(&rig, p, 100);
	size_t n = 0, header;
	struct wc wc;

	memcpy(z, "\x1f\x8b\x08\x1e\x11\x22\x33\x44\x00\x03", 10);
	n = 10;
	memcpy(z + n, "\x05\0extra", 7);
	n += 7;
	memcpy(z + n, "name.txt", 9);
	n += 9;
	memcpy(z + n, "a comment", 10);
	n += 10;
	header = n;
	memcpy(z + n, &(uint16_t){ crc32_z(0, z, header) }, 2);
	n += 2;
	n += zlib_deflate(AXE_FORMAT_RAW, 6, z + n, 1000, "hello", 5);
	memcpy(z + n, &(uint32_t){ crc32_z(0, (void *)"hello", 5) }, 4);
	memcpy(z + n + 4, &(uint32_t){ 5 }, 4);
	n += 8;
	assert_int_equal(zlib_inflate(AXE_FORMAT_GZIP, scratch, 100, z, n), 5);

	/* What follows the member is the next one's: not looked at, not counted. */
	src = here(&rig, z, n + 33);
	wc = run(&rig, decompress, &dst, &src, AXE_FORMAT_GZIP, 0);
	assert_done(wc);
	assert_int_equal(wc.byte_len, 5);
	assert_int_equal(wc.result[1], n);
	assert_memory_equal(p, "hello", 5);

	z[header] ^= 1;
	wc = run(&rig, decompress, &dst, &src, AXE_FORMAT_GZIP, 0);
	assert_code(wc, AXE_ERR_CHECKSUM);
	munmap(z, PAGE);
	munmap(p, PAGE);
}

static void decompress__stream_in_odd_parts(void **state)
{
	size_t length = 300000, n, done = 0, at = 0, step = 1;
	uint8_t *p = pages(length), *z = pages(MIB), *out = pages(length + PAGE);
	struct wc wc;
	int format;

	fill_text(p, length, 8);
	for (format = 0; format < 3; format++) {
		n = zlib_deflate(format, 6, z, MIB, p, length);
		assert_int_not_equal(n, 0);
		at = 0;
		done = 0;
		do {
			size_t in = step * 37 % 9001, room = step * 91 % 20011;
			struct ibv_sge src, dst;
			uint32_t flags = AXE_DEFLATE_STREAM;

			in = in < n - at ? in : n - at;
			room = room < length - done ? room : length - done;
			src = here(&rig, z + at, in);
			dst = here(&rig, out + done, room);
			wc = run(&rig, decompress, &dst, &src, format,
				 at ? flags : flags | AXE_DEFLATE_RESTART);
			demand(wc.code == AXE_OK || wc.code == AXE_INFO_MORE, "code %d at %zu",
			       wc.code, at);
			demand(wc.result[1] <= in && wc.byte_len <= room, "more than there is");
			at += wc.result[1];
			done += wc.byte_len;
			demand(step++ < 10000, "the stream stands still");
		} while (wc.code == AXE_INFO_MORE);
		assert_int_equal(at, n);
		assert_int_equal(done, length);
		assert_int_equal(wc.result[0], zlib_sum(format, p, length));
		assert_memory_equal(out, p, length);
	}
	munmap(p, length);
	munmap(z, MIB);
	munmap(out, length + PAGE);
}

static void decompress__stream_of_another_format(void **state)
{
	uint8_t *p = pages(PAGE), *z = pages(PAGE), *out = pages(PAGE);
	struct ibv_sge src, dst = here(&rig, out, PAGE);
	struct wc wc;
	size_t n;

	fill_text(p, 2000, 2);
	n = zlib_deflate(AXE_FORMAT_GZIP, 6, z, PAGE, p, 2000);
	src = here(&rig, z, n / 2);
	wc = run(&rig, decompress, &dst, &src, AXE_FORMAT_GZIP,
		 AXE_DEFLATE_STREAM | AXE_DEFLATE_RESTART);
	assert_code(wc, AXE_INFO_MORE);
	wc = run(&rig, decompress, &dst, &src, AXE_FORMAT_ZLIB, AXE_DEFLATE_STREAM);
	assert_code(wc, AXE_ERR_STREAM);
	/* The whole in one, beside a stream or behind an error: has nothing to do with it. */
	src.length = n;
	wc = run(&rig, decompress, &dst, &src, AXE_FORMAT_GZIP, 0);
	assert_done(wc);
	wc = run(&rig, decompress, &dst, &src, AXE_FORMAT_GZIP,
		 AXE_DEFLATE_STREAM | AXE_DEFLATE_RESTART);
	assert_done(wc);
	assert_int_equal(wc.byte_len, 2000);
	munmap(p, PAGE);
	munmap(z, PAGE);
	munmap(out, PAGE);
}

static void decompress__bad_input(void **state)
{
	size_t length = 20000, n, i;
	uint8_t *p = pages(length), *z = pages(64 * KIB), *out = pages(64 * KIB);
	struct ibv_sge src, dst = here(&rig, out, length);
	struct wc wc;
	int format;

	fill_text(p, length, 21);
	for (format = 0; format < 3; format++) {
		size_t trailer = format == AXE_FORMAT_RAW ? 0 : format == AXE_FORMAT_ZLIB ? 4 : 8;

		n = zlib_deflate(format, 6, z, 64 * KIB, p, length);

		/* Cut off anywhere. */
		for (i = 0; i < n; i += i < 30 || i > n - 15 ? 1 : 617) {
			src = here(&rig, z, i);
			wc = run(&rig, decompress, &dst, &src, format, 0);
			demand(wc.code == AXE_ERR_TRUNCATED, "cut at %zu of %zu: %s", i, n,
			       axedv_code_str(wc.code));
			assert_int_equal(wc.result[0], i);
		}
		/* Too little room. */
		src = here(&rig, z, n);
		for (i = 1; i < length; i *= 5) {
			struct ibv_sge small = here(&rig, out, length - i);

			wc = run(&rig, decompress, &small, &src, format, 0);
			assert_code(wc, AXE_ERR_FULL);
			assert_int_equal(wc.byte_len, length - i);
			assert_memory_equal(out, p, length - i);
		}
		/* A wrong checksum, or length. */
		for (i = 0; i < trailer; i++) {
			z[n - 1 - i] ^= 4;
			wc = run(&rig, decompress, &dst, &src, format, 0);
			assert_code(wc, AXE_ERR_CHECKSUM);
			z[n - 1 - i] ^= 4;
		}
	}
	/* A block of the type that does not exist, first thing. */
	memset(z, 0x06 | 1, 10);
	src = here(&rig, z, 10);
	wc = run(&rig, decompress, &dst, &src, AXE_FORMAT_RAW, 0);
	assert_code(wc, AXE_ERR_DATA);
	assert_between(wc.result[0], 0, 1);
	/* Not gzip; not zlib. */
	memcpy(z, "PK\3\4aaaaaaaaaaaa", 16);
	src = here(&rig, z, 16);
	wc = run(&rig, decompress, &dst, &src, AXE_FORMAT_GZIP, 0);
	assert_code(wc, AXE_ERR_DATA);
	assert_int_equal(wc.result[0], 0);
	wc = run(&rig, decompress, &dst, &src, AXE_FORMAT_ZLIB, 0);
	assert_code(wc, AXE_ERR_DATA);
	assert_queue_works(&rig);
	munmap(p, length);
	munmap(z, 64 * KIB);
	munmap(out, 64 * KIB);
}

/* Any bytes at all: an error or a result, and never a byte out of place. */
static void decompress__noise(void **state)
{
	uint8_t *z = pages(PAGE), *out = pages(4 * PAGE);
	struct ibv_sge src = here(&rig, z, 600), dst = here(&rig, out + PAGE, 2 * PAGE);
	unsigned int i;
	struct wc wc;

	for (i = 0; i < 600; i++) {
		fill_noise(z, 600, i);
		edges_set(out + PAGE, 2 * PAGE);
		wc = run(&rig, decompress, &dst, &src, AXE_FORMAT_RAW, 0);
		demand(wc.code == AXE_OK || wc.code == AXE_ERR_DATA ||
		       wc.code == AXE_ERR_TRUNCATED || wc.code == AXE_ERR_FULL, "code %d", wc.code);
		edges_check(out + PAGE, 2 * PAGE, "decompress");
	}
	munmap(z, PAGE);
	munmap(out, 4 * PAGE);
}

static int setup(void **state)
{
	rig_open(&rig, NULL);
	scratch = pages(SCRATCH);
	return 0;
}

static int teardown(void **state)
{
	rig_close(&rig);
	return 0;
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(compress__each_format_and_level),
	cmocka_unit_test(compress__uses_the_whole_window),
	cmocka_unit_test(compress__pieces_form_one_stream),
	cmocka_unit_test(compress__destination_too_small),
	cmocka_unit_test(compress__overlap),
	cmocka_unit_test(decompress__gzip_header_fields),
	cmocka_unit_test(decompress__stream_in_odd_parts),
	cmocka_unit_test(decompress__stream_of_another_format),
	cmocka_unit_test(decompress__bad_input),
	cmocka_unit_test(decompress__noise),
};

LIVE_MAIN("deflate", tests, setup, teardown)
