// SPDX-License-Identifier: GPL-2.0
/*
 * One packet of IPsec's Encapsulating Security Payload (RFC 4303) with AES-GCM (RFC 4106)
 * or ChaCha20-Poly1305 (RFC 7634):
 *
 *	SPI | sequence number | IV | payload, padding, its length, next header | ICV
 *
 * What is behind the IV, but for the ICV, is encrypted. With extended sequence numbers,
 * the upper half is authenticated, but not sent.
 */
#include <linux/align.h>
#include <linux/bits.h>
#include <linux/unaligned.h>

#include "aead.h"
#include "piece.h"

#define AXE_ESP_IV	8
/* What is before the text. */
#define AXE_ESP_HEADER	(8 + AXE_ESP_IV)
/* The length of the padding, and the next header. */
#define AXE_ESP_TRAILER	2
/* SPI and extended sequence number. */
#define AXE_ESP_DATA	12

static u32 axe_esp_icv(const struct axe_exec *x)
{
	return x->key->tag;
}

/* Text of a packet with a payload of @len bytes: it ends on a word. */
static u32 axe_esp_text(u32 len)
{
	return ALIGN(len + AXE_ESP_TRAILER, 4);
}

/* The packet that the source is, or becomes. */
static u32 axe_esp_packet(const struct axe_exec *x)
{
	u32 len = le32_to_cpu(x->cmd->src.length);

	if (le16_to_cpu(x->cmd->opcode) == AXE_OP_ESP_OPEN)
		return len;
	return AXE_ESP_HEADER + axe_esp_text(len) + axe_esp_icv(x);
}

/**
 * axe_esp_priv_need - how much private memory the command takes
 * @x: the command
 */
static size_t axe_esp_priv_need(const struct axe_exec *x)
{
	return axe_aead_room(x->key, AXE_ESP_DATA, axe_esp_packet(x));
}

static enum axe_code axe_esp_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext,
				   u8 flags)
{
	const struct axe_ext_esp *p = &ext->op.esp;

	if (memchr_inv(p->reserved, 0, sizeof(p->reserved)) || p->flags & ~flags)
		return AXE_ERR_RESERVED;
	if (le64_to_cpu(cmd->op.esp.seq) >> 32 && !(p->flags & AXE_ESP_ESN))
		return AXE_ERR_PARAM;
	return AXE_OK;
}

/**
 * axe_esp_seal_check - validate the block of a command that makes a packet
 * @cmd: the command
 * @ext: its extension slot
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_esp_seal_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	enum axe_code code = axe_esp_check(cmd, ext, AXE_ESP_ESN);

	if (code != AXE_OK)
		return code;
	/* RFC 4303, 2.1: that one is never sent. */
	return cmd->op.esp.spi ? AXE_OK : AXE_ERR_PARAM;
}

/**
 * axe_esp_open_check - validate the block of a command that opens a packet
 * @cmd: the command
 * @ext: its extension slot
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_esp_open_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_ext_esp *p = &ext->op.esp;
	enum axe_code code = axe_esp_check(cmd, ext, AXE_ESP_ESN | AXE_ESP_CHECK_SPI);

	if (code != AXE_OK)
		return code;
	/* The packet has them. */
	if (memchr_inv(p->iv, 0, sizeof(p->iv)) || p->next_header ||
	    (u32)le64_to_cpu(cmd->op.esp.seq))
		return AXE_ERR_RESERVED;
	if (cmd->op.esp.spi && !(p->flags & AXE_ESP_CHECK_SPI))
		return AXE_ERR_RESERVED;
	return AXE_OK;
}

