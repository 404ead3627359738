// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Memory regions: what they cost, and what they are. */

#include <pthread.h>
#include <sched.h>

#include <zlib.h>

#include "regions.h"
#include "vectors.h"

static struct rig rig;

#define ACCESS		IBV_ACCESS_LOCAL_WRITE
#define ACCESS_ODP	(IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_ON_DEMAND)

static int move(struct ibv_mr *mr, void *p, size_t length)
{
	return ibv_rereg_mr(mr, IBV_REREG_MR_CHANGE_TRANSLATION, NULL, p, length, 0);
}

static struct ibv_mr *reg(void *p, size_t length, int access)
{
	struct ibv_mr *mr = ibv_reg_mr(rig.pd, p, length, access);

	demand(mr, "ibv_reg_mr");
	return mr;
}

/*---- what they cost ----*/

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void reg_mr__implicit_is_quick(void **state)
{
	uint64_t times[201];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(times); i++) {
		uint64_t start = now_ns();
		struct ibv_mr *mr = ibv_reg_mr(rig.pd, NULL, SIZE_MAX, ACCESS_ODP);

		times[i] = now_ns() - start;
		assert_non_null(mr);
		dereg(mr);
	}
	qsort(times, ARRAY_SIZE(times), sizeof(times[0]), compare_u64);
	print_message("# ibv_reg_mr(NULL, SIZE_MAX): median %llu ns, best %llu ns\n",
		      (unsigned long long)times[ARRAY_SIZE(times) / 2],
		      (unsigned long long)times[0]);
	assert_between(times[ARRAY_SIZE(times) / 2], 0, 100000 * slowness());
}

#define MANY 2000

static void reg_mr__implicit_takes_no_memory(void **state)
{
	static struct ibv_mr *mrs[MANY];
	long long slab = field_of("/proc/meminfo", "Slab");
	long long rss = field_of("/proc/self/status", "VmRSS");
	long long pinned = field_of("/proc/self/status", "VmPin");
	long long locked = field_of("/proc/self/status", "VmLck");
	unsigned int i;

	for (i = 0; i < MANY; i++)
		mrs[i] = reg(NULL, SIZE_MAX, ACCESS_ODP);
	slab = field_of("/proc/meminfo", "Slab") - slab;
	rss = field_of("/proc/self/status", "VmRSS") - rss;
	pinned = field_of("/proc/self/status", "VmPin") - pinned;
	locked = field_of("/proc/self/status", "VmLck") - locked;
	for (i = 0; i < MANY; i++)
		dereg(mrs[i]);

	print_message("# each of %d: %lld bytes of slab, %lld of the process\n", MANY,
		      slab * 1024 / MANY, rss * 1024 / MANY);
	/* A few structures, not a page: 1 KiB from the core and malloc's share included. */
	demand(slab * 1024 / MANY < 2048, "%lld bytes of slab each", slab * 1024 / MANY);
	demand(rss * 1024 / MANY < 1024, "%lld bytes of the process each", rss * 1024 / MANY);
	assert_int_equal(pinned, 0);
	assert_int_equal(locked, 0);
}

static void reg_mr__one_tebibyte_reserved(void **state)
{
	size_t size = 1024 * GIB;
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	uint8_t *p = mmap(NULL, size, PROT_NONE, flags, -1, 0);
	long long slab, table;
	uint64_t start;
	struct ibv_mr *mr;
	struct wc wc;

	assert_ptr_not_equal(p, MAP_FAILED);
	slab = field_of("/proc/meminfo", "Slab");
	table = field_of("/proc/self/status", "VmPTE");
	start = now_ns();
	mr = reg(p, size, ACCESS_ODP);
	start = now_ns() - start;
	print_message("# 1 TiB: %llu ns\n", (unsigned long long)start);
	demand(field_of("/proc/meminfo", "Slab") - slab < 512, "half a mebibyte of slab");
	demand(field_of("/proc/self/status", "VmPTE") - table < 64, "page tables");

	/* Nothing to be had there, until there is. */
	wc = crc_of(&rig, in(mr, (uintptr_t)p + size - PAGE, PAGE));
	assert_code(wc, AXE_ERR_FAULT);
	assert_int_equal(wc.result[0], (uintptr_t)p + size - PAGE);
	assert_int_equal(mprotect(p + size - PAGE, PAGE, PROT_READ | PROT_WRITE), 0);
	fill_text(p + size - PAGE, PAGE, 1);
	wc = crc_of(&rig, in(mr, (uintptr_t)p + size - PAGE, PAGE));
	assert_done(wc);
	assert_int_equal(wc.result[0], crc32_z(0, p + size - PAGE, PAGE));
	dereg(mr);
	munmap(p, size);
}

