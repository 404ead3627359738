// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * A CRC is the remainder of a polynomial over GF(2) (with both ends inverted,
 * which cancels out here). A followed by B is A * x^(8 |B|) + B, so
 *
 *	crc(AB) = crc(A) * x^(8 |B|) mod P  xor  crc(B)
 *
 * for any P; zlib's crc32_combine() does the same, for its own P only. In the
 * reflected representation bit 31 is the coefficient of x^0.
 */
#include "crc.h"

/* a * b mod P */
static uint32_t multiply(uint32_t poly, uint32_t a, uint32_t b)
{
	uint32_t product = 0;

	for (uint32_t bit = 1U << 31; bit; bit >>= 1) {
		if (a & bit)
			product ^= b;
		b = b & 1 ? b >> 1 ^ poly : b >> 1;	/* times x */
	}
	return product;
}

/* x^(8 n) mod P, by squaring */
static uint32_t shift_bytes(uint32_t poly, uint64_t n)
{
	uint32_t power = 1U << 31;	/* x^0 */
	uint32_t square = 1U << 23;	/* x^8 */

	for (; n; n >>= 1) {
		if (n & 1)
			power = multiply(poly, power, square);
		square = multiply(poly, square, square);
	}
	return power;
}

uint32_t crc_combine(uint32_t poly, uint32_t crc_a, uint32_t crc_b, uint64_t len_b)
{
	return multiply(poly, crc_a, shift_bytes(poly, len_b)) ^ crc_b;
}
