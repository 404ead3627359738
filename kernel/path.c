// SPDX-License-Identifier: GPL-2.0
/*
 * Paths: from a pair of GIDs to the device on this host that owns the other end.
 *
 * No packet is sent, yet who may talk to whom is for the network to say. The
 * core has resolved the neighbour's address through the sender's own network
 * namespace; the device that is meant owns the GID and has that address. Where
 * both ends are in one namespace the address is not looked at: what is local
 * there goes over the loopback device, and its neighbour is the sender itself.
 * Two namespaces that no link joins cannot reach each other, though both may
 * have the same addresses.
 */

#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "axe.h"
#include "path.h"

/**
 * struct axe_gid - an entry of a device's GID table
 * @node:	in axe_dev.gids; RCU
 * @rcu:	readers may still look at it when it is freed
 * @gid:	the GID
 * @ndev:	its netdev, held by the core's entry and thus for a grace period more
 */
struct axe_gid {
	struct list_head node;
	struct rcu_head rcu;
	union ib_gid gid;
	struct net_device *ndev;
};

static LIST_HEAD(axe_gid_devs);
/* Protects axe_gid_devs, and the gids of all devices, against other writers. */
static DEFINE_SPINLOCK(axe_gids_lock);
/* Counts what may change the answer of axe_path_find(). */
static atomic_t axe_path_epoch = ATOMIC_INIT(1);

/**
 * axe_gids_changed - what was found out about paths may not hold any more
 */
void axe_gids_changed(void)
{
	atomic_inc(&axe_path_epoch);
}

/**
 * axe_gids_init - a device without GIDs
 * @dev:	new
 */
void axe_gids_init(struct axe_dev *dev)
{
	INIT_LIST_HEAD(&dev->gids);
	INIT_LIST_HEAD(&dev->gid_node);
}

static int axe_add_gid(const struct ib_gid_attr *attr, void **context)
{
	struct axe_dev *dev = to_axe_dev(attr->device);
	struct axe_gid *gid;

	gid = kzalloc(sizeof(*gid), GFP_KERNEL);
	if (!gid)
		return -ENOMEM;
	gid->gid = attr->gid;
	gid->ndev = rcu_dereference_protected(attr->ndev, true);

	spin_lock(&axe_gids_lock);
	if (list_empty(&dev->gids))
		list_add_tail_rcu(&dev->gid_node, &axe_gid_devs);
	list_add_tail_rcu(&gid->node, &dev->gids);
	spin_unlock(&axe_gids_lock);
	*context = gid;
	axe_gids_changed();
	return 0;
}

/* A device that has lost its last GID cannot be found any more. */
static int axe_del_gid(const struct ib_gid_attr *attr, void **context)
{
	struct axe_dev *dev = to_axe_dev(attr->device);
	struct axe_gid *gid = *context;

	spin_lock(&axe_gids_lock);
	list_del_rcu(&gid->node);
	if (list_empty(&dev->gids))
		list_del_rcu(&dev->gid_node);
	spin_unlock(&axe_gids_lock);
	axe_gids_changed();
	kfree_rcu(gid, rcu);
	return 0;
}

static struct net_device *axe_gid_ndev(struct axe_dev *dev, const union ib_gid *wanted)
{
	struct axe_gid *gid;

	list_for_each_entry_rcu(gid, &dev->gids, node) {
		if (!memcmp(&gid->gid, wanted, sizeof(*wanted)) && gid->ndev)
			return gid->ndev;
	}
	return NULL;
}

static bool axe_ndev_is_up(struct net_device *ndev)
{
	return netif_running(ndev) && netif_carrier_ok(ndev);
}

/**
 * axe_path_set - take over what the core made of an address handle
 * @path:	filled in
 * @dev:	ours
 * @attr:	its source GID is resolved
 */
void axe_path_set(struct axe_path *path, struct axe_dev *dev, const struct rdma_ah_attr *attr)
{
	const struct ib_global_route *grh = rdma_ah_read_grh(attr);

	path->sgid = grh->sgid_attr->gid;
	path->dgid = grh->dgid;
	path->hop_limit = grh->hop_limit;
	path->traffic_class = grh->traffic_class;
	path->flow_label = grh->flow_label;
	path->sl = rdma_ah_get_sl(attr);
	ether_addr_copy(path->dmac, attr->roce.dmac);
	path->seen = 0;
	path->dev = NULL;
}

/**
 * axe_path_now - when what is found out about paths is found out
 */
int axe_path_now(void)
{
	return atomic_read_acquire(&axe_path_epoch);
}

/**
 * axe_path_search - the device at the other end, without remembering it
 * @path:	the path
 * @from:	our device
 *
 * Called under rcu_read_lock().
 *
 * Return: as axe_path_find().
 */
struct axe_dev *axe_path_search(const struct axe_path *path, struct axe_dev *from)
{
	struct net_device *ours = axe_gid_ndev(from, &path->sgid);
	struct axe_dev *dev;

	if (!ours || !axe_ndev_is_up(ours))
		return NULL;
	list_for_each_entry_rcu(dev, &axe_gid_devs, gid_node) {
		struct net_device *ndev = axe_gid_ndev(dev, &path->dgid);

		if (!ndev || !axe_ndev_is_up(ndev))
			continue;
		if (net_eq(dev_net(ndev), dev_net(ours)) ||
		    ether_addr_equal(ndev->dev_addr, path->dmac))
			return dev;
	}
	return NULL;
}

/**
 * axe_path_find - the device at the other end
 * @path:	remembers what was found; the caller serialises
 * @dev:	ours
 *
 * Called under rcu_read_lock().
 *
 * Return: the device, valid until rcu_read_unlock(), or NULL: nobody there.
 */
struct axe_dev *axe_path_find(struct axe_path *path, struct axe_dev *dev)
{
	int now = axe_path_now();

	if (likely(path->seen == now))
		return path->dev;
	path->dev = axe_path_search(path, dev);
	path->seen = now;
	return path->dev;
}

/**
 * axe_path_joins - does what is sent to a multicast group reach a device?
 * @path:	to the group
 * @from:	the sender's device
 * @to:		a member's device
 *
 * Called under rcu_read_lock().
 *
 * Return: true for the sender's own device, one in its network namespace, and
 * one whose netdev is the other end of the sender's (as with veth).
 */
bool axe_path_joins(const struct axe_path *path, struct axe_dev *from, struct axe_dev *to)
{
	struct net_device *ours = axe_gid_ndev(from, &path->sgid);
	struct axe_gid *gid;

	if (!ours || !axe_ndev_is_up(ours))
		return false;
	list_for_each_entry_rcu(gid, &to->gids, node) {
		if (!gid->ndev || !axe_ndev_is_up(gid->ndev))
			continue;
		if (net_eq(dev_net(gid->ndev), dev_net(ours)))
			return true;
		if (ours->netdev_ops->ndo_get_peer_dev &&
		    ours->netdev_ops->ndo_get_peer_dev(ours) == gid->ndev)
			return true;
	}
	return false;
}

const struct ib_device_ops axe_path_ops = {
	.add_gid = axe_add_gid,
	.del_gid = axe_del_gid,
};
