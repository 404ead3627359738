// SPDX-License-Identifier: GPL-2.0
/*
 * Authenticated encryption: AES-GCM, AES-CCM, ChaCha20-Poly1305, through the synchronous
 * ciphers of the kernel's crypto API.
 *
 * These want a message whole, and it must not change between its authentication and
 * its decryption: it is read into private memory, and nothing is written out before
 * all of it was found to be genuine.
 */
#include <linux/bits.h>
#include <linux/errno.h>

#include "aead.h"
#include "piece.h"

static bool axe_aead_opens(const struct axe_cmd *cmd)
{
	return le16_to_cpu(cmd->opcode) == AXE_OP_OPEN;
}

static size_t axe_aead_req_size(const struct axe_key *key)
{
	return ALIGN(sizeof(struct aead_request) + crypto_aead_reqsize(key->aead), 64);
}

/* Each begins and ends somewhere in a page. */
static size_t axe_aead_pages(size_t data_len, size_t message_len)
{
	return data_len / PAGE_SIZE + message_len / PAGE_SIZE + 4;
}

static size_t axe_aead_sg_size(size_t data_len, size_t message_len)
{
	return ALIGN(axe_aead_pages(data_len, message_len) * sizeof(struct scatterlist), 64);
}

/**
 * axe_aead_room - how much private memory a message takes
 * @key:	with which it is encrypted or decrypted
 * @data_len:	of its associated data
 * @message_len: of what else there is
 */
size_t axe_aead_room(const struct axe_key *key, size_t data_len, size_t message_len)
{
	return ALIGN(sizeof(struct axe_aead), 64) + axe_aead_req_size(key) +
	       axe_aead_sg_size(data_len, message_len) +
	       ALIGN(data_len, AXE_CRYPT_ALIGN) + message_len;
}

/**
 * axe_aead_layout - lay out the private memory
 * @x:		the command, whose memory has axe_aead_room() for the same
 * @data_len:	of the associated data
 * @message_len: of what else there is
 */
void axe_aead_layout(struct axe_exec *x, size_t data_len, size_t message_len)
{
	struct axe_aead *a = x->priv;
	u8 *p = x->priv;

	memset(a, 0, sizeof(*a));
	a->size = le32_to_cpu(x->cmd->src.length);
	a->data_len = data_len;
	p += ALIGN(sizeof(*a), 64);
	a->req = (struct aead_request *)p;
	p += axe_aead_req_size(x->key);
	a->sg = (struct scatterlist *)p;
	p += axe_aead_sg_size(data_len, message_len);
	a->data = p;
	p += ALIGN(data_len, AXE_CRYPT_ALIGN);
	a->message = p;
	a->in = p;
	a->out = p;
}

/**
 * axe_aead_priv_need - how much private memory the command takes
 * @x: the command
 */
static size_t axe_aead_priv_need(const struct axe_exec *x)
{
	return axe_aead_room(x->key, x->aux_len, le32_to_cpu(x->cmd->src.length) + AXE_AEAD_TAG);
}

/**
 * axe_aead_check - validate the block of a command
 * @cmd: the command
 * @ext: its extension slot
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_aead_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_aead *p = &cmd->op.aead;
	const u8 *nonce = ext->op.aead.nonce;

	if (memchr_inv(p->reserved, 0, sizeof(p->reserved)) ||
	    memchr_inv(ext->op.aead.reserved, 0, sizeof(ext->op.aead.reserved)))
		return AXE_ERR_RESERVED;
	if (p->nonce_len > AXE_MAX_NONCE)
		return AXE_ERR_PARAM;
	if (memchr_inv(nonce + p->nonce_len, 0, sizeof(ext->op.aead.nonce) - p->nonce_len))
		return AXE_ERR_RESERVED;
	return AXE_OK;
}

/* RFC 5116: 12 bytes; CCM (SP 800-38C) has others, and the longer the shorter the message. */
static enum axe_code axe_aead_set_nonce(struct axe_exec *x, struct axe_aead *a)
{
	u32 plain = le32_to_cpu(axe_aead_opens(x->cmd) ? x->cmd->dst.length : x->cmd->src.length);
	u8 len = x->cmd->op.aead.nonce_len;
	const u8 *nonce = x->ext->op.aead.nonce;

