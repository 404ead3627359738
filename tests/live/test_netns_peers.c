// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Peers on two devices, on one, on the very same QP, and in two network namespaces
 * that a veth pair joins or that nothing joins.
 */

#include <sched.h>

#include "wire.h"

static struct node second;

static int open_both(void **state)
{
	open_node(state);
	node_open(&second, second_device());
	return 0;
}

static int close_both(void **state)
{
	node_close(&second);
	return close_node(state);
}

/* All that a connection can do, between @a and @b. */
static void exercise(struct node *a, struct node *b, enum ibv_qp_type type)
{
	struct mem here_, there;
	struct ibv_sge sge;
	struct pair p;

	mem_make(&here_, a, 16 * KIB, ALL_ACCESS);
	mem_make(&there, b, 16 * KIB, ALL_ACCESS);
	pair_open_on(&p, a, b, &(struct end_options){ .type = type });
	expect_alive(&p);
	sge = mem_sge(&here_, 0, 10000);
	pattern(here_.p, 10000, 1);
	if (type != IBV_QPT_UD) {
		do_send(&p.a, wr_at(&p.a, IBV_WR_RDMA_WRITE, &sge, 1, &there, 7));
		expect_alive(&p);
		demand(is_pattern(there.p + 7, 10000, 1), "written");
	}
	if (type == IBV_QPT_RC) {
		memset(here_.p, 0, 10000);
		do_send(&p.a, wr_at(&p.a, IBV_WR_RDMA_READ, &sge, 1, &there, 7));
		demand(is_pattern(here_.p, 10000, 1), "read");
	}
	pair_close(&p);
	mem_free(&here_);
	mem_free(&there);
}

static void two_devices(void **state)
{
	enum ibv_qp_type type = *(enum ibv_qp_type *)*state;

	if (!strcmp(node.device, second.device))
		skip_because("there is one device only");
	exercise(&node, &second, type);
	exercise(&second, &node, type);
}

/* A key of one device is none of the other, even if the number is the same. */
static void two_devices__keys(void **state)
{
	struct mem here_, other;
	struct ibv_send_wr wr;
	struct ibv_sge sge;
	struct pair p;

	if (!strcmp(node.device, second.device))
		skip_because("there is one device only");
	mem_make(&here_, &node, PAGE, ALL_ACCESS);
	mem_make(&other, &node, PAGE, ALL_ACCESS);
	pair_open_on(&p, &node, &second, NULL);
	sge = mem_sge(&here_, 0, 8);
	wr = wr_at(&p.a, IBV_WR_RDMA_WRITE, &sge, 1, &other, 0);
	must_post(&p.a, wr);
	expect_wc(p.a.scq, wr.wr_id, IBV_WC_REM_ACCESS_ERR);
	assert_int_equal(other.p[0], 0);
	pair_close(&p);
	mem_free(&here_);
	mem_free(&other);
}

/* Two contexts of one device. */
static void one_device__two_contexts(void **state)
{
	struct node again;

	node_open(&again, node.device);
	exercise(&node, &again, IBV_QPT_RC);
	node_close(&again);
}

/* A QP connected to itself: what it sends, it receives. */
static void itself(void **state)
{
	struct ibv_sge sge;
	struct address at;
	struct mem m;
	struct end e;

	mem_make(&m, &node, 4 * PAGE, ALL_ACCESS);
	end_open(&e, &node, &(struct end_options){ .type = *(enum ibv_qp_type *)*state });
	at = end_address(&e);
	end_connect(&e, &at);
	pattern(m.p, 1000, 1);
	sge = mem_sge(&m, 0, 1000);
	must_post_recv(&e, 1, &m, PAGE, 1000);
	do_send(&e, wr_of(&e, IBV_WR_SEND, &sge, 1));
	expect_wc(e.rcq, 1, IBV_WC_SUCCESS);
	demand(is_pattern(m.p + PAGE, 1000, 1), "sent");
	if (e.o.type == IBV_QPT_RC) {
		do_send(&e, wr_at(&e, IBV_WR_RDMA_WRITE, &sge, 1, &m, 2 * PAGE));
		demand(is_pattern(m.p + 2 * PAGE, 1000, 1), "written");
		sge = mem_sge(&m, 3 * PAGE, 1000);
		do_send(&e, wr_at(&e, IBV_WR_RDMA_READ, &sge, 1, &m, 0));
		demand(is_pattern(m.p + 3 * PAGE, 1000, 1), "read");
	}
	end_close(&e);
	mem_free(&m);
}

