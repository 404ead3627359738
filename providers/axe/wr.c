// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Posting commands.
 *
 * A builder writes a command straight into its slot of the ring. The device
 * sees nothing of it before ibv_wr_complete() publishes the tail; to abort is
 * to forget. What a builder refuses is only what a command cannot carry: all
 * else is for the device to judge, which may be newer than this library.
 */

#include <endian.h>
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "axe.h"

/* In axe_sq.err: ibv_wr_send() was called, its payload is still to come. */
#define AXE_WR_NO_PAYLOAD	(-1)

#define AXE_SEND_FLAGS                                                         \
	(IBV_SEND_FENCE | IBV_SEND_SIGNALED | IBV_SEND_SOLICITED | AXEDV_SEND_LINK)

struct axe_capsule {
	struct axe_cmd cmd;
	struct axe_cmd_ext ext;
};

static_assert(sizeof(struct axe_capsule) == AXE_MAX_INLINE, "a capsule is two slots");
static_assert(IBV_SEND_SIGNALED == AXE_CMD_SIGNALED << 1 &&
	      IBV_SEND_SOLICITED == AXE_CMD_SOLICITED << 1 &&
	      IBV_SEND_FENCE << 2 == AXE_CMD_FENCE &&
	      AXEDV_SEND_LINK >> 28 == AXE_CMD_LINK, "axe_cmd_flags() shifts");

/* enum ibv_send_flags to enum axe_cmd_flags */
static inline uint32_t axe_cmd_flags(unsigned int flags)
{
	return ((flags >> 1) & (AXE_CMD_SIGNALED | AXE_CMD_SOLICITED)) |
	       ((flags << 2) & AXE_CMD_FENCE) |
	       ((flags >> 28) & AXE_CMD_LINK);
}

static bool axe_is_dead(const struct axe_sq *sq)
{
	return __atomic_load_n(&sq->hdr->flags, __ATOMIC_RELAXED) & AXE_SQ_DEAD;
}

/*
 * No one is looking at the ring, or something is wrong with it. In the error
 * state, the doorbell has the device flush what was posted.
 */
static int __attribute__((noinline, cold))
axe_ring_doorbell(struct axe_qp *qp, uint32_t flags)
{
	struct axe_doorbell doorbell = { .number = qp->verbs_qp.qp.qp_num };

	if (flags & AXE_SQ_DEAD)
		return EIO;
	if (!(flags & (AXE_SQ_NEED_WAKEUP | AXE_SQ_ERROR)))
		return 0;

	/* The commands are published: the device has to hear of them. */
	while (write(qp->doorbell_fd, &doorbell, sizeof(doorbell)) < 0) {
		if (errno == EAGAIN)
			sched_yield();
		else if (errno != EINTR)
			/* A queue of a device on its way out is not found any more. */
			return axe_is_dead(&qp->sq) ? EIO : errno;
	}
	return 0;
}

static inline int axe_publish(struct axe_qp *qp)
{
	uint32_t flags = axe_sq_publish(&qp->sq);

	return likely(!flags) ? 0 : axe_ring_doorbell(qp, flags);
}

static inline int axe_set_err(struct axe_sq *sq, int err)
{
	if (!sq->err || sq->err == AXE_WR_NO_PAYLOAD)
		sq->err = err;
	return err;
}

/* The lock is held: begin behind what is published. */
static inline void axe_begin(struct axe_qp *qp)
{
	struct axe_sq *sq = &qp->sq;

	sq->tail = sq->hdr->tail;
	sq->last = NULL;
	sq->err = likely(qp->verbs_qp.qp.state >= IBV_QPS_RTS) ? 0 : EINVAL;
}

static void axe_wr_start(struct ibv_qp_ex *ibvqp)
{
	struct axe_qp *qp = to_axe_qp_ex(ibvqp);

	if (likely(axe_lock(&qp->lock)))
		axe_begin(qp);
	else
		/* started twice: the inner complete reports it, and ends both */
		axe_set_err(&qp->sq, EINVAL);
}

