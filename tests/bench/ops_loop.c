// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Each operation on 64 KiB: as a command, and in a loop in the kernel
 *
 * tests/ops knows a good command of every operation: its check is run once, and the first
 * command that it has posted is done again and again, posted to a queue that works in the
 * doorbell's system call, and by the device's self-test, which has no queue, no memory of
 * a process and no completion. In turns; the medians of many.
 */
#include <endian.h>
#include <fcntl.h>

#include "../ops/ops.h"
#include "ops.h"

#define LENGTH		65536
#define SEED		15	/* with which the checks take AES-128 in CBC and GCM */
#define ROUNDS		9
#define ENOUGH_NS	3000000	/* for a round */
#define SELFTEST	"/sys/kernel/debug/axe/selftest"

/* As kernel/selftest.c has it. */
struct selftest {
	uint32_t rounds;
	uint32_t direct;
	uint32_t key;
	uint32_t key_len;
	struct axe_cmd cmd;
	struct axe_cmd_ext ext;
};

static int selftest_fd;
static struct axedv_key *cbc, *gcm;

/* What was posted first of an operation since the tail was @from. */
static bool capture(struct selftest *t, unsigned int opcode, uint32_t from)
{
	const uint8_t *slots = (uint8_t *)rig.sq_ring + AXE_RING_ENTRIES;
	uint32_t mask = rig.sq_ring->slots - 1, tail = rig.sq_ring->tail;
	bool found = false;

	while (from != tail) {
		const struct axe_cmd *cmd = (void *)(slots + (from++ & mask) * AXE_SLOT_SIZE);
		bool mine = !found && le16toh(cmd->opcode) == opcode;

		if (mine) {
			t->cmd = *cmd;
			memset(&t->ext, 0, sizeof(t->ext));
			found = true;
		}
		if (!cmd->ext)
			continue;
		if (mine)
			memcpy(&t->ext, slots + (from & mask) * AXE_SLOT_SIZE, sizeof(t->ext));
		from++;
	}
	t->cmd.flags = 0;
	t->cmd.wr_id = 0;
	memset(&t->ext.result, 0, sizeof(t->ext.result));
	return found;
}

static struct axedv_key *make_key(enum axe_key_algorithm algorithm)
{
	uint8_t bytes[16];
	unsigned int i;

	/* As the self-test's. */
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = i;
	return axedv_create_key(rig.pd, algorithm, AXE_KEY_ENCRYPT | AXE_KEY_DECRYPT, bytes,
				sizeof(bytes));
}

static void have_key(struct selftest *t, struct axedv_key *key, enum axe_key_algorithm algorithm)
{
	t->key = algorithm;
	t->key_len = 16;
	t->cmd.op.key = htole32(axedv_key_number(key));
}

/* What the check had as a key is gone. Returns false for one that we know nothing of. */
static bool mend(struct selftest *t, const struct axe_op_info *op)
{
	struct axe_cmd seal;

	if (!(op->flags & AXE_OP_HAS_KEY))
		return true;
	if (op->opcode == AXE_OP_ENCRYPT || op->opcode == AXE_OP_DECRYPT) {
		have_key(t, cbc, AXE_KEY_AES_CBC);
		return true;
	}
	if (op->opcode != AXE_OP_SEAL && op->opcode != AXE_OP_OPEN)
		return false;
	have_key(t, gcm, AXE_KEY_AES_GCM);
	if (op->opcode == AXE_OP_OPEN) {
		seal = t->cmd;
		seal.opcode = htole16(AXE_OP_SEAL);
		seal.src = t->cmd.dst;
		seal.dst = t->cmd.src;
		return run_cmd(&rig, &seal, &t->ext).code == AXE_OK;
	}
	return true;
}

static uint64_t by_command(const struct selftest *t, unsigned int n)
{
	uint64_t start = now_ns();
	unsigned int i;
	struct wc wc;

	for (i = 0; i < n; i++) {
		rig_begin(&rig, 1, IBV_SEND_SIGNALED);
		axedv_wr_cmd(rig.qx, &t->cmd, t->cmd.ext ? &t->ext : NULL);
		rig_end(&rig);
		while (!rig_poll(&rig, &wc))
			;
		demand(wc.code == AXE_OK, "%s", axedv_code_str(wc.code));
	}
	return (now_ns() - start) / n;
}

