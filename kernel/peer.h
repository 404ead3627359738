/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Peers: queue pairs that talk to queue pairs of this host.
 *
 * The requester's side runs the send ring, one request after the other, and
 * works on both sides' memory. What it does at the other end it does between
 * axe_peer_enter() and axe_peer_leave() of that QP, for a bounded time in which
 * nothing sleeps: so that a QP can always be reset or destroyed, and no process
 * waits for another one's page faults.
 */
#ifndef AXE_PEER_H
#define AXE_PEER_H

#include <linux/bitops.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <rdma/ib_verbs.h>

#include "bell.h"
#include "path.h"
#include "rq.h"

struct axe_cq;
struct axe_dev;
struct axe_shared;
struct axe_turns;
struct axe_wanted;

/* Bytes of payload of a datagram: the largest path MTU. */
#define AXE_UD_MTU	4096

/**
 * struct axe_wr - the work request at hand
 * @cmd:	the device's own copy; its scatter list goes on into @ext
 * @ext:	likewise
 * @length:	bytes of payload
 * @done:	of them
 * @status:	what is to be told
 * @code:	and why
 * @phase:	atomics: 1 behind the step that must not be done twice
 * @word:	atomics: what is fetched, or written
 * @fault:	a page could not be had: why
 * @fault_to:	it was the destination's
 * @group:	multicast: @id of the members to whom it goes, or NULL
 * @num_group:	how many
 * @next:	to whom it goes next
 * @waits:	it waits for a receive (AXE_WR_RNR) or an answer (AXE_WR_LOST), or not
 * @until:	and gives up then, by ktime_get_ns()
 * @rnr_delay:	until the peer may be tried again, in jiffies
 */
struct axe_wr {
	struct axe_send_wr cmd;
	u8 ext[AXE_WR_MAX_INLINE];
	u64 length;
	u64 done;
	enum ib_wc_status status;
	enum axe_code code;
	int phase;
	u64 word;
	enum axe_code fault;
	bool fault_to;
	u64 *group;
	unsigned int num_group;
	unsigned int next;
	int waits;
	u64 until;
	unsigned long rnr_delay;
};

/**
 * struct axe_peer - a QP that has peers
 * @bell:	how doorbells, and other peers, find it
 * @id:		of axe_qp_id_new(): never that of another QP
 * @rcu:	who found it may still look at it when it is freed
 * @dev:	the device
 * @ibqp:	for events
 * @type:	RC, UC, UD, XRC_INI, XRC_TGT, GSI
 * @pd:		of its memory; NULL for XRC_TGT
 * @xrcd:	XRC_TGT: the domain of its SRQs
 * @send_cq:	where completions of requests go
 * @recv_cq:	where those of receives go
 * @rq:		where receives come from, its own or an SRQ's; NULL: it has none
 * @signal_all:	every request has a completion
 * @kernel:	the kernel's own: addresses are the kernel's, and need no keys
 * @mem:	the send ring; NULL: it has none
 * @hdr:	its head, shared with the process
 * @slots:	number of its slots
 * @turns:	whose the runner has one of, in a worker; NULL: it needs none
 *
 * @lock:	protects all that follows, up to @wr. @wr and what it needs belong to
 *		the runner while @active
 * @state:	of the QP; read without the lock by responders
 * @head:	the first slot not taken
 * @flags:	enum axe_sq_flags; what is in @hdr is only told to the process
 * @active:	there is a runner, be it only scheduled
 * @has_wr:	@wr is under way
 * @drain_told:	the event of SQD was raised
 * @broken:	the ring makes no sense; until it is reset
 * @rnr_node:	while it waits for a receive: in the list of those who do; own lock
 * @rnr_rq:	the ring it waits for; compared, never followed
 * @idle:	woken when @active drops
 * @work:	the runner
 * @wr:		the request at hand
 * @path:	connected: to the peer
 * @path_id:	of @path; another one each time it is set
 * @peer_id:	@path_id of the peer, when it was found to be connected to us
 * @peer_seen:	when that was, by axe_path_now()
 * @bound:	@id of the one peer that may come to us, once one did; atomic
 * @dest_qp_num: connected: the peer
 * @qkey:	of datagrams
 * @access:	what the peer may do, IB_ACCESS_REMOTE_*
 * @timeout:	until a retry, in jiffies; 0: for ever
 * @retry_cnt:	so many
 * @rnr_retry:	so many; 7: for ever
 * @rnr_delay:	how long a peer waits that found no receive here, in jiffies
 * @sqd_event:	tell when SQD is reached
 * @max_dest_rd: reads and atomics that the peer may have under way; 0: none
 * @bounce:	UD: payload on its way
 *
 * @resp_lock:	protects all that follows
 * @guests:	how many have entered
 * @left:	woken when @guests drops to 0
 * @failed:	an error is about to be told: nobody enters
 * @greeted:	the first message has come
 * @has_recv:	@recv was taken and is not completed
 * @recv:	the receive of the message that is coming in
 * @recv_cq_now: where its completion goes
 * @recv_pd:	where its keys are looked up
 * @recv_event:	what to tell with the error, enum ib_event_type or -1
 * @error_work:	tells it
 */
