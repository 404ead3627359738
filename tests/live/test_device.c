// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* What the devices say of themselves, and how they come and go. */

#include <arpa/inet.h>
#include <fcntl.h>

#include <infiniband/verbs.h>
#include <rdma/ib_user_verbs.h>

#include "common.h"

static void query_device__on_demand_paging(void **state)
{
	struct ibv_context *ctx = open_device("axe0");
	struct ibv_device_attr_ex attr;
	char *text;

	assert_non_null(ctx);
	assert_int_equal(ibv_query_device_ex(ctx, NULL, &attr), 0);
	assert_true(attr.odp_caps.general_caps & IBV_ODP_SUPPORT);
	assert_true(attr.odp_caps.general_caps & IBV_ODP_SUPPORT_IMPLICIT);
	assert_true(attr.orig_attr.max_mr_size == UINT64_MAX);
	assert_int_equal(ibv_close_device(ctx), 0);

	assert_int_equal(shell(&text, "ibv_devinfo -v -d axe0"), 0);
	demand(strstr(text, "ODP_SUPPORT") && strstr(text, "ODP_SUPPORT_IMPLICIT"),
	       "ibv_devinfo does not show it:\n%s", text);
	free(text);
}

static void query_device__limits_make_sense(void **state)
{
	struct ibv_context *ctx = open_device("axe0");
	struct ibv_device_attr attr;

	assert_non_null(ctx);
	assert_int_equal(ibv_query_device(ctx, &attr), 0);
	assert_between(attr.max_qp, 100, 1 << 24);
	assert_between(attr.max_qp_wr, 1024, 1 << 20);
	assert_between(attr.max_cq, 100, 1 << 24);
	assert_between(attr.max_cqe, 1024, 1 << 24);
	assert_between(attr.max_mr, 1000, 1 << 24);
	assert_between(attr.max_pd, 100, 1 << 24);
	assert_between(attr.max_sge, 1, 1024);
	assert_int_equal(attr.vendor_id, 0x415845);
	assert_int_equal(attr.phys_port_cnt, 1);
	assert_true(strlen(attr.fw_ver) > 0);
	assert_int_equal(ibv_close_device(ctx), 0);
}

static void check_port(const char *name, const char *ipv4, const char *ipv6)
{
	struct ibv_context *ctx = open_device(name);
	struct ibv_gid_entry entries[256];
	struct ibv_port_attr port;
	bool seen4 = false, seen6 = false;
	uint8_t want4[16] = { [10] = 0xff, [11] = 0xff }, want6[16];
	__be16 pkey;
	ssize_t n, i;

	demand(ctx, "no %s", name);
	assert_int_equal(ibv_query_port(ctx, 1, &port), 0);
	assert_int_equal(port.state, IBV_PORT_ACTIVE);
	assert_int_equal(port.link_layer, IBV_LINK_LAYER_ETHERNET);
	assert_between(port.gid_tbl_len, 1, 1024);
	assert_int_not_equal(ibv_query_port(ctx, 2, &port), 0);
	assert_int_equal(ibv_query_pkey(ctx, 1, 0, &pkey), 0);
	assert_int_equal(pkey, 0xffff);

	assert_int_equal(inet_pton(AF_INET, ipv4, want4 + 12), 1);
	assert_int_equal(inet_pton(AF_INET6, ipv6, want6), 1);
	n = ibv_query_gid_table(ctx, entries, ARRAY_SIZE(entries), 0);
	assert_between(n, 2, ARRAY_SIZE(entries));
	for (i = 0; i < n; i++) {
		assert_int_equal(entries[i].gid_type, IBV_GID_TYPE_ROCE_V2);
		seen4 |= !memcmp(entries[i].gid.raw, want4, 16);
		seen6 |= !memcmp(entries[i].gid.raw, want6, 16);
	}
	demand(seen4, "no GID of %s", ipv4);
	demand(seen6, "no GID of %s", ipv6);
	assert_int_equal(ibv_close_device(ctx), 0);
}

