// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Operations, on memory of every kind, against zlib and a CRC-32C of our own. */

#include <zlib.h>

#include "area.h"
#include "common.h"
#include "vectors.h"

static struct rig rig;

/*---- each operation once, for given operands ----*/

struct operands {
	struct area *src;
	struct area *dst;
	size_t src_at;
	size_t dst_at;
	size_t length;
	uint32_t seed;
};

static void check_nop(const struct operands *o)
{
	struct wc wc = run(&rig, nop);

	assert_done(wc);
	assert_int_equal(wc.byte_len, 0);
}

static void check_copy(const struct operands *o)
{
	struct ibv_sge src = part(o->src, o->src_at, o->length);
	struct ibv_sge dst = part(o->dst, o->dst_at, o->length);
	struct wc wc;

	fill_noise(o->src->p + o->src_at, o->length, o->seed);
	edges_set(o->dst->p + o->dst_at, o->length);
	wc = run(&rig, copy, &dst, &src);
	assert_done(wc);
	assert_int_equal(wc.byte_len, o->length);
	demand(!memcmp(o->dst->p + o->dst_at, o->src->p + o->src_at, o->length),
	       "copy of %zu bytes from %zu to %zu", o->length, o->src_at, o->dst_at);
	edges_check(o->dst->p + o->dst_at, o->length, "copy");
}

static void check_fill(const struct operands *o)
{
	struct ibv_sge dst = part(o->dst, o->dst_at, o->length);
	uint8_t *p = o->dst->p + o->dst_at;
	uint8_t pattern[8];
	size_t size, i;
	struct wc wc;

	fill_noise(pattern, sizeof(pattern), o->seed);
	for (size = 1; size <= 8; size++) {
		edges_set(p, o->length);
		wc = run(&rig, fill, &dst, pattern, size);
		assert_done(wc);
		assert_int_equal(wc.byte_len, o->length);
		for (i = 0; i < o->length && p[i] == pattern[i % size]; i++)
			;
		demand(i == o->length, "fill of %zu bytes with %zu: wrong at %zu", o->length, size,
		       i);
		edges_check(p, o->length, "fill");
		/* Long ones: once is enough. */
		if (o->length > MIB)
			size += 4;
	}
}

static void check_compare(const struct operands *o)
{
	struct ibv_sge src = part(o->src, o->src_at, o->length);
	struct ibv_sge dst = part(o->dst, o->dst_at, o->length);
	uint8_t *a = o->src->p + o->src_at, *b = o->dst->p + o->dst_at;
	size_t places[] = { 0, o->length / 3, o->length - 1 };
	struct wc wc;
	size_t i;

	fill_noise(a, o->length, o->seed);
	memcpy(b, a, o->length);
	/* The difference is within, not around. */
	a[-1] = 1, b[-1] = 2, a[o->length] = 3, b[o->length] = 4;
	wc = run(&rig, compare, &src, &dst);
	assert_done(wc);
	demand(wc.result[0] == UINT64_MAX, "equal, but different at %#llx",
	       (unsigned long long)wc.result[0]);

	for (i = 0; o->length && i < ARRAY_SIZE(places); i++) {
		b[places[i]] ^= 0x10;
		wc = run(&rig, compare, &src, &dst);
		assert_done(wc);
		demand(wc.result[0] == places[i], "different at %zu, not at %#llx", places[i],
		       (unsigned long long)wc.result[0]);
		b[places[i]] ^= 0x10;
	}
}

static void check_crc32(const struct operands *o)
{
	struct ibv_sge src = part(o->src, o->src_at, o->length);
	uint8_t *p = o->src->p + o->src_at;
	struct wc wc;

	fill_noise(p, o->length, o->seed);
	wc = run(&rig, crc32, &src, 0);
	assert_done(wc);
	assert_int_equal(wc.result[0], crc32_z(0, p, o->length));
	wc = run(&rig, crc32, &src, 0xdeadbeef);
	assert_done(wc);
	assert_int_equal(wc.result[0], crc32_z(0xdeadbeef, p, o->length));
}

