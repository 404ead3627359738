// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* matmul-i8 and knn-i8: as large as they go, and what is wrong with them. */

#include "ops.h"

#define MOST	AXE_MATMUL_MAX

/* Three rows; the greatest sum is that of -128 with -128. */
static void matmul__largest(void **state)
{
	uint8_t *a = pages(3 * MOST), *b = pages(MOST * MOST);
	int32_t *c = pages(3 * MOST * 4);
	struct ibv_sge src = here(&rig, a, 3 * MOST), aux = here(&rig, b, MOST * MOST);
	struct ibv_sge dst = here(&rig, c, 3 * MOST * 4);
	uint32_t flags;
	unsigned int i;

	memset(a, 0x80, MOST);
	memset(a + MOST, 0x7f, MOST);
	a[2 * MOST + 7] = 1;
	memset(b, 0x80, MOST * MOST);
	for (flags = 0; flags <= AXE_MATMUL_TRANSPOSED; flags++) {
		/* Where the third row looks: row 7 of B, or column by column its byte 7. */
		for (i = 0; i < MOST; i++)
			b[flags ? i * MOST + 7 : 7 * MOST + i] = i;
		assert_done(run(&rig, matmul_i8, &dst, &src, &aux, 3, MOST, MOST, flags, NULL));
		for (i = 0; i < MOST; i++) {
			int32_t rest = (MOST - 1) * -128, own = (int8_t)i;

			assert_int_equal(c[i], -128 * (rest + own));
			assert_int_equal(c[MOST + i], 127 * (rest + own));
			assert_int_equal(c[2 * MOST + i], own);
		}
		memset(b, 0x80, MOST * MOST);
		memset(c, 0, 3 * MOST * 4);
	}
	munmap(a, 3 * MOST);
	munmap(b, MOST * MOST);
	munmap(c, 3 * MOST * 4);
}

/* 2 x 3 times 3 x 2, on pages of their own. */
struct small {
	uint8_t *p;
	struct ibv_sge a;
	struct ibv_sge b;
	struct ibv_sge c;
};

static struct small small_make(void)
{
	uint8_t *p = pages(3 * PAGE);

	return (struct small) {
		p, here(&rig, p, 6), here(&rig, p + PAGE, 6), here(&rig, p + 2 * PAGE, 24),
	};
}

static void matmul__parameters(void **state)
{
	struct small s = small_make();
	struct axedv_requant requant = { 1, 32, 0 };

	assert_done(run(&rig, matmul_i8, &s.c, &s.a, &s.b, 2, 3, 2, 0, NULL));
	assert_code(run(&rig, matmul_i8, &s.c, &s.a, &s.b, 0, 3, 2, 0, NULL), AXE_ERR_PARAM);
	assert_code(run(&rig, matmul_i8, &s.c, &s.a, &s.b, 2, 0, 2, 0, NULL), AXE_ERR_PARAM);
	assert_code(run(&rig, matmul_i8, &s.c, &s.a, &s.b, 2, 3, 4097, 0, NULL), AXE_ERR_PARAM);
	assert_code(run(&rig, matmul_i8, &s.c, &s.a, &s.b, 65535, 65535, 65535, 0, NULL),
		    AXE_ERR_PARAM);
	assert_code(run(&rig, matmul_i8, &s.c, &s.a, &s.b, 2, 3, 2, 0, &requant), AXE_ERR_PARAM);
	assert_code(run(&rig, matmul_i8, &s.c, &s.a, &s.b, 2, 3, 2, 4, NULL), AXE_ERR_RESERVED);
	assert_code(run(&rig, matmul_i8, &s.c, &s.a, &s.b, 3, 3, 2, 0, NULL), AXE_ERR_LENGTH);
	assert_code(run(&rig, matmul_i8, &s.c, &s.a, &s.b, 2, 3, 3, 0, NULL), AXE_ERR_LENGTH);
	assert_code(run(&rig, matmul_i8, &s.c, &s.a, NULL, 2, 3, 2, 0, NULL), AXE_ERR_LENGTH);
	assert_code(run(&rig, matmul_i8, &s.a, &s.a, &s.b, 2, 3, 2, 0, NULL), AXE_ERR_OVERLAP);
	s.c.length = 15;
	assert_code(run(&rig, matmul_i8, &s.c, &s.a, &s.b, 2, 3, 2, 0, NULL), AXE_ERR_FULL);
	s.b.lkey ^= 0x5500;
	assert_code(run(&rig, matmul_i8, &s.c, &s.a, &s.b, 2, 3, 2, 0, NULL), AXE_ERR_KEY);

	ibv_wr_start(rig.qx);
	axedv_wr_matmul_i8(rig.qx, &s.c, &s.a, &s.b, 65538, 3, 2, 0, NULL);
	assert_int_equal(ibv_wr_complete(rig.qx), EINVAL);
	assert_queue_works(&rig);
	munmap(s.p, 3 * PAGE);
}

