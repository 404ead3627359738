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
#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/stddef.h>
#else
#include <assert.h>
#include <stddef.h>
#endif

#ifdef __cplusplus
#define AXE_ABI_ASSERT(expr) static_assert(expr, #expr)
#else
#define AXE_ABI_ASSERT(expr) _Static_assert(expr, #expr)
#endif
#define AXE_ABI_SIZE(type, size) AXE_ABI_ASSERT(sizeof(type) == (size))
#define AXE_ABI_AT(type, field, off) AXE_ABI_ASSERT(offsetof(type, field) == (off))

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

/* Operations of accelerator queues. Numbers are ABI and never reused. */
enum axe_opcode {
	AXE_OP_NOP		= 0,
	AXE_OP_COPY		= 1,
	AXE_OP_FILL		= 2,
	AXE_OP_COMPARE		= 3,
	AXE_OP_CRC32		= 4,
	AXE_OP_CRC32C		= 5,
	AXE_OP_COMPRESS		= 6,
	AXE_OP_DECOMPRESS	= 7,
	AXE_OP_SCAN		= 8,
	AXE_OP_SELECT		= 9,
	AXE_OP_EXPAND		= 10,
	AXE_OP_EXTRACT		= 11,
	AXE_OP_XOR		= 12,
	AXE_OP_XOR_CHECK	= 13,
	AXE_OP_PQ_GENERATE	= 14,
	AXE_OP_PQ_CHECK		= 15,
	AXE_OP_PQ_RECOVER	= 16,
	AXE_OP_ERASURE		= 17,
	AXE_OP_RS_ENCODE	= 18,
	AXE_OP_RS_RECOVER	= 19,
	AXE_OP_CRC64		= 20,
	AXE_OP_CRC16_T10	= 21,
	AXE_OP_ADLER32		= 22,
	AXE_OP_XXH64		= 23,
	AXE_OP_COPY_CRC		= 24,
	AXE_OP_CRC_COMBINE	= 25,
	AXE_OP_CHAIN		= 26,
	AXE_OP_MATMUL_I8	= 27,
	AXE_OP_KNN_I8		= 28,
	AXE_OP_DUALCAST		= 29,
	AXE_OP_COMPARE_PATTERN	= 30,
	AXE_OP_DELTA_CREATE	= 31,
	AXE_OP_DELTA_APPLY	= 32,
	AXE_OP_GATHER		= 33,
	AXE_OP_SCATTER		= 34,
	AXE_OP_DIF_INSERT	= 35,
	AXE_OP_DIF_VERIFY	= 36,
	AXE_OP_DIF_STRIP	= 37,
	AXE_OP_DIF_UPDATE	= 38,
	AXE_OP_DIX_INSERT	= 39,
	AXE_OP_DIX_VERIFY	= 40,
	AXE_OP_ENCRYPT		= 41,
	AXE_OP_DECRYPT		= 42,
	AXE_OP_SEAL		= 43,
	AXE_OP_OPEN		= 44,
	AXE_OP_LZ4_COMPRESS	= 45,
	AXE_OP_LZ4_DECOMPRESS	= 46,
	AXE_OP_ZSTD_COMPRESS	= 47,
	AXE_OP_ZSTD_DECOMPRESS	= 48,
	AXE_OP_HASH		= 49,
	AXE_OP_MAC		= 50,
	AXE_OP_MAC_VERIFY	= 51,
	AXE_OP_ESP_SEAL		= 52,
	AXE_OP_ESP_OPEN		= 53,
	AXE_OP_RSA_PUBLIC	= 54,
	AXE_OP_RSA_PRIVATE	= 55,
	AXE_OP_SIGN		= 56,
	AXE_OP_VERIFY		= 57,
	AXE_OP_AGREE		= 58,
	AXE_OP_PUBLIC_KEY	= 59,
	AXE_OP_MAX		= 60,	/* one more than the last */
};

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

/*
 * AXE_OP_FILL: the destination repeats the first @size bytes of @pattern.
 * AXE_OP_COMPARE_PATTERN: the source is compared with them, likewise repeated.
 */
