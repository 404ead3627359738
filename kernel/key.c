// SPDX-License-Identifier: GPL-2.0
/* The algorithms that keys are for, and the crypto API's transforms for them. */

#include <crypto/aead.h>
#include <crypto/akcipher.h>
#include <crypto/hash.h>
#include <crypto/kpp.h>
#include <crypto/sig.h>
#include <crypto/skcipher.h>
#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <linux/string.h>

/* Not that beside this file: tests have another. */
#include <compat/compat.h>

#include "key.h"
#include "ops/digest.h"
#include "pubkey.h"

#define AXE_USES_CIPHER	(AXE_KEY_ENCRYPT | AXE_KEY_DECRYPT)
#define AXE_USES_MAC	(AXE_KEY_SIGN | AXE_KEY_VERIFY)

static_assert(AXE_KEY_SECRET_MAX >= AXE_DIGEST_BLOCK_MAX);
static_assert(AXE_KEY_SECRET_MAX >= AXE_BLAKE2B_KEY_MAX);

#define AXE_CIPHER(api, unit, shortest, longest, between)	\
	{							\
		.name = (api),					\
		.kind = AXE_KIND_CIPHER,			\
		.block = (unit),				\
		.min_len = (shortest),				\
		.max_len = (longest),				\
		.step = (between),				\
		.uses = AXE_USES_CIPHER,			\
	}

#define AXE_AEAD(api, shortest, longest, shortest_tag)		\
	{							\
		.name = (api),					\
		.kind = AXE_KIND_AEAD,				\
		.block = 1,					\
		.min_len = (shortest),				\
		.max_len = (longest),				\
		.step = 8,					\
		.tag = AXE_AEAD_TAG,				\
		.min_tag = (shortest_tag),			\
		.uses = AXE_USES_CIPHER,			\
	}

/* The length of the ICV goes with the key, as in IKE: a packet does not choose it. */
#define AXE_ESP(api, shortest, longest, icv)			\
	{							\
		.name = (api),					\
		.kind = AXE_KIND_AEAD,				\
		.block = 1,					\
		.min_len = (shortest),				\
		.max_len = (longest),				\
		.step = 8,					\
		.tag = (icv),					\
		.salt = AXE_KEY_SALT,				\
		.uses = AXE_USES_CIPHER,			\
	}

/* RFC 2104, 5: no tag of less than 80 bits. */
#define AXE_HMAC(function, bytes)				\
	{							\
		.name = "hmac",					\
		.kind = AXE_KIND_HMAC,				\
		.min_len = 1,					\
		.max_len = AXE_MAX_KEY_BYTES,			\
		.step = 1,					\
		.tag = (bytes),					\
		.min_tag = 10,					\
		.hash = (function),				\
		.uses = AXE_USES_MAC,				\
	}

/* RFC 7693: the length of its digest is part of what is hashed; a part of it is not. */
#define AXE_BLAKE2B(function, bytes)				\
	{							\
		.name = "blake2b",				\
		.kind = AXE_KIND_BLAKE2B,			\
		.min_len = 1,					\
		.max_len = AXE_BLAKE2B_KEY_MAX,			\
		.step = 1,					\
		.tag = (bytes),					\
		.hash = (function),				\
		.uses = AXE_USES_MAC,				\
	}

/* SP 800-38B, A.2: no tag of less than 64 bits. */
#define AXE_CMAC(api)						\
	{							\
		.name = (api),					\
		.kind = AXE_KIND_CMAC,				\
		.min_len = 16,					\
		.max_len = 32,					\
		.step = 8,					\
		.tag = 16,					\
		.min_tag = 8,					\
		.uses = AXE_USES_MAC,				\
	}
#define AXE_PUBKEY(api, how, which, may)			\
	{							\
		.name = (api),					\
		.kind = (how),					\
		.curve = (which),				\
		.min_len = 1,					\
		.max_len = AXE_MAX_KEY_BYTES,			\
		.step = 1,					\
		.uses = (may),					\
	}

