// SPDX-License-Identifier: GPL-2.0
/*
 * Protection information of T10 (SBC-4) and NVMe: every block of data has a tuple of
 * 8 bytes, behind it or apart from it.
 *
 * Where data is written, its guard is computed of what was written: so the two go
 * together, also if the process writes to the source meanwhile.
 */
#include <linux/bitops.h>
#include <linux/crc-t10dif.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <net/checksum.h>

#include "piece.h"

struct axe_dif_tuple {
	__be16 guard;
	__be16 app;
	__be32 ref;
};

/**
 * struct axe_dif - a command while it runs
 * @left:	blocks that are not finished
 * @size:	bytes of data of a block
 * @pos:	where in the block: data, then what is read, then what is written of
 *		tuples
 * @number:	of the block
 * @escaped:	blocks whose tuple says that it is not to be checked
 * @crc:	of the block's data up to @pos, one kind of guard
 * @sum:	likewise, the other
 * @in:		the tuple as it was read
 * @out:	the tuple to be written
 */
struct axe_dif {
	u32 left;
	u32 size;
	u32 pos;
	u32 number;
	u32 escaped;
	u16 crc;
	__wsum sum;
	struct axe_dif_tuple in;
	struct axe_dif_tuple out;
};

/* Where an operation finds tuples, and where it puts them. */
enum axe_dif_side {
	AXE_DIF_NOWHERE,
	AXE_DIF_DATA,		/* behind the data */
	AXE_DIF_AUX,
};

/**
 * struct axe_dif_way - what an operation does to a block
 * @in:		where its tuple is
 * @out:	where its tuple, a new one, goes
 * @copies:	the data goes to the destination
 */
struct axe_dif_way {
	enum axe_dif_side in;
	enum axe_dif_side out;
	bool copies;
};

/*---- the parameters ----*/

/* Of the types, only 3 has reference tags that do not count. */
#define AXE_DIF_TYPE_OPAQUE	3
#define AXE_DIF_CHECKS	(AXE_DIF_CHECK_GUARD | AXE_DIF_CHECK_APP | AXE_DIF_CHECK_REF)
#define AXE_DIF_KEEPS	(AXE_DIF_KEEP_GUARD | AXE_DIF_KEEP_REF)

static bool axe_dif_is_block(u32 size)
{
	return size == 512 || size == 520 || size == 4096 || size == 4104;
}

static enum axe_code axe_dif_check_fields(const struct axe_cmd_dif *p, u8 flags)
{
	if (memchr_inv(p->reserved, 0, sizeof(p->reserved)) || p->flags & ~flags)
		return AXE_ERR_RESERVED;
	if (!axe_dif_is_block(le16_to_cpu(p->block)) || !p->type ||
	    p->type > AXE_DIF_TYPE_OPAQUE)
		return AXE_ERR_PARAM;
	if (p->type == AXE_DIF_TYPE_OPAQUE && p->flags & AXE_DIF_CHECK_REF)
		return AXE_ERR_PARAM;
	return AXE_OK;
}

/* Are these operands as many whole blocks, of @a and @b bytes each? */
static enum axe_code axe_dif_check_lengths(__le32 a_len, u32 a, __le32 b_len, u32 b)
{
	u32 len = le32_to_cpu(a_len);

	if (len % a || (u64)(len / a) * b != le32_to_cpu(b_len))
		return AXE_ERR_LENGTH;
	return AXE_OK;
}

