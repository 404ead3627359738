/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * What every live test needs: a device with a queue on it, commands that are
 * waited for, memory of several kinds, counters, children.
 *
 * Nothing here sleeps where there is an event to wait for, and nothing waits
 * without a deadline.
 */
#ifndef AXE_LIVE_COMMON_H
#define AXE_LIVE_COMMON_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include <infiniband/axedv.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define KIB		1024UL
#define MIB		(1024 * KIB)
#define GIB		(1024 * MIB)
#define PAGE		4096UL

/* How long anything may take. A guest may be slow, but what waits longer hangs. */
#define DEADLINE_MS	(30000 * slowness())

/* AXE_TEST_SLOW: how many times longer things may take here; a debug kernel's guest sets it. */
int slowness(void);

/*
 * As an assertion, and in a forked child too, where cmocka's would go on with
 * the next test of the parent's list.
 */
#define demand(cond, ...)						\
	do {								\
		if (!(cond))						\
			demand_failed(__FILE__, __LINE__, #cond, __VA_ARGS__);	\
	} while (0)
void demand_failed(const char *file, int line, const char *cond, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 4, 5)));

/* cmocka's assert_in_range() has different names in different releases. */
#define assert_between(value, low, high)				\
	do {								\
		uint64_t value_ = (value), low_ = (low), high_ = (high);	\
									\
		demand(value_ >= low_ && value_ <= high_,		\
		       "%s is %#llx, not in %#llx to %#llx", #value,	\
		       (unsigned long long)value_, (unsigned long long)low_,	\
		       (unsigned long long)high_);			\
	} while (0)

/* A test that cannot run here: @reason names what is missing. */
#define skip_because(...)				\
	do {						\
		print_message("# " __VA_ARGS__);	\
		print_message("\n");			\
		skip();					\
	} while (0)

/* Milliseconds, nanoseconds of a clock that only goes forward. */
uint64_t now_ms(void);
uint64_t now_ns(void);

