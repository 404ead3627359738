/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What OpenSSL makes of a message with a key. */
#ifndef AXE_OPS_MACS_H
#define AXE_OPS_MACS_H

#include <stddef.h>
#include <stdint.h>

#include <infiniband/axedv.h>

#define NUM_MACS	13
#define TAG_MAX		AXE_MAX_TAG

/**
 * struct mac_scheme - an algorithm
 * @tag:	bytes of its tag
 * @short_tag:	a length that it may be cut to
 * @key_len:	of the key that we use
 */
struct mac_scheme {
	enum axe_key_algorithm algorithm;
	const char *mac;
	const char *with;
	size_t tag;
	size_t short_tag;
	size_t key_len;
};

extern const struct mac_scheme mac_schemes[NUM_MACS];
#define MAC_KEY_MAX	150

void mac_of(const struct mac_scheme *s, const uint8_t *key, const void *p, size_t length,
	    uint8_t *tag);

#endif
