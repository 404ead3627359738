/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_SHIM_CRYPTO_ECDH_H
#define AXE_SHIM_CRYPTO_ECDH_H

#include <linux/string.h>

struct ecdh {
	char *key;
	unsigned short key_size;
};

static inline unsigned int crypto_ecdh_key_len(const struct ecdh *params)
{
	return params->key_size;
}

static inline int crypto_ecdh_encode_key(char *buf, unsigned int len, const struct ecdh *params)
{
	memcpy(buf, params->key, len);
	return 0;
}

#endif
