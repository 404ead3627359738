// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Failing: queries, changes of queues, events. */

#include <poll.h>

#include "faults.h"
#include "ways.h"

static struct rig rig;

static int query_device(void)
{
	struct ibv_device_attr_ex attr;

	return ibv_query_device_ex(node.ctx, NULL, &attr);
}

static int query_port(void)
{
	struct ibv_port_attr attr;

	return ibv_query_port(node.ctx, 1, &attr);
}

static int query_gid(void)
{
	struct ibv_gid_entry entry;

	return ibv_query_gid_ex(node.ctx, 1, node.gid_index, &entry, 0);
}

static int query_gids(void)
{
	struct ibv_gid_entry entries[8];
	ssize_t n = ibv_query_gid_table(node.ctx, entries, 8, 0);

	return n < 0 ? -n : 0;
}

static int query_pkey(void)
{
	__be16 pkey;

	return ibv_query_pkey(node.ctx, 1, 0, &pkey) ? errno : 0;
}

static int query_ops(void)
{
	struct axe_op_info ops[64];
	int n = axedv_query_ops(node.ctx, ops, 64);

	return n < 0 ? -n : 0;
}

static int query_engines(void)
{
	struct axe_engine_info engines[8];
	int n = axedv_query_engines(node.ctx, engines, 8);

	return n < 0 ? -n : 0;
}

static int resize_cq(void)
{
	return ibv_resize_cq(faults_cq, faults_cq->cqe > 1024 ? 500 : 3000);
}

static int moderate_cq(void)
{
	struct ibv_modify_cq_attr attr = {
		.attr_mask = IBV_CQ_ATTR_MODERATE,
		.moderate = { .cq_count = 4, .cq_period = 100 },
	};

	return ibv_modify_cq(faults_cq, &attr);
}

static int resize_srq(void)
{
	struct ibv_srq_attr attr = { .max_wr = 1000 };

	return ibv_modify_srq(faults_srq, &attr, IBV_SRQ_MAX_WR);
}

static int limit_srq(void)
{
	struct ibv_srq_attr attr = { .srq_limit = 0 };

	return ibv_modify_srq(faults_srq, &attr, IBV_SRQ_LIMIT);
}

static int query_srq(void)
{
	struct ibv_srq_attr attr;

	return ibv_query_srq(faults_srq, &attr);
}

/*
 * A ring that was moved and then could not be mapped is lost until the next resize,
 * which has all of it again.
 */
static void redo_cq(void)
{
	demand(!resize_cq(), "ibv_resize_cq");
}

static void redo_srq(void)
{
	struct ibv_recv_wr wr = { .wr_id = 1 }, *bad;
	int err = resize_srq();

	demand(!err, "ibv_modify_srq: %s", strerror(err));
	err = ibv_post_srq_recv(faults_srq, &wr, &bad);
	demand(!err || err == ENOMEM, "ibv_post_srq_recv: %s", strerror(err));
}

/*---- events ----*/

static void arm(void)
{
	demand(!ibv_req_notify_cq(ibv_cq_ex_to_cq(rig.cq), 0), "ibv_req_notify_cq");
}

/* The core of uverbs has lost an event if it had no memory for it, or could not copy it. */
static void drain_events(void)
{
	struct pollfd pfd = { .fd = rig.channel->fd, .events = POLLIN };
	struct ibv_cq *cq;
	void *context;

	while (poll(&pfd, 1, 0) > 0 && !ibv_get_cq_event(rig.channel, &cq, &context))
		ibv_ack_cq_events(cq, 1);
}

static int nop_with_event(void)
{
	struct wc wc;
	int err;

	rig_begin(&rig, 1, IBV_SEND_SIGNALED);
	axedv_wr_nop(rig.qx);
	err = ibv_wr_complete(rig.qx);
	if (!err)
		demand(rig_poll(&rig, &wc) && wc.code == AXE_OK, "no completion of a nop");
	return err;
}

