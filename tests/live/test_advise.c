// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* ibv_advise_mr(): pages that are there before a command needs them. */

#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>

#include <zlib.h>

#include "common.h"
#include "vectors.h"

static struct rig rig;

#define N	64
#define SIZE	(N * PAGE)

static int advise(enum ibv_advise_mr_advice advice, uint32_t flags, const void *p, size_t size)
{
	struct ibv_sge sge = here(&rig, p, size);

	return ibv_advise_mr(rig.pd, advice, flags, &sge, 1);
}

static unsigned int present(const uint8_t *p, size_t size)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	unsigned int n = 0;
	uint64_t entry;
	size_t i;

	demand(fd >= 0, "/proc/self/pagemap");
	for (i = 0; i < size / PAGE; i++) {
		demand(pread(fd, &entry, 8, ((uintptr_t)p / PAGE + i) * 8) == 8, "pagemap");
		n += entry >> 63;
	}
	close(fd);
	return n;
}

/* The device reads, or writes, all of it: how often did it have to fault? */
static uint64_t faults_to_read(const uint8_t *p, size_t size)
{
	uint64_t before = counter(rig.device, "page_faults");
	struct ibv_sge src = here(&rig, p, size);
	struct wc wc = run(&rig, crc32, &src, 0);

	assert_done(wc);
	assert_int_equal(wc.result[0], crc32_z(0, p, size));
	return counter(rig.device, "page_faults") - before;
}

static uint64_t faults_to_write(const uint8_t *p, size_t size)
{
	uint64_t before = counter(rig.device, "page_faults");
	struct ibv_sge dst = here(&rig, p, size);

	assert_done(run(&rig, fill, &dst, "w", 1));
	return counter(rig.device, "page_faults") - before;
}

static uint64_t prefetched(void)
{
	return counter(rig.device, "prefetched_pages");
}

static void prefetch__for_reading(void **state)
{
	uint8_t *p = small_pages(SIZE), *q = small_pages(SIZE);
	uint64_t before = prefetched();

	/* Memory that never was touched. */
	assert_int_equal(advise(IBV_ADVISE_MR_ADVICE_PREFETCH, IBV_ADVISE_MR_FLAG_FLUSH, p,
				SIZE), 0);
	assert_int_equal(prefetched() - before, N);
	assert_int_equal(faults_to_read(p, SIZE), 0);
	/* To read is not to write. */
	assert_between(faults_to_write(p, SIZE), 1, N);
	/* And without the advice there are faults: this test can tell. */
	assert_between(faults_to_read(q, SIZE), 1, N);
	munmap(p, SIZE);
	munmap(q, SIZE);
}

static void prefetch__for_writing(void **state)
{
	uint8_t *p = small_pages(SIZE);
	uint64_t before = prefetched();

	assert_int_equal(advise(IBV_ADVISE_MR_ADVICE_PREFETCH_WRITE, IBV_ADVISE_MR_FLAG_FLUSH, p,
				SIZE), 0);
	assert_int_equal(prefetched() - before, N);
	assert_int_equal(faults_to_write(p, SIZE), 0);
	assert_int_equal(faults_to_read(p, SIZE), 0);
	munmap(p, SIZE);
}

/* Only what is in memory already, and nothing else comes in by it. */
static void prefetch__without_faults(void **state)
{
	uint8_t *p = small_pages(SIZE);
	uint64_t before = prefetched();
	unsigned int i;

	for (i = 0; i < N; i += 2)
		p[i * PAGE] = i;
	assert_int_equal(present(p, SIZE), N / 2);
	assert_int_equal(advise(IBV_ADVISE_MR_ADVICE_PREFETCH_NO_FAULT, IBV_ADVISE_MR_FLAG_FLUSH, p,
				SIZE), 0);
	assert_int_equal(present(p, SIZE), N / 2);
	assert_int_equal(prefetched() - before, N / 2);
	for (i = 0; i < N; i += 2)
		assert_int_equal(faults_to_read(p + i * PAGE, PAGE), 0);
	munmap(p, SIZE);
}

