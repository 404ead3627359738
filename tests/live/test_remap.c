// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The process's page table changes: moved, given back, split, merged. */

#include <pthread.h>
#include <sched.h>

#include <zlib.h>

#include "memories.h"
#include "vectors.h"

/*---- the process's page table changes ----*/

static void mremap__old_and_new_address(void **state)
{
	uint8_t *p = small_pages(SIZE), *q = small_pages(2 * SIZE);
	struct ibv_sge src = here(&rig, p, SIZE);
	struct wc wc;

	fill_text(p, SIZE, 1);
	device_sees_text(p, SIZE, 1);
	device_sees_text(q, 0, 0);
	assert_ptr_equal(mremap(p, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, q), q);
	device_sees_text(q, SIZE, 1);
	wc = run(&rig, crc32, &src, 0);
	assert_code(wc, AXE_ERR_FAULT);
	assert_int_equal(wc.result[0], (uintptr_t)p);
	device_writes_text(q, SIZE, 2);
	process_sees_text(q, SIZE, 2);

	/* The same pages by two names, then one of them elsewhere. */
	assert_ptr_equal(mmap(p, SIZE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), p);
	fill_text(p, SIZE, 3);
	device_sees_text(p, SIZE, 3);
	device_sees_text(q, SIZE, 2);
	munmap(p, SIZE);
	munmap(q, 2 * SIZE);
}

static void dontneed__reads_zeros(void **state)
{
	uint8_t *p = small_pages(SIZE);
	struct ibv_sge src = here(&rig, p, SIZE);
	uint8_t *zeros = calloc(1, SIZE);
	struct wc wc;

	fill_text(p, SIZE, 1);
	device_writes_text(p, SIZE, 2);
	assert_int_equal(madvise(p, SIZE, MADV_DONTNEED), 0);
	wc = run(&rig, crc32, &src, 0);
	assert_done(wc);
	assert_int_equal(wc.result[0], crc32_z(0, zeros, SIZE));
	assert_memory_equal(p, zeros, SIZE);
	device_writes_text(p, SIZE, 3);
	process_sees_text(p, SIZE, 3);
	/* The zero page that was read is everybody's: it must not have changed. */
	assert_int_equal(madvise(p, SIZE, MADV_DONTNEED), 0);
	assert_memory_equal(p, zeros, SIZE);
	free(zeros);
	munmap(p, SIZE);
}

static void remap__new_memory_at_an_old_address(void **state)
{
	uint8_t *p = small_pages(SIZE);
	unsigned int i;

	for (i = 0; i < 20; i++) {
		assert_ptr_equal(mmap(p, SIZE, PROT_READ | PROT_WRITE,
				      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), p);
		fill_text(p, SIZE, i);
		device_sees_text(p, SIZE, i);
		device_writes_text(p, SIZE, i + 100);
		process_sees_text(p, SIZE, i + 100);
	}
	munmap(p, SIZE);
}

static void hugepage__split_and_collapsed(void **state)
{
	size_t size = 2 * MIB, length;
	uint8_t *map, *p = make_huge(&map, &length) - MIB;

	device_writes_text(p, size, 1);
	process_sees_text(p, size, 1);
	/* Unmapping a part splits it. */
	munmap(p + size - PAGE, PAGE);
	device_sees_text(p, SIZE, 1);
	device_writes_text(p, size - PAGE, 2);
	process_sees_text(p, size - PAGE, 2);
	assert_ptr_equal(mmap(p + size - PAGE, PAGE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), p + size - PAGE);
	/* And together again. */
	assert_int_equal(madvise(p, size, MADV_HUGEPAGE), 0);
	fill_text(p, size, 3);
	device_sees_text(p, size, 3);
	assert_int_equal(madvise(p, size, 25 /* MADV_COLLAPSE */), 0);
	device_sees_text(p, size, 3);
	device_writes_text(p, size, 4);
	process_sees_text(p, size, 4);
	munmap(map, length);
}

/* Pages are moved about in memory, while the device works on them. */
static volatile bool stop;

static void *compactor(void *arg)
{
	while (!stop)
		write_file("/proc/sys/vm/compact_memory", "1");
	return NULL;
}

