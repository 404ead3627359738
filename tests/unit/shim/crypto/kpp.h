/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's ECDH, over OpenSSL. See shim/crypto/curves.c. */
#ifndef AXE_SHIM_CRYPTO_KPP_H
#define AXE_SHIM_CRYPTO_KPP_H

#include <stdlib.h>

#include <linux/scatterlist.h>
#include <linux/types.h>

#define CRYPTO_TFM_REQ_MAY_SLEEP	0x200

struct crypto_kpp;

struct crypto_wait {
	int err;
};

struct kpp_request {
	struct crypto_kpp *tfm;
	struct scatterlist *src;
	struct scatterlist *dst;
};

struct crypto_kpp *crypto_alloc_kpp(const char *name, u32 type, u32 mask);
void crypto_free_kpp(struct crypto_kpp *tfm);
int crypto_kpp_set_secret(struct crypto_kpp *tfm, const void *buf, unsigned int len);
int crypto_kpp_compute_shared_secret(struct kpp_request *req);
int crypto_kpp_generate_public_key(struct kpp_request *req);

static inline struct kpp_request *kpp_request_alloc(struct crypto_kpp *tfm, int flags)
{
	struct kpp_request *req = calloc(1, sizeof(*req));

	if (req)
		req->tfm = tfm;
	return req;
}

static inline void kpp_request_free(struct kpp_request *req)
{
	free(req);
}

static inline int crypto_has_kpp(const char *name, u32 type, u32 mask)
{
	return 1;
}

#define crypto_req_done		NULL

static inline void crypto_init_wait(struct crypto_wait *wait)
{
}

static inline int crypto_wait_req(int err, struct crypto_wait *wait)
{
	return err;
}

static inline void kpp_request_set_callback(struct kpp_request *req, u32 flags, void *done,
					    void *data)
{
}

static inline void kpp_request_set_input(struct kpp_request *req, struct scatterlist *src,
					 unsigned int len)
{
	req->src = src;
}

static inline void kpp_request_set_output(struct kpp_request *req, struct scatterlist *dst,
					  unsigned int len)
{
	req->dst = dst;
}

#endif
