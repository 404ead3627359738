// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Failing: what commands and messages need on their way - the doorbell, the first use
 * of a region, page faults, private memory - in the system call and on workers.
 */

#include <sched.h>

#include "faults.h"

#define SWEEP	0x5feeb
#define HALF	(FAULTS_SIZE / 2)

static struct rig rig;
static struct pair pair;
static struct ibv_mr *near, *far;
static struct ibv_mw *mw;
static size_t message;

/* Out of memory while a page was faulted in looks like a page that is not there. */
static int errno_of(enum axe_code code)
{
	switch (code) {
	case AXE_OK:
		return 0;
	case AXE_ERR_NOMEM:
		return ENOMEM;
	case AXE_ERR_FAULT:
		return EFAULT;
	default:
		return EIO;
	}
}

/*---- commands ----*/

/* Without the channel: what it needs may fail, too. */
static struct wc await_wc(void)
{
	uint64_t end = now_ms() + DEADLINE_MS;
	struct wc wc;

	while (!rig_poll(&rig, &wc)) {
		demand(now_ms() < end, "a command has no completion");
		sched_yield();
	}
	return wc;
}

/* What was published is there for the next doorbell, whatever became of its own. */
static void sweep(void)
{
	struct wc wc;

	post(&rig, SWEEP, IBV_SEND_SIGNALED, nop);
	do {
		wc = await_wc();
	} while (wc.wr_id != SWEEP);
	demand(wc.code == AXE_OK, "a nop ends with code %d", wc.code);
}

/* The device forgets all that it knew of this process. */
static void ready_cold(void)
{
	demand(!ibv_dereg_mr(rig.mr), "ibv_dereg_mr");
	rig.mr = ibv_reg_mr(rig.pd, NULL, SIZE_MAX, IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_ON_DEMAND);
	demand(rig.mr, "ibv_reg_mr");
	pattern(faults_area, HALF, 7);
	demand(!madvise(faults_area + HALF, HALF, MADV_DONTNEED), "madvise");
}

static int outcome(int posted)
{
	return posted ? posted : errno_of(await_wc().code);
}

static int do_copy(void)
{
	struct ibv_sge dst = here(&rig, faults_area + HALF, HALF);
	struct ibv_sge src = here(&rig, faults_area, HALF);
	int err;

	rig_begin(&rig, 1, IBV_SEND_SIGNALED);
	axedv_wr_copy(rig.qx, &dst, &src);
	err = outcome(ibv_wr_complete(rig.qx));
	demand(err || is_pattern(faults_area + HALF, HALF, 7), "wrong bytes");
	return err;
}

static int do_tiny(void)
{
	struct ibv_sge dst = here(&rig, faults_area + HALF, 64);
	struct ibv_sge src = here(&rig, faults_area, 64);
	int err;

	rig_begin(&rig, 1, IBV_SEND_SIGNALED);
	axedv_wr_copy(rig.qx, &dst, &src);
	err = outcome(ibv_wr_complete(rig.qx));
	demand(err || is_pattern(faults_area + HALF, 64, 7), "wrong bytes");
	return err;
}

static int do_compress(void)
{
	struct ibv_sge dst = here(&rig, faults_area + HALF, HALF);
	struct ibv_sge src = here(&rig, faults_area, HALF / 4);

	rig_begin(&rig, 1, IBV_SEND_SIGNALED);
	axedv_wr_compress(rig.qx, &dst, &src, AXE_FORMAT_GZIP, 6, 0);
	return outcome(ibv_wr_complete(rig.qx));
}

static int do_record(void)
{
	rig_begin(&rig, 1, IBV_SEND_SIGNALED);
	axedv_wr_nop(rig.qx);
	axedv_wr_set_result(rig.qx, rig.mr->lkey, (void *)(faults_area + HALF));
	return outcome(ibv_wr_complete(rig.qx));
}

static void fail_commands(enum axe_queue_mode mode, const char *where)
{
	bool workers = mode == AXE_QUEUE_WORKER;
	const struct step steps[] = {
		{ "copy of 64 bytes", ready_cold, do_tiny, sweep, workers, 0 },
		{ "copy", ready_cold, do_copy, sweep, workers, 0 },
		{ "compress", ready_cold, do_compress, sweep, workers, 0 },
		{ "a result record", ready_cold, do_record, sweep, workers, 0 },
	};
	unsigned int i;

	torture_say("%s:", where);
	rig_open(&rig, &(struct rig_options){ .mode = mode });
	for (i = 0; i < ARRAY_SIZE(steps); i++)
		fail_step(&steps[i]);
	rig_close(&rig);
}

void faults_commands(struct torture_run *run)
{
	bool goes_on = torture_goes_on(run);

	faults_open(run);
	faults_note();
	for (; goes_on; goes_on = torture_goes_on(run)) {
		fail_commands(AXE_QUEUE_INLINE, "in the doorbell's system call");
		fail_commands(AXE_QUEUE_WORKER, "on a worker");
	}
	faults_check();
	faults_close();
}

/*---- messages ----*/

static void drain(struct ibv_cq *cq)
{
	struct ibv_wc wc;

	while (ibv_poll_cq(cq, 1, &wc) > 0)
		;
}

static void reconnect(void)
{
	struct address a = end_address(&pair.a), b = end_address(&pair.b);

	demand(!end_to(&pair.a, IBV_QPS_RESET) && !end_to(&pair.b, IBV_QPS_RESET), "to RESET");
	drain(pair.a.scq);
	drain(pair.b.rcq);
	end_connect(&pair.a, &b);
	end_connect(&pair.b, &a);
}

