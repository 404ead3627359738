// SPDX-License-Identifier: GPL-2.0
/* Counters of a device, as `rdma statistic` shows them. */

#include <linux/bitops.h>
#include <linux/slab.h>
#include <rdma/ib_verbs.h>

#include "axe.h"
#include "stats.h"

static const char * const axe_stat_names[AXE_STAT_MAX] = {
	[AXE_STAT_PAGE_FAULTS] = "page_faults",
	[AXE_STAT_PAGES_FAULTED] = "pages_faulted",
	[AXE_STAT_FAULT_NS] = "fault_ns",
	[AXE_STAT_INVALIDATIONS] = "invalidations",
	[AXE_STAT_PREFETCHED_PAGES] = "prefetched_pages",
	[AXE_STAT_DOORBELLS] = "doorbells",
	[AXE_STAT_WAKEUPS] = "wakeups",
	[AXE_STAT_CQ_OVERFLOWS] = "cq_overflows",
	[AXE_STAT_ENGINE_CMDS] = "engine_cmds",
	[AXE_STAT_ENGINE_FALLBACKS] = "engine_fallbacks",
	[AXE_STAT_ENGINE_ERRORS] = "engine_errors",
};

static const char * const axe_op_stat_names[AXE_OP_STAT_MAX] = {
	[AXE_OP_STAT_CMDS] = "cmds",
	[AXE_OP_STAT_BYTES_IN] = "bytes_in",
	[AXE_OP_STAT_BYTES_OUT] = "bytes_out",
	[AXE_OP_STAT_ERRORS] = "errors",
};

#define AXE_NUM_OP_STATS	(AXE_OP_MAX * AXE_OP_STAT_MAX)
#define AXE_NUM_STATS		(AXE_STAT_MAX + AXE_NUM_OP_STATS)
/* So many counters fit into the one message that `rdma statistic` gets, at 48 bytes each. */
#define AXE_NUM_TOLD		72
/* Operations that are told of even if nobody has used them: those that all devices have had. */
#define AXE_OPS_TOLD		(AXE_OP_DECOMPRESS + 1)

/* Made of the tables when the module is loaded; the same for all devices. */
static struct rdma_stat_desc axe_stat_descs[AXE_NUM_STATS];
static char axe_op_stat_full_names[AXE_NUM_OP_STATS][32];

/**
 * axe_stats_init - make the names of all counters
 */
void __init axe_stats_init(void)
{
	unsigned int op, stat, i;

	for (i = 0; i < AXE_STAT_MAX; i++)
		axe_stat_descs[i].name = axe_stat_names[i];
	for (op = 0; op < AXE_OP_MAX; op++) {
		for (stat = 0; stat < AXE_OP_STAT_MAX; stat++, i++) {
			char *name = axe_op_stat_full_names[i - AXE_STAT_MAX];

			scnprintf(name, sizeof(*axe_op_stat_full_names), "%s_%s",
				  axe_ops[op]->name, axe_op_stat_names[stat]);
			axe_stat_descs[i].name = name;
		}
	}
}

static struct rdma_hw_stats *axe_alloc_hw_port_stats(struct ib_device *ib, u32 port)
{
	return rdma_alloc_hw_stats_struct(axe_stat_descs, AXE_NUM_STATS,
					  RDMA_HW_STATS_DEFAULT_LIFESPAN);
}

static u64 axe_stat_sum(struct axe_dev *dev, unsigned int i)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct axe_stats *stats = per_cpu_ptr(dev->stats, cpu);
		const u64 *value = i < AXE_STAT_MAX ? &stats->dev[i] :
				   &stats->op[0][0] + (i - AXE_STAT_MAX);

		sum += READ_ONCE(*value);
	}
	return sum;
}

/*
 * `rdma statistic` tells of the operations that were used, as far as they fit: too many
 * counters, and it would fail. sysfs has all of them.
 */
static void axe_stats_choose(struct rdma_hw_stats *stats)
{
	unsigned int told = AXE_STAT_MAX, op, stat;

	for (op = 0; op < AXE_OP_MAX; op++) {
		unsigned int i = AXE_STAT_MAX + op * AXE_OP_STAT_MAX;
		bool used = op < AXE_OPS_TOLD || stats->value[i + AXE_OP_STAT_CMDS];

		if (used)
			told += AXE_OP_STAT_MAX;
		for (stat = 0; stat < AXE_OP_STAT_MAX; stat++)
			__assign_bit(i + stat, stats->is_disabled,
				     !used || told > AXE_NUM_TOLD);
	}
}

static int axe_get_hw_stats(struct ib_device *ib, struct rdma_hw_stats *stats,
			    u32 port, int index)
{
	struct axe_dev *dev = to_axe_dev(ib);
	unsigned int i;

	if (!port)
		return -EINVAL;

	for (i = 0; i < AXE_NUM_STATS; i++)
		stats->value[i] = axe_stat_sum(dev, i);
	axe_stats_choose(stats);
	return AXE_NUM_STATS;
}

int axe_stats_alloc(struct axe_dev *dev)
{
	dev->stats = alloc_percpu(struct axe_stats);
	return dev->stats ? 0 : -ENOMEM;
}

void axe_stats_free(struct axe_dev *dev)
{
	free_percpu(dev->stats);
}

const struct ib_device_ops axe_stats_ops = {
	.alloc_hw_port_stats = axe_alloc_hw_port_stats,
	.get_hw_stats = axe_get_hw_stats,
};
