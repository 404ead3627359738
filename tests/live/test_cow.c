// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The device sees the process's memory as the process does: through fork and
 * copy-on-write, on pages of all kinds, when they move, are swapped out, merged.
 *
 * Each test runs with commands in the doorbell's system call and with commands
 * on a kernel worker, which is of no process.
 */

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>

#include <zlib.h>

#include "common.h"
#include "vectors.h"

static struct rig rig;

#define SIZE (64 * KIB)

/*---- what device and process see ----*/

static void device_sees_text(const uint8_t *p, size_t size, uint32_t seed)
{
	struct ibv_sge src = here(&rig, p, size);
	struct wc wc = run(&rig, crc32, &src, 0);
	uint8_t *expected = malloc(size);

	fill_text(expected, size, seed);
	demand(wc.code == AXE_OK, "%s", axedv_code_str(wc.code));
	demand(wc.result[0] == crc32_z(0, expected, size), "the device sees something else than %u",
	       seed);
	free(expected);
}

static void process_sees_text(const uint8_t *p, size_t size, uint32_t seed)
{
	uint8_t *expected = malloc(size);

	fill_text(expected, size, seed);
	demand(!memcmp(p, expected, size), "the process sees something else than %u", seed);
	free(expected);
}

/* The device writes the text of @seed there. */
static void device_writes_text(uint8_t *p, size_t size, uint32_t seed)
{
	uint8_t *from = pages(size);
	struct ibv_sge src = here(&rig, from, size), dst = here(&rig, p, size);
	struct wc wc;

	fill_text(from, size, seed);
	wc = run(&rig, copy, &dst, &src);
	demand(wc.code == AXE_OK, "%s", axedv_code_str(wc.code));
	munmap(from, size);
}

/*---- memory of several kinds ----*/

/**
 * struct memory - a kind of memory
 * @make:	maps some. At least SIZE bytes from the result on are to be used;
 *		@map and @length say what is to be unmapped
 * @shared:	with children
 */
struct memory {
	const char *name;
	uint8_t *(*make)(uint8_t **map, size_t *length);
	bool shared;
};

static uint8_t *make_small(uint8_t **map, size_t *length)
{
	*length = SIZE;
	return *map = small_pages(SIZE);
}

/* The middle of a page of 2 MiB. */
static uint8_t *make_huge(uint8_t **map, size_t *length)
{
	uint8_t *p;
	long long huge;

	*length = 4 * MIB;
	*map = pages(*length);
	p = (void *)(((uintptr_t)*map + 2 * MIB - 1) & -(2 * MIB));
	demand(!madvise(p, 2 * MIB, MADV_HUGEPAGE), "MADV_HUGEPAGE");
	p[0] = 1;
	/* Whether it became one depends on the machine; the test is about one. */
	huge = field_of("/proc/self/smaps_rollup", "AnonHugePages");
	demand(huge >= 2048, "no transparent huge page (AnonHugePages %lld kB)", huge);
	return p + MIB;
}

static uint8_t *make_hugetlb(uint8_t **map, size_t *length)
{
	*length = 2 * MIB;
	write_file("/proc/sys/vm/nr_hugepages", "4");
	*map = mmap(NULL, *length, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	demand(*map != MAP_FAILED, "no huge page");
	return *map + MIB;
}

static uint8_t *make_of_file(int fd, int flags, uint8_t **map, size_t *length)
{
	*length = SIZE;
	demand(fd >= 0 && !ftruncate(fd, SIZE), "no file");
	*map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, flags, fd, 0);
	demand(*map != MAP_FAILED, "mmap");
	close(fd);
	return *map;
}

static uint8_t *make_private_file(uint8_t **map, size_t *length)
{
	char name[] = "/var/tmp/axe-live-XXXXXX";
	int fd = mkostemp(name, O_CLOEXEC);

	unlink(name);
	return make_of_file(fd, MAP_PRIVATE, map, length);
}

static uint8_t *make_shared_memfd(uint8_t **map, size_t *length)
{
	return make_of_file(memfd_create("shared", MFD_CLOEXEC), MAP_SHARED, map, length);
}

/* Memory that was elsewhere when the device saw it first. */
static uint8_t *make_moved(uint8_t **map, size_t *length)
{
	uint8_t *p = small_pages(SIZE), *q = small_pages(SIZE);

	*length = SIZE;
	device_writes_text(p, SIZE, 99);
	*map = mremap(p, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, q);
	demand(*map == q, "mremap");
	device_sees_text(q, SIZE, 99);
	return q;
}

