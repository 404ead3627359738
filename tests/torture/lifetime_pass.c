// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The files of a context go over a socket to a process that is no relative. That
 * one imports device, PD and regions, works on the sender's memory, and rings its
 * doorbell, while the sender dies.
 */

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>

#include "lifetime.h"
#include "ways.h"
#include "wire.h"

#define SIZE	(128 * KIB)

/* What the receiver has to know of the sender. */
struct parcel {
	uint32_t pd;
	uint32_t pinned;
	uint32_t on_demand;
	uint32_t qp_num;
	uint64_t pinned_addr;
	uint64_t on_demand_addr;
	uint32_t pattern;
};

/**
 * struct passing - for both processes
 * @wire:	from the sender, fd[1], to the receiver, fd[0]
 * @report:	from the receiver, fd[1], to who started both
 */
struct passing {
	struct lifetime *t;
	uint64_t seed;
	struct wire wire;
	struct wire report;
};

/*---- files over sockets ----*/

static void send_files(int socket, const int *fds, unsigned int n)
{
	char control[CMSG_SPACE(8 * sizeof(int))] = { 0 };
	struct iovec iov = { "f", 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = CMSG_SPACE(n * sizeof(int)),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(n * sizeof(int));
	memcpy(CMSG_DATA(c), fds, n * sizeof(int));
	demand(sendmsg(socket, &msg, MSG_NOSIGNAL) == 1, "sendmsg");
}

static void receive_files(int socket, int *fds, unsigned int n)
{
	char control[CMSG_SPACE(8 * sizeof(int))], text;
	struct iovec iov = { &text, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};

	demand(await_readable(socket, DEADLINE_MS), "the sender does not send");
	demand(recvmsg(socket, &msg, MSG_CMSG_CLOEXEC) == 1, "recvmsg");
	demand(CMSG_FIRSTHDR(&msg)->cmsg_len == CMSG_LEN(n * sizeof(int)), "not %u files", n);
	memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&msg)), n * sizeof(int));
}

/*---- the sender ----*/

static void sender_runs(void *arg)
{
	static struct load l;
	struct passing *p = arg;
	struct parcel parcel;
	struct mem pinned, on_demand;
	int fds[2];

	load_open(&l, default_device(), p->seed, p->t->count, false);
	demand(mem_make_kind(&pinned, &l.node, SIZE, ALL_ACCESS, MEM_PINNED) &&
	       mem_make_kind(&on_demand, &l.node, SIZE, ALL_ACCESS, MEM_ODP), "memory");
	parcel = (struct parcel) {
		.pd = l.node.pd->handle,
		.pinned = pinned.mr->handle, .pinned_addr = (uintptr_t)pinned.p,
		.on_demand = on_demand.mr->handle, .on_demand_addr = (uintptr_t)on_demand.p,
		.qp_num = l.idle.qp->qp_num,
		.pattern = torture_below(&l.state, 256),
	};
	pattern(pinned.p, SIZE, parcel.pattern);
	pattern(on_demand.p, SIZE, parcel.pattern);
	fds[0] = l.node.ctx->cmd_fd;
	fds[1] = doorbell_fd();
	wire_tell(p->wire.fd[1], &parcel, sizeof(parcel));
	send_files(p->wire.fd[1], fds, 2);
	load_post(&l);
	load_go_on(&l);
	demand(false, "posting fails: %s", strerror(l.error));
}

/*---- the receiver ----*/

/* What it made of the files. */
struct receiver {
	struct parcel parcel;
	int doorbell;
	struct ibv_context *ctx;
	struct ibv_pd *pd;
	struct ibv_mr *pinned, *on_demand;
	struct rig r;
	uint8_t *buf;
};

static void receiver_open(struct receiver *rx, int socket)
{
	int fds[2];

	wire_hear(socket, &rx->parcel, sizeof(rx->parcel));
	receive_files(socket, fds, 2);
	rx->doorbell = fds[1];
	rx->ctx = ibv_import_device(fds[0]);
	demand(rx->ctx, "ibv_import_device");
	rx->pd = ibv_import_pd(rx->ctx, rx->parcel.pd);
	demand(rx->pd, "ibv_import_pd");
	rx->pinned = ibv_import_mr(rx->pd, rx->parcel.pinned);
	rx->on_demand = ibv_import_mr(rx->pd, rx->parcel.on_demand);
	demand(rx->pinned && rx->on_demand, "ibv_import_mr");
	rx->r = (struct rig) { .device = default_device(), .ctx = rx->ctx, .pd = rx->pd };
	rx->r.mr = ibv_reg_mr(rx->pd, NULL, SIZE_MAX, IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_ON_DEMAND);
	rx->r.channel = ibv_create_comp_channel(rx->ctx);
	demand(rx->r.mr && rx->r.channel, "objects in an imported context");
	rig_open_queue(&rx->r, NULL);
	rx->buf = pages(SIZE);
}

