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

/* Whole and untouched. */
static void axe_operand_init(struct axe_operand *opnd, struct axe_region *rgn, u64 addr,
			     u32 length, bool write)
{
	opnd->rgn = rgn;
	opnd->addr = addr;
	opnd->left = length;
	opnd->write = write;
	opnd->backward = false;
	opnd->hold.span = NULL;
	opnd->piece = 0;
}

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

	axe_operand_init(opnd, rgn, le64_to_cpu(buf->addr), le32_to_cpu(buf->length), write);
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
 * axe_operand_open_remote - look up what a peer's request names
 * @opnd:	filled in
 * @dev:	the device that the request reaches
 * @pd:		the protection domain of the QP that it reaches
 * @qp_id:	axe_qp_id_new() of that QP
 * @addr:	as the request has it
 * @length:	likewise; 0 needs no key that is good for anything
 * @rkey:	likewise
 * @access:	the IB_ACCESS_REMOTE_* and IB_ACCESS_FLUSH_* that it needs
 *
 * Return: AXE_OK, then to be closed; AXE_ERR_KEY, AXE_ERR_ACCESS, AXE_ERR_RANGE.
 */
enum axe_code axe_operand_open_remote(struct axe_operand *opnd, struct axe_dev *dev,
				      struct ib_pd *pd, u64 qp_id, u64 addr, u32 length,
				      u32 rkey, int access)
{
	struct axe_region *rgn;
	enum axe_code code;

	axe_operand_none(opnd);
	if (!length)
		return AXE_OK;
	rgn = axe_region_get_remote(dev, pd, qp_id, rkey);
	if (!rgn)
		return AXE_ERR_KEY;

	code = AXE_ERR_ACCESS;
	if (access & ~rgn->access)
		goto put_region;
	code = AXE_ERR_RANGE;
	if (!axe_region_contains(rgn, addr, length))
		goto put_region;
	axe_operand_init(opnd, rgn, addr, length,
			 access & (IB_ACCESS_REMOTE_WRITE | IB_ACCESS_REMOTE_ATOMIC));
	return AXE_OK;

put_region:
	axe_region_put(rgn);
	return code;
}

/**
 * axe_operand_open_kernel - memory of the kernel's own
 * @opnd:	filled in; to be closed, though that does nothing
 * @addr:	its first address
 * @length:	in bytes, of memory that stays until it is closed
 * @write:	the device is going to write
 */
void axe_operand_open_kernel(struct axe_operand *opnd, void *addr, u32 length, bool write)
{
	axe_operand_init(opnd, &axe_region_kernel, (uintptr_t)addr, length, write);
}

/* The address in the process, or in the kernel. */
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

/* Most often it is the same as the last time. */
static struct axe_span *axe_region_span(struct axe_region *rgn, unsigned long va)
{
	struct axe_span *span = READ_ONCE(rgn->recent);

	if (likely(span && span->base == (va & ~(AXE_SPAN_SIZE - 1))))
		return span;
	span = axe_mirror_span(rgn->mirror, va);
	if (span)
		WRITE_ONCE(rgn->recent, span);
	return span;
}

