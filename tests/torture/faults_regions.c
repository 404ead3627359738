// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Failing: memory regions of all kinds, and what is done to them. */

#include <fcntl.h>
#include <linux/udmabuf.h>
#include <sys/ioctl.h>

#include "faults.h"

#define ODP	(ALL_ACCESS | IBV_ACCESS_ON_DEMAND)

static struct ibv_mr *mr;
static struct ibv_mr *other;
static struct ibv_dm *dm;
static struct ibv_pd *pd;
static int dmabuf = -1;

static int make_mr(void)
{
	mr = ibv_reg_mr(node.pd, faults_area, FAULTS_SIZE, ALL_ACCESS | IBV_ACCESS_MW_BIND);
	return MADE(mr);
}

static int make_mr_iova(void)
{
	mr = ibv_reg_mr_iova(node.pd, faults_area, FAULTS_SIZE, 0x10000, ALL_ACCESS);
	return MADE(mr);
}

static int make_mr_odp(void)
{
	mr = ibv_reg_mr(node.pd, faults_area, FAULTS_SIZE, ODP);
	return MADE(mr);
}

static int make_mr_implicit(void)
{
	mr = ibv_reg_mr(node.pd, NULL, SIZE_MAX, ODP);
	return MADE(mr);
}

static int make_mr_dm(void)
{
	mr = ibv_reg_dm_mr(node.pd, faults_dm, 0, FAULTS_SIZE,
			   IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_ZERO_BASED);
	return MADE(mr);
}

static int make_mr_dmabuf(void)
{
	mr = ibv_reg_dmabuf_mr(node.pd, 0, FAULTS_SIZE, 0, dmabuf, ALL_ACCESS);
	return MADE(mr);
}

static int drop_mr(void)
{
	return ibv_dereg_mr(mr);
}

/* What another process would do with the number of an object of this one. */
static int import_mr(void)
{
	other = ibv_import_mr(node.pd, mr->handle);
	return MADE(other);
}

static int unimport_mr(void)
{
	ibv_unimport_mr(other);
	return 0;
}

static int import_dm(void)
{
	dm = ibv_import_dm(node.ctx, faults_dm->handle);
	return MADE(dm);
}

static int unimport_dm(void)
{
	ibv_unimport_dm(dm);
	return 0;
}

static int import_pd(void)
{
	pd = ibv_import_pd(node.ctx, node.pd->handle);
	return MADE(pd);
}

static int unimport_pd(void)
{
	ibv_unimport_pd(pd);
	return 0;
}

static void open_dmabuf(void)
{
	struct udmabuf_create create = { .flags = UDMABUF_FLAGS_CLOEXEC, .size = FAULTS_SIZE };
	int dev = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);

	if (dev < 0) {
		torture_say("no region on a dma-buf: there is no /dev/udmabuf");
		return;
	}
	create.memfd = memfd_create("area", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	demand((int)create.memfd >= 0 && !ftruncate(create.memfd, FAULTS_SIZE) &&
	       !fcntl(create.memfd, F_ADD_SEALS, F_SEAL_SHRINK), "memfd_create");
	dmabuf = ioctl(dev, UDMABUF_CREATE, &create);
	demand(dmabuf >= 0, "UDMABUF_CREATE");
	close(create.memfd);
	close(dev);
}

/*---- steps ----*/

static int rereg_to(struct ibv_pd *to, int flags, int access)
{
	int ret = ibv_rereg_mr(mr, flags, to, faults_area + PAGE, FAULTS_SIZE - PAGE, access);

	/* It may say what became of the old one: it is as it was, or to be dropped. */
	return ret ? errno : 0;
}

static int rereg_pinned(void)
{
	return rereg_to(NULL, IBV_REREG_MR_CHANGE_TRANSLATION | IBV_REREG_MR_CHANGE_ACCESS,
			ALL_ACCESS);
}

static int rereg_odp(void)
{
	return rereg_to(NULL, IBV_REREG_MR_CHANGE_TRANSLATION | IBV_REREG_MR_CHANGE_ACCESS, ODP);
}

static int rereg_access(void)
{
	return rereg_to(NULL, IBV_REREG_MR_CHANGE_ACCESS, IBV_ACCESS_LOCAL_WRITE);
}

