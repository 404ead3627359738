// SPDX-License-Identifier: GPL-2.0
/* Packed integers, against arrays of words; small examples are in vectors_scan.c */
#include <linux/minmax.h>

#include "run.h"

#define MOST	3000

struct trial {
	unsigned int width;
	u32 num;
	u32 values[MOST];
	bool mask[MOST];
	u8 src[MOST * 4 + 8];
	u8 aux[MOST / 8 + 8];
	u8 want[MOST * 4 + 8];
	u8 dst[MOST * 4 + 8];
	size_t want_len;
	struct unit_run run;
};

/* Bit by bit, by the definition. */
static size_t pack(u8 *p, const u32 *values, size_t num, unsigned int width)
{
	size_t bit = 0;

	memset(p, 0, (num * width + 7) / 8);
	for (size_t i = 0; i < num; i++)
		for (unsigned int k = 0; k < width; k++, bit++)
			if (values[i] >> k & 1)
				p[bit / 8] |= 1 << bit % 8;
	return (num * width + 7) / 8;
}

static size_t pack_bits(u8 *p, const bool *bits, size_t num)
{
	u32 words[MOST];

	for (size_t i = 0; i < num; i++)
		words[i] = bits[i];
	return pack(p, words, num, 1);
}

/* Bits behind an array are whatever they are. */
static void spoil_tail(u8 *p, size_t num, unsigned int width)
{
	if (num * width % 8)
		p[num * width / 8] |= 0xff << num * width % 8;
}

static void trial_make(struct trial *t, enum axe_opcode opcode)
{
	unsigned int density = 1 + unit_random(8);

	t->width = 1 + unit_random(32);
	t->num = unit_random(unit_random(2) ? 20 : MOST);
	for (u32 i = 0; i < t->num; i++) {
		unit_random_bytes(&t->values[i], 4);
		t->values[i] &= (1ULL << t->width) - 1;
		t->mask[i] = !unit_random(density);
	}
	t->run = (struct unit_run) {
		.cmd = unit_cmd(opcode),
		.src = t->src,
		.dst = t->dst,
		.src_cut = unit_random(UNIT_CUTS),
		.dst_cut = unit_random(UNIT_CUTS),
	};
	t->run.cmd.op.scan.num = cpu_to_le32(t->num);
	t->run.cmd.op.scan.width = t->width;
	t->run.src_len = pack(t->src, t->values, t->num, t->width);
	spoil_tail(t->src, t->num, t->width);
	if (opcode == AXE_OP_SELECT || opcode == AXE_OP_EXPAND) {
		t->run.aux = t->aux;
		t->run.aux_len = pack_bits(t->aux, t->mask, t->num);
		spoil_tail(t->aux, t->num, 1);
	}
}

static void trial_check(struct trial *t, u64 result0, u64 result1)
{
	size_t more = unit_random(4);

	memset(t->dst, 0xee, sizeof(t->dst));
	t->run.dst_len = t->want_len + more;
	assert_int_equal(unit_run(&t->run), AXE_OK);
	assert_int_equal(t->run.done, t->want_len);
	assert_memory_equal(t->dst, t->want, t->want_len);
	for (size_t i = 0; i < more; i++)
		assert_int_equal(t->dst[t->want_len + i], 0xee);
	assert_int_equal(t->run.result[0], result0);
	assert_int_equal(t->run.result[1], result1);

	if (!t->want_len)
		return;
	t->run.dst_len = unit_random(t->want_len);
	assert_int_equal(unit_run(&t->run), AXE_ERR_FULL);
	assert_in_range(t->run.done, 0, t->run.dst_len);
}

static void set_range(struct trial *t, u32 low, u32 high)
{
	t->run.cmd.op.scan.low = cpu_to_le32(low);
	t->run.cmd.op.scan.high = cpu_to_le32(high);
}

static void axe_scan_exec__model(void **state)
{
	static struct trial t;
	static bool hits[MOST];

	for (int n = 0; n < 500; n++) {
		u64 matches = 0, first = ~0ULL;
		u32 a, b;

		trial_make(&t, AXE_OP_SCAN);
		unit_random_bytes(&a, 4);
		unit_random_bytes(&b, 4);
		a >>= 32 - t.width;
		b >>= unit_random(33 - t.width);
		set_range(&t, min(a, b), max(a, b));
		for (u32 i = 0; i < t.num; i++) {
			hits[i] = t.values[i] >= min(a, b) && t.values[i] <= max(a, b);
			if (hits[i] && !matches++)
				first = i;
		}
		t.want_len = pack_bits(t.want, hits, t.num);
		trial_check(&t, matches, first);
	}
}

