// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The states of a QP: which transition there is, which attributes it needs and
 * which it takes (specification, tables 91 to 96; ibv_modify_qp(3)), what can be
 * done in each state (10.3.1), and what ibv_query_qp(3) says.
 */

#include <pthread.h>

#include "peer.h"

/* Of a QP whose peer writes. */
#define RESETS	500

static struct end end, other;
static struct mem mem;

static int open_ends(void **state)
{
	struct end_options o = {};

	if (*state)
		o.type = *(enum ibv_qp_type *)*state;
	end_open(&end, &node, &o);
	end_open(&other, &node, &o);
	mem_make(&mem, &node, PAGE, ALL_ACCESS);
	return 0;
}

static int close_ends(void **state)
{
	end_close(&end);
	end_close(&other);
	mem_free(&mem);
	return 0;
}

#define STATES (IBV_QPS_ERR + 1)
static const char *const state_names[] = { "RESET", "INIT", "RTR", "RTS", "SQD", "SQE", "ERR" };

/* The attributes that the move to @state has at least. */
static int attributes(enum ibv_qp_state from, enum ibv_qp_state to, struct ibv_qp_attr *attr)
{
	struct address there = end_address(&other);

	if (to == IBV_QPS_INIT)
		return attr_init(&end, attr);
	if (to == IBV_QPS_RTR)
		return attr_rtr(&end, attr, &there);
	if (from == IBV_QPS_RTR && to == IBV_QPS_RTS)
		return attr_rts(&end, attr);
	*attr = (struct ibv_qp_attr){ .qp_state = to };
	return IBV_QP_STATE;
}

/* From wherever it is, over RESET. */
static void go_to(enum ibv_qp_state state)
{
	static const enum ibv_qp_state path[] = { IBV_QPS_INIT, IBV_QPS_RTR, IBV_QPS_RTS };
	struct ibv_qp_attr attr;
	unsigned int i;
	int mask, ret = end_to(&end, IBV_QPS_RESET);

	demand(!ret, "to RESET: %s", strerror(ret));
	for (i = 0; i < 3 && state != IBV_QPS_RESET; i++) {
		mask = attributes(path[i] - 1, path[i], &attr);
		ret = ibv_modify_qp(end.qp, &attr, mask);
		demand(!ret, "to %s: %s", state_names[path[i]], strerror(ret));
		if (path[i] == state)
			return;
	}
	if (state == IBV_QPS_SQD || state == IBV_QPS_ERR)
		assert_int_equal(end_to(&end, state), 0);
}

/* SQE is where nobody can go by hand. */
static bool is_allowed(enum ibv_qp_state from, enum ibv_qp_state to)
{
	static const bool table[STATES][STATES] = {
		/*                 RESET INIT RTR RTS SQD SQE ERR */
		[IBV_QPS_RESET] = { 1,   1,   0,  0,  0,  0,  0 },
		[IBV_QPS_INIT]  = { 1,   1,   1,  0,  0,  0,  1 },
		[IBV_QPS_RTR]   = { 1,   0,   0,  1,  0,  0,  1 },
		[IBV_QPS_RTS]   = { 1,   0,   0,  1,  1,  0,  1 },
		[IBV_QPS_SQD]   = { 1,   0,   0,  1,  1,  0,  1 },
		[IBV_QPS_ERR]   = { 1,   0,   0,  0,  0,  0,  1 },
	};

	return table[from][to];
}

/* An idle queue of rxe that is drained stays so for ever. */
static bool drains(void)
{
	return !node.rxe;
}

static void transitions(void **state)
{
	enum ibv_qp_state from, to;
	struct ibv_qp_attr attr;
	int mask, ret;

	for (from = 0; from < STATES; from++) {
		for (to = 0; to < STATES; to++) {
			/* The specification allows it, Linux's own table does not. */
			if (from == IBV_QPS_SQE || (from == IBV_QPS_RESET && to == IBV_QPS_ERR))
				continue;
			if (!drains() && (from == IBV_QPS_SQD || to == IBV_QPS_SQD))
				continue;
			go_to(from);
			mask = attributes(from, to, &attr);
			ret = ibv_modify_qp(end.qp, &attr, mask);
			if (is_allowed(from, to))
				demand(!ret, "%s to %s: %s", state_names[from], state_names[to],
				       strerror(ret));
			else
				demand(ret == EINVAL, "%s to %s: %d", state_names[from],
				       state_names[to], ret);
			/* What was refused changes nothing. */
			demand(end_state(&end) == (ret ? from : to), "%s to %s: it is in %s",
			       state_names[from], state_names[to],
			       state_names[end_state(&end)]);
		}
	}
}