static void query_port__two_devices(void **state)
{
	struct ibv_context *a = open_device("axe0"), *b = open_device("axe1");

	check_port("axe0", "10.0.0.1", "fd00::1");
	check_port("axe1", "10.0.0.2", "fd00::2");
	assert_non_null(a);
	assert_non_null(b);
	assert_true(ibv_get_device_guid(a->device) != 0);
	assert_true(ibv_get_device_guid(a->device) != ibv_get_device_guid(b->device));
	assert_int_equal(a->device->node_type, IBV_NODE_CA);
	assert_int_equal(ibv_close_device(a), 0);
	assert_int_equal(ibv_close_device(b), 0);
}

/* A key of one device means nothing to the other. */
static void two_devices__have_their_own_keys(void **state)
{
	struct rig a, b;
	struct ibv_sge src;
	uint8_t bytes[] = "123456789";

	rig_open(&a, &(struct rig_options){ .device = "axe0" });
	rig_open(&b, &(struct rig_options){ .device = "axe1" });
	assert_queue_works(&a);
	assert_queue_works(&b);
	src = here(&a, bytes, 9);
	if (a.mr->lkey != b.mr->lkey)
		assert_code(run(&b, crc32, &src, 0), AXE_ERR_KEY);
	rig_close(&a);
	assert_queue_works(&b);
	rig_close(&b);
}

static void query_ops__complete(void **state)
{
	/* The first; that each has a name of its own unit/opdef sees. */
	static const char *const names[] = {
		[AXE_OP_NOP] = "nop", [AXE_OP_COPY] = "copy", [AXE_OP_FILL] = "fill",
		[AXE_OP_COMPARE] = "compare", [AXE_OP_CRC32] = "crc32",
		[AXE_OP_CRC32C] = "crc32c", [AXE_OP_COMPRESS] = "compress",
		[AXE_OP_DECOMPRESS] = "decompress",
	};
	struct ibv_context *ctx = open_device("axe0");
	struct axe_engine_info engines[32];
	struct axe_op_info ops[AXE_OP_MAX + 4], *op;
	int n, num_engines;
	unsigned int i;

	assert_non_null(ctx);
	memset(ops, 0xee, sizeof(ops));
	n = axedv_query_ops(ctx, ops, ARRAY_SIZE(ops));
	assert_int_equal(n, AXE_OP_MAX);
	num_engines = axedv_query_engines(ctx, engines, ARRAY_SIZE(engines));
	assert_between(num_engines, 1, ARRAY_SIZE(engines));
	for (i = 0, op = ops; i < AXE_OP_MAX; i++, op++) {
		assert_int_equal(op->opcode, i);
		if (i < ARRAY_SIZE(names))
			assert_string_equal(op->name, names[i]);
		assert_true(op->name[0] && !op->name[sizeof(op->name) - 1]);
		assert_int_not_equal(op->engines, 0);
		demand(!(op->engines >> num_engines), "%s: an engine that is not there", op->name);
		assert_int_equal(!!(op->flags & AXE_OP_READS_SRC), op->max_src != 0);
		assert_int_equal(!!(op->flags & (AXE_OP_WRITES_DST | AXE_OP_READS_DST)),
				 op->max_dst != 0);
		assert_int_equal(!!(op->flags & (AXE_OP_READS_AUX | AXE_OP_WRITES_AUX)),
				 op->max_aux != 0);
		assert_int_equal(!!(op->flags & AXE_OP_HAS_FORMATS), op->formats != 0);
		assert_int_equal(!!(op->flags & AXE_OP_HAS_LEVELS), op->max_level != 0);
		assert_int_equal(op->reserved0, 0);
		assert_int_equal(op->reserved1[0] | op->reserved1[1] | op->reserved1[2], 0);
	}
	op = &ops[AXE_OP_COMPRESS];
	assert_int_equal(op->formats, 1 << AXE_FORMAT_RAW | 1 << AXE_FORMAT_ZLIB |
			 1 << AXE_FORMAT_GZIP);
	assert_int_equal(op->min_level, 1);
	assert_int_equal(op->max_level, 9);
	assert_true(ops[AXE_OP_DECOMPRESS].flags & AXE_OP_CAN_STREAM);
	assert_true(ops[AXE_OP_COPY].flags & AXE_OP_CAN_OVERLAP);

	/* As many as there is room for; none behind. */
	memset(ops, 0xee, sizeof(ops));
	assert_int_equal(axedv_query_ops(ctx, ops, 3), AXE_OP_MAX);
	assert_int_equal(ops[2].opcode, 2);
	for (i = 0; i < sizeof(ops[3]); i++)
		assert_int_equal(((uint8_t *)&ops[3])[i], 0xee);
	assert_int_equal(axedv_query_ops(ctx, NULL, 0), AXE_OP_MAX);
	assert_int_equal(ibv_close_device(ctx), 0);
}

