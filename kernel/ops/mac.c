// SPDX-License-Identifier: GPL-2.0
/*
 * Authenticate a message, or see if its tag is right, by one command or a stream of them.
 *
 * HMAC is made of our hashes (digest.c), so that there is one of each of them; CMAC is the
 * kernel's. GMAC is not here: the kernel has it as a part of GCM only, which wants its
 * message whole. It is what AXE_OP_SEAL makes of nothing and associated data.
 */
#include <crypto/utils.h>
#include <linux/bits.h>
#include <linux/minmax.h>
#include <linux/unaligned.h>

#include "../key.h"
#include "digest.h"
#include "piece.h"

#define AXE_HMAC_INNER	0x36
#define AXE_HMAC_OUTER	0x5c

/**
 * struct axe_mac - a message while it is authenticated
 * @total:	bytes of it
 * @have:	bytes in @tag that are used: 0 until the message has ended
 * @at:		how many of them are written
 * @tag:	the tag
 * @digest:	HMAC, BLAKE2b: the state
 * @desc:	CMAC: the state, a struct shash_desc
 */
struct axe_mac {
	u64 total;
	u8 have;
	u8 at;
	u8 tag[AXE_MAX_TAG];
	union {
		struct axe_digest digest;
		u8 desc[sizeof(struct shash_desc) + HASH_MAX_DESCSIZE];
	} __aligned(16);
};

/**
 * axe_mac_priv_size - private memory of a MAC
 *
 * Return: its size in bytes.
 */
static size_t axe_mac_priv_size(void)
{
	return sizeof(struct axe_mac);
}

static enum axe_code axe_mac_check_block(const struct axe_cmd *cmd)
{
	const struct axe_cmd_mac *p = &cmd->op.mac;

	if (memchr_inv(p->reserved, 0, sizeof(p->reserved)))
		return AXE_ERR_RESERVED;
	if (p->tag_len > AXE_MAX_TAG)
		return AXE_ERR_PARAM;
	return axe_hash_check_flags(le32_to_cpu(p->flags));
}

static bool axe_mac_ends(const struct axe_cmd *cmd)
{
	return axe_hash_ends(le32_to_cpu(cmd->op.mac.flags));
}

/**
 * axe_mac_check - validate the block of a command that makes a tag
 * @cmd: the command
 * @ext: its extension slot or NULL
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_mac_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	u32 room = le32_to_cpu(cmd->dst.length);
	enum axe_code code = axe_mac_check_block(cmd);

	if (code == AXE_OK && axe_mac_ends(cmd) && room && room < cmd->op.mac.tag_len)
		return AXE_ERR_FULL;
	return code;
}

/**
 * axe_mac_verify_check - validate the block of a command that looks at a tag
 * @cmd: the command
 * @ext: its extension slot
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_mac_verify_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	u32 have = le32_to_cpu(ext->aux.length);
	enum axe_code code = axe_mac_check_block(cmd);

	if (code != AXE_OK)
		return code;
	if (!axe_mac_ends(cmd))
		return have ? AXE_ERR_LENGTH : AXE_OK;
	if (!have || (cmd->op.mac.tag_len && cmd->op.mac.tag_len != have))
		return AXE_ERR_LENGTH;
	return AXE_OK;
}

/**
 * axe_mac_stream - tell whether a command is part of a stream
 * @cmd: the command, checked
 *
 * Return: how it stands to the stream that its queue may hold.
 */
static enum axe_stream axe_mac_stream(const struct axe_cmd *cmd)
{
	return axe_hash_stands(le32_to_cpu(cmd->op.mac.flags));
}

/* Begin with a block that is the key, and a pattern. */
static enum axe_code axe_hmac_start(struct axe_digest *st, const struct axe_key *key, u8 pattern)
{
	u8 pad[AXE_KEY_SECRET_MAX];
	enum axe_code code;
	unsigned int i;

	for (i = 0; i < key->secret_len; i++)
		pad[i] = key->secret[i] ^ pattern;
	code = axe_digest_init(st, key->alg->hash);
	if (code == AXE_OK)
		code = axe_digest_update(st, pad, key->secret_len);
	memzero_explicit(pad, sizeof(pad));
	return code;
}

