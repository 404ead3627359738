/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR Linux-OpenIB) */
/*
 * axe: the rings that a process shares with the device, and what travels in them.
 *
 * One copy for kernel and user space. All multi-byte fields of commands,
 * completions and result records are little endian: the same bytes serve as a
 * ring slot, as the payload of a SEND, and as a capsule on a wire. Ring headers
 * never leave the host and are in its byte order.
 */
#ifndef RDMA_AXE_RING_H
#define RDMA_AXE_RING_H

#include <linux/types.h>
#include <rdma/axe-ops.h>

#define AXE_RING_VERSION	1

/* A slot of a send ring, and the unit that its indices count. */
#define AXE_SLOT_SIZE		64
#define AXE_CQE_SIZE		64
/* Offset of the first slot (or CQE) from the start of the mapping. */
#define AXE_RING_ENTRIES	256

enum axe_sq_flags {
	/* No one is looking at the ring: ring the doorbell after publishing. */
	AXE_SQ_NEED_WAKEUP	= 1 << 0,
	/* The queue is in the error state; what is posted is flushed. */
	AXE_SQ_ERROR		= 1 << 1,
	/* The device is gone. Posting fails with EIO. */
	AXE_SQ_DEAD		= 1 << 2,
};

/**
 * struct axe_sq_hdr - head of a send ring; slots follow at AXE_RING_ENTRIES
 * @tail:	written by the process: one past the last published slot
 * @version:	AXE_RING_VERSION; anything else breaks the queue
 * @head:	written by the device: slots before it were copied and may be reused
 * @flags:	written by the device: enum axe_sq_flags
 * @slots:	number of slots, a power of two; informative
 *
 * Indices run freely over 32 bits; slot i lies at i modulo @slots. A distance
 * tail - head greater than @slots breaks the queue.
 */
struct axe_sq_hdr {
	__u32 tail;
	__u32 version;
	__u32 pad0[14];
	__u32 head;
	__u32 flags;
	__u32 pad1[14];
	__u32 slots;
	__u32 pad2[15];
	__u32 pad3[16];
};
AXE_ABI_SIZE(struct axe_sq_hdr, AXE_RING_ENTRIES);
AXE_ABI_AT(struct axe_sq_hdr, version, 4);
AXE_ABI_AT(struct axe_sq_hdr, head, 64);
AXE_ABI_AT(struct axe_sq_hdr, flags, 68);
AXE_ABI_AT(struct axe_sq_hdr, slots, 128);

enum axe_cq_arm {
	AXE_CQ_ARM_NONE		= 0,
	AXE_CQ_ARM_SOLICITED	= 1,	/* next solicited or failed completion */
	AXE_CQ_ARM_NEXT		= 2,	/* next completion */
};

enum axe_cq_flags {
	/* A completion did not fit. The CQ is unusable, IBV_EVENT_CQ_ERR was raised. */
	AXE_CQ_OVERFLOW		= 1 << 0,
	/* The device is gone; nothing more will arrive. */
	AXE_CQ_DEAD		= 1 << 1,
};

/**
 * struct axe_cq_hdr - head of a completion ring; CQEs follow at AXE_RING_ENTRIES
 * @consumer:	written by the process: CQEs before it may be overwritten
 * @arm:	enum axe_cq_arm; set by the process, cleared by the device when it
 *		raises the event
 * @producer:	written by the device: one past the last valid CQE
 * @flags:	written by the device: enum axe_cq_flags
 * @entries:	number of CQEs, a power of two; informative
 */
struct axe_cq_hdr {
	__u32 consumer;
	__u32 arm;
	__u32 pad0[14];
	__u32 producer;
	__u32 flags;
	__u32 pad1[14];
	__u32 entries;
	__u32 pad2[15];
	__u32 pad3[16];
};
AXE_ABI_SIZE(struct axe_cq_hdr, AXE_RING_ENTRIES);
AXE_ABI_AT(struct axe_cq_hdr, arm, 4);
AXE_ABI_AT(struct axe_cq_hdr, producer, 64);
AXE_ABI_AT(struct axe_cq_hdr, flags, 68);
AXE_ABI_AT(struct axe_cq_hdr, entries, 128);

