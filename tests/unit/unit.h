/* SPDX-License-Identifier: GPL-2.0 */
/* What every unit test needs: cmocka, random numbers, main(). */
#ifndef AXE_UNIT_H
#define AXE_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <linux/array_size.h>
#include <linux/types.h>

/* Random numbers from the seed that unit_main() prints, or that unit_seed() was given. */
void unit_seed(u64 seed);
u32 unit_random(u32 below);
void unit_random_bytes(void *p, size_t len);

/* Compressible bytes: words, runs, and noise. Freed by the caller. */
u8 *unit_text(size_t len);

/* Prints TAP. AXE_UNIT_SEED repeats a run. */
int unit_main(const char *group, const struct CMUnitTest *tests, size_t num);

#endif
