// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Posting receives, to a QP and to an SRQ, on rings that no device looks at. */

#include "rig.h"

#define ENTRIES		8
#define STRIDE		64	/* room for three */
#define MAX_SGE		3
#define SRQN		0x777

/* A QP and an SRQ, and which of the two is tested. */
struct recv_rig {
	struct rig *rig;
	struct axe_context ctx;
	struct axe_srq srq;
	struct axe_rq *rq;
	struct axe_sq_hdr *hdr;
	bool shared;
};

static struct recv_rig *new_rig(bool shared)
{
	struct recv_rig *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->rig = rig_new(IBV_QPT_RC);
	f->shared = shared;
	f->rq = shared ? &f->srq.rq : &f->rig->qp.rq;
	f->hdr = rig_ring(ENTRIES, STRIDE);
	axe_rq_init(f->rq, f->hdr, 0, ENTRIES, STRIDE);
	f->ctx.doorbell_fd = f->rig->qp.doorbell_fd;
	f->srq.srqn = SRQN;
	f->srq.verbs_srq.srq.context = &f->ctx.ibvctx.context;
	axe_lock_init(&f->srq.lock, true);
	return f;
}

static int setup_qp(void **state)
{
	*state = new_rig(false);
	return 0;
}

static int setup_srq(void **state)
{
	*state = new_rig(true);
	return 0;
}

static int teardown(void **state)
{
	struct recv_rig *f = *state;
	void *rig = f->rig;

	assert_false(axe_lock_held(&f->srq.lock));
	rig_teardown(&rig);
	free(f->hdr);
	free(f);
	return 0;
}

static int post_list(struct recv_rig *f, struct ibv_recv_wr *wr, struct ibv_recv_wr **bad)
{
	if (f->shared)
		return axe_post_srq_recv(&f->srq.verbs_srq.srq, wr, bad);
	return axe_post_recv(&f->rig->qp.verbs_qp.qp, wr, bad);
}

static int post(struct recv_rig *f, int num_sge)
{
	struct ibv_sge sges[MAX_SGE + 1] = {};
	struct ibv_recv_wr wr = { .sg_list = sges, .num_sge = num_sge }, *bad = NULL;
	int err = post_list(f, &wr, &bad);

	if (err)
		assert_ptr_equal(bad, &wr);
	return err;
}

static void entry__every_byte(void **state)
{
	struct recv_rig *f = *state;
	struct ibv_sge sges[3] = {
		{ .addr = 0x1122334455667788, .length = 1, .lkey = 0x80000001 },
		{ .addr = 2, .length = UINT32_MAX, .lkey = 3 },
		{ .addr = 4, .length = 5, .lkey = 6 },
	};
	struct ibv_recv_wr wr = {
		.wr_id = 0xfedcba9876543210, .sg_list = sges, .num_sge = 3,
	};
	struct { struct axe_recv_wr wr; struct axe_buf sge[3]; } expected = {
		.wr = { .wr_id = htole64(0xfedcba9876543210), .num_sge = htole32(3) },
		.sge = {
			{ htole64(0x1122334455667788), htole32(1), htole32(0x80000001) },
			{ htole64(2), htole32(UINT32_MAX), htole32(3) },
			{ htole64(4), htole32(5), htole32(6) },
		},
	};
	struct ibv_recv_wr *bad;

	assert_int_equal(sizeof(expected), STRIDE);
	assert_int_equal(f->hdr->version, AXE_RING_VERSION);
	/* the last entry, then the first */
	f->hdr->tail = UINT32_MAX;
	f->hdr->head = UINT32_MAX;
	assert_int_equal(post_list(f, &wr, &bad), 0);
	assert_int_equal(post_list(f, &wr, &bad), 0);
	assert_int_equal(f->hdr->tail, 1);
	assert_memory_equal(f->rq->entries + 7 * STRIDE, &expected, STRIDE);
	assert_memory_equal(f->rq->entries, &expected, STRIDE);
}

static void sges__each_count(void **state)
{
	struct recv_rig *f = *state;
	int n;

	for (n = 0; n <= MAX_SGE; n++) {
		assert_int_equal(post(f, n), 0);
		assert_int_equal(le32toh(axe_rq_entry(f->rq, n)->num_sge), n);
	}
	assert_int_equal(post(f, MAX_SGE + 1), EINVAL);
	assert_int_equal(post(f, -1), EINVAL);
	assert_int_equal(f->hdr->tail, MAX_SGE + 1);
}

