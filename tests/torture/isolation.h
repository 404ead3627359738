/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Two parties on one machine that are to notice nothing of each other. */
#ifndef AXE_TORTURE_ISOLATION_H
#define AXE_TORTURE_ISOLATION_H

#include "rings.h"
#include "secret.h"
#include "torture.h"

/**
 * struct self - what a party has, for the other to look for; shared
 * @ready:	it is there
 * @tried:	what the other has tried of it
 */
struct self {
	uint64_t addr;
	uint32_t lkey, implicit;
	uint32_t accelerator, qpn, srqn;
	union ibv_gid gid;
	char device[64];
	bool ready;
	uint64_t rounds, tried;
};

/**
 * struct party - one of two
 * @enter:	becomes what it is to be: another user, a container
 * @same_device: as the other
 */
struct party {
	struct torture_run *run;
	unsigned int index;
	void (*enter)(struct party *p);
	const char *device;
	bool same_device;
	struct self *self, *other;
};

/* A process that lives as @p, and looks for the other. */
void isolation_live(void *party);

void isolation_hog(struct torture_run *run);

#endif