/**
 * axe_dif_insert_check - validate a dif-insert command
 * @cmd: the command
 * @ext: its extension slot
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_dif_insert_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_dif *p = &cmd->op.dif;
	u32 size = le16_to_cpu(p->block);
	enum axe_code code = axe_dif_check_fields(p, AXE_DIF_GUARD_IP);

	if (code != AXE_OK)
		return code;
	if (p->app_mask)
		return AXE_ERR_RESERVED;
	return axe_dif_check_lengths(cmd->src.length, size, cmd->dst.length,
				     size + AXE_DIF_TUPLE);
}

/**
 * axe_dif_verify_check - validate a dif-verify command
 * @cmd: the command
 * @ext: its extension slot
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_dif_verify_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_dif *p = &cmd->op.dif;
	u32 size = le16_to_cpu(p->block);
	enum axe_code code = axe_dif_check_fields(p, AXE_DIF_GUARD_IP | AXE_DIF_CHECKS);

	if (code != AXE_OK)
		return code;
	return axe_dif_check_lengths(cmd->src.length, size + AXE_DIF_TUPLE, cmd->dst.length, 0);
}

/**
 * axe_dif_strip_check - validate a dif-strip command
 * @cmd: the command
 * @ext: its extension slot
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_dif_strip_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_dif *p = &cmd->op.dif;
	u32 size = le16_to_cpu(p->block);
	enum axe_code code = axe_dif_check_fields(p, AXE_DIF_GUARD_IP | AXE_DIF_CHECKS);

	if (code != AXE_OK)
		return code;
	return axe_dif_check_lengths(cmd->src.length, size + AXE_DIF_TUPLE, cmd->dst.length,
				     size);
}

/**
 * axe_dif_update_check - validate a dif-update command
 * @cmd: the command
 * @ext: its extension slot, which has the new fields
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_dif_update_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_dif *p = &cmd->op.dif;
	const struct axe_ext_dif *e = &ext->op.dif;
	u32 size = le16_to_cpu(p->block) + AXE_DIF_TUPLE;
	enum axe_code code;

	if (memchr_inv(e->reserved0, 0, sizeof(e->reserved0)) ||
	    memchr_inv(e->reserved1, 0, sizeof(e->reserved1)) ||
	    e->flags & ~(AXE_DIF_GUARD_IP | AXE_DIF_KEEPS))
		return AXE_ERR_RESERVED;
	code = axe_dif_check_fields(p, AXE_DIF_GUARD_IP | AXE_DIF_CHECKS);
	if (code != AXE_OK)
		return code;
	/* A guard of one kind is none of the other. */
	if (!e->type || e->type > AXE_DIF_TYPE_OPAQUE ||
	    (e->flags & AXE_DIF_KEEP_GUARD && (e->flags ^ p->flags) & AXE_DIF_GUARD_IP))
		return AXE_ERR_PARAM;
	return axe_dif_check_lengths(cmd->src.length, size, cmd->dst.length, size);
}

/**
 * axe_dix_insert_check - validate a dix-insert command
 * @cmd: the command
 * @ext: its extension slot, which names where tuples go
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_dix_insert_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_dif *p = &cmd->op.dif;
	enum axe_code code = axe_dif_check_fields(p, AXE_DIF_GUARD_IP);

	if (code != AXE_OK)
		return code;
	if (p->app_mask)
		return AXE_ERR_RESERVED;
	return axe_dif_check_lengths(cmd->src.length, le16_to_cpu(p->block), ext->aux.length,
				     AXE_DIF_TUPLE);
}

/**
 * axe_dix_verify_check - validate a dix-verify command
 * @cmd: the command
 * @ext: its extension slot, which names the tuples
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_dix_verify_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_dif *p = &cmd->op.dif;
	enum axe_code code = axe_dif_check_fields(p, AXE_DIF_GUARD_IP | AXE_DIF_CHECKS);

	if (code != AXE_OK)
		return code;
	return axe_dif_check_lengths(cmd->src.length, le16_to_cpu(p->block), ext->aux.length,
				     AXE_DIF_TUPLE);
}

/*---- tuples ----*/

static __be16 axe_dif_guard(const struct axe_dif *dif, u8 flags)
{
	/* The Internet checksum is in network order by itself. */
	if (flags & AXE_DIF_GUARD_IP)
		return (__force __be16)csum_fold(dif->sum);
	return cpu_to_be16(dif->crc);
}

/* The reference tag of the block, of a type that counts. */
static u32 axe_dif_ref(const struct axe_dif *dif, u8 type, __le32 first)
{
	return le32_to_cpu(first) + (type == AXE_DIF_TYPE_OPAQUE ? 0 : dif->number);
}

static bool axe_dif_is_escape(const struct axe_dif *dif, u8 type)
{
	if (dif->in.app != cpu_to_be16(0xffff))
		return false;
	return type != AXE_DIF_TYPE_OPAQUE || dif->in.ref == cpu_to_be32(0xffffffff);
}

static enum axe_code axe_dif_wrong(struct axe_exec *x, enum axe_code code, u32 want, u32 found)
{
	const struct axe_dif *dif = x->priv;

	x->result[0] = dif->number;
	x->result[1] = (u64)want << 32 | found;
	return code;
}

/* The tuple that was read, against the block's data and the command. */
static enum axe_code axe_dif_verify(struct axe_exec *x)
{
	const struct axe_cmd_dif *p = &x->cmd->op.dif;
	const struct axe_dif *dif = x->priv;
	u32 want, found;

