// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <openssl/evp.h>

#include "ciphers.h"

#define XTS_UNIT	4096

static const EVP_CIPHER *openssl_cipher(enum axe_key_algorithm algorithm)
{
	switch (algorithm) {
	case AXE_KEY_AES_CBC:
		return EVP_aes_256_cbc();
	case AXE_KEY_AES_CTR:
		return EVP_aes_256_ctr();
	default:
		return EVP_aes_128_xts();
	}
}

static void openssl_run(const struct cipher_job *j, uint8_t *data)
{
	size_t unit = j->algorithm == AXE_KEY_AES_XTS ? XTS_UNIT : j->length, at;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t iv[16];
	int n, i;

	demand(ctx, "no memory");
	memcpy(iv, j->iv, 16);
	for (at = 0; at < j->length; at += unit) {
		demand(EVP_CipherInit_ex(ctx, openssl_cipher(j->algorithm), NULL, j->bytes, iv,
					 j->encrypt) == 1, "init");
		EVP_CIPHER_CTX_set_padding(ctx, 0);
		demand(EVP_CipherUpdate(ctx, data + at, &n, data + at, unit) == 1 &&
		       n == (int)unit, "update");
		for (i = 0; i < 16 && !++iv[i]; i++)
			;
	}
	EVP_CIPHER_CTX_free(ctx);
}

void cipher_make(struct cipher_job *j, struct rig *r, enum axe_key_algorithm algorithm,
		 bool encrypt, size_t length, uint32_t seed)
{
	*j = (struct cipher_job) { .algorithm = algorithm, .encrypt = encrypt, .length = length };
	fill_noise(j->bytes, sizeof(j->bytes), seed + 1);
	fill_noise(j->iv, sizeof(j->iv), seed + 2);
	/* The counter goes from one byte to the next, and the number of the unit. */
	j->iv[0] = 0xff;
	j->iv[14] = 0xfe;
	j->iv[15] = 0xf0;
	j->data = malloc(length);
	j->expected = malloc(length);
	demand(j->data && j->expected, "no memory");
	j->key = axedv_create_key(r->pd, algorithm, AXE_KEY_ENCRYPT | AXE_KEY_DECRYPT, j->bytes,
				  sizeof(j->bytes));
	demand(j->key, "no key: errno %d", errno);
	cipher_fill(j, seed);
}

void cipher_free(struct cipher_job *j)
{
	demand(!axedv_destroy_key(j->key), "axedv_destroy_key");
	free(j->data);
	free(j->expected);
}

void cipher_fill(struct cipher_job *j, uint32_t seed)
{
	fill_noise(j->data, j->length, seed + 3);
	memcpy(j->expected, j->data, j->length);
	openssl_run(j, j->expected);
}

static void build(struct rig *r, const struct cipher_job *j)
{
	struct ibv_sge buf = here(r, j->data, j->length);
	uint32_t unit = j->algorithm == AXE_KEY_AES_XTS ? XTS_UNIT : 0;

	if (j->encrypt)
		axedv_wr_encrypt(r->qx, &buf, &buf, j->key, j->iv, unit);
	else
		axedv_wr_decrypt(r->qx, &buf, &buf, j->key, j->iv, unit);
}

void cipher_post(struct rig *r, const struct cipher_job *j, uint64_t wr_id)
{
	rig_begin(r, wr_id, IBV_SEND_SIGNALED);
	build(r, j);
	rig_end(r);
}

struct wc cipher_run(struct rig *r, const struct cipher_job *j)
{
	cipher_post(r, j, ++r->next_id);
	return rig_wait_for(r, r->next_id);
}

bool cipher_is_right(const struct cipher_job *j)
{
	return !memcmp(j->data, j->expected, j->length);
}

unsigned int engine_index(struct rig *r, const char *name)
{
	struct axe_engine_info engines[32];
	int n = axedv_query_engines(r->ctx, engines, 32), i;

	for (i = 0; i < n; i++) {
		if (!strcmp(engines[i].name, name))
			return engines[i].index;
	}
	return 0;
}

struct axe_engine_status engine_status(struct rig *r, unsigned int index)
{
	struct axe_engine_status status[32];
	int n = axedv_query_engine_status(r->ctx, status, 32), i;

	for (i = 0; i < n; i++) {
		if (status[i].index == index)
			return status[i];
	}
	demand(false, "there is no engine %u", index);
	return status[0];
}
