// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <crypto/hash.h>
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/string.h>

/* @mac instead of @md: a CMAC, which has the key */
struct crypto_shash {
	const EVP_MD *md;
	EVP_MAC_CTX *mac;
};

#define AXE_SHIM_TAG	16

/*
 * In the kernel a state that is dropped needs no freeing. Here it does, so all that
 * were ever made are kept where the leak checker sees them, and used again if ended.
 */
struct shim_state {
	EVP_MD_CTX *ctx;
	EVP_MAC_CTX *mac;
	struct shim_state *next_free;
	struct shim_state *next;
};

static struct shim_state *shim_states, *shim_free;

struct crypto_shash *crypto_alloc_shash(const char *name, u32 type, u32 mask)
{
	const EVP_MD *md = EVP_get_digestbyname(name);
	bool cmac = !strcmp(name, "cmac(aes)");
	struct crypto_shash *tfm;
	EVP_MAC *mac;

	if (!md && !cmac)
		return ERR_PTR(-ENOENT);
	tfm = calloc(1, sizeof(*tfm));
	BUG_ON(!tfm);
	tfm->md = md;
	if (cmac) {
		mac = EVP_MAC_fetch(NULL, "CMAC", NULL);
		tfm->mac = EVP_MAC_CTX_new(mac);
		BUG_ON(!tfm->mac);
		EVP_MAC_free(mac);
	}
	return tfm;
}

int crypto_has_shash(const char *name, u32 type, u32 mask)
{
	struct crypto_shash *tfm = crypto_alloc_shash(name, type, mask);

	if (IS_ERR(tfm))
		return 0;
	crypto_free_shash(tfm);
	return 1;
}

int crypto_shash_setkey(struct crypto_shash *tfm, const u8 *key, unsigned int len)
{
	const char *cipher = len == 16 ? "AES-128-CBC" : len == 24 ? "AES-192-CBC" : "AES-256-CBC";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, (char *)cipher, 0),
		OSSL_PARAM_construct_end(),
	};

	return EVP_MAC_init(tfm->mac, key, len, params) ? 0 : -EINVAL;
}

void crypto_free_shash(struct crypto_shash *tfm)
{
	EVP_MAC_CTX_free(tfm->mac);
	free(tfm);
}

unsigned int crypto_shash_digestsize(struct crypto_shash *tfm)
{
	return tfm->mac ? EVP_MAC_CTX_get_mac_size(tfm->mac) : (size_t)EVP_MD_get_size(tfm->md);
}

unsigned int crypto_shash_descsize(struct crypto_shash *tfm)
{
	return sizeof(struct shim_state *);
}

static struct shim_state *shim_state_get(void)
{
	struct shim_state *state = shim_free;

	if (state) {
		shim_free = state->next_free;
		return state;
	}
	state = malloc(sizeof(*state));
	BUG_ON(!state);
	state->ctx = EVP_MD_CTX_new();
	state->mac = NULL;
	BUG_ON(!state->ctx);
	state->next = shim_states;
	shim_states = state;
	return state;
}

int crypto_shash_init(struct shash_desc *desc)
{
	struct shim_state *state = shim_state_get();

	desc->__ctx[0] = state;
	EVP_MAC_CTX_free(state->mac);
	state->mac = NULL;
	if (desc->tfm->mac) {
		state->mac = EVP_MAC_CTX_dup(desc->tfm->mac);
		BUG_ON(!state->mac);
		return 0;
	}
	BUG_ON(!EVP_DigestInit_ex(state->ctx, desc->tfm->md, NULL));
	return 0;
}

int crypto_shash_update(struct shash_desc *desc, const u8 *data, unsigned int len)
{
	struct shim_state *state = desc->__ctx[0];

	if (state->mac)
		BUG_ON(!EVP_MAC_update(state->mac, data, len));
	else
		BUG_ON(!EVP_DigestUpdate(state->ctx, data, len));
	return 0;
}

int crypto_shash_final(struct shash_desc *desc, u8 *out)
{
	struct shim_state *state = desc->__ctx[0];

	size_t n;

	if (state->mac)
		BUG_ON(!EVP_MAC_final(state->mac, out, &n, AXE_SHIM_TAG));
	else
		BUG_ON(!EVP_DigestFinal_ex(state->ctx, out, NULL));
	desc->__ctx[0] = NULL;
	state->next_free = shim_free;
	shim_free = state;
	return 0;
}
