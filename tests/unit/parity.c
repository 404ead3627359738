// SPDX-License-Identifier: GPL-2.0
/*
 * Parity and erasure codes against their definitions, with a product of polynomials that is
 * reduced at the end; what isa-l says is in vectors_parity.c.
 */
#include "run.h"

#define LANES	66

static u8 product(u8 a, u8 b)
{
	u32 p = 0;

	for (int i = 0; i < 8; i++)
		p ^= (u32)a * (b & 1u << i);
	for (int i = 15; i >= 8; i--)
		if (p >> i & 1)
			p ^= 0x11d << (i - 8);
	return p;
}

static u8 inverse(u8 a)
{
	u8 b = 1;

	while (product(a, b) != 1)
		b++;
	return b;
}

/* All lanes of a stripe, one behind the other. */
struct stripe {
	size_t len;
	u8 *p;
};

static struct stripe stripe_make(unsigned int data, size_t len)
{
	struct stripe s = { len, calloc(LANES, len + 1) };

	assert_non_null(s.p);
	unit_random_bytes(s.p, data * len);
	return s;
}

static u8 *lane(const struct stripe *s, unsigned int i)
{
	return s->p + i * s->len;
}

static u8 coef_pq(unsigned int data, unsigned int i, unsigned int j)
{
	u8 power = 1;

	for (; i == 1 && j; j--)
		power = product(power, 2);
	return power;
}

static u8 coef_rs(unsigned int data, unsigned int i, unsigned int j)
{
	return inverse((data + i) ^ j);
}

/* Parity where it belongs. */
static void model(const struct stripe *s, unsigned int data, unsigned int parity,
		  u8 (*coef)(unsigned int, unsigned int, unsigned int))
{
	for (unsigned int i = 0; i < parity; i++) {
		u8 *to = lane(s, data + i);

		memset(to, 0, s->len);
		for (unsigned int j = 0; j < data; j++) {
			u8 by = coef(data, i, j);

			for (size_t n = 0; n < s->len; n++)
				to[n] ^= product(by, lane(s, j)[n]);
		}
	}
}

/* Run it on the lanes of @from, expect those of @to. */
static int run_on(struct unit_run *run, const struct stripe *s, u64 from, u64 to)
{
	u8 *src = malloc(64 * s->len + 1), *want = malloc(64 * s->len + 1);
	u8 *dst = malloc(64 * s->len + 1);
	unsigned int i;

	run->num_src = 0;
	run->num_dst = 0;
	for (i = 0; i < 64; i++) {
		if (from >> i & 1)
			memcpy(src + run->num_src++ * s->len, lane(s, i), s->len);
		if (to >> i & 1)
			memcpy(want + run->num_dst++ * s->len, lane(s, i), s->len);
	}
	memset(dst, 0x77, 64 * s->len);
	run->src = src;
	run->src_len = run->num_src * s->len;
	run->dst = dst;
	run->dst_len = run->num_dst * s->len;
	unit_run(run);
	if (run->code == AXE_OK && to) {
		assert_memory_equal(dst, want, run->dst_len);
		assert_int_equal(run->done, run->dst_len);
	}
	free(src);
	free(dst);
	free(want);
	return run->code;
}

static u64 ones(unsigned int num)
{
	return num == 64 ? ~0ULL : (1ULL << num) - 1;
}

static size_t some_length(void)
{
	return unit_random(4) ? unit_random(100) : unit_random(5000);
}

static void axe_xor__any_number_of_lanes(void **state)
{
	for (unsigned int num = 1; num < 34; num++) {
		struct stripe s = stripe_make(num, some_length());
		struct unit_run run = { .cmd = unit_cmd(AXE_OP_XOR) };

		model(&s, num, 1, coef_pq);
		for_each_cut(cut) {
			run.src_cut = cut;
			assert_int_equal(run_on(&run, &s, ones(num), 1ULL << num),
					 num > 1 ? AXE_OK : AXE_ERR_PARAM);
		}
		run.cmd = unit_cmd(AXE_OP_XOR_CHECK);
		assert_int_equal(run_on(&run, &s, ones(num + 1), 0), AXE_OK);
		assert_int_equal(run.result[0], ~0ULL);
		free(s.p);
	}
}

