// SPDX-License-Identifier: GPL-2.0
/*
 * Parity and erasure codes: each destination is a sum of sources, each multiplied with a
 * coefficient of GF(2^8).
 *
 * The sums go by Horner's rule over the bits of the coefficients, from the highest: double
 * what there is, add the sources whose coefficient has the bit. That needs no tables that
 * the data would be looked up in, works on words, and costs half of 8 additions a source
 * and 8 doublings in all; for XOR and RAID-6 it becomes what these are anyway.
 */
#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/minmax.h>
#include <linux/unaligned.h>

#include "gf.h"
#include "piece.h"

/* So much of each lane at a time that all sources stay in the nearest cache meanwhile. */
#define AXE_PARITY_TILE		512
/* Words that are summed up side by side. */
#define AXE_PARITY_WORDS	4
#define AXE_PARITY_BYTES	(AXE_PARITY_WORDS * sizeof(u64))

#define AXE_NO_DIFFERENCE	(~0ULL)

/**
 * struct axe_parity_row - how a destination is made
 * @top:	the highest bit that any coefficient has
 * @num:	how many have the bit
 * @src:	which, from the highest bit to the lowest
 */
struct axe_parity_row {
	u8 top;
	u8 num[8];
	u8 src[8 * AXE_XOR_MAX_SRC];
};

/**
 * struct axe_parity - private memory of a command
 * @num_src:	sources that are summed up; those behind are left alone, or compared with
 * @num_rows:	sums
 * @work:	for begin()
 * @coef:	likewise
 * @row:	how each is made
 */
struct axe_parity {
	unsigned int num_src;
	unsigned int num_rows;
	struct axe_gf_work work;
	u8 coef[AXE_XOR_MAX_SRC];
	struct axe_parity_row row[];
};

/* Coefficients of the fragments that are no data; those are rows of the unit matrix. */
enum axe_code_kind {
	AXE_CODE_PQ,		/* 1; 2^column */
	AXE_CODE_CAUCHY,	/* 1 / (row + column) */
};

/**
 * axe_parity_priv_need - private memory of a command on lanes
 * @x: the command
 */
static size_t axe_parity_priv_need(const struct axe_exec *x)
{
	/* A check has two rows at most, and no destinations. */
	return sizeof(struct axe_parity) +
	       max(x->num_dst, 2U) * sizeof(struct axe_parity_row);
}

/*---- how sums are made ----*/

static void axe_parity_add_row(struct axe_parity *p, const u8 *coef)
{
	struct axe_parity_row *row = &p->row[p->num_rows++];
	unsigned int n = 0, i;
	int bit;

	row->top = 0;
	for (bit = 7; bit >= 0; bit--) {
		row->num[bit] = 0;
		for (i = 0; i < p->num_src; i++) {
			if (!(coef[i] & BIT(bit)))
				continue;
			row->src[n++] = i;
			row->num[bit]++;
		}
		if (row->num[bit] && !row->top)
			row->top = bit;
	}
}

static u8 axe_code_coef(enum axe_code_kind kind, unsigned int data, unsigned int row,
			unsigned int column)
{
	u8 power = 1;

	if (row < data)
		return row == column;
	if (kind == AXE_CODE_CAUCHY)
		return axe_gf_inv(row ^ column);
	if (row == data)
		return 1;
	while (column--)
		power = axe_gf_mul(power, 2);
	return power;
}

/* Of a fragment by those that are there, whose matrix is inverted. */
static void axe_code_solve(struct axe_parity *p, enum axe_code_kind kind, unsigned int row)
{
	unsigned int data = p->num_src, c, i;

	memset(p->coef, 0, sizeof(p->coef));
	for (c = 0; c < data; c++) {
		u8 by = axe_code_coef(kind, data, row, c);

		if (!by)
			continue;
		for (i = 0; i < data; i++)
			p->coef[i] ^= axe_gf_mul(by, p->work.b[c][i]);
	}
	axe_parity_add_row(p, p->coef);
}

/*
 * Make the @lost fragments of the first @data that are @present. Fragments are counted from
 * the data on, 64 at most.
 */
static enum axe_code axe_code_begin(struct axe_exec *x, enum axe_code_kind kind,
				    unsigned int data, u64 present, u64 lost)
{
	struct axe_parity *p = x->priv;
	unsigned int row, c, n = 0;

	p->num_src = data;
	p->num_rows = 0;
	for (row = 0; row < 64 && n < data; row++) {
		if (!(present & BIT_ULL(row)))
			continue;
		for (c = 0; c < data; c++)
			p->work.a[n][c] = axe_code_coef(kind, data, row, c);
		n++;
	}
	if (n < data || !axe_gf_invert(&p->work, data))
		return AXE_ERR_PARAM;
	for (row = 0; row < 64; row++)
		if (lost & BIT_ULL(row))
			axe_code_solve(p, kind, row);
	return AXE_OK;
}