static void query_engines__software(void **state)
{
	struct ibv_context *ctx = open_device("axe0");
	struct axe_engine_info engines[32];
	int n, i;

	assert_non_null(ctx);
	n = axedv_query_engines(ctx, engines, ARRAY_SIZE(engines));
	assert_between(n, 1, ARRAY_SIZE(engines));
	for (i = 0; i < n; i++) {
		assert_int_equal(engines[i].index, i);
		assert_between(engines[i].num_ops, 1, AXE_OP_MAX);
		assert_between(strnlen(engines[i].name, 16), 1, 15);
	}
	assert_true(engines[0].flags & AXE_ENGINE_SOFTWARE);
	assert_int_equal(axedv_query_engines(ctx, NULL, 0), n);
	assert_int_equal(ibv_close_device(ctx), 0);
}

/* Counters objects count what flows steer, so they are refused as flows are. */
static void refused__what_steers_packets(void **state)
{
	struct ibv_counters_init_attr counters = {};
	struct ibv_flow_attr flow = { .type = IBV_FLOW_ATTR_NORMAL, .size = sizeof(flow), .port = 1 };
	struct rig rig;

	rig_open(&rig, NULL);
	errno = 0;
	assert_null(ibv_create_counters(rig.ctx, &counters));
	assert_int_equal(errno, EOPNOTSUPP);
	errno = 0;
	assert_null(ibv_create_flow(rig.qp, &flow));
	assert_int_equal(errno, EOPNOTSUPP);
	rig_close(&rig);
}

static void other_device__is_not_ours(void **state)
{
	struct ibv_context *ctx = open_device("rxe0"), *axe = open_device("axe0");
	struct ibv_qp_init_attr_ex attr = { .qp_type = IBV_QPT_DRIVER };
	struct axe_op_info op;

	assert_non_null(axe);
	assert_true(axedv_is_supported(axe->device));
	assert_int_equal(ibv_close_device(axe), 0);
	if (!ctx)
		skip_because("there is no rxe0");
	assert_false(axedv_is_supported(ctx->device));
	assert_int_equal(axedv_query_ops(ctx, &op, 1), -EOPNOTSUPP);
	assert_null(axedv_create_qp(ctx, &attr, NULL));
	assert_int_equal(errno, EOPNOTSUPP);
	assert_int_equal(ibv_close_device(ctx), 0);
}

/*---- names ----*/

/* This program again, to open a device by its name. */
static int use_device(const char *name)
{
	struct rig r;

	rig_open(&r, &(struct rig_options){ .device = name });
	assert_true(axedv_is_supported(r.ctx->device));
	assert_queue_works(&r);
	rig_close(&r);
	return 0;
}

static void rename__still_served(void **state)
{
	struct rig r;

	rig_open(&r, &(struct rig_options){ .device = "axe1" });
	must("rdma dev set axe1 name accelerator");
	/* Who has it open does not notice. */
	assert_queue_works(&r);
	must("%s use accelerator", this_program());
	assert_int_not_equal(shell(NULL, "%s use axe1 2>/dev/null", this_program()), 0);
	must("rdma dev set accelerator name axe1");
	must("%s use axe1", this_program());
	assert_queue_works(&r);
	rig_close(&r);
}

static int rename_back(void **state)
{
	return shell(NULL, "rdma dev set accelerator name axe1 2>/dev/null; true");
}

/*---- the ABI ----*/