static void axe_pq__generate_and_check(void **state)
{
	for (unsigned int data = 1; data <= 32; data++) {
		struct stripe s = stripe_make(data, 1 + some_length());
		struct unit_run run = { .cmd = unit_cmd(AXE_OP_PQ_GENERATE) };

		model(&s, data, 2, coef_pq);
		for_each_cut(cut) {
			size_t at = unit_random(s.len);
			u8 *p = &lane(&s, unit_random(data + 2))[at];

			run.src_cut = cut;
			run.cmd = unit_cmd(AXE_OP_PQ_GENERATE);
			assert_int_equal(run_on(&run, &s, ones(data), 3ULL << data), AXE_OK);
			run.cmd = unit_cmd(AXE_OP_PQ_CHECK);
			assert_int_equal(run_on(&run, &s, ones(data + 2), 0), AXE_OK);
			assert_int_equal(run.result[0], ~0ULL);
			assert_int_equal(run.done, s.len);
			*p ^= 0x40;
			assert_int_equal(run_on(&run, &s, ones(data + 2), 0), AXE_OK);
			assert_int_equal(run.result[0], at);
			assert_int_equal(run.done, at);
			*p ^= 0x40;
		}
		free(s.p);
	}
}

static void recover_pq(const struct stripe *s, unsigned int data, u8 a, u8 b)
{
	struct unit_run run = { .cmd = unit_cmd(AXE_OP_PQ_RECOVER), .src_cut = UNIT_RANDOM };
	u64 lost = 1ULL << a | (b == AXE_PQ_NONE ? 0 : 1ULL << b);

	run.cmd.op.pq.data = data;
	run.cmd.op.pq.lost[0] = a;
	run.cmd.op.pq.lost[1] = b;
	assert_int_equal(run_on(&run, s, ones(data + 2) & ~lost, lost), AXE_OK);
}

static void axe_pq_recover__every_loss(void **state)
{
	static const unsigned int nums[] = { 1, 2, 3, 8, 9, 32 };

	for (size_t i = 0; i < ARRAY_SIZE(nums); i++) {
		unsigned int data = nums[i];
		struct stripe s = stripe_make(data, unit_random(70));

		model(&s, data, 2, coef_pq);
		for (unsigned int a = 0; a < data + 2; a++) {
			recover_pq(&s, data, a, AXE_PQ_NONE);
			for (unsigned int b = a + 1; b < data + 2; b++)
				recover_pq(&s, data, a, b);
		}
		free(s.p);
	}
}

/* A random choice of @num out of @of. */
static u64 choose(unsigned int num, unsigned int of)
{
	u64 set = 0;

	while (num) {
		u64 bit = 1ULL << unit_random(of);

		num -= !(set & bit);
		set |= bit;
	}
	return set;
}

static void code_once(unsigned int data, unsigned int parity)
{
	struct stripe s = stripe_make(data, some_length() % 300);
	struct unit_run run = { .cmd = unit_cmd(AXE_OP_RS_ENCODE), .src_cut = UNIT_RANDOM };
	u64 present = choose(data, data + parity);
	struct axe_cmd_ext ext = { .op.rs = {
		.present = cpu_to_le64(present),
		.data = data,
		.parity = parity,
	} };
	u64 lost = ones(data + parity) & ~present;
	u8 *matrix = malloc(data * parity);

	model(&s, data, parity, coef_rs);
	assert_int_equal(run_on(&run, &s, ones(data), ones(parity) << data), AXE_OK);
	for (unsigned int i = 0; i < parity * data; i++)
		matrix[i] = coef_rs(data, i / data, i % data);
	run.cmd = unit_cmd(AXE_OP_ERASURE);
	run.aux = matrix;
	run.aux_len = data * parity;
	assert_int_equal(run_on(&run, &s, ones(data), ones(parity) << data), AXE_OK);
	run.aux = NULL;
	run.aux_len = 0;
	run.cmd = unit_cmd(AXE_OP_RS_RECOVER);
	run.ext = &ext;
	ext.op.rs.lost = cpu_to_le64(lost);
	assert_int_equal(run_on(&run, &s, present, lost), AXE_OK);
	/* Only the last of them. */
	lost = 1ULL << (63 - __builtin_clzll(lost));
	ext.op.rs.lost = cpu_to_le64(lost);
	assert_int_equal(run_on(&run, &s, present, lost), AXE_OK);
	free(matrix);
	free(s.p);
}

static void axe_rs__any_fragments_are_enough(void **state)
{
	for (int i = 0; i < 60; i++)
		code_once(1 + unit_random(32), 1 + unit_random(32));
	code_once(32, 32);
	code_once(1, 1);
	code_once(1, 32);
	code_once(32, 1);
}

