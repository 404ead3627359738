// SPDX-License-Identifier: GPL-2.0
/* Requests that concern nobody but ourselves: memory windows. */

#include "axe.h"
#include "mw.h"
#include "peer.h"
#include "wr.h"

/**
 * axe_local_run - run a BIND_MW or LOCAL_INV
 * @peer:	the QP
 * @may_sleep:	or leave it
 *
 * Return: AXE_WR_SLEEPS without @may_sleep, else AXE_WR_DONE.
 */
enum axe_wr_ret axe_local_run(struct axe_peer *peer, bool may_sleep)
{
	struct axe_wr *wr = &peer->wr;
	enum axe_code code;

	if (!may_sleep)
		return AXE_WR_SLEEPS;
	if (wr->cmd.opcode == IB_UVERBS_WR_BIND_MW) {
		code = axe_mw_bind(peer->dev, peer->pd, peer->id, &wr->cmd);
		return axe_wr_end(wr, code == AXE_OK ? IB_WC_SUCCESS : IB_WC_MW_BIND_ERR, code);
	}
	code = axe_mw_invalidate(peer->dev, peer->pd, peer->id,
				 le32_to_cpu(wr->cmd.invalidate_rkey));
	/* IBA 10.6.7.2 and 11.6.2: an invalid key is a memory management operation error. */
	return axe_wr_end(wr, code == AXE_OK ? IB_WC_SUCCESS : IB_WC_MW_BIND_ERR, code);
}
