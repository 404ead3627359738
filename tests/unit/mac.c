// SPDX-License-Identifier: GPL-2.0
/* mac and mac-verify against OpenSSL; what the standards print is in vectors_mac.c */
#include <errno.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <linux/minmax.h>

#include "digests.h"
#include "run.h"

#define ROOM	(AXE_MAX_TAG + 16)
#define KEY_MAX	300

/**
 * struct scheme - a MAC as OpenSSL has it
 * @min_tag:	the shortest of its tags that we make
 * @key_lens:	of its keys
 */
static const struct scheme {
	u32 algorithm;
	const char *mac;
	const char *digest;
	size_t tag;
	size_t min_tag;
	size_t key_lens[4];
} schemes[] = {
	{ AXE_KEY_HMAC_SHA1, "HMAC", "SHA1", 20, 10, { 1, 64, 65, KEY_MAX } },
	{ AXE_KEY_HMAC_SHA224, "HMAC", "SHA224", 28, 10, { 1, 64, 65, KEY_MAX } },
	{ AXE_KEY_HMAC_SHA256, "HMAC", "SHA256", 32, 10, { 1, 64, 65, KEY_MAX } },
	{ AXE_KEY_HMAC_SHA384, "HMAC", "SHA384", 48, 10, { 1, 128, 129, KEY_MAX } },
	{ AXE_KEY_HMAC_SHA512, "HMAC", "SHA512", 64, 10, { 1, 128, 129, KEY_MAX } },
	{ AXE_KEY_HMAC_SHA3_224, "HMAC", "SHA3-224", 28, 10, { 1, 144, 145, KEY_MAX } },
	{ AXE_KEY_HMAC_SHA3_256, "HMAC", "SHA3-256", 32, 10, { 1, 136, 137, KEY_MAX } },
	{ AXE_KEY_HMAC_SHA3_384, "HMAC", "SHA3-384", 48, 10, { 1, 104, 105, KEY_MAX } },
	{ AXE_KEY_HMAC_SHA3_512, "HMAC", "SHA3-512", 64, 10, { 1, 72, 73, KEY_MAX } },
	{ AXE_KEY_HMAC_SM3, "HMAC", "SM3", 32, 10, { 1, 64, 65, KEY_MAX } },
	{ AXE_KEY_BLAKE2B_256, "BLAKE2BMAC", NULL, 32, 32, { 1, 16, 63, 64 } },
	{ AXE_KEY_BLAKE2B_512, "BLAKE2BMAC", NULL, 64, 64, { 1, 32, 63, 64 } },
	{ AXE_KEY_AES_CMAC, "CMAC", "AES-%zu-CBC", 16, 8, { 16, 24, 32, 16 } },
};

static u8 key_bytes[KEY_MAX];

#define for_each_scheme(s)						\
	for (const struct scheme *s = schemes; s < schemes + ARRAY_SIZE(schemes); s++)

static void tag_of(const struct scheme *s, size_t key_len, const u8 *p, size_t len, u8 *tag)
{
	const char *what = !strcmp(s->mac, "CMAC") ? OSSL_MAC_PARAM_CIPHER : OSSL_MAC_PARAM_DIGEST;
	EVP_MAC *mac = EVP_MAC_fetch(NULL, s->mac, NULL);
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);
	OSSL_PARAM params[2] = { OSSL_PARAM_construct_end(), OSSL_PARAM_construct_end() };
	size_t n, size = s->tag;
	char name[32];

	if (s->digest) {
		snprintf(name, sizeof(name), s->digest, key_len * 8);
		params[0] = OSSL_PARAM_construct_utf8_string(what, name, 0);
	} else {
		params[0] = OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size);
	}
	assert_non_null(ctx);
	assert_true(EVP_MAC_init(ctx, key_bytes, key_len, params));
	assert_true(EVP_MAC_update(ctx, p, len));
	assert_true(EVP_MAC_final(ctx, tag, &n, AXE_MAX_TAG));
	assert_int_equal(n, s->tag);
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
}

static struct unit_run command(enum axe_opcode opcode, const struct scheme *s, size_t key_len,
			       const void *p, size_t len)
{
	return (struct unit_run) {
		.cmd = unit_cmd(opcode),
		.key = { .algorithm = s->algorithm, .bytes = key_bytes, .len = key_len },
		.src = p,
		.src_len = len,
	};
}

/* The first bytes of the tag, in the results and in the destination, and nothing else. */
static void assert_tag(const struct unit_run *run, const u8 *want, size_t len)
{
	u8 first[16] = {};
	const u8 *dst = run->dst;
	size_t i;

	memcpy(first, want, min(len, sizeof(first)));
	assert_int_equal(run->code, AXE_OK);
	assert_memory_equal(run->result, first, sizeof(first));
	assert_int_equal(run->done, run->dst_len ? len : 0);
	if (run->dst_len)
		assert_memory_equal(dst, want, len);
	for (i = len; i < run->dst_len; i++)
		assert_int_equal(dst[i], 0xcc);
}

