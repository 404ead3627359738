// SPDX-License-Identifier: GPL-2.0
/*
 * Decompress LZ4 with the kernel's library, a block at a time in private memory: alone,
 * in a frame, or as a stream of commands.
 *
 * Each step below either finishes, and names the next, or needs more of an operand.
 */
#include "lz4.h"

enum axe_lz4d_step {
	AXE_LZ4D_LONE,		/* all of the source is one block */
	AXE_LZ4D_MAGIC,
	AXE_LZ4D_SKIP_SIZE,
	AXE_LZ4D_SKIP,
	AXE_LZ4D_FLAGS,
	AXE_LZ4D_DESCRIPTOR,
	AXE_LZ4D_SIZE,
	AXE_LZ4D_BLOCK,
	AXE_LZ4D_BLOCK_SUM,
	AXE_LZ4D_UNPACK,
	AXE_LZ4D_DRAIN,
	AXE_LZ4D_SUM,
	AXE_LZ4D_DONE,
};

/**
 * struct axe_lz4d - a decompression while it runs
 * @step:	what comes next
 * @flg:	of the frame's descriptor
 * @stored:	the block is not compressed
 * @have:	bytes of the field that is being gathered
 * @hold:	header field
 * @in_size:	bytes that @in has room for
 * @out_size:	bytes that @out has room for
 * @limit:	the longest block that the frame may have
 * @in_len:	length of the block; what is left of a skippable frame
 * @out_len:	what it has become
 * @out_done:	of which so much is written
 * @history:	bytes before @out that the next block may refer to
 * @total:	plain bytes of the frame
 * @want:	so many the frame says that it has
 * @sum:	of the plain data
 * @in:		the block; behind this structure
 * @out:	what becomes of it
 */
struct axe_lz4d {
	enum axe_lz4d_step step;
	u8 flg;
	bool stored;
	size_t have;
	u8 hold[16];
	size_t in_size;
	size_t out_size;
	u32 limit;
	size_t in_len;
	size_t out_len;
	size_t out_done;
	size_t history;
	u64 total;
	u64 want;
	struct axe_xxh32 sum;
	u8 *in;
	u8 *out;
};

/* The longest block of a frame that the command accepts. */
static size_t axe_lz4d_window(const struct axe_cmd *cmd)
{
	u8 window = cmd->op.pack.window;

	if (!window)
		window = le32_to_cpu(cmd->op.pack.flags) & AXE_PACK_STREAM ?
			 AXE_PACK_STREAM_WINDOW : AXE_LZ4_WINDOW_MAX;
	return (size_t)1 << window;
}

static size_t axe_lz4d_in_size(const struct axe_cmd *cmd)
{
	if (cmd->op.pack.format == AXE_FORMAT_LZ4_FRAME)
		return axe_lz4d_window(cmd);
	return le32_to_cpu(cmd->src.length);
}

static size_t axe_lz4d_out_size(const struct axe_cmd *cmd)
{
	if (cmd->op.pack.format == AXE_FORMAT_LZ4_FRAME)
		return axe_lz4d_window(cmd);
	return le32_to_cpu(cmd->dst.length);
}

/**
 * axe_lz4_decompress_priv_need - private memory of a decompression
 * @x: the command
 *
 * Return: its size in bytes.
 */
static size_t axe_lz4_decompress_priv_need(const struct axe_exec *x)
{
	return sizeof(struct axe_lz4d) + axe_lz4d_in_size(x->cmd) + AXE_LZ4_HISTORY +
	       axe_lz4d_out_size(x->cmd);
}

static enum axe_code axe_lz4d_check_block(const struct axe_cmd *cmd)
{
	if (cmd->op.pack.window)
		return AXE_ERR_RESERVED;
	if (le32_to_cpu(cmd->src.length) > axe_lz4_bound(AXE_LZ4_BLOCK_MAX) ||
	    le32_to_cpu(cmd->dst.length) > AXE_LZ4_BLOCK_MAX)
		return AXE_ERR_LENGTH;
	return axe_pack_check(cmd, 0);
}

/**
 * axe_lz4_decompress_check - validate a command's block
 * @cmd: the command
 * @ext: its extension slot or NULL
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_lz4_decompress_check(const struct axe_cmd *cmd,
					      const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_pack *p = &cmd->op.pack;

	if (p->format > AXE_FORMAT_LZ4_FRAME)
		return AXE_ERR_PARAM;
	if (p->level)
		return AXE_ERR_RESERVED;
	if (p->format == AXE_FORMAT_LZ4_BLOCK)
		return axe_lz4d_check_block(cmd);
	if (p->window && (p->window < AXE_LZ4_WINDOW_MIN || p->window & 1 ||
			  p->window > AXE_LZ4_WINDOW_MAX))
		return AXE_ERR_PARAM;
	return axe_pack_check(cmd, AXE_PACK_STREAM | AXE_PACK_RESTART);
}

/**
 * axe_lz4_decompress_begin - prepare a decompression, or a stream
 * @x: the command
 *
 * Return: AXE_OK.
 */
