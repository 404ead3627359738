// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Device memory: memory of the kernel's, mapped, and without an address of its own. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <infiniband/cmd_ioctl.h>
#include <rdma/axe_user_ioctl_cmds.h>

#include "axe.h"

/* Accesses are of whole words, as with devices whose memory knows no less. */
#define AXE_DM_ALIGN	4

static bool axe_dm_range_ok(const struct axe_dm *dm, uint64_t offset, size_t length)
{
	return !((offset | length) % AXE_DM_ALIGN) &&
	       offset <= dm->length && length <= dm->length - offset;
}

static int axe_memcpy_to_dm(struct ibv_dm *ibvdm, uint64_t offset,
			    const void *host_addr, size_t length)
{
	struct axe_dm *dm = to_axe_dm(ibvdm);

	if (!axe_dm_range_ok(dm, offset, length))
		return EFAULT;
	memcpy(dm->map + offset, host_addr, length);
	return 0;
}

static int axe_memcpy_from_dm(void *host_addr, struct ibv_dm *ibvdm,
			      uint64_t offset, size_t length)
{
	struct axe_dm *dm = to_axe_dm(ibvdm);

	if (!axe_dm_range_ok(dm, offset, length))
		return EFAULT;
	memcpy(host_addr, dm->map + offset, length);
	return 0;
}

static int axe_map_dm(struct axe_dm *dm, struct ibv_context *ibvctx, uint64_t offset,
		      size_t length)
{
	dm->map = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED,
		       ibvctx->cmd_fd, offset);
	if (dm->map == MAP_FAILED)
		return errno;
	dm->length = length;
	dm->verbs_dm.dm.memcpy_to_dm = axe_memcpy_to_dm;
	dm->verbs_dm.dm.memcpy_from_dm = axe_memcpy_from_dm;
	return 0;
}

struct ibv_dm *axe_alloc_dm(struct ibv_context *ibvctx,
			    struct ibv_alloc_dm_attr *attr)
{
	DECLARE_COMMAND_BUFFER(cmd, UVERBS_OBJECT_DM, UVERBS_METHOD_DM_ALLOC, 1);
	uint64_t mmap_offset = 0;
	struct axe_dm *dm;
	int err;

	if (!attr->length || attr->comp_mask) {
		errno = EINVAL;
		return NULL;
	}
	dm = calloc(1, sizeof(*dm));
	if (!dm)
		return NULL;

	fill_attr_out_ptr(cmd, AXE_ATTR_ALLOC_DM_RESP_OFFSET, &mmap_offset);
	err = ibv_cmd_alloc_dm(ibvctx, attr, &dm->verbs_dm, cmd);
	if (err)
		goto free_dm;
	err = axe_map_dm(dm, ibvctx, mmap_offset, attr->length);
	if (err)
		goto free_kernel_dm;
	return &dm->verbs_dm.dm;

free_kernel_dm:
	ibv_cmd_free_dm(&dm->verbs_dm);
free_dm:
	free(dm);
	errno = err;
	return NULL;
}

struct ibv_dm *axe_import_dm(struct ibv_context *ibvctx, uint32_t handle)
{
	DECLARE_COMMAND_BUFFER(cmd, UVERBS_OBJECT_DM, AXE_METHOD_DM_QUERY, 3);
	uint64_t offset = 0, length = 0;
	struct axe_dm *dm;
	int err;

	dm = calloc(1, sizeof(*dm));
	if (!dm)
		return NULL;

	fill_attr_in_obj(cmd, AXE_ATTR_DM_QUERY_HANDLE, handle);
	fill_attr_out_ptr(cmd, AXE_ATTR_DM_QUERY_RESP_OFFSET, &offset);
	fill_attr_out_ptr(cmd, AXE_ATTR_DM_QUERY_RESP_LENGTH, &length);
	err = execute_ioctl(ibvctx, cmd);
	if (!err)
		err = axe_map_dm(dm, ibvctx, offset, length);
	if (err) {
		free(dm);
		errno = err;
		return NULL;
	}
	dm->verbs_dm.handle = handle;
	dm->verbs_dm.dm.handle = handle;
	dm->verbs_dm.dm.comp_mask = IBV_DM_MASK_HANDLE;
	dm->verbs_dm.dm.context = ibvctx;
	return &dm->verbs_dm.dm;
}

void axe_unimport_dm(struct ibv_dm *ibvdm)
{
	struct axe_dm *dm = to_axe_dm(ibvdm);

	munmap(dm->map, dm->length);
	free(dm);
}

int axe_free_dm(struct ibv_dm *ibvdm)
{
	struct axe_dm *dm = to_axe_dm(ibvdm);
	int err;

	err = ibv_cmd_free_dm(&dm->verbs_dm);
	if (err)
		return err;
	munmap(dm->map, dm->length);
	free(dm);
	return 0;
}

struct ibv_mr *axe_reg_dm_mr(struct ibv_pd *ibvpd, struct ibv_dm *ibvdm,
			     uint64_t offset, size_t length, unsigned int access)
{
	struct verbs_mr *vmr;
	int err;

	vmr = calloc(1, sizeof(*vmr));
	if (!vmr)
		return NULL;

	err = ibv_cmd_reg_dm_mr(ibvpd, &to_axe_dm(ibvdm)->verbs_dm, offset, length,
				access, vmr, NULL);
	if (err) {
		free(vmr);
		errno = err;
		return NULL;
	}
	return &vmr->ibv_mr;
}
