// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * What the fake device does, by zlib, OpenSSL, liblz4 and libzstd.
 *
 * Operands are read and written by process_vm_readv() and process_vm_writev(),
 * which fail where the memory is not there, as a device's page fault does.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <lz4frame.h>
#include <openssl/evp.h>
#include <zlib.h>
#include <zstd.h>

#include "fake.h"

/* What the queue holds between commands, of one kind at a time. */
static struct {
	enum axe_opcode op;	/* AXE_OP_NOP: nothing */
	z_stream z;
	LZ4F_dctx *lz4;
	ZSTD_DStream *zstd;
	EVP_MD_CTX *hash;
} stream;

/* All or nothing; the first address that is not there into @bad. */
static void *fetch(const struct ibv_sge *sge, uint64_t *bad)
{
	uint8_t *copy = malloc(sge->length + 1);
	size_t done = 0;

	while (copy && done < sge->length) {
		struct iovec to = { copy + done, sge->length - done };
		struct iovec from = { (uint8_t *)(uintptr_t)sge->addr + done, sge->length - done };
		ssize_t n = process_vm_readv(getpid(), &to, 1, &from, 1, 0);

		if (n <= 0) {
			*bad = sge->addr + done;
			free(copy);
			return NULL;
		}
		done += n;
	}
	return copy;
}

static enum axe_code store(const struct ibv_sge *sge, void *data, size_t len, uint64_t *bad)
{
	size_t done = 0;

	if (len > sge->length)
		return AXE_ERR_FULL;
	while (done < len) {
		struct iovec from = { (uint8_t *)data + done, len - done };
		struct iovec to = { (uint8_t *)(uintptr_t)sge->addr + done, len - done };
		ssize_t n = process_vm_writev(getpid(), &from, 1, &to, 1, 0);

		if (n <= 0) {
			*bad = sge->addr + done;
			return AXE_ERR_FAULT;
		}
		done += n;
	}
	return AXE_OK;
}

/* Any CRC, byte by byte from the lowest bit of a table on. */
static uint64_t crc_reflected(uint64_t poly, uint64_t ones, const uint8_t *p, size_t len)
{
	uint64_t table[256], crc = ones;

	for (unsigned int i = 0; i < 256; i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] = table[i] >> 1 ^ (table[i] & 1 ? poly : 0);
	}
	while (len--)
		crc = crc >> 8 ^ table[(crc ^ *p++) & 0xff];
	return crc ^ ones;
}

/* Bit by bit: slow, and plain. */
static uint16_t crc16_t10(const uint8_t *p, size_t len)
{
	uint16_t crc = 0;

	while (len--) {
		crc ^= *p++ << 8;
		for (int i = 0; i < 8; i++)
			crc = crc & 0x8000 ? crc << 1 ^ 0x8bb7 : crc << 1;
	}
	return crc;
}

