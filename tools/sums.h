/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * What checksum and hash do alike: lines of sums and names, as sha256sum and cksum have
 * them, printed or checked.
 */
#ifndef AXE_TOOL_SUMS_H
#define AXE_TOOL_SUMS_H

#include <argp.h>
#include <stdbool.h>

#include "input.h"
#include "queue.h"

/* Digits of the longest sum, in hexadecimal. */
#define SUM_DIGITS_MAX 128

/* An algorithm, by its number for the command: @name for -a, @tag for --tag. */
struct sum_kind {
	const char *name;
	const char *tag;
	unsigned int digits;
	int number;
};

/**
 * struct sums - how to go over the files of the command line
 * @kinds:	algorithms
 * @num_kinds:	how many
 * @kind:	the one that -a names; at first the default
 * @compute:	one of a file, as digits with a NUL behind them
 * @depth:	of the queue
 *
 * The rest is what sums_argp, which must be the first child, finds.
 */
struct sums {
	const struct sum_kind *kinds;
	unsigned int num_kinds;
	const struct sum_kind *kind;
	enum status (*compute)(struct queue *queue, const struct sum_kind *kind, struct input *in,
			       char digits[SUM_DIGITS_MAX + 1]);
	unsigned int depth;

	bool check;
	bool tag;
	bool ignore_missing;
	bool no_output;
	char **names;
	unsigned int count;
	struct queue *queue;
};

extern const struct argp sums_argp;

/* The parser of the sub-command itself, whose only option is -a. */
error_t sums_parse(int key, char *arg, struct argp_state *state);

enum status sums_run(struct sums *sums);

#endif
