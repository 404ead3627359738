// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Work requests of peer queues, posted with ibv_post_send(); and the table of
 * what can be sent. What a request says of the peer and of memory is for the
 * device to judge; here is refused what does not fit into the ring, and what the
 * type of the QP does not know.
 */

#include "peer.h"

#define AXE_PEER_ANY                                                           \
	(AXE_PEER_DATA | AXE_PEER_INLINE | AXE_PEER_GOES | AXE_PEER_POST)

const struct axe_peer_op axe_peer_ops[AXE_PEER_OPS] = {
	[IBV_WR_RDMA_WRITE] = {
		.send_op = IBV_QP_EX_WITH_RDMA_WRITE,
		.traits = AXE_PEER_ANY,
	},
	[IBV_WR_RDMA_WRITE_WITH_IMM] = {
		.send_op = IBV_QP_EX_WITH_RDMA_WRITE_WITH_IMM,
		.traits = AXE_PEER_ANY,
	},
	[IBV_WR_SEND] = {
		.send_op = IBV_QP_EX_WITH_SEND,
		.traits = AXE_PEER_ANY,
	},
	[IBV_WR_SEND_WITH_IMM] = {
		.send_op = IBV_QP_EX_WITH_SEND_WITH_IMM,
		.traits = AXE_PEER_ANY,
	},
	[IBV_WR_RDMA_READ] = {
		.send_op = IBV_QP_EX_WITH_RDMA_READ,
		.traits = AXE_PEER_DATA | AXE_PEER_GOES | AXE_PEER_POST,
	},
	[IBV_WR_ATOMIC_CMP_AND_SWP] = {
		.send_op = IBV_QP_EX_WITH_ATOMIC_CMP_AND_SWP,
		.traits = AXE_PEER_DATA | AXE_PEER_WORD | AXE_PEER_GOES |
			  AXE_PEER_POST,
	},
	[IBV_WR_ATOMIC_FETCH_AND_ADD] = {
		.send_op = IBV_QP_EX_WITH_ATOMIC_FETCH_AND_ADD,
		.traits = AXE_PEER_DATA | AXE_PEER_WORD | AXE_PEER_GOES |
			  AXE_PEER_POST,
	},
	[IBV_WR_LOCAL_INV] = {
		.send_op = IBV_QP_EX_WITH_LOCAL_INV,
		.traits = AXE_PEER_POST,
	},
	[IBV_WR_BIND_MW] = {
		.send_op = IBV_QP_EX_WITH_BIND_MW,
		.traits = AXE_PEER_POST,
	},
	[IBV_WR_SEND_WITH_INV] = {
		.send_op = IBV_QP_EX_WITH_SEND_WITH_INV,
		.traits = AXE_PEER_ANY,
	},
	[IBV_WR_FLUSH] = {
		.send_op = IBV_QP_EX_WITH_FLUSH,
		.traits = AXE_PEER_GOES,
	},
	[IBV_WR_ATOMIC_WRITE] = {
		.send_op = IBV_QP_EX_WITH_ATOMIC_WRITE,
		.traits = AXE_PEER_ANY | AXE_PEER_WORD,
	},
};

#define AXE_UD_SEND_OPS	(IBV_QP_EX_WITH_SEND | IBV_QP_EX_WITH_SEND_WITH_IMM)
#define AXE_UC_SEND_OPS                                                        \
	(AXE_UD_SEND_OPS | IBV_QP_EX_WITH_RDMA_WRITE |                         \
	 IBV_QP_EX_WITH_RDMA_WRITE_WITH_IMM | IBV_QP_EX_WITH_LOCAL_INV |       \
	 IBV_QP_EX_WITH_BIND_MW)