static u32 chosen(const struct trial *t, u32 *values)
{
	u32 num = 0;

	for (u32 i = 0; i < t->num; i++)
		if (t->mask[i])
			values[num++] = t->values[i];
	return num;
}

static void axe_select_exec__model(void **state)
{
	static struct trial t;
	static u32 values[MOST];

	for (int n = 0; n < 500; n++) {
		u32 num;

		trial_make(&t, AXE_OP_SELECT);
		num = chosen(&t, values);
		t.want_len = pack(t.want, values, num, t.width);
		trial_check(&t, num, 0);
	}
}

static void axe_expand_exec__model(void **state)
{
	static struct trial t;
	static u32 values[MOST];

	for (int n = 0; n < 500; n++) {
		u32 num;

		trial_make(&t, AXE_OP_EXPAND);
		/* As much as is needed, or more. */
		num = chosen(&t, values);
		if (unit_random(2))
			t.run.src_len = pack(t.src, values, num, t.width);
		else
			pack(t.src, values, num, t.width);
		spoil_tail(t.src, num, t.width);
		for (u32 i = 0; i < t.num; i++)
			if (!t.mask[i])
				t.values[i] = 0;
		t.want_len = pack(t.want, t.values, t.num, t.width);
		trial_check(&t, num, 0);
	}
}

static void axe_expand_exec__source_too_short(void **state)
{
	static struct trial t;
	static u32 values[MOST];

	for (int n = 0; n < 200; n++) {
		u32 num;

		trial_make(&t, AXE_OP_EXPAND);
		num = chosen(&t, values);
		if (!num)
			continue;
		t.run.src_len = unit_random((num * t.width + 7) / 8);
		t.run.dst_len = pack(t.want, t.values, t.num, t.width);
		assert_int_equal(unit_run(&t.run), AXE_ERR_TRUNCATED);
		assert_int_equal(t.run.result[0], t.run.src_len);
		assert_int_equal(t.run.result[1], t.run.src_len);
	}
}

static void axe_extract_exec__model(void **state)
{
	static struct trial t;

	for (int n = 0; n < 500; n++) {
		u32 first, last;

		trial_make(&t, AXE_OP_EXTRACT);
		if (!t.num)
			continue;
		last = unit_random(t.num);
		first = unit_random(last + 1);
		set_range(&t, first, last);
		t.want_len = pack(t.want, t.values + first, last - first + 1, t.width);
		trial_check(&t, last - first + 1, 0);
	}
}

/* Longer than is done at a time. */
static void axe_scan_exec__goes_on(void **state)
{
	size_t num = 300001;
	u8 *src = malloc(num), *dst = malloc(num);
	struct unit_run run = {
		.cmd = unit_cmd(AXE_OP_SCAN),
		.src = src, .src_len = num, .dst = dst, .dst_len = num,
	};
	u64 matches = 0;

	unit_random_bytes(src, num);
	run.cmd.op.scan = (struct axe_cmd_scan) {
		.num = cpu_to_le32(num), .width = 8,
		.low = cpu_to_le32(10), .high = cpu_to_le32(99),
	};
	assert_int_equal(unit_run(&run), AXE_OK);
	assert_int_equal(run.done, (num + 7) / 8);
	for (size_t i = 0; i < num; i++) {
		bool hit = src[i] >= 10 && src[i] <= 99;

		assert_int_equal(dst[i / 8] >> i % 8 & 1, hit);
		matches += hit;
	}
	assert_int_equal(run.result[0], matches);
	free(src);
	free(dst);
}

static enum axe_code code_of(enum axe_opcode opcode, u32 num, unsigned int width, u32 low,
			     u32 high, u32 src_len, u32 aux_len)
{
	struct axe_cmd cmd = unit_cmd(opcode);
	struct axe_cmd_ext ext = { .aux.length = cpu_to_le32(aux_len) };

	cmd.op.scan = (struct axe_cmd_scan) {
		.num = cpu_to_le32(num), .width = width,
		.low = cpu_to_le32(low), .high = cpu_to_le32(high),
	};
	cmd.src.length = cpu_to_le32(src_len);
	return unit_check(&cmd, &ext);
}

