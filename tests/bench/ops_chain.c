// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Chains of 1 MiB, and the same steps as linked commands
 *
 * Both on one queue with workers, on the same memory, which all of it was touched before;
 * in turns, and the median of many. What a linked command finds in its source is as long
 * as it turned out to be, as if the program had known before.
 */
#include <endian.h>

#include "ops.h"
#include "vectors.h"

#define LONG	(1024 * 1024)
#define ROOM	(LONG + LONG / 8)
#define ROUNDS	15
#define MAX	4

static struct rig rig;
static struct axedv_key *key;
static struct axe_stage *stages;
/* Where a chain or its first step reads, what each step writes, what the chain writes. */
static uint8_t *bufs[MAX + 1], *out;
static const uint8_t iv[16];

struct chain {
	const char *name;
	unsigned int num;
	enum axe_opcode ops[MAX];
	/* What each step reads, and what the last one writes. */
	size_t len[MAX + 1];
	/* And which buffer that is: a checksum writes none. */
	unsigned int at[MAX + 1];
};

static struct chain chains[] = {
	{ .name = "copy, crc32, copy, crc32c", .num = 4,
	  .ops = { AXE_OP_COPY, AXE_OP_CRC32, AXE_OP_COPY, AXE_OP_CRC32C } },
	{ .name = "compress, encrypt, crc32c, copy", .num = 4,
	  .ops = { AXE_OP_COMPRESS, AXE_OP_ENCRYPT, AXE_OP_CRC32C, AXE_OP_COPY } },
	{ .name = "decrypt, crc32c, decompress", .num = 3,
	  .ops = { AXE_OP_DECRYPT, AXE_OP_CRC32C, AXE_OP_DECOMPRESS } },
};

static void build(const struct chain *c, unsigned int i, size_t room)
{
	struct ibv_sge s = here(&rig, bufs[c->at[i]], c->len[i]);
	struct ibv_sge d = here(&rig, bufs[c->at[i + 1]], room);

	switch (c->ops[i]) {
	case AXE_OP_COPY:
		axedv_wr_copy(rig.qx, &d, &s);
		break;
	case AXE_OP_CRC32:
		axedv_wr_crc32(rig.qx, &s, 0);
		break;
	case AXE_OP_CRC32C:
		axedv_wr_crc32c(rig.qx, &s, 0);
		break;
	case AXE_OP_COMPRESS:
		axedv_wr_compress(rig.qx, &d, &s, AXE_FORMAT_ZLIB, 1, 0);
		break;
	case AXE_OP_DECOMPRESS:
		axedv_wr_decompress(rig.qx, &d, &s, AXE_FORMAT_ZLIB, 0);
		break;
	case AXE_OP_ENCRYPT:
		axedv_wr_encrypt(rig.qx, &d, &s, key, iv, 0);
		break;
	default:
		axedv_wr_decrypt(rig.qx, &d, &s, key, iv, 0);
		break;
	}
}

static bool only_reads(enum axe_opcode op)
{
	return op == AXE_OP_CRC32 || op == AXE_OP_CRC32C;
}

/* One step after the other, to know how long all is. */
static void learn(struct chain *c, size_t length)
{
	unsigned int i;
	struct wc wc;

	c->len[0] = length;
	for (i = 0; i < c->num; i++) {
		bool sizes = c->ops[i] == AXE_OP_COMPRESS || c->ops[i] == AXE_OP_DECOMPRESS;

		c->at[i + 1] = only_reads(c->ops[i]) ? c->at[i] : c->at[i] + 1;
		rig_begin(&rig, ++rig.next_id, IBV_SEND_SIGNALED);
		build(c, i, sizes ? ROOM : c->len[i]);
		rig_end(&rig);
		wc = rig_wait_for(&rig, rig.next_id);
		demand(wc.code == AXE_OK, "%s: %s", c->name, axedv_code_str(wc.code));
		c->len[i + 1] = sizes ? wc.byte_len : c->len[i];
	}
}

