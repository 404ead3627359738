// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Limits that are reached: of locked memory, of address space, of files, of a context's
 * rings, of device memory, of a control group. Each call that is one too many fails
 * with its errno and leaves nothing behind, and what is given back can be had again.
 */

#include <linux/capability.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "lifetime.h"

static void set_limit(int resource, rlim_t value)
{
	struct rlimit limit;

	demand(!getrlimit(resource, &limit), "getrlimit");
	limit.rlim_cur = value;
	demand(!setrlimit(resource, &limit), "setrlimit");
}

/*---- locked memory ----*/

#define MAX_PINNED	64
#define PINNED_PAGES	256

/* Who may lock what it likes has no limit. */
static void drop_capability(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	demand(!syscall(SYS_capget, &header, data), "capget");
	data[0].effective &= ~(1U << CAP_IPC_LOCK);
	demand(!syscall(SYS_capset, &header, data), "capset");
}

static void expect_pinned(unsigned int n)
{
	long long now = field_of("/proc/self/status", "VmPin");

	demand(now == (long long)(n * PAGE / KIB), "%lld KiB are pinned, not %lu", now,
	       n * PAGE / KIB);
}

static void limit_memlock(struct rig *r, uint64_t *state)
{
	struct ibv_mr *mrs[MAX_PINNED], *again;
	unsigned int limit = 8 + torture_below(state, PINNED_PAGES), sizes[MAX_PINNED];
	unsigned int n = 0, sum = 0;
	uint8_t *p = pages(PINNED_PAGES * PAGE);

	drop_capability();
	set_limit(RLIMIT_MEMLOCK, limit * PAGE);
	for (;;) {
		sizes[n] = 1 + torture_below(state, 16);
		mrs[n] = ibv_reg_mr(r->pd, p, sizes[n] * PAGE, IBV_ACCESS_LOCAL_WRITE);
		if (!mrs[n])
			break;
		sum += sizes[n++];
		demand(sum <= limit && n < MAX_PINNED, "%u pages are pinned, of %u", sum, limit);
	}
	demand(errno == ENOMEM && sum + sizes[n] > limit, "%u pages beside %u of %u: %s", sizes[n],
	       sum, limit, strerror(errno));
	expect_pinned(sum);
	while (n) {
		demand(!ibv_dereg_mr(mrs[--n]), "ibv_dereg_mr");
		again = ibv_reg_mr(r->pd, p, sizes[n] * PAGE, 0);
		demand(again && !ibv_dereg_mr(again), "what was given back cannot be had again");
		sum -= sizes[n];
		expect_pinned(sum);
	}
	munmap(p, PINNED_PAGES * PAGE);
}

/*---- what a context, and a device, has ----*/

#define MAX_OBJECTS	128

/* Rings of 8 MiB. */
static void limit_rings(struct rig *r, uint64_t *state)
{
	struct ibv_cq *cqs[MAX_OBJECTS];
	unsigned int n = 0, k;

	for (;;) {
		cqs[n] = ibv_create_cq(r->ctx, 131072, NULL, NULL, 0);
		if (!cqs[n])
			break;
		demand(++n < MAX_OBJECTS, "no limit of rings");
	}
	demand(errno == ENOMEM, "the %uth CQ: %s", n, strerror(errno));
	k = torture_below(state, n);
	demand(!ibv_destroy_cq(cqs[k]), "ibv_destroy_cq");
	cqs[k] = ibv_create_cq(r->ctx, 131072, NULL, NULL, 0);
	demand(cqs[k], "a CQ in the place of another");
	while (n)
		demand(!ibv_destroy_cq(cqs[--n]), "ibv_destroy_cq");
}

static void limit_device_memory(struct rig *r, uint64_t *state)
{
	struct ibv_alloc_dm_attr attr;
	struct ibv_dm *dms[MAX_OBJECTS];
	unsigned int n = 0;
	size_t sum = 0;

	for (;;) {
		attr = (struct ibv_alloc_dm_attr){
			.length = (1 + torture_below(state, 16)) * MIB };
		dms[n] = ibv_alloc_dm(r->ctx, &attr);
		if (!dms[n])
			break;
		sum += attr.length;
		demand(++n < MAX_OBJECTS, "no limit of device memory");
	}
	demand(errno == ENOMEM && sum + attr.length > 64 * MIB, "%zu MiB beside %zu: %s",
	       attr.length / MIB, sum / MIB, strerror(errno));
	while (n)
		demand(!ibv_free_dm(dms[--n]), "ibv_free_dm");
	attr.length = 64 * MIB;
	dms[0] = ibv_alloc_dm(r->ctx, &attr);
	demand(dms[0] && !ibv_free_dm(dms[0]), "all of it cannot be had again");
}

