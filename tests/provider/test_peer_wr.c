// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Work requests to peers, built with ibv_wr_*(). */

#include "peers.h"

#define IMM	htobe32(0x01020304)

static struct rig *rig_ex(enum ibv_qp_type type)
{
	struct rig *f = rig_peer(type);

	axe_peer_wr_init(&f->qp, f->qp.send_ops);
	f->qpx->wr_id = WR_ID;
	f->qpx->wr_flags = IBV_SEND_SIGNALED;
	return f;
}

static int setup_rc(void **state)
{
	*state = rig_ex(IBV_QPT_RC);
	return 0;
}

static int setup_ud(void **state)
{
	*state = rig_ex(IBV_QPT_UD);
	return 0;
}

static int setup_xrc(void **state)
{
	*state = rig_ex(IBV_QPT_XRC_SEND);
	return 0;
}

static void set_one_sge(struct rig *f)
{
	ibv_wr_set_sge(f->qpx, one_sge.lkey, one_sge.addr, one_sge.length);
}

/* A request without data, and with one_sge. */
static struct axe_send_wr bare(enum ibv_wr_opcode opcode)
{
	return (struct axe_send_wr) {
		.opcode = opcode,
		.flags = AXE_WR_SIGNALED,
		.wr_id = htole64(WR_ID),
	};
}

static struct axe_send_wr request_of(enum ibv_wr_opcode opcode)
{
	struct axe_send_wr req = bare(opcode);

	req.num_sge = 1;
	req.sge = buf_of(&one_sge);
	return req;
}

static struct axe_send_wr remote_of(enum ibv_wr_opcode opcode)
{
	struct axe_send_wr req = request_of(opcode);

	req.rkey = htole32(RKEY);
	req.remote_addr = htole64(REMOTE_ADDR);
	return req;
}

static void send__each(void **state)
{
	struct rig *f = *state;
	struct axe_send_wr send = request_of(IBV_WR_SEND);
	struct axe_send_wr imm = request_of(IBV_WR_SEND_WITH_IMM);
	struct axe_send_wr inv = request_of(IBV_WR_SEND_WITH_INV);

	imm.imm_data = IMM;
	inv.invalidate_rkey = htole32(RKEY);
	ibv_wr_start(f->qpx);
	ibv_wr_send(f->qpx);
	set_one_sge(f);
	ibv_wr_send_imm(f->qpx, IMM);
	set_one_sge(f);
	ibv_wr_send_inv(f->qpx, RKEY);
	set_one_sge(f);
	assert_int_equal(f->hdr->tail, 0);
	assert_int_equal(ibv_wr_complete(f->qpx), 0);
	assert_int_equal(f->hdr->tail, 3);
	assert_request(f, 0, &send);
	assert_request(f, 1, &imm);
	assert_request(f, 2, &inv);
}

static void rdma__each(void **state)
{
	struct rig *f = *state;
	struct axe_send_wr write = remote_of(IBV_WR_RDMA_WRITE);
	struct axe_send_wr imm = remote_of(IBV_WR_RDMA_WRITE_WITH_IMM);
	struct axe_send_wr read = remote_of(IBV_WR_RDMA_READ);

	imm.imm_data = IMM;
	ibv_wr_start(f->qpx);
	ibv_wr_rdma_write(f->qpx, RKEY, REMOTE_ADDR);
	set_one_sge(f);
	ibv_wr_rdma_write_imm(f->qpx, RKEY, REMOTE_ADDR, IMM);
	set_one_sge(f);
	ibv_wr_rdma_read(f->qpx, RKEY, REMOTE_ADDR);
	set_one_sge(f);
	assert_int_equal(ibv_wr_complete(f->qpx), 0);
	assert_request(f, 0, &write);
	assert_request(f, 1, &imm);
	assert_request(f, 2, &read);
}

