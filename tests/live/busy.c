// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* A process that has much under way, and a device that may go. */

#include "busy.h"

/* Commands for minutes, on memory of all kinds, with faults among them. */
void busy_child(void *arg)
{
	struct busy *b = arg;
	size_t size = 256 * MIB;
	uint8_t *zeros = mmap(NULL, size, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uint8_t *dst = pages(MIB);
	struct ibv_mr *pinned;
	struct rig r;
	unsigned int i;

	rig_open(&r, &(struct rig_options){ .mode = b->mode, .lanes = 4, .depth = 64 });
	pinned = ibv_reg_mr(r.pd, dst, MIB, IBV_ACCESS_LOCAL_WRITE);
	demand(pinned, "ibv_reg_mr");
	for (i = 0; i < 40; i++) {
		struct ibv_sge s = here(&r, zeros, size), d = here(&r, dst, MIB);

		d.lkey = i % 2 ? d.lkey : pinned->lkey;
		rig_begin(&r, i, IBV_SEND_SIGNALED);
		switch (i % 4) {
		case 0:
			axedv_wr_compress(r.qx, &d, &s, AXE_FORMAT_GZIP, 9, 0);
			break;
		case 1:
			axedv_wr_fill(r.qx, &s, "abc", 3);
			break;
		case 2:
			axedv_wr_crc32(r.qx, &s, 0);
			break;
		default:
			axedv_wr_nop(r.qx);
		}
		/* The last one says that all is under way (inline: that is never back). */
		if (i == 39 || b->mode == AXE_QUEUE_INLINE)
			baton_to_parent(&b->baton);
		rig_end(&r);
		if (b->mode == AXE_QUEUE_INLINE)
			break;
	}
	if (b->closes)
		rig_close_queue(&r);
	if (!b->exits) {
		baton_await_parent(&b->baton);
		demand(false, "not killed");
	}
}

/* Nothing works for it any more: its pages are gone, and so is its queue. */
void await_no_queues(unsigned int expected)
{
	uint64_t end = now_ms() + DEADLINE_MS;
	unsigned int n;
	char *text;

	do {
		shell(&text, "rdma resource show qp link %s | grep -c DRIVER", default_device());
		n = atoi(text);
		free(text);
		demand(n <= expected || now_ms() < end, "%u queues are left", n);
	} while (n > expected);
}

void make_link(void)
{
	must("ip link add axt0 type veth peer name axt1");
	must("ip link set axt0 up && ip link set axt1 up");
	must("rdma link add axt type axe netdev axt0");
}

int drop_link(void **state)
{
	shell(NULL, "rdma link delete axt 2>/dev/null");
	shell(NULL, "ip link delete axt0 2>/dev/null");
	return 0;
}

void delete_link(void)
{
	uint64_t start = now_ms();

	must("rdma link delete axt");
	demand(now_ms() - start < 10000, "it took %llu ms to delete the link",
	       (unsigned long long)(now_ms() - start));
}

enum axe_queue_mode modes[] = {
	AXE_QUEUE_AUTO, AXE_QUEUE_INLINE, AXE_QUEUE_WORKER, AXE_QUEUE_POLL,
};
