/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
#ifndef AXE_H
#define AXE_H

#include <stddef.h>
#include <stdint.h>
#include <stdatomic.h>

#include <infiniband/driver.h>
#include <infiniband/axedv.h>
#include <util/util.h>

#include "lock.h"
#include "ring.h"

/* A command with its extension slot: what a capsule can hold. */
#define AXE_MAX_INLINE	(AXE_SLOT_SIZE * (1 + AXE_MAX_EXT))

struct axe_context {
	struct verbs_context ibvctx;
	int doorbell_fd;
	uint32_t max_queue_slots;
	uint32_t lanes;
};

struct axe_td {
	struct ibv_td ibvtd;
	atomic_int refcount;
};

/**
 * struct axe_pd - a protection domain or a parent domain
 * @ibvpd:	a parent domain has the handle of the PD it stands for
 * @orig:	of a parent domain: that PD; NULL: not a parent domain
 * @td:		of a parent domain: its thread domain, if it has one
 * @refcount:	of a PD: itself and the parent domains that stand for it
 */
struct axe_pd {
	struct ibv_pd ibvpd;
	struct axe_pd *orig;
	struct axe_td *td;
	atomic_int refcount;
};

/**
 * struct axe_cq - a completion queue
 * @hdr:	start of the mapping; moves when the CQ is resized
 * @ring:	first CQE
 * @mask:	number of CQEs less one
 * @length:	of the mapping
 * @lock:	covers all of this, and the consumer index. Held from start_poll to
 *		end_poll.
 * @cur:	between start_poll and end_poll: the CQE that the readers read
 * @next:	between start_poll and end_poll: index behind @cur
 * @ready:	between start_poll and end_poll: producer index as last seen
 * @wallclock_valid: @wallclock was measured since start_poll
 * @wallclock:	CLOCK_REALTIME less CLOCK_MONOTONIC_RAW, in nanoseconds
 */
struct axe_cq {
	struct verbs_cq verbs_cq;
	struct axe_cq_hdr *hdr;
	struct axe_cqe *ring;
	uint32_t mask;
	size_t length;
	struct axe_lock lock;
	struct axe_cqe *cur;
	uint32_t next;
	uint32_t ready;
	bool wallclock_valid;
	int64_t wallclock;
};

/**
 * struct axe_qp - a queue pair
 * @lock:	covers @sq. Held from ibv_wr_start() to complete or abort.
 * @sq:		the send ring
 * @doorbell_fd: of the context
 * @length:	of the mapping
 */
struct axe_qp {
	struct verbs_qp verbs_qp;
	struct axe_lock lock;
	struct axe_sq sq;
	int doorbell_fd;
	size_t length;
};

static inline struct axe_context *to_axe_context(struct ibv_context *ibvctx)
{
	return container_of(ibvctx, struct axe_context, ibvctx.context);
}

static inline struct axe_pd *to_axe_pd(struct ibv_pd *ibvpd)
{
	return container_of(ibvpd, struct axe_pd, ibvpd);
}

static inline struct axe_td *to_axe_td(struct ibv_td *ibvtd)
{
	return container_of(ibvtd, struct axe_td, ibvtd);
}

static inline struct axe_cq *to_axe_cq(struct ibv_cq *ibvcq)
{
	return container_of(ibvcq, struct axe_cq, verbs_cq.cq);
}

static inline struct axe_cq *to_axe_cq_ex(struct ibv_cq_ex *ibvcq)
{
	return container_of(ibvcq, struct axe_cq, verbs_cq.cq_ex);
}

static inline struct axe_qp *to_axe_qp(struct ibv_qp *ibvqp)
{
	return container_of(ibvqp, struct axe_qp, verbs_qp.qp);
}

static inline struct axe_qp *to_axe_qp_ex(struct ibv_qp_ex *ibvqp)
{
	return container_of(ibvqp, struct axe_qp, verbs_qp.qp_ex);
}

/* axe.c */
bool axe_is_axe_device(struct ibv_device *device);
void *axe_map_ring(struct ibv_context *ibvctx, uint64_t offset, size_t length,
		   uint32_t entries, size_t entry_size);

/* pd.c */
struct ibv_pd *axe_alloc_pd(struct ibv_context *ibvctx);
int axe_dealloc_pd(struct ibv_pd *ibvpd);
struct ibv_pd *axe_alloc_parent_domain(struct ibv_context *ibvctx,
				       struct ibv_parent_domain_init_attr *attr);
struct ibv_td *axe_alloc_td(struct ibv_context *ibvctx,
			    struct ibv_td_init_attr *attr);
int axe_dealloc_td(struct ibv_td *ibvtd);

/* mr.c */
struct ibv_mr *axe_reg_mr(struct ibv_pd *ibvpd, void *addr, size_t length,
			  uint64_t hca_va, int access);
struct ibv_mr *axe_reg_dmabuf_mr(struct ibv_pd *ibvpd, uint64_t offset,
				 size_t length, uint64_t iova, int fd,
				 int access);
int axe_rereg_mr(struct verbs_mr *vmr, int flags, struct ibv_pd *ibvpd,
		 void *addr, size_t length, int access);
int axe_dereg_mr(struct verbs_mr *vmr);

/* cq.c */
struct ibv_cq *axe_create_cq(struct ibv_context *ibvctx, int cqe,
			     struct ibv_comp_channel *channel, int comp_vector);
struct ibv_cq_ex *axe_create_cq_ex(struct ibv_context *ibvctx,
				   struct ibv_cq_init_attr_ex *attr);
int axe_resize_cq(struct ibv_cq *ibvcq, int cqe);
int axe_destroy_cq(struct ibv_cq *ibvcq);
int axe_poll_cq(struct ibv_cq *ibvcq, int num_entries, struct ibv_wc *wc);
int axe_req_notify_cq(struct ibv_cq *ibvcq, int solicited_only);

/* qp.c */
struct ibv_qp *axe_create_qp(struct ibv_pd *ibvpd, struct ibv_qp_init_attr *attr);
struct ibv_qp *axe_create_qp_ex(struct ibv_context *ibvctx,
				struct ibv_qp_init_attr_ex *attr);
struct ibv_qp *axe_create_driver_qp(struct ibv_context *ibvctx,
				    struct ibv_qp_init_attr_ex *attr,
				    const struct axedv_qp_init_attr *axe_attr);
int axe_modify_qp(struct ibv_qp *ibvqp, struct ibv_qp_attr *attr, int attr_mask);
int axe_query_qp(struct ibv_qp *ibvqp, struct ibv_qp_attr *attr, int attr_mask,
		 struct ibv_qp_init_attr *init_attr);
int axe_destroy_qp(struct ibv_qp *ibvqp);

/* wr.c */
void axe_wr_init(struct ibv_qp_ex *qp);
int axe_post_send(struct ibv_qp *ibvqp, struct ibv_send_wr *wr,
		  struct ibv_send_wr **bad_wr);
int axe_post_recv(struct ibv_qp *ibvqp, struct ibv_recv_wr *wr,
		  struct ibv_recv_wr **bad_wr);

/* uobj.c */
int axe_open_doorbell(struct ibv_context *ibvctx);
int axe_query_ops(struct ibv_context *ibvctx, struct axe_op_info *ops,
		  unsigned int max);
int axe_query_engines(struct ibv_context *ibvctx, struct axe_engine_info *engines,
		      unsigned int max);

#endif