static void ring__full(void **state)
{
	struct recv_rig *f = *state;
	int i;

	for (i = 0; i < ENTRIES; i++)
		assert_int_equal(post(f, 1), 0);
	assert_int_equal(post(f, 1), ENOMEM);
	f->hdr->head = 1;
	assert_int_equal(post(f, 1), 0);
	assert_int_equal(post(f, 1), ENOMEM);
	assert_int_equal(f->hdr->tail, ENTRIES + 1);
	f->hdr->flags = AXE_SQ_DEAD;
	assert_int_equal(post(f, 1), EIO);
}

/* The ring may be longer than what the application was told. */
static void ring__as_long_as_told(void **state)
{
	struct recv_rig *f = *state;
	int i;

	f->rq->size = 5;
	for (i = 0; i < 5; i++)
		assert_int_equal(post(f, 1), 0);
	assert_int_equal(post(f, 1), ENOMEM);
}

static void list__bad_one(void **state)
{
	struct recv_rig *f = *state;
	struct ibv_sge sges[MAX_SGE + 1] = {};
	struct ibv_recv_wr wr[3] = {
		{ .next = &wr[1], .wr_id = 1 },
		{ .next = &wr[2], .wr_id = 2 },
		{ .sg_list = sges, .num_sge = MAX_SGE + 1 },
	};
	struct ibv_recv_wr *bad;

	f->hdr->flags = AXE_SQ_NEED_WAKEUP;
	assert_int_equal(post_list(f, wr, &bad), EINVAL);
	assert_ptr_equal(bad, &wr[2]);
	assert_int_equal(f->hdr->tail, 2);
	assert_int_equal(rings(), 1);
	/* nothing posted, nothing rung */
	assert_int_equal(post_list(f, &wr[2], &bad), EINVAL);
	assert_int_equal(f->hdr->tail, 2);
	assert_int_equal(rings(), 0);
}

static void doorbell__only_when_asked(void **state)
{
	struct recv_rig *f = *state;

	assert_int_equal(post(f, 1), 0);
	assert_int_equal(rings(), 0);
	f->hdr->flags = AXE_SQ_NEED_WAKEUP;
	assert_int_equal(post(f, 1), 0);
	assert_int_equal(rings(), 1);
	assert_int_equal(doorbell_last.number, f->shared ? SRQN : RIG_QPN);
	assert_int_equal(doorbell_last.ring,
			 f->shared ? AXE_DOORBELL_SRQ : AXE_DOORBELL_RQ);
	f->hdr->flags = AXE_SQ_ERROR;
	assert_int_equal(post(f, 1), 0);
	assert_int_equal(rings(), 1);
}

static void doorbell__fails(void **state)
{
	struct recv_rig *f = *state;

	f->hdr->flags = AXE_SQ_NEED_WAKEUP;
	doorbell_errors[0] = EINVAL;
	assert_int_equal(post(f, 1), EINVAL);
	f->hdr->flags = AXE_SQ_DEAD;
	assert_int_equal(post(f, 1), EIO);
	assert_int_equal(rings(), 0);
}

static void state__each(void **state)
{
	struct recv_rig *f = *state;
	enum ibv_qp_state s;

	for (s = IBV_QPS_RESET; s <= IBV_QPS_ERR; s++) {
		f->rig->qp.verbs_qp.qp.state = s;
		assert_int_equal(post(f, 1), s == IBV_QPS_RESET ? EINVAL : 0);
	}
}

static void ring__none(void **state)
{
	struct recv_rig *f = *state;

	f->rq->hdr = NULL;
	assert_int_equal(post(f, 1), EINVAL);
	f->rig->qp.verbs_qp.qp.qp_type = IBV_QPT_DRIVER;
	assert_int_equal(post(f, 1), EOPNOTSUPP);
}

#define QP(name) cmocka_unit_test_setup_teardown(name, setup_qp, teardown)
#define SRQ(name) cmocka_unit_test_setup_teardown(name, setup_srq, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		QP(entry__every_byte),
		SRQ(entry__every_byte),
		QP(sges__each_count),
		SRQ(sges__each_count),
		QP(ring__full),
		SRQ(ring__full),
		QP(ring__as_long_as_told),
		QP(list__bad_one),
		SRQ(list__bad_one),
		QP(doorbell__only_when_asked),
		SRQ(doorbell__only_when_asked),
		QP(doorbell__fails),
		SRQ(doorbell__fails),
		QP(state__each),
		QP(ring__none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
