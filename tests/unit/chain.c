// SPDX-License-Identifier: GPL-2.0
/* Chains, against the same operations one by one. */
#include "packed.h"
#include "vectors.h"

#define MAX_LEN		200000

static struct axe_stage stage(enum axe_opcode opcode, u8 format)
{
	struct axe_stage s = { .cmd = unit_cmd(opcode) };

	s.cmd.op.deflate.format = format;
	return s;
}

static int run_chain(struct unit_run *run, const struct axe_stage *stages, unsigned int num)
{
	run->cmd = unit_cmd(AXE_OP_CHAIN);
	run->aux = (void *)stages;
	run->aux_len = num * sizeof(*stages);
	return unit_run(run);
}

static int run_alone(struct unit_run *run, const struct axe_stage *s)
{
	run->cmd = s->cmd;
	return unit_run(run);
}

/* Through what is there: to gzip, over copies and checksums, and back. */
static void axe_chain_exec__long_data_comes_back(void **state)
{
	struct axe_stage stages[] = {
		stage(AXE_OP_COMPRESS, AXE_FORMAT_ZLIB), stage(AXE_OP_CRC32C, 0),
		stage(AXE_OP_DECOMPRESS, AXE_FORMAT_ZLIB), stage(AXE_OP_COPY, 0),
	};
	size_t lens[] = { 0, 1, 16384, 16385, 65536, MAX_LEN };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		u8 *text = unit_text(lens[i]), *back = malloc(lens[i] + 1);

		for_each_cut(cut) {
			struct unit_run run = {
				.src = text, .src_len = lens[i], .dst = back, .dst_len = lens[i],
				.src_cut = cut, .dst_cut = UNIT_RANDOM,
			};

			memset(back, 0xee, lens[i] + 1);
			assert_int_equal(run_chain(&run, stages, 4), AXE_OK);
			assert_int_equal(run.done, lens[i]);
			assert_memory_equal(back, text, lens[i]);
			assert_int_equal(back[lens[i]], 0xee);
		}
		free(text);
		free(back);
	}
}

/* The stages' results are those of the operations alone, in every order of the two. */
static void axe_chain_exec__results_are_those_of_the_operations(void **state)
{
	struct axe_stage gzip = stage(AXE_OP_COMPRESS, AXE_FORMAT_GZIP);
	struct axe_stage crc = stage(AXE_OP_CRC32C, 0);
	struct axe_stage before[] = { crc, gzip }, behind[] = { gzip, crc };
	size_t len = 70000, room = len + 1000;
	u8 *text = unit_text(len), *packed = malloc(room), *chained = malloc(room);
	struct unit_run alone = { .src = text, .src_len = len, .dst = packed, .dst_len = room };
	struct unit_run sum = { .src = text, .src_len = len };
	struct unit_run run = {
		.src = text, .src_len = len, .dst = chained, .dst_len = room,
		.src_cut = UNIT_RANDOM, .dst_cut = UNIT_RANDOM,
	};

	assert_int_equal(run_alone(&alone, &gzip), AXE_OK);
	assert_int_equal(run_alone(&sum, &crc), AXE_OK);
	assert_int_equal(run_chain(&run, before, 2), AXE_OK);
	assert_int_equal(run.done, alone.done);
	assert_memory_equal(chained, packed, alone.done);
	assert_true(run.result[0] == sum.result[0]);

	sum.src = packed;
	sum.src_len = alone.done;
	assert_int_equal(run_alone(&sum, &crc), AXE_OK);
	assert_int_equal(run_chain(&run, behind, 2), AXE_OK);
	assert_memory_equal(chained, packed, alone.done);
	assert_true(run.result[0] == sum.result[0]);
	free(text);
	free(packed);
	free(chained);
}

/* An error says which stage and, as the stage does, where. */
static void axe_chain_exec__error_names_the_stage(void **state)
{
	struct axe_stage stages[] = {
		stage(AXE_OP_COPY, 0), stage(AXE_OP_CRC32, 0),
		stage(AXE_OP_DECOMPRESS, AXE_FORMAT_GZIP), stage(AXE_OP_COPY, 0),
	};
	struct packed p = pack(AXE_FORMAT_GZIP, 50000);
	u8 *back = malloc(50000);

	p.data[p.len - 8] ^= 1;
	for_each_cut(cut) {
		struct unit_run run = {
			.src = p.data, .src_len = p.len, .dst = back, .dst_len = 50000,
			.src_cut = cut, .dst_cut = cut,
		};

		assert_int_equal(run_chain(&run, stages, 4), AXE_ERR_CHECKSUM);
		assert_int_equal(run.result[0], p.len - 8);
		assert_int_equal(run.result[1], 2);
		/* The one behind it has not come to the end of its data. */
		assert_int_equal(run.stage_code[3], AXE_EXEC_MORE);
		run.src_len = p.len - 9;
		assert_int_equal(run_chain(&run, stages, 4), AXE_ERR_TRUNCATED);
		assert_int_equal(run.result[1], 2);
	}
	unpack_free(&p);
	free(back);
}

static void axe_chain_exec__every_room_that_is_too_small_is_full(void **state)
{
	struct axe_stage stages[] = { stage(AXE_OP_CRC32, 0), stage(AXE_OP_COPY, 0) };
	u8 *text = unit_text(40000), *to = malloc(40000);
	size_t rooms[] = { 0, 1, 16383, 16384, 16385, 39999 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rooms); i++) {
		for_each_cut(cut) {
			struct unit_run run = {
				.src = text, .src_len = 40000, .dst = to, .dst_len = rooms[i],
				.src_cut = cut, .dst_cut = UNIT_RANDOM,
			};

			assert_int_equal(run_chain(&run, stages, 2), AXE_ERR_FULL);
			assert_int_equal(run.done, rooms[i]);
		}
	}
	free(text);
	free(to);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(axe_chain_exec__long_data_comes_back),
	cmocka_unit_test(axe_chain_exec__results_are_those_of_the_operations),
	cmocka_unit_test(axe_chain_exec__error_names_the_stage),
	cmocka_unit_test(axe_chain_exec__every_room_that_is_too_small_is_full),
};

int main(void)
{
	return unit_main("chain", tests, ARRAY_SIZE(tests));
}
