// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Commands that move data, and what is near to it. */

#include "build.h"

void axedv_wr_dualcast(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst1,
		       const struct ibv_sge *dst2, const struct ibv_sge *src)
{
	struct axe_cmd_ext *ext;

	axe_build_ext(ibvqp, AXE_OP_DUALCAST, dst1, src, dst2, &ext);
}

void axedv_wr_compare_pattern(struct ibv_qp_ex *ibvqp, const struct ibv_sge *src,
			      const void *pattern, size_t pattern_len)
{
	struct axe_cmd *cmd;

	if (!pattern_len || pattern_len > sizeof(cmd->op.fill.pattern)) {
		axe_set_err(&to_axe_qp_ex(ibvqp)->sq, EINVAL);
		return;
	}
	cmd = axe_build(ibvqp, AXE_OP_COMPARE_PATTERN, NULL, src);
	if (unlikely(!cmd))
		return;
	memcpy(cmd->op.fill.pattern, pattern, pattern_len);
	cmd->op.fill.size = pattern_len;
}

void axedv_wr_delta_create(struct ibv_qp_ex *ibvqp, const struct ibv_sge *record,
			   const struct ibv_sge *original,
			   const struct ibv_sge *modified)
{
	struct axe_cmd_ext *ext;

	axe_build_ext(ibvqp, AXE_OP_DELTA_CREATE, record, original, modified, &ext);
}

void axedv_wr_delta_apply(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
			  const struct ibv_sge *record)
{
	axe_build(ibvqp, AXE_OP_DELTA_APPLY, dst, record);
}

void axedv_wr_gather(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
		     const struct ibv_sge *list)
{
	axe_build(ibvqp, AXE_OP_GATHER, dst, list);
}

void axedv_wr_scatter(struct ibv_qp_ex *ibvqp, const struct ibv_sge *list,
		      const struct ibv_sge *src)
{
	axe_build(ibvqp, AXE_OP_SCATTER, list, src);
}
