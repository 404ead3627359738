// SPDX-License-Identifier: GPL-2.0
/* Cursors: a way along a scatter list, or one range, of either side's memory. */

#include <linux/minmax.h>
#include <linux/string.h>

#include "axe.h"
#include "cursor.h"

/* So much is copied before the caller looks whether it should go on. */
#define AXE_COPY_BOUND	(1024 * 1024)

/* Go to the next entry that has something left. */
static enum axe_code axe_cursor_next(struct axe_cursor *cur)
{
	enum axe_code code;

	while (!cur->open || !cur->opnd.left) {
		struct axe_buf buf;
		u32 length;

		axe_cursor_close(cur);
		if (!cur->num_sge)
			return AXE_ERR_LENGTH;
		buf = *cur->sge;
		length = le32_to_cpu(buf.length);
		if (length <= cur->skip) {
			cur->skip -= length;
			cur->sge++;
			cur->num_sge--;
			continue;
		}
		if (cur->pd) {
			code = axe_operand_open(&cur->opnd, cur->dev, cur->pd, &buf, cur->write);
			if (code != AXE_OK)
				return code;
		} else {
			void *addr = (void *)(uintptr_t)le64_to_cpu(buf.addr);

			axe_operand_open_kernel(&cur->opnd, addr, length, cur->write);
		}
		/* Not before: who asks again gets the same answer. */
		cur->sge++;
		cur->num_sge--;
		cur->open = true;
		cur->opnd.addr += cur->skip;
		cur->opnd.left -= cur->skip;
		cur->skip = 0;
	}
	return AXE_OK;
}

/**
 * axe_cursor_hold - get the next piece
 * @cur:	holds nothing, and has something left
 * @code:	AXE_OK, or why it cannot be used
 *
 * Return: true if @cur->opnd holds it; false with AXE_OK if it has to be faulted in.
 */
bool axe_cursor_hold(struct axe_cursor *cur, enum axe_code *code)
{
	*code = AXE_OK;
	if (unlikely(!cur->open || !cur->opnd.left)) {
		*code = axe_cursor_next(cur);
		if (*code != AXE_OK)
			return false;
	}
	return axe_operand_hold(&cur->opnd);
}

/**
 * axe_cursor_release - let the piece go
 * @cur:	holds one
 */
void axe_cursor_release(struct axe_cursor *cur)
{
	axe_operand_release(&cur->opnd);
}

/* Copy what both hold, at most @length. Returns how much. */
static size_t axe_copy_held(struct axe_operand *to, struct axe_operand *from, u64 length)
{
	size_t total = min3((u64)to->piece, (u64)from->piece, length);
	size_t left = total;

	while (left) {
		size_t to_len, from_len, n;
		void *dst = axe_operand_chunk(to, &to_len);
		void *src = axe_operand_chunk(from, &from_len);

		n = min3(to_len, from_len, left);
		/* Both may be the same memory: of one process, or of two that share it. */
		memmove(dst, src, n);
		axe_operand_advance(to, n);
		axe_operand_advance(from, n);
		left -= n;
	}
	return total;
}

/* All of a short message at once, if both ends are at hand. */
static bool axe_copy_at_once(struct axe_cursor *to, struct axe_cursor *from, u64 length)
{
	if (!to->open && axe_cursor_next(to) != AXE_OK)
		return false;
	if (!from->open && axe_cursor_next(from) != AXE_OK)
		return false;
	if (to->opnd.left < length || from->opnd.left < length)
		return false;
	return axe_operands_copy_short(&to->opnd, &from->opnd, length);
}

/**
 * axe_copy - copy, as far as it goes without sleeping
 * @to:		where to; holds nothing
 * @from:	where from; holds nothing
 * @length:	bytes; both have them
 * @done:	how many of them are done; goes up
 * @code:	with AXE_COPY_ERROR_*: what is wrong
 *
 * Return: see enum axe_copy_ret. Nothing is held.
 */
enum axe_copy_ret axe_copy(struct axe_cursor *to, struct axe_cursor *from, u64 length,
			   u64 *done, enum axe_code *code)
{
	u64 bound = *done + AXE_COPY_BOUND;

	if (!*done && length && length <= AXE_COPY_SHORT && axe_copy_at_once(to, from, length)) {
		*done = length;
		return AXE_COPY_DONE;
	}
	while (*done < length) {
		if (*done >= bound)
			return AXE_COPY_MORE;
		if (!axe_cursor_hold(from, code))
			return *code == AXE_OK ? AXE_COPY_FAULT_FROM : AXE_COPY_ERROR_FROM;
		if (!axe_cursor_hold(to, code)) {
			axe_cursor_release(from);
			return *code == AXE_OK ? AXE_COPY_FAULT_TO : AXE_COPY_ERROR_TO;
		}
		*done += axe_copy_held(&to->opnd, &from->opnd, length - *done);
		axe_cursor_release(to);
		axe_cursor_release(from);
	}
	return AXE_COPY_DONE;
}