	if (p->flags & AXE_DIF_CHECK_GUARD) {
		want = be16_to_cpu(axe_dif_guard(dif, p->flags));
		found = be16_to_cpu(dif->in.guard);
		if (want != found)
			return axe_dif_wrong(x, AXE_ERR_DIF_GUARD, want, found);
	}
	if (p->flags & AXE_DIF_CHECK_APP) {
		want = le16_to_cpu(p->app) & le16_to_cpu(p->app_mask);
		found = be16_to_cpu(dif->in.app) & le16_to_cpu(p->app_mask);
		if (want != found)
			return axe_dif_wrong(x, AXE_ERR_DIF_APP, want, found);
	}
	if (p->flags & AXE_DIF_CHECK_REF) {
		want = axe_dif_ref(dif, p->type, p->ref);
		found = be32_to_cpu(dif->in.ref);
		if (want != found)
			return axe_dif_wrong(x, AXE_ERR_DIF_REF, want, found);
	}
	return AXE_OK;
}

/* For a block that had none. */
static void axe_dif_make(struct axe_dif *dif, const struct axe_cmd_dif *p)
{
	dif->out.guard = axe_dif_guard(dif, p->flags);
	dif->out.app = cpu_to_be16(le16_to_cpu(p->app));
	dif->out.ref = cpu_to_be32(axe_dif_ref(dif, p->type, p->ref));
}

/* For a block that had one. */
static void axe_dif_remake(struct axe_dif *dif, const struct axe_ext_dif *e)
{
	u16 mask = le16_to_cpu(e->app_mask);
	u16 app = (be16_to_cpu(dif->in.app) & ~mask) | (le16_to_cpu(e->app) & mask);

	dif->out = dif->in;
	if (!(e->flags & AXE_DIF_KEEP_GUARD))
		dif->out.guard = axe_dif_guard(dif, e->flags);
	dif->out.app = cpu_to_be16(app);
	if (!(e->flags & AXE_DIF_KEEP_REF))
		dif->out.ref = cpu_to_be32(axe_dif_ref(dif, e->type, e->ref));
}

/* The block's data and tuple have been read: is it good, and what is to be written? */
static enum axe_code axe_dif_judge(struct axe_exec *x, const struct axe_dif_way *way)
{
	struct axe_dif *dif = x->priv;

	if (way->in == AXE_DIF_NOWHERE) {
		axe_dif_make(dif, &x->cmd->op.dif);
		return AXE_OK;
	}
	if (axe_dif_is_escape(dif, x->cmd->op.dif.type)) {
		/* Of what nobody vouches for, nobody is to vouch now. */
		dif->out = dif->in;
		dif->escaped++;
		return AXE_OK;
	}
	if (way->out != AXE_DIF_NOWHERE)
		axe_dif_remake(dif, &x->ext->op.dif);
	return axe_dif_verify(x);
}

/*---- moving ----*/

/* Of both guards only those that the command asks for. */
static void axe_dif_sum(struct axe_exec *x, const struct axe_dif_way *way, const u8 *p, size_t n)
{
	struct axe_dif *dif = x->priv;
	u8 flags = x->cmd->op.dif.flags;
	bool old = flags & AXE_DIF_CHECK_GUARD;
	u8 kinds[2] = {};

	if (way->in == AXE_DIF_NOWHERE || old)
		kinds[!!(flags & AXE_DIF_GUARD_IP)] = 1;
	if (way->in != AXE_DIF_NOWHERE && way->out != AXE_DIF_NOWHERE &&
	    !(x->ext->op.dif.flags & AXE_DIF_KEEP_GUARD))
		kinds[!!(x->ext->op.dif.flags & AXE_DIF_GUARD_IP)] = 1;
	if (kinds[0])
		dif->crc = crc_t10dif_update(dif->crc, p, n);
	if (kinds[1])
		dif->sum = csum_block_add(dif->sum, csum_partial(p, n, 0), dif->pos);
}

/* Data of the block, as far as the pieces go; false: they end before it does. */
static bool axe_dif_data(struct axe_exec *x, const struct axe_dif_way *way)
{
	struct axe_dif *dif = x->priv;
	size_t n;

	if (dif->pos >= dif->size)
		return true;
	n = min_t(size_t, x->src_len, dif->size - dif->pos);
	if (way->copies)
		n = min(n, x->dst_len);
	if (!n)
		return false;
	if (way->copies) {
		/* It may be the same memory. */
		memmove(x->dst, x->src, n);
		axe_dif_sum(x, way, x->dst, n);
		axe_dst_put(x, n);
	} else {
		axe_dif_sum(x, way, x->src, n);
	}
	axe_src_take(x, n);
	dif->pos += n;
	return dif->pos == dif->size;
}

