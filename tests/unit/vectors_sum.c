// SPDX-License-Identifier: GPL-2.0
/*
 * Vectors for checksums: from the NVM Command Set specification (64 bit CRC test
 * cases), SBC (CRC test cases), xxHash's documentation, and the check values that
 * catalogues of CRCs give.
 */
#include "vectors.h"

static const u8 zeros[4096];
static const u8 ones[4096] = { [0 ... 4095] = 0xff };

/* SBC: bytes that count up, that count down, and a first word of ones. */
static const u8 up32[] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
	24, 25, 26, 27, 28, 29, 30, 31,
};

static const u8 down32[] = {
	255, 254, 253, 252, 251, 250, 249, 248, 247, 246, 245, 244, 243, 242, 241, 240, 239, 238,
	237, 236, 235, 234, 233, 232, 231, 230, 229, 228, 227, 226, 225, 224,
};

static const u8 word32[32] = { 0xff, 0xff };

#define SEED(n)		BLOCK(.crc = { .seed = cpu_to_le32(n) })
#define SEED64(n)	BLOCK(.crc64 = { .seed = cpu_to_le64(n) })
#define SUM(k, v)	BLOCK(.sum = { .kind = AXE_SUM_##k, .value = cpu_to_le64(v) })
#define PARTS(a, b)	EXT(.combine = { .first = cpu_to_le64(a), .second = cpu_to_le64(b) })
#define DIGITS		"123456789"
#define SPAM		"Nobody inspects the spammish repetition"

