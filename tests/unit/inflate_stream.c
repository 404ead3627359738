// SPDX-License-Identifier: GPL-2.0
/* decompress as a stream: a command after the other, of any length */
#include <linux/minmax.h>

#include "packed.h"
#include "vectors.h"

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

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(axe_inflate_exec__streams),
	cmocka_unit_test(axe_inflate_exec__stream_goes_on_without_source),
	cmocka_unit_test(axe_inflate_exec__full_when_all_source_is_taken),
	cmocka_unit_test(axe_inflate_exec__stream_of_another_format),
	cmocka_unit_test(axe_inflate_stream__restart_begins_anew),
	cmocka_unit_test(axe_inflate_exec__stream_with_corrupt_data),
};

int main(void)
{
	return unit_main("inflate_stream", tests, ARRAY_SIZE(tests));
}
