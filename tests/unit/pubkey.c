// SPDX-License-Identifier: GPL-2.0
/* Public keys: what is no signature, what is no point, what is no command. */
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "der.h"
#include "pubkeys.h"
#include "vectors.h"

static u8 got[AXE_MAX_PUBKEY];

static struct unit_run verify(u32 algorithm, const void *key, size_t key_len, u8 hash,
			      const u8 *digest, size_t len, const u8 *signature, size_t size)
{
	struct unit_run run = {
		.cmd = unit_cmd(AXE_OP_VERIFY),
		.key = { .algorithm = algorithm, .bytes = key, .len = key_len },
		.src = digest,
		.src_len = len,
		.aux = (u8 *)signature,
		.aux_len = size,
	};

	run.cmd.op.sign.hash = hash;
	return run;
}

static EVP_PKEY *openssl_key(const u8 *der, size_t len)
{
	EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &der, len);

	assert_non_null(key);
	return key;
}

/*---- RSA signatures ----*/

/* What a private key makes of any bytes. */
static void raw_sign(const u8 *padded, u8 *signature)
{
	EVP_PKEY *key = openssl_key(rsa_private, sizeof(rsa_private));
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	size_t len = 256;

	assert_true(EVP_PKEY_decrypt_init(ctx) > 0);
	assert_true(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) > 0);
	assert_true(EVP_PKEY_decrypt(ctx, signature, &len, padded, 256) > 0);
	assert_int_equal(len, 256);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
}

static int judge(const u8 *padded)
{
	u8 signature[256] = {};
	struct unit_run run = verify(AXE_KEY_RSA, rsa_public, sizeof(rsa_public), AXE_HASH_SHA256,
				     sample_sha256, 32, signature, sizeof(signature));

	raw_sign(padded, signature);
	return unit_run(&run);
}

/* RFC 8017, 9.2, for SHA-256. */
static void pad(u8 padded[256])
{
	static const u8 info[19] = {
		0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04,
		0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
	};

	memset(padded, 0xff, 256);
	padded[0] = 0;
	padded[1] = 1;
	padded[256 - 32 - 20] = 0;
	memcpy(padded + 256 - 32 - 19, info, 19);
	memcpy(padded + 256 - 32, sample_sha256, 32);
}

static void rsa_verify__any_other_padding(void **state)
{
	u8 padded[256], bad[256];
	size_t i;

	pad(padded);
	assert_int_equal(judge(padded), AXE_OK);
	for (i = 1; i < 256; i++) {
		memcpy(bad, padded, 256);
		bad[i] ^= 1 << unit_random(8);
		assert_int_equal(judge(bad), AXE_ERR_AUTH);
	}
}

/* Bleichenbacher, 2006: what is behind the digest does not count for who parses. */
static void rsa_verify__padding_that_parsers_take(void **state)
{
	u8 padded[256], bad[256];
	size_t at = 256 - 32 - 20;

	pad(padded);
	/* The digest moved to the left, rubbish behind it. */
	memset(bad, 0xab, 256);
	memcpy(bad, padded, 10);
	memcpy(bad + 10, padded + at, 52);
	assert_int_equal(judge(bad), AXE_ERR_AUTH);

	/* Parameters left out: RFC 8017 lets verifiers take it; then it has two forms. */
	memcpy(bad, padded, 256);
	memset(bad + at, 0xff, 2);
	bad[at + 2] = 0;
	memcpy(bad + at + 3, padded + at + 1, 15);
	bad[at + 4] = 0x2f;
	bad[at + 6] = 0x0b;
	memcpy(bad + at + 18, padded + at + 18, 34);
	assert_int_equal(judge(bad), AXE_ERR_AUTH);

	/* Lengths in more bytes than need be. */
	memcpy(bad, padded, 256);
	memcpy(bad + at - 1, padded + at, 2);
	bad[at + 1] = 0x81;
	assert_int_equal(judge(bad), AXE_ERR_AUTH);

	/* The block type of encryption, and no padding. */
	memcpy(bad, padded, 256);
	bad[1] = 2;
	assert_int_equal(judge(bad), AXE_ERR_AUTH);
	memset(bad, 0, at);
	assert_int_equal(judge(bad), AXE_ERR_AUTH);
}

