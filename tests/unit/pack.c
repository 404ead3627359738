// SPDX-License-Identifier: GPL-2.0
/* LZ4 and Zstandard, against their own libraries' frames. */
#include <lz4.h>
#include <lz4frame.h>
#include <zstd.h>

#include <linux/minmax.h>
#include <linux/sizes.h>

#include "run.h"

#define ROOM(n)		((n) + (n) / 16 + 1024)

/**
 * struct kind - a format with what goes for it
 * @compress:	enum axe_opcode
 * @decompress:	enum axe_opcode
 * @format:	of both
 */
struct kind {
	enum axe_opcode compress;
	enum axe_opcode decompress;
	u8 format;
};

static const struct kind lz4_block = {
	AXE_OP_LZ4_COMPRESS, AXE_OP_LZ4_DECOMPRESS, AXE_FORMAT_LZ4_BLOCK,
};
static const struct kind lz4_frame = {
	AXE_OP_LZ4_COMPRESS, AXE_OP_LZ4_DECOMPRESS, AXE_FORMAT_LZ4_FRAME,
};
static const struct kind zstd = {
	AXE_OP_ZSTD_COMPRESS, AXE_OP_ZSTD_DECOMPRESS, AXE_FORMAT_ZSTD,
};
static const struct kind *const frames[] = { &lz4_frame, &zstd };

static struct axe_cmd pack_cmd(enum axe_opcode opcode, u8 format, u8 level, u32 flags)
{
	struct axe_cmd cmd = unit_cmd(opcode);

	cmd.op.pack.format = format;
	cmd.op.pack.level = level;
	cmd.op.pack.flags = cpu_to_le32(flags);
	return cmd;
}

/* Of @mode: text, noise, or zeros. */
static u8 *plain_of(unsigned int mode, size_t len)
{
	u8 *p;

	if (mode == 0)
		return unit_text(len);
	p = calloc(1, len + 1);
	assert_non_null(p);
	if (mode == 1)
		unit_random_bytes(p, len);
	return p;
}

/* What the format's own library makes of it. */
static void assert_unpacks(const struct kind *k, const u8 *z, size_t len, const u8 *plain,
			   size_t plain_len)
{
	u8 *out = malloc(plain_len + 1);
	size_t in = len, n = plain_len + 1;
	LZ4F_dctx *dctx;

	assert_non_null(out);
	if (k == &zstd) {
		n = ZSTD_decompress(out, n, z, len);
	} else if (k == &lz4_block) {
		n = LZ4_decompress_safe((const char *)z, (char *)out, len, n);
	} else {
		assert_false(LZ4F_isError(LZ4F_createDecompressionContext(&dctx, LZ4F_VERSION)));
		assert_int_equal(LZ4F_decompress(dctx, out, &n, z, &in, NULL), 0);
		assert_int_equal(in, len);
		LZ4F_freeDecompressionContext(dctx);
	}
	assert_int_equal(n, plain_len);
	assert_memory_equal(out, plain, plain_len);
	free(out);
}

/* Packed by the library, in one of the ways that it has. */
static u8 *packed_by_library(const struct kind *k, unsigned int way, const u8 *plain, size_t len,
			     size_t *packed)
{
	LZ4F_preferences_t prefs = {
		.frameInfo = {
			.blockSizeID = LZ4F_max64KB + way % 4,
			.blockMode = way & 4 ? LZ4F_blockIndependent : LZ4F_blockLinked,
			.contentChecksumFlag = !!(way & 8),
			.blockChecksumFlag = !!(way & 16),
			.contentSize = way & 32 ? len : 0,
		},
		.compressionLevel = way & 64 ? 9 : 0,
	};
	size_t room = 2 * ROOM(len);
	u8 *z = malloc(room);
	ZSTD_CCtx *cctx;

	assert_non_null(z);
	if (k == &zstd) {
		cctx = ZSTD_createCCtx();
		ZSTD_CCtx_setParameter(cctx, ZSTD_c_compressionLevel, way % 20);
		ZSTD_CCtx_setParameter(cctx, ZSTD_c_checksumFlag, way & 1);
		ZSTD_CCtx_setParameter(cctx, ZSTD_c_contentSizeFlag, way >> 1 & 1);
		ZSTD_CCtx_setParameter(cctx, ZSTD_c_windowLog, 10 + way % 10);
		*packed = ZSTD_compress2(cctx, z, room, plain, len);
		assert_false(ZSTD_isError(*packed));
		ZSTD_freeCCtx(cctx);
	} else if (k == &lz4_block) {
		*packed = LZ4_compress_default((const char *)plain, (char *)z, len, room);
	} else {
		*packed = LZ4F_compressFrame(z, room, plain, len, &prefs);
		assert_false(LZ4F_isError(*packed));
	}
	return z;
}

