// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Data movement: what is refused, what is left after it, and third operands. */

#include "ops.h"

static bool all_are(const uint8_t *p, size_t n, uint8_t c)
{
	while (n && *p == c)
		p++, n--;
	return !n;
}

/*---- dualcast ----*/

static void dualcast__overlap(void **state)
{
	/* source, destinations; 3000 bytes each */
	static const size_t at[][3] = {
		{ 0, 2999, 9000 }, { 0, 9000, 2999 }, { 9000, 0, 2999 }, { 9000, 2999, 0 },
		{ 0, 0, 9000 }, { 0, 9000, 0 }, { 9000, 0, 0 },
	};
	uint8_t *p = pages(4 * PAGE);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		struct ibv_sge src = here(&rig, p + at[i][0], 3000);
		struct ibv_sge dst1 = here(&rig, p + at[i][1], 3000);
		struct ibv_sge dst2 = here(&rig, p + at[i][2], 3000);

		memset(p, 1, 3 * PAGE);
		p[at[i][0]] = 2;
		assert_code(run(&rig, dualcast, &dst1, &dst2, &src), AXE_ERR_OVERLAP);
		p[at[i][0]] = 1;
		demand(all_are(p, 3 * PAGE, 1), "something was written");
	}
	munmap(p, 4 * PAGE);
}

static void dualcast__three_lengths(void **state)
{
	uint8_t *p = pages(PAGE);
	unsigned int i;

	for (i = 0; i < 3; i++) {
		struct ibv_sge src = here(&rig, p, 100 + (i == 0));
		struct ibv_sge dst1 = here(&rig, p + 500, 100 + (i == 1));
		struct ibv_sge dst2 = here(&rig, p + 1000, 100 + (i == 2));

		assert_code(run(&rig, dualcast, &dst1, &dst2, &src), AXE_ERR_LENGTH);
	}
	munmap(p, PAGE);
}

/* The third operand is looked at as the others are. */
static void dualcast__bad_second_destination(void **state)
{
	uint8_t *p = pages(16 * PAGE);
	struct ibv_mr *mr = ibv_reg_mr(rig.pd, p, 16 * PAGE, 0);
	struct ibv_sge src = here(&rig, p, 5 * PAGE), dst1 = here(&rig, p + 5 * PAGE, 5 * PAGE);
	struct ibv_sge dst2 = here(&rig, p + 10 * PAGE, 5 * PAGE);
	struct wc wc;

	assert_non_null(mr);
	memset(p, 7, 5 * PAGE);
	dst2.lkey ^= 0x5500;
	assert_code(run(&rig, dualcast, &dst1, &dst2, &src), AXE_ERR_KEY);
	dst2.lkey = mr->lkey;
	assert_code(run(&rig, dualcast, &dst1, &dst2, &src), AXE_ERR_ACCESS);
	demand(all_are(p + 5 * PAGE, 11 * PAGE, 0), "something was written");
	assert_int_equal(ibv_dereg_mr(mr), 0);

	/* A hole behind its second page: so far both are written. */
	dst2 = here(&rig, p + 10 * PAGE, 5 * PAGE);
	assert_int_equal(munmap(p + 12 * PAGE, PAGE), 0);
	wc = run(&rig, dualcast, &dst1, &dst2, &src);
	assert_code(wc, AXE_ERR_FAULT);
	assert_int_equal(wc.result[0], (uintptr_t)p + 12 * PAGE);
	assert_int_equal(wc.byte_len, 2 * PAGE);
	demand(all_are(p + 5 * PAGE, 2 * PAGE, 7) && all_are(p + 10 * PAGE, 2 * PAGE, 7),
	       "what byte_len tells");
	demand(all_are(p + 7 * PAGE, 3 * PAGE, 0) && all_are(p + 13 * PAGE, 3 * PAGE, 0),
	       "more than byte_len tells");
	assert_queue_works(&rig);
	munmap(p, 16 * PAGE);
}

