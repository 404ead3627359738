// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Device memory. */

#include <signal.h>

#include <zlib.h>

#include "regions.h"
#include "vectors.h"

static struct rig rig;

#define ACCESS	(IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_ZERO_BASED)
#define SIZE	(16 * PAGE)

/* What a device has in all. */
static size_t device_has(struct ibv_context *ctx)
{
	struct ibv_device_attr_ex attr;

	demand(!ibv_query_device_ex(ctx, NULL, &attr), "ibv_query_device_ex");
	return attr.max_dm_size;
}

static struct ibv_dm *try_alloc(struct ibv_context *ctx, size_t length, unsigned int log_align)
{
	struct ibv_alloc_dm_attr attr = { .length = length, .log_align_req = log_align };

	return ibv_alloc_dm(ctx, &attr);
}

static struct ibv_dm *alloc(size_t length)
{
	struct ibv_dm *dm = try_alloc(rig.ctx, length, 0);

	demand(dm, "ibv_alloc_dm of %zu", length);
	return dm;
}

static struct ibv_mr *reg(struct ibv_dm *dm, uint64_t offset, size_t length, int access)
{
	struct ibv_mr *mr = ibv_reg_dm_mr(rig.pd, dm, offset, length, access);

	demand(mr, "ibv_reg_dm_mr");
	return mr;
}

/*---- what it is ----*/

static void alloc_dm__zeroed(void **state)
{
	uint8_t *zeros = pages(SIZE), *found = pages(SIZE);
	unsigned int i;

	for (i = 0; i < 50; i++) {
		struct ibv_dm *dm = alloc(SIZE);

		assert_int_equal(ibv_memcpy_from_dm(found, dm, 0, SIZE), 0);
		assert_memory_equal(found, zeros, SIZE);
		memset(found, 0xee, SIZE);
		assert_int_equal(ibv_memcpy_to_dm(dm, 0, found, SIZE), 0);
		assert_int_equal(ibv_free_dm(dm), 0);
	}
	munmap(zeros, SIZE);
	munmap(found, SIZE);
}

static void reg_dm_mr__device_and_process_share_it(void **state)
{
	uint8_t *text = pages(SIZE), *found = pages(SIZE);
	struct ibv_dm *dm = alloc(SIZE);
	struct ibv_mr *all = reg(dm, 0, SIZE, ACCESS);
	struct ibv_mr *part = reg(dm, PAGE + 100, 5 * PAGE, ACCESS);
	struct wc wc;

	fill_text(text, SIZE, 1);
	assert_int_equal(ibv_memcpy_to_dm(dm, 0, text, SIZE), 0);
	wc = crc_of(&rig, in(all, 0, SIZE));
	assert_done(wc);
	assert_int_equal(wc.result[0], crc32_z(0, text, SIZE));
	/* Addresses count from the start of the region, wherever that is. */
	wc = crc_of(&rig, in(part, 3, 2 * PAGE));
	assert_done(wc);
	assert_int_equal(wc.result[0], crc32_z(0, text + PAGE + 103, 2 * PAGE));

	memset(text + PAGE + 110, 0x5a, 3 * PAGE);
	assert_done(fill_at(&rig, in(part, 10, 3 * PAGE), 0x5a));
	assert_int_equal(ibv_memcpy_from_dm(found, dm, 0, SIZE), 0);
	assert_memory_equal(found, text, SIZE);
	dereg(all);
	dereg(part);
	assert_int_equal(ibv_free_dm(dm), 0);
	munmap(text, SIZE);
	munmap(found, SIZE);
}

