// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Protection domains, and the memory of what is made in them. */

#include "rig.h"

static int pds;		/* in the kernel */

int ibv_cmd_alloc_pd(struct ibv_context *context, struct ibv_pd *pd,
		     struct ibv_alloc_pd *cmd, size_t cmd_size,
		     struct ib_uverbs_alloc_pd_resp *resp, size_t resp_size)
{
	pd->context = context;
	pd->handle = 5;
	pds++;
	return 0;
}

int ibv_cmd_dealloc_pd(struct ibv_pd *pd)
{
	pds--;
	return 0;
}

/* An allocator of the application: what it was asked, and what it answers. */
static struct ibv_pd *alloc_pd;
static uint64_t alloc_type, free_type;
static void *freed;
static enum { OWN, DEFAULT, NONE } alloc_answer;
static char pd_context;

static void *own_alloc(struct ibv_pd *pd, void *context, size_t size, size_t alignment,
		       uint64_t type)
{
	void *memory = NULL;

	assert_ptr_equal(context, &pd_context);
	alloc_pd = pd;
	alloc_type = type;
	if (alloc_answer != OWN)
		return alloc_answer == NONE ? NULL : IBV_ALLOCATOR_USE_DEFAULT;
	assert_int_equal(posix_memalign(&memory, alignment, size), 0);
	memset(memory, 0x5a, size);
	return memory;
}

static void own_free(struct ibv_pd *pd, void *context, void *memory, uint64_t type)
{
	assert_ptr_equal(pd, alloc_pd);
	assert_ptr_equal(context, &pd_context);
	free_type = type;
	freed = memory;
	free(memory);
}

struct fixture {
	struct ibv_context ctx;
	struct ibv_pd *pd;
	struct ibv_parent_domain_init_attr attr;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->pd = axe_alloc_pd(&f->ctx);
	f->attr = (struct ibv_parent_domain_init_attr) {
		.pd = f->pd,
		.comp_mask = IBV_PARENT_DOMAIN_INIT_ATTR_ALLOCATORS |
			     IBV_PARENT_DOMAIN_INIT_ATTR_PD_CONTEXT,
		.alloc = own_alloc,
		.free = own_free,
		.pd_context = &pd_context,
	};
	alloc_pd = NULL;
	freed = NULL;
	alloc_answer = OWN;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(axe_dealloc_pd(f->pd), 0);
	assert_int_equal(pds, 0);
	free(f);
	return 0;
}

static bool all_zero(const char *memory, size_t size)
{
	while (size--)
		if (memory[size])
			return false;
	return true;
}

static void object__plain_pd(void **state)
{
	struct fixture *f = *state;
	struct axe_origin origin;
	void *object = axe_object_alloc(f->pd, 100, AXEDV_RES_TYPE_QP, &origin);

	assert_non_null(object);
	assert_true(all_zero(object, 100));
	assert_true(axe_object_shared(&origin));
	axe_object_free(object, AXEDV_RES_TYPE_QP, &origin);
	/* an XRC target has no PD at all */
	object = axe_object_alloc(NULL, 100, AXEDV_RES_TYPE_QP, &origin);
	assert_non_null(object);
	axe_object_free(object, AXEDV_RES_TYPE_QP, &origin);
}

static void object__own_allocator(void **state)
{
	struct fixture *f = *state;
	struct ibv_pd *domain = axe_alloc_parent_domain(&f->ctx, &f->attr);
	struct axe_origin origin;
	void *object;

	assert_non_null(domain);
	assert_int_equal(domain->handle, 5);
	object = axe_object_alloc(domain, 100, AXEDV_RES_TYPE_CQ, &origin);
	assert_non_null(object);
	assert_ptr_equal(alloc_pd, domain);
	assert_int_equal(alloc_type, AXEDV_RES_TYPE_CQ);
	assert_true(all_zero(object, 100));
	/* it cannot go before what was made in it */
	assert_int_equal(axe_dealloc_pd(domain), EBUSY);
	assert_int_equal(axe_dealloc_pd(f->pd), EBUSY);
	axe_object_free(object, AXEDV_RES_TYPE_CQ, &origin);
	assert_ptr_equal(freed, object);
	assert_int_equal(free_type, AXEDV_RES_TYPE_CQ);
	assert_int_equal(axe_dealloc_pd(domain), 0);
}