static enum axe_code axe_lz4_decompress_begin(struct axe_exec *x)
{
	bool frame = x->cmd->op.pack.format == AXE_FORMAT_LZ4_FRAME;
	struct axe_lz4d *st = x->priv;

	memset(st, 0, sizeof(*st));
	st->step = frame ? AXE_LZ4D_MAGIC : AXE_LZ4D_LONE;
	st->in_size = axe_lz4d_in_size(x->cmd);
	st->out_size = axe_lz4d_out_size(x->cmd);
	st->in = (u8 *)(st + 1);
	st->out = st->in + st->in_size + AXE_LZ4_HISTORY;
	axe_xxh32_start(&st->sum, 0);
	return AXE_OK;
}

static bool axe_lz4d_gather(struct axe_lz4d *st, struct axe_exec *x, size_t n)
{
	return axe_pack_gather(x, st->hold, &st->have, n);
}

static int axe_lz4d_next(struct axe_lz4d *st, enum axe_lz4d_step step)
{
	st->have = 0;
	st->step = step;
	return AXE_OK;
}

/* A length's further bytes at @p[*@at]. False: they go beyond the block. */
static bool axe_lz4d_length(const u8 *p, size_t len, size_t *at, u64 *length)
{
	u8 byte;

	if (*length != 15)
		return true;
	do {
		if (*at >= len)
			return false;
		byte = p[(*at)++];
		*length += byte;
	} while (byte == 255);
	return true;
}

/*
 * Walk the block at @in. The library does not tell why and where it refuses one, and a
 * distance of 0 it accepts: what comes of that is what was in the memory before. *@at is
 * where it is wrong.
 */
static enum axe_code axe_lz4d_walk(const struct axe_lz4d *st, size_t room, size_t *at)
{
	u64 out = 0, length;
	const u8 *p = st->in;
	u32 distance;
	u8 token;

	for (*at = 0; *at < st->in_len;) {
		token = p[(*at)++];
		length = token >> 4;
		if (!axe_lz4d_length(p, st->in_len, at, &length) || length > st->in_len - *at)
			return AXE_ERR_DATA;
		*at += length;
		out += length;
		/* The last sequence is literals alone. */
		if (*at == st->in_len)
			return out > room ? AXE_ERR_FULL : AXE_OK;
		if (st->in_len - *at < 2)
			return AXE_ERR_DATA;
		distance = get_unaligned_le16(p + *at);
		if (!distance || distance > st->history + out)
			return AXE_ERR_DATA;
		*at += 2;
		length = token & 15;
		if (!axe_lz4d_length(p, st->in_len, at, &length))
			return AXE_ERR_DATA;
		out += length + 4;
	}
	return AXE_ERR_DATA;
}

/* Unpack the block at @in, whose end we have read but for @behind bytes. */
static int axe_lz4d_expand(struct axe_lz4d *st, struct axe_exec *x, size_t room, size_t behind)
{
	enum axe_code code;
	size_t at;
	int n;

	code = axe_lz4d_walk(st, room, &at);
	if (code == AXE_ERR_FULL && st->step == AXE_LZ4D_LONE)
		return AXE_ERR_FULL;
	if (code != AXE_OK)
		return axe_pack_bad(x, AXE_ERR_DATA, st->in_len - at + behind);
	n = LZ4_decompress_safe_usingDict((char *)st->in, (char *)st->out, st->in_len, room,
					  (char *)st->out - st->history, st->history);
	/* Matches too near to the end. */
	if (n < 0)
		return axe_pack_bad(x, AXE_ERR_DATA, behind);
	st->out_len = n;
	return AXE_OK;
}

static int axe_lz4d_lone(struct axe_lz4d *st, struct axe_exec *x)
{
	int ret;

	if (!axe_pack_gather(x, st->in, &st->in_len, st->in_size))
		return axe_pack_starved(x);
	ret = axe_lz4d_expand(st, x, st->out_size, 0);
	return ret == AXE_OK ? axe_lz4d_next(st, AXE_LZ4D_DRAIN) : ret;
}

static int axe_lz4d_magic(struct axe_lz4d *st, struct axe_exec *x)
{
	u32 magic;

	if (!axe_lz4d_gather(st, x, 4))
		return axe_pack_starved(x);
	magic = get_unaligned_le32(st->hold);
	if ((magic & AXE_SKIPPABLE_MASK) == AXE_SKIPPABLE_MAGIC)
		return axe_lz4d_next(st, AXE_LZ4D_SKIP_SIZE);
	if (magic != AXE_LZ4_MAGIC)
		return axe_pack_bad(x, AXE_ERR_DATA, 4);
	return axe_lz4d_next(st, AXE_LZ4D_FLAGS);
}

