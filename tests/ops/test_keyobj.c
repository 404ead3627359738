// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Key objects: who may use them, for what, and how long they live. */

#include <endian.h>
#include <errno.h>

#include "ops.h"

#define BOTH	(AXE_KEY_ENCRYPT | AXE_KEY_DECRYPT)

static const uint8_t secret[64] = "not the key that anybody else has, of 64 bytes, or so they say";
static uint8_t *data;

static struct axedv_key *make(struct ibv_pd *pd, uint32_t uses)
{
	struct axedv_key *key = axedv_create_key(pd, AXE_KEY_AES_CTR, uses, secret, 32);

	demand(key, "no key: errno %d", errno);
	return key;
}

static struct wc encrypt(struct rig *r, const struct axedv_key *key)
{
	struct ibv_sge buf = here(r, data, 1000);

	return run(r, encrypt, &buf, &buf, key, secret, 0);
}

static struct wc encrypt_number(uint32_t number)
{
	struct ibv_sge buf = here(&rig, data, 1000);
	struct axe_cmd cmd = {
		.opcode = htole16(AXE_OP_ENCRYPT),
		.src = { htole64(buf.addr), htole32(buf.length), htole32(buf.lkey) },
		.dst = { htole64(buf.addr), htole32(buf.length), htole32(buf.lkey) },
		.op.key = htole32(number),
	};

	return run_cmd(&rig, &cmd, NULL);
}

static void key__in_place_there_and_back(void **state)
{
	struct axedv_key *key = make(rig.pd, BOTH);
	struct ibv_sge buf = here(&rig, data + 3, 100000);
	struct wc wc;

	fill_noise(data, 100003, 7);
	memcpy(scratch, data, 100003);
	wc = run(&rig, encrypt, &buf, &buf, key, secret, 0);
	assert_done(wc);
	assert_int_not_equal(memcmp(data + 3, scratch + 3, 100000), 0);
	wc = run(&rig, decrypt, &buf, &buf, key, secret, 0);
	assert_done(wc);
	assert_memory_equal(data, scratch, 100003);
	assert_int_equal(axedv_destroy_key(key), 0);
}

static void key__overlap_is_refused(void **state)
{
	struct axedv_key *key = make(rig.pd, BOTH);
	struct ibv_sge src = here(&rig, data, 1000), dst = here(&rig, data + 16, 1000);
	struct wc wc = run(&rig, encrypt, &dst, &src, key, secret, 0);

	assert_code(wc, AXE_ERR_OVERLAP);
	assert_int_equal(axedv_destroy_key(key), 0);
}

static void key__of_another_domain(void **state)
{
	struct ibv_pd *pd = ibv_alloc_pd(rig.ctx);
	struct axedv_key *key;

	demand(pd, "no PD");
	key = make(pd, BOTH);
	assert_code(encrypt(&rig, key), AXE_ERR_NO_KEY);
	assert_int_equal(axedv_destroy_key(key), 0);
	assert_int_equal(ibv_dealloc_pd(pd), 0);
}

static void key__of_another_process(void **state)
{
	struct rig other;
	struct axedv_key *key;

	rig_open(&other, NULL);
	key = make(other.pd, BOTH);
	assert_code(encrypt_number(axedv_key_number(key)), AXE_ERR_NO_KEY);
	assert_done(encrypt(&other, key));
	assert_int_equal(axedv_destroy_key(key), 0);
	rig_close(&other);
}

static void key__that_never_was(void **state)
{
	static const uint32_t numbers[] = { 0, 0x7fffffff, 0x80000000, 0xffffffff };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		assert_code(encrypt_number(numbers[i]), AXE_ERR_NO_KEY);
}

