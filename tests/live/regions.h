/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Commands on the memory of a region that is not the rig's own. */
#ifndef AXE_LIVE_REGIONS_H
#define AXE_LIVE_REGIONS_H

#include "common.h"

static inline struct ibv_sge in(const struct ibv_mr *mr, uint64_t addr, size_t length)
{
	return (struct ibv_sge) { .addr = addr, .length = length, .lkey = mr->lkey };
}

/* Run it, wait for it: its completion tells what became of it. */
static inline struct wc crc_of(struct rig *r, struct ibv_sge src)
{
	return run(r, crc32, &src, 0);
}

static inline struct wc fill_at(struct rig *r, struct ibv_sge dst, uint8_t byte)
{
	return run(r, fill, &dst, &byte, 1);
}

static inline struct wc copy_of(struct rig *r, struct ibv_sge src, struct ibv_sge dst)
{
	return run(r, copy, &dst, &src);
}

static inline void dereg(struct ibv_mr *mr)
{
	assert_int_equal(ibv_dereg_mr(mr), 0);
}

#endif
