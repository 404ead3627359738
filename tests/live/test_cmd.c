// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Commands that make no sense: each fails alone, with the code that says why. */

#include "common.h"

static struct rig rig;

static struct axe_cmd command(enum axe_opcode opcode, uint8_t *p)
{
	struct axe_buf src = { (uintptr_t)p, 64, rig.mr->lkey };
	struct axe_buf dst = { (uintptr_t)p + 1024, 64, rig.mr->lkey };
	struct axe_cmd cmd = { .opcode = opcode };

	if (opcode != AXE_OP_NOP && opcode != AXE_OP_FILL)
		cmd.src = src;
	if (opcode != AXE_OP_NOP && opcode != AXE_OP_CRC32 && opcode != AXE_OP_CRC32C)
		cmd.dst = dst;
	if (opcode == AXE_OP_FILL)
		cmd.op.fill.size = 1;
	return cmd;
}

static void assert_refused(const struct axe_cmd *cmd, enum axe_code code, const char *what)
{
	struct wc wc = run_cmd(&rig, cmd, NULL);

	demand(wc.code == code && wc.status == status_of(code), "op %d, %s: code %d (%s)",
	       cmd->opcode, what, wc.code, axedv_code_str(wc.code));
	assert_int_equal(wc.byte_len, 0);
}

static void cmd__unknown_opcode(void **state)
{
	static const unsigned int opcodes[] = {
		AXE_OP_MAX, AXE_OP_MAX + 1, 255, 256, 0x7fff, 0xffff,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(opcodes); i++) {
		struct axe_cmd cmd = { .opcode = opcodes[i] };

		assert_refused(&cmd, AXE_ERR_OPCODE, "unknown");
	}
	assert_queue_works(&rig);
}

static void cmd__reserved_bits(void **state)
{
	uint8_t *p = pages(PAGE);
	unsigned int op, i;

	for (op = 0; op < AXE_OP_MAX; op++) {
		struct axe_cmd good = command(op, p), bad;

		for (i = 6; i < 32; i++) {
			bad = good;
			bad.flags = 1u << i;
			assert_refused(&bad, AXE_ERR_RESERVED, "unknown flag");
		}
		bad = good;
		bad.reserved = 1;
		assert_refused(&bad, AXE_ERR_RESERVED, "reserved byte");
		/* AXE_CMD_RESULT without the slot that says where. */
		bad = good;
		bad.flags = AXE_CMD_RESULT;
		assert_refused(&bad, AXE_ERR_RESERVED, "no extension");
	}
	munmap(p, PAGE);
}

/* Every byte of the block that an operation does not use. */
static void cmd__unused_bytes(void **state)
{
	static const uint8_t used[] = {
		/* bytes at the start of the block that mean something */
		[AXE_OP_FILL] = 9, [AXE_OP_CRC32] = 4, [AXE_OP_CRC32C] = 4,
		[AXE_OP_COMPRESS] = 8, [AXE_OP_DECOMPRESS] = 8,
	};
	uint8_t *p = pages(PAGE);
	unsigned int op, i;

	/* Later operations have programs of their own in tests/ops. */
	for (op = 0; op < ARRAY_SIZE(used); op++) {
		for (i = used[op]; i < 16; i++) {
			struct axe_cmd bad = command(op, p);

			bad.op.raw[i] = 0x40;
			assert_refused(&bad, AXE_ERR_RESERVED, "unused byte of the block");
		}
	}
	/* Bytes 2 and 3 of a deflate block; of the pattern, what is behind its size. */
	for (i = 2; i < 4; i++) {
		struct axe_cmd bad = command(AXE_OP_COMPRESS, p);

		bad.op.raw[i] = 1;
		assert_refused(&bad, AXE_ERR_RESERVED, "unused byte of the block");
		bad = command(AXE_OP_DECOMPRESS, p);
		bad.op.raw[i] = 1;
		assert_refused(&bad, AXE_ERR_RESERVED, "unused byte of the block");
	}
	for (i = 1; i < 8; i++) {
		struct axe_cmd bad = command(AXE_OP_FILL, p);

		bad.op.fill.pattern[i] = 1;
		assert_refused(&bad, AXE_ERR_RESERVED, "unused byte of the pattern");
	}
	munmap(p, PAGE);
}

static void cmd__unused_operands(void **state)
{
	static const enum axe_opcode no_src[] = { AXE_OP_NOP, AXE_OP_FILL };
	static const enum axe_opcode no_dst[] = { AXE_OP_NOP, AXE_OP_CRC32, AXE_OP_CRC32C };
	struct axe_buf bufs[] = { { .addr = 1 }, { .length = 1 }, { .key = 1 } };
	uint8_t *p = pages(PAGE);
	unsigned int i, k;

	for (k = 0; k < ARRAY_SIZE(bufs); k++) {
		for (i = 0; i < ARRAY_SIZE(no_src); i++) {
			struct axe_cmd bad = command(no_src[i], p);

			bad.src = bufs[k];
			assert_refused(&bad, AXE_ERR_RESERVED, "source");
		}
		for (i = 0; i < ARRAY_SIZE(no_dst); i++) {
			struct axe_cmd bad = command(no_dst[i], p);

			bad.dst = bufs[k];
			assert_refused(&bad, AXE_ERR_RESERVED, "destination");
		}
	}
	munmap(p, PAGE);
}

