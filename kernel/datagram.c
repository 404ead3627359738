// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams: UD, and QP 1 of the kernel.
 *
 * The payload is gathered first, behind room for a GRH, and then put into a
 * receive of each QP that it is for, all of it or nothing. What cannot be
 * delivered is lost, as on any network.
 */

#include <linux/ip.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <rdma/ib_addr.h>
#include <rdma/ib_pack.h>

#include "ah.h"
#include "axe.h"
#include "cq.h"
#include "cursor.h"
#include "mcast.h"
#include "peer.h"
#include "table.h"
#include "wr.h"

/* A receiver's memory may be paged out again before it is used; but not so often. */
#define AXE_DATAGRAM_TRIES	16

/* Of the bounce buffer. */
static_assert(sizeof(struct ib_grh) + AXE_UD_MTU == AXE_BOUNCE_SIZE);

/* Take over the path of the request's address handle. */
static bool axe_datagram_path(struct axe_peer *peer)
{
	struct axe_av *av;
	bool ok = false;

	rcu_read_lock();
	av = axe_table_load(&peer->dev->ahs, le32_to_cpu(peer->wr.cmd.op.ud.ah));
	if (av && av->pd == peer->pd) {
		if (peer->path_id != av->id) {
			peer->path = av->path;
			peer->path_id = av->id;
		}
		ok = true;
	}
	rcu_read_unlock();
	return ok;
}

static void axe_grh_fill4(struct iphdr *ip, const struct axe_path *path, u32 length)
{
	ip->version = 4;
	ip->ihl = sizeof(*ip) / 4;
	ip->tos = path->traffic_class;
	ip->tot_len = cpu_to_be16(sizeof(*ip) + length);
	ip->ttl = path->hop_limit;
	ip->protocol = IPPROTO_UDP;
	ip->saddr = *(__be32 *)(path->sgid.raw + 12);
	ip->daddr = *(__be32 *)(path->dgid.raw + 12);
	ip_send_check(ip);
}

static void axe_grh_fill6(struct ib_grh *grh, const struct axe_path *path, u32 length)
{
	grh->version_tclass_flow = cpu_to_be32(6U << 28 | path->traffic_class << 20 |
					       (path->flow_label & 0xfffff));
	grh->paylen = cpu_to_be16(length);
	grh->next_hdr = IPPROTO_UDP;
	grh->hop_limit = path->hop_limit;
	grh->sgid = path->sgid;
	grh->dgid = path->dgid;
}

/* RoCEv2: what came before the payload, an IPv4 header at the end of its place. */
static void axe_datagram_header(struct axe_peer *peer)
{
	const struct axe_path *path = &peer->path;
	struct ib_grh *grh = peer->bounce;

	memset(grh, 0, sizeof(*grh));
	if (ipv6_addr_v4mapped((struct in6_addr *)&path->sgid))
		axe_grh_fill4((void *)(grh + 1) - sizeof(struct iphdr), path, peer->wr.length);
	else
		axe_grh_fill6(grh, path, peer->wr.length);
}

/* The payload. */
static enum axe_wr_ret axe_datagram_gather(struct axe_peer *peer, bool may_sleep)
{
	struct axe_wr *wr = &peer->wr;
	struct axe_wanted wanted = {};
	struct axe_cursor to, from;
	enum axe_copy_ret ret;
	enum axe_code code;

	axe_cursor_kernel(&to, peer->bounce + sizeof(struct ib_grh) + wr->done,
			  wr->length - wr->done, true);
	if (wr->cmd.flags & AXE_WR_INLINE)
		axe_cursor_kernel(&from, wr->ext + wr->done, wr->length - wr->done, false);
	else
		axe_cursor_list(&from, peer->dev, peer->kernel ? NULL : peer->pd,
				axe_wr_sges(wr), wr->cmd.num_sge, wr->done, false);
	ret = axe_copy(&to, &from, wr->length, &wr->done, &code);
	if (ret == AXE_COPY_FAULT_FROM && may_sleep &&
	    !axe_operand_want(&from.opnd, &wanted)) {
		ret = AXE_COPY_ERROR_FROM;
		code = AXE_ERR_GONE;
	}
	axe_cursor_close(&from);
	axe_cursor_close(&to);

