// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "macs.h"
#include "ops.h"

/* Some of the keys are longer than a block. */
const struct mac_scheme mac_schemes[NUM_MACS] = {
	{ AXE_KEY_HMAC_SHA256, "HMAC", "SHA256", 32, 16, 32 },
	{ AXE_KEY_AES_CMAC, "CMAC", "AES-128-CBC", 16, 12, 16 },
	{ AXE_KEY_HMAC_SHA1, "HMAC", "SHA1", 20, 12, 20 },
	{ AXE_KEY_HMAC_SHA224, "HMAC", "SHA224", 28, 14, 65 },
	{ AXE_KEY_HMAC_SHA384, "HMAC", "SHA384", 48, 24, 129 },
	{ AXE_KEY_HMAC_SHA512, "HMAC", "SHA512", 64, 32, 64 },
	{ AXE_KEY_HMAC_SHA3_224, "HMAC", "SHA3-224", 28, 27, MAC_KEY_MAX },
	{ AXE_KEY_HMAC_SHA3_256, "HMAC", "SHA3-256", 32, 31, 1 },
	{ AXE_KEY_HMAC_SHA3_384, "HMAC", "SHA3-384", 48, 10, 104 },
	{ AXE_KEY_HMAC_SHA3_512, "HMAC", "SHA3-512", 64, 63, 72 },
	{ AXE_KEY_HMAC_SM3, "HMAC", "SM3", 32, 16, 64 },
	{ AXE_KEY_BLAKE2B_256, "BLAKE2BMAC", NULL, 32, 32, 32 },
	{ AXE_KEY_BLAKE2B_512, "BLAKE2BMAC", NULL, 64, 64, 64 },
};

void mac_of(const struct mac_scheme *s, const uint8_t *key, const void *p, size_t length,
	    uint8_t *tag)
{
	const char *what = s->mac[0] == 'C' ? OSSL_MAC_PARAM_CIPHER : OSSL_MAC_PARAM_DIGEST;
	OSSL_PARAM params[2] = { OSSL_PARAM_construct_end(), OSSL_PARAM_construct_end() };
	EVP_MAC *mac = EVP_MAC_fetch(NULL, s->mac, NULL);
	size_t n = 0, size = s->tag;
	EVP_MAC_CTX *ctx;

	demand(mac, "OpenSSL has no %s", s->mac);
	if (s->with)
		params[0] = OSSL_PARAM_construct_utf8_string(what, (char *)s->with, 0);
	else
		params[0] = OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size);
	ctx = EVP_MAC_CTX_new(mac);
	demand(ctx && EVP_MAC_init(ctx, key, s->key_len, params), "EVP_MAC_init: %s", s->with);
	demand(EVP_MAC_update(ctx, p, length), "EVP_MAC_update");
	demand(EVP_MAC_final(ctx, tag, &n, TAG_MAX) && n == s->tag, "EVP_MAC_final");
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
}