/* RFC 4106, 4 and 5: what the packet says of itself, the upper half of its number, the salt. */
static void axe_esp_describe(struct axe_exec *x, struct axe_aead *a)
{
	bool esn = x->ext->op.esp.flags & AXE_ESP_ESN;
	const u8 *packet = a->message;

	memcpy(a->iv, x->key->salt, sizeof(x->key->salt));
	memcpy(a->iv + sizeof(x->key->salt), packet + 8, AXE_ESP_IV);
	memcpy(a->data, packet, 4);
	if (esn)
		put_unaligned_be32(le64_to_cpu(x->cmd->op.esp.seq) >> 32, a->data + 4);
	memcpy(a->data + (esn ? 8 : 4), packet + 4, 4);
	a->data_len = esn ? 12 : 8;
}

/**
 * axe_esp_seal_begin - lay out the packet
 * @x: the command
 *
 * Return: AXE_OK; AXE_ERR_LENGTH if it would be too long, AXE_ERR_FULL.
 */
static enum axe_code axe_esp_seal_begin(struct axe_exec *x)
{
	struct axe_aead *a = x->priv;
	u32 len = axe_esp_packet(x);
	u8 *packet;

	if (len > AXE_MAX_ESP)
		return AXE_ERR_LENGTH;
	if (le32_to_cpu(x->cmd->dst.length) < len)
		return AXE_ERR_FULL;
	axe_aead_layout(x, AXE_ESP_DATA, len);
	packet = a->message;
	put_unaligned_be32(le32_to_cpu(x->cmd->op.esp.spi), packet);
	put_unaligned_be32(le64_to_cpu(x->cmd->op.esp.seq), packet + 4);
	memcpy(packet + 8, x->ext->op.esp.iv, AXE_ESP_IV);
	a->in = packet + AXE_ESP_HEADER;
	a->end = len;
	axe_esp_describe(x, a);
	return AXE_OK;
}

/* RFC 4303, 2.4 to 2.6 */
static void axe_esp_pad(struct axe_exec *x, u8 *text, u32 payload, u32 len)
{
	u32 pad = len - payload - AXE_ESP_TRAILER, i;

	for (i = 0; i < pad; i++)
		text[payload + i] = i + 1;
	text[len - 2] = pad;
	text[len - 1] = x->ext->op.esp.next_header;
}

/**
 * axe_esp_seal_exec - make a packet of a payload
 * @x: the command
 *
 * Return: AXE_OK, AXE_EXEC_MORE, AXE_ERR_NOMEM.
 */
static int axe_esp_seal_exec(struct axe_exec *x)
{
	struct axe_aead *a = x->priv;
	u8 *text = a->message + AXE_ESP_HEADER;
	u32 len = axe_esp_text(a->size);
	int ret;

	if (!axe_aead_read(x))
		return AXE_EXEC_MORE;
	if (!a->done) {
		axe_esp_pad(x, text, a->size, len);
		ret = axe_aead_crypt(x, text, len, false);
		if (ret != AXE_OK)
			return ret;
	}
	return axe_aead_write(x);
}

/**
 * axe_esp_open_begin - see if the source can be a packet
 * @x: the command
 *
 * Return: AXE_OK; AXE_ERR_TRUNCATED, AXE_ERR_LENGTH.
 */
static enum axe_code axe_esp_open_begin(struct axe_exec *x)
{
	u32 len = axe_esp_packet(x), around = AXE_ESP_HEADER + axe_esp_icv(x);

	if (len < around + axe_esp_text(0)) {
		x->result[0] = len;
		return AXE_ERR_TRUNCATED;
	}
	if ((len - around) % 4)
		return AXE_ERR_LENGTH;
	axe_aead_layout(x, AXE_ESP_DATA, len);
	return AXE_OK;
}

/* What is not genuine is not looked at: here it was found to be. */
static int axe_esp_strip(struct axe_exec *x, struct axe_aead *a, u8 *text, u32 len)
{
	u32 payload, pad = text[len - 2], i;

	x->result[0] = AXE_ESP_HEADER + len - 2;
	if (pad > len - AXE_ESP_TRAILER)
		return AXE_ERR_DATA;
	payload = len - AXE_ESP_TRAILER - pad;
	for (i = 0; i < pad; i++) {
		x->result[0] = AXE_ESP_HEADER + payload + i;
		if (text[payload + i] != i + 1)
			return AXE_ERR_DATA;
	}
	x->result[0] = payload;
	if (le32_to_cpu(x->cmd->dst.length) < payload)
		return AXE_ERR_FULL;
	x->result[0] = text[len - 1];
	a->out = text;
	a->end = payload;
	return AXE_OK;
}