static bool axe_operand_hold_mirror(struct axe_operand *opnd, unsigned long va, size_t *length)
{
	struct axe_span *span = axe_region_span(opnd->rgn, va);
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

/* What has to be faulted in for the next piece. */
static void axe_operand_missing(const struct axe_operand *opnd, struct axe_wanted *wanted)
{
	size_t length;
	u64 addr = axe_operand_next(opnd, &length);

	wanted->mirror = opnd->rgn->mirror;
	wanted->va = axe_operand_va(opnd, addr);
	/* All of the operand will be touched: have as much as goes at once. */
	wanted->length = opnd->backward ? length : opnd->left;
	wanted->write = opnd->write;
}

static enum axe_code axe_wanted_try(const struct axe_wanted *wanted)
{
	long ret = axe_fault(wanted->mirror, wanted->va, wanted->length,
			     wanted->write ? AXE_FAULT_WRITE : 0);

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

/**
 * axe_operand_fault - have the next piece's pages brought in
 * @opnd:	open; the caller holds nothing at all
 *
 * Return: AXE_OK, and holding is worth another try; AXE_ERR_FAULT, AXE_ERR_GONE,
 * AXE_ERR_NOMEM, AXE_ERR_FLUSHED when the caller is being killed.
 */
enum axe_code axe_operand_fault(struct axe_operand *opnd)
{
	struct axe_wanted wanted;

	if (!opnd->left)
		return AXE_OK;
	axe_operand_missing(opnd, &wanted);
	return axe_wanted_try(&wanted);
}

/**
 * axe_operand_want - note what axe_operand_fault() would do, to be done later
 * @opnd:	open; axe_operand_hold() has failed
 * @wanted:	for axe_wanted_fault(), which must follow
 *
 * For who cannot keep the operand open meanwhile, for that keeps its region from
 * being deregistered. Does not sleep.
 *
 * Return: false, and nothing is to follow, if the device is about to go.
 */
bool axe_operand_want(const struct axe_operand *opnd, struct axe_wanted *wanted)
{
	axe_operand_missing(opnd, wanted);
	if (!ib_device_try_get(&wanted->mirror->dev->ib))
		return false;
	/* The operand has a region, and that the mirror. */
	kref_get(&wanted->mirror->ref);
	return true;
}

/**
 * axe_wanted_fault - do it, and give back what axe_operand_want() took
 * @wanted:	of axe_operand_want(); the caller holds nothing at all
 *
 * Return: as axe_operand_fault(). Whether the region is still there the next
 * axe_operand_open*() will tell.
 */
enum axe_code axe_wanted_fault(struct axe_wanted *wanted)
{
	struct axe_dev *dev = wanted->mirror->dev;
	enum axe_code code = axe_wanted_try(wanted);

	axe_mirror_put(wanted->mirror);
	ib_device_put(&dev->ib);
	return code;
}

static inline struct page *axe_operand_page(const struct axe_operand *opnd, unsigned long va)
{
	const struct axe_region *rgn = opnd->rgn;

	if (rgn->kind == AXE_REGION_PINNED)
		return rgn->pages[(va >> PAGE_SHIFT) - (rgn->va >> PAGE_SHIFT)];
	return axe_pte_page(READ_ONCE(opnd->hold.span->ptes[(va - opnd->hold.span->base) >>
							    PAGE_SHIFT]));
}

/* Where the kernel sees it, if all of it is on one page that is there. */
static inline void *axe_operand_spot(struct axe_operand *opnd, struct axe_span *span,
				     unsigned long va)
{
	unsigned long need = AXE_PTE_VALID | (opnd->write ? AXE_PTE_WRITE : 0);
	unsigned long *pte;

	switch (opnd->rgn->kind) {
	case AXE_REGION_LINEAR:
		return (void *)va;
	case AXE_REGION_PINNED:
		return page_address(axe_operand_page(opnd, va)) + offset_in_page(va);
	default:
		break;
	}
	lockdep_assert_held(&span->lock);
	pte = &span->ptes[(va - span->base) >> PAGE_SHIFT];
	if ((*pte & need) != need)
		return NULL;
	if (opnd->write)
		WRITE_ONCE(*pte, *pte | AXE_PTE_DIRTY);
	return page_address(axe_pte_page(*pte)) + offset_in_page(va);
}

/* Nobody takes pages away under the lock. In the order of addresses, if it is two. */
static void axe_spans_lock(struct axe_span *a, struct axe_span *b)
	__acquires(a) __acquires(b)
{
	if (a > b)
		swap(a, b);
	if (a)
		spin_lock(&a->lock);
	else
		__acquire(a);
	if (b && b != a)
		spin_lock_nested(&b->lock, SINGLE_DEPTH_NESTING);
	else
		__acquire(b);
}

static void axe_spans_unlock(struct axe_span *a, struct axe_span *b)
	__releases(a) __releases(b)
{
	if (a)
		spin_unlock(&a->lock);
	else
		__release(a);
	if (b && b != a)
		spin_unlock(&b->lock);
	else
		__release(b);
}

/**
 * axe_operand_lock - where an operand starts, while nobody takes its page away
 * @opnd:	open, holds nothing
 * @span:	for axe_operand_unlock(), which must follow in any case
 *
 * For a few bytes that end on the same page, and no sleep: it is a spin lock.
 *
 * Return: where the kernel sees it, or NULL if it has to be faulted in.
 */
void *axe_operand_lock(struct axe_operand *opnd, struct axe_span **span)
	__acquires(*span)
{
	unsigned long va = axe_operand_va(opnd, opnd->addr);

	*span = NULL;
	if (opnd->rgn->kind == AXE_REGION_MIRROR)
		*span = axe_region_span(opnd->rgn, va);
	if (*span)
		spin_lock(&(*span)->lock);
	else
		__acquire(*span);
	if (opnd->rgn->kind == AXE_REGION_MIRROR && !*span)
		return NULL;
	return axe_operand_spot(opnd, *span, va);
}

/**
 * axe_operand_unlock - done with it
 * @span:	of axe_operand_lock()
 */
void axe_operand_unlock(struct axe_span *span)
	__releases(span)
{
	if (span)
		spin_unlock(&span->lock);
	else
		__release(span);
}

/**
 * axe_operands_copy_short - copy a few bytes without a hold
 * @to:		open, holds nothing
 * @from:	likewise
 * @length:	at most AXE_COPY_SHORT; both have it left
 *
 * Return: false, and nothing was done, if it takes more than one page of either, or
 * one that has to be faulted in.
 */
bool axe_operands_copy_short(struct axe_operand *to, struct axe_operand *from, size_t length)
{
	unsigned long to_va = axe_operand_va(to, to->addr);
	unsigned long from_va = axe_operand_va(from, from->addr);
	struct axe_span *to_span = NULL, *from_span = NULL;
	void *dst, *src;

	if (offset_in_page(to_va) + length > PAGE_SIZE ||
	    offset_in_page(from_va) + length > PAGE_SIZE)
		return false;
	if (to->rgn->kind == AXE_REGION_MIRROR) {
		to_span = axe_region_span(to->rgn, to_va);
		if (!to_span)
			return false;
	}
	if (from->rgn->kind == AXE_REGION_MIRROR) {
		from_span = axe_region_span(from->rgn, from_va);
		if (!from_span)
			return false;
	}
	axe_spans_lock(to_span, from_span);
	src = axe_operand_spot(from, from_span, from_va);
	dst = src ? axe_operand_spot(to, to_span, to_va) : NULL;
	if (dst)
		memmove(dst, src, length);
	axe_spans_unlock(to_span, from_span);
	if (!dst)
		return false;
	to->addr += length;
	to->left -= length;
	from->addr += length;
	from->left -= length;
	return true;
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
	if (opnd->rgn->kind == AXE_REGION_LINEAR) {
		*length = opnd->piece;
		return (void *)va;
	}
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