/* ... and when it waits for its own receive, others are not kept waiting. */
static void itself__rnr(void **state)
{
	struct ibv_send_wr wr;
	struct ibv_sge sge;
	struct address at;
	struct ibv_wc wc;
	struct mem m;
	struct end e;

	mem_make(&m, &node, PAGE, ALL_ACCESS);
	end_open(&e, &node, NULL);
	at = end_address(&e);
	end_connect(&e, &at);
	sge = mem_sge(&m, 0, 8);
	wr = wr_of(&e, IBV_WR_SEND, &sge, 1);
	must_post(&e, wr);
	demand(!wc_within(e.scq, &wc, 20), "%s", ibv_wc_status_str(wc.status));
	must_post_recv(&e, 1, &m, 64, 64);
	expect_wc(e.scq, wr.wr_id, IBV_WC_SUCCESS);
	expect_wc(e.rcq, 1, IBV_WC_SUCCESS);
	end_close(&e);
	mem_free(&m);
}

/*---- network namespaces ----*/

struct place {
	const char *device;
	const char *netns;		/* NULL: ours */
	struct wire wire;
	bool reaches;
};

/*
 * axta here and axtb in the namespace axt, each on an end of a veth pair. (No device
 * of rxe can be opened beside the one of another namespace in the guest's kernel.)
 */
static void make_namespaces(bool exclusive)
{
	skip_on_rxe("its sockets are of one namespace");
	if (exclusive)
		must("rdma system set netns exclusive");
	must("ip netns add axt");
	must("ip link add axt0 type veth peer name axt1 netns axt");
	must("ip addr add 10.9.0.1/24 dev axt0 && ip link set axt0 up");
	must("ip -n axt addr add 10.9.0.2/24 dev axt1 && ip -n axt link set axt1 up");
	must("rdma link add axta type axe netdev axt0");
	must("ip netns exec axt rdma link add axtb type axe netdev axt1");
	/* A new device is the first namespace's, on most kernels. */
	if (exclusive)
		must("ip netns exec axt rdma dev show axtb || rdma dev set axtb netns axt");
}

static int drop_namespaces(void **state)
{
	shell(NULL, "rdma link delete axta 2>/dev/null; ip link delete axt0 2>/dev/null;"
	      " ip netns delete axt 2>/dev/null; ip netns delete axu 2>/dev/null");
	uint64_t end = now_ms() + DEADLINE_MS;

	/* While a device has no network device any more, no namespace can be made. */
	while ((!access("/sys/class/infiniband/axtb", F_OK) ||
		!access("/sys/class/infiniband/axtc", F_OK)) && now_ms() < end)
		sched_yield();
	while (shell(NULL, "rdma system set netns shared 2>/dev/null") && now_ms() < end)
		;
	return 0;
}

static void wait_for_device(const char *name)
{
	struct ibv_context *ctx;
	uint64_t end = now_ms() + DEADLINE_MS;

	do {
		ctx = open_device(name);
	} while (!ctx && now_ms() < end);
	demand(ctx, "cannot open %s", name);
	ibv_close_device(ctx);
}

/* One message there and one back. */
static void far_end(void *arg)
{
	struct place *place = arg;
	struct node n;
	struct mem m;
	struct end e;

	if (place->netns)
		enter_netns(place->netns);
	wait_for_device(place->device);
	node_open(&n, place->device);
	end_open(&e, &n, NULL);
	mem_make(&m, &n, PAGE, ALL_ACCESS);
	assert_int_equal(end_to_init(&e), 0);
	must_post_recv(&e, 1, &m, 0, 100);
	wire_connect(place->wire.fd[1], &e, &m);
	if (place->reaches) {
		struct ibv_sge sge = mem_sge(&m, 0, 100);

		expect_wc(e.rcq, 1, IBV_WC_SUCCESS);
		demand(is_pattern(m.p, 100, 1), "what arrived");
		do_send(&e, wr_of(&e, IBV_WR_SEND, &sge, 1));
	}
	wire_hear(place->wire.fd[1], &(char){ 0 }, 1);
}

static void near_end(struct place *place, const char *device)
{
	struct ibv_sge sge;
	struct node n;
	struct mem m;
	struct end e;
	pid_t pid;

	wire_make(&place->wire);
	pid = start_child(far_end, place);
	wait_for_device(device);
	node_open(&n, device);
	end_open(&e, &n, NULL);
	mem_make(&m, &n, PAGE, ALL_ACCESS);
	assert_int_equal(end_to_init(&e), 0);
	must_post_recv(&e, 1, &m, 200, 100);
	wire_connect(place->wire.fd[0], &e, &m);
	pattern(m.p, 100, 1);
	sge = mem_sge(&m, 0, 100);
	do_send(&e, wr_of(&e, IBV_WR_SEND, &sge, 1));
	expect_wc(e.rcq, 1, IBV_WC_SUCCESS);
	demand(is_pattern(m.p + 200, 100, 1), "what came back");
	wire_tell(place->wire.fd[0], "x", 1);
	end_child(pid);
	end_close(&e);
	mem_free(&m);
	node_close(&n);
	wire_free(&place->wire);
}

