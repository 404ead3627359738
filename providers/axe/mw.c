// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Memory windows. Binding one is a work request, see peer.c. */

#include <errno.h>
#include <stdlib.h>

#include "post.h"

struct ibv_mw *axe_alloc_mw(struct ibv_pd *ibvpd, enum ibv_mw_type type)
{
	struct ib_uverbs_alloc_mw_resp resp;
	struct ibv_alloc_mw cmd;
	struct ibv_mw *mw;
	int err;

	if (type != IBV_MW_TYPE_1 && type != IBV_MW_TYPE_2) {
		errno = EINVAL;
		return NULL;
	}
	mw = calloc(1, sizeof(*mw));
	if (!mw)
		return NULL;

	err = ibv_cmd_alloc_mw(ibvpd, type, mw, &cmd, sizeof(cmd), &resp, sizeof(resp));
	if (err) {
		free(mw);
		errno = err;
		return NULL;
	}
	return mw;
}

int axe_dealloc_mw(struct ibv_mw *ibvmw)
{
	int err;

	err = ibv_cmd_dealloc_mw(ibvmw);
	if (err)
		return err;
	free(ibvmw);
	return 0;
}

/*
 * Type 1: the library chooses the new key, as other providers do. Should the
 * binding fail, its completion says so; then the window has its old key, and the
 * application has to put that back.
 */
int axe_bind_mw(struct ibv_qp *ibvqp, struct ibv_mw *ibvmw,
		struct ibv_mw_bind *bind)
{
	struct ibv_send_wr wr = {
		.wr_id = bind->wr_id,
		.opcode = IBV_WR_BIND_MW,
		.send_flags = bind->send_flags,
		.bind_mw = {
			.mw = ibvmw,
			.rkey = ibv_inc_rkey(ibvmw->rkey),
			.bind_info = bind->bind_info,
		},
	};
	struct axe_qp *qp = to_axe_qp(ibvqp);
	int err;

	if (!qp->sq.hdr || !axe_lock(&qp->lock))
		return EINVAL;
	axe_begin(qp);
	err = qp->sq.err;
	if (!err)
		err = axe_peer_bind_mw(qp, &wr);
	if (!err)
		err = axe_publish(qp);
	axe_unlock(&qp->lock);
	if (!err)
		ibvmw->rkey = wr.bind_mw.rkey;
	return err;
}
