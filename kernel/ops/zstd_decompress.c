// SPDX-License-Identifier: GPL-2.0
/*
 * Decompress with the kernel's Zstandard, RFC 8878, alone or as a stream of commands.
 *
 * The library tells only that something is wrong, not where, and takes what it is given.
 * So we go through the frame's blocks with it, and give it one part of them at a time,
 * of which we know where it began. It reads a byte more than once, so what it sees
 * is a copy.
 */
#include <linux/bits.h>
#include <linux/bug.h>
#include <linux/zstd.h>

#include "pack.h"

#define AXE_ZSTD_MAGIC		0xfd2fb528u
/* The magic number and the descriptor's first byte; and all of it at most. */
#define AXE_ZSTD_HEAD		5
#define AXE_ZSTD_HEAD_MAX	18
#define AXE_ZSTD_FHD_SINGLE	BIT(5)
#define AXE_ZSTD_FHD_SUM	BIT(2)
#define AXE_ZSTD_BLOCK_RLE	1
#define AXE_ZSTD_BLOCK_RESERVED	3
/* As much of a block as is copied at a time. */
#define AXE_ZSTD_COPY		SZ_1K

enum axe_zstdd_step {
	AXE_ZSTDD_MAGIC,
	AXE_ZSTDD_SKIP_SIZE,
	AXE_ZSTDD_SKIP,
	AXE_ZSTDD_HEADER,
	AXE_ZSTDD_BLOCK,
	AXE_ZSTDD_BODY,
	AXE_ZSTDD_FLUSH,
	AXE_ZSTDD_SUM,
	AXE_ZSTDD_DONE,
};

/**
 * struct axe_zstdd - a decompression while it runs
 * @stream:	the library's, in the memory behind this structure
 * @window:	the longest window that it has room for
 * @step:	what comes next
 * @last:	of the block at hand
 * @summed:	a checksum ends the frame
 * @stuck:	the library takes no more before it has written
 * @spared:	@spare is to be written
 * @header:	length of the frame's header
 * @block:	what is wrong is told to be so far back: from where the block began
 * @left:	bytes of it, or of a skippable frame, to come
 * @have:	bytes in @hold
 * @hold:	a field, until it is complete
 * @copy:	what the library sees of the source
 * @spare:	where the library may write when the destination is full
 */
struct axe_zstdd {
	zstd_dstream *stream;
	size_t window;
	enum axe_zstdd_step step;
	bool last;
	bool summed;
	bool stuck;
	bool spared;
	size_t header;
	u64 block;
	size_t left;
	size_t have;
	u8 hold[AXE_ZSTD_HEAD_MAX];
	u8 copy[AXE_ZSTD_COPY];
	u8 spare;
};

#define AXE_ZSTDD_SIZE	ALIGN(sizeof(struct axe_zstdd), 64)

static size_t axe_zstdd_window(const struct axe_cmd *cmd)
{
	u8 window = cmd->op.pack.window;

	if (!window)
		window = le32_to_cpu(cmd->op.pack.flags) & AXE_PACK_STREAM ?
			 AXE_PACK_STREAM_WINDOW : AXE_ZSTD_WINDOW_MAX;
	return (size_t)1 << window;
}

/**
 * axe_zstd_decompress_priv_need - private memory of a decompression
 * @x: the command
 *
 * Return: its size in bytes.
 */
static size_t axe_zstd_decompress_priv_need(const struct axe_exec *x)
{
	return AXE_ZSTDD_SIZE + zstd_dstream_workspace_bound(axe_zstdd_window(x->cmd));
}

/**
 * axe_zstd_decompress_check - validate a command's block
 * @cmd: the command
 * @ext: its extension slot or NULL
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_zstd_decompress_check(const struct axe_cmd *cmd,
					       const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_pack *p = &cmd->op.pack;

	if (p->format > AXE_FORMAT_ZSTD)
		return AXE_ERR_PARAM;
	if (p->level)
		return AXE_ERR_RESERVED;
	if (p->window && (p->window < AXE_ZSTD_WINDOW_MIN ||
			  p->window > AXE_ZSTD_WINDOW_MAX))
		return AXE_ERR_PARAM;
	return axe_pack_check(cmd, AXE_PACK_STREAM | AXE_PACK_RESTART);
}

/**
 * axe_zstd_decompress_begin - prepare a decompression, or a stream
 * @x: the command
 *
 * Return: AXE_OK, or AXE_ERR_NOMEM.
 */
