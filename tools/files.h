/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * What compress and decompress do alike: options and rules of gzip about which
 * file goes where.
 */
#ifndef AXE_TOOL_FILES_H
#define AXE_TOOL_FILES_H

#include <argp.h>
#include <stdbool.h>

#include "input.h"
#include "output.h"
#include "queue.h"

/**
 * struct file_settings - how to go over the files of the command line
 * @work:	does one of them. STATUS_WARNING: the output is good
 * @output_name: for an input of this name, into *result (to be freed); if there
 *		is none, a status and a message
 * @depth:	of the queue
 * @writes_compressed: the output is nothing for a terminal
 * @reads_compressed: the input will not come from one
 *
 * The rest is what files_argp, which must be the first child, finds.
 */
struct file_settings {
	enum status (*work)(void *arg, struct queue *queue, struct input *in, struct output *out);
	enum status (*output_name)(void *arg, const char *name, char **result);
	void *arg;
	unsigned int depth;
	bool writes_compressed;
	bool reads_compressed;

	const char *output;
	bool to_stdout;
	bool force;
	bool remove;
	bool test;		/* set by the sub-command: write nothing */
	char **names;
	unsigned int count;
};

extern const struct argp files_argp;

enum status files_run(const struct file_settings *settings);

#endif
