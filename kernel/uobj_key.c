// SPDX-License-Identifier: GPL-2.0
/*
 * Key objects: their life.
 *
 * A key belongs to a protection domain, which stays as long as the key. Whoever has the
 * number of a key of another domain has nothing.
 */

#include <linux/refcount.h>
#include <linux/slab.h>
#include <rdma/axe_user_ioctl_cmds.h>
#include <rdma/uverbs_ioctl.h>
#include <rdma/uverbs_std_types.h>
#include <rdma/uverbs_types.h>

#include "axe.h"
#include "engine.h"
#include "key.h"

#define UVERBS_MODULE_NAME axe
#include <rdma/uverbs_named_ioctl.h>

/**
 * struct axe_key_object - the object behind a handle
 * @key:	what operations see
 * @rcu:	who found it may still look at @users when it is freed
 * @users:	the object itself, and commands and streams that use it
 * @dev:	the device
 * @pd:		where it may be used; stays only as long as the object does
 */
struct axe_key_object {
	struct axe_key key;
	struct rcu_head rcu;
	refcount_t users;
	struct axe_dev *dev;
	struct ib_pd *pd;
};

/**
 * axe_key_get - look up the key object that a command names
 * @dev:	the device
 * @pd:		the queue's protection domain
 * @number:	any
 *
 * Return: the key, or NULL; to be given back with axe_key_put().
 */
struct axe_key *axe_key_get(struct axe_dev *dev, struct ib_pd *pd, u32 number)
{
	struct axe_key_object *obj;

	rcu_read_lock();
	obj = xa_load(&dev->keys, number);
	if (obj && (obj->pd != pd || !refcount_inc_not_zero(&obj->users)))
		obj = NULL;
	rcu_read_unlock();
	return obj ? &obj->key : NULL;
}

/**
 * axe_key_put - give back a key
 * @key:	of axe_key_get(), or NULL
 *
 * May sleep: the last one wipes it.
 */
void axe_key_put(struct axe_key *key)
{
	struct axe_key_object *obj = container_of(key, struct axe_key_object, key);

	if (!key || !refcount_dec_and_test(&obj->users))
		return;
	axe_engines_forget_key(key);
	axe_key_fini(key);
	kfree_sensitive(key->bytes);
	atomic_dec(&obj->dev->num_keys);
	kfree_rcu(obj, rcu);
}

/*
 * Commands that have found the key finish with it; others do not find it any more. It
 * is wiped when the last of them has ended.
 */
static int axe_key_destroy(struct ib_uobject *uobj, enum rdma_remove_reason why,
			   struct uverbs_attr_bundle *attrs)
{
	struct axe_key_object *obj = uobj->object;

	xa_erase(&obj->dev->keys, obj->key.number);
	atomic_dec(&obj->pd->usecnt);
	axe_key_put(&obj->key);
	return 0;
}

/* The bytes that the process gave, copied once; to be freed with kfree_sensitive(). */
static u8 *axe_key_copy(struct uverbs_attr_bundle *attrs, size_t len)
{
	u8 *bytes = kmalloc(len, GFP_KERNEL_ACCOUNT);
	int ret;

	if (!bytes)
		return ERR_PTR(-ENOMEM);
	ret = _uverbs_copy_from(bytes, attrs, AXE_ATTR_KEY_CREATE_BYTES, len);
	if (!ret)
		return bytes;
	kfree_sensitive(bytes);
	return ERR_PTR(ret);
}

static int axe_key_read(struct axe_key *key, struct uverbs_attr_bundle *attrs)
{
	int len = uverbs_attr_get_len(attrs, AXE_ATTR_KEY_CREATE_BYTES);
	u32 algorithm, uses;
	u8 *bytes;
	int ret;

	if (len < 0)
		return len;
	ret = uverbs_copy_from(&algorithm, attrs, AXE_ATTR_KEY_CREATE_ALGORITHM);
	if (ret)
		return ret;
	ret = uverbs_copy_from(&uses, attrs, AXE_ATTR_KEY_CREATE_USES);
	if (ret)
		return ret;
	bytes = axe_key_copy(attrs, len);
	if (IS_ERR(bytes))
		return PTR_ERR(bytes);
	ret = axe_key_init(key, algorithm, uses, bytes, len);
	if (!ret && key->alg->kind == AXE_KIND_CIPHER) {
		key->bytes = bytes;
		key->len = len;
		return 0;
	}
	kfree_sensitive(bytes);
	return ret;
}

static int axe_key_read_tag_len(struct axe_key *key, struct uverbs_attr_bundle *attrs)
{
	u32 len;
	int ret;

	if (!uverbs_attr_is_valid(attrs, AXE_ATTR_KEY_CREATE_TAG_LEN))
		return 0;
	ret = uverbs_copy_from(&len, attrs, AXE_ATTR_KEY_CREATE_TAG_LEN);
	return ret ? ret : axe_key_set_tag_len(key, len);
}

