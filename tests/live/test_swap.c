// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Pages that leave memory and come back: what the device wrote is not lost. */

#include <fcntl.h>
#include <pthread.h>

#include <zlib.h>

#include "memories.h"
#include "vectors.h"

/*---- swap ----*/

#define SWAP_FILE "/var/tmp/axe-live-swap"

static int swap_on(void **state)
{
	must("dd if=/dev/zero of=" SWAP_FILE " bs=1M count=64 2>/dev/null");
	must("chmod 600 " SWAP_FILE " && mkswap -q " SWAP_FILE " && swapon " SWAP_FILE);
	return 0;
}

static int swap_off(void **state)
{
	return shell(NULL, "swapoff " SWAP_FILE " && rm -f " SWAP_FILE);
}

/* Of all pages of the range: those present, those in swap. */
static void where_is(const uint8_t *p, size_t size, unsigned int *present, unsigned int *swapped)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry;
	size_t i;

	demand(fd >= 0, "/proc/self/pagemap");
	*present = *swapped = 0;
	for (i = 0; i < size / PAGE; i++) {
		demand(pread(fd, &entry, 8, ((uintptr_t)p / PAGE + i) * 8) == 8, "pagemap");
		*present += entry >> 63;
		*swapped += entry >> 62 & 1;
	}
	close(fd);
}

/* Out it goes: again until it has. */
static void page_out(uint8_t *p, size_t size)
{
	uint64_t end = now_ms() + DEADLINE_MS;
	unsigned int present, swapped;

	do {
		demand(!madvise(p, size, 21 /* MADV_PAGEOUT */), "MADV_PAGEOUT");
		where_is(p, size, &present, &swapped);
	} while (present && now_ms() < end);
	demand(!present, "%u pages do not leave", present);
}

#define GROUP "/sys/fs/cgroup/axe-live"

/* The same for pages that a child has too, which MADV_PAGEOUT leaves alone: real reclaim. */
static void reclaim(uint8_t *p, size_t size)
{
	uint64_t end = now_ms() + DEADLINE_MS;
	unsigned int present, swapped;

	do {
		int fd = open(GROUP "/memory.reclaim", O_WRONLY | O_CLOEXEC);

		demand(fd >= 0, "no memory.reclaim");
		/* EAGAIN says that there was less. */
		demand(write(fd, "64M", 3) == 3 || errno == EAGAIN, "memory.reclaim");
		close(fd);
		where_is(p, size, &present, &swapped);
	} while (present && now_ms() < end);
	demand(!present, "%u pages do not leave", present);
}

static char old_group[256];

/* What is allocated from here on can be reclaimed by itself. */
static void enter_group(void)
{
	FILE *f = fopen("/proc/self/cgroup", "re");
	char line[200];

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, "0::", 3))
			snprintf(old_group, sizeof(old_group), "/sys/fs/cgroup%.*s/cgroup.procs",
				 (int)strcspn(line + 3, "\n"), line + 3);
	}
	fclose(f);
	write_file("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
	must("mkdir -p " GROUP);
	write_file(GROUP "/cgroup.procs", "0");
}

static void leave_group(void)
{
	write_file(old_group, "0");
	rmdir(GROUP);
}

static void swap__device_reads_it_back(void **state)
{
	uint8_t *p = small_pages(SIZE);
	unsigned int present, swapped;

	fill_text(p, SIZE, 1);
	device_sees_text(p, SIZE, 1);
	page_out(p, SIZE);
	where_is(p, SIZE, &present, &swapped);
	assert_int_equal(swapped, SIZE / PAGE);
	device_sees_text(p, SIZE, 1);
	where_is(p, SIZE, &present, &swapped);
	assert_int_equal(present, SIZE / PAGE);
	process_sees_text(p, SIZE, 1);
	munmap(p, SIZE);
}

static void read_each_page(const volatile uint8_t *p, size_t size)
{
	size_t i;

	for (i = 0; i < size; i += PAGE)
		(void)p[i];
}

static void device_writes_survive(uint8_t *p)
{
	unsigned int i;

	fill_text(p, SIZE, 0);
	for (i = 1; i < 6; i++) {
		page_out(p, SIZE);
		/*
		 * Read by the CPU, a page comes in clean, with a copy in swap; the
		 * device then writes it behind the CPU's back. Is that copy taken
		 * for the page, the device's write is lost.
		 */
		if (i != 3)
			read_each_page(p, SIZE);
		device_writes_text(p, SIZE, i);
		page_out(p, SIZE);
		if (i & 1)
			device_sees_text(p, SIZE, i);
		else
			process_sees_text(p, SIZE, i);
	}
	munmap(p, SIZE);
}

static void swap__device_writes_survive(void **state)
{
	device_writes_survive(small_pages(SIZE));
}

/* Shared memory is swapped, too, and nobody tracks who makes it dirty. */
static void swap__device_writes_to_a_memfd_survive(void **state)
{
	uint8_t *map;
	size_t length;

	device_writes_survive(make_shared_memfd(&map, &length));
}

struct scene {
	uint8_t *p;
	struct baton baton;
};

static void child_looks(void *arg)
{
	struct scene *s = arg;

	baton_await_parent(&s->baton);
	process_sees_text(s->p, SIZE, 1);
}