/* What was posted with a doorbell that failed goes with the next one. */
static void sweep(void)
{
	struct wc wc;

	do {
		post(&rig, 2, IBV_SEND_SIGNALED, nop);
		wc = rig_wait(&rig);
		demand(wc.code == AXE_OK, "code %d", wc.code);
	} while (wc.wr_id != 2);
	while (rig_poll(&rig, &wc))
		;
	drain_events();
}

static void cause_event(void)
{
	struct wc wc;

	arm();
	post(&rig, 1, IBV_SEND_SIGNALED, nop);
	demand(rig_poll(&rig, &wc), "no completion of a nop");
	demand(await_readable(rig.channel->fd, DEADLINE_MS), "no event");
}

static int get_event(void)
{
	struct ibv_cq *cq;
	void *context;

	if (ibv_get_cq_event(rig.channel, &cq, &context))
		return errno;
	ibv_ack_cq_events(cq, 1);
	return 0;
}

static void cause_async(void)
{
	/* A ring whose index has run away. */
	rig.sq_ring->tail += 100000;
	demand(ring(&rig) > 0, "the doorbell");
	demand(await_readable(rig.ctx->async_fd, DEADLINE_MS), "no event");
	demand(!modify(&rig, IBV_QPS_RESET), "to RESET");
	bring_up(&rig);
}

static int get_async(void)
{
	struct ibv_async_event event;

	if (ibv_get_async_event(rig.ctx, &event))
		return errno;
	ibv_ack_async_event(&event);
	return 0;
}

static void fail_event(void)
{
	static const struct step step = {
		"a completion with an event", arm, nop_with_event, sweep, false, 0
	};

	rig_open(&rig, &(struct rig_options){ .mode = AXE_QUEUE_INLINE });
	fail_step(&step);
	rig_close(&rig);
}

/*
 * An event that could not be copied is lost, and uverbs waits for its acknowledgment
 * where the CQ or the QP is destroyed: so nobody does, but the end of the process.
 */
static void fail_reading(void *arg)
{
	static const struct step steps[] = {
		{ "ibv_get_cq_event", cause_event, get_event, drain_events, false, 0 },
		{ "ibv_get_async_event", cause_async, get_async, NULL, false, 0 },
	};
	unsigned int i;

	demand(!faults_lacks(), "fail-nth");
	rig_open(&rig, &(struct rig_options){ .mode = AXE_QUEUE_INLINE });
	for (i = 0; i < ARRAY_SIZE(steps); i++)
		fail_step(&steps[i]);
	_exit(0);
}

void faults_verbs(struct torture_run *run)
{
	static const struct step steps[] = {
		{ "ibv_query_device_ex", NULL, query_device, NULL, false, 0 },
		{ "ibv_query_port", NULL, query_port, NULL, false, 0 },
		{ "ibv_query_gid_ex", NULL, query_gid, NULL, false, 0 },
		{ "ibv_query_gid_table", NULL, query_gids, NULL, false, 0 },
		{ "ibv_query_pkey", NULL, query_pkey, NULL, false, 0 },
		{ "axedv_query_ops", NULL, query_ops, NULL, false, 0 },
		{ "axedv_query_engines", NULL, query_engines, NULL, false, 0 },
		{ "ibv_resize_cq", NULL, resize_cq, redo_cq, false, 0 },
		{ "ibv_modify_cq", NULL, moderate_cq, NULL, false, 0 },
		{ "ibv_modify_srq, size", NULL, resize_srq, redo_srq, false, 0 },
		{ "ibv_modify_srq, limit", NULL, limit_srq, NULL, false, 0 },
		{ "ibv_query_srq", NULL, query_srq, NULL, false, 0 },
	};
	bool goes_on = torture_goes_on(run);
	unsigned int i;

	faults_open(run);
	faults_note();
	for (; goes_on; goes_on = torture_goes_on(run)) {
		demand(!make_cq() && !make_srq(), "a CQ, an SRQ");
		for (i = 0; i < ARRAY_SIZE(steps); i++)
			fail_step(&steps[i]);
		demand(!drop_srq() && !drop_cq(), "an SRQ, a CQ");
		fail_event();
		end_child(torture_child(fail_reading, NULL));
	}
	faults_check();
	faults_close();
}
