// SPDX-License-Identifier: GPL-2.0
#include <linux/minmax.h>

#include "ops/chain.h"
#include "run.h"

#define PAGE		4096
/* Where in its page an operand begins, under UNIT_PAGES. */
#define PAGE_OFFSET	1001

/* One operand while it is handed out. */
struct operand {
	u8 *base;
	size_t len;
	size_t given;
	enum unit_cut cut;
	bool backward;
	u8 *piece;
	size_t piece_at;
	size_t piece_len;
};

static size_t operand_cut(const struct operand *o)
{
	size_t left = o->len - o->given;
	size_t n = AXE_PIECE_MAX;

	switch (o->cut) {
	case UNIT_BYTES:
		n = 1;
		break;
	case UNIT_PAGES:
		n = PAGE - (o->given + PAGE_OFFSET) % PAGE;
		break;
	case UNIT_RANDOM:
		n = unit_random(unit_random(2) ? 16 : 9000);
		/* Empty pieces come at the ends, if at all. */
		if (!n && o->given && o->given != o->len)
			n = 1;
		break;
	default:
		break;
	}
	return min(n, left);
}

/* Hand out the next piece; false if @o was the last. */
static bool operand_next(struct operand *o)
{
	size_t n = operand_cut(o);

	o->piece_at = o->backward ? o->len - o->given - n : o->given;
	o->piece_len = n;
	o->given += n;
	/* Of an operand that a command does not have, there is not even an address. */
	o->piece = NULL;
	if (o->len) {
		o->piece = malloc(n);
		assert_non_null(o->piece);
	}
	if (n)
		memcpy(o->piece, o->base + o->piece_at, n);
	return o->given == o->len;
}

static void operand_put(struct operand *o, bool write)
{
	if (write && o->piece_len)
		memcpy(o->base + o->piece_at, o->piece, o->piece_len);
	free(o->piece);
	o->piece = NULL;
}

struct axe_cmd unit_cmd(enum axe_opcode opcode)
{
	struct axe_cmd cmd = { .opcode = cpu_to_le16(opcode) };

	return cmd;
}

static bool unit_is_zero(const void *p, size_t len)
{
	const u8 *bytes = p;

	while (len--)
		if (*bytes++)
			return false;
	return true;
}

enum axe_code unit_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	static const struct axe_cmd_ext none;
	const struct axe_op *op = axe_ops[le16_to_cpu(cmd->opcode)];
	unsigned int i;

	if (!ext)
		ext = &none;
	if ((!op->extends && !unit_is_zero(&ext->op, sizeof(ext->op))) ||
	    (!op->max_aux && !unit_is_zero(&ext->aux, sizeof(ext->aux))))
		return AXE_ERR_RESERVED;
	if (op->check)
		return op->check(cmd, ext);
	for (i = 0; i < sizeof(cmd->op.raw); i++)
		if (cmd->op.raw[i])
			return AXE_ERR_RESERVED;
	if (op->max_src && op->max_dst && !axe_op_has_list(op) &&
	    cmd->src.length != cmd->dst.length)
		return AXE_ERR_LENGTH;
	return AXE_OK;
}

static void unit_loop(struct unit_run *run, const struct axe_op *op, struct axe_exec *x)
{
	struct operand src = { (u8 *)run->src, run->src_len, .cut = run->src_cut };
	struct operand dst = { run->dst, run->dst_len, .cut = run->dst_cut };
	struct operand aux = { run->aux, run->aux_len, .cut = run->src_cut };
	bool write = op->flags & AXE_OP_WRITES_DST, write_aux = op->flags & AXE_OP_WRITES_AUX;
	bool refill_src = true, refill_dst = true, refill_aux = !op->load_aux;

	src.backward = run->backward;
	dst.backward = run->backward;
	for (;;) {
		if (refill_src) {
			x->src_end = operand_next(&src);
			x->src = src.piece;
			x->src_len = src.piece_len;
		}
		if (refill_dst) {
			x->dst_end = operand_next(&dst);
			x->dst = dst.piece;
			x->dst_len = dst.piece_len;
		}
		if (refill_aux) {
			x->aux_end = operand_next(&aux);
			x->aux = aux.piece;
			x->aux_len = aux.piece_len;
		}
		run->code = op->exec(x);

		/* It has moved on within its pieces. */
		assert_ptr_equal(x->src + x->src_len, src.piece + src.piece_len);
		assert_ptr_equal(x->dst + x->dst_len, dst.piece + dst.piece_len);
		if (!op->load_aux)
			assert_ptr_equal(x->aux + x->aux_len, aux.piece + aux.piece_len);
		if (run->code != AXE_EXEC_MORE && run->code != AXE_EXEC_AGAIN)
			break;
		refill_src = !x->src_len && !x->src_end;
		refill_dst = !x->dst_len && !x->dst_end;
		refill_aux = !op->load_aux && !x->aux_len && !x->aux_end;
		assert_true(refill_src || refill_dst || refill_aux ||
			    run->code == AXE_EXEC_AGAIN);
		if (refill_src)
			operand_put(&src, false);
		if (refill_dst)
			operand_put(&dst, write);
		if (refill_aux)
			operand_put(&aux, write_aux);
	}
	run->src_held = x->src_len + src.len - src.given;
	operand_put(&src, false);
	operand_put(&dst, write);
	operand_put(&aux, write_aux);
}

