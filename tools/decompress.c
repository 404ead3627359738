// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * axe decompress: gzip members, and frames of LZ4 and Zstandard, which are called
 * members here too, one after the other. A member is a stream that the device works
 * off in commands of bounded size: it fills one buffer while the other is written.
 * Blocks of bgzip say how long they are, so that many go side by side.
 */
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "files.h"
#include "format.h"
#include "gzip.h"
#include "options.h"
#include "output.h"
#include "pipeline.h"
#include "progress.h"

#define CHUNK		(1U << 20)	/* of output */
#define SOURCE_MAX	(1U << 20)	/* of input in one command */
#define BLOCKS		64		/* of bgzip in flight */
#define PREFETCH	(4U << 20)

enum {
	OPT_TEST = 't',
	OPT_FORMAT = OPT_OWN,
};

struct settings {
	struct file_settings files;
	enum format only;	/* FORMAT_NONE: any */
	uint8_t *buf[2];
};

struct job {
	struct settings *settings;
	struct queue *queue;
	struct input *in;
	struct output *out;
	uint64_t member;	/* where the current one begins */
	enum format format;	/* of it */
	unsigned int window;
};

/* The device's words for bad input, and at which byte of the file. */
static enum status explain(const struct job *job, uint64_t off, const struct completion *c)
{
	const char *name = job->in->name;

	switch (c->code) {
	case AXE_ERR_DATA:
		return error("%s: corrupt data at offset %" PRIu64, name, off + c->result[0]);
	case AXE_ERR_TRUNCATED:
		return error("%s: unexpected end of file", name);
	case AXE_ERR_CHECKSUM:
		return error("%s: the data does not match its checksum, in the member at offset %"
			     PRIu64, name, job->member);
	default:
		return input_command_failed(job->in, job->queue, off, c);
	}
}

static int post_chunk(struct job *job, uint8_t *dst, const uint8_t *src, uint32_t len, bool first)
{
	uint32_t flags = AXE_PACK_STREAM | (first ? AXE_PACK_RESTART : 0);
	struct ibv_sge from = device_sge(job->queue->dev, src, len);
	struct ibv_sge to = device_sge(job->queue->dev, dst, CHUNK);
	struct ibv_qp_ex *wr = job->queue->wr;

	queue_begin(job->queue, 0);
	switch (job->format) {
	case FORMAT_LZ4:
		axedv_wr_lz4_decompress(wr, &to, &from, AXE_FORMAT_LZ4_FRAME, job->window, flags);
		break;
	case FORMAT_ZSTD:
		axedv_wr_zstd_decompress(wr, &to, &from, job->window, flags);
		break;
	default:
		axedv_wr_decompress(wr, &to, &from, AXE_FORMAT_GZIP, AXE_DEFLATE_STREAM |
				    (first ? AXE_DEFLATE_RESTART : 0));
	}
	return queue_post(job->queue);
}

/* One command of a member's stream; meanwhile writes what the one before it made. */
static enum status chunk(struct job *job, uint8_t *dst, const uint8_t *ready, uint32_t ready_len,
			 bool first, struct completion *c)
{
	struct input *in = job->in;
	enum status status;
	const uint8_t *src;
	uint32_t len;

	status = input_bytes(in, SOURCE_MAX, &src, &len);
	if (status != STATUS_OK)
		return status;
	if (!len)
		return error("%s: unexpected end of file", in->name);
	if (post_chunk(job, dst, src, len, first))
		return STATUS_ERROR;

	input_prefetch(in, job->queue->dev, PREFETCH);
	status = output_write(job->out, ready, ready_len);
	if (status == STATUS_OK)
		status = input_read_ahead(in);
	if (queue_wait(job->queue, c) < 0)
		return STATUS_ERROR;
	if (status != STATUS_OK)
		return status;
	if (c->code != AXE_OK && c->code != AXE_INFO_MORE)
		return explain(job, in->pos, c);
	if (completion_consumed(c) > len || (!completion_consumed(c) && !c->bytes && c->code))
		return error("%s: %s makes no progress at offset %" PRIu64, in->name,
			     device_name(job->queue->dev), in->pos);

	input_advance(in, completion_consumed(c));
	input_release(in, in->pos);
	progress_update(in->pos - in->start);
	return STATUS_OK;
}

static enum status member(struct job *job)
{
	uint8_t *const *buf = job->settings->buf;
	struct completion c = { .code = AXE_INFO_MORE };
	unsigned int current = 0;
	enum status status;
	uint32_t ready = 0;
	bool first = true;

