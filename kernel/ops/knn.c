// SPDX-License-Identifier: GPL-2.0
/*
 * The vectors of signed bytes that are nearest to another, by their dot product. A
 * vector has 4096 bytes at most, so that a product is 2^26 at most.
 */
#include <linux/minmax.h>
#include <linux/string.h>

#include "piece.h"

/* A vector that is, as it looks now, among the nearest. */
struct axe_near {
	u32 index;
	s32 score;
};

static_assert(sizeof(struct axe_near) == sizeof(struct axe_knn_entry));

/**
 * struct axe_knn - a command's state
 * @dim:	bytes of a vector
 * @most:	how many are looked for
 * @index:	of the vector at hand
 * @at:		bytes of it that were read
 * @score:	its product, so far
 * @num:	of @heap
 * @sorted:	@heap is the result, as it is to be written
 * @heap:	the nearest; until they are sorted, each is no nearer than those at twice
 *		its place plus 1 and 2
 */
struct axe_knn {
	u32 dim;
	u32 most;
	u32 index;
	u32 at;
	s32 score;
	u32 num;
	bool sorted;
	struct axe_near heap[];
};

/**
 * axe_knn_check - validate a knn-i8 command's block and lengths
 * @cmd: the command
 * @ext: its extension slot
 *
 * Return: AXE_OK, or what is wrong with it.
 */
static enum axe_code axe_knn_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext)
{
	const struct axe_cmd_knn *p = &cmd->op.knn;
	u32 dim = le32_to_cpu(ext->aux.length);

	if (memchr_inv(p->reserved, 0, sizeof(p->reserved)))
		return AXE_ERR_RESERVED;
	if (!p->k || le32_to_cpu(p->k) > AXE_KNN_MAX)
		return AXE_ERR_PARAM;
	/* How long the query may be at most, the row says. */
	return dim && !(le32_to_cpu(cmd->src.length) % dim) ? AXE_OK : AXE_ERR_LENGTH;
}

/**
 * axe_knn_priv_need - private memory of a knn-i8 command
 * @x: the command
 *
 * Return: bytes.
 */
static size_t axe_knn_priv_need(const struct axe_exec *x)
{
	return sizeof(struct axe_knn) +
	       (size_t)le32_to_cpu(x->cmd->op.knn.k) * sizeof(struct axe_near);
}

/**
 * axe_knn_begin - prepare to look for the nearest
 * @x: the command
 *
 * Return: AXE_OK or AXE_ERR_FULL.
 */
static enum axe_code axe_knn_begin(struct axe_exec *x)
{
	struct axe_knn *s = x->priv;
	u32 found;

	*s = (struct axe_knn) {
		.dim = le32_to_cpu(x->ext->aux.length),
		.most = le32_to_cpu(x->cmd->op.knn.k),
	};
	found = min(s->most, le32_to_cpu(x->cmd->src.length) / s->dim);
	if (le32_to_cpu(x->cmd->dst.length) < found * sizeof(struct axe_near))
		return AXE_ERR_FULL;
	return AXE_OK;
}

/* Is @a not as near as @b? */
static bool axe_near_less(const struct axe_near *a, const struct axe_near *b)
{
	return a->score < b->score || (a->score == b->score && a->index > b->index);
}

/* The first of @num entries may be nearer than those below it. */
static void axe_knn_sink(struct axe_near *heap, u32 num)
{
	struct axe_near v = heap[0];
	u32 i = 0, child;

	while ((child = 2 * i + 1) < num) {
		if (child + 1 < num && axe_near_less(&heap[child + 1], &heap[child]))
			child++;
		if (!axe_near_less(&heap[child], &v))
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = v;
}

/* The last of @num entries may be farther than those above it. */
static void axe_knn_rise(struct axe_near *heap, u32 num)
{
	u32 i = num - 1;
	struct axe_near v = heap[i];

	while (i && axe_near_less(&v, &heap[(i - 1) / 2])) {
		heap[i] = heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	heap[i] = v;
}

static void axe_knn_offer(struct axe_knn *s, struct axe_near v)
{
	if (s->num < s->most) {
		s->heap[s->num++] = v;
		axe_knn_rise(s->heap, s->num);
	} else if (axe_near_less(&s->heap[0], &v)) {
		s->heap[0] = v;
		axe_knn_sink(s->heap, s->num);
	}
}

/* From the farthest, which goes last, to the nearest; then as it is written. */
static void axe_knn_sort(struct axe_knn *s)
{
	struct axe_knn_entry *entries = (struct axe_knn_entry *)s->heap;
	u32 i;

	for (i = s->num; i-- > 1;) {
		struct axe_near v = s->heap[0];

		s->heap[0] = s->heap[i];
		s->heap[i] = v;
		axe_knn_sink(s->heap, i);
	}
	for (i = 0; i < s->num; i++) {
		struct axe_near v = s->heap[i];

		entries[i].index = cpu_to_le32(v.index);
		entries[i].score = cpu_to_le32(v.score);
	}
	s->sorted = true;
}

static s32 axe_knn_dot(const u8 *a, const u8 *b, size_t n)
{
	s32 sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += (s8)a[i] * (s8)b[i];
	return sum;
}

static void axe_knn_read(struct axe_exec *x, struct axe_knn *s)
{
	while (x->src_len) {
		size_t n = min_t(size_t, x->src_len, s->dim - s->at);

		s->score += axe_knn_dot(x->src, x->aux + s->at, n);
		axe_src_take(x, n);
		s->at += n;
		if (s->at < s->dim)
			return;
		axe_knn_offer(s, (struct axe_near) { s->index, s->score });
		s->index++;
		s->at = 0;
		s->score = 0;
	}
}

/**
 * axe_knn_exec - look for the nearest
 * @x: the command
 *
 * Return: AXE_OK or AXE_EXEC_MORE.
 */
static int axe_knn_exec(struct axe_exec *x)
{
	struct axe_knn *s = x->priv;
	size_t n;

	if (!s->sorted) {
		axe_knn_read(x, s);
		if (!x->src_end)
			return AXE_EXEC_MORE;
		axe_knn_sort(s);
		x->result[0] = s->num;
	}
	n = min_t(size_t, s->num * sizeof(*s->heap) - x->done, x->dst_len);
	if (n) {
		memcpy(x->dst, (u8 *)s->heap + x->done, n);
		axe_dst_put(x, n);
	}
	return x->done == s->num * sizeof(*s->heap) ? AXE_OK : axe_dst_short(x);
}

const struct axe_op axe_op_knn_i8 = {
	.name		= "knn-i8",
	.flags		= AXE_OP_READS_SRC | AXE_OP_WRITES_DST | AXE_OP_READS_AUX,
	.max_src	= AXE_OPERAND_MAX,
	.max_dst	= AXE_OPERAND_MAX,
	.max_aux	= AXE_MATMUL_MAX,
	.inline_max	= AXE_INLINE_NEVER,
	.step		= SZ_16K,
	.load_aux	= true,
	.priv_need	= axe_knn_priv_need,
	.check		= axe_knn_check,
	.begin		= axe_knn_begin,
	.exec		= axe_knn_exec,
};
