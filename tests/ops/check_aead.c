// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Authenticated encryption, against OpenSSL's. */

#include <openssl/evp.h>

#include "ops.h"

struct scheme {
	enum axe_key_algorithm algorithm;
	size_t key_len;
	int nonce_len;
	int tag;
	const EVP_CIPHER *(*how)(void);
};

static const struct scheme schemes[] = {
	{ AXE_KEY_AES_GCM, 16, 12, 16, EVP_aes_128_gcm },
	{ AXE_KEY_AES_CCM, 16, 12, 8, EVP_aes_128_ccm },
	{ AXE_KEY_CHACHA20_POLY1305, 32, 12, 16, EVP_chacha20_poly1305 },
	{ AXE_KEY_AES_GCM, 32, 12, 12, EVP_aes_256_gcm },
	{ AXE_KEY_AES_CCM, 32, 8, 16, EVP_aes_256_ccm },
	{ AXE_KEY_AES_GCM, 24, 12, 15, EVP_aes_192_gcm },
	{ AXE_KEY_AES_CCM, 24, 11, 10, EVP_aes_192_ccm },
};

/**
 * struct message - a message and how it is sealed
 * @data_len:	of the associated data
 * @length:	of the plain text
 */
struct message {
	const struct scheme *scheme;
	uint8_t key[32];
	uint8_t nonce[16];
	const uint8_t *data;
	size_t data_len;
	size_t length;
};

static void openssl_seal(const struct message *m, const uint8_t *from, uint8_t *to)
{
	bool ccm = m->scheme->algorithm == AXE_KEY_AES_CCM;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t none[1] = {};
	int n, ok;

	demand(ctx, "no memory");
	ok = EVP_EncryptInit_ex(ctx, m->scheme->how(), NULL, NULL, NULL) &&
	     EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, m->scheme->nonce_len, NULL) &&
	     (!ccm || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, m->scheme->tag, NULL)) &&
	     EVP_EncryptInit_ex(ctx, NULL, NULL, m->key, m->nonce);
	demand(ok, "init");
	if (ccm)
		demand(EVP_EncryptUpdate(ctx, NULL, &n, NULL, m->length), "length");
	if (m->data_len)
		demand(EVP_EncryptUpdate(ctx, NULL, &n, m->data, m->data_len), "data");
	if (m->length || ccm)
		demand(EVP_EncryptUpdate(ctx, to, &n, m->length ? from : none, m->length), "text");
	demand(EVP_EncryptFinal_ex(ctx, to + m->length, &n), "final");
	demand(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, m->scheme->tag, to + m->length),
	       "tag");
	EVP_CIPHER_CTX_free(ctx);
}

static struct axedv_key *make_message(const struct operands *o, struct message *m)
{
	struct axedv_key *key;

	m->scheme = &schemes[o->seed % ARRAY_SIZE(schemes)];
	m->length = o->length;
	m->data = aux_p(o);
	m->data_len = o->length > 65536 ? 65536 : o->seed % 3 ? o->length : o->seed % 40;
	fill_noise(m->key, sizeof(m->key), o->seed + 1);
	fill_noise(m->nonce, sizeof(m->nonce), o->seed + 2);
	fill_noise(aux_p(o), m->data_len, o->seed + 3);
	key = axedv_create_aead_key(rig.pd, m->scheme->algorithm,
				    AXE_KEY_ENCRYPT | AXE_KEY_DECRYPT, m->key,
				    m->scheme->key_len, m->scheme->tag);
	demand(key, "key of algorithm %d: errno %d", m->scheme->algorithm, errno);
	return key;
}

static void check_seal(const struct operands *o)
{
	struct ibv_sge src = src_part(o, o->length), dst, data;
	struct axedv_key *key;
	struct message m;
	struct wc wc;
	size_t all;

	key = make_message(o, &m);
	all = o->length + m.scheme->tag;
	dst = dst_part(o, all);
	data = aux_part(o, m.data_len);
	fill_noise(src_p(o), o->length, o->seed + 4);
	edges_set(dst_p(o), all);
	wc = run(&rig, seal, &dst, &src, &data, key, m.nonce, m.scheme->nonce_len);
	assert_done(wc);
	assert_int_equal(wc.byte_len, all);
	edges_check(dst_p(o), all, "seal");
	openssl_seal(&m, src_p(o), scratch);
	demand(!memcmp(dst_p(o), scratch, all), "algorithm %d, %zu bytes",
	       m.scheme->algorithm, o->length);
	assert_int_equal(axedv_destroy_key(key), 0);
}

static void check_open(const struct operands *o)
{
	struct ibv_sge src, dst = dst_part(o, o->length), data;
	struct axedv_key *key;
	struct message m;
	struct wc wc;
	size_t all;

	key = make_message(o, &m);
	all = o->length + m.scheme->tag;
	src = src_part(o, all);
	data = aux_part(o, m.data_len);
	fill_noise(scratch, o->length, o->seed + 4);
	openssl_seal(&m, scratch, src_p(o));
	edges_set(dst_p(o), o->length);
	wc = run(&rig, open, &dst, &src, &data, key, m.nonce, m.scheme->nonce_len);
	assert_done(wc);
	assert_int_equal(wc.byte_len, o->length);
	edges_check(dst_p(o), o->length, "open");
	demand(!memcmp(dst_p(o), scratch, o->length), "algorithm %d, %zu bytes",
	       m.scheme->algorithm, o->length);

	/* A bit that is not as it was: nothing comes out. */
	src_p(o)[o->seed % all] ^= 1 << o->seed % 8;
	memset(dst_p(o), 0x5a, o->length);
	wc = run(&rig, open, &dst, &src, &data, key, m.nonce, m.scheme->nonce_len);
	assert_code(wc, AXE_ERR_AUTH);
	assert_int_equal(wc.byte_len, 0);
	memset(scratch, 0x5a, o->length);
	demand(!memcmp(dst_p(o), scratch, o->length), "what is not genuine was written");
	assert_int_equal(axedv_destroy_key(key), 0);
}

static const struct op_check aead[] = {
	{ AXE_OP_SEAL, check_seal, .longest = AXE_MAX_AEAD },
	{ AXE_OP_OPEN, check_open, .longest = AXE_MAX_AEAD },
};
OP_CHECKS(aead, aead);
