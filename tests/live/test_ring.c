// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The send ring: full, once around, and broken. */

#include "ways.h"

/*---- a full ring ----*/

static void ring__full(void **state)
{
	struct rig r;
	unsigned int posted = 0, i;
	int ret;

	rig_open(&r, &(struct rig_options){
		.mode = AXE_QUEUE_WORKER, .lanes = 1, .depth = 16 });
	post_slow(&r, posted++, IBV_SEND_SIGNALED);
	do {
		rig_begin(&r, posted, IBV_SEND_SIGNALED);
		axedv_wr_nop(r.qx);
		ret = ibv_wr_complete(r.qx);
		posted += !ret;
		demand(posted < 1000, "never full (or the first was too quick)");
	} while (!ret);
	assert_int_equal(ret, ENOMEM);
	/* max_send_wr of them are promised. */
	assert_between(posted, 16, 999);
	/* Nor does a batch go half in. */
	rig_begin(&r, 5000, IBV_SEND_SIGNALED);
	for (i = 0; i < 3; i++)
		axedv_wr_nop(r.qx);
	assert_int_equal(ibv_wr_complete(r.qx), ENOMEM);

	for (i = 0; i < posted; i++)
		expect(&r, i, AXE_OK);
	rig_expect_empty(&r);
	/* And on it goes. */
	for (i = 0; i < 100; i++) {
		post_nop(&r, i, IBV_SEND_SIGNALED, NULL);
		expect(&r, i, AXE_OK);
	}
	rig_close(&r);
}

/* Indices of 32 bits and a ring of few slots: many times around. */
static void ring__goes_round(void **state)
{
	struct axe_result *rec = records(4);
	struct rig r;
	unsigned int i;

	rig_open(&r, &(struct rig_options){ .mode = AXE_QUEUE_INLINE, .depth = 1 });
	for (i = 0; i < 3000; i++) {
		post_nop(&r, i, IBV_SEND_SIGNALED, i % 3 ? NULL : &rec[i % 4]);
		expect(&r, i, AXE_OK);
		if (i % 3 == 0)
			assert_int_equal(rec[i % 4].wr_id, i);
	}
	rig_close(&r);
	munmap(rec, PAGE);
}

/*---- a broken ring ----*/

static void broken(struct rig *r, struct rig *neighbour)
{
	ring(r);
	demand(await_async(r->ctx, IBV_EVENT_QP_FATAL, DEADLINE_MS), "no event of a broken ring");
	assert_int_equal(state_of(r), IBV_QPS_ERR);
	/* One event a break. */
	ring(r);
	assert_false(await_async(r->ctx, IBV_EVENT_QP_FATAL, 0));
	assert_queue_works(neighbour);
	/* Until it is reset. */
	assert_int_equal(modify(r, IBV_QPS_RESET), 0);
	bring_up(r);
	assert_queue_works(r);
}

static void broken__runaway_tail(void **state)
{
	static const uint32_t tails[] = { 257, 1000, 0x7fffffff, 0x80000000, 0xffffffff };
	struct way *way = *state;
	struct rig r, neighbour;
	unsigned int i;

	rig_open(&neighbour, NULL);
	rig_open(&r, &(struct rig_options){ .mode = way->mode, .flags = way->flags, .depth = 128 });
	assert_int_equal(r.sq_ring->slots, 256);
	for (i = 0; i < ARRAY_SIZE(tails); i++) {
		assert_queue_works(&r);
		__atomic_store_n(&r.sq_ring->tail, r.sq_ring->head + tails[i], __ATOMIC_SEQ_CST);
		broken(&r, &neighbour);
	}
	rig_close(&r);
	rig_close(&neighbour);
}

static void broken__unknown_version(void **state)
{
	static const uint32_t versions[] = { 0, 2, 0xffffffff };
	struct way *way = *state;
	struct rig r, neighbour;
	unsigned int i;

	rig_open(&neighbour, NULL);
	rig_open(&r, &(struct rig_options){ .mode = way->mode, .flags = way->flags });
	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		r.sq_ring->version = versions[i];
		/* What is behind it is not looked at. */
		__atomic_store_n(&r.sq_ring->tail, r.sq_ring->head + 1, __ATOMIC_SEQ_CST);
		broken(&r, &neighbour);
		rig_expect_empty(&r);
	}
	rig_close(&r);
	rig_close(&neighbour);
}

/* What belongs to the device, the process may write: it only misleads itself. */
static void broken__device_fields_are_only_told(void **state)
{
	struct rig r;

	rig_open(&r, &(struct rig_options){ .mode = AXE_QUEUE_WORKER });
	assert_queue_works(&r);
	r.sq_ring->head = 12345;
	r.sq_ring->slots = 1 << 30;
	r.sq_ring->flags = 0;
	r.cq_ring->entries = 1 << 30;
	ring(&r);
	assert_int_equal(modify(&r, IBV_QPS_RESET), 0);
	bring_up(&r);
	assert_queue_works(&r);
	rig_close(&r);
}

/* A command at the ring's end claims an extension that is not posted. */
static void broken__extension_not_posted(void **state)
{
	struct rig r;
	struct axe_cmd *slot;
	struct wc wc;

	rig_open(&r, NULL);
	slot = (void *)r.sq_ring + AXE_RING_ENTRIES + (r.sq_ring->tail & 255) * AXE_SLOT_SIZE;
	*slot = (struct axe_cmd) { .opcode = AXE_OP_NOP, .ext = 1, .wr_id = 5 };
	__atomic_store_n(&r.sq_ring->tail, r.sq_ring->tail + 1, __ATOMIC_SEQ_CST);
	assert_int_equal(ring(&r), sizeof(struct axe_doorbell));
	wc = rig_wait_for(&r, 5);
	assert_code(wc, AXE_ERR_RESERVED);
	rig_close(&r);
	/* More of them than there can be. */
	rig_open(&r, NULL);
	slot = (void *)r.sq_ring + AXE_RING_ENTRIES + (r.sq_ring->tail & 255) * AXE_SLOT_SIZE;
	slot[0] = (struct axe_cmd) { .opcode = AXE_OP_NOP, .ext = 200, .wr_id = 6 };
	slot[1] = (struct axe_cmd) { .opcode = AXE_OP_NOP, .wr_id = 7 };
	__atomic_store_n(&r.sq_ring->tail, r.sq_ring->tail + 2, __ATOMIC_SEQ_CST);
	ring(&r);
	wc = rig_wait_for(&r, 6);
	assert_code(wc, AXE_ERR_RESERVED);
	rig_close(&r);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(ring__full),
	cmocka_unit_test(ring__goes_round),
	IN_ALL_MODES(broken__runaway_tail),
	IN_ALL_MODES(broken__unknown_version),
	cmocka_unit_test(broken__device_fields_are_only_told),
	cmocka_unit_test(broken__extension_not_posted),
};

LIVE_MAIN("ring", tests, NULL, NULL)
