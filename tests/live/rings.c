// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Rings as the provider has mapped them, and a neighbour. */

#include "rings.h"
#include "vectors.h"
#include "ways.h"

#define MAPPINGS	64

void ring_scribble(void *to, const void *from, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		((volatile uint8_t *)to)[i] = ((const uint8_t *)from)[i];
}

/*
 * Entries of the receive ring are of 32 bytes with one scatter entry, slots of the
 * send ring of 64: their lengths tell one from the other.
 */
static void found_ring(struct rings *r, const struct mapping *m)
{
	struct axe_sq_hdr *ring = (void *)m->start;
	size_t stride = (m->end - m->start - AXE_RING_ENTRIES) / ring->slots;

	if (stride >= AXE_SLOT_SIZE) {
		r->sq = ring;
	} else {
		r->rq = ring;
		r->rq_entry = stride / 16 * 16;
	}
}

/* The mappings that were not there before. */
static void find_rings(struct rings *r, const struct mapping *before, unsigned int n)
{
	struct mapping after[MAPPINGS];
	unsigned int i, k, n_after = uverbs_mappings(after, MAPPINGS);

	for (i = 0; i < n_after; i++) {
		for (k = 0; k < n && before[k].start != after[i].start; k++)
			;
		if (k == n)
			found_ring(r, &after[i]);
	}
}

void rings_open(struct rings *r, struct node *n, struct end_options *o, bool shared)
{
	struct mapping before[MAPPINGS];
	unsigned int num;
	struct address self;

	memset(r, 0, sizeof(*r));
	o->cq = cq_make(n, 4096);
	o->send_wr = 256;
	o->recv_wr = 256;
	o->recv_sge = 1;
	num = uverbs_mappings(before, MAPPINGS);
	if (shared) {
		struct ibv_srq_init_attr attr = { .attr = { .max_wr = 256, .max_sge = 1 } };

		o->srq = ibv_create_srq(n->pd, &attr);
		demand(o->srq, "ibv_create_srq");
	}
	end_open(&r->end, n, o);
	find_rings(r, before, num);
	demand(r->sq && r->rq, "the rings are not to be found");
	r->bell = doorbell_fd();
	self = end_address(&r->end);
	end_connect(&r->end, &self);
}

void rings_close(struct rings *r)
{
	struct ibv_srq *srq = r->end.o.srq;
	struct ibv_cq *cq = r->end.scq;

	end_close(&r->end);
	if (srq)
		demand(!ibv_destroy_srq(srq), "ibv_destroy_srq");
	cq_free(cq);
}

void rings_ring(struct rings *r, unsigned int which)
{
	struct axe_doorbell bell = { .number = r->end.qp->qp_num, .ring = which };
	ssize_t n = write(r->bell, &bell, sizeof(bell));

	demand(n == sizeof(bell) || errno == EIO || errno == EINTR, "the doorbell");
}

/*---- a neighbour ----*/

void trip_open(struct trip *t, enum axe_queue_mode mode, size_t size)
{
	t->size = size;
	t->src = pages(size);
	t->z = pages(size);
	t->back = pages(size);
	rig_open(&t->rig, &(struct rig_options){ .mode = mode });
}

void trip_run(struct trip *t, unsigned int round)
{
	struct rig *r = &t->rig;
	struct ibv_sge s = here(r, t->src, t->size), d = here(r, t->z, t->size);
	struct ibv_sge b = here(r, t->back, t->size);
	struct wc wc;

	fill_text(t->src, t->size, round);
	wc = run(r, compress, &d, &s, AXE_FORMAT_ZLIB, 1, 0);
	demand(wc.code == AXE_OK, "compress: %s", axedv_code_str(wc.code));
	d.length = wc.byte_len;
	wc = run(r, decompress, &b, &d, AXE_FORMAT_ZLIB, 0);
	demand(wc.code == AXE_OK && wc.byte_len == t->size, "decompress: %s",
	       axedv_code_str(wc.code));
	demand(!memcmp(t->src, t->back, t->size), "round %u: not what was compressed", round);
}

void trip_close(struct trip *t)
{
	rig_close(&t->rig);
	munmap(t->src, t->size);
	munmap(t->z, t->size);
	munmap(t->back, t->size);
}
