// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Making queue pairs, moving them through their states, destroying them. */

#include "kernel.h"

#include "axe-abi.h"

#define SQ_SLOTS	32
#define RQ_ENTRIES	16
#define RQ_STRIDE	64
#define QPN		0x4242

struct fixture {
	struct kernel k;
	struct axe_pd pd;
	struct ibv_cq cq;
	struct verbs_xrcd xrcd;
	struct axe_sq_hdr *sq;
	struct axe_sq_hdr *rq;
};

/* What the kernel was asked, and what it answers. */
static struct ibv_qp_init_attr_ex asked;
static struct axe_create_qp_req asked_axe;
static struct axe_create_qp_resp answer;
static struct ibv_qp_cap answer_cap;
static int destroyed;

/* In the place of libibverbs'. */
int ibv_cmd_create_qp_ex(struct ibv_context *context, struct verbs_qp *qp,
			 struct ibv_qp_init_attr_ex *attr,
			 struct ibv_create_qp *cmd, size_t cmd_size,
			 struct ib_uverbs_create_qp_resp *resp, size_t resp_size)
{
	struct axe_ucmd_create_qp *acmd = (void *)cmd;
	struct axe_ucmd_create_qp_resp *aresp = (void *)resp;

	assert_int_equal(cmd_size, sizeof(*acmd));
	assert_int_equal(resp_size, sizeof(*aresp));
	asked = *attr;
	asked_axe = acmd->drv_payload;
	attr->cap = answer_cap;
	qp->qp.context = context;
	qp->qp.qp_num = QPN;
	qp->qp.qp_type = attr->qp_type;
	qp->qp.state = IBV_QPS_RESET;
	qp->qp.pd = attr->pd;
	qp->comp_mask = 0;
	aresp->drv_payload = answer;
	return 0;
}

int ibv_cmd_open_qp(struct ibv_context *context, struct verbs_qp *qp, int vqp_sz,
		    struct ibv_qp_open_attr *attr, struct ibv_open_qp *cmd,
		    size_t cmd_size, struct ib_uverbs_create_qp_resp *resp,
		    size_t resp_size)
{
	qp->qp.context = context;
	qp->qp.qp_type = attr->qp_type;
	qp->qp.state = IBV_QPS_UNKNOWN;
	return 0;
}

int ibv_cmd_modify_qp(struct ibv_qp *qp, struct ibv_qp_attr *attr, int attr_mask,
		      struct ibv_modify_qp *cmd, size_t cmd_size)
{
	return 0;
}

int ibv_cmd_destroy_qp(struct ibv_qp *qp)
{
	destroyed++;
	return 0;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	kernel_init(&f->k);
	f->pd.ibvpd.context = &f->k.ctx.ibvctx.context;
	answer = (struct axe_create_qp_resp) {
		.sq_mmap_offset = 0,
		.sq_mmap_length = AXE_RING_ENTRIES + SQ_SLOTS * AXE_SLOT_SIZE,
		.sq_slots = SQ_SLOTS,
		.rq_mmap_offset = RING_BYTES,
		.rq_mmap_length = AXE_RING_ENTRIES + RQ_ENTRIES * RQ_STRIDE,
		.rq_entries = RQ_ENTRIES,
		.rq_stride = RQ_STRIDE,
	};
	answer_cap = (struct ibv_qp_cap) {
		.max_send_wr = 16, .max_recv_wr = 12, .max_send_sge = 5,
		.max_recv_sge = 2, .max_inline_data = 64,
	};
	destroyed = 0;
	f->sq = kernel_map(&f->k, 0);
	f->rq = kernel_map(&f->k, 1);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	munmap(f->sq, RING_BYTES);
	munmap(f->rq, RING_BYTES);
	kernel_exit(&f->k);
	free(f);
	return 0;
}

static struct ibv_qp_init_attr_ex attr_of(struct fixture *f, enum ibv_qp_type type)
{
	return (struct ibv_qp_init_attr_ex) {
		.qp_type = type,
		.comp_mask = IBV_QP_INIT_ATTR_PD,
		.pd = &f->pd.ibvpd,
		.send_cq = &f->cq,
		.recv_cq = &f->cq,
		.cap = { .max_send_wr = 10, .max_recv_wr = 11, .max_send_sge = 4,
			 .max_recv_sge = 1 },
	};
}

