// SPDX-License-Identifier: GPL-2.0
/*
 * Requests of connected QPs: RC, UC, XRC.
 *
 * A try enters the peer, does what it can without sleep, and leaves. What has to
 * be faulted in is faulted in between two tries, with nothing held of either
 * process: then the next try goes on where this one came to.
 */

#include "axe.h"
#include "cq.h"
#include "cursor.h"
#include "mw.h"
#include "peer.h"
#include "region.h"
#include "table.h"
#include "try.h"
#include "wr.h"

/* Is @b connected to @a? Looked at only when either may have changed. */
static bool axe_try_is_mutual(struct axe_peer *a, struct axe_peer *b)
{
	bool mutual;

	if (likely(a->peer_id == b->path_id && a->peer_seen == a->path.seen))
		return true;
	if (b->type != (a->type == IB_QPT_XRC_INI ? IB_QPT_XRC_TGT : a->type) ||
	    b->dest_qp_num != axe_peer_num(a))
		return false;
	rcu_read_lock();
	mutual = axe_path_search(&b->path, b->dev) == a->dev;
	rcu_read_unlock();
	/* A QP that got the number of one that is gone is not the one that @b means. */
	if (mutual && cmpxchg64(&b->bound, 0, a->id))
		mutual = READ_ONCE(b->bound) == a->id;
	if (mutual) {
		a->peer_id = b->path_id;
		a->peer_seen = a->path.seen;
	}
	return mutual;
}

/* Find the peer and enter it. */
static bool axe_try_enter(struct axe_try *try)
{
	struct axe_peer *a = try->a, *b;
	struct axe_dev *dev;

	rcu_read_lock();
	dev = axe_path_find(&a->path, a->dev);
	b = dev ? axe_peer_find(dev, a->dest_qp_num) : NULL;
	rcu_read_unlock();
	if (!b)
		return false;
	if (!axe_peer_enter(b))
		goto put_peer;
	if (!axe_try_is_mutual(a, b))
		goto leave_peer;
	try->b = b;
	return true;

leave_peer:
	axe_peer_leave(b);
put_peer:
	axe_bell_put(&b->bell);
	return false;
}

static void axe_try_leave(struct axe_try *try)
{
	axe_peer_leave(try->b);
	axe_bell_put(&try->b->bell);
}

/*
 * Our own memory is looked at before it is known whether there is anybody to take
 * the message: a key that is no good fails at once.
 */
static enum axe_code axe_connected_check(struct axe_peer *a)
{
	const struct axe_buf *sge = axe_wr_sges(&a->wr);
	bool write = axe_wr_writes_local(&a->wr);
	struct axe_operand opnd;
	enum axe_code code;
	int i;

	for (i = 0; i < a->wr.cmd.num_sge; i++) {
		if (!sge[i].length)
			continue;
		code = axe_operand_open(&opnd, a->dev, a->pd, &sge[i], write);
		if (code != AXE_OK)
			return code;
		axe_operand_close(&opnd);
	}
	return AXE_OK;
}

/* Nobody takes it at present: a reliable message waits, any other is gone. */
static enum axe_wr_ret axe_connected_miss(struct axe_peer *a, enum axe_wr_ret ret)
{
	enum axe_code code = axe_connected_check(a);

	if (code != AXE_OK)
		return axe_wr_end(&a->wr, IB_WC_LOC_PROT_ERR, code);
	if (axe_peer_is_reliable(a))
		return ret;
	return axe_wr_end(&a->wr, IB_WC_SUCCESS, AXE_OK);
}

/**
 * axe_try_nak - the peer refuses
 * @try:	a reliable requester is told
 * @status:	this
 * @code:	and why
 * @event:	what the peer's owner is told, enum ib_event_type or -1
 */
enum axe_wr_ret axe_try_nak(struct axe_try *try, enum ib_wc_status status,
			    enum axe_code code, int event)
{
	if (!axe_peer_is_reliable(try->a))
		return axe_connected_miss(try->a, AXE_WR_DONE);
	axe_peer_error(try->b, event);
	return axe_wr_end(try->wr, status, code);
}

