/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's X25519, over OpenSSL. See shim/crypto/curves.c. */
#ifndef AXE_SHIM_CRYPTO_CURVE25519_H
#define AXE_SHIM_CRYPTO_CURVE25519_H

#include <linux/types.h>

bool curve25519(u8 out[32], const u8 secret[32], const u8 point[32]);
bool curve25519_generate_public(u8 out[32], const u8 secret[32]);

static inline void curve25519_clamp_secret(u8 secret[32])
{
	secret[0] &= 248;
	secret[31] = (secret[31] & 127) | 64;
}

#endif
