// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Many connections between two processes: opened, used for 1 MiB each way, closed.
 * Prints how long that took, and what an idle RC QP costs.
 */

#include <sys/wait.h>

#include "wire.h"

#define SIZE	MIB
/* As many are under way at once, in buffers of their own. */
#define WINDOW	8

static struct wire wire;
static unsigned int count;

/* One side's QPs, and the CQ that they share. */
struct side {
	struct node n;
	struct ibv_cq *cq;
	struct end *ends;
	struct mem buffers;
	struct mem plain;
};

/* Everything but the QPs, its memory touched. */
static void side_open(struct side *s)
{
	node_open(&s->n, default_device());
	s->cq = cq_make(&s->n, 4 * count);
	s->ends = calloc(count, sizeof(*s->ends));
	mem_make(&s->buffers, &s->n, WINDOW * SIZE, ALL_ACCESS);
	mem_make(&s->plain, &s->n, 2 * SIZE, 0);
	memset(s->buffers.p, 0, WINDOW * SIZE);
	pattern(s->plain.p, 2 * SIZE, 7);
}

static void side_make_qps(struct side *s)
{
	struct end_options o;
	unsigned int i;

	o = (struct end_options){ .cq = s->cq, .send_wr = 8, .recv_wr = 8, .send_sge = 1,
				  .recv_sge = 1 };
	for (i = 0; i < count; i++)
		end_open(&s->ends[i], &s->n, &o);
}

static void side_connect(struct side *s, int fd)
{
	struct address *ours = calloc(count, sizeof(*ours)), *theirs;
	unsigned int i;
	char ready = 'r';

	theirs = calloc(count, sizeof(*theirs));
	for (i = 0; i < count; i++)
		ours[i] = end_address(&s->ends[i]);
	wire_tell(fd, ours, count * sizeof(*ours));
	wire_hear(fd, theirs, count * sizeof(*theirs));
	for (i = 0; i < count; i++)
		end_connect(&s->ends[i], &theirs[i]);
	wire_tell(fd, &ready, 1);
	wire_hear(fd, &ready, 1);
	free(ours);
	free(theirs);
}

static void side_close(struct side *s)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		end_close(&s->ends[i]);
	free(s->ends);
	cq_free(s->cq);
	mem_free(&s->buffers);
	mem_free(&s->plain);
	node_close(&s->n);
}

static size_t buffer(unsigned int i)
{
	return i % WINDOW * SIZE;
}

static void give(struct side *s, unsigned int i)
{
	must_post_recv(&s->ends[i], i, &s->buffers, buffer(i), SIZE);
}

static void send(struct side *s, unsigned int i, const struct mem *m, size_t offset)
{
	struct ibv_sge sge = mem_sge(m, offset, SIZE);
	struct ibv_send_wr wr = wr_of(&s->ends[i], IBV_WR_SEND, &sge, 1);

	wr.wr_id = i;
	must_post(&s->ends[i], wr);
}

/* Sends back what comes, once for each connection. */
static void echo(void *arg)
{
	unsigned int received = 0, sent = 0, i;
	struct side s;
	char go;

	side_open(&s);
	wire_tell(wire.fd[1], "o", 1);
	wire_hear(wire.fd[1], &go, 1);
	side_make_qps(&s);
	side_connect(&s, wire.fd[1]);
	wire_hear(wire.fd[1], &go, 1);
	for (i = 0; i < count; i++)
		give(&s, i);
	wire_tell(wire.fd[1], &go, 1);
	while (received < count || sent < count) {
		struct ibv_wc wc = next_wc(s.cq);

		demand(wc.status == IBV_WC_SUCCESS, "%s", ibv_wc_status_str(wc.status));
		if (wc.opcode == IBV_WC_RECV) {
			received++;
			send(&s, wc.wr_id, &s.buffers, buffer(wc.wr_id));
		} else {
			sent++;
		}
	}
	wire_hear(wire.fd[1], &go, 1);
	side_close(&s);
}

/* Each connection's message is another piece of the same text. */
static void use(struct side *s)
{
	unsigned int started = 0, back = 0, sent = 0;
	bool finished[WINDOW] = {};

	for (; back < count || sent < count;) {
		struct ibv_wc wc;

		while (started < count && started < back + WINDOW && !finished[started % WINDOW]) {
			give(s, started);
			send(s, started, &s->plain, started * 8 % SIZE);
			started++;
		}
		wc = next_wc(s->cq);
		demand(wc.status == IBV_WC_SUCCESS, "connection %llu: %s",
		       (unsigned long long)wc.wr_id, ibv_wc_status_str(wc.status));
		if (wc.opcode != IBV_WC_RECV) {
			sent++;
			continue;
		}
		demand(wc.byte_len == SIZE, "%u bytes", wc.byte_len);
		demand(!memcmp(s->buffers.p + buffer(wc.wr_id),
			       s->plain.p + wc.wr_id * 8 % SIZE, SIZE),
		       "connection %llu: not what was sent", (unsigned long long)wc.wr_id);
		/* A buffer is free for the next lap when all before it are back, too. */
		finished[wc.wr_id % WINDOW] = true;
		while (back < started && finished[back % WINDOW])
			finished[back++ % WINDOW] = false;
	}
}

/* What all of the system uses, in KiB. */
struct usage {
	long long free, slab, vmalloc, percpu;
};

static struct usage usage(void)
{
	return (struct usage) {
		.free = field_of("/proc/meminfo", "MemFree"),
		.slab = field_of("/proc/meminfo", "Slab"),
		.vmalloc = field_of("/proc/meminfo", "VmallocUsed"),
		.percpu = field_of("/proc/meminfo", "Percpu"),
	};
}

static void report_memory(const struct usage *before, const struct usage *after)
{
	double qps = 2 * count;

	print_message("# %u idle RC QPs: each %.1f KiB of memory (slab %.1f, vmalloc %.1f,"
		      " per-CPU %.1f)\n", 2 * count, (before->free - after->free) / qps,
		      (after->slab - before->slab) / qps, (after->vmalloc - before->vmalloc) / qps,
		      (after->percpu - before->percpu) / qps);
}

static void connections(void **state)
{
	struct usage before, after;
	uint64_t t[4];
	struct side s;
	pid_t pid;
	char go = 'g';

	count = rounds(50, 1000);
	wire_make(&wire);
	pid = start_child(echo, NULL);
	side_open(&s);
	wire_hear(wire.fd[0], &go, 1);
	before = usage();
	t[0] = now_ms();
	wire_tell(wire.fd[0], &go, 1);
	side_make_qps(&s);
	side_connect(&s, wire.fd[0]);
	t[1] = now_ms();
	after = usage();
	wire_tell(wire.fd[0], &go, 1);
	wire_hear(wire.fd[0], &go, 1);
	use(&s);
	t[2] = now_ms();
	wire_tell(wire.fd[0], &go, 1);
	side_close(&s);
	end_child(pid);
	t[3] = now_ms();
	wire_free(&wire);
	print_message("# %u connections: opened in %llu ms, 1 MiB each way in %llu ms,"
		      " closed in %llu ms\n", count, (unsigned long long)(t[1] - t[0]),
		      (unsigned long long)(t[2] - t[1]), (unsigned long long)(t[3] - t[2]));
	/* Of a few, MemFree tells nothing: CPUs keep free pages at hand. */
	if (count >= 500)
		report_memory(&before, &after);
	if (!node.rxe)
		assert_between(t[3] - t[0], 0, 60000);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(connections),
};

LIVE_MAIN("many", tests, open_node, close_node)
