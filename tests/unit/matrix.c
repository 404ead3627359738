// SPDX-License-Identifier: GPL-2.0
/* matmul-i8 and knn-i8 against plain loops; small examples are in vectors_matrix.c */
#include "run.h"

struct product {
	u32 m, k, n;
	s8 *a;
	s8 *b;
	s32 *c;
	bool transposed;
};

static s8 b_at(const struct product *p, u32 row, u32 col)
{
	return p->transposed ? p->b[col * p->k + row] : p->b[row * p->n + col];
}

static void product_make(struct product *p, u32 m, u32 k, u32 n)
{
	bool extreme = !unit_random(4);

	*p = (struct product) { .m = m, .k = k, .n = n, .transposed = unit_random(2) };
	p->a = malloc(m * k);
	p->b = malloc(k * n);
	p->c = calloc(m * n, sizeof(s32));
	assert_true(p->a && p->b && p->c);
	unit_random_bytes(p->a, m * k);
	unit_random_bytes(p->b, k * n);
	if (extreme) {
		memset(p->a, 0x80, m * k);
		memset(p->b, unit_random(2) ? 0x80 : 0x7f, k * n);
	}
	for (u32 i = 0; i < m; i++)
		for (u32 l = 0; l < k; l++)
			for (u32 j = 0; j < n; j++)
				p->c[i * n + j] += p->a[i * k + l] * b_at(p, l, j);
}

static void product_free(struct product *p)
{
	free(p->a);
	free(p->b);
	free(p->c);
}

static struct unit_run product_run(const struct product *p)
{
	struct unit_run run = {
		.cmd = unit_cmd(AXE_OP_MATMUL_I8),
		.src = p->a,
		.src_len = p->m * p->k,
		.aux = p->b,
		.aux_len = p->k * p->n,
		.src_cut = unit_random(UNIT_CUTS),
		.dst_cut = unit_random(UNIT_CUTS),
	};

	run.cmd.op.matmul.m = cpu_to_le16(p->m);
	run.cmd.op.matmul.k = cpu_to_le16(p->k);
	run.cmd.op.matmul.n = cpu_to_le16(p->n);
	run.cmd.op.matmul.flags = cpu_to_le16(p->transposed ? AXE_MATMUL_TRANSPOSED : 0);
	return run;
}

static void check_sums(const struct product *p)
{
	struct unit_run run = product_run(p);
	size_t size = p->m * p->n * sizeof(s32);

	run.dst_len = size + unit_random(5);
	run.dst = malloc(run.dst_len);
	memset(run.dst, 0x55, run.dst_len);
	assert_int_equal(unit_run(&run), AXE_OK);
	assert_int_equal(run.done, size);
	for (u32 i = 0; i < p->m * p->n; i++)
		assert_int_equal((s32)le32_to_cpu(((u32 *)run.dst)[i]), p->c[i]);
	for (size_t i = size; i < run.dst_len; i++)
		assert_int_equal(((u8 *)run.dst)[i], 0x55);
	free(run.dst);
}

/* The nearest integer of num / 2^shift; halves go up, or away from 0. */
static s64 nearest(s64 num, unsigned int shift, bool away)
{
	s64 floor = num >> shift, rest = num - floor * (1LL << shift);

	if (2 * rest == 1LL << shift)
		return away && num < 0 ? floor : floor + 1;
	return 2 * rest > 1LL << shift ? floor + 1 : floor;
}

static void check_bytes(const struct product *p)
{
	struct unit_run run = product_run(p);
	struct axe_cmd_matmul *block = &run.cmd.op.matmul;
	u32 multiplier;

	unit_random_bytes(&multiplier, sizeof(multiplier));
	block->flags |= cpu_to_le16(AXE_MATMUL_REQUANT);
	block->multiplier = cpu_to_le32(multiplier);
	block->shift = unit_random(unit_random(2) ? 12 : 32);
	block->zero_point = unit_random(256);
	run.dst_len = p->m * p->n;
	run.dst = malloc(run.dst_len);
	assert_int_equal(unit_run(&run), AXE_OK);
	assert_int_equal(run.done, run.dst_len);
	for (u32 i = 0; i < run.dst_len; i++) {
		s64 v = nearest((s64)p->c[i] * (s32)multiplier, 31, false);

		v = nearest(v, block->shift, true) + block->zero_point;
		v = v < -128 ? -128 : v > 127 ? 127 : v;
		assert_int_equal(((s8 *)run.dst)[i], v);
	}
	run.dst_len--;
	assert_int_equal(unit_run(&run), AXE_ERR_FULL);
	free(run.dst);
}

static void axe_matmul_exec__model(void **state)
{
	for (int i = 0; i < 300; i++) {
		struct product p;

		product_make(&p, 1 + unit_random(20), 1 + unit_random(40), 1 + unit_random(40));
		check_sums(&p);
		check_bytes(&p);
		product_free(&p);
	}
}

