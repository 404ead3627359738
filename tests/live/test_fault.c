// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Memory that cannot be had: an error that names the address, and the queue goes on. */

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include <zlib.h>

#include "regions.h"
#include "vectors.h"

static struct rig rig;

#define ACCESS		IBV_ACCESS_LOCAL_WRITE
#define ACCESS_ODP	(IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_ON_DEMAND)

static struct rig_options modes[] = {
	{ .mode = AXE_QUEUE_INLINE },
	{ .mode = AXE_QUEUE_WORKER },
};

static void expect_fault(struct ibv_sge src, uint64_t where)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		struct rig other;
		struct wc wc;

		rig_share(&other, &rig);
		rig_open_queue(&other, &modes[i]);
		wc = run(&other, crc32, &src, 0);
		assert_code(wc, AXE_ERR_FAULT);
		demand(wc.result[0] == where, "names %#llx, not %#llx",
		       (unsigned long long)wc.result[0], (unsigned long long)where);
		assert_queue_works(&other);
		rig_close_queue(&other);
	}
}

static void fault__unmapped(void **state)
{
	uint8_t *p = small_pages(8 * PAGE);
	struct ibv_sge src, dst;
	uint8_t *q = small_pages(8 * PAGE);
	struct wc wc;

	memset(p, 1, 8 * PAGE);
	munmap(p + 5 * PAGE, PAGE);
	expect_fault(here(&rig, p + 5 * PAGE + 77, 10), (uintptr_t)p + 5 * PAGE + 77);
	expect_fault(here(&rig, p + 100, 6 * PAGE), (uintptr_t)p + 5 * PAGE);
	expect_fault(here(&rig, NULL, 1), 0);
	/* As a destination: named too, and what came before it is done. */
	src = here(&rig, q + 3, 6 * PAGE);
	dst = here(&rig, p + 3, 6 * PAGE);
	fill_noise(q, 8 * PAGE, 1);
	wc = run(&rig, copy, &dst, &src);
	assert_code(wc, AXE_ERR_FAULT);
	assert_int_equal(wc.result[0], (uintptr_t)p + 5 * PAGE);
	assert_int_equal(wc.result[1], 5 * PAGE - 3);
	assert_int_equal(wc.byte_len, 5 * PAGE - 3);
	assert_memory_equal(p + 3, q + 3, 5 * PAGE - 3);
	/* It was there before, and the device knew it. */
	src = here(&rig, p, 5 * PAGE);
	assert_done(run(&rig, crc32, &src, 0));
	munmap(p + PAGE, PAGE);
	expect_fault(src, (uintptr_t)p + PAGE);
	munmap(p, 8 * PAGE);
	munmap(q, 8 * PAGE);
}

static void fault__kernel_addresses(void **state)
{
	static const uint64_t addrs[] = {
		0x7ffffffff000, 0x800000000000, 0x0100000000000000, 0x8000000000000000,
		0xffff800000000000, 0xffff888000000000, 0xffffffff81000000, 0xffffffffff600000,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(addrs); i++)
		expect_fault((struct ibv_sge){ addrs[i], 64, rig.mr->lkey }, addrs[i]);
	/* Over the end of what a process can have. */
	expect_fault((struct ibv_sge){ 0x7fffffffe000 + 10, 3 * PAGE, rig.mr->lkey },
		     0x7fffffffe000 + 10);
}

static void fault__prot_none(void **state)
{
	uint8_t *p = small_pages(2 * PAGE);
	struct ibv_sge src = here(&rig, p, 2 * PAGE);
	struct wc wc;

	memset(p, 7, 2 * PAGE);
	assert_done(run(&rig, crc32, &src, 0));
	assert_int_equal(mprotect(p, PAGE, PROT_NONE), 0);
	expect_fault(src, (uintptr_t)p);
	assert_int_equal(mprotect(p, PAGE, PROT_READ), 0);
	wc = run(&rig, crc32, &src, 0);
	assert_done(wc);
	assert_int_equal(wc.result[0], crc32_z(0, p, 2 * PAGE));
	munmap(p, 2 * PAGE);
}

