// SPDX-License-Identifier: GPL-2.0
/* Packed formats that the system's zlib has made. */
#include "packed.h"

static const u8 nothing[1];

struct axe_cmd inflate_cmd(u8 format, u32 flags)
{
	struct axe_cmd cmd = unit_cmd(AXE_OP_DECOMPRESS);

	cmd.op.deflate.format = format;
	cmd.op.deflate.flags = cpu_to_le32(flags);
	return cmd;
}

u32 sum_of(u8 format, const u8 *p, size_t len)
{
	const u8 *b = len ? p : nothing;

	return format == AXE_FORMAT_ZLIB ? adler32(1, b, len) : crc32(0, b, len);
}

struct packed pack_with(u8 format, int level, int strategy, int wbits, gz_header *gz,
			u8 *plain, size_t len)
{
	static const u8 headers[] = { 0, 2, 10 };
	static const u8 trailers[] = { 0, 4, 8 };
	struct packed p = {
		.format = format,
		.plain = plain,
		.plain_len = len,
		.header_len = headers[format],
		.trailer_len = trailers[format],
	};
	z_stream zs = { .next_in = plain, .avail_in = len };

	if (format == AXE_FORMAT_RAW)
		wbits = -wbits;
	else if (format == AXE_FORMAT_GZIP)
		wbits += 16;
	assert_int_equal(deflateInit2(&zs, level, Z_DEFLATED, wbits, 8, strategy), Z_OK);
	if (gz)
		assert_int_equal(deflateSetHeader(&zs, gz), Z_OK);
	zs.avail_out = deflateBound(&zs, len) + 100;
	p.data = malloc(zs.avail_out);
	zs.next_out = p.data;
	assert_int_equal(deflate(&zs, Z_FINISH), Z_STREAM_END);
	p.len = zs.total_out;
	deflateEnd(&zs);
	return p;
}

struct packed pack(u8 format, size_t len)
{
	return pack_with(format, 6, Z_DEFAULT_STRATEGY, 15, NULL, unit_text(len), len);
}

/* All combinations of the optional fields of a gzip header, by the system's zlib. */
struct packed pack_header(unsigned int fields)
{
	static u8 extra[300];
	gz_header gz = {
		.text = fields & 1,
		.time = 0x5f5e100,
		.os = 3,
		.hcrc = !!(fields & 2),
	};
	struct packed p;

	unit_random_bytes(extra, sizeof(extra));
	if (fields & 4) {
		gz.extra = extra;
		gz.extra_len = fields & 1 ? sizeof(extra) : 0;
	}
	if (fields & 8)
		gz.name = (u8 *)"a name.txt";
	if (fields & 16)
		gz.comment = (u8 *)(fields & 1 ? "" : "a comment");
	p = pack_with(AXE_FORMAT_GZIP, 6, Z_DEFAULT_STRATEGY, 15, &gz, unit_text(100), 100);
	if (fields & 4)
		p.header_len += 2 + gz.extra_len;
	if (fields & 8)
		p.header_len += strlen((char *)gz.name) + 1;
	if (fields & 16)
		p.header_len += strlen((char *)gz.comment) + 1;
	if (fields & 2)
		p.header_len += 2;
	return p;
}

void unpack_free(struct packed *p)
{
	free(p->plain);
	free(p->data);
}

/* A run of the first @len bytes of @p; the destination is the caller's. */
struct unit_run run_of(const struct packed *p, size_t len, u8 *dst, size_t dst_len)
{
	struct unit_run run = {
		.cmd = inflate_cmd(p->format, 0),
		.src = p->data,
		.src_len = len,
		.dst = dst,
		.dst_len = dst_len,
	};

	return run;
}

void assert_unpacked(const struct packed *p, const struct unit_run *run)
{
	assert_int_equal(run->code, AXE_OK);
	assert_int_equal(run->done, p->plain_len);
	assert_memory_equal(run->dst, p->plain, p->plain_len);
	assert_int_equal(run->result[0], sum_of(p->format, p->plain, p->plain_len));
	assert_int_equal(run->result[1], p->len);
	assert_int_equal(run->result[1], run->src_len - run->src_held);
}
