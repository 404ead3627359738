// SPDX-License-Identifier: GPL-2.0
/*
 * Public keys: RSA, signatures, agreement on a secret. What works on the numbers is in rsa.c
 * and curve.c; here are the commands.
 */
#include <linux/bits.h>
#include <linux/build_bug.h>

#include "../der.h"
#include "../pubkey.h"
#include "digest.h"
#include "piece.h"
#include "pkcs1.h"

/**
 * struct axe_pubkey - private memory
 * @padded:	the digest, padded; of a signature, what it says that it was
 * @scratch:	for axe_rsa_private()
 */
struct axe_pubkey {
	u8 padded[AXE_DER_RSA_MAX];
	u8 scratch[AXE_DER_RSA_MAX];
};

/**
 * axe_pubkey_priv_size - private memory of a command
 *
 * Return: its size in bytes.
 */
static size_t axe_pubkey_priv_size(void)
{
	BUILD_BUG_ON(AXE_DER_RSA_MAX != AXE_MAX_PUBKEY);
	return sizeof(struct axe_pubkey);
}

/**
 * axe_pubkey_check - validate the block of a command that has only a key
 * @cmd: the command
 * @ext: its extension slot
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_pubkey_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_key *p = &cmd->op.pubkey;

	return memchr_inv(p->reserved, 0, sizeof(p->reserved)) ? AXE_ERR_RESERVED : AXE_OK;
}

/**
 * axe_sign_check - validate the block of a command that signs or verifies
 * @cmd: the command
 * @ext: its extension slot
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_sign_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_sign *p = &cmd->op.sign;

	if (memchr_inv(p->reserved, 0, sizeof(p->reserved)))
		return AXE_ERR_RESERVED;
	if (!axe_pkcs1_knows(p->hash))
		return AXE_ERR_PARAM;
	if (le32_to_cpu(cmd->src.length) != axe_digest_size(p->hash))
		return AXE_ERR_LENGTH;
	return AXE_OK;
}

/* Source and destination as long as they have to be. */
static enum axe_code axe_pubkey_fits(const struct axe_exec *x, size_t src, size_t dst)
{
	if (x->src_len != src)
		return AXE_ERR_LENGTH;
	return x->dst_len < dst ? AXE_ERR_FULL : AXE_OK;
}

/* @len bytes are in the destination if all is well. */
static enum axe_code axe_pubkey_done(struct axe_exec *x, enum axe_code code, size_t len)
{
	if (code == AXE_OK)
		x->done = len;
	return code;
}

/**
 * axe_rsa_public_run - the public operation on the number in the source
 * @x: the command
 *
 * Return: AXE_OK, or what is wrong.
 */
static enum axe_code axe_rsa_public_run(struct axe_exec *x)
{
	size_t size = x->key->size;
	enum axe_code code = axe_pubkey_fits(x, size, size);

	if (code == AXE_OK)
		code = axe_rsa_public(x->key, x->src, x->dst);
	return axe_pubkey_done(x, code, size);
}

/**
 * axe_rsa_private_run - the private operation
 * @x: the command
 *
 * Return: AXE_OK, or what is wrong.
 */
static enum axe_code axe_rsa_private_run(struct axe_exec *x)
{
	size_t size = x->key->size;
	enum axe_code code = axe_pubkey_fits(x, size, size);
	struct axe_pubkey *priv = x->priv;

	if (code == AXE_OK)
		code = axe_rsa_private(x->key, x->src, x->dst, priv->scratch);
	return axe_pubkey_done(x, code, size);
}

/**
 * axe_sign_run - sign the digest in the source
 * @x: the command
 *
 * Return: AXE_OK, or what is wrong.
 */
static enum axe_code axe_sign_run(struct axe_exec *x)
{
	size_t size = x->key->size;
	enum axe_code code = axe_pubkey_fits(x, x->src_len, size);
	struct axe_pubkey *priv = x->priv;

	if (code == AXE_OK) {
		axe_pkcs1_encode(x->cmd->op.sign.hash, x->src, x->src_len, priv->padded, size);
		code = axe_rsa_private(x->key, priv->padded, x->dst, priv->scratch);
	}
	return axe_pubkey_done(x, code, size);
}

/*
 * RFC 8017, 8.2.2: what the signature says is compared with what it must say. Whoever
 * takes it apart instead takes too much for a signature.
 */
static enum axe_code axe_rsa_verify(struct axe_exec *x, struct axe_pubkey *priv)
{
	size_t size = x->key->size;
	enum axe_code code;

	if (x->aux_len != size)
		return AXE_ERR_AUTH;
	code = axe_rsa_public(x->key, x->aux, priv->scratch);
	if (code != AXE_OK)
		return code == AXE_ERR_DATA ? AXE_ERR_AUTH : code;
	axe_pkcs1_encode(x->cmd->op.sign.hash, x->src, x->src_len, priv->padded, size);
	return memcmp(priv->padded, priv->scratch, size) ? AXE_ERR_AUTH : AXE_OK;
}

/**
 * axe_verify_run - is the third operand the signature of the digest in the source?
 * @x: the command
 *
 * Return: AXE_OK; AXE_ERR_AUTH if it is not; AXE_ERR_NOMEM.
 */
static enum axe_code axe_verify_run(struct axe_exec *x)
{
	if (x->key->alg->kind == AXE_KIND_RSA)
		return axe_rsa_verify(x, x->priv);
	return axe_ecdsa_verify(x->key, x->src, x->src_len, x->aux, x->aux_len);
}

/**
 * axe_agree_run - the secret shared with whose public key the source is
 * @x: the command
 *
 * Return: AXE_OK, or what is wrong.
 */
