// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The queue as a QP: its states, how it is made and destroyed, its threads. */

#include <pthread.h>
#include <sched.h>

#include "ways.h"

/*---- states ----*/

static void state__walk_from_reset_to_rts(void **state)
{
	struct rig r;

	rig_open(&r, NULL);
	/* Usable as it comes ... */
	assert_int_equal(state_of(&r), IBV_QPS_RTS);
	rig_close_queue(&r);
	/* ... and for code that takes it for a QP as any other. */
	rig_open_queue(&r, NULL);
	assert_int_equal(modify(&r, IBV_QPS_INIT), 0);
	assert_int_equal(state_of(&r), IBV_QPS_INIT);
	rig_begin(&r, 1, IBV_SEND_SIGNALED);
	axedv_wr_nop(r.qx);
	assert_int_equal(ibv_wr_complete(r.qx), EINVAL);
	assert_int_equal(modify(&r, IBV_QPS_RTR), 0);
	assert_int_equal(modify(&r, IBV_QPS_RTS), 0);
	assert_queue_works(&r);
	bring_up(&r);
	assert_queue_works(&r);
	/* No way back without a reset, and not to states that it has not. */
	assert_int_equal(modify(&r, IBV_QPS_INIT), EINVAL);
	assert_int_equal(modify(&r, IBV_QPS_RTR), EINVAL);
	assert_int_not_equal(modify(&r, IBV_QPS_SQD), 0);
	assert_int_equal(state_of(&r), IBV_QPS_RTS);
	assert_queue_works(&r);
	rig_close(&r);
}

static void state__error_flushes(void **state)
{
	struct way *way = *state;
	struct rig r;
	unsigned int i, flushed = 0, n = 20;

	rig_open(&r, &(struct rig_options){
		.mode = way->mode, .flags = way->flags, .lanes = 1, .unsignaled = true });
	if (way->mode != AXE_QUEUE_INLINE)
		post_slow(&r, 0, IBV_SEND_SIGNALED);
	else
		post_nop(&r, 0, IBV_SEND_SIGNALED, NULL);
	for (i = 1; i < n; i++)
		post_nop(&r, i, IBV_SEND_SIGNALED, NULL);
	assert_int_equal(modify(&r, IBV_QPS_ERR), 0);
	assert_int_equal(state_of(&r), IBV_QPS_ERR);
	/* Every command has its completion, in order; none is lost. */
	for (i = 0; i < n; i++) {
		struct wc wc = rig_wait_for(&r, i);

		if (wc.code != AXE_OK) {
			assert_code(wc, AXE_ERR_FLUSHED);
			flushed++;
		}
	}
	if (way->mode != AXE_QUEUE_INLINE)
		assert_int_equal(flushed, n);
	/* What is posted now, too; asked for or not. */
	post_nop(&r, 100, IBV_SEND_SIGNALED, NULL);
	post_nop(&r, 101, 0, NULL);
	post_slow(&r, 102, 0);
	expect(&r, 100, AXE_ERR_FLUSHED);
	expect(&r, 101, AXE_ERR_FLUSHED);
	expect(&r, 102, AXE_ERR_FLUSHED);
	rig_expect_empty(&r);
	bring_up(&r);
	assert_queue_works(&r);
	rig_close(&r);
}

static void state__reset_forgets(void **state)
{
	struct way *way = *state;
	struct rig r;
	struct wc wc;
	unsigned int i, k;

	rig_open(&r, &(struct rig_options){ .mode = way->mode, .flags = way->flags, .lanes = 2 });
	for (k = 0; k < 5; k++) {
		if (way->mode != AXE_QUEUE_INLINE)
			post_slow(&r, 0, IBV_SEND_SIGNALED);
		for (i = 1; i < 30; i++)
			post_nop(&r, i, IBV_SEND_SIGNALED, NULL);
		assert_int_equal(modify(&r, IBV_QPS_RESET), 0);
		assert_int_equal(state_of(&r), IBV_QPS_RESET);
		/* What was done before is in the CQ; afterwards nothing comes. */
		while (rig_poll(&r, &wc))
			;
		bring_up(&r);
		rig_expect_empty(&r);
		assert_queue_works(&r);
		/* Nobody to be linked to. */
		post_bad(&r, 50, IBV_SEND_SIGNALED);
		expect(&r, 50, AXE_ERR_KEY);
		bring_up(&r);
		post_nop(&r, 51, IBV_SEND_SIGNALED | AXEDV_SEND_LINK, NULL);
		expect(&r, 51, AXE_OK);
	}
	rig_close(&r);
}

