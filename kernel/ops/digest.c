// SPDX-License-Identifier: GPL-2.0
/*
 * Hash functions. Most are the kernel's, which knows the CPU's instructions for them.
 *
 * A struct crypto_shash is only a function, as long as it has no key: one of each,
 * made when it is first needed, serves all commands. What changes is in the command's
 * memory.
 */
#include <asm/barrier.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/mutex.h>

#include "digest.h"

/**
 * struct axe_digest_alg - a hash function
 * @name:	the kernel's name of it; NULL: it is in this directory
 * @size:	of the digest
 * @block:	of the message that it works on at a time, as HMAC has to know
 */
struct axe_digest_alg {
	const char *name;
	u8 size;
	u8 block;
};

static const struct axe_digest_alg axe_digests[AXE_DIGEST_NUM] = {
	[AXE_HASH_SHA1]		= { "sha1", 20, 64 },
	[AXE_HASH_SHA224]	= { "sha224", 28, 64 },
	[AXE_HASH_SHA256]	= { "sha256", 32, 64 },
	[AXE_HASH_SHA384]	= { "sha384", 48, 128 },
	[AXE_HASH_SHA512]	= { "sha512", 64, 128 },
	[AXE_HASH_SHA3_224]	= { "sha3-224", 28, 144 },
	[AXE_HASH_SHA3_256]	= { "sha3-256", 32, 136 },
	[AXE_HASH_SHA3_384]	= { "sha3-384", 48, 104 },
	[AXE_HASH_SHA3_512]	= { "sha3-512", 64, 72 },
	[AXE_HASH_SM3]		= { NULL, AXE_SM3_SIZE, AXE_SM3_BLOCK },
	[AXE_HASH_BLAKE2B_160]	= { NULL, 20, AXE_BLAKE2B_BLOCK },
	[AXE_HASH_BLAKE2B_256]	= { NULL, 32, AXE_BLAKE2B_BLOCK },
	[AXE_HASH_BLAKE2B_384]	= { NULL, 48, AXE_BLAKE2B_BLOCK },
	[AXE_HASH_BLAKE2B_512]	= { NULL, 64, AXE_BLAKE2B_BLOCK },
	[AXE_HASH_MD5]		= { "md5", 16, 64 },
};

/* Of those with a name: NULL, not asked for yet; an error, the kernel has none. */
static struct crypto_shash *axe_digest_tfms[AXE_DIGEST_NUM];
static DEFINE_MUTEX(axe_digest_lock);

/**
 * axe_digest_size - bytes of a digest
 * @format: enum axe_hash
 */
unsigned int axe_digest_size(unsigned int format)
{
	return axe_digests[format].size;
}

/**
 * axe_digest_block - bytes of a block, at most AXE_DIGEST_BLOCK_MAX
 * @format: enum axe_hash
 */
unsigned int axe_digest_block(unsigned int format)
{
	return axe_digests[format].block;
}

/* It may be an engine's, with a state that is larger than any that we know. */
static struct crypto_shash *axe_digest_alloc(const struct axe_digest_alg *alg)
{
	struct crypto_shash *tfm = crypto_alloc_shash(alg->name, 0, 0);

	if (IS_ERR(tfm) || (crypto_shash_digestsize(tfm) == alg->size &&
			    crypto_shash_descsize(tfm) <= HASH_MAX_DESCSIZE))
		return tfm;
	crypto_free_shash(tfm);
	return ERR_PTR(-ENOENT);
}

static int axe_digest_load_locked(unsigned int format)
{
	struct crypto_shash *tfm = axe_digest_tfms[format];

	if (!tfm) {
		tfm = axe_digest_alloc(&axe_digests[format]);
		/* Else it was for want of memory, or the caller is about to die. */
		if (!IS_ERR(tfm) || tfm == ERR_PTR(-ENOENT) || tfm == ERR_PTR(-ELIBBAD)) {
			/* It is complete before others see it; pairs with the acquires. */
			smp_store_release(&axe_digest_tfms[format], tfm);
		}
	}
	return PTR_ERR_OR_ZERO(tfm);
}

