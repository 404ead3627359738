// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Chains of operations. */

#include "build.h"

void axedv_wr_chain(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
		    const struct ibv_sge *src, const struct ibv_sge *stages)
{
	struct axe_cmd_ext *ext;

	axe_build_ext(ibvqp, AXE_OP_CHAIN, dst, src, stages, &ext);
}

void axedv_stage_init(struct axe_stage *stage, enum axe_opcode op)
{
	memset(stage, 0, sizeof(*stage));
	stage->cmd.opcode = htole16(op);
}

void axedv_wr_set_chain_results(struct ibv_qp_ex *ibvqp, uint32_t key,
				struct axe_result *records, unsigned int num)
{
	axe_wr_set_results(&to_axe_qp_ex(ibvqp)->sq, key, records, num);
}
