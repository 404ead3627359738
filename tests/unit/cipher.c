// SPDX-License-Identifier: GPL-2.0
/* The ciphers: data units, random cuts, errors. Against OpenSSL, called otherwise. */
#include <errno.h>

#include <openssl/evp.h>

#include "vectors.h"

#define LENGTH	20000

static u8 key_bytes[64], plain[LENGTH], cipher[LENGTH], got[LENGTH];

static struct unit_run command(enum axe_opcode opcode, u32 algorithm, size_t key_len, size_t len)
{
	struct unit_run run = {
		.cmd = unit_cmd(opcode),
		.key = { .algorithm = algorithm, .bytes = key_bytes, .len = key_len },
		.src = opcode == AXE_OP_ENCRYPT ? plain : cipher,
		.src_len = len,
		.dst = got,
		.dst_len = len,
	};

	return run;
}

static void fill(void)
{
	size_t i;

	for (i = 0; i < sizeof(key_bytes); i++)
		key_bytes[i] = unit_random(256);
	for (i = 0; i < LENGTH; i++)
		plain[i] = unit_random(256);
}

static void model(const EVP_CIPHER *how, const u8 *iv, const u8 *from, u8 *to, size_t len)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n;

	assert_non_null(ctx);
	assert_int_equal(EVP_EncryptInit_ex(ctx, how, NULL, key_bytes, iv), 1);
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	assert_int_equal(EVP_EncryptUpdate(ctx, to, &n, from, len), 1);
	assert_int_equal(n, len);
	EVP_CIPHER_CTX_free(ctx);
}

/* Both ways, cut in every way, several times. */
static void both(u32 algorithm, size_t key_len, size_t len, u32 unit, const u8 *iv)
{
	struct axe_cmd_ext ext = {};
	int i;

	memcpy(ext.op.cipher.iv, iv, 16);
	for (i = 0; i < 20; i++) {
		bool encrypt = i % 2;
		struct unit_run run = command(encrypt ? AXE_OP_ENCRYPT : AXE_OP_DECRYPT,
					      algorithm, key_len, len);

		run.ext = &ext;
		run.cmd.op.cipher.unit = cpu_to_le32(unit);
		run.src_cut = i % 3 ? UNIT_RANDOM : i / 3 % UNIT_CUTS;
		run.dst_cut = i % 5 ? UNIT_RANDOM : i / 5 % UNIT_CUTS;
		memset(got, 0, len);
		assert_int_equal(unit_run(&run), AXE_OK);
		assert_int_equal(run.done, len);
		assert_memory_equal(got, encrypt ? cipher : plain, len);
	}
}

static void cipher__long_chains(void **state)
{
	static const u8 iv[16] = "0123456789abcdef";
	/* The counter goes over all of its bytes. */
	static const u8 ones[16] = {
		255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 250,
	};

	fill();
	model(EVP_aes_256_cbc(), iv, plain, cipher, 19984);
	both(AXE_KEY_AES_CBC, 32, 19984, 0, iv);
	model(EVP_aes_192_ctr(), ones, plain, cipher, LENGTH - 1);
	both(AXE_KEY_AES_CTR, 24, LENGTH - 1, 0, ones);
	model(EVP_sm4_ctr(), ones, plain, cipher, LENGTH - 3);
	both(AXE_KEY_SM4_CTR, 16, LENGTH - 3, 0, ones);
}

/* IEEE 1619, 5.1: each unit for itself, by its number. */
static void cipher__units_are_numbered(void **state)
{
	static const size_t units[] = { 16, 48, 512, 1040, 4096 };
	u8 first[16] = { 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 7 };
	size_t i, at;

	fill();
	for (i = 0; i < ARRAY_SIZE(units); i++) {
		size_t len = LENGTH / units[i] * units[i];
		u64 number = 0xfffffffffffffffe, high = 7;

		for (at = 0; at < len; at += units[i]) {
			u8 iv[16];
			int k;

			for (k = 0; k < 8; k++) {
				iv[k] = number >> 8 * k;
				iv[8 + k] = high >> 8 * k;
			}
			model(EVP_aes_128_xts(), iv, plain + at, cipher + at, units[i]);
			if (!++number)
				high++;
		}
		both(AXE_KEY_AES_XTS, 32, len, units[i], first);
	}
}

static void cipher__lengths_that_are_not_whole(void **state)
{
	struct unit_run run = command(AXE_OP_ENCRYPT, AXE_KEY_AES_CBC, 16, 100);

	assert_int_equal(unit_run(&run), AXE_ERR_LENGTH);
	run = command(AXE_OP_DECRYPT, AXE_KEY_AES_XTS, 32, 512 + 16);
	run.cmd.op.cipher.unit = cpu_to_le32(512);
	assert_int_equal(unit_run(&run), AXE_ERR_LENGTH);
	run = command(AXE_OP_ENCRYPT, AXE_KEY_AES_CTR, 16, 100);
	run.dst_len = 99;
	assert_int_equal(unit_run(&run), AXE_ERR_LENGTH);
	run.dst_len = 101;
	assert_int_equal(unit_run(&run), AXE_ERR_LENGTH);
}

static void cipher__units_that_make_no_sense(void **state)
{
	static const u32 bad[] = { 1, 15, 17, 4112, 8192, 0xffffffff };
	struct unit_run run;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		run = command(AXE_OP_ENCRYPT, AXE_KEY_AES_XTS, 32, 0);
		run.cmd.op.cipher.unit = cpu_to_le32(bad[i]);
		assert_int_equal(unit_run(&run), AXE_ERR_PARAM);
	}
	run = command(AXE_OP_ENCRYPT, AXE_KEY_AES_XTS, 32, 64);
	assert_int_equal(unit_run(&run), AXE_ERR_PARAM);
	run = command(AXE_OP_ENCRYPT, AXE_KEY_AES_CBC, 32, 64);
	run.cmd.op.cipher.unit = cpu_to_le32(16);
	assert_int_equal(unit_run(&run), AXE_ERR_PARAM);
}

