/* SPDX-License-Identifier: GPL-2.0 */
/* Counters of a device, as `rdma statistic` shows them. */
#ifndef AXE_STATS_H
#define AXE_STATS_H

#include <linux/percpu.h>
#include <rdma/axe-ring.h>

#include "axe.h"

enum axe_stat {
	AXE_STAT_PAGE_FAULTS,
	AXE_STAT_PAGES_FAULTED,
	AXE_STAT_FAULT_NS,
	AXE_STAT_INVALIDATIONS,
	AXE_STAT_PREFETCHED_PAGES,
	AXE_STAT_DOORBELLS,
	AXE_STAT_WAKEUPS,
	AXE_STAT_CQ_OVERFLOWS,
	AXE_STAT_ENGINE_CMDS,
	AXE_STAT_ENGINE_FALLBACKS,
	AXE_STAT_ENGINE_ERRORS,
	AXE_STAT_MAX,
};

enum axe_op_stat {
	AXE_OP_STAT_CMDS,
	AXE_OP_STAT_BYTES_IN,
	AXE_OP_STAT_BYTES_OUT,
	AXE_OP_STAT_ERRORS,
	AXE_OP_STAT_MAX,
};

struct axe_stats {
	u64 op[AXE_OP_MAX][AXE_OP_STAT_MAX];
	u64 dev[AXE_STAT_MAX];
};

void axe_stats_init(void);
int axe_stats_alloc(struct axe_dev *dev);
void axe_stats_free(struct axe_dev *dev);

static inline void axe_count(struct axe_dev *dev, enum axe_stat stat, u64 n)
{
	this_cpu_add(dev->stats->dev[stat], n);
}

static inline void axe_count_op(struct axe_dev *dev, unsigned int opcode,
				enum axe_op_stat stat, u64 n)
{
	this_cpu_add(dev->stats->op[opcode][stat], n);
}

#endif
