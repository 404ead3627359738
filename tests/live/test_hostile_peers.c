// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * A process that writes anything at all into the rings of its peer queues, with
 * keys and numbers of others. It may ruin its own QPs; its neighbours do not
 * notice, nor does the kernel (whose log the runner reads).
 */

#include "rings.h"
#include "wire.h"

#define RUN_MS 1000

static uint32_t seed;

/*---- one break at a time ----*/

static struct pair neighbour;

static int open_neighbour(void **state)
{
	open_node(state);
	pair_open(&neighbour, NULL);
	return 0;
}

static int close_neighbour(void **state)
{
	pair_close(&neighbour);
	return close_node(state);
}

/* Only this QP is broken, and it says so; after RESET it is as new. */
static void broken(struct rings *r)
{
	struct ibv_async_event event;
	struct address self = end_address(&r->end);

	demand(await_readable(node.ctx->async_fd, DEADLINE_MS), "no event");
	assert_int_equal(ibv_get_async_event(node.ctx, &event), 0);
	ibv_ack_async_event(&event);
	assert_int_equal(event.event_type, IBV_EVENT_QP_FATAL);
	assert_ptr_equal(event.element.qp, r->end.qp);
	expect_state(&r->end, IBV_QPS_ERR);
	expect_alive(&neighbour);
	assert_int_equal(end_to(&r->end, IBV_QPS_RESET), 0);
	end_connect(&r->end, &self);
	rings_close(r);
}

static void send_ring__runs_away(void **state)
{
	struct rings r;

	rings_open(&r, &node, &(struct end_options){}, false);
	r.sq->tail += r.sq->slots + 1;
	rings_ring(&r, AXE_DOORBELL_SQ);
	broken(&r);
}

static void send_ring__version(void **state)
{
	struct rings r;

	rings_open(&r, &node, &(struct end_options){}, false);
	r.sq->version = 77;
	r.sq->tail++;
	rings_ring(&r, AXE_DOORBELL_SQ);
	broken(&r);
}

/* Whoever needs the receive finds that. */
static void receive_ring__runs_away(void **state)
{
	struct ibv_send_wr wr;
	struct rings r;

	rings_open(&r, &node, &(struct end_options){}, false);
	r.rq->tail += r.rq->slots + 1;
	wr = wr_of(&r.end, IBV_WR_SEND, NULL, 0);
	must_post(&r.end, wr);
	rings_ring(&r, AXE_DOORBELL_RQ);
	broken(&r);
}

/* A request as no builder makes it: it fails, and the QP with it, as of any bad one. */
static void bad_slot(void (*spoil)(struct axe_send_wr *))
{
	struct axe_send_wr *slot;
	struct rings r;
	struct ibv_wc wc;

	rings_open(&r, &node, &(struct end_options){}, false);
	slot = (struct axe_send_wr *)ring_entries(r.sq) + r.sq->tail % r.sq->slots;
	*slot = (struct axe_send_wr){ .opcode = IBV_WR_SEND, .flags = AXE_WR_SIGNALED,
				      .wr_id = 4711 };
	spoil(slot);
	__atomic_store_n(&r.sq->tail, r.sq->tail + 1, __ATOMIC_RELEASE);
	rings_ring(&r, AXE_DOORBELL_SQ);
	wc = next_wc(r.end.scq);
	assert_int_equal(wc.wr_id, 4711);
	demand(wc.status == IBV_WC_LOC_QP_OP_ERR || wc.status == IBV_WC_LOC_LEN_ERR, "%s",
	       ibv_wc_status_str(wc.status));
	expect_state(&r.end, IBV_QPS_ERR);
	expect_alive(&neighbour);
	rings_close(&r);
}

static void spoil_opcode(struct axe_send_wr *slot)
{
	slot->opcode = 200;
}

static void spoil_flags(struct axe_send_wr *slot)
{
	slot->flags = 0x80;
}

static void spoil_ext(struct axe_send_wr *slot)
{
	slot->ext = 1;
}

static void spoil_num_sge(struct axe_send_wr *slot)
{
	slot->num_sge = 255;
}

static void spoil_inline(struct axe_send_wr *slot)
{
	slot->flags |= AXE_WR_INLINE;
	slot->sge.length = 0xffffffff;
}