enum axe_cmd_flags {
	/* Make a completion even if the queue does not signal all. */
	AXE_CMD_SIGNALED	= 1 << 0,
	/* The completion counts as solicited. */
	AXE_CMD_SOLICITED	= 1 << 1,
	/* Start when every earlier command of the queue has finished. */
	AXE_CMD_FENCE		= 1 << 2,
	/* Start when the command before has finished; flushed if that failed. */
	AXE_CMD_LINK		= 1 << 3,
	/* The first extension slot names a result record. */
	AXE_CMD_RESULT		= 1 << 4,
	/* Posted as IBV_WR_SEND; its completion says IBV_WC_SEND. */
	AXE_CMD_SEND		= 1 << 5,
};
#define AXE_CMD_FLAGS_ALL	0x3f

/* Memory: @length bytes at @addr of the memory region with key @key. */
struct axe_buf {
	__le64 addr;
	__le32 length;
	__le32 key;
};
AXE_ABI_SIZE(struct axe_buf, 16);

/**
 * struct axe_cmd - a command
 * @opcode:	enum axe_opcode
 * @ext:	number of extension slots that follow, 0 to AXE_MAX_EXT
 * @reserved:	0
 * @flags:	enum axe_cmd_flags
 * @wr_id:	comes back in the completion
 * @src:	what is read; all zero for an operation without a source
 * @dst:	what is written; all zero for an operation without a destination
 *
 * Whatever an operation does not use must be zero.
 */
struct axe_cmd {
	__le16 opcode;
	__u8 ext;
	__u8 reserved;
	__le32 flags;
	__le64 wr_id;
	struct axe_buf src;
	struct axe_buf dst;
	union {
		__u8 raw[16];
		__le32 key;	/* of every operation with AXE_OP_HAS_KEY */
		struct axe_cmd_fill fill;
		struct axe_cmd_crc crc;
		struct axe_cmd_deflate deflate;
		struct axe_cmd_scan scan;
		struct axe_cmd_matmul matmul;
		struct axe_cmd_knn knn;
		struct axe_cmd_pq pq;
		struct axe_cmd_crc64 crc64;
		struct axe_cmd_sum sum;
		struct axe_cmd_dif dif;
		struct axe_cmd_cipher cipher;
		struct axe_cmd_aead aead;
		struct axe_cmd_pack pack;
		struct axe_cmd_hash hash;
		struct axe_cmd_mac mac;
		struct axe_cmd_esp esp;
		struct axe_cmd_key pubkey;
		struct axe_cmd_sign sign;
	} op;
};
AXE_ABI_SIZE(struct axe_cmd, AXE_SLOT_SIZE);
AXE_ABI_AT(struct axe_cmd, flags, 4);
AXE_ABI_AT(struct axe_cmd, wr_id, 8);
AXE_ABI_AT(struct axe_cmd, src, 16);
AXE_ABI_AT(struct axe_cmd, dst, 32);
AXE_ABI_AT(struct axe_cmd, op, 48);

/* The most extension slots a command may have. */
#define AXE_MAX_EXT		1

/**
 * struct axe_cmd_ext - the first extension slot
 * @result:	where to store a struct axe_result (length 32, address a multiple
 *		of 32), if the command has AXE_CMD_RESULT
 * @aux:	a third operand; all zero for an operation without one
 * @op:		further parameters; zero where the operation has none
 */
struct axe_cmd_ext {
	struct axe_buf result;
	struct axe_buf aux;
	union {
		__u8 raw[32];
		struct axe_ext_rs rs;
		struct axe_ext_combine combine;
		struct axe_ext_dif dif;
		struct axe_ext_cipher cipher;
		struct axe_ext_aead aead;
		struct axe_ext_esp esp;
	} op;
};
AXE_ABI_SIZE(struct axe_cmd_ext, AXE_SLOT_SIZE);
AXE_ABI_AT(struct axe_cmd_ext, aux, 16);
AXE_ABI_AT(struct axe_cmd_ext, op, 32);

/*
 * A list of memory: the source of an operation with AXE_OP_SRC_LIST, and the
 * destination of one with AXE_OP_DST_LIST, is no data but an array of struct
 * axe_buf, each a range of it. The device reads the array once, before it begins.
 * An operation has at most so many entries, or fewer: struct axe_op_info tells.
 */
#define AXE_MAX_LIST		1024

/* The most operations of a chain. */
#define AXE_MAX_STAGES		4