static void reg_dm_mr__commands_with_other_memory(void **state)
{
	uint8_t *text = pages(SIZE), *back = pages(SIZE);
	struct ibv_dm *dm = alloc(SIZE);
	struct ibv_mr *mr = reg(dm, 0, SIZE, ACCESS);
	struct ibv_sge src = here(&rig, text, SIZE), packed = in(mr, 0, SIZE);
	struct ibv_sge dst = here(&rig, back, SIZE);
	struct wc wc;

	fill_text(text, SIZE, 2);
	wc = run(&rig, compress, &packed, &src, AXE_FORMAT_ZLIB, 6, 0);
	assert_done(wc);
	packed.length = wc.byte_len;
	assert_done(run(&rig, decompress, &dst, &packed, AXE_FORMAT_ZLIB, 0));
	assert_memory_equal(back, text, SIZE);
	dereg(mr);
	assert_int_equal(ibv_free_dm(dm), 0);
	munmap(text, SIZE);
	munmap(back, SIZE);
}

/* Two regions of one piece are one memory. */
static void reg_dm_mr__overlap(void **state)
{
	uint8_t *text = pages(SIZE), *found = pages(SIZE);
	struct ibv_dm *dm = alloc(SIZE);
	struct ibv_mr *mr = reg(dm, 0, 8 * PAGE, ACCESS);
	struct ibv_mr *other = reg(dm, 4 * PAGE, 8 * PAGE, ACCESS);
	struct ibv_sge src, dst;

	fill_text(text, SIZE, 3);
	assert_int_equal(ibv_memcpy_to_dm(dm, 0, text, SIZE), 0);
	assert_done(copy_of(&rig, in(mr, PAGE, 6 * PAGE), in(other, 16, 6 * PAGE)));
	memmove(text + 4 * PAGE + 16, text + PAGE, 6 * PAGE);
	assert_int_equal(ibv_memcpy_from_dm(found, dm, 0, SIZE), 0);
	assert_memory_equal(found, text, SIZE);
	src = in(mr, 0, 8 * PAGE);
	dst = in(other, 0, PAGE);
	assert_code(run(&rig, compress, &dst, &src, AXE_FORMAT_RAW, 1, 0), AXE_ERR_OVERLAP);
	dereg(mr);
	dereg(other);
	assert_int_equal(ibv_free_dm(dm), 0);
	munmap(text, SIZE);
	munmap(found, SIZE);
}

/* A region's end in the middle of a page is one. */
static void reg_dm_mr__range(void **state)
{
	struct ibv_dm *dm = alloc(3 * PAGE);
	struct ibv_mr *mr = reg(dm, 100, PAGE, ACCESS);

	assert_done(crc_of(&rig, in(mr, 0, PAGE)));
	assert_done(fill_at(&rig, in(mr, PAGE - 1, 1), 1));
	assert_code(crc_of(&rig, in(mr, PAGE - 1, 2)), AXE_ERR_RANGE);
	assert_code(fill_at(&rig, in(mr, PAGE, 1), 1), AXE_ERR_RANGE);
	assert_code(crc_of(&rig, in(mr, UINT64_MAX, 1)), AXE_ERR_RANGE);
	assert_code(crc_of(&rig, in(mr, 0, UINT32_MAX)), AXE_ERR_RANGE);
	assert_code(crc_of(&rig, in(mr, -100, 100)), AXE_ERR_RANGE);
	dereg(mr);
	assert_int_equal(ibv_free_dm(dm), 0);
}

static void reg_dm_mr__rights(void **state)
{
	struct ibv_pd *pd = ibv_alloc_pd(rig.ctx);
	struct ibv_dm *dm = alloc(PAGE);
	struct ibv_mr *mr = reg(dm, 0, PAGE, IBV_ACCESS_ZERO_BASED);
	struct ibv_mr *foreign = ibv_reg_dm_mr(pd, dm, 0, PAGE, ACCESS);
	uint32_t key = mr->lkey;

	assert_non_null(foreign);
	assert_done(crc_of(&rig, in(mr, 0, PAGE)));
	assert_code(fill_at(&rig, in(mr, 0, PAGE), 1), AXE_ERR_ACCESS);
	assert_code(crc_of(&rig, in(foreign, 0, PAGE)), AXE_ERR_KEY);
	dereg(mr);
	assert_code(crc_of(&rig, (struct ibv_sge) { .length = 1, .lkey = key }), AXE_ERR_KEY);
	dereg(foreign);
	assert_int_equal(ibv_dealloc_pd(pd), 0);
	assert_int_equal(ibv_free_dm(dm), 0);
}

