// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The direct-verbs API, but for the builders (wr.c). */

#include <endian.h>
#include <errno.h>

#include <ccan/array_size.h>

#include "axe.h"

bool axedv_is_supported(struct ibv_device *device)
{
	return axe_is_axe_device(device);
}

struct ibv_qp *axedv_create_qp(struct ibv_context *ibvctx,
			       struct ibv_qp_init_attr_ex *attr,
			       const struct axedv_qp_init_attr *axe_attr)
{
	if (!axe_is_axe_device(ibvctx->device)) {
		errno = EOPNOTSUPP;
		return NULL;
	}
	if (attr->qp_type != IBV_QPT_DRIVER) {
		errno = EINVAL;
		return NULL;
	}
	return axe_create_driver_qp(ibvctx, attr, axe_attr);
}

uint64_t axedv_wc_read_result(struct ibv_cq_ex *ibvcq, unsigned int index)
{
	const struct axe_cqe *cqe = to_axe_cq_ex(ibvcq)->cur;

	return index < ARRAY_SIZE(cqe->result) ? le64toh(cqe->result[index]) : 0;
}

enum axe_code axedv_wc_read_code(struct ibv_cq_ex *ibvcq)
{
	return le16toh(to_axe_cq_ex(ibvcq)->cur->code);
}

enum axe_opcode axedv_wc_read_op(struct ibv_cq_ex *ibvcq)
{
	return to_axe_cq_ex(ibvcq)->cur->op;
}

unsigned int axedv_wc_read_engine(struct ibv_cq_ex *ibvcq)
{
	return to_axe_cq_ex(ibvcq)->cur->engine;
}

bool axedv_wc_is_fallback(struct ibv_cq_ex *ibvcq)
{
	return to_axe_cq_ex(ibvcq)->cur->flags & AXE_CQE_FALLBACK;
}

static const char *axe_hash_str(unsigned int format)
{
	static const char *const hashes[] = {
		[AXE_HASH_SHA1] = "sha1",
		[AXE_HASH_SHA224] = "sha224",
		[AXE_HASH_SHA256] = "sha256",
		[AXE_HASH_SHA384] = "sha384",
		[AXE_HASH_SHA512] = "sha512",
		[AXE_HASH_SHA3_224] = "sha3-224",
		[AXE_HASH_SHA3_256] = "sha3-256",
		[AXE_HASH_SHA3_384] = "sha3-384",
		[AXE_HASH_SHA3_512] = "sha3-512",
		[AXE_HASH_SM3] = "sm3",
		[AXE_HASH_BLAKE2B_160] = "blake2b-160",
		[AXE_HASH_BLAKE2B_256] = "blake2b-256",
		[AXE_HASH_BLAKE2B_384] = "blake2b-384",
		[AXE_HASH_BLAKE2B_512] = "blake2b-512",
		[AXE_HASH_MD5] = "md5",
	};

	return format < ARRAY_SIZE(hashes) ? hashes[format] : NULL;
}

static const char *axe_key_str(unsigned int algorithm)
{
	static const char *const keys[] = {
		[AXE_KEY_AES_CBC] = "aes-cbc",
		[AXE_KEY_AES_CTR] = "aes-ctr",
		[AXE_KEY_AES_XTS] = "aes-xts",
		[AXE_KEY_SM4_CBC] = "sm4-cbc",
		[AXE_KEY_SM4_CTR] = "sm4-ctr",
		[AXE_KEY_SM4_XTS] = "sm4-xts",
		[AXE_KEY_AES_GCM] = "aes-gcm",
		[AXE_KEY_AES_CCM] = "aes-ccm",
		[AXE_KEY_CHACHA20_POLY1305] = "chacha20-poly1305",
		[AXE_KEY_ESP_AES_GCM_16] = "esp-aes-gcm-16",
		[AXE_KEY_ESP_AES_GCM_12] = "esp-aes-gcm-12",
		[AXE_KEY_ESP_AES_GCM_8] = "esp-aes-gcm-8",
		[AXE_KEY_ESP_CHACHA20_POLY1305] = "esp-chacha20-poly1305",
		[AXE_KEY_HMAC_SHA1] = "hmac-sha1",
		[AXE_KEY_HMAC_SHA224] = "hmac-sha224",
		[AXE_KEY_HMAC_SHA256] = "hmac-sha256",
		[AXE_KEY_HMAC_SHA384] = "hmac-sha384",
		[AXE_KEY_HMAC_SHA512] = "hmac-sha512",
		[AXE_KEY_HMAC_SHA3_224] = "hmac-sha3-224",
		[AXE_KEY_HMAC_SHA3_256] = "hmac-sha3-256",
		[AXE_KEY_HMAC_SHA3_384] = "hmac-sha3-384",
		[AXE_KEY_HMAC_SHA3_512] = "hmac-sha3-512",
		[AXE_KEY_HMAC_SM3] = "hmac-sm3",
		[AXE_KEY_BLAKE2B_256] = "blake2b-256",
		[AXE_KEY_BLAKE2B_512] = "blake2b-512",
		[AXE_KEY_AES_CMAC] = "aes-cmac",
	};

	return algorithm < ARRAY_SIZE(keys) ? keys[algorithm] : NULL;
}

/* By the bit of a mask. */
static const char *axe_pubkey_str(unsigned int bit)
{
	static const char *const keys[] = {
		[AXE_KEY_RSA - AXE_KEY_PUBLIC] = "rsa",
		[AXE_KEY_ECDSA_P256 - AXE_KEY_PUBLIC] = "ecdsa-p256",
		[AXE_KEY_ECDSA_P384 - AXE_KEY_PUBLIC] = "ecdsa-p384",
		[AXE_KEY_ECDH_P256 - AXE_KEY_PUBLIC] = "ecdh-p256",
		[AXE_KEY_ECDH_P384 - AXE_KEY_PUBLIC] = "ecdh-p384",
		[AXE_KEY_X25519 - AXE_KEY_PUBLIC] = "x25519",
	};

	return bit < ARRAY_SIZE(keys) ? keys[bit] : NULL;
}

