// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* A party: it works, guards its memory, and looks for what the other has. */

#include <fcntl.h>
#include <sched.h>

#include "isolation.h"
#include "regions.h"
#include "ways.h"

#define GUARDED	(4 * PAGE)

/**
 * struct life - what a party has
 * @guarded:	secret, with all rights for who has the key in the right place
 * @end:	a QP that is connected to @peer, and nobody else
 * @prober:	a QP that is to reach the other's
 */
struct life {
	struct party *p;
	uint64_t rnd;
	struct trip trip;
	struct rig *rig;
	struct node node;
	struct mem guarded, landing;
	struct pair pair;
	struct end prober;
	int bell;
};

static void tell(struct life *l)
{
	struct self *s = l->p->self;

	s->addr = (uintptr_t)l->guarded.p;
	s->lkey = l->guarded.mr->lkey;
	s->implicit = l->rig->mr->lkey;
	s->accelerator = l->rig->qp->qp_num;
	s->qpn = l->pair.b.qp->qp_num;
	s->gid = l->node.gid;
	snprintf(s->device, sizeof(s->device), "%s", l->node.device);
	__atomic_store_n(&s->ready, true, __ATOMIC_RELEASE);
}

static void await_other(struct life *l)
{
	uint64_t end = now_ms() + DEADLINE_MS;

	while (!__atomic_load_n(&l->p->other->ready, __ATOMIC_ACQUIRE)) {
		demand(now_ms() < end, "the other does not come");
		sched_yield();
	}
}

static void open_life(struct life *l)
{
	trip_open(&l->trip, AXE_QUEUE_AUTO, 20000);
	l->rig = &l->trip.rig;
	node_use(&l->node, l->rig->device, l->rig->ctx, l->rig->pd);
	mem_make(&l->guarded, &l->node, GUARDED, ALL_ACCESS);
	secret_fill(l->guarded.p, GUARDED);
	mem_make(&l->landing, &l->node, GUARDED, ALL_ACCESS);
	pair_open_on(&l->pair, &l->node, &l->node, NULL);
	end_open(&l->prober, &l->node, &(struct end_options){
		.tuned = true, .access = ALL_REMOTE, .timeout = 1, .retry_cnt = 1,
		.rnr_retry = 1, .rd_atomic = 4 });
	l->bell = doorbell_fd();
	tell(l);
	await_other(l);
}

static void close_life(struct life *l)
{
	end_close(&l->prober);
	pair_close(&l->pair);
	mem_free(&l->landing);
	mem_free(&l->guarded);
	trip_close(&l->trip);
}

/*---- what it tries ----*/

static void try_keys(struct life *l)
{
	const struct self *o = l->p->other;
	uint32_t keys[] = { o->lkey, o->implicit };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		struct ibv_sge there = { o->addr, 64, keys[i] };
		struct ibv_sge own = here(l->rig, l->landing.p, 64);
		struct wc wc;

		/* On a device of one's own, the same number may be one's own. */
		if (keys[i] == l->guarded.mr->lkey || keys[i] == l->rig->mr->lkey ||
		    keys[i] == l->landing.mr->lkey)
			continue;
		wc = copy_of(l->rig, there, own);
		demand(wc.code == AXE_ERR_KEY, "the other's key: %s", axedv_code_str(wc.code));
		wc = fill_at(l->rig, there, 'w');
		demand(wc.code == AXE_ERR_KEY, "the other's key: %s", axedv_code_str(wc.code));
	}
}

/* Its queues, by number. (On another device, a number may be our own.) */
static void try_doorbells(struct life *l)
{
	const struct self *o = l->p->other;
	uint32_t numbers[] = { o->accelerator, o->qpn };
	unsigned int i, which;

	for (i = 0; l->p->same_device && i < ARRAY_SIZE(numbers); i++) {
		for (which = AXE_DOORBELL_SQ; which <= AXE_DOORBELL_SRQ; which++) {
			struct axe_doorbell bell = { numbers[i], which };

			errno = 0;
			/* SRQs have numbers of their own. */
			if (which == AXE_DOORBELL_SRQ)
				continue;
			demand(write(l->bell, &bell, sizeof(bell)) < 0 && errno == EINVAL,
			       "the other's queue was rung");
		}
	}
}