#define AXE_USES_RSA	(AXE_USES_CIPHER | AXE_KEY_SIGN | AXE_KEY_VERIFY)

static const struct axe_key_alg axe_key_algs[] = {
	[AXE_KEY_AES_CBC] = AXE_CIPHER("cbc(aes)", 16, 16, 32, 8),
	[AXE_KEY_AES_CTR] = AXE_CIPHER("ctr(aes)", 1, 16, 32, 8),
	[AXE_KEY_AES_XTS] = AXE_CIPHER("xts(aes)", 16, 32, 64, 32),
	[AXE_KEY_SM4_CBC] = AXE_CIPHER("cbc(sm4)", 16, 16, 16, 1),
	[AXE_KEY_SM4_CTR] = AXE_CIPHER("ctr(sm4)", 1, 16, 16, 1),
	[AXE_KEY_SM4_XTS] = AXE_CIPHER("xts(sm4)", 16, 32, 32, 1),
	[AXE_KEY_AES_GCM] = AXE_AEAD("gcm(aes)", 16, 32, 12),
	[AXE_KEY_AES_CCM] = AXE_AEAD("ccm(aes)", 16, 32, 8),
	[AXE_KEY_CHACHA20_POLY1305] = AXE_AEAD("rfc7539(chacha20,poly1305)", 32, 32, 0),
	[AXE_KEY_ESP_AES_GCM_16] = AXE_ESP("gcm(aes)", 20, 36, 16),
	[AXE_KEY_ESP_AES_GCM_12] = AXE_ESP("gcm(aes)", 20, 36, 12),
	[AXE_KEY_ESP_AES_GCM_8] = AXE_ESP("gcm(aes)", 20, 36, 8),
	[AXE_KEY_ESP_CHACHA20_POLY1305] =
		AXE_ESP("rfc7539(chacha20,poly1305)", 36, 36, 16),
	[AXE_KEY_HMAC_SHA1] = AXE_HMAC(AXE_HASH_SHA1, 20),
	[AXE_KEY_HMAC_SHA224] = AXE_HMAC(AXE_HASH_SHA224, 28),
	[AXE_KEY_HMAC_SHA256] = AXE_HMAC(AXE_HASH_SHA256, 32),
	[AXE_KEY_HMAC_SHA384] = AXE_HMAC(AXE_HASH_SHA384, 48),
	[AXE_KEY_HMAC_SHA512] = AXE_HMAC(AXE_HASH_SHA512, 64),
	[AXE_KEY_HMAC_SHA3_224] = AXE_HMAC(AXE_HASH_SHA3_224, 28),
	[AXE_KEY_HMAC_SHA3_256] = AXE_HMAC(AXE_HASH_SHA3_256, 32),
	[AXE_KEY_HMAC_SHA3_384] = AXE_HMAC(AXE_HASH_SHA3_384, 48),
	[AXE_KEY_HMAC_SHA3_512] = AXE_HMAC(AXE_HASH_SHA3_512, 64),
	[AXE_KEY_HMAC_SM3] = AXE_HMAC(AXE_HASH_SM3, 32),
	[AXE_KEY_BLAKE2B_256] = AXE_BLAKE2B(AXE_HASH_BLAKE2B_256, 32),
	[AXE_KEY_BLAKE2B_512] = AXE_BLAKE2B(AXE_HASH_BLAKE2B_512, 64),
	[AXE_KEY_AES_CMAC] = AXE_CMAC("cmac(aes)"),
	[AXE_KEY_RSA] = AXE_PUBKEY("rsa-generic", AXE_KIND_RSA, 0, AXE_USES_RSA),
	[AXE_KEY_ECDSA_P256] = AXE_PUBKEY(AXE_ECDSA("p256"), AXE_KIND_ECDSA, AXE_DER_P256,
					  AXE_KEY_VERIFY),
	[AXE_KEY_ECDSA_P384] = AXE_PUBKEY(AXE_ECDSA("p384"), AXE_KIND_ECDSA, AXE_DER_P384,
					  AXE_KEY_VERIFY),
	[AXE_KEY_ECDH_P256] = AXE_PUBKEY("ecdh-nist-p256-generic", AXE_KIND_ECDH, AXE_DER_P256,
					 AXE_KEY_DERIVE),
	[AXE_KEY_ECDH_P384] = AXE_PUBKEY("ecdh-nist-p384-generic", AXE_KIND_ECDH, AXE_DER_P384,
					 AXE_KEY_DERIVE),
	[AXE_KEY_X25519] = AXE_PUBKEY("x25519", AXE_KIND_X25519, AXE_DER_X25519, AXE_KEY_DERIVE),
};

