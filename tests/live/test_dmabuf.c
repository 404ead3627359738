// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* dma-buf regions. The exporter is udmabuf: pages of a memfd that the test maps, too. */

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>

#include <linux/udmabuf.h>
#include <rdma/ib_user_verbs.h>
#include <zlib.h>

#include "regions.h"
#include "vectors.h"

static struct rig rig;

#define ACCESS	IBV_ACCESS_LOCAL_WRITE
#define SIZE	(16 * PAGE)

/**
 * struct buffer - a dma-buf, and the memory that it exports
 * @p:		SIZE bytes, of which the buffer has those behind the first page
 * @memfd:	of @p
 * @fd:		the dma-buf
 * @size:	its size
 */
struct buffer {
	uint8_t *p;
	int memfd;
	int fd;
	size_t size;
};

static void buffer_make(struct buffer *b)
{
	struct udmabuf_create create = { .flags = UDMABUF_FLAGS_CLOEXEC, .offset = PAGE };
	int dev = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);

	if (dev < 0)
		skip_because("no /dev/udmabuf: the kernel has no exporter for tests");
	b->size = SIZE - PAGE;
	b->memfd = memfd_create("axe", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	demand(b->memfd >= 0, "memfd_create");
	demand(!ftruncate(b->memfd, SIZE), "ftruncate");
	demand(!fcntl(b->memfd, F_ADD_SEALS, F_SEAL_SHRINK), "F_SEAL_SHRINK");
	b->p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, b->memfd, 0);
	demand(b->p != MAP_FAILED, "mmap");
	create.memfd = b->memfd;
	create.size = b->size;
	b->fd = ioctl(dev, UDMABUF_CREATE, &create);
	demand(b->fd >= 0, "UDMABUF_CREATE");
	close(dev);
}

static void buffer_free(struct buffer *b)
{
	munmap(b->p, SIZE);
	close(b->memfd);
	close(b->fd);
}

static struct ibv_mr *reg(const struct buffer *b, uint64_t offset, size_t length,
			  uint64_t iova, int access)
{
	struct ibv_mr *mr = ibv_reg_dmabuf_mr(rig.pd, offset, length, iova, b->fd, access);

	demand(mr, "ibv_reg_dmabuf_mr");
	return mr;
}

static void reg_dmabuf_mr__device_and_process_share_it(void **state)
{
	uint64_t iova = 0x7ead00000000 + 100;
	uint8_t *expected = pages(SIZE);
	struct buffer b;
	struct ibv_mr *mr;
	struct wc wc;

	buffer_make(&b);
	fill_text(b.p, SIZE, 1);
	mr = reg(&b, 2 * PAGE + 100, 5 * PAGE, iova, ACCESS);
	/* The buffer starts with the memory's second page. */
	wc = crc_of(&rig, in(mr, iova, 5 * PAGE));
	assert_done(wc);
	assert_int_equal(wc.result[0], crc32_z(0, b.p + 3 * PAGE + 100, 5 * PAGE));

	memcpy(expected, b.p, SIZE);
	memset(expected + 3 * PAGE + 117, 0x5a, 3 * PAGE);
	assert_done(fill_at(&rig, in(mr, iova + 17, 3 * PAGE), 0x5a));
	assert_memory_equal(b.p, expected, SIZE);
	/* And what the process writes later the device sees. */
	fill_text(b.p, SIZE, 2);
	wc = crc_of(&rig, in(mr, iova + 1, PAGE));
	assert_done(wc);
	assert_int_equal(wc.result[0], crc32_z(0, b.p + 3 * PAGE + 101, PAGE));
	dereg(mr);
	buffer_free(&b);
	munmap(expected, SIZE);
}

