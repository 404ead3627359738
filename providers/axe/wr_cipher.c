// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Commands that encrypt. */

#include "build.h"

static inline void axe_wr_cipher(struct ibv_qp_ex *ibvqp, enum axe_opcode opcode,
				 const struct ibv_sge *dst, const struct ibv_sge *src,
				 const struct axedv_key *key, const void *iv, uint32_t unit)
{
	struct axe_cmd_ext *ext;
	struct axe_cmd *cmd;

	cmd = axe_build_ext(ibvqp, opcode, dst, src, NULL, &ext);
	if (unlikely(!cmd))
		return;
	cmd->op.cipher.key = htole32(key->number);
	cmd->op.cipher.unit = htole32(unit);
	if (iv)
		memcpy(ext->op.cipher.iv, iv, sizeof(ext->op.cipher.iv));
}

void axedv_wr_encrypt(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
		      const struct ibv_sge *src, const struct axedv_key *key,
		      const void *iv, uint32_t unit)
{
	axe_wr_cipher(ibvqp, AXE_OP_ENCRYPT, dst, src, key, iv, unit);
}

void axedv_wr_decrypt(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
		      const struct ibv_sge *src, const struct axedv_key *key,
		      const void *iv, uint32_t unit)
{
	axe_wr_cipher(ibvqp, AXE_OP_DECRYPT, dst, src, key, iv, unit);
}
