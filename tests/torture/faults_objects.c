// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Failing: everything that needs nothing but a context and a PD. */

#include <fcntl.h>
#include <limits.h>
#include <rdma/axe-abi.h>
#include <rdma/ib_user_verbs.h>

#include "faults.h"

struct ibv_cq *faults_cq;
struct ibv_xrcd *faults_xrcd;
struct ibv_srq *faults_srq;
struct ibv_dm *faults_dm;

static struct ibv_device *device;
static char device_path[PATH_MAX];
static struct ibv_context *ctx;
static int context_fd;
static int async_fd;
static struct ibv_pd *pd;
static struct ibv_td *td;
static struct ibv_comp_channel *channel;
static struct ibv_ah *ah;
static struct ibv_mw *mw;

static int make_context(void)
{
	ctx = ibv_open_device(device);
	return MADE(ctx);
}

static int drop_context(void)
{
	return ibv_close_device(ctx) ? errno : 0;
}

/* The older way, which other libraries may go. */
static int make_context_by_write(void)
{
	struct {
		struct ib_uverbs_get_context_resp resp;
		struct axe_alloc_ucontext_resp more;
	} out;
	struct {
		struct ib_uverbs_cmd_hdr head;
		struct ib_uverbs_get_context cmd;
		struct axe_alloc_ucontext_req req;
	} in = {
		.head = { IB_USER_VERBS_CMD_GET_CONTEXT, sizeof(in) / 4, sizeof(out) / 4 },
		.cmd.response = (uintptr_t)&out,
		.req.ring_version = AXE_RING_VERSION,
	};
	int err = 0;

	context_fd = open(device_path, O_RDWR | O_CLOEXEC);
	if (context_fd < 0)
		return errno;
	if (write(context_fd, &in, sizeof(in)) == sizeof(in)) {
		async_fd = out.resp.async_fd;
	} else {
		err = errno;
		close(context_fd);
	}
	return err;
}

static int drop_context_by_close(void)
{
	close(async_fd);
	close(context_fd);
	return 0;
}

static int import_context(void)
{
	int fd = dup(node.ctx->cmd_fd);

	if (fd < 0)
		return errno;
	ctx = ibv_import_device(fd);
	if (ctx)
		return 0;
	close(fd);
	return errno;
}

static int make_pd(void)
{
	pd = ibv_alloc_pd(node.ctx);
	return MADE(pd);
}

static int drop_pd(void)
{
	return ibv_dealloc_pd(pd);
}

static int make_td(void)
{
	struct ibv_td_init_attr attr = {};

	td = ibv_alloc_td(node.ctx, &attr);
	return MADE(td);
}

static int drop_td(void)
{
	return ibv_dealloc_td(td);
}

static int make_parent(void)
{
	struct ibv_parent_domain_init_attr attr = { .pd = node.pd };

	pd = ibv_alloc_parent_domain(node.ctx, &attr);
	return MADE(pd);
}

static int make_channel(void)
{
	channel = ibv_create_comp_channel(node.ctx);
	return MADE(channel);
}

static int drop_channel(void)
{
	return ibv_destroy_comp_channel(channel);
}

int make_cq(void)
{
	faults_cq = ibv_create_cq(node.ctx, 1000, NULL, NULL, 0);
	return MADE(faults_cq);
}

static int make_cq_ex(void)
{
	struct ibv_cq_init_attr_ex attr = {
		.cqe = 10,
		.wc_flags = IBV_WC_STANDARD_FLAGS | IBV_WC_EX_WITH_COMPLETION_TIMESTAMP,
	};
	struct ibv_cq_ex *ex = ibv_create_cq_ex(node.ctx, &attr);

	faults_cq = ex ? ibv_cq_ex_to_cq(ex) : NULL;
	return MADE(faults_cq);
}

int drop_cq(void)
{
	return ibv_destroy_cq(faults_cq);
}

int make_dm(void)
{
	struct ibv_alloc_dm_attr attr = { .length = FAULTS_SIZE };

	faults_dm = ibv_alloc_dm(node.ctx, &attr);
	return MADE(faults_dm);
}

