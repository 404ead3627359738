// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * What a random command would never hit upon: keys, and data that can be decompressed,
 * decrypted, verified. The device makes it, before hostilities begin.
 */

#include "hostile.h"

#define PLAIN		3000
#define ROOM		4096
/* What it is made of, and what it becomes. */
#define GOOD		(PAGE + MAX_SAMPLES * ROOM)

static const uint8_t secret[64] = "no secret at all, but 64 bytes that both ends of a message have";

/*---- keys ----*/

/* False: there is no such algorithm. */
static bool add_key(struct ground *g, struct ibv_pd *pd, unsigned int algorithm, uint32_t uses,
		    size_t length)
{
	struct axedv_key *key;

	demand(g->num_crypt < MAX_CRYPT, "too many keys");
	key = axedv_create_key(pd, algorithm, uses, secret, length);
	if (!key)
		return errno != EOPNOTSUPP;
	g->numbers[g->num_crypt] = axedv_key_number(key);
	g->crypt[g->num_crypt++] = key;
	return true;
}

static void make_keys(struct ground *g, struct ibv_pd *pd)
{
	struct axedv_key *stale;
	unsigned int algorithm;

	for (algorithm = 1; algorithm < 64; algorithm++) {
		if (!add_key(g, pd, algorithm, AXE_KEY_ENCRYPT | AXE_KEY_DECRYPT, 32))
			continue;
		add_key(g, pd, algorithm, AXE_KEY_ENCRYPT | AXE_KEY_DECRYPT, 16);
		add_key(g, pd, algorithm, AXE_KEY_SIGN | AXE_KEY_VERIFY, 32);
	}
	add_key(g, pd, AXE_KEY_AES_CTR, AXE_KEY_ENCRYPT, 24);
	add_key(g, g->other_pd, AXE_KEY_AES_CTR, AXE_KEY_ENCRYPT | AXE_KEY_DECRYPT, 16);
	demand(g->num_crypt, "no key at all");
	stale = axedv_create_key(pd, AXE_KEY_AES_CTR, AXE_KEY_ENCRYPT, secret, 16);
	demand(stale, "axedv_create_key");
	g->numbers[g->num_crypt] = axedv_key_number(stale);
	demand(!axedv_destroy_key(stale), "axedv_destroy_key");
}

/*---- samples ----*/

/* Where the next one goes. */
static uint8_t *room(const struct ground *g)
{
	demand(g->num_samples < MAX_SAMPLES, "no room for a sample");
	return g->good + PAGE + g->num_samples * ROOM;
}

/* A command on what @made says is there. */
static struct sample *add_sample(struct ground *g, struct wc made, enum axe_opcode opcode,
				 uint32_t dst_length)
{
	struct sample *s = &g->samples[g->num_samples];

	/* Not every kernel has all of it. */
	if (made.code != AXE_OK)
		return NULL;
	s->cmd.opcode = opcode;
	s->cmd.src = (struct axe_buf) {
		.addr = (uintptr_t)room(g), .length = made.byte_len, .key = g->good_mr->lkey };
	s->dst_length = dst_length;
	g->num_samples++;
	return s;
}

static void make_packed(struct ground *g, struct rig *r)
{
	struct ibv_sge src = here(r, g->good, PLAIN), dst;
	struct sample *s;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		dst = here(r, room(g), ROOM);
		s = add_sample(g, run(r, compress, &dst, &src, i, 6, 0), AXE_OP_DECOMPRESS, PLAIN);
		demand(s, "nothing is compressed");
		s->cmd.op.deflate.format = i;
	}
	for (i = 0; i < 2; i++) {
		dst = here(r, room(g), ROOM);
		s = add_sample(g, run(r, lz4_compress, &dst, &src, i, 0), AXE_OP_LZ4_DECOMPRESS,
			       PLAIN);
		if (s)
			s->cmd.op.pack.format = i;
	}
	dst = here(r, room(g), ROOM);
	add_sample(g, run(r, zstd_compress, &dst, &src, 3, 0, 0), AXE_OP_ZSTD_DECOMPRESS, PLAIN);
}

static void make_protected(struct ground *g, struct rig *r)
{
	static const enum axe_opcode ops[] = {
		AXE_OP_DIF_VERIFY, AXE_OP_DIF_STRIP, AXE_OP_DIF_UPDATE,
	};
	static const uint32_t lengths[] = { 0, 4 * 512, 4 * 520 };
	const struct axedv_dif dif = { .block = 512, .type = 1, .ref = 7 };
	struct ibv_sge src = here(r, g->good, 4 * 512), dst;
	struct sample *s;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		dst = here(r, room(g), 4 * 520);
		s = add_sample(g, run(r, dif_insert, &dst, &src, &dif), ops[i], lengths[i]);
		demand(s, "nothing is protected");
		s->cmd.op.dif.block = 512;
		s->cmd.op.dif.type = 1;
		s->cmd.op.dif.ref = 7;
		s->cmd.op.dif.flags = AXE_DIF_CHECK_GUARD | AXE_DIF_CHECK_REF;
		s->ext.op.dif.type = 2;
	}
}

/* The same key in two domains: one to make it, one for the hostile. */
static void make_sealed(struct ground *g, struct rig *r, struct ibv_pd *pd, unsigned int algorithm)
{
	struct axedv_key *key = axedv_create_key(r->pd, algorithm, AXE_KEY_ENCRYPT, secret, 32);
	struct ibv_sge src = here(r, g->good, 1000), dst = here(r, room(g), 1000 + AXE_AEAD_TAG);
	struct sample *s = NULL;

	if (key)
		s = add_sample(g, run(r, seal, &dst, &src, &src, key, secret, 12), AXE_OP_OPEN,
			       1000);
	if (s) {
		add_key(g, pd, algorithm, AXE_KEY_DECRYPT, 32);
		s->cmd.op.aead.key = g->numbers[g->num_crypt - 1];
		s->cmd.op.aead.nonce_len = 12;
		memcpy(s->ext.op.aead.nonce, secret, 12);
		s->ext.aux = s->cmd.src;
		s->ext.aux.addr = (uintptr_t)g->good;
		s->ext.aux.length = 1000;
	}
	if (key)
		demand(!axedv_destroy_key(key), "axedv_destroy_key");
}

static void make_delta(struct ground *g, struct rig *r)
{
	uint8_t *to = room(g);
	struct ibv_sge src = here(r, g->good, 800), aux = here(r, g->good + 800, 800);
	struct ibv_sge dst = here(r, to, 1000);

	add_sample(g, run(r, delta_create, &dst, &src, &aux), AXE_OP_DELTA_APPLY, 800);
}

void ground_make_good(struct ground *g, struct rig *rig, struct ibv_pd *pd)
{
	unsigned int i;

	g->good = small_pages(GOOD);
	for (i = 0; i < PAGE; i++)
		g->good[i] = "no words "[i % 9] + i / 999;
	g->good_mr = ibv_reg_mr(pd, g->good, GOOD, 0);
	demand(g->good_mr, "ibv_reg_mr");
	make_packed(g, rig);
	make_protected(g, rig);
	make_delta(g, rig);
	for (i = AXE_KEY_AES_GCM; i <= AXE_KEY_CHACHA20_POLY1305; i++)
		make_sealed(g, rig, pd, i);
	make_keys(g, pd);
}

void ground_free_good(struct ground *g)
{
	while (g->num_crypt)
		demand(!axedv_destroy_key(g->crypt[--g->num_crypt]), "axedv_destroy_key");
	demand(!ibv_dereg_mr(g->good_mr), "ibv_dereg_mr");
	munmap(g->good, GOOD);
}