static void cipher__reserved_bytes(void **state)
{
	struct axe_cmd_ext ext = {};
	struct axe_cmd cmd;
	size_t i;

	for (i = 8; i < 16; i++) {
		cmd = unit_cmd(AXE_OP_DECRYPT);
		cmd.op.raw[i] = 1;
		assert_int_equal(unit_check(&cmd, NULL), AXE_ERR_RESERVED);
	}
	cmd = unit_cmd(AXE_OP_DECRYPT);
	for (i = 16; i < 32; i++) {
		ext.op.raw[i] = 1;
		assert_int_equal(unit_check(&cmd, &ext), AXE_ERR_RESERVED);
		ext.op.raw[i] = 0;
	}
	assert_int_equal(unit_check(&cmd, &ext), AXE_OK);
}

static void key__only_for_its_use(void **state)
{
	struct unit_run run = command(AXE_OP_ENCRYPT, AXE_KEY_AES_CTR, 16, 10);

	run.key.uses = AXE_KEY_DECRYPT;
	assert_int_equal(unit_run(&run), AXE_ERR_KEY_USE);
	run.key.uses = AXE_KEY_DECRYPT | AXE_KEY_ENCRYPT;
	assert_int_equal(unit_run(&run), AXE_OK);
}

static void key__lengths_and_uses(void **state)
{
	static const struct {
		u32 algorithm;
		u32 uses;
		size_t len;
		int ret;
	} tries[] = {
		{ 0, AXE_KEY_ENCRYPT, 16, -EOPNOTSUPP },
		{ 7, AXE_KEY_ENCRYPT, 16, -EOPNOTSUPP },
		{ 1000, AXE_KEY_ENCRYPT, 16, -EOPNOTSUPP },
		{ 0xffffffff, AXE_KEY_ENCRYPT, 16, -EOPNOTSUPP },
		{ AXE_KEY_SM4_XTS, AXE_KEY_ENCRYPT, 32, -EOPNOTSUPP },	/* not in OpenSSL 3.0 */
		{ AXE_KEY_AES_CBC, 0, 16, -EINVAL },
		{ AXE_KEY_AES_CBC, AXE_KEY_SIGN, 16, -EINVAL },
		{ AXE_KEY_AES_CBC, AXE_KEY_ENCRYPT | 1U << 31, 16, -EINVAL },
		{ AXE_KEY_AES_CBC, AXE_KEY_ENCRYPT, 0, -EINVAL },
		{ AXE_KEY_AES_CBC, AXE_KEY_ENCRYPT, 15, -EINVAL },
		{ AXE_KEY_AES_CBC, AXE_KEY_ENCRYPT, 20, -EINVAL },
		{ AXE_KEY_AES_CBC, AXE_KEY_ENCRYPT, 40, -EINVAL },
		{ AXE_KEY_AES_CBC, AXE_KEY_ENCRYPT, 24, 0 },
		{ AXE_KEY_AES_XTS, AXE_KEY_DECRYPT, 48, -EINVAL },
		{ AXE_KEY_AES_XTS, AXE_KEY_DECRYPT, 64, 0 },
		{ AXE_KEY_SM4_CBC, AXE_KEY_DECRYPT, 32, -EINVAL },
	};
	size_t i;

	fill();
	for (i = 0; i < ARRAY_SIZE(tries); i++) {
		struct axe_key key = {};
		int ret = axe_key_init(&key, tries[i].algorithm, tries[i].uses, key_bytes,
				       tries[i].len);

		if (ret != tries[i].ret)
			fail_msg("try %zu: %d, not %d", i, ret, tries[i].ret);
		if (!ret)
			axe_key_fini(&key);
	}
}

/* OpenSSL, here the kernel, has no SM4-XTS by that name. */
static void key_algs_had__not_all(void **state)
{
	u32 all = axe_ops[AXE_OP_ENCRYPT]->formats, lacks = 1 << AXE_KEY_SM4_XTS;
	struct axe_key key;
	u8 bytes[32] = {};

	assert_true(all & lacks);
	assert_int_equal(axe_key_init(&key, AXE_KEY_SM4_XTS, AXE_KEY_ENCRYPT, bytes, 32),
			 -EOPNOTSUPP);
	assert_int_equal(axe_key_algs_had(all), all & ~lacks);
	assert_int_equal(axe_key_algs_had(all), all & ~lacks);
	assert_int_equal(axe_key_algs_had(1), 0);
	assert_int_equal(axe_key_algs_had(1 << AXE_KEY_AES_CTR), 1 << AXE_KEY_AES_CTR);
	assert_int_equal(axe_ops[AXE_OP_HASH]->has(axe_ops[AXE_OP_HASH]->formats),
			 axe_ops[AXE_OP_HASH]->formats);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(cipher__long_chains),
	cmocka_unit_test(cipher__units_are_numbered),
	cmocka_unit_test(cipher__lengths_that_are_not_whole),
	cmocka_unit_test(cipher__units_that_make_no_sense),
	cmocka_unit_test(cipher__reserved_bytes),
	cmocka_unit_test(key__only_for_its_use),
	cmocka_unit_test(key__lengths_and_uses),
	cmocka_unit_test(key_algs_had__not_all),
};

int main(void)
{
	return unit_main("cipher", tests, ARRAY_SIZE(tests));
}
