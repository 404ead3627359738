/* SPDX-License-Identifier: GPL-2.0 */
/* Memory windows. */
#ifndef AXE_MW_H
#define AXE_MW_H

#include <linux/completion.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <rdma/ib_verbs.h>
#include <rdma/axe-ring.h>

struct axe_dev;
struct axe_region;

/**
 * struct axe_mw - a memory window
 * @ib:		first, for uverbs frees it by that
 * @users:	one for being published, one for each that binds or invalidates it
 * @gone:	completed when the last user has gone
 * @lock:	makes changes of the binding one at a time; covers @rgn and ib.rkey
 * @rgn:	what its key stands for at present; NULL: it is not bound
 */
struct axe_mw {
	struct ib_mw ib;
	refcount_t users;
	struct completion gone;
	struct mutex lock;	/* see above */
	struct axe_region *rgn;
};

static inline struct axe_mw *to_axe_mw(struct ib_mw *ib)
{
	return container_of(ib, struct axe_mw, ib);
}

enum axe_code axe_mw_bind(struct axe_dev *dev, struct ib_pd *pd, u64 qp_id,
			  const struct axe_send_wr *wr);
enum axe_code axe_mw_invalidate(struct axe_dev *dev, struct ib_pd *pd, u64 qp_id, u32 rkey);

#endif
