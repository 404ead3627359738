// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* What a message between two QPs costs, of memory that is pinned or on demand. */

#include "cost.h"
#include "peer.h"

#define SIZE	(64 * KIB)

/**
 * struct talk - what is said
 * @pair:	from @a to @b
 * @here:	of @a
 * @there:	of @b
 * @opcode:	with IBV_WR_SEND @b has receives posted, of the same size
 */
struct talk {
	struct pair pair;
	struct mem here, there;
	enum ibv_wr_opcode opcode;
	unsigned int size;
};

static void await_all(struct ibv_cq *cq, int n)
{
	struct ibv_wc wc[BATCH];

	while (n > 0) {
		int got = ibv_poll_cq(cq, n, wc);

		demand(got >= 0, "ibv_poll_cq");
		for (int i = 0; i < got; i++)
			demand(!wc[i].status, "%s", ibv_wc_status_str(wc[i].status));
		n -= got;
	}
}

static void talk_round(void *arg, int batch)
{
	struct talk *t = arg;
	struct ibv_sge sge = mem_sge(&t->here, 0, t->size);
	struct ibv_send_wr wr = wr_at(&t->pair.a, t->opcode, &sge, 1, &t->there, 0);
	bool is_send = t->opcode == IBV_WR_SEND;

	for (int i = 0; is_send && i < batch; i++)
		must_post_recv(&t->pair.b, i, &t->there, 0, t->size);
	for (int i = 0; i < batch; i++)
		must_post(&t->pair.a, wr);
	await_all(t->pair.a.scq, batch);
	if (is_send)
		await_all(t->pair.b.rcq, batch);
}

static void measure_talk(struct talk *t, const char *what, enum ibv_wr_opcode opcode,
			 unsigned int size, enum mem_kind kind)
{
	char name[64];

	t->opcode = opcode;
	t->size = size;
	snprintf(name, sizeof(name), "RC %s %u B, %s memory", what, size, mem_names[kind]);
	measure(name, talk_round, t, 1);
}

void measure_peers(void)
{
	static const enum mem_kind kinds[] = { MEM_PINNED, MEM_ODP, MEM_IMPLICIT };
	struct talk t = {};

	node_open(&node, default_device());
	pair_open(&t.pair, NULL);
	for (unsigned int i = 0; i < ARRAY_SIZE(kinds); i++) {
		demand(mem_make_kind(&t.here, &node, SIZE, ALL_ACCESS, kinds[i]), "memory");
		demand(mem_make_kind(&t.there, &node, SIZE, ALL_ACCESS, kinds[i]), "memory");
		measure_talk(&t, "write", IBV_WR_RDMA_WRITE, 8, kinds[i]);
		measure_talk(&t, "read", IBV_WR_RDMA_READ, 8, kinds[i]);
		measure_talk(&t, "send", IBV_WR_SEND, 8, kinds[i]);
		measure_talk(&t, "write", IBV_WR_RDMA_WRITE, SIZE, kinds[i]);
		mem_free(&t.here);
		mem_free(&t.there);
	}
	pair_close(&t.pair);
	node_close(&node);
}
