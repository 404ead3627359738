// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * axe copy: the device copies from one mapped file to another. What cannot be
 * mapped (a pipe, a file system without shared mappings) goes through buffers.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "commands.h"
#include "options.h"
#include "output.h"
#include "pipeline.h"
#include "progress.h"

#define PIECE		(1U << 20)
#define PREFETCH	(4U << 20)

struct settings {
	const char *src;
	const char *dst;
	bool force;
};

struct job {
	struct queue *queue;
	struct input *in;
	struct output *out;
	uint8_t *map;		/* of the output, or NULL */
	bool ended;
	uint64_t length;
};

/* How much to copy next: of data, up to the next hole. Passes over a hole before it. */
static uint32_t skip_hole(struct job *job)
{
	uint64_t left;
	bool hole;

	if (!job->map)
		return PIECE;
	left = input_extent(job->in, &hole);
	if (hole) {
		input_advance(job->in, left);
		left = input_extent(job->in, &hole);
	}
	return left < PIECE ? left : PIECE;
}

static enum status next(void *arg, struct piece *piece, bool *more)
{
	struct job *job = arg;
	enum status status;
	uint32_t max;

	*more = false;
	if (job->ended)
		return STATUS_OK;
	max = skip_hole(job);
	input_prefetch(job->in, job->queue->dev, PREFETCH);
	piece->off = job->in->pos;
	status = input_read_piece(job->in, piece->src_buf, max, &piece->src, &piece->len,
				  &job->ended);
	piece->dst = job->map ? job->map + piece->off : piece->dst_buf;
	if (job->map && piece->len)
		device_prefetch(job->queue->dev, piece->dst, piece->len, true);
	*more = piece->len;
	return status;
}

static void build(void *arg, struct ibv_qp_ex *wr, const struct piece *piece)
{
	const struct job *job = arg;
	struct ibv_sge src = device_sge(job->queue->dev, piece->src, piece->len);
	struct ibv_sge dst = device_sge(job->queue->dev, piece->dst, piece->len);

	axedv_wr_copy(wr, &dst, &src);
}

static enum status retire(void *arg, const struct piece *piece)
{
	struct job *job = arg;
	uint64_t at = piece->c.result[0] - (uintptr_t)job->map;

	if (piece->c.code == AXE_ERR_FAULT && job->map && at < job->in->size)
		return error("cannot write %s at offset %" PRIu64 ": is the file system full?",
			     job->out->name, at);
	if (piece->c.code != AXE_OK)
		return input_command_failed(job->in, job->queue, piece->off, &piece->c);
	job->length = piece->off + piece->len;
	input_release(job->in, job->length);
	progress_update(job->length);
	return job->map ? STATUS_OK : output_write(job->out, piece->dst, piece->len);
}

/* The output at its full length, as one hole; NULL if it must be written instead. */
static uint8_t *map_output(const struct input *in, struct output *out)
{
	uint8_t *map;

	if (!in->map || in->start || !out->commits || ftruncate(out->fd, in->size))
		return NULL;
	map = mmap(NULL, in->size, PROT_READ | PROT_WRITE, MAP_SHARED, out->fd, 0);
	if (map != MAP_FAILED)
		return map;
	(void)!ftruncate(out->fd, 0);
	return NULL;
}

static enum status copy(struct queue *queue, struct input *in, struct output *out)
{
	struct job job = { .queue = queue, .in = in, .out = out, .map = map_output(in, out) };
	const struct pipeline pipeline = {
		.queue = queue,
		.depth = pipeline_depth(PIECE),
		.src_size = in->map ? 0 : PIECE,
		.dst_size = job.map ? 0 : PIECE,
		.next = next,
		.build = build,
		.retire = retire,
		.arg = &job,
	};
	enum status status;
	char rate[HUMAN_SIZE];
	double seconds;

	progress_begin(in->name, input_total(in));
	status = pipeline_run(&pipeline);
	seconds = progress_end();
	if (job.map)
		munmap(job.map, in->size);
	if (status == STATUS_OK)
		status = input_check_size(in);
	if (status != STATUS_ERROR)
		verbose("%s: %" PRIu64 " bytes, %s/s", in->name, job.length,
			human_bytes(rate, job.length / (seconds > 0 ? seconds : 1)));
	return status;
}

/* DST, or DST/NAME if that is a directory. */
static char *target(const struct settings *s)
{
	struct stat st;
	char *path;

	if (strcmp(s->dst, "-") && strcmp(s->src, "-") && !stat(s->dst, &st) && S_ISDIR(st.st_mode))
		return asprintf(&path, "%s/%s", s->dst, basename(s->src)) < 0 ? NULL : path;
	return strdup(s->dst);
}

static enum status refuse_same(const struct input *in, const char *path)
{
	struct stat st;

	if (!stat(path, &st) && S_ISREG(st.st_mode) && st.st_dev == in->st.st_dev &&
	    st.st_ino == in->st.st_ino)
		return error("%s and %s are the same file", in->name, path);
	return STATUS_OK;
}

static enum status run(const struct settings *s, struct queue *queue)
{
	char *path = target(s);
	struct output out;
	struct input in;
	enum status status;

	if (!path)
		return error_errno("cannot copy %s", s->src);
	status = input_open(&in, s->src);
	if (status != STATUS_OK)
		goto free_path;
	status = refuse_same(&in, path);
	if (status == STATUS_OK)
		status = output_open(&out, path, s->force);
	if (status != STATUS_OK)
		goto close_input;

	status = copy(queue, &in, &out);
	if (status == STATUS_ERROR)
		output_abort(&out);
	else
		status = status_merge(status, output_commit(&out, input_stat(&in)));
close_input:
	input_close(&in);
free_path:
	free(path);
	return status;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;

	switch (key) {
	case 'f':
		s->force = true;
		return 0;
	case ARGP_KEY_ARG:
		if (!s->src)
			s->src = arg;
		else if (!s->dst)
			s->dst = arg;
		else
			argp_error(state, "copies one file, not several");
		return 0;
	case ARGP_KEY_END:
		if (!s->dst)
			argp_error(state, "say what to copy, and where to");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option argp_options[] = {
	{ "force", 'f', NULL, 0, "Replace DST if it exists", 1 },
	{ 0 }
};

static const struct argp_child children[] = {
	{ .argp = &device_argp, .group = 3 },
	{ .argp = &common_argp, .group = 4 },
	{ 0 }
};

static const struct argp argp = {
	.options = argp_options,
	.parser = parse,
	.args_doc = "SRC DST",
	.doc = "Copy the file SRC to DST, with its mode and times; holes stay holes.\n"
	       "\vIf DST is a directory, the copy goes into it. '-' is standard input or output.\n"
	       "\n"
	       "Exit status: 0 if all went well, 1 on an error, 2 on a warning, 64 on wrong\n"
	       "usage.",
	.children = children,
};

int cmd_copy(int argc, char **argv)
{
	struct settings s = {};
	enum status status = STATUS_ERROR;
	struct device *dev;
	struct queue *queue;

	argp_parse(&argp, argc, argv, 0, NULL, &s);

	dev = device_open();
	if (!dev)
		return STATUS_ERROR;
	queue = queue_create(dev, pipeline_depth(PIECE));
	if (queue)
		status = run(&s, queue);
	queue_destroy(queue);
	device_close(dev);
	return status;
}
