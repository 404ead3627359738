// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Memory that is no process's - device memory, dma-bufs - and parts of it, on both
 * sides of what peers do.
 */

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>

#include <linux/udmabuf.h>

#include "peer.h"

static struct pair pair;

/* Not of whole pages, but of the words that device memory is copied in. */
#define SIZE	(17 * PAGE + 20)
#define ROOM	(20 * PAGE)
/* Where in the memory regions start: not in its first page. */
#define OFFSET	(PAGE + 104)
#define ACCESS	(ALL_ACCESS | IBV_ACCESS_MW_BIND)

/**
 * struct place - registered memory of some kind
 * @p:		where the process sees it; NULL for device memory
 * @addr:	the region's first address
 */
struct place {
	const struct kind *kind;
	struct ibv_mr *mr;
	uint64_t addr;
	uint8_t *p;
	struct ibv_dm *dm;
	int fd;
};

struct kind {
	const char *name;
	bool (*make)(struct place *p, struct ibv_pd *pd);
	void (*put)(struct place *p, const uint8_t *data, size_t n);
	void (*get)(struct place *p, uint8_t *data, size_t n);
};

static bool make_mapped(struct place *p, struct ibv_pd *pd, int access)
{
	p->p = (uint8_t *)small_pages(ROOM) + OFFSET;
	p->addr = (uintptr_t)p->p;
	p->mr = ibv_reg_mr(pd, p->p, SIZE, ACCESS | access);
	return true;
}

static bool make_pinned(struct place *p, struct ibv_pd *pd)
{
	return make_mapped(p, pd, 0);
}

static bool make_odp(struct place *p, struct ibv_pd *pd)
{
	return make_mapped(p, pd, IBV_ACCESS_ON_DEMAND);
}

static bool make_dm(struct place *p, struct ibv_pd *pd)
{
	struct ibv_alloc_dm_attr attr = { .length = ROOM };

	p->dm = ibv_alloc_dm(pd->context, &attr);
	demand(p->dm, "ibv_alloc_dm");
	p->mr = ibv_reg_dm_mr(pd, p->dm, OFFSET, SIZE, ACCESS | IBV_ACCESS_ZERO_BASED);
	return true;
}

static bool make_dmabuf(struct place *p, struct ibv_pd *pd)
{
	struct udmabuf_create create = { .flags = UDMABUF_FLAGS_CLOEXEC, .size = ROOM };
	int dev = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
	int memfd = memfd_create("axe", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (dev < 0)
		return false;
	demand(!ftruncate(memfd, ROOM) && !fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK), "memfd");
	p->p = mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, 0);
	demand(p->p != MAP_FAILED, "mmap");
	p->p += OFFSET;
	create.memfd = memfd;
	p->fd = ioctl(dev, UDMABUF_CREATE, &create);
	demand(p->fd >= 0, "UDMABUF_CREATE");
	p->addr = 0xdead00000000 + OFFSET;
	/* Its rights are less than what uverbs knows of other memory. */
	p->mr = ibv_reg_dmabuf_mr(pd, OFFSET, SIZE, p->addr, p->fd, ALL_ACCESS);
	close(memfd);
	close(dev);
	return true;
}

static void put_mapped(struct place *p, const uint8_t *data, size_t n)
{
	memcpy(p->p, data, n);
}

static void get_mapped(struct place *p, uint8_t *data, size_t n)
{
	memcpy(data, p->p, n);
}

static void put_dm(struct place *p, const uint8_t *data, size_t n)
{
	assert_int_equal(ibv_memcpy_to_dm(p->dm, OFFSET, data, n), 0);
}

static void get_dm(struct place *p, uint8_t *data, size_t n)
{
	assert_int_equal(ibv_memcpy_from_dm(data, p->dm, OFFSET, n), 0);
}

static const struct kind kinds[] = {
	{ "device memory", make_dm, put_dm, get_dm },
	{ "a dma-buf", make_dmabuf, put_mapped, get_mapped },
	{ "pinned memory", make_pinned, put_mapped, get_mapped },
	{ "memory on demand", make_odp, put_mapped, get_mapped },
};

static bool place_make(struct place *p, const struct kind *kind)
{
	memset(p, 0, sizeof(*p));
	p->kind = kind;
	if (!kind->make(p, node.pd)) {
		print_message("# no %s here\n", kind->name);
		return false;
	}
	demand(p->mr, "registering %s", kind->name);
	return true;
}

static void place_free(struct place *p)
{
	assert_int_equal(ibv_dereg_mr(p->mr), 0);
	if (p->dm)
		assert_int_equal(ibv_free_dm(p->dm), 0);
	if (p->p)
		munmap(p->p - OFFSET, ROOM);
	if (p->fd)
		close(p->fd);
}

