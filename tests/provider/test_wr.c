// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Commands of accelerator queues: builders, and capsules that are posted. */

#include "commands.h"

static void ring__full_for_extension(void **state)
{
	struct rig *f = *state;
	struct axe_result record;

	post_nops(f, SLOTS - 1);
	ibv_wr_start(f->qpx);
	axedv_wr_nop(f->qpx);
	axedv_wr_set_result(f->qpx, 1, &record);
	assert_int_equal(ibv_wr_complete(f->qpx), ENOMEM);
	assert_int_equal(f->hdr->tail, SLOTS - 1);
	device_took(f, 1);
	ibv_wr_start(f->qpx);
	axedv_wr_nop(f->qpx);
	axedv_wr_set_result(f->qpx, 1, &record);
	assert_int_equal(ibv_wr_complete(f->qpx), 0);
	/* the command in the last slot, its extension in the first */
	assert_int_equal(f->hdr->tail, SLOTS + 1);
	assert_int_equal(cmd_at(f, SLOTS - 1)->ext, 1);
	assert_int_equal(le64toh(((struct axe_cmd_ext *)slot_at(f, 0))->result.addr),
			 (uintptr_t)&record);
}

static void flags__each(void **state)
{
	static const struct {
		unsigned int send;
		uint32_t cmd;
	} pairs[] = {
		{ 0, 0 },
		{ IBV_SEND_SIGNALED, AXE_CMD_SIGNALED },
		{ IBV_SEND_SOLICITED, AXE_CMD_SOLICITED },
		{ IBV_SEND_FENCE, AXE_CMD_FENCE },
		{ AXEDV_SEND_LINK, AXE_CMD_LINK },
		{ IBV_SEND_SIGNALED | IBV_SEND_SOLICITED | IBV_SEND_FENCE | AXEDV_SEND_LINK,
		  AXE_CMD_SIGNALED | AXE_CMD_SOLICITED | AXE_CMD_FENCE | AXE_CMD_LINK },
	};
	struct rig *f = *state;
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		f->qpx->wr_flags = pairs[i].send;
		post_nops(f, 1);
		assert_int_equal(le32toh(cmd_at(f, i)->flags), pairs[i].cmd);
	}
}

static void flags__unknown(void **state)
{
	static const unsigned int unknown[] = { IBV_SEND_IP_CSUM, IBV_SEND_INLINE, 1U << 30 };
	struct rig *f = *state;
	size_t i;

	for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		f->qpx->wr_flags = IBV_SEND_SIGNALED | unknown[i];
		ibv_wr_start(f->qpx);
		axedv_wr_nop(f->qpx);
		assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	}
	assert_int_equal(f->hdr->tail, 0);
}

static const struct ibv_sge src_sge = { .addr = 0x1122334455667788, .length = 100, .lkey = 7 };
static const struct ibv_sge dst_sge = { .addr = 0x99, .length = UINT32_MAX, .lkey = 0x80000001 };

static void assert_buf(const struct axe_buf *buf, const struct ibv_sge *sge)
{
	assert_int_equal(le64toh(buf->addr), sge ? sge->addr : 0);
	assert_int_equal(le32toh(buf->length), sge ? sge->length : 0);
	assert_int_equal(le32toh(buf->key), sge ? sge->lkey : 0);
}

/* All of a slot is checked: what it held before must not shine through. */
static void assert_cmd(const struct axe_cmd *cmd, enum axe_opcode opcode,
		       const struct ibv_sge *dst, const struct ibv_sge *src,
		       const void *block, size_t block_len)
{
	uint8_t raw[16] = {};

	memcpy(raw, block, block_len);
	assert_int_equal(le16toh(cmd->opcode), opcode);
	assert_int_equal(cmd->ext, 0);
	assert_int_equal(cmd->reserved, 0);
	assert_int_equal(le32toh(cmd->flags), AXE_CMD_SIGNALED);
	assert_int_equal(le64toh(cmd->wr_id), 0xfedcba9876543210);
	assert_buf(&cmd->src, src);
	assert_buf(&cmd->dst, dst);
	assert_memory_equal(cmd->op.raw, raw, sizeof(raw));
}