/* Without any one of them it is refused. */
static void attributes__required(void **state)
{
	enum ibv_qp_state to;
	struct ibv_qp_attr attr;
	int mask, bit;

	for (to = IBV_QPS_INIT; to <= IBV_QPS_RTS; to++) {
		go_to(to - 1);
		mask = attributes(to - 1, to, &attr);
		for (bit = 1; bit < 1 << 21; bit <<= 1) {
			if (!(mask & bit) || bit == IBV_QP_STATE)
				continue;
			demand(ibv_modify_qp(end.qp, &attr, mask & ~bit) == EINVAL,
			       "to %s without %#x", state_names[to], bit);
			assert_int_equal(end_state(&end), to - 1);
		}
	}
}

/* Table 92 and on: what each transition takes beside what it needs. */
static int optional(enum ibv_qp_state from, enum ibv_qp_state to)
{
	enum ibv_qp_type type = end.o.type;
	int access = type == IBV_QPT_UD ? 0 : IBV_QP_ACCESS_FLAGS;
	int qkey = type == IBV_QPT_UD ? IBV_QP_QKEY : 0;
	int rnr = type == IBV_QPT_RC ? IBV_QP_MIN_RNR_TIMER : 0;

	if (to == IBV_QPS_RTR)
		return IBV_QP_PKEY_INDEX | access | qkey;
	if (to == IBV_QPS_RTS)
		return IBV_QP_CUR_STATE | access | qkey | rnr;
	if (to == IBV_QPS_SQD && from == IBV_QPS_RTS)
		return IBV_QP_EN_SQD_ASYNC_NOTIFY;
	return 0;
}

static void one_attribute(enum ibv_qp_state from, enum ibv_qp_state to, int bit)
{
	struct ibv_qp_attr attr;
	int mask, ret;

	go_to(from);
	mask = attributes(from, to, &attr);
	if (mask & bit)
		return;
	attr.cur_qp_state = from;
	attr.qkey = QKEY;
	attr.port_num = 1;
	attr.path_mtu = IBV_MTU_1024;
	attr.path_mig_state = IBV_MIG_REARM;
	ret = ibv_modify_qp(end.qp, &attr, mask | bit);
	if (optional(from, to) & bit)
		demand(!ret, "%s to %s with %#x: %s", state_names[from], state_names[to], bit,
		       strerror(ret));
	else
		demand(ret == EINVAL || ret == EOPNOTSUPP, "%s to %s with %#x: %d",
		       state_names[from], state_names[to], bit, ret);
}

/* Path migration is optional in the tables, but for InfiniBand only: refused. */
static void attributes__optional(void **state)
{
	static const enum ibv_qp_state moves[][2] = {
		{ IBV_QPS_RESET, IBV_QPS_INIT }, { IBV_QPS_INIT, IBV_QPS_RTR },
		{ IBV_QPS_RTR, IBV_QPS_RTS }, { IBV_QPS_RTS, IBV_QPS_RTS },
		{ IBV_QPS_RTS, IBV_QPS_SQD }, { IBV_QPS_SQD, IBV_QPS_RTS },
	};
	unsigned int i;
	int bit;

	for (i = 0; i < ARRAY_SIZE(moves); i++) {
		for (bit = 1; bit < 1 << 21; bit <<= 1) {
			/* Capacities never, and rxe takes any migration state. */
			if (node.rxe && bit == IBV_QP_PATH_MIG_STATE)
				continue;
			if (!drains() && (moves[i][0] == IBV_QPS_SQD || moves[i][1] == IBV_QPS_SQD))
				continue;
			one_attribute(moves[i][0], moves[i][1], bit);
		}
	}
}