static struct ibv_qp *create(struct fixture *f, struct ibv_qp_init_attr_ex *attr)
{
	return axe_create_qp_ex(&f->k.ctx.ibvctx.context, attr);
}

static void create__peer(void **state)
{
	struct fixture *f = *state;
	struct ibv_qp_init_attr_ex attr = attr_of(f, IBV_QPT_RC);
	static const struct axe_create_qp_req zero;
	struct ibv_recv_wr recv = {}, *bad_recv;
	struct ibv_qp *qp = create(f, &attr);
	int i;

	assert_non_null(qp);
	assert_memory_equal(&asked_axe, &zero, sizeof(zero));
	assert_int_equal(asked.cap.max_send_wr, 10);
	assert_memory_equal(&attr.cap, &answer_cap, sizeof(answer_cap));
	assert_int_equal(f->sq->version, AXE_RING_VERSION);
	assert_int_equal(f->rq->version, AXE_RING_VERSION);
	assert_int_equal(to_axe_qp(qp)->max_sge, 5);
	assert_int_equal(to_axe_qp(qp)->max_inline, 64);
	assert_int_equal(to_axe_qp(qp)->rq.max_sge, 2);
	/* builders only if asked for */
	assert_false(to_axe_qp(qp)->verbs_qp.comp_mask & VERBS_QP_EX);

	/* as many receives as was told, not as the ring has room for */
	qp->state = IBV_QPS_INIT;
	for (i = 0; i < 12; i++)
		assert_int_equal(axe_post_recv(qp, &recv, &bad_recv), 0);
	assert_int_equal(axe_post_recv(qp, &recv, &bad_recv), ENOMEM);
	assert_int_equal(f->rq->tail, 12);
	assert_int_equal(axe_destroy_qp(qp), 0);
}

static void create__plain_verb(void **state)
{
	struct fixture *f = *state;
	struct ibv_qp_init_attr attr = {
		.qp_type = IBV_QPT_UD, .send_cq = &f->cq, .recv_cq = &f->cq,
		.sq_sig_all = 1,
	};
	struct ibv_qp *qp = axe_create_qp(&f->pd.ibvpd, &attr);

	assert_non_null(qp);
	assert_int_equal(asked.sq_sig_all, 1);
	assert_int_equal(attr.cap.max_inline_data, 64);
	assert_int_equal(axe_destroy_qp(qp), 0);
}

/* It goes to the device with an SRQ, and has no ring of its own. */
static void create__without_rq(void **state)
{
	struct fixture *f = *state;
	struct ibv_qp_init_attr_ex attr = attr_of(f, IBV_QPT_RC);
	struct ibv_recv_wr recv = {}, *bad_recv;
	struct ibv_srq srq;
	struct ibv_qp *qp;

	attr.srq = &srq;
	answer.rq_entries = 0;
	answer.rq_stride = 0;
	answer.rq_mmap_length = 0;
	answer_cap.max_recv_wr = 0;
	answer_cap.max_recv_sge = 0;
	qp = create(f, &attr);
	assert_non_null(qp);
	assert_ptr_equal(asked.srq, &srq);
	qp->state = IBV_QPS_INIT;
	assert_int_equal(axe_post_recv(qp, &recv, &bad_recv), EINVAL);
	assert_int_equal(axe_destroy_qp(qp), 0);
}

static void create__xrc_target(void **state)
{
	struct fixture *f = *state;
	struct ibv_qp_init_attr_ex attr = attr_of(f, IBV_QPT_XRC_RECV);
	struct ibv_send_wr send = { .opcode = IBV_WR_SEND }, *bad_send;
	struct ibv_recv_wr recv = {}, *bad_recv;
	struct ibv_qp *qp;

	assert_null(create(f, &attr));
	assert_int_equal(errno, EINVAL);
	attr.comp_mask = IBV_QP_INIT_ATTR_XRCD;
	attr.xrcd = &f->xrcd.xrcd;
	memset(&answer, 0, sizeof(answer));
	memset(&answer_cap, 0, sizeof(answer_cap));
	qp = create(f, &attr);
	assert_non_null(qp);
	assert_null(asked.pd);
	assert_null(asked.send_cq);
	assert_int_equal(asked.cap.max_send_wr, 0);
	qp->state = IBV_QPS_RTS;
	assert_int_equal(axe_post_send(qp, &send, &bad_send), EINVAL);
	assert_int_equal(axe_post_recv(qp, &recv, &bad_recv), EINVAL);
	assert_int_equal(axe_destroy_qp(qp), 0);
}

