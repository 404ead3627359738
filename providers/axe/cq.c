// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Completion queues. Polling and arming are memory accesses, see ring.h. */

#include <endian.h>
#include <errno.h>
#include <sys/mman.h>
#include <time.h>

#include "axe.h"
#include "axe-abi.h"

/* What software can know of a completion: no VLAN, flow tag or tag matching. */
#define AXE_WC_FLAGS_SUPPORTED                                                 \
	((uint64_t)IBV_WC_STANDARD_FLAGS | IBV_WC_EX_WITH_COMPLETION_TIMESTAMP | \
	 IBV_WC_EX_WITH_COMPLETION_TIMESTAMP_WALLCLOCK)
#define AXE_WC_FLAGS_TIME                                                      \
	((uint64_t)IBV_WC_EX_WITH_COMPLETION_TIMESTAMP |                       \
	 IBV_WC_EX_WITH_COMPLETION_TIMESTAMP_WALLCLOCK)

static inline struct axe_cqe *axe_cqe_at(struct axe_cq *cq, uint32_t index)
{
	return &cq->ring[index & cq->mask];
}

static inline void axe_fill_wc(struct ibv_wc *wc, const struct axe_cqe *cqe)
{
	wc->wr_id = le64toh(cqe->wr_id);
	wc->status = cqe->status;
	wc->opcode = cqe->opcode;
	wc->vendor_err = le16toh(cqe->code);
	wc->byte_len = le32toh(cqe->byte_len);
	wc->imm_data = cqe->imm_data;
	wc->qp_num = le32toh(cqe->qp_num);
	wc->src_qp = le32toh(cqe->src_qp);
	wc->wc_flags = le32toh(cqe->wc_flags);
	wc->pkey_index = 0;
	wc->slid = 0;
	wc->sl = cqe->sl;
	wc->dlid_path_bits = 0;
}

int axe_poll_cq(struct ibv_cq *ibvcq, int num_entries, struct ibv_wc *wc)
{
	struct axe_cq *cq = to_axe_cq(ibvcq);
	uint32_t consumer, ready, n;

	if (unlikely(!axe_lock(&cq->lock)))
		return -EBUSY;

	consumer = cq->hdr->consumer;
	ready = axe_cq_ready(cq->hdr) - consumer;
	if (unlikely(num_entries < 0))
		num_entries = 0;
	if (ready > (uint32_t)num_entries)
		ready = num_entries;

	for (n = 0; n < ready; n++)
		axe_fill_wc(wc++, axe_cqe_at(cq, consumer++));

	if (likely(n)) {
		axe_cq_consume(cq->hdr, consumer);
		axe_unlock(&cq->lock);
		return n;
	}
	n = axe_cq_error(cq->hdr);
	axe_unlock(&cq->lock);
	return -n;
}

/**
 * axe_cq_forget - take the completions of a QP out of a CQ
 * @cq:		the CQ; left alone while the caller walks it
 * @qp_num:	of a QP that is in RESET, so that no more come
 *
 * What stays moves up to the producer index, behind which only the device writes.
 */
void axe_cq_forget(struct axe_cq *cq, uint32_t qp_num)
{
	uint32_t consumer, from, to;

	if (!axe_lock(&cq->lock))
		return;
	consumer = cq->hdr->consumer;
	from = axe_cq_ready(cq->hdr);
	/* An index that ran away: the CQ is lost anyway. */
	if (from - consumer > cq->mask + 1)
		from = consumer;
	for (to = from; from != consumer;) {
		struct axe_cqe *cqe = axe_cqe_at(cq, --from);

		if (le32toh(cqe->qp_num) != qp_num && --to != from)
			*axe_cqe_at(cq, to) = *cqe;
	}
	if (to != consumer)
		axe_cq_consume(cq->hdr, to);
	axe_unlock(&cq->lock);
}

int axe_req_notify_cq(struct ibv_cq *ibvcq, int solicited_only)
{
	struct axe_cq *cq = to_axe_cq(ibvcq);
	/* The lock keeps the mapping. Who walks the CQ may arm it all the same. */
	bool locked = axe_lock(&cq->lock);

	axe_cq_arm(cq->hdr, solicited_only);
	if (locked)
		axe_unlock(&cq->lock);
	return 0;
}

