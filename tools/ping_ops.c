// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <endian.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "crc.h"
#include "ping_ops.h"

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Letters from 'a' to 'h', another text for each ping: it shrinks to less than half. */
static void make_text(uint8_t *p, uint32_t size, uint64_t seq)
{
	uint64_t state = (seq + 1) * 0x9e3779b97f4a7c15, bits = 0;

	for (uint32_t i = 0; i < size; i++) {
		if (i % 21 == 0)
			bits = next_random(&state) >> 1;
		p[i] = 'a' + (bits & 7);
		bits >>= 3;
	}
}

static void prepare_text(struct ping_exchange *x)
{
	make_text(x->payload, x->size, x->seq);
	x->length = x->size;
	x->arg = 0;
}

static const char *check_nothing(const struct ping_exchange *x)
{
	return x->answer_length ? "bytes that were not asked for" : NULL;
}

static const char *check_same(const struct ping_exchange *x)
{
	if (x->answer_length != x->length)
		return "not as long as the payload";
	return memcmp(x->answer, x->payload, x->length) ? "not the payload" : NULL;
}

static void build_nop(struct ibv_qp_ex *wr, struct ibv_sge *dst, struct ibv_sge *src, uint64_t arg)
{
	(void)dst;
	(void)src;
	(void)arg;
	axedv_wr_nop(wr);
}

static void build_copy(struct ibv_qp_ex *wr, struct ibv_sge *dst, struct ibv_sge *src, uint64_t arg)
{
	(void)arg;
	dst->length = src->length;
	axedv_wr_copy(wr, dst, src);
}

/* The argument, again and again, over as many bytes as the payload has. */
static void prepare_fill(struct ping_exchange *x)
{
	prepare_text(x);
	x->arg = (x->seq + 1) * 0x0123456789abcdef;
}

static void build_fill(struct ibv_qp_ex *wr, struct ibv_sge *dst, struct ibv_sge *src, uint64_t arg)
{
	uint64_t pattern = htole64(arg);

	dst->length = src->length;
	axedv_wr_fill(wr, dst, &pattern, sizeof(pattern));
}

static const char *check_fill(const struct ping_exchange *x)
{
	if (x->answer_length != x->length)
		return "not as long as the payload";
	for (uint32_t i = 0; i < x->length; i++)
		if (x->answer[i] != (uint8_t)(x->arg >> 8 * (i % 8)))
			return "not filled with the pattern";
	return NULL;
}

/* The two halves are the same up to one byte, somewhere; every eighth time altogether. */
static void prepare_compare(struct ping_exchange *x)
{
	uint32_t half = x->size / 2;

	prepare_text(x);
	memcpy(x->payload + half, x->payload, half);
	if (half && x->seq % 8)
		x->payload[half + x->seq % half] ^= 1;
}

static void build_compare(struct ibv_qp_ex *wr, struct ibv_sge *dst, struct ibv_sge *src,
			  uint64_t arg)
{
	(void)arg;
	src->length /= 2;
	*dst = *src;
	dst->addr += src->length;
	axedv_wr_compare(wr, src, dst);
}

static const char *check_compare(const struct ping_exchange *x)
{
	uint32_t half = x->length / 2, same = 0;

	while (same < half && x->payload[same] == x->payload[half + same])
		same++;
	if (x->answer_length)
		return "bytes that were not asked for";
	return x->result[0] == (same < half ? same : UINT64_MAX) ? NULL : "not the difference";
}

static void build_crc32(struct ibv_qp_ex *wr, struct ibv_sge *dst, struct ibv_sge *src,
			uint64_t arg)
{
	(void)dst;
	(void)arg;
	axedv_wr_crc32(wr, src, 0);
}

static const char *check_crc32(const struct ping_exchange *x)
{
	if (x->result[0] != crc32(0, x->payload, x->length))
		return "not the checksum";
	return check_nothing(x);
}

static void build_crc32c(struct ibv_qp_ex *wr, struct ibv_sge *dst, struct ibv_sge *src,
			 uint64_t arg)
{
	(void)dst;
	(void)arg;
	axedv_wr_crc32c(wr, src, 0);
}

