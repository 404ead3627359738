// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Commands of accelerator queues that are as they should be, or might be. */

#include "hostile.h"

/**
 * struct making - a command that is being made
 * @most:	bytes of an operand, about: little of what takes long
 */
struct making {
	const struct ground *g;
	uint64_t *rnd;
	size_t most;
	struct axe_cmd *cmd;
	struct axe_cmd_ext *ext;
};

static unsigned int below(struct making *m, unsigned int n)
{
	return torture_below(m->rnd, n);
}

static struct axe_buf any(struct making *m)
{
	return ground_buf(m->g, m->rnd, m->most);
}

static struct axe_buf exactly(struct making *m, uint32_t length)
{
	return ground_exactly(m->g, m->rnd, length);
}

/* Memory near, to be filled in; others may write over it meanwhile. */
static void *near_room(struct making *m, size_t size, struct axe_buf *buf)
{
	uint8_t *p = m->g->near + below(m, NEAR - size + 1);

	*buf = (struct axe_buf) {
		.addr = (uintptr_t)p, .length = size, .key = m->g->keys[KEY_NEAR] };
	return p;
}

/*---- data that is good, or nearly ----*/

/* False: there is none of the operation. */
static bool from_sample(struct making *m)
{
	const struct sample *s = &m->g->samples[below(m, m->g->num_samples)];
	unsigned int i;
	void *p;

	for (i = 0; i < m->g->num_samples && s->cmd.opcode != m->cmd->opcode; i++)
		s = &m->g->samples[i];
	if (s->cmd.opcode != m->cmd->opcode)
		return false;
	m->cmd->src = s->cmd.src;
	m->cmd->op = s->cmd.op;
	m->ext->aux = s->ext.aux;
	m->ext->op = s->ext.op;
	if (s->dst_length)
		m->cmd->dst = exactly(m, s->dst_length);
	if (below(m, 2))
		return true;
	p = near_room(m, s->cmd.src.length, &m->cmd->src);
	memcpy(p, (void *)(uintptr_t)s->cmd.src.addr, s->cmd.src.length);
	if (below(m, 2))
		flip_bits(m->rnd, p, s->cmd.src.length);
	return true;
}

/*---- data movement ----*/

static void make_same(struct making *m)
{
	m->cmd->src = any(m);
	m->cmd->dst = exactly(m, m->cmd->src.length);
}

static void make_dualcast(struct making *m)
{
	make_same(m);
	m->ext->aux = exactly(m, m->cmd->src.length);
}

static void set_pattern(struct making *m)
{
	m->cmd->op.fill.size = 1 + below(m, 8);
	memcpy(m->cmd->op.fill.pattern, "hostile!", m->cmd->op.fill.size);
}

static void make_fill(struct making *m)
{
	m->cmd->dst = any(m);
	set_pattern(m);
}

static void make_compare_pattern(struct making *m)
{
	m->cmd->src = any(m);
	set_pattern(m);
}

static void make_delta_create(struct making *m)
{
	m->cmd->src = exactly(m, below(m, 200) * AXE_DELTA_WORD);
	m->ext->aux = exactly(m, m->cmd->src.length);
	m->cmd->dst = any(m);
}

static void make_delta_apply(struct making *m)
{
	m->cmd->src = exactly(m, below(m, 200) * AXE_DELTA_ENTRY);
	m->cmd->dst = exactly(m, below(m, 200) * AXE_DELTA_WORD);
	if (below(m, 4))
		from_sample(m);
}

/* A list of @num ranges of @length. */
static struct axe_buf list(struct making *m, unsigned int num, uint32_t length)
{
	struct axe_buf buf, *bufs = near_room(m, num * sizeof(buf), &buf);
	unsigned int i;

	for (i = 0; i < num; i++) {
		struct axe_buf range = exactly(m, length);

		memcpy(&bufs[i], &range, sizeof(range));
	}
	return buf;
}

static void make_gather(struct making *m)
{
	unsigned int num = below(m, 40);

	m->cmd->dst = exactly(m, num * 100 + below(m, 2) * 50);
	m->cmd->src = list(m, num, 100);
}

static void make_scatter(struct making *m)
{
	unsigned int num = below(m, 40);

	m->cmd->src = exactly(m, num * 100 + below(m, 2) * 50);
	m->cmd->dst = list(m, num, 100);
}

