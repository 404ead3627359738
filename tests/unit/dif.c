// SPDX-License-Identifier: GPL-2.0
/* Protection information, against a model that makes it block by block. */
#include "run.h"

#define ALL	(AXE_DIF_CHECK_GUARD | AXE_DIF_CHECK_APP | AXE_DIF_CHECK_REF)
#define BLOCKS	3
#define MOST	(BLOCKS * (4104 + 8))

static u8 plain[MOST], protected[MOST], out[MOST], tuples[BLOCKS * 8];

static u16 guard_of(const u8 *p, u32 size, bool ip)
{
	u32 n = 0;

	for (u32 i = 0; i < size && ip; i += 2)
		n += p[i] << 8 | p[i + 1];
	while (n >> 16)
		n = (n & 0xffff) + (n >> 16);
	if (ip)
		return ~n;
	for (u32 i = 0; i < size * 8; i++) {
		bool bit = (p[i / 8] >> (7 - i % 8) & 1) ^ (n >> 15 & 1);

		n = (n << 1 & 0xffff) ^ (bit ? 0x8bb7 : 0);
	}
	return n;
}

static void put_tuple(u8 *t, u16 guard, u16 app, u32 ref)
{
	const u8 bytes[8] = {
		guard >> 8, guard, app >> 8, app, ref >> 24, ref >> 16, ref >> 8, ref,
	};

	memcpy(t, bytes, 8);
}

static struct axe_cmd_dif block(u32 size, u8 type, u8 flags)
{
	return (struct axe_cmd_dif) {
		.block = cpu_to_le16(size), .type = type, .flags = flags,
		.ref = cpu_to_le32(0xfffffffe), .app = cpu_to_le16(0xabcd),
		.app_mask = cpu_to_le16(flags & AXE_DIF_CHECK_APP ? 0xff0f : 0),
	};
}

/* What the model makes of random data: both ways of keeping tuples. */
static void model(u32 size, u8 type, bool ip)
{
	unit_random_bytes(plain, sizeof(plain));
	for (u32 i = 0; i < BLOCKS; i++) {
		u8 *t = protected + i * (size + 8) + size;

		memcpy(t - size, plain + i * size, size);
		put_tuple(t, guard_of(plain + i * size, size, ip), 0xabcd,
			  0xfffffffe + (type == 3 ? 0 : i));
		memcpy(tuples + i * 8, t, 8);
	}
}

static struct unit_run run_of(enum axe_opcode opcode, const struct axe_cmd_dif *dif)
{
	struct unit_run run = {
		.cmd = unit_cmd(opcode), .src_cut = UNIT_RANDOM, .dst_cut = UNIT_RANDOM,
	};

	run.cmd.op.dif = *dif;
	memset(out, 0, sizeof(out));
	return run;
}

static void check_all(u32 size, u8 type, u8 ip)
{
	u8 all = (type == 3 ? ALL & ~AXE_DIF_CHECK_REF : ALL) | ip;
	struct axe_cmd_dif make = block(size, type, ip), check = block(size, type, all);
	size_t n = BLOCKS * size, m = BLOCKS * (size + 8);
	struct unit_run run;

	model(size, type, ip);
	run = run_of(AXE_OP_DIF_INSERT, &make);
	run.src = plain;
	run.src_len = n;
	run.dst = out;
	run.dst_len = m;
	assert_int_equal(unit_run(&run), AXE_OK);
	assert_memory_equal(out, protected, m);
	assert_int_equal(run.done, m);

	run = run_of(AXE_OP_DIF_VERIFY, &check);
	run.src = protected;
	run.src_len = m;
	assert_int_equal(unit_run(&run), AXE_OK);
	assert_int_equal(run.result[0], BLOCKS);

	run = run_of(AXE_OP_DIF_STRIP, &check);
	run.src = protected;
	run.src_len = m;
	run.dst = out;
	run.dst_len = n;
	assert_int_equal(unit_run(&run), AXE_OK);
	assert_memory_equal(out, plain, n);

	run = run_of(AXE_OP_DIX_INSERT, &make);
	run.src = plain;
	run.src_len = n;
	run.aux = out;
	run.aux_len = BLOCKS * 8;
	assert_int_equal(unit_run(&run), AXE_OK);
	assert_memory_equal(out, tuples, BLOCKS * 8);

	run = run_of(AXE_OP_DIX_VERIFY, &check);
	run.src = plain;
	run.src_len = n;
	run.aux = tuples;
	run.aux_len = BLOCKS * 8;
	assert_int_equal(unit_run(&run), AXE_OK);
}

