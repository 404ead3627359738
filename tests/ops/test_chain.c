// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* What is special about chains: results of stages, errors, traffic. */

#include <zlib.h>

#include "ops.h"

/* Buffers and stages of a test; all in the implicit region. */
struct bench {
	uint8_t *src;
	uint8_t *mid;
	uint8_t *dst;
	struct axe_stage *stages;
	struct axe_result *records;
};

static struct bench bench;
#define SIZE (MIB + 4096)

static int bench_setup(void **state)
{
	ops_setup(state);
	bench.src = pages(SIZE);
	bench.mid = pages(SIZE);
	bench.dst = pages(SIZE);
	bench.stages = pages(PAGE);
	bench.records = pages(PAGE);
	return 0;
}

static int bench_teardown(void **state)
{
	munmap(bench.src, SIZE);
	munmap(bench.mid, SIZE);
	munmap(bench.dst, SIZE);
	munmap(bench.stages, PAGE);
	munmap(bench.records, PAGE);
	return ops_teardown(state);
}

static struct axe_stage *stage(unsigned int i, enum axe_opcode opcode)
{
	axedv_stage_init(&bench.stages[i], opcode);
	return &bench.stages[i];
}

static struct wc run_chain(unsigned int num, size_t src_len, size_t dst_len)
{
	struct ibv_sge src = here(&rig, bench.src, src_len), dst = here(&rig, bench.dst, dst_len);
	struct ibv_sge stages = here(&rig, bench.stages, num * sizeof(struct axe_stage));
	uint64_t id = ++rig.next_id;

	memset(bench.records, 0, PAGE);
	rig_begin(&rig, id, IBV_SEND_SIGNALED);
	axedv_wr_chain(rig.qx, &dst, &src, &stages);
	axedv_wr_set_chain_results(rig.qx, rig.mr->lkey, bench.records, 1 + num);
	rig_end(&rig);
	return rig_wait_for(&rig, id);
}

static void assert_record(unsigned int i, enum axe_code code, uint64_t result, uint32_t byte_len)
{
	const struct axe_result *rec = &bench.records[i];

	assert_int_equal(rec->valid, 1);
	assert_int_equal(le16toh(rec->code), code);
	assert_int_equal(rec->status, status_of(code));
	assert_int_equal(le64toh(rec->result[0]), result);
	assert_int_equal(le32toh(rec->byte_len), byte_len);
}

static void chain__each_stage_has_its_record(void **state)
{
	size_t length = 100000;
	long plain;
	struct wc wc;

	fill_text(bench.src, length, 3);
	stage(0, AXE_OP_CRC32);
	stage(1, AXE_OP_COMPRESS)->cmd.op.deflate.format = AXE_FORMAT_ZLIB;
	stage(2, AXE_OP_CRC32C);
	stage(3, AXE_OP_COPY);
	wc = run_chain(4, length, SIZE);
	assert_done(wc);
	plain = zlib_inflate(AXE_FORMAT_ZLIB, scratch, length, bench.dst, wc.byte_len);
	assert_int_equal(plain, length);
	assert_memory_equal(scratch, bench.src, length);
	assert_int_equal(wc.result[0], crc32c(0, bench.dst, wc.byte_len));
	assert_record(0, AXE_OK, wc.result[0], wc.byte_len);
	assert_record(1, AXE_OK, crc32_z(0, bench.src, length), 0);
	assert_record(2, AXE_OK, zlib_sum(AXE_FORMAT_ZLIB, bench.src, length), wc.byte_len);
	assert_record(3, AXE_OK, wc.result[0], 0);
	assert_record(4, AXE_OK, 0, wc.byte_len);
}

