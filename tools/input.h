/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * A file to read: mapped, so that the device reads it where it is, or (pipes,
 * terminals, files of /proc) read into buffers.
 *
 * This process itself never looks into the mapping: if the file becomes shorter
 * meanwhile, that costs a SIGBUS, where the device reports AXE_ERR_FAULT.
 */
#ifndef AXE_TOOL_INPUT_H
#define AXE_TOOL_INPUT_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "device.h"
#include "message.h"
#include "queue.h"

struct input {
	const char *name;	/* for messages */
	int fd;
	struct stat st;		/* when it was opened */
	const uint8_t *map;	/* the byte at offset 0, or NULL */
	uint64_t start;		/* first offset to read; 0 but for a standard input */
	uint64_t size;		/* of a mapped file */
	uint64_t pos;		/* next offset to read */

	/* mapped */
	void *map_start;
	size_t map_length;
	uint64_t prefetched;	/* advice was given up to here */
	uint64_t released;	/* pages were given back up to here */
	uint64_t extent_end;	/* of the data, or of the hole, at pos */
	bool hole;
	void *zeros;		/* what the device reads for a hole */
	size_t zeros_length;

	/* not mapped */
	bool eof;
	int carry;		/* a byte read too early, or -1: input_read_piece() */
	uint8_t *buf;		/* [head, tail) is yet to be used: input_bytes() */
	size_t head;
	size_t tail;
};

/* A NULL or "-" @path is the standard input. Refuses directories, and says so. */
enum status input_open(struct input *in, const char *path);
void input_close(struct input *in);

/* Bytes to come, 0 if no one knows. */
uint64_t input_total(const struct input *in);

/* Mode, times and owner for a file made of it, NULL if there is none to take after. */
const struct stat *input_stat(const struct input *in);

/*
 * Of a mapped file: how many bytes of data, or of a hole, come next. Holes are
 * worth a look. On tmpfs, whoever reads one through a mapping fills it, and
 * everywhere the zeros would take up memory.
 */
uint64_t input_extent(struct input *in, bool *hole);

/*
 * The next piece, of at most @max bytes (the same for all): a pointer into the
 * mapping or to zeros, else the bytes in @buf. @last: nothing comes behind it
 * (*len may be 0 only then).
 */
enum status input_read_piece(struct input *in, void *buf, uint32_t max, const uint8_t **src,
			     uint32_t *len, bool *last);

/*
 * The same for a reader who learns only later how much of it was used: bytes from
 * pos on, at most @max, none at the end; input_advance() then moves pos. With a
 * command on the bytes outstanding, input_read_ahead() may read more behind them,
 * if that needs no waiting.
 */
#define INPUT_BUFFER (1U << 20)
enum status input_bytes(struct input *in, uint32_t max, const uint8_t **src, uint32_t *len);
void input_advance(struct input *in, uint64_t len);
enum status input_read_ahead(struct input *in);

/* Copies up to @max bytes from pos on, fewer only at the end; leaves pos alone. */
enum status input_peek(struct input *in, void *buf, size_t max, size_t *len);

/* Advice on the @ahead bytes behind pos. */
void input_prefetch(struct input *in, struct device *dev, uint64_t ahead);

/* No one needs what lies before this offset any more. */
void input_release(struct input *in, uint64_t end);

/* Is it still as long as it was? Shorter is an error, longer a warning. */
enum status input_check_size(const struct input *in);

/*
 * A command that read at offset @off of the input failed: says why. What is
 * wrong with the data is the caller's to explain first.
 */
enum status input_command_failed(const struct input *in, const struct queue *q, uint64_t off,
				 const struct completion *c);

#endif
