/* SPDX-License-Identifier: GPL-2.0 */
/* Paths: from a pair of GIDs to the device on this host that owns the other end. */
#ifndef AXE_PATH_H
#define AXE_PATH_H

#include <linux/if_ether.h>
#include <linux/types.h>
#include <rdma/ib_verbs.h>

struct axe_dev;

/**
 * struct axe_path - where datagrams or a connection go
 * @sgid:	our end
 * @dgid:	the other end
 * @dmac:	its neighbour on our link, as the core resolved it
 * @sl:		service level
 * @hop_limit:	of the GRH
 * @traffic_class: of the GRH
 * @flow_label:	of the GRH
 * @seen:	when @dev was found, by axe_path_epoch
 * @dev:	who owns @dgid, for as long as @seen is the present; compared and
 *		followed under RCU only
 */
struct axe_path {
	union ib_gid sgid;
	union ib_gid dgid;
	u8 dmac[ETH_ALEN];
	u8 sl;
	u8 hop_limit;
	u8 traffic_class;
	u32 flow_label;
	int seen;
	struct axe_dev *dev;
};

void axe_path_set(struct axe_path *path, struct axe_dev *dev, const struct rdma_ah_attr *attr);
struct axe_dev *axe_path_find(struct axe_path *path, struct axe_dev *dev);
struct axe_dev *axe_path_search(const struct axe_path *path, struct axe_dev *from);
int axe_path_now(void);
bool axe_path_joins(const struct axe_path *path, struct axe_dev *from, struct axe_dev *to);

void axe_gids_init(struct axe_dev *dev);
void axe_gids_changed(void);

extern const struct ib_device_ops axe_path_ops;

#endif
