// SPDX-License-Identifier: GPL-2.0
/* The kernel's ECDSA, ECDH and X25519, over OpenSSL. */
#include <errno.h>
#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

#include <crypto/curve25519.h>
#include <crypto/kpp.h>
#include <crypto/sig.h>
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/string.h>

struct crypto_sig {
	const char *curve;
	EVP_PKEY *key;
};

/* "p256" somewhere in a name */
static const char *curve_of(const char *name)
{
	return strstr(name, "p256") ? SN_X9_62_prime256v1 : SN_secp384r1;
}

struct crypto_sig *crypto_alloc_sig(const char *name, u32 type, u32 mask)
{
	struct crypto_sig *tfm = calloc(1, sizeof(*tfm));

	if (!tfm)
		return ERR_PTR(-ENOMEM);
	tfm->curve = curve_of(name);
	return tfm;
}

void crypto_free_sig(struct crypto_sig *tfm)
{
	EVP_PKEY_free(tfm->key);
	free(tfm);
}

int crypto_sig_set_pubkey(struct crypto_sig *tfm, const void *key, unsigned int len)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)tfm->curve, 0),
		OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)key, len),
		OSSL_PARAM_END,
	};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	int ok;

	BUG_ON(!ctx || EVP_PKEY_fromdata_init(ctx) <= 0);
	ok = EVP_PKEY_fromdata(ctx, &tfm->key, EVP_PKEY_PUBLIC_KEY, params) > 0;
	EVP_PKEY_CTX_free(ctx);
	return ok ? 0 : -EINVAL;
}

int crypto_sig_verify(struct crypto_sig *tfm, const void *src, unsigned int slen,
		      const void *digest, unsigned int dlen)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(tfm->key, NULL);
	int ok;

	BUG_ON(!ctx || EVP_PKEY_verify_init(ctx) <= 0);
	ok = EVP_PKEY_verify(ctx, src, slen, digest, dlen);
	EVP_PKEY_CTX_free(ctx);
	return ok == 1 ? 0 : -EKEYREJECTED;
}

struct crypto_kpp {
	EC_GROUP *group;
	BIGNUM *secret;
	size_t size;
};

struct crypto_kpp *crypto_alloc_kpp(const char *name, u32 type, u32 mask)
{
	struct crypto_kpp *tfm = calloc(1, sizeof(*tfm));

	if (!tfm)
		return ERR_PTR(-ENOMEM);
	tfm->group = EC_GROUP_new_by_curve_name(OBJ_sn2nid(curve_of(name)));
	BUG_ON(!tfm->group);
	tfm->size = (EC_GROUP_get_degree(tfm->group) + 7) / 8;
	return tfm;
}

void crypto_free_kpp(struct crypto_kpp *tfm)
{
	EC_GROUP_free(tfm->group);
	BN_free(tfm->secret);
	free(tfm);
}

/* 2 to n - 3, as the kernel's. */
int crypto_kpp_set_secret(struct crypto_kpp *tfm, const void *buf, unsigned int len)
{
	BIGNUM *top = BN_dup(EC_GROUP_get0_order(tfm->group));
	bool ok;

	BN_free(tfm->secret);
	tfm->secret = BN_bin2bn(buf, len, NULL);
	BUG_ON(!top || !tfm->secret || !BN_sub_word(top, 2));
	ok = !BN_is_zero(tfm->secret) && !BN_is_one(tfm->secret) && BN_cmp(tfm->secret, top) < 0;
	BN_free(top);
	return ok ? 0 : -EINVAL;
}

static void put_point(struct crypto_kpp *tfm, const EC_POINT *point, struct scatterlist *sg)
{
	u8 buf[1 + 2 * 48];

	BUG_ON(!EC_POINT_point2oct(tfm->group, point, POINT_CONVERSION_UNCOMPRESSED, buf,
				   sizeof(buf), NULL));
	memcpy(sg->p, buf + 1, sg->length);
}

int crypto_kpp_generate_public_key(struct kpp_request *req)
{
	struct crypto_kpp *tfm = req->tfm;
	EC_POINT *point = EC_POINT_new(tfm->group);

	BUG_ON(!point || !EC_POINT_mul(tfm->group, point, tfm->secret, NULL, NULL, NULL));
	put_point(tfm, point, req->dst);
	EC_POINT_free(point);
	return 0;
}

int crypto_kpp_compute_shared_secret(struct kpp_request *req)
{
	struct crypto_kpp *tfm = req->tfm;
	EC_POINT *point = EC_POINT_new(tfm->group);
	u8 buf[1 + 2 * 48] = { 4 };
	int ret = -EINVAL;

	BUG_ON(!point || req->src->length != 2 * tfm->size);
	memcpy(buf + 1, req->src->p, req->src->length);
	if (EC_POINT_oct2point(tfm->group, point, buf, 1 + 2 * tfm->size, NULL)) {
		BUG_ON(!EC_POINT_mul(tfm->group, point, NULL, point, tfm->secret, NULL));
		put_point(tfm, point, req->dst);
		ret = 0;
	}
	EC_POINT_free(point);
	return ret;
}

bool curve25519_generate_public(u8 out[32], const u8 secret[32])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, 32);
	size_t len = 32;

	BUG_ON(!key || !EVP_PKEY_get_raw_public_key(key, out, &len));
	EVP_PKEY_free(key);
	return true;
}

bool curve25519(u8 out[32], const u8 secret[32], const u8 point[32])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, 32);
	EVP_PKEY *peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, point, 32);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	size_t len = 32;
	bool ok;

	BUG_ON(!key || !peer || !ctx || EVP_PKEY_derive_init(ctx) <= 0);
	ok = EVP_PKEY_derive_set_peer(ctx, peer) > 0 && EVP_PKEY_derive(ctx, out, &len) > 0;
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(peer);
	EVP_PKEY_free(key);
	return ok;
}
