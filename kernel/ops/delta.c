// SPDX-License-Identifier: GPL-2.0
/*
 * Delta records: what one buffer has in another way than one before it. As those of
 * Intel's Data Streaming Accelerator ("Create Delta Record", "Apply Delta Record").
 */
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "piece.h"
#include "same.h"

#define AXE_DELTA_NUMBER	(AXE_DELTA_ENTRY - AXE_DELTA_WORD)

/* Pieces end anywhere: words and entries are put together here. */
struct axe_delta_create {
	u32 word;			/* number of the word that is to be compared */
	u8 original[AXE_DELTA_WORD];
	u8 modified[AXE_DELTA_WORD];
	u8 num_original;		/* bytes of it that were read */
	u8 num_modified;
	u8 entry[AXE_DELTA_ENTRY];
	u8 num_entry;			/* bytes at its end that are to be written */
};

struct axe_delta_apply {
	u32 at;				/* in the destination */
	u32 entry_at;			/* in the source */
	u32 next;			/* the lowest number that may come */
	u32 number;			/* of the word at hand */
	u8 entry[AXE_DELTA_ENTRY];
	u8 num_entry;			/* bytes of it that were read */
	u8 num_word;			/* bytes of its word that were written */
};

/**
 * axe_delta_create_priv_size - what putting words together takes
 */
static size_t axe_delta_create_priv_size(void)
{
	return sizeof(struct axe_delta_create);
}

/**
 * axe_delta_apply_priv_size - likewise entries
 */
static size_t axe_delta_apply_priv_size(void)
{
	return sizeof(struct axe_delta_apply);
}

/**
 * axe_delta_create_check - validate the lengths of both buffers
 * @cmd: the command
 * @ext: its extension slot
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_delta_create_check(const struct axe_cmd *cmd,
					    const struct axe_cmd_ext *ext)
{
	if (memchr_inv(cmd->op.raw, 0, sizeof(cmd->op.raw)))
		return AXE_ERR_RESERVED;
	if (cmd->src.length != ext->aux.length || le32_to_cpu(cmd->src.length) % AXE_DELTA_WORD)
		return AXE_ERR_LENGTH;
	return AXE_OK;
}

/**
 * axe_delta_create_begin - nothing was read yet
 * @x: the command
 *
 * Return: AXE_OK.
 */
static enum axe_code axe_delta_create_begin(struct axe_exec *x)
{
	memset(x->priv, 0, sizeof(struct axe_delta_create));
	return AXE_OK;
}

/* At most @n bytes, of which there are @len at @from; where there is none, no address. */
static size_t axe_delta_some(u8 *to, const u8 *from, size_t len, size_t n)
{
	n = min(n, len);
	if (n)
		memcpy(to, from, n);
	return n;
}

/* Go past words that are the same. */
static void axe_delta_skip(struct axe_exec *x, struct axe_delta_create *d)
{
	size_t n;

	if (d->num_original || d->num_modified)
		return;
	n = axe_same_bytes(x->src, x->aux, min(x->src_len, x->aux_len));
	n -= n % AXE_DELTA_WORD;
	axe_src_take(x, n);
	axe_aux_take(x, n);
	d->word += n / AXE_DELTA_WORD;
}

/* The next word of both; false: not all of it is here. */
static bool axe_delta_read(struct axe_exec *x, struct axe_delta_create *d)
{
	size_t n = axe_delta_some(d->original + d->num_original, x->src, x->src_len,
				  AXE_DELTA_WORD - d->num_original);

	d->num_original += n;
	axe_src_take(x, n);

	n = axe_delta_some(d->modified + d->num_modified, x->aux, x->aux_len,
			   AXE_DELTA_WORD - d->num_modified);
	d->num_modified += n;
	axe_aux_take(x, n);

	return d->num_original == AXE_DELTA_WORD && d->num_modified == AXE_DELTA_WORD;
}

/*
 * Decide by the word as it was read. One whose entry has no room stays the next to be
 * compared: a command for the rest begins there.
 */
static enum axe_code axe_delta_decide(struct axe_exec *x, struct axe_delta_create *d)
{
	if (memcmp(d->original, d->modified, AXE_DELTA_WORD)) {
		x->result[0] = 1;
		if (x->done + AXE_DELTA_ENTRY > le32_to_cpu(x->cmd->dst.length))
			return AXE_ERR_FULL;
		put_unaligned_le16(d->word, d->entry);
		memcpy(d->entry + AXE_DELTA_NUMBER, d->modified, AXE_DELTA_WORD);
		d->num_entry = AXE_DELTA_ENTRY;
	}
	d->word++;
	d->num_original = 0;
	d->num_modified = 0;
	return AXE_OK;
}

/* False: it has no room yet. */
static bool axe_delta_write(struct axe_exec *x, struct axe_delta_create *d)
{
	size_t n = axe_delta_some(x->dst, d->entry + AXE_DELTA_ENTRY - d->num_entry,
				  d->num_entry, x->dst_len);

	d->num_entry -= n;
	axe_dst_put(x, n);
	return !d->num_entry;
}

/**
 * axe_delta_create_exec - write the words of the third operand that the source has not
 * @x: the command; result[0] becomes whether they differ, result[1] how much was compared
 *
 * Return: AXE_OK, AXE_EXEC_MORE, or AXE_ERR_FULL.
 */
