// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Ends: of processes with commands in flight, of devices in use, of everything in
 * any order; and what is left behind, which is nothing.
 */

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include "common.h"
#include "vectors.h"

/*---- a process that has much under way ----*/

struct busy {
	enum axe_queue_mode mode;
	struct baton baton;
	bool exits;			/* by itself, instead of being killed */
	bool closes;
};

/* Commands for minutes, on memory of all kinds, with faults among them. */
static void busy_child(void *arg)
{
	struct busy *b = arg;
	size_t size = 256 * MIB;
	uint8_t *zeros = mmap(NULL, size, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uint8_t *dst = pages(MIB);
	struct ibv_mr *pinned;
	struct rig r;
	unsigned int i;

	rig_open(&r, &(struct rig_options){ .mode = b->mode, .lanes = 4, .depth = 64 });
	pinned = ibv_reg_mr(r.pd, dst, MIB, IBV_ACCESS_LOCAL_WRITE);
	demand(pinned, "ibv_reg_mr");
	for (i = 0; i < 40; i++) {
		struct ibv_sge s = here(&r, zeros, size), d = here(&r, dst, MIB);

		d.lkey = i % 2 ? d.lkey : pinned->lkey;
		rig_begin(&r, i, IBV_SEND_SIGNALED);
		switch (i % 4) {
		case 0:
			axedv_wr_compress(r.qx, &d, &s, AXE_FORMAT_GZIP, 9, 0);
			break;
		case 1:
			axedv_wr_fill(r.qx, &s, "abc", 3);
			break;
		case 2:
			axedv_wr_crc32(r.qx, &s, 0);
			break;
		default:
			axedv_wr_nop(r.qx);
		}
		/* The last one says that all is under way (inline: that is never back). */
		if (i == 39 || b->mode == AXE_QUEUE_INLINE)
			baton_to_parent(&b->baton);
		rig_end(&r);
		if (b->mode == AXE_QUEUE_INLINE)
			break;
	}
	if (b->closes)
		rig_close_queue(&r);
	if (!b->exits) {
		baton_await_parent(&b->baton);
		demand(false, "not killed");
	}
}

/* Nothing works for it any more: its pages are gone, and so is its queue. */
static void await_no_queues(unsigned int expected)
{
	uint64_t end = now_ms() + DEADLINE_MS;
	unsigned int n;
	char *text;

	do {
		shell(&text, "rdma resource show qp link %s | grep -c DRIVER", default_device());
		n = atoi(text);
		free(text);
		demand(n <= expected || now_ms() < end, "%u queues are left", n);
	} while (n > expected);
}

static void kill_busy(enum axe_queue_mode mode, unsigned int rounds)
{
	struct busy b = { .mode = mode };
	unsigned int i;

	for (i = 0; i < rounds; i++) {
		uint64_t start;
		pid_t pid;

		baton_make(&b.baton);
		pid = start_child(busy_child, &b);
		baton_await_child(&b.baton);
		start = now_ms();
		assert_int_equal(kill(pid, SIGKILL), 0);
		reap_killed(pid, SIGKILL);
		demand(now_ms() - start < 5000, "it took %llu ms to die",
		       (unsigned long long)(now_ms() - start));
		baton_free(&b.baton);
	}
	await_no_queues(0);
}

static void process__killed(void **state)
{
	kill_busy(*(enum axe_queue_mode *)*state, 15);
}

static void process__exits(void **state)
{
	struct busy b = { .mode = *(enum axe_queue_mode *)*state, .exits = true };
	unsigned int i;

	for (i = 0; i < 8; i++) {
		b.closes = i & 1;
		baton_make(&b.baton);
		in_child(busy_child, &b);
		baton_free(&b.baton);
	}
	await_no_queues(0);
}

/* While a thread waits for a completion, and another one posts. */
static void *waits_for_ever(void *arg)
{
	struct ibv_cq *cq;
	void *context;

	ibv_get_cq_event(((struct rig *)arg)->channel, &cq, &context);
	return NULL;
}

static void *posts_for_ever(void *arg)
{
	struct rig *r = arg;

	for (;;) {
		ibv_wr_start(r->qx);
		r->qx->wr_flags = 0;
		axedv_wr_nop(r->qx);
		ibv_wr_complete(r->qx);
	}
	return NULL;
}

static void threads_child(void *arg)
{
	struct busy *b = arg;
	pthread_t waiter, poster;
	struct rig r;

	rig_open(&r, &(struct rig_options){ .mode = b->mode, .unsignaled = true });
	demand(!pthread_create(&waiter, NULL, waits_for_ever, &r), "pthread_create");
	demand(!pthread_create(&poster, NULL, posts_for_ever, &r), "pthread_create");
	baton_to_parent(&b->baton);
	baton_await_parent(&b->baton);
}

static void process__killed_with_threads(void **state)
{
	struct busy b = { .mode = *(enum axe_queue_mode *)*state };
	unsigned int i;

	for (i = 0; i < 8; i++) {
		pid_t pid;

		baton_make(&b.baton);
		pid = start_child(threads_child, &b);
		baton_await_child(&b.baton);
		assert_int_equal(kill(pid, SIGKILL), 0);
		reap_killed(pid, SIGKILL);
		baton_free(&b.baton);
	}
	await_no_queues(0);
}

/* A thread ends with its stack, on which the device works. */
static void execs_child(void *arg)
{
	struct busy *b = arg;
	size_t size = 64 * MIB;
	uint8_t *p = small_pages(size);
	struct ibv_sge d;
	struct rig r;
	unsigned int i;

	rig_open(&r, &(struct rig_options){ .mode = b->mode });
	d = here(&r, p, size);
	for (i = 0; i < 20; i++)
		post(&r, i, IBV_SEND_SIGNALED, fill, &d, "x", 1);
	execl("/bin/true", "true", NULL);
	demand(false, "execl");
}

/* Its memory goes while it lives on: exec() with commands in flight. */
static void process__execs(void **state)
{
	struct busy b = { .mode = *(enum axe_queue_mode *)*state };
	unsigned int i;

	for (i = 0; i < 6; i++)
		in_child(execs_child, &b);
	await_no_queues(0);
}

/* A child has the context too: it lives until both are gone, and does no harm. */
static struct rig inherited;

static void inherits(void *arg)
{
	struct busy *b = arg;
	struct ibv_sge src = here(&inherited, &inherited, sizeof(inherited));
	struct wc wc;

	baton_to_parent(&b->baton);
	baton_await_parent(&b->baton);
	/* Its parent is gone, and with it the memory that the region meant. */
	wc = run(&inherited, crc32, &src, 0);
	demand(wc.code == AXE_ERR_GONE, "code %d (%s)", wc.code, axedv_code_str(wc.code));
	wc = run(&inherited, nop);
	demand(wc.code == AXE_OK, "code %d", wc.code);
}

static void dies_before_its_child(void *arg)
{
	struct busy *b = arg;

	rig_open(&inherited, &(struct rig_options){ .mode = b->mode });
	/* A grandchild of the test, which outlives this process. */
	if (!fork()) {
		alarm(60);
		inherits(b);
		demand(write(b->baton.back[1], "k", 1) == 1, "write");
		_exit(0);
	}
	baton_await_child(&b->baton);
}

static void process__outlived_by_its_child(void **state)
{
	struct busy b = { .mode = *(enum axe_queue_mode *)*state };

	baton_make(&b.baton);
	/* It returns when the grandchild is there; then it is gone, and the other goes on. */
	in_child(dies_before_its_child, &b);
	baton_to_child(&b.baton);
	baton_await_child(&b.baton);
	baton_free(&b.baton);
	await_no_queues(0);
}

/*---- objects, in any order ----*/

/* What the order forbids is EBUSY, and later it works. */
static void close__in_the_wrong_order(void **state)
{
	struct rig r;

	rig_open(&r, NULL);
	assert_int_equal(ibv_dealloc_pd(r.pd), EBUSY);
	assert_int_equal(ibv_destroy_cq(ibv_cq_ex_to_cq(r.cq)), EBUSY);
	assert_int_equal(ibv_dereg_mr(r.mr), 0);
	assert_int_equal(ibv_dealloc_pd(r.pd), EBUSY);
	assert_int_equal(ibv_destroy_qp(r.qp), 0);
	assert_int_equal(ibv_dealloc_pd(r.pd), 0);
	assert_int_equal(ibv_destroy_comp_channel(r.channel), EBUSY);
	assert_int_equal(ibv_destroy_cq(ibv_cq_ex_to_cq(r.cq)), 0);
	assert_int_equal(ibv_destroy_comp_channel(r.channel), 0);
	assert_int_equal(ibv_close_device(r.ctx), 0);
}

/* The device is closed with everything still there. */
static void close__everything_at_once(void **state)
{
	struct rig r;
	unsigned int i, k;

	for (i = 0; i < 20; i++) {
		uint8_t *p = pages(MIB);
		struct ibv_sge d;

		rig_open(&r, &(struct rig_options){ .mode = i % 4 });
		d = here(&r, p, MIB);
		for (k = 0; k < 20; k++)
			post(&r, k, IBV_SEND_SIGNALED, fill, &d, "y", 1);
		if (i & 1)
			munmap(p, MIB);
		assert_int_equal(ibv_close_device(r.ctx), 0);
		if (!(i & 1))
			munmap(p, MIB);
	}
	await_no_queues(0);
}

/*---- the device goes ----*/

static void make_link(void)
{
	assert_int_equal(shell(NULL, "ip link add axt0 type veth peer name axt1 && "
			       "ip link set axt0 up && ip link set axt1 up && "
			       "rdma link add axt type axe netdev axt0"), 0);
}

static int drop_link(void **state)
{
	return shell(NULL, "rdma link delete axt 2>/dev/null; ip link delete axt0 2>/dev/null; true");
}

static void delete_link(void)
{
	uint64_t start = now_ms();

	assert_int_equal(shell(NULL, "rdma link delete axt"), 0);
	demand(now_ms() - start < 10000, "it took %llu ms to delete the link",
	       (unsigned long long)(now_ms() - start));
}

/* All that a program may do afterwards: it gets errors. */
static void use_dead_device(struct rig *r)
{
	struct ibv_poll_cq_attr attr = {};
	struct ibv_qp_attr qp_attr = { .qp_state = IBV_QPS_RESET };
	struct ibv_device_attr device;
	struct ibv_sge sge = here(r, r, 64);
	int ret;

	rig_begin(r, 1, IBV_SEND_SIGNALED);
	axedv_wr_nop(r->qx);
	assert_int_equal(ibv_wr_complete(r->qx), EIO);
	rig_begin(r, 1, IBV_SEND_SIGNALED);
	axedv_wr_crc32(r->qx, &sge, 0);
	assert_int_equal(ibv_wr_complete(r->qx), EIO);

	/* What was completed before may be read; then there is nothing, for good. */
	while (!(ret = ibv_start_poll(r->cq, &attr)))
		ibv_end_poll(r->cq);
	assert_int_equal(ret, EIO);
	assert_int_equal(ibv_poll_cq(ibv_cq_ex_to_cq(r->cq), 1, &(struct ibv_wc){}), -EIO);

	assert_int_equal(ibv_query_device(r->ctx, &device), EIO);
	assert_null(ibv_reg_mr(r->pd, r, 64, 0));
	assert_int_equal(errno, EIO);
	assert_null(ibv_create_cq(r->ctx, 16, NULL, NULL, 0));
	assert_int_equal(errno, EIO);
	assert_null(ibv_alloc_pd(r->ctx));
	assert_int_equal(errno, EIO);
	assert_int_equal(ibv_modify_qp(r->qp, &qp_attr, IBV_QP_STATE), EIO);
	assert_int_equal(ibv_advise_mr(r->pd, IBV_ADVISE_MR_ADVICE_PREFETCH,
				       IBV_ADVISE_MR_FLAG_FLUSH, &sge, 1), EIO);
}

static void post_minutes(struct rig *r, uint8_t *dst)
{
	static uint8_t *zeros;
	struct ibv_sge s, d;
	unsigned int i;

	if (!zeros)
		zeros = mmap(NULL, 256 * MIB, PROT_READ,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	s = here(r, zeros, 256 * MIB);
	d = here(r, dst, MIB);
	for (i = 0; i < 10; i++)
		post(r, i, IBV_SEND_SIGNALED, compress, &d, &s, AXE_FORMAT_RAW, 9, 0);
}

static void device__deleted_while_commands_run(void **state)
{
	enum axe_queue_mode *mode = *state;
	uint8_t *dst = pages(MIB);
	unsigned int i;
	struct rig r;

	for (i = 0; i < 3; i++) {
		make_link();
		rig_open(&r, &(struct rig_options){ .device = "axt", .mode = *mode });
		assert_queue_works(&r);
		post_minutes(&r, dst);
		delete_link();
		demand(await_async(r.ctx, IBV_EVENT_DEVICE_FATAL, DEADLINE_MS), "no event");
		use_dead_device(&r);
		/* Everything can be closed as ever. */
		rig_close(&r);
		drop_link(NULL);
	}
	munmap(dst, MIB);
}

struct watcher {
	struct rig *r;
	bool async;
	int result;
	struct ibv_async_event event;
};

static void *watcher_run(void *arg)
{
	struct watcher *w = arg;
	struct ibv_cq *cq;
	void *context;

	if (w->async) {
		w->result = ibv_get_async_event(w->r->ctx, &w->event);
		if (!w->result)
			ibv_ack_async_event(&w->event);
	} else {
		w->result = ibv_get_cq_event(w->r->channel, &cq, &context);
		if (!w->result)
			ibv_ack_cq_events(cq, 1);
	}
	return NULL;
}

/* Who sleeps is woken: by an event, or by an error. */
static void device__deleted_while_threads_wait(void **state)
{
	struct watcher async = { .async = true }, channel = {};
	pthread_t threads[2];
	struct timespec deadline;
	struct rig r;

	make_link();
	rig_open(&r, &(struct rig_options){ .device = "axt" });
	async.r = channel.r = &r;
	assert_int_equal(ibv_req_notify_cq(ibv_cq_ex_to_cq(r.cq), 0), 0);
	assert_int_equal(pthread_create(&threads[0], NULL, watcher_run, &async), 0);
	assert_int_equal(pthread_create(&threads[1], NULL, watcher_run, &channel), 0);
	delete_link();
	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += DEADLINE_MS / 1000;
	demand(!pthread_timedjoin_np(threads[0], NULL, &deadline), "nobody woke who waits for events");
	demand(!pthread_timedjoin_np(threads[1], NULL, &deadline),
	       "nobody woke who waits for completions");
	assert_int_equal(async.result, 0);
	assert_int_equal(async.event.event_type, IBV_EVENT_DEVICE_FATAL);
	use_dead_device(&r);
	rig_close(&r);
}

struct racer {
	struct rig *r;
	volatile bool stop;
	unsigned int posted;
	volatile int error;
};

static void *racer_run(void *arg)
{
	struct racer *racer = arg;
	struct ibv_poll_cq_attr attr = {};

	while (!racer->stop && !racer->error) {
		int ret;

		ibv_wr_start(racer->r->qx);
		racer->r->qx->wr_flags = IBV_SEND_SIGNALED;
		axedv_wr_nop(racer->r->qx);
		ret = ibv_wr_complete(racer->r->qx);
		if (!ret)
			racer->posted++;
		else if (ret != ENOMEM)
			racer->error = ret;
		while (!ibv_start_poll(racer->r->cq, &attr))
			ibv_end_poll(racer->r->cq);
	}
	return NULL;
}

/* At the same moment as somebody posts, rings, polls. */
static void device__deleted_while_posting(void **state)
{
	enum axe_queue_mode *mode = *state;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		struct racer racer = {};
		pthread_t thread;
		struct rig r;
		uint64_t end;

		make_link();
		rig_open(&r, &(struct rig_options){ .device = "axt", .mode = *mode });
		racer.r = &r;
		assert_int_equal(pthread_create(&thread, NULL, racer_run, &racer), 0);
		while (*(volatile unsigned int *)&racer.posted < 100 + i * 77)
			sched_yield();
		delete_link();
		/* Also who found the ring full has to be told. */
		for (end = now_ms() + 5000; !racer.error && now_ms() < end; )
			sched_yield();
		racer.stop = true;
		pthread_join(thread, NULL);
		assert_int_equal(racer.error, EIO);
		use_dead_device(&r);
		rig_close(&r);
		drop_link(NULL);
	}
}

/* The network device goes, and takes the other with it. */
static void device__netdev_deleted_while_commands_run(void **state)
{
	uint8_t *dst = pages(MIB);
	struct rig r;

	make_link();
	rig_open(&r, &(struct rig_options){ .device = "axt", .mode = AXE_QUEUE_WORKER });
	post_minutes(&r, dst);
	assert_int_equal(shell(NULL, "ip link delete axt0"), 0);
	demand(await_async(r.ctx, IBV_EVENT_DEVICE_FATAL, DEADLINE_MS), "no event");
	use_dead_device(&r);
	rig_close(&r);
	munmap(dst, MIB);
}

/* A process is killed and the device deleted at once. */
static void device__deleted_while_a_process_dies(void **state)
{
	struct busy b = { .mode = AXE_QUEUE_WORKER };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		pid_t pid;

		make_link();
		setenv("AXE_DEVICE", "axt", 1);
		baton_make(&b.baton);
		pid = start_child(busy_child, &b);
		baton_await_child(&b.baton);
		assert_int_equal(kill(pid, SIGKILL), 0);
		delete_link();
		reap_killed(pid, SIGKILL);
		baton_free(&b.baton);
		unsetenv("AXE_DEVICE");
		drop_link(NULL);
	}
}