/* Fragments @first and @num - 1 behind. */
static u64 axe_fragments(unsigned int first, unsigned int num)
{
	return num ? (~0ULL >> (64 - num)) << first : 0;
}

/* Parity from data: as if it were lost. */
static enum axe_code axe_code_begin_encode(struct axe_exec *x, enum axe_code_kind kind,
					   unsigned int data, unsigned int parity)
{
	return axe_code_begin(x, kind, data, axe_fragments(0, data), axe_fragments(data, parity));
}

static enum axe_code axe_xor_begin_sum(struct axe_exec *x, unsigned int num)
{
	struct axe_parity *p = x->priv;

	p->num_src = num;
	p->num_rows = 0;
	memset(p->coef, 1, num);
	axe_parity_add_row(p, p->coef);
	return AXE_OK;
}

/**
 * axe_xor_begin - look at how many lanes there are
 * @x: the command
 *
 * Return: AXE_OK or AXE_ERR_PARAM.
 */
static enum axe_code axe_xor_begin(struct axe_exec *x)
{
	if (x->num_src < 2 || x->num_src > AXE_XOR_MAX_SRC || x->num_dst != 1)
		return AXE_ERR_PARAM;
	return axe_xor_begin_sum(x, x->num_src);
}

/**
 * axe_xor_check_begin - likewise; the last lane is to be the sum of the others
 * @x: the command
 *
 * Return: AXE_OK or AXE_ERR_PARAM.
 */
static enum axe_code axe_xor_check_begin(struct axe_exec *x)
{
	if (x->num_src < 2 || x->num_src > AXE_XOR_MAX_SRC)
		return AXE_ERR_PARAM;
	return axe_xor_begin_sum(x, x->num_src - 1);
}

/**
 * axe_pq_begin - prepare to make P and Q of data
 * @x: the command
 *
 * Return: AXE_OK or AXE_ERR_PARAM.
 */
static enum axe_code axe_pq_begin(struct axe_exec *x)
{
	if (!x->num_src || x->num_src > AXE_CODE_MAX_DATA || x->num_dst != 2)
		return AXE_ERR_PARAM;
	return axe_code_begin_encode(x, AXE_CODE_PQ, x->num_src, 2);
}

/**
 * axe_pq_check_begin - prepare to compare P and Q, the last lanes, with the data's
 * @x: the command
 *
 * Return: AXE_OK or AXE_ERR_PARAM.
 */
static enum axe_code axe_pq_check_begin(struct axe_exec *x)
{
	if (x->num_src < 3 || x->num_src > AXE_CODE_MAX_DATA + 2)
		return AXE_ERR_PARAM;
	return axe_code_begin_encode(x, AXE_CODE_PQ, x->num_src - 2, 2);
}

/**
 * axe_pq_recover_check - validate the block of a pq-recover command
 * @cmd: the command
 * @ext: its extension slot
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_pq_recover_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_pq *b = &cmd->op.pq;

	if (memchr_inv(b->reserved, 0, sizeof(b->reserved)))
		return AXE_ERR_RESERVED;
	if (!b->data || b->data > AXE_CODE_MAX_DATA || b->lost[0] > b->data + 1)
		return AXE_ERR_PARAM;
	if (b->lost[1] != AXE_PQ_NONE &&
	    (b->lost[1] > b->data + 1 || b->lost[1] <= b->lost[0]))
		return AXE_ERR_PARAM;
	return AXE_OK;
}

/**
 * axe_pq_recover_begin - find out how what is lost follows from what is there
 * @x: the command
 *
 * Return: AXE_OK or AXE_ERR_PARAM.
 */
static enum axe_code axe_pq_recover_begin(struct axe_exec *x)
{
	const struct axe_cmd_pq *b = &x->cmd->op.pq;
	u64 lost = BIT_ULL(b->lost[0]);
	unsigned int num = 1;

	if (b->lost[1] != AXE_PQ_NONE) {
		lost |= BIT_ULL(b->lost[1]);
		num = 2;
	}
	if (x->num_src != b->data + 2 - num || x->num_dst != num)
		return AXE_ERR_PARAM;
	return axe_code_begin(x, AXE_CODE_PQ, b->data,
			      axe_fragments(0, b->data + 2) & ~lost, lost);
}

