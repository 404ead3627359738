/* SPDX-License-Identifier: GPL-2.0 */
/* Multicast groups: which QPs are attached to them. */
#ifndef AXE_MCAST_H
#define AXE_MCAST_H

#include <linux/types.h>
#include <rdma/ib_verbs.h>

struct axe_peer;

u64 *axe_mcast_list(struct axe_peer *from, unsigned int *num, gfp_t gfp);
struct axe_peer *axe_mcast_get(struct axe_peer *from, u64 id);

extern const struct ib_device_ops axe_mcast_ops;

#endif
