// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Accelerator commands and peers side by side: one PD, one key, one CQ. What a
 * command has made, a QP carries away, with nothing copied in between.
 */

#include "peer.h"
#include "vectors.h"

#define SIZE	100000

static struct rig rig;
static struct pair pair;
static uint8_t *text, *packed, *arrived, *back;
static struct ibv_mr *remote;

static int open_all(void **state)
{
	/* The rig's device, PD and CQ are the pair's, too. */
	rig_open(&rig, &(struct rig_options){ .mode = *(enum axe_queue_mode *)*state });
	node_use(&node, rig.device, rig.ctx, rig.pd);
	pair_open(&pair, &(struct end_options){ .cq = ibv_cq_ex_to_cq(rig.cq) });
	text = pages(SIZE);
	packed = pages(2 * SIZE);
	arrived = pages(2 * SIZE);
	back = pages(SIZE);
	remote = ibv_reg_mr(rig.pd, arrived, 2 * SIZE,
			    IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_WRITE |
			    IBV_ACCESS_REMOTE_READ | IBV_ACCESS_ON_DEMAND);
	demand(remote, "ibv_reg_mr");
	fill_text(text, SIZE, 1);
	return 0;
}

static int close_all(void **state)
{
	pair_close(&pair);
	demand(!ibv_dereg_mr(remote), "ibv_dereg_mr");
	rig_close(&rig);
	munmap(text, SIZE);
	munmap(packed, 2 * SIZE);
	munmap(arrived, 2 * SIZE);
	munmap(back, SIZE);
	return 0;
}

static struct ibv_send_wr carry(enum ibv_wr_opcode opcode, struct ibv_sge *sge)
{
	struct ibv_send_wr wr = wr_of(&pair.a, opcode, sge, 1);

	wr.wr.rdma.remote_addr = (uintptr_t)arrived;
	wr.wr.rdma.rkey = remote->rkey;
	wr.wr_id = 99;
	return wr;
}

static struct wc expect_either(uint64_t id, enum ibv_wc_opcode opcode, uint32_t qp_num)
{
	struct wc wc = rig_wait(&rig);

	demand(wc.wr_id == id && wc.status == IBV_WC_SUCCESS, "id %llu, %s",
	       (unsigned long long)wc.wr_id, ibv_wc_status_str(wc.status));
	assert_int_equal(wc.opcode, opcode);
	assert_int_equal(wc.qp_num, qp_num);
	return wc;
}

/* Compress; the output goes to the peer by the same key; there it is unpacked. */
static void compress_and_write(void **state)
{
	struct ibv_sge src = here(&rig, text, SIZE), dst = here(&rig, packed, 2 * SIZE);
	struct wc wc;

	post(&rig, 1, IBV_SEND_SIGNALED, compress, &dst, &src, AXE_FORMAT_ZLIB, 6, 0);
	wc = expect_either(1, IBV_WC_DRIVER1, rig.qp->qp_num);
	assert_done(wc);
	dst.length = wc.byte_len;
	must_post(&pair.a, carry(IBV_WR_RDMA_WRITE, &dst));
	expect_either(99, IBV_WC_RDMA_WRITE, pair.a.qp->qp_num);
	src = here(&rig, arrived, wc.byte_len);
	dst = here(&rig, back, SIZE);
	post(&rig, 2, IBV_SEND_SIGNALED, decompress, &dst, &src, AXE_FORMAT_ZLIB, 0);
	wc = expect_either(2, IBV_WC_DRIVER1, rig.qp->qp_num);
	assert_int_equal(wc.byte_len, SIZE);
	assert_memory_equal(back, text, SIZE);
}

/* A message is received, and a command checks what arrived. */
static void receive_and_check(void **state)
{
	struct ibv_sge src = here(&rig, text, SIZE), dst = here(&rig, arrived, SIZE);
	struct wc wc, sum;
	unsigned int i;

	assert_int_equal(post_recv_sge(&pair.b, 7, &dst, 1), 0);
	must_post(&pair.a, carry(IBV_WR_SEND, &src));
	/* The two sides' completions may come in either order. */
	for (i = 0; i < 2; i++) {
		wc = rig_wait(&rig);
		assert_int_equal(wc.status, IBV_WC_SUCCESS);
		assert_int_equal(wc.opcode, wc.wr_id == 7 ? IBV_WC_RECV : IBV_WC_SEND);
	}
	wc = run(&rig, crc32, &dst, 0);
	assert_done(wc);
	sum = run(&rig, crc32, &src, 0);
	assert_done(sum);
	demand(wc.result[0] == sum.result[0], "%#llx, not %#llx",
	       (unsigned long long)wc.result[0], (unsigned long long)sum.result[0]);
}

/* Many of both at once: each completes once, the ones of a queue in their order. */
#define ROUNDS 200

static void interleaved(void **state)
{
	struct ibv_sge src = here(&rig, text, 3000), dst = here(&rig, packed, 3000);
	unsigned int commands = 0, writes = 0, i;

	for (i = 0; i < ROUNDS; i++) {
		struct ibv_send_wr wr = carry(IBV_WR_RDMA_WRITE, &src);

		wr.wr_id = i;
		must_post(&pair.a, wr);
		post(&rig, i, IBV_SEND_SIGNALED, copy, &dst, &src);
		while (commands + writes < 2 * (i + 1) && (i % 16 == 15 || i == ROUNDS - 1)) {
			struct wc wc = rig_wait(&rig);
			bool command = wc.qp_num == rig.qp->qp_num;

			assert_int_equal(wc.status, IBV_WC_SUCCESS);
			assert_int_equal(wc.wr_id, command ? commands++ : writes++);
		}
	}
	rig_expect_empty(&rig);
	assert_memory_equal(packed, text, 3000);
	assert_memory_equal(arrived, text, 3000);
}

/* An error of the one is none of the other. */
static void errors_apart(void **state)
{
	struct ibv_sge src = here(&rig, text, 100), bad = src;
	struct ibv_send_wr wr = carry(IBV_WR_RDMA_WRITE, &src);

	bad.lkey ^= 0x77000;
	assert_code(run(&rig, crc32, &bad, 0), AXE_ERR_KEY);
	must_post(&pair.a, wr);
	expect_either(99, IBV_WC_RDMA_WRITE, pair.a.qp->qp_num);
	wr.wr.rdma.rkey ^= 0x77000;
	must_post(&pair.a, wr);
	assert_int_equal(rig_wait(&rig).status, IBV_WC_REM_ACCESS_ERR);
	assert_queue_works(&rig);
}

static enum axe_queue_mode modes[] = { AXE_QUEUE_AUTO, AXE_QUEUE_INLINE, AXE_QUEUE_WORKER };

#define IN(f, name, i)	{ #f "__" name, f, open_all, close_all, &modes[i] }
#define ALL(f)		IN(f, "auto", 0), IN(f, "inline", 1), IN(f, "worker", 2)

static const struct CMUnitTest tests[] = {
	ALL(compress_and_write), ALL(receive_and_check), ALL(interleaved), ALL(errors_apart),
};

LIVE_MAIN("together", tests, NULL, NULL)
