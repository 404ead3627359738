/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * The operations of axe ping: how a payload is made, how the server's accelerator
 * is told to work on it, how the client finds out whether it did. One row each.
 */
#ifndef AXE_TOOL_PING_OPS_H
#define AXE_TOOL_PING_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <infiniband/axedv.h>

/**
 * struct ping_exchange - a ping and its answer, as the client sees them
 * @size:	what the user asked for: of the payload, or of what it is made from
 * @payload:	is sent; ping_room(@size) bytes
 * @plain:	client only: ping_room(@size) bytes for what must be kept beside it
 * @arg:	as in struct ping_request
 */
struct ping_exchange {
	uint64_t seq;
	uint32_t size;
	uint8_t level;
	uint8_t *payload;
	uint32_t length;
	uint8_t *plain;
	uint64_t arg;
	const uint8_t *answer;
	uint32_t answer_length;
	uint64_t result[2];
};

/**
 * struct ping_op - a row
 * @opcode:	what the device must offer; AXE_OP_MAX: no accelerator takes part
 * @answers:	with the bytes that the command made, not only with its results
 * @prepare:	makes payload, length and arg of an exchange
 * @build:	server: a command that works on @src, and fills @dst if the operation
 *		writes; may shorten both. NULL: the payload itself is the answer
 * @check:	what is wrong with an answer, or NULL
 */
struct ping_op {
	const char *name;
	enum axe_opcode opcode;
	bool answers;
	void (*prepare)(struct ping_exchange *x);
	void (*build)(struct ibv_qp_ex *wr, struct ibv_sge *dst, struct ibv_sge *src, uint64_t arg);
	const char *(*check)(const struct ping_exchange *x);
};

/* By name, of at most @len characters; NULL if there is none. */
const struct ping_op *ping_op_find(const char *name, size_t len);
/* "none, nop, ...": all names. */
const char *ping_op_names(void);

/* What an answer may need for @size bytes that do not shrink, and a payload made of them. */
static inline uint32_t ping_room(uint32_t size)
{
	return size + size / 8 + 1024;
}

#endif
