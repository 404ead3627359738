// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as a key or a signature in DER: nothing is read behind them, and what is taken
 * for one OpenSSL takes too, and writes the same way.
 *
 * Input: what it is to be, the bytes.
 */
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "der.h"
#include "fuzz.h"

/* It lies in the input. */
static void check_inside(const struct axe_der *der, const u8 *p, size_t len)
{
	fuzz_check(der->p >= p && der->len <= len && (size_t)(der->p - p) <= len - der->len,
		   "%zu bytes", der->len);
}

static EVP_PKEY *parse(const u8 *p, size_t len, bool secret)
{
	const u8 *at = p;
	EVP_PKEY *key;

	if (secret)
		return d2i_PrivateKey(EVP_PKEY_RSA, NULL, &at, len);
	key = d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, len);
	return key;
}

static void check_rsa(const u8 *p, size_t len)
{
	struct axe_der_rsa rsa;
	EVP_PKEY *key;
	u8 *der = NULL;
	int n;

	if (axe_der_rsa(p, len, &rsa))
		return;
	check_inside(&rsa.key, p, len);
	check_inside(&rsa.n, rsa.key.p, rsa.key.len);
	key = parse(rsa.key.p, rsa.key.len, rsa.secret);
	/* It looks at the numbers of private keys, too. */
	if (!key) {
		fuzz_check(rsa.secret, "what is no public key to OpenSSL");
		return;
	}
	fuzz_check(EVP_PKEY_get_bits(key) == (int)rsa.n.len * 8, "another modulus");
	n = rsa.secret ? i2d_PrivateKey(key, &der) : i2d_PublicKey(key, &der);
	fuzz_check(n == (int)rsa.key.len && !memcmp(der, rsa.key.p, n), "another form");
	OPENSSL_free(der);
	EVP_PKEY_free(key);
}

static void check_curve(const u8 *p, size_t len, enum axe_der_curve curve)
{
	struct axe_der part;

	if (!axe_der_point(p, len, curve, &part)) {
		check_inside(&part, p, len);
		fuzz_check(part.len == axe_der_point_size(curve), "%zu bytes", part.len);
	}
	if (!axe_der_scalar(p, len, curve, &part)) {
		check_inside(&part, p, len);
		fuzz_check(part.len == axe_der_scalar_size(curve), "%zu bytes", part.len);
	}
}

static bool openssl_takes(const u8 *p, size_t len, int bytes)
{
	const u8 *at = p;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, len);
	u8 *der = NULL;
	const BIGNUM *r, *s;
	bool same;
	int n;

	if (!sig)
		return false;
	ECDSA_SIG_get0(sig, &r, &s);
	n = i2d_ECDSA_SIG(sig, &der);
	same = n == (int)len && !memcmp(der, p, len) && !BN_is_zero(r) && !BN_is_zero(s) &&
	       !BN_is_negative(r) && !BN_is_negative(s) && BN_num_bytes(r) <= bytes &&
	       BN_num_bytes(s) <= bytes;
	OPENSSL_free(der);
	ECDSA_SIG_free(sig);
	return same;
}

static void check_signature(const u8 *p, size_t len, enum axe_der_curve curve)
{
	fuzz_check(axe_der_is_signature(p, len, curve) ==
		   openssl_takes(p, len, axe_der_scalar_size(curve)), "OpenSSL disagrees");
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_in in = { data, size };
	u8 what = fuzz_u8(&in), *p = fuzz_alloc(in.left);

	if (in.left)
		memcpy(p, in.p, in.left);
	switch (what % 3) {
	case 0:
		check_rsa(p, in.left);
		break;
	case 1:
		check_curve(p, in.left, what / 3 % 3);
		break;
	case 2:
		check_signature(p, in.left, what / 3 % 2);
		break;
	}
	free(p);
	return 0;
}
