// SPDX-License-Identifier: GPL-2.0
/*
 * Decompress with the kernel's zlib, alone or as a stream of commands.
 *
 * All state lives in the private memory, between the pieces of a command and
 * between the commands of a stream. Each step below either finishes, and
 * names the next, or needs more of an operand.
 */
#include <linux/align.h>
#include <linux/minmax.h>
#include <linux/unaligned.h>

#include "piece.h"
#include "wrap.h"

enum axe_inflate_step {
	AXE_STEP_ZLIB,
	AXE_STEP_DICT,
	AXE_STEP_GZIP,
	AXE_STEP_XLEN,
	AXE_STEP_EXTRA,
	AXE_STEP_NAME,
	AXE_STEP_COMMENT,
	AXE_STEP_HCRC,
	AXE_STEP_BODY,
	AXE_STEP_TRAILER,
	AXE_STEP_DONE,
};

/**
 * struct axe_inflate - a decompression while it runs
 * @strm:	the library's; its workspace follows this structure
 * @step:	what comes next in the stream
 * @format:	enum axe_deflate_format
 * @flags:	enum axe_gzip_flags
 * @have:	bytes in @hold
 * @hold:	a field of header or trailer, until it is complete
 * @spare:	where the library may write when the destination is full
 * @extra:	bytes of the extra field to come
 * @hcrc:	CRC-32 of the gzip header
 * @has_dict:	there is a dictionary
 * @dict:	its Adler-32
 * @sum:	checksum of the plain data
 * @total:	length of the plain data, modulo 1 << 32
 */
struct axe_inflate {
	z_stream strm;
	enum axe_inflate_step step;
	u8 format;
	u8 flags;
	u8 have;
	u8 hold[AXE_GZIP_HEADER];
	u8 spare;
	bool has_dict;
	u16 extra;
	u32 hcrc;
	u32 dict;
	u32 sum;
	u32 total;
};

#define AXE_INFLATE_SIZE	ALIGN(sizeof(struct axe_inflate), 16)

/**
 * axe_inflate_priv_size - private memory of a decompression
 *
 * Return: its size in bytes.
 */
static size_t axe_inflate_priv_size(void)
{
	return AXE_INFLATE_SIZE + zlib_inflate_workspacesize();
}

static bool axe_inflate_streams(const struct axe_cmd *cmd)
{
	return le32_to_cpu(cmd->op.deflate.flags) & AXE_DEFLATE_STREAM;
}

/**
 * axe_inflate_check - validate a decompress command's block
 * @cmd: the command
 * @ext: its extension slot or NULL
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_inflate_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_deflate *p = &cmd->op.deflate;
	u32 flags = le32_to_cpu(p->flags);

	if (p->format > AXE_FORMAT_GZIP || axe_dict_is_misplaced(cmd, ext))
		return AXE_ERR_PARAM;
	if (flags & ~(AXE_DEFLATE_STREAM | AXE_DEFLATE_RESTART) || p->level ||
	    memchr_inv(p->reserved0, 0, sizeof(p->reserved0)) ||
	    memchr_inv(p->reserved1, 0, sizeof(p->reserved1)))
		return AXE_ERR_RESERVED;
	if (flags == AXE_DEFLATE_RESTART)
		return AXE_ERR_PARAM;
	return AXE_OK;
}

/**
 * axe_inflate_stream - tell whether a command is part of a stream
 * @cmd: the command, checked
 *
 * Return: how it stands to the stream that its queue may hold.
 */
static enum axe_stream axe_inflate_stream(const struct axe_cmd *cmd)
{
	if (!axe_inflate_streams(cmd))
		return AXE_STREAM_NONE;
	if (le32_to_cpu(cmd->op.deflate.flags) & AXE_DEFLATE_RESTART)
		return AXE_STREAM_RESTART;
	return AXE_STREAM_CONTINUE;
}

/* The dictionary goes where output of long ago would be. */
static bool axe_inflate_prime(struct axe_inflate *st, const struct axe_exec *x)
{
	st->has_dict = x->aux_len;
	if (!x->aux_len)
		return true;
	st->dict = axe_sum_update(AXE_FORMAT_ZLIB, 1, x->aux, x->aux_len);
	st->strm.next_in = x->aux;
	st->strm.avail_in = x->aux_len;
	return zlib_inflateIncomp(&st->strm) == Z_OK;
}

/**
 * axe_inflate_begin - prepare a decompression, or a stream
 * @x: the command
 *
 * Return: AXE_OK.
 */
