/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The parts of `./vm bench ops`. */
#ifndef AXE_BENCH_OPS_H
#define AXE_BENCH_OPS_H

#include "common.h"

/* The middle one of @n; sorts them. */
uint64_t median(uint64_t *v, int n);

/* Each operation as a command, and in a loop in the kernel. */
void bench_loop(void);

/* Chains of 1 MiB, and the same steps as linked commands. */
void bench_chains(void);

#endif