/**
 * axe_try_refuse - the peer's QP does not allow the operation
 * @try:	fails as an invalid request (IBA 9.9.3)
 */
enum axe_wr_ret axe_try_refuse(struct axe_try *try)
{
	return axe_try_nak(try, IB_WC_REM_INV_REQ_ERR, AXE_ERR_ACCESS, IB_EVENT_QP_REQ_ERR);
}

/* The completion of the receive that is under way. */
static void axe_try_complete_recv(struct axe_try *try, enum ib_wc_status status,
				  enum axe_code code)
{
	struct axe_peer *b = try->b;
	const struct axe_wr *wr = try->wr;
	bool failed = status != IB_WC_SUCCESS;
	struct axe_cqe cqe = {
		.wr_id = cpu_to_le64(b->recv.wr_id),
		.byte_len = cpu_to_le32(failed ? 0 : wr->length),
		.qp_num = cpu_to_le32(axe_peer_num(b)),
		.src_qp = cpu_to_le32(axe_peer_num(try->a)),
		.status = status,
		.opcode = axe_wr_is_send(wr) ? AXE_WC_RECV : AXE_WC_RECV_IMM,
		.code = cpu_to_le16(code),
	};

	if (axe_wr_has_imm(wr)) {
		cqe.wc_flags = cpu_to_le32(AXE_WC_FLAG_IMM);
		cqe.imm_data = wr->cmd.imm_data;
	} else if (wr->cmd.opcode == IB_UVERBS_WR_SEND_WITH_INV) {
		cqe.wc_flags = cpu_to_le32(AXE_WC_FLAG_INV);
		/* As the key is, in the host's byte order. */
		cqe.imm_data = (__force __be32)le32_to_cpu(wr->cmd.invalidate_rkey);
	}
	b->has_recv = false;
	if (!axe_cq_post(b->recv_cq_now, &cqe, failed || wr->cmd.flags & AXE_WR_SOLICITED))
		axe_peer_error(b, IB_EVENT_QP_FATAL);
}

/* The SRQ that an XRC request names. To be given back with axe_bell_put(). */
static struct axe_rq *axe_try_get_xsrq(struct axe_try *try)
{
	struct axe_peer *b = try->b;
	struct axe_rq *rq;

	rcu_read_lock();
	rq = axe_table_load(&b->dev->srqs, le32_to_cpu(try->wr->cmd.srqn));
	if (rq && (rq->srq->srq_type != IB_SRQT_XRC || rq->xrcd != b->xrcd ||
		   !axe_bell_get(&rq->bell)))
		rq = NULL;
	rcu_read_unlock();
	return rq;
}

/* A receive for the message, AXE_WR_DONE if there is one. */
static enum axe_wr_ret axe_try_take_recv(struct axe_try *try, struct axe_rq *rq)
{
	struct axe_peer *a = try->a, *b = try->b;

	if (!axe_rq_take(rq, &b->recv)) {
		if (!axe_peer_is_reliable(a))
			return AXE_WR_RNR;
		if (!try->may_sleep)
			return AXE_WR_SLEEPS;
		axe_rnr_add(a, rq);
		if (!axe_rq_take_or_wait(rq, &b->recv)) {
			try->wr->rnr_delay = b->rnr_delay;
			return AXE_WR_RNR;
		}
		axe_rnr_del(a);
	}
	b->recv_cq_now = rq->cq ? rq->cq : b->recv_cq;
	b->recv_pd = rq->pd;
	b->has_recv = true;
	return AXE_WR_DONE;
}

static enum axe_wr_ret axe_try_get_recv(struct axe_try *try)
{
	struct axe_peer *b = try->b;
	enum axe_wr_ret ret;
	struct axe_rq *rq;

	if (b->has_recv)
		return AXE_WR_DONE;
	if (b->type != IB_QPT_XRC_TGT)
		return axe_try_take_recv(try, b->rq);
	rq = axe_try_get_xsrq(try);
	if (!rq) {
		axe_try_nak(try, IB_WC_REM_INV_REQ_ERR, AXE_ERR_PARAM, IB_EVENT_QP_REQ_ERR);
		return AXE_WR_AGAIN;
	}
	ret = axe_try_take_recv(try, rq);
	axe_bell_put(&rq->bell);
	return ret;
}

