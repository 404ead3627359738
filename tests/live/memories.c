// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Memory as the device and the process see it. */

#include <fcntl.h>

#include <zlib.h>

#include "memories.h"
#include "vectors.h"

struct rig rig;

void device_sees_text(const uint8_t *p, size_t size, uint32_t seed)
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

void process_sees_text(const uint8_t *p, size_t size, uint32_t seed)
{
	uint8_t *expected = malloc(size);

	fill_text(expected, size, seed);
	demand(!memcmp(p, expected, size), "the process sees something else than %u", seed);
	free(expected);
}

/* The device writes the text of @seed there. */
void device_writes_text(uint8_t *p, size_t size, uint32_t seed)
{
	uint8_t *from = pages(size);
	struct ibv_sge src = here(&rig, from, size), dst = here(&rig, p, size);
	struct wc wc;

	fill_text(from, size, seed);
	wc = run(&rig, copy, &dst, &src);
	demand(wc.code == AXE_OK, "%s", axedv_code_str(wc.code));
	munmap(from, size);
}

static uint8_t *make_small(uint8_t **map, size_t *length)
{
	*length = SIZE;
	return *map = small_pages(SIZE);
}

/* The middle of a page of 2 MiB. */
uint8_t *make_huge(uint8_t **map, size_t *length)
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

uint8_t *make_hugetlb(uint8_t **map, size_t *length)
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

uint8_t *make_shared_memfd(uint8_t **map, size_t *length)
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

const struct memory memories[] = {
	{ "small pages", make_small, false },
	{ "a transparent huge page", make_huge, false },
	{ "a page of hugetlbfs", make_hugetlb, false },
	{ "a private mapping of a file", make_private_file, false },
	{ "pages that were moved", make_moved, false },
	{ "a shared memfd", make_shared_memfd, true },
};

const unsigned int num_memories = ARRAY_SIZE(memories);

int open_queue(void **state)
{
	enum axe_queue_mode *mode = *state;

	rig_open(&rig, &(struct rig_options){ .mode = *mode });
	return 0;
}

int close_queue(void **state)
{
	rig_close(&rig);
	return 0;
}

enum axe_queue_mode inline_mode = AXE_QUEUE_INLINE, worker_mode = AXE_QUEUE_WORKER;
