/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR Linux-OpenIB) */
/* axe: its own uverbs objects, methods and attributes. */
#ifndef RDMA_AXE_USER_IOCTL_CMDS_H
#define RDMA_AXE_USER_IOCTL_CMDS_H

#include <linux/types.h>
#include <rdma/ib_user_ioctl_cmds.h>
#include <rdma/axe-ring.h>

enum axe_objects {
	AXE_OBJECT_DOORBELL = (1U << UVERBS_ID_NS_SHIFT),
	AXE_OBJECT_KEY,
};

enum axe_doorbell_methods {
	AXE_METHOD_DOORBELL_CREATE = (1U << UVERBS_ID_NS_SHIFT),
};

enum axe_doorbell_create_attrs {
	AXE_ATTR_DOORBELL_CREATE_FD = (1U << UVERBS_ID_NS_SHIFT),
};

enum axe_key_methods {
	AXE_METHOD_KEY_CREATE = (1U << UVERBS_ID_NS_SHIFT),
	AXE_METHOD_KEY_DESTROY,
};

/* There is no method to read a key's bytes. */
enum axe_key_create_attrs {
	AXE_ATTR_KEY_CREATE_HANDLE = (1U << UVERBS_ID_NS_SHIFT),
	/* in: the protection domain whose queues may use it */
	AXE_ATTR_KEY_CREATE_PD,
	/* in: enum axe_key_algorithm */
	AXE_ATTR_KEY_CREATE_ALGORITHM,
	/* in: enum axe_key_uses, at least one */
	AXE_ATTR_KEY_CREATE_USES,
	/* in: the key, AXE_MAX_KEY_BYTES at most */
	AXE_ATTR_KEY_CREATE_BYTES,
	/* out: __u32, the number that commands name it by */
	AXE_ATTR_KEY_CREATE_RESP_NUMBER,
	/* in: __u32, bytes of a tag; optional, only of AXE_KEY_AES_GCM and AXE_KEY_AES_CCM */
	AXE_ATTR_KEY_CREATE_TAG_LEN,
};

enum axe_key_destroy_attrs {
	AXE_ATTR_KEY_DESTROY_HANDLE = (1U << UVERBS_ID_NS_SHIFT),
};

#define AXE_MAX_KEY_BYTES	4096

/*
 * What a key is for; of an operation with AXE_OP_HAS_KEY, the bits of its mask of
 * formats, of public keys less AXE_KEY_PUBLIC. Not every kernel has all of them.
 */
enum axe_key_algorithm {
	/* Ciphers: 1 to 7 */
	AXE_KEY_AES_CBC			= 1,	/* 16, 24 or 32 bytes */
	AXE_KEY_AES_CTR			= 2,	/* 16, 24 or 32 bytes */
	AXE_KEY_AES_XTS			= 3,	/* 32 or 64 bytes: both keys */
	AXE_KEY_SM4_CBC			= 4,	/* 16 bytes */
	AXE_KEY_SM4_CTR			= 5,	/* 16 bytes */
	AXE_KEY_SM4_XTS			= 6,	/* 32 bytes: both keys */
	/* Authenticated encryption: 8 to 15 */
	AXE_KEY_AES_GCM			= 8,	/* 16, 24 or 32 bytes */
	AXE_KEY_AES_CCM			= 9,	/* 16, 24 or 32 bytes */
	AXE_KEY_CHACHA20_POLY1305	= 10,	/* 32 bytes */
	/* IPsec ESP, by the length of the ICV: 4 bytes of salt behind the key */
	AXE_KEY_ESP_AES_GCM_16		= 11,	/* 20, 28 or 36 bytes */
	AXE_KEY_ESP_AES_GCM_12		= 12,	/* 20, 28 or 36 bytes */
	AXE_KEY_ESP_AES_GCM_8		= 13,	/* 20, 28 or 36 bytes */
	AXE_KEY_ESP_CHACHA20_POLY1305	= 14,	/* 36 bytes */
	/* Message authentication: 16 to 31. HMAC and BLAKE2b: any length up to */
	AXE_KEY_HMAC_SHA1		= 16,	/* AXE_MAX_KEY_BYTES */
	AXE_KEY_HMAC_SHA224		= 17,
	AXE_KEY_HMAC_SHA256		= 18,
	AXE_KEY_HMAC_SHA384		= 19,
	AXE_KEY_HMAC_SHA512		= 20,
	AXE_KEY_HMAC_SHA3_224		= 21,
	AXE_KEY_HMAC_SHA3_256		= 22,
	AXE_KEY_HMAC_SHA3_384		= 23,
	AXE_KEY_HMAC_SHA3_512		= 24,
	AXE_KEY_HMAC_SM3		= 25,
	AXE_KEY_BLAKE2B_256		= 26,	/* 64 bytes */
	AXE_KEY_BLAKE2B_512		= 27,
	AXE_KEY_AES_CMAC		= 28,	/* 16, 24 or 32 bytes */
	/* Public keys: from 64, in DER */
	AXE_KEY_RSA			= 64,	/* RFC 8017, 5280, 5958; 2048, 3072 or 4096 bits */
	AXE_KEY_ECDSA_P256		= 65,	/* public: RFC 5480, or a point */
	AXE_KEY_ECDSA_P384		= 66,
	AXE_KEY_ECDH_P256		= 67,	/* private: RFC 5915, 5958 */
	AXE_KEY_ECDH_P384		= 68,
	AXE_KEY_X25519			= 69,	/* private: RFC 8410, or 32 bytes (RFC 7748) */
};

