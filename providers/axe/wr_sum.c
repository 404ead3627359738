// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Commands of accelerator queues: checksums. */

#include "build.h"

static inline void axe_wr_sum32(struct ibv_qp_ex *ibvqp, enum axe_opcode opcode,
				const struct ibv_sge *src, uint32_t seed)
{
	struct axe_cmd *cmd = axe_build(ibvqp, opcode, NULL, src);

	if (likely(cmd))
		cmd->op.crc.seed = htole32(seed);
}

static inline void axe_wr_sum64(struct ibv_qp_ex *ibvqp, enum axe_opcode opcode,
				const struct ibv_sge *src, uint64_t seed)
{
	struct axe_cmd *cmd = axe_build(ibvqp, opcode, NULL, src);

	if (likely(cmd))
		cmd->op.crc64.seed = htole64(seed);
}

void axedv_wr_crc32(struct ibv_qp_ex *ibvqp, const struct ibv_sge *src, uint32_t seed)
{
	axe_wr_sum32(ibvqp, AXE_OP_CRC32, src, seed);
}

void axedv_wr_crc32c(struct ibv_qp_ex *ibvqp, const struct ibv_sge *src, uint32_t seed)
{
	axe_wr_sum32(ibvqp, AXE_OP_CRC32C, src, seed);
}

void axedv_wr_crc64(struct ibv_qp_ex *ibvqp, const struct ibv_sge *src, uint64_t seed)
{
	axe_wr_sum64(ibvqp, AXE_OP_CRC64, src, seed);
}

void axedv_wr_crc16_t10(struct ibv_qp_ex *ibvqp, const struct ibv_sge *src, uint16_t seed)
{
	axe_wr_sum32(ibvqp, AXE_OP_CRC16_T10, src, seed);
}

void axedv_wr_adler32(struct ibv_qp_ex *ibvqp, const struct ibv_sge *src, uint32_t seed)
{
	axe_wr_sum32(ibvqp, AXE_OP_ADLER32, src, seed);
}

void axedv_wr_xxh64(struct ibv_qp_ex *ibvqp, const struct ibv_sge *src, uint64_t seed)
{
	axe_wr_sum64(ibvqp, AXE_OP_XXH64, src, seed);
}

void axedv_wr_xxh32(struct ibv_qp_ex *ibvqp, const struct ibv_sge *src, uint32_t seed)
{
	axe_wr_sum32(ibvqp, AXE_OP_XXH32, src, seed);
}

void axedv_wr_copy_crc(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
		       const struct ibv_sge *src, enum axe_sum_kind kind, uint64_t seed)
{
	struct axe_cmd *cmd;

	if (unlikely((unsigned int)kind > UINT8_MAX)) {
		axe_set_err(&to_axe_qp_ex(ibvqp)->sq, EINVAL);
		return;
	}
	cmd = axe_build(ibvqp, AXE_OP_COPY_CRC, dst, src);
	if (unlikely(!cmd))
		return;
	cmd->op.sum.kind = kind;
	cmd->op.sum.value = htole64(seed);
}

void axedv_wr_crc_combine(struct ibv_qp_ex *ibvqp, enum axe_sum_kind kind, uint64_t first,
			  uint64_t second, uint64_t second_len)
{
	struct axe_cmd_ext *ext;
	struct axe_cmd *cmd;

	if (unlikely((unsigned int)kind > UINT8_MAX)) {
		axe_set_err(&to_axe_qp_ex(ibvqp)->sq, EINVAL);
		return;
	}
	cmd = axe_build_ext(ibvqp, AXE_OP_CRC_COMBINE, NULL, NULL, NULL, &ext);
	if (unlikely(!cmd))
		return;
	cmd->op.sum.kind = kind;
	cmd->op.sum.value = htole64(second_len);
	ext->op.combine.first = htole64(first);
	ext->op.combine.second = htole64(second);
}
