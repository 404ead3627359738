// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* LZ4 and Zstandard as streams of commands, and what they refuse. */

#include <lz4frame.h>
#include <zstd.h>

#include "ops.h"

#define PLAIN	300001
#define STEP	20011

static size_t at_most_step(size_t n)
{
	return n < STEP ? n : STEP;
}

/* Both ways through streams of @STEP bytes; @z is what lies between. */
static size_t stream(enum axe_opcode op, uint8_t *in, size_t len, uint8_t *out, size_t room)
{
	size_t at = 0, done = 0, n;
	struct ibv_sge src, dst;
	uint32_t flags;
	struct wc wc;

	do {
		n = at_most_step(len - at);
		src = here(&rig, in + at, n);
		dst = here(&rig, out + done, at_most_step(room - done));
		flags = AXE_PACK_STREAM | (at ? 0 : AXE_PACK_RESTART);
		if (op == AXE_OP_LZ4_DECOMPRESS) {
			wc = run(&rig, lz4_decompress, &dst, &src, AXE_FORMAT_LZ4_FRAME, 0, flags);
		} else if (op == AXE_OP_ZSTD_DECOMPRESS) {
			wc = run(&rig, zstd_decompress, &dst, &src, 0, flags);
		} else {
			flags |= at + n == len ? AXE_PACK_FINISH : 0;
			if (op == AXE_OP_LZ4_COMPRESS)
				wc = run(&rig, lz4_compress, &dst, &src, AXE_FORMAT_LZ4_FRAME,
					 flags);
			else
				wc = run(&rig, zstd_compress, &dst, &src, 3, 0, flags);
		}
		assert_int_equal(wc.status, IBV_WC_SUCCESS);
		at += wc.result[1];
		done += wc.byte_len;
	} while (wc.code == AXE_INFO_MORE);
	assert_int_equal(wc.code, AXE_OK);
	assert_int_equal(at, len);
	return done;
}

static void pack__streams(void **state)
{
	uint8_t *plain = pages(MIB), *z = pages(MIB), *out = pages(MIB);
	size_t n;

	fill_text(plain, PLAIN, 7);
	n = stream(AXE_OP_ZSTD_COMPRESS, plain, PLAIN, z, MIB);
	assert_int_equal(ZSTD_decompress(scratch, PLAIN, z, n), PLAIN);
	assert_memory_equal(scratch, plain, PLAIN);
	assert_int_equal(stream(AXE_OP_ZSTD_DECOMPRESS, z, n, out, PLAIN), PLAIN);
	assert_memory_equal(out, plain, PLAIN);

	memset(out, 0, PLAIN);
	n = stream(AXE_OP_LZ4_COMPRESS, plain, PLAIN, z, MIB);
	assert_int_equal(stream(AXE_OP_LZ4_DECOMPRESS, z, n, out, PLAIN), PLAIN);
	assert_memory_equal(out, plain, PLAIN);
	munmap(plain, MIB);
	munmap(z, MIB);
	munmap(out, MIB);
}

static void pack__bad_input(void **state)
{
	uint8_t *plain = pages(PAGE), *z = pages(2 * PAGE), *out = pages(PAGE);
	struct ibv_sge src, dst = here(&rig, out, PAGE);
	struct wc wc;
	size_t n;

	fill_text(plain, PAGE, 3);
	n = ZSTD_compress(z, 2 * PAGE, plain, PAGE, 3);
	src = here(&rig, z, n - 1);
	wc = run(&rig, zstd_decompress, &dst, &src, 0, 0);
	assert_int_equal(wc.code, AXE_ERR_TRUNCATED);
	assert_int_equal(wc.result[0], n - 1);
	src = here(&rig, z, n);
	dst.length--;
	assert_int_equal(run(&rig, zstd_decompress, &dst, &src, 0, 0).code, AXE_ERR_FULL);
	dst.length++;
	z[0] ^= 1;
	wc = run(&rig, zstd_decompress, &dst, &src, 0, 0);
	assert_int_equal(wc.code, AXE_ERR_DATA);
	assert_int_equal(wc.result[0], 0);

	n = LZ4F_compressFrame(z, 2 * PAGE, plain, PAGE, NULL);
	src = here(&rig, z, n);
	z[6] ^= 1;
	wc = run(&rig, lz4_decompress, &dst, &src, AXE_FORMAT_LZ4_FRAME, 0, 0);
	assert_int_equal(wc.code, AXE_ERR_CHECKSUM);
	assert_int_equal(wc.result[0], 6);
	assert_int_equal(run(&rig, lz4_decompress, &dst, &src, 2, 0, 0).code, AXE_ERR_PARAM);
	munmap(plain, PAGE);
	munmap(z, 2 * PAGE);
	munmap(out, PAGE);
}

/* What the device keeps for the next command is the kernel's when it asks for it. */
static void private_memory__is_given_back(void **state)
{
	uint8_t *plain = pages(MIB), *z = pages(MIB);
	struct ibv_sge src = here(&rig, plain, MIB), dst = here(&rig, z, MIB);
	unsigned int i;
	struct wc wc;

	fill_text(plain, MIB, 9);
	for (i = 0; i < 6; i++) {
		/* Two of a length, and one of another. */
		wc = run(&rig, zstd_compress, &dst, &src, i % 3 ? 12 : 1, 0, 0);
		assert_done(wc);
		assert_int_equal(ZSTD_decompress(scratch, MIB, z, wc.byte_len), MIB);
		assert_memory_equal(scratch, plain, MIB);
		if (i % 2)
			write_file("/proc/sys/vm/drop_caches", "2");
	}
	munmap(plain, MIB);
	munmap(z, MIB);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(pack__streams),
	cmocka_unit_test(pack__bad_input),
	cmocka_unit_test(private_memory__is_given_back),
};

LIVE_MAIN("pack", tests, ops_setup, ops_teardown)