static void spoil_atomic(struct axe_send_wr *slot)
{
	slot->opcode = IBV_WR_ATOMIC_FETCH_AND_ADD;
}

static void slots__malformed(void **state)
{
	static void (*const spoilers[])(struct axe_send_wr *) = {
		spoil_opcode, spoil_flags, spoil_ext, spoil_num_sge, spoil_inline, spoil_atomic,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(spoilers); i++)
		bad_slot(spoilers[i]);
}

/* An address handle of another PD, of another process, of nobody. */
static void address_handles(void **state)
{
	struct ibv_ah_attr attr = { .is_global = 1, .port_num = 1,
				    .grh = { .dgid = node.gid, .sgid_index = node.gid_index } };
	struct ibv_pd *pd = ibv_alloc_pd(node.ctx);
	struct ibv_ah *foreign = ibv_create_ah(pd, &attr);
	unsigned int number;

	demand(foreign, "ibv_create_ah");
	for (number = 0; number < 40; number++) {
		struct axe_send_wr *slot;
		struct rings r;
		struct ibv_wc wc;

		rings_open(&r, &node, &(struct end_options){ .type = IBV_QPT_UD }, false);
		/* (Connecting made one of its own, which is valid.) */
		slot = ring_entries(r.sq);
		*slot = (struct axe_send_wr){ .opcode = IBV_WR_SEND, .flags = AXE_WR_SIGNALED };
		slot->op.ud.ah = number < 39 ? number : UINT32_MAX;
		slot->op.ud.qp_num = r.end.qp->qp_num;
		slot->op.ud.qkey = QKEY;
		__atomic_store_n(&r.sq->tail, r.sq->tail + 1, __ATOMIC_RELEASE);
		rings_ring(&r, AXE_DOORBELL_SQ);
		wc = next_wc(r.end.scq);
		demand(wc.status == IBV_WC_LOC_QP_OP_ERR || wc.status == IBV_WC_SUCCESS, "%s",
		       ibv_wc_status_str(wc.status));
		rings_close(&r);
	}
	expect_alive(&neighbour);
	assert_int_equal(ibv_destroy_ah(foreign), 0);
	assert_int_equal(ibv_dealloc_pd(pd), 0);
}

/*---- anything at all ----*/

/* A neighbour in a process of its own, and what it guards. */
struct scene {
	struct wire wire;
	enum ibv_qp_type type;
	bool mad_indices;
	struct offer treasure;
};

#define TREASURE (64 * KIB)

/* Works, and finds at the end that nobody wrote where nobody may. */
static void neighbour_works(void *arg)
{
	struct scene *s = arg;
	struct offer offer;
	struct mem treasure;
	struct node n;
	struct pair p;
	char done;

	node_open(&n, default_device());
	mem_make(&treasure, &n, TREASURE, ALL_ACCESS);
	pattern(treasure.p, TREASURE, 5);
	offer = (struct offer){ .addr = (uintptr_t)treasure.p, .size = TREASURE,
				.rkey = treasure.mr->rkey };
	pair_open_on(&p, &n, &n, NULL);
	offer.at = end_address(&p.b);
	wire_tell(s->wire.fd[1], &offer, sizeof(offer));
	do {
		expect_alive(&p);
	} while (!await_readable(s->wire.fd[1], 0));
	wire_hear(s->wire.fd[1], &done, 1);
	expect_alive(&p);
	demand(is_pattern(treasure.p, TREASURE, 5), "somebody wrote into the neighbour's memory");
	pair_close(&p);
	mem_free(&treasure);
	node_close(&n);
}

static uint32_t random_key(struct scene *s, struct mem *m)
{
	switch (rnd(&seed) % 6) {
	case 0:
		return rnd(&seed);
	case 1:
		return s->treasure.rkey;
	case 2:
		return rnd(&seed) % 64 << 8 | (rnd(&seed) & 0xff);
	default:
		return m->mr->lkey;
	}
}

