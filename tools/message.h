/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What the tool says on stderr, and how it exits. */
#ifndef AXE_TOOL_MESSAGE_H
#define AXE_TOOL_MESSAGE_H

#include <inttypes.h>
#include <stdint.h>

/* Documented in axe(1); wrong usage exits with argp's EX_USAGE, 64. */
enum status {
	STATUS_OK	= 0,
	STATUS_ERROR	= 1,	/* something failed, or did not match */
	STATUS_WARNING	= 2,	/* done, but look at the message */
};

/* The status of two pieces of work together: an error counts most. */
enum status status_merge(enum status a, enum status b);

/* "axe: ..." on stderr, behind a cleared progress line; each returns what it is named for. */
enum status error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
enum status warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* As error(), with ": " and what errno stands for. */
enum status error_errno(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Said only with --verbose. */
void verbose(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Bytes for people: "17.3 MiB". The buffer belongs to the caller. */
#define HUMAN_SIZE 16
const char *human_bytes(char buf[HUMAN_SIZE], double bytes);

#endif
