// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Digests of messages. */

#include "build.h"

void axedv_wr_hash(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
		   const struct ibv_sge *src, enum axe_hash format, uint32_t flags)
{
	struct axe_cmd *cmd;

	if (unlikely((unsigned int)format > UINT8_MAX)) {
		axe_set_err(&to_axe_qp_ex(ibvqp)->sq, EINVAL);
		return;
	}
	cmd = axe_build(ibvqp, AXE_OP_HASH, dst, src);
	if (unlikely(!cmd))
		return;
	cmd->op.hash.format = format;
	cmd->op.hash.flags = htole32(flags);
}
