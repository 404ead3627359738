// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include <crypto/hash.h>
#include <linux/bug.h>
#include <linux/err.h>

struct crypto_shash {
	const EVP_MD *md;
};

/*
 * In the kernel a state that is dropped needs no freeing. Here it does, so all that
 * were ever made are kept where the leak checker sees them, and used again if ended.
 */
struct shim_state {
	EVP_MD_CTX *ctx;
	struct shim_state *next_free;
	struct shim_state *next;
};

static struct shim_state *shim_states, *shim_free;

struct crypto_shash *crypto_alloc_shash(const char *name, u32 type, u32 mask)
{
	const EVP_MD *md = EVP_get_digestbyname(name);
	struct crypto_shash *tfm;

	if (!md)
		return ERR_PTR(-ENOENT);
	tfm = malloc(sizeof(*tfm));
	BUG_ON(!tfm);
	tfm->md = md;
	return tfm;
}

void crypto_free_shash(struct crypto_shash *tfm)
{
	free(tfm);
}

unsigned int crypto_shash_digestsize(struct crypto_shash *tfm)
{
	return EVP_MD_get_size(tfm->md);
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
	BUG_ON(!state->ctx);
	state->next = shim_states;
	shim_states = state;
	return state;
}

int crypto_shash_init(struct shash_desc *desc)
{
	struct shim_state *state = shim_state_get();

	desc->__ctx[0] = state;
	BUG_ON(!EVP_DigestInit_ex(state->ctx, desc->tfm->md, NULL));
	return 0;
}

int crypto_shash_update(struct shash_desc *desc, const u8 *data, unsigned int len)
{
	struct shim_state *state = desc->__ctx[0];

	BUG_ON(!EVP_DigestUpdate(state->ctx, data, len));
	return 0;
}

int crypto_shash_final(struct shash_desc *desc, u8 *out)
{
	struct shim_state *state = desc->__ctx[0];

	BUG_ON(!EVP_DigestFinal_ex(state->ctx, out, NULL));
	desc->__ctx[0] = NULL;
	state->next_free = shim_free;
	shim_free = state;
	return 0;
}