static int axe_lz4d_skip_size(struct axe_lz4d *st, struct axe_exec *x)
{
	if (!axe_lz4d_gather(st, x, 4))
		return axe_pack_starved(x);
	st->in_len = get_unaligned_le32(st->hold);
	return axe_lz4d_next(st, AXE_LZ4D_SKIP);
}

static int axe_lz4d_skip(struct axe_lz4d *st, struct axe_exec *x)
{
	size_t n = min(st->in_len, x->src_len);

	if (n)
		axe_pack_take(x, n);
	st->in_len -= n;
	return st->in_len ? axe_pack_starved(x) : axe_lz4d_next(st, AXE_LZ4D_DONE);
}

static int axe_lz4d_flags(struct axe_lz4d *st, struct axe_exec *x)
{
	bool whole = axe_lz4d_gather(st, x, 2);

	/* A dictionary cannot be given. */
	if (st->have && ((st->hold[0] & AXE_LZ4_FLG_VERSION_MASK) != AXE_LZ4_FLG_VERSION ||
			 st->hold[0] & (AXE_LZ4_FLG_RESERVED | AXE_LZ4_FLG_DICT)))
		return axe_pack_bad(x, AXE_ERR_DATA, st->have);
	if (!whole)
		return axe_pack_starved(x);
	st->flg = st->hold[0];
	st->limit = st->hold[1] >> AXE_LZ4_BD_SHIFT & 7;
	if (st->hold[1] & AXE_LZ4_BD_RESERVED || st->limit < AXE_LZ4_BD_MIN)
		return axe_pack_bad(x, AXE_ERR_DATA, 1);
	st->limit = 1u << (8 + 2 * st->limit);
	/* More than there is memory for: the command did not ask for it. */
	if (st->limit > st->out_size)
		return axe_pack_bad(x, AXE_ERR_DATA, 1);
	st->step = AXE_LZ4D_DESCRIPTOR;
	return AXE_OK;
}

/* The rest of it, behind FLG and BD. */
static int axe_lz4d_descriptor(struct axe_lz4d *st, struct axe_exec *x)
{
	size_t len = 2 + (st->flg & AXE_LZ4_FLG_SIZE ? 8 : 0);

	if (!axe_lz4d_gather(st, x, len + 1))
		return axe_pack_starved(x);
	if (st->hold[len] != (u8)(axe_xxh32(st->hold, len) >> 8))
		return axe_pack_bad(x, AXE_ERR_CHECKSUM, 1);
	if (st->flg & AXE_LZ4_FLG_SIZE)
		st->want = get_unaligned_le64(st->hold + 2);
	return axe_lz4d_next(st, AXE_LZ4D_SIZE);
}

static int axe_lz4d_end(struct axe_lz4d *st, struct axe_exec *x)
{
	if (st->flg & AXE_LZ4_FLG_SIZE && st->total != st->want)
		return axe_pack_bad(x, AXE_ERR_DATA, 4);
	return axe_lz4d_next(st, st->flg & AXE_LZ4_FLG_SUM ? AXE_LZ4D_SUM : AXE_LZ4D_DONE);
}

static int axe_lz4d_size(struct axe_lz4d *st, struct axe_exec *x)
{
	u32 size;

	if (!axe_lz4d_gather(st, x, 4))
		return axe_pack_starved(x);
	size = get_unaligned_le32(st->hold);
	if (!size)
		return axe_lz4d_end(st, x);
	st->stored = size & AXE_LZ4_STORED;
	st->in_len = size & ~AXE_LZ4_STORED;
	if (st->in_len > st->limit)
		return axe_pack_bad(x, AXE_ERR_DATA, 4);
	return axe_lz4d_next(st, AXE_LZ4D_BLOCK);
}

static int axe_lz4d_block(struct axe_lz4d *st, struct axe_exec *x)
{
	if (!axe_pack_gather(x, st->in, &st->have, st->in_len))
		return axe_pack_starved(x);
	return axe_lz4d_next(st, st->flg & AXE_LZ4_FLG_BLOCK_SUM ? AXE_LZ4D_BLOCK_SUM :
			     AXE_LZ4D_UNPACK);
}

static int axe_lz4d_block_sum(struct axe_lz4d *st, struct axe_exec *x)
{
	if (!axe_lz4d_gather(st, x, 4))
		return axe_pack_starved(x);
	if (get_unaligned_le32(st->hold) != axe_xxh32(st->in, st->in_len))
		return axe_pack_bad(x, AXE_ERR_CHECKSUM, 4);
	return axe_lz4d_next(st, AXE_LZ4D_UNPACK);
}

