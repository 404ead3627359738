// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The device and its contexts: what libibverbs sees first. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "axe.h"
#include "axe-abi.h"
#include "compat.h"

static void axe_free_context(struct ibv_context *ibvctx);

/* By driver id, not by name: a device may be renamed. */
static const struct verbs_match_ent axe_table[] = {
	VERBS_DRIVER_ID(AXE_DRIVER_ID),
	{}
};

/* The version as the module tells it, and what the ring's format says of time. */
static int axe_query_device_ex(struct ibv_context *ibvctx,
			       const struct ibv_query_device_ex_input *input,
			       struct ibv_device_attr_ex *attr, size_t attr_size)
{
	struct ib_uverbs_ex_query_device_resp resp;
	size_t resp_size = sizeof(resp);
	uint64_t fw_ver;
	int err;

	err = ibv_cmd_query_device_any(ibvctx, input, attr, attr_size, &resp,
				       &resp_size);
	if (err)
		return err;

	fw_ver = resp.base.fw_ver;
	snprintf(attr->orig_attr.fw_ver, sizeof(attr->orig_attr.fw_ver),
		 "%u.%u.%u", (unsigned int)(fw_ver >> 32) & 0xffff,
		 (unsigned int)(fw_ver >> 16) & 0xffff,
		 (unsigned int)fw_ver & 0xffff);

	/* axe_cqe.timestamp counts nanoseconds: a clock of 10^6 kHz */
	if (offsetofend(struct ibv_device_attr_ex, completion_timestamp_mask) <= attr_size)
		attr->completion_timestamp_mask = UINT64_MAX;
	if (offsetofend(struct ibv_device_attr_ex, hca_core_clock) <= attr_size)
		attr->hca_core_clock = 1000000;
	return 0;
}

static int axe_query_port(struct ibv_context *ibvctx, uint8_t port,
			  struct ibv_port_attr *attr)
{
	struct ibv_query_port cmd;

	return ibv_cmd_query_port(ibvctx, port, attr, &cmd, sizeof(cmd));
}

static int axe_query_rt_values(struct ibv_context *ibvctx,
			       struct ibv_values_ex *values)
{
	uint32_t wanted = values->comp_mask;

	values->comp_mask = 0;
	if (wanted & ~IBV_VALUES_MASK_RAW_CLOCK)
		return EINVAL;
	if (wanted) {
		if (clock_gettime(CLOCK_MONOTONIC_RAW, &values->raw_clock))
			return errno;
		values->comp_mask = IBV_VALUES_MASK_RAW_CLOCK;
	}
	return 0;
}

static const struct verbs_context_ops axe_ctx_ops = {
	.advise_mr = ibv_cmd_advise_mr,
	.alloc_dm = axe_alloc_dm,
	.alloc_mw = axe_alloc_mw,
	.alloc_parent_domain = axe_alloc_parent_domain,
	.alloc_pd = axe_alloc_pd,
	.alloc_td = axe_alloc_td,
	.attach_mcast = ibv_cmd_attach_mcast,
	.bind_mw = axe_bind_mw,
	.close_xrcd = axe_close_xrcd,
	.create_ah = axe_create_ah,
	.create_cq = axe_create_cq,
	.create_cq_ex = axe_create_cq_ex,
	.create_qp = axe_create_qp,
	.create_qp_ex = axe_create_qp_ex,
	.create_srq = axe_create_srq,
	.create_srq_ex = axe_create_srq_ex,
	.dealloc_mw = axe_dealloc_mw,
	.dealloc_pd = axe_dealloc_pd,
	.dealloc_td = axe_dealloc_td,
	.dereg_mr = axe_dereg_mr,
	.destroy_ah = axe_destroy_ah,
	.destroy_cq = axe_destroy_cq,
	.destroy_qp = axe_destroy_qp,
	.destroy_srq = axe_destroy_srq,
	.detach_mcast = ibv_cmd_detach_mcast,
	.free_context = axe_free_context,
	.free_dm = axe_free_dm,
	.get_srq_num = axe_get_srq_num,
	.import_dm = axe_import_dm,
	.import_mr = axe_import_mr,
	.import_pd = axe_import_pd,
	.modify_cq = axe_modify_cq,
	.modify_qp = axe_modify_qp,
	.modify_srq = axe_modify_srq,
	.open_qp = axe_open_qp,
	.open_xrcd = axe_open_xrcd,
	.poll_cq = axe_poll_cq,
	.post_recv = axe_post_recv,
	.post_send = axe_post_send,
	.post_srq_recv = axe_post_srq_recv,
	.query_device_ex = axe_query_device_ex,
	.query_port = axe_query_port,
	AXE_OP_QUERY_PORT_SPEED
	.query_qp = axe_query_qp,
	.query_rt_values = axe_query_rt_values,
	.query_srq = axe_query_srq,
	.reg_dm_mr = axe_reg_dm_mr,
	.reg_dmabuf_mr = axe_reg_dmabuf_mr,
	.reg_mr = axe_reg_mr,
	.req_notify_cq = axe_req_notify_cq,
	.rereg_mr = axe_rereg_mr,
	.resize_cq = axe_resize_cq,
	.unimport_dm = axe_unimport_dm,
	.unimport_mr = axe_unimport_mr,
	.unimport_pd = axe_unimport_pd,
};

