// SPDX-License-Identifier: GPL-2.0
/*
 * The table of operations. Nothing else in the device switches on an opcode:
 * a new operation is a file under ops/, a row here, and its test vectors.
 */
#include <linux/build_bug.h>

#include "ops.h"

/* Counts the rows: see the end of the file. */
#define AXE_ROW(op)	((op) + 0 * __COUNTER__)
enum { AXE_ROWS_BEFORE = __COUNTER__ };

const struct axe_op *const axe_ops[AXE_OP_MAX] = {
	[AXE_ROW(AXE_OP_NOP)] = &axe_op_nop,
	[AXE_ROW(AXE_OP_COPY)] = &axe_op_copy,
	[AXE_ROW(AXE_OP_FILL)] = &axe_op_fill,
	[AXE_ROW(AXE_OP_COMPARE)] = &axe_op_compare,
	[AXE_ROW(AXE_OP_CRC32)] = &axe_op_crc32,
	[AXE_ROW(AXE_OP_CRC32C)] = &axe_op_crc32c,
	[AXE_ROW(AXE_OP_COMPRESS)] = &axe_op_compress,
	[AXE_ROW(AXE_OP_DECOMPRESS)] = &axe_op_decompress,
	[AXE_ROW(AXE_OP_SCAN)] = &axe_op_scan,
	[AXE_ROW(AXE_OP_SELECT)] = &axe_op_select,
	[AXE_ROW(AXE_OP_EXPAND)] = &axe_op_expand,
	[AXE_ROW(AXE_OP_EXTRACT)] = &axe_op_extract,
	[AXE_ROW(AXE_OP_XOR)] = &axe_op_xor,
	[AXE_ROW(AXE_OP_XOR_CHECK)] = &axe_op_xor_check,
	[AXE_ROW(AXE_OP_PQ_GENERATE)] = &axe_op_pq_generate,
	[AXE_ROW(AXE_OP_PQ_CHECK)] = &axe_op_pq_check,
	[AXE_ROW(AXE_OP_PQ_RECOVER)] = &axe_op_pq_recover,
	[AXE_ROW(AXE_OP_ERASURE)] = &axe_op_erasure,
	[AXE_ROW(AXE_OP_RS_ENCODE)] = &axe_op_rs_encode,
	[AXE_ROW(AXE_OP_RS_RECOVER)] = &axe_op_rs_recover,
	[AXE_ROW(AXE_OP_CRC64)] = &axe_op_crc64,
	[AXE_ROW(AXE_OP_CRC16_T10)] = &axe_op_crc16_t10,
	[AXE_ROW(AXE_OP_ADLER32)] = &axe_op_adler32,
	[AXE_ROW(AXE_OP_XXH64)] = &axe_op_xxh64,
	[AXE_ROW(AXE_OP_COPY_CRC)] = &axe_op_copy_crc,
	[AXE_ROW(AXE_OP_CRC_COMBINE)] = &axe_op_crc_combine,
	[AXE_ROW(AXE_OP_LZ4_COMPRESS)] = &axe_op_lz4_compress,
	[AXE_ROW(AXE_OP_LZ4_DECOMPRESS)] = &axe_op_lz4_decompress,
	[AXE_ROW(AXE_OP_ZSTD_COMPRESS)] = &axe_op_zstd_compress,
	[AXE_ROW(AXE_OP_ZSTD_DECOMPRESS)] = &axe_op_zstd_decompress,
	[AXE_ROW(AXE_OP_CHAIN)] = &axe_op_chain,
	[AXE_ROW(AXE_OP_MATMUL_I8)] = &axe_op_matmul_i8,
	[AXE_ROW(AXE_OP_KNN_I8)] = &axe_op_knn_i8,
	[AXE_ROW(AXE_OP_DUALCAST)] = &axe_op_dualcast,
	[AXE_ROW(AXE_OP_COMPARE_PATTERN)] = &axe_op_compare_pattern,
	[AXE_ROW(AXE_OP_DELTA_CREATE)] = &axe_op_delta_create,
	[AXE_ROW(AXE_OP_DELTA_APPLY)] = &axe_op_delta_apply,
	[AXE_ROW(AXE_OP_GATHER)] = &axe_op_gather,
	[AXE_ROW(AXE_OP_SCATTER)] = &axe_op_scatter,
	[AXE_ROW(AXE_OP_DIF_INSERT)] = &axe_op_dif_insert,
	[AXE_ROW(AXE_OP_DIF_VERIFY)] = &axe_op_dif_verify,
	[AXE_ROW(AXE_OP_DIF_STRIP)] = &axe_op_dif_strip,
	[AXE_ROW(AXE_OP_DIF_UPDATE)] = &axe_op_dif_update,
	[AXE_ROW(AXE_OP_DIX_INSERT)] = &axe_op_dix_insert,
	[AXE_ROW(AXE_OP_DIX_VERIFY)] = &axe_op_dix_verify,
	[AXE_ROW(AXE_OP_ENCRYPT)] = &axe_op_encrypt,
	[AXE_ROW(AXE_OP_DECRYPT)] = &axe_op_decrypt,
	[AXE_ROW(AXE_OP_SEAL)] = &axe_op_seal,
	[AXE_ROW(AXE_OP_OPEN)] = &axe_op_open,
	[AXE_ROW(AXE_OP_HASH)] = &axe_op_hash,
	[AXE_ROW(AXE_OP_MAC)] = &axe_op_mac,
	[AXE_ROW(AXE_OP_MAC_VERIFY)] = &axe_op_mac_verify,
	[AXE_ROW(AXE_OP_ESP_SEAL)] = &axe_op_esp_seal,
	[AXE_ROW(AXE_OP_ESP_OPEN)] = &axe_op_esp_open,
	[AXE_ROW(AXE_OP_RSA_PUBLIC)] = &axe_op_rsa_public,
	[AXE_ROW(AXE_OP_RSA_PRIVATE)] = &axe_op_rsa_private,
	[AXE_ROW(AXE_OP_SIGN)] = &axe_op_sign,
	[AXE_ROW(AXE_OP_VERIFY)] = &axe_op_verify,
	[AXE_ROW(AXE_OP_AGREE)] = &axe_op_agree,
	[AXE_ROW(AXE_OP_PUBLIC_KEY)] = &axe_op_public_key,
	[AXE_ROW(AXE_OP_XXH32)] = &axe_op_xxh32,
};

/* Every opcode has its row. */
static_assert(__COUNTER__ - AXE_ROWS_BEFORE - 1 == AXE_OP_MAX);
