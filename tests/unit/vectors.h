/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_UNIT_VECTORS_H
#define AXE_UNIT_VECTORS_H

#include "run.h"

/**
 * struct unit_vector - what an operation must do, as others say it
 * @name:	for messages
 * @opcode:	enum axe_opcode
 * @op:		the command's block
 * @src:	the source, or NULL
 * @src_len:	its length
 * @dst:	the destination before; NULL: none, or of no interest
 * @dst_len:	its length
 * @want:	the destination after, from its start; NULL: unchanged
 * @done:	the byte_len to come
 * @result:	the results to come
 * @ext:	the extension slot; its third operand's length comes from @aux_len
 * @aux:	the third operand, or NULL
 * @aux_len:	its length
 * @want_aux:	the third operand after, if the operation writes it
 * @key:	the key object
 * @num_src:	lanes: so many, one behind the other in @src
 * @num_dst:	likewise
 * @code:	what comes of it; AXE_OK if not said
 * @packed:	@want is what the destination is a compressed form of; @done and
 *		result[1] do not matter
 */
struct unit_vector {
	const char *name;
	enum axe_opcode opcode;
	struct axe_cmd op;
	const void *src;
	size_t src_len;
	const void *dst;
	size_t dst_len;
	const void *want;
	u64 done;
	u64 result[2];
	struct axe_cmd_ext ext;
	const void *aux;
	size_t aux_len;
	const void *want_aux;
	struct unit_key key;
	unsigned int num_src;
	unsigned int num_dst;
	enum axe_code code;
	bool packed;
};

/* Vectors of a family of operations: vectors_FAMILY.c has them, vectors.c lists them. */
struct unit_vectors {
	const struct unit_vector *vectors;
	size_t num;
};

extern const struct unit_vectors vectors_chain;

#define UNIT_VECTORS(family, list)					\
	const struct unit_vectors vectors_##family = { list, ARRAY_SIZE(list) }

extern const struct unit_vectors vectors_dif;
extern const struct unit_vectors vectors_sum;
extern const struct unit_vectors vectors_aead;
extern const struct unit_vectors vectors_cipher;
extern const struct unit_vectors vectors_pack;
extern const struct unit_vectors vectors_hash;
extern const struct unit_vectors vectors_mac;
extern const struct unit_vectors vectors_esp;
extern const struct unit_vectors vectors_pubkey;

extern const struct unit_vectors vectors_move;

#define LEN(s)		(sizeof(s) - 1)
#define SRC(s)		.src = (s), .src_len = LEN(s)
#define BLOCK(...)	.op = { .op = { __VA_ARGS__ } }
#define KEY(kind, k)	.key = { .algorithm = (kind), .bytes = (k), .len = sizeof(k) }
#define EXT(...)	.ext = { .op = { __VA_ARGS__ } }

extern const struct unit_vectors vectors_parity;
extern const struct unit_vectors vectors_scan;
extern const struct unit_vectors vectors_matrix;

/* Calls @fn with each vector. */
void unit_each_vector(void (*fn)(const struct unit_vector *v));

/* Runs the vectors of one operation, cut in every way; returns their number. */
size_t unit_run_vectors(enum axe_opcode opcode);

/* What the system's zlib makes of a packed format; asserts that it is complete. */
void unit_assert_unpacks(u8 format, const u8 *p, size_t len, const void *want, size_t want_len);

#endif
