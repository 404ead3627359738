// SPDX-License-Identifier: GPL-2.0
/*
 * Any command at all of any operation: whatever it does, it does the same however its
 * operands are cut up, and leaves alone what it is not to write.
 *
 * Input: opcode, how operands are cut, sources and destinations of lanes, algorithm and
 * length of the key (2), the key, lengths of the destination (2) and of the third operand
 * (2), the block (16), the extension slot's (32), the third operand, the source. seeds.c
 * makes such of the unit tests' vectors.
 */
#include <linux/minmax.h>

#include "fuzz.h"
#include "run.h"

#define OPERAND_MAX	8192

/**
 * struct trial - a command, to be run more than once
 * @run:	what is the same each time
 * @ext:	its extension slot
 * @before:	the destination before
 * @aux:	the third operand before
 */
struct trial {
	struct unit_run run;
	struct axe_cmd_ext ext;
	u8 *before;
	u8 *aux;
};

static void take_key(struct trial *t, struct fuzz_in *in, u8 *bytes)
{
	struct axe_key key = {};
	u8 alg = fuzz_u8(in), len = fuzz_u8(in);
	u32 uses;

	fuzz_take(in, bytes, len);
	/* What is no key, no command sees. The first says what it may be for. */
	axe_key_init(&key, alg, ~0, bytes, len);
	uses = key.alg ? key.alg->uses : 0;
	if (axe_key_init(&key, alg, uses, bytes, len))
		return;
	axe_key_fini(&key);
	t->run.key = (struct unit_key) { alg, bytes, len, uses };
}

/* Lengths as the device would let them through. */
static void take_lengths(struct trial *t, struct fuzz_in *in, const struct axe_op *op)
{
	size_t dst_len = fuzz_u16(in), aux_len = fuzz_u16(in);

	t->run.dst_len = min_t(size_t, min_t(size_t, dst_len, op->max_dst), OPERAND_MAX);
	t->run.aux_len = min_t(size_t, min_t(size_t, aux_len, op->max_aux), OPERAND_MAX);
}

static void take_operands(struct trial *t, struct fuzz_in *in, const struct axe_op *op)
{
	struct unit_run *run = &t->run;
	size_t same;

	t->aux = fuzz_alloc(run->aux_len);
	if (run->aux_len)
		fuzz_take(in, t->aux, run->aux_len);
	run->src = in->p;
	run->src_len = op->max_src ? min_t(size_t, in->left, OPERAND_MAX) : 0;
	if (op->lanes) {
		/* All have one length. */
		size_t len = run->num_src ? run->src_len / run->num_src :
			     run->num_dst ? run->dst_len / run->num_dst : 0;

		len = run->num_dst ? min_t(size_t, len, OPERAND_MAX / run->num_dst) : len;
		run->src_len = len * run->num_src;
		run->dst_len = len * run->num_dst;
	}
	t->before = fuzz_alloc(run->dst_len);
	unit_random_bytes(t->before, run->dst_len);
	/* For what compares: equal up to somewhere. */
	same = min(run->src_len, run->dst_len);
	if (same)
		memcpy(t->before, run->src, unit_random(same) + unit_random(2));
}

static struct unit_run run_cut(const struct trial *t, enum unit_cut src_cut, enum unit_cut dst_cut)
{
	const struct axe_op *op = axe_ops[le16_to_cpu(t->run.cmd.opcode)];
	struct unit_run run = t->run;

	run.ext = &t->ext;
	run.dst = fuzz_alloc(run.dst_len);
	run.aux = fuzz_alloc(run.aux_len);
	if (run.dst_len)
		memcpy(run.dst, t->before, run.dst_len);
	if (run.aux_len)
		memcpy(run.aux, t->aux, run.aux_len);
	run.src_cut = src_cut;
	run.dst_cut = dst_cut;
	unit_run(&run);
	unit_drop(&run);
	if (!(op->flags & AXE_OP_WRITES_DST))
		fuzz_check(!run.dst_len || !memcmp(run.dst, t->before, run.dst_len), "it wrote");
	if (!(op->flags & AXE_OP_WRITES_AUX))
		fuzz_check(!run.aux_len || !memcmp(run.aux, t->aux, run.aux_len), "it wrote");
	return run;
}

static void compare(const struct unit_run *a, const struct unit_run *b)
{
	/* Behind what it has written, Zstandard's library may leave anything. */
	bool all = le16_to_cpu(a->cmd.opcode) != AXE_OP_ZSTD_COMPRESS;
	size_t len;

	/* How much of a stream's source was taken in depends on the pieces. */
	if (a->code == AXE_INFO_MORE && b->code == AXE_INFO_MORE)
		return;
	fuzz_check(a->code == b->code, "%d, %d", a->code, b->code);
	fuzz_check(!memcmp(a->result, b->result, sizeof(a->result)), "%llx %llx, %llx %llx",
		   (unsigned long long)a->result[0], (unsigned long long)a->result[1],
		   (unsigned long long)b->result[0], (unsigned long long)b->result[1]);
	if (a->code != AXE_OK)
		return;
	fuzz_check(a->done == b->done, "%llu, %llu", (unsigned long long)a->done,
		   (unsigned long long)b->done);
	len = all ? a->dst_len : min_t(size_t, a->done, a->dst_len);
	fuzz_check(!len || !memcmp(a->dst, b->dst, len), "other bytes");
	fuzz_check(!a->aux_len || !memcmp(a->aux, b->aux, a->aux_len), "other bytes");
}

static void release(struct unit_run *run)
{
	free(run->dst);
	free(run->aux);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_in in = { data, size };
	u16 opcode = fuzz_u8(&in) % AXE_OP_MAX;
	const struct axe_op *op = axe_ops[opcode];
	struct trial t = { .run = { .cmd = unit_cmd(opcode) } };
	struct unit_run whole, cut;
	u8 cuts = fuzz_u8(&in), num_src = fuzz_u8(&in), num_dst = fuzz_u8(&in);
	u8 key[256];

	unit_seed(fuzz_hash(data, size));
	if (op->lanes) {
		t.run.num_src = min_t(unsigned int, num_src, op->max_src_list);
		t.run.num_dst = min_t(unsigned int, num_dst, op->max_dst_list);
	}
	take_key(&t, &in, key);
	take_lengths(&t, &in, op);
	fuzz_take(&in, t.run.cmd.op.raw, sizeof(t.run.cmd.op.raw));
	fuzz_take(&in, t.ext.op.raw, sizeof(t.ext.op.raw));
	take_operands(&t, &in, op);
	whole = run_cut(&t, UNIT_WHOLE, UNIT_WHOLE);
	cut = run_cut(&t, cuts % UNIT_CUTS, cuts / UNIT_CUTS % UNIT_CUTS);
	compare(&whole, &cut);
	release(&whole);
	release(&cut);
	free(t.before);
	free(t.aux);
	return 0;
}
