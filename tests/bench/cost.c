// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * axe-bench: what a command costs (with --icount: in instructions)
 *
 * What a command costs. With `./vm run --icount` a nanosecond of the guest is an
 * instruction, so the figures are instruction counts and the same in every run;
 * elsewhere they are nanoseconds.
 *
 * Each row is the median of many rounds, for posting and polling together. The
 * same is measured for io_uring's nop, the yardstick.
 */
#include <errno.h>
#include <linux/io_uring.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <infiniband/axedv.h>

#include "cost.h"

#define ROUNDS	401

struct bench {
	struct ibv_context *ctx;
	struct ibv_pd *pd;
	struct ibv_mr *mr;
	struct ibv_cq *cq;
	struct ibv_qp *qp;
	struct ibv_qp_ex *qpx;
	void *src, *dst;
	size_t len;
};

static void die(const char *what)
{
	fprintf(stderr, "cost: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static uint64_t median(uint64_t *v, int n)
{
	qsort(v, n, sizeof(*v), compare_u64);
	return v[n / 2];
}

/* What reading the clock twice costs by itself. */
static uint64_t clock_cost(void)
{
	uint64_t v[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		uint64_t t = now();

		v[i] = now() - t;
	}
	return median(v, ROUNDS);
}

void measure(const char *name, void (*round)(void *arg, int batch), void *arg, int batch)
{
	uint64_t v[ROUNDS], overhead = clock_cost();

	for (int i = 0; i < 16; i++)
		round(arg, batch);
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t t = now();

		round(arg, batch);
		v[i] = now() - t;
	}
	printf("%-44s %8.0f\n", name, (double)(median(v, ROUNDS) - overhead) / batch);
}

static void bench_open(struct bench *b, uint8_t mode)
{
	struct ibv_device **list = ibv_get_device_list(NULL);
	struct ibv_qp_init_attr_ex attr = {
		.qp_type = IBV_QPT_DRIVER,
		.sq_sig_all = 1,
		.cap.max_send_wr = 256,
		.comp_mask = IBV_QP_INIT_ATTR_PD,
	};
	struct axedv_qp_init_attr axe_attr = {
		.comp_mask = AXEDV_QP_INIT_ATTR_MODE,
		.mode = mode,
	};

	for (int i = 0; list && list[i] && !b->ctx; i++)
		if (axedv_is_supported(list[i]))
			b->ctx = ibv_open_device(list[i]);
	if (!b->ctx)
		die("no axe device");
	b->pd = ibv_alloc_pd(b->ctx);
	b->mr = ibv_reg_mr(b->pd, NULL, SIZE_MAX,
			   IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_ON_DEMAND);
	b->cq = ibv_create_cq(b->ctx, 256, NULL, NULL, 0);
	if (!b->mr || !b->cq)
		die("setting up");
	attr.pd = b->pd;
	attr.send_cq = b->cq;
	attr.recv_cq = b->cq;
	b->qp = axedv_create_qp(b->ctx, &attr, &axe_attr);
	if (!b->qp)
		die("making a queue");
	b->qpx = ibv_qp_to_qp_ex(b->qp);
	ibv_free_device_list(list);
}

static void bench_close(struct bench *b)
{
	ibv_destroy_qp(b->qp);
	ibv_destroy_cq(b->cq);
	ibv_dereg_mr(b->mr);
	ibv_dealloc_pd(b->pd);
	ibv_close_device(b->ctx);
	memset(b, 0, sizeof(*b));
}

static void post_nop(struct bench *b)
{
	axedv_wr_nop(b->qpx);
}

static void post_copy(struct bench *b)
{
	struct ibv_sge src = { (uintptr_t)b->src, b->len, b->mr->lkey };
	struct ibv_sge dst = { (uintptr_t)b->dst, b->len, b->mr->lkey };

	axedv_wr_copy(b->qpx, &dst, &src);
}

static void post_crc32c(struct bench *b)
{
	struct ibv_sge src = { (uintptr_t)b->src, b->len, b->mr->lkey };

	axedv_wr_crc32c(b->qpx, &src, 0);
}

static void run_batch(struct bench *b, void (*post)(struct bench *), int batch)
{
	struct ibv_wc wc[BATCH];
	int done = 0, n;

	ibv_wr_start(b->qpx);
	for (int i = 0; i < batch; i++) {
		b->qpx->wr_id = i;
		b->qpx->wr_flags = IBV_SEND_SIGNALED;
		post(b);
	}
	errno = ibv_wr_complete(b->qpx);
	if (errno)
		die("posting");
	while (done < batch) {
		n = ibv_poll_cq(b->cq, batch - done, wc);
		if (n < 0)
			die("polling");
		for (int i = 0; i < n; i++)
			if (wc[i].status) {
				fprintf(stderr, "cost: %s\n", ibv_wc_status_str(wc[i].status));
				exit(1);
			}
		done += n;
	}
}

/* io_uring by its system calls, as liburing does it. */
struct uring {
	int fd;
	struct io_uring_params p;
	char *sq, *cq;
	struct io_uring_sqe *sqes;
};

static void uring_open(struct uring *u)
{
	memset(u, 0, sizeof(*u));
	u->fd = syscall(SYS_io_uring_setup, 64, &u->p);
	if (u->fd < 0)
		return;
	u->sq = mmap(NULL, u->p.sq_off.array + u->p.sq_entries * 4, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_POPULATE, u->fd, IORING_OFF_SQ_RING);
	u->cq = mmap(NULL, u->p.cq_off.cqes + u->p.cq_entries * sizeof(struct io_uring_cqe),
		     PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, u->fd,
		     IORING_OFF_CQ_RING);
	u->sqes = mmap(NULL, u->p.sq_entries * sizeof(*u->sqes), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_POPULATE, u->fd, IORING_OFF_SQES);
	if (u->sq == MAP_FAILED || u->cq == MAP_FAILED || u->sqes == MAP_FAILED)
		die("io_uring");
}

static void uring_batch(struct uring *u, int batch)
{
	unsigned int *tail = (unsigned int *)(u->sq + u->p.sq_off.tail);
	unsigned int *array = (unsigned int *)(u->sq + u->p.sq_off.array);
	unsigned int mask = *(unsigned int *)(u->sq + u->p.sq_off.ring_mask);
	unsigned int *chead = (unsigned int *)(u->cq + u->p.cq_off.head);
	unsigned int *ctail = (unsigned int *)(u->cq + u->p.cq_off.tail);
	unsigned int t = *tail;

	for (int i = 0; i < batch; i++, t++) {
		struct io_uring_sqe *sqe = &u->sqes[t & mask];

		memset(sqe, 0, sizeof(*sqe));
		sqe->opcode = IORING_OP_NOP;
		sqe->user_data = i;
		array[t & mask] = t & mask;
	}
	__atomic_store_n(tail, t, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, u->fd, batch, batch, IORING_ENTER_GETEVENTS, NULL, 0) !=
	    batch)
		die("io_uring_enter");
	if (__atomic_load_n(ctail, __ATOMIC_ACQUIRE) - *chead != (unsigned int)batch)
		die("io_uring completions");
	__atomic_store_n(chead, *ctail, __ATOMIC_RELEASE);
}

