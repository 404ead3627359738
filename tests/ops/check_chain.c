// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Chains, against zlib and a CRC-32C of our own. */

#include <zlib.h>

#include "ops.h"

static void check_chain(const struct operands *o)
{
	struct axe_stage *stages = (struct axe_stage *)aux_p(o);
	struct ibv_sge src = src_part(o, o->length), dst = dst_part(o, o->length);
	struct ibv_sge list = aux_part(o, 3 * sizeof(*stages));
	struct axe_stage made[3];
	struct wc wc;

	axedv_stage_init(&made[0], AXE_OP_CRC32);
	axedv_stage_init(&made[1], AXE_OP_COPY);
	axedv_stage_init(&made[2], o->seed % 2 ? AXE_OP_CRC32C : AXE_OP_CRC32);
	memcpy(stages, made, sizeof(made));
	fill_noise(src_p(o), o->length, o->seed);
	edges_set(dst_p(o), o->length);
	wc = run(&rig, chain, &dst, &src, &list);
	assert_done(wc);
	assert_int_equal(wc.byte_len, o->length);
	assert_int_equal(wc.result[0], o->seed % 2 ? crc32c(0, src_p(o), o->length) :
			 crc32_z(0, src_p(o), o->length));
	demand(!memcmp(dst_p(o), src_p(o), o->length), "not what was sent");
	edges_check(dst_p(o), o->length, "chain");
}

static const struct op_check chain[] = {
	{ AXE_OP_CHAIN, check_chain },
};
OP_CHECKS(chain, chain);
