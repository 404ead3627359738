// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include "../crc.h"
#include "../format.h"
#include "../gzip.h"
#include "../message.h"
#include "../progress.h"

const char *argp_program_version = "test";

static uint8_t data[100000];

static int fill(void **state)
{
	(void)state;
	srand(1);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = rand() >> 7;
	return 0;
}

/* RFC 3720 B.4 and zlib are the references; this one is only to cut pieces with. */
static uint32_t crc32c(const uint8_t *p, size_t len)
{
	uint32_t crc = ~0U;

	while (len--) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc & 1 ? crc >> 1 ^ CRC32C_POLY : crc >> 1;
	}
	return ~crc;
}

static void crc_combine__crc32_like_zlib(void **state)
{
	static const size_t cuts[] = { 0, 1, 2, 255, 4096, 65537, sizeof(data) };

	(void)state;
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		size_t n = cuts[i], rest = sizeof(data) - n;
		uint32_t a = crc32(0, data, n), b = crc32(0, data + n, rest);

		assert_int_equal(crc_combine(&crc_32, a, b, rest), crc32(0, data, sizeof(data)));
	}
}

static void crc_combine__crc32_of_huge_lengths_like_zlib(void **state)
{
	(void)state;
	for (int shift = 20; shift < 60; shift += 3) {
		uint64_t len = (1ULL << shift) + 12345;

		assert_int_equal(crc_combine(&crc_32, 0x12345678, 0x9abcdef0, len),
				 crc32_combine(0x12345678, 0x9abcdef0, len));
	}
}

/* 32 bytes of zeros: 8a9136aa in RFC 3720's examples. */
static void crc_combine__crc32c_of_rfc_3720(void **state)
{
	static const uint8_t zeros[32];

	(void)state;
	assert_int_equal(crc32c(zeros, 32), 0x8a9136aa);
	for (size_t n = 0; n <= 32; n++) {
		uint32_t a = crc32c(zeros, n), b = crc32c(zeros, 32 - n);

		assert_int_equal(crc_combine(&crc_32c, a, b, 32 - n), 0x8a9136aa);
	}
}

static void crc_combine__of_nothing_is_nothing(void **state)
{
	(void)state;
	assert_int_equal(crc_combine(&crc_32, 0, 0, 0), 0);
	assert_int_equal(crc_combine(&crc_32, 0, 0xdeadbeef, 10), 0xdeadbeef);
	assert_int_equal(crc_combine(&crc_32, 0xdeadbeef, 0, 0), 0xdeadbeef);
}

/*
 * The catalogue of parametrised CRC algorithms: of "123456789", and so on. Of a part the
 * checksum comes from the combination, too: of single bytes, by a CRC's definition.
 */
static uint64_t of_bytes(const struct crc *crc, uint64_t ones, const char *text)
{
	uint64_t sum = 0;

	for (; *text; text++) {
		uint64_t one = crc->plain ? 0 : (uint8_t)*text ^ ones;

		for (int i = 0; i < 8 && !crc->plain; i++)
			one = one >> 1 ^ (one & 1 ? crc->poly : 0);
		for (int i = 0; i < 8 && crc->plain; i++)	/* T10: 0x8bb7 */
			one = (one << 1 ^ ((one >> 15 ^ *text >> (7 - i)) & 1 ? 0x8bb7 : 0)) &
			      0xffff;
		sum = crc_combine(crc, sum, one ^ ones, 1);
	}
	return sum;
}

static void crc_combine__check_values(void **state)
{
	(void)state;
	assert_int_equal(of_bytes(&crc_32, UINT32_MAX, "123456789"), 0xcbf43926);
	assert_int_equal(of_bytes(&crc_32c, UINT32_MAX, "123456789"), 0xe3069283);
	assert_true(of_bytes(&crc_64, UINT64_MAX, "123456789") == 0xae8b14860a799888);
	assert_int_equal(of_bytes(&crc_16_t10, 0, "123456789"), 0xd0db);
}

static void adler_combine__like_zlib(void **state)
{
	static const size_t cuts[] = { 0, 1, 2, 255, 4096, 65521, 65537, sizeof(data) };

	(void)state;
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		size_t n = cuts[i], rest = sizeof(data) - n;

		assert_int_equal(adler_combine(adler32(1, data, n), adler32(1, data + n, rest), rest),
				 adler32(1, data, sizeof(data)));
	}
	for (int shift = 20; shift < 60; shift += 3) {
		uint64_t len = (1ULL << shift) + 12345;

		assert_int_equal(adler_combine(0x12345678, 0x9abcdef0, len),
				 adler32_combine(0x12345678, 0x9abcdef0, len));
	}
}

