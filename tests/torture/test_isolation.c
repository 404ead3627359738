// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Two processes, two users, two containers: neither reads, writes or learns what is
 * the other's, nor slows it to a stop.
 */

#include <grp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "isolation.h"

static void play(struct torture_run *run, struct party parties[2])
{
	struct self *selves = torture_shared(2 * sizeof(*selves));
	pid_t pids[2];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		parties[i].run = run;
		parties[i].index = i;
		parties[i].self = &selves[i];
		parties[i].other = &selves[!i];
	}
	for (i = 0; i < 2; i++)
		pids[i] = torture_child(isolation_live, &parties[i]);
	for (i = 0; i < 2; i++)
		end_child(pids[i]);
	demand(selves[0].rounds && selves[1].rounds, "one of them got nothing done");
	torture_say("%s: %llu and %llu rounds", run->name, (unsigned long long)selves[0].rounds,
		    (unsigned long long)selves[1].rounds);
}

static void processes(struct torture_run *run)
{
	const char *device = default_device();
	struct party parties[2] = {
		{ .device = device, .same_device = true }, { .device = device, .same_device = true },
	};

	play(run, parties);
}

/*---- users ----*/

static void become(unsigned int id)
{
	demand(!setgroups(0, NULL) && !setresgid(id, id, id) && !setresuid(id, id, id),
	       "user %u", id);
}

static void enter_user(struct party *p)
{
	become(54321 + p->index);
}

static void users(struct torture_run *run)
{
	const char *device = default_device();
	struct party parties[2] = {
		{ .device = device, .same_device = true, .enter = enter_user },
		{ .device = device, .same_device = true, .enter = enter_user },
	};

	play(run, parties);
}

/*---- containers ----*/

/* Root in there, and nobody out here. */
static void enter_container(struct party *p)
{
	enter_netns(p->index ? "axib" : "axia");
	become(54321 + p->index);
	/* Files in /proc/self are root's after a change of the user, but for this. */
	demand(!prctl(PR_SET_DUMPABLE, 1), "PR_SET_DUMPABLE");
	demand(!unshare(CLONE_NEWUSER), "a user namespace");
	write_file("/proc/self/setgroups", "deny");
	write_file("/proc/self/uid_map", p->index ? "0 54322 1" : "0 54321 1");
}

/* A device each, on a link that ends where nobody is. */
static void make_container(const char *name, const char *device, unsigned int i)
{
	must("ip netns add %s", name);
	must("ip -n %s link add axi type veth peer name axj", name);
	must("ip -n %s addr add 10.9.%u.1/24 dev axi", name, i);
	must("ip -n %s link set axi up && ip -n %s link set axj up", name, name);
	must("ip netns exec %s rdma link add %s type axe netdev axi", name, device);
	must("ip netns exec %s rdma dev show %s 2>/dev/null || rdma dev set %s netns %s", name, device, device,
	     name);
}

static void drop_containers(void)
{
	uint64_t end = now_ms() + DEADLINE_MS;

	shell(NULL, "ip netns delete axia 2>/dev/null; ip netns delete axib 2>/dev/null");
	while (shell(NULL, "rdma system set netns shared 2>/dev/null") && now_ms() < end)
		sched_yield();
}

static void play_containers(void *run)
{
	struct party parties[2] = {
		{ .device = "axia0", .enter = enter_container },
		{ .device = "axib0", .enter = enter_container },
	};

	must("rdma system set netns exclusive");
	make_container("axia", "axia0", 1);
	make_container("axib", "axib0", 2);
	play(run, parties);
}

/* Whatever comes of it, others find the machine as it was. */
static void containers(struct torture_run *run)
{
	int status;
	pid_t pid;

	drop_containers();
	pid = torture_child(play_containers, run);
	demand(waitpid(pid, &status, 0) == pid, "waitpid");
	drop_containers();
	demand(!status, "it ended with %#x", status);
}

static const struct torture cases[] = {
	{ "processes", processes, 1 },
	{ "users", users, 1 },
	{ "containers", containers, 1 },
	{ "hog", isolation_hog, 2 },
};

TORTURE_MAIN("isolation", cases)
