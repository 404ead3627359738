// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* What can be seen from outside: counters, resources, traces. */

#include <fcntl.h>

#include "common.h"
#include "vectors.h"

static struct rig rig;

/*---- counters ----*/

struct delta {
	const char *name;
	uint64_t before;
};

static uint64_t since(const struct delta *d)
{
	return counter(rig.device, d->name) - d->before;
}

static struct delta watch(const char *name)
{
	return (struct delta) { name, counter(rig.device, name) };
}

static void counters__of_operations(void **state)
{
	size_t size = 100000;
	uint8_t *src = pages(size), *dst = pages(2 * size);
	struct ibv_sge s = here(&rig, src, size), d = here(&rig, dst, size);
	struct ibv_sge big = here(&rig, dst, 2 * size), none = { 0x1000, 5, 0x77777 };
	static const char *const ops[] = {
		"nop", "copy", "fill", "compare", "crc32", "crc32c", "compress", "decompress",
	};
	/* commands, bytes read, bytes written, errors */
	uint64_t expected[][4] = {
		[AXE_OP_NOP] = { 1, 0, 0, 0 },
		[AXE_OP_COPY] = { 2, size, size, 1 },
		[AXE_OP_FILL] = { 1, 0, size, 0 },
		[AXE_OP_COMPARE] = { 1, size, 0, 0 },
		[AXE_OP_CRC32] = { 3, size, 0, 2 },
		[AXE_OP_CRC32C] = { 1, size, 0, 0 },
		[AXE_OP_COMPRESS] = { 1, size, 0, 0 },
		[AXE_OP_DECOMPRESS] = { 1, 0, size, 0 },
	};
	static const char *const kinds[] = { "cmds", "bytes_in", "bytes_out", "errors" };
	struct delta deltas[ARRAY_SIZE(ops)][4];
	char names[ARRAY_SIZE(ops)][4][32];
	unsigned int i, k;
	struct wc wc;

	fill_text(src, size, 1);
	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		for (k = 0; k < 4; k++) {
			snprintf(names[i][k], 32, "%s_%s", ops[i], kinds[k]);
			deltas[i][k] = watch(names[i][k]);
		}
	}
	assert_done(run(&rig, nop));
	assert_done(run(&rig, copy, &d, &s));
	assert_code(run(&rig, copy, &none, &none), AXE_ERR_KEY);
	assert_done(run(&rig, compare, &d, &s));
	assert_done(run(&rig, fill, &d, "f", 1));
	assert_done(run(&rig, crc32, &s, 0));
	assert_code(run(&rig, crc32, &none, 0), AXE_ERR_KEY);
	assert_code(run(&rig, crc32, &none, 0), AXE_ERR_KEY);
	assert_done(run(&rig, crc32c, &s, 0));
	wc = run(&rig, compress, &big, &s, AXE_FORMAT_RAW, 6, 0);
	assert_done(wc);
	expected[AXE_OP_COMPRESS][2] = wc.byte_len;
	expected[AXE_OP_DECOMPRESS][1] = wc.byte_len;
	big.length = wc.byte_len;
	assert_done(run(&rig, decompress, &s, &big, AXE_FORMAT_RAW, 0));

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		for (k = 0; k < 4; k++)
			demand(since(&deltas[i][k]) == expected[i][k], "%s: %llu, not %llu",
			       names[i][k], (unsigned long long)since(&deltas[i][k]),
			       (unsigned long long)expected[i][k]);
	}
	munmap(src, size);
	munmap(dst, 2 * size);
}

