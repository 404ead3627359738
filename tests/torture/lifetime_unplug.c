// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The device goes, and the module, while programs have commands in flight. They hear
 * of it, their calls come back, and the module stays as long as one of them is there.
 */

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>

#include "busy.h"
#include "lifetime.h"

#define DEVICE		"axt"

/* A program that works on a device until that goes, or until it is killed. */
struct user {
	struct lifetime *t;
	struct load_count *count;
	const char *device;
	uint64_t seed;
	bool closes;
};

static void user_runs(void *arg)
{
	static struct load l;
	struct user *u = arg;

	load_open(&l, u->device, u->seed, u->count, true);
	load_post(&l);
	load_go_on(&l);
	demand(l.error == EIO, "posting fails: %s", strerror(l.error));
	if (u->closes)
		load_close(&l);
}

static void await_no_device(const char *name)
{
	uint64_t end = now_ms() + DEADLINE_MS;
	char path[64];

	snprintf(path, sizeof(path), "/sys/class/infiniband/%s", name);
	while (!access(path, F_OK)) {
		demand(now_ms() < end, "the device does not go");
		poll(NULL, 0, 1);
	}
}

static pid_t start_user(struct user *u)
{
	pid_t pid = torture_child(user_runs, u);

	lifetime_await_posted(u->count, pid);
	lifetime_wait(u->t);
	return pid;
}

/* By its own name, or with its network device. */
static void delete_any_way(struct lifetime *t)
{
	if (torture_below(&t->state, 2))
		delete_link();
	else
		must("ip link delete axt0");
}

static void unplug_once(struct lifetime *t)
{
	struct user u = {
		.t = t, .count = t->count, .device = DEVICE, .seed = torture_rnd(&t->state),
		.closes = torture_below(&t->state, 2),
	};
	bool dies = !torture_below(&t->state, 4);
	pid_t pid;

	make_link();
	must("ip addr add 10.9.1.1/24 dev axt0");
	pid = start_user(&u);
	/* At the same moment as it is killed, or not. */
	if (dies)
		demand(!kill(pid, SIGKILL), "kill");
	delete_any_way(t);
	lifetime_reap(t, pid, dies ? SIGKILL : 0);
	drop_link(NULL);
	await_no_device(DEVICE);
}

void lifetime_unplug(struct torture_run *run)
{
	drop_link(NULL);
	await_no_device(DEVICE);
	lifetime_rounds(run, unplug_once);
}

/*---- the module ----*/

#define MAX_LINKS	8

/* A device that has to be made anew. */
struct link {
	char name[64];
	char netdev[64];
	unsigned int gids;
};

static struct link links[MAX_LINKS];
static unsigned int num_links;

static unsigned int count_gids(const char *device)
{
	unsigned int n;
	char *text;

	shell(&text, "cat /sys/class/infiniband/%s/ports/1/gid_attrs/types/* 2>/dev/null | wc -l",
	      device);
	n = atoi(text);
	free(text);
	return n;
}

static void note_link(const char *name)
{
	struct link *l = &links[num_links++];
	char *text;

	demand(num_links < MAX_LINKS, "too many devices");
	snprintf(l->name, sizeof(l->name), "%s", name);
	shell(&text, "rdma link show %s/1 | sed -n 's/.* netdev \\([^ ]*\\).*/\\1/p'", name);
	demand(sscanf(text, "%63s", l->netdev) == 1, "%s has no network device: '%s'", name, text);
	free(text);
	l->gids = count_gids(name);
}

static void note_links(void)
{
	struct ibv_device **list = ibv_get_device_list(NULL);
	unsigned int i;

	demand(list, "ibv_get_device_list");
	num_links = 0;
	for (i = 0; list[i]; i++) {
		if (axedv_is_supported(list[i]))
			note_link(ibv_get_device_name(list[i]));
	}
	ibv_free_device_list(list);
	demand(num_links, "no device");
}

static void make_links(void)
{
	uint64_t end = now_ms() + DEADLINE_MS;
	unsigned int i;

	must("modprobe axe");
	for (i = 0; i < num_links; i++)
		must("rdma link add %s type axe netdev %s", links[i].name, links[i].netdev);
	for (i = 0; i < num_links; i++) {
		while (count_gids(links[i].name) != links[i].gids) {
			demand(now_ms() < end, "%s has %u GIDs, before %u", links[i].name,
			       count_gids(links[i].name), links[i].gids);
			poll(NULL, 0, 1);
		}
	}
}

static int remove_module(void)
{
	return syscall(SYS_delete_module, "axe", O_NONBLOCK) ? errno : 0;
}

static void expect_in_use(const char *by)
{
	int ret = remove_module();

	demand(ret == EWOULDBLOCK, "the module is removed while %s: %s", by,
	       ret ? strerror(ret) : "success");
}

/* As soon as nobody is there any more. */
static void remove_at_last(void)
{
	uint64_t end = now_ms() + DEADLINE_MS;
	int ret;

	while ((ret = remove_module())) {
		demand(ret == EWOULDBLOCK, "removing the module: %s", strerror(ret));
		demand(now_ms() < end, "the module is in use, by nobody");
	}
	demand(access("/sys/module/axe", F_OK) < 0, "the module is removed, and there");
}

/* Opens and closes the device until there is none. */
static void opener_runs(void *arg)
{
	struct ibv_context *ctx;

	while ((ctx = open_device(default_device())))
		demand(!ibv_close_device(ctx), "ibv_close_device");
}

/* A program works on a device that stays, the other one's is deleted; both go at last. */
static void remove_under_load(struct lifetime *t)
{
	struct user loses = { .t = t, .count = t->count, .device = DEVICE,
			      .seed = torture_rnd(&t->state) };
	struct user stays = { .t = t, .count = torture_shared(sizeof(*stays.count)),
			      .device = default_device(), .seed = torture_rnd(&t->state) };
	pid_t pid, other;

	make_link();
	must("ip addr add 10.9.1.1/24 dev axt0");
	other = start_user(&stays);
	pid = start_user(&loses);
	expect_in_use("two programs use it");
	/* Until it has closed its files it holds the module, though its device has gone. */
	demand(!kill(pid, SIGSTOP), "kill");
	delete_link();
	expect_in_use("a program has files of it");
	demand(!kill(pid, SIGKILL), "kill");
	lifetime_reap(t, pid, SIGKILL);
	expect_in_use("a program uses it");
	demand(!kill(other, SIGKILL), "kill");
	if (torture_below(&t->state, 2))
		lifetime_reap(t, other, SIGKILL);
	else
		other = -other;
	remove_at_last();
	if (other < 0)
		lifetime_reap(t, -other, SIGKILL);
	munmap(stays.count, sizeof(*stays.count));
}

static void remove_once(struct lifetime *t)
{
	pid_t pid;

	probe_close(&t->probe);
	if (torture_below(&t->state, 2)) {
		remove_under_load(t);
	} else {
		pid = torture_child(opener_runs, NULL);
		lifetime_wait(t);
		remove_at_last();
		lifetime_reap(t, pid, 0);
	}
	drop_link(NULL);
	make_links();
	probe_open(&t->probe, default_device());
}

void lifetime_module(struct torture_run *run)
{
	drop_link(NULL);
	await_no_device(DEVICE);
	note_links();
	lifetime_rounds(run, remove_once);
}