/* Fault all of it in, let it go; what the kernel has allocated after that, in KiB. */
static long long slab_after_use(uint8_t *p, size_t size)
{
	uint64_t pages_before = counter("axe1", "prefetched_pages");
	/* The other device, where this process has no other region. */
	struct ibv_context *ctx = open_device("axe1");
	struct ibv_pd *pd;
	struct ibv_mr *mr;
	struct ibv_sge sge;

	/* By no command, for a queue takes more than a page table, and goes when RCU likes. */
	assert_non_null(ctx);
	pd = ibv_alloc_pd(ctx);
	assert_non_null(pd);
	mr = ibv_reg_mr(pd, NULL, SIZE_MAX, ACCESS_ODP);
	assert_non_null(mr);
	sge = in(mr, (uintptr_t)p, size);
	assert_int_equal(ibv_advise_mr(pd, IBV_ADVISE_MR_ADVICE_PREFETCH_WRITE,
				       IBV_ADVISE_MR_FLAG_FLUSH, &sge, 1), 0);
	assert_int_equal(counter("axe1", "prefetched_pages") - pages_before, size / PAGE);
	assert_int_equal(ibv_dereg_mr(mr), 0);
	assert_int_equal(ibv_dealloc_pd(pd), 0);
	assert_int_equal(ibv_close_device(ctx), 0);
	shrink_slab();
	return field_of("/proc/meminfo", "SUnreclaim");
}

/* What was faulted in goes with the last region. */
static void dereg_mr__gives_back(void **state)
{
	size_t size = 64 * MIB;
	uint8_t *p = small_pages(size);
	long long before, first, last;
	struct rig other;
	unsigned int i;

	/* From now on its counters tell what is, not what was. */
	rig_open(&other, &(struct rig_options){ .device = "axe1" });
	rig_close(&other);
	memset(p, 1, size);
	shrink_slab();
	before = field_of("/proc/meminfo", "SUnreclaim");
	/* The allocator keeps some of the first rounds for the next. */
	for (i = 0; i < 5; i++)
		first = slab_after_use(p, size);
	for (i = 0; i < 20; i++)
		last = slab_after_use(p, size);
	print_message("# 64 MiB faulted in: %lld KiB of slab; twenty times more: %lld\n",
		      first - before, last - first);
	/* One word a page is 128 KiB each time. */
	demand(first - before < 1024, "%lld KiB for the page table", first - before);
	demand(last - first < 640, "%lld KiB left behind", last - first);
	munmap(p, size);
}

/*---- what they are ----*/

static void reg_mr__bad_arguments(void **state)
{
	uint8_t *p = pages(PAGE);

	/* Implicit: all of it, on demand, or not at all. */
	assert_null(ibv_reg_mr(rig.pd, NULL, SIZE_MAX, ACCESS));
	assert_int_equal(errno, EINVAL);
	assert_null(ibv_reg_mr(rig.pd, p, SIZE_MAX, ACCESS_ODP));
	assert_int_equal(errno, EINVAL);
	/* Over the end of all addresses. */
	assert_null(ibv_reg_mr(rig.pd, (void *)-PAGE, 2 * PAGE, ACCESS_ODP));
	assert_int_equal(errno, EINVAL);
	assert_null(ibv_reg_mr_iova(rig.pd, p, PAGE, -(uint64_t)PAGE / 2, ACCESS_ODP));
	assert_int_equal(errno, EINVAL);
	assert_null(ibv_reg_mr(rig.pd, p, 0, ACCESS));
	assert_int_equal(errno, EINVAL);
	/* Nothing there to pin. */
	munmap(p, PAGE);
	assert_null(ibv_reg_mr(rig.pd, p, PAGE, ACCESS));
	assert_int_equal(errno, EFAULT);
	assert_null(ibv_reg_mr(rig.pd, p, PAGE, ACCESS | IBV_ACCESS_FLUSH_PERSISTENT));
	assert_int_equal(errno, EOPNOTSUPP);
}