/*---- what is left ----*/

static void idle(void *arg)
{
	unsigned int i;

	for (i = 0; i < 10; i++) {
		struct rig r;

		rig_open(&r, &(struct rig_options){ .mode = i % 4 });
		assert_queue_works(&r);
		rig_close(&r);
	}
}

static void nothing_is_left__references(void **state)
{
	long long before = read_number("/sys/module/axe/refcnt"), after;
	struct busy b = { .mode = AXE_QUEUE_WORKER };
	uint64_t end = now_ms() + DEADLINE_MS;
	pid_t pid;

	assert_true(before >= 0);
	in_child(idle, NULL);
	baton_make(&b.baton);
	pid = start_child(busy_child, &b);
	baton_await_child(&b.baton);
	assert_in_range(read_number("/sys/module/axe/refcnt"), before + 1, 1000);
	assert_int_equal(kill(pid, SIGKILL), 0);
	reap_killed(pid, SIGKILL);
	baton_free(&b.baton);
	/* Files are closed for good a moment after the process has gone. */
	do {
		after = read_number("/sys/module/axe/refcnt");
		demand(after == before || now_ms() < end, "%lld references, before %lld", after, before);
	} while (after != before);
}

static long long used_kib(void)
{
	/* What is freed behind a grace period, and what lies about on lists of CPUs. */
	write_file("/proc/sys/vm/drop_caches", "2");
	return field_of("/proc/meminfo", "SUnreclaim") + field_of("/proc/meminfo", "VmallocUsed") +
	       field_of("/proc/meminfo", "Percpu");
}

