// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* axe checksum: CRCs and the like of files, piece by piece side by side. */
#include <stdio.h>

#include "commands.h"
#include "crc.h"
#include "options.h"
#include "pipeline.h"
#include "progress.h"
#include "sums.h"

#define PIECE (1U << 20)

/* XXH64 cannot be put together from pieces: a file is one command, a pipe one buffer. */
#define WHOLE_MAX	(0xffffffffU)
#define WHOLE_PIPE_MAX	(1U << 30)

static const struct sum_kind kinds[] = {
	{ "crc32", "CRC32", 8, AXE_OP_CRC32 },
	{ "crc32c", "CRC32C", 8, AXE_OP_CRC32C },
	{ "crc64", "CRC64", 16, AXE_OP_CRC64 },
	{ "crc16-t10", "CRC16-T10", 4, AXE_OP_CRC16_T10 },
	{ "adler32", "ADLER32", 8, AXE_OP_ADLER32 },
	{ "xxh64", "XXH64", 16, AXE_OP_XXH64 },
};

#define NUM_KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct job {
	enum axe_opcode op;
	struct queue *queue;
	struct input *in;
	uint32_t piece;
	bool ended;
	uint64_t sum;
};

static enum status next(void *arg, struct piece *piece, bool *more)
{
	struct job *job = arg;
	enum status status;

	*more = false;
	if (job->ended)
		return STATUS_OK;
	input_prefetch(job->in, job->queue->dev, 4 * PIECE);
	piece->off = job->in->pos;
	status = input_read_piece(job->in, piece->src_buf, job->piece, &piece->src, &piece->len,
				  &job->ended);
	if (status == STATUS_OK && !job->ended && job->op == AXE_OP_XXH64)
		return error("%s is too long: XXH64 takes files of up to 4 GiB, pipes of up to 1",
			     job->in->name);
	/* Only of a hash nothing is something. */
	*more = piece->len || job->op == AXE_OP_XXH64;
	return status;
}

static void build(void *arg, struct ibv_qp_ex *wr, const struct piece *piece)
{
	const struct job *job = arg;
	struct ibv_sge src = device_sge(job->queue->dev, piece->src, piece->len);

	switch (job->op) {
	case AXE_OP_CRC32C:
		axedv_wr_crc32c(wr, &src, 0);
		break;
	case AXE_OP_CRC64:
		axedv_wr_crc64(wr, &src, 0);
		break;
	case AXE_OP_CRC16_T10:
		axedv_wr_crc16_t10(wr, &src, 0);
		break;
	case AXE_OP_ADLER32:
		axedv_wr_adler32(wr, &src, 1);
		break;
	case AXE_OP_XXH64:
		axedv_wr_xxh64(wr, &src, 0);
		break;
	default:
		axedv_wr_crc32(wr, &src, 0);
	}
}

static uint64_t combine(const struct job *job, uint64_t sum, uint64_t len)
{
	switch (job->op) {
	case AXE_OP_CRC32C:
		return crc_combine(&crc_32c, job->sum, sum, len);
	case AXE_OP_CRC64:
		return crc_combine(&crc_64, job->sum, sum, len);
	case AXE_OP_CRC16_T10:
		return crc_combine(&crc_16_t10, job->sum, sum, len);
	case AXE_OP_ADLER32:
		return adler_combine(job->sum, sum, len);
	case AXE_OP_XXH64:
		return sum;
	default:
		return crc_combine(&crc_32, job->sum, sum, len);
	}
}

static enum status retire(void *arg, const struct piece *piece)
{
	struct job *job = arg;

	if (piece->c.code != AXE_OK)
		return input_command_failed(job->in, job->queue, piece->off, &piece->c);
	job->sum = combine(job, completion_sum(&piece->c), piece->len);
	input_release(job->in, piece->off + piece->len);
	progress_update(piece->off + piece->len - job->in->start);
	return STATUS_OK;
}

static enum status compute(struct queue *queue, const struct sum_kind *kind, struct input *in,
			   char digits[SUM_DIGITS_MAX + 1])
{
	struct job job = { .op = kind->number, .queue = queue, .in = in, .piece = PIECE };
	struct pipeline pipeline = {
		.queue = queue,
		.depth = pipeline_depth(PIECE),
		.next = next,
		.build = build,
		.retire = retire,
		.arg = &job,
	};
	enum status status;

	if (job.op == AXE_OP_ADLER32)
		job.sum = 1;
	if (job.op == AXE_OP_XXH64) {
		job.piece = in->map ? WHOLE_MAX : WHOLE_PIPE_MAX;
		pipeline.depth = 1;
	}
	pipeline.src_size = in->map ? 0 : job.piece;
	status = pipeline_run(&pipeline);
	snprintf(digits, SUM_DIGITS_MAX + 1, "%0*" PRIx64, (int)kind->digits, job.sum);
	return status;
}

static const struct argp_option argp_options[] = {
	{ "algorithm", 'a', "NAME", 0,
	  "crc32 (default), crc32c, crc64, crc16-t10, adler32 or xxh64", 1 },
	{ 0 }
};

static const struct argp_child children[] = {
	{ .argp = &sums_argp, .group = 2 },
	{ .argp = &device_argp, .group = 3 },
	{ .argp = &common_argp, .group = 4 },
	{ 0 }
};

static const struct argp argp = {
	.options = argp_options,
	.parser = sums_parse,
	.args_doc = "[FILE...]",
	.doc = "Print the checksum of each FILE, or check a list of such lines.\n"
	       "\vWithout FILE, or with FILE -, standard input is read.\n"
	       "\n"
	       "CRC32 is that of gzip, PNG and Ethernet, CRC32C of iSCSI and ext4, CRC64 of\n"
	       "NVMe, CRC16-T10 of SCSI, Adler-32 of zlib.\n"
	       "\n"
	       "Exit status: 0 if all went well, 1 if something failed or did not match, 2 on\n"
	       "a warning, 64 on wrong usage.",
	.children = children,
};

int cmd_checksum(int argc, char **argv)
{
	struct sums sums = {
		.kinds = kinds,
		.num_kinds = NUM_KINDS,
		.kind = &kinds[0],
		.compute = compute,
		.depth = pipeline_depth(PIECE),
	};

	argp_parse(&argp, argc, argv, 0, NULL, &sums);
	return sums_run(&sums);
}
