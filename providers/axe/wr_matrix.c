// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Commands on matrices and vectors of signed bytes. */

#include "build.h"

void axedv_wr_matmul_i8(struct ibv_qp_ex *ibvqp, const struct ibv_sge *c,
			const struct ibv_sge *a, const struct ibv_sge *b,
			unsigned int m, unsigned int k, unsigned int n, uint32_t flags,
			const struct axedv_requant *requant)
{
	struct axe_cmd_ext *ext;
	struct axe_cmd *cmd;

	if (unlikely((m | k | n | flags) > UINT16_MAX)) {
		axe_set_err(&to_axe_qp_ex(ibvqp)->sq, EINVAL);
		return;
	}
	cmd = axe_build_ext(ibvqp, AXE_OP_MATMUL_I8, c, a, b, &ext);
	if (unlikely(!cmd))
		return;
	cmd->op.matmul.m = htole16(m);
	cmd->op.matmul.k = htole16(k);
	cmd->op.matmul.n = htole16(n);
	if (requant) {
		flags |= AXE_MATMUL_REQUANT;
		cmd->op.matmul.multiplier = htole32(requant->multiplier);
		cmd->op.matmul.shift = requant->shift;
		cmd->op.matmul.zero_point = requant->zero_point;
	}
	cmd->op.matmul.flags = htole16(flags);
}

void axedv_wr_knn_i8(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
		     const struct ibv_sge *vectors, const struct ibv_sge *query,
		     uint32_t k)
{
	struct axe_cmd_ext *ext;
	struct axe_cmd *cmd;

	cmd = axe_build_ext(ibvqp, AXE_OP_KNN_I8, dst, vectors, query, &ext);
	if (likely(cmd))
		cmd->op.knn.k = htole32(k);
}