static void cmd__parameters_out_of_range(void **state)
{
	uint8_t *p = pages(PAGE);
	struct axe_cmd bad;
	unsigned int i;

	for (i = 9; i < 256; i += 41) {
		bad = command(AXE_OP_FILL, p);
		bad.op.fill.size = i;
		assert_refused(&bad, AXE_ERR_PARAM, "size of the pattern");
	}
	bad = command(AXE_OP_FILL, p);
	bad.op.fill.size = 0;
	assert_refused(&bad, AXE_ERR_PARAM, "no pattern");

	bad = command(AXE_OP_COMPRESS, p);
	bad.op.deflate.format = 3;
	assert_refused(&bad, AXE_ERR_PARAM, "format");
	bad = command(AXE_OP_COMPRESS, p);
	bad.op.deflate.level = 10;
	assert_refused(&bad, AXE_ERR_PARAM, "level");
	for (i = 1; i < 32; i++) {
		bad = command(AXE_OP_COMPRESS, p);
		bad.op.deflate.flags = 1u << i;
		assert_refused(&bad, AXE_ERR_RESERVED, "flag of deflate");
	}
	bad = command(AXE_OP_DECOMPRESS, p);
	bad.op.deflate.format = 3;
	assert_refused(&bad, AXE_ERR_PARAM, "format");
	bad = command(AXE_OP_DECOMPRESS, p);
	bad.op.deflate.level = 1;
	assert_refused(&bad, AXE_ERR_RESERVED, "level of decompress");
	bad = command(AXE_OP_DECOMPRESS, p);
	bad.op.deflate.flags = AXE_DEFLATE_NO_FINAL;
	assert_refused(&bad, AXE_ERR_RESERVED, "flag of deflate");
	bad = command(AXE_OP_DECOMPRESS, p);
	bad.op.deflate.flags = AXE_DEFLATE_RESTART;
	assert_refused(&bad, AXE_ERR_PARAM, "restart without a stream");
	assert_queue_works(&rig);
	munmap(p, PAGE);
}

/* What a builder can tell, it tells at once. */
static void wr_complete__bad_arguments(void **state)
{
	uint8_t bytes[16] = {};
	struct ibv_sge dst = here(&rig, bytes, 16);
	struct axe_cmd cmd = { .opcode = AXE_OP_NOP, .ext = 1 };

	rig_begin(&rig, 1, IBV_SEND_SIGNALED);
	axedv_wr_fill(rig.qx, &dst, bytes, 9);
	assert_int_equal(ibv_wr_complete(rig.qx), EINVAL);
	rig_begin(&rig, 1, IBV_SEND_SIGNALED);
	axedv_wr_fill(rig.qx, &dst, bytes, 0);
	assert_int_equal(ibv_wr_complete(rig.qx), EINVAL);
	rig_begin(&rig, 1, IBV_SEND_SIGNALED);
	axedv_wr_cmd(rig.qx, &cmd, NULL);
	assert_int_equal(ibv_wr_complete(rig.qx), EINVAL);
	rig_begin(&rig, 1, 1 << 20);
	axedv_wr_nop(rig.qx);
	assert_int_equal(ibv_wr_complete(rig.qx), EINVAL);
	/* A bad one takes the whole batch with it. */
	rig_begin(&rig, 1, IBV_SEND_SIGNALED);
	axedv_wr_nop(rig.qx);
	axedv_wr_fill(rig.qx, &dst, bytes, 9);
	axedv_wr_nop(rig.qx);
	assert_int_equal(ibv_wr_complete(rig.qx), EINVAL);
	/* ... as an abort does. */
	rig_begin(&rig, 1, IBV_SEND_SIGNALED);
	axedv_wr_nop(rig.qx);
	ibv_wr_abort(rig.qx);
	assert_queue_works(&rig);
	rig_expect_empty(&rig);
}

static int setup(void **state)
{
	rig_open(&rig, NULL);
	return 0;
}

static int teardown(void **state)
{
	rig_close(&rig);
	return 0;
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(cmd__unknown_opcode),
	cmocka_unit_test(cmd__reserved_bits),
	cmocka_unit_test(cmd__unused_bytes),
	cmocka_unit_test(cmd__unused_operands),
	cmocka_unit_test(cmd__parameters_out_of_range),
	cmocka_unit_test(wr_complete__bad_arguments),
};

LIVE_MAIN("cmd", tests, setup, teardown)