/* What a library's own reader takes a frame to need is what its header says. */
static void format_window__like_libzstd(void **state)
{
	static const size_t lengths[] = { 0, 1, 255, 256, 257, 1024, 65535, 65792, 65793, 100000 };
	static uint8_t frame[200000];
	ZSTD_CCtx *cctx = ZSTD_createCCtx();
	unsigned int log;

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(lengths) / sizeof(lengths[0]); i++) {
		size_t n = lengths[i / 2];

		ZSTD_CCtx_setParameter(cctx, ZSTD_c_contentSizeFlag, i & 1);
		ZSTD_compress2(cctx, frame, sizeof(frame), data, n);
		assert_int_equal(format_of(frame, FORMAT_HEADER), FORMAT_ZSTD);
		log = format_window(FORMAT_ZSTD, frame, FORMAT_HEADER);
		assert_in_range(log, 10, 21);
		assert_true(n <= 1ULL << log);
		if (i & 1 && n > 1024)
			assert_true(n > 1ULL << (log - 1));
	}
	ZSTD_freeCCtx(cctx);
	for (log = 10; log <= 27; log++) {
		uint8_t header[FORMAT_HEADER] = { 0x28, 0xb5, 0x2f, 0xfd, 0, (log - 10) << 3 };

		assert_int_equal(format_window(FORMAT_ZSTD, header, sizeof(header)), log);
		header[5]++;
		assert_int_equal(format_window(FORMAT_ZSTD, header, sizeof(header)), log + 1);
		assert_int_equal(format_window(FORMAT_ZSTD, header, 5), 0);
	}
}

static void format_window__of_lz4_blocks(void **state)
{
	static uint8_t frame[70000];

	(void)state;
	for (int id = LZ4F_max64KB; id <= LZ4F_max4MB; id++) {
		LZ4F_preferences_t how = { .frameInfo.blockSizeID = id, .autoFlush = 1 };
		LZ4F_cctx *cctx;

		LZ4F_createCompressionContext(&cctx, LZ4F_VERSION);
		LZ4F_compressBegin(cctx, frame, sizeof(frame), &how);
		LZ4F_freeCompressionContext(cctx);
		assert_int_equal(format_of(frame, FORMAT_HEADER), FORMAT_LZ4);
		assert_int_equal(format_window(FORMAT_LZ4, frame, FORMAT_HEADER), 2 * id + 8);
	}
	assert_int_equal(format_window(FORMAT_LZ4, frame, 5), 0);
}

static void format_of__other_things(void **state)
{
	static const uint8_t skippable[] = { 0x5a, 0x2a, 0x4d, 0x18, 0, 0, 0, 0 };
	static const uint8_t legacy[] = { 0x02, 0x21, 0x4c, 0x18 };

	(void)state;
	assert_int_equal(format_of(skippable, 8), FORMAT_ZSTD);
	assert_int_equal(format_window(FORMAT_ZSTD, skippable, 8), 0);
	assert_int_equal(format_of(skippable, 3), FORMAT_NONE);
	assert_int_equal(format_of(legacy, 4), FORMAT_NONE);
	assert_int_equal(format_of(legacy, 0), FORMAT_NONE);
}

/* zlib reads the header and what it read is what was given. */
static void gzip_header__is_read_by_zlib(void **state)
{
	uint8_t member[GZIP_HEADER_MAX + 2 + GZIP_TRAILER], out[1], name[300];
	gz_header header = { .name = name, .name_max = sizeof(name) };
	z_stream z = { .next_in = member, .next_out = out, .avail_out = 1 };
	size_t len;

	(void)state;
	len = gzip_header(member, "some name", 0x12345678, 9);
	member[len++] = 3;	/* an empty final block */
	member[len++] = 0;
	gzip_trailer(member + len, 0, 0);
	z.avail_in = len + GZIP_TRAILER;

	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	assert_int_equal(inflateGetHeader(&z, &header), Z_OK);
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(z.avail_in, 0);
	assert_string_equal((char *)name, "some name");
	assert_int_equal(header.time, 0x12345678);
	assert_int_equal(header.xflags, 2);
	assert_int_equal(header.os, 3);
	inflateEnd(&z);
}

static void gzip_header__name_too_long_is_left_out(void **state)
{
	uint8_t header[GZIP_HEADER_MAX];
	char name[400];

	(void)state;
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(gzip_header(header, name, 0, 6), GZIP_HEADER_MIN);
	assert_int_equal(header[3], 0);
	name[255] = '\0';
	assert_int_equal(gzip_header(header, name, 0, 6), GZIP_HEADER_MAX);
	assert_int_equal(header[3], 8);
}

static void gzip_trailer__length_is_modulo_4g(void **state)
{
	static const uint8_t want[] = { 0x78, 0x56, 0x34, 0x12, 5, 0, 0, 0 };
	uint8_t trailer[GZIP_TRAILER];

	(void)state;
	gzip_trailer(trailer, 0x12345678, (1ULL << 32) + 5);
	assert_memory_equal(trailer, want, sizeof(want));
}