/*---- checksums, hashes ----*/

static void make_sum(struct making *m)
{
	m->cmd->src = any(m);
	/* An Adler-32 with that is good, a CRC-16 not always. */
	m->cmd->op.crc.seed = below(m, 2) ? below(m, 65521) : 1;
}

static void make_copy_crc(struct making *m)
{
	make_same(m);
	m->cmd->op.sum.kind = below(m, 6);
}

static void make_combine(struct making *m)
{
	m->cmd->op.sum.kind = below(m, 6);
	m->cmd->op.sum.value = torture_rnd(m->rnd) >> below(m, 64);
	m->ext->op.combine.first = below(m, 65521);
	m->ext->op.combine.second = below(m, 65521);
}

static uint32_t stream_flags(struct making *m)
{
	return below(m, 4) ? below(m, 8) | AXE_HASH_STREAM : 0;
}

static void make_hash(struct making *m)
{
	m->cmd->src = any(m);
	m->cmd->dst = exactly(m, 64);
	m->cmd->op.hash.format = below(m, AXE_HASH_MD5 + 1);
	m->cmd->op.hash.flags = stream_flags(m);
}

/*---- compression ----*/

static void maybe_dictionary(struct making *m)
{
	if (!below(m, 4))
		m->ext->aux = exactly(m, below(m, 2 * KIB));
}

static void make_compress(struct making *m)
{
	m->cmd->src = any(m);
	m->cmd->dst = any(m);
	m->cmd->op.deflate.format = below(m, 3);
	m->cmd->op.deflate.level = below(m, 10);
	m->cmd->op.deflate.flags = below(m, 2) ? AXE_DEFLATE_NO_FINAL : 0;
	maybe_dictionary(m);
}

static void make_decompress(struct making *m)
{
	m->cmd->src = any(m);
	m->cmd->dst = any(m);
	if (!below(m, 4) || !from_sample(m))
		m->cmd->op.deflate.format = below(m, 3);
	maybe_dictionary(m);
	if (!below(m, 3))
		m->cmd->op.deflate.flags = AXE_DEFLATE_STREAM |
					   (below(m, 2) ? AXE_DEFLATE_RESTART : 0);
	/* A part of it, that others go on from. */
	if (m->cmd->op.deflate.flags && below(m, 2))
		m->cmd->src.length = 1 + below(m, m->cmd->src.length);
}

static void make_pack(struct making *m)
{
	bool zstd = m->cmd->opcode == AXE_OP_ZSTD_COMPRESS;

	m->cmd->src = any(m);
	m->cmd->dst = any(m);
	m->cmd->op.pack.format = zstd ? 0 : below(m, 2);
	m->cmd->op.pack.level = zstd ? below(m, 4) : 0;
	if ((zstd || m->cmd->op.pack.format) && below(m, 2))
		m->cmd->op.pack.flags = AXE_PACK_STREAM | below(m, 16);
}

static void make_unpack(struct making *m)
{
	m->cmd->src = any(m);
	m->cmd->dst = any(m);
	if (below(m, 8))
		from_sample(m);
	/* Little memory, most of the time. */
	if (m->cmd->opcode == AXE_OP_ZSTD_DECOMPRESS || m->cmd->op.pack.format)
		m->cmd->op.pack.window = below(m, 8) ? 16 : 0;
	if (m->cmd->op.pack.window && below(m, 2)) {
		m->cmd->op.pack.flags = AXE_PACK_STREAM | (below(m, 2) ? AXE_PACK_RESTART : 0);
		m->cmd->src.length = 1 + below(m, m->cmd->src.length);
	}
}

/*---- parity ----*/

