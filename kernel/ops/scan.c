// SPDX-License-Identifier: GPL-2.0
/*
 * Arrays of integers of 1 to 32 bits: scan, select, expand, extract, as in Intel's
 * In-Memory Analytics Accelerator, with the packed array as its format.
 *
 * Element i is the bits i * width and up, counted from bit 0 of the first byte. A piece
 * may end within an element, so what was read of it, and what is not yet a whole byte
 * of the destination, is kept in private memory from piece to piece.
 */
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "piece.h"

/* Elements at a time: a millisecond or less. */
#define AXE_SCAN_STEP	65536

/* Bits on their way: at most 63, the next is the least significant. */
struct axe_bits {
	u64 bits;
	unsigned int num;
};

/**
 * struct axe_scan - a command's state
 * @src:	read of the source, not used yet
 * @aux:	likewise of the bit vector
 * @dst:	not written yet
 * @skip:	bytes of the source to leave out
 * @drop:	bits to leave out behind them, fewer than 8
 * @at:		the next element
 * @end:	one behind the last
 * @count:	the first result
 * @first:	the second
 * @width:	of an element
 * @low:	scan: least value that matches
 * @span:	scan: how much greater the greatest is
 */
struct axe_scan {
	struct axe_bits src;
	struct axe_bits aux;
	struct axe_bits dst;
	u64 skip;
	unsigned int drop;
	u32 at;
	u32 end;
	u64 count;
	u64 first;
	unsigned int width;
	u32 low;
	u32 span;
};

static u64 axe_packed_bytes(u32 num, unsigned int width)
{
	return ((u64)num * width + 7) / 8;
}

static enum axe_code axe_packed_check(const struct axe_cmd_scan *p)
{
	if (memchr_inv(p->reserved, 0, sizeof(p->reserved)))
		return AXE_ERR_RESERVED;
	return p->width && p->width <= 32 ? AXE_OK : AXE_ERR_PARAM;
}

/* Of an array of integers and a vector of as many bits; no range. */
static enum axe_code axe_masked_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_scan *p = &cmd->op.scan;
	enum axe_code code;

	if (p->low || p->high)
		return AXE_ERR_RESERVED;
	code = axe_packed_check(p);
	if (code == AXE_OK &&
	    le32_to_cpu(ext->aux.length) != axe_packed_bytes(le32_to_cpu(p->num), 1))
		code = AXE_ERR_LENGTH;
	return code;
}

static bool axe_packed_src_fits(const struct axe_cmd *cmd)
{
	const struct axe_cmd_scan *p = &cmd->op.scan;

	return le32_to_cpu(cmd->src.length) == axe_packed_bytes(le32_to_cpu(p->num), p->width);
}

/**
 * axe_scan_check - validate a scan command's block
 * @cmd: the command
 * @ext: its extension slot
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_scan_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_scan *p = &cmd->op.scan;
	enum axe_code code = axe_packed_check(p);

	if (code != AXE_OK)
		return code;
	if (le32_to_cpu(p->low) > le32_to_cpu(p->high))
		return AXE_ERR_PARAM;
	return axe_packed_src_fits(cmd) ? AXE_OK : AXE_ERR_LENGTH;
}

/**
 * axe_extract_check - validate an extract command's block
 * @cmd: the command
 * @ext: its extension slot
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_extract_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_scan *p = &cmd->op.scan;
	enum axe_code code = axe_scan_check(cmd, ext);

	/* There is no range of nothing. */
	if (code == AXE_OK && le32_to_cpu(p->high) >= le32_to_cpu(p->num))
		code = AXE_ERR_PARAM;
	return code;
}

/**
 * axe_select_check - validate a select command's block
 * @cmd: the command
 * @ext: its extension slot
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_select_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	enum axe_code code = axe_masked_check(cmd, ext);

	if (code == AXE_OK && !axe_packed_src_fits(cmd))
		code = AXE_ERR_LENGTH;
	return code;
}

/**
 * axe_expand_check - validate an expand command's block
 * @cmd: the command
 * @ext: its extension slot
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_expand_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_scan *p = &cmd->op.scan;
	enum axe_code code = axe_masked_check(cmd, ext);

	/* How many elements it takes, only the bit vector says. */
	if (code == AXE_OK &&
	    le32_to_cpu(cmd->src.length) > axe_packed_bytes(le32_to_cpu(p->num), p->width))
		code = AXE_ERR_LENGTH;
	return code;
}

