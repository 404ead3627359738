// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Result records: completions in memory. */

#include <zlib.h>

#include "vectors.h"
#include "ways.h"

/* Where zlib works. */
static uint8_t plain[30000];

static void result__stored_in_memory(void **state)
{
	struct axe_result *rec = records(2);
	struct way *way = *state;
	struct ibv_sge src, dst;
	uint8_t *p = pages(64 * KIB);
	struct rig r;
	struct wc wc;

	rig_open(&r, &(struct rig_options){
		.mode = way->mode, .flags = way->flags, .unsignaled = true });
	src = here(&r, p, 30000);
	dst = here(&r, p + 32768, 30000);
	fill_text(p, 30000, 1);
	memset(rec, 0xff, sizeof(*rec));
	rec->valid = 0;
	/* Nobody is told but the memory. */
	rig_begin(&r, 0x1122334455667788, 0);
	axedv_wr_compress(r.qx, &dst, &src, AXE_FORMAT_ZLIB, 6, 0);
	axedv_wr_set_result(r.qx, r.mr->lkey, rec);
	rig_end(&r);
	await_record(rec);
	assert_int_equal(rec->valid, 1);
	assert_int_equal(rec->code, AXE_OK);
	assert_int_equal(rec->status, IBV_WC_SUCCESS);
	assert_true(rec->wr_id == 0x1122334455667788);
	assert_int_equal(rec->result[0], adler32_z(1, p, 30000));
	assert_int_equal(rec->result[1], 30000);
	assert_between(rec->byte_len, 100, 29999);
	assert_int_equal(zlib_inflate(AXE_FORMAT_ZLIB, plain, 30000, p + 32768, rec->byte_len),
			 30000);

	/* Of a failure too, and then there is a completion. */
	rec->valid = 0;
	src.lkey = 1;
	rig_begin(&r, 5, 0);
	axedv_wr_crc32(r.qx, &src, 0);
	axedv_wr_set_result(r.qx, r.mr->lkey, rec);
	rig_end(&r);
	wc = rig_wait_for(&r, 5);
	assert_code(wc, AXE_ERR_KEY);
	assert_true(is_valid(rec));
	assert_int_equal(rec->code, AXE_ERR_KEY);
	assert_int_equal(rec->status, IBV_WC_LOC_PROT_ERR);
	assert_int_equal(rec->wr_id, 5);
	rig_expect_empty(&r);
	rig_close(&r);
	munmap(p, 64 * KIB);
	munmap(rec, PAGE);
}

static struct wc nop_with_record(struct rig *r, uint32_t key, void *record)
{
	rig_begin(r, 9, IBV_SEND_SIGNALED);
	axedv_wr_nop(r->qx);
	axedv_wr_set_result(r->qx, key, record);
	rig_end(r);
	return rig_wait_for(r, 9);
}

static void result__bad_record(void **state)
{
	struct way *way = *state;
	uint8_t *p = small_pages(4 * PAGE);
	struct ibv_mr *mr;
	struct rig r;
	struct wc wc;

	rig_open(&r, &(struct rig_options){ .mode = way->mode, .flags = way->flags });
	munmap(p + PAGE, PAGE);
	wc = nop_with_record(&r, r.mr->lkey, p + PAGE + 64);
	assert_code(wc, AXE_ERR_FAULT);
	assert_int_equal(wc.result[0], (uintptr_t)p + PAGE + 64);
	assert_code(nop_with_record(&r, r.mr->lkey, p + 16), AXE_ERR_PARAM);
	assert_code(nop_with_record(&r, r.mr->lkey, p + 1), AXE_ERR_PARAM);
	assert_code(nop_with_record(&r, 0x1234, p), AXE_ERR_KEY);
	assert_code(nop_with_record(&r, r.mr->lkey, (void *)-64UL), AXE_ERR_FAULT);
	mr = ibv_reg_mr(r.pd, p, PAGE, IBV_ACCESS_ON_DEMAND);
	assert_non_null(mr);
	assert_code(nop_with_record(&r, mr->lkey, p), AXE_ERR_ACCESS);
	wc = nop_with_record(&r, mr->lkey, p + 2 * PAGE);
	assert_true(wc.code == AXE_ERR_ACCESS || wc.code == AXE_ERR_RANGE);
	assert_int_equal(ibv_dereg_mr(mr), 0);
	assert_int_equal(p[0], 0);
	assert_queue_works(&r);
	rig_close(&r);
	munmap(p, 4 * PAGE);
}

/* An extension that is there for nothing; one that says more than this kernel knows. */
static void ext__bytes_that_mean_nothing(void **state)
{
	struct axe_cmd cmd = { .opcode = AXE_OP_NOP, .ext = 1 };
	struct axe_cmd_ext ext = {};
	struct rig r;
	unsigned int i;

	rig_open(&r, NULL);
	assert_done(run_cmd(&r, &cmd, &ext));
	for (i = 0; i < sizeof(ext); i++) {
		((uint8_t *)&ext)[i] = 1;
		assert_code(run_cmd(&r, &cmd, &ext), AXE_ERR_RESERVED);
		((uint8_t *)&ext)[i] = 0;
	}
	cmd.flags = AXE_CMD_RESULT;
	assert_code(run_cmd(&r, &cmd, &ext), AXE_ERR_PARAM);
	ext.result.length = 64;
	assert_code(run_cmd(&r, &cmd, &ext), AXE_ERR_PARAM);
	assert_queue_works(&r);
	rig_close(&r);
}

static const struct CMUnitTest tests[] = {
	IN_ALL_MODES(result__stored_in_memory),
	IN_ALL_MODES(result__bad_record),
	cmocka_unit_test(ext__bytes_that_mean_nothing),
};

LIVE_MAIN("result", tests, NULL, NULL)
