// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Commands on packed integers. */

#include "build.h"

/* Does a command carry the width? */
static bool axe_width_fits(struct ibv_qp_ex *ibvqp, unsigned int width)
{
	if (likely(width <= UINT8_MAX))
		return true;
	axe_set_err(&to_axe_qp_ex(ibvqp)->sq, EINVAL);
	return false;
}

static void axe_wr_range(struct ibv_qp_ex *ibvqp, enum axe_opcode opcode,
			 const struct ibv_sge *dst, const struct ibv_sge *src,
			 unsigned int width, uint32_t num, uint32_t low, uint32_t high)
{
	struct axe_cmd *cmd;

	if (!axe_width_fits(ibvqp, width))
		return;
	cmd = axe_build(ibvqp, opcode, dst, src);
	if (unlikely(!cmd))
		return;
	cmd->op.scan.num = htole32(num);
	cmd->op.scan.width = width;
	cmd->op.scan.low = htole32(low);
	cmd->op.scan.high = htole32(high);
}

static void axe_wr_masked(struct ibv_qp_ex *ibvqp, enum axe_opcode opcode,
			  const struct ibv_sge *dst, const struct ibv_sge *src,
			  const struct ibv_sge *mask, unsigned int width, uint32_t num)
{
	struct axe_cmd_ext *ext;
	struct axe_cmd *cmd;

	if (!axe_width_fits(ibvqp, width))
		return;
	cmd = axe_build_ext(ibvqp, opcode, dst, src, mask, &ext);
	if (unlikely(!cmd))
		return;
	cmd->op.scan.num = htole32(num);
	cmd->op.scan.width = width;
}

void axedv_wr_scan(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
		   const struct ibv_sge *src, unsigned int width, uint32_t num,
		   uint32_t low, uint32_t high)
{
	axe_wr_range(ibvqp, AXE_OP_SCAN, dst, src, width, num, low, high);
}

void axedv_wr_extract(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
		      const struct ibv_sge *src, unsigned int width, uint32_t num,
		      uint32_t first, uint32_t last)
{
	axe_wr_range(ibvqp, AXE_OP_EXTRACT, dst, src, width, num, first, last);
}

void axedv_wr_select(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
		     const struct ibv_sge *src, const struct ibv_sge *mask,
		     unsigned int width, uint32_t num)
{
	axe_wr_masked(ibvqp, AXE_OP_SELECT, dst, src, mask, width, num);
}

void axedv_wr_expand(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
		     const struct ibv_sge *src, const struct ibv_sge *mask,
		     unsigned int width, uint32_t num)
{
	axe_wr_masked(ibvqp, AXE_OP_EXPAND, dst, src, mask, width, num);
}
