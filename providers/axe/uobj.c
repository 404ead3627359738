// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* axe's own uverbs objects and methods. */

#include <errno.h>
#include <string.h>

#include <infiniband/cmd_ioctl.h>
#include <rdma/axe_user_ioctl_cmds.h>

#include "axe.h"

/* Return: a file descriptor, or a negative errno. */
int axe_open_doorbell(struct ibv_context *ibvctx)
{
	DECLARE_COMMAND_BUFFER(cmd, AXE_OBJECT_DOORBELL,
			       AXE_METHOD_DOORBELL_CREATE, 1);
	struct ib_uverbs_attr *fd;
	int err;

	fd = fill_attr_out_fd(cmd, AXE_ATTR_DOORBELL_CREATE_FD, 0);
	err = execute_ioctl(ibvctx, cmd);
	if (err)
		return -err;
	return read_attr_fd(AXE_ATTR_DOORBELL_CREATE_FD, fd);
}

/*
 * Ask for an array of at most @max elements of @size bytes. An attribute of no
 * length means something else, so that at least one element is asked for.
 */
static int axe_query_array(struct ibv_context *ibvctx, uint16_t method,
			   uint16_t array_attr, uint16_t count_attr,
			   void *array, size_t size, unsigned int max)
{
	DECLARE_COMMAND_BUFFER(cmd, UVERBS_OBJECT_DEVICE, method, 2);
	uint64_t one[16] = {};
	uint32_t count = 0;
	int err;

	if (!array && max)
		return -EINVAL;
	if (max > UINT16_MAX / size)
		max = UINT16_MAX / size;

	assert(size <= sizeof(one));
	fill_attr_out(cmd, array_attr, max ? array : one, max ? max * size : size);
	fill_attr_out_ptr(cmd, count_attr, &count);
	err = execute_ioctl(ibvctx, cmd);
	return err ? -err : (int)count;
}

int axe_query_ops(struct ibv_context *ibvctx, struct axe_op_info *ops,
		  unsigned int max)
{
	return axe_query_array(ibvctx, AXE_METHOD_QUERY_OPS,
			       AXE_ATTR_QUERY_OPS_ARRAY,
			       AXE_ATTR_QUERY_OPS_COUNT, ops, sizeof(*ops), max);
}

int axe_query_engines(struct ibv_context *ibvctx, struct axe_engine_info *engines,
		      unsigned int max)
{
	return axe_query_array(ibvctx, AXE_METHOD_QUERY_ENGINES,
			       AXE_ATTR_QUERY_ENGINES_ARRAY,
			       AXE_ATTR_QUERY_ENGINES_COUNT, engines,
			       sizeof(*engines), max);
}

int axe_query_engine_status(struct ibv_context *ibvctx, struct axe_engine_status *status,
			    unsigned int max)
{
	return axe_query_array(ibvctx, AXE_METHOD_QUERY_ENGINES,
			       AXE_ATTR_QUERY_ENGINES_STATUS,
			       AXE_ATTR_QUERY_ENGINES_COUNT, status,
			       sizeof(*status), max);
}