static void ready_mr(void)
{
	demand(!make_mr(), "ibv_reg_mr");
}

static void ready_mr_odp(void)
{
	demand(!make_mr_odp(), "ibv_reg_mr");
	demand(!madvise(faults_area, FAULTS_SIZE, MADV_DONTNEED), "madvise");
}

static void undo_mr(void)
{
	demand(!drop_mr(), "ibv_dereg_mr");
}

static int advise_as(enum ibv_advise_mr_advice advice, uint32_t flags)
{
	struct ibv_sge sge = { (uintptr_t)faults_area, FAULTS_SIZE, mr->lkey };

	return ibv_advise_mr(node.pd, advice, flags, &sge, 1);
}

static int prefetch(void)
{
	return advise_as(IBV_ADVISE_MR_ADVICE_PREFETCH_WRITE, IBV_ADVISE_MR_FLAG_FLUSH);
}

static int prefetch_later(void)
{
	return advise_as(IBV_ADVISE_MR_ADVICE_PREFETCH, 0);
}

static int prefetch_present(void)
{
	return advise_as(IBV_ADVISE_MR_ADVICE_PREFETCH_NO_FAULT, IBV_ADVISE_MR_FLAG_FLUSH);
}

static int dm_write(void)
{
	return ibv_memcpy_to_dm(faults_dm, 8, faults_area, 4096);
}

static int dm_read(void)
{
	return ibv_memcpy_from_dm(faults_area, faults_dm, 8, 4096);
}

static void fail_all_regions(void)
{
	static const struct thing dmabuf_region = {
		"a region on a dma-buf", make_mr_dmabuf, drop_mr, false, 0
	};
	static const struct thing things[] = {
		{ "a pinned region", make_mr, drop_mr, false, 0 },
		{ "a region with an iova", make_mr_iova, drop_mr, false, 0 },
		{ "an ODP region", make_mr_odp, drop_mr, false, 0 },
		{ "an implicit region", make_mr_implicit, drop_mr, false, 0 },
		{ "a region on device memory", make_mr_dm, drop_mr, false, 0 },
		{ "a PD of a handle", import_pd, unimport_pd, false, 0 },
		{ "device memory of a handle", import_dm, unimport_dm, false, 0 },
	};
	static const struct step steps[] = {
		{ "ibv_rereg_mr of a pinned region", ready_mr, rereg_pinned, undo_mr, false, 0 },
		{ "ibv_rereg_mr of an ODP region", ready_mr_odp, rereg_odp, undo_mr, false, 0 },
		{ "ibv_rereg_mr of the access", ready_mr, rereg_access, undo_mr, false, 0 },
		{ "ibv_advise_mr", ready_mr_odp, prefetch, undo_mr, false, 0 },
		{ "ibv_advise_mr, by a worker", ready_mr_odp, prefetch_later, undo_mr, true, 0 },
		{ "ibv_advise_mr, present", ready_mr_odp, prefetch_present, undo_mr, false, 0 },
		{ "ibv_memcpy_to_dm", NULL, dm_write, NULL, false, 0 },
		{ "ibv_memcpy_from_dm", NULL, dm_read, NULL, false, 0 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(things); i++)
		fail_thing(&things[i]);
	for (i = 0; i < ARRAY_SIZE(steps); i++)
		fail_step(&steps[i]);
	if (dmabuf < 0)
		return;
	/* It warns (WARN_ON_ONCE) if the exporter has no memory for a mapping. */
	faults_spare("dma_buf_vmap");
	fail_thing(&dmabuf_region);
	faults_spare_default();
}

void faults_regions(struct torture_run *run)
{
	static const struct thing imported = { "a region of a handle", import_mr, unimport_mr,
					       false, 0 };
	bool goes_on = torture_goes_on(run);

	faults_open(run);
	demand(!make_dm(), "ibv_alloc_dm");
	open_dmabuf();
	faults_note();
	for (; goes_on; goes_on = torture_goes_on(run)) {
		fail_all_regions();
		ready_mr_odp();
		fail_thing(&imported);
		undo_mr();
	}
	faults_check();
	demand(!drop_dm(), "ibv_free_dm");
	if (dmabuf >= 0)
		close(dmabuf);
	faults_close();
}
