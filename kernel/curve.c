// SPDX-License-Identifier: GPL-2.0
/* Elliptic curves: ECDSA (FIPS 186-5), ECDH (SP 800-56A), X25519 (RFC 7748). */
#include <crypto/curve25519.h>
#include <crypto/ecdh.h>
#include <crypto/kpp.h>
#include <crypto/sig.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kconfig.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "der.h"
#include "pubkey.h"

/* Of which the kernel's libraries are there. */
#define AXE_HAVE_ECDH	IS_REACHABLE(CONFIG_CRYPTO_ECDH)
#define AXE_HAVE_X25519	IS_REACHABLE(CONFIG_CRYPTO_LIB_CURVE25519)

/**
 * axe_curve_has - has this kernel ECDH, or X25519?
 * @alg: one of these
 *
 * May sleep, and load the module.
 */
bool axe_curve_has(const struct axe_key_alg *alg)
{
	if (alg->kind == AXE_KIND_X25519)
		return AXE_HAVE_X25519;
	return AXE_HAVE_ECDH && crypto_has_kpp(alg->name, 0, 0);
}

/**
 * axe_ecdsa_init - make a key to verify with
 * @key:	with its algorithm; to be ended with axe_key_fini() if this succeeds
 * @bytes:	as axe_der_point() takes it
 * @len:	how many
 *
 * Return: 0; -EINVAL if it is no such key, or not on its curve.
 */
int axe_ecdsa_init(struct axe_key *key, const u8 *bytes, size_t len)
{
	struct crypto_sig *tfm;
	struct axe_der point;
	int ret;

	ret = axe_der_point(bytes, len, key->alg->curve, &point);
	if (ret)
		return ret;
	tfm = crypto_alloc_sig(key->alg->name, 0, 0);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	ret = crypto_sig_set_pubkey(tfm, point.p, point.len);
	if (ret) {
		crypto_free_sig(tfm);
		return ret == -ENOMEM ? ret : -EINVAL;
	}
	key->ecdsa = tfm;
	key->size = axe_der_scalar_size(key->alg->curve);
	return 0;
}

/**
 * axe_ecdsa_verify - is it the signature of a digest?
 * @key:	of axe_ecdsa_init()
 * @digest:	the digest
 * @len:	its length; what is longer than the curve's numbers does not count
 * @signature:	in DER, hopefully
 * @signature_len: its length
 *
 * Return: AXE_OK, AXE_ERR_AUTH, AXE_ERR_NOMEM.
 */
enum axe_code axe_ecdsa_verify(const struct axe_key *key, const u8 *digest, size_t len,
			       const u8 *signature, size_t signature_len)
{
	int ret;

	/* The kernel's parser takes other forms, too. */
	if (!axe_der_is_signature(signature, signature_len, key->alg->curve))
		return AXE_ERR_AUTH;
	ret = crypto_sig_verify(key->ecdsa, signature, signature_len, digest, len);
	if (ret == -ENOMEM)
		return AXE_ERR_NOMEM;
	return ret ? AXE_ERR_AUTH : AXE_OK;
}

#if AXE_HAVE_ECDH
static int axe_ecdh_set_secret(struct crypto_kpp *tfm, const struct axe_der *scalar)
{
	struct ecdh params = { .key = (char *)scalar->p, .key_size = scalar->len };
	unsigned int len = crypto_ecdh_key_len(&params);
	char *buf = kmalloc(len, GFP_KERNEL);
	int ret;

	if (!buf)
		return -ENOMEM;
	ret = crypto_ecdh_encode_key(buf, len, &params);
	if (!ret)
		ret = crypto_kpp_set_secret(tfm, buf, len);
	kfree_sensitive(buf);
	return ret;
}

/**
 * axe_ecdh_init - make a private key of a NIST curve
 * @key:	with its algorithm; to be ended with axe_key_fini() if this succeeds
 * @bytes:	as axe_der_scalar() takes it
 * @len:	how many
 *
 * Return: 0; -EINVAL if it is no such key, or out of the curve's range.
 */
int axe_ecdh_init(struct axe_key *key, const u8 *bytes, size_t len)
{
	struct crypto_kpp *tfm;
	struct axe_der scalar;
	int ret;

	ret = axe_der_scalar(bytes, len, key->alg->curve, &scalar);
	if (ret)
		return ret;
	tfm = crypto_alloc_kpp(key->alg->name, 0, 0);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	ret = axe_ecdh_set_secret(tfm, &scalar);
	if (ret) {
		crypto_free_kpp(tfm);
		return ret;
	}
	key->ecdh = tfm;
	key->size = axe_der_scalar_size(key->alg->curve);
	return 0;
}

/**
 * struct axe_ecdh_work - what the crypto API wants in memory of the linear mapping
 * @wait:	for the end
 * @src:	@peer
 * @dst:	@out
 * @peer:	both coordinates
 * @out:	likewise, or one
 */
struct axe_ecdh_work {
	struct crypto_wait wait;
	struct scatterlist src;
	struct scatterlist dst;
	u8 peer[2 * AXE_DER_SCALAR_MAX];
	u8 out[2 * AXE_DER_SCALAR_MAX];
};

