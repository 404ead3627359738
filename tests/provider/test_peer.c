// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Work requests to peers, posted with ibv_post_send(). */

#include "peers.h"

static int setup_rc(void **state)
{
	*state = rig_peer(IBV_QPT_RC);
	return 0;
}

static int setup_uc(void **state)
{
	*state = rig_peer(IBV_QPT_UC);
	return 0;
}

static int setup_ud(void **state)
{
	*state = rig_peer(IBV_QPT_UD);
	return 0;
}

static int setup_xrc(void **state)
{
	*state = rig_peer(IBV_QPT_XRC_SEND);
	return 0;
}

static int post(struct rig *f, struct ibv_send_wr *wr)
{
	struct ibv_send_wr *bad = NULL;
	int err = axe_post_send(&f->qp.verbs_qp.qp, wr, &bad);

	if (err)
		assert_ptr_equal(bad, wr);
	return err;
}

/* A work request with one entry. */
static struct ibv_send_wr wr_of(enum ibv_wr_opcode opcode)
{
	return (struct ibv_send_wr) {
		.wr_id = WR_ID,
		.sg_list = (struct ibv_sge *)&one_sge,
		.num_sge = 1,
		.opcode = opcode,
		.send_flags = IBV_SEND_SIGNALED,
	};
}

/* What becomes of wr_of(). */
static struct axe_send_wr request_of(enum ibv_wr_opcode opcode)
{
	return (struct axe_send_wr) {
		.opcode = opcode,
		.num_sge = 1,
		.flags = AXE_WR_SIGNALED,
		.wr_id = htole64(WR_ID),
		.sge = buf_of(&one_sge),
	};
}

static void send__each(void **state)
{
	struct rig *f = *state;
	struct ibv_send_wr wr = wr_of(IBV_WR_SEND);
	struct axe_send_wr req = request_of(IBV_WR_SEND);

	assert_int_equal(post(f, &wr), 0);
	assert_request(f, 0, &req);

	wr = wr_of(IBV_WR_SEND_WITH_IMM);
	wr.imm_data = htobe32(0x01020304);
	req = request_of(IBV_WR_SEND_WITH_IMM);
	req.imm_data = htobe32(0x01020304);
	assert_int_equal(post(f, &wr), 0);
	assert_request(f, 1, &req);

	wr = wr_of(IBV_WR_SEND_WITH_INV);
	wr.invalidate_rkey = RKEY;
	req = request_of(IBV_WR_SEND_WITH_INV);
	req.invalidate_rkey = htole32(RKEY);
	assert_int_equal(post(f, &wr), 0);
	assert_request(f, 2, &req);
	assert_int_equal(f->hdr->tail, 3);
}

static void rdma__each(void **state)
{
	static const enum ibv_wr_opcode opcodes[] = {
		IBV_WR_RDMA_WRITE, IBV_WR_RDMA_WRITE_WITH_IMM, IBV_WR_RDMA_READ,
	};
	struct rig *f = *state;
	size_t i;

	for (i = 0; i < sizeof(opcodes) / sizeof(opcodes[0]); i++) {
		struct ibv_send_wr wr = wr_of(opcodes[i]);
		struct axe_send_wr req = request_of(opcodes[i]);

		wr.wr.rdma.rkey = RKEY;
		wr.wr.rdma.remote_addr = REMOTE_ADDR;
		req.rkey = htole32(RKEY);
		req.remote_addr = htole64(REMOTE_ADDR);
		/* set where it means nothing: it must not be passed on */
		wr.imm_data = htobe32(0x01020304);
		if (opcodes[i] == IBV_WR_RDMA_WRITE_WITH_IMM)
			req.imm_data = htobe32(0x01020304);
		assert_int_equal(post(f, &wr), 0);
		assert_request(f, i, &req);
	}
}