static inline void axe_set_current(struct axe_cq *cq, uint32_t index)
{
	struct axe_cqe *cqe = axe_cqe_at(cq, index);

	cq->cur = cqe;
	cq->next = index + 1;
	cq->verbs_cq.cq_ex.status = cqe->status;
	cq->verbs_cq.cq_ex.wr_id = le64toh(cqe->wr_id);
}

static int axe_start_poll(struct ibv_cq_ex *ibvcq, struct ibv_poll_cq_attr *attr)
{
	struct axe_cq *cq = to_axe_cq_ex(ibvcq);
	uint32_t consumer;
	int err;

	if (unlikely(attr->comp_mask))
		return EINVAL;
	if (unlikely(!axe_lock(&cq->lock)))
		return EBUSY;

	consumer = cq->hdr->consumer;
	cq->ready = axe_cq_ready(cq->hdr);
	if (cq->ready == consumer) {
		err = axe_cq_error(cq->hdr);
		axe_unlock(&cq->lock);
		return err ? err : ENOENT;
	}
	cq->wallclock_valid = false;
	axe_set_current(cq, consumer);
	return 0;
}

static int axe_next_poll(struct ibv_cq_ex *ibvcq)
{
	struct axe_cq *cq = to_axe_cq_ex(ibvcq);

	/* Give back as we go: who walks a busy CQ need not make it overflow. */
	axe_cq_consume(cq->hdr, cq->next);
	if (cq->ready == cq->next) {
		cq->ready = axe_cq_ready(cq->hdr);
		if (cq->ready == cq->next)
			return ENOENT;
	}
	axe_set_current(cq, cq->next);
	return 0;
}

static void axe_end_poll(struct ibv_cq_ex *ibvcq)
{
	struct axe_cq *cq = to_axe_cq_ex(ibvcq);

	axe_cq_consume(cq->hdr, cq->next);
	axe_unlock(&cq->lock);
}

static enum ibv_wc_opcode axe_read_opcode(struct ibv_cq_ex *ibvcq)
{
	return to_axe_cq_ex(ibvcq)->cur->opcode;
}

static uint32_t axe_read_vendor_err(struct ibv_cq_ex *ibvcq)
{
	return le16toh(to_axe_cq_ex(ibvcq)->cur->code);
}

static uint32_t axe_read_byte_len(struct ibv_cq_ex *ibvcq)
{
	return le32toh(to_axe_cq_ex(ibvcq)->cur->byte_len);
}

static __be32 axe_read_imm_data(struct ibv_cq_ex *ibvcq)
{
	return to_axe_cq_ex(ibvcq)->cur->imm_data;
}

static uint32_t axe_read_qp_num(struct ibv_cq_ex *ibvcq)
{
	return le32toh(to_axe_cq_ex(ibvcq)->cur->qp_num);
}

static uint32_t axe_read_src_qp(struct ibv_cq_ex *ibvcq)
{
	return le32toh(to_axe_cq_ex(ibvcq)->cur->src_qp);
}

static unsigned int axe_read_wc_flags(struct ibv_cq_ex *ibvcq)
{
	return le32toh(to_axe_cq_ex(ibvcq)->cur->wc_flags);
}

/* An Ethernet port has no LID. */
static uint32_t axe_read_slid(struct ibv_cq_ex *ibvcq)
{
	return 0;
}

static uint8_t axe_read_sl(struct ibv_cq_ex *ibvcq)
{
	return to_axe_cq_ex(ibvcq)->cur->sl;
}

static uint8_t axe_read_dlid_path_bits(struct ibv_cq_ex *ibvcq)
{
	return 0;
}

static uint64_t axe_read_completion_ts(struct ibv_cq_ex *ibvcq)
{
	return le64toh(to_axe_cq_ex(ibvcq)->cur->timestamp);
}

