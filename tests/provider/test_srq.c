// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Making, resizing and destroying shared receive queues. */

#include "kernel.h"

#include "axe-abi.h"

#define ENTRIES		8
#define STRIDE		32	/* room for one */
#define NEW_ENTRIES	32
#define LENGTH(n)	(AXE_RING_ENTRIES + (n) * STRIDE)
#define SRQN		0x777

struct fixture {
	struct kernel k;
	struct axe_pd pd;
	struct ibv_srq *srq;
	struct axe_sq_hdr *hdr;
};

/* What the kernel was asked, and what it answers. */
static struct ibv_srq_init_attr_ex asked;
static struct axe_create_srq_resp answer;
static int answer_err;
static int modify_mask;
static uint64_t modify_addr;
static int destroyed;

/* In the place of libibverbs'. */
int ibv_cmd_create_srq_ex(struct ibv_context *context, struct verbs_srq *srq,
			  struct ibv_srq_init_attr_ex *attr,
			  struct ibv_create_xsrq *cmd, size_t cmd_size,
			  struct ib_uverbs_create_srq_resp *resp, size_t resp_size)
{
	struct axe_ucmd_create_srq_resp *aresp = (void *)resp;

	assert_int_equal(resp_size, sizeof(*aresp));
	asked = *attr;
	if (answer_err)
		return answer_err;
	attr->attr.max_wr = ENTRIES;
	attr->attr.max_sge = 1;
	srq->srq.context = context;
	srq->srq_type = attr->srq_type;
	srq->srq_num = 0x99;
	aresp->drv_payload = answer;
	return 0;
}

int ibv_cmd_modify_srq(struct ibv_srq *srq, struct ibv_srq_attr *attr, int attr_mask,
		       struct ibv_modify_srq *cmd, size_t cmd_size)
{
	struct axe_ucmd_modify_srq *acmd = (void *)cmd;

	assert_int_equal(cmd_size, sizeof(*acmd));
	modify_mask = attr_mask;
	modify_addr = acmd->resp_addr;
	if (answer_err)
		return answer_err;
	if (modify_addr)
		memcpy((void *)(uintptr_t)modify_addr, &answer, sizeof(answer));
	return 0;
}

int ibv_cmd_destroy_srq(struct ibv_srq *srq)
{
	destroyed++;
	return 0;
}

static struct ibv_srq *make(struct fixture *f)
{
	struct ibv_srq_init_attr attr = {
		.srq_context = f, .attr = { .max_wr = 5, .max_sge = 1, .srq_limit = 2 },
	};
	struct ibv_srq *srq = axe_create_srq(&f->pd.ibvpd, &attr);

	if (srq)
		assert_int_equal(attr.attr.max_wr, ENTRIES);
	return srq;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	kernel_init(&f->k);
	f->pd.ibvpd.context = &f->k.ctx.ibvctx.context;
	answer_err = 0;
	destroyed = 0;
	answer = (struct axe_create_srq_resp) {
		.mmap_length = LENGTH(ENTRIES), .entries = ENTRIES, .stride = STRIDE,
		.srqn = SRQN,
	};
	f->hdr = kernel_map(&f->k, 0);
	f->srq = make(f);
	assert_non_null(f->srq);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	if (f->srq)
		assert_int_equal(axe_destroy_srq(f->srq), 0);
	munmap(f->hdr, RING_BYTES);
	kernel_exit(&f->k);
	free(f);
	return 0;
}

static int post(struct fixture *f, uint64_t wr_id)
{
	struct ibv_recv_wr wr = { .wr_id = wr_id }, *bad;

	return axe_post_srq_recv(f->srq, &wr, &bad);
}

static void create__basic(void **state)
{
	struct fixture *f = *state;
	uint32_t number;

	assert_int_equal(asked.srq_type, IBV_SRQT_BASIC);
	assert_ptr_equal(asked.pd, &f->pd.ibvpd);
	assert_int_equal(asked.attr.max_wr, 5);
	assert_int_equal(asked.attr.srq_limit, 2);
	assert_ptr_equal(f->srq->pd, &f->pd.ibvpd);
	assert_ptr_equal(f->srq->srq_context, f);
	assert_int_equal(to_axe_srq(f->srq)->srqn, SRQN);
	assert_int_equal(axe_get_srq_num(f->srq, &number), EINVAL);
	assert_int_equal(f->hdr->version, AXE_RING_VERSION);
	assert_int_equal(post(f, 1), 0);
	assert_int_equal(f->hdr->tail, 1);
}

static void create__xrc(void **state)
{
	struct fixture *f = *state;
	struct ibv_srq_init_attr_ex attr = {
		.comp_mask = IBV_SRQ_INIT_ATTR_TYPE | IBV_SRQ_INIT_ATTR_PD |
			     IBV_SRQ_INIT_ATTR_XRCD | IBV_SRQ_INIT_ATTR_CQ,
		.srq_type = IBV_SRQT_XRC,
		.pd = &f->pd.ibvpd,
		.attr = { .max_wr = 5, .max_sge = 1 },
	};
	struct ibv_srq *srq = axe_create_srq_ex(f->pd.ibvpd.context, &attr);
	uint32_t number = 0;

	assert_non_null(srq);
	assert_int_equal(axe_get_srq_num(srq, &number), 0);
	assert_int_equal(number, 0x99);
	assert_int_equal(axe_destroy_srq(srq), 0);
}