static void atomic__each(void **state)
{
	struct rig *f = *state;
	struct axe_send_wr swap = remote_of(IBV_WR_ATOMIC_CMP_AND_SWP);
	struct axe_send_wr add = remote_of(IBV_WR_ATOMIC_FETCH_AND_ADD);
	struct axe_send_wr write = remote_of(IBV_WR_ATOMIC_WRITE);
	uint8_t word[64] = { 1, 2, 3, 4, 5, 6, 7, 8 };

	swap.sge.length = htole32(8);
	swap.op.atomic.compare_add = htole64(0x1111222233334444);
	swap.op.atomic.swap = htole64(0x5555666677778888);
	add.sge.length = htole32(8);
	add.op.atomic.compare_add = htole64(0x99);
	write.num_sge = 0;
	write.ext = 1;
	write.flags |= AXE_WR_INLINE;
	write.sge = (struct axe_buf) { .length = htole32(8) };
	ibv_wr_start(f->qpx);
	ibv_wr_atomic_cmp_swp(f->qpx, RKEY, REMOTE_ADDR, 0x1111222233334444,
			      0x5555666677778888);
	set_one_sge(f);
	ibv_wr_atomic_fetch_add(f->qpx, RKEY, REMOTE_ADDR, 0x99);
	set_one_sge(f);
	ibv_wr_atomic_write(f->qpx, RKEY, REMOTE_ADDR, word);
	assert_int_equal(ibv_wr_complete(f->qpx), 0);
	assert_int_equal(f->hdr->tail, 4);
	assert_request(f, 0, &swap);
	assert_request(f, 1, &add);
	assert_request(f, 2, &write);
	assert_memory_equal(slot_at(f, 3), word, sizeof(word));
}

static void flush__each(void **state)
{
	struct rig *f = *state;
	struct axe_send_wr req = bare(IBV_WR_FLUSH);

	req.rkey = htole32(RKEY);
	req.remote_addr = htole64(REMOTE_ADDR);
	req.op.flush.length = htole64(0x123456789);
	req.op.flush.type = htole32(IBV_FLUSH_GLOBAL | IBV_FLUSH_PERSISTENT);
	req.op.flush.level = htole32(IBV_FLUSH_MR);
	ibv_wr_start(f->qpx);
	ibv_wr_flush(f->qpx, RKEY, REMOTE_ADDR, 0x123456789,
		     IBV_FLUSH_GLOBAL | IBV_FLUSH_PERSISTENT, IBV_FLUSH_MR);
	assert_int_equal(ibv_wr_complete(f->qpx), 0);
	assert_request(f, 0, &req);
}

static void mw__each(void **state)
{
	struct rig *f = *state;
	struct ibv_mr mr = { .lkey = 0x4455 };
	struct ibv_mw mw = { .rkey = RKEY, .type = IBV_MW_TYPE_2 };
	struct ibv_mw_bind_info info = {
		.mr = &mr, .addr = REMOTE_ADDR, .length = 4096,
		.mw_access_flags = IBV_ACCESS_REMOTE_READ,
	};
	struct axe_send_wr bind = bare(IBV_WR_BIND_MW);
	struct axe_send_wr inv = bare(IBV_WR_LOCAL_INV);

	bind.rkey = htole32(RKEY);
	bind.invalidate_rkey = htole32(RKEY + 1);
	bind.remote_addr = htole64(REMOTE_ADDR);
	bind.op.bind.length = htole64(4096);
	bind.op.bind.mr_key = htole32(0x4455);
	bind.op.bind.access = htole32(IBV_ACCESS_REMOTE_READ);
	inv.invalidate_rkey = htole32(RKEY + 1);
	ibv_wr_start(f->qpx);
	ibv_wr_bind_mw(f->qpx, &mw, RKEY + 1, &info);
	ibv_wr_local_inv(f->qpx, RKEY + 1);
	assert_int_equal(ibv_wr_complete(f->qpx), 0);
	assert_request(f, 0, &bind);
	assert_request(f, 1, &inv);

	mw.type = IBV_MW_TYPE_1;
	ibv_wr_start(f->qpx);
	ibv_wr_bind_mw(f->qpx, &mw, RKEY + 1, &info);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
}

