// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include "ping_stats.h"

/* Below PING_STEPS one each; then PING_STEPS for each power of two. */
static unsigned int bucket_of(uint64_t ns)
{
	unsigned int shift = 0, bucket;

	while (ns >> shift >= 2 * PING_STEPS)
		shift++;
	bucket = PING_STEPS * shift + (ns >> shift);
	return bucket < PING_BUCKETS ? bucket : PING_BUCKETS - 1;
}

/* The highest value that falls into it. */
static uint64_t top_of(unsigned int bucket)
{
	unsigned int shift = bucket < 2 * PING_STEPS ? 0 : bucket / PING_STEPS - 1;

	return (((uint64_t)(bucket - PING_STEPS * shift) + 1) << shift) - 1;
}

void ping_stats_add(struct ping_stats *s, uint64_t ns)
{
	if (!s->count || ns < s->min)
		s->min = ns;
	if (ns > s->max)
		s->max = ns;
	s->sum += ns;
	s->count++;
	s->buckets[bucket_of(ns)]++;
}

uint64_t ping_stats_percentile(const struct ping_stats *s, double percent)
{
	double wanted = s->count * percent / 100;
	uint64_t seen = 0;

	for (unsigned int i = 0; i < PING_BUCKETS; i++) {
		seen += s->buckets[i];
		if (seen && seen >= wanted)
			return top_of(i) < s->max ? top_of(i) : s->max;
	}
	return s->max;
}