struct axe_cmd_fill {
	__u8 pattern[8];
	__u8 size;			/* 1 to 8 */
	__u8 reserved[7];
};
AXE_ABI_SIZE(struct axe_cmd_fill, 16);

/* AXE_OP_COMPARE has no block: it reads src and dst, which have one length. */

/*
 * AXE_OP_DUALCAST has no block: it writes dst and aux, which are as long as src.
 * AXE_OP_GATHER and AXE_OP_SCATTER have none either: src, or dst, is a list.
 */

/*
 * AXE_OP_DELTA_CREATE writes a delta record of what aux has in another way than src,
 * which is as long: for each word of AXE_DELTA_WORD bytes that differs, in ascending
 * order, its number (16 bits, little endian) and the word of aux. AXE_OP_DELTA_APPLY
 * reads one and writes these words. Neither has a block. The format is that of Intel's
 * Data Streaming Accelerator.
 */
#define AXE_DELTA_WORD		8
#define AXE_DELTA_ENTRY		10
#define AXE_DELTA_MAX		(65536 * AXE_DELTA_WORD)

/*
 * AXE_OP_CRC32 (IEEE 802.3, reflected 0xEDB88320, as zlib's crc32()) and
 * AXE_OP_CRC32C (Castagnoli, reflected 0x82F63B78, as iSCSI in RFC 3720):
 * @seed is the CRC of what came before, 0 at the start. So it is of
 * AXE_OP_CRC16_T10 (T10's of SBC, 0x8BB7, not reflected), where it has 16 bits, and
 * of AXE_OP_ADLER32 (RFC 1950), where it is 1 at the start, and each half less than
 * 65521.
 */
struct axe_cmd_crc {
	__le32 seed;
	__u8 reserved[12];
};
AXE_ABI_SIZE(struct axe_cmd_crc, 16);

/*
 * AXE_OP_CRC64 (of the NVM Command Set, reflected 0x9A6C9329AC4BC9B5, both ends
 * inverted): @seed as above. AXE_OP_XXH64 (the xxHash specification): @seed is the
 * hash's; it cannot be gone on with.
 */
struct axe_cmd_crc64 {
	__le64 seed;
	__u8 reserved[8];
};
AXE_ABI_SIZE(struct axe_cmd_crc64, 16);

/* The checksums above, for what takes any of them. */
enum axe_sum_kind {
	AXE_SUM_CRC32		= 0,
	AXE_SUM_CRC32C		= 1,
	AXE_SUM_CRC64		= 2,
	AXE_SUM_CRC16_T10	= 3,
	AXE_SUM_ADLER32		= 4,
};

/*
 * AXE_OP_COPY_CRC: @value is the checksum of what came before. AXE_OP_CRC_COMBINE:
 * it is the length of the second part.
 */
struct axe_cmd_sum {
	__u8 kind;			/* enum axe_sum_kind */
	__u8 reserved[7];
	__le64 value;
};
AXE_ABI_SIZE(struct axe_cmd_sum, 16);

enum axe_deflate_format {
	AXE_FORMAT_RAW		= 0,	/* RFC 1951 */
	AXE_FORMAT_ZLIB		= 1,	/* RFC 1950 */
	AXE_FORMAT_GZIP		= 2,	/* RFC 1952 */
};

enum axe_deflate_flags {
	/*
	 * Compress: no final block and no trailer; the output ends on a byte
	 * boundary behind an empty stored block (zlib's Z_SYNC_FLUSH), so that
	 * pieces compressed apart form one stream when they are put together.
	 */
	AXE_DEFLATE_NO_FINAL	= 1 << 0,
	/*
	 * Decompress: the command is one part of a stream. It ends well when
	 * its source is used up or its destination is full, with
	 * AXE_INFO_MORE as vendor code, and the next such command of the queue
	 * goes on from there. At the stream's end, or at an error, the state
	 * is dropped.
	 */
	AXE_DEFLATE_STREAM	= 1 << 1,
	/* With AXE_DEFLATE_STREAM: drop what state there is and begin anew. */
	AXE_DEFLATE_RESTART	= 1 << 2,
};