/* Asked for once each: where there is none, the kernel looks for a module each time. */
enum axe_had {
	AXE_HAD_UNKNOWN,
	AXE_HAD,
	AXE_HAD_NOT,
};

static u8 axe_key_had[ARRAY_SIZE(axe_key_algs)];

static int axe_key_init_cipher(struct axe_key *key, const u8 *bytes, size_t len)
{
	struct crypto_sync_skcipher *tfm = crypto_alloc_sync_skcipher(key->alg->name, 0, 0);
	int ret;

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	ret = crypto_sync_skcipher_setkey(tfm, bytes, len);
	if (ret) {
		crypto_free_sync_skcipher(tfm);
		return ret;
	}
	key->cipher = tfm;
	return 0;
}

static int axe_key_init_aead(struct axe_key *key, const u8 *bytes, size_t len)
{
	size_t salt = key->alg->salt;
	struct crypto_aead *tfm = crypto_alloc_aead(key->alg->name, 0, CRYPTO_ALG_ASYNC);
	int ret;

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	ret = crypto_aead_setkey(tfm, bytes, len - salt);
	if (!ret)
		ret = crypto_aead_setauthsize(tfm, key->alg->tag);
	if (ret) {
		crypto_free_aead(tfm);
		return ret;
	}
	memcpy(key->salt, bytes + len - salt, salt);
	key->aead = tfm;
	key->tag = key->alg->tag;
	return 0;
}

static int axe_key_init_cmac(struct axe_key *key, const u8 *bytes, size_t len)
{
	struct crypto_shash *tfm = crypto_alloc_shash(key->alg->name, 0, 0);
	int ret;

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	ret = crypto_shash_setkey(tfm, bytes, len);
	/* What a command has room for. */
	if (!ret && (crypto_shash_descsize(tfm) > HASH_MAX_DESCSIZE ||
		     crypto_shash_digestsize(tfm) != key->alg->tag))
		ret = -EOPNOTSUPP;
	if (ret) {
		crypto_free_shash(tfm);
		return ret;
	}
	key->cmac = tfm;
	return 0;
}

static int axe_key_code(enum axe_code code)
{
	if (code == AXE_OK)
		return 0;
	return code == AXE_ERR_OPCODE ? -EOPNOTSUPP : -ENOMEM;
}

/* RFC 2104: a key that is longer than a block is hashed first. */
static int axe_key_shorten(struct axe_key *key, const u8 *bytes, size_t len)
{
	struct axe_digest digest;
	enum axe_code code;

	code = axe_digest_init(&digest, key->alg->hash);
	if (code == AXE_OK)
		code = axe_digest_update(&digest, bytes, len);
	if (code == AXE_OK)
		code = axe_digest_final(&digest, key->secret);
	memzero_explicit(&digest, sizeof(digest));
	return axe_key_code(code);
}

