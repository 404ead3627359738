// SPDX-License-Identifier: GPL-2.0
/*
 * Compress with the kernel's LZ4, which takes a block at a time: it is gathered in
 * private memory, compressed there, and handed out from there. Thus the library also
 * reads nothing that changes meanwhile.
 */
#include "lz4.h"

/* What the frames that we make are made of. */
#define AXE_LZ4_CHUNK		SZ_64K
/* Its length before it; the end mark and the checksum behind. */
#define AXE_LZ4_OUT		(4 + AXE_LZ4_CHUNK + 8)

/**
 * struct axe_lz4c - a compression while it runs
 * @work:	the library's
 * @sum:	of the plain data
 * @format:	enum axe_lz4_format
 * @checksum:	the frame ends with @sum
 * @ended:	what is in @out is the last
 * @fill:	bytes in @in
 * @size:	of @in
 * @out_len:	bytes in @out
 * @out_done:	of which so many are written
 * @in:		the block; behind this structure
 * @out:	what becomes of it
 */
struct axe_lz4c {
	u64 work[LZ4_MEM_COMPRESS / sizeof(u64)];
	struct axe_xxh32 sum;
	u8 format;
	bool checksum;
	bool ended;
	size_t fill;
	size_t size;
	size_t out_len;
	size_t out_done;
	u8 *in;
	u8 *out;
};

static size_t axe_lz4c_in_size(const struct axe_cmd *cmd)
{
	if (cmd->op.pack.format == AXE_FORMAT_LZ4_FRAME)
		return AXE_LZ4_CHUNK;
	return le32_to_cpu(cmd->src.length);
}

static size_t axe_lz4c_out_size(const struct axe_cmd *cmd)
{
	if (cmd->op.pack.format == AXE_FORMAT_LZ4_FRAME)
		return AXE_LZ4_OUT;
	return axe_lz4_bound(le32_to_cpu(cmd->src.length));
}

/**
 * axe_lz4_compress_priv_need - private memory of a compression
 * @x: the command
 *
 * Return: its size in bytes.
 */
static size_t axe_lz4_compress_priv_need(const struct axe_exec *x)
{
	return sizeof(struct axe_lz4c) + axe_lz4c_in_size(x->cmd) + axe_lz4c_out_size(x->cmd);
}

/**
 * axe_lz4_compress_check - validate a command's block
 * @cmd: the command
 * @ext: its extension slot or NULL
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_lz4_compress_check(const struct axe_cmd *cmd,
					    const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_pack *p = &cmd->op.pack;
	bool frame = p->format == AXE_FORMAT_LZ4_FRAME;

	if (p->format > AXE_FORMAT_LZ4_FRAME)
		return AXE_ERR_PARAM;
	if (p->level || p->window)
		return AXE_ERR_RESERVED;
	if (!frame && le32_to_cpu(cmd->src.length) > AXE_LZ4_BLOCK_MAX)
		return AXE_ERR_LENGTH;
	return axe_pack_check(cmd, frame ? AXE_PACK_FLAGS_COMPRESS : 0);
}

static void axe_lz4c_header(struct axe_lz4c *st)
{
	u8 *p = st->out;

	put_unaligned_le32(AXE_LZ4_MAGIC, p);
	p[4] = AXE_LZ4_FLG_VERSION | AXE_LZ4_FLG_INDEPENDENT;
	if (st->checksum)
		p[4] |= AXE_LZ4_FLG_SUM;
	p[5] = AXE_LZ4_BD_MIN << AXE_LZ4_BD_SHIFT;
	p[6] = axe_xxh32(p + 4, 2) >> 8;
	st->out_len = 7;
}

/**
 * axe_lz4_compress_begin - prepare a compression, or a stream
 * @x: the command
 *
 * Return: AXE_OK.
 */
static enum axe_code axe_lz4_compress_begin(struct axe_exec *x)
{
	struct axe_lz4c *st = x->priv;

