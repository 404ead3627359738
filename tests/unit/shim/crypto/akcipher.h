/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's RSA, over OpenSSL. See shim/crypto/rsa.c. */
#ifndef AXE_SHIM_CRYPTO_AKCIPHER_H
#define AXE_SHIM_CRYPTO_AKCIPHER_H

#include <linux/types.h>

struct crypto_akcipher;

struct crypto_akcipher *crypto_alloc_akcipher(const char *name, u32 type, u32 mask);
void crypto_free_akcipher(struct crypto_akcipher *tfm);
int crypto_akcipher_set_pub_key(struct crypto_akcipher *tfm, const void *key, unsigned int len);
int crypto_akcipher_set_priv_key(struct crypto_akcipher *tfm, const void *key, unsigned int len);
int crypto_akcipher_sync_encrypt(struct crypto_akcipher *tfm, const void *src, unsigned int slen,
				 void *dst, unsigned int dlen);
int crypto_akcipher_sync_decrypt(struct crypto_akcipher *tfm, const void *src, unsigned int slen,
				 void *dst, unsigned int dlen);

#endif