static void chain__error_names_stage_and_place(void **state)
{
	size_t length = 50000, n;
	struct wc wc;

	fill_text(scratch, length, 4);
	n = zlib_deflate(AXE_FORMAT_GZIP, 6, bench.src, SIZE, scratch, length);
	bench.src[n - 5] ^= 1;
	stage(0, AXE_OP_COPY);
	stage(1, AXE_OP_DECOMPRESS)->cmd.op.deflate.format = AXE_FORMAT_GZIP;
	stage(2, AXE_OP_CRC32);
	wc = run_chain(3, n, SIZE);
	assert_code(wc, AXE_ERR_CHECKSUM);
	assert_int_equal(wc.result[0], n - 8);
	assert_int_equal(wc.result[1], 1);
	assert_int_equal(le16toh(bench.records[2].code), AXE_ERR_CHECKSUM);
	assert_int_equal(le16toh(bench.records[3].code), AXE_ERR_FLUSHED);
	assert_queue_works(&rig);
}

static void chain__wrong_stages_are_refused(void **state)
{
	struct wc wc;

	stage(0, AXE_OP_COPY);
	stage(1, AXE_OP_NOP);
	wc = run_chain(2, 100, 100);
	assert_code(wc, AXE_ERR_PARAM);
	assert_int_equal(wc.result[1], 1);
	stage(1, AXE_OP_CHAIN);
	wc = run_chain(2, 100, 100);
	demand(wc.code == AXE_ERR_LENGTH || wc.code == AXE_ERR_PARAM, "a chain in a chain: %d",
	       wc.code);
	stage(1, AXE_OP_MAX);
	wc = run_chain(2, 100, 100);
	assert_code(wc, AXE_ERR_OPCODE);
	stage(1, AXE_OP_CRC32)->cmd.flags = htole32(AXE_CMD_FENCE);
	wc = run_chain(2, 100, 100);
	assert_code(wc, AXE_ERR_RESERVED);
	stage(1, AXE_OP_CRC32)->cmd.src.length = htole32(1);
	wc = run_chain(2, 100, 100);
	assert_code(wc, AXE_ERR_RESERVED);
	stage(1, AXE_OP_CRC32)->ext.op.raw[3] = 1;
	wc = run_chain(2, 100, 100);
	assert_code(wc, AXE_ERR_RESERVED);
	stage(1, AXE_OP_DECOMPRESS)->cmd.op.deflate.flags = htole32(AXE_DEFLATE_STREAM);
	wc = run_chain(2, 100, 100);
	assert_code(wc, AXE_ERR_PARAM);
	assert_queue_works(&rig);
}

static void chain__wrong_numbers_of_stages_are_refused(void **state)
{
	struct ibv_sge src = here(&rig, bench.src, 100), dst = here(&rig, bench.dst, 100);
	struct ibv_sge five = here(&rig, bench.stages, 5 * sizeof(struct axe_stage));
	unsigned int i;

	for (i = 0; i < 5; i++)
		stage(i, AXE_OP_COPY);
	assert_code(run_chain(0, 100, 100), AXE_ERR_LENGTH);
	assert_code(run(&rig, chain, &dst, &src, &five), AXE_ERR_LENGTH);
	/* Nor are there records for so many. */
	assert_code(run_chain(5, 100, 100), AXE_ERR_PARAM);
	assert_done(run_chain(4, 100, 100));
	assert_queue_works(&rig);
}

/* Stages that go while the chain begins. */
static void chain__stages_that_are_not_there(void **state)
{
	struct ibv_sge src = here(&rig, bench.src, 100), dst = here(&rig, bench.dst, 100);
	uint8_t *gone = pages(PAGE);
	struct ibv_sge stages = here(&rig, gone, sizeof(struct axe_stage));
	struct wc wc;

	munmap(gone, PAGE);
	wc = run(&rig, chain, &dst, &src, &stages);
	assert_code(wc, AXE_ERR_FAULT);
	assert_int_equal(wc.result[0], (uintptr_t)gone);
	assert_queue_works(&rig);
}

/*
 * All chains of two and three stages: data goes there, and back through the reverse of
 * each stage in the reverse order, and is what it was. A checksum sees the same data on
 * both ways, so that it says the same.
 */
