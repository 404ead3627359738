// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * axe compress: one gzip member from pieces that the device compresses apart,
 * each of which ends on a byte boundary (AXE_DEFLATE_NO_FINAL), the last excepted.
 * In the other formats each piece is a frame, and frames may follow each other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "crc.h"
#include "files.h"
#include "format.h"
#include "gzip.h"
#include "options.h"
#include "output.h"
#include "pipeline.h"
#include "progress.h"

/*
 * With half a MiB, output is 0.2 % larger than in one piece (with 128 KiB 1.7 %),
 * and a file of a few MiB keeps several lanes busy until its end.
 */
#define DEFAULT_PIECE	(512U << 10)
#define LEVEL_BEST	99
#define MIN_PIECE	(16U << 10)
#define MAX_PIECE	(256U << 20)

enum {
	OPT_FAST = OPT_OWN,
	OPT_BEST,
	OPT_FORMAT,
};

struct settings {
	struct file_settings files;
	enum format format;
	int level;		/* 0: the format's */
	uint32_t piece;
	bool no_name;
};

/* One input on its way. */
struct job {
	const struct settings *settings;
	struct queue *queue;
	struct input *in;
	struct output *out;
	bool ended;		/* the last piece was posted */
	uint32_t crc;
	uint64_t length;
};

/*
 * Room for a piece that does not shrink: stored blocks cost 5 bytes for each 32
 * KiB or less, compressors with small buffers a little more. Frames of the other
 * formats have 4 or 3 bytes for each 64 KiB or more.
 */
static uint32_t compress_bound(uint32_t len)
{
	return len + len / 64 + 1024;
}

static enum status next(void *arg, struct piece *piece, bool *more)
{
	struct job *job = arg;
	enum status status;

	*more = !job->ended;
	if (job->ended)
		return STATUS_OK;

	/* It will wait for a lane for a while, and the one behind it even longer. */
	input_prefetch(job->in, job->queue->dev, 2ULL * job->settings->piece);
	piece->off = job->in->pos;
	status = input_read_piece(job->in, piece->src_buf, job->settings->piece, &piece->src,
				  &piece->len, &piece->last);
	piece->dst = piece->dst_buf;
	piece->dst_len = compress_bound(piece->len);
	job->ended = piece->last;
	return status;
}

static void build(void *arg, struct ibv_qp_ex *wr, const struct piece *piece)
{
	const struct job *job = arg;
	struct ibv_sge src = device_sge(job->queue->dev, piece->src, piece->len);
	struct ibv_sge dst = device_sge(job->queue->dev, piece->dst, piece->dst_len);

	switch (job->settings->format) {
	case FORMAT_LZ4:
		axedv_wr_lz4_compress(wr, &dst, &src, AXE_FORMAT_LZ4_FRAME, 0);
		break;
	case FORMAT_ZSTD:
		axedv_wr_zstd_compress(wr, &dst, &src, job->settings->level, 0, 0);
		break;
	default:
		axedv_wr_compress(wr, &dst, &src, AXE_FORMAT_RAW, job->settings->level,
				  piece->last ? 0 : AXE_DEFLATE_NO_FINAL);
	}
}

static enum status retire(void *arg, const struct piece *piece)
{
	struct job *job = arg;
	enum status status;

	if (piece->c.code != AXE_OK)
		return input_command_failed(job->in, job->queue, piece->off, &piece->c);

	status = output_write(job->out, piece->dst, piece->c.bytes);
	if (job->settings->format == FORMAT_GZIP)
		job->crc = crc_combine(&crc_32, job->crc, completion_sum(&piece->c), piece->len);
	job->length += piece->len;
	input_release(job->in, piece->off + piece->len);
	progress_update(job->length);
	return status;
}

static enum status write_header(const struct job *job)
{
	const struct stat *st = &job->in->st;
	const char *name = NULL;
	uint8_t header[GZIP_HEADER_MAX];
	uint32_t mtime = 0;
	size_t len;

	if (job->settings->format != FORMAT_GZIP)
		return STATUS_OK;
	if (!job->settings->no_name && S_ISREG(st->st_mode) && job->in->fd != STDIN_FILENO) {
		name = basename(job->in->name);
		if (st->st_mtime > 0 && st->st_mtime <= UINT32_MAX)
			mtime = st->st_mtime;
	}
	len = gzip_header(header, name, mtime, job->settings->level);
	return output_write(job->out, header, len);
}

static enum status write_trailer(const struct job *job)
{
	uint8_t trailer[GZIP_TRAILER];

	if (job->settings->format != FORMAT_GZIP)
		return STATUS_OK;
	gzip_trailer(trailer, job->crc, job->length);
	return output_write(job->out, trailer, sizeof(trailer));
}

static void say_ratio(const struct job *job, uint64_t written, uint64_t commands, double seconds)
{
	char rate[HUMAN_SIZE];

	verbose("%s: %" PRIu64 " -> %" PRIu64 " bytes (%.1f %%), %s/s, %" PRIu64 " commands",
		job->in->name, job->length, written,
		job->length ? 100.0 * written / job->length : 100.0,
		human_bytes(rate, job->length / (seconds > 0 ? seconds : 1)), commands);
}