/*
 * AXE_OP_COMPRESS, AXE_OP_DECOMPRESS: the third operand, if there is one, is a preset
 * dictionary of at most AXE_DEFLATE_DICT_MAX bytes, for AXE_FORMAT_RAW and AXE_FORMAT_ZLIB;
 * of a stream, the command that begins it has it. A stream with zlib's header that was not
 * made with it, or with one where none is given, is AXE_ERR_DATA.
 */
#define AXE_DEFLATE_DICT_MAX	32768
struct axe_cmd_deflate {
	__u8 format;			/* enum axe_deflate_format */
	__u8 level;			/* compress: 1 to 9, 0 means 6; decompress: 0 */
	__u8 reserved0[2];
	__le32 flags;			/* enum axe_deflate_flags */
	__u8 reserved1[8];
};
AXE_ABI_SIZE(struct axe_cmd_deflate, 16);

/*
 * AXE_OP_SCAN, AXE_OP_SELECT, AXE_OP_EXPAND, AXE_OP_EXTRACT: an array of @num unsigned
 * integers of @width bits. Element i is the bits i * @width and up, counted from bit 0 of
 * the first byte, little endian. It takes (@num * @width + 7) / 8 bytes; what the last has
 * more is ignored where it is read, and 0 where it is written. A bit vector is an array
 * with a width of 1.
 *
 * Scan: source array; bit i of the destination says that @low <= element i <= @high.
 * Select: source array, third operand a bit vector of @num: the elements whose bit is
 * set, an array. Expand: the reverse: third operand a bit vector of @num; an array of
 * @num, where a bit is set the source's next element, else 0. Extract: source array; its
 * elements @low to @high, counted from 0, an array.
 */
struct axe_cmd_scan {
	__le32 num;
	__u8 width;			/* 1 to 32 */
	__u8 reserved[3];
	__le32 low;			/* select, expand: 0 */
	__le32 high;			/* likewise */
};
AXE_ABI_SIZE(struct axe_cmd_scan, 16);
AXE_ABI_AT(struct axe_cmd_scan, low, 8);

/* The longest data unit of XTS, in bytes. */
#define AXE_MAX_UNIT		4096

/*
 * AXE_OP_ENCRYPT, AXE_OP_DECRYPT: source and destination have one length, of whole
 * blocks of 16 bytes in CBC, of whole data units in XTS.
 */
struct axe_cmd_cipher {
	__le32 key;
	__le32 unit;			/* XTS: bytes of a data unit, a multiple of 16; else 0 */
	__u8 reserved[8];
};
AXE_ABI_SIZE(struct axe_cmd_cipher, 16);

/* In its extension slot; without one, @iv is zero. */
struct axe_ext_cipher {
	/*
	 * CBC: the initialisation vector. CTR: the first counter block, which counts as
	 * one number, big endian. XTS: the number of the first data unit, little endian.
	 */
	__u8 iv[16];
	__u8 reserved[16];
};
AXE_ABI_SIZE(struct axe_ext_cipher, 32);

/* The longest message, less its tag, and associated data of authenticated encryption. */
#define AXE_MAX_AEAD		262144
#define AXE_MAX_AEAD_DATA	65536
#define AXE_AEAD_TAG		16
#define AXE_MAX_NONCE		13

/*
 * AXE_OP_SEAL: the destination is the source encrypted, and the tag behind it, which has
 * AXE_AEAD_TAG bytes, or fewer by the key; AXE_OP_OPEN: the other way round. The third
 * operand is the associated data.
 */
struct axe_cmd_aead {
	__le32 key;
	__u8 nonce_len;			/* 12; CCM: 7 to 13 */
	__u8 reserved[11];
};
AXE_ABI_SIZE(struct axe_cmd_aead, 16);

/* In its extension slot. */
struct axe_ext_aead {
	__u8 nonce[16];			/* zero behind its length */
	__u8 reserved[16];
};
AXE_ABI_SIZE(struct axe_ext_aead, 32);

/* The longest packet, from SPI to ICV. */
#define AXE_MAX_ESP		65536

enum axe_esp_flags {
	/* Sequence numbers have 64 bits, of which packets carry the lower half. */
	AXE_ESP_ESN		= 1 << 0,
	/* Open: AXE_ERR_DATA, at offset 0, if the packet has another SPI than @spi. */
	AXE_ESP_CHECK_SPI	= 1 << 1,
};