static void values__refused(void **state)
{
	struct address there = end_address(&other);
	struct ibv_qp_attr attr;
	int mask;

	go_to(IBV_QPS_RESET);
	mask = attr_init(&end, &attr);
	attr.port_num = 2;
	assert_int_equal(ibv_modify_qp(end.qp, &attr, mask), EINVAL);
	attr.port_num = 0;
	assert_int_equal(ibv_modify_qp(end.qp, &attr, mask), EINVAL);
	mask = attr_init(&end, &attr);
	if (!node.rxe) {
		attr.pkey_index = 1000;
		assert_int_equal(ibv_modify_qp(end.qp, &attr, mask), EINVAL);
	}
	go_to(IBV_QPS_INIT);
	mask = attr_rtr(&end, &attr, &there);
	attr.ah_attr.grh.sgid_index = 255;
	demand(ibv_modify_qp(end.qp, &attr, mask), "a GID index that is none");
	mask = attr_rtr(&end, &attr, &there);
	attr.path_mtu = 6;
	demand(ibv_modify_qp(end.qp, &attr, mask), "an MTU that is none");
	mask = attr_rtr(&end, &attr, &there);
	attr.ah_attr.is_global = 0;
	demand(ibv_modify_qp(end.qp, &attr, mask), "RoCE without a GRH");
	go_to(IBV_QPS_RTR);
	mask = attr_rts(&end, &attr);
	attr.timeout = 32;
	demand(ibv_modify_qp(end.qp, &attr, mask), "a timeout of more than five bits");
	mask = attr_rts(&end, &attr);
	attr.max_rd_atomic = 255;
	if (node.attr.orig_attr.max_qp_init_rd_atom < 255)
		demand(ibv_modify_qp(end.qp, &attr, mask), "max_rd_atomic");
	assert_int_equal(end_state(&end), IBV_QPS_RTR);
	assert_int_equal(end_to_rts(&end), 0);
}

/* What was set is what is told. */
static void query(void **state)
{
	struct address there = end_address(&other);
	struct ibv_qp_init_attr init;
	struct ibv_qp_attr attr;
	int mask;

	assert_int_equal(end_to_init(&end), 0);
	mask = attr_rtr(&end, &attr, &there);
	attr.path_mtu = IBV_MTU_512;
	attr.rq_psn = 0xabcdef;
	attr.max_dest_rd_atomic = 2;
	attr.min_rnr_timer = 17;
	attr.ah_attr.sl = 3;
	attr.ah_attr.grh.hop_limit = 9;
	attr.ah_attr.grh.traffic_class = 4;
	attr.ah_attr.grh.flow_label = 0x12345;
	assert_int_equal(ibv_modify_qp(end.qp, &attr, mask), 0);
	mask = attr_rts(&end, &attr);
	attr.sq_psn = 0x123456;
	attr.timeout = 11;
	attr.retry_cnt = 5;
	attr.rnr_retry = 6;
	attr.max_rd_atomic = 2;
	assert_int_equal(ibv_modify_qp(end.qp, &attr, mask), 0);

	memset(&attr, 0, sizeof(attr));
	assert_int_equal(ibv_query_qp(end.qp, &attr, 0x1fffff, &init), 0);
	assert_int_equal(attr.qp_state, IBV_QPS_RTS);
	assert_int_equal(attr.cur_qp_state, IBV_QPS_RTS);
	assert_int_equal(attr.port_num, 1);
	assert_int_equal(attr.pkey_index, 0);
	assert_int_equal(attr.qp_access_flags & ALL_REMOTE, ALL_REMOTE);
	assert_int_equal(attr.path_mtu, IBV_MTU_512);
	assert_int_equal(attr.dest_qp_num, there.qpn);
	assert_int_equal(attr.rq_psn, 0xabcdef);
	assert_int_equal(attr.sq_psn, 0x123456);
	assert_int_equal(attr.max_dest_rd_atomic, 2);
	assert_int_equal(attr.max_rd_atomic, 2);
	assert_int_equal(attr.min_rnr_timer, 17);
	assert_int_equal(attr.timeout, 11);
	assert_int_equal(attr.retry_cnt, 5);
	assert_int_equal(attr.rnr_retry, 6);
	assert_int_equal(attr.sq_draining, 0);
	assert_int_equal(attr.path_mig_state, IBV_MIG_MIGRATED);
	assert_int_equal(attr.ah_attr.is_global, 1);
	demand(attr.ah_attr.sl == 3 || node.rxe, "sl %u", attr.ah_attr.sl);
	assert_memory_equal(&attr.ah_attr.grh.dgid, &there.gid, 16);
	assert_int_equal(attr.ah_attr.grh.sgid_index, node.gid_index);
	assert_int_equal(attr.ah_attr.grh.traffic_class, 4);
	assert_int_equal(attr.ah_attr.grh.flow_label, 0x12345);
}