static enum axe_code axe_inflate_begin(struct axe_exec *x)
{
	static const enum axe_inflate_step first[] = {
		[AXE_FORMAT_RAW]	= AXE_STEP_BODY,
		[AXE_FORMAT_ZLIB]	= AXE_STEP_ZLIB,
		[AXE_FORMAT_GZIP]	= AXE_STEP_GZIP,
	};
	struct axe_inflate *st = x->priv;

	memset(st, 0, sizeof(*st));
	st->strm.workspace = (u8 *)x->priv + AXE_INFLATE_SIZE;
	if (zlib_inflateInit2(&st->strm, -MAX_WBITS) != Z_OK || !axe_inflate_prime(st, x))
		return AXE_ERR_PARAM;
	st->format = x->cmd->op.deflate.format;
	st->step = first[st->format];
	st->sum = axe_sum_start(st->format);
	x->result[0] = st->sum;
	x->result[1] = 0;
	return AXE_OK;
}

/*
 * Something is wrong @back bytes before the place in the source that we reached
 * (or in what an earlier command of the stream brought). How far we had read
 * ahead depends on the pieces, so it is not told.
 */
static int axe_inflate_bad(struct axe_exec *x, enum axe_code code, u64 back)
{
	x->result[1] -= min(back, x->result[1]);
	x->result[0] = x->result[1];
	return code;
}

static void axe_inflate_take(struct axe_exec *x, size_t n)
{
	axe_src_take(x, n);
	x->result[1] += n;
}

/* The source's piece is used up. */
static int axe_inflate_starved(struct axe_exec *x)
{
	if (!x->src_end)
		return AXE_EXEC_MORE;
	if (axe_inflate_streams(x->cmd))
		return AXE_INFO_MORE;
	return axe_inflate_bad(x, AXE_ERR_TRUNCATED, 0);
}

/* The destination's piece is used up, and there is more to write. */
static int axe_inflate_full(struct axe_exec *x)
{
	if (x->dst_end && axe_inflate_streams(x->cmd))
		return AXE_INFO_MORE;
	return axe_dst_short(x);
}

/* Collect a field of @n bytes. False if the source's piece ends before. */
static bool axe_inflate_gather(struct axe_inflate *st, struct axe_exec *x, size_t n)
{
	size_t k = min(n - st->have, x->src_len);

	if (k) {
		memcpy(st->hold + st->have, x->src, k);
		axe_inflate_take(x, k);
		st->have += k;
	}
	return st->have == n;
}

static void axe_inflate_next(struct axe_inflate *st, enum axe_inflate_step step)
{
	st->have = 0;
	st->step = step;
}

static int axe_step_zlib(struct axe_inflate *st, struct axe_exec *x)
{
	bool whole = axe_inflate_gather(st, x, AXE_ZLIB_HEADER);

	/* The low nibble is the method, the high one at most a window of 32 KiB. */
	if (st->have && ((st->hold[0] & 0xf) != (AXE_ZLIB_CMF & 0xf) ||
			 st->hold[0] > AXE_ZLIB_CMF))
		return axe_inflate_bad(x, AXE_ERR_DATA, st->have);
	if (!whole)
		return axe_inflate_starved(x);
	/* It says whether it takes a dictionary, and there is one or not. */
	if (get_unaligned_be16(st->hold) % 31 ||
	    !(st->hold[1] & AXE_ZLIB_FDICT) == st->has_dict)
		return axe_inflate_bad(x, AXE_ERR_DATA, 1);
	axe_inflate_next(st, st->has_dict ? AXE_STEP_DICT : AXE_STEP_BODY);
	return AXE_OK;
}

static int axe_step_dict(struct axe_inflate *st, struct axe_exec *x)
{
	if (!axe_inflate_gather(st, x, AXE_ZLIB_DICTID))
		return axe_inflate_starved(x);
	if (get_unaligned_be32(st->hold) != st->dict)
		return axe_inflate_bad(x, AXE_ERR_DATA, AXE_ZLIB_DICTID);
	axe_inflate_next(st, AXE_STEP_BODY);
	return AXE_OK;
}

static int axe_step_gzip(struct axe_inflate *st, struct axe_exec *x)
{
	static const u8 magic[] = { AXE_GZIP_ID1, AXE_GZIP_ID2, AXE_GZIP_CM };
	bool whole = axe_inflate_gather(st, x, AXE_GZIP_HEADER);
	unsigned int i;

	for (i = 0; i < min_t(unsigned int, st->have, sizeof(magic)); i++)
		if (st->hold[i] != magic[i])
			return axe_inflate_bad(x, AXE_ERR_DATA, st->have - i);
	if (st->have > 3 && st->hold[3] & AXE_GZIP_RESERVED)
		return axe_inflate_bad(x, AXE_ERR_DATA, st->have - 3);
	if (!whole)
		return axe_inflate_starved(x);
	st->flags = st->hold[3];
	st->hcrc = crc32_le(~0, st->hold, AXE_GZIP_HEADER);
	axe_inflate_next(st, AXE_STEP_XLEN);
	return AXE_OK;
}

