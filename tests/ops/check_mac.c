// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Message authentication, against OpenSSL. */

#include "macs.h"
#include "ops.h"

/* An algorithm, a key for it, and what OpenSSL says. */
struct made {
	const struct mac_scheme *s;
	uint8_t tag[TAG_MAX];
	size_t tag_len;
	struct axedv_key *key;
};

static void make(const struct operands *o, unsigned int i, struct made *m)
{
	uint8_t bytes[MAC_KEY_MAX];

	m->s = &mac_schemes[(o->seed + i) % NUM_MACS];
	m->tag_len = o->seed & 1 ? m->s->short_tag : 0;
	fill_noise(bytes, sizeof(bytes), o->seed + 1);
	m->key = axedv_create_key(rig.pd, m->s->algorithm, AXE_KEY_SIGN | AXE_KEY_VERIFY, bytes,
				  m->s->key_len);
	demand(m->key, "key of algorithm %d: errno %d", m->s->algorithm, errno);
	mac_of(m->s, bytes, src_p(o), o->length, m->tag);
}

static void check_mac_of(const struct operands *o, unsigned int i)
{
	struct ibv_sge src = src_part(o, o->length), dst;
	uint64_t first[2] = {};
	struct made m;
	struct wc wc;
	size_t n;

	make(o, i, &m);
	n = m.tag_len ? m.tag_len : m.s->tag;
	dst = dst_part(o, n);
	edges_set(dst_p(o), n);
	wc = run(&rig, mac, &dst, &src, m.key, m.tag_len, 0);
	assert_done(wc);
	assert_int_equal(wc.byte_len, n);
	demand(!memcmp(dst_p(o), m.tag, n), "tag %d of %zu bytes is not OpenSSL's",
	       m.s->algorithm, o->length);
	edges_check(dst_p(o), n, "mac");
	memcpy(first, m.tag, n < sizeof(first) ? n : sizeof(first));
	assert_int_equal(wc.result[0], le64toh(first[0]));
	assert_int_equal(wc.result[1], le64toh(first[1]));
	assert_int_equal(axedv_destroy_key(m.key), 0);
}

static void check_verify_of(const struct operands *o, unsigned int i)
{
	struct ibv_sge src = src_part(o, o->length), tag;
	struct made m;
	struct wc wc;
	size_t n;

	make(o, i, &m);
	n = m.tag_len ? m.tag_len : m.s->tag;
	tag = aux_part(o, n);
	memcpy(aux_p(o), m.tag, n);
	wc = run(&rig, mac_verify, &tag, &src, m.key, m.tag_len, 0);
	demand(wc.code == AXE_OK, "algorithm %d, %zu bytes: code %d", m.s->algorithm, o->length,
	       wc.code);
	assert_int_equal(wc.result[0], o->length);
	assert_int_equal(wc.byte_len, 0);
	aux_p(o)[o->seed % n] ^= 1 << o->seed % 8;
	assert_code(run(&rig, mac_verify, &tag, &src, m.key, m.tag_len, 0), AXE_ERR_AUTH);
	assert_int_equal(axedv_destroy_key(m.key), 0);
}

/* Short ones by all algorithms, long ones by one. */
static unsigned int algorithms(const struct operands *o)
{
	return o->length <= 4 * KIB ? NUM_MACS : 1;
}

static void check_mac(const struct operands *o)
{
	unsigned int i;

	fill_noise(src_p(o), o->length, o->seed);
	for (i = 0; i < algorithms(o); i++)
		check_mac_of(o, i);
}

static void check_mac_verify(const struct operands *o)
{
	unsigned int i;

	fill_noise(src_p(o), o->length, o->seed);
	for (i = 0; i < algorithms(o); i++)
		check_verify_of(o, i);
}

static const struct op_check mac[] = {
	{ AXE_OP_MAC, check_mac, .longest = MIB },
	{ AXE_OP_MAC_VERIFY, check_mac_verify, .longest = MIB },
};
OP_CHECKS(mac, mac);