/* Numbers that look random, and are the same for a seed (not 0). Xorshift. */
static inline uint32_t rnd(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static inline uint64_t rnd64(uint32_t *seed)
{
	return (uint64_t)rnd(seed) << 32 | rnd(seed);
}

/**
 * struct rig - a device, opened, with a queue to use
 * @mr:		implicit: every address of the process
 * @cq:		of @qp, with completions on @channel
 * @sq_ring:	the queue's ring as mapped by the provider
 * @cq_ring:	likewise
 * @next_id:	wr_id of the next command of run()
 * @owner:	the process that opened it
 */
struct rig {
	const char *device;
	struct ibv_context *ctx;
	struct ibv_pd *pd;
	struct ibv_mr *mr;
	struct ibv_comp_channel *channel;
	struct ibv_cq_ex *cq;
	struct ibv_qp *qp;
	struct ibv_qp_ex *qx;
	struct axe_sq_hdr *sq_ring;
	struct axe_cq_hdr *cq_ring;
	uint64_t next_id;
	pid_t owner;
};

/* Zero means as the device likes. */
struct rig_options {
	const char *device;		/* default: $AXE_DEVICE or axe0 */
	enum axe_queue_mode mode;
	unsigned int flags;		/* enum axe_queue_flags */
	unsigned int lanes;
	unsigned int depth;		/* default 128 */
	unsigned int cqe;		/* default 512 */
	uint64_t wc_flags;		/* beside the standard ones */
	bool unsignaled;		/* not every command has a completion */
	unsigned int engine;		/* 1 + its index */
	enum axe_offload offload;
};

void rig_open(struct rig *r, const struct rig_options *options);
void rig_close(struct rig *r);
struct ibv_context *open_device(const char *name);
/* All that another has, but for the queue. */
void rig_share(struct rig *r, const struct rig *with);
/* Only the queue and its CQ. */
void rig_open_queue(struct rig *r, const struct rig_options *options);
void rig_close_queue(struct rig *r);
/* ibv_resize_cq(), after which the ring is elsewhere; returns an errno. */
int rig_resize_cq(struct rig *r, int cqe);
const char *default_device(void);

/* A completion, as a program can read it. */
struct wc {
	uint64_t wr_id;
	uint64_t result[2];
	enum ibv_wc_status status;
	enum ibv_wc_opcode opcode;
	enum axe_code code;
	enum axe_opcode op;
	unsigned int engine;
	bool fallback;
	uint32_t byte_len;
	uint32_t vendor_err;
	uint32_t qp_num;
	uint64_t timestamp;		/* if the CQ was made for it */
};

/* One completion: if there is one; wait for it on the channel. */
bool rig_poll(struct rig *r, struct wc *wc);
struct wc rig_wait(struct rig *r);
/* Nothing else is in the CQ. */
void rig_expect_empty(struct rig *r);

/* Start a command, end it. */
void rig_begin(struct rig *r, uint64_t wr_id, unsigned int flags);
void rig_end(struct rig *r);

/* run(r, copy, &dst, &src): post one command, wait for its completion. */
#define run(r, op, ...)							\
	({								\
		struct rig *r_ = (r);					\
		rig_begin(r_, ++r_->next_id, IBV_SEND_SIGNALED);	\
		axedv_wr_##op(r_->qx, ##__VA_ARGS__);			\
		rig_end(r_);						\
		rig_wait_for(r_, r_->next_id);				\
	})
/* post(r, id, flags, copy, &dst, &src): post one command. */
#define post(r, id, flags, op, ...)					\
	do {								\
		rig_begin((r), (id), (flags));				\
		axedv_wr_##op((r)->qx, ##__VA_ARGS__);			\
		rig_end(r);						\
	} while (0)
struct wc rig_wait_for(struct rig *r, uint64_t wr_id);
/* Any command as its bytes are. */
struct wc run_cmd(struct rig *r, const struct axe_cmd *cmd, const struct axe_cmd_ext *ext);

/* Memory by its address in this process and the implicit region's key. */
struct ibv_sge here(struct rig *r, const void *p, size_t length);

/* The status that include/uapi/rdma/axe-ring.h promises beside each code. */
enum ibv_wc_status status_of(enum axe_code code);
#define assert_done(completion)	assert_code(completion, AXE_OK)
#define assert_code(completion, expected)				\
	do {								\
		struct wc wc_ = (completion);				\
									\
		assert_code_at(&wc_, expected, __FILE__, __LINE__);	\
	} while (0)
void assert_code_at(const struct wc *wc, enum axe_code code, const char *file, int line);
/* The queue still works. */
void assert_queue_works(struct rig *r);

/* An asynchronous event of the device; acknowledged. */
bool await_async(struct ibv_context *ctx, enum ibv_event_type type, int timeout_ms);
/* Is there something to read before the deadline? */
bool await_readable(int fd, int timeout_ms);

/* An event of this CQ, of a channel that it shares with none; acknowledged. */
bool cq_event_within(struct ibv_cq *cq, int timeout_ms);

/* Something of the device's port under /sys/class/infiniband, hw_counters. */
uint64_t counter(const char *device, const char *name);

/* Run a shell command; its exit status. Its output, if @out is given (freed by the caller). */
int shell(char **out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* ... which has to end well. */
void must(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* For a shell to start it again: what libibverbs knows of devices is as old as the process. */
const char *this_program(void);
void write_file(const char *path, const char *text);
long long read_number(const char *path);
/* Until it is that: files of a process are closed for good a moment after it has gone. */
void await_number(const char *path, long long want);
/* A line "key: value kB" or "key value" of a file such as /proc/meminfo; -1: no such. */
long long field_of(const char *path, const char *key);
/*
 * Before a look at what the slab allocator holds: it gives back what is free. Where there
 * is KASAN, that is also what was freed and kept back for a while.
 */
void shrink_slab(void);
/* This process goes into a namespace that `ip netns` made, for good, and sees its devices. */
void enter_netns(const char *name);

/* Mappings of uverbs in this process. */
struct mapping {
	uintptr_t start;
	uintptr_t end;
};

unsigned int uverbs_mappings(struct mapping *maps, unsigned int max);

/*
 * A child: runs fn(arg), with demand() for assertions. start_child() returns at
 * once, end_child() waits; both together: in_child().
 */
pid_t start_child(void (*fn)(void *), void *arg);
void end_child(pid_t pid);
void in_child(void (*fn)(void *), void *arg);
/* Ends by this signal, or exits with 0. */
void reap_killed(pid_t pid, int signal);

/* One byte from one process to another, either direction; made before the fork. */
struct baton {
	int there[2];
	int back[2];
};

void baton_make(struct baton *b);
void baton_free(struct baton *b);
void baton_to_child(struct baton *b);
void baton_await_parent(struct baton *b);
void baton_to_parent(struct baton *b);
void baton_await_child(struct baton *b);

/* Anonymous memory, whole pages, filled with zeros. */
void *pages(size_t size);
/* ... on ordinary pages, whatever the machine likes better. */
void *small_pages(size_t size);

/* Runs the tests. The program ends by itself if it hangs. */
int live_main(const char *group, const struct CMUnitTest *tests, size_t num,
	      CMFixtureFunction setup, CMFixtureFunction teardown);
#define LIVE_MAIN(group, tests, setup, teardown)			\
	int main(void)							\
	{								\
		return live_main(group, tests, ARRAY_SIZE(tests), setup, teardown); \
	}

#endif
