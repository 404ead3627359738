// SPDX-License-Identifier: GPL-2.0
/* Authenticated encryption: what is refused, there and back, and what is forged. */
#include <errno.h>

#include "vectors.h"

#define MOST	AXE_MAX_AEAD

static u8 plain[MOST], sealed[MOST + 16], got[MOST + 16], data[AXE_MAX_AEAD_DATA], key_bytes[32];

static struct unit_run command(enum axe_opcode opcode, u32 algorithm, size_t len, size_t data_len)
{
	bool seal = opcode == AXE_OP_SEAL;
	struct unit_run run = {
		.cmd = unit_cmd(opcode),
		.key = { .algorithm = algorithm, .bytes = key_bytes, .len = 32 },
		.src = seal ? plain : sealed,
		.src_len = seal ? len : len + 16,
		.dst = seal ? sealed : got,
		.dst_len = seal ? len + 16 : len,
		.aux = data,
		.aux_len = data_len,
	};

	run.cmd.op.aead.nonce_len = 12;
	return run;
}

static void fill(void)
{
	unit_random_bytes(plain, MOST);
	unit_random_bytes(data, sizeof(data));
	unit_random_bytes(key_bytes, sizeof(key_bytes));
}

static void aead__there_and_back(void **state)
{
	static const u32 algorithms[] = {
		AXE_KEY_AES_GCM, AXE_KEY_AES_CCM, AXE_KEY_CHACHA20_POLY1305,
	};
	static const size_t lens[] = { 0, 1, 15, 16, 4095, 4096, 70001, MOST };
	static const size_t data_lens[] = { 0, 1, 4095, 65279, 65280, AXE_MAX_AEAD_DATA };
	size_t i;

	fill();
	for (i = 0; i < 48; i++) {
		size_t len = lens[i % ARRAY_SIZE(lens)];
		size_t data_len = data_lens[i / 3 % ARRAY_SIZE(data_lens)];
		struct unit_run run = command(AXE_OP_SEAL, algorithms[i % 3], len, data_len);

		run.src_cut = UNIT_RANDOM;
		assert_int_equal(unit_run(&run), AXE_OK);
		assert_int_equal(run.done, len + 16);
		run = command(AXE_OP_OPEN, algorithms[i % 3], len, data_len);
		run.dst_cut = UNIT_RANDOM;
		assert_int_equal(unit_run(&run), AXE_OK);
		assert_memory_equal(got, plain, len);
	}
}

/* Any bit of the message, the tag or the data: and nothing is written. */
static void aead__forged(void **state)
{
	struct unit_run run = command(AXE_OP_SEAL, AXE_KEY_AES_GCM, 100, 50);
	size_t i;

	fill();
	assert_int_equal(unit_run(&run), AXE_OK);
	for (i = 0; i < 166; i++) {
		u8 *p = i < 116 ? &sealed[i] : &data[i - 116];

		memset(got, 0x77, 100);
		*p ^= 1 << i % 8;
		run = command(AXE_OP_OPEN, AXE_KEY_AES_GCM, 100, 50);
		assert_int_equal(unit_run(&run), AXE_ERR_AUTH);
		assert_int_equal(run.done, 0);
		for (size_t k = 0; k < 100; k++)
			assert_int_equal(got[k], 0x77);
		*p ^= 1 << i % 8;
	}
}

static void aead__nonces(void **state)
{
	static const struct {
		u32 algorithm;
		u8 len;
		size_t message;
		enum axe_code code;
	} tries[] = {
		{ AXE_KEY_AES_GCM, 0, 10, AXE_ERR_PARAM },
		{ AXE_KEY_AES_GCM, 11, 10, AXE_ERR_PARAM },
		{ AXE_KEY_AES_GCM, 13, 10, AXE_ERR_PARAM },
		{ AXE_KEY_CHACHA20_POLY1305, 8, 10, AXE_ERR_PARAM },
		{ AXE_KEY_AES_CCM, 6, 10, AXE_ERR_PARAM },
		{ AXE_KEY_AES_CCM, 14, 10, AXE_ERR_PARAM },
		{ AXE_KEY_AES_CCM, 255, 10, AXE_ERR_PARAM },
		{ AXE_KEY_AES_CCM, 7, 10, AXE_OK },
		{ AXE_KEY_AES_CCM, 13, 65535, AXE_OK },
		{ AXE_KEY_AES_CCM, 13, 65536, AXE_ERR_LENGTH },
		{ AXE_KEY_AES_CCM, 12, 65536, AXE_OK },
	};
	size_t i;

	fill();
	for (i = 0; i < ARRAY_SIZE(tries); i++) {
		struct unit_run run = command(AXE_OP_SEAL, tries[i].algorithm, tries[i].message, 3);

		run.cmd.op.aead.nonce_len = tries[i].len;
		if (unit_run(&run) != (int)tries[i].code)
			fail_msg("try %zu: code %d", i, run.code);
		if (tries[i].code != AXE_OK)
			continue;
		run = command(AXE_OP_OPEN, tries[i].algorithm, tries[i].message, 3);
		run.cmd.op.aead.nonce_len = tries[i].len;
		if (unit_run(&run) != AXE_OK)
			fail_msg("try %zu, back: code %d", i, run.code);
	}
}

