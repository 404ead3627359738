// SPDX-License-Identifier: GPL-2.0
/* Public keys: in all forms, and what is no key. */
#include <errno.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "pubkeys.h"
#include "vectors.h"

static int make(u32 algorithm, u32 uses, const u8 *bytes, size_t len)
{
	struct axe_key key = {};
	u8 *copy = malloc(len);
	int ret;

	/* Nothing behind it is read. */
	assert_true(copy || !len);
	if (len)
		memcpy(copy, bytes, len);
	ret = axe_key_init(&key, algorithm, uses, copy, len);
	if (!ret)
		axe_key_fini(&key);
	free(copy);
	return ret;
}

#define RSA_BOTH	(AXE_KEY_SIGN | AXE_KEY_VERIFY | AXE_KEY_ENCRYPT | AXE_KEY_DECRYPT)

static EVP_PKEY *openssl_key(const u8 *der, size_t len)
{
	EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &der, len);

	assert_non_null(key);
	return key;
}

/*---- forms ----*/

/* What OpenSSL writes is a key. */
static void accepts(EVP_PKEY *key, int (*i2d)(const EVP_PKEY *, u8 **), u32 algorithm, u32 uses)
{
	u8 *der = NULL;
	int len = i2d(key, &der), i;

	assert_true(len > 0);
	assert_int_equal(make(algorithm, uses, der, len), 0);
	/* Cut anywhere, or with something behind it, it is none. */
	for (i = 0; i < len; i++)
		assert_int_equal(make(algorithm, uses, der, i), -EINVAL);
	der = realloc(der, len + 1);
	der[len] = 0;
	assert_int_equal(make(algorithm, uses, der, len + 1), -EINVAL);
	OPENSSL_free(der);
}

static int i2d_pkcs8(const EVP_PKEY *key, u8 **der)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	int len = i2d_PKCS8_PRIV_KEY_INFO(info, der);

	PKCS8_PRIV_KEY_INFO_free(info);
	return len;
}

static void rsa_key__forms(void **state)
{
	EVP_PKEY *key = openssl_key(rsa_private, sizeof(rsa_private));

	accepts(key, i2d_PUBKEY, AXE_KEY_RSA, AXE_KEY_VERIFY | AXE_KEY_ENCRYPT);
	accepts(key, i2d_PublicKey, AXE_KEY_RSA, AXE_KEY_VERIFY);
	accepts(key, i2d_PrivateKey, AXE_KEY_RSA, RSA_BOTH);
	accepts(key, i2d_pkcs8, AXE_KEY_RSA, AXE_KEY_SIGN);
	EVP_PKEY_free(key);
}

static void curve_key__forms(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	accepts(key, i2d_PUBKEY, AXE_KEY_ECDSA_P256, AXE_KEY_VERIFY);
	accepts(key, i2d_PrivateKey, AXE_KEY_ECDH_P256, AXE_KEY_DERIVE);
	accepts(key, i2d_pkcs8, AXE_KEY_ECDH_P256, AXE_KEY_DERIVE);
	EVP_PKEY_free(key);
	key = EVP_EC_gen("P-384");
	accepts(key, i2d_PUBKEY, AXE_KEY_ECDSA_P384, AXE_KEY_VERIFY);
	accepts(key, i2d_PrivateKey, AXE_KEY_ECDH_P384, AXE_KEY_DERIVE);
	accepts(key, i2d_pkcs8, AXE_KEY_ECDH_P384, AXE_KEY_DERIVE);
	EVP_PKEY_free(key);
	assert_int_equal(make(AXE_KEY_X25519, AXE_KEY_DERIVE, bob, sizeof(bob)), 0);
	assert_int_equal(make(AXE_KEY_X25519, AXE_KEY_DERIVE, alice, 32), 0);
	assert_int_equal(make(AXE_KEY_X25519, AXE_KEY_DERIVE, alice, 31), -EINVAL);
}