/* Longer than is done at a time, and sums as great as they get. */
static void axe_matmul_exec__largest(void **state)
{
	for (int transposed = 0; transposed < 2; transposed++) {
		u32 m = 3, k = AXE_MATMUL_MAX, n = AXE_MATMUL_MAX;
		struct product p = { m, k, n, .transposed = transposed };
		struct unit_run run;

		p.a = malloc(m * k);
		p.b = malloc(k * n);
		memset(p.a, 0x80, k);
		memset(p.a + k, 0x7f, k);
		memset(p.a + 2 * k, 0x01, k);
		memset(p.b, 0x80, k * n);
		run = product_run(&p);
		run.src_cut = UNIT_PAGES;
		run.dst_cut = UNIT_PAGES;
		run.dst_len = m * n * sizeof(s32);
		run.dst = malloc(run.dst_len);
		assert_int_equal(unit_run(&run), AXE_OK);
		for (u32 i = 0; i < m * n; i++) {
			s32 c = i < n ? 1 << 26 : i < 2 * n ? -127 * 128 * 4096 : -128 * 4096;

			assert_int_equal((s32)le32_to_cpu(((u32 *)run.dst)[i]), c);
		}
		free(run.dst);
		free(p.a);
		free(p.b);
	}
}

static enum axe_code matmul_code(u16 m, u16 k, u16 n, u16 flags, u32 src_len, u32 aux_len)
{
	struct axe_cmd cmd = unit_cmd(AXE_OP_MATMUL_I8);
	struct axe_cmd_ext ext = { .aux.length = cpu_to_le32(aux_len) };

	cmd.op.matmul = (struct axe_cmd_matmul) {
		.m = cpu_to_le16(m), .k = cpu_to_le16(k), .n = cpu_to_le16(n),
		.flags = cpu_to_le16(flags),
	};
	cmd.src.length = cpu_to_le32(src_len);
	return unit_check(&cmd, &ext);
}

static void axe_matmul_check__bounds(void **state)
{
	const u32 most = AXE_MATMUL_MAX * AXE_MATMUL_MAX;

	assert_int_equal(matmul_code(2, 3, 4, 0, 6, 12), AXE_OK);
	assert_int_equal(matmul_code(2, 3, 4, 3, 6, 12), AXE_OK);
	assert_int_equal(matmul_code(2, 3, 4, 4, 6, 12), AXE_ERR_RESERVED);
	assert_int_equal(matmul_code(2, 3, 4, 0x8000, 6, 12), AXE_ERR_RESERVED);
	assert_int_equal(matmul_code(4096, 4096, 4096, 0, most, most), AXE_OK);
	assert_int_equal(matmul_code(4097, 1, 1, 0, 4097, 1), AXE_ERR_PARAM);
	assert_int_equal(matmul_code(1, 4097, 1, 0, 4097, 4097), AXE_ERR_PARAM);
	assert_int_equal(matmul_code(1, 1, 65535, 0, 1, 65535), AXE_ERR_PARAM);
	assert_int_equal(matmul_code(0, 3, 4, 0, 0, 12), AXE_ERR_PARAM);
	assert_int_equal(matmul_code(2, 0, 4, 0, 0, 0), AXE_ERR_PARAM);
	assert_int_equal(matmul_code(2, 3, 0, 0, 6, 0), AXE_ERR_PARAM);
	assert_int_equal(matmul_code(2, 3, 4, 0, 5, 12), AXE_ERR_LENGTH);
	assert_int_equal(matmul_code(2, 3, 4, 0, 7, 12), AXE_ERR_LENGTH);
	assert_int_equal(matmul_code(2, 3, 4, 0, 6, 11), AXE_ERR_LENGTH);
	assert_int_equal(matmul_code(2, 3, 4, 0, 6, 0), AXE_ERR_LENGTH);
}

static void axe_matmul_check__block(void **state)
{
	for (size_t i = 8; i < 16; i++) {
		struct axe_cmd cmd = unit_cmd(AXE_OP_MATMUL_I8);

		cmd.op.raw[i] = 1;
		assert_int_equal(unit_check(&cmd, NULL), AXE_ERR_RESERVED);
		cmd.op.matmul.flags = cpu_to_le16(AXE_MATMUL_REQUANT);
		assert_int_equal(unit_check(&cmd, NULL), i < 14 ? AXE_ERR_PARAM : AXE_ERR_RESERVED);
	}
	for (unsigned int shift = 31; shift < 34; shift++) {
		struct axe_cmd cmd = unit_cmd(AXE_OP_MATMUL_I8);
		struct axe_cmd_ext ext = { .aux.length = cpu_to_le32(1) };

		cmd.src.length = cpu_to_le32(1);
		cmd.op.matmul = (struct axe_cmd_matmul) {
			.m = cpu_to_le16(1), .k = cpu_to_le16(1), .n = cpu_to_le16(1),
			.flags = cpu_to_le16(AXE_MATMUL_REQUANT), .shift = shift,
		};
		assert_int_equal(unit_check(&cmd, &ext), shift == 31 ? AXE_OK : AXE_ERR_PARAM);
	}
}

