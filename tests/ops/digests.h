/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What OpenSSL makes of a message. */
#ifndef AXE_OPS_DIGESTS_H
#define AXE_OPS_DIGESTS_H

#include <stddef.h>
#include <stdint.h>

#define NUM_HASHES	15
#define DIGEST_MAX	64

/* The digest goes to @out; returns its size. */
size_t digest_of(unsigned int format, const void *p, size_t length, uint8_t *out);

#endif
