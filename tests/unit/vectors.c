// SPDX-License-Identifier: GPL-2.0
/*
 * Vectors for every operation: from standards, other programs, or evident.
 * What the operations say themselves is no source.
 */
#include <zlib.h>

#include "files.h"
#include "vectors.h"

#define NOTHING		(~0ULL)

static const u8 zeros[40];

/* RFC 3720, B.4 */
static const u8 ones32[] = {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff,
};

static const u8 up32[] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
	24, 25, 26, 27, 28, 29, 30, 31,
};

static const u8 down32[] = {
	31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10,
	9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
};

static const u8 iscsi_read[] = {
	0x01, 0xc0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00,
	0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x18, 0x28, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
};

static const struct unit_vector basic[] = {
	{ "nop", AXE_OP_NOP },

	{ "copy: nothing", AXE_OP_COPY },
	{ "copy: text", AXE_OP_COPY, SRC("to be copied"), .dst = zeros, .dst_len = 12,
	  .want = "to be copied", .done = 12 },

	{ "fill: nothing", AXE_OP_FILL, BLOCK(.fill = { .pattern = "x", .size = 1 }) },
	{ "fill: 1", AXE_OP_FILL, BLOCK(.fill = { .pattern = "x", .size = 1 }),
	  .dst = zeros, .dst_len = 11, .want = "xxxxxxxxxxx", .done = 11 },
	{ "fill: 3", AXE_OP_FILL, BLOCK(.fill = { .pattern = "abc", .size = 3 }),
	  .dst = zeros, .dst_len = 32, .want = "abcabcabcabcabcabcabcabcabcabcab", .done = 32 },
	{ "fill: 8", AXE_OP_FILL, BLOCK(.fill = { .pattern = "12345678", .size = 8 }),
	  .dst = zeros, .dst_len = 21, .want = "123456781234567812345", .done = 21 },

	{ "compare: nothing", AXE_OP_COMPARE, .result = { NOTHING } },
	{ "compare: same", AXE_OP_COMPARE, SRC("the same text"),
	  .dst = "the same text", .dst_len = 13, .done = 13, .result = { NOTHING } },
	{ "compare: end", AXE_OP_COMPARE, SRC("the same texT"),
	  .dst = "the same text", .dst_len = 13, .done = 12, .result = { 12 } },
	{ "compare: start", AXE_OP_COMPARE, SRC("The same text"),
	  .dst = "the same text", .dst_len = 13, .done = 0, .result = { 0 } },

	/* The check value that catalogues of CRCs give, and others much printed. */
	{ "crc32: nothing", AXE_OP_CRC32, .result = { 0 } },
	{ "crc32: check", AXE_OP_CRC32, SRC("123456789"), .result = { 0xcbf43926 } },
	{ "crc32: a", AXE_OP_CRC32, SRC("a"), .result = { 0xe8b7be43 } },
	{ "crc32: fox", AXE_OP_CRC32, SRC("The quick brown fox jumps over the lazy dog"),
	  .result = { 0x414fa339 } },
	{ "crc32: seed", AXE_OP_CRC32, BLOCK(.crc = { .seed = cpu_to_le32(0xe8b7be43) }),
	  .result = { 0xe8b7be43 } },

	{ "crc32c: nothing", AXE_OP_CRC32C, .result = { 0 } },
	{ "crc32c: check", AXE_OP_CRC32C, SRC("123456789"), .result = { 0xe3069283 } },
	{ "crc32c: zeros", AXE_OP_CRC32C, .src = zeros, .src_len = 32,
	  .result = { 0x8a9136aa } },
	{ "crc32c: ones", AXE_OP_CRC32C, .src = ones32, .src_len = 32,
	  .result = { 0x62a8ab43 } },
	{ "crc32c: up", AXE_OP_CRC32C, .src = up32, .src_len = 32, .result = { 0x46dd794e } },
	{ "crc32c: down", AXE_OP_CRC32C, .src = down32, .src_len = 32,
	  .result = { 0x113fdb5c } },
	{ "crc32c: iscsi", AXE_OP_CRC32C, .src = iscsi_read, .src_len = 48,
	  .result = { 0xd9963a56 } },

	{ "compress: raw", AXE_OP_COMPRESS, BLOCK(.deflate = { .format = AXE_FORMAT_RAW }),
	  SRC(file_plain), .dst = zeros, .dst_len = 192, .packed = true,
	  .want = file_plain, .result = { FILE_PLAIN_CRC32 } },
	{ "compress: zlib", AXE_OP_COMPRESS, BLOCK(.deflate = { .format = AXE_FORMAT_ZLIB }),
	  SRC(file_plain), .dst = zeros, .dst_len = 192, .packed = true,
	  .want = file_plain, .result = { FILE_PLAIN_ADLER32 } },
	{ "compress: gzip", AXE_OP_COMPRESS, BLOCK(.deflate = { .format = AXE_FORMAT_GZIP }),
	  SRC(file_plain), .dst = zeros, .dst_len = 192, .packed = true,
	  .want = file_plain, .result = { FILE_PLAIN_CRC32 } },

	{ "decompress: gzip", AXE_OP_DECOMPRESS, BLOCK(.deflate = { .format = AXE_FORMAT_GZIP }),
	  .src = file_gzip, .src_len = sizeof(file_gzip), .dst = zeros, .dst_len = 192,
	  .want = file_plain, .done = 192, .result = { FILE_PLAIN_CRC32, sizeof(file_gzip) } },
	{ "decompress: pigz", AXE_OP_DECOMPRESS, BLOCK(.deflate = { .format = AXE_FORMAT_GZIP }),
	  .src = file_pigz, .src_len = sizeof(file_pigz), .dst = zeros, .dst_len = 192,
	  .want = file_plain, .done = 192, .result = { FILE_PLAIN_CRC32, sizeof(file_pigz) } },
	{ "decompress: bgzip", AXE_OP_DECOMPRESS, BLOCK(.deflate = { .format = AXE_FORMAT_GZIP }),
	  .src = file_bgzip, .src_len = sizeof(file_bgzip), .dst = zeros, .dst_len = 192,
	  .want = file_plain, .done = 192, .result = { FILE_PLAIN_CRC32, FILE_BGZIP_MEMBER } },
	{ "decompress: zlib", AXE_OP_DECOMPRESS, BLOCK(.deflate = { .format = AXE_FORMAT_ZLIB }),
	  .src = file_zlib, .src_len = sizeof(file_zlib), .dst = zeros, .dst_len = 192,
	  .want = file_plain, .done = 192, .result = { FILE_PLAIN_ADLER32, sizeof(file_zlib) } },
	/* Without the header and the trailer, it is raw. */
	/* Python's zlib.compressobj(9, zlib.DEFLATED, 15, 9, 0, b"the quick brown fox") */
	{ "decompress: zlib with a dictionary", AXE_OP_DECOMPRESS,
	  BLOCK(.deflate = { .format = AXE_FORMAT_ZLIB }),
	  SRC("\x78\xf9\x47\x8e\x07\x34\x2b\x41\x13\x4a\xc9\x4f\x07\x00\x47\x77\x07\x21"),
	  .dst = zeros, .dst_len = 19, .want = "the quick brown dog", .done = 19,
	  .result = { 0x47770721, 18 }, .aux = "the quick brown fox", .aux_len = 19 },
	/* likewise with -15 */
	{ "decompress: raw with a dictionary", AXE_OP_DECOMPRESS,
	  BLOCK(.deflate = { .format = AXE_FORMAT_RAW }),
	  SRC("\x2b\x41\x13\x4a\xc9\x4f\x07\x00"),
	  .dst = zeros, .dst_len = 19, .want = "the quick brown dog", .done = 19,
	  .result = { 0x1f4ddb51, 8 }, .aux = "the quick brown fox", .aux_len = 19 },
	{ "decompress: raw", AXE_OP_DECOMPRESS, BLOCK(.deflate = { .format = AXE_FORMAT_RAW }),
	  .src = file_zlib + 2, .src_len = sizeof(file_zlib) - 2, .dst = zeros, .dst_len = 192,
	  .want = file_plain, .done = 192, .result = { FILE_PLAIN_CRC32, sizeof(file_zlib) - 6 } },
};

