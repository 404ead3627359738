// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Protection domains, parent domains, thread domains. */

#include <errno.h>
#include <stdlib.h>

#include "axe.h"

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

struct ibv_pd *axe_alloc_parent_domain(struct ibv_context *ibvctx,
				       struct ibv_parent_domain_init_attr *attr)
{
	struct axe_pd *pd;

	if (ibv_check_alloc_parent_domain(attr))
		return NULL;
	/* There is nothing to allocate: the kernel makes the rings. */
	if (attr->comp_mask) {
		errno = EOPNOTSUPP;
		return NULL;
	}

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
	atomic_fetch_add(&pd->orig->refcount, 1);
	atomic_init(&pd->refcount, 1);
	ibv_initialize_parent_domain(&pd->ibvpd, &pd->orig->ibvpd);
	return &pd->ibvpd;
}

int axe_dealloc_pd(struct ibv_pd *ibvpd)
{
	struct axe_pd *pd = to_axe_pd(ibvpd);
	int err;

	if (pd->orig) {
		atomic_fetch_sub(&pd->orig->refcount, 1);
		if (pd->td)
			atomic_fetch_sub(&pd->td->refcount, 1);
	} else {
		if (atomic_load(&pd->refcount) > 1)
			return EBUSY;
		err = ibv_cmd_dealloc_pd(ibvpd);
		if (err)
			return err;
	}
	free(pd);
	return 0;
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
