// SPDX-License-Identifier: GPL-2.0
/* ibv_advise_mr(): faulting pages in before a command needs them. */

#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "axe.h"
#include "fault.h"
#include "mirror.h"
#include "prefetch.h"
#include "region.h"

/* Ranges in one call, at most: they are copied for the asynchronous form. */
#define AXE_PREFETCH_MAX_SGE	256

struct axe_prefetch {
	struct work_struct work;
	unsigned int flags;
	u32 count;
	struct axe_prefetch_range {
		struct axe_region *rgn;
		u64 addr;
		u64 length;
	} ranges[];
};

static int axe_prefetch_run(struct axe_prefetch_range *range, unsigned int flags)
{
	struct axe_region *rgn = range->rgn;
	u64 va = range->addr - rgn->iova + rgn->va;
	u64 end = va + range->length;
	long ret;

	/* Pages that stay need no prefetch. */
	if (rgn->kind != AXE_REGION_MIRROR)
		return 0;

	while (va < end) {
		if (READ_ONCE(rgn->dying))
			return -ENOENT;
		ret = axe_fault(rgn->mirror, va, end - va, flags);
		if (ret < 0)
			return ret == -EPERM ? -EFAULT : ret;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
		if (flags & AXE_FAULT_PRESENT)
			va = axe_fault_end(va);
		else	/* At least one: what changes too fast is not worth advice. */
			va = (va & PAGE_MASK) + (max(ret, 1L) << PAGE_SHIFT);
	}
	return 0;
}

static void axe_prefetch_free(struct axe_prefetch *pf)
{
	u32 i;

	for (i = 0; i < pf->count; i++)
		axe_region_put(pf->ranges[i].rgn);
	kfree(pf);
}

/* It is only advice: what cannot be had now, a command will complain about. */
static void axe_prefetch_work(struct work_struct *work)
{
	struct axe_prefetch *pf = container_of(work, struct axe_prefetch, work);
	u32 i;

	for (i = 0; i < pf->count; i++)
		axe_prefetch_run(&pf->ranges[i], pf->flags);
	axe_prefetch_free(pf);
}

/* Errors as mlx5's: ENOENT, EPERM for a key, EFAULT for a range. */
static int axe_prefetch_add(struct axe_prefetch *pf, struct ib_pd *pd, struct ib_sge *sge)
{
	struct axe_region *rgn = axe_region_get(to_axe_dev(pd->device), pd, sge->lkey);
	int ret;

	if (!rgn)
		return -ENOENT;

	ret = -EPERM;
	if (pf->flags & AXE_FAULT_WRITE && !(rgn->access & IB_ACCESS_LOCAL_WRITE))
		goto put_region;
	ret = -EFAULT;
	if (!axe_region_contains(rgn, sge->addr, sge->length))
		goto put_region;

	pf->ranges[pf->count++] = (struct axe_prefetch_range) {
		.rgn = rgn,
		.addr = sge->addr,
		.length = sge->length,
	};
	return 0;

put_region:
	axe_region_put(rgn);
	return ret;
}

static int axe_advice_to_flags(enum ib_uverbs_advise_mr_advice advice)
{
	switch (advice) {
	case IB_UVERBS_ADVISE_MR_ADVICE_PREFETCH:
		return AXE_FAULT_PREFETCH;
	case IB_UVERBS_ADVISE_MR_ADVICE_PREFETCH_WRITE:
		return AXE_FAULT_PREFETCH | AXE_FAULT_WRITE;
	case IB_UVERBS_ADVISE_MR_ADVICE_PREFETCH_NO_FAULT:
		return AXE_FAULT_PREFETCH | AXE_FAULT_PRESENT;
	default:
		return -EOPNOTSUPP;
	}
}

/**
 * axe_advise_mr - ibv_advise_mr()
 * @pd:		of all regions named
 * @advice:	prefetch for reading, for writing, or only what is present
 * @flags:	IB_UVERBS_ADVISE_MR_FLAG_FLUSH: return when it is done
 * @sg_list:	what to prefetch
 * @num_sge:	at most AXE_PREFETCH_MAX_SGE
 * @attrs:	not used
 *
 * Return: 0; -ENOENT for a key that is none of @pd's, -EPERM to write where the
 * region does not let, -EFAULT for a range outside the region or, with FLUSH,
 * for one that is not mapped.
 */
int axe_advise_mr(struct ib_pd *pd, enum ib_uverbs_advise_mr_advice advice, u32 flags,
		  struct ib_sge *sg_list, u32 num_sge, struct uverbs_attr_bundle *attrs)
{
	struct axe_prefetch *pf;
	int ret = axe_advice_to_flags(advice);
	u32 i;

	if (ret < 0)
		return ret;
	if (num_sge > AXE_PREFETCH_MAX_SGE)
		return -EINVAL;

	pf = kzalloc(struct_size(pf, ranges, num_sge), GFP_KERNEL_ACCOUNT);
	if (!pf)
		return -ENOMEM;
	pf->flags = ret;
	ret = 0;
	for (i = 0; i < num_sge && !ret; i++)
		ret = axe_prefetch_add(pf, pd, &sg_list[i]);
	if (ret)
		goto free_prefetch;

	if (!(flags & IB_UVERBS_ADVISE_MR_FLAG_FLUSH)) {
		INIT_WORK(&pf->work, axe_prefetch_work);
		queue_work(to_axe_dev(pd->device)->prefetch_wq, &pf->work);
		return 0;
	}
	for (i = 0; i < num_sge && !ret; i++)
		ret = axe_prefetch_run(&pf->ranges[i], pf->flags);

free_prefetch:
	axe_prefetch_free(pf);
	return ret;
}
