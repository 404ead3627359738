/* SPDX-License-Identifier: GPL-2.0 */
/* One try of a request of a connected QP. */
#ifndef AXE_TRY_H
#define AXE_TRY_H

#include <linux/types.h>
#include <rdma/ib_verbs.h>

#include "access.h"
#include "cursor.h"
#include "peer.h"

/**
 * struct axe_try - one try of a request
 * @a:		the requester's QP
 * @wr:		its request
 * @b:		the peer, entered
 * @may_sleep:	between two tries
 * @wanted:	what has to be faulted in
 */
struct axe_try {
	struct axe_peer *a;
	struct axe_wr *wr;
	struct axe_peer *b;
	bool may_sleep;
	struct axe_wanted wanted;
};

/* connected.c: what all of them need */
enum axe_wr_ret axe_try_nak(struct axe_try *try, enum ib_wc_status status,
			    enum axe_code code, int event);
enum axe_wr_ret axe_try_refuse(struct axe_try *try);
void axe_try_local(struct axe_try *try, struct axe_cursor *cur, bool write);
enum axe_code axe_try_remote(struct axe_try *try, struct axe_cursor *cur, u64 length,
			     int access);
enum axe_wr_ret axe_try_remote_error(struct axe_try *try, enum axe_code code);
enum axe_wr_ret axe_try_want(struct axe_try *try, struct axe_cursor *cur, bool to);
enum axe_wr_ret axe_try_copy(struct axe_try *try, struct axe_cursor *to,
			     struct axe_cursor *from, bool reads);

/* atomic.c */
enum axe_wr_ret axe_try_atomic(struct axe_try *try);
enum axe_wr_ret axe_try_atomic_write(struct axe_try *try);
enum axe_wr_ret axe_try_flush(struct axe_try *try);

#endif
