// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Asynchronous events of peers and of the port: ibv_get_async_event(3). */

#include <pthread.h>

#include "peer.h"

static struct pair pair;
static struct mem mem;

static bool next_event(struct ibv_async_event *event, int timeout_ms)
{
	if (!await_readable(node.ctx->async_fd, timeout_ms))
		return false;
	assert_int_equal(ibv_get_async_event(node.ctx, event), 0);
	return true;
}

static int open_pair(void **state)
{
	struct ibv_async_event event;

	/* What an earlier test may have left. */
	while (next_event(&event, 0))
		ibv_ack_async_event(&event);
	pair_open(&pair, NULL);
	mem_make(&mem, &node, PAGE, ALL_ACCESS);
	return 0;
}

static int close_pair(void **state)
{
	pair_close(&pair);
	mem_free(&mem);
	return 0;
}

static void must_be_quiet(void)
{
	struct ibv_async_event event;

	if (!next_event(&event, 10))
		return;
	ibv_ack_async_event(&event);
	demand(false, "an event: %s", ibv_event_type_str(event.event_type));
}

/* This event comes next, of this QP. */
static void expect_qp_event(struct end *e, enum ibv_event_type type)
{
	struct ibv_async_event event;

	demand(next_event(&event, DEADLINE_MS), "no event, not %s", ibv_event_type_str(type));
	ibv_ack_async_event(&event);
	demand(event.event_type == type, "%s, not %s", ibv_event_type_str(event.event_type),
	       ibv_event_type_str(type));
	assert_ptr_equal(event.element.qp, e->qp);
}

/* 11.6.3.1: a message reaches a QP that is in RTR still: once. */
static void communication_established(void **state)
{
	struct ibv_sge sge = mem_sge(&mem, 0, 8);
	struct address at_a, at_b;
	struct pair p;
	unsigned int i;

	skip_on_rxe("it has no such event");
	end_open(&p.a, &node, NULL);
	end_open(&p.b, &node, NULL);
	at_a = end_address(&p.a);
	at_b = end_address(&p.b);
	assert_int_equal(end_to_init(&p.b), 0);
	assert_int_equal(end_to_rtr(&p.b, &at_a), 0);
	end_connect(&p.a, &at_b);
	must_be_quiet();
	for (i = 0; i < 3; i++) {
		must_post_recv(&p.b, i, &mem, 64, 64);
		do_send(&p.a, wr_of(&p.a, IBV_WR_SEND, &sge, 1));
		expect_wc(p.b.rcq, i, IBV_WC_SUCCESS);
	}
	expect_qp_event(&p.b, IBV_EVENT_COMM_EST);
	must_be_quiet();
	assert_int_equal(end_to_rts(&p.b), 0);
	expect_alive(&p);
	must_be_quiet();
	pair_close(&p);
}

/* A responder that refuses an access tells its own process, too. */
static void access_error(void **state)
{
	struct ibv_sge sge = mem_sge(&mem, 0, 8);
	struct ibv_send_wr wr = wr_at(&pair.a, IBV_WR_RDMA_WRITE, &sge, 1, &mem, 64);

	skip_on_rxe("it has no such event");
	wr.wr.rdma.rkey ^= 0x77000;
	must_post(&pair.a, wr);
	expect_wc(pair.a.scq, wr.wr_id, IBV_WC_REM_ACCESS_ERR);
	expect_qp_event(&pair.b, IBV_EVENT_QP_ACCESS_ERR);
	must_be_quiet();
}

/* ... and likewise a request that the QP does not take at all. */
static void request_error(void **state)
{
	struct ibv_sge sge = mem_sge(&mem, 0, 8);
	struct ibv_send_wr wr;
	struct pair p;

	skip_on_rxe("it has no such event");
	pair_open(&p, &(struct end_options){ .tuned = true, .access = 0, .timeout = 14,
					     .retry_cnt = 7, .rnr_retry = 7, .rd_atomic = 1 });
	wr = wr_at(&p.a, IBV_WR_RDMA_WRITE, &sge, 1, &mem, 64);
	must_post(&p.a, wr);
	expect_wc(p.a.scq, wr.wr_id, IBV_WC_REM_INV_REQ_ERR);
	expect_qp_event(&p.b, IBV_EVENT_QP_REQ_ERR);
	pair_close(&p);
}

/* What a completion tells is not told by an event as well; neither is success. */
static void none_without_need(void **state)
{
	struct ibv_sge bad = { .addr = (uintptr_t)mem.p, .length = 8, .lkey = 0xbad };
	struct ibv_send_wr wr = wr_of(&pair.a, IBV_WR_SEND, &bad, 1);

	expect_alive(&pair);
	must_be_quiet();
	must_post_recv(&pair.b, 1, &mem, 0, 64);
	must_post(&pair.a, wr);
	demand(next_wc(pair.a.scq).status != IBV_WC_SUCCESS, "a bad key");
	assert_int_equal(end_to(&pair.b, IBV_QPS_ERR), 0);
	must_be_quiet();
}

/* A CQ that overflows: CQ_ERR, and the QPs that use it cannot go on. */
static void cq_overflow(void **state)
{
	struct ibv_cq *cq = cq_make(&node, 2);
	int room = cq->cqe + 8, i;
	struct ibv_async_event event;
	struct pair p;

	skip_on_rxe("it takes receives as long as the CQ is full");
	pair_open(&p, &(struct end_options){ .cq = cq, .send_wr = 2048, .recv_wr = 2048 });
	for (i = 0; i < room; i++)
		must_post_recv(&p.a, i, &mem, 0, 8);
	assert_int_equal(end_to(&p.a, IBV_QPS_ERR), 0);
	demand(next_event(&event, DEADLINE_MS), "no event");
	assert_int_equal(event.event_type, IBV_EVENT_CQ_ERR);
	assert_ptr_equal(event.element.cq, cq);
	ibv_ack_async_event(&event);
	while (next_event(&event, 20)) {
		assert_int_equal(event.event_type, IBV_EVENT_QP_FATAL);
		ibv_ack_async_event(&event);
	}
	pair_close(&p);
	cq_free(cq);
}