/* Where the bits of a mask of public keys begin. */
#define AXE_KEY_PUBLIC		64

enum axe_key_uses {
	AXE_KEY_ENCRYPT		= 1 << 0,
	AXE_KEY_DECRYPT		= 1 << 1,
	AXE_KEY_SIGN		= 1 << 2,
	AXE_KEY_VERIFY		= 1 << 3,
	AXE_KEY_DERIVE		= 1 << 4,
};
#define AXE_KEY_USES_ALL	0x1f

/* Methods of UVERBS_OBJECT_DEVICE */
enum axe_device_methods {
	AXE_METHOD_QUERY_OPS = (1U << UVERBS_ID_NS_SHIFT),
	AXE_METHOD_QUERY_ENGINES,
};

enum axe_query_ops_attrs {
	/* out: array of struct axe_op_info, as many as fit */
	AXE_ATTR_QUERY_OPS_ARRAY = (1U << UVERBS_ID_NS_SHIFT),
	/* out: __u32, how many there are */
	AXE_ATTR_QUERY_OPS_COUNT,
};

enum axe_query_engines_attrs {
	/* out: array of struct axe_engine_info, as many as fit */
	AXE_ATTR_QUERY_ENGINES_ARRAY = (1U << UVERBS_ID_NS_SHIFT),
	/* out: __u32, how many there are */
	AXE_ATTR_QUERY_ENGINES_COUNT,
	/* out: array of struct axe_engine_status, in the same order */
	AXE_ATTR_QUERY_ENGINES_STATUS,
};

/* Attributes of UVERBS_METHOD_DM_ALLOC */
enum axe_alloc_dm_attrs {
	/* out: __aligned_u64, offset at which the memory can be mapped */
	AXE_ATTR_ALLOC_DM_RESP_OFFSET = (1U << UVERBS_ID_NS_SHIFT),
};

/* Methods of UVERBS_OBJECT_DM */
enum axe_dm_methods {
	AXE_METHOD_DM_QUERY = (1U << UVERBS_ID_NS_SHIFT),
};

/* For a process that imports the device memory that another has allocated. */
enum axe_dm_query_attrs {
	AXE_ATTR_DM_QUERY_HANDLE = (1U << UVERBS_ID_NS_SHIFT),
	/* out: __aligned_u64, offset at which the memory can be mapped */
	AXE_ATTR_DM_QUERY_RESP_OFFSET,
	/* out: __aligned_u64, in bytes, as it was asked for */
	AXE_ATTR_DM_QUERY_RESP_LENGTH,
};

enum axe_op_info_flags {
	AXE_OP_READS_SRC	= 1 << 0,
	AXE_OP_WRITES_DST	= 1 << 1,
	AXE_OP_READS_DST	= 1 << 2,
	AXE_OP_HAS_FORMATS	= 1 << 3,
	AXE_OP_HAS_LEVELS	= 1 << 4,
	AXE_OP_CAN_OVERLAP	= 1 << 5,
	AXE_OP_CAN_STREAM	= 1 << 6,
	/* The third operand, which the extension slot names. */
	AXE_OP_READS_AUX	= 1 << 7,
	AXE_OP_WRITES_AUX	= 1 << 8,
	/* The operand is a list of ranges. */
	AXE_OP_SRC_LIST		= 1 << 9,
	AXE_OP_DST_LIST		= 1 << 10,
	/* The destination may be the source itself. */
	AXE_OP_IN_PLACE		= 1 << 11,
	/* The command's block begins with a key's number. */
	AXE_OP_HAS_KEY		= 1 << 12,
	/* Can be a stage of a chain. */
	AXE_OP_CAN_CHAIN	= 1 << 13,
};

