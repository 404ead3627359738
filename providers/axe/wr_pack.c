// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Commands of accelerator queues: LZ4 and Zstandard. */

#include "build.h"

static void axe_wr_pack(struct ibv_qp_ex *ibvqp, enum axe_opcode opcode,
			const struct ibv_sge *dst, const struct ibv_sge *src,
			unsigned int format, unsigned int level, unsigned int window,
			uint32_t flags)
{
	struct axe_cmd *cmd;

	if (unlikely((format | level | window) > UINT8_MAX)) {
		axe_set_err(&to_axe_qp_ex(ibvqp)->sq, EINVAL);
		return;
	}
	cmd = axe_build(ibvqp, opcode, dst, src);
	if (unlikely(!cmd))
		return;
	cmd->op.pack.format = format;
	cmd->op.pack.level = level;
	cmd->op.pack.window = window;
	cmd->op.pack.flags = htole32(flags);
}

void axedv_wr_lz4_compress(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
			   const struct ibv_sge *src, enum axe_lz4_format format,
			   uint32_t flags)
{
	axe_wr_pack(ibvqp, AXE_OP_LZ4_COMPRESS, dst, src, format, 0, 0, flags);
}

void axedv_wr_lz4_decompress(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
			     const struct ibv_sge *src, enum axe_lz4_format format,
			     unsigned int window, uint32_t flags)
{
	axe_wr_pack(ibvqp, AXE_OP_LZ4_DECOMPRESS, dst, src, format, 0, window, flags);
}

void axedv_wr_zstd_compress(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
			    const struct ibv_sge *src, int level, unsigned int window,
			    uint32_t flags)
{
	axe_wr_pack(ibvqp, AXE_OP_ZSTD_COMPRESS, dst, src, AXE_FORMAT_ZSTD, level, window,
		    flags);
}

void axedv_wr_zstd_decompress(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
			      const struct ibv_sge *src, unsigned int window,
			      uint32_t flags)
{
	axe_wr_pack(ibvqp, AXE_OP_ZSTD_DECOMPRESS, dst, src, AXE_FORMAT_ZSTD, 0, window,
		    flags);
}
