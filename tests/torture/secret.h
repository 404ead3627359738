/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Bytes that only their owner may see. */
#ifndef AXE_TORTURE_SECRET_H
#define AXE_TORTURE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No command has it in its bytes, and nothing that is copied twice is it. */
void secret_fill(uint8_t *p, size_t length);
/* Is all of it as secret_fill() left it; is some of it there? */
bool secret_is(const uint8_t *p, size_t length);
bool secret_in(const uint8_t *p, size_t length);

#endif
