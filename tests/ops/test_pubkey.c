// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Public keys: sizes, errors, commands that follow each other. */

#include <endian.h>

#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "pubkeys.h"

#define RSA_ALL	(AXE_KEY_SIGN | AXE_KEY_VERIFY | AXE_KEY_ENCRYPT | AXE_KEY_DECRYPT)

/* A page that operands are in, and the pages around it are none. */
static uint8_t *data;
static EVP_PKEY *rsa;

static struct axedv_key *rsa_all(void)
{
	return give_key(rsa, PRIVATE_INFO, AXE_KEY_RSA, RSA_ALL);
}

static void done_with(struct axedv_key *key)
{
	assert_int_equal(axedv_destroy_key(key), 0);
}

static void rsa__each_size(void **state)
{
	static const unsigned int sizes[] = { 2048, 3072, 4096 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		size_t size = sizes[i] / 8;
		struct ibv_sge number = here(&rig, data, size), power = here(&rig, data + 512, size);
		struct ibv_sge digest = here(&rig, data + 1024, 48);
		EVP_PKEY *own = rsa_key(sizes[i]);
		struct axedv_key *key = give_key(own, BARE_PRIVATE, AXE_KEY_RSA, RSA_ALL);
		uint8_t before[MODULUS_MAX], want[MODULUS_MAX];

		fill_noise(data, 4096, sizes[i]);
		data[0] = 1;
		memcpy(before, data, size);
		/* There and back again, to where it was. */
		assert_done(run(&rig, rsa_public, &power, &number, key));
		openssl_public(own, before, size, want);
		assert_memory_equal(data + 512, want, size);
		memset(data, 0, size);
		assert_done(run(&rig, rsa_private, &number, &power, key));
		assert_memory_equal(data, before, size);

		assert_done(run(&rig, sign, &power, &digest, key, AXE_HASH_SHA384));
		openssl_sign(own, AXE_HASH_SHA384, data + 1024, want);
		assert_memory_equal(data + 512, want, size);
		assert_done(run(&rig, verify, &power, &digest, key, AXE_HASH_SHA384));
		done_with(key);
		EVP_PKEY_free(own);
	}
}

static void rsa__in_place(void **state)
{
	struct ibv_sge number = here(&rig, data, 256), within = here(&rig, data + 1, 256);
	struct axedv_key *key = rsa_all();
	uint8_t before[256];

	fill_noise(data, 256, 9);
	data[0] = 0;
	memcpy(before, data, 256);
	assert_done(run(&rig, rsa_private, &number, &number, key));
	assert_int_not_equal(memcmp(data, before, 256), 0);
	assert_done(run(&rig, rsa_public, &number, &number, key));
	assert_memory_equal(data, before, 256);
	assert_code(run(&rig, rsa_public, &within, &number, key), AXE_ERR_OVERLAP);
	done_with(key);
}

static void rsa__numbers_and_lengths(void **state)
{
	struct ibv_sge src = here(&rig, data, 256), dst = here(&rig, data + 512, 256);
	struct axedv_key *key = rsa_all();
	uint8_t before[256];

	memset(data + 512, 0x77, 256);
	memcpy(before, data + 512, 256);
	memset(data, 0xff, 256);
	assert_code(run(&rig, rsa_public, &dst, &src, key), AXE_ERR_DATA);
	assert_code(run(&rig, rsa_private, &dst, &src, key), AXE_ERR_DATA);
	memset(data, 0, 256);
	assert_code(run(&rig, rsa_public, &dst, &src, key), AXE_ERR_DATA);
	data[255] = 1;
	assert_code(run(&rig, rsa_private, &dst, &src, key), AXE_ERR_DATA);
	data[0] = 1;
	src.length = 255;
	assert_code(run(&rig, rsa_public, &dst, &src, key), AXE_ERR_LENGTH);
	src.length = 0;
	assert_code(run(&rig, rsa_public, &dst, &src, key), AXE_ERR_LENGTH);
	src.length = 257;
	assert_code(run(&rig, rsa_private, &dst, &src, key), AXE_ERR_LENGTH);
	src.length = 513;
	assert_code(run(&rig, rsa_private, &dst, &src, key), AXE_ERR_LENGTH);
	src.length = 256;
	dst.length = 255;
	assert_code(run(&rig, rsa_public, &dst, &src, key), AXE_ERR_FULL);
	dst.length = 0;
	assert_code(run(&rig, rsa_public, &dst, &src, key), AXE_ERR_FULL);
	/* Nothing was written. */
	assert_memory_equal(data + 512, before, 256);
	dst.length = 300;
	assert_done(run(&rig, rsa_public, &dst, &src, key));
	done_with(key);
}

