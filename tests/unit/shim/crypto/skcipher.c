// SPDX-License-Identifier: GPL-2.0
/* The kernel's synchronous ciphers, over OpenSSL. */
#include <errno.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include <crypto/skcipher.h>
#include <linux/array_size.h>
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/minmax.h>

struct crypto_sync_skcipher {
	const char *name;
	const EVP_CIPHER *cipher;
	bool is_xts;
	u8 key[64];
};

static const struct {
	const char *name;
	size_t key_len;
	const EVP_CIPHER *(*cipher)(void);
} ciphers[] = {
	{ "cbc(aes)", 16, EVP_aes_128_cbc },
	{ "cbc(aes)", 24, EVP_aes_192_cbc },
	{ "cbc(aes)", 32, EVP_aes_256_cbc },
	{ "ctr(aes)", 16, EVP_aes_128_ctr },
	{ "ctr(aes)", 24, EVP_aes_192_ctr },
	{ "ctr(aes)", 32, EVP_aes_256_ctr },
	{ "xts(aes)", 32, EVP_aes_128_xts },
	{ "xts(aes)", 64, EVP_aes_256_xts },
	{ "cbc(sm4)", 16, EVP_sm4_cbc },
	{ "ctr(sm4)", 16, EVP_sm4_ctr },
};

struct crypto_sync_skcipher *crypto_alloc_sync_skcipher(const char *name, u32 type, u32 mask)
{
	struct crypto_sync_skcipher *tfm;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ciphers); i++)
		if (!strcmp(ciphers[i].name, name))
			break;
	if (i == ARRAY_SIZE(ciphers))
		return ERR_PTR(-ENOENT);
	tfm = calloc(1, sizeof(*tfm));
	if (!tfm)
		return ERR_PTR(-ENOMEM);
	tfm->name = name;
	tfm->is_xts = !strncmp(name, "xts", 3);
	return tfm;
}

int crypto_has_skcipher(const char *name, u32 type, u32 mask)
{
	struct crypto_sync_skcipher *tfm = crypto_alloc_sync_skcipher(name, type, mask);

	if (IS_ERR(tfm))
		return 0;
	crypto_free_sync_skcipher(tfm);
	return 1;
}

int crypto_sync_skcipher_setkey(struct crypto_sync_skcipher *tfm, const u8 *key, size_t len)
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

void crypto_free_sync_skcipher(struct crypto_sync_skcipher *tfm)
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

/* As the kernel's: a CBC or CTR request leaves in @iv what the next goes on with. */
static int crypt(struct skcipher_request *req, bool encrypt)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	u8 *in = malloc(req->len), *out = malloc(req->len + 16);
	int n;

	BUG_ON(!ctx || !in || !out);
	/* The kernel would copy, to memory that it allocates. */
	WARN_ON((uintptr_t)req->src->p % 16 || (uintptr_t)req->dst->p % 16);
	sg_copy(req->src, in, req->len, false);
	BUG_ON(!EVP_CipherInit_ex(ctx, req->tfm->cipher, NULL, req->tfm->key, req->iv, encrypt));
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	BUG_ON(!EVP_CipherUpdate(ctx, out, &n, in, req->len) || n != (int)req->len);
	if (req->tfm->is_xts)
		memset(req->iv, 0xee, 16);
	else
		BUG_ON(!EVP_CIPHER_CTX_get_updated_iv(ctx, req->iv, 16));
	sg_copy(req->dst, out, req->len, true);
	EVP_CIPHER_CTX_free(ctx);
	free(in);
	free(out);
	return 0;
}

int crypto_skcipher_encrypt(struct skcipher_request *req)
{
	return crypt(req, true);
}

int crypto_skcipher_decrypt(struct skcipher_request *req)
{
	return crypt(req, false);
}
