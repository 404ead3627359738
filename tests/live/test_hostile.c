// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * A process that writes anything at all into its rings. It may ruin its own queue;
 * its neighbour does not notice, nor does the kernel (whose log the runner reads).
 */

#include "rings.h"
#include "ways.h"

#define RUN_MS 1000

static uint32_t seed;

/*---- the neighbour: works, and checks its own work ----*/

static void neighbour_works(void *arg)
{
	uint64_t end = now_ms() + RUN_MS;
	unsigned int i;
	struct trip t;

	trip_open(&t, *(enum axe_queue_mode *)arg, 150000);
	/* However long a few take: nobody asks here how fast it is. */
	for (i = 0; now_ms() < end || i < 3; i++)
		trip_run(&t, i);
	trip_close(&t);
}

/*---- the hostile one ----*/

/* Memory to aim at: never the program's own, or it would only hurt itself. */
static uint8_t *target;
#define TARGET (16 * MIB)

static void random_buf(struct rig *r, struct axe_buf *buf)
{
	switch (rnd(&seed) % 8) {
	case 0:
		buf->addr = rnd64(&seed);
		break;
	case 1:
		buf->addr = 0xffff888000000000 + rnd(&seed);
		break;
	default:
		buf->addr = (uintptr_t)target + rnd(&seed) % TARGET;
	}
	buf->length = rnd(&seed) >> (rnd(&seed) % 32);
	/* Not where the process's code, stack and heap are. */
	if (buf->addr < (uintptr_t)target + TARGET && buf->addr >= (uintptr_t)target &&
	    buf->length > (uintptr_t)target + TARGET - buf->addr)
		buf->length = (uintptr_t)target + TARGET - buf->addr;
	buf->key = rnd(&seed) % 6 ? r->mr->lkey : rnd(&seed);
}

static void random_slot(struct rig *r, uint8_t *slot)
{
	struct axe_cmd cmd = {};
	unsigned int i;

	if (rnd(&seed) % 16 == 0) {
		/* Noise. Its key will hardly be one. */
		for (i = 0; i < 64; i++)
			((uint8_t *)&cmd)[i] = rnd(&seed);
	} else {
		cmd.opcode = rnd(&seed) % 12 ? rnd(&seed) % AXE_OP_MAX : rnd(&seed);
		cmd.ext = rnd(&seed) % 8 ? 0 : rnd(&seed) % 3;
		cmd.flags = rnd(&seed) & AXE_CMD_FLAGS_ALL & rnd(&seed);
		cmd.wr_id = rnd64(&seed);
		if (rnd(&seed) % 4)
			random_buf(r, &cmd.src);
		if (rnd(&seed) % 4)
			random_buf(r, &cmd.dst);
		if (rnd(&seed) % 3 == 0)
			cmd.dst.length = cmd.src.length;
		for (i = 0; i < 16; i++)
			cmd.op.raw[i] = rnd(&seed) % 6 ? 0 : rnd(&seed) % 10;
		if (cmd.opcode == AXE_OP_FILL)
			cmd.op.fill.size = rnd(&seed) % 9;
	}
	ring_scribble(slot, &cmd, sizeof(cmd));
}

struct plan {
	enum axe_queue_mode mode;
	unsigned int flags;
	bool mad_indices;
};

static void attacks(void *arg)
{
	struct plan *plan = arg;
	uint64_t end = now_ms() + RUN_MS;
	unsigned int breaks = 0, rings = 0, slots;
	struct rig r;

	seed = 12345 + plan->mode * 77 + plan->mad_indices;
	target = pages(TARGET);
	while (now_ms() < end) {
		unsigned int i;

		rig_open(&r, &(struct rig_options){
			.mode = plan->mode, .flags = plan->flags, .lanes = 4, .cqe = 64 });
		slots = r.sq_ring->slots;
		for (i = 0; i < 4000 && now_ms() < end; i++) {
			uint8_t *first = ring_entries(r.sq_ring);

			random_slot(&r, first + rnd(&seed) % slots * 64);
			/* The completions are of no interest: most often make room. */
			if (rnd(&seed) % 4)
				r.cq_ring->consumer = r.cq_ring->producer;
			switch (rnd(&seed) % (plan->mad_indices ? 8 : 64)) {
			case 0:
				r.sq_ring->tail = rnd(&seed);
				break;
			case 1:
				r.sq_ring->head = rnd(&seed);
				break;
			case 2:
				r.sq_ring->flags = rnd(&seed);
				break;
			case 3:
				r.cq_ring->consumer = rnd(&seed);
				break;
			case 4:
				r.cq_ring->arm = rnd(&seed);
				break;
			case 5:
				r.sq_ring->version = rnd(&seed) % 2;
				break;
			default:
				r.sq_ring->tail += rnd(&seed) % 4;
			}
			if (rnd(&seed) % 3 == 0) {
				if (ring(&r) < 0)
					demand(errno == EIO || errno == EINTR, "doorbell");
				rings++;
			}
			if (rnd(&seed) % 100 == 0)
				rig_resize_cq(&r, 1 + rnd(&seed) % 200);
			if (rnd(&seed) % 200 == 0) {
				bring_up(&r);
				breaks++;
			}
		}
		rig_close(&r);
	}
	printf("# %u doorbells, %u resets\n", rings, breaks);
	munmap(target, TARGET);
}

static void beside_a_neighbour(void **state)
{
	struct plan *plan = *state;
	enum axe_queue_mode mode = AXE_QUEUE_AUTO;
	pid_t neighbour = start_child(neighbour_works, &mode);
	pid_t hostile = start_child(attacks, plan);

	end_child(neighbour);
	end_child(hostile);
}

/* The device is none the worse. */
static void afterwards__all_is_well(void **state)
{
	struct rig r;

	rig_open(&r, NULL);
	assert_queue_works(&r);
	rig_close(&r);
}

static struct plan plans[] = {
	{ AXE_QUEUE_AUTO, 0, false },
	{ AXE_QUEUE_INLINE, 0, true },
	{ AXE_QUEUE_WORKER, AXE_QUEUE_UNORDERED, false },
	{ AXE_QUEUE_WORKER, 0, true },
	{ AXE_QUEUE_POLL, 0, true },
};

static const struct CMUnitTest tests[] = {
	{ "slots__auto", beside_a_neighbour, NULL, NULL, &plans[0] },
	{ "slots_and_indices__inline", beside_a_neighbour, NULL, NULL, &plans[1] },
	{ "slots__worker_unordered", beside_a_neighbour, NULL, NULL, &plans[2] },
	{ "slots_and_indices__worker", beside_a_neighbour, NULL, NULL, &plans[3] },
	{ "slots_and_indices__poll", beside_a_neighbour, NULL, NULL, &plans[4] },
	cmocka_unit_test(afterwards__all_is_well),
};

LIVE_MAIN("hostile", tests, NULL, NULL)
