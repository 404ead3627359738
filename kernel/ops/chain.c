// SPDX-License-Identifier: GPL-2.0
/*
 * A chain: operations whose data goes from one to the next without memory in between.
 *
 * Each stage is an operation as any other, and sees pieces: the first those of the
 * chain's source, the last those of its destination, and in between what the stage
 * before has left in a buffer. A stage that only reads, a checksum, passes on what it
 * has read.
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
size_t axe_chain_priv_need(const struct axe_exec *x)
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
enum axe_code axe_chain_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
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
enum axe_code axe_chain_begin(struct axe_exec *x)
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

/* What stage @i has before it. */
static void axe_chain_source(struct axe_exec *x, struct axe_chain *chain, unsigned int i)
{
	struct axe_exec *sx = chain->stage[i].x;
	const struct axe_chain_stage *before;

	if (!i) {
		sx->src = x->src;
		sx->src_len = x->src_len;
		sx->src_end = x->src_end;
		return;
	}
	before = &chain->stage[i - 1];
	sx->src = before->buf + before->head;
	sx->src_len = before->tail - before->head;
	sx->src_end = !axe_stage_runs(before);
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
	if (stage->head == stage->tail) {
		stage->head = 0;
		stage->tail = 0;
	}
	*room = stage->buf + stage->tail;
	*len = AXE_CHAIN_CHUNK - stage->tail;
}

/* @n bytes of what is before stage @i are done. */
static void axe_chain_took(struct axe_exec *x, struct axe_chain *chain, unsigned int i, size_t n)
{
	if (i)
		chain->stage[i - 1].head += n;
	else
		axe_src_take(x, n);
}

static void axe_chain_wrote(struct axe_exec *x, struct axe_chain_stage *stage, size_t n)
{
	if (stage->buf)
		stage->tail += n;
	else
		axe_dst_put(x, n);
}

/* Read what there is room to pass on. Returns what was read. */
static size_t axe_stage_tap(struct axe_exec *x, struct axe_chain_stage *stage)
{
	struct axe_exec *sx = stage->x;
	const u8 *from = sx->src;
	size_t have = sx->src_len, len, n;
	u8 *room;

	axe_chain_room(x, stage, &room, &len);
	n = min(have, len);
	sx->src_end = sx->src_end && n == have;
	stage->full = n < have;
	sx->src_len = n;
	sx->dst_len = 0;
	sx->dst_end = true;
	stage->code = stage->op->exec(sx);
	n -= sx->src_len;
	if (n)
		memcpy(room, from, n);
	axe_chain_wrote(x, stage, n);
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
	u8 *room;

	axe_chain_source(x, chain, i);
	have = sx->src_len;
	if (!axe_stage_runs(stage)) {
		/* What follows its end is nobody's, but those before it may still want to. */
		axe_chain_took(x, chain, i, have);
		return have;
	}
	axe_chain_room(x, stage, &room, &len);
	ends = sx->src_end && !stage->ended && !(taps && have > len);
	/* Without room, only its end can be found; with it, it needs a reason. */
	if (!ends && (!len || (!have && !was_full)))
		return false;
	if (taps)
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
int axe_chain_exec(struct axe_exec *x)
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