static enum axe_code axe_zstd_decompress_begin(struct axe_exec *x)
{
	struct axe_zstdd *st = x->priv;

	memset(st, 0, sizeof(*st));
	st->window = axe_zstdd_window(x->cmd);
	st->stream = zstd_init_dstream(st->window, (u8 *)x->priv + AXE_ZSTDD_SIZE,
				       zstd_dstream_workspace_bound(st->window));
	return WARN_ON_ONCE(!st->stream) ? AXE_ERR_NOMEM : AXE_OK;
}

static int axe_zstdd_next(struct axe_zstdd *st, enum axe_zstdd_step step)
{
	st->have = 0;
	st->step = step;
	return AXE_OK;
}

static bool axe_zstdd_gather(struct axe_zstdd *st, struct axe_exec *x, size_t n)
{
	return axe_pack_gather(x, st->hold, &st->have, n);
}

/* What the library says: AXE_OK, or that the data is bad, @back bytes ago. */
static int axe_zstdd_judge(struct axe_exec *x, size_t ret, u64 back)
{
	if (!zstd_is_error(ret))
		return AXE_OK;
	if (zstd_get_error_code(ret) == ZSTD_error_checksum_wrong)
		return axe_pack_bad(x, AXE_ERR_CHECKSUM, back);
	return axe_pack_bad(x, AXE_ERR_DATA, back);
}

/* Give it @n bytes of @hold, which it takes without output. */
static int axe_zstdd_give(struct axe_zstdd *st, struct axe_exec *x, size_t n)
{
	zstd_in_buffer in = { .src = st->hold, .size = n };
	zstd_out_buffer out = { .dst = &st->spare };
	int ret;

	ret = axe_zstdd_judge(x, zstd_decompress_stream(st->stream, &out, &in), n);
	if (ret == AXE_OK && in.pos < n)
		return axe_pack_bad(x, AXE_ERR_DATA, n);
	return ret;
}

static int axe_zstdd_magic(struct axe_zstdd *st, struct axe_exec *x)
{
	u32 magic;

	if (!axe_zstdd_gather(st, x, 4))
		return axe_pack_starved(x);
	magic = get_unaligned_le32(st->hold);
	if ((magic & AXE_SKIPPABLE_MASK) == AXE_SKIPPABLE_MAGIC)
		return axe_zstdd_next(st, AXE_ZSTDD_SKIP_SIZE);
	if (magic != AXE_ZSTD_MAGIC)
		return axe_pack_bad(x, AXE_ERR_DATA, 4);
	/* The library is given it with the rest of the header. */
	st->step = AXE_ZSTDD_HEADER;
	return AXE_OK;
}

static int axe_zstdd_skip_size(struct axe_zstdd *st, struct axe_exec *x)
{
	if (!axe_zstdd_gather(st, x, 4))
		return axe_pack_starved(x);
	st->left = get_unaligned_le32(st->hold);
	return axe_zstdd_next(st, AXE_ZSTDD_SKIP);
}

static int axe_zstdd_skip(struct axe_zstdd *st, struct axe_exec *x)
{
	size_t n = min(st->left, x->src_len);

	if (n)
		axe_pack_take(x, n);
	st->left -= n;
	return st->left ? axe_pack_starved(x) : axe_zstdd_next(st, AXE_ZSTDD_DONE);
}

/* RFC 8878, 3.1.1.1: how long the header is, by its descriptor. */
static size_t axe_zstdd_header_len(u8 fhd)
{
	static const u8 dict[] = { 0, 1, 2, 4 };
	static const u8 size[] = { 0, 2, 4, 8 };
	bool single = fhd & AXE_ZSTD_FHD_SINGLE;

	return AXE_ZSTD_HEAD + !single + dict[fhd & 3] + max_t(size_t, size[fhd >> 6], single);
}

