// SPDX-License-Identifier: GPL-2.0
/*
 * Product of two matrices of signed bytes, with 32 bit sums, or requantised to bytes.
 *
 * Sizes go up to 4096, so that a sum is 2^26 at most (4096 * -128 * -128), and two of
 * them fit into 64 bits: two rows of the first matrix are worked on at a time, the
 * second shifted up by 32 bits, and one multiplication does for both. What the lower sum
 * borrows, where it is negative, is given back at the end.
 */
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "piece.h"

#define AXE_MATMUL_FLAGS_ALL	(AXE_MATMUL_TRANSPOSED | AXE_MATMUL_REQUANT)
/* Multiplications at a time, each of which is two: less than a millisecond. */
#define AXE_MATMUL_STEP		(512 * 1024)

/**
 * struct axe_matmul - a command's state
 * @m:		rows of A and C
 * @k:		columns of A, rows of B
 * @n:		columns of B and C
 * @size:	bytes of an element of C
 * @row:	the first of the two rows that are worked on
 * @rows:	2, or 1 if it is the last
 * @have:	bytes of them that were read
 * @at:		column of B to be done next, row of B if that is how it lies
 * @out:	elements of the rows of C that were written
 * @part:	bytes of the next that were written
 * @multiplier:	of the requantisation
 * @shift:	likewise
 * @zero:	likewise
 * @requant:	requantise
 * @transposed:	B is stored by columns
 * @sum:	@n sums, of both rows
 * @pair:	@k columns of both rows; behind them @sum
 */
struct axe_matmul {
	u32 m;
	u32 k;
	u32 n;
	u32 size;
	u32 row;
	u32 rows;
	u32 have;
	u32 at;
	u32 out;
	u32 part;
	s32 multiplier;
	u32 shift;
	s32 zero;
	bool requant;
	bool transposed;
	s64 *sum;
	s64 pair[];
};

static bool axe_matmul_sized(__le16 size)
{
	return le16_to_cpu(size) && le16_to_cpu(size) <= AXE_MATMUL_MAX;
}

/**
 * axe_matmul_check - validate a matmul-i8 command's block and lengths
 * @cmd: the command
 * @ext: its extension slot
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_matmul_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_matmul *p = &cmd->op.matmul;
	u16 flags = le16_to_cpu(p->flags);
	u64 k = le16_to_cpu(p->k);

	if (flags & ~AXE_MATMUL_FLAGS_ALL || memchr_inv(p->reserved, 0, sizeof(p->reserved)))
		return AXE_ERR_RESERVED;
	if (!(flags & AXE_MATMUL_REQUANT) && (p->multiplier || p->shift || p->zero_point))
		return AXE_ERR_RESERVED;
	if (!axe_matmul_sized(p->m) || !axe_matmul_sized(p->k) || !axe_matmul_sized(p->n) ||
	    p->shift > 31)
		return AXE_ERR_PARAM;
	if (le32_to_cpu(cmd->src.length) != le16_to_cpu(p->m) * k ||
	    le32_to_cpu(ext->aux.length) != le16_to_cpu(p->n) * k)
		return AXE_ERR_LENGTH;
	return AXE_OK;
}

/**
 * axe_matmul_priv_need - private memory of a matmul-i8 command
 * @x: the command
 *
 * Return: bytes.
 */
static size_t axe_matmul_priv_need(const struct axe_exec *x)
{
	const struct axe_cmd_matmul *p = &x->cmd->op.matmul;
	size_t words = (size_t)le16_to_cpu(p->k) + le16_to_cpu(p->n);

	return sizeof(struct axe_matmul) + words * sizeof(s64);
}

static void axe_matmul_next_rows(struct axe_matmul *s)
{
	s->rows = min(s->m - s->row, 2U);
	s->have = 0;
	s->at = 0;
	s->out = 0;
	memset(s->sum, 0, s->n * sizeof(*s->sum));
}

/**
 * axe_matmul_begin - prepare to multiply
 * @x: the command
 *
 * Return: AXE_OK or AXE_ERR_FULL.
 */
static enum axe_code axe_matmul_begin(struct axe_exec *x)
{
	const struct axe_cmd_matmul *p = &x->cmd->op.matmul;
	u16 flags = le16_to_cpu(p->flags);
	struct axe_matmul *s = x->priv;

	*s = (struct axe_matmul) {
		.m = le16_to_cpu(p->m),
		.k = le16_to_cpu(p->k),
		.n = le16_to_cpu(p->n),
		.size = flags & AXE_MATMUL_REQUANT ? sizeof(s8) : sizeof(s32),
		.multiplier = le32_to_cpu(p->multiplier),
		.shift = p->shift,
		.zero = p->zero_point,
		.requant = flags & AXE_MATMUL_REQUANT,
		.transposed = flags & AXE_MATMUL_TRANSPOSED,
	};
	s->sum = s->pair + s->k;
	axe_matmul_next_rows(s);
	if (le32_to_cpu(x->cmd->dst.length) < (u64)s->m * s->n * s->size)
		return AXE_ERR_FULL;
	return AXE_OK;
}