static void create__send_ops(void **state)
{
	static const struct {
		enum ibv_qp_type type;
		uint64_t ops;
		bool ok;
	} cases[] = {
		{ IBV_QPT_RC, IBV_QP_EX_WITH_SEND | IBV_QP_EX_WITH_FLUSH, true },
		{ IBV_QPT_RC, IBV_QP_EX_WITH_SEND | IBV_QP_EX_WITH_TSO, false },
		{ IBV_QPT_RC, 1ULL << 40, false },
		{ IBV_QPT_XRC_SEND, IBV_QP_EX_WITH_SEND_WITH_INV, true },
		{ IBV_QPT_UC, IBV_QP_EX_WITH_RDMA_WRITE, true },
		{ IBV_QPT_UC, IBV_QP_EX_WITH_RDMA_READ, false },
		{ IBV_QPT_UD, IBV_QP_EX_WITH_SEND_WITH_IMM, true },
		{ IBV_QPT_UD, IBV_QP_EX_WITH_RDMA_WRITE, false },
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ibv_qp_init_attr_ex attr = attr_of(f, cases[i].type);
		struct ibv_qp *qp;

		attr.comp_mask |= IBV_QP_INIT_ATTR_SEND_OPS_FLAGS;
		attr.send_ops_flags = cases[i].ops;
		qp = create(f, &attr);
		assert_int_equal(!!qp, cases[i].ok);
		if (qp) {
			assert_true(to_axe_qp(qp)->verbs_qp.comp_mask & VERBS_QP_EX);
			assert_int_equal(axe_destroy_qp(qp), 0);
		} else {
			assert_int_equal(errno, EOPNOTSUPP);
		}
	}
}

/* The builder of ATOMIC_WRITE brings 8 bytes: the ring has to have room for them. */
static void create__atomic_write_needs_inline(void **state)
{
	struct fixture *f = *state;
	struct ibv_qp_init_attr_ex attr = attr_of(f, IBV_QPT_RC);
	struct ibv_qp *qp;

	attr.comp_mask |= IBV_QP_INIT_ATTR_SEND_OPS_FLAGS;
	attr.send_ops_flags = IBV_QP_EX_WITH_ATOMIC_WRITE;
	qp = create(f, &attr);
	assert_non_null(qp);
	assert_int_equal(asked.cap.max_inline_data, 8);
	assert_int_equal(axe_destroy_qp(qp), 0);
}

static void create__refused(void **state)
{
	struct fixture *f = *state;
	struct ibv_qp_init_attr_ex attr = attr_of(f, IBV_QPT_RAW_PACKET);

	assert_null(create(f, &attr));
	assert_int_equal(errno, EOPNOTSUPP);

	attr = attr_of(f, IBV_QPT_RC);
	attr.comp_mask |= IBV_QP_INIT_ATTR_CREATE_FLAGS;
	attr.create_flags = IBV_QP_CREATE_BLOCK_SELF_MCAST_LB;
	assert_null(create(f, &attr));
	assert_int_equal(errno, EOPNOTSUPP);

	attr = attr_of(f, IBV_QPT_RC);
	attr.comp_mask |= IBV_QP_INIT_ATTR_RX_HASH;
	assert_null(create(f, &attr));
	assert_int_equal(errno, EOPNOTSUPP);

	attr = attr_of(f, IBV_QPT_RC);
	attr.recv_cq = NULL;
	assert_null(create(f, &attr));
	assert_int_equal(errno, EINVAL);
	attr.recv_cq = &f->cq;
	attr.send_cq = NULL;
	assert_null(create(f, &attr));
	assert_int_equal(errno, EINVAL);
	attr = attr_of(f, IBV_QPT_RC);
	attr.comp_mask = 0;
	assert_null(create(f, &attr));
	assert_int_equal(errno, EINVAL);
	assert_int_equal(destroyed, 0);
}