static void axe_scan_check__bounds(void **state)
{
	assert_int_equal(code_of(AXE_OP_SCAN, 8, 0, 0, 0, 0, 0), AXE_ERR_PARAM);
	assert_int_equal(code_of(AXE_OP_SCAN, 8, 33, 0, 0, 33, 0), AXE_ERR_PARAM);
	assert_int_equal(code_of(AXE_OP_SCAN, 8, 255, 0, 0, 255, 0), AXE_ERR_PARAM);
	assert_int_equal(code_of(AXE_OP_SCAN, 8, 32, 1, 0, 32, 0), AXE_ERR_PARAM);
	assert_int_equal(code_of(AXE_OP_SCAN, 8, 32, 0, 0, 32, 0), AXE_OK);
	assert_int_equal(code_of(AXE_OP_SCAN, 8, 32, 0, 0, 31, 0), AXE_ERR_LENGTH);
	assert_int_equal(code_of(AXE_OP_SCAN, 8, 32, 0, 0, 33, 0), AXE_ERR_LENGTH);
	/* More than a length can say, and what its product is modulo 2^32. */
	assert_int_equal(code_of(AXE_OP_SCAN, 1U << 30, 32, 0, 0, 0, 0), AXE_ERR_LENGTH);
	assert_int_equal(code_of(AXE_OP_SCAN, (1U << 30) + 1, 32, 0, 0, 4, 0), AXE_ERR_LENGTH);
	assert_int_equal(code_of(AXE_OP_SCAN, 0xffffffff, 1, 0, 0, 1U << 29, 0), AXE_OK);
	assert_int_equal(code_of(AXE_OP_EXTRACT, 0xffffffff, 8, 0, 0xffffffff, 0xffffffff, 0),
			 AXE_ERR_PARAM);
	assert_int_equal(code_of(AXE_OP_EXTRACT, 0xffffffff, 8, 0, 0xfffffffe, 0xffffffff, 0),
			 AXE_OK);
	assert_int_equal(code_of(AXE_OP_SELECT, 9, 8, 0, 0, 9, 2), AXE_OK);
	assert_int_equal(code_of(AXE_OP_SELECT, 9, 8, 0, 0, 9, 1), AXE_ERR_LENGTH);
	assert_int_equal(code_of(AXE_OP_SELECT, 9, 8, 0, 0, 9, 3), AXE_ERR_LENGTH);
	assert_int_equal(code_of(AXE_OP_SELECT, 9, 8, 0, 0, 8, 2), AXE_ERR_LENGTH);
	assert_int_equal(code_of(AXE_OP_SELECT, 9, 8, 1, 0, 9, 2), AXE_ERR_RESERVED);
	assert_int_equal(code_of(AXE_OP_EXPAND, 9, 8, 0, 1, 9, 2), AXE_ERR_RESERVED);
	assert_int_equal(code_of(AXE_OP_EXPAND, 9, 8, 0, 0, 0, 2), AXE_OK);
	assert_int_equal(code_of(AXE_OP_EXPAND, 9, 8, 0, 0, 10, 2), AXE_ERR_LENGTH);
	assert_int_equal(code_of(AXE_OP_SCAN, 8, 1, 0, 0, 1, 1), AXE_ERR_RESERVED);
}

static void axe_scan_check__reserved(void **state)
{
	for (enum axe_opcode op = AXE_OP_SCAN; op <= AXE_OP_EXTRACT; op++) {
		for (size_t i = 0; i < 3; i++) {
			struct axe_cmd cmd = unit_cmd(op);

			cmd.op.scan.reserved[i] = 1;
			assert_int_equal(unit_check(&cmd, NULL), AXE_ERR_RESERVED);
		}
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(axe_scan_exec__model),
	cmocka_unit_test(axe_select_exec__model),
	cmocka_unit_test(axe_expand_exec__model),
	cmocka_unit_test(axe_expand_exec__source_too_short),
	cmocka_unit_test(axe_extract_exec__model),
	cmocka_unit_test(axe_scan_exec__goes_on),
	cmocka_unit_test(axe_scan_check__bounds),
	cmocka_unit_test(axe_scan_check__reserved),
};

int main(void)
{
	return unit_main("scan", tests, ARRAY_SIZE(tests));
}