/* With @peer, the secret shared with it, else the public key. */
static int axe_ecdh_compute(const struct axe_key *key, const u8 *peer, struct axe_ecdh_work *w)
{
	struct kpp_request *req = kpp_request_alloc(key->ecdh, GFP_KERNEL);
	size_t len = peer ? key->size : 2 * key->size;
	int ret;

	if (!req)
		return -ENOMEM;
	crypto_init_wait(&w->wait);
	sg_init_one(&w->dst, w->out, len);
	kpp_request_set_callback(req, CRYPTO_TFM_REQ_MAY_SLEEP, crypto_req_done, &w->wait);
	kpp_request_set_output(req, &w->dst, len);
	if (peer) {
		memcpy(w->peer, peer, 2 * key->size);
		sg_init_one(&w->src, w->peer, 2 * key->size);
		kpp_request_set_input(req, &w->src, 2 * key->size);
		ret = crypto_kpp_compute_shared_secret(req);
	} else {
		kpp_request_set_input(req, NULL, 0);
		ret = crypto_kpp_generate_public_key(req);
	}
	ret = crypto_wait_req(ret, &w->wait);
	kpp_request_free(req);
	return ret;
}

/* Not on the curve, or their product is not. */
static enum axe_code axe_ecdh_code(int ret)
{
	if (!ret)
		return AXE_OK;
	return ret == -EINVAL || ret == -EFAULT ? AXE_ERR_DATA : AXE_ERR_NOMEM;
}

static enum axe_code axe_ecdh_agree(const struct axe_key *key, const u8 *peer, u8 *out)
{
	struct axe_ecdh_work *w;
	enum axe_code code;

	/* SEC 1, 2.3.3: uncompressed. */
	if (peer[0] != 4)
		return AXE_ERR_DATA;
	w = kmalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return AXE_ERR_NOMEM;
	code = axe_ecdh_code(axe_ecdh_compute(key, peer + 1, w));
	if (code == AXE_OK)
		memcpy(out, w->out, key->size);
	kfree_sensitive(w);
	return code;
}

static enum axe_code axe_ecdh_public(const struct axe_key *key, u8 *out)
{
	struct axe_ecdh_work *w = kmalloc(sizeof(*w), GFP_KERNEL);
	enum axe_code code;

	if (!w)
		return AXE_ERR_NOMEM;
	code = axe_ecdh_code(axe_ecdh_compute(key, NULL, w));
	out[0] = 4;
	if (code == AXE_OK)
		memcpy(out + 1, w->out, 2 * key->size);
	kfree_sensitive(w);
	return code;
}
#else
int axe_ecdh_init(struct axe_key *key, const u8 *bytes, size_t len)
{
	return -EOPNOTSUPP;
}

static enum axe_code axe_ecdh_agree(const struct axe_key *key, const u8 *peer, u8 *out)
{
	return AXE_ERR_OPCODE;
}

static enum axe_code axe_ecdh_public(const struct axe_key *key, u8 *out)
{
	return AXE_ERR_OPCODE;
}
#endif

#if AXE_HAVE_X25519
/**
 * axe_x25519_init - make a private key of X25519
 * @key:	with its algorithm; to be ended with axe_key_fini() if this succeeds
 * @bytes:	as axe_der_scalar() takes it
 * @len:	how many
 *
 * Return: 0; -EINVAL if it is no such key.
 */
int axe_x25519_init(struct axe_key *key, const u8 *bytes, size_t len)
{
	struct axe_der scalar;
	int ret;

	ret = axe_der_scalar(bytes, len, AXE_DER_X25519, &scalar);
	if (ret)
		return ret;
	key->x25519 = kmemdup(scalar.p, scalar.len, GFP_KERNEL);
	if (!key->x25519)
		return -ENOMEM;
	/* RFC 7748, 5: any 32 bytes are a key, but of some bits. */
	curve25519_clamp_secret(key->x25519);
	key->size = scalar.len;
	return 0;
}

/* RFC 7748, 6.1: zero comes of points of small order, and would be known to all. */
static enum axe_code axe_x25519_agree(const struct axe_key *key, const u8 *peer, u8 *out)
{
	return curve25519(out, key->x25519, peer) ? AXE_OK : AXE_ERR_DATA;
}

static enum axe_code axe_x25519_public(const struct axe_key *key, u8 *out)
{
	return curve25519_generate_public(out, key->x25519) ? AXE_OK : AXE_ERR_DATA;
}
#else
int axe_x25519_init(struct axe_key *key, const u8 *bytes, size_t len)
{
	return -EOPNOTSUPP;
}

static enum axe_code axe_x25519_agree(const struct axe_key *key, const u8 *peer, u8 *out)
{
	return AXE_ERR_OPCODE;
}

static enum axe_code axe_x25519_public(const struct axe_key *key, u8 *out)
{
	return AXE_ERR_OPCODE;
}
#endif

/**
 * axe_curve_agree - the secret that a private key shares with another's public key
 * @key:	of axe_ecdh_init() or axe_x25519_init()
 * @peer:	the other's, axe_der_point_size() bytes
 * @out:	the secret, as long as a coordinate
 *
 * Return: AXE_OK; AXE_ERR_DATA if @peer is not on the curve, or the secret would be none;
 * AXE_ERR_NOMEM.
 */
enum axe_code axe_curve_agree(const struct axe_key *key, const u8 *peer, u8 *out)
{
	return key->alg->kind == AXE_KIND_ECDH ? axe_ecdh_agree(key, peer, out) :
						 axe_x25519_agree(key, peer, out);
}

/**
 * axe_curve_public - the public key that goes with a private one
 * @key:	of axe_ecdh_init() or axe_x25519_init()
 * @out:	axe_der_point_size() bytes
 *
 * Return: AXE_OK, AXE_ERR_NOMEM.
 */
enum axe_code axe_curve_public(const struct axe_key *key, u8 *out)
{
	return key->alg->kind == AXE_KIND_ECDH ? axe_ecdh_public(key, out) :
						 axe_x25519_public(key, out);
}