static void uring_round(void *u, int batch)
{
	uring_batch(u, batch);
}

static void measure_uring(struct uring *u)
{
	if (u->fd < 0) {
		printf("there is no io_uring here: %s\n", strerror(errno));
		return;
	}
	measure("io_uring nop, one at a time", uring_round, u, 1);
	measure("io_uring nop, of 32", uring_round, u, BATCH);
}

static void syscall_round(void *unused, int batch)
{
	syscall(SYS_getppid);
}

struct commands {
	struct bench *b;
	void (*post)(struct bench *b);
};

static void commands_round(void *arg, int batch)
{
	struct commands *c = arg;

	run_batch(c->b, c->post, batch);
}

static void measure_commands(const char *name, struct bench *b, void (*post)(struct bench *b),
			     int batch)
{
	measure(name, commands_round, &(struct commands){ b, post }, batch);
}

int main(void)
{
	struct bench b = {};
	struct uring u;
	char *mem = aligned_alloc(4096, 4 << 20);

	if (!mem)
		die("memory");
	memset(mem, 1, 4 << 20);

	printf("%-44s %8s\n", "each, posted and polled", "cost");
	measure("getppid()", syscall_round, NULL, 1);
	uring_open(&u);
	measure_uring(&u);

	bench_open(&b, AXE_QUEUE_INLINE);
	measure_commands("axe nop inline, one at a time", &b, post_nop, 1);
	measure_commands("axe nop inline, of 32", &b, post_nop, BATCH);
	b.src = mem;
	b.dst = mem + (2 << 20);
	b.len = 4096;
	measure_commands("axe copy 4 KiB inline, one at a time", &b, post_copy, 1);
	measure_commands("axe copy 4 KiB inline, of 32", &b, post_copy, BATCH);
	measure_commands("axe crc32c 4 KiB inline, one at a time", &b, post_crc32c, 1);
	b.len = 65536;
	measure_commands("axe copy 64 KiB inline, one at a time", &b, post_copy, 1);
	bench_close(&b);

	bench_open(&b, AXE_QUEUE_WORKER);
	measure_commands("axe nop to a worker, one at a time", &b, post_nop, 1);
	measure_commands("axe nop to a worker, of 32", &b, post_nop, BATCH);
	b.src = mem;
	b.dst = mem + (2 << 20);
	b.len = 4096;
	measure_commands("axe copy 4 KiB to a worker, one at a time", &b, post_copy, 1);
	bench_close(&b);

	measure_peers();
	return 0;
}
