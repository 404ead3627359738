// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Commands of accelerator queues: protection information of blocks. */

#include "build.h"

static void axe_set_dif(struct axe_cmd *cmd, const struct axedv_dif *dif)
{
	cmd->op.dif.block = htole16(dif->block);
	cmd->op.dif.type = dif->type;
	cmd->op.dif.flags = dif->flags;
	cmd->op.dif.ref = htole32(dif->ref);
	cmd->op.dif.app = htole16(dif->app);
	cmd->op.dif.app_mask = htole16(dif->app_mask);
}

static void axe_wr_dif(struct ibv_qp_ex *ibvqp, enum axe_opcode opcode,
		       const struct ibv_sge *dst, const struct ibv_sge *src,
		       const struct axedv_dif *dif)
{
	struct axe_cmd *cmd = axe_build(ibvqp, opcode, dst, src);

	if (likely(cmd))
		axe_set_dif(cmd, dif);
}

static void axe_wr_dix(struct ibv_qp_ex *ibvqp, enum axe_opcode opcode,
		       const struct ibv_sge *src, const struct ibv_sge *tuples,
		       const struct axedv_dif *dif)
{
	struct axe_cmd_ext *ext;
	struct axe_cmd *cmd = axe_build_ext(ibvqp, opcode, NULL, src, tuples, &ext);

	if (likely(cmd))
		axe_set_dif(cmd, dif);
}

void axedv_wr_dif_insert(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
			 const struct ibv_sge *src, const struct axedv_dif *dif)
{
	axe_wr_dif(ibvqp, AXE_OP_DIF_INSERT, dst, src, dif);
}

void axedv_wr_dif_verify(struct ibv_qp_ex *ibvqp, const struct ibv_sge *src,
			 const struct axedv_dif *dif)
{
	axe_wr_dif(ibvqp, AXE_OP_DIF_VERIFY, NULL, src, dif);
}

void axedv_wr_dif_strip(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
			const struct ibv_sge *src, const struct axedv_dif *dif)
{
	axe_wr_dif(ibvqp, AXE_OP_DIF_STRIP, dst, src, dif);
}

void axedv_wr_dif_update(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
			 const struct ibv_sge *src, const struct axedv_dif *from,
			 const struct axedv_dif *to)
{
	struct axe_cmd_ext *ext;
	struct axe_cmd *cmd;

	/* There is one size, of both. */
	if (unlikely(from->block != to->block)) {
		axe_set_err(&to_axe_qp_ex(ibvqp)->sq, EINVAL);
		return;
	}
	cmd = axe_build_ext(ibvqp, AXE_OP_DIF_UPDATE, dst, src, NULL, &ext);
	if (unlikely(!cmd))
		return;
	axe_set_dif(cmd, from);
	ext->op.dif.type = to->type;
	ext->op.dif.flags = to->flags;
	ext->op.dif.ref = htole32(to->ref);
	ext->op.dif.app = htole16(to->app);
	ext->op.dif.app_mask = htole16(to->app_mask);
}

void axedv_wr_dix_insert(struct ibv_qp_ex *ibvqp, const struct ibv_sge *src,
			 const struct ibv_sge *tuples, const struct axedv_dif *dif)
{
	axe_wr_dix(ibvqp, AXE_OP_DIX_INSERT, src, tuples, dif);
}

void axedv_wr_dix_verify(struct ibv_qp_ex *ibvqp, const struct ibv_sge *src,
			 const struct ibv_sge *tuples, const struct axedv_dif *dif)
{
	axe_wr_dix(ibvqp, AXE_OP_DIX_VERIFY, src, tuples, dif);
}
