// SPDX-License-Identifier: GPL-2.0
/*
 * Compress with the kernel's zlib.
 *
 * The source is fed piece by piece without a flush. What the library has kept
 * by then - at most one block and the few bytes it looks ahead - is flushed
 * into a buffer of ours that is large enough for it, and handed out from there.
 * Thus a flush never runs out of room in the middle. That matters: this zlib
 * does not tell whether the marker of Z_SYNC_FLUSH has been written when the
 * room ends just there, and writes it again, behind one more empty block, when
 * it is called again; and Z_FINISH would ask for room it does not need.
 */
#include <linux/align.h>
#include <linux/bug.h>
#include <linux/minmax.h>
#include <linux/once.h>
#include <linux/unaligned.h>

#include "piece.h"
#include "wrap.h"

#define AXE_DEFLATE_LEVEL	6
#define AXE_DEFLATE_LEVEL_MAX	9

/*
 * The most that a flush yields. A block fits into the library's pending
 * buffer, which has 4 bytes for each of 1 << (DEF_MEM_LEVEL + 6) symbols; the
 * bytes looked ahead (fewer than 262, 31 bits each at worst) may open one more.
 */
#define AXE_DEFLATE_TAIL	((4 << (DEF_MEM_LEVEL + 6)) + 2048)

enum axe_deflate_stage {
	AXE_STAGE_BODY,
	AXE_STAGE_FLUSH,
	AXE_STAGE_TRAILER,
	AXE_STAGE_DONE,
};

/**
 * struct axe_deflate - a compression while it runs
 * @strm:	the library's; its workspace follows this structure
 * @stage:	what comes when @pend is out
 * @blocked:	the library has output that did not fit
 * @format:	enum axe_deflate_format
 * @sum:	checksum of the plain data
 * @pend:	bytes in @tail to write before anything else
 * @pend_len:	their number
 * @tail:	header, last block, or trailer
 */
struct axe_deflate {
	z_stream strm;
	enum axe_deflate_stage stage;
	bool blocked;
	u8 format;
	u32 sum;
	const u8 *pend;
	size_t pend_len;
	u8 tail[AXE_DEFLATE_TAIL];
};

#define AXE_DEFLATE_SIZE	ALIGN(sizeof(struct axe_deflate), 16)

/**
 * axe_deflate_priv_size - private memory of a compression
 *
 * Return: its size in bytes.
 */
static size_t axe_deflate_priv_size(void)
{
	return AXE_DEFLATE_SIZE + zlib_deflate_workspacesize(MAX_WBITS, DEF_MEM_LEVEL);
}

/**
 * axe_deflate_check - validate a compress command's block
 * @cmd: the command
 * @ext: its extension slot or NULL
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_deflate_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_deflate *p = &cmd->op.deflate;

	if (p->format > AXE_FORMAT_GZIP || p->level > AXE_DEFLATE_LEVEL_MAX ||
	    axe_dict_is_misplaced(cmd, ext))
		return AXE_ERR_PARAM;
	if (le32_to_cpu(p->flags) & ~AXE_DEFLATE_NO_FINAL ||
	    memchr_inv(p->reserved0, 0, sizeof(p->reserved0)) ||
	    memchr_inv(p->reserved1, 0, sizeof(p->reserved1)))
		return AXE_ERR_RESERVED;
	return AXE_OK;
}

static bool axe_deflate_final(const struct axe_exec *x)
{
	return !(le32_to_cpu(x->cmd->op.deflate.flags) & AXE_DEFLATE_NO_FINAL);
}

static void axe_deflate_pend(struct axe_deflate *st, size_t len)
{
	st->pend = st->tail;
	st->pend_len = len;
}

/* The level as a zlib header tells it, in two bits. */
static unsigned int axe_deflate_flevel(int level)
{
	if (level < 2)
		return 0;
	if (level < AXE_DEFLATE_LEVEL)
		return 1;
	return level == AXE_DEFLATE_LEVEL ? 2 : 3;
}

