/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The udata of the kernel's rdma/axe-abi.h behind the commands that carry it. */
#ifndef AXE_ABI_H
#define AXE_ABI_H

#include <infiniband/kern-abi.h>
#include <kernel-abi/axe-abi.h>
#include <rdma/axe-abi.h>

DECLARE_DRV_CMD(axe_ucmd_alloc_ucontext, IB_USER_VERBS_CMD_GET_CONTEXT,
		axe_alloc_ucontext_req, axe_alloc_ucontext_resp);
DECLARE_DRV_CMD(axe_ucmd_create_cq, IB_USER_VERBS_CMD_CREATE_CQ,
		axe_create_cq_req, axe_create_cq_resp);
DECLARE_DRV_CMD(axe_ucmd_resize_cq, IB_USER_VERBS_CMD_RESIZE_CQ,
		empty, axe_resize_cq_resp);
DECLARE_DRV_CMD(axe_ucmd_create_qp, IB_USER_VERBS_CMD_CREATE_QP,
		axe_create_qp_req, axe_create_qp_resp);
DECLARE_DRV_CMD(axe_ucmd_create_srq, IB_USER_VERBS_CMD_CREATE_XSRQ,
		empty, axe_create_srq_resp);
DECLARE_DRV_CMD(axe_ucmd_modify_srq, IB_USER_VERBS_CMD_MODIFY_SRQ,
		axe_modify_srq_req, empty);
DECLARE_DRV_CMD(axe_ucmd_create_ah, IB_USER_VERBS_CMD_CREATE_AH,
		empty, axe_create_ah_resp);

#endif