static int axe_wr_complete(struct ibv_qp_ex *ibvqp)
{
	struct axe_qp *qp = to_axe_qp_ex(ibvqp);
	int err;

	if (unlikely(!axe_lock_held(&qp->lock)))
		return EINVAL;

	err = qp->sq.err;
	if (unlikely(err))
		err = err == AXE_WR_NO_PAYLOAD ? EINVAL : err;
	else if (likely(qp->sq.last))
		err = axe_publish(qp);
	axe_unlock(&qp->lock);
	return err;
}

static void axe_wr_abort(struct ibv_qp_ex *ibvqp)
{
	struct axe_qp *qp = to_axe_qp_ex(ibvqp);

	if (axe_lock_held(&qp->lock))
		axe_unlock(&qp->lock);
}

/* The ring is full. Of a device that is gone, it will be for ever. */
static int axe_full(const struct axe_sq *sq)
{
	return axe_is_dead(sq) ? EIO : ENOMEM;
}

/* What stands in the way of one more command. */
static int __attribute__((noinline, cold))
axe_refuse(struct axe_sq *sq, unsigned int flags, uint32_t slots)
{
	if (flags & ~AXE_SEND_FLAGS || sq->err == AXE_WR_NO_PAYLOAD)
		return EINVAL;
	return axe_sq_refresh(sq, slots) ? 0 : axe_full(sq);
}

/*
 * The slot of a new command that needs @slots of them, or NULL with the error
 * noted. An earlier error does not matter: then nothing will be published.
 */
static inline struct axe_cmd *axe_next_slot(struct axe_sq *sq, unsigned int flags,
					    uint32_t slots)
{
	struct axe_cmd *cmd;

	if (unlikely((int32_t)(sq->limit - sq->tail) < (int32_t)slots ||
		     flags & ~AXE_SEND_FLAGS || sq->err)) {
		int err = axe_refuse(sq, flags, slots);

		if (err) {
			axe_set_err(sq, err);
			return NULL;
		}
	}
	cmd = axe_sq_slot(sq, sq->tail);
	sq->tail += slots;
	sq->last = cmd;
	return cmd;
}

static inline void axe_set_buf(struct axe_buf *buf, const struct ibv_sge *sge)
{
	buf->addr = htole64(sge->addr);
	buf->length = htole32(sge->length);
	buf->key = htole32(sge->lkey);
}

/* All of a command but its block, which is zero. Operands that are NULL too. */
static inline struct axe_cmd *axe_build(struct ibv_qp_ex *ibvqp, enum axe_opcode opcode,
					const struct ibv_sge *dst,
					const struct ibv_sge *src)
{
	struct axe_qp *qp = to_axe_qp_ex(ibvqp);
	struct axe_cmd *cmd;

	cmd = axe_next_slot(&qp->sq, ibvqp->wr_flags, 1);
	if (unlikely(!cmd))
		return NULL;

	cmd->opcode = htole16(opcode);
	cmd->ext = 0;
	cmd->reserved = 0;
	cmd->flags = htole32(axe_cmd_flags(ibvqp->wr_flags));
	cmd->wr_id = htole64(ibvqp->wr_id);
	if (src)
		axe_set_buf(&cmd->src, src);
	else
		memset(&cmd->src, 0, sizeof(cmd->src));
	if (dst)
		axe_set_buf(&cmd->dst, dst);
	else
		memset(&cmd->dst, 0, sizeof(cmd->dst));
	memset(&cmd->op, 0, sizeof(cmd->op));
	return cmd;
}

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

static inline void axe_wr_crc(struct ibv_qp_ex *ibvqp, enum axe_opcode opcode,
			      const struct ibv_sge *src, uint32_t seed)
{
	struct axe_cmd *cmd = axe_build(ibvqp, opcode, NULL, src);

	if (likely(cmd))
		cmd->op.crc.seed = htole32(seed);
}

void axedv_wr_crc32(struct ibv_qp_ex *ibvqp, const struct ibv_sge *src, uint32_t seed)
{
	axe_wr_crc(ibvqp, AXE_OP_CRC32, src, seed);
}

