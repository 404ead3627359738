// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Every operation on memory of every kind, at every alignment, in every length. */

#include "ops.h"

/* A new operation of the device needs its check, or nobody knows that it works. */
static void query_ops__each_has_a_check(void **state)
{
	struct axe_op_info ops[128];
	int n = axedv_query_ops(rig.ctx, ops, ARRAY_SIZE(ops));
	int i;

	assert_between(n, 1, ARRAY_SIZE(ops));
	for (i = 0; i < n; i++)
		demand(check_of(ops[i].opcode), "no check for operation %s", ops[i].name);
}

/* Memory for operands of @length. */
static void operands_make(struct operands *o, struct area area[3], const enum kind kind[3],
			  size_t length)
{
	int i;

	for (i = 0; i < 3; i++)
		area_make(&rig, &area[i], kind[i], 2 * length + 16 * PAGE);
	*o = (struct operands) { .src = &area[0], .dst = &area[1], .aux = &area[2] };
}

static void operands_free(struct area area[3])
{
	int i;

	for (i = 0; i < 3; i++)
		area_free(&area[i]);
}

static void check_at(struct operands *o, size_t src_at, size_t dst_at, size_t aux_at,
		     size_t length, uint32_t seed)
{
	o->src_at = src_at;
	o->dst_at = dst_at;
	o->aux_at = aux_at;
	o->length = length;
	o->seed = seed;
	check_all(o);
}

static void ops_on(enum kind kind)
{
	static const size_t lengths[] = {
		0, 1, 2, 7, 8, 63, 100, 4095, 4096, 4097, 8192, 65535, 65537, 200001,
	};
	enum kind kinds[3] = { kind, kind, kind };
	struct area area[3];
	struct operands o;
	unsigned int i;

	operands_make(&o, area, kinds, 256 * KIB);
	for (i = 0; i < ARRAY_SIZE(lengths); i++)
		check_at(&o, PAGE + i * 131 % 4096, PAGE + i * 577 % 4096, PAGE + i * 911 % 4096,
			 lengths[i], i);
	operands_free(area);
}

static void ops__implicit_region(void **state)
{
	ops_on(IMPLICIT);
}

static void ops__explicit_region(void **state)
{
	ops_on(EXPLICIT);
}

static void ops__pinned_region(void **state)
{
	ops_on(PINNED);
}

static void ops__region_at_another_address(void **state)
{
	ops_on(IOVA);
}

static void ops__pinned_region_at_another_address(void **state)
{
	ops_on(IOVA_PINNED);
}

/* Every offset in a word, every short length. */
static void ops__any_alignment(void **state)
{
	static const enum kind kinds[3] = { IMPLICIT, IMPLICIT, IMPLICIT };
	struct area area[3];
	struct operands o;
	unsigned int i;

	operands_make(&o, area, kinds, PAGE);
	for (i = 0; i < 64; i++)
		check_at(&o, 2 * PAGE - 20 + i % 8, 2 * PAGE - 24 + i / 8, 2 * PAGE - 9 + i % 5,
			 17 + i % 23, i);
	operands_free(area);
}

static void ops__long(const enum kind kinds[3], size_t length, uint32_t seed)
{
	struct area area[3];
	struct operands o;

	operands_make(&o, area, kinds, length);
	check_at(&o, 12345, 54321, 4097, length, seed);
	operands_free(area);
}

static void ops__one_mebibyte(void **state)
{
	static const enum kind kinds[3] = { IMPLICIT, PINNED, EXPLICIT };

	ops__long(kinds, MIB, 5);
}

static void ops__sixty_four_mebibytes(void **state)
{
	static const enum kind kinds[3] = { IMPLICIT, EXPLICIT, IMPLICIT };

	ops__long(kinds, 64 * MIB, 3);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(query_ops__each_has_a_check),
	cmocka_unit_test(ops__implicit_region),
	cmocka_unit_test(ops__explicit_region),
	cmocka_unit_test(ops__pinned_region),
	cmocka_unit_test(ops__region_at_another_address),
	cmocka_unit_test(ops__pinned_region_at_another_address),
	cmocka_unit_test(ops__any_alignment),
	cmocka_unit_test(ops__one_mebibyte),
	cmocka_unit_test(ops__sixty_four_mebibytes),
};

LIVE_MAIN("memory", tests, ops_setup, ops_teardown)
