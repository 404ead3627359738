/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Work requests of peer queues: the steps that ibv_post_send() (peer.c) and the
 * builders (peer_wr.c) share.
 *
 * A request is one slot, and as many extension slots behind it as its scatter
 * list (four entries each, behind the first) or its inline data need. What a
 * request does not use is zero.
 */
#ifndef AXE_PEER_H
#define AXE_PEER_H

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "post.h"

#define AXE_PEER_SEND_FLAGS                                                    \
	(IBV_SEND_FENCE | IBV_SEND_SIGNALED | IBV_SEND_SOLICITED | IBV_SEND_INLINE)

enum axe_peer_traits {
	AXE_PEER_DATA	= 1 << 0,	/* has a scatter list */
	AXE_PEER_INLINE	= 1 << 1,	/* or inline data */
	AXE_PEER_WORD	= 1 << 2,	/* one entry of 8 bytes, no more and no less */
	AXE_PEER_GOES	= 1 << 3,	/* to the peer: XRC has an SRQ's number with it */
	AXE_PEER_POST	= 1 << 4,	/* struct ibv_send_wr can say it */
};

/**
 * struct axe_peer_op - what can be sent
 * @send_op:	its one of enum ibv_qp_create_send_ops_flags
 * @traits:	enum axe_peer_traits
 */
struct axe_peer_op {
	uint16_t send_op;
	uint16_t traits;
};

#define AXE_PEER_OPS	(IBV_WR_ATOMIC_WRITE + 1)

extern const struct axe_peer_op axe_peer_ops[AXE_PEER_OPS];

/* How many extension slots a scatter list needs. */
static inline uint32_t axe_sge_slots(size_t num_sge)
{
	return num_sge > 1 ? (num_sge + AXE_WR_EXT_SGE - 2) / AXE_WR_EXT_SGE : 0;
}

/* How many extension slots so much inline data needs. */
static inline uint32_t axe_inline_slots(size_t length)
{
	return (length + AXE_SLOT_SIZE - 1) / AXE_SLOT_SIZE;
}

/* The index of the slot of the request built last, if nothing has been added to it. */
static inline uint32_t axe_last_index(const struct axe_sq *sq)
{
	return sq->tail - 1;
}

/* All that every request has; the rest is zero. */
static inline void axe_fill_request(struct axe_send_wr *req, enum ibv_wr_opcode opcode,
				    uint64_t wr_id, unsigned int send_flags)
{
	memset(req, 0, sizeof(*req));
	req->opcode = opcode;
	req->flags = axe_send_flags(send_flags);
	req->wr_id = htole64(wr_id);
}

/*
 * The scatter list of the request in slot @index, whose extension slots have
 * been taken. For an 8-byte word, what the application's buffer has beyond it is
 * none of the device's business.
 */
static inline void axe_put_sges(struct axe_sq *sq, struct axe_send_wr *req,
				uint32_t index, const struct ibv_sge *sge,
				size_t num_sge)
{
	struct axe_buf *buf = NULL;
	size_t i;

	req->num_sge = num_sge;
	if (unlikely(!num_sge))
		return;
	axe_set_buf(&req->sge, &sge[0]);
	if (axe_peer_ops[req->opcode].traits & AXE_PEER_WORD)
		req->sge.length = htole32(sizeof(uint64_t));
	if (likely(num_sge == 1))
		return;

	req->ext = axe_sge_slots(num_sge);
	for (i = 1; i < num_sge; i++) {
		if ((i - 1) % AXE_WR_EXT_SGE == 0)
			buf = memset(axe_sq_slot(sq, ++index), 0, AXE_SLOT_SIZE);
		axe_set_buf(buf++, &sge[i]);
	}
}

/**
 * struct axe_inline - inline data on its way into extension slots
 * @sq:		the ring
 * @index:	the slot that is being filled
 * @length:	bytes so far
 */
struct axe_inline {
	struct axe_sq *sq;
	uint32_t index;
	uint32_t length;
};

static inline void axe_inline_add(struct axe_inline *in, const void *data, size_t length)
{
	while (length) {
		uint32_t at = in->length % AXE_SLOT_SIZE;
		uint32_t piece = AXE_SLOT_SIZE - at;

		if (!at)
			in->index++;
		if (piece > length)
			piece = length;
		memcpy(axe_sq_slot(in->sq, in->index) + at, data, piece);
		in->length += piece;
		data += piece;
		length -= piece;
	}
}

/* The data is in: tell the request, and clear the rest of its last slot. */
static inline void axe_inline_end(struct axe_inline *in, struct axe_send_wr *req)
{
	uint32_t at = in->length % AXE_SLOT_SIZE;

	if (at)
		memset(axe_sq_slot(in->sq, in->index) + at, 0, AXE_SLOT_SIZE - at);
	req->flags |= AXE_WR_INLINE;
	req->ext = axe_inline_slots(in->length);
	req->sge.length = htole32(in->length);
}

static inline void axe_fill_bind(struct axe_send_wr *req, const struct ibv_mw *mw,
				 uint32_t rkey, const struct ibv_mw_bind_info *info)
{
	req->rkey = htole32(mw->rkey);
	req->invalidate_rkey = htole32(rkey);
	req->remote_addr = htole64(info->addr);
	req->op.bind.length = htole64(info->length);
	req->op.bind.mr_key = htole32(info->mr ? info->mr->lkey : 0);
	req->op.bind.access = htole32(info->mw_access_flags);
}

#endif
