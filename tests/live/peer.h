/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Two QPs that talk to each other, with nothing but standard verbs, so that the
 * same test runs on any RDMA device: AXE_DEVICE=rxe0 shows what another
 * implementation of the specification does.
 */
#ifndef AXE_LIVE_PEER_H
#define AXE_LIVE_PEER_H

#include "common.h"

/**
 * struct node - a device, opened, and what an end of a connection needs of it
 * @gid_index:	of a RoCE v2 GID
 * @rxe:	it is rxe, which differs from the specification here and there
 */
struct node {
	const char *device;
	struct ibv_context *ctx;
	struct ibv_pd *pd;
	struct ibv_device_attr_ex attr;
	struct ibv_port_attr port;
	union ibv_gid gid;
	int gid_index;
	bool rxe;
};

void node_open(struct node *n, const char *device);
void node_close(struct node *n);
/* One that is open already, and stays so. */
void node_use(struct node *n, const char *device, struct ibv_context *ctx, struct ibv_pd *pd);
/* The second device: $AXE_DEVICE2, or axe1 beside axe0, or the first again. */
const char *second_device(void);

/* Opened once for all tests of a program: group fixtures, and the default of pairs. */
extern struct node node;
int open_node(void **state);
int close_node(void **state);

#define ALL_REMOTE	(IBV_ACCESS_REMOTE_READ | IBV_ACCESS_REMOTE_WRITE | \
			 IBV_ACCESS_REMOTE_ATOMIC)
#define ALL_ACCESS	(IBV_ACCESS_LOCAL_WRITE | ALL_REMOTE)
#define QKEY		0x11111111

/* A QP and how it is connected. Zero means the default that is named. */
struct end_options {
	enum ibv_qp_type type;		/* RC */
	unsigned int send_wr, recv_wr;	/* 64 */
	unsigned int send_sge, recv_sge;	/* 4 */
	unsigned int max_inline;	/* 0 */
	bool sig_all;
	uint64_t builders;		/* IBV_QP_EX_WITH_*: post by ibv_wr_*() */
	struct ibv_srq *srq;
	struct ibv_xrcd *xrcd;
	struct ibv_cq *cq;		/* for both, instead of one each */
	unsigned int cqe;		/* 256 */
	/* Passed on as they are, if @tuned is set; else ALL_REMOTE, 14, 7, 7, 12, 4. */
	bool tuned;
	unsigned int access;
	uint8_t timeout, retry_cnt, rnr_retry, min_rnr_timer, rd_atomic;
};

/**
 * struct end - a QP with what belongs to it
 * @scq:	completions of its send queue, with a channel of its own
 * @rcq:	likewise, of its receive queue
 */
struct end {
	struct node *node;
	struct end_options o;
	struct ibv_cq *scq, *rcq;
	struct ibv_qp *qp;
	struct ibv_qp_ex *qx;
	struct ibv_ah *ah;		/* UD: to the other end */
	uint32_t remote_qpn;
};

/* Where an end is: what two processes tell each other. */
struct address {
	union ibv_gid gid;
	uint32_t qpn;
	uint32_t srqn;
};

void end_open(struct end *e, struct node *n, const struct end_options *o);
void end_close(struct end *e);
struct address end_address(struct end *e);
/* Transitions with the usual attributes; they return an errno. */
int end_to_init(struct end *e);
int end_to_rtr(struct end *e, const struct address *to);
int end_to_rts(struct end *e);
int end_to(struct end *e, enum ibv_qp_state state);
/* From RESET to RTS. */
void end_connect(struct end *e, const struct address *to);
enum ibv_qp_state end_state(struct end *e);
/* The attributes that each transition needs. */
int attr_init(struct end *e, struct ibv_qp_attr *attr);
int attr_rtr(struct end *e, struct ibv_qp_attr *attr, const struct address *to);
int attr_rts(struct end *e, struct ibv_qp_attr *attr);