static struct ibv_sge sge_of(const struct place *p, size_t offset, size_t n)
{
	return (struct ibv_sge) { .addr = p->addr + offset, .length = n, .lkey = p->mr->lkey };
}

static struct ibv_send_wr wr_to(enum ibv_wr_opcode opcode, struct ibv_sge *sge, uint64_t addr,
				uint32_t rkey)
{
	struct ibv_send_wr wr = wr_of(&pair.a, opcode, sge, 1);

	if (opcode == IBV_WR_ATOMIC_FETCH_AND_ADD) {
		wr.wr.atomic.remote_addr = addr;
		wr.wr.atomic.rkey = rkey;
	} else {
		wr.wr.rdma.remote_addr = addr;
		wr.wr.rdma.rkey = rkey;
	}
	return wr;
}

static void move(enum ibv_wr_opcode opcode, struct place *src, struct place *dst)
{
	struct place *here = opcode == IBV_WR_RDMA_READ ? dst : src;
	struct place *there = opcode == IBV_WR_RDMA_READ ? src : dst;
	struct ibv_sge sge = sge_of(here, 0, SIZE), to = sge_of(there, 0, SIZE);
	struct ibv_recv_wr recv = { .wr_id = 7, .sg_list = &to, .num_sge = 1 }, *bad;

	if (opcode == IBV_WR_SEND)
		assert_int_equal(ibv_post_recv(pair.b.qp, &recv, &bad), 0);
	do_send(&pair.a, wr_to(opcode, &sge, there->addr, there->mr->rkey));
	if (opcode == IBV_WR_SEND)
		assert_int_equal(expect_wc(pair.b.rcq, 7, IBV_WC_SUCCESS).byte_len, SIZE);
}

static void fetch_add(struct place *src, struct place *dst)
{
	struct ibv_sge sge = sge_of(dst, 0, 8);
	struct ibv_send_wr wr = wr_to(IBV_WR_ATOMIC_FETCH_AND_ADD, &sge, src->addr + 8,
				      src->mr->rkey);
	uint64_t words[2] = { 0, 40 };

	src->kind->put(src, (uint8_t *)words, sizeof(words));
	wr.wr.atomic.compare_add = 3;
	do_send(&pair.a, wr);
	src->kind->get(src, (uint8_t *)words, sizeof(words));
	assert_int_equal(words[0], 0);
	assert_int_equal(words[1], 43);
	dst->kind->get(dst, (uint8_t *)words, 8);
	assert_int_equal(words[0], 40);
}

static void between(struct place *src, struct place *dst)
{
	static const enum ibv_wr_opcode movers[] = {
		IBV_WR_SEND, IBV_WR_RDMA_WRITE, IBV_WR_RDMA_READ,
	};
	uint8_t *data = pages(ROOM);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(movers); i++) {
		memset(data, 0, SIZE);
		dst->kind->put(dst, data, SIZE);
		pattern(data, SIZE, i + 1);
		src->kind->put(src, data, SIZE);
		memset(data, 0, SIZE);
		move(movers[i], src, dst);
		dst->kind->get(dst, data, SIZE);
		demand(is_pattern(data, SIZE, i + 1), "opcode %d from %s to %s", movers[i],
		       src->kind->name, dst->kind->name);
	}
	fetch_add(src, dst);
	munmap(data, ROOM);
}

static void peers__between_all_kinds(void **state)
{
	struct place src, dst;
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!place_make(&src, &kinds[i]))
			continue;
		for (k = 0; k < ARRAY_SIZE(kinds); k++) {
			if (!place_make(&dst, &kinds[k]))
				continue;
			between(&src, &dst);
			place_free(&dst);
		}
		place_free(&src);
	}
}

/* An address that is a multiple of eight, in memory where it is none. */
static void atomic__of_memory_that_is_not_aligned(void **state)
{
	uint8_t *p = pages(PAGE);
	struct ibv_mr *mr = ibv_reg_mr(node.pd, p + 100, 1000, ACCESS | IBV_ACCESS_ZERO_BASED);
	struct ibv_send_wr wr;
	struct ibv_sge sge;
	struct mem mem;

	assert_non_null(mr);
	mem_make(&mem, &node, PAGE, ALL_ACCESS);
	sge = mem_sge(&mem, 0, 8);
	wr = wr_to(IBV_WR_ATOMIC_FETCH_AND_ADD, &sge, 16, mr->rkey);
	wr.wr.atomic.compare_add = 1;
	must_post(&pair.a, wr);
	assert_int_equal(next_wc(pair.a.scq).status, IBV_WC_REM_INV_REQ_ERR);
	assert_int_equal(p[116], 0);
	assert_int_equal(ibv_dereg_mr(mr), 0);
	mem_free(&mem);
	munmap(p, PAGE);
}

