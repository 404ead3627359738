/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * A process that has commands of all kinds in flight: long ones, ones that fault,
 * ones that fail, and messages that nobody takes.
 */
#ifndef AXE_TORTURE_LOAD_H
#define AXE_TORTURE_LOAD_H

#include "peer.h"
#include "torture.h"

#define LOAD_RIGS	3
#define LOAD_PAIRS	3
#define LOAD_MAX	1000
/* Memory on demand, most of it never touched; and pinned. */
#define LOAD_FAR	(64 * MIB)
#define LOAD_NEAR	MIB

/* Counted by the process, read by whoever ends it. */
struct load_count {
	uint64_t posted;
	uint64_t done;
};

/**
 * struct load - queues and what is on them
 * @node:	of the device; its context is shared by all
 * @rigs:	accelerator queues; the last may be inline
 * @pairs:	connections between two QPs of this process
 * @idle:	of @rigs: a queue that nothing is posted to
 * @far:	on demand, by the implicit region
 * @near:	pinned
 * @on_rig:	posted to each of @rigs since it was opened
 * @on_end:	likewise to the ends of @pairs
 * @given:	receives that were
 * @count:	shared with the parent
 * @error:	what posting came to, if it no longer works
 */
struct load {
	uint64_t state;
	struct node node;
	struct rig idle;
	struct rig rigs[LOAD_RIGS];
	unsigned int num_rigs;
	struct pair pairs[LOAD_PAIRS];
	unsigned int num_pairs;
	struct mem far;
	struct mem near;
	unsigned int on_rig[LOAD_RIGS];
	unsigned int on_end[LOAD_PAIRS][2];
	unsigned int given[LOAD_PAIRS][2];
	struct load_count *count;
	int error;
};

/*
 * Queues of random number, kind and mode, for LOAD_MAX commands together. With
 * @may_block one of them may be inline: who posts there is back in minutes.
 */
void load_open(struct load *l, const char *device, uint64_t state, struct load_count *count,
	       bool may_block);
/* Fill them; when this returns LOAD_MAX were posted, unless @error is set. */
void load_post(struct load *l);
/* For ever, or until posting fails: take completions, post anew, change the memory. */
void load_go_on(struct load *l);
/* Take the completions that are there. */
void load_poll(struct load *l);
/* In order, as a program should; what is in flight is flushed. */
void load_close(struct load *l);

#endif