static void make_lanes(struct making *m)
{
	unsigned int num_src = 2 + below(m, below(m, 4) ? 4 : 32), num_dst = 2;
	uint32_t length = 1 + below(m, 64);

	if (m->cmd->opcode == AXE_OP_XOR)
		num_dst = 1;
	if (m->cmd->opcode == AXE_OP_PQ_RECOVER) {
		m->cmd->op.pq.data = num_src;
		m->cmd->op.pq.lost[0] = below(m, num_src);
		m->cmd->op.pq.lost[1] = m->cmd->op.pq.lost[0] + 1 + below(m, 2);
	}
	m->cmd->src = list(m, num_src, length);
	if (m->cmd->opcode != AXE_OP_XOR_CHECK && m->cmd->opcode != AXE_OP_PQ_CHECK)
		m->cmd->dst = list(m, num_dst, length);
	if (m->cmd->opcode == AXE_OP_ERASURE) {
		m->ext->aux = exactly(m, num_src * num_dst);
	} else if (m->cmd->opcode == AXE_OP_RS_RECOVER && num_src < 33) {
		m->ext->op.rs.data = num_src;
		m->ext->op.rs.parity = 2;
		m->ext->op.rs.lost = 3;
		m->ext->op.rs.present = ((1ULL << num_src) - 1) << 2;
	}
}

/*---- arrays and matrices ----*/

static void make_scan(struct making *m)
{
	struct axe_cmd_scan *p = &m->cmd->op.scan;
	uint16_t op = m->cmd->opcode;

	p->width = 1 + below(m, 32);
	p->num = below(m, 8 * m->most) / p->width;
	m->cmd->src = exactly(m, (p->num * p->width + 7) / 8);
	m->cmd->dst = exactly(m, m->cmd->src.length);
	if (op == AXE_OP_SELECT || op == AXE_OP_EXPAND) {
		m->ext->aux = exactly(m, (p->num + 7) / 8);
	} else {
		p->low = p->num / 3;
		p->high = p->num / 2;
	}
}

static void make_matmul(struct making *m)
{
	struct axe_cmd_matmul *p = &m->cmd->op.matmul;

	p->m = 1 + below(m, 24);
	p->k = 1 + below(m, 64);
	p->n = 1 + below(m, 24);
	p->flags = below(m, 4);
	if (p->flags & AXE_MATMUL_REQUANT) {
		p->multiplier = torture_rnd(m->rnd);
		p->shift = below(m, 32);
		p->zero_point = torture_rnd(m->rnd);
	}
	m->cmd->src = exactly(m, p->m * p->k);
	m->ext->aux = exactly(m, p->k * p->n);
	m->cmd->dst = exactly(m, p->m * p->n * 4);
}

static void make_knn(struct making *m)
{
	unsigned int length = 1 + below(m, 64);

	m->cmd->op.knn.k = 1 + below(m, 20);
	m->ext->aux = exactly(m, length);
	m->cmd->src = exactly(m, length * below(m, 64));
	m->cmd->dst = exactly(m, m->cmd->op.knn.k * sizeof(struct axe_knn_entry));
}

/*---- protection information ----*/

static void make_dif(struct making *m)
{
	static const uint16_t sizes[] = { 512, 520, 4096, 4104 };
	struct axe_cmd_dif *p = &m->cmd->op.dif;
	unsigned int num = below(m, 4);
	uint16_t op = m->cmd->opcode;
	uint32_t whole;

	p->block = sizes[below(m, 4)];
	p->type = 1 + below(m, 3);
	p->flags = below(m, 2) ? AXE_DIF_GUARD_IP : 0;
	p->ref = torture_rnd(m->rnd);
	whole = num * (p->block + AXE_DIF_TUPLE);
	if (op == AXE_OP_DIX_INSERT || op == AXE_OP_DIX_VERIFY) {
		m->cmd->src = exactly(m, num * p->block);
		m->ext->aux = exactly(m, num * AXE_DIF_TUPLE);
	} else if (op == AXE_OP_DIF_INSERT) {
		m->cmd->src = exactly(m, num * p->block);
		m->cmd->dst = exactly(m, whole);
	} else {
		m->cmd->src = exactly(m, whole);
		if (op != AXE_OP_DIF_VERIFY)
			m->cmd->dst = exactly(m, op == AXE_OP_DIF_STRIP ? num * p->block : whole);
		m->ext->op.dif.type = op == AXE_OP_DIF_UPDATE ? 1 + below(m, 3) : 0;
		if (below(m, 2))
			from_sample(m);
	}
	if (op != AXE_OP_DIF_INSERT && op != AXE_OP_DIX_INSERT && below(m, 2))
		p->flags |= below(m, 8);
}

/*---- what takes a key ----*/

