/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Lanes of parity and erasure codes, and what they hold by definition. */
#ifndef AXE_OPS_LANES_H
#define AXE_OPS_LANES_H

#include "ops.h"

#define MAX_SRC 34
#define MAX_DST 32

/**
 * struct lanes - both lists of a command
 * @src:	as the device is told
 * @dst:	likewise
 * @src_p:	where they are in this process
 * @dst_p:	likewise
 * @length:	of each
 */
struct lanes {
	struct ibv_sge src[MAX_SRC];
	struct ibv_sge dst[MAX_DST];
	uint8_t *src_p[MAX_SRC];
	uint8_t *dst_p[MAX_DST];
	unsigned int num_src;
	unsigned int num_dst;
	size_t length;
};

void lanes_add_src(struct lanes *l, const struct area *a, size_t at);
void lanes_add_dst(struct lanes *l, const struct area *a, size_t at);

/* The lists as operands. */
static inline struct ibv_sge lanes_src(const struct lanes *l)
{
	return here(&rig, l->src, l->num_src * sizeof(l->src[0]));
}

static inline struct ibv_sge lanes_dst(const struct lanes *l)
{
	return here(&rig, l->dst, l->num_dst * sizeof(l->dst[0]));
}

/* GF(2^8), 0x11d, by the definition of its product. */
uint8_t gf_product(uint8_t a, uint8_t b);
uint8_t gf_inverse(uint8_t a);
/* 2^n */
uint8_t gf_power(unsigned int n);

/* The sum of @num lanes times @coef, to @to. */
void lanes_sum(uint8_t *to, uint8_t *const *from, const uint8_t *coef, unsigned int num,
	       size_t length);

#endif
