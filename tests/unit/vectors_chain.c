// SPDX-License-Identifier: GPL-2.0
/* Chains of a few operations, whose results others say. */
#include "files.h"
#include "vectors.h"

#define STAGE(...)	{ .cmd = { __VA_ARGS__ } }
#define OP(op)		.opcode = cpu_to_le16(op)
#define AUX(list)	.aux = (list), .aux_len = sizeof(list)

static const struct axe_stage copy_crc[] = {
	STAGE(OP(AXE_OP_COPY)),
	STAGE(OP(AXE_OP_CRC32)),
};

static const struct axe_stage crc_crc32c_copy[] = {
	STAGE(OP(AXE_OP_CRC32)),
	STAGE(OP(AXE_OP_CRC32C)),
	STAGE(OP(AXE_OP_COPY)),
};

static const struct axe_stage crc_alone[] = { STAGE(OP(AXE_OP_CRC32)) };

static const struct axe_stage gunzip_crc[] = {
	STAGE(OP(AXE_OP_DECOMPRESS), .op.deflate.format = AXE_FORMAT_GZIP),
	STAGE(OP(AXE_OP_CRC32)),
};

static const struct axe_stage crc_gzip_gunzip_crc[] = {
	STAGE(OP(AXE_OP_CRC32)),
	STAGE(OP(AXE_OP_COMPRESS), .op.deflate.format = AXE_FORMAT_GZIP),
	STAGE(OP(AXE_OP_DECOMPRESS), .op.deflate.format = AXE_FORMAT_GZIP),
	STAGE(OP(AXE_OP_CRC32)),
};

static const struct axe_stage nop_inside[] = {
	STAGE(OP(AXE_OP_COPY)),
	STAGE(OP(AXE_OP_NOP)),
};

static const u8 room[192];

static const struct unit_vector chains[] = {
	{ "chain: copy, crc32", AXE_OP_CHAIN, SRC("123456789"), .dst = room, .dst_len = 9,
	  AUX(copy_crc), .want = "123456789", .done = 9, .result = { 0xcbf43926 } },
	{ "chain: nothing", AXE_OP_CHAIN, AUX(copy_crc), .result = { 0 } },
	{ "chain: crc32, crc32c, copy", AXE_OP_CHAIN, SRC("123456789"), .dst = room,
	  .dst_len = 100, AUX(crc_crc32c_copy), .want = "123456789", .done = 9,
	  .result = { 0xe3069283 } },
	{ "chain: one", AXE_OP_CHAIN, SRC("a"), .dst = room, .dst_len = 1, AUX(crc_alone),
	  .want = "a", .done = 1, .result = { 0xe8b7be43 } },
	{ "chain: gunzip, crc32", AXE_OP_CHAIN, .src = file_gzip, .src_len = sizeof(file_gzip),
	  .dst = room, .dst_len = 192, AUX(gunzip_crc), .want = file_plain, .done = 192,
	  .result = { FILE_PLAIN_CRC32 } },
	/* What follows the first member is passed over, as by the operation alone. */
	{ "chain: bgzip, crc32", AXE_OP_CHAIN, .src = file_bgzip, .src_len = sizeof(file_bgzip),
	  .dst = room, .dst_len = 192, AUX(gunzip_crc), .want = file_plain, .done = 192,
	  .result = { FILE_PLAIN_CRC32 } },
	{ "chain: there and back", AXE_OP_CHAIN, SRC(file_plain), .dst = room, .dst_len = 192,
	  AUX(crc_gzip_gunzip_crc), .want = file_plain, .done = 192,
	  .result = { FILE_PLAIN_CRC32 } },
	{ "chain: no room", AXE_OP_CHAIN, SRC("123456789"), .dst = room, .dst_len = 8,
	  AUX(copy_crc), .want = "12345678", .done = 8, .code = AXE_ERR_FULL },
	{ "chain: of what cannot be chained", AXE_OP_CHAIN, SRC("a"), .dst = room, .dst_len = 1,
	  AUX(nop_inside), .code = AXE_ERR_PARAM },
};

UNIT_VECTORS(chain, chains);