/* Write the header to @p; returns its length. */
static size_t axe_deflate_header(u8 *p, const struct axe_exec *x, int level)
{
	u8 format = x->cmd->op.deflate.format;
	u16 head;

	switch (format) {
	case AXE_FORMAT_ZLIB:
		head = AXE_ZLIB_CMF << 8 | axe_deflate_flevel(level) << 6;
		if (x->aux_len)
			head |= AXE_ZLIB_FDICT;
		put_unaligned_be16(head + 31 - head % 31, p);
		if (!x->aux_len)
			return AXE_ZLIB_HEADER;
		put_unaligned_be32(axe_sum_update(format, 1, x->aux, x->aux_len),
				   p + AXE_ZLIB_HEADER);
		return AXE_ZLIB_HEADER + AXE_ZLIB_DICTID;
	case AXE_FORMAT_GZIP:
		memset(p, 0, AXE_GZIP_HEADER);
		p[0] = AXE_GZIP_ID1;
		p[1] = AXE_GZIP_ID2;
		p[2] = AXE_GZIP_CM;
		p[8] = level == AXE_DEFLATE_LEVEL_MAX ? 2 : level == 1 ? 4 : 0;
		p[9] = 3;	/* Unix */
		return AXE_GZIP_HEADER;
	default:
		return 0;
	}
}

static int axe_deflate_open(struct axe_deflate *st, int level)
{
	return zlib_deflateInit2(&st->strm, level, Z_DEFLATED, -MAX_WBITS,
				 DEF_MEM_LEVEL, Z_DEFAULT_STRATEGY);
}

/*
 * This zlib has no deflateSetDictionary(). But what is compressed behind a flush refers to
 * what was before it: so compress the dictionary, to nowhere. A reader that has it in its
 * window needs no more.
 */
static bool axe_deflate_prime(struct axe_deflate *st, const struct axe_exec *x)
{
	z_stream *strm = &st->strm;

	if (!x->aux_len)
		return true;
	strm->next_in = x->aux;
	strm->avail_in = x->aux_len;
	do {
		strm->next_out = st->tail;
		strm->avail_out = sizeof(st->tail);
		zlib_deflate(strm, Z_NO_FLUSH);
	} while (strm->avail_in || !strm->avail_out);
	strm->next_out = st->tail;
	strm->avail_out = sizeof(st->tail);
	return zlib_deflate(strm, Z_SYNC_FLUSH) == Z_OK && strm->avail_out;
}

/**
 * axe_deflate_begin - prepare a compression
 * @x: the command
 *
 * May sleep.
 *
 * Return: AXE_OK.
 */
static enum axe_code axe_deflate_begin(struct axe_exec *x)
{
	const struct axe_cmd_deflate *p = &x->cmd->op.deflate;
	int level = p->level ? p->level : AXE_DEFLATE_LEVEL;
	struct axe_deflate *st = x->priv;

	memset(st, 0, offsetof(struct axe_deflate, tail));
	st->strm.workspace = (u8 *)x->priv + AXE_DEFLATE_SIZE;
	/*
	 * The library fills in its tables on first use, without a lock: a second
	 * worker that does so too takes back an entry for a moment (length_code[]).
	 */
	DO_ONCE_SLEEPABLE(axe_deflate_open, st, level);
	if (axe_deflate_open(st, level) != Z_OK)
		return AXE_ERR_PARAM;
	if (WARN_ON_ONCE(!axe_deflate_prime(st, x)))
		return AXE_ERR_NOMEM;
	st->stage = AXE_STAGE_BODY;
	st->format = p->format;
	st->sum = axe_sum_start(p->format);
	axe_deflate_pend(st, axe_deflate_header(st->tail, x, level));
	x->result[0] = st->sum;
	x->result[1] = 0;
	return AXE_OK;
}

/* Write what is pending. AXE_OK when nothing is left of it. */
static int axe_deflate_drain(struct axe_deflate *st, struct axe_exec *x)
{
	size_t n = min(st->pend_len, x->dst_len);

	if (n) {
		memcpy(x->dst, st->pend, n);
		axe_dst_put(x, n);
		st->pend += n;
		st->pend_len -= n;
	}
	return st->pend_len ? axe_dst_short(x) : AXE_OK;
}

