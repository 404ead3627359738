// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Checksums: against tables made from the polynomials, zlib, and XXH by its specification. */

#include <endian.h>
#include <zlib.h>

#include "ops.h"

#define CRC64_POLY	0x9a6c9329ac4bc9b5	/* reflected */
#define T10_POLY	0x8bb7

static uint64_t crc64(uint64_t crc, const uint8_t *p, size_t length)
{
	static uint64_t table[256];
	unsigned int i, k;

	for (i = 0; i < 256 && !table[255]; i++) {
		uint64_t c = i;

		for (k = 0; k < 8; k++)
			c = c >> 1 ^ (c & 1 ? CRC64_POLY : 0);
		table[i] = c;
	}
	for (crc = ~crc; length; length--)
		crc = crc >> 8 ^ table[(crc ^ *p++) & 0xff];
	return ~crc;
}

static uint16_t crc16_t10(uint16_t crc, const uint8_t *p, size_t length)
{
	static uint16_t table[256];
	unsigned int i, k;

	for (i = 0; i < 256 && !table[255]; i++) {
		uint16_t c = i << 8;

		for (k = 0; k < 8; k++)
			c = c << 1 ^ (c & 0x8000 ? T10_POLY : 0);
		table[i] = c;
	}
	for (; length; length--)
		crc = crc << 8 ^ table[crc >> 8 ^ *p++];
	return crc;
}

/*---- XXH64, as its specification has it, for all at once ----*/

#define P1 0x9e3779b185ebca87ULL
#define P2 0xc2b2ae3d27d4eb4fULL
#define P3 0x165667b19e3779f9ULL
#define P4 0x85ebca77c2b2ae63ULL
#define P5 0x27d4eb2f165667c5ULL
#define ROTATE(v, n) ((v) << (n) | (v) >> (64 - (n)))

