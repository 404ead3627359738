// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Failing: QPs of all types, their transitions, and multicast groups. */

#include <arpa/inet.h>

#include "faults.h"

static struct ibv_qp *qp;
static struct end end;
static struct address there;
static union ibv_gid group;

/*---- making ----*/

static struct ibv_qp_init_attr_ex attr_of(enum ibv_qp_type type)
{
	bool receives = type != IBV_QPT_DRIVER && type != IBV_QPT_XRC_SEND;
	struct ibv_qp_init_attr_ex attr = {
		.qp_type = type,
		.comp_mask = type == IBV_QPT_XRC_RECV ? IBV_QP_INIT_ATTR_XRCD :
							IBV_QP_INIT_ATTR_PD,
		.pd = node.pd,
		.xrcd = faults_xrcd,
		.send_cq = faults_cq,
		.recv_cq = receives ? faults_cq : NULL,
		.cap = { .max_send_wr = 64, .max_send_sge = 2 },
	};

	if (receives)
		attr.cap = (struct ibv_qp_cap){ 64, 4, 2, 4, 0 };
	return attr;
}

static int make_qp_of(enum ibv_qp_type type)
{
	struct ibv_qp_init_attr_ex attr = attr_of(type);

	qp = ibv_create_qp_ex(node.ctx, &attr);
	return MADE(qp);
}

static int make_rc(void)
{
	return make_qp_of(IBV_QPT_RC);
}

static int make_rc_with_srq(void)
{
	struct ibv_qp_init_attr_ex attr = attr_of(IBV_QPT_RC);

	attr.srq = faults_srq;
	attr.cap = (struct ibv_qp_cap){ 64, 0, 2, 0, 0 };
	qp = ibv_create_qp_ex(node.ctx, &attr);
	return MADE(qp);
}

static int make_uc(void)
{
	return make_qp_of(IBV_QPT_UC);
}

static int make_ud(void)
{
	return make_qp_of(IBV_QPT_UD);
}

static int make_xrc_send(void)
{
	return make_qp_of(IBV_QPT_XRC_SEND);
}

static int make_xrc_recv(void)
{
	return make_qp_of(IBV_QPT_XRC_RECV);
}

static int make_queue(void)
{
	struct ibv_qp_init_attr_ex attr = attr_of(IBV_QPT_DRIVER);
	struct axedv_qp_init_attr how = {
		.comp_mask = AXEDV_QP_INIT_ATTR_MODE | AXEDV_QP_INIT_ATTR_LANES,
		.mode = AXE_QUEUE_WORKER,
		.lanes = 4,
	};

	qp = axedv_create_qp(node.ctx, &attr, &how);
	return MADE(qp);
}

static int drop_qp(void)
{
	return ibv_destroy_qp(qp);
}

static int make_xsrq(void)
{
	struct ibv_srq_init_attr_ex attr = {
		.attr = { .max_wr = 10, .max_sge = 1 },
		.comp_mask = IBV_SRQ_INIT_ATTR_TYPE | IBV_SRQ_INIT_ATTR_PD |
			     IBV_SRQ_INIT_ATTR_XRCD | IBV_SRQ_INIT_ATTR_CQ,
		.srq_type = IBV_SRQT_XRC,
		.pd = node.pd,
		.xrcd = faults_xrcd,
		.cq = faults_cq,
	};

	faults_srq = ibv_create_srq_ex(node.ctx, &attr);
	return MADE(faults_srq);
}

static int attach(void)
{
	return ibv_attach_mcast(end.qp, &group, 0xc000);
}

static int detach(void)
{
	return ibv_detach_mcast(end.qp, &group, 0xc000);
}

static void fail_membership(void)
{
	static const struct thing member = { "a multicast membership", attach, detach, false, 0 };
	struct address self;

	inet_pton(AF_INET6, "::ffff:239.9.9.9", &group);
	end_open(&end, &node, &(struct end_options){ .type = IBV_QPT_UD });
	self = end_address(&end);
	end_connect(&end, &self);
	faults_note();
	fail_thing(&member);
	faults_check();
	end_close(&end);
}

