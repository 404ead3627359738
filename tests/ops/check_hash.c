// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Digests, against OpenSSL. */

#include "digests.h"
#include "ops.h"

static void check_hash_of(const struct operands *o, enum axe_hash format)
{
	struct ibv_sge src = src_part(o, o->length), dst;
	uint8_t want[DIGEST_MAX];
	size_t size = digest_of(format, src_p(o), o->length, want);
	struct wc wc;

	dst = dst_part(o, size);
	edges_set(dst_p(o), size);
	wc = run(&rig, hash, &dst, &src, format, 0);
	assert_done(wc);
	assert_int_equal(wc.byte_len, size);
	assert_int_equal(wc.result[0], o->length);
	assert_int_equal(wc.result[1], 0);
	demand(!memcmp(dst_p(o), want, size), "%s of %zu bytes is not OpenSSL's",
	       axedv_format_str(AXE_OP_HASH, format), o->length);
	edges_check(dst_p(o), size, "hash");
}

static void check_hash(const struct operands *o)
{
	/* Short ones by all functions, long ones by one. */
	unsigned int num = o->length <= 8 * KIB ? NUM_HASHES : 1, i;

	fill_noise(src_p(o), o->length, o->seed);
	for (i = 0; i < num; i++)
		check_hash_of(o, (o->seed + i) % NUM_HASHES);
}

static const struct op_check hash[] = {
	{ AXE_OP_HASH, check_hash, .longest = 16 * MIB },
};
OP_CHECKS(hash, hash);
