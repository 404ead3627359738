// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Packets around their payload, and those that are none. */

#include "esp.h"
#include "ops.h"

#define PAYLOAD	1400

static uint8_t *data, *packet;
static struct esp_packet esp;
static struct axedv_key *key;

static struct wc seal_at(uint8_t *to, uint8_t *from, size_t length)
{
	struct ibv_sge src = here(&rig, from, length), dst = here(&rig, to, length + 64);

	return run(&rig, esp_seal, &dst, &src, key, esp.spi, esp.seq, esp.iv, esp.next_header,
		   esp.flags);
}

static struct wc open_at(uint8_t *to, uint8_t *from, size_t length)
{
	struct ibv_sge src = here(&rig, from, length), dst = here(&rig, to, PAYLOAD);

	return run(&rig, esp_open, &dst, &src, key, 0, esp.seq >> 32, esp.flags);
}

/* The payload where it is in the packet, or anywhere else. */
static void esp__around_the_payload(void **state)
{
	static const int shifts[] = { 16, 0, 1, -1, -700, 700, 15 };
	size_t all, i;
	struct wc wc;

	for (i = 0; i < ARRAY_SIZE(shifts); i++) {
		uint8_t *payload = data + 8192 + shifts[i];

		fill_noise(payload, PAYLOAD, i);
		memcpy(scratch, payload, PAYLOAD);
		all = esp_make(&esp, scratch, PAYLOAD, packet);
		wc = seal_at(data + 8192, payload, PAYLOAD);
		assert_done(wc);
		assert_int_equal(wc.byte_len, all);
		assert_memory_equal(data + 8192, packet, all);
		wc = open_at(data + 8192 + shifts[i], data + 8192, all);
		assert_done(wc);
		assert_int_equal(wc.byte_len, PAYLOAD);
		assert_memory_equal(data + 8192 + shifts[i], scratch, PAYLOAD);
	}
}

static void esp__number_as_iv(void **state)
{
	struct ibv_sge src = here(&rig, data, PAYLOAD), dst = here(&rig, packet, PAYLOAD + 64);
	uint8_t number[8] = { 0, 0, 0, 5, 0, 0, 0, 1 };
	struct wc wc;

	assert_int_equal(esp.seq, 0x500000001);
	wc = run(&rig, esp_seal, &dst, &src, key, esp.spi, esp.seq, NULL, 4, esp.flags);
	assert_done(wc);
	assert_memory_equal(packet + 8, number, 8);
}

static void esp_open__more_padding(void **state)
{
	struct esp_packet e = esp;
	struct wc wc;
	size_t all;

	for (e.more_pad = 0; e.more_pad <= 252; e.more_pad += 84) {
		all = esp_make(&e, data, PAYLOAD, packet);
		wc = open_at(scratch, packet, all);
		assert_done(wc);
		assert_int_equal(wc.byte_len, PAYLOAD);
		assert_memory_equal(scratch, data, PAYLOAD);
	}
}

static void esp_open__bad_padding(void **state)
{
	struct esp_packet e = esp;
	struct wc wc;
	size_t all;

	e.bad_pad = true;
	e.more_pad = 4;
	all = esp_make(&e, data, PAYLOAD, packet);
	memset(scratch, 0x5a, 2 * PAYLOAD);
	wc = open_at(scratch, packet, all);
	assert_code(wc, AXE_ERR_DATA);
	assert_int_equal(wc.result[0], 16 + PAYLOAD);
	assert_int_equal(wc.result[1], (uint64_t)e.spi << 32 | (uint32_t)e.seq);
	assert_int_equal(scratch[0], 0x5a);
}

