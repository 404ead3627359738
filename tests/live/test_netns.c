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
	assert_int_equal(shell(NULL, "ip netns add axt"), 0);
	assert_int_equal(shell(NULL, "ip -n axt link add axt0 type veth peer name axt1 && "
			       "ip -n axt link set axt0 up && ip -n axt link set axt1 up"), 0);
	assert_int_equal(shell(NULL, "ip netns exec axt rdma link add axt type axe netdev axt0"), 0);
	assert_int_equal(shell(NULL, "ip netns exec axt %s use axt", this_program()), 0);
	/* Shared mode: all see all. */
	assert_int_equal(shell(NULL, "%s use axt", this_program()), 0);
	/* The namespace goes, and all that is in it. */
	assert_int_equal(shell(NULL, "ip netns delete axt"), 0);
	uint64_t end = now_ms() + DEADLINE_MS;

	while (!access("/sys/class/infiniband/axt", F_OK))
		demand(now_ms() < end, "the device outlives its namespace");
}

static void netns__exclusive(void **state)
{
	make_link();
	assert_int_equal(shell(NULL, "ip netns add axt"), 0);
	/* The mode can be changed while there is no other namespace with devices. */
	if (shell(NULL, "ip netns delete axt && rdma system set netns exclusive && ip netns add axt"))
		fail_msg("the mode cannot be set");
	assert_int_equal(shell(NULL, "%s use axt", this_program()), 0);
	assert_int_equal(shell(NULL, "rdma dev set axt netns axt"), 0);
	assert_int_not_equal(shell(NULL, "%s use axt 2>/dev/null", this_program()), 0);
	assert_int_equal(shell(NULL, "ip netns exec axt %s use axt", this_program()), 0);
	/* Its namespace goes: it comes back. */
	assert_int_equal(shell(NULL, "ip netns delete axt"), 0);
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
