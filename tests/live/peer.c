// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Devices and QPs that talk to each other. */

#include "peer.h"

struct node node;

/*---- devices ----*/

const char *second_device(void)
{
	const char *name = getenv("AXE_DEVICE2");

	if (name)
		return name;
	return strcmp(default_device(), "axe0") ? default_device() : "axe1";
}

/* RoCE v2 over IPv4, which every such device has, or over IPv6. */
static void find_gid(struct node *n)
{
	struct ibv_gid_entry entry;
	int i;

	n->gid_index = -1;
	for (i = 0; i < n->port.gid_tbl_len; i++) {
		if (ibv_query_gid_ex(n->ctx, 1, i, &entry, 0) ||
		    entry.gid_type != IBV_GID_TYPE_ROCE_V2)
			continue;
		n->gid_index = i;
		n->gid = entry.gid;
		if (!memcmp(entry.gid.raw, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12))
			return;
	}
	demand(n->gid_index >= 0, "%s has no RoCE v2 GID: has its network device an address?",
	       n->device);
}

void node_use(struct node *n, const char *device, struct ibv_context *ctx, struct ibv_pd *pd)
{
	memset(n, 0, sizeof(*n));
	n->device = device;
	n->rxe = !strncmp(device, "rxe", 3);
	n->ctx = ctx;
	n->pd = pd;
	demand(!ibv_query_device_ex(n->ctx, NULL, &n->attr), "ibv_query_device_ex");
	demand(!ibv_query_port(n->ctx, 1, &n->port), "ibv_query_port");
	find_gid(n);
}

void node_open(struct node *n, const char *device)
{
	struct ibv_context *ctx = open_device(device);
	struct ibv_pd *pd;

	demand(ctx, "cannot open %s", device);
	pd = ibv_alloc_pd(ctx);
	demand(pd, "ibv_alloc_pd");
	node_use(n, device, ctx, pd);
}

void node_close(struct node *n)
{
	demand(!ibv_dealloc_pd(n->pd), "ibv_dealloc_pd: something is left in it");
	demand(!ibv_close_device(n->ctx), "ibv_close_device");
	memset(n, 0, sizeof(*n));
}

int open_node(void **state)
{
	node_open(&node, default_device());
	return 0;
}

int close_node(void **state)
{
	node_close(&node);
	return 0;
}

/*---- queues ----*/

struct ibv_cq *cq_make(struct node *n, int cqe)
{
	struct ibv_comp_channel *channel = ibv_create_comp_channel(n->ctx);
	struct ibv_cq *cq;

	demand(channel, "ibv_create_comp_channel");
	cq = ibv_create_cq(n->ctx, cqe, NULL, channel, 0);
	demand(cq, "ibv_create_cq");
	return cq;
}

void cq_free(struct ibv_cq *cq)
{
	struct ibv_comp_channel *channel = cq->channel;

	demand(!ibv_destroy_cq(cq), "ibv_destroy_cq");
	demand(!ibv_destroy_comp_channel(channel), "ibv_destroy_comp_channel");
}

static unsigned int or_default(unsigned int value, unsigned int otherwise)
{
	return value ? value : otherwise;
}

static void fill_in(struct end_options *o)
{
	o->type = o->type ? o->type : IBV_QPT_RC;
	o->send_wr = or_default(o->send_wr, 64);
	o->recv_wr = or_default(o->recv_wr, 64);
	o->send_sge = or_default(o->send_sge, 4);
	o->recv_sge = or_default(o->recv_sge, 4);
	o->cqe = or_default(o->cqe, 256);
	if (o->tuned)
		return;
	o->access = ALL_REMOTE;
	o->timeout = 14;
	o->retry_cnt = 7;
	o->rnr_retry = 7;
	o->min_rnr_timer = 12;
	o->rd_atomic = 4;
}

