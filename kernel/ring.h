/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Arithmetic of the rings that are shared with a process.
 *
 * Indices run freely over 32 bits. What the process writes is believed only as
 * far as it makes sense. All pairings of barriers are in docs/memory-ordering.md:
 *
 *   who	stores			then	 read by the other, who
 *   process	slots			release	 tail: acquire in axe_queue_posted()
 *   device	(has copied the slot)	release	 head: acquire, when the ring looks full
 *   device	CQE			release	 producer: acquire in poll
 *   process	(has read the CQE)	release	 consumer: acquire in axe_cq_make_room()
 *   process	tail	    full fence, loads flags   }  one of the two sees
 *   device	NEED_WAKEUP full fence, loads tail    }  what the other stored
 *   process	arm	    full fence, loads producer }  likewise
 *   device	producer    full fence, loads arm      }
 *
 * Builds in user space for tests/unit.
 */
#ifndef AXE_RING_ARITH_H
#define AXE_RING_ARITH_H

#include <linux/types.h>

/**
 * axe_ring_used - how many entries lie between two indices
 * @producer:	one past the last
 * @consumer:	the first
 * @entries:	of the ring
 *
 * Return: that, or -1 if it is more than the ring has: an index ran away.
 */
static inline s64 axe_ring_used(u32 producer, u32 consumer, u32 entries)
{
	u32 used = producer - consumer;

	return used <= entries ? (s64)used : -1;
}

#endif