/* Look through all vectors for each entry. */
static void check_near(const s8 *vectors, u32 num, const s8 *query, u32 dim, u32 k,
		       const struct axe_knn_entry *got)
{
	bool *taken = calloc(num + 1, sizeof(*taken));
	s32 *scores = calloc(num + 1, sizeof(*scores));

	for (u32 i = 0; i < num; i++)
		for (u32 l = 0; l < dim; l++)
			scores[i] += vectors[i * dim + l] * query[l];
	for (u32 e = 0; e < k; e++) {
		u32 best = num;

		for (u32 i = 0; i < num; i++)
			if (!taken[i] && (best == num || scores[i] > scores[best]))
				best = i;
		assert_int_equal(le32_to_cpu(got[e].index), best);
		assert_int_equal((s32)le32_to_cpu(got[e].score), scores[best]);
		taken[best] = true;
	}
	free(taken);
	free(scores);
}

static void axe_knn_exec__model(void **state)
{
	static struct axe_knn_entry got[AXE_KNN_MAX + 1];

	for (int n = 0; n < 300; n++) {
		u32 dim = 1 + unit_random(unit_random(2) ? 5 : 300), num = unit_random(400);
		u32 k = 1 + unit_random(unit_random(2) ? 10 : AXE_KNN_MAX);
		u32 want = k < num ? k : num;
		s8 *vectors = malloc(num * dim + 1), *query = malloc(dim);
		struct unit_run run = {
			.cmd = unit_cmd(AXE_OP_KNN_I8),
			.src = vectors, .src_len = num * dim,
			.aux = query, .aux_len = dim,
			.dst = got, .dst_len = want * sizeof(*got) + unit_random(3),
			.src_cut = unit_random(UNIT_CUTS),
			.dst_cut = unit_random(UNIT_CUTS),
		};

		unit_random_bytes(vectors, num * dim);
		unit_random_bytes(query, dim);
		/* Many of one score. */
		for (u32 i = 0; n % 3 == 0 && i < num * dim; i++)
			vectors[i] &= 1;
		run.cmd.op.knn.k = cpu_to_le32(k);
		assert_int_equal(unit_run(&run), AXE_OK);
		assert_int_equal(run.done, want * sizeof(*got));
		assert_int_equal(run.result[0], want);
		assert_int_equal(run.result[1], 0);
		check_near(vectors, num, query, dim, want, got);
		if (want) {
			run.dst_len = want * sizeof(*got) - 1;
			assert_int_equal(unit_run(&run), AXE_ERR_FULL);
		}
		free(vectors);
		free(query);
	}
}

static enum axe_code knn_code(u32 k, u32 src_len, u32 aux_len)
{
	struct axe_cmd cmd = unit_cmd(AXE_OP_KNN_I8);
	struct axe_cmd_ext ext = { .aux.length = cpu_to_le32(aux_len) };

	cmd.op.knn.k = cpu_to_le32(k);
	cmd.src.length = cpu_to_le32(src_len);
	return unit_check(&cmd, &ext);
}

static void axe_knn_check__bounds(void **state)
{
	assert_int_equal(knn_code(1, 12, 4), AXE_OK);
	assert_int_equal(knn_code(1024, 0, 4), AXE_OK);
	assert_int_equal(knn_code(1, 0xffffffff, 1), AXE_OK);
	assert_int_equal(knn_code(0, 12, 4), AXE_ERR_PARAM);
	assert_int_equal(knn_code(1025, 12, 4), AXE_ERR_PARAM);
	assert_int_equal(knn_code(0xffffffff, 12, 4), AXE_ERR_PARAM);
	assert_int_equal(knn_code(1, 13, 4), AXE_ERR_LENGTH);
	assert_int_equal(knn_code(1, 3, 4), AXE_ERR_LENGTH);
	assert_int_equal(knn_code(1, 12, 0), AXE_ERR_LENGTH);
	assert_int_equal(axe_ops[AXE_OP_KNN_I8]->max_aux, 4096);
	for (size_t i = 4; i < 16; i++) {
		struct axe_cmd cmd = unit_cmd(AXE_OP_KNN_I8);

		cmd.op.raw[i] = 1;
		assert_int_equal(unit_check(&cmd, NULL), AXE_ERR_RESERVED);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(axe_matmul_exec__model),
	cmocka_unit_test(axe_matmul_exec__largest),
	cmocka_unit_test(axe_matmul_check__bounds),
	cmocka_unit_test(axe_matmul_check__block),
	cmocka_unit_test(axe_knn_exec__model),
	cmocka_unit_test(axe_knn_check__bounds),
};

int main(void)
{
	return unit_main("matrix", tests, ARRAY_SIZE(tests));
}