static int axe_step_xlen(struct axe_inflate *st, struct axe_exec *x)
{
	st->extra = 0;
	if (st->flags & AXE_GZIP_FEXTRA) {
		if (!axe_inflate_gather(st, x, 2))
			return axe_inflate_starved(x);
		st->hcrc = crc32_le(st->hcrc, st->hold, 2);
		st->extra = get_unaligned_le16(st->hold);
	}
	axe_inflate_next(st, AXE_STEP_EXTRA);
	return AXE_OK;
}

/* Pass over @n bytes of the header. */
static void axe_inflate_skip(struct axe_inflate *st, struct axe_exec *x, size_t n)
{
	if (!n)
		return;
	st->hcrc = crc32_le(st->hcrc, x->src, n);
	axe_inflate_take(x, n);
}

static int axe_step_extra(struct axe_inflate *st, struct axe_exec *x)
{
	size_t n = min_t(size_t, st->extra, x->src_len);

	axe_inflate_skip(st, x, n);
	st->extra -= n;
	if (st->extra)
		return axe_inflate_starved(x);
	axe_inflate_next(st, AXE_STEP_NAME);
	return AXE_OK;
}

/* Pass over a string of the header. True when its terminating 0 was there. */
static bool axe_inflate_string(struct axe_inflate *st, struct axe_exec *x)
{
	const u8 *end = x->src_len ? memchr(x->src, 0, x->src_len) : NULL;

	axe_inflate_skip(st, x, end ? end + 1 - x->src : x->src_len);
	return end;
}

static int axe_step_name(struct axe_inflate *st, struct axe_exec *x)
{
	if (st->flags & AXE_GZIP_FNAME && !axe_inflate_string(st, x))
		return axe_inflate_starved(x);
	axe_inflate_next(st, AXE_STEP_COMMENT);
	return AXE_OK;
}

static int axe_step_comment(struct axe_inflate *st, struct axe_exec *x)
{
	if (st->flags & AXE_GZIP_FCOMMENT && !axe_inflate_string(st, x))
		return axe_inflate_starved(x);
	axe_inflate_next(st, AXE_STEP_HCRC);
	return AXE_OK;
}

static int axe_step_hcrc(struct axe_inflate *st, struct axe_exec *x)
{
	if (st->flags & AXE_GZIP_FHCRC) {
		if (!axe_inflate_gather(st, x, 2))
			return axe_inflate_starved(x);
		if (get_unaligned_le16(st->hold) != (u16)~st->hcrc)
			return axe_inflate_bad(x, AXE_ERR_CHECKSUM, 2);
	}
	axe_inflate_next(st, AXE_STEP_BODY);
	return AXE_OK;
}

/* What the library says of the data, AXE_OK or an error. */
static int axe_inflate_judge(struct axe_exec *x, const z_stream *strm, int err)
{
	if (err == Z_OK || err == Z_BUF_ERROR || err == Z_STREAM_END)
		return AXE_OK;
	/* The low bits tell how many bits were read and not yet used. */
	return axe_inflate_bad(x, AXE_ERR_DATA, (strm->data_type & 63) / 8);
}

/*
 * Both operands are used up, all of them, and the library does not say which
 * it waits for. Offer it one byte: the command ends here in either case, so
 * what becomes of the state does not matter.
 */
static int axe_inflate_verdict(struct axe_inflate *st, struct axe_exec *x)
{
	z_stream *strm = &st->strm;
	int ret;

	strm->next_out = &st->spare;
	strm->avail_out = 1;
	/* Without room it does not look how far back a match reaches. */
	ret = axe_inflate_judge(x, strm, zlib_inflate(strm, Z_NO_FLUSH));
	if (ret != AXE_OK)
		return ret;
	return strm->avail_out ? axe_inflate_starved(x) : axe_inflate_full(x);
}

