/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Queues of every kind, and commands to put on them. */
#ifndef AXE_LIVE_WAYS_H
#define AXE_LIVE_WAYS_H

#include "common.h"

struct way {
	enum axe_queue_mode mode;
	unsigned int flags;
};

/* Every mode in order, then every mode not in order. */
extern struct way ways[];

#define IN_WAY(f, name, i)	{ #f "__" name, f, NULL, NULL, &ways[i] }
/* Once in every mode; in every mode, in order and not. */
#define IN_ALL_MODES(f)							\
	IN_WAY(f, "auto", 0), IN_WAY(f, "inline", 1),			\
	IN_WAY(f, "worker", 2), IN_WAY(f, "poll", 3)
#define IN_ALL_WAYS(f)							\
	IN_ALL_MODES(f),						\
	IN_WAY(f, "auto_unordered", 4), IN_WAY(f, "inline_unordered", 5),	\
	IN_WAY(f, "worker_unordered", 6), IN_WAY(f, "poll_unordered", 7)

/* A command that takes a while, about a second. */
#define SLOW_SIZE (2 * MIB)
extern uint8_t *slow_src, *slow_dst;
void slow_make(void);
void post_slow(struct rig *r, uint64_t id, unsigned int flags);
/* One that is done at once, with a result record or without; one that fails. */
void post_nop(struct rig *r, uint64_t id, unsigned int flags, struct axe_result *record);
void post_bad(struct rig *r, uint64_t id, unsigned int flags);
/* The next completion is this one. */
struct wc expect(struct rig *r, uint64_t id, enum axe_code code);

/* A page of result records, none of them valid. */
struct axe_result *records(unsigned int n);
bool is_valid(const struct axe_result *record);
void await_record(const struct axe_result *record);

int modify(struct rig *r, enum ibv_qp_state next);
enum ibv_qp_state state_of(struct rig *r);
/* From RESET to RTS. */
void bring_up(struct rig *r);

/* The doorbell's file that was opened last; ring it, as the provider would. */
int doorbell_fd(void);
ssize_t ring(struct rig *r);

#endif