/*---- windows ----*/

static struct ibv_send_wr bind_wr(struct ibv_mw *mw, struct ibv_mr *mr, uint64_t addr,
				  size_t length, unsigned int access)
{
	struct ibv_send_wr wr = wr_of(&pair.b, IBV_WR_BIND_MW, NULL, 0);

	wr.bind_mw.mw = mw;
	wr.bind_mw.rkey = ibv_inc_rkey(mw->rkey);
	wr.bind_mw.bind_info = (struct ibv_mw_bind_info) {
		.mr = mr, .addr = addr, .length = length, .mw_access_flags = access,
	};
	return wr;
}

static void bind(struct ibv_mw *mw, struct ibv_mr *mr, uint64_t addr, size_t length,
		 unsigned int access)
{
	struct ibv_send_wr wr = bind_wr(mw, mr, addr, length, access);

	do_send(&pair.b, wr);
	mw->rkey = wr.bind_mw.rkey;
}

static struct ibv_mw *make_mw(void)
{
	struct ibv_mw *mw = ibv_alloc_mw(node.pd, IBV_MW_TYPE_2);

	demand(mw, "ibv_alloc_mw");
	return mw;
}

static enum ibv_wc_status write_to(struct ibv_sge *sge, uint64_t addr, uint32_t rkey)
{
	must_post(&pair.a, wr_to(IBV_WR_RDMA_WRITE, sge, addr, rkey));
	return next_wc(pair.a.scq).status;
}

/* Its first page is not that of the region, which is not that of the memory. */
#define PART	(5 * PAGE + 40)

static void window_of(struct place *p, bool zero_based)
{
	uint64_t start = zero_based ? 0 : p->addr + PART;
	unsigned int access = IBV_ACCESS_REMOTE_WRITE;
	uint8_t *data = pages(ROOM), *expected = pages(ROOM);
	struct ibv_mw *mw = make_mw();
	struct ibv_sge sge;
	struct mem mem;

	mem_make(&mem, &node, 3 * PAGE, ALL_ACCESS);
	sge = mem_sge(&mem, 0, 3 * PAGE);
	pattern(mem.p, 3 * PAGE, 9);
	memset(data, 0x55, SIZE);
	p->kind->put(p, data, SIZE);
	memcpy(expected, data, SIZE);
	memcpy(expected + PART, mem.p, 3 * PAGE);

	if (zero_based)
		access |= IBV_ACCESS_ZERO_BASED;
	bind(mw, p->mr, p->addr + PART, 3 * PAGE, access);
	assert_int_equal(write_to(&sge, start, mw->rkey), IBV_WC_SUCCESS);
	p->kind->get(p, data, SIZE);
	demand(!memcmp(data, expected, SIZE), "a window of %s", p->kind->name);
	assert_int_equal(ibv_dereg_mr(p->mr), EBUSY);
	assert_int_equal(write_to(&sge, start + 1, mw->rkey), IBV_WC_REM_ACCESS_ERR);
	p->kind->get(p, data, SIZE);
	demand(!memcmp(data, expected, SIZE), "behind a window of %s", p->kind->name);
	assert_int_equal(ibv_dealloc_mw(mw), 0);
	mem_free(&mem);
	munmap(data, ROOM);
	munmap(expected, ROOM);
	pair_close(&pair);
	pair_open(&pair, NULL);
}

static void window__of_all_kinds(void **state)
{
	struct place p;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		/* libibverbs knows no way to say that a dma-buf may have windows. */
		if (kinds[i].make == make_dmabuf || !place_make(&p, &kinds[i]))
			continue;
		window_of(&p, false);
		window_of(&p, true);
		place_free(&p);
	}
}

static void bind_refused(struct ibv_send_wr wr, const char *what)
{
	struct ibv_wc wc;

	must_post(&pair.b, wr);
	wc = next_wc(pair.b.scq);
	demand(wc.status == IBV_WC_MW_BIND_ERR, "%s: %s", what, ibv_wc_status_str(wc.status));
	pair_close(&pair);
	pair_open(&pair, NULL);
}

