// SPDX-License-Identifier: GPL-2.0
/*
 * Authenticated encryption: AES-GCM, AES-CCM, ChaCha20-Poly1305, through the synchronous
 * ciphers of the kernel's crypto API.
 *
 * These want a message whole, and it must not change between its authentication and
 * its decryption: it is read into private memory, and nothing is written out before
 * all of it was found to be genuine.
 */
#include <crypto/aead.h>
#include <linux/errno.h>

#include "../key.h"
#include "crypt.h"
#include "piece.h"

#define AXE_AEAD_PAGES	((AXE_MAX_AEAD + AXE_MAX_AEAD_DATA) / PAGE_SIZE + 5)

/**
 * struct axe_aead - private memory of such a command; behind it what it points to
 * @iv:		as the crypto API wants the nonce
 * @size:	bytes of @text that come from the source
 * @have:	of these, what was read
 * @at:		bytes of @text that were written out
 * @end:	how many there are to be; 0: it is not encrypted or decrypted yet
 * @data:	the associated data
 * @text:	what is to be encrypted or decrypted, in its place, with the tag behind it
 * @req:	a struct aead_request, and what the algorithm has behind it
 * @sg:		@data and @text, by pages
 */
struct axe_aead {
	u8 iv[16] __aligned(AXE_CRYPT_ALIGN);
	size_t size;
	size_t have;
	size_t at;
	size_t end;
	u8 *data;
	u8 *text;
	struct aead_request *req;
	struct scatterlist sg[AXE_AEAD_PAGES];
};

static bool axe_aead_opens(const struct axe_cmd *cmd)
{
	return le16_to_cpu(cmd->opcode) == AXE_OP_OPEN;
}

static size_t axe_aead_req_size(const struct axe_key *key)
{
	return ALIGN(sizeof(struct aead_request) + crypto_aead_reqsize(key->aead), 64);
}

/**
 * axe_aead_priv_need - how much private memory the command takes
 * @x: the command
 */
size_t axe_aead_priv_need(const struct axe_exec *x)
{
	return ALIGN(sizeof(struct axe_aead), 64) + axe_aead_req_size(x->key) +
	       ALIGN(x->aux_len, AXE_CRYPT_ALIGN) +
	       le32_to_cpu(x->cmd->src.length) + AXE_AEAD_TAG;
}

/**
 * axe_aead_check - validate the block of a command
 * @cmd: the command
 * @ext: its extension slot
 *
 * Return: AXE_OK, or what is wrong with it.
 */
enum axe_code axe_aead_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	u32 src = le32_to_cpu(cmd->src.length), dst = le32_to_cpu(cmd->dst.length);
	const struct axe_cmd_aead *p = &cmd->op.aead;
	const u8 *nonce = ext->op.aead.nonce;

	if (memchr_inv(p->reserved, 0, sizeof(p->reserved)) ||
	    memchr_inv(ext->op.aead.reserved, 0, sizeof(ext->op.aead.reserved)))
		return AXE_ERR_RESERVED;
	if (p->nonce_len > AXE_MAX_NONCE)
		return AXE_ERR_PARAM;
	if (memchr_inv(nonce + p->nonce_len, 0, sizeof(ext->op.aead.nonce) - p->nonce_len))
		return AXE_ERR_RESERVED;
	/* Neither can overflow: the table limits them. */
	if (axe_aead_opens(cmd) ? src != dst + AXE_AEAD_TAG : dst != src + AXE_AEAD_TAG)
		return AXE_ERR_LENGTH;
	return AXE_OK;
}

/* RFC 5116: 12 bytes; CCM (SP 800-38C) has others, and the longer the shorter the message. */
static enum axe_code axe_aead_set_nonce(struct axe_exec *x, struct axe_aead *a)
{
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
	return len == 13 && a->size > 0xffff ? AXE_ERR_LENGTH : AXE_OK;
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

static void axe_aead_describe(struct axe_exec *x, struct axe_aead *a, size_t text)
{
	unsigned int num;

	sg_init_table(a->sg, AXE_AEAD_PAGES);
	num = axe_aead_add(a, 0, a->data, x->aux_len);
	num = axe_aead_add(a, num, a->text, text);
	sg_mark_end(&a->sg[num - 1]);
}

/**
 * axe_aead_begin - lay out the private memory
 * @x: the command
 *
 * Return: AXE_OK; AXE_ERR_PARAM or AXE_ERR_LENGTH if the nonce does not go with the key's
 * algorithm, or the message.
 */
enum axe_code axe_aead_begin(struct axe_exec *x)
{
	struct axe_aead *a = x->priv;
	u8 *p = x->priv;

	a->size = le32_to_cpu(x->cmd->src.length);
	a->have = 0;
	a->at = 0;
	a->end = 0;
	p += ALIGN(sizeof(*a), 64);
	a->req = (struct aead_request *)p;
	p += axe_aead_req_size(x->key);
	a->data = p;
	p += ALIGN(x->aux_len, AXE_CRYPT_ALIGN);
	a->text = p;
	if (x->aux_len)
		memcpy(a->data, x->aux, x->aux_len);
	axe_aead_describe(x, a, max_t(size_t, a->size, le32_to_cpu(x->cmd->dst.length)));
	return axe_aead_set_nonce(x, a);
}

static int axe_aead_crypt(struct axe_exec *x, struct axe_aead *a)
{
	bool opens = axe_aead_opens(x->cmd);
	int ret;

	aead_request_set_tfm(a->req, x->key->aead);
	/* Not MAY_SLEEP: pages are held. */
	aead_request_set_callback(a->req, 0, NULL, NULL);
	aead_request_set_crypt(a->req, a->sg, a->sg, a->size, a->iv);
	aead_request_set_ad(a->req, x->aux_len);
	ret = opens ? crypto_aead_decrypt(a->req) : crypto_aead_encrypt(a->req);
	if (ret)
		return ret == -EBADMSG ? AXE_ERR_AUTH : AXE_ERR_NOMEM;
	a->end = le32_to_cpu(x->cmd->dst.length);
	return AXE_OK;
}

/**
 * axe_aead_exec - read the message, then encrypt or decrypt it, then write it out
 * @x: the command
 *
 * Return: AXE_OK, AXE_EXEC_MORE; AXE_ERR_AUTH, AXE_ERR_NOMEM, and nothing was written.
 */
int axe_aead_exec(struct axe_exec *x)
{
	struct axe_aead *a = x->priv;
	size_t n = min(x->src_len, a->size - a->have);
	int ret;

	if (n) {
		memcpy(a->text + a->have, x->src, n);
		a->have += n;
		axe_src_take(x, n);
	}
	if (a->have < a->size)
		return AXE_EXEC_MORE;
	if (!a->at && !a->end) {
		ret = axe_aead_crypt(x, a);
		if (ret != AXE_OK)
			return ret;
	}
	n = min(x->dst_len, a->end - a->at);
	if (n) {
		memcpy(x->dst, a->text + a->at, n);
		a->at += n;
		axe_dst_put(x, n);
	}
	return a->at == a->end ? AXE_OK : axe_dst_short(x);
}