static void esp_open__not_a_packet(void **state)
{
	size_t all = esp_make(&esp, data, PAYLOAD, packet), i;
	struct ibv_sge src = here(&rig, packet, all), dst = here(&rig, scratch, PAYLOAD - 1);
	struct wc wc;

	for (i = 0; i < 36; i++) {
		wc = open_at(scratch, packet, i);
		assert_code(wc, AXE_ERR_TRUNCATED);
		assert_int_equal(wc.result[0], i);
	}
	assert_code(open_at(scratch, packet, all - 1), AXE_ERR_LENGTH);
	assert_code(open_at(scratch, packet, all - 4), AXE_ERR_AUTH);
	wc = run(&rig, esp_open, &dst, &src, key, esp.spi + 1, esp.seq >> 32,
		 esp.flags | AXE_ESP_CHECK_SPI);
	assert_code(wc, AXE_ERR_DATA);
	assert_int_equal(wc.result[0], 0);
	assert_int_equal(wc.result[1] >> 32, esp.spi);
	/* Of the next 2^32 packets. */
	wc = run(&rig, esp_open, &dst, &src, key, 0, (esp.seq >> 32) + 1, esp.flags);
	assert_code(wc, AXE_ERR_AUTH);
	wc = run(&rig, esp_open, &dst, &src, key, 0, esp.seq >> 32, esp.flags);
	assert_code(wc, AXE_ERR_FULL);
	assert_int_equal(wc.result[0], PAYLOAD);
	assert_queue_works(&rig);
}

static void esp__refused(void **state)
{
	struct ibv_sge src = here(&rig, data, PAYLOAD), dst = here(&rig, packet, PAYLOAD + 64);
	struct ibv_sge most = here(&rig, data, AXE_MAX_ESP - 33), room = here(&rig, packet, MIB);
	struct ibv_sge more = here(&rig, data, AXE_MAX_ESP + 1);
	struct axedv_key *gcm;

	assert_code(run(&rig, esp_seal, &dst, &src, key, 0, 1, NULL, 4, 0), AXE_ERR_PARAM);
	assert_code(run(&rig, esp_seal, &dst, &src, key, 1, 1ULL << 32, NULL, 4, 0),
		    AXE_ERR_PARAM);
	assert_code(run(&rig, esp_seal, &dst, &src, key, 1, 1, NULL, 4, AXE_ESP_CHECK_SPI),
		    AXE_ERR_RESERVED);
	assert_code(run(&rig, esp_seal, &room, &most, key, 1, 1, NULL, 4, 0), AXE_ERR_LENGTH);
	assert_code(run(&rig, esp_seal, &room, &more, key, 1, 1, NULL, 4, 0), AXE_ERR_LENGTH);
	assert_code(run(&rig, esp_open, &room, &more, key, 0, 0, 0), AXE_ERR_LENGTH);
	assert_code(run(&rig, esp_open, &dst, &src, key, 1, 0, 0), AXE_ERR_RESERVED);
	assert_code(run(&rig, esp_open, &dst, &src, key, 0, 1, 0), AXE_ERR_PARAM);
	dst.length = 16 + PAYLOAD + 4 + 15;
	assert_code(run(&rig, esp_seal, &dst, &src, key, 1, 1, NULL, 4, 0), AXE_ERR_FULL);
	gcm = axedv_create_key(rig.pd, AXE_KEY_AES_GCM, AXE_KEY_ENCRYPT, esp.key, 16);
	demand(gcm, "AES-GCM");
	assert_code(run(&rig, esp_seal, &room, &src, gcm, 1, 1, NULL, 4, 0), AXE_ERR_KEY_USE);
	room.length = PAYLOAD + 16;
	assert_code(run(&rig, seal, &room, &src, NULL, key, data, 12), AXE_ERR_KEY_USE);
	assert_int_equal(axedv_destroy_key(gcm), 0);
	assert_queue_works(&rig);
}

static int esp_setup(void **state)
{
	int ret = ops_setup(state);

	data = pages(MIB);
	packet = pages(MIB);
	fill_noise(data, MIB, 3);
	/* ChaCha20-Poly1305, with extended numbers. */
	key = esp_key(&esp, 1);
	return ret;
}

static int esp_teardown(void **state)
{
	assert_int_equal(axedv_destroy_key(key), 0);
	return ops_teardown(state);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(esp__around_the_payload),
	cmocka_unit_test(esp__number_as_iv),
	cmocka_unit_test(esp_open__more_padding),
	cmocka_unit_test(esp_open__bad_padding),
	cmocka_unit_test(esp_open__not_a_packet),
	cmocka_unit_test(esp__refused),
};

LIVE_MAIN("esp", tests, esp_setup, esp_teardown)