/* What kernel/loaded.c does. */
static void unit_loaded(struct unit_run *run, const struct axe_op *op, struct axe_exec *x)
{
	u8 *src = malloc(run->src_len), *dst = malloc(run->dst_len);

	assert_true((src || !run->src_len) && (dst || !run->dst_len));
	if (run->src_len)
		memcpy(src, run->src, run->src_len);
	if (run->dst_len)
		memset(dst, 0xa5, run->dst_len);
	x->src = src;
	x->src_len = run->src_len;
	x->dst = dst;
	x->dst_len = run->dst_len;
	run->code = op->run(x);
	assert_true(x->done <= run->dst_len);
	if (run->code != AXE_OK)
		x->done = 0;
	if (x->done)
		memcpy(run->dst, dst, x->done);
	free(src);
	free(dst);
}

/* All lanes are cut alike, so that each has a piece of its own of the same length. */
static void unit_lanes(struct unit_run *run, const struct axe_op *op, struct axe_exec *x)
{
	unsigned int num = run->num_src + run->num_dst, i;
	struct operand *lane = calloc(num + 1, sizeof(*lane));
	size_t len = 0;

	assert_non_null(lane);
	x->lanes = calloc(num + 1, sizeof(*x->lanes));
	assert_non_null(x->lanes);
	if (num)
		len = run->num_src ? run->src_len / run->num_src : run->dst_len / run->num_dst;
	for (i = 0; i < num; i++) {
		lane[i].len = len;
		lane[i].cut = run->src_cut;
		lane[i].base = i < run->num_src ? (u8 *)run->src + i * len :
			       (u8 *)run->dst + (i - run->num_src) * len;
	}
	do {
		size_t n = num ? operand_cut(&lane[0]) : 0;

		if (!n && lane[0].given != len)
			n = 1;
		for (i = 0; i < num; i++) {
			lane[i].piece_at = lane[i].given;
			lane[i].piece_len = n;
			lane[i].piece = malloc(n);
			assert_non_null(lane[i].piece);
			if (n)
				memcpy(lane[i].piece, lane[i].base + lane[i].given, n);
			lane[i].given += n;
			x->lanes[i] = lane[i].piece;
		}
		x->lane_len = n;
		x->lane_end = !num || lane[0].given == len;
		run->code = op->exec(x);
		for (i = 0; i < num; i++)
			operand_put(&lane[i], i >= run->num_src);
	} while (run->code == AXE_EXEC_MORE);
	free(x->lanes);
	free(lane);
}

/* What kernel/chain.c does: each stage a command of its own, begun; all have one key. */
static enum axe_code unit_chain_open(struct axe_exec *x, struct axe_exec stage_x[])
{
	const struct axe_stage *stages = (const void *)x->aux;
	struct axe_chain *chain = x->priv;
	unsigned int i;

	for (i = 0; i < chain->num; i++) {
		u16 opcode = le16_to_cpu(stages[i].cmd.opcode);
		struct axe_exec *sx = &stage_x[i];
		const struct axe_op *op;
		enum axe_code code;

		if (opcode >= AXE_OP_MAX)
			return AXE_ERR_OPCODE;
		op = axe_ops[opcode];
		code = unit_check(&stages[i].cmd, &stages[i].ext);
		*sx = (struct axe_exec) { .cmd = &stages[i].cmd, .ext = &stages[i].ext };
		if (code == AXE_OK && !(op->flags & AXE_OP_CAN_CHAIN))
			code = AXE_ERR_PARAM;
		if (code != AXE_OK)
			return code;
		if (op->flags & AXE_OP_HAS_KEY) {
			sx->key = x->key;
			if (!sx->key)
				return AXE_ERR_NO_KEY;
			if (!axe_key_fits(sx->key, op))
				return AXE_ERR_KEY_USE;
		}
		if (axe_op_has_priv(op)) {
			sx->priv = malloc(op->priv_need ? op->priv_need(sx) : op->priv_size());
			assert_non_null(sx->priv);
		}
		if (op->begin)
			code = op->begin(sx);
		if (code != AXE_OK)
			return code;
		chain->stage[i].op = op;
		chain->stage[i].x = sx;
	}
	return AXE_OK;
}