static uint32_t any_key(struct making *m)
{
	return m->g->numbers[below(m, m->g->num_crypt + 1)];
}

static void make_crypt(struct making *m)
{
	static const uint32_t units[] = { 0, 0, 16, 512, 4096 };

	m->cmd->op.cipher.key = any_key(m);
	m->cmd->op.cipher.unit = units[below(m, 5)];
	m->cmd->src = exactly(m, below(m, 2) ? below(m, m->most) : below(m, 8) * 512);
	m->cmd->dst = below(m, 2) ? m->cmd->src : exactly(m, m->cmd->src.length);
	noise(m->rnd, m->ext->op.cipher.iv, 16);
}

static void make_aead(struct making *m)
{
	bool seal = m->cmd->opcode == AXE_OP_SEAL;

	if (!seal && below(m, 4) && from_sample(m))
		return;
	m->cmd->op.aead.key = any_key(m);
	m->cmd->op.aead.nonce_len = below(m, 4) ? 12 : below(m, 15);
	noise(m->rnd, m->ext->op.aead.nonce, m->cmd->op.aead.nonce_len);
	m->cmd->src = exactly(m, AXE_AEAD_TAG + below(m, m->most));
	m->cmd->dst = exactly(m, m->cmd->src.length + (seal ? AXE_AEAD_TAG : -AXE_AEAD_TAG));
	m->ext->aux = any(m);
}

static void make_mac(struct making *m)
{
	bool verify = m->cmd->opcode == AXE_OP_MAC_VERIFY;

	m->cmd->op.mac.key = any_key(m);
	m->cmd->op.mac.flags = stream_flags(m);
	m->cmd->op.mac.tag_len = below(m, 2) ? below(m, 65) : 0;
	m->cmd->src = any(m);
	if (!verify && below(m, 4))
		m->cmd->dst = exactly(m, 64);
	if (verify)
		m->ext->aux = exactly(m, m->cmd->op.mac.tag_len);
}

/*---- chains ----*/

static void make_any(struct making *m);

static const uint8_t chainable[] = {
	AXE_OP_COPY, AXE_OP_CRC32, AXE_OP_CRC32C, AXE_OP_COMPRESS, AXE_OP_DECOMPRESS,
	AXE_OP_CRC64, AXE_OP_CRC16_T10, AXE_OP_ADLER32, AXE_OP_XXH64, AXE_OP_XXH32,
	AXE_OP_ENCRYPT, AXE_OP_DECRYPT, AXE_OP_MAC,
};

/* As the command of an operation is, but for operands. */
static void make_stage(struct making *m, struct axe_stage *stage)
{
	struct making one = { m->g, m->rnd, m->most, &stage->cmd, &stage->ext };

	memset(stage, 0, sizeof(*stage));
	stage->cmd.opcode = below(m, 16) ? chainable[below(m, ARRAY_SIZE(chainable))] :
			    below(m, AXE_OP_MAX);
	if (stage->cmd.opcode != AXE_OP_CHAIN)
		make_any(&one);
	memset(&stage->cmd.src, 0, 2 * sizeof(struct axe_buf));
	memset(&stage->ext.aux, 0, sizeof(stage->ext.aux));
	stage->cmd.ext = stage->cmd.opcode == AXE_OP_ENCRYPT ||
			 stage->cmd.opcode == AXE_OP_DECRYPT;
	if (!stage->cmd.ext)
		memset(&stage->ext, 0, sizeof(stage->ext));
	if (!below(m, 16))
		flip_bits(m->rnd, stage, sizeof(*stage));
}

static void make_chain(struct making *m)
{
	unsigned int num = 1 + below(m, 4), i;
	struct axe_stage stages[4];
	void *p;

	m->cmd->src = any(m);
	m->cmd->dst = exactly(m, m->cmd->src.length + below(m, 2) * 600);
	for (i = 0; i < num; i++)
		make_stage(m, &stages[i]);
	p = near_room(m, num * sizeof(*stages), &m->ext->aux);
	memcpy(p, stages, num * sizeof(*stages));
}

/*---- any ----*/