static void verify__wrong_signature(void **state)
{
	struct ibv_sge digest = here(&rig, data, 32), signature = here(&rig, data + 512, 256);
	struct axe_result *record = (void *)(data + 1024);
	struct axedv_key *key = rsa_all();
	struct wc wc;

	fill_noise(data, 32, 4);
	openssl_sign(rsa, AXE_HASH_SHA256, data, data + 512);
	data[600] ^= 1;
	memset(record, 0, sizeof(*record));
	rig_begin(&rig, 5, IBV_SEND_SIGNALED);
	axedv_wr_verify(rig.qx, &signature, &digest, key, AXE_HASH_SHA256);
	axedv_wr_set_result(rig.qx, rig.mr->lkey, record);
	rig_end(&rig);
	wc = rig_wait_for(&rig, 5);
	assert_code(wc, AXE_ERR_AUTH);
	assert_int_equal(wc.byte_len, 0);
	assert_int_equal(record->valid, 1);
	assert_int_equal(le16toh(record->code), AXE_ERR_AUTH);
	/* It fails alone. */
	data[600] ^= 1;
	assert_done(run(&rig, verify, &signature, &digest, key, AXE_HASH_SHA256));
	assert_code(run(&rig, verify, &signature, &digest, key, AXE_HASH_SHA3_256), AXE_ERR_AUTH);
	assert_code(run(&rig, verify, NULL, &digest, key, AXE_HASH_SHA256), AXE_ERR_AUTH);
	signature.length = 255;
	assert_code(run(&rig, verify, &signature, &digest, key, AXE_HASH_SHA256), AXE_ERR_AUTH);
	signature.length = 513;
	assert_code(run(&rig, verify, &signature, &digest, key, AXE_HASH_SHA256), AXE_ERR_LENGTH);
	done_with(key);
}

static void sign__digests(void **state)
{
	struct ibv_sge digest = here(&rig, data, 32), dst = here(&rig, data + 512, 256);
	struct axedv_key *key = rsa_all();
	unsigned int hash;

	for (hash = 0; hash <= AXE_HASH_MD5 + 1; hash++) {
		digest.length = hash <= AXE_HASH_SHA3_512 ? digest_len(hash) + 1 : 32;
		assert_code(run(&rig, sign, &dst, &digest, key, hash),
			    hash <= AXE_HASH_SHA3_512 ? AXE_ERR_LENGTH : AXE_ERR_PARAM);
	}
	digest.length = 0;
	assert_code(run(&rig, sign, &dst, &digest, key, AXE_HASH_SHA256), AXE_ERR_LENGTH);
	digest.length = 32;
	dst.length = 255;
	assert_code(run(&rig, sign, &dst, &digest, key, AXE_HASH_SHA256), AXE_ERR_FULL);
	assert_code(run(&rig, sign, NULL, &digest, key, AXE_HASH_SHA256), AXE_ERR_FULL);
	done_with(key);
}

/* Hash a message, sign it, verify that: each starts when the one before has ended. */
static void sign__what_was_hashed(void **state)
{
	struct ibv_sge message = here(&rig, data, 2000), digest = here(&rig, data + 2048, 32);
	struct ibv_sge signature = here(&rig, data + 2560, 256);
	struct axedv_key *key = rsa_all();
	uint8_t want[MODULUS_MAX];
	int i;

	fill_noise(data, 2000, 77);
	memset(data + 2000, 0, 2096);
	rig_begin(&rig, 1, IBV_SEND_SIGNALED);
	axedv_wr_hash(rig.qx, &digest, &message, AXE_HASH_SHA256, 0);
	rig.qx->wr_flags |= AXEDV_SEND_LINK;
	axedv_wr_sign(rig.qx, &signature, &digest, key, AXE_HASH_SHA256);
	axedv_wr_verify(rig.qx, &signature, &digest, key, AXE_HASH_SHA256);
	rig_end(&rig);
	for (i = 0; i < 3; i++)
		assert_done(rig_wait(&rig));
	openssl_sign(rsa, AXE_HASH_SHA256, data + 2048, want);
	assert_memory_equal(data + 2560, want, 256);
	done_with(key);
}