void unit_assert_unpacks(u8 format, const u8 *p, size_t len, const void *want, size_t want_len)
{
	static const int wbits[] = { -15, 15, 15 + 16 };
	u8 *plain = malloc(want_len + 1);
	z_stream zs = { .next_in = (u8 *)p, .avail_in = len };

	assert_non_null(plain);
	zs.next_out = plain;
	zs.avail_out = want_len + 1;
	assert_int_equal(inflateInit2(&zs, wbits[format]), Z_OK);
	assert_int_equal(inflate(&zs, Z_FINISH), Z_STREAM_END);
	assert_int_equal(zs.avail_in, 0);
	assert_int_equal(zs.total_out, want_len);
	assert_memory_equal(plain, want, want_len);
	inflateEnd(&zs);
	free(plain);
}

static void check_vector(const struct unit_vector *v, const struct unit_run *run)
{
	const u8 *dst = run->dst;

	if (run->code != (int)v->code || run->result[0] != v->result[0])
		fail_msg("%s: code %d, result %#llx, not %d, %#llx", v->name, run->code,
			 (unsigned long long)run->result[0], v->code,
			 (unsigned long long)v->result[0]);
	if (v->packed) {
		assert_int_equal(run->result[1], v->src_len);
		unit_assert_unpacks(v->op.op.deflate.format, dst, run->done, v->want, v->src_len);
		return;
	}
	assert_int_equal(run->result[1], v->result[1]);
	assert_int_equal(run->done, v->done);
	if (v->want_aux)
		assert_memory_equal(run->aux, v->want_aux, v->aux_len);
	/* What it has not written it has left. */
	if (v->want && axe_ops[v->opcode]->flags & AXE_OP_READS_DST)
		assert_memory_equal(dst, v->want, v->dst_len);
	else if (v->want)
		assert_memory_equal(dst, v->want, v->done);
	else if (v->dst)
		assert_memory_equal(dst, v->dst, v->dst_len);
}