/* What is written there is written in the process's own copy of a page. */
static void dualcast__second_destination_is_private(void **state)
{
	FILE *file = tmpfile();
	uint8_t *p = pages(2 * PAGE), *map;
	struct ibv_sge src, dst1, dst2;

	assert_non_null(file);
	assert_int_equal(ftruncate(fileno(file), PAGE), 0);
	map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fileno(file), 0);
	assert_true(map != MAP_FAILED);
	assert_int_equal(map[0], 0);
	memset(p, 9, PAGE);
	src = here(&rig, p, PAGE);
	dst1 = here(&rig, p + PAGE, PAGE);
	dst2 = here(&rig, map, PAGE);
	assert_done(run(&rig, dualcast, &dst1, &dst2, &src));
	demand(all_are(map, PAGE, 9), "not written");
	assert_int_equal(fseek(file, 0, SEEK_SET), 0);
	assert_int_equal(fgetc(file), 0);
	munmap(map, PAGE);
	munmap(p, 2 * PAGE);
	fclose(file);
}

static void dualcast__with_a_result_record(void **state)
{
	uint8_t *p = pages(PAGE);
	struct axe_result *rec = (void *)(p + 2048);
	struct ibv_sge src = here(&rig, p, 10), dst1 = here(&rig, p + 100, 10);
	struct ibv_sge dst2 = here(&rig, p + 200, 10);

	memcpy(p, "0123456789", 10);
	rig_begin(&rig, 77, IBV_SEND_SIGNALED);
	axedv_wr_dualcast(rig.qx, &dst1, &dst2, &src);
	axedv_wr_set_result(rig.qx, rig.mr->lkey, rec);
	rig_end(&rig);
	assert_done(rig_wait_for(&rig, 77));
	assert_memory_equal(p + 200, p, 10);
	assert_int_equal(rec->valid, 1);
	assert_int_equal(rec->byte_len, 10);
	munmap(p, PAGE);
}

/*---- compare-pattern ----*/

static void compare_pattern__bad_patterns(void **state)
{
	uint8_t *p = pages(PAGE);
	struct ibv_sge src = here(&rig, p, PAGE);
	struct axe_cmd cmd = { .opcode = AXE_OP_COMPARE_PATTERN };
	static const size_t sizes[] = { 0, 9, 255 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		rig_begin(&rig, 1, IBV_SEND_SIGNALED);
		axedv_wr_compare_pattern(rig.qx, &src, p, sizes[i]);
		assert_int_equal(ibv_wr_complete(rig.qx), EINVAL);
		cmd.op.fill.size = sizes[i];
		assert_code(run_cmd(&rig, &cmd, NULL), AXE_ERR_PARAM);
	}
	cmd.op.fill.size = 3;
	cmd.op.fill.pattern[3] = 1;
	assert_code(run_cmd(&rig, &cmd, NULL), AXE_ERR_RESERVED);
	munmap(p, PAGE);
}

/*---- delta records ----*/

/* A record that has no room is gone on with where it ended. */
static void delta_create__in_parts(void **state)
{
	size_t length = 64 * KIB, at = 0, from, n;
	uint8_t *p = pages(4 * length);
	uint8_t *old = p, *new = p + length, *copy = p + 2 * length, *record = p + 3 * length;
	unsigned int parts = 0;
	struct wc wc;

	fill_noise(old, length, 5);
	memcpy(new, old, length);
	memcpy(copy, old, length);
	for (from = 0; from < length; from += 72)
		new[from + 3]++;
	do {
		struct ibv_sge a = here(&rig, old + at, length - at);
		struct ibv_sge b = here(&rig, new + at, length - at);
		struct ibv_sge c = here(&rig, copy + at, length - at);
		struct ibv_sge r = here(&rig, record, 1234);

		wc = run(&rig, delta_create, &r, &a, &b);
		n = wc.byte_len;
		if (wc.code == AXE_ERR_FULL)
			assert_int_equal(n, 1230);
		else
			assert_done(wc);
		assert_int_equal(wc.result[0], 1);
		r.length = n;
		assert_done(run(&rig, delta_apply, &c, &r));
		at += wc.result[1];
		parts++;
	} while (wc.code == AXE_ERR_FULL);
	assert_int_equal(at, length);
	assert_between(parts, 8, 9);
	assert_memory_equal(copy, new, length);
	munmap(p, 4 * length);
}

