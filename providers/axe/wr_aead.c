// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Commands that encrypt with authentication. */

#include "build.h"

static inline void axe_wr_aead(struct ibv_qp_ex *ibvqp, enum axe_opcode opcode,
			       const struct ibv_sge *dst, const struct ibv_sge *src,
			       const struct ibv_sge *data, const struct axedv_key *key,
			       const void *nonce, size_t nonce_len)
{
	struct axe_cmd_ext *ext;
	struct axe_cmd *cmd;

	if (unlikely(nonce_len > sizeof(ext->op.aead.nonce))) {
		axe_set_err(&to_axe_qp_ex(ibvqp)->sq, EINVAL);
		return;
	}
	cmd = axe_build_ext(ibvqp, opcode, dst, src, data, &ext);
	if (unlikely(!cmd))
		return;
	cmd->op.aead.key = htole32(key->number);
	cmd->op.aead.nonce_len = nonce_len;
	memcpy(ext->op.aead.nonce, nonce, nonce_len);
}

void axedv_wr_seal(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
		   const struct ibv_sge *src, const struct ibv_sge *data,
		   const struct axedv_key *key, const void *nonce, size_t nonce_len)
{
	axe_wr_aead(ibvqp, AXE_OP_SEAL, dst, src, data, key, nonce, nonce_len);
}

void axedv_wr_open(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
		   const struct ibv_sge *src, const struct ibv_sge *data,
		   const struct axedv_key *key, const void *nonce, size_t nonce_len)
{
	axe_wr_aead(ibvqp, AXE_OP_OPEN, dst, src, data, key, nonce, nonce_len);
}
