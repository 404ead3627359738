// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Matrices and vectors of signed bytes, against plain loops. */

#include "ops.h"

/* What becomes of a sum: to the nearest, once halves up and once away from 0. */
static int64_t nearest(int64_t num, unsigned int shift, bool away)
{
	int64_t unit = INT64_C(1) << shift, down = num / unit, rest;

	if (down * unit > num)
		down--;
	rest = 2 * (num - down * unit);
	if (rest == unit)
		return away && num < 0 ? down : down + 1;
	return rest > unit ? down + 1 : down;
}

static int8_t requantised(int32_t sum, const struct axedv_requant *r)
{
	int64_t v = nearest((int64_t)sum * r->multiplier, 31, false);

	v = nearest(v, r->shift, true) + r->zero_point;
	return v < -128 ? -128 : v > 127 ? 127 : v;
}

/* C = A * B, B by columns, to @c. */
static void multiply(int32_t *c, const int8_t *a, const int8_t *b, size_t m, size_t k, size_t n,
		     bool transposed)
{
	size_t i, j, l;

	for (i = 0; i < m; i++) {
		for (j = 0; j < n; j++) {
			const int8_t *col = transposed ? b + j * k : b + j;
			size_t step = transposed ? 1 : n;
			int32_t sum = 0;

			for (l = 0; l < k; l++)
				sum += a[i * k + l] * col[l * step];
			*c++ = sum;
		}
	}
}

static void check_matmul_as(const struct operands *o, size_t m, size_t k, size_t n,
			    uint32_t flags, const struct axedv_requant *requant)
{
	size_t size = m * n * (requant ? 1 : 4), i;
	struct ibv_sge a = src_part(o, m * k), b = aux_part(o, k * n), c = dst_part(o, size);
	int32_t *want = (int32_t *)scratch;
	struct wc wc;

	fill_noise(src_p(o), m * k, o->seed + 1);
	fill_noise(aux_p(o), k * n, o->seed + 2);
	multiply(want, (int8_t *)src_p(o), (int8_t *)aux_p(o), m, k, n, flags);
	for (i = 0; requant && i < m * n; i++)
		((int8_t *)scratch)[i] = requantised(want[i], requant);
	edges_set(dst_p(o), size);
	wc = run(&rig, matmul_i8, &c, &a, &b, m, k, n, flags, requant);
	assert_done(wc);
	assert_int_equal(wc.byte_len, size);
	demand(!memcmp(dst_p(o), scratch, size), "%zu x %zu times %zu x %zu", m, k, k, n);
	edges_check(dst_p(o), size, "matmul-i8");
}

static void check_matmul(const struct operands *o)
{
	struct axedv_requant requant = { 0x5a82799a, 5 + o->seed % 5, o->seed * 31 };
	size_t k = 1 + (o->seed * 37 + o->length) % 97, n = 1 + o->seed * 53 % 61;
	size_t m = o->length / k;
	struct ibv_sge a = src_part(o, 0), b = aux_part(o, k * n), c = dst_part(o, 0);
	size_t room = (o->dst->size - o->dst_at - EDGE) / (4 * n);

	if (m > AXE_MATMUL_MAX)
		m = AXE_MATMUL_MAX;
	if (m > room)
		m = room;
	if (!m) {
		assert_code(run(&rig, matmul_i8, &c, &a, &b, m, k, n, 0, NULL), AXE_ERR_PARAM);
		return;
	}
	check_matmul_as(o, m, k, n, o->seed % 2 ? AXE_MATMUL_TRANSPOSED : 0, NULL);
	check_matmul_as(o, m, k, n, o->seed % 2 ? 0 : AXE_MATMUL_TRANSPOSED, &requant);
}

/* All scores, and each entry the best of those that are left. */
static void check_nearest(const struct operands *o, size_t dim, size_t num, size_t k)
{
	const struct axe_knn_entry *got = (const void *)dst_p(o);
	const int8_t *vectors = (int8_t *)src_p(o), *query = (int8_t *)aux_p(o);
	int32_t *scores = (int32_t *)scratch;
	size_t i, l, e, best;

	for (i = 0; i < num; i++) {
		scores[i] = 0;
		for (l = 0; l < dim; l++)
			scores[i] += vectors[i * dim + l] * query[l];
	}
	for (e = 0; e < k; e++) {
		struct axe_knn_entry entry;

		for (i = 1, best = 0; i < num; i++)
			if (scores[i] > scores[best])
				best = i;
		memcpy(&entry, &got[e], sizeof(entry));
		demand(entry.index == best && (int32_t)entry.score == scores[best],
		       "entry %zu is %u (%d), not %zu (%d)", e, entry.index, (int)entry.score, best,
		       scores[best]);
		scores[best] = INT32_MIN;
	}
}

static void check_knn(const struct operands *o)
{
	size_t dim = o->length > MIB ? 1000 : 1 + (o->seed * 29 + o->length) % 90;
	size_t num = o->length / dim, k = 1 + o->seed * 3 % 20;
	struct ibv_sge src = src_part(o, num * dim), query = aux_part(o, dim);
	size_t want = k < num ? k : num;
	struct ibv_sge dst = dst_part(o, want * sizeof(struct axe_knn_entry));
	struct wc wc;

	fill_noise(src_p(o), num * dim, o->seed + 1);
	fill_noise(aux_p(o), dim, o->seed + 2);
	edges_set(dst_p(o), dst.length);
	wc = run(&rig, knn_i8, &dst, &src, &query, k);
	assert_done(wc);
	assert_int_equal(wc.byte_len, dst.length);
	assert_int_equal(wc.result[0], want);
	check_nearest(o, dim, num, want);
	edges_check(dst_p(o), dst.length, "knn-i8");
}

static const struct op_check matrix[] = {
	{ AXE_OP_MATMUL_I8, check_matmul },
	{ AXE_OP_KNN_I8, check_knn },
};
OP_CHECKS(matrix, matrix);
