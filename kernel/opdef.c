// SPDX-License-Identifier: GPL-2.0
/*
 * The table of operations. Nothing else in the device switches on an opcode:
 * a new operation is a row here, a file under ops/, and its test vectors.
 */
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/limits.h>
#include <linux/sizes.h>

#include "ops.h"

/* Whatever a command's length field can hold. */
#define AXE_OPERAND_MAX		U32_MAX
/*
 * What a core gets through in the time that it takes to wake a worker and come
 * back. A (de)compression takes longer even if it is short, by its set-up.
 */
#define AXE_INLINE_MAX		SZ_16K
#define AXE_INLINE_NEVER	0
/* A piece of the slowest takes tens of milliseconds, and not every kernel preempts. */
#define AXE_STEP_SLOW		SZ_1K
/* Of each lane, of which there may be 64, all multiplied with each other. */
#define AXE_STEP_LANES		SZ_4K

/* A bit for each of the elements that there can be. */
#define AXE_BIT_VECTOR_MAX	SZ_512M

/* As many entries as a record can have. */
#define AXE_DELTA_RECORD_MAX	(AXE_DELTA_MAX / AXE_DELTA_WORD * AXE_DELTA_ENTRY)

#define AXE_FORMATS_DEFLATE \
	(BIT(AXE_FORMAT_RAW) | BIT(AXE_FORMAT_ZLIB) | BIT(AXE_FORMAT_GZIP))

/* Counts the rows: see the end of the file. */
#define AXE_ROW(op)	((op) + 0 * __COUNTER__)
enum { AXE_ROWS_BEFORE = __COUNTER__ };

