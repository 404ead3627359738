// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Messages in parts, and what is refused. */

#include "digests.h"
#include "ops.h"

#define LENGTH	300001

static void hash_expect(const uint8_t *digest, enum axe_hash format, const void *p, size_t length)
{
	uint8_t want[DIGEST_MAX];
	size_t size = digest_of(format, p, length, want);

	demand(!memcmp(digest, want, size), "%s of %zu bytes is not OpenSSL's",
	       axedv_format_str(AXE_OP_HASH, format), length);
}

static void hash__query(void **state)
{
	struct axe_op_info ops[128];
	int n = axedv_query_ops(rig.ctx, ops, ARRAY_SIZE(ops));
	unsigned int i;

	assert_between(n, AXE_OP_HASH + 1, ARRAY_SIZE(ops));
	assert_int_equal(ops[AXE_OP_HASH].formats, (1 << NUM_HASHES) - 1);
	assert_true(ops[AXE_OP_HASH].flags & AXE_OP_CAN_STREAM);
	for (i = 0; i < NUM_HASHES; i++)
		assert_non_null(axedv_format_str(AXE_OP_HASH, i));
	assert_null(axedv_format_str(AXE_OP_HASH, NUM_HASHES));
}

static void hash__stream_in_odd_parts(void **state)
{
	static const size_t parts[] = { 0, 1, 63, 64, 65, 4096, 0, 70001, 100, 136, LENGTH };
	uint8_t *p = pages(MIB), digest[DIGEST_MAX];
	struct ibv_sge dst = here(&rig, digest, sizeof(digest));
	unsigned int format, i;

	fill_noise(p, LENGTH, 3);
	for (format = 0; format < NUM_HASHES; format++) {
		size_t at = 0;

		for (i = 0; at < LENGTH; i++) {
			size_t n = parts[i] < LENGTH - at ? parts[i] : LENGTH - at;
			struct ibv_sge src = here(&rig, p + at, n);
			struct wc wc = run(&rig, hash, NULL, &src, format, AXE_HASH_STREAM);

			at += n;
			assert_code(wc, AXE_INFO_MORE);
			assert_int_equal(wc.result[0], at);
			assert_int_equal(wc.byte_len, 0);
			/* Another message in between does not disturb it. */
			assert_done(run(&rig, hash, &dst, &src, AXE_HASH_MD5, 0));
		}
		assert_done(run(&rig, hash, &dst, NULL, format, AXE_HASH_STREAM | AXE_HASH_FINAL));
		hash_expect(digest, format, p, LENGTH);
	}
	munmap(p, MIB);
}

static void hash__parts_do_not_touch_the_destination(void **state)
{
	uint8_t digest[DIGEST_MAX], before[DIGEST_MAX], text[] = "a part";
	struct ibv_sge src = here(&rig, text, 6), dst = here(&rig, digest, sizeof(digest));

	memset(digest, 0x5a, sizeof(digest));
	memcpy(before, digest, sizeof(digest));
	assert_code(run(&rig, hash, &dst, &src, AXE_HASH_SHA256,
			AXE_HASH_STREAM | AXE_HASH_RESTART), AXE_INFO_MORE);
	assert_memory_equal(digest, before, sizeof(digest));
	/* Longer than the digest: what is behind stays. */
	assert_done(run(&rig, hash, &dst, NULL, AXE_HASH_SHA256,
			AXE_HASH_STREAM | AXE_HASH_FINAL));
	hash_expect(digest, AXE_HASH_SHA256, text, 6);
	assert_memory_equal(digest + 32, before, 32);
}

