// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel itself posts and polls: the connection manager's datagrams on
 * QP 1. Its rings are like those of programs, and its addresses are its own.
 */

#include <rdma/ib_mad.h>

#include "ah.h"
#include "axe.h"
#include "cq.h"
#include "mmap.h"
#include "peer.h"
#include "qp.h"
#include "rq.h"
#include "table.h"

static int axe_kernel_build(struct axe_peer *peer, u32 tail, const struct ib_send_wr *wr)
{
	void *slots = peer->mem->addr + AXE_RING_ENTRIES;
	u32 i, ext = wr->num_sge > 1 ? DIV_ROUND_UP(wr->num_sge - 1, AXE_WR_EXT_SGE) : 0;
	struct axe_send_wr cmd = {
		.opcode = wr->opcode,
		.ext = ext,
		.num_sge = wr->num_sge,
		.wr_id = cpu_to_le64(wr->wr_id),
		.op.ud.ah = cpu_to_le32(to_axe_ah(ud_wr(wr)->ah)->av->number),
		.op.ud.qp_num = cpu_to_le32(ud_wr(wr)->remote_qpn),
		.op.ud.qkey = cpu_to_le32(ud_wr(wr)->remote_qkey),
	};

	if (tail + ext + 1 - peer->head > peer->slots)
		return -ENOMEM;
	if (wr->send_flags & IB_SEND_SIGNALED)
		cmd.flags |= AXE_WR_SIGNALED;
	if (wr->send_flags & IB_SEND_SOLICITED)
		cmd.flags |= AXE_WR_SOLICITED;
	if (wr->opcode == IB_WR_SEND_WITH_IMM)
		cmd.imm_data = wr->ex.imm_data;

	/* The list begins in the request and goes on in the slots behind it. */
	for (i = 0; i < wr->num_sge; i++) {
		struct axe_buf buf = {
			.addr = cpu_to_le64(wr->sg_list[i].addr),
			.length = cpu_to_le32(wr->sg_list[i].length),
			.key = cpu_to_le32(wr->sg_list[i].lkey),
		};
		u32 slot = tail + 1 + (i - 1) / AXE_WR_EXT_SGE;
		struct axe_buf *to = slots + (slot & (peer->slots - 1)) * AXE_SLOT_SIZE;

		if (i)
			to[(i - 1) % AXE_WR_EXT_SGE] = buf;
		else
			cmd.sge = buf;
	}
	memcpy(slots + (tail & (peer->slots - 1)) * AXE_SLOT_SIZE, &cmd, sizeof(cmd));
	return 1 + ext;
}

static int axe_kernel_post_one(struct axe_peer *peer, const struct ib_send_wr *wr)
{
	u32 tail = peer->hdr->tail;
	int n;

	lockdep_assert_held(&peer->lock);
	if (wr->opcode != IB_WR_SEND && wr->opcode != IB_WR_SEND_WITH_IMM)
		return -EINVAL;
	if (wr->num_sge > AXE_WR_MAX_SGE || wr->send_flags & IB_SEND_INLINE)
		return -EINVAL;
	if (peer->state < IB_QPS_RTS)
		return -EINVAL;
	n = axe_kernel_build(peer, tail, wr);
	if (n < 0)
		return n;
	/* Pairs with the acquire in axe_sendq_posted(). */
	smp_store_release(&peer->hdr->tail, tail + n);
	return 0;
}

/* From any context: a worker does the rest. */
static int axe_post_send(struct ib_qp *ib, const struct ib_send_wr *wr,
			 const struct ib_send_wr **bad_wr)
{
	struct axe_peer *peer = to_axe_qp(ib)->peer;
	int ret = 0;

	if (!peer || !peer->kernel) {
		*bad_wr = wr;
		return -EINVAL;
	}
	spin_lock(&peer->lock);
	for (; wr; wr = wr->next) {
		ret = axe_kernel_post_one(peer, wr);
		if (ret) {
			*bad_wr = wr;
			break;
		}
	}
	axe_sendq_kick(peer);
	spin_unlock(&peer->lock);
	return ret;
}

static int axe_post_recv(struct ib_qp *ib, const struct ib_recv_wr *wr,
			 const struct ib_recv_wr **bad_wr)
{
	struct axe_peer *peer = to_axe_qp(ib)->peer;
	int ret;

	if (!peer || !peer->kernel) {
		*bad_wr = wr;
		return -EINVAL;
	}
	for (; wr; wr = wr->next) {
		ret = axe_rq_post(peer->rq, wr);
		if (ret) {
			*bad_wr = wr;
			return ret;
		}
	}
	/* In error, it is flushed. */
	axe_peer_recv_posted(peer);
	return 0;
}

static void axe_fill_wc(struct axe_dev *dev, struct ib_wc *wc, const struct axe_cqe *cqe)
{
	struct axe_peer *peer;
	u32 flags = le32_to_cpu(cqe->wc_flags);

	memset(wc, 0, sizeof(*wc));
	wc->wr_id = le64_to_cpu(cqe->wr_id);
	wc->status = cqe->status;
	/* Of datagrams both count alike. */
	wc->opcode = cqe->opcode == AXE_WC_RECV ? IB_WC_RECV : IB_WC_SEND;
	wc->vendor_err = le16_to_cpu(cqe->code);
	wc->byte_len = le32_to_cpu(cqe->byte_len);
	wc->src_qp = le32_to_cpu(cqe->src_qp);
	wc->sl = cqe->sl;
	wc->port_num = 1;
	if (flags & AXE_WC_FLAG_GRH)
		wc->wc_flags |= IB_WC_GRH;
	if (flags & AXE_WC_FLAG_IMM) {
		wc->wc_flags |= IB_WC_WITH_IMM;
		wc->ex.imm_data = cqe->imm_data;
	}
	rcu_read_lock();
	peer = axe_table_load(&dev->qps, le32_to_cpu(cqe->qp_num));
	wc->qp = peer ? peer->ibqp : NULL;
	rcu_read_unlock();
}

static int axe_poll_cq(struct ib_cq *ib, int num, struct ib_wc *wc)
{
	struct axe_cq *cq = to_axe_cq(ib);
	u32 consumer;
	int n;

	if (!cq->kernel)
		return -EINVAL;
	spin_lock(&cq->lock);
	consumer = cq->hdr->consumer;
	for (n = 0; n < num && consumer != cq->producer; n++)
		axe_fill_wc(to_axe_dev(ib->device), wc++, &cq->cqes[consumer++ & cq->mask]);
	WRITE_ONCE(cq->hdr->consumer, consumer);
	spin_unlock(&cq->lock);
	return n;
}

/* Without this the core takes the device for one that has no kernel verbs at all. */
static struct ib_mr *axe_get_dma_mr(struct ib_pd *pd, int access)
{
	return ERR_PTR(axe_refuse_kernel(to_axe_dev(pd->device), "a key to all memory"));
}

const struct ib_device_ops axe_kverbs_ops = {
	.get_dma_mr = axe_get_dma_mr,
	.post_send = axe_post_send,
	.post_recv = axe_post_recv,
	.poll_cq = axe_poll_cq,
};
