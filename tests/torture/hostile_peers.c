// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* A process that is hostile to its peer QPs: send rings, receive rings, SRQ rings. */

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "hostile.h"

/* Few: what is behind the first error of an RC QP is flushed. */
#define MOST_REQUESTS	6
#define MOST_BATCHES	400
#define MOST_SLOTS	(1 + AXE_WR_MAX_EXT)

/**
 * struct peers - a process at work
 * @r:		a QP that is connected to itself
 * @sample:	a valid request that does nothing
 * @window:	key of a memory window
 * @over:	as in struct attack
 * @failed:	the QP is, or will be, in error
 */
struct peers {
	struct hostile *h;
	uint64_t rnd;
	struct node node;
	struct rings r;
	struct axe_send_wr sample;
	struct ibv_mw *mw;
	struct ground ground;
	uint32_t tail, slots;
	uint64_t over;
	uint32_t over_slot;
	bool failed;
	pthread_mutex_t racing;
	bool stop;
};

/*---- requests ----*/

static uint8_t any_opcode(struct peers *p)
{
	static const uint8_t rc[] = {
		IBV_WR_RDMA_WRITE, IBV_WR_SEND, IBV_WR_BIND_MW, IBV_WR_LOCAL_INV,
		IBV_WR_SEND_WITH_INV, IBV_WR_RDMA_WRITE_WITH_IMM, IBV_WR_SEND_WITH_IMM,
		IBV_WR_RDMA_READ, IBV_WR_ATOMIC_FETCH_AND_ADD, IBV_WR_ATOMIC_CMP_AND_SWP,
		IBV_WR_FLUSH, IBV_WR_ATOMIC_WRITE, IBV_WR_RDMA_READ, IBV_WR_RDMA_WRITE,
	};

	if (p->r.end.o.type == IBV_QPT_UD)
		return torture_below(&p->rnd, 2) ? IBV_WR_SEND : IBV_WR_SEND_WITH_IMM;
	return rc[torture_below(&p->rnd, p->r.end.o.type == IBV_QPT_UC ? 7 : ARRAY_SIZE(rc))];
}

static void fill_in_sges(struct peers *p, struct axe_send_wr *wr)
{
	struct axe_buf *more = (void *)(wr + 1);
	unsigned int i;

	wr->num_sge = torture_below(&p->rnd, 4) ? 1 : 1 + torture_below(&p->rnd, 30);
	wr->ext = (wr->num_sge + 2) / AXE_WR_EXT_SGE;
	wr->sge = ground_buf(&p->ground, &p->rnd, 4 * KIB / wr->num_sge);
	for (i = 0; i + 1 < wr->num_sge; i++)
		more[i] = ground_buf(&p->ground, &p->rnd, 4 * KIB / wr->num_sge);
}

static void fill_in_inline(struct peers *p, struct axe_send_wr *wr)
{
	wr->flags |= AXE_WR_INLINE;
	wr->sge.length = 1 + torture_below(&p->rnd, AXE_WR_MAX_INLINE);
	wr->ext = (wr->sge.length + AXE_SLOT_SIZE - 1) / AXE_SLOT_SIZE;
	noise(&p->rnd, wr + 1, wr->sge.length);
}