/**
 * axe_scan_priv_size - private memory of all four
 *
 * Return: bytes.
 */
static size_t axe_scan_priv_size(void)
{
	return sizeof(struct axe_scan);
}

/* @need: bytes that it is going to write, if that is known. */
static enum axe_code axe_packed_begin(struct axe_exec *x, u64 need)
{
	const struct axe_cmd_scan *p = &x->cmd->op.scan;
	struct axe_scan *s = x->priv;

	*s = (struct axe_scan) {
		.end = le32_to_cpu(p->num),
		.width = p->width,
	};
	x->result[0] = 0;
	x->result[1] = 0;
	return le32_to_cpu(x->cmd->dst.length) < need ? AXE_ERR_FULL : AXE_OK;
}

/**
 * axe_scan_begin - prepare to scan
 * @x: the command
 *
 * Return: AXE_OK or AXE_ERR_FULL.
 */
static enum axe_code axe_scan_begin(struct axe_exec *x)
{
	const struct axe_cmd_scan *p = &x->cmd->op.scan;
	enum axe_code code = axe_packed_begin(x, axe_packed_bytes(le32_to_cpu(p->num), 1));
	struct axe_scan *s = x->priv;

	s->low = le32_to_cpu(p->low);
	s->span = le32_to_cpu(p->high) - s->low;
	s->first = ~0ULL;
	return code;
}

/**
 * axe_select_begin - prepare to select
 * @x: the command
 *
 * Return: AXE_OK.
 */
static enum axe_code axe_select_begin(struct axe_exec *x)
{
	return axe_packed_begin(x, 0);
}

/**
 * axe_expand_begin - prepare to expand
 * @x: the command
 *
 * Return: AXE_OK or AXE_ERR_FULL.
 */
static enum axe_code axe_expand_begin(struct axe_exec *x)
{
	const struct axe_cmd_scan *p = &x->cmd->op.scan;

	return axe_packed_begin(x, axe_packed_bytes(le32_to_cpu(p->num), p->width));
}

/**
 * axe_extract_begin - prepare to extract
 * @x: the command
 *
 * Return: AXE_OK or AXE_ERR_FULL.
 */
static enum axe_code axe_extract_begin(struct axe_exec *x)
{
	const struct axe_cmd_scan *p = &x->cmd->op.scan;
	u32 first = le32_to_cpu(p->low), last = le32_to_cpu(p->high);
	u64 bit = (u64)first * p->width;
	struct axe_scan *s = x->priv;
	enum axe_code code;

	code = axe_packed_begin(x, axe_packed_bytes(last - first + 1, p->width));
	s->at = first;
	s->end = last + 1;
	s->skip = bit / 8;
	s->drop = bit % 8;
	return code;
}

/* Add bytes until there are @want bits, or more if that is quicker. Returns how many. */
static __always_inline size_t axe_bits_add(struct axe_bits *b, unsigned int want, const u8 *p,
					   size_t len)
{
	size_t n;

	if (len >= sizeof(u32)) {
		b->bits |= (u64)get_unaligned_le32(p) << b->num;
		b->num += 32;
		return sizeof(u32);
	}
	for (n = 0; n < len && b->num < want; n++) {
		b->bits |= (u64)p[n] << b->num;
		b->num += 8;
	}
	return n;
}

/* Has the source @want more bits, at most 32, in @b? */
static __always_inline bool axe_bits_of_src(struct axe_exec *x, struct axe_bits *b,
					    unsigned int want)
{
	if (b->num < want)
		axe_src_take(x, axe_bits_add(b, want, x->src, x->src_len));
	return b->num >= want;
}

/* Has the bit vector one more? */
static __always_inline bool axe_bits_of_aux(struct axe_exec *x, struct axe_bits *b)
{
	size_t n;

	if (b->num)
		return true;
	n = axe_bits_add(b, 1, x->aux, x->aux_len);
	axe_aux_take(x, n);
	return b->num;
}

