/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's ECDSA, over OpenSSL. See shim/crypto/curves.c. */
#ifndef AXE_SHIM_CRYPTO_SIG_H
#define AXE_SHIM_CRYPTO_SIG_H

#include <linux/types.h>

struct crypto_sig;

struct crypto_sig *crypto_alloc_sig(const char *name, u32 type, u32 mask);
void crypto_free_sig(struct crypto_sig *tfm);
int crypto_sig_set_pubkey(struct crypto_sig *tfm, const void *key, unsigned int len);
int crypto_sig_verify(struct crypto_sig *tfm, const void *src, unsigned int slen,
		      const void *digest, unsigned int dlen);

/* Of any kind. */
static inline int crypto_has_alg(const char *name, u32 type, u32 mask)
{
	return 1;
}

#endif
