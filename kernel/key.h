/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Key objects: what commands encrypt and authenticate with.
 *
 * A key's bytes come in and never go out again. They are in the transform of the
 * kernel's crypto API, which is made once, may be used by any number of commands at a
 * time, and wipes them as it is freed. A cipher's are kept beside it as long as the key
 * lives, for an accelerator that comes later, or comes back, has to be given them.
 */
#ifndef AXE_KEY_H
#define AXE_KEY_H

#include <linux/types.h>

#include "der.h"
#include "ops.h"

struct axe_dev;
struct crypto_aead;
struct crypto_shash;
struct crypto_akcipher;
struct crypto_kpp;
struct crypto_sig;
struct crypto_sync_skcipher;
struct ib_pd;

/* Engines at a time, with the CPU. */
#define AXE_MAX_ENGINES		8

struct axe_engine_key;

/* What the crypto API has it as. */
enum axe_key_kind {
	AXE_KIND_CIPHER,
	AXE_KIND_AEAD,
	AXE_KIND_CMAC,
	/* Not the crypto API's but by our own hashes; the key is kept as it is. */
	AXE_KIND_HMAC,
	AXE_KIND_BLAKE2B,
	AXE_KIND_RSA,
	AXE_KIND_ECDSA,
	AXE_KIND_ECDH,
	AXE_KIND_X25519,
};

/* Bytes of such a key: those of the longest block of a hash. */
#define AXE_KEY_SECRET_MAX	144
/* Salt of ESP. */
#define AXE_KEY_SALT		4

/**
 * struct axe_key_alg - an algorithm that keys are for
 * @name:	the crypto API's, or for us; NULL: there is no such algorithm
 * @kind:	which member of struct axe_key has the transform
 * @block:	ciphers: data comes in multiples of it
 * @curve:	elliptic curves: which
 * @min_len:	shortest key in bytes
 * @max_len:	longest
 * @step:	and those that are a multiple of it longer than the shortest
 * @tag:	but for ciphers: bytes of a tag
 * @min_tag:	so many of them are to be used at least; 0: all
 * @salt:	bytes behind the key that are part of all nonces
 * @hash:	enum axe_hash that it is made of
 * @uses:	enum axe_key_uses that make sense
 */
struct axe_key_alg {
	const char *name;
	enum axe_key_kind kind;
	u16 block;
	enum axe_der_curve curve;
	u16 min_len;
	u16 max_len;
	u16 step;
	u8 tag;
	u8 min_tag;
	u8 salt;
	u8 hash;
	u32 uses;
};

/**
 * struct axe_key - a key, as operations see it; does not change for them
 * @algorithm:	enum axe_key_algorithm
 * @number:	as commands name it
 * @uses:	enum axe_key_uses that it is for
 * @size:	public keys: bytes of the modulus, or of a coordinate
 * @alg:	its row
 * @tag:	AXE_KIND_AEAD: bytes of a tag
 * @salt:	with axe_key_alg.salt
 * @cipher:	AXE_KIND_CIPHER
 * @aead:	AXE_KIND_AEAD
 * @cmac:	AXE_KIND_CMAC
 * @secret:	AXE_KIND_HMAC: the key as long as a block; AXE_KIND_BLAKE2B: the key
 * @secret_len:	in bytes
 * @rsa:	AXE_KIND_RSA
 * @ecdsa:	AXE_KIND_ECDSA
 * @ecdh:	AXE_KIND_ECDH
 * @x25519:	AXE_KIND_X25519: the private key itself, @size bytes
 * @bytes:	of the key itself, for engines; NULL: there is none for such keys
 * @len:	how many
 * @on_engine:	what engines have made of it, under their key_lock
 */
struct axe_key {
	u32 algorithm;
	u32 number;
	u32 uses;
	size_t size;
	const struct axe_key_alg *alg;
	u8 tag;
	u8 salt[AXE_KEY_SALT];
	union {
		struct crypto_sync_skcipher *cipher;
		struct crypto_aead *aead;
		struct crypto_shash *cmac;
		struct {
			u8 secret[AXE_KEY_SECRET_MAX];
			u8 secret_len;
		};
		struct crypto_akcipher *rsa;
		struct crypto_sig *ecdsa;
		struct crypto_kpp *ecdh;
		u8 *x25519;
	};
	u8 *bytes;
	u32 len;
	struct axe_engine_key *on_engine[AXE_MAX_ENGINES];
};

/* Is it one that the operation works with? */
static inline bool axe_key_fits(const struct axe_key *key, const struct axe_op *op)
{
	u32 bit = key->algorithm - op->key_base;

	return bit < 32 && op->formats >> bit & 1 && key->uses & op->key_uses;
}

int axe_key_init(struct axe_key *key, u32 algorithm, u32 uses, const u8 *bytes, size_t len);
int axe_key_set_tag_len(struct axe_key *key, u32 len);
void axe_key_fini(struct axe_key *key);

/* uobj_key.c */
struct axe_key *axe_key_get(struct axe_dev *dev, struct ib_pd *pd, u32 number);
void axe_key_put(struct axe_key *key);

#endif