/* A hole in the range is nothing to complain about, without faults. */
static void prefetch__without_faults_over_a_hole(void **state)
{
	uint8_t *p = small_pages(SIZE);

	memset(p, 1, SIZE);
	munmap(p + 10 * PAGE, 5 * PAGE);
	assert_int_equal(advise(IBV_ADVISE_MR_ADVICE_PREFETCH_NO_FAULT, IBV_ADVISE_MR_FLAG_FLUSH, p,
				SIZE), 0);
	assert_int_equal(faults_to_read(p, 10 * PAGE), 0);
	assert_int_equal(faults_to_read(p + 15 * PAGE, SIZE - 15 * PAGE), 0);
	munmap(p, SIZE);
}

/* In a child: a process that the device has seen nothing of has no page tables there. */
static void advises_over_holes(void *arg)
{
	size_t size = 6 * MIB, hole = 2 * MIB, left = (size - hole) / PAGE - 5;
	uint8_t *p = small_pages(size + hole);
	unsigned int i;

	rig_open(&rig, NULL);
	p += -(uintptr_t)p & (hole - 1);
	memset(p, 1, size);
	munmap(p, 5 * PAGE);
	munmap(p + hole, hole);
	/* The second time there are tables, of the first time. */
	for (i = 0; i < 2; i++) {
		uint64_t before = prefetched();
		int none = advise(IBV_ADVISE_MR_ADVICE_PREFETCH_NO_FAULT,
				  IBV_ADVISE_MR_FLAG_FLUSH, p + hole, hole);
		int all = advise(IBV_ADVISE_MR_ADVICE_PREFETCH_NO_FAULT,
				 IBV_ADVISE_MR_FLAG_FLUSH, p, size);

		demand(!none, "a hole alone: %s, round %u", strerror(none), i);
		demand(!all, "with holes: %s, round %u", strerror(all), i);
		demand(prefetched() - before == left, "%llu pages prefetched, not %zu, round %u",
		       (unsigned long long)(prefetched() - before), left, i);
	}
	demand(advise(IBV_ADVISE_MR_ADVICE_PREFETCH, IBV_ADVISE_MR_FLAG_FLUSH, p, size) == EFAULT,
	       "with faults, a hole is an error");
}

static void prefetch__without_faults_over_holes_never_seen(void **state)
{
	in_child(advises_over_holes, NULL);
}

/* Memory that no device may have is passed over like a hole. */
static void prefetch__without_faults_over_secret_memory(void **state)
{
	int fd = syscall(SYS_memfd_secret, O_CLOEXEC);
	uint8_t *p;

	if (fd < 0)
		skip_because("the kernel has no memfd_secret()");
	assert_int_equal(ftruncate(fd, SIZE), 0);
	p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(p, MAP_FAILED);
	close(fd);
	memset(p, 1, SIZE);
	assert_int_equal(advise(IBV_ADVISE_MR_ADVICE_PREFETCH_NO_FAULT, IBV_ADVISE_MR_FLAG_FLUSH, p,
				SIZE), 0);
	assert_int_equal(advise(IBV_ADVISE_MR_ADVICE_PREFETCH, IBV_ADVISE_MR_FLAG_FLUSH, p,
				SIZE), EFAULT);
	munmap(p, SIZE);
}

static void await_prefetched(uint64_t value)
{
	uint64_t end = now_ms() + DEADLINE_MS;

	while (prefetched() < value)
		demand(now_ms() < end, "%llu pages prefetched, not %llu",
		       (unsigned long long)prefetched(), (unsigned long long)value);
}

static void prefetch__in_the_background(void **state)
{
	static const enum ibv_advise_mr_advice kinds[] = {
		IBV_ADVISE_MR_ADVICE_PREFETCH, IBV_ADVISE_MR_ADVICE_PREFETCH_WRITE,
		IBV_ADVISE_MR_ADVICE_PREFETCH_NO_FAULT,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		uint8_t *p = small_pages(SIZE);
		uint64_t before = prefetched();

		if (i == 2)
			memset(p, 1, SIZE);
		assert_int_equal(advise(kinds[i], 0, p, SIZE), 0);
		await_prefetched(before + N);
		if (i == 1)
			assert_int_equal(faults_to_write(p, SIZE), 0);
		assert_int_equal(faults_to_read(p, SIZE), 0);
		munmap(p, SIZE);
	}
}

