// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Operands on memory of every kind. */

#include "area.h"

void area_make(struct rig *r, struct area *a, enum kind kind, size_t size)
{
	int access = IBV_ACCESS_LOCAL_WRITE;

	a->rig = r;
	a->p = pages(size);
	a->size = size;
	a->base = (uintptr_t)a->p;
	if (kind == IMPLICIT) {
		a->mr = NULL;
		return;
	}
	if (kind == EXPLICIT || kind == IOVA)
		access |= IBV_ACCESS_ON_DEMAND;
	if (kind == IOVA || kind == IOVA_PINNED)
		a->base = 0x5a5a00000000 + ((uintptr_t)a->p & (PAGE - 1));
	a->mr = ibv_reg_mr_iova(r->pd, a->p, size, a->base, access);
	demand(a->mr, "ibv_reg_mr_iova");
}

void area_free(struct area *a)
{
	if (a->mr)
		assert_int_equal(ibv_dereg_mr(a->mr), 0);
	munmap(a->p, a->size);
}

struct ibv_sge part(const struct area *a, size_t offset, size_t length)
{
	demand(offset + length <= a->size, "outside of the area");
	return (struct ibv_sge) {
		.addr = a->base + offset,
		.length = length,
		.lkey = a->mr ? a->mr->lkey : a->rig->mr->lkey,
	};
}

void edges_set(uint8_t *p, size_t length)
{
	memset(p - EDGE, 0xee, EDGE);
	memset(p + length, 0xdd, EDGE);
}

void edges_check(const uint8_t *p, size_t length, const char *what)
{
	unsigned int i;

	for (i = 0; i < EDGE; i++) {
		demand(p[-1 - (int)i] == 0xee, "%s wrote %u bytes before", what, i + 1);
		demand(p[length + i] == 0xdd, "%s wrote %u bytes behind", what, i + 1);
	}
}