static const struct memory memories[] = {
	{ "small pages", make_small, false },
	{ "a transparent huge page", make_huge, false },
	{ "a page of hugetlbfs", make_hugetlb, false },
	{ "a private mapping of a file", make_private_file, false },
	{ "pages that were moved", make_moved, false },
	{ "a shared memfd", make_shared_memfd, true },
};

/*---- fork ----*/

struct scene {
	uint8_t *p;
	size_t size;
	struct baton baton;
	bool child_writes;
	uint32_t child_sees;		/* at first */
	uint32_t child_sees_last;	/* if it writes */
};

/* Looks when told, and writes if it is to; then looks again. */
static void child_looks(void *arg)
{
	struct scene *s = arg;

	baton_await_parent(&s->baton);
	process_sees_text(s->p, s->size, s->child_sees);
	if (s->child_writes) {
		fill_text(s->p, s->size, 77);
		baton_to_parent(&s->baton);
		baton_await_parent(&s->baton);
		process_sees_text(s->p, s->size, s->child_sees_last);
	}
}

enum act { PARENT_WRITES, DEVICE_WRITES, DEVICE_READS, CHILD_WRITES };

/*
 * Text 1 in memory, known to the device if @warm; a child is forked; then @acts,
 * each by a new text. After each the device and the parent see the newest, and
 * at the end the child what was there at the fork (of shared memory: the newest).
 */
static void play(const struct memory *m, bool warm, const enum act *acts, unsigned int n)
{
	struct scene s = { .size = SIZE };
	uint32_t texts[8], newest = 1;
	uint8_t *map;
	size_t length;
	unsigned int i;
	pid_t pid;

	s.p = m->make(&map, &length);
	baton_make(&s.baton);
	fill_text(s.p, s.size, 1);
	if (warm) {
		device_sees_text(s.p, s.size, 1);
		device_writes_text(s.p, s.size, 1);
	}

	/* What is there after each act, and what the child is going to see. */
	s.child_sees = s.child_sees_last = 1;
	for (i = 0; i < n; i++) {
		if (acts[i] == CHILD_WRITES) {
			s.child_writes = true;
			s.child_sees_last = 77;
			newest = m->shared ? 77 : newest;
		} else if (acts[i] != DEVICE_READS) {
			newest++;
			s.child_sees_last = m->shared ? newest : s.child_sees_last;
		}
		if (!s.child_writes)
			s.child_sees = s.child_sees_last;
		texts[i] = newest;
	}
	pid = start_child(child_looks, &s);

	for (i = 0; i < n; i++) {
		switch (acts[i]) {
		case PARENT_WRITES:
			fill_text(s.p, s.size, texts[i]);
			break;
		case DEVICE_WRITES:
			device_writes_text(s.p, s.size, texts[i]);
			break;
		case CHILD_WRITES:
			baton_to_child(&s.baton);
			baton_await_child(&s.baton);
			break;
		case DEVICE_READS:
			break;
		}
		device_sees_text(s.p, s.size, texts[i]);
		process_sees_text(s.p, s.size, texts[i]);
	}
	baton_to_child(&s.baton);
	end_child(pid);
	/* The child's end changes nothing. */
	device_sees_text(s.p, s.size, newest);
	device_writes_text(s.p, s.size, 50);
	process_sees_text(s.p, s.size, 50);
	baton_free(&s.baton);
	munmap(map, length);
	if (m->make == make_hugetlb)
		write_file("/proc/sys/vm/nr_hugepages", "0");
}

#define PLAY(...)							\
	do {								\
		static const enum act acts_[] = { __VA_ARGS__ };	\
		unsigned int i_;					\
									\
		for (i_ = 0; i_ < ARRAY_SIZE(memories); i_++) {		\
			play(&memories[i_], true, acts_, ARRAY_SIZE(acts_));	\
			play(&memories[i_], false, acts_, ARRAY_SIZE(acts_));	\
		}							\
	} while (0)

static void fork__parent_writes(void **state)
{
	PLAY(PARENT_WRITES);
}

static void fork__device_writes(void **state)
{
	PLAY(DEVICE_WRITES);
}

static void fork__device_then_parent_writes(void **state)
{
	PLAY(DEVICE_WRITES, PARENT_WRITES, DEVICE_READS);
}

