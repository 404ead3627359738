// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Commands of accelerator queues.
 *
 * What a builder refuses is only what a command cannot carry: all else is for
 * the device to judge, which may be newer than this library.
 */

#include "build.h"

struct axe_capsule {
	struct axe_cmd cmd;
	struct axe_cmd_ext ext;
};

static_assert(sizeof(struct axe_capsule) == AXE_MAX_INLINE, "a capsule is two slots");

void axedv_wr_nop(struct ibv_qp_ex *ibvqp)
{
	axe_build(ibvqp, AXE_OP_NOP, NULL, NULL);
}

void axedv_wr_copy(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
		   const struct ibv_sge *src)
{
	axe_build(ibvqp, AXE_OP_COPY, dst, src);
}

void axedv_wr_compare(struct ibv_qp_ex *ibvqp, const struct ibv_sge *a,
		      const struct ibv_sge *b)
{
	axe_build(ibvqp, AXE_OP_COMPARE, b, a);
}

void axedv_wr_fill(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
		   const void *pattern, size_t pattern_len)
{
	struct axe_cmd *cmd;

	if (!pattern_len || pattern_len > sizeof(cmd->op.fill.pattern)) {
		axe_set_err(&to_axe_qp_ex(ibvqp)->sq, EINVAL);
		return;
	}
	cmd = axe_build(ibvqp, AXE_OP_FILL, dst, NULL);
	if (unlikely(!cmd))
		return;
	memcpy(cmd->op.fill.pattern, pattern, pattern_len);
	cmd->op.fill.size = pattern_len;
}

static inline void axe_wr_deflate(struct ibv_qp_ex *ibvqp, enum axe_opcode opcode,
				  const struct ibv_sge *dst, const struct ibv_sge *src,
				  unsigned int format, unsigned int level,
				  uint32_t flags)
{
	struct axe_cmd *cmd;

	if (unlikely((format | level) > UINT8_MAX)) {
		axe_set_err(&to_axe_qp_ex(ibvqp)->sq, EINVAL);
		return;
	}
	cmd = axe_build(ibvqp, opcode, dst, src);
	if (unlikely(!cmd))
		return;
	cmd->op.deflate.format = format;
	cmd->op.deflate.level = level;
	cmd->op.deflate.flags = htole32(flags);
}

void axedv_wr_compress(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
		       const struct ibv_sge *src, enum axe_deflate_format format,
		       int level, uint32_t flags)
{
	axe_wr_deflate(ibvqp, AXE_OP_COMPRESS, dst, src, format, level, flags);
}

void axedv_wr_decompress(struct ibv_qp_ex *ibvqp, const struct ibv_sge *dst,
			 const struct ibv_sge *src, enum axe_deflate_format format,
			 uint32_t flags)
{
	axe_wr_deflate(ibvqp, AXE_OP_DECOMPRESS, dst, src, format, 0, flags);
}

/*
 * A command as its bytes are, but for the wr_id and what is added to its flags.
 * @cmd may lie anywhere, and change while it is copied: the copy is checked.
 */
static inline int axe_put_command(struct axe_sq *sq, const void *cmd,
				  const struct axe_cmd_ext *ext, uint64_t wr_id,
				  unsigned int flags, uint32_t cmd_flags)
{
	struct axe_cmd *last = sq->last;
	uint32_t slots = 1 + !!ext;
	struct axe_cmd *slot;

	slot = axe_next_cmd(sq, flags, slots);
	if (unlikely(!slot))
		return sq->err;

	memcpy(slot, cmd, sizeof(*slot));
	/* Were this wrong, the device would take an extension for a command. */
	if (unlikely(slot->ext != !!ext)) {
		sq->tail -= slots;
		sq->last = last;
		return axe_set_err(sq, EINVAL);
	}
	slot->flags |= htole32(cmd_flags | axe_cmd_flags(flags));
	slot->wr_id = htole64(wr_id);
	if (ext)
		memcpy(axe_sq_slot(sq, sq->tail - 1), ext, sizeof(*ext));
	return 0;
}

void axedv_wr_cmd(struct ibv_qp_ex *ibvqp, const struct axe_cmd *cmd,
		  const struct axe_cmd_ext *ext)
{
	axe_put_command(&to_axe_qp_ex(ibvqp)->sq, cmd, ext, ibvqp->wr_id,
			ibvqp->wr_flags, 0);
}

void axe_wr_set_results(struct axe_sq *sq, uint32_t key, struct axe_result *records,
			unsigned int num)
{
	struct axe_cmd *cmd = sq->last;
	struct axe_cmd_ext *ext;

	if (unlikely(sq->err))
		return;
	if (unlikely(!cmd || num > UINT32_MAX / sizeof(*records))) {
		axe_set_err(sq, EINVAL);
		return;
	}
	if (!cmd->ext) {
		if (unlikely(!axe_sq_room(sq, 1))) {
			axe_set_err(sq, axe_full(sq->hdr));
			return;
		}
		ext = axe_sq_slot(sq, sq->tail++);
		memset(ext, 0, sizeof(*ext));
		cmd->ext = 1;
	} else {
		ext = axe_sq_slot(sq, sq->tail - 1);
	}
	cmd->flags |= htole32(AXE_CMD_RESULT);
	ext->result.addr = htole64((uintptr_t)records);
	ext->result.length = htole32(num * sizeof(*records));
	ext->result.key = htole32(key);
}

void axedv_wr_set_result(struct ibv_qp_ex *ibvqp, uint32_t key,
			 struct axe_result *record)
{
	axe_wr_set_results(&to_axe_qp_ex(ibvqp)->sq, key, record, 1);
}

