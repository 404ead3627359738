/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The interface between the device and its operations.
 *
 * An operation is a struct axe_op in a file under ops/, beside what it does, and
 * a row of the table in opdef.c. It knows no queue, no key and no page table: it
 * is handed contiguous pieces of its operands and goes on until it says that it
 * has finished. The same sources build in user space for the unit tests, so this
 * header and ops/ use no more of the kernel than tests/unit/shim/ offers.
 */
#ifndef AXE_OPS_H
#define AXE_OPS_H

#include <linux/limits.h>
#include <linux/sizes.h>
#include <linux/types.h>
#include <rdma/axe-ring.h>
#include <rdma/axe_user_ioctl_cmds.h>

struct axe_key;

/* How a command stands to the stream that its queue may hold. */
enum axe_stream {
	AXE_STREAM_NONE,
	AXE_STREAM_CONTINUE,	/* goes on with it, or begins one if there is none */
	AXE_STREAM_RESTART,	/* drops it and begins one */
};

/*
 * axe_op.exec() wants the next piece of each operand that it has used up and that
 * has one.
 */
#define AXE_EXEC_MORE	(-1)
/* axe_op.exec() has computed for long enough and wants to go on in a moment. */
#define AXE_EXEC_AGAIN	(-2)

/**
 * struct axe_exec - one command while it runs
 * @cmd:	the device's own copy, already checked
 * @ext:	the extension slot; all zero if it has none
 * @src:	contiguous piece of the source; exec() advances it
 * @src_len:	bytes left at @src
 * @src_end:	there is no source behind this piece
 * @dst:	contiguous piece of the destination; exec() advances it. Of an
 *		operation that only reads its destination, not to be written.
 * @dst_len:	bytes left at @dst
 * @dst_end:	there is no destination behind this piece
 * @aux:	contiguous piece of the third operand; exec() advances it. With
 *		axe_op.load_aux all of it, in memory of the device's own, from
 *		begin() on, and not advanced
 * @aux_len:	bytes left at @aux
 * @aux_end:	there is nothing of it behind this piece
 * @lanes:	with axe_op.lanes: the sources, then the destinations, @num_src and
 *		@num_dst of them, each of @lane_len bytes, to be worked on whole
 * @lane_len:	0 only if that is how long they are
 * @lane_end:	there is nothing behind
 * @num_src:	how many sources; also at begin()
 * @num_dst:	how many destinations; also at begin()
 * @done:	bytes produced up to now; becomes the completion's byte_len. 0 at the
 *		start of each command, also of one that goes on with a stream
 * @result:	the two results, likewise; on an error in the data, result[0] is its
 *		offset in this command's source
 * @key:	the key object, with AXE_OP_HAS_KEY: of a right algorithm, and for a right
 *		use. Used by other commands at the same time
 * @priv:	axe_op.priv_size() bytes, not initialised; lives as long as the command
 *		(as the stream, of a streaming operation)
 * @priv_len:	how many bytes that is
 */
struct axe_exec {
	const struct axe_cmd *cmd;
	const struct axe_cmd_ext *ext;
	const u8 *src;
	size_t src_len;
	u8 *dst;
	size_t dst_len;
	u8 *aux;
	size_t aux_len;
	u8 **lanes;
	size_t lane_len;
	unsigned int num_src;
	unsigned int num_dst;
	bool src_end;
	bool dst_end;
	bool aux_end;
	bool lane_end;
	u64 done;
	u64 result[2];
	struct axe_key *key;
	void *priv;
	size_t priv_len;
};

/**
 * struct axe_op_offload - how engines do an operation: in requests that each turn so many
 * bytes of the source into as many of the destination
 * @slice:	how long the next request may be, of at most @max, which is a multiple of
 *		4096, and as much as there is; 0: none is
 * @request:	before it: what it starts with, of axe_engine_request.iv. @mem has what it
 *		reads
 * @carry:	behind it, if it has done its work: for the next one, or for exec(), which
 *		may go on in its place. @mem has what it wrote
 */
struct axe_op_offload {
	size_t (*slice)(const struct axe_exec *x, size_t max);
	void (*request)(struct axe_exec *x, const u8 *mem, size_t len, u8 *iv);
	void (*carry)(struct axe_exec *x, const u8 *mem, size_t len);
};