/*
 * AXE_OP_ESP_SEAL: the source, the payload, becomes a packet of IPsec ESP (RFC 4303, 4106,
 * 7634). AXE_OP_ESP_OPEN: the reverse; result[0] becomes the next header, result[1] what
 * the packet has: SPI << 32 | sequence number. An error in it has its offset in result[0].
 * The destination may be longer, and overlap the source.
 */
struct axe_cmd_esp {
	__le32 key;
	__le32 spi;			/* open: 0 without AXE_ESP_CHECK_SPI */
	__le64 seq;			/* upper half: 0 without AXE_ESP_ESN; lower: 0 to open */
};
AXE_ABI_SIZE(struct axe_cmd_esp, 16);
AXE_ABI_AT(struct axe_cmd_esp, seq, 8);

/* In its extension slot. */
struct axe_ext_esp {
	__u8 iv[8];			/* seal; never the same twice with a key */
	__u8 flags;			/* enum axe_esp_flags */
	__u8 next_header;		/* seal */
	__u8 reserved[22];
};
AXE_ABI_SIZE(struct axe_ext_esp, 32);

/*
 * Parity and erasure codes work on lanes: the source and the destination are lists (struct
 * axe_buf) of ranges that all have one length, and are worked on side by side. No range
 * that is written shares memory with another. Fields are GF(2^8) with the polynomial 0x11d
 * and the generator 2. A wrong number of ranges is AXE_ERR_PARAM, different lengths are
 * AXE_ERR_LENGTH.
 *
 * AXE_OP_XOR has no block: one destination becomes the sum (exclusive or) of 2 to
 * AXE_XOR_MAX_SRC sources.
 * AXE_OP_XOR_CHECK has none: the sum of 2 to AXE_XOR_MAX_SRC sources is to be zero.
 * AXE_OP_PQ_GENERATE has none: of 1 to AXE_CODE_MAX_DATA sources, the data, two destinations
 * become P, their sum, and Q, the sum of source i times 2^i.
 * AXE_OP_PQ_CHECK has none: its sources are data, P and Q.
 * AXE_OP_ERASURE has none: the third operand is a matrix, a row a destination, a column a
 * source, bytes of coefficients row by row. Each destination becomes the sum of sources
 * times coefficients. 1 to AXE_CODE_MAX_DATA sources, 1 to AXE_CODE_MAX_PARITY destinations.
 * AXE_OP_RS_ENCODE has none: likewise, and the coefficient of source j in destination i is
 * 1 / (j ^ (sources + i)).
 */
#define AXE_XOR_MAX_SRC		34
#define AXE_CODE_MAX_DATA	32
#define AXE_CODE_MAX_PARITY	32

/* No second loss. */
#define AXE_PQ_NONE		255

/*
 * AXE_OP_PQ_RECOVER: lane 0 to @data - 1 is data, @data is P, @data + 1 is Q. The sources
 * are those that are there, in this order, the destinations those that are lost.
 */
struct axe_cmd_pq {
	__u8 data;			/* data lanes, 1 to AXE_CODE_MAX_DATA */
	__u8 lost[2];			/* ascending; the second may be AXE_PQ_NONE */
	__u8 reserved[13];
};
AXE_ABI_SIZE(struct axe_cmd_pq, 16);

enum axe_matmul_flags {
	/* The third operand is B by columns: it has n rows of k bytes. */
	AXE_MATMUL_TRANSPOSED	= 1 << 0,
	/* The destination has bytes. */
	AXE_MATMUL_REQUANT	= 1 << 1,
};

/* The greatest size of a matrix, and the most bytes of a vector of AXE_OP_KNN_I8. */
#define AXE_MATMUL_MAX		4096

/*
 * AXE_OP_MATMUL_I8: C = A * B. The source is A, @m rows of @k signed bytes; the third
 * operand is B, @k rows of @n signed bytes; the destination C, @m rows of @n signed words
 * of 32 bits, little endian. No sum exceeds 2^26. With AXE_MATMUL_REQUANT C is of signed
 * bytes, each gemmlowp's RoundingDivideByPOT(SaturatingRoundingDoublingHighMul(sum,
 * @multiplier), @shift) + @zero_point, clamped to -128 to 127.
 */
