// SPDX-License-Identifier: GPL-2.0
/*
 * A chain: operations whose data goes from one to the next without memory in between.
 *
 * Each stage is an operation as any other, and sees pieces: the first those of the
 * chain's source, the last those of its destination, and in between what the stage
 * before has left in a buffer. What a stage only reads, a checksum, the next one reads
 * where it lies.
 */
#include <linux/minmax.h>

#include "chain.h"
#include "piece.h"

/* So much may go through before others have a chance, if a stage is slow. */
#define AXE_CHAIN_TURN	(16 * 1024)

static unsigned int axe_chain_stages(const struct axe_exec *x)
{
	return x->aux_len / sizeof(struct axe_stage);
}

/**
 * axe_chain_priv_need - private memory of a chain
 * @x: the command
 *
 * Return: its size in bytes.
 */
static size_t axe_chain_priv_need(const struct axe_exec *x)
{
	unsigned int num = axe_chain_stages(x);

	return sizeof(struct axe_chain) + (num ? num - 1 : 0) * (size_t)AXE_CHAIN_CHUNK;
}

/**
 * axe_chain_check - validate a chain's block
 * @cmd: the command
 * @ext: its extension slot
 *
 * Return: AXE_OK, or what is wrong with it. What is wrong with a stage is seen later.
 */
static enum axe_code axe_chain_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	u32 length = le32_to_cpu(ext->aux.length);

	if (memchr_inv(cmd->op.raw, 0, sizeof(cmd->op.raw)))
		return AXE_ERR_RESERVED;
	if (!length || length % sizeof(struct axe_stage))
		return AXE_ERR_LENGTH;
	return AXE_OK;
}

/**
 * axe_chain_begin - prepare a chain
 * @x: the command. Who runs it fills in the stages afterwards
 *
 * Return: AXE_OK.
 */
static enum axe_code axe_chain_begin(struct axe_exec *x)
{
	struct axe_chain *chain = x->priv;
	unsigned int i;

	memset(chain, 0, sizeof(*chain));
	chain->num = axe_chain_stages(x);
	for (i = 0; i < chain->num; i++) {
		chain->stage[i].code = AXE_EXEC_MORE;
		if (i + 1 < chain->num)
			chain->stage[i].buf = chain->chunk[i];
	}
	return AXE_OK;
}

/* A stage that only reads. */
static inline bool axe_stage_taps(const struct axe_chain_stage *stage)
{
	return !(stage->op->flags & AXE_OP_WRITES_DST) || stage->op->taps;
}

static inline bool axe_stage_runs(const struct axe_chain_stage *stage)
{
	return stage->code == AXE_EXEC_MORE;
}

/*
 * Does what is behind the stage read what the stage has read, where it lies? Nobody sees
 * a copy that is not the last stage.
 */
static inline bool axe_stage_passes(const struct axe_chain *chain, unsigned int i)
{
	const struct axe_chain_stage *stage = &chain->stage[i];

	return i + 1 < chain->num && (axe_stage_taps(stage) || stage->op->exec == axe_copy_exec);
}

/* The stage that writes what stage @i reads; -1: that is the chain's source. */
static int axe_chain_writer(const struct axe_chain *chain, unsigned int i)
{
	int w = (int)i - 1;

	while (w >= 0 && axe_stage_passes(chain, w))
		w--;
	return w;
}

/* What stage @i has before it: up to where the stage before it has come. */
static void axe_chain_source(struct axe_exec *x, struct axe_chain *chain, unsigned int i)
{
	const struct axe_chain_stage *stage = &chain->stage[i];
	int w = axe_chain_writer(chain, i);
	struct axe_exec *sx = stage->x;
	size_t end;

	if (w + 1 < (int)i)
		end = chain->stage[i - 1].at;
	else
		end = w < 0 ? x->src_len : chain->stage[w].tail;
	/* Of the source, there may be less than before: its pieces are cut anew each time. */
	if (w < 0)
		end = min(end, x->src_len);
	sx->src = (w < 0 ? x->src : chain->stage[w].buf) + stage->at;
	sx->src_len = end > stage->at ? end - stage->at : 0;
	sx->src_end = i ? !axe_stage_runs(&chain->stage[i - 1]) : x->src_end;
}