static void agree__both_sides(void **state)
{
	static const enum axe_key_algorithm algorithms[] = {
		AXE_KEY_ECDH_P256, AXE_KEY_ECDH_P384, AXE_KEY_X25519,
	};
	size_t i, side;

	for (i = 0; i < ARRAY_SIZE(algorithms); i++) {
		struct axedv_key *key[2];
		struct ibv_sge buf;
		struct wc wc;

		for (side = 0; side < 2; side++) {
			EVP_PKEY *own = curve_key(algorithms[i]);

			key[side] = give_key(own, PRIVATE_INFO, algorithms[i], AXE_KEY_DERIVE);
			EVP_PKEY_free(own);
		}
		for (side = 0; side < 2; side++) {
			buf = here(&rig, data + side * 256, 200);
			wc = run(&rig, public_key, &buf, key[side]);
			assert_done(wc);
		}
		for (side = 0; side < 2; side++) {
			struct ibv_sge peer = here(&rig, data + 256 - side * 256, wc.byte_len);

			buf = here(&rig, data + 512 + side * 256, 200);
			assert_done(run(&rig, agree, &buf, &peer, key[side]));
		}
		assert_memory_equal(data + 512, data + 768, wc.byte_len > 65 ? 48 : 32);
		done_with(key[0]);
		done_with(key[1]);
	}
}

static void agree__refused(void **state)
{
	struct ibv_sge peer = here(&rig, data, 65), dst = here(&rig, data + 512, 48);
	EVP_PKEY *own = curve_key(AXE_KEY_ECDH_P256);
	struct axedv_key *key = give_key(own, PRIVATE_INFO, AXE_KEY_ECDH_P256, AXE_KEY_DERIVE);

	public_point(own, data);
	assert_done(run(&rig, agree, &dst, &peer, key));
	memset(data + 512, 0x3c, 48);
	data[64] ^= 1;
	assert_code(run(&rig, agree, &dst, &peer, key), AXE_ERR_DATA);
	data[64] ^= 1;
	data[0] = 6;
	assert_code(run(&rig, agree, &dst, &peer, key), AXE_ERR_DATA);
	data[0] = 4;
	memset(data + 1, 0xff, 32);
	assert_code(run(&rig, agree, &dst, &peer, key), AXE_ERR_DATA);
	memset(data + 1, 0, 64);
	assert_code(run(&rig, agree, &dst, &peer, key), AXE_ERR_DATA);
	peer.length = 64;
	assert_code(run(&rig, agree, &dst, &peer, key), AXE_ERR_LENGTH);
	peer.length = 0;
	assert_code(run(&rig, agree, &dst, &peer, key), AXE_ERR_LENGTH);
	peer.length = 65;
	dst.length = 31;
	assert_code(run(&rig, agree, &dst, &peer, key), AXE_ERR_FULL);
	assert_code(run(&rig, public_key, &dst, key), AXE_ERR_FULL);
	assert_code(run(&rig, public_key, NULL, key), AXE_ERR_FULL);
	assert_int_equal(data[512], 0x3c);
	done_with(key);
	EVP_PKEY_free(own);
}

/* RFC 7748, 6.1. */
static void agree__x25519_zero(void **state)
{
	struct ibv_sge peer = here(&rig, data, 32), dst = here(&rig, data + 512, 32);
	EVP_PKEY *own = curve_key(AXE_KEY_X25519);
	struct axedv_key *key = give_key(own, PRIVATE_INFO, AXE_KEY_X25519, AXE_KEY_DERIVE);

	EVP_PKEY_free(own);
	memset(data, 0, 32);
	assert_code(run(&rig, agree, &dst, &peer, key), AXE_ERR_DATA);
	data[0] = 1;
	assert_code(run(&rig, agree, &dst, &peer, key), AXE_ERR_DATA);
	data[0] = 9;
	assert_done(run(&rig, agree, &dst, &peer, key));
	done_with(key);
}