static void counters__of_paging(void **state)
{
	unsigned int n = 48;
	uint8_t *p = small_pages(n * PAGE);
	struct ibv_sge s = here(&rig, p, n * PAGE);
	struct delta faults = watch("page_faults"), faulted = watch("pages_faulted");
	struct delta time = watch("fault_ns"), invalidated = watch("invalidations");
	struct delta prefetched = watch("prefetched_pages");
	uint64_t start = now_ns();

	memset(p, 1, n * PAGE);
	assert_done(run(&rig, crc32, &s, 0));
	assert_between(since(&faults), 1, n);
	assert_between(since(&faulted), n, n + 16);
	assert_between(since(&time), 1, now_ns() - start);
	assert_int_equal(since(&prefetched), 0);
	assert_int_equal(since(&invalidated), 0);
	/* Warm: nothing. */
	faults = watch("page_faults");
	assert_done(run(&rig, crc32, &s, 0));
	assert_int_equal(since(&faults), 0);

	assert_int_equal(madvise(p, n * PAGE, MADV_DONTNEED), 0);
	assert_between(since(&invalidated), 1, n);
	assert_int_equal(ibv_advise_mr(rig.pd, IBV_ADVISE_MR_ADVICE_PREFETCH_WRITE,
				       IBV_ADVISE_MR_FLAG_FLUSH, &s, 1), 0);
	assert_int_equal(since(&prefetched), n);
	assert_int_equal(since(&faults), 0);
	munmap(p, n * PAGE);
}

static void counters__of_doorbells(void **state)
{
	struct delta doorbells = watch("doorbells"), wakeups = watch("wakeups");
	struct rig worker;
	unsigned int i;

	/* In the system call: a bell each, nobody is woken. */
	for (i = 0; i < 10; i++)
		assert_done(run(&rig, nop));
	assert_int_equal(since(&doorbells), 10);
	assert_int_equal(since(&wakeups), 0);
	rig_share(&worker, &rig);
	rig_open_queue(&worker, &(struct rig_options){ .mode = AXE_QUEUE_WORKER });
	for (i = 0; i < 10; i++)
		assert_done(run(&worker, nop));
	assert_between(since(&doorbells), 11, 20);
	assert_between(since(&wakeups), 1, 30);
	rig_close_queue(&worker);
}

/* One device's are not the other's. */
static void counters__of_two_devices(void **state)
{
	uint64_t before = counter("axe1", "nop_cmds");

	assert_done(run(&rig, nop));
	assert_int_equal(counter("axe1", "nop_cmds"), before);
}

/*---- rdma tool ----*/

