// SPDX-License-Identifier: GPL-2.0
/* IPsec ESP: there and back, what is refused, what is forged. */
#include <errno.h>

#include "vectors.h"

#define MOST		(AXE_MAX_ESP - 16 - 2 - 16)
#define SPI		0x12345678
#define PACKET(len, icv)	(16 + (((len) + 2 + 3) & ~3UL) + (icv))

static u8 plain[AXE_MAX_ESP + 1], packet[AXE_MAX_ESP + 1], got[AXE_MAX_ESP + 1], key_bytes[36];

static const struct scheme {
	u32 algorithm;
	size_t key_len;
	size_t icv;
} schemes[] = {
	{ AXE_KEY_ESP_AES_GCM_16, 20, 16 },
	{ AXE_KEY_ESP_AES_GCM_12, 28, 12 },
	{ AXE_KEY_ESP_AES_GCM_8, 36, 8 },
	{ AXE_KEY_ESP_CHACHA20_POLY1305, 36, 16 },
};

static struct axe_cmd_ext ext;

static struct unit_run seal(const struct scheme *s, size_t len)
{
	struct unit_run run = {
		.cmd = unit_cmd(AXE_OP_ESP_SEAL),
		.key = { .algorithm = s->algorithm, .bytes = key_bytes, .len = s->key_len },
		.ext = &ext,
		.src = plain,
		.src_len = len,
		.dst = packet,
		.dst_len = PACKET(len, s->icv),
	};

	memset(&ext, 0, sizeof(ext));
	run.cmd.op.esp.spi = cpu_to_le32(SPI);
	run.cmd.op.esp.seq = cpu_to_le64(7);
	memcpy(ext.op.esp.iv, "01234567", 8);
	ext.op.esp.next_header = 4;
	return run;
}

static struct unit_run open_packet(const struct scheme *s, size_t len)
{
	struct unit_run run = {
		.cmd = unit_cmd(AXE_OP_ESP_OPEN),
		.key = { .algorithm = s->algorithm, .bytes = key_bytes, .len = s->key_len },
		.ext = &ext,
		.src = packet,
		.src_len = PACKET(len, s->icv),
		.dst = got,
		.dst_len = len,
	};

	memset(&ext, 0, sizeof(ext));
	return run;
}

static void fill(void)
{
	unit_random_bytes(plain, sizeof(plain));
	unit_random_bytes(key_bytes, sizeof(key_bytes));
}

static void esp__there_and_back(void **state)
{
	static const size_t lens[] = {
		0, 1, 2, 3, 4, 5, 20, 1400, 1460, 4094, 4095, 4096, 9000, 65000, MOST,
	};

	fill();
	for (size_t i = 0; i < 4 * ARRAY_SIZE(lens); i++) {
		const struct scheme *s = &schemes[i % 4];
		size_t len = lens[i / 4];
		struct unit_run run = seal(s, len);

		run.src_cut = unit_random(UNIT_CUTS);
		run.dst_cut = unit_random(UNIT_CUTS);
		/* It may have more room. */
		run.dst_len += unit_random(2) && len < 65000 ? 100 : 0;
		memset(packet, 0xcc, sizeof(packet));
		assert_int_equal(unit_run(&run), AXE_OK);
		assert_int_equal(run.done, PACKET(len, s->icv));
		assert_int_equal(packet[PACKET(len, s->icv)], 0xcc);

		run = open_packet(s, len);
		run.src_cut = unit_random(UNIT_CUTS);
		run.dst_cut = unit_random(UNIT_CUTS);
		run.dst_len += unit_random(2) ? 1 : 0;
		got[len] = 0xcc;
		assert_int_equal(unit_run(&run), AXE_OK);
		assert_int_equal(run.done, len);
		assert_int_equal(run.result[0], 4);
		assert_int_equal(run.result[1], (u64)SPI << 32 | 7);
		assert_memory_equal(got, plain, len);
		assert_int_equal(got[len], 0xcc);
	}
}

/* Any bit of it, the key, the salt, or the upper half of the number. */
static void esp__forged(void **state)
{
	const size_t len = 41;

	fill();
	for (size_t k = 0; k < ARRAY_SIZE(schemes); k++) {
		const struct scheme *s = &schemes[k];
		size_t all = PACKET(len, s->icv);
		struct unit_run run = seal(s, len);

		assert_int_equal(unit_run(&run), AXE_OK);
		for (size_t i = 0; i < all + s->key_len; i++) {
			u8 *p = i < all ? &packet[i] : &key_bytes[i - all];

			memset(got, 0x77, len);
			*p ^= 1 << i % 8;
			run = open_packet(s, len);
			assert_int_equal(unit_run(&run), AXE_ERR_AUTH);
			assert_int_equal(run.done, 0);
			for (size_t j = 0; j < len; j++)
				assert_int_equal(got[j], 0x77);
			*p ^= 1 << i % 8;
		}
		run = open_packet(s, len);
		ext.op.esp.flags = AXE_ESP_ESN;
		assert_int_equal(unit_run(&run), AXE_ERR_AUTH);
	}
}

/* An ICV that is cut is not good for a key that has all of it. */
static void esp__icv_of_another_length(void **state)
{
	struct unit_run run = seal(&schemes[0], 40);

	fill();
	assert_int_equal(unit_run(&run), AXE_OK);
	run = open_packet(&schemes[0], 40);
	run.src_len -= 4;
	assert_int_equal(unit_run(&run), AXE_ERR_AUTH);
	run.src_len -= 4;
	assert_int_equal(unit_run(&run), AXE_ERR_AUTH);
}