static void fork__parent_then_device_writes(void **state)
{
	PLAY(PARENT_WRITES, DEVICE_WRITES);
}

static void fork__device_reads_then_writes(void **state)
{
	PLAY(DEVICE_READS, DEVICE_WRITES, PARENT_WRITES);
}

static void fork__child_writes(void **state)
{
	PLAY(DEVICE_READS, CHILD_WRITES, DEVICE_WRITES);
}

/* Part of a page, a page of many: the rest of them is shared still. */
static void fork__one_page_of_many(void **state)
{
	struct scene s = { .size = SIZE, .child_sees = 1 };
	uint8_t *expected = malloc(SIZE);
	struct ibv_sge src, dst;
	struct wc wc;
	pid_t pid;

	s.p = small_pages(SIZE);
	baton_make(&s.baton);
	fill_text(s.p, SIZE, 1);
	device_sees_text(s.p, SIZE, 1);
	pid = start_child(child_looks, &s);

	memcpy(expected, s.p, SIZE);
	memset(expected + 5 * PAGE + 100, 0x11, 7);
	s.p[9 * PAGE] = expected[9 * PAGE] = 0x22;
	dst = here(&rig, s.p + 5 * PAGE + 100, 7);
	assert_done(run(&rig, fill, &dst, "\x11", 1));
	src = here(&rig, s.p, SIZE);
	wc = run(&rig, crc32, &src, 0);
	assert_done(wc);
	assert_int_equal(wc.result[0], crc32_z(0, expected, SIZE));
	assert_memory_equal(s.p, expected, SIZE);

	baton_to_child(&s.baton);
	end_child(pid);
	baton_free(&s.baton);
	munmap(s.p, SIZE);
	free(expected);
}

static void on_the_stack(uint8_t *p, size_t size)
{
	struct scene s = { .p = p, .size = size, .child_sees = 1 };
	pid_t pid;

	baton_make(&s.baton);
	fill_text(p, size, 1);
	device_sees_text(p, size, 1);
	pid = start_child(child_looks, &s);
	fill_text(p, size, 2);
	device_sees_text(p, size, 2);
	device_writes_text(p, size, 3);
	process_sees_text(p, size, 3);
	baton_to_child(&s.baton);
	end_child(pid);
	baton_free(&s.baton);
}

static void fork__stack(void **state)
{
	uint8_t buffer[SIZE];

	on_the_stack(buffer, sizeof(buffer));
}

static void child_uses_queue(void *arg)
{
	struct scene *s = arg;

	/* Its own copy says something else than the parent's memory. */
	fill_text(s->p, s->size, 2);
	device_sees_text(s->p, s->size, 1);
	process_sees_text(s->p, s->size, 2);
}

static void fork__child_uses_inherited_queue(void **state)
{
	struct scene s = { .size = SIZE };

	s.p = small_pages(s.size);
	fill_text(s.p, s.size, 1);
	in_child(child_uses_queue, &s);
	process_sees_text(s.p, s.size, 1);
	/* And the parent goes on with it. */
	fill_text(s.p, s.size, 3);
	device_sees_text(s.p, s.size, 3);
	munmap(s.p, s.size);
}

static void child_writes_through_queue(void *arg)
{
	struct scene *s = arg;
	struct ibv_sge dst = here(&rig, s->p, s->size);
	struct wc wc;

	process_sees_text(s->p, s->size, 1);
	wc = run(&rig, fill, &dst, "\x5a", 1);
	demand(wc.code == AXE_OK, "%s", axedv_code_str(wc.code));
	process_sees_text(s->p, s->size, 1);
}

static void fork__child_makes_device_write(void **state)
{
	struct scene s = { .size = SIZE };
	unsigned int i;

	s.p = small_pages(s.size);
	fill_text(s.p, s.size, 1);
	in_child(child_writes_through_queue, &s);
	for (i = 0; i < s.size; i++)
		demand(s.p[i] == 0x5a, "byte %u of the parent is %#x", i, s.p[i]);
	munmap(s.p, s.size);
}

/*---- fork, while the device is at work ----*/

static void child_leaves(void *arg)
{
	volatile uint8_t *p = arg;

	*p = 1;
}

static volatile bool stop;

static void *forker(void *arg)
{
	unsigned int i;

	for (i = 0; !stop && i < 400; i++)
		in_child(child_leaves, arg);
	return NULL;
}