static void pubkey__of_another_kind(void **state)
{
	struct ibv_sge src = here(&rig, data, 32), dst = here(&rig, data + 512, 256);
	struct axedv_key *key = give_key(rsa, PUBLIC_INFO, AXE_KEY_RSA,
					 AXE_KEY_VERIFY | AXE_KEY_ENCRYPT);

	assert_code(run(&rig, sign, &dst, &src, key, AXE_HASH_SHA256), AXE_ERR_KEY_USE);
	assert_code(run(&rig, rsa_private, &dst, &src, key), AXE_ERR_KEY_USE);
	assert_code(run(&rig, agree, &dst, &src, key), AXE_ERR_KEY_USE);
	assert_code(run(&rig, public_key, &dst, key), AXE_ERR_KEY_USE);
	assert_code(run(&rig, encrypt, &dst, &src, key, NULL, 0), AXE_ERR_LENGTH);
	done_with(key);
	key = axedv_create_key(rig.pd, AXE_KEY_AES_CTR, AXE_KEY_ENCRYPT | AXE_KEY_DECRYPT, data, 32);
	assert_non_null(key);
	assert_code(run(&rig, rsa_public, &dst, &src, key), AXE_ERR_KEY_USE);
	assert_code(run(&rig, verify, &dst, &src, key, AXE_HASH_SHA256), AXE_ERR_KEY_USE);
	done_with(key);
}

static void pubkey__memory_that_is_not_there(void **state)
{
	uint8_t *hole = data + 4096;
	struct ibv_sge src = here(&rig, data + 4096 - 100, 256), dst = here(&rig, data, 256);
	struct axedv_key *key = rsa_all();
	struct wc wc;

	memset(data, 0, 4096);
	wc = run(&rig, rsa_public, &dst, &src, key);
	assert_code(wc, AXE_ERR_FAULT);
	assert_int_equal(wc.result[0], (uintptr_t)hole);
	src = here(&rig, data, 256);
	data[255] = 3;
	dst = here(&rig, data + 4096 - 10, 256);
	wc = run(&rig, rsa_public, &dst, &src, key);
	assert_code(wc, AXE_ERR_FAULT);
	assert_int_equal(wc.result[0], (uintptr_t)hole);
	assert_int_equal(wc.byte_len, 0);
	src = here(&rig, data, 32);
	dst = here(&rig, hole, 256);
	wc = run(&rig, verify, &dst, &src, key, AXE_HASH_SHA256);
	assert_code(wc, AXE_ERR_FAULT);
	assert_int_equal(wc.result[0], (uintptr_t)hole);
	done_with(key);
}

/* Signatures under way end, and the others do not find the key. */
static void pubkey__destroyed_while_used(void **state)
{
	struct ibv_sge digest = here(&rig, data, 32), dst = here(&rig, data + 512, 256);
	struct axedv_key *key = rsa_all();
	int i;

	for (i = 0; i < 8; i++)
		post(&rig, i, IBV_SEND_SIGNALED, sign, &dst, &digest, key, AXE_HASH_SHA256);
	done_with(key);
	for (i = 0; i < 8; i++) {
		struct wc wc = rig_wait(&rig);

		demand(wc.code == AXE_OK || wc.code == AXE_ERR_NO_KEY, "code %d", wc.code);
	}
}

/* Where it runs makes no difference, also if there is nothing to do. */
static void pubkey__each_mode(void **state)
{
	static const enum axe_queue_mode modes[] = {
		AXE_QUEUE_INLINE, AXE_QUEUE_WORKER, AXE_QUEUE_POLL,
	};
	struct rig own;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		struct rig_options options = { .mode = modes[i] };
		struct axedv_key *key = rsa_all();
		struct ibv_sge digest, dst;

		rig_share(&own, &rig);
		rig_open_queue(&own, &options);
		digest = here(&own, data, 32);
		dst = here(&own, data + 512, 256);
		assert_done(run(&own, sign, &dst, &digest, key, AXE_HASH_SHA256));
		assert_done(run(&own, verify, &dst, &digest, key, AXE_HASH_SHA256));
		assert_code(run(&own, rsa_public, NULL, NULL, key), AXE_ERR_LENGTH);
		rig_close_queue(&own);
		done_with(key);
	}
}