/* Where it can write. */
static void axe_chain_room(struct axe_exec *x, struct axe_chain_stage *stage, u8 **room,
			   size_t *len)
{
	if (!stage->buf) {
		*room = x->dst;
		*len = x->dst_len;
		return;
	}
	*room = stage->buf + stage->tail;
	*len = AXE_CHAIN_CHUNK - stage->tail;
}

/* What is before stage @i, and those that pass it on, has moved by @n bytes. */
static void axe_chain_shift(struct axe_chain *chain, int w, unsigned int i, size_t n)
{
	unsigned int j;

	for (j = w + 1; j <= i; j++)
		chain->stage[j].at -= n;
}

/* Stage @i has read @n bytes. Nobody needs them any more if it does not pass them on. */
static void axe_chain_took(struct axe_exec *x, struct axe_chain *chain, unsigned int i, size_t n)
{
	struct axe_chain_stage *stage = &chain->stage[i];
	int w = axe_chain_writer(chain, i);

	stage->at += n;
	if (axe_stage_passes(chain, i))
		return;
	if (w < 0) {
		axe_src_take(x, n);
		axe_chain_shift(chain, w, i, n);
	} else if (stage->at == chain->stage[w].tail) {
		chain->stage[w].tail = 0;
		axe_chain_shift(chain, w, i, stage->at);
	}
}

static void axe_chain_wrote(struct axe_exec *x, struct axe_chain_stage *stage, size_t n)
{
	if (stage->buf)
		stage->tail += n;
	else
		axe_dst_put(x, n);
}

/* Read what is passed on. Returns what was read. */
static size_t axe_stage_pass(struct axe_chain_stage *stage)
{
	struct axe_exec *sx = stage->x;
	size_t have = sx->src_len;

	sx->dst_len = 0;
	sx->dst_end = true;
	if (axe_stage_taps(stage)) {
		stage->code = stage->op->exec(sx);
		return have - sx->src_len;
	}
	sx->done += have;
	stage->code = sx->src_end ? AXE_OK : AXE_EXEC_MORE;
	return have;
}

/* The last stage only reads: read what there is room for. Returns what was read. */
static size_t axe_stage_tap(struct axe_exec *x, struct axe_chain_stage *stage)
{
	struct axe_exec *sx = stage->x;
	const u8 *from = sx->src;
	size_t have = sx->src_len, n;

	n = min(have, x->dst_len);
	sx->src_end = sx->src_end && n == have;
	stage->full = n < have;
	sx->src_len = n;
	n = axe_stage_pass(stage);
	if (n)
		memcpy(x->dst, from, n);
	axe_dst_put(x, n);
	return n;
}

/* Turn what there is into what there is room for. Returns what was read and written. */
static size_t axe_stage_work(struct axe_exec *x, struct axe_chain_stage *stage, size_t *wrote)
{
	struct axe_exec *sx = stage->x;
	size_t have = sx->src_len;
	size_t len;

	axe_chain_room(x, stage, &sx->dst, &len);
	sx->dst_len = len;
	sx->dst_end = !stage->buf && x->dst_end;
	stage->code = stage->op->exec(sx);
	*wrote = len - sx->dst_len;
	stage->full = !sx->dst_len;
	axe_chain_wrote(x, stage, *wrote);
	return have - sx->src_len;
}

/* How much stage @i can do now. */
static size_t axe_chain_limit(struct axe_exec *x, struct axe_chain *chain, unsigned int i)
{
	size_t len;
	u8 *room;

	if (axe_stage_passes(chain, i))
		return SIZE_MAX;
	axe_chain_room(x, &chain->stage[i], &room, &len);
	return len;
}

/*
 * Run stage @i on what it has. Returns whether anything has changed by it; @turn goes up
 * by what a slow stage has read.
 */