static void both(const struct scheme *s, size_t key_len, const u8 *p, size_t len, size_t tag_len)
{
	struct unit_run run = command(AXE_OP_MAC, s, key_len, p, len);
	size_t use = tag_len ? tag_len : s->tag;
	u8 want[AXE_MAX_TAG], dst[ROOM];

	tag_of(s, key_len, p, len, want);
	run.cmd.op.mac.tag_len = tag_len;
	run.dst = dst;
	run.dst_len = unit_random(4) ? use + unit_random(sizeof(dst) - use) : 0;
	run.src_cut = unit_random(UNIT_CUTS);
	run.dst_cut = unit_random(UNIT_CUTS);
	memset(dst, 0xcc, sizeof(dst));
	unit_run(&run);
	assert_tag(&run, want, use);

	run = command(AXE_OP_MAC_VERIFY, s, key_len, p, len);
	run.cmd.op.mac.tag_len = tag_len;
	run.aux = want;
	run.aux_len = use;
	run.src_cut = unit_random(UNIT_CUTS);
	assert_int_equal(unit_run(&run), AXE_OK);
	assert_int_equal(run.result[0], len);
	want[unit_random(use)] ^= 1 << unit_random(8);
	assert_int_equal(unit_run(&run), AXE_ERR_AUTH);
}

static void mac__every_key_and_length(void **state)
{
	static const size_t lens[] = { 0, 1, 15, 16, 17, 63, 64, 65, 127, 128, 129, 5000 };
	u8 *p = unit_text(5000);

	unit_random_bytes(key_bytes, sizeof(key_bytes));
	for_each_scheme(s)
		for (size_t k = 0; k < ARRAY_SIZE(s->key_lens); k++)
			for (size_t i = 0; i < ARRAY_SIZE(lens); i++)
				both(s, s->key_lens[k], p, lens[i], 0);
	free(p);
}

static void mac__every_length_of_a_tag(void **state)
{
	u8 p[100], dst[ROOM];

	unit_random_bytes(p, sizeof(p));
	for_each_scheme(s) {
		for (size_t len = 1; len < 256; len++) {
			struct unit_run run = command(AXE_OP_MAC, s, 16, p, sizeof(p));

			if (len >= s->min_tag && len <= s->tag) {
				both(s, 16, p, sizeof(p), len);
				continue;
			}
			run.cmd.op.mac.tag_len = len;
			assert_int_equal(unit_run(&run), AXE_ERR_PARAM);
			run = command(AXE_OP_MAC_VERIFY, s, 16, p, sizeof(p));
			run.cmd.op.mac.tag_len = len;
			run.aux = dst;
			run.aux_len = min(len, sizeof(dst));
			assert_int_not_equal(unit_run(&run), AXE_OK);
			assert_int_not_equal(run.code, AXE_ERR_AUTH);
		}
	}
}

/* Parts of any length, also none. */
static void stream(const struct scheme *s, const u8 *p, size_t len, bool verify)
{
	struct unit_run run = command(verify ? AXE_OP_MAC_VERIFY : AXE_OP_MAC, s, 16, p, 0);
	u32 flags = AXE_HASH_STREAM;
	u8 want[AXE_MAX_TAG], dst[ROOM];
	size_t at = 0;

	tag_of(s, 16, p, len, want);
	memset(dst, 0xcc, sizeof(dst));
	while (!(flags & AXE_HASH_FINAL)) {
		run.src = p + at;
		run.src_len = min((size_t)unit_random(len), len - at);
		at += run.src_len;
		if (at == len)
			flags |= AXE_HASH_FINAL;
		run.cmd.op.mac.flags = cpu_to_le32(flags);
		run.src_cut = unit_random(UNIT_CUTS);
		if (verify && flags & AXE_HASH_FINAL) {
			run.aux = want;
			run.aux_len = s->tag;
		} else if (!verify) {
			run.dst = dst;
			run.dst_len = flags & AXE_HASH_FINAL || unit_random(2) ? ROOM : 0;
		}
		unit_run(&run);
		if (flags & AXE_HASH_FINAL)
			break;
		assert_int_equal(run.code, AXE_INFO_MORE);
		assert_int_equal(run.result[0], at);
		assert_int_equal(run.done, 0);
	}
	if (verify)
		assert_int_equal(run.code, AXE_OK);
	else
		assert_tag(&run, want, s->tag);
	assert_null(run.priv);
}

static void mac__streams(void **state)
{
	u8 *p = unit_text(3000);

	unit_random_bytes(key_bytes, sizeof(key_bytes));
	for_each_scheme(s)
		for (int i = 0; i < 20; i++)
			stream(s, p, i < 10 ? 200 : 3000, i & 1);
	free(p);
}

static void mac__room(void **state)
{
	struct unit_run run = command(AXE_OP_MAC, &schemes[2], 16, "abc", 3);
	u8 dst[32];

	run.dst = dst;
	run.dst_len = 31;
	assert_int_equal(unit_run(&run), AXE_ERR_FULL);
	run.cmd.op.mac.tag_len = 32;
	assert_int_equal(unit_run(&run), AXE_ERR_FULL);
	run.cmd.op.mac.tag_len = 31;
	assert_int_equal(unit_run(&run), AXE_OK);
	run.cmd.op.mac.flags = cpu_to_le32(AXE_HASH_STREAM);
	run.cmd.op.mac.tag_len = 0;
	assert_int_equal(unit_run(&run), AXE_INFO_MORE);
	unit_drop(&run);
}