/* As with commands, of memory that neither end has touched yet. */
static void ready_pair(void)
{
	if (near)
		demand(!ibv_dereg_mr(near) && !ibv_dereg_mr(far), "ibv_dereg_mr");
	near = ibv_reg_mr(node.pd, faults_area, HALF, ALL_ACCESS | IBV_ACCESS_ON_DEMAND);
	far = ibv_reg_mr(node.pd, faults_area + HALF, HALF, ALL_ACCESS | IBV_ACCESS_ON_DEMAND);
	demand(near && far, "ibv_reg_mr");
	pattern(faults_area, HALF, 7);
	demand(!madvise(faults_area + HALF, HALF, MADV_DONTNEED), "madvise");
}

static void forget_pair(void)
{
	demand(!ibv_dereg_mr(near) && !ibv_dereg_mr(far), "ibv_dereg_mr");
	near = NULL;
	far = NULL;
}

static void ready_recv(void)
{
	struct ibv_sge sge;

	ready_pair();
	sge = (struct ibv_sge){ (uintptr_t)faults_area + HALF, HALF, far->lkey };
	demand(!post_recv_sge(&pair.b, 1, &sge, 1), "posting a receive");
}

static int errno_of_status(enum ibv_wc_status status)
{
	switch (status) {
	case IBV_WC_SUCCESS:
		return 0;
	case IBV_WC_LOC_PROT_ERR:
	case IBV_WC_REM_ACCESS_ERR:
	case IBV_WC_REM_OP_ERR:
		return EFAULT;
	case IBV_WC_GENERAL_ERR:
	case IBV_WC_LOC_QP_OP_ERR:
		return ENOMEM;
	default:
		return EIO;
	}
}

static int await_status(void)
{
	uint64_t end = now_ms() + DEADLINE_MS;
	struct ibv_wc wc;

	while (!ibv_poll_cq(pair.a.scq, 1, &wc)) {
		demand(now_ms() < end, "a request has no completion");
		sched_yield();
	}
	return errno_of_status(wc.status);
}

static int request(enum ibv_wr_opcode opcode, size_t length)
{
	struct ibv_sge sge = { (uintptr_t)faults_area, length, near->lkey };
	struct ibv_send_wr wr = wr_of(&pair.a, opcode, &sge, 1), *bad;
	int err;

	if (pair.a.o.type != IBV_QPT_UD) {
		wr.wr.rdma.remote_addr = (uintptr_t)faults_area + HALF;
		wr.wr.rdma.rkey = far->rkey;
	}
	err = ibv_post_send(pair.a.qp, &wr, &bad);
	return err ? err : await_status();
}

static int write_one(void)
{
	int err = request(IBV_WR_RDMA_WRITE, message);

	demand(err || is_pattern(faults_area + HALF, message, 7), "wrong bytes");
	return err;
}

static int read_one(void)
{
	return request(IBV_WR_RDMA_READ, message);
}

static int send_one(void)
{
	return request(IBV_WR_SEND, message);
}

static void ready_window(void)
{
	ready_pair();
	demand(!ibv_dereg_mr(far), "ibv_dereg_mr");
	far = ibv_reg_mr(node.pd, faults_area + HALF, HALF, ALL_ACCESS | IBV_ACCESS_MW_BIND);
	mw = ibv_alloc_mw(node.pd, IBV_MW_TYPE_1);
	demand(far && mw, "ibv_alloc_mw");
}

static int do_bind(void)
{
	struct ibv_mw_bind bind = {
		.wr_id = 1,
		.send_flags = IBV_SEND_SIGNALED,
		.bind_info = {
			.mr = far,
			.addr = (uintptr_t)far->addr,
			.length = PAGE,
			.mw_access_flags = IBV_ACCESS_REMOTE_WRITE,
		},
	};
	int err = ibv_bind_mw(pair.a.qp, mw, &bind);

	return err ? err : await_status();
}

static void undo_window(void)
{
	demand(!ibv_dealloc_mw(mw), "ibv_dealloc_mw");
	reconnect();
}

static void fail_messages(enum ibv_qp_type type, const struct step *steps, unsigned int n)
{
	static const size_t sizes[] = { 8, HALF };
	unsigned int i, k;

	pair_open(&pair, &(struct end_options){ .type = type });
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		message = type == IBV_QPT_UD && sizes[i] > 4096 ? 4096 : sizes[i];
		torture_say("%zu bytes:", message);
		for (k = 0; k < n; k++)
			fail_step(&steps[k]);
	}
	forget_pair();
	pair_close(&pair);
}

void faults_messages(struct torture_run *run)
{
	static const struct step of_rc[] = {
		{ "RC: WRITE", ready_pair, write_one, reconnect, true, 0 },
		{ "RC: READ", ready_pair, read_one, reconnect, true, 0 },
		{ "RC: SEND", ready_recv, send_one, reconnect, true, 0 },
		{ "RC: BIND_MW", ready_window, do_bind, undo_window, true, 0 },
	};
	static const struct step of_ud[] = {
		{ "UD: SEND", ready_recv, send_one, reconnect, true, 0 },
	};
	bool goes_on = torture_goes_on(run);

	faults_open(run);
	faults_note();
	for (; goes_on; goes_on = torture_goes_on(run)) {
		fail_messages(IBV_QPT_RC, of_rc, ARRAY_SIZE(of_rc));
		fail_messages(IBV_QPT_UD, of_ud, ARRAY_SIZE(of_ud));
	}
	faults_check();
	faults_close();
}
