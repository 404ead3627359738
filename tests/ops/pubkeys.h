/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Public keys, of OpenSSL and of the device. */
#ifndef AXE_OPS_PUBKEYS_H
#define AXE_OPS_PUBKEYS_H

#include <openssl/evp.h>

#include "ops.h"

#define MODULUS_MAX	512
#define POINT_MAX	97

enum form { PUBLIC_INFO, PRIVATE_INFO, BARE_PUBLIC, BARE_PRIVATE };

/* One of 2048, 3072 or 4096 bits; the caller frees it. */
EVP_PKEY *rsa_key(unsigned int bits);
/* Of algorithm AXE_KEY_ECDSA_P256 to AXE_KEY_X25519, a new one; the caller frees it. */
EVP_PKEY *curve_key(enum axe_key_algorithm algorithm);

/* Make a key object of it. */
struct axedv_key *give_key(EVP_PKEY *key, enum form form, enum axe_key_algorithm algorithm,
			   uint32_t uses);
/* As PUBLIC_KEY writes it; its length. */
size_t public_point(EVP_PKEY *key, uint8_t *point);

/* The digest by @hash is as long as this, and that is what OpenSSL calls it. */
size_t digest_len(enum axe_hash hash);

/* What OpenSSL makes with a private key; its length. */
size_t openssl_sign(EVP_PKEY *key, enum axe_hash hash, const uint8_t *digest, uint8_t *out);
size_t openssl_private(EVP_PKEY *key, const uint8_t *in, size_t len, uint8_t *out);
size_t openssl_public(EVP_PKEY *key, const uint8_t *in, size_t len, uint8_t *out);
size_t openssl_agree(EVP_PKEY *key, EVP_PKEY *peer, uint8_t *out);

#endif
