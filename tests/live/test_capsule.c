// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Capsules: an accelerator with nothing but standard verbs. */

#include <sched.h>

#include <zlib.h>

#include "vectors.h"
#include "ways.h"

/* Where zlib works. */
static uint8_t plain[30000];

struct standard {
	struct ibv_context *ctx;
	struct ibv_pd *pd;
	struct ibv_mr *mr;
	struct ibv_cq *cq;
	struct ibv_qp *qp;
};

static void standard_open(struct standard *v)
{
	struct ibv_qp_init_attr attr = {
		.qp_type = IBV_QPT_DRIVER, .sq_sig_all = 1, .cap.max_send_wr = 32,
		.cap.max_send_sge = 4,
	};

	v->ctx = open_device(default_device());
	assert_non_null(v->ctx);
	v->pd = ibv_alloc_pd(v->ctx);
	v->mr = ibv_reg_mr(v->pd, NULL, SIZE_MAX, IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_ON_DEMAND);
	assert_non_null(v->mr);
	v->cq = ibv_create_cq(v->ctx, 64, NULL, NULL, 0);
	assert_non_null(v->cq);
	attr.send_cq = v->cq;
	attr.recv_cq = v->cq;
	v->qp = ibv_create_qp(v->pd, &attr);
	assert_non_null(v->qp);
	assert_between(attr.cap.max_send_wr, 32, 1 << 20);
}

static void standard_close(struct standard *v)
{
	assert_int_equal(ibv_destroy_qp(v->qp), 0);
	assert_int_equal(ibv_destroy_cq(v->cq), 0);
	assert_int_equal(ibv_dereg_mr(v->mr), 0);
	assert_int_equal(ibv_dealloc_pd(v->pd), 0);
	assert_int_equal(ibv_close_device(v->ctx), 0);
}

static struct ibv_wc standard_wait(struct standard *v)
{
	uint64_t end = now_ms() + DEADLINE_MS;
	struct ibv_wc wc;
	int n;

	while (!(n = ibv_poll_cq(v->cq, 1, &wc))) {
		demand(now_ms() < end, "no completion");
		sched_yield();
	}
	demand(n == 1, "ibv_poll_cq: %d", n);
	return wc;
}

static void capsule__compress_and_errors(void **state)
{
	struct standard v;
	uint8_t *p = pages(64 * KIB);
	struct axe_cmd cmd = { .opcode = AXE_OP_COMPRESS, .op.deflate.format = AXE_FORMAT_GZIP };
	struct ibv_sge sge = { (uintptr_t)&cmd, sizeof(cmd), 0 };
	struct ibv_send_wr wr = { .wr_id = 42, .sg_list = &sge, .num_sge = 1,
				  .opcode = IBV_WR_SEND }, *bad;
	struct ibv_wc wc;

	standard_open(&v);
	fill_text(p, 30000, 3);
	cmd.src = (struct axe_buf){ (uintptr_t)p, 30000, v.mr->lkey };
	cmd.dst = (struct axe_buf){ (uintptr_t)p + 32768, 32768, v.mr->lkey };
	assert_int_equal(ibv_post_send(v.qp, &wr, &bad), 0);
	wc = standard_wait(&v);
	assert_int_equal(wc.status, IBV_WC_SUCCESS);
	assert_int_equal(wc.opcode, IBV_WC_SEND);
	assert_int_equal(wc.wr_id, 42);
	assert_int_equal(wc.vendor_err, AXE_OK);
	assert_int_equal(wc.qp_num, v.qp->qp_num);
	assert_int_equal(zlib_inflate(AXE_FORMAT_GZIP, plain, 30000, p + 32768, wc.byte_len),
			 30000);
	assert_memory_equal(plain, p, 30000);

	/* An error has its code, and the queue goes on. */
	cmd.dst.length = 10;
	wr.send_flags = IBV_SEND_INLINE;
	assert_int_equal(ibv_post_send(v.qp, &wr, &bad), 0);
	wc = standard_wait(&v);
	assert_int_equal(wc.status, IBV_WC_LOC_LEN_ERR);
	assert_int_equal(wc.vendor_err, AXE_ERR_FULL);
	cmd.dst = (struct axe_buf){};
	cmd.opcode = AXE_OP_CRC32;
	cmd.op.deflate.format = 0;
	assert_int_equal(ibv_post_send(v.qp, &wr, &bad), 0);
	assert_int_equal(standard_wait(&v).status, IBV_WC_SUCCESS);
	standard_close(&v);
	munmap(p, 64 * KIB);
}

static void capsule__with_result_record(void **state)
{
	struct {
		struct axe_cmd cmd;
		struct axe_cmd_ext ext;
	} capsule = { .cmd = { .opcode = AXE_OP_CRC32C, .ext = 1, .flags = AXE_CMD_RESULT } };
	struct axe_result *rec = records(1);
	struct standard v;
	uint8_t *p = pages(PAGE);
	/* Gathered from three places. */
	struct ibv_sge sge[3] = {
		{ (uintptr_t)&capsule, 10, 0 }, { (uintptr_t)&capsule + 10, 60, 0 },
		{ (uintptr_t)&capsule + 70, 58, 0 },
	};
	struct ibv_send_wr wr = { .wr_id = 43, .sg_list = sge, .num_sge = 3,
				  .opcode = IBV_WR_SEND }, *bad;
	struct ibv_wc wc;

	standard_open(&v);
	fill_noise(p, PAGE, 3);
	capsule.cmd.src = (struct axe_buf){ (uintptr_t)p, PAGE, v.mr->lkey };
	capsule.ext.result = (struct axe_buf){ (uintptr_t)rec, sizeof(*rec), v.mr->lkey };
	assert_int_equal(ibv_post_send(v.qp, &wr, &bad), 0);
	wc = standard_wait(&v);
	assert_int_equal(wc.status, IBV_WC_SUCCESS);
	assert_int_equal(wc.opcode, IBV_WC_SEND);
	assert_int_equal(rec->valid, 1);
	assert_int_equal(rec->wr_id, 43);
	assert_int_equal(rec->result[0], crc32c(0, p, PAGE));
	standard_close(&v);
	munmap(p, PAGE);
	munmap(rec, PAGE);
}

