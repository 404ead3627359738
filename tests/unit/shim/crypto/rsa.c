// SPDX-License-Identifier: GPL-2.0
/* The kernel's RSA, over OpenSSL's big numbers. */
#include <errno.h>
#include <stdlib.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <crypto/akcipher.h>
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/string.h>

struct crypto_akcipher {
	EVP_PKEY *key;
};

struct crypto_akcipher *crypto_alloc_akcipher(const char *name, u32 type, u32 mask)
{
	if (strcmp(name, "rsa-generic"))
		return ERR_PTR(-ENOENT);
	return calloc(1, sizeof(struct crypto_akcipher)) ?: ERR_PTR(-ENOMEM);
}

void crypto_free_akcipher(struct crypto_akcipher *tfm)
{
	EVP_PKEY_free(tfm->key);
	free(tfm);
}

/* Others the kernel does not take. */
static int check_size(struct crypto_akcipher *tfm)
{
	int bits = tfm->key ? EVP_PKEY_get_bits(tfm->key) : 0;

	return bits == 2048 || bits == 3072 || bits == 4096 ? 0 : -EINVAL;
}

int crypto_akcipher_set_pub_key(struct crypto_akcipher *tfm, const void *key, unsigned int len)
{
	const u8 *p = key;

	tfm->key = d2i_PublicKey(EVP_PKEY_RSA, NULL, &p, len);
	return check_size(tfm);
}

int crypto_akcipher_set_priv_key(struct crypto_akcipher *tfm, const void *key, unsigned int len)
{
	const u8 *p = key;

	tfm->key = d2i_PrivateKey(EVP_PKEY_RSA, NULL, &p, len);
	return check_size(tfm);
}

static BIGNUM *param(struct crypto_akcipher *tfm, const char *name)
{
	BIGNUM *n = NULL;

	BUG_ON(!EVP_PKEY_get_bn_param(tfm->key, name, &n));
	return n;
}

/* 1 < x < n - 1 */
static bool in_range(const BIGNUM *x, const BIGNUM *n)
{
	BIGNUM *top = BN_dup(n);
	bool ok;

	BUG_ON(!top || !BN_sub_word(top, 1));
	ok = !BN_is_zero(x) && !BN_is_one(x) && BN_cmp(x, top) < 0;
	BN_free(top);
	return ok;
}

int crypto_akcipher_sync_encrypt(struct crypto_akcipher *tfm, const void *src, unsigned int slen,
				 void *dst, unsigned int dlen)
{
	BIGNUM *n = param(tfm, OSSL_PKEY_PARAM_RSA_N), *e = param(tfm, OSSL_PKEY_PARAM_RSA_E);
	BIGNUM *x = BN_bin2bn(src, slen, NULL);
	BN_CTX *ctx = BN_CTX_new();
	int ret = -EINVAL;

	BUG_ON(!x || !ctx);
	if (in_range(x, n)) {
		BUG_ON(!BN_mod_exp(x, x, e, n, ctx));
		BUG_ON(BN_bn2binpad(x, dst, dlen) < 0);
		ret = 0;
	}
	BN_free(n);
	BN_free(e);
	BN_free(x);
	BN_CTX_free(ctx);
	return ret;
}

/*
 * By the remainders, as the kernel does it, and like it without a look whether that is right.
 * The length is returned, as there.
 */
int crypto_akcipher_sync_decrypt(struct crypto_akcipher *tfm, const void *src, unsigned int slen,
				 void *dst, unsigned int dlen)
{
	BIGNUM *n = param(tfm, OSSL_PKEY_PARAM_RSA_N);
	BIGNUM *p = param(tfm, OSSL_PKEY_PARAM_RSA_FACTOR1);
	BIGNUM *q = param(tfm, OSSL_PKEY_PARAM_RSA_FACTOR2);
	BIGNUM *dp = param(tfm, OSSL_PKEY_PARAM_RSA_EXPONENT1);
	BIGNUM *dq = param(tfm, OSSL_PKEY_PARAM_RSA_EXPONENT2);
	BIGNUM *qinv = param(tfm, OSSL_PKEY_PARAM_RSA_COEFFICIENT1);
	BIGNUM *x = BN_bin2bn(src, slen, NULL), *m1 = BN_new(), *m2 = BN_new();
	BN_CTX *ctx = BN_CTX_new();
	int ret = -EINVAL;

	BUG_ON(!x || !ctx || !m1 || !m2);
	if (in_range(x, n)) {
		BUG_ON(!BN_nnmod(m1, x, p, ctx) || !BN_nnmod(m2, x, q, ctx));
		BUG_ON(!BN_mod_exp_simple(m1, m1, dp, p, ctx));
		BUG_ON(!BN_mod_exp_simple(m2, m2, dq, q, ctx));
		BUG_ON(!BN_mod_sub(m1, m1, m2, p, ctx) || !BN_mod_mul(m1, m1, qinv, p, ctx));
		BUG_ON(!BN_mul(m1, m1, q, ctx) || !BN_mod_add(x, m2, m1, n, ctx));
		BUG_ON(BN_bn2binpad(x, dst, dlen) < 0);
		ret = dlen;
	}
	BN_free(n);
	BN_free(p);
	BN_free(q);
	BN_free(dp);
	BN_free(dq);
	BN_free(qinv);
	BN_free(x);
	BN_free(m1);
	BN_free(m2);
	BN_CTX_free(ctx);
	return ret;
}
