// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Work requests of peer queues, built with ibv_wr_*(): a builder, then a setter
 * for the address where there is one to set, and one for the data.
 */

#include "peer.h"

/* The request of a builder, or NULL with the error noted. */
static inline struct axe_send_wr *axe_peer_build(struct ibv_qp_ex *ibvqp,
						 enum ibv_wr_opcode opcode)
{
	struct axe_qp *qp = to_axe_qp_ex(ibvqp);
	unsigned int traits = axe_peer_ops[opcode].traits;
	unsigned int lacks = traits & AXE_PEER_DATA ? AXE_LACKS_DATA : 0;
	struct axe_send_wr *req;

	/* IBV_SEND_INLINE means nothing here: the setter of the data tells. */
	req = axe_next_slot(&qp->sq, 1, ibvqp->wr_flags & ~AXE_PEER_SEND_FLAGS);
	if (unlikely(!req))
		return NULL;

	axe_fill_request(req, opcode, ibvqp->wr_id, ibvqp->wr_flags);
	if (ibvqp->qp_base.qp_type == IBV_QPT_UD ||
	    (ibvqp->qp_base.qp_type == IBV_QPT_XRC_SEND && traits & AXE_PEER_GOES))
		lacks |= AXE_LACKS_ADDR;
	qp->sq.lacks = lacks;
	return req;
}

static void axe_wr_send(struct ibv_qp_ex *ibvqp)
{
	axe_peer_build(ibvqp, IBV_WR_SEND);
}

static void axe_wr_send_imm(struct ibv_qp_ex *ibvqp, __be32 imm_data)
{
	struct axe_send_wr *req = axe_peer_build(ibvqp, IBV_WR_SEND_WITH_IMM);

	if (likely(req))
		req->imm_data = imm_data;
}

static void axe_wr_send_inv(struct ibv_qp_ex *ibvqp, uint32_t invalidate_rkey)
{
	struct axe_send_wr *req = axe_peer_build(ibvqp, IBV_WR_SEND_WITH_INV);

	if (likely(req))
		req->invalidate_rkey = htole32(invalidate_rkey);
}

/* What all builders with an address in the peer's memory begin with. */
static inline struct axe_send_wr *axe_build_remote(struct ibv_qp_ex *ibvqp,
						   enum ibv_wr_opcode opcode,
						   uint32_t rkey, uint64_t remote_addr)
{
	struct axe_send_wr *req = axe_peer_build(ibvqp, opcode);

	if (likely(req)) {
		req->rkey = htole32(rkey);
		req->remote_addr = htole64(remote_addr);
	}
	return req;
}

static void axe_wr_rdma_write(struct ibv_qp_ex *ibvqp, uint32_t rkey,
			      uint64_t remote_addr)
{
	axe_build_remote(ibvqp, IBV_WR_RDMA_WRITE, rkey, remote_addr);
}

static void axe_wr_rdma_write_imm(struct ibv_qp_ex *ibvqp, uint32_t rkey,
				  uint64_t remote_addr, __be32 imm_data)
{
	struct axe_send_wr *req;

	req = axe_build_remote(ibvqp, IBV_WR_RDMA_WRITE_WITH_IMM, rkey, remote_addr);
	if (likely(req))
		req->imm_data = imm_data;
}

static void axe_wr_rdma_read(struct ibv_qp_ex *ibvqp, uint32_t rkey,
			     uint64_t remote_addr)
{
	axe_build_remote(ibvqp, IBV_WR_RDMA_READ, rkey, remote_addr);
}

static void axe_wr_atomic_cmp_swp(struct ibv_qp_ex *ibvqp, uint32_t rkey,
				  uint64_t remote_addr, uint64_t compare,
				  uint64_t swap)
{
	struct axe_send_wr *req;

	req = axe_build_remote(ibvqp, IBV_WR_ATOMIC_CMP_AND_SWP, rkey, remote_addr);
	if (unlikely(!req))
		return;
	req->op.atomic.compare_add = htole64(compare);
	req->op.atomic.swap = htole64(swap);
}

static void axe_wr_atomic_fetch_add(struct ibv_qp_ex *ibvqp, uint32_t rkey,
				    uint64_t remote_addr, uint64_t add)
{
	struct axe_send_wr *req;

	req = axe_build_remote(ibvqp, IBV_WR_ATOMIC_FETCH_AND_ADD, rkey, remote_addr);
	if (likely(req))
		req->op.atomic.compare_add = htole64(add);
}

static void axe_wr_flush(struct ibv_qp_ex *ibvqp, uint32_t rkey, uint64_t remote_addr,
			 size_t len, uint8_t type, uint8_t level)
{
	struct axe_send_wr *req;

	req = axe_build_remote(ibvqp, IBV_WR_FLUSH, rkey, remote_addr);
	if (unlikely(!req))
		return;
	req->op.flush.length = htole64(len);
	req->op.flush.type = htole32(type);
	req->op.flush.level = htole32(level);
}

