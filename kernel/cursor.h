/* SPDX-License-Identifier: GPL-2.0 */
/* Cursors: a way along a scatter list, or one range, of either side's memory. */
#ifndef AXE_CURSOR_H
#define AXE_CURSOR_H

#include <linux/types.h>

#include "access.h"

struct axe_dev;
struct ib_pd;

/**
 * struct axe_cursor - where a copy reads or writes
 * @dev:	where the keys of @sge are looked up
 * @pd:		likewise; NULL: the addresses of @sge are the kernel's own
 * @sge:	the entries to come
 * @num_sge:	how many
 * @skip:	bytes of them that are done already
 * @write:	it is written
 * @open:	@opnd is
 * @opnd:	the entry, or the range, at hand
 */
struct axe_cursor {
	struct axe_dev *dev;
	struct ib_pd *pd;
	const struct axe_buf *sge;
	u32 num_sge;
	u64 skip;
	bool write;
	bool open;
	struct axe_operand opnd;
};

/* What became of a copy, or of a part of it. */
enum axe_copy_ret {
	AXE_COPY_DONE,
	AXE_COPY_MORE,		/* a bounded piece is done: see whether to go on */
	AXE_COPY_FAULT_TO,	/* a page of the destination has to be faulted in */
	AXE_COPY_FAULT_FROM,	/* of the source */
	AXE_COPY_ERROR_TO,	/* the destination cannot be used */
	AXE_COPY_ERROR_FROM,	/* the source cannot be used */
};

/**
 * axe_cursor_list - along a scatter list
 * @cur:	filled in
 * @dev:	where its keys are looked up
 * @pd:		likewise; NULL: the addresses are the kernel's own
 * @sge:	its entries, which must stay
 * @num_sge:	how many
 * @skip:	bytes that are done already
 * @write:	it is written
 */
static inline void axe_cursor_list(struct axe_cursor *cur, struct axe_dev *dev,
				   struct ib_pd *pd, const struct axe_buf *sge, u32 num_sge,
				   u64 skip, bool write)
{
	cur->dev = dev;
	cur->pd = pd;
	cur->sge = sge;
	cur->num_sge = num_sge;
	cur->skip = skip;
	cur->write = write;
	cur->open = false;
}

/**
 * axe_cursor_range - along one range
 * @cur:	@opnd is open, the rest is filled in
 */
static inline void axe_cursor_range(struct axe_cursor *cur)
{
	cur->num_sge = 0;
	cur->open = true;
}

/**
 * axe_cursor_kernel - along memory of the kernel
 * @cur:	filled in
 * @addr:	the memory
 * @length:	in bytes
 * @write:	it is written
 */
static inline void axe_cursor_kernel(struct axe_cursor *cur, void *addr, u32 length, bool write)
{
	axe_operand_open_kernel(&cur->opnd, addr, length, write);
	axe_cursor_range(cur);
}

/**
 * axe_cursor_close - done with it
 * @cur:	holds nothing
 */
static inline void axe_cursor_close(struct axe_cursor *cur)
{
	if (cur->open)
		axe_operand_close(&cur->opnd);
	cur->open = false;
}

bool axe_cursor_hold(struct axe_cursor *cur, enum axe_code *code);
void axe_cursor_release(struct axe_cursor *cur);

enum axe_copy_ret axe_copy(struct axe_cursor *to, struct axe_cursor *from, u64 length,
			   u64 *done, enum axe_code *code);

#endif
