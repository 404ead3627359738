/* SPDX-License-Identifier: GPL-2.0 */
#ifndef AXE_SHIM_CRYPTO_UTILS_H
#define AXE_SHIM_CRYPTO_UTILS_H

#include <openssl/crypto.h>

#define crypto_memneq(a, b, size)	CRYPTO_memcmp(a, b, size)

#endif