static int axe_delta_create_exec(struct axe_exec *x)
{
	u32 words = le32_to_cpu(x->cmd->src.length) / AXE_DELTA_WORD;
	struct axe_delta_create *d = x->priv;
	enum axe_code code = AXE_OK;

	while (code == AXE_OK) {
		if (d->num_entry && !axe_delta_write(x, d))
			return axe_dst_short(x);
		axe_delta_skip(x, d);
		if (!axe_delta_read(x, d))
			break;
		code = axe_delta_decide(x, d);
	}
	x->result[1] = (u64)d->word * AXE_DELTA_WORD;
	if (code != AXE_OK)
		return code;
	return d->word == words ? AXE_OK : AXE_EXEC_MORE;
}

/**
 * axe_delta_apply_check - validate the lengths of the record and the buffer
 * @cmd: the command
 * @ext: its extension slot or NULL
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_delta_apply_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	if (memchr_inv(cmd->op.raw, 0, sizeof(cmd->op.raw)))
		return AXE_ERR_RESERVED;
	if (le32_to_cpu(cmd->src.length) % AXE_DELTA_ENTRY ||
	    le32_to_cpu(cmd->dst.length) % AXE_DELTA_WORD)
		return AXE_ERR_LENGTH;
	return AXE_OK;
}

/**
 * axe_delta_apply_begin - nothing was read yet
 * @x: the command
 *
 * Return: AXE_OK.
 */
static enum axe_code axe_delta_apply_begin(struct axe_exec *x)
{
	memset(x->priv, 0, sizeof(struct axe_delta_apply));
	return AXE_OK;
}

/* There is no way back in the destination: numbers have to ascend. */
static bool axe_delta_number(const struct axe_exec *x, struct axe_delta_apply *d)
{
	d->number = get_unaligned_le16(d->entry);
	if (d->number < d->next ||
	    d->number >= le32_to_cpu(x->cmd->dst.length) / AXE_DELTA_WORD)
		return false;
	d->next = d->number + 1;
	return true;
}

/* Read what there is of the next entry: AXE_EXEC_MORE, if that is not all of it. */
static int axe_delta_load(struct axe_exec *x, struct axe_delta_apply *d)
{
	size_t n = axe_delta_some(d->entry + d->num_entry, x->src, x->src_len,
				  AXE_DELTA_ENTRY - d->num_entry);

	d->num_entry += n;
	axe_src_take(x, n);
	if (d->num_entry < AXE_DELTA_ENTRY)
		return AXE_EXEC_MORE;
	if (axe_delta_number(x, d))
		return AXE_OK;
	x->result[0] = d->entry_at;
	return AXE_ERR_DATA;
}

/* Go to the entry's word and write it. False: it is not here yet. */
static bool axe_delta_store(struct axe_exec *x, struct axe_delta_apply *d)
{
	u32 to = d->number * AXE_DELTA_WORD + d->num_word;
	size_t n = min_t(size_t, to - d->at, x->dst_len);

	x->dst += n;
	x->dst_len -= n;
	d->at += n;
	if (d->at != to)
		return false;

	n = axe_delta_some(x->dst, d->entry + AXE_DELTA_NUMBER + d->num_word,
			   AXE_DELTA_WORD - d->num_word, x->dst_len);
	axe_dst_put(x, n);
	d->at += n;
	d->num_word += n;
	return d->num_word == AXE_DELTA_WORD;
}

/**
 * axe_delta_apply_exec - write the words of a delta record to where they belong
 * @x: the command
 *
 * Return: AXE_OK, AXE_EXEC_MORE, or AXE_ERR_DATA.
 */
static int axe_delta_apply_exec(struct axe_exec *x)
{
	struct axe_delta_apply *d = x->priv;
	int ret;

	for (;;) {
		if (d->num_entry < AXE_DELTA_ENTRY) {
			ret = axe_delta_load(x, d);
			if (ret == AXE_EXEC_MORE)
				return axe_src_done(x);
			if (ret != AXE_OK)
				return ret;
		}
		if (!axe_delta_store(x, d))
			return axe_dst_short(x);
		d->entry_at += AXE_DELTA_ENTRY;
		d->num_entry = 0;
		d->num_word = 0;
	}
}

/* As many entries as a record can have. */
#define AXE_DELTA_RECORD_MAX	(AXE_DELTA_MAX / AXE_DELTA_WORD * AXE_DELTA_ENTRY)

const struct axe_op axe_op_delta_create = {
	.name		= "delta-create",
	.flags		= AXE_OP_READS_SRC | AXE_OP_READS_AUX | AXE_OP_WRITES_DST,
	.max_src	= AXE_DELTA_MAX,
	.max_dst	= AXE_DELTA_RECORD_MAX,
	.max_aux	= AXE_DELTA_MAX,
	.inline_max	= AXE_INLINE_MAX,
	.priv_size	= axe_delta_create_priv_size,
	.check		= axe_delta_create_check,
	.begin		= axe_delta_create_begin,
	.exec		= axe_delta_create_exec,
};

const struct axe_op axe_op_delta_apply = {
	.name		= "delta-apply",
	.flags		= AXE_OP_READS_SRC | AXE_OP_READS_DST | AXE_OP_WRITES_DST,
	.max_src	= AXE_DELTA_RECORD_MAX,
	.max_dst	= AXE_DELTA_MAX,
	.inline_max	= AXE_INLINE_MAX,
	.priv_size	= axe_delta_apply_priv_size,
	.check		= axe_delta_apply_check,
	.begin		= axe_delta_apply_begin,
	.exec		= axe_delta_apply_exec,
};
