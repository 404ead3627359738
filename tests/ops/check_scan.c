// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Packed integers, against a model that reads and writes bit by bit, or nearly so. */

#include "ops.h"

static size_t packed(size_t num, unsigned int width)
{
	return (num * width + 7) / 8;
}

static uint32_t get(const uint8_t *p, size_t i, unsigned int width)
{
	size_t bit = i * width, byte = bit / 8;
	unsigned int have = 8 - bit % 8;
	uint64_t v = p[byte] >> bit % 8;

	for (; have < width; have += 8)
		v |= (uint64_t)p[++byte] << have;
	return v & ((1ULL << width) - 1);
}

/* Behind element i - 1, into zeros. */
static void put(uint8_t *p, size_t i, unsigned int width, uint32_t value)
{
	size_t bit = i * width;
	unsigned int n;

	for (; width; bit += n, value >>= n, width -= n) {
		n = 8 - bit % 8 < width ? 8 - bit % 8 : width;
		p[bit / 8] |= (value & ((1u << n) - 1)) << bit % 8;
	}
}

/**
 * struct array - what a check works on
 * @width:	of an element
 * @num:	of them
 * @size:	bytes they take
 */
struct array {
	unsigned int width;
	size_t num;
	size_t size;
};

/* As long as the data, or nearly. Noise, so that bits behind it are not zero. */
static struct array array_make(const struct operands *o)
{
	struct array a = { .width = (o->seed * 7 + o->length) % 32 + 1 };

	a.num = o->length * 8 / a.width;
	a.size = packed(a.num, a.width);
	fill_noise(src_p(o), a.size, o->seed + 1);
	return a;
}

static void mask_make(const struct operands *o, const struct array *a)
{
	fill_noise(aux_p(o), packed(a->num, 1), o->seed + 2);
}

static void check_produced(const struct operands *o, struct wc end, size_t room, size_t length,
			   const char *what)
{
	assert_done(end);
	assert_int_equal(end.byte_len, length);
	demand(!memcmp(dst_p(o), scratch, length), "%s: %zu bytes are not as they should be", what,
	       length);
	edges_check(dst_p(o), room, what);
}

static void check_scan(const struct operands *o)
{
	struct array a = array_make(o);
	struct ibv_sge src = src_part(o, a.size), dst = dst_part(o, packed(a.num, 1));
	uint32_t high = (1ULL << a.width) - 1 - (a.width > 3), low = high / 3;
	uint64_t matches = 0, first = UINT64_MAX;
	struct wc wc;
	size_t i;

	memset(scratch, 0, dst.length);
	for (i = 0; i < a.num; i++) {
		uint32_t v = get(src_p(o), i, a.width);

		if (v < low || v > high)
			continue;
		scratch[i / 8] |= 1 << i % 8;
		if (!matches++)
			first = i;
	}
	edges_set(dst_p(o), dst.length);
	wc = run(&rig, scan, &dst, &src, a.width, a.num, low, high);
	check_produced(o, wc, dst.length, dst.length, "scan");
	assert_int_equal(wc.result[0], matches);
	demand(wc.result[1] == first, "first match at %llu, not %llu",
	       (unsigned long long)wc.result[1], (unsigned long long)first);
}

static void check_select(const struct operands *o)
{
	struct array a = array_make(o);
	struct ibv_sge src = src_part(o, a.size), dst = dst_part(o, a.size);
	struct ibv_sge mask = aux_part(o, packed(a.num, 1));
	struct wc wc;
	size_t i, n;

	mask_make(o, &a);
	memset(scratch, 0, a.size);
	for (i = 0, n = 0; i < a.num; i++)
		if (get(aux_p(o), i, 1))
			put(scratch, n++, a.width, get(src_p(o), i, a.width));
	edges_set(dst_p(o), dst.length);
	wc = run(&rig, select, &dst, &src, &mask, a.width, a.num);
	check_produced(o, wc, dst.length, packed(n, a.width), "select");
	assert_int_equal(wc.result[0], n);
}

static void check_expand(const struct operands *o)
{
	struct array a = array_make(o);
	struct ibv_sge src, dst = dst_part(o, a.size);
	struct ibv_sge mask = aux_part(o, packed(a.num, 1));
	struct wc wc;
	size_t i, n;

	mask_make(o, &a);
	memset(scratch, 0, a.size);
	for (i = 0, n = 0; i < a.num; i++)
		if (get(aux_p(o), i, 1))
			put(scratch, i, a.width, get(src_p(o), n++, a.width));
	src = src_part(o, packed(n, a.width));
	edges_set(dst_p(o), dst.length);
	wc = run(&rig, expand, &dst, &src, &mask, a.width, a.num);
	check_produced(o, wc, dst.length, dst.length, "expand");
	assert_int_equal(wc.result[0], n);
}

static void check_extract(const struct operands *o)
{
	struct array a = array_make(o);
	struct ibv_sge src = src_part(o, a.size), dst;
	size_t first, last, n, i;
	struct wc wc;

	if (!a.num) {
		dst = dst_part(o, 0);
		assert_code(run(&rig, extract, &dst, &src, a.width, 0, 0, 0), AXE_ERR_PARAM);
		return;
	}
	/* Of a long one, only the end. */
	first = a.num > MIB ? a.num - MIB : a.num / 3;
	last = a.num - 1 - (a.num - 1 - first) / 5;
	n = last - first + 1;
	dst = dst_part(o, packed(n, a.width));
	memset(scratch, 0, dst.length);
	for (i = 0; i < n; i++)
		put(scratch, i, a.width, get(src_p(o), first + i, a.width));
	edges_set(dst_p(o), dst.length);
	wc = run(&rig, extract, &dst, &src, a.width, a.num, first, last);
	check_produced(o, wc, dst.length, dst.length, "extract");
	assert_int_equal(wc.result[0], n);
}

static const struct op_check scan_checks[] = {
	{ AXE_OP_SCAN, check_scan },
	{ AXE_OP_SELECT, check_select, .longest = 16 * MIB },
	{ AXE_OP_EXPAND, check_expand, .longest = 16 * MIB },
	{ AXE_OP_EXTRACT, check_extract },
};
OP_CHECKS(scan, scan_checks);
