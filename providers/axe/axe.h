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
 * @refcount:	itself, and: the parent domains that stand for it, or of a parent
 *		domain what was made in it
 * @alloc:	of a parent domain: its allocator, if it has one
 * @free:	of a parent domain: the other half of @alloc
 * @pd_context:	of a parent domain: first argument of both
 */
struct axe_pd {
	struct ibv_pd ibvpd;
	struct axe_pd *orig;
	struct axe_td *td;
	atomic_int refcount;
	void *(*alloc)(struct ibv_pd *pd, void *pd_context, size_t size,
		       size_t alignment, uint64_t resource_type);
	void (*free)(struct ibv_pd *pd, void *pd_context, void *ptr,
		     uint64_t resource_type);
	void *pd_context;
};

/**
 * struct axe_origin - where the memory of an object comes from
 * @domain:	the parent domain it was made in, NULL: none
 * @by_domain:	the domain's own allocator has made it
 */
struct axe_origin {
	struct axe_pd *domain;
	bool by_domain;
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
	struct axe_origin origin;
};

/**
 * struct axe_qp - a queue pair
 * @lock:	covers @sq. Held from ibv_wr_start() to complete or abort.
 * @sq:		the send ring; hdr is NULL if there is none
 * @doorbell_fd: of the context
 * @length:	of the mapping of @sq
 * @post_one:	ibv_post_send() of one work request
 * @send_ops:	what its type can send, enum ibv_qp_create_send_ops_flags
 * @max_sge:	longest scatter list to send
 * @max_inline:	most inline data, in bytes
 * @rq_lock:	covers @rq
 * @rq:		the receive ring
 */
struct axe_qp {
	struct verbs_qp verbs_qp;
	struct axe_lock lock;
	struct axe_sq sq;
	int doorbell_fd;
	size_t length;
	int (*post_one)(struct axe_qp *qp, const struct ibv_send_wr *wr);
	uint32_t send_ops;
	uint32_t max_sge;
	uint32_t max_inline;
	struct axe_lock rq_lock;
	struct axe_rq rq;
	struct axe_origin origin;
};

/**
 * struct axe_srq - a shared receive queue
 * @lock:	covers @rq, which moves when the SRQ is resized
 * @srqn:	its number, for the doorbell and for XRC
 */
struct axe_srq {
	struct verbs_srq verbs_srq;
	struct axe_lock lock;
	struct axe_rq rq;
	uint32_t srqn;
	struct axe_origin origin;
};

/**
 * struct axe_ah - an address handle
 * @number:	by which work requests name it
 */
struct axe_ah {
	struct ibv_ah ibvah;
	uint32_t number;
};

/**
 * struct axedv_key - a key object
 * @context:	of its protection domain
 * @handle:	as uverbs knows it
 * @number:	by which commands name it
 */
struct axedv_key {
	struct ibv_context *context;
	uint32_t handle;
	uint32_t number;
};

/**
 * struct axe_dm - device memory
 * @map:	its mapping
 * @length:	in bytes, as asked for
 */