/**
 * struct axe_op_info - an operation as the device offers it
 * @opcode:	enum axe_opcode
 * @flags:	enum axe_op_info_flags
 * @max_src:	longest source in bytes, 0: takes none
 * @max_dst:	longest destination in bytes, 0: takes none
 * @formats:	bit mask of 1 << format, if the operation has formats, or of keys'
 *		algorithms
 * @min_level:	lowest level
 * @max_level:	highest level
 * @engines:	bit mask of 1 << index of the engines that implement it
 * @inline_max:	longest source that an AXE_QUEUE_AUTO queue runs inline
 * @max_aux:	longest third operand in bytes, 0: takes none
 * @name:	short name, as in statistics
 * @max_src_list: most entries of a source that is a list, else 0
 * @max_dst_list: likewise of the destination
 */
struct axe_op_info {
	__u16 opcode;
	__u16 flags;
	__u32 max_src;
	__u32 max_dst;
	__u32 formats;
	__u8 min_level;
	__u8 max_level;
	__u16 reserved0;
	__u32 engines;
	__u32 inline_max;
	__u32 max_aux;
	char name[16];
	__u16 max_src_list;
	__u16 max_dst_list;
	__u32 reserved1[3];
};
AXE_ABI_SIZE(struct axe_op_info, 64);

enum axe_engine_info_flags {
	AXE_ENGINE_SOFTWARE	= 1 << 0,	/* runs on the CPU */
	AXE_ENGINE_ASYNC	= 1 << 1,	/* completes from elsewhere */
};

/**
 * struct axe_engine_info - an implementation of some operations
 * @index:	its number on this device
 * @flags:	enum axe_engine_info_flags
 * @priority:	the highest wins
 * @num_ops:	how many operations it implements
 * @name:	short name
 */
struct axe_engine_info {
	__u32 index;
	__u32 flags;
	__s32 priority;
	__u32 num_ops;
	char name[16];
};
AXE_ABI_SIZE(struct axe_engine_info, 32);

enum axe_engine_state {
	AXE_ENGINE_READY	= 0,
	AXE_ENGINE_DOWN		= 1,	/* its hardware is not there at present */
	AXE_ENGINE_FAILED	= 2,	/* it does not answer */
};

/**
 * struct axe_engine_status - how an engine is, and what it has done for all devices
 * @index:	as in struct axe_engine_info
 * @state:	enum axe_engine_state
 * @min_bytes:	of a command that goes to it where the queue leaves it open
 * @max_bytes:	of one request; longer commands become several. 0: not limited
 * @align:	of the lengths of requests; 0 or 1: none
 * @depth:	requests that it has at a time at most; 0: not limited
 * @algorithms:	mask of 1 << enum axe_key_algorithm, for operations with AXE_OP_HAS_KEY
 * @in_flight:	requests that it has now
 * @ops:	bit opcode % 64 of element opcode / 64: it has the operation
 * @cmds:	commands that it has run to their end
 * @bytes_in:	that it has read
 * @bytes_out:	that it has written
 * @errors:	commands that failed on it
 * @fallbacks:	commands that the CPU ran, or ended, in its place
 * @backlogged:	requests that had to wait for it
 * @reserved:	0
 */
struct axe_engine_status {
	__u32 index;
	__u32 state;
	__u32 min_bytes;
	__u32 max_bytes;
	__u32 align;
	__u32 depth;
	__u32 algorithms;
	__u32 in_flight;
	__aligned_u64 ops[2];
	__aligned_u64 cmds;
	__aligned_u64 bytes_in;
	__aligned_u64 bytes_out;
	__aligned_u64 errors;
	__aligned_u64 fallbacks;
	__aligned_u64 backlogged;
	__aligned_u64 reserved[4];
};
AXE_ABI_SIZE(struct axe_engine_status, 128);

#endif
