/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Packets of IPsec ESP that are not the device's. */
#ifndef AXE_OPS_ESP_H
#define AXE_OPS_ESP_H

#include <openssl/evp.h>

#include <infiniband/axedv.h>

#define NUM_ESP	4

struct esp_scheme {
	enum axe_key_algorithm algorithm;
	size_t key_len;
	int icv;
	const EVP_CIPHER *(*how)(void);
};

extern const struct esp_scheme esp_schemes[NUM_ESP];

/**
 * struct esp_packet - a packet, but for its payload
 * @key:	with the salt behind it
 * @more_pad:	more padding than there has to be, a multiple of 4
 * @bad_pad:	and its first byte is wrong
 */
struct esp_packet {
	const struct esp_scheme *s;
	uint8_t key[36];
	uint8_t iv[8];
	uint32_t spi;
	uint32_t flags;
	uint64_t seq;
	uint8_t next_header;
	unsigned int more_pad;
	bool bad_pad;
};

/* One of the schemes, and a key object for it. */
struct axedv_key *esp_key(struct esp_packet *e, uint32_t seed);
/* Returns how long it is. */
size_t esp_make(const struct esp_packet *e, const void *payload, size_t length, uint8_t *packet);

#endif
