// SPDX-License-Identifier: GPL-2.0
/*
 * Keys and signatures in DER, taken apart. Anybody may have written the bytes.
 *
 * Strict: lengths and numbers are as short as can be, nothing is left over, and what is
 * not known is wrong. So every key has one encoding in each of its forms, and nothing
 * gets through here that the kernel's parsers, which take more, would see otherwise.
 */
#include <linux/errno.h>
#include <linux/string.h>

#include "der.h"

enum axe_der_tag {
	AXE_DER_INTEGER		= 0x02,
	AXE_DER_BIT_STRING	= 0x03,
	AXE_DER_OCTET_STRING	= 0x04,
	AXE_DER_NULL		= 0x05,
	AXE_DER_OID		= 0x06,
	AXE_DER_SEQUENCE	= 0x30,
	AXE_DER_CONTEXT_0	= 0xa0,	/* constructed */
	AXE_DER_CONTEXT_1	= 0xa1,
	AXE_DER_PRIMITIVE_1	= 0x81,
};

static const u8 axe_oid_rsa[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01 };
static const u8 axe_oid_ec[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };
static const u8 axe_oid_p256[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
static const u8 axe_oid_p384[] = { 0x2b, 0x81, 0x04, 0x00, 0x22 };
static const u8 axe_oid_x25519[] = { 0x2b, 0x65, 0x6e };

static const struct axe_der_curve_info {
	u8 scalar;
	u8 point;
	struct axe_der oid;
} axe_der_curves[] = {
	[AXE_DER_P256] = { 32, 65, { axe_oid_p256, sizeof(axe_oid_p256) } },
	[AXE_DER_P384] = { 48, 97, { axe_oid_p384, sizeof(axe_oid_p384) } },
	[AXE_DER_X25519] = { 32, 32, { axe_oid_x25519, sizeof(axe_oid_x25519) } },
};

/**
 * axe_der_scalar_size - how long the private keys of a curve are
 * @curve: the curve
 */
size_t axe_der_scalar_size(enum axe_der_curve curve)
{
	return axe_der_curves[curve].scalar;
}

/**
 * axe_der_point_size - how long its public keys are
 * @curve: the curve
 */
size_t axe_der_point_size(enum axe_der_curve curve)
{
	return axe_der_curves[curve].point;
}

static bool axe_der_eats(struct axe_der *der, size_t n, struct axe_der *what)
{
	if (n > der->len)
		return false;
	what->p = der->p;
	what->len = n;
	der->p += n;
	der->len -= n;
	return true;
}

/* X.690, 8.1.3 and 10.1: in as few bytes as can be, here at most three. */
static bool axe_der_length(struct axe_der *der, size_t *len)
{
	struct axe_der b;

	if (!axe_der_eats(der, 1, &b))
		return false;
	*len = b.p[0];
	switch (b.p[0]) {
	case 0 ... 0x7f:
		return true;
	case 0x81:
		if (!axe_der_eats(der, 1, &b))
			return false;
		*len = b.p[0];
		return *len > 0x7f;
	case 0x82:
		if (!axe_der_eats(der, 2, &b))
			return false;
		*len = b.p[0] << 8 | b.p[1];
		return *len > 0xff;
	default:
		return false;
	}
}

static bool axe_der_next_is(const struct axe_der *der, u8 tag)
{
	return der->len && der->p[0] == tag;
}

/* Take the element that is next if it has this tag; @body is what is in it. */
static bool axe_der_take(struct axe_der *der, u8 tag, struct axe_der *body)
{
	struct axe_der b;
	size_t len;

	return axe_der_next_is(der, tag) && axe_der_eats(der, 1, &b) &&
	       axe_der_length(der, &len) && axe_der_eats(der, len, body);
}

/* The bytes are one element with this tag. */
static bool axe_der_only(const u8 *bytes, size_t len, u8 tag, struct axe_der *body)
{
	struct axe_der der = { bytes, len };

	return axe_der_take(&der, tag, body) && !der.len;
}

/* An INTEGER that is greater than 0; @num without the zero that keeps it positive. */
static bool axe_der_number(struct axe_der *der, struct axe_der *num)
{
	if (!axe_der_take(der, AXE_DER_INTEGER, num) || !num->len)
		return false;
	if (num->p[0] & 0x80)
		return false;
	if (num->p[0])
		return true;
	num->p++;
	num->len--;
	return num->len && num->p[0] & 0x80;
}

/* An INTEGER that is one of a version's small numbers. */
static bool axe_der_version(struct axe_der *der, u8 from, u8 to)
{
	struct axe_der num;

	return axe_der_take(der, AXE_DER_INTEGER, &num) && num.len == 1 &&
	       num.p[0] >= from && num.p[0] <= to;
}

static bool axe_der_is_oid(struct axe_der *der, const struct axe_der *oid)
{
	struct axe_der got;

	return axe_der_take(der, AXE_DER_OID, &got) && got.len == oid->len &&
	       !memcmp(got.p, oid->p, oid->len);
}

/* A BIT STRING of whole bytes. */
static bool axe_der_bits(struct axe_der *der, u8 tag, struct axe_der *bytes)
{
	struct axe_der unused;

	return axe_der_take(der, tag, bytes) && axe_der_eats(bytes, 1, &unused) &&
	       !unused.p[0];
}

/* The AlgorithmIdentifier of RSA keys (RFC 8017, A.1): parameters are NULL. */
static bool axe_der_is_rsa(struct axe_der *der)
{
	static const struct axe_der oid = { axe_oid_rsa, sizeof(axe_oid_rsa) };
	struct axe_der alg, null;

	return axe_der_take(der, AXE_DER_SEQUENCE, &alg) && axe_der_is_oid(&alg, &oid) &&
	       axe_der_take(&alg, AXE_DER_NULL, &null) && !null.len && !alg.len;
}

/* That of a curve: RFC 5480, 2.1.1 (named curves only); RFC 8410, 3 (no parameters). */
static bool axe_der_is_curve(struct axe_der *der, enum axe_der_curve curve)
{
	static const struct axe_der ec = { axe_oid_ec, sizeof(axe_oid_ec) };
	struct axe_der alg;

	if (!axe_der_take(der, AXE_DER_SEQUENCE, &alg))
		return false;
	if (curve != AXE_DER_X25519 && !axe_der_is_oid(&alg, &ec))
		return false;
	return axe_der_is_oid(&alg, &axe_der_curves[curve].oid) && !alg.len;
}

/* What follows the private key: RFC 5958, 2: attributes, and with version 1 the public key. */
static bool axe_der_is_pkcs8_end(struct axe_der *der)
{
	struct axe_der skip;

	if (axe_der_next_is(der, AXE_DER_CONTEXT_0) &&
	    !axe_der_take(der, AXE_DER_CONTEXT_0, &skip))
		return false;
	if (axe_der_next_is(der, AXE_DER_PRIMITIVE_1) &&
	    !axe_der_bits(der, AXE_DER_PRIMITIVE_1, &skip))
		return false;
	return !der->len;
}

/* RSAPublicKey, and the beginning of RSAPrivateKey: the modulus and the public exponent. */
static bool axe_der_rsa_numbers(struct axe_der *der, struct axe_der_rsa *rsa)
{
	struct axe_der *n = &rsa->n, e;

	if (!axe_der_number(der, n) || !axe_der_number(der, &e))
		return false;
	/* 2048 to 4096 bits, of which the first is set. */
	if (n->len < AXE_DER_RSA_MIN || n->len > AXE_DER_RSA_MAX || !(n->p[0] & 0x80))
		return false;
	if (!(n->p[n->len - 1] & 1))
		return false;
	return e.len <= AXE_DER_EXPONENT_MAX && e.p[e.len - 1] & 1 &&
	       !(e.len == 1 && e.p[0] == 1);
}

static bool axe_der_rsa_public(const u8 *bytes, size_t len, struct axe_der_rsa *rsa)
{
	struct axe_der der;

	rsa->key.p = bytes;
	rsa->key.len = len;
	rsa->secret = false;
	return axe_der_only(bytes, len, AXE_DER_SEQUENCE, &der) &&
	       axe_der_rsa_numbers(&der, rsa) && !der.len;
}

/* With two primes: version 0. */
static bool axe_der_rsa_private(const u8 *bytes, size_t len, struct axe_der_rsa *rsa)
{
	struct axe_der der, num;
	int i;

	rsa->key.p = bytes;
	rsa->key.len = len;
	rsa->secret = true;
	if (!axe_der_only(bytes, len, AXE_DER_SEQUENCE, &der) ||
	    !axe_der_version(&der, 0, 0) || !axe_der_rsa_numbers(&der, rsa))
		return false;
	/* Exponent, primes, their exponents, coefficient. */
	for (i = 0; i < 6; i++)
		if (!axe_der_number(&der, &num) || num.len > rsa->n.len)
			return false;
	return !der.len;
}

/* RFC 5280, 4.1: SubjectPublicKeyInfo. */
static bool axe_der_rsa_spki(const u8 *bytes, size_t len, struct axe_der_rsa *rsa)
{
	struct axe_der der, key;

	return axe_der_only(bytes, len, AXE_DER_SEQUENCE, &der) && axe_der_is_rsa(&der) &&
	       axe_der_bits(&der, AXE_DER_BIT_STRING, &key) && !der.len &&
	       axe_der_rsa_public(key.p, key.len, rsa);
}

static bool axe_der_rsa_pkcs8(const u8 *bytes, size_t len, struct axe_der_rsa *rsa)
{
	struct axe_der der, key;

	return axe_der_only(bytes, len, AXE_DER_SEQUENCE, &der) &&
	       axe_der_version(&der, 0, 1) && axe_der_is_rsa(&der) &&
	       axe_der_take(&der, AXE_DER_OCTET_STRING, &key) && axe_der_is_pkcs8_end(&der) &&
	       axe_der_rsa_private(key.p, key.len, rsa);
}

/**
 * axe_der_rsa - take an RSA key apart
 * @bytes:	RSAPublicKey or RSAPrivateKey (RFC 8017), SubjectPublicKeyInfo (RFC 5280),
 *		or PrivateKeyInfo (RFC 5208, RFC 5958)
 * @len:	how many
 * @rsa:	filled in
 *
 * Whether the numbers of a private key go together nobody has looked at.
 *
 * Return: 0, or -EINVAL if it is none of them, or the modulus has not 2048 to 4096 bits,
 * a multiple of 8, or is even, or the public exponent is even, 1, or has more than 64 bits.
 */
int axe_der_rsa(const u8 *bytes, size_t len, struct axe_der_rsa *rsa)
{
	if (axe_der_rsa_spki(bytes, len, rsa) || axe_der_rsa_pkcs8(bytes, len, rsa) ||
	    axe_der_rsa_public(bytes, len, rsa) || axe_der_rsa_private(bytes, len, rsa))
		return 0;
	return -EINVAL;
}

static bool axe_der_is_point(const struct axe_der *point, enum axe_der_curve curve)
{
	if (point->len != axe_der_curves[curve].point)
		return false;
	/* SEC 1, 2.3.3: uncompressed. */
	return curve == AXE_DER_X25519 || point->p[0] == 4;
}

/**
 * axe_der_point - take the public key of a curve apart
 * @bytes:	SubjectPublicKeyInfo (RFC 5480, RFC 8410), or the key itself: an uncompressed
 *		point (SEC 1, 2.3.3), X25519: the number (RFC 7748)
 * @len:	how many
 * @curve:	the curve that it must be of
 * @point:	where it is in @bytes; whether on the curve nobody has looked
 *
 * Return: 0, or -EINVAL if it is neither.
 */
int axe_der_point(const u8 *bytes, size_t len, enum axe_der_curve curve, struct axe_der *point)
{
	struct axe_der der;

	point->p = bytes;
	point->len = len;
	if (axe_der_is_point(point, curve))
		return 0;
	if (axe_der_only(bytes, len, AXE_DER_SEQUENCE, &der) && axe_der_is_curve(&der, curve) &&
	    axe_der_bits(&der, AXE_DER_BIT_STRING, point) && !der.len &&
	    axe_der_is_point(point, curve))
		return 0;
	return -EINVAL;
}

/* RFC 5915, 3: ECPrivateKey. What it says of the public key does not matter. */
static bool axe_der_ec_private(const u8 *bytes, size_t len, enum axe_der_curve curve,
			       struct axe_der *scalar)
{
	struct axe_der der, part, point;

	if (!axe_der_only(bytes, len, AXE_DER_SEQUENCE, &der) || !axe_der_version(&der, 1, 1) ||
	    !axe_der_take(&der, AXE_DER_OCTET_STRING, scalar))
		return false;
	if (axe_der_next_is(&der, AXE_DER_CONTEXT_0) &&
	    (!axe_der_take(&der, AXE_DER_CONTEXT_0, &part) ||
	     !axe_der_is_oid(&part, &axe_der_curves[curve].oid) || part.len))
		return false;
	if (axe_der_next_is(&der, AXE_DER_CONTEXT_1) &&
	    (!axe_der_take(&der, AXE_DER_CONTEXT_1, &part) ||
	     !axe_der_bits(&part, AXE_DER_BIT_STRING, &point) || part.len))
		return false;
	return !der.len && scalar->len == axe_der_curves[curve].scalar;
}

/* RFC 8410, 7: CurvePrivateKey. */
static bool axe_der_curve_private(const u8 *bytes, size_t len, enum axe_der_curve curve,
				  struct axe_der *scalar)
{
	if (curve != AXE_DER_X25519)
		return axe_der_ec_private(bytes, len, curve, scalar);
	return axe_der_only(bytes, len, AXE_DER_OCTET_STRING, scalar) &&
	       scalar->len == axe_der_curves[curve].scalar;
}

static bool axe_der_curve_pkcs8(const u8 *bytes, size_t len, enum axe_der_curve curve,
				struct axe_der *scalar)
{
	struct axe_der der, key;

	return axe_der_only(bytes, len, AXE_DER_SEQUENCE, &der) &&
	       axe_der_version(&der, 0, 1) && axe_der_is_curve(&der, curve) &&
	       axe_der_take(&der, AXE_DER_OCTET_STRING, &key) && axe_der_is_pkcs8_end(&der) &&
	       axe_der_curve_private(key.p, key.len, curve, scalar);
}

/**
 * axe_der_scalar - take the private key of a curve apart
 * @bytes:	PrivateKeyInfo (RFC 5958, RFC 8410), or ECPrivateKey (RFC 5915), X25519: the
 *		number itself (RFC 7748)
 * @len:	how many
 * @curve:	the curve that it must be for
 * @scalar:	where it is in @bytes; whether it is in the curve's range nobody has looked
 *
 * Return: 0, or -EINVAL if it is none of these.
 */
int axe_der_scalar(const u8 *bytes, size_t len, enum axe_der_curve curve, struct axe_der *scalar)
{
	if (axe_der_curve_pkcs8(bytes, len, curve, scalar))
		return 0;
	if (curve != AXE_DER_X25519)
		return axe_der_ec_private(bytes, len, curve, scalar) ? 0 : -EINVAL;
	scalar->p = bytes;
	scalar->len = len;
	return len == axe_der_curves[curve].scalar ? 0 : -EINVAL;
}

/**
 * axe_der_is_signature - is it the form of an ECDSA signature?
 * @bytes:	ECDSA-Sig-Value (RFC 3279, 2.2.3), hopefully
 * @len:	how many
 * @curve:	the curve that it must be for
 *
 * Return: yes, and it is the only one that these two numbers have. They are greater than 0, and
 * no longer than a coordinate.
 */
bool axe_der_is_signature(const u8 *bytes, size_t len, enum axe_der_curve curve)
{
	size_t max = axe_der_curves[curve].scalar;
	struct axe_der der, r, s;

	return axe_der_only(bytes, len, AXE_DER_SEQUENCE, &der) && axe_der_number(&der, &r) &&
	       axe_der_number(&der, &s) && !der.len && r.len <= max && s.len <= max;
}