static void reg_mr__pinned(void **state)
{
	uint8_t *p = small_pages(4 * PAGE), *expected = pages(4 * PAGE);
	long long pinned = field_of("/proc/self/status", "VmPin");
	struct ibv_mr *mr = reg(p + 100, 3 * PAGE, ACCESS);
	uint64_t faults = counter(rig.device, "page_faults");
	struct wc wc;

	assert_int_equal(field_of("/proc/self/status", "VmPin") - pinned, 16);
	fill_text(p, 4 * PAGE, 1);
	wc = crc_of(&rig, in(mr, (uintptr_t)p + 100, 3 * PAGE));
	assert_done(wc);
	assert_int_equal(wc.result[0], crc32_z(0, p + 100, 3 * PAGE));
	memcpy(expected, p, 4 * PAGE);
	memset(expected + 200, 0x77, 2 * PAGE);
	assert_done(fill_at(&rig, in(mr, (uintptr_t)p + 200, 2 * PAGE), 0x77));
	assert_memory_equal(p, expected, 4 * PAGE);
	assert_int_equal(counter(rig.device, "page_faults"), faults);
	dereg(mr);
	assert_int_equal(field_of("/proc/self/status", "VmPin"), pinned);
	munmap(p, 4 * PAGE);
	munmap(expected, 4 * PAGE);
}

/* Pinned memory stays where it is, and the device's, when the process unmaps it. */
static void reg_mr__pinned_outlives_its_mapping(void **state)
{
	uint8_t *p = small_pages(2 * PAGE);
	uintptr_t addr = (uintptr_t)p;
	struct ibv_mr *mr = reg(p, 2 * PAGE, ACCESS);
	uint32_t crc;
	struct wc wc;

	fill_text(p, 2 * PAGE, 6);
	crc = crc32_z(0, p, 2 * PAGE);
	munmap(p, 2 * PAGE);
	wc = crc_of(&rig, in(mr, addr, 2 * PAGE));
	assert_done(wc);
	assert_int_equal(wc.result[0], crc);
	assert_done(fill_at(&rig, in(mr, addr, 2 * PAGE), 1));
	dereg(mr);
}

static void iova_of(int access)
{
	uint8_t *p = small_pages(3 * PAGE);
	/* Around an address that nothing else could mean. */
	uint64_t iova = 0xfedc000000000000 + ((uintptr_t)p + 10) % PAGE;
	struct ibv_mr *mr = ibv_reg_mr_iova(rig.pd, p + 10, 2 * PAGE, iova, access);
	struct wc wc;

	assert_non_null(mr);
	fill_text(p, 3 * PAGE, 1);
	wc = crc_of(&rig, in(mr, iova, 2 * PAGE));
	assert_done(wc);
	assert_int_equal(wc.result[0], crc32_z(0, p + 10, 2 * PAGE));
	assert_done(fill_at(&rig, in(mr, iova + PAGE, 5), 0xab));
	assert_memory_equal(p + 10 + PAGE, "\xab\xab\xab\xab\xab", 5);
	/* The process's addresses mean nothing in it. */
	wc = crc_of(&rig, in(mr, (uintptr_t)p + 10, 10));
	assert_code(wc, AXE_ERR_RANGE);
	wc = crc_of(&rig, in(mr, iova - 1, 2));
	assert_code(wc, AXE_ERR_RANGE);
	assert_int_equal(wc.result[0], iova - 1);
	dereg(mr);
	munmap(p, 3 * PAGE);
}

static void reg_mr_iova__on_demand(void **state)
{
	iova_of(ACCESS_ODP);
}

static void reg_mr_iova__pinned(void **state)
{
	iova_of(ACCESS);
}