static void reg_dmabuf_mr__commands_with_other_memory(void **state)
{
	uint8_t *plain = pages(SIZE), *back = pages(SIZE);
	struct ibv_sge src, dst;
	struct buffer b;
	struct ibv_mr *mr;
	struct wc wc;

	buffer_make(&b);
	mr = reg(&b, 0, b.size, 0, ACCESS);
	fill_text(plain, b.size, 3);
	src = here(&rig, plain, b.size);
	dst = in(mr, 0, b.size);
	wc = run(&rig, compress, &dst, &src, AXE_FORMAT_GZIP, 6, 0);
	assert_done(wc);
	assert_int_equal(zlib_inflate(AXE_FORMAT_GZIP, back, SIZE, b.p + PAGE, wc.byte_len),
			 b.size);
	assert_memory_equal(back, plain, b.size);
	dereg(mr);
	buffer_free(&b);
	munmap(plain, SIZE);
	munmap(back, SIZE);
}

/* Two regions of one buffer are one memory. */
static void reg_dmabuf_mr__overlap(void **state)
{
	uint8_t *expected = pages(SIZE);
	struct ibv_mr *mr, *other;
	struct ibv_sge src, dst;
	struct buffer b;

	buffer_make(&b);
	fill_text(b.p, SIZE, 4);
	memcpy(expected, b.p, SIZE);
	mr = reg(&b, 0, 8 * PAGE, 0x100000, ACCESS);
	other = reg(&b, 4 * PAGE, 8 * PAGE, 0x900000, ACCESS);
	assert_done(copy_of(&rig, in(mr, 0x100000 + PAGE, 6 * PAGE), in(other, 0x900010, 6 * PAGE)));
	memmove(expected + 5 * PAGE + 16, expected + 2 * PAGE, 6 * PAGE);
	assert_memory_equal(b.p, expected, SIZE);
	src = in(mr, 0x100000, 8 * PAGE);
	dst = in(other, 0x900000, PAGE);
	assert_code(run(&rig, compress, &dst, &src, AXE_FORMAT_RAW, 1, 0), AXE_ERR_OVERLAP);
	src.length = 4 * PAGE;
	assert_done(run(&rig, crc32, &src, 0));
	dereg(mr);
	dereg(other);
	buffer_free(&b);
	munmap(expected, SIZE);
}

/* The region keeps the buffer, that its pages. */
static void reg_dmabuf_mr__outlives_file_and_mapping(void **state)
{
	struct buffer b;
	struct ibv_mr *mr;
	struct wc wc;
	uint32_t crc;

	buffer_make(&b);
	fill_text(b.p, SIZE, 5);
	crc = crc32_z(0, b.p + PAGE, b.size);
	mr = reg(&b, 0, b.size, 0, ACCESS);
	buffer_free(&b);
	wc = crc_of(&rig, in(mr, 0, b.size));
	assert_done(wc);
	assert_int_equal(wc.result[0], crc);
	assert_done(fill_at(&rig, in(mr, 0, b.size), 1));
	dereg(mr);
}

static void reg_dmabuf_mr__range(void **state)
{
	struct buffer b;
	struct ibv_mr *mr;

	buffer_make(&b);
	mr = reg(&b, PAGE, 2 * PAGE, 0x10000, ACCESS);
	assert_done(crc_of(&rig, in(mr, 0x10000 + 2 * PAGE - 1, 1)));
	assert_code(crc_of(&rig, in(mr, 0x10000 + 2 * PAGE - 1, 2)), AXE_ERR_RANGE);
	assert_code(crc_of(&rig, in(mr, 0x10000 - 1, 1)), AXE_ERR_RANGE);
	assert_code(crc_of(&rig, in(mr, 0x10000, UINT32_MAX)), AXE_ERR_RANGE);
	assert_code(fill_at(&rig, in(mr, 0x10000 + 2 * PAGE, 1), 1), AXE_ERR_RANGE);
	dereg(mr);
	buffer_free(&b);
}

