/* SPDX-License-Identifier: GPL-2.0 */
/*
 * XXH32 piece by piece (xxHash's doc/xxhash_spec.md). Not every kernel
 * exports its own xxh32_update(); xxh32() wants all of it at once.
 */
#ifndef AXE_OPS_XXH32_H
#define AXE_OPS_XXH32_H

#include <linux/bitops.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/unaligned.h>

#define AXE_XXH32_1	0x9e3779b1u
#define AXE_XXH32_2	0x85ebca77u
#define AXE_XXH32_3	0xc2b2ae3du
#define AXE_XXH32_4	0x27d4eb2fu
#define AXE_XXH32_5	0x165667b1u

/**
 * struct axe_xxh32 - a checksum while it grows
 * @seed:	what it started with
 * @lane:	the four accumulators
 * @total:	bytes up to now; the specification takes it modulo 1 << 32
 * @have:	bytes in @hold
 * @hold:	the start of a stripe
 */
struct axe_xxh32 {
	u32 seed;
	u32 lane[4];
	u64 total;
	u32 have;
	u8 hold[16];
};

static inline void axe_xxh32_start(struct axe_xxh32 *h, u32 seed)
{
	h->seed = seed;
	h->lane[0] = seed + AXE_XXH32_1 + AXE_XXH32_2;
	h->lane[1] = seed + AXE_XXH32_2;
	h->lane[2] = seed;
	h->lane[3] = seed - AXE_XXH32_1;
	h->total = 0;
	h->have = 0;
}

static inline void axe_xxh32_stripe(u32 *lane, const u8 *p)
{
	int i;

	for (i = 0; i < 4; i++)
		lane[i] = rol32(lane[i] + get_unaligned_le32(p + 4 * i) * AXE_XXH32_2, 13) *
			  AXE_XXH32_1;
}

static inline void axe_xxh32_add(struct axe_xxh32 *h, const u8 *p, size_t len)
{
	size_t n;

	h->total += len;
	if (h->have) {
		n = min_t(size_t, len, 16 - h->have);
		memcpy(h->hold + h->have, p, n);
		h->have += n;
		p += n;
		len -= n;
		if (h->have < 16)
			return;
		axe_xxh32_stripe(h->lane, h->hold);
		h->have = 0;
	}
	for (; len >= 16; p += 16, len -= 16)
		axe_xxh32_stripe(h->lane, p);
	if (len)
		memcpy(h->hold, p, len);
	h->have = len;
}

static inline u32 axe_xxh32_of(const struct axe_xxh32 *h)
{
	u32 sum = h->seed + AXE_XXH32_5, i = 0;

	if (h->total >= 16)
		sum = rol32(h->lane[0], 1) + rol32(h->lane[1], 7) +
		      rol32(h->lane[2], 12) + rol32(h->lane[3], 18);
	sum += (u32)h->total;
	for (; i + 4 <= h->have; i += 4)
		sum = rol32(sum + get_unaligned_le32(h->hold + i) * AXE_XXH32_3, 17) *
		      AXE_XXH32_4;
	for (; i < h->have; i++)
		sum = rol32(sum + h->hold[i] * AXE_XXH32_5, 11) * AXE_XXH32_1;
	sum = (sum ^ sum >> 15) * AXE_XXH32_2;
	sum = (sum ^ sum >> 13) * AXE_XXH32_3;
	return sum ^ sum >> 16;
}

/* Of @len bytes at once. */
static inline u32 axe_xxh32(const u8 *p, size_t len)
{
	struct axe_xxh32 h;

	axe_xxh32_start(&h, 0);
	axe_xxh32_add(&h, p, len);
	return axe_xxh32_of(&h);
}

#endif
