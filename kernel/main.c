// SPDX-License-Identifier: GPL-2.0
/* axe: accelerators as RDMA verbs devices. Module, rdma link type, netdev events. */

#include <linux/if_arp.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <rdma/rdma_netlink.h>

#include "axe.h"
#include "engine.h"
#include "mirror.h"
#include "ops.h"
#include "path.h"
#include "peer.h"
#include "selftest.h"
#include "stats.h"

MODULE_AUTHOR("The axe authors");
MODULE_DESCRIPTION("Accelerators as RDMA verbs devices");
MODULE_LICENSE("GPL");
MODULE_ALIAS_RDMA_LINK("axe");

/* A netdev has one axe at most: taken while one is made. */
static DEFINE_MUTEX(axe_newlink_lock);

static struct axe_dev *axe_get_by_netdev(struct net_device *netdev)
{
	struct ib_device *ib = ib_device_get_by_netdev(netdev, AXE_DRIVER_ID);

	return ib ? to_axe_dev(ib) : NULL;
}

static int axe_newlink(const char *name, struct net_device *netdev)
{
	struct axe_dev *dev;
	int ret = -EEXIST;

	if (netdev->type != ARPHRD_ETHER && netdev->type != ARPHRD_LOOPBACK)
		return -EINVAL;

	mutex_lock(&axe_newlink_lock);
	dev = axe_get_by_netdev(netdev);
	if (dev)
		ib_device_put(&dev->ib);
	else
		ret = axe_device_add(name, netdev);
	mutex_unlock(&axe_newlink_lock);
	return ret;
}

static struct rdma_link_ops axe_link_ops = {
	.type = "axe",
	.newlink = axe_newlink,
};

static int axe_netdev_event(struct notifier_block *nb, unsigned long event,
			    void *arg)
{
	struct net_device *netdev = netdev_notifier_info_to_dev(arg);
	struct axe_dev *dev = axe_get_by_netdev(netdev);

	if (!dev)
		return NOTIFY_OK;

	/* Up or down, another address, another namespace. */
	axe_gids_changed();
	switch (event) {
	case NETDEV_UNREGISTER:
		ib_unregister_device_queued(&dev->ib);
		break;
	case NETDEV_UP:
		axe_device_port_event(dev, IB_EVENT_PORT_ACTIVE);
		break;
	case NETDEV_DOWN:
		axe_device_port_event(dev, IB_EVENT_PORT_ERR);
		break;
	default:
		break;
	}
	ib_device_put(&dev->ib);
	return NOTIFY_OK;
}

static struct notifier_block axe_netdev_nb = {
	.notifier_call = axe_netdev_event,
};

static int __init axe_init(void)
{
	int ret;

	axe_mirror_teach_lockdep();
	axe_stats_init();
	axe_engines_init();
	axe_rnr_init();

	ret = register_netdevice_notifier(&axe_netdev_nb);
	if (ret)
		return ret;

	rdma_link_register(&axe_link_ops);
	axe_selftest_init();
	return 0;
}

static void __exit axe_exit(void)
{
	axe_selftest_exit();
	rdma_link_unregister(&axe_link_ops);
	unregister_netdevice_notifier(&axe_netdev_nb);
	ib_unregister_driver(AXE_DRIVER_ID);
	rcu_barrier();
	axe_digest_unload();
}

module_init(axe_init);
module_exit(axe_exit);