static int axe_zstdd_header(struct axe_zstdd *st, struct axe_exec *x)
{
	zstd_frame_header head;
	int ret;

	if (st->have < AXE_ZSTD_HEAD && !axe_zstdd_gather(st, x, AXE_ZSTD_HEAD))
		return axe_pack_starved(x);
	st->header = axe_zstdd_header_len(st->hold[4]);
	if (!axe_zstdd_gather(st, x, st->header))
		return axe_pack_starved(x);
	/* A dictionary cannot be given. */
	if (zstd_get_frame_header(&head, st->hold, st->header) || head.dictID ||
	    head.windowSize > st->window)
		return axe_pack_bad(x, AXE_ERR_DATA, st->header - 4);
	st->summed = st->hold[4] & AXE_ZSTD_FHD_SUM;
	ret = axe_zstdd_give(st, x, st->header);
	return ret == AXE_OK ? axe_zstdd_next(st, AXE_ZSTDD_BLOCK) : ret;
}

/* All of the block is given. Of a frame's last byte the library takes leave only at its end. */
static int axe_zstdd_after(struct axe_zstdd *st)
{
	st->stuck = false;
	return axe_zstdd_next(st, st->last && !st->summed ? AXE_ZSTDD_DONE : AXE_ZSTDD_FLUSH);
}

static int axe_zstdd_block(struct axe_zstdd *st, struct axe_exec *x)
{
	unsigned int type;
	u32 head;
	int ret;

	if (!axe_zstdd_gather(st, x, 3))
		return axe_pack_starved(x);
	head = get_unaligned_le16(st->hold) | st->hold[2] << 16;
	type = head >> 1 & 3;
	st->last = head & 1;
	st->left = type == AXE_ZSTD_BLOCK_RLE ? 1 : head >> 3;
	st->block = 3;
	if (type == AXE_ZSTD_BLOCK_RESERVED)
		return axe_pack_bad(x, AXE_ERR_DATA, 3);
	ret = axe_zstdd_give(st, x, 3);
	if (ret != AXE_OK)
		return ret;
	return st->left ? axe_zstdd_next(st, AXE_ZSTDD_BODY) : axe_zstdd_after(st);
}

/*
 * Let the library work on @n bytes of the block, and write. AXE_OK: it has no output left.
 * It may leave a byte of the last block until it has written all.
 */
static int axe_zstdd_work(struct axe_zstdd *st, struct axe_exec *x, size_t n)
{
	zstd_in_buffer in = { .src = st->copy, .size = n };
	zstd_out_buffer out = { .dst = x->dst_len ? x->dst : &st->spare, .size = x->dst_len };
	int ret;

	if (n)
		memcpy(st->copy, x->src, n);
	ret = axe_zstdd_judge(x, zstd_decompress_stream(st->stream, &out, &in), st->block);
	if (ret != AXE_OK)
		return ret;
	axe_pack_take(x, in.pos);
	st->left -= in.pos;
	st->block += in.pos;
	if (out.pos)
		axe_dst_put(x, out.pos);
	return AXE_OK;
}

static int axe_zstdd_body(struct axe_zstdd *st, struct axe_exec *x)
{
	size_t n = min_t(size_t, min(st->left, x->src_len), AXE_ZSTD_COPY);
	size_t left = st->left;
	int ret;

	if (!n)
		return axe_pack_starved(x);
	/* Called in vain too often, the library takes it for an error. */
	if (st->stuck && !x->dst_len)
		return axe_pack_full(x);
	ret = axe_zstdd_work(st, x, n);
	if (ret != AXE_OK)
		return ret;
	if (!st->left)
		return axe_zstdd_after(st);
	/* Nothing taken: it holds back what it has to write. */
	st->stuck = st->left == left && !x->dst_len;
	return st->stuck ? axe_pack_full(x) : AXE_OK;
}

