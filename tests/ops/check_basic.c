// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* What was there first: against zlib and a CRC-32C of our own. */

#include <zlib.h>

#include "ops.h"

static void check_nop(const struct operands *o)
{
	struct wc wc = run(&rig, nop);

	assert_done(wc);
	assert_int_equal(wc.byte_len, 0);
}

static void check_copy(const struct operands *o)
{
	struct ibv_sge src = part(o->src, o->src_at, o->length);
	struct ibv_sge dst = part(o->dst, o->dst_at, o->length);
	struct wc wc;

	fill_noise(o->src->p + o->src_at, o->length, o->seed);
	edges_set(o->dst->p + o->dst_at, o->length);
	wc = run(&rig, copy, &dst, &src);
	assert_done(wc);
	assert_int_equal(wc.byte_len, o->length);
	demand(!memcmp(o->dst->p + o->dst_at, o->src->p + o->src_at, o->length),
	       "copy of %zu bytes from %zu to %zu", o->length, o->src_at, o->dst_at);
	edges_check(o->dst->p + o->dst_at, o->length, "copy");
}

/* The pattern at the start, and then each byte as the one a pattern before. */
static bool is_filled(const uint8_t *p, size_t length, const uint8_t *pattern, size_t size)
{
	if (length <= size)
		return !memcmp(p, pattern, length);
	return !memcmp(p, pattern, size) && !memcmp(p + size, p, length - size);
}

static void check_fill(const struct operands *o)
{
	struct ibv_sge dst = part(o->dst, o->dst_at, o->length);
	uint8_t *p = o->dst->p + o->dst_at;
	uint8_t pattern[8];
	struct wc wc;
	size_t size;

	fill_noise(pattern, sizeof(pattern), o->seed);
	for (size = 1; size <= 8; size++) {
		edges_set(p, o->length);
		wc = run(&rig, fill, &dst, pattern, size);
		assert_done(wc);
		assert_int_equal(wc.byte_len, o->length);
		demand(is_filled(p, o->length, pattern, size), "fill of %zu bytes with %zu",
		       o->length, size);
		edges_check(p, o->length, "fill");
		/* Long ones: once is enough. */
		if (o->length > MIB)
			size += 4;
	}
}

static void check_compare(const struct operands *o)
{
	struct ibv_sge src = part(o->src, o->src_at, o->length);
	struct ibv_sge dst = part(o->dst, o->dst_at, o->length);
	uint8_t *a = o->src->p + o->src_at, *b = o->dst->p + o->dst_at;
	size_t places[] = { 0, o->length / 3, o->length - 1 };
	struct wc wc;
	size_t i;

	fill_noise(a, o->length, o->seed);
	memcpy(b, a, o->length);
	/* The difference is within, not around. */
	a[-1] = 1, b[-1] = 2, a[o->length] = 3, b[o->length] = 4;
	wc = run(&rig, compare, &src, &dst);
	assert_done(wc);
	demand(wc.result[0] == UINT64_MAX, "equal, but different at %#llx",
	       (unsigned long long)wc.result[0]);

	/* Of a long one, at the end only. */
	for (i = o->length > MIB ? 2 : 0; o->length && i < ARRAY_SIZE(places); i++) {
		b[places[i]] ^= 0x10;
		wc = run(&rig, compare, &src, &dst);
		assert_done(wc);
		demand(wc.result[0] == places[i], "different at %zu, not at %#llx", places[i],
		       (unsigned long long)wc.result[0]);
		b[places[i]] ^= 0x10;
	}
}

static void check_crc32(const struct operands *o)
{
	struct ibv_sge src = part(o->src, o->src_at, o->length);
	uint8_t *p = o->src->p + o->src_at;
	struct wc wc;

	fill_noise(p, o->length, o->seed);
	wc = run(&rig, crc32, &src, 0);
	assert_done(wc);
	assert_int_equal(wc.result[0], crc32_z(0, p, o->length));
	/* Long ones: once is enough. */
	if (o->length > MIB)
		return;
	wc = run(&rig, crc32, &src, 0xdeadbeef);
	assert_done(wc);
	assert_int_equal(wc.result[0], crc32_z(0xdeadbeef, p, o->length));
}

static void check_crc32c(const struct operands *o)
{
	struct ibv_sge src = part(o->src, o->src_at, o->length);
	uint8_t *p = o->src->p + o->src_at;
	struct wc wc;

	fill_noise(p, o->length, o->seed);
	wc = run(&rig, crc32c, &src, 0);
	assert_done(wc);
	assert_int_equal(wc.result[0], crc32c(0, p, o->length));
	if (o->length > MIB)
		return;
	wc = run(&rig, crc32c, &src, 0xdeadbeef);
	assert_done(wc);
	assert_int_equal(wc.result[0], crc32c(0xdeadbeef, p, o->length));
}

static void check_compress(const struct operands *o)
{
	int format = o->seed % 3, level = o->length > MIB ? 1 : o->seed % 9 + 1;
	size_t room = DEFLATE_ROOM(o->length);
	struct ibv_sge src = part(o->src, o->src_at, o->length);
	struct ibv_sge dst = part(o->dst, o->dst_at, room);
	uint8_t *p = o->src->p + o->src_at, *z = o->dst->p + o->dst_at;
	struct wc wc;
	long n;

	fill_text(p, o->length, o->seed);
	edges_set(z, room);
	wc = run(&rig, compress, &dst, &src, format, level, 0);
	assert_done(wc);
	edges_check(z, room, "compress");
	assert_int_equal(wc.result[0], zlib_sum(format, p, o->length));
	assert_int_equal(wc.result[1], o->length);
	n = zlib_inflate(format, scratch, o->length, z, wc.byte_len);
	demand(n == (long)o->length, "zlib finds %ld bytes, not %zu", n, o->length);
	demand(!memcmp(scratch, p, o->length), "not what was compressed");
	demand(o->length < 4096 || wc.byte_len < o->length * 3 / 4, "%u bytes of %zu",
	       wc.byte_len, o->length);
}

static void check_decompress(const struct operands *o)
{
	int format = o->seed % 3, level = o->length > MIB ? 1 : o->seed % 10;
	struct ibv_sge src, dst = part(o->dst, o->dst_at, o->length);
	uint8_t *p = o->dst->p + o->dst_at, *z = o->src->p + o->src_at;
	struct wc wc;
	size_t n;

	fill_text(scratch, o->length, o->seed);
	n = zlib_deflate(format, level, z, o->src->size - o->src_at, scratch, o->length);
	assert_int_not_equal(n, 0);
	src = part(o->src, o->src_at, n);
	edges_set(p, o->length);
	wc = run(&rig, decompress, &dst, &src, format, 0);
	assert_done(wc);
	edges_check(p, o->length, "decompress");
	assert_int_equal(wc.byte_len, o->length);
	assert_int_equal(wc.result[0], zlib_sum(format, p, o->length));
	assert_int_equal(wc.result[1], n);
	demand(!memcmp(p, scratch, o->length), "not what was compressed");
}

static const struct op_check basic[] = {
	{ AXE_OP_NOP, check_nop },
	{ AXE_OP_COPY, check_copy },
	{ AXE_OP_FILL, check_fill },
	{ AXE_OP_COMPARE, check_compare },
	{ AXE_OP_CRC32, check_crc32 },
	{ AXE_OP_CRC32C, check_crc32c },
	{ AXE_OP_COMPRESS, check_compress, .longest = 16 * MIB },
	{ AXE_OP_DECOMPRESS, check_decompress, .longest = 16 * MIB },
};
OP_CHECKS(basic, basic);
