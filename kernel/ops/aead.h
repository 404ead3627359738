/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A message that is read whole into private memory, encrypted or decrypted there with
 * authentication, and only then written out.
 */
#ifndef AXE_OPS_AEAD_H
#define AXE_OPS_AEAD_H

#include <crypto/aead.h>

#include "../key.h"
#include "crypt.h"

/**
 * struct axe_aead - private memory of such a command; behind it what it points to
 * @iv:		as the crypto API wants the nonce
 * @size:	bytes of the source
 * @have:	of these, what was read
 * @at:		bytes of @out that were written out
 * @end:	how many there are to be
 * @done:	it was encrypted or decrypted
 * @data_len:	bytes at @data
 * @data:	the associated data
 * @message:	room for what else there is
 * @in:		where in it the source goes
 * @out:	where in it is what is to be written out
 * @req:	a struct aead_request, and what the algorithm has behind it
 * @sg:		room for the pages of @data and a text
 */
struct axe_aead {
	u8 iv[16] __aligned(AXE_CRYPT_ALIGN);
	size_t size;
	size_t have;
	size_t at;
	size_t end;
	bool done;
	size_t data_len;
	u8 *data;
	u8 *message;
	u8 *in;
	u8 *out;
	struct aead_request *req;
	struct scatterlist *sg;
};

size_t axe_aead_room(const struct axe_key *key, size_t data_len, size_t message_len);
void axe_aead_layout(struct axe_exec *x, size_t data_len, size_t message_len);
bool axe_aead_read(struct axe_exec *x);
int axe_aead_crypt(struct axe_exec *x, u8 *text, size_t len, bool opens);
int axe_aead_write(struct axe_exec *x);

#endif
