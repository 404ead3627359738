// SPDX-License-Identifier: GPL-2.0
/*
 * Encryption without authentication: AES and SM4 in the modes CBC, CTR and XTS, through
 * the synchronous ciphers of the kernel's crypto API.
 *
 * It works on the pieces as they are where they are aligned. What is not, and what lies
 * across two pieces, goes through a buffer, so that the crypto API has nothing to copy.
 */
#include <crypto/skcipher.h>
#include <linux/bits.h>

#include "../key.h"
#include "crypt.h"
#include "piece.h"

#define AXE_CIPHER_BLOCK	16
#define AXE_CIPHER_BUF		AXE_MAX_UNIT

/**
 * struct axe_cipher - private memory of a cipher command
 * @iv:		for what comes next; XTS: the number of the next data unit
 * @tweak:	XTS: of the unit at work. The cipher may write to it
 * @src:	what the cipher reads
 * @dst:	what it writes
 * @unit:	bytes that go through it in multiples only, but for the end
 * @whole:	what all of them together is a multiple of
 * @batch:	so many of @buf are used: a multiple of @unit
 * @have:	bytes of @buf that wait for more
 * @at:		first byte of @buf that is to be written out
 * @end:	behind the last one
 * @buf:	input, and output in its place
 * @req:	a struct skcipher_request, and what an algorithm has behind it
 */
struct axe_cipher {
	u8 iv[AXE_CIPHER_BLOCK] __aligned(AXE_CRYPT_ALIGN);
	u8 tweak[AXE_CIPHER_BLOCK] __aligned(AXE_CRYPT_ALIGN);
	struct scatterlist src[AXE_CRYPT_SG];
	struct scatterlist dst[AXE_CRYPT_SG];
	size_t unit;
	size_t whole;
	size_t batch;
	size_t have;
	size_t at;
	size_t end;
	u8 buf[AXE_CIPHER_BUF] __aligned(AXE_CRYPT_ALIGN);
	u8 req[sizeof(struct skcipher_request) + MAX_SYNC_SKCIPHER_REQSIZE] CRYPTO_MINALIGN_ATTR;
};

/**
 * axe_cipher_priv_size - how much private memory a command takes
 */
static size_t axe_cipher_priv_size(void)
{
	return sizeof(struct axe_cipher);
}

/**
 * axe_cipher_check - validate the block of a cipher command
 * @cmd: the command
 * @ext: its extension slot
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_cipher_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_cipher *p = &cmd->op.cipher;
	u32 unit = le32_to_cpu(p->unit);

	if (memchr_inv(p->reserved, 0, sizeof(p->reserved)) ||
	    memchr_inv(ext->op.cipher.reserved, 0, sizeof(ext->op.cipher.reserved)))
		return AXE_ERR_RESERVED;
	if (unit % AXE_CIPHER_BLOCK || unit > AXE_MAX_UNIT)
		return AXE_ERR_PARAM;
	if (cmd->src.length != cmd->dst.length)
		return AXE_ERR_LENGTH;
	return AXE_OK;
}

static bool axe_cipher_is_xts(const struct axe_key *key)
{
	return key->algorithm == AXE_KEY_AES_XTS || key->algorithm == AXE_KEY_SM4_XTS;
}

/**
 * axe_cipher_begin - see if the key's mode goes with the command
 * @x: the command
 *
 * Return: AXE_OK; AXE_ERR_PARAM for a data unit where there is none, or none where there
 * is; AXE_ERR_LENGTH if these are not whole blocks, or data units.
 */
static enum axe_code axe_cipher_begin(struct axe_exec *x)
{
	u32 unit = le32_to_cpu(x->cmd->op.cipher.unit);
	struct axe_cipher *c = x->priv;

	if (axe_cipher_is_xts(x->key) != !!unit)
		return AXE_ERR_PARAM;
	if (le32_to_cpu(x->cmd->src.length) % (unit ? unit : x->key->alg->block))
		return AXE_ERR_LENGTH;
	memcpy(c->iv, x->ext->op.cipher.iv, sizeof(c->iv));
	c->unit = unit ? unit : AXE_CIPHER_BLOCK;
	c->whole = unit ? unit : x->key->alg->block;
	c->batch = AXE_CIPHER_BUF / c->unit * c->unit;
	c->have = 0;
	c->at = 0;
	c->end = 0;
	return AXE_OK;
}