static void query__qkey(void **state)
{
	struct ibv_qp_init_attr init;
	struct ibv_qp_attr attr = { .qkey = 0x4711 };

	go_to(IBV_QPS_RTS);
	assert_int_equal(ibv_query_qp(end.qp, &attr, IBV_QP_QKEY, &init), 0);
	assert_int_equal(attr.qkey, QKEY);
	attr.qkey = 0x4711;
	assert_int_equal(ibv_modify_qp(end.qp, &attr, IBV_QP_QKEY), 0);
	memset(&attr, 0, sizeof(attr));
	assert_int_equal(ibv_query_qp(end.qp, &attr, IBV_QP_QKEY, &init), 0);
	assert_int_equal(attr.qkey, 0x4711);
}

/* C10-15 and on: receives may be posted from INIT on, sends from RTS on. */
static void post__in_each_state(void **state)
{
	struct ibv_sge sge = mem_sge(&mem, 0, 8);
	enum ibv_qp_state at;
	struct address there = end_address(&other);

	end_connect(&other, &(struct address){ .gid = node.gid, .qpn = end.qp->qp_num });
	other.remote_qpn = end.qp->qp_num;
	end_connect(&end, &there);
	for (at = IBV_QPS_RESET; at <= IBV_QPS_ERR; at++) {
		struct ibv_send_wr wr = wr_of(&end, IBV_WR_SEND, &sge, 1);
		bool recv_ok = at != IBV_QPS_RESET;
		bool send_ok = at >= IBV_QPS_RTS;
		int ret;

		/* SQE is another test's. */
		if (at == IBV_QPS_SQE || (at == IBV_QPS_SQD && !drains()))
			continue;
		go_to(at);
		/* rxe does not look at the state. */
		if (recv_ok || !node.rxe) {
			ret = post_recv(&end, 1, &mem, 0, 64);
			demand(ret == (recv_ok ? 0 : EINVAL), "a receive in %s: %d",
			       state_names[at], ret);
		}
		if (send_ok || !node.rxe) {
			ret = post_send(&end, &wr);
			demand(ret == (send_ok ? 0 : EINVAL), "a send in %s: %d",
			       state_names[at], ret);
		}
	}
}

/* RESET drops what was posted and not done; nothing of it completes later. */
static void reset__empties(void **state)
{
	struct address there = end_address(&other);
	struct ibv_sge sge = mem_sge(&mem, 0, 8);
	struct ibv_wc wc;
	unsigned int i;

	end_connect(&end, &there);
	for (i = 0; i < 5; i++)
		must_post_recv(&end, i, &mem, 0, 64);
	assert_int_equal(end_to(&end, IBV_QPS_RESET), 0);
	demand(!wc_within(end.rcq, &wc, 10), "a completion after RESET");
	assert_int_equal(end_to_init(&end), 0);
	assert_int_equal(end_to(&end, IBV_QPS_ERR), 0);
	demand(!wc_within(end.rcq, &wc, 10), "it was still there");

	/* Sends that wait for a receive of the other end, likewise. */
	assert_int_equal(end_to(&end, IBV_QPS_RESET), 0);
	end_connect(&end, &there);
	end_connect(&other, &(struct address){ .gid = node.gid, .qpn = end.qp->qp_num });
	if (end.o.type == IBV_QPT_RC) {
		must_post(&end, wr_of(&end, IBV_WR_SEND, &sge, 1));
		assert_int_equal(end_to(&end, IBV_QPS_RESET), 0);
		demand(!wc_within(end.scq, &wc, 10), "a completion after RESET");
	}
}

static volatile bool stop;

/* From the second half of the page to the first, again and again. */
static void *write_on(void *arg)
{
	struct ibv_sge sge = mem_sge(&mem, PAGE / 2, 8);
	struct ibv_send_wr wr = wr_of(&other, IBV_WR_RDMA_WRITE, &sge, 1);

	wr.wr.rdma.remote_addr = (uintptr_t)mem.p;
	wr.wr.rdma.rkey = mem.mr->rkey;
	while (!stop) {
		must_post(&other, wr);
		next_wc(other.scq);
	}
	return arg;
}

static bool is_written(volatile uint64_t *p, uint64_t old)
{
	unsigned int i;

	for (i = 0; i < 10000 && *p == old; i++)
		;
	return *p != old;
}