static uint64_t random_addr(struct scene *s, struct mem *m)
{
	switch (rnd(&seed) % 8) {
	case 0:
		return rnd64(&seed);
	case 1:
		return 0xffff888000000000 + rnd(&seed);
	case 2:
		return s->treasure.addr + rnd(&seed) % TREASURE;
	default:
		return (uintptr_t)m->p + rnd(&seed) % m->size;
	}
}

static void random_sge(struct scene *s, struct mem *m, struct axe_buf *sge)
{
	sge->addr = random_addr(s, m);
	sge->length = rnd(&seed) >> (rnd(&seed) % 32);
	sge->key = random_key(s, m);
	/* Where its own code and stack are is of no interest: its MR ends before. */
}

static void random_op(struct scene *s, struct mem *m, struct axe_send_wr *wr)
{
	unsigned int i;

	for (i = 0; i < 16; i++)
		wr->op.raw[i] = rnd(&seed) % 4 ? 0 : rnd(&seed);
	if (s->type == IBV_QPT_UD) {
		wr->op.ud.ah = rnd(&seed) % 8 ? rnd(&seed) % 16 : rnd(&seed);
		wr->op.ud.qp_num = rnd(&seed) % 4 ? rnd(&seed) % 512 : s->treasure.at.qpn;
		wr->op.ud.qkey = rnd(&seed) % 2 ? QKEY : rnd(&seed);
	} else if (wr->opcode == IBV_WR_BIND_MW) {
		wr->op.bind.length = rnd(&seed) % 8192;
		wr->op.bind.mr_key = random_key(s, m);
		wr->op.bind.access = rnd(&seed) % 64;
	}
}

/* As a program would make it, but for whose memory it is. */
static void aimed(struct scene *s, struct mem *m, struct axe_send_wr *wr)
{
	static const uint8_t opcodes[] = {
		IBV_WR_RDMA_WRITE, IBV_WR_RDMA_WRITE, IBV_WR_ATOMIC_FETCH_AND_ADD,
		IBV_WR_ATOMIC_CMP_AND_SWP,
	};

	/* UC has no atomics: the first two are WRITE. */
	wr->opcode = opcodes[rnd(&seed) % (s->type == IBV_QPT_UC ? 2 : ARRAY_SIZE(opcodes))];
	wr->num_sge = 1;
	wr->rkey = s->treasure.rkey;
	wr->remote_addr = s->treasure.addr + rnd(&seed) % (TREASURE / 8) * 8;
	wr->sge = (struct axe_buf){ .addr = (uintptr_t)m->p, .length = 8, .key = m->mr->lkey };
	if (wr->opcode == IBV_WR_ATOMIC_FETCH_AND_ADD)
		wr->op.atomic.compare_add = 1;
}

static void random_send(struct scene *s, struct mem *m, void *to)
{
	struct axe_send_wr wr = {};
	unsigned int i;

	if (rnd(&seed) % 2) {
		aimed(s, m, &wr);
	} else if (rnd(&seed) % 16 == 0) {
		for (i = 0; i < sizeof(wr); i++)
			((uint8_t *)&wr)[i] = rnd(&seed);
	} else {
		wr.opcode = rnd(&seed) % 12 ? rnd(&seed) % 16 : rnd(&seed);
		wr.num_sge = rnd(&seed) % 4 ? 1 : rnd(&seed) % 40;
		wr.ext = rnd(&seed) % 4 ? (wr.num_sge + 2U) / 4 : rnd(&seed) % 10;
		wr.flags = rnd(&seed) & AXE_WR_FLAGS_ALL & rnd(&seed);
		wr.wr_id = rnd64(&seed);
		wr.rkey = random_key(s, m);
		wr.remote_addr = random_addr(s, m);
		wr.invalidate_rkey = rnd(&seed) % 2 ? 0 : random_key(s, m);
		random_op(s, m, &wr);
		random_sge(s, m, &wr.sge);
	}
	ring_scribble(to, &wr, sizeof(wr));
}

static void random_recv(struct scene *s, struct mem *m, void *to)
{
	struct axe_recv_wr *wr = to;

	wr->wr_id = rnd64(&seed);
	wr->num_sge = rnd(&seed) % 8 ? 1 : rnd(&seed);
	wr->reserved = rnd(&seed) % 16 ? 0 : rnd(&seed);
	random_sge(s, m, wr->sge);
}

