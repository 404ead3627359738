/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What the builders of commands share. */

#ifndef AXE_BUILD_H
#define AXE_BUILD_H

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "post.h"

/* After a builder: @num records for the command, of which all but a chain have one. */
void axe_wr_set_results(struct axe_sq *sq, uint32_t key, struct axe_result *records,
			unsigned int num);

#define AXE_SEND_FLAGS                                                         \
	(IBV_SEND_FENCE | IBV_SEND_SIGNALED | IBV_SEND_SOLICITED | AXEDV_SEND_LINK)

static_assert(AXEDV_SEND_LINK >> 28 == AXE_CMD_LINK, "axe_cmd_flags() shifts");

/* enum ibv_send_flags to enum axe_cmd_flags */
static inline uint32_t axe_cmd_flags(unsigned int flags)
{
	return axe_send_flags(flags) | ((flags >> 28) & AXE_CMD_LINK);
}

/* See axe_next_slot(). */
static inline struct axe_cmd *axe_next_cmd(struct axe_sq *sq, unsigned int flags,
					   uint32_t slots)
{
	return axe_next_slot(sq, slots, flags & ~AXE_SEND_FLAGS);
}

/* All of a command of so many slots but its block, which is zero, and what follows. */
static inline struct axe_cmd *axe_build_slots(struct ibv_qp_ex *ibvqp,
					      enum axe_opcode opcode,
					      const struct ibv_sge *dst,
					      const struct ibv_sge *src, uint32_t slots)
{
	struct axe_qp *qp = to_axe_qp_ex(ibvqp);
	struct axe_cmd *cmd;

	cmd = axe_next_cmd(&qp->sq, ibvqp->wr_flags, slots);
	if (unlikely(!cmd))
		return NULL;

	cmd->opcode = htole16(opcode);
	cmd->ext = slots - 1;
	cmd->reserved = 0;
	cmd->flags = htole32(axe_cmd_flags(ibvqp->wr_flags));
	cmd->wr_id = htole64(ibvqp->wr_id);
	if (src)
		axe_set_buf(&cmd->src, src);
	else
		memset(&cmd->src, 0, sizeof(cmd->src));
	if (dst)
		axe_set_buf(&cmd->dst, dst);
	else
		memset(&cmd->dst, 0, sizeof(cmd->dst));
	memset(&cmd->op, 0, sizeof(cmd->op));
	return cmd;
}

/* A command without an extension slot. Operands that are NULL are zero. */
static inline struct axe_cmd *axe_build(struct ibv_qp_ex *ibvqp, enum axe_opcode opcode,
					const struct ibv_sge *dst,
					const struct ibv_sge *src)
{
	return axe_build_slots(ibvqp, opcode, dst, src, 1);
}

/*
 * A command with one, which is zero but for its third operand, @aux, and for what the
 * caller has to add to @ext.
 */
static inline struct axe_cmd *axe_build_ext(struct ibv_qp_ex *ibvqp, enum axe_opcode opcode,
					    const struct ibv_sge *dst,
					    const struct ibv_sge *src,
					    const struct ibv_sge *aux,
					    struct axe_cmd_ext **ext)
{
	struct axe_sq *sq = &to_axe_qp_ex(ibvqp)->sq;
	struct axe_cmd *cmd = axe_build_slots(ibvqp, opcode, dst, src, 2);

	if (unlikely(!cmd))
		return NULL;
	*ext = axe_sq_slot(sq, sq->tail - 1);
	memset(*ext, 0, sizeof(**ext));
	if (aux)
		axe_set_buf(&(*ext)->aux, aux);
	return cmd;
}

#endif
