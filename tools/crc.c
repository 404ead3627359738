// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * A CRC is the remainder of a polynomial over GF(2) (with both ends inverted or
 * not, which cancels out here). A followed by B is A * x^(8 |B|) + B, so
 *
 *	crc(AB) = crc(A) * x^(8 |B|) mod P  xor  crc(B)
 *
 * for any P; zlib's crc32_combine() does the same, for its own P only. In the
 * reflected representation the highest bit is the coefficient of x^0.
 */
#include "crc.h"

#define ADLER_BASE 65521	/* RFC 1950 */

const struct crc crc_32 = { .poly = 0xedb88320, .bits = 32 };
const struct crc crc_32c = { .poly = CRC32C_POLY, .bits = 32 };
const struct crc crc_64 = { .poly = 0x9a6c9329ac4bc9b5, .bits = 64 };
const struct crc crc_16_t10 = { .poly = 0xedd1, .bits = 16, .plain = true };

/* a * b mod P */
static uint64_t multiply(const struct crc *crc, uint64_t a, uint64_t b)
{
	uint64_t product = 0;

	for (uint64_t bit = 1ULL << (crc->bits - 1); bit; bit >>= 1) {
		if (a & bit)
			product ^= b;
		b = b & 1 ? b >> 1 ^ crc->poly : b >> 1;	/* times x */
	}
	return product;
}

/* x^(8 n) mod P, by squaring */
static uint64_t shift_bytes(const struct crc *crc, uint64_t n)
{
	uint64_t power = 1ULL << (crc->bits - 1);	/* x^0 */
	uint64_t square = power >> 8;			/* x^8 */

	for (; n; n >>= 1) {
		if (n & 1)
			power = multiply(crc, power, square);
		square = multiply(crc, square, square);
	}
	return power;
}

/* The other way round, if it is a plain one. */
static uint64_t reflect(const struct crc *crc, uint64_t value)
{
	uint64_t reflected = 0;

	if (!crc->plain)
		return value;
	for (unsigned int i = 0; i < crc->bits; i++)
		reflected |= (value >> i & 1) << (crc->bits - 1 - i);
	return reflected;
}

uint64_t crc_combine(const struct crc *crc, uint64_t crc_a, uint64_t crc_b, uint64_t len_b)
{
	uint64_t shifted = multiply(crc, reflect(crc, crc_a), shift_bytes(crc, len_b));

	return reflect(crc, shifted) ^ crc_b;
}

/*
 * The lower half is 1 and the sum of all bytes, the upper the sum of what the lower
 * was after each. With A in front, each of B's lower halves is more by that of A less 1.
 */
uint32_t adler_combine(uint32_t adler_a, uint32_t adler_b, uint64_t len_b)
{
	uint64_t more = ((adler_a & 0xffff) + ADLER_BASE - 1) % ADLER_BASE;
	uint64_t low = ((adler_b & 0xffff) + more) % ADLER_BASE;
	uint64_t high = ((adler_a >> 16) + (adler_b >> 16) + len_b % ADLER_BASE * more) %
			ADLER_BASE;

	return high << 16 | low;
}
