// SPDX-License-Identifier: GPL-2.0
/*
 * Matrices and vectors of signed bytes. Products were done by hand; what becomes of sums
 * by requantisation was computed in Python from the text of gemmlowp's
 * SaturatingRoundingDoublingHighMul() and RoundingDivideByPOT() (fixedpoint/fixedpoint.h),
 * with integers that do not overflow.
 */
#include "vectors.h"

#define SIZES(rows, inner, cols) \
	.m = cpu_to_le16(rows), .k = cpu_to_le16(inner), .n = cpu_to_le16(cols)
#define FLAGS(f)	.flags = cpu_to_le16(f)
#define MATMUL(...)	BLOCK(.matmul = { __VA_ARGS__ })
#define REQUANT(mul, s, z) \
	FLAGS(AXE_MATMUL_REQUANT), .multiplier = cpu_to_le32(mul), .shift = (s), .zero_point = (z)
#define KNN(num)	BLOCK(.knn = { .k = cpu_to_le32(num) })
#define AUX(s)		.aux = (s), .aux_len = LEN(s)
#define DST(s)		.dst = dots, .dst_len = LEN(s), .want = (s), .done = LEN(s)
#define KEEPS(n)	.dst = dots, .dst_len = (n)

/* 1 -2 3, 127 -128 0 */
#define A		"\x01\xfe\x03\x7f\x80\x00"
/* 4 -128, 5 127, -6 1 */
#define B		"\x04\x80\x05\x7f\xfa\x01"
/* ... by columns */
#define B_COLUMNS	"\x04\x05\xfa\x80\x7f\x01"
/* -24 -379, -132 -32512 */
#define C		"\xe8\xff\xff\xff\x85\xfe\xff\xff\x7c\xff\xff\xff\x00\x81\xff\xff"
/* 1 -1 3 -3 5 -5 100 -100 127 -128, to be multiplied with 1 */
#define NUMBERS		"\x01\xff\x03\xfd\x05\xfb\x64\x9c\x7f\x80"

/* (1, 1), (2, 2), (-1, -1), (0, 3), (127, -128): times (1, 2), that is 3, 6, -3, 6, -129 */
#define VECTORS		"\1\1\2\2\xff\xff\0\3\x7f\x80"
#define QUERY		"\1\2"

static const char dots[] = "........................................";

static const struct unit_vector matrix[] = {
	{ "matmul: 1 x 1", AXE_OP_MATMUL_I8, MATMUL(SIZES(1, 1, 1)), SRC("\x80"), AUX("\x80"),
	  DST("\0\x40\0\0") },
	{ "matmul: rows", AXE_OP_MATMUL_I8, MATMUL(SIZES(2, 3, 2)), SRC(A), AUX(B), DST(C) },
	{ "matmul: columns", AXE_OP_MATMUL_I8, MATMUL(SIZES(2, 3, 2), FLAGS(AXE_MATMUL_TRANSPOSED)),
	  SRC(A), AUX(B_COLUMNS), DST(C) },
	{ "matmul: one row", AXE_OP_MATMUL_I8, MATMUL(SIZES(1, 3, 2)), SRC("\x01\xfe\x03"), AUX(B),
	  DST("\xe8\xff\xff\xff\x85\xfe\xff\xff") },
	{ "matmul: half", AXE_OP_MATMUL_I8, MATMUL(SIZES(10, 1, 1), REQUANT(0x40000000, 0, 0)),
	  SRC(NUMBERS), AUX("\1"), DST("\x01\x00\x02\xff\x03\xfe\x32\xce\x40\xc0") },
	{ "matmul: quarter", AXE_OP_MATMUL_I8, MATMUL(SIZES(10, 1, 1), REQUANT(0x40000000, 1, 0)),
	  SRC(NUMBERS), AUX("\1"), DST("\x01\x00\x01\xff\x02\xff\x19\xe7\x20\xe0") },
	{ "matmul: root", AXE_OP_MATMUL_I8, MATMUL(SIZES(10, 1, 1), REQUANT(1518500250, 3, -3)),
	  SRC(NUMBERS), AUX("\1"), DST("\xfd\xfd\xfd\xfd\xfe\xfc\x06\xf4\x08\xf2") },
	{ "matmul: clamped", AXE_OP_MATMUL_I8, MATMUL(SIZES(10, 1, 1), REQUANT(0x7fffffff, 0, 5)),
	  SRC(NUMBERS), AUX("\1"), DST("\x06\x04\x08\x02\x0a\x00\x69\xa1\x7f\x85") },
	{ "matmul: negative", AXE_OP_MATMUL_I8, MATMUL(SIZES(1, 1, 10), REQUANT(0xc0000000, 2, 1)),
	  SRC("\1"), AUX(NUMBERS), DST("\x01\x01\x01\x02\x00\x02\xf4\x0e\xf1\x11") },
	{ "matmul: offset", AXE_OP_MATMUL_I8, MATMUL(SIZES(2, 3, 2), REQUANT(0x40000000, 7, 10)),
	  SRC(A), AUX(B), DST("\x0a\x09\x09\x8b") },
	{ "matmul: no room", AXE_OP_MATMUL_I8, MATMUL(SIZES(2, 3, 2)), SRC(A), AUX(B), KEEPS(15),
	  .code = AXE_ERR_FULL },
	{ "matmul: long B", AXE_OP_MATMUL_I8, MATMUL(SIZES(2, 3, 2)), SRC(A), AUX(A B), KEEPS(16),
	  .code = AXE_ERR_LENGTH },
	{ "matmul: no columns", AXE_OP_MATMUL_I8, MATMUL(SIZES(2, 3, 0)), SRC(A), AUX(""), KEEPS(16),
	  .code = AXE_ERR_PARAM },

	{ "knn: none", AXE_OP_KNN_I8, KNN(3), AUX(QUERY) },
	{ "knn: one", AXE_OP_KNN_I8, KNN(1), SRC(VECTORS), AUX(QUERY), DST("\1\0\0\0\6\0\0\0"),
	  .result = { 1 } },
	{ "knn: two", AXE_OP_KNN_I8, KNN(2), SRC(VECTORS), AUX(QUERY),
	  DST("\1\0\0\0\6\0\0\0\3\0\0\0\6\0\0\0"), .result = { 2 } },
	{ "knn: three", AXE_OP_KNN_I8, KNN(3), SRC(VECTORS), AUX(QUERY),
	  DST("\1\0\0\0\6\0\0\0\3\0\0\0\6\0\0\0\0\0\0\0\3\0\0\0"), .result = { 3 } },
	{ "knn: all", AXE_OP_KNN_I8, KNN(1024), SRC(VECTORS), AUX(QUERY),
	  DST("\1\0\0\0\6\0\0\0\3\0\0\0\6\0\0\0\0\0\0\0\3\0\0\0"
	      "\2\0\0\0\xfd\xff\xff\xff\4\0\0\0\x7f\xff\xff\xff"), .result = { 5 } },
	{ "knn: no room", AXE_OP_KNN_I8, KNN(2), SRC(VECTORS), AUX(QUERY), KEEPS(15),
	  .code = AXE_ERR_FULL },
	{ "knn: part of a vector", AXE_OP_KNN_I8, KNN(1), SRC("\1\1\1"), AUX(QUERY), KEEPS(8),
	  .code = AXE_ERR_LENGTH },
	{ "knn: no query", AXE_OP_KNN_I8, KNN(1), SRC("\1"), KEEPS(8), .code = AXE_ERR_LENGTH },
};

UNIT_VECTORS(matrix, matrix);
