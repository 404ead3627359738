/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* AES commands on engines, against OpenSSL. */
#ifndef AXE_OPS_CIPHERS_H
#define AXE_OPS_CIPHERS_H

#include "ops.h"

/**
 * struct cipher_job - a buffer that is encrypted or decrypted in place
 * @algorithm:	AXE_KEY_AES_CBC, AXE_KEY_AES_CTR, AXE_KEY_AES_XTS
 * @encrypt:	or else decrypt
 * @key:	made of @bytes
 * @length:	of @data
 * @data:	what the command works on
 * @expected:	what becomes of it
 */
struct cipher_job {
	enum axe_key_algorithm algorithm;
	bool encrypt;
	struct axedv_key *key;
	uint8_t bytes[32];
	uint8_t iv[16];
	size_t length;
	uint8_t *data;
	uint8_t *expected;
};

void cipher_make(struct cipher_job *j, struct rig *r, enum axe_key_algorithm algorithm,
		 bool encrypt, size_t length, uint32_t seed);
void cipher_free(struct cipher_job *j);
/* @data anew, and @expected with it. */
void cipher_fill(struct cipher_job *j, uint32_t seed);
void cipher_post(struct rig *r, const struct cipher_job *j, uint64_t wr_id);
struct wc cipher_run(struct rig *r, const struct cipher_job *j);
/* All of it. */
bool cipher_is_right(const struct cipher_job *j);

/* The engine of this name: its index, or 0. */
unsigned int engine_index(struct rig *r, const char *name);
struct axe_engine_status engine_status(struct rig *r, unsigned int index);

#endif
