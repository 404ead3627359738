// SPDX-License-Identifier: GPL-2.0
/* The device: what it says of itself, how it comes and goes. */

#include <linux/cpumask.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <net/addrconf.h>
#include <rdma/ib_addr.h>
#include <rdma/ib_mad.h>
#include <rdma/uverbs_ioctl.h>

#include "axe.h"
#include "ah.h"
#include "engine.h"
#include "mcast.h"
#include "path.h"
#include "srq.h"
#include "stats.h"

unsigned int axe_default_lanes(void)
{
	return min_t(unsigned int, num_online_cpus(), AXE_MAX_LANES);
}

static int axe_query_device(struct ib_device *ib, struct ib_device_attr *attr,
			    struct ib_udata *udata)
{
	if (udata && (udata->inlen || udata->outlen))
		return -EINVAL;

	*attr = to_axe_dev(ib)->attr;
	return 0;
}

/* Of a port whose netdev is there. */
static void axe_port_state(const struct net_device *netdev, struct ib_port_attr *attr)
{
	if (!netif_running(netdev))
		return;
	if (netif_carrier_ok(netdev)) {
		attr->state = IB_PORT_ACTIVE;
		attr->phys_state = IB_PORT_PHYS_STATE_LINK_UP;
	} else {
		attr->phys_state = IB_PORT_PHYS_STATE_POLLING;
	}
}

static int axe_query_port(struct ib_device *ib, u32 port, struct ib_port_attr *attr)
{
	struct net_device *netdev = ib_device_get_netdev(ib, port);

	/* Nothing is cut into packets of the netdev. */
	attr->max_mtu = IB_MTU_4096;
	attr->active_mtu = IB_MTU_4096;
	attr->ip_gids = true;
	attr->port_cap_flags = IB_PORT_CM_SUP;
	attr->gid_tbl_len = AXE_GID_TBL_LEN;
	attr->pkey_tbl_len = AXE_PKEY_TBL_LEN;
	attr->max_msg_sz = AXE_MAX_MSG;
	attr->max_vl_num = 1;
	/* Without a netdev, or with one that goes, the device goes too: a port all the same. */
	attr->state = IB_PORT_DOWN;
	attr->phys_state = IB_PORT_PHYS_STATE_DISABLED;
	attr->active_speed = IB_SPEED_SDR;
	attr->active_width = IB_WIDTH_1X;
	if (!netdev)
		return 0;

	if (!ib_get_eth_speed(ib, port, &attr->active_speed, &attr->active_width))
		axe_port_state(netdev, attr);
	dev_put(netdev);
	return 0;
}

/* In units of 100 Mb/s. Not known to all kernels. */
static int __maybe_unused axe_query_port_speed(struct ib_device *ib, u32 port, u64 *speed)
{
	struct ib_port_attr attr = {};
	struct ib_port_speed_info info;
	int ret;

	ret = axe_query_port(ib, port, &attr);
	if (!ret)
		ret = ib_port_attr_to_speed_info(&attr, &info);
	if (!ret)
		*speed = info.rate;
	return ret;
}

static int axe_query_pkey(struct ib_device *ib, u32 port, u16 index, u16 *pkey)
{
	if (index >= AXE_PKEY_TBL_LEN)
		return -EINVAL;

	*pkey = IB_DEFAULT_PKEY_FULL;
	return 0;
}

static int axe_get_port_immutable(struct ib_device *ib, u32 port,
				  struct ib_port_immutable *immutable)
{
	immutable->core_cap_flags = RDMA_CORE_PORT_IBA_ROCE_UDP_ENCAP;
	immutable->max_mad_size = IB_MGMT_MAD_SIZE;
	immutable->gid_tbl_len = AXE_GID_TBL_LEN;
	immutable->pkey_tbl_len = AXE_PKEY_TBL_LEN;
	return 0;
}

static enum rdma_link_layer axe_get_link_layer(struct ib_device *ib, u32 port)
{
	return IB_LINK_LAYER_ETHERNET;
}

static void axe_get_dev_fw_str(struct ib_device *ib, char *str)
{
	snprintf(str, IB_FW_VERSION_NAME_MAX, "%d.%d", AXE_ABI_VERSION,
		 AXE_RING_VERSION);
}

/**
 * axe_refuse_kernel - tell why a kernel user of verbs cannot have something
 * @dev:	the device
 * @what:	it asks for
 *
 * Return: -EOPNOTSUPP.
 */
int axe_refuse_kernel(const struct axe_dev *dev, const char *what)
{
	ibdev_notice_ratelimited(&dev->ib,
				 "a kernel module asks for %s: axe serves programs, and of the kernel only the connection manager\n",
				 what);
	return -EOPNOTSUPP;
}

