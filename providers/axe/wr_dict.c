// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Compression with a preset dictionary. */

#include "build.h"

static inline void axe_wr_dict(struct ibv_qp_ex *ibvqp, enum axe_opcode opcode,
			       const struct ibv_sge *dst, const struct ibv_sge *src,
			       const struct ibv_sge *dict, unsigned int format,
			       unsigned int level, uint32_t flags)
{
	struct axe_cmd_ext *ext;
	struct axe_cmd *cmd;

	if (unlikely((format | level) > UINT8_MAX)) {
		axe_set_err(&to_axe_qp_ex(ibvqp)->sq, EINVAL);
		return;
	}
	cmd = axe_build_ext(ibvqp, opcode, dst, src, dict, &ext);
	if (unlikely(!cmd))
		return;
	cmd->op.deflate.format = format;
	cmd->op.deflate.level = level;
	cmd->op.deflate.flags = htole32(flags);
}

void axedv_wr_compress_dict(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
			    const struct ibv_sge *src, const struct ibv_sge *dict,
			    enum axe_deflate_format format, int level, uint32_t flags)
{
	axe_wr_dict(ibvqp, AXE_OP_COMPRESS, dst, src, dict, format, level, flags);
}

void axedv_wr_decompress_dict(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
			      const struct ibv_sge *src, const struct ibv_sge *dict,
			      enum axe_deflate_format format, uint32_t flags)
{
	axe_wr_dict(ibvqp, AXE_OP_DECOMPRESS, dst, src, dict, format, 0, flags);
}
