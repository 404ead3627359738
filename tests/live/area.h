/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Operands on memory of every kind. */
#ifndef AXE_LIVE_AREA_H
#define AXE_LIVE_AREA_H

#include "common.h"

enum kind { IMPLICIT, EXPLICIT, PINNED, IOVA, IOVA_PINNED };

/**
 * struct area - memory and how the device sees it
 * @p:		the memory
 * @rig:	its device
 * @mr:		NULL: the implicit region
 * @base:	@p in the region's terms
 */
struct area {
	struct rig *rig;
	uint8_t *p;
	size_t size;
	struct ibv_mr *mr;
	uint64_t base;
};

void area_make(struct rig *r, struct area *a, enum kind kind, size_t size);
void area_free(struct area *a);
/* As an operand. */
struct ibv_sge part(const struct area *a, size_t offset, size_t length);

/* What lies around a result must stay as it was. */
#define EDGE 64
void edges_set(uint8_t *p, size_t length);
void edges_check(const uint8_t *p, size_t length, const char *what);

/* More than this, no stream of so many bytes is long. */
#define DEFLATE_ROOM(n)	((n) + (n) / 1000 + 64)

#endif