static void fill_in_op(struct peers *p, struct axe_send_wr *wr)
{
	switch (wr->opcode) {
	case IBV_WR_ATOMIC_FETCH_AND_ADD:
	case IBV_WR_ATOMIC_CMP_AND_SWP:
	case IBV_WR_ATOMIC_WRITE:
		wr->num_sge = 1;
		wr->ext = 0;
		wr->flags &= ~AXE_WR_INLINE;
		wr->sge = ground_buf(&p->ground, &p->rnd, 1);
		wr->sge.addr &= ~7ULL;
		wr->sge.length = 8;
		wr->remote_addr &= ~7ULL;
		break;
	case IBV_WR_BIND_MW:
		wr->rkey = p->mw->rkey;
		wr->invalidate_rkey = (p->mw->rkey & ~0xffU) | torture_below(&p->rnd, 256);
		wr->op.bind.length = 1 + torture_below(&p->rnd, NEAR);
		wr->op.bind.mr_key = p->ground.keys[KEY_NEAR];
		wr->op.bind.access = IBV_ACCESS_REMOTE_READ | IBV_ACCESS_REMOTE_WRITE;
		wr->remote_addr = (uintptr_t)p->ground.near;
		break;
	case IBV_WR_LOCAL_INV:
	case IBV_WR_SEND_WITH_INV:
		wr->invalidate_rkey = (p->mw->rkey & ~0xffU) | torture_below(&p->rnd, 256);
		break;
	case IBV_WR_FLUSH:
		wr->op.flush.length = 1 + torture_below(&p->rnd, 100);
		wr->op.flush.type = IBV_FLUSH_GLOBAL;
		break;
	}
}

/* Returns its slots. */
static unsigned int valid_request(struct peers *p, struct axe_send_wr *wr)
{
	struct axe_buf remote = ground_buf(&p->ground, &p->rnd, 1);

	memset(wr, 0, MOST_SLOTS * sizeof(*wr));
	wr->opcode = any_opcode(p);
	wr->flags = torture_rnd(&p->rnd) & (AXE_WR_FENCE | AXE_WR_SOLICITED);
	wr->flags |= AXE_WR_SIGNALED;
	wr->wr_id = torture_rnd(&p->rnd);
	if (p->r.end.o.type == IBV_QPT_UD)
		wr->op = p->sample.op;
	else
		wr->rkey = remote.key;
	if (p->r.end.o.type != IBV_QPT_UD)
		wr->remote_addr = remote.addr;
	if (wr->opcode != IBV_WR_BIND_MW && wr->opcode != IBV_WR_LOCAL_INV &&
	    wr->opcode != IBV_WR_FLUSH) {
		if (torture_below(&p->rnd, 4))
			fill_in_sges(p, wr);
		else
			fill_in_inline(p, wr);
	}
	fill_in_op(p, wr);
	return 1 + wr->ext;
}

static void spoil_op(struct peers *p, struct axe_send_wr *wr)
{
	if (p->r.end.o.type != IBV_QPT_UD || !torture_below(&p->rnd, 2)) {
		flip_bits(&p->rnd, &wr->op, sizeof(wr->op));
		return;
	}
	switch (torture_below(&p->rnd, 3)) {
	case 0:
		wr->op.ud.ah = torture_rnd(&p->rnd) >> torture_below(&p->rnd, 64);
		break;
	case 1:
		wr->op.ud.qp_num = torture_below(&p->rnd, 2) ? p->h->scene->treasure_qpn :
				   torture_rnd(&p->rnd) >> torture_below(&p->rnd, 64);
		break;
	default:
		wr->op.ud.qkey = torture_rnd(&p->rnd);
	}
}

static void spoil_request(struct peers *p, struct axe_send_wr *wr)
{
	switch (torture_below(&p->rnd, 12)) {
	case 0:
		noise(&p->rnd, wr, sizeof(*wr));
		break;
	case 1:
		wr->opcode = torture_below(&p->rnd, 2) ? torture_below(&p->rnd, 20) :
			     torture_rnd(&p->rnd);
		break;
	case 2:
		wr->flags = torture_rnd(&p->rnd);
		break;
	case 3:
		wr->num_sge = torture_rnd(&p->rnd) >> torture_below(&p->rnd, 8);
		break;
	case 4:
		wr->ext = torture_below(&p->rnd, 2) ? torture_below(&p->rnd, 12) :
			  torture_rnd(&p->rnd);
		break;
	case 5:
		wr->rkey = odd_key(&p->ground, &p->rnd);
		break;
	case 6:
		wr->remote_addr = odd_address(&p->ground, &p->rnd);
		break;
	case 7:
		wr->rkey = p->ground.keys[KEY_TREASURE];
		wr->remote_addr = p->ground.treasure + torture_below(&p->rnd, TREASURE);
		break;
	case 8:
		wr->invalidate_rkey = odd_key(&p->ground, &p->rnd);
		break;
	case 9:
		spoil_op(p, wr);
		break;
	case 10:
		spoil_buf(&p->ground, &p->rnd, &wr->sge);
		break;
	default:
		flip_bits(&p->rnd, wr, sizeof(*wr));
	}
}

