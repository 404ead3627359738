/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What tests of commands need: a queue to post them to. */
#ifndef AXE_TEST_COMMANDS_H
#define AXE_TEST_COMMANDS_H

#include "rig.h"

static inline int setup(void **state)
{
	struct rig *f = rig_new(IBV_QPT_DRIVER);

	axe_wr_init(&f->qp);
	*state = f;
	return 0;
}

static inline void post_nops(struct rig *f, int count)
{
	int i;

	ibv_wr_start(f->qpx);
	for (i = 0; i < count; i++)
		axedv_wr_nop(f->qpx);
	assert_int_equal(ibv_wr_complete(f->qpx), 0);
}

#endif
