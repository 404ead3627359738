/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Public keys: RSA, ECDSA, ECDH and X25519, as the kernel has them. All of these sleep and
 * allocate: not to be called with pages held.
 */
#ifndef AXE_PUBKEY_H
#define AXE_PUBKEY_H

#include "key.h"

/* rsa.c */
int axe_rsa_init(struct axe_key *key, const u8 *bytes, size_t len);
enum axe_code axe_rsa_public(const struct axe_key *key, const u8 *in, u8 *out);
enum axe_code axe_rsa_private(const struct axe_key *key, const u8 *in, u8 *out, u8 *scratch);

/* curve.c */
bool axe_curve_has(const struct axe_key_alg *alg);
int axe_ecdsa_init(struct axe_key *key, const u8 *bytes, size_t len);
enum axe_code axe_ecdsa_verify(const struct axe_key *key, const u8 *digest, size_t len,
			       const u8 *signature, size_t signature_len);
int axe_ecdh_init(struct axe_key *key, const u8 *bytes, size_t len);
int axe_x25519_init(struct axe_key *key, const u8 *bytes, size_t len);
enum axe_code axe_curve_agree(const struct axe_key *key, const u8 *peer, u8 *out);
enum axe_code axe_curve_public(const struct axe_key *key, u8 *out);

#endif