/**
 * axe_digest_load - have a hash function at hand
 * @format:	enum axe_hash
 *
 * May sleep: it may be a module.
 *
 * Return: AXE_OK; AXE_ERR_OPCODE if the kernel lacks it; AXE_ERR_NOMEM.
 */
enum axe_code axe_digest_load(unsigned int format)
{
	struct crypto_shash *tfm;
	int ret;

	if (!axe_digests[format].name)
		return AXE_OK;
	/* Pairs with the release in axe_digest_load_locked(). */
	tfm = smp_load_acquire(&axe_digest_tfms[format]);
	ret = PTR_ERR_OR_ZERO(tfm);
	if (!tfm) {
		mutex_lock(&axe_digest_lock);
		ret = axe_digest_load_locked(format);
		mutex_unlock(&axe_digest_lock);
	}
	if (!ret)
		return AXE_OK;
	return ret == -ENOENT || ret == -ELIBBAD ? AXE_ERR_OPCODE : AXE_ERR_NOMEM;
}

/**
 * axe_digest_unload - let go of all hash functions
 *
 * No device is left.
 */
void axe_digest_unload(void)
{
	unsigned int i;

	for (i = 0; i < AXE_DIGEST_NUM; i++) {
		if (!IS_ERR_OR_NULL(axe_digest_tfms[i]))
			crypto_free_shash(axe_digest_tfms[i]);
		axe_digest_tfms[i] = NULL;
	}
}

static inline struct shash_desc *axe_digest_desc(struct axe_digest *st)
{
	return (struct shash_desc *)st->desc;
}

/* Software does not fail; were it an engine, it would be for want of something. */
static inline enum axe_code axe_digest_code(int err)
{
	return err ? AXE_ERR_NOMEM : AXE_OK;
}

/**
 * axe_digest_init - begin
 * @st:		the state
 * @format:	enum axe_hash, loaded
 *
 * Return: AXE_OK, or AXE_ERR_NOMEM from what is not the CPU.
 */
enum axe_code axe_digest_init(struct axe_digest *st, unsigned int format)
{
	st->format = format;
	if (format == AXE_HASH_SM3) {
		axe_sm3_init(&st->sm3);
	} else if (!axe_digests[format].name) {
		axe_blake2b_init(&st->blake2b, axe_digests[format].size, NULL, 0);
	} else {
		/* Likewise: another command may have loaded it. */
		axe_digest_desc(st)->tfm = smp_load_acquire(&axe_digest_tfms[format]);
		return axe_digest_code(crypto_shash_init(axe_digest_desc(st)));
	}
	return AXE_OK;
}

/**
 * axe_digest_update - go on
 * @st:		the state
 * @p:		the next bytes of the message
 * @len:	how many
 *
 * Return: as axe_digest_init().
 */
enum axe_code axe_digest_update(struct axe_digest *st, const u8 *p, size_t len)
{
	if (!len)
		return AXE_OK;
	if (st->format == AXE_HASH_SM3)
		axe_sm3_update(&st->sm3, p, len);
	else if (!axe_digests[st->format].name)
		axe_blake2b_update(&st->blake2b, p, len);
	else
		return axe_digest_code(crypto_shash_update(axe_digest_desc(st), p, len));
	return AXE_OK;
}

/**
 * axe_digest_final - end
 * @st:		the state, of no use afterwards
 * @out:	the digest, axe_digest_size() bytes
 *
 * Return: as axe_digest_init().
 */
enum axe_code axe_digest_final(struct axe_digest *st, u8 *out)
{
	if (st->format == AXE_HASH_SM3)
		axe_sm3_final(&st->sm3, out);
	else if (!axe_digests[st->format].name)
		axe_blake2b_final(&st->blake2b, axe_digests[st->format].size, out);
	else
		return axe_digest_code(crypto_shash_final(axe_digest_desc(st), out));
	return AXE_OK;
}