/* Address and data come in any order. */
static void ud__address(void **state)
{
	struct rig *f = *state;
	struct axe_ah ah = { .number = 77 };
	struct axe_send_wr req = request_of(IBV_WR_SEND);

	req.op.ud.ah = htole32(77);
	req.op.ud.qp_num = htole32(0x123456);
	req.op.ud.qkey = htole32(0x80010000);
	ibv_wr_start(f->qpx);
	ibv_wr_send(f->qpx);
	ibv_wr_set_ud_addr(f->qpx, &ah.ibvah, 0x123456, 0x80010000);
	set_one_sge(f);
	ibv_wr_send(f->qpx);
	set_one_sge(f);
	ibv_wr_set_ud_addr(f->qpx, &ah.ibvah, 0x123456, 0x80010000);
	assert_int_equal(ibv_wr_complete(f->qpx), 0);
	assert_request(f, 0, &req);
	assert_request(f, 1, &req);
	assert_null(f->qpx->wr_rdma_write);
	assert_null(f->qpx->wr_set_xrc_srqn);
}

static void ud__address_missing(void **state)
{
	struct rig *f = *state;

	ibv_wr_start(f->qpx);
	ibv_wr_send(f->qpx);
	set_one_sge(f);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	ibv_wr_start(f->qpx);
	ibv_wr_send(f->qpx);
	ibv_wr_set_ud_addr(f->qpx, NULL, 1, 1);
	set_one_sge(f);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	assert_int_equal(f->hdr->tail, 0);
}

static void xrc__srq_number(void **state)
{
	struct rig *f = *state;
	struct axe_send_wr send = request_of(IBV_WR_SEND);
	struct axe_send_wr read = remote_of(IBV_WR_RDMA_READ);
	struct axe_send_wr inv = bare(IBV_WR_LOCAL_INV);

	send.srqn = htole32(0x4321);
	read.srqn = htole32(0x4321);
	inv.invalidate_rkey = htole32(RKEY);
	ibv_wr_start(f->qpx);
	ibv_wr_send(f->qpx);
	ibv_wr_set_xrc_srqn(f->qpx, 0x4321);
	set_one_sge(f);
	ibv_wr_rdma_read(f->qpx, RKEY, REMOTE_ADDR);
	set_one_sge(f);
	ibv_wr_set_xrc_srqn(f->qpx, 0x4321);
	ibv_wr_local_inv(f->qpx, RKEY);
	assert_int_equal(ibv_wr_complete(f->qpx), 0);
	assert_request(f, 0, &send);
	assert_request(f, 1, &read);
	assert_request(f, 2, &inv);

	ibv_wr_start(f->qpx);
	ibv_wr_send(f->qpx);
	set_one_sge(f);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	ibv_wr_start(f->qpx);
	ibv_wr_set_xrc_srqn(f->qpx, 1);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
}

static void sge_list__over_the_end(void **state)
{
	struct rig *f = *state;
	struct ibv_sge sges[MAX_SGE];
	struct axe_buf bufs[8] = {};
	struct axe_send_wr req = request_of(IBV_WR_RDMA_WRITE);
	int i;

	for (i = 0; i < MAX_SGE; i++) {
		sges[i] = (struct ibv_sge) { .addr = i + 1, .length = 2 * i, .lkey = 3 * i };
		if (i)
			bufs[i - 1] = buf_of(&sges[i]);
	}
	req.rkey = htole32(RKEY);
	req.num_sge = MAX_SGE;
	req.ext = 2;
	req.sge = buf_of(&sges[0]);
	f->hdr->tail = SLOTS - 2;
	device_took(f, SLOTS - 2);
	ibv_wr_start(f->qpx);
	ibv_wr_rdma_write(f->qpx, RKEY, 0);
	ibv_wr_set_sge_list(f->qpx, MAX_SGE, sges);
	assert_int_equal(ibv_wr_complete(f->qpx), 0);
	assert_int_equal(f->hdr->tail, SLOTS + 1);
	assert_request(f, SLOTS - 2, &req);
	assert_memory_equal(slot_at(f, SLOTS - 1), &bufs[0], AXE_SLOT_SIZE);
	assert_memory_equal(slot_at(f, 0), &bufs[4], AXE_SLOT_SIZE);
}