/* The device writes while pages become shared and are unshared all the time. */
static void fork__while_the_device_writes(void **state)
{
	size_t size = 256 * KIB;
	uint8_t *p = small_pages(size);
	pthread_t thread;
	unsigned int i;

	stop = false;
	assert_int_equal(pthread_create(&thread, NULL, forker, p + size - 1), 0);
	for (i = 0; i < 25; i++) {
		device_writes_text(p, size - PAGE, i);
		process_sees_text(p, size - PAGE, i);
		fill_text(p, size - PAGE, i + 1000);
		device_sees_text(p, size - PAGE, i + 1000);
	}
	stop = true;
	pthread_join(thread, NULL);
	munmap(p, size);
}

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

/*---- swap ----*/

static char swap_file[] = "/var/tmp/axe-live-swap";

static int swap_on(void **state)
{
	assert_int_equal(shell(NULL, "dd if=/dev/zero of=%s bs=1M count=64 2>/dev/null && chmod 600 %s"
			       " && mkswap -q %s && swapon %s", swap_file, swap_file, swap_file,
			       swap_file), 0);
	return 0;
}

static int swap_off(void **state)
{
	return shell(NULL, "swapoff %s && rm -f %s", swap_file, swap_file);
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
	assert_int_equal(shell(NULL, "echo +memory >/sys/fs/cgroup/cgroup.subtree_control && mkdir -p "
			       GROUP), 0);
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

static void device_writes_survive(uint8_t *p)
{
	volatile uint8_t sum = 0;
	unsigned int i, k;

	fill_text(p, SIZE, 0);
	for (i = 1; i < 6; i++) {
		page_out(p, SIZE);
		/*
		 * Read by the CPU, a page comes in clean, with a copy in swap; the
		 * device then writes it behind the CPU's back. Is that copy taken
		 * for the page, the device's write is lost.
		 */
		if (i != 3) {
			for (k = 0; k < SIZE; k += PAGE)
				sum += p[k];
		}
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

static void swap__with_a_child(void **state)
{
	struct scene s = { .size = SIZE, .child_sees = 1 };
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
	volatile uint8_t sum = 0;
	unsigned int i, k;

	assert_true(fd >= 0);
	unlink(name);
	assert_int_equal(ftruncate(fd, SIZE), 0);
	p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(p, MAP_FAILED);
	for (i = 1; i < 5; i++) {
		if (touch) {
			for (k = 0; k < SIZE; k += PAGE)
				sum += p[k];
		}
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

/*---- the list ----*/

static int open_queue(void **state)
{
	enum axe_queue_mode *mode = *state;

	rig_open(&rig, &(struct rig_options){ .mode = *mode });
	return 0;
}

static int close_queue(void **state)
{
	rig_close(&rig);
	return 0;
}

static enum axe_queue_mode inline_mode = AXE_QUEUE_INLINE, worker_mode = AXE_QUEUE_WORKER;

#define BOTH(f)								\
	{ #f "__inline", f, open_queue, close_queue, &inline_mode },	\
	{ #f "__worker", f, open_queue, close_queue, &worker_mode }

static const struct CMUnitTest tests[] = {
	BOTH(fork__parent_writes),
	BOTH(fork__device_writes),
	BOTH(fork__device_then_parent_writes),
	BOTH(fork__parent_then_device_writes),
	BOTH(fork__device_reads_then_writes),
	BOTH(fork__child_writes),
	BOTH(fork__one_page_of_many),
	BOTH(fork__stack),
	BOTH(fork__child_uses_inherited_queue),
	BOTH(fork__child_makes_device_write),
	BOTH(fork__while_the_device_writes),
	BOTH(mremap__old_and_new_address),
	BOTH(dontneed__reads_zeros),
	BOTH(remap__new_memory_at_an_old_address),
	BOTH(hugepage__split_and_collapsed),
	BOTH(compaction__while_the_device_works),
	BOTH(swap__device_reads_it_back),
	BOTH(swap__device_writes_survive),
	BOTH(swap__device_writes_to_a_memfd_survive),
	BOTH(swap__with_a_child),
	BOTH(swap__while_the_device_works),
	BOTH(lazyfree__device_writes_survive),
	BOTH(file__device_writes_reach_the_disk),
	BOTH(file__read_sees_device_writes),
	BOTH(ksm__merged_pages),
	BOTH(ksm__while_the_device_writes),
};

LIVE_MAIN("cow", tests, swap_on, swap_off)
