// SPDX-License-Identifier: GPL-2.0
/*
 * Any command block at all for the operations without a format: it is refused,
 * or it does what a few lines here do.
 *
 * Input: opcode, how operands are cut, whether there is an extension slot, the
 * block (16), length of the destination (2), of an extension slot its operands
 * (48), the source.
 */
#include <linux/minmax.h>
#include <zlib.h>

#include "fuzz.h"
#include "run.h"

#define DST_MAX		8192

struct trial {
	struct unit_run run;
	u8 *src;
	u8 *dst;
	u8 *before;
};

static bool is_zero(const u8 *p, size_t n)
{
	while (n--)
		if (*p++)
			return false;
	return true;
}

static u32 slow_crc32c(u32 crc, const u8 *p, size_t n)
{
	crc = ~crc;
	while (n--) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

/* By the text of docs/abi.md. */
static bool is_good(const struct trial *t, u16 opcode, const struct axe_cmd_ext *ext)
{
	const struct axe_cmd *cmd = &t->run.cmd;
	u8 size = cmd->op.fill.size;

	if (ext && (!is_zero(ext->op.raw, sizeof(ext->op)) ||
		    !is_zero((const u8 *)&ext->aux, sizeof(ext->aux))))
		return false;
	switch (opcode) {
	case AXE_OP_FILL:
		return size >= 1 && size <= 8 &&
		       is_zero(cmd->op.fill.pattern + size, 8 - size) &&
		       is_zero(cmd->op.fill.reserved, sizeof(cmd->op.fill.reserved));
	case AXE_OP_CRC32:
	case AXE_OP_CRC32C:
		return is_zero(cmd->op.crc.reserved, sizeof(cmd->op.crc.reserved));
	case AXE_OP_NOP:
		return is_zero(cmd->op.raw, sizeof(cmd->op.raw));
	default:
		return is_zero(cmd->op.raw, sizeof(cmd->op.raw)) &&
		       t->run.src_len == t->run.dst_len;
	}
}

static size_t first_difference(const u8 *a, const u8 *b, size_t n)
{
	size_t i = 0;

	while (i < n && a[i] == b[i])
		i++;
	return i;
}

static void check_result(const struct trial *t, u16 opcode)
{
	const struct unit_run *run = &t->run;
	size_t n = run->dst_len, i;

	switch (opcode) {
	case AXE_OP_COPY:
		fuzz_check(!n || !memcmp(t->dst, t->src, n), "not a copy");
		break;
	case AXE_OP_FILL:
		for (i = 0; i < n; i++)
			fuzz_check(t->dst[i] == run->cmd.op.fill.pattern[i % run->cmd.op.fill.size],
				   "byte %zu", i);
		break;
	case AXE_OP_COMPARE:
		i = first_difference(t->src, t->before, n);
		fuzz_check(run->result[0] == (i < n ? i : ~0ULL), "%llu, not %zu",
			   (unsigned long long)run->result[0], i);
		break;
	case AXE_OP_CRC32:
		fuzz_check(run->result[0] ==
			   crc32_z(le32_to_cpu(run->cmd.op.crc.seed), run->src_len ? t->src :
				   (const u8 *)"", run->src_len), "the CRC");
		break;
	case AXE_OP_CRC32C:
		fuzz_check(run->result[0] ==
			   slow_crc32c(le32_to_cpu(run->cmd.op.crc.seed), t->src, run->src_len),
			   "the CRC");
		break;
	}
	if (!(axe_ops[opcode]->flags & AXE_OP_WRITES_DST))
		fuzz_check(!n || !memcmp(t->dst, t->before, n), "it wrote");
}

static void operands(struct trial *t, struct fuzz_in *in, u16 opcode, size_t room)
{
	const struct axe_op *op = axe_ops[opcode];

	t->run.src_len = op->max_src ? in->left : 0;
	/* Most often lengths that are of use. */
	t->run.dst_len = op->max_dst ? room % 4 && op->max_src ? in->left : room % DST_MAX : 0;
	t->src = fuzz_alloc(t->run.src_len);
	t->dst = fuzz_alloc(t->run.dst_len);
	t->before = fuzz_alloc(t->run.dst_len);
	unit_random_bytes(t->before, t->run.dst_len);
	if (t->run.src_len) {
		size_t same = min(t->run.src_len, t->run.dst_len);

		memcpy(t->src, in->p, t->run.src_len);
		/* For compare: equal up to somewhere. */
		memcpy(t->before, t->src, same ? unit_random(same) + unit_random(2) : 0);
	}
	if (t->run.dst_len)
		memcpy(t->dst, t->before, t->run.dst_len);
	t->run.src = t->src;
	t->run.dst = t->dst;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_in in = { data, size };
	u16 opcode = fuzz_u8(&in) % AXE_OP_COMPRESS;
	struct trial t = { .run = { .cmd = unit_cmd(opcode) } };
	u8 cuts = fuzz_u8(&in), has_ext = fuzz_u8(&in);
	struct axe_cmd_ext ext = {};
	size_t room;
	bool good;

	unit_seed(fuzz_hash(data, size));
	fuzz_take(&in, t.run.cmd.op.raw, sizeof(t.run.cmd.op.raw));
	room = fuzz_u16(&in);
	if (has_ext & 1) {
		fuzz_take(&in, (u8 *)&ext.aux, sizeof(ext.aux) + sizeof(ext.op));
		ext.aux.length = 0;
		t.run.ext = &ext;
	}
	operands(&t, &in, opcode, room);
	t.run.src_cut = cuts % UNIT_CUTS;
	t.run.dst_cut = cuts / UNIT_CUTS % UNIT_CUTS;
	good = is_good(&t, opcode, t.run.ext);
	unit_run(&t.run);
	fuzz_check(good == (t.run.code == AXE_OK), "%d", t.run.code);
	if (good)
		check_result(&t, opcode);
	free(t.src);
	free(t.dst);
	free(t.before);
	return 0;
}