/**
 * struct axe_op - an operation
 * @name:	as in statistics and in the query, at most 15 characters
 * @flags:	enum axe_op_info_flags: which operands it has and needs what right on
 * @max_src:	longest source, 0: none
 * @max_dst:	longest destination, 0: none
 * @max_aux:	longest third operand, 0: none
 * @max_src_list: with AXE_OP_SRC_LIST, how many entries at most; @max_src goes for
 *		their sum
 * @max_dst_list: with AXE_OP_DST_LIST, likewise
 * @formats:	mask of 1 << format, for the query; with AXE_OP_HAS_KEY, of 1 << enum
 *		axe_key_algorithm, less @key_base, and another key is refused
 * @has:	of @formats, those that there are in the kernel at hand, for the query; may
 *		sleep; NULL: all
 * @key_base:	the algorithm that bit 0 of @formats is
 * @key_uses:	of the uses that a key may be for, those that the operation is
 * @min_level:	for the query
 * @max_level:	for the query
 * @inline_max:	up to this many bytes of source plus destination, the command is
 *		"tiny": an AXE_QUEUE_AUTO queue runs it in the doorbell
 * @step:	so much of the source at a time at most, with a look at others in
 *		between, for what is slow; 0: as it comes
 * @extends:	check() looks at the extension slot's @op; else it must be zero
 * @load_aux:	the third operand is read into memory before begin()
 * @lanes:	source and destination are lists of ranges of one length, which are
 *		worked on side by side
 * @chain:	the third operand has the operations that do the work
 * @taps:	as a stage of a chain it has no destination, though otherwise it may
 * @reads_first: all of the source is read before any of the destination is written, so
 *		that they may overlap whatever way
 * @offload:	engines can do it; NULL: only the CPU can. Its source and destination are no
 *		lists, it has no third operand and no stream
 * @priv_size:	how much private memory a running command needs; NULL: none
 * @priv_need:	likewise, if that is not the same for all commands
 * @check:	validates the command's own block and lengths (the caller has
 *		checked operands, keys and common fields). NULL: the block must be
 *		zero and the lengths of source and destination, if it has both, equal
 * @stream:	is the command part of a stream? NULL: the operation has none
 * @begin:	prepares @priv and results; NULL: nothing to prepare. Not called for
 *		a command that goes on with its queue's stream: whether it may, but
 *		for the opcode, exec() sees. May sleep if there is a priv_size() or
 *		priv_need()
 * @exec:	works on the pieces. Returns AXE_EXEC_MORE if it used up a piece
 *		that is not the last of its operand, else an enum axe_code:
 *		AXE_OK when the command has finished, AXE_EXEC_AGAIN now and then if
 *		a piece takes it milliseconds. Called at least once, also
 *		with empty operands. Must not sleep, allocate, or touch memory
 *		beside its pieces and @priv: pages of a process are held meanwhile.
 * @run:	instead of exec(), for what sleeps: all of source and third operand are in
 *		memory of the device's own, as @x says, and so is room for all of the
 *		destination. Called once, with no pages held. What it has put there and
 *		counts in @x's done is written out if it returns AXE_OK
 *
 * A piece is bounded (AXE_PIECE_MAX), which bounds the time of one exec().
 */
struct axe_op {
	const char *name;
	u16 flags;
	u32 max_src;
	u32 max_dst;
	u32 max_aux;
	u16 max_src_list;
	u16 max_dst_list;
	u32 formats;
	u32 (*has)(u32 formats);
	u32 key_base;
	u32 key_uses;
	u8 min_level;
	u8 max_level;
	u32 inline_max;
	u32 step;
	bool extends;
	bool load_aux;
	bool lanes;
	bool chain;
	bool taps;
	bool reads_first;
	const struct axe_op_offload *offload;
	size_t (*priv_size)(void);
	size_t (*priv_need)(const struct axe_exec *x);
	enum axe_code (*check)(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext);
	enum axe_stream (*stream)(const struct axe_cmd *cmd);
	enum axe_code (*begin)(struct axe_exec *x);
	int (*exec)(struct axe_exec *x);
	enum axe_code (*run)(struct axe_exec *x);
};

/* Bytes of an operand whose pages are held at a time, at most. */
#define AXE_PIECE_MAX	(64 * 1024)

/* Whatever a command's length field can hold. */
#define AXE_OPERAND_MAX		U32_MAX
/*
 * What a core gets through in the time that it takes to wake a worker and come
 * back. A (de)compression takes longer even if it is short, by its set-up.
 */
#define AXE_INLINE_MAX		SZ_16K
#define AXE_INLINE_NEVER	0
/* The slowest of them takes some ten nanoseconds a byte. */
#define AXE_INLINE_HASH		SZ_1K
#define AXE_INLINE_CRYPT	SZ_4K
/* A piece of the slowest takes tens of milliseconds, and not every kernel preempts. */
#define AXE_STEP_SLOW		SZ_1K
/* Without instructions for it, a cipher takes a while, too. */
#define AXE_STEP_CRYPT		SZ_16K

