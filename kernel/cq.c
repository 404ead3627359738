// SPDX-License-Identifier: GPL-2.0
/* Completion queues. */

#include <linux/ktime.h>
#include <linux/log2.h>
#include <rdma/ib_verbs.h>
#include <rdma/uverbs_ioctl.h>

#include "axe.h"
#include "cq.h"
#include "mmap.h"
#include "ring.h"
#include "stats.h"
#include "udata.h"

static struct axe_shared *axe_cq_ring_alloc(struct axe_ucontext *ctx, u32 entries)
{
	struct axe_shared *mem;

	mem = axe_shared_alloc(ctx, AXE_RING_ENTRIES + (size_t)entries * AXE_CQE_SIZE);
	if (!IS_ERR(mem))
		((struct axe_cq_hdr *)mem->addr)->entries = entries;
	return mem;
}

static void axe_cq_set_ring(struct axe_cq *cq, struct axe_shared *mem, u32 entries)
{
	cq->mem = mem;
	cq->hdr = mem->addr;
	cq->cqes = mem->addr + AXE_RING_ENTRIES;
	cq->mask = entries - 1;
	cq->consumer = 0;
}

static int axe_cq_get_request(struct ib_udata *udata, struct axe_create_cq_req *req)
{
	int ret = ib_copy_from_udata(req, udata, min(sizeof(*req), udata->inlen));

	if (ret)
		return ret;
	if (req->comp_mask || req->flags & ~AXE_CREATE_CQ_TIMESTAMP)
		return -EOPNOTSUPP;
	return axe_udata_check_tail(udata, sizeof(*req));
}

/* Wake who waits, once for all that is owed. */
static void axe_cq_wake(struct axe_cq *cq)
{
	lockdep_assert_held(&cq->lock);
	cq->owed = 0;
	if (cq->ib.comp_handler)
		cq->ib.comp_handler(&cq->ib, cq->ib.cq_context);
}

static void axe_cq_raise(struct axe_cq *cq)
{
	lockdep_assert_held(&cq->lock);
	WRITE_ONCE(cq->hdr->arm, AXE_CQ_ARM_NONE);
	axe_cq_wake(cq);
}

/* The time of the first completion that is owed an event is up. */
static void axe_cq_event_late(struct work_struct *work)
{
	struct axe_cq *cq = container_of(work, struct axe_cq, event_work);

	spin_lock(&cq->lock);
	/* Not if it has begun anew since the timer ran out. */
	if (cq->owed && cq->event_usecs &&
	    !ktime_before(ktime_get(), hrtimer_get_expires(&cq->event_timer)))
		axe_cq_raise(cq);
	spin_unlock(&cq->lock);
}

static enum hrtimer_restart axe_cq_event_time(struct hrtimer *timer)
{
	struct axe_cq *cq = container_of(timer, struct axe_cq, event_timer);

	queue_work(to_axe_dev(cq->ib.device)->lane_wq, &cq->event_work);
	return HRTIMER_NORESTART;
}