static void key__of_another_algorithm(void **state)
{
	static const struct {
		u32 algorithm;
		u32 uses;
		const u8 *der;
		size_t len;
	} tries[] = {
		{ AXE_KEY_RSA, AXE_KEY_VERIFY, p256_public, sizeof(p256_public) },
		{ AXE_KEY_RSA, AXE_KEY_SIGN, ecp256_r, sizeof(ecp256_r) },
		{ AXE_KEY_ECDSA_P256, AXE_KEY_VERIFY, p384_public, sizeof(p384_public) },
		{ AXE_KEY_ECDSA_P384, AXE_KEY_VERIFY, p256_public, sizeof(p256_public) },
		{ AXE_KEY_ECDSA_P384, AXE_KEY_VERIFY, p256_point, sizeof(p256_point) },
		{ AXE_KEY_ECDSA_P256, AXE_KEY_VERIFY, rsa_public, sizeof(rsa_public) },
		{ AXE_KEY_ECDSA_P256, AXE_KEY_VERIFY, ecp256_r, sizeof(ecp256_r) },
		{ AXE_KEY_ECDH_P384, AXE_KEY_DERIVE, ecp256_r, sizeof(ecp256_r) },
		{ AXE_KEY_ECDH_P384, AXE_KEY_DERIVE, ecp256_i, sizeof(ecp256_i) },
		{ AXE_KEY_ECDH_P256, AXE_KEY_DERIVE, p256_public, sizeof(p256_public) },
		{ AXE_KEY_ECDH_P256, AXE_KEY_DERIVE, bob, sizeof(bob) },
		{ AXE_KEY_ECDH_P384, AXE_KEY_DERIVE, bob, sizeof(bob) },
		{ AXE_KEY_X25519, AXE_KEY_DERIVE, ecp256_r, sizeof(ecp256_r) },
		/* A public key does not do what a private one does. */
		{ AXE_KEY_RSA, AXE_KEY_SIGN, rsa_public, sizeof(rsa_public) },
		{ AXE_KEY_RSA, RSA_BOTH, rsa_public, sizeof(rsa_public) },
		/* Nor is any key for all. */
		{ AXE_KEY_RSA, AXE_KEY_DERIVE, rsa_private, sizeof(rsa_private) },
		{ AXE_KEY_ECDSA_P256, AXE_KEY_SIGN, p256_public, sizeof(p256_public) },
		{ AXE_KEY_ECDH_P256, AXE_KEY_SIGN, ecp256_r, sizeof(ecp256_r) },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tries); i++)
		if (make(tries[i].algorithm, tries[i].uses, tries[i].der, tries[i].len) != -EINVAL)
			fail_msg("try %zu", i);
}

/*---- RSA keys ----*/

static void put_number(u8 **at, const BIGNUM *n)
{
	ASN1_INTEGER *number = BN_to_ASN1_INTEGER(n, NULL);

	assert_true(i2d_ASN1_INTEGER(number, at) > 0);
	ASN1_INTEGER_free(number);
}

static int rsa_public_of(BIGNUM *n, const char *e_hex)
{
	u8 der[4200] = { 0x30, 0x82 }, *at = der + 4;
	BIGNUM *e = NULL;
	size_t len;

	assert_true(BN_hex2bn(&e, e_hex) > 0);
	put_number(&at, n);
	put_number(&at, e);
	BN_free(e);
	len = at - der;
	assert_true(len - 4 >= 256 && len <= sizeof(der));
	der[2] = (len - 4) >> 8;
	der[3] = len - 4;
	return make(AXE_KEY_RSA, AXE_KEY_VERIFY, der, len);
}

static void rsa_key__moduli(void **state)
{
	static const struct {
		int bits;
		int ret;
	} sizes[] = {
		{ 2040, -EINVAL }, { 2047, -EINVAL }, { 2048, 0 },
		{ 2049, -EINVAL }, { 2056, -EINVAL }, { 3072, 0 }, { 4096, 0 }, { 4097, -EINVAL },
		{ 4104, -EINVAL }, { 8192, -EINVAL }, { 16384, -EINVAL },
	};
	BIGNUM *n = BN_new();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		assert_int_equal(BN_rand(n, sizes[i].bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD), 1);
		if (rsa_public_of(n, "010001") != sizes[i].ret)
			fail_msg("%d bits", sizes[i].bits);
	}
	BN_rand(n, 2048, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD);
	BN_clear_bit(n, 0);
	assert_int_equal(rsa_public_of(n, "010001"), -EINVAL);
	BN_free(n);
}