/* An error names the address as the command has it. */
static void reg_mr_iova__fault_names_the_iova(void **state)
{
	uint8_t *p = small_pages(4 * PAGE);
	uint64_t iova = 0x100000000000 + (uintptr_t)p % PAGE;
	struct ibv_mr *mr = ibv_reg_mr_iova(rig.pd, p, 4 * PAGE, iova, ACCESS_ODP);
	struct wc wc;

	assert_non_null(mr);
	memset(p, 1, 4 * PAGE);
	munmap(p + 2 * PAGE, PAGE);
	wc = crc_of(&rig, in(mr, iova + 100, 3 * PAGE));
	assert_code(wc, AXE_ERR_FAULT);
	assert_int_equal(wc.result[0], iova + 2 * PAGE);
	dereg(mr);
	munmap(p, 4 * PAGE);
}

/* 5 TiB behind the start: offsets are of 64 bits. */
static void reg_mr_iova__far_into_a_region(void **state)
{
	size_t size = 6UL * 1024 * GIB, at = 5UL * 1024 * GIB + 12345;
	uint8_t *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct ibv_mr *mr;
	struct wc wc;

	if (p == MAP_FAILED)
		p = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert_ptr_not_equal(p, MAP_FAILED);
	mr = ibv_reg_mr_iova(rig.pd, p, size, 0, ACCESS_ODP);
	assert_non_null(mr);
	assert_int_equal(mprotect(p + at / PAGE * PAGE, 2 * PAGE, PROT_READ | PROT_WRITE), 0);
	fill_text(p + at, 1000, 1);
	wc = crc_of(&rig, in(mr, at, 1000));
	assert_done(wc);
	assert_int_equal(wc.result[0], crc32_z(0, p + at, 1000));
	dereg(mr);
	munmap(p, size);
}

/*---- rereg ----*/

static void rereg_of(int access)
{
	uint8_t *a = small_pages(2 * PAGE), *b = small_pages(4 * PAGE);
	struct ibv_mr *mr = reg(a, 2 * PAGE, access);
	uint32_t key = mr->lkey;
	struct ibv_sge src = in(mr, (uintptr_t)a, 100);
	struct rig other = { .device = rig.device, .ctx = rig.ctx, .channel = rig.channel };
	struct wc wc;

	fill_text(a, 2 * PAGE, 1);
	fill_text(b, 4 * PAGE, 2);

	/* To another place. */
	assert_int_equal(move(mr, b, 4 * PAGE), 0);
	assert_int_equal(mr->lkey, key);
	wc = crc_of(&rig, in(mr, (uintptr_t)b, 4 * PAGE));
	assert_done(wc);
	assert_int_equal(wc.result[0], crc32_z(0, b, 4 * PAGE));
	assert_code(run(&rig, crc32, &src, 0), AXE_ERR_RANGE);

	/* To other rights, and back. */
	assert_int_equal(ibv_rereg_mr(mr, IBV_REREG_MR_CHANGE_ACCESS, NULL, NULL, 0,
				      access & ~IBV_ACCESS_LOCAL_WRITE), 0);
	assert_code(fill_at(&rig, in(mr, (uintptr_t)b, 10), 1), AXE_ERR_ACCESS);
	assert_done(crc_of(&rig, in(mr, (uintptr_t)b, 4 * PAGE)));
	assert_int_equal(ibv_rereg_mr(mr, IBV_REREG_MR_CHANGE_ACCESS, NULL, NULL, 0, access), 0);
	assert_done(fill_at(&rig, in(mr, (uintptr_t)b, 10), 1));

	/* To another protection domain. */
	other.pd = ibv_alloc_pd(rig.ctx);
	assert_non_null(other.pd);
	rig_open_queue(&other, NULL);
	src = in(mr, (uintptr_t)b, 100);
	assert_code(run(&other, crc32, &src, 0), AXE_ERR_KEY);
	assert_int_equal(ibv_rereg_mr(mr, IBV_REREG_MR_CHANGE_PD, other.pd, NULL, 0, 0), 0);
	assert_done(run(&other, crc32, &src, 0));
	assert_code(crc_of(&rig, src), AXE_ERR_KEY);

	/* The three at once, back. */
	assert_int_equal(ibv_rereg_mr(mr, IBV_REREG_MR_CHANGE_TRANSLATION |
				      IBV_REREG_MR_CHANGE_ACCESS | IBV_REREG_MR_CHANGE_PD,
				      rig.pd, a, 2 * PAGE, access & ~IBV_ACCESS_LOCAL_WRITE), 0);
	assert_code(run(&other, crc32, &src, 0), AXE_ERR_KEY);
	wc = crc_of(&rig, in(mr, (uintptr_t)a, 2 * PAGE));
	assert_done(wc);
	assert_int_equal(wc.result[0], crc32_z(0, a, 2 * PAGE));
	assert_code(fill_at(&rig, in(mr, (uintptr_t)a, 10), 1), AXE_ERR_ACCESS);

	rig_close_queue(&other);
	dereg(mr);
	assert_int_equal(ibv_dealloc_pd(other.pd), 0);
	munmap(a, 2 * PAGE);
	munmap(b, 4 * PAGE);
}

