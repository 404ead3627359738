// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Public keys, against OpenSSL's. What they work on has the length that the key wants. */

#include "pubkeys.h"

#define MODULUS		256

static const enum axe_key_algorithm agreeing[] = {
	AXE_KEY_ECDH_P256, AXE_KEY_X25519, AXE_KEY_ECDH_P384,
};

/* Made when it is first asked for, and kept. */
static EVP_PKEY *rsa(void)
{
	static EVP_PKEY *key;

	if (!key)
		key = rsa_key(8 * MODULUS);
	return key;
}

static void check_rsa_public(const struct operands *o)
{
	struct ibv_sge src = src_part(o, MODULUS), dst = dst_part(o, MODULUS);
	struct axedv_key *key = give_key(rsa(), o->seed % 2 ? PUBLIC_INFO : BARE_PUBLIC,
					 AXE_KEY_RSA, AXE_KEY_ENCRYPT);
	uint8_t want[MODULUS_MAX];
	struct wc wc;

	fill_noise(src_p(o), MODULUS, o->seed);
	src_p(o)[0] = 0;
	edges_set(dst_p(o), MODULUS);
	wc = run(&rig, rsa_public, &dst, &src, key);
	assert_done(wc);
	assert_int_equal(wc.byte_len, MODULUS);
	edges_check(dst_p(o), MODULUS, "rsa-public");
	openssl_public(rsa(), src_p(o), MODULUS, want);
	assert_memory_equal(dst_p(o), want, MODULUS);
	assert_int_equal(axedv_destroy_key(key), 0);
}

static void check_rsa_private(const struct operands *o)
{
	struct ibv_sge src = src_part(o, MODULUS), dst = dst_part(o, MODULUS);
	struct axedv_key *key = give_key(rsa(), o->seed % 2 ? PRIVATE_INFO : BARE_PRIVATE,
					 AXE_KEY_RSA, AXE_KEY_DECRYPT);
	uint8_t want[MODULUS_MAX];
	struct wc wc;

	fill_noise(src_p(o), MODULUS, o->seed);
	src_p(o)[0] = 0;
	edges_set(dst_p(o), MODULUS);
	wc = run(&rig, rsa_private, &dst, &src, key);
	assert_done(wc);
	assert_int_equal(wc.byte_len, MODULUS);
	edges_check(dst_p(o), MODULUS, "rsa-private");
	openssl_private(rsa(), src_p(o), MODULUS, want);
	assert_memory_equal(dst_p(o), want, MODULUS);
	assert_int_equal(axedv_destroy_key(key), 0);
}

static void check_sign(const struct operands *o)
{
	enum axe_hash hash = o->seed % (AXE_HASH_SHA3_512 + 1);
	struct ibv_sge src = src_part(o, digest_len(hash)), dst = dst_part(o, MODULUS);
	struct axedv_key *key = give_key(rsa(), PRIVATE_INFO, AXE_KEY_RSA, AXE_KEY_SIGN);
	uint8_t want[MODULUS_MAX];
	struct wc wc;

	fill_noise(src_p(o), digest_len(hash), o->seed);
	edges_set(dst_p(o), MODULUS);
	wc = run(&rig, sign, &dst, &src, key, hash);
	assert_done(wc);
	assert_int_equal(wc.byte_len, MODULUS);
	edges_check(dst_p(o), MODULUS, "sign");
	openssl_sign(rsa(), hash, src_p(o), want);
	assert_memory_equal(dst_p(o), want, MODULUS);
	assert_int_equal(axedv_destroy_key(key), 0);
}

static void check_verify_by(const struct operands *o, EVP_PKEY *with, struct axedv_key *key,
			    enum axe_hash hash)
{
	size_t len = digest_len(hash), size;
	struct ibv_sge digest = src_part(o, len), signature;
	struct wc wc;