struct axe_peer {
	struct axe_bell bell;
	u64 id;
	struct rcu_head rcu;
	struct axe_dev *dev;
	struct ib_qp *ibqp;
	enum ib_qp_type type;
	struct ib_pd *pd;
	struct ib_xrcd *xrcd;
	struct axe_cq *send_cq;
	struct axe_cq *recv_cq;
	struct axe_rq *rq;
	bool signal_all;
	bool kernel;
	struct axe_shared *mem;
	struct axe_sq_hdr *hdr;
	u32 slots;
	struct axe_turns *turns;

	spinlock_t lock;	/* see above */
	enum ib_qp_state state;
	u32 head;
	u32 flags;
	bool active;
	bool has_wr;
	bool drain_told;
	bool broken;
	struct list_head rnr_node;
	struct axe_rq *rnr_rq;
	wait_queue_head_t idle;
	struct delayed_work work;
	struct axe_path path;
	u64 path_id;
	u64 peer_id;
	int peer_seen;
	u64 bound;
	u32 dest_qp_num;
	u32 qkey;
	int access;
	unsigned long timeout;
	u8 retry_cnt;
	u8 rnr_retry;
	unsigned long rnr_delay;
	bool sqd_event;
	u8 max_dest_rd;
	void *bounce;
	struct axe_wr wr;

	spinlock_t resp_lock;	/* see above */
	unsigned int guests;
	wait_queue_head_t left;
	bool failed;
	bool greeted;
	bool has_recv;
	struct axe_cq *recv_cq_now;
	struct ib_pd *recv_pd;
	int recv_event;
	struct work_struct error_work;
	struct axe_recv recv;
};

static inline u32 axe_peer_num(const struct axe_peer *peer)
{
	return peer->bell.number;
}

static inline bool axe_peer_is_datagram(const struct axe_peer *peer)
{
	return peer->type == IB_QPT_UD || peer->type == IB_QPT_GSI;
}

/* Is the other end told, and does it answer? */
static inline bool axe_peer_is_reliable(const struct axe_peer *peer)
{
	return peer->type == IB_QPT_RC || peer->type == IB_QPT_XRC_INI ||
	       peer->type == IB_QPT_XRC_TGT;
}

/* peer.c: the object, and its responder's side */
struct axe_peer *axe_peer_alloc(void);
void axe_peer_init(struct axe_peer *peer);
void axe_peer_stop(struct axe_peer *peer);
void axe_peer_free(struct axe_peer *peer);
void axe_peer_set_state(struct axe_peer *peer, enum ib_qp_state state);
void axe_peer_event(struct axe_peer *peer, enum ib_event_type event);
void axe_peer_error(struct axe_peer *peer, int event);
struct axe_peer *axe_peer_find(struct axe_dev *dev, u32 qp_num);
bool axe_peer_enter(struct axe_peer *peer);
void axe_peer_leave(struct axe_peer *peer);
enum axe_code axe_peer_fault(struct axe_peer *peer, struct axe_wanted *wanted);
void axe_peer_recv_posted(struct axe_peer *peer);

/* sendq.c: running the send ring */
void axe_sendq_init(struct axe_peer *peer);
void axe_peer_doorbell(struct axe_peer *peer);
void axe_sendq_kick(struct axe_peer *peer);
void axe_sendq_revive(struct axe_peer *peer);
void axe_sendq_reset(struct axe_peer *peer);
void axe_rnr_init(void);
void axe_rnr_add(struct axe_peer *peer, struct axe_rq *rq);
void axe_rnr_forget(struct axe_peer *peer);
void axe_rnr_wake(struct axe_rq *rq);

/* The same, of one that may not have been added. */
static inline void axe_rnr_del(struct axe_peer *peer)
{
	if (unlikely(peer->rnr_rq))
		axe_rnr_forget(peer);
}

/* What became of a request, or of a try. */
enum axe_wr_ret {
	AXE_WR_DONE,		/* wr.status and wr.code tell how */
	AXE_WR_AGAIN,		/* look whether to go on, then again */
	AXE_WR_SLEEPS,		/* it has to be run where it may sleep */
	AXE_WR_RNR,		/* the peer has posted no receive */
	AXE_WR_LOST,		/* no answer from the peer */
};

/* connected.c, datagram.c, local.c: one request */
enum axe_wr_ret axe_connected_run(struct axe_peer *peer, bool may_sleep);
enum axe_wr_ret axe_datagram_run(struct axe_peer *peer, bool may_sleep);
enum axe_wr_ret axe_local_run(struct axe_peer *peer, bool may_sleep);

#endif