static uint64_t word(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

static uint64_t xxh_round(uint64_t acc, uint64_t v)
{
	acc += v * P2;
	return ROTATE(acc, 31) * P1;
}

static uint64_t xxh_stripes(uint64_t seed, const uint8_t **p, size_t length)
{
	uint64_t acc[4] = { seed + P1 + P2, seed + P2, seed, seed - P1 }, h;
	unsigned int i;

	for (; length >= 32; length -= 32)
		for (i = 0; i < 4; i++, *p += 8)
			acc[i] = xxh_round(acc[i], word(*p));
	h = ROTATE(acc[0], 1) + ROTATE(acc[1], 7) + ROTATE(acc[2], 12) + ROTATE(acc[3], 18);
	for (i = 0; i < 4; i++)
		h = (h ^ xxh_round(0, acc[i])) * P1 + P4;
	return h;
}

static uint64_t xxh64(uint64_t seed, const uint8_t *p, size_t length)
{
	const uint8_t *end = p + length;
	uint64_t h = length < 32 ? seed + P5 : xxh_stripes(seed, &p, length);

	h += length;
	for (; end - p >= 8; p += 8) {
		h ^= xxh_round(0, word(p));
		h = ROTATE(h, 27) * P1 + P4;
	}
	if (end - p >= 4) {
		uint32_t v;

		memcpy(&v, p, sizeof(v));
		h ^= le32toh(v) * P1;
		h = ROTATE(h, 23) * P2 + P3;
		p += 4;
	}
	for (; p < end; p++) {
		h ^= *p * P5;
		h = ROTATE(h, 11) * P1;
	}
	h = (h ^ h >> 33) * P2;
	h = (h ^ h >> 29) * P3;
	return h ^ h >> 32;
}

/*---- XXH32, likewise ----*/

#define Q1 0x9e3779b1U
#define Q2 0x85ebca77U
#define Q3 0xc2b2ae3dU
#define Q4 0x27d4eb2fU
#define Q5 0x165667b1U
#define ROTATE32(v, n) ((v) << (n) | (v) >> (32 - (n)))

static uint32_t word32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

static uint32_t xxh32(uint32_t seed, const uint8_t *p, size_t length)
{
	uint32_t acc[4] = { seed + Q1 + Q2, seed + Q2, seed, seed - Q1 }, h = seed + Q5;
	const uint8_t *end = p + length;
	unsigned int i;

	for (; end - p >= 16;)
		for (i = 0; i < 4; i++, p += 4) {
			acc[i] += word32(p) * Q2;
			acc[i] = ROTATE32(acc[i], 13) * Q1;
		}
	if (length >= 16)
		h = ROTATE32(acc[0], 1) + ROTATE32(acc[1], 7) + ROTATE32(acc[2], 12) +
		    ROTATE32(acc[3], 18);
	h += length;
	for (; end - p >= 4; p += 4) {
		h += word32(p) * Q3;
		h = ROTATE32(h, 17) * Q4;
	}
	for (; p < end; p++) {
		h += *p * Q5;
		h = ROTATE32(h, 11) * Q1;
	}
	h = (h ^ h >> 15) * Q2;
	h = (h ^ h >> 13) * Q3;
	return h ^ h >> 16;
}

/*---- the checks ----*/

static void check_crc64(const struct operands *o)
{
	struct ibv_sge src = src_part(o, o->length);
	struct wc wc;

	fill_noise(src_p(o), o->length, o->seed);
	wc = run(&rig, crc64, &src, 0);
	assert_done(wc);
	assert_int_equal(wc.result[0], crc64(0, src_p(o), o->length));
	assert_int_equal(wc.byte_len, 0);
	wc = run(&rig, crc64, &src, 0xdeadbeefcafef00d);
	assert_done(wc);
	assert_int_equal(wc.result[0], crc64(0xdeadbeefcafef00d, src_p(o), o->length));
}

static void check_crc16_t10(const struct operands *o)
{
	struct ibv_sge src = src_part(o, o->length);
	struct wc wc;

	fill_noise(src_p(o), o->length, o->seed);
	wc = run(&rig, crc16_t10, &src, 0);
	assert_done(wc);
	assert_int_equal(wc.result[0], crc16_t10(0, src_p(o), o->length));
	wc = run(&rig, crc16_t10, &src, 0xbeef);
	assert_done(wc);
	assert_int_equal(wc.result[0], crc16_t10(0xbeef, src_p(o), o->length));
}

static void check_adler32(const struct operands *o)
{
	struct ibv_sge src = src_part(o, o->length);
	struct wc wc;

	fill_noise(src_p(o), o->length, o->seed);
	wc = run(&rig, adler32, &src, 1);
	assert_done(wc);
	assert_int_equal(wc.result[0], adler32_z(1, src_p(o), o->length));
	/* Long ones: once is enough. */
	if (o->length > MIB)
		return;
	wc = run(&rig, adler32, &src, 0x12345678);
	assert_done(wc);
	assert_int_equal(wc.result[0], adler32_z(0x12345678, src_p(o), o->length));
}

static void check_xxh64(const struct operands *o)
{
	struct ibv_sge src = src_part(o, o->length);
	uint64_t seed = o->seed & 1 ? 0 : 0x123456789abcdef0 * o->seed;
	struct wc wc;

	fill_noise(src_p(o), o->length, o->seed);
	wc = run(&rig, xxh64, &src, seed);
	assert_done(wc);
	assert_int_equal(wc.result[0], xxh64(seed, src_p(o), o->length));
}

static void check_xxh32(const struct operands *o)
{
	struct ibv_sge src = src_part(o, o->length);
	uint32_t seed = o->seed & 1 ? 0 : 0x12345679 * o->seed;
	struct wc wc;

	fill_noise(src_p(o), o->length, o->seed);
	wc = run(&rig, xxh32, &src, seed);
	assert_done(wc);
	assert_int_equal(wc.result[0], xxh32(seed, src_p(o), o->length));
}

static uint64_t sum_of(enum axe_sum_kind kind, uint64_t seed, const uint8_t *p, size_t length)
{
	switch (kind) {
	case AXE_SUM_CRC32:
		return crc32_z(seed, p, length);
	case AXE_SUM_CRC32C:
		return crc32c(seed, p, length);
	case AXE_SUM_CRC64:
		return crc64(seed, p, length);
	case AXE_SUM_CRC16_T10:
		return crc16_t10(seed, p, length);
	default:
		return adler32_z(seed, p, length);
	}
}

static void check_copy_crc(const struct operands *o)
{
	struct ibv_sge src = src_part(o, o->length), dst = dst_part(o, o->length);
	enum axe_sum_kind kind = o->seed % 5;
	struct wc wc;

	fill_noise(src_p(o), o->length, o->seed);
	edges_set(dst_p(o), o->length);
	wc = run(&rig, copy_crc, &dst, &src, kind, 0x1234);
	assert_done(wc);
	assert_int_equal(wc.byte_len, o->length);
	assert_int_equal(wc.result[0], sum_of(kind, 0x1234, src_p(o), o->length));
	demand(!memcmp(dst_p(o), src_p(o), o->length), "not what was copied");
	edges_check(dst_p(o), o->length, "copy-crc");
}

/* Cut somewhere, and put together. */
static void check_crc_combine(const struct operands *o)
{
	enum axe_sum_kind kind = o->seed % 5;
	uint64_t start = kind == AXE_SUM_ADLER32;
	size_t first = o->length / 3;
	uint8_t *p = src_p(o);
	struct wc wc;

	fill_noise(p, o->length, o->seed);
	wc = run(&rig, crc_combine, kind, sum_of(kind, start, p, first),
		 sum_of(kind, start, p + first, o->length - first), o->length - first);
	assert_done(wc);
	assert_int_equal(wc.result[0], sum_of(kind, start, p, o->length));
	assert_int_equal(wc.byte_len, 0);
}

static const struct op_check sum[] = {
	{ AXE_OP_CRC64, check_crc64, .longest = 16 * MIB },
	{ AXE_OP_CRC16_T10, check_crc16_t10, .longest = 16 * MIB },
	{ AXE_OP_ADLER32, check_adler32 },
	{ AXE_OP_XXH64, check_xxh64 },
	{ AXE_OP_XXH32, check_xxh32 },
	{ AXE_OP_COPY_CRC, check_copy_crc },
	{ AXE_OP_CRC_COMBINE, check_crc_combine, .longest = 16 * MIB },
};
OP_CHECKS(sum, sum);