/* No flags are as good as none asked for; libibverbs' plain command knows none. */
static void create__no_flags(void **state)
{
	struct fixture *f = *state;
	struct ibv_qp_init_attr_ex attr = attr_of(f, IBV_QPT_UC);
	struct ibv_qp *qp;

	attr.comp_mask |= IBV_QP_INIT_ATTR_CREATE_FLAGS;
	qp = create(f, &attr);
	assert_non_null(qp);
	assert_int_equal(asked.comp_mask, IBV_QP_INIT_ATTR_PD);
	assert_int_equal(axe_destroy_qp(qp), 0);
}

static void create__cannot_be_mapped(void **state)
{
	struct fixture *f = *state;
	struct ibv_qp_init_attr_ex attr = attr_of(f, IBV_QPT_RC);

	answer.rq_stride = 65;
	assert_null(create(f, &attr));
	assert_int_equal(errno, EPROTO);
	answer.rq_stride = 64;
	answer.sq_slots = 33;
	assert_null(create(f, &attr));
	assert_int_equal(errno, EPROTO);
	assert_int_equal(destroyed, 2);
}

static void modify__reset_empties_both_rings(void **state)
{
	struct fixture *f = *state;
	struct ibv_qp_init_attr_ex attr = attr_of(f, IBV_QPT_RC);
	struct ibv_qp_attr to_reset = { .qp_state = IBV_QPS_RESET };
	struct ibv_send_wr send = { .opcode = IBV_WR_SEND }, *bad_send;
	struct ibv_recv_wr recv = {}, *bad_recv;
	struct ibv_qp *qp = create(f, &attr);

	assert_non_null(qp);
	qp->state = IBV_QPS_RTS;
	assert_int_equal(axe_post_send(qp, &send, &bad_send), 0);
	assert_int_equal(axe_post_recv(qp, &recv, &bad_recv), 0);
	assert_int_equal(axe_post_recv(qp, &recv, &bad_recv), 0);
	f->rq->head = 1;
	assert_int_equal(axe_modify_qp(qp, &to_reset, IBV_QP_STATE), 0);
	assert_int_equal(f->sq->tail, 0);
	assert_int_equal(f->rq->tail, 1);
	assert_int_equal(axe_post_send(qp, &send, &bad_send), EINVAL);
	assert_int_equal(axe_post_recv(qp, &recv, &bad_recv), EINVAL);
	assert_int_equal(axe_destroy_qp(qp), 0);
}

static void open__has_no_rings(void **state)
{
	struct fixture *f = *state;
	struct ibv_qp_open_attr attr = { .qp_type = IBV_QPT_XRC_RECV };
	struct ibv_qp_attr to_reset = { .qp_state = IBV_QPS_RESET };
	struct ibv_recv_wr recv = {}, *bad_recv;
	struct ibv_qp *qp = axe_open_qp(&f->k.ctx.ibvctx.context, &attr);

	assert_non_null(qp);
	assert_int_equal(axe_post_recv(qp, &recv, &bad_recv), EINVAL);
	assert_int_equal(axe_modify_qp(qp, &to_reset, IBV_QP_STATE), 0);
	assert_int_equal(axe_destroy_qp(qp), 0);
}

static void thread_domain__no_locks(void **state)
{
	struct fixture *f = *state;
	struct ibv_qp_init_attr_ex attr = attr_of(f, IBV_QPT_RC);
	struct axe_td td = {};
	struct axe_pd domain = { .orig = &f->pd, .td = &td };
	struct ibv_qp *qp;

	qp = create(f, &attr);
	assert_true(to_axe_qp(qp)->lock.shared);
	assert_true(to_axe_qp(qp)->rq_lock.shared);
	assert_int_equal(axe_destroy_qp(qp), 0);
	attr.pd = &domain.ibvpd;
	qp = create(f, &attr);
	assert_false(to_axe_qp(qp)->lock.shared);
	assert_false(to_axe_qp(qp)->rq_lock.shared);
	assert_int_equal(axe_destroy_qp(qp), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(create__peer),
		TEST(create__plain_verb),
		TEST(create__without_rq),
		TEST(create__xrc_target),
		TEST(create__send_ops),
		TEST(create__atomic_write_needs_inline),
		TEST(create__refused),
		TEST(create__no_flags),
		TEST(create__cannot_be_mapped),
		TEST(modify__reset_empties_both_rings),
		TEST(open__has_no_rings),
		TEST(thread_domain__no_locks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
