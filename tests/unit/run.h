/* SPDX-License-Identifier: GPL-2.0 */
/*
 * unit_run() does what the device does around an operation: it checks the
 * command, hands out its operands in pieces, and keeps private memory and
 * results. Each piece is an allocation of its own, of exactly its size, freed
 * as soon as it is used up, so that AddressSanitizer sees an operation that
 * goes beyond a piece or comes back to one.
 */
#ifndef AXE_UNIT_RUN_H
#define AXE_UNIT_RUN_H

#include <asm/byteorder.h>

#include "key.h"
#include "ops.h"
#include "unit.h"

/* How operands are cut up. */
enum unit_cut {
	UNIT_WHOLE,	/* as long as a piece may be */
	UNIT_BYTES,	/* one byte each */
	UNIT_PAGES,	/* up to the page boundaries of an unaligned buffer */
	UNIT_RANDOM,	/* random, sometimes empty at the ends */
	UNIT_CUTS,
};

/**
 * struct unit_key - a key object
 * @algorithm:	enum axe_key_algorithm
 * @bytes:	the key; NULL: there is no such object
 * @len:	its length
 * @uses:	0: whatever the operation wants
 * @tag_len:	of its tags; 0: all of them
 */
struct unit_key {
	u32 algorithm;
	const void *bytes;
	size_t len;
	u32 uses;
	u32 tag_len;
};

/**
 * struct unit_run - a command, what it is run on, and what came of it
 * @cmd:	the command; lengths of the operands come from below
 * @ext:	extension slot or NULL; the length of its third operand comes from below
 * @src:	the source
 * @src_len:	its length
 * @dst:	the destination
 * @dst_len:	its length
 * @aux:	the third operand
 * @aux_len:	its length
 * @num_src:	of an operation on lanes: @src is so many, one behind the other
 * @num_dst:	likewise @dst
 * @src_cut:	how the source is handed out, and the third operand and lanes
 * @dst_cut:	how the destination is
 * @backward:	hand out the pieces from the last to the first
 * @key:	the key object that the command names
 * @made:	it, while the command runs, or the stream that goes on
 * @priv:	private memory of the stream that the command may go on with, or NULL
 * @code:	result: enum axe_code
 * @done:	result: byte_len
 * @result:	result: the two results
 * @stage_code:	result: of the stages of a chain; AXE_EXEC_MORE of one that has not ended
 * @src_held:	bytes of the source that the operation was not given, or left
 */
struct unit_run {
	struct axe_cmd cmd;
	const struct axe_cmd_ext *ext;
	const void *src;
	size_t src_len;
	void *dst;
	size_t dst_len;
	void *aux;
	size_t aux_len;
	unsigned int num_src;
	unsigned int num_dst;
	enum unit_cut src_cut;
	enum unit_cut dst_cut;
	bool backward;
	struct unit_key key;
	struct axe_key *made;
	void *priv;
	int code;
	u64 done;
	u64 result[2];
	int stage_code[AXE_MAX_STAGES];
	size_t src_held;
};

/* Runs the command; returns run->code. Keeps run->priv if there is more to come. */
int unit_run(struct unit_run *run);

/* Drops the state of a stream that is not run to its end. */
void unit_drop(struct unit_run *run);

/* Only check() of the operation; as unit_run() does it first. */
enum axe_code unit_check(const struct axe_cmd *cmd, const struct axe_cmd_ext *ext);

/* A command of the operation, with an empty block. */
struct axe_cmd unit_cmd(enum axe_opcode opcode);

#define for_each_cut(cut)						\
	for (enum unit_cut cut = 0; cut < UNIT_CUTS; cut++)

#endif