static void compaction__while_the_device_works(void **state)
{
	size_t size = 256 * KIB;
	uint8_t *p = small_pages(size);
	uint64_t before = counter(rig.device, "invalidations");
	uint64_t end = now_ms() + 1000;
	pthread_t thread;
	unsigned int i;

	stop = false;
	assert_int_equal(pthread_create(&thread, NULL, compactor, NULL), 0);
	for (i = 0; now_ms() < end; i++) {
		device_writes_text(p, size, i);
		process_sees_text(p, size, i);
		fill_text(p, size, i + 1);
		device_sees_text(p, size, i + 1);
	}
	stop = true;
	pthread_join(thread, NULL);
	print_message("# %u rounds, %llu invalidations\n", i,
		      (unsigned long long)(counter(rig.device, "invalidations") - before));
	munmap(p, size);
}

/*---- KSM ----*/

#define KSM "/sys/kernel/mm/ksm/"

/* Two pages of the same contents are one, soon. */
static void merge(uint8_t *p, size_t size)
{
	uint64_t end = now_ms() + DEADLINE_MS;
	unsigned int merged;

	write_file(KSM "pages_to_scan", "10000");
	write_file(KSM "sleep_millisecs", "1");
	write_file(KSM "run", "1");
	demand(!madvise(p, size, MADV_MERGEABLE), "MADV_MERGEABLE");
	/* KSM has no event to wait for; it tells what this process has of it. */
	do {
		merged = read_number(KSM "pages_sharing");
		sched_yield();
	} while (merged < size / PAGE - 1 && now_ms() < end);
	demand(merged >= size / PAGE - 1, "%u pages merged", merged);
}

static void unmerge(void)
{
	write_file(KSM "run", "2");
	write_file(KSM "run", "0");
}

static void ksm__merged_pages(void **state)
{
	size_t n = 8, size = n * PAGE, i;
	uint8_t *p = small_pages(size);

	if (access(KSM "run", W_OK))
		skip_because("the kernel has no KSM");
	for (i = 0; i < n; i++)
		fill_text(p + i * PAGE, PAGE, 5);
	/* Known to the device for writing, before. */
	for (i = 0; i < n; i++)
		device_writes_text(p + i * PAGE, PAGE, 5);
	merge(p, size);
	for (i = 0; i < n; i++)
		device_sees_text(p + i * PAGE, PAGE, 5);
	/* The device writes one of them, the process another. */
	device_writes_text(p + 2 * PAGE, PAGE, 6);
	fill_text(p + 5 * PAGE, PAGE, 7);
	for (i = 0; i < n; i++) {
		process_sees_text(p + i * PAGE, PAGE, i == 2 ? 6 : i == 5 ? 7 : 5);
		device_sees_text(p + i * PAGE, PAGE, i == 2 ? 6 : i == 5 ? 7 : 5);
	}
	unmerge();
	for (i = 0; i < n; i++)
		device_sees_text(p + i * PAGE, PAGE, i == 2 ? 6 : i == 5 ? 7 : 5);
	munmap(p, size);
}

/* KSM merges pages only that nobody else holds: the device's work must not be lost. */
static void ksm__while_the_device_writes(void **state)
{
	size_t n = 32, size = n * PAGE, i;
	uint8_t *p = small_pages(size);
	unsigned int round;

	if (access(KSM "run", W_OK))
		skip_because("the kernel has no KSM");
	write_file(KSM "pages_to_scan", "10000");
	write_file(KSM "sleep_millisecs", "0");
	write_file(KSM "run", "1");
	assert_int_equal(madvise(p, size, MADV_MERGEABLE), 0);
	for (round = 0; round < 12; round++) {
		for (i = 0; i < n; i++)
			device_writes_text(p + i * PAGE, PAGE, round);
		for (i = 0; i < n; i++) {
			process_sees_text(p + i * PAGE, PAGE, round);
			device_sees_text(p + i * PAGE, PAGE, round);
		}
	}
	unmerge();
	munmap(p, size);
}

static const struct CMUnitTest tests[] = {
	BOTH(mremap__old_and_new_address),
	BOTH(dontneed__reads_zeros),
	BOTH(remap__new_memory_at_an_old_address),
	BOTH(hugepage__split_and_collapsed),
	BOTH(compaction__while_the_device_works),
	BOTH(ksm__merged_pages),
	BOTH(ksm__while_the_device_writes),
};

LIVE_MAIN("remap", tests, NULL, NULL)