static void make_qp(struct end *e)
{
	struct end_options *o = &e->o;
	struct ibv_qp_init_attr_ex attr = {
		.qp_type = o->type,
		.sq_sig_all = o->sig_all,
		.send_cq = e->scq,
		.recv_cq = e->rcq,
		.srq = o->srq,
		.cap = {
			.max_send_wr = o->send_wr,
			.max_recv_wr = o->srq ? 0 : o->recv_wr,
			.max_send_sge = o->send_sge,
			.max_recv_sge = o->srq ? 0 : o->recv_sge,
			.max_inline_data = o->max_inline,
		},
		.comp_mask = IBV_QP_INIT_ATTR_PD,
		.pd = e->node->pd,
	};

	if (o->type == IBV_QPT_XRC_RECV) {
		attr = (struct ibv_qp_init_attr_ex) {
			.qp_type = o->type,
			.comp_mask = IBV_QP_INIT_ATTR_XRCD,
			.xrcd = o->xrcd,
		};
	} else if (o->type == IBV_QPT_XRC_SEND) {
		attr.recv_cq = NULL;
		attr.cap.max_recv_wr = 0;
		attr.cap.max_recv_sge = 0;
	}
	if (o->builders) {
		attr.comp_mask |= IBV_QP_INIT_ATTR_SEND_OPS_FLAGS;
		attr.send_ops_flags = o->builders;
	}
	e->qp = ibv_create_qp_ex(e->node->ctx, &attr);
	demand(e->qp, "ibv_create_qp_ex, type %d on %s", o->type, e->node->device);
	e->qx = o->builders ? ibv_qp_to_qp_ex(e->qp) : NULL;
}

void end_open(struct end *e, struct node *n, const struct end_options *o)
{
	static const struct end_options none;

	memset(e, 0, sizeof(*e));
	e->node = n;
	e->o = o ? *o : none;
	fill_in(&e->o);
	e->scq = e->o.cq ? e->o.cq : cq_make(n, e->o.cqe);
	e->rcq = e->o.cq ? e->o.cq : cq_make(n, e->o.cqe);
	make_qp(e);
}

void end_close(struct end *e)
{
	if (e->ah)
		demand(!ibv_destroy_ah(e->ah), "ibv_destroy_ah");
	if (e->qp)
		demand(!ibv_destroy_qp(e->qp), "ibv_destroy_qp");
	if (!e->o.cq) {
		cq_free(e->scq);
		cq_free(e->rcq);
	}
	memset(e, 0, sizeof(*e));
}

struct address end_address(struct end *e)
{
	return (struct address) { .gid = e->node->gid, .qpn = e->qp->qp_num };
}

/*---- states ----*/

static bool is_ud(struct end *e)
{
	return e->o.type == IBV_QPT_UD;
}

/* Do requests of other ends reach it, and does it make requests that are answered? */
static bool answers(struct end *e)
{
	return e->o.type == IBV_QPT_RC || e->o.type == IBV_QPT_XRC_RECV;
}

static bool is_answered(struct end *e)
{
	return e->o.type == IBV_QPT_RC || e->o.type == IBV_QPT_XRC_SEND;
}

int attr_init(struct end *e, struct ibv_qp_attr *attr)
{
	memset(attr, 0, sizeof(*attr));
	attr->qp_state = IBV_QPS_INIT;
	attr->port_num = 1;
	attr->qkey = QKEY;
	attr->qp_access_flags = e->o.access;
	return IBV_QP_STATE | IBV_QP_PKEY_INDEX | IBV_QP_PORT |
	       (is_ud(e) ? IBV_QP_QKEY : IBV_QP_ACCESS_FLAGS);
}

static struct ibv_ah_attr ah_attr_to(struct end *e, const struct address *to)
{
	return (struct ibv_ah_attr) {
		.is_global = 1,
		.port_num = 1,
		.grh = {
			.dgid = to->gid,
			.sgid_index = e->node->gid_index,
			.hop_limit = 64,
		},
	};
}

