// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Memory, work requests and completions of peers. */

#include <sched.h>

#include "peer.h"

/*---- memory ----*/

const char *const mem_names[] = {
	[MEM_PINNED] = "pinned",
	[MEM_ODP] = "odp",
	[MEM_IMPLICIT] = "implicit",
	[MEM_SHARED] = "shared",
	[MEM_HUGE] = "huge",
};

#define HUGE_PAGE	(2 * MIB)

static bool map_memory(struct mem *m, size_t size, enum mem_kind kind)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;

	m->fd = -1;
	m->size = (size + PAGE - 1) / PAGE * PAGE;
	if (kind == MEM_SHARED) {
		m->fd = memfd_create("peer", MFD_CLOEXEC);
		demand(m->fd >= 0 && !ftruncate(m->fd, m->size), "memfd_create");
		flags = MAP_SHARED;
	} else if (kind == MEM_HUGE) {
		write_file("/proc/sys/vm/nr_hugepages", "16");
		m->size = (size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
		flags |= MAP_HUGETLB;
	}
	m->p = mmap(NULL, m->size, PROT_READ | PROT_WRITE, flags, m->fd, 0);
	if (kind == MEM_HUGE && m->p == MAP_FAILED)
		return false;
	demand(m->p != MAP_FAILED, "mmap of %zu bytes", m->size);
	return true;
}

bool mem_make_kind(struct mem *m, struct node *n, size_t size, unsigned int access,
		   enum mem_kind kind)
{
	bool odp = kind == MEM_ODP || kind == MEM_IMPLICIT;

	memset(m, 0, sizeof(*m));
	if (odp && !(n->attr.odp_caps.general_caps & IBV_ODP_SUPPORT))
		return false;
	if (kind == MEM_IMPLICIT && !(n->attr.odp_caps.general_caps & IBV_ODP_SUPPORT_IMPLICIT))
		return false;
	if (!map_memory(m, size, kind))
		return false;
	if (kind == MEM_IMPLICIT)
		m->mr = ibv_reg_mr(n->pd, NULL, SIZE_MAX, access | IBV_ACCESS_ON_DEMAND);
	else
		m->mr = ibv_reg_mr(n->pd, m->p, m->size,
				   access | (odp ? IBV_ACCESS_ON_DEMAND : 0));
	demand(m->mr, "ibv_reg_mr, %s", mem_names[kind]);
	return true;
}

void mem_make(struct mem *m, struct node *n, size_t size, unsigned int access)
{
	demand(mem_make_kind(m, n, size, access, MEM_PINNED), "memory");
}

void mem_free(struct mem *m)
{
	if (m->mr)
		demand(!ibv_dereg_mr(m->mr), "ibv_dereg_mr");
	munmap(m->p, m->size);
	if (m->fd >= 0)
		close(m->fd);
	memset(m, 0, sizeof(*m));
}

struct ibv_sge mem_sge(const struct mem *m, size_t offset, size_t length)
{
	return (struct ibv_sge) {
		.addr = (uintptr_t)m->p + offset, .length = length, .lkey = m->mr->lkey,
	};
}

/* Words of noise, of a period that is no multiple of a page. */
static uint64_t noise(size_t i, uint32_t seed)
{
	static uint64_t words[8191];
	unsigned int k;

	for (k = 0; !words[0] && k < ARRAY_SIZE(words); k++)
		words[ARRAY_SIZE(words) - 1 - k] = (k + 1) * 0x9e3779b97f4a7c15 | 1ULL << 63;
	return words[i % ARRAY_SIZE(words)] ^ seed * 0x0101010101010101ULL;
}

void pattern(uint8_t *p, size_t n, uint32_t seed)
{
	size_t i;

	for (i = 0; i < n; i += 8) {
		uint64_t word = noise(i / 8, seed);

		memcpy(p + i, &word, n - i < 8 ? n - i : 8);
	}
}

bool is_pattern(const uint8_t *p, size_t n, uint32_t seed)
{
	size_t i;

	for (i = 0; i < n; i += 8) {
		uint64_t word = noise(i / 8, seed);

		if (memcmp(p + i, &word, n - i < 8 ? n - i : 8)) {
			print_error("not what was sent at %zu of %zu bytes\n", i, n);
			return false;
		}
	}
	return true;
}

/*---- posting ----*/

int post_recv_sge(struct end *e, uint64_t id, struct ibv_sge *sge, int n)
{
	struct ibv_recv_wr wr = { .wr_id = id, .sg_list = sge, .num_sge = n }, *bad = NULL;

	return e->o.srq ? ibv_post_srq_recv(e->o.srq, &wr, &bad) : ibv_post_recv(e->qp, &wr, &bad);
}

