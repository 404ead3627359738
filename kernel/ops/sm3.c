// SPDX-License-Identifier: GPL-2.0
/* SM3 (GB/T 32905-2016), which many kernels are built without. */
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "sm3.h"

static inline u32 axe_rol32(u32 v, unsigned int n)
{
	n &= 31;
	return n ? v << n | v >> (32 - n) : v;
}

static inline u32 axe_sm3_p0(u32 x)
{
	return x ^ axe_rol32(x, 9) ^ axe_rol32(x, 17);
}

static inline u32 axe_sm3_p1(u32 x)
{
	return x ^ axe_rol32(x, 15) ^ axe_rol32(x, 23);
}

/* 5.3.2 */
static void axe_sm3_expand(u32 *w, const u8 *p)
{
	unsigned int j;

	for (j = 0; j < 16; j++)
		w[j] = get_unaligned_be32(p + 4 * j);
	for (; j < 68; j++)
		w[j] = axe_sm3_p1(w[j - 16] ^ w[j - 9] ^ axe_rol32(w[j - 3], 15)) ^
		       axe_rol32(w[j - 13], 7) ^ w[j - 6];
}

/* FF and GG, 4.3 */
static inline u32 axe_sm3_ff(unsigned int j, u32 x, u32 y, u32 z)
{
	return j < 16 ? x ^ y ^ z : (x & y) | (x & z) | (y & z);
}

static inline u32 axe_sm3_gg(unsigned int j, u32 x, u32 y, u32 z)
{
	return j < 16 ? x ^ y ^ z : (x & y) | (~x & z);
}

/* One step of 5.3.3, on A to H. */
static inline void axe_sm3_step(unsigned int j, u32 *r, u32 w, u32 w4)
{
	u32 t = axe_rol32(j < 16 ? 0x79cc4519 : 0x7a879d8a, j);
	u32 ss1 = axe_rol32(axe_rol32(r[0], 12) + r[4] + t, 7);
	u32 ss2 = ss1 ^ axe_rol32(r[0], 12);
	u32 tt1 = axe_sm3_ff(j, r[0], r[1], r[2]) + r[3] + ss2 + (w ^ w4);
	u32 tt2 = axe_sm3_gg(j, r[4], r[5], r[6]) + r[7] + ss1 + w;

	r[3] = r[2];
	r[2] = axe_rol32(r[1], 9);
	r[1] = r[0];
	r[0] = tt1;
	r[7] = r[6];
	r[6] = axe_rol32(r[5], 19);
	r[5] = r[4];
	r[4] = axe_sm3_p0(tt2);
}

static void axe_sm3_block(struct axe_sm3 *st, const u8 *p)
{
	u32 w[68], r[8];
	unsigned int j;

	axe_sm3_expand(w, p);
	memcpy(r, st->v, sizeof(r));
	for (j = 0; j < 64; j++)
		axe_sm3_step(j, r, w[j], w[j + 4]);
	for (j = 0; j < 8; j++)
		st->v[j] ^= r[j];
}

/**
 * axe_sm3_init - begin
 * @st:		the state
 */
void axe_sm3_init(struct axe_sm3 *st)
{
	static const u32 iv[8] = {
		0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600,
		0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e,
	};

	memcpy(st->v, iv, sizeof(st->v));
	st->count = 0;
}

/**
 * axe_sm3_update - go on
 * @st:		the state
 * @p:		the next bytes of the message
 * @len:	how many
 */
void axe_sm3_update(struct axe_sm3 *st, const u8 *p, size_t len)
{
	while (len) {
		size_t have = st->count % AXE_SM3_BLOCK;
		size_t n = min(len, AXE_SM3_BLOCK - have);

		st->count += n;
		if (n == AXE_SM3_BLOCK) {
			axe_sm3_block(st, p);
		} else {
			memcpy(st->block + have, p, n);
			if (have + n == AXE_SM3_BLOCK)
				axe_sm3_block(st, st->block);
		}
		p += n;
		len -= n;
	}
}

/**
 * axe_sm3_final - end
 * @st:		the state, of no use afterwards
 * @out:	the digest, AXE_SM3_SIZE bytes
 */
void axe_sm3_final(struct axe_sm3 *st, u8 *out)
{
	static const u8 pad[AXE_SM3_BLOCK] = { 0x80 };
	u64 bits = st->count * 8;
	u8 length[8];
	unsigned int i;

	/* 5.2: a one, zeros, and the length at a block's end */
	axe_sm3_update(st, pad, 1 + (2 * AXE_SM3_BLOCK - 9 - st->count) % AXE_SM3_BLOCK);
	put_unaligned_be64(bits, length);
	axe_sm3_update(st, length, sizeof(length));
	for (i = 0; i < 8; i++)
		put_unaligned_be32(st->v[i], out + 4 * i);
}
