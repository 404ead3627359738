// SPDX-License-Identifier: GPL-2.0
/* Queries: what the device can do, so that libraries need not know. */

#include <linux/string.h>
#include <rdma/axe_user_ioctl_cmds.h>
#include <rdma/uverbs_ioctl.h>
#include <rdma/uverbs_std_types.h>
#include <rdma/uverbs_types.h>

#include "axe.h"
#include "engine.h"
#include "ops.h"

#define UVERBS_MODULE_NAME axe
#include <rdma/uverbs_named_ioctl.h>

static void axe_op_describe(unsigned int opcode, struct axe_op_info *info)
{
	const struct axe_op *op = axe_ops[opcode];

	*info = (struct axe_op_info) {
		.opcode = opcode,
		.flags = op->flags,
		.max_src = op->max_src,
		.max_dst = op->max_dst,
		.formats = op->has ? op->has(op->formats) : op->formats,
		.min_level = op->min_level,
		.max_level = op->max_level,
		.engines = axe_engines_of_op(opcode),
		.inline_max = op->inline_max,
		.max_aux = op->max_aux,
		.max_src_list = op->max_src_list,
		.max_dst_list = op->max_dst_list,
	};
	strscpy(info->name, op->name, sizeof(info->name));
}

/* The array is optional: without it one learns how long it is. */
static int axe_query_put(struct uverbs_attr_bundle *attrs, u16 array_attr,
			 const void *array, size_t size, u16 count_attr, u32 count)
{
	int ret;

	if (uverbs_attr_is_valid(attrs, array_attr)) {
		ret = uverbs_copy_to(attrs, array_attr, array, size);
		if (ret)
			return ret;
	}
	return uverbs_copy_to(attrs, count_attr, &count, sizeof(count));
}

static int UVERBS_HANDLER(AXE_METHOD_QUERY_OPS)(struct uverbs_attr_bundle *attrs)
{
	struct axe_op_info *ops;
	unsigned int i;

	/* Freed with the call. */
	ops = uverbs_kcalloc(attrs, AXE_OP_MAX, sizeof(*ops));
	if (IS_ERR(ops))
		return PTR_ERR(ops);
	for (i = 0; i < AXE_OP_MAX; i++)
		axe_op_describe(i, &ops[i]);
	return axe_query_put(attrs, AXE_ATTR_QUERY_OPS_ARRAY, ops, AXE_OP_MAX * sizeof(*ops),
			     AXE_ATTR_QUERY_OPS_COUNT, AXE_OP_MAX);
}

static int UVERBS_HANDLER(AXE_METHOD_QUERY_ENGINES)(struct uverbs_attr_bundle *attrs)
{
	struct axe_engine_status *status;
	struct axe_engine_info *infos;
	unsigned int n;
	int ret;

	/* Freed with the call. */
	infos = uverbs_kcalloc(attrs, AXE_MAX_ENGINES, sizeof(*infos));
	if (IS_ERR(infos))
		return PTR_ERR(infos);
	status = uverbs_kcalloc(attrs, AXE_MAX_ENGINES, sizeof(*status));
	if (IS_ERR(status))
		return PTR_ERR(status);
	n = axe_engines_describe(infos, status);
	if (uverbs_attr_is_valid(attrs, AXE_ATTR_QUERY_ENGINES_STATUS)) {
		ret = uverbs_copy_to(attrs, AXE_ATTR_QUERY_ENGINES_STATUS, status,
				     n * sizeof(*status));
		if (ret)
			return ret;
	}
	return axe_query_put(attrs, AXE_ATTR_QUERY_ENGINES_ARRAY, infos, n * sizeof(*infos),
			     AXE_ATTR_QUERY_ENGINES_COUNT, n);
}

DECLARE_UVERBS_NAMED_METHOD(
	AXE_METHOD_QUERY_OPS,
	UVERBS_ATTR_PTR_OUT(AXE_ATTR_QUERY_OPS_ARRAY,
			    UVERBS_ATTR_MIN_SIZE(sizeof(struct axe_op_info)),
			    UA_OPTIONAL),
	UVERBS_ATTR_PTR_OUT(AXE_ATTR_QUERY_OPS_COUNT,
			    UVERBS_ATTR_TYPE(u32),
			    UA_MANDATORY));

DECLARE_UVERBS_NAMED_METHOD(
	AXE_METHOD_QUERY_ENGINES,
	UVERBS_ATTR_PTR_OUT(AXE_ATTR_QUERY_ENGINES_ARRAY,
			    UVERBS_ATTR_MIN_SIZE(sizeof(struct axe_engine_info)),
			    UA_OPTIONAL),
	UVERBS_ATTR_PTR_OUT(AXE_ATTR_QUERY_ENGINES_STATUS,
			    UVERBS_ATTR_MIN_SIZE(sizeof(struct axe_engine_status)),
			    UA_OPTIONAL),
	UVERBS_ATTR_PTR_OUT(AXE_ATTR_QUERY_ENGINES_COUNT,
			    UVERBS_ATTR_TYPE(u32),
			    UA_MANDATORY));

ADD_UVERBS_METHODS(axe_device_methods, UVERBS_OBJECT_DEVICE,
		   &UVERBS_METHOD(AXE_METHOD_QUERY_OPS),
		   &UVERBS_METHOD(AXE_METHOD_QUERY_ENGINES));

const struct uapi_definition axe_device_defs[] = {
	UAPI_DEF_CHAIN_OBJ_TREE(UVERBS_OBJECT_DEVICE, &axe_device_methods),
	{},
};