/**
 * axe_erasure_begin - take over the matrix
 * @x: the command; its third operand is the matrix, a row a destination
 *
 * Return: AXE_OK; AXE_ERR_PARAM; AXE_ERR_LENGTH: a matrix for other lists.
 */
static enum axe_code axe_erasure_begin(struct axe_exec *x)
{
	struct axe_parity *p = x->priv;
	unsigned int i;

	if (!x->num_src || x->num_src > AXE_CODE_MAX_DATA ||
	    !x->num_dst || x->num_dst > AXE_CODE_MAX_PARITY)
		return AXE_ERR_PARAM;
	if (x->aux_len != (size_t)x->num_src * x->num_dst)
		return AXE_ERR_LENGTH;
	p->num_src = x->num_src;
	p->num_rows = 0;
	for (i = 0; i < x->num_dst; i++)
		axe_parity_add_row(p, x->aux + i * x->num_src);
	return AXE_OK;
}

/**
 * axe_rs_encode_begin - prepare to make parity of data
 * @x: the command
 *
 * Return: AXE_OK or AXE_ERR_PARAM.
 */
static enum axe_code axe_rs_encode_begin(struct axe_exec *x)
{
	if (!x->num_src || x->num_src > AXE_CODE_MAX_DATA ||
	    !x->num_dst || x->num_dst > AXE_CODE_MAX_PARITY)
		return AXE_ERR_PARAM;
	return axe_code_begin_encode(x, AXE_CODE_CAUCHY, x->num_src, x->num_dst);
}

/**
 * axe_rs_recover_check - validate the extension of an rs-recover command
 * @cmd: the command
 * @ext: its extension slot
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_rs_recover_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_ext_rs *e = &ext->op.rs;
	u64 present = le64_to_cpu(e->present), lost = le64_to_cpu(e->lost);

	if (memchr_inv(cmd->op.raw, 0, sizeof(cmd->op.raw)) ||
	    memchr_inv(e->reserved, 0, sizeof(e->reserved)))
		return AXE_ERR_RESERVED;
	if (!e->data || e->data > AXE_CODE_MAX_DATA ||
	    !e->parity || e->parity > AXE_CODE_MAX_PARITY)
		return AXE_ERR_PARAM;
	if ((present | lost) & ~axe_fragments(0, e->data + e->parity) || present & lost)
		return AXE_ERR_PARAM;
	if (hweight64(present) != e->data || !lost)
		return AXE_ERR_PARAM;
	return AXE_OK;
}

/**
 * axe_rs_recover_begin - find out how what is lost follows from what is there
 * @x: the command
 *
 * Return: AXE_OK or AXE_ERR_PARAM.
 */
static enum axe_code axe_rs_recover_begin(struct axe_exec *x)
{
	const struct axe_ext_rs *e = &x->ext->op.rs;
	u64 present = le64_to_cpu(e->present), lost = le64_to_cpu(e->lost);

	if (x->num_src != e->data || x->num_dst != hweight64(lost))
		return AXE_ERR_PARAM;
	return axe_code_begin(x, AXE_CODE_CAUCHY, e->data, present, lost);
}

/*---- sums ----*/

static inline u64 axe_parity_load(const u8 *p)
{
	return get_unaligned((const u64 *)p);
}

/* Of AXE_PARITY_WORDS words at @at. */
static void axe_parity_sum(const struct axe_parity_row *row, u8 *const *src, size_t at,
			   u64 sum[AXE_PARITY_WORDS])
{
	u64 s0 = 0, s1 = 0, s2 = 0, s3 = 0;
	const u8 *i = row->src, *end;
	int bit;

	for (bit = row->top;; bit--) {
		for (end = i + row->num[bit]; i < end; i++) {
			const u8 *p = src[*i] + at;

			s0 ^= axe_parity_load(p);
			s1 ^= axe_parity_load(p + 8);
			s2 ^= axe_parity_load(p + 16);
			s3 ^= axe_parity_load(p + 24);
		}
		if (!bit)
			break;
		s0 = axe_gf_double(s0);
		s1 = axe_gf_double(s1);
		s2 = axe_gf_double(s2);
		s3 = axe_gf_double(s3);
	}
	sum[0] = s0;
	sum[1] = s1;
	sum[2] = s2;
	sum[3] = s3;
}