static enum axe_code axe_hmac_final(struct axe_digest *st, const struct axe_key *key, u8 *tag)
{
	enum axe_code code = axe_digest_final(st, tag);

	if (code == AXE_OK)
		code = axe_hmac_start(st, key, AXE_HMAC_OUTER);
	if (code == AXE_OK)
		code = axe_digest_update(st, tag, key->alg->tag);
	if (code == AXE_OK)
		code = axe_digest_final(st, tag);
	return code;
}

/* Software does not fail; were it an engine, it would be for want of something. */
static inline enum axe_code axe_cmac_code(int err)
{
	return err ? AXE_ERR_NOMEM : AXE_OK;
}

static enum axe_code axe_mac_start(struct axe_mac *st, const struct axe_key *key)
{
	struct shash_desc *desc = (struct shash_desc *)st->desc;

	switch (key->alg->kind) {
	case AXE_KIND_HMAC:
		return axe_hmac_start(&st->digest, key, AXE_HMAC_INNER);
	case AXE_KIND_BLAKE2B:
		st->digest.format = key->alg->hash;
		axe_blake2b_init(&st->digest.blake2b, key->alg->tag, key->secret,
				 key->secret_len);
		return AXE_OK;
	default:
		desc->tfm = key->cmac;
		return axe_cmac_code(crypto_shash_init(desc));
	}
}

static enum axe_code axe_mac_update(struct axe_mac *st, const struct axe_key *key,
				    const u8 *p, size_t len)
{
	if (key->alg->kind != AXE_KIND_CMAC)
		return axe_digest_update(&st->digest, p, len);
	if (!len)
		return AXE_OK;
	return axe_cmac_code(crypto_shash_update((struct shash_desc *)st->desc, p, len));
}

static enum axe_code axe_mac_final(struct axe_mac *st, const struct axe_key *key)
{
	switch (key->alg->kind) {
	case AXE_KIND_HMAC:
		return axe_hmac_final(&st->digest, key, st->tag);
	case AXE_KIND_BLAKE2B:
		return axe_digest_final(&st->digest, st->tag);
	default:
		return axe_cmac_code(crypto_shash_final((struct shash_desc *)st->desc, st->tag));
	}
}

/* How long the command wants its tag; 0 if that is no length for it. */
static unsigned int axe_mac_tag_len(const struct axe_exec *x)
{
	const struct axe_key_alg *alg = x->key->alg;
	unsigned int len = x->cmd->op.mac.tag_len;

	if (!len || len == alg->tag)
		return alg->tag;
	return alg->min_tag && len >= alg->min_tag && len < alg->tag ? len : 0;
}

/* What can be told before any of the message is read, now that there is a key. */
static enum axe_code axe_mac_lengths(const struct axe_exec *x)
{
	unsigned int len = axe_mac_tag_len(x);
	u32 room = le32_to_cpu(x->cmd->dst.length);

	if (!len)
		return AXE_ERR_PARAM;
	if (!axe_mac_ends(x->cmd))
		return AXE_OK;
	if (le16_to_cpu(x->cmd->opcode) == AXE_OP_MAC_VERIFY)
		return x->aux_len == len ? AXE_OK : AXE_ERR_LENGTH;
	return !room || room >= len ? AXE_OK : AXE_ERR_FULL;
}

/**
 * axe_mac_begin - prepare a message
 * @x: the command
 *
 * Return: AXE_OK; AXE_ERR_NOMEM from what is not the CPU.
 */
static enum axe_code axe_mac_begin(struct axe_exec *x)
{
	struct axe_mac *st = x->priv;

	st->total = 0;
	st->have = 0;
	st->at = 0;
	memset(st->tag, 0, sizeof(st->tag));
	return axe_mac_start(st, x->key);
}

