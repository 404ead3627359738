// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digests.h"

static const struct {
	const char *name;
	size_t size;
} digests[NUM_HASHES] = {
	[AXE_HASH_SHA1] = { "SHA1", 20 },
	[AXE_HASH_SHA224] = { "SHA224", 28 },
	[AXE_HASH_SHA256] = { "SHA256", 32 },
	[AXE_HASH_SHA384] = { "SHA384", 48 },
	[AXE_HASH_SHA512] = { "SHA512", 64 },
	[AXE_HASH_SHA3_224] = { "SHA3-224", 28 },
	[AXE_HASH_SHA3_256] = { "SHA3-256", 32 },
	[AXE_HASH_SHA3_384] = { "SHA3-384", 48 },
	[AXE_HASH_SHA3_512] = { "SHA3-512", 64 },
	[AXE_HASH_SM3] = { "SM3", 32 },
	[AXE_HASH_BLAKE2B_160] = { "BLAKE2B-512", 20 },
	[AXE_HASH_BLAKE2B_256] = { "BLAKE2B-512", 32 },
	[AXE_HASH_BLAKE2B_384] = { "BLAKE2B-512", 48 },
	[AXE_HASH_BLAKE2B_512] = { "BLAKE2B-512", 64 },
	[AXE_HASH_MD5] = { "MD5", 16 },
};

static void must(bool done, unsigned int format)
{
	if (done)
		return;
	fprintf(stderr, "OpenSSL does not do %s\n", digests[format].name);
	abort();
}

size_t digest_of(unsigned int format, const void *p, size_t len, uint8_t *out)
{
	size_t size = digests[format].size;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_size_t(OSSL_DIGEST_PARAM_SIZE, &size),
		OSSL_PARAM_construct_end(),
	};
	EVP_MD *md = EVP_MD_fetch(NULL, digests[format].name, NULL);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool sized = !strncmp(digests[format].name, "BLAKE2B", 7);
	unsigned int n = 0;

	must(md && ctx, format);
	must(EVP_DigestInit_ex2(ctx, md, sized ? params : NULL), format);
	must(EVP_DigestUpdate(ctx, p, len), format);
	must(EVP_DigestFinal_ex(ctx, out, &n) && n == size, format);
	EVP_MD_CTX_free(ctx);
	EVP_MD_free(md);
	return size;
}