/* Of at most a word: what a piece ends with. */
static u64 axe_parity_sum_short(const struct axe_parity_row *row, u8 *const *src, size_t at,
				size_t len)
{
	const u8 *i = row->src, *end;
	u64 sum = 0, word;
	int bit;

	for (bit = row->top;; bit--) {
		for (end = i + row->num[bit]; i < end; i++) {
			word = 0;
			memcpy(&word, src[*i] + at, len);
			sum ^= word;
		}
		if (!bit)
			return sum;
		sum = axe_gf_double(sum);
	}
}

/* Up to AXE_PARITY_BYTES at @at; returns how many. */
static size_t axe_parity_some(const struct axe_parity_row *row, u8 *const *src, size_t at,
			      size_t end, u64 sum[AXE_PARITY_WORDS])
{
	size_t len = end - at;

	if (len >= AXE_PARITY_BYTES) {
		axe_parity_sum(row, src, at, sum);
		return AXE_PARITY_BYTES;
	}
	len = min(len, sizeof(*sum));
	*sum = axe_parity_sum_short(row, src, at, len);
	return len;
}

static void axe_parity_make(const struct axe_parity_row *row, u8 *const *src, u8 *dst, size_t at,
			    size_t end)
{
	u64 sum[AXE_PARITY_WORDS];
	size_t n;

	for (; at < end; at += n) {
		n = axe_parity_some(row, src, at, end, sum);
		memcpy(dst + at, sum, n);
	}
}

/**
 * axe_parity_exec - make the sums
 * @x: the command
 *
 * Return: AXE_OK or AXE_EXEC_MORE.
 */
static int axe_parity_exec(struct axe_exec *x)
{
	const struct axe_parity *p = x->priv;
	size_t at, end;
	unsigned int i;

	for (at = 0; at < x->lane_len; at = end) {
		end = min(at + AXE_PARITY_TILE, x->lane_len);
		for (i = 0; i < p->num_rows; i++)
			axe_parity_make(&p->row[i], x->lanes, x->lanes[x->num_src + i], at, end);
	}
	x->done += (u64)x->lane_len * x->num_dst;
	return x->lane_end ? AXE_OK : AXE_EXEC_MORE;
}

/* Where @lane is not the sum, or @end. */
static size_t axe_parity_differs(const struct axe_parity_row *row, u8 *const *src,
				 const u8 *lane, size_t at, size_t end)
{
	u64 sum[AXE_PARITY_WORDS], word[AXE_PARITY_WORDS];
	size_t n, i;

	for (; at < end; at += n) {
		n = axe_parity_some(row, src, at, end, sum);
		/* The process may write to it meanwhile: one look. */
		memcpy(word, lane + at, n);
		if (!memcmp(sum, word, n))
			continue;
		for (i = 0; ((u8 *)sum)[i] == ((u8 *)word)[i]; i++)
			;
		return at + i;
	}
	return end;
}

/**
 * axe_parity_check_exec - find the first place where parity is not what data says
 * @x: the command; result[0] becomes the offset, or ~0 if there is none
 *
 * Return: AXE_OK or AXE_EXEC_MORE.
 */
static int axe_parity_check_exec(struct axe_exec *x)
{
	const struct axe_parity *p = x->priv;
	size_t at, end, next;
	unsigned int i;

	for (at = 0; at < x->lane_len; at = next) {
		next = min(at + AXE_PARITY_TILE, x->lane_len);
		end = next;
		for (i = 0; i < p->num_rows; i++)
			end = axe_parity_differs(&p->row[i], x->lanes, x->lanes[p->num_src + i],
						 at, end);
		if (end < next) {
			x->done += end;
			x->result[0] = x->done;
			return AXE_OK;
		}
	}
	x->done += x->lane_len;
	x->result[0] = AXE_NO_DIFFERENCE;
	return x->lane_end ? AXE_OK : AXE_EXEC_MORE;
}

/* Of each lane, of which there may be 64, all multiplied with each other. */
#define AXE_STEP_LANES		SZ_4K

const struct axe_op axe_op_xor = {
	.name		= "xor",
	.flags		= AXE_OP_READS_SRC | AXE_OP_SRC_LIST |
			  AXE_OP_WRITES_DST | AXE_OP_DST_LIST,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.max_src_list	= AXE_XOR_MAX_SRC,
	.max_dst_list	= 1,
	.inline_max	= AXE_INLINE_NEVER,
	.step		= AXE_STEP_LANES,
	.lanes		= true,
	.priv_need	= axe_parity_priv_need,
	.begin		= axe_xor_begin,
	.exec		= axe_parity_exec,
};