const char *axedv_format_str(enum axe_opcode op, unsigned int format)
{
	static const char *const compressions[] = {
		[AXE_FORMAT_RAW] = "raw",
		[AXE_FORMAT_ZLIB] = "zlib",
		[AXE_FORMAT_GZIP] = "gzip",
	};
	static const char *const lz4[] = {
		[AXE_FORMAT_LZ4_BLOCK] = "lz4-block",
		[AXE_FORMAT_LZ4_FRAME] = "lz4",
	};

	switch (op) {
	case AXE_OP_COMPRESS:
	case AXE_OP_DECOMPRESS:
		return format < ARRAY_SIZE(compressions) ? compressions[format] : NULL;
	case AXE_OP_ENCRYPT:
	case AXE_OP_DECRYPT:
	case AXE_OP_SEAL:
	case AXE_OP_OPEN:
	case AXE_OP_MAC:
	case AXE_OP_MAC_VERIFY:
	case AXE_OP_ESP_SEAL:
	case AXE_OP_ESP_OPEN:
		return axe_key_str(format);
	case AXE_OP_RSA_PUBLIC:
	case AXE_OP_RSA_PRIVATE:
	case AXE_OP_SIGN:
	case AXE_OP_VERIFY:
	case AXE_OP_AGREE:
	case AXE_OP_PUBLIC_KEY:
		return axe_pubkey_str(format);
	case AXE_OP_LZ4_COMPRESS:
	case AXE_OP_LZ4_DECOMPRESS:
		return format < ARRAY_SIZE(lz4) ? lz4[format] : NULL;
	case AXE_OP_ZSTD_COMPRESS:
	case AXE_OP_ZSTD_DECOMPRESS:
		return format == AXE_FORMAT_ZSTD ? "zstd" : NULL;
	case AXE_OP_HASH:
		return axe_hash_str(format);
	default:
		return NULL;
	}
}

const char *axedv_code_str(enum axe_code code)
{
	switch (code) {
	case AXE_OK:
		return "success";
	case AXE_INFO_MORE:
		return "success; the stream goes on";
	case AXE_ERR_OPCODE:
		return "the device has no such operation";
	case AXE_ERR_RESERVED:
		return "an unused field or an unknown flag of the command is not zero";
	case AXE_ERR_PARAM:
		return "a parameter of the command is out of range";
	case AXE_ERR_OVERLAP:
		return "source and destination overlap";
	case AXE_ERR_STREAM:
		return "the queue holds a stream of another kind";
	case AXE_ERR_LENGTH:
		return "the operation refuses these lengths";
	case AXE_ERR_FULL:
		return "the destination is too small";
	case AXE_ERR_KEY:
		return "no memory region of this protection domain has that key";
	case AXE_ERR_ACCESS:
		return "the memory region does not grant the access";
	case AXE_ERR_RANGE:
		return "address outside of the memory region";
	case AXE_ERR_FAULT:
		return "no memory at that address";
	case AXE_ERR_GONE:
		return "the process that owned the memory is gone";
	case AXE_ERR_NO_KEY:
		return "no key object of this protection domain has that number";
	case AXE_ERR_KEY_USE:
		return "the key object is not for this operation";
	case AXE_ERR_DATA:
		return "corrupt input";
	case AXE_ERR_TRUNCATED:
		return "the input ends too early";
	case AXE_ERR_CHECKSUM:
		return "the data does not match its checksum";
	case AXE_ERR_DIF_GUARD:
		return "a block's data does not match its guard";
	case AXE_ERR_DIF_APP:
		return "a block has another application tag";
	case AXE_ERR_DIF_REF:
		return "a block has another reference tag";
	case AXE_ERR_AUTH:
		return "the message is not genuine";
	case AXE_ERR_NOMEM:
		return "the device is out of memory";
	case AXE_ERR_ENGINE:
		return "no accelerator has done it";
	case AXE_ERR_FLUSHED:
		return "flushed: the queue was in error or destroyed";
	case AXE_ERR_LINKED:
		return "flushed: the command it is linked to failed";
	case AXE_ERR_RNR:
		return "the peer has posted no receive";
	case AXE_ERR_UNREACHABLE:
		return "no answer from the peer";
	case AXE_ERR_PEER:
		return "the peer's receive cannot take it";
	case AXE_ERR_BIND:
		return "the memory window cannot be bound like this";
	case AXE_ERR_AH:
		return "no such address handle in this protection domain";
	}
	return "unknown code";
}

int axedv_query_ops(struct ibv_context *ibvctx, struct axe_op_info *ops,
		    unsigned int max)
{
	if (!axe_is_axe_device(ibvctx->device))
		return -EOPNOTSUPP;
	return axe_query_ops(ibvctx, ops, max);
}

int axedv_query_engines(struct ibv_context *ibvctx, struct axe_engine_info *engines,
			unsigned int max)
{
	if (!axe_is_axe_device(ibvctx->device))
		return -EOPNOTSUPP;
	return axe_query_engines(ibvctx, engines, max);
}

int axedv_query_engine_status(struct ibv_context *ibvctx, struct axe_engine_status *status,
			      unsigned int max)
{
	if (!axe_is_axe_device(ibvctx->device))
		return -EOPNOTSUPP;
	return axe_query_engine_status(ibvctx, status, max);
}