static void atomic__each(void **state)
{
	struct rig *f = *state;
	struct ibv_send_wr wr = wr_of(IBV_WR_ATOMIC_CMP_AND_SWP);
	struct axe_send_wr req = request_of(IBV_WR_ATOMIC_CMP_AND_SWP);

	wr.wr.atomic.rkey = RKEY;
	wr.wr.atomic.remote_addr = REMOTE_ADDR;
	wr.wr.atomic.compare_add = 0x1111222233334444;
	wr.wr.atomic.swap = 0x5555666677778888;
	req.rkey = htole32(RKEY);
	req.remote_addr = htole64(REMOTE_ADDR);
	req.op.atomic.compare_add = htole64(0x1111222233334444);
	req.op.atomic.swap = htole64(0x5555666677778888);
	/* a longer buffer is given no more than 8 bytes */
	req.sge.length = htole32(8);
	assert_int_equal(post(f, &wr), 0);
	assert_request(f, 0, &req);

	wr.opcode = IBV_WR_ATOMIC_FETCH_AND_ADD;
	req.opcode = IBV_WR_ATOMIC_FETCH_AND_ADD;
	req.op.atomic.swap = 0;
	assert_int_equal(post(f, &wr), 0);
	assert_request(f, 1, &req);
}

static void atomic__needs_one_word(void **state)
{
	static const enum ibv_wr_opcode opcodes[] = {
		IBV_WR_ATOMIC_CMP_AND_SWP, IBV_WR_ATOMIC_FETCH_AND_ADD, IBV_WR_ATOMIC_WRITE,
	};
	struct ibv_sge sges[2] = { { .length = 7 }, { .length = 8 } };
	struct rig *f = *state;
	size_t i;

	for (i = 0; i < sizeof(opcodes) / sizeof(opcodes[0]); i++) {
		struct ibv_send_wr wr = wr_of(opcodes[i]);

		wr.sg_list = sges;
		assert_int_equal(post(f, &wr), EINVAL);
		wr.num_sge = 2;
		assert_int_equal(post(f, &wr), EINVAL);
		wr.num_sge = 0;
		assert_int_equal(post(f, &wr), EINVAL);
	}
	assert_int_equal(f->hdr->tail, 0);
}

static void atomic_write__both_ways(void **state)
{
	struct rig *f = *state;
	struct ibv_send_wr wr = wr_of(IBV_WR_ATOMIC_WRITE);
	struct axe_send_wr req = request_of(IBV_WR_ATOMIC_WRITE);
	uint8_t word[64] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct ibv_sge sge = sge_of(word, 8);

	wr.wr.rdma.rkey = RKEY;
	wr.wr.rdma.remote_addr = REMOTE_ADDR;
	req.rkey = htole32(RKEY);
	req.remote_addr = htole64(REMOTE_ADDR);
	req.sge.length = htole32(8);
	assert_int_equal(post(f, &wr), 0);
	assert_request(f, 0, &req);

	wr.sg_list = &sge;
	wr.send_flags |= IBV_SEND_INLINE;
	req.flags |= AXE_WR_INLINE;
	req.num_sge = 0;
	req.ext = 1;
	memset(&req.sge, 0, sizeof(req.sge));
	req.sge.length = htole32(8);
	assert_int_equal(post(f, &wr), 0);
	assert_request(f, 1, &req);
	assert_memory_equal(slot_at(f, 2), word, sizeof(word));
	assert_int_equal(f->hdr->tail, 3);

	sge.length = 9;
	assert_int_equal(post(f, &wr), EINVAL);
}

static void local_inv__each(void **state)
{
	struct rig *f = *state;
	struct ibv_send_wr wr = {
		.wr_id = WR_ID, .opcode = IBV_WR_LOCAL_INV, .invalidate_rkey = RKEY,
		.send_flags = IBV_SEND_FENCE,
	};
	struct axe_send_wr req = {
		.opcode = IBV_WR_LOCAL_INV, .wr_id = htole64(WR_ID),
		.flags = AXE_WR_FENCE, .invalidate_rkey = htole32(RKEY),
	};

	assert_int_equal(post(f, &wr), 0);
	assert_request(f, 0, &req);
	wr.sg_list = (struct ibv_sge *)&one_sge;
	wr.num_sge = 1;
	assert_int_equal(post(f, &wr), EINVAL);
}