static void key__for_another_use(void **state)
{
	struct axedv_key *key = make(rig.pd, AXE_KEY_DECRYPT);
	struct ibv_sge buf = here(&rig, data, 1000);
	struct wc wc;

	assert_code(encrypt(&rig, key), AXE_ERR_KEY_USE);
	wc = run(&rig, decrypt, &buf, &buf, key, secret, 0);
	assert_done(wc);
	assert_int_equal(axedv_destroy_key(key), 0);
}

static void key__destroyed(void **state)
{
	struct axedv_key *key = make(rig.pd, BOTH), *next;
	uint32_t number = axedv_key_number(key);

	assert_done(encrypt(&rig, key));
	assert_int_equal(axedv_destroy_key(key), 0);
	assert_code(encrypt_number(number), AXE_ERR_NO_KEY);
	next = make(rig.pd, BOTH);
	assert_int_not_equal(axedv_key_number(next), number);
	assert_code(encrypt_number(number), AXE_ERR_NO_KEY);
	assert_int_equal(axedv_destroy_key(next), 0);
}

/* Commands in flight end, one way or the other, and the others do not find it. */
static void key__destroyed_while_used(void **state)
{
	struct ibv_sge buf = here(&rig, data, 4 * MIB);
	int i, round;

	for (round = 0; round < 5; round++) {
		struct axedv_key *key = make(rig.pd, BOTH);

		for (i = 0; i < 8; i++)
			post(&rig, i, IBV_SEND_SIGNALED, encrypt, &buf, &buf, key, secret, 0);
		assert_int_equal(axedv_destroy_key(key), 0);
		for (i = 0; i < 8; i++) {
			struct wc wc = rig_wait(&rig);

			demand(wc.code == AXE_OK || wc.code == AXE_ERR_NO_KEY, "code %d", wc.code);
		}
	}
}

static void create_key__refused(void **state)
{
	static const struct {
		unsigned int algorithm;
		uint32_t uses;
		size_t length;
		int error;
	} tries[] = {
		{ 0, BOTH, 16, EOPNOTSUPP },
		{ 7, BOTH, 16, EOPNOTSUPP },
		{ 0xffffffff, BOTH, 16, EOPNOTSUPP },
		{ AXE_KEY_AES_CBC, 0, 16, EINVAL },
		{ AXE_KEY_AES_CBC, AXE_KEY_SIGN, 16, EINVAL },
		{ AXE_KEY_AES_CBC, BOTH | 1U << 31, 16, EINVAL },
		{ AXE_KEY_AES_CBC, BOTH, 0, EINVAL },
		{ AXE_KEY_AES_CBC, BOTH, 1, EINVAL },
		{ AXE_KEY_AES_CBC, BOTH, 33, EINVAL },
		{ AXE_KEY_AES_XTS, BOTH, 16, EINVAL },
		{ AXE_KEY_AES_CBC, BOTH, 4096, EINVAL },
		{ AXE_KEY_AES_CBC, BOTH, 4097, EINVAL },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tries); i++) {
		struct axedv_key *key = axedv_create_key(rig.pd, tries[i].algorithm,
							 tries[i].uses, data, tries[i].length);

		demand(!key && errno == tries[i].error, "try %zu: errno %d, not %d", i, errno,
		       tries[i].error);
	}
	assert_false(axedv_create_key(rig.pd, AXE_KEY_AES_CBC, BOTH, (void *)1, 16));
	assert_int_equal(errno, EFAULT);
}

/* A length of tags that the algorithm does not have, or one that has none to choose. */
static void create_aead_key__refused(void **state)
{
	static const struct {
		enum axe_key_algorithm algorithm;
		size_t tag_len;
		bool good;
	} tries[] = {
		{ AXE_KEY_AES_GCM, 11, false }, { AXE_KEY_AES_GCM, 12, true },
		{ AXE_KEY_AES_GCM, 16, true }, { AXE_KEY_AES_GCM, 17, false },
		{ AXE_KEY_AES_CCM, 6, false }, { AXE_KEY_AES_CCM, 9, false },
		{ AXE_KEY_AES_CCM, 14, true }, { AXE_KEY_AES_CBC, 16, false },
		{ AXE_KEY_CHACHA20_POLY1305, 12, false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tries); i++) {
		struct axedv_key *key = axedv_create_aead_key(rig.pd, tries[i].algorithm, BOTH,
							      secret, 32, tries[i].tag_len);

		demand(!!key == tries[i].good && (key || errno == EINVAL), "try %zu: errno %d", i,
		       errno);
		if (key)
			assert_int_equal(axedv_destroy_key(key), 0);
	}
}