void axedv_wr_crc32c(struct ibv_qp_ex *ibvqp, const struct ibv_sge *src, uint32_t seed)
{
	axe_wr_crc(ibvqp, AXE_OP_CRC32C, src, seed);
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

	slot = axe_next_slot(sq, flags, slots);
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

void axedv_wr_set_result(struct ibv_qp_ex *ibvqp, uint32_t key,
			 struct axe_result *record)
{
	struct axe_sq *sq = &to_axe_qp_ex(ibvqp)->sq;
	struct axe_cmd *cmd = sq->last;
	struct axe_cmd_ext *ext;

	if (unlikely(sq->err))
		return;
	if (unlikely(!cmd)) {
		axe_set_err(sq, EINVAL);
		return;
	}
	if (!cmd->ext) {
		if (unlikely(!axe_sq_room(sq, 1))) {
			axe_set_err(sq, axe_full(sq));
			return;
		}
		ext = (void *)axe_sq_slot(sq, sq->tail++);
		memset(ext, 0, sizeof(*ext));
		cmd->ext = 1;
	} else {
		ext = (void *)axe_sq_slot(sq, sq->tail - 1);
	}
	cmd->flags |= htole32(AXE_CMD_RESULT);
	ext->result.addr = htole64((uintptr_t)record);
	ext->result.length = htole32(sizeof(*record));
	ext->result.key = htole32(key);
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

static inline int axe_post_one(struct axe_sq *sq, const struct ibv_send_wr *wr)
{
	if (unlikely(wr->opcode != IBV_WR_SEND))
		return EINVAL;
	if (unlikely(wr->num_sge != 1 || wr->sg_list->length != sizeof(struct axe_cmd)))
		return axe_post_gathered(sq, wr);
	return axe_put_command(sq, (void *)(uintptr_t)wr->sg_list->addr, NULL, wr->wr_id,
			       wr->send_flags & ~IBV_SEND_INLINE, AXE_CMD_SEND);
}

/* What comes before a bad work request is posted; all of it with one doorbell. */
int axe_post_send(struct ibv_qp *ibvqp, struct ibv_send_wr *wr,
		  struct ibv_send_wr **bad_wr)
{
	struct axe_qp *qp = to_axe_qp(ibvqp);
	struct ibv_send_wr *first = wr;
	int err, rung;

	if (unlikely(!axe_lock(&qp->lock))) {
		*bad_wr = wr;
		return EINVAL;
	}

	axe_begin(qp);
	err = qp->sq.err;
	while (wr && !err) {
		err = axe_post_one(&qp->sq, wr);
		if (likely(!err))
			wr = wr->next;
	}
	if (unlikely(err))
		*bad_wr = wr;
	if (likely(qp->sq.last)) {
		rung = axe_publish(qp);
		if (unlikely(rung)) {
			*bad_wr = first;
			err = rung;
		}
	}
	axe_unlock(&qp->lock);
	return err;
}

int axe_post_recv(struct ibv_qp *ibvqp, struct ibv_recv_wr *wr,
		  struct ibv_recv_wr **bad_wr)
{
	*bad_wr = wr;
	return EOPNOTSUPP;
}

static void axe_wr_send(struct ibv_qp_ex *ibvqp)
{
	struct axe_sq *sq = &to_axe_qp_ex(ibvqp)->sq;

	if (sq->err == AXE_WR_NO_PAYLOAD)
		sq->err = EINVAL;
	else if (!sq->err)
		sq->err = AXE_WR_NO_PAYLOAD;
}

static void axe_wr_set_payload(struct ibv_qp_ex *ibvqp,
			       const struct axe_capsule *capsule, int length)
{
	struct axe_sq *sq = &to_axe_qp_ex(ibvqp)->sq;

	if (sq->err != AXE_WR_NO_PAYLOAD) {
		axe_set_err(sq, EINVAL);
		return;
	}
	sq->err = 0;
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

void axe_wr_init(struct ibv_qp_ex *ibvqp)
{
	ibvqp->wr_start = axe_wr_start;
	ibvqp->wr_complete = axe_wr_complete;
	ibvqp->wr_abort = axe_wr_abort;
	ibvqp->wr_send = axe_wr_send;
	ibvqp->wr_set_sge = axe_wr_set_sge;
	ibvqp->wr_set_sge_list = axe_wr_set_sge_list;
	ibvqp->wr_set_inline_data = axe_wr_set_inline_data;
	ibvqp->wr_set_inline_data_list = axe_wr_set_inline_data_list;
}
