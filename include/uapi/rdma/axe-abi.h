/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR Linux-OpenIB) */
/* axe: what the provider and the kernel say to each other beside the standard verbs (udata). */
#ifndef RDMA_AXE_ABI_H
#define RDMA_AXE_ABI_H

#include <linux/types.h>
#include <rdma/axe-ring.h>

/* The uverbs ABI version of the device; the provider refuses any other. */
#define AXE_ABI_VERSION		1

/* A private number ("AXE"); no value of enum rdma_driver_id. */
#define AXE_DRIVER_ID		0x415845

/* IB_USER_VERBS_CMD_GET_CONTEXT */
struct axe_alloc_ucontext_req {
	__u32 ring_version;	/* AXE_RING_VERSION of the library */
	__u32 comp_mask;	/* 0 */
};
AXE_ABI_SIZE(struct axe_alloc_ucontext_req, 8);

struct axe_alloc_ucontext_resp {
	__u32 ring_version;	/* AXE_RING_VERSION of the kernel */
	__u32 comp_mask;
	__u32 max_queue_slots;	/* of one send ring */
	__u32 max_cqe;
	__u32 lanes;		/* commands that one queue may run side by side */
	__u32 reserved;
};
AXE_ABI_SIZE(struct axe_alloc_ucontext_resp, 24);

/* IB_USER_VERBS_EX_CMD_CREATE_CQ */
enum axe_create_cq_flags {
	AXE_CREATE_CQ_TIMESTAMP	= 1 << 0,	/* fill in axe_cqe.timestamp */
};

struct axe_create_cq_req {
	__u32 flags;		/* enum axe_create_cq_flags */
	__u32 comp_mask;	/* 0 */
};
AXE_ABI_SIZE(struct axe_create_cq_req, 8);

struct axe_create_cq_resp {
	__aligned_u64 mmap_offset;
	__u32 mmap_length;
	__u32 entries;
};
AXE_ABI_SIZE(struct axe_create_cq_resp, 16);

/* IB_USER_VERBS_CMD_RESIZE_CQ: no request; the ring moves to a new mapping. */
struct axe_resize_cq_resp {
	__aligned_u64 mmap_offset;
	__u32 mmap_length;
	__u32 entries;
};
AXE_ABI_SIZE(struct axe_resize_cq_resp, 16);

/* Where the commands of a queue run. */
enum axe_queue_mode {
	AXE_QUEUE_AUTO		= 0,	/* tiny commands inline, the rest on workers */
	AXE_QUEUE_INLINE	= 1,	/* in the doorbell's system call */
	AXE_QUEUE_WORKER	= 2,	/* on kernel workers */
	AXE_QUEUE_POLL		= 3,	/* on a kernel worker that spins before it sleeps */
};

enum axe_queue_flags {
	AXE_QUEUE_UNORDERED	= 1 << 0,	/* complete in the order of finishing */
};

/* Whether the commands of a queue go to an accelerator. */
enum axe_offload {
	AXE_OFFLOAD_AUTO	= 0,	/* where there is one; else, or if it fails, the CPU */
	AXE_OFFLOAD_NEVER	= 1,	/* the CPU runs them all */
	AXE_OFFLOAD_ONLY	= 2,	/* an accelerator does, or they fail: AXE_ERR_ENGINE */
};

/*
 * IB_USER_VERBS_EX_CMD_CREATE_QP. All but IBV_QPT_DRIVER: everything zero.
 */
struct axe_create_qp_req {
	__u32 comp_mask;	/* 0 */
	__u8 mode;		/* enum axe_queue_mode */
	__u8 flags;		/* enum axe_queue_flags */
	__u16 lanes;		/* most commands to run side by side; 0: as the device likes */
	__u32 poll_usecs;	/* AXE_QUEUE_POLL: how long to spin; 0: as the device likes */
	__u32 engine;		/* 0: the best; else 1 + an engine's index */
	/* Libraries of version 0.1 end here. */
	__u8 offload;		/* enum axe_offload */
	__u8 reserved[7];
};
AXE_ABI_SIZE(struct axe_create_qp_req, 24);

/* A ring that the QP does not have (the SQ of XRC_RECV, the RQ with an SRQ) is all zero. */
struct axe_create_qp_resp {
	__aligned_u64 sq_mmap_offset;
	__u32 sq_mmap_length;
	__u32 sq_slots;
	__u32 comp_mask;
	__u32 reserved;
	__aligned_u64 rq_mmap_offset;
	__u32 rq_mmap_length;
	__u32 rq_entries;
	__u32 rq_stride;	/* bytes of an entry, a power of two */
	__u32 reserved2;
};
AXE_ABI_SIZE(struct axe_create_qp_resp, 48);

/* IB_USER_VERBS_CMD_CREATE_XSRQ: no request. And where IB_USER_VERBS_CMD_MODIFY_SRQ says. */
struct axe_create_srq_resp {
	__aligned_u64 mmap_offset;
	__u32 mmap_length;
	__u32 entries;
	__u32 stride;		/* bytes of an entry, a power of two */
	__u32 srqn;
};
AXE_ABI_SIZE(struct axe_create_srq_resp, 24);

/*
 * IB_USER_VERBS_CMD_MODIFY_SRQ has no response. A resize moves the ring to a new
 * mapping, with what was posted and not taken at its start.
 */
struct axe_modify_srq_req {
	__aligned_u64 resp_addr;	/* of a struct axe_create_srq_resp */
};
AXE_ABI_SIZE(struct axe_modify_srq_req, 8);

/* IB_USER_VERBS_CMD_CREATE_AH: no request */
struct axe_create_ah_resp {
	__u32 number;		/* axe_send_wr.op.ud.ah */
	__u32 reserved;
};
AXE_ABI_SIZE(struct axe_create_ah_resp, 8);

#endif