static void rsa_verify__lengths_and_bits(void **state)
{
	u8 signature[513] = {};
	struct unit_run run;
	size_t i;

	memcpy(signature, rsa_sha256, 256);
	for (i = 0; i <= 512; i = i < 250 || i > 260 ? i + 25 : i + 1) {
		run = verify(AXE_KEY_RSA, rsa_public, sizeof(rsa_public), AXE_HASH_SHA256,
			     sample_sha256, 32, signature, i);
		assert_int_equal(unit_run(&run), i == 256 ? AXE_OK : AXE_ERR_AUTH);
	}
	run = verify(AXE_KEY_RSA, rsa_public, sizeof(rsa_public), AXE_HASH_SHA256, sample_sha256,
		     32, signature, 256);
	for (i = 0; i < 2048; i += 1 + unit_random(30)) {
		signature[i / 8] ^= 1 << i % 8;
		assert_int_equal(unit_run(&run), AXE_ERR_AUTH);
		signature[i / 8] ^= 1 << i % 8;
	}
	assert_int_equal(unit_run(&run), AXE_OK);
	/* The signature and the modulus: the same number, modulo that. */
	memcpy(signature, rsa_public + 33, 256);
	assert_int_equal(unit_run(&run), AXE_ERR_AUTH);
}

/*---- ECDSA signatures ----*/

/* OpenSSL is strict, too, and the kernel is not: what is no signature never gets there. */
static bool has_form(const u8 *signature, size_t len)
{
	return axe_der_is_signature(signature, len, AXE_DER_P256);
}

static int judge_ecdsa(const u8 *signature, size_t len)
{
	u8 *copy = calloc(1, len);
	struct unit_run run = verify(AXE_KEY_ECDSA_P256, p256_public, sizeof(p256_public),
				     AXE_HASH_SHA256, sample_sha256, 32, copy, len);
	int code;

	assert_true(copy || !len);
	if (len)
		memcpy(copy, signature, len);
	code = unit_run(&run);
	free(copy);
	return code;
}

/* SEQUENCE { INTEGER @r, INTEGER @s } as they are. */
static int judge_pair(const u8 *r, size_t r_len, const u8 *s, size_t s_len)
{
	u8 sig[100] = { 0x30, r_len + s_len + 4, 2, r_len };

	memcpy(sig + 4, r, r_len);
	sig[4 + r_len] = 2;
	sig[5 + r_len] = s_len;
	memcpy(sig + 6 + r_len, s, s_len);
	return judge_ecdsa(sig, 6 + r_len + s_len);
}

/* It has numbers of 33 bytes, for each has the first bit set. */
static const u8 *const sig_r = p256_signature + 4, *const sig_s = p256_signature + 4 + 33 + 2;