	if (ret == AXE_COPY_FAULT_FROM && !may_sleep)
		return AXE_WR_SLEEPS;
	if (ret == AXE_COPY_FAULT_FROM) {
		code = axe_peer_fault(peer, &wanted);
		if (code == AXE_OK)
			return AXE_WR_AGAIN;
		ret = AXE_COPY_ERROR_FROM;
	}
	if (ret != AXE_COPY_DONE)
		return axe_wr_end(wr, IB_WC_LOC_PROT_ERR, code);
	wr->phase = 1;
	return AXE_WR_AGAIN;
}

static void axe_datagram_complete(struct axe_peer *from, struct axe_peer *to, u64 wr_id,
				  enum axe_code code)
{
	const struct axe_wr *wr = &from->wr;
	u32 flags = AXE_WC_FLAG_GRH | (axe_wr_has_imm(wr) ? AXE_WC_FLAG_IMM : 0);
	struct axe_cqe cqe = {
		.wr_id = cpu_to_le64(wr_id),
		.byte_len = cpu_to_le32(sizeof(struct ib_grh) + wr->length),
		.qp_num = cpu_to_le32(axe_peer_num(to)),
		.src_qp = cpu_to_le32(axe_peer_num(from)),
		.status = code == AXE_OK ? IB_WC_SUCCESS : IB_WC_LOC_PROT_ERR,
		.opcode = AXE_WC_RECV,
		.code = cpu_to_le16(code),
		.wc_flags = cpu_to_le32(flags),
		.imm_data = axe_wr_has_imm(wr) ? wr->cmd.imm_data : 0,
		.sl = from->path.sl,
	};
	bool event = code != AXE_OK || wr->cmd.flags & AXE_WR_SOLICITED;

	if (!axe_cq_post(to->recv_cq, &cqe, event))
		axe_peer_error(to, IB_EVENT_QP_FATAL);
	else if (code != AXE_OK)
		axe_peer_error(to, -1);
}

static bool axe_datagram_is_for(struct axe_peer *from, struct axe_peer *to)
{
	u32 qkey = le32_to_cpu(from->wr.cmd.op.ud.qkey);

	/* IBA 10.2.5: with its high bit set, the QP's own is meant. */
	if (qkey & BIT(31))
		qkey = from->qkey;
	return axe_peer_is_datagram(to) && to->rq && qkey == to->qkey;
}

/*
 * Put it into the next receive. AXE_COPY_FAULT_TO: @wanted, if there is one, has to
 * be faulted in; anything else: it is done with.
 */
static enum axe_copy_ret axe_datagram_put(struct axe_peer *from, struct axe_peer *to,
					  struct axe_wanted *wanted)
{
	u64 length = sizeof(struct ib_grh) + from->wr.length;
	enum axe_copy_ret ret = AXE_COPY_DONE;
	enum axe_code code = AXE_OK;
	struct axe_cursor in, out;
	struct axe_recv *recv = &to->recv;
	u64 done = 0;

	spin_lock(&to->rq->lock);
	if (!axe_rq_peek(to->rq, recv) || recv->length < length)
		goto unlock;
	axe_cursor_kernel(&out, from->bounce, length, false);
	axe_cursor_list(&in, to->dev, to->kernel ? NULL : to->rq->pd, recv->sge,
			recv->num_sge, 0, true);
	ret = axe_copy(&in, &out, length, &done, &code);
	if (ret == AXE_COPY_FAULT_TO && wanted && !axe_operand_want(&in.opnd, wanted))
		ret = AXE_COPY_DONE;
	axe_cursor_close(&in);
	axe_cursor_close(&out);
	if (ret != AXE_COPY_FAULT_TO) {
		axe_rq_consume(to->rq);
		axe_datagram_complete(from, to, recv->wr_id, code);
	}
unlock:
	spin_unlock(&to->rq->lock);
	return ret;
}

