/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
#ifndef AXE_BENCH_COST_H
#define AXE_BENCH_COST_H

#define BATCH	32

/* A row: the median of what round(arg, batch) takes, by @batch, without the clock's own cost. */
void measure(const char *name, void (*round)(void *arg, int batch), void *arg, int batch);

/* The rows of RC messages between two QPs of one process. */
void measure_peers(void);

#endif
