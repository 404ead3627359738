// SPDX-License-Identifier: GPL-2.0
/*
 * BLAKE2b (RFC 7693). Not every kernel offers it to modules, and where it does, a key
 * belongs to an object that would have to be allocated for each command.
 */
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "blake2b.h"

static const u64 axe_blake2b_iv[8] = {
	0x6a09e667f3bcc908ULL, 0xbb67ae8584caa73bULL, 0x3c6ef372fe94f82bULL,
	0xa54ff53a5f1d36f1ULL, 0x510e527fade682d1ULL, 0x9b05688c2b3e6c1fULL,
	0x1f83d9abfb41bd6bULL, 0x5be0cd19137e2179ULL,
};

/* RFC 7693, 2.7; rounds 10 and 11 are 0 and 1 again. */
static const u8 axe_blake2b_sigma[12][16] = {
	{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
	{ 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
	{ 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4 },
	{ 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8 },
	{ 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13 },
	{ 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9 },
	{ 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11 },
	{ 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10 },
	{ 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5 },
	{ 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0 },
	{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
	{ 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
};

static inline u64 axe_ror64(u64 v, unsigned int n)
{
	return v >> n | v << (64 - n);
}

static inline void axe_blake2b_mix(u64 *v, unsigned int a, unsigned int b, unsigned int c,
				   unsigned int d, u64 x, u64 y)
{
	v[a] += v[b] + x;
	v[d] = axe_ror64(v[d] ^ v[a], 32);
	v[c] += v[d];
	v[b] = axe_ror64(v[b] ^ v[c], 24);
	v[a] += v[b] + y;
	v[d] = axe_ror64(v[d] ^ v[a], 16);
	v[c] += v[d];
	v[b] = axe_ror64(v[b] ^ v[c], 63);
}

static inline void axe_blake2b_round(u64 *v, const u64 *m, const u8 *s)
{
	axe_blake2b_mix(v, 0, 4, 8, 12, m[s[0]], m[s[1]]);
	axe_blake2b_mix(v, 1, 5, 9, 13, m[s[2]], m[s[3]]);
	axe_blake2b_mix(v, 2, 6, 10, 14, m[s[4]], m[s[5]]);
	axe_blake2b_mix(v, 3, 7, 11, 15, m[s[6]], m[s[7]]);
	axe_blake2b_mix(v, 0, 5, 10, 15, m[s[8]], m[s[9]]);
	axe_blake2b_mix(v, 1, 6, 11, 12, m[s[10]], m[s[11]]);
	axe_blake2b_mix(v, 2, 7, 8, 13, m[s[12]], m[s[13]]);
	axe_blake2b_mix(v, 3, 4, 9, 14, m[s[14]], m[s[15]]);
}

/* A block, which brings the count to @st->count. 2^64 bytes are never reached. */
static void axe_blake2b_block(struct axe_blake2b *st, const u8 *p, bool last)
{
	u64 v[16], m[16];
	unsigned int i;

	for (i = 0; i < 16; i++)
		m[i] = get_unaligned_le64(p + 8 * i);
	for (i = 0; i < 8; i++) {
		v[i] = st->h[i];
		v[i + 8] = axe_blake2b_iv[i];
	}
	v[12] ^= st->count;
	if (last)
		v[14] = ~v[14];
	for (i = 0; i < 12; i++)
		axe_blake2b_round(v, m, axe_blake2b_sigma[i]);
	for (i = 0; i < 8; i++)
		st->h[i] ^= v[i] ^ v[i + 8];
}

/**
 * axe_blake2b_init - begin
 * @st:		the state
 * @size:	of the digest, 1 to 64: another size is another function
 * @key:	the key, or NULL
 * @key_len:	its length, at most AXE_BLAKE2B_KEY_MAX
 */
void axe_blake2b_init(struct axe_blake2b *st, unsigned int size, const u8 *key,
		      unsigned int key_len)
{
	memcpy(st->h, axe_blake2b_iv, sizeof(st->h));
	/* Sequential: fanout 1, depth 1. */
	st->h[0] ^= 0x01010000 ^ key_len << 8 ^ size;
	st->count = 0;
	st->have = 0;
	if (!key_len)
		return;
	memset(st->block, 0, sizeof(st->block));
	memcpy(st->block, key, key_len);
	st->have = AXE_BLAKE2B_BLOCK;
}

/* The block that is kept, which is full, and is not the last. */
static void axe_blake2b_flush(struct axe_blake2b *st)
{
	st->count += AXE_BLAKE2B_BLOCK;
	axe_blake2b_block(st, st->block, false);
	st->have = 0;
}

/**
 * axe_blake2b_update - go on
 * @st:		the state
 * @p:		the next bytes of the message
 * @len:	how many
 */
void axe_blake2b_update(struct axe_blake2b *st, const u8 *p, size_t len)
{
	while (len) {
		size_t n = min(len, (size_t)AXE_BLAKE2B_BLOCK - st->have);

		if (!n) {
			axe_blake2b_flush(st);
		} else if (n == AXE_BLAKE2B_BLOCK && len > n) {
			/* More follows: no need to keep it. */
			st->count += n;
			axe_blake2b_block(st, p, false);
			p += n;
			len -= n;
		} else {
			memcpy(st->block + st->have, p, n);
			st->have += n;
			p += n;
			len -= n;
		}
	}
}

/**
 * axe_blake2b_final - end
 * @st:		the state, of no use afterwards
 * @size:	as in axe_blake2b_init()
 * @out:	the digest, @size bytes
 */
void axe_blake2b_final(struct axe_blake2b *st, unsigned int size, u8 *out)
{
	u8 all[sizeof(st->h)];
	unsigned int i;

	st->count += st->have;
	memset(st->block + st->have, 0, sizeof(st->block) - st->have);
	axe_blake2b_block(st, st->block, true);
	for (i = 0; i < 8; i++)
		put_unaligned_le64(st->h[i], all + 8 * i);
	memcpy(out, all, size);
}