static void has(const char *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void has(const char *text, const char *fmt, ...)
{
	char want[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(want, sizeof(want), fmt, ap);
	va_end(ap);
	demand(strstr(text, want), "no '%s' in:\n%s", want, text);
}

static void rdma_statistic__shows_all(void **state)
{
	static const char *const names[] = {
		"page_faults", "pages_faulted", "fault_ns", "invalidations", "prefetched_pages",
		"doorbells", "wakeups", "cq_overflows", "nop_cmds", "copy_bytes_in",
		"compress_bytes_out", "decompress_errors",
	};
	unsigned long long value = counter(rig.device, "nop_cmds");
	unsigned int i;
	char *text;

	assert_int_equal(shell(&text, "rdma statistic show link %s/1", rig.device), 0);
	for (i = 0; i < ARRAY_SIZE(names); i++)
		has(text, " %s ", names[i]);
	has(text, " nop_cmds %llu ", value);
	free(text);
	assert_int_equal(shell(&text, "rdma -j statistic show link %s/1", rig.device), 0);
	has(text, "\"nop_cmds\":%llu,", value);
	free(text);
}

static void rdma_resource__shows_the_queue(void **state)
{
	struct rig worker;
	char *text, *line, *end, key[32];

	rig_share(&worker, &rig);
	rig_open_queue(&worker, &(struct rig_options){
		.mode = AXE_QUEUE_WORKER, .flags = AXE_QUEUE_UNORDERED, .depth = 100, .lanes = 3 });
	assert_int_equal(shell(&text, "rdma resource show qp link %s -dd", rig.device), 0);
	snprintf(key, sizeof(key), "lqpn %u ", worker.qp->qp_num);
	line = strstr(text, key);
	demand(line, "no %sin:\n%s", key, text);
	/* Up to the next one: details are on lines of their own. */
	end = strstr(line, "\nlink ");
	if (end)
		*end = 0;
	has(line, "type DRIVER");
	has(line, "state RTS");
	has(line, "drv_mode worker");
	has(line, "drv_queue running");
	has(line, "drv_order none");
	has(line, "drv_slots 256");
	has(line, "drv_posted 0");
	has(line, "drv_running 0");
	has(line, "drv_lanes 3");
	free(text);
	rig_close_queue(&worker);
}

static void rdma_resource__shows_regions_and_cqs(void **state)
{
	char *text;

	assert_int_equal(shell(&text, "rdma resource show mr dev %s -dd", rig.device), 0);
	has(text, "mrlen");
	has(text, "comm");
	free(text);
	assert_int_equal(shell(&text, "rdma resource show cq dev %s", rig.device), 0);
	has(text, "cqe 512");
	free(text);
	assert_int_equal(shell(&text, "rdma resource show %s", rig.device), 0);
	has(text, "ctx 1 ");
	free(text);
}

/*---- traces ----*/

#define TRACING "/sys/kernel/tracing/"

static void traces__fire(void **state)
{
	/* Not across 2 MiB, where the device's page tables end: that would make two faults. */
	uint8_t *map = small_pages(4 * MIB), *p = (void *)(((uintptr_t)map + 2 * MIB) & -(2 * MIB));
	struct ibv_sge s = here(&rig, p, 4 * PAGE), bad = { 16, 5, rig.mr->lkey };
	char *text;

	if (access(TRACING "events/axe", F_OK))
		skip_because("tracefs is not mounted");
	write_file(TRACING "trace", "\n");
	write_file(TRACING "events/axe/enable", "1");
	memset(p, 1, 4 * PAGE);
	rig.next_id = 4710;
	assert_done(run(&rig, crc32, &s, 0));
	assert_int_equal(madvise(p, 4 * PAGE, MADV_DONTNEED), 0);
	assert_code(run(&rig, crc32, &bad, 0), AXE_ERR_FAULT);
	write_file(TRACING "events/axe/enable", "0");
	shell(&text, "cat " TRACING "trace");

	has(text, "axe_submit: %s qp %u wr_id 4711 op %u flags 0x1 src %lu dst 0", rig.device,
	    rig.qp->qp_num, AXE_OP_CRC32, 4 * PAGE);
	has(text, "axe_complete: %s qp %u wr_id 4711 op %u code 0", rig.device, rig.qp->qp_num,
	    AXE_OP_CRC32);
	has(text, "axe_complete: %s qp %u wr_id 4712 op %u code %d", rig.device, rig.qp->qp_num,
	    AXE_OP_CRC32, AXE_ERR_FAULT);
	has(text, "axe_fault:");
	has(text, "va %p length %lu flags 0x0 ret 4", (void *)p, 4 * PAGE);
	has(text, "va 0x10 length 5 flags 0x0 ret -14");
	has(text, "axe_invalidate:");
	has(text, "va %p-%p pages 4", (void *)p, (void *)p + 4 * PAGE);
	free(text);
	write_file(TRACING "trace", "\n");
	munmap(map, 4 * MIB);
}

static int setup(void **state)
{
	rig_open(&rig, NULL);
	return 0;
}

static int teardown(void **state)
{
	rig_close(&rig);
	return 0;
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(counters__of_operations),
	cmocka_unit_test(counters__of_paging),
	cmocka_unit_test(counters__of_doorbells),
	cmocka_unit_test(counters__of_two_devices),
	cmocka_unit_test(rdma_statistic__shows_all),
	cmocka_unit_test(rdma_resource__shows_the_queue),
	cmocka_unit_test(rdma_resource__shows_regions_and_cqs),
	cmocka_unit_test(traces__fire),
};

LIVE_MAIN("stats", tests, setup, teardown)