	while (c.code == AXE_INFO_MORE) {
		status = chunk(job, buf[current], buf[!current], ready, first, &c);
		if (status != STATUS_OK)
			return status;
		first = false;
		ready = c.bytes;
		current = !current;
	}
	return output_write(job->out, buf[!current], ready);
}

/* The next block of bgzip, if it is one and whole. */
static enum status next_block(void *arg, struct piece *piece, bool *more)
{
	struct job *job = arg;
	struct input *in = job->in;
	uint8_t header[BGZF_HEADER];
	enum status status;
	size_t have;

	status = input_peek(in, header, sizeof(header), &have);
	piece->len = bgzf_block_size(header, have);
	*more = status == STATUS_OK && piece->len && piece->len <= in->size - in->pos;
	if (!*more)
		return status;

	input_prefetch(in, job->queue->dev, PREFETCH);
	piece->off = in->pos;
	piece->src = in->map + in->pos;
	piece->dst = piece->dst_buf;
	piece->dst_len = BGZF_MAX_PLAIN;
	input_advance(in, piece->len);
	return STATUS_OK;
}

static void build_block(void *arg, struct ibv_qp_ex *wr, const struct piece *piece)
{
	const struct job *job = arg;
	struct ibv_sge src = device_sge(job->queue->dev, piece->src, piece->len);
	struct ibv_sge dst = device_sge(job->queue->dev, piece->dst, piece->dst_len);

	axedv_wr_decompress(wr, &dst, &src, AXE_FORMAT_GZIP, 0);
}

static enum status retire_block(void *arg, const struct piece *piece)
{
	struct job *job = arg;

	job->member = piece->off;
	if (piece->c.code == AXE_ERR_TRUNCATED || piece->c.code == AXE_ERR_FULL ||
	    (piece->c.code == AXE_OK && completion_consumed(&piece->c) != piece->len))
		return error("%s: corrupt block at offset %" PRIu64 ": its length is wrong",
			     job->in->name, piece->off);
	if (piece->c.code != AXE_OK)
		return explain(job, piece->off, &piece->c);
	input_release(job->in, piece->off);
	progress_update(piece->off + piece->len - job->in->start);
	return output_write(job->out, piece->dst, piece->c.bytes);
}

static enum status blocks(struct job *job)
{
	const struct pipeline pipeline = {
		.queue = job->queue,
		.depth = BLOCKS,
		.dst_size = BGZF_MAX_PLAIN,
		.next = next_block,
		.build = build_block,
		.retire = retire_block,
		.arg = job,
	};

	return pipeline_run(&pipeline);
}

/* Behind the last member: nothing, or zeros up to a block of a tape, or what no one wants. */
static enum status check_rest(struct job *job)
{
	uint64_t off = job->in->pos;
	uint8_t buf[4096];
	enum status status;
	size_t len;

	for (;;) {
		status = input_peek(job->in, buf, sizeof(buf), &len);
		if (status != STATUS_OK || !len)
			return status;
		for (size_t i = 0; i < len; i++)
			if (buf[i])
				return warning("%s: trailing garbage at offset %" PRIu64 " ignored",
					       job->in->name, off);
		input_advance(job->in, len);
	}
}

/* What is there in place of the first member. */
static enum status not_one(const struct job *job, size_t have)
{
	if (!have)
		return error("%s: unexpected end of file", job->in->name);
	if (job->settings->only == FORMAT_NONE)
		return error("%s is not in gzip format, nor lz4 or zstd", job->in->name);
	return error("%s is not in %s format", job->in->name, formats[job->settings->only].name);
}

/* Looks at the header of a member: what it is, and what the device needs for it. */
static enum status recognise(struct job *job, const uint8_t *header, size_t have)
{
	static const unsigned int most[FORMAT_NONE] = {
		[FORMAT_LZ4] = AXE_LZ4_WINDOW_MAX,
		[FORMAT_ZSTD] = AXE_ZSTD_WINDOW_MAX,
	};

	job->format = format_of(header, have);
	if (job->settings->only != FORMAT_NONE && job->format != job->settings->only)
		job->format = FORMAT_NONE;
	job->window = format_window(job->format, header, have);
	if (job->window && job->window > most[job->format])
		return error("%s: the frame at offset %" PRIu64 " has a window of more than %u MiB",
			     job->in->name, job->in->pos, 1U << (most[job->format] - 20));
	return STATUS_OK;
}

static enum status members(struct job *job)
{
	struct input *in = job->in;
	uint8_t header[FORMAT_HEADER];
	enum status status;
	size_t have;