static bool axe_chain_pump(struct axe_exec *x, struct axe_chain *chain, unsigned int i,
			   size_t *turn)
{
	struct axe_chain_stage *stage = &chain->stage[i];
	bool was_full = stage->full, ends, taps = axe_stage_taps(stage);
	struct axe_exec *sx = stage->x;
	size_t have, took, wrote = 0, len;

	axe_chain_source(x, chain, i);
	have = sx->src_len;
	if (!axe_stage_runs(stage)) {
		/* What follows its end is nobody's, but those before it may still want to. */
		axe_chain_took(x, chain, i, have);
		return have;
	}
	len = axe_chain_limit(x, chain, i);
	ends = sx->src_end && !stage->ended && !(taps && have > len);
	/* Without room, only its end can be found; with it, it needs a reason. */
	if (!ends && (!len || (!have && !was_full)))
		return false;
	if (axe_stage_passes(chain, i))
		took = axe_stage_pass(stage);
	else if (taps)
		took = axe_stage_tap(x, stage);
	else
		took = axe_stage_work(x, stage, &wrote);
	stage->ended |= ends;
	axe_chain_took(x, chain, i, took);
	if (stage->op->step)
		*turn += took;
	return took || wrote || ends || !axe_stage_runs(stage);
}

/* The result that a completion has room for: of the last checksum, else of the last stage. */
static void axe_chain_pick(struct axe_exec *x, const struct axe_chain *chain)
{
	unsigned int i = chain->num - 1, j;

	for (j = 0; j < chain->num; j++)
		if (axe_stage_taps(&chain->stage[j]))
			i = j;
	x->result[0] = chain->stage[i].x->result[0];
	x->result[1] = chain->stage[i].x->result[1];
}

/* Has a stage failed, or have all ended? AXE_EXEC_MORE if neither. */
static int axe_chain_outcome(struct axe_exec *x, struct axe_chain *chain)
{
	bool running = false;
	unsigned int i;

	for (i = 0; i < chain->num; i++) {
		int code = chain->stage[i].code;

		if (code > AXE_OK) {
			chain->failed = i;
			x->result[0] = chain->stage[i].x->result[0];
			x->result[1] = i;
			return code;
		}
		running |= code == AXE_EXEC_MORE;
	}
	/* All of the source is looked at, also behind the end of what somebody unpacks. */
	if (running || x->src_len)
		return AXE_EXEC_MORE;
	if (!x->src_end)
		return AXE_EXEC_MORE;
	axe_chain_pick(x, chain);
	return AXE_OK;
}

/**
 * axe_chain_exec - run all stages on what there is
 * @x: the command. On success the results are those of the last stage that only reads, or
 *	else of the last; on an error result[0] is what the stage that failed says of it,
 *	and result[1] which one it is
 *
 * Return: AXE_OK, AXE_EXEC_MORE, AXE_EXEC_AGAIN or what is wrong.
 */
static int axe_chain_exec(struct axe_exec *x)
{
	struct axe_chain *chain = x->priv;
	size_t turn = 0;
	unsigned int i;
	bool moved;
	int ret;

	do {
		moved = false;
		for (i = 0; i < chain->num; i++) {
			moved |= axe_chain_pump(x, chain, i, &turn);
			/* Those behind must not take it for the end of their data. */
			if (chain->stage[i].code > AXE_OK)
				break;
			/* As a command of its own, it would be called again. */
			if (chain->stage[i].code == AXE_EXEC_AGAIN) {
				chain->stage[i].code = AXE_EXEC_MORE;
				turn = AXE_CHAIN_TURN;
				moved = true;
			}
		}
		ret = axe_chain_outcome(x, chain);
		if (ret != AXE_EXEC_MORE)
			return ret;
		if (moved && turn >= AXE_CHAIN_TURN)
			return AXE_EXEC_AGAIN;
	} while (moved);

	/* Nobody can go on: for want of a piece of the chain's own, or of room. */
	if ((!x->src_len && !x->src_end) || (!x->dst_len && !x->dst_end))
		return AXE_EXEC_MORE;
	return AXE_ERR_FULL;
}

const struct axe_op axe_op_chain = {
	.name		= "chain",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST | AXE_OP_READS_AUX,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.max_aux	= AXE_MAX_STAGES * sizeof(struct axe_stage),
	.inline_max	= AXE_INLINE_NEVER,
	.load_aux	= true,
	.chain		= true,
	.priv_need	= axe_chain_priv_need,
	.check		= axe_chain_check,
	.begin		= axe_chain_begin,
	.exec		= axe_chain_exec,
};
