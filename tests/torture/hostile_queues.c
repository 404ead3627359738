// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* A process that is hostile to its accelerator queues and their completion queues. */

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "hostile.h"
#include "ways.h"

#define MOST_SLOTS	64
/* Of one queue, before the next. */
#define MOST_BATCHES	200

/**
 * struct attack - a process at work
 * @base:	opened; its queue is not used
 * @rig:	the queue, in a protection domain that has no key but @ground's
 * @tail:	of the ring, as it should be
 * @seen:	completions before it were counted
 * @over:	wr_id of the command that ends a batch
 * @over_slot:	where it lies
 * @racing:	the second thread may change the ring
 */
struct attack {
	struct hostile *h;
	uint64_t rnd;
	struct rig base, rig;
	struct ibv_mr *sq_mr, *cq_mr;
	struct ground ground;
	int bell;
	uint32_t tail, seen, slots;
	uint64_t over;
	uint32_t over_slot;
	pthread_mutex_t racing;
	bool stop;
};

/*---- completions, counted without the provider ----*/

static bool is_spoiled(const struct attack *a)
{
	return __atomic_load_n(&a->rig.cq_ring->flags, __ATOMIC_RELAXED) & AXE_CQ_OVERFLOW ||
	       __atomic_load_n(&a->rig.sq_ring->flags, __ATOMIC_RELAXED) & AXE_SQ_ERROR;
}

/* Returns whether the end of the batch was among them. */
static bool harvest(struct attack *a)
{
	struct axe_cq_hdr *ring = a->rig.cq_ring;
	struct axe_cqe *cqes = ring_entries(ring);
	uint32_t producer = __atomic_load_n(&ring->producer, __ATOMIC_ACQUIRE);
	uint64_t done = 0, errors = 0;
	bool over = false;

	/* It may have been overwritten, by a command of ours. */
	if (producer - a->seen > 512)
		return false;
	for (; a->seen != producer; a->seen++) {
		struct axe_cqe *cqe = &cqes[a->seen % 512];

		if (cqe->qp_num != a->rig.qp->qp_num)
			continue;
		if (cqe->wr_id == a->over)
			over = true;
		else if (cqe->code >= AXE_ERR_OPCODE)
			errors++;
		else
			done++;
		cqe->qp_num = 0;
	}
	__atomic_store_n(&ring->consumer, producer, __ATOMIC_RELEASE);
	hostile_took(a->h, done, errors);
	return over;
}

/*---- the ring ----*/

static void ring_bell(struct attack *a)
{
	struct axe_doorbell bell = { .number = a->rig.qp->qp_num };

	demand(write(a->bell, &bell, sizeof(bell)) == sizeof(bell), "the doorbell");
}

static struct axe_cmd *slot_at(const struct attack *a, uint32_t index)
{
	return (struct axe_cmd *)ring_entries(a->rig.sq_ring) + index % a->slots;
}

static void publish(struct attack *a)
{
	struct axe_sq_hdr *ring = a->rig.sq_ring;

	__atomic_store_n(&ring->tail, a->tail, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&ring->flags, __ATOMIC_SEQ_CST) & AXE_SQ_NEED_WAKEUP ||
	    !torture_below(&a->rnd, 8))
		ring_bell(a);
}

/* The last of a batch starts when all others have finished. */
static void put_over(struct attack *a)
{
	struct axe_cmd cmd = { .opcode = AXE_OP_NOP, .flags = AXE_CMD_SIGNALED | AXE_CMD_FENCE };

	cmd.wr_id = a->over = torture_rnd(&a->rnd);
	a->over_slot = a->tail % a->slots;
	memcpy(slot_at(a, a->tail++), &cmd, sizeof(cmd));
	publish(a);
}

/*
 * All that was posted has a completion, unless the queue is broken (returns false).
 * The last one may have been taken as another's extension.
 */