/* Read the two rows. False: there is more of them to come. */
static bool axe_matmul_load(struct axe_exec *x, struct axe_matmul *s)
{
	while (s->have < s->rows * s->k && x->src_len) {
		bool second = s->have >= s->k;
		u32 at = second ? s->have - s->k : s->have;
		size_t n = min_t(size_t, s->k - at, x->src_len), i;

		for (i = 0; i < n; i++) {
			s64 v = (s8)x->src[i];

			if (second)
				s->pair[at + i] += v * (1LL << 32);
			else
				s->pair[at + i] = v;
		}
		axe_src_take(x, n);
		s->have += n;
	}
	return s->have == s->rows * s->k;
}

static s64 axe_matmul_dot(const s64 *pair, const u8 *column, u32 k)
{
	s64 sum = 0;
	u32 i;

	for (i = 0; i < k; i++)
		sum += pair[i] * (s8)column[i];
	return sum;
}

static void axe_matmul_add(s64 *sum, s64 pair, const u8 *row, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		sum[i] += pair * (s8)row[i];
}

/* @budget: multiplications that there is time for. False: that was not enough. */
static bool axe_matmul_multiply(struct axe_exec *x, struct axe_matmul *s, s32 *budget)
{
	u32 line = s->transposed ? s->k : s->n;
	u32 end = s->transposed ? s->n : s->k;

	for (; s->at < end; s->at++, *budget -= line) {
		const u8 *b = x->aux + (size_t)s->at * line;

		if (*budget <= 0)
			return false;
		if (s->transposed)
			s->sum[s->at] = axe_matmul_dot(s->pair, b, line);
		else
			axe_matmul_add(s->sum, s->pair[s->at], b, line);
	}
	return true;
}

/*
 * gemmlowp's SaturatingRoundingDoublingHighMul() (fixedpoint/fixedpoint.h): a * b / 2^31,
 * to the nearest, halves up. What it saturates, both factors -2^31, does not occur here.
 */
static s32 axe_mul_high(s32 a, s32 b)
{
	s64 ab = (s64)a * b;
	s64 nudge = ab >= 0 ? 1LL << 30 : 1 - (1LL << 30);

	return (ab + nudge) / (1LL << 31);
}

/* gemmlowp's RoundingDivideByPOT(): v / 2^shift, to the nearest, halves away from 0. */
static s32 axe_rounding_shift(s32 v, unsigned int shift)
{
	s32 mask = (1LL << shift) - 1;
	s32 threshold = (mask >> 1) + (v < 0);

	return (v >> shift) + ((v & mask) > threshold);
}

static s32 axe_requantise(const struct axe_matmul *s, s32 sum)
{
	s32 v = axe_rounding_shift(axe_mul_high(sum, s->multiplier), s->shift) + s->zero;

	return min(max(v, -128), 127);
}

/* An element of the two rows of C. */
static s32 axe_matmul_element(const struct axe_matmul *s, u32 i)
{
	s64 both = s->sum[i < s->n ? i : i - s->n];
	s32 sum = both;

	if (i >= s->n)
		sum = (both - sum) >> 32;
	return s->requant ? axe_requantise(s, sum) : sum;
}

/* Write the two rows. False: there is no room for more. */
static bool axe_matmul_store(struct axe_exec *x, struct axe_matmul *s)
{
	while (s->out < s->rows * s->n) {
		__le32 v = cpu_to_le32(axe_matmul_element(s, s->out));
		size_t n = min_t(size_t, s->size - s->part, x->dst_len);

		memcpy(x->dst, (u8 *)&v + s->part, n);
		axe_dst_put(x, n);
		s->part += n;
		if (s->part < s->size)
			return false;
		s->part = 0;
		s->out++;
	}
	return true;
}

/**
 * axe_matmul_exec - multiply two matrices
 * @x: the command
 *
 * Return: AXE_OK, AXE_EXEC_MORE or AXE_EXEC_AGAIN.
 */
static int axe_matmul_exec(struct axe_exec *x)
{
	struct axe_matmul *s = x->priv;
	s32 budget = AXE_MATMUL_STEP;

	for (;;) {
		if (!axe_matmul_load(x, s))
			return x->src_end ? AXE_ERR_TRUNCATED : AXE_EXEC_MORE;
		if (!axe_matmul_multiply(x, s, &budget))
			return AXE_EXEC_AGAIN;
		if (!axe_matmul_store(x, s))
			return axe_dst_short(x);
		s->row += s->rows;
		if (s->row == s->m)
			return AXE_OK;
		axe_matmul_next_rows(s);
	}
}

const struct axe_op axe_op_matmul_i8 = {
	.name		= "matmul-i8",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST | AXE_OP_READS_AUX,
	.max_src	= AXE_MATMUL_MAX * AXE_MATMUL_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.max_aux	= AXE_MATMUL_MAX * AXE_MATMUL_MAX,
	.inline_max	= AXE_INLINE_NEVER,
	.load_aux	= true,
	.priv_need	= axe_matmul_priv_need,
	.check		= axe_matmul_check,
	.begin		= axe_matmul_begin,
	.exec		= axe_matmul_exec,
};