/* The inverse of none: a matrix is only taken as it is. */
static void axe_erasure__any_matrix(void **state)
{
	struct stripe s = stripe_make(3, 100);
	struct unit_run run = { .cmd = unit_cmd(AXE_OP_ERASURE) };
	u8 matrix[7] = { 0, 0, 0, 0xff, 0, 0x80 };

	memset(lane(&s, 3), 0, 100);
	for (int n = 0; n < 100; n++)
		lane(&s, 4)[n] = product(0xff, lane(&s, 0)[n]) ^ product(0x80, lane(&s, 2)[n]);
	run.aux = matrix;
	run.aux_len = 6;
	assert_int_equal(run_on(&run, &s, 7, 3 << 3), AXE_OK);
	run.aux_len = 5;
	assert_int_equal(run_on(&run, &s, 7, 3 << 3), AXE_ERR_LENGTH);
	run.aux_len = 7;
	assert_int_equal(run_on(&run, &s, 7, 3 << 3), AXE_ERR_LENGTH);
	run.aux_len = 0;
	assert_int_equal(run_on(&run, &s, 7, 3 << 3), AXE_ERR_LENGTH);
	free(s.p);
}

static int lists_of(enum axe_opcode opcode, unsigned int num_src, unsigned int num_dst)
{
	u8 none[1];
	struct unit_run run = {
		.cmd = unit_cmd(opcode),
		.src = none,
		.dst = none,
		.num_src = num_src,
		.num_dst = num_dst,
	};

	return unit_run(&run);
}