static const struct unit_vector sum[] = {
	{ "crc64: nothing", AXE_OP_CRC64, .result = { 0 } },
	{ "crc64: check", AXE_OP_CRC64, SRC(DIGITS), .result = { 0xae8b14860a799888 } },
	{ "crc64: zeros", AXE_OP_CRC64, .src = zeros, .src_len = 4096,
	  .result = { 0x6482d367eb22b64e } },
	{ "crc64: ones", AXE_OP_CRC64, .src = ones, .src_len = 4096,
	  .result = { 0xc0ddba7302eca3ac } },
	{ "crc64: seed", AXE_OP_CRC64, SEED64(0xae8b14860a799888),
	  .result = { 0xae8b14860a799888 } },

	{ "crc16-t10: nothing", AXE_OP_CRC16_T10, .result = { 0 } },
	{ "crc16-t10: check", AXE_OP_CRC16_T10, SRC(DIGITS), .result = { 0xd0db } },
	{ "crc16-t10: zeros", AXE_OP_CRC16_T10, .src = zeros, .src_len = 32, .result = { 0 } },
	{ "crc16-t10: ones", AXE_OP_CRC16_T10, .src = ones, .src_len = 32, .result = { 0xa293 } },
	{ "crc16-t10: up", AXE_OP_CRC16_T10, .src = up32, .src_len = 32, .result = { 0x0224 } },
	{ "crc16-t10: down", AXE_OP_CRC16_T10, .src = down32, .src_len = 32,
	  .result = { 0xa0b7 } },
	{ "crc16-t10: word", AXE_OP_CRC16_T10, .src = word32, .src_len = 32,
	  .result = { 0x21b8 } },
	{ "crc16-t10: seed", AXE_OP_CRC16_T10, SEED(0x10000), .code = AXE_ERR_PARAM },

	{ "adler32: nothing", AXE_OP_ADLER32, SEED(1), .result = { 1 } },
	{ "adler32: check", AXE_OP_ADLER32, SEED(1), SRC(DIGITS), .result = { 0x091e01de } },
	{ "adler32: Wikipedia", AXE_OP_ADLER32, SEED(1), SRC("Wikipedia"),
	  .result = { 0x11e60398 } },
	{ "adler32: low half", AXE_OP_ADLER32, SEED(65521), .code = AXE_ERR_PARAM },
	{ "adler32: high half", AXE_OP_ADLER32, SEED(65521U << 16), .code = AXE_ERR_PARAM },

	{ "xxh64: nothing", AXE_OP_XXH64, .result = { 0xef46db3751d8e999 } },
	{ "xxh64: seed", AXE_OP_XXH64, SEED64(2654435761), .result = { 0xac75fda2929b17ef } },
	{ "xxh64: a", AXE_OP_XXH64, SRC("a"), .result = { 0xd24ec4f1a98c6e5b } },
	{ "xxh64: abc", AXE_OP_XXH64, SRC("abc"), .result = { 0x44bc2cf5ad770999 } },
	{ "xxh64: spam", AXE_OP_XXH64, SRC(SPAM), .result = { 0xfbcea83c8a378bf1 } },

	{ "xxh32: nothing", AXE_OP_XXH32, .result = { 0x02cc5d05 } },
	{ "xxh32: seed", AXE_OP_XXH32, SEED(2654435761), .result = { 0x36b78ae7 } },
	{ "xxh32: a", AXE_OP_XXH32, SRC("a"), .result = { 0x550d7456 } },
	{ "xxh32: abc", AXE_OP_XXH32, SRC("abc"), .result = { 0x32d153ff } },
	{ "xxh32: spam", AXE_OP_XXH32, SRC(SPAM), .result = { 0xe2293b2f } },

	{ "copy-crc: nothing", AXE_OP_COPY_CRC, SUM(CRC64, 5), .result = { 5 } },
	{ "copy-crc: crc32", AXE_OP_COPY_CRC, SUM(CRC32, 0), SRC(DIGITS), .dst = zeros,
	  .dst_len = 9, .want = DIGITS, .done = 9, .result = { 0xcbf43926 } },
	{ "copy-crc: crc32c", AXE_OP_COPY_CRC, SUM(CRC32C, 0), SRC(DIGITS), .dst = zeros,
	  .dst_len = 9, .want = DIGITS, .done = 9, .result = { 0xe3069283 } },
	{ "copy-crc: crc64", AXE_OP_COPY_CRC, SUM(CRC64, 0), SRC(DIGITS), .dst = zeros,
	  .dst_len = 9, .want = DIGITS, .done = 9, .result = { 0xae8b14860a799888 } },
	{ "copy-crc: crc16", AXE_OP_COPY_CRC, SUM(CRC16_T10, 0), SRC(DIGITS), .dst = zeros,
	  .dst_len = 9, .want = DIGITS, .done = 9, .result = { 0xd0db } },
	{ "copy-crc: adler32", AXE_OP_COPY_CRC, SUM(ADLER32, 1), SRC(DIGITS), .dst = zeros,
	  .dst_len = 9, .want = DIGITS, .done = 9, .result = { 0x091e01de } },
	{ "copy-crc: long", AXE_OP_COPY_CRC, SUM(CRC64, 0), .src = ones, .src_len = 4096,
	  .dst = zeros, .dst_len = 4096, .want = ones, .done = 4096,
	  .result = { 0xc0ddba7302eca3ac } },
	{ "copy-crc: lengths", AXE_OP_COPY_CRC, SUM(CRC32, 0), SRC(DIGITS), .dst = zeros,
	  .dst_len = 8, .code = AXE_ERR_LENGTH },

	/* Of "1234" and "56789"; for CRCs, zeros in front of a part that is alone. */
	{ "crc-combine: nothing", AXE_OP_CRC_COMBINE, .result = { 0 } },
	{ "crc-combine: crc32", AXE_OP_CRC_COMBINE, SUM(CRC32, 5), PARTS(0x9be3e0a3, 0x131da070),
	  .result = { 0xcbf43926 } },
	{ "crc-combine: adler32", AXE_OP_CRC_COMBINE, SUM(ADLER32, 5),
	  PARTS(0x01f800cb, 0x03340114), .result = { 0x091e01de } },
	{ "crc-combine: kind", AXE_OP_CRC_COMBINE, BLOCK(.sum = { .kind = 5 }),
	  .code = AXE_ERR_PARAM },
	{ "crc-combine: first", AXE_OP_CRC_COMBINE, SUM(CRC32, 0), PARTS(1ULL << 32, 0),
	  .code = AXE_ERR_PARAM },
	{ "crc-combine: second", AXE_OP_CRC_COMBINE, SUM(CRC16_T10, 0), PARTS(0, 0x10000),
	  .code = AXE_ERR_PARAM },
};
UNIT_VECTORS(sum, sum);