static void builders__each(void **state)
{
	struct rig *f = *state;

	f->qpx->wr_id = 0xfedcba9876543210;
	f->qpx->wr_flags = IBV_SEND_SIGNALED;
	ibv_wr_start(f->qpx);
	axedv_wr_nop(f->qpx);
	axedv_wr_copy(f->qpx, &dst_sge, &src_sge);
	axedv_wr_fill(f->qpx, &dst_sge, "abcdefgh", 3);
	axedv_wr_compare(f->qpx, &src_sge, &dst_sge);
	axedv_wr_crc32(f->qpx, &src_sge, 0x01020304);
	axedv_wr_crc32c(f->qpx, &src_sge, 0);
	axedv_wr_compress(f->qpx, &dst_sge, &src_sge, AXE_FORMAT_GZIP, 9, AXE_DEFLATE_NO_FINAL);
	axedv_wr_decompress(f->qpx, &dst_sge, &src_sge, AXE_FORMAT_ZLIB, AXE_DEFLATE_STREAM);
	assert_int_equal(ibv_wr_complete(f->qpx), 0);

	assert_cmd(slot_at(f, 0), AXE_OP_NOP, NULL, NULL, "", 0);
	assert_cmd(slot_at(f, 1), AXE_OP_COPY, &dst_sge, &src_sge, "", 0);
	assert_cmd(slot_at(f, 2), AXE_OP_FILL, &dst_sge, NULL, "abc\0\0\0\0\0\3", 9);
	assert_cmd(slot_at(f, 3), AXE_OP_COMPARE, &dst_sge, &src_sge, "", 0);
	assert_cmd(slot_at(f, 4), AXE_OP_CRC32, NULL, &src_sge, "\4\3\2\1", 4);
	assert_cmd(slot_at(f, 5), AXE_OP_CRC32C, NULL, &src_sge, "", 0);
	assert_cmd(slot_at(f, 6), AXE_OP_COMPRESS, &dst_sge, &src_sge, "\2\11\0\0\1", 5);
	assert_cmd(slot_at(f, 7), AXE_OP_DECOMPRESS, &dst_sge, &src_sge, "\1\0\0\0\2", 5);
}

static void builders__bad_arguments(void **state)
{
	struct rig *f = *state;

	ibv_wr_start(f->qpx);
	axedv_wr_fill(f->qpx, &dst_sge, "", 0);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	ibv_wr_start(f->qpx);
	axedv_wr_fill(f->qpx, &dst_sge, "123456789", 9);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	ibv_wr_start(f->qpx);
	axedv_wr_compress(f->qpx, &dst_sge, &src_sge, AXE_FORMAT_RAW, -1, 0);
	/* what follows an error is dropped too, and the first error is told */
	axedv_wr_nop(f->qpx);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	ibv_wr_start(f->qpx);
	axedv_wr_set_result(f->qpx, 1, NULL);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	assert_int_equal(f->hdr->tail, 0);
}

static void result__behind_command(void **state)
{
	struct rig *f = *state;
	const struct axe_cmd_ext *ext = slot_at(f, 1);
	static const uint8_t zero[sizeof(ext->aux) + sizeof(ext->op)];
	struct axe_result record;

	ibv_wr_start(f->qpx);
	axedv_wr_crc32c(f->qpx, &src_sge, 0);
	axedv_wr_set_result(f->qpx, 42, &record);
	/* once more: the last word counts */
	axedv_wr_set_result(f->qpx, 43, &record);
	axedv_wr_nop(f->qpx);
	assert_int_equal(ibv_wr_complete(f->qpx), 0);
	assert_int_equal(f->hdr->tail, 3);
	assert_int_equal(cmd_at(f, 0)->ext, 1);
	assert_int_equal(le32toh(cmd_at(f, 0)->flags), AXE_CMD_RESULT);
	assert_int_equal(le64toh(ext->result.addr), (uintptr_t)&record);
	assert_int_equal(le32toh(ext->result.length), sizeof(record));
	assert_int_equal(le32toh(ext->result.key), 43);
	assert_memory_equal(&ext->aux, zero, sizeof(zero));
	assert_int_equal(cmd_at(f, 2)->ext, 0);
}