static void bind_mw__type_2(void **state)
{
	struct rig *f = *state;
	struct ibv_mr mr = { .lkey = 0x4455 };
	struct ibv_mw mw = { .rkey = RKEY, .type = IBV_MW_TYPE_2 };
	struct ibv_send_wr wr = {
		.wr_id = WR_ID, .opcode = IBV_WR_BIND_MW,
		.bind_mw = {
			.mw = &mw, .rkey = RKEY + 1,
			.bind_info = {
				.mr = &mr, .addr = REMOTE_ADDR, .length = 0x100000000,
				.mw_access_flags = IBV_ACCESS_REMOTE_WRITE,
			},
		},
	};
	struct axe_send_wr req = {
		.opcode = IBV_WR_BIND_MW, .wr_id = htole64(WR_ID),
		.rkey = htole32(RKEY), .invalidate_rkey = htole32(RKEY + 1),
		.remote_addr = htole64(REMOTE_ADDR),
		.op.bind = {
			.length = htole64(0x100000000), .mr_key = htole32(0x4455),
			.access = htole32(IBV_ACCESS_REMOTE_WRITE),
		},
	};

	assert_int_equal(post(f, &wr), 0);
	assert_request(f, 0, &req);
	/* its key is the application's to keep */
	assert_int_equal(mw.rkey, RKEY);

	mw.type = IBV_MW_TYPE_1;
	assert_int_equal(post(f, &wr), EINVAL);
	wr.bind_mw.mw = NULL;
	assert_int_equal(post(f, &wr), EINVAL);
}

static void bind_mw__type_1(void **state)
{
	struct rig *f = *state;
	struct ibv_mw mw = { .rkey = 0x800012ff, .type = IBV_MW_TYPE_1 };
	struct ibv_mw_bind bind = { .wr_id = WR_ID, .send_flags = IBV_SEND_SIGNALED };
	struct axe_send_wr req = {
		.opcode = IBV_WR_BIND_MW, .wr_id = htole64(WR_ID),
		.flags = AXE_WR_SIGNALED, .rkey = htole32(0x800012ff),
		.invalidate_rkey = htole32(0x80001200),
	};

	f->hdr->flags = AXE_SQ_NEED_WAKEUP;
	assert_int_equal(axe_bind_mw(&f->qp.verbs_qp.qp, &mw, &bind), 0);
	assert_request(f, 0, &req);
	assert_int_equal(f->hdr->tail, 1);
	assert_int_equal(rings(), 1);
	assert_int_equal(mw.rkey, 0x80001200);

	/* refused: the key stays */
	f->qp.verbs_qp.qp.state = IBV_QPS_RTR;
	assert_int_equal(axe_bind_mw(&f->qp.verbs_qp.qp, &mw, &bind), EINVAL);
	assert_int_equal(mw.rkey, 0x80001200);
}

static void ud__address(void **state)
{
	struct rig *f = *state;
	struct axe_ah ah = { .number = 77 };
	struct ibv_send_wr wr = wr_of(IBV_WR_SEND);
	struct axe_send_wr req = request_of(IBV_WR_SEND);

	wr.wr.ud.ah = &ah.ibvah;
	wr.wr.ud.remote_qpn = 0x123456;
	wr.wr.ud.remote_qkey = 0x80010000;
	req.op.ud.ah = htole32(77);
	req.op.ud.qp_num = htole32(0x123456);
	req.op.ud.qkey = htole32(0x80010000);
	assert_int_equal(post(f, &wr), 0);
	assert_request(f, 0, &req);

	wr.wr.ud.ah = NULL;
	assert_int_equal(post(f, &wr), EINVAL);
}