static void rsa_key__exponents(void **state)
{
	BIGNUM *n = BN_new();

	BN_rand(n, 2048, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD);
	assert_int_equal(rsa_public_of(n, "03"), 0);
	assert_int_equal(rsa_public_of(n, "ffffffffffffffff"), 0);
	assert_int_equal(rsa_public_of(n, "00"), -EINVAL);
	assert_int_equal(rsa_public_of(n, "01"), -EINVAL);
	assert_int_equal(rsa_public_of(n, "02"), -EINVAL);
	assert_int_equal(rsa_public_of(n, "010000"), -EINVAL);
	assert_int_equal(rsa_public_of(n, "010000000000000001"), -EINVAL);
	BN_free(n);
}

/* Each number of RSAPrivateKey but the modulus, by another. */
static void rsa_key__numbers_that_do_not_go_together(void **state)
{
	static const char *const names[] = {
		OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2,
		OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2,
		OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
	};
	EVP_PKEY *key = openssl_key(rsa_private, sizeof(rsa_private));
	u8 *der = NULL;
	int len = i2d_PrivateKey(key, &der);
	size_t i;

	assert_int_equal(make(AXE_KEY_RSA, AXE_KEY_SIGN, der, len), 0);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		BIGNUM *number = NULL;
		u8 bytes[300], *at;
		int n;

		assert_int_equal(EVP_PKEY_get_bn_param(key, names[i], &number), 1);
		n = BN_bn2bin(number, bytes);
		at = memmem(der, len, bytes, n);
		assert_non_null(at);
		at[n - 1] ^= 2;
		assert_int_equal(make(AXE_KEY_RSA, AXE_KEY_SIGN, der, len), -EINVAL);
		assert_int_equal(make(AXE_KEY_RSA, AXE_KEY_VERIFY, der, len), -EINVAL);
		at[n - 1] ^= 2;
		BN_free(number);
	}
	OPENSSL_free(der);
	EVP_PKEY_free(key);
}

/*---- curves ----*/

static void ecdh_key__out_of_range(void **state)
{
	/* ECPrivateKey with nothing but the number. */
	u8 der[39] = { 0x30, 37, 2, 1, 1, 4, 32 };

	assert_int_equal(make(AXE_KEY_ECDH_P256, AXE_KEY_DERIVE, der, sizeof(der)), -EINVAL);
	memset(der + 7, 0xff, 32);
	assert_int_equal(make(AXE_KEY_ECDH_P256, AXE_KEY_DERIVE, der, sizeof(der)), -EINVAL);
	memset(der + 7, 0x11, 32);
	assert_int_equal(make(AXE_KEY_ECDH_P256, AXE_KEY_DERIVE, der, sizeof(der)), 0);
	/* One that is shorter than the curve's. */
	assert_int_equal(make(AXE_KEY_ECDH_P384, AXE_KEY_DERIVE, der, sizeof(der)), -EINVAL);
	/* Another version. */
	der[4] = 0;
	assert_int_equal(make(AXE_KEY_ECDH_P256, AXE_KEY_DERIVE, der, sizeof(der)), -EINVAL);
}

static void ecdsa_key__not_on_the_curve(void **state)
{
	u8 point[65];
	size_t i;

	memcpy(point, p256_point, sizeof(point));
	for (i = 8; i < 65 * 8; i += 1 + unit_random(9)) {
		point[i / 8] ^= 1 << i % 8;
		assert_int_equal(make(AXE_KEY_ECDSA_P256, AXE_KEY_VERIFY, point, 65), -EINVAL);
		point[i / 8] ^= 1 << i % 8;
	}
	assert_int_equal(make(AXE_KEY_ECDSA_P256, AXE_KEY_VERIFY, point, 65), 0);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(rsa_key__forms),
	cmocka_unit_test(curve_key__forms),
	cmocka_unit_test(key__of_another_algorithm),
	cmocka_unit_test(rsa_key__moduli),
	cmocka_unit_test(rsa_key__exponents),
	cmocka_unit_test(rsa_key__numbers_that_do_not_go_together),
	cmocka_unit_test(ecdh_key__out_of_range),
	cmocka_unit_test(ecdsa_key__not_on_the_curve),
};

int main(void)
{
	return unit_main("pubkey_forms", tests, ARRAY_SIZE(tests));
}
