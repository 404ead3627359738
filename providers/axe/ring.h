/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * The rings that a process shares with the device: index arithmetic and memory
 * ordering, of the process' side.
 *
 * Indices run freely over 32 bits and are taken modulo the ring's size when an
 * entry is addressed, so that "empty" (equal) and "full" (a size apart) differ.
 * Every index has one writer. The process keeps no copy of its own indices
 * beyond one call: the shared header is the truth, so that a child that
 * inherited a context goes on where its parent was.
 *
 * Four pairs of barriers hold all this together. The device's half of each is
 * in the kernel module; where a function is named, it is that of accelerator
 * queues. A peer queue's send ring is the same, and so is a receive ring, of a
 * QP or an SRQ, whose entries are longer: see axe_rq_post().
 *
 *  1. Slots before tail. axe_ring_publish() stores the tail with release, after
 *     the slots; axe_queue_posted() loads it with acquire, before a slot is
 *     copied. A slot that the device can see is complete.
 *
 *  2. Copy before head. The device stores the head with release, after
 *     axe_queue_take() has copied the slot; axe_ring_head() loads it with
 *     acquire, before the slot is written again. A slot is reused only when it
 *     was copied.
 *
 *  3. Tail against NEED_WAKEUP. axe_ring_publish() stores the tail, then loads
 *     the flags; axe_queue_leave() sets NEED_WAKEUP, then loads the tail. With a
 *     full barrier between store and load on both sides at least one of them
 *     sees the other's store: either the process rings the doorbell or the
 *     device finds the command. With anything less both loads may pass the
 *     stores, and a command is lost until the next doorbell.
 *
 *  4. Completions. axe_cq_commit() stores the producer index with release,
 *     after the CQE; axe_cq_ready() loads it with acquire, before the CQE is
 *     read. axe_cq_consume() stores the consumer index with release, after the
 *     CQE was read; axe_cq_make_room() loads it with acquire, before one is
 *     overwritten. And arming is pair 3 turned around: axe_cq_arm() stores the
 *     arm word, then - full barrier - the application's next poll loads the
 *     producer index; axe_cq_commit() stores the producer index, then - full
 *     barrier - loads the arm word. Either the poll finds the completion or the
 *     device finds the CQ armed. That is why the application has to poll once
 *     more after ibv_req_notify_cq(), and why that needs no system call.
 */
#ifndef AXE_RING_H
#define AXE_RING_H

#include <stdbool.h>
#include <stdint.h>
#include <errno.h>

#include <util/compiler.h>
#include <rdma/axe-ring.h>

/**
 * struct axe_sq - a send ring
 * @hdr:	start of the mapping
 * @slots:	first slot
 * @mask:	number of slots less one
 * @tail:	between start and complete: one past the last slot that was built
 * @limit:	how far the tail may go: the head, as last seen, plus the size
 * @err:	between start and complete: the first error of a builder
 * @lacks:	between start and complete: what has to follow before the last one
 *		is whole, enum axe_lacks
 * @last:	between start and complete: the last command or work request
 */
struct axe_sq {
	struct axe_sq_hdr *hdr;
	void *slots;
	uint32_t mask;
	uint32_t tail;
	uint32_t limit;
	int err;
	unsigned int lacks;
	void *last;
};

/**
 * struct axe_rq - a receive ring, of a QP or an SRQ
 * @hdr:	start of the mapping; NULL: there is none
 * @entries:	first entry
 * @mask:	number of entries less one
 * @stride:	bytes of an entry
 * @size:	how many entries may be outstanding, at most @mask plus one
 * @max_sge:	longest scatter list
 * @length:	of the mapping
 */
struct axe_rq {
	struct axe_sq_hdr *hdr;
	void *entries;
	uint32_t mask;
	uint32_t stride;
	uint32_t size;
	uint32_t max_sge;
	size_t length;
};

/* Pair 2, with the device's store behind axe_queue_take(): before it, all is free. */
static inline uint32_t axe_ring_head(const struct axe_sq_hdr *hdr)
{
	return __atomic_load_n(&hdr->head, __ATOMIC_ACQUIRE);
}

/* Hand everything before @tail to the device. Returns the flags it has set since. */
static inline uint32_t axe_ring_publish(struct axe_sq_hdr *hdr, uint32_t tail)
{
	/* pair 1, with axe_queue_posted() */
	__atomic_store_n(&hdr->tail, tail, __ATOMIC_RELEASE);
	/* pair 3, with axe_queue_leave() */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return __atomic_load_n(&hdr->flags, __ATOMIC_RELAXED);
}