/* Behind RESET nobody is at work on the memory of a QP, though its peer goes on. */
static void reset__while_written(void **state)
{
	volatile uint64_t *to = (void *)mem.p, *from = (void *)(mem.p + PAGE / 2);
	struct address here = end_address(&end), there = end_address(&other);
	uint64_t deadline = now_ms() + DEADLINE_MS;
	pthread_t writer;
	unsigned int i;

	end_connect(&other, &here);
	stop = false;
	demand(!pthread_create(&writer, NULL, write_on, NULL), "pthread_create");
	for (i = 1; i <= RESETS; i++) {
		end_connect(&end, &there);
		*from = i;
		while (*to != i)
			demand(now_ms() < deadline, "round %u: nothing is written", i);
		assert_int_equal(end_to(&end, IBV_QPS_RESET), 0);
		*to = 0;
		demand(!is_written(to, 0), "round %u: written behind RESET", i);
	}
	stop = true;
	pthread_join(writer, NULL);
}

/*
 * SQD: what has begun is finished, what is posted waits, and an event says when
 * the queue is drained (10.3.1.4; ibv_modify_qp(3), en_sqd_async_notify).
 */
static void drain(void **state)
{
	struct address at_end = end_address(&end), at_other = end_address(&other);
	struct ibv_qp_attr attr = { .qp_state = IBV_QPS_SQD, .en_sqd_async_notify = 1 };
	struct ibv_sge sge = mem_sge(&mem, 0, 8);
	struct ibv_send_wr wr;
	struct ibv_wc wc;

	if (end.o.type == IBV_QPT_UC)
		skip_on_rxe("it never drains");
	end_connect(&end, &at_other);
	end_connect(&other, &at_end);
	must_post_recv(&other, 1, &mem, 64, 64);
	do_send(&end, wr_of(&end, IBV_WR_SEND, &sge, 1));
	expect_wc(other.rcq, 1, IBV_WC_SUCCESS);
	assert_int_equal(ibv_modify_qp(end.qp, &attr,
				       IBV_QP_STATE | IBV_QP_EN_SQD_ASYNC_NOTIFY), 0);
	if (!node.rxe)
		demand(await_async(node.ctx, IBV_EVENT_SQ_DRAINED, DEADLINE_MS), "no event");
	/* Posted now, it waits. */
	must_post_recv(&other, 2, &mem, 64, 64);
	wr = wr_of(&end, IBV_WR_SEND, &sge, 1);
	must_post(&end, wr);
	demand(!wc_within(end.scq, &wc, 30), "it sends in SQD");
	/* It still receives. */
	must_post_recv(&end, 3, &mem, 64, 64);
	do_send(&other, wr_of(&other, IBV_WR_SEND, &sge, 1));
	expect_wc(end.rcq, 3, IBV_WC_SUCCESS);
	assert_int_equal(end_to(&end, IBV_QPS_RTS), 0);
	expect_wc(end.scq, wr.wr_id, IBV_WC_SUCCESS);
	expect_wc(other.rcq, 2, IBV_WC_SUCCESS);
}

/* A request that has begun keeps its path; then there may be another (10.3.1.4). */
static void drain__keeps_path(void **state)
{
	struct address at_end = end_address(&end), at_other = end_address(&other);
	struct ibv_qp_attr attr = { .qp_state = IBV_QPS_SQD, .en_sqd_async_notify = 1 };
	struct ibv_sge sge = mem_sge(&mem, 0, 8);
	uint64_t deadline = now_ms() + DEADLINE_MS;
	struct ibv_qp_attr path;
	struct ibv_send_wr wr;
	int ret;

	skip_on_rxe("it never drains");
	end_connect(&end, &at_other);
	end_connect(&other, &at_end);
	wr = wr_of(&end, IBV_WR_SEND, &sge, 1);
	must_post(&end, wr);
	/* Soon under way: a worker may be about to look at the QP, which came to RTS just now. */
	attr_rtr(&end, &path, &at_other);
	for (;;) {
		assert_int_equal(ibv_modify_qp(end.qp, &attr,
					       IBV_QP_STATE | IBV_QP_EN_SQD_ASYNC_NOTIFY), 0);
		ret = ibv_modify_qp(end.qp, &path, IBV_QP_AV);
		if (ret)
			break;
		demand(now_ms() < deadline, "the request does not begin");
		demand(await_async(node.ctx, IBV_EVENT_SQ_DRAINED, DEADLINE_MS), "no event");
		assert_int_equal(end_to(&end, IBV_QPS_RTS), 0);
	}
	assert_int_equal(ret, EBUSY);
	must_post_recv(&other, 1, &mem, 64, 64);
	expect_wc(end.scq, wr.wr_id, IBV_WC_SUCCESS);
	demand(await_async(node.ctx, IBV_EVENT_SQ_DRAINED, DEADLINE_MS), "no event");
	assert_int_equal(ibv_modify_qp(end.qp, &path, IBV_QP_AV), 0);
	assert_int_equal(end_to(&end, IBV_QPS_RTS), 0);
}

