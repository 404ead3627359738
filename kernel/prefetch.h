/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_PREFETCH_H
#define AXE_PREFETCH_H

#include <rdma/ib_verbs.h>

int axe_advise_mr(struct ib_pd *pd, enum ib_uverbs_advise_mr_advice advice, u32 flags,
		  struct ib_sge *sg_list, u32 num_sge, struct uverbs_attr_bundle *attrs);

#endif