static void reg_dmabuf_mr__rights(void **state)
{
	struct ibv_pd *pd = ibv_alloc_pd(rig.ctx);
	struct ibv_mr *mr, *foreign;
	struct buffer b;
	uint32_t key;

	buffer_make(&b);
	mr = reg(&b, 0, PAGE, 0, 0);
	assert_done(crc_of(&rig, in(mr, 0, PAGE)));
	assert_code(fill_at(&rig, in(mr, 0, PAGE), 1), AXE_ERR_ACCESS);
	foreign = ibv_reg_dmabuf_mr(pd, 0, PAGE, 0, b.fd, ACCESS);
	assert_non_null(foreign);
	assert_code(crc_of(&rig, in(foreign, 0, PAGE)), AXE_ERR_KEY);
	key = mr->lkey;
	dereg(mr);
	assert_code(crc_of(&rig, (struct ibv_sge) { .length = 1, .lkey = key }), AXE_ERR_KEY);
	dereg(foreign);
	assert_int_equal(ibv_dealloc_pd(pd), 0);
	buffer_free(&b);
}

static void refused(int fd, uint64_t offset, size_t length, uint64_t iova, int access,
		    int error)
{
	struct ibv_mr *mr = ibv_reg_dmabuf_mr(rig.pd, offset, length, iova, fd, access);

	demand(!mr, "offset %#llx, length %#zx were taken", (unsigned long long)offset, length);
	demand(errno == error, "%s instead of %s", strerror(errno), strerror(error));
}

static void reg_dmabuf_mr__bad_arguments(void **state)
{
	struct buffer b;

	buffer_make(&b);
	/* Not open, of another kind. */
	refused(-1, 0, PAGE, 0, ACCESS, EBADF);
	refused(9999, 0, PAGE, 0, ACCESS, EBADF);
	refused(b.memfd, 0, PAGE, 0, ACCESS, EINVAL);
	refused(rig.ctx->cmd_fd, 0, PAGE, 0, ACCESS, EINVAL);
	/* Outside the buffer. */
	refused(b.fd, 0, 0, 0, ACCESS, EINVAL);
	refused(b.fd, 0, b.size + 1, 0, ACCESS, EINVAL);
	refused(b.fd, b.size, 1, 0, ACCESS, EINVAL);
	refused(b.fd, PAGE, b.size, 0, ACCESS, EINVAL);
	refused(b.fd, -PAGE, 2 * PAGE, 0, ACCESS, EINVAL);
	refused(b.fd, PAGE, SIZE_MAX, 0, ACCESS, EINVAL);
	refused(b.fd, PAGE, SIZE_MAX - PAGE + 1, 0, ACCESS, EINVAL);
	/* Over the end of all addresses; with another offset into the page. */
	refused(b.fd, 0, 2 * PAGE, -PAGE, ACCESS, EINVAL);
	refused(b.fd, 0, PAGE, 1, ACCESS, EINVAL);
	/* Rights that make no sense, or not here. */
	refused(b.fd, 0, PAGE, 0, IBV_ACCESS_REMOTE_WRITE, EINVAL);
	refused(b.fd, 0, PAGE, 0, ACCESS | IBV_ACCESS_ON_DEMAND, EINVAL);
	/* None of them has it now. */
	dereg(reg(&b, 0, b.size, 0, ACCESS));
	buffer_free(&b);
}

/* As libibverbs would, which refuses by itself. Returns an errno. */
static int rereg(const struct ibv_mr *mr, uint32_t flags, void *p, size_t length)
{
	struct ib_uverbs_rereg_mr_resp resp;
	struct {
		struct ib_uverbs_cmd_hdr hdr;
		struct ib_uverbs_rereg_mr cmd;
	} req = {
		.hdr.command = IB_USER_VERBS_CMD_REREG_MR,
		.hdr.in_words = sizeof(req) / 4,
		.hdr.out_words = sizeof(resp) / 4,
		.cmd.response = (uintptr_t)&resp,
		.cmd.mr_handle = mr->handle,
		.cmd.flags = flags,
		.cmd.start = (uintptr_t)p,
		.cmd.length = length,
		.cmd.hca_va = (uintptr_t)p,
		.cmd.access_flags = ACCESS,
	};

	return write(rig.ctx->cmd_fd, &req, sizeof(req)) == sizeof(req) ? 0 : errno;
}