static void check_crc32c(const struct operands *o)
{
	struct ibv_sge src = part(o->src, o->src_at, o->length);
	uint8_t *p = o->src->p + o->src_at;
	struct wc wc;

	fill_noise(p, o->length, o->seed);
	wc = run(&rig, crc32c, &src, 0);
	assert_done(wc);
	assert_int_equal(wc.result[0], crc32c(0, p, o->length));
	wc = run(&rig, crc32c, &src, 0xdeadbeef);
	assert_done(wc);
	assert_int_equal(wc.result[0], crc32c(0xdeadbeef, p, o->length));
}

/* Where zlib works; as long as the longest operand. */
static uint8_t *scratch;
#define SCRATCH (17 * MIB)

static void check_compress(const struct operands *o)
{
	int format = o->seed % 3, level = o->length > MIB ? 1 : o->seed % 9 + 1;
	size_t room = DEFLATE_ROOM(o->length);
	struct ibv_sge src = part(o->src, o->src_at, o->length);
	struct ibv_sge dst = part(o->dst, o->dst_at, room);
	uint8_t *p = o->src->p + o->src_at, *z = o->dst->p + o->dst_at;
	struct wc wc;
	long n;

	fill_text(p, o->length, o->seed);
	edges_set(z, room);
	wc = run(&rig, compress, &dst, &src, format, level, 0);
	assert_done(wc);
	edges_check(z, room, "compress");
	assert_int_equal(wc.result[0], zlib_sum(format, p, o->length));
	assert_int_equal(wc.result[1], o->length);
	n = zlib_inflate(format, scratch, o->length, z, wc.byte_len);
	demand(n == (long)o->length, "zlib finds %ld bytes, not %zu", n, o->length);
	demand(!memcmp(scratch, p, o->length), "not what was compressed");
	demand(o->length < 4096 || wc.byte_len < o->length * 3 / 4, "%u bytes of %zu",
	       wc.byte_len, o->length);
}

static void check_decompress(const struct operands *o)
{
	int format = o->seed % 3, level = o->length > MIB ? 1 : o->seed % 10;
	struct ibv_sge src, dst = part(o->dst, o->dst_at, o->length);
	uint8_t *p = o->dst->p + o->dst_at, *z = o->src->p + o->src_at;
	struct wc wc;
	size_t n;

	fill_text(scratch, o->length, o->seed);
	n = zlib_deflate(format, level, z, o->src->size - o->src_at, scratch, o->length);
	assert_int_not_equal(n, 0);
	src = part(o->src, o->src_at, n);
	edges_set(p, o->length);
	wc = run(&rig, decompress, &dst, &src, format, 0);
	assert_done(wc);
	edges_check(p, o->length, "decompress");
	assert_int_equal(wc.byte_len, o->length);
	assert_int_equal(wc.result[0], zlib_sum(format, p, o->length));
	assert_int_equal(wc.result[1], n);
	demand(!memcmp(p, scratch, o->length), "not what was compressed");
}

static void (*const checks[AXE_OP_MAX])(const struct operands *o) = {
	[AXE_OP_NOP] = check_nop,
	[AXE_OP_COPY] = check_copy,
	[AXE_OP_FILL] = check_fill,
	[AXE_OP_COMPARE] = check_compare,
	[AXE_OP_CRC32] = check_crc32,
	[AXE_OP_CRC32C] = check_crc32c,
	[AXE_OP_COMPRESS] = check_compress,
	[AXE_OP_DECOMPRESS] = check_decompress,
};

static void check_all(struct area *src, struct area *dst, size_t src_at, size_t dst_at,
		      size_t length, uint32_t seed)
{
	struct operands o = {
		.src = src, .dst = dst, .src_at = src_at, .dst_at = dst_at,
		.length = length, .seed = seed,
	};
	unsigned int op;

	for (op = 0; op < AXE_OP_MAX; op++)
		checks[op](&o);
}