static int axe_step_body(struct axe_inflate *st, struct axe_exec *x)
{
	z_stream *strm = &st->strm;
	int err, ret;
	size_t n;

	/* Also without room: the stream may end with no more of it. */
	strm->next_in = x->src;
	strm->avail_in = x->src_len;
	strm->next_out = x->dst_len ? x->dst : &st->spare;
	strm->avail_out = x->dst_len;
	err = zlib_inflate(strm, Z_NO_FLUSH);

	n = x->dst_len - strm->avail_out;
	st->sum = axe_sum_update(st->format, st->sum, x->dst, n);
	st->total += n;
	axe_dst_put(x, n);
	axe_inflate_take(x, x->src_len - strm->avail_in);

	if (err == Z_STREAM_END) {
		axe_inflate_next(st, AXE_STEP_TRAILER);
		return AXE_OK;
	}
	ret = axe_inflate_judge(x, strm, err);
	if (ret != AXE_OK)
		return ret;
	if (x->dst_len)
		return axe_inflate_starved(x);
	if (x->src_len)
		return axe_inflate_full(x);
	if (!x->src_end || !x->dst_end)
		return AXE_EXEC_MORE;
	if (axe_inflate_streams(x->cmd))
		return AXE_INFO_MORE;
	return axe_inflate_verdict(st, x);
}

static int axe_step_trailer(struct axe_inflate *st, struct axe_exec *x)
{
	switch (st->format) {
	case AXE_FORMAT_ZLIB:
		if (!axe_inflate_gather(st, x, AXE_ZLIB_TRAILER))
			return axe_inflate_starved(x);
		if (get_unaligned_be32(st->hold) != st->sum)
			return axe_inflate_bad(x, AXE_ERR_CHECKSUM, 4);
		break;
	case AXE_FORMAT_GZIP:
		if (!axe_inflate_gather(st, x, AXE_GZIP_TRAILER))
			return axe_inflate_starved(x);
		if (get_unaligned_le32(st->hold) != st->sum)
			return axe_inflate_bad(x, AXE_ERR_CHECKSUM, 8);
		if (get_unaligned_le32(st->hold + 4) != st->total)
			return axe_inflate_bad(x, AXE_ERR_CHECKSUM, 4);
		break;
	}
	axe_inflate_next(st, AXE_STEP_DONE);
	return AXE_OK;
}

static int (*const axe_inflate_steps[])(struct axe_inflate *st, struct axe_exec *x) = {
	[AXE_STEP_ZLIB]		= axe_step_zlib,
	[AXE_STEP_DICT]		= axe_step_dict,
	[AXE_STEP_GZIP]		= axe_step_gzip,
	[AXE_STEP_XLEN]		= axe_step_xlen,
	[AXE_STEP_EXTRA]	= axe_step_extra,
	[AXE_STEP_NAME]		= axe_step_name,
	[AXE_STEP_COMMENT]	= axe_step_comment,
	[AXE_STEP_HCRC]		= axe_step_hcrc,
	[AXE_STEP_BODY]		= axe_step_body,
	[AXE_STEP_TRAILER]	= axe_step_trailer,
};

/**
 * axe_inflate_exec - decompress the source into the destination
 * @x: the command; result[0] becomes the checksum of the plain data (of the
 *	whole stream; Adler-32 with AXE_FORMAT_ZLIB, else CRC-32), result[1] the
 *	number of source bytes that the command took. Where the data is wrong
 *	or ends early, both are the place in the source.
 *
 * The caller sets both results to 0 before a command that goes on with a
 * stream, which has no axe_inflate_begin().
 *
 * Return: AXE_OK at the end of the first member, AXE_EXEC_MORE, AXE_INFO_MORE
 * or what is wrong.
 */
static int axe_inflate_exec(struct axe_exec *x)
{
	struct axe_inflate *st = x->priv;
	int ret = AXE_OK;

	if (st->format != x->cmd->op.deflate.format)
		return AXE_ERR_STREAM;

	while (ret == AXE_OK && st->step != AXE_STEP_DONE)
		ret = axe_inflate_steps[st->step](st, x);

	if (ret == AXE_OK || ret == AXE_INFO_MORE || ret == AXE_ERR_FULL)
		x->result[0] = st->sum;
	return ret;
}

const struct axe_op axe_op_decompress = {
	.name		= "decompress",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST |
			  AXE_OP_HAS_FORMATS | AXE_OP_CAN_STREAM |
			  AXE_OP_READS_AUX | AXE_OP_CAN_CHAIN,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.max_aux	= AXE_DEFLATE_DICT_MAX,
	.formats	= AXE_FORMATS_DEFLATE,
	.inline_max	= AXE_INLINE_NEVER,
	.step		= AXE_STEP_SLOW,
	.load_aux	= true,
	.priv_size	= axe_inflate_priv_size,
	.check		= axe_inflate_check,
	.stream		= axe_inflate_stream,
	.begin		= axe_inflate_begin,
	.exec		= axe_inflate_exec,
};
