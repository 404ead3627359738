// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The parts of axe ping that need no device: does the client notice what is wrong? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <zlib.h>

#include "../ping_ops.h"
#include "../ping_proto.h"
#include "../ping_stats.h"

#define SIZE 1000

/* An exchange whose answer is good: what a device would have made of it. */
struct exchange {
	struct ping_exchange x;
	const struct ping_op *op;
	uint8_t payload[SIZE * 2 + 2048];
	uint8_t plain[SIZE * 2 + 2048];
	uint8_t answer[SIZE * 2 + 2048];
};

static uint32_t crc32c(const uint8_t *p, size_t len)
{
	uint32_t crc = ~0U;

	while (len--) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc & 1 ? crc >> 1 ^ 0x82f63b78 : crc >> 1;
	}
	return ~crc;
}

static void answer_compress(struct exchange *e)
{
	uLongf len = sizeof(e->answer);

	assert_int_equal(compress2(e->answer, &len, e->payload, e->x.length, 6), Z_OK);
	e->x.answer_length = len;
	e->x.result[0] = adler32(adler32(0, NULL, 0), e->payload, e->x.length);
}

static void answer_decompress(struct exchange *e)
{
	uLongf len = sizeof(e->answer);

	assert_int_equal(uncompress(e->answer, &len, e->payload, e->x.length), Z_OK);
	e->x.answer_length = len;
	assert_int_equal(e->x.arg, len);
}

static void answer_compare(struct exchange *e)
{
	uint32_t half = e->x.length / 2, i = 0;

	while (i < half && e->payload[i] == e->payload[half + i])
		i++;
	e->x.result[0] = i < half ? i : UINT64_MAX;
}

static void answer_fill(struct exchange *e)
{
	for (uint32_t i = 0; i < e->x.length; i++)
		e->answer[i] = e->x.arg >> i % 8 * 8;
	e->x.answer_length = e->x.length;
}

static void answer_same(struct exchange *e)
{
	memcpy(e->answer, e->payload, e->x.length);
	e->x.answer_length = e->x.length;
}

static void answer(struct exchange *e)
{
	const char *op = e->op->name;

	if (!strcmp(op, "none") || !strcmp(op, "copy"))
		answer_same(e);
	else if (!strcmp(op, "fill"))
		answer_fill(e);
	else if (!strcmp(op, "compare"))
		answer_compare(e);
	else if (!strcmp(op, "crc32"))
		e->x.result[0] = crc32(0, e->payload, e->x.length);
	else if (!strcmp(op, "crc32c"))
		e->x.result[0] = crc32c(e->payload, e->x.length);
	else if (!strcmp(op, "compress"))
		answer_compress(e);
	else if (!strcmp(op, "decompress"))
		answer_decompress(e);
	else
		assert_string_equal(op, "nop");
}

static void begin(struct exchange *e, const struct ping_op *op, uint64_t seq, uint32_t size)
{
	memset(e, 0, sizeof(*e));
	e->op = op;
	e->x = (struct ping_exchange){
		.seq = seq,
		.size = size,
		.level = 6,
		.payload = e->payload,
		.plain = e->plain,
		.answer = e->answer,
	};
	op->prepare(&e->x);
	assert_true(e->x.length >= 1 && e->x.length <= ping_room(size));
	answer(e);
}

/* Calls a function with each operation: those that ping_op_names() lists. */
static void with_each_op(void (*call)(const struct ping_op *op))
{
	char names[256], *save, *name;
	unsigned int n = 0;

	assert_true(strlen(ping_op_names()) < sizeof(names));
	strcpy(names, ping_op_names());
	for (name = strtok_r(names, ", ", &save); name; name = strtok_r(NULL, ", ", &save)) {
		const struct ping_op *op = ping_op_find(name, strlen(name));

		assert_non_null(op);
		assert_string_equal(op->name, name);
		call(op);
		n++;
	}
	assert_true(n >= 9);
}

static void check_good(const struct ping_op *op)
{
	static const uint32_t sizes[] = { 1, 2, 3, 64, 999, SIZE };
	struct exchange e;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (uint64_t seq = 0; seq < 20; seq++) {
			begin(&e, op, seq, sizes[i]);
			assert_ptr_equal(op->check(&e.x), NULL);
		}
	}
}

static void check__good_answers(void **state)
{
	(void)state;
	with_each_op(check_good);
}

