/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What tests of posting need: a QP whose rings no device looks at, and a doorbell. */
#ifndef AXE_TEST_RIG_H
#define AXE_TEST_RIG_H

#include <endian.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "axe.h"

#define SLOTS		8	/* of the send ring */
#define RIG_QPN		0x1234

/**
 * struct rig - a QP
 * @qp:		what a process has of it
 * @qpx:	the same
 * @hdr:	the header of the send ring
 * @slots:	its slots, filled with what must not shine through
 */
struct rig {
	struct axe_qp qp;
	struct ibv_qp_ex *qpx;
	struct axe_sq_hdr *hdr;
	void *slots;
};

/* What each write to the doorbell fails with, and what the last one said. */
extern int doorbell_errors[8];
extern struct axe_doorbell doorbell_last;

/* A ring of @entries of @size bytes, to be freed. */
struct axe_sq_hdr *rig_ring(size_t entries, size_t size);

/* A QP in RTS with a send ring and nothing that posts. */
struct rig *rig_new(enum ibv_qp_type type);
int rig_teardown(void **state);

/* How often the doorbell was rung since this was last asked. */
int rings(void);

/* Slot @index, whatever kind of thing is in it. */
static inline void *slot_at(struct rig *rig, uint32_t index)
{
	return rig->slots + (index % SLOTS) * AXE_SLOT_SIZE;
}

static inline struct axe_cmd *cmd_at(struct rig *rig, uint32_t index)
{
	return slot_at(rig, index);
}

/* The device has copied everything up to @head. */
static inline void device_took(struct rig *rig, uint32_t head)
{
	rig->hdr->head = head;
}

static inline struct ibv_sge sge_of(const void *addr, uint32_t length)
{
	return (struct ibv_sge) { .addr = (uintptr_t)addr, .length = length };
}

#endif