/* B is read before C is written. */
static void matmul__result_in_place_of_b(void **state)
{
	struct small s = small_make();
	const int32_t want[4] = { -24, -379, -132, -32512 };

	memcpy(s.p, "\x01\xfe\x03\x7f\x80\x00", 6);
	memcpy(s.p + PAGE, "\x04\x80\x05\x7f\xfa\x01", 6);
	s.c = here(&rig, s.p + PAGE, 16);
	assert_done(run(&rig, matmul_i8, &s.c, &s.a, &s.b, 2, 3, 2, 0, NULL));
	assert_memory_equal(s.p + PAGE, want, 16);
	munmap(s.p, 3 * PAGE);
}

static void knn__parameters(void **state)
{
	struct small s = small_make();
	struct ibv_sge long_query = here(&rig, s.p, MOST + 1);
	struct wc wc;

	s.b.length = 3;
	wc = run(&rig, knn_i8, &s.c, &s.a, &s.b, AXE_KNN_MAX);
	assert_done(wc);
	assert_int_equal(wc.result[0], 2);
	assert_int_equal(wc.byte_len, 16);
	assert_code(run(&rig, knn_i8, &s.c, &s.a, &s.b, 0), AXE_ERR_PARAM);
	assert_code(run(&rig, knn_i8, &s.c, &s.a, &s.b, AXE_KNN_MAX + 1), AXE_ERR_PARAM);
	assert_code(run(&rig, knn_i8, &s.c, &s.a, NULL, 1), AXE_ERR_LENGTH);
	assert_code(run(&rig, knn_i8, &s.c, &s.a, &long_query, 1), AXE_ERR_LENGTH);
	s.a.length = 5;
	assert_code(run(&rig, knn_i8, &s.c, &s.a, &s.b, 1), AXE_ERR_LENGTH);
	s.a.length = 6;
	s.c.length = 15;
	assert_code(run(&rig, knn_i8, &s.c, &s.a, &s.b, 2), AXE_ERR_FULL);
	assert_done(run(&rig, knn_i8, &s.c, &s.a, &s.b, 1));
	assert_queue_works(&rig);
	munmap(s.p, 3 * PAGE);
}

/* Each of 5,000 vectors is nearer than the one before. */
static void knn__ascending(void **state)
{
	unsigned int num = 5000, dim = 64, i;
	int8_t *vectors = pages(num * dim), *query = pages(PAGE);
	struct axe_knn_entry *near = pages(AXE_KNN_MAX * sizeof(*near));
	struct ibv_sge src = here(&rig, vectors, num * dim), aux = here(&rig, query, dim);
	struct ibv_sge dst = here(&rig, near, AXE_KNN_MAX * sizeof(*near));

	memset(query, 1, dim);
	for (i = 0; i < num * dim; i++)
		vectors[i] = -128 + (i / dim + i % dim) / dim;
	assert_done(run(&rig, knn_i8, &dst, &src, &aux, AXE_KNN_MAX));
	for (i = 0; i < AXE_KNN_MAX; i++) {
		assert_int_equal(near[i].index, num - 1 - i);
		assert_int_equal((int32_t)near[i].score, (int)(num - 1 - i) - 128 * (int)dim);
	}
	munmap(vectors, num * dim);
	munmap(query, PAGE);
	munmap(near, AXE_KNN_MAX * sizeof(*near));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(matmul__largest),
	cmocka_unit_test(matmul__parameters),
	cmocka_unit_test(matmul__result_in_place_of_b),
	cmocka_unit_test(knn__parameters),
	cmocka_unit_test(knn__ascending),
};

LIVE_MAIN("matrix", tests, ops_setup, ops_teardown)