static void cmd__merged(void **state)
{
	struct rig *f = *state;
	struct axe_cmd cmd = { .opcode = htole16(0x1ff), .flags = htole32(AXE_CMD_FENCE),
			       .wr_id = htole64(1) };
	struct axe_cmd_ext ext;

	memset(&ext, 0x5a, sizeof(ext));
	memset(&cmd.op, 0x77, sizeof(cmd.op));
	f->qpx->wr_id = 2;
	f->qpx->wr_flags = IBV_SEND_SIGNALED;
	ibv_wr_start(f->qpx);
	axedv_wr_cmd(f->qpx, &cmd, NULL);
	cmd.ext = 1;
	axedv_wr_cmd(f->qpx, &cmd, &ext);
	assert_int_equal(ibv_wr_complete(f->qpx), 0);
	assert_int_equal(f->hdr->tail, 3);
	assert_int_equal(le64toh(cmd_at(f, 0)->wr_id), 2);
	assert_int_equal(le32toh(cmd_at(f, 0)->flags), AXE_CMD_FENCE | AXE_CMD_SIGNALED);
	assert_memory_equal(&cmd_at(f, 0)->op, &cmd.op, sizeof(cmd.op));
	assert_memory_equal(slot_at(f, 2), &ext, sizeof(ext));
}

static void cmd__extension_disagrees(void **state)
{
	struct rig *f = *state;
	struct axe_cmd cmd = { .ext = 1 };
	struct axe_cmd_ext ext = {};

	ibv_wr_start(f->qpx);
	axedv_wr_cmd(f->qpx, &cmd, NULL);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	cmd.ext = 0;
	ibv_wr_start(f->qpx);
	axedv_wr_cmd(f->qpx, &cmd, &ext);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	cmd.ext = 2;
	ibv_wr_start(f->qpx);
	axedv_wr_cmd(f->qpx, &cmd, &ext);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
}

static void post_send__capsules(void **state)
{
	struct rig *f = *state;
	struct axe_capsule_two { struct axe_cmd cmd; struct axe_cmd_ext ext; } two = {};
	struct axe_cmd one = { .opcode = htole16(AXE_OP_COPY), .wr_id = htole64(99) };
	struct ibv_sge whole = sge_of(&one, sizeof(one));
	struct ibv_sge parts[3] = {
		sge_of(&two, 1), sge_of((void *)&two + 1, 100), sge_of((void *)&two + 101, 27),
	};
	struct ibv_send_wr second = {
		.wr_id = 6, .sg_list = parts, .num_sge = 3, .opcode = IBV_WR_SEND,
		.send_flags = IBV_SEND_INLINE | IBV_SEND_SOLICITED,
	};
	struct ibv_send_wr first = {
		.wr_id = 5, .next = &second, .sg_list = &whole, .num_sge = 1,
		.opcode = IBV_WR_SEND, .send_flags = IBV_SEND_SIGNALED,
	};
	struct ibv_send_wr *bad;

	two.cmd.ext = 1;
	memset(&two.ext, 0x3c, sizeof(two.ext));
	f->hdr->flags = AXE_SQ_NEED_WAKEUP;
	assert_int_equal(axe_post_send(&f->qp.verbs_qp.qp, &first, &bad), 0);
	assert_int_equal(rings(), 1);
	assert_int_equal(f->hdr->tail, 3);
	assert_int_equal(le64toh(cmd_at(f, 0)->wr_id), 5);
	assert_int_equal(le32toh(cmd_at(f, 0)->flags), AXE_CMD_SEND | AXE_CMD_SIGNALED);
	assert_int_equal(le16toh(cmd_at(f, 0)->opcode), AXE_OP_COPY);
	assert_int_equal(le64toh(cmd_at(f, 1)->wr_id), 6);
	assert_int_equal(le32toh(cmd_at(f, 1)->flags), AXE_CMD_SEND | AXE_CMD_SOLICITED);
	assert_memory_equal(slot_at(f, 2), &two.ext, sizeof(two.ext));
}

static void post_send__bad_one_in_list(void **state)
{
	struct rig *f = *state;
	struct axe_cmd one = {};
	struct ibv_sge sges[] = {
		sge_of(&one, 64), sge_of(&one, 63), sge_of(&one, 64), sge_of(&one, 1),
	};
	struct ibv_send_wr good = { .sg_list = sges, .num_sge = 1, .opcode = IBV_WR_SEND };
	struct ibv_send_wr short_ = { .sg_list = sges + 1, .num_sge = 1, .opcode = IBV_WR_SEND };
	struct ibv_send_wr long_ = { .sg_list = sges + 2, .num_sge = 2, .opcode = IBV_WR_SEND };
	struct ibv_send_wr empty = { .opcode = IBV_WR_SEND };
	struct ibv_send_wr other = { .sg_list = sges, .num_sge = 1, .opcode = IBV_WR_RDMA_WRITE };
	struct ibv_send_wr *wrongs[] = { &short_, &long_, &empty, &other };
	struct ibv_send_wr *bad;
	size_t i;

	for (i = 0; i < 4; i++) {
		good.next = wrongs[i];
		assert_int_equal(axe_post_send(&f->qp.verbs_qp.qp, &good, &bad), EINVAL);
		assert_ptr_equal(bad, wrongs[i]);
		/* what comes before is posted */
		assert_int_equal(f->hdr->tail, i + 1);
	}
	one.ext = 1;
	good.next = NULL;
	assert_int_equal(axe_post_send(&f->qp.verbs_qp.qp, &good, &bad), EINVAL);
	assert_ptr_equal(bad, &good);
}