static void esp__lengths(void **state)
{
	struct unit_run run = seal(&schemes[0], 40);

	fill();
	run.dst_len--;
	assert_int_equal(unit_run(&run), AXE_ERR_FULL);
	run = seal(&schemes[0], MOST + 1);
	assert_int_equal(unit_run(&run), AXE_ERR_LENGTH);
	run = seal(&schemes[0], 40);
	assert_int_equal(unit_run(&run), AXE_OK);
	for (size_t len = 0; len < 76; len++) {
		run = open_packet(&schemes[0], 40);
		run.src_len = len;
		assert_int_equal(unit_run(&run), len < 36 ? AXE_ERR_TRUNCATED :
				 len % 4 ? AXE_ERR_LENGTH : AXE_ERR_AUTH);
		if (len < 36)
			assert_int_equal(run.result[0], len);
	}
	run = open_packet(&schemes[0], 40);
	run.dst_len = 39;
	memset(got, 0x77, 40);
	assert_int_equal(unit_run(&run), AXE_ERR_FULL);
	assert_int_equal(run.result[0], 40);
	assert_int_equal(got[0], 0x77);
}

static void esp__parameters(void **state)
{
	struct axe_cmd cmd = unit_cmd(AXE_OP_ESP_SEAL);
	struct axe_cmd_ext e = {};
	unsigned int i;

	/* RFC 4303: no SPI of 0. */
	assert_int_equal(unit_check(&cmd, &e), AXE_ERR_PARAM);
	cmd.op.esp.spi = cpu_to_le32(1);
	assert_int_equal(unit_check(&cmd, &e), AXE_OK);
	cmd.op.esp.seq = cpu_to_le64(1ULL << 32);
	assert_int_equal(unit_check(&cmd, &e), AXE_ERR_PARAM);
	e.op.esp.flags = AXE_ESP_ESN;
	assert_int_equal(unit_check(&cmd, &e), AXE_OK);
	e.op.esp.flags = AXE_ESP_CHECK_SPI;
	assert_int_equal(unit_check(&cmd, &e), AXE_ERR_RESERVED);

	cmd = unit_cmd(AXE_OP_ESP_OPEN);
	for (i = 0; i < 32; i++) {
		memset(&e, 0, sizeof(e));
		e.op.raw[i] = i == 8 ? 4 : 1;
		assert_int_equal(unit_check(&cmd, &e), AXE_ERR_RESERVED);
	}
	memset(&e, 0, sizeof(e));
	cmd.op.esp.seq = cpu_to_le64(1);
	assert_int_equal(unit_check(&cmd, &e), AXE_ERR_RESERVED);
	cmd.op.esp.seq = 0;
	cmd.op.esp.spi = cpu_to_le32(1);
	assert_int_equal(unit_check(&cmd, &e), AXE_ERR_RESERVED);
	e.op.esp.flags = AXE_ESP_CHECK_SPI;
	assert_int_equal(unit_check(&cmd, &e), AXE_OK);
	for (i = 10; i < 32; i++) {
		cmd = unit_cmd(AXE_OP_ESP_SEAL);
		cmd.op.esp.spi = cpu_to_le32(1);
		memset(&e, 0, sizeof(e));
		e.op.raw[i] = 1;
		assert_int_equal(unit_check(&cmd, &e), AXE_ERR_RESERVED);
	}
}

static void key__of_esp(void **state)
{
	static const struct {
		u32 algorithm;
		size_t len;
		int want;
	} tries[] = {
		{ AXE_KEY_ESP_AES_GCM_16, 16, -EINVAL }, { AXE_KEY_ESP_AES_GCM_16, 24, -EINVAL },
		{ AXE_KEY_ESP_AES_GCM_16, 20, 0 }, { AXE_KEY_ESP_AES_GCM_8, 28, 0 },
		{ AXE_KEY_ESP_AES_GCM_12, 36, 0 }, { AXE_KEY_ESP_AES_GCM_12, 40, -EINVAL },
		{ AXE_KEY_ESP_CHACHA20_POLY1305, 32, -EINVAL },
		{ AXE_KEY_ESP_CHACHA20_POLY1305, 36, 0 },
	};
	struct unit_run run = seal(&schemes[0], 40);
	struct axe_key key;

	for (size_t i = 0; i < ARRAY_SIZE(tries); i++) {
		assert_int_equal(axe_key_init(&key, tries[i].algorithm, AXE_KEY_ENCRYPT, key_bytes,
					      tries[i].len), tries[i].want);
		if (!tries[i].want)
			axe_key_fini(&key);
	}
	/* Nor the other way round. */
	run.key.algorithm = AXE_KEY_AES_GCM;
	run.key.len = 16;
	assert_int_equal(unit_run(&run), AXE_ERR_KEY_USE);
	run = seal(&schemes[0], 40);
	run.key.uses = AXE_KEY_DECRYPT;
	assert_int_equal(unit_run(&run), AXE_ERR_KEY_USE);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(esp__there_and_back),
	cmocka_unit_test(esp__forged),
	cmocka_unit_test(esp__icv_of_another_length),
	cmocka_unit_test(esp__lengths),
	cmocka_unit_test(esp__parameters),
	cmocka_unit_test(key__of_esp),
};

int main(void)
{
	return unit_main("esp", tests, ARRAY_SIZE(tests));
}
