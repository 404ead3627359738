// SPDX-License-Identifier: GPL-2.0
/*
 * Access: from (address, length, key) to pieces of memory that the kernel can touch.
 *
 * A piece is what is held at a time. It ends at AXE_PIECE_MAX, at the end of a
 * span, and at the first page that has to be faulted in. Within a piece, a chunk
 * is what is contiguous for the kernel.
 */

#include <linux/mm.h>
#include <rdma/ib_verbs.h>

#include "access.h"
#include "axe.h"
#include "fault.h"
#include "region.h"

/**
 * axe_operand_open - look up a command's operand
 * @opnd:	filled in
 * @dev:	the device
 * @pd:		the queue's protection domain
 * @buf:	as the command has it
 * @write:	the device is going to write
 *
 * Return: AXE_OK, then to be closed; AXE_ERR_KEY, AXE_ERR_ACCESS, AXE_ERR_RANGE.
 */
enum axe_code axe_operand_open(struct axe_operand *opnd, struct axe_dev *dev,
			       struct ib_pd *pd, const struct axe_buf *buf, bool write)
{
	struct axe_region *rgn = axe_region_get(dev, pd, le32_to_cpu(buf->key));
	enum axe_code code;

	if (!rgn)
		return AXE_ERR_KEY;

	code = AXE_ERR_ACCESS;
	if (write && !(rgn->access & IB_ACCESS_LOCAL_WRITE))
		goto put_region;

	opnd->rgn = rgn;
	opnd->addr = le64_to_cpu(buf->addr);
	opnd->left = le32_to_cpu(buf->length);
	opnd->write = write;
	opnd->backward = false;
	opnd->hold.span = NULL;
	opnd->piece = 0;

	code = AXE_ERR_RANGE;
	if (!axe_region_contains(rgn, opnd->addr, opnd->left))
		goto put_region;
	return AXE_OK;

put_region:
	opnd->rgn = NULL;
	axe_region_put(rgn);
	return code;
}

/**
 * axe_operand_close - done with it
 * @opnd:	opened, or zeroed; holds nothing
 */
void axe_operand_close(struct axe_operand *opnd)
{
	if (opnd->rgn)
		axe_region_put(opnd->rgn);
	opnd->rgn = NULL;
}

/* The address in the process. */
static unsigned long axe_operand_va(const struct axe_operand *opnd, u64 addr)
{
	return addr - opnd->rgn->iova + opnd->rgn->va;
}

/* Where the next piece starts, and how long it may be. */
static u64 axe_operand_next(const struct axe_operand *opnd, size_t *length)
{
	unsigned long va;

	if (!opnd->backward) {
		va = axe_operand_va(opnd, opnd->addr);
		*length = min3(opnd->left, (u64)AXE_PIECE_MAX,
			       (u64)(AXE_SPAN_SIZE - (va & (AXE_SPAN_SIZE - 1))));
		return opnd->addr;
	}

	/* Pages are taken one by one: the last one must be there, not the first. */
	va = axe_operand_va(opnd, opnd->addr + opnd->left);
	*length = min(opnd->left, (u64)(offset_in_page(va - 1) + 1));
	return opnd->addr + opnd->left - *length;
}

static bool axe_operand_hold_mirror(struct axe_operand *opnd, unsigned long va, size_t *length)
{
	struct axe_span *span = axe_mirror_span(opnd->rgn->mirror, va);
	unsigned int first, last, n;

	if (!span)
		return false;
	first = (va - span->base) >> PAGE_SHIFT;
	last = (va + *length - 1 - span->base) >> PAGE_SHIFT;
	n = axe_span_hold(span, &opnd->hold, first, last, opnd->write);
	if (!n)
		return false;
	*length = min_t(size_t, *length, ((size_t)n << PAGE_SHIFT) - offset_in_page(va));
	return true;
}

/**
 * axe_operand_hold - get the next piece
 * @opnd:	open, holds nothing
 *
 * Does not sleep.
 *
 * Return: false if its first page has to be faulted in, see axe_operand_fault().
 */
bool axe_operand_hold(struct axe_operand *opnd)
{
	size_t length;
	u64 addr;

	if (!opnd->left) {
		opnd->piece = 0;
		return true;
	}
	addr = axe_operand_next(opnd, &length);
	if (opnd->rgn->kind == AXE_REGION_MIRROR &&
	    !axe_operand_hold_mirror(opnd, axe_operand_va(opnd, addr), &length))
		return false;
	opnd->piece_addr = addr;
	opnd->piece = length;
	return true;
}