static bool await_over(struct attack *a)
{
	uint64_t end = now_ms() + DEADLINE_MS;
	unsigned int idle = 0;

	while (!harvest(a)) {
		if (is_spoiled(a)) {
			demand(a->h->mad, "broken by commands alone");
			harvest(a);
			return false;
		}
		if (++idle % 256)
			continue;
		sched_yield();
		demand(now_ms() < end, "the queue stands still");
		if (__atomic_load_n(&a->rig.sq_ring->head, __ATOMIC_RELAXED) == a->tail)
			put_over(a);
		/* A command may have written over the flags that tell whether to ring. */
		ring_bell(a);
	}
	return true;
}

static void put_batch(struct attack *a)
{
	unsigned int n = 1 + torture_below(&a->rnd, MOST_SLOTS);
	struct axe_cmd slots[2];

	while (n--) {
		unsigned int k = hostile_command(&a->ground, &a->rnd, slots), i;

		for (i = 0; i < k; i++)
			ring_scribble(slot_at(a, a->tail++), &slots[i], sizeof(slots[i]));
		/* Some are looked at while the next are made. */
		if (!torture_below(&a->rnd, 16))
			publish(a);
	}
}

/*---- indices ----*/

static uint32_t odd_index(struct attack *a, uint32_t near)
{
	static const uint32_t far[] = { 1U << 31, UINT32_MAX, 0, 256, 257, 512, 1024 };

	switch (torture_below(&a->rnd, 4)) {
	case 0:
		return torture_rnd(&a->rnd);
	case 1:
		return near + far[torture_below(&a->rnd, ARRAY_SIZE(far))];
	case 2:
		return near - torture_below(&a->rnd, 300);
	default:
		return near + torture_below(&a->rnd, 300);
	}
}

static void odd_header(struct attack *a)
{
	struct axe_sq_hdr *sq = a->rig.sq_ring;
	struct axe_cq_hdr *cq = a->rig.cq_ring;
	uint32_t *const words[] = {
		&sq->tail, &sq->head, &sq->flags, &sq->version, &sq->slots,
		&cq->consumer, &cq->arm, &cq->entries,
	};
	unsigned int i = torture_below(&a->rnd, ARRAY_SIZE(words) + 4);

	/* That which matters most, most often. */
	if (i >= ARRAY_SIZE(words))
		i = i % 2 ? 0 : 5;
	__atomic_store_n(words[i], odd_index(a, i == 5 ? cq->producer : sq->head),
			 __ATOMIC_SEQ_CST);
}

/* From RESET on, it is as a new one. */
static void recover(struct attack *a)
{
	static const enum ibv_qp_state path[] = {
		IBV_QPS_RESET, IBV_QPS_INIT, IBV_QPS_RTR, IBV_QPS_RTS,
	};
	struct axe_sq_hdr *ring = a->rig.sq_ring;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(path); i++)
		demand(!modify(&a->rig, path[i]), "to state %d", path[i]);
	demand(!ring->head && !ring->tail && ring->version == AXE_RING_VERSION &&
	       ring->flags == AXE_SQ_NEED_WAKEUP, "not as new: %u %u %u %#x", ring->head,
	       ring->tail, ring->version, ring->flags);
	harvest(a);
	a->tail = 0;
	hostile_broke(a->h);
}

/* Returns whether the queue can go on. */
static bool go_mad(struct attack *a)
{
	unsigned int n = 1 + torture_below(&a->rnd, 4);

	while (n--) {
		odd_header(a);
		if (torture_below(&a->rnd, 2))
			ring_bell(a);
		if (torture_below(&a->rnd, 2))
			harvest(a);
	}
	/* A CQ that has overflowed stays so. */
	if (a->rig.cq_ring->flags & AXE_CQ_OVERFLOW)
		return false;
	recover(a);
	return true;
}