static void fault__write_to_read_only(void **state)
{
	uint8_t *p = small_pages(2 * PAGE);
	struct ibv_sge dst = here(&rig, p, 2 * PAGE);
	struct wc wc;

	assert_done(fill_at(&rig, dst, 3));
	assert_int_equal(mprotect(p + PAGE, PAGE, PROT_READ), 0);
	wc = fill_at(&rig, dst, 4);
	assert_code(wc, AXE_ERR_FAULT);
	assert_int_equal(wc.result[0], (uintptr_t)p + PAGE);
	assert_int_equal(p[PAGE - 1], 4);
	assert_int_equal(p[PAGE], 3);
	/* A program's own text, and a constant. */
	assert_code(fill_at(&rig, here(&rig, (void *)fault__write_to_read_only, 1), 0), AXE_ERR_FAULT);
	assert_code(fill_at(&rig, here(&rig, "constant", 1), 0), AXE_ERR_FAULT);
	assert_queue_works(&rig);
	munmap(p, 2 * PAGE);
}

static void fault__secret_memory(void **state)
{
	int fd = syscall(SYS_memfd_secret, O_CLOEXEC);
	uint8_t *p, *q = small_pages(3 * PAGE);
	struct ibv_sge dst;

	if (fd < 0 && errno == ENOSYS)
		skip_because("the kernel has no memfd_secret()");
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, PAGE), 0);
	/* In the middle of ordinary memory. */
	p = mmap(q + PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
	assert_ptr_equal(p, q + PAGE);
	memset(q, 1, 3 * PAGE);
	expect_fault(here(&rig, p, 100), (uintptr_t)p);
	expect_fault(here(&rig, q, 3 * PAGE), (uintptr_t)p);
	dst = here(&rig, p, 100);
	assert_code(fill_at(&rig, dst, 9), AXE_ERR_FAULT);
	assert_int_equal(p[0], 1);
	/* Nor can it be pinned. */
	assert_null(ibv_reg_mr(rig.pd, p, PAGE, ACCESS));
	munmap(q, 3 * PAGE);
	close(fd);
}

static void fault__device_memory(void **state)
{
	int fd = open("/dev/mem", O_RDONLY | O_CLOEXEC);
	uint8_t *p;

	if (fd < 0)
		skip_because("there is no /dev/mem");
	/* The BIOS: not RAM, so its mapping has no pages. */
	p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0xf0000);
	assert_ptr_not_equal(p, MAP_FAILED);
	expect_fault(here(&rig, p, 16), (uintptr_t)p);
	munmap(p, PAGE);
	close(fd);
}

/* The kernel's pages in every process: read as they are, or not at all. */
static void fault__vdso(void **state)
{
	FILE *f = fopen("/proc/self/maps", "r");
	unsigned int seen = 0;
	char line[256];

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		unsigned long start, end;
		struct ibv_sge src;
		struct wc wc;

		if (!strstr(line, "[v") || sscanf(line, "%lx-%lx", &start, &end) != 2)
			continue;
		seen++;
		src = (struct ibv_sge){ start, 64, rig.mr->lkey };
		wc = run(&rig, crc32, &src, 0);
		if (wc.code != AXE_ERR_FAULT) {
			assert_done(wc);
			/* [vvar] counts time; [vsyscall] is none of the process's */
			if (strstr(line, "[vdso]"))
				assert_int_equal(wc.result[0], crc32_z(0, (void *)start, 64));
		}
		demand(!strstr(line, "[vvar") || start != 0, "no address");
		assert_code(fill_at(&rig, src, 0), AXE_ERR_FAULT);
	}
	fclose(f);
	assert_between(seen, 1, 10);
	assert_queue_works(&rig);
}