/* An answer has bytes, or results, or (nop) nothing but its form. */
static void check_bad(const struct ping_op *op)
{
	unsigned int missed = 0;
	struct exchange e;

	begin(&e, op, 5, SIZE);
	if (op->answers) {
		for (uint32_t i = 0; i < e.x.answer_length; i++) {
			e.answer[i] ^= 0x10;
			missed += !op->check(&e.x);
			e.answer[i] ^= 0x10;
		}
		/* The last byte of deflate has bits that mean nothing. */
		assert_true(missed <= (op->opcode == AXE_OP_COMPRESS));
		e.x.answer_length--;
		assert_non_null(op->check(&e.x));
		e.x.answer_length = 0;
		assert_non_null(op->check(&e.x));
		return;
	}
	e.x.answer_length = 1;
	assert_non_null(op->check(&e.x));
	e.x.answer_length = 0;
	assert_null(op->check(&e.x));
	e.x.result[0] ^= 1;
	if (op->opcode != AXE_OP_NOP)
		assert_non_null(op->check(&e.x));
}

static void check__bad_answers(void **state)
{
	(void)state;
	with_each_op(check_bad);
}

/* The answer to another ping, of the same size, is no good. */
static void check_other(const struct ping_op *op)
{
	struct exchange one, other;

	if (op->opcode == AXE_OP_NOP)
		return;
	begin(&one, op, 17, SIZE);
	begin(&other, op, 18, SIZE);
	one.x.answer = other.answer;
	one.x.answer_length = other.x.answer_length;
	memcpy(one.x.result, other.x.result, sizeof(one.x.result));
	assert_non_null(op->check(&one.x));
}

static void check__answers_to_another(void **state)
{
	(void)state;
	with_each_op(check_other);
}

static void ping_op_find__names_in_messages(void **state)
{
	char full[PING_NAME] = "compress", longer[PING_NAME + 1] = "copycopycopycopy";

	(void)state;
	assert_non_null(ping_op_find(full, sizeof(full)));
	assert_null(ping_op_find(longer, PING_NAME));
	assert_null(ping_op_find("", 0));
	assert_null(ping_op_find("comp", 4));
	assert_null(ping_op_find("compressed", 10));
}

static void ping_stats_percentile__nothing(void **state)
{
	static struct ping_stats s;

	(void)state;
	assert_int_equal(ping_stats_percentile(&s, 50), 0);
}

static void ping_stats_percentile__one_to_a_million(void **state)
{
	static const double percents[] = { 0.1, 1, 50, 90, 99, 99.9, 100 };
	static struct ping_stats s;
	uint64_t value;

	(void)state;
	for (uint64_t ns = 1000000; ns > 0; ns--)
		ping_stats_add(&s, ns);
	assert_int_equal(s.count, 1000000);
	assert_int_equal(s.min, 1);
	assert_int_equal(s.max, 1000000);
	assert_int_equal(s.sum, 500000500000);
	for (size_t i = 0; i < sizeof(percents) / sizeof(percents[0]); i++) {
		uint64_t exact = 10000 * percents[i];

		value = ping_stats_percentile(&s, percents[i]);
		assert_true(value >= exact && value <= exact + exact / 63);
	}
}

/* No value is put below itself, or more than 1/64 above; nothing is out of bounds. */
static void ping_stats_percentile__all_magnitudes(void **state)
{
	struct ping_stats *s = malloc(sizeof(*s));
	uint64_t value;

	(void)state;
	for (unsigned int bit = 0; bit < 64; bit++) {
		for (int off = -1; off <= 1; off++) {
			uint64_t ns = (1ULL << bit) + off;

			memset(s, 0, sizeof(*s));
			ping_stats_add(s, ns);
			ping_stats_add(s, UINT64_MAX);
			value = ping_stats_percentile(s, 50);
			if (bit > 0 && bit < 44)
				assert_true(value >= ns && value <= ns + ns / 64);
		}
	}
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check__good_answers),
		cmocka_unit_test(check__bad_answers),
		cmocka_unit_test(check__answers_to_another),
		cmocka_unit_test(ping_op_find__names_in_messages),
		cmocka_unit_test(ping_stats_percentile__nothing),
		cmocka_unit_test(ping_stats_percentile__one_to_a_million),
		cmocka_unit_test(ping_stats_percentile__all_magnitudes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