int attr_rtr(struct end *e, struct ibv_qp_attr *attr, const struct address *to)
{
	memset(attr, 0, sizeof(*attr));
	attr->qp_state = IBV_QPS_RTR;
	if (is_ud(e))
		return IBV_QP_STATE;
	attr->path_mtu = IBV_MTU_1024;
	attr->dest_qp_num = to->qpn;
	attr->rq_psn = 0x1234;
	attr->max_dest_rd_atomic = e->o.rd_atomic;
	attr->min_rnr_timer = e->o.min_rnr_timer;
	attr->ah_attr = ah_attr_to(e, to);
	return IBV_QP_STATE | IBV_QP_AV | IBV_QP_PATH_MTU | IBV_QP_DEST_QPN | IBV_QP_RQ_PSN |
	       (answers(e) ? IBV_QP_MAX_DEST_RD_ATOMIC | IBV_QP_MIN_RNR_TIMER : 0);
}

int attr_rts(struct end *e, struct ibv_qp_attr *attr)
{
	memset(attr, 0, sizeof(*attr));
	attr->qp_state = IBV_QPS_RTS;
	attr->sq_psn = 0x1234;
	attr->timeout = e->o.timeout;
	attr->retry_cnt = e->o.retry_cnt;
	attr->rnr_retry = e->o.rnr_retry;
	attr->max_rd_atomic = e->o.rd_atomic;
	return IBV_QP_STATE | IBV_QP_SQ_PSN |
	       (answers(e) || is_answered(e) ? IBV_QP_TIMEOUT : 0) |
	       (is_answered(e) ? IBV_QP_RETRY_CNT | IBV_QP_RNR_RETRY |
		IBV_QP_MAX_QP_RD_ATOMIC : 0);
}

int end_to_init(struct end *e)
{
	struct ibv_qp_attr attr;
	int mask = attr_init(e, &attr);

	return ibv_modify_qp(e->qp, &attr, mask);
}

int end_to_rtr(struct end *e, const struct address *to)
{
	struct ibv_qp_attr attr;
	int mask = attr_rtr(e, &attr, to);

	e->remote_qpn = to->qpn;
	return ibv_modify_qp(e->qp, &attr, mask);
}

int end_to_rts(struct end *e)
{
	struct ibv_qp_attr attr;
	int mask = attr_rts(e, &attr);

	return ibv_modify_qp(e->qp, &attr, mask);
}

int end_to(struct end *e, enum ibv_qp_state state)
{
	struct ibv_qp_attr attr = { .qp_state = state };

	return ibv_modify_qp(e->qp, &attr, IBV_QP_STATE);
}

void end_connect(struct end *e, const struct address *to)
{
	int ret;

	ret = end_to_init(e);
	demand(!ret, "RESET to INIT: %s", strerror(ret));
	ret = end_to_rtr(e, to);
	demand(!ret, "INIT to RTR: %s", strerror(ret));
	ret = end_to_rts(e);
	demand(!ret, "RTR to RTS: %s", strerror(ret));
	if (is_ud(e) && !e->ah) {
		struct ibv_ah_attr attr = ah_attr_to(e, to);

		e->ah = ibv_create_ah(e->node->pd, &attr);
		demand(e->ah, "ibv_create_ah");
	}
}

enum ibv_qp_state end_state(struct end *e)
{
	struct ibv_qp_init_attr init;
	struct ibv_qp_attr attr;

	demand(!ibv_query_qp(e->qp, &attr, IBV_QP_STATE, &init), "ibv_query_qp");
	return attr.qp_state;
}

/*---- pairs ----*/

void pair_open_on(struct pair *p, struct node *a, struct node *b, const struct end_options *o)
{
	struct address at_a, at_b;

	end_open(&p->a, a, o);
	end_open(&p->b, b, o);
	at_a = end_address(&p->a);
	at_b = end_address(&p->b);
	end_connect(&p->a, &at_b);
	end_connect(&p->b, &at_a);
}

void pair_open(struct pair *p, const struct end_options *o)
{
	pair_open_on(p, &node, &node, o);
}

void pair_close(struct pair *p)
{
	end_close(&p->a);
	end_close(&p->b);
}
