// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * A device goes while its QPs talk to each other and to another device's: errors
 * on both sides, within the time that they set, and nothing hangs or is left.
 */

#include <sched.h>

#include "busy.h"
#include "peer.h"

static struct node doomed;

static int make_doomed(void **state)
{
	make_link();
	must("ip addr add 10.9.1.1/24 dev axt0");
	node_open(&doomed, "axt");
	return 0;
}

static void close_doomed(void)
{
	node_close(&doomed);
}

/* What can still be asked of an end whose device has gone. */
static void use_dead_end(struct end *e, struct mem *m)
{
	struct ibv_sge sge = mem_sge(m, 0, 8);
	struct ibv_send_wr wr = wr_of(e, IBV_WR_SEND, &sge, 1);
	struct ibv_wc wc;
	int n;

	assert_int_equal(post_send(e, &wr), EIO);
	assert_int_equal(post_recv(e, 1, m, 0, 8), EIO);
	assert_int_equal(end_to(e, IBV_QPS_RESET), EIO);
	/* What was completed before may be read; then there is nothing, for good. */
	while ((n = ibv_poll_cq(e->scq, 1, &wc)) > 0)
		;
	assert_int_equal(n, -EIO);
	while ((n = ibv_poll_cq(e->rcq, 1, &wc)) > 0)
		;
	assert_int_equal(n, -EIO);
}

static void expect_fatal(void)
{
	demand(await_async(doomed.ctx, IBV_EVENT_DEVICE_FATAL, DEADLINE_MS), "no event");
}

/* One waits for a receive, one for an answer, one for nothing. */
static void while_requests_wait(void **state)
{
	struct address nobody;
	struct pair rnr, idle;
	struct end lonely;
	struct ibv_wc wc;
	struct mem m;
	struct ibv_sge sge;

	mem_make(&m, &doomed, PAGE, ALL_ACCESS);
	pair_open_on(&rnr, &doomed, &doomed, NULL);
	pair_open_on(&idle, &doomed, &doomed, NULL);
	end_open(&lonely, &doomed, &(struct end_options){
		.tuned = true, .timeout = 0, .retry_cnt = 7, .rnr_retry = 7, .rd_atomic = 1 });
	nobody = end_address(&lonely);
	nobody.qpn = 0xabcdef;
	end_connect(&lonely, &nobody);
	sge = mem_sge(&m, 0, 8);
	must_post(&rnr.a, wr_of(&rnr.a, IBV_WR_SEND, &sge, 1));
	must_post(&lonely, wr_of(&lonely, IBV_WR_SEND, &sge, 1));
	must_post_recv(&idle.a, 1, &m, 0, 8);
	demand(!wc_within(rnr.a.scq, &wc, 20), "%s", ibv_wc_status_str(wc.status));
	delete_link();
	expect_fatal();
	use_dead_end(&rnr.a, &m);
	use_dead_end(&rnr.b, &m);
	use_dead_end(&lonely, &m);
	use_dead_end(&idle.a, &m);
	pair_close(&rnr);
	pair_close(&idle);
	end_close(&lonely);
	mem_free(&m);
	close_doomed();
}

/* SRQs, windows, address handles are there as well; they can be closed as ever. */
static void with_objects_of_all_kinds(void **state)
{
	struct ibv_srq_init_attr attr = { .attr = { .max_wr = 8, .max_sge = 1 } };
	struct ibv_srq *srq = ibv_create_srq(doomed.pd, &attr);
	struct ibv_mw *mw = ibv_alloc_mw(doomed.pd, IBV_MW_TYPE_1);
	struct pair shared, datagrams;
	struct mem m;

	demand(srq && mw, "an SRQ, a window");
	mem_make(&m, &doomed, PAGE, ALL_ACCESS | IBV_ACCESS_MW_BIND);
	pair_open_on(&shared, &doomed, &doomed, &(struct end_options){ .srq = srq });
	pair_open_on(&datagrams, &doomed, &doomed, &(struct end_options){ .type = IBV_QPT_UD });
	expect_alive(&datagrams);
	must_post_recv(&shared.a, 1, &m, 0, 8);
	assert_int_equal(ibv_bind_mw(shared.b.qp, mw, &(struct ibv_mw_bind){
		.send_flags = IBV_SEND_SIGNALED,
		.bind_info = { .mr = m.mr, .addr = (uintptr_t)m.p, .length = 64,
			       .mw_access_flags = IBV_ACCESS_REMOTE_READ } }), 0);
	assert_int_equal(next_wc(shared.b.scq).status, IBV_WC_SUCCESS);
	delete_link();
	expect_fatal();
	assert_int_equal(post_recv(&shared.a, 2, &m, 0, 8), EIO);
	use_dead_end(&datagrams.a, &m);
	pair_close(&shared);
	pair_close(&datagrams);
	assert_int_equal(ibv_dealloc_mw(mw), 0);
	assert_int_equal(ibv_destroy_srq(srq), 0);
	mem_free(&m);
	close_doomed();
}

/* The end on another device, which stays: it is told what an unreachable peer means. */
static void the_other_device_stays(void **state)
{
	struct end_options o = { .tuned = true, .access = ALL_REMOTE, .timeout = 12,
				 .retry_cnt = 2, .rnr_retry = 7, .min_rnr_timer = 1,
				 .rd_atomic = 4 };
	enum ibv_wr_opcode opcode = *(enum ibv_wr_opcode *)*state;
	unsigned int posted = 0, done = 0;
	struct mem here_, there;
	struct ibv_sge sge;
	struct ibv_wc wc;
	struct pair p;
	pid_t pid;

	mem_make(&here_, &node, 256 * KIB, ALL_ACCESS);
	mem_make(&there, &doomed, 256 * KIB, ALL_ACCESS);
	pair_open_on(&p, &node, &doomed, &o);
	sge = mem_sge(&here_, 0, 256 * KIB);
	pid = start_child((void (*)(void *))delete_link, NULL);
	do {
		for (; posted < done + 8; posted++)
			must_post(&p.a, wr_at(&p.a, opcode, &sge, 1, &there, 0));
		wc = next_wc(p.a.scq);
		done++;
	} while (wc.status == IBV_WC_SUCCESS);
	/* Its memory goes with the device, a moment before or after its QP. */
	demand(wc.status == IBV_WC_RETRY_EXC_ERR || wc.status == IBV_WC_REM_ACCESS_ERR ||
	       wc.status == IBV_WC_REM_OP_ERR, "%s", ibv_wc_status_str(wc.status));
	for (; done < posted; done++)
		assert_int_equal(next_wc(p.a.scq).status, IBV_WC_WR_FLUSH_ERR);
	expect_state(&p.a, IBV_QPS_ERR);
	expect_fatal();
	use_dead_end(&p.b, &there);
	end_child(pid);
	pair_close(&p);
	mem_free(&here_);
	mem_free(&there);
	close_doomed();
}

static enum ibv_wr_opcode opcodes[] = { IBV_WR_RDMA_WRITE, IBV_WR_RDMA_READ };

#define ONE(f)		cmocka_unit_test_setup_teardown(f, make_doomed, drop_link)
#define OF(f, name, i)	{ #f "__" name, f, make_doomed, drop_link, &opcodes[i] }

static const struct CMUnitTest tests[] = {
	ONE(while_requests_wait),
	ONE(with_objects_of_all_kinds),
	OF(the_other_device_stays, "write", 0), OF(the_other_device_stays, "read", 1),
};

LIVE_MAIN("unplug_peers", tests, open_node, close_node)
