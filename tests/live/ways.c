// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Queues of every kind, and commands to put on them. */

#include <dirent.h>
#include <limits.h>
#include <sched.h>

#include "vectors.h"
#include "ways.h"

uint8_t *slow_src, *slow_dst;

void slow_make(void)
{
	if (slow_src)
		return;
	slow_src = pages(SLOW_SIZE);
	slow_dst = pages(2 * SLOW_SIZE);
	fill_text(slow_src, SLOW_SIZE, 1);
	memset(slow_dst, 0, 2 * SLOW_SIZE);
}

/* About a second. */
void post_slow(struct rig *r, uint64_t id, unsigned int flags)
{
	struct ibv_sge src, dst;

	slow_make();
	src = here(r, slow_src, SLOW_SIZE);
	dst = here(r, slow_dst, 2 * SLOW_SIZE);
	post(r, id, flags, compress, &dst, &src, AXE_FORMAT_ZLIB, 9, 0);
}

bool is_valid(const struct axe_result *record)
{
	return __atomic_load_n(&record->valid, __ATOMIC_ACQUIRE);
}

void await_record(const struct axe_result *record)
{
	uint64_t end = now_ms() + DEADLINE_MS;

	while (!is_valid(record)) {
		demand(now_ms() < end, "no result record within %d ms", DEADLINE_MS);
		sched_yield();
	}
}

/* Records for several commands. */
struct axe_result *records(unsigned int n)
{
	struct axe_result *r = pages(PAGE);

	demand(n <= PAGE / sizeof(*r), "too many records");
	return r;
}

void post_nop(struct rig *r, uint64_t id, unsigned int flags, struct axe_result *record)
{
	rig_begin(r, id, flags);
	axedv_wr_nop(r->qx);
	if (record)
		axedv_wr_set_result(r->qx, r->mr->lkey, record);
	rig_end(r);
}

/* A command that fails. */
void post_bad(struct rig *r, uint64_t id, unsigned int flags)
{
	struct ibv_sge src = { .addr = 4096, .length = 8, .lkey = 0xdeadbe };

	post(r, id, flags, crc32, &src, 0);
}

struct wc expect(struct rig *r, uint64_t id, enum axe_code code)
{
	struct wc wc = rig_wait_for(r, id);

	demand(wc.code == code && wc.status == status_of(code), "%llu: code %d (%s)",
	       (unsigned long long)id, wc.code, axedv_code_str(wc.code));
	return wc;
}

int modify(struct rig *r, enum ibv_qp_state next)
{
	struct ibv_qp_attr attr = { .qp_state = next, .port_num = 1 };
	int mask = IBV_QP_STATE;

	if (next == IBV_QPS_INIT)
		mask |= IBV_QP_PKEY_INDEX | IBV_QP_PORT;
	return ibv_modify_qp(r->qp, &attr, mask);
}

enum ibv_qp_state state_of(struct rig *r)
{
	struct ibv_qp_init_attr init;
	struct ibv_qp_attr attr;

	assert_int_equal(ibv_query_qp(r->qp, &attr, IBV_QP_STATE, &init), 0);
	return attr.qp_state;
}

void bring_up(struct rig *r)
{
	assert_int_equal(modify(r, IBV_QPS_RESET), 0);
	assert_int_equal(modify(r, IBV_QPS_INIT), 0);
	assert_int_equal(modify(r, IBV_QPS_RTR), 0);
	assert_int_equal(modify(r, IBV_QPS_RTS), 0);
	assert_int_equal(state_of(r), IBV_QPS_RTS);
}

int doorbell_fd(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *e;
	int fd = -1;

	demand(dir, "/proc/self/fd");
	while ((e = readdir(dir))) {
		char link[PATH_MAX];
		ssize_t n = readlinkat(dirfd(dir), e->d_name, link, sizeof(link) - 1);

		link[n > 0 ? n : 0] = 0;
		if (strstr(link, "axe_doorbell"))
			fd = atoi(e->d_name);
	}
	closedir(dir);
	demand(fd >= 0, "no doorbell");
	return fd;
}

ssize_t ring(struct rig *r)
{
	struct axe_doorbell bell = { .number = r->qp->qp_num };

	return write(doorbell_fd(), &bell, sizeof(bell));
}

struct way ways[] = {
	{ AXE_QUEUE_AUTO, 0 }, { AXE_QUEUE_INLINE, 0 },
	{ AXE_QUEUE_WORKER, 0 }, { AXE_QUEUE_POLL, 0 },
	{ AXE_QUEUE_AUTO, AXE_QUEUE_UNORDERED }, { AXE_QUEUE_INLINE, AXE_QUEUE_UNORDERED },
	{ AXE_QUEUE_WORKER, AXE_QUEUE_UNORDERED }, { AXE_QUEUE_POLL, AXE_QUEUE_UNORDERED },
};