struct axe_dm {
	struct verbs_dm verbs_dm;
	void *map;
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

static inline struct axe_srq *to_axe_srq(struct ibv_srq *ibvsrq)
{
	return container_of(ibvsrq, struct axe_srq, verbs_srq.srq);
}

static inline struct axe_ah *to_axe_ah(struct ibv_ah *ibvah)
{
	return container_of(ibvah, struct axe_ah, ibvah);
}

static inline struct axe_dm *to_axe_dm(struct ibv_dm *ibvdm)
{
	return container_of(ibvdm, struct axe_dm, verbs_dm.dm);
}

static inline bool axe_is_dead(const struct axe_sq_hdr *hdr)
{
	return __atomic_load_n(&hdr->flags, __ATOMIC_RELAXED) & AXE_SQ_DEAD;
}

/* axe.c */
bool axe_is_axe_device(struct ibv_device *device);
void *axe_map_ring(struct ibv_context *ibvctx, uint64_t offset, size_t length,
		   uint32_t entries, size_t entry_size);
int axe_map_rq(struct ibv_context *ibvctx, struct axe_rq *rq, uint64_t offset,
	       size_t length, uint32_t entries, uint32_t stride);

/* pd.c */
struct ibv_pd *axe_alloc_pd(struct ibv_context *ibvctx);
int axe_dealloc_pd(struct ibv_pd *ibvpd);
struct ibv_pd *axe_alloc_parent_domain(struct ibv_context *ibvctx,
				       struct ibv_parent_domain_init_attr *attr);
struct ibv_td *axe_alloc_td(struct ibv_context *ibvctx,
			    struct ibv_td_init_attr *attr);
int axe_dealloc_td(struct ibv_td *ibvtd);
struct ibv_pd *axe_import_pd(struct ibv_context *ibvctx, uint32_t handle);
void axe_unimport_pd(struct ibv_pd *ibvpd);
void *axe_object_alloc(struct ibv_pd *ibvpd, size_t size, uint64_t type,
		       struct axe_origin *origin);
void axe_object_free(void *object, uint64_t type, const struct axe_origin *origin);
bool axe_object_shared(const struct axe_origin *origin);

/* mr.c */
struct ibv_mr *axe_reg_mr(struct ibv_pd *ibvpd, void *addr, size_t length,
			  uint64_t hca_va, int access);
struct ibv_mr *axe_reg_dmabuf_mr(struct ibv_pd *ibvpd, uint64_t offset,
				 size_t length, uint64_t iova, int fd,
				 int access);
int axe_rereg_mr(struct verbs_mr *vmr, int flags, struct ibv_pd *ibvpd,
		 void *addr, size_t length, int access);
int axe_dereg_mr(struct verbs_mr *vmr);
struct ibv_mr *axe_import_mr(struct ibv_pd *ibvpd, uint32_t handle);
void axe_unimport_mr(struct ibv_mr *ibvmr);

/* mw.c */
struct ibv_mw *axe_alloc_mw(struct ibv_pd *ibvpd, enum ibv_mw_type type);
int axe_dealloc_mw(struct ibv_mw *ibvmw);
int axe_bind_mw(struct ibv_qp *ibvqp, struct ibv_mw *ibvmw,
		struct ibv_mw_bind *bind);

/* dm.c */
struct ibv_dm *axe_alloc_dm(struct ibv_context *ibvctx,
			    struct ibv_alloc_dm_attr *attr);
int axe_free_dm(struct ibv_dm *ibvdm);
struct ibv_dm *axe_import_dm(struct ibv_context *ibvctx, uint32_t handle);
void axe_unimport_dm(struct ibv_dm *ibvdm);
struct ibv_mr *axe_reg_dm_mr(struct ibv_pd *ibvpd, struct ibv_dm *ibvdm,
			     uint64_t offset, size_t length, unsigned int access);

/* ah.c */
struct ibv_ah *axe_create_ah(struct ibv_pd *ibvpd, struct ibv_ah_attr *attr);
int axe_destroy_ah(struct ibv_ah *ibvah);

/* xrcd.c */
struct ibv_xrcd *axe_open_xrcd(struct ibv_context *ibvctx,
			       struct ibv_xrcd_init_attr *attr);
int axe_close_xrcd(struct ibv_xrcd *ibvxrcd);

/* cq.c */
struct ibv_cq *axe_create_cq(struct ibv_context *ibvctx, int cqe,
			     struct ibv_comp_channel *channel, int comp_vector);
struct ibv_cq_ex *axe_create_cq_ex(struct ibv_context *ibvctx,
				   struct ibv_cq_init_attr_ex *attr);
int axe_modify_cq(struct ibv_cq *ibvcq, struct ibv_modify_cq_attr *attr);
int axe_resize_cq(struct ibv_cq *ibvcq, int cqe);
int axe_destroy_cq(struct ibv_cq *ibvcq);
void axe_cq_forget(struct axe_cq *cq, uint32_t qp_num);
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

struct ibv_qp *axe_open_qp(struct ibv_context *ibvctx,
			   struct ibv_qp_open_attr *attr);

/* srq.c */
struct ibv_srq *axe_create_srq(struct ibv_pd *ibvpd,
			       struct ibv_srq_init_attr *attr);
struct ibv_srq *axe_create_srq_ex(struct ibv_context *ibvctx,
				  struct ibv_srq_init_attr_ex *attr);
int axe_modify_srq(struct ibv_srq *ibvsrq, struct ibv_srq_attr *attr, int attr_mask);
int axe_query_srq(struct ibv_srq *ibvsrq, struct ibv_srq_attr *attr);
int axe_get_srq_num(struct ibv_srq *ibvsrq, uint32_t *srq_num);
int axe_destroy_srq(struct ibv_srq *ibvsrq);

/* recv.c */
int axe_post_recv(struct ibv_qp *ibvqp, struct ibv_recv_wr *wr,
		  struct ibv_recv_wr **bad_wr);
int axe_post_srq_recv(struct ibv_srq *ibvsrq, struct ibv_recv_wr *wr,
		      struct ibv_recv_wr **bad_wr);

/* post.c */
int axe_ring_doorbell(int fd, const struct axe_sq_hdr *hdr, uint32_t number,
		      enum axe_doorbell_ring ring, uint32_t flags);
void axe_wr_start(struct ibv_qp_ex *ibvqp);
int axe_wr_complete(struct ibv_qp_ex *ibvqp);
void axe_wr_abort(struct ibv_qp_ex *ibvqp);
int axe_post_send(struct ibv_qp *ibvqp, struct ibv_send_wr *wr,
		  struct ibv_send_wr **bad_wr);

/* wr.c: accelerator queues */
void axe_wr_init(struct axe_qp *qp);

/* peer.c: all others */
uint32_t axe_peer_send_ops(enum ibv_qp_type type);
int axe_peer_post_one(struct axe_qp *qp, const struct ibv_send_wr *wr);
int axe_peer_bind_mw(struct axe_qp *qp, const struct ibv_send_wr *wr);

/* peer_wr.c */
void axe_peer_wr_init(struct axe_qp *qp, uint64_t send_ops);

/* uobj.c */
int axe_open_doorbell(struct ibv_context *ibvctx);
int axe_query_ops(struct ibv_context *ibvctx, struct axe_op_info *ops,
		  unsigned int max);
int axe_query_engines(struct ibv_context *ibvctx, struct axe_engine_info *engines,
		      unsigned int max);
int axe_query_engine_status(struct ibv_context *ibvctx, struct axe_engine_status *status,
			    unsigned int max);

#endif
