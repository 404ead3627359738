// SPDX-License-Identifier: GPL-2.0
/* Requests of connected QPs that are about single words, or about none. */

#include <linux/atomic.h>

#include "axe.h"
#include "cursor.h"
#include "peer.h"
#include "try.h"
#include "wr.h"

/* IBA 9.4.5: the three are one step to each other, and here to the CPUs as well. */
static void axe_word_do(struct axe_wr *wr, u64 *word)
{
	switch (wr->cmd.opcode) {
	case IB_UVERBS_WR_ATOMIC_CMP_AND_SWP:
		wr->word = cmpxchg64(word, le64_to_cpu(wr->cmd.op.atomic.compare_add),
				     le64_to_cpu(wr->cmd.op.atomic.swap));
		break;
	case IB_UVERBS_WR_ATOMIC_FETCH_AND_ADD:
		wr->word = atomic64_fetch_add(le64_to_cpu(wr->cmd.op.atomic.compare_add),
					      (atomic64_t *)word);
		break;
	default:
		/* Behind what was written before it; pairs with the reader's own. */
		smp_store_release(word, wr->word);
		break;
	}
}

/* The peer's word, eight bytes at a multiple of eight. */
static enum axe_wr_ret axe_try_word(struct axe_try *try, int access)
{
	struct axe_wr *wr = try->wr;
	struct axe_cursor cur;
	enum axe_wr_ret ret = AXE_WR_DONE;
	struct axe_span *span;
	enum axe_code code;
	u64 done = wr->done;
	u64 *word;

	if (le64_to_cpu(wr->cmd.remote_addr) % sizeof(u64))
		return axe_try_nak(try, IB_WC_REM_INV_REQ_ERR, AXE_ERR_PARAM,
				   IB_EVENT_QP_REQ_ERR);
	wr->done = 0;
	code = axe_try_remote(try, &cur, sizeof(u64), access);
	wr->done = done;
	if (code == AXE_OK && wr->fault != AXE_OK) {
		axe_cursor_close(&cur);
		code = wr->fault;
	}
	if (code != AXE_OK)
		return axe_try_remote_error(try, code);
	word = axe_operand_lock(&cur.opnd, &span);
	/* An address of the region may lie otherwise in memory. */
	if (word && (unsigned long)word % sizeof(u64))
		code = AXE_ERR_PARAM;
	else if (word)
		axe_word_do(wr, word);
	axe_operand_unlock(span);
	if (!word)
		ret = axe_try_want(try, &cur, true);
	axe_cursor_close(&cur);
	if (code != AXE_OK)
		return axe_try_nak(try, IB_WC_REM_INV_REQ_ERR, code, IB_EVENT_QP_REQ_ERR);
	return ret;
}

/* Between @word and our scatter list. */
static enum axe_wr_ret axe_try_copy_word(struct axe_try *try, bool write)
{
	struct axe_wr *wr = try->wr;
	struct axe_cursor word, list;
	enum axe_wr_ret ret;

	axe_cursor_kernel(&word, (void *)&wr->word + wr->done, sizeof(u64) - wr->done, !write);
	axe_try_local(try, &list, write);
	if (write)
		ret = axe_try_copy(try, &list, &word, true);
	else
		ret = axe_try_copy(try, &word, &list, false);
	axe_cursor_close(&list);
	axe_cursor_close(&word);
	return ret;
}

/**
 * axe_try_atomic - a compare and swap, or a fetch and add
 * @try:	what is fetched goes where its scatter list says
 */
enum axe_wr_ret axe_try_atomic(struct axe_try *try)
{
	struct axe_wr *wr = try->wr;
	enum axe_wr_ret ret;

	if (!(try->b->access & IB_ACCESS_REMOTE_ATOMIC) || !try->b->max_dest_rd)
		return axe_try_refuse(try);
	if (!wr->phase) {
		ret = axe_try_word(try, IB_ACCESS_REMOTE_ATOMIC);
		if (ret != AXE_WR_DONE || wr->status != IB_WC_SUCCESS)
			return ret;
		wr->phase = 1;
	}
	return axe_try_copy_word(try, true);
}

/**
 * axe_try_atomic_write - eight bytes, all or none of them to be seen
 * @try:	they are its payload
 */
enum axe_wr_ret axe_try_atomic_write(struct axe_try *try)
{
	struct axe_wr *wr = try->wr;
	enum axe_wr_ret ret;

	if (!(try->b->access & IB_ACCESS_REMOTE_WRITE))
		return axe_try_refuse(try);
	if (!wr->phase) {
		ret = axe_try_copy_word(try, false);
		if (ret != AXE_WR_DONE || wr->status != IB_WC_SUCCESS)
			return ret;
		wr->phase = 1;
	}
	return axe_try_word(try, IB_ACCESS_REMOTE_WRITE);
}

/**
 * axe_try_flush - see that what was written is visible to all (IBA A19)
 * @try:	may it ask for that? For it is so anyway
 */
enum axe_wr_ret axe_try_flush(struct axe_try *try)
{
	const struct axe_wr *wr = try->wr;
	u32 type = le32_to_cpu(wr->cmd.op.flush.type);
	u32 level = le32_to_cpu(wr->cmd.op.flush.level);
	u64 length = le64_to_cpu(wr->cmd.op.flush.length);
	struct axe_cursor cur;
	enum axe_code code;
	int access = 0;

	if (!type || type & ~3U || level > 1 || length > U32_MAX)
		return axe_try_nak(try, IB_WC_REM_INV_REQ_ERR, AXE_ERR_PARAM,
				   IB_EVENT_QP_REQ_ERR);
	if (type & BIT(0))
		access |= IB_ACCESS_FLUSH_GLOBAL;
	if (type & BIT(1))
		access |= IB_ACCESS_FLUSH_PERSISTENT;
	/* With the whole region as its level it names no range, but still the key. */
	code = axe_try_remote(try, &cur, level ? 1 : length, access);
	if (code != AXE_OK && !(level && code == AXE_ERR_RANGE))
		return axe_try_nak(try, IB_WC_REM_ACCESS_ERR, code, IB_EVENT_QP_ACCESS_ERR);
	if (code == AXE_OK)
		axe_cursor_close(&cur);
	/* All that came before is seen before all that comes behind; with the reader's own. */
	smp_mb();
	return AXE_WR_DONE;
}