static void axe_wr_local_inv(struct ibv_qp_ex *ibvqp, uint32_t invalidate_rkey)
{
	struct axe_send_wr *req = axe_peer_build(ibvqp, IBV_WR_LOCAL_INV);

	if (likely(req))
		req->invalidate_rkey = htole32(invalidate_rkey);
}

static void axe_wr_bind_mw(struct ibv_qp_ex *ibvqp, struct ibv_mw *mw, uint32_t rkey,
			   const struct ibv_mw_bind_info *info)
{
	struct axe_send_wr *req;

	if (unlikely(mw->type != IBV_MW_TYPE_2)) {
		axe_set_err(&to_axe_qp_ex(ibvqp)->sq, EINVAL);
		return;
	}
	req = axe_peer_build(ibvqp, IBV_WR_BIND_MW);
	if (likely(req))
		axe_fill_bind(req, mw, rkey, info);
}

/* Something has to be set for the last request, or it is not there to be set. */
static inline struct axe_send_wr *axe_request_lacking(struct axe_sq *sq,
						      enum axe_lacks what)
{
	if (unlikely(sq->err))
		return NULL;
	if (unlikely(!(sq->lacks & what))) {
		axe_set_err(sq, EINVAL);
		return NULL;
	}
	sq->lacks &= ~what;
	return sq->last;
}

static void axe_wr_set_ud_addr(struct ibv_qp_ex *ibvqp, struct ibv_ah *ah,
			       uint32_t remote_qpn, uint32_t remote_qkey)
{
	struct axe_sq *sq = &to_axe_qp_ex(ibvqp)->sq;
	struct axe_send_wr *req = axe_request_lacking(sq, AXE_LACKS_ADDR);

	if (unlikely(!req))
		return;
	if (unlikely(!ah)) {
		axe_set_err(sq, EINVAL);
		return;
	}
	req->op.ud.ah = htole32(to_axe_ah(ah)->number);
	req->op.ud.qp_num = htole32(remote_qpn);
	req->op.ud.qkey = htole32(remote_qkey);
}

static void axe_wr_set_xrc_srqn(struct ibv_qp_ex *ibvqp, uint32_t remote_srqn)
{
	struct axe_sq *sq = &to_axe_qp_ex(ibvqp)->sq;
	struct axe_send_wr *req = axe_request_lacking(sq, AXE_LACKS_ADDR);

	if (likely(req))
		req->srqn = htole32(remote_srqn);
}

/* Extension slots for the data of the last request; false: no room, noted. */
static inline bool axe_take_ext(struct axe_sq *sq, uint32_t ext)
{
	if (unlikely(!axe_sq_room(sq, ext))) {
		axe_set_err(sq, axe_full(sq->hdr));
		return false;
	}
	sq->tail += ext;
	return true;
}

static void axe_wr_set_sge_list(struct ibv_qp_ex *ibvqp, size_t num_sge,
				const struct ibv_sge *sg_list)
{
	struct axe_qp *qp = to_axe_qp_ex(ibvqp);
	struct axe_send_wr *req = axe_request_lacking(&qp->sq, AXE_LACKS_DATA);
	uint32_t index = axe_last_index(&qp->sq);

	if (unlikely(!req))
		return;
	if (unlikely(num_sge > qp->max_sge ||
		     (axe_peer_ops[req->opcode].traits & AXE_PEER_WORD &&
		      (num_sge != 1 || sg_list->length < sizeof(uint64_t))))) {
		axe_set_err(&qp->sq, EINVAL);
		return;
	}
	if (likely(axe_take_ext(&qp->sq, axe_sge_slots(num_sge))))
		axe_put_sges(&qp->sq, req, index, sg_list, num_sge);
}

static void axe_wr_set_sge(struct ibv_qp_ex *ibvqp, uint32_t lkey, uint64_t addr,
			   uint32_t length)
{
	struct ibv_sge sge = { .addr = addr, .length = length, .lkey = lkey };

	axe_wr_set_sge_list(ibvqp, 1, &sge);
}

/* Bytes in all; more than @max: too many. */
static size_t axe_bufs_length(size_t num_buf, const struct ibv_data_buf *bufs, size_t max)
{
	size_t length = 0;
	size_t i;

	for (i = 0; i < num_buf; i++) {
		if (bufs[i].length > max - length)
			return max + 1;
		length += bufs[i].length;
	}
	return length;
}