static void leak_round(enum axe_queue_mode mode)
{
	struct busy b = { .mode = mode };
	pid_t pid;

	in_child(idle, NULL);
	baton_make(&b.baton);
	pid = start_child(busy_child, &b);
	baton_await_child(&b.baton);
	kill(pid, SIGKILL);
	reap_killed(pid, SIGKILL);
	baton_free(&b.baton);
}

static void nothing_is_left__memory(void **state)
{
	uint64_t end = now_ms() + DEADLINE_MS;
	long long before, after;
	unsigned int i, rounds = 20;

	/* Once for what is kept: pools, caches. */
	for (i = 0; i < 8; i++)
		leak_round(i % 4 == 1 ? 2 : i % 4);
	await_no_queues(0);
	before = used_kib();
	for (i = 0; i < rounds; i++)
		leak_round(i % 4 == 1 ? 2 : i % 4);
	await_no_queues(0);
	do
		after = used_kib();
	while (after - before > 100 * rounds && now_ms() < end);
	print_message("# %lld KiB more after %u rounds\n", after - before, rounds);
	/* A ring each would be 4 MiB; a workspace each 260 KiB; page tables 0.5 MiB. */
	demand(after - before <= 100 * rounds, "%lld KiB are left behind", after - before);
}

/*---- network namespaces ----*/

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