static void axe_dif_exec__as_the_model(void **state)
{
	static const u32 sizes[] = { 512, 520, 4096, 4104 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		for (u8 type = 1; type <= 3; type++)
			for (int k = 0; k < 4; k++)
				check_all(sizes[i], type, k & 1 ? AXE_DIF_GUARD_IP : 0);
}

/* Any one bit: which block, and what of it. */
static void axe_dif_exec__a_wrong_bit(void **state)
{
	struct axe_cmd_dif check = block(512, 1, ALL);

	check.app_mask = cpu_to_le16(0xffff);
	model(512, 1, false);
	for (int i = 0; i < 300; i++) {
		u32 bit = unit_random(BLOCKS * 520 * 8), at = bit / 8 % 520;
		struct unit_run run = run_of(AXE_OP_DIF_VERIFY, &check);

		protected[bit / 8] ^= 1 << bit % 8;
		run.src = protected;
		run.src_len = BLOCKS * 520;
		unit_run(&run);
		assert_int_equal(run.code, at < 514 ? AXE_ERR_DIF_GUARD :
				 at < 516 ? AXE_ERR_DIF_APP : AXE_ERR_DIF_REF);
		assert_int_equal(run.result[0], bit / 8 / 520);
		assert_int_not_equal(run.result[1] >> 32, (u32)run.result[1]);
		protected[bit / 8] ^= 1 << bit % 8;
	}
}

static void axe_dif_exec__update(void **state)
{
	struct axe_cmd_dif check = block(520, 1, ALL);
	struct axe_cmd_ext ext = { .op.dif = {
		.type = 2, .flags = AXE_DIF_GUARD_IP, .ref = cpu_to_le32(100),
		.app = cpu_to_le16(0x1122), .app_mask = cpu_to_le16(0xff00),
	} };
	size_t m = BLOCKS * 528;
	struct unit_run run;

	model(520, 1, false);
	/* The second is not to be checked, and stays as it is. */
	put_tuple(protected + 528 + 520, 0x1111, 0xffff, 0x22222222);
	run = run_of(AXE_OP_DIF_UPDATE, &check);
	run.ext = &ext;
	run.src = protected;
	run.src_len = m;
	run.dst = out;
	run.dst_len = m;
	assert_int_equal(unit_run(&run), AXE_OK);
	assert_int_equal(run.result[1], 1);
	for (u32 i = 0; i < BLOCKS; i += 2)
		put_tuple(protected + i * 528 + 520, guard_of(plain + i * 520, 520, true), 0x11cd,
			  100 + i);
	assert_memory_equal(out, protected, m);
}

static void axe_dif_check__parameters(void **state)
{
	static const enum axe_opcode opcodes[] = {
		AXE_OP_DIF_INSERT, AXE_OP_DIF_VERIFY, AXE_OP_DIF_STRIP, AXE_OP_DIF_UPDATE,
		AXE_OP_DIX_INSERT, AXE_OP_DIX_VERIFY,
	};

	for (size_t i = 0; i < ARRAY_SIZE(opcodes); i++) {
		struct axe_cmd_ext ext = {};
		struct axe_cmd cmd = unit_cmd(opcodes[i]);

		if (opcodes[i] == AXE_OP_DIF_UPDATE)
			ext.op.dif.type = 1;
		cmd.op.dif = block(512, 1, 0);
		assert_int_equal(unit_check(&cmd, &ext), AXE_OK);
		cmd.op.dif.block = cpu_to_le16(513);
		assert_int_equal(unit_check(&cmd, &ext), AXE_ERR_PARAM);
		cmd.op.dif.block = 0;
		assert_int_equal(unit_check(&cmd, &ext), AXE_ERR_PARAM);
		cmd.op.dif = block(4096, 0, 0);
		assert_int_equal(unit_check(&cmd, &ext), AXE_ERR_PARAM);
		cmd.op.dif = block(4096, 1, AXE_DIF_KEEP_REF);
		assert_int_equal(unit_check(&cmd, &ext), AXE_ERR_RESERVED);
		cmd.op.dif = block(4096, 1, 0);
		cmd.op.dif.reserved[3] = 1;
		assert_int_equal(unit_check(&cmd, &ext), AXE_ERR_RESERVED);
		cmd.op.dif.reserved[3] = 0;
		/* So long that the sum of what it makes does not fit. */
		cmd.src.length = cpu_to_le32(0xffffffff / 4096 * 4096);
		assert_int_equal(unit_check(&cmd, &ext), AXE_ERR_LENGTH);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(axe_dif_exec__as_the_model),
	cmocka_unit_test(axe_dif_exec__a_wrong_bit),
	cmocka_unit_test(axe_dif_exec__update),
	cmocka_unit_test(axe_dif_check__parameters),
};

int main(void)
{
	return unit_main("dif", tests, ARRAY_SIZE(tests));
}