/* The empty block that ends every BGZF file, as the SAM specification prints it. */
static const uint8_t bgzf_eof[] = {
	0x1f, 0x8b, 0x08, 0x04, 0, 0, 0, 0, 0, 0xff, 6, 0, 0x42, 0x43, 2, 0,
	0x1b, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0,
};

static void bgzf_block_size__of_the_eof_block(void **state)
{
	(void)state;
	assert_int_equal(bgzf_block_size(bgzf_eof, sizeof(bgzf_eof)), sizeof(bgzf_eof));
	assert_int_equal(bgzf_block_size(bgzf_eof, BGZF_HEADER), sizeof(bgzf_eof));
}

static void bgzf_block_size__refuses_other_members(void **state)
{
	uint8_t block[sizeof(bgzf_eof)];

	(void)state;
	assert_int_equal(bgzf_block_size(bgzf_eof, BGZF_HEADER - 1), 0);
	for (size_t i = 0; i < 16; i++) {
		if (i >= 4 && i < 10)
			continue;	/* time, flags, system */
		memcpy(block, bgzf_eof, sizeof(block));
		block[i] ^= 0x10;
		assert_int_equal(bgzf_block_size(block, sizeof(block)), 0);
	}
	/* too short to be one */
	memcpy(block, bgzf_eof, sizeof(block));
	block[16] = 20;
	assert_int_equal(bgzf_block_size(block, sizeof(block)), 0);
}

static void human_bytes__units(void **state)
{
	char buf[HUMAN_SIZE];

	(void)state;
	assert_string_equal(human_bytes(buf, 0), "0 B");
	assert_string_equal(human_bytes(buf, 1023), "1023 B");
	assert_string_equal(human_bytes(buf, 1024), "1.0 KiB");
	assert_string_equal(human_bytes(buf, 1048575), "1.0 MiB");
	assert_string_equal(human_bytes(buf, 1.5 * (1 << 20)), "1.5 MiB");
	assert_string_equal(human_bytes(buf, 1.8e19), "15.6 EiB");
}

static void progress_format__known_total(void **state)
{
	char line[512];

	(void)state;
	progress_format(line, sizeof(line), 79, "file.tar", 50 << 20, 100 << 20, 5);
	assert_non_null(strstr(line, "file.tar"));
	assert_non_null(strstr(line, " 50% [#"));
	assert_non_null(strstr(line, "50.0 MiB"));
	assert_non_null(strstr(line, "10.0 MiB/s"));
	assert_non_null(strstr(line, "0:05 left"));
	assert_int_equal(strlen(line), 79);
}

static void progress_format__unknown_total(void **state)
{
	char line[512];

	(void)state;
	progress_format(line, sizeof(line), 79, "standard input", 10 << 20, 0, 65);
	assert_non_null(strstr(line, "10.0 MiB"));
	assert_non_null(strstr(line, "1:05"));
	assert_null(strchr(line, '%'));
	assert_null(strstr(line, "left"));
}

static void progress_format__never_wider_than_the_terminal(void **state)
{
	char line[512], name[300];

	(void)state;
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	for (unsigned int width = 1; width < 200; width++) {
		progress_format(line, sizeof(line), width, name, 1ULL << 62, 1ULL << 63, 1e9);
		assert_true(strlen(line) <= width);
		progress_format(line, sizeof(line), width, "x", 0, 0, 0);
		assert_true(strlen(line) <= width);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(crc_combine__crc32_like_zlib, fill),
		cmocka_unit_test(crc_combine__crc32_of_huge_lengths_like_zlib),
		cmocka_unit_test(crc_combine__crc32c_of_rfc_3720),
		cmocka_unit_test(crc_combine__of_nothing_is_nothing),
		cmocka_unit_test(crc_combine__check_values),
		cmocka_unit_test_setup(adler_combine__like_zlib, fill),
		cmocka_unit_test(format_window__like_libzstd),
		cmocka_unit_test(format_window__of_lz4_blocks),
		cmocka_unit_test(format_of__other_things),
		cmocka_unit_test(gzip_header__is_read_by_zlib),
		cmocka_unit_test(gzip_header__name_too_long_is_left_out),
		cmocka_unit_test(gzip_trailer__length_is_modulo_4g),
		cmocka_unit_test(bgzf_block_size__of_the_eof_block),
		cmocka_unit_test(bgzf_block_size__refuses_other_members),
		cmocka_unit_test(human_bytes__units),
		cmocka_unit_test(progress_format__known_total),
		cmocka_unit_test(progress_format__unknown_total),
		cmocka_unit_test(progress_format__never_wider_than_the_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