static void ecdsa_verify__encodings(void **state)
{
	u8 longer[40] = {}, sig[100];
	size_t i, len = sizeof(p256_signature);

	assert_int_equal(sig_r[0] | sig_s[0], 0);
	assert_int_equal(judge_pair(sig_r, 33, sig_s, 33), AXE_OK);
	/* Without the zero it is negative. */
	assert_int_equal(judge_pair(sig_r + 1, 32, sig_s, 33), AXE_ERR_AUTH);
	assert_int_equal(judge_pair(sig_r, 33, sig_s + 1, 32), AXE_ERR_AUTH);
	/* One zero more. */
	memcpy(longer + 1, sig_r, 33);
	assert_int_equal(judge_pair(longer, 34, sig_s, 33), AXE_ERR_AUTH);
	assert_true(has_form(p256_signature, len));
	memcpy(longer + 1, sig_s, 33);
	assert_int_equal(judge_pair(sig_r, 33, longer, 34), AXE_ERR_AUTH);
	/* Nothing, zero. */
	assert_int_equal(judge_pair(sig_r, 0, sig_s, 33), AXE_ERR_AUTH);
	assert_int_equal(judge_pair(longer, 1, sig_s, 33), AXE_ERR_AUTH);
	assert_int_equal(judge_pair(sig_r, 33, longer, 1), AXE_ERR_AUTH);
	/* Cut, and with something behind it. */
	for (i = 0; i < len; i++)
		assert_int_equal(judge_ecdsa(p256_signature, i), AXE_ERR_AUTH);
	memcpy(sig, p256_signature, len);
	sig[len] = 0;
	assert_int_equal(judge_ecdsa(sig, len + 1), AXE_ERR_AUTH);
	sig[1]++;
	assert_int_equal(judge_ecdsa(sig, len + 1), AXE_ERR_AUTH);
	/* BER: a length in two bytes, and one that is not said. */
	memcpy(sig + 3, p256_signature + 2, len - 2);
	sig[1] = 0x81;
	sig[2] = len - 2;
	assert_false(has_form(sig, len + 1));
	assert_int_equal(judge_ecdsa(sig, len + 1), AXE_ERR_AUTH);
	memcpy(sig, p256_signature, len);
	sig[1] = 0x80;
	sig[len] = 0;
	sig[len + 1] = 0;
	assert_int_equal(judge_ecdsa(sig, len + 2), AXE_ERR_AUTH);
	assert_int_equal(judge_ecdsa(p256_signature, len), AXE_OK);
}

static void ecdsa_verify__numbers(void **state)
{
	/* The order of P-256 (SEC 2, 2.4.2). */
	static const u8 order[33] = {
		0x00, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca,
		0xc2, 0xfc, 0x63, 0x25, 0x51,
	};
	u8 sum[33], one[1] = { 1 };
	BIGNUM *a = BN_bin2bn(sig_s, 33, NULL), *n = BN_bin2bn(order, 33, NULL);

	assert_int_equal(judge_pair(order, 33, sig_s, 33), AXE_ERR_AUTH);
	assert_int_equal(judge_pair(sig_r, 33, order, 33), AXE_ERR_AUTH);
	assert_int_equal(judge_pair(one, 1, one, 1), AXE_ERR_AUTH);
	assert_int_equal(judge_pair(sig_s, 33, sig_r, 33), AXE_ERR_AUTH);
	/* The same modulo the order. */
	assert_int_equal(BN_add(a, a, n), 1);
	assert_int_equal(BN_bn2binpad(a, sum, 33), 33);
	assert_int_equal(judge_pair(sig_r, 33, sum, 33), AXE_ERR_AUTH);
	BN_free(a);
	BN_free(n);
}

/*---- curves ----*/

static int agree(u32 algorithm, const void *key, size_t len, const u8 *peer, size_t peer_len)
{
	struct unit_run run = {
		.cmd = unit_cmd(AXE_OP_AGREE),
		.key = { .algorithm = algorithm, .bytes = key, .len = len },
		.src = peer,
		.src_len = peer_len,
		.dst = got,
		.dst_len = sizeof(got),
	};

	return unit_run(&run);
}

static void agree__points_that_are_none(void **state)
{
	u8 point[65], form;
	size_t i;

	memcpy(point, ecp256_gr, sizeof(point));
	for (i = 8; i < 65 * 8; i += 1 + unit_random(9)) {
		point[i / 8] ^= 1 << i % 8;
		assert_int_equal(agree(AXE_KEY_ECDH_P256, ecp256_i, sizeof(ecp256_i), point, 65),
				 AXE_ERR_DATA);
		point[i / 8] ^= 1 << i % 8;
	}
	for (form = 0; form < 8; form++) {
		point[0] = form;
		assert_int_equal(agree(AXE_KEY_ECDH_P256, ecp256_i, sizeof(ecp256_i), point, 65),
				 form == 4 ? AXE_OK : AXE_ERR_DATA);
	}
	/* Compressed. */
	point[0] = 2;
	assert_int_equal(agree(AXE_KEY_ECDH_P256, ecp256_i, sizeof(ecp256_i), point, 33),
			 AXE_ERR_LENGTH);
}