/* After the device has emptied the ring and looks at it no more. Returns its head. */
static inline uint32_t axe_ring_reset(struct axe_sq_hdr *hdr)
{
	uint32_t head = axe_ring_head(hdr);

	__atomic_store_n(&hdr->tail, head, __ATOMIC_RELEASE);
	return head;
}

static inline void axe_sq_init(struct axe_sq *sq, void *map, uint32_t slots)
{
	sq->hdr = map;
	sq->slots = map + AXE_RING_ENTRIES;
	sq->mask = slots - 1;
	sq->limit = sq->hdr->head + slots;
	sq->tail = sq->hdr->tail;
	sq->hdr->version = AXE_RING_VERSION;
}

/* See axe_ring_reset(). */
static inline void axe_sq_reset(struct axe_sq *sq)
{
	sq->limit = axe_ring_reset(sq->hdr) + sq->mask + 1;
}

/* Look how far the device has come. Is there room for @n slots now? */
static inline bool axe_sq_refresh(struct axe_sq *sq, uint32_t n)
{
	sq->limit = axe_ring_head(sq->hdr) + sq->mask + 1;
	return (int32_t)(sq->limit - sq->tail) >= (int32_t)n;
}

/*
 * Is there room for @n more slots? The head only moves forward: what was free
 * is still free, and the device's cache line is left alone until it is needed.
 */
static inline bool axe_sq_room(struct axe_sq *sq, uint32_t n)
{
	if (likely((int32_t)(sq->limit - sq->tail) >= (int32_t)n))
		return true;
	return axe_sq_refresh(sq, n);
}

static inline void *axe_sq_slot(struct axe_sq *sq, uint32_t index)
{
	return sq->slots + (size_t)(index & sq->mask) * AXE_SLOT_SIZE;
}

static inline void axe_rq_init(struct axe_rq *rq, void *map, size_t length,
			       uint32_t entries, uint32_t stride)
{
	rq->hdr = map;
	rq->entries = map + AXE_RING_ENTRIES;
	rq->mask = entries - 1;
	rq->stride = stride;
	rq->size = entries;
	rq->max_sge = (stride - sizeof(struct axe_recv_wr)) / sizeof(struct axe_buf);
	rq->length = length;
	rq->hdr->version = AXE_RING_VERSION;
}

static inline struct axe_recv_wr *axe_rq_entry(struct axe_rq *rq, uint32_t index)
{
	return rq->entries + (size_t)(index & rq->mask) * rq->stride;
}

/* The producer index: CQEs before it may be read. */
static inline uint32_t axe_cq_ready(const struct axe_cq_hdr *hdr)
{
	/* pair 4, with axe_cq_commit() */
	return __atomic_load_n(&hdr->producer, __ATOMIC_ACQUIRE);
}

static inline void axe_cq_consume(struct axe_cq_hdr *hdr, uint32_t consumer)
{
	/* pair 4, with axe_cq_make_room() */
	__atomic_store_n(&hdr->consumer, consumer, __ATOMIC_RELEASE);
}

/*
 * Ask for an event. A request for any completion stands when one for the next
 * solicited follows; the device clears the word as it raises the event.
 */
static inline void axe_cq_arm(struct axe_cq_hdr *hdr, bool solicited_only)
{
	uint32_t none = AXE_CQ_ARM_NONE;

	if (solicited_only)
		__atomic_compare_exchange_n(&hdr->arm, &none, AXE_CQ_ARM_SOLICITED,
					    false, __ATOMIC_RELAXED,
					    __ATOMIC_RELAXED);
	else
		__atomic_store_n(&hdr->arm, AXE_CQ_ARM_NEXT, __ATOMIC_RELAXED);
	/* pair 4, with axe_cq_commit() */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Why an empty CQ will stay empty, as errno; 0: it will not. */
static inline int axe_cq_error(const struct axe_cq_hdr *hdr)
{
	uint32_t flags = __atomic_load_n(&hdr->flags, __ATOMIC_RELAXED);

	if (likely(!flags))
		return 0;
	if (flags & AXE_CQ_OVERFLOW)
		return EOVERFLOW;
	return flags & AXE_CQ_DEAD ? EIO : 0;
}

#endif
