/* SPDX-License-Identifier: GPL-2.0 */
/* BLAKE2b (RFC 7693), with or without a key. */
#ifndef AXE_OPS_BLAKE2B_H
#define AXE_OPS_BLAKE2B_H

#include <linux/types.h>

#define AXE_BLAKE2B_BLOCK	128
#define AXE_BLAKE2B_KEY_MAX	64

/**
 * struct axe_blake2b - a BLAKE2b while it runs
 * @h:		the chain
 * @count:	bytes that went into it
 * @have:	bytes in @block
 * @block:	of the message, until another follows
 */
struct axe_blake2b {
	u64 h[8];
	u64 count;
	unsigned int have;
	u8 block[AXE_BLAKE2B_BLOCK];
};

void axe_blake2b_init(struct axe_blake2b *st, unsigned int size, const u8 *key,
		      unsigned int key_len);
void axe_blake2b_update(struct axe_blake2b *st, const u8 *p, size_t len);
void axe_blake2b_final(struct axe_blake2b *st, unsigned int size, u8 *out);

#endif