static void sge_list__empty(void **state)
{
	struct rig *f = *state;
	struct axe_send_wr req = bare(IBV_WR_SEND);

	ibv_wr_start(f->qpx);
	ibv_wr_send(f->qpx);
	ibv_wr_set_sge_list(f->qpx, 0, NULL);
	assert_int_equal(ibv_wr_complete(f->qpx), 0);
	assert_request(f, 0, &req);
}

static void inline__list(void **state)
{
	struct rig *f = *state;
	uint8_t data[2 * AXE_SLOT_SIZE] = {};
	struct ibv_data_buf bufs[3] = { { data, 60 }, { data + 60, 0 }, { data + 60, 40 } };
	struct axe_send_wr req = bare(IBV_WR_SEND);

	fill_pattern(data, 100);
	req.ext = 2;
	req.flags |= AXE_WR_INLINE;
	req.sge.length = htole32(100);
	/* it means nothing here, but programs say it */
	f->qpx->wr_flags |= IBV_SEND_INLINE;
	ibv_wr_start(f->qpx);
	ibv_wr_send(f->qpx);
	ibv_wr_set_inline_data_list(f->qpx, 3, bufs);
	ibv_wr_send(f->qpx);
	set_one_sge(f);
	assert_int_equal(ibv_wr_complete(f->qpx), 0);
	assert_request(f, 0, &req);
	assert_memory_equal(slot_at(f, 1), data, 64);
	assert_memory_equal(slot_at(f, 2), data + 64, 64);
	req = request_of(IBV_WR_SEND);
	assert_request(f, 3, &req);
	assert_int_equal(f->hdr->tail, 4);
}

static void inline__nothing(void **state)
{
	struct rig *f = *state;
	struct axe_send_wr req = bare(IBV_WR_SEND);

	req.flags |= AXE_WR_INLINE;
	ibv_wr_start(f->qpx);
	ibv_wr_send(f->qpx);
	ibv_wr_set_inline_data(f->qpx, NULL, 0);
	assert_int_equal(ibv_wr_complete(f->qpx), 0);
	assert_request(f, 0, &req);
	assert_int_equal(f->hdr->tail, 1);
}

static void inline__refused(void **state)
{
	struct rig *f = *state;
	static uint8_t data[MAX_INLINE + 1];
	struct ibv_data_buf bufs[2] = { { data, 1 }, { data, SIZE_MAX } };

	ibv_wr_start(f->qpx);
	ibv_wr_send(f->qpx);
	ibv_wr_set_inline_data(f->qpx, data, MAX_INLINE + 1);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	ibv_wr_start(f->qpx);
	ibv_wr_send(f->qpx);
	ibv_wr_set_inline_data_list(f->qpx, 2, bufs);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	ibv_wr_start(f->qpx);
	ibv_wr_rdma_read(f->qpx, RKEY, REMOTE_ADDR);
	ibv_wr_set_inline_data(f->qpx, data, 8);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	assert_int_equal(f->hdr->tail, 0);
}

static void sge_list__refused(void **state)
{
	struct rig *f = *state;
	struct ibv_sge sges[MAX_SGE + 1] = {};

	ibv_wr_start(f->qpx);
	ibv_wr_send(f->qpx);
	ibv_wr_set_sge_list(f->qpx, MAX_SGE + 1, sges);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	ibv_wr_start(f->qpx);
	ibv_wr_atomic_fetch_add(f->qpx, RKEY, REMOTE_ADDR, 1);
	ibv_wr_set_sge(f->qpx, 0, 0, 7);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	ibv_wr_start(f->qpx);
	ibv_wr_atomic_fetch_add(f->qpx, RKEY, REMOTE_ADDR, 1);
	ibv_wr_set_sge_list(f->qpx, 2, sges);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	assert_int_equal(f->hdr->tail, 0);
}