int post_recv(struct end *e, uint64_t id, const struct mem *m, size_t offset, size_t length)
{
	struct ibv_sge sge = mem_sge(m, offset, length);

	return post_recv_sge(e, id, &sge, 1);
}

void must_post_recv(struct end *e, uint64_t id, const struct mem *m, size_t offset, size_t length)
{
	int ret = post_recv(e, id, m, offset, length);

	demand(!ret, "posting a receive: %s", strerror(ret));
}

static void build_op(struct ibv_qp_ex *q, const struct ibv_send_wr *wr)
{
	switch (wr->opcode) {
	case IBV_WR_SEND:
		return ibv_wr_send(q);
	case IBV_WR_SEND_WITH_IMM:
		return ibv_wr_send_imm(q, wr->imm_data);
	case IBV_WR_SEND_WITH_INV:
		return ibv_wr_send_inv(q, wr->invalidate_rkey);
	case IBV_WR_RDMA_WRITE:
		return ibv_wr_rdma_write(q, wr->wr.rdma.rkey, wr->wr.rdma.remote_addr);
	case IBV_WR_RDMA_WRITE_WITH_IMM:
		return ibv_wr_rdma_write_imm(q, wr->wr.rdma.rkey, wr->wr.rdma.remote_addr,
					     wr->imm_data);
	case IBV_WR_RDMA_READ:
		return ibv_wr_rdma_read(q, wr->wr.rdma.rkey, wr->wr.rdma.remote_addr);
	case IBV_WR_ATOMIC_CMP_AND_SWP:
		return ibv_wr_atomic_cmp_swp(q, wr->wr.atomic.rkey, wr->wr.atomic.remote_addr,
					     wr->wr.atomic.compare_add, wr->wr.atomic.swap);
	case IBV_WR_ATOMIC_FETCH_AND_ADD:
		return ibv_wr_atomic_fetch_add(q, wr->wr.atomic.rkey, wr->wr.atomic.remote_addr,
					       wr->wr.atomic.compare_add);
	case IBV_WR_LOCAL_INV:
		return ibv_wr_local_inv(q, wr->invalidate_rkey);
	case IBV_WR_BIND_MW:
		return ibv_wr_bind_mw(q, wr->bind_mw.mw, wr->bind_mw.rkey,
				      &wr->bind_mw.bind_info);
	default:
		demand(false, "no builder for opcode %d", wr->opcode);
	}
}

static void build_data(struct ibv_qp_ex *q, const struct ibv_send_wr *wr)
{
	struct ibv_data_buf bufs[64];
	int i;

	if (!(wr->send_flags & IBV_SEND_INLINE)) {
		ibv_wr_set_sge_list(q, wr->num_sge, wr->sg_list);
		return;
	}
	for (i = 0; i < wr->num_sge; i++)
		bufs[i] = (struct ibv_data_buf) { .addr = (void *)(uintptr_t)wr->sg_list[i].addr,
						  .length = wr->sg_list[i].length };
	ibv_wr_set_inline_data_list(q, wr->num_sge, bufs);
}

static int build(struct end *e, struct ibv_send_wr *wr)
{
	struct ibv_qp_ex *q = e->qx;

	ibv_wr_start(q);
	q->wr_id = wr->wr_id;
	q->wr_flags = wr->send_flags & ~IBV_SEND_INLINE;
	build_op(q, wr);
	if (e->o.type == IBV_QPT_UD)
		ibv_wr_set_ud_addr(q, wr->wr.ud.ah, wr->wr.ud.remote_qpn, wr->wr.ud.remote_qkey);
	if (e->o.type == IBV_QPT_XRC_SEND)
		ibv_wr_set_xrc_srqn(q, wr->qp_type.xrc.remote_srqn);
	if (wr->opcode != IBV_WR_LOCAL_INV && wr->opcode != IBV_WR_BIND_MW)
		build_data(q, wr);
	return ibv_wr_complete(q);
}

int post_send(struct end *e, struct ibv_send_wr *wr)
{
	struct ibv_send_wr *bad = NULL;
	int ret;

	if (!e->qx)
		return ibv_post_send(e->qp, wr, &bad);
	for (ret = 0; wr && !ret; wr = wr->next)
		ret = build(e, wr);
	return ret;
}

struct ibv_send_wr wr_of(struct end *e, enum ibv_wr_opcode opcode, struct ibv_sge *sge, int n)
{
	static uint64_t next_id = 1000;
	struct ibv_send_wr wr = {
		.wr_id = next_id++,
		.opcode = opcode,
		.send_flags = IBV_SEND_SIGNALED,
		.sg_list = sge,
		.num_sge = n,
	};

	if (e->o.type == IBV_QPT_UD) {
		wr.wr.ud.ah = e->ah;
		wr.wr.ud.remote_qpn = e->remote_qpn;
		wr.wr.ud.remote_qkey = QKEY;
	}
	return wr;
}

