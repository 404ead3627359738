/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The accelerator queue: from slots of a ring to completions.
 *
 * A runner takes commands off the ring and runs them, one after the other. It
 * is the caller of the doorbell or a lane, a work item on a kernel worker;
 * several run side by side. While there is one, NEED_WAKEUP is clear.
 */
#ifndef AXE_QUEUE_H
#define AXE_QUEUE_H

#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "axe.h"
#include "bell.h"
#include "exec.h"
#include "task.h"

struct axe_cq;
struct axe_dev;
struct axe_queue;
struct axe_shared;
struct axe_sq_hdr;
struct ib_pd;
struct ib_qp;

/* Commands taken off the ring whose completion was not posted yet. A power of two. */
#define AXE_QUEUE_WINDOW	64

enum axe_queue_state {
	AXE_QUEUE_STOPPED,	/* the ring is not looked at */
	AXE_QUEUE_RUNNING,
	AXE_QUEUE_FLUSHING,	/* what is posted is flushed */
	AXE_QUEUE_BROKEN,	/* the ring makes no sense; until it is reset */
};

struct axe_lane {
	struct work_struct work;
	struct axe_queue *q;
};

/**
 * struct axe_queue - an accelerator queue
 * @bell:	how doorbells find it
 * @qp_num:	number of its QP
 * @rcu:	a doorbell may still look at it when it is freed
 * @dev:	the device
 * @ibqp:	for events
 * @cq:		where completions go
 * @mode:	enum axe_queue_mode
 * @unordered:	completions in the order of finishing
 * @signal_all:	every command has a completion
 * @num_lanes:	how many @lanes there are
 * @poll_ns:	AXE_QUEUE_POLL: how long a lane spins before it leaves
 * @mem:	the ring
 * @hdr:	its head, shared with the process
 * @slots:	number of slots
 * @runner:	what commands are run with
 * @stream:	the stream, if one is held; of the one running task that has it
 * @abort:	running commands should stop; set under @lock, read without
 * @lock:	protects all that follows; WRITE_ONCE() where something is read without
 * @state:	enum axe_queue_state
 * @head:	the first slot not taken; what is in @hdr is only told to the process
 * @flags:	likewise, enum axe_sq_flags
 * @active:	runners, also those only scheduled
 * @idle_lanes:	bit mask of the lanes that are not among them
 * @fetched:	tasks taken, runs freely like @retired
 * @retired:	tasks whose completion was posted, in order
 * @running:	tasks that run
 * @waiting:	the task that was taken last, if it did not start yet
 * @last:	the task that was started last, if it may still run
 * @last_failed: what was started last ended, and badly
 * @stream_busy: a task of the stream runs
 * @idle:	woken when @active drops to 0
 * @tasks:	the tasks, at their number modulo the window
 */
struct axe_queue {
	struct axe_bell bell;
	u32 qp_num;
	struct rcu_head rcu;

	struct axe_dev *dev;
	struct ib_qp *ibqp;
	struct axe_cq *cq;
	u8 mode;
	bool unordered;
	bool signal_all;
	unsigned int num_lanes;
	u64 poll_ns;
	struct axe_shared *mem;
	struct axe_sq_hdr *hdr;
	u32 slots;
	struct axe_runner runner;
	struct axe_stream_state stream;
	bool abort;

	spinlock_t lock;	/* see above */
	enum axe_queue_state state;
	u32 head;
	u32 flags;
	unsigned int active;
	unsigned long idle_lanes;
	u32 fetched;
	u32 retired;
	unsigned int running;
	struct axe_task *waiting;
	struct axe_task *last;
	bool last_failed;
	bool stream_busy;
	wait_queue_head_t idle;
	struct axe_lane lanes[AXE_MAX_LANES];
	struct axe_task tasks[AXE_QUEUE_WINDOW];
};

struct axe_queue *axe_queue_alloc(void);
void axe_queue_init(struct axe_queue *q);
void axe_queue_stop(struct axe_queue *q);
void axe_queue_destroy(struct axe_queue *q);
void axe_queue_set_state(struct axe_queue *q, enum axe_queue_state state);
void axe_queue_doorbell(struct axe_queue *q);
void axe_queue_break(struct axe_queue *q);
unsigned int axe_queue_run_direct(struct axe_queue *q, unsigned int budget);
u32 axe_queue_depth(struct axe_queue *q);

#endif