static int axe_get_context(struct axe_context *ctx)
{
	struct axe_ucmd_alloc_ucontext_resp resp = {};
	struct axe_ucmd_alloc_ucontext cmd = {};
	int err;

	cmd.ring_version = AXE_RING_VERSION;
	err = ibv_cmd_get_context(&ctx->ibvctx, &cmd.ibv_cmd, sizeof(cmd),
				  NULL, &resp.ibv_resp, sizeof(resp));
	if (err) {
		verbs_err(&ctx->ibvctx, "the device refuses a context (%d)\n", err);
		return err;
	}
	if (resp.ring_version != AXE_RING_VERSION) {
		verbs_err(&ctx->ibvctx, "ring version %u here, %u in the kernel\n",
			  AXE_RING_VERSION, resp.ring_version);
		return EOPNOTSUPP;
	}
	return 0;
}

/*
 * A context that exists, whoever has made it. Its device's ABI version, and so
 * the rings', is the one that this library was matched with.
 */
static int axe_query_context(struct axe_context *ctx)
{
	return ibv_cmd_query_context(&ctx->ibvctx.context, NULL);
}

static struct verbs_context *axe_init_context(struct ibv_device *ibvdev, int cmd_fd,
					      int (*get)(struct axe_context *ctx))
{
	struct axe_context *ctx;

	ctx = verbs_init_and_alloc_context(ibvdev, cmd_fd, ctx, ibvctx,
					   AXE_DRIVER_ID);
	if (!ctx)
		return NULL;

	errno = get(ctx);
	if (errno)
		goto free_ctx;
	ctx->doorbell_fd = axe_open_doorbell(&ctx->ibvctx.context);
	if (ctx->doorbell_fd < 0) {
		errno = -ctx->doorbell_fd;
		verbs_err(&ctx->ibvctx, "no doorbell (%d)\n", errno);
		goto free_ctx;
	}

	verbs_set_ops(&ctx->ibvctx, &axe_ctx_ops);
	return &ctx->ibvctx;

free_ctx:
	verbs_uninit_context(&ctx->ibvctx);
	free(ctx);
	return NULL;
}

static struct verbs_context *axe_alloc_context(struct ibv_device *ibvdev,
					       int cmd_fd, void *private_data)
{
	return axe_init_context(ibvdev, cmd_fd, axe_get_context);
}

static struct verbs_context *axe_import_context(struct ibv_device *ibvdev, int cmd_fd)
{
	return axe_init_context(ibvdev, cmd_fd, axe_query_context);
}

static void axe_free_context(struct ibv_context *ibvctx)
{
	struct axe_context *ctx = to_axe_context(ibvctx);

	close(ctx->doorbell_fd);
	verbs_uninit_context(&ctx->ibvctx);
	free(ctx);
}

/**
 * axe_map_ring - map a ring that the kernel has made
 * @ibvctx:	context
 * @offset:	from the kernel's response
 * @length:	from the kernel's response
 * @entries:	from the kernel's response
 * @entry_size:	of one entry
 *
 * The mapping is inherited by a child: it goes on using the rings of the
 * context that it inherited.
 *
 * Return: the ring's header, or NULL with errno.
 */
void *axe_map_ring(struct ibv_context *ibvctx, uint64_t offset, size_t length,
		   uint32_t entries, size_t entry_size)
{
	void *map;

	/* A size that is no power of two would make wrong indices of right ones. */
	if (!entries || entries & (entries - 1) ||
	    length < AXE_RING_ENTRIES + entries * entry_size) {
		verbs_err(verbs_get_ctx(ibvctx), "%u entries in a ring of %zu bytes\n",
			  entries, length);
		errno = EPROTO;
		return NULL;
	}
	map = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED,
		   ibvctx->cmd_fd, offset);
	return map == MAP_FAILED ? NULL : map;
}

/**
 * axe_map_rq - map a receive ring that the kernel has made
 * @ibvctx:	context
 * @rq:		what to set up; left alone if it fails
 * @offset:	from the kernel's response, as are the rest
 * @length:	of the mapping
 * @entries:	of the ring
 * @stride:	bytes of an entry
 *
 * Return: 0 or an errno.
 */
int axe_map_rq(struct ibv_context *ibvctx, struct axe_rq *rq, uint64_t offset,
	       size_t length, uint32_t entries, uint32_t stride)
{
	void *map;

	if (stride < sizeof(struct axe_recv_wr) || stride & (stride - 1)) {
		verbs_err(verbs_get_ctx(ibvctx), "entries of %u bytes in a receive ring\n",
			  stride);
		return EPROTO;
	}
	map = axe_map_ring(ibvctx, offset, length, entries, stride);
	if (!map)
		return errno;
	axe_rq_init(rq, map, length, entries, stride);
	return 0;
}

static struct verbs_device *axe_device_alloc(struct verbs_sysfs_dev *sysfs_dev)
{
	return calloc(1, sizeof(struct verbs_device));
}

static void axe_device_uninit(struct verbs_device *vdev)
{
	free(vdev);
}

static const struct verbs_device_ops axe_dev_ops = {
	.name = "axe",
	.match_min_abi_version = AXE_ABI_VERSION,
	.match_max_abi_version = AXE_ABI_VERSION,
	.match_table = axe_table,
	.alloc_device = axe_device_alloc,
	.uninit_device = axe_device_uninit,
	.alloc_context = axe_alloc_context,
	.import_context = axe_import_context,
};

bool axe_is_axe_device(struct ibv_device *device)
{
	return verbs_get_device(device)->ops == &axe_dev_ops;
}

PROVIDER_DRIVER(axe, axe_dev_ops);