/*---- address space, and files ----*/

/* A ring that is made and cannot be mapped goes again. */
static void limit_address_space(struct rig *r, uint64_t *state)
{
	static const struct ibv_qp_init_attr_ex none;
	struct ibv_qp_init_attr_ex attr = none;
	long long rings;
	unsigned int i;

	attr.qp_type = IBV_QPT_DRIVER;
	attr.cap.max_send_wr = 16384;
	attr.comp_mask = IBV_QP_INIT_ATTR_PD;
	attr.pd = r->pd;
	attr.send_cq = ibv_cq_ex_to_cq(r->cq);
	rings = left_rings();
	set_limit(RLIMIT_AS, field_of("/proc/self/status", "VmSize") * KIB + 256 * KIB);
	for (i = 0; i < 8; i++) {
		demand(!ibv_create_cq(r->ctx, 65536, NULL, NULL, 0) && errno == ENOMEM,
		       "a CQ without room for its ring: %s", strerror(errno));
		demand(!axedv_create_qp(r->ctx, &attr, NULL) && errno == ENOMEM,
		       "a queue without room for its ring: %s", strerror(errno));
	}
	set_limit(RLIMIT_AS, RLIM_INFINITY);
	demand(left_rings() == rings, "%lld rings, before %lld", left_rings(), rings);
	assert_queue_works(r);
}

/* The first few have no file for this or that. */
static void limit_files(struct rig *r, uint64_t *state)
{
	struct ibv_comp_channel *channel;
	struct ibv_context *ctx;
	int first = dup(0), i;

	close(first);
	for (i = 0;; i++) {
		demand(i < 16, "no device with %d files", i);
		set_limit(RLIMIT_NOFILE, first + i);
		ctx = open_device(r->device);
		if (ctx)
			break;
		channel = ibv_create_comp_channel(r->ctx);
		demand(!channel == !i, "a channel with %d files: %s", i, strerror(errno));
		if (channel)
			demand(!ibv_destroy_comp_channel(channel), "ibv_destroy_comp_channel");
	}
	demand(!ibv_close_device(ctx), "ibv_close_device");
	demand(i, "a device without a file");
	set_limit(RLIMIT_NOFILE, 1024);
	i = dup(0);
	demand(i == first, "a file is left: %d instead of %d", i, first);
	close(i);
}

/*---- all of them ----*/

static void (*const limits[])(struct rig *r, uint64_t *state) = {
	limit_memlock, limit_rings, limit_device_memory, limit_address_space, limit_files,
};

static void limited_runs(void *arg)
{
	struct lifetime *t = arg;
	unsigned int which = torture_below(&t->state, ARRAY_SIZE(limits));
	struct rig r;

	rig_open(&r, NULL);
	limits[which](&r, &t->state);
	assert_queue_works(&r);
	/* Or at its end. */
	if (torture_below(&t->state, 2))
		rig_close(&r);
}

static void limit_once(struct lifetime *t)
{
	lifetime_reap(t, torture_child(limited_runs, t), 0);
	torture_rnd(&t->state);
}

void lifetime_limits(struct torture_run *run)
{
	lifetime_rounds(run, limit_once);
}

/*---- a control group ----*/

#define ROOT		"/sys/fs/cgroup"
#define GROUP		ROOT "/axe-torture"

/**
 * struct member - a process of the group
 * @handles:	contexts that the group may have
 * @objects:	other objects, keys among them
 */
struct member {
	struct lifetime *t;
	uint64_t seed;
	unsigned int handles;
	unsigned int objects;
	struct baton baton;
};