/* Anything at all, anywhere; and the end of the queue in the middle of it. */
static void vandalise(struct attack *a)
{
	uint8_t bytes[AXE_RING_ENTRIES];
	unsigned int i, n = torture_below(&a->rnd, 4);

	while (n--) {
		noise(&a->rnd, bytes, sizeof(bytes));
		i = torture_below(&a->rnd, sizeof(bytes));
		ring_scribble((uint8_t *)a->rig.sq_ring + i, bytes, sizeof(bytes) - i);
		ring_bell(a);
		i = torture_below(&a->rnd, sizeof(bytes));
		ring_scribble((uint8_t *)a->rig.cq_ring + i, bytes, sizeof(bytes) - i);
		noise(&a->rnd, slot_at(a, torture_rnd(&a->rnd)), sizeof(struct axe_cmd));
		ring_bell(a);
	}
}

/*---- a second thread ----*/

static void change_slot(struct attack *a, uint64_t *rnd)
{
	uint32_t index = torture_below(rnd, a->slots);
	volatile struct axe_cmd *cmd = slot_at(a, index);

	/* Commands would be lost, not harmed. */
	if (index == __atomic_load_n(&a->over_slot, __ATOMIC_RELAXED))
		return;
	switch (torture_below(rnd, 8)) {
	case 0:
		cmd->src.length = odd_length(rnd);
		break;
	case 1:
		cmd->dst.length = odd_length(rnd);
		break;
	case 2:
		cmd->src.key = odd_key(&a->ground, rnd);
		break;
	case 3:
		cmd->dst.key = odd_key(&a->ground, rnd);
		break;
	case 4:
		cmd->dst.addr = odd_address(&a->ground, rnd);
		break;
	case 5:
		cmd->opcode = torture_below(rnd, AXE_OP_MAX + 1);
		break;
	case 6:
		cmd->ext ^= 1;
		cmd->flags ^= AXE_CMD_RESULT;
		break;
	default:
		cmd->op.raw[torture_below(rnd, 16)] = torture_rnd(rnd);
	}
}

static void *race(void *arg)
{
	struct attack *a = arg;
	uint64_t rnd = torture_state(a->h->scene->run, 1000 + a->h->index);
	unsigned int i;

	while (!__atomic_load_n(&a->stop, __ATOMIC_RELAXED)) {
		pthread_mutex_lock(&a->racing);
		for (i = 0; i < 200 && a->rig.sq_ring; i++)
			change_slot(a, &rnd);
		pthread_mutex_unlock(&a->racing);
		/* Others have work to do. */
		nanosleep(&(struct timespec){ .tv_nsec = 50000 }, NULL);
	}
	return NULL;
}

/*---- queues ----*/

static struct ibv_mr *reg_ring(struct attack *a, void *ring)
{
	struct mapping maps[64];
	unsigned int n = uverbs_mappings(maps, ARRAY_SIZE(maps)), i;
	struct ibv_mr *mr;

	for (i = 0; i < n && maps[i].start != (uintptr_t)ring; i++)
		;
	demand(i < n, "the ring is not mapped");
	mr = ibv_reg_mr_iova(a->rig.pd, ring, maps[i].end - maps[i].start, 0,
			     IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_ON_DEMAND);
	demand(mr, "a region of a ring");
	return mr;
}

static void open_queue(struct attack *a)
{
	static const enum axe_queue_mode modes[] = {
		AXE_QUEUE_AUTO, AXE_QUEUE_INLINE, AXE_QUEUE_WORKER, AXE_QUEUE_POLL,
	};

	pthread_mutex_lock(&a->racing);
	rig_open_queue(&a->rig, &(struct rig_options){
		.mode = modes[torture_below(&a->rnd, ARRAY_SIZE(modes))],
		.flags = torture_below(&a->rnd, 2) ? AXE_QUEUE_UNORDERED : 0,
		.lanes = torture_below(&a->rnd, 5),
	});
	a->slots = a->rig.sq_ring->slots;
	a->tail = 0;
	a->seen = 0;
	a->over_slot = UINT32_MAX;
	if (a->h->mad) {
		a->sq_mr = reg_ring(a, a->rig.sq_ring);
		a->cq_mr = reg_ring(a, a->rig.cq_ring);
		a->ground.keys[KEY_SQ] = a->sq_mr->lkey;
		a->ground.keys[KEY_CQ] = a->cq_mr->lkey;
	}
	pthread_mutex_unlock(&a->racing);
}