static const struct way {
	enum axe_opcode there;
	enum axe_opcode back;
	bool sum;
} ways[] = {
	{ AXE_OP_COPY, AXE_OP_COPY, false },
	{ AXE_OP_COMPRESS, AXE_OP_DECOMPRESS, false },
	{ AXE_OP_ENCRYPT, AXE_OP_DECRYPT, false },
	{ AXE_OP_CRC32, AXE_OP_CRC32, true },
	{ AXE_OP_CRC32C, AXE_OP_CRC32C, true },
	{ AXE_OP_CRC64, AXE_OP_CRC64, true },
	{ AXE_OP_CRC16_T10, AXE_OP_CRC16_T10, true },
	{ AXE_OP_ADLER32, AXE_OP_ADLER32, true },
	{ AXE_OP_XXH64, AXE_OP_XXH64, true },
	{ AXE_OP_XXH32, AXE_OP_XXH32, true },
};

static struct axedv_key *aes_ctr;

static void stage_of_way(unsigned int i, enum axe_opcode opcode)
{
	struct axe_stage *s = stage(i, opcode);

	if (opcode == AXE_OP_ENCRYPT || opcode == AXE_OP_DECRYPT) {
		s->cmd.op.cipher.key = htole32(axedv_key_number(aes_ctr));
		s->cmd.ext = 1;
		memset(s->ext.op.cipher.iv, i + 1, sizeof(s->ext.op.cipher.iv));
	} else if (opcode == AXE_OP_COMPRESS || opcode == AXE_OP_DECOMPRESS) {
		s->cmd.op.deflate.format = AXE_FORMAT_GZIP;
	} else if (opcode == AXE_OP_ADLER32) {
		s->cmd.op.crc.seed = htole32(1);
	}
}

static void there_and_back(const struct way *const way[], unsigned int num, size_t length)
{
	uint64_t sums[AXE_MAX_STAGES];
	unsigned int i;
	struct wc wc;

	fill_text(bench.src, length, num + length);
	memcpy(scratch, bench.src, length);
	for (i = 0; i < num; i++)
		stage_of_way(i, way[i]->there);
	wc = run_chain(num, length, SIZE);
	assert_done(wc);
	for (i = 0; i < num; i++)
		sums[i] = le64toh(bench.records[1 + i].result[0]);
	if (way[0]->there == AXE_OP_CRC32)
		assert_int_equal(sums[0], crc32_z(0, scratch, length));

	memcpy(bench.src, bench.dst, wc.byte_len);
	memset(bench.dst, 0, length + 1);
	for (i = 0; i < num; i++) {
		stage_of_way(i, way[num - 1 - i]->back);
		/* The counter of the stage that it undoes. */
		if (way[num - 1 - i]->back == AXE_OP_DECRYPT)
			memset(bench.stages[i].ext.op.cipher.iv, num - i, 16);
	}
	wc = run_chain(num, wc.byte_len, SIZE);
	assert_done(wc);
	assert_int_equal(wc.byte_len, length);
	demand(!memcmp(bench.dst, scratch, length), "op %d, op %d: not what was sent",
	       way[0]->there, way[1]->there);
	for (i = 0; i < num; i++)
		if (way[i]->sum)
			assert_int_equal(le64toh(bench.records[num - i].result[0]), sums[i]);
}

static void chain__every_pair_and_triple(void **state)
{
	static const uint8_t bytes[16] = "0123456789abcde";
	const size_t n = ARRAY_SIZE(ways);
	size_t i, j, k;

	aes_ctr = axedv_create_key(rig.pd, AXE_KEY_AES_CTR, AXE_KEY_ENCRYPT | AXE_KEY_DECRYPT,
				   bytes, sizeof(bytes));
	demand(aes_ctr, "axedv_create_key");
	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++) {
			const struct way *way[3] = { &ways[i], &ways[j] };

			there_and_back(way, 2, 40000);
			for (k = 0; k < n; k++) {
				way[2] = &ways[k];
				there_and_back(way, 3, 1 + (i * 81 + j * 9 + k) * 7);
			}
		}
	}
	assert_int_equal(axedv_destroy_key(aes_ctr), 0);
}

