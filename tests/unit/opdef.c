// SPDX-License-Identifier: GPL-2.0
/* The table of operations, row by row. */
#include "vectors.h"

#define for_each_op(opcode)						\
	for (enum axe_opcode opcode = 0; opcode < AXE_OP_MAX; opcode++)

static void axe_ops__each_row_is_filled_in(void **state)
{
	for_each_op(opcode) {
		const struct axe_op *op = axe_ops[opcode];

		assert_non_null(op->name);
		assert_true(op->name[0] && strlen(op->name) <= 15);
		assert_true(!op->exec == !!op->run);
		assert_true(!op->priv_size || op->priv_size() > 0);
		assert_true(!op->priv_size || !op->priv_need);
	}
}

static void axe_ops__names_differ(void **state)
{
	for_each_op(a)
		for_each_op(b)
			assert_true(a == b || strcmp(axe_ops[a]->name, axe_ops[b]->name));
}

static void axe_ops__flags_and_limits_agree(void **state)
{
	for_each_op(opcode) {
		const struct axe_op *op = axe_ops[opcode];
		bool dst = op->flags & (AXE_OP_WRITES_DST | AXE_OP_READS_DST);

		assert_int_equal(!!(op->flags & AXE_OP_READS_SRC), op->max_src > 0);
		assert_int_equal(dst, op->max_dst > 0);
		assert_int_equal(!!(op->flags & (AXE_OP_READS_AUX | AXE_OP_WRITES_AUX)),
				 op->max_aux > 0);
		assert_int_equal(!!(op->flags & AXE_OP_SRC_LIST), op->max_src_list > 0);
		assert_int_equal(!!(op->flags & AXE_OP_DST_LIST), op->max_dst_list > 0);
		assert_true(op->max_src_list <= AXE_MAX_LIST && op->max_dst_list <= AXE_MAX_LIST);
		assert_int_equal(!!(op->flags & AXE_OP_HAS_FORMATS), op->formats != 0);
		assert_int_equal(!!(op->flags & AXE_OP_HAS_LEVELS), op->max_level > 0);
		assert_true(op->min_level <= op->max_level);
	}
}

static void axe_ops__each_has_vectors_and_passes_them(void **state)
{
	for_each_op(opcode) {
		if (!unit_run_vectors(opcode))
			fail_msg("no vectors for '%s'", axe_ops[opcode]->name);
	}
}

static void axe_ops__unused_extension_operands_are_refused(void **state)
{
	struct axe_cmd_ext ext = { .op.raw = { [31] = 1 } };

	for_each_op(opcode) {
		struct axe_cmd cmd = unit_cmd(opcode);

		if (opcode == AXE_OP_FILL)
			cmd.op.fill.size = 1;
		assert_int_equal(unit_check(&cmd, &ext), AXE_ERR_RESERVED);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(axe_ops__each_row_is_filled_in),
	cmocka_unit_test(axe_ops__names_differ),
	cmocka_unit_test(axe_ops__flags_and_limits_agree),
	cmocka_unit_test(axe_ops__each_has_vectors_and_passes_them),
	cmocka_unit_test(axe_ops__unused_extension_operands_are_refused),
};

int main(void)
{
	return unit_main("opdef", tests, ARRAY_SIZE(tests));
}