static void random_index(struct rings *r)
{
	struct axe_sq_hdr *ring = rnd(&seed) % 2 ? r->sq : r->rq;

	switch (rnd(&seed) % 4) {
	case 0:
		ring->tail = rnd(&seed);
		break;
	case 1:
		ring->head = rnd(&seed);
		break;
	case 2:
		ring->flags = rnd(&seed);
		break;
	default:
		ring->version = rnd(&seed) % 3;
	}
}

static void attack(struct scene *s, struct rings *r, struct mem *m, uint64_t end)
{
	unsigned int i, slots = r->sq->slots, receives = r->rq->slots;

	for (i = 0; i < 2000 && now_ms() < end; i++) {
		random_send(s, m, (uint8_t *)ring_entries(r->sq) + rnd(&seed) % slots * AXE_SLOT_SIZE);
		random_recv(s, m, (uint8_t *)ring_entries(r->rq) + rnd(&seed) % receives * r->rq_entry);
		if (s->mad_indices && rnd(&seed) % 16 == 0)
			random_index(r);
		r->sq->tail += rnd(&seed) % 3;
		r->rq->tail += rnd(&seed) % 2;
		if (rnd(&seed) % 2)
			rings_ring(r, rnd(&seed) % 2);
		/* As soon as it is in error, nothing more will happen to it. */
		if (rnd(&seed) % 8 == 0) {
			struct address self = end_address(&r->end);
			struct ibv_async_event event;

			while (await_readable(r->end.node->ctx->async_fd, 0) &&
			       !ibv_get_async_event(r->end.node->ctx, &event))
				ibv_ack_async_event(&event);
			if (end_to(&r->end, IBV_QPS_RESET))
				return;
			r->sq->version = AXE_RING_VERSION;
			r->rq->version = AXE_RING_VERSION;
			end_connect(&r->end, &self);
		}
	}
}

static void hostile(void *arg)
{
	struct scene *s = arg;
	uint64_t end = now_ms() + RUN_MS;
	unsigned int n;
	struct node own;
	struct mem m;

	seed = 4711 + s->type * 77 + s->mad_indices;
	node_open(&own, default_device());
	mem_make(&m, &own, MIB, ALL_ACCESS);
	for (n = 0; now_ms() < end; n++) {
		struct rings r;

		rings_open(&r, &own, &(struct end_options){
			.type = s->type, .tuned = true, .access = ALL_REMOTE, .timeout = 1,
			.retry_cnt = 1, .rnr_retry = 1, .min_rnr_timer = 1, .rd_atomic = 4 }, false);
		attack(s, &r, &m, end);
		rings_close(&r);
	}
	printf("# %u rounds\n", n);
	mem_free(&m);
	node_close(&own);
}

static void beside_a_neighbour(void **state)
{
	struct scene *s = *state;
	pid_t works, attacks;

	wire_make(&s->wire);
	works = start_child(neighbour_works, s);
	wire_hear(s->wire.fd[0], &s->treasure, sizeof(s->treasure));
	attacks = start_child(hostile, s);
	end_child(attacks);
	wire_tell(s->wire.fd[0], "x", 1);
	end_child(works);
	wire_free(&s->wire);
}

static struct scene scenes[] = {
	{ .type = IBV_QPT_RC }, { .type = IBV_QPT_RC, .mad_indices = true },
	{ .type = IBV_QPT_UC }, { .type = IBV_QPT_UD }, { .type = IBV_QPT_UD, .mad_indices = true },
};

#define ONE(f)		cmocka_unit_test_setup_teardown(f, open_neighbour, close_neighbour)
#define SCENE(name, i)	{ name, beside_a_neighbour, NULL, NULL, &scenes[i] }

static const struct CMUnitTest tests[] = {
	ONE(send_ring__runs_away), ONE(send_ring__version), ONE(receive_ring__runs_away),
	ONE(slots__malformed), ONE(address_handles),
	SCENE("slots__rc", 0), SCENE("slots_and_indices__rc", 1), SCENE("slots__uc", 2),
	SCENE("slots__ud", 3), SCENE("slots_and_indices__ud", 4),
};

LIVE_MAIN("hostile_peers", tests, NULL, NULL)
