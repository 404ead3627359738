// SPDX-License-Identifier: GPL-2.0
/* The algorithms that keys are for, and the crypto API's transforms for them. */

#include <crypto/aead.h>
#include <crypto/skcipher.h>
#include <linux/array_size.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/nospec.h>

#include "key.h"

#define AXE_USES_CIPHER	(AXE_KEY_ENCRYPT | AXE_KEY_DECRYPT)

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

#define AXE_AEAD(api, shortest, longest)			\
	{							\
		.name = (api),					\
		.kind = AXE_KIND_AEAD,				\
		.block = 1,					\
		.min_len = (shortest),				\
		.max_len = (longest),				\
		.step = 8,					\
		.uses = AXE_USES_CIPHER,			\
	}

static const struct axe_key_alg axe_key_algs[] = {
	[AXE_KEY_AES_CBC] = AXE_CIPHER("cbc(aes)", 16, 16, 32, 8),
	[AXE_KEY_AES_CTR] = AXE_CIPHER("ctr(aes)", 1, 16, 32, 8),
	[AXE_KEY_AES_XTS] = AXE_CIPHER("xts(aes)", 16, 32, 64, 32),
	[AXE_KEY_SM4_CBC] = AXE_CIPHER("cbc(sm4)", 16, 16, 16, 1),
	[AXE_KEY_SM4_CTR] = AXE_CIPHER("ctr(sm4)", 1, 16, 16, 1),
	[AXE_KEY_SM4_XTS] = AXE_CIPHER("xts(sm4)", 16, 32, 32, 1),
	[AXE_KEY_AES_GCM] = AXE_AEAD("gcm(aes)", 16, 32),
	[AXE_KEY_AES_CCM] = AXE_AEAD("ccm(aes)", 16, 32),
	[AXE_KEY_CHACHA20_POLY1305] = AXE_AEAD("rfc7539(chacha20,poly1305)", 32, 32),
};

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
	struct crypto_aead *tfm = crypto_alloc_aead(key->alg->name, 0, CRYPTO_ALG_ASYNC);
	int ret;

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	ret = crypto_aead_setkey(tfm, bytes, len);
	if (!ret)
		ret = crypto_aead_setauthsize(tfm, AXE_AEAD_TAG);
	if (ret) {
		crypto_free_aead(tfm);
		return ret;
	}
	key->aead = tfm;
	return 0;
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

	switch (key->alg->kind) {
	case AXE_KIND_CIPHER:
		ret = axe_key_init_cipher(key, bytes, len);
		break;
	case AXE_KIND_AEAD:
		ret = axe_key_init_aead(key, bytes, len);
		break;
	default:
		ret = -EOPNOTSUPP;
		break;
	}
	/* The kernel was built without it, or its module is not there. */
	return ret == -ENOENT ? -EOPNOTSUPP : ret;
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
		break;
	}
}