static int axe_key_init_hmac(struct axe_key *key, const u8 *bytes, size_t len)
{
	enum axe_code code = axe_digest_load(key->alg->hash);

	if (code != AXE_OK)
		return axe_key_code(code);
	memset(key->secret, 0, sizeof(key->secret));
	key->secret_len = axe_digest_block(key->alg->hash);
	if (len > key->secret_len)
		return axe_key_shorten(key, bytes, len);
	memcpy(key->secret, bytes, len);
	return 0;
}

static int axe_key_init_blake2b(struct axe_key *key, const u8 *bytes, size_t len)
{
	memcpy(key->secret, bytes, len);
	key->secret_len = len;
	return 0;
}

static int axe_key_init_kind(struct axe_key *key, const u8 *bytes, size_t len)
{
	switch (key->alg->kind) {
	case AXE_KIND_CIPHER:
		return axe_key_init_cipher(key, bytes, len);
	case AXE_KIND_AEAD:
		return axe_key_init_aead(key, bytes, len);
	case AXE_KIND_CMAC:
		return axe_key_init_cmac(key, bytes, len);
	case AXE_KIND_HMAC:
		return axe_key_init_hmac(key, bytes, len);
	case AXE_KIND_BLAKE2B:
		return axe_key_init_blake2b(key, bytes, len);
	case AXE_KIND_RSA:
		return axe_rsa_init(key, bytes, len);
	case AXE_KIND_ECDSA:
		return axe_ecdsa_init(key, bytes, len);
	case AXE_KIND_ECDH:
		return axe_ecdh_init(key, bytes, len);
	case AXE_KIND_X25519:
		return axe_x25519_init(key, bytes, len);
	}
	return -EOPNOTSUPP;
}

static bool axe_key_len_ok(const struct axe_key_alg *alg, size_t len)
{
	return len >= alg->min_len && len <= alg->max_len && !((len - alg->min_len) % alg->step);
}

/**
 * axe_key_init - make a key
 * @key:	filled in, but for its number; to be ended with axe_key_fini()
 * @algorithm:	enum axe_key_algorithm, or anything
 * @uses:	enum axe_key_uses
 * @bytes:	the key, which the caller has to wipe
 * @len:	its length
 *
 * May sleep, and load the module that has the algorithm.
 *
 * Return: 0; -EOPNOTSUPP if there is no such algorithm here, or the key is no good to it
 * by the policy of the kernel; -EINVAL for uses and lengths that it does not have.
 */
int axe_key_init(struct axe_key *key, u32 algorithm, u32 uses, const u8 *bytes, size_t len)
{
	int ret;

	if (algorithm >= ARRAY_SIZE(axe_key_algs))
		return -EOPNOTSUPP;
	algorithm = array_index_nospec(algorithm, ARRAY_SIZE(axe_key_algs));
	if (!axe_key_algs[algorithm].name)
		return -EOPNOTSUPP;
	key->alg = &axe_key_algs[algorithm];
	key->algorithm = algorithm;
	key->uses = uses;
	if (!uses || uses & ~key->alg->uses || !axe_key_len_ok(key->alg, len))
		return -EINVAL;

	ret = axe_key_init_kind(key, bytes, len);
	if (!ret)
		WRITE_ONCE(axe_key_had[algorithm], AXE_HAD);
	/* The kernel was built without it, or its module is not there. */
	return ret == -ENOENT ? -EOPNOTSUPP : ret;
}

/* As axe_key_init_kind() would, but for the key. */
static bool axe_key_ask(const struct axe_key_alg *alg)
{
	switch (alg->kind) {
	case AXE_KIND_CIPHER:
		return crypto_has_skcipher(alg->name, 0, CRYPTO_ALG_ASYNC);
	case AXE_KIND_AEAD:
		return crypto_has_aead(alg->name, 0, CRYPTO_ALG_ASYNC);
	case AXE_KIND_CMAC:
		return crypto_has_shash(alg->name, 0, 0);
	case AXE_KIND_HMAC:
		return axe_digest_load(alg->hash) != AXE_ERR_OPCODE;
	case AXE_KIND_BLAKE2B:
		return true;
	case AXE_KIND_RSA:
	case AXE_KIND_ECDSA:
		return crypto_has_alg(alg->name, 0, 0);
	case AXE_KIND_ECDH:
	case AXE_KIND_X25519:
		return axe_curve_has(alg);
	}
	return false;
}