/**
 * axe_try_local - our end of a copy: the scatter list, or what is inline
 * @try:	where it came to
 * @cur:	filled in
 * @write:	it is written
 */
void axe_try_local(struct axe_try *try, struct axe_cursor *cur, bool write)
{
	struct axe_peer *a = try->a;
	struct axe_wr *wr = try->wr;

	if (wr->cmd.flags & AXE_WR_INLINE)
		axe_cursor_kernel(cur, wr->ext + wr->done, wr->length - wr->done, write);
	else
		axe_cursor_list(cur, a->dev, a->kernel ? NULL : a->pd, axe_wr_sges(wr),
				wr->cmd.num_sge, wr->done, write);
}

static enum axe_code axe_try_open(struct axe_try *try, struct axe_operand *opnd,
				  struct ib_pd *pd, u64 length, int access)
{
	const struct axe_send_wr *cmd = &try->wr->cmd;

	/* Not followed, the PD is only compared. */
	return axe_operand_open_remote(opnd, try->b->dev, pd, try->b->id,
				       le64_to_cpu(cmd->remote_addr), length,
				       le32_to_cpu(cmd->rkey), access);
}

/*
 * An XRC target has no PD: that of the SRQ counts which the request names (IBA
 * A14), or, for programs do not name one where none is used up, of any in the
 * domain.
 */
static enum axe_code axe_try_open_xrc(struct axe_try *try, struct axe_operand *opnd,
				      u64 length, int access)
{
	struct axe_rq *rq = axe_try_get_xsrq(try);
	enum axe_code code = AXE_ERR_KEY;
	unsigned long i;

	if (rq) {
		code = axe_try_open(try, opnd, rq->pd, length, access);
		axe_bell_put(&rq->bell);
		return code;
	}
	rcu_read_lock();
	xa_for_each(&try->b->dev->srqs, i, rq) {
		if (rq->xrcd != try->b->xrcd)
			continue;
		code = axe_try_open(try, opnd, rq->pd, length, access);
		if (code != AXE_ERR_KEY)
			break;
	}
	rcu_read_unlock();
	return code;
}

/**
 * axe_try_remote - the other end of RDMA
 * @try:	where it came to
 * @cur:	open, unless there is an error
 * @length:	bytes from the request's address on
 * @access:	IB_ACCESS_REMOTE_* and IB_ACCESS_FLUSH_* that it needs
 */
enum axe_code axe_try_remote(struct axe_try *try, struct axe_cursor *cur, u64 length,
			     int access)
{
	const struct axe_wr *wr = try->wr;
	enum axe_code code;

	if (try->b->type == IB_QPT_XRC_TGT)
		code = axe_try_open_xrc(try, &cur->opnd, length, access);
	else
		code = axe_try_open(try, &cur->opnd, try->b->pd, length, access);
	if (code != AXE_OK)
		return code;
	axe_cursor_range(cur);
	cur->opnd.addr += wr->done;
	cur->opnd.left -= wr->done;
	return AXE_OK;
}

/* Our own memory is at fault: the peer hears nothing of it. */
static enum axe_wr_ret axe_try_local_error(struct axe_try *try, enum axe_code code)
{
	return axe_wr_end(try->wr, IB_WC_LOC_PROT_ERR, code);
}

/**
 * axe_try_remote_error - the peer's memory is at fault, of its receive or its key
 * @try:	fails
 * @code:	why
 */
enum axe_wr_ret axe_try_remote_error(struct axe_try *try, enum axe_code code)
{
	if (!axe_wr_is_send(try->wr))
		return axe_try_nak(try, IB_WC_REM_ACCESS_ERR, code, IB_EVENT_QP_ACCESS_ERR);
	axe_try_complete_recv(try, IB_WC_LOC_PROT_ERR, code);
	axe_peer_error(try->b, -1);
	if (!axe_peer_is_reliable(try->a))
		return axe_wr_end(try->wr, IB_WC_SUCCESS, AXE_OK);
	return axe_wr_end(try->wr, IB_WC_REM_OP_ERR, AXE_ERR_PEER);
}