/**
 * struct axe_stage - an operation of a chain (AXE_OP_CHAIN)
 * @cmd:	the operation and its block; wr_id, flags, src and dst are zero
 * @ext:	its extension slot, if @cmd has one; result is zero
 *
 * The chain's third operand is an array of 1 to AXE_MAX_STAGES of them. What the
 * first reads is the chain's source, what the last writes is its destination. An
 * operation without a destination, a checksum, passes on what it has read. The result
 * record, if the command names one, is an array: that of the command, then one of each
 * stage; its length says so, and its address is a multiple of AXE_CHAIN_RESULT_ALIGN.
 */
struct axe_stage {
	struct axe_cmd cmd;
	struct axe_cmd_ext ext;
};
AXE_ABI_SIZE(struct axe_stage, 2 * AXE_SLOT_SIZE);
#define AXE_CHAIN_RESULT_ALIGN	256

/**
 * enum axe_code - what became of a command, as wc.vendor_err tells it
 *
 * Beside each the ibv_wc_status that comes with it. Where an address is named,
 * it is in the first result, in the memory region's terms.
 */
enum axe_code {
	AXE_OK			= 0,	/* SUCCESS */
	AXE_INFO_MORE		= 1,	/* SUCCESS: a part of a stream, more to come */
	AXE_ERR_OPCODE		= 16,	/* LOC_QP_OP_ERR: no such operation here */
	AXE_ERR_RESERVED	= 17,	/* LOC_QP_OP_ERR: an unused field or flag is not zero */
	AXE_ERR_PARAM		= 18,	/* LOC_QP_OP_ERR: a parameter is out of range */
	AXE_ERR_OVERLAP		= 19,	/* LOC_QP_OP_ERR: source and destination overlap */
	AXE_ERR_STREAM		= 20,	/* LOC_QP_OP_ERR: the stream is of another kind */
	AXE_ERR_LENGTH		= 24,	/* LOC_LEN_ERR: lengths that the operation refuses */
	AXE_ERR_FULL		= 25,	/* LOC_LEN_ERR: the destination is too small */
	AXE_ERR_KEY		= 32,	/* LOC_PROT_ERR: no such key in this protection domain */
	AXE_ERR_ACCESS		= 33,	/* LOC_PROT_ERR: the region does not grant the access */
	AXE_ERR_RANGE		= 34,	/* LOC_PROT_ERR: outside the region; the address */
	AXE_ERR_FAULT		= 35,	/* LOC_PROT_ERR: no such memory; the address */
	AXE_ERR_GONE		= 36,	/* LOC_PROT_ERR: the owner of the memory is gone */
	AXE_ERR_NO_KEY		= 37,	/* LOC_PROT_ERR: no such key object in this PD */
	AXE_ERR_KEY_USE		= 38,	/* LOC_PROT_ERR: the key object is not for this */
	AXE_ERR_DATA		= 48,	/* GENERAL_ERR: corrupt input; its offset */
	AXE_ERR_TRUNCATED	= 49,	/* GENERAL_ERR: the input ends too early */
	AXE_ERR_CHECKSUM	= 50,	/* GENERAL_ERR: the data does not match its checksum */
	AXE_ERR_DIF_GUARD	= 51,	/* GENERAL_ERR: a block's guard is wrong; its number */
	AXE_ERR_DIF_APP		= 52,	/* GENERAL_ERR: a block's application tag is; its number */
	AXE_ERR_DIF_REF		= 53,	/* GENERAL_ERR: a block's reference tag is; its number */
	AXE_ERR_AUTH		= 54,	/* GENERAL_ERR: the message is not genuine */
	AXE_ERR_NOMEM		= 56,	/* GENERAL_ERR: the device is out of memory; try again */
	AXE_ERR_ENGINE		= 57,	/* GENERAL_ERR: no accelerator has done it; bytes done */
	AXE_ERR_FLUSHED		= 64,	/* WR_FLUSH_ERR: the queue was in error or destroyed */
	AXE_ERR_LINKED		= 65,	/* WR_FLUSH_ERR: linked to a command that failed */
	/* Between peers. There the codes above have the specification's statuses. */
	AXE_ERR_RNR		= 72,	/* RNR_RETRY_EXC_ERR: the peer has posted no receive */
	AXE_ERR_UNREACHABLE	= 73,	/* RETRY_EXC_ERR: no answer from the peer */
	AXE_ERR_PEER		= 74,	/* REM_OP_ERR: the peer's receive cannot take it */
	AXE_ERR_BIND		= 75,	/* MW_BIND_ERR: the window cannot be bound like this */
	AXE_ERR_AH		= 76,	/* LOC_QP_OP_ERR: no such address handle in this PD */
};