/* So many bytes of a tuple are behind us, whose first is at @at of the block. */
static size_t axe_dif_part(const struct axe_dif *dif, u32 at, size_t len)
{
	return min_t(size_t, len, at + AXE_DIF_TUPLE - dif->pos);
}

static bool axe_dif_read(struct axe_exec *x, const struct axe_dif_way *way)
{
	struct axe_dif *dif = x->priv;
	u32 at = dif->size;
	size_t n;

	if (dif->pos >= at + AXE_DIF_TUPLE)
		return true;
	if (way->in == AXE_DIF_DATA) {
		n = axe_dif_part(dif, at, x->src_len);
		if (n)
			memcpy((u8 *)&dif->in + dif->pos - at, x->src, n);
		axe_src_take(x, n);
	} else if (way->in == AXE_DIF_AUX) {
		n = axe_dif_part(dif, at, x->aux_len);
		if (n)
			memcpy((u8 *)&dif->in + dif->pos - at, x->aux, n);
		axe_aux_take(x, n);
	} else {
		n = AXE_DIF_TUPLE;
	}
	dif->pos += n;
	return dif->pos == at + AXE_DIF_TUPLE;
}

static bool axe_dif_write(struct axe_exec *x, const struct axe_dif_way *way)
{
	struct axe_dif *dif = x->priv;
	u32 at = dif->size + AXE_DIF_TUPLE;
	size_t n;

	if (way->out == AXE_DIF_DATA) {
		n = axe_dif_part(dif, at, x->dst_len);
		if (n)
			memcpy(x->dst, (u8 *)&dif->out + dif->pos - at, n);
		axe_dst_put(x, n);
	} else if (way->out == AXE_DIF_AUX) {
		n = axe_dif_part(dif, at, x->aux_len);
		if (n)
			memcpy(x->aux, (u8 *)&dif->out + dif->pos - at, n);
		axe_aux_take(x, n);
		x->done += n;
	} else {
		n = AXE_DIF_TUPLE;
	}
	dif->pos += n;
	return dif->pos == at + AXE_DIF_TUPLE;
}

static void axe_dif_next(struct axe_dif *dif)
{
	dif->left--;
	dif->number++;
	dif->pos = 0;
	dif->crc = 0;
	dif->sum = 0;
}

static int axe_dif_exec(struct axe_exec *x, const struct axe_dif_way *way)
{
	struct axe_dif *dif = x->priv;
	enum axe_code code;

	while (dif->left) {
		bool fresh = dif->pos < dif->size + AXE_DIF_TUPLE;

		if (!axe_dif_data(x, way) || !axe_dif_read(x, way))
			return AXE_EXEC_MORE;
		code = fresh ? axe_dif_judge(x, way) : AXE_OK;
		if (code != AXE_OK)
			return code;
		if (!axe_dif_write(x, way))
			return AXE_EXEC_MORE;
		axe_dif_next(dif);
	}
	x->result[0] = dif->number;
	x->result[1] = dif->escaped;
	return AXE_OK;
}

/*---- the operations ----*/

/**
 * axe_dif_priv_size - what an operation on blocks remembers between pieces
 *
 * Return: bytes.
 */
static size_t axe_dif_priv_size(void)
{
	return sizeof(struct axe_dif);
}

static enum axe_code axe_dif_start(struct axe_exec *x, u32 tuple)
{
	struct axe_dif *dif = x->priv;

	memset(dif, 0, sizeof(*dif));
	dif->size = le16_to_cpu(x->cmd->op.dif.block);
	dif->left = le32_to_cpu(x->cmd->src.length) / (dif->size + tuple);
	return AXE_OK;
}

/**
 * axe_dif_begin_plain - prepare for a source of data alone
 * @x: the command
 *
 * Return: AXE_OK.
 */
static enum axe_code axe_dif_begin_plain(struct axe_exec *x)
{
	return axe_dif_start(x, 0);
}

/**
 * axe_dif_begin_protected - prepare for a source of data with tuples
 * @x: the command
 *
 * Return: AXE_OK.
 */
static enum axe_code axe_dif_begin_protected(struct axe_exec *x)
{
	return axe_dif_start(x, AXE_DIF_TUPLE);
}

/**
 * axe_dif_insert_exec - copy blocks, and put a tuple behind each
 * @x: the command
 *
 * Return: AXE_OK or AXE_EXEC_MORE.
 */
static int axe_dif_insert_exec(struct axe_exec *x)
{
	static const struct axe_dif_way way = { AXE_DIF_NOWHERE, AXE_DIF_DATA, true };

	return axe_dif_exec(x, &way);
}

