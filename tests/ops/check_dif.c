// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Protection information: against a model that makes it block by block. */

#include "ops.h"

#define ALL	(AXE_DIF_CHECK_GUARD | AXE_DIF_CHECK_APP | AXE_DIF_CHECK_REF)
#define TUPLE	8
#define REF	0xfffffff0u
#define APP	0xabcd

/* The parameters of a check, which vary by its seed, and so many whole blocks. */
struct blocks {
	struct axedv_dif make;
	struct axedv_dif check;
	size_t size;
	size_t num;
};

static struct blocks blocks_of(const struct operands *o)
{
	static const uint16_t sizes[] = { 512, 520, 4096, 4104 };
	uint8_t ip = o->seed / 4 & 1 ? AXE_DIF_GUARD_IP : 0;
	struct blocks b = {
		.make = { .block = sizes[o->seed % 4], .type = 1 + o->seed % 3, .flags = ip,
			  .ref = REF, .app = APP },
	};

	b.check = b.make;
	b.check.flags |= b.make.type == 3 ? ALL & ~AXE_DIF_CHECK_REF : ALL;
	b.check.app_mask = 0xfff0;
	b.size = b.make.block;
	/* With tuples there is room for twice the length. */
	b.num = o->length / b.size;
	return b;
}

static uint16_t t10_crc(const uint8_t *p, size_t n)
{
	static uint16_t table[256];
	uint16_t crc = 0;
	unsigned int i, k;

	for (i = 0; i < 256 && !table[255]; i++) {
		uint16_t c = i << 8;

		for (k = 0; k < 8; k++)
			c = c << 1 ^ (c & 0x8000 ? 0x8bb7 : 0);
		table[i] = c;
	}
	while (n--)
		crc = crc << 8 ^ table[crc >> 8 ^ *p++];
	return crc;
}

