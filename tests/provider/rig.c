// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <sys/syscall.h>
#include <unistd.h>

#include "rig.h"

#define DOORBELL_FD	1234

int doorbell_errors[8];
struct axe_doorbell doorbell_last;
static unsigned int doorbell_calls;
static int doorbell_rings;

/* In the place of libc's. */
ssize_t write(int fd, const void *buf, size_t count)
{
	int err;

	if (fd != DOORBELL_FD)
		return syscall(SYS_write, fd, buf, count);

	assert_int_equal(count, sizeof(doorbell_last));
	memcpy(&doorbell_last, buf, count);
	err = doorbell_errors[doorbell_calls++];
	if (err) {
		errno = err;
		return -1;
	}
	doorbell_rings++;
	doorbell_calls = 0;
	return count;
}

int rings(void)
{
	int n = doorbell_rings;

	doorbell_rings = 0;
	return n;
}

struct axe_sq_hdr *rig_ring(size_t entries, size_t size)
{
	struct axe_sq_hdr *hdr = aligned_alloc(64, AXE_RING_ENTRIES + entries * size);

	assert_non_null(hdr);
	memset(hdr, 0, AXE_RING_ENTRIES);
	memset((void *)hdr + AXE_RING_ENTRIES, 0xa5, entries * size);
	return hdr;
}

struct rig *rig_new(enum ibv_qp_type type)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	assert_non_null(rig);
	doorbell_rings = 0;
	doorbell_calls = 0;
	memset(doorbell_errors, 0, sizeof(doorbell_errors));
	memset(&doorbell_last, 0, sizeof(doorbell_last));

	rig->hdr = rig_ring(SLOTS, AXE_SLOT_SIZE);
	rig->slots = (void *)rig->hdr + AXE_RING_ENTRIES;
	rig->qp.doorbell_fd = DOORBELL_FD;
	rig->qp.verbs_qp.qp.qp_num = RIG_QPN;
	rig->qp.verbs_qp.qp.qp_type = type;
	rig->qp.verbs_qp.qp.state = IBV_QPS_RTS;
	axe_lock_init(&rig->qp.lock, true);
	axe_lock_init(&rig->qp.rq_lock, true);
	axe_sq_init(&rig->qp.sq, rig->hdr, SLOTS);
	rig->qpx = &rig->qp.verbs_qp.qp_ex;
	return rig;
}

int rig_teardown(void **state)
{
	struct rig *rig = *state;

	assert_false(axe_lock_held(&rig->qp.lock));
	assert_false(axe_lock_held(&rig->qp.rq_lock));
	free(rig->hdr);
	free(rig);
	return 0;
}