void faults_queues(struct torture_run *run)
{
	static const struct thing things[] = {
		{ "an RC QP", make_rc, drop_qp, true, 0 },
		{ "an RC QP with an SRQ", make_rc_with_srq, drop_qp, true, 0 },
		{ "a UC QP", make_uc, drop_qp, true, 0 },
		{ "a UD QP", make_ud, drop_qp, true, 0 },
		{ "an XRC initiator", make_xrc_send, drop_qp, true, 0 },
		{ "an accelerator queue", make_queue, drop_qp, true, 0 },
	};
	static const struct thing xrc_target = {
		"an XRC target", make_xrc_recv, drop_qp, true, 0
	};
	static const struct thing xsrq = { "an XRC SRQ", make_xsrq, drop_srq, true, 0 };
	bool goes_on = torture_goes_on(run);
	unsigned int i;

	faults_open(run);
	for (; goes_on; goes_on = torture_goes_on(run)) {
		demand(!make_cq() && !make_xrcd() && !make_srq(), "a CQ, an XRCD, an SRQ");
		faults_note();
		for (i = 0; i < ARRAY_SIZE(things); i++)
			fail_thing(&things[i]);
		/* The core leaves its XRC domain in use if it fails itself. */
		faults_axe_only();
		fail_thing(&xrc_target);
		faults_spare_default();
		faults_check();
		demand(!drop_srq(), "ibv_destroy_srq");
		faults_note();
		fail_thing(&xsrq);
		faults_check();
		demand(!drop_xrcd() && !drop_cq(), "an XRCD, a CQ");
		fail_membership();
	}
	faults_close();
}

/*---- transitions, each from a QP that has come so far ----*/

static int to_init(void)
{
	return end_to_init(&end);
}

static int to_rtr(void)
{
	return end_to_rtr(&end, &there);
}

static int to_rts(void)
{
	return end_to_rts(&end);
}

static int to_sqd(void)
{
	return end_to(&end, IBV_QPS_SQD);
}

static int to_error(void)
{
	return end_to(&end, IBV_QPS_ERR);
}

static int to_reset(void)
{
	return end_to(&end, IBV_QPS_RESET);
}

static int query_qp(void)
{
	struct ibv_qp_init_attr init;
	struct ibv_qp_attr attr;

	return ibv_query_qp(end.qp, &attr, IBV_QP_STATE | IBV_QP_CAP, &init);
}

static void in_reset(void)
{
	demand(!to_reset(), "to RESET");
}

static void in_init(void)
{
	in_reset();
	demand(!to_init(), "RESET to INIT");
}

static void in_rtr(void)
{
	in_init();
	demand(!to_rtr(), "INIT to RTR");
}

static void in_rts(void)
{
	in_rtr();
	demand(!to_rts(), "RTR to RTS");
}

static void fail_transitions(void)
{
	static const struct step steps[] = {
		{ "RESET to INIT", in_reset, to_init, NULL, false, 0 },
		{ "INIT to RTR", in_init, to_rtr, NULL, false, 0 },
		{ "RTR to RTS", in_rtr, to_rts, NULL, false, 0 },
		{ "RTS to SQD", in_rts, to_sqd, NULL, false, 0 },
		{ "RTS to ERR", in_rts, to_error, NULL, false, 0 },
		{ "RTS to RESET", in_rts, to_reset, NULL, false, 0 },
		{ "ibv_query_qp", NULL, query_qp, NULL, false, 0 },
	};
	unsigned int i;

	there = end_address(&end);
	for (i = 0; i < ARRAY_SIZE(steps); i++)
		fail_step(&steps[i]);
}

void faults_transitions(struct torture_run *run)
{
	bool goes_on = torture_goes_on(run);

	faults_open(run);
	faults_note();
	for (; goes_on; goes_on = torture_goes_on(run)) {
		end_open(&end, &node, NULL);
		torture_say("of an RC QP:");
		fail_transitions();
		end_close(&end);
		end_open(&end, &node, &(struct end_options){ .type = IBV_QPT_UD });
		torture_say("of a UD QP:");
		fail_transitions();
		end_close(&end);
	}
	faults_check();
	faults_close();
}