static int axe_esp_open_packet(struct axe_exec *x, struct axe_aead *a)
{
	u32 spi = get_unaligned_be32(a->message);
	u8 *text = a->message + AXE_ESP_HEADER;
	u32 len = a->size - AXE_ESP_HEADER;
	int ret;

	x->result[1] = (u64)spi << 32 | get_unaligned_be32(a->message + 4);
	if (x->ext->op.esp.flags & AXE_ESP_CHECK_SPI && spi != le32_to_cpu(x->cmd->op.esp.spi))
		return AXE_ERR_DATA;
	axe_esp_describe(x, a);
	ret = axe_aead_crypt(x, text, len, true);
	if (ret != AXE_OK)
		return ret;
	return axe_esp_strip(x, a, text, len - axe_esp_icv(x));
}

/**
 * axe_esp_open_exec - give back the payload of a packet
 * @x: the command. result[0] becomes the next header, or the place of what is wrong;
 *	result[1] what the packet says that its SPI (the upper half) and number are
 *
 * Return: AXE_OK, AXE_EXEC_MORE; AXE_ERR_AUTH, AXE_ERR_DATA, AXE_ERR_FULL, AXE_ERR_NOMEM,
 * and nothing was written.
 */
static int axe_esp_open_exec(struct axe_exec *x)
{
	struct axe_aead *a = x->priv;
	int ret;

	if (!axe_aead_read(x))
		return AXE_EXEC_MORE;
	if (!a->done) {
		ret = axe_esp_open_packet(x, a);
		if (ret != AXE_OK)
			return ret;
	}
	return axe_aead_write(x);
}

#define AXE_KEYS_ESP \
	(BIT(AXE_KEY_ESP_AES_GCM_16) | BIT(AXE_KEY_ESP_AES_GCM_12) | \
	 BIT(AXE_KEY_ESP_AES_GCM_8) | BIT(AXE_KEY_ESP_CHACHA20_POLY1305))

const struct axe_op axe_op_esp_seal = {
	.name		= "esp-seal",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST |
			  AXE_OP_CAN_OVERLAP | AXE_OP_HAS_FORMATS | AXE_OP_HAS_KEY,
	.max_src	= AXE_MAX_ESP,
	.max_dst	= AXE_OPERAND_MAX,
	.formats	= AXE_KEYS_ESP,
	.has		= axe_key_algs_had,
	.key_uses	= AXE_KEY_ENCRYPT,
	.inline_max	= AXE_INLINE_CRYPT,
	.extends	= true,
	.reads_first	= true,
	.priv_need	= axe_esp_priv_need,
	.check		= axe_esp_seal_check,
	.begin		= axe_esp_seal_begin,
	.exec		= axe_esp_seal_exec,
};

const struct axe_op axe_op_esp_open = {
	.name		= "esp-open",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST |
			  AXE_OP_CAN_OVERLAP | AXE_OP_HAS_FORMATS | AXE_OP_HAS_KEY,
	.max_src	= AXE_MAX_ESP,
	.max_dst	= AXE_OPERAND_MAX,
	.formats	= AXE_KEYS_ESP,
	.has		= axe_key_algs_had,
	.key_uses	= AXE_KEY_DECRYPT,
	.inline_max	= AXE_INLINE_CRYPT,
	.extends	= true,
	.reads_first	= true,
	.priv_need	= axe_esp_priv_need,
	.check		= axe_esp_open_check,
	.begin		= axe_esp_open_begin,
	.exec		= axe_esp_open_exec,
};