static void axe_wr_set_inline_data_list(struct ibv_qp_ex *ibvqp, size_t num_buf,
					const struct ibv_data_buf *bufs)
{
	struct axe_qp *qp = to_axe_qp_ex(ibvqp);
	struct axe_send_wr *req = axe_request_lacking(&qp->sq, AXE_LACKS_DATA);
	struct axe_inline in = { .sq = &qp->sq, .index = axe_last_index(&qp->sq) };
	size_t length, i;

	if (unlikely(!req))
		return;
	length = axe_bufs_length(num_buf, bufs, qp->max_inline);
	if (unlikely(length > qp->max_inline ||
		     !(axe_peer_ops[req->opcode].traits & AXE_PEER_INLINE))) {
		axe_set_err(&qp->sq, EINVAL);
		return;
	}
	if (unlikely(!axe_take_ext(&qp->sq, axe_inline_slots(length))))
		return;
	for (i = 0; i < num_buf; i++)
		axe_inline_add(&in, bufs[i].addr, bufs[i].length);
	axe_inline_end(&in, req);
}

static void axe_wr_set_inline_data(struct ibv_qp_ex *ibvqp, void *addr, size_t length)
{
	struct ibv_data_buf buf = { .addr = addr, .length = length };

	axe_wr_set_inline_data_list(ibvqp, 1, &buf);
}

/* The one builder that brings its data along: 8 bytes, inline. */
static void axe_wr_atomic_write(struct ibv_qp_ex *ibvqp, uint32_t rkey,
				uint64_t remote_addr, const void *atomic_wr)
{
	if (axe_build_remote(ibvqp, IBV_WR_ATOMIC_WRITE, rkey, remote_addr))
		axe_wr_set_inline_data(ibvqp, (void *)(uintptr_t)atomic_wr,
				       sizeof(uint64_t));
}

static void axe_set_builders(struct ibv_qp_ex *ibvqp, uint64_t send_ops)
{
#define AXE_BUILDER(op, member)                                                \
	do {                                                                   \
		if (send_ops & (op))                                           \
			ibvqp->member = axe_##member;                          \
	} while (0)
	AXE_BUILDER(IBV_QP_EX_WITH_RDMA_WRITE, wr_rdma_write);
	AXE_BUILDER(IBV_QP_EX_WITH_RDMA_WRITE_WITH_IMM, wr_rdma_write_imm);
	AXE_BUILDER(IBV_QP_EX_WITH_SEND, wr_send);
	AXE_BUILDER(IBV_QP_EX_WITH_SEND_WITH_IMM, wr_send_imm);
	AXE_BUILDER(IBV_QP_EX_WITH_RDMA_READ, wr_rdma_read);
	AXE_BUILDER(IBV_QP_EX_WITH_ATOMIC_CMP_AND_SWP, wr_atomic_cmp_swp);
	AXE_BUILDER(IBV_QP_EX_WITH_ATOMIC_FETCH_AND_ADD, wr_atomic_fetch_add);
	AXE_BUILDER(IBV_QP_EX_WITH_LOCAL_INV, wr_local_inv);
	AXE_BUILDER(IBV_QP_EX_WITH_BIND_MW, wr_bind_mw);
	AXE_BUILDER(IBV_QP_EX_WITH_SEND_WITH_INV, wr_send_inv);
	AXE_BUILDER(IBV_QP_EX_WITH_FLUSH, wr_flush);
	AXE_BUILDER(IBV_QP_EX_WITH_ATOMIC_WRITE, wr_atomic_write);
#undef AXE_BUILDER
}

/**
 * axe_peer_wr_init - make a QP an extended one
 * @qp:		of any type that sends to peers
 * @send_ops:	builders that the application asked for, among those of the type
 */
void axe_peer_wr_init(struct axe_qp *qp, uint64_t send_ops)
{
	struct ibv_qp_ex *ibvqp = &qp->verbs_qp.qp_ex;

	axe_set_builders(ibvqp, send_ops);
	ibvqp->wr_start = axe_wr_start;
	ibvqp->wr_complete = axe_wr_complete;
	ibvqp->wr_abort = axe_wr_abort;
	ibvqp->wr_set_sge = axe_wr_set_sge;
	ibvqp->wr_set_sge_list = axe_wr_set_sge_list;
	ibvqp->wr_set_inline_data = axe_wr_set_inline_data;
	ibvqp->wr_set_inline_data_list = axe_wr_set_inline_data_list;
	if (ibvqp->qp_base.qp_type == IBV_QPT_UD)
		ibvqp->wr_set_ud_addr = axe_wr_set_ud_addr;
	if (ibvqp->qp_base.qp_type == IBV_QPT_XRC_SEND)
		ibvqp->wr_set_xrc_srqn = axe_wr_set_xrc_srqn;
	qp->verbs_qp.comp_mask |= VERBS_QP_EX;
}
