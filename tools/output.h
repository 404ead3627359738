/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * A file to write, whole or not at all: it has no name (O_TMPFILE), or where the
 * file system cannot do that a temporary one, until output_commit(). A signal
 * that ends the process leaves nothing behind.
 */
#ifndef AXE_TOOL_OUTPUT_H
#define AXE_TOOL_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "message.h"

struct output {
	const char *name;	/* for messages */
	int fd;			/* -1: everything is dropped */
	bool force;		/* replace what has the name */
	bool commits;		/* a new file, not a stream */
	char *path;
	char *temp;		/* its name until then, or NULL */
	uint64_t bytes;
};

/* NULL or "-" is the standard output; what exists and is no regular file is written as it is. */
enum status output_open(struct output *out, const char *path, bool force);
/* Writes go nowhere. */
void output_open_none(struct output *out);
enum status output_write(struct output *out, const void *buf, size_t len);

/*
 * Gives the file its name; mode, times and (if allowed) owner of @like, unless
 * that is NULL. Closes @out, whatever becomes of it.
 */
enum status output_commit(struct output *out, const struct stat *like);
/* Closes @out; the file is gone. */
void output_abort(struct output *out);

/* Call once: has SIGINT and the like take the temporary file along. */
void output_handle_signals(void);

#endif