/* IEEE 1619: units are numbered one after the other, little endian. */
static void axe_cipher_next_unit(struct axe_cipher *c)
{
	unsigned int i;

	for (i = 0; i < sizeof(c->iv); i++)
		if (++c->iv[i])
			break;
}

/* One call of the cipher, on what c->src and c->dst describe. */
static int axe_cipher_call(struct axe_exec *x, struct axe_cipher *c, size_t len, u8 *iv)
{
	struct skcipher_request *req = (void *)c->req;

	skcipher_request_set_sync_tfm(req, x->key->cipher);
	/* Not MAY_SLEEP: pages are held. */
	skcipher_request_set_callback(req, 0, NULL, NULL);
	skcipher_request_set_crypt(req, c->src, c->dst, len, iv);
	if (le16_to_cpu(x->cmd->opcode) == AXE_OP_DECRYPT)
		return crypto_skcipher_decrypt(req);
	return crypto_skcipher_encrypt(req);
}

/* In the crypto API, a request of XTS is one data unit; the others go on from @iv. */
static int axe_cipher_some(struct axe_exec *x, struct axe_cipher *c, size_t len)
{
	if (!axe_cipher_is_xts(x->key))
		return axe_cipher_call(x, c, len, c->iv);
	memcpy(c->tweak, c->iv, sizeof(c->tweak));
	axe_cipher_next_unit(c);
	return axe_cipher_call(x, c, len, c->tweak);
}

/* How much goes at a time of @len bytes. */
static size_t axe_cipher_step(const struct axe_exec *x, const struct axe_cipher *c, size_t len)
{
	return axe_cipher_is_xts(x->key) ? min(len, c->unit) : len;
}

/* All that @buf has. */
static int axe_cipher_buffered(struct axe_exec *x, struct axe_cipher *c)
{
	int ret = 0;
	size_t n;

	for (c->end = 0; !ret && c->end < c->have; c->end += n) {
		n = axe_cipher_step(x, c, c->have - c->end);
		axe_crypt_set(c->src, c->buf + c->end, n);
		axe_crypt_set(c->dst, c->buf + c->end, n);
		ret = axe_cipher_some(x, c, n);
	}
	c->at = 0;
	c->have = 0;
	return ret;
}

/* As much as can be done in the pieces themselves. */
static int axe_cipher_direct(struct axe_exec *x, struct axe_cipher *c)
{
	size_t len = min(x->src_len, x->dst_len) / c->unit * c->unit;
	int ret = 0;

	if (!axe_crypt_fits(x->src) || !axe_crypt_fits(x->dst))
		return 0;
	while (!ret && len) {
		size_t n = axe_cipher_step(x, c, len);

		sg_init_table(c->src, 1);
		sg_set_page(c->src, virt_to_page(x->src), n, offset_in_page(x->src));
		sg_init_table(c->dst, 1);
		sg_set_page(c->dst, virt_to_page(x->dst), n, offset_in_page(x->dst));
		ret = axe_cipher_some(x, c, n);
		axe_src_take(x, n);
		axe_dst_put(x, n);
		len -= n;
	}
	return ret;
}

static void axe_cipher_gather(struct axe_exec *x, struct axe_cipher *c)
{
	size_t n = min(x->src_len, c->batch - c->have);

	if (!n)
		return;
	memcpy(c->buf + c->have, x->src, n);
	c->have += n;
	axe_src_take(x, n);
}

/* Returns false if there is no room for all. */
static bool axe_cipher_flush(struct axe_exec *x, struct axe_cipher *c)
{
	size_t n = min(x->dst_len, c->end - c->at);

	if (n) {
		memcpy(x->dst, c->buf + c->at, n);
		c->at += n;
		axe_dst_put(x, n);
	}
	return c->at == c->end;
}

/**
 * axe_cipher_exec - encrypt or decrypt
 * @x: the command
 *
 * Return: AXE_OK, AXE_EXEC_MORE, AXE_ERR_NOMEM, or, as a stage of a chain, AXE_ERR_LENGTH.
 */
static int axe_cipher_exec(struct axe_exec *x)
{
	struct axe_cipher *c = x->priv;

	for (;;) {
		if (!axe_cipher_flush(x, c))
			return axe_dst_short(x);
		if (!c->have && axe_cipher_direct(x, c))
			return AXE_ERR_NOMEM;
		axe_cipher_gather(x, c);
		if (c->have < c->batch && !x->src_end)
			return AXE_EXEC_MORE;
		if (!c->have)
			return AXE_OK;
		/* In a chain, only its end tells how long it was. */
		if (c->have % c->whole)
			return AXE_ERR_LENGTH;
		if (axe_cipher_buffered(x, c))
			return AXE_ERR_NOMEM;
	}
}