struct get_context {
	struct ib_uverbs_cmd_hdr hdr;
	struct ib_uverbs_get_context cmd;
	struct axe_alloc_ucontext_req req;
	uint64_t tail[2];
};

/* The first thing that a library says; returns an errno. */
static int say(struct axe_alloc_ucontext_req req, size_t req_size, uint64_t tail)
{
	struct {
		struct ib_uverbs_get_context_resp resp;
		struct axe_alloc_ucontext_resp axe;
	} resp = {};
	struct get_context msg = {
		.hdr = { .command = IB_USER_VERBS_CMD_GET_CONTEXT },
		.cmd.response = (uintptr_t)&resp,
		.req = req,
		.tail = { tail },
	};
	size_t size = offsetof(struct get_context, req) + req_size;
	struct ibv_device **list = ibv_get_device_list(NULL);
	char path[300] = "";
	int fd, i, err;

	for (i = 0; list[i]; i++) {
		if (!strcmp(ibv_get_device_name(list[i]), "axe0"))
			snprintf(path, sizeof(path), "/dev/infiniband/%s", list[i]->dev_name);
	}
	ibv_free_device_list(list);
	fd = open(path, O_RDWR | O_CLOEXEC);
	demand(fd >= 0, "cannot open %s", path);
	msg.hdr.in_words = size / 4;
	msg.hdr.out_words = sizeof(resp) / 4;
	err = write(fd, &msg, size) == (ssize_t)size ? 0 : errno;
	if (!err) {
		assert_int_equal(resp.axe.ring_version, AXE_RING_VERSION);
		assert_int_equal(resp.axe.comp_mask, 0);
		assert_int_equal(resp.axe.reserved, 0);
		assert_between(resp.axe.max_queue_slots, 1, 1 << 24);
		assert_between(resp.axe.lanes, 1, 64);
		close(resp.resp.async_fd);
	}
	close(fd);
	return err;
}

static void handshake__versions(void **state)
{
	struct axe_alloc_ucontext_req good = { .ring_version = AXE_RING_VERSION }, bad;

	assert_int_equal(say(good, sizeof(good), 0), 0);
	bad = good;
	bad.ring_version = 0;
	assert_int_equal(say(bad, sizeof(bad), 0), EOPNOTSUPP);
	bad.ring_version = AXE_RING_VERSION + 1;
	assert_int_equal(say(bad, sizeof(bad), 0), EOPNOTSUPP);
	bad = good;
	bad.comp_mask = 1;
	assert_int_equal(say(bad, sizeof(bad), 0), EOPNOTSUPP);
	/* A library that says nothing at all, or half of it. */
	assert_int_equal(say(good, 0, 0), EINVAL);
	assert_int_equal(say(good, 4, 0), EINVAL);
	/* A newer one says more: fine, if what it says is nothing. */
	assert_int_equal(say(good, sizeof(good) + 8, 0), 0);
	assert_int_equal(say(good, sizeof(good) + 8, 1), EINVAL);
}

/*---- links ----*/

static void make_netdev(void)
{
	must("ip link add axt0 type veth peer name axt1");
	must("ip link set axt0 up && ip link set axt1 up");
}

static void drop_netdev(void)
{
	must("ip link delete axt0");
}

static void link__added_and_deleted(void **state)
{
	static const char again[] = "rdma link add axt2 type axe netdev axt0 2>/dev/null";
	struct ibv_context *ctx;
	unsigned int i;

	make_netdev();
	for (i = 0; i < 5; i++) {
		must("rdma link add axt type axe netdev axt0");
		/* One a network device. */
		assert_int_not_equal(shell(NULL, "%s", again), 0);
		ctx = open_device("axt");
		assert_non_null(ctx);
		assert_int_equal(ibv_close_device(ctx), 0);
		must("rdma link delete axt");
		assert_null(open_device("axt"));
	}
	drop_netdev();
	assert_int_not_equal(shell(NULL, "rdma link add axt type axe netdev axt0 2>/dev/null"), 0);
}