static void rereg_mr__on_demand(void **state)
{
	rereg_of(ACCESS_ODP);
}

static void rereg_mr__pinned(void **state)
{
	rereg_of(ACCESS);
}

/* One that fails leaves what was. */
static void rereg_mr__failure_changes_nothing(void **state)
{
	uint8_t *p = small_pages(PAGE), *gone = small_pages(PAGE);
	struct ibv_mr *mr = reg(p, PAGE, ACCESS);

	munmap(gone, PAGE);
	assert_int_not_equal(move(mr, gone, PAGE), 0);
	assert_done(fill_at(&rig, in(mr, (uintptr_t)p, PAGE), 1));
	assert_int_not_equal(ibv_rereg_mr(mr, IBV_REREG_MR_CHANGE_ACCESS, NULL, NULL, 0,
					  ACCESS | IBV_ACCESS_FLUSH_PERSISTENT), 0);
	assert_done(fill_at(&rig, in(mr, (uintptr_t)p, PAGE), 1));
	dereg(mr);
	munmap(p, PAGE);
}

struct traffic {
	struct rig rig;
	struct ibv_sge src;
	uint32_t crc;
	volatile unsigned int done, refused, wrong;
	volatile bool stop;
};

/* Eight commands at a time on memory that may go at any time. */
static void *traffic_run(void *arg)
{
	struct traffic *t = arg;
	unsigned int i;

	while (!t->stop) {
		for (i = 0; i < 8; i++)
			post(&t->rig, i, IBV_SEND_SIGNALED, crc32, &t->src, 0);
		for (i = 0; i < 8; i++) {
			struct wc wc = rig_wait(&t->rig);

			if (wc.code == AXE_OK && wc.result[0] == t->crc)
				t->done++;
			else if (wc.code == AXE_ERR_KEY || wc.code == AXE_ERR_RANGE)
				t->refused++;
			else
				t->wrong++;
		}
	}
	return NULL;
}

static void rereg_under_traffic(int access)
{
	size_t size = MIB;
	uint8_t *a = small_pages(size), *b = small_pages(size);
	struct ibv_mr *mr = reg(a, size, access);
	struct traffic t = { .stop = false };
	pthread_t thread;
	unsigned int i;

	fill_text(a, size, 1);
	fill_text(b, size, 2);
	t.rig = (struct rig){ .device = rig.device, .ctx = rig.ctx, .pd = rig.pd };
	t.rig.channel = ibv_create_comp_channel(rig.ctx);
	assert_non_null(t.rig.channel);
	rig_open_queue(&t.rig, &(struct rig_options){ .mode = AXE_QUEUE_WORKER });
	t.src = in(mr, (uintptr_t)a, size);
	t.crc = crc32_z(0, a, size);
	assert_int_equal(pthread_create(&thread, NULL, traffic_run, &t), 0);

	for (i = 0; i < 24; i++) {
		uint8_t *now = i % 2 ? a : b;
		volatile unsigned int *progress = i % 2 ? &t.done : &t.refused;
		unsigned int seen;

		assert_int_equal(move(mr, now, size), 0);
		/* From now on only the new one: nobody looks at the other any more. */
		if (now == b) {
			memset(a, 0xff, size);
			fill_text(a, size, 1);
		}
		for (seen = *progress; *progress == seen; )
			sched_yield();
	}
	t.stop = true;
	pthread_join(thread, NULL);
	print_message("# %u done, %u refused\n", t.done, t.refused);
	demand(!t.wrong, "%u commands saw neither the one nor the other", t.wrong);
	rig_close_queue(&t.rig);
	assert_int_equal(ibv_destroy_comp_channel(t.rig.channel), 0);
	dereg(mr);
	munmap(a, size);
	munmap(b, size);
}

