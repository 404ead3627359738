/* SPDX-License-Identifier: GPL-2.0 */
/* Hash functions, for the operations that need them: one interface to all of them. */
#ifndef AXE_OPS_DIGEST_H
#define AXE_OPS_DIGEST_H

#include <crypto/hash.h>

#include "../ops.h"
#include "blake2b.h"
#include "sm3.h"

#define AXE_DIGEST_NUM		(AXE_HASH_MD5 + 1)
/* The longest digest, and the longest block (SHA3-224). */
#define AXE_DIGEST_MAX		64
#define AXE_DIGEST_BLOCK_MAX	144

/**
 * struct axe_digest - a hash while it runs
 * @format:	enum axe_hash
 * @sm3:	the state
 * @blake2b:	the state
 * @desc:	the state, of the kernel's crypto API: a struct shash_desc
 */
struct axe_digest {
	unsigned int format;
	union {
		struct axe_sm3 sm3;
		struct axe_blake2b blake2b;
		u8 desc[sizeof(struct shash_desc) + HASH_MAX_DESCSIZE];
	} __aligned(16);
};

unsigned int axe_digest_size(unsigned int format);
unsigned int axe_digest_block(unsigned int format);

/* May sleep; to be called before what follows. */
enum axe_code axe_digest_load(unsigned int format);

enum axe_code axe_digest_init(struct axe_digest *st, unsigned int format);
enum axe_code axe_digest_update(struct axe_digest *st, const u8 *p, size_t len);
enum axe_code axe_digest_final(struct axe_digest *st, u8 *out);

#endif
