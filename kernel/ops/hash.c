// SPDX-License-Identifier: GPL-2.0
/* Hash a message, by one command or a stream of them. */
#include <linux/bits.h>
#include <linux/minmax.h>

#include "digest.h"
#include "piece.h"

/**
 * struct axe_hash_run - a message while it is hashed
 * @total:	bytes of it
 * @have:	bytes in @out: 0 until the message has ended
 * @at:		how many of them are written
 * @out:	the digest
 * @digest:	the function's state
 */
struct axe_hash_run {
	u64 total;
	u8 have;
	u8 at;
	u8 out[AXE_DIGEST_MAX];
	struct axe_digest digest;
};

/**
 * axe_hash_priv_size - private memory of a hash
 *
 * Return: its size in bytes.
 */
static size_t axe_hash_priv_size(void)
{
	return sizeof(struct axe_hash_run);
}

/**
 * axe_hash_formats_had - those functions that there are here
 * @formats:	mask of 1 << enum axe_hash
 *
 * May sleep, and load the modules that have them.
 */
static u32 axe_hash_formats_had(u32 formats)
{
	unsigned int i;

	for (i = 0; i < AXE_DIGEST_NUM; i++)
		if (formats >> i & 1 && axe_digest_load(i) == AXE_ERR_OPCODE)
			formats &= ~BIT(i);
	return formats;
}

/**
 * axe_hash_check_flags - are these flags of a hash or a MAC sensible?
 * @flags:	enum axe_hash_flags
 *
 * Return: AXE_OK, or what is wrong with them.
 */
enum axe_code axe_hash_check_flags(u32 flags)
{
	if (flags & ~(AXE_HASH_STREAM | AXE_HASH_RESTART | AXE_HASH_FINAL))
		return AXE_ERR_RESERVED;
	if (flags && !(flags & AXE_HASH_STREAM))
		return AXE_ERR_PARAM;
	return AXE_OK;
}

/**
 * axe_hash_ends - does a command with these flags end its message?
 * @flags:	enum axe_hash_flags
 */
bool axe_hash_ends(u32 flags)
{
	return !(flags & AXE_HASH_STREAM) || flags & AXE_HASH_FINAL;
}

/**
 * axe_hash_stands - how does a command with these flags stand to its queue's stream?
 * @flags:	enum axe_hash_flags
 */
enum axe_stream axe_hash_stands(u32 flags)
{
	if (!(flags & AXE_HASH_STREAM))
		return AXE_STREAM_NONE;
	return flags & AXE_HASH_RESTART ? AXE_STREAM_RESTART : AXE_STREAM_CONTINUE;
}

/**
 * axe_hash_check - validate a hash command's block
 * @cmd: the command
 * @ext: its extension slot or NULL
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_hash_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_hash *p = &cmd->op.hash;
	u32 flags = le32_to_cpu(p->flags);
	enum axe_code code = axe_hash_check_flags(flags);

	if (p->format >= AXE_DIGEST_NUM)
		return AXE_ERR_PARAM;
	if (memchr_inv(p->reserved0, 0, sizeof(p->reserved0)) ||
	    memchr_inv(p->reserved1, 0, sizeof(p->reserved1)))
		return AXE_ERR_RESERVED;
	if (code != AXE_OK)
		return code;
	/* Better now than when all is done. */
	if (axe_hash_ends(flags) && le32_to_cpu(cmd->dst.length) < axe_digest_size(p->format))
		return AXE_ERR_FULL;
	return AXE_OK;
}

/**
 * axe_hash_stream - tell whether a command is part of a stream
 * @cmd: the command, checked
 *
 * Return: how it stands to the stream that its queue may hold.
 */
static enum axe_stream axe_hash_stream(const struct axe_cmd *cmd)
{
	return axe_hash_stands(le32_to_cpu(cmd->op.hash.flags));
}

/**
 * axe_hash_begin - prepare a hash, or a stream
 * @x: the command
 *
 * Return: as axe_digest_load().
 */
static enum axe_code axe_hash_begin(struct axe_exec *x)
{
	struct axe_hash_run *st = x->priv;
	unsigned int format = x->cmd->op.hash.format;
	enum axe_code code = axe_digest_load(format);

	if (code != AXE_OK)
		return code;
	st->total = 0;
	st->have = 0;
	st->at = 0;
	return axe_digest_init(&st->digest, format);
}

/* Take what there is of the source. AXE_OK: the message has ended, and has a digest. */
static int axe_hash_take(struct axe_hash_run *st, struct axe_exec *x)
{
	enum axe_code code = axe_digest_update(&st->digest, x->src, x->src_len);

	st->total += x->src_len;
	axe_src_take(x, x->src_len);
	x->result[0] = st->total;
	if (code != AXE_OK)
		return code;
	if (!x->src_end)
		return AXE_EXEC_MORE;
	if (!axe_hash_ends(le32_to_cpu(x->cmd->op.hash.flags)))
		return AXE_INFO_MORE;
	st->have = axe_digest_size(st->digest.format);
	return axe_digest_final(&st->digest, st->out);
}

/**
 * axe_hash_exec - hash the source; write the digest to the destination
 * @x: the command; result[0] becomes the length of the message, up to now
 *
 * Return: AXE_OK, AXE_EXEC_MORE, AXE_INFO_MORE if the message goes on, or what is
 * wrong.
 */
static int axe_hash_exec(struct axe_exec *x)
{
	struct axe_hash_run *st = x->priv;
	int ret;
	u8 n;

	if (st->digest.format != x->cmd->op.hash.format)
		return AXE_ERR_STREAM;
	if (!st->have) {
		ret = axe_hash_take(st, x);
		if (ret != AXE_OK)
			return ret;
	}
	n = min_t(size_t, st->have - st->at, x->dst_len);
	if (n)
		memcpy(x->dst, st->out + st->at, n);
	st->at += n;
	axe_dst_put(x, n);
	return st->at < st->have ? axe_dst_short(x) : AXE_OK;
}

#define AXE_FORMATS_HASH	(BIT(AXE_HASH_MD5 + 1) - 1)

const struct axe_op axe_op_hash = {
	.name		= "hash",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST |
			  AXE_OP_HAS_FORMATS | AXE_OP_CAN_STREAM,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.formats	= AXE_FORMATS_HASH,
	.has		= axe_hash_formats_had,
	.inline_max	= AXE_INLINE_HASH,
	.priv_size	= axe_hash_priv_size,
	.check		= axe_hash_check,
	.stream		= axe_hash_stream,
	.begin		= axe_hash_begin,
	.exec		= axe_hash_exec,
};