static void rereg_mr__refused(void **state)
{
	uint8_t *p = pages(PAGE);
	struct ibv_mr *mr, *ordinary = ibv_reg_mr(rig.pd, p, PAGE, 0);
	struct buffer b;

	assert_non_null(ordinary);
	assert_int_equal(rereg(ordinary, IBV_REREG_MR_CHANGE_ACCESS, NULL, 0), 0);
	buffer_make(&b);
	mr = reg(&b, 0, PAGE, 0, ACCESS);
	assert_int_equal(rereg(mr, IBV_REREG_MR_CHANGE_ACCESS, NULL, 0), EOPNOTSUPP);
	assert_int_equal(rereg(mr, IBV_REREG_MR_CHANGE_TRANSLATION, p, PAGE), EOPNOTSUPP);
	assert_done(fill_at(&rig, in(mr, 0, PAGE), 7));
	assert_int_equal(b.p[PAGE], 7);
	dereg(mr);
	dereg(ordinary);
	buffer_free(&b);
	munmap(p, PAGE);
}

/*---- nothing stays ----*/

/* Those of udmabuf in the whole system. */
static unsigned int buffers(void)
{
	FILE *f = fopen("/sys/kernel/debug/dma_buf/bufinfo", "r");
	unsigned int n = 0;
	char line[256];

	if (!f)
		skip_because("no debugfs to count dma-bufs");
	while (fgets(line, sizeof(line), f))
		n += !!strstr(line, "udmabuf");
	fclose(f);
	return n;
}

static void dereg_mr__gives_the_buffer_back(void **state)
{
	unsigned int before = buffers();
	struct ibv_mr *mr, *other;
	struct buffer b;

	buffer_make(&b);
	mr = reg(&b, 0, b.size, 0, ACCESS);
	other = reg(&b, PAGE, PAGE, 0, 0);
	buffer_free(&b);
	assert_int_equal(buffers(), before + 1);
	dereg(mr);
	assert_int_equal(buffers(), before + 1);
	dereg(other);
	assert_int_equal(buffers(), before);
}

static void killed_child(void *arg)
{
	struct buffer b;
	struct rig own;
	struct ibv_mr *mr;
	struct ibv_sge src;
	unsigned int i;

	rig_open(&own, NULL);
	for (i = 0; i < 10; i++) {
		buffer_make(&b);
		memset(b.p, 1, SIZE);
		mr = ibv_reg_dmabuf_mr(own.pd, 0, b.size, 0, b.fd, ACCESS);
		demand(mr, "ibv_reg_dmabuf_mr");
		src = in(mr, 0, b.size);
		assert_done(run(&own, crc32, &src, 0));
	}
	raise(SIGKILL);
}

static void exit__gives_the_buffer_back(void **state)
{
	unsigned int before = buffers();

	reap_killed(start_child(killed_child, NULL), SIGKILL);
	assert_int_equal(buffers(), before);
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
	cmocka_unit_test(reg_dmabuf_mr__device_and_process_share_it),
	cmocka_unit_test(reg_dmabuf_mr__commands_with_other_memory),
	cmocka_unit_test(reg_dmabuf_mr__overlap),
	cmocka_unit_test(reg_dmabuf_mr__outlives_file_and_mapping),
	cmocka_unit_test(reg_dmabuf_mr__range),
	cmocka_unit_test(reg_dmabuf_mr__rights),
	cmocka_unit_test(reg_dmabuf_mr__bad_arguments),
	cmocka_unit_test(rereg_mr__refused),
	cmocka_unit_test(dereg_mr__gives_the_buffer_back),
	cmocka_unit_test(exit__gives_the_buffer_back),
};

LIVE_MAIN("dmabuf", tests, setup, teardown)
