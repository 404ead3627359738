/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Many commands in flight on one queue, their results taken in order: what
 * compress, checksum, copy and the parallel half of decompress have in common.
 */
#ifndef AXE_TOOL_PIPELINE_H
#define AXE_TOOL_PIPELINE_H

#include "input.h"
#include "queue.h"

/* One command. Callbacks set and read what they need. */
struct piece {
	uint64_t off;		/* of its source in the input */
	const uint8_t *src;
	uint32_t len;
	uint8_t *dst;
	uint32_t dst_len;
	bool last;
	uint8_t *src_buf;	/* for the callback's use, as long as the pipeline said */
	uint8_t *dst_buf;
	bool finished;
	struct completion c;
};

/**
 * struct pipeline - how to run a window of commands
 * @queue:	was made for @depth commands at least
 * @depth:	commands in flight at most
 * @src_size:	bytes of piece.src_buf, 0 for none
 * @dst_size:	bytes of piece.dst_buf, 0 for none
 * @next:	says what the next piece is. *more = false: there is none
 * @build:	calls a builder for it
 * @retire:	takes the result; called once for each piece, in order, also for
 *		a command that failed
 *
 * The first callback that returns something else than STATUS_OK ends the run.
 */
struct pipeline {
	struct queue *queue;
	unsigned int depth;
	size_t src_size;
	size_t dst_size;
	enum status (*next)(void *arg, struct piece *piece, bool *more);
	void (*build)(void *arg, struct ibv_qp_ex *wr, const struct piece *piece);
	enum status (*retire)(void *arg, const struct piece *piece);
	void *arg;
};

/* Nothing is in flight any more when it returns. */
enum status pipeline_run(const struct pipeline *p);

/* A depth that keeps all lanes busy while results are written, for pieces of this size. */
unsigned int pipeline_depth(size_t piece_size);

#endif
