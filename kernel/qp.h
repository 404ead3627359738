/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_QP_H
#define AXE_QP_H

#include <linux/mutex.h>
#include <rdma/ib_verbs.h>

#include "queue.h"

/**
 * struct axe_qp - a queue pair
 * @ib:		what verbs knows of it
 * @lock:	serialises changes of state; protects @state, @attr and @queue
 * @state:	as verbs has it
 * @attr:	what was set by modify, to be told by query
 * @signal_all:	every command has a completion
 * @cap:	what was asked for and given
 * @queue:	the accelerator queue; NULL, under @lock, when it is gone
 * @peer:	likewise, of any other QP
 */
struct axe_qp {
	struct ib_qp ib;
	struct mutex lock;	/* see above */
	enum ib_qp_state state;
	struct ib_qp_attr attr;
	bool signal_all;
	struct ib_qp_cap cap;
	struct axe_queue *queue;
	struct axe_peer *peer;
};

static inline struct axe_qp *to_axe_qp(struct ib_qp *ib)
{
	return container_of(ib, struct axe_qp, ib);
}

#endif