/* The number goes with all that goes to the peer, and with nothing else. */
static void xrc__srq_number(void **state)
{
	struct rig *f = *state;
	struct ibv_send_wr wr = wr_of(IBV_WR_SEND);
	struct axe_send_wr req = request_of(IBV_WR_SEND);

	wr.qp_type.xrc.remote_srqn = 0x4321;
	req.srqn = htole32(0x4321);
	assert_int_equal(post(f, &wr), 0);
	assert_request(f, 0, &req);

	wr.opcode = IBV_WR_RDMA_READ;
	req.opcode = IBV_WR_RDMA_READ;
	assert_int_equal(post(f, &wr), 0);
	assert_request(f, 1, &req);

	wr.opcode = IBV_WR_LOCAL_INV;
	wr.num_sge = 0;
	req = (struct axe_send_wr) {
		.opcode = IBV_WR_LOCAL_INV, .flags = AXE_WR_SIGNALED,
		.wr_id = htole64(WR_ID),
	};
	assert_int_equal(post(f, &wr), 0);
	assert_request(f, 2, &req);
}

static void sges__each_count(void **state)
{
	struct rig *f = *state;
	struct ibv_sge sges[MAX_SGE + 1];
	struct ibv_send_wr wr = wr_of(IBV_WR_SEND);
	uint32_t n, i, tail = 0;

	for (i = 0; i < MAX_SGE + 1; i++)
		sges[i] = (struct ibv_sge) { .addr = i + 1, .length = 2 * i, .lkey = 3 * i };
	wr.sg_list = sges;
	for (n = 0; n <= MAX_SGE; n++) {
		struct axe_buf bufs[12] = {};
		struct axe_send_wr req = request_of(IBV_WR_SEND);
		uint32_t ext = n < 2 ? 0 : (n - 1 + 3) / 4;

		wr.num_sge = n;
		memset(&req.sge, 0, sizeof(req.sge));
		if (n)
			req.sge = buf_of(&sges[0]);
		for (i = 1; i < n; i++)
			bufs[i - 1] = buf_of(&sges[i]);
		req.num_sge = n;
		req.ext = ext;
		assert_int_equal(post(f, &wr), 0);
		assert_int_equal(f->hdr->tail, tail + 1 + ext);
		assert_request(f, tail, &req);
		for (i = 0; i < ext; i++)
			assert_memory_equal(slot_at(f, tail + 1 + i), &bufs[4 * i],
					    AXE_SLOT_SIZE);
		tail += 1 + ext;
		device_took(f, tail);
	}
	wr.num_sge = MAX_SGE + 1;
	assert_int_equal(post(f, &wr), EINVAL);
	wr.num_sge = -1;
	assert_int_equal(post(f, &wr), EINVAL);
}

/* Any length up to the most, in pieces that are cut anywhere; over the ring's end. */
static void inline__each_length(void **state)
{
	struct rig *f = *state;
	uint8_t data[2 * AXE_SLOT_SIZE] = {}, expected[2 * AXE_SLOT_SIZE];
	struct ibv_send_wr wr = wr_of(IBV_WR_SEND);
	uint32_t length, i, tail = 0;

	fill_pattern(data, sizeof(data));
	wr.send_flags = IBV_SEND_INLINE;
	for (length = 0; length <= MAX_INLINE; length++) {
		uint32_t cut = length / 3, ext = (length + 63) / 64;
		struct ibv_sge sges[3] = {
			sge_of(data, cut), sge_of(data + cut, 0),
			sge_of(data + cut, length - cut),
		};
		struct axe_send_wr req = {
			.opcode = IBV_WR_SEND, .ext = ext, .flags = AXE_WR_INLINE,
			.wr_id = htole64(WR_ID), .sge.length = htole32(length),
		};

		wr.sg_list = sges;
		wr.num_sge = 3;
		assert_int_equal(post(f, &wr), 0);
		assert_int_equal(f->hdr->tail, tail + 1 + ext);
		assert_request(f, tail, &req);
		memset(expected, 0, sizeof(expected));
		memcpy(expected, data, length);
		for (i = 0; i < ext; i++)
			assert_memory_equal(slot_at(f, tail + 1 + i), expected + 64 * i, 64);
		tail += 1 + ext;
		device_took(f, tail);
	}
}

