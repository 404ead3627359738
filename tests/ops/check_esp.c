// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Packets of IPsec ESP, put together here with OpenSSL's ciphers. */

#include <openssl/evp.h>

#include "esp.h"
#include "ops.h"

const struct esp_scheme esp_schemes[NUM_ESP] = {
	{ AXE_KEY_ESP_AES_GCM_16, 16, 16, EVP_aes_128_gcm },
	{ AXE_KEY_ESP_CHACHA20_POLY1305, 32, 16, EVP_chacha20_poly1305 },
	{ AXE_KEY_ESP_AES_GCM_12, 24, 12, EVP_aes_192_gcm },
	{ AXE_KEY_ESP_AES_GCM_8, 32, 8, EVP_aes_256_gcm },
};

static void put(uint8_t *p, uint64_t v, unsigned int bytes)
{
	while (bytes--) {
		p[bytes] = v;
		v >>= 8;
	}
}

/* RFC 4106: the nonce, and what is authenticated and not encrypted. */
static void openssl_crypt(const struct esp_packet *e, uint8_t *packet, size_t len)
{
	uint8_t nonce[12], data[12], *text = packet + 16;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n, data_len = e->flags & AXE_ESP_ESN ? 12 : 8;

	memcpy(nonce, e->key + e->s->key_len, 4);
	memcpy(nonce + 4, packet + 8, 8);
	put(data, e->spi, 4);
	put(data + 4, e->seq, data_len - 4);
	demand(ctx, "no memory");
	demand(EVP_EncryptInit_ex(ctx, e->s->how(), NULL, e->key, nonce), "init");
	demand(EVP_EncryptUpdate(ctx, NULL, &n, data, data_len), "data");
	demand(EVP_EncryptUpdate(ctx, text, &n, text, len), "text");
	demand(EVP_EncryptFinal_ex(ctx, text + n, &n), "final");
	demand(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, e->s->icv, text + len), "tag");
	EVP_CIPHER_CTX_free(ctx);
}

size_t esp_make(const struct esp_packet *e, const void *payload, size_t length, uint8_t *packet)
{
	size_t pad = -(length + 2) & 3, i;
	uint8_t *text = packet + 16;

	put(packet, e->spi, 4);
	put(packet + 4, e->seq, 4);
	memcpy(packet + 8, e->iv, 8);
	memcpy(text, payload, length);
	for (i = 0; i < pad + e->more_pad; i++)
		text[length + i] = i + 1;
	text[length + i] = i;
	text[length + i + 1] = e->next_header;
	if (e->bad_pad)
		text[length] ^= 0x80;
	openssl_crypt(e, packet, length + i + 2);
	return 16 + length + i + 2 + e->s->icv;
}

struct axedv_key *esp_key(struct esp_packet *e, uint32_t seed)
{
	struct axedv_key *key;

	memset(e, 0, sizeof(*e));
	e->s = &esp_schemes[seed % NUM_ESP];
	fill_noise(e->key, sizeof(e->key), seed + 1);
	fill_noise(e->iv, sizeof(e->iv), seed + 2);
	e->spi = 0x1000 + seed;
	e->flags = seed & 1 ? AXE_ESP_ESN : 0;
	e->seq = e->flags ? 0x500000000 + seed : seed;
	e->next_header = seed & 2 ? 4 : 41;
	key = axedv_create_key(rig.pd, e->s->algorithm, AXE_KEY_ENCRYPT | AXE_KEY_DECRYPT, e->key,
			       e->s->key_len + 4);
	demand(key, "key of algorithm %d: errno %d", e->s->algorithm, errno);
	return key;
}

#define MOST	(AXE_MAX_ESP - 34)

static void check_esp_seal(const struct operands *o)
{
	size_t length = o->length < MOST ? o->length : MOST, all;
	struct ibv_sge src = src_part(o, length), dst;
	struct axedv_key *key;
	struct esp_packet e;
	struct wc wc;

	key = esp_key(&e, o->seed);
	fill_noise(src_p(o), length, o->seed + 3);
	all = esp_make(&e, src_p(o), length, scratch);
	dst = dst_part(o, all);
	edges_set(dst_p(o), all);
	wc = run(&rig, esp_seal, &dst, &src, key, e.spi, e.seq, e.iv, e.next_header, e.flags);
	assert_done(wc);
	assert_int_equal(wc.byte_len, all);
	edges_check(dst_p(o), all, "esp_seal");
	demand(!memcmp(dst_p(o), scratch, all), "algorithm %d, %zu bytes", e.s->algorithm, length);
	assert_int_equal(axedv_destroy_key(key), 0);
}

static void check_esp_open(const struct operands *o)
{
	size_t length = o->length < MOST ? o->length : MOST, all;
	struct ibv_sge src, dst = dst_part(o, length);
	struct axedv_key *key;
	struct esp_packet e;
	struct wc wc;

	key = esp_key(&e, o->seed);
	fill_noise(scratch, length, o->seed + 3);
	all = esp_make(&e, scratch, length, src_p(o));
	src = src_part(o, all);
	edges_set(dst_p(o), length);
	wc = run(&rig, esp_open, &dst, &src, key, e.spi, e.seq >> 32,
		 e.flags | AXE_ESP_CHECK_SPI);
	assert_done(wc);
	assert_int_equal(wc.byte_len, length);
	assert_int_equal(wc.result[0], e.next_header);
	assert_int_equal(wc.result[1], (uint64_t)e.spi << 32 | (uint32_t)e.seq);
	edges_check(dst_p(o), length, "esp_open");
	demand(!memcmp(dst_p(o), scratch, length), "algorithm %d, %zu bytes", e.s->algorithm,
	       length);

	/* A bit that is not as it was, behind the SPI: nothing comes out. */
	src_p(o)[4 + o->seed % (all - 4)] ^= 1 << o->seed % 8;
	memset(dst_p(o), 0x5a, length);
	wc = run(&rig, esp_open, &dst, &src, key, e.spi, e.seq >> 32,
		 e.flags | AXE_ESP_CHECK_SPI);
	assert_code(wc, AXE_ERR_AUTH);
	assert_int_equal(wc.byte_len, 0);
	memset(scratch, 0x5a, length);
	demand(!memcmp(dst_p(o), scratch, length), "what is not genuine was written");
	assert_int_equal(axedv_destroy_key(key), 0);
}

static const struct op_check esp[] = {
	{ AXE_OP_ESP_SEAL, check_esp_seal, .longest = MIB },
	{ AXE_OP_ESP_OPEN, check_esp_open, .longest = MIB },
};
OP_CHECKS(esp, esp);