/* RFC 7748, 6.1; the points are from https://cr.yp.to/ecdh.html. */
static void agree__x25519_points_of_small_order(void **state)
{
	static const u8 small[][32] = {
		{ 0 },
		{ 1 },
		{ 0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1,
		  0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62,
		  0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00 },
		{ 0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c,
		  0x83, 0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22,
		  0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57 },
	};
	u8 prime[32], first;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(small); i++)
		assert_int_equal(agree(AXE_KEY_X25519, alice, 32, small[i], 32), AXE_ERR_DATA);
	/* 2^255 - 19, and its neighbours; the last bit does not count. */
	memset(prime, 0xff, sizeof(prime));
	for (first = 0xec; first <= 0xee; first++) {
		prime[0] = first;
		prime[31] = 0x7f;
		assert_int_equal(agree(AXE_KEY_X25519, alice, 32, prime, 32), AXE_ERR_DATA);
		prime[31] = 0xff;
		assert_int_equal(agree(AXE_KEY_X25519, alice, 32, prime, 32), AXE_ERR_DATA);
	}
}

/*---- commands ----*/

static void command__reserved_and_hashes(void **state)
{
	static const enum axe_opcode plain[] = {
		AXE_OP_RSA_PUBLIC, AXE_OP_RSA_PRIVATE, AXE_OP_AGREE, AXE_OP_PUBLIC_KEY,
	};
	struct axe_cmd cmd;
	size_t i, k;

	for (k = 0; k < ARRAY_SIZE(plain); k++) {
		for (i = 4; i < 16; i++) {
			cmd = unit_cmd(plain[k]);
			cmd.op.raw[i] = 1;
			assert_int_equal(unit_check(&cmd, NULL), AXE_ERR_RESERVED);
		}
	}
	for (i = 5; i < 16; i++) {
		cmd = unit_cmd(AXE_OP_SIGN);
		cmd.op.raw[i] = 1;
		assert_int_equal(unit_check(&cmd, NULL), AXE_ERR_RESERVED);
	}
	for (i = 0; i < 256; i++) {
		cmd = unit_cmd(AXE_OP_VERIFY);
		cmd.op.sign.hash = i;
		cmd.src.length = cpu_to_le32(33);
		assert_int_equal(unit_check(&cmd, NULL),
				 i <= AXE_HASH_SHA3_512 ? AXE_ERR_LENGTH : AXE_ERR_PARAM);
	}
}

static void command__keys_of_another_kind(void **state)
{
	struct unit_run run = verify(AXE_KEY_X25519, alice, 32, AXE_HASH_SHA256, sample_sha256, 32,
				     p256_signature, sizeof(p256_signature));

	run.key.uses = AXE_KEY_DERIVE;
	assert_int_equal(unit_run(&run), AXE_ERR_KEY_USE);
	run.key = (struct unit_key) { AXE_KEY_RSA, rsa_private, sizeof(rsa_private),
				      AXE_KEY_SIGN };
	assert_int_equal(unit_run(&run), AXE_ERR_KEY_USE);
	run = (struct unit_run) {
		.cmd = unit_cmd(AXE_OP_RSA_PRIVATE),
		.key = { AXE_KEY_RSA, rsa_private, sizeof(rsa_private), AXE_KEY_SIGN },
		.src = rsa_power, .src_len = 256, .dst = got, .dst_len = 256,
	};
	assert_int_equal(unit_run(&run), AXE_ERR_KEY_USE);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(rsa_verify__any_other_padding),
	cmocka_unit_test(rsa_verify__padding_that_parsers_take),
	cmocka_unit_test(rsa_verify__lengths_and_bits),
	cmocka_unit_test(ecdsa_verify__encodings),
	cmocka_unit_test(ecdsa_verify__numbers),
	cmocka_unit_test(agree__points_that_are_none),
	cmocka_unit_test(agree__x25519_points_of_small_order),
	cmocka_unit_test(command__reserved_and_hashes),
	cmocka_unit_test(command__keys_of_another_kind),
};

int main(void)
{
	return unit_main("pubkey", tests, ARRAY_SIZE(tests));
}