/* Several ranges in one call, parts of pages among them, and more than a span holds. */
static void prefetch__many_ranges(void **state)
{
	size_t size = 8 * MIB;
	uint8_t *p = small_pages(size);
	struct ibv_sge sge[4] = {
		here(&rig, p + 10, 100), here(&rig, p + 3 * PAGE - 1, 2),
		here(&rig, p + MIB, 6 * MIB), here(&rig, p, 0),
	};
	uint64_t before = prefetched();

	assert_int_equal(ibv_advise_mr(rig.pd, IBV_ADVISE_MR_ADVICE_PREFETCH_WRITE,
				       IBV_ADVISE_MR_FLAG_FLUSH, sge, 4), 0);
	assert_int_equal(prefetched() - before, 1 + 2 + 6 * MIB / PAGE);
	assert_int_equal(faults_to_write(p + MIB, 6 * MIB), 0);
	assert_int_equal(faults_to_write(p + 2 * PAGE, 2 * PAGE), 0);
	munmap(p, size);
}

static void prefetch__explicit_and_pinned_regions(void **state)
{
	uint8_t *p = small_pages(SIZE);
	struct ibv_mr *mr = ibv_reg_mr_iova(rig.pd, p, SIZE, 0x10000000 + (uintptr_t)p % PAGE,
					    IBV_ACCESS_ON_DEMAND | IBV_ACCESS_LOCAL_WRITE);
	struct ibv_sge sge;

	assert_non_null(mr);
	sge = (struct ibv_sge) { 0x10000000 + (uintptr_t)p % PAGE, SIZE, mr->lkey };
	assert_int_equal(ibv_advise_mr(rig.pd, IBV_ADVISE_MR_ADVICE_PREFETCH_WRITE,
				       IBV_ADVISE_MR_FLAG_FLUSH, &sge, 1), 0);
	/* One page table for the process: through the other region it is there too. */
	assert_int_equal(faults_to_write(p, SIZE), 0);
	assert_int_equal(ibv_dereg_mr(mr), 0);

	mr = ibv_reg_mr(rig.pd, p, SIZE, IBV_ACCESS_LOCAL_WRITE);
	assert_non_null(mr);
	sge = (struct ibv_sge) { (uintptr_t)p, SIZE, mr->lkey };
	assert_int_equal(ibv_advise_mr(rig.pd, IBV_ADVISE_MR_ADVICE_PREFETCH_WRITE,
				       IBV_ADVISE_MR_FLAG_FLUSH, &sge, 1), 0);
	assert_int_equal(ibv_dereg_mr(mr), 0);
	munmap(p, SIZE);
}