/* A new operation of the device needs its lines above, or nobody knows that it works. */
static void query_ops__each_has_vectors(void **state)
{
	struct axe_op_info ops[64];
	int n = axedv_query_ops(rig.ctx, ops, ARRAY_SIZE(ops));
	int i;

	assert_between(n, 1, ARRAY_SIZE(ops));
	for (i = 0; i < n; i++)
		demand(ops[i].opcode < ARRAY_SIZE(checks) && checks[ops[i].opcode],
		       "no vectors for operation %s", ops[i].name);
}

static const size_t short_lengths[] = {
	0, 1, 2, 7, 8, 63, 100, 4095, 4096, 4097, 8192, 65535, 65537, 200001,
};

static void ops_on(enum kind kind)
{
	struct area src, dst;
	unsigned int i;

	area_make(&rig, &src, kind, 512 * KIB);
	area_make(&rig, &dst, kind, 512 * KIB);
	for (i = 0; i < ARRAY_SIZE(short_lengths); i++)
		check_all(&src, &dst, PAGE + i * 131 % 4096, PAGE + i * 577 % 4096,
			  short_lengths[i], i);
	area_free(&src);
	area_free(&dst);
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
	struct area src, dst;
	unsigned int i;

	area_make(&rig, &src, IMPLICIT, 4 * PAGE);
	area_make(&rig, &dst, IMPLICIT, 4 * PAGE);
	for (i = 0; i < 64; i++)
		check_all(&src, &dst, 2 * PAGE - 20 + i % 8, 2 * PAGE - 24 + i / 8, 17 + i % 23, i);
	area_free(&src);
	area_free(&dst);
}

static void ops__one_mebibyte(void **state)
{
	struct area src, dst;

	area_make(&rig, &src, IMPLICIT, 2 * MIB);
	area_make(&rig, &dst, PINNED, 2 * MIB);
	check_all(&src, &dst, 4097, 333, MIB, 5);
	area_free(&src);
	area_free(&dst);
}

static void ops__sixteen_mebibytes(void **state)
{
	struct area src, dst;

	area_make(&rig, &src, IMPLICIT, 17 * MIB);
	area_make(&rig, &dst, EXPLICIT, 17 * MIB);
	check_all(&src, &dst, 12345, 54321, 16 * MIB, 0);
	area_free(&src);
	area_free(&dst);
}

/*---- copy ----*/

static void move(uint8_t *buffer, uint8_t *model, size_t size, size_t from, size_t to,
		 size_t length)
{
	struct ibv_sge src = here(&rig, buffer + from, length);
	struct ibv_sge dst = here(&rig, buffer + to, length);
	struct wc wc;

	fill_noise(buffer, size, from + to + length);
	memcpy(model, buffer, size);
	memmove(model + to, model + from, length);
	wc = run(&rig, copy, &dst, &src);
	assert_done(wc);
	demand(!memcmp(buffer, model, size), "move of %zu bytes from %zu to %zu", length, from, to);
}

static void copy__overlap_is_a_move(void **state)
{
	static const size_t distances[] = { 0, 1, 7, 64, 4095, 4096, 4097, 65536, 70001, 131072 };
	size_t size = MIB;
	uint8_t *buffer = pages(size), *model = pages(size);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(distances); i++) {
		move(buffer, model, size, 5000, 5000 + distances[i], 300000);
		move(buffer, model, size, 5000 + distances[i], 5000, 300000);
		move(buffer, model, size, 4096, 4096 + distances[i], 8192);
		move(buffer, model, size, 4096 + distances[i], 4096, 8192);
	}
	munmap(buffer, size);
	munmap(model, size);
}