#define AXE_RC_SEND_OPS                                                        \
	(AXE_UC_SEND_OPS | IBV_QP_EX_WITH_RDMA_READ |                          \
	 IBV_QP_EX_WITH_ATOMIC_CMP_AND_SWP |                                   \
	 IBV_QP_EX_WITH_ATOMIC_FETCH_AND_ADD | IBV_QP_EX_WITH_SEND_WITH_INV |  \
	 IBV_QP_EX_WITH_FLUSH | IBV_QP_EX_WITH_ATOMIC_WRITE)

/* What QPs of a type can send, enum ibv_qp_create_send_ops_flags; 0: nothing. */
uint32_t axe_peer_send_ops(enum ibv_qp_type type)
{
	switch (type) {
	case IBV_QPT_RC:
	case IBV_QPT_XRC_SEND:
		return AXE_RC_SEND_OPS;
	case IBV_QPT_UC:
		return AXE_UC_SEND_OPS;
	case IBV_QPT_UD:
		return AXE_UD_SEND_OPS;
	default:
		return 0;
	}
}

/* Bytes of a list that is to be sent inline; more than @max: too many. */
static uint32_t axe_inline_length(const struct ibv_send_wr *wr, uint32_t max)
{
	uint32_t length = 0;
	int i;

	for (i = 0; i < wr->num_sge; i++) {
		if (wr->sg_list[i].length > max - length)
			return max + 1;
		length += wr->sg_list[i].length;
	}
	return length;
}

/* How many extension slots the data needs, or a negative errno. */
static inline int axe_check_data(const struct axe_qp *qp, unsigned int traits,
				 const struct ibv_send_wr *wr)
{
	uint32_t length;

	if (unlikely(wr->num_sge < 0))
		return -EINVAL;
	if (unlikely(!(traits & AXE_PEER_DATA)))
		return wr->num_sge ? -EINVAL : 0;

	if (wr->send_flags & IBV_SEND_INLINE) {
		if (unlikely(!(traits & AXE_PEER_INLINE)))
			return -EINVAL;
		length = axe_inline_length(wr, qp->max_inline);
		if (unlikely(length > qp->max_inline ||
			     (traits & AXE_PEER_WORD && length != sizeof(uint64_t))))
			return -EINVAL;
		return axe_inline_slots(length);
	}
	if (unlikely(wr->num_sge > qp->max_sge))
		return -EINVAL;
	if (unlikely(traits & AXE_PEER_WORD) &&
	    (wr->num_sge != 1 || wr->sg_list->length < sizeof(uint64_t)))
		return -EINVAL;
	return axe_sge_slots(wr->num_sge);
}

static inline void axe_put_data(struct axe_sq *sq, struct axe_send_wr *req,
				uint32_t index, const struct ibv_send_wr *wr)
{
	struct axe_inline in = { .sq = sq, .index = index };
	int i;

	if (!(wr->send_flags & IBV_SEND_INLINE)) {
		axe_put_sges(sq, req, index, wr->sg_list, wr->num_sge);
		return;
	}
	for (i = 0; i < wr->num_sge; i++)
		axe_inline_add(&in, (void *)(uintptr_t)wr->sg_list[i].addr,
			       wr->sg_list[i].length);
	axe_inline_end(&in, req);
}

/* What is particular to an operation. */
static inline void axe_fill_op(struct axe_send_wr *req, const struct ibv_send_wr *wr)
{
	switch (wr->opcode) {
	case IBV_WR_RDMA_WRITE_WITH_IMM:
		req->imm_data = wr->imm_data;
		SWITCH_FALLTHROUGH;
	case IBV_WR_RDMA_WRITE:
	case IBV_WR_RDMA_READ:
	case IBV_WR_ATOMIC_WRITE:
		req->rkey = htole32(wr->wr.rdma.rkey);
		req->remote_addr = htole64(wr->wr.rdma.remote_addr);
		break;
	case IBV_WR_ATOMIC_CMP_AND_SWP:
		req->op.atomic.swap = htole64(wr->wr.atomic.swap);
		SWITCH_FALLTHROUGH;
	case IBV_WR_ATOMIC_FETCH_AND_ADD:
		req->op.atomic.compare_add = htole64(wr->wr.atomic.compare_add);
		req->rkey = htole32(wr->wr.atomic.rkey);
		req->remote_addr = htole64(wr->wr.atomic.remote_addr);
		break;
	case IBV_WR_SEND_WITH_IMM:
		req->imm_data = wr->imm_data;
		break;
	case IBV_WR_SEND_WITH_INV:
	case IBV_WR_LOCAL_INV:
		req->invalidate_rkey = htole32(wr->invalidate_rkey);
		break;
	case IBV_WR_BIND_MW:
		axe_fill_bind(req, wr->bind_mw.mw, wr->bind_mw.rkey,
			      &wr->bind_mw.bind_info);
		break;
	default:
		break;
	}
}