/* Make room for an element in @b. */
static __always_inline bool axe_bits_to_dst(struct axe_exec *x, struct axe_bits *b)
{
	if (b->num < 32)
		return true;
	if (x->dst_len >= sizeof(u32)) {
		put_unaligned_le32(b->bits, x->dst);
		axe_dst_put(x, sizeof(u32));
		b->bits >>= 32;
		b->num -= 32;
		return true;
	}
	while (b->num >= 8 && x->dst_len) {
		*x->dst = b->bits;
		axe_dst_put(x, 1);
		b->bits >>= 8;
		b->num -= 8;
	}
	return b->num < 32;
}

static __always_inline u32 axe_bits_take(struct axe_bits *b, unsigned int width)
{
	u32 v = b->bits & ((1ULL << width) - 1);

	b->bits >>= width;
	b->num -= width;
	return v;
}

static __always_inline void axe_bits_put(struct axe_bits *b, u32 v, unsigned int width)
{
	b->bits |= (u64)v << b->num;
	b->num += width;
}

/* What exec() returns when it wants more of the source, which may be shorter than it says. */
static int axe_scan_src_short(struct axe_exec *x)
{
	return x->src_end ? AXE_ERR_TRUNCATED : AXE_EXEC_MORE;
}

static int axe_scan_aux_short(struct axe_exec *x)
{
	return x->aux_end ? AXE_ERR_TRUNCATED : AXE_EXEC_MORE;
}

/* The rest, and zeros up to a whole byte. */
static int axe_scan_flush(struct axe_exec *x, struct axe_bits *b)
{
	while (b->num) {
		unsigned int n = min(b->num, 8U);

		if (!x->dst_len)
			return axe_dst_short(x);
		*x->dst = b->bits;
		axe_dst_put(x, 1);
		b->bits >>= n;
		b->num -= n;
	}
	return AXE_OK;
}

/*
 * One element after the other. @one works on one of them, or returns what it lacks and has
 * used up nothing.
 */
static __always_inline int axe_scan_run(struct axe_exec *x,
					int (*one)(struct axe_exec *x, struct axe_scan *s))
{
	/* Not where the compiler has to think that the destination may be. */
	struct axe_scan s = *(struct axe_scan *)x->priv;
	u32 stop = s.at + min_t(u32, s.end - s.at, AXE_SCAN_STEP);
	int ret = AXE_OK;

	while (s.at < stop) {
		ret = one(x, &s);
		if (ret != AXE_OK)
			break;
		s.at++;
	}
	if (ret == AXE_OK)
		ret = s.at < s.end ? AXE_EXEC_AGAIN : axe_scan_flush(x, &s.dst);
	x->result[0] = s.count;
	x->result[1] = s.first;
	if (ret == AXE_ERR_TRUNCATED) {
		x->result[0] = le32_to_cpu(x->cmd->src.length);
		x->result[1] = x->result[0];
	}
	*(struct axe_scan *)x->priv = s;
	return ret;
}

static __always_inline int axe_scan_one(struct axe_exec *x, struct axe_scan *s)
{
	bool match;

	if (!axe_bits_of_src(x, &s->src, s->width))
		return axe_scan_src_short(x);
	if (!axe_bits_to_dst(x, &s->dst))
		return axe_dst_short(x);
	match = axe_bits_take(&s->src, s->width) - s->low <= s->span;
	axe_bits_put(&s->dst, match, 1);
	if (match && !s->count++)
		s->first = s->at;
	return AXE_OK;
}

static __always_inline int axe_select_one(struct axe_exec *x, struct axe_scan *s)
{
	u32 v;

	if (!axe_bits_of_aux(x, &s->aux))
		return axe_scan_aux_short(x);
	if (!axe_bits_of_src(x, &s->src, s->width))
		return axe_scan_src_short(x);
	if (!axe_bits_to_dst(x, &s->dst))
		return axe_dst_short(x);
	v = axe_bits_take(&s->src, s->width);
	if (axe_bits_take(&s->aux, 1)) {
		axe_bits_put(&s->dst, v, s->width);
		s->count++;
	}
	return AXE_OK;
}

