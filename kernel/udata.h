/* SPDX-License-Identifier: GPL-2.0 */
/* What a process sends along with a verb. */
#ifndef AXE_UDATA_H
#define AXE_UDATA_H

#include <linux/uaccess.h>
#include <rdma/ib_verbs.h>

/**
 * axe_udata_check_tail - is zero what we know nothing of?
 * @udata:	of the verb
 * @known:	how many of its bytes we know
 *
 * As ib_is_udata_cleared(), which needs memory for a copy, and says no without it.
 *
 * Return: 0; -EINVAL if something there is set, -EFAULT.
 */
static inline int axe_udata_check_tail(const struct ib_udata *udata, size_t known)
{
	int ret;

	if (udata->inlen <= known)
		return 0;
	ret = check_zeroed_user(udata->inbuf + known, udata->inlen - known);
	if (ret < 0)
		return ret;
	return ret ? 0 : -EINVAL;
}

#endif
