/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * One line on the terminal while work goes on. Shows nothing unless stderr is a
 * terminal, and nothing for work that is over before anyone could read it.
 */
#ifndef AXE_TOOL_PROGRESS_H
#define AXE_TOOL_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

/* @total: bytes to come, 0 if no one knows. @name must outlive the work. */
void progress_begin(const char *name, uint64_t total);
void progress_update(uint64_t done);
/* Takes the line away; the next update draws it again. Signal-safe. */
void progress_clear(void);
/* Takes the line away for good; returns how many seconds the work took. */
double progress_end(void);

/* What the line says, at most @width columns. For the tests. */
int progress_format(char *buf, size_t size, unsigned int width, const char *name,
		    uint64_t done, uint64_t total, double seconds);

#endif
