// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Data movement: against plain loops. test_move.c and test_list.c have what is special. */

#include "ops.h"

static void check_dualcast(const struct operands *o)
{
	struct ibv_sge src = src_part(o, o->length), dst = dst_part(o, o->length);
	struct ibv_sge aux = aux_part(o, o->length);
	struct wc wc;

	fill_noise(src_p(o), o->length, o->seed);
	edges_set(dst_p(o), o->length);
	edges_set(aux_p(o), o->length);
	wc = run(&rig, dualcast, &dst, &aux, &src);
	assert_done(wc);
	assert_int_equal(wc.byte_len, o->length);
	demand(!memcmp(dst_p(o), src_p(o), o->length), "the first copy of %zu bytes", o->length);
	demand(!memcmp(aux_p(o), src_p(o), o->length), "the second copy of %zu bytes", o->length);
	edges_check(dst_p(o), o->length, "dualcast");
	edges_check(aux_p(o), o->length, "dualcast, second");
}

static void check_compare_pattern(const struct operands *o)
{
	size_t size = 1 + o->seed % 8, places[] = { 0, o->length / 3, o->length - 1 }, i;
	struct ibv_sge src = src_part(o, o->length);
	uint8_t *p = src_p(o), pattern[8];
	struct wc wc;

	fill_noise(pattern, sizeof(pattern), o->seed + 7);
	for (i = 0; i < o->length; i++)
		p[i] = pattern[i % size];
	wc = run(&rig, compare_pattern, &src, pattern, size);
	assert_done(wc);
	assert_true(wc.result[0] == UINT64_MAX);
	assert_int_equal(wc.byte_len, o->length);
	for (i = 0; o->length && i < ARRAY_SIZE(places); i++) {
		p[places[i]] ^= 0x10;
		wc = run(&rig, compare_pattern, &src, pattern, size);
		assert_done(wc);
		demand(wc.result[0] == places[i], "different at %zu, not at %#llx", places[i],
		       (unsigned long long)wc.result[0]);
		assert_int_equal(wc.byte_len, places[i]);
		p[places[i]] ^= 0x10;
	}
}

/*---- delta records ----*/

/* A changed copy of @p at @q, and its record at @record; returns the record's length. */
static size_t change(const uint8_t *p, uint8_t *q, uint8_t *record, size_t length, uint32_t seed)
{
	uint32_t state = seed + 1, one_in = seed % 3 ? 50 : 2;
	size_t at, n = 0;

	memcpy(q, p, length);
	for (at = 0; at < length; at += 8) {
		if (rnd(&state) % one_in)
			continue;
		q[at + rnd(&state) % 8] ^= 0x42;
		record[n++] = at / 8;
		record[n++] = at / 8 >> 8;
		memcpy(record + n, q + at, 8);
		n += 8;
	}
	return n;
}

static void check_delta_create(const struct operands *o)
{
	size_t length = o->length & ~7UL, room = length / 8 * 10 + o->seed % 3, n;
	struct ibv_sge src = src_part(o, length), aux = aux_part(o, length), dst;
	struct wc wc;

	if (length > AXE_DELTA_MAX) {
		dst = dst_part(o, 100);
		assert_code(run(&rig, delta_create, &dst, &src, &aux), AXE_ERR_LENGTH);
		return;
	}
	fill_noise(src_p(o), length, o->seed);
	n = change(src_p(o), aux_p(o), scratch, length, o->seed);
	dst = dst_part(o, room);
	edges_set(dst_p(o), room);
	wc = run(&rig, delta_create, &dst, &src, &aux);
	assert_done(wc);
	assert_int_equal(wc.byte_len, n);
	assert_int_equal(wc.result[0], n > 0);
	assert_int_equal(wc.result[1], length);
	demand(!memcmp(dst_p(o), scratch, n), "the record of %zu bytes", length);
	edges_check(dst_p(o), room, "delta_create");
}

