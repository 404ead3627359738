// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Another process reads and writes a zone by RDMA, while its pages change. It sees the
 * pages' states in shared memory; what it has written, the zone's process looks at.
 */

#include <sys/socket.h>

#include "paging.h"
#include "wire.h"

/* Pages of a request, requests in flight. */
#define MOST	64
#define FLIGHT	4

/**
 * struct peering - both processes have it
 * @theirs:	the zone, as the other process reaches it
 * @space:	the other process's own
 */
struct peering {
	struct zone *zone;
	struct wire wire;
	struct node node;
	struct end end;
	struct mem theirs;
	struct mem space;
	uint64_t tag;
};

/* A request; it is also what the zone's process is asked to look at: page by page, with @lo. */
struct request {
	bool writes;
	unsigned int first, n;
	uint64_t tag;
	uint32_t lo[MOST];
};

/*---- the process that asks ----*/

static uint8_t *space_of(struct peering *p, unsigned int slot)
{
	return p->space.p + slot * MOST * PAGE;
}

static void request_draw(struct peering *p, struct request *r, unsigned int slot, uint64_t *rnd)
{
	struct zone *z = p->zone;
	unsigned int half = z->n / 2, own = half / FLIGHT, i;

	r->writes = torture_below(rnd, 2);
	r->n = 1 + torture_below(rnd, MOST);
	if (r->writes)
		r->first = half + slot * own + torture_below(rnd, own - r->n + 1);
	else
		r->first = torture_below(rnd, half - r->n + 1);
	r->tag = ++p->tag;
	for (i = 0; i < r->n; i++) {
		r->lo[i] = zone_oldest(z, r->first + i);
		if (r->writes)
			stamp(space_of(p, slot) + i * PAGE, z->owner, r->first + i, 0, r->tag);
	}
}

static void request_post(struct peering *p, const struct request *r, unsigned int slot)
{
	struct aim *aim = &p->zone->aims[slot];
	struct ibv_sge sge = mem_sge(&p->space, slot * MOST * PAGE, r->n * PAGE);
	struct ibv_send_wr wr = wr_at(&p->end, r->writes ? IBV_WR_RDMA_WRITE : IBV_WR_RDMA_READ, &sge,
				      1, &p->theirs, r->first * PAGE);

	wr.wr_id = slot;
	aim->first = r->first;
	aim->n = r->n;
	__atomic_store_n(&aim->seq, r->tag, __ATOMIC_RELEASE);
	must_post(&p->end, wr);
	tally(&p->zone->tally->commands, 1);
}

static void request_check(struct peering *p, const struct request *r, unsigned int slot)
{
	char answer;
	unsigned int i;

	if (r->writes) {
		wire_tell(p->wire.fd[1], r, sizeof(*r));
		wire_hear(p->wire.fd[1], &answer, 1);
		return;
	}
	for (i = 0; i < r->n; i++)
		zone_check_seen(p->zone, r->first + i, r->lo[i], space_of(p, slot) + i * PAGE, true);
}

static void asker(void *arg)
{
	struct peering *p = arg;
	uint64_t rnd = torture_state(p->zone->run, 3);
	struct request requests[FLIGHT];
	struct ibv_mr key;
	struct offer offer;
	unsigned int i, n;

	close(p->wire.fd[0]);
	/* Of our copy only the addresses matter; as it is, it would keep pages from going. */
	munmap(p->zone->p, p->zone->n * PAGE);
	node_open(&p->node, default_device());
	end_open(&p->end, &p->node, NULL);
	mem_make(&p->space, &p->node, FLIGHT * MOST * PAGE, IBV_ACCESS_LOCAL_WRITE);
	offer = wire_connect(p->wire.fd[1], &p->end, NULL);
	key.rkey = offer.rkey;
	p->theirs = (struct mem){ .p = p->zone->p, .mr = &key };
	do {
		for (n = 0; n < FLIGHT && (torture_goes_on(p->zone->run) || p->tag < AT_LEAST); n++) {
			request_draw(p, &requests[n], n, &rnd);
			request_post(p, &requests[n], n);
		}
		for (i = 0; i < n; i++) {
			expect_wc(p->end.scq, i, IBV_WC_SUCCESS);
			__atomic_store_n(&p->zone->aims[i].seq, 0, __ATOMIC_RELEASE);
			request_check(p, &requests[i], i);
			tally(&p->zone->tally->done, 1);
		}
	} while (n);
	end_close(&p->end);
	mem_free(&p->space);
	node_close(&p->node);
}

/*---- the zone's process ----*/

static void look(struct zone *z, const struct request *r)
{
	uint8_t is[PAGE];
	unsigned int i;

	for (i = 0; i < r->n; i++) {
		stamp(is, z->owner, r->first + i, 0, r->tag);
		zone_check_written(z, r->first + i, &(struct write){
			.lo = r->lo[i], .bytes = is, .whole = true, .done = true });
	}
}

/* Until the other process has gone. */
static void look_as_asked(struct peering *p)
{
	struct request r;

	while (recv(p->wire.fd[0], &r, sizeof(r), MSG_WAITALL) == sizeof(r)) {
		look(p->zone, &r);
		wire_tell(p->wire.fd[0], "r", 1);
	}
}

static void owner(void *arg)
{
	struct peering *p = arg;
	struct zone *z = p->zone;
	pthread_t threads[2];
	struct mem all;
	pid_t pid;

	zone_make(z);
	nest_make(z);
	wire_make(&p->wire);
	pid = torture_child(asker, p);
	close(p->wire.fd[1]);
	node_open(&p->node, default_device());
	end_open(&p->end, &p->node, NULL);
	all = (struct mem){ .p = z->p, .size = z->n * PAGE };
	all.mr = ibv_reg_mr(p->node.pd, z->p, z->n * PAGE, ALL_ACCESS | IBV_ACCESS_ON_DEMAND);
	demand(all.mr, "ibv_reg_mr");
	wire_connect(p->wire.fd[0], &p->end, &all);
	demand(!pthread_create(&threads[0], NULL, mover, z), "a thread");
	demand(!pthread_create(&threads[1], NULL, shaker, z), "a thread");
	look_as_asked(p);
	z->stop = true;
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	end_child(pid);
	zone_check(z);
	nest_check(z);
	end_close(&p->end);
	demand(!ibv_dereg_mr(all.mr), "ibv_dereg_mr");
	node_close(&p->node);
}

void play_peers(struct zone *z)
{
	end_child(torture_child(owner, &(struct peering){ .zone = z }));
}
