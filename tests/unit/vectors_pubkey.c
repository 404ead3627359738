// SPDX-License-Identifier: GPL-2.0
/* Vectors of public keys. See pubkeys.h. */
#include "pubkeys.h"
#include "vectors.h"

static const u8 zeros[600];

#define PUBKEY(opcode, kind, k)	(opcode), KEY(kind, k)
#define HASH(which)		BLOCK(.sign = { .hash = (which) })
#define FROM(bytes)		.src = (bytes), .src_len = sizeof(bytes)
#define SIGNATURE(bytes)	.aux = (bytes), .aux_len = sizeof(bytes)
#define TO(room, bytes) \
	.dst = zeros, .dst_len = (room), .want = (bytes), .done = sizeof(bytes)
#define NOTHING(room)		.dst = zeros, .dst_len = (room)

static const struct unit_vector pubkey[] = {
	{ "rsa-public: 2048", PUBKEY(AXE_OP_RSA_PUBLIC, AXE_KEY_RSA, rsa_public),
	  FROM(rsa_number), TO(256, rsa_power) },
	{ "rsa-public: private key", PUBKEY(AXE_OP_RSA_PUBLIC, AXE_KEY_RSA, rsa_private),
	  FROM(rsa_number), TO(300, rsa_power) },
	{ "rsa-public: too great", PUBKEY(AXE_OP_RSA_PUBLIC, AXE_KEY_RSA, rsa_public),
	  .src = rsa_public + 33, .src_len = 256, NOTHING(256), .code = AXE_ERR_DATA },
	{ "rsa-public: zero", PUBKEY(AXE_OP_RSA_PUBLIC, AXE_KEY_RSA, rsa_public),
	  .src = zeros, .src_len = 256, NOTHING(256), .code = AXE_ERR_DATA },
	{ "rsa-public: short", PUBKEY(AXE_OP_RSA_PUBLIC, AXE_KEY_RSA, rsa_public),
	  .src = rsa_number, .src_len = 255, NOTHING(256), .code = AXE_ERR_LENGTH },
	{ "rsa-public: no room", PUBKEY(AXE_OP_RSA_PUBLIC, AXE_KEY_RSA, rsa_public),
	  FROM(rsa_number), NOTHING(255), .code = AXE_ERR_FULL },

	{ "rsa-private: 2048", PUBKEY(AXE_OP_RSA_PRIVATE, AXE_KEY_RSA, rsa_private),
	  FROM(rsa_power), TO(256, rsa_number) },
	{ "rsa-private: too great", PUBKEY(AXE_OP_RSA_PRIVATE, AXE_KEY_RSA, rsa_private),
	  .src = rsa_public + 33, .src_len = 256, NOTHING(256), .code = AXE_ERR_DATA },

	{ "sign: RSA, SHA-1", PUBKEY(AXE_OP_SIGN, AXE_KEY_RSA, rsa_private),
	  HASH(AXE_HASH_SHA1), FROM(sample_sha1), TO(256, rsa_sha1) },
	{ "sign: RSA, SHA-256", PUBKEY(AXE_OP_SIGN, AXE_KEY_RSA, rsa_private),
	  HASH(AXE_HASH_SHA256), FROM(sample_sha256), TO(512, rsa_sha256) },
	{ "sign: RSA, SHA3-512", PUBKEY(AXE_OP_SIGN, AXE_KEY_RSA, rsa_private),
	  HASH(AXE_HASH_SHA3_512), FROM(sample_sha3_512), TO(256, rsa_sha3_512) },
	{ "sign: no room", PUBKEY(AXE_OP_SIGN, AXE_KEY_RSA, rsa_private),
	  HASH(AXE_HASH_SHA256), FROM(sample_sha256), NOTHING(255), .code = AXE_ERR_FULL },

	{ "verify: RSA, SHA-1", PUBKEY(AXE_OP_VERIFY, AXE_KEY_RSA, rsa_public),
	  HASH(AXE_HASH_SHA1), FROM(sample_sha1), SIGNATURE(rsa_sha1) },
	{ "verify: RSA, SHA3-512", PUBKEY(AXE_OP_VERIFY, AXE_KEY_RSA, rsa_private),
	  HASH(AXE_HASH_SHA3_512), FROM(sample_sha3_512), SIGNATURE(rsa_sha3_512) },
	{ "verify: RSA 3072", PUBKEY(AXE_OP_VERIFY, AXE_KEY_RSA, rsa3072_public),
	  HASH(AXE_HASH_SHA384), FROM(sample_sha384), SIGNATURE(rsa3072_sha384) },
	{ "verify: RSA 4096", PUBKEY(AXE_OP_VERIFY, AXE_KEY_RSA, rsa4096_public),
	  HASH(AXE_HASH_SHA512), FROM(sample_sha512), SIGNATURE(rsa4096_sha512) },
	{ "verify: another hash", PUBKEY(AXE_OP_VERIFY, AXE_KEY_RSA, rsa_public),
	  HASH(AXE_HASH_SHA3_256), FROM(sample_sha256), SIGNATURE(rsa_sha256),
	  .code = AXE_ERR_AUTH },
	{ "verify: another key", PUBKEY(AXE_OP_VERIFY, AXE_KEY_RSA, rsa3072_public),
	  HASH(AXE_HASH_SHA256), FROM(sample_sha256), SIGNATURE(rsa_sha256),
	  .code = AXE_ERR_AUTH },
	{ "verify: ECDSA P-256", PUBKEY(AXE_OP_VERIFY, AXE_KEY_ECDSA_P256, p256_public),
	  HASH(AXE_HASH_SHA256), FROM(sample_sha256), SIGNATURE(p256_signature) },
	{ "verify: ECDSA P-256, point", PUBKEY(AXE_OP_VERIFY, AXE_KEY_ECDSA_P256, p256_point),
	  HASH(AXE_HASH_SHA3_256), FROM(sample_sha256), SIGNATURE(p256_signature) },
	{ "verify: ECDSA P-384", PUBKEY(AXE_OP_VERIFY, AXE_KEY_ECDSA_P384, p384_public),
	  HASH(AXE_HASH_SHA384), FROM(sample_sha384), SIGNATURE(p384_signature) },
	{ "verify: ECDSA, another digest", PUBKEY(AXE_OP_VERIFY, AXE_KEY_ECDSA_P256, p256_public),
	  HASH(AXE_HASH_SHA1), FROM(sample_sha1), SIGNATURE(p256_signature),
	  .code = AXE_ERR_AUTH },
	{ "verify: no signature", PUBKEY(AXE_OP_VERIFY, AXE_KEY_ECDSA_P256, p256_public),
	  HASH(AXE_HASH_SHA1), FROM(sample_sha1), .code = AXE_ERR_AUTH },

	{ "agree: RFC 5903, initiator", PUBKEY(AXE_OP_AGREE, AXE_KEY_ECDH_P256, ecp256_i),
	  FROM(ecp256_gr), TO(32, ecp256_gir) },
	{ "agree: RFC 5903, responder", PUBKEY(AXE_OP_AGREE, AXE_KEY_ECDH_P256, ecp256_r),
	  FROM(ecp256_gi), TO(33, ecp256_gir) },
	{ "agree: RFC 7748, Alice", PUBKEY(AXE_OP_AGREE, AXE_KEY_X25519, alice),
	  FROM(bob_public), TO(32, alice_bob) },
	{ "agree: RFC 7748, Bob", PUBKEY(AXE_OP_AGREE, AXE_KEY_X25519, bob),
	  FROM(alice_public), TO(100, alice_bob) },
	{ "agree: X25519 with zero", PUBKEY(AXE_OP_AGREE, AXE_KEY_X25519, alice),
	  .src = zeros, .src_len = 32, NOTHING(32), .code = AXE_ERR_DATA },
	{ "agree: another curve's point", PUBKEY(AXE_OP_AGREE, AXE_KEY_ECDH_P256, ecp256_i),
	  FROM(p384_point), NOTHING(32), .code = AXE_ERR_LENGTH },
	{ "agree: no point", PUBKEY(AXE_OP_AGREE, AXE_KEY_ECDH_P256, ecp256_i),
	  .src = zeros, .src_len = 65, NOTHING(32), .code = AXE_ERR_DATA },
	{ "agree: no room", PUBKEY(AXE_OP_AGREE, AXE_KEY_X25519, alice),
	  FROM(bob_public), NOTHING(31), .code = AXE_ERR_FULL },

	{ "public-key: RFC 5903", PUBKEY(AXE_OP_PUBLIC_KEY, AXE_KEY_ECDH_P256, ecp256_i),
	  TO(65, ecp256_gi) },
	{ "public-key: RFC 5903, PKCS #8", PUBKEY(AXE_OP_PUBLIC_KEY, AXE_KEY_ECDH_P256, ecp256_r),
	  TO(99, ecp256_gr) },
	{ "public-key: RFC 7748", PUBKEY(AXE_OP_PUBLIC_KEY, AXE_KEY_X25519, alice),
	  TO(32, alice_public) },
	{ "public-key: RFC 8410", PUBKEY(AXE_OP_PUBLIC_KEY, AXE_KEY_X25519, bob),
	  TO(32, bob_public) },
	{ "public-key: no room", PUBKEY(AXE_OP_PUBLIC_KEY, AXE_KEY_X25519, bob),
	  NOTHING(31), .code = AXE_ERR_FULL },
};

UNIT_VECTORS(pubkey, pubkey);
