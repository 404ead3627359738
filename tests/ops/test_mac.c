// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Messages in parts, tags in chains, and what is refused. */

#include "macs.h"
#include "ops.h"

#define LENGTH	100001
#define LAST	(AXE_HASH_STREAM | AXE_HASH_FINAL)

static uint8_t *data, *made;
static uint8_t key_bytes[MAC_KEY_MAX];

static struct axedv_key *make(const struct mac_scheme *s)
{
	struct axedv_key *key = axedv_create_key(rig.pd, s->algorithm,
						 AXE_KEY_SIGN | AXE_KEY_VERIFY, key_bytes,
						 s->key_len);

	demand(key, "key of algorithm %d: errno %d", s->algorithm, errno);
	return key;
}

static void mac__query(void **state)
{
	struct axe_op_info ops[128];
	int n = axedv_query_ops(rig.ctx, ops, ARRAY_SIZE(ops));
	unsigned int i;

	assert_between(n, AXE_OP_MAC_VERIFY + 1, ARRAY_SIZE(ops));
	for (i = 0; i < NUM_MACS; i++) {
		assert_true(ops[AXE_OP_MAC].formats >> mac_schemes[i].algorithm & 1);
		assert_true(ops[AXE_OP_MAC_VERIFY].formats >> mac_schemes[i].algorithm & 1);
		assert_non_null(axedv_format_str(AXE_OP_MAC, mac_schemes[i].algorithm));
	}
}

static void mac__stream_in_odd_parts(void **state)
{
	static const size_t parts[] = { 0, 1, 15, 16, 17, 63, 65, 4096, 0, 70001, LENGTH };
	uint8_t tag[TAG_MAX];
	struct ibv_sge dst = here(&rig, made, TAG_MAX), good = here(&rig, tag, TAG_MAX);
	unsigned int i, k;

	for (k = 0; k < NUM_MACS; k++) {
		const struct mac_scheme *s = &mac_schemes[k];
		struct axedv_key *key = make(s);
		size_t at = 0;

		mac_of(s, key_bytes, data, LENGTH, tag);
		good.length = s->tag;
		for (i = 0; at < LENGTH; i++) {
			size_t n = parts[i] < LENGTH - at ? parts[i] : LENGTH - at;
			struct ibv_sge src = here(&rig, data + at, n);
			struct wc wc = k & 1 ?
				run(&rig, mac_verify, NULL, &src, key, 0, AXE_HASH_STREAM) :
				run(&rig, mac, &dst, &src, key, 0, AXE_HASH_STREAM);

			at += n;
			assert_code(wc, AXE_INFO_MORE);
			assert_int_equal(wc.result[0], at);
			assert_int_equal(wc.byte_len, 0);
			/* Another message in between does not disturb it. */
			assert_done(run(&rig, mac, &dst, &src, key, 0, 0));
		}
		if (k & 1) {
			assert_done(run(&rig, mac_verify, &good, NULL, key, 0, LAST));
		} else {
			assert_done(run(&rig, mac, &dst, NULL, key, 0, LAST));
			demand(!memcmp(made, tag, s->tag), "algorithm %d", s->algorithm);
		}
		assert_int_equal(axedv_destroy_key(key), 0);
	}
}

/* A message that has begun ends well. */
static void mac__key_goes_while_the_stream_lasts(void **state)
{
	struct axedv_key *key = make(&mac_schemes[1]);
	struct ibv_sge src = here(&rig, data, 1000), dst = here(&rig, made, TAG_MAX);
	struct axe_cmd cmd = {
		.opcode = htole16(AXE_OP_MAC),
		.dst = { htole64(dst.addr), htole32(dst.length), htole32(dst.lkey) },
		.op.mac = { .key = htole32(axedv_key_number(key)), .flags = htole32(LAST) },
	};
	uint8_t tag[TAG_MAX];

	assert_code(run(&rig, mac, NULL, &src, key, 0, AXE_HASH_STREAM), AXE_INFO_MORE);
	assert_int_equal(axedv_destroy_key(key), 0);
	assert_done(run_cmd(&rig, &cmd, NULL));
	mac_of(&mac_schemes[1], key_bytes, data, 1000, tag);
	assert_memory_equal(made, tag, 16);
	assert_code(run_cmd(&rig, &cmd, NULL), AXE_ERR_NO_KEY);
}

static void mac__stream_with_another_key(void **state)
{
	struct axedv_key *a = make(&mac_schemes[0]), *b = make(&mac_schemes[1]);
	struct ibv_sge src = here(&rig, data, 100), dst = here(&rig, made, TAG_MAX);
	uint8_t tag[TAG_MAX];

	assert_code(run(&rig, mac, NULL, &src, a, 0, AXE_HASH_STREAM), AXE_INFO_MORE);
	assert_code(run(&rig, mac, &dst, &src, b, 0, AXE_HASH_STREAM), AXE_ERR_STREAM);
	assert_code(run(&rig, mac_verify, NULL, &src, a, 0, AXE_HASH_STREAM), AXE_ERR_STREAM);
	assert_done(run(&rig, mac, &dst, NULL, a, 0, LAST));
	mac_of(&mac_schemes[0], key_bytes, data, 100, tag);
	assert_memory_equal(made, tag, 32);
	assert_int_equal(axedv_destroy_key(a), 0);
	assert_int_equal(axedv_destroy_key(b), 0);
}