	memset(a->iv, 0, sizeof(a->iv));
	if (x->key->algorithm != AXE_KEY_AES_CCM) {
		memcpy(a->iv, nonce, 12);
		return len == 12 ? AXE_OK : AXE_ERR_PARAM;
	}
	if (len < 7)
		return AXE_ERR_PARAM;
	/* What is left of the block counts, and here is how long that is, less one. */
	a->iv[0] = 14 - len;
	memcpy(a->iv + 1, nonce, len);
	return len == 13 && plain > 0xffff ? AXE_ERR_LENGTH : AXE_OK;
}

/* Add @len bytes at @p, of @num entries so far; returns how many there are then. */
static unsigned int axe_aead_add(struct axe_aead *a, unsigned int num, u8 *p, size_t len)
{
	while (len) {
		size_t n = min(len, PAGE_SIZE - offset_in_page(p));

		sg_set_page(&a->sg[num++], axe_crypt_page(p), n, offset_in_page(p));
		p += n;
		len -= n;
	}
	return num;
}

/* The associated data, and @len bytes of the message at @text. */
static void axe_aead_describe(struct axe_aead *a, u8 *text, size_t len)
{
	unsigned int num;

	sg_init_table(a->sg, axe_aead_pages(a->data_len, len));
	num = axe_aead_add(a, 0, a->data, a->data_len);
	num = axe_aead_add(a, num, text, len);
	sg_mark_end(&a->sg[num - 1]);
}

/* The sealed one has the tag behind it. Neither can overflow: the table limits them. */
static bool axe_aead_lengths_ok(const struct axe_exec *x)
{
	u32 src = le32_to_cpu(x->cmd->src.length), dst = le32_to_cpu(x->cmd->dst.length);

	if (axe_aead_opens(x->cmd))
		return src == dst + x->key->tag && dst <= AXE_MAX_AEAD;
	return dst == src + x->key->tag;
}

/**
 * axe_aead_begin - lay out the private memory
 * @x: the command
 *
 * Return: AXE_OK; AXE_ERR_LENGTH if the lengths do not go together; AXE_ERR_PARAM or
 * AXE_ERR_LENGTH if the nonce does not go with the key's algorithm, or the message.
 */
static enum axe_code axe_aead_begin(struct axe_exec *x)
{
	struct axe_aead *a = x->priv;

	if (!axe_aead_lengths_ok(x))
		return AXE_ERR_LENGTH;
	axe_aead_layout(x, x->aux_len, le32_to_cpu(x->cmd->src.length) + AXE_AEAD_TAG);
	if (x->aux_len)
		memcpy(a->data, x->aux, x->aux_len);
	return axe_aead_set_nonce(x, a);
}

/**
 * axe_aead_read - read what there is of the source
 * @x: the command
 *
 * Return: was this all of it?
 */
bool axe_aead_read(struct axe_exec *x)
{
	struct axe_aead *a = x->priv;
	size_t n = min(x->src_len, a->size - a->have);

	if (n) {
		memcpy(a->in + a->have, x->src, n);
		a->have += n;
		axe_src_take(x, n);
	}
	return a->have == a->size;
}

/**
 * axe_aead_crypt - encrypt or decrypt, in place
 * @x:		the command, with its nonce and associated data
 * @text:	in the message
 * @len:	of the text, with its tag if it is to be decrypted
 * @opens:	it is
 *
 * Return: AXE_OK, AXE_ERR_AUTH, AXE_ERR_NOMEM.
 */
