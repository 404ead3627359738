// SPDX-License-Identifier: GPL-2.0
/*
 * The doorbell: a file to write the numbers of queues to which something was
 * posted. A write() to a file of our own costs a third of a uverbs ioctl.
 */

#include <linux/fs.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include <rdma/axe_user_ioctl_cmds.h>
#include <rdma/uverbs_ioctl.h>
#include <rdma/uverbs_std_types.h>
#include <rdma/uverbs_types.h>

#include "axe.h"
#include "bell.h"
#include "peer.h"
#include "queue.h"
#include "rq.h"
#include "stats.h"

#define UVERBS_MODULE_NAME axe
#include <rdma/uverbs_named_ioctl.h>

/**
 * struct axe_doorbell_file - the object behind the file
 * @uobj:	what uverbs knows of it; first
 * @bells:	where its rings are found; NULL when the device is gone, which may
 *		be long before the file is closed. RCU
 */
struct axe_doorbell_file {
	struct ib_uobject uobj;
	struct axe_bell_table __rcu *bells;
};

static void axe_bell_ring(struct axe_bell *bell)
{
	struct axe_queue *q;

	switch (bell->kind) {
	case AXE_BELL_QUEUE:
		q = container_of(bell, struct axe_queue, bell);
		axe_count(q->dev, AXE_STAT_DOORBELLS, 1);
		axe_queue_doorbell(q);
		break;
	case AXE_BELL_PEER:
		axe_peer_doorbell(container_of(bell, struct axe_peer, bell));
		break;
	case AXE_BELL_RQ:
		axe_rq_doorbell(container_of(bell, struct axe_rq, bell));
		break;
	}
}

static int axe_doorbell_ring(struct file *filp, u32 number, u32 ring)
{
	struct ib_uobject *uobj = filp->private_data;
	struct axe_doorbell_file *file = container_of(uobj, struct axe_doorbell_file, uobj);
	struct axe_bell_table *bells;
	struct axe_bell *bell = NULL;
	bool gone;

	rcu_read_lock();
	bells = rcu_dereference(file->bells);
	gone = !bells;
	if (!gone)
		bell = axe_bell_find(bells, number, ring);
	rcu_read_unlock();
	if (!bell)
		return gone ? -EIO : -EINVAL;

	axe_bell_ring(bell);
	axe_bell_put(bell);
	return 0;
}

/* Takes whole struct axe_doorbell; as many as go well, or the error of the first. */
static ssize_t axe_doorbell_write(struct file *filp, const char __user *buf,
				  size_t count, loff_t *pos)
{
	struct axe_doorbell bell;
	size_t done;
	int ret;

	if (!count || count % sizeof(bell))
		return -EINVAL;
	for (done = 0; done < count; done += sizeof(bell)) {
		ret = -EFAULT;
		if (!copy_from_user(&bell, buf + done, sizeof(bell)))
			ret = axe_doorbell_ring(filp, bell.number, bell.ring);
		if (ret)
			return done ? done : ret;
		if (fatal_signal_pending(current))
			return done + sizeof(bell);
	}
	return done;
}

static const struct file_operations axe_doorbell_fops = {
	.owner = THIS_MODULE,
	.write = axe_doorbell_write,
	.release = uverbs_uobject_fd_release,
};

/* At close, or when the device goes while the file is still open. */
static void axe_doorbell_destroy(struct ib_uobject *uobj, enum rdma_remove_reason why)
{
	struct axe_doorbell_file *file = container_of(uobj, struct axe_doorbell_file, uobj);
	struct axe_bell_table *bells = rcu_replace_pointer(file->bells, NULL, true);

	axe_bell_table_put(bells);
}

static int UVERBS_HANDLER(AXE_METHOD_DOORBELL_CREATE)(struct uverbs_attr_bundle *attrs)
{
	struct ib_uobject *uobj =
		uverbs_attr_get_uobject(attrs, AXE_ATTR_DOORBELL_CREATE_FD);
	struct axe_doorbell_file *file = container_of(uobj, struct axe_doorbell_file, uobj);
	struct axe_bell_table *bells = to_axe_ucontext(attrs->context)->bells;

	kref_get(&bells->ref);
	RCU_INIT_POINTER(file->bells, bells);
	return 0;
}

DECLARE_UVERBS_NAMED_METHOD(
	AXE_METHOD_DOORBELL_CREATE,
	UVERBS_ATTR_FD(AXE_ATTR_DOORBELL_CREATE_FD,
		       AXE_OBJECT_DOORBELL,
		       UVERBS_ACCESS_NEW,
		       UA_MANDATORY));

DECLARE_UVERBS_NAMED_OBJECT(
	AXE_OBJECT_DOORBELL,
	UVERBS_TYPE_ALLOC_FD(sizeof(struct axe_doorbell_file),
			     axe_doorbell_destroy, &axe_doorbell_fops,
			     "[axe_doorbell]", O_WRONLY | O_CLOEXEC),
	&UVERBS_METHOD(AXE_METHOD_DOORBELL_CREATE));

const struct uapi_definition axe_doorbell_defs[] = {
	UAPI_DEF_CHAIN_OBJ_TREE_NAMED(AXE_OBJECT_DOORBELL),
	{},
};