static bool axe_key_has(unsigned int algorithm)
{
	const struct axe_key_alg *alg = &axe_key_algs[algorithm];
	u8 had = READ_ONCE(axe_key_had[algorithm]);

	if (had == AXE_HAD_UNKNOWN) {
		had = alg->name && axe_key_ask(alg) ? AXE_HAD : AXE_HAD_NOT;
		WRITE_ONCE(axe_key_had[algorithm], had);
	}
	return had == AXE_HAD;
}

static u32 axe_key_algs_had_from(u32 algorithms, unsigned int base)
{
	unsigned int i;

	for (i = 0; i < 32 && base + i < ARRAY_SIZE(axe_key_algs); i++)
		if (algorithms >> i & 1 && !axe_key_has(base + i))
			algorithms &= ~BIT(i);
	return algorithms;
}

/**
 * axe_key_algs_had - those algorithms that there are in this kernel
 * @algorithms:	mask of 1 << enum axe_key_algorithm
 *
 * May sleep: the first time, it loads the modules that have them.
 */
u32 axe_key_algs_had(u32 algorithms)
{
	return axe_key_algs_had_from(algorithms, 0);
}

/**
 * axe_key_public_had - likewise of public keys
 * @algorithms:	mask of 1 << (enum axe_key_algorithm - AXE_KEY_PUBLIC)
 */
u32 axe_key_public_had(u32 algorithms)
{
	return axe_key_algs_had_from(algorithms, AXE_KEY_PUBLIC);
}

/**
 * axe_key_set_tag_len - have a key make and take shorter tags
 * @key:	of axe_key_init(), and not used yet
 * @len:	in bytes
 *
 * SP 800-38C and 38D: with a key goes one length of tags.
 *
 * Return: 0; -EINVAL if its algorithm has none of that length, or what its length is goes
 * with each command.
 */
int axe_key_set_tag_len(struct axe_key *key, u32 len)
{
	const struct axe_key_alg *alg = key->alg;
	int ret;

	if (alg->kind != AXE_KIND_AEAD)
		return -EINVAL;
	/* Of its own length they are anyway. */
	if (len != alg->tag && (!alg->min_tag || len < alg->min_tag || len > alg->tag))
		return -EINVAL;
	ret = crypto_aead_setauthsize(key->aead, len);
	if (!ret)
		key->tag = len;
	return ret;
}

/**
 * axe_key_fini - wipe a key
 * @key:	of axe_key_init(); no command uses it
 */
void axe_key_fini(struct axe_key *key)
{
	switch (key->alg->kind) {
	case AXE_KIND_CIPHER:
		crypto_free_sync_skcipher(key->cipher);
		break;
	case AXE_KIND_AEAD:
		crypto_free_aead(key->aead);
		memzero_explicit(key->salt, sizeof(key->salt));
		break;
	case AXE_KIND_CMAC:
		crypto_free_shash(key->cmac);
		break;
	case AXE_KIND_HMAC:
	case AXE_KIND_BLAKE2B:
		memzero_explicit(key->secret, sizeof(key->secret));
		break;
	case AXE_KIND_RSA:
		crypto_free_akcipher(key->rsa);
		break;
	case AXE_KIND_ECDSA:
		crypto_free_sig(key->ecdsa);
		break;
	case AXE_KIND_ECDH:
		crypto_free_kpp(key->ecdh);
		break;
	case AXE_KIND_X25519:
		kfree_sensitive(key->x25519);
		break;
	}
}