static enum status compress_one(void *arg, struct queue *queue, struct input *in,
				struct output *out)
{
	const struct settings *settings = arg;
	struct job job = { .settings = settings, .queue = queue, .in = in, .out = out };
	const struct pipeline pipeline = {
		.queue = queue,
		.depth = pipeline_depth(settings->piece),
		.src_size = in->map ? 0 : settings->piece,
		.dst_size = compress_bound(settings->piece),
		.next = next,
		.build = build,
		.retire = retire,
		.arg = &job,
	};
	uint64_t posted = queue->posted, before = out->bytes;
	enum status status;
	double seconds;

	progress_begin(in->name, input_total(in));
	status = write_header(&job);
	if (status == STATUS_OK)
		status = pipeline_run(&pipeline);
	if (status == STATUS_OK)
		status = write_trailer(&job);
	seconds = progress_end();
	if (status == STATUS_OK)
		say_ratio(&job, out->bytes - before, queue->posted - posted, seconds);
	return status;
}

/* NAME.gz or the like; a file that has the suffix already is left alone, as gzip does. */
static enum status output_name(void *arg, const char *name, char **result)
{
	const struct settings *settings = arg;
	const char *suffix = formats[settings->format].suffix;
	size_t len = strlen(name), n = strlen(suffix);

	*result = NULL;
	if (!settings->files.force && len > n && !strcmp(name + len - n, suffix))
		return warning("%s already has the suffix %s; left as it is", name, suffix);
	if (asprintf(result, "%s%s", name, suffix) < 0)
		return error_errno("cannot compress %s", name);
	return STATUS_OK;
}

/* What was asked for, in terms of the format. */
static void set_level(struct settings *settings, struct argp_state *state)
{
	const struct format_info *format = &formats[settings->format];

	if (settings->level && !format->level)
		argp_error(state, "%s has no levels here", format->name);
	if (!settings->level)
		settings->level = format->level;
	if (settings->level > format->best)
		settings->level = format->best;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct settings *settings = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &settings->files;
		return 0;
	case '1' ... '9':
		settings->level = key - '0';
		return 0;
	case OPT_FAST:
		settings->level = 1;
		return 0;
	case OPT_BEST:
		settings->level = LEVEL_BEST;
		return 0;
	case OPT_FORMAT:
		settings->format = format_parse(state, arg);
		return 0;
	case 'b':
		settings->piece = parse_size(state, "the piece size", arg, MIN_PIECE, MAX_PIECE);
		return 0;
	case 'n':
		settings->no_name = true;
		return 0;
	case ARGP_KEY_END:
		set_level(settings, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option argp_options[] = {
	{ "-1 to -9", 0, NULL, OPTION_DOC, "Level, from fast to small; if not given, 6 of gzip, 3 of zstd; lz4 has none", 1 },
	{ "fast", OPT_FAST, NULL, 0, "The same as -1", 1 },
	{ "best", OPT_BEST, NULL, 0, "The highest: -9 of gzip, 12 of zstd", 1 },
	{ "format", OPT_FORMAT, "NAME", 0, "gzip (default), lz4 or zstd", 1 },
	{ "blocksize", 'b', "SIZE", 0,
	  "Compress in pieces of SIZE bytes (suffixes K, M; default 512K)", 1 },
	{ "no-name", 'n', NULL, 0, "gzip: do not store the file's name and time", 1 },
	{ NULL, '1', NULL, OPTION_HIDDEN, NULL, 1 },
	{ NULL, '2', NULL, OPTION_HIDDEN, NULL, 1 },
	{ NULL, '3', NULL, OPTION_HIDDEN, NULL, 1 },
	{ NULL, '4', NULL, OPTION_HIDDEN, NULL, 1 },
	{ NULL, '5', NULL, OPTION_HIDDEN, NULL, 1 },
	{ NULL, '6', NULL, OPTION_HIDDEN, NULL, 1 },
	{ NULL, '7', NULL, OPTION_HIDDEN, NULL, 1 },
	{ NULL, '8', NULL, OPTION_HIDDEN, NULL, 1 },
	{ NULL, '9', NULL, OPTION_HIDDEN, NULL, 1 },
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
	.doc = "Compress each FILE to FILE.gz, a gzip file, and keep FILE; with --format lz4 or\n"
	       "zstd to FILE.lz4 or FILE.zst.\n"
	       "\vWithout FILE, or with FILE -, standard input is compressed to standard output.\n"
	       "\n"
	       "Exit status: 0 if all went well, 1 on an error, 2 on a warning, 64 on wrong\n"
	       "usage.",
	.children = children,
};

int cmd_compress(int argc, char **argv)
{
	struct settings settings = {
		.files = {
			.work = compress_one,
			.output_name = output_name,
			.writes_compressed = true,
		},
		.piece = DEFAULT_PIECE,
	};

	argp_parse(&argp, argc, argv, 0, NULL, &settings);
	settings.files.depth = pipeline_depth(settings.piece);
	settings.files.arg = &settings;
	return files_run(&settings.files);
}