/* Copies of the sender's memory; all of it, or the sender has gone. */
static enum axe_code fetch(struct receiver *rx, uint64_t addr, uint32_t key)
{
	struct ibv_sge src = { .addr = addr, .length = SIZE, .lkey = key };
	struct ibv_sge dst = here(&rx->r, rx->buf, SIZE);
	struct wc wc;

	memset(rx->buf, 0, SIZE);
	wc = run(&rx->r, copy, &dst, &src);
	if (wc.code == AXE_OK)
		demand(is_pattern(rx->buf, SIZE, rx->parcel.pattern), "not the sender's memory");
	return wc.code;
}

/* Any number may be written; those of the context's queues ring. */
static void ring_theirs(struct receiver *rx, uint64_t *state)
{
	struct axe_doorbell bell = { .number = rx->parcel.qp_num };

	demand(write(rx->doorbell, &bell, sizeof(bell)) == sizeof(bell), "the sender's doorbell");
	bell.number = 0x1000000 + torture_below(state, 1 << 30);
	demand(write(rx->doorbell, &bell, sizeof(bell)) < 0 && errno == EINVAL, "any number");
}

static void work(struct receiver *rx, uint64_t *state, bool sender_lives)
{
	enum axe_code code;

	code = fetch(rx, rx->parcel.pinned_addr, rx->pinned->lkey);
	demand(code == AXE_OK, "pinned memory: code %d (%s)", code, axedv_code_str(code));
	code = fetch(rx, rx->parcel.on_demand_addr, rx->on_demand->lkey);
	demand(code == AXE_OK || !sender_lives, "memory on demand: code %d (%s)", code,
	       axedv_code_str(code));
	demand(code == AXE_OK || code == AXE_ERR_GONE || code == AXE_ERR_FAULT,
	       "memory of a process that ends: code %d (%s)", code, axedv_code_str(code));
	ring_theirs(rx, state);
}

static void await_gone(struct receiver *rx, uint64_t *state)
{
	uint64_t end = now_ms() + DEADLINE_MS;

	while (fetch(rx, rx->parcel.on_demand_addr, rx->on_demand->lkey) != AXE_ERR_GONE)
		demand(now_ms() < end, "the sender's memory outlives it");
	work(rx, state, false);
}

/* The context goes with the last file of it; its doorbell may be open still. */
static void receiver_close(struct receiver *rx)
{
	struct axe_doorbell bell = { .number = rx->parcel.qp_num };
	uint64_t end = now_ms() + DEADLINE_MS;

	rig_close_queue(&rx->r);
	demand(!ibv_destroy_comp_channel(rx->r.channel), "ibv_destroy_comp_channel");
	demand(!ibv_dereg_mr(rx->r.mr), "ibv_dereg_mr");
	ibv_unimport_mr(rx->pinned);
	ibv_unimport_mr(rx->on_demand);
	ibv_unimport_pd(rx->pd);
	demand(!ibv_close_device(rx->ctx), "ibv_close_device");
	/* Its queues may go a moment before. */
	while (write(rx->doorbell, &bell, sizeof(bell)) >= 0 || errno == EINVAL)
		demand(now_ms() < end, "the context outlives its files");
	demand(errno == EIO, "a doorbell without a context");
	close(rx->doorbell);
}

static void receiver_runs(void *arg)
{
	static struct receiver rx;
	struct passing *p = arg;
	uint64_t state = p->seed + 1;
	bool dead = false;

	/* A file that the other one holds, too, would not tell us of its end. */
	close(p->wire.fd[1]);
	receiver_open(&rx, p->wire.fd[0]);
	work(&rx, &state, true);
	wire_tell(p->report.fd[1], "w", 1);
	while (!dead) {
		dead = await_readable(p->wire.fd[0], 0);
		work(&rx, &state, false);
	}
	await_gone(&rx, &state);
	if (torture_below(&state, 4))
		receiver_close(&rx);
}

/*---- both ----*/

static void pass_once(struct lifetime *t)
{
	struct passing p = { .t = t, .seed = torture_rnd(&t->state) };
	pid_t sender, receiver;
	char c;

	wire_make(&p.wire);
	wire_make(&p.report);
	receiver = torture_child(receiver_runs, &p);
	sender = torture_child(sender_runs, &p);
	wire_free(&p.wire);
	wire_hear(p.report.fd[0], &c, 1);
	lifetime_wait(t);
	demand(!kill(sender, SIGKILL), "kill");
	lifetime_reap(t, sender, SIGKILL);
	lifetime_reap(t, receiver, 0);
	wire_free(&p.report);
}

void lifetime_pass(struct torture_run *run)
{
	lifetime_rounds(run, pass_once);
}