/*---- rings ----*/

static struct axe_send_wr *slot_at(const struct peers *p, uint32_t index)
{
	return (struct axe_send_wr *)ring_entries(p->r.sq) + index % p->slots;
}

static void put_receive(struct peers *p)
{
	uint32_t tail = p->r.rq->tail;
	struct {
		struct axe_recv_wr wr;
		struct axe_buf sge;
	} recv = { .wr = { .wr_id = torture_rnd(&p->rnd), .num_sge = 1 } };

	recv.sge = ground_buf(&p->ground, &p->rnd, 8 * KIB);
	if (!torture_below(&p->rnd, 3))
		spoil_buf(&p->ground, &p->rnd, &recv.sge);
	if (!torture_below(&p->rnd, 8))
		flip_bits(&p->rnd, &recv, sizeof(recv));
	ring_scribble((uint8_t *)ring_entries(p->r.rq) + tail % 256 * p->r.rq_entry, &recv,
		      sizeof(recv));
	/* Never more than there is room for: that is for who is mad. */
	if (tail - __atomic_load_n(&p->r.rq->head, __ATOMIC_ACQUIRE) < 256)
		__atomic_store_n(&p->r.rq->tail, tail + 1, __ATOMIC_SEQ_CST);
	if (p->r.rq->flags & AXE_SQ_NEED_WAKEUP && !p->r.end.o.srq)
		rings_ring(&p->r, AXE_DOORBELL_RQ);
}

static void publish(struct peers *p)
{
	__atomic_store_n(&p->r.sq->tail, p->tail, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&p->r.sq->flags, __ATOMIC_SEQ_CST) & AXE_SQ_NEED_WAKEUP)
		rings_ring(&p->r, AXE_DOORBELL_SQ);
}

static void put_over(struct peers *p)
{
	struct axe_send_wr wr = p->sample;

	wr.wr_id = p->over = torture_rnd(&p->rnd);
	__atomic_store_n(&p->over_slot, p->tail % p->slots, __ATOMIC_RELAXED);
	memcpy(slot_at(p, p->tail++), &wr, sizeof(wr));
	publish(p);
}

static void put_batch(struct peers *p)
{
	unsigned int n = 1 + torture_below(&p->rnd, MOST_REQUESTS), i, k;
	struct axe_send_wr slots[MOST_SLOTS];

	while (n--) {
		for (i = torture_below(&p->rnd, 3); i; i--)
			put_receive(p);
		k = valid_request(p, slots);
		if (torture_below(&p->rnd, 2))
			spoil_request(p, slots);
		for (i = 0; i < k; i++)
			ring_scribble(slot_at(p, p->tail++), &slots[i], sizeof(slots[i]));
	}
}

/*---- completions ----*/

static bool harvest(struct peers *p)
{
	uint64_t done = 0, errors = 0, flushed = 0;
	struct ibv_wc wc[32];
	bool over = false;
	int n, i;

	do {
		n = ibv_poll_cq(p->r.end.scq, ARRAY_SIZE(wc), wc);
		demand(n >= 0, "ibv_poll_cq");
		for (i = 0; i < n; i++) {
			p->failed |= wc[i].status != IBV_WC_SUCCESS;
			if (wc[i].wr_id == p->over)
				over = true;
			else if (wc[i].status == IBV_WC_SUCCESS)
				done++;
			else if (wc[i].status == IBV_WC_WR_FLUSH_ERR)
				flushed++;
			else
				errors++;
		}
	} while (n == ARRAY_SIZE(wc));
	__atomic_fetch_add(&p->h->scene->count.flushed, flushed, __ATOMIC_RELAXED);
	hostile_took(p->h, done, errors);
	return over;
}

