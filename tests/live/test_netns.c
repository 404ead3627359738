// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Devices and network namespaces. */

#include "busy.h"

static int use_device(const char *name)
{
	struct rig r;

	rig_open(&r, &(struct rig_options){ .device = name });
	assert_queue_works(&r);
	rig_close(&r);
	return 0;
}

static void netns__device_of_its_own(void **state)
{
	/* A link made in a namespace, for a network device that lives there. */
	must("ip netns add axt");
	must("ip -n axt link add axt0 type veth peer name axt1");
	must("ip -n axt link set axt0 up && ip -n axt link set axt1 up");
	must("ip netns exec axt rdma link add axt type axe netdev axt0");
	must("ip netns exec axt %s use axt", this_program());
	/* Shared mode: all see all. */
	must("%s use axt", this_program());
	/* The namespace goes, and all that is in it. */
	must("ip netns delete axt");
	uint64_t end = now_ms() + DEADLINE_MS;

	while (!access("/sys/class/infiniband/axt", F_OK))
		demand(now_ms() < end, "the device outlives its namespace");
}

static void netns__exclusive(void **state)
{
	make_link();
	/* The mode can be changed while there is no other namespace. */
	must("rdma system set netns exclusive");
	must("ip netns add axt");
	must("%s use axt", this_program());
	must("rdma dev set axt netns axt");
	assert_int_not_equal(shell(NULL, "%s use axt 2>/dev/null", this_program()), 0);
	must("ip netns exec axt %s use axt", this_program());
	/* Its namespace goes: it comes back. */
	must("ip netns delete axt");
	uint64_t end = now_ms() + DEADLINE_MS;

	while (shell(NULL, "%s use axt 2>/dev/null", this_program()))
		demand(now_ms() < end, "the device does not come back");
}

static int drop_netns(void **state)
{
	shell(NULL, "ip netns delete axt 2>/dev/null; rdma system set netns shared");
	return drop_link(NULL);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_teardown(netns__device_of_its_own, drop_netns),
	cmocka_unit_test_teardown(netns__exclusive, drop_netns),
};

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "use"))
		return use_device(argv[2]);
	return live_main("netns", tests, ARRAY_SIZE(tests), NULL, NULL);
}
