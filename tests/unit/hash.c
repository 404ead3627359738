// SPDX-License-Identifier: GPL-2.0
/* hash against OpenSSL; what the standards print is in vectors_hash.c */
#include <linux/minmax.h>

#include "digests.h"
#include "run.h"

#define ROOM	(DIGEST_MAX + 16)

static struct axe_cmd hash_cmd(unsigned int format, u32 flags)
{
	struct axe_cmd cmd = unit_cmd(AXE_OP_HASH);

	cmd.op.hash.format = format;
	cmd.op.hash.flags = cpu_to_le32(flags);
	return cmd;
}

/* Nothing but the digest, and all of it. */
static void assert_digest(const struct unit_run *run, unsigned int format, const u8 *p, size_t len)
{
	u8 want[DIGEST_MAX];
	size_t size = digest_of(format, p, len, want), i;
	const u8 *dst = run->dst;

	assert_int_equal(run->code, AXE_OK);
	assert_int_equal(run->done, size);
	assert_int_equal(run->result[0], len);
	assert_int_equal(run->result[1], 0);
	assert_memory_equal(dst, want, size);
	for (i = size; i < run->dst_len; i++)
		assert_int_equal(dst[i], 0xcc);
}

static void hash_once(unsigned int format, const u8 *p, size_t len, enum unit_cut cut)
{
	u8 dst[ROOM];
	struct unit_run run = {
		.cmd = hash_cmd(format, 0), .src = p, .src_len = len, .dst = dst,
		.dst_len = sizeof(dst), .src_cut = cut, .dst_cut = unit_random(UNIT_CUTS),
	};

	memset(dst, 0xcc, sizeof(dst));
	unit_run(&run);
	assert_digest(&run, format, p, len);
}

static void axe_hash_exec__every_short_length(void **state)
{
	u8 p[300];

	unit_random_bytes(p, sizeof(p));
	for_each_hash(format)
		for (size_t len = 0; len <= sizeof(p); len++)
			hash_once(format, p, len, UNIT_WHOLE);
}

static void axe_hash_exec__any_cut(void **state)
{
	static const size_t lens[] = { 0, 1, 127, 128, 129, 4095, 20001 };

	for_each_hash(format)
		for (size_t i = 0; i < ARRAY_SIZE(lens); i++) {
			u8 *p = malloc(lens[i] + 1);

			unit_random_bytes(p, lens[i]);
			for_each_cut(cut)
				hash_once(format, p, lens[i], cut);
			free(p);
		}
}

static void axe_hash_exec__long(void **state)
{
	size_t len = 1000003;
	u8 *p = malloc(len);

	unit_random_bytes(p, len);
	for_each_hash(format) {
		hash_once(format, p, len, UNIT_WHOLE);
		hash_once(format, p, len, UNIT_RANDOM);
	}
	free(p);
}

/* Parts of any length, also none, the first with or without RESTART. */
static void hash_stream(unsigned int format, const u8 *p, size_t len, u32 step)
{
	u32 flags = AXE_HASH_STREAM | (unit_random(2) ? AXE_HASH_RESTART : 0);
	struct unit_run run = { .src = p };
	u8 dst[ROOM];
	size_t at = 0;

	do {
		memset(dst, 0xcc, sizeof(dst));
		run.src = p + at;
		run.src_len = min((size_t)unit_random(step + 1), len - at);
		at += run.src_len;
		if (at == len)
			flags |= AXE_HASH_FINAL;
		run.cmd = hash_cmd(format, flags);
		run.dst = dst;
		run.dst_len = flags & AXE_HASH_FINAL || unit_random(2) ? sizeof(dst) : 0;
		run.src_cut = unit_random(UNIT_CUTS);
		run.dst_cut = unit_random(UNIT_CUTS);
		unit_run(&run);
		flags &= ~AXE_HASH_RESTART;
		if (flags & AXE_HASH_FINAL)
			break;
		assert_int_equal(run.code, AXE_INFO_MORE);
		assert_int_equal(run.result[0], at);
		assert_int_equal(run.done, 0);
		assert_int_equal(dst[0], 0xcc);
	} while (true);
	assert_digest(&run, format, p, len);
	assert_null(run.priv);
}

static void axe_hash_exec__streams(void **state)
{
	u8 *p = unit_text(3000);

	for_each_hash(format)
		for (u32 step = 1; step < 3000; step = step * 3 + 1)
			hash_stream(format, p, step == 1 ? 300 : 3000, step);
	free(p);
}

