// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Keys that go while they are used: when ibv_dereg_mr() is back, nobody uses them. */

#include <pthread.h>
#include <sched.h>

#include "probe.h"

#define ROOM	(256 * KIB)

/**
 * struct freed - memory that has a key now and then
 * @landing:	where its users put what they read
 */
struct freed {
	struct torture_run *run;
	struct probes probes;
	struct rig rig;
	uint8_t *p;
	uint32_t key;
	bool stop;
};

struct user {
	struct freed *f;
	unsigned int index;
	struct rig rig;
	uint8_t *landing;
};

static struct wc use(struct user *u, uint64_t *rnd)
{
	size_t length = torture_below(rnd, 4) ? 1 + torture_below(rnd, 4096) :
			1 + torture_below(rnd, ROOM);
	struct ibv_sge there = { .addr = (uintptr_t)u->f->p + torture_below(rnd, ROOM - length + 1),
				 .length = length,
				 .lkey = __atomic_load_n(&u->f->key, __ATOMIC_RELAXED) };
	struct ibv_sge own = here(&u->rig, u->landing, length);

	switch (torture_below(rnd, 4)) {
	case 0:
		return fill_at(&u->rig, there, 'w');
	case 1:
		return copy_of(&u->rig, own, there);
	case 2:
		own.length = ROOM;
		return run(&u->rig, compress, &own, &there, AXE_FORMAT_RAW, 1, 0);
	default:
		return copy_of(&u->rig, there, own);
	}
}

static void *user(void *arg)
{
	struct user *u = arg;
	uint64_t rnd = torture_state(u->f->run, 1 + u->index);

	while (!__atomic_load_n(&u->f->stop, __ATOMIC_RELAXED)) {
		struct wc wc = use(u, &rnd);

		demand(wc.code == AXE_OK || wc.code == AXE_ERR_KEY, "op %d: %s", wc.op,
		       axedv_code_str(wc.code));
		demand(!secret_in(u->landing, ROOM), "read after its end");
		probed(u->f->run, &u->f->probes, wc.code == AXE_OK);
	}
	return NULL;
}

/* A key, for a moment; behind it the memory is somebody else's. */
static void lend(struct freed *f, uint64_t *rnd)
{
	unsigned int i, wait = torture_below(rnd, 300);
	struct ibv_mr *mr;

	memset(f->p, 'f', ROOM);
	mr = ibv_reg_mr(f->rig.pd, f->p, ROOM, IBV_ACCESS_LOCAL_WRITE |
			(torture_below(rnd, 2) ? IBV_ACCESS_ON_DEMAND : 0));
	demand(mr, "ibv_reg_mr");
	__atomic_store_n(&f->key, mr->lkey, __ATOMIC_RELAXED);
	for (i = 0; i < wait; i++)
		sched_yield();
	demand(!ibv_dereg_mr(mr), "ibv_dereg_mr");
	secret_fill(f->p, ROOM);
	for (i = 0; i < 5; i++) {
		demand(secret_is(f->p, ROOM), "written after its end");
		sched_yield();
	}
}

void probe_freed(struct torture_run *run)
{
	static const enum axe_queue_mode modes[] = { AXE_QUEUE_INLINE, AXE_QUEUE_WORKER };
	struct freed f = { .run = run };
	uint64_t rnd = torture_state(run, 0);
	struct user users[ARRAY_SIZE(modes)];
	pthread_t threads[ARRAY_SIZE(modes)];
	unsigned int i, n;

	rig_open(&f.rig, NULL);
	f.p = small_pages(ROOM);
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		users[i] = (struct user){ .f = &f, .index = i, .landing = small_pages(ROOM) };
		rig_share(&users[i].rig, &f.rig);
		users[i].rig.channel = ibv_create_comp_channel(f.rig.ctx);
		demand(users[i].rig.channel, "ibv_create_comp_channel");
		rig_open_queue(&users[i].rig, &(struct rig_options){ .mode = modes[i] });
		demand(!pthread_create(&threads[i], NULL, user, &users[i]), "a thread");
	}
	for (n = 0; !torture_is_over(run); n++)
		lend(&f, &rnd);
	f.stop = true;
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		pthread_join(threads[i], NULL);
		rig_close_queue(&users[i].rig);
		demand(!ibv_destroy_comp_channel(users[i].rig.channel), "a channel");
	}
	rig_close(&f.rig);
	probes_say(run, &f.probes);
	torture_say("%s: %u regions", run->name, n);
}