/* Zero based regions of ordinary memory are, too. */
static void reg_mr__zero_based(void **state)
{
	int access[] = { ACCESS, ACCESS | IBV_ACCESS_ON_DEMAND };
	uint8_t *p = pages(4 * PAGE);
	unsigned int i;

	fill_text(p, 4 * PAGE, 4);
	for (i = 0; i < ARRAY_SIZE(access); i++) {
		struct ibv_mr *mr = ibv_reg_mr(rig.pd, p + 100, 2 * PAGE, access[i]);
		struct wc wc;

		assert_non_null(mr);
		wc = crc_of(&rig, in(mr, 1, PAGE));
		assert_done(wc);
		assert_int_equal(wc.result[0], crc32_z(0, p + 101, PAGE));
		assert_code(crc_of(&rig, in(mr, (uintptr_t)p + 100, 1)), AXE_ERR_RANGE);
		assert_code(crc_of(&rig, in(mr, 2 * PAGE, 1)), AXE_ERR_RANGE);
		dereg(mr);
	}
	munmap(p, 4 * PAGE);
}

/*---- what it is not ----*/

static void alloc_dm__bad_arguments(void **state)
{
	struct ibv_dm *dm;

	assert_null(try_alloc(rig.ctx, 0, 0));
	assert_int_equal(errno, EINVAL);
	assert_null(try_alloc(rig.ctx, device_has(rig.ctx) + 1, 0));
	assert_int_equal(errno, ENOMEM);
	assert_null(try_alloc(rig.ctx, SIZE_MAX, 0));
	assert_int_equal(errno, ENOMEM);
	/* More than a page's cannot be promised. */
	assert_null(try_alloc(rig.ctx, PAGE, 13));
	assert_int_equal(errno, EINVAL);
	assert_null(try_alloc(rig.ctx, PAGE, UINT32_MAX));
	assert_int_equal(errno, EINVAL);
	dm = try_alloc(rig.ctx, 1, 12);
	assert_non_null(dm);
	assert_int_equal(ibv_free_dm(dm), 0);
}

static void refused(struct ibv_dm *dm, uint64_t offset, size_t length, int access, int error)
{
	struct ibv_mr *mr = ibv_reg_dm_mr(rig.pd, dm, offset, length, access);

	demand(!mr, "offset %#llx, length %#zx were taken", (unsigned long long)offset, length);
	demand(errno == error, "%s instead of %s", strerror(errno), strerror(error));
}

static void reg_dm_mr__bad_arguments(void **state)
{
	struct ibv_dm *dm = alloc(2 * PAGE + 4);

	refused(dm, 0, 2 * PAGE + 5, ACCESS, EINVAL);
	refused(dm, 0, 3 * PAGE, ACCESS, EINVAL);
	refused(dm, 2 * PAGE + 4, 1, ACCESS, EINVAL);
	refused(dm, -PAGE, 2 * PAGE, ACCESS, EINVAL);
	refused(dm, PAGE, SIZE_MAX, ACCESS, EINVAL);
	refused(dm, PAGE, SIZE_MAX - PAGE + 1, ACCESS, EINVAL);
	refused(dm, UINT64_MAX, 1, ACCESS, EINVAL);
	/* Rights that make no sense, or not here. */
	refused(dm, 0, PAGE, IBV_ACCESS_LOCAL_WRITE, EINVAL);
	refused(dm, 0, PAGE, IBV_ACCESS_ZERO_BASED | IBV_ACCESS_REMOTE_WRITE, EINVAL);
	refused(dm, 0, PAGE, ACCESS | IBV_ACCESS_ON_DEMAND, EOPNOTSUPP);
	refused(dm, 0, PAGE, ACCESS | IBV_ACCESS_HUGETLB, EOPNOTSUPP);
	refused(dm, 0, PAGE, ACCESS | IBV_ACCESS_FLUSH_PERSISTENT, EOPNOTSUPP);
	assert_int_equal(ibv_free_dm(dm), 0);
}