int axe_aead_crypt(struct axe_exec *x, u8 *text, size_t len, bool opens)
{
	struct axe_aead *a = x->priv;
	int ret;

	axe_aead_describe(a, text, opens ? len : len + x->key->tag);
	aead_request_set_tfm(a->req, x->key->aead);
	/* Not MAY_SLEEP: pages are held. */
	aead_request_set_callback(a->req, 0, NULL, NULL);
	aead_request_set_crypt(a->req, a->sg, a->sg, len, a->iv);
	aead_request_set_ad(a->req, a->data_len);
	ret = opens ? crypto_aead_decrypt(a->req) : crypto_aead_encrypt(a->req);
	if (ret)
		return ret == -EBADMSG ? AXE_ERR_AUTH : AXE_ERR_NOMEM;
	a->done = true;
	return AXE_OK;
}

/**
 * axe_aead_write - write out what there is room for
 * @x: the command
 *
 * Return: AXE_OK if that was all; AXE_EXEC_MORE, AXE_ERR_FULL.
 */
int axe_aead_write(struct axe_exec *x)
{
	struct axe_aead *a = x->priv;
	size_t n = min(x->dst_len, a->end - a->at);

	if (n) {
		memcpy(x->dst, a->out + a->at, n);
		a->at += n;
		axe_dst_put(x, n);
	}
	return a->at == a->end ? AXE_OK : axe_dst_short(x);
}

/**
 * axe_aead_exec - read the message, then encrypt or decrypt it, then write it out
 * @x: the command
 *
 * Return: AXE_OK, AXE_EXEC_MORE; AXE_ERR_AUTH, AXE_ERR_NOMEM, and nothing was written.
 */
static int axe_aead_exec(struct axe_exec *x)
{
	struct axe_aead *a = x->priv;
	int ret;

	if (!axe_aead_read(x))
		return AXE_EXEC_MORE;
	if (!a->done) {
		ret = axe_aead_crypt(x, a->message, a->size, axe_aead_opens(x->cmd));
		if (ret != AXE_OK)
			return ret;
		a->end = le32_to_cpu(x->cmd->dst.length);
	}
	return axe_aead_write(x);
}

#define AXE_KEYS_AEAD \
	(BIT(AXE_KEY_AES_GCM) | BIT(AXE_KEY_AES_CCM) | BIT(AXE_KEY_CHACHA20_POLY1305))

const struct axe_op axe_op_seal = {
	.name		= "seal",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST | AXE_OP_READS_AUX |
			  AXE_OP_IN_PLACE | AXE_OP_HAS_FORMATS | AXE_OP_HAS_KEY,
	.max_src	= AXE_MAX_AEAD,
	.max_dst	= AXE_MAX_AEAD + AXE_AEAD_TAG,
	.max_aux	= AXE_MAX_AEAD_DATA,
	.formats	= AXE_KEYS_AEAD,
	.has		= axe_key_algs_had,
	.key_uses	= AXE_KEY_ENCRYPT,
	.inline_max	= AXE_INLINE_CRYPT,
	.extends	= true,
	.load_aux	= true,
	.priv_need	= axe_aead_priv_need,
	.check		= axe_aead_check,
	.begin		= axe_aead_begin,
	.exec		= axe_aead_exec,
};

const struct axe_op axe_op_open = {
	.name		= "open",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST | AXE_OP_READS_AUX |
			  AXE_OP_IN_PLACE | AXE_OP_HAS_FORMATS | AXE_OP_HAS_KEY,
	.max_src	= AXE_MAX_AEAD + AXE_AEAD_TAG,
	.max_dst	= AXE_MAX_AEAD,
	.max_aux	= AXE_MAX_AEAD_DATA,
	.formats	= AXE_KEYS_AEAD,
	.has		= axe_key_algs_had,
	.key_uses	= AXE_KEY_DECRYPT,
	.inline_max	= AXE_INLINE_CRYPT,
	.extends	= true,
	.load_aux	= true,
	.priv_need	= axe_aead_priv_need,
	.check		= axe_aead_check,
	.begin		= axe_aead_begin,
	.exec		= axe_aead_exec,
};
