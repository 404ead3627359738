// SPDX-License-Identifier: GPL-2.0
/*
 * Vectors for protection information. The guard of 512 bytes of zeros is 0 as a CRC
 * without inversions, and 0xffff by RFC 1071. What
 * else there is tests/unit/dif.c compares with a model.
 */
#include "vectors.h"

static const u8 zeros[1040];
/* Two blocks of 512 bytes, LBA 7, application tag 0x1234. */
static const u8 crc[1040] = {
	[514] = 0x12, 0x34, 0, 0, 0, 7, [1034] = 0x12, 0x34, 0, 0, 0, 8,
};
/* Likewise of type 3, with the other guard. */
static const u8 ip[1040] = {
	[512] = 0xff, 0xff, 0x12, 0x34, 0, 0, 0, 7, [1032] = 0xff, 0xff, 0x12, 0x34, 0, 0, 0, 7,
};
/* Not to be checked. */
static const u8 escaped[520] = { [0] = 1, [514] = 0xff, 0xff, 1, 2, 3, 4 };
static const u8 tuples[16] = { [2] = 0x12, 0x34, 0, 0, 0, 7, 0, 0, 0x12, 0x34, 0, 0, 0, 8 };

#define ALL	(AXE_DIF_CHECK_GUARD | AXE_DIF_CHECK_APP | AXE_DIF_CHECK_REF)
#define DIF(t, f, r, a, m)						\
	BLOCK(.dif = { .block = cpu_to_le16(512), .type = (t), .flags = (f),	\
		       .ref = cpu_to_le32(r), .app = cpu_to_le16(a), .app_mask = cpu_to_le16(m) })
#define PLAIN		.src = zeros, .src_len = 1024
#define TO(p, n)	.dst = zeros, .dst_len = (n), .want = (p), .done = (n)
#define TOLD(block, want, found)	.result = { block, (u64)(want) << 32 | (found) }

static const struct unit_vector dif[] = {
	{ "dif-insert: nothing", AXE_OP_DIF_INSERT, DIF(1, 0, 7, 0x1234, 0) },
	{ "dif-insert: crc", AXE_OP_DIF_INSERT, DIF(1, 0, 7, 0x1234, 0), PLAIN, TO(crc, 1040),
	  .result = { 2 } },
	{ "dif-insert: ip", AXE_OP_DIF_INSERT, DIF(3, AXE_DIF_GUARD_IP, 7, 0x1234, 0), PLAIN,
	  TO(ip, 1040), .result = { 2 } },
	{ "dif-insert: mask", AXE_OP_DIF_INSERT, DIF(1, 0, 7, 0x1234, 1),
	  .code = AXE_ERR_RESERVED },
	{ "dif-insert: length", AXE_OP_DIF_INSERT, DIF(1, 0, 7, 0, 0), .src = zeros,
	  .src_len = 511, .dst = zeros, .dst_len = 519, .code = AXE_ERR_LENGTH },

	{ "dif-verify: crc", AXE_OP_DIF_VERIFY, DIF(1, ALL, 7, 0x1234, 0xffff), .src = crc,
	  .src_len = 1040, .result = { 2 } },
	{ "dif-verify: guard", AXE_OP_DIF_VERIFY, DIF(1, ALL | AXE_DIF_GUARD_IP, 7, 0x1234, 0xffff),
	  .src = crc, .src_len = 1040, .code = AXE_ERR_DIF_GUARD, TOLD(0, 0xffff, 0) },
	{ "dif-verify: app", AXE_OP_DIF_VERIFY, DIF(2, ALL, 7, 0x1230, 0xfff), .src = crc,
	  .src_len = 1040, .code = AXE_ERR_DIF_APP, TOLD(0, 0x230, 0x234) },
	{ "dif-verify: ref", AXE_OP_DIF_VERIFY, DIF(1, ALL | AXE_DIF_GUARD_IP, 7, 0x1234, 0xffff),
	  .src = ip, .src_len = 1040, .code = AXE_ERR_DIF_REF, TOLD(1, 8, 7) },
	{ "dif-verify: type", AXE_OP_DIF_VERIFY, DIF(4, 0, 0, 0, 0), .code = AXE_ERR_PARAM },
	{ "dif-verify: type 3", AXE_OP_DIF_VERIFY, DIF(3, ALL, 0, 0, 0), .code = AXE_ERR_PARAM },
	{ "dif-verify: escape", AXE_OP_DIF_VERIFY, DIF(1, ALL, 0, 0, 0xffff), .src = escaped,
	  .src_len = 520, .result = { 1, 1 } },
	{ "dif-verify: no escape", AXE_OP_DIF_VERIFY,
	  DIF(3, AXE_DIF_CHECK_APP, 0, 0, 0xffff), .src = escaped, .src_len = 520,
	  .code = AXE_ERR_DIF_APP, TOLD(0, 0, 0xffff) },

	{ "dif-strip: crc", AXE_OP_DIF_STRIP, DIF(1, ALL, 7, 0x1234, 0xffff), .src = crc,
	  .src_len = 1040, TO(zeros, 1024), .result = { 2 } },

	{ "dif-update: crc to ip", AXE_OP_DIF_UPDATE, DIF(1, ALL, 7, 0x1234, 0xffff),
	  EXT(.dif = { .type = 3, .flags = AXE_DIF_GUARD_IP, .ref = cpu_to_le32(7) }),
	  .src = crc, .src_len = 1040, TO(ip, 1040), .result = { 2 } },
	{ "dif-update: keep", AXE_OP_DIF_UPDATE, DIF(1, ALL, 7, 0x1234, 0xffff),
	  EXT(.dif = { .type = 1, .flags = AXE_DIF_KEEP_GUARD | AXE_DIF_KEEP_REF }),
	  .src = crc, .src_len = 1040, TO(crc, 1040), .result = { 2 } },

	{ "dix-insert: crc", AXE_OP_DIX_INSERT, DIF(1, 0, 7, 0x1234, 0), PLAIN, .aux = zeros,
	  .aux_len = 16, .want_aux = tuples, .done = 16, .result = { 2 } },
	{ "dix-verify: crc", AXE_OP_DIX_VERIFY, DIF(1, ALL, 7, 0x1234, 0xffff), PLAIN,
	  .aux = tuples, .aux_len = 16, .result = { 2 } },
	{ "dix-verify: ref", AXE_OP_DIX_VERIFY, DIF(1, ALL, 6, 0x1234, 0xffff), PLAIN,
	  .aux = tuples, .aux_len = 16, .code = AXE_ERR_DIF_REF, TOLD(0, 6, 7) },
	{ "dix-verify: length", AXE_OP_DIX_VERIFY, DIF(1, ALL, 7, 0x1234, 0xffff), PLAIN,
	  .aux = tuples, .aux_len = 15, .code = AXE_ERR_LENGTH },
};
UNIT_VECTORS(dif, dif);