/* What a program can say that means none of its windows or regions. */
static void bind__hostile(void **state)
{
	struct ibv_pd *pd = ibv_alloc_pd(node.ctx);
	struct ibv_mw *foreign = ibv_alloc_mw(pd, IBV_MW_TYPE_2), *mw = make_mw();
	struct ibv_mw *other = make_mw(), fake = *mw;
	struct ibv_send_wr wr;
	struct ibv_mr fake_mr;
	struct place p;

	assert_non_null(foreign);
	assert_true(place_make(&p, &kinds[ARRAY_SIZE(kinds) - 1]));
	bind_refused(bind_wr(foreign, p.mr, p.addr, 8, 0), "a window of another PD");
	fake.rkey = p.mr->rkey;
	bind_refused(bind_wr(&fake, p.mr, p.addr, 8, 0), "a region as window");
	fake.rkey = 0xffffff00;
	bind_refused(bind_wr(&fake, p.mr, p.addr, 8, 0), "no window");
	wr = bind_wr(mw, p.mr, p.addr, 8, 0);
	wr.bind_mw.rkey = other->rkey;
	bind_refused(wr, "the key of another window");
	wr.bind_mw.rkey = p.mr->rkey;
	bind_refused(wr, "the key of a region");
	bind_refused(bind_wr(mw, p.mr, p.addr, 0, 0), "nothing");
	bind_refused(bind_wr(mw, p.mr, p.addr, 8, IBV_ACCESS_ON_DEMAND), "a right of regions");
	/* A window of a window. */
	bind(other, p.mr, p.addr, 8, IBV_ACCESS_REMOTE_READ);
	fake_mr = *p.mr;
	fake_mr.lkey = other->rkey;
	fake_mr.rkey = other->rkey;
	bind_refused(bind_wr(mw, &fake_mr, p.addr, 8, 0), "a window of a window");
	assert_int_equal(ibv_dealloc_mw(mw), 0);
	assert_int_equal(ibv_dealloc_mw(other), 0);
	assert_int_equal(ibv_dealloc_mw(foreign), 0);
	assert_int_equal(ibv_dealloc_pd(pd), 0);
	place_free(&p);
}

/* Its key is for peers only. */
static void window__as_local_key(void **state)
{
	struct ibv_mw *mw = make_mw();
	struct ibv_sge sge;
	struct place p;
	struct mem mem;

	assert_true(place_make(&p, &kinds[ARRAY_SIZE(kinds) - 1]));
	mem_make(&mem, &node, PAGE, ALL_ACCESS);
	bind(mw, p.mr, p.addr, 64, ALL_REMOTE);
	sge = sge_of(&p, 0, 8);
	sge.lkey = mw->rkey;
	/* Else it would wait for that, and not look. */
	must_post_recv(&pair.a, 1, &mem, 0, 64);
	must_post(&pair.b, wr_of(&pair.b, IBV_WR_SEND, &sge, 1));
	assert_int_equal(next_wc(pair.b.scq).status, IBV_WC_LOC_PROT_ERR);
	assert_int_equal(ibv_dealloc_mw(mw), 0);
	mem_free(&mem);
	place_free(&p);
}

/* A window of type 2 whose QP has gone is no other QP's, and keeps its region. */
static void window__without_its_qp(void **state)
{
	struct ibv_mw *mw = make_mw();
	struct ibv_send_wr wr;
	struct ibv_sge sge;
	struct place p;

	assert_true(place_make(&p, &kinds[ARRAY_SIZE(kinds) - 1]));
	bind(mw, p.mr, p.addr, 64, ALL_REMOTE);
	sge = sge_of(&p, 0, 8);
	pair_close(&pair);
	pair_open(&pair, NULL);
	assert_int_equal(write_to(&sge, p.addr, mw->rkey), IBV_WC_REM_ACCESS_ERR);
	pair_close(&pair);
	pair_open(&pair, NULL);
	wr = wr_of(&pair.b, IBV_WR_LOCAL_INV, NULL, 0);
	wr.invalidate_rkey = mw->rkey;
	must_post(&pair.b, wr);
	demand(next_wc(pair.b.scq).status != IBV_WC_SUCCESS, "another QP invalidates it");
	assert_int_equal(ibv_dereg_mr(p.mr), EBUSY);
	assert_int_not_equal(ibv_rereg_mr(p.mr, IBV_REREG_MR_CHANGE_ACCESS, NULL, NULL, 0,
					  ACCESS), 0);
	assert_int_equal(ibv_dealloc_mw(mw), 0);
	assert_int_equal(ibv_rereg_mr(p.mr, IBV_REREG_MR_CHANGE_ACCESS, NULL, NULL, 0,
				      ACCESS | IBV_ACCESS_ON_DEMAND), 0);
	place_free(&p);
}

/*---- taken away while it is used ----*/

#define BIG	(2 * MIB)
#define WRITES	16

