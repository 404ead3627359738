// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Protection domains, parent domains, thread domains; memory for what is made in them. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "axe.h"
#include "compat.h"

/* What an allocator of the application is asked for: a cache line. */
#define AXE_OBJECT_ALIGN	64

struct ibv_pd *axe_alloc_pd(struct ibv_context *ibvctx)
{
	struct ib_uverbs_alloc_pd_resp resp;
	struct ibv_alloc_pd cmd;
	struct axe_pd *pd;
	int err;

	pd = calloc(1, sizeof(*pd));
	if (!pd)
		return NULL;

	err = ibv_cmd_alloc_pd(ibvctx, &pd->ibvpd, &cmd, sizeof(cmd), &resp,
			       sizeof(resp));
	if (err) {
		free(pd);
		errno = err;
		return NULL;
	}
	atomic_init(&pd->refcount, 1);
	return &pd->ibvpd;
}

static int axe_check_parent_domain(struct ibv_parent_domain_init_attr *attr)
{
	if (ibv_check_alloc_parent_domain(attr))
		return errno;
	/* That memory may be unprotected is allowed, and not made use of. */
	if (!check_comp_mask(attr->comp_mask,
			     IBV_PARENT_DOMAIN_INIT_ATTR_ALLOCATORS |
			     IBV_PARENT_DOMAIN_INIT_ATTR_PD_CONTEXT |
			     IBV_PARENT_DOMAIN_INIT_ATTR_ALLOW_CC_UNPROTECTED_ALLOC))
		return EOPNOTSUPP;
	/* One half of an allocator is none. */
	if (attr->comp_mask & IBV_PARENT_DOMAIN_INIT_ATTR_ALLOCATORS &&
	    (!attr->alloc || !attr->free))
		return EINVAL;
	return 0;
}

struct ibv_pd *axe_alloc_parent_domain(struct ibv_context *ibvctx,
				       struct ibv_parent_domain_init_attr *attr)
{
	struct axe_pd *pd;

	errno = axe_check_parent_domain(attr);
	if (errno)
		return NULL;
	pd = calloc(1, sizeof(*pd));
	if (!pd)
		return NULL;

	pd->orig = to_axe_pd(attr->pd);
	if (pd->orig->orig)
		pd->orig = pd->orig->orig;
	if (attr->td) {
		pd->td = to_axe_td(attr->td);
		atomic_fetch_add(&pd->td->refcount, 1);
	}
	if (attr->comp_mask & IBV_PARENT_DOMAIN_INIT_ATTR_ALLOCATORS) {
		pd->alloc = attr->alloc;
		pd->free = attr->free;
	}
	if (attr->comp_mask & IBV_PARENT_DOMAIN_INIT_ATTR_PD_CONTEXT)
		pd->pd_context = attr->pd_context;
	atomic_fetch_add(&pd->orig->refcount, 1);
	atomic_init(&pd->refcount, 1);
	ibv_initialize_parent_domain(&pd->ibvpd, &pd->orig->ibvpd);
	return &pd->ibvpd;
}

int axe_dealloc_pd(struct ibv_pd *ibvpd)
{
	struct axe_pd *pd = to_axe_pd(ibvpd);
	int err;

	if (atomic_load(&pd->refcount) > 1)
		return EBUSY;
	if (pd->orig) {
		atomic_fetch_sub(&pd->orig->refcount, 1);
		if (pd->td)
			atomic_fetch_sub(&pd->td->refcount, 1);
	} else {
		err = ibv_cmd_dealloc_pd(ibvpd);
		if (err)
			return err;
	}
	free(pd);
	return 0;
}

/* There is no more to a PD than its handle: it is known already. */
struct ibv_pd *axe_import_pd(struct ibv_context *ibvctx, uint32_t handle)
{
	struct axe_pd *pd;

	pd = calloc(1, sizeof(*pd));
	if (!pd)
		return NULL;
	pd->ibvpd.context = ibvctx;
	pd->ibvpd.handle = handle;
	atomic_init(&pd->refcount, 1);
	return &pd->ibvpd;
}

void axe_unimport_pd(struct ibv_pd *ibvpd)
{
	free(to_axe_pd(ibvpd));
}

struct ibv_td *axe_alloc_td(struct ibv_context *ibvctx,
			    struct ibv_td_init_attr *attr)
{
	struct axe_td *td;

	if (attr->comp_mask) {
		errno = EOPNOTSUPP;
		return NULL;
	}
	td = calloc(1, sizeof(*td));
	if (!td)
		return NULL;

	td->ibvtd.context = ibvctx;
	atomic_init(&td->refcount, 1);
	return &td->ibvtd;
}

int axe_dealloc_td(struct ibv_td *ibvtd)
{
	struct axe_td *td = to_axe_td(ibvtd);

	if (atomic_load(&td->refcount) > 1)
		return EBUSY;
	free(td);
	return 0;
}

/**
 * axe_object_alloc - zeroed memory for a QP, a CQ or an SRQ
 * @ibvpd:	PD or parent domain it is made in; NULL: neither
 * @size:	of the object
 * @type:	AXEDV_RES_TYPE_*, for the allocator
 * @origin:	filled in; goes to axe_object_free()
 *
 * Return: the memory, or NULL with errno.
 */
void *axe_object_alloc(struct ibv_pd *ibvpd, size_t size, uint64_t type,
		       struct axe_origin *origin)
{
	struct axe_pd *pd = ibvpd ? to_axe_pd(ibvpd) : NULL;
	void *object = IBV_ALLOCATOR_USE_DEFAULT;

	origin->domain = pd && pd->orig ? pd : NULL;
	if (origin->domain && pd->alloc)
		object = pd->alloc(ibvpd, pd->pd_context, size, AXE_OBJECT_ALIGN, type);
	origin->by_domain = object != IBV_ALLOCATOR_USE_DEFAULT;
	if (!origin->by_domain)
		object = malloc(size);
	if (!object) {
		errno = ENOMEM;
		return NULL;
	}

	memset(object, 0, size);
	if (origin->domain)
		atomic_fetch_add(&origin->domain->refcount, 1);
	return object;
}

/* @origin may be a part of @object. */
void axe_object_free(void *object, uint64_t type, const struct axe_origin *origin)
{
	struct axe_pd *pd = origin->domain;

	if (origin->by_domain)
		pd->free(&pd->ibvpd, pd->pd_context, object, type);
	else
		free(object);
	if (pd)
		atomic_fetch_sub(&pd->refcount, 1);
}

/* Unless it belongs to a thread domain, several threads may use it at once. */
bool axe_object_shared(const struct axe_origin *origin)
{
	return !origin->domain || !origin->domain->td;
}
