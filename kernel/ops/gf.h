/* SPDX-License-Identifier: GPL-2.0 */
/*
 * GF(2^8) with the polynomial 0x11d and the generator 2, as RAID-6 and most
 * Reed-Solomon codes of storage have it.
 */
#ifndef AXE_OPS_GF_H
#define AXE_OPS_GF_H

#include <linux/types.h>
#include <rdma/axe-ring.h>

/* x^8, reduced. */
#define AXE_GF_POLY	0x1d

/* Rows of a matrix that is inverted. */
#define AXE_GF_MAX	AXE_CODE_MAX_DATA

/* A square matrix, and what becomes its inverse. */
struct axe_gf_work {
	u8 a[AXE_GF_MAX][AXE_GF_MAX];
	u8 b[AXE_GF_MAX][AXE_GF_MAX];
};

/* Eight products with 2: what a byte loses at its top comes back reduced. */
static inline u64 axe_gf_double(u64 v)
{
	u64 top = v & 0x8080808080808080ULL;

	return (v ^ top) << 1 ^ (top >> 7) * AXE_GF_POLY;
}

u8 axe_gf_mul(u8 a, u8 b);
u8 axe_gf_inv(u8 a);
bool axe_gf_invert(struct axe_gf_work *w, unsigned int n);

#endif
