// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Keys: whose they are, what they grant, and where they end. */

#include "regions.h"

static struct rig rig;

#define ACCESS		IBV_ACCESS_LOCAL_WRITE
#define ACCESS_ODP	(IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_ON_DEMAND)

static struct ibv_mr *reg(void *p, size_t length, int access)
{
	struct ibv_mr *mr = ibv_reg_mr(rig.pd, p, length, access);

	demand(mr, "ibv_reg_mr");
	return mr;
}

static void key__deregistered(void **state)
{
	uint8_t *p = pages(PAGE);
	unsigned int i;

	for (i = 0; i < 50; i++) {
		struct ibv_mr *mr = reg(p, PAGE, i % 2 ? ACCESS : ACCESS_ODP);
		struct ibv_sge src = in(mr, (uintptr_t)p, 10);

		assert_done(run(&rig, crc32, &src, 0));
		dereg(mr);
		assert_code(run(&rig, crc32, &src, 0), AXE_ERR_KEY);
	}
	assert_queue_works(&rig);
	munmap(p, PAGE);
}

static void key__of_a_foreign_domain(void **state)
{
	struct ibv_pd *pd = ibv_alloc_pd(rig.ctx);
	uint8_t *p = pages(PAGE);
	struct ibv_mr *mr = ibv_reg_mr(pd, p, PAGE, ACCESS_ODP);
	struct ibv_sge src;

	assert_non_null(mr);
	src = in(mr, (uintptr_t)p, 10);
	assert_code(run(&rig, crc32, &src, 0), AXE_ERR_KEY);
	assert_queue_works(&rig);
	dereg(mr);
	assert_int_equal(ibv_dealloc_pd(pd), 0);
	munmap(p, PAGE);
}

struct foreign {
	struct baton baton;
	int pipe[2];
};

static void foreign_child(void *arg)
{
	struct foreign *f = arg;
	struct rig own;

	rig_open(&own, NULL);
	demand(write(f->pipe[1], &own.mr->lkey, 4) == 4, "write");
	baton_await_parent(&f->baton);
	rig_close(&own);
}

static void key__of_a_foreign_process(void **state)
{
	uint8_t *p = pages(PAGE);
	struct foreign f;
	struct ibv_sge src = { .addr = (uintptr_t)p, .length = 10 };
	pid_t pid;

	baton_make(&f.baton);
	assert_int_equal(pipe(f.pipe), 0);
	pid = start_child(foreign_child, &f);
	assert_int_equal(read(f.pipe[0], &src.lkey, 4), 4);
	assert_int_not_equal(src.lkey, rig.mr->lkey);
	assert_code(run(&rig, crc32, &src, 0), AXE_ERR_KEY);
	baton_to_child(&f.baton);
	end_child(pid);
	baton_free(&f.baton);
	munmap(p, PAGE);
}

static void key__guessed(void **state)
{
	uint8_t *p = pages(PAGE);
	struct ibv_sge src = here(&rig, p, 10);
	static const uint32_t ends[] = { 0, 1, 0x80000000, UINT32_MAX };
	uint32_t key = rig.mr->lkey;
	unsigned int i, found = 0;

	/* Its neighbours in every bit, all of its low bytes, and the ends. */
	for (i = 0; i < 32 + 256; i++) {
		struct wc wc;

		src.lkey = i < 32 ? key ^ 1u << i : (key & ~0xff) | (i - 32);
		wc = run(&rig, crc32, &src, 0);
		if (src.lkey == key) {
			assert_done(wc);
			found++;
		} else {
			assert_code(wc, AXE_ERR_KEY);
		}
	}
	assert_int_equal(found, 1);
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		src.lkey = ends[i];
		assert_code(run(&rig, crc32, &src, 0), AXE_ERR_KEY);
	}
	assert_queue_works(&rig);
	munmap(p, PAGE);
}

