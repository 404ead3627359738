/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Rings as the provider has mapped them, for who writes there himself; and a neighbour. */
#ifndef AXE_LIVE_RINGS_H
#define AXE_LIVE_RINGS_H

#include "peer.h"

static inline void *ring_entries(void *ring)
{
	return (uint8_t *)ring + AXE_RING_ENTRIES;
}

/* Not atomically: the device may look at any moment. */
void ring_scribble(void *to, const void *from, size_t size);

/**
 * struct rings - a QP that is connected to itself
 * @rq:		of the SRQ, if it has one
 * @rq_entry:	bytes of an entry there
 * @bell:	the doorbell's file
 */
struct rings {
	struct end end;
	struct axe_sq_hdr *sq, *rq;
	size_t rq_entry;
	int bell;
};

/*
 * 256 requests of either kind, with one scatter entry, one CQ for both, and with
 * @shared an SRQ of its own instead of a receive queue.
 */
void rings_open(struct rings *r, struct node *n, struct end_options *o, bool shared);
void rings_close(struct rings *r);
/* The device looks at a ring, enum axe_doorbell_ring. */
void rings_ring(struct rings *r, unsigned int which);

/**
 * struct trip - what a neighbour does: a text, compressed and back, and compared
 */
struct trip {
	struct rig rig;
	uint8_t *src, *z, *back;
	size_t size;
};

void trip_open(struct trip *t, enum axe_queue_mode mode, size_t size);
void trip_run(struct trip *t, unsigned int round);
void trip_close(struct trip *t);

#endif