/**
 * axe_try_want - a page is missing: it is faulted in when the peer is left
 * @try:	goes on behind that
 * @cur:	whose next piece cannot be held
 * @to:		it is the destination's
 */
enum axe_wr_ret axe_try_want(struct axe_try *try, struct axe_cursor *cur, bool to)
{
	if (!try->may_sleep)
		return AXE_WR_SLEEPS;
	try->wr->fault_to = to;
	if (!axe_operand_want(&cur->opnd, &try->wanted))
		try->wr->fault = AXE_ERR_GONE;
	return AXE_WR_AGAIN;
}

/**
 * axe_try_copy - copy as far as it goes
 * @try:	goes on where it came to
 * @to:		where to
 * @from:	where from
 * @reads:	the peer's memory is the source
 *
 * Return: AXE_WR_DONE if all is copied, or the request has failed.
 */
enum axe_wr_ret axe_try_copy(struct axe_try *try, struct axe_cursor *to,
			     struct axe_cursor *from, bool reads)
{
	struct axe_wr *wr = try->wr;
	enum axe_copy_ret ret, remote;
	enum axe_code code;

	if (unlikely(wr->fault != AXE_OK)) {
		code = wr->fault;
		ret = wr->fault_to ? AXE_COPY_ERROR_TO : AXE_COPY_ERROR_FROM;
	} else {
		ret = axe_copy(to, from, wr->length, &wr->done, &code);
	}
	switch (ret) {
	case AXE_COPY_DONE:
		return AXE_WR_DONE;
	case AXE_COPY_MORE:
		return try->may_sleep ? AXE_WR_AGAIN : AXE_WR_SLEEPS;
	case AXE_COPY_FAULT_TO:
		return axe_try_want(try, to, true);
	case AXE_COPY_FAULT_FROM:
		return axe_try_want(try, from, false);
	default:
		remote = reads ? AXE_COPY_ERROR_FROM : AXE_COPY_ERROR_TO;
		if (ret == remote)
			return axe_try_remote_error(try, code);
		return axe_try_local_error(try, code);
	}
}

/* The receive is there: does the message fit? */
static bool axe_try_recv_fits(struct axe_try *try)
{
	if (!axe_wr_is_send(try->wr) || try->wr->length <= try->b->recv.length)
		return true;
	axe_try_complete_recv(try, IB_WC_LOC_LEN_ERR, AXE_ERR_LENGTH);
	axe_peer_error(try->b, -1);
	if (axe_peer_is_reliable(try->a))
		axe_wr_end(try->wr, IB_WC_REM_INV_REQ_ERR, AXE_ERR_LENGTH);
	return false;
}

/* The last that a message does. */
static enum axe_wr_ret axe_try_arrive(struct axe_try *try)
{
	struct axe_wr *wr = try->wr;
	enum axe_code code;

	if (wr->cmd.opcode == IB_UVERBS_WR_SEND_WITH_INV) {
		code = axe_mw_invalidate(try->b->dev, try->b->recv_pd, try->b->id,
					 le32_to_cpu(wr->cmd.invalidate_rkey));
		if (code != AXE_OK)
			return axe_try_nak(try, IB_WC_REM_ACCESS_ERR, code,
					   IB_EVENT_QP_ACCESS_ERR);
	}
	if (axe_wr_needs_recv(wr))
		axe_try_complete_recv(try, IB_WC_SUCCESS, AXE_OK);
	return AXE_WR_DONE;
}

static enum axe_wr_ret axe_try_send(struct axe_try *try)
{
	struct axe_cursor to, from;
	enum axe_wr_ret ret;

