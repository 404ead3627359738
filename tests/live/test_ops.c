// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Operations, on memory of every kind, against zlib and a CRC-32C of our own. */

#include <zlib.h>

#include "common.h"
#include "vectors.h"

static struct rig rig;

/*---- memory of every kind ----*/

enum kind { IMPLICIT, EXPLICIT, PINNED, IOVA, IOVA_PINNED };

/**
 * struct area - memory and how the device sees it
 * @p:		the memory; a page before and a page behind belong to nobody
 * @mr:		NULL: the implicit region
 * @base:	@p in the region's terms
 */
struct area {
	uint8_t *p;
	size_t size;
	struct ibv_mr *mr;
	uint64_t base;
};

static void area_make(struct area *a, enum kind kind, size_t size)
{
	int access = IBV_ACCESS_LOCAL_WRITE;

	a->p = pages(size);
	a->size = size;
	a->base = (uintptr_t)a->p;
	if (kind == IMPLICIT) {
		a->mr = NULL;
		return;
	}
	if (kind == EXPLICIT || kind == IOVA)
		access |= IBV_ACCESS_ON_DEMAND;
	if (kind == IOVA || kind == IOVA_PINNED)
		a->base = 0x5a5a00000000 + ((uintptr_t)a->p & (PAGE - 1));
	a->mr = ibv_reg_mr_iova(rig.pd, a->p, size, a->base, access);
	demand(a->mr, "ibv_reg_mr_iova");
}

static void area_free(struct area *a)
{
	if (a->mr)
		assert_int_equal(ibv_dereg_mr(a->mr), 0);
	munmap(a->p, a->size);
}

static struct ibv_sge part(const struct area *a, size_t offset, size_t length)
{
	demand(offset + length <= a->size, "outside of the area");
	return (struct ibv_sge) {
		.addr = a->base + offset,
		.length = length,
		.lkey = a->mr ? a->mr->lkey : rig.mr->lkey,
	};
}

/* What lies around a result must stay as it was. */
#define EDGE 64

static void edges_set(uint8_t *p, size_t length)
{
	memset(p - EDGE, 0xee, EDGE);
	memset(p + length, 0xdd, EDGE);
}

static void edges_check(const uint8_t *p, size_t length, const char *what)
{
	unsigned int i;

	for (i = 0; i < EDGE; i++) {
		demand(p[-1 - (int)i] == 0xee, "%s wrote %u bytes before its destination", what, i + 1);
		demand(p[length + i] == 0xdd, "%s wrote %u bytes behind its destination", what, i + 1);
	}
}

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
		demand(i == o->length, "fill of %zu bytes with %zu: wrong at %zu", o->length, size, i);
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

/* The destination of all tests is at least this much longer than their source. */
#define DEFLATE_ROOM(n) ((n) + (n) / 1000 + 64)

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

	assert_in_range(n, 1, ARRAY_SIZE(ops));
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

	area_make(&src, kind, 512 * KIB);
	area_make(&dst, kind, 512 * KIB);
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

	area_make(&src, IMPLICIT, 4 * PAGE);
	area_make(&dst, IMPLICIT, 4 * PAGE);
	for (i = 0; i < 64; i++)
		check_all(&src, &dst, 2 * PAGE - 20 + i % 8, 2 * PAGE - 24 + i / 8, 17 + i % 23, i);
	area_free(&src);
	area_free(&dst);
}

static void ops__one_mebibyte(void **state)
{
	struct area src, dst;

	area_make(&src, IMPLICIT, 2 * MIB);
	area_make(&dst, PINNED, 2 * MIB);
	check_all(&src, &dst, 4097, 333, MIB, 5);
	area_free(&src);
	area_free(&dst);
}