/* The device goes with the network device that it was named after. */
static void link__goes_with_its_netdev(void **state)
{
	uint64_t end = now_ms() + DEADLINE_MS;

	make_netdev();
	must("rdma link add axt type axe netdev axt0");
	drop_netdev();
	while (!access("/sys/class/infiniband/axt", F_OK))
		demand(now_ms() < end, "the device is still there");
}

static void port__follows_its_netdev(void **state)
{
	struct ibv_port_attr port;
	struct ibv_context *ctx;

	make_netdev();
	must("rdma link add axt type axe netdev axt0");
	ctx = open_device("axt");
	assert_non_null(ctx);
	assert_int_equal(ibv_query_port(ctx, 1, &port), 0);
	assert_int_equal(port.state, IBV_PORT_ACTIVE);

	must("ip link set axt0 down");
	demand(await_async(ctx, IBV_EVENT_PORT_ERR, DEADLINE_MS), "no event: the port is down");
	assert_int_equal(ibv_query_port(ctx, 1, &port), 0);
	assert_int_equal(port.state, IBV_PORT_DOWN);

	must("ip link set axt0 up");
	demand(await_async(ctx, IBV_EVENT_PORT_ACTIVE, DEADLINE_MS), "no event: the port is up");
	assert_int_equal(ibv_query_port(ctx, 1, &port), 0);
	assert_int_equal(port.state, IBV_PORT_ACTIVE);
	assert_int_equal(ibv_close_device(ctx), 0);
	must("rdma link delete axt");
	drop_netdev();
}

/* A GID for each address, as it comes and goes. */
static bool has_gid(struct ibv_context *ctx, const char *ipv4)
{
	struct ibv_gid_entry entries[256];
	uint8_t want[16] = { [10] = 0xff, [11] = 0xff };
	ssize_t n, i;

	assert_int_equal(inet_pton(AF_INET, ipv4, want + 12), 1);
	n = ibv_query_gid_table(ctx, entries, ARRAY_SIZE(entries), 0);
	for (i = 0; i < n; i++) {
		if (!memcmp(entries[i].gid.raw, want, 16))
			return true;
	}
	return false;
}

static void gid__follows_addresses(void **state)
{
	struct ibv_context *ctx;

	make_netdev();
	must("rdma link add axt type axe netdev axt0");
	ctx = open_device("axt");
	assert_non_null(ctx);
	assert_false(has_gid(ctx, "10.9.8.7"));
	must("ip addr add 10.9.8.7/24 dev axt0");
	demand(await_async(ctx, IBV_EVENT_GID_CHANGE, DEADLINE_MS), "no event of the new GID");
	assert_true(has_gid(ctx, "10.9.8.7"));
	must("ip addr del 10.9.8.7/24 dev axt0");
	demand(await_async(ctx, IBV_EVENT_GID_CHANGE, DEADLINE_MS), "no event of the old GID");
	assert_false(has_gid(ctx, "10.9.8.7"));
	assert_int_equal(ibv_close_device(ctx), 0);
	must("rdma link delete axt");
	drop_netdev();
}

static int cleanup(void **state)
{
	shell(NULL, "rdma link delete axt 2>/dev/null");
	shell(NULL, "ip link delete axt0 2>/dev/null");
	return 0;
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(query_device__on_demand_paging),
	cmocka_unit_test(query_device__limits_make_sense),
	cmocka_unit_test(query_port__two_devices),
	cmocka_unit_test(two_devices__have_their_own_keys),
	cmocka_unit_test(query_ops__complete),
	cmocka_unit_test(query_engines__software),
	cmocka_unit_test(refused__what_steers_packets),
	cmocka_unit_test(other_device__is_not_ours),
	cmocka_unit_test_teardown(rename__still_served, rename_back),
	cmocka_unit_test(handshake__versions),
	cmocka_unit_test_teardown(link__added_and_deleted, cleanup),
	cmocka_unit_test_teardown(link__goes_with_its_netdev, cleanup),
	cmocka_unit_test_teardown(port__follows_its_netdev, cleanup),
	cmocka_unit_test_teardown(gid__follows_addresses, cleanup),
};

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "use"))
		return use_device(argv[2]);
	return live_main("device", tests, ARRAY_SIZE(tests), NULL, NULL);
}
