// SPDX-License-Identifier: GPL-2.0
/*
 * Compress with the kernel's Zstandard, RFC 8878. It copies the source, byte by byte once,
 * into its window, so it does not matter that the process may change it meanwhile.
 */
#include <linux/bug.h>
#include <linux/zstd.h>

#include "pack.h"

#define AXE_ZSTD_LEVEL		3

/**
 * struct axe_zstdc - a compression while it runs
 * @stream:	the library's, in the memory behind this structure
 * @params:	level, window and flags, as the library wants them
 * @blocked:	the library may have output that did not fit
 * @ending:	it was told that there is no more
 */
struct axe_zstdc {
	zstd_cstream *stream;
	zstd_parameters params;
	bool blocked;
	bool ending;
};

#define AXE_ZSTDC_SIZE	ALIGN(sizeof(struct axe_zstdc), 64)

/* What the library makes of the level, for no more than a window of data. */
static zstd_parameters axe_zstdc_params(const struct axe_cmd *cmd)
{
	const struct axe_cmd_pack *p = &cmd->op.pack;
	u32 flags = le32_to_cpu(p->flags);
	u32 most = 1u << (p->window ? p->window : AXE_ZSTD_WINDOW_COMPRESS);
	u32 length = flags & AXE_PACK_STREAM ? most : le32_to_cpu(cmd->src.length);
	zstd_parameters params;

	/* 0 would mean that nobody knows how long it will be. */
	params = zstd_get_params(p->level ? p->level : AXE_ZSTD_LEVEL, max(min(length, most), 1u));
	params.fParams.checksumFlag = !(flags & AXE_PACK_NO_CHECKSUM);
	params.fParams.contentSizeFlag = 1;
	return params;
}

/**
 * axe_zstd_compress_priv_need - private memory of a compression
 * @x: the command
 *
 * Return: its size in bytes.
 */
static size_t axe_zstd_compress_priv_need(const struct axe_exec *x)
{
	zstd_parameters params = axe_zstdc_params(x->cmd);

	return AXE_ZSTDC_SIZE + zstd_cstream_workspace_bound(&params.cParams);
}

/**
 * axe_zstd_compress_check - validate a command's block
 * @cmd: the command
 * @ext: its extension slot or NULL
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_zstd_compress_check(const struct axe_cmd *cmd,
					     const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_pack *p = &cmd->op.pack;

	if (p->format > AXE_FORMAT_ZSTD || p->level > AXE_ZSTD_LEVEL_MAX)
		return AXE_ERR_PARAM;
	if (p->window && (p->window < AXE_ZSTD_WINDOW_MIN ||
			  p->window > AXE_ZSTD_WINDOW_COMPRESS))
		return AXE_ERR_PARAM;
	return axe_pack_check(cmd, AXE_PACK_FLAGS_COMPRESS);
}

/**
 * axe_zstd_compress_begin - prepare a compression, or a stream
 * @x: the command
 *
 * Return: AXE_OK, or AXE_ERR_NOMEM.
 */
static enum axe_code axe_zstd_compress_begin(struct axe_exec *x)
{
	u64 length = axe_pack_streams(x) ? 0 : le32_to_cpu(x->cmd->src.length);
	struct axe_zstdc *st = x->priv;

	memset(st, 0, sizeof(*st));
	st->params = axe_zstdc_params(x->cmd);
	/* 0: not known. Else it is written into the frame's header. */
	st->stream = zstd_init_cstream(&st->params, length, (u8 *)x->priv + AXE_ZSTDC_SIZE,
				       zstd_cstream_workspace_bound(&st->params.cParams));
	return WARN_ON_ONCE(!st->stream) ? AXE_ERR_NOMEM : AXE_OK;
}

/* Compress the source. AXE_OK when the library has all of it, and no output. */
static int axe_zstdc_body(struct axe_zstdc *st, struct axe_exec *x)
{
	while (x->src_len || st->blocked) {
		zstd_in_buffer in = { .src = x->src, .size = x->src_len };
		zstd_out_buffer out = { .dst = x->dst, .size = x->dst_len };

		if (!x->dst_len)
			return axe_pack_full(x);
		if (WARN_ON_ONCE(zstd_is_error(zstd_compress_stream(st->stream, &out, &in))))
			return AXE_ERR_NOMEM;
		st->blocked = out.pos == out.size;
		axe_pack_take(x, in.pos);
		axe_dst_put(x, out.pos);
	}
	return axe_src_done(x);
}

/* End the frame. */
static int axe_zstdc_end(struct axe_zstdc *st, struct axe_exec *x)
{
	zstd_out_buffer out;
	size_t left;

	for (;;) {
		if (!x->dst_len)
			return axe_pack_full(x);
		out = (zstd_out_buffer) { .dst = x->dst, .size = x->dst_len };
		left = zstd_end_stream(st->stream, &out);
		if (WARN_ON_ONCE(zstd_is_error(left)))
			return AXE_ERR_NOMEM;
		axe_dst_put(x, out.pos);
		if (!left)
			return AXE_OK;
	}
}

/**
 * axe_zstd_compress_exec - compress the source into the destination
 * @x: the command; result[1] becomes the number of source bytes taken
 *
 * Return: AXE_OK, AXE_INFO_MORE, AXE_EXEC_MORE, or AXE_ERR_FULL.
 */
static int axe_zstd_compress_exec(struct axe_exec *x)
{
	struct axe_zstdc *st = x->priv;
	int ret;

	if (!st->ending) {
		ret = axe_zstdc_body(st, x);
		if (ret != AXE_OK)
			return ret;
		if (axe_pack_unfinished(x))
			return AXE_INFO_MORE;
		st->ending = true;
	}
	return axe_zstdc_end(st, x);
}

const struct axe_op axe_op_zstd_compress = {
	.name		= "zstd-compress",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST | AXE_OP_CAN_STREAM |
			  AXE_OP_HAS_FORMATS | AXE_OP_HAS_LEVELS,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.formats	= AXE_FORMATS_ZSTD,
	.min_level	= 1,
	.max_level	= AXE_ZSTD_LEVEL_MAX,
	.inline_max	= AXE_INLINE_NEVER,
	.step		= AXE_STEP_SLOW,
	.priv_need	= axe_zstd_compress_priv_need,
	.check		= axe_zstd_compress_check,
	.stream		= axe_pack_stream,
	.begin		= axe_zstd_compress_begin,
	.exec		= axe_zstd_compress_exec,
};
