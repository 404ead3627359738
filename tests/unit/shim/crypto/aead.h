/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's synchronous authenticated ciphers, over OpenSSL. */
#ifndef AXE_SHIM_CRYPTO_AEAD_H
#define AXE_SHIM_CRYPTO_AEAD_H

#include <linux/scatterlist.h>
#include <linux/types.h>

#define CRYPTO_ALG_ASYNC	0x80

#ifndef __aligned
#define __aligned(n)		__attribute__((__aligned__(n)))
#endif

struct crypto_aead;

struct aead_request {
	struct crypto_aead *tfm;
	struct scatterlist *src;
	size_t assoc;
	size_t len;
	u8 *iv;
};

struct crypto_aead *crypto_alloc_aead(const char *name, u32 type, u32 mask);
int crypto_aead_setkey(struct crypto_aead *tfm, const u8 *key, size_t len);
int crypto_aead_setauthsize(struct crypto_aead *tfm, size_t size);
void crypto_free_aead(struct crypto_aead *tfm);
int crypto_has_aead(const char *name, u32 type, u32 mask);
int crypto_aead_encrypt(struct aead_request *req);
int crypto_aead_decrypt(struct aead_request *req);

static inline size_t crypto_aead_reqsize(struct crypto_aead *tfm)
{
	return 200;
}

static inline void aead_request_set_tfm(struct aead_request *req, struct crypto_aead *tfm)
{
	req->tfm = tfm;
}

static inline void aead_request_set_callback(struct aead_request *req, u32 flags, void *done,
					     void *data)
{
}

static inline void aead_request_set_crypt(struct aead_request *req, struct scatterlist *src,
					  struct scatterlist *dst, size_t len, u8 *iv)
{
	req->src = src;
	req->len = len;
	req->iv = iv;
}

static inline void aead_request_set_ad(struct aead_request *req, size_t len)
{
	req->assoc = len;
}

#endif