static void mac_verify__length_of_the_tag(void **state)
{
	struct unit_run run = command(AXE_OP_MAC_VERIFY, &schemes[2], 16, "abc", 3);
	u8 tag[AXE_MAX_TAG] = {};
	size_t n;

	run.aux = tag;
	for (n = 0; n <= sizeof(tag); n++) {
		run.aux_len = n;
		run.cmd.op.mac.tag_len = 0;
		assert_int_equal(unit_run(&run), n == 32 ? AXE_ERR_AUTH : AXE_ERR_LENGTH);
		run.cmd.op.mac.tag_len = 16;
		assert_int_equal(unit_run(&run), n == 16 ? AXE_ERR_AUTH : AXE_ERR_LENGTH);
	}
	run.cmd.op.mac.tag_len = 0;
	run.cmd.op.mac.flags = cpu_to_le32(AXE_HASH_STREAM);
	run.aux_len = 32;
	assert_int_equal(unit_run(&run), AXE_ERR_LENGTH);
}

static void mac_check__parameters(void **state)
{
	struct axe_cmd cmd;
	unsigned int i;

	for (i = 9; i < 16; i++) {
		cmd = unit_cmd(AXE_OP_MAC);
		cmd.op.raw[i] = 1;
		assert_int_equal(unit_check(&cmd, NULL), AXE_ERR_RESERVED);
		cmd.opcode = cpu_to_le16(AXE_OP_MAC_VERIFY);
		assert_int_equal(unit_check(&cmd, NULL), AXE_ERR_RESERVED);
	}
	for (i = 0; i < 256; i++) {
		cmd = unit_cmd(AXE_OP_MAC);
		cmd.op.mac.tag_len = i;
		assert_int_equal(unit_check(&cmd, NULL), i <= AXE_MAX_TAG ? AXE_OK : AXE_ERR_PARAM);
	}
	for (i = 3; i < 32; i++) {
		cmd = unit_cmd(AXE_OP_MAC);
		cmd.op.mac.flags = cpu_to_le32(AXE_HASH_STREAM | 1U << i);
		assert_int_equal(unit_check(&cmd, NULL), AXE_ERR_RESERVED);
	}
	cmd = unit_cmd(AXE_OP_MAC);
	cmd.op.mac.flags = cpu_to_le32(AXE_HASH_FINAL);
	assert_int_equal(unit_check(&cmd, NULL), AXE_ERR_PARAM);
}

static void mac__key_for_the_other_use(void **state)
{
	struct unit_run run = command(AXE_OP_MAC, &schemes[0], 16, "abc", 3);

	run.key.uses = AXE_KEY_VERIFY;
	assert_int_equal(unit_run(&run), AXE_ERR_KEY_USE);
	run.key.uses = AXE_KEY_VERIFY | AXE_KEY_SIGN;
	assert_int_equal(unit_run(&run), AXE_OK);
	run.key.algorithm = AXE_KEY_AES_CBC;
	run.key.uses = AXE_KEY_ENCRYPT;
	assert_int_equal(unit_run(&run), AXE_ERR_KEY_USE);
}

static void key__lengths(void **state)
{
	static const struct {
		u32 algorithm;
		size_t len;
		int want;
	} tries[] = {
		{ AXE_KEY_HMAC_SHA1, 0, -EINVAL }, { AXE_KEY_HMAC_SHA1, 4096, 0 },
		{ AXE_KEY_HMAC_SM3, 4097, -EINVAL }, { AXE_KEY_BLAKE2B_512, 65, -EINVAL },
		{ AXE_KEY_AES_CMAC, 15, -EINVAL }, { AXE_KEY_AES_CMAC, 33, -EINVAL },
		{ AXE_KEY_AES_CMAC + 1, 16, -EOPNOTSUPP }, { 15, 16, -EOPNOTSUPP },
	};
	static const u8 bytes[4097];
	struct axe_key key;

	for (size_t i = 0; i < ARRAY_SIZE(tries); i++) {
		assert_int_equal(axe_key_init(&key, tries[i].algorithm, AXE_KEY_SIGN, bytes,
					      tries[i].len), tries[i].want);
		if (!tries[i].want)
			axe_key_fini(&key);
	}
	assert_int_equal(axe_key_init(&key, AXE_KEY_HMAC_SHA1, AXE_KEY_ENCRYPT, bytes, 16), -EINVAL);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(mac__every_key_and_length),
	cmocka_unit_test(mac__every_length_of_a_tag),
	cmocka_unit_test(mac__streams),
	cmocka_unit_test(mac__room),
	cmocka_unit_test(mac_verify__length_of_the_tag),
	cmocka_unit_test(mac_check__parameters),
	cmocka_unit_test(mac__key_for_the_other_use),
	cmocka_unit_test(key__lengths),
};

int main(void)
{
	return unit_main("mac", tests, ARRAY_SIZE(tests));
}