struct axe_cmd_matmul {
	__le16 m;			/* 1 to AXE_MATMUL_MAX, as @k and @n */
	__le16 k;
	__le16 n;
	__le16 flags;			/* enum axe_matmul_flags */
	__le32 multiplier;		/* signed; these three 0 without AXE_MATMUL_REQUANT */
	__u8 shift;			/* 0 to 31 */
	__s8 zero_point;
	__u8 reserved[2];
};
AXE_ABI_SIZE(struct axe_cmd_matmul, 16);
AXE_ABI_AT(struct axe_cmd_matmul, multiplier, 8);

#define AXE_KNN_MAX		1024

/*
 * AXE_OP_KNN_I8: the source has vectors of signed bytes, each as long as the third
 * operand, the query, of 1 to AXE_MATMUL_MAX. The destination gets a struct axe_knn_entry
 * of each of the @k vectors, or of all if there are fewer, whose dot product with the
 * query is greatest: the greatest first, among equal ones the lower index.
 */
struct axe_cmd_knn {
	__le32 k;			/* 1 to AXE_KNN_MAX */
	__u8 reserved[12];
};
AXE_ABI_SIZE(struct axe_cmd_knn, 16);

struct axe_knn_entry {
	__le32 index;			/* of the vector, from 0 */
	__le32 score;			/* signed: the dot product */
};
AXE_ABI_SIZE(struct axe_knn_entry, 8);

/* Bytes of a block's protection information: guard, application, reference tag. */
#define AXE_DIF_TUPLE		8

enum axe_dif_flags {
	AXE_DIF_CHECK_GUARD	= 1 << 0,
	AXE_DIF_CHECK_APP	= 1 << 1,
	AXE_DIF_CHECK_REF	= 1 << 2,	/* not with type 3 */
	/* The guard is no CRC-16 but the Internet checksum of RFC 1071. */
	AXE_DIF_GUARD_IP	= 1 << 3,
	/* New fields: leave the guard, the reference tag, as it is. */
	AXE_DIF_KEEP_GUARD	= 1 << 4,
	AXE_DIF_KEEP_REF	= 1 << 5,
};

/*
 * AXE_OP_DIF_INSERT, _VERIFY, _STRIP, _UPDATE, AXE_OP_DIX_INSERT, _VERIFY: protection
 * information as SBC-4 and the NVM Command Set have it.
 */
struct axe_cmd_dif {
	__le16 block;			/* data of a block: 512, 520, 4096 or 4104 */
	__u8 type;			/* 1 to 3 */
	__u8 flags;			/* enum axe_dif_flags */
	__le32 ref;			/* of the first block; types 1 and 2 count from it */
	__le16 app;
	__le16 app_mask;		/* the bits of it to check; 0 where nothing is */
	__u8 reserved[4];
};
AXE_ABI_SIZE(struct axe_cmd_dif, 16);

/* AXE_OP_LZ4_COMPRESS, AXE_OP_LZ4_DECOMPRESS */
enum axe_lz4_format {
	AXE_FORMAT_LZ4_BLOCK	= 0,	/* lz4_Block_format.md */
	AXE_FORMAT_LZ4_FRAME	= 1,	/* lz4_Frame_format.md v1.6 */
};

/* AXE_OP_ZSTD_COMPRESS, AXE_OP_ZSTD_DECOMPRESS */
enum axe_zstd_format {
	AXE_FORMAT_ZSTD		= 0,	/* a frame of RFC 8878 */
};

enum axe_pack_flags {
	/*
	 * The command is one part of a stream. Decompress: as AXE_DEFLATE_STREAM.
	 * Compress: it ends with AXE_INFO_MORE when its source is used up, or its
	 * destination is full, and the next such command goes on from there.
	 */
	AXE_PACK_STREAM		= 1 << 0,
	/* With AXE_PACK_STREAM: drop what state there is and begin anew. */
	AXE_PACK_RESTART	= 1 << 1,
	/* Compress, with AXE_PACK_STREAM: the frame ends with this source. */
	AXE_PACK_FINISH		= 1 << 2,
	/* Compress a frame: leave out the checksum of the content. */
	AXE_PACK_NO_CHECKSUM	= 1 << 3,
};