enum axe_cqe_flags {
	/* The CPU has run, or ended, what an accelerator should have. */
	AXE_CQE_FALLBACK	= 1 << 0,
};

/**
 * struct axe_cqe - a completion
 * @wr_id:	of the command
 * @result:	two results, as the operation defines
 * @byte_len:	bytes produced
 * @qp_num:	of the queue
 * @status:	enum ibv_wc_status
 * @opcode:	enum ibv_wc_opcode
 * @code:	enum axe_code
 * @wc_flags:	enum ibv_wc_flags
 * @imm_data:	as on the wire (big endian)
 * @timestamp:	nanoseconds of CLOCK_MONOTONIC_RAW, if the CQ was made for it
 * @src_qp:	number of the sender's QP
 * @engine:	index of the engine that ran the command
 * @op:		enum axe_opcode, 255 for any number that does not fit
 * @sl:		UD: the sender's service level
 * @flags:	enum axe_cqe_flags
 */
struct axe_cqe {
	__le64 wr_id;
	__le64 result[2];
	__le32 byte_len;
	__le32 qp_num;
	__u8 status;
	__u8 opcode;
	__le16 code;
	__le32 wc_flags;
	__be32 imm_data;
	__le32 src_qp;
	__le64 timestamp;
	__u8 engine;
	__u8 op;
	__u8 sl;
	__u8 flags;
	__u8 reserved[4];
};
AXE_ABI_SIZE(struct axe_cqe, AXE_CQE_SIZE);
AXE_ABI_AT(struct axe_cqe, result, 8);
AXE_ABI_AT(struct axe_cqe, byte_len, 24);
AXE_ABI_AT(struct axe_cqe, qp_num, 28);
AXE_ABI_AT(struct axe_cqe, status, 32);
AXE_ABI_AT(struct axe_cqe, opcode, 33);
AXE_ABI_AT(struct axe_cqe, code, 34);
AXE_ABI_AT(struct axe_cqe, wc_flags, 36);
AXE_ABI_AT(struct axe_cqe, imm_data, 40);
AXE_ABI_AT(struct axe_cqe, src_qp, 44);
AXE_ABI_AT(struct axe_cqe, timestamp, 48);
AXE_ABI_AT(struct axe_cqe, engine, 56);
AXE_ABI_AT(struct axe_cqe, op, 57);
AXE_ABI_AT(struct axe_cqe, sl, 58);
AXE_ABI_AT(struct axe_cqe, flags, 59);

/**
 * struct axe_result - a result record, stored where a command says
 *
 * Stored also for a command that failed, but not for one that was refused for
 * its form (AXE_ERR_OPCODE to AXE_ERR_PARAM, AXE_ERR_LENGTH).
 *
 * @result:	as in the completion
 * @wr_id:	as in the completion
 * @byte_len:	as in the completion
 * @code:	as in the completion
 * @status:	as in the completion
 * @valid:	1; stored last, so that a program may wait for it in memory
 */
struct axe_result {
	__le64 result[2];
	__le64 wr_id;
	__le32 byte_len;
	__le16 code;
	__u8 status;
	__u8 valid;
};
AXE_ABI_SIZE(struct axe_result, 32);
AXE_ABI_AT(struct axe_result, wr_id, 16);
AXE_ABI_AT(struct axe_result, byte_len, 24);
AXE_ABI_AT(struct axe_result, code, 28);
AXE_ABI_AT(struct axe_result, status, 30);
AXE_ABI_AT(struct axe_result, valid, 31);

/*
 * Peer queues: the rings of RC, UC, UD and XRC QPs and of SRQs. A send ring is
 * one of struct axe_sq_hdr and slots, too, but its slots hold work requests.
 */

enum axe_wr_flags {
	AXE_WR_SIGNALED		= 1 << 0,
	AXE_WR_SOLICITED	= 1 << 1,
	AXE_WR_FENCE		= 1 << 2,
	/* The payload is in the extension slots: sge.length bytes, no key. */
	AXE_WR_INLINE		= 1 << 3,
};
#define AXE_WR_FLAGS_ALL	0x0f

/* The most extension slots a work request may have, and what they can hold. */
#define AXE_WR_MAX_EXT		8
#define AXE_WR_EXT_SGE		(AXE_SLOT_SIZE / 16)
#define AXE_WR_MAX_SGE		32
#define AXE_WR_MAX_INLINE	(AXE_WR_MAX_EXT * AXE_SLOT_SIZE)

