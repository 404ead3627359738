/* SPDX-License-Identifier: GPL-2.0 */
/*
 * So much of the kernel as the files need that take commands from rings and find
 * their operands: everything that they include (CMakeLists.txt lists it) is this.
 */
#ifndef AXE_FUZZ_KERNEL_H
#define AXE_FUZZ_KERNEL_H

#include <errno.h>

#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/bug.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <asm/byteorder.h>
#include <rdma/ib_user_ioctl_verbs.h>

/* Of headers that would need more than there is here. */
#define AXE_COMPAT_H
#define AXE_TRACE_H

/*---- the compiler ----*/

#define U8_MAX			UINT8_MAX
#define likely(x)		(x)
#define unlikely(x)		(x)
#define __percpu
#define __acquires(x)
#define __releases(x)
#define __acquire(x)		((void)0)
#define __release(x)		((void)0)
#define container_of(p, type, member) \
	((type *)((char *)(p) - offsetof(type, member)))
#define swap(a, b)		do { __typeof__(a) t_ = (a); (a) = (b); (b) = t_; } while (0)
#define min3(a, b, c)		min_t(__typeof__(a), min(a, b), c)
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define ALIGN_DOWN(x, a)	((x) & ~((__typeof__(x))(a) - 1))
#define array_index_nospec(i, n)	((i) < (n) ? (i) : 0)

/*---- one thread, so no order ----*/

#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)	((x) = (v))
#define smp_store_release(p, v)	WRITE_ONCE(*(p), v)	/* nobody loads it */
#define smp_mb()		((void)0)	/* likewise */

/*---- locks: one thread, but who needs one must have it ----*/

typedef struct { bool held; } spinlock_t;
struct mutex { bool held; };
struct completion { bool done; };
struct rcu_head { int unused; };
struct kref { int count; };
typedef struct { int count; } refcount_t;
typedef struct { int counter; } atomic_t;
typedef struct { s64 counter; } atomic64_t;

#define spin_lock(l)		do { BUG_ON((l)->held); (l)->held = true; } while (0)
#define spin_lock_nested(l, n)	spin_lock(l)
#define spin_unlock(l)		do { BUG_ON(!(l)->held); (l)->held = false; } while (0)
#define lockdep_assert_held(l)	BUG_ON(!(l)->held)
#define complete(c)		((c)->done = true)
#define kref_get(k)		((k)->count++)

static inline bool refcount_inc_not_zero(refcount_t *r)
{
	return r->count && r->count++;
}

static inline bool refcount_dec_and_test(refcount_t *r)
{
	BUG_ON(r->count <= 0);
	return !--r->count;
}

/*---- lists, workers, time: as far as they have to be there ----*/

struct list_head { struct list_head *next, *prev; };
struct hlist_head { void *first; };
struct hlist_node { void *next; };
struct work_struct { int unused; };
struct delayed_work { struct work_struct work; };
typedef struct { int unused; } wait_queue_head_t;
struct hrtimer { int unused; };
struct mmu_interval_notifier { int unused; };
struct net_device;
struct page { void *addr; };

/*---- memory ----*/

#define PAGE_SHIFT		12
#define PAGE_SIZE		(1UL << PAGE_SHIFT)
#define PAGE_MASK		(~(PAGE_SIZE - 1))
#define offset_in_page(p)	((unsigned long)(p) & ~PAGE_MASK)
#define page_address(p)		((p)->addr)

/* Few entries, found by looking. */
struct xarray {
	unsigned long index[16];
	void *entry[16];
	unsigned int n;
};

/*---- verbs ----*/

enum ib_wc_status {
	IB_WC_SUCCESS, IB_WC_LOC_LEN_ERR, IB_WC_LOC_QP_OP_ERR, IB_WC_LOC_EEC_OP_ERR,
	IB_WC_LOC_PROT_ERR, IB_WC_WR_FLUSH_ERR, IB_WC_MW_BIND_ERR, IB_WC_BAD_RESP_ERR,
	IB_WC_LOC_ACCESS_ERR, IB_WC_REM_INV_REQ_ERR, IB_WC_REM_ACCESS_ERR, IB_WC_REM_OP_ERR,
	IB_WC_RETRY_EXC_ERR, IB_WC_RNR_RETRY_EXC_ERR, IB_WC_GENERAL_ERR = 21,
};

enum ib_qp_state {
	IB_QPS_RESET, IB_QPS_INIT, IB_QPS_RTR, IB_QPS_RTS, IB_QPS_SQD, IB_QPS_SQE, IB_QPS_ERR,
};

enum ib_qp_type {
	IB_QPT_GSI = 1, IB_QPT_RC, IB_QPT_UC, IB_QPT_UD, IB_QPT_XRC_INI = 9, IB_QPT_XRC_TGT,
};

enum ib_event_type {
	IB_EVENT_CQ_ERR, IB_EVENT_QP_FATAL, IB_EVENT_QP_REQ_ERR, IB_EVENT_QP_ACCESS_ERR,
	IB_EVENT_SQ_DRAINED = 5, IB_EVENT_SRQ_ERR = 14, IB_EVENT_SRQ_LIMIT_REACHED,
};

#define IB_ACCESS_LOCAL_WRITE		IB_UVERBS_ACCESS_LOCAL_WRITE
#define IB_ACCESS_REMOTE_WRITE		IB_UVERBS_ACCESS_REMOTE_WRITE
#define IB_ACCESS_REMOTE_ATOMIC		IB_UVERBS_ACCESS_REMOTE_ATOMIC

struct ib_device { int unused; };
struct ib_device_attr { int unused; };
struct ib_ucontext { int unused; };
struct ib_pd { int unused; };
struct ib_cq { int unused; };
struct rdma_ah_attr;
struct uapi_definition { int unused; };
union ib_gid { u8 raw[16]; };
struct ib_recv_wr { u64 wr_id; struct ib_sge *sg_list; int num_sge; };

#define ib_device_try_get(d)		((void)(d), true)
#define ib_device_put(d)		((void)(d))

#endif