	memset(st, 0, sizeof(*st));
	st->format = x->cmd->op.pack.format;
	st->checksum = !(axe_pack_flags(x) & AXE_PACK_NO_CHECKSUM);
	st->size = axe_lz4c_in_size(x->cmd);
	st->in = (u8 *)(st + 1);
	st->out = st->in + st->size;
	axe_xxh32_start(&st->sum, 0);
	if (st->format == AXE_FORMAT_LZ4_FRAME)
		axe_lz4c_header(st);
	return AXE_OK;
}

/* The block as it is in a frame: with its length, and stored if it would not shrink. */
static void axe_lz4c_chunk(struct axe_lz4c *st)
{
	u32 n = LZ4_compress_default((char *)st->in, (char *)st->out + 4, st->fill,
				     st->fill - 1, st->work);

	if (n) {
		put_unaligned_le32(n, st->out);
	} else {
		n = st->fill;
		put_unaligned_le32(n | AXE_LZ4_STORED, st->out);
		memcpy(st->out + 4, st->in, n);
	}
	axe_xxh32_add(&st->sum, st->in, st->fill);
	st->out_len = 4 + n;
	st->fill = 0;
}

static void axe_lz4c_end(struct axe_lz4c *st)
{
	put_unaligned_le32(0, st->out);
	st->out_len = 4;
	if (st->checksum) {
		put_unaligned_le32(axe_xxh32_of(&st->sum), st->out + 4);
		st->out_len = 8;
	}
	st->ended = true;
}

static void axe_lz4c_block(struct axe_lz4c *st)
{
	st->out_len = LZ4_compress_default((char *)st->in, (char *)st->out, st->fill,
					   axe_lz4_bound(st->fill), st->work);
	st->ended = true;
}

/* @out is empty: make more of it. AXE_OK, or what it lacks. */
static int axe_lz4c_make(struct axe_lz4c *st, struct axe_exec *x)
{
	bool whole = axe_pack_gather(x, st->in, &st->fill, st->size);

	st->out_done = 0;
	st->out_len = 0;
	if (!whole && !x->src_end)
		return AXE_EXEC_MORE;
	if (st->format == AXE_FORMAT_LZ4_BLOCK)
		axe_lz4c_block(st);
	else if (!whole && axe_pack_unfinished(x))
		return AXE_INFO_MORE;
	else if (st->fill)
		axe_lz4c_chunk(st);
	else
		axe_lz4c_end(st);
	return AXE_OK;
}

/**
 * axe_lz4_compress_exec - compress the source into the destination
 * @x: the command; result[0] becomes the XXH32 of a frame's plain data when it ends,
 *	result[1] the number of source bytes taken
 *
 * Return: AXE_OK, AXE_INFO_MORE, AXE_EXEC_MORE, or AXE_ERR_FULL.
 */
static int axe_lz4_compress_exec(struct axe_exec *x)
{
	struct axe_lz4c *st = x->priv;
	int ret;

	for (;;) {
		ret = axe_pack_drain(x, st->out, st->out_len, &st->out_done);
		if (ret == AXE_OK && st->ended)
			break;
		if (ret == AXE_OK)
			ret = axe_lz4c_make(st, x);
		if (ret != AXE_OK)
			break;
	}
	if (st->format == AXE_FORMAT_LZ4_FRAME && ret == AXE_OK)
		x->result[0] = axe_xxh32_of(&st->sum);
	return ret;
}

const struct axe_op axe_op_lz4_compress = {
	.name		= "lz4-compress",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST | AXE_OP_CAN_STREAM |
			  AXE_OP_HAS_FORMATS,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.formats	= AXE_FORMATS_LZ4,
	.inline_max	= AXE_INLINE_NEVER,
	.priv_need	= axe_lz4_compress_priv_need,
	.check		= axe_lz4_compress_check,
	.stream		= axe_pack_stream,
	.begin		= axe_lz4_compress_begin,
	.exec		= axe_lz4_compress_exec,
};