static void compress_one(const struct kind *k, unsigned int mode, size_t len, u8 level,
			 enum unit_cut src_cut, enum unit_cut dst_cut)
{
	u8 *plain = plain_of(mode, len), *z = malloc(ROOM(len));
	struct unit_run run = {
		.cmd = pack_cmd(k->compress, k->format, level,
				k != &lz4_block && len & 1 ? AXE_PACK_NO_CHECKSUM : 0),
		.src = plain, .src_len = len, .dst = z, .dst_len = ROOM(len),
		.src_cut = src_cut, .dst_cut = dst_cut,
	};

	assert_non_null(z);
	assert_int_equal(unit_run(&run), AXE_OK);
	assert_int_equal(run.result[1], len);
	assert_unpacks(k, z, run.done, plain, len);
	if (run.done) {
		run.dst_len = run.done - 1;
		assert_int_equal(unit_run(&run), AXE_ERR_FULL);
		run.dst_len = run.done + 1;
		assert_int_equal(unit_run(&run), AXE_OK);
	}
	free(z);
	free(plain);
}

static void decompress_one(const struct kind *k, unsigned int mode, size_t len, unsigned int way,
			   enum unit_cut src_cut, enum unit_cut dst_cut)
{
	u8 *plain = plain_of(mode, len), *out = malloc(len + 1);
	size_t packed;
	u8 *z = packed_by_library(k, way, plain, len, &packed);
	struct unit_run run = {
		.cmd = pack_cmd(k->decompress, k->format, 0, 0),
		.src = z, .src_len = packed, .dst = out, .dst_len = len,
		.src_cut = src_cut, .dst_cut = dst_cut,
	};

	/* Private memory of 8 MiB takes longer to fill than all else. */
	if (k == &zstd)
		run.cmd.op.pack.window = 19;
	else if (k == &lz4_frame)
		run.cmd.op.pack.window = 16 + 2 * (way % 4);
	assert_int_equal(unit_run(&run), AXE_OK);
	assert_int_equal(run.done, len);
	assert_int_equal(run.result[1], packed);
	assert_memory_equal(out, plain, len);
	if (len) {
		run.dst_len = len - 1;
		assert_int_equal(unit_run(&run), AXE_ERR_FULL);
	}
	if (k != &lz4_block) {
		run.dst_len = len;
		run.src_len = unit_random(packed);
		assert_int_equal(unit_run(&run), AXE_ERR_TRUNCATED);
		assert_int_equal(run.result[0], run.src_len);
	}
	free(z);
	free(out);
	free(plain);
}

static const size_t lengths[] = { 0, 1, 13, 300, 5000, 65536, 65537, 300001 };

static void all_lengths(const struct kind *k)
{
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++)
		for (unsigned int mode = 0; mode < 3; mode++)
			for_each_cut(cut) {
				if (cut == UNIT_BYTES && lengths[i] > 5000)
					continue;
				compress_one(k, mode, lengths[i], 0, cut, UNIT_RANDOM);
				compress_one(k, mode, lengths[i], 0, UNIT_RANDOM, cut);
				decompress_one(k, mode, lengths[i], unit_random(32) * 4, cut,
					       UNIT_RANDOM);
				decompress_one(k, mode, lengths[i], unit_random(32) * 4,
					       UNIT_RANDOM, cut);
			}
}

