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

void axe_cursor_list(struct axe_cursor *cur, struct axe_dev *dev, struct ib_pd *pd,
		     const struct axe_buf *sge, u32 num_sge, u64 skip, bool write);
void axe_cursor_kernel(struct axe_cursor *cur, void *addr, u32 length, bool write);
void axe_cursor_range(struct axe_cursor *cur);
void axe_cursor_close(struct axe_cursor *cur);

bool axe_cursor_hold(struct axe_cursor *cur, enum axe_code *code);
void axe_cursor_release(struct axe_cursor *cur);

enum axe_copy_ret axe_copy(struct axe_cursor *to, struct axe_cursor *from, u64 length,
			   u64 *done, enum axe_code *code);

#endif