/**
 * axe_dif_verify_exec - check blocks against the tuples behind them
 * @x: the command
 *
 * Return: AXE_OK, AXE_EXEC_MORE, or which check a block failed.
 */
static int axe_dif_verify_exec(struct axe_exec *x)
{
	static const struct axe_dif_way way = { AXE_DIF_DATA, AXE_DIF_NOWHERE, false };

	return axe_dif_exec(x, &way);
}

/**
 * axe_dif_strip_exec - check blocks, and copy them without their tuples
 * @x: the command
 *
 * Return: AXE_OK, AXE_EXEC_MORE, or which check a block failed.
 */
static int axe_dif_strip_exec(struct axe_exec *x)
{
	static const struct axe_dif_way way = { AXE_DIF_DATA, AXE_DIF_NOWHERE, true };

	return axe_dif_exec(x, &way);
}

/**
 * axe_dif_update_exec - check blocks, and copy them with other tuples
 * @x: the command
 *
 * Return: AXE_OK, AXE_EXEC_MORE, or which check a block failed.
 */
static int axe_dif_update_exec(struct axe_exec *x)
{
	static const struct axe_dif_way way = { AXE_DIF_DATA, AXE_DIF_DATA, true };

	return axe_dif_exec(x, &way);
}

/**
 * axe_dix_insert_exec - make tuples for blocks, apart from them
 * @x: the command
 *
 * Return: AXE_OK or AXE_EXEC_MORE.
 */
static int axe_dix_insert_exec(struct axe_exec *x)
{
	static const struct axe_dif_way way = { AXE_DIF_NOWHERE, AXE_DIF_AUX, false };

	return axe_dif_exec(x, &way);
}

/**
 * axe_dix_verify_exec - check blocks against tuples that are apart from them
 * @x: the command
 *
 * Return: AXE_OK, AXE_EXEC_MORE, or which check a block failed.
 */
static int axe_dix_verify_exec(struct axe_exec *x)
{
	static const struct axe_dif_way way = { AXE_DIF_AUX, AXE_DIF_NOWHERE, false };

	return axe_dif_exec(x, &way);
}

const struct axe_op axe_op_dif_insert = {
	.name		= "dif-insert",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.inline_max	= AXE_INLINE_MAX,
	.priv_size	= axe_dif_priv_size,
	.check		= axe_dif_insert_check,
	.begin		= axe_dif_begin_plain,
	.exec		= axe_dif_insert_exec,
};

const struct axe_op axe_op_dif_verify = {
	.name		= "dif-verify",
	.flags		= AXE_OP_READS_SRC,
	.max_src	= AXE_OPERAND_MAX,
	.inline_max	= AXE_INLINE_MAX,
	.priv_size	= axe_dif_priv_size,
	.check		= axe_dif_verify_check,
	.begin		= axe_dif_begin_protected,
	.exec		= axe_dif_verify_exec,
};

const struct axe_op axe_op_dif_strip = {
	.name		= "dif-strip",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.inline_max	= AXE_INLINE_MAX,
	.priv_size	= axe_dif_priv_size,
	.check		= axe_dif_strip_check,
	.begin		= axe_dif_begin_protected,
	.exec		= axe_dif_strip_exec,
};

const struct axe_op axe_op_dif_update = {
	.name		= "dif-update",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST | AXE_OP_IN_PLACE,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.inline_max	= AXE_INLINE_MAX,
	.extends	= true,
	.priv_size	= axe_dif_priv_size,
	.check		= axe_dif_update_check,
	.begin		= axe_dif_begin_protected,
	.exec		= axe_dif_update_exec,
};

const struct axe_op axe_op_dix_insert = {
	.name		= "dix-insert",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_AUX,
	.max_src	= AXE_OPERAND_MAX,
	.max_aux	= AXE_OPERAND_MAX,
	.inline_max	= AXE_INLINE_MAX,
	.priv_size	= axe_dif_priv_size,
	.check		= axe_dix_insert_check,
	.begin		= axe_dif_begin_plain,
	.exec		= axe_dix_insert_exec,
};

const struct axe_op axe_op_dix_verify = {
	.name		= "dix-verify",
	.flags		= AXE_OP_READS_SRC | AXE_OP_READS_AUX,
	.max_src	= AXE_OPERAND_MAX,
	.max_aux	= AXE_OPERAND_MAX,
	.inline_max	= AXE_INLINE_MAX,
	.priv_size	= axe_dif_priv_size,
	.check		= axe_dix_verify_check,
	.begin		= axe_dif_begin_plain,
	.exec		= axe_dix_verify_exec,
};