static void axe_parity__lists_of_no_use(void **state)
{
	static const struct {
		enum axe_opcode op;
		unsigned int src[2];
		unsigned int dst[2];
	} takes[] = {
		{ AXE_OP_XOR, { 2, 34 }, { 1, 1 } },
		{ AXE_OP_XOR_CHECK, { 2, 34 }, { 0, 0 } },
		{ AXE_OP_PQ_GENERATE, { 1, 32 }, { 2, 2 } },
		{ AXE_OP_PQ_CHECK, { 3, 34 }, { 0, 0 } },
		{ AXE_OP_RS_ENCODE, { 1, 32 }, { 1, 32 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(takes); i++) {
		for (unsigned int src = 0; src < 36; src++) {
			for (unsigned int dst = 0; dst < 34; dst++) {
				bool good = src >= takes[i].src[0] && src <= takes[i].src[1] &&
					    dst >= takes[i].dst[0] && dst <= takes[i].dst[1];

				/* Checks have no list of destinations at all. */
				if (dst && !takes[i].dst[1])
					continue;
				assert_int_equal(lists_of(takes[i].op, src, dst),
						 good ? AXE_OK : AXE_ERR_PARAM);
			}
		}
	}
}

static int pq_block(u8 data, u8 a, u8 b)
{
	struct axe_cmd cmd = unit_cmd(AXE_OP_PQ_RECOVER);

	cmd.op.pq.data = data;
	cmd.op.pq.lost[0] = a;
	cmd.op.pq.lost[1] = b;
	return unit_check(&cmd, NULL);
}

static void axe_pq_recover_check__block(void **state)
{
	struct axe_cmd cmd = unit_cmd(AXE_OP_PQ_RECOVER);

	assert_int_equal(pq_block(32, 0, 33), AXE_OK);
	assert_int_equal(pq_block(32, 33, AXE_PQ_NONE), AXE_OK);
	assert_int_equal(pq_block(0, 0, 1), AXE_ERR_PARAM);
	assert_int_equal(pq_block(33, 0, 1), AXE_ERR_PARAM);
	assert_int_equal(pq_block(4, 6, AXE_PQ_NONE), AXE_ERR_PARAM);
	assert_int_equal(pq_block(4, AXE_PQ_NONE, AXE_PQ_NONE), AXE_ERR_PARAM);
	assert_int_equal(pq_block(4, 0, 6), AXE_ERR_PARAM);
	assert_int_equal(pq_block(4, 2, 2), AXE_ERR_PARAM);
	assert_int_equal(pq_block(4, 3, 1), AXE_ERR_PARAM);
	for (int i = 3; i < 16; i++) {
		cmd.op.pq.data = 3;
		cmd.op.pq.lost[1] = 1;
		cmd.op.raw[i] = 1;
		assert_int_equal(unit_check(&cmd, NULL), AXE_ERR_RESERVED);
		cmd.op.raw[i] = 0;
	}
}

static void axe_pq_recover_begin__lists(void **state)
{
	struct stripe s = stripe_make(6, 10);
	struct unit_run run = { .cmd = unit_cmd(AXE_OP_PQ_RECOVER) };

	run.cmd.op.pq.data = 4;
	run.cmd.op.pq.lost[1] = 1;
	assert_int_equal(run_on(&run, &s, 0x1c, 3), AXE_ERR_PARAM);
	assert_int_equal(run_on(&run, &s, 0x3d, 3), AXE_ERR_PARAM);
	assert_int_equal(run_on(&run, &s, 0x3c, 1), AXE_ERR_PARAM);
	assert_int_equal(run_on(&run, &s, 0, 0), AXE_ERR_PARAM);
	free(s.p);
}

static int rs_ext(u8 data, u8 parity, u64 present, u64 lost)
{
	struct axe_cmd cmd = unit_cmd(AXE_OP_RS_RECOVER);
	struct axe_cmd_ext ext = { .op.rs = {
		.present = cpu_to_le64(present),
		.lost = cpu_to_le64(lost),
		.data = data,
		.parity = parity,
	} };

	return unit_check(&cmd, &ext);
}

static void axe_rs_recover_check__extension(void **state)
{
	struct axe_cmd cmd = unit_cmd(AXE_OP_RS_RECOVER);
	struct axe_cmd_ext ext = {};

	assert_int_equal(rs_ext(2, 1, 5, 2), AXE_OK);
	assert_int_equal(rs_ext(32, 32, ~0ULL << 32, ~0U), AXE_OK);
	assert_int_equal(rs_ext(0, 1, 0, 1), AXE_ERR_PARAM);
	assert_int_equal(rs_ext(33, 1, ones(33), 1ULL << 33), AXE_ERR_PARAM);
	assert_int_equal(rs_ext(2, 0, 3, 4), AXE_ERR_PARAM);
	assert_int_equal(rs_ext(2, 33, 3, 4), AXE_ERR_PARAM);
	assert_int_equal(rs_ext(2, 1, 4, 2), AXE_ERR_PARAM);	/* too few */
	assert_int_equal(rs_ext(2, 2, 7, 8), AXE_ERR_PARAM);	/* too many */
	assert_int_equal(rs_ext(2, 1, 3, 0), AXE_ERR_PARAM);
	assert_int_equal(rs_ext(2, 1, 3, 2), AXE_ERR_PARAM);
	assert_int_equal(rs_ext(2, 1, 3, 8), AXE_ERR_PARAM);
	assert_int_equal(rs_ext(2, 1, 9, 2), AXE_ERR_PARAM);
	for (int i = 18; i < 32; i++) {
		memset(&ext, 0, sizeof(ext));
		ext.op.raw[i] = 1;
		assert_int_equal(unit_check(&cmd, &ext), AXE_ERR_RESERVED);
	}
	cmd.op.raw[15] = 1;
	assert_int_equal(unit_check(&cmd, NULL), AXE_ERR_RESERVED);
}

static void axe_rs_recover_begin__lists(void **state)
{
	struct stripe s = stripe_make(4, 10);
	struct axe_cmd_ext ext = { .op.rs = {
		.present = cpu_to_le64(5),
		.lost = cpu_to_le64(2),
		.data = 2,
		.parity = 1,
	} };
	struct unit_run run = { .cmd = unit_cmd(AXE_OP_RS_RECOVER), .ext = &ext };

	assert_int_equal(run_on(&run, &s, 1, 2), AXE_ERR_PARAM);
	assert_int_equal(run_on(&run, &s, 7, 2), AXE_ERR_PARAM);
	assert_int_equal(run_on(&run, &s, 5, 10), AXE_ERR_PARAM);
	assert_int_equal(run_on(&run, &s, 5, 0), AXE_ERR_PARAM);
	free(s.p);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(axe_xor__any_number_of_lanes),
	cmocka_unit_test(axe_pq__generate_and_check),
	cmocka_unit_test(axe_pq_recover__every_loss),
	cmocka_unit_test(axe_rs__any_fragments_are_enough),
	cmocka_unit_test(axe_erasure__any_matrix),
	cmocka_unit_test(axe_parity__lists_of_no_use),
	cmocka_unit_test(axe_pq_recover_check__block),
	cmocka_unit_test(axe_pq_recover_begin__lists),
	cmocka_unit_test(axe_rs_recover_check__extension),
	cmocka_unit_test(axe_rs_recover_begin__lists),
};

int main(void)
{
	return unit_main("parity", tests, ARRAY_SIZE(tests));
}