static void delta_apply__bad_entries(void **state)
{
	static const uint16_t numbers[][4] = {
		/* the fourth: which of the three is refused */
		{ 5, 4, 6, 1 }, { 5, 5, 6, 1 }, { 0, 1, 512, 2 }, { 0xffff, 0, 0, 0 },
		{ 3, 9, 0, 2 },
	};
	uint8_t *p = pages(2 * PAGE), record[30];
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		struct ibv_sge src = here(&rig, record, 30), dst = here(&rig, p, PAGE);
		size_t good = numbers[i][3];
		struct wc wc;

		memset(p, 0, 2 * PAGE);
		memset(record, 0xaa, sizeof(record));
		for (k = 0; k < 3; k++) {
			record[k * 10] = numbers[i][k] & 0xff;
			record[k * 10 + 1] = numbers[i][k] >> 8;
		}
		wc = run(&rig, delta_apply, &dst, &src);
		assert_code(wc, AXE_ERR_DATA);
		assert_int_equal(wc.result[0], good * 10);
		assert_int_equal(wc.byte_len, good * 8);
		for (k = 0; k < good; k++) {
			demand(all_are(p + numbers[i][k] * 8, 8, 0xaa), "entry %u", k);
			memset(p + numbers[i][k] * 8, 0, 8);
		}
		demand(all_are(p, 2 * PAGE, 0), "more was written");
	}
	munmap(p, 2 * PAGE);
}

static void delta__lengths_and_overlap(void **state)
{
	uint8_t *p = pages(PAGE);
	struct ibv_sge a = here(&rig, p, 80), b = here(&rig, p + 100, 80);
	struct ibv_sge r = here(&rig, p + 200, 100);

	a.length = 79;
	b.length = 79;
	assert_code(run(&rig, delta_create, &r, &a, &b), AXE_ERR_LENGTH);
	a.length = 80;
	b.length = 72;
	assert_code(run(&rig, delta_create, &r, &a, &b), AXE_ERR_LENGTH);
	b.length = 80;
	r.length = AXE_DELTA_MAX / 8 * 10 + 1;
	assert_code(run(&rig, delta_create, &r, &a, &b), AXE_ERR_LENGTH);
	r.length = 99;
	assert_code(run(&rig, delta_apply, &a, &r), AXE_ERR_LENGTH);
	r.length = 100;
	a.length = 81;
	assert_code(run(&rig, delta_apply, &a, &r), AXE_ERR_LENGTH);
	a.length = 80;
	/* What is only read may overlap; the record nothing. */
	assert_done(run(&rig, delta_create, &r, &a, &a));
	r = here(&rig, p + 79, 100);
	assert_code(run(&rig, delta_create, &r, &a, &b), AXE_ERR_OVERLAP);
	assert_code(run(&rig, delta_create, &r, &b, &a), AXE_ERR_OVERLAP);
	r.length = 10;
	assert_code(run(&rig, delta_apply, &a, &r), AXE_ERR_OVERLAP);
	assert_queue_works(&rig);
	munmap(p, PAGE);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(dualcast__overlap),
	cmocka_unit_test(dualcast__three_lengths),
	cmocka_unit_test(dualcast__bad_second_destination),
	cmocka_unit_test(dualcast__second_destination_is_private),
	cmocka_unit_test(dualcast__with_a_result_record),
	cmocka_unit_test(compare_pattern__bad_patterns),
	cmocka_unit_test(delta_create__in_parts),
	cmocka_unit_test(delta_apply__bad_entries),
	cmocka_unit_test(delta__lengths_and_overlap),
};

LIVE_MAIN("move", tests, ops_setup, ops_teardown)
