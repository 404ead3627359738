// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Memory of every kind on either side of every operation between peers: pinned,
 * on demand, shared, huge; known to the device or not yet there at all.
 */

#include "peer.h"

static struct pair pair;

#define SIZE	(300 * KIB)
#define RDMA	(IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_READ | IBV_ACCESS_REMOTE_WRITE | \
		 IBV_ACCESS_REMOTE_ATOMIC)

static int open_pair(void **state)
{
	pair_open(&pair, NULL);
	return 0;
}

static int close_pair(void **state)
{
	pair_close(&pair);
	return 0;
}

/* Moves @n bytes from end a's @src to end b's @dst, or the way a READ goes. */
static void move(enum ibv_wr_opcode opcode, struct mem *src, struct mem *dst, size_t n)
{
	struct ibv_sge sge = mem_sge(opcode == IBV_WR_RDMA_READ ? dst : src, 5, n);

	switch (opcode) {
	case IBV_WR_SEND:
		must_post_recv(&pair.b, 1, dst, 5, n);
		do_send(&pair.a, wr_of(&pair.a, opcode, &sge, 1));
		expect_wc(pair.b.rcq, 1, IBV_WC_SUCCESS);
		break;
	case IBV_WR_RDMA_WRITE:
		do_send(&pair.a, wr_at(&pair.a, opcode, &sge, 1, dst, 5));
		break;
	default:
		do_send(&pair.a, wr_at(&pair.a, opcode, &sge, 1, src, 5));
	}
}

static const enum ibv_wr_opcode movers[] = { IBV_WR_SEND, IBV_WR_RDMA_WRITE, IBV_WR_RDMA_READ };

static void fetch_add(struct mem *src, struct mem *dst)
{
	struct ibv_sge sge = mem_sge(dst, 8, 8);
	struct ibv_send_wr wr = wr_at(&pair.a, IBV_WR_ATOMIC_FETCH_AND_ADD, &sge, 1, src, 16);

	wr.wr.atomic.compare_add = 3;
	*(uint64_t *)(src->p + 16) = 40;
	do_send(&pair.a, wr);
	assert_int_equal(*(uint64_t *)(src->p + 16), 43);
	assert_int_equal(*(uint64_t *)(dst->p + 8), 40);
}

/* Nothing is there; it is; it has gone and nobody told. */
static void between(struct mem *src, struct mem *dst, const char *what)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(movers); i++) {
		enum ibv_wr_opcode op = movers[i];

		/* Memory that nobody touched reads as zeros. */
		move(op, src, dst, SIZE - 10);
		demand(!dst->p[5] && !dst->p[SIZE - 6], "%s: not zero", what);
		pattern(src->p + 5, SIZE - 10, i + 1);
		move(op, src, dst, SIZE - 10);
		demand(is_pattern(dst->p + 5, SIZE - 10, i + 1), "%s, opcode %d", what, op);
		if (dst->mr->handle != src->mr->handle && i == 0)
			fetch_add(src, dst);
		/* Away with it, where that is possible without the device's pins. */
		memset(src->p, 0, SIZE);
		memset(dst->p, 0, SIZE);
	}
}

static void kinds(void **state)
{
	enum mem_kind a, b;
	char what[64];

	for (a = 0; a < MEM_KINDS; a++) {
		for (b = 0; b < MEM_KINDS; b++) {
			struct mem src, dst;

			if (!mem_make_kind(&src, &node, SIZE, RDMA, a))
				continue;
			if (mem_make_kind(&dst, &node, SIZE, RDMA, b)) {
				snprintf(what, sizeof(what), "%s to %s", mem_names[a],
					 mem_names[b]);
				between(&src, &dst, what);
				mem_free(&dst);
			}
			mem_free(&src);
		}
	}
	write_file("/proc/sys/vm/nr_hugepages", "0");
}