static enum axe_code axe_agree_run(struct axe_exec *x)
{
	size_t point = axe_der_point_size(x->key->alg->curve);
	enum axe_code code = axe_pubkey_fits(x, point, x->key->size);

	if (code == AXE_OK)
		code = axe_curve_agree(x->key, x->src, x->dst);
	return axe_pubkey_done(x, code, x->key->size);
}

/**
 * axe_public_key_run - the public key that goes with the key object
 * @x: the command
 *
 * Return: AXE_OK, or what is wrong.
 */
static enum axe_code axe_public_key_run(struct axe_exec *x)
{
	size_t point = axe_der_point_size(x->key->alg->curve);
	enum axe_code code = axe_pubkey_fits(x, 0, point);

	if (code == AXE_OK)
		code = axe_curve_public(x->key, x->dst);
	return axe_pubkey_done(x, code, point);
}

/* Their masks begin behind those of the others. */
#define AXE_KEY_BIT(algorithm)	BIT((algorithm) - AXE_KEY_PUBLIC)
#define AXE_KEYS_RSA	AXE_KEY_BIT(AXE_KEY_RSA)
#define AXE_KEYS_ECDSA	(AXE_KEY_BIT(AXE_KEY_ECDSA_P256) | AXE_KEY_BIT(AXE_KEY_ECDSA_P384))
#define AXE_KEYS_AGREE \
	(AXE_KEY_BIT(AXE_KEY_ECDH_P256) | AXE_KEY_BIT(AXE_KEY_ECDH_P384) | \
	 AXE_KEY_BIT(AXE_KEY_X25519))

/* That of SHA-512. */
#define AXE_DIGEST_LONGEST	64

const struct axe_op axe_op_rsa_public = {
	.name		= "rsa-public",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST | AXE_OP_IN_PLACE |
			  AXE_OP_HAS_FORMATS | AXE_OP_HAS_KEY,
	.max_src	= AXE_MAX_PUBKEY,
	.max_dst	= AXE_MAX_PUBKEY,
	.formats	= AXE_KEYS_RSA,
	.has		= axe_key_public_had,
	.key_base	= AXE_KEY_PUBLIC,
	.key_uses	= AXE_KEY_ENCRYPT,
	.inline_max	= AXE_INLINE_NEVER,
	.check		= axe_pubkey_check,
	.run		= axe_rsa_public_run,
};

const struct axe_op axe_op_rsa_private = {
	.name		= "rsa-private",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST | AXE_OP_IN_PLACE |
			  AXE_OP_HAS_FORMATS | AXE_OP_HAS_KEY,
	.max_src	= AXE_MAX_PUBKEY,
	.max_dst	= AXE_MAX_PUBKEY,
	.formats	= AXE_KEYS_RSA,
	.has		= axe_key_public_had,
	.key_base	= AXE_KEY_PUBLIC,
	.key_uses	= AXE_KEY_DECRYPT,
	.inline_max	= AXE_INLINE_NEVER,
	.priv_size	= axe_pubkey_priv_size,
	.check		= axe_pubkey_check,
	.run		= axe_rsa_private_run,
};

const struct axe_op axe_op_sign = {
	.name		= "sign",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST |
			  AXE_OP_HAS_FORMATS | AXE_OP_HAS_KEY,
	.max_src	= AXE_DIGEST_LONGEST,
	.max_dst	= AXE_MAX_PUBKEY,
	.formats	= AXE_KEYS_RSA,
	.has		= axe_key_public_had,
	.key_base	= AXE_KEY_PUBLIC,
	.key_uses	= AXE_KEY_SIGN,
	.inline_max	= AXE_INLINE_NEVER,
	.priv_size	= axe_pubkey_priv_size,
	.check		= axe_sign_check,
	.run		= axe_sign_run,
};

const struct axe_op axe_op_verify = {
	.name		= "verify",
	.flags		= AXE_OP_READS_SRC | AXE_OP_READS_AUX |
			  AXE_OP_HAS_FORMATS | AXE_OP_HAS_KEY,
	.max_src	= AXE_DIGEST_LONGEST,
	.max_aux	= AXE_MAX_PUBKEY,
	.formats	= AXE_KEYS_RSA | AXE_KEYS_ECDSA,
	.has		= axe_key_public_had,
	.key_base	= AXE_KEY_PUBLIC,
	.key_uses	= AXE_KEY_VERIFY,
	.inline_max	= AXE_INLINE_NEVER,
	.load_aux	= true,
	.priv_size	= axe_pubkey_priv_size,
	.check		= axe_sign_check,
	.run		= axe_verify_run,
};

const struct axe_op axe_op_agree = {
	.name		= "agree",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST |
			  AXE_OP_HAS_FORMATS | AXE_OP_HAS_KEY,
	.max_src	= AXE_MAX_PUBKEY,
	.max_dst	= AXE_MAX_PUBKEY,
	.formats	= AXE_KEYS_AGREE,
	.has		= axe_key_public_had,
	.key_base	= AXE_KEY_PUBLIC,
	.key_uses	= AXE_KEY_DERIVE,
	.inline_max	= AXE_INLINE_NEVER,
	.check		= axe_pubkey_check,
	.run		= axe_agree_run,
};

const struct axe_op axe_op_public_key = {
	.name		= "public-key",
	.flags		= AXE_OP_WRITES_DST | AXE_OP_HAS_FORMATS | AXE_OP_HAS_KEY,
	.max_dst	= AXE_MAX_PUBKEY,
	.formats	= AXE_KEYS_AGREE,
	.has		= axe_key_public_had,
	.key_base	= AXE_KEY_PUBLIC,
	.key_uses	= AXE_KEY_DERIVE,
	.inline_max	= AXE_INLINE_NEVER,
	.check		= axe_pubkey_check,
	.run		= axe_public_key_run,
};
