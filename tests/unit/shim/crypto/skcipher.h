/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's synchronous ciphers, over OpenSSL. */
#ifndef AXE_SHIM_CRYPTO_SKCIPHER_H
#define AXE_SHIM_CRYPTO_SKCIPHER_H

#include <linux/scatterlist.h>
#include <linux/types.h>

#define CRYPTO_MINALIGN_ATTR		__attribute__((__aligned__(16)))
#define MAX_SYNC_SKCIPHER_REQSIZE	384

#ifndef __aligned
#define __aligned(n)			__attribute__((__aligned__(n)))
#endif

struct crypto_sync_skcipher;

struct skcipher_request {
	struct crypto_sync_skcipher *tfm;
	struct scatterlist *src;
	struct scatterlist *dst;
	size_t len;
	u8 *iv;
};

struct crypto_sync_skcipher *crypto_alloc_sync_skcipher(const char *name, u32 type, u32 mask);
int crypto_sync_skcipher_setkey(struct crypto_sync_skcipher *tfm, const u8 *key, size_t len);
void crypto_free_sync_skcipher(struct crypto_sync_skcipher *tfm);
int crypto_has_skcipher(const char *name, u32 type, u32 mask);
int crypto_skcipher_encrypt(struct skcipher_request *req);
int crypto_skcipher_decrypt(struct skcipher_request *req);

static inline void skcipher_request_set_sync_tfm(struct skcipher_request *req,
						 struct crypto_sync_skcipher *tfm)
{
	req->tfm = tfm;
}

static inline void skcipher_request_set_callback(struct skcipher_request *req, u32 flags,
						 void *done, void *data)
{
}

static inline void skcipher_request_set_crypt(struct skcipher_request *req,
					      struct scatterlist *src, struct scatterlist *dst,
					      size_t len, u8 *iv)
{
	req->src = src;
	req->dst = dst;
	req->len = len;
	req->iv = iv;
}

#endif
