/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_SHIM_XXHASH_H
#define AXE_SHIM_XXHASH_H

#include <linux/types.h>

struct xxh64_state {
	u64 total;
	u64 seed;
	u64 acc[4];
	u8 rest[32];
};

void xxh64_reset(struct xxh64_state *s, u64 seed);
int xxh64_update(struct xxh64_state *s, const void *p, size_t len);
u64 xxh64_digest(const struct xxh64_state *s);

#endif
