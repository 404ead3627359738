// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "message.h"
#include "options.h"
#include "progress.h"

enum status status_merge(enum status a, enum status b)
{
	if (a == STATUS_ERROR || b == STATUS_ERROR)
		return STATUS_ERROR;
	return a > b ? a : b;
}

static void say(const char *fmt, va_list ap, int err)
{
	progress_clear();
	fputs("axe: ", stderr);
	vfprintf(stderr, fmt, ap);
	if (err)
		fprintf(stderr, ": %s", strerror(err));
	fputc('\n', stderr);
}

enum status error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap, 0);
	va_end(ap);
	return STATUS_ERROR;
}

enum status error_errno(const char *fmt, ...)
{
	int err = errno;
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap, err);
	va_end(ap);
	return STATUS_ERROR;
}

enum status warning(const char *fmt, ...)
{
	va_list ap;

	if (!options.quiet) {
		va_start(ap, fmt);
		say(fmt, ap, 0);
		va_end(ap);
	}
	return STATUS_WARNING;
}

void verbose(const char *fmt, ...)
{
	va_list ap;

	if (!options.verbose)
		return;
	va_start(ap, fmt);
	say(fmt, ap, 0);
	va_end(ap);
}

const char *human_bytes(char buf[HUMAN_SIZE], double bytes)
{
	static const char *const unit[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	unsigned int u = 0;

	/* 1023.95 would be printed as 1024.0 */
	while (bytes >= 1023.95 && u < sizeof(unit) / sizeof(unit[0]) - 1) {
		bytes /= 1024;
		u++;
	}
	snprintf(buf, HUMAN_SIZE, u ? "%.1f %s" : "%.0f %s", bytes, unit[u]);
	return buf;
}