	for (unsigned long n = 0; ; n++) {
		status = input_peek(in, header, sizeof(header), &have);
		if (status == STATUS_OK)
			status = recognise(job, header, have);
		if (status != STATUS_OK)
			return status;
		if (job->format == FORMAT_NONE)
			return n ? check_rest(job) : not_one(job, have);

		job->member = in->pos;
		if (in->map && bgzf_block_size(header, have))
			status = blocks(job);
		/* not bgzip, or a block that is cut off: the stream tells where */
		if (status == STATUS_OK && in->pos == job->member)
			status = member(job);
		if (status != STATUS_OK)
			return status;
	}
}

static enum status decompress_one(void *arg, struct queue *queue, struct input *in,
				  struct output *out)
{
	struct job job = { .settings = arg, .queue = queue, .in = in, .out = out };
	uint64_t posted = queue->posted, before = out->bytes;
	enum status status;
	char rate[HUMAN_SIZE];
	double seconds;

	progress_begin(in->name, input_total(in));
	status = members(&job);
	seconds = progress_end();
	if (status != STATUS_ERROR)
		verbose("%s: %" PRIu64 " -> %" PRIu64 " bytes, %s/s, %" PRIu64 " commands",
			in->name, in->pos - in->start, out->bytes - before,
			human_bytes(rate, (out->bytes - before) / (seconds > 0 ? seconds : 1)),
			queue->posted - posted);
	return status;
}

static enum status output_name(void *arg, const char *name, char **result)
{
	static const struct {
		const char *from;
		const char *to;
	} suffixes[] = {
		{ ".gz", "" }, { ".bgz", "" }, { ".bgzf", "" }, { ".tgz", ".tar" },
		{ "-gz", "" }, { ".z", "" }, { ".svgz", ".svg" },
		{ ".lz4", "" }, { ".zst", "" }, { ".tlz4", ".tar" }, { ".tzst", ".tar" },
	};
	const char *base = strrchr(name, '/');
	size_t len = strlen(name);

	(void)arg;
	*result = NULL;
	base = base ? base + 1 : name;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		size_t n = strlen(suffixes[i].from);

		if (strlen(base) <= n || strcmp(name + len - n, suffixes[i].from))
			continue;
		if (asprintf(result, "%.*s%s", (int)(len - n), name, suffixes[i].to) < 0)
			return error_errno("cannot decompress %s", name);
		return STATUS_OK;
	}
	return warning("%s has no suffix that is known; left as it is (-c or -o tell where to)",
		       name);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct settings *settings = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &settings->files;
		return 0;
	case OPT_TEST:
		settings->files.test = true;
		return 0;
	case OPT_FORMAT:
		settings->only = format_parse(state, arg);
		return 0;
	case ARGP_KEY_END:
		if (settings->files.test && (settings->files.output || settings->files.to_stdout ||
					     settings->files.remove))
			argp_error(state, "-t writes nothing: -o, -c, --rm make no sense");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option argp_options[] = {
	{ "test", OPT_TEST, NULL, 0, "Check the files, write nothing", 1 },
	{ "format", OPT_FORMAT, "NAME", 0, "Only this one: gzip, lz4 or zstd (default: any)", 1 },
	{ 0 }
};

static const struct argp_child children[] = {
	{ .argp = &files_argp, .group = 2 },
	{ .argp = &device_argp, .group = 3 },
	{ .argp = &common_argp, .group = 4 },
	{ 0 }
};

static const struct argp argp = {
	.options = argp_options,
	.parser = parse,
	.args_doc = "[FILE...]",
	.doc = "Decompress each FILE.gz, FILE.lz4 or FILE.zst to FILE, and keep it.\n"
	       "\vReads what axe, gzip, pigz, bgzip, lz4 and zstd write, also several put\n"
	       "together; blocks of bgzip are decompressed side by side. Without FILE, or with\n"
	       "FILE -, standard input is decompressed to standard output.\n"
	       "\n"
	       "Exit status: 0 if all went well, 1 on an error, 2 on a warning, 64 on wrong\n"
	       "usage.",
	.children = children,
};

int cmd_decompress(int argc, char **argv)
{
	struct settings settings = {
		.files = {
			.work = decompress_one,
			.output_name = output_name,
			.depth = BLOCKS,
			.reads_compressed = true,
		},
		.only = FORMAT_NONE,
	};
	enum status status;

	settings.files.arg = &settings;
	argp_parse(&argp, argc, argv, 0, NULL, &settings);

	settings.buf[0] = malloc(2 * CHUNK);
	if (!settings.buf[0])
		return error_errno("no memory for the buffers");
	settings.buf[1] = settings.buf[0] + CHUNK;
	status = files_run(&settings.files);
	free(settings.buf[0]);
	return status;
}