static void linked(const struct chain *c)
{
	uint64_t id = ++rig.next_id;
	unsigned int i;

	rig_begin(&rig, id, 0);
	for (i = 0; i < c->num; i++) {
		rig.qx->wr_flags = (i ? AXEDV_SEND_LINK : 0) |
				   (i + 1 == c->num ? IBV_SEND_SIGNALED : 0);
		build(c, i, c->len[i + 1]);
	}
	rig_end(&rig);
	demand(rig_wait_for(&rig, id).code == AXE_OK, "steps of %s", c->name);
}

static void chained(const struct chain *c)
{
	struct ibv_sge from = here(&rig, bufs[0], c->len[0]);
	struct ibv_sge to = here(&rig, out, c->len[c->num]);
	struct ibv_sge list = here(&rig, stages, c->num * sizeof(*stages));
	struct wc wc = run(&rig, chain, &to, &from, &list);

	demand(wc.code == AXE_OK, "chain: %s", axedv_code_str(wc.code));
	demand(wc.byte_len == c->len[c->num], "chain: %u bytes", wc.byte_len);
}

static void stages_set(const struct chain *c)
{
	unsigned int i;

	for (i = 0; i < c->num; i++) {
		struct axe_cmd *cmd = &stages[i].cmd;

		axedv_stage_init(&stages[i], c->ops[i]);
		if (c->ops[i] == AXE_OP_COMPRESS || c->ops[i] == AXE_OP_DECOMPRESS)
			cmd->op.deflate.format = AXE_FORMAT_ZLIB;
		if (c->ops[i] == AXE_OP_COMPRESS)
			cmd->op.deflate.level = 1;
		if (c->ops[i] == AXE_OP_ENCRYPT || c->ops[i] == AXE_OP_DECRYPT)
			cmd->op.cipher.key = htole32(axedv_key_number(key));
	}
}

static void measure(struct chain *c, size_t length)
{
	uint64_t apart[ROUNDS], together[ROUNDS], start;
	double x, y;
	int i;

	learn(c, length);
	stages_set(c);
	chained(c);
	demand(!memcmp(out, bufs[c->at[c->num]], c->len[c->num]), "%s: a chain does otherwise",
	       c->name);
	for (i = 0; i < ROUNDS; i++) {
		start = now_ns();
		linked(c);
		apart[i] = now_ns() - start;
		start = now_ns();
		chained(c);
		together[i] = now_ns() - start;
	}
	x = median(apart, ROUNDS) / 1e6;
	y = median(together, ROUNDS) / 1e6;
	printf("| %s | %.1f | %.1f | %.2f |\n", c->name, x, y, x / y);
}

void bench_chains(void)
{
	static const uint8_t bytes[16] = "0123456789abcde";
	struct chain *back = &chains[ARRAY_SIZE(chains) - 1];
	uint8_t *packed;
	unsigned int i;

	rig_open(&rig, &(struct rig_options){ .unsignaled = true });
	key = axedv_create_key(rig.pd, AXE_KEY_AES_CTR, AXE_KEY_ENCRYPT | AXE_KEY_DECRYPT, bytes,
			       sizeof(bytes));
	demand(key, "axedv_create_key");
	stages = pages(PAGE);
	out = pages(ROOM);
	for (i = 0; i <= MAX; i++)
		bufs[i] = pages(ROOM);
	fill_text(bufs[0], LONG, 1);
	printf("\n| chain of 1 MiB | linked, ms | chain, ms | linked : chain |\n"
	       "| --- | ---: | ---: | ---: |\n");
	for (i = 0; &chains[i] < back; i++)
		measure(&chains[i], LONG);
	/* What the last one but one has made is what the last one begins with. */
	packed = bufs[0];
	bufs[0] = bufs[2];
	bufs[2] = packed;
	measure(back, back[-1].len[2]);
	axedv_destroy_key(key);
	rig_close(&rig);
}