/* The same memory by two names. */
static void copy__overlap_through_two_regions(void **state)
{
	struct area a;
	struct ibv_sge src, dst;
	uint8_t *model = pages(MIB);
	struct wc wc;

	area_make(&rig, &a, IOVA, MIB);
	fill_noise(a.p, MIB, 1);
	memcpy(model, a.p, MIB);
	memmove(model + 5000, model, 500000);
	src = part(&a, 0, 500000);
	dst = here(&rig, a.p + 5000, 500000);
	wc = run(&rig, copy, &dst, &src);
	assert_done(wc);
	assert_memory_equal(a.p, model, MIB);
	area_free(&a);
	munmap(model, MIB);
}

static void copy__two_lengths(void **state)
{
	uint8_t *p = pages(PAGE);
	struct ibv_sge src = here(&rig, p, 100), dst = here(&rig, p + 2000, 99);
	struct wc wc = run(&rig, copy, &dst, &src);

	assert_code(wc, AXE_ERR_LENGTH);
	dst.length = 101;
	wc = run(&rig, copy, &dst, &src);
	assert_code(wc, AXE_ERR_LENGTH);
	wc = run(&rig, compare, &dst, &src);
	assert_code(wc, AXE_ERR_LENGTH);
	assert_queue_works(&rig);
	munmap(p, PAGE);
}

/*---- checksums ----*/

static void crc32c__rfc_3720(void **state)
{
	/* RFC 3720, B.4 */
	uint8_t bytes[32] = {};
	struct ibv_sge src = here(&rig, bytes, 32);
	unsigned int i;
	struct wc wc;

	memset(bytes, 0, 32);
	wc = run(&rig, crc32c, &src, 0);
	assert_int_equal(wc.result[0], 0x8a9136aa);
	memset(bytes, 0xff, 32);
	wc = run(&rig, crc32c, &src, 0);
	assert_int_equal(wc.result[0], 0x62a8ab43);
	for (i = 0; i < 32; i++)
		bytes[i] = i;
	wc = run(&rig, crc32c, &src, 0);
	assert_int_equal(wc.result[0], 0x46dd794e);
	for (i = 0; i < 32; i++)
		bytes[i] = 31 - i;
	wc = run(&rig, crc32c, &src, 0);
	assert_int_equal(wc.result[0], 0x113fdb5c);
}

static void crc__goes_on_from_a_seed(void **state)
{
	uint8_t *p = pages(MIB);
	struct ibv_sge whole = here(&rig, p, 300001);
	struct ibv_sge first = here(&rig, p, 77777), rest = here(&rig, p + 77777, 300001 - 77777);
	struct wc a, b;

	fill_noise(p, 300001, 9);
	a = run(&rig, crc32, &first, 0);
	b = run(&rig, crc32, &rest, a.result[0]);
	a = run(&rig, crc32, &whole, 0);
	assert_done(a);
	assert_int_equal(a.result[0], b.result[0]);

	a = run(&rig, crc32c, &first, 0);
	b = run(&rig, crc32c, &rest, a.result[0]);
	a = run(&rig, crc32c, &whole, 0);
	assert_done(a);
	assert_int_equal(a.result[0], b.result[0]);
	munmap(p, MIB);
}

static int setup(void **state)
{
	rig_open(&rig, NULL);
	scratch = pages(SCRATCH);
	return 0;
}

static int teardown(void **state)
{
	rig_close(&rig);
	return 0;
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(query_ops__each_has_vectors),
	cmocka_unit_test(ops__implicit_region),
	cmocka_unit_test(ops__explicit_region),
	cmocka_unit_test(ops__pinned_region),
	cmocka_unit_test(ops__region_at_another_address),
	cmocka_unit_test(ops__pinned_region_at_another_address),
	cmocka_unit_test(ops__any_alignment),
	cmocka_unit_test(ops__one_mebibyte),
	cmocka_unit_test(ops__sixteen_mebibytes),
	cmocka_unit_test(copy__overlap_is_a_move),
	cmocka_unit_test(copy__overlap_through_two_regions),
	cmocka_unit_test(copy__two_lengths),
	cmocka_unit_test(crc32c__rfc_3720),
	cmocka_unit_test(crc__goes_on_from_a_seed),
};

LIVE_MAIN("ops", tests, setup, teardown)