/* Its connected QP, from one that says it is connected to it. */
static void try_peer(struct life *l)
{
	struct address at = { .gid = l->p->other->gid, .qpn = l->p->other->qpn };
	struct ibv_sge sge = mem_sge(&l->landing, 0, 64);
	struct ibv_send_wr wr;
	struct ibv_wc wc;

	demand(!end_to(&l->prober, IBV_QPS_RESET) && !end_to_init(&l->prober), "to INIT");
	/* An address that nothing leads to is refused here. */
	if (end_to_rtr(&l->prober, &at) || end_to_rts(&l->prober))
		return;
	wr = wr_of(&l->prober, torture_below(&l->rnd, 2) ? IBV_WR_RDMA_READ : IBV_WR_RDMA_WRITE,
		   &sge, 1);
	wr.wr.rdma.remote_addr = l->p->other->addr;
	wr.wr.rdma.rkey = l->p->other->lkey;
	must_post(&l->prober, wr);
	wc = next_wc(l->prober.scq);
	demand(wc.status == IBV_WC_RETRY_EXC_ERR, "a QP that is connected to another: %s",
	       ibv_wc_status_str(wc.status));
}

/* The pages at the other's offsets are our own, or none. */
static void try_pages(struct life *l)
{
	size_t offset = torture_below(&l->rnd, 64) * PAGE;
	uint8_t *p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, l->rig->ctx->cmd_fd, offset);

	if (p == MAP_FAILED)
		return;
	demand(!secret_in(p, PAGE), "the other's pages are mapped");
	munmap(p, PAGE);
}

static void check_own(struct life *l)
{
	demand(secret_is(l->guarded.p, GUARDED), "the other wrote into my memory");
	demand(!secret_in(l->landing.p, GUARDED), "the other's memory was read");
	expect_alive(&l->pair);
}

/*---- what it can learn ----*/

/* Without rights, nobody is told keys and addresses, not even one's own. */
static void learn_resources(struct life *l)
{
	char *text;

	if (!geteuid())
		return;
	demand(!shell(&text, "rdma -dd resource show mr 2>/dev/null; rdma -dd resource show qp"
		      " 2>/dev/null; true"), "rdma resource");
	demand(!strstr(text, "rkey") && !strstr(text, "lkey") && !strstr(text, "iova"),
	       "keys are shown to everybody: %s", text);
	free(text);
}

/* In a namespace of its own, the other's device is not there. */
static void learn_devices(struct life *l)
{
	const char *device = l->p->other->device;
	char *text;

	if (l->p->same_device)
		return;
	demand(!open_device(device), "the other's device can be opened");
	shell(&text, "rdma dev; rdma link; rdma statistic show; rdma resource show qp;"
	      " ls /sys/class/infiniband; cat /sys/class/infiniband/*/ports/1/gids/* 2>/dev/null");
	demand(!strstr(text, device), "'%s' is in: %s", device, text);
	demand(strstr(text, l->p->self->device), "'%s' is not in: %s", l->p->self->device, text);
	free(text);
}

/* The files of other namespaces' devices are there, and cannot be opened. */
static void learn_files(struct life *l)
{
	unsigned int i, mine = 0;

	for (i = 0; !l->p->same_device && i < 32; i++) {
		char path[64];
		int fd;

		snprintf(path, sizeof(path), "/dev/infiniband/uverbs%u", i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd >= 0) {
			close(fd);
			mine++;
		}
	}
	demand(l->p->same_device || mine == 1, "%u devices can be opened", mine);
}

void isolation_live(void *arg)
{
	struct party *p = arg;
	struct life l = { .p = p, .rnd = torture_state(p->run, p->index) };

	if (p->enter)
		p->enter(p);
	setenv("AXE_DEVICE", p->device, 1);
	open_life(&l);
	learn_resources(&l);
	learn_devices(&l);
	learn_files(&l);
	do {
		trip_run(&l.trip, p->self->rounds);
		try_keys(&l);
		try_doorbells(&l);
		try_peer(&l);
		try_pages(&l);
		check_own(&l);
		p->self->rounds++;
	} while (torture_goes_on(p->run));
	/* What it has is there to be looked for until the other has looked, too. */
	__atomic_store_n(&p->self->tried, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&p->other->tried, __ATOMIC_ACQUIRE))
		sched_yield();
	check_own(&l);
	close_life(&l);
}