/* Datagrams: gathered from and scattered into memory of every kind, on any pages. */
static void kinds__ud(void **state)
{
	enum mem_kind a, b;
	struct pair ud;

	pair_open(&ud, &(struct end_options){ .type = IBV_QPT_UD });
	for (a = 0; a < MEM_KINDS; a++) {
		for (b = 0; b < MEM_KINDS; b++) {
			struct mem src, dst;
			struct ibv_sge sge;

			if (!mem_make_kind(&src, &node, SIZE, 0, a))
				continue;
			if (!mem_make_kind(&dst, &node, SIZE, RDMA, b)) {
				mem_free(&src);
				continue;
			}
			sge = mem_sge(&src, PAGE - 300, 1000);
			pattern(src.p + PAGE - 300, 1000, 1);
			must_post_recv(&ud.b, 1, &dst, 2 * PAGE - 500, 1040);
			do_send(&ud.a, wr_of(&ud.a, IBV_WR_SEND, &sge, 1));
			expect_wc(ud.b.rcq, 1, IBV_WC_SUCCESS);
			demand(is_pattern(dst.p + 2 * PAGE - 460, 1000, 1), "%s to %s",
			       mem_names[a], mem_names[b]);
			mem_free(&src);
			mem_free(&dst);
		}
	}
	pair_close(&ud);
	write_file("/proc/sys/vm/nr_hugepages", "0");
}

#define skip_without(kind, m)						\
	do {								\
		if (!mem_make_kind(m, &node, SIZE, RDMA, kind))		\
			skip_because("no memory of kind '%s'", mem_names[kind]);	\
	} while (0)

/* What was mapped in between is what the peer reaches. */
static void remapped(void **state)
{
	struct mem src, dst;
	unsigned int i;

	skip_without(MEM_IMPLICIT, &src);
	skip_without(MEM_ODP, &dst);
	for (i = 0; i < 6; i++) {
		enum ibv_wr_opcode op = movers[i % 3];

		demand(mmap(src.p, src.size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == src.p, "mmap");
		assert_int_equal(madvise(dst.p, dst.size, MADV_DONTNEED), 0);
		pattern(src.p + 5, SIZE - 10, i);
		move(op, &src, &dst, SIZE - 10);
		demand(is_pattern(dst.p + 5, SIZE - 10, i), "round %u", i);
	}
	mem_free(&src);
	mem_free(&dst);
}

/* No memory there: an access error of the side whose memory it is. */
static void unmapped__remote(void **state)
{
	static const enum ibv_wr_opcode ops[] = {
		IBV_WR_RDMA_WRITE, IBV_WR_RDMA_READ, IBV_WR_ATOMIC_FETCH_AND_ADD,
	};
	struct mem here_, there;
	unsigned int i;

	skip_without(MEM_IMPLICIT, &there);
	mem_make(&here_, &node, PAGE, RDMA);
	munmap(there.p, there.size);
	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		struct ibv_sge sge = mem_sge(&here_, 0, 8);
		struct ibv_send_wr wr = wr_at(&pair.a, ops[i], &sge, 1, &there, 8);
		struct ibv_wc wc;

		must_post(&pair.a, wr);
		wc = next_wc(pair.a.scq);
		/* Annex A20 and drivers differ: not allowed, or not possible. */
		demand(wc.status == IBV_WC_REM_ACCESS_ERR || wc.status == IBV_WC_REM_OP_ERR,
		       "opcode %d: %s", ops[i], ibv_wc_status_str(wc.status));
		expect_state(&pair.a, IBV_QPS_ERR);
		pair_close(&pair);
		pair_open(&pair, NULL);
	}
	assert_int_equal(ibv_dereg_mr(there.mr), 0);
	mem_free(&here_);
}