static void inline__too_long(void **state)
{
	struct rig *f = *state;
	static uint8_t data[MAX_INLINE + 1];
	struct ibv_sge sges[2] = { sge_of(data, MAX_INLINE), sge_of(data, 1) };
	struct ibv_sge huge[2] = { sge_of(data, 1), sge_of(data, UINT32_MAX) };
	struct ibv_send_wr wr = wr_of(IBV_WR_SEND);

	wr.send_flags = IBV_SEND_INLINE;
	wr.sg_list = sges;
	wr.num_sge = 2;
	assert_int_equal(post(f, &wr), EINVAL);
	wr.sg_list = huge;
	assert_int_equal(post(f, &wr), EINVAL);
	/* what comes back from the peer cannot be inline */
	wr.sg_list = sges;
	wr.num_sge = 1;
	wr.opcode = IBV_WR_RDMA_READ;
	assert_int_equal(post(f, &wr), EINVAL);
	assert_int_equal(f->hdr->tail, 0);
}

static void flags__unknown(void **state)
{
	struct rig *f = *state;
	struct ibv_send_wr wr = wr_of(IBV_WR_SEND);

	wr.send_flags = IBV_SEND_IP_CSUM;
	assert_int_equal(post(f, &wr), EINVAL);
	wr.send_flags = AXEDV_SEND_LINK;
	assert_int_equal(post(f, &wr), EINVAL);
	wr.send_flags = IBV_SEND_SOLICITED;
	assert_int_equal(post(f, &wr), 0);
	assert_int_equal(((struct axe_send_wr *)slot_at(f, 0))->flags, AXE_WR_SOLICITED);
}

/* Which opcodes a type knows, tried on a QP of that type. */
static void assert_opcodes(struct rig *f, uint32_t known)
{
	struct ibv_mw mw = { .type = IBV_MW_TYPE_2 };
	struct axe_ah ah = {};
	unsigned int opcode;

	for (opcode = 0; opcode < 32; opcode++) {
		struct ibv_send_wr wr = wr_of(opcode);

		if (opcode == IBV_WR_LOCAL_INV || opcode == IBV_WR_BIND_MW)
			wr.num_sge = 0;
		if (opcode == IBV_WR_BIND_MW)
			wr.bind_mw.mw = &mw;
		wr.wr.ud.ah = &ah.ibvah;
		assert_int_equal(post(f, &wr), known & 1U << opcode ? 0 : EINVAL);
		device_took(f, f->hdr->tail);
	}
}

#define UD_OPCODES	(1U << IBV_WR_SEND | 1U << IBV_WR_SEND_WITH_IMM)
#define UC_OPCODES	(UD_OPCODES | 1U << IBV_WR_RDMA_WRITE |			\
			 1U << IBV_WR_RDMA_WRITE_WITH_IMM | 1U << IBV_WR_LOCAL_INV |	\
			 1U << IBV_WR_BIND_MW)
#define RC_OPCODES	(UC_OPCODES | 1U << IBV_WR_RDMA_READ |			\
			 1U << IBV_WR_ATOMIC_CMP_AND_SWP |				\
			 1U << IBV_WR_ATOMIC_FETCH_AND_ADD |				\
			 1U << IBV_WR_SEND_WITH_INV | 1U << IBV_WR_ATOMIC_WRITE)

static void opcodes__rc(void **state)
{
	assert_opcodes(*state, RC_OPCODES);
}

static void opcodes__uc(void **state)
{
	assert_opcodes(*state, UC_OPCODES);
}

static void opcodes__ud(void **state)
{
	assert_opcodes(*state, UD_OPCODES);
}

