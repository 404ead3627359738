/* SPDX-License-Identifier: GPL-2.0 */
/* What OpenSSL makes of a message. */
#ifndef AXE_UNIT_DIGESTS_H
#define AXE_UNIT_DIGESTS_H

#include "run.h"

#define NUM_HASHES	(AXE_HASH_MD5 + 1)
#define DIGEST_MAX	64

#define for_each_hash(format)						\
	for (unsigned int format = 0; format < NUM_HASHES; format++)

/* The digest goes to @out; returns its size. */
size_t digest_of(unsigned int format, const void *p, size_t len, u8 *out);

#endif