static void run_vector(const struct unit_vector *v, enum unit_cut src_cut, enum unit_cut dst_cut)
{
	struct unit_run run = {
		.cmd = v->op,
		.src = v->src,
		.src_len = v->src_len,
		.dst_len = v->dst_len,
		.src_cut = src_cut,
		.dst_cut = dst_cut,
		.ext = &v->ext,
		.aux_len = v->aux_len,
		.num_src = v->num_src,
		.key = v->key,
		.num_dst = v->num_dst,
	};

	run.cmd.opcode = cpu_to_le16(v->opcode);
	run.dst = calloc(1, v->dst_len + 1);
	assert_non_null(run.dst);
	/* What an operation is to write it has to write; what it reads has to be there. */
	if (v->dst && (!v->want || axe_ops[v->opcode]->flags & AXE_OP_READS_DST))
		memcpy(run.dst, v->dst, v->dst_len);
	run.aux = calloc(1, v->aux_len + 1);
	assert_non_null(run.aux);
	if (v->aux)
		memcpy(run.aux, v->aux, v->aux_len);
	unit_run(&run);
	check_vector(v, &run);
	free(run.dst);
	free(run.aux);
}

static UNIT_VECTORS(basic, basic);

/* Each family's. */
static const struct unit_vectors *const families[] = {
	&vectors_basic,
	&vectors_dif,
	&vectors_scan,
	&vectors_matrix,
	&vectors_parity,
	&vectors_sum,
	&vectors_chain,
	&vectors_move,
	&vectors_aead,
	&vectors_cipher,
	&vectors_pack,
	&vectors_hash,
	&vectors_mac,
	&vectors_esp,
	&vectors_pubkey,
};

static size_t run_family(const struct unit_vectors *family, enum axe_opcode opcode)
{
	size_t i, num = 0;

	for (i = 0; i < family->num; i++) {
		const struct unit_vector *v = &family->vectors[i];

		if (v->opcode != opcode)
			continue;
		num++;
		for_each_cut(src_cut)
			for_each_cut(dst_cut)
				run_vector(v, src_cut, dst_cut);
	}
	return num;
}

void unit_each_vector(void (*fn)(const struct unit_vector *v))
{
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(families); i++)
		for (k = 0; k < families[i]->num; k++)
			fn(&families[i]->vectors[k]);
}

size_t unit_run_vectors(enum axe_opcode opcode)
{
	size_t i, num = 0;

	for (i = 0; i < ARRAY_SIZE(families); i++)
		num += run_family(families[i], opcode);
	return num;
}