static void list__one_doorbell(void **state)
{
	struct rig *f = *state;
	struct ibv_send_wr wr[3] = {
		wr_of(IBV_WR_SEND), wr_of(IBV_WR_RDMA_READ), wr_of(IBV_WR_TSO),
	};
	struct ibv_send_wr *bad;

	wr[0].next = &wr[1];
	f->hdr->flags = AXE_SQ_NEED_WAKEUP;
	assert_int_equal(axe_post_send(&f->qp.verbs_qp.qp, wr, &bad), 0);
	assert_int_equal(f->hdr->tail, 2);
	assert_int_equal(rings(), 1);
	assert_int_equal(doorbell_last.number, RIG_QPN);
	assert_int_equal(doorbell_last.ring, AXE_DOORBELL_SQ);

	/* what comes before a bad one is posted */
	wr[1].next = &wr[2];
	assert_int_equal(axe_post_send(&f->qp.verbs_qp.qp, wr, &bad), EINVAL);
	assert_ptr_equal(bad, &wr[2]);
	assert_int_equal(f->hdr->tail, 4);
	assert_int_equal(rings(), 1);
}

/* A request is posted whole, or not at all. */
static void ring__no_room_for_extension(void **state)
{
	struct rig *f = *state;
	struct ibv_sge sges[6] = {};
	struct ibv_send_wr wr[2] = { wr_of(IBV_WR_SEND), wr_of(IBV_WR_SEND) };
	struct ibv_send_wr *bad;
	int i;

	for (i = 0; i < SLOTS - 2; i++)
		assert_int_equal(post(f, &wr[0]), 0);
	wr[0].sg_list = sges;
	wr[0].num_sge = 6;
	assert_int_equal(post(f, &wr[0]), ENOMEM);
	assert_int_equal(f->hdr->tail, SLOTS - 2);

	wr[0].num_sge = 5;
	wr[0].next = &wr[1];
	assert_int_equal(axe_post_send(&f->qp.verbs_qp.qp, wr, &bad), ENOMEM);
	assert_ptr_equal(bad, &wr[1]);
	assert_int_equal(f->hdr->tail, SLOTS);
	f->hdr->flags = AXE_SQ_DEAD;
	assert_int_equal(post(f, &wr[1]), EIO);
}

static void state__each(void **state)
{
	struct rig *f = *state;
	struct ibv_send_wr wr = wr_of(IBV_WR_SEND);
	enum ibv_qp_state s;

	for (s = IBV_QPS_RESET; s <= IBV_QPS_UNKNOWN; s++) {
		f->qp.verbs_qp.qp.state = s;
		assert_int_equal(post(f, &wr), s >= IBV_QPS_RTS && s <= IBV_QPS_ERR ?
				 0 : EINVAL);
	}
}

/* An XRC target, or a QP that was opened, has no ring. */
static void ring__none(void **state)
{
	struct rig *f = *state;
	struct ibv_send_wr wr = wr_of(IBV_WR_SEND);
	struct ibv_mw mw = { .type = IBV_MW_TYPE_1 };
	struct ibv_mw_bind bind = {};

	f->qp.sq.hdr = NULL;
	assert_int_equal(post(f, &wr), EINVAL);
	assert_int_equal(axe_bind_mw(&f->qp.verbs_qp.qp, &mw, &bind), EINVAL);
}

#define RC(name) cmocka_unit_test_setup_teardown(name, setup_rc, rig_teardown)
#define UC(name) cmocka_unit_test_setup_teardown(name, setup_uc, rig_teardown)
#define UD(name) cmocka_unit_test_setup_teardown(name, setup_ud, rig_teardown)
#define XRC(name) cmocka_unit_test_setup_teardown(name, setup_xrc, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RC(send__each),
		RC(rdma__each),
		RC(atomic__each),
		RC(atomic__needs_one_word),
		RC(atomic_write__both_ways),
		RC(local_inv__each),
		RC(bind_mw__type_2),
		RC(bind_mw__type_1),
		UD(ud__address),
		XRC(xrc__srq_number),
		RC(sges__each_count),
		RC(inline__each_length),
		RC(inline__too_long),
		RC(flags__unknown),
		RC(opcodes__rc),
		XRC(opcodes__rc),
		UC(opcodes__uc),
		UD(opcodes__ud),
		RC(list__one_doorbell),
		RC(ring__no_room_for_extension),
		RC(state__each),
		RC(ring__none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
