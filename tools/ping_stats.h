/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Latencies, of which there may be any number: a histogram whose steps are 1/64 of
 * the value, so that a percentile is at most 1.6 percent too high. Minimum, mean
 * and maximum are exact.
 */
#ifndef AXE_TOOL_PING_STATS_H
#define AXE_TOOL_PING_STATS_H

#include <stdint.h>

#define PING_STEPS	64
#define PING_BUCKETS	(PING_STEPS * 40)	/* 64 ns to more than 10 hours */

struct ping_stats {
	uint64_t count;
	uint64_t min, max, sum;			/* nanoseconds */
	uint64_t buckets[PING_BUCKETS];
};

void ping_stats_add(struct ping_stats *s, uint64_t ns);

/* Percent of the latencies are not above this; 0 if there are none. */
uint64_t ping_stats_percentile(const struct ping_stats *s, double percent);

#endif
