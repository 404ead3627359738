/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * axe direct verbs: accelerators as queues of an RDMA device.
 *
 * An accelerator queue is a QP of type IBV_QPT_DRIVER. A command is a builder
 * between ibv_wr_start() and ibv_wr_complete(); wr_id and wr_flags of the
 * struct ibv_qp_ex belong to it as to any work request. Operands are struct
 * ibv_sge: (addr, length, lkey), where one implicit on-demand-paging MR serves
 * for every pointer of the process.
 */
#ifndef INFINIBAND_AXEDV_H
#define INFINIBAND_AXEDV_H

#include <stdbool.h>
#include <stdint.h>

#include <infiniband/verbs.h>
#include <rdma/axe-abi.h>
#include <rdma/axe_user_ioctl_cmds.h>

#ifdef __cplusplus
extern "C" {
#endif

/* For wr_flags, beside enum ibv_send_flags: start when the command before has
 * finished well; be flushed if it failed. (IBV_SEND_FENCE waits for all before.)
 */
#define AXEDV_SEND_LINK (1U << 31)

/* What the allocator of a parent domain (ibv_alloc_parent_domain()) is asked for. */
#define AXEDV_RES_TYPE_QP	(((uint64_t)AXE_DRIVER_ID << 32) | 0)
#define AXEDV_RES_TYPE_CQ	(((uint64_t)AXE_DRIVER_ID << 32) | 1)
#define AXEDV_RES_TYPE_SRQ	(((uint64_t)AXE_DRIVER_ID << 32) | 2)

/* Is this an axe device? */
bool axedv_is_supported(struct ibv_device *device);

enum axedv_qp_init_attr_mask {
	AXEDV_QP_INIT_ATTR_MODE		= 1 << 0,
	AXEDV_QP_INIT_ATTR_FLAGS	= 1 << 1,
	AXEDV_QP_INIT_ATTR_LANES	= 1 << 2,
	AXEDV_QP_INIT_ATTR_POLL_USECS	= 1 << 3,
	AXEDV_QP_INIT_ATTR_ENGINE	= 1 << 4,
	AXEDV_QP_INIT_ATTR_OFFLOAD	= 1 << 5,
};

/**
 * struct axedv_qp_init_attr - how an accelerator queue works
 * @comp_mask:	which fields are set, enum axedv_qp_init_attr_mask
 * @mode:	where commands run, enum axe_queue_mode
 * @flags:	enum axe_queue_flags
 * @lanes:	most commands to run side by side
 * @poll_usecs:	with AXE_QUEUE_POLL, microseconds to spin before sleeping
 * @engine:	index of the engine to use
 * @offload:	whether commands go to an accelerator, enum axe_offload
 * @reserved:	0
 */
struct axedv_qp_init_attr {
	uint64_t comp_mask;
	uint8_t mode;
	uint8_t flags;
	uint16_t lanes;
	uint32_t poll_usecs;
	uint32_t engine;
	uint8_t offload;
	uint8_t reserved[3];
};

/**
 * axedv_create_qp - make an accelerator queue, usable at once
 * @context:	of an axe device
 * @attr:	qp_type IBV_QPT_DRIVER, a pd, a send_cq; recv_cq and srq are not used;
 *		cap.max_send_wr is the number of commands that may be outstanding
 * @axe_attr:	NULL for defaults
 *
 * ibv_create_qp() and ibv_create_qp_ex() with IBV_QPT_DRIVER make one with defaults.
 *
 * Return: the QP, or NULL with errno.
 */
struct ibv_qp *axedv_create_qp(struct ibv_context *context,
			       struct ibv_qp_init_attr_ex *attr,
			       const struct axedv_qp_init_attr *axe_attr);

struct axedv_key;

/**
 * axedv_create_key - make a key object, for operations that encrypt or authenticate
 * @pd:		the protection domain whose queues may use it; stays as long as the key
 * @algorithm:	what it is a key for
 * @uses:	enum axe_key_uses; any other use is refused
 * @bytes:	the key. It is copied, and can not be read back
 * @length:	in bytes
 *
 * Return: the key, or NULL with errno: EINVAL for a length or a use that the algorithm
 * does not have, EOPNOTSUPP for an algorithm that the kernel does not have.
 */
struct axedv_key *axedv_create_key(struct ibv_pd *pd, enum axe_key_algorithm algorithm,
				   uint32_t uses, const void *bytes, size_t length);

/*
 * Likewise, for tags of @tag_len bytes: AXE_KEY_AES_GCM of 12 to 16, AXE_KEY_AES_CCM of 8,
 * 10, 12, 14 or 16. 0 means 16.
 */
struct axedv_key *axedv_create_aead_key(struct ibv_pd *pd, enum axe_key_algorithm algorithm,
					uint32_t uses, const void *bytes, size_t length,
					size_t tag_len);

/* Commands that have begun finish with it, others fail. Returns 0 or an errno. */
int axedv_destroy_key(struct axedv_key *key);

/* Its number, for axedv_wr_cmd(). */
uint32_t axedv_key_number(const struct axedv_key *key);

/*
 * Builders. An error in the arguments is reported by ibv_wr_complete() (as
 * errno) or, where only the device can tell, by the completion.
 */
void axedv_wr_nop(struct ibv_qp_ex *qp);
void axedv_wr_copy(struct ibv_qp_ex *qp, const struct ibv_sge *dst, const struct ibv_sge *src);
void axedv_wr_fill(struct ibv_qp_ex *qp, const struct ibv_sge *dst,
		   const void *pattern, size_t pattern_len);
void axedv_wr_compare(struct ibv_qp_ex *qp, const struct ibv_sge *a, const struct ibv_sge *b);
void axedv_wr_crc32(struct ibv_qp_ex *qp, const struct ibv_sge *src, uint32_t seed);
void axedv_wr_crc32c(struct ibv_qp_ex *qp, const struct ibv_sge *src, uint32_t seed);
void axedv_wr_compress(struct ibv_qp_ex *qp, const struct ibv_sge *dst, const struct ibv_sge *src,
		       enum axe_deflate_format format, int level, uint32_t flags);
void axedv_wr_decompress(struct ibv_qp_ex *qp, const struct ibv_sge *dst, const struct ibv_sge *src,
			 enum axe_deflate_format format, uint32_t flags);

/* With a preset dictionary of up to AXE_DEFLATE_DICT_MAX bytes (axedv_wr_dict(3)). */
void axedv_wr_compress_dict(struct ibv_qp_ex *qp, const struct ibv_sge *dst,
			    const struct ibv_sge *src, const struct ibv_sge *dict,
			    enum axe_deflate_format format, int level, uint32_t flags);
void axedv_wr_decompress_dict(struct ibv_qp_ex *qp, const struct ibv_sge *dst,
			      const struct ibv_sge *src, const struct ibv_sge *dict,
			      enum axe_deflate_format format, uint32_t flags);

/*
 * LZ4 and Zstandard (axedv_wr_pack(3)). window: 0, or the binary logarithm of the longest
 * block or window that the command makes or accepts; flags: enum axe_pack_flags.
 */
void axedv_wr_lz4_compress(struct ibv_qp_ex *qp, const struct ibv_sge *dst,
			   const struct ibv_sge *src, enum axe_lz4_format format, uint32_t flags);
void axedv_wr_lz4_decompress(struct ibv_qp_ex *qp, const struct ibv_sge *dst,
			     const struct ibv_sge *src, enum axe_lz4_format format,
			     unsigned int window, uint32_t flags);
void axedv_wr_zstd_compress(struct ibv_qp_ex *qp, const struct ibv_sge *dst,
			    const struct ibv_sge *src, int level, unsigned int window,
			    uint32_t flags);
void axedv_wr_zstd_decompress(struct ibv_qp_ex *qp, const struct ibv_sge *dst,
			      const struct ibv_sge *src, unsigned int window, uint32_t flags);

/*
 * On arrays of num unsigned integers of width bits (1 to 32), packed from bit 0 of the
 * first byte up; see axedv_wr_scan(3).
 */
void axedv_wr_scan(struct ibv_qp_ex *qp, const struct ibv_sge *dst, const struct ibv_sge *src,
		   unsigned int width, uint32_t num, uint32_t low, uint32_t high);
void axedv_wr_select(struct ibv_qp_ex *qp, const struct ibv_sge *dst, const struct ibv_sge *src,
		     const struct ibv_sge *mask, unsigned int width, uint32_t num);
void axedv_wr_expand(struct ibv_qp_ex *qp, const struct ibv_sge *dst, const struct ibv_sge *src,
		     const struct ibv_sge *mask, unsigned int width, uint32_t num);
void axedv_wr_extract(struct ibv_qp_ex *qp, const struct ibv_sge *dst, const struct ibv_sge *src,
		      unsigned int width, uint32_t num, uint32_t first, uint32_t last);

/*
 * A chain: up to AXE_MAX_STAGES operations, each on what the one before it writes, without
 * memory in between. @stages is an array of struct axe_stage in memory of the process, which
 * the device reads as it begins; axedv_stage_init() makes one.
 */
void axedv_wr_chain(struct ibv_qp_ex *qp, const struct ibv_sge *dst, const struct ibv_sge *src,
		    const struct ibv_sge *stages);

/* A stage of this operation, whose block is zero: its parameters are for the caller to add. */
void axedv_stage_init(struct axe_stage *stage, enum axe_opcode op);

/*
 * Parity and erasure codes on lanes, see axedv_wr_parity(3). Lists are operands that name an
 * array of struct axe_buf: ranges of one length.
 */
/* The destination becomes the sum of all sources. */
void axedv_wr_xor(struct ibv_qp_ex *qp, const struct ibv_sge *dst_list,
		  const struct ibv_sge *src_list);
/* Is the sum zero? */
void axedv_wr_xor_check(struct ibv_qp_ex *qp, const struct ibv_sge *src_list);
/* RAID-6: P and Q of data. */
void axedv_wr_pq_generate(struct ibv_qp_ex *qp, const struct ibv_sge *dst_list,
			  const struct ibv_sge *src_list);
/* Of data, P and Q: are P and Q right? */
void axedv_wr_pq_check(struct ibv_qp_ex *qp, const struct ibv_sge *src_list);
/* One or two (else AXE_PQ_NONE) lanes of the others; @data is P, @data + 1 is Q. */
void axedv_wr_pq_recover(struct ibv_qp_ex *qp, const struct ibv_sge *dst_list,
			 const struct ibv_sge *src_list, unsigned int data,
			 unsigned int lost, unsigned int lost_too);
/* Any linear code: @matrix has a row a destination, a byte a source. */
void axedv_wr_erasure(struct ibv_qp_ex *qp, const struct ibv_sge *dst_list,
		      const struct ibv_sge *src_list, const struct ibv_sge *matrix);
/* Reed-Solomon with a Cauchy matrix: parity of data. */
void axedv_wr_rs_encode(struct ibv_qp_ex *qp, const struct ibv_sge *dst_list,
			const struct ibv_sge *src_list);
/* The fragments @lost of those @present, masks of 1 << fragment. */
void axedv_wr_rs_recover(struct ibv_qp_ex *qp, const struct ibv_sge *dst_list,
			 const struct ibv_sge *src_list, unsigned int data,
			 unsigned int parity, uint64_t present, uint64_t lost);

/*
 * Checksums of @src; @seed is that of what came before (adler32: 1 at the start, else
 * 0), but for xxh64 and xxh32, where it is the hash's. copy_crc() copies too.
 */
void axedv_wr_crc64(struct ibv_qp_ex *qp, const struct ibv_sge *src, uint64_t seed);
void axedv_wr_crc16_t10(struct ibv_qp_ex *qp, const struct ibv_sge *src, uint16_t seed);
void axedv_wr_adler32(struct ibv_qp_ex *qp, const struct ibv_sge *src, uint32_t seed);
void axedv_wr_xxh64(struct ibv_qp_ex *qp, const struct ibv_sge *src, uint64_t seed);
void axedv_wr_xxh32(struct ibv_qp_ex *qp, const struct ibv_sge *src, uint32_t seed);
void axedv_wr_copy_crc(struct ibv_qp_ex *qp, const struct ibv_sge *dst, const struct ibv_sge *src,
		       enum axe_sum_kind kind, uint64_t seed);
/* The checksum of two parts together; @second is that of @second_len bytes. */
void axedv_wr_crc_combine(struct ibv_qp_ex *qp, enum axe_sum_kind kind, uint64_t first,
			  uint64_t second, uint64_t second_len);

/**
 * struct axedv_requant - how sums become bytes, as in gemmlowp; see axedv_wr_matrix(3)
 * @multiplier:	with 31 bits behind the point
 * @shift:	0 to 31, to the right
 * @zero_point:	added to what that gives
 */
struct axedv_requant {
	int32_t multiplier;
	uint8_t shift;
	int8_t zero_point;
};

/* C = A * B, of m x k and k x n signed bytes; @requant NULL: of 32 bits an element. */
void axedv_wr_matmul_i8(struct ibv_qp_ex *qp, const struct ibv_sge *c, const struct ibv_sge *a,
			const struct ibv_sge *b, unsigned int m, unsigned int k, unsigned int n,
			uint32_t flags, const struct axedv_requant *requant);
/* The k vectors nearest to the query, as a list of struct axe_knn_entry. */
void axedv_wr_knn_i8(struct ibv_qp_ex *qp, const struct ibv_sge *dst,
		     const struct ibv_sge *vectors, const struct ibv_sge *query, uint32_t k);

/*
 * Data movement, see axedv_wr_move(3). @list names no data but an array of struct
 * axe_buf in memory, each a range of it: (addr, length of the array, lkey).
 */
void axedv_wr_dualcast(struct ibv_qp_ex *qp, const struct ibv_sge *dst1,
		       const struct ibv_sge *dst2, const struct ibv_sge *src);
void axedv_wr_compare_pattern(struct ibv_qp_ex *qp, const struct ibv_sge *src,
			      const void *pattern, size_t pattern_len);
void axedv_wr_delta_create(struct ibv_qp_ex *qp, const struct ibv_sge *record,
			   const struct ibv_sge *original, const struct ibv_sge *modified);
void axedv_wr_delta_apply(struct ibv_qp_ex *qp, const struct ibv_sge *dst,
			  const struct ibv_sge *record);
void axedv_wr_gather(struct ibv_qp_ex *qp, const struct ibv_sge *dst, const struct ibv_sge *list);
void axedv_wr_scatter(struct ibv_qp_ex *qp, const struct ibv_sge *list, const struct ibv_sge *src);
/*
 * Encrypt, decrypt by the algorithm of @key: @iv is 16 bytes, NULL for zeros; @unit the
 * length of a data unit of XTS, else 0. @dst may be @src.
 */
void axedv_wr_encrypt(struct ibv_qp_ex *qp, const struct ibv_sge *dst, const struct ibv_sge *src,
		      const struct axedv_key *key, const void *iv, uint32_t unit);
void axedv_wr_decrypt(struct ibv_qp_ex *qp, const struct ibv_sge *dst, const struct ibv_sge *src,
		      const struct axedv_key *key, const void *iv, uint32_t unit);

/*
 * Seal: encrypt @src to @dst, which is longer by the key's tag, AXE_AEAD_TAG bytes if it is
 * not cut, and authenticate it and @data (NULL: none). Open: the reverse; AXE_ERR_AUTH, and
 * nothing is written, if it is not genuine.
 */
void axedv_wr_seal(struct ibv_qp_ex *qp, const struct ibv_sge *dst, const struct ibv_sge *src,
		   const struct ibv_sge *data, const struct axedv_key *key,
		   const void *nonce, size_t nonce_len);
void axedv_wr_open(struct ibv_qp_ex *qp, const struct ibv_sge *dst, const struct ibv_sge *src,
		   const struct ibv_sge *data, const struct axedv_key *key,
		   const void *nonce, size_t nonce_len);

/**
 * struct axedv_dif - protection information of blocks, as T10 and NVMe have it
 * @block:	bytes of data of a block: 512, 520, 4096 or 4104
 * @type:	1 to 3
 * @flags:	enum axe_dif_flags
 * @ref:	reference tag of the first block
 * @app:	application tag
 * @app_mask:	which of its bits matter; 0 for insert
 */
struct axedv_dif {
	uint16_t block;
	uint8_t type;
	uint8_t flags;
	uint32_t ref;
	uint16_t app;
	uint16_t app_mask;
};

/* dif: a tuple of 8 bytes behind each block; dix: tuples apart from the data. */
void axedv_wr_dif_insert(struct ibv_qp_ex *qp, const struct ibv_sge *dst,
			 const struct ibv_sge *src, const struct axedv_dif *dif);
void axedv_wr_dif_verify(struct ibv_qp_ex *qp, const struct ibv_sge *src,
			 const struct axedv_dif *dif);
void axedv_wr_dif_strip(struct ibv_qp_ex *qp, const struct ibv_sge *dst,
			const struct ibv_sge *src, const struct axedv_dif *dif);
void axedv_wr_dif_update(struct ibv_qp_ex *qp, const struct ibv_sge *dst,
			 const struct ibv_sge *src, const struct axedv_dif *from,
			 const struct axedv_dif *to);
void axedv_wr_dix_insert(struct ibv_qp_ex *qp, const struct ibv_sge *src,
			 const struct ibv_sge *tuples, const struct axedv_dif *dif);
void axedv_wr_dix_verify(struct ibv_qp_ex *qp, const struct ibv_sge *src,
			 const struct ibv_sge *tuples, const struct axedv_dif *dif);

/*
 * The digest of a message to @dst, which has room for it. With AXE_HASH_STREAM the message
 * is the sources of several commands; of those before the last @dst may be NULL.
 */
void axedv_wr_hash(struct ibv_qp_ex *qp, const struct ibv_sge *dst, const struct ibv_sge *src,
		   enum axe_hash format, uint32_t flags);

/*
 * The first tag_len (0: all) bytes of the tag of a message by the algorithm of @key, to
 * @dst, which has room for it or is NULL, and, 16 of them, to the results; and see if
 * @tag is it: else AXE_ERR_AUTH. flags: as of axedv_wr_hash().
 */
void axedv_wr_mac(struct ibv_qp_ex *qp, const struct ibv_sge *dst, const struct ibv_sge *src,
		  const struct axedv_key *key, size_t tag_len, uint32_t flags);
void axedv_wr_mac_verify(struct ibv_qp_ex *qp, const struct ibv_sge *tag,
			 const struct ibv_sge *src, const struct axedv_key *key,
			 size_t tag_len, uint32_t flags);

/*
 * A packet of IPsec ESP at @dst, of the payload @src; @iv NULL: the sequence number. And the
 * reverse: result 0 is the next header, result 1 is SPI << 32 | sequence number, for who
 * looks for replays. flags: enum axe_esp_flags.
 */
void axedv_wr_esp_seal(struct ibv_qp_ex *qp, const struct ibv_sge *dst, const struct ibv_sge *src,
		       const struct axedv_key *key, uint32_t spi, uint64_t seq, const void *iv,
		       uint8_t next_header, uint32_t flags);
void axedv_wr_esp_open(struct ibv_qp_ex *qp, const struct ibv_sge *dst, const struct ibv_sge *src,
		       const struct axedv_key *key, uint32_t spi, uint32_t seq_high,
		       uint32_t flags);

/*
 * Sign a digest (RSASSA-PKCS1-v1_5); verify the signature of one (that, or ECDSA's in DER):
 * AXE_ERR_AUTH if it is not. @hash is what made the digest.
 */
void axedv_wr_sign(struct ibv_qp_ex *qp, const struct ibv_sge *dst, const struct ibv_sge *digest,
		   const struct axedv_key *key, enum axe_hash hash);
void axedv_wr_verify(struct ibv_qp_ex *qp, const struct ibv_sge *signature,
		     const struct ibv_sge *digest, const struct axedv_key *key,
		     enum axe_hash hash);

/*
 * Agree: the secret that the private key @key shares with @peer's public one (ECDH, X25519).
 * Public key: that of @key, as @peer is.
 */
void axedv_wr_agree(struct ibv_qp_ex *qp, const struct ibv_sge *dst, const struct ibv_sge *peer,
		    const struct axedv_key *key);
void axedv_wr_public_key(struct ibv_qp_ex *qp, const struct ibv_sge *dst,
			 const struct axedv_key *key);

/* A number as long as the modulus, big endian, to the public or private exponent. */
void axedv_wr_rsa_public(struct ibv_qp_ex *qp, const struct ibv_sge *dst,
			 const struct ibv_sge *src, const struct axedv_key *key);
void axedv_wr_rsa_private(struct ibv_qp_ex *qp, const struct ibv_sge *dst,
			  const struct ibv_sge *src, const struct axedv_key *key);

/* Any command, as its bytes are; wr_id and flags of the struct ibv_qp_ex are merged in. */
void axedv_wr_cmd(struct ibv_qp_ex *qp, const struct axe_cmd *cmd, const struct axe_cmd_ext *ext);

/* After a builder: have the device store a struct axe_result at this address too. */
void axedv_wr_set_result(struct ibv_qp_ex *qp, uint32_t key, struct axe_result *record);
/*
 * After axedv_wr_chain(): one record for the command and one for each stage, in an array
 * whose address is a multiple of AXE_CHAIN_RESULT_ALIGN. That of the command is stored last.
 */
void axedv_wr_set_chain_results(struct ibv_qp_ex *qp, uint32_t key, struct axe_result *records,
				unsigned int num);

/*
 * Fields of the current completion of an extended CQ (ibv_start_poll(),
 * ibv_next_poll()) of an axe device. Bytes produced are ibv_wc_read_byte_len().
 */
uint64_t axedv_wc_read_result(struct ibv_cq_ex *cq, unsigned int index);
enum axe_code axedv_wc_read_code(struct ibv_cq_ex *cq);
enum axe_opcode axedv_wc_read_op(struct ibv_cq_ex *cq);
unsigned int axedv_wc_read_engine(struct ibv_cq_ex *cq);
/* Has the CPU run it in the place of an accelerator? */
bool axedv_wc_is_fallback(struct ibv_cq_ex *cq);

/* The name of a format of an operation, as in the mask of struct axe_op_info; NULL: unknown. */
const char *axedv_format_str(enum axe_opcode op, unsigned int format);

/* A sentence for a code, never NULL. */
const char *axedv_code_str(enum axe_code code);

/*
 * What the device can do. Up to @max entries are stored; returns how many there
 * are, or a negative errno.
 */
int axedv_query_ops(struct ibv_context *context, struct axe_op_info *ops, unsigned int max);
int axedv_query_engines(struct ibv_context *context, struct axe_engine_info *engines,
			unsigned int max);
/* The same engines in the same order: how they are and what they have done. */
int axedv_query_engine_status(struct ibv_context *context, struct axe_engine_status *status,
			      unsigned int max);

#ifdef __cplusplus
}
#endif

#endif
