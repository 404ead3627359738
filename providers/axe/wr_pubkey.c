// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Commands with public keys. */

#include "build.h"

static inline void axe_wr_pubkey(struct ibv_qp_ex *ibvqp, enum axe_opcode opcode,
				 const struct ibv_sge *dst, const struct ibv_sge *src,
				 const struct axedv_key *key)
{
	struct axe_cmd *cmd = axe_build(ibvqp, opcode, dst, src);

	if (likely(cmd))
		cmd->op.pubkey.key = htole32(key->number);
}

void axedv_wr_rsa_public(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
			 const struct ibv_sge *src, const struct axedv_key *key)
{
	axe_wr_pubkey(ibvqp, AXE_OP_RSA_PUBLIC, dst, src, key);
}

void axedv_wr_rsa_private(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
			  const struct ibv_sge *src, const struct axedv_key *key)
{
	axe_wr_pubkey(ibvqp, AXE_OP_RSA_PRIVATE, dst, src, key);
}

void axedv_wr_agree(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
		    const struct ibv_sge *peer, const struct axedv_key *key)
{
	axe_wr_pubkey(ibvqp, AXE_OP_AGREE, dst, peer, key);
}

void axedv_wr_public_key(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
			 const struct axedv_key *key)
{
	axe_wr_pubkey(ibvqp, AXE_OP_PUBLIC_KEY, dst, NULL, key);
}

static bool axe_hash_fits(struct ibv_qp_ex *ibvqp, enum axe_hash hash)
{
	if (likely((unsigned int)hash <= UINT8_MAX))
		return true;
	axe_set_err(&to_axe_qp_ex(ibvqp)->sq, EINVAL);
	return false;
}

void axedv_wr_sign(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
		   const struct ibv_sge *digest, const struct axedv_key *key,
		   enum axe_hash hash)
{
	struct axe_cmd *cmd;

	if (!axe_hash_fits(ibvqp, hash))
		return;
	cmd = axe_build(ibvqp, AXE_OP_SIGN, dst, digest);
	if (unlikely(!cmd))
		return;
	cmd->op.sign.key = htole32(key->number);
	cmd->op.sign.hash = hash;
}

void axedv_wr_verify(struct ibv_qp_ex *ibvqp, const struct ibv_sge *signature,
		     const struct ibv_sge *digest, const struct axedv_key *key,
		     enum axe_hash hash)
{
	struct axe_cmd_ext *ext;
	struct axe_cmd *cmd;

	if (!axe_hash_fits(ibvqp, hash))
		return;
	cmd = axe_build_ext(ibvqp, AXE_OP_VERIFY, NULL, digest, signature, &ext);
	if (unlikely(!cmd))
		return;
	cmd->op.sign.key = htole32(key->number);
	cmd->op.sign.hash = hash;
}