/*
 * struct axe_cmd_pack.window, in powers of two. A stream holds on to its memory between
 * commands, so it gets less if nothing else is said.
 */
#define AXE_PACK_STREAM_WINDOW	 20
#define AXE_LZ4_WINDOW_MIN	 16
#define AXE_LZ4_WINDOW_MAX	 22
#define AXE_ZSTD_WINDOW_MIN	 10
#define AXE_ZSTD_WINDOW_COMPRESS 18
#define AXE_ZSTD_WINDOW_MAX	 23
#define AXE_ZSTD_LEVEL_MAX	 12

/**
 * struct axe_cmd_pack - AXE_OP_LZ4_COMPRESS, AXE_OP_LZ4_DECOMPRESS,
 *	AXE_OP_ZSTD_COMPRESS, AXE_OP_ZSTD_DECOMPRESS
 * @format:	enum axe_lz4_format or enum axe_zstd_format
 * @level:	ZSTD_COMPRESS: 1 to AXE_ZSTD_LEVEL_MAX, 0 means 3; else 0
 * @window:	binary logarithm of a length, 0 means the most, or in a stream that
 *		decompresses AXE_PACK_STREAM_WINDOW. ZSTD_COMPRESS: the
 *		longest window to make, AXE_ZSTD_WINDOW_MIN to AXE_ZSTD_WINDOW_COMPRESS.
 *		ZSTD_DECOMPRESS: the longest to accept, AXE_ZSTD_WINDOW_MIN to
 *		AXE_ZSTD_WINDOW_MAX. LZ4_DECOMPRESS of a frame: the longest blocks to
 *		accept, 16, 18, 20 or 22. Else 0
 * @flags:	enum axe_pack_flags; none with AXE_FORMAT_LZ4_BLOCK
 */
struct axe_cmd_pack {
	__u8 format;
	__u8 level;
	__u8 window;
	__u8 reserved0;
	__le32 flags;
	__u8 reserved1[8];
};
AXE_ABI_SIZE(struct axe_cmd_pack, 16);

enum axe_hash {
	AXE_HASH_SHA1		= 0,	/* FIPS 180-4 */
	AXE_HASH_SHA224		= 1,
	AXE_HASH_SHA256		= 2,
	AXE_HASH_SHA384		= 3,
	AXE_HASH_SHA512		= 4,
	AXE_HASH_SHA3_224	= 5,	/* FIPS 202 */
	AXE_HASH_SHA3_256	= 6,
	AXE_HASH_SHA3_384	= 7,
	AXE_HASH_SHA3_512	= 8,
	AXE_HASH_SM3		= 9,	/* GB/T 32905 */
	AXE_HASH_BLAKE2B_160	= 10,	/* RFC 7693 */
	AXE_HASH_BLAKE2B_256	= 11,
	AXE_HASH_BLAKE2B_384	= 12,
	AXE_HASH_BLAKE2B_512	= 13,
	AXE_HASH_MD5		= 14,	/* RFC 1321 */
};

enum axe_hash_flags {
	/*
	 * The command is one part of a message, whose state the queue holds: it
	 * goes on with what the commands before it began, or begins. It ends well
	 * with AXE_INFO_MORE, and writes nothing. An error drops the state.
	 */
	AXE_HASH_STREAM		= 1 << 0,
	/* With AXE_HASH_STREAM: drop what state there is and begin anew. */
	AXE_HASH_RESTART	= 1 << 1,
	/* With AXE_HASH_STREAM: the last part, after which the result is written. */
	AXE_HASH_FINAL		= 1 << 2,
};

/*
 * AXE_OP_HASH: the digest of the source goes to the destination, which may be longer.
 * @format is AXE_ERR_OPCODE if the device's kernel does not have it.
 */
struct axe_cmd_hash {
	__u8 format;			/* enum axe_hash */
	__u8 reserved0[3];
	__le32 flags;			/* enum axe_hash_flags */
	__u8 reserved1[8];
};
AXE_ABI_SIZE(struct axe_cmd_hash, 16);

/* The longest tag. */
#define AXE_MAX_TAG		64