/* A number is not used again before all others were: the cursor goes round. */
static int axe_key_publish(struct axe_key_object *obj)
{
	int ret = xa_alloc_cyclic(&obj->dev->keys, &obj->key.number, obj, XA_LIMIT(1, INT_MAX),
				  &obj->dev->key_cursor, GFP_KERNEL_ACCOUNT);

	return min(ret, 0);
}

static struct axe_key_object *axe_key_make(struct ib_pd *pd, struct uverbs_attr_bundle *attrs)
{
	struct axe_dev *dev = to_axe_dev(pd->device);
	struct axe_key_object *obj;
	int ret = -ENOMEM;

	if (atomic_inc_return(&dev->num_keys) > AXE_MAX_KEY)
		goto uncount;
	obj = kzalloc(sizeof(*obj), GFP_KERNEL_ACCOUNT);
	if (!obj)
		goto uncount;
	refcount_set(&obj->users, 1);
	obj->dev = dev;
	obj->pd = pd;
	ret = axe_key_read(&obj->key, attrs);
	if (ret)
		goto free_obj;
	ret = axe_key_read_tag_len(&obj->key, attrs);
	if (ret)
		goto fini_key;
	ret = axe_key_publish(obj);
	if (ret)
		goto fini_key;
	return obj;

fini_key:
	axe_key_fini(&obj->key);
	kfree_sensitive(obj->key.bytes);
free_obj:
	kfree(obj);
uncount:
	atomic_dec(&dev->num_keys);
	return ERR_PTR(ret);
}

static int UVERBS_HANDLER(AXE_METHOD_KEY_CREATE)(struct uverbs_attr_bundle *attrs)
{
	struct ib_uobject *uobj = uverbs_attr_get_uobject(attrs, AXE_ATTR_KEY_CREATE_HANDLE);
	struct ib_pd *pd = uverbs_attr_get_obj(attrs, AXE_ATTR_KEY_CREATE_PD);
	struct axe_key_object *obj;

	if (IS_ERR(pd))
		return PTR_ERR(pd);
	obj = axe_key_make(pd, attrs);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	atomic_inc(&pd->usecnt);
	uobj->object = obj;
	uverbs_finalize_uobj_create(attrs, AXE_ATTR_KEY_CREATE_HANDLE);
	return uverbs_copy_to(attrs, AXE_ATTR_KEY_CREATE_RESP_NUMBER, &obj->key.number,
			      sizeof(obj->key.number));
}

DECLARE_UVERBS_NAMED_METHOD(
	AXE_METHOD_KEY_CREATE,
	UVERBS_ATTR_IDR(AXE_ATTR_KEY_CREATE_HANDLE,
			AXE_OBJECT_KEY,
			UVERBS_ACCESS_NEW,
			UA_MANDATORY),
	UVERBS_ATTR_IDR(AXE_ATTR_KEY_CREATE_PD,
			UVERBS_OBJECT_PD,
			UVERBS_ACCESS_READ,
			UA_MANDATORY),
	UVERBS_ATTR_PTR_IN(AXE_ATTR_KEY_CREATE_ALGORITHM,
			   UVERBS_ATTR_TYPE(u32),
			   UA_MANDATORY),
	UVERBS_ATTR_PTR_IN(AXE_ATTR_KEY_CREATE_USES,
			   UVERBS_ATTR_TYPE(u32),
			   UA_MANDATORY),
	UVERBS_ATTR_PTR_IN(AXE_ATTR_KEY_CREATE_BYTES,
			   UVERBS_ATTR_SIZE(1, AXE_MAX_KEY_BYTES),
			   UA_MANDATORY),
	UVERBS_ATTR_PTR_OUT(AXE_ATTR_KEY_CREATE_RESP_NUMBER,
			    UVERBS_ATTR_TYPE(u32),
			    UA_MANDATORY),
	UVERBS_ATTR_PTR_IN(AXE_ATTR_KEY_CREATE_TAG_LEN,
			   UVERBS_ATTR_TYPE(u32),
			   UA_OPTIONAL));

DECLARE_UVERBS_NAMED_METHOD_DESTROY(
	AXE_METHOD_KEY_DESTROY,
	UVERBS_ATTR_IDR(AXE_ATTR_KEY_DESTROY_HANDLE,
			AXE_OBJECT_KEY,
			UVERBS_ACCESS_DESTROY,
			UA_MANDATORY));

DECLARE_UVERBS_NAMED_OBJECT(
	AXE_OBJECT_KEY,
	UVERBS_TYPE_ALLOC_IDR(axe_key_destroy),
	&UVERBS_METHOD(AXE_METHOD_KEY_CREATE),
	&UVERBS_METHOD(AXE_METHOD_KEY_DESTROY));

const struct uapi_definition axe_key_defs[] = {
	UAPI_DEF_CHAIN_OBJ_TREE_NAMED(AXE_OBJECT_KEY),
	{},
};
