// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* LZ4 and Zstandard: against their own libraries. */

#include <lz4.h>
#include <lz4frame.h>
#include <zstd.h>

#include "ops.h"

#define PACK_ROOM(n)	((n) + (n) / 64 + 1024)
#define BLOCK_MAX	(4 * MIB)

static size_t unpack_lz4(const uint8_t *z, size_t len, size_t room)
{
	LZ4F_dctx *dctx;
	size_t in = len, n = room, left;

	assert_false(LZ4F_isError(LZ4F_createDecompressionContext(&dctx, LZ4F_VERSION)));
	left = LZ4F_decompress(dctx, scratch, &n, z, &in, NULL);
	LZ4F_freeDecompressionContext(dctx);
	demand(!left && in == len, "liblz4 reads %zu of %zu bytes: %s", in, len,
	       LZ4F_isError(left) ? LZ4F_getErrorName(left) : "not the end");
	return n;
}

static void check_lz4_compress(const struct operands *o)
{
	bool frame = o->seed & 1 || o->length > BLOCK_MAX;
	size_t room = PACK_ROOM(o->length);
	struct ibv_sge src = src_part(o, o->length), dst = dst_part(o, room);
	struct wc wc;
	long n;

	fill_text(src_p(o), o->length, o->seed);
	edges_set(dst_p(o), room);
	wc = run(&rig, lz4_compress, &dst, &src,
		 frame ? AXE_FORMAT_LZ4_FRAME : AXE_FORMAT_LZ4_BLOCK, 0);
	assert_done(wc);
	edges_check(dst_p(o), room, "lz4-compress");
	assert_int_equal(wc.result[1], o->length);
	if (frame)
		n = unpack_lz4(dst_p(o), wc.byte_len, o->length);
	else
		n = LZ4_decompress_safe((char *)dst_p(o), (char *)scratch, wc.byte_len, o->length);
	demand(n == (long)o->length, "liblz4 finds %ld bytes, not %zu", n, o->length);
	demand(!memcmp(scratch, src_p(o), o->length), "not what was compressed");
}

static void check_lz4_decompress(const struct operands *o)
{
	bool frame = o->seed & 1 || o->length > BLOCK_MAX;
	LZ4F_preferences_t prefs = {
		.frameInfo = {
			.blockSizeID = LZ4F_max64KB + o->seed % 4,
			.blockMode = o->seed & 2 ? LZ4F_blockLinked : LZ4F_blockIndependent,
			.contentChecksumFlag = LZ4F_contentChecksumEnabled,
			.blockChecksumFlag = o->seed & 4 ? LZ4F_blockChecksumEnabled : 0,
			.contentSize = o->seed & 8 ? o->length : 0,
		},
	};
	struct ibv_sge src, dst = dst_part(o, o->length);
	struct wc wc;
	size_t n;

	fill_text(scratch, o->length, o->seed);
	if (frame)
		n = LZ4F_compressFrame(src_p(o), o->src->size - o->src_at, scratch, o->length,
				       &prefs);
	else
		n = LZ4_compress_default((char *)scratch, (char *)src_p(o), o->length,
					 o->src->size - o->src_at);
	assert_false(!n || LZ4F_isError(n));
	src = src_part(o, n);
	edges_set(dst_p(o), o->length);
	wc = run(&rig, lz4_decompress, &dst, &src,
		 frame ? AXE_FORMAT_LZ4_FRAME : AXE_FORMAT_LZ4_BLOCK, 0, 0);
	assert_done(wc);
	edges_check(dst_p(o), o->length, "lz4-decompress");
	assert_int_equal(wc.byte_len, o->length);
	assert_int_equal(wc.result[1], n);
	demand(!memcmp(dst_p(o), scratch, o->length), "not what was compressed");
}

static void check_zstd_compress(const struct operands *o)
{
	int level = o->length > MIB ? 1 : o->seed % (AXE_ZSTD_LEVEL_MAX + 1);
	size_t room = PACK_ROOM(o->length), n;
	struct ibv_sge src = src_part(o, o->length), dst = dst_part(o, room);
	struct wc wc;

	fill_text(src_p(o), o->length, o->seed);
	edges_set(dst_p(o), room);
	wc = run(&rig, zstd_compress, &dst, &src, level, 0,
		 o->seed & 1 ? AXE_PACK_NO_CHECKSUM : 0);
	assert_done(wc);
	edges_check(dst_p(o), room, "zstd-compress");
	assert_int_equal(wc.result[1], o->length);
	n = ZSTD_decompress(scratch, o->length, dst_p(o), wc.byte_len);
	demand(n == o->length, "libzstd: %s",
	       ZSTD_isError(n) ? ZSTD_getErrorName(n) : "another length");
	demand(!memcmp(scratch, src_p(o), o->length), "not what was compressed");
	demand(o->length < 4096 || wc.byte_len < o->length * 3 / 4, "%u bytes of %zu",
	       wc.byte_len, o->length);
}

static void check_zstd_decompress(const struct operands *o)
{
	struct ibv_sge src, dst = dst_part(o, o->length);
	struct wc wc;
	size_t n;

	fill_text(scratch, o->length, o->seed);
	n = ZSTD_compress(src_p(o), o->src->size - o->src_at, scratch, o->length,
			  o->length > MIB ? 1 : 1 + o->seed % 15);
	assert_false(ZSTD_isError(n));
	src = src_part(o, n);
	edges_set(dst_p(o), o->length);
	wc = run(&rig, zstd_decompress, &dst, &src, 0, 0);
	assert_done(wc);
	edges_check(dst_p(o), o->length, "zstd-decompress");
	assert_int_equal(wc.byte_len, o->length);
	assert_int_equal(wc.result[1], n);
	demand(!memcmp(dst_p(o), scratch, o->length), "not what was compressed");
}

static const struct op_check pack[] = {
	{ AXE_OP_LZ4_COMPRESS, check_lz4_compress, .longest = 16 * MIB },
	{ AXE_OP_LZ4_DECOMPRESS, check_lz4_decompress, .longest = 16 * MIB },
	{ AXE_OP_ZSTD_COMPRESS, check_zstd_compress, .longest = 16 * MIB },
	{ AXE_OP_ZSTD_DECOMPRESS, check_zstd_decompress, .longest = 16 * MIB },
};
OP_CHECKS(pack, pack);