/* Other devices take it, and rdma-core's own tests ask for it. */
static void reg_dm_mr__of_nothing(void **state)
{
	struct ibv_dm *dm = alloc(PAGE);

	dereg(reg(dm, 0, 0, ACCESS));
	assert_int_equal(ibv_free_dm(dm), 0);
}

static void free_dm__with_a_region(void **state)
{
	struct ibv_dm *dm = alloc(PAGE);
	struct ibv_mr *mr = reg(dm, 0, PAGE, ACCESS);

	assert_int_equal(ibv_free_dm(dm), EBUSY);
	assert_done(fill_at(&rig, in(mr, 0, PAGE), 1));
	dereg(mr);
	assert_int_equal(ibv_free_dm(dm), 0);
}

/*---- how much there is ----*/

#define QUARTERS 4

static void alloc_dm__until_there_is_no_more(void **state)
{
	size_t quarter = device_has(rig.ctx) / QUARTERS;
	struct ibv_dm *dm[QUARTERS], *on_other;
	struct rig other;
	unsigned int i;

	rig_open(&other, &(struct rig_options){ .device = "axe1" });
	for (i = 0; i < QUARTERS; i++)
		dm[i] = alloc(quarter);
	assert_null(try_alloc(rig.ctx, 1, 0));
	assert_int_equal(errno, ENOMEM);
	/* Each device has its own. */
	on_other = try_alloc(other.ctx, quarter, 0);
	assert_non_null(on_other);
	assert_int_equal(ibv_free_dm(on_other), 0);

	assert_int_equal(ibv_free_dm(dm[1]), 0);
	dm[1] = alloc(PAGE);
	assert_null(try_alloc(rig.ctx, quarter, 0));
	assert_int_equal(errno, ENOMEM);
	for (i = 0; i < QUARTERS; i++)
		assert_int_equal(ibv_free_dm(dm[i]), 0);
	dm[0] = alloc(device_has(rig.ctx));
	assert_int_equal(ibv_free_dm(dm[0]), 0);
	rig_close(&other);
}

static void killed_child(void *arg)
{
	size_t size = device_has(rig.ctx) / 2;
	struct ibv_dm *dm;
	struct ibv_mr *mr;
	struct rig own;

	rig_open(&own, NULL);
	dm = try_alloc(own.ctx, size, 0);
	demand(dm, "ibv_alloc_dm of %zu", size);
	mr = ibv_reg_dm_mr(own.pd, dm, 0, size, ACCESS);
	demand(mr, "ibv_reg_dm_mr");
	assert_done(run(&own, fill, &(struct ibv_sge){ 0, size, mr->lkey }, "x", 1));
	dm = try_alloc(own.ctx, size, 0);
	demand(dm, "ibv_alloc_dm of %zu", size);
	raise(SIGKILL);
}

static void exit__gives_it_back(void **state)
{
	unsigned int i;

	for (i = 0; i < 3; i++)
		reap_killed(start_child(killed_child, NULL), SIGKILL);
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
	cmocka_unit_test(alloc_dm__zeroed),
	cmocka_unit_test(reg_dm_mr__device_and_process_share_it),
	cmocka_unit_test(reg_dm_mr__commands_with_other_memory),
	cmocka_unit_test(reg_dm_mr__overlap),
	cmocka_unit_test(reg_dm_mr__range),
	cmocka_unit_test(reg_dm_mr__rights),
	cmocka_unit_test(reg_mr__zero_based),
	cmocka_unit_test(alloc_dm__bad_arguments),
	cmocka_unit_test(reg_dm_mr__bad_arguments),
	cmocka_unit_test(reg_dm_mr__of_nothing),
	cmocka_unit_test(free_dm__with_a_region),
	cmocka_unit_test(alloc_dm__until_there_is_no_more),
	cmocka_unit_test(exit__gives_it_back),
};

LIVE_MAIN("dm", tests, setup, teardown)