/* All that was posted has a completion. */
static void await_over(struct peers *p)
{
	uint64_t end = now_ms() + DEADLINE_MS;
	unsigned int idle = 0;

	while (!harvest(p)) {
		if (++idle % 64)
			continue;
		sched_yield();
		demand(now_ms() < end, "the queue stands still: tail %u, head %u, flags %#x",
		       p->tail, p->r.sq->head, p->r.sq->flags);
		if (__atomic_load_n(&p->r.sq->head, __ATOMIC_RELAXED) == p->tail)
			put_over(p);
	}
}

static void drain_events(struct peers *p)
{
	struct ibv_async_event event;

	while (await_readable(p->node.ctx->async_fd, 0) &&
	       !ibv_get_async_event(p->node.ctx, &event))
		ibv_ack_async_event(&event);
}

/* From RESET on, it is as a new one. */
static void recover(struct peers *p)
{
	struct address self = end_address(&p->r.end);

	/* Any but RC goes on from its own error. */
	if (!p->h->mad && p->r.end.o.type != IBV_QPT_RC && end_state(&p->r.end) == IBV_QPS_SQE) {
		demand(!end_to(&p->r.end, IBV_QPS_RTS), "from SQE to RTS");
		p->failed = false;
		return;
	}
	drain_events(p);
	demand(!end_to(&p->r.end, IBV_QPS_RESET), "to RESET");
	demand(!p->r.sq->tail && !p->r.sq->head && p->r.sq->version == AXE_RING_VERSION,
	       "not as new");
	end_connect(&p->r.end, &self);
	harvest(p);
	p->tail = 0;
	p->failed = false;
	hostile_broke(p->h);
}

/*---- indices, and a second thread ----*/

static void go_mad(struct peers *p)
{
	struct axe_sq_hdr *ring = torture_below(&p->rnd, 2) ? p->r.sq : p->r.rq;
	uint32_t *const words[] = {
		&ring->tail, &ring->head, &ring->flags, &ring->version, &ring->slots,
	};
	unsigned int n = 1 + torture_below(&p->rnd, 3), i;

	while (n--) {
		i = torture_below(&p->rnd, 2 * ARRAY_SIZE(words));
		__atomic_store_n(words[i < ARRAY_SIZE(words) ? i : 0],
				 torture_below(&p->rnd, 2) ? torture_rnd(&p->rnd) :
				 ring->head + torture_below(&p->rnd, 600) - 300, __ATOMIC_SEQ_CST);
		rings_ring(&p->r, AXE_DOORBELL_SQ);
		if (!p->r.end.o.srq)
			rings_ring(&p->r, AXE_DOORBELL_RQ);
	}
	harvest(p);
	recover(p);
}

static void change_slot(struct peers *p, uint64_t *rnd)
{
	uint32_t index = torture_below(rnd, p->slots);
	volatile struct axe_send_wr *wr = slot_at(p, index);

	if (index == __atomic_load_n(&p->over_slot, __ATOMIC_RELAXED))
		return;
	switch (torture_below(rnd, 8)) {
	case 0:
		wr->sge.length = odd_length(rnd);
		break;
	case 1:
		wr->sge.key = odd_key(&p->ground, rnd);
		break;
	case 2:
		wr->num_sge = torture_below(rnd, 34);
		break;
	case 3:
		wr->ext = torture_below(rnd, 10);
		break;
	case 4:
		wr->flags ^= AXE_WR_INLINE;
		break;
	case 5:
		wr->rkey = odd_key(&p->ground, rnd);
		break;
	case 6:
		wr->remote_addr = odd_address(&p->ground, rnd);
		break;
	default:
		wr->opcode = torture_below(rnd, 16);
	}
}