/* A tag alone, in the results: zero where it has been cut. */
static void mac__no_destination(void **state)
{
	struct axedv_key *key = make(&mac_schemes[0]);
	struct ibv_sge src = here(&rig, data, 1000);
	uint64_t first[2] = {};
	uint8_t tag[TAG_MAX];
	struct wc wc;

	mac_of(&mac_schemes[0], key_bytes, data, 1000, tag);
	wc = run(&rig, mac, NULL, &src, key, 11, 0);
	assert_done(wc);
	memcpy(first, tag, 11);
	assert_int_equal(wc.result[0], le64toh(first[0]));
	assert_int_equal(wc.result[1], le64toh(first[1]));
	assert_int_equal(wc.byte_len, 0);
	assert_int_equal(axedv_destroy_key(key), 0);
}

static void mac__refused(void **state)
{
	struct axedv_key *key = make(&mac_schemes[0]), *sign, *cbc;
	struct ibv_sge src = here(&rig, data, 100), dst = here(&rig, made, 31);
	struct ibv_sge tag = here(&rig, made, 32), within = here(&rig, data + 90, 32);

	assert_code(run(&rig, mac, &dst, &src, key, 0, 0), AXE_ERR_FULL);
	assert_code(run(&rig, mac, &tag, &src, key, 9, 0), AXE_ERR_PARAM);
	assert_code(run(&rig, mac, &tag, &src, key, 33, 0), AXE_ERR_FULL);
	assert_code(run(&rig, mac, NULL, &src, key, 33, 0), AXE_ERR_PARAM);
	assert_code(run(&rig, mac, &tag, &src, key, 0, 8), AXE_ERR_RESERVED);
	assert_code(run(&rig, mac, &tag, &src, key, 0, AXE_HASH_FINAL), AXE_ERR_PARAM);
	assert_code(run(&rig, mac, &within, &src, key, 0, 0), AXE_ERR_OVERLAP);
	assert_code(run(&rig, mac_verify, &dst, &src, key, 0, 0), AXE_ERR_LENGTH);
	assert_code(run(&rig, mac_verify, NULL, &src, key, 0, 0), AXE_ERR_LENGTH);
	assert_code(run(&rig, mac_verify, &tag, &src, key, 31, 0), AXE_ERR_LENGTH);
	assert_code(run(&rig, mac_verify, &tag, &src, key, 0, AXE_HASH_STREAM), AXE_ERR_LENGTH);

	sign = axedv_create_key(rig.pd, AXE_KEY_HMAC_SHA256, AXE_KEY_SIGN, key_bytes, 32);
	cbc = axedv_create_key(rig.pd, AXE_KEY_AES_CBC, AXE_KEY_ENCRYPT, key_bytes, 32);
	demand(sign && cbc, "keys");
	assert_done(run(&rig, mac, &tag, &src, sign, 0, 0));
	assert_code(run(&rig, mac_verify, &tag, &src, sign, 0, 0), AXE_ERR_KEY_USE);
	assert_code(run(&rig, mac, &tag, &src, cbc, 0, 0), AXE_ERR_KEY_USE);
	assert_int_equal(axedv_destroy_key(sign), 0);
	assert_int_equal(axedv_destroy_key(cbc), 0);
	assert_int_equal(axedv_destroy_key(key), 0);
	assert_queue_works(&rig);
}

static void mac_verify__tag_that_is_not_there(void **state)
{
	struct axedv_key *key = make(&mac_schemes[0]);
	uint8_t *gone = pages(PAGE);
	struct ibv_sge src = here(&rig, data, 100), tag = here(&rig, gone, 32);
	struct wc wc;

	munmap(gone, PAGE);
	wc = run(&rig, mac_verify, &tag, &src, key, 0, 0);
	assert_code(wc, AXE_ERR_FAULT);
	assert_int_equal(wc.result[0], (uintptr_t)gone);
	assert_int_equal(axedv_destroy_key(key), 0);
}

static struct wc two_stages(struct axe_stage *stages, struct ibv_sge *dst, struct ibv_sge *src)
{
	struct ibv_sge list = here(&rig, stages, 2 * sizeof(*stages));

	return run(&rig, chain, dst, src, &list);
}