struct ibv_send_wr wr_at(struct end *e, enum ibv_wr_opcode opcode, struct ibv_sge *sge, int n,
			 const struct mem *there, size_t offset)
{
	struct ibv_send_wr wr = wr_of(e, opcode, sge, n);
	uint64_t at = (uintptr_t)there->p + offset;

	if (opcode == IBV_WR_ATOMIC_CMP_AND_SWP || opcode == IBV_WR_ATOMIC_FETCH_AND_ADD) {
		wr.wr.atomic.remote_addr = at;
		wr.wr.atomic.rkey = there->mr->rkey;
	} else {
		wr.wr.rdma.remote_addr = at;
		wr.wr.rdma.rkey = there->mr->rkey;
	}
	return wr;
}

void must_post(struct end *e, struct ibv_send_wr wr)
{
	int ret = post_send(e, &wr);

	demand(!ret, "posting opcode %d: %s", wr.opcode, strerror(ret));
}

/*---- completions ----*/

bool wc_within(struct ibv_cq *cq, struct ibv_wc *wc, int timeout_ms)
{
	uint64_t end = now_ms() + timeout_ms;
	struct ibv_cq *which;
	void *context;
	int n;

	for (;;) {
		n = ibv_poll_cq(cq, 1, wc);
		demand(n >= 0, "ibv_poll_cq: %d", n);
		if (n)
			return true;
		demand(!ibv_req_notify_cq(cq, 0), "ibv_req_notify_cq");
		n = ibv_poll_cq(cq, 1, wc);
		demand(n >= 0, "ibv_poll_cq: %d", n);
		if (n)
			return true;
		int64_t left = end - now_ms();

		if (left <= 0 || !await_readable(cq->channel->fd, left))
			return false;
		demand(!ibv_get_cq_event(cq->channel, &which, &context), "ibv_get_cq_event");
		ibv_ack_cq_events(which, 1);
	}
}

struct ibv_wc next_wc(struct ibv_cq *cq)
{
	struct ibv_wc wc;

	demand(wc_within(cq, &wc, DEADLINE_MS), "no completion");
	return wc;
}

void expect_none(struct ibv_cq *cq)
{
	struct ibv_wc wc;

	demand(ibv_poll_cq(cq, 1, &wc) == 0, "a completion too many: id %llu, %s",
	       (unsigned long long)wc.wr_id, ibv_wc_status_str(wc.status));
}

struct ibv_wc expect_wc_at(struct ibv_cq *cq, uint64_t id, enum ibv_wc_status status,
			   const char *file, int line)
{
	struct ibv_wc wc;

	if (!wc_within(cq, &wc, DEADLINE_MS))
		demand_failed(file, line, ibv_wc_status_str(status), "no completion for %llu",
			      (unsigned long long)id);
	if (wc.wr_id != id || wc.status != status)
		demand_failed(file, line, ibv_wc_status_str(status),
			      "for %llu came %llu, %s, vendor_err %u", (unsigned long long)id,
			      (unsigned long long)wc.wr_id, ibv_wc_status_str(wc.status),
			      wc.vendor_err);
	return wc;
}

void expect_state_at(struct end *e, enum ibv_qp_state state, const char *file, int line)
{
	uint64_t end = now_ms() + DEADLINE_MS / 10;

	while (end_state(e) != state) {
		if (now_ms() > end)
			demand_failed(file, line, "the QP's state", "it is %d, not %d",
				      end_state(e), state);
		sched_yield();
	}
}

static void message(struct end *from, struct end *to)
{
	size_t grh = from->o.type == IBV_QPT_UD ? 40 : 0;
	struct mem src, dst;
	struct ibv_sge sge;
	struct ibv_wc wc;

	mem_make(&src, from->node, PAGE, 0);
	mem_make(&dst, to->node, PAGE, IBV_ACCESS_LOCAL_WRITE);
	pattern(src.p, 8, 3);
	sge = mem_sge(&src, 0, 8);
	must_post_recv(to, 77, &dst, 0, 64);
	do_send(from, wr_of(from, IBV_WR_SEND, &sge, 1));
	wc = expect_wc(to->rcq, 77, IBV_WC_SUCCESS);
	demand(wc.byte_len == 8 + grh, "byte_len is %u", wc.byte_len);
	demand(is_pattern(dst.p + grh, 8, 3), "what arrived");
	mem_free(&src);
	mem_free(&dst);
}

void expect_alive(struct pair *p)
{
	message(&p->a, &p->b);
	message(&p->b, &p->a);
}

unsigned int rounds(unsigned int quick, unsigned int full)
{
	return getenv("AXE_LIVE_LONG") ? full : quick;
}