const struct axe_op axe_ops[AXE_OP_MAX] = {
	[AXE_ROW(AXE_OP_NOP)] = {
		.name		= "nop",
		.inline_max	= AXE_INLINE_MAX,
		.exec		= axe_nop_exec,
	},
	[AXE_ROW(AXE_OP_COPY)] = {
		.name		= "copy",
		.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST | AXE_OP_CAN_OVERLAP |
				  AXE_OP_CAN_CHAIN,
		.max_src	= AXE_OPERAND_MAX,
		.max_dst	= AXE_OPERAND_MAX,
		.inline_max	= AXE_INLINE_MAX,
		.exec		= axe_copy_exec,
	},
	[AXE_ROW(AXE_OP_FILL)] = {
		.name		= "fill",
		.flags		= AXE_OP_WRITES_DST,
		.max_dst	= AXE_OPERAND_MAX,
		.inline_max	= AXE_INLINE_MAX,
		.check		= axe_fill_check,
		.exec		= axe_fill_exec,
	},
	[AXE_ROW(AXE_OP_COMPARE)] = {
		.name		= "compare",
		/* Neither operand is written: they may well overlap. */
		.flags		= AXE_OP_READS_SRC | AXE_OP_READS_DST | AXE_OP_CAN_OVERLAP,
		.max_src	= AXE_OPERAND_MAX,
		.max_dst	= AXE_OPERAND_MAX,
		.inline_max	= AXE_INLINE_MAX,
		.exec		= axe_compare_exec,
	},
	[AXE_ROW(AXE_OP_CRC32)] = {
		.name		= "crc32",
		.flags		= AXE_OP_READS_SRC | AXE_OP_CAN_CHAIN,
		.max_src	= AXE_OPERAND_MAX,
		.inline_max	= AXE_INLINE_MAX,
		.check		= axe_crc_check,
		.begin		= axe_crc_begin,
		.exec		= axe_crc32_exec,
	},
	[AXE_ROW(AXE_OP_CRC32C)] = {
		.name		= "crc32c",
		.flags		= AXE_OP_READS_SRC | AXE_OP_CAN_CHAIN,
		.max_src	= AXE_OPERAND_MAX,
		.inline_max	= AXE_INLINE_MAX,
		.check		= axe_crc_check,
		.begin		= axe_crc_begin,
		.exec		= axe_crc32c_exec,
	},
	[AXE_ROW(AXE_OP_COMPRESS)] = {
		.name		= "compress",
		.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST |
				  AXE_OP_HAS_FORMATS | AXE_OP_HAS_LEVELS |
				  AXE_OP_CAN_CHAIN,
		.max_src	= AXE_OPERAND_MAX,
		.max_dst	= AXE_OPERAND_MAX,
		.formats	= AXE_FORMATS_DEFLATE,
		.min_level	= 1,
		.max_level	= 9,
		.inline_max	= AXE_INLINE_NEVER,
		.step		= AXE_STEP_SLOW,
		.priv_size	= axe_deflate_priv_size,
		.check		= axe_deflate_check,
		.begin		= axe_deflate_begin,
		.exec		= axe_deflate_exec,
	},
	[AXE_ROW(AXE_OP_DECOMPRESS)] = {
		.name		= "decompress",
		.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST |
				  AXE_OP_HAS_FORMATS | AXE_OP_CAN_STREAM |
				  AXE_OP_CAN_CHAIN,
		.max_src	= AXE_OPERAND_MAX,
		.max_dst	= AXE_OPERAND_MAX,
		.formats	= AXE_FORMATS_DEFLATE,
		.inline_max	= AXE_INLINE_NEVER,
		.step		= AXE_STEP_SLOW,
		.priv_size	= axe_inflate_priv_size,
		.check		= axe_inflate_check,
		.stream		= axe_inflate_stream,
		.begin		= axe_inflate_begin,
		.exec		= axe_inflate_exec,
	},
	[AXE_ROW(AXE_OP_SCAN)] = {
		.name		= "scan",
		.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST,
		.max_src	= AXE_OPERAND_MAX,
		.max_dst	= AXE_OPERAND_MAX,
		.inline_max	= AXE_INLINE_NEVER,
		.priv_size	= axe_scan_priv_size,
		.check		= axe_scan_check,
		.begin		= axe_scan_begin,
		.exec		= axe_scan_exec,
	},
	[AXE_ROW(AXE_OP_SELECT)] = {
		.name		= "select",
		.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST | AXE_OP_READS_AUX,
		.max_src	= AXE_OPERAND_MAX,
		.max_dst	= AXE_OPERAND_MAX,
		.max_aux	= AXE_BIT_VECTOR_MAX,
		.inline_max	= AXE_INLINE_NEVER,
		.priv_size	= axe_scan_priv_size,
		.check		= axe_select_check,
		.begin		= axe_select_begin,
		.exec		= axe_select_exec,
	},
	[AXE_ROW(AXE_OP_EXPAND)] = {
		.name		= "expand",
		.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST | AXE_OP_READS_AUX,
		.max_src	= AXE_OPERAND_MAX,
		.max_dst	= AXE_OPERAND_MAX,
		.max_aux	= AXE_BIT_VECTOR_MAX,
		.inline_max	= AXE_INLINE_NEVER,
		.priv_size	= axe_scan_priv_size,
		.check		= axe_expand_check,
		.begin		= axe_expand_begin,
		.exec		= axe_expand_exec,
	},
	[AXE_ROW(AXE_OP_EXTRACT)] = {
		.name		= "extract",
		.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST,
		.max_src	= AXE_OPERAND_MAX,
		.max_dst	= AXE_OPERAND_MAX,
		.inline_max	= AXE_INLINE_NEVER,
		.priv_size	= axe_scan_priv_size,
		.check		= axe_extract_check,
		.begin		= axe_extract_begin,
		.exec		= axe_extract_exec,
	},
	[AXE_ROW(AXE_OP_XOR)] = {
		.name		= "xor",
		.flags		= AXE_OP_READS_SRC | AXE_OP_SRC_LIST |
				  AXE_OP_WRITES_DST | AXE_OP_DST_LIST,
		.max_src	= AXE_OPERAND_MAX,
		.max_dst	= AXE_OPERAND_MAX,
		.max_src_list	= AXE_XOR_MAX_SRC,
		.max_dst_list	= 1,
		.inline_max	= AXE_INLINE_NEVER,
		.step		= AXE_STEP_LANES,
		.lanes		= true,
		.priv_need	= axe_parity_priv_need,
		.begin		= axe_xor_begin,
		.exec		= axe_parity_exec,
	},
	[AXE_ROW(AXE_OP_XOR_CHECK)] = {
		.name		= "xor-check",
		.flags		= AXE_OP_READS_SRC | AXE_OP_SRC_LIST,
		.max_src	= AXE_OPERAND_MAX,
		.max_src_list	= AXE_XOR_MAX_SRC,
		.inline_max	= AXE_INLINE_NEVER,
		.step		= AXE_STEP_LANES,
		.lanes		= true,
		.priv_need	= axe_parity_priv_need,
		.begin		= axe_xor_check_begin,
		.exec		= axe_parity_check_exec,
	},
	[AXE_ROW(AXE_OP_PQ_GENERATE)] = {
		.name		= "pq-generate",
		.flags		= AXE_OP_READS_SRC | AXE_OP_SRC_LIST |
				  AXE_OP_WRITES_DST | AXE_OP_DST_LIST,
		.max_src	= AXE_OPERAND_MAX,
		.max_dst	= AXE_OPERAND_MAX,
		.max_src_list	= AXE_CODE_MAX_DATA,
		.max_dst_list	= 2,
		.inline_max	= AXE_INLINE_NEVER,
		.step		= AXE_STEP_LANES,
		.lanes		= true,
		.priv_need	= axe_parity_priv_need,
		.begin		= axe_pq_begin,
		.exec		= axe_parity_exec,
	},
	[AXE_ROW(AXE_OP_PQ_CHECK)] = {
		.name		= "pq-check",
		.flags		= AXE_OP_READS_SRC | AXE_OP_SRC_LIST,
		.max_src	= AXE_OPERAND_MAX,
		.max_src_list	= AXE_CODE_MAX_DATA + 2,
		.inline_max	= AXE_INLINE_NEVER,
		.step		= AXE_STEP_LANES,
		.lanes		= true,
		.priv_need	= axe_parity_priv_need,
		.begin		= axe_pq_check_begin,
		.exec		= axe_parity_check_exec,
	},
	[AXE_ROW(AXE_OP_PQ_RECOVER)] = {
		.name		= "pq-recover",
		.flags		= AXE_OP_READS_SRC | AXE_OP_SRC_LIST |
				  AXE_OP_WRITES_DST | AXE_OP_DST_LIST,
		.max_src	= AXE_OPERAND_MAX,
		.max_dst	= AXE_OPERAND_MAX,
		.max_src_list	= AXE_CODE_MAX_DATA + 1,
		.max_dst_list	= 2,
		.inline_max	= AXE_INLINE_NEVER,
		.step		= AXE_STEP_LANES,
		.lanes		= true,
		.priv_need	= axe_parity_priv_need,
		.check		= axe_pq_recover_check,
		.begin		= axe_pq_recover_begin,
		.exec		= axe_parity_exec,
	},
	[AXE_ROW(AXE_OP_ERASURE)] = {
		.name		= "erasure",
		.flags		= AXE_OP_READS_SRC | AXE_OP_SRC_LIST |
				  AXE_OP_WRITES_DST | AXE_OP_DST_LIST | AXE_OP_READS_AUX,
		.max_src	= AXE_OPERAND_MAX,
		.max_dst	= AXE_OPERAND_MAX,
		.max_aux	= AXE_CODE_MAX_DATA * AXE_CODE_MAX_PARITY,
		.max_src_list	= AXE_CODE_MAX_DATA,
		.max_dst_list	= AXE_CODE_MAX_PARITY,
		.inline_max	= AXE_INLINE_NEVER,
		.step		= AXE_STEP_LANES,
		.load_aux	= true,
		.lanes		= true,
		.priv_need	= axe_parity_priv_need,
		.begin		= axe_erasure_begin,
		.exec		= axe_parity_exec,
	},
	[AXE_ROW(AXE_OP_RS_ENCODE)] = {
		.name		= "rs-encode",
		.flags		= AXE_OP_READS_SRC | AXE_OP_SRC_LIST |
				  AXE_OP_WRITES_DST | AXE_OP_DST_LIST,
		.max_src	= AXE_OPERAND_MAX,
		.max_dst	= AXE_OPERAND_MAX,
		.max_src_list	= AXE_CODE_MAX_DATA,
		.max_dst_list	= AXE_CODE_MAX_PARITY,
		.inline_max	= AXE_INLINE_NEVER,
		.step		= AXE_STEP_LANES,
		.lanes		= true,
		.priv_need	= axe_parity_priv_need,
		.begin		= axe_rs_encode_begin,
		.exec		= axe_parity_exec,
	},
	[AXE_ROW(AXE_OP_RS_RECOVER)] = {
		.name		= "rs-recover",
		.flags		= AXE_OP_READS_SRC | AXE_OP_SRC_LIST |
				  AXE_OP_WRITES_DST | AXE_OP_DST_LIST,
		.max_src	= AXE_OPERAND_MAX,
		.max_dst	= AXE_OPERAND_MAX,
		.max_src_list	= AXE_CODE_MAX_DATA,
		.max_dst_list	= AXE_CODE_MAX_PARITY,
		.inline_max	= AXE_INLINE_NEVER,
		.step		= AXE_STEP_LANES,
		.extends	= true,
		.lanes		= true,
		.priv_need	= axe_parity_priv_need,
		.check		= axe_rs_recover_check,
		.begin		= axe_rs_recover_begin,
		.exec		= axe_parity_exec,
	},
	[AXE_ROW(AXE_OP_CRC64)] = {
		.name		= "crc64",
		.flags		= AXE_OP_READS_SRC,
		.max_src	= AXE_OPERAND_MAX,
		.inline_max	= AXE_INLINE_MAX,
		.check		= axe_crc64_check,
		.begin		= axe_crc64_begin,
		.exec		= axe_crc64_exec,
	},
	[AXE_ROW(AXE_OP_CRC16_T10)] = {
		.name		= "crc16-t10",
		.flags		= AXE_OP_READS_SRC,
		.max_src	= AXE_OPERAND_MAX,
		.inline_max	= AXE_INLINE_MAX,
		.check		= axe_crc16_check,
		.begin		= axe_crc_begin,
		.exec		= axe_crc16_exec,
	},
	[AXE_ROW(AXE_OP_ADLER32)] = {
		.name		= "adler32",
		.flags		= AXE_OP_READS_SRC,
		.max_src	= AXE_OPERAND_MAX,
		.inline_max	= AXE_INLINE_MAX,
		.check		= axe_adler32_check,
		.begin		= axe_crc_begin,
		.exec		= axe_adler32_exec,
	},
	[AXE_ROW(AXE_OP_XXH64)] = {
		.name		= "xxh64",
		.flags		= AXE_OP_READS_SRC,
		.max_src	= AXE_OPERAND_MAX,
		.inline_max	= AXE_INLINE_MAX,
		.priv_size	= axe_xxh64_priv_size,
		.check		= axe_crc64_check,
		.begin		= axe_xxh64_begin,
		.exec		= axe_xxh64_exec,
	},
	[AXE_ROW(AXE_OP_COPY_CRC)] = {
		.name		= "copy-crc",
		.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST,
		.max_src	= AXE_OPERAND_MAX,
		.max_dst	= AXE_OPERAND_MAX,
		.inline_max	= AXE_INLINE_MAX,
		.check		= axe_copy_crc_check,
		.begin		= axe_copy_crc_begin,
		.exec		= axe_copy_crc_exec,
	},
	[AXE_ROW(AXE_OP_CRC_COMBINE)] = {
		.name		= "crc-combine",
		.inline_max	= AXE_INLINE_MAX,
		.extends	= true,
		.check		= axe_combine_check,
		.exec		= axe_combine_exec,
	},
	[AXE_ROW(AXE_OP_CHAIN)] = {
		.name		= "chain",
		.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST | AXE_OP_READS_AUX,
		.max_src	= AXE_OPERAND_MAX,
		.max_dst	= AXE_OPERAND_MAX,
		.max_aux	= AXE_MAX_STAGES * sizeof(struct axe_stage),
		.inline_max	= AXE_INLINE_NEVER,
		.load_aux	= true,
		.chain		= true,
		.priv_need	= axe_chain_priv_need,
		.check		= axe_chain_check,
		.begin		= axe_chain_begin,
		.exec		= axe_chain_exec,
	},
	[AXE_ROW(AXE_OP_MATMUL_I8)] = {
		.name		= "matmul-i8",
		.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST | AXE_OP_READS_AUX,
		.max_src	= AXE_MATMUL_MAX * AXE_MATMUL_MAX,
		.max_dst	= AXE_OPERAND_MAX,
		.max_aux	= AXE_MATMUL_MAX * AXE_MATMUL_MAX,
		.inline_max	= AXE_INLINE_NEVER,
		.load_aux	= true,
		.priv_need	= axe_matmul_priv_need,
		.check		= axe_matmul_check,
		.begin		= axe_matmul_begin,
		.exec		= axe_matmul_exec,
	},
	[AXE_ROW(AXE_OP_KNN_I8)] = {
		.name		= "knn-i8",
		.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST | AXE_OP_READS_AUX,
		.max_src	= AXE_OPERAND_MAX,
		.max_dst	= AXE_OPERAND_MAX,
		.max_aux	= AXE_MATMUL_MAX,
		.inline_max	= AXE_INLINE_NEVER,
		.step		= SZ_16K,
		.load_aux	= true,
		.priv_need	= axe_knn_priv_need,
		.check		= axe_knn_check,
		.begin		= axe_knn_begin,
		.exec		= axe_knn_exec,
	},
	[AXE_ROW(AXE_OP_DUALCAST)] = {
		.name		= "dualcast",
		.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST | AXE_OP_WRITES_AUX,
		.max_src	= AXE_OPERAND_MAX,
		.max_dst	= AXE_OPERAND_MAX,
		.max_aux	= AXE_OPERAND_MAX,
		.inline_max	= AXE_INLINE_MAX,
		.check		= axe_dualcast_check,
		.exec		= axe_dualcast_exec,
	},
	[AXE_ROW(AXE_OP_COMPARE_PATTERN)] = {
		.name		= "compare_pattern",
		.flags		= AXE_OP_READS_SRC,
		.max_src	= AXE_OPERAND_MAX,
		.inline_max	= AXE_INLINE_MAX,
		.check		= axe_fill_check,
		.exec		= axe_compare_pattern_exec,
	},
	[AXE_ROW(AXE_OP_DELTA_CREATE)] = {
		.name		= "delta_create",
		.flags		= AXE_OP_READS_SRC | AXE_OP_READS_AUX | AXE_OP_WRITES_DST,
		.max_src	= AXE_DELTA_MAX,
		.max_dst	= AXE_DELTA_RECORD_MAX,
		.max_aux	= AXE_DELTA_MAX,
		.inline_max	= AXE_INLINE_MAX,
		.priv_size	= axe_delta_create_priv_size,
		.check		= axe_delta_create_check,
		.begin		= axe_delta_create_begin,
		.exec		= axe_delta_create_exec,
	},
	[AXE_ROW(AXE_OP_DELTA_APPLY)] = {
		.name		= "delta_apply",
		.flags		= AXE_OP_READS_SRC | AXE_OP_READS_DST | AXE_OP_WRITES_DST,
		.max_src	= AXE_DELTA_RECORD_MAX,
		.max_dst	= AXE_DELTA_MAX,
		.inline_max	= AXE_INLINE_MAX,
		.priv_size	= axe_delta_apply_priv_size,
		.check		= axe_delta_apply_check,
		.begin		= axe_delta_apply_begin,
		.exec		= axe_delta_apply_exec,
	},
	[AXE_ROW(AXE_OP_GATHER)] = {
		.name		= "gather",
		.flags		= AXE_OP_READS_SRC | AXE_OP_SRC_LIST | AXE_OP_WRITES_DST,
		.max_src	= AXE_OPERAND_MAX,
		.max_dst	= AXE_OPERAND_MAX,
		.max_src_list	= AXE_MAX_LIST,
		.inline_max	= AXE_INLINE_NEVER,
		.exec		= axe_copy_exec,
	},
	[AXE_ROW(AXE_OP_SCATTER)] = {
		.name		= "scatter",
		.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST | AXE_OP_DST_LIST,
		.max_src	= AXE_OPERAND_MAX,
		.max_dst	= AXE_OPERAND_MAX,
		.max_dst_list	= AXE_MAX_LIST,
		.inline_max	= AXE_INLINE_NEVER,
		.exec		= axe_copy_exec,
	},
};

/* Every opcode has its row. */
static_assert(__COUNTER__ - AXE_ROWS_BEFORE - 1 == AXE_OP_MAX);