static void create__refused(void **state)
{
	struct fixture *f = *state;
	struct ibv_srq_init_attr_ex attr = {
		.comp_mask = IBV_SRQ_INIT_ATTR_TYPE | IBV_SRQ_INIT_ATTR_PD,
		.srq_type = IBV_SRQT_TM, .pd = &f->pd.ibvpd,
	};

	assert_null(axe_create_srq_ex(f->pd.ibvpd.context, &attr));
	assert_int_equal(errno, EOPNOTSUPP);
	attr.comp_mask |= IBV_SRQ_INIT_ATTR_TM;
	assert_null(axe_create_srq_ex(f->pd.ibvpd.context, &attr));
	assert_int_equal(errno, EOPNOTSUPP);
	attr.comp_mask = IBV_SRQ_INIT_ATTR_TYPE;
	attr.srq_type = IBV_SRQT_BASIC;
	assert_null(axe_create_srq_ex(f->pd.ibvpd.context, &attr));
	assert_int_equal(errno, EINVAL);
	answer_err = ENOMEM;
	assert_null(make(f));
	assert_int_equal(errno, ENOMEM);
	assert_int_equal(destroyed, 0);
}

/* Whatever cannot be a ring is not mapped, and the SRQ not left behind. */
static void create__cannot_be_mapped(void **state)
{
	struct fixture *f = *state;
	struct axe_create_srq_resp good = answer;
	int i;

	for (i = 0; i < 4; i++) {
		answer = good;
		if (i == 0)
			answer.entries = 7;
		else if (i == 1)
			answer.stride = 8;
		else if (i == 2)
			answer.stride = 48;
		else
			answer.mmap_length--;
		assert_null(make(f));
		assert_int_equal(errno, EPROTO);
		assert_int_equal(destroyed, i + 1);
	}
}

static void modify__limit(void **state)
{
	struct fixture *f = *state;
	struct ibv_srq_attr attr = { .srq_limit = 3 };

	assert_int_equal(axe_modify_srq(f->srq, &attr, IBV_SRQ_LIMIT), 0);
	assert_int_equal(modify_mask, IBV_SRQ_LIMIT);
	/* nothing to answer, nothing to move */
	assert_int_equal(modify_addr, 0);
	assert_int_equal(post(f, 1), 0);
	assert_int_equal(f->hdr->tail, 1);
}

/* The kernel puts what it has not taken at the new ring's start. */
static void resize__goes_on_in_new_ring(void **state)
{
	struct fixture *f = *state;
	struct axe_sq_hdr *new = kernel_map(&f->k, 1);
	struct axe_recv_wr *entry = (void *)new + AXE_RING_ENTRIES + 2 * STRIDE;
	struct ibv_srq_attr attr = { .max_wr = NEW_ENTRIES };
	void *old = to_axe_srq(f->srq)->rq.hdr;
	unsigned char resident;
	int i;

	for (i = 0; i < 3; i++)
		assert_int_equal(post(f, i), 0);
	f->hdr->head = 1;
	new->tail = 2;
	answer.mmap_offset = RING_BYTES;
	answer.mmap_length = LENGTH(NEW_ENTRIES);
	answer.entries = NEW_ENTRIES;
	assert_int_equal(axe_modify_srq(f->srq, &attr, IBV_SRQ_MAX_WR), 0);
	assert_int_not_equal(modify_addr, 0);
	/* the old mapping is gone */
	assert_int_equal(mincore(old, 1, &resident), -1);
	assert_int_equal(errno, ENOMEM);

	for (i = 2; i < NEW_ENTRIES; i++)
		assert_int_equal(post(f, 100 + i), 0);
	assert_int_equal(post(f, 0), ENOMEM);
	assert_int_equal(new->tail, NEW_ENTRIES);
	assert_int_equal(le64toh(entry->wr_id), 102);
	assert_int_equal(f->hdr->tail, 3);
	munmap(new, RING_BYTES);
}

static void resize__refused(void **state)
{
	struct fixture *f = *state;
	struct ibv_srq_attr attr = { .max_wr = 1 };

	answer_err = EINVAL;
	assert_int_equal(axe_modify_srq(f->srq, &attr, IBV_SRQ_MAX_WR), EINVAL);
	assert_int_equal(post(f, 1), 0);
	assert_int_equal(f->hdr->tail, 1);
}

static void resize__cannot_be_mapped(void **state)
{
	struct fixture *f = *state;
	struct ibv_srq_attr attr = { .max_wr = NEW_ENTRIES };
	int i;

	answer.entries = 33;
	assert_int_equal(axe_modify_srq(f->srq, &attr, IBV_SRQ_MAX_WR), EPROTO);
	/* the kernel reads another ring now: this one is no more than a grave */
	for (i = 0; i < ENTRIES; i++)
		if (post(f, i))
			break;
	assert_int_equal(post(f, 1), EIO);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(create__basic),
		TEST(create__xrc),
		TEST(create__refused),
		TEST(create__cannot_be_mapped),
		TEST(modify__limit),
		TEST(resize__goes_on_in_new_ring),
		TEST(resize__refused),
		TEST(resize__cannot_be_mapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
