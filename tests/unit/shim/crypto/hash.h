/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's synchronous hashes, as OpenSSL does them. See shim/hash.c. */
#ifndef AXE_SHIM_CRYPTO_HASH_H
#define AXE_SHIM_CRYPTO_HASH_H

#include <linux/types.h>

struct crypto_shash;

struct shash_desc {
	struct crypto_shash *tfm;
	void *__ctx[];
};

#define HASH_MAX_DESCSIZE	(sizeof(struct shash_desc) + 360)

struct crypto_shash *crypto_alloc_shash(const char *name, u32 type, u32 mask);
void crypto_free_shash(struct crypto_shash *tfm);
int crypto_has_shash(const char *name, u32 type, u32 mask);
int crypto_shash_setkey(struct crypto_shash *tfm, const u8 *key, unsigned int len);
unsigned int crypto_shash_digestsize(struct crypto_shash *tfm);
unsigned int crypto_shash_descsize(struct crypto_shash *tfm);
int crypto_shash_init(struct shash_desc *desc);
int crypto_shash_update(struct shash_desc *desc, const u8 *data, unsigned int len);
int crypto_shash_final(struct shash_desc *desc, u8 *out);

#endif