static void unmapped__local(void **state)
{
	struct mem here_, there;
	unsigned int i;

	skip_without(MEM_IMPLICIT, &here_);
	mem_make(&there, &node, PAGE, RDMA);
	munmap(here_.p, here_.size);
	for (i = 0; i < 2; i++) {
		struct ibv_sge sge = mem_sge(&here_, 0, 8);
		struct ibv_send_wr wr;

		wr = wr_at(&pair.a, i ? IBV_WR_RDMA_READ : IBV_WR_RDMA_WRITE, &sge, 1, &there, 0);
		must_post(&pair.a, wr);
		expect_wc(pair.a.scq, wr.wr_id, IBV_WC_LOC_PROT_ERR);
		pair_close(&pair);
		pair_open(&pair, NULL);
	}
	/* A receive. */
	there.p[0] = 1;
	must_post_recv(&pair.b, 3, &here_, 0, 8);
	{
		struct ibv_sge sge = mem_sge(&there, 0, 8);
		struct ibv_send_wr wr = wr_of(&pair.a, IBV_WR_SEND, &sge, 1);

		must_post(&pair.a, wr);
		expect_wc(pair.a.scq, wr.wr_id, IBV_WC_REM_OP_ERR);
		expect_wc(pair.b.rcq, 3, IBV_WC_LOC_PROT_ERR);
	}
	assert_int_equal(ibv_dereg_mr(here_.mr), 0);
	mem_free(&there);
}

/* A mapping that may only be read is not written to, whatever the region grants. */
static void read_only_mapping(void **state)
{
	struct mem here_, there;
	struct ibv_send_wr wr;
	struct ibv_sge sge;
	struct ibv_wc wc;

	skip_without(MEM_IMPLICIT, &there);
	mem_make(&here_, &node, PAGE, RDMA);
	pattern(there.p, PAGE, 1);
	assert_int_equal(mprotect(there.p, there.size, PROT_READ), 0);
	sge = mem_sge(&here_, 0, 100);
	do_send(&pair.a, wr_at(&pair.a, IBV_WR_RDMA_READ, &sge, 1, &there, 0));
	demand(is_pattern(here_.p, 100, 1), "read");
	wr = wr_at(&pair.a, IBV_WR_RDMA_WRITE, &sge, 1, &there, 200);
	must_post(&pair.a, wr);
	wc = next_wc(pair.a.scq);
	demand(wc.status == IBV_WC_REM_ACCESS_ERR || wc.status == IBV_WC_REM_OP_ERR, "%s",
	       ibv_wc_status_str(wc.status));
	demand(is_pattern(there.p, PAGE, 1), "written");
	mem_free(&there);
	mem_free(&here_);
}

/*---- fork: who sees what a peer writes ----*/

struct scene {
	struct mem *m;
	struct baton baton;
	uint32_t sees;
};

static void child_looks(void *arg)
{
	struct scene *s = arg;

	baton_await_parent(&s->baton);
	demand(is_pattern(s->m->p, SIZE, s->sees), "the child sees text %u no more", s->sees);
}

/*
 * The memory of end b is shared with a child from the fork on: a message for the
 * parent must not be seen by the child, and what the parent writes must be seen by
 * the peer.
 */
static void forked(struct mem *there, struct mem *here_, enum ibv_wr_opcode op, bool first_device)
{
	struct scene s = { .m = there, .sees = 1 };
	struct mem *from = here_;
	pid_t pid;

	baton_make(&s.baton);
	pattern(there->p, SIZE, 1);
	/* Known to the device, in part. */
	move(IBV_WR_RDMA_WRITE, there, here_, SIZE / 2);
	pid = start_child(child_looks, &s);
	if (!first_device)
		pattern(there->p, SIZE, 2);
	pattern(here_->p + 5, SIZE - 10, 3);
	move(op, from, there, SIZE - 10);
	demand(is_pattern(there->p + 5, SIZE - 10, 3), "the parent does not see it");
	pattern(there->p, SIZE, 4);
	move(IBV_WR_RDMA_READ, there, here_, SIZE - 10);
	demand(!memcmp(here_->p + 5, there->p + 5, SIZE - 10), "the peer does not see it");
	baton_to_child(&s.baton);
	end_child(pid);
	baton_free(&s.baton);
}