static void advise__errors(void **state)
{
	struct ibv_pd *pd = ibv_alloc_pd(rig.ctx);
	uint8_t *p = small_pages(SIZE);
	int access = IBV_ACCESS_ON_DEMAND | IBV_ACCESS_LOCAL_WRITE;
	struct ibv_mr *foreign = ibv_reg_mr(pd, p, SIZE, access);
	struct ibv_mr *reader = ibv_reg_mr(rig.pd, p, SIZE, IBV_ACCESS_ON_DEMAND);
	struct ibv_sge sge;
	uint32_t flags;

	assert_non_null(foreign);
	assert_non_null(reader);
#define ADVISE(advice, key, at, n)						\
	(sge = (struct ibv_sge) { (uintptr_t)(at), (n), (key) },		\
	 ibv_advise_mr(rig.pd, IBV_ADVISE_MR_ADVICE_##advice, flags, &sge, 1))

	for (flags = 0; flags <= IBV_ADVISE_MR_FLAG_FLUSH; flags++) {
		assert_int_equal(ADVISE(PREFETCH, 0x777777, p, SIZE), ENOENT);
		assert_int_equal(ADVISE(PREFETCH, foreign->lkey, p, SIZE), ENOENT);
		assert_int_equal(ADVISE(PREFETCH_WRITE, reader->lkey, p, SIZE), EPERM);
		assert_int_equal(ADVISE(PREFETCH, reader->lkey, p, SIZE), 0);
		assert_int_equal(ADVISE(PREFETCH, reader->lkey, p, SIZE + 1), EFAULT);
		assert_int_equal(ADVISE(PREFETCH, reader->lkey, p - 1, 1), EFAULT);
		assert_int_equal(ADVISE(PREFETCH, rig.mr->lkey, -8UL, 100), EFAULT);
	}
	/* Where nothing is: told to who waits for it; to others it was only advice. */
	munmap(p + 20 * PAGE, PAGE);
	flags = IBV_ADVISE_MR_FLAG_FLUSH;
	assert_int_equal(ADVISE(PREFETCH, rig.mr->lkey, p, SIZE), EFAULT);
	assert_int_equal(ADVISE(PREFETCH, rig.mr->lkey, 0xffff888000000000, PAGE), EFAULT);
	flags = 0;
	assert_int_equal(ADVISE(PREFETCH, rig.mr->lkey, p, SIZE), 0);
	/* Not known. */
	flags = 2;
	assert_int_not_equal(ADVISE(PREFETCH, rig.mr->lkey, p, PAGE), 0);
	flags = 0;
	sge = here(&rig, p, PAGE);
	assert_int_equal(ibv_advise_mr(rig.pd, 77, 0, &sge, 1), EOPNOTSUPP);
	assert_queue_works(&rig);
	assert_int_equal(ibv_dereg_mr(reader), 0);
	assert_int_equal(ibv_dereg_mr(foreign), 0);
	assert_int_equal(ibv_dealloc_pd(pd), 0);
	munmap(p, SIZE);
}

/* The memory, the region, the process may go while it is under way. */
static void prefetch__interrupted(void **state)
{
	size_t size = 64 * MIB;
	unsigned int i;

	for (i = 0; i < 6; i++) {
		uint8_t *p = small_pages(size);
		struct ibv_mr *mr = ibv_reg_mr(rig.pd, p, size,
					       IBV_ACCESS_ON_DEMAND | IBV_ACCESS_LOCAL_WRITE);
		struct ibv_sge sge;
		uint64_t start;

		assert_non_null(mr);
		sge = (struct ibv_sge) { (uintptr_t)p, size, mr->lkey };
		assert_int_equal(ibv_advise_mr(rig.pd, IBV_ADVISE_MR_ADVICE_PREFETCH_WRITE, 0,
					       &sge, 1), 0);
		if (i & 1)
			munmap(p, size);
		start = now_ms();
		assert_int_equal(ibv_dereg_mr(mr), 0);
		/* Not only when all of it is done. */
		assert_between(now_ms() - start, 0, 2000);
		if (!(i & 1))
			munmap(p, size);
	}
	assert_queue_works(&rig);
}

static void leaves_in_the_middle(void *arg)
{
	struct rig own;
	uint8_t *p = small_pages(64 * MIB);
	struct ibv_sge sge;

	rig_open(&own, NULL);
	sge = here(&own, p, 64 * MIB);
	demand(!ibv_advise_mr(own.pd, IBV_ADVISE_MR_ADVICE_PREFETCH_WRITE, 0, &sge, 1), "advise");
}

static void prefetch__process_exits(void **state)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		in_child(leaves_in_the_middle, NULL);
	assert_queue_works(&rig);
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
	cmocka_unit_test(prefetch__for_reading),
	cmocka_unit_test(prefetch__for_writing),
	cmocka_unit_test(prefetch__without_faults),
	cmocka_unit_test(prefetch__without_faults_over_a_hole),
	cmocka_unit_test(prefetch__without_faults_over_holes_never_seen),
	cmocka_unit_test(prefetch__without_faults_over_secret_memory),
	cmocka_unit_test(prefetch__in_the_background),
	cmocka_unit_test(prefetch__many_ranges),
	cmocka_unit_test(prefetch__explicit_and_pinned_regions),
	cmocka_unit_test(advise__errors),
	cmocka_unit_test(prefetch__interrupted),
	cmocka_unit_test(prefetch__process_exits),
};

LIVE_MAIN("advise", tests, setup, teardown)
