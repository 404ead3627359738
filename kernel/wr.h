/* SPDX-License-Identifier: GPL-2.0 */
/* A work request: checking it, and making its completions. */
#ifndef AXE_WR_H
#define AXE_WR_H

#include <linux/types.h>
#include <rdma/ib_verbs.h>

#include "peer.h"

void axe_wr_check(struct axe_peer *peer);
bool axe_wr_post(struct axe_peer *peer, bool failed);

/* The requester's completion, if there is to be one. Returns false if it did not fit. */
static inline bool axe_wr_complete(struct axe_peer *peer, bool failed)
{
	if (!failed && !peer->signal_all && !(peer->wr.cmd.flags & AXE_WR_SIGNALED))
		return true;
	return axe_wr_post(peer, failed);
}

/* End a request. */
static inline enum axe_wr_ret axe_wr_end(struct axe_wr *wr, enum ib_wc_status status,
					 enum axe_code code)
{
	wr->status = status;
	wr->code = code;
	return AXE_WR_DONE;
}

/* Does it concern nobody but ourselves? */
static inline bool axe_wr_is_local(const struct axe_wr *wr)
{
	return wr->cmd.opcode == IB_UVERBS_WR_LOCAL_INV || wr->cmd.opcode == IB_UVERBS_WR_BIND_MW;
}

static inline bool axe_wr_is_send(const struct axe_wr *wr)
{
	return wr->cmd.opcode == IB_UVERBS_WR_SEND ||
	       wr->cmd.opcode == IB_UVERBS_WR_SEND_WITH_IMM ||
	       wr->cmd.opcode == IB_UVERBS_WR_SEND_WITH_INV;
}

/* Does it take a receive of the peer? */
static inline bool axe_wr_needs_recv(const struct axe_wr *wr)
{
	return axe_wr_is_send(wr) || wr->cmd.opcode == IB_UVERBS_WR_RDMA_WRITE_WITH_IMM;
}

/* Does it bring something from the peer? */
static inline bool axe_wr_writes_local(const struct axe_wr *wr)
{
	return wr->cmd.opcode == IB_UVERBS_WR_RDMA_READ ||
	       wr->cmd.opcode == IB_UVERBS_WR_ATOMIC_CMP_AND_SWP ||
	       wr->cmd.opcode == IB_UVERBS_WR_ATOMIC_FETCH_AND_ADD;
}

static inline bool axe_wr_has_imm(const struct axe_wr *wr)
{
	return wr->cmd.opcode == IB_UVERBS_WR_SEND_WITH_IMM ||
	       wr->cmd.opcode == IB_UVERBS_WR_RDMA_WRITE_WITH_IMM;
}

/* The scatter list: it begins in the request and goes on behind it. */
static inline const struct axe_buf *axe_wr_sges(const struct axe_wr *wr)
{
	BUILD_BUG_ON(offsetof(struct axe_wr, ext) !=
		     offsetof(struct axe_wr, cmd) + sizeof(struct axe_send_wr));
	return (const void *)wr + offsetof(struct axe_wr, cmd.sge);
}

#endif