static int axe_lz4d_unpack(struct axe_lz4d *st, struct axe_exec *x)
{
	int ret;

	if (st->stored) {
		memcpy(st->out, st->in, st->in_len);
		st->out_len = st->in_len;
	} else {
		ret = axe_lz4d_expand(st, x, st->limit,
				      st->flg & AXE_LZ4_FLG_BLOCK_SUM ? 4 : 0);
		if (ret != AXE_OK)
			return ret;
	}
	st->out_done = 0;
	st->total += st->out_len;
	axe_xxh32_add(&st->sum, st->out, st->out_len);
	return axe_lz4d_next(st, AXE_LZ4D_DRAIN);
}

/* Keep the end of what was made before @out, for blocks that are linked. */
static void axe_lz4d_remember(struct axe_lz4d *st)
{
	size_t n = min_t(size_t, st->history + st->out_len, AXE_LZ4_HISTORY);

	if (st->flg & AXE_LZ4_FLG_INDEPENDENT)
		return;
	memmove(st->out - n, st->out + st->out_len - n, n);
	st->history = n;
}

static int axe_lz4d_drain(struct axe_lz4d *st, struct axe_exec *x)
{
	int ret = axe_pack_drain(x, st->out, st->out_len, &st->out_done);

	if (ret != AXE_OK)
		return ret;
	if (x->cmd->op.pack.format == AXE_FORMAT_LZ4_BLOCK)
		return axe_lz4d_next(st, AXE_LZ4D_DONE);
	axe_lz4d_remember(st);
	return axe_lz4d_next(st, AXE_LZ4D_SIZE);
}

static int axe_lz4d_sum(struct axe_lz4d *st, struct axe_exec *x)
{
	if (!axe_lz4d_gather(st, x, 4))
		return axe_pack_starved(x);
	if (get_unaligned_le32(st->hold) != axe_xxh32_of(&st->sum))
		return axe_pack_bad(x, AXE_ERR_CHECKSUM, 4);
	return axe_lz4d_next(st, AXE_LZ4D_DONE);
}

static int (*const axe_lz4d_steps[])(struct axe_lz4d *st, struct axe_exec *x) = {
	[AXE_LZ4D_LONE]		= axe_lz4d_lone,
	[AXE_LZ4D_MAGIC]	= axe_lz4d_magic,
	[AXE_LZ4D_SKIP_SIZE]	= axe_lz4d_skip_size,
	[AXE_LZ4D_SKIP]		= axe_lz4d_skip,
	[AXE_LZ4D_FLAGS]	= axe_lz4d_flags,
	[AXE_LZ4D_DESCRIPTOR]	= axe_lz4d_descriptor,
	[AXE_LZ4D_SIZE]		= axe_lz4d_size,
	[AXE_LZ4D_BLOCK]	= axe_lz4d_block,
	[AXE_LZ4D_BLOCK_SUM]	= axe_lz4d_block_sum,
	[AXE_LZ4D_UNPACK]	= axe_lz4d_unpack,
	[AXE_LZ4D_DRAIN]	= axe_lz4d_drain,
	[AXE_LZ4D_SUM]		= axe_lz4d_sum,
};

/**
 * axe_lz4_decompress_exec - decompress the source into the destination
 * @x: the command; result[0] becomes the XXH32 of a frame's plain data when it ends,
 *	result[1] the number of source bytes taken. Where the data is wrong or ends
 *	early, both are the place in the source.
 *
 * Return: AXE_OK at the end of the block or frame, AXE_INFO_MORE, AXE_EXEC_MORE,
 * AXE_ERR_FULL, AXE_ERR_DATA, AXE_ERR_TRUNCATED, or AXE_ERR_CHECKSUM.
 */
static int axe_lz4_decompress_exec(struct axe_exec *x)
{
	struct axe_lz4d *st = x->priv;
	int ret;

	while (st->step != AXE_LZ4D_DONE) {
		ret = axe_lz4d_steps[st->step](st, x);
		if (ret != AXE_OK)
			return ret;
	}
	if (x->cmd->op.pack.format == AXE_FORMAT_LZ4_FRAME)
		x->result[0] = axe_xxh32_of(&st->sum);
	return AXE_OK;
}

const struct axe_op axe_op_lz4_decompress = {
	.name		= "lz4-decompress",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST | AXE_OP_CAN_STREAM |
			  AXE_OP_HAS_FORMATS,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.formats	= AXE_FORMATS_LZ4,
	.inline_max	= AXE_INLINE_NEVER,
	.priv_need	= axe_lz4_decompress_priv_need,
	.check		= axe_lz4_decompress_check,
	.stream		= axe_pack_stream,
	.begin		= axe_lz4_decompress_begin,
	.exec		= axe_lz4_decompress_exec,
};
