/* SPDX-License-Identifier: GPL-2.0 */
/* Access: from (address, length, key) to pieces of memory that the kernel can touch. */
#ifndef AXE_ACCESS_H
#define AXE_ACCESS_H

#include <linux/types.h>

#include "mirror.h"
#include "ops.h"
#include "region.h"

struct axe_dev;
struct ib_pd;

/**
 * struct axe_operand - a source or a destination while a command runs
 * @rgn:	what its key stands for; NULL: there is no such operand
 * @addr:	its first address that is still to do, in the region's terms
 * @left:	bytes still to do
 * @write:	the device writes it
 * @backward:	from its end to its start: @addr stays, @left shrinks
 * @hold:	the pages of the current piece, if they could go away
 * @piece_addr:	first address of the current piece that is still to do
 * @piece:	bytes of the current piece still to do
 */
struct axe_operand {
	struct axe_region *rgn;
	u64 addr;
	u64 left;
	bool write;
	bool backward;
	struct axe_hold hold;
	u64 piece_addr;
	size_t piece;
};

/* No operand: nothing to hold, nothing to do. */
static inline void axe_operand_none(struct axe_operand *opnd)
{
	opnd->rgn = NULL;
	opnd->left = 0;
	opnd->piece = 0;
	opnd->backward = false;
	opnd->hold.span = NULL;
}

/**
 * struct axe_wanted - a fault to be done, without the operand that needs it
 * @mirror:	where; keeps it and its device
 * @va:		the first address
 * @length:	bytes that are wanted from there
 * @write:	the device is going to write
 */
struct axe_wanted {
	struct axe_mirror *mirror;
	unsigned long va;
	u64 length;
	bool write;
};

enum axe_code axe_operand_open(struct axe_operand *opnd, struct axe_dev *dev,
			       struct ib_pd *pd, const struct axe_buf *buf, bool write);
enum axe_code axe_operand_open_remote(struct axe_operand *opnd, struct axe_dev *dev,
				      struct ib_pd *pd, u64 qp_id, u64 addr, u32 length,
				      u32 rkey, int access);
void axe_operand_open_kernel(struct axe_operand *opnd, void *addr, u32 length, bool write);

/**
 * axe_operand_close - done with it
 * @opnd:	opened, or zeroed; holds nothing
 */
static inline void axe_operand_close(struct axe_operand *opnd)
{
	if (opnd->rgn && opnd->rgn != &axe_region_kernel)
		axe_region_put(opnd->rgn);
	opnd->rgn = NULL;
}

bool axe_operand_hold(struct axe_operand *opnd);
void axe_operand_release(struct axe_operand *opnd);
enum axe_code axe_operand_fault(struct axe_operand *opnd);
bool axe_operand_want(const struct axe_operand *opnd, struct axe_wanted *wanted);
enum axe_code axe_wanted_fault(struct axe_wanted *wanted);

void *axe_operand_lock(struct axe_operand *opnd, struct axe_span **span) __acquires(*span);
void axe_operand_unlock(struct axe_span *span) __releases(span);

/* Copied under the locks of spans: what is longer would keep others waiting. */
#define AXE_COPY_SHORT	512

bool axe_operands_copy_short(struct axe_operand *to, struct axe_operand *from, size_t length);
void *axe_operand_chunk(struct axe_operand *opnd, size_t *length);
void axe_operand_advance(struct axe_operand *opnd, size_t length);
u64 axe_operand_where(const struct axe_operand *opnd);

bool axe_operands_overlap(const struct axe_operand *a, const struct axe_operand *b,
			  bool *b_is_higher);

#endif
