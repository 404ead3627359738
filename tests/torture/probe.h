/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Who looks for memory that is not his: what he tries, and what he is to find. */
#ifndef AXE_TORTURE_PROBE_H
#define AXE_TORTURE_PROBE_H

#include "regions.h"
#include "secret.h"
#include "torture.h"
#include "wire.h"

/* Counted by all processes of a case. */
struct probes {
	uint64_t refused, granted;
};

static inline void probed(struct torture_run *run, struct probes *p, bool granted)
{
	__atomic_fetch_add(granted ? &p->granted : &p->refused, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&run->rounds, 1, __ATOMIC_RELAXED);
}

static inline void probes_say(struct torture_run *run, const struct probes *p)
{
	torture_say("%s: %llu probes: %llu refused, %llu granted", run->name,
		    (unsigned long long)(p->refused + p->granted),
		    (unsigned long long)p->refused, (unsigned long long)p->granted);
}

/* A place in a region of @length bytes at @start, or not: often at one of its ends. */
struct range {
	uint64_t addr;
	uint32_t length;
	bool inside;
};

struct range probe_range(uint64_t *rnd, uint64_t start, uint64_t length);

void probe_freed(struct torture_run *run);
void probe_remote(struct torture_run *run);

#endif