/* A cipher in blocks gets what the stage before makes, of whatever length. */
static void chain__no_whole_blocks(void **state)
{
	static const uint8_t bytes[16] = "0123456789abcde";
	struct axe_stage *s;
	struct wc wc;

	aes_ctr = axedv_create_key(rig.pd, AXE_KEY_AES_CBC, AXE_KEY_ENCRYPT | AXE_KEY_DECRYPT,
				   bytes, sizeof(bytes));
	demand(aes_ctr, "axedv_create_key");
	stage(0, AXE_OP_COPY);
	s = stage(1, AXE_OP_ENCRYPT);
	s->cmd.op.cipher.key = htole32(axedv_key_number(aes_ctr));
	assert_done(run_chain(2, 20000, SIZE));
	wc = run_chain(2, 20001, SIZE);
	assert_code(wc, AXE_ERR_LENGTH);
	assert_int_equal(wc.result[1], 1);
	assert_int_equal(axedv_destroy_key(aes_ctr), 0);
	assert_queue_works(&rig);
}

static uint64_t traffic(void)
{
	static const char *const ops[] = { "copy", "crc32", "crc32c", "chain" };
	uint64_t sum = 0;
	char name[32];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		snprintf(name, sizeof(name), "%s_bytes_in", ops[i]);
		sum += counter(rig.device, name);
		snprintf(name, sizeof(name), "%s_bytes_out", ops[i]);
		sum += counter(rig.device, name);
	}
	return sum;
}

/* copy, crc32, copy, crc32c, each a command */
static void one_by_one(void)
{
	struct ibv_sge a = here(&rig, bench.src, MIB), b = here(&rig, bench.mid, MIB);
	struct ibv_sge c = here(&rig, bench.dst, MIB);
	uint64_t id = ++rig.next_id;

	rig_begin(&rig, id, 0);
	axedv_wr_copy(rig.qx, &b, &a);
	rig.qx->wr_flags = AXEDV_SEND_LINK;
	axedv_wr_crc32(rig.qx, &b, 0);
	axedv_wr_copy(rig.qx, &c, &b);
	rig.qx->wr_flags = AXEDV_SEND_LINK | IBV_SEND_SIGNALED;
	axedv_wr_crc32c(rig.qx, &c, 0);
	rig_end(&rig);
	assert_done(rig_wait_for(&rig, id));
}

static void chain__moves_half_the_bytes_or_less(void **state)
{
	uint64_t before, between, after;

	fill_noise(bench.src, MIB, 1);
	stage(0, AXE_OP_COPY);
	stage(1, AXE_OP_CRC32);
	stage(2, AXE_OP_COPY);
	stage(3, AXE_OP_CRC32C);
	before = traffic();
	one_by_one();
	between = traffic();
	assert_done(run_chain(4, MIB, MIB));
	after = traffic();
	assert_int_equal(after - between, 2 * MIB);
	demand(2 * (after - between) <= between - before, "%llu bytes, one by one %llu",
	       (unsigned long long)(after - between), (unsigned long long)(between - before));
}

static int setup_signal_some(void **state)
{
	static const struct rig_options options = { .unsignaled = true };
	int ret = bench_setup(state);

	rig_close_queue(&rig);
	rig_open_queue(&rig, &options);
	return ret;
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(chain__each_stage_has_its_record),
	cmocka_unit_test(chain__error_names_stage_and_place),
	cmocka_unit_test(chain__wrong_stages_are_refused),
	cmocka_unit_test(chain__wrong_numbers_of_stages_are_refused),
	cmocka_unit_test(chain__stages_that_are_not_there),
	cmocka_unit_test(chain__every_pair_and_triple),
	cmocka_unit_test(chain__no_whole_blocks),
	cmocka_unit_test(chain__moves_half_the_bytes_or_less),
};

LIVE_MAIN("chain", tests, setup_signal_some, bench_teardown)