/* Each builder wants its setter, each setter its builder. */
static void setters__too_few_and_too_many(void **state)
{
	struct rig *f = *state;

	ibv_wr_start(f->qpx);
	ibv_wr_send(f->qpx);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	ibv_wr_start(f->qpx);
	ibv_wr_send(f->qpx);
	ibv_wr_send(f->qpx);
	set_one_sge(f);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	ibv_wr_start(f->qpx);
	set_one_sge(f);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	ibv_wr_start(f->qpx);
	ibv_wr_send(f->qpx);
	set_one_sge(f);
	set_one_sge(f);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	ibv_wr_start(f->qpx);
	ibv_wr_local_inv(f->qpx, RKEY);
	set_one_sge(f);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	assert_int_equal(f->hdr->tail, 0);
	/* nothing of all that is left */
	ibv_wr_start(f->qpx);
	ibv_wr_send(f->qpx);
	set_one_sge(f);
	assert_int_equal(ibv_wr_complete(f->qpx), 0);
	assert_int_equal(f->hdr->tail, 1);
}

static void ring__full(void **state)
{
	struct rig *f = *state;
	uint8_t data[100] = {};
	int i;

	ibv_wr_start(f->qpx);
	for (i = 0; i < SLOTS - 1; i++) {
		ibv_wr_send(f->qpx);
		set_one_sge(f);
	}
	assert_int_equal(ibv_wr_complete(f->qpx), 0);
	ibv_wr_start(f->qpx);
	ibv_wr_send(f->qpx);
	ibv_wr_set_inline_data(f->qpx, data, sizeof(data));
	assert_int_equal(ibv_wr_complete(f->qpx), ENOMEM);
	assert_int_equal(f->hdr->tail, SLOTS - 1);

	device_took(f, 2);
	ibv_wr_start(f->qpx);
	ibv_wr_send(f->qpx);
	ibv_wr_set_inline_data(f->qpx, data, sizeof(data));
	assert_int_equal(ibv_wr_complete(f->qpx), 0);
	assert_int_equal(f->hdr->tail, SLOTS + 2);
	ibv_wr_start(f->qpx);
	ibv_wr_send(f->qpx);
	set_one_sge(f);
	assert_int_equal(ibv_wr_complete(f->qpx), ENOMEM);
}

static void flags__unknown(void **state)
{
	struct rig *f = *state;

	f->qpx->wr_flags = IBV_SEND_IP_CSUM;
	ibv_wr_start(f->qpx);
	ibv_wr_send(f->qpx);
	set_one_sge(f);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
}

/* Only those that were asked for. */
static void builders__as_asked(void **state)
{
	struct rig *f = *state;
	struct ibv_qp_ex *qpx = f->qpx;

	memset(&qpx->wr_atomic_cmp_swp, 0,
	       sizeof(*qpx) - offsetof(struct ibv_qp_ex, wr_atomic_cmp_swp));
	axe_peer_wr_init(&f->qp, IBV_QP_EX_WITH_RDMA_READ | IBV_QP_EX_WITH_FLUSH);
	assert_non_null(qpx->wr_rdma_read);
	assert_non_null(qpx->wr_flush);
	assert_null(qpx->wr_send);
	assert_null(qpx->wr_rdma_write);
	assert_null(qpx->wr_set_ud_addr);
	assert_true(f->qp.verbs_qp.comp_mask & VERBS_QP_EX);
}

#define RC(name) cmocka_unit_test_setup_teardown(name, setup_rc, rig_teardown)
#define UD(name) cmocka_unit_test_setup_teardown(name, setup_ud, rig_teardown)
#define XRC(name) cmocka_unit_test_setup_teardown(name, setup_xrc, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RC(send__each),
		RC(rdma__each),
		RC(atomic__each),
		RC(flush__each),
		RC(mw__each),
		UD(ud__address),
		UD(ud__address_missing),
		XRC(xrc__srq_number),
		RC(sge_list__over_the_end),
		RC(sge_list__empty),
		RC(sge_list__refused),
		RC(inline__list),
		RC(inline__nothing),
		RC(inline__refused),
		RC(setters__too_few_and_too_many),
		RC(ring__full),
		RC(flags__unknown),
		RC(builders__as_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