static int use_device(const char *name)
{
	struct rig r;

	rig_open(&r, &(struct rig_options){ .device = name });
	assert_queue_works(&r);
	rig_close(&r);
	return 0;
}

static enum axe_queue_mode modes[] = {
	AXE_QUEUE_AUTO, AXE_QUEUE_INLINE, AXE_QUEUE_WORKER, AXE_QUEUE_POLL,
};

#define IN_MODE(f, name, i, teardown)	{ #f "__" name, f, NULL, teardown, &modes[i] }
/* Inline, minutes of work are minutes in the post. */
#define ASYNC_MODES(f, teardown)					\
	IN_MODE(f, "auto", 0, teardown), IN_MODE(f, "worker", 2, teardown),	\
	IN_MODE(f, "poll", 3, teardown)
#define ALL_MODES(f, teardown)						\
	ASYNC_MODES(f, teardown), IN_MODE(f, "inline", 1, teardown)

static const struct CMUnitTest tests[] = {
	ALL_MODES(process__killed, NULL),
	ASYNC_MODES(process__exits, NULL),
	ALL_MODES(process__killed_with_threads, NULL),
	ASYNC_MODES(process__execs, NULL),
	ALL_MODES(process__outlived_by_its_child, NULL),
	cmocka_unit_test(close__in_the_wrong_order),
	cmocka_unit_test(close__everything_at_once),
	ASYNC_MODES(device__deleted_while_commands_run, drop_link),
	cmocka_unit_test_teardown(device__deleted_while_threads_wait, drop_link),
	ALL_MODES(device__deleted_while_posting, drop_link),
	cmocka_unit_test_teardown(device__netdev_deleted_while_commands_run, drop_link),
	cmocka_unit_test_teardown(device__deleted_while_a_process_dies, drop_link),
	cmocka_unit_test(nothing_is_left__references),
	cmocka_unit_test(nothing_is_left__memory),
	cmocka_unit_test_teardown(netns__device_of_its_own, drop_netns),
	cmocka_unit_test_teardown(netns__exclusive, drop_netns),
};

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "use"))
		return use_device(argv[2]);
	return live_main("lifetime", tests, ARRAY_SIZE(tests), NULL, NULL);
}