	fill_noise(src_p(o), len, o->seed);
	size = openssl_sign(with, hash, src_p(o), aux_p(o));
	signature = aux_part(o, size);
	wc = run(&rig, verify, &signature, &digest, key, hash);
	assert_done(wc);
	assert_int_equal(wc.byte_len, 0);
	/* Another signature, another digest. ECDSA takes only so many bits of it. */
	aux_p(o)[o->seed % size] ^= 1 << o->seed % 8;
	assert_code(run(&rig, verify, &signature, &digest, key, hash), AXE_ERR_AUTH);
	aux_p(o)[o->seed % size] ^= 1 << o->seed % 8;
	src_p(o)[o->seed % 20] ^= 0x10;
	assert_code(run(&rig, verify, &signature, &digest, key, hash), AXE_ERR_AUTH);
	assert_int_equal(axedv_destroy_key(key), 0);
}

static void check_verify(const struct operands *o)
{
	static const enum axe_key_algorithm ecdsa[] = { AXE_KEY_ECDSA_P256, AXE_KEY_ECDSA_P384 };
	enum axe_key_algorithm algorithm = ecdsa[o->seed / 2 % 2];
	enum axe_hash hash = o->seed % (AXE_HASH_SHA3_512 + 1);
	struct axedv_key *key;
	EVP_PKEY *with;

	if (o->seed % 2) {
		key = give_key(rsa(), o->seed % 4 == 1 ? PUBLIC_INFO : BARE_PUBLIC, AXE_KEY_RSA,
			       AXE_KEY_VERIFY);
		check_verify_by(o, rsa(), key, hash);
		return;
	}
	with = curve_key(algorithm);
	key = give_key(with, o->seed % 4 ? PUBLIC_INFO : BARE_PUBLIC, algorithm, AXE_KEY_VERIFY);
	check_verify_by(o, with, key, hash);
	EVP_PKEY_free(with);
}

static void check_agree(const struct operands *o)
{
	enum axe_key_algorithm algorithm = agreeing[o->seed % ARRAY_SIZE(agreeing)];
	EVP_PKEY *own = curve_key(algorithm), *peer = curve_key(algorithm);
	struct axedv_key *key = give_key(own, PRIVATE_INFO, algorithm, AXE_KEY_DERIVE);
	uint8_t want[POINT_MAX];
	struct ibv_sge src = src_part(o, public_point(peer, src_p(o)));
	size_t len = openssl_agree(own, peer, want);
	struct ibv_sge dst = dst_part(o, len);
	struct wc wc;

	edges_set(dst_p(o), len);
	wc = run(&rig, agree, &dst, &src, key);
	assert_done(wc);
	assert_int_equal(wc.byte_len, len);
	edges_check(dst_p(o), len, "agree");
	assert_memory_equal(dst_p(o), want, len);
	assert_int_equal(axedv_destroy_key(key), 0);
	EVP_PKEY_free(own);
	EVP_PKEY_free(peer);
}

static void check_public_key(const struct operands *o)
{
	enum axe_key_algorithm algorithm = agreeing[o->seed % ARRAY_SIZE(agreeing)];
	EVP_PKEY *own = curve_key(algorithm);
	/* ECPrivateKey; X25519 has no such form. */
	struct axedv_key *key = give_key(own, algorithm == AXE_KEY_X25519 || o->seed % 2 ?
					 PRIVATE_INFO : BARE_PRIVATE, algorithm, AXE_KEY_DERIVE);
	uint8_t want[POINT_MAX];
	size_t len = public_point(own, want);
	struct ibv_sge dst = dst_part(o, len);
	struct wc wc;

	edges_set(dst_p(o), len);
	wc = run(&rig, public_key, &dst, key);
	assert_done(wc);
	assert_int_equal(wc.byte_len, len);
	edges_check(dst_p(o), len, "public-key");
	assert_memory_equal(dst_p(o), want, len);
	assert_int_equal(axedv_destroy_key(key), 0);
	EVP_PKEY_free(own);
}

/* They take their time, more so in an emulated guest. */
static const struct op_check pubkey[] = {
	{ AXE_OP_RSA_PUBLIC, check_rsa_public, .longest = 63 },
	{ AXE_OP_RSA_PRIVATE, check_rsa_private, .longest = 7 },
	{ AXE_OP_SIGN, check_sign, .longest = 7 },
	{ AXE_OP_VERIFY, check_verify, .longest = 63 },
	{ AXE_OP_AGREE, check_agree, .longest = 20 },
	{ AXE_OP_PUBLIC_KEY, check_public_key, .longest = 20 },
};
OP_CHECKS(pubkey, pubkey);