static void fork__copy_on_write(void **state)
{
	static const enum mem_kind private_kinds[] = {
		MEM_PINNED, MEM_ODP, MEM_IMPLICIT, MEM_HUGE,
	};
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(private_kinds); i++) {
		struct mem there, here_;

		if (!mem_make_kind(&there, &node, SIZE, RDMA, private_kinds[i]))
			continue;
		mem_make(&here_, &node, SIZE, RDMA);
		for (k = 0; k < 6; k++)
			forked(&there, &here_, movers[k % 3], k >= 3);
		mem_free(&there);
		mem_free(&here_);
	}
	write_file("/proc/sys/vm/nr_hugepages", "0");
}

/*---- much of it ----*/

/* A word of every page, each at another place. */
static void same(const struct mem *a, const struct mem *b, const char *what)
{
	size_t i;

	for (i = 0; i < a->size; i += PAGE) {
		size_t at = i + i / PAGE * 8 % PAGE;

		demand(!memcmp(a->p + at, b->p + at, 8), "%s: byte %zu", what, at);
	}
}

static void forget(struct mem *m)
{
	assert_int_equal(madvise(m->p, m->size, MADV_DONTNEED), 0);
}

static void much(void **state)
{
	size_t size = 64 * MIB;
	struct ibv_sge from, to;
	struct mem src, dst;

	skip_on_rxe("too slow, and no memory on demand");
	mem_make(&src, &node, size, RDMA);
	demand(mem_make_kind(&dst, &node, size, RDMA, MEM_ODP), "memory on demand");
	pattern(src.p, size, 1);
	from = mem_sge(&src, 0, size);
	to = mem_sge(&dst, 0, size);
	do_send(&pair.a, wr_at(&pair.a, IBV_WR_RDMA_WRITE, &from, 1, &dst, 0));
	same(&src, &dst, "written");
	forget(&dst);
	do_send(&pair.a, wr_at(&pair.a, IBV_WR_RDMA_READ, &to, 1, &src, 0));
	same(&src, &dst, "read");
	forget(&dst);
	must_post_recv(&pair.b, 1, &dst, 0, size);
	do_send(&pair.a, wr_of(&pair.a, IBV_WR_SEND, &from, 1));
	assert_int_equal(expect_wc(pair.b.rcq, 1, IBV_WC_SUCCESS).byte_len, size);
	same(&src, &dst, "sent");
	mem_free(&src);
	mem_free(&dst);
}

/* From a place to itself, and to its neighbour: what is defined is that it ends well. */
static void overlap(void **state)
{
	struct ibv_sge sge;
	struct mem m;

	mem_make(&m, &node, SIZE, RDMA);
	pattern(m.p, SIZE, 1);
	sge = mem_sge(&m, 0, 100000);
	do_send(&pair.a, wr_at(&pair.a, IBV_WR_RDMA_WRITE, &sge, 1, &m, 0));
	demand(is_pattern(m.p, SIZE, 1), "onto itself");
	do_send(&pair.a, wr_at(&pair.a, IBV_WR_RDMA_WRITE, &sge, 1, &m, 3000));
	do_send(&pair.a, wr_at(&pair.a, IBV_WR_RDMA_READ, &sge, 1, &m, 3000));
	mem_free(&m);
}

#define IN(f)	cmocka_unit_test_setup_teardown(f, open_pair, close_pair)

static const struct CMUnitTest tests[] = {
	IN(kinds), cmocka_unit_test(kinds__ud), IN(remapped), IN(unmapped__remote), IN(unmapped__local),
	IN(read_only_mapping), IN(fork__copy_on_write), IN(much), IN(overlap),
};

LIVE_MAIN("peermem", tests, open_node, close_node)