static void *race(void *arg)
{
	struct peers *p = arg;
	uint64_t rnd = torture_state(p->h->scene->run, 1000 + p->h->index);
	unsigned int i;

	while (!__atomic_load_n(&p->stop, __ATOMIC_RELAXED)) {
		pthread_mutex_lock(&p->racing);
		for (i = 0; i < 50 && p->r.sq; i++)
			change_slot(p, &rnd);
		pthread_mutex_unlock(&p->racing);
		/* Others have work to do. */
		nanosleep(&(struct timespec){ .tv_nsec = 50000 }, NULL);
	}
	return NULL;
}

/*---- QPs ----*/

/* As the provider makes it: its address handle is good. */
static void take_sample(struct peers *p)
{
	bool ud = p->r.end.o.type == IBV_QPT_UD;
	struct ibv_send_wr wr = wr_of(&p->r.end, ud ? IBV_WR_SEND : IBV_WR_RDMA_WRITE, NULL, 0);

	must_post(&p->r.end, wr);
	p->sample = *slot_at(p, 0);
	expect_wc(p->r.end.scq, wr.wr_id, IBV_WC_SUCCESS);
	p->tail = p->r.sq->tail;
}

static void open_qp(struct peers *p)
{
	static const enum ibv_qp_type types[] = { IBV_QPT_RC, IBV_QPT_UC, IBV_QPT_UD };
	struct end_options o = {
		.type = types[torture_below(&p->rnd, ARRAY_SIZE(types))], .tuned = true,
		.access = ALL_REMOTE, .timeout = 1, .retry_cnt = 1,
		.rnr_retry = !torture_below(&p->rnd, 8), .min_rnr_timer = 1, .rd_atomic = 4,
	};

	pthread_mutex_lock(&p->racing);
	p->over_slot = UINT32_MAX;
	rings_open(&p->r, &p->node, &o, !torture_below(&p->rnd, 3));
	p->slots = p->r.sq->slots;
	p->failed = false;
	take_sample(p);
	p->mw = ibv_alloc_mw(p->node.pd, IBV_MW_TYPE_2);
	demand(p->mw, "ibv_alloc_mw");
	pthread_mutex_unlock(&p->racing);
}

static void close_qp(struct peers *p)
{
	pthread_mutex_lock(&p->racing);
	drain_events(p);
	rings_close(&p->r);
	p->r.sq = NULL;
	/* Bound or not; the QP that it was bound on is no more. */
	demand(!ibv_dealloc_mw(p->mw), "ibv_dealloc_mw");
	pthread_mutex_unlock(&p->racing);
	__atomic_fetch_add(&p->h->scene->count.queues, 1, __ATOMIC_RELAXED);
}

static void one_qp(struct peers *p)
{
	unsigned int batches = 1 + torture_below(&p->rnd, MOST_BATCHES);

	open_qp(p);
	while (batches-- && !torture_is_over(p->h->scene->run)) {
		put_batch(p);
		if (p->h->mad && !torture_below(&p->rnd, 4)) {
			publish(p);
			go_mad(p);
			continue;
		}
		put_over(p);
		await_over(p);
		if (p->failed)
			recover(p);
	}
	close_qp(p);
	ground_check(&p->ground);
}

void hostile_peers(void *arg)
{
	struct hostile *h = arg;
	struct peers p = { .h = h, .rnd = torture_state(h->scene->run, h->index),
			   .racing = PTHREAD_MUTEX_INITIALIZER };
	pthread_t thread;

	node_open(&p.node, default_device());
	ground_make(&p.ground, h->scene, p.node.ctx, p.node.pd);
	if (h->races)
		demand(!pthread_create(&thread, NULL, race, &p), "a thread");
	while (!torture_is_over(h->scene->run)) {
		one_qp(&p);
		await_neighbour(h->scene);
	}
	p.stop = true;
	if (h->races)
		pthread_join(thread, NULL);
	ground_free(&p.ground);
	node_close(&p.node);
}
