// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The ciphers, against OpenSSL's. */

#include <openssl/evp.h>

#include "ops.h"

struct mode {
	enum axe_key_algorithm algorithm;
	size_t key_len;
	size_t multiple;
	uint32_t unit;
	const EVP_CIPHER *(*how)(void);
};

static const struct mode modes[] = {
	{ AXE_KEY_AES_CBC, 16, 16, 0, EVP_aes_128_cbc },
	{ AXE_KEY_AES_CTR, 32, 1, 0, EVP_aes_256_ctr },
	{ AXE_KEY_AES_XTS, 64, 512, 512, EVP_aes_256_xts },
	{ AXE_KEY_AES_CBC, 32, 16, 0, EVP_aes_256_cbc },
	{ AXE_KEY_AES_CTR, 24, 1, 0, EVP_aes_192_ctr },
	{ AXE_KEY_AES_XTS, 32, 4096, 4096, EVP_aes_128_xts },
	{ AXE_KEY_AES_CBC, 24, 16, 0, EVP_aes_192_cbc },
	{ AXE_KEY_AES_XTS, 32, 48, 48, EVP_aes_128_xts },
	{ AXE_KEY_SM4_CBC, 16, 16, 0, EVP_sm4_cbc },
	{ AXE_KEY_SM4_CTR, 16, 1, 0, EVP_sm4_ctr },
};

static void openssl_encrypt(const struct mode *m, const uint8_t *key, const uint8_t *iv,
			    const uint8_t *from, uint8_t *to, size_t length)
{
	size_t unit = m->unit ? m->unit : length, at;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t number[16];
	int n, i;

	demand(ctx, "no memory");
	memcpy(number, iv, 16);
	for (at = 0; at < length; at += unit) {
		demand(EVP_EncryptInit_ex(ctx, m->how(), NULL, key, number) == 1, "init");
		EVP_CIPHER_CTX_set_padding(ctx, 0);
		demand(EVP_EncryptUpdate(ctx, to + at, &n, from + at, unit) == 1 &&
		       n == (int)unit, "update");
		for (i = 0; i < 16 && !++number[i]; i++)
			;
	}
	EVP_CIPHER_CTX_free(ctx);
}

/*
 * NULL: this kernel has no such algorithm. It is asked but once: each time it looks for a
 * module, which takes longer than all else here.
 */
static struct axedv_key *make_key(const struct mode *m, const uint8_t *bytes)
{
	static uint32_t missing;
	struct axedv_key *key;

	if (missing & 1U << m->algorithm)
		return NULL;
	key = axedv_create_key(rig.pd, m->algorithm, AXE_KEY_ENCRYPT | AXE_KEY_DECRYPT, bytes,
			       m->key_len);
	if (!key)
		missing |= 1U << m->algorithm;
	demand(key || (m->algorithm >= AXE_KEY_SM4_CBC && errno == EOPNOTSUPP),
	       "key of algorithm %d: errno %d", m->algorithm, errno);
	return key;
}

static void check_mode(const struct operands *o, const struct mode *m, bool encrypt)
{
	size_t length = o->length / m->multiple * m->multiple;
	struct ibv_sge src = src_part(o, length), dst = dst_part(o, length);
	uint8_t bytes[64], iv[16];
	struct axedv_key *key;
	struct wc wc;

	fill_noise(bytes, sizeof(bytes), o->seed + 1);
	fill_noise(iv, sizeof(iv), o->seed + 2);
	/* Numbers go from one byte to the next. */
	iv[0] = 0xfe;
	iv[15] = 0xfd;
	key = make_key(m, bytes);
	if (!key)
		return;
	fill_noise(scratch, length, o->seed + 3);
	if (encrypt)
		memcpy(src_p(o), scratch, length);
	else
		openssl_encrypt(m, bytes, iv, scratch, src_p(o), length);
	edges_set(dst_p(o), length);
	if (encrypt)
		wc = run(&rig, encrypt, &dst, &src, key, iv, m->unit);
	else
		wc = run(&rig, decrypt, &dst, &src, key, iv, m->unit);
	assert_done(wc);
	assert_int_equal(wc.byte_len, length);
	edges_check(dst_p(o), length, "cipher");
	if (encrypt)
		openssl_encrypt(m, bytes, iv, src_p(o), scratch, length);
	demand(!memcmp(dst_p(o), scratch, length), "algorithm %d, %zu bytes, %s", m->algorithm,
	       length, encrypt ? "encrypted" : "decrypted");
	assert_int_equal(axedv_destroy_key(key), 0);
}

static void check_modes(const struct operands *o, bool encrypt)
{
	size_t i;

	/* In turns: all of them take their time. */
	for (i = 0; i < ARRAY_SIZE(modes); i++)
		if (o->length > 8192 ? o->seed % 3 == i : (o->seed + i) % 4 == 0)
			check_mode(o, &modes[i], encrypt);
}

static void check_encrypt(const struct operands *o)
{
	check_modes(o, true);
}

static void check_decrypt(const struct operands *o)
{
	check_modes(o, false);
}

static const struct op_check cipher[] = {
	{ AXE_OP_ENCRYPT, check_encrypt, .longest = 4 * MIB },
	{ AXE_OP_DECRYPT, check_decrypt, .longest = 4 * MIB },
};
OP_CHECKS(cipher, cipher);