static int64_t axe_clock(clockid_t id)
{
	struct timespec ts = {};

	clock_gettime(id, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/*
 * The device tells CLOCK_MONOTONIC_RAW. How far CLOCK_REALTIME is from it is
 * measured at the first such call behind each start_poll, so that the times
 * read in one walk keep their order and their distances. The result is right
 * as of now: had the wall clock been stepped, or slewed, between the completion
 * and this call, it tells the time of the completion by today's clock.
 */
static uint64_t axe_read_completion_wallclock_ns(struct ibv_cq_ex *ibvcq)
{
	struct axe_cq *cq = to_axe_cq_ex(ibvcq);

	if (!cq->wallclock_valid) {
		int64_t before = axe_clock(CLOCK_MONOTONIC_RAW);
		int64_t real = axe_clock(CLOCK_REALTIME);
		int64_t after = axe_clock(CLOCK_MONOTONIC_RAW);

		cq->wallclock = real - (before + (after - before) / 2);
		cq->wallclock_valid = true;
	}
	return le64toh(cq->cur->timestamp) + cq->wallclock;
}

static void axe_set_cq_ops(struct ibv_cq_ex *cq)
{
	cq->start_poll = axe_start_poll;
	cq->next_poll = axe_next_poll;
	cq->end_poll = axe_end_poll;
	cq->read_opcode = axe_read_opcode;
	cq->read_vendor_err = axe_read_vendor_err;
	cq->read_byte_len = axe_read_byte_len;
	cq->read_imm_data = axe_read_imm_data;
	cq->read_qp_num = axe_read_qp_num;
	cq->read_src_qp = axe_read_src_qp;
	cq->read_wc_flags = axe_read_wc_flags;
	cq->read_slid = axe_read_slid;
	cq->read_sl = axe_read_sl;
	cq->read_dlid_path_bits = axe_read_dlid_path_bits;
	cq->read_completion_ts = axe_read_completion_ts;
	cq->read_completion_wallclock_ns = axe_read_completion_wallclock_ns;
}

static void axe_set_ring(struct axe_cq *cq, void *map, size_t length,
			 uint32_t entries)
{
	cq->hdr = map;
	cq->ring = map + AXE_RING_ENTRIES;
	cq->mask = entries - 1;
	cq->length = length;
}

/* @attr: what of it is not used is zero; flags and wc_flags are such as are known */
static struct axe_cq *axe_do_create_cq(struct ibv_context *ibvctx,
				       const struct ibv_cq_init_attr_ex *attr)
{
	struct axe_ucmd_create_cq_resp resp = {};
	struct axe_ucmd_create_cq cmd = {};
	struct axe_origin origin;
	struct axe_cq *cq;
	void *map;
	int err;

	cq = axe_object_alloc(attr->parent_domain, sizeof(*cq), AXEDV_RES_TYPE_CQ,
			      &origin);
	if (!cq)
		return NULL;
	cq->origin = origin;

	/* The plain command, whose interface all releases share, and udata. */
	if (attr->wc_flags & AXE_WC_FLAGS_TIME)
		cmd.flags |= AXE_CREATE_CQ_TIMESTAMP;
	err = ibv_cmd_create_cq(ibvctx, attr->cqe, attr->channel, attr->comp_vector,
				&cq->verbs_cq.cq, &cmd.ibv_cmd, sizeof(cmd),
				&resp.ibv_resp, sizeof(resp));
	if (err)
		goto free_cq;

	map = axe_map_ring(ibvctx, resp.mmap_offset, resp.mmap_length,
			   resp.entries, AXE_CQE_SIZE);
	if (!map) {
		err = errno;
		goto destroy_cq;
	}
	axe_set_ring(cq, map, resp.mmap_length, resp.entries);
	axe_lock_init(&cq->lock, axe_object_shared(&origin) &&
		      !(attr->flags & IBV_CREATE_CQ_ATTR_SINGLE_THREADED));
	axe_set_cq_ops(&cq->verbs_cq.cq_ex);
	return cq;

destroy_cq:
	ibv_cmd_destroy_cq(&cq->verbs_cq.cq);
free_cq:
	axe_object_free(cq, AXEDV_RES_TYPE_CQ, &origin);
	errno = err;
	return NULL;
}

struct ibv_cq *axe_create_cq(struct ibv_context *ibvctx, int cqe,
			     struct ibv_comp_channel *channel, int comp_vector)
{
	struct ibv_cq_init_attr_ex attr = {
		.cqe = cqe,
		.channel = channel,
		.comp_vector = comp_vector,
	};
	struct axe_cq *cq;

	cq = axe_do_create_cq(ibvctx, &attr);
	return cq ? &cq->verbs_cq.cq : NULL;
}

struct ibv_cq_ex *axe_create_cq_ex(struct ibv_context *ibvctx,
				   struct ibv_cq_init_attr_ex *attr)
{
	struct ibv_cq_init_attr_ex known = *attr;
	struct axe_cq *cq;

	if (!(attr->comp_mask & IBV_CQ_INIT_ATTR_MASK_FLAGS))
		known.flags = 0;
	if (!(attr->comp_mask & IBV_CQ_INIT_ATTR_MASK_PD))
		known.parent_domain = NULL;
	/* A CQ that is overrun is in error, and says so: that cannot be ignored. */
	if (known.wc_flags & ~AXE_WC_FLAGS_SUPPORTED ||
	    known.flags & ~IBV_CREATE_CQ_ATTR_SINGLE_THREADED ||
	    !check_comp_mask(attr->comp_mask, IBV_CQ_INIT_ATTR_MASK_FLAGS |
					      IBV_CQ_INIT_ATTR_MASK_PD)) {
		errno = EOPNOTSUPP;
		return NULL;
	}

	cq = axe_do_create_cq(ibvctx, &known);
	return cq ? &cq->verbs_cq.cq_ex : NULL;
}

/* Moderation. */
int axe_modify_cq(struct ibv_cq *ibvcq, struct ibv_modify_cq_attr *attr)
{
	struct ibv_modify_cq cmd = {};

	return ibv_cmd_modify_cq(ibvcq, attr, &cmd, sizeof(cmd));
}

/*
 * The kernel has moved the CQEs that were not consumed to the start of a new
 * ring, in order, and writes there from now on. If that cannot be mapped, the
 * CQ is lost: let the old ring say so.
 */
static int axe_move_ring(struct axe_cq *cq, const struct axe_ucmd_resize_cq_resp *resp)
{
	void *map;

	map = axe_map_ring(cq->verbs_cq.cq.context, resp->mmap_offset,
			   resp->mmap_length, resp->entries, AXE_CQE_SIZE);
	if (!map) {
		__atomic_fetch_or(&cq->hdr->flags, AXE_CQ_DEAD, __ATOMIC_RELAXED);
		return errno;
	}
	munmap(cq->hdr, cq->length);
	axe_set_ring(cq, map, resp->mmap_length, resp->entries);
	return 0;
}

int axe_resize_cq(struct ibv_cq *ibvcq, int cqe)
{
	struct axe_cq *cq = to_axe_cq(ibvcq);
	struct axe_ucmd_resize_cq_resp resp = {};
	struct axe_ucmd_resize_cq cmd = {};
	int err;

	/* Nobody may consume what the kernel is copying. */
	if (!axe_lock(&cq->lock))
		return EBUSY;
	err = ibv_cmd_resize_cq(ibvcq, cqe, &cmd.ibv_cmd, sizeof(cmd),
				&resp.ibv_resp, sizeof(resp));
	if (!err)
		err = axe_move_ring(cq, &resp);
	axe_unlock(&cq->lock);
	return err;
}

int axe_destroy_cq(struct ibv_cq *ibvcq)
{
	struct axe_cq *cq = to_axe_cq(ibvcq);
	struct axe_origin origin = cq->origin;
	int err;

	err = ibv_cmd_destroy_cq(ibvcq);
	if (err)
		return err;
	munmap(cq->hdr, cq->length);
	axe_object_free(cq, AXEDV_RES_TYPE_CQ, &origin);
	return 0;
}
