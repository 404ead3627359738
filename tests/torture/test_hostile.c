// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Processes that write anything at all into everything that they have mapped. They may
 * ruin their own queues; their neighbour works on, is right, and keeps its secrets.
 *
 * A round is a command that the device has taken.
 */

#include <sched.h>

#include "hostile.h"

#define HOSTILES	2

void hostile_took(struct hostile *h, uint64_t done, uint64_t errors)
{
	struct scene *s = h->scene;

	__atomic_fetch_add(&s->count.done, done, __ATOMIC_RELAXED);
	__atomic_fetch_add(&s->count.errors, errors, __ATOMIC_RELAXED);
	__atomic_fetch_add(&s->run->rounds, done + errors, __ATOMIC_RELAXED);
}

void hostile_broke(struct hostile *h)
{
	__atomic_fetch_add(&h->scene->count.breaks, 1, __ATOMIC_RELAXED);
}

void await_neighbour(struct scene *s)
{
	uint64_t before = __atomic_load_n(&s->worked, __ATOMIC_RELAXED);
	uint64_t end = now_ms() + DEADLINE_MS;

	while (__atomic_load_n(&s->worked, __ATOMIC_RELAXED) == before) {
		demand(now_ms() < end, "the neighbour gets nothing done");
		sched_yield();
	}
}

/*---- the neighbour ----*/

static void neighbour(void *arg)
{
	struct scene *s = arg;
	struct mem treasure;
	struct trip trip;
	struct node n;
	struct pair p;
	unsigned int i;

	node_open(&n, default_device());
	mem_make(&treasure, &n, TREASURE, ALL_ACCESS);
	secret_fill(treasure.p, TREASURE);
	pair_open_on(&p, &n, &n, NULL);
	trip_open(&trip, AXE_QUEUE_AUTO, 20000);
	s->treasure = (uintptr_t)treasure.p;
	s->treasure_key = treasure.mr->rkey;
	s->treasure_qpn = p.b.qp->qp_num;
	__atomic_store_n(&s->ready, true, __ATOMIC_RELEASE);
	for (i = 0; !__atomic_load_n(&s->stop, __ATOMIC_RELAXED); i++) {
		trip_run(&trip, i);
		expect_alive(&p);
		demand(secret_is(treasure.p, TREASURE), "somebody wrote into my memory");
		__atomic_fetch_add(&s->worked, 1, __ATOMIC_RELAXED);
	}
	trip_close(&trip);
	pair_close(&p);
	mem_free(&treasure);
	node_close(&n);
}

/*---- cases ----*/

static void play(struct torture_run *run, void (*attack)(void *), bool mad, bool races)
{
	struct hostile hostiles[HOSTILES];
	struct scene *s = torture_shared(sizeof(*s));
	pid_t beside, pids[HOSTILES];
	unsigned int i;

	s->run = run;
	beside = torture_child(neighbour, s);
	while (!__atomic_load_n(&s->ready, __ATOMIC_ACQUIRE))
		sched_yield();
	for (i = 0; i < HOSTILES; i++) {
		hostiles[i] = (struct hostile){ .scene = s, .index = i, .mad = mad,
						.races = races };
		pids[i] = torture_child(attack, &hostiles[i]);
	}
	for (i = 0; i < HOSTILES; i++)
		end_child(pids[i]);
	s->stop = true;
	end_child(beside);
	torture_say("%s: %llu hostile commands: %llu errors, %llu done; %llu flushed, %llu resets, "
		    "%llu queues; %llu rounds of the neighbour", run->name,
		    (unsigned long long)(s->count.errors + s->count.done),
		    (unsigned long long)s->count.errors, (unsigned long long)s->count.done,
		    (unsigned long long)s->count.flushed, (unsigned long long)s->count.breaks,
		    (unsigned long long)s->count.queues, (unsigned long long)s->worked);
}

static void commands(struct torture_run *run)
{
	play(run, hostile_queues, false, false);
}

static void changed(struct torture_run *run)
{
	play(run, hostile_queues, false, true);
}

static void indices(struct torture_run *run)
{
	play(run, hostile_queues, true, true);
}

static void peers(struct torture_run *run)
{
	play(run, hostile_peers, false, true);
}

static void peer_indices(struct torture_run *run)
{
	play(run, hostile_peers, true, true);
}

static const struct torture cases[] = {
	{ "commands", commands, 1 },
	{ "changed", changed, 1 },
	{ "indices", indices, 1 },
	{ "peers", peers, 1 },
	{ "peer_indices", peer_indices, 1 },
};

TORTURE_MAIN("hostile", cases)
