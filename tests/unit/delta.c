// SPDX-License-Identifier: GPL-2.0
/* Delta records against a few lines that make and apply them the plain way. */
#include "run.h"

#define WORDS_MAX	65536
#define ENTRY		10

/* Two buffers, their record, and what came of it. */
struct pair {
	size_t words;
	u8 *old;
	u8 *new;
	u8 *record;
	size_t record_len;
};

static void pair_make(struct pair *p, size_t words, unsigned int one_in)
{
	p->words = words;
	p->old = malloc(words * 8 + 1);
	p->new = malloc(words * 8 + 1);
	p->record = malloc(words * ENTRY + 1);
	p->record_len = 0;
	unit_random_bytes(p->old, words * 8);
	memcpy(p->new, p->old, words * 8);
	for (size_t w = 0; w < words; w++) {
		u8 *entry = p->record + p->record_len;

		if (unit_random(one_in))
			continue;
		p->new[w * 8 + unit_random(8)] ^= 1 << unit_random(8);
		entry[0] = w & 0xff;
		entry[1] = w >> 8;
		memcpy(entry + 2, p->new + w * 8, 8);
		p->record_len += ENTRY;
	}
}

static void pair_free(struct pair *p)
{
	free(p->old);
	free(p->new);
	free(p->record);
}

static void create(const struct pair *p, size_t room, enum unit_cut src_cut,
		   enum unit_cut dst_cut)
{
	u8 *dst = calloc(1, room + 1);
	struct unit_run run = {
		.cmd = unit_cmd(AXE_OP_DELTA_CREATE),
		.src = p->old,
		.src_len = p->words * 8,
		.dst = dst,
		.dst_len = room,
		.aux = p->new,
		.aux_len = p->words * 8,
		.src_cut = src_cut,
		.dst_cut = dst_cut,
	};
	size_t fits = room / ENTRY * ENTRY;

	unit_run(&run);
	assert_int_equal(run.result[0], p->record_len > 0);
	if (p->record_len <= room) {
		assert_int_equal(run.code, AXE_OK);
		assert_int_equal(run.done, p->record_len);
		assert_int_equal(run.result[1], p->words * 8);
	} else {
		const u8 *entry = p->record + fits;

		assert_int_equal(run.code, AXE_ERR_FULL);
		assert_int_equal(run.done, fits);
		/* There the rest begins. */
		assert_int_equal(run.result[1], (entry[0] | entry[1] << 8) * 8);
	}
	assert_memory_equal(dst, p->record, run.done);
	for (size_t i = run.done; i < room + 1; i++)
		assert_int_equal(dst[i], 0);
	free(dst);
}

static void apply(const struct pair *p, enum unit_cut src_cut, enum unit_cut dst_cut)
{
	u8 *dst = malloc(p->words * 8 + 1);
	struct unit_run run = {
		.cmd = unit_cmd(AXE_OP_DELTA_APPLY),
		.src = p->record,
		.src_len = p->record_len,
		.dst = dst,
		.dst_len = p->words * 8,
		.src_cut = src_cut,
		.dst_cut = dst_cut,
	};

	memcpy(dst, p->old, p->words * 8);
	assert_int_equal(unit_run(&run), AXE_OK);
	assert_int_equal(run.done, p->record_len / ENTRY * 8);
	assert_int_equal(run.result[0], 0);
	assert_memory_equal(dst, p->new, p->words * 8);
	free(dst);
}

static void axe_delta__any_cut(void **state)
{
	static const size_t words[] = { 0, 1, 2, 9, 100, 1000 };
	static const unsigned int one_in[] = { 1, 2, 20, 100000 };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		for (size_t k = 0; k < ARRAY_SIZE(one_in); k++) {
			struct pair p;

			pair_make(&p, words[i], one_in[k]);
			for_each_cut(src_cut)
				for_each_cut(dst_cut) {
					create(&p, p.record_len, src_cut, dst_cut);
					create(&p, p.record_len + 23, src_cut, dst_cut);
					create(&p, unit_random(p.record_len + 1), src_cut, dst_cut);
					apply(&p, src_cut, dst_cut);
				}
			pair_free(&p);
		}
}

/* The longest, where the number of a word just fits. */
static void axe_delta__longest(void **state)
{
	struct pair p;

	pair_make(&p, WORDS_MAX, 1);
	assert_int_equal(p.words * 8, axe_ops[AXE_OP_DELTA_CREATE]->max_src);
	assert_int_equal(p.words * 8, axe_ops[AXE_OP_DELTA_APPLY]->max_dst);
	assert_int_equal(p.record_len, axe_ops[AXE_OP_DELTA_CREATE]->max_dst);
	assert_int_equal(p.record_len, axe_ops[AXE_OP_DELTA_APPLY]->max_src);
	create(&p, p.record_len, UNIT_PAGES, UNIT_WHOLE);
	apply(&p, UNIT_RANDOM, UNIT_PAGES);
	pair_free(&p);
}

/* Any bytes at all are a record, or are refused at the first entry that makes it none. */
static void axe_delta_apply_exec__noise(void **state)
{
	for (int i = 0; i < 3000; i++) {
		u8 record[ENTRY * 12], dst[8 * 20], want[8 * 20];
		size_t entries = unit_random(13), words = unit_random(21), at = 0;
		int next = 0;
		struct unit_run run = {
			.cmd = unit_cmd(AXE_OP_DELTA_APPLY),
			.src = record,
			.src_len = entries * ENTRY,
			.dst = dst,
			.dst_len = words * 8,
			.src_cut = unit_random(UNIT_CUTS),
			.dst_cut = unit_random(UNIT_CUTS),
		};

		unit_random_bytes(record, sizeof(record));
		unit_random_bytes(dst, sizeof(dst));
		memcpy(want, dst, sizeof(dst));
		for (size_t e = 0; e < entries; e++) {
			/* Sometimes anywhere, or the same again; most often forward. */
			int word = unit_random(12) ? next + (int)unit_random(3) :
				   unit_random(2) && next ? next - 1 : (int)unit_random(65536);

			record[e * ENTRY] = word & 0xff;
			record[e * ENTRY + 1] = word >> 8;
			if (at != e || word < next || word >= (int)words)
				continue;
			memcpy(want + word * 8, record + e * ENTRY + 2, 8);
			next = word + 1;
			at++;
		}
		unit_run(&run);
		assert_int_equal(run.code, at == entries ? AXE_OK : AXE_ERR_DATA);
		assert_int_equal(run.result[0], at == entries ? 0 : at * ENTRY);
		assert_int_equal(run.done, at * 8);
		assert_memory_equal(dst, want, sizeof(dst));
	}
}

static void axe_delta_check__blocks(void **state)
{
	for (size_t i = 0; i < 16; i++) {
		struct axe_cmd cmd = unit_cmd(AXE_OP_DELTA_CREATE);

		cmd.op.raw[i] = 1;
		assert_int_equal(unit_check(&cmd, NULL), AXE_ERR_RESERVED);
		cmd.opcode = cpu_to_le16(AXE_OP_DELTA_APPLY);
		assert_int_equal(unit_check(&cmd, NULL), AXE_ERR_RESERVED);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(axe_delta__any_cut),
	cmocka_unit_test(axe_delta__longest),
	cmocka_unit_test(axe_delta_apply_exec__noise),
	cmocka_unit_test(axe_delta_check__blocks),
};

int main(void)
{
	return unit_main("delta", tests, ARRAY_SIZE(tests));
}