/* ibv_get_async_event(3): destroying a QP waits until its events are acknowledged. */
static void *destroy(void *arg)
{
	struct end *e = arg;

	return (void *)(intptr_t)ibv_destroy_qp(e->qp);
}

static void destroy_waits_for_acknowledgement(void **state)
{
	struct ibv_sge sge = mem_sge(&mem, 0, 8);
	struct ibv_send_wr wr = wr_at(&pair.a, IBV_WR_RDMA_WRITE, &sge, 1, &mem, 64);
	struct ibv_async_event event;
	pthread_t thread;
	struct timespec soon;
	void *ret;

	skip_on_rxe("it has no such event");
	wr.wr.rdma.rkey ^= 0x77000;
	must_post(&pair.a, wr);
	demand(next_event(&event, DEADLINE_MS), "no event");
	assert_int_equal(pthread_create(&thread, NULL, destroy, &pair.b), 0);
	clock_gettime(CLOCK_REALTIME, &soon);
	soon.tv_nsec += 30000000;
	if (soon.tv_nsec >= 1000000000) {
		soon.tv_nsec -= 1000000000;
		soon.tv_sec++;
	}
	assert_int_equal(pthread_timedjoin_np(thread, &ret, &soon), ETIMEDOUT);
	ibv_ack_async_event(&event);
	pthread_join(thread, &ret);
	assert_null(ret);
	pair.b.qp = NULL;
}

/*---- the port ----*/

/* The network device below. */
static const char *netdev(void)
{
	static char name[64];
	char path[256];
	FILE *f;

	/* Later the GID may be elsewhere. */
	if (name[0])
		return name;
	snprintf(path, sizeof(path), "/sys/class/infiniband/%s/ports/1/gid_attrs/ndevs/%d",
		 node.device, node.gid_index);
	f = fopen(path, "re");
	demand(f && fscanf(f, "%63s", name) == 1, "cannot read %s", path);
	fclose(f);
	return name;
}

static enum ibv_port_state port_state(void)
{
	struct ibv_port_attr port;

	assert_int_equal(ibv_query_port(node.ctx, 1, &port), 0);
	return port.state;
}

/* The one that is meant, whatever else is told on the way. */
static void await_port_event(enum ibv_event_type type)
{
	demand(await_async(node.ctx, type, DEADLINE_MS), "no event %s", ibv_event_type_str(type));
}

static void port__down_and_up(void **state)
{
	assert_int_equal(port_state(), IBV_PORT_ACTIVE);
	must("ip link set %s down", netdev());
	await_port_event(IBV_EVENT_PORT_ERR);
	assert_int_equal(port_state(), IBV_PORT_DOWN);
	must("ip link set %s up", netdev());
	await_port_event(IBV_EVENT_PORT_ACTIVE);
	assert_int_equal(port_state(), IBV_PORT_ACTIVE);
}

/* The name of the device below, from before it loses its addresses. */
static void restore_addresses(const char *name)
{
	static const char *const v6[][2] = {
		{ "eth0", "fd00::1/64" }, { "eth1", "fd00::2/64" }, { "eth2", "fd00:0:0:1::1/64" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(v6); i++) {
		if (!strcmp(name, v6[i][0]))
			shell(NULL, "ip addr replace %s dev %s nodad", v6[i][1], name);
	}
}

static int restore(void **state)
{
	must("ip link set %s up", netdev());
	restore_addresses(netdev());
	return 0;
}

static bool has_gid(const uint8_t *raw)
{
	struct ibv_gid_entry entries[64];
	ssize_t n = ibv_query_gid_table(node.ctx, entries, ARRAY_SIZE(entries), 0), i;

	demand(n > 0, "ibv_query_gid_table");
	for (i = 0; i < n; i++) {
		if (!memcmp(entries[i].gid.raw, raw, 16) &&
		    entries[i].gid_type == IBV_GID_TYPE_ROCE_V2)
			return true;
	}
	return false;
}

/* It is so, or an event tells that it may be. (One address makes several GIDs.) */
static void await_gid(const uint8_t *raw, bool there)
{
	while (has_gid(raw) != there)
		await_port_event(IBV_EVENT_GID_CHANGE);
}

/* An address of the network device is a GID, and its coming and going an event. */
static void port__gid_change(void **state)
{
	static const uint8_t gid[16] = { [10] = 0xff, 0xff, 10, 77, 77, 1 };

	demand(!has_gid(gid), "it is there already");
	must("ip addr add 10.77.77.1/24 dev %s", netdev());
	await_port_event(IBV_EVENT_GID_CHANGE);
	await_gid(gid, true);
	must("ip addr del 10.77.77.1/24 dev %s", netdev());
	await_gid(gid, false);
}

#define IN(f)	cmocka_unit_test_setup_teardown(f, open_pair, close_pair)

static const struct CMUnitTest tests[] = {
	IN(communication_established),
	IN(access_error),
	IN(request_error),
	IN(none_without_need),
	cmocka_unit_test_setup_teardown(cq_overflow, open_pair, close_pair),
	IN(destroy_waits_for_acknowledgement),
	cmocka_unit_test_teardown(port__down_and_up, restore),
	cmocka_unit_test(port__gid_change),
};

LIVE_MAIN("events", tests, open_node, close_node)