static void swap__with_a_child(void **state)
{
	struct scene s;
	pid_t pid;

	enter_group();
	s.p = small_pages(SIZE);
	baton_make(&s.baton);
	fill_text(s.p, SIZE, 1);
	device_sees_text(s.p, SIZE, 1);
	pid = start_child(child_looks, &s);
	reclaim(s.p, SIZE);
	device_sees_text(s.p, SIZE, 1);
	reclaim(s.p, SIZE);
	device_writes_text(s.p, SIZE, 2);
	reclaim(s.p, SIZE);
	process_sees_text(s.p, SIZE, 2);
	device_sees_text(s.p, SIZE, 2);
	baton_to_child(&s.baton);
	end_child(pid);
	baton_free(&s.baton);
	munmap(s.p, SIZE);
	leave_group();
}

/* What may be dropped, may not any more when the device has written it. */
static void lazyfree__device_writes_survive(void **state)
{
	uint8_t *p = small_pages(SIZE);

	fill_text(p, SIZE, 1);
	device_sees_text(p, SIZE, 1);
	assert_int_equal(madvise(p, SIZE, MADV_FREE), 0);
	device_writes_text(p, SIZE, 2);
	page_out(p, SIZE);
	process_sees_text(p, SIZE, 2);
	munmap(p, SIZE);
}

/* In and out all the time, while the device works on it. */
static volatile bool stop;

static void *pager(void *arg)
{
	while (!stop)
		madvise(arg, 256 * KIB, 21 /* MADV_PAGEOUT */);
	return NULL;
}

static void swap__while_the_device_works(void **state)
{
	size_t size = 256 * KIB;
	uint8_t *p = small_pages(size);
	uint64_t end = now_ms() + 1000;
	pthread_t thread;
	unsigned int i;

	stop = false;
	assert_int_equal(pthread_create(&thread, NULL, pager, p), 0);
	for (i = 0; now_ms() < end; i++) {
		device_writes_text(p, size, i);
		process_sees_text(p, size, i);
		fill_text(p, size, i + 1);
		device_sees_text(p, size, i + 1);
	}
	stop = true;
	pthread_join(thread, NULL);
	munmap(p, size);
}

/*---- files ----*/

static void file_survives(bool touch)
{
	char name[] = "/var/tmp/axe-live-XXXXXX";
	int fd = mkostemp(name, O_CLOEXEC);
	uint8_t *p, *back = pages(SIZE);
	unsigned int i;

	assert_true(fd >= 0);
	unlink(name);
	assert_int_equal(ftruncate(fd, SIZE), 0);
	p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(p, MAP_FAILED);
	for (i = 1; i < 5; i++) {
		if (touch)
			read_each_page(p, SIZE);
		device_writes_text(p, SIZE, i);
		assert_int_equal(i & 1 ? msync(p, SIZE, MS_SYNC) : fdatasync(fd), 0);
		/* The second time, the device's page table may still be warm. */
		device_writes_text(p, SIZE, i + 10);
		assert_int_equal(i & 1 ? fdatasync(fd) : msync(p, SIZE, MS_SYNC), 0);
		/* Away with the mapping's and the cache's pages: the disk it is. */
		assert_int_equal(madvise(p, SIZE, MADV_DONTNEED), 0);
		assert_int_equal(posix_fadvise(fd, 0, SIZE, POSIX_FADV_DONTNEED), 0);
		assert_int_equal(pread(fd, back, SIZE, 0), SIZE);
		process_sees_text(back, SIZE, i + 10);
	}
	munmap(p, SIZE);
	close(fd);
	munmap(back, SIZE);
}

static void file__device_writes_reach_the_disk(void **state)
{
	file_survives(false);
	file_survives(true);
}

/* read() sees at once what the device writes to a mapping. */
static void file__read_sees_device_writes(void **state)
{
	char name[] = "/var/tmp/axe-live-XXXXXX";
	int fd = mkostemp(name, O_CLOEXEC);
	uint8_t *p, *back = pages(SIZE);

	assert_true(fd >= 0);
	unlink(name);
	assert_int_equal(ftruncate(fd, SIZE), 0);
	p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(p, MAP_FAILED);
	device_writes_text(p, SIZE, 1);
	assert_int_equal(pread(fd, back, SIZE, 0), SIZE);
	process_sees_text(back, SIZE, 1);
	fill_text(back, SIZE, 2);
	assert_int_equal(pwrite(fd, back, SIZE, 0), SIZE);
	device_sees_text(p, SIZE, 2);
	/* A hole of the file: zeros, and no more. */
	assert_int_equal(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, SIZE), 0);
	memset(back, 0, SIZE);
	assert_int_equal(run(&rig, crc32, &(struct ibv_sge){ (uintptr_t)p, SIZE, rig.mr->lkey },
			     0).result[0], crc32_z(0, back, SIZE));
	munmap(p, SIZE);
	close(fd);
	munmap(back, SIZE);
}

static const struct CMUnitTest tests[] = {
	BOTH(swap__device_reads_it_back),
	BOTH(swap__device_writes_survive),
	BOTH(swap__device_writes_to_a_memfd_survive),
	BOTH(swap__with_a_child),
	BOTH(swap__while_the_device_works),
	BOTH(lazyfree__device_writes_survive),
	BOTH(file__device_writes_reach_the_disk),
	BOTH(file__read_sees_device_writes),
};

LIVE_MAIN("swap", tests, swap_on, swap_off)