/* RFC 1071 */
static uint16_t internet_sum(const uint8_t *p, size_t n)
{
	uint32_t sum = 0;

	for (; n; p += 2, n -= 2)
		sum += p[0] << 8 | p[1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static void tuple_of(uint8_t *t, const struct axedv_dif *dif, const uint8_t *p, size_t number)
{
	uint16_t guard = dif->flags & AXE_DIF_GUARD_IP ? internet_sum(p, dif->block) :
			 t10_crc(p, dif->block);
	uint32_t ref = dif->ref + (dif->type == 3 ? 0 : number);
	const uint8_t bytes[TUPLE] = {
		guard >> 8, guard, dif->app >> 8, dif->app, ref >> 24, ref >> 16, ref >> 8, ref,
	};

	memcpy(t, bytes, TUPLE);
}

/* Blocks of noise with tuples; returns the length. */
static size_t protect(uint8_t *p, const struct blocks *b, uint32_t seed)
{
	size_t stride = b->size + TUPLE, i;

	fill_noise(p, b->num * stride, seed);
	for (i = 0; i < b->num; i++)
		tuple_of(p + i * stride + b->size, &b->make, p + i * stride, i);
	return b->num * stride;
}

static void assert_blocks(struct wc wc, size_t num)
{
	assert_done(wc);
	assert_int_equal(wc.result[0], num);
	assert_int_equal(wc.result[1], 0);
}

static void check_dif_insert(const struct operands *o)
{
	struct blocks b = blocks_of(o);
	size_t stride = b.size + TUPLE, length = b.num * stride, i;
	struct ibv_sge src = src_part(o, b.num * b.size), dst = dst_part(o, length);
	uint8_t t[TUPLE];

	fill_noise(src_p(o), b.num * b.size, o->seed);
	edges_set(dst_p(o), length);
	assert_blocks(run(&rig, dif_insert, &dst, &src, &b.make), b.num);
	edges_check(dst_p(o), length, "dif-insert");
	for (i = 0; i < b.num; i++) {
		const uint8_t *p = dst_p(o) + i * stride;

		assert_memory_equal(p, src_p(o) + i * b.size, b.size);
		tuple_of(t, &b.make, p, i);
		demand(!memcmp(p + b.size, t, TUPLE), "tuple %zu", i);
	}
}

static void check_dif_verify(const struct operands *o)
{
	struct blocks b = blocks_of(o);
	struct ibv_sge src = src_part(o, protect(src_p(o), &b, o->seed));
	size_t bad = b.num / 2;
	struct wc wc;

	assert_blocks(run(&rig, dif_verify, &src, &b.check), b.num);
	if (!b.num)
		return;
	src_p(o)[bad * (b.size + TUPLE) + 77] ^= 4;
	wc = run(&rig, dif_verify, &src, &b.check);
	assert_code(wc, AXE_ERR_DIF_GUARD);
	assert_int_equal(wc.result[0], bad);
}

static void check_dif_strip(const struct operands *o)
{
	struct blocks b = blocks_of(o);
	struct ibv_sge src = src_part(o, protect(src_p(o), &b, o->seed));
	struct ibv_sge dst = dst_part(o, b.num * b.size);
	size_t i;

	edges_set(dst_p(o), b.num * b.size);
	assert_blocks(run(&rig, dif_strip, &dst, &src, &b.check), b.num);
	edges_check(dst_p(o), b.num * b.size, "dif-strip");
	for (i = 0; i < b.num; i++)
		assert_memory_equal(dst_p(o) + i * b.size, src_p(o) + i * (b.size + TUPLE), b.size);
}

/* To the other guard, where it is, or elsewhere. */
static void check_dif_update(const struct operands *o)
{
	struct blocks b = blocks_of(o);
	size_t stride = b.size + TUPLE, length = protect(src_p(o), &b, o->seed), i;
	struct ibv_sge src = src_part(o, length), dst = dst_part(o, length);
	bool in_place = o->seed & 8;
	uint8_t *p = in_place ? src_p(o) : dst_p(o), t[TUPLE];
	struct axedv_dif to = b.make;

	to.flags ^= AXE_DIF_GUARD_IP;
	to.ref = 77;
	to.app = 0x5678;
	to.app_mask = 0xffff;
	assert_blocks(run(&rig, dif_update, in_place ? &src : &dst, &src, &b.check, &to), b.num);
	for (i = 0; i < b.num; i++) {
		tuple_of(t, &to, p + i * stride, i);
		demand(!memcmp(p + i * stride + b.size, t, TUPLE), "tuple %zu", i);
		assert_memory_equal(p + i * stride, src_p(o) + i * stride, b.size);
	}
}

static void check_dix_insert(const struct operands *o)
{
	struct blocks b = blocks_of(o);
	struct ibv_sge src = src_part(o, b.num * b.size), aux = aux_part(o, b.num * TUPLE);
	uint8_t t[TUPLE];
	size_t i;

	fill_noise(src_p(o), b.num * b.size, o->seed);
	edges_set(aux_p(o), b.num * TUPLE);
	assert_blocks(run(&rig, dix_insert, &src, &aux, &b.make), b.num);
	edges_check(aux_p(o), b.num * TUPLE, "dix-insert");
	for (i = 0; i < b.num; i++) {
		tuple_of(t, &b.make, src_p(o) + i * b.size, i);
		demand(!memcmp(aux_p(o) + i * TUPLE, t, TUPLE), "tuple %zu", i);
	}
}

static void check_dix_verify(const struct operands *o)
{
	struct blocks b = blocks_of(o);
	struct ibv_sge src = src_part(o, b.num * b.size), aux = aux_part(o, b.num * TUPLE);
	struct wc wc;
	size_t i;

	fill_noise(src_p(o), b.num * b.size, o->seed);
	for (i = 0; i < b.num; i++)
		tuple_of(aux_p(o) + i * TUPLE, &b.make, src_p(o) + i * b.size, i);
	assert_blocks(run(&rig, dix_verify, &src, &aux, &b.check), b.num);
	if (!b.num)
		return;
	aux_p(o)[(b.num - 1) * TUPLE + 2] ^= 1;
	wc = run(&rig, dix_verify, &src, &aux, &b.check);
	assert_code(wc, AXE_ERR_DIF_APP);
	assert_int_equal(wc.result[0], b.num - 1);
	assert_true(wc.result[1] == ((uint64_t)(APP & 0xfff0) << 32 | ((APP ^ 0x100) & 0xfff0)));
}

static const struct op_check dif[] = {
	{ AXE_OP_DIF_INSERT, check_dif_insert, .longest = 16 * MIB },
	{ AXE_OP_DIF_VERIFY, check_dif_verify, .longest = 16 * MIB },
	{ AXE_OP_DIF_STRIP, check_dif_strip, .longest = 16 * MIB },
	{ AXE_OP_DIF_UPDATE, check_dif_update, .longest = 16 * MIB },
	{ AXE_OP_DIX_INSERT, check_dix_insert, .longest = 16 * MIB },
	{ AXE_OP_DIX_VERIFY, check_dix_verify, .longest = 16 * MIB },
};
OP_CHECKS(dif, dif);
