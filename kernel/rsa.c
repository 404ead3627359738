// SPDX-License-Identifier: GPL-2.0
/*
 * RSA (RFC 8017, 5), by the kernel's own implementation: a device that does it, too, would
 * be an engine of its own.
 */
#include <crypto/akcipher.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "der.h"
#include "pubkey.h"

/* That both take these bytes as what they are, der.c has seen to. */
static int axe_rsa_set_key(struct crypto_akcipher *tfm, const struct axe_der_rsa *rsa)
{
	return rsa->secret ? crypto_akcipher_set_priv_key(tfm, rsa->key.p, rsa->key.len) :
			     crypto_akcipher_set_pub_key(tfm, rsa->key.p, rsa->key.len);
}

/* The numbers of a private key go together, or what it signs gives away its primes. */
static int axe_rsa_check_pair(const struct axe_key *key)
{
	u8 *mem = kmalloc_array(3, key->size, GFP_KERNEL);
	enum axe_code code;

	if (!mem)
		return -ENOMEM;
	memset(mem, 0x5a, key->size);
	code = axe_rsa_private(key, mem, mem + key->size, mem + 2 * key->size);
	kfree_sensitive(mem);
	if (code == AXE_ERR_NOMEM)
		return -ENOMEM;
	return code == AXE_OK ? 0 : -EINVAL;
}

/**
 * axe_rsa_init - make an RSA key
 * @key:	with its algorithm and uses; to be ended with axe_key_fini() if this succeeds
 * @bytes:	as axe_der_rsa() takes it
 * @len:	how many
 *
 * Return: 0; -EINVAL if it is no such key, or a public one for what needs a private one,
 * or the modulus has another size than the kernel wants: 2048, 3072 or 4096 bits.
 */
int axe_rsa_init(struct axe_key *key, const u8 *bytes, size_t len)
{
	struct crypto_akcipher *tfm;
	struct axe_der_rsa rsa;
	int ret;

	ret = axe_der_rsa(bytes, len, &rsa);
	if (ret)
		return ret;
	if (!rsa.secret && key->uses & (AXE_KEY_DECRYPT | AXE_KEY_SIGN))
		return -EINVAL;
	tfm = crypto_alloc_akcipher(key->alg->name, 0, 0);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	key->rsa = tfm;
	key->size = rsa.n.len;
	ret = axe_rsa_set_key(tfm, &rsa);
	if (!ret && rsa.secret)
		ret = axe_rsa_check_pair(key);
	if (ret)
		crypto_free_akcipher(tfm);
	return ret;
}

/* It refuses only numbers: RFC 8017 those from n on, the kernel 0, 1 and n - 1, too. */
static enum axe_code axe_rsa_code(int ret)
{
	/* Decryption says how long the number is. */
	if (ret >= 0)
		return AXE_OK;
	return ret == -EINVAL ? AXE_ERR_DATA : AXE_ERR_NOMEM;
}

/**
 * axe_rsa_public - RSAEP, RSAVP1
 * @key:	the key
 * @in:		a number, big endian, as long as the modulus
 * @out:	likewise
 *
 * Return: AXE_OK; AXE_ERR_DATA if it is not between 1 and the modulus less 1; AXE_ERR_NOMEM.
 */
enum axe_code axe_rsa_public(const struct axe_key *key, const u8 *in, u8 *out)
{
	return axe_rsa_code(crypto_akcipher_sync_encrypt(key->rsa, in, key->size, out,
							 key->size));
}

/**
 * axe_rsa_private - RSADP, RSASP1
 * @key:	a private key
 * @in:		a number, big endian, as long as the modulus
 * @out:	likewise
 * @scratch:	as much memory
 *
 * Return: AXE_OK; AXE_ERR_DATA, AXE_ERR_NOMEM as axe_rsa_public(); AXE_ERR_AUTH if it was
 * computed wrong: that would tell the primes (Boneh, DeMillo, Lipton), so @out is wiped.
 */
enum axe_code axe_rsa_private(const struct axe_key *key, const u8 *in, u8 *out, u8 *scratch)
{
	enum axe_code code;

	code = axe_rsa_code(crypto_akcipher_sync_decrypt(key->rsa, in, key->size, out,
							 key->size));
	if (code != AXE_OK)
		return code;
	code = axe_rsa_public(key, out, scratch);
	if (code == AXE_OK && !memcmp(in, scratch, key->size))
		return AXE_OK;
	memzero_explicit(out, key->size);
	return code == AXE_ERR_NOMEM ? code : AXE_ERR_AUTH;
}