static void mac__in_a_chain(void **state)
{
	struct axe_stage *stages = pages(PAGE);
	struct axedv_key *key = make(&mac_schemes[0]);
	struct axedv_key *ctr = axedv_create_key(rig.pd, AXE_KEY_AES_CTR,
						 AXE_KEY_ENCRYPT | AXE_KEY_DECRYPT, key_bytes, 16);
	struct ibv_sge src = here(&rig, data, LENGTH), dst = here(&rig, made, LENGTH), tag;
	uint8_t *plain = pages(MIB), want[TAG_MAX];
	uint64_t first[2];
	struct wc wc;

	demand(ctr, "AES-CTR");
	/* Encrypt, then authenticate. */
	axedv_stage_init(&stages[0], AXE_OP_ENCRYPT);
	stages[0].cmd.op.cipher.key = htole32(axedv_key_number(ctr));
	axedv_stage_init(&stages[1], AXE_OP_MAC);
	stages[1].cmd.op.mac.key = htole32(axedv_key_number(key));
	stages[1].cmd.op.mac.tag_len = 16;
	wc = two_stages(stages, &dst, &src);
	assert_done(wc);
	assert_int_equal(wc.byte_len, LENGTH);
	mac_of(&mac_schemes[0], key_bytes, made, LENGTH, want);
	memcpy(first, want, sizeof(first));
	assert_int_equal(wc.result[0], le64toh(first[0]));
	assert_int_equal(wc.result[1], le64toh(first[1]));
	assert_int_not_equal(memcmp(made, data, LENGTH), 0);

	/* And back. */
	tag = here(&rig, want, 16);
	src = here(&rig, plain, LENGTH);
	axedv_stage_init(&stages[0], AXE_OP_MAC_VERIFY);
	stages[0].cmd.op.mac.key = htole32(axedv_key_number(key));
	stages[0].cmd.op.mac.tag_len = 16;
	stages[0].cmd.ext = 1;
	stages[0].ext.aux = (struct axe_buf) {
		htole64(tag.addr), htole32(tag.length), htole32(tag.lkey),
	};
	axedv_stage_init(&stages[1], AXE_OP_DECRYPT);
	stages[1].cmd.op.cipher.key = htole32(axedv_key_number(ctr));
	wc = two_stages(stages, &src, &dst);
	assert_done(wc);
	assert_memory_equal(plain, data, LENGTH);
	assert_int_equal(wc.result[0], LENGTH);
	want[3] ^= 1;
	wc = two_stages(stages, &src, &dst);
	assert_code(wc, AXE_ERR_AUTH);
	assert_int_equal(wc.result[1], 0);
	/* A stage has no destination, as a command has none. */
	stages[0].cmd.dst.length = htole32(32);
	assert_code(two_stages(stages, &src, &dst), AXE_ERR_RESERVED);
	munmap(plain, MIB);
	munmap(stages, PAGE);
	assert_int_equal(axedv_destroy_key(ctr), 0);
	assert_int_equal(axedv_destroy_key(key), 0);
}

/* GMAC, as axedv_wr_mac(3) says. */
static void seal__is_gmac(void **state)
{
	/* NIST CAVP, gcmEncryptExtIV128 */
	static const uint8_t bytes[] = {
		0x77, 0xbe, 0x63, 0x70, 0x89, 0x71, 0xc4, 0xe2, 0x40, 0xd1, 0xcb, 0x79, 0xe8,
		0xd7, 0x7f, 0xeb,
	}, nonce[] = {
		0xe0, 0xe0, 0x0f, 0x19, 0xfe, 0xd7, 0xba, 0x01, 0x36, 0xa7, 0x97, 0xf3,
	}, want[] = {
		0x20, 0x9f, 0xcc, 0x8d, 0x36, 0x75, 0xed, 0x93, 0x8e, 0x9c, 0x71, 0x66, 0x70,
		0x9d, 0xd9, 0x46,
	};
	uint8_t text[] = {
		0x7a, 0x43, 0xec, 0x1d, 0x9c, 0x0a, 0x5a, 0x78, 0xa0, 0xb1, 0x65, 0x33, 0xa6,
		0x21, 0x3c, 0xab,
	};
	struct axedv_key *key = axedv_create_key(rig.pd, AXE_KEY_AES_GCM,
						 AXE_KEY_ENCRYPT | AXE_KEY_DECRYPT, bytes, 16);
	struct ibv_sge message = here(&rig, text, 16), tag = here(&rig, made, 16);

	demand(key, "AES-GCM");
	assert_done(run(&rig, seal, &tag, NULL, &message, key, nonce, 12));
	assert_memory_equal(made, want, 16);
	assert_done(run(&rig, open, NULL, &tag, &message, key, nonce, 12));
	text[0] ^= 1;
	assert_code(run(&rig, open, NULL, &tag, &message, key, nonce, 12), AXE_ERR_AUTH);
	assert_int_equal(axedv_destroy_key(key), 0);
}

static int mac_setup(void **state)
{
	data = pages(MIB);
	made = pages(MIB);
	fill_noise(data, MIB, 3);
	fill_noise(key_bytes, sizeof(key_bytes), 4);
	return ops_setup(state);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(mac__query),
	cmocka_unit_test(mac__stream_in_odd_parts),
	cmocka_unit_test(mac__key_goes_while_the_stream_lasts),
	cmocka_unit_test(mac__stream_with_another_key),
	cmocka_unit_test(mac__no_destination),
	cmocka_unit_test(mac__refused),
	cmocka_unit_test(mac_verify__tag_that_is_not_there),
	cmocka_unit_test(mac__in_a_chain),
	cmocka_unit_test(seal__is_gmac),
};

LIVE_MAIN("mac", tests, mac_setup, ops_teardown)
