// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Address handles: the kernel resolves the address, and numbers the handle. */

#include <errno.h>
#include <stdlib.h>

#include "axe.h"
#include "axe-abi.h"

struct ibv_ah *axe_create_ah(struct ibv_pd *ibvpd, struct ibv_ah_attr *attr)
{
	struct axe_ucmd_create_ah_resp resp = {};
	struct axe_ah *ah;
	int err;

	ah = calloc(1, sizeof(*ah));
	if (!ah)
		return NULL;

	err = ibv_cmd_create_ah(ibvpd, &ah->ibvah, attr, &resp.ibv_resp, sizeof(resp));
	if (err) {
		free(ah);
		errno = err;
		return NULL;
	}
	ah->number = resp.number;
	return &ah->ibvah;
}

int axe_destroy_ah(struct ibv_ah *ibvah)
{
	int err;

	err = ibv_cmd_destroy_ah(ibvah);
	if (err)
		return err;
	free(to_axe_ah(ibvah));
	return 0;
}