static void capsule__wrong_size_or_kind(void **state)
{
	static const unsigned int sizes[] = { 0, 1, 63, 65, 127, 129, 192, 4096 };
	struct standard v;
	uint8_t *p = pages(PAGE);
	struct ibv_sge sge = { (uintptr_t)p, 64, 0 };
	struct ibv_send_wr wr[3], *bad;
	unsigned int i;

	standard_open(&v);
	for (i = 0; i < 3; i++)
		wr[i] = (struct ibv_send_wr) { .wr_id = i, .sg_list = &sge, .num_sge = 1,
					       .opcode = IBV_WR_SEND };
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		sge.length = sizes[i];
		assert_int_equal(ibv_post_send(v.qp, wr, &bad), EINVAL);
		assert_ptr_equal(bad, wr);
	}
	sge.length = 64;
	wr->num_sge = 0;
	assert_int_equal(ibv_post_send(v.qp, wr, &bad), EINVAL);
	wr->num_sge = 1;
	/* The command says that a second slot follows, and none does. */
	((struct axe_cmd *)p)->ext = 1;
	assert_int_equal(ibv_post_send(v.qp, wr, &bad), EINVAL);
	((struct axe_cmd *)p)->ext = 0;
	for (i = 0; i < 12; i++) {
		wr->opcode = i;
		if (i != IBV_WR_SEND)
			assert_int_equal(ibv_post_send(v.qp, wr, &bad), EINVAL);
	}
	wr->opcode = IBV_WR_SEND;
	wr->send_flags = 1 << 15;
	assert_int_equal(ibv_post_send(v.qp, wr, &bad), EINVAL);
	wr->send_flags = 0;

	/* Of three the second is bad: the first is posted. */
	wr[0].next = &wr[1];
	wr[1].next = &wr[2];
	wr[1].opcode = IBV_WR_RDMA_READ;
	assert_int_equal(ibv_post_send(v.qp, wr, &bad), EINVAL);
	assert_ptr_equal(bad, &wr[1]);
	assert_int_equal(standard_wait(&v).wr_id, 0);
	assert_int_equal(ibv_poll_cq(v.cq, 1, &(struct ibv_wc){}), 0);
	/* Nothing can be received. */
	assert_int_not_equal(ibv_post_recv(v.qp, &(struct ibv_recv_wr){},
					   &(struct ibv_recv_wr *){ NULL }), 0);
	standard_close(&v);
	munmap(p, PAGE);
}

/* The same through ibv_wr_send() of an extended QP. */
static void capsule__through_the_new_interface(void **state)
{
	struct axe_cmd cmd = { .opcode = AXE_OP_NOP };
	struct ibv_qp_init_attr_ex attr = {
		.qp_type = IBV_QPT_DRIVER, .cap.max_send_wr = 4, .sq_sig_all = 1,
		.comp_mask = IBV_QP_INIT_ATTR_PD | IBV_QP_INIT_ATTR_SEND_OPS_FLAGS,
		.send_ops_flags = IBV_QP_EX_WITH_SEND,
	};
	struct ibv_qp_ex *qx;
	struct ibv_qp *qp;
	struct standard v;
	struct ibv_wc wc;

	standard_open(&v);
	attr.pd = v.pd;
	attr.send_cq = v.cq;
	attr.recv_cq = v.cq;
	qp = ibv_create_qp_ex(v.ctx, &attr);
	assert_non_null(qp);
	qx = ibv_qp_to_qp_ex(qp);
	ibv_wr_start(qx);
	qx->wr_id = 1;
	qx->wr_flags = 0;
	ibv_wr_send(qx);
	ibv_wr_set_sge(qx, 0, (uintptr_t)&cmd, sizeof(cmd));
	qx->wr_id = 2;
	ibv_wr_send(qx);
	ibv_wr_set_inline_data(qx, &cmd, sizeof(cmd));
	assert_int_equal(ibv_wr_complete(qx), 0);
	wc = standard_wait(&v);
	assert_int_equal(wc.wr_id, 1);
	assert_int_equal(wc.opcode, IBV_WC_SEND);
	assert_int_equal(standard_wait(&v).wr_id, 2);
	/* A send without its payload. */
	ibv_wr_start(qx);
	ibv_wr_send(qx);
	assert_int_equal(ibv_wr_complete(qx), EINVAL);
	assert_int_equal(ibv_destroy_qp(qp), 0);
	standard_close(&v);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(capsule__compress_and_errors),
	cmocka_unit_test(capsule__with_result_record),
	cmocka_unit_test(capsule__wrong_size_or_kind),
	cmocka_unit_test(capsule__through_the_new_interface),
};

LIVE_MAIN("capsule", tests, NULL, NULL)