static enum axe_copy_ret axe_datagram_deliver(struct axe_peer *from, struct axe_peer *to,
					      struct axe_wanted *wanted)
{
	enum axe_copy_ret ret = AXE_COPY_DONE;

	if (!axe_peer_enter(to))
		return ret;
	if (axe_datagram_is_for(from, to))
		ret = axe_datagram_put(from, to, wanted);
	axe_peer_leave(to);
	return ret;
}

static struct axe_peer *axe_datagram_find(struct axe_peer *from)
{
	struct axe_peer *to = NULL;
	struct axe_dev *dev;

	rcu_read_lock();
	dev = axe_path_find(&from->path, from->dev);
	if (dev)
		to = axe_peer_find(dev, le32_to_cpu(from->wr.cmd.op.ud.qp_num));
	rcu_read_unlock();
	return to;
}

/* To one QP: the one with the number, or, with @id, that member of the group. */
static enum axe_wr_ret axe_datagram_send(struct axe_peer *from, u64 id, bool may_sleep)
{
	struct axe_wanted wanted;
	enum axe_copy_ret ret;
	struct axe_peer *to;
	int tries;

	for (tries = 0; tries < AXE_DATAGRAM_TRIES; tries++) {
		to = id ? axe_mcast_get(from, id) : axe_datagram_find(from);
		if (!to)
			break;
		ret = axe_datagram_deliver(from, to, may_sleep ? &wanted : NULL);
		axe_bell_put(&to->bell);
		if (ret != AXE_COPY_FAULT_TO)
			break;
		if (!may_sleep)
			return AXE_WR_SLEEPS;
		if (axe_peer_fault(from, &wanted) != AXE_OK)
			break;
	}
	return axe_wr_end(&from->wr, IB_WC_SUCCESS, AXE_OK);
}

/* To all members of the group that there were when it began. */
static enum axe_wr_ret axe_datagram_spread(struct axe_peer *peer, bool may_sleep)
{
	struct axe_wr *wr = &peer->wr;

	if (!wr->group) {
		wr->next = 0;
		wr->group = axe_mcast_list(peer, &wr->num_group,
					   may_sleep ? GFP_KERNEL : GFP_NOWAIT);
	}
	if (!wr->group)
		return may_sleep ? axe_wr_end(wr, IB_WC_SUCCESS, AXE_OK) : AXE_WR_SLEEPS;
	for (; wr->next < wr->num_group; wr->next++) {
		if (axe_datagram_send(peer, wr->group[wr->next], may_sleep) == AXE_WR_SLEEPS)
			return AXE_WR_SLEEPS;
	}
	kfree(wr->group);
	wr->group = NULL;
	return axe_wr_end(wr, IB_WC_SUCCESS, AXE_OK);
}

/**
 * axe_datagram_run - try a request of a QP for datagrams
 * @peer:	the QP; its wr is the request
 * @may_sleep:	or leave it
 *
 * Return: AXE_WR_DONE, AXE_WR_AGAIN or AXE_WR_SLEEPS.
 */
enum axe_wr_ret axe_datagram_run(struct axe_peer *peer, bool may_sleep)
{
	struct axe_wr *wr = &peer->wr;
	enum axe_wr_ret ret;

	if (!axe_datagram_path(peer))
		return axe_wr_end(wr, IB_WC_LOC_QP_OP_ERR, AXE_ERR_AH);
	while (!wr->phase) {
		ret = axe_datagram_gather(peer, may_sleep);
		if (ret != AXE_WR_AGAIN)
			return ret;
	}
	axe_datagram_header(peer);
	if (!rdma_is_multicast_addr((struct in6_addr *)&peer->path.dgid))
		return axe_datagram_send(peer, 0, may_sleep);
	return axe_datagram_spread(peer, may_sleep);
}
