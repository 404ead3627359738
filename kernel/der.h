/* SPDX-License-Identifier: GPL-2.0 */
/* DER (ITU-T X.690), as far as keys and signatures are made of it. */
#ifndef AXE_DER_H
#define AXE_DER_H

#include <linux/types.h>

/**
 * struct axe_der - some bytes
 * @p:		they belong to somebody else
 * @len:	how many
 */
struct axe_der {
	const u8 *p;
	size_t len;
};

/**
 * struct axe_der_rsa - where things are in an RSA key
 * @key:	the RSAPublicKey or RSAPrivateKey of RFC 8017, appendix A.1
 * @n:		the modulus, without leading zeros
 * @secret:	it is a private key
 */
struct axe_der_rsa {
	struct axe_der key;
	struct axe_der n;
	bool secret;
};

/* Curves. */
enum axe_der_curve {
	AXE_DER_P256,
	AXE_DER_P384,
	AXE_DER_X25519,
};

/* The longest coordinate, or scalar, of a curve, and point. */
#define AXE_DER_SCALAR_MAX	48
#define AXE_DER_POINT_MAX	(1 + 2 * AXE_DER_SCALAR_MAX)

/* Moduli and exponents of RSA, in bytes. */
#define AXE_DER_RSA_MIN		256
#define AXE_DER_RSA_MAX		512
#define AXE_DER_EXPONENT_MAX	8

size_t axe_der_scalar_size(enum axe_der_curve curve);
size_t axe_der_point_size(enum axe_der_curve curve);
int axe_der_rsa(const u8 *bytes, size_t len, struct axe_der_rsa *rsa);
int axe_der_point(const u8 *bytes, size_t len, enum axe_der_curve curve, struct axe_der *point);
int axe_der_scalar(const u8 *bytes, size_t len, enum axe_der_curve curve, struct axe_der *scalar);
bool axe_der_is_signature(const u8 *bytes, size_t len, enum axe_der_curve curve);

#endif