static uint32_t crc32c(const uint8_t *p, uint32_t length)
{
	static uint32_t table[256];
	uint32_t crc = ~0U;

	for (uint32_t n = 0; !table[255] && n < 256; n++) {
		table[n] = n;
		for (int bit = 0; bit < 8; bit++)
			table[n] = table[n] >> 1 ^ (table[n] & 1 ? CRC32C_POLY : 0);
	}
	while (length--)
		crc = crc >> 8 ^ table[(crc ^ *p++) & 0xff];
	return ~crc;
}

static const char *check_crc32c(const struct ping_exchange *x)
{
	if (x->result[0] != crc32c(x->payload, x->length))
		return "not the checksum";
	return check_nothing(x);
}

static void prepare_compress(struct ping_exchange *x)
{
	prepare_text(x);
	x->arg = x->level;
}

static void build_compress(struct ibv_qp_ex *wr, struct ibv_sge *dst, struct ibv_sge *src,
			   uint64_t arg)
{
	axedv_wr_compress(wr, dst, src, AXE_FORMAT_ZLIB, arg > 9 ? 9 : (int)arg, 0);
}

static const char *check_compress(const struct ping_exchange *x)
{
	uLongf length = ping_room(x->size);

	if (uncompress(x->plain, &length, x->answer, x->answer_length) != Z_OK)
		return "zlib cannot decompress it";
	if (length != x->length || memcmp(x->plain, x->payload, length))
		return "not the payload when decompressed";
	return x->result[0] == adler32(1, x->payload, x->length) ? NULL : "not the checksum";
}

static void prepare_decompress(struct ping_exchange *x)
{
	uLongf length = ping_room(x->size);

	make_text(x->plain, x->size, x->seq);
	compress2(x->payload, &length, x->plain, x->size, x->level);
	x->length = length;
	x->arg = x->size;
}

static void build_decompress(struct ibv_qp_ex *wr, struct ibv_sge *dst, struct ibv_sge *src,
			     uint64_t arg)
{
	if (dst->length > arg)
		dst->length = arg;
	axedv_wr_decompress(wr, dst, src, AXE_FORMAT_ZLIB, 0);
}

static const char *check_decompress(const struct ping_exchange *x)
{
	if (x->answer_length != x->size)
		return "not as long as what was compressed";
	return memcmp(x->answer, x->plain, x->size) ? "not what was compressed" : NULL;
}

static const struct ping_op ops[] = {
	{ "none", AXE_OP_MAX, true, prepare_text, NULL, check_same },
	{ "nop", AXE_OP_NOP, false, prepare_text, build_nop, check_nothing },
	{ "copy", AXE_OP_COPY, true, prepare_text, build_copy, check_same },
	{ "fill", AXE_OP_FILL, true, prepare_fill, build_fill, check_fill },
	{ "compare", AXE_OP_COMPARE, false, prepare_compare, build_compare, check_compare },
	{ "crc32", AXE_OP_CRC32, false, prepare_text, build_crc32, check_crc32 },
	{ "crc32c", AXE_OP_CRC32C, false, prepare_text, build_crc32c, check_crc32c },
	{ "compress", AXE_OP_COMPRESS, true, prepare_compress, build_compress,
	  check_compress },
	{ "decompress", AXE_OP_DECOMPRESS, true, prepare_decompress, build_decompress,
	  check_decompress },
};

#define NUM_OPS (sizeof(ops) / sizeof(ops[0]))

const struct ping_op *ping_op_find(const char *name, size_t len)
{
	for (size_t i = 0; i < NUM_OPS; i++)
		if (strlen(ops[i].name) == strnlen(name, len) &&
		    !strncmp(ops[i].name, name, len))
			return &ops[i];
	return NULL;
}

const char *ping_op_names(void)
{
	static char names[128];
	size_t len = 0;

	for (size_t i = 0; i < NUM_OPS; i++)
		len += snprintf(names + len, sizeof(names) - len, "%s%s", i ? ", " : "",
				ops[i].name);
	return names;
}
