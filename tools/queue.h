/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* An accelerator queue, its completions, and waiting for them. */
#ifndef AXE_TOOL_QUEUE_H
#define AXE_TOOL_QUEUE_H

#include "device.h"

struct queue {
	struct device *dev;
	struct ibv_comp_channel *channel;
	struct ibv_cq_ex *cq;
	struct ibv_qp *qp;
	struct ibv_qp_ex *wr;
	uint64_t posted;	/* commands, ever */
	unsigned int inflight;
	bool broken;		/* a message was given; nothing can be expected any more */
};

/* What became of a command. */
struct completion {
	uint64_t wr_id;
	enum axe_code code;
	uint32_t bytes;		/* produced */
	uint64_t result[2];
};

/*
 * What the two results mean for a command that did well; for one that did not,
 * the first is the place: an address, or with bad data an offset in the source.
 */
static inline uint64_t completion_sum(const struct completion *c)
{
	return c->result[0];
}

static inline uint64_t completion_consumed(const struct completion *c)
{
	return c->result[1];
}

/* A queue on which up to @depth commands may be outstanding. NULL after an error message. */
struct queue *queue_create(struct device *dev, unsigned int depth);
/* As above; commands run where @mode says, not on workers. */
struct queue *queue_create_mode(struct device *dev, unsigned int depth, enum axe_queue_mode mode);
void queue_destroy(struct queue *q);

/*
 * Between begin and post goes one builder on q->wr. No more than the depth may
 * be outstanding. post returns 0, or -1 after an error message.
 */
void queue_begin(struct queue *q, uint64_t wr_id);
int queue_post(struct queue *q);

/*
 * The next completion: 1, or -1 after an error message (the queue is broken
 * then). poll returns 0 at once if there is none, wait waits for it.
 */
int queue_poll(struct queue *q, struct completion *c);
int queue_wait(struct queue *q, struct completion *c);

/* Waits until nothing is outstanding any more: memory may be reused after it. */
void queue_drain(struct queue *q);

#endif
