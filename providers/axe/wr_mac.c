// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Commands that authenticate messages. */

#include "build.h"

static inline void axe_set_mac(struct axe_cmd *cmd, const struct axedv_key *key,
			       size_t tag_len, uint32_t flags)
{
	cmd->op.mac.key = htole32(key->number);
	cmd->op.mac.flags = htole32(flags);
	cmd->op.mac.tag_len = tag_len;
}

static inline bool axe_tag_len_ok(struct ibv_qp_ex *ibvqp, size_t tag_len)
{
	if (likely(tag_len <= AXE_MAX_TAG))
		return true;
	axe_set_err(&to_axe_qp_ex(ibvqp)->sq, EINVAL);
	return false;
}

void axedv_wr_mac(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
		  const struct ibv_sge *src, const struct axedv_key *key,
		  size_t tag_len, uint32_t flags)
{
	struct axe_cmd *cmd;

	if (!axe_tag_len_ok(ibvqp, tag_len))
		return;
	cmd = axe_build(ibvqp, AXE_OP_MAC, dst, src);
	if (likely(cmd))
		axe_set_mac(cmd, key, tag_len, flags);
}

void axedv_wr_mac_verify(struct ibv_qp_ex *ibvqp, const struct ibv_sge *tag,
			 const struct ibv_sge *src, const struct axedv_key *key,
			 size_t tag_len, uint32_t flags)
{
	struct axe_cmd_ext *ext;
	struct axe_cmd *cmd;

	if (!axe_tag_len_ok(ibvqp, tag_len))
		return;
	cmd = axe_build_ext(ibvqp, AXE_OP_MAC_VERIFY, NULL, src, tag, &ext);
	if (likely(cmd))
		axe_set_mac(cmd, key, tag_len, flags);
}
