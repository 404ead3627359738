// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Bytes that only their owner may see. */

#include <string.h>

#include "secret.h"

static const uint8_t secret[8] = { 0xc7, 0x31, 0x9a, 0x5e, 0x8d, 0x02, 0xf4, 0x6b };

void secret_fill(uint8_t *p, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		p[i] = secret[i % sizeof(secret)];
}

bool secret_is(const uint8_t *p, size_t length)
{
	if (length <= sizeof(secret))
		return !memcmp(p, secret, length);
	return !memcmp(p, secret, sizeof(secret)) &&
	       !memcmp(p, p + sizeof(secret), length - sizeof(secret));
}

bool secret_in(const uint8_t *p, size_t length)
{
	return memmem(p, length, secret, sizeof(secret));
}