static void axe_hash_exec__stream_of_another_format(void **state)
{
	u8 dst[ROOM];
	struct unit_run run = {
		.cmd = hash_cmd(AXE_HASH_SHA256, AXE_HASH_STREAM), .src = "abc", .src_len = 3,
		.dst = dst, .dst_len = sizeof(dst),
	};

	assert_int_equal(unit_run(&run), AXE_INFO_MORE);
	run.cmd = hash_cmd(AXE_HASH_SHA3_256, AXE_HASH_STREAM | AXE_HASH_FINAL);
	assert_int_equal(unit_run(&run), AXE_ERR_STREAM);
	assert_int_equal(run.done, 0);
	/* That was the end of it. */
	memset(dst, 0xcc, sizeof(dst));
	assert_int_equal(unit_run(&run), AXE_OK);
	assert_digest(&run, AXE_HASH_SHA3_256, (const u8 *)"abc", 3);
}

static void axe_hash_stream__restart_begins_anew(void **state)
{
	u8 dst[ROOM];
	struct unit_run run = {
		.cmd = hash_cmd(AXE_HASH_SM3, AXE_HASH_STREAM), .src = "abc", .src_len = 3,
		.dst = dst, .dst_len = sizeof(dst),
	};

	memset(dst, 0xcc, sizeof(dst));
	assert_int_equal(unit_run(&run), AXE_INFO_MORE);
	run.cmd = hash_cmd(AXE_HASH_MD5,
			   AXE_HASH_STREAM | AXE_HASH_RESTART | AXE_HASH_FINAL);
	unit_run(&run);
	assert_digest(&run, AXE_HASH_MD5, (const u8 *)"abc", 3);
}

static void axe_hash_check__room_for_the_digest(void **state)
{
	u8 dst[DIGEST_MAX], want[DIGEST_MAX];

	for_each_hash(format) {
		struct unit_run run = {
			.cmd = hash_cmd(format, 0), .src = "abc", .src_len = 3, .dst = dst,
			.dst_len = digest_of(format, "abc", 3, want) - 1,
		};

		memset(dst, 0xcc, sizeof(dst));
		assert_int_equal(unit_run(&run), AXE_ERR_FULL);
		assert_int_equal(dst[0], 0xcc);
		run.cmd = hash_cmd(format, AXE_HASH_STREAM | AXE_HASH_FINAL);
		assert_int_equal(unit_run(&run), AXE_ERR_FULL);
		run.cmd = hash_cmd(format, AXE_HASH_STREAM);
		assert_int_equal(unit_run(&run), AXE_INFO_MORE);
		unit_drop(&run);
		run.cmd = hash_cmd(format, 0);
		run.dst_len++;
		unit_run(&run);
		assert_digest(&run, format, (const u8 *)"abc", 3);
	}
}

static void axe_hash_check__parameters(void **state)
{
	struct axe_cmd cmd;

	for (unsigned int format = 0; format < 256; format++) {
		cmd = hash_cmd(format, AXE_HASH_STREAM);
		assert_int_equal(unit_check(&cmd, NULL),
				 format < NUM_HASHES ? AXE_OK : AXE_ERR_PARAM);
	}
	for (int bit = 3; bit < 32; bit++) {
		cmd = hash_cmd(AXE_HASH_MD5, AXE_HASH_STREAM | 1U << bit);
		assert_int_equal(unit_check(&cmd, NULL), AXE_ERR_RESERVED);
	}
	for (u32 flags = 1; flags < 8; flags++) {
		cmd = hash_cmd(AXE_HASH_MD5, flags);
		cmd.dst.length = cpu_to_le32(DIGEST_MAX);
		assert_int_equal(unit_check(&cmd, NULL),
				 flags & AXE_HASH_STREAM ? AXE_OK : AXE_ERR_PARAM);
	}
}

static void axe_hash_check__unused_bytes(void **state)
{
	static const unsigned int unused[] = { 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15 };

	for (size_t i = 0; i < ARRAY_SIZE(unused); i++) {
		struct axe_cmd cmd = hash_cmd(AXE_HASH_SHA1, AXE_HASH_STREAM);

		cmd.op.raw[unused[i]] = 1;
		assert_int_equal(unit_check(&cmd, NULL), AXE_ERR_RESERVED);
	}
}

/* What leaves the tables at the end of the module. */
static void axe_digest_unload__twice(void **state)
{
	hash_once(AXE_HASH_SHA1, (const u8 *)"abc", 3, UNIT_WHOLE);
	axe_digest_unload();
	hash_once(AXE_HASH_SHA1, (const u8 *)"abc", 3, UNIT_WHOLE);
	axe_digest_unload();
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(axe_hash_exec__every_short_length),
	cmocka_unit_test(axe_hash_exec__any_cut),
	cmocka_unit_test(axe_hash_exec__long),
	cmocka_unit_test(axe_hash_exec__streams),
	cmocka_unit_test(axe_hash_exec__stream_of_another_format),
	cmocka_unit_test(axe_hash_stream__restart_begins_anew),
	cmocka_unit_test(axe_hash_check__room_for_the_digest),
	cmocka_unit_test(axe_hash_check__parameters),
	cmocka_unit_test(axe_hash_check__unused_bytes),
	cmocka_unit_test(axe_digest_unload__twice),
};

int main(void)
{
	return unit_main("hash", tests, ARRAY_SIZE(tests));
}