static void close_queue(struct attack *a)
{
	pthread_mutex_lock(&a->racing);
	if (a->h->mad) {
		vandalise(a);
		demand(!ibv_dereg_mr(a->sq_mr) && !ibv_dereg_mr(a->cq_mr), "ibv_dereg_mr");
	}
	rig_close_queue(&a->rig);
	a->rig.sq_ring = NULL;
	pthread_mutex_unlock(&a->racing);
	__atomic_fetch_add(&a->h->scene->count.queues, 1, __ATOMIC_RELAXED);
}

/* A queue that is new works, whatever became of those before. */
static void check_new(struct attack *a)
{
	struct axe_cqe *cqe = ring_entries(a->rig.cq_ring);
	struct axe_cmd cmd = { .opcode = AXE_OP_CRC32, .flags = AXE_CMD_SIGNALED,
			       .src = { .length = 9 } };
	uint64_t end = now_ms() + DEADLINE_MS;

	pthread_mutex_lock(&a->racing);
	cmd.src.addr = (uintptr_t)a->ground.near;
	cmd.src.key = a->ground.keys[KEY_NEAR];
	memcpy(a->ground.near, "123456789", 9);
	memcpy(slot_at(a, a->tail++), &cmd, sizeof(cmd));
	publish(a);
	while (!__atomic_load_n(&a->rig.cq_ring->producer, __ATOMIC_ACQUIRE))
		demand(now_ms() < end, "a new queue does nothing");
	demand(cqe->code == AXE_OK && cqe->result[0] == 0xcbf43926, "code %u, result %#llx",
	       cqe->code, (unsigned long long)cqe->result[0]);
	harvest(a);
	pthread_mutex_unlock(&a->racing);
}

static void one_queue(struct attack *a)
{
	unsigned int batches = 1 + torture_below(&a->rnd, MOST_BATCHES);
	bool good = true;

	open_queue(a);
	check_new(a);
	while (good && batches-- && !torture_is_over(a->h->scene->run)) {
		put_batch(a);
		if (a->h->mad && !torture_below(&a->rnd, 4)) {
			publish(a);
			good = go_mad(a);
			continue;
		}
		put_over(a);
		if (!await_over(a)) {
			good = !(a->rig.cq_ring->flags & AXE_CQ_OVERFLOW);
			if (good)
				recover(a);
		}
	}
	close_queue(a);
	ground_check(&a->ground);
}

void hostile_queues(void *arg)
{
	struct hostile *h = arg;
	struct attack a = { .h = h, .rnd = torture_state(h->scene->run, h->index),
			    .racing = PTHREAD_MUTEX_INITIALIZER };
	pthread_t thread;

	rig_open(&a.base, NULL);
	rig_share(&a.rig, &a.base);
	a.rig.pd = ibv_alloc_pd(a.base.ctx);
	demand(a.rig.pd, "ibv_alloc_pd");
	a.rig.sq_ring = NULL;
	a.bell = doorbell_fd();
	ground_make(&a.ground, h->scene, a.base.ctx, a.rig.pd);
	ground_make_good(&a.ground, &a.base, a.rig.pd);
	if (h->races)
		demand(!pthread_create(&thread, NULL, race, &a), "a thread");
	while (!torture_is_over(h->scene->run)) {
		one_queue(&a);
		await_neighbour(h->scene);
	}
	a.stop = true;
	if (h->races)
		pthread_join(thread, NULL);
	ground_free_good(&a.ground);
	ground_free(&a.ground);
	demand(!ibv_dealloc_pd(a.rig.pd), "ibv_dealloc_pd");
	rig_close(&a.base);
}
