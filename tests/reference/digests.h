/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What OpenSSL makes of a message. */
#ifndef AXE_REFERENCE_DIGESTS_H
#define AXE_REFERENCE_DIGESTS_H

#include <stddef.h>
#include <stdint.h>
#include <rdma/axe-ring.h>

#define NUM_HASHES	(AXE_HASH_MD5 + 1)
#define DIGEST_MAX	64

#define for_each_hash(format)						\
	for (unsigned int format = 0; format < NUM_HASHES; format++)

/* The digest goes to @out; returns its size. Ends the program if OpenSSL does not have it. */
size_t digest_of(unsigned int format, const void *p, size_t len, uint8_t *out);

#endif