static void axe_cq_init_events(struct axe_cq *cq)
{
	cq->event_count = 1;
	hrtimer_setup(&cq->event_timer, axe_cq_event_time, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	INIT_WORK(&cq->event_work, axe_cq_event_late);
}

/*
 * Of the two limits, the one that is 0 is none. What is owed by the old ones is
 * raised at once.
 */
static int axe_modify_cq(struct ib_cq *ib, u16 count, u16 usecs)
{
	struct axe_cq *cq = to_axe_cq(ib);

	spin_lock(&cq->lock);
	if (count)
		cq->event_count = count;
	else
		cq->event_count = usecs ? U32_MAX : 1;
	cq->event_usecs = usecs;
	if (cq->owed)
		axe_cq_raise(cq);
	spin_unlock(&cq->lock);
	return 0;
}

static int axe_create_cq(struct ib_cq *ib, const struct ib_cq_init_attr *attr,
			 struct uverbs_attr_bundle *attrs)
{
	struct axe_dev *dev = to_axe_dev(ib->device);
	struct axe_cq *cq = to_axe_cq(ib);
	struct axe_create_cq_resp resp = {};
	struct axe_create_cq_req req = {};
	struct axe_ucontext *ctx = NULL;
	struct ib_udata *udata = NULL;
	struct axe_shared *mem;
	int ret;

	/* Overruns are not ignored: nobody knows which completions were lost. */
	if (attr->flags & ~IB_UVERBS_CQ_FLAGS_TIMESTAMP_COMPLETION)
		return -EOPNOTSUPP;
	if (!attr->cqe || attr->cqe > AXE_MAX_CQE)
		return -EINVAL;

	if (attrs) {
		udata = &attrs->driver_udata;
		ctx = rdma_udata_to_drv_context(udata, struct axe_ucontext, ib);
		ret = axe_cq_get_request(udata, &req);
		if (ret)
			return ret;
	}

	if (atomic_inc_return(&dev->num_cqs) > AXE_MAX_CQ) {
		ret = -ENOMEM;
		goto dec_cqs;
	}
	resp.entries = roundup_pow_of_two(attr->cqe);
	mem = axe_cq_ring_alloc(ctx, resp.entries);
	if (IS_ERR(mem)) {
		ret = PTR_ERR(mem);
		goto dec_cqs;
	}

	spin_lock_init(&cq->lock);
	axe_cq_init_events(cq);
	axe_cq_set_ring(cq, mem, resp.entries);
	cq->timestamp = req.flags & AXE_CREATE_CQ_TIMESTAMP ||
			attr->flags & IB_UVERBS_CQ_FLAGS_TIMESTAMP_COMPLETION;
	ib->cqe = resp.entries;
	cq->kernel = !udata;
	if (!udata)
		return 0;

	resp.mmap_offset = axe_shared_offset(mem);
	resp.mmap_length = mem->length;
	ret = ib_copy_to_udata(udata, &resp, min(sizeof(resp), udata->outlen));
	if (ret)
		goto free_mem;
	return 0;

free_mem:
	axe_shared_free(mem);
dec_cqs:
	atomic_dec(&dev->num_cqs);
	return ret;
}

static int axe_destroy_cq(struct ib_cq *ib, struct ib_udata *udata)
{
	struct axe_cq *cq = to_axe_cq(ib);

	/* Nobody completes anything here any more, so it does not start again. */
	hrtimer_cancel(&cq->event_timer);
	cancel_work_sync(&cq->event_work);
	/* For a program that goes on polling the ring of a device that is gone. */
	WRITE_ONCE(cq->hdr->flags, READ_ONCE(cq->hdr->flags) | AXE_CQ_DEAD);
	axe_shared_free(cq->mem);
	atomic_dec(&to_axe_dev(ib->device)->num_cqs);
	return 0;
}

/*
 * Move what was not consumed to the start of the new ring. The process holds
 * its own lock meanwhile, so its consumer index stands still; if it does not,
 * it hurts nobody else.
 */
static int axe_cq_move(struct axe_cq *cq, struct axe_shared *mem, u32 entries)
{
	struct axe_cq_hdr *hdr = mem->addr;
	struct axe_cqe *cqes = mem->addr + AXE_RING_ENTRIES;
	u32 consumer = READ_ONCE(cq->hdr->consumer);
	s64 used = axe_ring_used(cq->producer, consumer, cq->mask + 1);
	u32 i;

	lockdep_assert_held(&cq->lock);
	if (cq->broken || used < 0 || used > entries)
		return -EINVAL;

	for (i = 0; i < used; i++)
		cqes[i] = cq->cqes[(consumer + i) & cq->mask];
	hdr->arm = READ_ONCE(cq->hdr->arm);
	hdr->flags = READ_ONCE(cq->hdr->flags);
	axe_cq_set_ring(cq, mem, entries);
	cq->producer = used;
	/* Pairs with the acquire of producer in the provider's poll. */
	smp_store_release(&hdr->producer, cq->producer);
	return 0;
}

static int axe_resize_cq(struct ib_cq *ib, AXE_CQE_COUNT cqe, struct ib_udata *udata)
{
	struct axe_cq *cq = to_axe_cq(ib);
	struct axe_resize_cq_resp resp = {};
	struct axe_ucontext *ctx;
	struct axe_shared *mem, *old;
	int ret;

	if (cqe < 1 || cqe > AXE_MAX_CQE)
		return -EINVAL;

	if (!udata)
		return -EOPNOTSUPP;
	ctx = rdma_udata_to_drv_context(udata, struct axe_ucontext, ib);
	resp.entries = roundup_pow_of_two(cqe);
	mem = axe_cq_ring_alloc(ctx, resp.entries);
	if (IS_ERR(mem))
		return PTR_ERR(mem);

	/* Before the move: after it there is no way back. */
	resp.mmap_offset = axe_shared_offset(mem);
	resp.mmap_length = mem->length;
	ret = ib_copy_to_udata(udata, &resp, min(sizeof(resp), udata->outlen));
	if (ret)
		goto free_mem;

	spin_lock(&cq->lock);
	old = cq->mem;
	ret = axe_cq_move(cq, mem, resp.entries);
	if (!ret)
		ib->cqe = resp.entries;
	spin_unlock(&cq->lock);
	if (ret)
		goto free_mem;

	axe_shared_free(old);
	return 0;

free_mem:
	axe_shared_free(mem);
	return ret;
}

/*
 * Programs arm through the ring; this is for those that take the long way, and for
 * the kernel, which sleeps unless it hears of what came since it last polled.
 */
static int axe_req_notify_cq(struct ib_cq *ib, enum ib_cq_notify_flags flags)
{
	struct axe_cq *cq = to_axe_cq(ib);
	bool missed;

	spin_lock(&cq->lock);
	if ((flags & IB_CQ_SOLICITED_MASK) == IB_CQ_NEXT_COMP)
		WRITE_ONCE(cq->hdr->arm, AXE_CQ_ARM_NEXT);
	else if (READ_ONCE(cq->hdr->arm) != AXE_CQ_ARM_NEXT)
		WRITE_ONCE(cq->hdr->arm, AXE_CQ_ARM_SOLICITED);
	missed = flags & IB_CQ_REPORT_MISSED_EVENTS &&
		 READ_ONCE(cq->hdr->consumer) != cq->producer;
	spin_unlock(&cq->lock);
	/* Before the caller polls again: pairs with the one in axe_cq_commit(). */
	smp_mb();
	return missed;
}

static void axe_cq_break(struct axe_cq *cq)
{
	struct ib_event event = {
		.device = cq->ib.device,
		.element.cq = &cq->ib,
		.event = IB_EVENT_CQ_ERR,
	};

	lockdep_assert_held(&cq->lock);
	cq->broken = true;
	WRITE_ONCE(cq->hdr->flags, AXE_CQ_OVERFLOW);
	axe_count(to_axe_dev(cq->ib.device), AXE_STAT_CQ_OVERFLOWS, 1);
	if (cq->ib.event_handler)
		cq->ib.event_handler(&event, cq->ib.cq_context);
	/* Polling tells the rest. */
	axe_cq_wake(cq);
}

/**
 * axe_cq_make_room - the ring looks full: is it?
 * @cq:		the queue, locked
 *
 * Return: false if so; then the CQ is broken, and stays so.
 */
bool axe_cq_make_room(struct axe_cq *cq)
{
	lockdep_assert_held(&cq->lock);
	if (cq->broken)
		return false;
	/* Pairs with the release of consumer in the provider's poll. */
	cq->consumer = smp_load_acquire(&cq->hdr->consumer);
	if (cq->producer - cq->consumer <= cq->mask)
		return true;
	/* Full, or the index ran away. */
	cq->consumer = cq->producer - cq->mask - 1;
	axe_cq_break(cq);
	return false;
}

/**
 * axe_cq_event - a completion was added, and somebody armed the CQ
 * @cq:		the queue, locked
 * @solicited:	of the completion
 *
 * The event comes now, or later if it is moderated.
 */
void axe_cq_event(struct axe_cq *cq, bool solicited)
{
	lockdep_assert_held(&cq->lock);
	if (READ_ONCE(cq->hdr->arm) == AXE_CQ_ARM_SOLICITED && !solicited)
		return;
	if (likely(++cq->owed >= cq->event_count)) {
		axe_cq_raise(cq);
	} else if (cq->owed == 1 && cq->event_usecs) {
		hrtimer_start(&cq->event_timer,
			      ns_to_ktime((u64)cq->event_usecs * NSEC_PER_USEC),
			      HRTIMER_MODE_REL);
	}
}

/**
 * axe_cq_post - a completion that the caller has made elsewhere
 * @cq:		the queue
 * @cqe:	the completion
 * @solicited:	it is, or it is a failure
 *
 * Return: false if it did not fit and is lost.
 */
bool axe_cq_post(struct axe_cq *cq, const struct axe_cqe *cqe, bool solicited)
{
	struct axe_cqe *to;

	spin_lock(&cq->lock);
	to = axe_cq_begin(cq);
	if (likely(to)) {
		*to = *cqe;
		axe_cq_commit(cq, to, solicited);
	}
	spin_unlock(&cq->lock);
	return to;
}

/**
 * axe_cq_now - what timestamps count
 *
 * Return: nanoseconds of CLOCK_MONOTONIC_RAW.
 */
u64 axe_cq_now(void)
{
	return ktime_get_raw_ns();
}

const struct ib_device_ops axe_cq_ops = {
	.create_cq = axe_create_cq,
	.destroy_cq = axe_destroy_cq,
	.modify_cq = axe_modify_cq,
	.AXE_OPS_RESIZE_CQ = axe_resize_cq,
	.req_notify_cq = axe_req_notify_cq,

	INIT_RDMA_OBJ_SIZE(ib_cq, axe_cq, ib),
};
