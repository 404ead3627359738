/* SPDX-License-Identifier: GPL-2.0 */
/* Queue pairs that have peers: their verbs, as qp.c calls them. */
#ifndef AXE_PEER_QP_H
#define AXE_PEER_QP_H

#include <rdma/ib_verbs.h>

struct axe_qp;

int axe_peer_create_qp(struct axe_qp *qp, struct ib_qp_init_attr *attr, struct ib_udata *udata);
int axe_peer_modify_qp(struct axe_qp *qp, struct ib_qp_attr *attr, int mask);
void axe_peer_query_qp(struct axe_qp *qp, struct ib_qp_attr *attr);
void axe_peer_destroy_qp(struct axe_qp *qp, struct ib_udata *udata);

#endif