static bool group_has(const char *text)
{
	char *now;
	bool same;

	shell(&now, "sed -n 's/^%s \\(.*[0-9]\\) *$/\\1/p' " GROUP "/rdma.current", default_device());
	/* Nothing at all is as good. */
	same = !strcmp(now, text) || (!*now && strstr(text, "handle=0"));
	free(now);
	return same;
}

struct object {
	struct ibv_pd *pd;
	struct axedv_key *key;
};

static struct axedv_key *make_key(struct ibv_pd *pd)
{
	return axedv_create_key(pd, AXE_KEY_AES_CTR, AXE_KEY_ENCRYPT, "sixteen bytes of", 16);
}

/* A key in @pd, if that is there, or another protection domain. */
static struct object make_object(struct member *m, struct ibv_context *ctx, struct ibv_pd *pd)
{
	if (pd && torture_below(&m->seed, 2))
		return (struct object){ .key = make_key(pd) };
	return (struct object){ .pd = ibv_alloc_pd(ctx) };
}

static void free_object(const struct object *object)
{
	if (object->key)
		demand(!axedv_destroy_key(object->key), "axedv_destroy_key");
	else
		demand(!ibv_dealloc_pd(object->pd), "ibv_dealloc_pd");
}

static void member_runs(void *arg)
{
	struct member *m = arg;
	struct ibv_context *ctx[8];
	struct object objects[64];
	unsigned int i;

	write_file(GROUP "/cgroup.procs", "0");
	for (i = 0; i < m->handles; i++) {
		ctx[i] = open_device(default_device());
		demand(ctx[i], "the context %u of %u", i, m->handles);
	}
	demand(!open_device(default_device()) && errno == EAGAIN, "one context more: %s",
	       strerror(errno));
	for (i = 0; i < m->objects; i++) {
		objects[i] = make_object(m, ctx[i % m->handles], i ? objects[0].pd : NULL);
		demand(objects[i].pd || objects[i].key, "the object %u of %u: %s", i, m->objects,
		       strerror(errno));
	}
	demand(!ibv_create_cq(ctx[0], 16, NULL, NULL, 0) && errno == EAGAIN,
	       "one object more: %s", strerror(errno));
	demand(!make_key(objects[0].pd) && errno == EAGAIN, "one key more: %s", strerror(errno));
	/* The first has keys. */
	i = m->objects > 1 ? 1 + torture_below(&m->seed, m->objects - 1) : 0;
	free_object(&objects[i]);
	demand(i ? !!make_key(objects[0].pd) : !!ibv_create_cq(ctx[0], 16, NULL, NULL, 0),
	       "in the place of another: %s", strerror(errno));
	baton_to_parent(&m->baton);
	baton_await_parent(&m->baton);
}

static void cgroup_once(struct lifetime *t)
{
	struct member m = {
		.t = t, .seed = torture_rnd(&t->state),
		.handles = 1 + torture_below(&t->state, 4),
		.objects = 1 + torture_below(&t->state, 32),
	};
	uint64_t end = now_ms() + DEADLINE_MS;
	char limit[64], text[128];
	pid_t pid;

	demand(!mkdir(GROUP, 0755), "mkdir");
	snprintf(limit, sizeof(limit), "hca_handle=%u hca_object=%u\n", m.handles, m.objects);
	snprintf(text, sizeof(text), "%s %s", default_device(), limit);
	write_file(GROUP "/rdma.max", text);
	baton_make(&m.baton);
	pid = torture_child(member_runs, &m);
	baton_await_child(&m.baton);
	demand(group_has(limit), "the group does not have %s", limit);
	if (torture_below(&t->state, 2))
		demand(!kill(pid, SIGKILL), "kill");
	else
		baton_to_child(&m.baton);
	lifetime_reap(t, pid, SIGKILL);
	baton_free(&m.baton);
	while (!group_has("hca_handle=0 hca_object=0\n"))
		demand(now_ms() < end, "the group still has something");
	demand(!rmdir(GROUP), "rmdir");
}

void lifetime_cgroup(struct torture_run *run)
{
	if (shell(NULL, "echo +rdma >" ROOT "/cgroup.subtree_control"))
		torture_skip(run, "there is no rdma controller");
	rmdir(GROUP);
	lifetime_rounds(run, cgroup_once);
}