static void object__allocator_wants_the_default(void **state)
{
	struct fixture *f = *state;
	struct ibv_pd *domain = axe_alloc_parent_domain(&f->ctx, &f->attr);
	struct axe_origin origin;
	void *object;

	alloc_answer = DEFAULT;
	object = axe_object_alloc(domain, 100, AXEDV_RES_TYPE_SRQ, &origin);
	assert_non_null(object);
	assert_ptr_equal(alloc_pd, domain);
	assert_true(all_zero(object, 100));
	/* what it has not made is not its to free */
	axe_object_free(object, AXEDV_RES_TYPE_SRQ, &origin);
	assert_null(freed);
	assert_int_equal(axe_dealloc_pd(domain), 0);
}

static void object__allocator_fails(void **state)
{
	struct fixture *f = *state;
	struct ibv_pd *domain = axe_alloc_parent_domain(&f->ctx, &f->attr);
	struct axe_origin origin;

	alloc_answer = NONE;
	assert_null(axe_object_alloc(domain, 100, AXEDV_RES_TYPE_SRQ, &origin));
	assert_int_equal(errno, ENOMEM);
	assert_int_equal(axe_dealloc_pd(domain), 0);
}

static void parent_domain__refused(void **state)
{
	struct fixture *f = *state;
	struct ibv_parent_domain_init_attr attr = f->attr;

	attr.free = NULL;
	assert_null(axe_alloc_parent_domain(&f->ctx, &attr));
	assert_int_equal(errno, EINVAL);
	attr = f->attr;
	attr.comp_mask |= 1 << 10;
	assert_null(axe_alloc_parent_domain(&f->ctx, &attr));
	assert_int_equal(errno, EOPNOTSUPP);
	attr = f->attr;
	attr.pd = NULL;
	assert_null(axe_alloc_parent_domain(&f->ctx, &attr));
	assert_int_equal(errno, EINVAL);
}

static void parent_domain__thread_domain(void **state)
{
	struct fixture *f = *state;
	struct ibv_td_init_attr td_attr = {};
	struct ibv_td *td = axe_alloc_td(&f->ctx, &td_attr);
	struct ibv_parent_domain_init_attr attr = { .pd = f->pd, .td = td };
	struct ibv_pd *domain = axe_alloc_parent_domain(&f->ctx, &attr);
	struct axe_origin origin;
	void *object = axe_object_alloc(domain, 8, AXEDV_RES_TYPE_QP, &origin);

	assert_false(axe_object_shared(&origin));
	axe_object_free(object, AXEDV_RES_TYPE_QP, &origin);
	assert_int_equal(axe_dealloc_td(td), EBUSY);
	assert_int_equal(axe_dealloc_pd(domain), 0);
	assert_int_equal(axe_dealloc_td(td), 0);
}

static void import__knows_only_its_handle(void **state)
{
	struct fixture *f = *state;
	struct ibv_pd *pd = axe_import_pd(&f->ctx, 7);

	assert_non_null(pd);
	assert_int_equal(pd->handle, 7);
	assert_ptr_equal(pd->context, &f->ctx);
	axe_unimport_pd(pd);
	assert_int_equal(pds, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(object__plain_pd),
		TEST(object__own_allocator),
		TEST(object__allocator_wants_the_default),
		TEST(object__allocator_fails),
		TEST(parent_domain__refused),
		TEST(parent_domain__thread_domain),
		TEST(import__knows_only_its_handle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