/* Compress the source. AXE_OK when the library has all of it, and no output. */
static int axe_deflate_body(struct axe_deflate *st, struct axe_exec *x)
{
	z_stream *strm = &st->strm;
	size_t n;

	while (x->src_len || st->blocked) {
		if (!x->dst_len)
			return axe_dst_short(x);
		strm->next_in = x->src;
		strm->avail_in = x->src_len;
		strm->next_out = x->dst;
		strm->avail_out = x->dst_len;
		/* It says Z_BUF_ERROR where it has nothing to do: no error. */
		zlib_deflate(strm, Z_NO_FLUSH);
		st->blocked = !strm->avail_out;

		n = x->src_len - strm->avail_in;
		st->sum = axe_sum_update(st->format, st->sum, x->src, n);
		axe_src_take(x, n);
		axe_dst_put(x, x->dst_len - strm->avail_out);
		x->result[0] = st->sum;
		x->result[1] += n;
	}
	return axe_src_done(x);
}

/* End the stream, or the part of it that this command makes. */
static int axe_deflate_flush(struct axe_deflate *st, struct axe_exec *x)
{
	static const u8 marker[] = { 0, 0, 0, 0xff, 0xff };
	bool final = axe_deflate_final(x);
	z_stream *strm = &st->strm;
	int err;

	if (!final && !x->result[1]) {
		/* Of nothing, zlib would make two empty blocks. */
		memcpy(st->tail, marker, sizeof(marker));
		axe_deflate_pend(st, sizeof(marker));
		return AXE_OK;
	}
	strm->next_in = NULL;
	strm->avail_in = 0;
	strm->next_out = st->tail;
	strm->avail_out = sizeof(st->tail);
	err = zlib_deflate(strm, final ? Z_FINISH : Z_SYNC_FLUSH);
	if (WARN_ON_ONCE(err != (final ? Z_STREAM_END : Z_OK) || !strm->avail_out))
		return AXE_ERR_NOMEM;
	axe_deflate_pend(st, sizeof(st->tail) - strm->avail_out);
	return AXE_OK;
}

static void axe_deflate_trailer(struct axe_deflate *st, struct axe_exec *x)
{
	switch (st->format) {
	case AXE_FORMAT_ZLIB:
		put_unaligned_be32(st->sum, st->tail);
		axe_deflate_pend(st, AXE_ZLIB_TRAILER);
		break;
	case AXE_FORMAT_GZIP:
		put_unaligned_le32(st->sum, st->tail);
		put_unaligned_le32(x->result[1], st->tail + 4);
		axe_deflate_pend(st, AXE_GZIP_TRAILER);
		break;
	}
}

/**
 * axe_deflate_exec - compress the source into the destination
 * @x: the command; result[0] is the checksum of the plain data (Adler-32 with
 *	AXE_FORMAT_ZLIB, else CRC-32), result[1] the number of source bytes taken
 *
 * Return: AXE_OK, AXE_EXEC_MORE, or AXE_ERR_FULL.
 */
static int axe_deflate_exec(struct axe_exec *x)
{
	struct axe_deflate *st = x->priv;
	int ret;

	for (;;) {
		ret = axe_deflate_drain(st, x);
		if (ret != AXE_OK)
			return ret;

		switch (st->stage) {
		case AXE_STAGE_BODY:
			ret = axe_deflate_body(st, x);
			if (ret != AXE_OK)
				return ret;
			st->stage = AXE_STAGE_FLUSH;
			break;
		case AXE_STAGE_FLUSH:
			ret = axe_deflate_flush(st, x);
			if (ret != AXE_OK)
				return ret;
			st->stage = axe_deflate_final(x) ? AXE_STAGE_TRAILER : AXE_STAGE_DONE;
			break;
		case AXE_STAGE_TRAILER:
			axe_deflate_trailer(st, x);
			st->stage = AXE_STAGE_DONE;
			break;
		case AXE_STAGE_DONE:
			return AXE_OK;
		}
	}
}

const struct axe_op axe_op_compress = {
	.name		= "compress",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST |
			  AXE_OP_HAS_FORMATS | AXE_OP_HAS_LEVELS |
			  AXE_OP_READS_AUX | AXE_OP_CAN_CHAIN,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.max_aux	= AXE_DEFLATE_DICT_MAX,
	.formats	= AXE_FORMATS_DEFLATE,
	.min_level	= 1,
	.max_level	= 9,
	.inline_max	= AXE_INLINE_NEVER,
	.step		= AXE_STEP_SLOW,
	.load_aux	= true,
	.priv_size	= axe_deflate_priv_size,
	.check		= axe_deflate_check,
	.begin		= axe_deflate_begin,
	.exec		= axe_deflate_exec,
};