/* Does a command of it need memory, and may begin() sleep? */
static inline bool axe_op_has_priv(const struct axe_op *op)
{
	return op->priv_size || op->priv_need;
}

/* May a command of it sleep, but for its operands? */
static inline bool axe_op_may_sleep(const struct axe_op *op)
{
	return axe_op_has_priv(op) || op->run;
}

/* Has it operands that are lists? */
static inline bool axe_op_has_list(const struct axe_op *op)
{
	return op->max_src_list | op->max_dst_list;
}

/* opdef.c: indexed by enum axe_opcode, complete. */
extern const struct axe_op *const axe_ops[AXE_OP_MAX];

/* ops/: each operation beside what it does. */
extern const struct axe_op axe_op_nop;
extern const struct axe_op axe_op_copy;
extern const struct axe_op axe_op_fill;
extern const struct axe_op axe_op_compare;
extern const struct axe_op axe_op_crc32;
extern const struct axe_op axe_op_crc32c;
extern const struct axe_op axe_op_compress;
extern const struct axe_op axe_op_decompress;
extern const struct axe_op axe_op_scan;
extern const struct axe_op axe_op_select;
extern const struct axe_op axe_op_expand;
extern const struct axe_op axe_op_extract;
extern const struct axe_op axe_op_xor;
extern const struct axe_op axe_op_xor_check;
extern const struct axe_op axe_op_pq_generate;
extern const struct axe_op axe_op_pq_check;
extern const struct axe_op axe_op_pq_recover;
extern const struct axe_op axe_op_erasure;
extern const struct axe_op axe_op_rs_encode;
extern const struct axe_op axe_op_rs_recover;
extern const struct axe_op axe_op_crc64;
extern const struct axe_op axe_op_crc16_t10;
extern const struct axe_op axe_op_adler32;
extern const struct axe_op axe_op_xxh64;
extern const struct axe_op axe_op_copy_crc;
extern const struct axe_op axe_op_crc_combine;
extern const struct axe_op axe_op_lz4_compress;
extern const struct axe_op axe_op_lz4_decompress;
extern const struct axe_op axe_op_zstd_compress;
extern const struct axe_op axe_op_zstd_decompress;
extern const struct axe_op axe_op_chain;
extern const struct axe_op axe_op_matmul_i8;
extern const struct axe_op axe_op_knn_i8;
extern const struct axe_op axe_op_dualcast;
extern const struct axe_op axe_op_compare_pattern;
extern const struct axe_op axe_op_delta_create;
extern const struct axe_op axe_op_delta_apply;
extern const struct axe_op axe_op_gather;
extern const struct axe_op axe_op_scatter;
extern const struct axe_op axe_op_dif_insert;
extern const struct axe_op axe_op_dif_verify;
extern const struct axe_op axe_op_dif_strip;
extern const struct axe_op axe_op_dif_update;
extern const struct axe_op axe_op_dix_insert;
extern const struct axe_op axe_op_dix_verify;
extern const struct axe_op axe_op_encrypt;
extern const struct axe_op axe_op_decrypt;
extern const struct axe_op axe_op_seal;
extern const struct axe_op axe_op_open;
extern const struct axe_op axe_op_hash;
extern const struct axe_op axe_op_mac;
extern const struct axe_op axe_op_mac_verify;
extern const struct axe_op axe_op_esp_seal;
extern const struct axe_op axe_op_esp_open;
extern const struct axe_op axe_op_rsa_public;
extern const struct axe_op axe_op_rsa_private;
extern const struct axe_op axe_op_sign;
extern const struct axe_op axe_op_verify;
extern const struct axe_op axe_op_agree;
extern const struct axe_op axe_op_public_key;
extern const struct axe_op axe_op_xxh32;

/* ops/copy.c */
int axe_copy_exec(struct axe_exec *x);

/* ops/fill.c */
enum axe_code axe_fill_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext);

/* ops/crc.c */
enum axe_code axe_crc_begin(struct axe_exec *x);

/* ops/pack.c */
enum axe_stream axe_pack_stream(const struct axe_cmd *cmd);

/* ops/digest.c */
void axe_digest_unload(void);

/* ../key.c */
u32 axe_key_algs_had(u32 algorithms);
u32 axe_key_public_had(u32 algorithms);

/* ops/hash.c */
enum axe_code axe_hash_check_flags(u32 flags);
bool axe_hash_ends(u32 flags);
enum axe_stream axe_hash_stands(u32 flags);

#endif