/* What the query says is there, and nothing else, is what keys can be made for. */
static void create_key__of_what_there_is(void **state)
{
	static const enum axe_opcode users[] = {
		AXE_OP_ENCRYPT, AXE_OP_SEAL, AXE_OP_MAC, AXE_OP_ESP_SEAL,
	};
	static const size_t lengths[] = { 16, 20, 32, 36 };
	struct axe_op_info ops[128];
	int n = axedv_query_ops(rig.ctx, ops, ARRAY_SIZE(ops));
	uint32_t there = 0;
	unsigned int algorithm, i, k;

	assert_between(n, AXE_OP_ESP_SEAL + 1, ARRAY_SIZE(ops));
	for (i = 0; i < ARRAY_SIZE(users); i++)
		there |= ops[users[i]].formats;
	assert_true(there & 1 << AXE_KEY_AES_CBC);
	for (algorithm = 0; algorithm < 32; algorithm++) {
		struct axedv_key *key = NULL;
		uint32_t uses;

		for (k = 0; !key && k < 2 * ARRAY_SIZE(lengths); k++) {
			uses = k & 1 ? AXE_KEY_ENCRYPT : AXE_KEY_SIGN;
			key = axedv_create_key(rig.pd, algorithm, uses, secret, lengths[k / 2]);
		}
		demand(!!key == (there >> algorithm & 1), "algorithm %u: %s", algorithm,
		       key ? "a key" : "no key");
		if (key)
			assert_int_equal(axedv_destroy_key(key), 0);
	}
}

static void key__keeps_its_domain(void **state)
{
	struct ibv_pd *pd = ibv_alloc_pd(rig.ctx);
	struct axedv_key *key;

	demand(pd, "no PD");
	key = make(pd, BOTH);
	assert_int_equal(ibv_dealloc_pd(pd), EBUSY);
	assert_int_equal(axedv_destroy_key(key), 0);
	assert_int_equal(ibv_dealloc_pd(pd), 0);
}

/* What a process leaves behind goes with it, whatever the order. */
static void leave_keys(void *arg)
{
	struct rig own;
	int i;

	rig_open(&own, NULL);
	for (i = 0; i < 1000; i++)
		demand(make(own.pd, BOTH), "key %d", i);
	_exit(0);
}

static void key__goes_with_its_process(void **state)
{
	int round;

	/* More than the device can have at a time. */
	for (round = 0; round < 70; round++)
		in_child(leave_keys, NULL);
}

static int keys_setup(void **state)
{
	data = pages(4 * MIB);
	return ops_setup(state);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(key__in_place_there_and_back),
	cmocka_unit_test(key__overlap_is_refused),
	cmocka_unit_test(key__of_another_domain),
	cmocka_unit_test(key__of_another_process),
	cmocka_unit_test(key__that_never_was),
	cmocka_unit_test(key__for_another_use),
	cmocka_unit_test(key__destroyed),
	cmocka_unit_test(key__destroyed_while_used),
	cmocka_unit_test(create_key__refused),
	cmocka_unit_test(create_key__of_what_there_is),
	cmocka_unit_test(create_aead_key__refused),
	cmocka_unit_test(key__keeps_its_domain),
	cmocka_unit_test(key__goes_with_its_process),
};

LIVE_MAIN("keyobj", tests, keys_setup, ops_teardown)
