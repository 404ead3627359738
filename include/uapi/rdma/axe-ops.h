/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR Linux-OpenIB) */
/*
 * axe: the operations, and of each the block in a command (struct axe_cmd.op) and in
 * its extension slot (struct axe_cmd_ext.op).
 *
 * One copy for kernel and user space; all multi-byte fields are little endian, as in
 * axe-ring.h, where the rest of a command is.
 */
#ifndef RDMA_AXE_OPS_H
#define RDMA_AXE_OPS_H

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
	AXE_OP_XXH32		= 60,
	AXE_OP_MAX		= 61,	/* one more than the last */
};

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
 * 65521. AXE_OP_XXH32 (the xxHash specification): @seed is the hash's; it cannot be
 * gone on with.
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

#endif