const struct axe_op axe_op_xor_check = {
	.name		= "xor-check",
	.flags		= AXE_OP_READS_SRC | AXE_OP_SRC_LIST,
	.max_src	= AXE_OPERAND_MAX,
	.max_src_list	= AXE_XOR_MAX_SRC,
	.inline_max	= AXE_INLINE_NEVER,
	.step		= AXE_STEP_LANES,
	.lanes		= true,
	.priv_need	= axe_parity_priv_need,
	.begin		= axe_xor_check_begin,
	.exec		= axe_parity_check_exec,
};

const struct axe_op axe_op_pq_generate = {
	.name		= "pq-generate",
	.flags		= AXE_OP_READS_SRC | AXE_OP_SRC_LIST |
			  AXE_OP_WRITES_DST | AXE_OP_DST_LIST,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.max_src_list	= AXE_CODE_MAX_DATA,
	.max_dst_list	= 2,
	.inline_max	= AXE_INLINE_NEVER,
	.step		= AXE_STEP_LANES,
	.lanes		= true,
	.priv_need	= axe_parity_priv_need,
	.begin		= axe_pq_begin,
	.exec		= axe_parity_exec,
};

const struct axe_op axe_op_pq_check = {
	.name		= "pq-check",
	.flags		= AXE_OP_READS_SRC | AXE_OP_SRC_LIST,
	.max_src	= AXE_OPERAND_MAX,
	.max_src_list	= AXE_CODE_MAX_DATA + 2,
	.inline_max	= AXE_INLINE_NEVER,
	.step		= AXE_STEP_LANES,
	.lanes		= true,
	.priv_need	= axe_parity_priv_need,
	.begin		= axe_pq_check_begin,
	.exec		= axe_parity_check_exec,
};

const struct axe_op axe_op_pq_recover = {
	.name		= "pq-recover",
	.flags		= AXE_OP_READS_SRC | AXE_OP_SRC_LIST |
			  AXE_OP_WRITES_DST | AXE_OP_DST_LIST,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.max_src_list	= AXE_CODE_MAX_DATA + 1,
	.max_dst_list	= 2,
	.inline_max	= AXE_INLINE_NEVER,
	.step		= AXE_STEP_LANES,
	.lanes		= true,
	.priv_need	= axe_parity_priv_need,
	.check		= axe_pq_recover_check,
	.begin		= axe_pq_recover_begin,
	.exec		= axe_parity_exec,
};

const struct axe_op axe_op_erasure = {
	.name		= "erasure",
	.flags		= AXE_OP_READS_SRC | AXE_OP_SRC_LIST |
			  AXE_OP_WRITES_DST | AXE_OP_DST_LIST | AXE_OP_READS_AUX,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.max_aux	= AXE_CODE_MAX_DATA * AXE_CODE_MAX_PARITY,
	.max_src_list	= AXE_CODE_MAX_DATA,
	.max_dst_list	= AXE_CODE_MAX_PARITY,
	.inline_max	= AXE_INLINE_NEVER,
	.step		= AXE_STEP_LANES,
	.load_aux	= true,
	.lanes		= true,
	.priv_need	= axe_parity_priv_need,
	.begin		= axe_erasure_begin,
	.exec		= axe_parity_exec,
};

const struct axe_op axe_op_rs_encode = {
	.name		= "rs-encode",
	.flags		= AXE_OP_READS_SRC | AXE_OP_SRC_LIST |
			  AXE_OP_WRITES_DST | AXE_OP_DST_LIST,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.max_src_list	= AXE_CODE_MAX_DATA,
	.max_dst_list	= AXE_CODE_MAX_PARITY,
	.inline_max	= AXE_INLINE_NEVER,
	.step		= AXE_STEP_LANES,
	.lanes		= true,
	.priv_need	= axe_parity_priv_need,
	.begin		= axe_rs_encode_begin,
	.exec		= axe_parity_exec,
};

const struct axe_op axe_op_rs_recover = {
	.name		= "rs-recover",
	.flags		= AXE_OP_READS_SRC | AXE_OP_SRC_LIST |
			  AXE_OP_WRITES_DST | AXE_OP_DST_LIST,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.max_src_list	= AXE_CODE_MAX_DATA,
	.max_dst_list	= AXE_CODE_MAX_PARITY,
	.inline_max	= AXE_INLINE_NEVER,
	.step		= AXE_STEP_LANES,
	.extends	= true,
	.lanes		= true,
	.priv_need	= axe_parity_priv_need,
	.check		= axe_rs_recover_check,
	.begin		= axe_rs_recover_begin,
	.exec		= axe_parity_exec,
};