static void namespaces__shared(void **state)
{
	make_namespaces(false);
	near_end(&(struct place){ .device = "axtb", .netns = "axt", .reaches = true }, "axta");
	/* In shared mode the other namespace's device can be used from here, too. */
	near_end(&(struct place){ .device = "axtb", .reaches = true }, "axta");
}

static void namespaces__exclusive(void **state)
{
	make_namespaces(true);
	near_end(&(struct place){ .device = "axtb", .netns = "axt", .reaches = true }, "axta");
	demand(!open_device("axtb"), "another namespace's device");
}

/*
 * A namespace that no link joins to ours, with a device whose address is what we
 * look for: it is not reached. Either the address cannot be resolved, or the
 * connection finds nobody.
 */
static void namespaces__not_joined(void **state)
{
	struct address there = { .qpn = 17 };
	struct ibv_sge sge;
	struct ibv_send_wr wr;
	struct node n;
	struct mem m;
	struct end e;

	make_namespaces(false);
	must("ip netns add axu");
	must("ip -n axu link add axu0 type veth peer name axu1");
	must("ip -n axu addr add 10.9.0.3/24 dev axu0");
	must("ip -n axu link set axu0 up && ip -n axu link set axu1 up");
	must("ip netns exec axu rdma link add axtc type axe netdev axu0");
	/* The neighbour is known, so that only the device is in question. */
	must("ip neigh replace 10.9.0.3 lladdr 02:00:00:00:00:03 nud permanent dev axt0");
	wait_for_device("axta");
	node_open(&n, "axta");
	there.gid = n.gid;
	there.gid.raw[15] = 3;
	end_open(&e, &n, &(struct end_options){ .tuned = true, .timeout = 10, .retry_cnt = 1,
						.rnr_retry = 1, .rd_atomic = 1 });
	mem_make(&m, &n, PAGE, ALL_ACCESS);
	end_connect(&e, &there);
	sge = mem_sge(&m, 0, 8);
	wr = wr_of(&e, IBV_WR_SEND, &sge, 1);
	must_post(&e, wr);
	expect_wc(e.scq, wr.wr_id, IBV_WC_RETRY_EXC_ERR);
	end_close(&e);
	mem_free(&m);
	node_close(&n);
}

/*---- links ----*/

/* The interface goes down: nobody is there; it comes up: the retries find the peer. */
static void link__down_and_up(void **state)
{
	struct ibv_send_wr wr;
	struct ibv_sge sge;
	struct node a, b;
	struct ibv_wc wc;
	struct pair p;
	struct mem m;

	make_namespaces(false);
	wait_for_device("axta");
	wait_for_device("axtb");
	node_open(&a, "axta");
	node_open(&b, "axtb");
	pair_open_on(&p, &a, &b, NULL);
	mem_make(&m, &a, PAGE, ALL_ACCESS);
	expect_alive(&p);
	must("ip link set axt0 down");
	sge = mem_sge(&m, 0, 8);
	wr = wr_of(&p.a, IBV_WR_SEND, &sge, 1);
	must_post(&p.a, wr);
	demand(!wc_within(p.a.scq, &wc, 20), "%s", ibv_wc_status_str(wc.status));
	wc = next_wc(p.a.scq);
	assert_int_equal(wc.status, IBV_WC_RETRY_EXC_ERR);
	must("ip link set axt0 up");
	pair_close(&p);
	pair_open_on(&p, &a, &b, NULL);
	expect_alive(&p);
	pair_close(&p);
	mem_free(&m);
	node_close(&a);
	node_close(&b);
}

static enum ibv_qp_type types[] = { IBV_QPT_RC, IBV_QPT_UC, IBV_QPT_UD };

#define OF(f, name, i)	{ #f "__" name, f, NULL, NULL, &types[i] }

static const struct CMUnitTest tests[] = {
	OF(two_devices, "rc", 0), OF(two_devices, "uc", 1), OF(two_devices, "ud", 2),
	cmocka_unit_test(two_devices__keys),
	cmocka_unit_test(one_device__two_contexts),
	OF(itself, "rc", 0), OF(itself, "uc", 1),
	cmocka_unit_test(itself__rnr),
	cmocka_unit_test_teardown(namespaces__shared, drop_namespaces),
	cmocka_unit_test_teardown(namespaces__exclusive, drop_namespaces),
	cmocka_unit_test_teardown(namespaces__not_joined, drop_namespaces),
	cmocka_unit_test_teardown(link__down_and_up, drop_namespaces),
};

LIVE_MAIN("netns_peers", tests, open_both, close_both)