static uint64_t rotl(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

static uint64_t get(const uint8_t *p, size_t bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | p[bytes];
	return value;
}

/* The xxHash specification, its steps and names; the seed is 0. */
static uint64_t xxh64(const uint8_t *p, size_t len)
{
	static const uint64_t p1 = 0x9e3779b185ebca87, p2 = 0xc2b2ae3d27d4eb4f,
			      p3 = 0x165667b19e3779f9, p4 = 0x85ebca77c2b2ae63,
			      p5 = 0x27d4eb2f165667c5;
	uint64_t acc[4] = { p1 + p2, p2, 0, -p1 }, h = p5;
	size_t left = len;

	for (; left >= 32; left -= 32)
		for (int i = 0; i < 4; i++, p += 8)
			acc[i] = rotl(acc[i] + get(p, 8) * p2, 31) * p1;
	if (len >= 32) {
		h = rotl(acc[0], 1) + rotl(acc[1], 7) + rotl(acc[2], 12) + rotl(acc[3], 18);
		for (int i = 0; i < 4; i++)
			h = (h ^ rotl(acc[i] * p2, 31) * p1) * p1 + p4;
	}
	h += len;
	for (; left >= 8; left -= 8, p += 8)
		h = rotl(h ^ rotl(get(p, 8) * p2, 31) * p1, 27) * p1 + p4;
	for (; left >= 4; left -= 4, p += 4)
		h = rotl(h ^ get(p, 4) * p1, 23) * p2 + p3;
	for (; left; left--, p++)
		h = rotl(h ^ *p * p5, 11) * p1;
	h = (h ^ h >> 33) * p2;
	h = (h ^ h >> 29) * p3;
	return h ^ h >> 32;
}

static void run_sum(const struct fake_cmd *cmd, const uint8_t *src, struct fake_done *done)
{
	uint32_t len = cmd->src.length;

	done->code = AXE_OK;
	switch (cmd->op) {
	case AXE_OP_CRC32C:
		done->result[0] = crc_reflected(0x82f63b78, UINT32_MAX, src, len);
		break;
	case AXE_OP_CRC64:
		done->result[0] = crc_reflected(0x9a6c9329ac4bc9b5, UINT64_MAX, src, len);
		break;
	case AXE_OP_CRC16_T10:
		done->result[0] = crc16_t10(src, len);
		break;
	case AXE_OP_ADLER32:
		done->result[0] = adler32(1, src, len);
		break;
	case AXE_OP_XXH64:
		done->result[0] = xxh64(src, len);
		break;
	default:
		done->result[0] = crc32(0, src, len);
	}
}

static void run_compress(const struct fake_cmd *cmd, uint8_t *src, struct fake_done *done)
{
	z_stream z = { .next_in = src, .avail_in = cmd->src.length };
	uint8_t *out = malloc(cmd->dst.length + 1);
	bool final = !(cmd->flags & AXE_DEFLATE_NO_FINAL);
	int ret;

	deflateInit2(&z, cmd->level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
	z.next_out = out;
	z.avail_out = cmd->dst.length;
	ret = deflate(&z, final ? Z_FINISH : Z_SYNC_FLUSH);
	if (final ? ret != Z_STREAM_END : ret != Z_OK || !z.avail_out)
		done->code = AXE_ERR_FULL;
	else
		done->code = store(&cmd->dst, out, z.total_out, &done->result[0]);
	if (done->code == AXE_OK) {
		done->bytes = z.total_out;
		done->result[0] = crc32(0, src, cmd->src.length);
		done->result[1] = cmd->src.length;
	}
	deflateEnd(&z);
	free(out);
}

void fake_end_stream(void)
{
	switch (stream.op) {
	case AXE_OP_DECOMPRESS:
		inflateEnd(&stream.z);
		break;
	case AXE_OP_LZ4_DECOMPRESS:
		LZ4F_freeDecompressionContext(stream.lz4);
		break;
	case AXE_OP_ZSTD_DECOMPRESS:
		ZSTD_freeDStream(stream.zstd);
		break;
	case AXE_OP_HASH:
		EVP_MD_CTX_free(stream.hash);
		break;
	default:
		break;
	}
	memset(&stream, 0, sizeof(stream));
}

/* Is there one to go on with? */
static bool goes_on(const struct fake_cmd *cmd)
{
	if (stream.op != cmd->op || !(cmd->flags & AXE_PACK_STREAM) ||
	    cmd->flags & AXE_PACK_RESTART)
		fake_end_stream();
	return stream.op == cmd->op;
}

/* Buffers of a part, and what the library has used of them. */
struct part {
	const uint8_t *in;
	size_t in_len, in_pos;
	uint8_t *out;
	size_t out_len, out_pos;
	const char *error;
	bool end;
};

static void part_inflate(struct part *p)
{
	int ret;

	stream.z.next_in = (uint8_t *)p->in;
	stream.z.avail_in = p->in_len;
	stream.z.next_out = p->out;
	stream.z.avail_out = p->out_len;
	ret = inflate(&stream.z, Z_NO_FLUSH);
	p->in_pos = p->in_len - stream.z.avail_in;
	p->out_pos = p->out_len - stream.z.avail_out;
	p->error = ret == Z_DATA_ERROR ? stream.z.msg : NULL;
	p->end = ret == Z_STREAM_END;
}

static void part_lz4(struct part *p)
{
	size_t in, out, left;

	do {
		in = p->in_len - p->in_pos;
		out = p->out_len - p->out_pos;
		left = LZ4F_decompress(stream.lz4, p->out + p->out_pos, &out, p->in + p->in_pos,
				       &in, NULL);
		p->in_pos += in;
		p->out_pos += out;
		p->error = LZ4F_isError(left) ? LZ4F_getErrorName(left) : NULL;
		p->end = !left;
	} while (!p->error && !p->end && (in || out));
}

static void part_zstd(struct part *p)
{
	ZSTD_inBuffer in = { p->in, p->in_len, 0 };
	ZSTD_outBuffer out = { p->out, p->out_len, 0 };
	size_t left, before;

	do {
		before = in.pos + out.pos;
		left = ZSTD_decompressStream(stream.zstd, &out, &in);
		p->error = ZSTD_isError(left) ? ZSTD_getErrorName(left) : NULL;
		p->end = !left;
	} while (!p->error && !p->end && in.pos + out.pos > before);
	p->in_pos = in.pos;
	p->out_pos = out.pos;
}

static void begin_stream(const struct fake_cmd *cmd)
{
	stream.op = cmd->op;
	switch (cmd->op) {
	case AXE_OP_LZ4_DECOMPRESS:
		LZ4F_createDecompressionContext(&stream.lz4, LZ4F_VERSION);
		break;
	case AXE_OP_ZSTD_DECOMPRESS:
		stream.zstd = ZSTD_createDStream();
		ZSTD_DCtx_setParameter(stream.zstd, ZSTD_d_windowLogMax,
				       cmd->window ? cmd->window : AXE_PACK_STREAM_WINDOW);
		break;
	default:
		inflateInit2(&stream.z, 15 + 16);
	}
}

static enum axe_code unpack_code(const struct fake_cmd *cmd, const struct part *p)
{
	if (p->end)
		return AXE_OK;
	if (p->error)
		return strcasestr(p->error, "check") ? AXE_ERR_CHECKSUM : AXE_ERR_DATA;
	if (cmd->flags & AXE_PACK_STREAM)
		return AXE_INFO_MORE;
	return p->in_pos < p->in_len ? AXE_ERR_FULL : AXE_ERR_TRUNCATED;
}

static void run_unpack(const struct fake_cmd *cmd, uint8_t *src, struct fake_done *done)
{
	struct part p = { .in = src, .in_len = cmd->src.length, .out_len = cmd->dst.length };
	enum axe_code code;

	p.out = malloc(p.out_len + 1);
	if (!goes_on(cmd))
		begin_stream(cmd);
	if (cmd->op == AXE_OP_LZ4_DECOMPRESS)
		part_lz4(&p);
	else if (cmd->op == AXE_OP_ZSTD_DECOMPRESS)
		part_zstd(&p);
	else
		part_inflate(&p);

	code = unpack_code(cmd, &p);
	done->bytes = p.out_pos;
	done->result[1] = p.in_pos;
	done->code = store(&cmd->dst, p.out, p.out_pos, &done->result[0]);
	if (done->code == AXE_OK) {
		done->code = code;
		done->result[0] = code == AXE_ERR_DATA ? p.in_pos : stream.z.adler;
	}
	if (code != AXE_INFO_MORE)
		fake_end_stream();
	free(p.out);
}

static size_t zstd_frame(void *out, size_t room, const void *src, size_t len, int level)
{
	ZSTD_CCtx *cctx = ZSTD_createCCtx();
	size_t n;

	ZSTD_CCtx_setParameter(cctx, ZSTD_c_compressionLevel, level);
	ZSTD_CCtx_setParameter(cctx, ZSTD_c_checksumFlag, 1);
	n = ZSTD_compress2(cctx, out, room, src, len);
	ZSTD_freeCCtx(cctx);
	return n;
}

static void run_pack(const struct fake_cmd *cmd, const uint8_t *src, struct fake_done *done)
{
	LZ4F_preferences_t how = { .frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled };
	size_t room = cmd->dst.length + 65536, n;
	uint8_t *out = malloc(room);

	if (cmd->op == AXE_OP_LZ4_COMPRESS)
		n = LZ4F_compressFrame(out, room, src, cmd->src.length, &how);
	else
		n = zstd_frame(out, room, src, cmd->src.length, cmd->level);
	done->code = n > room ? AXE_ERR_FULL : store(&cmd->dst, out, n, &done->result[0]);
	if (done->code == AXE_OK) {
		done->bytes = n;
		done->result[1] = cmd->src.length;
	}
	free(out);
}

/* The fake's kernel was built without SM3. */
static const EVP_MD *hash_of(unsigned int format)
{
	static const char *const names[] = {
		[AXE_HASH_SHA1] = "sha1", [AXE_HASH_SHA224] = "sha224",
		[AXE_HASH_SHA256] = "sha256", [AXE_HASH_SHA384] = "sha384",
		[AXE_HASH_SHA512] = "sha512", [AXE_HASH_SHA3_224] = "sha3-224",
		[AXE_HASH_SHA3_256] = "sha3-256", [AXE_HASH_SHA3_384] = "sha3-384",
		[AXE_HASH_SHA3_512] = "sha3-512", [AXE_HASH_BLAKE2B_512] = "blake2b512",
		[AXE_HASH_MD5] = "md5",
	};

	return format < sizeof(names) / sizeof(names[0]) && names[format] ?
	       EVP_get_digestbyname(names[format]) : NULL;
}

static void run_hash(const struct fake_cmd *cmd, const uint8_t *src, struct fake_done *done)
{
	const EVP_MD *hash = hash_of(cmd->format);
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned int len;

	done->code = AXE_ERR_OPCODE;
	if (!hash)
		return;
	if (!goes_on(cmd)) {
		stream.op = cmd->op;
		stream.hash = EVP_MD_CTX_new();
		EVP_DigestInit_ex(stream.hash, hash, NULL);
	}
	EVP_DigestUpdate(stream.hash, src, cmd->src.length);
	done->code = AXE_INFO_MORE;
	if (!(cmd->flags & AXE_HASH_FINAL))
		return;
	EVP_DigestFinal_ex(stream.hash, digest, &len);
	fake_end_stream();
	done->bytes = len;
	done->code = store(&cmd->dst, digest, len, &done->result[0]);
}

void fake_run(const struct fake_cmd *cmd, struct fake_done *done)
{
	uint8_t *src = fetch(&cmd->src, &done->result[0]);

	done->code = AXE_ERR_FAULT;
	if (!src)
		return;
	switch (cmd->op) {
	case AXE_OP_COPY:
		done->code = store(&cmd->dst, src, cmd->src.length, &done->result[0]);
		break;
	case AXE_OP_CRC32:
	case AXE_OP_CRC32C:
	case AXE_OP_CRC64:
	case AXE_OP_CRC16_T10:
	case AXE_OP_ADLER32:
	case AXE_OP_XXH64:
		run_sum(cmd, src, done);
		break;
	case AXE_OP_COMPRESS:
		run_compress(cmd, src, done);
		break;
	case AXE_OP_DECOMPRESS:
	case AXE_OP_LZ4_DECOMPRESS:
	case AXE_OP_ZSTD_DECOMPRESS:
		run_unpack(cmd, src, done);
		break;
	case AXE_OP_LZ4_COMPRESS:
	case AXE_OP_ZSTD_COMPRESS:
		run_pack(cmd, src, done);
		break;
	case AXE_OP_HASH:
		run_hash(cmd, src, done);
		break;
	default:
		done->code = AXE_ERR_OPCODE;
	}
	free(src);
}
