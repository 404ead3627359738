// SPDX-License-Identifier: GPL-2.0
/* The kernel's synchronous authenticated ciphers, over OpenSSL. In place only. */
#include <errno.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include <crypto/aead.h>
#include <linux/array_size.h>
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/minmax.h>

struct crypto_aead {
	const char *name;
	const EVP_CIPHER *cipher;
	size_t tag;
	u8 key[32];
};

static const struct {
	const char *name;
	size_t key_len;
	const EVP_CIPHER *(*cipher)(void);
} ciphers[] = {
	{ "gcm(aes)", 16, EVP_aes_128_gcm },
	{ "gcm(aes)", 24, EVP_aes_192_gcm },
	{ "gcm(aes)", 32, EVP_aes_256_gcm },
	{ "ccm(aes)", 16, EVP_aes_128_ccm },
	{ "ccm(aes)", 24, EVP_aes_192_ccm },
	{ "ccm(aes)", 32, EVP_aes_256_ccm },
	{ "rfc7539(chacha20,poly1305)", 32, EVP_chacha20_poly1305 },
};

struct crypto_aead *crypto_alloc_aead(const char *name, u32 type, u32 mask)
{
	struct crypto_aead *tfm = calloc(1, sizeof(*tfm));

	if (!tfm)
		return ERR_PTR(-ENOMEM);
	tfm->name = name;
	return tfm;
}

int crypto_has_aead(const char *name, u32 type, u32 mask)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ciphers); i++)
		if (!strcmp(ciphers[i].name, name))
			return 1;
	return 0;
}

int crypto_aead_setkey(struct crypto_aead *tfm, const u8 *key, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ciphers); i++) {
		if (strcmp(ciphers[i].name, tfm->name) || ciphers[i].key_len != len)
			continue;
		tfm->cipher = ciphers[i].cipher();
		memcpy(tfm->key, key, len);
		return 0;
	}
	return -EINVAL;
}

int crypto_aead_setauthsize(struct crypto_aead *tfm, size_t size)
{
	bool ok = size == 16;

	/* As the kernel's. */
	if (!strcmp(tfm->name, "gcm(aes)"))
		ok = size == 4 || size == 8 || (size >= 12 && size <= 16);
	else if (!strcmp(tfm->name, "ccm(aes)"))
		ok = size >= 4 && size <= 16 && size % 2 == 0;
	if (!ok)
		return -EINVAL;
	tfm->tag = size;
	return 0;
}

void crypto_free_aead(struct crypto_aead *tfm)
{
	free(tfm);
}

static void sg_copy(struct scatterlist *sg, u8 *buf, size_t len, bool to_sg)
{
	while (len) {
		size_t n = min(len, sg->length);

		if (to_sg)
			memcpy(sg->p, buf, n);
		else
			memcpy(buf, sg->p, n);
		buf += n;
		len -= n;
		sg++;
	}
}

/* The nonce, as it is in the kernel's IV. */
static int start(EVP_CIPHER_CTX *ctx, struct aead_request *req, u8 *tag, bool encrypt)
{
	bool ccm = !strcmp(req->tfm->name, "ccm(aes)");
	int len = ccm ? 14 - req->iv[0] : 12;

	return EVP_CipherInit_ex(ctx, req->tfm->cipher, NULL, NULL, NULL, encrypt) &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, len, NULL) &&
	       (encrypt && !ccm ? 1 : EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG,
							  req->tfm->tag, encrypt ? NULL : tag)) &&
	       EVP_CipherInit_ex(ctx, NULL, NULL, req->tfm->key, req->iv + ccm, encrypt);
}

static int crypt(struct aead_request *req, bool encrypt)
{
	size_t tag = req->tfm->tag, len = encrypt ? req->len : req->len - tag;
	size_t all = req->assoc + len + tag;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	bool ccm = !strcmp(req->tfm->name, "ccm(aes)");
	u8 *buf = calloc(1, all), *text;
	int n, ok;

	BUG_ON(!ctx || !buf);
	text = buf + req->assoc;
	sg_copy(req->src, buf, req->assoc + req->len, false);
	BUG_ON(!start(ctx, req, text + len, encrypt));
	BUG_ON(ccm && !EVP_CipherUpdate(ctx, NULL, &n, NULL, len));
	BUG_ON(req->assoc && !EVP_CipherUpdate(ctx, NULL, &n, buf, req->assoc));
	ok = !len && !ccm ? 1 : EVP_CipherUpdate(ctx, text, &n, text, len) > 0;
	/* CCM has judged by now. */
	if (ok && !(ccm && !encrypt))
		ok = EVP_CipherFinal_ex(ctx, text + len, &n) > 0;
	if (ok && encrypt)
		BUG_ON(!EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, tag, text + len));
	if (!ok)
		/* The kernel's may leave there what is not genuine. */
		memset(text, 0xbd, len);
	sg_copy(req->src, buf, all, true);
	EVP_CIPHER_CTX_free(ctx);
	free(buf);
	return ok ? 0 : -EBADMSG;
}

int crypto_aead_encrypt(struct aead_request *req)
{
	return crypt(req, true);
}

int crypto_aead_decrypt(struct aead_request *req)
{
	return crypt(req, false);
}