static __always_inline int axe_expand_one(struct axe_exec *x, struct axe_scan *s)
{
	u32 v = 0;

	if (!axe_bits_of_aux(x, &s->aux))
		return axe_scan_aux_short(x);
	if (!axe_bits_to_dst(x, &s->dst))
		return axe_dst_short(x);
	if (s->aux.bits & 1) {
		if (!axe_bits_of_src(x, &s->src, s->width))
			return axe_scan_src_short(x);
		v = axe_bits_take(&s->src, s->width);
		s->count++;
	}
	axe_bits_take(&s->aux, 1);
	axe_bits_put(&s->dst, v, s->width);
	return AXE_OK;
}

static __always_inline int axe_extract_one(struct axe_exec *x, struct axe_scan *s)
{
	if (!axe_bits_of_src(x, &s->src, s->width))
		return axe_scan_src_short(x);
	if (!axe_bits_to_dst(x, &s->dst))
		return axe_dst_short(x);
	axe_bits_put(&s->dst, axe_bits_take(&s->src, s->width), s->width);
	s->count++;
	return AXE_OK;
}

/**
 * axe_scan_exec - tell which elements are in the range
 * @x: the command
 *
 * Return: AXE_OK, AXE_EXEC_MORE or AXE_EXEC_AGAIN.
 */
static int axe_scan_exec(struct axe_exec *x)
{
	return axe_scan_run(x, axe_scan_one);
}

/**
 * axe_select_exec - put the elements whose bit is set one behind the other
 * @x: the command
 *
 * Return: AXE_OK, AXE_EXEC_MORE, AXE_EXEC_AGAIN or AXE_ERR_FULL.
 */
static int axe_select_exec(struct axe_exec *x)
{
	return axe_scan_run(x, axe_select_one);
}

/**
 * axe_expand_exec - put elements where a bit is set, and zeros elsewhere
 * @x: the command
 *
 * Return: AXE_OK, AXE_EXEC_MORE, AXE_EXEC_AGAIN or AXE_ERR_TRUNCATED.
 */
static int axe_expand_exec(struct axe_exec *x)
{
	return axe_scan_run(x, axe_expand_one);
}

/* Nobody looks at what is before the range. */
static bool axe_extract_skip(struct axe_exec *x)
{
	struct axe_scan *s = x->priv;
	size_t n = min_t(u64, s->skip, x->src_len);

	axe_src_take(x, n);
	s->skip -= n;
	if (s->skip || !axe_bits_of_src(x, &s->src, s->drop))
		return false;
	axe_bits_take(&s->src, s->drop);
	s->drop = 0;
	return true;
}

/**
 * axe_extract_exec - put a range of elements to the destination's start
 * @x: the command
 *
 * Return: AXE_OK, AXE_EXEC_MORE or AXE_EXEC_AGAIN.
 */
static int axe_extract_exec(struct axe_exec *x)
{
	if (!axe_extract_skip(x))
		return axe_scan_src_short(x);
	return axe_scan_run(x, axe_extract_one);
}

/* A bit for each of the elements that there can be. */
#define AXE_BIT_VECTOR_MAX	SZ_512M

const struct axe_op axe_op_scan = {
	.name		= "scan",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.inline_max	= AXE_INLINE_NEVER,
	.priv_size	= axe_scan_priv_size,
	.check		= axe_scan_check,
	.begin		= axe_scan_begin,
	.exec		= axe_scan_exec,
};

const struct axe_op axe_op_select = {
	.name		= "select",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST | AXE_OP_READS_AUX,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.max_aux	= AXE_BIT_VECTOR_MAX,
	.inline_max	= AXE_INLINE_NEVER,
	.priv_size	= axe_scan_priv_size,
	.check		= axe_select_check,
	.begin		= axe_select_begin,
	.exec		= axe_select_exec,
};

const struct axe_op axe_op_expand = {
	.name		= "expand",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST | AXE_OP_READS_AUX,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.max_aux	= AXE_BIT_VECTOR_MAX,
	.inline_max	= AXE_INLINE_NEVER,
	.priv_size	= axe_scan_priv_size,
	.check		= axe_expand_check,
	.begin		= axe_expand_begin,
	.exec		= axe_expand_exec,
};

const struct axe_op axe_op_extract = {
	.name		= "extract",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.inline_max	= AXE_INLINE_NEVER,
	.priv_size	= axe_scan_priv_size,
	.check		= axe_extract_check,
	.begin		= axe_extract_begin,
	.exec		= axe_extract_exec,
};
