// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes at all as a packed stream: decompressing them gives what zlib's own
 * inflate() gives, byte for byte, and the same verdict; in one command with a
 * destination of any size, and in a stream of commands.
 *
 * Input: format, how operands are cut, size of the destination (2), the bytes.
 */
#include <linux/minmax.h>

#include "fuzz.h"
#include "packed.h"

#define PLAIN_MAX	(256 * 1024)

enum verdict { FINE, BAD, MISMATCH, SHORT, LONG };

/* What zlib makes of it. */
struct oracle {
	enum verdict verdict;
	const u8 *plain;
	size_t len;
	size_t used;
};

/* Those who look at bytes one by one notice before the header is complete. */
static bool is_header_cut(u8 format, size_t len)
{
	static const size_t header[] = { 0, 2, 10 };

	return len < header[format];
}

static enum verdict verdict_of(int err, const char *msg)
{
	if (err == Z_STREAM_END)
		return FINE;
	if (err == Z_NEED_DICT)
		return BAD;
	if (err != Z_DATA_ERROR)
		return SHORT;
	return !strcmp(msg, "incorrect data check") || !strcmp(msg, "incorrect length check") ||
	       !strcmp(msg, "header crc mismatch") ? MISMATCH : BAD;
}

static void ask_zlib(struct oracle *o, u8 format, const u8 *data, size_t len)
{
	static const int wbits[] = { -15, 15, 31 };
	static u8 nothing, plain[PLAIN_MAX];
	z_stream zs = { .next_in = len ? (u8 *)data : &nothing, .avail_in = len };
	int err;

	o->plain = plain;
	zs.next_out = plain;
	zs.avail_out = PLAIN_MAX;
	fuzz_check(inflateInit2(&zs, wbits[format]) == Z_OK, "zlib");
	err = inflate(&zs, Z_NO_FLUSH);
	o->verdict = zs.avail_out ? verdict_of(err, zs.msg) : LONG;
	/* What has a dictionary is refused by its header, whether that is there or not. */
	if (format == AXE_FORMAT_ZLIB && len >= 2 && o->verdict == SHORT && data[1] & 0x20)
		o->verdict = BAD;
	/* zlib looks at the first half of gzip's trailer before the second is there. */
	if (format == AXE_FORMAT_GZIP && o->verdict == MISMATCH && zs.total_in + 4 > len &&
	    !strcmp(zs.msg, "incorrect data check"))
		o->verdict = SHORT;
	o->len = PLAIN_MAX - zs.avail_out;
	o->used = zs.total_in;
	inflateEnd(&zs);
}

static bool agrees(const struct oracle *o, int code)
{
	switch (o->verdict) {
	case FINE:
		return code == AXE_OK;
	case BAD:
		return code == AXE_ERR_DATA;
	case MISMATCH:
		return code == AXE_ERR_CHECKSUM;
	case SHORT:
		return code == AXE_ERR_TRUNCATED;
	default:
		return false;
	}
}

static void check_verdict(const struct oracle *o, const struct unit_run *run, u8 format)
{
	if (run->dst_len < o->len) {
		fuzz_check(run->code == AXE_ERR_FULL, "%d, not FULL", run->code);
		return;
	}
	/* At the very end of its room it need not see what comes behind. */
	if (run->code == AXE_ERR_FULL && run->dst_len == o->len && o->verdict != FINE)
		return;
	if (run->code == AXE_ERR_DATA && o->verdict == SHORT && is_header_cut(format, run->src_len))
		return;
	fuzz_check(agrees(o, run->code), "%d where zlib says %d", run->code, o->verdict);
}

static void whole(const struct oracle *o, struct unit_run run, size_t size)
{
	u8 format = run.cmd.op.deflate.format;

	run.dst = fuzz_alloc(size);
	run.dst_len = size;
	unit_run(&run);
	check_verdict(o, &run, format);
	fuzz_check(run.done <= size && run.done <= o->len, "%llu bytes of %zu",
		   (unsigned long long)run.done, o->len);
	fuzz_check(!run.done || !memcmp(run.dst, o->plain, run.done), "other bytes than zlib's");
	fuzz_check(run.result[1] <= run.src_len, "more used than there is");
	if (run.code == AXE_OK) {
		fuzz_check(run.done == o->len && run.result[1] == o->used, "%llu of %zu, %llu of %zu",
			   (unsigned long long)run.done, o->len,
			   (unsigned long long)run.result[1], o->used);
		fuzz_check(run.result[0] == sum_of(format, run.dst, run.done), "the checksum");
	}
	free(run.dst);
}

/* One command of a stream. Returns whether there is more to come. */
static bool part(const struct oracle *o, struct unit_run *run, size_t *in, size_t *out, size_t end)
{
	const u8 *data = run->src;
	u8 *dst;

	run->src = data + *in;
	run->src_len = min((size_t)unit_random(unit_random(2) ? 8 : 700), end - *in);
	run->dst_len = unit_random(unit_random(2) ? 8 : 5000);
	dst = fuzz_alloc(run->dst_len);
	run->dst = dst;
	unit_run(run);
	fuzz_check(run->done <= o->len - *out, "more than zlib's %zu", o->len);
	fuzz_check(!run->done || !memcmp(dst, o->plain + *out, run->done), "other bytes");
	fuzz_check(run->result[1] <= run->src_len, "more used than there is");
	*out += run->done;
	*in += run->result[1];
	run->src = data;
	free(dst);
	return run->code == AXE_INFO_MORE;
}

static void stream(const struct oracle *o, struct unit_run run, size_t len)
{
	unsigned int idle = 0;
	size_t in = 0, out = 0;

	run.cmd.op.deflate.flags = cpu_to_le32(AXE_DEFLATE_STREAM);
	while (part(o, &run, &in, &out, len)) {
		idle = run.done || run.result[1] ? 0 : idle + 1;
		/* All of it was read, and with room nothing more comes out. */
		if (in == len && idle > 64)
			break;
		fuzz_check(idle < 10000, "it stands still at %zu of %zu", in, len);
	}
	if (run.code == AXE_INFO_MORE) {
		fuzz_check(o->verdict == SHORT && out == o->len, "it ends at %zu of %zu", out, o->len);
	} else if (run.code != AXE_ERR_DATA || o->verdict != SHORT ||
		   !is_header_cut(run.cmd.op.deflate.format, len)) {
		fuzz_check(agrees(o, run.code), "%d where zlib says %d", run.code, o->verdict);
		fuzz_check(out == o->len, "%zu bytes of %zu", out, o->len);
	}
	unit_drop(&run);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_in in = { data, size };
	struct unit_run run = { .cmd = inflate_cmd(fuzz_u8(&in) % 3, 0) };
	u8 cuts = fuzz_u8(&in), *src;
	size_t room = fuzz_u16(&in);
	struct oracle o;

	unit_seed(fuzz_hash(data, size));
	src = fuzz_alloc(in.left);
	if (in.left)
		memcpy(src, in.p, in.left);
	run.src = src;
	run.src_len = in.left;
	run.src_cut = cuts % UNIT_CUTS;
	run.dst_cut = cuts / UNIT_CUTS % UNIT_CUTS;
	ask_zlib(&o, run.cmd.op.deflate.format, src, in.left);
	if (o.verdict != LONG) {
		whole(&o, run, room % 8 ? o.len : room);
		if (cuts & 0x80)
			stream(&o, run, in.left);
	}
	free(src);
	return 0;
}
