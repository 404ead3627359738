// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>

#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "pubkeys.h"
#include "pubkeys_rsa.h"

EVP_PKEY *rsa_key(unsigned int bits)
{
	const char *base64 = bits == 2048 ? rsa_2048 : bits == 3072 ? rsa_3072 : rsa_4096;
	uint8_t der[3000];
	const uint8_t *p = der;
	int len = EVP_DecodeBlock(der, (const uint8_t *)base64, strlen(base64));
	EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &p, len);

	demand(key && EVP_PKEY_get_bits(key) == (int)bits, "RSA %u", bits);
	return key;
}

EVP_PKEY *curve_key(enum axe_key_algorithm algorithm)
{
	EVP_PKEY *key;

	switch (algorithm) {
	case AXE_KEY_X25519:
		key = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
		break;
	case AXE_KEY_ECDSA_P384:
	case AXE_KEY_ECDH_P384:
		key = EVP_EC_gen("P-384");
		break;
	default:
		key = EVP_EC_gen("P-256");
		break;
	}
	demand(key, "no key of algorithm %d", algorithm);
	return key;
}

static int key_to_der(EVP_PKEY *key, enum form form, uint8_t **der)
{
	PKCS8_PRIV_KEY_INFO *info;
	int len;

	switch (form) {
	case PUBLIC_INFO:
		return i2d_PUBKEY(key, der);
	case BARE_PUBLIC:
		return i2d_PublicKey(key, der);
	case BARE_PRIVATE:
		return i2d_PrivateKey(key, der);
	default:
		info = EVP_PKEY2PKCS8(key);
		len = i2d_PKCS8_PRIV_KEY_INFO(info, der);
		PKCS8_PRIV_KEY_INFO_free(info);
		return len;
	}
}

struct axedv_key *give_key(EVP_PKEY *key, enum form form, enum axe_key_algorithm algorithm,
			   uint32_t uses)
{
	struct axedv_key *given;
	uint8_t *der = NULL;
	int len = key_to_der(key, form, &der);

	demand(len > 0, "form %d of algorithm %d", form, algorithm);
	given = axedv_create_key(rig.pd, algorithm, uses, der, len);
	demand(given, "key of algorithm %d, form %d: errno %d", algorithm, form, errno);
	OPENSSL_free(der);
	return given;
}

size_t public_point(EVP_PKEY *key, uint8_t *point)
{
	uint8_t *p = NULL;
	size_t len = EVP_PKEY_get1_encoded_public_key(key, &p);

	demand(len && len <= POINT_MAX, "no public key");
	memcpy(point, p, len);
	OPENSSL_free(p);
	return len;
}

static const EVP_MD *md_of(enum axe_hash hash)
{
	static const char *const names[] = {
		[AXE_HASH_SHA1] = "SHA1", [AXE_HASH_SHA224] = "SHA224",
		[AXE_HASH_SHA256] = "SHA256", [AXE_HASH_SHA384] = "SHA384",
		[AXE_HASH_SHA512] = "SHA512", [AXE_HASH_SHA3_224] = "SHA3-224",
		[AXE_HASH_SHA3_256] = "SHA3-256", [AXE_HASH_SHA3_384] = "SHA3-384",
		[AXE_HASH_SHA3_512] = "SHA3-512",
	};

	return EVP_get_digestbyname(names[hash]);
}

size_t digest_len(enum axe_hash hash)
{
	return EVP_MD_get_size(md_of(hash));
}

size_t openssl_sign(EVP_PKEY *key, enum axe_hash hash, const uint8_t *digest, uint8_t *out)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	size_t len = MODULUS_MAX;

	demand(ctx && EVP_PKEY_sign_init(ctx) > 0, "OpenSSL");
	demand(EVP_PKEY_CTX_set_signature_md(ctx, md_of(hash)) > 0, "hash %d", hash);
	demand(EVP_PKEY_sign(ctx, out, &len, digest, digest_len(hash)) > 0, "hash %d", hash);
	EVP_PKEY_CTX_free(ctx);
	return len;
}

size_t openssl_private(EVP_PKEY *key, const uint8_t *in, size_t len, uint8_t *out)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	size_t n = MODULUS_MAX;

	demand(ctx && EVP_PKEY_decrypt_init(ctx) > 0, "OpenSSL");
	demand(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) > 0, "padding");
	demand(EVP_PKEY_decrypt(ctx, out, &n, in, len) > 0, "the private key");
	EVP_PKEY_CTX_free(ctx);
	return n;
}

size_t openssl_public(EVP_PKEY *key, const uint8_t *in, size_t len, uint8_t *out)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	size_t n = MODULUS_MAX;

	demand(ctx && EVP_PKEY_encrypt_init(ctx) > 0, "OpenSSL");
	demand(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) > 0, "padding");
	demand(EVP_PKEY_encrypt(ctx, out, &n, in, len) > 0, "the public key");
	EVP_PKEY_CTX_free(ctx);
	return n;
}

size_t openssl_agree(EVP_PKEY *key, EVP_PKEY *peer, uint8_t *out)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	size_t len = POINT_MAX;

	demand(ctx && EVP_PKEY_derive_init(ctx) > 0, "OpenSSL");
	demand(EVP_PKEY_derive_set_peer(ctx, peer) > 0, "peer");
	demand(EVP_PKEY_derive(ctx, out, &len) > 0, "derive");
	EVP_PKEY_CTX_free(ctx);
	return len;
}