static void unbind_by_dealloc(struct ibv_mw *mw)
{
	assert_int_equal(ibv_dealloc_mw(mw), 0);
}

static void unbind_by_invalidate(struct ibv_mw *mw)
{
	struct ibv_send_wr wr = wr_of(&pair.b, IBV_WR_LOCAL_INV, NULL, 0);

	wr.invalidate_rkey = mw->rkey;
	do_send(&pair.b, wr);
}

static void *post_writes(void *arg)
{
	struct ibv_send_wr *wr = arg;
	unsigned int i;

	for (i = 0; i < WRITES; i++) {
		struct ibv_send_wr copy = *wr;

		post_send(&pair.a, &copy);
	}
	return NULL;
}

/* How many of the writes were in time. */
static unsigned int count_writes(void)
{
	unsigned int i, done = 0;

	for (i = 0; i < WRITES; i++) {
		struct ibv_wc wc = next_wc(pair.a.scq);

		demand(wc.status == IBV_WC_SUCCESS || wc.status == IBV_WC_REM_ACCESS_ERR ||
		       wc.status == IBV_WC_WR_FLUSH_ERR, "%s", ibv_wc_status_str(wc.status));
		done += wc.status == IBV_WC_SUCCESS;
	}
	return done;
}

/* Once it is said that nobody gets there any more, nobody does. */
static void while_writing(void (*unbind)(struct ibv_mw *mw), bool deallocs)
{
	struct mem src, dst;
	unsigned int i, done = 0, n = rounds(30, 300);

	mem_make(&src, &node, BIG, ALL_ACCESS);
	mem_make(&dst, &node, BIG, ACCESS);
	memset(src.p, 1, BIG);
	for (i = 0; i < n; i++) {
		struct ibv_mw *mw = make_mw();
		struct ibv_sge sge = mem_sge(&src, 0, BIG);
		struct ibv_send_wr wr;
		pthread_t thread;

		bind(mw, dst.mr, (uintptr_t)dst.p, BIG, IBV_ACCESS_REMOTE_WRITE);
		wr = wr_to(IBV_WR_RDMA_WRITE, &sge, (uintptr_t)dst.p, mw->rkey);
		demand(!pthread_create(&thread, NULL, post_writes, &wr), "pthread_create");
		/* Each time at another moment. */
		while (i % 3 && !__atomic_load_n(dst.p + BIG / 8 * (i % 8), __ATOMIC_RELAXED))
			;
		unbind(mw);
		memset(dst.p, 0, BIG);
		pthread_join(thread, NULL);
		done += count_writes();
		demand(!memchr(dst.p, 1, BIG), "written after all");
		if (!deallocs)
			assert_int_equal(ibv_dealloc_mw(mw), 0);
		pair_close(&pair);
		pair_open(&pair, NULL);
	}
	print_message("# %u of %u writes were in time\n", done, n * WRITES);
	mem_free(&src);
	mem_free(&dst);
}

static void dealloc_mw__while_it_is_written(void **state)
{
	while_writing(unbind_by_dealloc, true);
}

static void invalidate__while_it_is_written(void **state)
{
	while_writing(unbind_by_invalidate, false);
}

/* What depends on what a killed process has no time to say. */
static void killed_child(void *arg)
{
	struct ibv_mw *mws[3];
	struct place p;
	unsigned int i;

	open_node(NULL);
	pair_open(&pair, NULL);
	mws[0] = make_mw();
	assert_true(place_make(&p, arg));
	mws[1] = make_mw();
	mws[2] = make_mw();
	for (i = 0; i < ARRAY_SIZE(mws); i++)
		bind(mws[i], p.mr, p.addr, 64, ALL_REMOTE);
	raise(SIGKILL);
}

static void exit__with_windows(void **state)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (kinds[i].make != make_dmabuf)
			reap_killed(start_child(killed_child, (void *)&kinds[i]), SIGKILL);
	}
}

static int open_pair(void **state)
{
	pair_open(&pair, NULL);
	return 0;
}

static int close_pair(void **state)
{
	pair_close(&pair);
	return 0;
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, open_pair, close_pair)

static const struct CMUnitTest tests[] = {
	TEST(peers__between_all_kinds),
	TEST(atomic__of_memory_that_is_not_aligned),
	TEST(window__of_all_kinds),
	TEST(bind__hostile),
	TEST(window__as_local_key),
	TEST(window__without_its_qp),
	TEST(dealloc_mw__while_it_is_written),
	TEST(invalidate__while_it_is_written),
	TEST(exit__with_windows),
};

LIVE_MAIN("devmem", tests, open_node, close_node)
