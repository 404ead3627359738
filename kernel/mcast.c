// SPDX-License-Identifier: GPL-2.0
/* Multicast groups: which QPs are attached to them. */

#include <linux/jhash.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "axe.h"
#include "mcast.h"
#include "peer.h"
#include "qp.h"

/**
 * struct axe_member - a QP in a group
 * @node:	in a bucket; RCU
 * @rcu:	who found it may still look at it when it is freed
 * @mgid:	the group
 * @peer:	the QP; it is detached before it goes
 * @users:	how often it is attached: once for each LID, which means nothing here,
 *		but the core detaches each; axe_members_lock
 */
struct axe_member {
	struct hlist_node node;
	struct rcu_head rcu;
	union ib_gid mgid;
	struct axe_peer *peer;
	unsigned int users;
};

#define AXE_MCAST_BUCKETS	64
static struct hlist_head axe_members[AXE_MCAST_BUCKETS];
static DEFINE_SPINLOCK(axe_members_lock);	/* against other writers */

static struct hlist_head *axe_mcast_bucket(const union ib_gid *mgid)
{
	return &axe_members[jhash(mgid, sizeof(*mgid), 0) % AXE_MCAST_BUCKETS];
}

static struct axe_member *axe_mcast_find(struct axe_peer *peer, const union ib_gid *mgid)
{
	struct axe_member *member;

	lockdep_assert_held(&axe_members_lock);
	hlist_for_each_entry(member, axe_mcast_bucket(mgid), node) {
		if (member->peer == peer && !memcmp(&member->mgid, mgid, sizeof(*mgid)))
			return member;
	}
	return NULL;
}

static int axe_attach_mcast(struct ib_qp *ib, union ib_gid *mgid, u16 lid)
{
	struct axe_dev *dev = to_axe_dev(ib->device);
	struct axe_peer *peer = to_axe_qp(ib)->peer;
	struct axe_member *member, *known;

	if (!peer || peer->type != IB_QPT_UD)
		return -EINVAL;
	member = kzalloc(sizeof(*member), GFP_KERNEL_ACCOUNT);
	if (!member)
		return -ENOMEM;
	member->mgid = *mgid;
	member->peer = peer;
	member->users = 1;
	if (atomic_inc_return(&dev->num_members) > AXE_MAX_MCAST_ATTACH) {
		atomic_dec(&dev->num_members);
		kfree(member);
		return -ENOMEM;
	}
	spin_lock(&axe_members_lock);
	known = axe_mcast_find(peer, mgid);
	if (known)
		known->users++;
	else
		hlist_add_head_rcu(&member->node, axe_mcast_bucket(mgid));
	spin_unlock(&axe_members_lock);
	if (known)
		kfree(member);
	return 0;
}

static int axe_detach_mcast(struct ib_qp *ib, union ib_gid *mgid, u16 lid)
{
	struct axe_peer *peer = to_axe_qp(ib)->peer;
	struct axe_member *member;
	bool last;

	spin_lock(&axe_members_lock);
	member = axe_mcast_find(peer, mgid);
	last = member && !--member->users;
	if (last)
		hlist_del_rcu(&member->node);
	spin_unlock(&axe_members_lock);
	if (!member)
		return -EINVAL;
	atomic_dec(&to_axe_dev(ib->device)->num_members);
	if (last)
		kfree_rcu(member, rcu);
	return 0;
}

static bool axe_member_hears(struct axe_member *member, struct axe_peer *from)
{
	return !memcmp(&member->mgid, &from->path.dgid, sizeof(member->mgid)) &&
	       axe_path_joins(&from->path, from->dev, member->peer->dev);
}

/**
 * axe_mcast_list - who is in a group at present
 * @from:	the sender's QP; its path leads to the group
 * @num:	how many
 * @gfp:	how to allocate
 *
 * Return: axe_peer.id of each, to be freed with kfree(); NULL without memory.
 */
u64 *axe_mcast_list(struct axe_peer *from, unsigned int *num, gfp_t gfp)
{
	struct hlist_head *bucket = axe_mcast_bucket(&from->path.dgid);
	struct axe_member *member;
	unsigned int n = 0, max = 0;
	u64 *ids;

	rcu_read_lock();
	hlist_for_each_entry_rcu(member, bucket, node)
		max++;
	rcu_read_unlock();
	ids = kmalloc_array(max + 1, sizeof(*ids), gfp | __GFP_NOWARN);
	if (!ids)
		return NULL;
	rcu_read_lock();
	hlist_for_each_entry_rcu(member, bucket, node) {
		if (n < max && axe_member_hears(member, from))
			ids[n++] = member->peer->id;
	}
	rcu_read_unlock();
	*num = n;
	return ids;
}

/**
 * axe_mcast_get - a member, if it still is one
 * @from:	the sender's QP
 * @id:		of axe_mcast_list()
 *
 * Return: the QP, to be given back with axe_bell_put(), or NULL.
 */
struct axe_peer *axe_mcast_get(struct axe_peer *from, u64 id)
{
	struct axe_member *member;
	struct axe_peer *peer = NULL;

	rcu_read_lock();
	hlist_for_each_entry_rcu(member, axe_mcast_bucket(&from->path.dgid), node) {
		if (member->peer->id == id && axe_member_hears(member, from)) {
			peer = axe_bell_get(&member->peer->bell) ? member->peer : NULL;
			break;
		}
	}
	rcu_read_unlock();
	return peer;
}

const struct ib_device_ops axe_mcast_ops = {
	.attach_mcast = axe_attach_mcast,
	.detach_mcast = axe_detach_mcast,
};