struct ibv_cq *cq_make(struct node *n, int cqe);
void cq_free(struct ibv_cq *cq);

/* Two connected ends, of @node if not said otherwise. */
struct pair {
	struct end a, b;
};

void pair_open(struct pair *p, const struct end_options *o);
void pair_open_on(struct pair *p, struct node *a, struct node *b, const struct end_options *o);
void pair_close(struct pair *p);

/*---- memory ----*/

enum mem_kind { MEM_PINNED, MEM_ODP, MEM_IMPLICIT, MEM_SHARED, MEM_HUGE, MEM_KINDS };
extern const char *const mem_names[];

struct mem {
	uint8_t *p;
	size_t size;
	struct ibv_mr *mr;
	int fd;
};

/* @size bytes of zeros, registered with @access. */
void mem_make(struct mem *m, struct node *n, size_t size, unsigned int access);
/* ... of a kind; false if there is none of it here. */
bool mem_make_kind(struct mem *m, struct node *n, size_t size, unsigned int access,
		   enum mem_kind kind);
void mem_free(struct mem *m);
struct ibv_sge mem_sge(const struct mem *m, size_t offset, size_t length);
/* Bytes that differ from place to place, and are the same for a @seed. */
void pattern(uint8_t *p, size_t n, uint32_t seed);
bool is_pattern(const uint8_t *p, size_t n, uint32_t seed);

/*---- posting; they return the errno ----*/

int post_recv_sge(struct end *e, uint64_t id, struct ibv_sge *sge, int n);
int post_recv(struct end *e, uint64_t id, const struct mem *m, size_t offset, size_t length);
/* By ibv_post_send(), or the builders that do the same, if the QP has them. */
int post_send(struct end *e, struct ibv_send_wr *wr);
/* A work request: id, SIGNALED, this scatter list; for UD, to the other end. */
struct ibv_send_wr wr_of(struct end *e, enum ibv_wr_opcode opcode, struct ibv_sge *sge, int n);
/* ... at this place of the peer's memory. */
struct ibv_send_wr wr_at(struct end *e, enum ibv_wr_opcode opcode, struct ibv_sge *sge, int n,
			 const struct mem *there, size_t offset);
/* Posts it, and demands that this is accepted. */
void must_post(struct end *e, struct ibv_send_wr wr);
void must_post_recv(struct end *e, uint64_t id, const struct mem *m, size_t offset,
		    size_t length);

/*---- completions ----*/

/* The next one; waits on the channel, until the deadline. */
struct ibv_wc next_wc(struct ibv_cq *cq);
/* ... within this time, or not at all. */
bool wc_within(struct ibv_cq *cq, struct ibv_wc *wc, int timeout_ms);
/* Nothing (more) is there now. */
void expect_none(struct ibv_cq *cq);
#define expect_wc(cq, id, status)	expect_wc_at(cq, id, status, __FILE__, __LINE__)
struct ibv_wc expect_wc_at(struct ibv_cq *cq, uint64_t id, enum ibv_wc_status status,
			   const char *file, int line);
/* Post it and see it succeed. */
#define do_send(e, wr)							\
	({								\
		struct ibv_send_wr wr_ = (wr);				\
									\
		must_post(e, wr_);					\
		expect_wc((e)->scq, wr_.wr_id, IBV_WC_SUCCESS);		\
	})
/* It goes into that state (by itself, soon). */
#define expect_state(e, state)	expect_state_at(e, state, __FILE__, __LINE__)
void expect_state_at(struct end *e, enum ibv_qp_state state, const char *file, int line);
/* Both ends still work: a message there and one back. */
void expect_alive(struct pair *p);

/* A bigger @full instead of @quick, if $AXE_LIVE_LONG is set. */
unsigned int rounds(unsigned int quick, unsigned int full);

#define skip_on_rxe(...)						\
	do {								\
		if (node.rxe)						\
			skip_because("rxe: " __VA_ARGS__);		\
	} while (0)

#endif