/**
 * struct axe_send_wr - a work request of a peer's send queue
 * @opcode:	enum ibv_wr_opcode, but for TSO and DRIVER1
 * @ext:	number of extension slots that follow: those that the scatter list
 *		behind its first entry, four a slot, or the inline data need
 * @num_sge:	entries of the scatter list, 0 with AXE_WR_INLINE
 * @flags:	enum axe_wr_flags
 * @srqn:	XRC: number of the peer's SRQ, also where no receive is used up: its PD
 *		is that of the peer's memory
 * @wr_id:	comes back in the completion
 * @rkey:	RDMA, atomic, FLUSH: of the peer's memory. BIND_MW: the window's
 *		present key
 * @imm_data:	*_WITH_IMM: the immediate
 * @invalidate_rkey: SEND_WITH_INV: of the peer's window; LOCAL_INV: of the window;
 *		BIND_MW: the window's new key
 * @remote_addr: RDMA, atomic, FLUSH: address in the peer's memory. BIND_MW: the
 *		window's first address
 * @sge:	first entry of the scatter list; all zero if there is none
 *
 * Atomics have one entry of 8 bytes, where the former value goes. ATOMIC_WRITE
 * has 8 bytes of payload. Whatever a request does not use must be zero.
 */
struct axe_send_wr {
	__u8 opcode;
	__u8 ext;
	__u8 num_sge;
	__u8 flags;
	__le32 srqn;
	__le64 wr_id;
	__le32 rkey;
	union {
		__be32 imm_data;
		__le32 invalidate_rkey;
	};
	__le64 remote_addr;
	union {
		__u8 raw[16];
		struct {
			__le64 compare_add;	/* CMP_AND_SWP: compare, FETCH_AND_ADD: add */
			__le64 swap;
		} atomic;
		struct {
			__le32 ah;		/* axe_create_ah_resp.number */
			__le32 qp_num;
			__le32 qkey;		/* most significant bit set: the QP's own */
			__le32 reserved;
		} ud;
		struct {
			__le64 length;		/* 0: nothing is bound any more */
			__le32 mr_key;
			__le32 access;		/* enum ibv_access_flags */
		} bind;
		struct {
			__le64 length;
			__le32 type;		/* enum ibv_flush_type, a bit mask */
			__le32 level;		/* enum ibv_flush_level */
		} flush;
	} op;
	struct axe_buf sge;
};
AXE_ABI_SIZE(struct axe_send_wr, AXE_SLOT_SIZE);
AXE_ABI_AT(struct axe_send_wr, srqn, 4);
AXE_ABI_AT(struct axe_send_wr, wr_id, 8);
AXE_ABI_AT(struct axe_send_wr, rkey, 16);
AXE_ABI_AT(struct axe_send_wr, imm_data, 20);
AXE_ABI_AT(struct axe_send_wr, remote_addr, 24);
AXE_ABI_AT(struct axe_send_wr, op, 32);
AXE_ABI_AT(struct axe_send_wr, sge, 48);

/**
 * struct axe_recv_wr - an entry of a receive ring, of an RQ or an SRQ
 * @wr_id:	comes back in the completion
 * @num_sge:	entries of the scatter list
 * @sge:	as many as the ring's entries have room for
 *
 * The ring is a struct axe_sq_hdr and, at AXE_RING_ENTRIES, its entries; its
 * indices count entries, and @slots of the header says how many there are. An
 * entry takes axe_create_*_resp.rq_stride bytes. NEED_WAKEUP is set while somebody
 * waits for a receive to be posted, and when the QP is in error.
 */
struct axe_recv_wr {
	__le64 wr_id;
	__le32 num_sge;
	__le32 reserved;
	__extension__ struct axe_buf sge[];	/* C++ has no such arrays */
};
AXE_ABI_SIZE(struct axe_recv_wr, 16);

enum axe_doorbell_ring {
	AXE_DOORBELL_SQ		= 0,	/* the QP's send ring */
	AXE_DOORBELL_RQ		= 1,	/* the QP's receive ring */
	AXE_DOORBELL_SRQ	= 2,	/* the receive ring of an SRQ */
};

/*
 * What is written to the doorbell's file descriptor: one or more of these. Fails
 * with EIO when the device is gone, with EINVAL for a number that is none of the
 * context's.
 */
struct axe_doorbell {
	__u32 number;		/* of the QP or SRQ */
	__u32 ring;		/* enum axe_doorbell_ring */
};
AXE_ABI_SIZE(struct axe_doorbell, 8);

#endif
