// SPDX-License-Identifier: GPL-2.0
/* XXH64 as the kernel offers it, by the text of the xxHash specification. */
#include <errno.h>
#include <string.h>

#include <linux/unaligned.h>
#include <linux/xxhash.h>

#define P1	0x9E3779B185EBCA87ULL
#define P2	0xC2B2AE3D27D4EB4FULL
#define P3	0x165667B19E3779F9ULL
#define P4	0x85EBCA77C2B2AE63ULL
#define P5	0x27D4EB2F165667C5ULL

static u64 rotate(u64 v, int n)
{
	return v << n | v >> (64 - n);
}

static u64 lane(const u8 *p)
{
	return le64_to_cpu(get_unaligned((const u64 *)p));
}

static u64 xxh_round(u64 acc, u64 v)
{
	return rotate(acc + v * P2, 31) * P1;
}

void xxh64_reset(struct xxh64_state *s, u64 seed)
{
	memset(s, 0, sizeof(*s));
	s->seed = seed;
	s->acc[0] = seed + P1 + P2;
	s->acc[1] = seed + P2;
	s->acc[2] = seed;
	s->acc[3] = seed - P1;
}

int xxh64_update(struct xxh64_state *s, const void *p, size_t len)
{
	const u8 *b = p;

	if (!p)
		return -EINVAL;
	for (; len; len--) {
		s->rest[s->total++ % 32] = *b++;
		for (int i = 0; i < 4 && s->total % 32 == 0; i++)
			s->acc[i] = xxh_round(s->acc[i], lane(s->rest + 8 * i));
	}
	return 0;
}

static u64 finish(u64 h, const u8 *p, size_t len)
{
	for (; len >= 8; p += 8, len -= 8)
		h = rotate(h ^ xxh_round(0, lane(p)), 27) * P1 + P4;
	for (; len >= 4; p += 4, len -= 4)
		h = rotate(h ^ get_unaligned_le32(p) * P1, 23) * P2 + P3;
	for (; len; p++, len--)
		h = rotate(h ^ *p * P5, 11) * P1;
	h = (h ^ h >> 33) * P2;
	h = (h ^ h >> 29) * P3;
	return h ^ h >> 32;
}

u64 xxh64_digest(const struct xxh64_state *s)
{
	u64 h = s->seed + P5;

	if (s->total >= 32) {
		h = rotate(s->acc[0], 1) + rotate(s->acc[1], 7) + rotate(s->acc[2], 12) +
		    rotate(s->acc[3], 18);
		for (int i = 0; i < 4; i++)
			h = (h ^ xxh_round(0, s->acc[i])) * P1 + P4;
	}
	return finish(h + s->total, s->rest, s->total % 32);
}
