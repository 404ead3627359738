// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * axe hash: digests of files. A message is one stream of the queue, whose parts the
 * device takes one after the other, so that it never waits for the next.
 */
#include <stdio.h>

#include "commands.h"
#include "options.h"
#include "pipeline.h"
#include "progress.h"
#include "sums.h"

#define PIECE (1U << 20)

static const struct sum_kind kinds[] = {
	{ "sha1", "SHA1", 40, AXE_HASH_SHA1 },
	{ "sha224", "SHA224", 56, AXE_HASH_SHA224 },
	{ "sha256", "SHA256", 64, AXE_HASH_SHA256 },
	{ "sha384", "SHA384", 96, AXE_HASH_SHA384 },
	{ "sha512", "SHA512", 128, AXE_HASH_SHA512 },
	{ "sha3-224", "SHA3-224", 56, AXE_HASH_SHA3_224 },
	{ "sha3-256", "SHA3-256", 64, AXE_HASH_SHA3_256 },
	{ "sha3-384", "SHA3-384", 96, AXE_HASH_SHA3_384 },
	{ "sha3-512", "SHA3-512", 128, AXE_HASH_SHA3_512 },
	{ "sm3", "SM3", 64, AXE_HASH_SM3 },
	{ "blake2b", "BLAKE2b", 128, AXE_HASH_BLAKE2B_512 },
	{ "blake2b-160", "BLAKE2b-160", 40, AXE_HASH_BLAKE2B_160 },
	{ "blake2b-256", "BLAKE2b-256", 64, AXE_HASH_BLAKE2B_256 },
	{ "blake2b-384", "BLAKE2b-384", 96, AXE_HASH_BLAKE2B_384 },
	{ "md5", "MD5", 32, AXE_HASH_MD5 },
};

#define NUM_KINDS	(sizeof(kinds) / sizeof(kinds[0]))
#define DEFAULT_KIND	2

struct job {
	const struct sum_kind *kind;
	struct queue *queue;
	struct input *in;
	bool ended;		/* the last part was posted */
	uint8_t digest[SUM_DIGITS_MAX / 2];
};

static enum status next(void *arg, struct piece *piece, bool *more)
{
	struct job *job = arg;

	*more = !job->ended;
	if (job->ended)
		return STATUS_OK;
	input_prefetch(job->in, job->queue->dev, 4 * PIECE);
	piece->off = job->in->pos;
	return input_read_piece(job->in, piece->src_buf, PIECE, &piece->src, &piece->len,
				&job->ended);
}

static void build(void *arg, struct ibv_qp_ex *wr, const struct piece *piece)
{
	struct job *job = arg;
	const struct device *dev = job->queue->dev;
	struct ibv_sge src = device_sge(dev, piece->src, piece->len);
	struct ibv_sge dst = device_sge(dev, job->digest, sizeof(job->digest));
	uint32_t flags = AXE_HASH_STREAM;

	if (piece->off == job->in->start)
		flags |= AXE_HASH_RESTART;
	if (job->ended)
		flags |= AXE_HASH_FINAL;
	axedv_wr_hash(wr, job->ended ? &dst : NULL, &src, job->kind->number, flags);
}

static enum status retire(void *arg, const struct piece *piece)
{
	struct job *job = arg;

	if (piece->c.code == AXE_ERR_OPCODE)
		return error("%s cannot do %s: its kernel was built without it",
			     device_name(job->queue->dev), job->kind->name);
	if (piece->c.code != AXE_OK && piece->c.code != AXE_INFO_MORE)
		return input_command_failed(job->in, job->queue, piece->off, &piece->c);
	input_release(job->in, piece->off + piece->len);
	progress_update(piece->off + piece->len - job->in->start);
	return STATUS_OK;
}

static enum status compute(struct queue *queue, const struct sum_kind *kind, struct input *in,
			   char digits[SUM_DIGITS_MAX + 1])
{
	struct job job = { .kind = kind, .queue = queue, .in = in };
	const struct pipeline pipeline = {
		.queue = queue,
		.depth = pipeline_depth(PIECE),
		.src_size = in->map ? 0 : PIECE,
		.next = next,
		.build = build,
		.retire = retire,
		.arg = &job,
	};
	enum status status = pipeline_run(&pipeline);

	for (unsigned int i = 0; i < kind->digits / 2; i++)
		sprintf(digits + 2 * i, "%02x", job.digest[i]);
	return status;
}

static const struct argp_option argp_options[] = {
	{ "algorithm", 'a', "NAME", 0,
	  "sha256 (default) or another of those below", 1 },
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
	.doc = "Print the digest of each FILE, or check a list of such lines.\n"
	       "\vWithout FILE, or with FILE -, standard input is read. Lines are those of\n"
	       "sha256sum, b2sum, md5sum and cksum.\n"
	       "\n"
	       "Algorithms: sha1, sha224, sha256, sha384, sha512, sha3-224, sha3-256, sha3-384,\n"
	       "sha3-512, sm3, blake2b, blake2b-160, blake2b-256, blake2b-384, md5.\n"
	       "\n"
	       "Exit status: 0 if all went well, 1 if something failed or did not match, 2 on\n"
	       "a warning, 64 on wrong usage.",
	.children = children,
};

int cmd_hash(int argc, char **argv)
{
	struct sums sums = {
		.kinds = kinds,
		.num_kinds = NUM_KINDS,
		.kind = &kinds[DEFAULT_KIND],
		.compute = compute,
		.depth = pipeline_depth(PIECE),
	};

	argp_parse(&argp, argc, argv, 0, NULL, &sums);
	return sums_run(&sums);
}
