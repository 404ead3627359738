/* SPDX-License-Identifier: GPL-2.0 */
/* The padding of RSA signatures, EMSA-PKCS1-v1_5 (RFC 8017, 9.2). */
#ifndef AXE_OPS_PKCS1_H
#define AXE_OPS_PKCS1_H

#include "../ops.h"

bool axe_pkcs1_knows(unsigned int hash);
void axe_pkcs1_encode(unsigned int hash, const u8 *digest, size_t len, u8 *out, size_t size);

#endif