/*---- made and destroyed ----*/
/* Out at once, although there is work for minutes. */
static void destroy__with_commands_in_flight(void **state)
{
	struct way *way = *state;
	uint8_t *zeros = mmap(NULL, GIB, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			      -1, 0);
	struct ibv_sge src, dst;
	uint64_t start;
	struct rig r;
	unsigned int i;

	slow_make();
	rig_open(&r, &(struct rig_options){ .mode = way->mode, .flags = way->flags });
	src = here(&r, zeros, GIB);
	dst = here(&r, slow_dst, 2 * SLOW_SIZE);
	for (i = 0; i < 50; i++)
		post(&r, i, IBV_SEND_SIGNALED, compress, &dst, &src, AXE_FORMAT_RAW, 9, 0);
	start = now_ms();
	rig_close(&r);
	print_message("# closed in %llu ms\n", (unsigned long long)(now_ms() - start));
	assert_between(now_ms() - start, 0, 5000);
	munmap(zeros, GIB);
}

static void create__bad_parameters(void **state)
{
	struct rig r;
	struct ibv_qp_init_attr_ex attr, good;
	struct axedv_qp_init_attr axe = {};
	struct ibv_device_attr device;
	struct ibv_qp *qp;

	rig_open(&r, NULL);
	assert_int_equal(ibv_query_device(r.ctx, &device), 0);
	good = (struct ibv_qp_init_attr_ex) {
		.qp_type = IBV_QPT_DRIVER, .send_cq = ibv_cq_ex_to_cq(r.cq),
		.cap.max_send_wr = 8, .comp_mask = IBV_QP_INIT_ATTR_PD, .pd = r.pd,
	};
#define REFUSED(error, ...)						\
	do {								\
		attr = good;						\
		axe = (struct axedv_qp_init_attr) {};			\
		__VA_ARGS__;						\
		qp = axedv_create_qp(r.ctx, &attr, &axe);		\
		demand(!qp && errno == (error), #__VA_ARGS__);		\
	} while (0)

	REFUSED(EINVAL, axe.comp_mask = 1 << 6);
	REFUSED(EINVAL, (axe.comp_mask = AXEDV_QP_INIT_ATTR_MODE, axe.mode = 4));
	REFUSED(EOPNOTSUPP, (axe.comp_mask = AXEDV_QP_INIT_ATTR_FLAGS, axe.flags = 2));
	REFUSED(EINVAL, (axe.comp_mask = AXEDV_QP_INIT_ATTR_LANES, axe.lanes = 10000));
	REFUSED(EINVAL, (axe.comp_mask = AXEDV_QP_INIT_ATTR_POLL_USECS, axe.poll_usecs = 1 << 30));
	REFUSED(EINVAL, (axe.comp_mask = AXEDV_QP_INIT_ATTR_ENGINE, axe.engine = 77));
	REFUSED(EINVAL, (axe.comp_mask = AXEDV_QP_INIT_ATTR_ENGINE, axe.engine = UINT32_MAX));
	REFUSED(EINVAL, (axe.comp_mask = AXEDV_QP_INIT_ATTR_OFFLOAD,
			 axe.offload = AXE_OFFLOAD_ONLY + 1));
	REFUSED(EINVAL, (axe.comp_mask = AXEDV_QP_INIT_ATTR_OFFLOAD | AXEDV_QP_INIT_ATTR_ENGINE,
			 axe.offload = AXE_OFFLOAD_ONLY));
	REFUSED(EINVAL, axe.reserved[2] = 1);
	REFUSED(EINVAL, attr.cap.max_send_wr = device.max_qp_wr + 1);
	REFUSED(EINVAL, attr.qp_type = IBV_QPT_RC);
	REFUSED(EINVAL, attr.send_cq = NULL);
	REFUSED(EINVAL, attr.comp_mask = 0);
	REFUSED(EINVAL, attr.cap.max_inline_data = 129);

	/* As much as it says it can. */
	attr = good;
	attr.cap.max_send_wr = device.max_qp_wr;
	qp = axedv_create_qp(r.ctx, &attr, NULL);
	assert_non_null(qp);
	assert_int_equal(ibv_destroy_qp(qp), 0);
	/* The engine that there is, by its name. */
	attr = good;
	axe = (struct axedv_qp_init_attr) { .comp_mask = AXEDV_QP_INIT_ATTR_ENGINE, .engine = 0 };
	qp = axedv_create_qp(r.ctx, &attr, &axe);
	assert_non_null(qp);
	assert_int_equal(ibv_destroy_qp(qp), 0);
	assert_queue_works(&r);
	rig_close(&r);
}

static void create__many(void **state)
{
	static struct ibv_qp *qps[300];
	struct rig r;
	struct ibv_qp_init_attr_ex attr;
	unsigned int i, k;

	rig_open(&r, &(struct rig_options){ .cqe = 1024 });
	attr = (struct ibv_qp_init_attr_ex) {
		.qp_type = IBV_QPT_DRIVER, .send_cq = ibv_cq_ex_to_cq(r.cq), .sq_sig_all = 1,
		.cap.max_send_wr = 8, .comp_mask = IBV_QP_INIT_ATTR_PD, .pd = r.pd,
	};
	for (i = 0; i < ARRAY_SIZE(qps); i++) {
		struct ibv_qp_ex *qx;

		qps[i] = axedv_create_qp(r.ctx, &attr, NULL);
		assert_non_null(qps[i]);
		qx = ibv_qp_to_qp_ex(qps[i]);
		ibv_wr_start(qx);
		qx->wr_id = i;
		qx->wr_flags = 0;
		axedv_wr_nop(qx);
		assert_int_equal(ibv_wr_complete(qx), 0);
	}
	for (i = 0; i < ARRAY_SIZE(qps); i++) {
		struct wc wc = rig_wait(&r);

		assert_done(wc);
		/* All on one CQ: the number tells whose it is; no number twice. */
		assert_int_equal(wc.qp_num, qps[wc.wr_id]->qp_num);
		for (k = 0; k < i; k++)
			assert_int_not_equal(qps[k]->qp_num, qps[i]->qp_num);
	}
	for (i = 0; i < ARRAY_SIZE(qps); i++)
		assert_int_equal(ibv_destroy_qp(qps[i]), 0);
	rig_close(&r);
}

/*---- threads ----*/

struct poster {
	struct rig *r;
	unsigned int number;
	unsigned int failed;
};

#define THREADS		3
#define POSTS		800

static void *poster_run(void *arg)
{
	struct poster *p = arg;
	unsigned int i;

	for (i = 0; i < POSTS; ) {
		int ret;

		ibv_wr_start(p->r->qx);
		p->r->qx->wr_id = p->number * POSTS + i;
		p->r->qx->wr_flags = IBV_SEND_SIGNALED;
		axedv_wr_nop(p->r->qx);
		ret = ibv_wr_complete(p->r->qx);
		if (!ret)
			i++;
		else if (ret == ENOMEM)
			sched_yield();
		else
			p->failed++, i++;
	}
	return NULL;
}

static void threads__one_queue(void **state)
{
	struct way *way = *state;
	struct poster posters[THREADS];
	unsigned int last[THREADS] = {};
	pthread_t threads[THREADS];
	struct rig r;
	unsigned int i;

	rig_open(&r, &(struct rig_options){
		.mode = way->mode, .flags = way->flags, .depth = 64, .cqe = 8192 });
	for (i = 0; i < THREADS; i++) {
		posters[i] = (struct poster) { &r, i, 0 };
		assert_int_equal(pthread_create(&threads[i], NULL, poster_run, &posters[i]), 0);
	}
	for (i = 0; i < THREADS * POSTS; i++) {
		struct wc wc = rig_wait(&r);
		unsigned int t = wc.wr_id / POSTS;

		assert_done(wc);
		assert_between(t, 0, THREADS - 1);
		if (!(way->flags & AXE_QUEUE_UNORDERED))
			assert_int_equal(wc.wr_id % POSTS, last[t]);
		last[t]++;
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(last[i], POSTS);
		assert_int_equal(posters[i].failed, 0);
	}
	rig_expect_empty(&r);
	rig_close(&r);
}

/* With a thread domain there are no locks; what it does is the same. */
static void threads__thread_domain(void **state)
{
	struct ibv_td_init_attr td_attr = {};
	struct ibv_parent_domain_init_attr pd_attr = {};
	struct ibv_pd *plain, *parent;
	struct ibv_td *td;
	struct rig r;
	unsigned int i;

	rig_open(&r, NULL);
	rig_close_queue(&r);
	td = ibv_alloc_td(r.ctx, &td_attr);
	assert_non_null(td);
	plain = r.pd;
	pd_attr.pd = plain;
	pd_attr.td = td;
	parent = ibv_alloc_parent_domain(r.ctx, &pd_attr);
	assert_non_null(parent);
	r.pd = parent;
	rig_open_queue(&r, NULL);
	for (i = 0; i < 100; i++) {
		post_nop(&r, i, IBV_SEND_SIGNALED, NULL);
		expect(&r, i, AXE_OK);
	}
	assert_queue_works(&r);
	rig_close_queue(&r);
	assert_int_equal(ibv_dealloc_td(td), EBUSY);
	assert_int_equal(ibv_dealloc_pd(plain), EBUSY);
	assert_int_equal(ibv_dealloc_pd(parent), 0);
	assert_int_equal(ibv_dealloc_td(td), 0);
	r.pd = plain;
	rig_close(&r);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(state__walk_from_reset_to_rts),
	IN_ALL_MODES(state__error_flushes),
	IN_ALL_MODES(state__reset_forgets),
	IN_WAY(destroy__with_commands_in_flight, "auto", 0),
	IN_WAY(destroy__with_commands_in_flight, "worker_unordered", 6),
	IN_WAY(destroy__with_commands_in_flight, "poll", 3),
	cmocka_unit_test(create__bad_parameters),
	cmocka_unit_test(create__many),
	IN_ALL_MODES(threads__one_queue),
	cmocka_unit_test(threads__thread_domain),
};

LIVE_MAIN("qp", tests, NULL, NULL)