static void check_delta_apply(const struct operands *o)
{
	size_t length = o->length & ~7UL, n;
	struct ibv_sge dst = dst_part(o, length), src;
	struct wc wc;

	if (length > AXE_DELTA_MAX) {
		src = src_part(o, 100);
		assert_code(run(&rig, delta_apply, &dst, &src), AXE_ERR_LENGTH);
		return;
	}
	fill_noise(dst_p(o), length, o->seed);
	n = change(dst_p(o), scratch, src_p(o), length, o->seed);
	src = src_part(o, n);
	edges_set(dst_p(o), length);
	wc = run(&rig, delta_apply, &dst, &src);
	assert_done(wc);
	assert_int_equal(wc.byte_len, n / 10 * 8);
	assert_int_equal(wc.result[0], 0);
	demand(!memcmp(dst_p(o), scratch, length), "not what was changed in %zu bytes", length);
	edges_check(dst_p(o), length, "delta_apply");
}

/*---- lists ----*/

/*
 * The array, in the third operand: @area from @at on in ranges, the last of it first. Some
 * are empty, and have no good key. Returns their number.
 */
static size_t make_list(const struct operands *o, const struct area *area, size_t at,
			size_t length)
{
	size_t left = length, most = length / 200 + 10, n = 0;
	uint32_t state = o->seed + 3;

	while (left || !n) {
		size_t some = rnd(&state) % 5 ? 1 + rnd(&state) % most : 0;
		struct axe_buf buf = { .key = 0x666 };

		if (some > left)
			some = left;
		left -= some;
		if (some) {
			struct ibv_sge sge = part(area, at + left, some);

			buf = (struct axe_buf) { sge.addr, sge.length, sge.lkey };
		}
		demand(n < AXE_MAX_LIST, "a list that is too long");
		/* At any alignment. */
		memcpy(aux_p(o) + n++ * sizeof(buf), &buf, sizeof(buf));
	}
	return n;
}

/* What @p has, the ranges of the list in its order. */
static void by_list(const struct operands *o, size_t num, uint8_t *to, const uint8_t *p,
		    size_t length)
{
	struct axe_buf buf;
	size_t i;

	for (i = 0; i < num; i++) {
		memcpy(&buf, aux_p(o) + i * sizeof(buf), sizeof(buf));
		length -= buf.length;
		memcpy(to, p + length, buf.length);
		to += buf.length;
	}
}

static void check_gather(const struct operands *o)
{
	size_t num = make_list(o, o->src, o->src_at, o->length);
	struct ibv_sge list = aux_part(o, num * sizeof(struct axe_buf));
	struct ibv_sge dst = dst_part(o, o->length);
	struct wc wc;

	fill_noise(src_p(o), o->length, o->seed);
	by_list(o, num, scratch, src_p(o), o->length);
	edges_set(dst_p(o), o->length);
	wc = run(&rig, gather, &dst, &list);
	assert_done(wc);
	assert_int_equal(wc.byte_len, o->length);
	demand(!memcmp(dst_p(o), scratch, o->length), "gather of %zu bytes, %zu ranges", o->length,
	       num);
	edges_check(dst_p(o), o->length, "gather");
}

static void check_scatter(const struct operands *o)
{
	size_t num = make_list(o, o->dst, o->dst_at, o->length);
	struct ibv_sge list = aux_part(o, num * sizeof(struct axe_buf));
	struct ibv_sge src = src_part(o, o->length);
	struct wc wc;

	fill_noise(src_p(o), o->length, o->seed);
	edges_set(dst_p(o), o->length);
	wc = run(&rig, scatter, &list, &src);
	assert_done(wc);
	assert_int_equal(wc.byte_len, o->length);
	by_list(o, num, scratch, dst_p(o), o->length);
	demand(!memcmp(scratch, src_p(o), o->length), "scatter of %zu bytes, %zu ranges", o->length,
	       num);
	edges_check(dst_p(o), o->length, "scatter");
}

static const struct op_check move[] = {
	{ AXE_OP_DUALCAST, check_dualcast },
	{ AXE_OP_COMPARE_PATTERN, check_compare_pattern, .longest = 16 * MIB },
	{ AXE_OP_DELTA_CREATE, check_delta_create },
	{ AXE_OP_DELTA_APPLY, check_delta_apply },
	{ AXE_OP_GATHER, check_gather },
	{ AXE_OP_SCATTER, check_scatter },
};
OP_CHECKS(move, move);