/*
 * AXE_OP_MAC: the tag of the source, as the key's algorithm has it, or the first bytes of
 * it. The results are its first 16 bytes, as they are in a struct axe_result, zero behind
 * its end; all of it goes to the destination, which may be longer, if there is one. As a
 * stage of a chain it has none, and passes on what it has read.
 * AXE_OP_MAC_VERIFY: the third operand is the tag that the source is to have; in a stream,
 * of the last command only.
 */
struct axe_cmd_mac {
	__le32 key;
	__le32 flags;			/* enum axe_hash_flags */
	__u8 tag_len;			/* in bytes; 0: all of it */
	__u8 reserved[7];
};
AXE_ABI_SIZE(struct axe_cmd_mac, 16);
AXE_ABI_AT(struct axe_cmd_mac, tag_len, 8);

/* The longest operand of what follows: the modulus of RSA with 4096 bits. */
#define AXE_MAX_PUBKEY		512

/*
 * AXE_OP_RSA_PUBLIC, AXE_OP_RSA_PRIVATE (RFC 8017, 5): a number, big endian, to the power of
 * the key's public or private exponent. The source is as long as the modulus, and so is what
 * is written. The number is AXE_ERR_DATA unless 1 < number < modulus - 1.
 * AXE_OP_AGREE: the source is another's public key, as AXE_OP_PUBLIC_KEY writes it; the
 * secret that the private key shares with it is written: X25519's, or the first coordinate
 * (SEC 1, 3.3.1). A point that is not on the curve is AXE_ERR_DATA, and so is one that
 * X25519 makes zero of.
 * AXE_OP_PUBLIC_KEY has no source: the key's public key is written: an uncompressed point
 * (SEC 1, 2.3.3) of 65 or 97 bytes; X25519: 32 bytes (RFC 7748).
 * The destination may be longer.
 */
struct axe_cmd_key {
	__le32 key;
	__u8 reserved[12];
};
AXE_ABI_SIZE(struct axe_cmd_key, 16);

/*
 * The source is a digest. AXE_OP_SIGN: its signature is written, RSASSA-PKCS1-v1_5 (RFC 8017,
 * 8.2), as long as the modulus; the destination may be longer. AXE_OP_VERIFY: the third
 * operand is AXE_ERR_AUTH unless it is its signature: that, or, with a key for ECDSA, an
 * ECDSA-Sig-Value in DER (RFC 3279, 2.2.3).
 */
struct axe_cmd_sign {
	__le32 key;
	__u8 hash;			/* enum axe_hash: SHA-1, SHA-2, SHA-3 */
	__u8 reserved[11];
};
AXE_ABI_SIZE(struct axe_cmd_sign, 16);

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

/*
 * AXE_OP_RS_RECOVER, which has no block: fragment 0 to @data - 1 is data, those behind are
 * what AXE_OP_RS_ENCODE has made of it. The sources are the fragments of @present, in
 * ascending order, the destinations those of @lost.
 */
struct axe_ext_rs {
	__le64 present;			/* 1 << fragment: as many as @data */
	__le64 lost;			/* likewise: at least one, none of them present */
	__u8 data;			/* 1 to AXE_CODE_MAX_DATA */
	__u8 parity;			/* 1 to AXE_CODE_MAX_PARITY */
	__u8 reserved[14];
};
AXE_ABI_SIZE(struct axe_ext_rs, 32);

/* AXE_OP_CRC_COMBINE: the checksums of both parts, each as if it were alone. */
struct axe_ext_combine {
	__le64 first;
	__le64 second;
	__u8 reserved[16];
};
AXE_ABI_SIZE(struct axe_ext_combine, 32);

/* AXE_OP_DIF_UPDATE: the new tuples. */
struct axe_ext_dif {
	__u8 reserved0[2];
	__u8 type;			/* 1 to 3 */
	__u8 flags;			/* AXE_DIF_GUARD_IP, _KEEP_GUARD, _KEEP_REF */
	__le32 ref;			/* as above */
	__le16 app;
	__le16 app_mask;		/* the bits of the old one to replace */
	__u8 reserved1[20];
};
AXE_ABI_SIZE(struct axe_ext_dif, 32);

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