/* Behind the block: the next, or the checksum, or nothing. */
static int axe_zstdd_behind(struct axe_zstdd *st)
{
	if (!st->last)
		return axe_zstdd_next(st, AXE_ZSTDD_BLOCK);
	return axe_zstdd_next(st, st->summed ? AXE_ZSTDD_SUM : AXE_ZSTDD_DONE);
}

/*
 * Have all of the block written. Where the destination ends, it takes a byte of ours to
 * see whether there is more.
 */
static int axe_zstdd_flush(struct axe_zstdd *st, struct axe_exec *x)
{
	zstd_in_buffer in = { .src = st->copy };
	zstd_out_buffer out = { .dst = &st->spare, .size = 1 };
	int ret;

	if (st->spared && !x->dst_len)
		return axe_pack_full(x);
	if (st->spared) {
		*x->dst = st->spare;
		axe_dst_put(x, 1);
		st->spared = false;
	}
	if (x->dst_len) {
		out.dst = x->dst;
		out.size = x->dst_len;
	}
	ret = axe_zstdd_judge(x, zstd_decompress_stream(st->stream, &out, &in), st->block);
	if (ret != AXE_OK)
		return ret;
	if (x->dst_len)
		axe_dst_put(x, out.pos);
	else
		st->spared = out.pos;
	return out.pos == out.size ? AXE_OK : axe_zstdd_behind(st);
}

static int axe_zstdd_sum(struct axe_zstdd *st, struct axe_exec *x)
{
	int ret;

	if (!axe_zstdd_gather(st, x, 4))
		return axe_pack_starved(x);
	ret = axe_zstdd_give(st, x, 4);
	return ret == AXE_OK ? axe_zstdd_next(st, AXE_ZSTDD_DONE) : ret;
}

static int (*const axe_zstdd_steps[])(struct axe_zstdd *st, struct axe_exec *x) = {
	[AXE_ZSTDD_MAGIC]	= axe_zstdd_magic,
	[AXE_ZSTDD_SKIP_SIZE]	= axe_zstdd_skip_size,
	[AXE_ZSTDD_SKIP]	= axe_zstdd_skip,
	[AXE_ZSTDD_HEADER]	= axe_zstdd_header,
	[AXE_ZSTDD_BLOCK]	= axe_zstdd_block,
	[AXE_ZSTDD_BODY]	= axe_zstdd_body,
	[AXE_ZSTDD_FLUSH]	= axe_zstdd_flush,
	[AXE_ZSTDD_SUM]		= axe_zstdd_sum,
};

/**
 * axe_zstd_decompress_exec - decompress the source into the destination
 * @x: the command; result[1] becomes the number of source bytes taken. Where the data is
 *	wrong, both results are where the block (or field) begins that is; where it ends
 *	early, the source's length.
 *
 * Return: AXE_OK at the end of the frame, AXE_INFO_MORE, AXE_EXEC_MORE, AXE_ERR_FULL,
 * AXE_ERR_DATA, AXE_ERR_TRUNCATED, or AXE_ERR_CHECKSUM.
 */
static int axe_zstd_decompress_exec(struct axe_exec *x)
{
	struct axe_zstdd *st = x->priv;
	int ret;

	while (st->step != AXE_ZSTDD_DONE) {
		ret = axe_zstdd_steps[st->step](st, x);
		if (ret != AXE_OK)
			return ret;
	}
	return AXE_OK;
}

const struct axe_op axe_op_zstd_decompress = {
	.name		= "zstd-decompress",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST | AXE_OP_CAN_STREAM |
			  AXE_OP_HAS_FORMATS,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.formats	= AXE_FORMATS_ZSTD,
	.inline_max	= AXE_INLINE_NEVER,
	.step		= AXE_STEP_SLOW,
	.priv_need	= axe_zstd_decompress_priv_need,
	.check		= axe_zstd_decompress_check,
	.stream		= axe_pack_stream,
	.begin		= axe_zstd_decompress_begin,
	.exec		= axe_zstd_decompress_exec,
};