/* 0: it cannot be done that way. */
static uint64_t by_selftest(struct selftest *t, unsigned int n, bool direct)
{
	uint64_t ns;

	t->rounds = n;
	t->direct = direct;
	if (write(selftest_fd, t, sizeof(*t)) != sizeof(*t))
		return 0;
	demand(read(selftest_fd, &ns, sizeof(ns)) == sizeof(ns), "self-test");
	return ns / n ? ns / n : 1;
}

static void print_ratio(uint64_t ns, uint64_t command)
{
	if (ns)
		printf(" %.1f | %.2f |", ns / 1e3, (double)ns / command);
	else
		printf(" | |");
}

static void measure(struct selftest *t, const char *name)
{
	uint64_t command[ROUNDS], loop[ROUNDS], direct[ROUNDS], once = by_command(t, 1);
	unsigned int n = once < ENOUGH_NS ? ENOUGH_NS / once : 1;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		command[i] = by_command(t, n);
		loop[i] = by_selftest(t, n, false);
		direct[i] = by_selftest(t, n, true);
	}
	once = median(command, ROUNDS);
	printf("| %s | %.1f |", name, once / 1e3);
	print_ratio(median(loop, ROUNDS), once);
	print_ratio(median(direct, ROUNDS), once);
	printf("\n");
}

static void measure_op(const struct axe_op_info *op, const struct operands *o)
{
	const struct op_check *c = check_of(op->opcode);
	uint32_t tail = rig.sq_ring->tail;
	struct selftest t = {};
	struct wc wc;

	if (!c)
		return;
	c->check(o);
	if (!capture(&t, op->opcode, tail) || !(t.cmd.src.length | t.cmd.dst.length))
		return;
	if (!mend(&t, op)) {
		printf("| %s | no key for it here |\n", op->name);
		return;
	}
	wc = run_cmd(&rig, &t.cmd, t.cmd.ext ? &t.ext : NULL);
	if (wc.code == AXE_OK)
		measure(&t, op->name);
	else
		printf("| %s | not repeated: %s |\n", op->name, axedv_code_str(wc.code));
}

void bench_loop(void)
{
	struct rig_options options = { .mode = AXE_QUEUE_INLINE, .offload = AXE_OFFLOAD_NEVER };
	struct axe_op_info ops[128];
	struct area area[3];
	struct operands o = {
		.src = &area[0], .dst = &area[1], .aux = &area[2], .src_at = PAGE,
		.dst_at = PAGE, .aux_at = PAGE, .length = LENGTH, .seed = SEED,
	};
	int i, n;

	rig_open(&rig, &options);
	scratch = pages(SCRATCH);
	selftest_fd = open(SELFTEST, O_RDWR | O_CLOEXEC);
	demand(selftest_fd >= 0, SELFTEST);
	for (i = 0; i < 3; i++)
		area_make(&rig, &area[i], EXPLICIT, 2 * LENGTH + 16 * PAGE);
	cbc = make_key(AXE_KEY_AES_CBC);
	gcm = make_key(AXE_KEY_AES_GCM);
	demand(cbc && gcm, "keys");
	printf("\n| 64 KiB, us each | command | operation in a loop | ratio ");
	printf("| kernel's routine in a loop | ratio |\n"
	       "| --- | ---: | ---: | ---: | ---: | ---: |\n");
	n = axedv_query_ops(rig.ctx, ops, ARRAY_SIZE(ops));
	for (i = 0; i < n; i++)
		measure_op(&ops[i], &o);
	for (i = 0; i < 3; i++)
		area_free(&area[i]);
	axedv_destroy_key(cbc);
	axedv_destroy_key(gcm);
	close(selftest_fd);
	munmap(scratch, SCRATCH);
	rig_close(&rig);
}
