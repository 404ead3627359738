/* SPDX-License-Identifier: GPL-2.0 */
/* axe: what all parts of the driver share. */
#ifndef AXE_H
#define AXE_H

#include <linux/mutex.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <rdma/ib_verbs.h>
#include <rdma/uverbs_ioctl.h>
#include <rdma/axe-abi.h>

#include "compat/compat.h"
#include "ops.h"

struct axe_bell_table;
struct axe_stats;
struct axe_turns;

/* Limits of a device. What a process can have is bounded by these too. */
#define AXE_MAX_QP		65536
#define AXE_MAX_QP_WR		16384
#define AXE_MAX_SRQ		65536
#define AXE_MAX_AH		1048576
#define AXE_MAX_MCAST_ATTACH	65536
#define AXE_MAX_CQ		65536
#define AXE_MAX_CQE		131072
#define AXE_MAX_MR		1048576	/* and memory windows */
#define AXE_MAX_DM_BYTES	(64ULL << 20)
/* Bytes of lists and third operands that all commands of a device have in memory. */
#define AXE_MAX_LOAD_BYTES	(256LL << 20)
#define AXE_MAX_PD		65536
#define AXE_MAX_KEY		65536
#define AXE_MAX_SGE		32
#define AXE_MAX_INLINE		(AXE_SLOT_SIZE * (1 + AXE_MAX_EXT))
#define AXE_MAX_LANES		16
/* Of a peer's message, and of what a UD QP has on its way: a GRH and a path MTU. */
#define AXE_MAX_MSG		0x80000000U
#define AXE_BOUNCE_SIZE		(40 + 4096)
/* Reads and atomics on their way to a peer, as it tells others. */
#define AXE_MAX_RD_ATOMIC	16
/* Bytes of rings that one context may have. */
#define AXE_MAX_RING_BYTES	(256ULL << 20)

#define AXE_GID_TBL_LEN		256
#define AXE_PKEY_TBL_LEN	1

/**
 * struct axe_dev - a device
 * @ib:		what verbs knows of it
 * @attr:	what it says of itself
 * @mrs:	key index to struct axe_region; RCU for readers
 * @mr_cursor:	where the search for a free index goes on; protected by @mrs' lock
 * @mws:	likewise to struct axe_mw, of the indices that windows have
 * @dm_bytes:	of AXE_MAX_DM_BYTES
 * @qps:	QP number to struct axe_peer, or to nothing for an accelerator queue;
 *		RCU for readers
 * @qp_cursor:	likewise, by @qps' lock
 * @srqs:	SRQ number to struct axe_rq; RCU for readers
 * @srq_cursor:	likewise, by @srqs' lock
 * @ahs:	number to struct axe_av; RCU for readers
 * @ah_cursor:	likewise, by @ahs' lock
 * @keys:	number to struct axe_key; RCU for readers
 * @key_cursor:	likewise, by @keys' lock
 * @num_keys:	of AXE_MAX_KEY
 * @num_members: of AXE_MAX_MCAST_ATTACH
 * @gid_node:	in the list of devices that have GIDs
 * @gids:	struct axe_gid
 * @load_bytes:	of AXE_MAX_LOAD_BYTES
 * @num_cqs:	of AXE_MAX_CQ
 * @num_pds:	of AXE_MAX_PD
 * @mirror_lock: protects @mirrors
 * @mirrors:	the page tables of the processes that registered memory
 * @lane_wq:	runs the lanes of all queues
 * @prefetch_wq: runs asynchronous prefetches
 * @priv_pool:	private memory of operations for reuse, by opcode
 * @pool_bytes:	what all of @priv_pool have
 * @priv_shrinker: has it freed when memory is short
 * @stats:	counters
 */
struct axe_dev {
	struct ib_device ib;
	struct ib_device_attr attr;
	struct xarray mrs;
	u32 mr_cursor;
	struct xarray mws;
	atomic64_t dm_bytes;
	struct xarray qps;
	u32 qp_cursor;
	struct xarray srqs;
	u32 srq_cursor;
	struct xarray ahs;
	u32 ah_cursor;
	struct xarray keys;
	u32 key_cursor;
	atomic_t num_keys;
	atomic_t num_members;
	struct list_head gid_node;
	struct list_head gids;
	atomic64_t load_bytes;
	atomic_t num_cqs;
	atomic_t num_pds;
	struct mutex mirror_lock;	/* see above */
	struct list_head mirrors;
	struct workqueue_struct *lane_wq;
	struct workqueue_struct *prefetch_wq;
	struct axe_priv_pool {
		spinlock_t lock;	/* protects the list and its count */
		struct list_head free;
		unsigned int count;
	} priv_pool[AXE_OP_MAX];
	atomic64_t pool_bytes;
	struct shrinker *priv_shrinker;
	struct axe_stats __percpu *stats;
};

struct axe_ucontext {
	struct ib_ucontext ib;
	struct axe_bell_table *bells;
	struct axe_turns *turns;	/* of its queues' workers */
	atomic64_t ring_bytes;		/* of AXE_MAX_RING_BYTES */
};

struct axe_pd {
	struct ib_pd ib;
};

static inline struct axe_dev *to_axe_dev(struct ib_device *ib)
{
	return container_of(ib, struct axe_dev, ib);
}

static inline struct axe_ucontext *to_axe_ucontext(struct ib_ucontext *ib)
{
	return container_of(ib, struct axe_ucontext, ib);
}

/* device.c */
int axe_device_add(const char *name, struct net_device *netdev);
void axe_device_port_event(struct axe_dev *dev, enum ib_event_type event);
unsigned int axe_default_lanes(void);
int axe_refuse_kernel(const struct axe_dev *dev, const char *what);

/* ucontext.c */
extern const struct ib_device_ops axe_ucontext_ops;

/* What each file adds to the device's operations. */
extern const struct ib_device_ops axe_mmap_ops;
extern const struct ib_device_ops axe_cq_ops;
extern const struct ib_device_ops axe_qp_ops;
extern const struct ib_device_ops axe_mr_ops;
extern const struct ib_device_ops axe_kverbs_ops;
extern const struct ib_device_ops axe_mw_ops;
extern const struct ib_device_ops axe_dm_ops;
extern const struct ib_device_ops axe_dmabuf_ops;
extern const struct ib_device_ops axe_stats_ops;

/* dm.c */
extern const struct uapi_definition axe_dm_defs[];

/* uobj_*.c */
extern const struct uapi_definition axe_doorbell_defs[];
extern const struct uapi_definition axe_device_defs[];
extern const struct uapi_definition axe_key_defs[];

#endif