static void ops__sixteen_mebibytes(void **state)
{
	struct area src, dst;

	area_make(&src, IMPLICIT, 17 * MIB);
	area_make(&dst, EXPLICIT, 17 * MIB);
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

	area_make(&a, IOVA, MIB);
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

/*---- compress ----*/

static void compress__each_format_and_level(void **state)
{
	size_t length = 100000, room = DEFLATE_ROOM(length);
	uint8_t *p = pages(length), *z = pages(room);
	struct ibv_sge src = here(&rig, p, length), dst = here(&rig, z, room);
	int format, level;
	struct wc wc;
	long n;

	fill_text(p, length, 4);
	for (format = 0; format < 3; format++) {
		uint32_t first = 0, last = 0;

		for (level = 0; level <= 9; level++) {
			wc = run(&rig, compress, &dst, &src, format, level, 0);
			assert_done(wc);
			assert_int_equal(wc.result[0], zlib_sum(format, p, length));
			n = zlib_inflate(format, scratch, length, z, wc.byte_len);
			demand(n == (long)length && !memcmp(scratch, p, length),
			       "format %d level %d: %ld bytes", format, level, n);
			if (level == 1)
				first = wc.byte_len;
			last = wc.byte_len;
		}
		/* A level means something. */
		demand(last < first, "level 9 makes %u bytes, level 1 %u", last, first);
	}
	munmap(p, length);
	munmap(z, room);
}

/* Data far apart, within 32 KiB: found only by who has the whole window. */
static void compress__uses_the_whole_window(void **state)
{
	size_t half = 32 * KIB - 512, room = DEFLATE_ROOM(2 * half);
	uint8_t *p = pages(2 * half), *z = pages(room);
	struct ibv_sge src = here(&rig, p, 2 * half), dst = here(&rig, z, room);
	struct wc wc;

	fill_noise(p, half, 3);
	memcpy(p + half, p, half);
	wc = run(&rig, compress, &dst, &src, AXE_FORMAT_RAW, 9, 0);
	assert_done(wc);
	demand(wc.byte_len < half + half / 10, "%u bytes for %zu bytes of noise, twice",
	       wc.byte_len, half);
	assert_int_equal(zlib_inflate(AXE_FORMAT_RAW, scratch, 2 * half, z, wc.byte_len), 2 * half);
	assert_memory_equal(scratch, p, 2 * half);
	munmap(p, 2 * half);
	munmap(z, room);
}

/* Pieces made apart, in any order, put together to one gzip member. */
static void compress__pieces_form_one_stream(void **state)
{
	static const size_t lengths[] = { 100000, 0, 1, 65536, 4096, 131073, 0 };
	size_t total = 0, used = 0, i;
	uint8_t *p = pages(MIB), *out = pages(MIB);
	uint32_t sum;
	struct wc wc;

	fill_text(p, MIB, 12);
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		bool last = i == ARRAY_SIZE(lengths) - 1;
		struct ibv_sge src = here(&rig, p + total, lengths[i]);
		struct ibv_sge dst = here(&rig, out + 10 + used, MIB - 10 - used);

		wc = run(&rig, compress, &dst, &src, AXE_FORMAT_RAW, 6,
			 last ? 0 : AXE_DEFLATE_NO_FINAL);
		assert_done(wc);
		assert_int_equal(wc.result[0], crc32_z(0, p + total, lengths[i]));
		if (!last) {
			/* On a byte's end, behind an empty stored block. */
			assert_true(wc.byte_len >= 5);
			assert_memory_equal(out + 10 + used + wc.byte_len - 4, "\0\0\xff\xff", 4);
		}
		total += lengths[i];
		used += wc.byte_len;
	}
	memcpy(out, "\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);
	sum = crc32_z(0, p, total);
	memcpy(out + 10 + used, &sum, 4);
	memcpy(out + 14 + used, &(uint32_t){ total }, 4);
	assert_int_equal(zlib_inflate(AXE_FORMAT_GZIP, scratch, total, out, used + 18), total);
	assert_memory_equal(scratch, p, total);
	munmap(p, MIB);
	munmap(out, MIB);
}

static void compress__destination_too_small(void **state)
{
	size_t length = 50000;
	uint8_t *p = pages(length), *z = pages(length * 2);
	struct ibv_sge src = here(&rig, p, length), dst = here(&rig, z, length * 2);
	struct wc wc;
	uint32_t need;
	int format;

	fill_text(p, length, 1);
	for (format = 0; format < 3; format++) {
		dst.length = length * 2;
		wc = run(&rig, compress, &dst, &src, format, 6, 0);
		assert_done(wc);
		need = wc.byte_len;

		dst.length = need;
		wc = run(&rig, compress, &dst, &src, format, 6, 0);
		assert_done(wc);
		assert_int_equal(wc.byte_len, need);

		for (dst.length = need - 1; ; dst.length /= 2) {
			edges_set(z + EDGE, dst.length);
			dst.addr = (uintptr_t)z + EDGE;
			wc = run(&rig, compress, &dst, &src, format, 6, 0);
			assert_code(wc, AXE_ERR_FULL);
			edges_check(z + EDGE, dst.length, "compress");
			if (!dst.length)
				break;
		}
	}
	assert_queue_works(&rig);
	munmap(p, length);
	munmap(z, length * 2);
}

static void compress__overlap(void **state)
{
	uint8_t *p = pages(64 * KIB);
	struct ibv_sge src = here(&rig, p, 32 * KIB), dst = here(&rig, p + 32 * KIB - 1, 32 * KIB);
	struct wc wc = run(&rig, compress, &dst, &src, AXE_FORMAT_RAW, 6, 0);

	assert_code(wc, AXE_ERR_OVERLAP);
	wc = run(&rig, decompress, &dst, &src, AXE_FORMAT_RAW, 0);
	assert_code(wc, AXE_ERR_OVERLAP);
	dst = here(&rig, p + 32 * KIB, 32 * KIB);
	wc = run(&rig, compress, &dst, &src, AXE_FORMAT_RAW, 6, 0);
	assert_done(wc);
	munmap(p, 64 * KIB);
}

/*---- decompress ----*/

/* A gzip member with all fields that a header may have, as RFC 1952 has them. */
static void decompress__gzip_header_fields(void **state)
{
	uint8_t *z = pages(PAGE), *p = pages(PAGE);
	struct ibv_sge src, dst = here(&rig, p, 100);
	size_t n = 0, header;
	struct wc wc;

	memcpy(z, "\x1f\x8b\x08\x1e\x11\x22\x33\x44\x00\x03", 10);
	n = 10;
	memcpy(z + n, "\x05\x00" "extra", 7);
	n += 7;
	memcpy(z + n, "name.txt", 9);
	n += 9;
	memcpy(z + n, "a comment", 10);
	n += 10;
	header = n;
	memcpy(z + n, &(uint16_t){ crc32_z(0, z, header) }, 2);
	n += 2;
	n += zlib_deflate(AXE_FORMAT_RAW, 6, z + n, 1000, "hello", 5);
	memcpy(z + n, &(uint32_t){ crc32_z(0, (void *)"hello", 5) }, 4);
	memcpy(z + n + 4, &(uint32_t){ 5 }, 4);
	n += 8;
	assert_int_equal(zlib_inflate(AXE_FORMAT_GZIP, scratch, 100, z, n), 5);

	/* What follows the member is the next one's: not looked at, not counted. */
	src = here(&rig, z, n + 33);
	wc = run(&rig, decompress, &dst, &src, AXE_FORMAT_GZIP, 0);
	assert_done(wc);
	assert_int_equal(wc.byte_len, 5);
	assert_int_equal(wc.result[1], n);
	assert_memory_equal(p, "hello", 5);

	z[header] ^= 1;
	wc = run(&rig, decompress, &dst, &src, AXE_FORMAT_GZIP, 0);
	assert_code(wc, AXE_ERR_CHECKSUM);
	munmap(z, PAGE);
	munmap(p, PAGE);
}

static void decompress__stream_in_odd_parts(void **state)
{
	size_t length = 300000, n, done = 0, at = 0, step = 1;
	uint8_t *p = pages(length), *z = pages(MIB), *out = pages(length + PAGE);
	struct wc wc;
	int format;

	fill_text(p, length, 8);
	for (format = 0; format < 3; format++) {
		n = zlib_deflate(format, 6, z, MIB, p, length);
		assert_int_not_equal(n, 0);
		at = done = 0;
		do {
			size_t in = step * 37 % 9001, room = step * 91 % 20011;
			struct ibv_sge src, dst;
			uint32_t flags = AXE_DEFLATE_STREAM;

			in = in < n - at ? in : n - at;
			room = room < length - done ? room : length - done;
			src = here(&rig, z + at, in);
			dst = here(&rig, out + done, room);
			wc = run(&rig, decompress, &dst, &src, format,
				 at ? flags : flags | AXE_DEFLATE_RESTART);
			demand(wc.code == AXE_OK || wc.code == AXE_INFO_MORE, "code %d at %zu",
			       wc.code, at);
			demand(wc.result[1] <= in && wc.byte_len <= room, "more than there is");
			at += wc.result[1];
			done += wc.byte_len;
			demand(step++ < 10000, "the stream stands still");
		} while (wc.code == AXE_INFO_MORE);
		assert_int_equal(at, n);
		assert_int_equal(done, length);
		assert_int_equal(wc.result[0], zlib_sum(format, p, length));
		assert_memory_equal(out, p, length);
	}
	munmap(p, length);
	munmap(z, MIB);
	munmap(out, length + PAGE);
}

static void decompress__stream_of_another_format(void **state)
{
	uint8_t *p = pages(PAGE), *z = pages(PAGE), *out = pages(PAGE);
	struct ibv_sge src, dst = here(&rig, out, PAGE);
	struct wc wc;
	size_t n;

	fill_text(p, 2000, 2);
	n = zlib_deflate(AXE_FORMAT_GZIP, 6, z, PAGE, p, 2000);
	src = here(&rig, z, n / 2);
	wc = run(&rig, decompress, &dst, &src, AXE_FORMAT_GZIP,
		 AXE_DEFLATE_STREAM | AXE_DEFLATE_RESTART);
	assert_code(wc, AXE_INFO_MORE);
	wc = run(&rig, decompress, &dst, &src, AXE_FORMAT_ZLIB, AXE_DEFLATE_STREAM);
	assert_code(wc, AXE_ERR_STREAM);
	/* The whole in one, beside a stream or behind an error: has nothing to do with it. */
	src.length = n;
	wc = run(&rig, decompress, &dst, &src, AXE_FORMAT_GZIP, 0);
	assert_done(wc);
	wc = run(&rig, decompress, &dst, &src, AXE_FORMAT_GZIP,
		 AXE_DEFLATE_STREAM | AXE_DEFLATE_RESTART);
	assert_done(wc);
	assert_int_equal(wc.byte_len, 2000);
	munmap(p, PAGE);
	munmap(z, PAGE);
	munmap(out, PAGE);
}

static void decompress__bad_input(void **state)
{
	size_t length = 20000, n, i;
	uint8_t *p = pages(length), *z = pages(64 * KIB), *out = pages(64 * KIB);
	struct ibv_sge src, dst = here(&rig, out, length);
	struct wc wc;
	int format;

	fill_text(p, length, 21);
	for (format = 0; format < 3; format++) {
		size_t trailer = format == AXE_FORMAT_RAW ? 0 : format == AXE_FORMAT_ZLIB ? 4 : 8;

		n = zlib_deflate(format, 6, z, 64 * KIB, p, length);

		/* Cut off anywhere. */
		for (i = 0; i < n; i += i < 30 || i > n - 15 ? 1 : 617) {
			src = here(&rig, z, i);
			wc = run(&rig, decompress, &dst, &src, format, 0);
			demand(wc.code == AXE_ERR_TRUNCATED, "cut at %zu of %zu: code %d (%s)", i, n,
			       wc.code, axedv_code_str(wc.code));
			assert_int_equal(wc.result[0], i);
		}
		/* Too little room. */
		src = here(&rig, z, n);
		for (i = 1; i < length; i *= 5) {
			struct ibv_sge small = here(&rig, out, length - i);

			wc = run(&rig, decompress, &small, &src, format, 0);
			assert_code(wc, AXE_ERR_FULL);
			assert_int_equal(wc.byte_len, length - i);
			assert_memory_equal(out, p, length - i);
		}
		/* A wrong checksum, or length. */
		for (i = 0; i < trailer; i++) {
			z[n - 1 - i] ^= 4;
			wc = run(&rig, decompress, &dst, &src, format, 0);
			assert_code(wc, AXE_ERR_CHECKSUM);
			z[n - 1 - i] ^= 4;
		}
	}
	/* A block of the type that does not exist, first thing. */
	memset(z, 0x06 | 1, 10);
	src = here(&rig, z, 10);
	wc = run(&rig, decompress, &dst, &src, AXE_FORMAT_RAW, 0);
	assert_code(wc, AXE_ERR_DATA);
	assert_in_range(wc.result[0], 0, 1);
	/* Not gzip; not zlib. */
	memcpy(z, "PK\3\4aaaaaaaaaaaa", 16);
	src = here(&rig, z, 16);
	wc = run(&rig, decompress, &dst, &src, AXE_FORMAT_GZIP, 0);
	assert_code(wc, AXE_ERR_DATA);
	assert_int_equal(wc.result[0], 0);
	wc = run(&rig, decompress, &dst, &src, AXE_FORMAT_ZLIB, 0);
	assert_code(wc, AXE_ERR_DATA);
	assert_queue_works(&rig);
	munmap(p, length);
	munmap(z, 64 * KIB);
	munmap(out, 64 * KIB);
}

/* Any bytes at all: an error or a result, and never a byte out of place. */
static void decompress__noise(void **state)
{
	uint8_t *z = pages(PAGE), *out = pages(4 * PAGE);
	struct ibv_sge src = here(&rig, z, 600), dst = here(&rig, out + PAGE, 2 * PAGE);
	unsigned int i;
	struct wc wc;

	for (i = 0; i < 600; i++) {
		fill_noise(z, 600, i);
		edges_set(out + PAGE, 2 * PAGE);
		wc = run(&rig, decompress, &dst, &src, AXE_FORMAT_RAW, 0);
		demand(wc.code == AXE_OK || wc.code == AXE_ERR_DATA ||
		       wc.code == AXE_ERR_TRUNCATED || wc.code == AXE_ERR_FULL, "code %d", wc.code);
		edges_check(out + PAGE, 2 * PAGE, "decompress");
	}
	munmap(z, PAGE);
	munmap(out, 4 * PAGE);
}

/*---- commands that make no sense ----*/

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
	static const unsigned int opcodes[] = { AXE_OP_MAX, AXE_OP_MAX + 1, 255, 256, 0x7fff, 0xffff };
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
	static const uint8_t used[AXE_OP_MAX] = {
		/* bytes at the start of the block that mean something */
		[AXE_OP_FILL] = 9, [AXE_OP_CRC32] = 4, [AXE_OP_CRC32C] = 4,
		[AXE_OP_COMPRESS] = 8, [AXE_OP_DECOMPRESS] = 8,
	};
	uint8_t *p = pages(PAGE);
	unsigned int op, i;

	for (op = 0; op < AXE_OP_MAX; op++) {
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
	cmocka_unit_test(compress__each_format_and_level),
	cmocka_unit_test(compress__uses_the_whole_window),
	cmocka_unit_test(compress__pieces_form_one_stream),
	cmocka_unit_test(compress__destination_too_small),
	cmocka_unit_test(compress__overlap),
	cmocka_unit_test(decompress__gzip_header_fields),
	cmocka_unit_test(decompress__stream_in_odd_parts),
	cmocka_unit_test(decompress__stream_of_another_format),
	cmocka_unit_test(decompress__bad_input),
	cmocka_unit_test(decompress__noise),
	cmocka_unit_test(cmd__unknown_opcode),
	cmocka_unit_test(cmd__reserved_bits),
	cmocka_unit_test(cmd__unused_bytes),
	cmocka_unit_test(cmd__unused_operands),
	cmocka_unit_test(cmd__parameters_out_of_range),
	cmocka_unit_test(wr_complete__bad_arguments),
};

LIVE_MAIN("ops", tests, setup, teardown)
