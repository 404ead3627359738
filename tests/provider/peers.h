/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What tests of work requests to peers need: QPs of each type, and what to expect. */
#ifndef AXE_TEST_PEERS_H
#define AXE_TEST_PEERS_H

#include "rig.h"

#define MAX_SGE		9
#define MAX_INLINE	128
#define WR_ID		0xfedcba9876543210
#define RKEY		0x80001234
#define REMOTE_ADDR	0x1122334455667788

static const struct ibv_sge one_sge = {
	.addr = 0x0102030405060708, .length = 4096, .lkey = 0x80005678,
};

static inline struct rig *rig_peer(enum ibv_qp_type type)
{
	struct rig *rig = rig_new(type);

	rig->qp.max_sge = MAX_SGE;
	rig->qp.max_inline = MAX_INLINE;
	rig->qp.send_ops = axe_peer_send_ops(type);
	rig->qp.post_one = axe_peer_post_one;
	return rig;
}

/* All 64 bytes: what the slot held before must not shine through. */
static inline void assert_request(struct rig *rig, uint32_t index,
				  const struct axe_send_wr *expected)
{
	assert_memory_equal(slot_at(rig, index), expected, AXE_SLOT_SIZE);
}

/* A byte pattern that differs from place to place. */
static inline void fill_pattern(uint8_t *data, size_t length)
{
	while (length--)
		data[length] = length * 7 + 1;
}

static inline struct axe_buf buf_of(const struct ibv_sge *sge)
{
	return (struct axe_buf) {
		.addr = htole64(sge->addr),
		.length = htole32(sge->length),
		.key = htole32(sge->lkey),
	};
}

#endif
