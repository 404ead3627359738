// SPDX-License-Identifier: GPL-2.0
/*
 * The checksum of two parts together, from that of each.
 *
 * A CRC is a remainder modulo a polynomial P over GF(2), with both ends inverted,
 * which cancels out here. A followed by B is A * x^(8 |B|) + B, so
 *
 *	crc(AB) = crc(A) * x^(8 |B|) mod P  xor  crc(B)
 *
 * Numbers are reflected: of n bits, bit n - 1 is the coefficient of x^0.
 */
#include <linux/bitrev.h>
#include <linux/bits.h>

#include "piece.h"
#include "sum.h"

/* Of CRCs, reflected; enum axe_sum_kind. */
static const struct axe_poly {
	u64 poly;
	unsigned int bits;
} axe_polys[] = {
	[AXE_SUM_CRC32]		= { 0xedb88320, 32 },
	[AXE_SUM_CRC32C]	= { 0x82f63b78, 32 },
	[AXE_SUM_CRC64]		= { 0x9a6c9329ac4bc9b5, 64 },
	[AXE_SUM_CRC16_T10]	= { 0xedd1, 16 },
};

/* a * b mod P */
static u64 axe_poly_multiply(const struct axe_poly *p, u64 a, u64 b)
{
	u64 product = 0, bit;

	for (bit = BIT_ULL(p->bits - 1); bit; bit >>= 1) {
		if (a & bit)
			product ^= b;
		b = b & 1 ? b >> 1 ^ p->poly : b >> 1;	/* times x */
	}
	return product;
}

/* x^(8 n) mod P, by squaring: 128 multiplications at most */
static u64 axe_poly_shift_bytes(const struct axe_poly *p, u64 n)
{
	u64 power = BIT_ULL(p->bits - 1);	/* x^0 */
	u64 square = BIT_ULL(p->bits - 9);	/* x^8 */

	for (; n; n >>= 1) {
		if (n & 1)
			power = axe_poly_multiply(p, power, square);
		square = axe_poly_multiply(p, square, square);
	}
	return power;
}

static u64 axe_crc_combine(const struct axe_poly *p, u64 first, u64 second, u64 len)
{
	return axe_poly_multiply(p, first, axe_poly_shift_bytes(p, len)) ^ second;
}

/* T10's is the one that is not reflected. */
static u16 axe_crc16_combine(u16 first, u16 second, u64 len)
{
	const struct axe_poly *p = &axe_polys[AXE_SUM_CRC16_T10];

	return bitrev16(axe_crc_combine(p, bitrev16(first), bitrev16(second), len));
}

/*
 * The lower half of an Adler-32 is 1 plus the sum of all bytes, the upper one the
 * sum of all lower halves on the way.
 */
static u32 axe_adler32_combine(u32 first, u32 second, u64 len)
{
	u64 base = AXE_ADLER_BASE, shift = (first & U16_MAX) + base - 1;
	u64 low = (shift + (second & U16_MAX)) % base;
	u64 high = ((first >> 16) + (second >> 16) + len % base * shift) % base;

	return high << 16 | low;
}

/**
 * axe_combine_check - validate the parameters of a crc-combine command
 * @cmd: the command
 * @ext: its extension slot, all zero if it has none
 *
 * Return: AXE_OK, or what is wrong with them.
 */
static enum axe_code axe_combine_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_sum *p = &cmd->op.sum;
	const struct axe_ext_combine *e = &ext->op.combine;

	if (memchr_inv(p->reserved, 0, sizeof(p->reserved)) ||
	    memchr_inv(e->reserved, 0, sizeof(e->reserved)))
		return AXE_ERR_RESERVED;
	if (p->kind > AXE_SUM_ADLER32 ||
	    !axe_sum_fits(p->kind, le64_to_cpu(e->first)) ||
	    !axe_sum_fits(p->kind, le64_to_cpu(e->second)))
		return AXE_ERR_PARAM;
	return AXE_OK;
}

/**
 * axe_combine_exec - put two checksums together
 * @x: the command; result[0] becomes that of both parts
 *
 * Return: AXE_OK.
 */
static int axe_combine_exec(struct axe_exec *x)
{
	u64 first = le64_to_cpu(x->ext->op.combine.first);
	u64 second = le64_to_cpu(x->ext->op.combine.second);
	u64 len = le64_to_cpu(x->cmd->op.sum.value);
	u8 kind = x->cmd->op.sum.kind;

	if (kind == AXE_SUM_CRC16_T10)
		x->result[0] = axe_crc16_combine(first, second, len);
	else if (kind == AXE_SUM_ADLER32)
		x->result[0] = axe_adler32_combine(first, second, len);
	else
		x->result[0] = axe_crc_combine(&axe_polys[kind], first, second, len);
	return AXE_OK;
}

const struct axe_op axe_op_crc_combine = {
	.name		= "crc-combine",
	.inline_max	= AXE_INLINE_MAX,
	.extends	= true,
	.check		= axe_combine_check,
	.exec		= axe_combine_exec,
};