static void axe_lz4_exec__blocks(void **state)
{
	all_lengths(&lz4_block);
	compress_one(&lz4_block, 0, SZ_4M, 0, UNIT_WHOLE, UNIT_WHOLE);
	decompress_one(&lz4_block, 0, SZ_4M, 0, UNIT_WHOLE, UNIT_WHOLE);
}

static void axe_lz4_exec__frames(void **state)
{
	all_lengths(&lz4_frame);
	for (unsigned int way = 0; way < 128; way += 7)
		decompress_one(&lz4_frame, 0, 900001, way, UNIT_WHOLE, UNIT_WHOLE);
}

static void axe_zstd_exec__frames(void **state)
{
	all_lengths(&zstd);
	for (unsigned int level = 1; level <= AXE_ZSTD_LEVEL_MAX; level++) {
		compress_one(&zstd, 0, 300001, level, UNIT_WHOLE, UNIT_RANDOM);
		compress_one(&zstd, 0, 100, level, UNIT_WHOLE, UNIT_RANDOM);
	}
	for (unsigned int way = 0; way < 40; way += 3)
		decompress_one(&zstd, 0, 300001, way, UNIT_RANDOM, UNIT_RANDOM);
}

/* Both ways in parts: what a part leaves of its source is the start of the next. */
static size_t stream(struct unit_run *run, u32 finish, const u8 *in, size_t len, u8 *out,
		     size_t room, size_t src_step, size_t dst_step)
{
	size_t at = 0, done = 0;
	int idle = 0;

	do {
		run->src = in + at;
		run->src_len = min(src_step, len - at);
		run->dst = out + done;
		run->dst_len = min(dst_step, room - done);
		run->cmd.op.pack.flags = cpu_to_le32(AXE_PACK_STREAM |
						     (at + run->src_len == len ? finish : 0));
		run->src_cut = unit_random(UNIT_CUTS);
		unit_run(run);
		at += run->result[1];
		done += run->done;
		if (!run->done && !run->result[1])
			assert_true(++idle < 40);
		else
			idle = 0;
	} while (run->code == AXE_INFO_MORE);
	assert_int_equal(run->code, AXE_OK);
	assert_int_equal(at, len);
	assert_null(run->priv);
	return done;
}

static void stream_one(const struct kind *k, unsigned int mode, size_t len, size_t src_step,
		       size_t dst_step)
{
	u8 *plain = plain_of(mode, len), *z = malloc(ROOM(len)), *out = malloc(len + 1);
	struct unit_run run = { .cmd = pack_cmd(k->compress, k->format, 0, 0) };
	size_t n;

	n = stream(&run, AXE_PACK_FINISH, plain, len, z, ROOM(len), src_step, dst_step);
	assert_unpacks(k, z, n, plain, len);
	run.cmd = pack_cmd(k->decompress, k->format, 0, 0);
	assert_int_equal(stream(&run, 0, z, n, out, len, src_step, dst_step), len);
	assert_memory_equal(out, plain, len);
	free(z);
	free(out);
	free(plain);
}

static void axe_pack_exec__streams(void **state)
{
	static const size_t steps[] = { 1, 7, 100, 5000, 100000 };

	for (size_t k = 0; k < ARRAY_SIZE(frames); k++)
		for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
			for (size_t j = 0; j < ARRAY_SIZE(steps); j++)
				for (unsigned int mode = 0; mode < 3; mode++)
					stream_one(frames[k], mode,
						   steps[i] < 5000 || steps[j] < 100 ?
						   400 : 200001, steps[i],
						   steps[j]);
}