/* Take what there is of the source. AXE_OK: the message has ended, and has a tag. */
static int axe_mac_take(struct axe_mac *st, struct axe_exec *x)
{
	/* Of a command that goes on with a stream, it is only now that one can look. */
	enum axe_code code = axe_mac_lengths(x);

	if (code != AXE_OK)
		return code;
	code = axe_mac_update(st, x->key, x->src, x->src_len);
	st->total += x->src_len;
	axe_src_take(x, x->src_len);
	x->result[0] = st->total;
	if (code != AXE_OK)
		return code;
	if (!x->src_end)
		return AXE_EXEC_MORE;
	if (!axe_mac_ends(x->cmd))
		return AXE_INFO_MORE;
	st->have = axe_mac_tag_len(x);
	code = axe_mac_final(st, x->key);
	/* What is left out nobody is to see. */
	memset(st->tag + st->have, 0, sizeof(st->tag) - st->have);
	return code;
}

/**
 * axe_mac_exec - make the tag of the source
 * @x: the command; the results become the first bytes of the tag, or, while the message
 *	goes on, result[0] its length up to now
 *
 * Return: AXE_OK, AXE_EXEC_MORE, AXE_INFO_MORE if the message goes on, or what is
 * wrong.
 */
static int axe_mac_exec(struct axe_exec *x)
{
	struct axe_mac *st = x->priv;
	int ret;
	u8 n;

	if (!st->have) {
		ret = axe_mac_take(st, x);
		if (ret != AXE_OK)
			return ret;
		x->result[0] = get_unaligned_le64(st->tag);
		x->result[1] = get_unaligned_le64(st->tag + 8);
	}
	if (!x->cmd->dst.length)
		return AXE_OK;
	n = min_t(size_t, st->have - st->at, x->dst_len);
	if (n)
		memcpy(x->dst, st->tag + st->at, n);
	st->at += n;
	axe_dst_put(x, n);
	return st->at < st->have ? axe_dst_short(x) : AXE_OK;
}

/**
 * axe_mac_verify_exec - see if the tag of the source is right
 * @x: the command; result[0] becomes the length of the message, up to now
 *
 * Return: as axe_mac_exec(); AXE_ERR_AUTH.
 */
static int axe_mac_verify_exec(struct axe_exec *x)
{
	struct axe_mac *st = x->priv;
	int ret = axe_mac_take(st, x);

	if (ret != AXE_OK)
		return ret;
	return crypto_memneq(st->tag, x->aux, st->have) ? AXE_ERR_AUTH : AXE_OK;
}

#define AXE_KEYS_MAC	(BIT(AXE_KEY_AES_CMAC + 1) - BIT(AXE_KEY_HMAC_SHA1))

const struct axe_op axe_op_mac = {
	.name		= "mac",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST |
			  AXE_OP_HAS_FORMATS | AXE_OP_HAS_KEY |
			  AXE_OP_CAN_STREAM | AXE_OP_CAN_CHAIN,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.formats	= AXE_KEYS_MAC,
	.has		= axe_key_algs_had,
	.key_uses	= AXE_KEY_SIGN,
	.inline_max	= AXE_INLINE_HASH,
	.step		= AXE_STEP_CRYPT,
	.taps		= true,
	.priv_size	= axe_mac_priv_size,
	.check		= axe_mac_check,
	.stream		= axe_mac_stream,
	.begin		= axe_mac_begin,
	.exec		= axe_mac_exec,
};

const struct axe_op axe_op_mac_verify = {
	.name		= "mac-verify",
	.flags		= AXE_OP_READS_SRC | AXE_OP_READS_AUX |
			  AXE_OP_HAS_FORMATS | AXE_OP_HAS_KEY |
			  AXE_OP_CAN_STREAM | AXE_OP_CAN_CHAIN,
	.max_src	= AXE_OPERAND_MAX,
	.max_aux	= AXE_MAX_TAG,
	.formats	= AXE_KEYS_MAC,
	.has		= axe_key_algs_had,
	.key_uses	= AXE_KEY_VERIFY,
	.inline_max	= AXE_INLINE_HASH,
	.step		= AXE_STEP_CRYPT,
	.load_aux	= true,
	.priv_size	= axe_mac_priv_size,
	.check		= axe_mac_verify_check,
	.stream		= axe_mac_stream,
	.begin		= axe_mac_begin,
	.exec		= axe_mac_verify_exec,
};
