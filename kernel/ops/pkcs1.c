// SPDX-License-Identifier: GPL-2.0
#include <linux/array_size.h>
#include <linux/string.h>

#include "pkcs1.h"

/* RFC 8017, 9.2, note 1: DigestInfo before the digest. */
static const u8 axe_pkcs1_sha1[] = {
	0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14,
};

/* That of NIST's hash functions, with holes for two lengths and the function. */
static const u8 axe_pkcs1_nist[] = {
	0x30, 0x00, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x00,
	0x05, 0x00, 0x04, 0x00,
};

#define AXE_PKCS1_ALL		1
#define AXE_PKCS1_FUNCTION	14
#define AXE_PKCS1_DIGEST	18

/* The last number of 2.16.840.1.101.3.4.2.x. */
static const u8 axe_pkcs1_functions[] = {
	[AXE_HASH_SHA224] = 4,
	[AXE_HASH_SHA256] = 1,
	[AXE_HASH_SHA384] = 2,
	[AXE_HASH_SHA512] = 3,
	[AXE_HASH_SHA3_224] = 7,
	[AXE_HASH_SHA3_256] = 8,
	[AXE_HASH_SHA3_384] = 9,
	[AXE_HASH_SHA3_512] = 10,
};

/**
 * axe_pkcs1_knows - has a hash function a DigestInfo?
 * @hash: enum axe_hash, or anything
 */
bool axe_pkcs1_knows(unsigned int hash)
{
	return hash == AXE_HASH_SHA1 ||
	       (hash < ARRAY_SIZE(axe_pkcs1_functions) && axe_pkcs1_functions[hash]);
}

/**
 * axe_pkcs1_encode - pad a digest
 * @hash:	enum axe_hash that axe_pkcs1_knows()
 * @digest:	the digest
 * @len:	its length
 * @out:	what is to be signed
 * @size:	its length: that of the modulus, at least 256
 */
void axe_pkcs1_encode(unsigned int hash, const u8 *digest, size_t len, u8 *out, size_t size)
{
	bool sha1 = hash == AXE_HASH_SHA1;
	size_t info_len = sha1 ? sizeof(axe_pkcs1_sha1) : sizeof(axe_pkcs1_nist);
	u8 *info = out + size - len - info_len;

	out[0] = 0;
	out[1] = 1;
	memset(out + 2, 0xff, info - out - 3);
	info[-1] = 0;
	memcpy(info, sha1 ? axe_pkcs1_sha1 : axe_pkcs1_nist, info_len);
	if (!sha1) {
		info[AXE_PKCS1_ALL] = info_len - 2 + len;
		info[AXE_PKCS1_FUNCTION] = axe_pkcs1_functions[hash];
		info[AXE_PKCS1_DIGEST] = len;
	}
	memcpy(info + info_len, digest, len);
}