static void aead__lengths(void **state)
{
	struct unit_run run = command(AXE_OP_SEAL, AXE_KEY_AES_GCM, 100, 0);

	run.dst_len = 115;
	assert_int_equal(unit_run(&run), AXE_ERR_LENGTH);
	run.dst_len = 117;
	assert_int_equal(unit_run(&run), AXE_ERR_LENGTH);
	run = command(AXE_OP_OPEN, AXE_KEY_AES_GCM, 0, 0);
	run.src_len = 15;
	assert_int_equal(unit_run(&run), AXE_ERR_LENGTH);
}

/* All that an algorithm has, and no others; nothing of another length is genuine. */
static void aead__tags_that_are_cut(void **state)
{
	static const struct {
		u32 algorithm;
		u32 lens;
	} tries[] = {
		{ AXE_KEY_AES_GCM, 0x1f000 }, { AXE_KEY_AES_CCM, 0x15500 },
		{ AXE_KEY_CHACHA20_POLY1305, 0x10000 }, { AXE_KEY_ESP_AES_GCM_12, 0x1000 },
		{ AXE_KEY_HMAC_SHA256, 0 }, { AXE_KEY_AES_CBC, 0 },
	};
	u8 bytes[36] = {};
	struct axe_key key;

	fill();
	for (size_t i = 0; i < ARRAY_SIZE(tries); i++) {
		u32 use = tries[i].algorithm == AXE_KEY_HMAC_SHA256 ? AXE_KEY_SIGN :
			  AXE_KEY_ENCRYPT;
		size_t key_len = tries[i].algorithm == AXE_KEY_ESP_AES_GCM_12 ? 36 : 32;

		for (u32 n = 0; n < 300; n++) {
			bool good = n < 32 && tries[i].lens >> n & 1;
			struct unit_run run;

			assert_int_equal(axe_key_init(&key, tries[i].algorithm, use, bytes,
						      key_len), 0);
			assert_int_equal(axe_key_set_tag_len(&key, n), good ? 0 : -EINVAL);
			axe_key_fini(&key);
			if (!good || tries[i].algorithm == AXE_KEY_ESP_AES_GCM_12)
				continue;
			run = command(AXE_OP_SEAL, tries[i].algorithm, 100, 50);
			run.key.tag_len = n;
			run.dst_len = 100 + n;
			assert_int_equal(unit_run(&run), AXE_OK);
			run.dst_len++;
			assert_int_equal(unit_run(&run), AXE_ERR_LENGTH);
			run = command(AXE_OP_OPEN, tries[i].algorithm, 100, 50);
			run.key.tag_len = n;
			run.src_len = 100 + n;
			assert_int_equal(unit_run(&run), AXE_OK);
			assert_memory_equal(got, plain, 100);
			sealed[100 + n - 1] ^= 1;
			assert_int_equal(unit_run(&run), AXE_ERR_AUTH);
		}
	}
}

static void aead__reserved_bytes(void **state)
{
	struct axe_cmd cmd = unit_cmd(AXE_OP_SEAL);
	struct axe_cmd_ext ext = {};
	size_t i;

	cmd.dst.length = cpu_to_le32(16);
	cmd.op.aead.nonce_len = 12;
	assert_int_equal(unit_check(&cmd, &ext), AXE_OK);
	for (i = 5; i < 16; i++) {
		cmd.op.raw[i] = 1;
		assert_int_equal(unit_check(&cmd, &ext), AXE_ERR_RESERVED);
		cmd.op.raw[i] = 0;
	}
	for (i = 12; i < 32; i++) {
		ext.op.raw[i] = 1;
		assert_int_equal(unit_check(&cmd, &ext), AXE_ERR_RESERVED);
		ext.op.raw[i] = 0;
	}
}

static void key__of_another_kind(void **state)
{
	struct unit_run run = command(AXE_OP_SEAL, AXE_KEY_AES_CBC, 100, 0);

	assert_int_equal(unit_run(&run), AXE_ERR_KEY_USE);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(aead__there_and_back),
	cmocka_unit_test(aead__forged),
	cmocka_unit_test(aead__nonces),
	cmocka_unit_test(aead__lengths),
	cmocka_unit_test(aead__tags_that_are_cut),
	cmocka_unit_test(aead__reserved_bytes),
	cmocka_unit_test(key__of_another_kind),
};

int main(void)
{
	return unit_main("aead", tests, ARRAY_SIZE(tests));
}