/**
 * axe_operand_release - let the piece go
 * @opnd:	what was not done of the piece comes again with the next one
 */
void axe_operand_release(struct axe_operand *opnd)
{
	if (opnd->hold.span)
		axe_span_release(&opnd->hold);
	opnd->piece = 0;
}

/**
 * axe_operand_fault - have the next piece's pages brought in
 * @opnd:	open; the caller holds nothing at all
 *
 * Return: AXE_OK, and holding is worth another try; AXE_ERR_FAULT, AXE_ERR_GONE,
 * AXE_ERR_NOMEM, AXE_ERR_FLUSHED when the caller is being killed.
 */
enum axe_code axe_operand_fault(struct axe_operand *opnd)
{
	u64 left = opnd->left;
	size_t length;
	u64 addr;
	long ret;

	if (!left)
		return AXE_OK;
	addr = axe_operand_next(opnd, &length);
	/* All of the operand will be touched: have as much as goes at once. */
	if (opnd->backward)
		left = length;
	ret = axe_fault(opnd->rgn->mirror, axe_operand_va(opnd, addr), left,
			opnd->write ? AXE_FAULT_WRITE : 0);
	if (ret >= 0)
		return AXE_OK;
	switch (ret) {
	case -ESRCH:
		return AXE_ERR_GONE;
	case -ENOMEM:
		return AXE_ERR_NOMEM;
	case -EINTR:
		return AXE_ERR_FLUSHED;
	default:
		return AXE_ERR_FAULT;
	}
}

static struct page *axe_operand_page(const struct axe_operand *opnd, unsigned long va)
{
	const struct axe_region *rgn = opnd->rgn;

	if (rgn->kind == AXE_REGION_PINNED)
		return rgn->pages[(va >> PAGE_SHIFT) - (rgn->va >> PAGE_SHIFT)];
	return axe_pte_page(READ_ONCE(opnd->hold.span->ptes[(va - opnd->hold.span->base) >>
							    PAGE_SHIFT]));
}

/**
 * axe_operand_chunk - what is contiguous at the start of the piece
 * @opnd:	holds a piece
 * @length:	bytes; 0 if the piece is used up
 *
 * Return: where the kernel sees it.
 */
void *axe_operand_chunk(struct axe_operand *opnd, size_t *length)
{
	unsigned long va = axe_operand_va(opnd, opnd->piece_addr);
	size_t n = min_t(size_t, opnd->piece, PAGE_SIZE - offset_in_page(va));
	void *addr;

	*length = n;
	if (!n)
		return NULL;
	addr = page_address(axe_operand_page(opnd, va)) + offset_in_page(va);
	while (n < opnd->piece &&
	       page_address(axe_operand_page(opnd, va + n)) == addr + n)
		n = min_t(size_t, opnd->piece, n + PAGE_SIZE);
	*length = n;
	return addr;
}

/**
 * axe_operand_advance - so much is done
 * @opnd:	holds a piece
 * @length:	at most what is left of it; of a backward operand, from its end
 */
void axe_operand_advance(struct axe_operand *opnd, size_t length)
{
	opnd->piece -= length;
	opnd->left -= length;
	if (!opnd->backward) {
		opnd->piece_addr += length;
		opnd->addr += length;
	}
}

/**
 * axe_operand_where - the address that is to be done next
 * @opnd:	open
 */
u64 axe_operand_where(const struct axe_operand *opnd)
{
	size_t length;

	return opnd->left ? axe_operand_next(opnd, &length) : opnd->addr;
}

/**
 * axe_operands_overlap - do two operands share memory of a process?
 * @a:		open, nothing done yet
 * @b:		likewise
 * @b_is_higher: set if so: @b starts behind @a
 *
 * Seen through the process's addresses, so also through two regions. Two
 * mappings of one page are not noticed.
 */
bool axe_operands_overlap(const struct axe_operand *a, const struct axe_operand *b,
			  bool *b_is_higher)
{
	unsigned long va, vb;

	if (!a->rgn || !b->rgn || axe_region_mm(a->rgn) != axe_region_mm(b->rgn))
		return false;
	va = axe_operand_va(a, a->addr);
	vb = axe_operand_va(b, b->addr);
	*b_is_higher = vb > va;
	return va < vb + b->left && vb < va + a->left;
}
