// SPDX-License-Identifier: GPL-2.0
/*
 * Data movement. Evident, and delta records put together by hand from the text of the
 * Data Streaming Accelerator's specification, "Create Delta Record": 16 bits of offset,
 * in units of 8 bytes, and the 8 bytes, both little endian.
 */
#include "vectors.h"

#define NOTHING		(~0ULL)

static const u8 zeros[64];

static const char original[] = "the old worm has a new home here";
static const char modified[] = "the old word has a new hole here";
/* Words 1 and 3. */
static const char record[] = "\1\0" "word has" "\3\0" "ole here";

static const struct unit_vector move[] = {
	{ "dualcast: nothing", AXE_OP_DUALCAST },
	{ "dualcast: text", AXE_OP_DUALCAST, SRC("to both"), .dst = zeros, .dst_len = 7,
	  .aux = zeros, .aux_len = 7, .want = "to both", .want_aux = "to both", .done = 7 },
	{ "dualcast: short", AXE_OP_DUALCAST, SRC("to both"), .dst = zeros, .dst_len = 6,
	  .aux = zeros, .aux_len = 7, .want_aux = zeros, .code = AXE_ERR_LENGTH },
	{ "dualcast: one", AXE_OP_DUALCAST, SRC("to both"), .dst = zeros, .dst_len = 7,
	  .code = AXE_ERR_LENGTH },

	{ "compare_pattern: nothing", AXE_OP_COMPARE_PATTERN,
	  BLOCK(.fill = { .pattern = "x", .size = 1 }), .result = { NOTHING } },
	{ "compare_pattern: zeros", AXE_OP_COMPARE_PATTERN, BLOCK(.fill = { .size = 1 }),
	  .src = zeros, .src_len = 64, .done = 64, .result = { NOTHING } },
	{ "compare_pattern: 3", AXE_OP_COMPARE_PATTERN,
	  BLOCK(.fill = { .pattern = "abc", .size = 3 }), SRC("abcabcabcabcabca"),
	  .done = 16, .result = { NOTHING } },
	{ "compare_pattern: 8", AXE_OP_COMPARE_PATTERN,
	  BLOCK(.fill = { .pattern = "12345678", .size = 8 }), SRC("1234567812345778"),
	  .done = 13, .result = { 13 } },
	{ "compare_pattern: at once", AXE_OP_COMPARE_PATTERN,
	  BLOCK(.fill = { .pattern = "ab", .size = 2 }), SRC("b"), .result = { 0 } },

	{ "delta_create: nothing", AXE_OP_DELTA_CREATE },
	{ "delta_create: same", AXE_OP_DELTA_CREATE, .src = original, .src_len = 32,
	  .aux = original, .aux_len = 32, .result = { 0, 32 } },
	{ "delta_create: text", AXE_OP_DELTA_CREATE, .src = original, .src_len = 32,
	  .aux = modified, .aux_len = 32, .dst = zeros, .dst_len = 40, .want = record,
	  .done = 20, .result = { 1, 32 } },
	{ "delta_create: full", AXE_OP_DELTA_CREATE, .src = original, .src_len = 32,
	  .aux = modified, .aux_len = 32, .dst = zeros, .dst_len = 19, .want = record,
	  .done = 10, .result = { 1, 24 }, .code = AXE_ERR_FULL },
	{ "delta_create: length", AXE_OP_DELTA_CREATE, .src = original, .src_len = 31,
	  .aux = modified, .aux_len = 31, .code = AXE_ERR_LENGTH },
	{ "delta_create: lengths", AXE_OP_DELTA_CREATE, .src = original, .src_len = 32,
	  .aux = modified, .aux_len = 24, .code = AXE_ERR_LENGTH },

	{ "delta_apply: nothing", AXE_OP_DELTA_APPLY },
	{ "delta_apply: no entry", AXE_OP_DELTA_APPLY, .dst = original, .dst_len = 32 },
	{ "delta_apply: text", AXE_OP_DELTA_APPLY, SRC(record), .dst = original, .dst_len = 32,
	  .want = modified, .done = 16 },
	{ "delta_apply: beyond", AXE_OP_DELTA_APPLY, SRC(record), .dst = original, .dst_len = 24,
	  .want = modified, .done = 8, .result = { 10 }, .code = AXE_ERR_DATA },
	{ "delta_apply: back", AXE_OP_DELTA_APPLY, SRC("\1\0" "AAAAAAAA" "\0\0" "BBBBBBBB"),
	  .dst = "................", .dst_len = 16, .want = "........AAAAAAAA", .done = 8,
	  .result = { 10 }, .code = AXE_ERR_DATA },
	{ "delta_apply: twice", AXE_OP_DELTA_APPLY, SRC("\0\0" "AAAAAAAA" "\0\0" "BBBBBBBB"),
	  .dst = "................", .dst_len = 16, .want = "AAAAAAAA........", .done = 8,
	  .result = { 10 }, .code = AXE_ERR_DATA },
	{ "delta_apply: half an entry", AXE_OP_DELTA_APPLY, .src = record, .src_len = 19,
	  .dst = original, .dst_len = 32, .code = AXE_ERR_LENGTH },
	{ "delta_apply: half a word", AXE_OP_DELTA_APPLY, SRC(record),
	  .dst = original, .dst_len = 31, .code = AXE_ERR_LENGTH },

	/* Any cut of the operand is a list. */
	{ "gather: nothing", AXE_OP_GATHER },
	{ "gather: text", AXE_OP_GATHER, SRC("from many"), .dst = zeros, .dst_len = 12,
	  .want = "from many", .done = 9 },
	{ "gather: full", AXE_OP_GATHER, SRC("from many"), .dst = zeros, .dst_len = 6,
	  .want = "from m", .done = 6, .code = AXE_ERR_FULL },

	{ "scatter: nothing", AXE_OP_SCATTER },
	{ "scatter: text", AXE_OP_SCATTER, SRC("to many"), .dst = zeros, .dst_len = 12,
	  .want = "to many", .done = 7 },
	{ "scatter: full", AXE_OP_SCATTER, SRC("to many"), .dst = zeros, .dst_len = 3,
	  .want = "to ", .done = 3, .code = AXE_ERR_FULL },
};

UNIT_VECTORS(move, move);
