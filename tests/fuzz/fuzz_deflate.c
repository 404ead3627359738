// SPDX-License-Identifier: GPL-2.0
/*
 * What compress makes of any bytes, zlib's own inflate() takes apart again; into
 * a destination of exactly its size and into one that is a byte too small.
 *
 * Input: format, level, flags, how operands are cut, the bytes.
 */
#include <linux/minmax.h>

#include "fuzz.h"
#include "packed.h"

/* Of what was made without an end: a last block, of nothing. */
static size_t append_end(u8 *packed, size_t len, u8 format)
{
	if (format == AXE_FORMAT_RAW) {
		packed[len] = 3;
		packed[len + 1] = 0;
		len += 2;
	}
	return len;
}

static void unpack(u8 *packed, size_t len, const u8 *plain, size_t plain_len, bool final, u8 format)
{
	static const int wbits[] = { -15, 15, 31 };
	z_stream zs = { .next_in = packed, .avail_in = len };
	u8 *out = fuzz_alloc(plain_len + 1);
	int err;

	zs.next_out = out;
	zs.avail_out = plain_len + 1;
	fuzz_check(inflateInit2(&zs, wbits[format]) == Z_OK, "zlib");
	err = inflate(&zs, Z_SYNC_FLUSH);
	if (final || format == AXE_FORMAT_RAW)
		fuzz_check(err == Z_STREAM_END, "zlib says %d, %s", err, zs.msg);
	else
		fuzz_check(err == Z_OK || err == Z_BUF_ERROR, "zlib says %d, %s", err, zs.msg);
	fuzz_check(zs.total_out == plain_len && !zs.avail_in, "%lu bytes of %zu", zs.total_out,
		   plain_len);
	fuzz_check(!plain_len || !memcmp(out, plain, plain_len), "other bytes");
	inflateEnd(&zs);
	free(out);
}

/* Into this much room. Returns what it made. */
static u8 *compress_into(struct unit_run *run, size_t room)
{
	/* (And two bytes for append_end().) */
	run->dst = fuzz_alloc(room);
	run->dst_len = room;
	unit_run(run);
	return run->dst;
}

static void round_trip(struct unit_run *run, u8 format, bool final)
{
	size_t bound = run->src_len + run->src_len / 100 + 1000, len;
	u8 *packed = compress_into(run, bound);

	fuzz_check(run->code == AXE_OK, "%d with %zu bytes of room for %zu", run->code, bound,
		   run->src_len);
	fuzz_check(run->result[1] == run->src_len, "%llu bytes used",
		   (unsigned long long)run->result[1]);
	fuzz_check(run->result[0] == sum_of(format, run->src, run->src_len), "the checksum");
	len = run->done;
	if (!final)
		len = append_end(packed, len, format);
	unpack(packed, len, run->src, run->src_len, final, format);
	free(packed);
}

/* A destination that is just large enough, and one that is not. */
static void tight(struct unit_run *run)
{
	size_t len = run->done;

	free(compress_into(run, len));
	fuzz_check(run->code == AXE_OK && run->done == len, "%d, %llu bytes of %zu", run->code,
		   (unsigned long long)run->done, len);
	if (!len)
		return;
	free(compress_into(run, len - 1));
	fuzz_check(run->code == AXE_ERR_FULL && run->done == len - 1, "%d, %llu bytes of %zu - 1",
		   run->code, (unsigned long long)run->done, len);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_in in = { data, size };
	struct unit_run run = { .cmd = unit_cmd(AXE_OP_COMPRESS) };
	u8 format = fuzz_u8(&in) % 3, level = fuzz_u8(&in) % 10;
	u8 flags = fuzz_u8(&in), cuts = fuzz_u8(&in), *src;

	unit_seed(fuzz_hash(data, size));
	run.cmd.op.deflate.format = format;
	run.cmd.op.deflate.level = level;
	run.cmd.op.deflate.flags = cpu_to_le32(flags & AXE_DEFLATE_NO_FINAL);
	src = fuzz_alloc(in.left);
	if (in.left)
		memcpy(src, in.p, in.left);
	run.src = src;
	run.src_len = in.left;
	/* Cut at random, it would not be cut the same way twice. */
	run.src_cut = cuts % UNIT_RANDOM;
	run.dst_cut = cuts / UNIT_RANDOM % UNIT_RANDOM;
	round_trip(&run, format, !(flags & AXE_DEFLATE_NO_FINAL));
	tight(&run);
	free(src);
	return 0;
}
