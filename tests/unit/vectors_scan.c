// SPDX-License-Identifier: GPL-2.0
/*
 * Packed integers. 0 to 7 with a width of 3 are the example of the Parquet format's
 * Encodings.md (RLE / bit-packing hybrid), whose packing is this one; the others were
 * put together from the definition, as one long integer in Python.
 */
#include "vectors.h"

#define NOTHING		(~0ULL)
#define PACK(w, n)	.width = (w), .num = cpu_to_le32(n)
#define SCAN(w, n, l, h) \
	BLOCK(.scan = { PACK(w, n), .low = cpu_to_le32(l), .high = cpu_to_le32(h) })
#define MASKED(w, n)	BLOCK(.scan = { PACK(w, n) })
#define AUX(s)		.aux = (s), .aux_len = LEN(s)
#define DST(s)		.dst = "................", .dst_len = LEN(s), .want = (s), .done = LEN(s)
/* A destination that must stay as it is. */
#define KEEPS(n)	.dst = "................", .dst_len = (n)

/* 0 to 7 */
#define PARQUET		"\x88\xc6\xfa"
/* 1, 31, 0, 17, 9, 2, 30 */
#define FIVE		"\xe1\x83\x98\x84\x07"
/* 1, 2^31, 2^32 - 1, 7 */
#define WORDS		"\1\0\0\0\0\0\0\x80\xff\xff\xff\xff\7\0\0\0"
/* 8191, 1, 4096, 100, 5 */
#define THIRTEEN	"\xff\x3f\0\0\x40\x32\x50\0\0"

static const struct unit_vector scan[] = {
	{ "scan: nothing", AXE_OP_SCAN, SCAN(7, 0, 0, 0), .result = { 0, NOTHING } },
	{ "scan: parquet", AXE_OP_SCAN, SCAN(3, 8, 2, 5), SRC(PARQUET), DST("\x3c"),
	  .result = { 4, 2 } },
	{ "scan: no match", AXE_OP_SCAN, SCAN(3, 8, 8, 100), SRC(PARQUET), DST("\0"),
	  .result = { 0, NOTHING } },
	{ "scan: one", AXE_OP_SCAN, SCAN(5, 7, 9, 9), SRC(FIVE), DST("\x10"), .result = { 1, 4 } },
	/* The last of 7 bits; of the source, 5 bits more are ignored. */
	{ "scan: zeros behind", AXE_OP_SCAN, SCAN(5, 7, 0, 0xffffffff), SRC("\xff\xff\xff\xff\xff"),
	  DST("\x7f"), .result = { 7, 0 } },
	{ "scan: words", AXE_OP_SCAN, SCAN(32, 4, 0x80000000, 0xffffffff), SRC(WORDS), DST("\6"),
	  .result = { 2, 1 } },
	{ "scan: bits", AXE_OP_SCAN, SCAN(1, 10, 0, 0), SRC("\xa5\xff"), DST("\x5a\0"),
	  .result = { 4, 1 } },
	{ "scan: no room", AXE_OP_SCAN, SCAN(1, 10, 0, 0), SRC("\xa5\xff"), KEEPS(1),
	  .code = AXE_ERR_FULL },
	{ "scan: empty range", AXE_OP_SCAN, SCAN(1, 8, 1, 0), SRC("\1"), KEEPS(1),
	  .code = AXE_ERR_PARAM },

	{ "select: nothing", AXE_OP_SELECT, MASKED(1, 0) },
	{ "select: parquet", AXE_OP_SELECT, MASKED(3, 8), SRC(PARQUET), AUX("\x96"),
	  DST("\x11\x0f"), .result = { 4 } },
	{ "select: five", AXE_OP_SELECT, MASKED(5, 7), SRC(FIVE), AUX("\x6a"), DST("\x3f\x0a\x0f"),
	  .result = { 4 } },
	/* A bit behind the vector is nobody's. */
	{ "select: none", AXE_OP_SELECT, MASKED(5, 7), SRC(FIVE), AUX("\x80"), KEEPS(1) },
	{ "select: words", AXE_OP_SELECT, MASKED(32, 4), SRC(WORDS), AUX("\6"),
	  DST("\0\0\0\x80\xff\xff\xff\xff"), .result = { 2 } },
	{ "select: no room", AXE_OP_SELECT, MASKED(3, 8), SRC(PARQUET), AUX("\x96"),
	  .dst_len = 1, .dst = ".", .want = "\x11", .done = 1, .result = { 4 },
	  .code = AXE_ERR_FULL },
	{ "select: short mask", AXE_OP_SELECT, MASKED(1, 9), SRC("\1\1"), AUX("\1"), KEEPS(2),
	  .code = AXE_ERR_LENGTH },

	{ "expand: nothing", AXE_OP_EXPAND, MASKED(32, 0) },
	{ "expand: parquet", AXE_OP_EXPAND, MASKED(3, 8), SRC("\x11\x0f"), AUX("\x96"),
	  DST("\x88\x40\xe0"), .result = { 4 } },
	{ "expand: five", AXE_OP_EXPAND, MASKED(5, 5), SRC("\x3f\x0a"), AUX("\x16"),
	  DST("\xe0\x47\x20\x00"), .result = { 3 } },
	{ "expand: all zeros", AXE_OP_EXPAND, MASKED(8, 3), AUX("\x00"), DST("\0\0\0") },
	{ "expand: source ends", AXE_OP_EXPAND, MASKED(8, 4), SRC("\1"), AUX("\x09"), KEEPS(4),
	  .want = "\1\0\0", .result = { 1, 1 }, .code = AXE_ERR_TRUNCATED },
	{ "expand: long source", AXE_OP_EXPAND, MASKED(8, 1), SRC("\1\2"), AUX("\1"), KEEPS(2),
	  .code = AXE_ERR_LENGTH },

	{ "extract: parquet", AXE_OP_EXTRACT, SCAN(3, 8, 3, 6), SRC(PARQUET), DST("\x63\x0d"),
	  .result = { 4 } },
	{ "extract: five", AXE_OP_EXTRACT, SCAN(5, 7, 2, 4), SRC(FIVE), DST("\x20\x26"),
	  .result = { 3 } },
	{ "extract: all", AXE_OP_EXTRACT, SCAN(5, 7, 0, 6), SRC("\xe1\x83\x98\x84\xff"), DST(FIVE),
	  .result = { 7 } },
	{ "extract: thirteen", AXE_OP_EXTRACT, SCAN(13, 5, 2, 3), SRC(THIRTEEN),
	  DST("\x00\x90\x0c\x00"), .result = { 2 } },
	{ "extract: behind", AXE_OP_EXTRACT, SCAN(5, 7, 2, 7), SRC(FIVE), KEEPS(8),
	  .code = AXE_ERR_PARAM },
	{ "extract: nothing", AXE_OP_EXTRACT, SCAN(5, 0, 0, 0), .code = AXE_ERR_PARAM },
};

UNIT_VECTORS(scan, scan);