static void axe_device_free(struct axe_dev *dev)
{
	axe_priv_pools_drain(dev);
	if (dev->prefetch_wq)
		destroy_workqueue(dev->prefetch_wq);
	if (dev->lane_wq)
		destroy_workqueue(dev->lane_wq);
	axe_stats_free(dev);
	WARN_ON(!xa_empty(&dev->mrs));
	xa_destroy(&dev->mrs);
	WARN_ON(!xa_empty(&dev->mws));
	xa_destroy(&dev->mws);
	WARN_ON(atomic64_read(&dev->dm_bytes));
	WARN_ON(!xa_empty(&dev->qps));
	xa_destroy(&dev->qps);
	WARN_ON(!xa_empty(&dev->srqs));
	xa_destroy(&dev->srqs);
	WARN_ON(!xa_empty(&dev->ahs));
	xa_destroy(&dev->ahs);
	WARN_ON(!xa_empty(&dev->keys));
	xa_destroy(&dev->keys);
	WARN_ON(!list_empty(&dev->gids));
	WARN_ON(!list_empty(&dev->mirrors));
	mutex_destroy(&dev->mirror_lock);
}

static void axe_dealloc_driver(struct ib_device *ib)
{
	axe_device_free(to_axe_dev(ib));
}

static const struct ib_device_ops axe_device_ops = {
	.owner = THIS_MODULE,
	.driver_id = AXE_DRIVER_ID,
	.uverbs_abi_ver = AXE_ABI_VERSION,

	.query_device = axe_query_device,
	.query_port = axe_query_port,
	.query_pkey = axe_query_pkey,
	AXE_OPS_QUERY_PORT_SPEED(axe_query_port_speed)
	.get_port_immutable = axe_get_port_immutable,
	.get_link_layer = axe_get_link_layer,
	.get_dev_fw_str = axe_get_dev_fw_str,
	.dealloc_driver = axe_dealloc_driver,
};

static const struct uapi_definition axe_uapi_defs[] = {
	UAPI_DEF_CHAIN(axe_doorbell_defs),
	UAPI_DEF_CHAIN(axe_device_defs),
	UAPI_DEF_CHAIN(axe_key_defs),
	UAPI_DEF_CHAIN(axe_dm_defs),
	{},
};

/* All memory is the same to all requests. */
#define AXE_ODP_UD	(IB_ODP_SUPPORT_SEND | IB_ODP_SUPPORT_RECV | IB_ODP_SUPPORT_SRQ_RECV)
#define AXE_ODP_UC	(AXE_ODP_UD | IB_ODP_SUPPORT_WRITE)
#define AXE_ODP_RC	(AXE_ODP_UC | IB_ODP_SUPPORT_READ | IB_ODP_SUPPORT_ATOMIC | \
			 IB_ODP_SUPPORT_FLUSH | IB_ODP_SUPPORT_ATOMIC_WRITE)

static void axe_set_attrs(struct ib_device_attr *attr, __be64 guid)
{
	attr->fw_ver = ((u64)AXE_ABI_VERSION << 32) | AXE_RING_VERSION;
	attr->sys_image_guid = guid;
	attr->vendor_id = AXE_DRIVER_ID;
	attr->max_mr_size = U64_MAX;
	attr->page_size_cap = PAGE_MASK;
	attr->max_qp = AXE_MAX_QP;
	attr->max_qp_wr = AXE_MAX_QP_WR;
	attr->max_send_sge = AXE_MAX_SGE;
	attr->max_recv_sge = AXE_MAX_SGE;
	attr->max_sge_rd = AXE_MAX_SGE;
	attr->max_cq = AXE_MAX_CQ;
	attr->max_cqe = AXE_MAX_CQE;
	attr->cq_caps.max_cq_moderation_count = U16_MAX;
	attr->cq_caps.max_cq_moderation_period = U16_MAX;
	attr->max_mr = AXE_MAX_MR;
	attr->max_mw = AXE_MAX_MR;
	attr->max_dm_size = AXE_MAX_DM_BYTES;
	attr->max_pd = AXE_MAX_PD;
	attr->max_pkeys = AXE_PKEY_TBL_LEN;
	attr->max_qp_rd_atom = AXE_MAX_RD_ATOMIC;
	attr->max_qp_init_rd_atom = AXE_MAX_RD_ATOMIC;
	attr->max_res_rd_atom = AXE_MAX_RD_ATOMIC * AXE_MAX_QP;
	attr->max_srq = AXE_MAX_SRQ;
	attr->max_srq_wr = AXE_MAX_QP_WR;
	attr->max_srq_sge = AXE_MAX_SGE;
	attr->max_ah = AXE_MAX_AH;
	attr->max_mcast_grp = AXE_MAX_MCAST_ATTACH;
	attr->max_mcast_qp_attach = AXE_MAX_MCAST_ATTACH;
	attr->max_total_mcast_qp_attach = AXE_MAX_MCAST_ATTACH;
	/* They are the CPU's own. */
	attr->atomic_cap = IB_ATOMIC_GLOB;
	attr->device_cap_flags = IB_DEVICE_CURR_QP_STATE_MOD | IB_DEVICE_RC_RNR_NAK_GEN |
				 IB_DEVICE_SRQ_RESIZE | IB_DEVICE_PORT_ACTIVE_EVENT |
				 IB_DEVICE_SYS_IMAGE_GUID | IB_DEVICE_XRC |
				 IB_DEVICE_MEM_WINDOW | IB_DEVICE_MEM_WINDOW_TYPE_2B |
				 IB_DEVICE_MEM_MGT_EXTENSIONS | IB_DEVICE_FLUSH_GLOBAL |
				 IB_DEVICE_ATOMIC_WRITE;
	attr->kernel_cap_flags = IBK_ALLOW_USER_UNREG | IBK_ON_DEMAND_PAGING |
				 IBK_LOCAL_DMA_LKEY;
	attr->odp_caps.general_caps = IB_ODP_SUPPORT | IB_ODP_SUPPORT_IMPLICIT;
	attr->odp_caps.per_transport_caps.rc_odp_caps = AXE_ODP_RC;
	attr->odp_caps.per_transport_caps.uc_odp_caps = AXE_ODP_UC;
	attr->odp_caps.per_transport_caps.ud_odp_caps = AXE_ODP_UD;
	attr->odp_caps.per_transport_caps.xrc_odp_caps = AXE_ODP_RC;
	/* Completion timestamps are nanoseconds. */
	attr->hca_core_clock = 1000000;
	attr->timestamp_mask = U64_MAX;
}