/* What goes to an engine in one request: XTS has one tweak in it, and so one data unit. */
static size_t axe_cipher_slice(const struct axe_exec *x, size_t max)
{
	const struct axe_cipher *c = x->priv;

	return axe_cipher_is_xts(x->key) ? c->unit : max;
}

static bool axe_cipher_is_cbc(const struct axe_key *key)
{
	return key->algorithm == AXE_KEY_AES_CBC || key->algorithm == AXE_KEY_SM4_CBC;
}

/* In CBC the last block of what is encrypted is the next one's vector. */
static void axe_cipher_request(struct axe_exec *x, const u8 *mem, size_t len, u8 *iv)
{
	struct axe_cipher *c = x->priv;

	memcpy(iv, c->iv, sizeof(c->iv));
	if (axe_cipher_is_cbc(x->key))
		memcpy(c->tweak, mem + len - AXE_CIPHER_BLOCK, sizeof(c->tweak));
}

/* CTR: so many blocks on, big endian. */
static void axe_cipher_count(struct axe_cipher *c, size_t blocks)
{
	unsigned int i;

	for (i = sizeof(c->iv); i-- && blocks; blocks >>= 8) {
		blocks += c->iv[i];
		c->iv[i] = blocks;
	}
}

static void axe_cipher_carry(struct axe_exec *x, const u8 *mem, size_t len)
{
	struct axe_cipher *c = x->priv;

	if (axe_cipher_is_xts(x->key))
		axe_cipher_next_unit(c);
	else if (!axe_cipher_is_cbc(x->key))
		axe_cipher_count(c, len / AXE_CIPHER_BLOCK);
	else if (le16_to_cpu(x->cmd->opcode) == AXE_OP_DECRYPT)
		memcpy(c->iv, c->tweak, sizeof(c->iv));
	else
		memcpy(c->iv, mem + len - AXE_CIPHER_BLOCK, sizeof(c->iv));
}

static const struct axe_op_offload axe_cipher_offload = {
	.slice = axe_cipher_slice,
	.request = axe_cipher_request,
	.carry = axe_cipher_carry,
};

#define AXE_KEYS_CIPHER \
	(BIT(AXE_KEY_AES_CBC) | BIT(AXE_KEY_AES_CTR) | BIT(AXE_KEY_AES_XTS) | \
	 BIT(AXE_KEY_SM4_CBC) | BIT(AXE_KEY_SM4_CTR) | BIT(AXE_KEY_SM4_XTS))

const struct axe_op axe_op_encrypt = {
	.name		= "encrypt",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST | AXE_OP_IN_PLACE |
			  AXE_OP_HAS_FORMATS | AXE_OP_HAS_KEY |
			  AXE_OP_CAN_CHAIN,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.formats	= AXE_KEYS_CIPHER,
	.has		= axe_key_algs_had,
	.key_uses	= AXE_KEY_ENCRYPT,
	.inline_max	= AXE_INLINE_CRYPT,
	.step		= AXE_STEP_CRYPT,
	.extends	= true,
	.offload	= &axe_cipher_offload,
	.priv_size	= axe_cipher_priv_size,
	.check		= axe_cipher_check,
	.begin		= axe_cipher_begin,
	.exec		= axe_cipher_exec,
};

const struct axe_op axe_op_decrypt = {
	.name		= "decrypt",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST | AXE_OP_IN_PLACE |
			  AXE_OP_HAS_FORMATS | AXE_OP_HAS_KEY |
			  AXE_OP_CAN_CHAIN,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.formats	= AXE_KEYS_CIPHER,
	.has		= axe_key_algs_had,
	.key_uses	= AXE_KEY_DECRYPT,
	.inline_max	= AXE_INLINE_CRYPT,
	.step		= AXE_STEP_CRYPT,
	.extends	= true,
	.offload	= &axe_cipher_offload,
	.priv_size	= axe_cipher_priv_size,
	.check		= axe_cipher_check,
	.begin		= axe_cipher_begin,
	.exec		= axe_cipher_exec,
};