/* A stream without source or room gets nowhere, and does not go wrong either. */
static void axe_pack_exec__stream_stands_still(void **state)
{
	for (size_t k = 0; k < ARRAY_SIZE(frames); k++) {
		u8 *plain = plain_of(2, 100000), out[100];
		size_t n;
		u8 *z = packed_by_library(frames[k], 9, plain, 100000, &n);
		struct unit_run run = {
			.cmd = pack_cmd(frames[k]->decompress, frames[k]->format, 0,
					AXE_PACK_STREAM),
			.src = z, .src_len = n, .dst = out, .dst_len = sizeof(out),
		};
		size_t at = 0, done = 0;

		while (done < 100000) {
			run.src = z + at;
			run.src_len = n - at;
			run.dst_len = done / 100 % 3 == 1 ? 0 : sizeof(out);
			for (int i = 0; i < 40; i++) {
				assert_int_equal(unit_run(&run), AXE_INFO_MORE);
				at += run.result[1];
				done += run.done;
				if (run.done == 0)
					run.src_len = 0;
				else
					break;
				run.dst_len = i < 30 ? 0 : min(sizeof(out), 100000 - done);
			}
			if (done + sizeof(out) >= 100000)
				break;
		}
		unit_drop(&run);
		free(z);
		free(plain);
	}
}

/* Whatever is in it, it ends with a code that says so, in the same place however it is cut. */
static void corrupt_one(const struct kind *k, unsigned int way)
{
	static const u8 windows[] = { [AXE_OP_LZ4_DECOMPRESS] = 16, [AXE_OP_ZSTD_DECOMPRESS] = 17 };
	u8 *plain = plain_of(way % 3, 3000), *out = malloc(6000);
	size_t n, len = 3000;
	u8 *z = packed_by_library(k, way, plain, len, &n);
	struct unit_run run = {
		.cmd = pack_cmd(k->decompress, k->format, 0, 0),
		.src = z, .src_len = n, .dst = out, .dst_len = 6000,
	};
	u64 first[3];

	/* Less memory, more of them. */
	if (k != &lz4_block)
		run.cmd.op.pack.window = windows[k->decompress];
	for (unsigned int i = 0; i <= unit_random(3); i++)
		z[unit_random(n)] ^= 1 << unit_random(8);
	for_each_cut(cut) {
		run.src_cut = cut;
		run.dst_cut = unit_random(UNIT_CUTS);
		unit_run(&run);
		assert_true(run.code == AXE_OK || run.code == AXE_ERR_DATA ||
			    run.code == AXE_ERR_TRUNCATED || run.code == AXE_ERR_CHECKSUM ||
			    run.code == AXE_ERR_FULL);
		if (cut == UNIT_WHOLE) {
			first[0] = run.code;
			first[1] = run.result[0];
			first[2] = run.result[1];
		}
		assert_int_equal(run.code, first[0]);
		/* How far it had read when there was no room depends on the cuts. */
		if (run.code == AXE_ERR_FULL)
			continue;
		assert_int_equal(run.result[0], first[1]);
		assert_int_equal(run.result[1], first[2]);
		if (run.code != AXE_OK)
			assert_true(run.result[0] <= n);
	}
	free(z);
	free(out);
	free(plain);
}

static void axe_pack_exec__corrupt_data(void **state)
{
	for (unsigned int i = 0; i < 200; i++) {
		corrupt_one(&lz4_block, i);
		corrupt_one(&lz4_frame, i & ~3u);
		corrupt_one(&zstd, i);
	}
}

static void axe_pack_exec__wrong_checksum(void **state)
{
	for (size_t k = 0; k < ARRAY_SIZE(frames); k++) {
		u8 *plain = plain_of(0, 1000), out[1000];
		size_t n;
		u8 *z = packed_by_library(frames[k], 9, plain, 1000, &n);
		struct unit_run run = {
			.cmd = pack_cmd(frames[k]->decompress, frames[k]->format, 0, 0),
			.src = z, .src_len = n, .dst = out, .dst_len = 1000,
		};

		z[n - 1] ^= 1;
		assert_int_equal(unit_run(&run), AXE_ERR_CHECKSUM);
		assert_int_equal(run.result[0], n - 4);
		free(z);
		free(plain);
	}
}