/* Set up what the driver has beside struct ib_device. On failure, call axe_device_free(). */
static int axe_device_init(struct axe_dev *dev)
{
	int ret;

	xa_init_flags(&dev->mrs, XA_FLAGS_ALLOC1);
	xa_init(&dev->mws);
	xa_init_flags(&dev->qps, XA_FLAGS_ALLOC);
	xa_init_flags(&dev->srqs, XA_FLAGS_ALLOC1);
	xa_init_flags(&dev->ahs, XA_FLAGS_ALLOC1);
	xa_init_flags(&dev->keys, XA_FLAGS_ALLOC1);
	axe_gids_init(dev);
	mutex_init(&dev->mirror_lock);
	INIT_LIST_HEAD(&dev->mirrors);
	ret = axe_priv_pools_init(dev);
	if (ret)
		return ret;
	dev->lane_wq = alloc_workqueue("axe", WQ_UNBOUND, WQ_UNBOUND_MAX_ACTIVE);
	dev->prefetch_wq = alloc_workqueue("axe_prefetch", WQ_UNBOUND,
					   num_possible_cpus());
	if (!dev->lane_wq || !dev->prefetch_wq)
		return -ENOMEM;
	return axe_stats_alloc(dev);
}

int axe_device_add(const char *name, struct net_device *netdev)
{
	struct axe_dev *dev;
	struct ib_device *ib;
	int ret;

	dev = ib_alloc_device(axe_dev, ib);
	if (!dev)
		return -ENOMEM;
	ib = &dev->ib;

	ret = axe_device_init(dev);
	if (ret) {
		axe_device_free(dev);
		goto dealloc_device;
	}

	ib->node_type = RDMA_NODE_IB_CA;
	ib->phys_port_cnt = 1;
	ib->num_comp_vectors = num_possible_cpus();
	strscpy(ib->node_desc, "axe", sizeof(ib->node_desc));
	addrconf_addr_eui48((u8 *)&ib->node_guid, netdev->dev_addr);
	axe_set_attrs(&dev->attr, ib->node_guid);
	ib->uverbs_cmd_mask |= BIT_ULL(IB_USER_VERBS_CMD_REQ_NOTIFY_CQ);

	ib_set_device_ops(ib, &axe_device_ops);
	ib_set_device_ops(ib, &axe_ucontext_ops);
	ib_set_device_ops(ib, &axe_mmap_ops);
	ib_set_device_ops(ib, &axe_cq_ops);
	ib_set_device_ops(ib, &axe_qp_ops);
	ib_set_device_ops(ib, &axe_kverbs_ops);
	ib_set_device_ops(ib, &axe_path_ops);
	ib_set_device_ops(ib, &axe_ah_ops);
	ib_set_device_ops(ib, &axe_srq_ops);
	ib_set_device_ops(ib, &axe_mcast_ops);
	ib_set_device_ops(ib, &axe_mr_ops);
	ib_set_device_ops(ib, &axe_mw_ops);
	ib_set_device_ops(ib, &axe_dm_ops);
	ib_set_device_ops(ib, &axe_dmabuf_ops);
	ib_set_device_ops(ib, &axe_stats_ops);
	ib->driver_def = axe_uapi_defs;

	ret = ib_device_set_netdev(ib, netdev, 1);
	if (ret)
		goto dealloc_device;

	ib_mark_name_assigned_by_user(ib);
	ret = ib_register_device(ib, name, NULL);
	if (ret)
		goto dealloc_device;
	return 0;

dealloc_device:
	/* Once the ops are set this calls axe_dealloc_driver(). */
	ib_dealloc_device(ib);
	return ret;
}

void axe_device_port_event(struct axe_dev *dev, enum ib_event_type event)
{
	struct ib_event ev = {
		.device = &dev->ib,
		.element.port_num = 1,
		.event = event,
	};

	ib_dispatch_event(&ev);
}
