// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Commands on lanes: parity and erasure codes. */

#include "build.h"

void axedv_wr_xor(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst_list,
		  const struct ibv_sge *src_list)
{
	axe_build(ibvqp, AXE_OP_XOR, dst_list, src_list);
}

void axedv_wr_xor_check(struct ibv_qp_ex *ibvqp, const struct ibv_sge *src_list)
{
	axe_build(ibvqp, AXE_OP_XOR_CHECK, NULL, src_list);
}

void axedv_wr_pq_generate(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst_list,
			  const struct ibv_sge *src_list)
{
	axe_build(ibvqp, AXE_OP_PQ_GENERATE, dst_list, src_list);
}

void axedv_wr_pq_check(struct ibv_qp_ex *ibvqp, const struct ibv_sge *src_list)
{
	axe_build(ibvqp, AXE_OP_PQ_CHECK, NULL, src_list);
}

void axedv_wr_pq_recover(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst_list,
			 const struct ibv_sge *src_list, unsigned int data,
			 unsigned int lost, unsigned int lost_too)
{
	struct axe_cmd *cmd;

	if (unlikely((data | lost | lost_too) > UINT8_MAX)) {
		axe_set_err(&to_axe_qp_ex(ibvqp)->sq, EINVAL);
		return;
	}
	cmd = axe_build(ibvqp, AXE_OP_PQ_RECOVER, dst_list, src_list);
	if (unlikely(!cmd))
		return;
	cmd->op.pq.data = data;
	cmd->op.pq.lost[0] = lost;
	cmd->op.pq.lost[1] = lost_too;
}

void axedv_wr_erasure(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst_list,
		      const struct ibv_sge *src_list, const struct ibv_sge *matrix)
{
	struct axe_cmd_ext *ext;

	axe_build_ext(ibvqp, AXE_OP_ERASURE, dst_list, src_list, matrix, &ext);
}

void axedv_wr_rs_encode(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst_list,
			const struct ibv_sge *src_list)
{
	axe_build(ibvqp, AXE_OP_RS_ENCODE, dst_list, src_list);
}

void axedv_wr_rs_recover(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst_list,
			 const struct ibv_sge *src_list, unsigned int data,
			 unsigned int parity, uint64_t present, uint64_t lost)
{
	struct axe_cmd_ext *ext;

	if (unlikely((data | parity) > UINT8_MAX)) {
		axe_set_err(&to_axe_qp_ex(ibvqp)->sq, EINVAL);
		return;
	}
	if (unlikely(!axe_build_ext(ibvqp, AXE_OP_RS_RECOVER, dst_list, src_list, NULL, &ext)))
		return;
	ext->op.rs.data = data;
	ext->op.rs.parity = parity;
	ext->op.rs.present = htole64(present);
	ext->op.rs.lost = htole64(lost);
}