static void post_send__full(void **state)
{
	struct rig *f = *state;
	struct axe_cmd one = {};
	struct ibv_sge sge = sge_of(&one, sizeof(one));
	struct ibv_send_wr wr[2] = {
		{ .next = &wr[1], .sg_list = &sge, .num_sge = 1, .opcode = IBV_WR_SEND },
		{ .sg_list = &sge, .num_sge = 1, .opcode = IBV_WR_SEND },
	};
	struct ibv_send_wr *bad;

	post_nops(f, SLOTS - 1);
	assert_int_equal(axe_post_send(&f->qp.verbs_qp.qp, wr, &bad), ENOMEM);
	assert_ptr_equal(bad, &wr[1]);
	assert_int_equal(f->hdr->tail, SLOTS);
}

static void post_send__inside_start(void **state)
{
	struct rig *f = *state;
	struct ibv_send_wr wr = { .opcode = IBV_WR_SEND }, *bad;

	ibv_wr_start(f->qpx);
	axedv_wr_nop(f->qpx);
	assert_int_equal(axe_post_send(&f->qp.verbs_qp.qp, &wr, &bad), EINVAL);
	assert_int_equal(ibv_wr_complete(f->qpx), 0);
	assert_int_equal(f->hdr->tail, 1);
}

static void wr_send__payloads(void **state)
{
	struct rig *f = *state;
	struct axe_cmd one = { .opcode = htole16(AXE_OP_FILL) };
	struct ibv_data_buf bufs[2] = { { &one, 10 }, { (void *)&one + 10, 54 } };

	ibv_wr_start(f->qpx);
	f->qpx->wr_id = 1;
	ibv_wr_send(f->qpx);
	ibv_wr_set_sge(f->qpx, 0, (uintptr_t)&one, sizeof(one));
	f->qpx->wr_id = 2;
	ibv_wr_send(f->qpx);
	ibv_wr_set_inline_data(f->qpx, &one, sizeof(one));
	f->qpx->wr_id = 3;
	ibv_wr_send(f->qpx);
	ibv_wr_set_inline_data_list(f->qpx, 2, bufs);
	assert_int_equal(ibv_wr_complete(f->qpx), 0);
	assert_int_equal(f->hdr->tail, 3);
	assert_int_equal(le64toh(cmd_at(f, 2)->wr_id), 3);
	assert_int_equal(le32toh(cmd_at(f, 2)->flags), AXE_CMD_SEND);
	assert_int_equal(le16toh(cmd_at(f, 2)->opcode), AXE_OP_FILL);
}

static void wr_send__without_payload(void **state)
{
	struct rig *f = *state;
	uint8_t one[65] = {};

	ibv_wr_start(f->qpx);
	ibv_wr_send(f->qpx);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	ibv_wr_start(f->qpx);
	ibv_wr_send(f->qpx);
	axedv_wr_nop(f->qpx);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	ibv_wr_start(f->qpx);
	ibv_wr_set_inline_data(f->qpx, one, 64);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	ibv_wr_start(f->qpx);
	ibv_wr_send(f->qpx);
	ibv_wr_set_inline_data(f->qpx, one, 65);
	assert_int_equal(ibv_wr_complete(f->qpx), EINVAL);
	assert_int_equal(f->hdr->tail, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ring__full_for_extension),
		TEST(flags__each),
		TEST(flags__unknown),
		TEST(builders__each),
		TEST(builders__bad_arguments),
		TEST(result__behind_command),
		TEST(cmd__merged),
		TEST(cmd__extension_disagrees),
		TEST(post_send__capsules),
		TEST(post_send__bad_one_in_list),
		TEST(post_send__full),
		TEST(post_send__inside_start),
		TEST(wr_send__payloads),
		TEST(wr_send__without_payload),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