static void hash__stream_of_another_kind(void **state)
{
	uint8_t digest[DIGEST_MAX], text[] = "abc";
	struct ibv_sge src = here(&rig, text, 3), dst = here(&rig, digest, sizeof(digest));
	uint32_t last = AXE_HASH_STREAM | AXE_HASH_FINAL;

	assert_code(run(&rig, hash, NULL, &src, AXE_HASH_SHA256, AXE_HASH_STREAM), AXE_INFO_MORE);
	assert_code(run(&rig, hash, &dst, &src, AXE_HASH_SHA512, last), AXE_ERR_STREAM);
	assert_done(run(&rig, hash, &dst, &src, AXE_HASH_SHA512, last));
	hash_expect(digest, AXE_HASH_SHA512, text, 3);

	/* Another operation's: neither harms the other. */
	assert_code(run(&rig, hash, NULL, &src, AXE_HASH_SM3, AXE_HASH_STREAM), AXE_INFO_MORE);
	assert_code(run(&rig, decompress, &dst, &src, AXE_FORMAT_RAW, AXE_DEFLATE_STREAM),
		    AXE_ERR_STREAM);
	assert_done(run(&rig, hash, &dst, NULL, AXE_HASH_SM3, last));
	hash_expect(digest, AXE_HASH_SM3, text, 3);
}

static void hash__restart(void **state)
{
	uint8_t digest[DIGEST_MAX], text[] = "abc";
	struct ibv_sge src = here(&rig, text, 3), dst = here(&rig, digest, sizeof(digest));

	assert_code(run(&rig, hash, NULL, &src, AXE_HASH_SHA1, AXE_HASH_STREAM), AXE_INFO_MORE);
	assert_done(run(&rig, hash, &dst, &src, AXE_HASH_BLAKE2B_256,
			AXE_HASH_STREAM | AXE_HASH_RESTART | AXE_HASH_FINAL));
	hash_expect(digest, AXE_HASH_BLAKE2B_256, text, 3);
}

static void hash__no_room(void **state)
{
	uint8_t digest[DIGEST_MAX], text[] = "abc";
	struct ibv_sge src = here(&rig, text, 3), dst = here(&rig, digest, 31);
	uint32_t last = AXE_HASH_STREAM | AXE_HASH_FINAL;

	assert_code(run(&rig, hash, &dst, &src, AXE_HASH_SHA256, 0), AXE_ERR_FULL);
	assert_code(run(&rig, hash, NULL, &src, AXE_HASH_SHA256, 0), AXE_ERR_FULL);
	/* The message can still be ended. */
	assert_code(run(&rig, hash, &dst, &src, AXE_HASH_SHA256, AXE_HASH_STREAM), AXE_INFO_MORE);
	assert_code(run(&rig, hash, &dst, NULL, AXE_HASH_SHA256, last), AXE_ERR_FULL);
	dst.length = 32;
	assert_done(run(&rig, hash, &dst, NULL, AXE_HASH_SHA256, last));
	hash_expect(digest, AXE_HASH_SHA256, text, 3);
}

static void hash__refused(void **state)
{
	uint8_t memory[256] = {};
	struct ibv_sge src = here(&rig, memory, 100), dst = here(&rig, memory + 128, 64);
	struct ibv_sge within = here(&rig, memory + 90, 64);

	assert_code(run(&rig, hash, &dst, &src, NUM_HASHES, 0), AXE_ERR_PARAM);
	assert_code(run(&rig, hash, &dst, &src, 255, 0), AXE_ERR_PARAM);
	assert_code(run(&rig, hash, &dst, &src, AXE_HASH_MD5, AXE_HASH_FINAL), AXE_ERR_PARAM);
	assert_code(run(&rig, hash, &dst, &src, AXE_HASH_MD5, AXE_HASH_RESTART), AXE_ERR_PARAM);
	assert_code(run(&rig, hash, &dst, &src, AXE_HASH_MD5, 8), AXE_ERR_RESERVED);
	assert_code(run(&rig, hash, &within, &src, AXE_HASH_MD5, 0), AXE_ERR_OVERLAP);
	assert_done(run(&rig, hash, &dst, &src, AXE_HASH_MD5, 0));
	hash_expect(memory + 128, AXE_HASH_MD5, memory, 100);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(hash__query),
	cmocka_unit_test(hash__stream_in_odd_parts),
	cmocka_unit_test(hash__parts_do_not_touch_the_destination),
	cmocka_unit_test(hash__stream_of_another_kind),
	cmocka_unit_test(hash__restart),
	cmocka_unit_test(hash__no_room),
	cmocka_unit_test(hash__refused),
};

LIVE_MAIN("hash", tests, ops_setup, ops_teardown)
