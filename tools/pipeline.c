// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pipeline.h"

#define BUFFER_ALIGN 64

/* Pieces [head, tail) are in the window, piece i in slot i modulo depth. */
struct window {
	const struct pipeline *p;
	struct piece *pieces;
	uint8_t *arena;
	size_t arena_size;
	uint64_t head;
	uint64_t tail;
};

static size_t align(size_t size)
{
	return (size + BUFFER_ALIGN - 1) & ~(size_t)(BUFFER_ALIGN - 1);
}

static struct piece *slot(struct window *w, uint64_t index)
{
	return &w->pieces[index % w->p->depth];
}

static int window_init(struct window *w, const struct pipeline *p)
{
	size_t each = align(p->src_size) + align(p->dst_size);

	memset(w, 0, sizeof(*w));
	w->p = p;
	w->pieces = calloc(p->depth, sizeof(*w->pieces));
	if (!w->pieces)
		return -1;
	if (!each)
		return 0;

	/* Untouched slots cost nothing. */
	w->arena_size = each * p->depth;
	w->arena = mmap(NULL, w->arena_size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (w->arena == MAP_FAILED) {
		w->arena = NULL;
		return -1;
	}
	for (unsigned int i = 0; i < p->depth; i++) {
		w->pieces[i].src_buf = w->arena + i * each;
		w->pieces[i].dst_buf = w->pieces[i].src_buf + align(p->src_size);
	}
	return 0;
}

static void window_fini(struct window *w)
{
	/* Who knows what a broken queue still writes: let it have its buffers. */
	if (w->arena && !w->p->queue->broken)
		munmap(w->arena, w->arena_size);
	free(w->pieces);
}

static enum status post_next(struct window *w, bool *more)
{
	const struct pipeline *p = w->p;
	struct piece *piece = slot(w, w->tail);
	enum status status = p->next(p->arg, piece, more);

	if (status != STATUS_OK || !*more)
		return status;
	piece->finished = false;
	queue_begin(p->queue, w->tail);
	p->build(p->arg, p->queue->wr, piece);
	if (queue_post(p->queue))
		return STATUS_ERROR;
	w->tail++;
	return STATUS_OK;
}

static void finish(struct window *w, const struct completion *c)
{
	struct piece *piece = slot(w, c->wr_id);

	piece->c = *c;
	piece->finished = true;
}

/* Takes what has completed, waiting for one if told to, and retires what is next in order. */
static enum status collect(struct window *w, bool wait)
{
	const struct pipeline *p = w->p;
	enum status status = STATUS_OK;
	struct completion c;
	int ret;

	ret = wait ? queue_wait(p->queue, &c) : queue_poll(p->queue, &c);
	while (ret > 0) {
		finish(w, &c);
		ret = queue_poll(p->queue, &c);
	}
	if (ret < 0)
		return STATUS_ERROR;

	while (status == STATUS_OK && w->head != w->tail && slot(w, w->head)->finished) {
		status = p->retire(p->arg, slot(w, w->head));
		w->head++;
	}
	return status;
}

enum status pipeline_run(const struct pipeline *p)
{
	enum status status = STATUS_OK;
	struct window w;
	bool more = true;

	if (window_init(&w, p)) {
		window_fini(&w);
		return error_errno("no memory for the buffers");
	}
	while (status == STATUS_OK && (more || w.head != w.tail)) {
		bool room = more && w.tail - w.head < p->depth;

		if (room)
			status = post_next(&w, &more);
		if (status == STATUS_OK && w.head != w.tail)
			status = collect(&w, !room);
	}
	queue_drain(p->queue);
	window_fini(&w);
	return status;
}

unsigned int pipeline_depth(size_t piece_size)
{
	const size_t memory = 64 << 20;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	size_t depth = 2 * (cpus > 0 ? cpus : 1) + 4;

	if (depth * piece_size > memory)
		depth = memory / piece_size;
	return depth < 4 ? 4 : depth;
}