static void create_key__refused(void **state)
{
	static const char not_der[] = "-----BEGIN PUBLIC KEY-----";
	EVP_PKEY *small = EVP_RSA_gen(1024), *ec = EVP_EC_gen("P-256");
	uint8_t *der = NULL;
	int len = i2d_PublicKey(small, &der);

	assert_null(axedv_create_key(rig.pd, AXE_KEY_RSA, AXE_KEY_VERIFY, der, len));
	assert_int_equal(errno, EINVAL);
	OPENSSL_free(der);
	der = NULL;
	len = i2d_PublicKey(rsa, &der);
	assert_null(axedv_create_key(rig.pd, AXE_KEY_RSA, AXE_KEY_SIGN, der, len));
	assert_int_equal(errno, EINVAL);
	assert_null(axedv_create_key(rig.pd, AXE_KEY_RSA, AXE_KEY_VERIFY, der, len - 1));
	assert_int_equal(errno, EINVAL);
	assert_null(axedv_create_key(rig.pd, AXE_KEY_ECDH_P256, AXE_KEY_DERIVE, der, len));
	assert_int_equal(errno, EINVAL);
	OPENSSL_free(der);
	/* Its prime is one no more: what it signs would give away the other. */
	der = NULL;
	len = i2d_PrivateKey(rsa, &der);
	der[len - 300] ^= 2;
	assert_null(axedv_create_key(rig.pd, AXE_KEY_RSA, AXE_KEY_SIGN, der, len));
	assert_int_equal(errno, EINVAL);
	OPENSSL_free(der);
	assert_null(axedv_create_key(rig.pd, AXE_KEY_RSA, AXE_KEY_VERIFY, not_der,
				     sizeof(not_der)));
	assert_int_equal(errno, EINVAL);
	der = NULL;
	len = i2d_PUBKEY(ec, &der);
	assert_null(axedv_create_key(rig.pd, AXE_KEY_ECDH_P256, AXE_KEY_DERIVE, der, len));
	assert_int_equal(errno, EINVAL);
	OPENSSL_free(der);
	EVP_PKEY_free(small);
	EVP_PKEY_free(ec);
}

static void query_ops__names_of_keys(void **state)
{
	struct axe_op_info ops[128];
	int n = axedv_query_ops(rig.ctx, ops, ARRAY_SIZE(ops)), i;
	unsigned int k;

	for (i = 0; i < n; i++)
		for (k = 0; k < 32 && ops[i].flags & AXE_OP_HAS_KEY; k++)
			if (ops[i].formats >> k & 1)
				demand(axedv_format_str(ops[i].opcode, k), "%s, %u", ops[i].name, k);
}

static int pubkey_setup(void **state)
{
	uint8_t *area = pages(3 * PAGE);

	data = area + PAGE;
	munmap(area, PAGE);
	munmap(data + PAGE, PAGE);
	rsa = rsa_key(2048);
	return ops_setup(state);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(rsa__each_size),
	cmocka_unit_test(rsa__in_place),
	cmocka_unit_test(rsa__numbers_and_lengths),
	cmocka_unit_test(verify__wrong_signature),
	cmocka_unit_test(sign__digests),
	cmocka_unit_test(sign__what_was_hashed),
	cmocka_unit_test(agree__both_sides),
	cmocka_unit_test(agree__refused),
	cmocka_unit_test(agree__x25519_zero),
	cmocka_unit_test(pubkey__of_another_kind),
	cmocka_unit_test(pubkey__memory_that_is_not_there),
	cmocka_unit_test(pubkey__destroyed_while_used),
	cmocka_unit_test(pubkey__each_mode),
	cmocka_unit_test(create_key__refused),
	cmocka_unit_test(query_ops__names_of_keys),
};

LIVE_MAIN("pubkey", tests, pubkey_setup, ops_teardown)