static void rereg_mr__commands_in_flight(void **state)
{
	rereg_under_traffic(ACCESS_ODP);
}

static void rereg_mr__commands_in_flight_pinned(void **state)
{
	rereg_under_traffic(ACCESS);
}

/* When dereg returns, nobody writes there any more. */
static void dereg_mr__commands_in_flight(void **state)
{
	size_t size = 4 * MIB;
	uint8_t *p = small_pages(size);
	unsigned int i, k, killed = 0;
	struct rig other;

	rig_share(&other, &rig);
	rig_open_queue(&other, &(struct rig_options){ .mode = AXE_QUEUE_WORKER });
	for (i = 0; i < 20; i++) {
		struct ibv_mr *mr = reg(p, size, i % 2 ? ACCESS : ACCESS_ODP);
		struct ibv_sge dst = in(mr, (uintptr_t)p, size);
		uint8_t byte = 0xaa;

		for (k = 0; k < 6; k++)
			post(&other, k, IBV_SEND_SIGNALED, fill, &dst, &byte, 1);
		dereg(mr);
		memset(p, 0, size);
		for (k = 0; k < 6; k++) {
			struct wc wc = rig_wait(&other);

			if (wc.code != AXE_OK) {
				assert_code(wc, AXE_ERR_KEY);
				killed++;
			}
		}
		for (k = 0; k < size; k += 512)
			demand(!p[k], "written at %u after ibv_dereg_mr()", k);
	}
	assert_between(killed, 1, 120);
	rig_close_queue(&other);
	munmap(p, size);
}

/*---- huge pages ----*/

static void hugetlb__on_demand_and_pinned(void **state)
{
	uint8_t *p, *q = pages(4 * MIB);
	struct ibv_mr *mr;
	struct ibv_sge src, dst;
	struct wc wc;

	write_file("/proc/sys/vm/nr_hugepages", "4");
	p = mmap(NULL, 4 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB,
		 -1, 0);
	demand(p != MAP_FAILED, "no huge pages");
	fill_noise(q, 4 * MIB, 4);
	src = here(&rig, q, 3 * MIB);
	dst = here(&rig, p + 12345, 3 * MIB);
	assert_done(run(&rig, copy, &dst, &src));
	assert_memory_equal(p + 12345, q, 3 * MIB);
	mr = reg(p, 4 * MIB, ACCESS);
	wc = crc_of(&rig, in(mr, (uintptr_t)p, 4 * MIB));
	assert_done(wc);
	assert_int_equal(wc.result[0], crc32_z(0, p, 4 * MIB));
	dereg(mr);
	munmap(p, 4 * MIB);
	munmap(q, 4 * MIB);
	write_file("/proc/sys/vm/nr_hugepages", "0");
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
	cmocka_unit_test(reg_mr__implicit_is_quick),
	cmocka_unit_test(reg_mr__implicit_takes_no_memory),
	cmocka_unit_test(reg_mr__one_tebibyte_reserved),
	cmocka_unit_test(reg_mr__bad_arguments),
	cmocka_unit_test(reg_mr__pinned),
	cmocka_unit_test(reg_mr__pinned_outlives_its_mapping),
	cmocka_unit_test(reg_mr_iova__on_demand),
	cmocka_unit_test(reg_mr_iova__pinned),
	cmocka_unit_test(reg_mr_iova__fault_names_the_iova),
	cmocka_unit_test(reg_mr_iova__far_into_a_region),
	cmocka_unit_test(dereg_mr__gives_back),
	cmocka_unit_test(dereg_mr__commands_in_flight),
	cmocka_unit_test(rereg_mr__on_demand),
	cmocka_unit_test(rereg_mr__pinned),
	cmocka_unit_test(rereg_mr__failure_changes_nothing),
	cmocka_unit_test(rereg_mr__commands_in_flight),
	cmocka_unit_test(rereg_mr__commands_in_flight_pinned),
	cmocka_unit_test(hugetlb__on_demand_and_pinned),
};

LIVE_MAIN("mr", tests, setup, teardown)
