/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Each operation of the device on memory of every kind, in every length, against an
 * independent implementation.
 *
 * check_FAMILY.c has a function an operation; ops.c lists the families. test_*.c are
 * programs: on which memory, and what is special about an operation.
 */
#ifndef AXE_OPS_CHECKS_H
#define AXE_OPS_CHECKS_H

#include "area.h"
#include "common.h"
#include "vectors.h"

/* Opened by ops_setup(). */
extern struct rig rig;

/* Where an independent implementation works: as long as any operand. */
extern uint8_t *scratch;
#define SCRATCH (65 * MIB)

/**
 * struct operands - what an operation is run on
 * @src:	memory that the source is in, with room for twice @length, and a page
 *		on either side
 * @dst:	likewise the destination
 * @aux:	likewise the third operand
 * @src_at:	where in @src it begins
 * @dst_at:	where in @dst
 * @aux_at:	where in @aux
 * @length:	of the data
 * @seed:	for its content, and what else may vary
 */
struct operands {
	struct area *src;
	struct area *dst;
	struct area *aux;
	size_t src_at;
	size_t dst_at;
	size_t aux_at;
	size_t length;
	uint32_t seed;
};

/**
 * struct op_check - how an operation is checked
 * @opcode:	the operation
 * @check:	runs it on the operands, and asserts. A length that is not for it, it
 *		rounds to one that is, or asserts that it is refused
 * @longest:	0, or the longest data that a test has time for
 */
struct op_check {
	enum axe_opcode opcode;
	void (*check)(const struct operands *o);
	size_t longest;
};

struct op_checks {
	const struct op_check *checks;
	size_t num;
};

#define OP_CHECKS(family, list)						\
	const struct op_checks checks_##family = { list, ARRAY_SIZE(list) }

/* Runs every operation's check, but for those that have no time for the length. */
void check_all(const struct operands *o);
/* NULL: there is none. */
const struct op_check *check_of(unsigned int opcode);

/* An operand as the checks want it. */
static inline struct ibv_sge src_part(const struct operands *o, size_t length)
{
	return part(o->src, o->src_at, length);
}

static inline struct ibv_sge dst_part(const struct operands *o, size_t length)
{
	return part(o->dst, o->dst_at, length);
}

static inline struct ibv_sge aux_part(const struct operands *o, size_t length)
{
	return part(o->aux, o->aux_at, length);
}

static inline uint8_t *src_p(const struct operands *o)
{
	return o->src->p + o->src_at;
}

static inline uint8_t *dst_p(const struct operands *o)
{
	return o->dst->p + o->dst_at;
}

static inline uint8_t *aux_p(const struct operands *o)
{
	return o->aux->p + o->aux_at;
}

int ops_setup(void **state);
int ops_teardown(void **state);

#endif
