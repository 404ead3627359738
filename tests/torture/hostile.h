/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Processes that write anything at all into their rings, and what has to stay as it
 * is meanwhile.
 */
#ifndef AXE_TORTURE_HOSTILE_H
#define AXE_TORTURE_HOSTILE_H

#include "rings.h"
#include "secret.h"
#include "torture.h"

/* Counted by all hostile processes of a case. */
struct hostile_count {
	uint64_t done, errors, flushed, breaks, queues;
};

/**
 * struct scene - a case; shared by its processes
 * @count:	what the hostile ones came to
 * @ready:	the neighbour's treasure is there to be aimed at
 * @stop:	the neighbour may go
 * @worked:	rounds of the neighbour
 */
struct scene {
	struct torture_run *run;
	struct hostile_count count;
	bool ready, stop;
	uint64_t worked;
	uint64_t treasure;
	uint32_t treasure_key;
	uint32_t treasure_qpn;
};

#define TREASURE	(16 * KIB)

enum {
	KEY_WIDE, KEY_NEAR, KEY_READ_ONLY, KEY_FOREIGN, KEY_STALE, KEY_SQ, KEY_CQ, KEY_TREASURE,
	NUM_KEYS
};

/**
 * struct sample - a command on data that is good, made by the device
 * @dst_length:	of what it writes
 */
struct sample {
	struct axe_cmd cmd;
	struct axe_cmd_ext ext;
	uint32_t dst_length;
};

#define MAX_CRYPT	96
#define MAX_SAMPLES	15

/**
 * struct ground - memory that a hostile process aims at
 * @wide:	on demand; what is behind its first part is not mapped
 * @near:	pinned, between pages that no key stands for
 * @read_only:	what has no key to write it
 * @foreign:	of another protection domain
 * @keys:	of all that there is, good for it or not
 * @crypt:	key objects, of any algorithm there is, one of @other_pd among them
 * @numbers:	theirs, and that of one that was destroyed
 * @samples:	with data in @good, which no command can write
 */
struct ground {
	struct ibv_pd *other_pd;
	uint8_t *wide, *strip, *near, *read_only, *foreign;
	struct ibv_mr *mrs[KEY_FOREIGN + 1];
	uint32_t keys[NUM_KEYS];
	uint64_t treasure;
	struct axedv_key *crypt[MAX_CRYPT];
	uint32_t numbers[MAX_CRYPT + 1];
	unsigned int num_crypt;
	uint8_t *good;
	struct ibv_mr *good_mr;
	struct sample samples[MAX_SAMPLES];
	unsigned int num_samples;
};

#define WIDE		(64 * KIB)
#define NEAR		(16 * KIB)

void ground_make(struct ground *g, struct scene *s, struct ibv_context *ctx, struct ibv_pd *pd);
void ground_free(struct ground *g);
/* Nothing was written, nor read, where no key allows it. */
void ground_check(const struct ground *g);

/* What encrypting and unpacking takes. @rig has a queue, @pd is that of the hostile one. */
void ground_make_good(struct ground *g, struct rig *rig, struct ibv_pd *pd);
void ground_free_good(struct ground *g);

/*---- commands: valid ones, and what becomes of them ----*/

struct axe_buf ground_buf(const struct ground *g, uint64_t *rnd, size_t most);
/* Of this length, WIDE at most. */
struct axe_buf ground_exactly(const struct ground *g, uint64_t *rnd, uint32_t length);
/* One that is wrong in one way or the other. */
void spoil_buf(const struct ground *g, uint64_t *rnd, struct axe_buf *buf);
uint32_t odd_length(uint64_t *rnd);
uint32_t odd_key(const struct ground *g, uint64_t *rnd);
uint64_t odd_address(const struct ground *g, uint64_t *rnd);
void flip_bits(uint64_t *rnd, void *p, size_t size);
void noise(uint64_t *rnd, void *p, size_t size);
/* One that could be good. Returns whether it needs its extension slot. */
bool valid_command(const struct ground *g, uint64_t *rnd, struct axe_cmd *cmd,
		   struct axe_cmd_ext *ext);
/* Fills one slot, or two. */
unsigned int hostile_command(const struct ground *g, uint64_t *rnd, struct axe_cmd slots[2]);

/*---- processes ----*/

/**
 * struct hostile - a hostile process
 * @index:	among those of its case
 * @mad:	indices, too
 * @races:	a second thread changes what the device reads
 */
struct hostile {
	struct scene *scene;
	unsigned int index;
	bool mad;
	bool races;
};

void hostile_queues(void *hostile);
void hostile_peers(void *hostile);
/* So many commands were taken. */
void hostile_took(struct hostile *h, uint64_t done, uint64_t errors);
/* A queue was brought up again. */
void hostile_broke(struct hostile *h);
/* The neighbour does something, at any time. */
void await_neighbour(struct scene *s);

#endif