static void assert_refused(struct axe_cmd cmd, enum axe_code code)
{
	assert_int_equal(unit_check(&cmd, NULL), code);
}

static void axe_pack_check__bad_blocks(void **state)
{
	struct axe_cmd cmd;

	assert_refused(pack_cmd(AXE_OP_LZ4_COMPRESS, 2, 0, 0), AXE_ERR_PARAM);
	assert_refused(pack_cmd(AXE_OP_LZ4_DECOMPRESS, 2, 0, 0), AXE_ERR_PARAM);
	assert_refused(pack_cmd(AXE_OP_LZ4_COMPRESS, 1, 1, 0), AXE_ERR_RESERVED);
	assert_refused(pack_cmd(AXE_OP_LZ4_COMPRESS, 0, 0, AXE_PACK_STREAM), AXE_ERR_RESERVED);
	assert_refused(pack_cmd(AXE_OP_LZ4_DECOMPRESS, 1, 0, AXE_PACK_FINISH), AXE_ERR_RESERVED);
	assert_refused(pack_cmd(AXE_OP_LZ4_COMPRESS, 1, 0, AXE_PACK_FINISH), AXE_ERR_PARAM);
	assert_refused(pack_cmd(AXE_OP_ZSTD_COMPRESS, 1, 0, 0), AXE_ERR_PARAM);
	assert_refused(pack_cmd(AXE_OP_ZSTD_COMPRESS, 0, 13, 0), AXE_ERR_PARAM);
	assert_refused(pack_cmd(AXE_OP_ZSTD_COMPRESS, 0, 1, 16), AXE_ERR_RESERVED);
	assert_refused(pack_cmd(AXE_OP_ZSTD_DECOMPRESS, 0, 1, 0), AXE_ERR_RESERVED);
	assert_refused(pack_cmd(AXE_OP_ZSTD_DECOMPRESS, 0, 0, AXE_PACK_RESTART), AXE_ERR_PARAM);

	cmd = pack_cmd(AXE_OP_ZSTD_DECOMPRESS, 0, 0, AXE_PACK_STREAM);
	cmd.op.pack.window = AXE_PACK_STREAM_WINDOW;
	assert_refused(cmd, AXE_OK);
	cmd.op.pack.window = AXE_ZSTD_WINDOW_MAX;
	assert_refused(cmd, AXE_OK);
	cmd.op.pack.window++;
	assert_refused(cmd, AXE_ERR_PARAM);
	cmd.op.pack.flags = 0;
	assert_refused(cmd, AXE_ERR_PARAM);
	cmd = pack_cmd(AXE_OP_LZ4_DECOMPRESS, 1, 0, 0);
	cmd.op.pack.window = 17;
	assert_refused(cmd, AXE_ERR_PARAM);
	cmd.op.pack.window = 0;
	cmd.op.pack.reserved1[7] = 1;
	assert_refused(cmd, AXE_ERR_RESERVED);
	cmd = pack_cmd(AXE_OP_LZ4_COMPRESS, 0, 0, 0);
	cmd.src.length = cpu_to_le32(SZ_4M + 1);
	assert_refused(cmd, AXE_ERR_LENGTH);
	cmd = pack_cmd(AXE_OP_LZ4_DECOMPRESS, 0, 0, 0);
	cmd.dst.length = cpu_to_le32(SZ_4M + 1);
	assert_refused(cmd, AXE_ERR_LENGTH);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(axe_lz4_exec__blocks),
	cmocka_unit_test(axe_lz4_exec__frames),
	cmocka_unit_test(axe_zstd_exec__frames),
	cmocka_unit_test(axe_pack_exec__streams),
	cmocka_unit_test(axe_pack_exec__stream_stands_still),
	cmocka_unit_test(axe_pack_exec__corrupt_data),
	cmocka_unit_test(axe_pack_exec__wrong_checksum),
	cmocka_unit_test(axe_pack_check__bad_blocks),
};

int main(void)
{
	return unit_main("pack", tests, ARRAY_SIZE(tests));
}