/* RoCE has no alternate paths (the core says EINVAL). */
static void path_migration__refused(void **state)
{
	struct address there = end_address(&other);
	struct ibv_qp_attr attr;
	int mask, ret;

	go_to(IBV_QPS_INIT);
	mask = attr_rtr(&end, &attr, &there);
	attr.alt_ah_attr = attr.ah_attr;
	attr.alt_port_num = 1;
	ret = ibv_modify_qp(end.qp, &attr, mask | IBV_QP_ALT_PATH);
	demand(ret == EINVAL || ret == EOPNOTSUPP, "an alternate path: %d", ret);
	go_to(IBV_QPS_RTS);
	attr = (struct ibv_qp_attr){ .path_mig_state = IBV_MIG_REARM };
	ret = ibv_modify_qp(end.qp, &attr, IBV_QP_PATH_MIG_STATE);
	if (!node.rxe)
		demand(ret == EINVAL || ret == EOPNOTSUPP, "rearming: %d", ret);
	assert_int_equal(end_state(&end), IBV_QPS_RTS);
}

/* A QP of a type that there is not. */
static void create__refused(void **state)
{
	struct ibv_cq *cq = cq_make(&node, 16);
	struct ibv_qp_init_attr attr = {
		.send_cq = cq, .recv_cq = cq, .qp_type = IBV_QPT_RC,
		.cap = { .max_send_wr = 1, .max_recv_wr = 1, .max_send_sge = 1,
			 .max_recv_sge = 1 },
	};

	attr.cap.max_send_wr = node.attr.orig_attr.max_qp_wr + 1;
	demand(!ibv_create_qp(node.pd, &attr), "max_send_wr");
	attr.cap.max_send_wr = 1;
	attr.cap.max_recv_wr = node.attr.orig_attr.max_qp_wr + 1;
	demand(!ibv_create_qp(node.pd, &attr), "max_recv_wr");
	attr.cap.max_recv_wr = 1;
	attr.cap.max_send_sge = node.attr.orig_attr.max_sge + 1;
	demand(!ibv_create_qp(node.pd, &attr), "max_send_sge");
	attr.cap.max_send_sge = 1;
	attr.cap.max_recv_sge = node.attr.orig_attr.max_sge + 1;
	demand(!ibv_create_qp(node.pd, &attr), "max_recv_sge");
	attr.cap.max_recv_sge = 1;
	attr.cap.max_inline_data = 1 << 20;
	demand(!ibv_create_qp(node.pd, &attr), "max_inline_data");
	attr.cap.max_inline_data = 0;
	attr.qp_type = IBV_QPT_RAW_PACKET;
	demand(!ibv_create_qp(node.pd, &attr), "raw packets");
	attr.qp_type = 77;
	demand(!ibv_create_qp(node.pd, &attr), "a type that is none");
	cq_free(cq);
}

static enum ibv_qp_type types[] = { IBV_QPT_RC, IBV_QPT_UC, IBV_QPT_UD };

#define OF(f, name, i)	{ #f "__" name, f, open_ends, close_ends, &types[i] }
#define RC(f)		OF(f, "rc", 0)
#define ALL(f)		RC(f), OF(f, "uc", 1), OF(f, "ud", 2)

static const struct CMUnitTest tests[] = {
	ALL(transitions),
	ALL(attributes__required),
	ALL(attributes__optional),
	RC(values__refused),
	RC(query),
	OF(query__qkey, "ud", 2),
	ALL(post__in_each_state),
	ALL(reset__empties),
	OF(reset__while_written, "uc", 1),
	RC(drain), OF(drain, "uc", 1), RC(drain__keeps_path),
	RC(path_migration__refused),
	cmocka_unit_test(create__refused),
};

LIVE_MAIN("state", tests, open_node, close_node)