	ret = axe_try_get_recv(try);
	if (ret != AXE_WR_DONE)
		return ret == AXE_WR_RNR ? axe_connected_miss(try->a, ret) : ret;
	if (!axe_try_recv_fits(try))
		return AXE_WR_DONE;
	axe_cursor_list(&to, try->b->dev, try->b->recv_pd, try->b->recv.sge,
			try->b->recv.num_sge, try->wr->done, true);
	axe_try_local(try, &from, false);
	ret = axe_try_copy(try, &to, &from, false);
	axe_cursor_close(&from);
	axe_cursor_close(&to);
	if (ret == AXE_WR_DONE && try->b->has_recv && try->wr->status == IB_WC_SUCCESS)
		ret = axe_try_arrive(try);
	return ret;
}

static enum axe_wr_ret axe_try_write(struct axe_try *try)
{
	struct axe_cursor to, from;
	enum axe_wr_ret ret;
	enum axe_code code;

	if (!(try->b->access & IB_ACCESS_REMOTE_WRITE))
		return axe_try_refuse(try);
	if (axe_wr_needs_recv(try->wr)) {
		ret = axe_try_get_recv(try);
		if (ret != AXE_WR_DONE)
			return ret == AXE_WR_RNR ? axe_connected_miss(try->a, ret) : ret;
	}
	code = axe_try_remote(try, &to, try->wr->length, IB_ACCESS_REMOTE_WRITE);
	if (code != AXE_OK)
		return axe_try_remote_error(try, code);
	axe_try_local(try, &from, false);
	ret = axe_try_copy(try, &to, &from, false);
	axe_cursor_close(&from);
	axe_cursor_close(&to);
	if (ret == AXE_WR_DONE && try->wr->done == try->wr->length &&
	    try->wr->status == IB_WC_SUCCESS && axe_wr_needs_recv(try->wr))
		ret = axe_try_arrive(try);
	return ret;
}

static enum axe_wr_ret axe_try_read(struct axe_try *try)
{
	struct axe_cursor to, from;
	enum axe_wr_ret ret;
	enum axe_code code;

	if (!(try->b->access & IB_ACCESS_REMOTE_READ) || !try->b->max_dest_rd)
		return axe_try_refuse(try);
	code = axe_try_remote(try, &from, try->wr->length, IB_ACCESS_REMOTE_READ);
	if (code != AXE_OK)
		return axe_try_remote_error(try, code);
	axe_try_local(try, &to, true);
	ret = axe_try_copy(try, &to, &from, true);
	axe_cursor_close(&from);
	axe_cursor_close(&to);
	return ret;
}

static enum axe_wr_ret axe_try_run(struct axe_try *try)
{
	switch (try->wr->cmd.opcode) {
	case IB_UVERBS_WR_SEND_WITH_INV:
		if (!try->may_sleep)
			return AXE_WR_SLEEPS;
		fallthrough;
	case IB_UVERBS_WR_SEND:
	case IB_UVERBS_WR_SEND_WITH_IMM:
		return axe_try_send(try);
	case IB_UVERBS_WR_RDMA_WRITE:
	case IB_UVERBS_WR_RDMA_WRITE_WITH_IMM:
		return axe_try_write(try);
	case IB_UVERBS_WR_RDMA_READ:
		return axe_try_read(try);
	case IB_UVERBS_WR_ATOMIC_WRITE:
		return axe_try_atomic_write(try);
	case IB_UVERBS_WR_FLUSH:
		return axe_try_flush(try);
	default:
		return axe_try_atomic(try);
	}
}

/**
 * axe_connected_run - try a request of a connected QP
 * @peer:	the QP; its wr is the request
 * @may_sleep:	between two tries
 *
 * Return: see enum axe_wr_ret.
 */
enum axe_wr_ret axe_connected_run(struct axe_peer *peer, bool may_sleep)
{
	struct axe_try try = { .a = peer, .wr = &peer->wr, .may_sleep = may_sleep };
	enum axe_wr_ret ret;

	if (!axe_try_enter(&try)) {
		ret = axe_connected_miss(peer, AXE_WR_LOST);
		return ret == AXE_WR_LOST && !may_sleep ? AXE_WR_SLEEPS : ret;
	}
	ret = axe_try_run(&try);
	axe_try_leave(&try);
	if (try.wanted.mirror)
		peer->wr.fault = axe_peer_fault(peer, &try.wanted);
	return ret;
}