/*
 * Where it goes, if the connection does not say so. Of XRC, also what needs no
 * receive names an SRQ: it has the PD that the peer's memory belongs to.
 */
static inline void axe_fill_address(const struct axe_qp *qp, struct axe_send_wr *req,
				    const struct ibv_send_wr *wr, unsigned int traits)
{
	if (qp->verbs_qp.qp.qp_type == IBV_QPT_UD) {
		req->op.ud.ah = htole32(to_axe_ah(wr->wr.ud.ah)->number);
		req->op.ud.qp_num = htole32(wr->wr.ud.remote_qpn);
		req->op.ud.qkey = htole32(wr->wr.ud.remote_qkey);
	} else if (qp->verbs_qp.qp.qp_type == IBV_QPT_XRC_SEND &&
		   traits & AXE_PEER_GOES) {
		req->srqn = htole32(wr->qp_type.xrc.remote_srqn);
	}
}

static inline int axe_put_request(struct axe_qp *qp, const struct ibv_send_wr *wr,
				  unsigned int traits)
{
	struct axe_sq *sq = &qp->sq;
	uint32_t index = sq->tail;
	struct axe_send_wr *req;
	int ext;

	ext = axe_check_data(qp, traits, wr);
	if (unlikely(ext < 0))
		return -ext;
	req = axe_next_slot(sq, 1 + ext, wr->send_flags & ~AXE_PEER_SEND_FLAGS);
	if (unlikely(!req))
		return sq->err;

	axe_fill_request(req, wr->opcode, wr->wr_id, wr->send_flags);
	axe_fill_op(req, wr);
	axe_fill_address(qp, req, wr, traits);
	if (likely(traits & AXE_PEER_DATA))
		axe_put_data(sq, req, index, wr);
	return 0;
}

/* One work request of ibv_post_send(): nothing of it is left if it is refused. */
int axe_peer_post_one(struct axe_qp *qp, const struct ibv_send_wr *wr)
{
	const struct axe_peer_op *op;

	if (unlikely((unsigned int)wr->opcode >= AXE_PEER_OPS))
		return EINVAL;
	op = &axe_peer_ops[wr->opcode];
	if (unlikely(!(op->send_op & qp->send_ops) || !(op->traits & AXE_PEER_POST)))
		return EINVAL;
	if (unlikely(qp->verbs_qp.qp.qp_type == IBV_QPT_UD && !wr->wr.ud.ah))
		return EINVAL;
	/* A window of type 1 has ibv_bind_mw(). */
	if (unlikely(wr->opcode == IBV_WR_BIND_MW &&
		     (!wr->bind_mw.mw || wr->bind_mw.mw->type != IBV_MW_TYPE_2)))
		return EINVAL;
	return axe_put_request(qp, wr, op->traits);
}

/* IBV_WR_BIND_MW for a window of any type. */
int axe_peer_bind_mw(struct axe_qp *qp, const struct ibv_send_wr *wr)
{
	if (!(qp->send_ops & IBV_QP_EX_WITH_BIND_MW))
		return EINVAL;
	return axe_put_request(qp, wr, axe_peer_ops[IBV_WR_BIND_MW].traits);
}
