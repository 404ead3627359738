// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Key objects. Their bytes go to the kernel, and no copy is kept here. */

#include <errno.h>
#include <stdlib.h>

#include <infiniband/cmd_ioctl.h>
#include <rdma/axe_user_ioctl_cmds.h>

#include "axe.h"

static int axe_create_key(struct axedv_key *key, struct ibv_pd *pd, uint32_t algorithm,
			  uint32_t uses, const void *bytes, uint16_t length,
			  uint32_t tag_len)
{
	DECLARE_COMMAND_BUFFER(cmd, AXE_OBJECT_KEY, AXE_METHOD_KEY_CREATE, 7);
	struct ib_uverbs_attr *handle;
	int err;

	handle = fill_attr_out_obj(cmd, AXE_ATTR_KEY_CREATE_HANDLE);
	fill_attr_in_obj(cmd, AXE_ATTR_KEY_CREATE_PD, pd->handle);
	fill_attr_in_ptr(cmd, AXE_ATTR_KEY_CREATE_ALGORITHM, &algorithm);
	fill_attr_in_ptr(cmd, AXE_ATTR_KEY_CREATE_USES, &uses);
	fill_attr_in(cmd, AXE_ATTR_KEY_CREATE_BYTES, bytes, length);
	fill_attr_out_ptr(cmd, AXE_ATTR_KEY_CREATE_RESP_NUMBER, &key->number);
	if (tag_len)
		fill_attr_in_ptr(cmd, AXE_ATTR_KEY_CREATE_TAG_LEN, &tag_len);
	err = execute_ioctl(pd->context, cmd);
	if (err)
		return err;
	key->handle = read_attr_obj(AXE_ATTR_KEY_CREATE_HANDLE, handle);
	return 0;
}

struct axedv_key *axedv_create_aead_key(struct ibv_pd *pd, enum axe_key_algorithm algorithm,
					uint32_t uses, const void *bytes, size_t length,
					size_t tag_len)
{
	struct axedv_key *key;
	int err;

	if (!axe_is_axe_device(pd->context->device)) {
		errno = EOPNOTSUPP;
		return NULL;
	}
	if (!length || length > AXE_MAX_KEY_BYTES || tag_len > AXE_AEAD_TAG) {
		errno = EINVAL;
		return NULL;
	}
	key = calloc(1, sizeof(*key));
	if (!key)
		return NULL;
	key->context = pd->context;
	err = axe_create_key(key, pd, algorithm, uses, bytes, length, tag_len);
	if (err) {
		free(key);
		errno = err;
		return NULL;
	}
	return key;
}

struct axedv_key *axedv_create_key(struct ibv_pd *pd, enum axe_key_algorithm algorithm,
				   uint32_t uses, const void *bytes, size_t length)
{
	return axedv_create_aead_key(pd, algorithm, uses, bytes, length, 0);
}

int axedv_destroy_key(struct axedv_key *key)
{
	DECLARE_COMMAND_BUFFER(cmd, AXE_OBJECT_KEY, AXE_METHOD_KEY_DESTROY, 1);
	int err;

	fill_attr_in_obj(cmd, AXE_ATTR_KEY_DESTROY_HANDLE, key->handle);
	err = execute_ioctl(key->context, cmd);
	if (err)
		return err;
	free(key);
	return 0;
}

uint32_t axedv_key_number(const struct axedv_key *key)
{
	return key->number;
}