static void unit_chain_close(struct unit_run *run, const struct axe_exec *x,
			     struct axe_exec stage_x[])
{
	const struct axe_chain *chain = x->priv;
	unsigned int i;

	for (i = 0; i < chain->num; i++) {
		run->stage_code[i] = chain->stage[i].code;
		free(stage_x[i].priv);
	}
}

/* Lists are not handed to operations: any cut of an operand is a list of its ranges. */
static void unit_set_lengths(struct unit_run *run, struct axe_cmd_ext *ext,
			     const struct axe_op *op)
{
	u32 entry = sizeof(struct axe_buf);

	run->cmd.src.length = cpu_to_le32(!op->max_src_list ? run->src_len :
					  op->lanes ? run->num_src * entry : entry);
	run->cmd.dst.length = cpu_to_le32(!op->max_dst_list ? run->dst_len :
					  op->lanes ? run->num_dst * entry : entry);
	if (run->ext)
		*ext = *run->ext;
	ext->aux.length = cpu_to_le32(run->aux_len);
}

/* As the device looks it up, before begin(). */
static enum axe_code unit_make_key(struct unit_run *run, const struct axe_op *op)
{
	const struct unit_key *k = &run->key;

	if (!(op->flags & AXE_OP_HAS_KEY || (op->chain && k->bytes)))
		return AXE_OK;
	if (!k->bytes)
		return AXE_ERR_NO_KEY;
	run->made = calloc(1, sizeof(*run->made));
	assert_non_null(run->made);
	assert_int_equal(axe_key_init(run->made, k->algorithm, k->uses ? k->uses : op->key_uses,
				      k->bytes, k->len), 0);
	if (k->tag_len)
		assert_int_equal(axe_key_set_tag_len(run->made, k->tag_len), 0);
	return op->chain || axe_key_fits(run->made, op) ? AXE_OK : AXE_ERR_KEY_USE;
}

int unit_run(struct unit_run *run)
{
	const struct axe_op *op = axe_ops[le16_to_cpu(run->cmd.opcode)];
	struct axe_exec stage_x[AXE_MAX_STAGES] = {};
	struct axe_cmd_ext ext = {};
	struct axe_exec x = { .cmd = &run->cmd, .ext = &ext };
	enum axe_stream stream = AXE_STREAM_NONE;
	u8 *loaded = NULL;
	bool fresh;

	unit_set_lengths(run, &ext, op);
	run->code = unit_check(&run->cmd, &ext);
	run->done = 0;
	memset(run->result, 0, sizeof(run->result));
	run->src_held = run->src_len;
	if (run->code != AXE_OK)
		return run->code;

	if (op->stream)
		stream = op->stream(&run->cmd);
	if (stream != AXE_STREAM_CONTINUE)
		unit_drop(run);
	fresh = !run->priv;
	if (fresh)
		run->code = unit_make_key(run, op);
	if (run->code != AXE_OK) {
		unit_drop(run);
		return run->code;
	}
	x.key = run->made;
	if (op->load_aux && run->aux_len) {
		x.aux = malloc(run->aux_len);
		assert_non_null(x.aux);
		memcpy(x.aux, run->aux, run->aux_len);
		x.aux_len = run->aux_len;
		loaded = x.aux;
	}
	x.num_src = run->num_src;
	x.num_dst = run->num_dst;
	if (axe_op_has_priv(op) && fresh) {
		size_t size = op->priv_need ? op->priv_need(&x) : op->priv_size();

		run->priv = malloc(size);
		assert_non_null(run->priv);
		memset(run->priv, 0xa5, size);
	}
	x.priv = run->priv;
	if (op->begin && fresh)
		run->code = op->begin(&x);
	if (run->code == AXE_OK && op->chain)
		run->code = unit_chain_open(&x, stage_x);
	if (run->code == AXE_OK && op->lanes)
		unit_lanes(run, op, &x);
	else if (run->code == AXE_OK && op->run)
		unit_loaded(run, op, &x);
	else if (run->code == AXE_OK)
		unit_loop(run, op, &x);
	if (op->chain)
		unit_chain_close(run, &x, stage_x);
	free(loaded);
	run->done = x.done;
	memcpy(run->result, x.result, sizeof(run->result));
	if (stream == AXE_STREAM_NONE)
		assert_int_not_equal(run->code, AXE_INFO_MORE);
	if (run->code != AXE_INFO_MORE)
		unit_drop(run);
	return run->code;
}

void unit_drop(struct unit_run *run)
{
	free(run->priv);
	run->priv = NULL;
	if (run->made)
		axe_key_fini(run->made);
	free(run->made);
	run->made = NULL;
}
