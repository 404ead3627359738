/* SPDX-License-Identifier: GPL-2.0 */
/* Steps through the pieces of a command's operands. */
#ifndef AXE_OPS_PIECE_H
#define AXE_OPS_PIECE_H

#include <asm/byteorder.h>
#include <linux/string.h>

#include "../ops.h"

/* The operation has read @n bytes of its source. */
static inline void axe_src_take(struct axe_exec *x, size_t n)
{
	x->src += n;
	x->src_len -= n;
}

/* The operation has written (or compared) @n bytes of its destination. */
static inline void axe_dst_put(struct axe_exec *x, size_t n)
{
	x->dst += n;
	x->dst_len -= n;
	x->done += n;
}

/* The operation has read, or written, @n bytes of its third operand. */
static inline void axe_aux_take(struct axe_exec *x, size_t n)
{
	x->aux += n;
	x->aux_len -= n;
}

/* What exec() returns when it needs room and its piece has none. */
static inline int axe_dst_short(const struct axe_exec *x)
{
	return x->dst_end ? AXE_ERR_FULL : AXE_EXEC_MORE;
}

/* What exec() returns when it has read its piece and only goes by the source. */
static inline int axe_src_done(const struct axe_exec *x)
{
	return x->src_end ? AXE_OK : AXE_EXEC_MORE;
}

#endif