/*
 * A capsule is read here, by the CPU: its addresses are the process' own, and
 * its lkeys are not looked at, as with inline data.
 */
static int axe_gather(struct axe_capsule *capsule, const struct ibv_sge *sge,
		      size_t num_sge)
{
	size_t length = 0;
	size_t i;

	for (i = 0; i < num_sge; i++) {
		if (sge[i].length > sizeof(*capsule) - length)
			return -EINVAL;
		memcpy((void *)capsule + length, (void *)(uintptr_t)sge[i].addr,
		       sge[i].length);
		length += sge[i].length;
	}
	return length;
}

/* Post a capsule of @length bytes, or refuse it. */
static int axe_put_capsule(struct axe_sq *sq, const struct axe_capsule *capsule,
			   int length, uint64_t wr_id, unsigned int flags)
{
	const struct axe_cmd_ext *ext = NULL;

	if (length == sizeof(*capsule))
		ext = &capsule->ext;
	else if (length != sizeof(capsule->cmd))
		return axe_set_err(sq, EINVAL);

	return axe_put_command(sq, &capsule->cmd, ext, wr_id,
			       flags & ~IBV_SEND_INLINE, AXE_CMD_SEND);
}

static int __attribute__((noinline))
axe_post_gathered(struct axe_sq *sq, const struct ibv_send_wr *wr)
{
	struct axe_capsule capsule;
	int length;

	if (wr->num_sge < 0)
		return EINVAL;
	length = axe_gather(&capsule, wr->sg_list, wr->num_sge);
	return axe_put_capsule(sq, &capsule, length, wr->wr_id, wr->send_flags);
}

static int axe_post_command(struct axe_qp *qp, const struct ibv_send_wr *wr)
{
	struct axe_sq *sq = &qp->sq;

	if (unlikely(wr->opcode != IBV_WR_SEND))
		return EINVAL;
	if (unlikely(wr->num_sge != 1 || wr->sg_list->length != sizeof(struct axe_cmd)))
		return axe_post_gathered(sq, wr);
	return axe_put_command(sq, (void *)(uintptr_t)wr->sg_list->addr, NULL, wr->wr_id,
			       wr->send_flags & ~IBV_SEND_INLINE, AXE_CMD_SEND);
}

static void axe_wr_send(struct ibv_qp_ex *ibvqp)
{
	struct axe_sq *sq = &to_axe_qp_ex(ibvqp)->sq;

	if (sq->lacks)
		axe_set_err(sq, EINVAL);
	sq->lacks = AXE_LACKS_DATA;
}

static void axe_wr_set_payload(struct ibv_qp_ex *ibvqp,
			       const struct axe_capsule *capsule, int length)
{
	struct axe_sq *sq = &to_axe_qp_ex(ibvqp)->sq;

	if (sq->lacks != AXE_LACKS_DATA) {
		axe_set_err(sq, EINVAL);
		return;
	}
	sq->lacks = 0;
	axe_put_capsule(sq, capsule, length, ibvqp->wr_id, ibvqp->wr_flags);
}

static void axe_wr_set_sge_list(struct ibv_qp_ex *ibvqp, size_t num_sge,
				const struct ibv_sge *sg_list)
{
	struct axe_capsule capsule;

	axe_wr_set_payload(ibvqp, &capsule, axe_gather(&capsule, sg_list, num_sge));
}

static void axe_wr_set_sge(struct ibv_qp_ex *ibvqp, uint32_t lkey, uint64_t addr,
			   uint32_t length)
{
	struct ibv_sge sge = { .addr = addr, .length = length, .lkey = lkey };

	axe_wr_set_sge_list(ibvqp, 1, &sge);
}

static void axe_wr_set_inline_data_list(struct ibv_qp_ex *ibvqp, size_t num_buf,
					const struct ibv_data_buf *buf_list)
{
	struct axe_capsule capsule;
	size_t length = 0;
	size_t i;

	for (i = 0; i < num_buf; i++) {
		if (buf_list[i].length > sizeof(capsule) - length) {
			axe_set_err(&to_axe_qp_ex(ibvqp)->sq, EINVAL);
			return;
		}
		memcpy((void *)&capsule + length, buf_list[i].addr, buf_list[i].length);
		length += buf_list[i].length;
	}
	axe_wr_set_payload(ibvqp, &capsule, length);
}

static void axe_wr_set_inline_data(struct ibv_qp_ex *ibvqp, void *addr, size_t length)
{
	struct ibv_data_buf buf = { .addr = addr, .length = length };

	axe_wr_set_inline_data_list(ibvqp, 1, &buf);
}

/* All that posts, for an accelerator queue. */
void axe_wr_init(struct axe_qp *qp)
{
	struct ibv_qp_ex *ibvqp = &qp->verbs_qp.qp_ex;

	qp->post_one = axe_post_command;
	ibvqp->wr_start = axe_wr_start;
	ibvqp->wr_complete = axe_wr_complete;
	ibvqp->wr_abort = axe_wr_abort;
	ibvqp->wr_send = axe_wr_send;
	ibvqp->wr_set_sge = axe_wr_set_sge;
	ibvqp->wr_set_sge_list = axe_wr_set_sge_list;
	ibvqp->wr_set_inline_data = axe_wr_set_inline_data;
	ibvqp->wr_set_inline_data_list = axe_wr_set_inline_data_list;
	qp->verbs_qp.comp_mask |= VERBS_QP_EX;
}