int drop_dm(void)
{
	return ibv_free_dm(faults_dm);
}

int make_srq(void)
{
	struct ibv_srq_init_attr attr = { .attr = { .max_wr = 100, .max_sge = 4 } };

	faults_srq = ibv_create_srq(node.pd, &attr);
	return MADE(faults_srq);
}

int drop_srq(void)
{
	return ibv_destroy_srq(faults_srq);
}

int make_xrcd(void)
{
	struct ibv_xrcd_init_attr attr = {
		.comp_mask = IBV_XRCD_INIT_ATTR_FD | IBV_XRCD_INIT_ATTR_OFLAGS,
		.fd = -1,
		.oflags = O_CREAT,
	};

	faults_xrcd = ibv_open_xrcd(node.ctx, &attr);
	return MADE(faults_xrcd);
}

int drop_xrcd(void)
{
	return ibv_close_xrcd(faults_xrcd);
}

/* One that others may open, too: the core keeps it by its inode. */
static int make_xrcd_of_file(void)
{
	struct ibv_xrcd_init_attr attr = {
		.comp_mask = IBV_XRCD_INIT_ATTR_FD | IBV_XRCD_INIT_ATTR_OFLAGS,
		.fd = STDOUT_FILENO,
		.oflags = O_CREAT,
	};

	faults_xrcd = ibv_open_xrcd(node.ctx, &attr);
	return MADE(faults_xrcd);
}

static int make_ah(void)
{
	struct ibv_ah_attr attr = {
		.is_global = 1,
		.port_num = 1,
		.grh = { .dgid = node.gid, .sgid_index = node.gid_index, .hop_limit = 1 },
	};

	ah = ibv_create_ah(node.pd, &attr);
	return MADE(ah);
}

static int drop_ah(void)
{
	return ibv_destroy_ah(ah);
}

static int make_mw1(void)
{
	mw = ibv_alloc_mw(node.pd, IBV_MW_TYPE_1);
	return MADE(mw);
}

static int make_mw2(void)
{
	mw = ibv_alloc_mw(node.pd, IBV_MW_TYPE_2);
	return MADE(mw);
}

static int drop_mw(void)
{
	return ibv_dealloc_mw(mw);
}

void faults_objects(struct torture_run *run)
{
	static const struct thing context = {
		"a context", make_context, drop_context, false, ANY_ERROR
	};
	static const struct thing things[] = {
		{ "a context by write()", make_context_by_write, drop_context_by_close, false, 0 },
		{ "a context of a file", import_context, drop_context, false, ANY_ERROR },
		{ "a PD", make_pd, drop_pd, false, 0 },
		{ "a thread domain", make_td, drop_td, false, 0 },
		{ "a parent domain", make_parent, drop_pd, false, 0 },
		{ "a completion channel", make_channel, drop_channel, false, 0 },
		{ "a CQ", make_cq, drop_cq, true, 0 },
		{ "an extended CQ", make_cq_ex, drop_cq, true, 0 },
		{ "device memory", make_dm, drop_dm, false, 0 },
		{ "an SRQ", make_srq, drop_srq, true, 0 },
		{ "an XRC domain", make_xrcd, drop_xrcd, false, 0 },
		{ "an XRC domain of a file", make_xrcd_of_file, drop_xrcd, false, 0 },
		{ "an address handle", make_ah, drop_ah, false, 0 },
		{ "a window of type 1", make_mw1, drop_mw, false, 0 },
		{ "a window of type 2", make_mw2, drop_mw, false, 0 },
	};
	bool goes_on = torture_goes_on(run);
	unsigned int i;

	faults_open(run);
	device = node.ctx->device;
	snprintf(device_path, sizeof(device_path), "/dev/infiniband/%s", device->dev_name);
	faults_note();
	for (; goes_on; goes_on = torture_goes_on(run)) {
		for (i = 0; i < ARRAY_SIZE(things); i++)
			fail_thing(&things[i]);
		/* If that fails, uverbs keeps a reference to the process for ever. */
		faults_spare("ib_rdmacg_try_charge");
		fail_thing(&context);
		faults_spare_default();
	}
	faults_check();
	faults_close();
}
