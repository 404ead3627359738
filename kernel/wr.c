// SPDX-License-Identifier: GPL-2.0
/* A work request: checking it, and making its completions. */

#include "axe.h"
#include "cq.h"
#include "peer.h"
#include "task.h"
#include "wr.h"

/* What a QP of any type may be asked for. */
#define AXE_WRS_DATAGRAM	(BIT(IB_UVERBS_WR_SEND) | BIT(IB_UVERBS_WR_SEND_WITH_IMM))
#define AXE_WRS_LOCAL		(BIT(IB_UVERBS_WR_LOCAL_INV) | BIT(IB_UVERBS_WR_BIND_MW))
#define AXE_WRS_UC		(AXE_WRS_DATAGRAM | AXE_WRS_LOCAL | \
				 BIT(IB_UVERBS_WR_SEND_WITH_INV) | \
				 BIT(IB_UVERBS_WR_RDMA_WRITE) | \
				 BIT(IB_UVERBS_WR_RDMA_WRITE_WITH_IMM))
#define AXE_WRS_RC		(AXE_WRS_UC | BIT(IB_UVERBS_WR_RDMA_READ) | \
				 BIT(IB_UVERBS_WR_ATOMIC_CMP_AND_SWP) | \
				 BIT(IB_UVERBS_WR_ATOMIC_FETCH_AND_ADD) | \
				 BIT(IB_UVERBS_WR_FLUSH) | \
				 BIT(IB_UVERBS_WR_ATOMIC_WRITE))

/* What may have its payload in the request. */
#define AXE_WRS_INLINE		((AXE_WRS_UC & ~AXE_WRS_LOCAL) | BIT(IB_UVERBS_WR_ATOMIC_WRITE))

static u32 axe_wrs_of(enum ib_qp_type type)
{
	switch (type) {
	case IB_QPT_UD:
	case IB_QPT_GSI:
		return AXE_WRS_DATAGRAM;
	case IB_QPT_UC:
		return AXE_WRS_UC;
	default:
		return AXE_WRS_RC;
	}
}

static u64 axe_wr_length(const struct axe_wr *wr)
{
	const struct axe_buf *sge = axe_wr_sges(wr);
	u64 length = 0;
	int i;

	if (wr->cmd.flags & AXE_WR_INLINE)
		return le32_to_cpu(wr->cmd.sge.length);
	for (i = 0; i < wr->cmd.num_sge; i++)
		length += le32_to_cpu(sge[i].length);
	return length;
}

/* The slots that its scatter list or inline data need. */
static u64 axe_wr_slots(const struct axe_wr *wr)
{
	if (wr->cmd.flags & AXE_WR_INLINE)
		return DIV_ROUND_UP((u64)le32_to_cpu(wr->cmd.sge.length), AXE_SLOT_SIZE);
	return wr->cmd.num_sge > 1 ? DIV_ROUND_UP(wr->cmd.num_sge - 1, AXE_WR_EXT_SGE) : 0;
}

/* Of one or the other length, or of any. */
static enum axe_code axe_wr_check_length(const struct axe_peer *peer, const struct axe_wr *wr)
{
	switch (wr->cmd.opcode) {
	case IB_UVERBS_WR_ATOMIC_CMP_AND_SWP:
	case IB_UVERBS_WR_ATOMIC_FETCH_AND_ADD:
	case IB_UVERBS_WR_ATOMIC_WRITE:
		return wr->length == sizeof(u64) ? AXE_OK : AXE_ERR_LENGTH;
	default:
		if (axe_peer_is_datagram(peer))
			return wr->length <= AXE_UD_MTU ? AXE_OK : AXE_ERR_LENGTH;
		return wr->length <= AXE_MAX_MSG ? AXE_OK : AXE_ERR_LENGTH;
	}
}

static enum axe_code axe_wr_check_form(const struct axe_peer *peer, const struct axe_wr *wr)
{
	if (wr->cmd.opcode >= 32 || !(axe_wrs_of(peer->type) & BIT(wr->cmd.opcode)))
		return AXE_ERR_OPCODE;
	if (wr->cmd.flags & ~AXE_WR_FLAGS_ALL)
		return AXE_ERR_RESERVED;
	if (wr->cmd.num_sge > AXE_WR_MAX_SGE || wr->cmd.ext > AXE_WR_MAX_EXT)
		return AXE_ERR_PARAM;
	if (wr->cmd.flags & AXE_WR_INLINE &&
	    (wr->cmd.num_sge || !(AXE_WRS_INLINE & BIT(wr->cmd.opcode))))
		return AXE_ERR_PARAM;
	if (wr->cmd.ext != axe_wr_slots(wr))
		return AXE_ERR_PARAM;
	return AXE_OK;
}

/**
 * axe_wr_check - look at a copied request for the first time
 * @peer:	its wr.cmd and wr.ext are filled in; the rest of wr is set here
 */
void axe_wr_check(struct axe_peer *peer)
{
	struct axe_wr *wr = &peer->wr;

	wr->done = 0;
	wr->length = 0;
	wr->status = IB_WC_SUCCESS;
	wr->phase = 0;
	wr->fault = AXE_OK;
	wr->waits = 0;
	wr->code = axe_wr_check_form(peer, wr);
	if (unlikely(wr->code != AXE_OK)) {
		wr->status = IB_WC_LOC_QP_OP_ERR;
		return;
	}
	wr->length = axe_wr_length(wr);
	wr->code = axe_wr_check_length(peer, wr);
	if (unlikely(wr->code != AXE_OK))
		wr->status = IB_WC_LOC_LEN_ERR;
}

static u8 axe_wr_wc_opcode(const struct axe_wr *wr)
{
	switch (wr->cmd.opcode) {
	case IB_UVERBS_WR_RDMA_WRITE:
	case IB_UVERBS_WR_RDMA_WRITE_WITH_IMM:
		return AXE_WC_RDMA_WRITE;
	case IB_UVERBS_WR_RDMA_READ:
		return AXE_WC_RDMA_READ;
	case IB_UVERBS_WR_ATOMIC_CMP_AND_SWP:
		return AXE_WC_COMP_SWAP;
	case IB_UVERBS_WR_ATOMIC_FETCH_AND_ADD:
		return AXE_WC_FETCH_ADD;
	case IB_UVERBS_WR_BIND_MW:
		return AXE_WC_BIND_MW;
	case IB_UVERBS_WR_LOCAL_INV:
		return AXE_WC_LOCAL_INV;
	case IB_UVERBS_WR_FLUSH:
		return AXE_WC_FLUSH;
	case IB_UVERBS_WR_ATOMIC_WRITE:
		return AXE_WC_ATOMIC_WRITE;
	default:
		return AXE_WC_SEND;
	}
}

/**
 * axe_wr_post - the requester's completion
 * @peer:	wr.status and wr.code tell how its request has ended
 * @failed:	badly
 *
 * Return: false if it did not fit.
 */
bool axe_wr_post(struct axe_peer *peer, bool failed)
{
	const struct axe_wr *wr = &peer->wr;
	struct axe_cqe cqe = {
		.wr_id = wr->cmd.wr_id,
		.byte_len = cpu_to_le32(wr->length),
		.qp_num = cpu_to_le32(axe_peer_num(peer)),
		.status = wr->status,
		.opcode = axe_wr_wc_opcode(wr),
		.code = cpu_to_le16(wr->code),
	};
	return axe_cq_post(peer->send_cq, &cqe, failed);
}