/* An operand of no bytes needs no key; with bytes it does, also as the second one. */
static void key__of_an_empty_operand(void **state)
{
	uint8_t *p = pages(PAGE);
	struct ibv_sge src = { .addr = 1, .lkey = 77 }, dst = here(&rig, p, PAGE);
	struct wc wc = run(&rig, crc32, &src, 0);

	assert_done(wc);
	assert_int_equal(wc.result[0], 0);
	src = here(&rig, p, 10);
	dst.lkey = 77;
	dst.length = 10;
	assert_code(run(&rig, copy, &dst, &src), AXE_ERR_KEY);
	munmap(p, PAGE);
}

static void access__without_local_write(void **state)
{
	uint8_t *p = small_pages(2 * PAGE);
	int i;

	memset(p, 5, PAGE);
	for (i = 0; i < 2; i++) {
		struct ibv_mr *mr = reg(p, 2 * PAGE, i ? IBV_ACCESS_ON_DEMAND : 0);
		struct ibv_sge src = here(&rig, p + PAGE, 100), dst = in(mr, (uintptr_t)p, 100);

		assert_code(fill_at(&rig, dst, 1), AXE_ERR_ACCESS);
		assert_code(run(&rig, copy, &dst, &src), AXE_ERR_ACCESS);
		assert_int_equal(p[0], 5);
		/* To read is granted; to compare with is to read. */
		assert_done(crc_of(&rig, dst));
		assert_done(run(&rig, compare, &dst, &src));
		assert_done(run(&rig, copy, &src, &dst));
		dereg(mr);
	}
	assert_queue_works(&rig);
	munmap(p, 2 * PAGE);
}

static void range__outside(void **state)
{
	uint8_t *p = small_pages(4 * PAGE);
	int i;

	for (i = 0; i < 2; i++) {
		struct ibv_mr *mr = reg(p + PAGE, 2 * PAGE, i ? ACCESS : ACCESS_ODP);
		uint64_t start = (uintptr_t)p + PAGE;
		const struct { uint64_t addr; uint32_t length; } bad[] = {
			{ start - 1, 1 }, { start - 1, 2 }, { start, 2 * PAGE + 1 },
			{ start + 2 * PAGE - 1, 2 }, { start + 2 * PAGE, 1 },
			{ start + 1, UINT32_MAX / 2 }, { 0, 1 }, { UINT64_MAX, 1 },
			{ UINT64_MAX - 10, 100 }, { start + (1ULL << 32), 1 },
			{ start ^ 1ULL << 63, 1 },
		};
		unsigned int k;

		for (k = 0; k < ARRAY_SIZE(bad); k++) {
			struct wc wc = crc_of(&rig, in(mr, bad[k].addr, bad[k].length));

			demand(wc.code == AXE_ERR_RANGE, "%u: code %d", k, wc.code);
			demand(wc.result[0] == bad[k].addr, "%u: names %#llx", k,
			       (unsigned long long)wc.result[0]);
		}
		/* All of it, and the last byte, are within. */
		assert_done(crc_of(&rig, in(mr, start, 2 * PAGE)));
		assert_done(crc_of(&rig, in(mr, start + 2 * PAGE - 1, 1)));
		dereg(mr);
	}
	/* The implicit region ends where addresses do. */
	assert_code(crc_of(&rig, in(rig.mr, UINT64_MAX - 10, 100)), AXE_ERR_RANGE);
	assert_queue_works(&rig);
	munmap(p, 4 * PAGE);
}

static int setup(void **state)
{
	rig_open(&rig, NULL);
	return 0;
}

static int teardown(void **state)
{
	rig_close(&rig);
	return 0;
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(key__deregistered),
	cmocka_unit_test(key__of_a_foreign_domain),
	cmocka_unit_test(key__of_a_foreign_process),
	cmocka_unit_test(key__guessed),
	cmocka_unit_test(key__of_an_empty_operand),
	cmocka_unit_test(access__without_local_write),
	cmocka_unit_test(range__outside),
};

LIVE_MAIN("key", tests, setup, teardown)