static void (*const makers[])(struct making *m) = {
	[AXE_OP_COPY] = make_same,
	[AXE_OP_FILL] = make_fill,
	[AXE_OP_COMPARE] = make_same,
	[AXE_OP_CRC32] = make_sum,
	[AXE_OP_CRC32C] = make_sum,
	[AXE_OP_COMPRESS] = make_compress,
	[AXE_OP_DECOMPRESS] = make_decompress,
	[AXE_OP_SCAN] = make_scan,
	[AXE_OP_SELECT] = make_scan,
	[AXE_OP_EXPAND] = make_scan,
	[AXE_OP_EXTRACT] = make_scan,
	[AXE_OP_XOR] = make_lanes,
	[AXE_OP_XOR_CHECK] = make_lanes,
	[AXE_OP_PQ_GENERATE] = make_lanes,
	[AXE_OP_PQ_CHECK] = make_lanes,
	[AXE_OP_PQ_RECOVER] = make_lanes,
	[AXE_OP_ERASURE] = make_lanes,
	[AXE_OP_RS_ENCODE] = make_lanes,
	[AXE_OP_RS_RECOVER] = make_lanes,
	[AXE_OP_CRC64] = make_sum,
	[AXE_OP_CRC16_T10] = make_sum,
	[AXE_OP_ADLER32] = make_sum,
	[AXE_OP_XXH64] = make_sum,
	[AXE_OP_XXH32] = make_sum,
	[AXE_OP_COPY_CRC] = make_copy_crc,
	[AXE_OP_CRC_COMBINE] = make_combine,
	[AXE_OP_CHAIN] = make_chain,
	[AXE_OP_MATMUL_I8] = make_matmul,
	[AXE_OP_KNN_I8] = make_knn,
	[AXE_OP_DUALCAST] = make_dualcast,
	[AXE_OP_COMPARE_PATTERN] = make_compare_pattern,
	[AXE_OP_DELTA_CREATE] = make_delta_create,
	[AXE_OP_DELTA_APPLY] = make_delta_apply,
	[AXE_OP_GATHER] = make_gather,
	[AXE_OP_SCATTER] = make_scatter,
	[AXE_OP_DIF_INSERT] = make_dif,
	[AXE_OP_DIF_VERIFY] = make_dif,
	[AXE_OP_DIF_STRIP] = make_dif,
	[AXE_OP_DIF_UPDATE] = make_dif,
	[AXE_OP_DIX_INSERT] = make_dif,
	[AXE_OP_DIX_VERIFY] = make_dif,
	[AXE_OP_ENCRYPT] = make_crypt,
	[AXE_OP_DECRYPT] = make_crypt,
	[AXE_OP_SEAL] = make_aead,
	[AXE_OP_OPEN] = make_aead,
	[AXE_OP_LZ4_COMPRESS] = make_pack,
	[AXE_OP_LZ4_DECOMPRESS] = make_unpack,
	[AXE_OP_ZSTD_COMPRESS] = make_pack,
	[AXE_OP_ZSTD_DECOMPRESS] = make_unpack,
	[AXE_OP_HASH] = make_hash,
	[AXE_OP_MAC] = make_mac,
	[AXE_OP_MAC_VERIFY] = make_mac,
};

static void make_any(struct making *m)
{
	uint16_t op = m->cmd->opcode;

	if (op < ARRAY_SIZE(makers) && makers[op]) {
		makers[op](m);
	} else if (op != AXE_OP_NOP) {
		m->cmd->src = any(m);
		m->cmd->dst = any(m);
	}
}

bool valid_command(const struct ground *g, uint64_t *rnd, struct axe_cmd *cmd,
		   struct axe_cmd_ext *ext)
{
	static const struct axe_cmd_ext none;
	struct making m = { g, rnd, torture_below(rnd, 64) ? 2 * KIB : WIDE / 2, cmd, ext };

	memset(cmd, 0, sizeof(*cmd));
	memset(ext, 0, sizeof(*ext));
	cmd->opcode = torture_below(rnd, AXE_OP_MAX);
	cmd->wr_id = torture_rnd(rnd);
	cmd->flags = torture_below(rnd, 2) ? AXE_CMD_SIGNALED : 0;
	if (!torture_below(rnd, 4))
		cmd->flags |= torture_rnd(rnd) & (AXE_CMD_FENCE | AXE_CMD_LINK | AXE_CMD_SEND);
	make_any(&m);
	return memcmp(ext, &none, sizeof(none));
}