static void fault__userfaultfd_missing(void **state)
{
	uint8_t *p = small_pages(4 * PAGE);
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register area = {
		.range = { (uintptr_t)p, 4 * PAGE }, .mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	struct ibv_sge src = here(&rig, p, 4 * PAGE);
	struct wc wc;

	if (fd < 0 && errno == ENOSYS)
		skip_because("the kernel has no userfaultfd()");
	assert_true(fd >= 0);
	memset(p, 1, PAGE);
	assert_int_equal(ioctl(fd, UFFDIO_API, &api), 0);
	assert_int_equal(ioctl(fd, UFFDIO_REGISTER, &area), 0);
	/* Nobody is going to serve the fault: an error, not a hang. */
	expect_fault(src, (uintptr_t)p + PAGE);
	assert_code(fill_at(&rig, src, 1), AXE_ERR_FAULT);
	/* Served by hand, it is there. */
	assert_int_equal(ioctl(fd, UFFDIO_ZEROPAGE, &(struct uffdio_zeropage) {
		.range = { (uintptr_t)p + PAGE, 3 * PAGE } }), 0);
	wc = run(&rig, crc32, &src, 0);
	assert_done(wc);
	assert_int_equal(wc.result[0], crc32_z(0, p, 4 * PAGE));
	close(fd);
	munmap(p, 4 * PAGE);
}

static void truncated(int fd)
{
	uint8_t *p;
	struct ibv_sge src;
	struct wc wc;

	assert_int_equal(ftruncate(fd, 4 * PAGE), 0);
	p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(p, MAP_FAILED);
	fill_text(p, 4 * PAGE, 1);
	src = here(&rig, p, 4 * PAGE);
	wc = run(&rig, crc32, &src, 0);
	assert_done(wc);
	assert_int_equal(wc.result[0], crc32_z(0, p, 4 * PAGE));

	/* The mapping is as long as it was, the file is not. */
	assert_int_equal(ftruncate(fd, 2 * PAGE), 0);
	expect_fault(src, (uintptr_t)p + 2 * PAGE);
	wc = fill_at(&rig, src, 9);
	assert_code(wc, AXE_ERR_FAULT);
	assert_int_equal(wc.result[0], (uintptr_t)p + 2 * PAGE);

	assert_int_equal(ftruncate(fd, 4 * PAGE), 0);
	wc = run(&rig, crc32, &src, 0);
	assert_done(wc);
	assert_int_equal(wc.result[0], crc32_z(0, p, 4 * PAGE));
	assert_int_equal(p[2 * PAGE], 0);
	munmap(p, 4 * PAGE);
	close(fd);
}

static void fault__truncated_memfd(void **state)
{
	truncated(memfd_create("truncated", MFD_CLOEXEC));
}

static void fault__truncated_file(void **state)
{
	char name[] = "/var/tmp/axe-live-XXXXXX";
	int fd = mkostemp(name, O_CLOEXEC);

	assert_true(fd >= 0);
	unlink(name);
	truncated(fd);
}

/* A sealed or read-only file: what the process may not write, its device may not. */
static void fault__file_mapped_read_only(void **state)
{
	char name[] = "/var/tmp/axe-live-XXXXXX";
	int fd = mkostemp(name, O_CLOEXEC);
	uint8_t text[PAGE], *p;

	assert_true(fd >= 0);
	fill_text(text, PAGE, 3);
	assert_int_equal(write(fd, text, PAGE), PAGE);
	p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(p, MAP_FAILED);
	assert_done(crc_of(&rig, here(&rig, p, PAGE)));
	assert_code(fill_at(&rig, here(&rig, p, PAGE), 1), AXE_ERR_FAULT);
	assert_memory_equal(p, text, PAGE);
	munmap(p, PAGE);
	close(fd);
	unlink(name);
}

static struct ibv_pd *gone_pd;

static void gone_child(void *arg)
{
	int *fd = arg;
	/* Through the context that it inherited, but of its own memory. */
	struct ibv_mr *mr = ibv_reg_mr(gone_pd, NULL, SIZE_MAX, ACCESS_ODP);

	demand(mr, "ibv_reg_mr in a child");
	demand(write(fd[1], &mr->lkey, 4) == 4, "write");
}

static void fault__owner_gone(void **state)
{
	uint8_t *p = pages(PAGE);
	struct ibv_sge src = { .addr = (uintptr_t)p, .length = PAGE };
	struct rig other;
	int fd[2];

	rig_open(&other, NULL);
	gone_pd = other.pd;
	assert_int_equal(pipe(fd), 0);
	in_child(gone_child, fd);
	assert_int_equal(read(fd[0], &src.lkey, 4), 4);
	assert_code(run(&other, crc32, &src, 0), AXE_ERR_GONE);
	assert_code(run(&other, fill, &src, "x", 1), AXE_ERR_GONE);
	assert_queue_works(&other);
	/* Only the child knew its region: that goes with the context. */
	assert_int_equal(ibv_close_device(other.ctx), 0);
	munmap(p, PAGE);
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
	cmocka_unit_test(fault__unmapped),
	cmocka_unit_test(fault__kernel_addresses),
	cmocka_unit_test(fault__prot_none),
	cmocka_unit_test(fault__write_to_read_only),
	cmocka_unit_test(fault__secret_memory),
	cmocka_unit_test(fault__device_memory),
	cmocka_unit_test(fault__vdso),
	cmocka_unit_test(fault__userfaultfd_missing),
	cmocka_unit_test(fault__truncated_memfd),
	cmocka_unit_test(fault__truncated_file),
	cmocka_unit_test(fault__file_mapped_read_only),
	cmocka_unit_test(fault__owner_gone),
};

LIVE_MAIN("fault", tests, setup, teardown)
